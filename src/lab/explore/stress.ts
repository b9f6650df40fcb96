// The free engine under strain: it goes on, is parked again and again, and at each park what must hold there is looked at:
// rings at rest have their indices in order, every buffer is in exactly one slot, nobody touched what was not his.

import * as L from '../../../wasm/layout.ts';
import { bufferSums } from '../allocator_view.ts';
import type { ParksView } from '../protocol.ts';
import { digits } from '../share_schema.ts';
import type { Lab } from '../lab.ts';
import { wallMs } from '../../sim/clock_wall.ts';
import type { World } from '../world.ts';
import { type Broken, brokenIn, watched } from './promises.ts';

export interface Stressed {
  parks: number;
  words: string;
  status: 0 | 1 | 2;
  found?: Broken;
}
/** How long it goes between two parks. */
export const GOES_MS = 10;

/** What is said of the machine that stands there. */
export const PARKED_BROKEN = 'Parked, and what must hold at a park does not.';

/** What does not hold at this park; nothing: all of it holds. */
export function atPark(w: World): Broken | undefined {
  const { m } = w,
    see = watched(w);
  for (const k of see.krings) {
    const n = m.ld32(k + L.KR_NUM_SLOTS),
      [hwcur, head, cur, tail] = [L.KR_NR_HWCUR, L.KR_RHEAD, L.KR_RCUR, L.KR_NR_HWTAIL].map((o) => m.ld32(k + o)) as [
        number,
        number,
        number,
        number,
      ],
      from = (i: number) => (i - hwcur + n) % n;
    if (Math.max(hwcur, head, cur, tail) >= n || from(head) > from(tail) || from(cur) > from(tail) || from(cur) < from(head))
      return brokenIn(w, L.EXP_RING, k);
  }
  for (const s of bufferSums(w)) {
    // a program may hold extra buffers where nobody sees them
    const lost = s.extra === 0 ? s.nowhere : 0;
    if (!s.twice && !s.wild && !lost) continue;
    const why = [
      s.twice && `${digits(s.twice)} in two slots`,
      s.wild && (s.wild === 1 ? 'a slot with a buffer that is not taken' : `${digits(s.wild)} slots with buffers that are not taken`),
      lost && `${digits(lost)} in none`,
    ];
    return { promise: 'buffers', why: `Buffers of allocator ${s.id} of ${s.kernel}: ${why.filter(Boolean).join(', ')}.` };
  }
  return undefined;
}

/** The parks of the free engine in a lab, each looked at as it comes. */
export class Parks {
  #of?: World;
  #view?: ParksView;
  /** Nothing before the first park of this machine. */
  view(w: World): ParksView | undefined {
    return this.#of === w ? this.#view : undefined;
  }
  look(w: World): Broken | undefined {
    const found = atPark(w),
      { looked, broken } = this.view(w) ?? { looked: 0 },
      first = broken ?? (found && { park: looked + 1, ...found });
    this.#of = w;
    this.#view = { looked: looked + 1, ...(first && { broken: first }) };
    return found;
  }
}

const after = (ms: number) =>
  new Promise((r) => {
    setTimeout(r, ms);
  });

/** Parks `n` times. */
export async function stress(lab: Lab, n: number): Promise<Stressed> {
  for (let i = 0; i < n; i++) {
    lab.start('free');
    for (const end = wallMs() + GOES_MS; wallMs() < end; await after(2)) lab.pump(() => false, 0);
    while (!lab.park()) {
      lab.pump(() => false, 0);
      await after(1);
    }
    if (lab.failure) return { parks: i + 1, status: 1, words: lab.failure };
    const found = atPark(lab.world);
    if (found) return { parks: i + 1, status: 1, found, words: `At the park ${digits(i + 1)} of the free engine: ${found.why}` };
  }
  const words = `What must hold held at ${digits(n)} parks of the free engine: ring indices in order, buffers conserved. What lies between parks was not looked at.`;
  return { parks: n, status: 2, words };
}

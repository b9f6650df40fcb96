// The free engine under strain: it goes on, is parked again and again, and at each park what must hold there is looked at:
// rings at rest have their indices in order, every buffer is in exactly one slot, nobody touched what was not his.

import * as L from '../../../wasm/layout.ts';
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
/** How long it goes between two parks, ms. */
const GOES = 10;

/** The buffers that slots hold, in order. */
function buffers({ m }: World, slots: readonly (readonly [number, number])[]): number[] {
  return slots
    .flatMap(([at, n]) => Array.from({ length: n }, (_, i) => m.ld32(at + i * L.SLOT_SIZE + L.SLOT_BUF_IDX)))
    .sort((a, b) => a - b);
}

/** Where buffers are at a park. */
export interface Had {
  slots: string;
  list: number[];
}
export function hadAt(w: World): Had {
  const { slots } = watched(w);
  return { slots: slots.join(), list: buffers(w, slots) };
}

/** What does not hold now. `had`: as at the park before; buffers are compared if the rings are the same. */
export function atPark(w: World, had?: Had): Broken | undefined {
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
  const list = buffers(w, see.slots);
  if (had?.slots === see.slots.join() && list.some((b, i) => b !== had.list[i])) return brokenIn(w, L.EXP_BUFFERS, 0);
  return undefined;
}

const after = (ms: number) =>
  new Promise((r) => {
    setTimeout(r, ms);
  });

/** Parks `n` times. */
export async function stress(lab: Lab, n: number): Promise<Stressed> {
  let had: Had | undefined;
  for (let i = 0; i < n; i++) {
    lab.start('free');
    for (const end = wallMs() + GOES; wallMs() < end; await after(2)) lab.pump(() => false, 0);
    while (!lab.park()) {
      lab.pump(() => false, 0);
      await after(1);
    }
    if (lab.failure) return { parks: i + 1, status: 1, words: lab.failure };
    const w = lab.world,
      found = atPark(w, had);
    if (found) return { parks: i + 1, status: 1, found, words: `At the park ${digits(i + 1)} of the free engine: ${found.why}` };
    had = hadAt(w);
  }
  const words = `What must hold held at ${digits(n)} parks of the free engine: ring indices in order, buffers conserved. What lies between parks was not looked at.`;
  return { parks: n, status: 2, words };
}

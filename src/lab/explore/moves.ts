// What may happen next on a parked machine, and making it happen: as the student's own choice of a thread does it.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { World } from '../world.ts';
import { actOf, makeAct } from './acts.ts';
import type { Move } from './question.ts';

/** Every move there is: each thread that can go or only naps (usleep), and each pending store that may drain. */
export function moves(m: Machine): Move[] {
  const out: Move[] = [];
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    if (m.wasm.runnable(t) || m.wasm.naps(t)) out.push({ thread: i });
    for (let j = 0, n = m.ld32(t + L.T_SB_COUNT); j < n; j++) if (m.wasm.drains(t, j)) out.push({ thread: i, drain: j });
  }
  return out;
}

/** Whether anybody can go on but those who only nap: they help nobody who sleeps (wasm/sim/explore.ts judges the same states). */
export const awake = (m: Machine): boolean => moves(m).some((x) => x.drain !== undefined || !m.wasm.naps(m.block(x.thread)));

/** Makes one; false when it is not possible now. */
export function make(m: Machine, move: Move): boolean {
  const t = m.block(move.thread);
  if (move.drain !== undefined) {
    if (!m.wasm.drains(t, move.drain)) return false;
    m.wasm.drain_nth(t, move.drain);
    return true;
  }
  const before = m.steps;
  if (m.wasm.naps(t)) m.wasm.timeout(t);
  for (let k = 0; k < 4 && m.wasm.runnable(t); k++) {
    m.wasm.step_thread(t, 0, 0n);
    if (m.steps !== before) break;
  }
  return m.steps !== before || m.status(t) !== L.TS_READY;
}

/** Makes one, an action of the control plane too. */
export function makeOn(w: World, move: Move): boolean {
  if (!move.act) return make(w.m, move);
  if (actOf(w, 'all') !== move.thread) return false;
  makeAct(w);
  return true;
}

/** Makes them all; answers how many were possible. */
export function replay(w: World, list: readonly Move[]): number {
  let n = 0;
  for (const move of list) {
    if (!makeOn(w, move)) break;
    n++;
  }
  return n;
}

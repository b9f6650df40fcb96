// A thread that a person lets go next. In the past, where the recording has that very step next, the recording goes on: only another
// choice leaves it as a branch.
import * as L from '../../wasm/layout.ts';
import type { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** Makes one access of a thread that can run. */
export function letGo(t: Timeline, w: World, block: number): void {
  if (!recorded(t, w, block)) t.do({ k: 'thread', block });
}

/** Whether the recording's next step was this thread's, and has been made. */
function recorded(t: Timeline, { m }: World, block: number): boolean {
  const step = m.steps;
  if (t.end <= step) return false;
  const e = t.entries.find((x) => x.at === step);
  if (e) {
    if (e.k !== 'thread' || e.block !== block) return false;
    t.advance(1);
    return true;
  }
  // the policy's step: whose it is shows when it is made
  t.advance(1);
  const g = L.MACHINE;
  if (m.steps === step + 1 && m.ld32(g + L.M_DONE_POINT) !== 0 && m.ld32(g + L.M_DONE_THREAD) === block) return true;
  t.seek(step);
  return false;
}

// One move of a schedule that somebody chose, with an eye on the promises: what a random schedule, a shortened one and a
// replayed one are made of. Step build only; src/lab/explore/course.ts calls it, with the lists of a search's control block.

import { ACC_RMW, ACC_ST, EX_BAD_ADDR, EX_BAD_WHAT, MACHINE, M_STEPS, T_PKIND, T_STATUS, T_UNWOUND, TS_READY } from "../layout";
import { broken_by_access, broken_by_move, broken_in_state } from "./promises";
import { drain_nth, drains, sim_ld } from "./shared";
import { naps, runnable, step_thread, timeout } from "./thread";

/** The move was not possible. */
const NO: u32 = 0xffffffff;

/** Thread t makes one access (k = 0), or its pending store k - 1 drains. Answers the promise (EXP_*) that this breaks, 0 none. */
export function watched_move(ex: usize, t: usize, k: u32): u32 {
  store<u32>(ex, 0, EX_BAD_WHAT);
  store<u32>(ex, 0, EX_BAD_ADDR);
  if (k) {
    if (!drains(t, k - 1)) return NO;
    drain_nth(t, k - 1);
  } else {
    const before = load<u64>(MACHINE, M_STEPS);
    if (naps(t)) timeout(t);
    for (let i = 0; i < 4 && load<u64>(MACHINE, M_STEPS) == before && runnable(t); i++) {
      const kind = load<u32>(t, T_PKIND);
      if (load<u32>(t, T_UNWOUND) && (kind == ACC_ST || kind == ACC_RMW)) broken_by_access(ex, t);
      step_thread(t, 0, 0);
    }
    if (load<u64>(MACHINE, M_STEPS) == before && sim_ld(t + T_STATUS) == TS_READY) return NO;
  }
  return broken_now(ex);
}
/** What memory as it is now breaks: where schedules begin, and after an action of the control plane. */
export function watched_state(ex: usize): u32 {
  store<u32>(ex, 0, EX_BAD_WHAT);
  store<u32>(ex, 0, EX_BAD_ADDR);
  return broken_now(ex);
}
function broken_now(ex: usize): u32 {
  const bad = broken_by_move(ex);
  return bad ? bad : broken_in_state(ex);
}

// What the bodies of pkt-gen and bridge share: their rings, their end, and what they have to say. A thread cannot print: it
// leaves in its page what it wants told, wakes its process (TD_UPCALL), and waits until that has cleared TARG_SAY.

import {
  KR_RING, KR_SIZE, RING_BUF_OFS, RING_NR_BUF_SIZE, RING_SLOT, SLOT_BUF_IDX, SLOT_SIZE, TARG_SAY, TARG_SAY_ARG, TARG_STATE, TARG_TOC,
  TDS_DONE, TD_POLL_DEADLINE, TD_SELPEND, TD_STATE, TD_UPCALL, WM_SELECT,
} from "../layout";
import { td_sleep } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { now, sim_ld, sim_st } from "../sim/shared";

export const S_INIT: u32 = 0;
export const S_RUN: u32 = 1;
export const S_FLUSH: u32 = 2;
export const S_DONE: u32 = 3;

export function add(targ: usize, field: u32, v: u64): void { store<u64>(targ + field, load<u64>(targ + field) + v); }

/** The thread's function returns. */
export function done(td: usize, targ: usize): void {
  store<u64>(td, 0, TD_POLL_DEADLINE);
  store<u64>(targ, now(), TARG_TOC);
  store<u32>(targ, S_DONE, TARG_STATE);
  sim_st(td + TD_STATE, TDS_DONE);
}

/** Address of the i-th ring from a kring on, as the program sees it. */
export function ring_addr(kr: usize, i: u32): u32 { return load<u32>(kr + i * KR_SIZE, KR_RING); }
/** Slot and buffer of a ring at this address. */
export function slot_of(as: usize, ringa: u32, i: u32): usize { return va(as, ringa + RING_SLOT + i * SLOT_SIZE); }
export function buf_of(as: usize, ringa: u32, slot: usize): usize {
  const ring = va(as, ringa);
  return va(as, ringa + (load<u64>(ring, RING_BUF_OFS) as u32) + load<u32>(slot, SLOT_BUF_IDX) * load<u32>(ring, RING_NR_BUF_SIZE));
}

/** One argument of what is to be told. */
export function say_arg(targ: usize, i: u32, v: u32): void { store<u32>(targ + i * 4, v, TARG_SAY_ARG); }
/** Asks the process to print; the caller returns at once. */
export function say(td: usize, targ: usize, what: u32): void {
  sim_st(targ + TARG_SAY, what);
  store<u32>(td, 1, TD_UPCALL);
}
/** While the process has not printed what was said (TARG_SAY), the thread waits, and its body returns. */
export function unsaid(td: usize, targ: usize): void {
  sim_st(td + TD_SELPEND, 0);
  if (sim_ld(targ + TARG_SAY)) td_sleep(td, 0, WM_SELECT);
}

// nmreplay's thread: sends a row of prepared frames into a port, each at its time or as fast as the port takes them. One
// iteration a call. Mirrors nmreplay.c of 2016 in what it does, not how: there two threads pass a queue. Only this thread writes
// ring.head and ring.cur, and the slots between head and tail.

import {
  KR_RING, NRP_ASAP, NRP_END, NRP_LATE, NRP_LOOPS, NRP_PERIOD, NRP_POS, NRP_START, NRP_TOOLONG, NRR_AT, NRR_DATA, NRR_LEN, NS_REPORT, POLLERR,
  POLLOUT, RING_BUF_OFS, RING_CUR, RING_HEAD, RING_NR_BUF_SIZE, RING_NUM_SLOTS, RING_SLOT, RING_TAIL, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN,
  SLOT_SIZE, TARG_BURST, TARG_BYTES, TARG_CANCEL, TARG_COUNT, TARG_ERROR, TARG_EVENTS, TARG_STATE, TARG_TIC, TARG_TOC, TDS_DONE, TD_AS,
  TD_POLL_DEADLINE, TD_PRIV, TD_SELPEND, TD_STATE, TD_TX, WM_NANSLP,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SLOT_USER, P_NRP_FLUSH_HEAD, P_NRP_FLUSH_TAIL, P_NRP_HEAD, P_NRP_ST_CUR, P_NRP_ST_HEAD, P_NRP_TAIL,
} from "../points";
import { va } from "../net/mmu";
import { POLL_ASLEEP, netmap_ioctl_sync, netmap_poll, td_sleep } from "../net/netmap_poll";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";
import { from_own, own } from "./own_pages";

const S_INIT: u32 = 0;
const S_RUN: u32 = 1;
const S_FLUSH: u32 = 2;
const S_DONE: u32 = 3;

function add(targ: usize, field: u32, v: u64): void { store<u64>(targ + field, load<u64>(targ + field) + v); }
function done(td: usize, targ: usize): void {
  store<u64>(td, 0, TD_POLL_DEADLINE);
  store<u64>(targ, now(), TARG_TOC);
  store<u32>(targ, S_DONE, TARG_STATE);
  sim_st(td + TD_STATE, TDS_DONE);
}
function nap(td: usize, until: u64): void {
  sim_st(td + TD_SELPEND, 0);
  td_sleep(td, until, WM_NANSLP);
}

export function nmreplay_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS);
  const ringa = load<u32>(load<u32>(td, TD_TX), KR_RING), ring = va(as, ringa), n = load<u32>(ring, RING_NUM_SLOTS);
  const state = load<u32>(targ, TARG_STATE);
  if (state == S_DONE || sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; } // killed: what is pending stays
  if (state == S_INIT) {
    store<u64>(targ, now(), TARG_TIC);
    store<u64>(targ, now(), NRP_START);
    store<u32>(targ, S_RUN, TARG_STATE);
    return;
  }
  if (state == S_FLUSH) {
    const tail = ld(ring + RING_TAIL, P_NRP_FLUSH_TAIL), head = ld(ring + RING_HEAD, P_NRP_FLUSH_HEAD);
    if ((tail + 1 == n ? 0 : tail + 1) == head) { done(td, targ); return; }
    netmap_ioctl_sync(td, true);
    nap(td, now() + 1000);
    return;
  }
  if (load<u32>(targ, NRP_POS) >= load<u32>(targ, NRP_END)) {
    const loops = load<u32>(targ, NRP_LOOPS);
    if (loops == 1) {
      store<u32>(targ, S_FLUSH, TARG_STATE);
      netmap_ioctl_sync(td, true);
      return;
    }
    if (loops) store<u32>(targ, loops - 1, NRP_LOOPS); // 0: for ever
    store<u32>(targ, 0, NRP_POS);
    store<u64>(targ, load<u64>(targ, NRP_START) + load<u64>(targ, NRP_PERIOD), NRP_START);
  }
  const asap = load<u32>(targ, NRP_ASAP) != 0, due = load<u64>(targ, NRP_START) + load<u64>(own(targ, load<u32>(targ, NRP_POS)), NRR_AT);
  if (!asap && !load<u64>(td, TD_POLL_DEADLINE) && now() < due) { nap(td, due); return; }
  const revents = netmap_poll(td, POLLOUT, 1000000000);
  if (revents == POLL_ASLEEP || revents == 0) return;
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  const m = frames(targ, as, ringa, ring, n, asap);
  if (!m) return;
  add(targ, TARG_COUNT, m);
  add(targ, TARG_EVENTS, 1);
  if (!asap) netmap_ioctl_sync(td, true); // at its time, not with the next one
}

function frames(targ: usize, as: usize, ringa: u32, ring: usize, n: u32, asap: bool): u32 {
  const tail = ld(ring + RING_TAIL, P_NRP_TAIL), first = ld(ring + RING_HEAD, P_NRP_HEAD), end = load<u32>(targ, NRP_END);
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE), burst = load<u32>(targ, TARG_BURST);
  let head = first, pos = load<u32>(targ, NRP_POS), count: u32 = 0, last: usize = 0;
  while (pos < end && count < burst && head != tail) {
    const r = own(targ, pos), len = load<u32>(r, NRR_LEN), due = load<u64>(targ, NRP_START) + load<u64>(r, NRR_AT);
    if (!asap && due > now()) break;
    if (!asap && now() - due > load<u64>(targ, NRP_LATE)) store<u64>(targ, now() - due, NRP_LATE);
    const at = pos + NRR_DATA;
    pos = (at + len + NRR_DATA - 1) & ~(NRR_DATA - 1);
    if (len > bufsize) { add(targ, NRP_TOOLONG, 1); continue; }
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE);
    from_own(targ, at, va(as, ringa + bufofs + load<u32>(slot, SLOT_BUF_IDX) * bufsize), len);
    store<u16>(slot, len as u16, SLOT_LEN);
    store<u16>(slot, 0, SLOT_FLAGS);
    last = slot;
    charge(COST_SLOT_USER + COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
    add(targ, TARG_BYTES, len);
    head = head + 1 == n ? 0 : head + 1;
    count++;
  }
  store<u32>(targ, pos, NRP_POS);
  if (!count) return 0;
  store<u16>(last, NS_REPORT, SLOT_FLAGS);
  st(ring + RING_CUR, head, P_NRP_ST_CUR);
  st(ring + RING_HEAD, head, P_NRP_ST_HEAD);
  return count;
}

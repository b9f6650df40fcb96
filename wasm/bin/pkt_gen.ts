// pkt-gen's threads: sender_body and receiver_body, one iteration a call. The same binary on host and guest: it sees
// its ring through its address space and its kernel through poll and the sync ioctls. Mirrors pkt-gen.c (facts 6.1).
// Only this thread writes ring.head and ring.cur, and the slots between head and tail.

import {NS_BUF_CHANGED, NS_REPORT, PGO_COPY, PGO_MEMCPY, PGO_RUBBISH, PG_RXSEQ, PG_TXSEQ, POLLERR, POLLIN, POLLOUT,
  RING_BUF_OFS, RING_CUR, RING_HEAD, RING_NR_BUF_SIZE, RING_NUM_SLOTS, RING_SLOT, RING_TAIL, SLOT_BUF_IDX, SLOT_FLAGS,
  SLOT_LEN, SLOT_SIZE, TARG_SIZE, TARG_BAD, TARG_BURST, TARG_BYTES, TARG_CANCEL, TARG_COUNT, TARG_DIGEST, TARG_DISORDER,
  TARG_ERROR, TARG_EVENTS, TARG_FN, TARG_FRAME, TARG_LEN, TARG_LOST, TARG_NEXT_NS, TARG_NPACKETS,
  TARG_OPTIONS, TARG_RATE_NS, TARG_SEQ, TARG_SEQ_OK, TARG_STATE, TARG_TIC, TARG_TOC, TARG_WAIT_IDLE, TDS_DONE, TD_AS,TD_PRIV, TD_RX, TD_STATE, TD_TX, KR_RING, TD_SELPEND, WM_NANSLP, TD_POLL_DEADLINE,
} from "../layout";
import {
  COST_SLOT_USER, P_PG_FLUSH_HEAD, P_PG_FLUSH_TAIL, P_PG_RX_HEAD, P_PG_RX_ST_CUR, P_PG_RX_ST_HEAD, P_PG_RX_TAIL,
  P_PG_TX_HEAD, P_PG_TX_ST_CUR, P_PG_TX_ST_HEAD, P_PG_TX_TAIL,
} from "../points";
import { POLL_ASLEEP, netmap_ioctl_sync, netmap_poll, td_sleep } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { pkt_copy } from "../net/netmap_user";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";

const S_INIT: u32 = 0;
const S_RUN: u32 = 1;
const S_FLUSH: u32 = 2;
const S_DONE: u32 = 3;
const FRAME_MAX: u32 = TARG_SIZE - TARG_FRAME;
const SEQ_OFS: u32 = 42; // first byte of the UDP payload: the sequence number of txseq, ping
const _FRAME_KEEP: u32 = 64;

function add(targ: usize, field: u32, v: u64): void { store<u64>(targ + field, load<u64>(targ + field) + v); }
function done(td: usize, targ: usize): void {
  store<u64>(targ, now(), TARG_TOC);
  store<u32>(targ, S_DONE, TARG_STATE);
  sim_st(td + TD_STATE, TDS_DONE);
}
/** One step of the order-sensitive digest kept over what passes (FNV over 32-bit words). */
function digest(targ: usize, p: usize, len: u32): void {
  let h = load<u64>(targ, TARG_DIGEST) ^ len;
  for (let i: u32 = 0; i + 4 <= len; i += 4) h = (h ^ load<u32>(p + i)) * 0x100000001b3;
  store<u64>(targ, h, TARG_DIGEST);
}

/** sender_body: tx and txseq. */
export function sender_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS);
  const ringa = load<u32>(load<u32>(td, TD_TX), KR_RING), ring = va(as, ringa);
  const lim = load<u32>(ring, RING_NUM_SLOTS) - 1;
  const state = load<u32>(targ, TARG_STATE);
  if (state == S_INIT) { // every buffer is filled once: all slots get NS_BUF_CHANGED
    for (let i: u32 = 0; i <= lim; i++) {
      const s = va(as, ringa + RING_SLOT + i * SLOT_SIZE);
      store<u16>(s, load<u16>(s, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
    }
    // a limited rate starts on a full second, two from now
    const start = load<u64>(targ, TARG_RATE_NS) ? (now() + 2000000000) / 1000000000 * 1000000000 : now();
    store<u64>(targ, start, TARG_TIC);
    store<u64>(targ, start, TARG_NEXT_NS);
    store<u32>(targ, S_RUN, TARG_STATE);
    return;
  }
  if (state == S_FLUSH) { flush(td, targ, ring, lim); return; }
  if (state == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return; }
  const limit = load<u64>(targ, TARG_NPACKETS);
  if (sim_ld(targ + TARG_CANCEL) || (limit && load<u64>(targ, TARG_COUNT) >= limit)) {
    store<u64>(td, 0, TD_POLL_DEADLINE);
    if (sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; } // killed: what is pending stays
    store<u32>(targ, S_FLUSH, TARG_STATE);
    netmap_ioctl_sync(td, true);
    return;
  }
  const rate = load<u64>(targ, TARG_RATE_NS);
  if (rate && !load<u64>(td, TD_POLL_DEADLINE)) {
    const at = load<u64>(targ, TARG_NEXT_NS);
    if (now() < at) { sim_st(td + TD_SELPEND, 0); td_sleep(td, at, WM_NANSLP); return; }
  }
  const revents = netmap_poll(td, POLLOUT, 2000000000);
  if (revents == POLL_ASLEEP || revents == 0) return; // a time-out is only logged by pkt-gen, and it polls again
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  let burst = load<u32>(targ, TARG_BURST);
  if (limit && limit - load<u64>(targ, TARG_COUNT) < burst) burst = (limit - load<u64>(targ, TARG_COUNT)) as u32;
  const m = send_packets(targ, as, ringa, ring, lim, burst);
  if (m) { add(targ, TARG_COUNT, m); add(targ, TARG_EVENTS, 1); }
  if (rate) store<u64>(targ, load<u64>(targ, TARG_NEXT_NS) + rate, TARG_NEXT_NS);
}

function send_packets(targ: usize, as: usize, ringa: u32, ring: usize, lim: u32, count: u32): u32 {
  const tail = ld(ring + RING_TAIL, P_PG_TX_TAIL);
  let head = ld(ring + RING_HEAD, P_PG_TX_HEAD);
  const space = tail >= head ? tail - head : tail + lim + 1 - head;
  if (count > space) count = space;
  const len = load<u32>(targ, TARG_LEN), seqmode = load<u32>(targ, TARG_FN) == PG_TXSEQ;
  const copy = (load<u32>(targ, TARG_OPTIONS) & (PGO_COPY | PGO_MEMCPY)) != 0;
  const fill = !(load<u32>(targ, TARG_OPTIONS) & PGO_RUBBISH);
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE);
  for (let i: u32 = 0; i < count; i++) {
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE);
    const flags: u32 = load<u16>(slot, SLOT_FLAGS);
    if ((flags & NS_BUF_CHANGED) || copy || seqmode) {
      const buf = va(as, ringa + bufofs + load<u32>(slot, SLOT_BUF_IDX) * bufsize);
      if (fill && (flags & NS_BUF_CHANGED || copy)) pkt_copy(buf, targ + TARG_FRAME, (len + 63) & ~63);
      if (seqmode) {
        const seq = load<u32>(targ, TARG_SEQ);
        store<u32>(buf + SEQ_OFS, bswap<u32>(seq));
        store<u32>(targ, seq + 1, TARG_SEQ);
        digest(targ, buf, len);
      }
    }
    store<u16>(slot, len as u16, SLOT_LEN);
    store<u16>(slot, (i == count - 1 ? NS_REPORT : 0) as u16, SLOT_FLAGS);
    charge(COST_SLOT_USER);
    head = head == lim ? 0 : head + 1;
  }
  add(targ, TARG_BYTES, count as u64 * len);
  st(ring + RING_CUR, head, P_PG_TX_ST_CUR);
  st(ring + RING_HEAD, head, P_PG_TX_ST_HEAD);
  return count;
}

/** The end of a run: NIOCTXSYNC and a microsecond of sleep until nothing is pending. */
function flush(td: usize, targ: usize, ring: usize, lim: u32): void {
  const tail = ld(ring + RING_TAIL, P_PG_FLUSH_TAIL), head = ld(ring + RING_HEAD, P_PG_FLUSH_HEAD);
  if ((tail == lim ? 0 : tail + 1) == head || sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; }
  netmap_ioctl_sync(td, true);
  sim_st(td + TD_SELPEND, 0);
  td_sleep(td, now() + 1000, WM_NANSLP);
}

/** receiver_body: rx and rxseq. */
export function receiver_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS);
  const ringa = load<u32>(load<u32>(td, TD_RX), KR_RING), ring = va(as, ringa);
  const lim = load<u32>(ring, RING_NUM_SLOTS) - 1;
  if (load<u32>(targ, TARG_STATE) == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return; }
  if (sim_ld(targ + TARG_CANCEL)) { store<u64>(td, 0, TD_POLL_DEADLINE); done(td, targ); return; }
  const revents = netmap_poll(td, POLLIN, 1000000000);
  if (revents == POLL_ASLEEP) return;
  const started = load<u32>(targ, TARG_STATE) == S_RUN;
  if (revents == 0) { // silence: ends the run only with -W, and the idle second is taken off
    if (!started || !load<u32>(targ, TARG_WAIT_IDLE)) return;
    done(td, targ);
    store<u64>(targ, load<u64>(targ, TARG_TOC) - 1000000000, TARG_TOC);
    return;
  }
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  if (!started) {
    store<u32>(targ, S_RUN, TARG_STATE);
    store<u64>(targ, now(), TARG_TIC);
  }
  const m = receive_packets(targ, as, ringa, ring, lim);
  if (m) { add(targ, TARG_COUNT, m); add(targ, TARG_EVENTS, 1); }
}

function receive_packets(targ: usize, as: usize, ringa: u32, ring: usize, lim: u32): u32 {
  let head = ld(ring + RING_HEAD, P_PG_RX_HEAD);
  const tail = ld(ring + RING_TAIL, P_PG_RX_TAIL);
  let n = tail >= head ? tail - head : tail + lim + 1 - head;
  const burst = load<u32>(targ, TARG_BURST);
  if (n > burst) n = burst;
  const seqmode = load<u32>(targ, TARG_FN) == PG_RXSEQ;
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE);
  let bytes: u64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE), len: u32 = load<u16>(slot, SLOT_LEN);
    bytes += len;
    if (seqmode) check(targ, va(as, ringa + bufofs + load<u32>(slot, SLOT_BUF_IDX) * bufsize), len);
    charge(COST_SLOT_USER);
    head = head == lim ? 0 : head + 1;
  }
  add(targ, TARG_BYTES, bytes);
  st(ring + RING_CUR, head, P_PG_RX_ST_CUR);
  st(ring + RING_HEAD, head, P_PG_RX_ST_HEAD);
  return n;
}

/** rxseq: holes and reordering by the sequence number, content against the expected frame. */
function check(targ: usize, buf: usize, len: u32): void {
  if (len < SEQ_OFS + 4 || len > FRAME_MAX) { add(targ, TARG_BAD, 1); return; }
  const seq = bswap<u32>(load<u32>(buf + SEQ_OFS));
  if (!load<u32>(targ, TARG_SEQ_OK)) store<u32>(targ, 1, TARG_SEQ_OK);
  else {
    const expected = load<u32>(targ, TARG_SEQ);
    if (seq != expected) {
      if ((seq - expected) as i32 > 0) add(targ, TARG_LOST, (seq - expected) as u64);
      else add(targ, TARG_DISORDER, 1);
    }
  }
  store<u32>(targ, seq + 1, TARG_SEQ);
  digest(targ, buf, len);
  const frame = targ + TARG_FRAME; // payload after the sequence number, as txseq fills it
  for (let i: u32 = SEQ_OFS + 4; i < len; i++) if (load<u8>(buf + i) != load<u8>(frame + i)) { add(targ, TARG_BAD, 1); return; }
}

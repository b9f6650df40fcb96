// pkt-gen's threads: sender_body and receiver_body, one iteration a call. The same binary on host and guest: it sees
// its rings through its address space and its kernel through poll and the sync ioctls. Mirrors pkt-gen.c (facts 6.1).
// Only this thread writes head and cur of its rings, and the slots between head and tail.

import {
  NS_BUF_CHANGED, NS_MOREFRAG, NS_REPORT, PGO_COPY, PGO_DUMP, PGO_MEMCPY, PGO_RUBBISH, PG_RXSEQ, PG_TXSEQ, POLLERR, POLLIN,
  POLLOUT, RING_BUF_OFS, RING_CUR, RING_HEAD, RING_NR_BUF_SIZE, RING_NUM_SLOTS, RING_SLOT, RING_TAIL, SAY_DUMP, SAY_TIMEOUT, SLOT_BUF_IDX,
  SLOT_FLAGS, SLOT_LEN, SLOT_SIZE, TARG_BAD, TARG_BURST, TARG_BYTES, TARG_CANCEL, TARG_COUNT, TARG_DIGEST, TARG_DISORDER, TARG_ERROR,
  TARG_EVENTS, TARG_FN, TARG_FRAGS, TARG_FRAME, TARG_FRAME_MAX, TARG_HDR, TARG_LEN, TARG_LOST, TARG_NEXT_NS, TARG_NPACKETS, TARG_OPTIONS,
  TARG_PEND, TARG_PEND_CUR, TARG_RATE_NS, TARG_RING, TARG_RING_SEQ, TARG_RING_SEQS, TARG_SAY, TARG_SEQ, TARG_SPECIAL, TARG_STATE, TARG_TIC, TARG_TOC, TARG_TOSEND,
  TARG_WAIT_IDLE, TDS_DONE, TD_AS, TD_NRX, TD_NTX, TD_POLL_DEADLINE, TD_PRIV, TD_RX, TD_SELPEND, TD_STATE, TD_TX, WM_NANSLP,
} from "../layout";
import {
  COST_SLOT_USER, P_PG_FLUSH_HEAD, P_PG_FLUSH_TAIL, P_PG_RX_HEAD, P_PG_RX_ST_CUR, P_PG_RX_ST_HEAD, P_PG_RX_TAIL,
  P_PG_TX_HEAD, P_PG_TX_ST_CUR, P_PG_TX_ST_HEAD, P_PG_TX_TAIL,
} from "../points";
import { NO_SECOND, POLL_ASLEEP, netmap_ioctl_sync, netmap_poll, td_sleep } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { pkt_copy } from "../net/netmap_user";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";
import { fill_special } from "./pkt_gen_fill";
import { S_DONE, S_FLUSH, S_INIT, S_RUN, add, done, ring_addr, say, say_arg, unsaid } from "./pkt_gen_thread";

const SEQ_OFS: u32 = 42; // first byte of the UDP payload: the sequence number of txseq

/** One step of the order-sensitive digest kept over what passes (FNV over 32-bit words). */
function digest(targ: usize, p: usize, len: u32): void {
  let h = load<u64>(targ, TARG_DIGEST) ^ len;
  for (let i: u32 = 0; i + 4 <= len; i += 4) h = (h ^ load<u32>(p + i)) * 0x100000001b3;
  store<u64>(targ, h, TARG_DIGEST);
}

/** sender_body: tx and txseq. A turn polls, then visits every ring with room; with -X it ends before each hand-over. */
export function sender_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS), kr: usize = load<u32>(td, TD_TX);
  if (sim_ld(targ + TARG_SAY)) { unsaid(td, targ); return; }
  const state = load<u32>(targ, TARG_STATE);
  if (state != S_RUN) {
    if (state == S_INIT) begin(td, targ);
    else if (state == S_FLUSH) flush(td, targ);
    else sim_st(td + TD_STATE, TDS_DONE);
    return;
  }
  const limit = load<u64>(targ, TARG_NPACKETS), rate = load<u64>(targ, TARG_RATE_NS);
  let i = load<u32>(targ, TARG_RING);
  if (i) { // its packets have been shown
    publish_tx(va(as, ring_addr(kr, i - 1)), load<u32>(targ, TARG_PEND), load<u32>(targ, TARG_PEND_CUR));
    store<u32>(targ, 0, TARG_RING);
  } else {
    if (sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; } // killed: what is pending stays
    if (limit && load<u64>(targ, TARG_COUNT) >= limit) {
      store<u64>(td, 0, TD_POLL_DEADLINE);
      store<u32>(targ, S_FLUSH, TARG_STATE);
      netmap_ioctl_sync(td, true);
      return;
    }
    if (rate && !load<u64>(td, TD_POLL_DEADLINE) && !due(td, targ, rate)) return;
    const revents = netmap_poll(td, POLLOUT, 2000000000, NO_SECOND);
    if (revents == POLL_ASLEEP) return;
    if (revents == 0) { say(td, targ, SAY_TIMEOUT); return; } // only told; it polls again
    if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  }
  for (const n = load<u32>(td, TD_NTX); i < n; i++) {
    let count = rate ? load<u32>(targ, TARG_TOSEND) : load<u32>(targ, TARG_BURST);
    if (limit && limit - load<u64>(targ, TARG_COUNT) < count) count = (limit - load<u64>(targ, TARG_COUNT)) as u32;
    if (!count || send_packets(td, targ, as, ring_addr(kr, i), i, count)) return;
  }
}

/** A limited rate: whether the time for the next burst, or the rest of this one, has come; else it sleeps. */
function due(td: usize, targ: usize, rate: u64): bool {
  if (!load<u32>(targ, TARG_TOSEND)) {
    store<u32>(targ, load<u32>(targ, TARG_BURST), TARG_TOSEND);
    store<u64>(targ, load<u64>(targ, TARG_NEXT_NS) + rate, TARG_NEXT_NS);
  }
  const at = load<u64>(targ, TARG_NEXT_NS);
  if (now() >= at) return true;
  sim_st(td + TD_SELPEND, 0);
  td_sleep(td, at, WM_NANSLP);
  return false;
}

/** Before the first packet: every buffer is to be filled once, so all slots of all rings get NS_BUF_CHANGED. */
function begin(td: usize, targ: usize): void {
  const as: usize = load<u32>(td, TD_AS), n = load<u32>(td, TD_NTX);
  for (let r: u32 = 0; r < n; r++) {
    const ringa = ring_addr(load<u32>(td, TD_TX), r), slots = load<u32>(va(as, ringa), RING_NUM_SLOTS);
    for (let i: u32 = 0; i < slots; i++) {
      const s = va(as, ringa + RING_SLOT + i * SLOT_SIZE);
      store<u16>(s, load<u16>(s, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
    }
  }
  // a limited rate starts on a full second, two from now
  const start = load<u64>(targ, TARG_RATE_NS) ? (now() + 2000000000) / 1000000000 * 1000000000 : now();
  store<u64>(targ, start, TARG_TIC);
  store<u64>(targ, start, TARG_NEXT_NS);
  store<u32>(targ, S_RUN, TARG_STATE);
}

/** Answers whether the thread has to wait before it goes on with the next ring. */
function send_packets(td: usize, targ: usize, as: usize, ringa: u32, index: u32, asked: u32): bool {
  const ring = va(as, ringa), lim = load<u32>(ring, RING_NUM_SLOTS) - 1;
  const tail = ld(ring + RING_TAIL, P_PG_TX_TAIL);
  const first = ld(ring + RING_HEAD, P_PG_TX_HEAD);
  const space = tail >= first ? tail - first : tail + lim + 1 - first;
  if (!space) return false;
  const special = load<u32>(targ, TARG_SPECIAL), frags: u32 = special ? load<u32>(targ, TARG_FRAGS) : 1;
  const room = frags > 1 ? space / frags : space, count = asked < room ? asked : room;
  const head = special ? fill_special(targ, as, ringa, first, lim, count) : fill(targ, as, ringa, ring, first, lim, count);
  const cur = frags > 1 && count < asked ? tail : head; // fragments did not fit: poll is to wait for more room
  if (count) {
    add(targ, TARG_BYTES, count as u64 * load<u32>(targ, TARG_LEN));
    add(targ, TARG_COUNT, count);
    add(targ, TARG_EVENTS, 1);
    if (load<u64>(targ, TARG_RATE_NS)) store<u32>(targ, load<u32>(targ, TARG_TOSEND) - count, TARG_TOSEND);
    if (load<u32>(targ, TARG_OPTIONS) & PGO_DUMP) {
      store<u32>(targ, head, TARG_PEND);
      store<u32>(targ, cur, TARG_PEND_CUR);
      show(td, targ, index, ringa, first, head >= first ? head - first : head + lim + 1 - first, 1);
      return true;
    }
  }
  publish_tx(ring, head, cur);
  return false;
}

/** -X: the process prints these slots while the program still owns them. */
function show(td: usize, targ: usize, index: u32, ringa: u32, first: u32, slots: u32, tx: u32): void {
  store<u32>(targ, index + 1, TARG_RING);
  say_arg(targ, 0, ringa);
  say_arg(targ, 1, first);
  say_arg(targ, 2, slots);
  say_arg(targ, 3, tx);
  say(td, targ, SAY_DUMP);
}

function publish_tx(ring: usize, head: u32, cur: u32): void {
  st(ring + RING_CUR, cur, P_PG_TX_ST_CUR);
  st(ring + RING_HEAD, head, P_PG_TX_ST_HEAD);
}

/** The common case: a frame a slot, copied where the buffer is not known to hold it. Answers the new head. */
function fill(targ: usize, as: usize, ringa: u32, ring: usize, from: u32, lim: u32, count: u32): u32 {
  const len = load<u32>(targ, TARG_LEN), seqmode = load<u32>(targ, TARG_FN) == PG_TXSEQ;
  const copy = (load<u32>(targ, TARG_OPTIONS) & (PGO_COPY | PGO_MEMCPY)) != 0;
  const filling = !(load<u32>(targ, TARG_OPTIONS) & PGO_RUBBISH);
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE);
  let head = from;
  for (let i: u32 = 0; i < count; i++) {
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE);
    const flags: u32 = load<u16>(slot, SLOT_FLAGS);
    if ((flags & NS_BUF_CHANGED) || copy || seqmode) {
      const buf = va(as, ringa + bufofs + load<u32>(slot, SLOT_BUF_IDX) * bufsize);
      if (filling && (flags & NS_BUF_CHANGED || copy)) pkt_copy(buf, targ + TARG_FRAME, (len + 63) & ~63);
      if (seqmode) {
        const seq = load<u32>(targ, TARG_SEQ);
        store<u32>(buf + SEQ_OFS + load<u32>(targ, TARG_HDR), bswap<u32>(seq));
        store<u32>(targ, seq + 1, TARG_SEQ);
        digest(targ, buf, len);
      }
    }
    store<u16>(slot, len as u16, SLOT_LEN);
    store<u16>(slot, (i == count - 1 ? NS_REPORT : 0) as u16, SLOT_FLAGS);
    charge(COST_SLOT_USER);
    head = head == lim ? 0 : head + 1;
  }
  return head;
}

/** The end of a run: NIOCTXSYNC and a microsecond of sleep until nothing is pending on any ring. */
function flush(td: usize, targ: usize): void {
  const as: usize = load<u32>(td, TD_AS), n = load<u32>(td, TD_NTX);
  if (!sim_ld(targ + TARG_CANCEL)) for (let r: u32 = 0; r < n; r++) {
    const ring = va(as, ring_addr(load<u32>(td, TD_TX), r)), lim = load<u32>(ring, RING_NUM_SLOTS) - 1;
    const tail = ld(ring + RING_TAIL, P_PG_FLUSH_TAIL), head = ld(ring + RING_HEAD, P_PG_FLUSH_HEAD);
    if ((tail == lim ? 0 : tail + 1) == head) continue;
    netmap_ioctl_sync(td, true);
    sim_st(td + TD_SELPEND, 0);
    td_sleep(td, now() + 1000, WM_NANSLP);
    return;
  }
  done(td, targ);
}

/** receiver_body: rx and rxseq. A turn polls, then visits every ring; with -X it ends before each hand-over. */
export function receiver_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS), kr: usize = load<u32>(td, TD_RX);
  if (sim_ld(targ + TARG_SAY)) { unsaid(td, targ); return; }
  if (load<u32>(targ, TARG_STATE) == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return; }
  let i = load<u32>(targ, TARG_RING);
  if (i) { // its packets have been shown
    publish_rx(va(as, ring_addr(kr, i - 1)), load<u32>(targ, TARG_PEND));
    store<u32>(targ, 0, TARG_RING);
  } else {
    if (sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; }
    const revents = netmap_poll(td, POLLIN, 1000000000, NO_SECOND);
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
  }
  for (const n = load<u32>(td, TD_NRX); i < n; i++) if (receive_packets(td, targ, as, ring_addr(kr, i), i)) return;
}

/** Answers whether the thread has to wait before it goes on with the next ring. */
function receive_packets(td: usize, targ: usize, as: usize, ringa: u32, index: u32): bool {
  const ring = va(as, ringa), lim = load<u32>(ring, RING_NUM_SLOTS) - 1, first = ld(ring + RING_HEAD, P_PG_RX_HEAD);
  const tail = ld(ring + RING_TAIL, P_PG_RX_TAIL);
  let n = tail >= first ? tail - first : tail + lim + 1 - first;
  if (!n) return false;
  const burst = load<u32>(targ, TARG_BURST);
  if (n > burst) n = burst;
  const seqmode = load<u32>(targ, TARG_FN) == PG_RXSEQ;
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE);
  let head = first, bytes: u64 = 0, packets: u32 = n;
  for (let i: u32 = 0; i < n; i++) {
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE), what = load<u32>(slot, SLOT_LEN), len = what & 0xffff;
    bytes += len;
    if (what & (NS_MOREFRAG << 16)) packets--; // the packet goes on
    if (seqmode) check(targ, index, va(as, ringa + bufofs + load<u32>(slot, SLOT_BUF_IDX) * bufsize), len);
    charge(COST_SLOT_USER);
    head = head == lim ? 0 : head + 1;
  }
  add(targ, TARG_BYTES, bytes);
  add(targ, TARG_COUNT, packets);
  add(targ, TARG_EVENTS, 1);
  if (load<u32>(targ, TARG_OPTIONS) & PGO_DUMP) {
    store<u32>(targ, head, TARG_PEND);
    show(td, targ, index, ringa, first, n, 0);
    return true;
  }
  publish_rx(ring, head);
  return false;
}

function publish_rx(ring: usize, head: u32): void {
  st(ring + RING_CUR, head, P_PG_RX_ST_CUR);
  st(ring + RING_HEAD, head, P_PG_RX_ST_HEAD);
}

/** rxseq: holes and reordering of a ring by the sequence number, content against the expected frame. */
function check(targ: usize, ring: u32, buf: usize, len: u32): void {
  const at = SEQ_OFS + load<u32>(targ, TARG_HDR), expect = targ + TARG_RING_SEQ + ring % TARG_RING_SEQS * 8;
  if (len < at + 4 || len > TARG_FRAME_MAX) { add(targ, TARG_BAD, 1); return; }
  const seq = bswap<u32>(load<u32>(buf + at)), gap = (seq - load<u32>(expect)) as i32;
  if (load<u32>(expect, 4) && gap < 0) { // late: it was counted as lost when those after it came
    add(targ, TARG_DISORDER, 1);
    if (load<u64>(targ, TARG_LOST)) add(targ, TARG_LOST, -1);
  } else {
    if (load<u32>(expect, 4)) add(targ, TARG_LOST, gap as u64);
    store<u32>(expect, seq + 1);
  }
  store<u32>(expect, 1, 4);
  digest(targ, buf, len);
  const frame = targ + TARG_FRAME; // payload after the sequence number, as txseq fills it
  for (let i = at + 4; i < len; i++) if (load<u8>(buf + i) != load<u8>(frame + i)) { add(targ, TARG_BAD, 1); return; }
}

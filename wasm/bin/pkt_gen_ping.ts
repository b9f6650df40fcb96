// pkt-gen's ping and pong: pinger_body measures round trips by a sequence number and a time in each frame, ponger_body sends
// back what it gets with addresses exchanged. Both leave it to poll to push their TX ring. Mirrors pkt-gen.c (facts 6.1).

import {
  POLLERR, POLLIN, RING_CUR, RING_HEAD, RING_NUM_SLOTS, RING_TAIL, RTT_COUNT, RTT_MIN, RTT_SUM, SAY_FULL, SAY_RTT, SAY_TIMEOUT,
  SLOT_FLAGS, SLOT_LEN, TARG_BUCKETS, TARG_BURST, TARG_BYTES, TARG_CANCEL, TARG_COUNT, TARG_ERROR, TARG_EVENTS, TARG_FRAME, TARG_HDR,
  TARG_LAST_PRINT, TARG_LEN, TARG_NPACKETS, TARG_PHASE, TARG_RTT, TARG_RTT_ALL, TARG_SAY, TARG_STATE, TARG_TIC, TDS_DONE, TD_AS, TD_NRX, TD_PRIV,
  TD_RX, TD_STATE, TD_TX,
} from "../layout";
import { COST_SLOT_USER, P_PING_HEAD, P_PING_ST_CUR, P_PING_ST_HEAD, P_PING_TAIL } from "../points";
import { NO_SECOND, POLL_ASLEEP, netmap_poll } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { pkt_copy } from "../net/netmap_user";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";
import { S_DONE, S_INIT, S_RUN, add, buf_of, done, ring_addr, say, slot_of, unsaid } from "./pkt_gen_thread";

const SEQ: u32 = 42; // first byte of the UDP payload: sequence number, seconds, nanoseconds, 32 bits each in host order
const TIME: u32 = 46;
const PERIOD: u64 = 1000000000;

function tail_of(ring: usize): u32 { return ld(ring + RING_TAIL, P_PING_TAIL); }
function head_of(ring: usize): u32 { return ld(ring + RING_HEAD, P_PING_HEAD); }
function publish(ring: usize, head: u32): void {
  st(ring + RING_CUR, head, P_PING_ST_CUR);
  st(ring + RING_HEAD, head, P_PING_ST_HEAD);
}

/** Whether the body has nothing to do in this turn. */
function idle(td: usize, targ: usize): bool {
  if (sim_ld(targ + TARG_SAY)) { unsaid(td, targ); return true; }
  if (load<u32>(targ, TARG_STATE) == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return true; }
  if (load<u32>(targ, TARG_STATE) == S_INIT) {
    store<u64>(targ, now(), TARG_TIC);
    store<u64>(targ, now(), TARG_LAST_PRINT);
    store<u32>(targ, S_RUN, TARG_STATE);
  }
  if (!sim_ld(targ + TARG_CANCEL)) return false;
  done(td, targ);
  return true;
}

/** pinger_body: a burst, then every answer that has come; a line a second. */
export function pinger_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV);
  if (idle(td, targ)) return;
  if (!load<u32>(targ, TARG_PHASE)) {
    const limit = load<u64>(targ, TARG_NPACKETS);
    if (limit && load<u64>(targ, TARG_COUNT) >= limit) { done(td, targ); return; }
    store<u32>(targ, 1, TARG_PHASE);
    if (send(td, targ, limit)) return;
    say(td, targ, SAY_FULL); // and it looks for answers all the same
    return;
  }
  const revents = netmap_poll(td, POLLIN, 3 * PERIOD, NO_SECOND);
  if (revents == POLL_ASLEEP) return;
  store<u32>(targ, 0, TARG_PHASE);
  if (revents == 0) { say(td, targ, SAY_TIMEOUT); return; }
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  collect(td, targ);
  if (now() - load<u64>(targ, TARG_LAST_PRINT) < PERIOD || !load<u64>(targ, TARG_RTT + RTT_COUNT)) return;
  store<u64>(targ, now(), TARG_LAST_PRINT);
  say(td, targ, SAY_RTT); // the process clears what is of the period
}

/** Answers false when the ring had no room for the burst. */
function send(td: usize, targ: usize, limit: u64): bool {
  const as: usize = load<u32>(td, TD_AS), ringa = ring_addr(load<u32>(td, TD_TX), 0), ring = va(as, ringa);
  const lim = load<u32>(ring, RING_NUM_SLOTS) - 1, tail = tail_of(ring), len = load<u32>(targ, TARG_LEN), at = load<u32>(targ, TARG_HDR);
  let head = head_of(ring), count = load<u32>(targ, TARG_BURST), sent: u32 = 0;
  if (limit && limit - load<u64>(targ, TARG_COUNT) < count) count = (limit - load<u64>(targ, TARG_COUNT)) as u32;
  for (; sent < count && head != tail; sent++) {
    own_user(ring, head);
    const slot = slot_of(as, ringa, head), buf = buf_of(as, ringa, slot), time = now();
    pkt_copy(buf, targ + TARG_FRAME, (len + 63) & ~63);
    store<u32>(buf + at + SEQ, (load<u64>(targ, TARG_COUNT) as u32) + sent);
    store<u32>(buf + at + TIME, (time / 1000000000) as u32);
    store<u32>(buf + at + TIME, (time % 1000000000) as u32, 4);
    store<u16>(slot, len as u16, SLOT_LEN);
    store<u16>(slot, 0, SLOT_FLAGS);
    charge(COST_SLOT_USER);
    head = head == lim ? 0 : head + 1;
  }
  if (!sent) return false;
  add(targ, TARG_COUNT, sent);
  add(targ, TARG_BYTES, sent as u64 * len);
  add(targ, TARG_EVENTS, 1);
  publish(ring, head);
  return sent == count;
}

function collect(td: usize, targ: usize): void {
  const as: usize = load<u32>(td, TD_AS), n = load<u32>(td, TD_NRX), at = load<u32>(targ, TARG_HDR);
  for (let r: u32 = 0; r < n; r++) {
    const ringa = ring_addr(load<u32>(td, TD_RX), r), ring = va(as, ringa), lim = load<u32>(ring, RING_NUM_SLOTS) - 1;
    const tail = tail_of(ring);
    let head = head_of(ring);
    if (head == tail) continue;
    for (; head != tail; head = head == lim ? 0 : head + 1) {
      own_user(ring, head);
      const buf = buf_of(as, ringa, slot_of(as, ringa, head));
      const then = load<u32>(buf + at + TIME) as u64 * 1000000000 + load<u32>(buf + at + TIME, 4), time = now();
      measured(targ, time > then ? time - then : 0);
      charge(COST_SLOT_USER);
    }
    publish(ring, head);
  }
}

function measured(targ: usize, ns: u64): void {
  count(targ + TARG_RTT, ns);
  count(targ + TARG_RTT_ALL, ns);
  const bucket: usize = targ + TARG_BUCKETS + (ns ? 63 - clz<u64>(ns) as u32 : 0) * 4;
  store<u32>(bucket, load<u32>(bucket) + 1);
}
function count(rtt: usize, ns: u64): void {
  if (!load<u64>(rtt, RTT_COUNT) || ns < load<u64>(rtt, RTT_MIN)) store<u64>(rtt, ns, RTT_MIN);
  add(rtt, RTT_COUNT, 1);
  add(rtt, RTT_SUM, ns);
}

/** ponger_body: every frame back to where it came from; without room it is dropped. */
export function ponger_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), limit = load<u64>(targ, TARG_NPACKETS);
  if (idle(td, targ)) return;
  if (limit && load<u64>(targ, TARG_COUNT) >= limit) { done(td, targ); return; }
  const revents = netmap_poll(td, POLLIN, PERIOD, NO_SECOND);
  if (revents == POLL_ASLEEP) return;
  if (revents == 0) { say(td, targ, SAY_TIMEOUT); return; }
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  const as: usize = load<u32>(td, TD_AS), n = load<u32>(td, TD_NRX);
  const txa = ring_addr(load<u32>(td, TD_TX), 0), tx = va(as, txa), txlim = load<u32>(tx, RING_NUM_SLOTS) - 1;
  const txtail = tail_of(tx), txfirst = head_of(tx);
  let txhead = txfirst, sent: u32 = 0;
  for (let r: u32 = 0; r < n; r++) {
    const rxa = ring_addr(load<u32>(td, TD_RX), r), rx = va(as, rxa), lim = load<u32>(rx, RING_NUM_SLOTS) - 1, tail = tail_of(rx);
    let head = head_of(rx);
    if (head == tail) continue;
    for (; head != tail; head = head == lim ? 0 : head + 1) {
      if (txhead == txtail) continue;
      own_user(rx, head);
      own_user(tx, txhead);
      const from = slot_of(as, rxa, head), to = slot_of(as, txa, txhead), len: u32 = load<u16>(from, SLOT_LEN);
      const src = buf_of(as, rxa, from), dst = buf_of(as, txa, to);
      pkt_copy(dst, src, (len + 63) & ~63);
      exchange(dst + load<u32>(targ, TARG_HDR), len - load<u32>(targ, TARG_HDR));
      store<u16>(to, len as u16, SLOT_LEN);
      store<u16>(to, 0, SLOT_FLAGS);
      add(targ, TARG_BYTES, len);
      charge(COST_SLOT_USER);
      txhead = txhead == txlim ? 0 : txhead + 1;
      sent++;
    }
    publish(rx, head);
  }
  if (!sent) return;
  publish(tx, txhead);
  add(targ, TARG_COUNT, sent);
  add(targ, TARG_EVENTS, 1);
}

/** Source and destination of Ethernet and, if it is there, of IPv4; a checksum does not mind. */
function exchange(eh: usize, len: u32): void {
  if (len < 14) return;
  const a = load<u32>(eh), b = load<u16>(eh, 4);
  store<u32>(eh, load<u32>(eh, 6));
  store<u16>(eh, load<u16>(eh, 10), 4);
  store<u32>(eh, a, 6);
  store<u16>(eh, b, 10);
  if (len < 34 || load<u16>(eh, 12) != 0x0008) return; // 0x0800 as it lies in memory
  const source = load<u32>(eh, 26);
  store<u32>(eh, load<u32>(eh, 30), 26);
  store<u32>(eh, source, 30);
}

// ping's thread: sends ICMP echo requests on a raw socket, an interval apart, and times the answers. Mirrors the loop of ping.c
// (FreeBSD 10). Its page of arguments (PING_*) is its own; the process reads PING_PUT and what is before it, and writes PING_GOT.

import {
  OPS, OP_RAW_RECV, OP_RAW_SEND, PING_ANSWERS, PING_BUF, PING_CANCEL, PING_COUNT, PING_DST, PING_DUP, PING_ERROR, PING_GOT, PING_ID,
  PING_INTERVAL, PING_MAX_RTT, PING_NEXT, PING_PUT, PING_RECEIVED, PING_SEEN, PING_SENT, PING_SIZE, PING_SLOTS, PING_SOCK, PING_STATE,
  PING_WAIT, TDS_DONE, TD_PRIV, TD_SELPEND, TD_STATE, TD_UPCALL, WM_NANSLP,
} from "../layout";
import { get16, in_cksum, put16 } from "../net/inet_frame";
import { td_sleep } from "../net/netmap_poll";
import { now, sim_ld, sim_st } from "../sim/shared";

const S_INIT: u32 = 0;
const S_DONE: u32 = 2;
const BUF_MAX: u32 = 1500;
const SEEN_BITS: u32 = 2048;

function send(a: usize): void {
  const icmp = a + PING_BUF, size = load<u32>(a, PING_SIZE), seq = load<u32>(a, PING_SENT);
  store<u32>(icmp, 8);
  put16(icmp + 4, load<u32>(a, PING_ID));
  put16(icmp + 6, seq);
  if (size >= 8) store<u64>(icmp, now(), 8);
  for (let i: u32 = size >= 8 ? 8 : 0; i < size; i++) store<u8>(icmp + 8 + i, i as u8);
  store<u16>(icmp, in_cksum(icmp, 8 + size) as u16, 2);
  const w = PING_SEEN + ((seq & (SEEN_BITS - 1)) >> 5) * 4; // this number has not been answered
  store<u32>(a + w, load<u32>(a + w) & ~(1 << (seq & 31)));
  store<u32>(a, seq + 1, PING_SENT);
  const e = call_indirect<u32>(load<u32>(OPS + OP_RAW_SEND * 4), load<u32>(a, PING_DST), icmp, 8 + size);
  if (e) store<u32>(a, e, PING_ERROR);
}

/** One packet from the socket: counted and noted if it answers this ping. */
function receive(a: usize, len: u32): bool {
  const ip = a + PING_BUF, hl: u32 = (load<u8>(ip) & 15) * 4, size = load<u32>(a, PING_SIZE), icmp = ip + hl;
  if (len < hl + 8 || load<u8>(icmp) != 0 || get16(icmp + 4) != load<u32>(a, PING_ID)) return false;
  const seq = get16(icmp + 6), w = PING_SEEN + ((seq & (SEEN_BITS - 1)) >> 5) * 4, bit: u32 = 1 << (seq & 31);
  const dup = (load<u32>(a + w) & bit) != 0, rtt: u64 = size >= 8 && len >= hl + 16 ? now() - load<u64>(icmp, 8) : 0;
  store<u32>(a + w, load<u32>(a + w) | bit);
  const f = dup ? PING_DUP : PING_RECEIVED;
  store<u32>(a + f, load<u32>(a + f) + 1);
  if (rtt > load<u64>(a, PING_MAX_RTT)) store<u64>(a, rtt, PING_MAX_RTT);
  const put = load<u32>(a, PING_PUT);
  if (put - sim_ld(a + PING_GOT) < PING_SLOTS) { // the process prints in its own time
    const r = a + PING_ANSWERS + (put & (PING_SLOTS - 1)) * 32;
    store<u32>(r, seq);
    store<u32>(r, (load<u8>(ip, 8) as u32) | (len - hl) << 16, 4);
    store<u32>(r, load<u32>(ip, 12), 8);
    store<u32>(r, dup ? 1 : 0, 12);
    store<u64>(r, rtt, 16);
    sim_st(a + PING_PUT, put + 1);
  }
  return true;
}

/** One turn: what has come, what is due; then to sleep until either. */
export function ping_body(td: usize): void {
  const a: usize = load<u32>(td, TD_PRIV), limit = load<u32>(a, PING_COUNT);
  if (load<u32>(a, PING_STATE) == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return; }
  if (load<u32>(a, PING_STATE) == S_INIT) {
    store<u64>(a, now(), PING_NEXT);
    store<u32>(a, 1, PING_STATE);
  }
  sim_st(td + TD_SELPEND, 0);
  let news = false;
  for (;;) {
    const len = call_indirect<u32>(load<u32>(OPS + OP_RAW_RECV * 4), load<u32>(a, PING_SOCK), a + PING_BUF, BUF_MAX);
    if (!len) break;
    if (receive(a, len)) news = true;
  }
  const all = limit != 0 && load<u32>(a, PING_SENT) >= limit;
  let next = load<u64>(a, PING_NEXT);
  if (sim_ld(a + PING_CANCEL) || (all && (load<u32>(a, PING_RECEIVED) >= limit || now() >= next))) {
    store<u32>(a, S_DONE, PING_STATE);
    sim_st(td + TD_STATE, TDS_DONE);
    return;
  }
  if (!all && now() >= next) {
    send(a);
    const last = limit != 0 && load<u32>(a, PING_SENT) >= limit;
    next = now() + (last ? load<u64>(a, PING_WAIT) : load<u64>(a, PING_INTERVAL));
    store<u64>(a, next, PING_NEXT);
    if (load<u32>(a, PING_ERROR)) news = true;
  }
  if (news) store<u32>(td, 1, TD_UPCALL);
  else td_sleep(td, next, WM_NANSLP);
}

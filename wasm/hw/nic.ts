// A NIC and its end of the wire: descriptor rings, registers, interrupts and their moderation. Models what an 82599 shows to
// a driver (facts netmap 2.10, 7.1): a frame of L bytes with its CRC takes 8·L + 160 bit times, no two overlap. Each NIC has
// a thread that is the hardware; it alone writes TDH, RDH and the status of descriptors. Its time is kept in picoseconds,
// so that a million frames take what they must. Addresses in descriptors are DMA: checked, for a driver may be wrong.

import {
  DESC_ADDR, DESC_CMD, DESC_DD, DESC_LEN, DESC_RS, DESC_SIZE, DESC_STATUS, FIRST_FREE, NICP_LOOP, NICP_PEER, NICP_SOURCE,
  NICQ_RDBA, NICQ_RDH, NICQ_RDLEN, NICQ_RDT, NICQ_SIZE, NICQ_TDBA, NICQ_TDH, NICQ_TDLEN, NICQ_TDT, NIC_BACK_TO_BACK, NIC_BLOCK,
  NIC_CUR_END, NIC_CUR_Q, NIC_DOORBELL, NIC_EICR, NIC_FRAME, NIC_INSIDE, NIC_INTR_OFF, NIC_IRQ, NIC_ITHREAD, NIC_ITR_NS, NIC_LINK, NIC_MAC,
  NIC_MAXFRS, NIC_NEXT_INTR, NIC_NEXT_Q, NIC_NQ, NIC_PARTNER, NIC_PEER, NIC_PROMISC, NIC_PS_PER_BIT, NIC_Q, NIC_RXEN, NIC_SRC_FLOWS,
  NIC_SRC_GAP, NIC_SRC_LEN, NIC_SRC_NEXT, NIC_SRC_SEQ, NIC_STAT_DMA, NIC_STAT_FILTERED, NIC_STAT_GORC, NIC_STAT_GOTC, NIC_STAT_GPRC,
  NIC_STAT_GPTC, NIC_STAT_INTR, NIC_STAT_MPC, NIC_STAT_ROC, NIC_TXEN, NIC_TX_CAUSE, NIC_TX_FREE, WM_HW,
} from "../layout";
import {
  P_NIC_EICR, P_NIC_RDH, P_NIC_RDT, P_NIC_ST_DD, P_NIC_ST_IRQ, P_NIC_ST_RDH, P_NIC_ST_STATUS, P_NIC_ST_TDH, P_NIC_TAKE_EICR, P_NIC_TDH,
  P_NIC_TDT,
} from "../points";
import { curthread, ld, now, rmw_or, rmw_xchg, sim_ld, sim_st, st } from "../sim/shared";
import { msleep, unsleep, wake_block } from "../sim/sleepq";

const CRC: u32 = 4;
const MIN_FRAME: u32 = 60; // without CRC: shorter ones are padded
const OVERHEAD_BITS: u64 = 160; // preamble and gap

export function nic_q(nic: usize, q: u32): usize { return nic + NIC_Q + q * NICQ_SIZE; }
function count(p: usize, n: u64): void { store<u64>(p, load<u64>(p) + n); }

/** A write to a register, or a frame, or a cause: the hardware looks again. */
export function nic_doorbell(nic: usize): void {
  sim_st(nic + NIC_DOORBELL, 1);
  const t: usize = load<u32>(nic, NIC_BLOCK);
  if (t && t != curthread()) wake_block(t, nic as u32, now());
}

/** Bit times of a frame of `len` bytes without CRC, in ps. */
function wire_ps(nic: usize, len: u32): u64 {
  const l: u64 = (len < MIN_FRAME ? MIN_FRAME : len) + CRC;
  return (8 * l + OVERHEAD_BITS) * load<u32>(nic, NIC_PS_PER_BIT);
}

/** Where a descriptor's buffer is; 0 when it is no memory that DMA may touch. */
function dma(nic: usize, addr: u32, len: u32): usize {
  if (addr >= (FIRST_FREE as u32) && (addr as u64) + len <= ((memory.size() as u64) << 16)) return addr;
  count(nic + NIC_STAT_DMA, 1);
  return 0;
}

/** One turn of the hardware: what the wire has finished, what comes next, interrupts that are due; then it sleeps. */
export function nic_iterate(nic: usize): void {
  sim_st(nic + NIC_DOORBELL, 0);
  sim_st(nic + NIC_INSIDE, 1);
  const time = now();
  let deadline = transmit(nic, time * 1000);
  if (load<u32>(nic, NIC_PARTNER) == NICP_SOURCE) {
    const d = generate(nic, time * 1000);
    if (d && (!deadline || d < deadline)) deadline = d;
  }
  deadline = (deadline + 999) / 1000;
  if (sim_ld(nic + NIC_EICR) && !sim_ld(nic + NIC_INTR_OFF)) {
    const at = load<u64>(nic, NIC_NEXT_INTR);
    if (time >= at) interrupt(nic, time);
    else if (!deadline || at < deadline) deadline = at;
  }
  sim_st(nic + NIC_INSIDE, 0);
  msleep(nic as u32, deadline, WM_HW);
  if (sim_ld(nic + NIC_DOORBELL)) unsleep();
}

/** MSI-X: the causes go to the interrupt thread, which wakes. */
function interrupt(nic: usize, time: u64): void {
  const causes = rmw_xchg(nic + NIC_EICR, 0, P_NIC_TAKE_EICR);
  store<u64>(nic, time + load<u32>(nic, NIC_ITR_NS), NIC_NEXT_INTR);
  count(nic + NIC_STAT_INTR, 1);
  rmw_or(nic + NIC_IRQ, causes, P_NIC_ST_IRQ);
  const ith: usize = load<u32>(nic, NIC_ITHREAD);
  if (ith) wake_block(ith, nic as u32 + 1, now());
}
function cause(nic: usize, bit: u32): void {
  if (!(rmw_or(nic + NIC_EICR, 1 << bit, P_NIC_EICR))) nic_doorbell(nic);
}

/** Frames whose last bit is out by `time` (ps) arrive; the next one starts. Answers when that will be out, 0 for never. */
function transmit(nic: usize, time: u64): u64 {
  while (true) {
    const cur = load<u32>(nic, NIC_CUR_Q);
    if (cur) {
      const end = load<u64>(nic, NIC_CUR_END);
      if (end > time) return end;
      store<u32>(nic, 0, NIC_CUR_Q);
      store<u64>(nic, end, NIC_TX_FREE);
      store<u32>(nic, 1, NIC_BACK_TO_BACK);
      sent(nic, cur - 1);
    }
    if (!sim_ld(nic + NIC_TXEN) || !load<u32>(nic, NIC_LINK)) return 0;
    const q = next_queue(nic);
    if (!q) { store<u32>(nic, 0, NIC_BACK_TO_BACK); return 0; }
    const d = load<u32>(nic_q(nic, q - 1), NICQ_TDBA) + load<u32>(nic_q(nic, q - 1), NICQ_TDH) * DESC_SIZE;
    const free = load<u64>(nic, NIC_TX_FREE);
    const start = load<u32>(nic, NIC_BACK_TO_BACK) || free > time ? free : time;
    store<u64>(nic, start + wire_ps(nic, load<u16>(d, DESC_LEN)), NIC_CUR_END);
    store<u32>(nic, q, NIC_CUR_Q);
  }
}

/** Queue + 1 whose frame goes next, in turns; 0 when none has any. */
function next_queue(nic: usize): u32 {
  const n = load<u32>(nic, NIC_NQ);
  let q = load<u32>(nic, NIC_NEXT_Q);
  for (let i: u32 = 0; i < n; i++, q = q + 1 < n ? q + 1 : 0) {
    const r = nic_q(nic, q), len = load<u32>(r, NICQ_TDLEN);
    if (!len) continue;
    const tail = ld(r + NICQ_TDT, P_NIC_TDT);
    if (tail >= len || ld(r + NICQ_TDH, P_NIC_TDH) == tail) continue; // a tail outside the ring stops the queue
    store<u32>(nic, q + 1 < n ? q + 1 : 0, NIC_NEXT_Q);
    return q + 1;
  }
  return 0;
}

/** A frame has left: to whoever is at the other end, then the descriptor is done. */
function sent(nic: usize, q: u32): void {
  const r = nic_q(nic, q), n = load<u32>(r, NICQ_TDLEN), i = load<u32>(r, NICQ_TDH);
  if (!sim_ld(nic + NIC_TXEN) || i >= n) return;
  const d = load<u32>(r, NICQ_TDBA) + i * DESC_SIZE, len: u32 = load<u16>(d, DESC_LEN), cmd = load<u32>(d, DESC_CMD);
  const buf = dma(nic, load<u32>(d, DESC_ADDR), len);
  if (buf) {
    const partner = load<u32>(nic, NIC_PARTNER);
    count(nic + NIC_STAT_GPTC, 1);
    count(nic + NIC_STAT_GOTC, (len < MIN_FRAME ? MIN_FRAME : len) + CRC);
    if (partner == NICP_PEER) {
      const peer: usize = load<u32>(nic, NIC_PEER);
      if (load<u32>(peer, NIC_LINK)) receive(peer, buf, len);
    } else if (partner == NICP_LOOP) receive(nic, buf, len);
  }
  if (cmd & DESC_RS) st(d + DESC_STATUS, DESC_DD, P_NIC_ST_DD);
  st(r + NICQ_TDH, i + 1 < n ? i + 1 : 0, P_NIC_ST_TDH);
  if (cmd & DESC_RS) cause(nic, NIC_TX_CAUSE + q);
}

/** A frame arrives at a NIC: address filter, a queue by its flow, DMA into the next descriptor, or it is missed. */
function receive(nic: usize, buf: usize, length: u32): void {
  const len = length < MIN_FRAME ? MIN_FRAME : length;
  const dst = load<u64>(buf) & 0xffffffffffff;
  if (!sim_ld(nic + NIC_RXEN)) { count(nic + NIC_STAT_MPC, 1); return; }
  if (len + CRC > load<u32>(nic, NIC_MAXFRS)) { count(nic + NIC_STAT_ROC, 1); return; }
  if (!(dst & 1) && dst != load<u64>(nic, NIC_MAC) && !load<u32>(nic, NIC_PROMISC)) { count(nic + NIC_STAT_FILTERED, 1); return; }
  const nq = load<u32>(nic, NIC_NQ), q = nq > 1 ? rss(buf, length) % nq : 0, r = nic_q(nic, q);
  const n = load<u32>(r, NICQ_RDLEN), head = n ? ld(r + NICQ_RDH, P_NIC_RDH) : 0;
  if (!n || head >= n || head == ld(r + NICQ_RDT, P_NIC_RDT)) { count(nic + NIC_STAT_MPC, 1); return; }
  const d = load<u32>(r, NICQ_RDBA) + head * DESC_SIZE, to = dma(nic, load<u32>(d, DESC_ADDR), len);
  if (to) {
    memory.copy(to, buf, length);
    if (length < MIN_FRAME) memory.fill(to + length, 0, MIN_FRAME - length);
  }
  count(nic + NIC_STAT_GPRC, 1);
  count(nic + NIC_STAT_GORC, len + CRC);
  store<u16>(d, (to ? len : 0) as u16, DESC_LEN);
  st(d + DESC_STATUS, DESC_DD, P_NIC_ST_STATUS);
  st(r + NICQ_RDH, head + 1 < n ? head + 1 : 0, P_NIC_ST_RDH);
  cause(nic, q);
}

/** A traffic source at the other end: frames of one length, back to back or at a rate; UDP ports walk through the flows. */
function generate(nic: usize, time: u64): u64 {
  const len = load<u32>(nic, NIC_SRC_LEN), frame = nic + NIC_FRAME, gap = load<u64>(nic, NIC_SRC_GAP), least = wire_ps(nic, len);
  if (!load<u32>(nic, NIC_LINK) || !sim_ld(nic + NIC_RXEN)) { store<u64>(nic, 0, NIC_SRC_NEXT); return 0; }
  let next = load<u64>(nic, NIC_SRC_NEXT);
  if (!next) next = time + least;
  while (next <= time) {
    const seq = load<u32>(nic, NIC_SRC_SEQ), flows = load<u32>(nic, NIC_SRC_FLOWS);
    if (len >= 46) store<u32>(frame + 42, bswap<u32>(seq));
    if (flows > 1) store<u16>(frame + 34, bswap<u16>((1024 + seq % flows) as u16)); // UDP source port
    store<u32>(nic, seq + 1, NIC_SRC_SEQ);
    receive(nic, frame, len);
    next += gap > least ? gap : least;
  }
  store<u64>(nic, next, NIC_SRC_NEXT);
  return next;
}

const KEY: StaticArray<u8> = [
  0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
  0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
];

/** Receive side scaling: Toeplitz's hash of an IPv4 frame's addresses and UDP or TCP ports, with the published key; else 0. */
export function rss(buf: usize, len: u32): u32 {
  if (len < 34 || load<u16>(buf + 12) != 0x0008 || load<u8>(buf + 14) != 0x45) return 0;
  const proto = load<u8>(buf + 23);
  const ports = (proto == 6 || proto == 17) && len >= 38 && !(bswap<u16>(load<u16>(buf + 20)) & 0x3fff);
  return toeplitz(buf + 26, ports ? 12 : 8);
}
/** Toeplitz's hash of `n` bytes, at most 36. */
export function toeplitz(p: usize, n: u32): u32 {
  const key = changetype<usize>(KEY);
  let hash: u32 = 0, window: u32 = bswap<u32>(load<u32>(key));
  for (let i: u32 = 0; i < n; i++) {
    const b: u32 = load<u8>(p + i), k: u32 = load<u8>(key + i + 4);
    for (let bit: i32 = 7; bit >= 0; bit--) {
      if (b >> bit & 1) hash ^= window;
      window = window << 1 | k >> bit & 1;
    }
  }
  return hash;
}

// The netmap core that both kernels run: ring prologues, finalize, the busy flag, a ring's repair.
// Mirrors netmap.c of 2015 (facts 2.2 to 2.5, 2.8). A ring's program owns head..tail; whoever holds nr_busy owns the kring.
// Kernel-specific is only what nm_sync does (kring.nm_sync) and how a thread is woken (td.wakeup, netmap_poll.ts).

import {
  KR_AS, KR_MEM, KR_MON, KR_NM_SYNC, KR_NR_BUSY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_RCUR, KR_RHEAD, KR_RING, KR_RTAIL,
  KR_STAT_REINIT, KR_STAT_SYNC, KR_STOPPED, MEM_BASE, MEM_POOL, MEM_POOL_SIZE, POOL_BUF, POOL_OBJSIZE, POOL_OBJTOTAL,
  POOL_OFFSET, RING_CUR, RING_HEAD, RING_SLOT, RING_TAIL, SLOT_BUF_IDX, SLOT_LEN, SLOT_SIZE,
} from "../layout";
import {
  COST_SYNC, P_FIN_HWTAIL, P_FIN_TAIL, P_KR_PUT, P_KR_TRYGET_BUSY, P_KR_TRYGET_STOPPED, P_KR_TRYGET_STOPPED2, P_REINIT_CUR,
  P_REINIT_HEAD, P_REINIT_HWCUR, P_REINIT_HWTAIL, P_REINIT_ST_CUR, P_REINIT_ST_HEAD, P_REINIT_ST_TAIL, P_REINIT_TAIL,
  P_RXPRO_CUR, P_RXPRO_HEAD, P_RXPRO_HWCUR, P_RXPRO_HWTAIL, P_RXPRO_TAIL, P_TXPRO_CUR, P_TXPRO_HEAD, P_TXPRO_HWCUR,
  P_TXPRO_HWTAIL, P_TXPRO_TAIL,
} from "../points";
import { charge, ld, rmw_xchg, st, store_order } from "../sim/shared";
import { va } from "./mmu";
import { capture_rx, capture_tx } from "./netmap_capture";

export const NM_KR_BUSY: u32 = 1;
export const NM_KR_STOPPED: u32 = 2;

/** Address of the ring header as a pointer of this machine. */
export function kr_ring(kr: usize): usize { return va(load<u32>(kr, KR_AS), load<u32>(kr, KR_RING)); }
/** Slot i of a kring's ring. */
export function kr_slot(kr: usize, i: u32): usize {
  return va(load<u32>(kr, KR_AS), load<u32>(kr, KR_RING) + RING_SLOT + i * SLOT_SIZE);
}
/** Next and previous index in a ring of n slots. */
export function nm_next(i: u32, lim: u32): u32 { return i == lim ? 0 : i + 1; }
export function nm_prev(i: u32, lim: u32): u32 { return i == 0 ? lim : i - 1; }

/** nm_kr_tryget: 0 taken, NM_KR_BUSY, NM_KR_STOPPED (facts 2.8). */
export function nm_kr_tryget(kr: usize): u32 {
  if (ld(kr + KR_STOPPED, P_KR_TRYGET_STOPPED)) return NM_KR_STOPPED;
  const busy = rmw_xchg(kr + KR_NR_BUSY, 1, P_KR_TRYGET_BUSY);
  if (ld(kr + KR_STOPPED, P_KR_TRYGET_STOPPED2)) {
    if (!busy) nm_kr_put(kr);
    return NM_KR_STOPPED;
  }
  return busy ? NM_KR_BUSY : 0;
}
/** nm_kr_put: gives the kring back, by a store-release (NM_ATOMIC_CLEAR). */
export function nm_kr_put(kr: usize): void {
  store_order();
  st(kr + KR_NR_BUSY, 0, P_KR_PUT);
}

/** What nm_txsync_prologue thinks of an index pair, from a ring or from a CSB. A head of n or more may pass: its comparisons are plain. */
export function nm_txsync_check(kr: usize, head: u32, cur: u32): bool {
  const n = load<u32>(kr, KR_NUM_SLOTS);
  const rhead = load<u32>(kr, KR_RHEAD), rtail = load<u32>(kr, KR_RTAIL);
  if (ld(kr + KR_NR_HWCUR, P_TXPRO_HWCUR) >= n || rhead >= n || rtail >= n || ld(kr + KR_NR_HWTAIL, P_TXPRO_HWTAIL) >= n)
    return false;
  if (rtail >= rhead) {
    if (head < rhead || head > rtail) return false;
    if (cur < head || cur > rtail) return false;
  } else {
    if (head > rtail && head < rhead) return false;
    if (head <= rtail) {
      if (cur < head || cur > rtail) return false;
    } else if (cur > rtail && cur < head) return false;
  }
  return true;
}

/** nm_txsync_prologue: head on success, n on failure (facts 2.2, plain comparisons and their quirks kept). */
export function nm_txsync_prologue(kr: usize): u32 {
  const ring = kr_ring(kr), n = load<u32>(kr, KR_NUM_SLOTS), rtail = load<u32>(kr, KR_RTAIL);
  const head = ld(ring + RING_HEAD, P_TXPRO_HEAD), cur = ld(ring + RING_CUR, P_TXPRO_CUR);
  if (!nm_txsync_check(kr, head, cur)) return n;
  if (ld(ring + RING_TAIL, P_TXPRO_TAIL) != rtail) store<u32>(ring, rtail, RING_TAIL);
  store<u32>(kr, head, KR_RHEAD);
  store<u32>(kr, cur, KR_RCUR);
  return head;
}

/** What nm_rxsync_prologue thinks of an index pair. rcur and rhead are stored before validation (facts 2.3). */
export function nm_rxsync_check(kr: usize, head: u32, cur: u32): bool {
  const n = load<u32>(kr, KR_NUM_SLOTS);
  store<u32>(kr, head, KR_RHEAD);
  store<u32>(kr, cur, KR_RCUR);
  const hwcur = ld(kr + KR_NR_HWCUR, P_RXPRO_HWCUR), hwtail = ld(kr + KR_NR_HWTAIL, P_RXPRO_HWTAIL);
  if (hwcur >= n || hwtail >= n) return false;
  if (hwtail >= hwcur) {
    if (head < hwcur || head > hwtail) return false;
  } else if (head < hwcur && head > hwtail) return false;
  if (head <= hwtail) {
    if (cur < head || cur > hwtail) return false;
  } else if (cur < head && cur > hwtail) return false;
  return true;
}

/** nm_rxsync_prologue: head on success, n on failure. */
export function nm_rxsync_prologue(kr: usize): u32 {
  const ring = kr_ring(kr), n = load<u32>(kr, KR_NUM_SLOTS);
  const head = ld(ring + RING_HEAD, P_RXPRO_HEAD), cur = ld(ring + RING_CUR, P_RXPRO_CUR);
  if (!nm_rxsync_check(kr, head, cur)) return n;
  const rtail = load<u32>(kr, KR_RTAIL);
  if (ld(ring + RING_TAIL, P_RXPRO_TAIL) != rtail) store<u32>(ring, rtail, RING_TAIL);
  return head;
}

/** netmap_ring_reinit: repairs slots and, if an index was out of range, resets the ring (facts 2.4). */
export function netmap_ring_reinit(kr: usize): u32 {
  const ring = kr_ring(kr), n = load<u32>(kr, KR_NUM_SLOTS);
  const head = ld(ring + RING_HEAD, P_REINIT_HEAD), cur = ld(ring + RING_CUR, P_REINIT_CUR);
  const tail = ld(ring + RING_TAIL, P_REINIT_TAIL);
  store<u32>(kr, head, KR_RHEAD);
  store<u32>(kr, cur, KR_RCUR);
  store<u32>(kr, tail, KR_RTAIL);
  const errors: u32 = (head >= n ? 1 : 0) + (cur >= n ? 1 : 0) + (tail >= n ? 1 : 0);
  const buftotal = load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJTOTAL);
  const bufsize = load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJSIZE);
  for (let i: u32 = 0; i < n; i++) {
    const slot = kr_slot(kr, i), idx = load<u32>(slot, SLOT_BUF_IDX);
    if (idx < 2 || idx >= buftotal) { store<u32>(slot, 0, SLOT_BUF_IDX); store<u16>(slot, 0, SLOT_LEN); }
    else if (load<u16>(slot, SLOT_LEN) > bufsize) store<u16>(slot, 0, SLOT_LEN);
  }
  store<u64>(kr, load<u64>(kr, KR_STAT_REINIT) + 1, KR_STAT_REINIT);
  if (!errors) return 0;
  const hwcur = ld(kr + KR_NR_HWCUR, P_REINIT_HWCUR), hwtail = ld(kr + KR_NR_HWTAIL, P_REINIT_HWTAIL);
  store<u32>(kr, hwcur, KR_RHEAD);
  store<u32>(kr, hwcur, KR_RCUR);
  store<u32>(kr, hwtail, KR_RTAIL);
  st(ring + RING_HEAD, hwcur, P_REINIT_ST_HEAD);
  st(ring + RING_CUR, hwcur, P_REINIT_ST_CUR);
  st(ring + RING_TAIL, hwtail, P_REINIT_ST_TAIL);
  return 1;
}

/** nm_sync_finalize: publishes tail. */
export function nm_sync_finalize(kr: usize): void {
  const hwtail = ld(kr + KR_NR_HWTAIL, P_FIN_HWTAIL);
  if (load<u32>(kr, KR_MON)) capture_rx(kr, hwtail);
  store<u32>(kr, hwtail, KR_RTAIL);
  st(kr_ring(kr) + RING_TAIL, hwtail, P_FIN_TAIL);
}

/** The kring's nm_sync, through its op. */
export function nm_sync(kr: usize, flags: u32): u32 {
  charge(COST_SYNC);
  store<u64>(kr, load<u64>(kr, KR_STAT_SYNC) + 1, KR_STAT_SYNC);
  if (load<u32>(kr, KR_MON)) capture_tx(kr);
  return call_indirect<u32>(load<u32>(kr, KR_NM_SYNC), kr, flags);
}

/** Buffer of a slot; a bad index resolves to buffer 0 (NETMAP_BUF_BASE), that is how it is neutralised. */
export function nmb(kr: usize, slot: usize): usize {
  const mem: usize = load<u32>(kr, KR_MEM), pool = mem + MEM_POOL + POOL_BUF * MEM_POOL_SIZE;
  const idx = load<u32>(slot, SLOT_BUF_IDX);
  const base = load<u32>(mem, MEM_BASE) + load<u32>(pool, POOL_OFFSET);
  return idx >= load<u32>(pool, POOL_OBJTOTAL) ? base : base + idx * load<u32>(pool, POOL_OBJSIZE);
}

// netmap pipes, 2015: slot swapping. Mirrors netmap_pipe.c (facts 4.2). TX ring of one end is cross-connected with
// the RX ring of the other. The sender's thread writes rx.hwtail, the receiver's thread writes rx.hwcur.

import {
  KR_NM_NOTIFY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_PIPE, KR_RHEAD, KR_STAT_BYTES, KR_STAT_PACKETS,
  NS_BUF_CHANGED, SLOT_FLAGS, SLOT_LEN,
} from "../layout";
import {
  COST_SYNC_SLOT, P_PIPE_RX_FENCE, P_PIPE_RX_HWCUR, P_PIPE_RX_ST_HWCUR, P_PIPE_TX_FENCE, P_PIPE_TX_HWCUR,
  P_PIPE_TX_RX_HWCUR, P_PIPE_TX_RX_HWTAIL, P_PIPE_TX_ST_HWCUR, P_PIPE_TX_ST_HWTAIL, P_PIPE_TX_ST_RX_HWTAIL,
} from "../points";
import { kr_ring, kr_slot, nm_next, nm_prev } from "./netmap_kern";
import { charge, fence, ld, own_kernel, st } from "../sim/shared";

/** netmap_pipe_txsync: moves whole slots to the peer's RX ring, as many as its free space holds. */
export function netmap_pipe_txsync(txkr: usize, flags: u32): u32 {
  const rxkr: usize = load<u32>(txkr, KR_PIPE), lim = load<u32>(txkr, KR_NUM_SLOTS) - 1;
  let k = ld(txkr + KR_NR_HWCUR, P_PIPE_TX_HWCUR), j = ld(rxkr + KR_NR_HWTAIL, P_PIPE_TX_RX_HWTAIL);
  let busy = (j as i32) - (ld(rxkr + KR_NR_HWCUR, P_PIPE_TX_RX_HWCUR) as i32);
  if (busy < 0) busy += lim + 1;
  let m = (load<u32>(txkr, KR_RHEAD) as i32) - (k as i32);
  if (m < 0) m += lim + 1;
  let limit = (lim as i32) - busy; // one slot always stays empty
  if (m < limit) limit = m;
  if (limit <= 0) return 0;
  const txring = kr_ring(txkr), rxring = kr_ring(rxkr);
  let bytes: u64 = 0;
  for (let i = limit; i > 0; i--) {
    own_kernel(txring, k);
    own_kernel(rxring, j);
    const ts = kr_slot(txkr, k), rs = kr_slot(rxkr, j);
    const lo = load<u64>(rs), hi = load<u64>(rs, 8);
    bytes += load<u16>(ts, SLOT_LEN);
    store<u64>(rs, load<u64>(ts));
    store<u64>(rs, load<u64>(ts, 8), 8);
    store<u64>(ts, lo);
    store<u64>(ts, hi, 8);
    store<u16>(rs, load<u16>(rs, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
    store<u16>(ts, load<u16>(ts, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
    charge(COST_SYNC_SLOT);
    k = nm_next(k, lim);
    j = nm_next(j, lim);
  }
  const sent = limit as u64;
  store<u64>(txkr, load<u64>(txkr, KR_STAT_PACKETS) + sent, KR_STAT_PACKETS);
  store<u64>(txkr, load<u64>(txkr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
  store<u64>(rxkr, load<u64>(rxkr, KR_STAT_PACKETS) + sent, KR_STAT_PACKETS);
  store<u64>(rxkr, load<u64>(rxkr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
  fence(P_PIPE_TX_FENCE); // slots before indices
  st(rxkr + KR_NR_HWTAIL, j, P_PIPE_TX_ST_RX_HWTAIL);
  st(txkr + KR_NR_HWCUR, k, P_PIPE_TX_ST_HWCUR);
  st(txkr + KR_NR_HWTAIL, nm_prev(k, lim), P_PIPE_TX_ST_HWTAIL);
  call_indirect<u32>(load<u32>(rxkr, KR_NM_NOTIFY), rxkr, 0 as u32);
  return 0;
}

/** netmap_pipe_rxsync: gives slots back; a blocked sender hears of it. */
export function netmap_pipe_rxsync(rxkr: usize, flags: u32): u32 {
  const old = ld(rxkr + KR_NR_HWCUR, P_PIPE_RX_HWCUR), head = load<u32>(rxkr, KR_RHEAD);
  st(rxkr + KR_NR_HWCUR, head, P_PIPE_RX_ST_HWCUR);
  fence(P_PIPE_RX_FENCE);
  if (old != head) {
    const txkr: usize = load<u32>(rxkr, KR_PIPE);
    call_indirect<u32>(load<u32>(txkr, KR_NM_NOTIFY), txkr, 0 as u32);
  }
  return 0;
}

/** Sync of a ring that moves nothing (a port not attached, a fake ring). */
export function netmap_null_sync(kr: usize, flags: u32): u32 { return 0; }

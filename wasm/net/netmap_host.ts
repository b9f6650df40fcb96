// Host rings: what the stack sends while a NIC is in netmap mode is received from the host RX ring, what is put into the host
// TX ring is received by the stack. Mirrors netmap_transmit, netmap_txsync_to_host, netmap_rxsync_from_host and transparent
// forwarding of netmap.c, 2015 (facts netmap 2.12). KR_HW of the host RX kring is the queue between the two.

import {
  IF_STAT_OQDROPS, KR_FWD, KR_HW, KR_MEM, KR_NA, KR_NM_NOTIFY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_RHEAD, KR_RTAIL, KR_SIZE,
  KR_STAT_BYTES, KR_STAT_DROPS, KR_STAT_PACKETS, KR_USERS, MEM_POOL, MEM_POOL_SIZE, MQ_LEN, MQ_LOCK, M_DATA, M_FWD, M_LEN,
  M_NEXT, NAF_NETMAP_ON, NA_FLAGS, NA_HW, NA_NUM_RX_RINGS, NA_NUM_TX_RINGS, NA_RX_RINGS, NA_TX_RINGS, NR_FORWARD, NS_BUF_CHANGED,
  NS_FORWARD, POOL_BUF, POOL_OBJSIZE, POOL_OBJTOTAL, RING_CUR, RING_FLAGS, RING_HEAD, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SYNC_SLOT, P_FWD_HEAD, P_FWD_HWCUR, P_FWD_ST_CUR, P_FWD_ST_HEAD, P_HRX_HWCUR, P_HRX_HWTAIL, P_HRX_LOCK,
  P_HRX_ST_HWCUR, P_HRX_ST_HWTAIL, P_HRX_UNLOCK, P_HTX_HWCUR, P_HTX_ST_HWCUR, P_HTX_ST_HWTAIL, P_NMTX_HWCUR, P_NMTX_HWTAIL, P_NMTX_LOCK,
  P_NMTX_UNLOCK,
} from "../points";
import { kern } from "./kern";
import { kr_ring, kr_slot, nm_kr_put, nm_kr_tryget, nm_next, nm_prev, nmb } from "./netmap_kern";
import { pkt_copy } from "./netmap_user";
import { charge, ld, lock_word, own_kernel, own_user, st, unlock_word } from "../sim/shared";
import { ENOBUFS, count, ether_up, net_rlock, net_runlock } from "./ifnet";
import { m_copy_of, m_free, mq_append, mq_take } from "./mbuf";

const ENXIO: u32 = 6;
const EINVAL: u32 = 22;

/** The buffer size and number of buffers of a kring's allocator. */
export function buf_size(kr: usize): u32 { return load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJSIZE); }
function buf_total(kr: usize): u32 { return load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJTOTAL); }
/** Whether a slot's buffer and length make a frame: at least a header, at most a buffer. */
export function good_slot(kr: usize, slot: usize): bool {
  const idx = load<u32>(slot, SLOT_BUF_IDX), len: u32 = load<u16>(slot, SLOT_LEN);
  return idx >= 2 && idx < buf_total(kr) && len >= 14 && len <= buf_size(kr);
}

/** netmap_transmit: the stack sends on an interface in netmap mode. Takes the mbuf. */
export function netmap_transmit(na: usize, ifp: usize, m: usize): u32 {
  const kr: usize = load<u32>(na, NA_RX_RINGS) + load<u32>(na, NA_NUM_RX_RINGS) * KR_SIZE, q: usize = load<u32>(kr, KR_HW);
  if (!q || !(load<u32>(na, NA_FLAGS) & NAF_NETMAP_ON)) { m_free(m); return ENXIO; }
  const len = load<u32>(m, M_LEN), n = load<u32>(kr, KR_NUM_SLOTS);
  if (len > buf_size(kr)) {
    count(kr + KR_STAT_DROPS, 1);
    m_free(m);
    return EINVAL;
  }
  lock_word(q + MQ_LOCK, P_NMTX_LOCK);
  let busy = (ld(kr + KR_NR_HWTAIL, P_NMTX_HWTAIL) as i32) - (ld(kr + KR_NR_HWCUR, P_NMTX_HWCUR) as i32);
  if (busy < 0) busy += n;
  const full = (busy as u32) + load<u32>(q, MQ_LEN) >= n - 1;
  if (!full) mq_append(q, m);
  unlock_word(q + MQ_LOCK, P_NMTX_UNLOCK);
  if (full) {
    count(kr + KR_STAT_DROPS, 1);
    count(ifp + IF_STAT_OQDROPS, 1);
    m_free(m);
    return ENOBUFS;
  }
  call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
  return 0;
}

/** netmap_grab_packets and netmap_send_up: frames of slots from..end go to the stack; only marked ones unless `all`. */
function send_up(kr: usize, from: u32, end: u32, all: bool): void {
  const ifp: usize = load<u32>(load<u32>(kr, KR_NA), NA_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, ring = kr_ring(kr);
  for (let i = from; i != end; i = nm_next(i, lim)) {
    own_kernel(ring, i);
    const slot = kr_slot(kr, i), flags: u32 = load<u16>(slot, SLOT_FLAGS);
    if (!all && !(flags & NS_FORWARD)) continue;
    if (!ifp || !good_slot(kr, slot)) { count(kr + KR_STAT_DROPS, 1); continue; }
    store<u16>(slot, (flags & ~NS_FORWARD) as u16, SLOT_FLAGS);
    const m = m_copy_of(nmb(kr, slot), load<u16>(slot, SLOT_LEN));
    if (!m) { count(kr + KR_STAT_DROPS, 1); break; } // no mbufs: the rest is lost
    count(kr + KR_STAT_BYTES, load<u16>(slot, SLOT_LEN));
    ether_up(ifp, m);
  }
}

/** netmap_txsync_to_host: all new slots go up at once, so all of the ring is free again. */
export function netmap_txsync_to_host(kr: usize, flags: u32): u32 {
  const lim = load<u32>(kr, KR_NUM_SLOTS) - 1, head = load<u32>(kr, KR_RHEAD), hwcur = ld(kr + KR_NR_HWCUR, P_HTX_HWCUR);
  if (hwcur != head) {
    if (load<u32>(load<u32>(kr, KR_NA), NA_HW)) { // else no stack has this interface
      net_rlock();
      send_up(kr, hwcur, head, true);
      net_runlock();
    }
    let n = (head as i32) - (hwcur as i32);
    if (n < 0) n += lim + 1;
    count(kr + KR_STAT_PACKETS, n);
  }
  st(kr + KR_NR_HWCUR, head, P_HTX_ST_HWCUR);
  st(kr + KR_NR_HWTAIL, nm_prev(head, lim), P_HTX_ST_HWTAIL);
  return 0;
}

/** netmap_rxsync_from_host: imports what the stack has sent, then releases; what is to be forwarded goes on to the NIC. */
export function netmap_rxsync_from_host(kr: usize, flags: u32): u32 {
  const q: usize = load<u32>(kr, KR_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, head = load<u32>(kr, KR_RHEAD), ring = kr_ring(kr);
  const hwcur = ld(kr + KR_NR_HWCUR, P_HRX_HWCUR);
  if (!q) return 0;
  let done: usize = 0, packets: u64 = 0, bytes: u64 = 0;
  lock_word(q + MQ_LOCK, P_HRX_LOCK);
  const first = ld(kr + KR_NR_HWTAIL, P_HRX_HWTAIL), stop = nm_prev(hwcur, lim);
  let i = first;
  while (i != stop) {
    const m = mq_take(q);
    if (!m) break;
    own_kernel(ring, i);
    const slot = kr_slot(kr, i), len = load<u32>(m, M_LEN);
    pkt_copy(nmb(kr, slot), m + M_DATA, (len + 63) & ~63);
    charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
    store<u16>(slot, len as u16, SLOT_LEN);
    store<u16>(slot, 0, SLOT_FLAGS);
    store<u32>(m, done as u32, M_NEXT);
    done = m;
    packets++;
    bytes += len;
    i = nm_next(i, lim);
  }
  if (i != first) st(kr + KR_NR_HWTAIL, i, P_HRX_ST_HWTAIL);
  unlock_word(q + MQ_LOCK, P_HRX_UNLOCK);
  while (done) {
    const next: usize = load<u32>(done, M_NEXT);
    m_free(done);
    done = next;
  }
  count(kr + KR_STAT_PACKETS, packets);
  count(kr + KR_STAT_BYTES, bytes);
  if (hwcur != head) {
    if ((load<u32>(kern(), M_FWD) || (load<u32>(ring, RING_FLAGS) & NR_FORWARD)) && sw_to_nic(kr, hwcur, head)) store<u32>(kr, 1, KR_FWD);
    st(kr + KR_NR_HWCUR, head, P_HRX_ST_HWCUR);
  }
  return 0;
}

/**
 * netmap_sw_to_nic: released slots of the host ring change buffers with free slots of the NIC's TX rings, in the name of
 * their program, which is in poll. A ring that somebody syncs at the same time is left out: its indices are not ours.
 */
function sw_to_nic(kr: usize, from: u32, end: u32): u32 {
  const na: usize = load<u32>(kr, KR_NA), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, all = load<u32>(kern(), M_FWD) != 0;
  let i = from, sent: u32 = 0;
  for (let r: u32 = 0; r < load<u32>(na, NA_NUM_TX_RINGS) && i != end; r++) {
    const dkr: usize = load<u32>(na, NA_TX_RINGS) + r * KR_SIZE, dlim = load<u32>(dkr, KR_NUM_SLOTS) - 1;
    if (!load<u32>(dkr, KR_USERS) || nm_kr_tryget(dkr)) continue;
    const dring = kr_ring(dkr), tail = load<u32>(dkr, KR_RTAIL);
    let head = ld(dring + RING_HEAD, P_FWD_HEAD);
    const before = head;
    for (; i != end && head != tail && head <= dlim; i = nm_next(i, lim)) {
      const src = kr_slot(kr, i);
      if (!all && !(load<u16>(src, SLOT_FLAGS) & NS_FORWARD)) continue;
      if (!good_slot(kr, src)) continue;
      own_user(dring, head);
      const dst = kr_slot(dkr, head), idx = load<u32>(dst, SLOT_BUF_IDX);
      store<u32>(dst, load<u32>(src, SLOT_BUF_IDX), SLOT_BUF_IDX);
      store<u16>(dst, load<u16>(src, SLOT_LEN), SLOT_LEN);
      store<u16>(dst, NS_BUF_CHANGED, SLOT_FLAGS);
      store<u32>(src, idx, SLOT_BUF_IDX);
      store<u16>(src, NS_BUF_CHANGED, SLOT_FLAGS);
      charge(COST_SYNC_SLOT);
      head = nm_next(head, dlim);
      sent++;
    }
    if (head != before) {
      st(dring + RING_CUR, head, P_FWD_ST_CUR);
      st(dring + RING_HEAD, head, P_FWD_ST_HEAD);
    }
    nm_kr_put(dkr);
  }
  return sent;
}

/** Transparent forwarding upwards: what the program releases from a NIC ring now, before its rxsync. */
export function netmap_forward_up(kr: usize): void {
  const hwcur = ld(kr + KR_NR_HWCUR, P_FWD_HWCUR), head = load<u32>(kr, KR_RHEAD), n = load<u32>(kr, KR_NUM_SLOTS);
  if (hwcur == head || hwcur >= n || head >= n) return;
  net_rlock();
  send_up(kr, hwcur, head, load<u32>(kern(), M_FWD) != 0);
  net_runlock();
}

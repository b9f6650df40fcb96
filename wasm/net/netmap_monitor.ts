// Monitors: look on at the rings of a port that is in netmap mode. Mirrors netmap_monitor.c of 2015 (facts netmap 4.4). A
// monitor's callbacks stand in the place of the monitored kring's own, which are kept in its page of monitors (MON_*); they are
// called with that kring taken, so nobody joins or leaves meanwhile. A monitor's RX ring i gets what passes TX ring i, RX ring i
// or both: two writers, under its q_lock; they write hwtail, the monitor's own rxsync writes hwcur.
//   copy:      TX slots before they are sent, RX slots as soon as they have come; each monitor a copy.
//   zero-copy: TX slots once they are free again, RX slots as they are released; the buffers change places.
// A monitor that is slow misses the oldest of a batch; nobody waits for it.

import {
  KR_MEM, KR_MONITORS, KR_NA, KR_NM_NOTIFY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_Q_LOCK, KR_RHEAD, KR_STAT_BYTES, KR_STAT_COPIES,
  KR_STAT_DROPS, KR_STAT_PACKETS, KR_TX, MEM_POOL, MEM_POOL_SIZE, MON_LIST, MON_N, MON_NM_NOTIFY, MON_NM_SYNC, MON_TAIL, NAF_FORCE_READ,
  NA_PARENT, NR_TX, NS_BUF_CHANGED, NS_MOREFRAG, NS_TXMON, POOL_BUF, POOL_OBJSIZE, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SYNC_SLOT, P_MON_FENCE, P_MON_HWCUR, P_MON_HWTAIL, P_MON_LOCK, P_MON_RXSYNC_MB, P_MON_RXSYNC_ST_HWCUR,
  P_MON_RX_HWTAIL, P_MON_ST_HWTAIL, P_MON_TX_HWCUR, P_MON_UNLOCK, P_ZMON_RX_HWCUR, P_ZMON_TX_HWTAIL, P_ZMON_TX_HWTAIL2,
} from "../points";
import { charge, fence, ld, lock_word, own_kernel, st, unlock_word } from "../sim/shared";
import { kr_ring, kr_slot, netmap_ring_reinit, nm_kr_put, nm_kr_tryget, nm_next, nmb } from "./netmap_kern";
import { pkt_copy } from "./netmap_user";

const EIO: u32 = 5;
/** What a slot tells of its packet; the rest of the flags is between a port and its user. */
const PACKET_FLAGS: u32 = NS_MOREFRAG | 0xff00;

function between(from: u32, to: u32, n: u32): u32 { return to >= from ? to - from : to + n - from; }
function count(p: usize, n: u64): void { store<u64>(p, load<u64>(p) + n); }
function buf_size(kr: usize): u32 { return load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJSIZE); }
function own_sync(kr: usize, mon: usize, flags: u32): u32 { return call_indirect<u32>(load<u32>(mon, MON_NM_SYNC), kr, flags); }

/** `many` slots of a kring from `from` on to one monitor: the last ones that fit. */
function pass_on(kr: usize, mkr: usize, from: u32, many: u32, swap: bool): void {
  const lim = load<u32>(kr, KR_NUM_SLOTS) - 1, mlim = load<u32>(mkr, KR_NUM_SLOTS) - 1, from_tx: u32 = load<u32>(kr, KR_TX) == NR_TX ? NS_TXMON : 0;
  lock_word(mkr + KR_Q_LOCK, P_MON_LOCK);
  let i = ld(mkr + KR_NR_HWTAIL, P_MON_HWTAIL);
  const room = mlim - between(ld(mkr + KR_NR_HWCUR, P_MON_HWCUR), i, mlim + 1), fit = many < room ? many : room;
  let j = from + (many - fit);
  if (j > lim) j -= lim + 1;
  count(mkr + KR_STAT_DROPS, many - fit);
  if (fit) {
    const ring = kr_ring(kr), mring = kr_ring(mkr), size = buf_size(kr), msize = buf_size(mkr), most = size < msize ? size : msize;
    let bytes: u64 = 0;
    for (let left = fit; left; left--) {
      own_kernel(ring, j);
      own_kernel(mring, i);
      const s = kr_slot(kr, j), ms = kr_slot(mkr, i);
      let len: u32 = load<u16>(s, SLOT_LEN);
      if (swap) {
        const buf = load<u32>(ms, SLOT_BUF_IDX);
        store<u32>(ms, load<u32>(s, SLOT_BUF_IDX), SLOT_BUF_IDX);
        store<u32>(s, buf, SLOT_BUF_IDX);
        store<u16>(s, load<u16>(ms, SLOT_LEN), SLOT_LEN);
        charge(COST_SYNC_SLOT);
      } else {
        if (len > most) len = most; // what no buffer holds is cut
        pkt_copy(nmb(mkr, ms), nmb(kr, s), (len + 63) & ~63);
        charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
      }
      store<u16>(ms, len as u16, SLOT_LEN);
      store<u16>(ms, (load<u16>(s, SLOT_FLAGS) & PACKET_FLAGS | from_tx | (swap ? NS_BUF_CHANGED : 0)) as u16, SLOT_FLAGS);
      if (swap) store<u16>(s, load<u16>(s, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
      bytes += len;
      j = nm_next(j, lim);
      i = nm_next(i, mlim);
    }
    count(mkr + KR_STAT_PACKETS, fit);
    count(mkr + KR_STAT_BYTES, bytes);
    if (!swap) count(mkr + KR_STAT_COPIES, fit);
    fence(P_MON_FENCE);
    st(mkr + KR_NR_HWTAIL, i, P_MON_ST_HWTAIL);
  }
  unlock_word(mkr + KR_Q_LOCK, P_MON_UNLOCK);
  if (fit) call_indirect<u32>(load<u32>(mkr, KR_NM_NOTIFY), mkr, 0 as u32);
}

/** netmap_monitor_parent_sync: to every copy monitor of the kring. */
function to_all(kr: usize, mon: usize, from: u32, many: u32): void {
  if (!many) return;
  const n = load<u32>(mon, MON_N);
  for (let k: u32 = 0; k < n; k++) pass_on(kr, load<u32>(mon + k * 4, MON_LIST), from, many, false);
}

/** Copy monitors, TX: what is about to be sent. Slots that the port then does not take are seen again the next time. */
export function netmap_monitor_parent_txsync(kr: usize, flags: u32): u32 {
  const mon: usize = load<u32>(kr, KR_MONITORS), from = ld(kr + KR_NR_HWCUR, P_MON_TX_HWCUR);
  to_all(kr, mon, from, between(from, load<u32>(kr, KR_RHEAD), load<u32>(kr, KR_NUM_SLOTS)));
  return own_sync(kr, mon, flags);
}

/** Copy monitors, RX: what has come since the last look. */
export function netmap_monitor_parent_rxsync(kr: usize, flags: u32): u32 {
  const mon: usize = load<u32>(kr, KR_MONITORS), error = own_sync(kr, mon, flags);
  if (error) return error;
  const tail = ld(kr + KR_NR_HWTAIL, P_MON_RX_HWTAIL), from = load<u32>(mon, MON_TAIL);
  to_all(kr, mon, from, between(from, tail, load<u32>(kr, KR_NUM_SLOTS)));
  store<u32>(mon, tail, MON_TAIL);
  return 0;
}

/** Copy monitors, RX: the port has something; its application may be asleep, so the sync is done here. Busy: its holder does it. */
export function netmap_monitor_parent_notify(kr: usize, flags: u32): u32 {
  const mon: usize = load<u32>(kr, KR_MONITORS);
  if (!nm_kr_tryget(kr)) {
    if (load<u32>(mon, MON_N)) netmap_monitor_parent_rxsync(kr, NAF_FORCE_READ);
    nm_kr_put(kr);
  }
  return call_indirect<u32>(load<u32>(mon, MON_NM_NOTIFY), kr, flags);
}

/** The zero-copy monitor, TX: slots that are free for the sender again give it their buffers. */
export function netmap_zmon_parent_txsync(kr: usize, flags: u32): u32 {
  const mon: usize = load<u32>(kr, KR_MONITORS), from = ld(kr + KR_NR_HWTAIL, P_ZMON_TX_HWTAIL), error = own_sync(kr, mon, flags);
  if (error) return error;
  const many = between(from, ld(kr + KR_NR_HWTAIL, P_ZMON_TX_HWTAIL2), load<u32>(kr, KR_NUM_SLOTS));
  if (many) pass_on(kr, load<u32>(mon, MON_LIST), from, many, true);
  return 0;
}

/** The zero-copy monitor, RX: slots that the application releases now, as it leaves them. */
export function netmap_zmon_parent_rxsync(kr: usize, flags: u32): u32 {
  const mon: usize = load<u32>(kr, KR_MONITORS), n = load<u32>(kr, KR_NUM_SLOTS), head = load<u32>(kr, KR_RHEAD);
  const from = ld(kr + KR_NR_HWCUR, P_ZMON_RX_HWCUR), many = head < n ? between(from, head, n) : 0;
  if (many) pass_on(kr, load<u32>(mon, MON_LIST), from, many, true);
  return own_sync(kr, mon, flags);
}

/** A monitor sends nothing. */
export function netmap_monitor_txsync(kr: usize, flags: u32): u32 { return EIO; }

/** Releases; EIO once the port has left netmap mode. */
export function netmap_monitor_rxsync(kr: usize, flags: u32): u32 {
  if (!load<u32>(load<u32>(kr, KR_NA), NA_PARENT)) return EIO;
  const head = load<u32>(kr, KR_RHEAD);
  if (head >= load<u32>(kr, KR_NUM_SLOTS)) return netmap_ring_reinit(kr);
  fence(P_MON_RXSYNC_MB);
  st(kr + KR_NR_HWCUR, head, P_MON_RXSYNC_ST_HWCUR);
  return 0;
}

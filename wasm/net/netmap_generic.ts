// Emulated ("generic") netmap ports: netmap over any interface, by its if_transmit and its input. Mirrors netmap_generic.c of
// 2015 (facts netmap 2.11). TX: KR_HW is an array with an mbuf a slot, of which the port keeps one reference; the kring's
// holder writes it. RX: KR_HW is the packet queue, its lock guards it and its mitigation timer.

import {
  ACC_WAKEUP, KR_HW, KR_NM_NOTIFY, KR_NA, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NR_KFLAGS, KR_NUM_SLOTS, KR_RCUR, KR_RHEAD,
  KR_STAT_BYTES, KR_STAT_COPIES, KR_STAT_DROPS, KR_STAT_PACKETS, KR_STOPPED, MIT_AT, MIT_KR, MIT_PENDING, MQ_HEAD, MQ_LEN, MQ_LIMIT,
  MQ_LOCK, M_COOKIE, M_DATA, M_GENERIC_MIT, M_LEN, M_NO_PENDINTR, M_REFS, NAF_FORCE_READ, NAF_FORCE_RECLAIM, NAF_NETMAP_ON, NA_FLAGS,
  NA_HW, NA_RX_RINGS, NKR_PENDINTR, NS_BUF_CHANGED, NS_MOREFRAG, NS_REPORT, NST_CLK, NST_CLK_PENDING, NST_TIMERS, NST_TIMER_MAX,
  IF_TRANSMIT, SLOT_FLAGS, SLOT_LEN,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SYNC_SLOT, COST_WAKEUP, P_CLK_LOCK, P_CLK_UNLOCK, P_CLK_WAKE, P_GEN_BUSY, P_GEN_COOKIE, P_GEN_DTOR_COOKIE, P_GEN_KFLAGS,
  P_GEN_REFS, P_GEN_RX_HWCUR, P_GEN_RX_HWTAIL, P_GEN_RX_LOCK, P_GEN_RX_ST_HWCUR, P_GEN_RX_ST_HWTAIL, P_GEN_RX_UNLOCK, P_GEN_STOPPED,
  P_GEN_ST_REFS, P_GEN_TX_HWCUR, P_GEN_TX_HWTAIL, P_GEN_TX_ST_HWCUR, P_GEN_TX_ST_HWTAIL, P_GRXH_LOCK, P_GRXH_UNLOCK,
} from "../points";
import { kern } from "./kern";
import { kr_ring, kr_slot, nm_next, nmb } from "./netmap_kern";
import { pkt_copy } from "./netmap_user";
import { charge, ld, lock_word, now, own_kernel, point, rmw_or, sim_ld, sim_st, st, unlock_word } from "../sim/shared";
import { count, net_rlock, net_runlock, stack, wake_kthread } from "./ifnet";
import { m_fill, m_free, m_get, mq_append, mq_take } from "./mbuf";
import { buf_size, good_slot } from "./netmap_host";

/** Below this, generic_mit means no mitigation. */
const MIT_LEAST: u32 = 32768;

/** netmap_generic_irq: to whoever waits for the ring. */
function generic_irq(kr: usize): void { call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32); }

/** generic_mbuf_destructor: the driver has done with the event mbuf; its sender may go on. */
export function generic_mbuf_destructor(m: usize): void {
  net_rlock(); // the port cannot go meanwhile
  const kr: usize = ld(m + M_COOKIE, P_GEN_DTOR_COOKIE);
  store<u32>(m, 0, M_COOKIE);
  if (kr) generic_irq(kr);
  net_runlock();
}

/** generic_netmap_tx_clean: slots whose mbuf is back. An event mbuf went to the driver for good: its slot gets another. */
function tx_clean(kr: usize, hwcur: u32): u32 {
  const pool: usize = load<u32>(kr, KR_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1;
  let n: u32 = 0, tail = ld(kr + KR_NR_HWTAIL, P_GEN_TX_HWTAIL);
  for (let i = nm_next(tail, lim); i != hwcur; i = nm_next(i, lim)) {
    let m: usize = load<u32>(pool + i * 4);
    if (!m) {
      m = m_get();
      if (!m) break;
      store<u32>(pool + i * 4, m as u32);
    } else if (ld(m + M_REFS, P_GEN_REFS) != 1) break;
    tail = i;
    n++;
  }
  if (n) st(kr + KR_NR_HWTAIL, tail, P_GEN_TX_ST_HWTAIL);
  return n;
}

/** generic_set_tx_event: the oldest mbuf that is still out will tell when the driver has done with it. */
function set_tx_event(kr: usize, hwcur: u32): void {
  const pool: usize = load<u32>(kr, KR_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, e = nm_next(load<u32>(kr, KR_NR_HWTAIL), lim);
  if (e == hwcur) return; // nothing is out
  const m: usize = load<u32>(pool + e * 4);
  if (!m) return; // it has been asked already
  store<u32>(pool + e * 4, 0);
  st(m + M_COOKIE, kr as u32, P_GEN_COOKIE);
  m_free(m); // our reference; if it was the last, this very call notifies
}

/** generic_netmap_txsync: a copy and a call of the driver for each slot. */
export function generic_netmap_txsync(kr: usize, flags: u32): u32 {
  const ifp: usize = load<u32>(load<u32>(kr, KR_NA), NA_HW), pool: usize = load<u32>(kr, KR_HW), ring = kr_ring(kr);
  const lim = load<u32>(kr, KR_NUM_SLOTS) - 1, head = load<u32>(kr, KR_RHEAD);
  if (!pool) return 0;
  net_rlock();
  let i = ld(kr + KR_NR_HWCUR, P_GEN_TX_HWCUR), packets: u64 = 0, bytes: u64 = 0;
  while (i != head) {
    own_kernel(ring, i);
    const slot = kr_slot(kr, i), len: u32 = load<u16>(slot, SLOT_LEN);
    if (!good_slot(kr, slot)) {
      count(kr + KR_STAT_DROPS, 1);
      i = nm_next(i, lim);
      continue;
    }
    let m: usize = load<u32>(pool + i * 4);
    if (!m) {
      m = m_get();
      if (!m) break;
      store<u32>(pool + i * 4, m as u32);
    } else if (ld(m + M_REFS, P_GEN_BUSY) != 1) break; // the driver has it still: a client that lied about its indices
    m_fill(m, nmb(kr, slot), len);
    charge(COST_SYNC_SLOT);
    st(m + M_REFS, 2, P_GEN_ST_REFS);
    if (call_indirect<u32>(load<u32>(ifp, IF_TRANSMIT), ifp, m)) { // the driver has no room; it gave its reference back
      set_tx_event(kr, i);
      if (tx_clean(kr, i)) continue;
      break;
    }
    store<u16>(slot, load<u16>(slot, SLOT_FLAGS) & ~(NS_REPORT | NS_BUF_CHANGED), SLOT_FLAGS);
    packets++;
    bytes += len;
    i = nm_next(i, lim);
  }
  st(kr + KR_NR_HWCUR, i, P_GEN_TX_ST_HWCUR);
  count(kr + KR_STAT_PACKETS, packets);
  count(kr + KR_STAT_BYTES, bytes);
  if ((flags & NAF_FORCE_RECLAIM) || load<u32>(kr, KR_RCUR) == load<u32>(kr, KR_NR_HWTAIL)) set_tx_event(kr, i); // txsync is called once more after selrecord
  tx_clean(kr, i);
  net_runlock();
  return 0;
}

/** generic_rx_handler: a packet on its way up is the port's instead. Takes the mbuf. */
export function generic_rx_handler(na: usize, m: usize): void {
  const kr: usize = load<u32>(na, NA_RX_RINGS), q: usize = load<u32>(kr, KR_HW);
  if (!q || !(load<u32>(na, NA_FLAGS) & NAF_NETMAP_ON) || ld(kr + KR_STOPPED, P_GEN_STOPPED)) { m_free(m); return; }
  const mit = load<u32>(kern(), M_GENERIC_MIT);
  let tell = true, timer = false;
  lock_word(q + MQ_LOCK, P_GRXH_LOCK);
  const full = load<u32>(q, MQ_LEN) >= load<u32>(q, MQ_LIMIT);
  if (full) count(kr + KR_STAT_DROPS, 1);
  else mq_append(q, m);
  if (mit >= MIT_LEAST) {
    if (load<u64>(q, MIT_AT)) {
      store<u32>(q, 1, MIT_PENDING);
      tell = false;
    } else {
      store<u64>(q, now() + mit, MIT_AT);
      timer = true;
    }
  }
  unlock_word(q + MQ_LOCK, P_GRXH_UNLOCK);
  if (full) m_free(m);
  rmw_or(kr + KR_NR_KFLAGS, NKR_PENDINTR, P_GEN_KFLAGS);
  if (timer) clock_tell();
  if (tell) generic_irq(kr);
}

/** generic_netmap_rxsync: releases first, then imports; a packet longer than a buffer takes several slots. */
export function generic_netmap_rxsync(kr: usize, flags: u32): u32 {
  const q: usize = load<u32>(kr, KR_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, head = load<u32>(kr, KR_RHEAD), ring = kr_ring(kr);
  const size = buf_size(kr);
  for (let i = ld(kr + KR_NR_HWCUR, P_GEN_RX_HWCUR); i != head; i = nm_next(i, lim)) {
    const slot = kr_slot(kr, i);
    store<u16>(slot, load<u16>(slot, SLOT_FLAGS) & ~NS_BUF_CHANGED, SLOT_FLAGS);
  }
  st(kr + KR_NR_HWCUR, head, P_GEN_RX_ST_HWCUR);
  const look = load<u32>(kern(), M_NO_PENDINTR) || (flags & NAF_FORCE_READ) || (sim_ld(kr + KR_NR_KFLAGS) & NKR_PENDINTR);
  if (!q || !look) return 0;
  sim_st(kr + KR_NR_KFLAGS, sim_ld(kr + KR_NR_KFLAGS) & ~NKR_PENDINTR);
  let tail = ld(kr + KR_NR_HWTAIL, P_GEN_RX_HWTAIL), room = (head as i32) - 1 - (tail as i32), packets: u64 = 0, bytes: u64 = 0;
  if (room < 0) room += lim + 1;
  for (;;) {
    lock_word(q + MQ_LOCK, P_GEN_RX_LOCK);
    let m: usize = load<u32>(q, MQ_HEAD);
    const frags = m ? (load<u32>(m, M_LEN) + size - 1) / size : 0;
    if (m && frags <= (room as u32)) mq_take(q);
    else m = 0;
    unlock_word(q + MQ_LOCK, P_GEN_RX_UNLOCK);
    if (!m) break;
    let left = load<u32>(m, M_LEN), from = m + M_DATA;
    for (let f: u32 = 0; f < frags; f++) {
      own_kernel(ring, tail);
      const slot = kr_slot(kr, tail), len = left < size ? left : size;
      pkt_copy(nmb(kr, slot), from, (len + 63) & ~63);
      charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
      store<u16>(slot, len as u16, SLOT_LEN);
      store<u16>(slot, (f + 1 < frags ? NS_MOREFRAG : 0) as u16, SLOT_FLAGS);
      from += len;
      left -= len;
      tail = nm_next(tail, lim);
      count(kr + KR_STAT_COPIES, 1);
    }
    room -= frags;
    packets++;
    bytes += load<u32>(m, M_LEN);
    m_free(m);
  }
  if (packets) st(kr + KR_NR_HWTAIL, tail, P_GEN_RX_ST_HWTAIL);
  count(kr + KR_STAT_PACKETS, packets);
  count(kr + KR_STAT_BYTES, bytes);
  return 0;
}

function clock_tell(): void {
  const ns = stack();
  sim_st(ns + NST_CLK_PENDING, 1);
  point(ACC_WAKEUP, ns + NST_CLK_PENDING, COST_WAKEUP, P_CLK_WAKE);
  wake_kthread(ns, load<u32>(ns, NST_CLK), (ns + NST_CLK_PENDING) as u32);
}

/** A turn of the clock's thread: mitigation timers. One that ends with something pending notifies, and runs again. Answers when the next is due. */
export function softclock_turn(ns: usize): u64 {
  let next: u64 = 0;
  net_rlock();
  sim_st(ns + NST_CLK_PENDING, 0);
  for (let i: u32 = 0; i < NST_TIMER_MAX; i++) {
    const q: usize = load<u32>(ns + i * 4, NST_TIMERS);
    if (!q) continue;
    lock_word(q + MQ_LOCK, P_CLK_LOCK);
    let at = load<u64>(q, MIT_AT), tell = false;
    if (at && at <= now()) {
      tell = load<u32>(q, MIT_PENDING) != 0;
      at = tell ? now() + load<u32>(kern(), M_GENERIC_MIT) : 0;
      store<u32>(q, 0, MIT_PENDING);
      store<u64>(q, at, MIT_AT);
    }
    unlock_word(q + MQ_LOCK, P_CLK_UNLOCK);
    if (at && (!next || at < next)) next = at;
    if (tell) generic_irq(load<u32>(q, MIT_KR));
  }
  net_runlock();
  return next;
}

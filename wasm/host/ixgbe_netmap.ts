// The native netmap support of a 10G NIC, and the interrupt thread of its driver. Mirrors ixgbe_netmap.h of 2015 (facts
// netmap 2.9, 2.10): one descriptor a slot, one register write a sync, completions read lazily, half a ring at a time.
// The kring's holder writes hwcur and hwtail, TDT and RDT; the hardware (hw/nic.ts) writes TDH, RDH and status.

import {
  IF_STAT_OERRORS, DESC_ADDR, DESC_CMD, DESC_DD, DESC_EOP, DESC_LEN, DESC_RS, DESC_SIZE, DESC_STATUS, KR_HW, KR_MEM, KR_NM_NOTIFY, KR_NR_HWCUR,
  KR_NR_HWTAIL, KR_NR_KFLAGS, KR_NUM_SLOTS, KR_RHEAD, KR_STAT_BYTES, KR_STAT_PACKETS, MEM_POOL, MEM_POOL_SIZE,
  M_NO_PENDINTR, NAF_FORCE_READ, NAF_FORCE_RECLAIM, NICQ_NIC, NICQ_RDBA, NICQ_RDT, NICQ_RXK, NICQ_TDBA, NICQ_TDH, NICQ_TDT, NICQ_TXK,
  NIC_IRQ, NIC_ITH_INSIDE, NIC_NQ, NIC_TX_CAUSE, NKR_PENDINTR, NM_IRQ_RESCHED, NS_BUF_CHANGED, NS_REPORT, POOL_BUF, POOL_OBJSIZE, POOL_OBJTOTAL,
  SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN, WM_IDLE,
} from "../layout";
import {
  COST_INTR, COST_MMIO, COST_SYNC_SLOT, P_IX_IRQ, P_IX_PENDINTR, P_IX_RX_HWCUR, P_IX_RX_HWTAIL, P_IX_RX_STATUS, P_IX_RX_ST_HWCUR,
  P_IX_RX_ST_HWTAIL, P_IX_RX_ST_RDT, P_IX_RX_ST_STATUS, P_IX_TX_DD, P_IX_TX_HWCUR, P_IX_TX_HWTAIL, P_IX_TX_ST_HWCUR, P_IX_TX_ST_HWTAIL,
  P_IX_RESCHED, P_IX_TX_ST_STATUS, P_IX_TX_ST_TDT, P_IX_TX_TDH,
} from "../points";
import { nic_doorbell, nic_q } from "../hw/nic";
import { kr_ring, kr_slot, netmap_ring_reinit, nm_next, nm_prev, nmb } from "../net/netmap_kern";
import { charge, ld, own_kernel, rmw_or, rmw_xchg, sim_ld, sim_st, st } from "../sim/shared";
import { msleep, unsleep } from "../sim/sleepq";
import { kern } from "../net/kern";
import { count } from "../net/ifnet";
import { m_free } from "../net/mbuf";

/** NM_CHECK_ADDR_LEN: whether a slot's buffer and length are none that hardware may get. */
function bad_slot(kr: usize, slot: usize, len: u32): bool {
  const pool: usize = load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, idx = load<u32>(slot, SLOT_BUF_IDX);
  return idx == 0 || idx >= load<u32>(pool, POOL_OBJTOTAL) || len > load<u32>(pool, POOL_OBJSIZE);
}

/** ixgbe_netmap_txsync. */
export function ixgbe_netmap_txsync(kr: usize, flags: u32): u32 {
  const q: usize = load<u32>(kr, KR_HW), n = load<u32>(kr, KR_NUM_SLOTS), lim = n - 1, head = load<u32>(kr, KR_RHEAD);
  const txd: usize = load<u32>(q, NICQ_TDBA), half = n >> 1, ring = kr_ring(kr);
  let i = ld(kr + KR_NR_HWCUR, P_IX_TX_HWCUR);
  if (i != head) {
    let packets: u64 = 0, bytes: u64 = 0;
    for (; i != head; i = nm_next(i, lim)) {
      own_kernel(ring, i);
      const slot = kr_slot(kr, i), len: u32 = load<u16>(slot, SLOT_LEN), f: u32 = load<u16>(slot, SLOT_FLAGS);
      if (bad_slot(kr, slot, len)) return netmap_ring_reinit(kr);
      const d = txd + i * DESC_SIZE;
      store<u32>(d, nmb(kr, slot) as u32, DESC_ADDR);
      store<u16>(d, len as u16, DESC_LEN);
      store<u32>(d, DESC_EOP | ((f & NS_REPORT) || i == 0 || i == half ? DESC_RS : 0), DESC_CMD);
      if (load<u32>(d, DESC_STATUS)) st(d + DESC_STATUS, 0, P_IX_TX_ST_STATUS);
      if (f & (NS_REPORT | NS_BUF_CHANGED)) store<u16>(slot, (f & ~(NS_REPORT | NS_BUF_CHANGED)) as u16, SLOT_FLAGS);
      packets++;
      bytes += len;
      charge(COST_SYNC_SLOT);
    }
    store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + packets, KR_STAT_PACKETS);
    store<u64>(kr, load<u64>(kr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
    st(kr + KR_NR_HWCUR, head, P_IX_TX_ST_HWCUR);
    charge(COST_MMIO);
    st(q + NICQ_TDT, i, P_IX_TX_ST_TDT); // the only register write of the whole sync
    nic_doorbell(load<u32>(q, NICQ_NIC));
  }
  const hwtail = ld(kr + KR_NR_HWTAIL, P_IX_TX_HWTAIL);
  let reclaim = (flags & NAF_FORCE_RECLAIM) != 0;
  if (!reclaim && head == hwtail) { // no room for the user: has the descriptor half a ring on been reported?
    let r = nm_next(hwtail, lim) + half;
    if (r >= n) r -= n;
    r = r < n >> 2 || r >= n - (n >> 2) ? 0 : half;
    reclaim = (ld(txd + r * DESC_SIZE + DESC_STATUS, P_IX_TX_DD) & DESC_DD) != 0;
  }
  if (reclaim) {
    charge(COST_MMIO);
    const tdh = ld(q + NICQ_TDH, P_IX_TX_TDH);
    st(kr + KR_NR_HWTAIL, nm_prev(tdh < n ? tdh : 0, lim), P_IX_TX_ST_HWTAIL);
  }
  return 0;
}

/** ixgbe_netmap_rxsync: first what has come, then what the user has given back. */
export function ixgbe_netmap_rxsync(kr: usize, flags: u32): u32 {
  const q: usize = load<u32>(kr, KR_HW), lim = load<u32>(kr, KR_NUM_SLOTS) - 1, head = load<u32>(kr, KR_RHEAD);
  const rxd: usize = load<u32>(q, NICQ_RDBA), ring = kr_ring(kr);
  if (head > lim) return netmap_ring_reinit(kr);
  if (load<u32>(kern(), M_NO_PENDINTR) || (flags & NAF_FORCE_READ) || (sim_ld(kr + KR_NR_KFLAGS) & NKR_PENDINTR)) {
    let j = ld(kr + KR_NR_HWTAIL, P_IX_RX_HWTAIL), packets: u64 = 0, bytes: u64 = 0;
    const full = nm_prev(ld(kr + KR_NR_HWCUR, P_IX_RX_HWCUR), lim);
    while (j != full) {
      const d = rxd + j * DESC_SIZE;
      if (!(ld(d + DESC_STATUS, P_IX_RX_STATUS) & DESC_DD)) break;
      own_kernel(ring, j);
      const slot = kr_slot(kr, j);
      store<u16>(slot, load<u16>(d, DESC_LEN), SLOT_LEN);
      store<u16>(slot, 0, SLOT_FLAGS);
      bytes += load<u16>(d, DESC_LEN);
      packets++;
      charge(COST_SYNC_SLOT);
      j = nm_next(j, lim);
    }
    if (packets) {
      store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + packets, KR_STAT_PACKETS);
      store<u64>(kr, load<u64>(kr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
      st(kr + KR_NR_HWTAIL, j, P_IX_RX_ST_HWTAIL);
    }
    sim_st(kr + KR_NR_KFLAGS, sim_ld(kr + KR_NR_KFLAGS) & ~NKR_PENDINTR);
  }
  let i = load<u32>(kr, KR_NR_HWCUR);
  if (i != head) {
    for (; i != head; i = nm_next(i, lim)) {
      own_kernel(ring, i);
      const slot = kr_slot(kr, i), f: u32 = load<u16>(slot, SLOT_FLAGS);
      if (bad_slot(kr, slot, 0)) return netmap_ring_reinit(kr);
      if (f & NS_BUF_CHANGED) store<u16>(slot, (f & ~NS_BUF_CHANGED) as u16, SLOT_FLAGS);
      const d = rxd + i * DESC_SIZE;
      store<u32>(d, nmb(kr, slot) as u32, DESC_ADDR);
      st(d + DESC_STATUS, 0, P_IX_RX_ST_STATUS);
      charge(COST_SYNC_SLOT);
    }
    st(kr + KR_NR_HWCUR, head, P_IX_RX_ST_HWCUR);
    charge(COST_MMIO);
    st(q + NICQ_RDT, nm_prev(i, lim), P_IX_RX_ST_RDT); // one descriptor stays free
    nic_doorbell(load<u32>(q, NICQ_NIC));
  }
  return 0;
}

/** netmap_rx_irq and netmap_tx_irq: marks and notifies; the woken program's poll does the sync, a switch's wrapper at once. */
export function netmap_rx_irq(kr: usize): u32 {
  rmw_or(kr + KR_NR_KFLAGS, NKR_PENDINTR, P_IX_PENDINTR);
  return call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
}
export function netmap_tx_irq(kr: usize): void { call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32); }

/** ixgbe_msix_que as an interrupt thread: one turn for the causes that have come, then it sleeps. */
export function ixgbe_msix_que(nic: usize): void {
  sim_st(nic + NIC_ITH_INSIDE, 1);
  const causes = rmw_xchg(nic + NIC_IRQ, 0, P_IX_IRQ), nq = load<u32>(nic, NIC_NQ);
  if (causes) charge(COST_INTR);
  for (let i: u32 = 0; i < nq; i++) {
    const q = nic_q(nic, i), rx: usize = sim_ld(q + NICQ_RXK), tx: usize = sim_ld(q + NICQ_TXK);
    if ((causes >> i & 1) && rx && netmap_rx_irq(rx) == NM_IRQ_RESCHED) rmw_or(nic + NIC_IRQ, 1 << i, P_IX_RESCHED);
    if ((causes >> (NIC_TX_CAUSE + i) & 1) && tx) netmap_tx_irq(tx);
  }
  sim_st(nic + NIC_ITH_INSIDE, 0);
  msleep(nic as u32 + 1, 0, WM_IDLE);
  if (sim_ld(nic + NIC_IRQ)) unsleep();
}

const ENETDOWN: u32 = 50;
/** The driver's if_transmit. Its own packet mode is not modelled: outside netmap mode the host's packets go nowhere. */
export function ixgbe_transmit(ifp: usize, m: usize): u32 {
  count(ifp + IF_STAT_OERRORS, 1);
  m_free(m);
  return ENETDOWN;
}

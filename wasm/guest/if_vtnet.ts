// The guest's virtio-net driver, its packets: frames from the stack into the TX queue, from the RX queue up. Mirrors if_vtnet.c of
// FreeBSD 10 (facts bhyve 3.5 to 3.7). A buffer is two descriptors, the header's and the frame's; an interrupt only silences its
// queue and starts the taskqueue's thread (one for both queues, modelled), which drains them and lets interrupts come again.
// There is no queue before the TX ring: a frame that finds it full is refused (modelled).

import {
  GVQ_LEN, GVQ_MEM, GVQ_SC, GVQ_STAT_INTR, IF_SOFTC, IF_STAT_IERRORS, IF_STAT_IQDROPS, IF_STAT_OBYTES, IF_STAT_OPACKETS, IF_STAT_OQDROPS, MBP_PADDR,
  M_DATA, M_LEN, M_ROOM, M_VNET_HDR, TDS_RUN, TDS_SLEEP, TD_PRIV, TD_STATE, TD_WMESG, VCPU_EXIT_FN, VCPU_KICKS, VCPU_VM, VQ_RX, VQ_TX, VRD_WRITE,
  VTCFG_R_QNOTIFY, VTN_HDR, VTN_IFP, VTN_IOBASE, VTN_KICK, VTN_KICK_NEXT, VTN_PENDING, VTN_PT, VTN_RXQ, VTN_TD, VTN_TXQ, VTN_VCPU, ACC_PLAIN,
  TS_READY, T_STATUS, WM_IDLE,
} from "../layout";
import { COST_IF_XMIT, P_VTN_KICK } from "../points";
import { ether_input } from "../net/if_ethersubr";
import { ENOBUFS, count } from "../net/ifnet";
import { m_free, m_get } from "../net/mbuf";
import { charge, curthread, point, sim_ld, sim_st } from "../sim/shared";
import { must_notify, virtqueue_dequeue, virtqueue_disable_intr, virtqueue_enable_intr, virtqueue_enqueue } from "./virtqueue";

const ENETDOWN: u32 = 50;
/** Frames that one turn of the taskqueue's thread takes. */
const RX_LIMIT: u32 = 64;

/** OUT of a queue's index to QNOTIFY, an exit. While the last one has not been answered, it waits. */
export function vtpci_notify(sc: usize, queue: u32): void {
  const vcpu: usize = load<u32>(sc, VTN_VCPU);
  if (sim_ld(curthread() + T_STATUS) != TS_READY) {
    if (!load<u32>(sc, VTN_KICK)) {
      store<u32>(sc, load<u32>(vcpu, VCPU_KICKS), VTN_KICK_NEXT);
      store<u32>(vcpu, sc as u32, VCPU_KICKS);
    }
    store<u32>(sc, load<u32>(sc, VTN_KICK) | 1 << queue, VTN_KICK);
    return;
  }
  const port = load<u32>(sc, VTN_IOBASE) + VTCFG_R_QNOTIFY;
  point(ACC_PLAIN, port, 0, P_VTN_KICK);
  call_indirect<u32>(load<u32>(vcpu, VCPU_EXIT_FN), load<u32>(vcpu, VCPU_VM) as usize, port, 2 as u32, queue);
}

/** A notification that had to wait; true when there was one: the vCPU is out of the guest again. */
export function vtpci_kick_waiting(vcpu: usize): bool {
  const sc: usize = load<u32>(vcpu, VCPU_KICKS);
  if (!sc) return false;
  const queue: u32 = load<u32>(sc, VTN_KICK) & (1 << VQ_RX) ? VQ_RX : VQ_TX, left = load<u32>(sc, VTN_KICK) & ~(1 << queue);
  store<u32>(sc, left, VTN_KICK);
  if (!left) {
    store<u32>(vcpu, load<u32>(sc, VTN_KICK_NEXT), VCPU_KICKS);
    store<u32>(sc, 0, VTN_KICK_NEXT);
  }
  vtpci_notify(sc, queue);
  return true;
}

/** Where the device sees an address of the mbuf pool. */
function paddr(vq: usize, a: usize): u32 {
  const pool: usize = load<u32>(vq, GVQ_MEM);
  return (a - pool + load<u32>(pool, MBP_PADDR)) as u32;
}

/** vtnet_txq_eof: mbufs that the device has sent. */
function txq_eof(txq: usize): void {
  for (;;) {
    const m = virtqueue_dequeue(txq);
    if (!m) return;
    m_free(m);
  }
}

/** vtnet_transmit. Takes the mbuf; answers errno. */
export function vtnet_transmit(ifp: usize, m: usize): u32 {
  const sc: usize = load<u32>(ifp, IF_SOFTC), txq = sc + VTN_TXQ, hdrlen = load<u32>(sc, VTN_HDR), len = load<u32>(m, M_LEN);
  charge(COST_IF_XMIT);
  if (!load<u32>(txq, GVQ_MEM) || load<u32>(sc, VTN_PT)) {
    count(ifp + IF_STAT_OQDROPS, 1);
    m_free(m);
    return ENETDOWN;
  }
  memory.fill(m + M_VNET_HDR, 0, hdrlen);
  if (!virtqueue_enqueue(txq, m, paddr(txq, m + M_VNET_HDR), hdrlen, paddr(txq, m + M_DATA), len, 0)) {
    txq_eof(txq);
    if (!virtqueue_enqueue(txq, m, paddr(txq, m + M_VNET_HDR), hdrlen, paddr(txq, m + M_DATA), len, 0)) {
      count(ifp + IF_STAT_OQDROPS, 1);
      m_free(m);
      return ENOBUFS;
    }
  }
  count(ifp + IF_STAT_OPACKETS, 1);
  count(ifp + IF_STAT_OBYTES, len);
  if (must_notify(txq)) vtpci_notify(sc, VQ_TX);
  return 0;
}

/** An empty buffer for the device. */
function rx_post(rxq: usize, m: usize, hdrlen: u32): void {
  virtqueue_enqueue(rxq, m, paddr(rxq, m + M_VNET_HDR), hdrlen, paddr(rxq, m + M_DATA), M_ROOM, VRD_WRITE);
}

/** vtnet_rxq_eof: a frame goes up only if another buffer takes its place. True when there may be more. */
function rxq_eof(sc: usize, rxq: usize): bool {
  const ifp: usize = load<u32>(sc, VTN_IFP), hdrlen = load<u32>(sc, VTN_HDR);
  let n: u32 = 0;
  for (; n < RX_LIMIT; n++) {
    const m = virtqueue_dequeue(rxq);
    if (!m) break;
    const len = load<u32>(rxq, GVQ_LEN);
    if (!ifp || len < hdrlen || len - hdrlen > M_ROOM) {
      if (ifp) count(ifp + IF_STAT_IERRORS, 1);
      rx_post(rxq, m, hdrlen);
      continue;
    }
    const fresh = m_get();
    if (!fresh) {
      count(ifp + IF_STAT_IQDROPS, 1);
      rx_post(rxq, m, hdrlen);
      continue;
    }
    rx_post(rxq, fresh, hdrlen);
    store<u32>(m, len - hdrlen, M_LEN);
    ether_input(ifp, m);
  }
  if (n && must_notify(rxq)) vtpci_notify(sc, VQ_RX);
  return n == RX_LIMIT;
}

/** A queue's vector: its interrupts stay away until the thread has been here. Takes no lock; sees its own queue's words only. */
export function vtnet_filter(vq: usize): void {
  const sc: usize = load<u32>(vq, GVQ_SC);
  virtqueue_disable_intr(vq);
  store<u64>(vq, load<u64>(vq, GVQ_STAT_INTR) + 1, GVQ_STAT_INTR);
  sim_st(sc + VTN_PENDING, 1);
  sim_st(load<u32>(sc, VTN_TD) + TD_STATE, TDS_RUN);
}

/** A turn of the taskqueue's thread: both queues; asleep when they are drained and their interrupts on again. */
export function vtnet_task(td: usize): void {
  const sc: usize = load<u32>(td, TD_PRIV), rxq = sc + VTN_RXQ, txq = sc + VTN_TXQ;
  sim_st(sc + VTN_PENDING, 0);
  let more = false;
  if (load<u32>(rxq, GVQ_MEM) && !load<u32>(sc, VTN_PT)) {
    more = rxq_eof(sc, rxq);
    txq_eof(txq);
    if (!more) {
      if (virtqueue_enable_intr(rxq)) more = true;
      if (virtqueue_enable_intr(txq)) more = true;
    }
  }
  if (more) return;
  store<u32>(td, WM_IDLE, TD_WMESG);
  sim_st(td + TD_STATE, TDS_SLEEP);
  if (sim_ld(sc + VTN_PENDING)) sim_st(td + TD_STATE, TDS_RUN);
}

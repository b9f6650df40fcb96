// The guest's virtio-net driver, its packets: frames from the stack into the TX queue, from the RX queue up. Mirrors if_vtnet.c of
// FreeBSD 10 (facts bhyve 3.5 to 3.7). A buffer is two descriptors, the header's and the frame's; an interrupt only silences its
// queue and starts the taskqueue's thread (one for both queues, modelled), which drains them and lets interrupts come again.
// There is no queue before the TX ring: a frame that finds it full is refused (modelled). All of it is the guest kernel's.

import {
  ACC_PLAIN, GVQ_LEN, GVQ_RING, GVQ_SIZE, IF_SOFTC, IF_STAT_IERRORS, IF_STAT_IQDROPS, IF_STAT_OBYTES, IF_STAT_OPACKETS, IF_STAT_OQDROPS,
  MBP_PADDR, M_DATA, M_LEN, M_MBUFS, M_ROOM, M_VNET_HDR, TDS_RUN, TDS_SLEEP, TD_DEADLINE, TD_PRIV, TD_STATE, TD_WMESG, TS_READY, T_STATUS,
  VCPU_EXIT_FN, VCPU_KICKS, VCPU_VM, VQ_RX, VQ_TX, VTCFG_R_QNOTIFY, VTN_HDR, VTN_IFP, VTN_IOBASE, VTN_KICK, VTN_KICK_NEXT, VTN_PENDING, VTN_PT,
  VTN_RXQ, VTN_SG, VTN_STAT_INTR, VTN_TD, VTN_VCPU, WM_IDLE,
} from "../layout";
import { COST_IF_XMIT, P_VTN_KICK } from "../points";
import { ether_input } from "../net/if_ethersubr";
import { ENOBUFS, count } from "../net/ifnet";
import { kern } from "../net/kern";
import { m_free, m_get } from "../net/mbuf";
import {
  virtqueue_dequeue, virtqueue_disable_intr, virtqueue_enable_intr, virtqueue_enqueue, virtqueue_must_notify, virtqueue_nused,
} from "../net/virtio";
import { charge, curthread, point, sim_ld, sim_st } from "../sim/shared";

const ENETDOWN: u32 = 50;
/** Frames that one turn of the taskqueue's thread takes. */
const RX_LIMIT: u32 = 64;

function queue(sc: usize, q: u32): usize { return sc + VTN_RXQ + q * GVQ_SIZE; }

/** OUT of a queue's index to QNOTIFY, an exit. While the last one has not been answered, it waits. */
export function vtpci_notify(sc: usize, q: u32): void {
  const vcpu: usize = load<u32>(sc, VTN_VCPU);
  if (sim_ld(curthread() + T_STATUS) != TS_READY) {
    if (!load<u32>(sc, VTN_KICK)) {
      store<u32>(sc, load<u32>(vcpu, VCPU_KICKS), VTN_KICK_NEXT);
      store<u32>(vcpu, sc as u32, VCPU_KICKS);
    }
    store<u32>(sc, load<u32>(sc, VTN_KICK) | 1 << q, VTN_KICK);
    return;
  }
  const port = load<u32>(sc, VTN_IOBASE) + VTCFG_R_QNOTIFY;
  point(ACC_PLAIN, port, 0, P_VTN_KICK);
  call_indirect<u32>(load<u32>(vcpu, VCPU_EXIT_FN), load<u32>(vcpu, VCPU_VM) as usize, port, 2 as u32, q);
}

/** A notification that had to wait; true when there was one: the vCPU is out of the guest again. */
export function vtpci_kick_waiting(vcpu: usize): bool {
  const sc: usize = load<u32>(vcpu, VCPU_KICKS);
  if (!sc) return false;
  const q: u32 = load<u32>(sc, VTN_KICK) & (1 << VQ_RX) ? VQ_RX : VQ_TX, left = load<u32>(sc, VTN_KICK) & ~(1 << q);
  store<u32>(sc, left, VTN_KICK);
  if (!left) {
    store<u32>(vcpu, load<u32>(sc, VTN_KICK_NEXT), VCPU_KICKS);
    store<u32>(sc, 0, VTN_KICK_NEXT);
  }
  vtpci_notify(sc, q);
  return true;
}

/** A chain of two: the mbuf's header, and `len` bytes of its cluster; for the device to read or to write. */
function enqueue(sc: usize, q: u32, m: usize, len: u32): bool {
  const pool: usize = load<u32>(kern(), M_MBUFS), sg = sc + VTN_SG, at = (m - pool + load<u32>(pool, MBP_PADDR)) as u32;
  store<u32>(sg, at + M_VNET_HDR);
  store<u32>(sg, load<u32>(sc, VTN_HDR), 4);
  store<u32>(sg, at + M_DATA, 8);
  store<u32>(sg, len, 12);
  return virtqueue_enqueue(queue(sc, q), m as u32, sg, q == VQ_TX ? 2 : 0, q == VQ_TX ? 0 : 2) == 0;
}

/** vtnet_txq_eof: mbufs that the device has sent. */
function txq_eof(sc: usize): void {
  const txq = queue(sc, VQ_TX);
  for (let n = virtqueue_nused(txq); n; n--) {
    const m: usize = virtqueue_dequeue(txq);
    if (m) m_free(m);
  }
}

/** vtnet_transmit. Takes the mbuf; answers errno. */
export function vtnet_transmit(ifp: usize, m: usize): u32 {
  const sc: usize = load<u32>(ifp, IF_SOFTC), len = load<u32>(m, M_LEN);
  charge(COST_IF_XMIT);
  let e: u32 = 0;
  if (!load<u32>(queue(sc, VQ_TX), GVQ_RING) || load<u32>(sc, VTN_PT)) e = ENETDOWN;
  else {
    memory.fill(m + M_VNET_HDR, 0, load<u32>(sc, VTN_HDR));
    if (!enqueue(sc, VQ_TX, m, len)) {
      txq_eof(sc);
      if (!enqueue(sc, VQ_TX, m, len)) e = ENOBUFS;
    }
  }
  if (e) {
    count(ifp + IF_STAT_OQDROPS, 1);
    m_free(m);
    return e;
  }
  count(ifp + IF_STAT_OPACKETS, 1);
  count(ifp + IF_STAT_OBYTES, len);
  if (virtqueue_must_notify(queue(sc, VQ_TX))) vtpci_notify(sc, VQ_TX);
  return 0;
}

/** vtnet_rxq_eof: a frame goes up only if another buffer takes its place. True when there may be more. */
function rxq_eof(sc: usize): bool {
  const ifp: usize = load<u32>(sc, VTN_IFP), hdrlen = load<u32>(sc, VTN_HDR), rxq = queue(sc, VQ_RX);
  const there = virtqueue_nused(rxq), n = there < RX_LIMIT ? there : RX_LIMIT;
  for (let i: u32 = 0; i < n; i++) {
    const m: usize = virtqueue_dequeue(rxq);
    if (!m) continue;
    const len = load<u32>(rxq, GVQ_LEN), good = len >= hdrlen && len - hdrlen <= M_ROOM, fresh = good ? m_get() : 0;
    if (!fresh) {
      count(ifp + (good ? IF_STAT_IQDROPS : IF_STAT_IERRORS), 1);
      enqueue(sc, VQ_RX, m, M_ROOM);
      continue;
    }
    enqueue(sc, VQ_RX, fresh, M_ROOM);
    store<u32>(m, len - hdrlen, M_LEN);
    ether_input(ifp, m);
  }
  if (n && virtqueue_must_notify(rxq)) vtpci_notify(sc, VQ_RX);
  return there > n;
}

function filter(sc: usize, q: u32): void {
  if (load<u32>(queue(sc, q), GVQ_RING)) virtqueue_disable_intr(queue(sc, q));
  store<u64>(sc, load<u64>(sc, VTN_STAT_INTR) + 1, VTN_STAT_INTR);
  sim_st(sc + VTN_PENDING, 1);
  sim_st(load<u32>(sc, VTN_TD) + TD_STATE, TDS_RUN);
}
/** The queues' vectors: no more interrupts until the thread has been there. They take no lock. */
export function vtnet_rx_filter(sc: usize): void { filter(sc, VQ_RX); }
export function vtnet_tx_filter(sc: usize): void { filter(sc, VQ_TX); }

/** The one vector of MSI: both. The real handler reads ISR first, an exit more (modelled without). */
export function vtnet_intr(sc: usize): void { filter(sc, VQ_RX); filter(sc, VQ_TX); }

/** A turn of the taskqueue's thread: both queues; asleep when they are drained and their interrupts on again. */
export function vtnet_task(td: usize): void {
  const sc: usize = load<u32>(td, TD_PRIV);
  sim_st(sc + VTN_PENDING, 0);
  if (load<u32>(queue(sc, VQ_RX), GVQ_RING) && load<u32>(sc, VTN_IFP) && !load<u32>(sc, VTN_PT)) {
    const more = rxq_eof(sc);
    txq_eof(sc);
    if (more) return;
    const rx = virtqueue_enable_intr(queue(sc, VQ_RX)), tx = virtqueue_enable_intr(queue(sc, VQ_TX));
    if (rx || tx) return; // used meanwhile, and nobody was told
  }
  store<u64>(td, 0, TD_DEADLINE);
  store<u32>(td, WM_IDLE, TD_WMESG);
  sim_st(td + TD_STATE, TDS_SLEEP);
  if (sim_ld(sc + VTN_PENDING)) sim_st(td + TD_STATE, TDS_RUN);
}

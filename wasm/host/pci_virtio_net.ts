// virtio-net of bhyve, the copying path: the threads that move packets between the guest's queues and a back-end. Mirrors
// pci_virtio_net.c of 2015 (facts bhyve 2.5, 3.6, 3.7): "vtnet-S:F tx" drains the TX queue, "netmap-evloop-…" and "mevent" call
// back when a port or a tap has something. The registers are src/host/bhyve/virtio.ts. What a guest writes is checked in net/virtio.ts.

import {
  IOV_SIZE, OPS, OP_TAP_SELECT, POLLIN, TDS_DONE, TD_DEADLINE, TD_POLL_DEADLINE, TD_PRIV, TD_SELPEND, TD_STATE, TD_UPCALL,
  VCPU_CTL_PENDING, VM_VCPU, VNS_INTX, VNS_MSI, VNS_MSI_MASKED, VNS_MSI_NONE, VNS_RX_DUMMY, VNS_RX_PACKETS, VNS_TX_DROPS, VNS_TX_PACKETS,
  VN_BE_PRIV, VN_BE_RECV, VN_BE_SEND, VN_HAS_MSIX, VN_HDRLEN, VN_ISR, VN_LINTR, VN_MSIX_CTRL, VN_MSIX_TABLE, VN_MSIX_VECTORS, VN_MSI_ADDR,
  VN_MSI_CAP, VN_MSI_CTRL, VN_MSI_DATA, VN_RESETTING, VN_RX_BUSY, VN_RX_READY, VN_STAT, VN_TX_BUSY, VN_VM, VN_VQ, VQE_HEADER, VQ_ERROR,
  VQ_IDX, VQ_MSIX, VQ_QSIZE, VQ_RX, VQ_SIZE, VQ_TX, VRING_USED_F_NO_NOTIFY, VTNET_MAXSEGS, VT_CANCEL, VT_DEVS, VT_IOV, VT_N, VT_SC,
  WM_KQREAD, WM_SELECT, WM_UWAIT,
} from "../layout";
import { COST_MSI_KERNEL, COST_SYSCALL, P_VTX_MB } from "../points";
import { charge, fence, now, sim_ld, sim_st } from "../sim/shared";
import { POLL_ASLEEP, netmap_poll, td_sleep } from "../net/netmap_poll";
import {
  copy_to_guest, vq_endchains, vq_error, vq_getchain, vq_has_descs, vq_relchain, vq_retchain, vq_set_flags,
} from "../net/virtio";
import { wake_block } from "../sim/sleepq";
import { lapic_msi } from "./vmm_lapic";

/** Chains of one turn: the thread comes back for the rest. */
const BURST: u32 = 256;

/** Adds to a counter of the device. */
export function vtnet_count(sc: usize, which: u32, n: u64): void {
  const p = sc + VN_STAT + which * 8;
  store<u64>(p, load<u64>(p) + n);
}

/** Bytes of a chain. At most VTNET_MAXSEGS segments, each shorter than the guest's memory. */
function iov_bytes(iov: usize, n: u32): u64 {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < n; i++) sum += load<u32>(iov + i * IOV_SIZE, 4);
  return sum;
}

// ── interrupts ───────────────────────────────────────────────────────────────────────────────────

/** vq_interrupt: MSI-X, MSI or INTx, whichever the guest has on. Masked, or without a vector, it is dropped: no pending bit in 2015. */
function vq_interrupt(sc: usize, vq: usize): void {
  const vm: usize = load<u32>(sc, VN_VM), msix: u32 = load<u16>(sc, VN_MSIX_CTRL);
  if (load<u32>(sc, VN_HAS_MSIX) && (msix & 0x8000)) {
    const v = load<u32>(vq, VQ_MSIX), e = sc + VN_MSIX_TABLE + v * 16;
    if ((msix & 0x4000) || v >= VN_MSIX_VECTORS || (load<u32>(e, 12) & 1)) { vtnet_count(sc, VNS_MSI_MASKED, 1); return; }
    charge(COST_SYSCALL + COST_MSI_KERNEL);
    vtnet_count(sc, VNS_MSI, 1);
    lapic_msi(vm, load<u32>(e, 8), load<u64>(e));
    return;
  }
  sim_st(sc + VN_ISR, sim_ld(sc + VN_ISR) | 1);
  const msi = sc + load<u32>(sc, VN_MSI_CAP);
  if (load<u16>(msi, VN_MSI_CTRL) & 1) {
    charge(COST_SYSCALL + COST_MSI_KERNEL);
    vtnet_count(sc, VNS_MSI, 1);
    lapic_msi(vm, load<u16>(msi, VN_MSI_DATA), load<u64>(msi, VN_MSI_ADDR));
    return;
  }
  if (sim_ld(sc + VN_LINTR)) return; // the line is up already
  sim_st(sc + VN_LINTR, 1);
  vtnet_count(sc, VNS_INTX, 1);
  const vcpu: usize = load<u32>(vm, VM_VCPU); // no interrupt controller is modelled: the guest's kernel gets the CPU, as for the UART
  if (!vcpu) return;
  sim_st(vcpu + VCPU_CTL_PENDING, 1);
  wake_block(load<u32>(vcpu, 4), vcpu as u32, now());
}
function end(sc: usize, vq: usize, used_all: bool): void {
  if (vq_endchains(vq, used_all)) vq_interrupt(sc, vq);
  else vtnet_count(sc, VNS_MSI_NONE, 1);
}

/** What the queue complains of is for bhyve to print. */
function complain(td: usize, vq: usize): void { if (load<u32>(vq, VQ_ERROR)) store<u32>(td, 1, TD_UPCALL); }
/** A chain that was wrong goes back empty, if it can be named. */
function give_back(vq: usize): void {
  if (load<u32>(vq, VQ_IDX) < load<u32>(vq, VQ_QSIZE)) vq_relchain(vq, load<u32>(vq, VQ_IDX), 0);
}

// ── transmit ─────────────────────────────────────────────────────────────────────────────────────

/** pci_vtnet_proctx: one chain to the back-end. `more` is always 0 in 2015: a system call a packet. */
function proctx(sc: usize, td: usize, vq: usize): void {
  const iov: usize = load<u32>(td, TD_PRIV) + VT_IOV, n = vq_getchain(vq, iov, VTNET_MAXSEGS);
  if (n == 0) return;
  const idx = load<u32>(vq, VQ_IDX), bytes: u64 = n > 0 ? iov_bytes(iov, n as u32) : 0;
  if (n > 0 && bytes < load<u32>(sc, VN_HDRLEN)) vq_error(vq, VQE_HEADER, bytes as u32);
  else if (n > 0) {
    const e = call_indirect<i32>(load<u32>(sc, VN_BE_SEND), sc, td, n as u32, bytes as u32, 0 as u32);
    vtnet_count(sc, e < 0 ? VNS_TX_DROPS : VNS_TX_PACKETS, 1);
    vq_relchain(vq, idx, bytes as u32);
    return;
  }
  vtnet_count(sc, VNS_TX_DROPS, 1);
  give_back(vq);
}

/**
 * pci_vtnet_tx_thread, one turn. VN_TX_BUSY stands for tx_in_progress: while it is clear, a kick finds the thread by its td
 * (the condition variable); while it is set, the thread looks at the queue again by itself before it sleeps.
 */
export function vtnet_tx_body(td: usize): void {
  const a: usize = load<u32>(td, TD_PRIV), sc: usize = load<u32>(a, VT_SC), vq = sc + VN_VQ + VQ_TX * VQ_SIZE;
  if (sim_ld(a + VT_CANCEL)) { sim_st(td + TD_STATE, TDS_DONE); return; }
  sim_st(td + TD_SELPEND, 0);
  if (!sim_ld(sc + VN_TX_BUSY)) {
    if (sim_ld(sc + VN_RESETTING) || !vq_has_descs(vq)) {
      vq_set_flags(vq, 0);
      fence(P_VTX_MB); // the driver sees that it must kick, or we see its descriptor
      if (sim_ld(sc + VN_RESETTING) || !vq_has_descs(vq)) { td_sleep(td, 0, WM_UWAIT); return; }
    }
    sim_st(sc + VN_TX_BUSY, 1);
    vq_set_flags(vq, VRING_USED_F_NO_NOTIFY);
  }
  let more: bool = true;
  for (let i: u32 = 0; more && i < BURST; i++) {
    proctx(sc, td, vq);
    more = !sim_ld(sc + VN_RESETTING) && vq_has_descs(vq);
  }
  if (!more) {
    end(sc, vq, true);
    sim_st(sc + VN_TX_BUSY, 0);
  }
  complain(td, vq);
}

// ── receive ──────────────────────────────────────────────────────────────────────────────────────

/** The header in front of a received packet: nothing in it is valid but the number of buffers, which is 1. */
function rx_header(sc: usize, td: usize, vq: usize): bool {
  const a: usize = load<u32>(td, TD_PRIV), hdr = load<u32>(sc, VN_HDRLEN), p = a + VT_CANCEL + 4 * 4; // 12 bytes of the thread's page
  memory.fill(p, 0, 12);
  if (hdr == 12) store<u16>(p, 1, 10);
  const ok = copy_to_guest(vq, load<u32>(a, VT_IOV), p, hdr);
  memory.fill(p, 0, 12);
  return ok;
}

/** Reads one packet into the dummy buffer: it is lost. */
function drop_one(sc: usize, td: usize): void {
  if (call_indirect<i32>(load<u32>(sc, VN_BE_RECV), sc, td, 0 as u32) > 0) vtnet_count(sc, VNS_RX_DUMMY, 1);
}

/** pci_vtnet_rx, the callback: packets while there are descriptors, then one interrupt for all of them. */
function vtnet_rx(sc: usize, td: usize): void {
  const vq = sc + VN_VQ + VQ_RX * VQ_SIZE, iov: usize = load<u32>(td, TD_PRIV) + VT_IOV;
  if (!sim_ld(sc + VN_RX_READY) || sim_ld(sc + VN_RESETTING)) { drop_one(sc, td); return; }
  if (!vq_has_descs(vq)) { drop_one(sc, td); end(sc, vq, true); return; }
  for (let i: u32 = 0; i < BURST; i++) {
    const n = vq_getchain(vq, iov, VTNET_MAXSEGS);
    if (n == 0) break;
    const idx = load<u32>(vq, VQ_IDX);
    if (n > 0 && load<u32>(iov, 4) < load<u32>(sc, VN_HDRLEN)) vq_error(vq, VQE_HEADER, load<u32>(iov, 4));
    else if (n > 0) {
      const len = call_indirect<i32>(load<u32>(sc, VN_BE_RECV), sc, td, n as u32);
      if (len == 0) { vq_retchain(vq); end(sc, vq, false); return; }
      if (len > 0 && rx_header(sc, td, vq)) {
        vtnet_count(sc, VNS_RX_PACKETS, 1);
        vq_relchain(vq, idx, len);
      } else give_back(vq);
      if (sim_ld(sc + VN_RESETTING) || !vq_has_descs(vq)) break;
      continue;
    }
    give_back(vq);
    if (!vq_has_descs(vq)) break;
  }
  end(sc, vq, true);
}

/** The callback under rx_mtx. */
function vtnet_rx_callback(sc: usize, td: usize): void {
  sim_st(sc + VN_RX_BUSY, 1);
  vtnet_rx(sc, td);
  sim_st(sc + VN_RX_BUSY, 0);
  complain(td, sc + VN_VQ + VQ_RX * VQ_SIZE);
}

/** netmap_evloop_thread, one turn: poll() on the port. That of a pass-through port has no ring: it stays blocked. */
export function netmap_evloop_body(td: usize): void {
  const a: usize = load<u32>(td, TD_PRIV), sc: usize = load<u32>(a, VT_SC);
  if (sim_ld(a + VT_CANCEL)) { sim_st(td + TD_STATE, TDS_DONE); return; }
  if (!load<u32>(a, VT_N)) {
    sim_st(td + TD_SELPEND, 0);
    td_sleep(td, 0, WM_SELECT);
    return;
  }
  if (!load<u64>(td, TD_POLL_DEADLINE)) {
    charge(COST_SYSCALL);
    store<u64>(td, u64.MAX_VALUE, TD_POLL_DEADLINE);
  }
  const revents = netmap_poll(td, POLLIN, 0);
  if (revents == POLL_ASLEEP) { store<u64>(td, 0, TD_DEADLINE); return; } // INFTIM
  if (revents & POLLIN) vtnet_rx_callback(sc, td);
  else { sim_st(td + TD_SELPEND, 0); td_sleep(td, 0, WM_SELECT); } // POLLERR: the port has left netmap mode
}

/** mevent_dispatch, one turn: EVF_READ of the taps. */
export function mevent_body(td: usize): void {
  const a: usize = load<u32>(td, TD_PRIV), n = load<u32>(a, VT_N);
  if (sim_ld(a + VT_CANCEL)) { sim_st(td + TD_STATE, TDS_DONE); return; }
  sim_st(td + TD_SELPEND, 0);
  let events: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const sc: usize = load<u32>(a + VT_DEVS + i * 4);
    if (!call_indirect<u32>(load<u32>(OPS + OP_TAP_SELECT * 4), td, load<u32>(sc, VN_BE_PRIV))) continue;
    events++;
    vtnet_rx_callback(sc, td);
  }
  if (!events) td_sleep(td, 0, WM_KQREAD);
}

/** The null back-end, and whoever lacks an operation: the guest's packets are consumed, nothing comes. */
export function netbe_null_send(sc: usize, td: usize, n: u32, bytes: u32, more: u32): i32 { return -1; }
export function netbe_null_recv(sc: usize, td: usize, n: u32): i32 { return -1; }

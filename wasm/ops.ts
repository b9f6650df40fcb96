// The only place that takes function values. index.ts names this file first, so that every build numbers the same
// functions the same way: an index stored in the machine's memory means the same op in both.

import * as L from "./layout";
import { receiver_body, sender_body } from "./bin/pkt_gen";
import { nmreplay_body } from "./bin/nmreplay";
import { tcpdump_body } from "./bin/tcpdump";
import { ptnet_rxsync, ptnet_txsync, vtnet_rx_intr, vtnet_tx_intr } from "./guest/if_vtnet_netmap";
import { guest_wakeup, vcpu_intr, vcpu_iterate } from "./guest/sched";
import { host_wakeup, nm_kthread_worker, program_iterate } from "./host/netmap_freebsd";
import { netmap_null_sync, netmap_pipe_rxsync, netmap_pipe_txsync } from "./host/netmap_pipe";
import { netmap_vp_rxsync, netmap_vp_txsync } from "./host/netmap_vale";
import { ptnetmap_rx_handler, ptnetmap_rx_notify, ptnetmap_tx_handler, ptnetmap_tx_notify } from "./host/ptnetmap";
import { vm_handle_inout } from "./host/vmm_ioport";
import { ixgbe_msix_que, ixgbe_netmap_rxsync, ixgbe_netmap_txsync } from "./host/ixgbe_netmap";
import { nic_iterate } from "./hw/nic";
import { netmap_notify } from "./net/netmap_poll";

function idle(arg: usize): void {}
function op(i: u32, index: u32): void { store<u32>(L.OPS + i * 4, index); }

/** Fills the op table: OP_* to function index. */
export function ops_setup(): void {
  op(L.OP_PKTGEN_SENDER, sender_body.index);
  op(L.OP_PKTGEN_RECEIVER, receiver_body.index);
  op(L.OP_PROGRAM, program_iterate.index);
  op(L.OP_KTHREAD, nm_kthread_worker.index);
  op(L.OP_VCPU, vcpu_iterate.index);
  op(L.OP_VCPU_INTR, vcpu_intr.index);
  op(L.OP_PTN_TX_WORKER, ptnetmap_tx_handler.index);
  op(L.OP_PTN_RX_WORKER, ptnetmap_rx_handler.index);
  op(L.OP_PTN_TX_NOTIFY, ptnetmap_tx_notify.index);
  op(L.OP_PTN_RX_NOTIFY, ptnetmap_rx_notify.index);
  op(L.OP_KRING_NOTIFY, netmap_notify.index);
  op(L.OP_VALE_TXSYNC, netmap_vp_txsync.index);
  op(L.OP_VALE_RXSYNC, netmap_vp_rxsync.index);
  op(L.OP_PIPE_TXSYNC, netmap_pipe_txsync.index);
  op(L.OP_PIPE_RXSYNC, netmap_pipe_rxsync.index);
  op(L.OP_NULL_SYNC, netmap_null_sync.index);
  op(L.OP_HOST_WAKEUP, host_wakeup.index);
  op(L.OP_GUEST_WAKEUP, guest_wakeup.index);
  op(L.OP_PTNET_TXSYNC, ptnet_txsync.index);
  op(L.OP_PTNET_RXSYNC, ptnet_rxsync.index);
  op(L.OP_VTNET_RX_INTR, vtnet_rx_intr.index);
  op(L.OP_VTNET_TX_INTR, vtnet_tx_intr.index);
  op(L.OP_VM_INOUT, vm_handle_inout.index);
  op(L.OP_IDLE, idle.index);
  op(L.OP_NIC, nic_iterate.index);
  op(L.OP_IX_ITHREAD, ixgbe_msix_que.index);
  op(L.OP_IX_TXSYNC, ixgbe_netmap_txsync.index);
  op(L.OP_IX_RXSYNC, ixgbe_netmap_rxsync.index);
  op(L.OP_TCPDUMP, tcpdump_body.index);
  op(L.OP_NMREPLAY, nmreplay_body.index);
}

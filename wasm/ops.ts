// The only place that takes function values. index.ts names this file first, so that every build numbers the same
// functions the same way: an index stored in the machine's memory means the same op in both.

import * as L from "./layout";
import { bridge_body } from "./bin/bridge";
import { nmsh_body } from "./bin/nmsh";
import { receiver_body, sender_body } from "./bin/pkt_gen";
import { pinger_body, ponger_body } from "./bin/pkt_gen_ping";
import { nmreplay_body } from "./bin/nmreplay";
import { tcpdump_body } from "./bin/tcpdump";
import { ptnet_rxsync, ptnet_txsync, vtnet_rx_intr, vtnet_tx_intr } from "./guest/if_vtnet_netmap";
import { vtnet_intr, vtnet_rx_filter, vtnet_task, vtnet_tx_filter, vtnet_transmit } from "./guest/if_vtnet";
import { guest_netisr, guest_softclock, guest_wake_kthread } from "./guest/kthread";
import { guest_wakeup, vcpu_intr, vcpu_iterate } from "./guest/sched";
import { host_wakeup, nm_kthread_worker, program_iterate } from "./host/netmap_freebsd";
import { netmap_null_sync, netmap_pipe_rxsync, netmap_pipe_txsync } from "./net/netmap_pipe";
import { netmap_vp_rxsync, netmap_vp_txsync } from "./net/netmap_vale";
import {
  netmap_monitor_parent_notify, netmap_monitor_parent_rxsync, netmap_monitor_parent_txsync, netmap_monitor_rxsync, netmap_monitor_txsync,
  netmap_zmon_parent_rxsync, netmap_zmon_parent_txsync,
} from "./net/netmap_monitor";
import { ptnetmap_rx_handler, ptnetmap_rx_notify, ptnetmap_tx_handler, ptnetmap_tx_notify } from "./host/ptnetmap";
import { netmap_receive, netmap_send } from "./host/net_backend_netmap";
import { tap_recv, tap_send } from "./host/net_backend_tap";
import { mevent_body, netbe_null_recv, netbe_null_send, netmap_evloop_body, vtnet_tx_body } from "./host/pci_virtio_net";
import { regh_condsignal, regh_fd, regh_kwevents, vm_handle_inout } from "./host/vmm_ioport";
import { txpoll_body } from "./host/txpoll";
import { ixgbe_msix_que, ixgbe_netmap_rxsync, ixgbe_netmap_txsync, ixgbe_transmit } from "./host/ixgbe_netmap";
import { netmap_bwrap_intr_notify, netmap_bwrap_notify, netmap_bwrap_polling } from "./net/netmap_bwrap";
import { nic_iterate } from "./hw/nic";
import { netmap_notify } from "./net/netmap_poll";
import { labtap_body } from "./bin/labtap";
import { ping_body } from "./bin/ping";
import { bridge_input, bridge_output, bridge_transmit } from "./host/if_bridge";
import { em_iterate, em_transmit } from "./host/if_em";
import { tap_read, tap_select, tap_transmit, tap_write } from "./host/if_tap";
import { lo_transmit, raw_recv, raw_send } from "./net/ip_icmp";
import { generic_mbuf_destructor, generic_netmap_rxsync, generic_netmap_txsync } from "./net/netmap_generic";
import { litmus_body } from "./sim/litmus";
import { host_wake_kthread, netisr, softclock } from "./host/netisr";
import { netmap_forward_up, netmap_rxsync_from_host, netmap_txsync_to_host } from "./net/netmap_host";

function idle(arg: usize): void {}
function op(i: u32, index: u32): void { store<u32>(L.OPS + i * 4, index); }

/** Fills the op table: OP_* to function index. */
export function ops_setup(): void {
  op(L.OP_PKTGEN_SENDER, sender_body.index);
  op(L.OP_PKTGEN_RECEIVER, receiver_body.index);
  op(L.OP_PKTGEN_PINGER, pinger_body.index);
  op(L.OP_PKTGEN_PONGER, ponger_body.index);
  op(L.OP_BRIDGE, bridge_body.index);
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
  op(L.OP_GUEST_WAKE_KTHREAD, guest_wake_kthread.index);
  op(L.OP_GUEST_NETISR, guest_netisr.index);
  op(L.OP_GUEST_SOFTCLOCK, guest_softclock.index);
  op(L.OP_VTNET_TASK, vtnet_task.index);
  op(L.OP_VTNET_TRANSMIT, vtnet_transmit.index);
  op(L.OP_VTNET_RX_FILTER, vtnet_rx_filter.index);
  op(L.OP_VTNET_TX_FILTER, vtnet_tx_filter.index);
  op(L.OP_VM_INOUT, vm_handle_inout.index);
  op(L.OP_IDLE, idle.index);
  op(L.OP_NIC, nic_iterate.index);
  op(L.OP_IX_ITHREAD, ixgbe_msix_que.index);
  op(L.OP_IX_TXSYNC, ixgbe_netmap_txsync.index);
  op(L.OP_IX_RXSYNC, ixgbe_netmap_rxsync.index);
  op(L.OP_IX_TRANSMIT, ixgbe_transmit.index);
  op(L.OP_NETISR, netisr.index);
  op(L.OP_SOFTCLOCK, softclock.index);
  op(L.OP_MBUF_DTOR, generic_mbuf_destructor.index);
  op(L.OP_HOST_TXSYNC, netmap_txsync_to_host.index);
  op(L.OP_HOST_RXSYNC, netmap_rxsync_from_host.index);
  op(L.OP_FORWARD_UP, netmap_forward_up.index);
  op(L.OP_GENERIC_TXSYNC, generic_netmap_txsync.index);
  op(L.OP_GENERIC_RXSYNC, generic_netmap_rxsync.index);
  op(L.OP_EM, em_iterate.index);
  op(L.OP_EM_TRANSMIT, em_transmit.index);
  op(L.OP_TAP_TRANSMIT, tap_transmit.index);
  op(L.OP_TAP_READ, tap_read.index);
  op(L.OP_TAP_WRITE, tap_write.index);
  op(L.OP_TAP_SELECT, tap_select.index);
  op(L.OP_BRIDGE_TRANSMIT, bridge_transmit.index);
  op(L.OP_BRIDGE_INPUT, bridge_input.index);
  op(L.OP_BRIDGE_OUTPUT, bridge_output.index);
  op(L.OP_HOST_WAKE_KTHREAD, host_wake_kthread.index);
  op(L.OP_LO_TRANSMIT, lo_transmit.index);
  op(L.OP_RAW_SEND, raw_send.index);
  op(L.OP_RAW_RECV, raw_recv.index);
  op(L.OP_PING, ping_body.index);
  op(L.OP_LITMUS, litmus_body.index);
  op(L.OP_LABTAP, labtap_body.index);
  op(L.OP_BWRAP_NOTIFY, netmap_bwrap_notify.index);
  op(L.OP_BWRAP_INTR, netmap_bwrap_intr_notify.index);
  op(L.OP_NMSH, nmsh_body.index);
  op(L.OP_TCPDUMP, tcpdump_body.index);
  op(L.OP_NMREPLAY, nmreplay_body.index);
  op(L.OP_MON_TXSYNC, netmap_monitor_txsync.index);
  op(L.OP_MON_RXSYNC, netmap_monitor_rxsync.index);
  op(L.OP_MON_PARENT_TXSYNC, netmap_monitor_parent_txsync.index);
  op(L.OP_MON_PARENT_RXSYNC, netmap_monitor_parent_rxsync.index);
  op(L.OP_MON_PARENT_NOTIFY, netmap_monitor_parent_notify.index);
  op(L.OP_ZMON_PARENT_TXSYNC, netmap_zmon_parent_txsync.index);
  op(L.OP_ZMON_PARENT_RXSYNC, netmap_zmon_parent_rxsync.index);
  op(L.OP_BWRAP_POLLING, netmap_bwrap_polling.index);
  op(L.OP_REGH_KWEVENTS, regh_kwevents.index);
  op(L.OP_REGH_CONDSIGNAL, regh_condsignal.index);
  op(L.OP_REGH_FD, regh_fd.index);
  op(L.OP_TXPOLL, txpoll_body.index);
  op(L.OP_VTNET_INTR, vtnet_intr.index);
  op(L.OP_VTNET_TX, vtnet_tx_body.index);
  op(L.OP_NETMAP_EVLOOP, netmap_evloop_body.index);
  op(L.OP_MEVENT, mevent_body.index);
  op(L.OP_BE_NULL_SEND, netbe_null_send.index);
  op(L.OP_BE_NULL_RECV, netbe_null_recv.index);
  op(L.OP_BE_TAP_SEND, tap_send.index);
  op(L.OP_BE_TAP_RECV, tap_recv.index);
  op(L.OP_BE_NETMAP_SEND, netmap_send.index);
  op(L.OP_BE_NETMAP_RECV, netmap_receive.index);
}

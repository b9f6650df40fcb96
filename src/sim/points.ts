// Pause points: what each is called, where its word is, and the kernel function it mirrors. A number without an entry
// here does not compile. Where a point stands in the source comes from the build (build/points.json).

import * as P from '../../wasm/points.ts';
import { VIRTIO_POINTS } from './points_virtio.ts';
import { MONITOR_POINTS } from './points_monitor.ts';
import { PROTOCOL_POINTS } from './points_protocol.ts';

/** Kinds of access, in the order of ACC_*. */
export const ACCESS = ['plain', 'ld', 'st', 'rmw', 'fence', 'sleep', 'wakeup', 'lock', 'unlock', 'plain'] as const;
export type Access = (typeof ACCESS)[number];

export type Names = { [K in keyof typeof P]: K extends `P_${infer R}` ? (R extends 'COUNT' ? never : K) : never }[keyof typeof P];

/** [word, place, kernel function]. */
export type Entry = readonly [string, string, string];

const TABLE: Readonly<Record<Names, Entry>> = {
  P_KR_TRYGET_STOPPED: ['nkr_stopped', 'the kring', 'nm_kr_tryget'],
  P_KR_TRYGET_BUSY: ['nr_busy', 'the kring', 'nm_kr_tryget'],
  P_KR_TRYGET_STOPPED2: ['nkr_stopped', 'the kring', 'nm_kr_tryget'],
  P_KR_PUT: ['nr_busy', 'the kring', 'nm_kr_put'],
  P_TXPRO_HEAD: ['head', 'the ring', 'nm_txsync_prologue'],
  P_TXPRO_CUR: ['cur', 'the ring', 'nm_txsync_prologue'],
  P_TXPRO_HWCUR: ['nr_hwcur', 'the kring', 'nm_txsync_prologue'],
  P_TXPRO_HWTAIL: ['nr_hwtail', 'the kring', 'nm_txsync_prologue'],
  P_TXPRO_TAIL: ['tail', 'the ring', 'nm_txsync_prologue'],
  P_RXPRO_HEAD: ['head', 'the ring', 'nm_rxsync_prologue'],
  P_RXPRO_CUR: ['cur', 'the ring', 'nm_rxsync_prologue'],
  P_RXPRO_HWCUR: ['nr_hwcur', 'the kring', 'nm_rxsync_prologue'],
  P_RXPRO_HWTAIL: ['nr_hwtail', 'the kring', 'nm_rxsync_prologue'],
  P_RXPRO_TAIL: ['tail', 'the ring', 'nm_rxsync_prologue'],
  P_FIN_HWTAIL: ['nr_hwtail', 'the kring', 'nm_sync_finalize'],
  P_FIN_TAIL: ['tail', 'the ring', 'nm_sync_finalize'],
  P_REINIT_HEAD: ['head', 'the ring', 'netmap_ring_reinit'],
  P_REINIT_CUR: ['cur', 'the ring', 'netmap_ring_reinit'],
  P_REINIT_TAIL: ['tail', 'the ring', 'netmap_ring_reinit'],
  P_REINIT_HWCUR: ['nr_hwcur', 'the kring', 'netmap_ring_reinit'],
  P_REINIT_HWTAIL: ['nr_hwtail', 'the kring', 'netmap_ring_reinit'],
  P_REINIT_ST_HEAD: ['head', 'the ring', 'netmap_ring_reinit'],
  P_REINIT_ST_CUR: ['cur', 'the ring', 'netmap_ring_reinit'],
  P_REINIT_ST_TAIL: ['tail', 'the ring', 'netmap_ring_reinit'],
  P_POLL_CUR: ['cur', 'the ring', 'netmap_poll'],
  P_POLL_TAIL: ['tail', 'the ring', 'netmap_poll'],
  P_POLL_CUR2: ['cur', 'the ring', 'netmap_poll'],
  P_POLL_TAIL2: ['tail', 'the ring', 'netmap_poll'],
  P_POLL_RECORD: ['the waiting thread', 'the selinfo of the kring', 'netmap_poll'],
  P_POLL_SLEEP: ['seltd', 'poll', 'netmap_poll'],
  P_NOTIFY_SWAP: ['the waiting thread', 'the selinfo of the kring', 'netmap_notify'],
  P_NOTIFY_WAKE: ['the poller', 'select', 'netmap_notify'],
  P_PG_TX_TAIL: ['tail', 'the ring', 'sender_body'],
  P_PG_TX_HEAD: ['head', 'the ring', 'sender_body'],
  P_PG_TX_ST_HEAD: ['head', 'the ring', 'sender_body'],
  P_PG_TX_ST_CUR: ['cur', 'the ring', 'sender_body'],
  P_PG_RX_HEAD: ['head', 'the ring', 'receiver_body'],
  P_PG_RX_TAIL: ['tail', 'the ring', 'receiver_body'],
  P_PG_RX_ST_HEAD: ['head', 'the ring', 'receiver_body'],
  P_PG_RX_ST_CUR: ['cur', 'the ring', 'receiver_body'],
  P_PG_FLUSH_HEAD: ['head', 'the ring', 'sender_body'],
  P_PG_FLUSH_TAIL: ['tail', 'the ring', 'sender_body'],
  P_PIPE_TX_HWCUR: ['nr_hwcur', 'the TX kring', 'netmap_pipe_txsync'],
  P_PIPE_TX_RX_HWTAIL: ['nr_hwtail', "the peer's RX kring", 'netmap_pipe_txsync'],
  P_PIPE_TX_RX_HWCUR: ['nr_hwcur', "the peer's RX kring", 'netmap_pipe_txsync'],
  P_PIPE_TX_FENCE: ['slots before indices', 'mb', 'netmap_pipe_txsync'],
  P_PIPE_TX_ST_RX_HWTAIL: ['nr_hwtail', "the peer's RX kring", 'netmap_pipe_txsync'],
  P_PIPE_TX_ST_HWCUR: ['nr_hwcur', 'the TX kring', 'netmap_pipe_txsync'],
  P_PIPE_TX_ST_HWTAIL: ['nr_hwtail', 'the TX kring', 'netmap_pipe_txsync'],
  P_PIPE_RX_HWCUR: ['nr_hwcur', 'the RX kring', 'netmap_pipe_rxsync'],
  P_PIPE_RX_ST_HWCUR: ['nr_hwcur', 'the RX kring', 'netmap_pipe_rxsync'],
  P_PIPE_RX_FENCE: ['hwcur before the notify', 'mb', 'netmap_pipe_rxsync'],
  P_VALE_TX_HWCUR: ['nr_hwcur', 'the TX kring', 'netmap_vp_txsync'],
  P_VALE_TX_RLOCK: ['bdg_lock (reader)', 'the bridge', 'netmap_vp_txsync'],
  P_VALE_TX_RUNLOCK: ['bdg_lock (reader)', 'the bridge', 'netmap_vp_txsync'],
  P_VALE_TX_ST_HWCUR: ['nr_hwcur', 'the TX kring', 'netmap_vp_txsync'],
  P_VALE_TX_ST_HWTAIL: ['nr_hwtail', 'the TX kring', 'netmap_vp_txsync'],
  P_VALE_PORT: ['the destination port', 'the bridge', 'nm_bdg_flush'],
  P_VALE_DST_LOCK: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_UNLOCK: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_HWCUR: ['nr_hwcur', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_LOCK2: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_UNLOCK2: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_HWTAIL: ['nr_hwtail', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_ST_HWTAIL: ['nr_hwtail', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_RX_LOCK: ['q_lock', 'the RX kring', 'netmap_vp_rxsync'],
  P_VALE_RX_HWCUR: ['nr_hwcur', 'the RX kring', 'netmap_vp_rxsync'],
  P_VALE_RX_ST_HWCUR: ['nr_hwcur', 'the RX kring', 'netmap_vp_rxsync'],
  P_VALE_RX_UNLOCK: ['q_lock', 'the RX kring', 'netmap_vp_rxsync'],
  P_NMK_LOCK_TEST: ['worker_lock', 'the worker', 'nm_kthread_worker'],
  P_NMK_UNLOCK_RUN: ['worker_lock', 'the worker', 'nm_kthread_worker'],
  P_NMK_SLEEP: ['nmk_event', 'msleep', 'nm_kthread_worker'],
  P_NMK_WAKE_LOCK: ['worker_lock', 'the worker', 'nm_os_kthread_wakeup_worker'],
  P_NMK_WAKE_UNLOCK: ['worker_lock', 'the worker', 'nm_os_kthread_wakeup_worker'],
  P_NMK_WAKE: ['the worker', 'its wait channel', 'nm_os_kthread_wakeup_worker'],
  P_PTN_TX_ST_KICK0: ['host_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_HEAD0: ['tx_ring.head', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_FENCE0: ['head before cur', 'mb', 'ptnetmap_tx_handler'],
  P_PTN_TX_CUR0: ['tx_ring.cur', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_HWCUR: ['nr_hwcur', "the port's TX kring", 'ptnetmap_tx_handler'],
  P_PTN_TX_HWTAIL: ['nr_hwtail', "the port's TX kring", 'ptnetmap_tx_handler'],
  P_PTN_TX_HWTAIL2: ['nr_hwtail', "the port's TX kring", 'ptnetmap_tx_handler'],
  P_PTN_TX_HWCUR2: ['nr_hwcur', "the port's TX kring", 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_HWTAIL: ['tx_ring.hwtail', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_MB: ['hwtail before hwcur', 'mb', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_HWCUR: ['tx_ring.hwcur', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_NEED: ['guest_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_NEED: ['guest_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_HEAD1: ['tx_ring.head', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_FENCE1: ['head before cur', 'mb', 'ptnetmap_tx_handler'],
  P_PTN_TX_CUR1: ['tx_ring.cur', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_KICK1: ['host_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_BARRIER: ['the flag before the second look', 'the store-load barrier of 2019', 'ptnetmap_tx_handler'],
  P_PTN_TX_HEAD2: ['tx_ring.head', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_FENCE2: ['head before cur', 'mb', 'ptnetmap_tx_handler'],
  P_PTN_TX_CUR2: ['tx_ring.cur', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_KICK2: ['host_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_STOPPED: ['stopped', 'the ptnetmap state', 'ptnetmap_tx_handler'],
  P_PTN_TX_NEED_END: ['guest_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_NEED_END: ['guest_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_KICK_ERR: ['stopped', 'the ptnetmap state', 'ptnetmap_tx_handler'],
  P_PTN_TX_STOPPED0: ['stopped', 'the ptnetmap state', 'ptnetmap_tx_handler'],
  P_PTN_RX_ST_KICK0: ['host_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_HEAD0: ['rx_ring.head', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_FENCE0: ['head before cur', 'mb', 'ptnetmap_rx_handler'],
  P_PTN_RX_CUR0: ['rx_ring.cur', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_HWTAIL: ['nr_hwtail', "the port's RX kring", 'ptnetmap_rx_handler'],
  P_PTN_RX_HWCUR: ['nr_hwcur', "the port's RX kring", 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_HWTAIL: ['rx_ring.hwtail', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_MB: ['hwtail before hwcur', 'mb', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_HWCUR: ['rx_ring.hwcur', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_NEED: ['guest_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_NEED: ['guest_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_HEAD1: ['rx_ring.head', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_FENCE1: ['head before cur', 'mb', 'ptnetmap_rx_handler'],
  P_PTN_RX_CUR1: ['rx_ring.cur', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_KICK1: ['host_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_BARRIER: ['the flag before the second look', 'the store-load barrier of 2019', 'ptnetmap_rx_handler'],
  P_PTN_RX_HEAD2: ['rx_ring.head', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_FENCE2: ['head before cur', 'mb', 'ptnetmap_rx_handler'],
  P_PTN_RX_CUR2: ['rx_ring.cur', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_KICK2: ['host_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_STOPPED: ['stopped', 'the ptnetmap state', 'ptnetmap_rx_handler'],
  P_PTN_RX_NEED_END: ['guest_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_NEED_END: ['guest_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_KICK_ERR: ['stopped', 'the ptnetmap state', 'ptnetmap_rx_handler'],
  P_PTN_RX_STOPPED0: ['stopped', 'the ptnetmap state', 'ptnetmap_rx_handler'],
  P_GTX_ST_NEED0: ['guest_need_txkick', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_HWCUR: ['tx_ring.hwcur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_ST_KR_HWCUR: ['nr_hwcur', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GTX_ST_CUR: ['tx_ring.cur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_MB: ['cur before head', 'mb', 'netmap_pt_guest_txsync'],
  P_GTX_ST_HEAD: ['tx_ring.head', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_KICK: ['host_need_txkick', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_ST_FLAGS: ['tx_ring.sync_flags', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_HWCUR2: ['tx_ring.hwcur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_MB2: ['hwcur before hwtail', 'mb', 'netmap_pt_guest_txsync'],
  P_GTX_HWTAIL2: ['tx_ring.hwtail', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_ST_KR_HWCUR2: ['nr_hwcur', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GTX_ST_KR_HWTAIL2: ['nr_hwtail', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GTX_ST_NEED1: ['guest_need_txkick', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_BARRIER: ['head before the kick flag', 'the store-load barrier of 2019', 'netmap_pt_guest_txsync'],
  P_GTX_HWCUR3: ['tx_ring.hwcur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_MB3: ['hwcur before hwtail', 'mb', 'netmap_pt_guest_txsync'],
  P_GTX_HWTAIL3: ['tx_ring.hwtail', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_ST_KR_HWCUR3: ['nr_hwcur', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GTX_ST_KR_HWTAIL3: ['nr_hwtail', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GTX_ST_NEED2: ['guest_need_txkick', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GRX_ST_NEED0: ['guest_need_rxkick', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_HWCUR: ['rx_ring.hwcur', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_MB: ['hwcur before hwtail', 'mb', 'netmap_pt_guest_rxsync'],
  P_GRX_HWTAIL: ['rx_ring.hwtail', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_ST_KR_HWTAIL: ['nr_hwtail', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_GRX_ST_KR_HWCUR: ['nr_hwcur', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_GRX_KFLAGS: ['nr_kflags', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_GRX_ST_CUR: ['rx_ring.cur', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_MB2: ['cur before head', 'mb', 'netmap_pt_guest_rxsync'],
  P_GRX_ST_HEAD: ['rx_ring.head', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_KICK: ['host_need_rxkick', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_ST_FLAGS: ['rx_ring.sync_flags', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_ST_NEED1: ['guest_need_rxkick', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_BARRIER: ['head before the kick flag', 'the store-load barrier of 2019', 'netmap_pt_guest_rxsync'],
  P_GRX_HWCUR3: ['rx_ring.hwcur', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_MB3: ['hwcur before hwtail', 'mb', 'netmap_pt_guest_rxsync'],
  P_GRX_HWTAIL3: ['rx_ring.hwtail', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_ST_KR_HWTAIL3: ['nr_hwtail', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_GRX_ST_KR_HWCUR3: ['nr_hwcur', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_GRX_ST_NEED2: ['guest_need_rxkick', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_VTN_KICK: ['the queue index', 'QNOTIFY (an exit)', 'vtpci_notify_virtqueue'],
  P_IO_OUT: ['the queue index', 'QNOTIFY (an exit)', 'vm_handle_inout'],
  P_IO_WAKEUP: ["the handler's wait channel", 'vmm.ko', 'vm_handle_inout'],
  P_MSI_SET_IRR: ['irr', 'the vLAPIC', 'lapic_intr_msi'],
  P_VCPU_TAKE_IRR: ['irr', 'the vLAPIC', 'sched_idletd'],
  P_VCPU_HLT: ['HLT', 'the vCPU', 'sched_idletd'],
  P_VCPU_PENDINTR: ['nr_kflags', "the guest's RX kring", 'sched_idletd'],
  P_GTX_LD_KR_HWTAIL: ['nr_hwtail', "the guest's TX kring", 'netmap_pt_guest_txsync'],
  P_GRX_LD_KR_HWTAIL: ['nr_hwtail', "the guest's RX kring", 'netmap_pt_guest_rxsync'],
  P_VALE_DST_UNLOCK_FULL: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_VALE_DST_UNLOCK_GONE: ['q_lock', 'the destination kring', 'nm_bdg_flush'],
  P_TD_HEAD: ['head', 'the ring', 'pcap_netmap_dispatch'],
  P_TD_TAIL: ['tail', 'the ring', 'pcap_netmap_dispatch'],
  P_TD_ST_CUR: ['cur', 'the ring', 'pcap_netmap_dispatch'],
  P_TD_ST_HEAD: ['head', 'the ring', 'pcap_netmap_dispatch'],
  P_NRP_TAIL: ['tail', 'the ring', 'nmreplay'],
  P_NRP_HEAD: ['head', 'the ring', 'nmreplay'],
  P_NRP_ST_CUR: ['cur', 'the ring', 'nmreplay'],
  P_NRP_ST_HEAD: ['head', 'the ring', 'nmreplay'],
  P_NRP_FLUSH_TAIL: ['tail', 'the ring', 'nmreplay'],
  P_NRP_FLUSH_HEAD: ['head', 'the ring', 'nmreplay'],
  P_IX_TX_HWCUR: ['nr_hwcur', 'the TX kring', 'ixgbe_netmap_txsync'],
  P_IX_TX_ST_HWCUR: ['nr_hwcur', 'the TX kring', 'ixgbe_netmap_txsync'],
  P_IX_TX_ST_TDT: ['TDT', 'the NIC', 'ixgbe_netmap_txsync'],
  P_IX_TX_HWTAIL: ['nr_hwtail', 'the TX kring', 'ixgbe_netmap_txsync'],
  P_IX_TX_DD: ['status', 'the TX descriptor', 'ixgbe_netmap_txsync'],
  P_IX_TX_TDH: ['TDH', 'the NIC', 'ixgbe_netmap_txsync'],
  P_IX_TX_ST_HWTAIL: ['nr_hwtail', 'the TX kring', 'ixgbe_netmap_txsync'],
  P_IX_TX_ST_STATUS: ['status', 'the TX descriptor', 'ixgbe_netmap_txsync'],
  P_IX_RX_HWTAIL: ['nr_hwtail', 'the RX kring', 'ixgbe_netmap_rxsync'],
  P_IX_RX_STATUS: ['status', 'the RX descriptor', 'ixgbe_netmap_rxsync'],
  P_IX_RX_ST_HWTAIL: ['nr_hwtail', 'the RX kring', 'ixgbe_netmap_rxsync'],
  P_IX_RX_HWCUR: ['nr_hwcur', 'the RX kring', 'ixgbe_netmap_rxsync'],
  P_IX_RX_ST_STATUS: ['status', 'the RX descriptor', 'ixgbe_netmap_rxsync'],
  P_IX_RX_ST_HWCUR: ['nr_hwcur', 'the RX kring', 'ixgbe_netmap_rxsync'],
  P_IX_RX_ST_RDT: ['RDT', 'the NIC', 'ixgbe_netmap_rxsync'],
  P_IX_IRQ: ['the causes', 'the interrupt', 'ixgbe_msix_que'],
  P_IX_PENDINTR: ['nr_kflags', 'the RX kring', 'netmap_rx_irq'],
  P_NIC_TDT: ['TDT', 'the NIC', 'the NIC'],
  P_NIC_TDH: ['TDH', 'the NIC', 'the NIC'],
  P_NIC_ST_DD: ['status', 'the TX descriptor', 'the NIC'],
  P_NIC_ST_TDH: ['TDH', 'the NIC', 'the NIC'],
  P_NIC_RDH: ['RDH', 'the NIC', 'the NIC'],
  P_NIC_RDT: ['RDT', 'the NIC', 'the NIC'],
  P_NIC_ST_STATUS: ['status', 'the RX descriptor', 'the NIC'],
  P_NIC_ST_RDH: ['RDH', 'the NIC', 'the NIC'],
  P_NIC_EICR: ['EICR', 'the NIC', 'the NIC'],
  P_NIC_TAKE_EICR: ['EICR', 'the NIC', 'the NIC'],
  P_NIC_ST_IRQ: ['the causes', 'the interrupt', 'the NIC'],
  P_MB_GET_LOCK: ['lock', 'the mbuf pool', 'm_getcl'],
  P_MB_GET_UNLOCK: ['lock', 'the mbuf pool', 'm_getcl'],
  P_MB_UNREF: ['ref_cnt', 'the mbuf', 'm_freem'],
  P_MB_COOKIE: ['the destructor', 'the mbuf', 'm_freem'],
  P_MB_FREE_LOCK: ['lock', 'the mbuf pool', 'm_freem'],
  P_MB_FREE_UNLOCK: ['lock', 'the mbuf pool', 'm_freem'],
  P_MQ_PUT_LOCK: ['lock', 'the packet queue', 'mbq_safe_enqueue'],
  P_MQ_PUT_UNLOCK: ['lock', 'the packet queue', 'mbq_safe_enqueue'],
  P_MQ_GET_LOCK: ['lock', 'the packet queue', 'mbq_safe_dequeue'],
  P_MQ_GET_UNLOCK: ['lock', 'the packet queue', 'mbq_safe_dequeue'],
  P_IF_FLAGS: ['if_flags', 'the interface', 'ether_output'],
  P_ISR_WAKE: ['the netisr queue', 'netisr', 'netisr_queue'],
  P_NET_RLOCK: ['ifnet_lock', 'the stack, as a reader', 'IFNET_RLOCK'],
  P_NET_RUNLOCK: ['ifnet_lock', 'the stack', 'IFNET_RUNLOCK'],
  P_FWD_HEAD: ['head', "the NIC's TX ring", 'netmap_sw_to_nic'],
  P_FWD_ST_CUR: ['cur', "the NIC's TX ring", 'netmap_sw_to_nic'],
  P_FWD_ST_HEAD: ['head', "the NIC's TX ring", 'netmap_sw_to_nic'],
  P_FWD_HWCUR: ['nr_hwcur', "the NIC's RX kring", 'netmap_grab_packets'],
  P_HRX_HWCUR: ['nr_hwcur', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HRX_HWTAIL: ['nr_hwtail', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HRX_LOCK: ['rx_queue.lock', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HRX_UNLOCK: ['rx_queue.lock', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HRX_ST_HWCUR: ['nr_hwcur', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HRX_ST_HWTAIL: ['nr_hwtail', 'the host RX kring', 'netmap_rxsync_from_host'],
  P_HTX_HWCUR: ['nr_hwcur', 'the host TX kring', 'netmap_txsync_to_host'],
  P_HTX_ST_HWCUR: ['nr_hwcur', 'the host TX kring', 'netmap_txsync_to_host'],
  P_HTX_ST_HWTAIL: ['nr_hwtail', 'the host TX kring', 'netmap_txsync_to_host'],
  P_NMTX_LOCK: ['rx_queue.lock', 'the host RX kring', 'netmap_transmit'],
  P_NMTX_HWTAIL: ['nr_hwtail', 'the host RX kring', 'netmap_transmit'],
  P_NMTX_HWCUR: ['nr_hwcur', 'the host RX kring', 'netmap_transmit'],
  P_NMTX_UNLOCK: ['rx_queue.lock', 'the host RX kring', 'netmap_transmit'],
  P_GEN_DTOR_COOKIE: ['the destructor', 'the mbuf', 'generic_mbuf_destructor'],
  P_GEN_TX_HWTAIL: ['nr_hwtail', 'the TX kring', 'generic_netmap_tx_clean'],
  P_GEN_REFS: ['ref_cnt', 'the mbuf of a slot', 'generic_netmap_tx_clean'],
  P_GEN_TX_ST_HWTAIL: ['nr_hwtail', 'the TX kring', 'generic_netmap_tx_clean'],
  P_GEN_BUSY: ['ref_cnt', 'the mbuf of a slot', 'generic_netmap_txsync'],
  P_GEN_COOKIE: ['the destructor', 'the event mbuf', 'generic_set_tx_event'],
  P_GEN_TX_HWCUR: ['nr_hwcur', 'the TX kring', 'generic_netmap_txsync'],
  P_GEN_ST_REFS: ['ref_cnt', 'the mbuf of a slot', 'generic_xmit_frame'],
  P_GEN_TX_ST_HWCUR: ['nr_hwcur', 'the TX kring', 'generic_netmap_txsync'],
  P_GEN_STOPPED: ['nkr_stopped', 'the RX kring', 'generic_rx_handler'],
  P_GRXH_LOCK: ['rx_queue.lock', 'the RX kring', 'generic_rx_handler'],
  P_GRXH_UNLOCK: ['rx_queue.lock', 'the RX kring', 'generic_rx_handler'],
  P_GEN_KFLAGS: ['nr_kflags', 'the RX kring', 'generic_rx_handler'],
  P_GEN_RX_HWCUR: ['nr_hwcur', 'the RX kring', 'generic_netmap_rxsync'],
  P_GEN_RX_ST_HWCUR: ['nr_hwcur', 'the RX kring', 'generic_netmap_rxsync'],
  P_GEN_RX_HWTAIL: ['nr_hwtail', 'the RX kring', 'generic_netmap_rxsync'],
  P_GEN_RX_LOCK: ['rx_queue.lock', 'the RX kring', 'generic_netmap_rxsync'],
  P_GEN_RX_UNLOCK: ['rx_queue.lock', 'the RX kring', 'generic_netmap_rxsync'],
  P_GEN_RX_ST_HWTAIL: ['nr_hwtail', 'the RX kring', 'generic_netmap_rxsync'],
  P_CLK_WAKE: ['the callouts', 'the clock', 'callout_reset'],
  P_CLK_LOCK: ['rx_queue.lock', 'the RX kring', 'netmap_mitigation_timer'],
  P_CLK_UNLOCK: ['rx_queue.lock', 'the RX kring', 'netmap_mitigation_timer'],
  P_XMIT_NA: ['the netmap adapter', 'the interface', 'if_transmit'],
  P_ETHER_NA: ['the netmap adapter', 'the interface', 'ether_input'],
  P_BR_LOCK: ['sc_mtx', 'the bridge', 'bridge_rtupdate'],
  P_BR_UNLOCK: ['sc_mtx', 'the bridge', 'bridge_rtupdate'],
  P_BR_LOCK2: ['sc_mtx', 'the bridge', 'bridge_rtlookup'],
  P_BR_UNLOCK2: ['sc_mtx', 'the bridge', 'bridge_rtlookup'],
  P_BR_OUT: ['if_bridge', 'the interface', 'ether_output'],
  P_ARP_ADDR: ['the IPv4 address', 'the interface', 'in_arpinput'],
  P_ARP_LOCK: ['lle_lock', 'the ARP table', 'arpresolve'],
  P_ARP_UNLOCK: ['lle_lock', 'the ARP table', 'arpresolve'],
  P_ARP_LOCK2: ['lle_lock', 'the ARP table', 'in_arpinput'],
  P_ARP_UNLOCK2: ['lle_lock', 'the ARP table', 'in_arpinput'],
  P_ISR_BRIDGE: ['if_bridge', 'the interface', 'ether_input'],
  P_NET_IPID: ['ip_id', 'the stack', 'ip_output'],
  P_SOCK_TD: ['the reader', 'the raw socket', 'rip_input'],
  P_TAP_OPEN: ['TAP_OPEN', 'the tap', 'tapifstart'],
  P_TAP_SI: ['the waiting thread', 'the tap', 'tapifstart'],
  P_TAP_WAITING: ['ifq_len', 'the tap', 'tappoll'],
  P_EM_LINK: ['the link', 'the NIC', 'em_mq_start'],
  P_EM_PARTNER: ['the other end', 'the cable', 'the NIC'],
  P_EM_WAKE: ['TDT', 'the NIC', 'em_mq_start'],
  P_BWN_HWTAIL: ['nr_hwtail', 'the wrapper kring', 'netmap_bwrap_notify'],
  P_BWN_HW_HWTAIL: ['nr_hwtail', 'the NIC kring', 'netmap_bwrap_notify'],
  P_BWI_HWCUR: ['nr_hwcur', 'the NIC kring', 'netmap_bwrap_intr_notify'],
  P_BWI_HWTAIL: ['nr_hwtail', 'the NIC kring', 'netmap_bwrap_intr_notify'],
  P_BWI_ST_HWCUR: ['nr_hwcur', 'the wrapper kring', 'netmap_bwrap_intr_notify'],
  P_BWI_HWTAIL2: ['nr_hwtail', 'the NIC kring', 'netmap_bwrap_intr_notify'],
  P_IX_RESCHED: ['the causes', 'the interrupt', 'ixgbe_msix_que'],
  P_NOTIFY_SWAP_ALL: ['the waiting thread', 'the selinfo of the adapter', 'netmap_notify'],
  P_PING_TAIL: ['tail', 'the ring', 'pinger_body'],
  P_PING_HEAD: ['head', 'the ring', 'pinger_body'],
  P_PING_ST_CUR: ['cur', 'the ring', 'pinger_body'],
  P_PING_ST_HEAD: ['head', 'the ring', 'pinger_body'],
  P_BR_TAIL: ['tail', 'the ring', 'process_rings'],
  P_BR_CUR: ['cur', 'the ring', 'process_rings'],
  P_BR_ST_CUR: ['cur', 'the ring', 'process_rings'],
  P_BR_ST_HEAD: ['head', 'the ring', 'process_rings'],
  P_NMK_UNLOCK_EXIT: ['worker_lock', 'the worker', 'nm_kthread_worker'],
  P_NMSH_ST_HEAD: ['head', 'the ring', 'nmsh_body'],
  P_NMSH_ST_CUR: ['cur', 'the ring', 'nmsh_body'],
  P_NMSH_ST_RFLAGS: ['flags', 'the ring', 'nmsh_body'],
  P_NMSH_BUF: ['the bytes', 'the buffer', 'nmsh_body'],
  P_NMSH_SLOT: ['a field', 'the slot', 'nmsh_body'],
  P_NMSH_SWAP: ['buf_idx and flags', 'the first slot', 'nmsh_body'],
  P_NMSH_SWAP2: ['buf_idx and flags', 'the second slot', 'nmsh_body'],
  ...VIRTIO_POINTS,
  ...MONITOR_POINTS,
  ...PROTOCOL_POINTS,
};

export interface Point {
  name: string;
  word: string;
  place: string;
  fn: string;
}

const BY_NUMBER = new Map<number, Point>(
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the table's keys are exactly the names
  (Object.keys(TABLE) as Names[]).map((k) => [P[k], { name: k, word: TABLE[k][0], place: TABLE[k][1], fn: TABLE[k][2] }]),
);

/** The pause point of a number. */
export const pointOf = (n: number): Point | undefined => BY_NUMBER.get(n);

/** What an access is about to do: a verb phrase without subject, numbers of the present moment. */
export function about(kind: Access, p: Point, value: number, store: number): string {
  switch (kind) {
    case 'ld':
      return `read ${p.word} of ${p.place} (now ${value})`;
    case 'st':
      return `store ${p.word} = ${store} in ${p.place}`;
    case 'rmw':
      return `exchange ${p.word} of ${p.place} (now ${value})`;
    case 'fence':
      return p.place === 'mb' ? `pass a full barrier (${p.word})` : `pass ${p.place} (${p.word})`;
    case 'sleep':
      return p.word === 'HLT' ? 'halt until an interrupt' : `go to sleep on ${p.word}`;
    case 'wakeup':
      return `wake whoever sleeps on ${p.word}`;
    case 'lock':
      return `take ${p.word} of ${p.place}`;
    case 'unlock':
      return `release ${p.word} of ${p.place}`;
    default:
      return `write ${p.word} to ${p.place}`;
  }
}

/** The same, done: past tense. */
export function did(kind: Access, p: Point, value: number, store: number): string {
  switch (kind) {
    case 'ld':
      return `read ${p.word} of ${p.place} and found ${value}`;
    case 'st':
      return `stored ${p.word} = ${store} in ${p.place}`;
    case 'rmw':
      return `exchanged ${p.word} of ${p.place}: it was ${value}`;
    case 'fence':
      return p.place === 'mb' ? `passed a full barrier (${p.word})` : `passed ${p.place} (${p.word})`;
    case 'sleep':
      return p.word === 'HLT' ? 'halted until an interrupt' : `went to sleep on ${p.word}`;
    case 'wakeup':
      return `woke whoever sleeps on ${p.word}`;
    case 'lock':
      return `took ${p.word} of ${p.place}`;
    case 'unlock':
      return `released ${p.word} of ${p.place}`;
    default:
      return `wrote ${p.word} to ${p.place}`;
  }
}

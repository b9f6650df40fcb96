// Pause points of the passthrough protocol's later revision (`_L_`), of the lab's doorbells, and of a vCPU without -H.

import type { Entry } from './points.ts';

export const PROTOCOL_POINTS = {
  P_NMK_EFD_READ: ["the doorbell's count", 'its descriptor', 'nm_kthread_worker'],
  P_REGH_EFD_ADD: ["the doorbell's count", 'its descriptor', 'vm_handle_inout'],
  P_REGH_EFD_WAKE: ["the doorbell's reader", 'vmm.ko', 'vm_handle_inout'],
  P_PTN_TX_L_ST_HWCUR: ['tx_ring.hwcur', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_L_ST_HWTAIL: ['tx_ring.hwtail', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_KICK_PRO: ['host_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_TX_ST_KICK_SYNC: ['host_need_txkick', 'the CSB', 'ptnetmap_tx_handler'],
  P_PTN_RX_L_ST_HWCUR: ['rx_ring.hwcur', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_L_ST_HWTAIL: ['rx_ring.hwtail', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_KICK_PRO: ['host_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_PTN_RX_ST_KICK_SYNC: ['host_need_rxkick', 'the CSB', 'ptnetmap_rx_handler'],
  P_GTX_L_HWTAIL2: ['tx_ring.hwtail', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_L_HWCUR2: ['tx_ring.hwcur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_L_BARRIER: ['the flag before the second look', 'the store-load barrier of 2019', 'netmap_pt_guest_txsync'],
  P_GTX_L_HWTAIL3: ['tx_ring.hwtail', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GTX_L_HWCUR3: ['tx_ring.hwcur', 'the CSB', 'netmap_pt_guest_txsync'],
  P_GRX_L_HWTAIL: ['rx_ring.hwtail', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_L_HWCUR: ['rx_ring.hwcur', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_L_BARRIER: ['the flag before the second look', 'the store-load barrier of 2019', 'netmap_pt_guest_rxsync'],
  P_GRX_L_HWTAIL3: ['rx_ring.hwtail', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_L_HWCUR3: ['rx_ring.hwcur', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_L_BARRIER2: ["head before the host's flag", 'the store-load barrier of 2019', 'netmap_pt_guest_rxsync'],
  P_GRX_L_KICK: ['host_need_rxkick', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_GRX_L_ST_FLAGS: ['rx_ring.sync_flags', 'the CSB', 'netmap_pt_guest_rxsync'],
  P_VCPU_SPIN: ['HLT without -H', 'the guest', 'sched_idletd'],
  P_TXPOLL: ['its turn', 'a thread of bhyve', 'txpoll'],
} as const satisfies Record<string, Entry>;

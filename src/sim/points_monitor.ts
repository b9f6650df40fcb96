// The pause points of monitors and of polling kernel threads: a part of the table in points.ts, which says what the words are.

export const MONITOR_POINTS = {
  P_MON_TX_HWCUR: ['nr_hwcur', 'the monitored TX kring', 'netmap_monitor_parent_txsync'],
  P_MON_RX_HWTAIL: ['nr_hwtail', 'the monitored RX kring', 'netmap_monitor_parent_rxsync'],
  P_MON_LOCK: ['q_lock', 'the monitor’s RX kring', 'netmap_monitor_parent_sync'],
  P_MON_HWTAIL: ['nr_hwtail', 'the monitor’s RX kring', 'netmap_monitor_parent_sync'],
  P_MON_HWCUR: ['nr_hwcur', 'the monitor’s RX kring', 'netmap_monitor_parent_sync'],
  P_MON_FENCE: ['wmb', 'slots before index', 'netmap_monitor_parent_sync'],
  P_MON_ST_HWTAIL: ['nr_hwtail', 'the monitor’s RX kring', 'netmap_monitor_parent_sync'],
  P_MON_UNLOCK: ['q_lock', 'the monitor’s RX kring', 'netmap_monitor_parent_sync'],
  P_ZMON_TX_HWTAIL: ['nr_hwtail', 'the monitored TX kring', 'netmap_zmon_parent_txsync'],
  P_ZMON_TX_HWTAIL2: ['nr_hwtail', 'the monitored TX kring', 'netmap_zmon_parent_txsync'],
  P_ZMON_RX_HWCUR: ['nr_hwcur', 'the monitored RX kring', 'netmap_zmon_parent_rxsync'],
  P_MON_RXSYNC_MB: ['mb', 'mb', 'netmap_monitor_rxsync'],
  P_MON_RXSYNC_ST_HWCUR: ['nr_hwcur', 'the monitor’s RX kring', 'netmap_monitor_rxsync'],
  P_POLLING_RUN: ['nmk.run', 'the polling thread', 'nm_kthread_worker'],
} as const;

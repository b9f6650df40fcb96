// Pause points of the virtqueues and of bhyve's copying path: as the table in points.ts, of which this is a part.

import type { Entry, Names } from './points.ts';

export const VIRTIO_POINTS = {
  P_GVQ_NUSED: ['used.idx', 'the virtqueue', 'virtqueue_nused'],
  P_GVQ_ST_AVAIL: ['avail.idx', 'the virtqueue', 'vq_ring_update_avail'],
  P_GVQ_MB: ['avail.idx before used.flags', 'mb', 'virtqueue_notify'],
  P_GVQ_NOTIFY: ['used.flags', 'the virtqueue', 'vq_ring_must_notify_host'],
  P_GVQ_ST_NOINTR: ['avail.flags', 'the virtqueue', 'virtqueue_disable_intr'],
  P_GVQ_ST_INTR: ['avail.flags', 'the virtqueue', 'virtqueue_enable_intr'],
  P_GVQ_MB_INTR: ['avail.flags before used.idx', 'mb', 'virtqueue_enable_intr'],
  P_GVQ_NUSED2: ['used.idx', 'the virtqueue', 'virtqueue_enable_intr'],
  P_VQ_AVAIL: ['avail.idx', 'the virtqueue', 'vq_has_descs'],
  P_VQ_GETCHAIN: ['avail.idx', 'the virtqueue', 'vq_getchain'],
  P_VQ_ST_USED: ['used.idx', 'the virtqueue', 'vq_relchain'],
  P_VQ_END_AVAIL: ['avail.flags and idx', 'the virtqueue', 'vq_endchains'],
  P_VQ_ST_FLAGS: ['used.flags', 'the virtqueue', 'pci_vtnet_tx_thread'],
  P_VQ_MB_END: ['used.idx before avail.flags', 'mb', 'vq_endchains'],
  P_VQ_USED_EVENT: ['used_event', 'the virtqueue', 'vq_endchains'],
  P_VTX_MB: ['used.flags before avail.idx', 'mb', 'pci_vtnet_tx_thread'],
  P_BE_TX_TAIL: ['tail', 'the ring', 'netmap_send'],
  P_BE_TX_ST_CUR: ['cur', 'the ring', 'netmap_send'],
  P_BE_TX_ST_HEAD: ['head', 'the ring', 'netmap_send'],
  P_BE_RX_TAIL: ['tail', 'the ring', 'netmap_receive'],
  P_BE_RX_ST_CUR: ['cur', 'the ring', 'netmap_receive'],
  P_BE_RX_ST_HEAD: ['head', 'the ring', 'netmap_receive'],
} as const satisfies Partial<Record<Names, Entry>>;

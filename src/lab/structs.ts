// The structures of the machine as named fields: offsets are wasm/layout.ts's, names FreeBSD's (facts netmap 1, bhyve 3.4, 3.9). For the
// overlays of the memory panel and the panels that list words. Read only; nothing here decides anything.

import * as L from '../../wasm/layout.ts';
import type { Owner } from './protocol.ts';

/** Owner user: the side whose program has the ring open; mine: the side whose kernel has the structure. */
export type Whose = Owner | 'user' | 'mine';
export interface StructField {
  name: string;
  at: number;
  bytes: number;
  owner: Whose;
  note: string;
  /** An address, or bits. */
  hex?: true;
  text?: true;
}
export interface Struct {
  name: string;
  bytes: number;
  fields: readonly StructField[];
}
type Row = readonly [name: string, at: number, bytes: number, owner: Whose, note: string, how?: 'hex' | 'text'];
const struct = (name: string, bytes: number, rows: readonly Row[]): Struct => ({
  name,
  bytes,
  fields: rows
    .map(([n, at, size, owner, note, how]) => ({ name: n, at, bytes: size, owner, note, ...(how ? { [how]: true as const } : {}) }))
    .sort((a, b) => a.at - b.at),
});

export const NETMAP_RING = struct('netmap_ring', L.RING_SLOT, [
  ['buf_ofs', L.RING_BUF_OFS, 8, 'shared', 'from the ring to buffer 0 of its pool'],
  ['num_slots', L.RING_NUM_SLOTS, 4, 'shared', 'slots of the ring'],
  ['nr_buf_size', L.RING_NR_BUF_SIZE, 4, 'shared', 'bytes of a buffer'],
  ['ringid', L.RING_RINGID, 2, 'shared', 'number of the ring'],
  ['dir', L.RING_DIR, 2, 'shared', '1: TX, 0: RX'],
  ['head', L.RING_HEAD, 4, 'user', 'the first slot that the program keeps'],
  ['cur', L.RING_CUR, 4, 'user', 'where the program wants to be woken'],
  ['tail', L.RING_TAIL, 4, 'user', 'the first slot that the kernel keeps: the kernel of the program’s side writes it'],
  ['flags', L.RING_FLAGS, 4, 'user', 'NR_TIMESTAMP, NR_FORWARD', 'hex'],
  ['ts.tv_sec', L.RING_TS, 8, 'shared', 'time of the last sync'],
  ['ts.tv_usec', L.RING_TS + 8, 8, 'shared', 'its microseconds'],
]);
export const NETMAP_SLOT = struct('netmap_slot', L.SLOT_SIZE, [
  ['buf_idx', L.SLOT_BUF_IDX, 4, 'shared', 'the buffer that the slot names'],
  ['len', L.SLOT_LEN, 2, 'shared', 'bytes of the packet'],
  ['flags', L.SLOT_FLAGS, 2, 'shared', 'NS_BUF_CHANGED and the other flags of a slot', 'hex'],
  ['ptr', L.SLOT_PTR, 8, 'shared', 'with NS_INDIRECT: where the packet is', 'hex'],
]);
export const NETMAP_IF = struct('netmap_if', L.NIF_RING_OFS, [
  ['ni_name', L.NIF_NAME, 16, 'shared', 'name of the port', 'text'],
  ['ni_version', L.NIF_VERSION, 4, 'shared', 'version of the API'],
  ['ni_flags', L.NIF_FLAGS, 4, 'shared', 'flags of the port', 'hex'],
  ['ni_tx_rings', L.NIF_TX_RINGS, 4, 'shared', 'TX rings, without the host ring'],
  ['ni_rx_rings', L.NIF_RX_RINGS, 4, 'shared', 'RX rings, without the host ring'],
  ['ni_bufs_head', L.NIF_BUFS_HEAD, 4, 'shared', 'first of the extra buffers, 0: none'],
]);
export const NM_KRING = struct('nm_kring', L.KR_SIZE, [
  ['ring', L.KR_RING, 4, 'mine', 'the netmap_ring as this kernel sees it', 'hex'],
  ['nr_hwcur', L.KR_NR_HWCUR, 4, 'mine', 'the first slot that sync has not taken'],
  ['nr_hwtail', L.KR_NR_HWTAIL, 4, 'mine', 'the first slot that sync keeps'],
  ['rhead', L.KR_RHEAD, 4, 'mine', 'head as the kernel last read it'],
  ['rcur', L.KR_RCUR, 4, 'mine', 'cur as the kernel last read it'],
  ['rtail', L.KR_RTAIL, 4, 'mine', 'tail as the kernel last published it'],
  ['nr_kflags', L.KR_NR_KFLAGS, 4, 'mine', 'NKR_PENDINTR 1, NKR_EXCLUSIVE 2, NKR_FORWARD 4, NKR_FAKERING 32', 'hex'],
  ['nkr_num_slots', L.KR_NUM_SLOTS, 4, 'mine', 'slots of the ring'],
  ['nr_busy', L.KR_NR_BUSY, 4, 'mine', 'a sync holds the ring'],
  ['nkr_stopped', L.KR_STOPPED, 4, 'mine', 'the ring is stopped: no sync may begin'],
  ['nm_sync', L.KR_NM_SYNC, 4, 'mine', 'what syncs it (the lab: number of a function)'],
  ['nm_notify', L.KR_NM_NOTIFY, 4, 'mine', 'what is told that something came (the lab: number of a function)'],
  ['na', L.KR_NA, 4, 'mine', 'its adapter', 'hex'],
  ['ring_id', L.KR_RING_ID, 4, 'mine', 'its number among the rings of its direction'],
  ['tx', L.KR_TX, 4, 'mine', '1: TX, 0: RX'],
  ['address space', L.KR_AS, 4, 'mine', 'the lab’s: 0, or the map of the VM in which `ring` is an address', 'hex'],
  ['pipe', L.KR_PIPE, 4, 'mine', 'the other end’s kring, of a pipe', 'hex'],
  ['q_lock', L.KR_Q_LOCK, 4, 'mine', 'the lock under which a switch leases slots of it'],
  ['nkr_hwlease', L.KR_HWLEASE, 4, 'mine', 'the first slot that no sender has leased'],
  ['nkr_lease_idx', L.KR_LEASE_IDX, 4, 'mine', 'the next entry of nkr_leases'],
  ['nkr_leases', L.KR_LEASES, 4, 'mine', 'who has leased slots and not finished', 'hex'],
  ['nkr_ft', L.KR_FT, 4, 'mine', 'forwarding table of a sending ring', 'hex'],
  ['mem', L.KR_MEM, 4, 'mine', 'its allocator', 'hex'],
  ['private', L.KR_PRIV, 4, 'mine', 'passthrough: the worker; in a guest the softc', 'hex'],
  ['save_notify', L.KR_NM_NOTIFY_SAVED, 4, 'mine', 'nm_notify of a NIC while a switch has it'],
  ['capture port', L.KR_MON, 4, 'mine', 'the lab’s: its port in the capture, from 1'],
  ['capture tail', L.KR_MON_TAIL, 4, 'mine', 'the lab’s: first slot that the capture has not seen'],
  ['buddy', L.KR_BUDDY, 4, 'mine', 'the kring of the other face of the same ring, of an attached NIC', 'hex'],
  ['users', L.KR_USERS, 4, 'mine', 'descriptors that have it open'],
  ['queue', L.KR_HW, 4, 'mine', 'the NIC’s queue, or the packets that wait', 'hex'],
  ['syncs', L.KR_STAT_SYNC, 8, 'mine', 'the lab counts: syncs'],
  ['packets', L.KR_STAT_PACKETS, 8, 'mine', 'the lab counts: packets'],
  ['bytes', L.KR_STAT_BYTES, 8, 'mine', 'the lab counts: bytes'],
  ['drops', L.KR_STAT_DROPS, 8, 'mine', 'the lab counts: packets dropped, for the ring was full'],
  ['copies', L.KR_STAT_COPIES, 8, 'mine', 'the lab counts: packets copied into this ring'],
  ['reinits', L.KR_STAT_REINIT, 8, 'mine', 'the lab counts: prologues that failed'],
  ['kicks', L.KR_STAT_KICK, 8, 'mine', 'the lab counts: kicks that the guest sent'],
  ['kicks not sent', L.KR_STAT_NOKICK, 8, 'mine', 'the lab counts: kicks that it could leave out'],
  ['notifies', L.KR_STAT_NOTIFY, 8, 'mine', 'the lab counts: notifications'],
  ['name', L.KR_NAME, 24, 'mine', 'name of its port', 'text'],
  ['si', L.KR_SI, L.KR_SI_MAX * 4, 'mine', 'threads that wait for it (selrecord)'],
  ['forwarded', L.KR_FWD, 4, 'mine', 'a host ring: its last rxsync put packets into the NIC’s rings'],
  ['monitors', L.KR_MONITORS, 4, 'mine', 'who looks on at this ring', 'hex'],
]);
const ptRing = (prefix: string, at: number): Row[] => [
  [`${prefix}.head`, at + L.PTR_HEAD, 4, 'guest', 'the first slot that the guest has not given to the host'],
  [`${prefix}.cur`, at + L.PTR_CUR, 4, 'guest', 'where the guest wants to be woken'],
  [`${prefix}.hwcur`, at + L.PTR_HWCUR, 4, 'host', 'the first slot that the host has not taken'],
  [`${prefix}.hwtail`, at + L.PTR_HWTAIL, 4, 'host', 'the first slot that the host keeps'],
  [`${prefix}.sync_flags`, at + L.PTR_SYNC_FLAGS, 4, 'guest', 'flags of the guest’s last sync', 'hex'],
];
export const CSB = struct('paravirt_csb', L.PAGE, [
  ['guest_need_txkick', L.CSB_GUEST_NEED_TXKICK, 4, 'guest', 'the guest sleeps and wants an interrupt for TX; in 2015 the host clears it'],
  ['guest_need_rxkick', L.CSB_GUEST_NEED_RXKICK, 4, 'guest', 'the guest sleeps and wants an interrupt for RX; in 2015 the host clears it'],
  ['guest_csb_on', L.CSB_GUEST_CSB_ON, 4, 'guest', 'the guest uses the CSB'],
  ['host_need_txkick', L.CSB_HOST_NEED_TXKICK, 4, 'host', 'the TX worker sleeps and wants a kick'],
  ['host_need_rxkick', L.CSB_HOST_NEED_RXKICK, 4, 'host', 'the RX worker sleeps and wants a kick'],
  ['nifp_offset', L.CSB_NIFP_OFFSET, 4, 'host', 'where the netmap_if is in the shared region'],
  ['num_tx_rings', L.CSB_NUM_TX_RINGS, 2, 'host', 'TX rings of the port'],
  ['num_rx_rings', L.CSB_NUM_RX_RINGS, 2, 'host', 'RX rings of the port'],
  ['num_tx_slots', L.CSB_NUM_TX_SLOTS, 2, 'host', 'slots of a TX ring'],
  ['num_rx_slots', L.CSB_NUM_RX_SLOTS, 2, 'host', 'slots of an RX ring'],
  ...ptRing('tx_ring', L.CSB_TX_RING),
  ...ptRing('rx_ring', L.CSB_RX_RING),
]);
export const VRING_DESC = struct('vring_desc', L.VRD_SIZE, [
  ['addr', L.VRD_ADDR, 8, 'guest', 'guest-physical address of the piece', 'hex'],
  ['len', L.VRD_LEN, 4, 'guest', 'its bytes'],
  ['flags', L.VRD_FLAGS, 2, 'guest', 'NEXT 1, WRITE 2, INDIRECT 4', 'hex'],
  ['next', L.VRD_NEXT, 2, 'guest', 'the next descriptor of the chain, or of the free list'],
]);
export const VQUEUE_INFO = struct('vqueue_info', L.VQ_SIZE, [
  ['vq_pfn', L.VQ_PFN, 4, 'host', 'page of guest memory where the queue is, 0: the driver has not said', 'hex'],
  ['vq_qsize', L.VQ_QSIZE, 4, 'host', 'descriptors of the queue'],
  ['vq_msix_idx', L.VQ_MSIX, 4, 'host', 'MSI-X vector, 65535: none'],
  ['vq_last_avail', L.VQ_LAST_AVAIL, 4, 'host', 'chains that the device has taken, 16 bits'],
  ['used.idx', L.VQ_USED_IDX, 4, 'host', 'the device’s own copy of used.idx'],
  ['used.flags', L.VQ_USED_FLAGS, 4, 'host', 'the device’s own copy of used.flags; 1: NO_NOTIFY', 'hex'],
  ['vq_save_used', L.VQ_SAVE_USED, 4, 'host', 'used.idx at the last vq_endchains: whether there is news'],
  ['vm', L.VQ_VM, 4, 'host', 'the VM in whose memory the queue is', 'hex'],
  ['ram', L.VQ_RAM, 4, 'host', 'bytes of guest RAM: beyond it no address is believed', 'hex'],
  ['features', L.VQ_FEATURES, 4, 'host', 'as negotiated', 'hex'],
  ['idx', L.VQ_IDX, 4, 'host', 'head of the chain that was taken last'],
  ['error', L.VQ_ERROR, 4, 'host', 'what is wrong with the queue, until bhyve has said so'],
  ['error arg', L.VQ_ERROR_ARG, 4, 'host', 'and with what'],
  ['errors', L.VQ_ERRORS, 4, 'host', 'chains in disorder, all of them'],
  ['said', L.VQ_SAID, 4, 'host', 'messages about them that bhyve has printed'],
]);
export const VIRTQUEUE = struct('virtqueue', L.GVQ_SIZE, [
  ['vm', L.GVQ_VM, 4, 'guest', 'the lab’s: address space of what is guest-physical here', 'hex'],
  ['vq_ring_mem', L.GVQ_RING, 4, 'guest', 'guest-physical address of the queue', 'hex'],
  ['vq_nentries', L.GVQ_NENTRIES, 4, 'guest', 'descriptors of the queue'],
  ['vq_free_cnt', L.GVQ_FREE_CNT, 4, 'guest', 'descriptors in the free list'],
  ['vq_queued_cnt', L.GVQ_QUEUED_CNT, 4, 'guest', 'chains made available since the last notify'],
  ['vq_desc_head_idx', L.GVQ_DESC_HEAD_IDX, 4, 'guest', 'first descriptor of the free list'],
  ['vq_used_cons_idx', L.GVQ_USED_CONS_IDX, 4, 'guest', 'chains that the driver has taken back, 16 bits'],
  ['avail.idx', L.GVQ_AVAIL_IDX, 4, 'guest', 'the driver’s own copy of avail.idx'],
  ['avail.flags', L.GVQ_AVAIL_FLAGS, 4, 'guest', 'the driver’s own copy of avail.flags; 1: NO_INTERRUPT', 'hex'],
  ['vq_descx', L.GVQ_DESCX, 4, 'guest', 'cookie and length of each chain', 'hex'],
  ['len', L.GVQ_LEN, 4, 'guest', 'of the element that was dequeued last'],
  ['bad', L.GVQ_BAD, 4, 'guest', 'used elements whose id was no chain of the driver’s'],
]);
export const PCI_CONFIG = struct('PCI configuration space', L.PCI_CFG_SIZE, [
  ['vendor', 0x00, 2, 'host', 'vendor', 'hex'],
  ['device', 0x02, 2, 'host', 'device', 'hex'],
  ['command', 0x04, 2, 'guest', 'PORTEN 1, MEMEN 2, BUSMASTEREN 4, INTXDIS 0x400', 'hex'],
  ['status', 0x06, 2, 'host', 'CAPPRESENT 0x10', 'hex'],
  ['revid', 0x08, 1, 'host', 'revision', 'hex'],
  ['progif', 0x09, 1, 'host', 'programming interface', 'hex'],
  ['subclass', 0x0a, 1, 'host', 'subclass', 'hex'],
  ['class', 0x0b, 1, 'host', 'class', 'hex'],
  ['cachelnsz', 0x0c, 1, 'guest', 'cache line size'],
  ['lattimer', 0x0d, 1, 'guest', 'latency timer'],
  ['hdrtype', 0x0e, 1, 'host', '0x80: the slot has several functions', 'hex'],
  ...[0, 1, 2, 3, 4, 5].map((i): Row => [`bar${i}`, 0x10 + 4 * i, 4, 'guest', 'base address; bit 0: I/O', 'hex']),
  ['subvendor', 0x2c, 2, 'host', 'subsystem vendor', 'hex'],
  ['subdevice', 0x2e, 2, 'host', 'subsystem', 'hex'],
  ['cap_ptr', 0x34, 1, 'host', 'first capability', 'hex'],
  ['intline', 0x3c, 1, 'guest', 'interrupt line, 255: none'],
  ['intpin', 0x3d, 1, 'host', 'interrupt pin, 1: INTA'],
]);
export const THREAD = struct('thread block', L.T_STACK, [
  ['status', L.T_STATUS, 4, 'mine', '1 READY, 2 ASLEEP, 3 BLOCKED, 4 WAITING, 5 DEAD'],
  ['kind', L.T_KIND, 4, 'mine', '1 program, 2 kernel thread, 3 vCPU, 4 its interrupts, 5 hardware, 6 interrupt thread'],
  ['fn', L.T_FN, 4, 'mine', 'number of the function that is one iteration of it'],
  ['arg', L.T_ARG, 4, 'mine', 'its argument', 'hex'],
  ['wchan', L.T_WCHAN, 4, 'mine', 'the channel on which it sleeps', 'hex'],
  ['wmesg', L.T_WMESG, 4, 'mine', 'why it sleeps'],
  ['deadline', L.T_DEADLINE, 8, 'mine', 'when its sleep ends by itself, ns; 0: never'],
  ['vtime', L.T_VTIME, 8, 'mine', 'its virtual time, ns'],
  ['reason', L.T_REASON, 4, 'mine', 'why it woke: 0 a wakeup, 1 its time was up'],
  ['point', L.T_POINT, 4, 'mine', 'the access that it is about to make'],
  ['paddr', L.T_PADDR, 4, 'mine', 'and where', 'hex'],
  ['pval', L.T_PVAL, 4, 'mine', 'and what it would store'],
  ['since', L.T_SINCE, 8, 'mine', 'when it fell asleep, ns'],
  ['stored', L.T_SB_COUNT, 4, 'mine', 'stores that wait in its store buffer'],
  ['iterations', L.T_STAT_ITER, 8, 'mine', 'the lab counts: iterations'],
  ['sleeps', L.T_STAT_SLEEP, 8, 'mine', 'the lab counts: sleeps'],
  ['wakeups', L.T_STAT_WAKE, 8, 'mine', 'the lab counts: wake-ups received'],
  ['timeouts', L.T_STAT_TIMEOUT, 8, 'mine', 'the lab counts: sleeps that their time ended'],
]);

/** The field of a structure at a byte of it. */
export function fieldOf(s: Struct, at: number): StructField | undefined {
  return s.fields.find((f) => at >= f.at && at < f.at + f.bytes);
}

// struct nmreq and the numbers that go with it: what programs and both kernels say to each other over /dev/netmap.
// Mirrors net/netmap.h of 2015 (facts netmap 1.1, 1.7, 1.8). Offsets are the structure's, 60 bytes in all.

export const NETMAP_API = 11,
  NETMAP_MIN_API = 11,
  NETMAP_MAX_API = 15;
export const NIOCGINFO = 145,
  NIOCREGIF = 146,
  NIOCTXSYNC = 148,
  NIOCRXSYNC = 149;

export const NETMAP_HW_RING = 0x4000,
  NETMAP_SW_RING = 0x2000,
  NETMAP_RING_MASK = 0x0fff,
  NETMAP_NO_TX_POLL = 0x1000,
  NETMAP_DO_RX_POLL = 0x8000;

export const NETMAP_BDG_ATTACH = 1,
  NETMAP_BDG_DETACH = 2,
  NETMAP_BDG_REGOPS = 3,
  NETMAP_BDG_LIST = 4,
  NETMAP_BDG_VNET_HDR = 5,
  NETMAP_BDG_NEWIF = 6,
  NETMAP_BDG_DELIF = 7,
  NETMAP_PT_HOST_CREATE = 8,
  NETMAP_PT_HOST_DELETE = 9,
  NETMAP_BDG_POLLING_ON = 10,
  NETMAP_BDG_POLLING_OFF = 11;
/** nr_arg1 of an attach: the host's rings become a port too. */
export const NETMAP_BDG_HOST = 1;

export const NR_REG_DEFAULT = 0,
  NR_REG_ALL_NIC = 1,
  NR_REG_SW = 2,
  NR_REG_NIC_SW = 3,
  NR_REG_ONE_NIC = 4,
  NR_REG_PIPE_MASTER = 5,
  NR_REG_PIPE_SLAVE = 6,
  NR_REG_MASK = 15;
export const NR_MONITOR_TX = 0x100,
  NR_MONITOR_RX = 0x200,
  NR_ZCOPY_MON = 0x400,
  NR_EXCLUSIVE = 0x800,
  NR_PTNETMAP_HOST = 0x1000,
  NR_RX_RINGS_ONLY = 0x2000,
  NR_TX_RINGS_ONLY = 0x4000;
export const MODE_NAMES = ['DEFAULT', 'ALL_NIC', 'SW', 'NIC_SW', 'ONE_NIC', 'PIPE_MASTER', 'PIPE_SLAVE'];

export interface Nmreq {
  nr_name: string;
  nr_version: number;
  /** Out: where the netmap_if is in the region; the region's size. */
  nr_offset: number;
  nr_memsize: number;
  nr_tx_slots: number;
  nr_rx_slots: number;
  nr_tx_rings: number;
  nr_rx_rings: number;
  nr_ringid: number;
  nr_cmd: number;
  nr_arg1: number;
  /** In and out: allocator. */
  nr_arg2: number;
  /** In and out: extra buffers. */
  nr_arg3: number;
  nr_flags: number;
  spare2: number;
}

export const newNmreq = (name = '', more: Partial<Nmreq> = {}): Nmreq => ({
  nr_name: name,
  nr_version: NETMAP_API,
  nr_offset: 0,
  nr_memsize: 0,
  nr_tx_slots: 0,
  nr_rx_slots: 0,
  nr_tx_rings: 0,
  nr_rx_rings: 0,
  nr_ringid: 0,
  nr_cmd: 0,
  nr_arg1: 0,
  nr_arg2: 0,
  nr_arg3: 0,
  nr_flags: 0,
  spare2: 0,
  ...more,
});

const NAME = 16;
const FIELDS: readonly (readonly [Exclude<keyof Nmreq, 'nr_name'>, number, 2 | 4])[] = [
  ['nr_version', 16, 4],
  ['nr_offset', 20, 4],
  ['nr_memsize', 24, 4],
  ['nr_tx_slots', 28, 4],
  ['nr_rx_slots', 32, 4],
  ['nr_tx_rings', 36, 2],
  ['nr_rx_rings', 38, 2],
  ['nr_ringid', 40, 2],
  ['nr_cmd', 42, 2],
  ['nr_arg1', 44, 2],
  ['nr_arg2', 46, 2],
  ['nr_arg3', 48, 4],
  ['nr_flags', 52, 4],
  ['spare2', 56, 4],
];
export const NMREQ_SIZE = 60;

/** The 60 bytes of a request. */
export function encodeNmreq(r: Nmreq): Uint8Array {
  const b = new Uint8Array(NMREQ_SIZE),
    v = new DataView(b.buffer);
  for (let i = 0; i < NAME - 1; i++) b[i] = r.nr_name.charCodeAt(i) || 0;
  for (const [f, o, n] of FIELDS) n === 2 ? v.setUint16(o, r[f] & 0xffff, true) : v.setUint32(o, r[f] >>> 0, true);
  return b;
}

/** A request of 60 bytes; the name ends at its first zero, or after 15 bytes. */
export function decodeNmreq(b: Uint8Array): Nmreq {
  const v = new DataView(b.buffer, b.byteOffset, NMREQ_SIZE),
    r = newNmreq();
  for (let i = 0; i < NAME - 1 && b[i]; i++) r.nr_name += String.fromCharCode(b[i] ?? 0);
  for (const [f, o, n] of FIELDS) r[f] = n === 2 ? v.getUint16(o, true) : v.getUint32(o, true);
  return r;
}

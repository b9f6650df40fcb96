// The host kernel's control-plane state that is not bytes: names, tables, logs. Plain JSON, changed by actions only.

/** A registered descriptor of /dev/netmap (struct netmap_priv_d). */
export interface NetmapFd {
  id: number;
  pid: number;
  name: string;
  /** Adapter; first kring and number of krings that it is bound to, each way. */
  na: number;
  tx: number;
  ntx: number;
  rx: number;
  nrx: number;
  nifp: number;
  ptnetmap: boolean;
  /** NETMAP_NO_TX_POLL was not asked for. */
  txpoll: boolean;
  exclusive: boolean;
  /** Extra buffers that it was given. */
  extra: number;
}
export interface AdapterEntry {
  addr: number;
  name: string;
  kind: 'vale' | 'pipe' | 'nic' | 'generic' | 'bwrap';
  mem: number;
  refs: number;
  bridge?: string;
  parent?: string;
  /** A persistent VALE port: an interface, until it is removed. */
  persistent?: true;
  /** nr_arg1: the kernel has it (attached to a switch); no program may. */
  busy?: true;
}
export interface MemEntry {
  id: number;
  addr: number;
  owner: string;
  refs: number;
  bytes: number;
}
export interface BridgeEntry {
  name: string;
  addr: number;
}

export interface HostTree {
  sysctl: Record<string, number>;
  dmesg: string[];
  mems: MemEntry[];
  adapters: AdapterEntry[];
  bridges: BridgeEntry[];
  fds: NetmapFd[];
  /** Descriptors of /dev/netmap that are not registered. */
  devs: { id: number; pid: number }[];
  nextFd: number;
  lastMemId: number;
  kld: string[];
  /** Counters of ports that are closed and of workers that have stopped (totals.ts). */
  portTotals: Record<string, number[]>;
  workerTotals: Record<string, number[]>;
}

/** A host that has just booted. `slots` is the lab's own loader tunable for the ring size of VALE ports and pipes. */
export function newHostTree(slots: number): HostTree {
  return {
    sysctl: {
      'dev.netmap.verbose': 0,
      'dev.netmap.no_timestamp': 0,
      'dev.netmap.mitigate': 1,
      'dev.netmap.no_pendintr': 1,
      'dev.netmap.txsync_retry': 2,
      'dev.netmap.bridge_batch': 1024,
      'dev.netmap.default_pipes': 0,
      'dev.netmap.adaptive_io': 0,
      'dev.netmap.flags': 0,
      'dev.netmap.fwd': 0,
      'dev.netmap.admode': 0,
      'dev.netmap.generic_mit': 100000,
      'dev.netmap.generic_ringsize': 1024,
      'dev.netmap.generic_rings': 1,
      'dev.netmap.if_curr_size': 0,
      'dev.netmap.if_curr_num': 0,
      'dev.netmap.ring_curr_size': 0,
      'dev.netmap.ring_curr_num': 0,
      'dev.netmap.buf_curr_size': 0,
      'dev.netmap.buf_curr_num': 0,
      'dev.netmap.if_size': 1024,
      'dev.netmap.if_num': 100,
      'dev.netmap.ring_size': 36864,
      'dev.netmap.ring_num': 200,
      'dev.netmap.buf_size': 2048,
      'dev.netmap.buf_num': 163840,
      'dev.netmap.priv_if_size': 1024,
      'dev.netmap.priv_if_num': 2,
      'dev.netmap.priv_ring_size': 20480,
      'dev.netmap.priv_ring_num': 4,
      'dev.netmap.priv_buf_size': 2048,
      'dev.netmap.priv_buf_num': 4098,
      'hw.lab.bridge_ringsize': slots,
      'dev.lab.sleep_bound': 0,
      'dev.lab.double_check': 1,
      'dev.lab.barrier': 0,
      'dev.lab.doorbell': 0,
      'dev.lab.tso': 0,
    },
    dmesg: [],
    mems: [],
    adapters: [],
    bridges: [],
    fds: [],
    devs: [],
    nextFd: 3,
    lastMemId: 1,
    kld: ['kernel', 'vmm.ko', 'netmap.ko'],
    portTotals: {},
    workerTotals: {},
  };
}

/** Lines that the message buffer holds. */
const MSGBUF = 1000;
/** A line of the kernel's, for dmesg. */
export function logLine(t: HostTree, line: string) {
  t.dmesg.push(line);
  if (t.dmesg.length > MSGBUF) t.dmesg.splice(0, t.dmesg.length - MSGBUF);
}

/** Errors of the kernel, by name; text as strerror(3) gives it. */
export const ERRNO = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  ENXIO: [6, 'Device not configured'],
  ENOMEM: [12, 'Cannot allocate memory'],
  EFAULT: [14, 'Bad address'],
  EBUSY: [16, 'Device busy'],
  ENODEV: [19, 'Operation not supported by device'],
  EEXIST: [17, 'File exists'],
  EINVAL: [22, 'Invalid argument'],
  EIO: [5, 'Input/output error'],
  EBADF: [9, 'Bad file descriptor'],
  ENOTTY: [25, 'Inappropriate ioctl for device'],
  EOPNOTSUPP: [45, 'Operation not supported'],
} as const;
export type Errno = keyof typeof ERRNO;

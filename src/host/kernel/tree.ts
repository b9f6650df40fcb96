// The host kernel's control-plane state that is not bytes: names, tables, logs. Plain JSON, changed by actions only.

export interface NetmapFd {
  id: number;
  pid: number;
  name: string;
  /** Adapter address; kring addresses of its ring pair. */
  na: number;
  tx: number;
  rx: number;
  nifp: number;
  ptnetmap: boolean;
}
export interface AdapterEntry {
  addr: number;
  name: string;
  kind: 'vale' | 'pipe';
  mem: number;
  refs: number;
  bridge?: string;
  parent?: string;
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
    nextFd: 3,
    lastMemId: 1,
    kld: ['kernel', 'vmm.ko', 'netmap.ko'],
    portTotals: {},
    workerTotals: {},
  };
}

/** Errors of the kernel, by name; text as strerror(3) gives it. */
export const ERRNO = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  ENXIO: [6, 'Device not configured'],
  ENOMEM: [12, 'Cannot allocate memory'],
  EFAULT: [14, 'Bad address'],
  EBUSY: [16, 'Device busy'],
  EEXIST: [17, 'File exists'],
  EINVAL: [22, 'Invalid argument'],
} as const;
export type Errno = keyof typeof ERRNO;

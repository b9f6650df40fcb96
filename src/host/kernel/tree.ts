// The host kernel's control-plane state that is not bytes: names, tables, logs. Plain JSON, changed by actions only.

import { IF_SYSCTL, type IfEntry, type NetEntry, newInterfaces } from './if_table.ts';
import { NICS, newSysctls } from './sysctls.ts';

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
  /** Interface behind it: a persistent port's own name, the NIC of a wrapper. */
  ifname?: string;
  /** A persistent VALE port: an interface, until it is removed. */
  persistent?: true;
  /** The kernel has it (attached to a switch); no program may. */
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

/** A NIC whose hardware is in use. */
export interface NicEntry {
  name: string;
  unit: number;
  addr: number;
  /** Thread blocks: the hardware, its interrupt. */
  block: number;
  ithread: number;
}

export interface HostTree {
  sysctl: Record<string, number | string>;
  dmesg: string[];
  mems: MemEntry[];
  adapters: AdapterEntry[];
  bridges: BridgeEntry[];
  fds: NetmapFd[];
  /** Descriptors of /dev/netmap that are not registered. */
  devs: { id: number; pid: number }[];
  nics: NicEntry[];
  ifs: IfEntry[];
  net: NetEntry;
  nextFd: number;
  lastMemId: number;
  /** Linked files; user: loaded by itself, not because another needed it. */
  kld: { id: number; name: string; user: boolean }[];
  kldNext: number;
  /** Lines of dmesg that dmesg -c has taken. */
  dmesgTaken: number;
  /** Counters of ports that are closed and of workers that have stopped (totals.ts). */
  portTotals: Record<string, number[]>;
  workerTotals: Record<string, number[]>;
  /** Of virtio-net functions whose bhyve has ended (bhyve/vtnet_stats.ts). */
  vtnetTotals?: Record<string, number[]>;
}

/** A host that has just booted. `slots` is the lab's own loader tunable for the ring size of VALE ports and pipes. */
export function newHostTree(slots: number): HostTree {
  return {
    sysctl: { ...newSysctls(slots), ...IF_SYSCTL },
    dmesg: [],
    mems: [],
    adapters: [],
    bridges: [],
    fds: [],
    devs: [],
    nics: [],
    ifs: newInterfaces(NICS.length + 1),
    net: { stack: 0, isr: 0, clock: 0, nextIndex: NICS.length + 3 },
    nextFd: 3,
    lastMemId: 1,
    kld: ['kernel', 'vmm.ko', 'netmap.ko'].map((name, i) => ({ id: i + 1, name, user: true })),
    kldNext: 4,
    dmesgTaken: 0,
    portTotals: {},
    workerTotals: {},
  };
}

/** Lines that the message buffer holds. */
const MSGBUF = 1000;
/** A line of the kernel's, for dmesg. */
export function logLine(t: HostTree, line: string) {
  t.dmesg.push(line);
  if (t.dmesg.length <= MSGBUF) return;
  t.dmesgTaken = Math.max(0, t.dmesgTaken - (t.dmesg.length - MSGBUF));
  t.dmesg.splice(0, t.dmesg.length - MSGBUF);
}

export { ERRNO, type Errno } from './errno.ts';

// What a kernel's tree holds of its network and its netmap. Plain JSON, changed by actions only.

import type { IfEntry, NetEntry } from './if_table.ts';

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
  /** A kernel thread of it faulted (H6): no passthrough with it any more. */
  faulted?: true;
}
export interface AdapterEntry {
  addr: number;
  name: string;
  kind: 'vale' | 'pipe' | 'nic' | 'generic' | 'bwrap' | 'monitor';
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
  /** A monitor: which krings of its parent it looks at, and how. */
  monitor?: { krings: number[]; zcopy: boolean };
  /** A wrapper whose NIC is polled by kernel threads: theirs. */
  polling?: { nbk: number; block: number }[];
}
export interface MemEntry {
  id: number;
  addr: number;
  owner: string;
  refs: number;
  bytes: number;
  /** A VM has seen all of it, free objects too. */
  exposed?: true;
}
export interface BridgeEntry {
  name: string;
  addr: number;
}

export interface NetTree {
  sysctl: Record<string, number | string>;
  dmesg: string[];
  /** Lines of dmesg that dmesg -c has taken. */
  dmesgTaken: number;
  mems: MemEntry[];
  adapters: AdapterEntry[];
  bridges: BridgeEntry[];
  fds: NetmapFd[];
  /** Descriptors of /dev/netmap that are not registered. */
  devs: { id: number; pid: number }[];
  ifs: IfEntry[];
  net: NetEntry;
  nextFd: number;
  lastMemId: number;
  /** Counters of ports that are closed (totals.ts). */
  portTotals: Record<string, number[]>;
}

/** Of a kernel that has just booted. */
export const newNetTree = (sysctl: Record<string, number | string>, ifs: IfEntry[], nextIndex: number): NetTree => ({
  sysctl,
  dmesg: [],
  dmesgTaken: 0,
  mems: [],
  adapters: [],
  bridges: [],
  fds: [],
  devs: [],
  ifs,
  net: { stack: 0, isr: 0, clock: 0, nextIndex },
  nextFd: 3,
  lastMemId: 1,
  portTotals: {},
});

/** Lines that the message buffer holds. */
const MSGBUF = 1000;
/** A line of the kernel's, for dmesg. */
export function logLine(t: Pick<NetTree, 'dmesg' | 'dmesgTaken'>, line: string) {
  t.dmesg.push(line);
  if (t.dmesg.length <= MSGBUF) return;
  t.dmesgTaken = Math.max(0, t.dmesgTaken - (t.dmesg.length - MSGBUF));
  t.dmesg.splice(0, t.dmesg.length - MSGBUF);
}

export { ERRNO, type Errno } from './errno.ts';

// What a kernel offers to the programs of both sides: the same calls on host and guest. The kernels implement it;
// programs know nothing else of the machine they run on.

import type { Machine } from '../sim/machine.ts';
import type { BaseSys, Proc } from '../sh/proc.ts';
import type { Nmreq } from './nmreq.ts';

/** The kernel must wait for somebody: the process sleeps already, and asks again when it runs. */
export const ERESTART = -1;

/** A thread of a program that has no netmap descriptor. */
export const NO_FD = -1;

export interface Strerror {
  errno: number;
  /** As strerror(3) gives it. */
  text: string;
  /** What a library would have said besides. */
  why?: string;
}

/** An open netmap descriptor as its program sees it (struct nm_desc). */
export interface NetmapDesc {
  fd: number;
  /** nr_name. */
  name: string;
  /** Rings of the port, host rings not counted; slots of each. */
  txRings: number;
  rxRings: number;
  txSlots: number;
  rxSlots: number;
  /** First and last ring that this descriptor is bound to; the host ring is number txRings (rxRings). */
  tx: [number, number];
  rx: [number, number];
  /** Its own interface's MAC, if the port is an interface. */
  mac: string;
  memId: number;
  memsize: number;
  /** Address space of the program (0: the machine's own addresses), where the region is mapped, where its netmap_if is. */
  as: number;
  mem: number;
  nifp: number;
}

/** A program's thread in the data plane: its td and its page of arguments. */
export interface ThreadHandle {
  td: number;
  targ: number;
}

export interface IfInfo {
  name: string;
  flags: string[];
  mtu: number;
  ether: string;
  status: string;
  options: string;
  /** Options of neighbour discovery, where the kernel has IPv6. */
  nd6?: string;
  media: string;
  /** The number of <Link#N>. */
  index?: number;
  /** IPv4 address and mask, first byte lowest. */
  inet?: { addr: number; mask: number };
  groups?: string[];
  bridge?: BridgeInfo;
  /** A tap: the process that has it open. */
  opened?: number;
  /** Ipkts, Ierrs, Idrop, Ibytes, Opkts, Oerrs, Obytes, Odrop. */
  stats?: number[];
}
export interface BridgeInfo {
  timeout: number;
  maxaddr: number;
  members: { name: string; flags: number; port: number; cost: number }[];
  addrs: { mac: string; member: string; left: number }[];
}
/** What ifconfig asks a kernel to do with an interface. */
export type IfReq =
  | { k: 'up' | 'down' | 'flush' }
  | { k: 'promisc'; on: boolean }
  | { k: 'inet'; addr: number; mask: number }
  | { k: '-inet'; addr: number }
  | { k: 'mtu'; mtu: number }
  | { k: 'addm' | 'deletem'; member: string }
  | { k: 'learn'; member: string; on: boolean }
  | { k: 'timeout' | 'maxaddr'; n: number };

export interface ArpInfo {
  ip: number;
  mac: string;
  on: string;
  state: 'incomplete' | 'reachable' | 'permanent';
  /** Seconds. */
  left: number;
}

/** A thread as the kernel's tables have it (struct thread): of a process, or of the kernel. */
export interface ThreadInfo {
  /** 0: the kernel's own; 12: an interrupt thread. */
  pid: number;
  tid: number;
  name: string;
  state: 'run' | 'sleep' | 'lock';
  wmesg: string;
  /** CPU time, ns. */
  ns: number;
}
/** A linked file of the kernel. */
export interface KldFile {
  id: number;
  refs: number;
  name: string;
  /** The modules in it, in the order in which they registered; without, the one of its name. */
  modules?: readonly string[];
}
/** An interrupt source: its name and what was counted since boot. */
export interface IntrCount {
  name: string;
  count: number;
}

export interface Sys extends BaseSys {
  readonly m: Machine;
  readonly side: 'host' | 'guest';
  /** open("/dev/netmap"). */
  openNetmap(p: Proc): number;
  /** NIOCGINFO and NIOCREGIF: the request is changed in place; undefined is success, ERESTART means to ask again. */
  ioctl(p: Proc, fd: number, cmd: number, req: Nmreq): Strerror | undefined;
  /** mmap of a registered descriptor's region: where it is in the program's address space. */
  mmap(p: Proc, fd: number): { as: number; base: number };
  /** close(2) and munmap(2): false while the kernel must still wait for somebody to leave the rings. */
  netmapClose(p: Proc, fd: number): boolean;
  /** Starts a thread on a descriptor, or on two; setup fills its page before it runs. Undefined when no thread is left. */
  startThread(p: Proc, fd: number, body: number, setup: (targ: number) => void, second?: number): ThreadHandle | undefined;
  /** The thread leaves its sleep and looks at its cancel word. */
  poke(h: ThreadHandle): void;
  threadDone(h: ThreadHandle): boolean;
  /** Frees a finished thread. */
  endThread(p: Proc, h: ThreadHandle): void;
  /** Zeroed pages for a program's own use, by the kernel's names for them; undefined when there are none left. */
  allocPages(p: Proc, n: number): number[] | undefined;
  freePages(p: Proc, pages: number[]): void;
  /** Where such a page is in the machine. */
  pageAt(page: number): number;
  threads(): ThreadInfo[];
  interrupts(): IntrCount[];
  /** When this system was booted, lab ns. */
  bootTime(): number;
  ifconfig(): IfInfo[];
  /** Undefined: done. 'again': somebody is inside the interface, ask again in a moment. */
  setInterface(name: string, req: IfReq): Strerror | 'again' | undefined;
  /** SIOCIFCREATE: "tap" or "tap3"; answers the name. SIOCIFDESTROY. */
  ifCreate(name: string): { name: string } | Strerror;
  ifDestroy(name: string): Strerror | 'again' | undefined;
  /** socket(SOCK_RAW) of ICMP: its address. close(2) of it: false means to ask again in a moment. */
  socket(): number | Strerror;
  closeSocket(so: number): boolean;
  /** The table of neighbours, the interfaces' own addresses last. */
  arp(): ArpInfo[];
  dmesg(): string[];
  /** dmesg -c: what was said so far is not shown again, but for dmesg -a. */
  dmesgTaken(): number;
  clearDmesg(): void;
  sysctl(): Record<string, number | string>;
  setSysctl(name: string, value: number | string): Strerror | undefined;
  modules(): KldFile[];
  kldload(name: string): Strerror | number;
  kldunload(id: number): Strerror | undefined;
  /** Commands of this machine, for completion and help. */
  commands(): string[];
}

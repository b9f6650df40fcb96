// A row an interface: what both kernels' trees hold of it, and the stack's page and threads. Plain JSON.

import type { Strerror } from '../bin/sys.ts';
import { ERRNO, type Errno } from './errno.ts';

/** Nothing, an error, or: somebody is inside, ask again. */
export type IfAnswer = Strerror | 'again' | undefined;
export const errno = (e: Errno): Strerror => ({ errno: ERRNO[e][0], text: ERRNO[e][1] });

export interface IfEntry {
  name: string;
  kind: 'ix' | 'em' | 'tap' | 'bridge' | 'vtnet' | 'lo';
  unit: number;
  /** The number of its <Link#N>. */
  index: number;
  /** Its IF block and softc, 0 until it is used; the thread of its hardware. */
  addr: number;
  softc: number;
  block: number;
  /** IFF_*. */
  flags: number;
  mtu: number;
  mac: string;
  /** IPv4, first byte lowest. */
  inet?: { addr: number; mask: number };
  /** The bridge of which it is a member. */
  bridge?: string;
  /** A bridge: its members; how long it remembers an address, and how many. */
  members?: string[];
  timeout?: number;
  maxaddr?: number;
  /** A tap: who has /dev/tapN open. */
  pid?: number;
}

export interface NetEntry {
  /** The stack's page and its threads (the host: their blocks; a guest: their tds), 0 until there is one. */
  stack: number;
  isr: number;
  clock: number;
  nextIndex: number;
}

/** BROADCAST, SIMPLEX, MULTICAST. */
export const ETHER_FLAGS = 0x8802;
/** UP, RUNNING: the lab keeps the two together. */
export const UP_RUNNING = 0x41;

export const loopback = (index: number): IfEntry => ({
  name: 'lo0',
  kind: 'lo',
  unit: 0,
  index,
  addr: 0,
  softc: 0,
  block: 0,
  flags: UP_RUNNING | 8 | 0x8000,
  mtu: 16384,
  mac: '',
  inet: { addr: 0x0100007f, mask: 0xff },
});

/** Of the stack and of netmap's interfaces, in both kernels. */
export const STACK_SYSCTL: Record<string, number | string> = {
  'kern.ipc.nmbclusters': 4096,
  'net.isr.defaultqlimit': 256,
  'net.link.ifqmaxlen': 50,
};

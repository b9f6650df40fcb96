// What a kernel offers to the programs of both sides: the same calls on host and guest. The kernels implement it;
// programs know nothing else of the machine they run on.

import type { Machine } from '../sim/machine.ts';
import type { BaseSys, Proc } from '../sh/proc.ts';

export interface Strerror {
  errno: number;
  text: string;
}

/** An open netmap descriptor as its program sees it. */
export interface NetmapDesc {
  fd: number;
  name: string;
  txRings: number;
  rxRings: number;
  txSlots: number;
  rxSlots: number;
  /** Its own interface's MAC, if the port is an interface. */
  mac: string;
  memId: number;
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
  media: string;
}

export interface Sys extends BaseSys {
  readonly m: Machine;
  readonly side: 'host' | 'guest';
  /** nm_open: the descriptor, or why not. Undefined: ask again when woken (the call sleeps in the kernel). */
  netmapOpen(p: Proc, name: string): NetmapDesc | Strerror | undefined;
  /** close(2): false while the kernel must still wait for somebody to leave the rings. */
  netmapClose(p: Proc, fd: number): boolean;
  /** Starts a thread on a descriptor; setup fills its page before it runs. Undefined when no thread is left. */
  startThread(p: Proc, fd: number, body: number, setup: (targ: number) => void): ThreadHandle | undefined;
  /** The thread leaves its sleep and looks at its cancel word. */
  poke(h: ThreadHandle): void;
  threadDone(h: ThreadHandle): boolean;
  /** Frees a finished thread. */
  endThread(p: Proc, h: ThreadHandle): void;
  ifconfig(): IfInfo[];
  setInterface(name: string, up: boolean): Strerror | undefined;
  dmesg(): string[];
  sysctl(): Record<string, number | string>;
  setSysctl(name: string, value: number): Strerror | undefined;
  modules(): string[];
  /** Commands of this machine, for completion and help. */
  commands(): string[];
}

// What the control plane of a kernel's network stands on: memory of the kernel's own, and what differs between a host and a guest.
// Addresses are the machine's; where the kernel's programs see one of them is paddr(). The host's is the machine itself, a
// guest's is RAM of its VM (src/guest/kernel/kmem.ts), so that nothing of a guest lies outside of it.

import type { Machine } from '../sim/machine.ts';

export abstract class Kmem {
  constructor(readonly machine: Machine) {}

  /** Zeroed memory in one piece, whole pages; throws a RangeError when there is none. */
  abstract alloc(bytes: number): number;
  /** Address space only; its pages count as used from touch() on. */
  abstract reserve(bytes: number): number;
  abstract touch(addr: number, bytes: number): void;
  abstract release(addr: number, bytes: number): void;
  /** The address space of the kernel's programs (0: the machine's own), and an address of its memory as they see it. */
  abstract readonly as: number;
  abstract paddr(addr: number): number;
  /** And back. */
  abstract vaddr(addr: number): number;
  /** The kernel's words (M_* of one kernel). */
  abstract readonly words: number;
  /** Starts one of the kernel's own threads; how the data plane wakes it (an op). */
  abstract kthread(which: 'netisr' | 'softclock', arg: number): number;
  abstract readonly wakeOp: number;
  /** Wakes a program's thread that sleeps in select. */
  abstract selwakeup(td: number): void;
  abstract readonly clock: number;
  /** A line of the kernel's, for dmesg and the console. */
  abstract log(line: string): void;

  get u8() {
    return this.machine.u8;
  }
  get u32() {
    return this.machine.u32;
  }
  ld8(a: number) {
    return this.machine.ld8(a);
  }
  ld16(a: number) {
    return this.machine.ld16(a);
  }
  ld32(a: number) {
    return this.machine.ld32(a);
  }
  ld64(a: number) {
    return this.machine.ld64(a);
  }
  st8(a: number, v: number) {
    this.machine.st8(a, v);
  }
  st16(a: number, v: number) {
    this.machine.st16(a, v);
  }
  st32(a: number, v: number) {
    this.machine.st32(a, v);
  }
  st64(a: number, v: number) {
    this.machine.st64(a, v);
  }
  string(a: number, max: number) {
    return this.machine.string(a, max);
  }
  putString(a: number, s: string, size: number) {
    this.machine.putString(a, s, size);
  }
  /** Bytes that somebody outside has seen are cleared before others get them. */
  scrub(addr: number, bytes: number) {
    this.machine.scrub(addr, bytes);
  }
  op(i: number) {
    return this.machine.op(i);
  }
}

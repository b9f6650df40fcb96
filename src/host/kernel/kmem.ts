// The host's memory is the machine's, and so are its programs' addresses; its threads have blocks of their own.

import * as L from '../../../wasm/layout.ts';
import { Kmem } from '../../net/kmem.ts';
import type { Machine } from '../../sim/machine.ts';
import { type HostTree, logLine } from './tree.ts';

export class HostKmem extends Kmem {
  readonly as = 0;
  readonly words = L.MACHINE;
  readonly wakeOp = L.OP_HOST_WAKE_KTHREAD;
  constructor(
    machine: Machine,
    private readonly tree: () => HostTree,
  ) {
    super(machine);
  }
  alloc(bytes: number) {
    return this.machine.alloc(bytes);
  }
  reserve(bytes: number) {
    return this.machine.reserve(bytes);
  }
  touch(addr: number, bytes: number) {
    this.machine.touch(addr, bytes);
  }
  release(addr: number, bytes: number) {
    this.machine.release(addr, bytes);
  }
  paddr(addr: number) {
    return addr;
  }
  vaddr(addr: number) {
    return addr;
  }
  kthread(which: 'netisr' | 'softclock', arg: number) {
    const { machine: m } = this;
    return m.newThread({ kind: L.TK_KTHREAD, fn: which === 'netisr' ? L.OP_NETISR : L.OP_SOFTCLOCK, arg, vtime: m.clock });
  }
  selwakeup(td: number) {
    Atomics.store(this.machine.u32, (td + L.TD_SELPEND) >>> 2, 1);
    this.machine.wakeup(td);
  }
  get clock() {
    return this.machine.clock;
  }
  log(line: string) {
    logLine(this.tree(), line);
  }
}

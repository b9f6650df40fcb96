// The guest kernel's memory: RAM of its VM, wired, each piece in one run of the machine's frames, so that kernel structures have
// pointers and devices and programs have guest-physical addresses. Physical pages are handed out upwards; what comes back is
// used again.

import * as L from '../../../wasm/layout.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { Kmem } from '../../net/kmem.ts';
import type { GuestTree } from './tree.ts';

const pages = (bytes: number) => Math.ceil(bytes / L.PAGE) * L.PAGE;

export class GuestKmem extends Kmem {
  readonly wakeOp = L.OP_GUEST_WAKE_KTHREAD;
  constructor(
    private readonly cpu: GuestCpu,
    private readonly tree: () => GuestTree,
    private readonly printf: (line: string) => void,
    private readonly start: (op: number, arg: number) => number,
  ) {
    super(cpu.m);
  }

  #take(bytes: number): number {
    const t = this.tree(),
      free = t.ramFree.findIndex((r) => r.bytes >= bytes),
      r = t.ramFree[free];
    if (!r) {
      const gpa = t.ramNext;
      if (gpa + bytes > this.cpu.ramBytes) throw new RangeError('the guest has no memory left');
      t.ramNext += bytes;
      return gpa;
    }
    const gpa = r.gpa;
    r.gpa += bytes;
    r.bytes -= bytes;
    if (!r.bytes) t.ramFree.splice(free, 1);
    return gpa;
  }
  #wire(bytes: number, now: boolean): number {
    const n = pages(bytes),
      gpa = this.#take(n);
    try {
      const ptr = this.cpu.wire(gpa, n, now);
      this.tree().wired.push({ gpa, ptr, bytes: n });
      return ptr;
    } catch (e) {
      this.tree().ramFree.push({ gpa, bytes: n });
      throw e;
    }
  }
  alloc(bytes: number) {
    return this.#wire(bytes, true);
  }
  reserve(bytes: number) {
    return this.#wire(bytes, false);
  }
  touch(addr: number, bytes: number) {
    this.machine.touch(addr, bytes);
  }
  release(addr: number) {
    const t = this.tree(),
      r = t.wired.find((x) => x.ptr === addr);
    if (!r) throw new Error('not wired');
    this.cpu.unwire(r.gpa, r.bytes);
    t.wired = t.wired.filter((x) => x !== r);
    t.ramFree.push({ gpa: r.gpa, bytes: r.bytes });
  }

  get as() {
    return this.cpu.as;
  }
  paddr(addr: number): number {
    const r = this.tree().wired.find((x) => addr >= x.ptr && addr < x.ptr + x.bytes);
    if (!r) throw new Error(`0x${addr.toString(16)} is not the guest's`);
    return r.gpa + addr - r.ptr;
  }
  vaddr(addr: number): number {
    const r = this.tree().wired.find((x) => addr >= x.gpa && addr < x.gpa + x.bytes);
    return r ? r.ptr + addr - r.gpa : 0;
  }
  get words() {
    return this.tree().words;
  }
  kthread(which: 'netisr' | 'softclock', arg: number) {
    return this.start(which === 'netisr' ? L.OP_GUEST_NETISR : L.OP_GUEST_SOFTCLOCK, arg);
  }
  selwakeup(td: number) {
    this.machine.st32(td + L.TD_SELPEND, 1); // the scheduler looks there
  }
  get clock() {
    return this.machine.ld64(this.cpu.block + L.T_VTIME);
  }
  log(line: string) {
    this.printf(line);
  }
}

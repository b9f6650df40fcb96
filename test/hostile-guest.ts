// A guest that means harm: a VM whose kernel is out of the way, so that the test is the guest. It reads and writes every port,
// configuration space, the MSI-X tables, BAR memory, its RAM with virtqueues and CSBs in it, and ends its VM now and then.
// What the host must keep whatever it does is judged in hostile-guest-judge.ts.

import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { GuestCpu } from '../src/hw/vcpu.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { garbage, numbers } from './hostile.ts';
import { begin, until } from './typed.ts';

export interface Hostile {
  seed: number;
  /** -o options of its bhyve, for one: '-o lab.protocol=2019'. */
  options?: string;
  /** Its devices, as -s options. */
  slots: string;
  /** One action in so many writes the reset or the power-off port. */
  ends?: number;
}
export const PT_SLOTS = "-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1 -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1'";

/** What the guest has found out about its devices before it turned. */
interface Found {
  /** I/O BARs of virtio-net functions, of memdevs. */
  nets: number[];
  memdevs: number[];
  /** Where configuration cycles find functions. */
  functions: { slot: number; func: number }[];
  msix: number[];
  /** BARs of memdevs, with the bytes behind them. */
  bars: { base: number; size: number }[];
  csbs: number[];
  queues: number[];
  ram: { from: number; to: number };
}

const PTN = 24 + 10; // BAR 0: the ptnetmap registers (facts bhyve 3.2)
const RING = 16; // slots of the lab's rings
const QUEUE_BYTES = 32768;

export class HostileGuest {
  readonly r: (n: number) => number;
  cpu!: GuestCpu;
  found!: Found;
  actions = 0;
  #wild = true;
  lives = 0;
  /** How often it did what. */
  readonly did: Record<string, number> = {};
  /** Offsets that it has written and read, by what they are offsets in. */
  readonly wrote = { vtnet: new Set<number>(), memdev: new Set<number>(), CSB: new Set<number>(), MSIX: new Set<number>() };
  readonly read = { vtnet: new Set<number>(), memdev: new Set<number>() };

  constructor(
    readonly w: World,
    readonly tty: string,
    readonly name: string,
    readonly o: Hostile,
  ) {
    this.r = numbers(o.seed);
    this.live();
  }

  get vm(): VmEntry | undefined {
    return this.w.host.vmm.find(this.name);
  }
  /** The VM can act: its bhyve runs, and its vCPU is not held in userspace. */
  get free(): boolean {
    const { vm } = this;
    return vm !== undefined && vm.block !== 0 && !this.w.host.vmHeld(vm);
  }
  get over(): boolean {
    return !this.vm?.block;
  }
  get bhyve(): BhyveState | undefined {
    const { vm } = this;
    return vm && (this.w.host.bhyveOf(vm)?.st as BhyveState | undefined);
  }

  /** Boots, lets the guest open its ports, and takes its place. */
  live() {
    const { w, name } = this;
    begin(
      w,
      this.tty,
      `bhyveload -m 2G -d mfsroot.img ${name} && bhyve -s 0,hostbridge -s 1,lpc ${this.o.slots} -l com1,stdio -A -H -P -m 2G ${this.o.options ?? ''} ${name}`,
    );
    until(w, () => w.guestAtPrompt(name));
    const guest = w.tree.guests[name],
      { vm } = this;
    if (!guest || !vm) throw new Error(`${name} did not boot`);
    guest.vtnets.forEach((v, i) => {
      if (v.ptnetmap) begin(w, this.tty, `pkt-gen -i vtnet${i} -f ${i % 2 ? 'tx' : 'rx'} -w 0 &`);
    });
    const pts = guest.vtnets.filter((v) => v.ptnetmap).length;
    until(w, () => guest.threads.length >= pts);
    w.toBoundaries();
    this.lives++;
    this.cpu = w.host.vmm.cpu(vm);
    const of = (type: 'io' | 'mem', vendor: number) =>
      guest.pci.flatMap((d) => (d.vendor === vendor ? d.bars.filter((b) => b.type === type) : []));
    this.found = {
      nets: of('io', 0x1af4).map((b) => b.base),
      memdevs: of('io', 0x3333).map((b) => b.base),
      functions: guest.pci.map((d) => ({ slot: d.slot, func: d.func })),
      msix: of('mem', 0x1af4).map((b) => b.base),
      bars: of('mem', 0x3333).map((b) => ({ base: b.base, size: b.size })),
      csbs: guest.vtnets.flatMap((v) => (v.csb ? [v.csb] : [])),
      queues: guest.vtnets.flatMap((v) => v.queues),
      ram: { from: 0x1000000, to: guest.ramNext },
    };
    // Its kernel goes: no threads, no interrupt handlers, no processes. The vCPU halts; what it does from now on is the test's.
    const { m } = w;
    m.st32(vm.vcpu + L.VCPU_TDS, 0);
    m.st32(vm.vcpu + L.VCPU_NEXT_TD, 0);
    m.u8.fill(0, vm.vcpu + L.VCPU_IDT, vm.vcpu + L.VCPU_IDT + L.IDT_COUNT * 8);
    m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
    guest.threads = [];
    guest.fds = [];
    guest.devs = [];
    guest.os.procs = [];
  }

  /** Lets the machine go on until the VM can act again, or has ended. */
  wait() {
    const { w } = this;
    for (let i = 0; i < 2000 && !this.over && !this.free; i++) w.advance(2000, w.m.clock + 1e6);
    if (!this.over && !this.free) throw new Error('bhyve never lets go of the vCPU');
  }

  /** As vmm does when an exit has been handled in userspace: held, or back into the guest. */
  #held() {
    const { vm, w } = this;
    if (vm?.block && w.host.vmHeld(vm)) w.host.vmHold(vm);
  }
  out(port: number, bytes: 1 | 2 | 4, v: number) {
    this.#note(this.wrote, port);
    if (this.free) this.cpu.out(port, bytes, v >>> 0);
    this.#held();
  }
  #note(to: { vtnet: Set<number>; memdev: Set<number> }, port: number) {
    for (const b of this.found.nets) if (port >= b && port < b + 64) to.vtnet.add(port - b);
    for (const b of this.found.memdevs) if (port >= b && port < b + 16) to.memdev.add(port - b);
  }
  in(port: number, bytes: 1 | 2 | 4): number {
    this.#note(this.read, port);
    const v = this.free ? this.cpu.in(port, bytes) : 0;
    this.#held();
    return v;
  }
  /** A store by the guest's own CPU: to memory if there is some, else an exit. */
  store(gpa: number, bytes: 1 | 2 | 4, v: number) {
    const { m } = this.w,
      vm = this.vm;
    if (!vm || this.cpu.mapped(gpa) === undefined) {
      if (gpa >= 0xc0000000) this.mmio(gpa, v);
      return;
    }
    for (const c of this.found.csbs) if (gpa >= c && gpa < c + 156) this.wrote.CSB.add((gpa - c) & ~3);
    const p = m.wasm.va(vm.vm, gpa); // its first touch is a fault
    if (bytes === 4 && p % 4 === 0) m.st32(p, v >>> 0);
    else if (bytes === 2 && p % 2 === 0) m.st16(p, v);
    else m.st8(p, v);
  }
  mmio(gpa: number, v: number | undefined) {
    if (!this.free) return;
    if (v === undefined) this.cpu.mmioRead(gpa);
    else this.cpu.mmioWrite(gpa, v >>> 0);
    this.#held();
  }
  /** An OUT made by the data plane on the vCPU, as the driver's kicks are; answered when the machine runs. */
  dataOut(port: number, bytes: number, v: number) {
    const { m } = this.w,
      b = this.vm?.block ?? 0;
    if (!b || m.ld32(b + L.T_UNWOUND) || ![L.TS_READY, L.TS_ASLEEP].includes(m.status(b)) || !this.free) return;
    m.st32(b + L.T_REQ, L.REQ_INOUT);
    m.st32(b + L.T_REQ_ARG, port);
    m.st32(b + L.T_REQ_ARG + 4, bytes);
    m.st32(b + L.T_REQ_ARG + 8, v);
    m.setStatus(b, L.TS_REQUEST);
  }

  #size(): 1 | 2 | 4 {
    return ([1, 2, 4] as const)[this.r(3)] ?? 4;
  }
  #pick<T>(a: readonly T[]): T {
    return a[this.r(a.length)] as T;
  }
  #word(): number {
    return this.r(3) ? garbage(this.r, RING) : (this.r(65536) * 65536 + this.r(65536)) >>> 0;
  }
  /** A guest-physical address: what a driver would give, beside it, or anything. */
  gpa(): number {
    const { r, found: f } = this,
      page = f.ram.from + r((f.ram.to - f.ram.from) / L.PAGE + 4) * L.PAGE,
      bar = f.bars.length ? this.#pick(f.bars) : undefined;
    switch (r(8)) {
      case 0:
        return f.csbs.length ? this.#pick(f.csbs) : page;
      case 1:
      case 2:
        return page;
      case 3:
        return page + (r(2) ? r(L.PAGE) : L.PAGE - 1 - r(160));
      case 4:
        return bar ? bar.base + (r(4) ? r(64) * L.PAGE : r(bar.size)) : page;
      case 5:
        return this.#pick([0, 0xfff, 0x1000, 0xbfffffff, 0xc0000000, 0xdfffffff, 0xfee00000, 0xfffff000, 0xffffffff]);
      case 6:
        return this.#pick(f.queues) + r(8) * L.PAGE;
      default:
        return this.#word();
    }
  }

  /** One 32-bit register of ptnetmap, as the driver writes it: byte by byte, highest first; or not as it does. */
  #ptWrite(base: number, reg: number, v: number) {
    if (this.r(16) === 0) {
      this.out(base + PTN + reg, this.#size(), v);
      return;
    }
    for (let i = 3; i >= 0; i--) this.out(base + PTN + reg + i, 1, (v >>> (8 * i)) & 255);
  }

  /** One action. */
  act() {
    const { r, o, found: f } = this;
    this.actions++;
    if (o.ends && r(o.ends) === 0) return this.#count('ends', () => (r(2) ? this.out(0xcf9, 1, 6) : this.out(0x404, 2, 0x3400)));
    const n = r(100),
      net = f.nets.length ? this.#pick(f.nets) : 0;
    if (this.actions % 400 === 0) {
      this.#wild = r(3) === 0;
      return this.#count('open', () => this.#open(net));
    }
    if (n < 30 && f.csbs.length) return this.#count('CSB', () => this.#csb(this.#pick(f.csbs)));
    if (n < 52 && f.bars.length) return this.#count('BAR', () => this.#bar());
    if (n < 62) return this.#count('queue', () => this.#queue());
    if (n < 67)
      return this.#count('kick', () => (r(4) ? this.out(net + 16, 2, r(8) ? r(2) : this.#word()) : this.dataOut(net + 16, 2, r(3))));
    if (n < 77) return this.#count('register', () => this.#register(net));
    if (n < 79 && this.#wild) return this.#count('PTCTL', () => this.#ptWrite(net, 4, r(3) ? 10 + r(3) : r(6) ? r(14) : this.#word()));
    if (n < 80) return this.#count('where', () => (r(2) ? this.#ptWrite(net, 16, this.gpa()) : this.#vring(net)));
    if (n < 85) return this.#count('PCI', () => this.#config());
    if (n < 91) return this.#count('MSI-X', () => this.#msix());
    if (n < 94) return this.#count('RAM', () => this.store(f.ram.from + r(f.ram.to - f.ram.from), this.#size(), this.#word()));
    if (n < 96) return this.#count('MMIO', () => this.mmio(this.gpa(), r(2) ? this.#word() : undefined));
    if (n < 97)
      return this.#count('UART', () => (r(2) ? this.out(0x3f8 + r(8), 1, r(256)) : this.in((r(2) ? 0x3f8 : 0x2f8) + r(8), this.#size())));
    if (n < 98 && f.memdevs.length)
      return this.#count('memdev', () =>
        r(4) ? this.in(this.#pick(f.memdevs) + r(16), this.#size()) : this.out(this.#pick(f.memdevs) + r(16), this.#size(), this.#word()),
      );
    let port = r(65536);
    if (port === 0x404 || port === 0xcf9) port = 0x403;
    return this.#count('port', () => (r(2) ? this.out(port, this.#size(), this.#word()) : this.in(port, this.#size())));
  }
  /** A port up, as its driver does it, sometimes with the CSB where it must not be. */
  #open(net: number) {
    this.#ptWrite(net, 4, 11);
    this.wait();
    if (this.over) return;
    const i = this.found.nets.indexOf(net);
    this.#ptWrite(net, 12, 0);
    this.#ptWrite(net, 16, this.r(3) ? (this.found.csbs[i] ?? 0) : this.gpa());
    this.#ptWrite(net, 4, 1);
    this.#ptWrite(net, 4, 10);
  }

  /** The CSB: a step as a driver makes one, and a kick; or any word of it, anything. */
  #csb(csb: number) {
    const { r } = this;
    if (this.#wild || r(16) === 0) return this.store(csb + (r(8) ? r(39) * 4 : r(4096)), r(8) ? 4 : this.#size(), this.#word());
    const ring = csb + (r(2) ? L.CSB_TX_RING : L.CSB_RX_RING),
      head = r(RING);
    this.store(ring + L.PTR_CUR, 4, r(4) ? head : this.#word());
    this.store(ring + L.PTR_HEAD, 4, head);
    if (r(3) === 0) this.store(csb + (r(2) ? L.CSB_GUEST_NEED_TXKICK : L.CSB_GUEST_NEED_RXKICK), 4, r(2));
    if (r(2)) this.out(this.#pick(this.found.nets) + 16, 2, r(2));
  }

  #count(what: string, f: () => unknown) {
    this.did[what] = (this.did[what] ?? 0) + 1;
    f();
  }

  /** Memory of an allocator: its head, rings and slots mostly. */
  #bar() {
    const { r } = this,
      bar = this.#pick(this.found.bars),
      at = r(4) ? r(0x30000) & ~3 : r(bar.size);
    this.store(bar.base + at, r(6) ? 4 : this.#size(), r(2) ? garbage(r, 4098) : this.#word());
  }

  /** Virtqueues: available and used rings, descriptors. */
  #queue() {
    const { r } = this,
      base = this.#pick(this.found.queues);
    switch (r(5)) {
      case 0:
        this.store(base + 16 * 1024 + 2, 2, r(65536)); // avail.idx
        break;
      case 1:
        this.store(base + 16 * 1024 + 4 + r(1024) * 2, 2, r(2) ? r(1024) : r(65536));
        break;
      case 2: {
        const d = base + r(1024) * 16;
        this.store(d, 4, this.gpa());
        this.store(d + 4, 4, r(8) ? 0 : this.#word());
        this.store(d + 8, 4, r(3) ? r(2100) : this.#word());
        this.store(d + 12, 2, r(8));
        this.store(d + 14, 2, r(3) ? r(1024) : r(65536));
        break;
      }
      case 3:
        this.store(base + 20480 + r(8198), this.#size(), this.#word());
        break;
      default:
        this.store(base + r(QUEUE_BYTES), this.#size(), this.#word());
    }
  }

  /** A queue elsewhere: QSEL, then PFN. */
  #vring(net: number) {
    this.out(net + 14, 2, this.r(3));
    this.out(net + 8, 4, this.r(4) ? this.gpa() >>> 12 : this.#word());
  }

  #register(net: number) {
    const { r } = this;
    const how = r(3);
    if (how === 0) this.in(net + r(64), this.#size());
    else if (how === 1) this.out(net + r(64), this.#size(), this.#word());
    else
      switch (r(6)) {
        case 0:
          this.out(net + 18, 1, r(3) ? 7 : r(256)); // STATUS
          break;
        case 1:
          this.out(net + 14, 2, r(3));
          this.out(net + 22, 2, r(5));
          break;
        case 2:
          this.out(net + 4, 4, this.#word());
          break;
        case 3:
          this.#ptWrite(net, r(5) * 4, this.#word());
          break;
        case 4:
          this.out(net + 20, 2, r(5));
          break;
        default:
          this.in(net + 19, 1);
      }
  }

  /** Configuration space: of its functions, or of none; BARs are moved, capabilities and the command register written. */
  #config() {
    const { r } = this,
      fn = this.#pick(this.found.functions),
      reg = r(4) ? this.#pick([4, 6, 0x10, 0x14, 0x18, 0x24, 0x34, 0x3c, 0x40, 0x42, 0x4c, 0x4e, 0x50]) : r(256);
    this.out(0xcf8, r(16) ? 4 : this.#size(), r(16) ? (0x80000000 | (fn.slot << 11) | (fn.func << 8) | (reg & 0xfc)) >>> 0 : this.#word());
    if (r(3) === 0) this.in(0xcfc + r(4), this.#size());
    else
      this.out(
        0xcfc + (reg & 3),
        this.#size(),
        r(3) ? this.#pick([0, 0xffffffff, 7, 1, 0x2000 + r(0x400), 0xc0000000 + r(0x1000) * 0x1000]) : this.#word(),
      );
  }

  #msix() {
    const { r } = this;
    if (!this.found.msix.length) return;
    const base = this.#pick(this.found.msix);
    if (r(6) === 0) return this.mmio(base + r(8192), undefined);
    const at = r(3) ? r(3) * 16 + r(4) * 4 : r(8192);
    if (at < 48) this.wrote.MSIX.add(at & ~3);
    this.mmio(base + at, at % 16 === 0 && r(2) ? 0xfee00000 : r(2) ? r(512) : this.#word());
  }
}

// vmm.ko, control plane: VMs, their guest-physical map, register handlers, exits of the guest's control plane.
// Mirrors vmm.c, vmm_ioport.c and vmm_dev.c with the ioctls of 2015 (facts bhyve 5.1 to 5.4).

import * as L from '../../../wasm/layout.ts';
import { COST_EPT_FAULT, COST_EXIT_KERNEL, COST_EXIT_USER } from '../../../wasm/points.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { Machine } from '../../sim/machine.ts';
import type { Errno } from './tree.ts';

export interface UserBuf {
  gpa: number;
  bytes: number;
}
export interface VmEntry {
  name: string;
  vm: number;
  vcpu: number;
  block: number;
  intr: number;
  memBytes: number;
  /** EPT pages, to give them back. */
  pages: number[];
  frames: number[];
  /** RAM that lies in one run: address, frames, size. */
  runs: { gpa: number; ptr: number; bytes: number }[];
  userbufs: UserBuf[];
  loaded: boolean;
  /** What the loader put into the kernel's environment. */
  env?: Record<string, string>;
  /** It is to be destroyed as soon as its bhyve has ended. */
  doomed?: true;
}
export interface VmmTree {
  vms: VmEntry[];
}

/** What answers exits to userspace: bhyve. */
export interface UserspaceHandler {
  io(vm: VmEntry, port: number, bytes: number, value: number | undefined): number;
  mmio(vm: VmEntry, gpa: number, bytes: number, value: number | undefined): number;
  /** An ioctl of the VM's bhyve has not returned yet. */
  busy(vm: VmEntry): boolean;
  /** Its only vCPU is halted with interrupts off: suspended with reason halt, where HLT is an exit. */
  halted(vm: VmEntry): number;
}

const PRESENT = 1,
  TOUCHED = 2;
export const MAX_USERMEMS = 64;

export class Vmm {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => VmmTree,
    private readonly user: () => UserspaceHandler,
    private readonly log: (line: string) => void = () => {},
    /** Whether bhyve has this range mapped: netmap memory. */
    private readonly userMap: (ptr: number, bytes: number) => boolean = () => true,
  ) {}

  find(name: string) {
    return this.tree().vms.find((v) => v.name === name);
  }

  /** /dev/vmm/NAME appears. */
  create(name: string, memBytes: number): VmEntry {
    const { m } = this,
      vm = m.alloc(L.VM_SIZE),
      dir = m.alloc(L.PAGE);
    m.st32(vm + L.VM_EPT, dir);
    const e: VmEntry = { name, vm, vcpu: 0, block: 0, intr: 0, memBytes, pages: [dir], frames: [], runs: [], userbufs: [], loaded: true };
    this.tree().vms.push(e);
    return e;
  }

  /** The vCPU and its interrupt context, idle until the guest kernel runs. */
  startVcpu(e: VmEntry) {
    const { m } = this,
      vcpu = m.alloc(L.VCPU_SIZE);
    e.vcpu = vcpu;
    m.st32(e.vm + L.VM_VCPU, vcpu);
    m.st32(vcpu + L.VCPU_VM, e.vm);
    m.st32(vcpu + L.VCPU_EXIT_FN, m.op(L.OP_VM_INOUT));
    e.block = m.newThread({ kind: L.TK_VCPU, fn: L.OP_VCPU, arg: vcpu, vtime: m.clock });
    e.intr = m.newThread({ kind: L.TK_INTR, fn: L.OP_VCPU_INTR, arg: vcpu, vtime: m.clock });
    m.st32(e.block + L.T_PEER, e.intr);
    m.st32(e.intr + L.T_PEER, e.block);
    m.st32(vcpu + L.VCPU_BLOCK, e.block);
    m.st32(vcpu + L.VCPU_INTR_BLOCK, e.intr);
    m.st32(e.intr + L.T_WCHAN, vcpu + 1);
    m.setStatus(e.intr, L.TS_ASLEEP);
  }

  /** VM_SET_CAPABILITY: HLT or PAUSE of the guest is an exit. */
  setCapability(e: VmEntry, cap: number, on: boolean) {
    const old = this.m.ld32(e.vcpu + L.VCPU_CAPS);
    this.m.st32(e.vcpu + L.VCPU_CAPS, on ? old | (1 << cap) : old & ~(1 << cap));
  }

  /** The vCPU stops for good. Its block must be at a boundary. */
  stopVcpu(e: VmEntry) {
    const { m } = this;
    for (const b of [e.block, e.intr]) if (b) m.freeThread(b);
    if (e.vcpu) m.release(e.vcpu, L.VCPU_SIZE);
    m.st32(e.vm + L.VM_VCPU, 0);
    e.vcpu = e.block = e.intr = 0;
  }

  /** vmm_stat_init: a machine that is loaded again counts from 0. */
  clearStats(e: VmEntry) {
    this.m.u8.fill(0, e.vm + L.VM_STAT, e.vm + L.VM_STAT + L.STAT_COUNT * 8);
  }

  /** VM_REINIT: memory as new, handlers and user buffers gone. */
  reinit(e: VmEntry) {
    const { m } = this;
    for (const f of e.frames) m.release(f, L.PAGE);
    for (const r of e.runs) m.release(r.ptr, r.bytes);
    for (const p of e.pages.slice(1)) m.release(p, L.PAGE);
    const dir = e.pages[0] ?? 0;
    m.u8.fill(0, dir, dir + L.PAGE);
    m.st32(e.vm + L.VM_PROTOCOL, L.PROTOCOL_2015);
    m.st32(e.vm + L.VM_DOORBELL, 0);
    m.u8.fill(0, e.vm + L.VM_IOREGH, e.vm + L.VM_IOREGH + L.IOPORT_MAX_REG_HANDLER * L.VM_IOREGH_SIZE);
    e.frames = [];
    e.runs = [];
    e.pages = [dir];
    e.userbufs = [];
    e.loaded = false;
  }

  destroy(e: VmEntry) {
    this.reinit(e);
    this.m.release(e.pages[0] ?? 0, L.PAGE);
    this.m.release(e.vm, L.VM_SIZE);
    const t = this.tree();
    t.vms = t.vms.filter((v) => v !== e);
  }

  #pte(e: VmEntry, gpa: number, make: boolean): number {
    const { m } = this,
      dir = m.ld32(e.vm + L.VM_EPT),
      d = dir + (gpa >>> 22) * 4;
    let table = m.ld32(d);
    if (!table) {
      if (!make) return 0;
      table = m.alloc(L.PAGE);
      e.pages.push(table);
      m.st32(d, table);
    }
    return table + ((gpa >>> 12) & 1023) * 4;
  }

  /** VM_MAP_USER_BUF: the buffer appears in guest-physical memory; the guest's first touch of each page is a fault. */
  mapUserBuf(e: VmEntry, gpa: number, bytes: number, ptr: number): Errno | undefined {
    if (gpa % L.PAGE || ptr % L.PAGE || bytes <= 0 || gpa + bytes > 2 ** 32) return 'EINVAL';
    if (!this.userMap(ptr, bytes)) return 'EINVAL'; // nothing of the caller's is mapped there
    if (this.tree().vms.reduce((n, v) => n + v.userbufs.length, 0) >= MAX_USERMEMS) return 'ENOMEM';
    for (let o = 0; o < bytes; o += L.PAGE) this.m.st32(this.#pte(e, gpa + o, true), (ptr + o) | PRESENT);
    e.userbufs.push({ gpa, bytes });
    return undefined;
  }

  /** Pointer to guest RAM; a page that was never touched is a fault that vmm resolves (PAGING). */
  ram(e: VmEntry, gpa: number): number {
    const { m } = this;
    if (gpa < 0 || gpa >= Math.min(e.memBytes, 0xc0000000)) throw new RangeError(`no RAM at 0x${gpa.toString(16)}`);
    const p = this.#pte(e, gpa, true);
    if (!(m.ld32(p) & PRESENT)) {
      const f = m.alloc(L.PAGE);
      e.frames.push(f);
      m.st32(p, f | PRESENT | TOUCHED);
      this.stat(e, L.STAT_EPT_FAULT);
      this.stat(e, L.STAT_EXITS);
      if (e.block) m.charge(e.block, COST_EPT_FAULT);
    }
    return (m.ld32(p) & ~0xfff) + (gpa & 0xfff);
  }

  /** Wired RAM in one run of frames. What the guest's kernel touches at once is faulted in at once. */
  wire(e: VmEntry, gpa: number, bytes: number, now: boolean): number {
    const { m } = this,
      n = bytes / L.PAGE;
    if (gpa % L.PAGE || bytes % L.PAGE || gpa + bytes > Math.min(e.memBytes, 0xc0000000))
      throw new RangeError(`no RAM at 0x${gpa.toString(16)}`);
    const ptr = now ? m.alloc(bytes) : m.reserve(bytes);
    for (let o = 0; o < bytes; o += L.PAGE) m.st32(this.#pte(e, gpa + o, true), (ptr + o) | PRESENT | (now ? TOUCHED : 0));
    e.runs.push({ gpa, ptr, bytes });
    if (!now) return ptr;
    this.stat(e, L.STAT_EPT_FAULT, n);
    this.stat(e, L.STAT_EXITS, n);
    if (e.block) m.charge(e.block, n * COST_EPT_FAULT);
    return ptr;
  }
  unwire(e: VmEntry, gpa: number, bytes: number) {
    const r = e.runs.find((x) => x.gpa === gpa && x.bytes === bytes);
    if (!r) throw new Error(`nothing is wired at 0x${gpa.toString(16)}`);
    for (let o = 0; o < bytes; o += L.PAGE) this.m.st32(this.#pte(e, gpa + o, true), 0);
    this.m.release(r.ptr, bytes);
    e.runs = e.runs.filter((x) => x !== r);
  }

  /** vm_map_gpa: where a guest-physical address is in the host, or undefined. */
  hostAddress(e: VmEntry, gpa: number): number | undefined {
    if (gpa < 0 || gpa > 0xffffffff) return undefined; // the map ends at 4 GiB
    const p = this.#pte(e, gpa, false),
      v = p ? this.m.ld32(p) : 0;
    return v & PRESENT ? (v & ~0xfff) + (gpa & 0xfff) : undefined;
  }

  /** paddr_guest2host: RAM only, not a BAR; and in one page, for here the pages of a guest do not lie together. */
  guestRam(e: VmEntry, gpa: number, bytes: number): number | undefined {
    if (gpa + bytes > Math.min(e.memBytes, 0xc0000000) || (gpa % L.PAGE) + bytes > L.PAGE) return undefined;
    return this.hostAddress(e, gpa);
  }

  stat(e: VmEntry, i: number, n = 1) {
    this.m.add64(e.vm + L.VM_STAT + i * 8, n);
  }

  /** VM_IO_REG_HANDLER (facts bhyve 5.3). */
  ioRegHandler(e: VmEntry, port: number, isIn: number, mask: number, data: number, type: number, arg: number): Errno | undefined {
    const { m } = this;
    const slots = Array.from({ length: L.IOPORT_MAX_REG_HANDLER }, (_, i) => e.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE);
    const same = slots.find(
      (h) =>
        m.ld32(h + L.IOREGH_TYPE) !== L.VM_IO_REGH_DELETE &&
        m.ld16(h + L.IOREGH_PORT) === port &&
        m.ld16(h + L.IOREGH_IN) === isIn &&
        m.ld32(h + L.IOREGH_MASK) === mask >>> 0 &&
        m.ld32(h + L.IOREGH_DATA) === data >>> 0,
    );
    if (type === L.VM_IO_REGH_DELETE) {
      if (!same) return 'EINVAL';
      m.u8.fill(0, same, same + L.VM_IOREGH_SIZE);
      return undefined;
    }
    if (type !== L.VM_IO_REGH_KWEVENTS && type !== L.VM_IO_REGH_CONDSIGNAL && type !== L.VM_IO_REGH_FD) return 'EINVAL';
    if (same) {
      this.log(
        `vm_io_reg_handler: already registered: port 0x${port.toString(16)} in ${isIn} mask 0x${(mask >>> 0).toString(16)} data ${data >>> 0}`,
      );
      return 'EEXIST';
    }
    const free = slots.find((h) => m.ld32(h + L.IOREGH_TYPE) === L.VM_IO_REGH_DELETE);
    if (!free) return 'ENOMEM';
    m.st16(free + L.IOREGH_PORT, port);
    m.st16(free + L.IOREGH_IN, isIn);
    m.st32(free + L.IOREGH_MASK, mask);
    m.st32(free + L.IOREGH_DATA, data);
    m.st32(free + L.IOREGH_ARG, arg);
    m.st32(free + L.IOREGH_TYPE, type);
    return undefined;
  }

  /** What a handler's type does (wasm/host/vmm_ioport.ts), for an exit of the guest's control plane: nobody runs beside it. */
  #matched(e: VmEntry, h: number) {
    const { m } = this,
      arg = m.ld32(h + L.IOREGH_ARG),
      type = m.ld32(h + L.IOREGH_TYPE),
      fd = type === L.VM_IO_REGH_FD,
      bare = (m.ld32(L.MACHINE + L.M_HAZARD_ON) & L.HZ_H4) !== 0,
      cookie = fd ? m.ld32(arg + L.EFD_WCHAN) : arg;
    if (fd && !bare) m.st32(arg + L.EFD_COUNT, m.ld32(arg + L.EFD_COUNT) + 1);
    if (type === L.VM_IO_REGH_CONDSIGNAL && !bare)
      for (let i = 0; i < m.threads; i++) {
        const b = m.block(i),
          nmk = m.ld32(b + L.T_ARG);
        if (m.ld32(b + L.T_FN) === m.op(L.OP_KTHREAD) && m.ld32(nmk + L.NMK_COOKIE) === cookie) m.st32(nmk + L.NMK_SCHEDULED, 1);
      }
    this.stat(e, L.STAT_EXITS);
    this.stat(e, L.STAT_INOUT);
    this.stat(e, L.STAT_KICK_KERNEL);
    if (!m.wakeup(cookie) && type === L.VM_IO_REGH_KWEVENTS) this.stat(e, L.STAT_WAKEUP_LOST);
  }

  /** The CPU as the guest's control plane sees it. */
  cpu(vm: VmEntry): GuestCpu {
    const { name } = vm;
    // Looked up at each use: going back in time replaces the tree, and with it the entry.
    const entry = (): VmEntry => {
      const found = this.find(name);
      if (!found) throw new Error(`no VM ${name}`);
      return found;
    };
    const vmm = this,
      { m } = this;
    const exit = (inout: boolean) => {
      vmm.stat(entry(), L.STAT_EXITS);
      vmm.stat(entry(), inout ? L.STAT_INOUT : L.STAT_INST_EMUL);
      vmm.stat(entry(), L.STAT_USERSPACE);
      m.charge(vm.block, COST_EXIT_KERNEL + COST_EXIT_USER);
    };
    return {
      m,
      as: vm.vm,
      vcpu: vm.vcpu,
      block: vm.block,
      ramBytes: vm.memBytes,
      protocol: m.ld32(vm.vm + L.VM_PROTOCOL),
      in(port, bytes) {
        const h = m.wasm.vmm_ioreg_lookup(vm.vm, port, 1, bytes, 0);
        if (h) {
          vmm.#matched(entry(), h); // EAX stays as it was
          return 0;
        }
        exit(true);
        return vmm.user().io(entry(), port, bytes, undefined) >>> 0;
      },
      out(port, bytes, value) {
        const h = m.wasm.vmm_ioreg_lookup(vm.vm, port, 0, bytes, value);
        if (h) {
          vmm.#matched(entry(), h);
          return;
        }
        exit(true);
        vmm.user().io(entry(), port, bytes, value >>> 0);
      },
      busy: () => vmm.user().busy(entry()),
      get kenv() {
        return entry().env ?? {};
      },
      spin(ns) {
        m.charge(vm.block, ns);
        if (!(m.ld32(vm.vcpu + L.VCPU_CAPS) & (1 << L.VM_CAP_PAUSE_EXIT))) return;
        // each PAUSE is an exit to userspace, whose handler only goes on: the exits are what fills the time
        const n = Math.ceil(ns / (COST_EXIT_KERNEL + COST_EXIT_USER));
        for (const i of [L.STAT_EXITS, L.STAT_PAUSE, L.STAT_USERSPACE]) vmm.stat(entry(), i, n);
      },
      halt() {
        vmm.stat(entry(), L.STAT_HLT);
        vmm.stat(entry(), L.STAT_EXITS);
        m.charge(vm.block, COST_EXIT_KERNEL);
        vmm.user().halted(entry());
      },
      ram: (gpa) => vmm.ram(entry(), gpa),
      wire: (gpa, bytes, now) => vmm.wire(entry(), gpa, bytes, now),
      unwire: (gpa, bytes) => vmm.unwire(entry(), gpa, bytes),
      mapped: (gpa) => vmm.hostAddress(entry(), gpa),
      mmioWrite(gpa, value, bytes = 4) {
        exit(false);
        vmm.user().mmio(entry(), gpa, bytes, bytes === 8 ? value : value >>> 0);
      },
      mmioRead(gpa, bytes = 4) {
        exit(false);
        return vmm.user().mmio(entry(), gpa, bytes, undefined);
      },
    };
  }
}

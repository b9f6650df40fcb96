// The host kernel as its programs see it: processes, netmap descriptors, threads, vmm. Composes the parts of this room.

import * as L from '../../../wasm/layout.ts';
import type { Nmreq } from '../../bin/nmreq.ts';
import { kernSysctls } from '../../bin/sysctl_kern.ts';
import { ERESTART, NO_FD } from '../../bin/sys.ts';
import type { IfInfo, IfReq, Strerror, ThreadHandle } from '../../bin/sys.ts';
import { Os, type OsTree, type Proc, type Program } from '../../sh/proc.ts';
import type { Machine } from '../../sim/machine.ts';
import { bhyveCtx, bhyveIo, bhyveMmio } from '../bhyve/bhyverun.ts';
import { type BhyveState, inUserspace, vmSuspendHalt } from '../bhyve/ctx.ts';
import type { HostInterfaces } from './ifnet.ts';
import { Taps } from './if_tap.ts';
import { MP_NCPUS } from './mp.ts';
import { HostNetmap } from './netmap.ts';
import { IMAGES } from './images.ts';
import { Kld } from './kld.ts';
import { bindThread } from '../../net/bound.ts';
import { bhyveThreads } from './bhyve_threads.ts';
import { hostInterrupts, hostThreads } from './threads.ts';
import { type PtnEntry, Ptnetmap } from './ptnetmap.ts';
import type { HostSys } from './sys.ts';
import { setHostSysctl } from './set_sysctl.ts';
import { protocolSysctl, seenSysctl } from './hazards.ts';
import { kthreadSays } from './kthread_log.ts';
import { ERRNO, type HostTree, logLine, newHostTree } from './tree.ts';
import { type VmEntry, Vmm, type VmmTree } from './vmm.ts';
import { BEAVIS } from './vmm_create.ts';

export interface HostKernelTree extends HostTree, VmmTree {
  os: OsTree;
  ptn: PtnEntry[];
  /** Memory of ptnetmap states that are free, and of program threads: never used for anything else. */
  ptnFree: number[];
  tdPages: number[];
  /** Program threads: td page, block, owner. */
  threads: { td: number; targ: number; block: number; pid: number; fd: number; name?: string }[];
}

export function newHostKernelTree(slots: number): HostKernelTree {
  return {
    ...newHostTree(slots),
    vms: [],
    ptn: [],
    ptnFree: [],
    tdPages: [],
    threads: [],
    os: { hostname: 'host', nextPid: 700, procs: [], ttys: [], files: Object.fromEntries(Object.keys(IMAGES).map((f) => [f, ''])) },
  };
}

export class HostKernel implements HostSys {
  readonly side = 'host' as const;
  readonly os: Os<this>;
  readonly netmap: HostNetmap;
  readonly vmm: Vmm;
  readonly ptn: Ptnetmap;
  readonly ifs: HostInterfaces;
  readonly taps: Taps;
  readonly kld: Kld;
  /** The lab takes the guest away with its VM. */
  onVmGone: (vm: VmEntry) => void = () => {};

  constructor(
    readonly m: Machine,
    readonly tree: () => HostKernelTree,
    programs: Record<string, Program<HostSys>>,
  ) {
    this.os = new Os<this>(
      () => tree().os,
      programs as Record<string, Program<this>>,
      () => this,
    );
    this.os.onStop = (p) => {
      this.#stop(p, 1);
    };
    this.os.onCont = (p) => {
      this.#stop(p, 0);
    };
    this.netmap = new HostNetmap(m, tree);
    this.ptn = new Ptnetmap(m, tree, (na) =>
      tree().adapters.some(({ addr }) => addr !== na && this.netmap.nas.krings(addr).some((kr) => kr && m.ld32(kr + L.KR_NR_BUSY) !== 0)),
    );
    this.ifs = this.netmap.ifs;
    this.taps = new Taps(m, tree, this.ifs);
    this.kld = new Kld(tree, (module) => {
      const t = tree();
      if (module === 'vmm') return t.vms.length > 0;
      if (module === 'nmdm') return Object.keys(t.nmdm ?? {}).length > 0;
      if (module === 'netmap') return t.fds.length > 0 || t.bridges.length > 0;
      return t.ifs.some((i) => `if_${i.kind}` === module);
    });
    this.vmm = new Vmm(
      m,
      tree,
      () => ({
        io: (vm, port, bytes, value) => this.#user(vm, (c) => bhyveIo(c, port, bytes, value)),
        mmio: (vm, gpa, bytes, value) => this.#user(vm, (c) => bhyveMmio(c, gpa, bytes, value)),
        busy: (vm) => {
          const p = this.bhyveOf(vm);
          return p !== undefined && inUserspace(p.st as BhyveState);
        },
        halted: (vm) => this.#user(vm, (c) => vmSuspendHalt(c.st)),
      }),
      (line) => logLine(tree(), line),
      (ptr, bytes) => this.netmap.mem.holds(ptr, bytes),
    );
  }

  now() {
    return this.m.clock;
  }
  hostTree() {
    return this.tree();
  }

  /** The bhyve that runs a VM. */
  bhyveOf(vm: VmEntry): Proc | undefined {
    return this.os
      .tree()
      .procs.find(
        (p) =>
          p.prog === 'bhyve' && p.state !== 'zombie' && (p.st as BhyveState).vmname === vm.name && (p.st as BhyveState).phase !== 'start',
      );
  }

  #user(vm: VmEntry, f: (c: ReturnType<typeof bhyveCtx>) => number): number {
    const p = this.bhyveOf(vm);
    if (!p) return 0xffffffff;
    const v = f(bhyveCtx(p, vm, this)),
      st = p.st as BhyveState;
    if (inUserspace(st) || st.suspend !== null) this.os.wake(p.pid);
    return v;
  }

  /** An OUT of the data plane that no register handler took. */
  userIo(vm: VmEntry, port: number, bytes: number, value: number) {
    this.#user(vm, (c) => bhyveIo(c, port, bytes, value));
  }

  // ── the vCPU and userspace ────────────────────────────────────────────────────────────────────────────────────

  /** Whether a vCPU stays in bhyve: its VM ends, or an ioctl has not returned. */
  vmHeld(vm: VmEntry): boolean {
    const p = this.bhyveOf(vm),
      st = p?.st as BhyveState | undefined;
    return !st || st.suspend !== null || inUserspace(st);
  }
  /** The vCPU's thread waits in userspace. */
  vmHold(vm: VmEntry) {
    const { m } = this;
    m.st32(vm.block + L.T_WCHAN, vm.block);
    m.st64(vm.block + L.T_DEADLINE, 0);
    m.st32(vm.block + L.T_WMESG, L.WM_NONE);
    m.setStatus(vm.block, L.TS_ASLEEP);
  }
  vmResume(vm: VmEntry) {
    const { m } = this;
    if (m.status(vm.block) !== L.TS_ASLEEP || m.ld32(vm.block + L.T_WCHAN) !== vm.block) return;
    m.catchUp(vm.block);
    m.st32(vm.block + L.T_REQ, L.REQ_GUEST);
    m.setStatus(vm.block, L.TS_REQUEST);
  }
  vmStopped(vm: VmEntry): boolean {
    const { m } = this;
    if (m.status(vm.block) === L.TS_ASLEEP && m.ld32(vm.block + L.T_WCHAN) === vm.block) return m.status(vm.intr) === L.TS_ASLEEP;
    Atomics.store(m.u32, (vm.vcpu + L.VCPU_CTL_PENDING) >>> 2, 1);
    m.wakeup(vm.vcpu);
    return false;
  }
  vmGone(vm: VmEntry) {
    this.onVmGone(vm);
  }

  // ── netmap for programs ───────────────────────────────────────────────────────────────────────────────────────

  openNetmap(p: Proc): number {
    return this.netmap.dev(p.pid);
  }
  ioctl(p: Proc, fd: number, cmd: number, req: Nmreq): Strerror | undefined {
    const e = this.kld.loaded('netmap') ? this.netmap.ioctl(fd, cmd, req) : 'ENOENT'; // there is no /dev/netmap
    if (e === 'ERESTART') {
      this.os.sleep(p, this.now() + 10000);
      return { errno: ERESTART, text: 'interrupted' };
    }
    return e && { errno: ERRNO[e][0], text: ERRNO[e][1] };
  }
  mmap(_p: Proc, id: number) {
    const fd = this.netmap.fd(id);
    return { as: 0, base: fd ? this.netmap.mapped(fd) : 0 };
  }

  netmapClose(p: Proc, id: number): boolean {
    const fd = this.netmap.fd(id),
      t = this.tree();
    if (!fd) {
      t.devs = t.devs.filter((d) => d.id !== id);
      return true;
    }
    if (!this.netmap.tryClose(fd)) {
      this.os.sleep(p, this.now() + 10000);
      return false;
    }
    return true;
  }

  startThread(p: Proc, id: number, body: number, setup: (targ: number) => void, second?: number, name?: string): ThreadHandle | undefined {
    const { m } = this,
      fds = (id === NO_FD ? [] : second === undefined ? [id] : [id, second]).map((x) => this.netmap.fd(x));
    if (!m.threadLeft()) return undefined;
    const td = this.#newTd(),
      targ = m.alloc(L.TARG_SIZE);
    setup(targ);
    m.st32(td + L.TD_STATE, L.TDS_RUN);
    m.st32(td + L.TD_BODY, m.op(body));
    m.st32(td + L.TD_PRIV, targ);
    m.st32(td + L.TD_PRIV_VA, targ);
    m.st32(td + L.TD_WAKEUP, m.op(L.OP_HOST_WAKEUP));
    bindThread(m, td, fds);
    m.st32(td + L.TD_TID, p.pid);
    const block = m.newThread({ kind: L.TK_PROGRAM, fn: L.OP_PROGRAM, arg: td, vtime: m.clock });
    m.st32(td + L.TD_BLOCK, block);
    const { threads } = this.tree(),
      named = threads.findIndex((x) => x.name !== undefined); // bhyve's come after those of programs
    if (name !== undefined) threads.push({ td, targ, block, pid: p.pid, fd: id, name });
    else threads.splice(named < 0 ? threads.length : named, 0, { td, targ, block, pid: p.pid, fd: id });
    return { td, targ };
  }

  /** A free td. Their memory is type-stable: who still holds a pointer to one that ended finds a dead td, nothing else. */
  #newTd(): number {
    const { m } = this;
    const t = this.tree();
    for (const page of t.tdPages)
      for (let td = page; td < page + L.PAGE; td += L.TD_SIZE) if (m.ld32(td + L.TD_STATE) === L.TD_FREE_STATE) return td;
    const page = m.alloc(L.PAGE);
    t.tdPages.push(page);
    return page;
  }

  /** SIGSTOP and SIGCONT reach the threads of a process. */
  #stop(p: Proc, stop: 0 | 1) {
    for (const t of this.tree().threads)
      if (t.pid === p.pid) {
        Atomics.store(this.m.u32, (t.td + L.TD_STOP) >>> 2, stop);
        this.m.wakeup(t.td);
      }
  }

  poke(h: ThreadHandle) {
    const { m } = this;
    Atomics.store(m.u32, (h.td + L.TD_SELPEND) >>> 2, 1);
    m.wakeup(h.td);
  }
  threadDone(h: ThreadHandle) {
    return this.m.ld32(h.td + L.TD_STATE) === L.TDS_DONE;
  }

  endThread(_p: Proc, h: ThreadHandle) {
    const { m } = this,
      t = this.tree(),
      e = t.threads.find((x) => x.td === h.td);
    if (!e) return;
    const forget = (si: number, n: number) => {
      for (let i = 0; i < n; i++) if (m.ld32(si + i * 4) === e.td) m.st32(si + i * 4, 0);
    };
    for (const a of t.adapters) {
      // nobody may wake what is gone
      for (const kr of this.netmap.nas.krings(a.addr)) forget(kr + L.KR_SI, L.KR_SI_MAX);
      forget(a.addr + L.NA_SI, 2 * L.KR_SI_MAX);
    }
    m.freeThread(e.block);
    m.u8.fill(0, e.td, e.td + L.TD_SIZE);
    m.release(e.targ, L.TARG_SIZE);
    t.threads = t.threads.filter((x) => x !== e);
  }

  /** A program's thread has finished: its process goes on. */
  threadFinished(block: number) {
    const e = this.tree().threads.find((x) => x.block === block);
    this.m.setStatus(block, L.TS_DEAD);
    if (e) this.os.wake(e.pid);
  }

  /** A kernel thread has something for the message buffer; one that has faulted goes no further. */
  kthreadSays(block: number) {
    if (kthreadSays(this, this.tree(), block)) this.m.setStatus(block, L.TS_READY);
  }

  /** A program's thread has something for its process. */
  threadWakes(block: number) {
    const e = this.tree().threads.find((x) => x.block === block);
    if (e) this.os.wake(e.pid);
  }

  ifconfig(): IfInfo[] {
    return this.ifs.info();
  }
  setInterface(name: string, req: IfReq): Strerror | 'again' | undefined {
    return this.ifs.ioctl(name, req);
  }
  ifCreate(name: string) {
    return this.ifs.create(name);
  }
  ifDestroy(name: string) {
    return this.ifs.destroy(name);
  }
  socket() {
    return this.ifs.socket(1);
  }
  closeSocket(so: number) {
    return this.ifs.closeSocket(so);
  }
  arp() {
    return this.ifs.arp();
  }
  dmesg() {
    return this.tree().dmesg;
  }
  dmesgTaken() {
    return this.tree().dmesgTaken;
  }
  clearDmesg() {
    this.tree().dmesgTaken = this.tree().dmesg.length;
  }
  modules() {
    return this.kld.list();
  }
  kldload(name: string) {
    return this.kld.load(name);
  }
  kldunload(id: number) {
    return this.kld.unload(id);
  }
  threads() {
    return [...hostThreads(this.m, this.tree()), ...bhyveThreads(this.tree())];
  }
  interrupts() {
    return hostInterrupts(this.m, this.tree());
  }
  bootTime() {
    return 0;
  }

  allocPages(_p: Proc, n: number): number[] | undefined {
    try {
      const a = this.m.alloc(n * L.PAGE);
      return Array.from({ length: n }, (_, i) => a + i * L.PAGE);
    } catch (e) {
      if (e instanceof RangeError) return undefined;
      throw e;
    }
  }
  freePages(_p: Proc, pages: number[]) {
    for (const a of pages) this.m.release(a, L.PAGE);
  }
  pageAt(page: number) {
    return page;
  }
  commands() {
    return Object.keys(this.os.programs);
  }

  sysctl(): Record<string, number | string> {
    const t = this.tree(),
      { m } = this;
    return {
      ...kernSysctls({ hostname: t.os.hostname, bootNs: 0, physmem: 0, ncpu: MP_NCPUS }),
      ...t.sysctl,
      ...protocolSysctl(m, t.vms),
      ...seenSysctl(m),
      ...this.netmap.ix.stats(),
      'hw.lab.mbufs_used': this.ifs.mbufs.used,
      'hw.lab.frames_used': m.ld32(L.MACHINE + L.M_FRAMES),
      ...(this.kld.loaded('vmm')
        ? {
            'hw.vmm.destroy': BEAVIS,
            'hw.vmm.create': BEAVIS,
            'hw.vmm.vmx.cap.halt_exit': t.sysctl['dev.lab.vmx.halt_exit'] ?? 1,
            'hw.vmm.vmx.cap.pause_exit': t.sysctl['dev.lab.vmx.pause_exit'] ?? 1,
          }
        : {}),
    };
  }
  setSysctl(name: string, value: number | string): Strerror | undefined {
    return setHostSysctl(this, name, value);
  }
}

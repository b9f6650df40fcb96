// One lab: the machine, the host kernel, the guests, and what is to be done between steps. Everything that happens is
// either a step of the data plane or an action here; both count in the machine's step number, so that a number names a
// moment exactly.

import * as L from '../../wasm/layout.ts';
import type { Sys } from '../bin/sys.ts';
import { GuestKernel } from '../guest/kernel/kernel.ts';
import { type GuestTree, newGuestTree } from '../guest/kernel/tree.ts';
import { consoleTty } from '../host/bhyve/console.ts';
import { HostKernel, type HostKernelTree, newHostKernelTree } from '../host/kernel/kernel.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import type { Proc, Program, Tty } from '../sh/proc.ts';
import { atPrompt, typeAtPrompt } from '../sh/shell.ts';
import { DRIVE_CTL, DRIVE_DONE, DRIVE_IDLE, DRIVE_REQUEST, DRIVE_STOP, FOREVER, Machine } from '../sim/machine.ts';
import { type CaptureState, markRings } from './capture.ts';
import { isLab, labProgram } from './program.ts';
import { programsOfGuest, programsOfHost } from './programs.ts';
import { tellWindow } from './window.ts';

/** All state that is not bytes. */
export interface Tree {
  host: HostKernelTree;
  guests: Record<string, GuestTree>;
  slots: number;
  /** The lab's own: which ports are captured. */
  capture?: CaptureState | null;
}

/** done: all the steps. idle: nothing can happen by itself. later: nothing is due before the time given. stop: an access stops. */
export type Advance = 'done' | 'idle' | 'later' | 'stop';

export interface LabOptions {
  shared: boolean;
  seed: number;
  slots: number;
  /** Nobody looks at its terminals: TERM is dumb. */
  dumb?: boolean;
}

/** What an action is, by the request that it answers. */
const ABOUT: Record<number, string> = {
  [L.REQ_DONE]: 'A thread of a program finished.',
  [L.REQ_WAKE]: 'A thread of a program woke its process.',
  [L.REQ_KTHREAD]: 'A kernel thread left a message.',
  [L.REQ_INOUT]: 'The exit went on to bhyve in userspace.',
};

export class World {
  tree: Tree;
  readonly host: HostKernel;
  /** The free build, for hand-overs within a recording. */
  free: Uint8Array<ArrayBuffer> | undefined;
  #guests = new Map<string, GuestKernel>();
  /** The last action, in words. */
  acted = '';
  /** Before and after each action: who looks at what the threads did must do so while they are who they were. */
  onAct: () => void = () => {};
  /** Everything written to a terminal. */
  onTty: (tty: string, data: string) => void = () => {};

  constructor(
    readonly m: Machine,
    options: LabOptions,
  ) {
    this.tree = { host: newHostKernelTree(options.slots), guests: {}, slots: options.slots };
    if (options.dumb) this.tree.host.os.dumb = true;
    m.st32(L.MACHINE + L.M_SEED, options.seed);
    this.host = new HostKernel(m, () => this.tree.host, programsOfHost(this.#lab('')));
    this.host.os.onWrite = (tty: Tty, data: string) => {
      this.onTty(tty.id, data);
    };
    this.host.onVmGone = (vm) => {
      delete this.tree.guests[vm.name];
      this.#guests.delete(vm.name);
    };
  }

  static create(stepWasm: Uint8Array<ArrayBuffer>, options: LabOptions): World {
    const w = new World(Machine.create(stepWasm, options.shared), options);
    w.openTerminal();
    return w;
  }

  /** Another host terminal with a shell. */
  openTerminal(): string {
    const { os } = this.host,
      n = this.tree.host.os.ttys.filter((t) => t.id.startsWith('ttyv')).length;
    const tty = os.openTty(`ttyv${n}`);
    os.spawn('sh', ['sh'], tty.id, 1);
    return tty.id;
  }

  /** The guest kernel on a VM's vCPU; a lens, made anew when the VM is. */
  guest(vm: VmEntry): GuestKernel {
    let g = this.#guests.get(vm.name);
    if (!g || g.cpu.block !== vm.block || g.cpu.vcpu !== vm.vcpu) {
      if (!this.tree.guests[vm.name]) {
        const t = newGuestTree(vm.name);
        if (this.tree.host.os.dumb) t.os.dumb = true;
        this.tree.guests[vm.name] = t;
      }
      const tree = () => {
        const t = this.tree.guests[vm.name];
        if (!t) throw new Error(`no guest ${vm.name}`);
        return t;
      };
      g = new GuestKernel(this.host.vmm.cpu(vm), tree, programsOfGuest(this.#lab(vm.name)));
      this.#guests.set(vm.name, g);
    }
    return g;
  }

  /** After the tree was replaced: lenses of VMs that are no more go. */
  refresh() {
    for (const name of this.#guests.keys()) if (!this.tree.host.vms.some((v) => v.name === name && v.block)) this.#guests.delete(name);
    for (const [name, g] of this.#guests) {
      const vm = this.host.vmm.find(name);
      if (!vm || g.cpu.block !== vm.block || g.cpu.vcpu !== vm.vcpu) this.#guests.delete(name);
    }
  }

  /** Ports that were opened since are captured too. */
  capturePorts() {
    const c = this.tree.capture;
    if (c?.on) markRings(this.m, this.tree.host, this.host.netmap.nas, c);
  }

  /** One action, if any is due: a request of a thread, or a ready process. True when something was done. */
  act(): boolean {
    const did = this.#act();
    if (did && this.tree.capture) this.capturePorts();
    return did;
  }
  #act(): boolean {
    const { m } = this;
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_REQUEST) {
        m.st32(L.MACHINE + L.M_DONE_POINT, 0);
        this.acted = ABOUT[m.ld32(t + L.T_REQ)] ?? 'The guest kernel ran on vCPU 0, between two accesses.';
        this.#request(t);
        return true;
      }
    }
    const p = this.host.os.ready();
    if (p) {
      m.st32(L.MACHINE + L.M_DONE_POINT, 0);
      this.host.ptn.did = '';
      this.host.os.runOne();
      this.acted = this.host.ptn.did || `${p.argv[0]} (pid ${p.pid}) ran on the host, between two accesses.`;
      return true;
    }
    return false;
  }

  #request(t: number) {
    const { m } = this;
    m.wasm.drain(t); // an action sees what its thread has stored
    switch (m.ld32(t + L.T_REQ)) {
      case L.REQ_DONE:
        this.host.threadFinished(t);
        break;
      case L.REQ_KTHREAD:
        this.host.kthreadSays(t);
        break;
      case L.REQ_WAKE:
        this.host.threadWakes(t);
        m.setStatus(t, L.TS_READY);
        break;
      case L.REQ_GUEST: {
        const vm = this.tree.host.vms.find((v) => v.block === t);
        if (!vm) {
          m.setStatus(t, L.TS_DEAD);
          break;
        }
        tellWindow(this, vm);
        if (!this.host.vmHeld(vm)) this.guest(vm).run();
        this.#leave(vm, t);
        break;
      }
      case L.REQ_INOUT: {
        const vm = this.tree.host.vms.find((v) => v.block === t);
        if (!vm) {
          m.setStatus(t, L.TS_DEAD);
          break;
        }
        this.host.userIo(vm, m.ld32(t + L.T_REQ_ARG), m.ld32(t + L.T_REQ_ARG + 4), m.ld32(t + L.T_REQ_ARG + 8));
        this.#leave(vm, t);
        break;
      }
      default:
        m.setStatus(t, L.TS_READY);
    }
  }

  /** The vCPU goes back into its guest, unless bhyve holds it. */
  #leave(vm: VmEntry, t: number) {
    const p = this.host.bhyveOf(vm);
    if (this.host.vmHeld(vm)) {
      this.host.vmHold(vm);
      if (p) this.host.os.wake(p.pid);
    } else this.m.setStatus(t, L.TS_READY);
  }

  /** Tells the data plane when the host's control plane next has something to do. */
  deadlines() {
    const d = this.host.os.deadline();
    this.m.st64(L.MACHINE + L.M_CTL_DEADLINE, d ?? 0);
  }

  /**
   * Step engine: n steps under the machine's policy, or as long as something is due up to lab time `until` (ns).
   * Answers idle when nothing can happen by itself any more, later when all that is left comes after `until`.
   */
  advanceUntil(n: number, until?: number): Advance {
    const { m } = this,
      end = m.steps + n;
    while (m.steps < end) {
      this.onAct();
      if (this.act()) {
        m.steps++;
        this.onAct();
        continue;
      }
      this.deadlines();
      const r = m.wasm.drive(Math.min(end - m.steps, 0x7fffffff), until === undefined ? FOREVER : BigInt(Math.round(until)));
      m.st64(L.MACHINE + L.M_CTL_DEADLINE, 0); // derived from the tree: not state
      if (r === DRIVE_STOP) return 'stop';
      if (r === DRIVE_REQUEST) continue;
      if (r === DRIVE_DONE) {
        if (m.steps >= end) continue;
        return 'later';
      }
      if (r === DRIVE_CTL) {
        this.tick();
        m.st32(L.MACHINE + L.M_DONE_POINT, 0);
        this.acted = 'The clock came to a time for which a program of the host had asked.';
        m.steps++;
        this.onAct();
        continue;
      }
      if (r === DRIVE_IDLE) return 'idle';
    }
    return 'done';
  }

  /** The same, and the clock comes to `until` when nothing is due before: without a recording to keep. */
  advance(n: number, until?: number): 'done' | 'idle' {
    const r = this.advanceUntil(n, until);
    if (r === 'later' && until !== undefined && this.m.clock < until) this.m.clock = until;
    return r === 'idle' ? 'idle' : 'done';
  }

  /** The clock comes to the control plane's deadline. */
  tick() {
    const { m } = this,
      d = this.host.os.deadline();
    if (d !== undefined && d > m.clock) m.clock = d;
    this.host.os.expire(m.clock);
  }

  /** Typed at a terminal: host terminals by tty, a VM's console by its terminal. */
  type(tty: string, data: string) {
    this.host.os.type(tty, data);
  }

  /** Puts a command line at the prompt of a host terminal, or of the VM whose console it is. False when no shell waits there. */
  typeLine(id: string, text: string): boolean {
    const { os } = this.host,
      tty = os.tty(id),
      p = tty ? os.proc(tty.fg) : undefined;
    if (!tty || !p) return false;
    if (p.prog === 'sh')
      return typeAtPrompt(p, tty, text, (data) => {
        os.put(tty, data);
      });
    os.type(id, text);
    return true;
  }

  resize(id: string, cols: number, rows: number) {
    const { os } = this.host,
      tty = os.tty(id);
    if (!tty) return;
    tty.cols = cols;
    tty.rows = rows;
    tty.window = { cols, rows };
    os.wake(tty.fg);
  }

  /** Asks of `lab …` typed in terminals that nobody has taken yet; not state: on a replay their answers are in the recording. */
  asked: { vm: string; pid: number; tty: string; line: string; again?: boolean }[] = [];
  /** Ends a process that waits for the lab's answer. */
  answer(vm: string, pid: number, text: string, status: number) {
    const entry = vm === '' ? undefined : this.tree.host.vms.find((v) => v.name === vm && v.block);
    if (vm !== '' && !entry) return;
    const os = entry ? this.guest(entry).os : this.host.os,
      p = os.proc(pid);
    if (!p || !isLab(p)) return;
    (p.st as { answer?: { text: string; status: number } }).answer = { text, status };
    os.wake(pid);
    if (!entry) return;
    Atomics.store(this.m.u32, (entry.vcpu + L.VCPU_CTL_PENDING) >>> 2, 1);
    this.m.wakeup(entry.vcpu);
  }
  #lab(vm: string): Program<Sys> {
    return labProgram((pid, tty, line) => {
      this.asked.push({ vm, pid, tty, line });
    });
  }

  /** A live thread's block: recordings from elsewhere may name any number. */
  isBlock(t: number): boolean {
    const i = (t - L.THREADS) / L.THREAD_SIZE;
    return Number.isInteger(i) && i >= 0 && i < this.m.threads && this.m.status(t) !== L.TS_FREE;
  }

  /** The student changes a word (or half of one) of memory that is in use. False when there is none at that address. */
  edit(addr: number, bytes: 2 | 4, value: number): boolean {
    const { m } = this;
    if (!Number.isInteger(addr) || addr < L.FIRST_FREE || addr % bytes || !m.used(addr)) return false;
    if (bytes === 2) m.st16(addr, value);
    else m.st32(addr, value);
    return true;
  }

  /** One access of one thread, whatever the policy: what it is parked at, or the first of its next iteration; a nap ends. */
  stepThread(t: number) {
    const { m } = this;
    if (m.wasm.naps(t)) m.wasm.timeout(t);
    for (let i = 0; i < 4 && m.wasm.runnable(t); i++) {
      const before = m.steps;
      m.wasm.step_thread(t, 0, 0n);
      if (m.steps !== before) return;
    }
  }

  /** Every thread to its boundary, store buffers drained: the moment at which the engines change over. */
  toBoundaries() {
    const { m } = this;
    for (let round = 0; ; round++) {
      let inside = 0;
      for (let i = 0; i < m.threads; i++) {
        const t = m.block(i);
        if (m.ld32(t + L.T_UNWOUND) && !m.wasm.to_boundary(t)) inside++;
        m.wasm.drain(t);
      }
      for (let i = 0; i < m.threads; i++) {
        // an interrupt that has come is taken first
        const t = m.block(i);
        if (m.ld32(t + L.T_KIND) !== L.TK_INTR || m.status(t) !== L.TS_READY) continue;
        m.wasm.step_thread(t, 4096, FOREVER);
        if (!m.wasm.to_boundary(t)) inside++;
        m.wasm.drain(t);
      }
      if (!inside) return;
      if (round > 1000) throw new Error('a thread holds a lock that nobody will release');
    }
  }

  /** Hands over: every thread to its boundary, then n iterations of one thread by the free build, on the same bytes. */
  handOver(free: Uint8Array<ArrayBuffer>, t: number, n: number) {
    const { m } = this;
    this.toBoundaries();
    if (m.status(t) === L.TS_READY && m.ld32(t + L.T_KIND) !== L.TK_INTR) m.freeInstance(free, t).run_free(t, n);
    this.pendingInterrupts();
  }

  /** After the free build: its vCPUs take interrupts themselves; the step build has a context for it. */
  pendingInterrupts() {
    const { m } = this;
    for (const vm of this.tree.host.vms) {
      if (!vm.block) continue;
      const pending = Array.from({ length: 8 }, (_, k) => m.ld32(vm.vcpu + L.VCPU_IRR + k * 4)).some((x) => x !== 0);
      if (pending && m.status(vm.intr) === L.TS_ASLEEP) {
        m.setStatus(vm.intr, L.TS_READY);
        m.st64(vm.intr + L.T_VTIME, m.ld64(vm.block + L.T_VTIME));
      }
    }
  }

  /** The shell of a guest's console, once it is there. */
  guestShell(name: string): Proc | undefined {
    return this.tree.guests[name]?.os.procs.find((p) => p.prog === 'sh' && p.argv[0] === '-sh');
  }
  guestAtPrompt(name: string): boolean {
    const p = this.guestShell(name);
    return p !== undefined && atPrompt(p);
  }

  /** The terminal that is a VM's console now. */
  consoleOf(vm: VmEntry): string | undefined {
    return consoleTty(this.host, vm);
  }
}

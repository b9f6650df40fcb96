// The guest kernel's control plane: console, processes, netmap descriptors, threads. Runs only as an action on its own
// vCPU, when that is out of the data plane; everything it touches of the machine it reaches through GuestCpu.

import * as L from '../../../wasm/layout.ts';
import { COST_SYSCALL } from '../../../wasm/points.ts';
import type { Nmreq } from '../../bin/nmreq.ts';
import type { PciSys } from '../../bin/pciconf.ts';
import { ERESTART, type IfInfo, type IfReq, NO_FD, type Strerror, type ThreadHandle, type ThreadInfo } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { Os, type Proc, type Program } from '../../sh/proc.ts';
import { bindThread } from '../../net/bound.ts';
import { applySysctls } from '../../net/netmap_sysctl.ts';
import { type BootEnv, STAGES, STAGE_NS } from './boot.ts';
import { GuestInterfaces } from './ifs.ts';
import { interrupts, uartInterrupt } from './intr.ts';
import { GuestKmem } from './kmem.ts';
import { guestModules, kldLoad } from './kld.ts';
import { GuestNetmap } from './netmap.ts';
import { allocPages, freePages } from './pages.ts';
import { powerButton } from './power.ts';
import { PciUser } from './pci.ts';
import { type Howto, haltedTurn, kernReboot } from './shutdown.ts';
import { guestSysctls, setGuestSysctl } from './sysctls.ts';
import { GuestThreads } from './threads.ts';
import { type GuestTree, logLine } from './tree.ts';

/** Priority of what programs say on the console: only dmesg -a shows it. */
const RC = '<118>';
const CONSOLE = 'ttyu0',
  COM1 = 0x3f8;
/** How long a program waits for who is inside what it wants. */
const AGAIN_NS = 10000;

export class GuestKernel implements PciSys {
  readonly side = 'guest' as const;
  readonly os: Os<this>;
  readonly pci: PciUser;
  readonly kmem: GuestKmem;
  readonly ifs: GuestInterfaces;
  readonly netmap: GuestNetmap;
  readonly tds: GuestThreads;

  constructor(
    readonly cpu: GuestCpu,
    readonly tree: () => GuestTree,
    programs: Record<string, Program<GuestKernel>>,
  ) {
    this.os = new Os<this>(
      () => tree().os,
      programs as Record<string, Program<this>>,
      () => this,
    );
    this.pci = new PciUser(cpu, () => tree().pci);
    this.tds = new GuestThreads(cpu, tree);
    this.kmem = new GuestKmem(
      cpu,
      tree,
      (line) => this.#kernelLog(line, this.cpu.kenv.boot_mute === undefined),
      (op, arg) => this.tds.kernel(op, arg, op === L.OP_GUEST_NETISR ? 'swi1: netisr 0' : 'swi4: clock'),
    );
    this.ifs = new GuestInterfaces(this.kmem, tree, () => this.#env());
    this.netmap = new GuestNetmap(() => this.#env(), tree);
    this.os.onStop = (p) => {
      this.tds.stop(p.pid, 1);
    };
    this.os.onCont = (p) => {
      this.tds.stop(p.pid, 0);
    };
    this.os.onWrite = (tty, data) => {
      if (tty.id === CONSOLE) this.#uart(data);
    };
  }

  get m() {
    return this.cpu.m;
  }
  now() {
    return this.m.ld64(this.cpu.block + L.T_VTIME);
  }
  #env(): BootEnv {
    const { kenv } = this.cpu;
    return {
      cpu: this.cpu,
      t: this.tree(),
      k: this.kmem,
      ifs: this.ifs,
      now: () => this.now(),
      log: (line) => this.#kernelLog(line, kenv.boot_mute === undefined),
      rc: (line) => {
        this.#kernelLog(`${RC}${line}`, false);
        this.#uart(`${line}\r\n`);
      },
      kenv,
      verbose: kenv.boot_verbose !== undefined,
      kthread: (op, arg, name) => this.tds.kernel(op, arg, name),
      sysctlConf: () => {
        for (const line of (this.tree().os.files['/etc/sysctl.conf'] ?? '').split('\n')) {
          const [name = '', value = ''] = line.replace(/#.*/, '').split('=');
          if (name.trim()) this.setSysctl(name.trim(), /^-?\d+$/.test(value.trim()) ? Number(value) : value.trim());
        }
      },
    };
  }
  /** The page of the kernel's words, before anything of it runs. */
  #words() {
    const t = this.tree(),
      { m, cpu } = this;
    t.words = this.kmem.alloc(L.PAGE);
    applySysctls(this.kmem, t);
    m.st32(cpu.block + L.T_KERN, t.words);
    m.st32(m.ld32(cpu.vcpu + L.VCPU_INTR_BLOCK) + L.T_KERN, t.words);
  }

  /** One action of the guest on its vCPU. Afterwards the vCPU goes on, unless cpu.busy(). */
  run() {
    const t = this.tree(),
      { m, cpu } = this;
    Atomics.store(m.u32, (cpu.vcpu + L.VCPU_CTL_PENDING) >>> 2, 0);
    m.charge(cpu.block, COST_SYSCALL);
    if (t.halted) {
      this.#deadline(haltedTurn(this.#env(), this.#received()));
      return;
    }
    if (t.stage < STAGES.length) {
      if (t.stage === 0) {
        t.bootNs = this.now();
        this.#words();
      }
      if (this.now() >= t.bootNs + t.stage * STAGE_NS) {
        STAGES[t.stage]?.(this.#env());
        t.stage++;
        if (t.stage === STAGES.length) {
          this.os.openTty(CONSOLE);
          this.os.spawn('sh', ['-sh'], CONSOLE, 1);
        }
      }
      if (t.stage < STAGES.length) {
        this.#deadline(t.bootNs + t.stage * STAGE_NS);
        return;
      }
    }
    for (const fd of t.ptFds) if (fd.closing) this.os.wake(fd.pid);
    for (const th of t.threads)
      if (this.#ld(th.td + L.TD_STATE) === L.TDS_DONE || this.#ld(th.td + L.TD_UPCALL)) {
        m.st32(cpu.ram(th.td) + L.TD_UPCALL, 0);
        this.os.wake(th.pid);
      }
    if (powerButton(cpu)) this.os.spawn('halt', ['halt', '-p'], CONSOLE, 1);
    this.#input();
    this.os.expire(this.now());
    while (!cpu.busy() && !t.halted && this.os.runOne()) m.charge(cpu.block, COST_SYSCALL);
    this.#deadline(typeof t.halted === 'object' ? this.now() : this.os.deadline());
  }

  #deadline(at: number | undefined) {
    this.m.st64(this.cpu.vcpu + L.VCPU_CTL_DEADLINE, at ?? 0);
  }
  #ld(gpa: number) {
    return this.m.ld32(this.cpu.ram(gpa));
  }

  /** Characters that COM1 has received. Where there is no UART, its line status reads as all ones. */
  #received(): string {
    const lsr = () => this.cpu.in(COM1 + 5, 1) & 0xff;
    let data = '';
    for (let s = lsr(); s & 1 && s !== 0xff; s = lsr()) data += String.fromCharCode(this.cpu.in(COM1, 1));
    if (data) uartInterrupt(this.cpu);
    return data;
  }
  #input() {
    const data = this.#received();
    if (data) this.os.type(CONSOLE, new TextDecoder().decode(Uint8Array.from(data, (c) => c.charCodeAt(0))));
  }

  /** The console's output: LSR, then the byte; two exits each. */
  #uart(data: string) {
    for (const b of new TextEncoder().encode(data)) {
      this.cpu.in(COM1 + 5, 1);
      this.cpu.out(COM1, 1, b);
    }
  }

  #kernelLog(line: string, console: boolean) {
    logLine(this.tree(), line);
    if (console) this.#uart(`${line}\r\n`);
  }

  openNetmap(p: Proc): number {
    const t = this.tree(),
      id = t.nextFd++;
    t.devs.push({ id, pid: p.pid });
    return id;
  }

  ioctl(p: Proc, id: number, cmd: number, r: Nmreq): Strerror | undefined {
    const e = this.netmap.request(p.pid, id, cmd, r);
    if (e !== 'ERESTART') return e;
    this.os.sleep(p, this.now() + AGAIN_NS);
    return { errno: ERESTART, text: 'interrupted' };
  }
  mmap(_p: Proc, id: number) {
    return { as: this.cpu.as, base: this.netmap.region(id) };
  }
  netmapClose(p: Proc, id: number): boolean {
    const own = this.netmap.fd(id),
      done = this.netmap.shut(id);
    if (!done && own) this.os.sleep(p, this.now() + AGAIN_NS);
    return done;
  }

  startThread(p: Proc, id: number, body: number, setup: (targ: number) => void, second?: number): ThreadHandle | undefined {
    const { m, cpu } = this,
      fds = (id === NO_FD ? [] : second === undefined ? [id] : [id, second]).map((x) => this.netmap.bound(x));
    const h = this.tds.program(p.pid, id, body, setup, (td) => {
      bindThread(m, td, fds);
      m.st32(td + L.TD_AS, cpu.as);
    });
    return h;
  }
  poke(h: ThreadHandle) {
    this.m.st32(h.td + L.TD_SELPEND, 1);
    if (this.m.ld32(h.td + L.TD_STATE) === L.TDS_SLEEP) this.m.st32(h.td + L.TD_STATE, L.TDS_RUN); // one that is done stays so
  }
  threadDone(h: ThreadHandle) {
    return this.m.ld32(h.td + L.TD_STATE) === L.TDS_DONE;
  }
  endThread(_p: Proc, h: ThreadHandle) {
    this.netmap.forget(h.td);
    this.tds.end(h);
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
  ifconfig(): IfInfo[] {
    return this.ifs.info();
  }
  setInterface(name: string, r: IfReq): Strerror | 'again' | undefined {
    return this.ifs.ioctl(name, r);
  }
  ifCreate(): Strerror {
    return { errno: 22, text: 'Invalid argument', why: 'the guest has no interfaces to clone.' };
  }
  ifDestroy(): Strerror {
    return { errno: 22, text: 'Invalid argument' };
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
    return guestModules();
  }
  kldload(name: string) {
    return kldLoad(name);
  }
  kldunload(): Strerror {
    return { errno: 16, text: 'Device busy' };
  }
  threads(): ThreadInfo[] {
    return this.tds.list((pid) => this.os.proc(pid)?.prog ?? '');
  }

  allocPages(_p: Proc, n: number) {
    return allocPages(this.#env(), n);
  }
  freePages(_p: Proc, pages: number[]) {
    freePages(this.#env(), pages);
  }
  pageAt(page: number) {
    return this.cpu.ram(page);
  }
  commands() {
    return Object.keys(this.os.programs);
  }
  sysctl(): Record<string, number | string> {
    return { ...guestSysctls(this.cpu, this.tree(), this.ifconfig()), 'hw.lab.mbufs_used': this.ifs.mbufs.used };
  }
  setSysctl(name: string, value: number | string): Strerror | undefined {
    return setGuestSysctl(this.#env(), this.sysctl(), name, value);
  }
  interrupts() {
    return interrupts(this.cpu, this.tree());
  }
  bootTime() {
    return this.tree().bootNs;
  }

  /** reboot(2). */
  reboot(how: Howto) {
    kernReboot(this.#env(), how);
  }
}

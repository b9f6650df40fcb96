// The guest kernel's control plane: console, processes, netmap descriptors, threads. Runs only as an action on its own
// vCPU, when that is out of the data plane; everything it touches of the machine it reaches through GuestCpu.

import * as L from '../../../wasm/layout.ts';
import { COST_SYSCALL } from '../../../wasm/points.ts';
import {
  NETMAP_MAX_API,
  NETMAP_MIN_API,
  NETMAP_RING_MASK,
  NIOCGINFO,
  NIOCREGIF,
  NIOCRXSYNC,
  NIOCTXSYNC,
  NR_REG_ALL_NIC,
  NR_REG_MASK,
  NR_REG_ONE_NIC,
  type Nmreq,
} from '../../bin/nmreq.ts';
import type { PciSys } from '../../bin/pciconf.ts';
import type { IfInfo, IfReq, Strerror, ThreadHandle } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { Os, type Proc, type Program } from '../../sh/proc.ts';
import { type BootEnv, STAGES, STAGE_NS } from './boot.ts';
import { krings, netmapRegister, netmapUnregister, netmapUnregistered, ramPages } from './if_vtnet.ts';
import { ERRORS } from './errno.ts';
import { interrupts, uartInterrupt } from './intr.ts';
import { guestModules, kldLoad } from './kld.ts';
import { allocPages, freePages } from './pages.ts';
import { powerButton } from './power.ts';
import { PciUser } from './pci.ts';
import { type Howto, haltedTurn, kernReboot } from './shutdown.ts';
import { guestSysctls, setGuestSysctl } from './sysctls.ts';
import { guestThreads } from './threads.ts';
import { type GuestTree, type VtnetSoftc, logLine } from './tree.ts';

/** Priority of what programs say on the console: only dmesg -a shows it. */
const RC = '<118>';
const CONSOLE = 'ttyu0',
  COM1 = 0x3f8;

export class GuestKernel implements PciSys {
  readonly side = 'guest' as const;
  readonly os: Os<this>;
  readonly pci: PciUser;

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
    this.os.onStop = (p) => {
      this.#stop(p, 1);
    };
    this.os.onCont = (p) => {
      this.#stop(p, 0);
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
      now: () => this.now(),
      log: (line) => this.#kernelLog(line, kenv.boot_mute === undefined),
      rc: (line) => {
        this.#kernelLog(`${RC}${line}`, false);
        this.#uart(`${line}\r\n`);
      },
      kenv,
      verbose: kenv.boot_verbose !== undefined,
    };
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
      if (t.stage === 0) t.bootNs = this.now();
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
    for (const fd of t.fds) if (fd.closing) this.os.wake(fd.pid);
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

  /** The guest's netmap: its ports are the passthrough interfaces, one ring pair each. */
  ioctl(p: Proc, id: number, cmd: number, r: Nmreq): Strerror | undefined {
    const t = this.tree(),
      no = (errno: number): Strerror => ({ errno, text: ERRORS[errno] ?? `Unknown error: ${errno}` }),
      sc = t.vtnets.find((v) => v.name === r.nr_name),
      mode = r.nr_flags & NR_REG_MASK;
    if (cmd !== NIOCGINFO && cmd !== NIOCREGIF) return no(cmd === NIOCTXSYNC || cmd === NIOCRXSYNC ? 6 : 25);
    if (r.nr_version < NETMAP_MIN_API || r.nr_version > NETMAP_MAX_API || r.nr_cmd !== 0) return no(22);
    if (!sc) return no(6);
    if (!sc.ptnetmap) return no(22);
    if (cmd === NIOCGINFO) {
      this.#tell(r, sc);
      return undefined;
    }
    if (t.fds.some((f) => f.id === id)) return no(16);
    if (mode !== NR_REG_ALL_NIC && !(mode === NR_REG_ONE_NIC && (r.nr_ringid & NETMAP_RING_MASK) === 0)) return no(22);
    if (t.fds.some((f) => f.unit === sc.unit && f.closing)) return no(16);
    if (sc.users === 0) {
      const error = netmapRegister(this.#env(), sc);
      if (error) return no(error);
    }
    sc.users++;
    t.devs = t.devs.filter((d) => d.id !== id);
    t.fds.push({ id, pid: p.pid, unit: sc.unit, closing: false });
    this.#tell(r, sc);
    r.nr_offset = this.#ld(sc.csb + L.CSB_NIFP_OFFSET);
    r.nr_arg3 = 0;
    return undefined;
  }
  #tell(r: Nmreq, sc: VtnetSoftc) {
    const { tx, rx } = krings(this.#env(), sc);
    r.nr_tx_rings = 1;
    r.nr_rx_rings = 1;
    r.nr_tx_slots = this.m.ld32(tx + L.KR_NUM_SLOTS);
    r.nr_rx_slots = this.m.ld32(rx + L.KR_NUM_SLOTS);
    r.nr_memsize = this.tree().memdevs.find((d) => d.id === sc.hostMemId)?.size ?? 0;
    r.nr_arg2 = sc.hostMemId;
  }
  mmap(_p: Proc, id: number) {
    const t = this.tree(),
      fd = t.fds.find((f) => f.id === id),
      sc = t.vtnets.find((v) => v.unit === fd?.unit);
    return { as: this.cpu.as, base: t.memdevs.find((d) => d.id === sc?.hostMemId && d.size > 0)?.bar ?? 0 };
  }

  netmapClose(_p: Proc, id: number): boolean {
    const t = this.tree(),
      fd = t.fds.find((f) => f.id === id),
      sc = t.vtnets.find((v) => v.unit === fd?.unit);
    t.devs = t.devs.filter((d) => d.id !== id);
    if (!fd || !sc) return true;
    if (fd.closing) {
      if (this.cpu.busy()) return false;
      netmapUnregistered(this.#env(), sc);
    } else {
      sc.users--;
      if (sc.users === 0 && !netmapUnregister(this.#env(), sc)) {
        fd.closing = true;
        return false;
      }
    }
    t.fds = t.fds.filter((f) => f !== fd);
    return true;
  }

  startThread(p: Proc, id: number, body: number, setup: (targ: number) => void, second?: number): ThreadHandle | undefined {
    const t = this.tree(),
      { m, cpu } = this,
      scs = (second === undefined ? [id] : [id, second]).map((x) => t.vtnets.find((v) => v.unit === t.fds.find((f) => f.id === x)?.unit));
    t.tdPage ||= ramPages(this.#env(), 1);
    let i = 0;
    while (i < L.PAGE / L.TD_SIZE && this.#ld(t.tdPage + i * L.TD_SIZE + L.TD_STATE) !== L.TD_FREE_STATE) i++;
    if (i === L.PAGE / L.TD_SIZE) return undefined;
    const tdGpa = t.tdPage + i * L.TD_SIZE,
      targGpa = t.targFree.pop() ?? ramPages(this.#env(), 1),
      td = cpu.ram(tdGpa),
      targ = cpu.ram(targGpa);
    m.u8.fill(0, td, td + L.TD_SIZE);
    setup(targ);
    scs.forEach((sc, k) => {
      if (!sc) throw new Error('thread on a closed descriptor');
      const { tx, rx } = krings(this.#env(), sc),
        at = td + k * L.TD_SECOND;
      m.st32(at + L.TD_TX, tx);
      m.st32(at + L.TD_RX, rx);
      m.st32(at + L.TD_NTX, 1);
      m.st32(at + L.TD_NRX, 1);
    });
    m.st32(td + L.TD_BODY, m.op(body));
    m.st32(td + L.TD_PRIV, targ);
    m.st32(td + L.TD_PRIV_VA, targGpa);
    m.st32(td + L.TD_AS, cpu.as);
    m.st32(td + L.TD_WAKEUP, m.op(L.OP_GUEST_WAKEUP));
    m.st32(td + L.TD_BLOCK, cpu.block);
    m.st32(td + L.TD_TID, p.pid);
    m.st32(td + L.TD_NEXT, m.ld32(cpu.vcpu + L.VCPU_TDS));
    m.st32(td + L.TD_STATE, L.TDS_RUN);
    m.st32(cpu.vcpu + L.VCPU_TDS, td);
    t.threads.push({ td: tdGpa, targ: targGpa, pid: p.pid, fd: id });
    return { td, targ };
  }

  /** SIGSTOP and SIGCONT reach the threads of a process. */
  #stop(p: Proc, stop: 0 | 1) {
    for (const t of this.tree().threads) if (t.pid === p.pid) this.m.st32(this.cpu.ram(t.td) + L.TD_STOP, stop);
  }

  poke(h: ThreadHandle) {
    this.m.st32(h.td + L.TD_SELPEND, 1);
    this.m.st32(h.td + L.TD_STATE, L.TDS_RUN);
  }
  threadDone(h: ThreadHandle) {
    return this.m.ld32(h.td + L.TD_STATE) === L.TDS_DONE;
  }

  endThread(_p: Proc, h: ThreadHandle) {
    const t = this.tree(),
      { m, cpu } = this;
    for (let at = cpu.vcpu + L.VCPU_TDS; m.ld32(at); at = m.ld32(at) + L.TD_NEXT)
      if (m.ld32(at) === h.td) {
        m.st32(at, m.ld32(h.td + L.TD_NEXT));
        break;
      }
    m.st32(cpu.vcpu + L.VCPU_NEXT_TD, 0);
    for (const sc of t.vtnets)
      if (sc.ptnetmap) {
        const k = krings(this.#env(), sc);
        for (const si of [k.tx + L.KR_SI, k.rx + L.KR_SI, k.na + L.NA_SI, k.na + L.NA_SI + L.KR_SI_MAX * 4])
          for (let i = 0; i < L.KR_SI_MAX; i++) if (m.ld32(si + i * 4) === h.td) m.st32(si + i * 4, 0);
      }
    m.u8.fill(0, h.td, h.td + L.TD_SIZE);
    m.u8.fill(0, h.targ, h.targ + L.TARG_SIZE);
    for (const x of t.threads) if (cpu.ram(x.td) === h.td) t.targFree.push(x.targ);
    t.threads = t.threads.filter((x) => cpu.ram(x.td) !== h.td);
  }

  ifconfig(): IfInfo[] {
    return [
      ...this.tree().vtnets.map((v) => ({
        name: v.name,
        flags: [...(v.up ? ['UP'] : []), 'BROADCAST', ...(v.up ? ['RUNNING'] : []), 'SIMPLEX', 'MULTICAST'],
        mtu: 1500,
        ether: v.mac,
        status: v.link ? 'active' : 'no carrier',
        options: 'options=80028<VLAN_MTU,JUMBO_MTU,LINKSTATE>',
        nd6: '29<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL>',
        media: 'Ethernet 10Gbase-T <full-duplex>',
        index: v.unit + 1,
      })),
      {
        name: 'lo0',
        flags: ['UP', 'LOOPBACK', 'RUNNING', 'MULTICAST'],
        mtu: 16384,
        ether: '',
        status: '',
        options: 'options=600003<RXCSUM,TXCSUM,RXCSUM_IPV6,TXCSUM_IPV6>',
        nd6: '21<PERFORMNUD,AUTO_LINKLOCAL>',
        media: '',
        index: this.tree().vtnets.length + 1,
        inet: { addr: 0x0100007f, mask: 0xff },
      },
    ];
  }
  /** The guest's interfaces go up and down; it has no stack of its own (modelled so). */
  setInterface(name: string, r: IfReq): Strerror | undefined {
    const v = this.tree().vtnets.find((x) => x.name === name);
    if (!v && name !== 'lo0') return { errno: 6, text: `interface ${name} does not exist` };
    if (r.k !== 'up' && r.k !== 'down') return { errno: 45, text: 'Operation not supported', why: "the lab's guest has no IP stack." };
    if (v) v.up = r.k === 'up';
    return undefined;
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
  threads() {
    return guestThreads(this.cpu, this.tree());
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
    return guestSysctls(this.cpu, this.tree(), this.ifconfig());
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

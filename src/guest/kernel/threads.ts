// The guest's threads: tds in the vCPU's list, of programs and of the kernel itself, each with its page of arguments. The scheduler is
// wasm/guest/sched.ts.

import * as L from '../../../wasm/layout.ts';
import type { ThreadHandle, ThreadInfo } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { ramPages } from './ram.ts';
import type { GuestTree } from './tree.ts';

const WMESG = ['', 'select', '', '', 'nanslp', '', '-'];
/** FreeBSD's process of interrupt threads, and the kernel's own. */
const INTR_PID = 12;

export class GuestThreads {
  constructor(
    private readonly cpu: GuestCpu,
    private readonly tree: () => GuestTree,
  ) {}
  get m() {
    return this.cpu.m;
  }
  #env() {
    return { cpu: this.cpu, t: this.tree() };
  }
  /** A free td of a page, 0 when there is none. */
  #free(page: number): number {
    for (let td = this.cpu.ram(page), end = td + L.PAGE; td < end; td += L.TD_SIZE)
      if (this.m.ld32(td + L.TD_STATE) === L.TD_FREE_STATE) return td;
    return 0;
  }
  /** Into the vCPU's list, ready to run. */
  #run(td: number, body: number) {
    const { m, cpu } = this;
    m.st32(td + L.TD_BODY, m.op(body));
    m.st32(td + L.TD_WAKEUP, m.op(L.OP_GUEST_WAKEUP));
    m.st32(td + L.TD_BLOCK, cpu.block);
    m.st32(td + L.TD_NEXT, m.ld32(cpu.vcpu + L.VCPU_TDS));
    m.st32(td + L.TD_STATE, L.TDS_RUN);
    m.st32(cpu.vcpu + L.VCPU_TDS, td);
  }

  /** A thread of the kernel's own, for as long as the guest lives: its td. */
  kernel(op: number, arg: number, name: string): number {
    const t = this.tree();
    let td = t.ktdPages.reduce((found, page) => found || this.#free(page), 0);
    if (!td) {
      const page = ramPages(this.#env(), 1);
      t.ktdPages.push(page);
      td = this.cpu.ram(page);
    }
    this.m.st32(td + L.TD_PRIV, arg);
    this.#run(td, op);
    t.ktds.push({ td, name });
    return td;
  }

  /** A thread of a program; undefined when there is no td left. */
  program(pid: number, fd: number, body: number, setup: (targ: number) => void, bind: (td: number) => void): ThreadHandle | undefined {
    const t = this.tree(),
      { m, cpu } = this;
    t.tdPage ||= ramPages(this.#env(), 1);
    const td = this.#free(t.tdPage);
    if (!td) return undefined;
    const targGpa = t.targFree.pop() ?? ramPages(this.#env(), 1),
      targ = cpu.ram(targGpa);
    m.u8.fill(0, td, td + L.TD_SIZE);
    setup(targ);
    bind(td);
    m.st32(td + L.TD_PRIV, targ);
    m.st32(td + L.TD_PRIV_VA, targGpa);
    m.st32(td + L.TD_TID, pid);
    this.#run(td, body);
    t.threads.push({ td: t.tdPage + (td & (L.PAGE - 1)), targ: targGpa, pid, fd });
    return { td, targ };
  }
  end(h: ThreadHandle) {
    const t = this.tree(),
      { m, cpu } = this;
    for (let at = cpu.vcpu + L.VCPU_TDS; m.ld32(at); at = m.ld32(at) + L.TD_NEXT)
      if (m.ld32(at) === h.td) {
        m.st32(at, m.ld32(h.td + L.TD_NEXT));
        break;
      }
    m.st32(cpu.vcpu + L.VCPU_NEXT_TD, 0);
    m.u8.fill(0, h.td, h.td + L.TD_SIZE);
    m.u8.fill(0, h.targ, h.targ + L.TARG_SIZE);
    for (const x of t.threads) if (cpu.ram(x.td) === h.td) t.targFree.push(x.targ);
    t.threads = t.threads.filter((x) => cpu.ram(x.td) !== h.td);
  }

  /** SIGSTOP and SIGCONT reach the threads of a process. */
  stop(pid: number, stop: 0 | 1) {
    for (const t of this.tree().threads) if (t.pid === pid) this.m.st32(this.cpu.ram(t.td) + L.TD_STOP, stop);
  }

  /** For ps and top; the guest keeps no account of their CPU time. */
  list(prog: (pid: number) => string): ThreadInfo[] {
    const { m, cpu } = this,
      t = this.tree(),
      info = (td: number, pid: number, name: string, i: number): ThreadInfo => ({
        pid,
        tid: 100_000 + i,
        name,
        state: m.ld32(td + L.TD_STATE) === L.TDS_SLEEP ? 'sleep' : 'run',
        wmesg: WMESG[m.ld32(td + L.TD_WMESG)] ?? '',
        ns: -1,
      });
    return [
      ...t.threads.map((th, i) => info(cpu.ram(th.td), th.pid, prog(th.pid), i)),
      ...t.ktds.map((k, i) => info(k.td, k.name.startsWith('swi') ? INTR_PID : 0, k.name, t.threads.length + i)),
    ];
  }
}

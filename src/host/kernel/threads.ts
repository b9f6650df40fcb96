// The host's threads as its kernel knows them, for ps, top and procstat: from the thread blocks and the kernel's tables. The
// hardware's own threads and a vCPU's interrupt context are the lab's, and are not listed.

import * as L from '../../../wasm/layout.ts';
import type { IntrCount, ThreadInfo } from '../../bin/sys.ts';
import type { Machine } from '../../sim/machine.ts';
import type { BhyveState } from '../bhyve/ctx.ts';
import type { HostKernelTree } from './kernel.ts';

const WMESG = ['uwait', 'select', 'nmk_event', 'vmidle', 'nanslp', '', '-', 'stop', 'uwait', 'kqread'];
const FIRST_TID = 100_000;
/** FreeBSD's process of interrupt threads. */
const INTR_PID = 12;

/** Lab time for which a thread was not asleep. */
function cpuTime(m: Machine, t: number): number {
  return Math.max(0, m.ld64(t + L.T_VTIME) - m.ld64(t + L.T_START) - m.ld64(t + L.T_STAT_SLEPT));
}

/** Whose thread a block is, and its name. */
function owner(m: Machine, t: HostKernelTree, b: number): { pid: number; name: string } | undefined {
  const bhyve = (of: (st: BhyveState) => boolean) => t.os.procs.find((p) => p.prog === 'bhyve' && of(p.st as BhyveState))?.pid ?? 0;
  switch (m.ld32(b + L.T_KIND)) {
    case L.TK_VCPU:
      return { pid: bhyve((st) => st.vmname === t.vms.find((v) => v.block === b)?.name), name: 'vcpu 0' };
    case L.TK_KTHREAD: {
      if (b === t.net.isr) return { pid: INTR_PID, name: 'swi1: netisr 0' };
      if (b === t.net.clock) return { pid: INTR_PID, name: 'swi4: clock' };
      for (const a of t.adapters) {
        const i = a.polling?.findIndex((p) => p.block === b) ?? -1;
        if (i >= 0) return { pid: 0, name: `nm-kthread-${i}` };
      }
      const e = t.ptn.find((p) => p.txBlock === b || p.rxBlock === b);
      return e && { pid: t.fds.find((f) => f.id === e.fd)?.pid ?? 0, name: `nm-kthread-${e.txBlock === b ? 1 : 0}` };
    }
    case L.TK_ITHREAD: {
      const nic = t.nics.find((n) => n.ithread === b);
      return nic && { pid: INTR_PID, name: `irq${264 + nic.unit}: ${nic.name}:que` };
    }
    case L.TK_PROGRAM: {
      const th = t.threads.find((x) => x.block === b),
        p = t.os.procs.find((x) => x.pid === th?.pid);
      return th && { pid: th.pid, name: th.name ?? p?.prog ?? '' };
    }
    default:
      return undefined;
  }
}

export function hostThreads(m: Machine, t: HostKernelTree): ThreadInfo[] {
  const out: ThreadInfo[] = [];
  for (let i = 0; i < m.threads; i++) {
    const b = m.block(i),
      s = m.status(b);
    if (s === L.TS_FREE || s === L.TS_DEAD) continue;
    const who = owner(m, t, b);
    if (!who) continue;
    const asleep = s === L.TS_ASLEEP;
    out.push({
      ...who,
      tid: FIRST_TID + i,
      state: asleep ? 'sleep' : s === L.TS_BLOCKED ? 'lock' : 'run',
      wmesg: asleep ? (WMESG[m.ld32(b + L.T_WMESG)] ?? '') : s === L.TS_BLOCKED ? 'lock' : '',
      ns: cpuTime(m, b),
    });
  }
  return out;
}

/** What vmstat -i shows of the host: its NICs' interrupts. */
export const hostInterrupts = (m: Machine, t: HostKernelTree): IntrCount[] =>
  t.nics.map((n) => ({ name: `irq${264 + n.unit}: ${n.name}:que`, count: m.ld64(n.addr + L.NIC_STAT_INTR) }));

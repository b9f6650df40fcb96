// What the kernel threads of a passthrough port leave for the message buffer, and the end of one that faulted. Mirrors the
// messages of ptnetmap.c and netmap_freebsd.c, and trap_fatal of amd64/trap.c for H6 (facts netmap 5C, bhyve 5.5). A real host
// is down after such a trap. The lab lets it happen to one thread: the port is dead until its bhyve ends, the rest goes on.

import * as L from '../../../wasm/layout.ts';
import type { Os } from '../../sh/proc.ts';
import type { Machine } from '../../sim/machine.ts';
import type { PtnEntry } from './ptnetmap.ts';
import { type HostTree, logLine } from './tree.ts';

interface Host {
  m: Machine;
  os: Pick<Os<never>, 'put' | 'tree'>;
}

/** The block of text of a page fault in the kernel. Registers of the CPU are not modelled, and left out. */
function trap(cpu: number, pid: number, name: string, address: number, frames: readonly string[], uptime: number): string[] {
  const hex = (n: number) => `0x${n.toString(16)}`;
  return [
    'Fatal trap 12: page fault while in kernel mode',
    `cpuid = ${cpu}; apic id = ${String(cpu).padStart(2, '0')}`,
    `fault virtual address\t= ${hex(address >>> 0)}`,
    'fault code\t\t= supervisor read data, page not present',
    `current process\t\t= ${pid} (${name})`,
    'trap number\t\t= 12',
    'panic: page fault',
    `cpuid = ${cpu}`,
    'KDB: stack backtrace:',
    ...frames.map((f, i) => `#${i} ${f}`),
    `Uptime: ${Math.floor(uptime / 60e9)}m${Math.floor((uptime % 60e9) / 1e9)}s`,
  ];
}

/** A kernel thread has filed REQ_KTHREAD. True when it goes on. */
export function kthreadSays(host: Host, t: HostTree & { ptn: PtnEntry[] }, block: number): boolean {
  const { m, os } = host,
    e = t.ptn.find((p) => p.txBlock === block || p.rxBlock === block),
    fd = t.fds.find((f) => f.id === e?.fd);
  if (!e) return true;
  const tx = e.txBlock === block,
    nmk = tx ? e.txKth : e.rxKth,
    said = m.ld32(nmk + L.NMK_SAID);
  m.st32(nmk + L.NMK_SAID, 0);
  if (said & L.NMK_SAYS_TXSYNC) logLine(t, 'ERROR txsync()');
  if (said & L.NMK_SAYS_RXSYNC) logLine(t, 'ERROR rxsync()');
  if (said & L.NMK_SAYS_IRQ)
    logLine(
      t,
      `kern_ioctl error: -1 ioctl parameters: fd ${m.ld32(nmk + L.NMK_VM)} com ${L.VM_LAPIC_MSI} data 0x${(nmk + L.NMK_MSI_MSG).toString(16)}`,
    );
  if (!(said & L.NMK_SAYS_PANIC)) return true;
  const kr = tx ? fd?.tx : fd?.rx,
    sync = t.adapters.find((a) => a.addr === fd?.na)?.kind === 'pipe' ? 'netmap_pipe' : 'netmap_vp',
    dir = tx ? 'tx' : 'rx',
    name = `nm-kthread-${tx ? 1 : 0}`;
  const lines = trap(
    tx ? 1 : 2,
    fd?.pid ?? 0,
    name,
    m.ld32(nmk + L.NMK_FAULT),
    [`${sync}_${dir}sync`, `ptnetmap_${dir}_handler`, 'nm_kthread_worker', 'fork_exit', 'fork_trampoline'],
    m.clock,
  );
  const n = kr ? m.ld32(kr + L.KR_NUM_SLOTS) : 0,
    csb = m.ld32(e.pts + L.PTN_CSB);
  lines.push(
    `lab: a real host would be down now. The guest stored ${dir}_ring.head = ${m.ld32(csb + (tx ? L.CSB_TX_RING : L.CSB_RX_RING) + L.PTR_HEAD)} into the CSB of ${fd?.name ?? 'a port'}, whose ring has ${n} slots, and 2015 runs no prologue.`,
    `lab: here ${name} alone has died: ${fd?.name ?? 'the port'} is dead until its bhyve ends, the rest goes on. man ptnetmap, HAZARDS, H6; bhyve -o lab.protocol=2019 judges the index.`,
  );
  for (const l of lines) logLine(t, l);
  for (const tty of os.tree().ttys) if (tty.id.startsWith('ttyv')) os.put(tty, `\r\n${lines.join('\r\n')}\r\n`);
  if (fd) fd.faulted = true;
  m.setStatus(block, L.TS_DEAD);
  return false;
}

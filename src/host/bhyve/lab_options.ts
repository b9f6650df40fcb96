// bhyve -o NAME=VALUE: what the lab adds to bhyve of 2015, which has no -o. The revision of the passthrough protocol, the type
// of the doorbell, a thread of bhyve's that polls the passed-through descriptors (facts netmap 5C, H4, H10, H11). Its usage text
// stays the real one; bhyve(8) lists these under a heading of the lab's.

import * as L from '../../../wasm/layout.ts';
import type { Proc } from '../../sh/proc.ts';
import type { ThreadHandle } from '../../bin/sys.ts';
import type { HostSys } from '../kernel/sys.ts';
import type { NetmapFd } from '../kernel/tree.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import type { BhyveCtx, BhyveState } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

export interface LabOptions {
  protocol: 2015 | 2019;
  doorbell: keyof typeof DOORBELLS | null;
  txpoll: boolean;
  /** The threads of lab.txpoll=1. */
  threads: ThreadHandle[];
}
const DOORBELLS = { kwevents: L.VM_IO_REGH_KWEVENTS, condsignal: L.VM_IO_REGH_CONDSIGNAL, fd: L.VM_IO_REGH_FD } as const;
export const newLabOptions = (): LabOptions => ({ protocol: 2015, doorbell: null, txpoll: false, threads: [] });

/** Takes one -o over: what is wrong with it, or undefined. */
export function labOption(o: LabOptions, arg: string): string | undefined {
  const [name, value = ''] = arg.split('=', 2);
  switch (name) {
    case 'lab.protocol':
      if (value !== '2015' && value !== '2019') return `lab.protocol is 2015 or 2019, not "${value}".`;
      o.protocol = value === '2015' ? 2015 : 2019;
      return undefined;
    case 'lab.doorbell':
      if (!Object.hasOwn(DOORBELLS, value)) return `lab.doorbell is ${Object.keys(DOORBELLS).join(', ')}, not "${value}".`;
      o.doorbell = value as keyof typeof DOORBELLS;
      return undefined;
    case 'lab.txpoll':
      if (value !== '0' && value !== '1') return `lab.txpoll is 0 or 1, not "${value}".`;
      o.txpoll = value === '1';
      return undefined;
    default:
      return 'bhyve of 2015 has no -o. The lab takes -o lab.protocol=2015|2019, lab.doorbell=kwevents|condsignal|fd, lab.txpoll=0|1.';
  }
}

/** The VM gets what its bhyve was started with, before its devices are made. */
export function applyLabOptions(sys: HostSys, vm: VmEntry, o: LabOptions): string[] {
  const { m } = sys;
  m.st32(vm.vm + L.VM_PROTOCOL, o.protocol === 2019 ? L.PROTOCOL_2019 : L.PROTOCOL_2015);
  m.st32(vm.vm + L.VM_DOORBELL, o.doorbell ? DOORBELLS[o.doorbell] : 0);
  const out: string[] = [];
  if (o.protocol === 2019)
    out.push(
      'lab: protocol revision 2019, a composite of later fixes (order of indices, barriers, prologues, no batch limit) with a doorbell of the lab: man ptnetmap, REVISIONS.',
    );
  if (o.doorbell) out.push(`lab: the doorbell of its ports is ${o.doorbell}.`);
  if (o.txpoll) out.push('lab: a thread of bhyve polls the TX ring of each passed-through port.');
  return out;
}

/** VM_IO_REGH_*: what a kick of this VM's guest does. */
export const doorbellOf = (c: BhyveCtx): number =>
  c.m.ld32(c.vm.vm + L.VM_DOORBELL) ||
  (c.m.ld32(c.vm.vm + L.VM_PROTOCOL) === L.PROTOCOL_2019 ? L.VM_IO_REGH_CONDSIGNAL : L.VM_IO_REGH_KWEVENTS);

/**
 * PT_HOST_CREATE goes on: its actions at once, so that REGIF is one action; with dev.lab.regif_steps one by one, the vCPU in
 * userspace meanwhile.
 */
export function startIoctl(c: BhyveCtx, f: PciFunction, fd: NetmapFd) {
  const entry = c.ptn.find(fd.id);
  if (!entry) return;
  if (c.stepwise()) c.st.pending = { fd: fd.id, page: f.page };
  else while (!c.ptn.step(entry, fd));
}

/** lab.txpoll=1: one thread a descriptor. */
export function startTxPolls(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState;
  if (!st.lab.txpoll) return;
  for (const b of Object.values(st.backends))
    if (b.kind === 'ptnetmap') {
      const h = sys.startThread(p, b.fd, L.OP_TXPOLL, () => {});
      if (h) st.lab.threads.push(h);
    }
}
export function endTxPolls(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState;
  for (const h of st.lab.threads) sys.endThread(p, h);
  st.lab.threads = [];
}

// The end of a bhyve process, however it comes: what exit1(9) and the last close() do for it, one after the other. An action that
// somebody is in the way of answers false and is asked again.

import * as L from '../../../wasm/layout.ts';
import type { Proc } from '../../sh/proc.ts';
import type { HostSys } from '../kernel/sys.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import type { BhyveCtx, BhyveState } from './ctx.ts';
import { endTxPolls } from './lab_options.ts';
import { cleanup } from './net_backends.ts';
import { sayQueueErrors } from './pci_virtio_net.ts';
import { down } from './pci_virtio_ptnetmap.ts';
import { vtnetTotals } from './vtnet_stats.ts';

/** Gives back what it holds, in the order in which nobody finds it gone: false while somebody is inside. `c` while the VM is there. */
export function released(p: Proc, sys: HostSys, vm: VmEntry | undefined, c: BhyveCtx | undefined): boolean {
  const st = p.st as BhyveState;
  if (vm?.block && c) {
    if (!sys.vmStopped(vm)) return false;
    for (const f of st.pci.functions) if (f.emul === 'virtio-net') down(c, f);
    st.pending = null;
    st.resetting = [];
  }
  const open = Object.values(st.backends).filter((b) => b.kind !== 'none');
  let left = 0;
  for (const b of open) {
    const entry = sys.ptn.find(b.fd),
      fd = sys.netmap.fd(b.fd);
    if (!entry || !fd) continue;
    sys.ptn.stop(entry);
    if (!sys.ptn.step(entry, fd)) left++;
  }
  if (left) return false;
  endTxPolls(p, sys);
  for (const t of st.threads) {
    Atomics.store(sys.m.u32, (t.h.targ + L.VT_CANCEL) >>> 2, 1);
    sys.poke(t.h);
  }
  if (st.threads.some((t) => !sys.threadDone(t.h))) return false;
  for (const t of st.threads) sys.endThread(p, t.h);
  st.threads = [];
  if (c) {
    vtnetTotals(c, sys.hostTree());
    sayQueueErrors(c);
  }
  for (const b of open) {
    if (!cleanup(sys, b)) return false;
    b.kind = 'none';
  }
  st.backends = {};
  if (vm?.block) {
    sys.vmm.stopVcpu(vm);
    sys.vmGone(vm);
    sys.vmm.reinit(vm);
    if (vm.doomed) sys.vmm.destroy(vm);
  }
  return true;
}

// The threads of a bhyve that only wait while a port is passed through: the one that drains a front-end's TX virtqueue, and the
// back-end's poll loop. Mirrors the names of facts bhyve 2.5; the lab has no code for them, so they are shown asleep where the
// real ones sleep (modelled).

import type { ThreadInfo } from '../../bin/sys.ts';
import { type BhyveState, slotKey } from '../bhyve/ctx.ts';
import { evloopName, txName } from '../bhyve/pci_virtio_net.ts';
import type { HostKernelTree } from './kernel.ts';

const FIRST_TID = 100_400;

export function bhyveThreads(t: HostKernelTree): ThreadInfo[] {
  const out: ThreadInfo[] = [];
  const add = (pid: number, name: string, wmesg: string) =>
    out.push({ pid, tid: FIRST_TID + out.length, name, state: 'sleep', wmesg, ns: 0 });
  for (const p of t.os.procs) {
    const st = p.st as Partial<BhyveState>;
    if (p.prog !== 'bhyve' || p.state === 'zombie' || st.phase !== 'run') continue;
    for (const f of st.pci?.functions ?? [])
      if (f.emul === 'virtio-net') {
        const has = (role: string) => st.threads?.some((x) => x.role === role && x.page === f.page);
        if (!has('tx')) add(p.pid, txName(f), 'uwait');
        const be = st.backends?.[slotKey(f)];
        if (be?.fd && !has('rx')) add(p.pid, evloopName(f), 'select');
      }
  }
  return out;
}

// The threads of a bhyve that only wait while a port is passed through: the one that drains a front-end's TX virtqueue, and the
// back-end's poll loop. Mirrors the names of facts bhyve 2.5; the lab has no code for them, so they are shown asleep where the
// real ones sleep (modelled).

import type { ThreadInfo } from '../../bin/sys.ts';
import type { BhyveState } from '../bhyve/ctx.ts';
import type { HostKernelTree } from './kernel.ts';

const FIRST_TID = 100_400;
/** Bytes of a thread's name that the kernel keeps (MAXCOMLEN). */
const NAME = 19;

export function bhyveThreads(t: HostKernelTree): ThreadInfo[] {
  const out: ThreadInfo[] = [];
  const add = (pid: number, name: string, wmesg: string) =>
    out.push({ pid, tid: FIRST_TID + out.length, name: name.slice(0, NAME), state: 'sleep', wmesg, ns: 0 });
  for (const p of t.os.procs) {
    const st = p.st as Partial<BhyveState>;
    if (p.prog !== 'bhyve' || p.state === 'zombie' || st.phase !== 'run') continue;
    for (const f of st.pci?.functions ?? [])
      if (f.emul === 'virtio-net') {
        add(p.pid, `vtnet-${f.slot}:${f.func} tx`, 'uwait');
        const be = st.backends?.[`${f.bus}:${f.slot}:${f.func}`];
        if (be?.fd) add(p.pid, `netmap-evloop-0x8${f.page.toString(16).padStart(8, '0')}`, 'select');
      }
  }
  return out;
}

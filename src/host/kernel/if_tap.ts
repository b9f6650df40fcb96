// /dev/tapN, control plane: opening and closing. Mirrors tapopen, tapclose of if_tap.c. Reading and writing is the data plane's
// (wasm/host/if_tap.ts).

import * as L from '../../../wasm/layout.ts';
import type { Strerror } from '../../bin/sys.ts';
import type { Machine } from '../../sim/machine.ts';
import { errno } from '../../net/if_table.ts';
import type { Interfaces } from '../../net/ifnet.ts';
import type { HostTree } from './tree.ts';

export class Taps {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree,
    private readonly ifs: Interfaces,
  ) {}

  /** open("/dev/tapN"): the softc that the data plane reads from and writes to. */
  open(name: string, pid: number): number | Strerror {
    const e = this.ifs.find(name);
    if (e?.kind !== 'tap') return errno('ENOENT');
    if (e.pid !== undefined) return errno('EBUSY');
    const ifp = this.ifs.use(e);
    e.pid = pid;
    e.flags |= L.IFF_DRV_RUNNING;
    if (this.tree().sysctl['net.link.tap.up_on_open']) e.flags |= L.IFF_UP;
    Atomics.store(this.m.u32, (this.m.ld32(ifp + L.IF_SOFTC) + L.TAP_OPEN) >>> 2, pid);
    this.ifs.show(e);
    return e.softc;
  }
  /** close(): the interface goes down, what waits for the reader is lost. False: somebody is inside, ask again. */
  close(name: string): boolean {
    const e = this.ifs.find(name);
    if (e?.pid === undefined) return true;
    const done = this.ifs.locked(() => {
      this.m.st32(e.softc + L.TAP_OPEN, 0);
      this.m.u8.fill(0, e.softc + L.TAP_SI, e.softc + L.TAP_SI + L.KR_SI_MAX * 4);
      this.ifs.mbufs.purge(e.softc + L.TAP_Q);
      e.flags &= ~(L.IFF_UP | L.IFF_DRV_RUNNING);
    });
    if (!done) return false;
    delete e.pid;
    this.ifs.show(e);
    return true;
  }
}

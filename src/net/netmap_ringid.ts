// Which rings of a port a request binds. Mirrors netmap_interp_ringid of 2015 (facts netmap 1.7, 1.8).

import * as L from '../../wasm/layout.ts';
import * as R from '../bin/nmreq.ts';
import type { Kmem } from './kmem.ts';
import { type Adapters, HOST_RINGS } from './netmap_na.ts';
import type { AdapterEntry, Errno } from './tree.ts';

/** Krings that a descriptor is to be bound to: first and number, each way. */
export interface Range {
  tx: number;
  ntx: number;
  rx: number;
  nrx: number;
}

export function interpRingid(m: Kmem, nas: Adapters, entry: AdapterEntry, r: R.Nmreq): Range | Errno {
  const na = entry.addr,
    nt = nas.count(na, true) - HOST_RINGS,
    nr = nas.count(na, false) - HOST_RINGS,
    i = r.nr_ringid & R.NETMAP_RING_MASK;
  let mode = r.nr_flags & R.NR_REG_MASK;
  if (mode === R.NR_REG_DEFAULT) {
    mode = r.nr_ringid & R.NETMAP_SW_RING ? R.NR_REG_SW : r.nr_ringid & R.NETMAP_HW_RING ? R.NR_REG_ONE_NIC : R.NR_REG_ALL_NIC;
    m.log(`deprecated API, old ringid 0x${r.nr_ringid.toString(16)} -> ringid ${i.toString(16)} reg ${mode}`);
  }
  const of = (tx: number, ntx: number, rx: number, nrx: number): Range => ({
    tx: nas.kring(na, true, tx),
    ntx,
    rx: nas.kring(na, false, rx),
    nrx,
  });
  switch (mode) {
    case R.NR_REG_ALL_NIC:
    case R.NR_REG_PIPE_MASTER:
    case R.NR_REG_PIPE_SLAVE:
      return of(0, nt, 0, nr);
    case R.NR_REG_SW:
    case R.NR_REG_NIC_SW:
      if (!(m.ld32(na + L.NA_FLAGS) & L.NAF_HOST_RINGS)) {
        m.log('host rings not supported');
        return 'EINVAL';
      }
      return mode === R.NR_REG_SW ? of(nt, 1, nr, 1) : of(0, nt + 1, 0, nr + 1);
    case R.NR_REG_ONE_NIC:
      if (i >= nt && i >= nr) {
        m.log(`invalid ring id ${i}`);
        return 'EINVAL';
      }
      return of(i < nt ? i : 0, 1, i < nr ? i : 0, 1);
    default:
      m.log(`invalid regif type ${mode}`);
      return 'EINVAL';
  }
}

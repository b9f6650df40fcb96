// Setting one of the host's sysctls: who is asked, in which order, and what each may be. Names, values at boot: sysctls.ts,
// hazards.ts; texts: src/bin/sysctl_about.ts (facts bhyve 6.5).

import * as L from '../../../wasm/layout.ts';
import type { Strerror } from '../../bin/sys.ts';
import { TUNABLE } from '../../bin/sysctl.ts';
import { applySysctl, readOnly } from '../../net/netmap_sysctl.ts';
import { setHazard } from './hazards.ts';
import type { Kld } from './kld.ts';
import type { HostSys } from './sys.ts';
import { VM_ERRNO, vmCreate, vmDestroy } from './vmm_create.ts';

/** The lab's variables that the data plane reads; netmap's are netmap_sysctl.ts. */
const WORDS: Record<string, number> = {
  'dev.lab.sleep_bound': L.M_SLEEP_BOUND,
  'dev.lab.double_check': L.M_DOUBLE_CHECK,
  'dev.lab.barrier': L.M_BARRIER,
  'dev.lab.doorbell': L.M_DOORBELL,
  'dev.lab.tso': L.M_TSO,
  'dev.lab.pso': L.M_DRAIN_ANY,
};

export function setHostSysctl(k: HostSys & { readonly kld: Kld }, name: string, value: number | string): Strerror | undefined {
  const t = k.hostTree(),
    { m } = k;
  if (name === 'kern.hostname') {
    k.os.tree().hostname = String(value).slice(0, 255);
    return undefined;
  }
  if ((name === 'hw.vmm.create' || name === 'hw.vmm.destroy') && k.kld.loaded('vmm')) {
    const e = name === 'hw.vmm.create' ? vmCreate(k, String(value)) : vmDestroy(k, String(value));
    return typeof e === 'string' && e !== 'again' ? { errno: VM_ERRNO[e][0], text: `${name}=${value}: ${VM_ERRNO[e][1]}` } : undefined;
  }
  const why = k.netmap.ix.set(name, value) ?? k.ifs.set(name, value);
  if (why !== undefined) return why === '' ? undefined : { errno: 22, text: `${name}=${value}: Invalid argument`, why };
  if (typeof value === 'string' && name in t.sysctl) return { errno: 22, text: `${name}: integer expected` };
  if (typeof value === 'string' || (!(name in t.sysctl) && name in k.sysctl())) return { errno: 1, text: `oid '${name}' is read only` };
  const hazard = setHazard(m, name, value);
  if (hazard !== undefined) {
    if (hazard) t.sysctl[name] = value;
    return hazard ? undefined : { errno: 22, text: `${name}=${value}: Invalid argument`, why: '1, 0, or -1: as the revision has it.' };
  }
  const range =
    name === 'dev.lab.tso' ? L.SB_MAX : name === 'dev.lab.sleep_bound' ? L.SB_NONE : name.startsWith('dev.lab.') ? 1 : undefined;
  if (range !== undefined && (value < 0 || value > range)) return { errno: 22, text: `${name}=${value}: Invalid argument` };
  if (readOnly(name)) return { errno: 1, text: `oid '${name}' is read only` };
  if (!(name in t.sysctl)) return { errno: 2, text: `unknown oid '${name}'` };
  if (name === 'hw.lab.bridge_ringsize') return { errno: 1, text: `oid '${name}' is read only`, why: TUNABLE };
  t.sysctl[name] = value;
  applySysctl(k.netmap.kmem, name, value);
  const w = WORDS[name];
  if (w !== undefined) m.st32(L.MACHINE + w, value);
  return undefined;
}

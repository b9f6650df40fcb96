// kern.* and hw.* that both kernels have, in their order; what the lab's machines are is modelled (kernel_version.ts).

import { ctime } from './clock.ts';
import { EPOCH_S, IDENT, MODEL, OSRELDATE, OSRELEASE, OSTYPE, VERSION } from './kernel_version.ts';

/** Clock interrupts a second, in a virtual machine. */
const HZ = 100;

export function kernSysctls(o: { hostname: string; bootNs: number; physmem: number; ncpu: number }): Record<string, number | string> {
  const boot = EPOCH_S + o.bootNs / 1e9,
    s = Math.floor(boot);
  return {
    'kern.ostype': OSTYPE,
    'kern.osrelease': OSRELEASE,
    'kern.osrevision': 199506,
    'kern.version': VERSION,
    'kern.hostname': o.hostname,
    'kern.clockrate': `{ hz = ${HZ}, tick = ${1e6 / HZ}, profhz = 8126, stathz = 127 }`,
    'kern.boottime': `{ sec = ${s}, usec = ${Math.floor((boot - s) * 1e6)} } ${ctime(s)}`,
    'kern.osreldate': OSRELDATE,
    'kern.bootfile': '/boot/kernel/kernel',
    'kern.ident': IDENT,
    'kern.vm_guest': 'none',
    'hw.machine': 'amd64',
    'hw.model': MODEL,
    'hw.ncpu': o.ncpu,
    'hw.byteorder': 1234,
    ...(o.physmem ? { 'hw.physmem': o.physmem } : {}),
    'hw.pagesize': 4096,
    'hw.machine_arch': 'amd64',
  };
}

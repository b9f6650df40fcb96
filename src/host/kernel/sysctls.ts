// The host's sysctls as they are after boot: dev.netmap.* with netmap's defaults (facts bhyve 6.5), the NICs', the lab's own.

import { netmapSysctls } from '../../bin/sysctl_netmap.ts';
import { HAZARD_SYSCTL } from './hazards.ts';

/** The NICs of the host. */
export const NICS = ['ix0', 'ix1'];

/** Of the 10G driver; dev.lab.ix.N.* say who is at the other end of the cable, and what a traffic source there sends. */
export const IX_SYSCTL: Record<string, number | string> = {
  'hw.ix.num_queues': 2,
  'hw.ix.txd': 1024,
  'hw.ix.rxd': 1024,
  'hw.ix.max_interrupt_rate': 62500,
  'dev.lab.ix.explore': 0,
  ...Object.fromEntries(
    NICS.flatMap((_, i) => [
      [`dev.lab.ix.${i}.partner`, NICS[1 - i] ?? ''],
      [`dev.lab.ix.${i}.source_len`, 60],
      [`dev.lab.ix.${i}.source_pps`, 0],
      [`dev.lab.ix.${i}.source_flows`, 1],
    ]),
  ),
};
/** A host that has just booted. `slots` is the lab's own loader tunable for the ring size of VALE ports and pipes. */
export const newSysctls = (slots: number): Record<string, number | string> => ({
  ...netmapSysctls(),
  ...IX_SYSCTL,
  'hw.lab.bridge_ringsize': slots,
  'dev.lab.sleep_bound': 0,
  'dev.lab.double_check': 1,
  'dev.lab.barrier': 0,
  'dev.lab.doorbell': 0,
  'dev.lab.tso': 0,
  'dev.lab.pso': 0,
  'dev.lab.regif_steps': 0,
  'dev.lab.vmx.halt_exit': 1,
  'dev.lab.vmx.pause_exit': 1,
  ...HAZARD_SYSCTL,
});

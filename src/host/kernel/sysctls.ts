// The host's sysctls as they are after boot: dev.netmap.* with netmap's defaults (facts bhyve 6.5), the NICs', the lab's own.

import { HAZARD_SYSCTL } from './hazards.ts';

/** The NICs of the host. */
export const NICS = ['ix0', 'ix1'];

/** Of the 10G driver; dev.lab.ix.N.* say who is at the other end of the cable, and what a traffic source there sends. */
export const IX_SYSCTL: Record<string, number | string> = {
  'hw.ix.num_queues': 2,
  'hw.ix.txd': 1024,
  'hw.ix.rxd': 1024,
  'hw.ix.max_interrupt_rate': 62500,
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
  'dev.netmap.verbose': 0,
  'dev.netmap.no_timestamp': 0,
  'dev.netmap.mitigate': 1,
  'dev.netmap.no_pendintr': 1,
  'dev.netmap.txsync_retry': 2,
  'dev.netmap.bridge_batch': 1024,
  'dev.netmap.default_pipes': 0,
  'dev.netmap.adaptive_io': 0,
  'dev.netmap.flags': 0,
  'dev.netmap.fwd': 0,
  'dev.netmap.admode': 0,
  'dev.netmap.generic_mit': 100000,
  'dev.netmap.generic_ringsize': 1024,
  'dev.netmap.generic_rings': 1,
  'dev.netmap.if_curr_size': 0,
  'dev.netmap.if_curr_num': 0,
  'dev.netmap.ring_curr_size': 0,
  'dev.netmap.ring_curr_num': 0,
  'dev.netmap.buf_curr_size': 0,
  'dev.netmap.buf_curr_num': 0,
  'dev.netmap.if_size': 1024,
  'dev.netmap.if_num': 100,
  'dev.netmap.ring_size': 36864,
  'dev.netmap.ring_num': 200,
  'dev.netmap.buf_size': 2048,
  'dev.netmap.buf_num': 163840,
  'dev.netmap.priv_if_size': 1024,
  'dev.netmap.priv_if_num': 2,
  'dev.netmap.priv_ring_size': 20480,
  'dev.netmap.priv_ring_num': 4,
  'dev.netmap.priv_buf_size': 2048,
  'dev.netmap.priv_buf_num': 4098,
  ...IX_SYSCTL,
  'hw.lab.bridge_ringsize': slots,
  'dev.lab.sleep_bound': 0,
  'dev.lab.double_check': 1,
  'dev.lab.barrier': 0,
  'dev.lab.doorbell': 0,
  'dev.lab.tso': 0,
  'dev.lab.regif_steps': 0,
  ...HAZARD_SYSCTL,
});

// dev.netmap.* of a kernel, with netmap's defaults (facts bhyve 6.5), and the words by which its data plane sees them.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetTree } from './tree.ts';

export const netmapSysctls = (): Record<string, number> => ({
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
});

const WORD: Record<string, number> = {
  'dev.netmap.bridge_batch': L.M_BRIDGE_BATCH,
  'dev.netmap.no_timestamp': L.M_NO_TIMESTAMP,
  'dev.netmap.no_pendintr': L.M_NO_PENDINTR,
  'dev.netmap.fwd': L.M_FWD,
  'dev.netmap.generic_mit': L.M_GENERIC_MIT,
  'dev.netmap.txsync_retry': L.M_TXSYNC_RETRY,
};
/** dev.netmap.*_curr_* tell, and are not set. */
export const readOnly = (name: string) => /^dev\.netmap\..*_curr_/.test(name);

/** The new value reaches the data plane. */
export function applySysctl(m: Kmem, name: string, value: number) {
  const w = WORD[name];
  if (w !== undefined) m.st32(m.words + w, value);
}
/** All of them: a kernel whose words are new. */
export function applySysctls(m: Kmem, t: NetTree) {
  for (const name of Object.keys(WORD)) applySysctl(m, name, Number(t.sysctl[name] ?? 0));
}

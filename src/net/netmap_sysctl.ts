// dev.netmap.* of a kernel: the words by which its data plane sees them. Names and defaults are src/bin/sysctl_netmap.ts.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetTree } from './tree.ts';

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

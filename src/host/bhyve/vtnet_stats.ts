// Counters of a virtio-net function's copying path, in the order of VNS_*, and what they are called on the page and by the runner.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import { addCounts } from '../../net/totals.ts';
import type { HostTree } from '../kernel/tree.ts';
import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

export const VTNET_STATS = [
  'TX packets',
  'TX copies',
  'TX bytes copied',
  'TX syncs',
  'TX lost',
  'RX packets',
  'RX copies',
  'RX bytes copied',
  'RX dropped (dummy buffer)',
  'RX cut',
  'TX kicks that reached bhyve',
  'RX kicks that reached bhyve',
  'MSI sent',
  'MSI not wanted',
  'MSI masked',
  'INTx asserted',
] as const;

/** The counters, then the chains that were wrong. */
export const vtnetCounts = (m: Machine, page: number): number[] => [
  ...VTNET_STATS.map((_, i) => m.ld64(page + L.VN_STAT + i * 8)),
  [L.VQ_RX, L.VQ_TX].reduce((n, q) => n + m.ld32(page + L.VN_VQ + q * L.VQ_SIZE + L.VQ_ERRORS), 0),
];
export const vtnetId = (vmname: string, f: PciFunction) => `${vmname} ${f.bus ? `${f.bus}:` : ''}${f.slot}:${f.func}`;

/** bhyve ends: what its functions have counted is added up under their names. */
export function vtnetTotals(c: BhyveCtx, t: HostTree) {
  for (const f of c.st.pci.functions) {
    if (f.emul !== 'virtio-net' || !f.page) continue;
    const counts = vtnetCounts(c.m, f.page);
    t.vtnetTotals ??= {};
    if (counts.some((n) => n)) addCounts(t.vtnetTotals, vtnetId(c.st.vmname, f), counts);
    c.m.u8.fill(0, f.page + L.VN_STAT, f.page + L.VN_STAT + L.VNS_COUNT * 8);
    for (const q of [L.VQ_RX, L.VQ_TX]) c.m.st32(f.page + L.VN_VQ + q * L.VQ_SIZE + L.VQ_ERRORS, 0);
  }
}

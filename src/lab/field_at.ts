// The names of an address: the other way round of expr_fields.ts.

import * as L from '../../wasm/layout.ts';
import { type Place, addressOf, listFields } from './expr_fields.ts';
import { rings } from './view.ts';
import type { World } from './world.ts';

/** Every named field at an address now, the shortest name first. */
export function fieldAt(w: World, addr: number): Place[] {
  const found = listFields(w).filter((f) => f.addr === addr);
  const all = rings(w);
  for (const r of all) {
    const at = addr - r.ringAddr - L.RING_SLOT;
    if (at < 0 || at >= r.slots * L.SLOT_SIZE) continue;
    const part = { [L.SLOT_BUF_IDX]: 'buf_idx', [L.SLOT_LEN]: 'len', [L.SLOT_FLAGS]: 'flags' }[at % L.SLOT_SIZE];
    if (part === undefined) continue;
    const k = all
      .filter((x) => x.dir === r.dir && x.id.slice(0, x.id.lastIndexOf('.')) === r.id.slice(0, r.id.lastIndexOf('.')))
      .indexOf(r);
    const short = `${r.dir.toLowerCase()}${k ? `[${k}]` : ''}.slot[${Math.floor(at / L.SLOT_SIZE)}].${part}`;
    for (const name of [short, `${r.port}:${short}`, `"${r.port}":${short}`]) {
      const f = addressOf(w, name);
      if (f.ok && f.addr === addr && !found.some((x) => x.path === f.path)) found.push(f);
    }
  }
  return found.sort((a, b) => a.path.length - b.path.length);
}

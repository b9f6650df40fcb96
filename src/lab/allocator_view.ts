// netmap's memory allocators (netmap_mem2.c, facts netmap 1.12): three pools in a region, who holds which object, the bitmap as a picture,
// and the sum of the buffers, which comes out unless somebody wrote into a slot what was not his to write.

import * as L from '../../wasm/layout.ts';
import type { MemEntry } from '../net/tree.ts';
import { type Kernel, kernels, portTitle } from './objects.ts';
import type { AllocatorHolder, AllocatorView, PoolView } from './panel_types.ts';
import type { World } from './world.ts';

const NAMES = ['if', 'ring', 'buf'] as const,
  CELLS = 512,
  RUNS = 48,
  MOST = 2_000_000;
const FREE = -1,
  ITSELF = -2,
  NOWHERE = -3;

/** Objects of a pool by who holds them. */
function pictured(w: World, mem: number, i: number, holder: Int16Array): PoolView {
  const { m } = w,
    o = mem + L.MEM_POOL + i * L.MEM_POOL_SIZE,
    n = holder.length,
    each = Math.max(1, Math.ceil(n / CELLS)),
    cells: number[] = [],
    runs: PoolView['runs'] = [];
  let more = 0;
  for (let from = 0; from < n; from += each) {
    // who has most of it; of equals who comes first
    const seen = new Map<number, number>();
    for (let k = from; k < Math.min(n, from + each); k++) seen.set(holder[k] ?? FREE, (seen.get(holder[k] ?? FREE) ?? 0) + 1);
    cells.push([...seen].reduce((a, b) => (b[1] > a[1] ? b : a), [FREE, 0])[0]);
  }
  for (let k = 0; k < n; ) {
    const h = holder[k] ?? FREE;
    let to = k + 1;
    while (to < n && holder[to] === h) to++;
    if (runs.length < RUNS) runs.push({ from: k, to: to - 1, holder: h });
    else more++;
    k = to;
  }
  return {
    name: NAMES[i] ?? 'buf',
    objtotal: m.ld32(o + L.POOL_OBJTOTAL),
    objfree: m.ld32(o + L.POOL_OBJFREE),
    objsize: m.ld32(o + L.POOL_OBJSIZE),
    offset: m.ld32(o + L.POOL_OFFSET),
    each,
    cells,
    runs,
    more,
  };
}

/** Who holds which object, and the sum of the buffers. */
function accounted(w: World, k: Kernel, e: MemEntry) {
  const { m } = w,
    base = m.ld32(e.addr + L.MEM_BASE),
    pool = (i: number) => e.addr + L.MEM_POOL + i * L.MEM_POOL_SIZE,
    total = (i: number) => Math.min(m.ld32(pool(i) + L.POOL_OBJTOTAL), MOST);
  const maps = [0, 1, 2].map((i) => {
    const bits = m.ld32(pool(i) + L.POOL_BITMAP),
      out = new Int16Array(total(i));
    for (let n = 0; n < out.length; n++) out[n] = (m.ld32(bits + (n >>> 5) * 4) >>> (n & 31)) & 1 ? FREE : NOWHERE;
    return out;
  }) as [Int16Array, Int16Array, Int16Array];
  const [ifs, ringMap, bufs] = maps;
  const indexOf = (i: number, addr: number) => {
    const n = (addr - base - m.ld32(pool(i) + L.POOL_OFFSET)) / (m.ld32(pool(i) + L.POOL_OBJSIZE) || 1);
    return Number.isInteger(n) && n >= 0 && n < total(i) ? n : -1;
  };
  const sum = { free: 0, reserved: 0, slots: 0, extra: 0, nowhere: 0, twice: 0, wild: 0, total: total(2) };
  if (ifs[0] === NOWHERE) ifs[0] = ITSELF; // nms_info
  for (const b of [0, 1])
    if (bufs[b] === NOWHERE) {
      bufs[b] = ITSELF;
      sum.reserved++;
    }
  const holders: AllocatorHolder[] = [];
  const seen = new Uint8Array(bufs.length);
  for (const a of k.tree.adapters.filter((x) => x.mem === e.addr)) {
    const { title, user } = portTitle(w, k, a),
      me = holders.length,
      h: AllocatorHolder = { name: title, owner: user === 'guest' ? 'shared' : k.side, ifs: 0, rings: 0, bufs: 0 };
    for (const f of k.tree.fds) {
      if (f.na !== a.addr) continue;
      const n = indexOf(0, f.nifp);
      if (n >= 0) ifs[n] = me;
      h.ifs++;
      // extra buffers: a chain through their first words, which may be anything
      for (
        let b = m.ld32(f.nifp + L.NIF_BUFS_HEAD), hops = 0;
        f.extra > 0 && b >= 2 && b < bufs.length && !seen[b] && hops < f.extra;
        hops++
      ) {
        seen[b] = 1;
        sum.extra++;
        h.bufs++;
        bufs[b] = me;
        b = m.ld32(base + m.ld32(pool(2) + L.POOL_OFFSET) + b * m.ld32(pool(2) + L.POOL_OBJSIZE));
      }
    }
    for (const kr of w.host.netmap.nas.krings(a.addr)) {
      const va = m.ld32(kr + L.KR_RING),
        ring = va ? k.pointer(va) : 0;
      if (!ring) continue;
      const r = indexOf(1, ring);
      if (r >= 0) ringMap[r] = me;
      h.rings++;
      if (m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING) continue;
      for (let s = 0, n = Math.min(m.ld32(kr + L.KR_NUM_SLOTS), 16_384); s < n; s++) {
        const b = m.ld32(ring + L.RING_SLOT + s * L.SLOT_SIZE);
        if (b < 2 || b >= bufs.length || bufs[b] === FREE) sum.wild++;
        else if (seen[b]) sum.twice++;
        else {
          seen[b] = 1;
          sum.slots++;
          h.bufs++;
          bufs[b] = me;
        }
      }
    }
    holders.push(h);
  }
  for (const b of bufs) {
    if (b === FREE) sum.free++;
    else if (b === NOWHERE) sum.nowhere++;
  }
  return { maps, holders, sum };
}

/** Of each allocator: whose it is, where its buffers are, and how many are lent to programs as extra ones. */
export const bufferSums = (w: World) =>
  kernels(w).flatMap((k) => k.tree.mems.map((e) => ({ kernel: k.name, id: e.id, ...accounted(w, k, e).sum })));

function allocator(w: World, k: Kernel, e: MemEntry): AllocatorView {
  const { m } = w,
    { maps, holders, sum } = accounted(w, k, e);
  return {
    kernel: k.name,
    id: e.id,
    title: e.owner || '',
    base: m.ld32(e.addr + L.MEM_BASE),
    total: m.ld32(e.addr + L.MEM_TOTALSIZE),
    refs: e.refs,
    exposed: e.exposed === true,
    pools: maps.map((map, i) => pictured(w, e.addr, i, map)),
    holders,
    sum,
  };
}

export const allocatorView = (w: World): AllocatorView[] => kernels(w).flatMap((k) => k.tree.mems.map((e) => allocator(w, k, e)));

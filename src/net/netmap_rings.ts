// Rings and interface objects of an adapter, in its allocator's region. Mirrors netmap_mem_rings_create, _delete and
// netmap_mem_if_new of 2015 (facts netmap 1.4, 1.5, 1.12): all rings of the adapter, slots with fresh buffers, host rings
// without a stack fake, offsets for all.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetmapMem } from './netmap_mem.ts';
import { type Adapters, HOST_RINGS } from './netmap_na.ts';
import type { AdapterEntry, NetTree } from './tree.ts';

export class NetmapRings {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly mem: NetmapMem,
    private readonly nas: Adapters,
  ) {}

  /** Where a kring's ring is in the machine, 0: it has none. */
  at(kr: number): number {
    const ring = this.m.ld32(kr + L.KR_RING);
    return ring && this.m.vaddr(ring);
  }

  /** netmap_mem_rings_create, of both ends for a pipe. False when the allocator is exhausted. */
  create(entry: AdapterEntry): boolean {
    const { m } = this,
      nas = entry.kind === 'pipe' ? [entry.addr, m.ld32(entry.addr + L.NA_PEER)] : [entry.addr];
    for (const na of nas) {
      if (m.ld32(m.ld32(na + L.NA_TX_RINGS) + L.KR_RING)) continue;
      for (const kr of this.nas.krings(na)) {
        const why = this.#ring(kr);
        if (why === '') continue;
        const dir = m.ld32(kr + L.KR_TX) === L.NR_TX ? 'TX' : 'RX';
        this.m.log(why === 'ring' ? `Cannot allocate ${dir}_ring` : `Cannot allocate buffers for ${dir}_ring`);
        for (const x of nas) this.remove(x);
        return false;
      }
    }
    return true;
  }

  #ring(kr: number): '' | 'ring' | 'buffers' {
    const { m, mem: pools } = this,
      mem = m.ld32(kr + L.KR_MEM),
      n = m.ld32(kr + L.KR_NUM_SLOTS);
    if (L.RING_SLOT + n * L.SLOT_SIZE > pools.objsize(mem, L.POOL_RING)) {
      this.m.log(`${pools.name(mem, L.POOL_RING)} request size ${L.RING_SLOT + n * L.SLOT_SIZE} too large`);
      return 'ring';
    }
    const idx = pools.alloc(mem, L.POOL_RING);
    if (idx === undefined) return 'ring';
    const ring = pools.addr(mem, L.POOL_RING, idx),
      bufsize = pools.objsize(mem, L.POOL_BUF),
      base = m.ld32(mem + L.MEM_BASE);
    m.u8.fill(0, ring, ring + pools.objsize(mem, L.POOL_RING));
    const fake = (m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING) !== 0;
    m.st64(ring + L.RING_BUF_OFS, pools.addr(mem, L.POOL_BUF, 0) - base - (ring - base));
    m.st32(ring + L.RING_NUM_SLOTS, n);
    m.st32(ring + L.RING_NR_BUF_SIZE, bufsize);
    m.st16(ring + L.RING_RINGID, m.ld32(kr + L.KR_RING_ID));
    m.st16(ring + L.RING_DIR, m.ld32(kr + L.KR_TX));
    m.st32(ring + L.RING_HEAD, m.ld32(kr + L.KR_NR_HWCUR));
    m.st32(ring + L.RING_CUR, m.ld32(kr + L.KR_NR_HWCUR));
    m.st32(ring + L.RING_TAIL, m.ld32(kr + L.KR_NR_HWTAIL));
    for (const [f, from] of [
      [L.KR_RHEAD, L.KR_NR_HWCUR],
      [L.KR_RCUR, L.KR_NR_HWCUR],
      [L.KR_RTAIL, L.KR_NR_HWTAIL],
    ] as const)
      m.st32(kr + f, m.ld32(kr + from));
    m.st32(kr + L.KR_RING, m.paddr(ring));
    for (let i = 0; i < n; i++) {
      const buf = fake ? 0 : pools.alloc(mem, L.POOL_BUF);
      if (buf === undefined) {
        this.m.log(`no more buffers after ${i} of ${n}`);
        for (let k = i; k < n; k++) m.st32(ring + L.RING_SLOT + k * L.SLOT_SIZE, 0);
        return 'buffers';
      }
      const slot = ring + L.RING_SLOT + i * L.SLOT_SIZE;
      m.st32(slot + L.SLOT_BUF_IDX, buf);
      m.st16(slot + L.SLOT_LEN, bufsize);
    }
    return '';
  }

  /** netmap_mem_rings_delete: the rings go, and every buffer that nobody's slot names any more. */
  remove(na: number) {
    const { m, mem: pools } = this,
      left: number[] = [];
    for (const kr of this.nas.krings(na)) {
      const ring = this.at(kr),
        mem = m.ld32(kr + L.KR_MEM),
        tx = m.ld32(kr + L.KR_TX) === L.NR_TX;
      if (!ring) continue;
      const n = m.ld32(kr + L.KR_NUM_SLOTS);
      for (let k = 0; k < n; k++) left.push(m.ld32(ring + L.RING_SLOT + k * L.SLOT_SIZE));
      pools.free(mem, L.POOL_RING, pools.index(mem, L.POOL_RING, ring));
      m.st32(kr + L.KR_RING, 0);
      m.st32(kr + L.KR_NR_HWCUR, 0);
      m.st32(kr + L.KR_NR_HWTAIL, tx ? n - 1 : 0);
      m.st32(kr + L.KR_RTAIL, tx ? n - 1 : 0);
      for (const f of [L.KR_RHEAD, L.KR_RCUR, L.KR_HWLEASE, L.KR_LEASE_IDX, L.KR_MON_TAIL, L.KR_STOPPED]) m.st32(kr + f, 0);
      const leases = m.ld32(kr + L.KR_LEASES);
      if (leases) for (let k = 0; k < n; k++) m.st32(leases + k * 4, L.NR_NOSLOT);
    }
    this.reclaim(m.ld32(na + L.NA_MEM), left);
  }

  /**
   * Buffers go back. A slot holds whatever index its user has written: one that another ring names too stays there, and one
   * that was lost on the way is found, unless somebody holds extra buffers, which may be anywhere.
   */
  reclaim(mem: number, left: number[]) {
    const { m, mem: pools } = this,
      t = this.tree(),
      total = pools.total(mem, L.POOL_BUF);
    if (!t.mems.some((e) => e.addr === mem)) return;
    const named = new Uint8Array(total);
    for (const a of t.adapters)
      if (a.mem === mem)
        for (const kr of this.nas.krings(a.addr)) {
          const ring = this.at(kr);
          if (!ring) continue;
          for (let k = 0, n = m.ld32(kr + L.KR_NUM_SLOTS); k < n; k++) {
            const b = m.ld32(ring + L.RING_SLOT + k * L.SLOT_SIZE);
            if (b < total) named[b] = 1;
          }
        }
    const held = t.fds.some((f) => f.extra > 0 && m.ld32(f.na + L.NA_MEM) === mem);
    if (held) {
      for (const b of left) if (b >= 2 && b < total && !named[b]) pools.free(mem, L.POOL_BUF, b);
      return;
    }
    pools.sweep(mem, named);
  }

  /** netmap_extra_alloc: a chain of buffers, the last one taken first; answers how many there were. */
  extraAlloc(mem: number, want: number): { head: number; got: number } {
    const { m, mem: pools } = this;
    let head = 0,
      got = 0;
    for (; got < want; got++) {
      const b = pools.alloc(mem, L.POOL_BUF);
      if (b === undefined) {
        this.m.log(`no more buffers after ${got} of ${want}`);
        break;
      }
      m.st32(pools.addr(mem, L.POOL_BUF, b), head);
      head = b;
    }
    return { head, got };
  }

  /** netmap_extra_free: walks the chain while its indices are good; a user may have made a circle of it. */
  extraFree(mem: number, head: number): number[] {
    const { m, mem: pools } = this,
      total = pools.total(mem, L.POOL_BUF),
      out: number[] = [];
    const seen = new Set<number>();
    for (let i = head; i >= 2 && i < total && !seen.has(i); i = m.ld32(pools.addr(mem, L.POOL_BUF, i))) {
      seen.add(i);
      out.push(i);
    }
    return out;
  }

  /** The rings of a closed pipe end survive while the other end is open. */
  pipeLastClose(entry: AdapterEntry) {
    const peer = this.m.ld32(entry.addr + L.NA_PEER);
    if (this.m.ld32(peer + L.NA_ACTIVE_FDS) > 0) return;
    this.remove(entry.addr);
    this.remove(peer);
  }

  /** A new netmap_if: every descriptor has its own, the rings are shared. */
  netmapIf(na: number): number | undefined {
    const { m, mem: pools } = this,
      mem = m.ld32(na + L.NA_MEM),
      krings = this.nas.krings(na);
    if (L.NIF_RING_OFS + krings.length * 8 > pools.objsize(mem, L.POOL_IF)) {
      this.m.log(`${pools.name(mem, L.POOL_IF)} request size ${L.NIF_RING_OFS + krings.length * 8} too large`);
      return undefined;
    }
    const idx = pools.alloc(mem, L.POOL_IF);
    if (idx === undefined) return undefined;
    const nifp = pools.addr(mem, L.POOL_IF, idx);
    m.u8.fill(0, nifp, nifp + pools.objsize(mem, L.POOL_IF));
    m.putString(nifp + L.NIF_NAME, m.string(na + L.NA_NAME, 15), 16);
    m.st32(nifp + L.NIF_TX_RINGS, this.nas.count(na, true) - HOST_RINGS);
    m.st32(nifp + L.NIF_RX_RINGS, this.nas.count(na, false) - HOST_RINGS);
    krings.forEach((kr, i) => {
      m.st64(nifp + L.NIF_RING_OFS + i * 8, this.at(kr) - nifp);
    });
    return nifp;
  }
}

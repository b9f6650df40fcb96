// Rings and interface objects of an adapter, in its allocator's region. Mirrors netmap_mem_rings_create, _delete and
// netmap_mem_if_new of 2015 (facts netmap 1.4, 1.5, 1.12): slots with fresh buffers, host rings fake, offsets for all.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { NetmapMem } from './netmap_mem.ts';
import type { AdapterEntry } from './tree.ts';

/** Every adapter has one host ring each way, fake without a stack. */
const FAKE = 1;

export class NetmapRings {
  constructor(
    private readonly m: Machine,
    private readonly mem: NetmapMem,
  ) {}

  /** netmap_mem_rings_create, of both ends for a pipe. False when the allocator is exhausted. */
  create(entry: AdapterEntry): boolean {
    const { m } = this,
      nas = entry.kind === 'pipe' ? [entry.addr, m.ld32(entry.addr + L.NA_PEER)] : [entry.addr];
    for (const na of nas) {
      if (m.ld32(m.ld32(na + L.NA_TX_RINGS) + L.KR_RING)) continue;
      for (const base of [m.ld32(na + L.NA_TX_RINGS), m.ld32(na + L.NA_RX_RINGS)])
        for (let i = 0; i <= FAKE; i++)
          if (!this.#ring(base + i * L.KR_SIZE)) {
            for (const x of nas) this.remove(x);
            return false;
          }
    }
    return true;
  }

  #ring(kr: number): boolean {
    const { m, mem: pools } = this,
      mem = m.ld32(kr + L.KR_MEM),
      n = m.ld32(kr + L.KR_NUM_SLOTS);
    const idx = pools.alloc(mem, L.POOL_RING);
    if (idx === undefined) return false;
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
    m.st32(kr + L.KR_RING, ring);
    for (let i = 0; i < n; i++) {
      const buf = fake ? 0 : pools.alloc(mem, L.POOL_BUF);
      if (buf === undefined) return false;
      const slot = ring + L.RING_SLOT + i * L.SLOT_SIZE;
      m.st32(slot + L.SLOT_BUF_IDX, buf);
      m.st16(slot + L.SLOT_LEN, bufsize);
    }
    return true;
  }

  remove(na: number) {
    const { m, mem: pools } = this;
    for (const base of [m.ld32(na + L.NA_TX_RINGS), m.ld32(na + L.NA_RX_RINGS)])
      for (let i = 0; i <= FAKE; i++) {
        const kr = base + i * L.KR_SIZE,
          ring = m.ld32(kr + L.KR_RING),
          mem = m.ld32(kr + L.KR_MEM),
          tx = m.ld32(kr + L.KR_TX) === L.NR_TX;
        if (!ring) continue;
        const n = m.ld32(kr + L.KR_NUM_SLOTS);
        if (!(m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING))
          for (let k = 0; k < n; k++) {
            const b = m.ld32(ring + L.RING_SLOT + k * L.SLOT_SIZE);
            if (b >= 2) pools.free(mem, L.POOL_BUF, b);
          }
        pools.free(mem, L.POOL_RING, pools.index(mem, L.POOL_RING, ring));
        m.st32(kr + L.KR_RING, 0);
        m.st32(kr + L.KR_NR_HWCUR, 0);
        m.st32(kr + L.KR_NR_HWTAIL, tx ? n - 1 : 0);
        m.st32(kr + L.KR_RTAIL, tx ? n - 1 : 0);
        for (const f of [L.KR_RHEAD, L.KR_RCUR, L.KR_HWLEASE, L.KR_LEASE_IDX]) m.st32(kr + f, 0);
        const leases = m.ld32(kr + L.KR_LEASES);
        if (leases) for (let k = 0; k < n; k++) m.st32(leases + k * 4, L.NR_NOSLOT);
      }
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
      idx = pools.alloc(mem, L.POOL_IF);
    if (idx === undefined) return undefined;
    const nifp = pools.addr(mem, L.POOL_IF, idx);
    m.u8.fill(0, nifp, nifp + pools.objsize(mem, L.POOL_IF));
    m.putString(nifp + L.NIF_NAME, m.string(na + L.NA_NAME, 15), 16);
    m.st32(nifp + L.NIF_TX_RINGS, 1);
    m.st32(nifp + L.NIF_RX_RINGS, 1);
    const krings = [m.ld32(na + L.NA_TX_RINGS), m.ld32(na + L.NA_RX_RINGS)].flatMap((b) => [b, b + L.KR_SIZE]);
    krings.forEach((kr, i) => {
      m.st64(nifp + L.NIF_RING_OFS + i * 8, m.ld32(kr + L.KR_RING) - nifp);
    });
    return nifp;
  }
}

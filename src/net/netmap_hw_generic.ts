// Netmap ports over interfaces without native support, and the queue of every port's host ring. Mirrors netmap_get_hw_na and
// generic_netmap_register of 2015 (facts netmap 2.11, 2.12). The data plane is wasm/net/netmap_generic.ts and netmap_host.ts.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { Interfaces } from './ifnet.ts';
import type { NetmapMem } from './netmap_mem.ts';
import { type Adapters, HOST_RINGS } from './netmap_na.ts';
import { type PortConfig, bound } from './netmap_vale.ts';
import type { AdapterEntry, Errno, NetTree } from './tree.ts';

const ADMODE_NATIVE = 1;

export class GenericPorts {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly mem: NetmapMem,
    private readonly nas: Adapters,
    readonly ifs: Interfaces,
  ) {}

  /** The emulated port of an interface. */
  port(name: string, c: PortConfig): AdapterEntry | Errno {
    const { m } = this,
      t = this.tree(),
      e = this.ifs.find(name),
      there = this.nas.find(name);
    if (there) {
      there.refs++;
      return there;
    }
    if (!e) return 'ENXIO';
    if (e.kind === 'lo' || t.sysctl['dev.netmap.admode'] === ADMODE_NATIVE) return 'EOPNOTSUPP';
    const mem = c.memId && c.memId !== 1 ? this.mem.byId(c.memId) : this.mem.global();
    if (!mem) return 'EINVAL';
    const slots = bound(Number(t.sysctl['dev.netmap.generic_ringsize']), 1024, 64, 4096),
      rings = bound(Number(t.sysctl['dev.netmap.generic_rings']), 1, 1, L.NM_BDG_MAXRINGS);
    let ifp: number;
    try {
      ifp = this.ifs.use(e);
      this.ifs.clock();
    } catch (x) {
      if (mem.refs === 0) this.mem.destroy(mem);
      throw x;
    }
    const entry = this.nas.create({
      name,
      kind: 'generic',
      type: L.NA_GENERIC,
      mem,
      ntx: rings,
      nrx: rings,
      txd: slots,
      rxd: slots,
      flags: L.NAF_HOST_RINGS,
      sync: [L.OP_GENERIC_TXSYNC, L.OP_GENERIC_RXSYNC],
      hostSync: [L.OP_HOST_TXSYNC, L.OP_HOST_RXSYNC],
    });
    m.st32(entry.addr + L.NA_HW, ifp);
    return entry;
  }

  #rings(na: number, tx: boolean): number[] {
    return Array.from({ length: this.nas.count(na, tx) - HOST_RINGS }, (_, i) => this.nas.kring(na, tx, i));
  }
  #hostRx(na: number): number {
    return this.nas.kring(na, false, this.nas.count(na, false) - HOST_RINGS);
  }
  #queue(kr: number) {
    const { m } = this,
      q = m.alloc(L.MQ_SIZE);
    m.st32(q + L.MQ_LIMIT, m.ld32(kr + L.KR_NUM_SLOTS));
    m.st32(q + L.MIT_KR, kr);
    m.st32(kr + L.KR_HW, q);
    return q;
  }
  #queueGone(kr: number) {
    const { m } = this,
      q = m.ld32(kr + L.KR_HW);
    if (!q) return;
    this.ifs.mbufs.purge(q);
    m.st32(kr + L.KR_HW, 0);
    m.release(q, L.MQ_SIZE);
  }

  /** The host ring of a port, emulated or native, of the interface `ifp`: from here on the stack is disconnected. */
  hostRing(entry: AdapterEntry, ifp: number) {
    const { m } = this;
    this.#queue(this.#hostRx(entry.addr));
    m.st32(entry.addr + L.NA_HW, ifp);
    Atomics.store(m.u32, (ifp + L.IF_NA) >>> 2, entry.addr);
  }
  /** The stack has its interface back. As the writer of the stack's lock. */
  hostRingGone(entry: AdapterEntry) {
    const { m } = this,
      ifp = m.ld32(entry.addr + L.NA_HW);
    if (ifp) m.st32(ifp + L.IF_NA, 0);
    this.#queueGone(this.#hostRx(entry.addr));
  }

  /** generic_netmap_register on: an mbuf a TX slot, a queue an RX ring; then the interface's packets are ours. */
  on(entry: AdapterEntry) {
    const { m, ifs } = this,
      na = entry.addr;
    for (const kr of this.#rings(na, true)) {
      const n = m.ld32(kr + L.KR_NUM_SLOTS),
        pool = m.alloc(n * 4);
      m.st32(kr + L.KR_HW, pool);
      // if a thread is in the pool just now, txsync takes them one by one
      if (!ifs.mbufs.lock()) continue;
      for (let i = 0; i < n; i++) {
        const mb = ifs.mbufs.take();
        if (!mb) {
          this.m.log(`mbuf allocation failed for ${entry.name}, ${i} of ${n}`);
          break;
        }
        m.st32(pool + i * 4, mb);
      }
      ifs.mbufs.unlock();
    }
    let t = 0;
    for (const kr of this.#rings(na, false)) {
      const q = this.#queue(kr);
      while (m.ld32(ifs.stack + L.NST_TIMERS + t * 4)) t++;
      if (t < L.NST_TIMER_MAX) Atomics.store(m.u32, (ifs.stack + L.NST_TIMERS) / 4 + t, q);
    }
    this.hostRing(entry, m.ld32(na + L.NA_HW));
  }

  /** generic_netmap_register off, as the writer of the stack's lock, which is given up: what drivers still hold is theirs to free, and tells nobody. */
  off(entry: AdapterEntry) {
    const { m, ifs } = this,
      na = entry.addr;
    this.hostRingGone(entry);
    ifs.mbufs.forgetCookies(na, na + L.NA_KRINGS + (this.nas.count(na, true) + this.nas.count(na, false)) * L.KR_SIZE);
    for (const kr of this.#rings(na, true)) {
      const pool = m.ld32(kr + L.KR_HW),
        n = m.ld32(kr + L.KR_NUM_SLOTS);
      for (let i = 0; i < n; i++) if (m.ld32(pool + i * 4)) ifs.mbufs.drop(m.ld32(pool + i * 4));
      m.st32(kr + L.KR_HW, 0);
      m.release(pool, n * 4);
    }
    for (const kr of this.#rings(na, false)) {
      const q = m.ld32(kr + L.KR_HW);
      for (let t = 0; t < L.NST_TIMER_MAX; t++)
        if (m.ld32(ifs.stack + L.NST_TIMERS + t * 4) === q) m.st32(ifs.stack + L.NST_TIMERS + t * 4, 0);
      this.#queueGone(kr);
    }
    ifs.unlock();
  }
}

// Monitors, control plane: a port that looks on at another one. Mirrors netmap_get_monitor_na, netmap_monitor_add, _del and _stop
// of 2015 (facts netmap 1.12, 4.4); the data plane is wasm/net/netmap_monitor.ts. Callbacks of a kring are changed only while it
// is stopped and nobody is inside (hold), as nm_kr_stop does: one whose holder does not leave is asked again later.

import * as L from '../../wasm/layout.ts';
import * as R from '../bin/nmreq.ts';
import type { Kmem } from './kmem.ts';
import type { NetmapMem } from './netmap_mem.ts';
import { type Adapters, HOST_RINGS } from './netmap_na.ts';
import { interpRingid } from './netmap_ringid.ts';
import { bound } from './netmap_vale.ts';
import type { AdapterEntry, Errno, NetTree } from './tree.ts';

const MAXSLOTS = 4096;

/** Where a kring's own nm_notify is: behind its monitors' while they have put theirs in front. */
export function notifyWord(m: Pick<Kmem, 'ld32' | 'op'>, kr: number): number {
  const mon = m.ld32(kr + L.KR_MONITORS);
  return mon && m.ld32(kr + L.KR_NM_NOTIFY) === m.op(L.OP_MON_PARENT_NOTIFY) ? mon + L.MON_NM_NOTIFY : kr + L.KR_NM_NOTIFY;
}

export class Monitors {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly mem: NetmapMem,
    private readonly nas: Adapters,
    private readonly unref: (e: AdapterEntry) => void,
  ) {}

  /** netmap_get_monitor_na: a new monitor of a port in netmap mode; `get` finds the port, which counts one reference more. */
  port(r: R.Nmreq, get: (plain: R.Nmreq) => AdapterEntry | Errno): AdapterEntry | Errno {
    const { m } = this,
      plain = { ...r, nr_flags: r.nr_flags & ~(R.NR_MONITOR_TX | R.NR_MONITOR_RX | R.NR_ZCOPY_MON) },
      parent = get(plain);
    if (typeof parent === 'string') return parent;
    let made: AdapterEntry | Errno = 'ENOMEM';
    try {
      if (m.ld32(parent.addr + L.NA_FLAGS) & L.NAF_NETMAP_ON) made = this.#create(r, plain, parent);
      else {
        m.log(`${parent.name} not in netmap mode`);
        made = 'EINVAL';
      }
    } finally {
      if (typeof made === 'string') this.unref(parent);
    }
    return made;
  }

  #create(r: R.Nmreq, plain: R.Nmreq, parent: AdapterEntry): AdapterEntry | Errno {
    const { m, nas } = this,
      t = this.tree(),
      range = interpRingid(m, nas, parent, plain),
      zcopy = (r.nr_flags & R.NR_ZCOPY_MON) !== 0;
    if (typeof range === 'string') return range;
    const some = (first: number, n: number) => Array.from({ length: n }, (_, i) => first + i * L.KR_SIZE),
      krings = [
        ...(r.nr_flags & R.NR_MONITOR_TX ? some(range.tx, range.ntx) : []),
        ...(r.nr_flags & R.NR_MONITOR_RX ? some(range.rx, range.nrx) : []),
      ];
    for (const kr of krings) {
      const n = this.#count(kr);
      if (n && (zcopy || m.ld32(m.ld32(kr + L.KR_MONITORS) + L.MON_ZCOPY))) {
        const by = this.#kringNa(m.ld32(m.ld32(kr + L.KR_MONITORS) + L.MON_LIST));
        m.log(`ring ${parent.name} already monitored by ${by?.name ?? '?'}`);
        return 'EBUSY';
      }
      if (n >= L.MON_MAX) return 'ENOMEM';
    }
    const rings = Math.max(nas.count(parent.addr, true), nas.count(parent.addr, false)) - HOST_RINGS,
      txd = bound(r.nr_tx_slots, m.ld32(parent.addr + L.NA_NUM_TX_DESC), 1, MAXSLOTS),
      rxd = bound(r.nr_rx_slots, m.ld32(parent.addr + L.NA_NUM_RX_DESC), 1, MAXSLOTS),
      letters = `${zcopy ? 'z' : ''}${r.nr_flags & R.NR_MONITOR_RX ? 'r' : ''}${r.nr_flags & R.NR_MONITOR_TX ? 't' : ''}`;
    let k = 0;
    while (nas.find(`${parent.name}/${letters}#${k}`)) k++;
    const name = `${parent.name}/${letters}#${k}`;
    const mem = zcopy ? t.mems.find((e) => e.addr === parent.mem) : this.mem.private(name, 1, rings, txd, rxd, 0, 0);
    if (!mem) return 'EINVAL';
    try {
      const e = nas.create({
        name,
        kind: 'monitor',
        type: L.NA_MONITOR,
        mem,
        ntx: 1,
        nrx: rings,
        txd,
        rxd,
        flags: m.ld32(parent.addr + L.NA_FLAGS) & L.NAF_HOST_RINGS,
        sync: [L.OP_MON_TXSYNC, L.OP_MON_RXSYNC],
        ...(m.ld32(parent.addr + L.NA_FLAGS) & L.NAF_HOST_RINGS
          ? { hostSync: [L.OP_MON_TXSYNC, L.OP_MON_RXSYNC] as [number, number] }
          : {}),
      });
      m.st32(e.addr + L.NA_PARENT, parent.addr);
      e.monitor = { krings, zcopy };
      return e;
    } catch (x) {
      if (mem.refs === 0) this.mem.destroy(mem);
      throw x;
    }
  }

  /** The port that a monitor looks at, until that has left netmap mode. */
  parent(entry: AdapterEntry): AdapterEntry | undefined {
    return this.nas.at(this.m.ld32(entry.addr + L.NA_PARENT));
  }
  #count(kr: number) {
    const mon = this.m.ld32(kr + L.KR_MONITORS);
    return mon ? this.m.ld32(mon + L.MON_N) : 0;
  }
  #kringNa(kr: number) {
    return this.nas.at(this.m.ld32(kr + L.KR_NA));
  }

  /**
   * nm_kr_stop for what is going to change: the krings that a monitor looks at, and, when the port itself is leaving netmap mode,
   * those at which monitors look. Undefined: somebody is inside. What it answers is given back by release().
   */
  hold(entry: AdapterEntry, leaving: boolean): number[] | undefined {
    const { m } = this,
      mine = entry.monitor && this.parent(entry) ? entry.monitor.krings : [],
      theirs = leaving ? this.nas.krings(entry.addr).filter((kr) => this.#count(kr)) : [],
      all = [...mine, ...theirs].flatMap((kr) => [kr, ...(m.ld32(kr + L.KR_BUDDY) ? [m.ld32(kr + L.KR_BUDDY)] : [])]),
      at = (kr: number, f: number) => (kr + f) >>> 2;
    for (const kr of all) Atomics.store(m.u32, at(kr, L.KR_STOPPED), 1);
    if (all.every((kr) => !Atomics.load(m.u32, at(kr, L.KR_NR_BUSY)))) return all;
    this.release(all);
    return undefined;
  }
  /** nm_kr_start, of those that are still there. Who polled meanwhile has found the ring stopped: it looks again. */
  release(held: readonly number[]) {
    const { m } = this;
    for (const kr of held) {
      if (!this.#there(kr)) continue;
      Atomics.store(m.u32, (kr + L.KR_STOPPED) >>> 2, 0);
      const all = m.ld32(kr + L.KR_NA) + L.NA_SI + (m.ld32(kr + L.KR_TX) === L.NR_TX ? L.KR_SI_MAX * 4 : 0);
      for (const si of [kr + L.KR_SI, all])
        for (let i = 0; i < L.KR_SI_MAX; i++) {
          const td = Atomics.exchange(m.u32, (si >>> 2) + i, 0);
          if (!td) continue;
          m.selwakeup(td);
        }
    }
  }
  #there(kr: number) {
    return this.tree().adapters.some((a) => this.nas.krings(a.addr).includes(kr));
  }

  /** netmap_monitor_reg on. After hold(). */
  on(entry: AdapterEntry) {
    const { m } = this;
    for (const kr of entry.monitor?.krings ?? []) {
      let mon = m.ld32(kr + L.KR_MONITORS);
      if (!mon) {
        mon = m.alloc(L.MON_SIZE);
        m.st32(kr + L.KR_MONITORS, mon);
      }
      const n = m.ld32(mon + L.MON_N),
        tx = m.ld32(kr + L.KR_TX) === L.NR_TX,
        zcopy = entry.monitor?.zcopy;
      m.st32(mon + L.MON_LIST + n * 4, this.nas.kring(entry.addr, false, m.ld32(kr + L.KR_RING_ID)));
      m.st32(mon + L.MON_N, n + 1);
      if (n > 0) continue;
      m.st32(mon + L.MON_ZCOPY, zcopy ? 1 : 0);
      m.st32(mon + L.MON_TAIL, m.ld32(kr + L.KR_NR_HWTAIL));
      m.st32(mon + L.MON_NM_SYNC, m.ld32(kr + L.KR_NM_SYNC));
      m.st32(mon + L.MON_NM_NOTIFY, m.ld32(kr + L.KR_NM_NOTIFY));
      const sync = zcopy ? [L.OP_ZMON_PARENT_RXSYNC, L.OP_ZMON_PARENT_TXSYNC] : [L.OP_MON_PARENT_RXSYNC, L.OP_MON_PARENT_TXSYNC];
      m.st32(kr + L.KR_NM_SYNC, m.op(sync[tx ? 1 : 0] ?? 0));
      if (!tx && !zcopy) m.st32(kr + L.KR_NM_NOTIFY, m.op(L.OP_MON_PARENT_NOTIFY));
    }
  }

  /** netmap_monitor_reg off; nothing to restore once the port has left netmap mode. */
  off(entry: AdapterEntry) {
    if (!this.parent(entry)) return;
    for (const kr of entry.monitor?.krings ?? []) this.#del(kr, entry);
  }
  #del(kr: number, entry: AdapterEntry) {
    const { m } = this,
      mon = m.ld32(kr + L.KR_MONITORS),
      left = Array.from({ length: m.ld32(mon + L.MON_N) }, (_, i) => m.ld32(mon + L.MON_LIST + i * 4)).filter(
        (mkr) => m.ld32(mkr + L.KR_NA) !== entry.addr,
      );
    left.forEach((mkr, i) => {
      m.st32(mon + L.MON_LIST + i * 4, mkr);
    });
    m.st32(mon + L.MON_N, left.length);
    if (left.length) return;
    m.st32(kr + L.KR_NM_SYNC, m.ld32(mon + L.MON_NM_SYNC));
    if (notifyWord(m, kr) !== kr + L.KR_NM_NOTIFY) m.st32(kr + L.KR_NM_NOTIFY, m.ld32(mon + L.MON_NM_NOTIFY));
  }

  /** netmap_monitor_stop: a port leaves netmap mode; its monitors forget it. After hold(). */
  orphan(entry: AdapterEntry) {
    for (const e of this.tree().adapters.filter((a) => a.monitor && this.parent(a) === entry)) {
      this.off(e);
      this.m.st32(e.addr + L.NA_PARENT, 0);
      this.unref(entry);
    }
  }
}

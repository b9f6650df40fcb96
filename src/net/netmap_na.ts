// Adapters: one kernel object per port that can be opened, with its krings in the same allocation: TX rings, host TX ring, RX
// rings, host RX ring. Mirrors struct netmap_adapter and netmap_krings_create of 2015 (facts netmap 1.12, 2.1).

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import { addCounts, portCounts } from './totals.ts';
import type { AdapterEntry, NetTree, MemEntry } from './tree.ts';

/** Every adapter has one host ring each way, fake where there is no stack. */
export const HOST_RINGS = 1;

export interface NaSpec {
  name: string;
  kind: AdapterEntry['kind'];
  type: number;
  mem: MemEntry;
  ntx: number;
  nrx: number;
  txd: number;
  rxd: number;
  flags: number;
  /** Op numbers of txsync and rxsync, of the rings and of the host's. */
  sync: [number, number];
  hostSync?: [number, number];
}

export class Adapters {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
  ) {}

  find(name: string): AdapterEntry | undefined {
    return this.tree().adapters.find((a) => a.name === name);
  }
  at(addr: number): AdapterEntry | undefined {
    return this.tree().adapters.find((a) => a.addr === addr);
  }

  /** Rings a direction, host ring included. */
  count(na: number, tx: boolean) {
    return this.m.ld32(na + (tx ? L.NA_NUM_TX_RINGS : L.NA_NUM_RX_RINGS)) + HOST_RINGS;
  }
  kring(na: number, tx: boolean, i: number) {
    return this.m.ld32(na + (tx ? L.NA_TX_RINGS : L.NA_RX_RINGS)) + i * L.KR_SIZE;
  }
  /** All krings, in the order of ring_ofs. */
  krings(na: number): number[] {
    return [true, false].flatMap((tx) => Array.from({ length: this.count(na, tx) }, (_, i) => this.kring(na, tx, i)));
  }
  #bytes(na: number) {
    return L.NA_KRINGS + (this.count(na, true) + this.count(na, false)) * L.KR_SIZE;
  }

  create(s: NaSpec): AdapterEntry {
    const { m } = this,
      na = m.alloc(L.NA_KRINGS + (s.ntx + s.nrx + 2 * HOST_RINGS) * L.KR_SIZE);
    m.st32(na + L.NA_TYPE, s.type);
    m.st32(na + L.NA_FLAGS, s.flags);
    m.st32(na + L.NA_NUM_TX_RINGS, s.ntx);
    m.st32(na + L.NA_NUM_RX_RINGS, s.nrx);
    m.st32(na + L.NA_NUM_TX_DESC, s.txd);
    m.st32(na + L.NA_NUM_RX_DESC, s.rxd);
    m.st32(na + L.NA_MEM, s.mem.addr);
    m.st32(na + L.NA_TX_RINGS, na + L.NA_KRINGS);
    m.st32(na + L.NA_RX_RINGS, na + L.NA_KRINGS + (s.ntx + HOST_RINGS) * L.KR_SIZE);
    m.putString(na + L.NA_NAME, s.name, 32);
    for (const tx of [true, false])
      for (let i = 0; i < this.count(na, tx); i++) {
        const kr = this.kring(na, tx, i),
          host = i === (tx ? s.ntx : s.nrx),
          slots = tx ? s.txd : s.rxd,
          sync = host ? (s.hostSync ?? [L.OP_NULL_SYNC, L.OP_NULL_SYNC]) : s.sync;
        m.st32(kr + L.KR_NM_SYNC, m.op(sync[tx ? 0 : 1]));
        m.st32(kr + L.KR_NM_NOTIFY, m.op(L.OP_KRING_NOTIFY));
        m.st32(kr + L.KR_AS, m.as);
        m.st32(kr + L.KR_NUM_SLOTS, slots);
        m.st32(kr + L.KR_NA, na);
        m.st32(kr + L.KR_RING_ID, i);
        m.st32(kr + L.KR_TX, tx ? L.NR_TX : L.NR_RX);
        m.st32(kr + L.KR_MEM, s.mem.addr);
        m.st32(kr + L.KR_NR_KFLAGS, host && !s.hostSync ? L.NKR_FAKERING : 0);
        m.st32(kr + L.KR_NR_HWTAIL, tx ? slots - 1 : 0);
        m.st32(kr + L.KR_RTAIL, tx ? slots - 1 : 0);
        m.putString(kr + L.KR_NAME, s.name, 24);
      }
    s.mem.refs++;
    const entry: AdapterEntry = { addr: na, name: s.name, kind: s.kind, mem: s.mem.addr, refs: 1 };
    this.tree().adapters.push(entry);
    return entry;
  }

  /** What the port has counted goes to the totals, its memory back. The allocator is the caller's to give up. */
  destroy(entry: AdapterEntry) {
    const { m } = this,
      t = this.tree(),
      na = entry.addr;
    for (let i = 0; i < Math.max(this.count(na, true), this.count(na, false)) - HOST_RINGS; i++)
      addCounts(
        t.portTotals,
        entry.name,
        portCounts(
          m,
          i < this.count(na, true) - HOST_RINGS ? this.kring(na, true, i) : 0,
          i < this.count(na, false) - HOST_RINGS ? this.kring(na, false, i) : 0,
        ),
      );
    for (const kr of this.krings(na)) if (m.ld32(kr + L.KR_MONITORS)) m.release(m.ld32(kr + L.KR_MONITORS), L.MON_SIZE);
    m.release(na, this.#bytes(na));
    t.adapters = t.adapters.filter((a) => a !== entry);
  }
}

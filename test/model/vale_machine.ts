// A VALE switch on a machine beside its model: ports opened by the host's kernel, slots and buffers written by hand in both,
// syncs by the data plane's own functions in the free build. compare() says where the two differ.

import type { World } from '../../src/lab/world.ts';
import * as L from '../../wasm/layout.ts';
import { freshLab, wasmFile } from '../typed.ts';
import { commit, type Lease, reserve } from './lease.ts';
import { type Plane, RingAt, syncRing, writeSlot } from './plane.ts';
import type { Slot } from './ring.ts';
import { type Dropped, newRx, newSwitch, type Port, rxsync, type Switch, txsync } from './vale.ts';

export const must = <T>(x: T | undefined | null): T => {
  if (x === undefined || x === null) throw new Error('there is none');
  return x;
};

export class ValeBench {
  readonly w: World;
  readonly wasm: Plane;
  readonly sw: Switch;
  readonly n: number;
  /** Leases of senders elsewhere, by port, oldest first. */
  readonly open: Lease[][];
  readonly at: { tx: RingAt; rx: RingAt; bufs: number; size: number; na: number }[] = [];

  constructor(n: number, ports: number, seed = 1) {
    this.n = n;
    this.open = Array.from({ length: ports }, () => []);
    this.w = freshLab(n, 1, seed);
    const { m } = this.w;
    // a block that no thread has: the free build wants one for locks
    this.wasm = m.freeInstance(wasmFile('free'), m.block(L.THREAD_MAX - 1)) as unknown as Plane;
    this.sw = newSwitch();
    for (let i = 0; i < ports; i++) {
      const fd = this.w.host.netmap.open(1, `vale0:p${i}`);
      if (typeof fd === 'string') throw new Error(fd);
      const tx = new RingAt(m, fd.tx),
        rx = new RingAt(m, fd.rx),
        mem = m.ld32(fd.na + L.NA_MEM),
        pool = mem + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE,
        size = m.ld32(pool + L.POOL_OBJSIZE),
        bufs = m.ld32(mem + L.MEM_BASE) + m.ld32(pool + L.POOL_OFFSET);
      this.at.push({ tx, rx, bufs, size, na: fd.na });
      const port: Port = {
        tx: [{ n, hwcur: 0, hwtail: n - 1, slots: tx.slots() }],
        rx: [newRx(n, rx.slots())],
        pool: { total: m.ld32(pool + L.POOL_OBJTOTAL), size },
        buffers: new Map(),
        lastSmac: 0,
      };
      for (const s of [...tx.slots(), ...rx.slots()]) {
        m.touch(bufs + s.idx * size, size);
        port.buffers.set(s.idx, new Uint8Array(size));
      }
      this.sw.ports.push(port);
    }
  }
  port(i: number): Port {
    return must(this.sw.ports[i]);
  }
  tx(i: number) {
    return must(this.port(i).tx[0]);
  }
  rx(i: number) {
    return must(this.port(i).rx[0]);
  }
  set batch(n: number) {
    this.w.m.st32(L.MACHINE + L.M_BRIDGE_BATCH, n);
    this.sw.batch = n;
  }
  /** The user writes a slot of a ring, and bytes at the beginning of its buffer. */
  write(i: number, dir: 'tx' | 'rx', k: number, s: Slot, bytes?: number[]) {
    const at = must(this.at[i]),
      p = this.port(i);
    writeSlot(this.w.m, at[dir].ring, k, s);
    must(must(p[dir][0]).slots)[k] = { ...s };
    if (!bytes) return;
    must(p.buffers.get(s.idx)).set(bytes);
    this.w.m.u8.set(bytes, at.bufs + s.idx * at.size);
  }
  /** The user hands over slots up to `head`, by NIOCTXSYNC. */
  send(i: number, head: number): Dropped[] {
    const { tx } = must(this.at[i]);
    tx.user(head, head);
    if (!syncRing(this.wasm, tx, 'tx')) throw new Error('the lab refused what the model sends');
    return txsync(this.sw, i, 0, head);
  }
  /** The user gives back slots up to `head`, by NIOCRXSYNC. */
  release(i: number, head: number) {
    const { rx } = must(this.at[i]);
    rx.user(head, head);
    if (!syncRing(this.wasm, rx, 'rx')) throw new Error('the lab refused what the model releases');
    rxsync(this.rx(i), head);
  }

  /** A sender that is elsewhere leases slots of a port's ring, and completes later: in the model, its words put into the lab. */
  elsewhere(i: number, needed: number): Lease | undefined {
    const lease = reserve(this.rx(i).q, needed);
    if (lease) must(this.open[i]).push(lease);
    this.#putLeases(i);
    return lease;
  }
  completed(i: number, lease: Lease, used: number) {
    this.open[i] = must(this.open[i]).filter((l) => l !== lease);
    for (const z of commit(this.rx(i).q, lease, used).zero) {
      const s = must(this.rx(i).slots[z]);
      this.write(i, 'rx', z, { ...s, len: 0, flags: 0 });
    }
    this.#putLeases(i);
  }
  #putLeases(i: number) {
    const { q } = this.rx(i),
      { rx } = must(this.at[i]),
      { m } = this.w,
      leases = m.ld32(rx.kr + L.KR_LEASES);
    m.st32(rx.kr + L.KR_HWLEASE, q.hwlease);
    m.st32(rx.kr + L.KR_LEASE_IDX, q.leaseIdx);
    m.st32(rx.kr + L.KR_NR_HWTAIL, q.hwtail);
    q.leases.forEach((l, k) => {
      m.st32(leases + 4 * k, l ?? L.NR_NOSLOT);
    });
  }

  /** Entries of the lease array that count, in the lab and in the model: from the oldest open lease on. */
  #leases(i: number): [(number | null)[], (number | null)[]] {
    const at = this.w.m.ld32(must(this.at[i]).rx.kr + L.KR_LEASES),
      { q } = this.rx(i),
      oldest = this.open[i]?.[0],
      out: [(number | null)[], (number | null)[]] = [[], []];
    if (!oldest) return out;
    let k = oldest.idx;
    do {
      const got = this.w.m.ld32(at + 4 * k);
      out[0].push(got === L.NR_NOSLOT ? null : got);
      out[1].push(q.leases[k] ?? null);
      k = (k + 1) % this.n;
    } while (k !== q.leaseIdx);
    return out;
  }

  /** What differs, in words; nothing when the lab and the model agree. */
  compare(): string[] {
    const { m } = this.w,
      out: string[] = [],
      say = (what: string, got: unknown, want: unknown) => {
        if (JSON.stringify(got) !== JSON.stringify(want)) out.push(`${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
      };
    this.at.forEach((at, i) => {
      const p = this.port(i),
        tx = this.tx(i),
        { q, slots } = this.rx(i),
        gotTx = at.tx.words(),
        gotRx = at.rx.words();
      say(`p${i} tx hwcur, hwtail`, [gotTx.hwcur, gotTx.hwtail], [tx.hwcur, tx.hwtail]);
      say(`p${i} rx hwcur, hwtail, hwlease`, [gotRx.hwcur, gotRx.hwtail, m.ld32(at.rx.kr + L.KR_HWLEASE)], [q.hwcur, q.hwtail, q.hwlease]);
      say(`p${i} lease_idx`, m.ld32(at.rx.kr + L.KR_LEASE_IDX), q.leaseIdx);
      say(`p${i} leases`, ...this.#leases(i));
      const gotSlots = [at.tx.slots(), at.rx.slots()];
      [tx.slots, slots].forEach((want, d) => {
        want.forEach((s, k) => {
          say(`p${i} ${d ? 'rx' : 'tx'} slot ${k}`, gotSlots[d]?.[k], s);
        });
      });
      for (const [idx, want] of p.buffers) {
        const a = at.bufs + idx * at.size;
        if (Buffer.compare(m.u8.subarray(a, a + at.size), want) !== 0) {
          const byte = want.findIndex((b, k) => b !== m.u8[a + k]);
          say(`p${i} buffer ${idx} byte ${byte}`, m.u8[a + byte], want[byte]);
        }
      }
      say(`p${i} last_smac`, m.ld64(at.na + L.NA_LAST_SMAC), p.lastSmac);
    });
    const ht = must(this.w.tree.host.bridges[0]).addr + L.BDG_HT;
    this.sw.table.forEach((want, b) => {
      const got = { mac: m.ld64(ht + 16 * b), port: m.ld64(ht + 16 * b + 8) };
      if (got.mac !== want.mac || got.port !== want.port) say(`bucket ${b}`, got, want);
    });
    return out;
  }
}

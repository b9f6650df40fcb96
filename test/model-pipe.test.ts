// A pipe of the lab against the model of facts netmap 4.2: random filling, advancing and syncs of both ends, both ways, on
// rings of 2 to 16 slots; after each step all slots of all four rings, their indices, and who was notified.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { type End, newHalf, rxsync, txsync } from './model/pipe.ts';
import { type Plane, RingAt, syncRing, writeSlot } from './model/plane.ts';
import { distance } from './model/ring.ts';
import { freshLab, wasmFile } from './typed.ts';

type Dir = 'tx' | 'rx';
interface Op {
  end: 0 | 1;
  /** fill: slots to write and hand over; peek: cur runs ahead of head; swap: a TX buffer for an RX one. */
  what: 'fill' | 'give' | 'peek' | 'txsync' | 'rxsync' | 'swap';
  count: number;
  slot: { len: number; flags: number; ptr: number };
}

class PipeBench {
  readonly n: number;
  readonly #w;
  readonly #wasm: Plane;
  readonly #at: Record<Dir, RingAt>[];
  readonly ends: End[];

  constructor(n: number) {
    this.n = n;
    this.#w = freshLab(n);
    const { m } = this.#w;
    this.#wasm = m.freeInstance(wasmFile('free'), m.block(L.THREAD_MAX - 1)) as unknown as Plane;
    this.#at = ['vale2{1', 'vale2}1'].map((name) => {
      const fd = this.#w.host.netmap.open(1, name);
      if (typeof fd === 'string') throw new Error(fd);
      return { tx: new RingAt(m, fd.tx), rx: new RingAt(m, fd.rx) };
    });
    this.ends = this.#at.map((a) => ({ tx: newHalf(n, 'tx', a.tx.slots()), rx: newHalf(n, 'rx', a.rx.slots()) }));
  }
  #pair(end: 0 | 1) {
    const [at, me, peer] = [this.#at[end], this.ends[end], this.ends[1 - end]];
    if (!at || !me || !peer) throw new Error('no end');
    return { at, me, peer };
  }
  #user(end: 0 | 1, dir: Dir, head: number, cur: number) {
    const { at, me } = this.#pair(end);
    me[dir].r.head = head;
    me[dir].r.cur = cur;
    at[dir].user(head, cur);
  }
  run(op: Op) {
    const { at, me, peer } = this.#pair(op.end),
      { n } = this;
    const own = (dir: Dir) => distance(n, me[dir].r.head, me[dir].r.tail);
    if (op.what === 'fill') {
      const count = Math.min(op.count, own('tx')),
        { head } = me.tx.r;
      for (let i = 0; i < count; i++) {
        const k = (head + i) % n,
          slot = { ...me.tx.slots[k], idx: me.tx.slots[k]?.idx ?? 0, ...op.slot, len: (op.slot.len + i) & 0xffff };
        me.tx.slots[k] = slot;
        writeSlot(this.#w.m, at.tx.ring, k, slot);
      }
      this.#user(op.end, 'tx', (head + count) % n, (head + count) % n);
    } else if (op.what === 'give') {
      const to = (me.rx.r.head + Math.min(op.count, own('rx'))) % n;
      this.#user(op.end, 'rx', to, to);
    } else if (op.what === 'peek') {
      this.#user(op.end, 'rx', me.rx.r.head, (me.rx.r.head + Math.min(op.count, own('rx'))) % n);
    } else if (op.what === 'swap' && own('tx') && own('rx')) {
      const [t, r] = [me.tx.r.head, me.rx.r.head],
        [a, b] = [me.tx.slots[t], me.rx.slots[r]];
      if (!a || !b) throw new Error('no slot');
      me.tx.slots[t] = { ...a, idx: b.idx, flags: a.flags | 1 };
      me.rx.slots[r] = { ...b, idx: a.idx, flags: b.flags | 1 };
      writeSlot(this.#w.m, at.tx.ring, t, me.tx.slots[t]);
      writeSlot(this.#w.m, at.rx.ring, r, me.rx.slots[r]);
    } else if (op.what === 'txsync') {
      if (!syncRing(this.#wasm, at.tx, 'tx')) throw new Error('refused');
      txsync(me.tx, peer.rx);
    } else if (op.what === 'rxsync') {
      if (!syncRing(this.#wasm, at.rx, 'rx')) throw new Error('refused');
      rxsync(me.rx, peer.tx);
    }
  }
  lab() {
    const half = (a: RingAt) => ({ r: a.words(), slots: a.slots(), notified: this.#w.m.ld64(a.kr + L.KR_STAT_NOTIFY) });
    return this.#at.map((a) => ({ tx: half(a.tx), rx: half(a.rx) }));
  }
}

const op = fc.record<Op>({
  end: fc.constantFrom(0, 1),
  what: fc.constantFrom('fill', 'fill', 'give', 'peek', 'txsync', 'txsync', 'rxsync', 'rxsync', 'swap'),
  count: fc.integer({ min: 0, max: 16 }),
  slot: fc.record({ len: fc.nat(0xffff), flags: fc.constantFrom(0, 1, 2, 32, 33, 0x300), ptr: fc.nat(1e9) }),
});

describe.each([2, 3, 4, 5, 8, 16])('a pipe of %i slots', (n) => {
  it('random sequences', () => {
    let moved = 0,
      stopped = 0;
    fc.assert(
      fc.property(fc.array(op, { minLength: 40, maxLength: 120 }), (ops) => {
        const p = new PipeBench(n),
          buffers = () => p.lab().flatMap((e) => [...e.tx.slots, ...e.rx.slots].map((s) => s.idx)),
          all = buffers().sort((a, b) => a - b);
        expect(p.lab()).toEqual(p.ends);
        for (const [i, o] of ops.entries()) {
          p.run(o);
          expect(p.lab(), `step ${i}: ${o.what} at end ${o.end}`).toEqual(p.ends);
          const { tx } = p.ends[o.end] ?? { tx: undefined };
          if (o.what === 'txsync' && tx && tx.r.hwcur !== tx.r.rhead) stopped++;
        }
        expect(
          buffers().sort((a, b) => a - b),
          'buffers only change places',
        ).toEqual(all);
        for (const e of p.ends) moved += e.rx.notified;
      }),
      { seed: 42 + n, numRuns: 40 },
    );
    expect(moved).toBeGreaterThan(20);
    expect(stopped, 'back-pressure was met').toBeGreaterThan(5);
  });
});

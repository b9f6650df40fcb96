// Both ends of a pipe inside their syncs at once, on the step build, access by access in random order: the rings then are as
// the model (facts netmap 4.2) leaves them after one of the two orders of each direction's txsync and rxsync.

import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { type End, type Half, newHalf, pipeRxsync, pipeTxsync } from './model/pipe.ts';
import { type Plane, RingAt, writeSlot } from './model/plane.ts';
import { distance, finalize, rxsyncPrologue, txsyncPrologue } from './model/ring.ts';
import { SyncThreads } from './model/threads.ts';
import { must } from './model/vale_machine.ts';
import { prng } from './sending.ts';
import { freshLab, wasmFile } from './typed.ts';

const copy = <T>(x: T): T => JSON.parse(JSON.stringify(x)) as T;

describe.each([
  [2, 0],
  [4, 0],
  [8, 0],
  [5, 8],
])('a pipe of %i slots, store buffers of %i', (n, tso) => {
  it('every result is one of the model’s', () => {
    const w = freshLab(n),
      { m } = w,
      random = prng(n + tso),
      free = m.freeInstance(wasmFile('free'), m.block(L.THREAD_MAX - 1)) as unknown as Plane,
      threads = new SyncThreads(m, 4, tso);
    const at = ['vale2{1', 'vale2}1'].map((name) => {
      const fd = w.host.netmap.open(1, name);
      if (typeof fd === 'string') throw new Error(fd);
      return { tx: new RingAt(m, fd.tx), rx: new RingAt(m, fd.rx) };
    });
    const [a, b] = [must(at[0]), must(at[1])];
    const ends: End[] = at.map((e) => ({ tx: newHalf(n, 'tx', e.tx.slots()), rx: newHalf(n, 'rx', e.rx.slots()) }));
    const half = (r: RingAt): Half => ({ r: r.words(), slots: r.slots(), notified: m.ld64(r.kr + L.KR_STAT_NOTIFY) });
    const seen = { several: 0, txFirst: 0, rxFirst: 0 };
    for (let i = 0; i < 400; i++) {
      // both users of both directions set their indices, and are let in
      for (const e of [0, 1]) {
        const me = must(ends[e]),
          where = must(at[e]);
        const { tx, rx } = me;
        for (let k = random(n), left = distance(n, tx.r.head, tx.r.tail); k > 0 && left > 0; k--, left--) {
          const slot = { ...must(tx.slots[tx.r.head]), len: random(2048), flags: random(3) ? 0 : 32, ptr: random(1e6) };
          tx.slots[tx.r.head] = slot;
          writeSlot(m, where.tx.ring, tx.r.head, slot);
          tx.r.head = tx.r.cur = (tx.r.head + 1) % n;
        }
        rx.r.head = rx.r.cur = (rx.r.head + random(distance(n, rx.r.head, rx.r.tail) + 1)) % n;
        for (const dir of ['tx', 'rx'] as const) where[dir].user(me[dir].r.head, me[dir].r.cur);
        expect(txsyncPrologue(tx.r)).toBe(free.nm_txsync_prologue(where.tx.kr));
        expect(rxsyncPrologue(rx.r)).toBe(free.nm_rxsync_prologue(where.rx.kr));
      }
      threads.run([a.tx.kr, b.rx.kr, b.tx.kr, a.rx.kr], (going) => must(going[random(going.length)]), random);
      for (const [s, r] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const [tx, rx] = [must(ends[s]).tx, must(ends[r]).rx],
          first = copy({ tx, rx }),
          second = copy({ tx, rx });
        pipeTxsync(first.tx, first.rx);
        pipeRxsync(first.rx, first.tx);
        pipeRxsync(second.rx, second.tx);
        pipeTxsync(second.tx, second.rx);
        for (const x of [must(at[s]).tx, must(at[r]).rx]) x.finalize();
        for (const x of [first, second]) {
          finalize(x.tx.r);
          finalize(x.rx.r);
        }
        const got = JSON.stringify({ tx: half(must(at[s]).tx), rx: half(must(at[r]).rx) }),
          orders = [first, second].map((x) => JSON.stringify(x));
        expect(orders, `round ${i}`).toContain(got);
        if (orders[0] !== orders[1]) {
          seen.several++;
          if (got === orders[0]) seen.txFirst++;
          else seen.rxFirst++;
        }
        const now = got === orders[0] ? first : second;
        must(ends[s]).tx = now.tx;
        must(ends[r]).rx = now.rx;
      }
    }
    expect(Math.min(seen.txFirst, seen.rxFirst), 'both orders were met').toBeGreaterThan(3);
  });
});

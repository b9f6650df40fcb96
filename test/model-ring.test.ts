// The lab's prologues and re-initialisation against the model of facts netmap 2.1 to 2.5, rings of 2 to 16 slots: every state
// of the kernel's words, users' indices in and out of range up to 2^32-1, tails overwritten. The free build, called directly.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { freshPlane, ringWords } from './model/plane.ts';
import { distance, finalize, newRing, reinit, type Ring, rxsyncPrologue, type Slot, txsyncPrologue } from './model/ring.ts';

const KR = 0x60000,
  RING = 0x61000,
  MEM = 0x62000; // any free addresses
const { wasm, u32, u16, u64 } = freshPlane();
const AT = ringWords(KR, RING);
const HUGE = [2 ** 31, 2 ** 32 - 1];
const SIZES = Array.from({ length: 15 }, (_, i) => i + 2);

function pool(total: number, size: number) {
  const p = (MEM + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE) >>> 2;
  u32[p + L.POOL_OBJTOTAL / 4] = total;
  u32[p + L.POOL_OBJSIZE / 4] = size;
}
function place(n: number) {
  u32.fill(0, KR >>> 2, (RING + 0x1000) >>> 2);
  u32[(KR + L.KR_RING) >>> 2] = RING;
  u32[(KR + L.KR_NUM_SLOTS) >>> 2] = n;
  u32[(KR + L.KR_MEM) >>> 2] = MEM;
  pool(1000, 2048);
  for (let i = 0; i < n; i++) u32[(RING + L.RING_SLOT + i * L.SLOT_SIZE) >>> 2] = 2 + i;
}
function put(r: Ring) {
  u32[AT.hwcur] = r.hwcur;
  u32[AT.hwtail] = r.hwtail;
  u32[AT.rhead] = r.rhead;
  u32[AT.rcur] = r.rcur;
  u32[AT.rtail] = r.rtail;
  u32[AT.head] = r.head;
  u32[AT.cur] = r.cur;
  u32[AT.tail] = r.tail;
}
const same = (r: Ring) =>
  u32[AT.hwcur] === r.hwcur &&
  u32[AT.hwtail] === r.hwtail &&
  u32[AT.rhead] === r.rhead &&
  u32[AT.rcur] === r.rcur &&
  u32[AT.rtail] === r.rtail &&
  u32[AT.head] === r.head &&
  u32[AT.cur] === r.cur &&
  u32[AT.tail] === r.tail;
const now = () => Object.fromEntries(Object.entries(AT).map(([k, a]) => [k, u32[a]]));

type Real = (kr: number) => number;
/** Lab and model from one state; the difference, if any. Both change their state. */
function differ(r: Ring, real: Real, model: (r: Ring) => number): object | undefined {
  put(r);
  const { n, hwcur, hwtail, rhead, rcur, rtail, head, cur, tail } = r;
  const got = real(KR) >>> 0,
    want = model(r);
  if (got === want && same(r)) return undefined;
  return { before: { n, hwcur, hwtail, rhead, rcur, rtail, head, cur, tail }, got, want, after: now(), wanted: { ...r } };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
/** Users' indices: all in the ring, the next two, and the largest. */
const users = (n: number) => [...upTo(n + 2), ...HUGE];

describe.each(SIZES)('a ring of %i slots', (n) => {
  it('txsync prologue', () => {
    place(n);
    const r = newRing(n, 'tx');
    let first: object | undefined,
      tried = 0,
      good = 0;
    for (const rhead of upTo(n))
      for (const rtail of upTo(n)) {
        const heads = users(n);
        for (const hwcur of upTo(n))
          for (const hwtail of upTo(n))
            for (const head of heads)
              for (const cur of heads) {
                r.hwcur = hwcur;
                r.hwtail = hwtail;
                r.rhead = rhead;
                r.rtail = rtail;
                r.rcur = 77;
                r.head = head;
                r.cur = cur;
                r.tail = ++tried % 3 ? rtail : (tried % n) + 1; // a third of the users overwrote it
                first ??= differ(r, wasm.nm_txsync_prologue, txsyncPrologue);
                if (r.rcur !== 77) good++;
              }
      }
    expect(first).toBeUndefined();
    expect(good).toBeGreaterThan(tried / 20);
    expect(tried - good).toBeGreaterThan(tried / 10);
  });

  it('rxsync prologue', () => {
    place(n);
    const r = newRing(n, 'rx');
    let first: object | undefined,
      tried = 0;
    for (const hwcur of upTo(n))
      for (const hwtail of upTo(n)) {
        const heads = users(n);
        for (const rhead of upTo(n))
          for (const head of heads)
            for (const cur of heads) {
              r.hwcur = hwcur;
              r.hwtail = hwtail;
              r.rhead = rhead;
              r.rtail = (hwtail + rhead) % n;
              r.rcur = 77;
              r.head = head;
              r.cur = cur;
              r.tail = ++tried % 3 ? r.rtail : (tried % n) + 1;
              first ??= differ(r, wasm.nm_rxsync_prologue, rxsyncPrologue);
            }
      }
    expect(first).toBeUndefined();
  });

  it('re-initialisation', () => {
    place(n);
    const r = newRing(n, 'rx'),
      all = users(n);
    let first: object | undefined;
    for (const hwcur of upTo(n))
      for (const hwtail of upTo(n))
        for (const head of all)
          for (const cur of all)
            for (const tail of all) {
              r.hwcur = hwcur;
              r.hwtail = hwtail;
              r.rhead = 91;
              r.rcur = 92;
              r.rtail = 93;
              r.head = head;
              r.cur = cur;
              r.tail = tail;
              first ??= differ(r, wasm.netmap_ring_reinit, reinit);
            }
    expect(first).toBeUndefined();
  });

  it('words of the kernel beyond the ring', () => {
    place(n);
    const bad = [n, n + 1, ...HUGE],
      words = ['hwcur', 'hwtail', 'rhead', 'rtail'] as const;
    for (const word of words)
      for (const v of bad)
        for (const head of [0, n - 1, v])
          for (const cur of [0, n - 1, v])
            for (const tail of [0, n - 1]) {
              const r = { ...newRing(n, 'tx'), rcur: 77, head, cur, tail, [word]: v };
              expect(differ({ ...r }, wasm.nm_txsync_prologue, txsyncPrologue)).toBeUndefined();
              expect(differ({ ...r }, wasm.nm_rxsync_prologue, rxsyncPrologue)).toBeUndefined();
            }
  });
});

const SEEDED = { seed: 20150813, numRuns: 3000 };
const word = (n: number) => fc.oneof({ weight: 6, arbitrary: fc.nat(n - 1) }, fc.nat(n + 2), fc.constantFrom(...HUGE));
const anyRing = fc.integer({ min: 2, max: 16 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    hwcur: fc.nat(n - 1),
    hwtail: fc.nat(n - 1),
    rhead: fc.nat(n - 1),
    rcur: fc.nat(n - 1),
    rtail: fc.nat(n - 1),
    head: word(n),
    cur: word(n),
    tail: word(n),
  }),
);

describe('any ring', () => {
  /** The words of kring and ring that change and that no fact speaks of: the lab's counters. */
  const COUNTERS = [L.KR_STAT_REINIT, L.KR_STAT_REINIT + 4].map((o) => (KR + o) >>> 2);
  it('nothing but the words of the text changes', () => {
    fc.assert(
      fc.property(anyRing, fc.constantFrom('tx', 'rx', 'reinit'), (r, which) => {
        place(r.n);
        put(r);
        const before = u32.slice(KR >>> 2, (MEM + 0x1000) >>> 2);
        if (which === 'tx') wasm.nm_txsync_prologue(KR);
        else if (which === 'rx') wasm.nm_rxsync_prologue(KR);
        else wasm.netmap_ring_reinit(KR);
        const words: number[] = [...Object.values(AT), ...COUNTERS];
        const changed = [...before.keys()].map((i) => i + (KR >>> 2)).filter((i) => u32[i] !== before[i - (KR >>> 2)]);
        expect(changed.filter((i) => !words.includes(i))).toEqual([]);
        for (const w of [AT.hwcur, AT.hwtail]) expect(changed).not.toContain(w);
      }),
      SEEDED,
    );
  });

  it('re-initialisation repairs slots as the model does', () => {
    const slot = fc.record({
      idx: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(99, 100, 101, 2 ** 31, 2 ** 32 - 1)),
      len: fc.oneof(fc.nat(70), fc.constantFrom(2047, 2048, 2049, 65535)),
      flags: fc.nat(0xffff),
      ptr: fc.nat(1e9),
    });
    fc.assert(
      fc.property(
        anyRing.chain((r) => fc.tuple(fc.constant(r), fc.array(slot, { minLength: r.n, maxLength: r.n }))),
        ([r, slots]) => {
          place(r.n);
          pool(100, 2048);
          put(r);
          const at = (i: number) => RING + 256 + 16 * i;
          slots.forEach((s, i) => {
            u32[at(i) >>> 2] = s.idx;
            u16[(at(i) + 4) >>> 1] = s.len;
            u16[(at(i) + 6) >>> 1] = s.flags;
            u64[(at(i) + 8) >>> 3] = BigInt(s.ptr);
          });
          const got = wasm.netmap_ring_reinit(KR),
            want = { ...r },
            wanted: Slot[] = slots.map((s) => ({ ...s }));
          expect(got).toBe(reinit(want, wanted, { total: 100, size: 2048 }));
          expect(now()).toEqual({ ...want, n: undefined });
          expect(
            slots.map((_, i) => ({
              idx: u32[at(i) >>> 2],
              len: u16[(at(i) + 4) >>> 1],
              flags: u16[(at(i) + 6) >>> 1],
              ptr: Number(u64[(at(i) + 8) >>> 3]),
            })),
          ).toEqual(wanted);
        },
      ),
      SEEDED,
    );
  });

  it('sequences: prologue, then as an ioctl does, re-initialise or finalize; the lab and the model stay together', () => {
    const step = fc.record({ head: fc.nat(40), cur: fc.nat(40), tail: fc.option(fc.nat(40)), done: fc.nat(15) });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16 }), fc.constantFrom('tx', 'rx'), fc.array(step, { maxLength: 30 }), (n, dir, steps) => {
        place(n);
        const r = newRing(n, dir);
        put(r);
        for (const s of steps) {
          const wrong = s.head > 34; // else a step within what the user owns
          const space = distance(n, r.head, r.tail % n);
          r.head = wrong ? s.head : (r.head + (s.head % (space + 1))) % n;
          r.cur = wrong ? s.cur : r.head;
          if (s.tail !== null && wrong) r.tail = s.tail;
          u32[AT.head] = r.head;
          u32[AT.cur] = r.cur;
          u32[AT.tail] = r.tail;
          const got = dir === 'tx' ? wasm.nm_txsync_prologue(KR) : wasm.nm_rxsync_prologue(KR),
            want = dir === 'tx' ? txsyncPrologue(r) : rxsyncPrologue(r);
          expect(got >>> 0).toBe(want);
          if (want >= n) {
            expect(wasm.netmap_ring_reinit(KR)).toBe(reinit(r));
          } else {
            // a backend that took everything, and gives some back
            r.hwcur = r.rhead;
            r.hwtail = (r.hwtail + (s.done % (distance(n, r.hwtail, (r.hwcur + n - 1) % n) + 1))) % n;
            finalize(r);
            put(r);
          }
          expect(now()).toEqual({ ...r, n: undefined });
        }
      }),
      { ...SEEDED, numRuns: 1000 },
    );
  });
});

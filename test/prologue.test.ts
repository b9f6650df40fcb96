// Oracle: the prologues of txsync and rxsync and the ring's re-initialisation (facts netmap 2.2 to 2.4), every state of
// rings of 2 to 5 slots with indices up to n + 1, against models written from the text. The free build, in private memory.

import { describe, expect, it } from 'vitest';
import { forMemory } from '../src/sim/machine.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './typed.ts';

interface Exports {
  nm_txsync_prologue(kr: number): number;
  nm_rxsync_prologue(kr: number): number;
  netmap_ring_reinit(kr: number): number;
}
const BLOCK = L.THREADS,
  KR = 0x60000,
  RING = 0x61000,
  MEM = 0x62000; // any free addresses
const memory = new WebAssembly.Memory({ initial: 64, maximum: 16384 });
const u32 = new Uint32Array(memory.buffer),
  u16 = new Uint16Array(memory.buffer);
const wasm = new WebAssembly.Instance(new WebAssembly.Module(forMemory(wasmFile('free'), false)), {
  env: { memory, self: new WebAssembly.Global({ value: 'i32', mutable: false }, BLOCK) },
  asyncify: { start_unwind() {}, stop_unwind() {}, start_rewind() {}, stop_rewind() {} },
}).exports as unknown as Exports;

const at = (a: number) => u32[a >>> 2] ?? 0;
const put = (a: number, v: number) => {
  u32[a >>> 2] = v;
};

/** Everything that a prologue may read or write. */
interface State {
  hwcur: number;
  hwtail: number;
  rhead: number;
  rcur: number;
  rtail: number;
  head: number;
  cur: number;
  tail: number;
}
const WORDS: Record<keyof State, number> = {
  hwcur: KR + L.KR_NR_HWCUR,
  hwtail: KR + L.KR_NR_HWTAIL,
  rhead: KR + L.KR_RHEAD,
  rcur: KR + L.KR_RCUR,
  rtail: KR + L.KR_RTAIL,
  head: RING + L.RING_HEAD,
  cur: RING + L.RING_CUR,
  tail: RING + L.RING_TAIL,
};
const KEYS = Object.keys(WORDS) as (keyof State)[];
const load = () => Object.fromEntries(KEYS.map((k) => [k, at(WORDS[k])])) as unknown as State;
function store(n: number, s: State) {
  put(KR + L.KR_RING, RING);
  put(KR + L.KR_AS, 0);
  put(KR + L.KR_NUM_SLOTS, n);
  put(KR + L.KR_MEM, MEM);
  for (const k of KEYS) put(WORDS[k], s[k]);
}
const same = (a: State, b: State) => KEYS.every((k) => a[k] === b[k]);

/** Facts 2.2. Answers the returned value; changes the state. */
function txModel(n: number, s: State): number {
  if ([s.rhead, s.hwcur, s.rtail, s.hwtail].some((x) => x >= n)) return n; // 1: the kernel's own words
  const within = (x: number, lo: number, hi: number) => lo <= x && x <= hi,
    strictly = (x: number, lo: number, hi: number) => lo < x && x < hi;
  let ok: boolean;
  if (s.rhead <= s.rtail)
    ok = within(s.head, s.rhead, s.rtail) && within(s.cur, s.head, s.rtail); // 2
  else if (strictly(s.head, s.rtail, s.rhead))
    ok = false; // 3
  else ok = s.head <= s.rtail ? within(s.cur, s.head, s.rtail) : !strictly(s.cur, s.rtail, s.head);
  if (!ok) return n;
  s.tail = s.rtail; // 4
  s.rhead = s.head; // 5
  s.rcur = s.cur;
  return s.head;
}

/** Facts 2.3. */
function rxModel(n: number, s: State): number {
  s.rcur = s.cur; // 1: before validation
  s.rhead = s.head;
  if (s.hwcur >= n || s.hwtail >= n) return n; // 2
  /** Steps 3 and 4: x relative to the range from lo to hi, plain comparisons. */
  const fits = (x: number, lo: number, hi: number) => (hi >= lo ? lo <= x && x <= hi : !(hi < x && x < lo));
  if (!fits(s.head, s.hwcur, s.hwtail) || !fits(s.cur, s.head, s.hwtail)) return n;
  s.tail = s.rtail; // 5
  return s.head;
}

function* states(n: number, names: (keyof State)[], fixed: State): Generator<State> {
  const s = { ...fixed },
    go = function* (i: number): Generator<State> {
      const k = names[i];
      if (k === undefined) {
        yield s;
        return;
      }
      for (let v = 0; v <= n + 1; v++) {
        s[k] = v;
        yield* go(i + 1);
      }
    };
  yield* go(0);
}
const ZERO: State = { hwcur: 0, hwtail: 0, rhead: 0, rcur: 77, rtail: 0, head: 0, cur: 0, tail: 99 };

/** Runs the function on every state; answers the first that differs from the model, and how many succeeded. */
function compare(n: number, names: (keyof State)[], real: (kr: number) => number, model: (n: number, s: State) => number, fixed = ZERO) {
  let first: object | undefined,
    good = 0,
    odd = 0;
  for (const s of states(n, names, fixed)) {
    store(n, s);
    const want = { ...s },
      wanted = model(n, want),
      got = real(KR),
      after = load();
    if ((got !== wanted || !same(want, after)) && !first) first = { n, before: { ...s }, got, wanted, after, want };
    if (wanted < n) good++;
    if (wanted > n || (wanted < n && want.rcur >= n)) odd++;
  }
  return { first, good, odd };
}

describe.each([2, 3, 4, 5])('a ring of %i slots', (n) => {
  it('txsync prologue', () => {
    const r = compare(n, ['hwcur', 'hwtail', 'rhead', 'rtail', 'head', 'cur'], (kr) => wasm.nm_txsync_prologue(kr), txModel);
    expect(r.first).toBeUndefined();
    expect(r.good).toBeGreaterThan(n ** 4);
    expect(r.odd, 'the quirks of plain comparisons are kept').toBeGreaterThan(0);
  });
  it('rxsync prologue', () => {
    for (const rtail of [0, n - 1]) {
      const r = compare(n, ['hwcur', 'hwtail', 'head', 'cur'], (kr) => wasm.nm_rxsync_prologue(kr), rxModel, { ...ZERO, rtail });
      expect(r.first).toBeUndefined();
      expect(r.good).toBeGreaterThan(n ** 3 - 1);
      expect(r.odd).toBeGreaterThan(0);
    }
  });
  it('for indices below n both are the cyclic order head, cur, tail from where the kernel stands', () => {
    const d = (to: number, from: number) => (to - from + n) % n;
    const wrong: object[] = [];
    for (const s of states(n - 2, ['hwcur', 'hwtail', 'head', 'cur'], ZERO)) {
      const order = d(s.head, s.hwcur) <= d(s.hwtail, s.hwcur) && d(s.cur, s.head) <= d(s.hwtail, s.head);
      store(n, s);
      const rx = wasm.nm_rxsync_prologue(KR) < n;
      store(n, { ...s, rhead: s.hwcur, rtail: s.hwtail });
      const tx = wasm.nm_txsync_prologue(KR) < n;
      if (rx !== order || tx !== order) wrong.push({ ...s, order, rx, tx });
    }
    expect(wrong).toEqual([]);
  });
  it('re-initialisation: indices', () => {
    pool(100, 2048);
    for (let i = 0; i < n; i++) slot(i, 2 + i, 60);
    let first: object | undefined;
    for (const s of states(n, ['hwcur', 'hwtail', 'head', 'cur', 'tail'], { ...ZERO, rhead: 50, rtail: 51 })) {
      store(n, s);
      const got = wasm.netmap_ring_reinit(KR),
        after = load(),
        errors = [s.head, s.cur, s.tail].some((x) => x > n - 1);
      const want: State = errors
        ? { ...s, head: s.hwcur, cur: s.hwcur, tail: s.hwtail, rhead: s.hwcur, rcur: s.hwcur, rtail: s.hwtail }
        : { ...s, rhead: s.head, rcur: s.cur, rtail: s.tail };
      if ((got !== (errors ? 1 : 0) || !same(want, after)) && !first) first = { before: { ...s }, got, after, want };
    }
    expect(first).toBeUndefined();
  });
  it('re-initialisation: slots are repaired, which is no error', () => {
    const total = 100,
      size = 2048;
    pool(total, size);
    for (const idx of [0, 1, 2, 3, total - 1, total, total + 1, 0xffffffff])
      for (const len of [0, 1, size - 1, size, size + 1, 65535])
        for (let where = 0; where < n; where++) {
          for (let i = 0; i < n; i++) slot(i, 10 + i, 60);
          slot(where, idx, len);
          store(n, { ...ZERO, tail: n - 1, hwtail: n - 1 });
          expect(wasm.netmap_ring_reinit(KR)).toBe(0);
          const bad = idx < 2 || idx >= total;
          expect(
            Array.from({ length: n }, (_, i) => [at(slotAt(i)), u16[(slotAt(i) + 4) >>> 1]]),
            `${idx} ${len} at ${where}`,
          ).toEqual(Array.from({ length: n }, (_, i) => (i !== where ? [10 + i, 60] : bad ? [0, 0] : [idx, len > size ? 0 : len])));
        }
  });
});

const slotAt = (i: number) => RING + 256 + 16 * i;
function slot(i: number, idx: number, len: number) {
  put(slotAt(i), idx);
  put(slotAt(i) + 4, len);
}
function pool(total: number, size: number) {
  const p = MEM + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE;
  put(p + L.POOL_OBJTOTAL, total);
  put(p + L.POOL_OBJSIZE, size);
}

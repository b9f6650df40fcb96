// The explorer's control plane: what of the machine is a state, memory for the search (wasm/sim/explore.ts), and what it found.
// It runs on a machine of its own or on the lab's while parked; either way the machine is as it was when it comes back.

import * as L from '../../wasm/layout.ts';
import type { Machine } from '../sim/machine.ts';

/** Bytes that are statistics or time, [from, to): no part of a state. */
export type NotState = readonly [from: number, to: number][];
export interface ExploreOptions {
  ignore: NotState;
  /** u64 words of time: only whether they are set is a state. */
  flags: readonly number[];
  /** Judges a state in which nobody can move: a sentence, or undefined when it is as it should be. */
  judge: () => string | undefined;
  /** States at most; memory of the tables in MiB at most. */
  limit: number;
  memoryMiB?: number;
  /** False: every access is a choice, also those that nobody else can notice. */
  reduce?: boolean;
  /** Words that change and change back between looks: locks that are counters. */
  also?: readonly number[];
}
export interface Verdict {
  states: number;
  moves: number;
  /** States in which nobody can move, and how many of them are wrong. */
  terminal: number;
  bad: number;
  /** Every state was expanded. */
  complete: boolean;
  /** Why not: the limit, or no memory left for the tables. */
  stopped?: 'states' | 'memory';
  /** Declared state, bytes. */
  bytes: number;
  /** The shortest way to the first wrong state: its moves, silent ones included, and what is wrong. */
  trace: { moves: Move[]; why: string } | undefined;
}
export interface Move {
  thread: number;
  drain: boolean;
}

const SLICE = 4096,
  TERMINALS = 65_536,
  LOG = 4096,
  OWN_SLOTS = 16_384,
  STACK_SEEN = 2048;
const EX_MORE = 1,
  EX_FULL = 2,
  EX_UNSOUND = 3,
  EX_FOUND = 4;
const up2 = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(16, n)));

/** Searches every schedule from the machine's present moment. */
export function explore(m: Machine, o: ExploreOptions): Verdict {
  const s = new Search(m, o);
  try {
    return s.run();
  } finally {
    s.end();
  }
}

class Search {
  readonly #root: Map<number, Uint32Array>;
  #pages: number[] = [];
  /** Words that are state, by address. */
  readonly #words = new Set<number>();
  /** Words that change and are no state, and what they are at the root. */
  readonly #still = new Map<number, number>();
  readonly #not: (addr: number) => number;
  #ex = 0;
  #own = 0;
  #held: [addr: number, bytes: number][] = [];

  constructor(
    private readonly m: Machine,
    private readonly o: ExploreOptions,
  ) {
    const frames = (p: number) => p * L.PAGE >= L.FRAMES_RESERVED && p * L.PAGE < L.FRAMES_USED + L.FRAMES_BYTES; // the tables are there too
    this.#root = new Map([...m.statePages()].filter((p) => !frames(p)).map((p) => [p, m.u32.slice((p * L.PAGE) >>> 2, ((p + 1) * L.PAGE) >>> 2)]));
    const masks = new Map<number, number>();
    for (const [from, to] of o.ignore)
      for (let a = from; a < to; a++) masks.set(a & ~3, (masks.get(a & ~3) ?? 0xffffffff) & ~(0xff << ((a & 3) * 8)));
    this.#not = (addr) => masks.get(addr) ?? 0xffffffff;
    for (const a of o.also ?? []) this.#words.add(a & ~3);
    for (let i = 0; i < m.threads; i++)
      if (m.status(m.block(i)) !== L.TS_FREE) for (let a = 0; a < STACK_SEEN; a += 4) this.#words.add(m.block(i) + a);
    this.#own = this.#hold(OWN_SLOTS * 8);
  }

  /** Address space for tables; it is no page of the machine's state. */
  #hold(bytes: number): number {
    const a = this.m.reserve(bytes);
    this.#held.push([a, bytes]);
    return a;
  }
  end() {
    const { m } = this;
    for (const [a, bytes] of this.#held) {
      m.u8.fill(0, a, a + Math.ceil(bytes / L.PAGE) * L.PAGE);
      m.release(a, bytes);
    }
    this.#put();
  }
  /** The machine as it was. */
  #put() {
    const { m } = this,
      end = m.ld32(L.MACHINE + L.M_END_FRAME);
    for (const [p, old] of this.#root) m.u32.set(old, (p * L.PAGE) >>> 2);
    m.st32(L.MACHINE + L.M_END_FRAME, end);
  }
  /** Words that are not as they were and are not declared; of all pages, or of those with declared words. */
  #missed(all: boolean): boolean {
    const { m } = this,
      pages = all ? this.#root.keys() : this.#pages;
    let any = false;
    for (const p of pages) {
      const was = this.#root.get(p);
      if (!was) continue;
      for (let i = 0, at = (p * L.PAGE) >>> 2; i < L.PAGE / 4; i++, at++) {
        if (m.u32[at] === was[i]) continue;
        const a = at * 4,
          counts = this.#not(a);
        if (counts !== 0xffffffff && ((m.u32[at] ?? 0) ^ (was[i] ?? 0)) & ~counts && !this.#still.has(a)) {
          this.#still.set(a, ((was[i] ?? 0) & ~counts) >>> 0);
          any = true;
        }
        if (this.#words.has(a) || !(((m.u32[at] ?? 0) ^ (was[i] ?? 0)) & counts)) continue;
        this.#words.add(a);
        any = true;
      }
    }
    return any;
  }

  /** What random schedules change, and who touches what. */
  #sample() {
    const { m } = this,
      { wasm } = m;
    let seed = 12345;
    for (let round = 0; round < 8; round++) {
      if (process.env.EXD) console.error("round", round, this.#words.size, Number(m.steps), Math.round(performance.now()));
      for (let i = 0; i < 500; i++) {
        const all = this.#moves();
        if (!all.length) break;
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        wasm.ex_move(this.#ex, all[(seed >>> 8) % all.length] ?? 0);
        this.#missed(true); // also what changes and changes back
      }
      this.#missed(true);
      this.#put();
    }
  }
  #moves(): number[] {
    const { m } = this,
      out: number[] = [];
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_FREE) continue;
      if (m.wasm.runnable(t)) out.push(i * 2);
      if (m.ld32(t + L.T_SB_COUNT)) out.push(i * 2 + 1);
    }
    return out;
  }

  run(): Verdict {
    if (process.env.EXD) console.error('begin', this.#words.size, this.#root.size);
    this.#tables();
    if (process.env.EXD) console.error('tables');
    this.#sample();
    for (;;) {
      const v = this.#attempt();
      if (v) return v;
      this.#put();
    }
  }

  /** Tables for the words as they are known now. */
  #tables() {
    const { m, o } = this,
      words = [...this.#words].filter((a) => this.#not(a) !== 0).sort((a, b) => a - b),
      of = (a: number) => Math.floor(a / L.PAGE),
      comps = words.flatMap((a, i) => (i === 0 || of(a) !== of(words[i - 1] ?? 0) ? [i] : []));
    this.#pages = [...new Set(words.map(of))];
    const keep = this.#own;
    for (const [a, bytes] of this.#held.filter(([x]) => x !== keep)) {
      m.u8.fill(0, a, a + Math.ceil(bytes / L.PAGE) * L.PAGE);
      m.release(a, bytes);
    }
    this.#held = this.#held.filter(([x]) => x === keep);
    const bytes = (o.memoryMiB ?? 256) * 2 ** 20,
      rowBytes = (comps.length + 2) * 4,
      states = Math.min(o.limit + 1, Math.floor((bytes * 0.5) / (rowBytes + 8))),
      values = up2(Math.min(states * 2, 2 ** 22)),
      arena = Math.min(bytes * 0.3, states * words.length * 2 + 2 ** 20);
    const ex = this.#hold(L.PAGE),
      set = (f: number, v: number) => m.st32(ex + f, v),
      table = (f: number, n: number) => {
        const a = this.#hold(n);
        set(f, a);
        return a;
      };
    const at = table(L.EX_AT, words.length * 4),
      mask = table(L.EX_MASK, words.length * 4),
      comp = table(L.EX_COMP, (comps.length + 1) * 4);
    words.forEach((a, i) => {
      m.st32(at + i * 4, a);
      m.st32(mask + i * 4, this.#not(a));
    });
    [...comps, words.length].forEach((w, i) => {
      m.st32(comp + i * 4, w);
    });
    set(L.EX_NCOMPS, comps.length);
    table(L.EX_CUR, comps.length * 4);
    set(L.EX_ARENA_END, table(L.EX_ARENA, arena) + arena);
    set(L.EX_ARENA_USED, 4);
    table(L.EX_IDX, values * 8);
    set(L.EX_IDX_MASK, values - 1);
    table(L.EX_STATES, states * rowBytes);
    set(L.EX_STATES_MAX, states);
    const seen = up2(states * 2);
    table(L.EX_SEEN, seen * 4);
    set(L.EX_SEEN_MASK, seen - 1);
    set(L.EX_OWN, this.#own);
    set(L.EX_OWN_MASK, OWN_SLOTS - 1);
    set(L.EX_REDUCE, o.reduce === false ? 0 : 1);
    const flags = table(L.EX_FLAGS, Math.max(1, o.flags.length) * 4);
    o.flags.forEach((a, i) => {
      m.st32(flags + i * 4, a);
    });
    set(L.EX_NFLAGS, o.flags.length);
    const still = table(L.EX_STILL, Math.max(1, this.#still.size) * 12);
    [...this.#still].forEach(([a, v], i) => {
      m.st32(still + i * 12, a);
      m.st32(still + i * 12 + 4, v);
      m.st32(still + i * 12 + 8, this.#not(a));
    });
    set(L.EX_NSTILL, this.#still.size);
    table(L.EX_TERM, TERMINALS * 4);
    set(L.EX_TERM_MAX, TERMINALS);
    table(L.EX_LOG, LOG * 4);
    set(L.EX_LOG_MAX, LOG);
    this.#ex = ex;
    return { words: words.length, ex };
  }

  #attempt(): Verdict | undefined {
    const { m, o } = this,
      { words, ex } = this.#tables(),
      { wasm } = m,
      get = (f: number) => m.ld32(ex + f);
    (globalThis as any).BIG = new Set([...this.#words].filter((a) => this.#not(a) !== 0));
    const v: Verdict = { states: 0, moves: 0, terminal: 0, bad: 0, complete: false, bytes: words * 4, trace: undefined };
    let judged = 0,
      why = wasm.ex_begin(ex);
    while (why === EX_MORE) {
      why = wasm.ex_run(ex, Math.min(SLICE, o.limit - get(L.EX_HEAD)));
      if (process.env.EXD) console.error('slice', why, get(L.EX_HEAD), get(L.EX_NSTATES), get(L.EX_ARENA_USED), get(L.EX_IDX_USED));
      if (why === EX_UNSOUND || this.#missed(why !== EX_MORE)) return undefined;
      for (; judged < Math.min(get(L.EX_NTERM), TERMINALS); judged++) {
        const s = m.ld32(m.ld32(ex + L.EX_TERM) + judged * 4);
        wasm.ex_restore(ex, s);
        const wrong = o.judge();
        if (!wrong) continue;
        v.bad++;
        v.trace ??= { moves: this.#path(s), why: wrong };
      }
      if (get(L.EX_HEAD) >= o.limit && why === EX_MORE) {
        v.stopped = 'states';
        break;
      }
    }
    if (why === EX_FOUND) {
      const s = get(L.EX_BAD) - 1;
      v.bad++;
      v.trace ??= { moves: this.#path(s, get(L.EX_BAD_AT)), why: 'a slot was touched by a thread that did not own it' };
    }
    if (process.env.EXD2) {
      const nc = get(L.EX_NCOMPS), comp = get(L.EX_COMP), at = get(L.EX_AT), arena = get(L.EX_ARENA), N = get(L.EX_NSTATES);
      const h = (a: number, x: number) => { let y = Math.imul(a ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(x + 0x7f4a7c15, 0x85ebca6b); y ^= y >>> 15; y = Math.imul(y, 0xc2b2ae35); y ^= y >>> 13; let z = Math.imul(x ^ 0x27d4eb2f, 0x165667b1) + Math.imul(a, 0x9e3779b1); z ^= z >>> 14; z = Math.imul(z, 0x2c1b3c6d); return [y >>> 0, (z >>> 0) & 0x1fffff] as const; };
      const vals: Map<number, Set<number>>[] = [];
      const words: number[][] = [];
      for (let c = 0; c < nc; c++) { words.push([]); for (let i = m.ld32(comp + c * 4); i < m.ld32(comp + c * 4 + 4); i++) words[c]!.push(m.ld32(at + i * 4)); }
      const lo = new Float64Array(N), hiA = new Uint32Array(N), loA = new Uint32Array(N);
      const compHash = new Map<string, readonly [number, number]>();
      for (let st = 0; st < N; st++) {
        const row = get(L.EX_STATES) + st * (nc + 2) * 4; let a = 0, b = 0;
        for (let c = 0; c < nc; c++) { const id = m.ld32(row + c * 4), key = c + ':' + id; let ch = compHash.get(key); if (!ch) { let p = 0, q = 0; words[c]!.forEach((w2, i) => { const [y, z] = h(w2, m.ld32(arena + id * 4 + i * 4)); p ^= y; q ^= z; }); ch = [p >>> 0, q >>> 0]; compHash.set(key, ch); } a ^= ch[0]; b ^= ch[1]; }
        loA[st] = a >>> 0; hiA[st] = b >>> 0;
      }
      const out: [number, number, number][] = [];
      for (let c = 0; c < nc; c++) words[c]!.forEach((w2, i) => {
        const seen = new Set<number>(), vs = new Set<number>();
        for (let st = 0; st < N; st += 97) vs.add(m.ld32(arena + m.ld32(get(L.EX_STATES) + st * (nc + 2) * 4 + c * 4) * 4 + i * 4));
        if (vs.size < 2) return;
        for (let st = 0; st < N; st++) { const v2 = m.ld32(arena + m.ld32(get(L.EX_STATES) + st * (nc + 2) * 4 + c * 4) * 4 + i * 4); const [y, z] = h(w2, v2); seen.add(((hiA[st]! ^ z) >>> 0) * 4294967296 + ((loA[st]! ^ y) >>> 0)); }
        out.push([seen.size, w2, vs.size]);
      });
      out.sort((x, y) => x[0] - y[0]);
      for (const [n, a, d] of out.slice(0, 25)) { if (a === 0x4248 || a === 0x41d4 || a === 0x4200) { const cc = words.findIndex((x) => x.includes(a)), ii = words[cc]!.indexOf(a); const vv = new Map<number, number>(); for (let st = 0; st < N; st += 7) { const v3 = m.ld32(arena + m.ld32(get(L.EX_STATES) + st * (nc + 2) * 4 + cc * 4) * 4 + ii * 4); vv.set(v3, (vv.get(v3) ?? 0) + 1); } console.error('VALS', a.toString(16), [...vv].sort((p, q) => q[1] - p[1]).slice(0, 14).map(([p, q]) => p.toString(16) + ':' + q).join(' ')); }
      console.error('without', a.toString(16), a >= L.THREADS && a < L.THREADS + 64 * L.THREAD_SIZE ? `thread ${(a - L.THREADS) / L.THREAD_SIZE | 0} +${(a - L.THREADS) % L.THREAD_SIZE}` : '', n, 'of', N, 'values', d); }
    }
    if (why === EX_FULL) v.stopped = 'memory';
    v.complete = why === 0;
    v.states = get(L.EX_HEAD);
    v.moves = m.ld64(ex + L.EX_MOVES);
    v.terminal = get(L.EX_NTERM);
    return v;
  }

  /** The moves from the root to a state, silent ones included: made again, so that they are what the search made. */
  #path(state: number, last?: number): Move[] {
    const { m } = this,
      { wasm } = m,
      ex = this.#ex,
      back: number[] = last === undefined ? [] : [last];
    const along: number[] = [];
    for (let s = state; s; s = wasm.ex_parent(ex, s)) { back.push(wasm.ex_move_of(ex, s)); along.unshift(s); }
    const out: Move[] = [];
    const take = () => {
      const n = Math.min(m.ld32(ex + L.EX_LOG_N), LOG);
      for (let i = 0; i < n; i++) {
        const x = m.ld32(m.ld32(ex + L.EX_LOG) + i * 4);
        out.push({ thread: x >> 1, drain: (x & 1) === 1 });
      }
      m.st32(ex + L.EX_LOG_N, 0);
    };
    this.#put();
    m.st32(ex + L.EX_LOG_N, 0);
    wasm.ex_settle(ex);
    take();
    let nth = 0;
    for (const move of back.reverse()) {
      wasm.ex_move(ex, move);
      take();
      if (process.env.EXD) {
        const st = along[nth++] ?? 0, nc = m.ld32(ex + L.EX_NCOMPS), comp = m.ld32(ex + L.EX_COMP), at = m.ld32(ex + L.EX_AT), mask = m.ld32(ex + L.EX_MASK), arena = m.ld32(ex + L.EX_ARENA), row = m.ld32(ex + L.EX_STATES) + st * (nc + 2) * 4;
        for (let c = 0; c < nc; c++) {
          const id = m.ld32(row + c * 4);
          for (let i = m.ld32(comp + c * 4), v2 = arena + id * 4; i < m.ld32(comp + c * 4 + 4); i++, v2 += 4) {
            const a = m.ld32(at + i * 4), x = m.ld32(v2), y = (m.ld32(a) & m.ld32(mask + i * 4)) >>> 0;
            if (x !== y) console.error('path', nth, 'move', move, 'word', a.toString(16), 'state has', x.toString(16), 'replayed', y.toString(16));
          }
        }
      }
    }
    const cur = m.ld32(ex + L.EX_CUR); // memory is none of the states now
    m.u8.fill(0, cur, cur + m.ld32(ex + L.EX_NCOMPS) * 4);
    return out;
  }
}

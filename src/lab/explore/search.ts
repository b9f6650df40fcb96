// One search: what of the machine is a state, memory for the tables (wasm/sim/explore.ts), and what was found. It runs on a
// machine of its own or on the lab's while parked, in slices; at its end the machine is as it was.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';
import { type Broken, brokenIn, judge, watched } from './promises.ts';
import { promised } from './own_promises.ts';
import type { Found, Move, Progress, Question, Stopped, Verdict } from './question.ts';
import { notState } from './state.ts';

const SLICE = 4096,
  TERMINALS = 1 << 20,
  LOG = 8192,
  OWN_SLOTS = 16_384;
/** Random schedules that are looked at before the search, and their length: they show what is state. */
const SAMPLES = 12,
  SAMPLE_MOVES = 600;
const EX_DONE = 0,
  EX_MORE = 1,
  EX_FULL = 2,
  EX_UNSOUND = 3,
  EX_FOUND = 4;
const up2 = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(16, n)));

/** The whole search at once. */
export function explore(w: World, q: Question): Verdict {
  const s = new Search(w, q);
  while (s.step());
  return s.verdict();
}

export class Search {
  readonly #root: Map<number, Uint32Array>;
  readonly #rootEnd: number;
  #pages: number[] = [];
  /** Words that are state. */
  readonly #words = new Set<number>();
  /** Words that change and are no state, and what they are at the root. */
  readonly #still = new Map<number, number>();
  readonly #masks = new Map<number, number>();
  readonly #times: number[];
  /** How deep each thread's saved stack has been. */
  readonly #deep: number[];
  /** Bytes for the tables. */
  #room: number;
  #ex = 0;
  #own = 0;
  #held: [addr: number, bytes: number][] = [];
  readonly #began = performance.now();
  #declared = 0;
  #begun = false;
  #ended: Verdict | undefined;
  #why = EX_MORE;
  #judged = 0;
  #expressed = 0;
  #bad = 0;
  #found: Found | undefined;
  #suspect = false;
  #seed = 1;
  #slices = 0;
  #stopped: Stopped | undefined;
  readonly #promised: (() => Broken | undefined) | undefined;

  constructor(
    private readonly w: World,
    private readonly q: Question,
  ) {
    const { m } = w;
    // FRAMES: the tables are there too
    const frames = (p: number) => p * L.PAGE >= L.FRAMES_RESERVED && p * L.PAGE < L.FRAMES_USED + L.FRAMES_BYTES;
    this.#room = q.memoryMiB * 2 ** 20;
    this.#promised = promised(w, q.promises ?? []);
    this.#rootEnd = m.ld32(L.MACHINE + L.M_END_FRAME);
    this.#root = new Map([...m.statePages()].filter((p) => !frames(p)).map((p) => [p, m.u32.slice((p * L.PAGE) >>> 2, ((p + 1) * L.PAGE) >>> 2)]));
    const not = notState(w);
    for (const [from, to] of not.ignore)
      for (let a = from; a < to; a++) this.#masks.set(a & ~3, (this.#masks.get(a & ~3) ?? 0xffffffff) & ~(0xff << ((a & 3) * 8)));
    this.#times = not.times;
    this.#deep = Array.from({ length: m.threads }, (_, i) => m.ld32(m.block(i) + L.T_STACK));
    this.#own = this.#hold(OWN_SLOTS * 8);
    this.#model();
  }

  #mask(addr: number): number {
    return this.#masks.get(addr) ?? 0xffffffff;
  }
  /** The memory model is a word of the machine; what waits in the buffers now stays there. */
  #model() {
    const { m } = this.w,
      { q } = this;
    m.st32(L.MACHINE + L.M_TSO, q.model === 'sc' ? 0 : Math.min(L.SB_MAX, Math.max(1, q.buffer)));
    m.st32(L.MACHINE + L.M_DRAIN_ANY, q.model === 'pso' ? 1 : 0);
  }

  /** Address space for tables; it is no page of the machine's state. */
  #hold(bytes: number): number {
    const a = this.w.m.reserve(bytes);
    this.#held.push([a, bytes]);
    return a;
  }
  #letGo(keep?: number) {
    const { m } = this.w;
    for (const [a, bytes] of this.#held) {
      if (a === keep) continue;
      m.u8.fill(0, a, a + Math.ceil(bytes / L.PAGE) * L.PAGE);
      m.release(a, bytes);
    }
    this.#held = this.#held.filter(([a]) => a === keep);
  }
  /** The machine as it was. */
  #put() {
    const { m } = this.w,
      end = m.ld32(L.MACHINE + L.M_END_FRAME);
    for (const [p, old] of this.#root) m.u32.set(old, (p * L.PAGE) >>> 2);
    m.st32(L.MACHINE + L.M_END_FRAME, end);
    this.#model();
  }

  // ── what is state ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Words that are not as they were and are not declared; of all pages, or of those with declared words. */
  #missed(all: boolean): boolean {
    const { m } = this.w,
      pages = all ? this.#root.keys() : this.#pages;
    let any = false;
    for (const p of pages) {
      const was = this.#root.get(p);
      if (!was) continue;
      for (let i = 0, at = (p * L.PAGE) >>> 2; i < L.PAGE / 4; i++, at++) {
        if (m.u32[at] !== was[i] && this.#miss(at * 4, (m.u32[at] ?? 0) ^ (was[i] ?? 0), was[i] ?? 0)) any = true;
      }
    }
    return any;
  }
  #miss(a: number, changed: number, was: number): boolean {
    const counts = this.#mask(a);
    let any = false;
    if (changed & ~counts && !this.#still.has(a)) {
      this.#still.set(a, (was & ~counts) >>> 0);
      any = true;
    }
    if (changed & counts && !this.#words.has(a)) {
      this.#words.add(a);
      any = true;
    }
    return any;
  }
  #deeper() {
    const { m } = this.w;
    for (let i = 0; i < m.threads; i++) this.#deep[i] = Math.max(this.#deep[i] ?? 0, m.ld32(m.block(i) + L.T_STACK));
  }

  /** What random schedules change, and who touches what. Every other one lets a thread go on as long as it can. */
  #sample() {
    const { m } = this.w;
    let seed = 12345;
    const lot = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % n;
    };
    for (let round = 0; round < SAMPLES; round++) {
      m.wasm.ex_settle(this.#ex);
      let last = -1;
      for (let i = 0; i < SAMPLE_MOVES; i++) {
        const all = this.#moves();
        if (!all.length) break;
        last = round & 1 && lot(24) && all.includes(last) ? last : (all[lot(all.length)] ?? 0);
        m.wasm.ex_move(this.#ex, last);
        this.#deeper();
        this.#missed(i % 32 === 0 || this.#pages.length === 0); // also what changes and changes back
      }
      this.#missed(true);
      this.#put();
      this.#pages = [...new Set([...this.#words, ...this.#still.keys()].map((a) => Math.floor(a / L.PAGE)))];
    }
  }
  #moves(): number[] {
    const { m } = this.w,
      out: number[] = [];
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_FREE) continue;
      if (m.wasm.runnable(t) || m.wasm.naps(t)) out.push(i << L.EX_MOVE_SHIFT);
      for (let j = 0, n = m.ld32(t + L.T_SB_COUNT); j < n; j++) if (m.wasm.drains(t, j)) out.push((i << L.EX_MOVE_SHIFT) | (j + 1));
    }
    return out;
  }

  /** Tables for the words as they are known now; smaller ones where the machine has not so much room. */
  #tables() {
    for (;;) {
      try {
        this.#lay();
        return;
      } catch (e) {
        if (!(e instanceof RangeError) || this.#room < 2 ** 22) throw e;
        this.#room = Math.floor(this.#room * 0.7);
      }
    }
  }
  #lay() {
    const { m } = this.w,
      { q } = this;
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_FREE) continue;
      for (const o of [L.T_STATUS, L.T_WCHAN, L.T_REASON, L.T_POINT, L.T_PADDR, L.T_PVAL, L.T_UNWOUND, L.T_SB_COUNT, L.T_LOCK, L.T_PKIND, L.T_STACK])
        this.#words.add(t + o);
      if (q.model !== 'sc') for (let o = 0; o < 2 * L.SB_MAX; o++) this.#words.add(t + L.T_SB + o * 4);
      for (let a = t + L.T_STACK; a < (this.#deep[i] ?? 0); a += 4) this.#words.add(a);
    }
    for (const [a, n] of watched(this.w).slots) for (let o = 0; o < n * L.SLOT_SIZE; o += 4) this.#words.add(a + o);
    const words = [...this.#words].filter((a) => this.#mask(a) !== 0).sort((a, b) => a - b),
      of = (a: number) => Math.floor(a / L.PAGE);
    /** Runs of words side by side, all bits of which are state, or one word with some; and the runs of each page. */
    const runs: { addr: number; words: number; mask: number }[] = [],
      comps: { run: number; words: number }[] = [];
    for (const a of words) {
      const last = runs.at(-1),
        mask = this.#mask(a) >>> 0,
        fresh = !last || of(last.addr) !== of(a);
      if (fresh) comps.push({ run: runs.length, words: 0 });
      if (last && !fresh && mask === 0xffffffff && last.mask === mask && a === last.addr + last.words * 4) last.words++;
      else runs.push({ addr: a, words: 1, mask });
      const c = comps.at(-1);
      if (c) c.words++;
    }
    this.#pages = [...new Set([...this.#words, ...this.#still.keys()].map(of))];
    this.#declared = words.length;
    this.#letGo(this.#own);
    const bytes = this.#room,
      rowBytes = (comps.length + 2) * 4,
      states = Math.min(q.limit + 1, Math.floor((bytes * 0.55) / (rowBytes + 8))),
      values = up2(Math.min(states * 2, 2 ** 22)),
      arena = Math.floor(Math.min(bytes * 0.3, states * words.length + 2 ** 20) / 8) * 8;
    const ex = this.#hold(L.PAGE),
      set = (f: number, v: number) => m.st32(ex + f, v),
      table = (f: number, n: number) => {
        const a = this.#hold(n);
        set(f, a);
        return a;
      },
      list = (f: number, count: number, rows: readonly (readonly number[])[]) => {
        const wide = rows[0]?.length ?? 1,
          a = table(f, Math.max(1, rows.length) * wide * 4);
        rows.flat().forEach((v, i) => {
          m.st32(a + i * 4, v);
        });
        set(count, rows.length);
      };
    this.#ex = ex;
    list(
      L.EX_RUNS,
      L.EX_NCOMPS,
      runs.map((r) => [r.addr, r.words, r.mask]),
    );
    list(L.EX_COMP, L.EX_NCOMPS, [...comps.map((c) => [c.run, c.words]), [runs.length, 0]]);
    set(L.EX_NCOMPS, comps.length);
    table(L.EX_CUR, comps.length * 4);
    set(L.EX_ARENA_END, table(L.EX_ARENA, arena) + arena);
    set(L.EX_ARENA_USED, 8);
    table(L.EX_IDX, values * 8);
    set(L.EX_IDX_MASK, values - 1);
    table(L.EX_STATES, states * rowBytes);
    set(L.EX_STATES_MAX, states);
    const seen = up2(states * 2);
    table(L.EX_SEEN, seen * 4);
    set(L.EX_SEEN_MASK, seen - 1);
    set(L.EX_OWN, this.#own);
    set(L.EX_OWN_MASK, OWN_SLOTS - 1);
    set(L.EX_REDUCE, q.reduce === false ? 0 : 1);
    set(L.EX_ON_BAD, q.whole ? 0 : 1);
    list(
      L.EX_FLAGS,
      L.EX_NFLAGS,
      this.#times.map((a) => [a]),
    );
    list(
      L.EX_STILL,
      L.EX_NSTILL,
      [...this.#still].map(([a, v]) => [a, v, this.#mask(a) >>> 0]),
    );
    const deep = table(L.EX_DEEP, this.#deep.length * 4);
    this.#deep.forEach((a, i) => {
      m.st32(deep + i * 4, a);
    });
    const see = watched(this.w);
    list(L.EX_KEEP, L.EX_NKEEP, see.keep);
    list(
      L.EX_KRINGS,
      L.EX_NKRINGS,
      see.krings.map((k) => [k]),
    );
    list(L.EX_SLOTS, L.EX_NSLOTS, see.slots);
    list(L.EX_CSB, L.EX_NCSB, see.csb);
    m.wasm.slots_keep(ex);
    table(L.EX_TERM, TERMINALS * 4);
    set(L.EX_TERM_MAX, TERMINALS);
    table(L.EX_LOG, LOG * 4);
    set(L.EX_LOG_MAX, LOG);
  }

  // ── the search ──────────────────────────────────────────────────────────────────────────────────────────────────

  __ex() { return this.#ex; }
  #get(f: number): number {
    return this.w.m.ld32(this.#ex + f);
  }
  #begin() {
    this.#tables();
    if (!this.#begun) this.#sample();
    this.#put();
    this.#tables();
    this.#begun = true;
    this.#judged = 0;
    this.#expressed = 0;
    this.#bad = 0;
    this.#found = undefined;
    this.#why = this.w.m.wasm.ex_begin(this.#ex);
  }

  /** Expands some states. False: the search is at its end. */
  step(states = SLICE): boolean {
    const { m } = this.w;
    if (this.#ended) return false;
    if (!this.#begun) this.#begin();
    if (this.#why !== EX_MORE) return false;
    const left = this.q.limit - this.#get(L.EX_HEAD);
    if (left <= 0) {
      this.#stopped = 'states';
      return false;
    }
    if (this.q.seconds !== undefined && performance.now() - this.#began > this.q.seconds * 1000) {
      this.#stopped = 'time';
      return false;
    }
    this.#why = m.wasm.ex_run(this.#ex, Math.min(states, left));
    if (this.#why === EX_UNSOUND || this.#missed(this.#why !== EX_MORE)) {
      this.#deeper();
      this.#begin(); // what was taken for silent, still or shallow is not: anew
      return true;
    }
    this.#judge();
    if (this.#suspect) {
      this.#suspect = false;
      this.#begin();
      return true;
    }
    if (this.#why === EX_FULL) this.#stopped = this.#get(L.EX_NSTATES) >= this.q.limit ? 'states' : 'memory';
    return this.#why === EX_MORE && !(this.#found && !this.q.whole);
  }

  /** What a student promised is looked at in each new state; states in which nobody can move are judged. */
  #judge() {
    const { m } = this.w,
      n = Math.min(this.#get(L.EX_NTERM), TERMINALS);
    for (; this.#judged < n && !this.#enough(); this.#judged++) {
      const s = m.ld32(this.#get(L.EX_TERM) + this.#judged * 4);
      m.wasm.ex_restore(this.#ex, s);
      const wrong = judge(this.w, () => this.#again(s));
      if (wrong) this.#wrong(s, wrong);
    }
    if (!this.#enough() && this.#why === EX_MORE && (this.#slices++ < 4 || this.#slices % 8 === 0)) this.#check();
    if (this.#promised) {
      for (const end = this.#get(L.EX_NSTATES); this.#expressed < end && !this.#enough(); this.#expressed++) {
        m.wasm.ex_restore(this.#ex, this.#expressed);
        const wrong = this.#promised();
        if (wrong) this.#wrong(this.#expressed, wrong);
      }
    }
    if (this.#why !== EX_FOUND || this.#enough()) return;
    const at = this.#get(L.EX_BAD) - 1,
      what = this.#get(L.EX_BAD_WHAT),
      addr = this.#get(L.EX_BAD_ADDR);
    this.#wrong(at, () => brokenIn(this.w, what, addr), this.#get(L.EX_BAD_AT));
  }
  #enough() {
    return this.#suspect || (this.#found !== undefined && !this.q.whole);
  }
  /** One state at random is come to again from the root: whatever changes on the way must be declared. */
  #check() {
    this.#seed = (Math.imul(this.#seed, 1103515245) + 12345) >>> 0;
    this.#path((this.#seed >>> 4) % this.#get(L.EX_NSTATES));
    if (this.#missed(true)) this.#suspect = true;
    this.#put();
    this.#forget();
  }
  #wrong(state: number, wrong: Broken | (() => Broken), last?: number) {
    this.#bad++;
    if (this.#found) return;
    const list = this.#path(state, last);
    if (this.#missed(true)) {
      this.#suspect = true; // the machine on its own does not come to this state: some word of it was not declared
      return;
    }
    const said = typeof wrong === 'function' ? wrong() : wrong;
    this.#found = { moves: list, ...said };
    this.#forget();
  }
  /** The machine in state s, after it was used for something else. */
  #again(s: number) {
    this.#put();
    this.#forget();
    this.w.m.wasm.ex_restore(this.#ex, s);
  }
  /** Memory is none of the states now. */
  #forget() {
    const cur = this.#get(L.EX_CUR);
    this.w.m.u8.fill(0, cur, cur + this.#get(L.EX_NCOMPS) * 4);
  }

  progress(): Progress {
    const has = this.#ex !== 0 && !this.#ended;
    if (this.#ended) return this.#ended;
    return {
      states: has ? this.#get(L.EX_NSTATES) : 0,
      expanded: has ? this.#get(L.EX_HEAD) : 0,
      moves: has ? this.w.m.ld64(this.#ex + L.EX_MOVES) : 0,
      depth: has ? this.#get(L.EX_DEPTH) : 0,
      ms: performance.now() - this.#began,
    };
  }

  /** What was found so far. The search ends, and the machine is as it was. */
  verdict(): Verdict {
    if (this.#ended) return this.#ended;
    const p = this.progress(),
      has = this.#ex !== 0 && this.#begun,
      complete = has && this.#why === EX_DONE && !this.#stopped;
    this.#ended = {
      ...p,
      terminal: has ? this.#get(L.EX_NTERM) : 0,
      bad: this.#bad + (has && this.q.whole ? this.#get(L.EX_NBAD) : 0),
      complete,
      ...(complete || this.#found ? {} : { stopped: this.#stopped ?? 'asked' }),
      bytes: this.#declared * 4,
      ...(this.#found ? { found: this.#found } : {}),
    };
    this.#letGo();
    for (const [p0, old] of this.#root) this.w.m.u32.set(old, (p0 * L.PAGE) >>> 2);
    this.w.m.st32(L.MACHINE + L.M_END_FRAME, this.#rootEnd);
    return this.#ended;
  }

  /** The moves from the root to a state, silent ones included: made again, so that they are what the search made. */
  #path(state: number, last?: number): Move[] {
    const { m } = this.w,
      { wasm } = m,
      ex = this.#ex,
      back: number[] = last === undefined ? [] : [last],
      out: Move[] = [];
    for (let s = state; s; s = wasm.ex_parent(ex, s)) back.push(wasm.ex_move_of(ex, s));
    const take = () => {
      const n = Math.min(this.#get(L.EX_LOG_N), LOG);
      for (let i = 0; i < n; i++) {
        const x = m.ld32(this.#get(L.EX_LOG) + i * 4),
          k = x & ((1 << L.EX_MOVE_SHIFT) - 1);
        out.push(k ? { thread: x >>> L.EX_MOVE_SHIFT, drain: k - 1 } : { thread: x >>> L.EX_MOVE_SHIFT });
      }
      m.st32(ex + L.EX_LOG_N, 0);
    };
    this.#put();
    m.st32(ex + L.EX_LOG_N, 0);
    wasm.ex_settle(ex);
    take();
    for (const move of back.reverse()) {
      wasm.ex_move(ex, move);
      take();
    }
    return out;
  }
}
export function histogram(w: World, q: Question) {
  const s = new Search(w, q) as any; s.step(1); const m = w.m, h: Record<number, number> = {};
  for (let st = 0; st < 60000; st++) { s.step(1); if (st % 50) continue; m.wasm.ex_restore(s['__ex'](), st); for (let i = 0; i < m.threads; i++) { const t = m.block(i); if (m.status(t) && m.wasm.runnable(t)) { const k = m.ld32(t + L.T_POINT) * 100 + i; h[k] = (h[k] ?? 0) + 1; } } }
  return h;
}

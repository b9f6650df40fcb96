// What of one machine is declared: the words that are state, how deep stacks have been, and the machine as it was at the root.
// Words are learned: whatever changes from the root is state, but for what state.ts takes out.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';
import { setModel, untraced } from './kept.ts';
import type { Question } from './question.ts';
import { notState } from './state.ts';

/** A thread's own words that are state whatever it does. */
const THREAD_WORDS = [
  L.T_STATUS,
  L.T_WCHAN,
  L.T_REASON,
  L.T_POINT,
  L.T_PADDR,
  L.T_PVAL,
  L.T_UNWOUND,
  L.T_SB_COUNT,
  L.T_LOCK,
  L.T_PKIND,
  L.T_STACK,
];
/** Words side by side, all bits of which are state, or one word with some. */
export interface Run {
  addr: number;
  words: number;
  mask: number;
}

/** Pages that say which frames are in use. */
const isFrames = (p: number) => p * L.PAGE >= L.FRAMES_RESERVED && p * L.PAGE < L.FRAMES_USED + L.FRAMES_BYTES;

export class Declared {
  readonly #root: Map<number, Uint32Array>;
  readonly #rootEnd: number;
  /** Which frames were in use before there were tables. */
  readonly #frames: Map<number, Uint32Array>;
  /** Pages with declared words. */
  pages: number[] = [];
  readonly #words = new Set<number>();
  /** Words that change and are no state, and what they are at the root. */
  readonly still = new Map<number, number>();
  readonly #masks = new Map<number, number>();
  readonly times: number[];
  /** How deep each thread's saved stack has been. */
  readonly deep: number[];
  readonly #trace: () => void;

  constructor(
    private readonly w: World,
    private readonly q: Question,
  ) {
    const { m } = w;
    this.#trace = untraced(m);
    this.#rootEnd = m.ld32(L.MACHINE + L.M_END_FRAME);
    this.#root = new Map(m.statePages().map((p) => [p, this.#page(p)]));
    this.#frames = new Map([...this.#root].filter(([p]) => isFrames(p)));
    const not = notState(w);
    for (const [from, to] of not.ignore)
      for (let a = from; a < to; a++) this.#masks.set(a & ~3, (this.#masks.get(a & ~3) ?? 0xffffffff) & ~(0xff << ((a & 3) * 8)));
    this.times = not.times;
    this.deep = Array.from({ length: m.threads }, (_, i) => m.ld32(m.block(i) + L.T_STACK));
    this.model();
  }

  #page(p: number): Uint32Array {
    return this.w.m.u32.slice((p * L.PAGE) >>> 2, ((p + 1) * L.PAGE) >>> 2);
  }
  /** The tables of the search are in use now too: what an action takes or gives back is more or less than this. */
  tabled() {
    for (const p of this.#frames.keys()) this.#root.set(p, this.#page(p));
  }

  /** Which bits of a word are state. */
  mask(addr: number): number {
    return (this.#masks.get(addr) ?? 0xffffffff) >>> 0;
  }
  /** The memory model is two words of the machine, and the simulator's own words are watched; what waits in the buffers now stays there. */
  model() {
    const { m } = this.w;
    setModel(m, this.q);
    m.st32(L.MACHINE + L.M_SIM_ON, 1);
  }
  /** The machine as at the root, but with the model of the question. */
  put() {
    const { m } = this.w,
      end = m.ld32(L.MACHINE + L.M_END_FRAME);
    this.#copy();
    m.st32(L.MACHINE + L.M_END_FRAME, end);
    this.model();
  }
  /** The machine as it was. */
  giveBack() {
    for (const [p, was] of this.#frames) this.#root.set(p, was);
    this.#copy();
    this.#trace();
    this.w.m.st32(L.MACHINE + L.M_END_FRAME, this.#rootEnd);
  }
  #copy() {
    for (const [p, old] of this.#root) this.w.m.u32.set(old, (p * L.PAGE) >>> 2);
  }

  /** Whether words that are not declared are not as they were, which declares them; of all pages, or of those with declared words. */
  missed(all: boolean): boolean {
    const { m } = this.w;
    let any = false;
    if (all) for (const p of m.statePages()) if (!this.#root.has(p)) this.#root.set(p, new Uint32Array(L.PAGE / 4)); // taken since
    const pages = all ? this.#root.keys() : this.pages;
    for (const p of pages) {
      const was = this.#root.get(p);
      if (!was) continue;
      for (let i = 0, at = (p * L.PAGE) >>> 2; i < L.PAGE / 4; i++, at++)
        if (m.u32[at] !== was[i] && this.#miss(at * 4, (m.u32[at] ?? 0) ^ (was[i] ?? 0), was[i] ?? 0)) any = true;
    }
    return any;
  }
  /** Whether a word that an access has made another is not declared, which declares it: it may be as it was when missed() looks. */
  stored(own: number, slots: number): boolean {
    const { m } = this.w;
    let any = false;
    for (let e = own; e < own + slots * 8; e += 8) {
      if (!(m.ld32(e + 4) & L.EXO_CHANGED)) continue;
      const a = m.ld32(e) & ~3,
        was = this.#root.get(Math.floor(a / L.PAGE))?.[(a % L.PAGE) >>> 2] ?? 0;
      if (this.#miss(a, 0xffffffff, was)) any = true;
    }
    return any;
  }
  #miss(a: number, changed: number, was: number): boolean {
    const counts = this.mask(a);
    let any = false;
    if (changed & ~counts && !this.still.has(a)) {
      this.still.set(a, (was & ~counts) >>> 0);
      any = true;
    }
    if (changed & counts && !this.#words.has(a)) {
      this.#words.add(a);
      any = true;
    }
    return any;
  }
  /** How deep stacks have been, also those that are flat again: the search at `ex` has kept it. */
  deeper(ex: number) {
    const { m } = this.w,
      was = m.ld32(ex + L.EX_DEEP);
    for (let i = 0; i < m.threads; i++) this.deep[i] = Math.max(this.deep[i] ?? 0, m.ld32(was + i * 4), m.ld32(m.block(i) + L.T_STACK));
  }
  /** The declared words as they are now, but for what passes. */
  values(): Map<number, number> {
    return new Map([...this.#words].filter((a) => !this.#passing(a)).map((a) => [a, (this.w.m.ld32(a) & this.mask(a)) >>> 0]));
  }
  /** Time, or a place on a saved stack, where a counter may have been seen and is dead. */
  #passing(a: number): boolean {
    const at = (a - L.THREADS) % L.THREAD_SIZE;
    return (
      (a >= L.THREADS && a < L.THREADS + L.THREAD_MAX * L.THREAD_SIZE && at >= L.T_STACK) || this.times.some((t) => a === t || a === t + 4)
    );
  }
  /** Whether they differ from these: then nothing is taken for no state any more. */
  differ(was: ReadonlyMap<number, number>): boolean {
    for (const [a, v] of this.values()) {
      if (was.get(a) === v) continue;
      this.#masks.clear();
      this.still.clear();
      return true;
    }
    return false;
  }
  look() {
    this.pages = [...new Set([...this.#words, ...this.still.keys()].map((a) => Math.floor(a / L.PAGE)))];
  }

  /** The words that are state: in runs, and the runs of each page. `slots`: arrays of slots, state in whole. */
  runs(slots: readonly (readonly [addr: number, slots: number])[]): {
    runs: Run[];
    comps: { run: number; words: number }[];
    words: number;
  } {
    const { m } = this.w;
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_FREE) continue;
      for (const o of THREAD_WORDS) this.#words.add(t + o);
      if (this.q.model !== 'sc') for (let o = 0; o < 2 * L.SB_MAX; o++) this.#words.add(t + L.T_SB + o * 4);
      for (let a = t + L.T_STACK; a < (this.deep[i] ?? 0); a += 4) this.#words.add(a);
    }
    for (const [a, n] of slots) for (let o = 0; o < n * L.SLOT_SIZE; o += 4) this.#words.add(a + o);
    this.look();
    const words = [...this.#words].filter((a) => this.mask(a) !== 0).sort((a, b) => a - b),
      of = (a: number) => Math.floor(a / L.PAGE),
      runs: Run[] = [],
      comps: { run: number; words: number }[] = [];
    for (const a of words) {
      const last = runs.at(-1),
        mask = this.mask(a),
        fresh = !last || of(last.addr) !== of(a);
      if (fresh) comps.push({ run: runs.length, words: 0 });
      if (last && !fresh && mask === 0xffffffff && last.mask === mask && a === last.addr + last.words * 4) last.words++;
      else runs.push({ addr: a, words: 1, mask });
      const c = comps.at(-1);
      if (c) c.words++;
    }
    return { runs, comps, words: words.length };
  }
}

// One search: what of the machine is a state, memory for the tables (wasm/sim/explore.ts), and what was found. It runs on a
// machine of its own or on the lab's while parked, in slices; at its end the machine is as it was.

import * as L from '../../../wasm/layout.ts';
import { wallMs } from '../../sim/clock_wall.ts';
import type { World } from '../world.ts';
import { Acts, actOf } from './acts.ts';
import { Declared } from './declared.ts';
import { promised } from './own_promises.ts';
import { type Broken, brokenIn, judge } from './promises.ts';
import type { Found, Move, Progress, Question, Stopped, Verdict } from './question.ts';
import { LOG, OWN_SLOTS, TERMINALS, filled, lay, nodes } from './tables.ts';

/** What is assumed is looked at after so many states, found ones judged: the same ones however the search is cut into slices. */
const LOOK = 4096,
  LOOK_ACTS = 256;
/** Random states that a search which has come to its end comes to again. */
const LAST_CHECKS = 6;
/** Random schedules that are looked at before the search, and their length: they show what is state. */
const SAMPLES = 12,
  SAMPLE_MOVES = 600;
const EX_DONE = 0,
  EX_MORE = 1,
  EX_FULL = 2,
  EX_UNSOUND = 3,
  EX_FOUND = 4,
  EX_ACT = 5;
/** An action of the control plane takes as long as so many states. */
const ACT_STATES = 32;
/** All memory is looked at after so many actions, and then after every so many. */
const LOOKED = 64;
const ACT = L.EX_ACT_MOVE | 0;

/** The whole search at once. */
export function explore(w: World, q: Question): Verdict {
  const s = new Search(w, q);
  while (s.step());
  return s.verdict();
}

export class Search {
  readonly #declared: Declared;
  readonly #acts: Acts | undefined;
  /** Bytes for the tables. */
  #room: number;
  #ex = 0;
  #own = 0;
  #held: [addr: number, bytes: number, later: boolean][] = [];
  readonly #began = wallMs();
  #stateBytes = 0;
  #begun = false;
  #ended: Verdict | undefined;
  #why = EX_MORE;
  #judged = 0;
  #expressed = 0;
  #bad = 0;
  #found: Found | undefined;
  #suspect = false;
  /** Pause points after whose access words of the simulator are touched, a bit each. */
  #noisy: number[] = new Array(32).fill(0);
  #seed = 1;
  #slices = 0;
  #actions = 0;
  #stopped: Stopped | undefined;
  readonly #promised: (() => Broken | undefined) | undefined;

  constructor(
    private readonly w: World,
    private readonly q: Question,
  ) {
    this.#room = q.memoryMiB * 2 ** 20;
    this.#promised = promised(w, q.promises ?? []);
    this.#declared = new Declared(w, q);
    this.#acts = q.acts ? new Acts(w) : undefined;
    this.#own = this.#hold(OWN_SLOTS * 8);
    this.#declared.tabled();
  }

  /** The machine is at the root. */
  #home() {
    this.#declared.put();
    this.#acts?.root();
  }

  /** Address space for tables; it is no page of the machine's state. `later`: the search alone writes to it. */
  #hold(bytes: number, later = false): number {
    const a = this.w.m.reserve(bytes);
    this.#held.push([a, bytes, later]);
    return a;
  }
  #letGo(keep?: number) {
    const { m } = this.w,
      held = this.#held.filter(([a]) => a !== keep),
      used = this.#ex ? filled(m, this.#ex, this.#stateBytes) : undefined;
    for (const [a, bytes, later] of held) {
      const all = Math.ceil(bytes / L.PAGE) * L.PAGE,
        n = later ? (used ? (used.get(a) ?? all) : 0) : all;
      m.u8.fill(0, a, a + Math.min(all, n));
      m.release(a, bytes);
    }
    this.#held = this.#held.filter(([a]) => a === keep);
  }
  /** What random schedules change, and who touches what. Every other one lets a thread go on as long as it can. */
  #sample() {
    const { m } = this.w;
    let seed = 12345;
    const lot = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % n;
    };
    const often = this.#acts ? 2 : 1; // ways are longer with actions
    for (let round = 0; round < SAMPLES * often; round++) {
      m.wasm.ex_settle(this.#ex);
      let last = -1;
      for (let i = 0; i < SAMPLE_MOVES * often; i++) {
        const all = this.#moves();
        if (!all.length) break;
        const far = round & 1 && lot(24);
        if (far && all.includes(ACT)) last = ACT;
        else if (!far || !all.includes(last)) last = all[lot(all.length)] ?? 0;
        if (last === ACT) this.#act();
        else m.wasm.ex_move(this.#ex, last);
        this.#declared.deeper(this.#ex);
        this.#declared.missed(i % 32 === 0 || this.#declared.pages.length === 0); // also what changes and changes back
      }
      this.#declared.missed(true);
      this.#home();
      this.#declared.look();
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
    if (this.#acts && actOf(this.w, this.q.acts) !== undefined) out.push(ACT);
    return out;
  }
  /** Makes the action that is due where the machine is. */
  #act(): number {
    this.w.m.wasm.ex_before_act(this.#ex);
    return this.#acts?.act() ?? -1;
  }

  /** Tables for the words as they are known now; smaller ones where the machine has not so much room. */
  #tables() {
    for (;;) {
      try {
        if (this.#ex) this.#noisy = this.#noisy.map((_, i) => this.#get(L.EX_NOISY + i * 4));
        this.#letGo(this.#own);
        this.#ex = 0;
        const { ex, bytes } = lay(this.w, this.q, this.#declared, this.#room, this.#own, (n, later) => this.#hold(n, later));
        this.#noisy.forEach((bits, i) => {
          this.w.m.st32(ex + L.EX_NOISY + i * 4, bits);
        });
        this.#ex = ex;
        this.#stateBytes = bytes;
        this.#declared.tabled();
        return;
      } catch (e) {
        if (!(e instanceof RangeError) || this.#room < 2 ** 22) throw e;
        this.#room = Math.floor(this.#room * 0.7);
      }
    }
  }
  // ── the search ──────────────────────────────────────────────────────────────────────────────────────────────────

  #get(f: number): number {
    return this.w.m.ld32(this.#ex + f);
  }
  #begin() {
    this.#home();
    this.#tables();
    if (!this.#begun) this.#sample();
    this.#declared.stored(this.#own, OWN_SLOTS);
    this.#home();
    this.#tables();
    this.#home();
    this.#begun = true;
    this.#judged = 0;
    this.#expressed = 0;
    this.#bad = 0;
    this.#found = undefined;
    this.#root();
    this.#why = this.w.m.wasm.ex_begin(this.#ex);
  }
  /** What is broken already where schedules begin. */
  #root() {
    const what = this.w.m.wasm.watched_state(this.#ex),
      wrong = what ? brokenIn(this.w, what, this.#get(L.EX_BAD_ADDR)) : this.#promised?.();
    if (!wrong) return;
    this.#bad = 1;
    this.#expressed = 1;
    this.#found = { moves: [], ...wrong };
  }
  /** What nobody told the search of: a word that changes and is not declared. */
  #missed(all: boolean): boolean {
    const stored = this.#declared.stored(this.#own, OWN_SLOTS);
    return this.#declared.missed(all) || stored;
  }

  /** Expands some states. False: the search is at its end. */
  step(states = LOOK): boolean {
    if (this.#ended) return false;
    if (!this.#begun) this.#begin();
    if (this.#why !== EX_MORE || (this.#found && !this.q.whole)) return false;
    const every = this.#acts ? LOOK_ACTS : LOOK,
      left = this.q.limit - this.#get(L.EX_HEAD);
    if (left <= 0) {
      this.#stopped = 'states';
      return false;
    }
    if (this.q.seconds !== undefined && wallMs() - this.#began > this.q.seconds * 1000) {
      this.#stopped = 'time';
      return false;
    }
    this.#why = this.#run(Math.min(states, left, every - (this.#get(L.EX_HEAD) % every)));
    if (this.#why === EX_MORE && this.#get(L.EX_HEAD) % every && this.#get(L.EX_HEAD) < this.q.limit) return true;
    if (this.#why === EX_UNSOUND || this.#missed(this.#why !== EX_MORE)) {
      this.#declared.deeper(this.#ex);
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

  /** Expands so many states, and makes the actions that are due in them. Why it came back. */
  #run(states: number): number {
    const { wasm } = this.w.m;
    for (let n = states; n > 0; n -= ACT_STATES) {
      const from = this.#get(L.EX_HEAD),
        why = wasm.ex_run(this.#ex, n);
      n -= this.#get(L.EX_HEAD) - from;
      if (why !== EX_ACT) return why;
      wasm.ex_restore(this.#ex, this.#get(L.EX_ACT) - 1);
      this.#act();
      if ((this.#actions++ < LOOKED || this.#actions % LOOKED === 0) && this.#declared.missed(true)) return EX_UNSOUND;
      const then = wasm.ex_after_act(this.#ex);
      if (then !== EX_MORE) return then;
    }
    return EX_MORE;
  }

  /** What a student promised is looked at in each new state; states in which nobody can move are judged. */
  #judge() {
    const { m } = this.w,
      n = Math.min(this.#get(L.EX_NTERM), TERMINALS);
    for (; this.#judged < n && !this.#enough(); this.#judged++) {
      const s = m.ld32(this.#get(L.EX_TERM) + this.#judged * 4);
      m.wasm.ex_restore(this.#ex, s);
      this.#acts?.look();
      const wrong = judge(this.w, () => this.#again(s));
      if (wrong) this.#wrong(s, wrong);
    }
    if (this.#why === EX_MORE && (this.#slices++ < 4 || this.#slices % 8 === 0)) this.#check(1);
    if (this.#why === EX_DONE) this.#check(LAST_CHECKS);
    if (this.#promised) {
      for (const end = this.#get(L.EX_NSTATES); this.#expressed < end && !this.#enough(); this.#expressed++) {
        m.wasm.ex_restore(this.#ex, this.#expressed);
        this.#acts?.look();
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
  /** States at random are come to again from the root, also with every word going on: whatever matters must be declared. */
  #check(n: number) {
    while (n-- > 0 && !this.#enough()) this.#checkOne();
  }
  #checkOne() {
    this.#seed = (Math.imul(this.#seed, 1103515245) + 12345) >>> 0;
    const { m } = this.w,
      state = (this.#seed >>> 4) % this.#get(L.EX_NSTATES),
      still = this.#get(L.EX_NSTILL);
    this.#path(state, undefined, () => {
      if (this.#declared.missed(false)) this.#suspect = true;
    });
    if (this.#declared.missed(true)) this.#suspect = true;
    const here = this.#declared.values();
    m.st32(this.#ex + L.EX_NSTILL, 0);
    this.#path(state);
    m.st32(this.#ex + L.EX_NSTILL, still);
    if (this.#declared.differ(here)) this.#suspect = true; // what was taken for no state changes what is
    this.#home();
    this.#forget();
  }
  #wrong(state: number, wrong: Broken | (() => Broken), last?: number) {
    this.#bad++;
    if (this.#found) return;
    const list = this.#path(state, last);
    if (this.#declared.missed(true)) {
      this.#suspect = true; // the machine on its own does not come to this state: some word of it was not declared
      return;
    }
    const said = typeof wrong === 'function' ? wrong() : wrong;
    this.#found = { moves: list, ...said };
    this.#forget();
  }
  /** The machine in state s, after it was used for something else. */
  #again(s: number) {
    this.#home();
    this.#forget();
    this.w.m.wasm.ex_restore(this.#ex, s);
    this.#acts?.look();
  }
  /** Memory is none of the states now. */
  #forget() {
    const cur = this.#get(L.EX_CUR);
    this.w.m.u8.fill(0, cur, cur + nodes(this.#get(L.EX_NCOMPS)) * 4);
  }

  acted() {
    return [this.#acts?.made, this.#acts?.trees];
  }
  progress(): Progress {
    const has = this.#ex !== 0 && !this.#ended;
    if (this.#ended) return this.#ended;
    return {
      states: has ? this.#get(L.EX_NSTATES) : 0,
      expanded: has ? this.#get(L.EX_HEAD) : 0,
      moves: has ? this.w.m.ld64(this.#ex + L.EX_MOVES) : 0,
      depth: has ? this.#get(L.EX_DEPTH) : 0,
      ms: wallMs() - this.#began,
    };
  }

  /** What was found so far. The search ends, and the machine is as it was. */
  verdict(): Verdict {
    if (this.#ended) return this.#ended;
    if (this.#begun && this.#why === EX_MORE && !this.#enough()) this.#judge(); // of a search that was cut short, what there is
    const p = this.progress(),
      has = this.#ex !== 0 && this.#begun,
      complete = has && this.#why === EX_DONE && !this.#stopped;
    this.#ended = {
      ...p,
      terminal: has ? this.#get(L.EX_NTERM) : 0,
      bad: this.#bad + (has && this.q.whole ? this.#get(L.EX_NBAD) : 0),
      complete,
      ...(complete || this.#found ? {} : { stopped: this.#stopped ?? 'asked' }),
      bytes: this.#stateBytes,
      ...(this.#found ? { found: this.#found } : {}),
    };
    this.#letGo();
    this.#acts?.root();
    this.#declared.giveBack();
    return this.#ended;
  }

  /** The moves from the root to a state, silent ones included: made again, so that they are what the search made. */
  #path(state: number, last?: number, look = () => {}): Move[] {
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
    this.#home();
    m.st32(ex + L.EX_LOG_N, 0);
    wasm.ex_settle(ex);
    take();
    for (const move of back.reverse()) {
      if ((move | 0) === ACT) {
        out.push({ thread: this.#act(), act: true });
        wasm.ex_settle(ex);
      } else wasm.ex_move(ex, move);
      take();
      look();
    }
    return out;
  }
}

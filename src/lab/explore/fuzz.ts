// Beyond the exhaustive: schedules drawn by lot, for sizes whose states cannot all be visited. Uniform, or by priorities as in
// PCT (Burckhardt et al., ASPLOS 2010): each thread, and each thread's store buffer, has a random priority; the highest that
// can move goes; at d - 1 of k moves, drawn beforehand, whoever goes falls to the lowest. A bug of depth d is then found by a
// run with a probability of at least 1 / (n k^(d-1)). The same seed gives the same schedules: a run is known by its number.

import { wallMs } from '../../sim/clock_wall.ts';
import type { World } from '../world.ts';
import { Course } from './course.ts';
import { awake, moves } from './moves.ts';
import { reached } from './promises.ts';
import type { Found, Move, Question } from './question.ts';
import { shrink } from './shrink.ts';

export interface Lots {
  /** Schedules at most. */
  runs: number;
  seed: number;
  /** d of PCT; none: every move is drawn. */
  depth?: number;
  /** Moves of one schedule at most. */
  moves: number;
  /** What is found is made simpler; false: as it was drawn. */
  shrink?: boolean;
}
export const LOTS: Lots = { runs: 1000, seed: 1, moves: 20_000 };

/** Who only naps (usleep) goes on by himself: after so many times that all others slept and nothing was reached, a schedule is at its end. */
const NAPS = 4;

export interface Drawn {
  runs: number;
  moves: number;
  ms: number;
}
export interface FuzzVerdict extends Drawn {
  /** Moves of the longest schedule, and schedules at whose end nobody could move, or only who naps. */
  longest: number;
  ended: number;
  stopped?: 'runs' | 'time' | 'asked';
  /** `run`: its number, from 0; `drawn`: moves before it was made simpler. */
  found?: Found & { run: number; drawn: number };
}

/** Numbers from 0 to n - 1, each as likely. */
function lots(seed: number): (n: number) => number {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
}

export class Fuzz {
  readonly #course: Course;
  readonly #began = wallMs();
  #run = 0;
  #moves = 0;
  #longest = 0;
  #ended = 0;
  /** What was reached when last only naps were left, and how often that was so since. */
  #reached = '';
  #naps = 0;
  #found: FuzzVerdict['found'];
  #stopped: FuzzVerdict['stopped'];
  #verdict: FuzzVerdict | undefined;
  /** The schedule that is being made. */
  #pick: ((all: readonly Move[]) => Move) | undefined;

  constructor(
    w: World,
    private readonly q: Question,
    private readonly lots: Lots,
  ) {
    this.#course = new Course(w, q);
  }

  /** Makes so many moves. False: it is at its end. */
  step(n = 4096): boolean {
    if (this.#verdict || this.#found) return false;
    for (; n > 0 && !this.#found; n--) {
      if (this.#run >= this.lots.runs) {
        this.#stopped = 'runs';
        return false;
      }
      if (!this.#pick) this.#begin();
      this.#next();
    }
    if (!this.#found && this.q.seconds !== undefined && wallMs() - this.#began > this.q.seconds * 1000) {
      this.#stopped = 'time';
      return false;
    }
    return !this.#found;
  }

  #begin() {
    this.#course.begin();
    this.#reached = '';
    this.#naps = 0;
    const lot = lots(Math.imul(this.lots.seed, 0x9e3779b1) ^ Math.imul(this.#run + 1, 0x85ebca6b)),
      { depth } = this.lots;
    this.#pick = depth === undefined ? (all) => all[lot(all.length)] ?? { thread: 0 } : this.#priorities(depth, lot);
  }
  /** Who goes by priorities; the length of schedules is taken from those made so far. */
  #priorities(depth: number, lot: (n: number) => number): (all: readonly Move[]) => Move {
    const { m } = this.#course.w,
      of = Array.from({ length: 2 * m.threads }, (_, i) => depth + i),
      k = this.#longest || this.lots.moves,
      changes = new Map(Array.from({ length: depth - 1 }, (_, i) => [lot(k), depth - 1 - i]));
    for (let i = of.length - 1; i > 0; i--) {
      const j = lot(i + 1);
      [of[i], of[j]] = [of[j] ?? 0, of[i] ?? 0];
    }
    const who = (x: Move) => 2 * x.thread + (x.drain === undefined ? 0 : 1);
    return (all) => {
      const top = () => all.reduce((a, b) => ((of[who(b)] ?? 0) > (of[who(a)] ?? 0) ? b : a)),
        low = changes.get(this.#course.made.length);
      if (low !== undefined) of[who(top())] = low;
      return top();
    };
  }

  #next() {
    const c = this.#course,
      all = moves(c.w.m);
    if (c.broken) {
      this.#over(); // before its first move
      return;
    }
    if (!awake(c.w.m)) {
      const now = reached(c.w);
      if (this.#reached !== now) this.#naps = 0;
      this.#reached = now;
      c.halt();
      const ended = !all.length || this.#naps++ >= NAPS;
      if (ended) this.#ended++;
      if (ended || c.broken) {
        this.#over();
        return;
      }
    }
    const move = this.#pick?.(all);
    if (!move || !c.go(move) || c.broken || c.made.length >= this.lots.moves) this.#over();
  }
  #over() {
    const c = this.#course;
    this.#pick = undefined;
    this.#moves += c.made.length;
    this.#longest = Math.max(this.#longest, c.made.length);
    if (c.broken) {
      const drawn = { moves: c.made, ...c.broken },
        shown = this.lots.shrink === false ? drawn : shrink(c, drawn);
      this.#found = { ...shown, run: this.#run, drawn: drawn.moves.length };
    }
    this.#run++;
  }

  progress(): Drawn {
    return { runs: this.#run, moves: this.#moves + (this.#pick ? this.#course.made.length : 0), ms: wallMs() - this.#began };
  }
  /** What was found so far. It ends, and the machine is as it was. */
  verdict(): FuzzVerdict {
    if (this.#verdict) return this.#verdict;
    const found = this.#found;
    this.#verdict = {
      ...this.progress(),
      longest: this.#longest,
      ended: this.#ended,
      ...(found ? { found } : { stopped: this.#stopped ?? 'asked' }),
    };
    this.#course.end();
    return this.#verdict;
  }
}

/** All of them at once. */
export function fuzz(w: World, q: Question, l: Lots): FuzzVerdict {
  const f = new Fuzz(w, q, l);
  while (f.step());
  return f.verdict();
}

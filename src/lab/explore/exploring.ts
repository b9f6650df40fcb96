// One exploration from its question to its verdict, in slices, whichever kind it is: every schedule, or schedules by lot.

import { wallMs } from '../../sim/clock_wall.ts';
import type { World } from '../world.ts';
import type { Asked } from './asked.ts';
import { Course } from './course.ts';
import { Fuzz, type FuzzVerdict } from './fuzz.ts';
import type { Found, Verdict } from './question.ts';
import { Search } from './search.ts';
import { shrink } from './shrink.ts';
import { type Story, tell } from './story.ts';
import { fuzzWords, verdictStatus, verdictWords } from './verdict_words.ts';

export interface Explored {
  verdict: Verdict | FuzzVerdict;
  /** The verdict in a sentence. */
  words: string;
  status: 0 | 1 | 2;
  found?: Found;
  story?: Story;
}

/** How long one slice takes, ms, and what is done between two looks at the clock. */
const SLICE_MS = 12,
  STATES = 512;

export class Exploring {
  readonly #search: Search | undefined;
  readonly #fuzz: Fuzz | undefined;

  /** Throws what is wrong with a promise of the asker's own. */
  constructor(
    private readonly w: World,
    private readonly asked: Asked,
  ) {
    if (asked.lots) this.#fuzz = new Fuzz(w, asked.q, asked.lots);
    else this.#search = new Search(w, asked.q);
  }

  /** For some milliseconds. False: at its end. */
  slice(ms = SLICE_MS): boolean {
    const end = wallMs() + ms;
    while (this.#search ? this.#search.step(STATES) : this.#fuzz?.step(STATES)) if (wallMs() >= end) return true;
    return false;
  }

  /** One line about how far it is. */
  progress(): string {
    const n = (x: number) => Math.round(x).toLocaleString('en');
    if (this.#search) {
      const { states, expanded, depth, ms } = this.#search.progress();
      return `${n(states)} states, ${n(states - expanded)} in the frontier, ${n(depth)} deep, ${n(states / Math.max(0.001, ms / 1000))} states/s`;
    }
    const { runs, moves, ms } = this.#fuzz?.progress() ?? { runs: 0, moves: 0, ms: 0 };
    return `${n(runs)} schedules, ${n(moves)} moves, ${n(moves / Math.max(0.001, ms / 1000))} moves/s`;
  }

  /** What was found so far, with its story. The machine is as it was. */
  end(): Explored {
    const { w, asked } = this,
      { q } = asked;
    if (this.#fuzz && asked.lots) {
      const verdict = this.#fuzz.verdict();
      return this.#told({ verdict, words: fuzzWords(verdict, q, asked.lots), status: verdict.found ? 1 : 2 }, verdict.found);
    }
    const verdict = this.#search?.verdict();
    if (!verdict) throw new Error('nothing was explored');
    // with actions it stays as it was found: shortest, for a search goes breadth first
    if (verdict.found && asked.shrink && !q.acts) {
      const course = new Course(w, q);
      verdict.found = shrink(course, verdict.found);
      course.end();
    }
    return this.#told({ verdict, words: verdictWords(verdict, q), status: verdictStatus(verdict) }, verdict.found);
  }
  #told(e: Explored, found: Found | undefined): Explored {
    return found ? { ...e, found, story: tell(this.w, found, this.asked.q) } : e;
  }
}

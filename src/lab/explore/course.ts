// One schedule after the other from the same moment, each move with an eye on the promises: the ground under random
// schedules, their shortening, and the check that a counterexample is one. Time stands still, as in the search.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';
import { Kept, setModel } from './kept.ts';
import { actOf } from './acts.ts';
import { awake, makeOn } from './moves.ts';
import { promised } from './own_promises.ts';
import { type Broken, brokenIn, judge, watched } from './promises.ts';
import type { Found, Move, Question } from './question.ts';

const IMPOSSIBLE = -1;

export class Course {
  readonly #kept: Kept;
  readonly #ex: number;
  #held: [addr: number, bytes: number][] = [];
  readonly #rootEnd: number;
  readonly #promised: (() => Broken | undefined) | undefined;
  /** What was done since begin(). */
  made: Move[] = [];
  broken: Broken | undefined;

  constructor(
    readonly w: World,
    private readonly q: Pick<Question, 'model' | 'buffer' | 'promises' | 'acts'>,
  ) {
    const { m } = w;
    this.#promised = promised(w, q.promises ?? []);
    this.#rootEnd = m.ld32(L.MACHINE + L.M_END_FRAME);
    const see = watched(w),
      lists: [field: number, count: number, rows: readonly (readonly number[])[]][] = [
        [L.EX_KEEP, L.EX_NKEEP, see.keep],
        [L.EX_KRINGS, L.EX_NKRINGS, see.krings.map((k) => [k])],
        [L.EX_SLOTS, L.EX_NSLOTS, q.acts === 'all' ? [] : see.slots], // as the search's tables
        [L.EX_CSB, L.EX_NCSB, see.csb],
      ];
    this.#ex = this.#hold(L.PAGE);
    for (const [field, count, rows] of lists) {
      const at = this.#hold(Math.max(4, rows.flat().length * 4));
      m.st32(this.#ex + field, at);
      m.st32(this.#ex + count, rows.length);
      rows.flat().forEach((v, i) => {
        m.st32(at + i * 4, v);
      });
    }
    m.wasm.slots_keep(this.#ex);
    this.#kept = new Kept(w);
  }
  #hold(bytes: number): number {
    const a = this.w.m.reserve(bytes);
    this.#held.push([a, bytes]);
    return a;
  }

  /** Back to the moment from which every schedule begins. `broken`: what is so there already. */
  begin() {
    this.#kept.putAll();
    setModel(this.w.m, this.q);
    this.made = [];
    this.#look(this.w.m.wasm.watched_state(this.#ex));
  }
  #look(what: number) {
    this.broken = what ? brokenIn(this.w, what, this.w.m.ld32(this.#ex + L.EX_BAD_ADDR)) : this.#promised?.();
  }
  /** Makes a move; false when it is not possible now. `broken` says whether it broke a promise. */
  go(move: Move): boolean {
    const { m } = this.w;
    if (move.act && !makeOn(this.w, move)) return false;
    const what = move.act
      ? m.wasm.watched_state(this.#ex)
      : m.wasm.watched_move(this.#ex, m.block(move.thread), move.drain === undefined ? 0 : move.drain + 1);
    if (what === IMPOSSIBLE) return false;
    this.made.push(move);
    this.#look(what);
    return true;
  }
  /** Nobody is awake: looks whether anybody should. */
  halt(): Broken | undefined {
    const here = this.#kept.now();
    this.broken = judge(this.w, () => this.#kept.put(here));
    this.#kept.put(here);
    return this.broken;
  }

  /** Follows a schedule to its end. What it breaks, or undefined: nothing, or a move of it is not possible. */
  follow(list: readonly Move[]): Found | undefined {
    this.begin();
    for (const move of list) {
      if (this.broken) break;
      if (!this.go(move)) return undefined;
    }
    if (!this.broken && !awake(this.w.m) && !(this.q.acts && actOf(this.w, this.q.acts) !== undefined)) this.halt();
    return this.broken && { moves: this.made, ...this.broken };
  }

  /** The machine as it was. */
  end() {
    const { m } = this.w;
    this.#kept.end();
    for (const [a, bytes] of this.#held) {
      m.u8.fill(0, a, a + Math.ceil(bytes / L.PAGE) * L.PAGE);
      m.release(a, bytes);
    }
    this.#held = [];
    m.st32(L.MACHINE + L.M_END_FRAME, this.#rootEnd);
  }
}

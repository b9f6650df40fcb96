// A verdict as a sentence, and its counterexample as a story, one sentence a move: what the page shows of a search.

import * as L from '../../../wasm/layout.ts';
import { nameOf, lastStep } from '../view.ts';
import type { World } from '../world.ts';
import type { StoryStep } from './asked.ts';
import { make } from './moves.ts';
import type { Move, Question, Verdict } from './question.ts';
import { digits } from '../share_schema.ts';

const MODEL = { sc: 'sequential consistency', tso: 'store buffers', pso: 'out-of-order drains' } as const;

/** The verdict in one sentence; a bounded search is called one. */
export function verdictSentence(v: Verdict, q: Question): string {
  const states = `${digits(v.states)} states`;
  if (v.found) return `${v.found.why} Found in ${states}, ${digits(v.found.moves.length)} moves from here.`;
  if (v.complete) return `Every promise holds in all ${states}, under ${MODEL[q.model]}.`;
  return `No failure in ${states}; ${digits(v.states - v.expanded)} were not looked beyond. This is not a proof.`;
}

/** Plays a counterexample on the machine, which is left at its end. */
export function story(w: World, moves: readonly Move[]): StoryStep[] {
  const { m } = w,
    out: StoryStep[] = [];
  for (const [i, move] of moves.entries()) {
    const t = m.block(move.thread),
      who = nameOf(w, t),
      slept = m.status(t) !== L.TS_ASLEEP;
    if (!make(m, move)) break;
    const point = move.drain === undefined ? m.ld32(L.MACHINE + L.M_DONE_POINT) : 0,
      words = move.drain === undefined ? lastStep(w).sentence : `A pending store of ${who.name} reached memory.`,
      sleeps = slept && m.status(t) === L.TS_ASLEEP;
    out.push({
      words,
      matters:
        sleeps || move.drain !== undefined || / of the CSB| in the CSB|kick|sleep|woke|interrupt/.test(words) || i === moves.length - 1,
      thread: who.name,
      owner: who.side,
      point,
    });
  }
  return out;
}

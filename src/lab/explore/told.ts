// A verdict as a sentence, and its counterexample as a story, one sentence a move: what the page shows of a search.

import * as L from '../../../wasm/layout.ts';
import { pointOf } from '../../sim/points.ts';
import { digits } from '../share_schema.ts';
import { lastStep, nameOf } from '../view.ts';
import type { World } from '../world.ts';
import type { StoryPart } from './job.ts';
import { make } from './moves.ts';
import type { Move, Question, Verdict } from './question.ts';

const MODEL = { sc: 'sequential consistency', tso: 'store buffers', pso: 'out-of-order drains' } as const;

/** The verdict in one sentence; a bounded search is called one. */
export function verdictSentence(v: Verdict, q: Question): string {
  const states = `${digits(v.states)} states`;
  if (v.found) return `${v.found.why} Found in ${states}, ${digits(v.found.moves.length)} moves from here.`;
  if (v.complete) return `Every promise holds in all ${states}, under ${MODEL[q.model]}.`;
  return `No failure in ${states}; ${digits(v.states - v.expanded)} were not looked beyond. This is not a proof.`;
}

/** Plays a counterexample on the machine, which is left at its end. */
export function story(w: World, moves: readonly Move[]): StoryPart[] {
  const { m } = w,
    out: StoryPart[] = [];
  for (const [i, move] of moves.entries()) {
    const t = m.block(move.thread),
      who = nameOf(w, t),
      awake = m.status(t) !== L.TS_ASLEEP;
    if (!make(m, move)) break;
    const drains = move.drain !== undefined,
      words = drains ? `A pending store of ${who.name} reached memory.` : lastStep(w).sentence,
      matters =
        drains ||
        (awake && m.status(t) === L.TS_ASLEEP) ||
        / of the CSB| in the CSB|kick|sleep|woke|interrupt/.test(words) ||
        i === moves.length - 1,
      step = {
        n: i + 1,
        words,
        thread: who.name,
        owner: who.side,
        point: drains ? '' : (pointOf(m.ld32(L.MACHINE + L.M_DONE_POINT))?.name ?? ''),
      },
      last = out.at(-1);
    if (!matters && last && !last.matters && last.steps[0]?.thread === who.name) last.steps.push(step);
    else out.push({ matters, words, steps: [step] });
  }
  for (const part of out) {
    const [first] = part.steps;
    if (!part.matters && first && part.steps.length > 1) part.words = `${first.thread} makes ${part.steps.length} accesses.`;
  }
  return out;
}

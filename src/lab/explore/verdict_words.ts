// The verdict in one sentence: what was tried, what was not, and why it stopped. No number in it depends on how fast the
// computer is.

import { digits, ordinal } from '../share_schema.ts';
import type { FuzzVerdict, Lots } from './fuzz.ts';
import { PROMISES } from './promises.ts';
import type { Found, Question, Stopped, Verdict } from './question.ts';

const BECAUSE: Record<Stopped, string> = {
  states: 'stopped by the bound on states',
  memory: 'stopped by the bound on memory',
  time: 'stopped by the bound on time',
  asked: 'stopped because it was asked to',
  runs: 'as many as were to be drawn',
};
const count = (n: number, one: string) => `${digits(n)} ${one}${n === 1 ? '' : 's'}`;

/** The memory model, as in (tso, buffers of 2). */
export const modelWords = (q: Question): string =>
  `${q.model}${q.model === 'sc' ? '' : `, buffers of ${q.buffer}`}${q.reduce === false ? ', every access a choice' : ''}`;
const titled = (f: Found) => `“${PROMISES.find((p) => p.name === f.promise)?.title ?? f.promise}”`;
const broken = (f: Found) => `the promise ${titled(f)} after ${count(f.moves.length, 'move')}`;
/** Before the first move: no schedule is to blame. */
const already = (f: Found, q: Question) =>
  `Where the schedules begin, the promise ${titled(f)} is broken already (${modelWords(q)}): ${f.why}`;

export function verdictWords(v: Verdict, q: Question): string {
  if (v.found) {
    if (!v.found.moves.length && !q.whole) return already(v.found, q);
    const more = q.whole && v.bad > 1 ? ` ${digits(v.bad)} ways to break a promise were counted${v.complete ? '' : ' so far'}.` : '';
    return `A schedule breaks ${broken(v.found)} (${modelWords(q)}): ${v.found.why}${more}`;
  }
  if (v.complete)
    return `Every schedule was tried: ${count(v.states, 'state')}, ${digits(v.depth)} deep, no promise is broken (${modelWords(q)}).`;
  return `No promise is broken in ${count(v.states, 'state')} (${modelWords(q)}); the frontier is not empty (${BECAUSE[v.stopped ?? 'asked']}).`;
}

/** Of schedules drawn by lot; that none of them breaks a promise says nothing of the others. */
export function fuzzWords(v: FuzzVerdict, q: Question, l: Lots): string {
  const how = `${l.depth === undefined ? 'drawn by lot' : `drawn by priorities of depth ${l.depth}`}, seed ${l.seed}, ${modelWords(q)}`;
  if (v.found) {
    if (!v.found.moves.length) return already(v.found, q);
    const from = v.found.drawn === v.found.moves.length ? '' : `; as it was drawn, it had ${digits(v.found.drawn)}`;
    return `The ${ordinal(v.found.run + 1)} schedule breaks ${broken(v.found)} (${how}${from}): ${v.found.why}`;
  }
  const why = v.stopped === 'runs' || v.stopped === undefined ? '' : ` (${BECAUSE[v.stopped]})`;
  return `No promise is broken in ${count(v.runs, 'schedule')} of ${count(v.moves, 'move')} in all (${how})${why}; other schedules were not tried.`;
}

/** 0: all promises kept in every schedule. 1: one is broken. 2: neither is known. */
export const verdictStatus = (v: { found?: Found; complete?: boolean }): 0 | 1 | 2 => (v.found ? 1 : v.complete ? 0 : 2);

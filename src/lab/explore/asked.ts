// The words of `explore …`, for terminals, files and the command line: what is asked, or a sentence why it is no question.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';
import { FLAGS, NUMBERS, type NumberOption } from './explore_words.ts';
import { LOTS, type Lots } from './fuzz.ts';
import { promiseProblem } from './own_promises.ts';
import { MODELS, type Model, QUESTION, type Question } from './question.ts';

export interface Asked {
  q: Question;
  /** Schedules by lot, in place of all of them. */
  lots?: Lots;
  /** What is found is told step by step. */
  story: boolean;
  /** What is found is made simpler. */
  shrink: boolean;
  /** Moves of the last counterexample to be made; nothing is explored. */
  take?: number;
}

/** The question of a machine as it is: under its own memory model. */
export function questionOf(w: World | undefined): Question {
  if (!w) return { ...QUESTION };
  const room = w.m.ld32(L.MACHINE + L.M_TSO);
  return room
    ? { ...QUESTION, model: w.m.ld32(L.MACHINE + L.M_DRAIN_ANY) ? 'pso' : 'tso', buffer: Math.min(room, L.SB_MAX) }
    : { ...QUESTION };
}

/** Words up to the next option, without the quotes that a file has around them. */
function upTo(args: readonly string[], from: number): { text: string; next: number } {
  let next = from;
  while (next < args.length && !args[next]?.startsWith('--')) next++;
  const text = args.slice(from, next).join(' ');
  return { text: /^(['"]).*\1$/.test(text) ? text.slice(1, -1) : text, next };
}

/** Without a machine: whether the words are ones; what depends on the machine is not looked at. */
export function asked(w: World | undefined, args: readonly string[]): Asked | string {
  const q = questionOf(w),
    numbers = new Map<string, number>(),
    flags = new Set<string>(),
    promises: string[] = [];
  let model: Model | undefined, take: number | undefined;
  for (let i = 0; i < args.length; ) {
    const a = args[i++] ?? '',
      word = args[i];
    if (a === '--model') {
      model = MODELS.find((x) => x === word);
      if (!model) return `no memory model "${word ?? ''}"; there are ${MODELS.join(', ')}`;
      i++;
    } else if (a === '--acts') {
      if (word !== 'exits' && word !== 'all')
        return `--acts is exits or all, not "${word ?? ''}": which actions of the control plane are moves too`;
      q.acts = word;
      i++;
    } else if (a === '--promise') {
      const { text, next } = upTo(args, i);
      if (!text) return "promise what? As in --promise 'csb.tx_ring.head < 4'";
      const problem = w && promiseProblem(w, text);
      if (problem !== undefined) return `promise “${text}”: ${problem}`;
      promises.push(text);
      i = next;
    } else if (a === '--take') {
      if (word !== undefined && !/^\d{1,6}$/.test(word)) return `"${word}" is not a number of moves`;
      take = word === undefined ? Number.MAX_SAFE_INTEGER : Number(word);
      i++;
    } else if (Object.hasOwn(NUMBERS, a)) {
      const [least, most] = NUMBERS[a as NumberOption],
        n = word !== undefined && /^\d{1,10}$/.test(word) ? Number(word) : Number.NaN;
      if (!(n >= least && n <= most)) return `${a} is a number from ${least} to ${most}, not "${word ?? ''}"`;
      numbers.set(a, n);
      i++;
    } else if ((FLAGS as readonly string[]).includes(a)) flags.add(a);
    else return `no option "${a}" of explore; there are ${[...Object.keys(NUMBERS), ...FLAGS, '--model', '--promise', '--take'].join(' ')}`;
  }
  if (model) Object.assign(q, { model, buffer: q.model === 'sc' ? QUESTION.buffer : q.buffer });
  const of = (name: NumberOption) => numbers.get(name);
  if (w && of('--buffer') !== undefined && q.model === 'sc')
    return '--buffer needs --model tso or pso: under sc every store is seen at once';
  q.buffer = of('--buffer') ?? q.buffer;
  q.limit = of('--limit') ?? q.limit;
  q.memoryMiB = of('--memory') ?? q.memoryMiB;
  const seconds = of('--seconds');
  if (seconds !== undefined) q.seconds = seconds;
  if (promises.length) q.promises = promises;
  if (flags.has('--no-reduce')) q.reduce = false;
  if (flags.has('--whole')) q.whole = true;
  const byLot = of('--random') !== undefined || of('--pct') !== undefined,
    only = (['--seed', '--moves'] as const).find((x) => of(x) !== undefined);
  if (!byLot && only) return `${only} goes with --random or --pct: a search of every schedule draws no lots`;
  const shrink = !flags.has('--no-shrink'),
    depth = of('--pct'),
    lots: Lots = {
      runs: of('--random') ?? LOTS.runs,
      seed: of('--seed') ?? LOTS.seed,
      moves: of('--moves') ?? LOTS.moves,
      shrink,
      ...(depth === undefined ? {} : { depth }),
    };
  return { q, story: flags.has('--story'), shrink, ...(byLot ? { lots } : {}), ...(take === undefined ? {} : { take }) };
}

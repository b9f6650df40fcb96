// lab explore: every schedule from this moment, or many by lot; lab counterexample: what was found, made here. The search goes
// on a machine of its own, in slices, so that the lab can be used meanwhile. It changes nothing.

import type { Command, Outcome } from '../control.ts';
import type { Lab } from '../lab.ts';
import { waits } from '../program.ts';
import { asked } from './asked.ts';
import { apart, rootOf, take } from './counterexample.ts';
import { EXPLORE_ARGS } from './explore_words.ts';
import { Exploring } from './exploring.ts';
import { storyText, wrapped } from './story.ts';

/** What was asked is no question (sysexits(3)). */
const EX_USAGE = 64;
const WIDTH = 100;
const no = (text: string): Outcome => ({ ok: false, text, status: EX_USAGE });

const wrong = (e: unknown) => {
  const why = e instanceof Error ? e.message : String(e);
  return e instanceof RangeError ? `${why}; --memory asks for less` : why;
};

const slept = () =>
  new Promise((r) => {
    setTimeout(r, 0);
  });

/** Whether the process that asked still waits for all of its answer. */
function waited(lab: Lab, { vm, pid }: { vm: string; pid: number }): boolean {
  const { host, guests } = lab.world.tree,
    os = vm === '' ? host.os : guests[vm]?.os;
  return waits(os?.procs.find((p) => p.pid === pid));
}

async function search(lab: Lab, work: Exploring, say: (e: ReturnType<Exploring['end']>) => Outcome): Promise<Outcome> {
  const who = lab.asker;
  try {
    while (work.slice()) {
      await slept();
      if (who && !waited(lab, who)) break; // Ctrl-C: what was found is kept
    }
    return say(work.end());
  } catch (e) {
    return no(wrong(e));
  }
}

function made(lab: Lab, n: number): Outcome {
  const x = lab.counterexample;
  if (!x) return no('there is no counterexample; lab explore looks for one');
  if (n < 1) return no('make how many of its moves? At least 1');
  return { ok: true, text: take(lab, x, n) };
}

function explore(lab: Lab, args: string[]): Outcome {
  const a = asked(lab.world, args);
  if (typeof a === 'string') return no(a);
  if (a.take !== undefined) return made(lab, a.take);
  const root = rootOf(lab.world);
  let work: Exploring;
  try {
    work = new Exploring(apart(lab, root), a);
  } catch (e) {
    return no(wrong(e));
  }
  const later = search(lab, work, ({ words, status, found, story }) => {
    if (found) lab.counterexample = { root, found, q: a.q };
    const told = story && a.story ? [storyText(story)] : [],
      hint = found ? [`lab: counterexample makes its moves here${a.story ? '' : '; explore --story tells them'}`] : [];
    return { ok: status === 0, status, text: [...wrapped(words, WIDTH), ...told, ...hint].join('\n') };
  });
  return { ok: true, text: '', later };
}

export const EXPLORE: readonly Command[] = [
  {
    name: 'explore',
    args: EXPLORE_ARGS,
    help: 'try every schedule from this moment, or many by lot: does one break a promise? Status 0: none, 1: one, 2: not all were tried',
    run: explore,
  },
  {
    name: 'counterexample',
    args: '[N]',
    help: 'go to the moment from which was explored, and make the moves that were found, or the first N',
    run(lab, [word]) {
      if (word !== undefined && !/^\d{1,6}$/.test(word)) return no(`"${word}" is not a number of moves`);
      return made(lab, word === undefined ? Number.MAX_SAFE_INTEGER : Number(word));
    },
  },
];

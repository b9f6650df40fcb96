// One search on a machine of its own, made from a parked one or from a recording: what a worker of the pool runs. It goes
// in slices and says a few times a second how far it is. The world that it makes goes with it.

import * as L from '../../../wasm/layout.ts';
import { Checkpoints } from '../checkpoints.ts';
import { fromFile, play } from '../share.ts';
import { isBad } from '../share_schema.ts';
import { World } from '../world.ts';
import type { FromSearcher, Task } from './job.ts';
import { Fuzz } from './fuzz.ts';
import { modelKnobs, protections } from './protections.ts';
import type { Progress, Verdict } from './question.ts';
import { Search } from './search.ts';
import { storyParts } from './told.ts';
import { fuzzWords, verdictWords } from './verdict_words.ts';

/** The machine that a task begins at; throws a sentence when there is none. */
export function startOf({ wasm, setup, start, knobs }: Task): World {
  const fresh = (o: { seed: number; slots: number }) => World.create(wasm, { shared: false, ...o });
  let w: World;
  if ('recording' in start) {
    const r = fromFile(start.recording),
      made = isBad(r) ? r : play(r, fresh);
    if ('error' in made) throw new Error(made.error);
    w = made.world;
  } else {
    w = fresh(setup);
    w.m.hold((Math.max(...start.pages.keys()) + 1) * L.PAGE);
    new Checkpoints(w).restore(start);
  }
  for (const k of knobs) w.host.setSysctl(k.name, k.value);
  return w;
}

export class Searcher {
  readonly #w: World;
  readonly #search: Search | Fuzz;

  constructor(
    private readonly task: Task,
    private readonly send: (m: FromSearcher) => void,
  ) {
    this.#w = startOf(task);
    send({ t: 'ready', protections: protections(this.#w), model: modelKnobs(this.#w, task.question) });
    this.#search = task.lots ? new Fuzz(this.#w, task.question, task.lots) : new Search(this.#w, task.question);
  }

  /** Goes on by so many states; false: at its end. */
  step(states?: number): boolean {
    return this.#search.step(states);
  }
  tell() {
    const s = this.#search;
    this.send({ t: 'progress', progress: s instanceof Fuzz ? drawn(s) : s.progress() });
  }
  /** The verdict as it is now, `asked`: because somebody wanted no more. */
  end(asked = false) {
    const { question, lots } = this.task,
      s = this.#search;
    if (s instanceof Fuzz && lots) {
      const v = s.verdict(),
        { found } = v,
        verdict: Verdict = {
          ...drawn(s),
          depth: v.longest,
          terminal: v.ended,
          bad: found ? 1 : 0,
          complete: false,
          bytes: 0,
          ...(found ? { found } : { stopped: v.stopped ?? 'asked' }),
        };
      this.#done(verdict, fuzzWords(asked && v.stopped ? { ...v, stopped: 'asked' } : v, question, lots));
      return;
    }
    const found = this.#search.verdict() as Verdict,
      v = asked && !found.complete && !found.found && !found.stopped ? { ...found, stopped: 'asked' as const } : found;
    this.#done(v, verdictWords(v, question));
  }
  #done(verdict: Verdict, sentence: string) {
    const { found } = verdict;
    this.send({ t: 'done', verdict, sentence, story: found ? storyParts(this.#w, found, this.task.question) : [] });
  }
}

/** How far schedules by lot are: there are no states. */
function drawn(f: Fuzz): Progress {
  const { runs, moves, ms } = f.progress();
  return { states: 0, expanded: 0, moves, depth: 0, ms, schedules: runs };
}

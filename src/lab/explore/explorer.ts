// The explorer of a lab: what was asked, from which moment, what came of it. A search has a machine of its own (pool.ts), so
// the lab goes on meanwhile; a counterexample comes back as choices in the lab's recording.

import { Checkpoints, type Root } from '../checkpoints.ts';
import type { Entry } from '../deeds.ts';
import { goOn } from '../keep.ts';
import type { Lab } from '../lab.ts';
import { fromFile, toFragment } from '../share.ts';
import { type Recording, digits, isBad, readRecording } from '../share_schema.ts';
import type { World } from '../world.ts';
import type { Asked, ExploreJob, FromSearcher, Knob, StoryPart } from './job.ts';
import type { Pool } from './pool.ts';
import { deedsOf } from './as_deeds.ts';
import type { Move, Progress } from './question.ts';

const KEPT = 24;
const RATE_MS = 1000;

/** Where a search began, to be found again: in the lab's own recording, as a recording, or as a machine. */
interface Origin {
  words: string;
  step: number;
  setup: { seed: number; slots: number };
  recording?: Recording;
  root?: Root;
  /** The lab's timeline at that time, and which history was present. */
  place?: { first: Root | undefined; world: World; history: number };
}
interface Job {
  view: ExploreJob;
  origin: Origin;
  story: StoryPart[];
  moves: Move[];
  rates: { ms: number; states: number }[];
  /** What the memory model of the question sets on that machine. */
  model: Knob[];
  /** Where the counterexample stands in the lab's recording. */
  shown?: { first: Root | undefined; history: number; from: number };
}
/** `opened`: another machine is in the lab's place. */
type Result = { ok: boolean; text: string; opened?: boolean };
const made = (p: Progress) => (p.schedules === undefined ? p.states : p.moves);
const no = (text: string): Result => ({ ok: false, text });

export class Explorer {
  readonly #jobs = new Map<number, Job>();
  #ids = 0;
  constructor(
    private readonly lab: () => Lab,
    private readonly pool: Pool,
    private readonly build: string,
    private readonly emit: (job: ExploreJob) => void,
  ) {}

  /** Begins a search. The lab must be parked when it is to begin here. */
  ask(asked: Asked): Result & { id?: number } {
    const origin = this.#origin(asked);
    if ('error' in origin) return no(origin.error);
    const lab = this.lab(),
      id = ++this.#ids,
      start = origin.root ?? (origin.recording && { recording: JSON.stringify(origin.recording) });
    if (!start) return no('There is no such search any more.');
    const view: ExploreJob = {
      id,
      from: origin.words,
      here: origin.place !== undefined,
      question: asked.question,
      ...(asked.lots && { lots: asked.lots }),
      knobs: asked.knobs,
      varied: asked.varied,
      state: 'waiting',
      rate: 0,
      sentence: '',
      protections: [],
      failure: '',
    };
    const job: Job = { view, origin, story: [], moves: [], rates: [], model: [] };
    this.#jobs.set(id, job);
    this.#forgetOld();
    view.state = this.pool.busy < this.pool.size ? 'preparing' : 'waiting';
    this.emit({ ...view });
    this.pool.begin(
      id,
      {
        wasm: lab.wasm.step,
        setup: origin.setup,
        start,
        knobs: asked.knobs,
        question: asked.question,
        ...(asked.lots && { lots: asked.lots }),
      },
      (m) => this.#hear(job, m),
    );
    return { ok: true, text: '', id };
  }

  #origin({ scenario, of }: Asked): Origin | { error: string } {
    const lab = this.lab(),
      { world, timeline } = lab;
    if (of !== undefined) return this.#jobs.get(of)?.origin ?? { error: 'That search is not in the list any more.' };
    if (scenario) {
      const recording = fromFile(scenario.recording);
      if (isBad(recording)) return recording;
      return { words: scenario.title, step: recording.step, setup: recording.options, recording };
    }
    const { m } = world,
      checkpoints = new Checkpoints(world);
    if (!world.tree.host.vms.some((v) => v.block)) return { error: 'No virtual machine runs here: there is nothing to explore yet.' };
    checkpoints.make(0);
    const [root] = checkpoints.list,
      recording = timeline.fresh ? lab.record() : undefined;
    return {
      words: `step ${digits(m.steps)}`,
      step: m.steps,
      setup: lab.setup,
      ...(root ? { root } : {}),
      ...(recording && !isBad(recording) ? { recording: { ...recording, entries: recording.entries.filter((e) => e.at < m.steps) } } : {}),
      place: { first: timeline.first, world, history: timeline.present.id },
    };
  }

  #forgetOld() {
    for (const [id, j] of this.#jobs)
      if (this.#jobs.size > KEPT && (j.view.state === 'done' || j.view.state === 'failed')) this.#jobs.delete(id);
  }

  #hear(job: Job, m: FromSearcher) {
    const { view } = job;
    switch (m.t) {
      case 'ready':
        view.state = 'searching';
        view.protections = m.protections;
        job.model = m.model;
        break;
      case 'progress': {
        view.progress = m.progress;
        const { ms } = m.progress,
          states = made(m.progress),
          before = job.rates.find((r) => ms - r.ms <= RATE_MS * 2) ?? { ms: 0, states: 0 };
        job.rates = [...job.rates.filter((r) => ms - r.ms <= RATE_MS), { ms, states }];
        if (ms > before.ms) view.rate = Math.round(((states - before.states) / (ms - before.ms)) * 1000);
        break;
      }
      case 'done': {
        const { found, ...rest } = m.verdict;
        view.state = 'done';
        view.sentence = m.sentence;
        view.verdict = { ...rest, ...(found ? { found: { promise: found.promise, why: found.why, moves: found.moves.length } } : {}) };
        view.rate = rest.ms > 0 ? Math.round((made(rest) / rest.ms) * 1000) : 0;
        job.story = m.story;
        job.moves = found?.moves ?? [];
        break;
      }
      case 'failed':
        view.state = 'failed';
        view.failure = m.why;
    }
    this.emit({ ...view });
  }

  stop(id: number) {
    const job = this.#jobs.get(id);
    if (job && !this.pool.stop(id) && job.view.state !== 'done') this.#hear(job, { t: 'failed', why: 'It was stopped before it began.' });
  }
  forget(id: number) {
    this.pool.drop(id);
    this.#jobs.delete(id);
  }
  story(id: number): StoryPart[] {
    return this.#jobs.get(id)?.story ?? [];
  }

  /** Puts the lab where a search began; a sentence when that is not possible. */
  #goTo(o: Origin, more: () => boolean): string | undefined {
    const lab = this.lab(),
      { timeline: t } = lab,
      p = o.place;
    if (p && p.world === lab.world && p.first === t.first) {
      if (t.present.id !== p.history && t.branches.some((b) => b.id === p.history)) lab.switchTo(p.history);
      if (t.present.id === p.history && o.step <= t.end) {
        lab.goto(o.step);
        if (lab.world.m.steps === o.step) return undefined;
      }
    }
    if (o.recording) return lab.open(o.recording, more);
    if (!o.root) return 'The moment where this search began is gone.';
    const { step } = o.root;
    return goOn(
      lab,
      {
        build: this.build,
        setup: o.setup,
        root: 1,
        entries: [],
        present: { id: 0, name: 'first history', parent: -1, parted: step },
        branches: [],
        end: step,
        step,
        breaks: [],
        when: 0,
      },
      this.build,
      o.root,
      more,
    );
  }

  /** The counterexample, as choices in the lab's recording; the lab stands after so many of them, -1: at its end. */
  show(id: number, moves: number, more: () => boolean): Result {
    const job = this.#jobs.get(id);
    if (!job?.moves.length) return no('There is no such counterexample any more.');
    const at = moves < 0 ? job.moves.length : Math.min(moves, job.moves.length),
      was = this.lab().world;
    if (!this.#again(job, at)) {
      const why = this.#goTo(job.origin, more);
      if (why !== undefined) return no(why);
      const lab = this.lab();
      for (const d of deedsOf(lab.world, [...job.view.knobs, ...job.model], job.moves)) lab.timeline.do(d);
      const { timeline: t } = lab;
      job.shown = { first: t.first, history: t.present.id, from: lab.world.m.steps - job.moves.length };
      if (t.present.name.startsWith('branch ')) t.name(t.present.id, `explored ${job.view.varied || job.view.from}`.slice(0, 60));
      lab.goto(job.shown.from + at);
    }
    const { world, sentence } = this.lab();
    return { ok: true, text: `Step ${digits(world.m.steps)}: ${sentence}`, opened: world !== was };
  }
  /** It stands in the recording already. */
  #again(job: Job, at: number): boolean {
    const lab = this.lab(),
      { timeline: t } = lab,
      s = job.shown;
    if (!s || s.first !== t.first || s.first === undefined) return false;
    const end = s.from + job.moves.length;
    if (t.present.id !== s.history && !(t.branches.some((b) => b.id === s.history && b.end >= end) && lab.switchTo(s.history)))
      return false;
    if (t.present.id !== s.history || t.end < end) return false;
    lab.goto(s.from + at);
    return lab.world.m.steps === s.from + at;
  }

  /** A link's fragment to the counterexample's end, from a fresh lab on. */
  async share(id: number, layout?: unknown): Promise<Result> {
    const job = this.#jobs.get(id),
      r = job?.origin.recording;
    if (!job?.moves.length) return no('There is no such counterexample any more.');
    if (!r)
      return no('What ran freely before this moment was not recorded, so it has no link. View it in the stepper and save it to a file.');
    const deeds = deedsOf(this.lab().world, [...job.view.knobs, ...job.model], job.moves),
      all = readRecording({
        ...r,
        entries: [...r.entries.filter((e) => e.at < r.step), ...deeds.map((d, i) => ({ ...d, at: r.step + i }) as Entry)],
        step: r.step + deeds.length,
        ...(layout === undefined ? {} : { layout }),
      });
    return isBad(all) ? no(all.error) : { ok: true, text: await toFragment(all) };
  }
}

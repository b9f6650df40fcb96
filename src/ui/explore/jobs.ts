// What can be done with the explorer: asking, stopping, showing what was found, sharing it.
import { part } from '../mend';
import type { Asked, ExploreJob, HazardRow, Model, Protection, Question } from '../../lab/protocol';
import { arrangement } from '../arrangement';
import { ask } from '../call';
import { leave, undoOpening } from '../recording';
import { lab, page } from '../store';
import { refuse } from '../travel';
import { say } from '../words';
import { howOf } from './explore_words';
import { type Draft, explorer } from './searches';

const words = say.explore;
async function begin(what: Asked): Promise<void> {
  const answer = await ask((api) => api.explore(what));
  if (!answer) return;
  if (answer.ok && answer.id !== undefined) explorer.set({ chosen: answer.id, asking: false, refusal: '' });
  else explorer.set({ refusal: answer.text });
}

function questionOf(d: Draft): Question {
  return {
    model: d.model,
    buffer: d.buffer,
    limit: d.limit,
    memoryMiB: d.memoryMiB,
    ...(d.acts === 'no' ? {} : { acts: d.acts }),
    ...(d.seconds ? { seconds: d.seconds } : {}),
    ...(d.promises.length ? { promises: [...d.promises] } : {}),
  };
}

const MOVES = 20_000;
const lotsOf = (d: Draft): Pick<Asked, 'lots'> =>
  d.how === 'every' || d.how === 'free'
    ? {}
    : { lots: { runs: d.runs, seed: d.seed, moves: MOVES, ...(d.how === 'pct' ? { depth: d.depth } : {}) } };
const sameLots = (job: ExploreJob): Pick<Asked, 'lots'> => (job.lots ? { lots: job.lots } : {});

/** Asks what the form says. */
export async function askDraft(): Promise<void> {
  const { draft, scenarios } = explorer.get(),
    scenario = scenarios.find((s) => s.file === draft.from);
  await begin({ ...(scenario ? { scenario } : {}), knobs: [], varied: '', question: questionOf(draft), ...lotsOf(draft) });
}

/** Runs the free engine and parks it, again and again. */
export async function stress(): Promise<void> {
  lab.set({ refusal: '' });
  leave();
  const answer = await ask((api) => api.stress(explorer.get().draft.parks));
  if (answer && !answer.ok) refuse(answer.text);
}

const also = (job: ExploreJob, more: string): string => (job.varied ? `${job.varied}, ${more}` : more);

/** The same question, with a protection put back or taken away. */
export function askWithout(job: ExploreJob, p: Protection): Promise<void> {
  const names = new Set(p.knobs.map((k) => k.name));
  return begin({
    of: job.id,
    knobs: [...job.knobs.filter((k) => !names.has(k.name)), ...p.knobs],
    varied: also(job, `${p.on ? words.without : words.with} ${p.words}`),
    question: job.question,
    ...sameLots(job),
  });
}
/** The same question under another memory model. */
export function askUnder(job: ExploreJob, model: Model): Promise<void> {
  return begin({ of: job.id, knobs: job.knobs, varied: job.varied, question: { ...job.question, model }, ...sameLots(job) });
}
export function askAgain(job: ExploreJob): Promise<void> {
  return begin({ of: job.id, knobs: job.knobs, varied: job.varied, question: job.question, ...sameLots(job) });
}
/** The same question with ten times the room: it did not come to its end. */
export function goOn(job: ExploreJob): Promise<void> {
  const { seconds, ...q } = job.question;
  return begin({
    of: job.id,
    knobs: job.knobs,
    varied: job.varied,
    question: {
      ...q,
      limit: q.limit * 10,
      memoryMiB: Math.max(q.memoryMiB, Math.min(1024, q.memoryMiB * 2)),
      ...(seconds ? { seconds: seconds * 10 } : {}),
    },
  });
}

export const stop = (id: number) => void ask((api) => api.stopExploring(id));
export function forget(id: number): void {
  void ask((api) => api.forgetExploring(id));
  const jobs = explorer.get().jobs.filter((j) => j.id !== id);
  explorer.set({ jobs, chosen: explorer.get().chosen === id ? (jobs.at(-1)?.id ?? -1) : explorer.get().chosen, asking: !jobs.length });
}

/** A phone shows one thing at a time. */
const onStage = (): { phone?: 'ring' } => (document.documentElement.clientWidth < 720 ? { phone: 'ring' } : {});
/** The counterexample in the stepper, after so many of its moves; -1: at its end. What was there is a branch, or can be had back. */
export async function show(job: ExploreJob, moves = -1): Promise<void> {
  lab.set({ refusal: '' });
  leave();
  const answer = await ask((api) => api.showFound(job.id, moves));
  if (!answer) return;
  if (!answer.ok) {
    refuse(answer.text);
    return;
  }
  if (answer.opened) lab.set({ notice: `${job.from}: ${answer.text}`, remedy: undoOpening });
  page.set({ engine: 'step', comparing: -1, ...onStage() });
}

/** The counterexample of a row of the shipped table, in the stepper. */
export async function openHazard(row: number, { id, scenario }: HazardRow): Promise<void> {
  const { scenarios } = await part(() => import('virtual:lessons'));
  const text = scenarios.find((s) => s.file === `labs/explore/${scenario}.lab`)?.text ?? '';
  leave();
  const answer = await ask((api) => api.showHazard(row, text));
  if (!answer) return;
  if (answer.ok) page.set({ engine: 'step', comparing: -1, ...onStage() });
  lab.set({ notice: `${id}. ${answer.text}`, remedy: answer.ok ? undoOpening : null });
}

/** A link to the counterexample's end; false, with the reason on the page, when there is none. */
export async function share(job: ExploreJob): Promise<boolean> {
  const answer = await ask((api) => api.shareFound(job.id, arrangement()));
  if (!answer?.ok) {
    if (answer) lab.set({ notice: answer.text, remedy: null });
    return false;
  }
  const url = `${location.origin}${location.pathname}${location.search}#${answer.text}`;
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    history.replaceState(null, '', url);
    lab.set({ notice: say.top.sharedAddress, remedy: null });
    return false;
  }
}

/** What a search was asked, in a line. */
export const asked = (job: ExploreJob): string => `${job.from} · ${howOf(job)}`;

// What is said when something of the lab itself fails, and where the lab is then.

import { goOn, keep } from './keep.ts';
import type { Lab } from './lab.ts';
import { threads } from './view.ts';
import type { World } from './world.ts';

const MACHINE = 'The machine stopped at step';
const why = (e: unknown) => (e instanceof Error ? e.message : String(e)).replace(/^Uncaught \w*: ?/, '');

/** A trap in the data plane, or memory that the browser refuses. */
export const machineStopped = (step: number, e: unknown) =>
  `${MACHINE} ${step} (${why(e)}). Go back to before it, or start over; the recording is safe.`;
export const isMachine = (words: string) => words.startsWith(MACHINE);

/** The worker that drove a thread freely is gone, in the middle of anything: what it leaves is not gone on from. */
export function workerStopped(w: World, block: number, e: unknown, step: number): string {
  const i = Array.from({ length: w.m.threads }, (_, n) => n).find((n) => w.m.block(n) === block);
  const name = threads(w, true).find((t) => t.id === i)?.name ?? 'A thread';
  return `${name}’s worker stopped (${why(e)}). The lab is back at step ${step}, where full speed began; the recording is safe.`;
}

/**
 * Undoes what ran freely since `then`, on another machine: in the memory of this one a worker that is being ended may still write. A
 * sentence when that is not possible.
 */
export function undoFree(lab: Lab, then: { step: number; end: number }): string | undefined {
  const root = lab.timeline.fresh ? undefined : lab.timeline.first;
  return goOn(lab, { ...keep(lab, '', 1, 0), ...then }, '', root);
}

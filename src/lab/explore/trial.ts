// A scenario on a step build of one's own, and one question asked at its end: what tools/mutants.mjs does with each mutant.

import { Runner, parseFile, slotsOf } from '../run.ts';
import { explore } from './search.ts';
import type { Question, Verdict } from './question.ts';

export interface Trial {
  /** Why the scenario did not come to its moment. */
  stalled?: string;
  verdict?: Verdict;
}

export async function trial(step: Uint8Array<ArrayBuffer>, scenario: string, q: Question): Promise<Trial> {
  const lines = parseFile(scenario),
    runner = new Runner({ step }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 1024 }),
    r = await runner.run(lines),
    refused = r.commands.find((c) => c.where === 'lab' && c.status !== 0),
    stalled = r.stalled ?? (refused && `lab ${refused.command}: ${refused.output.trim()}`);
  if (stalled !== undefined) return { stalled };
  const { lab } = runner;
  lab.breaks.clear(); // what stops the lab is watched at every step
  lab.breaks.settle(lab.world);
  return { verdict: explore(lab.world, q) };
}

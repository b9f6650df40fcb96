// One question asked of a step build of one's own, at the end of a scenario: what tools/mutants.mjs does with each mutant.

import type { Question, Verdict } from './question.ts';
import { explore } from './search.ts';
import { atMoment } from './tried.ts';

export async function trial(step: Uint8Array<ArrayBuffer>, scenario: string, q: Question): Promise<Verdict> {
  return explore(await atMoment(step, scenario), q);
}

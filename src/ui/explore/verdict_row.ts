// A search's end in the words of the page: what held, what was left, or what broke. Pure; the lab's own sentence stands below it.
import type { ExploreJob } from '../../lab/protocol';
import { count } from '../format';
import { exploreWords as words } from './explore_words';

export type End = 'clean' | 'bounded' | 'failure';

export function endOf(job: Pick<ExploreJob, 'state' | 'verdict'>): End | undefined {
  const v = job.state === 'done' ? job.verdict : undefined;
  return v && (v.found ? 'failure' : v.complete ? 'clean' : 'bounded');
}

/** `title`: the broken promise's, as the lab has it. */
export function rowWords(job: Pick<ExploreJob, 'state' | 'verdict'>, title: string): string {
  const v = job.verdict;
  switch (endOf(job)) {
    case 'clean':
      return words.clean(count(v?.states ?? 0));
    case 'bounded':
      return words.noProof(count(v?.states ?? 0), count((v?.states ?? 0) - (v?.expanded ?? 0)));
    case 'failure': {
      const what = v?.found?.promise === 'deadlock' ? words.deadlock : words.brokenPromise(title);
      return words.failure(what, count(v?.found?.moves ?? 0), count(v?.states ?? 0), ((v?.ms ?? 0) / 1000).toFixed(1));
    }
    default:
      return '';
  }
}

// A counterexample's story (story.ts) in parts, as the page shows it: what matters stands by itself, the rest is folded.

import type { World } from '../world.ts';
import type { StoryPart } from './job.ts';
import type { Found, Question } from './question.ts';
import { tell } from './story.ts';

/** The machine must be at the root of the search, and is so afterwards. */
export function storyParts(w: World, found: Found, q: Question): StoryPart[] {
  const { steps, lines } = tell(w, found, q);
  return lines.map((l) => ({
    matters: l.step !== undefined,
    words: l.words,
    steps: steps
      .filter((s) => s.move >= l.from && s.move <= l.to)
      .map((s) => ({ n: s.move + 1, words: s.words, thread: s.who, owner: s.owner, point: s.point.replace(/^P_/, '') })),
  }));
}

// Moves of a search as deeds of a recording.

import type { Deed } from '../deeds.ts';
import type { World } from '../world.ts';
import type { Knob } from './job.ts';
import type { Move } from './question.ts';

/** What is set, and which choices are made, from the moment where a search began. */
export function deedsOf(w: World, knobs: readonly Knob[], moves: readonly Move[]): Deed[] {
  return [
    ...knobs.map((k): Deed => ({ k: 'sysctl', ...k })),
    ...moves.map((v): Deed => {
      if (v.act) return { k: 'act' };
      const block = w.m.block(v.thread);
      return v.drain === undefined ? { k: 'thread', block } : { k: 'drain', block, ...(v.drain ? { nth: v.drain } : {}) };
    }),
  ];
}

// The last counterexample of a lab: the moment from which it was explored, and its moves, to be made there as choices of the
// student's, so that links, files and the way back have them.

import * as L from '../../../wasm/layout.ts';
import { Checkpoints, type Root } from '../checkpoints.ts';
import type { Lab } from '../lab.ts';
import { deedsOf } from './as_deeds.ts';
import { Timeline } from '../timeline.ts';
import type { World } from '../world.ts';
import { modelKnobs } from './protections.ts';
import type { Found, Question } from './question.ts';

export interface Counterexample {
  root: Root;
  found: Found;
  q: Pick<Question, 'model' | 'buffer'>;
}

/** The machine as it is now, whole. */
export function rootOf(w: World): Root {
  const c = new Checkpoints(w);
  c.make(0);
  const [root] = c.list;
  if (!root) throw new Error('no checkpoint');
  return root;
}

/** A machine of its own that is as one was; nothing that happens to it is seen. */
export function apart(lab: Lab, root: Root): World {
  const w = lab.fresh({ shared: false });
  w.onTty = () => {};
  w.m.hold((Math.max(...root.pages.keys()) + 1) * L.PAGE);
  new Checkpoints(w).restore(root);
  return w;
}

/** Whether the machine is at that moment, to the last bit. */
function isAt(w: World, root: Root): boolean {
  const now = rootOf(w),
    same = (a: Uint32Array | undefined, b: Uint32Array) => a !== undefined && a.every((x, i) => x === b[i]);
  return (
    now.step === root.step &&
    now.pages.size === root.pages.size &&
    now.tree === root.tree &&
    [...root.pages].every(([p, words]) => same(now.pages.get(p), words))
  );
}

/** Goes to the moment. If it is in no history any more, a machine as it was then takes the lab's place. */
function goTo(lab: Lab, root: Root): string {
  const was = lab.world.m.steps,
    t = lab.timeline;
  if (was !== root.step && root.step >= t.rootStep && root.step <= t.end) lab.goto(root.step);
  if (isAt(lab.world, root)) return '';
  if (lab.world.m.steps !== was) lab.goto(was);
  const world = lab.fresh();
  world.m.hold((Math.max(...root.pages.keys()) + 1) * L.PAGE);
  const timeline = new Timeline(world, true);
  timeline.plant(root);
  lab.take(world, timeline);
  return 'That moment is in no history of this recording: one begins at it (lab reset undo takes the other back). ';
}

/** Makes the first n moves, each an entry of the recording. Answers a sentence. */
export function take(lab: Lab, x: Counterexample, n: number): string {
  const note = goTo(lab, x.root),
    { m } = lab.world,
    list = x.found.moves.slice(0, n);
  for (const d of deedsOf(lab.world, modelKnobs(lab.world, x.q), list)) lab.deed(d);
  return `${note}step ${m.steps}: ${list.length} of ${x.found.moves.length} moves were made. ${lab.sentence}`;
}

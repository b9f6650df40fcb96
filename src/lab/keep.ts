// What a browser keeps of a lab over closing the tab: the root of its recording, as pages, if that is not a fresh lab; its
// histories; the place in the present one; stop points. Plain data that a database of the browser can hold.

import * as L from '../../wasm/layout.ts';
import type { Root } from './checkpoints.ts';
import type { Lab } from './lab.ts';
import { counters } from './counters.ts';
import type { Note } from './notes.ts';
import { csbs, lastStep, rings, stuck, threads, vms } from './view.ts';
import type { World } from './world.ts';
import { Timeline, type Branch, type Entry } from './timeline.ts';

export interface Kept {
  /** Of which build of the machine: another one's memory means nothing. */
  build: string;
  setup: { seed: number; slots: number };
  /** Number of the root that goes with it, 0: the fresh lab. */
  root: number;
  entries: Entry[];
  present: Timeline['present'];
  branches: Branch[];
  end: number;
  step: number;
  breaks: { text: string; from: number; at: boolean }[];
  /** What a person wrote down. Labs that were kept before there were notes have none. */
  notes?: Note[];
  /** Wall clock, ms. */
  when: number;
  layout?: unknown;
}

/** A name for a build: a hash of its bytes. */
export function buildName(wasm: Uint8Array): string {
  let h = 0x811c9dc5;
  for (const b of wasm) h = Math.imul(h ^ b, 0x01000193) >>> 0;
  return `${wasm.length}-${h.toString(16)}`;
}

/** Whether there is anything in a lab that its owner would miss. */
export function worthKeeping(lab: Lab): boolean {
  const { vms } = lab.world.tree.host;
  return vms.length > 1 || vms.some((v) => v.block !== 0) || lab.timeline.present.id > 0;
}

/** The lab as it stands, parked or on the step engine. `root`: the number of its root, from the one who stores it. */
export function keep(lab: Lab, build: string, root: number, when: number, layout?: unknown): Kept {
  const t = lab.timeline;
  return {
    build,
    setup: lab.setup,
    root: t.fresh ? 0 : root,
    entries: t.entries.slice(),
    present: { ...t.present },
    branches: t.branches.map((b) => ({ ...b })),
    end: t.end,
    step: lab.world.m.steps,
    breaks: lab.breaks.list.map((p) => ({ text: p.expr ? p.text : p.text.replace(/^at /, ''), from: p.from, at: !p.expr })),
    ...(t.notes.list.length ? { notes: t.notes.list.slice() } : {}),
    when,
    ...(layout === undefined ? {} : { layout }),
  };
}

/** Slots of a ring, at most. */
const MOST_SLOTS = 16_384;
/** Steps between two questions whether a replay shall go on. */
const SLICE = 20_000;

/** Looks at everything that is shown of a machine: one that is none throws here, and not when it has taken another's place. */
function sound(w: World): void {
  if (w.m.threads > L.THREAD_MAX) throw new Error('it has too many threads');
  if (rings(w).some((r) => r.slots > MOST_SLOTS)) throw new Error('one of its rings is too long');
  csbs(w);
  threads(w, false);
  counters(w);
  vms(w);
  stuck(w);
  lastStep(w);
  for (const t of w.tree.host.os.ttys)
    if (typeof t.out !== 'string' || typeof t.id !== 'string') throw new Error('one of its terminals is none');
}

/** Goes on from what was kept. A sentence when that is not possible: the lab is then as it was. `more`: whether to go on replaying. */
export function goOn(lab: Lab, kept: Kept, build: string, root: Root | undefined, more: () => boolean = () => true): string | undefined {
  if (kept.root !== 0 && kept.build !== build) return 'What was kept is of another version of the lab.';
  if (kept.root !== 0 && !root) return 'What was kept is not whole: its beginning is missing.';
  try {
    const world = lab.fresh(kept.setup);
    if (root) {
      const last = Math.max(...root.pages.keys());
      world.m.hold((last + 1) * L.PAGE);
    }
    const timeline = new Timeline(world, true);
    if (root) timeline.plant(root);
    timeline.adopt(kept);
    while (world.m.steps < kept.step) {
      if (!more()) throw new Error('it takes too long');
      const r = timeline.advance(Math.min(SLICE, kept.step - world.m.steps));
      if (r !== 'done' && world.m.steps < kept.step) throw new Error(`nothing happens after step ${world.m.steps}`);
    }
    sound(world);
    lab.take(world, timeline, { ...lab.options, ...kept.setup });
    lab.goto(kept.step);
    lab.breaks.clear();
    for (const b of kept.breaks)
      if (b.at) lab.breaks.addAt(b.text, b.from);
      else lab.breaks.add(world, b.text, b.from);
    lab.breaks.settle(world);
    return undefined;
  } catch (e) {
    return `What was kept cannot be followed (${e instanceof Error ? e.message : String(e)}).`;
  }
}

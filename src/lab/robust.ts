// The lab's side of what survives: telling the page what it needs to go on after this worker, resting while the tab is hidden, what
// the browser keeps, and what is wrong, of which kind.

import type { Root } from './checkpoints.ts';
import { isMachine } from './failed.ts';
import { goOn, type Kept, keep } from './keep.ts';
import type { Keeper } from './keeper.ts';
import type { Lab } from './lab.ts';
import type { EngineName, LabEvent, LabState } from './protocol.ts';
import type { Rescue, RescueApi, Told } from './rescue.ts';
import type { Entry } from './timeline.ts';

/** What the page was told, so that the next time only the rest is. */
export class Teller {
  #entries: readonly Entry[] = [];
  #branches = '';
  #root: Root | null | undefined;
  #sign = '';

  /** Undefined when nothing is new. The lab must be parked or on the step engine. */
  tell(lab: Lab, build: string, layout?: unknown): Told | undefined {
    const { entries: all, branches: left, ...kept } = keep(lab, build, 1, 0, layout),
      root = lab.timeline.fresh ? null : (lab.timeline.first ?? null),
      branches = JSON.stringify(left.map((b) => [b.id, b.name, b.end, b.entries.length])),
      newRoot = root !== this.#root;
    let from = 0;
    if (!newRoot) while (from < all.length && all[from] === this.#entries[from]) from++;
    const sign = JSON.stringify([kept, branches, all.length]);
    if (sign === this.#sign && from === all.length && !newRoot) return undefined;
    const told: Told = { from, entries: all.slice(from), kept };
    if (branches !== this.#branches || newRoot) told.branches = left;
    if (newRoot) told.root = root && { step: root.step, tree: root.tree, acted: root.acted, pages: root.pages };
    this.#entries = all;
    this.#branches = branches;
    this.#root = root;
    this.#sign = sign;
    return told;
  }
}

interface Door {
  lab(): Lab;
  keeper(): Keeper;
  build(): string;
  send(event: LabEvent): void;
  /** Before what changes the lab; how often that was. */
  act(): Promise<void>;
  acts(): number;
  parked(): Promise<void>;
  store(now: boolean): Promise<void>;
  newMachine(): void;
  sendState(): void;
  kick(): void;
}

/** What the page hears while its tab is hidden: nothing. What it must know then waits. */
export class Quiet {
  hidden = false;
  readonly #jobs = new Map<number, LabEvent>();

  hears(event: LabEvent): boolean {
    if (!this.hidden) return true;
    if (event.t === 'explore') this.#jobs.set(event.job.id, event);
    return event.t !== 'state' && event.t !== 'sample' && event.t !== 'explore';
  }
  /** What was held back. */
  waiting(): LabEvent[] {
    this.hidden = false;
    const all = [...this.#jobs.values()];
    this.#jobs.clear();
    return all;
  }
}

const NO_MEMORY =
  'The browser gave the machine no more memory, so its kernel answered ENOMEM. Other tabs may hold it. The recording is safe, but may go another way where there is memory.';

/** What is wrong now, of which the page can say more than a sentence. */
export function troubles(lab: Lab, keeper: Keeper): NonNullable<LabState['troubles']> {
  return [
    ...(lab.failure ? [{ kind: isMachine(lab.failure) ? ('machine' as const) : ('worker' as const), words: lab.failure }] : []),
    ...(lab.world.m.refused ? [{ kind: 'memory' as const, words: NO_MEMORY }] : []),
    ...(keeper.limit ? [{ kind: keeper.elsewhere ? ('elsewhere' as const) : ('unsaved' as const), words: keeper.limit }] : []),
  ];
}

/** Goes on from what the page held when the worker before this one died: why not, or undefined. */
export const rescued = (lab: Lab, { kept, root }: Rescue, build: string, more: () => boolean): string | undefined =>
  goOn(lab, kept satisfies Kept, build, root, more)?.replace('What was kept', 'What was held');

export function robustApi(d: Door, quiet: Quiet): RescueApi & { tell(): void } {
  const teller = new Teller();
  /** What ran when the tab was hidden. */
  let resting: { engine: EngineName; acts: number } | undefined;
  return {
    /** Tells the page what is new, while everything stands in memory as it would be kept. */
    tell() {
      const lab = d.lab();
      if (lab.engine === 'free' && lab.run !== 'stopped') return;
      const told = teller.tell(lab, d.build(), d.keeper().layout);
      if (told) d.send({ t: 'told', told });
    },
    async keep(layout) {
      d.keeper().layout = layout;
      const lab = d.lab(),
        before = d.acts();
      if (lab.engine !== 'free' || lab.run === 'stopped') return d.store(true);
      // a free stretch is kept only by stopping for a moment; whoever did something meanwhile has the last word
      await d.parked();
      const step = lab.world.m.steps,
        root = lab.timeline.first;
      await d.store(true);
      const run: string = lab.run;
      if (run !== 'stopped' || lab.world.m.steps !== step || lab.timeline.first !== root || d.acts() !== before) return;
      lab.start('free');
      d.kick();
    },
    async rest(layout) {
      d.keeper().layout = layout;
      if (quiet.hidden) return;
      quiet.hidden = true;
      await d.act();
      const { engine, run } = d.lab();
      resting = run === 'stopped' ? undefined : { engine, acts: d.acts() };
      await d.parked();
      await d.store(true);
    },
    async wake() {
      for (const event of quiet.waiting()) d.send(event);
      const was = resting;
      resting = undefined;
      if (was && was.acts === d.acts() && d.lab().run === 'stopped' && !d.lab().failure) d.lab().start(was.engine);
      d.sendState();
      d.kick();
    },
    async saveHere() {
      await d.keeper().take();
      await d.store(true);
      d.sendState();
    },
    async resume(which) {
      await d.act();
      await d.parked();
      const why = d.keeper().resume(d.lab(), which);
      if (why !== undefined) {
        d.sendState();
        return { ok: false, text: why };
      }
      d.newMachine();
      return { ok: true, text: `Opened at step ${d.lab().world.m.steps}.`, layout: d.keeper().found[which]?.kept.layout };
    },
    async forget() {
      await d.keeper().forget();
    },
  };
}

// Keeps the lab in the browser's database while the tab lives, and finds it there in the next one. One tab of this page keeps; a second only
// says that it does not.

import { createStore, del, get, set } from 'idb-keyval';
import type { Root } from './checkpoints.ts';
import { type Kept, goOn, keep, worthKeeping } from './keep.ts';
import type { Lab } from './lab.ts';

const EVERY_MS = 3000;
const ELSEWHERE = 'This lab is open in another tab, and that one saves.';
const REFUSED = 'This browser does not let the lab save. Your work lives until you close the tab.';

export class Keeper {
  /** A sentence when nothing can be kept here. */
  limit = '';
  found: Kept | undefined;
  #root: Root | undefined;
  /** The root that is stored, and its number. */
  #stored: Root | undefined;
  #number = 0;
  #sign = '';
  #at = 0;
  #busy = false;
  #mine = false;
  #store: ReturnType<typeof createStore> | undefined;
  layout: unknown;

  constructor(private readonly build: string) {}

  /** Looks for what was kept, and becomes the tab that keeps, if no other is. */
  async start(): Promise<void> {
    try {
      this.#store = createStore('ringside', 'lab');
      const kept = await get<Kept>('kept', this.#store);
      if (kept?.build === this.build) {
        this.found = kept;
        this.#root = kept.root ? await get<Root>(`root ${kept.root}`, this.#store) : undefined;
        this.#number = kept.root;
        if (kept.root && !this.#root) this.found = undefined;
      }
    } catch {
      this.limit = REFUSED;
      return;
    }
    this.#mine = await this.#lock();
    if (!this.#mine) this.limit = ELSEWHERE;
  }

  /** A lock of the browser's, held as long as this worker lives. */
  #lock(): Promise<boolean> {
    if (!('locks' in navigator)) return Promise.resolve(true);
    return new Promise((told) => {
      navigator.locks
        .request('ringside-lab', { ifAvailable: true }, (lock) => {
          told(lock !== null);
          return lock && new Promise<void>(() => {});
        })
        .catch(() => told(true));
    });
  }

  /** Stores the lab when it changed and the last time is long enough ago (`now`: at once); wall is the time of day in ms. It must be parked or on the step engine. */
  async store(lab: Lab, wall: number, now = false): Promise<void> {
    if (!this.#mine || this.#busy || !this.#store || !worthKeeping(lab)) return;
    const t = lab.timeline,
      sign = `${t.first?.step} ${t.present.id} ${t.entries.length} ${t.branches.length} ${lab.world.m.steps} ${lab.breaks.list.length}`;
    if (sign === this.#sign || (!now && wall - this.#at < EVERY_MS)) return;
    this.#busy = true;
    this.#sign = sign;
    this.#at = wall;
    try {
      const root = t.fresh ? undefined : t.first,
        old = this.#number;
      if (root && root !== this.#stored) {
        this.#number = old + 1;
        this.#stored = root;
        const kept = keep(lab, this.build, this.#number, wall, this.layout);
        await set(`root ${this.#number}`, { step: root.step, tree: root.tree, acted: root.acted, pages: root.pages }, this.#store);
        await set('kept', kept, this.#store);
        if (old) await del(`root ${old}`, this.#store);
      } else await set('kept', keep(lab, this.build, this.#number, wall, this.layout), this.#store);
    } catch {
      this.limit = REFUSED;
      this.#mine = false;
    }
    this.#busy = false;
  }

  /** Goes on from what was found. A sentence when that is not possible. */
  resume(lab: Lab): string | undefined {
    if (!this.found) return 'Nothing is kept here.';
    const why = goOn(lab, this.found, this.build, this.#root);
    if (why === undefined) this.#stored = lab.timeline.first;
    return why;
  }

  async forget(): Promise<void> {
    this.found = undefined;
    this.#root = undefined;
    if (!this.#store || !this.#mine) return;
    await del('kept', this.#store).catch(() => undefined);
    if (this.#number) await del(`root ${this.#number}`, this.#store).catch(() => undefined);
  }
}

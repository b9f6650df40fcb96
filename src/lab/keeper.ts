// Keeps the lab in the browser's database while the tab lives, and finds it there in the next one. One tab of this page keeps; a second only
// says that it does not.

import { createStore, del, get, set } from 'idb-keyval';
import type { Root } from './checkpoints.ts';
import { type Kept, goOn, keep, worthKeeping } from './keep.ts';
import type { Lab } from './lab.ts';

const EVERY_MS = 3000;
const ELSEWHERE = 'This lab is open in another tab, and that one saves.';
const FULL = 'This browser has no room left to save the lab. Your work lives until you close the tab.';
const REFUSED = 'This browser does not let the lab save. Your work lives until you close the tab.';

const NOW = 'kept',
  BEFORE = 'kept before';

interface Found {
  kept: Kept;
  root: Root | undefined;
}

export class Keeper {
  /** A sentence when nothing can be kept here. */
  limit = '';
  /** What was found, the newest first: the last lab, and the one before it. */
  found: Found[] = [];
  /** The root that is stored, and its number. */
  #stored: Root | undefined;
  #number = 0;
  #sign = '';
  #at = 0;
  #busy = false;
  #mine = false;
  /** Nothing of this visit is stored yet: what was found goes to the second place first. */
  #first = true;
  #store: ReturnType<typeof createStore> | undefined;
  layout: unknown;
  /** What is here is the visitor's: a guided tour is not kept. */
  own = true;

  constructor(private readonly build: string) {}

  /** Looks for what was kept, and becomes the tab that keeps, if no other is. */
  async start(): Promise<void> {
    try {
      this.#store = createStore('ringside', 'lab');
      this.found = await this.#look(this.#store);
    } catch {
      this.limit = REFUSED;
      return;
    }
    this.#mine = await this.#lock();
    if (!this.#mine) this.limit = ELSEWHERE;
  }

  async #look(store: ReturnType<typeof createStore>): Promise<Found[]> {
    const found: Found[] = [];
    for (const key of [NOW, BEFORE]) {
      const kept = await get<Kept>(key, store);
      if (!kept) continue;
      this.#number = Math.max(this.#number, kept.root);
      const root = kept.root ? await get<Root>(`root ${kept.root}`, store) : undefined;
      if (kept.root === 0 || (root && kept.build === this.build)) found.push({ kept, root });
    }
    return found;
  }

  /** A lock of the browser's, held as long as this worker lives, or until another tab takes it. */
  #lock(steal = false): Promise<boolean> {
    if (!('locks' in navigator)) return Promise.resolve(true);
    let held = false;
    return new Promise((told) => {
      navigator.locks
        .request('ringside-lab', steal ? { steal } : { ifAvailable: true }, (lock) => {
          held = lock !== null;
          told(held);
          return lock && new Promise<void>(() => {});
        })
        .catch(() => {
          if (!held) return told(true);
          this.#mine = false;
          this.limit = ELSEWHERE;
          this.onLimit();
        });
    });
  }
  /** Nothing is saved here from now on. */
  onLimit: () => void = () => {};

  /** Saves from now on, in place of the tab that does. What that one stored stays as the one before. */
  async take(): Promise<void> {
    if (this.#mine || !this.#store || this.limit !== ELSEWHERE) return;
    this.#mine = await this.#lock(true);
    if (!this.#mine) return;
    this.limit = '';
    this.#first = true;
    this.#stored = undefined;
    this.#sign = '';
    await this.#look(this.#store).catch(() => undefined); // whose numbers are taken
  }
  /** Of which kind its limit is. */
  get elsewhere(): boolean {
    return this.limit === ELSEWHERE;
  }

  /** Stores the lab when it changed and the last time is long enough ago (`now`: at once). It must be parked or on the step engine; wall: ms. */
  async store(lab: Lab, wall: number, now = false): Promise<void> {
    if (!this.own || !this.#mine || this.#busy || !this.#store || !worthKeeping(lab)) return;
    if (!now && wall - this.#at < EVERY_MS) return;
    const t = lab.timeline,
      root = t.fresh ? undefined : t.first,
      names = [t.present, ...t.branches].map((h) => `${h.id} ${h.name}`),
      stops = lab.breaks.list.map((p) => `${p.text} ${p.from}`),
      sign = JSON.stringify([t.first?.step, t.entries.length, t.end, lab.world.m.steps, names, stops, t.notes.list, this.layout]);
    if (sign === this.#sign && root === this.#stored) return;
    this.#busy = true;
    this.#at = wall;
    try {
      if (this.#first) await this.#moveOver();
      this.#first = false;
      const old = this.#stored ? this.#number : 0;
      if (root && root !== this.#stored) {
        this.#number++;
        await set(`root ${this.#number}`, { step: root.step, tree: root.tree, acted: root.acted, pages: root.pages }, this.#store);
      }
      await set(NOW, keep(lab, this.build, this.#number, wall, this.layout), this.#store);
      if (old && root !== this.#stored) await del(`root ${old}`, this.#store);
      this.#stored = root;
      this.#sign = sign;
    } catch (e) {
      this.limit = e instanceof DOMException && e.name === 'QuotaExceededError' ? FULL : REFUSED;
      this.#mine = false;
      this.onLimit();
    }
    this.#busy = false;
  }

  /** What was kept of the last visit gives way to this one, and stays as the one before it. */
  async #moveOver(): Promise<void> {
    const last = await get<Kept>(NOW, this.#store);
    if (!last) return;
    const before = await get<Kept>(BEFORE, this.#store);
    await set(BEFORE, last, this.#store);
    if (before?.root && before.root !== last.root) await del(`root ${before.root}`, this.#store);
  }

  /** Goes on from what was found. A sentence when that is not possible. */
  resume(lab: Lab, which: number): string | undefined {
    const f = this.found[which];
    return f ? goOn(lab, f.kept, this.build, f.root) : 'Nothing is kept here.';
  }

  async forget(): Promise<void> {
    const roots = this.found.map((f) => f.kept.root).filter((n) => n > 0);
    this.found = [];
    if (!this.#store || !this.#mine || !this.#first) return;
    for (const key of [NOW, BEFORE, ...roots.map((n) => `root ${n}`)]) await del(key, this.#store).catch(() => undefined);
  }
}

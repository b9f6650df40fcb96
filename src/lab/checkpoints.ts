// Checkpoints: whole machines at some steps of a recording. Each is the tree and the used pages; pages that did not change
// are shared with the checkpoint before.

import * as L from '../../wasm/layout.ts';
import type { Tree, World } from './world.ts';

/** A whole machine at a step. */
export interface Root {
  step: number;
  tree: string;
  /** The last action in words. */
  acted: string;
  pages: Map<number, Uint32Array>;
}
export interface Checkpoint extends Root {
  /** Entries of the recording that come before it. */
  entries: number;
}

/** Steps between checkpoints, and the most that they may hold unless it is changed. */
export const SPACING = 50_000;
export const MAX_BYTES = 64 * 1024 * 1024;

const WORDS = L.PAGE / 4;
/** Whether page p of the machine holds these words. */
function same(words: Uint32Array, p: number, page: Uint32Array): boolean {
  const at = p * WORDS;
  for (let i = 0; i < WORDS; i++) if (words[at + i] !== page[i]) return false;
  return true;
}

export class Checkpoints {
  /** By step, ascending; the first is the root. */
  list: Checkpoint[] = [];
  /** The most bytes that it may hold; whether some were taken out for it. */
  limit = MAX_BYTES;
  full = false;
  constructor(private readonly w: World) {}

  /** What bytes was computed from last. */
  #sizeOf: { list: Checkpoint[] | undefined; count: number; bytes: number } = { list: undefined, count: 0, bytes: 0 };
  /** Bytes of all distinct pages and trees kept. */
  get bytes() {
    if (this.#sizeOf.list === this.list && this.#sizeOf.count === this.list.length) return this.#sizeOf.bytes;
    const seen = new Set<Uint32Array>();
    let n = 0;
    for (const c of this.list) {
      n += c.tree.length;
      for (const p of c.pages.values())
        if (!seen.has(p)) {
          seen.add(p);
          n += p.byteLength;
        }
    }
    this.#sizeOf = { list: this.list, count: this.list.length, bytes: n };
    return n;
  }

  /** One of this moment. */
  make(entries: number) {
    const { m } = this.w,
      before = this.list.at(-1)?.pages,
      words = m.u32,
      pages = new Map<number, Uint32Array>();
    for (const p of m.statePages()) {
      const old = before?.get(p);
      pages.set(p, old && same(words, p, old) ? old : words.slice(p * WORDS, (p + 1) * WORDS));
    }
    const machine = pages.get(L.MACHINE / L.PAGE);
    // where to stop is not state
    machine?.fill(0, L.M_STOP_HIT >>> 2, (L.M_STOP_WATCH >>> 2) + L.M_STOP_WATCHES);
    machine?.fill(0, L.M_STOP_POINTS >>> 2, (L.M_STOP_POINTS >>> 2) + 32);
    this.list.push({ step: m.steps, entries, tree: JSON.stringify(this.w.tree), acted: this.w.acted, pages });
    if (this.list.length % 8 === 0) this.thin();
  }

  /** No more than may be held. */
  thin() {
    while (this.list.length > 4 && this.bytes > this.limit) this.#leaveOut();
  }

  /** Takes out the checkpoint whose loss costs least, from the oldest. The root stays. */
  #leaveOut() {
    this.full = true;
    let best = 1,
      gap = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.list.length - 2; i++) {
      const g = (this.list[i + 1]?.step ?? 0) - (this.list[i - 1]?.step ?? 0);
      if (g < gap) {
        gap = g;
        best = i;
      }
    }
    this.list = this.list.filter((_, i) => i !== best);
  }

  /** Those after a step are of a history that was left. */
  forget(step: number) {
    this.list = this.list.filter((c) => c.step <= step);
  }

  /** The machine is as it was; only pages that differ are written: how many. */
  restore(c: Root): number {
    const { m } = this.w,
      words = m.u32;
    let written = 0;
    for (const p of m.statePages()) {
      if (c.pages.has(p)) continue;
      m.u8.fill(0, p * L.PAGE, (p + 1) * L.PAGE);
      written++;
    }
    for (const [p, bytes] of c.pages) {
      if (same(words, p, bytes)) continue;
      words.set(bytes, p * WORDS);
      written++;
    }
    this.w.tree = JSON.parse(c.tree) as Tree;
    this.w.acted = c.acted;
    this.w.refresh();
    return written;
  }
}

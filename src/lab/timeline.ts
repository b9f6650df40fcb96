// Recording, checkpoints, seek. A recording is a first checkpoint and the entries made since: what was typed, which
// thread the student let go. Each entry and each step of the machine counts one, so a number names a moment.
// A checkpoint is the tree and the pages; pages that did not change are shared with the checkpoint before.

import * as L from '../../wasm/layout.ts';
import type { Tree, World } from './world.ts';

export type Entry =
  | { at: number; k: 'input'; tty: string; data: string }
  | { at: number; k: 'line'; tty: string; text: string }
  | { at: number; k: 'open' }
  | { at: number; k: 'resize'; tty: string; cols: number; rows: number }
  | { at: number; k: 'thread'; block: number }
  | { at: number; k: 'drain'; block: number }
  /** n iterations of a thread by the free build, between boundaries. */
  | { at: number; k: 'handover'; block: number; n: number };
/** An entry before it has a place. */
export type Deed = Entry extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never;

interface Checkpoint {
  step: number;
  entries: number;
  tree: string;
  pages: Map<number, Uint32Array>;
}

/** Steps between checkpoints, and the most that they may hold. */
export const SPACING = 50_000;
export const MAX_BYTES = 64 * 1024 * 1024;

const WORDS = L.PAGE / 4;
/** Whether page p of the machine holds these words. */
function same(words: Uint32Array, p: number, page: Uint32Array): boolean {
  const at = p * WORDS;
  for (let i = 0; i < WORDS; i++) if (words[at + i] !== page[i]) return false;
  return true;
}

export class Timeline {
  entries: Entry[] = [];
  #next = 0;
  #checkpoints: Checkpoint[] = [];
  /** Pages written by the last seek, steps replayed by it: what going back costs. */
  last = { pages: 0, steps: 0 };

  constructor(private readonly w: World) {
    this.root();
  }

  get rootStep() {
    return this.#checkpoints[0]?.step ?? 0;
  }
  get count() {
    return this.#checkpoints.length;
  }
  /** Bytes of all distinct pages and trees kept. */
  get bytes() {
    const seen = new Set<Uint32Array>();
    let n = 0;
    for (const c of this.#checkpoints) {
      n += c.tree.length;
      for (const p of c.pages.values())
        if (!seen.has(p)) {
          seen.add(p);
          n += p.byteLength;
        }
    }
    return n;
  }

  /** Forgets everything before this moment (a free stretch is not recorded). */
  root() {
    this.entries = [];
    this.#next = 0;
    this.#checkpoints = [];
    this.checkpoint();
  }

  /** Drops the recording behind this moment, which must be the root: another history begins there. */
  forget() {
    this.entries = [];
    this.#next = 0;
    this.#checkpoints.length = 1;
  }

  checkpoint() {
    const { m } = this.w,
      before = this.#checkpoints[this.#checkpoints.length - 1]?.pages,
      words = m.u32,
      pages = new Map<number, Uint32Array>();
    for (const p of m.statePages()) {
      const old = before?.get(p);
      pages.set(p, old && same(words, p, old) ? old : words.slice(p * WORDS, (p + 1) * WORDS));
    }
    this.#checkpoints.push({ step: m.steps, entries: this.#next, tree: JSON.stringify(this.w.tree), pages });
    if (this.#checkpoints.length % 8 === 0) while (this.#checkpoints.length > 4 && this.bytes > MAX_BYTES) this.#thin();
  }

  /** Takes out the checkpoint whose loss costs least, from the oldest. The root stays. */
  #thin() {
    let best = 1,
      gap = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.#checkpoints.length - 2; i++) {
      const g = (this.#checkpoints[i + 1]?.step ?? 0) - (this.#checkpoints[i - 1]?.step ?? 0);
      if (g < gap) {
        gap = g;
        best = i;
      }
    }
    this.#checkpoints.splice(best, 1);
  }

  /** Records a deed at this moment and does it. What was undone before it is gone. */
  do(deed: Deed) {
    this.cut();
    const e = { ...deed, at: this.w.m.steps } as Entry;
    this.entries.push(e);
    this.#next = this.entries.length;
    this.#apply(e);
  }

  /** The future that was undone is dropped: something else happens now. */
  cut() {
    const now = this.w.m.steps;
    if (this.#next === this.entries.length && (this.#checkpoints[this.#checkpoints.length - 1]?.step ?? 0) <= now) return;
    this.entries.length = this.#next;
    this.#checkpoints = this.#checkpoints.filter((c) => c.step <= now);
  }

  #apply(e: Entry) {
    const { m } = this.w,
      before = m.steps;
    switch (e.k) {
      case 'input':
        this.w.type(e.tty, e.data);
        break;
      case 'line':
        this.w.typeLine(e.tty, e.text);
        break;
      case 'open':
        this.w.openTerminal();
        break;
      case 'resize':
        this.w.resize(e.tty, e.cols, e.rows);
        break;
      case 'handover':
        if (this.w.free) this.w.handOver(this.w.free, e.block, e.n);
        break;
      case 'drain':
        m.wasm.drain_one(e.block);
        break;
      case 'thread':
        this.w.stepThread(e.block);
        break;
      default:
    }
    m.steps = before + 1;
  }

  /** Forward by at most n, through recorded entries and else under the policy; no further than lab time `until`. */
  advance(n: number, until?: number): 'done' | 'idle' | 'later' {
    const { m } = this.w,
      end = m.steps + n;
    while (m.steps < end) {
      const e = this.entries[this.#next];
      if (e && e.at === m.steps) {
        this.#next++;
        this.#apply(e);
        continue;
      }
      const newest = this.#checkpoints[this.#checkpoints.length - 1]?.step ?? 0;
      let to = Math.min(end, e ? e.at : Number.POSITIVE_INFINITY);
      if (m.steps >= newest) {
        if (m.steps - newest >= SPACING) {
          this.checkpoint();
          continue;
        }
        to = Math.min(to, newest + SPACING);
      }
      const r = this.w.advanceUntil(to - m.steps, until);
      if (r !== 'done') return r;
    }
    return 'done';
  }

  /** The whole recording again from its root, without the checkpoints between: what seek must agree with. */
  replay() {
    const end = this.w.m.steps,
      root = this.#checkpoints[0];
    if (!root) return;
    this.#checkpoints = [root];
    this.#restore(root);
    this.advance(end - this.w.m.steps);
  }

  /** Goes to a step: nearest checkpoint before it, then replay. */
  seek(step: number) {
    const { m } = this.w,
      target = Math.max(step, this.rootStep);
    const c = [...this.#checkpoints].reverse().find((x) => x.step <= target);
    if (!c) return;
    this.last = { pages: 0, steps: 0 };
    if (m.steps > target || m.steps < c.step) this.#restore(c);
    this.last.steps = target - m.steps;
    if (target > m.steps) this.advance(target - m.steps);
  }

  #restore(c: Checkpoint) {
    const { m } = this.w,
      words = m.u32,
      now = m.statePages();
    for (const p of now) {
      if (c.pages.has(p)) continue;
      m.u8.fill(0, p * L.PAGE, (p + 1) * L.PAGE);
      this.last.pages++;
    }
    for (const [p, bytes] of c.pages) {
      if (same(words, p, bytes)) continue;
      words.set(bytes, p * WORDS);
      this.last.pages++;
    }
    this.w.tree = JSON.parse(c.tree) as Tree;
    this.#next = c.entries;
    this.w.refresh();
  }
}

// Recording, checkpoints, seek. A recording is a first checkpoint and the entries made since: what was typed, which
// thread the student let go. Each entry and each step of the machine counts one, so a number names a moment.
// A checkpoint is the tree and the pages; pages that did not change are shared with the checkpoint before.

import * as L from '../../wasm/layout.ts';
import type { Advance, Tree, World } from './world.ts';

export type Entry =
  | { at: number; k: 'input'; tty: string; data: string }
  | { at: number; k: 'line'; tty: string; text: string }
  | { at: number; k: 'open' }
  | { at: number; k: 'resize'; tty: string; cols: number; rows: number }
  | { at: number; k: 'thread'; block: number }
  | { at: number; k: 'drain'; block: number }
  | { at: number; k: 'edit'; addr: number; bytes: 2 | 4; value: number }
  | { at: number; k: 'policy'; policy: number; seed: number }
  /** Lab time goes by without anything due. */
  | { at: number; k: 'clock'; ns: number }
  /** n iterations of a thread by the free build, between boundaries. */
  | { at: number; k: 'handover'; block: number; n: number };
/** An entry before it has a place. */
export type Deed = Entry extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never;

/** A history that was left: everything that was done in it, and how far it went. */
export interface Branch {
  id: number;
  name: string;
  entries: Entry[];
  /** Where the present history parted from it, and its last step. */
  fork: number;
  end: number;
}

interface Checkpoint {
  step: number;
  entries: number;
  tree: string;
  pages: Map<number, Uint32Array>;
}

/** Steps between checkpoints, and the most that they may hold. */
export const SPACING = 50_000;
export const MAX_BYTES = 64 * 1024 * 1024;
const MAX_BRANCHES = 100;

const WORDS = L.PAGE / 4;
/** Whether page p of the machine holds these words. */
function same(words: Uint32Array, p: number, page: Uint32Array): boolean {
  const at = p * WORDS;
  for (let i = 0; i < WORDS; i++) if (words[at + i] !== page[i]) return false;
  return true;
}

export class Timeline {
  entries: Entry[] = [];
  /** Whether the root is the fresh lab: then the recording says how to come here from nothing. */
  fresh: boolean;
  /** Histories left by a choice in the past, oldest first. */
  branches: Branch[] = [];
  #names = 0;
  /** The furthest step of the present history. */
  #end = 0;
  #next = 0;
  #checkpoints: Checkpoint[] = [];
  /** Pages written by the last seek, steps replayed by it: what going back costs. */
  last = { pages: 0, steps: 0 };

  constructor(private readonly w: World) {
    this.fresh = w.m.steps === 0;
    const { fresh } = this;
    this.root();
    this.fresh = fresh;
  }

  get rootStep() {
    return this.#checkpoints[0]?.step ?? 0;
  }
  get count() {
    return this.#checkpoints.length;
  }
  /** What bytes was computed from last. */
  #sizeOf: { list: Checkpoint[] | undefined; count: number; bytes: number } = { list: undefined, count: 0, bytes: 0 };
  /** Bytes of all distinct pages and trees kept. */
  get bytes() {
    if (this.#sizeOf.list === this.#checkpoints && this.#sizeOf.count === this.#checkpoints.length) return this.#sizeOf.bytes;
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
    this.#sizeOf = { list: this.#checkpoints, count: this.#checkpoints.length, bytes: n };
    return n;
  }

  /** Forgets everything before this moment (a free stretch is not recorded). */
  root() {
    this.fresh = false;
    this.entries = [];
    this.branches = [];
    this.#next = 0;
    this.#end = this.w.m.steps;
    this.#checkpoints = [];
    this.checkpoint();
  }

  /** Drops the recording behind this moment, which must be the root: another history begins there. */
  forget() {
    this.entries = [];
    this.branches = [];
    this.#next = 0;
    this.#end = this.w.m.steps;
    this.#checkpoints = this.#checkpoints.slice(0, 1);
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
    const machine = pages.get(L.MACHINE / L.PAGE);
    if (machine) for (let i = L.M_STOP_HIT >>> 2; i < (L.M_STOP_POINTS >>> 2) + 8; i++) machine[i] = 0; // where to stop is not state
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
    this.#checkpoints = this.#checkpoints.filter((_, i) => i !== best);
  }

  /** Records a deed at this moment and does it. What was undone before it is gone. */
  do(deed: Deed) {
    this.cut();
    const e = { ...deed, at: this.w.m.steps } as Entry;
    this.entries.push(e);
    this.#next = this.entries.length;
    this.#apply(e);
  }

  /** Something else happens now: the future that was undone is left as a branch. */
  cut() {
    const now = this.w.m.steps;
    if (this.#end > now) {
      this.branches.push({ id: ++this.#names, name: `branch ${this.#names}`, entries: this.entries.slice(), fork: now, end: this.#end });
      if (this.branches.length > MAX_BRANCHES) this.branches.shift();
    }
    this.#end = now;
    this.entries.length = this.#next;
    this.#checkpoints = this.#checkpoints.filter((c) => c.step <= now);
  }

  /** Changes over to a branch, at its end; the present history becomes one. False when there is no such branch. */
  switchTo(id: number): boolean {
    const b = this.branches.find((x) => x.id === id);
    if (!b) return false;
    const here = {
      id: ++this.#names,
      name: `branch ${this.#names}`,
      entries: this.entries.slice(),
      fork: b.fork,
      end: Math.max(this.#end, this.w.m.steps),
    };
    this.branches = [...this.branches.filter((x) => x !== b), here];
    this.seek(Math.min(b.fork, this.w.m.steps));
    this.entries = b.entries.slice();
    this.#next = this.entries.filter((e) => e.at < this.w.m.steps).length;
    this.#checkpoints = this.#checkpoints.filter((c) => c.step <= b.fork);
    this.#end = b.end;
    this.seek(b.end);
    return true;
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
        if (this.w.free && this.w.isBlock(e.block)) this.w.handOver(this.w.free, e.block, e.n);
        break;
      case 'drain':
        if (this.w.isBlock(e.block)) m.wasm.drain_one(e.block);
        break;
      case 'edit':
        this.w.edit(e.addr, e.bytes, e.value);
        break;
      case 'clock':
        if (e.ns > m.clock) m.clock = e.ns;
        break;
      case 'policy':
        m.st32(L.MACHINE + L.M_POLICY, e.policy & 3);
        m.st32(L.MACHINE + L.M_SEED, e.seed);
        break;
      case 'thread':
        if (this.w.isBlock(e.block)) this.w.stepThread(e.block);
        break;
      default:
    }
    m.steps = before + 1;
    if (m.steps > this.#end) this.#end = m.steps;
  }

  /** Forward by at most n, through recorded entries and else under the policy; no further than lab time `until`. */
  advance(n: number, until?: number): Advance {
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
      if (m.steps > this.#end) this.#end = m.steps;
      if (r !== 'done') return r;
    }
    return 'done';
  }

  /** Runs until one of these points or a change of one of these words, at most n steps. */
  runTo(points: readonly number[], watch: readonly number[], n: number, until?: number): Advance {
    const { m } = this.w,
      g = L.MACHINE;
    try {
      for (const p of points) m.st32(g + L.M_STOP_POINTS + (p >>> 5) * 4, m.ld32(g + L.M_STOP_POINTS + (p >>> 5) * 4) | (1 << (p & 31)));
      watch.slice(0, L.M_STOP_WATCHES).forEach((a, i) => {
        m.st32(g + L.M_STOP_WATCH + i * 4, a);
      });
      return this.advance(n, until);
    } finally {
      m.u8.fill(0, g + L.M_STOP_HIT, g + L.M_STOP_POINTS + 32);
    }
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

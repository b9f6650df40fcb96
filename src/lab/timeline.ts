// Recording, checkpoints, seek. A recording is a first checkpoint and the entries made since: what was typed, which
// thread the student let go. Each entry and each step of the machine counts one, so a number names a moment.

import * as L from '../../wasm/layout.ts';
import { type Checkpoint, Checkpoints, type Root, SPACING } from './checkpoints.ts';
import { applyCapture } from './capture_command.ts';
import { type Deed, type Entry, deedWords } from './deeds.ts';
import { act } from './explore/acts.ts';
import type { Kept } from './keep.ts';
import { Notes } from './notes.ts';
import { isLab, lineOf } from './program.ts';
import { Trace } from './trace.ts';
import type { Change } from './trace_parts.ts';
import type { Advance, World } from './world.ts';

export type { Deed, Entry } from './deeds.ts';

/** A history: where it parted from which other one. */
export interface History {
  id: number;
  name: string;
  /** Number of the history from which it parted, -1: none. */
  parent: number;
  parted: number;
}
/** A history that was left: everything that was done in it, and how far it went. */
export interface Branch extends History {
  entries: Entry[];
  end: number;
}

const MAX_BRANCHES = 100;
/** Steps of one drive while records are taken: each leaves three at most, but for a wakeup of many. */
const RECORDED = 680;

export class Timeline {
  entries: Entry[] = [];
  /** Whether the root is the fresh lab: then the recording says how to come here from nothing. */
  fresh: boolean;
  /** Histories left by a choice in the past, oldest first. */
  branches: Branch[] = [];
  present: History = { id: 0, name: 'first history', parent: -1, parted: 0 };
  #ids = 0;
  readonly trace: Trace | undefined;
  /** Where changes of watched words are put while a question about the past is answered. */
  #seen: Change[] | undefined;
  #end = 0;
  #next = 0;
  readonly checkpoints: Checkpoints;
  readonly notes = new Notes(this);
  /** Pages written by the last seek, steps replayed by it: what going back costs. */
  last = { pages: 0, steps: 0 };

  /** `traced`: with a picture of what happened. */
  constructor(
    private readonly w: World,
    traced = false,
  ) {
    this.checkpoints = new Checkpoints(w);
    this.fresh = w.m.steps === 0;
    const { fresh } = this;
    if (traced) {
      this.trace = new Trace(w);
      w.onAct = () => this.#took();
    }
    this.root();
    this.fresh = fresh;
  }

  get end() {
    return Math.max(this.#end, this.w.m.steps);
  }
  get marks() {
    return this.checkpoints.list.map((c) => c.step);
  }
  get rootStep() {
    return this.first?.step ?? 0;
  }
  get count() {
    return this.checkpoints.list.length;
  }
  get bytes() {
    return this.checkpoints.bytes;
  }

  /** Forgets everything before this moment (a free stretch is not recorded). */
  root() {
    this.fresh = false;
    this.entries = [];
    this.branches = [];
    this.notes.list = [];
    this.#next = 0;
    this.#end = this.w.m.steps;
    this.checkpoints.list = [];
    this.present = { id: 0, name: 'first history', parent: -1, parted: this.w.m.steps };
    this.#ids = 0;
    this.checkpoint();
    this.trace?.reset();
  }

  /** Drops the recording behind this moment, which must be the root: another history begins there. */
  forget() {
    this.entries = [];
    this.branches = [];
    this.#next = 0;
    this.#end = this.w.m.steps;
    this.checkpoints.list = this.checkpoints.list.slice(0, 1);
  }

  /** The root, to be kept elsewhere. */
  get first(): Root | undefined {
    return this.checkpoints.list[0];
  }
  /** Begins at a machine from elsewhere. The world's memory must be large enough for it. */
  plant(root: Root) {
    this.#restore({ ...root, entries: 0 });
    this.root();
  }
  /** Puts back what was kept of this root: histories, and how far the present one went. */
  adopt({ entries, branches, present, end, notes }: Pick<Kept, 'entries' | 'branches' | 'present' | 'end' | 'notes'>) {
    this.notes.list = notes?.slice() ?? [];
    this.entries = entries.slice();
    this.branches = branches.slice();
    this.present = present;
    this.#ids = Math.max(present.id, ...branches.map((b) => b.id));
    this.#end = end;
    this.#next = this.entries.filter((e) => e.at < this.w.m.steps).length;
  }

  checkpoint() {
    this.checkpoints.make(this.#next);
  }

  /** Records a deed at this moment and does it. What was undone before it is gone. */
  do(deed: Deed) {
    this.cut();
    const e = { ...deed, at: this.w.m.steps } as Entry;
    this.entries.push(e);
    this.#next = this.entries.length;
    this.#apply(e);
  }

  /** Something else happens now: the future that was undone is left as a branch, and a new history begins. */
  cut(name?: string) {
    const now = this.w.m.steps;
    if (this.#end > now || name !== undefined) this.#part(now, name);
    this.#end = now;
    this.entries.length = this.#next;
    this.checkpoints.forget(now);
    this.trace?.cut(now);
  }

  #part(now: number, name?: string) {
    this.branches.push({ ...this.present, entries: this.entries.slice(), end: this.end });
    this.branches.sort((x, y) => x.id - y.id);
    if (this.branches.length > MAX_BRANCHES) this.branches.shift();
    const id = ++this.#ids;
    this.present = { id, name: name || `branch ${id}`, parent: this.present.id, parted: now };
  }

  /** What lies beyond a step was only looked at: it is forgotten. The machine must be there or before. */
  shorten(end: number) {
    if (end >= this.#end || this.w.m.steps > end) return;
    this.#end = end;
    this.checkpoints.forget(end);
    this.trace?.cut(end);
  }

  /** Processes `lab …` that wait and whose answer is not to come in this history. */
  unanswered(): World['asked'] {
    if (this.#end > this.w.m.steps) return []; // an answer would leave that future
    const { host, guests } = this.w.tree;
    return [['', host.os] as const, ...Object.entries(guests).map(([vm, g]) => [vm, g.os] as const)].flatMap(([vm, os]) =>
      os.procs
        .filter((p) => isLab(p) && p.state !== 'zombie' && 'asked' in p.st && !('answer' in p.st))
        .filter((p) => !this.entries.some((e) => e.k === 'answer' && e.vm === vm && e.pid === p.pid && e.at >= this.w.m.steps))
        .map((p) => ({ vm, pid: p.pid, tty: p.tty, line: lineOf(p), again: true })),
    );
  }

  /** Names a history; the present one is one of them. */
  name(id: number, name: string): boolean {
    const h = id === this.present.id ? this.present : this.branches.find((b) => b.id === id);
    if (h) h.name = name;
    return h !== undefined;
  }

  /** The last step that a branch has in common with the present history. */
  common(b: Branch): number {
    let i = 0;
    // histories that parted share their entries; those that came in files do not
    const same = (x: Entry | undefined, y: Entry | undefined) => x === y || JSON.stringify(x) === JSON.stringify(y);
    while (i < b.entries.length && i < this.entries.length && same(b.entries[i], this.entries[i])) i++;
    return Math.min(b.entries[i]?.at ?? b.end, this.entries[i]?.at ?? this.end);
  }

  /** Changes over to a branch, at its end or at `step`; the present history becomes one. False when there is no such branch. */
  switchTo(id: number, step?: number): boolean {
    const b = this.branches.find((x) => x.id === id);
    if (!b) return false;
    const common = this.common(b),
      here: Branch = { ...this.present, entries: this.entries.slice(), end: this.end };
    this.branches = [...this.branches.filter((x) => x !== b), here].sort((x, y) => x.id - y.id);
    this.present = { id: b.id, name: b.name, parent: b.parent, parted: b.parted };
    this.seek(common);
    this.entries = b.entries.slice();
    this.#next = this.entries.filter((e) => e.at < this.w.m.steps).length;
    this.checkpoints.forget(common);
    this.trace?.cut(common);
    this.#end = b.end;
    this.seek(step ?? b.end);
    return true;
  }

  /** Whether it is one at which runTo stops: the access of a chosen thread, or a watched word that it changed. */
  #apply(e: Entry): boolean {
    const { m } = this.w,
      before = m.steps,
      watched = Array.from({ length: L.M_STOP_WATCHES }, (_, i) => m.ld32(L.MACHINE + L.M_STOP_WATCH + i * 4)).filter((a) => a),
      values = watched.map((a) => m.ld32(a)),
      asked = m.ld32(L.TRACE + L.TR_NWATCH);
    this.#look();
    if (this.#seen) m.wasm.trace_changes();
    if (e.k !== 'thread' && e.k !== 'act') this.w.acted = deedWords(this.w, e);
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
        m.st32(L.TRACE + L.TR_ON, 0); // its steps to boundaries are none of the recording's
        m.st32(L.TRACE + L.TR_NWATCH, 0);
        if (this.w.free && this.w.isBlock(e.block)) this.w.handOver(this.w.free, e.block, e.n);
        m.st32(L.TRACE + L.TR_NWATCH, asked);
        m.st32(L.MACHINE + L.M_STOP_HIT, 0);
        break;
      case 'drain':
        if (this.w.isBlock(e.block)) m.wasm.drain_nth(e.block, e.nth ?? 0);
        break;
      case 'act':
        this.w.onAct();
        act(this.w);
        this.w.onAct();
        break;
      case 'edit':
        this.w.edit(e.addr, e.bytes, e.value);
        break;
      case 'sysctl':
        this.w.host.setSysctl(e.name, e.value);
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
      case 'capture':
        applyCapture(this.w, e);
        break;
      case 'answer':
        this.w.answer(e.vm, e.pid, e.text, e.status);
        break;
      default:
    }
    if (e.k !== 'thread') m.st32(L.MACHINE + L.M_DONE_POINT, 0); // no thread did it
    m.steps = before + 1;
    this.#took();
    if (m.steps > this.#end) this.#end = m.steps;
    return m.ld32(L.MACHINE + L.M_STOP_HIT) !== 0 || watched.some((a, i) => m.ld32(a) !== values[i]);
  }

  /** The machine is driven without this timeline: nothing takes its records. */
  untraced() {
    this.w.m.st32(L.TRACE + L.TR_ON, 0);
  }

  /** Whether the next step is one that the trace has already; then nothing is recorded. */
  #known = false;
  #look() {
    this.#known = this.trace !== undefined && this.w.m.steps < this.trace.end;
    if (this.trace) this.w.m.st32(L.TRACE + L.TR_ON, this.#known ? 0 : 1);
  }
  #took() {
    if (this.#seen) this.w.m.wasm.trace_changes();
    const changes = this.trace?.take(this.#known) ?? [];
    if (this.#seen) this.#seen.push(...changes);
  }

  /** What changed or stored these words (at most TR_WATCHES) in the steps after `from`, up to `to`. Leaves the machine at `to`. */
  changes(words: readonly number[], from: number, to: number): Change[] {
    const { m } = this.w,
      list = words.slice(0, L.TR_WATCHES);
    this.seek(from);
    if (m.steps !== from) return [];
    this.#seen = [];
    try {
      list.forEach((a, i) => {
        m.st32(L.TRACE + L.TR_WATCH + i * 8, a);
        m.st32(L.TRACE + L.TR_WATCH + i * 8 + 4, m.ld32(a));
      });
      m.st32(L.TRACE + L.TR_NWATCH, list.length);
      this.advance(to - from);
      return this.#seen;
    } finally {
      m.st32(L.TRACE + L.TR_NWATCH, 0);
      this.#seen = undefined;
    }
  }

  /** Forward by at most n, through recorded entries and else under the policy; no further than lab time `until`. */
  advance(n: number, until?: number): Advance {
    const { m } = this.w,
      end = m.steps + n;
    while (m.steps < end) {
      const e = this.entries[this.#next];
      if (e && e.at === m.steps) {
        this.#next++;
        if (this.#apply(e)) return 'stop';
        continue;
      }
      const newest = this.checkpoints.list.at(-1)?.step ?? 0;
      let to = Math.min(end, e ? e.at : Number.POSITIVE_INFINITY);
      if (m.steps >= newest) {
        if (m.steps - newest >= SPACING) {
          this.checkpoint();
          continue;
        }
        to = Math.min(to, newest + SPACING);
      }
      this.#look();
      if (this.trace && (!this.#known || this.#seen)) to = Math.min(to, m.steps + RECORDED);
      if (this.trace && this.#known) to = Math.min(to, this.trace.end);
      let r: Advance;
      try {
        r = this.w.advanceUntil(to - m.steps, until);
      } finally {
        this.#took();
        if (m.steps > this.#end) this.#end = m.steps; // also when the machine stopped
      }
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
      m.u8.fill(0, g + L.M_STOP_HIT, g + L.M_STOP_WATCH + L.M_STOP_WATCHES * 4);
      m.u8.fill(0, g + L.M_STOP_POINTS, g + L.M_STOP_POINTS + 128);
    }
  }

  /** The whole recording again from its root, without the checkpoints between: what seek must agree with. */
  replay() {
    const end = this.w.m.steps,
      root = this.checkpoints.list[0];
    if (!root) return;
    this.checkpoints.list = [root];
    this.#restore(root);
    this.advance(end - this.w.m.steps);
  }

  /** Goes to a step: nearest checkpoint before it, then replay. */
  seek(step: number) {
    const { m } = this.w,
      target = Math.max(step, this.rootStep);
    const c = this.checkpoints.list.findLast((x) => x.step <= target);
    if (!c) return;
    this.last = { pages: 0, steps: 0 };
    if (m.steps > target || m.steps < c.step) this.#restore(c);
    if (this.trace && (m.steps < this.trace.base || m.steps > this.trace.end)) this.trace.reset();
    this.last.steps = target - m.steps;
    if (target > m.steps) this.advance(target - m.steps);
  }

  #restore(c: Checkpoint) {
    this.last.pages += this.checkpoints.restore(c);
    this.#next = c.entries;
  }
}

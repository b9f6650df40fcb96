// The lab: the only door to the machine. Runs one of the two engines, keeps the timeline, answers what the page and the
// runner ask. The host environment calls pump() while it runs and gives it a way to spawn workers.

import * as L from '../../wasm/layout.ts';
import { FreeEngine, type Spawn } from '../sim/free.ts';
import type { Counterexample } from './explore/counterexample.ts';
import type { EngineName, LabState, RunState } from './protocol.ts';
import { letGo } from './again.ts';
import { Breaks } from './breaks.ts';
import { Pump, pumpFree } from './pump.ts';
import { Search } from './search.ts';
import { play, record } from './share.ts';
import type { Recording } from './share_schema.ts';
import type { EventKind } from './stops.ts';
import { lastChoice, nextChoice } from './deeds.ts';
import { machineStopped, undoFree, workerStopped } from './failed.ts';
import { labState } from './state.ts';
import { type Deed, Timeline } from './timeline.ts';
import { Typing } from './typing.ts';
import { lastStep, stuck } from './view.ts';
import { type LabOptions, World } from './world.ts';

/** Labs that were put away and can be taken back. */
const TAKEN_BACK = 3;

export class Lab {
  world: World;
  timeline: Timeline;
  engine: EngineName = 'step';
  run: RunState = 'stopped';
  #free: FreeEngine | undefined;
  /** Where full speed began. */
  #letGo = { step: 0, end: 0 };
  sentence = '';
  touched: LabState['touched'];
  readonly breaks = new Breaks();
  readonly typing = new Typing(this);
  failure = ''; // something is wrong with the engine: said once, the lab is stopped
  /** Steps a second of the running step engine, 0: as fast as it can. */
  speed = 0;
  /** What Start over or another recording put away. */
  #before: { world: World; timeline: Timeline; options: LabOptions }[] = [];
  /** The last that was found by exploring. */
  counterexample: Counterexample | undefined;
  /** The process whose command is being taken. */
  asker: { vm: string; pid: number } | undefined;
  onTty: (tty: string, data: string) => void = () => {};
  onReset: (tty: string, data: string) => void = () => {};

  constructor(
    readonly wasm: { step: Uint8Array<ArrayBuffer>; free?: Uint8Array<ArrayBuffer> },
    public options: LabOptions,
    private readonly spawn?: Spawn,
  ) {
    this.world = this.#create();
    this.timeline = new Timeline(this.world, true);
    this.#makeFree();
  }

  #create(options = this.options) {
    const w = World.create(this.wasm.step, options);
    w.free = this.wasm.free;
    w.onTty = (tty, data) => {
      if (!this.#silent) this.onTty(tty, data);
    };
    return w;
  }
  #silent = false;

  #makeFree() {
    if (!this.options.shared || !this.spawn || !this.wasm.free) return;
    this.#free = new FreeEngine(this.world.m, new WebAssembly.Module(this.wasm.free), this.spawn);
    this.#free.onError = (message, block) => {
      this.failure ||= workerStopped(this.world, block, message, this.#letGo.step);
    };
  }

  get canFree() {
    return this.#free !== undefined;
  }

  /** Opens a recording at its moment, stopped. A sentence when it cannot be followed: the lab is then as it was. */
  open(r: Recording, more: (step: number) => boolean): string | undefined {
    const made = play(r, (o) => this.#create({ ...this.options, ...o }), more, true);
    if ('error' in made) return made.error;
    this.take(made.world, made.timeline, { ...this.options, ...r.options });
    this.#told();
    return undefined;
  }

  /** Another machine comes in this one's place, stopped; this one can be taken back. */
  take(world: World, timeline: Timeline, options = this.options) {
    this.#free?.terminate();
    this.#before = [...this.#before, { world: this.world, timeline: this.timeline, options: this.options }].slice(-TAKEN_BACK);
    this.options = options;
    this.world = world;
    this.timeline = timeline;
    this.engine = 'step';
    this.run = 'stopped';
    this.failure = '';
    this.sentence = '';
    this.touched = undefined;
    this.breaks.settle(world);
    this.#makeFree();
  }

  get canTakeBack() {
    return this.#before.length > 0;
  }
  /** The machine that Start over or another recording put away comes back. */
  takeBack(): boolean {
    const was = this.#before.pop();
    if (!was) return false;
    // what is here now goes behind the others: taking back again and again comes round to it
    const before = [{ world: this.world, timeline: this.timeline, options: this.options }, ...this.#before];
    this.take(was.world, was.timeline, was.options);
    this.#before = before;
    this.#told();
    return true;
  }

  /** How a fresh lab like this one is made. */
  fresh(options: Partial<LabOptions> = {}): World {
    return this.#create({ ...this.options, ...options });
  }
  get setup() {
    return { seed: this.options.seed, slots: this.options.slots };
  }

  /** This moment as a recording, or a sentence why it is none. */
  record(layout?: unknown): Recording | { error: string } {
    return record(this.world, this.timeline, this.setup, layout === undefined ? {} : { layout });
  }

  /** A fresh host. The old machine can be taken back. */
  reset(setup: Partial<LabOptions> = {}) {
    const options = { ...this.options, ...setup },
      world = this.#create(options);
    this.take(world, new Timeline(world, true), options);
  }

  start(engine?: EngineName) {
    if (this.run !== 'stopped' && (!engine || engine === this.engine)) return;
    if (this.run !== 'stopped' && !this.park()) return;
    const want = engine ?? (this.#free ? 'free' : 'step');
    this.failure = '';
    if (want === 'free' && this.#free) {
      this.#letGo = { step: this.world.m.steps, end: this.timeline.end };
      this.world.toBoundaries();
      this.#free.start();
      this.engine = 'free';
    } else this.engine = 'step';
    this.#pump.begin();
    this.typing.flush();
    this.sentence = '';
    this.run = 'running';
  }

  /** Parks. With the free engine this is asynchronous: call until it answers true. */
  park(): boolean {
    if (this.engine === 'free' && this.#free?.running) {
      this.#free.requestPark();
      if (!this.#free.parked()) return false;
      this.#free.handOver();
      this.world.pendingInterrupts();
      this.engine = 'step';
      this.run = 'stopped';
      this.timeline.root();
      this.sentence = 'Stopped at a boundary of every thread. What ran freely was not recorded.';
      this.touched = undefined;
      return true;
    }
    this.run = 'stopped';
    return true;
  }

  /** One access of a thread, or one step under the policy. */
  step(thread?: number) {
    const { m } = this.world,
      t = thread === undefined ? undefined : m.block(thread),
      before = m.steps;
    this.run = 'stopped';
    if (t !== undefined && m.wasm.runnable(t)) this.#guard(() => letGo(this.timeline, this.world, t), undefined);
    else if (this.#guard(() => this.timeline.advance(1), 'done') === 'idle' && m.steps === before) {
      this.sentence = stuck(this.world) ?? 'Every thread is asleep and nothing is due. Type a command.';
      this.touched = undefined;
      return;
    }
    this.#told();
  }

  #told() {
    const last = lastStep(this.world);
    this.sentence = last.sentence;
    this.touched = last.touched;
  }

  /** n steps under the policy, or until a stop point is met. */
  steps(n: number) {
    this.run = 'stopped';
    const r = this.#guard(() => this.#go(n), { how: 'done' as const });
    this.#told();
    if ('met' in r && r.met) this.sentence = r.met;
  }

  /** Something of the student's, recorded at this moment. */
  deed(d: Deed) {
    this.run = 'stopped';
    this.timeline.do(d);
    this.breaks.settle(this.world);
    this.#told();
  }

  /** The search for the next event of a kind, to go on with slice by slice. */
  search(kind: EventKind): { slice(): 'found' | 'none' | 'more'; giveUp(): void } {
    this.run = 'stopped';
    const s = new Search(this.world, this.timeline, kind),
      { end } = this.timeline;
    // as if nobody had looked
    const leave = () => {
      this.goto(s.start);
      this.timeline.shorten(end);
    };
    return {
      slice: () => {
        const r = this.#guard(() => s.slice(), 'none' as const);
        if (r === 'found') this.#told();
        else if (r === 'none' && !this.failure) leave();
        return r;
      },
      giveUp: leave,
    };
  }
  /** To the next event of a kind, under the policy. False when none comes. */
  next(kind: EventKind): boolean {
    const s = this.search(kind);
    for (;;) {
      const r = s.slice();
      if (r !== 'more') return r === 'found';
    }
  }

  goto(step: number) {
    this.run = 'stopped';
    this.seek(step);
    this.#told();
  }

  switchTo(branch: number): boolean {
    this.run = 'stopped';
    let found = false;
    this.#rewinding(() => {
      found = this.timeline.switchTo(branch);
    });
    if (found) this.#told();
    return found;
  }

  /** A process that asked gets its answer, if it is there now. */
  answer(vm: string, pid: number, text: string, status: number) {
    this.typing.answer({ k: 'answer', vm, pid, text, status });
  }

  /** A history of its own begins here. */
  fork(name?: string) {
    this.run = 'stopped';
    this.timeline.cut(name ?? '');
  }

  /** Back to before the last deed; false when there is none. */
  undo(): boolean {
    const last = lastChoice(this.timeline.entries, this.world.m.steps);
    if (last) this.goto(last.at);
    return last !== undefined;
  }
  /** Forward over the next deed that was undone. */
  redo(): boolean {
    const next = nextChoice(this.timeline.entries, this.world.m.steps);
    if (next) this.goto(next.at + 1);
    return next !== undefined;
  }

  back(n = 1) {
    this.run = 'stopped';
    this.seek(this.world.m.steps - n);
    this.sentence = 'Undone, to the last bit.';
  }

  seek(step: number) {
    this.#rewinding(() => {
      this.timeline.seek(step);
    });
  }

  /** Asks something of the past: the machine is moved and comes back to where it is. */
  ask<T>(f: (w: World, t: Timeline) => T, otherwise: T): T {
    let answer = otherwise;
    const { m } = this.world;
    const step = m.steps;
    this.#silent = true;
    const { acted, asked } = this.world;
    const { failure, timeline: t } = this,
      { id } = t.present;
    this.#guard(() => {
      answer = f(this.world, t);
    }, undefined);
    // also when the machine stopped on the way, in whichever history
    const back = this.#guard(() => {
      if (t.present.id !== id) t.switchTo(id, step);
      else if (m.steps !== step) t.seek(step);
      return true;
    }, false);
    if (back) this.failure = failure;
    this.world.acted = acted;
    this.world.asked = asked;
    this.#silent = false;
    return answer;
  }

  /** Does something that may change the past: terminals are shown anew, not as if they had just been written. */
  #rewinding(f: () => void) {
    this.#silent = true;
    const before = new Map(this.world.tree.host.os.ttys.map((t) => [t.id, t.out]));
    this.failure = '';
    this.#guard(f, undefined);
    this.#silent = false;
    this.world.asked = this.timeline.unanswered();
    this.touched = undefined;
    this.breaks.settle(this.world);
    for (const t of this.world.tree.host.os.ttys) if (before.get(t.id) !== t.out) this.onReset(t.id, t.out);
  }

  // ── the host environment's loop ───────────────────────────────────────────────────────────────────────────────

  /**
   * Goes on while `more` says so; wall is the time of day in ms. Answers how long to wait until the next call (ms);
   * Infinity: only input helps. The step engine never runs ahead of the wall clock; when it is slower, it is not hurried.
   */
  pump(more: () => boolean, wall: number): number {
    if (this.failure && (this.run !== 'stopped' || this.#free?.running)) this.#giveUp();
    if (this.run === 'stopped') return Number.POSITIVE_INFINITY;
    const free = this.engine === 'free' ? this.#free : undefined;
    if (free) return this.#guard(() => pumpFree(this.world, free), 0);
    return this.#guard(() => this.#pump.step(more, wall), Number.POSITIVE_INFINITY);
  }

  /** A worker does not stop when it is asked to. */
  late(why: string) {
    this.#free?.onError(why, this.#free.late() ?? 0);
    this.#giveUp();
  }
  /** Ends what runs. What threads that ran freely left in the middle is undone: back to where they were let go. */
  #giveUp() {
    const { failure } = this,
      freely = this.#free?.running;
    this.#free?.terminate();
    this.engine = 'step';
    this.run = 'stopped';
    if (!freely) return;
    const before = this.#before,
      why = undoFree(this, this.#letGo);
    this.#before = before; // what is there is no machine to be had back
    this.failure = why ?? failure;
  }

  readonly #pump = new Pump({
    lab: this,
    go: (n, until) => this.#go(n, until),
    told: () => this.#told(),
    stopAt: (met) => this.#stopAt(met),
  });
  /** Forward, as far as a stop point. */
  #go(n: number, until?: number): ReturnType<Breaks['run']> {
    return this.breaks.list.length ? this.breaks.run(this.world, this.timeline, n, until) : { how: this.timeline.advance(n, until) };
  }
  #stopAt(met: string): number {
    this.run = 'stopped';
    this.#told();
    this.sentence = met;
    return Number.POSITIVE_INFINITY;
  }

  /** A trap in the data plane stops the lab, not the page: said in a sentence, and a new instance over the same memory. */
  #guard<T>(f: () => T, otherwise: T): T {
    try {
      return f();
    } catch (e) {
      const { m } = this.world;
      this.failure = machineStopped(m.steps, e);
      this.run = 'stopped';
      m.instantiate();
      for (const word of [L.M_RESUMING, L.M_BUDGET, L.M_LIMIT, L.M_LIMIT + 4]) m.st32(L.MACHINE + word, 0); // nobody is half resumed
      return otherwise;
    }
  }

  state(): LabState {
    return labState(this);
  }
}

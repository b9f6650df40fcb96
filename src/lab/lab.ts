// The lab: the only door to the machine. Runs one of the two engines, keeps the timeline, answers what the page and the
// runner ask. The host environment calls pump() while it runs and gives it a way to spawn workers.

import * as L from '../../wasm/layout.ts';
import { FreeEngine, type Spawn } from '../sim/free.ts';
import type { EngineName, LabState, PolicyName, RunState } from './protocol.ts';
import { Breaks } from './breaks.ts';
import { play, record } from './share.ts';
import type { Recording } from './share_schema.ts';
import { EVENTS, type EventKind, SEARCH_MAX } from './stops.ts';
import { type Deed, Timeline } from './timeline.ts';
import { counters, csbs, rings, lastStep, stuck, threads, vms } from './view.ts';
import { type LabOptions, World } from './world.ts';

export const BHYVELOAD = 'bhyveload -m 2G -d mfsroot.img netmapvm';
export const BHYVE =
  "bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm";

const POLICIES: PolicyName[] = ['student', 'rr', 'random', 'lvt'];
/** Steps of the step engine in one slice of pump(). */
const SLICE = 20_000;
/** How far the step engine may fall behind the wall clock before it stops trying to catch up. */
const LAG_NS = 100e6;
const NOT_ISOLATED = 'This page may not use several CPUs here, so full speed is off. Everything else works on the step engine.';

export class Lab {
  world: World;
  timeline: Timeline;
  engine: EngineName = 'step';
  run: RunState = 'stopped';
  #free: FreeEngine | undefined;
  #sentence = '';
  #touched: LabState['touched'];
  readonly breaks = new Breaks();
  /** Something is wrong with the engine: said once, the lab is stopped. */
  failure = '';
  onTty: (tty: string, data: string) => void = () => {};
  onReset: (tty: string, data: string) => void = () => {};

  constructor(
    private readonly wasm: { step: Uint8Array<ArrayBuffer>; free?: Uint8Array<ArrayBuffer> },
    private options: LabOptions,
    private readonly spawn?: Spawn,
  ) {
    this.world = this.#create();
    this.timeline = new Timeline(this.world);
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
    this.#free.onError = (message) => {
      this.failure = `A worker of the free engine stopped (${message}). The lab was stopped; the step engine goes on.`;
    };
  }

  get canFree() {
    return this.#free !== undefined;
  }

  /** Opens a recording at its moment, stopped. A sentence when it cannot be followed: the lab is then as it was. */
  open(r: Recording, more: (step: number) => boolean): string | undefined {
    const made = play(r, (o) => this.#create({ ...this.options, ...o }), more);
    if ('error' in made) return made.error;
    this.#free?.terminate();
    this.options = { ...this.options, ...r.options };
    this.world = made.world;
    this.timeline = made.timeline;
    this.engine = 'step';
    this.run = 'stopped';
    this.#makeFree();
    this.#told();
    return undefined;
  }

  /** This moment as a recording, or a sentence why it is none. */
  record(): Recording | { error: string } {
    return record(this.world, this.timeline, { seed: this.options.seed, slots: this.options.slots });
  }

  /** A fresh host. */
  reset() {
    this.#free?.terminate();
    this.world = this.#create();
    this.timeline = new Timeline(this.world);
    this.engine = 'step';
    this.run = 'stopped';
    this.#sentence = '';
    this.#makeFree();
  }

  // ── what the user does ────────────────────────────────────────────────────────────────────────────────────────

  input(tty: string, data: string) {
    if (!this.world.host.os.tty(tty)) return;
    if (this.run !== 'stopped' && this.engine === 'free') {
      this.world.type(tty, data);
      this.#settleFree();
      return;
    }
    this.timeline.do({ k: 'input', tty, data });
    this.#settle();
  }

  openTerminal(): string {
    const { ttys } = this.world.tree.host.os;
    if (this.run !== 'stopped' && this.engine === 'free') {
      this.world.openTerminal();
      this.#settleFree();
    } else {
      this.timeline.do({ k: 'open' });
      this.#settle();
    }
    return ttys[ttys.length - 1]?.id ?? '';
  }

  typeLine(tty: string, text: string, enter: boolean) {
    if (!this.world.host.os.tty(tty)) return;
    if (this.run !== 'stopped' && this.engine === 'free') this.world.typeLine(tty, text);
    else this.timeline.do({ k: 'line', tty, text });
    if (enter) this.input(tty, '\r');
  }

  resize(tty: string, cols: number, rows: number) {
    const t = this.world.host.os.tty(tty);
    if (!t || (t.cols === cols && t.rows === rows)) return;
    if (this.run !== 'stopped' && this.engine === 'free') {
      this.world.resize(tty, cols, rows);
      this.#settleFree();
    } else {
      this.timeline.do({ k: 'resize', tty, cols, rows });
      this.#settle();
    }
  }

  /** While stopped, the shells still answer: actions of host processes are done at once. */
  #settle() {
    if (this.run !== 'stopped') {
      this.run = 'running';
      return;
    }
    for (let i = 0; i < 1000 && this.world.host.os.ready(); i++) this.timeline.advance(1);
  }
  #settleFree() {
    for (let i = 0; i < 1000 && this.world.act(); i++);
  }

  start(engine?: EngineName) {
    if (this.run !== 'stopped' && (!engine || engine === this.engine)) return;
    if (this.run !== 'stopped') this.park();
    const want = engine ?? (this.#free ? 'free' : 'step');
    if (want === 'free' && this.#free) {
      this.world.toBoundaries();
      this.#free.start();
      this.engine = 'free';
    } else this.engine = 'step';
    this.#pace = undefined;
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
      this.#sentence = 'Stopped at a boundary of every thread. What ran freely was not recorded.';
      this.#touched = undefined;
      return true;
    }
    this.run = 'stopped';
    return true;
  }

  /** One access of a thread, or one step under the policy. */
  step(thread?: number) {
    const { m } = this.world;
    const t = thread === undefined ? undefined : m.block(thread);
    const before = m.steps;
    this.run = 'stopped';
    if (t !== undefined && m.wasm.runnable(t)) this.#guard(() => this.timeline.do({ k: 'thread', block: t }), undefined);
    else if (this.#guard(() => this.timeline.advance(1), 'done') === 'idle' && m.steps === before) {
      this.#sentence = stuck(this.world) ?? 'Every thread is asleep and nothing is due. Type a command.';
      this.#touched = undefined;
      return;
    }
    this.#told();
  }

  get sentence() {
    return this.#sentence;
  }

  #told() {
    const last = lastStep(this.world);
    this.#sentence = last.sentence;
    this.#touched = last.touched;
  }

  /** n steps under the policy, or until a stop point is met. */
  steps(n: number) {
    this.run = 'stopped';
    if (!this.breaks.list.length) this.#guard(() => this.timeline.advance(n), 'done');
    const r = this.breaks.list.length
      ? this.#guard(() => this.breaks.run(this.world, this.timeline, n), { how: 'done' as const })
      : undefined;
    this.#told();
    if (r && 'met' in r && r.met) this.#sentence = r.met;
  }

  /** Something of the student's, recorded at this moment. */
  deed(d: Deed) {
    this.run = 'stopped';
    this.timeline.do(d);
    this.#told();
  }

  /** To the next event of a kind, under the policy. False when none comes. */
  next(kind: EventKind): boolean {
    const { m } = this.world;
    const { points, is } = EVENTS[kind];
    const start = m.steps;
    const end = start + SEARCH_MAX;
    this.run = 'stopped';
    while (m.steps < end) {
      const r = this.#guard(() => this.timeline.runTo(points, [], end - m.steps), 'idle' as const);
      if (r !== 'stop') break;
      if (is && !is(m.ld32(L.MACHINE + L.M_DONE_VAL))) continue;
      this.#told();
      return true;
    }
    if (!this.failure) this.goto(start); // none comes: as if nobody had looked
    return false;
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
    return found;
  }

  back(n = 1) {
    this.run = 'stopped';
    this.seek(this.world.m.steps - n);
    this.#sentence = 'Undone, to the last bit.';
  }

  seek(step: number) {
    this.#rewinding(() => {
      this.timeline.seek(step);
    });
  }

  /** Does something that may change the past: terminals are shown anew, not as if they had just been written. */
  #rewinding(f: () => void) {
    this.#silent = true;
    const before = new Map(this.world.tree.host.os.ttys.map((t) => [t.id, t.out]));
    this.#guard(f, undefined);
    this.#silent = false;
    this.#touched = undefined;
    this.breaks.settle(this.world);
    for (const t of this.world.tree.host.os.ttys) if (before.get(t.id) !== t.out) this.onReset(t.id, t.out);
  }

  // ── the host environment's loop ───────────────────────────────────────────────────────────────────────────────

  /**
   * Goes on while `more` says so; wall is the time of day in ms. Answers how long to wait until the next call (ms);
   * Infinity: only input helps. The step engine never runs ahead of the wall clock; when it is slower, it is not hurried.
   */
  pump(more: () => boolean, wall: number): number {
    if (this.failure && this.run !== 'stopped') {
      this.#free?.terminate();
      this.engine = 'step';
      this.run = 'stopped';
    }
    if (this.run === 'stopped') return Number.POSITIVE_INFINITY;
    if (this.engine === 'free' && this.#free) return this.#guard(() => this.#pumpFree(), 0);
    return this.#guard(() => this.#pumpStep(more, wall), Number.POSITIVE_INFINITY);
  }

  #pumpFree(): number {
    const { m, host } = this.world;
    if (!this.#free) return Number.POSITIVE_INFINITY;
    m.clock = this.#free.now();
    host.os.expire(m.clock);
    for (let i = 0; i < 2000 && this.world.act(); i++);
    this.#free.staff();
    return 4;
  }

  #pumpStep(more: () => boolean, wall: number): number {
    const { m } = this.world;
    if (!this.#pace || (wall - this.#pace.wall) * 1e6 - (m.clock - this.#pace.clock) > LAG_NS) this.#pace = { wall, clock: m.clock };
    const until = this.#pace.clock + (wall - this.#pace.wall) * 1e6;
    do {
      const { how: r, met } = this.breaks.list.length
        ? this.breaks.run(this.world, this.timeline, SLICE, until)
        : { how: this.timeline.advance(SLICE, until), met: undefined };
      if (met) {
        this.run = 'stopped';
        this.#told();
        this.#sentence = met;
        return Number.POSITIVE_INFINITY;
      }
      this.run = r === 'idle' ? 'idle' : 'running';
      if (r === 'idle') return Number.POSITIVE_INFINITY;
      if (r === 'later') return 4;
      if (r === 'stop') return 0;
    } while (more());
    return 0;
  }
  /** Where the step engine's clock met the wall's. */
  #pace: { wall: number; clock: number } | undefined;

  /** A trap in the data plane stops the lab, not the page: said in a sentence, and a new instance over the same memory. */
  #guard<T>(f: () => T, otherwise: T): T {
    try {
      return f();
    } catch (e) {
      const { m } = this.world;
      this.failure = `The machine stopped at step ${m.steps} (${e instanceof Error ? e.message : String(e)}). Go back to before it, or start over; the recording is safe.`;
      this.run = 'stopped';
      m.instantiate();
      for (const word of [L.M_RESUMING, L.M_BUDGET, L.M_LIMIT, L.M_LIMIT + 4]) m.st32(L.MACHINE + word, 0); // nobody is half resumed
      return otherwise;
    }
  }

  state(): LabState {
    const w = this.world,
      { m } = w,
      free = this.engine === 'free' && this.run !== 'stopped',
      stuckNow = this.run === 'idle' ? stuck(w) : undefined;
    return {
      engine: this.engine,
      run: this.run,
      step: m.steps,
      clockNs: m.clock,
      policy: POLICIES[m.ld32(L.MACHINE + L.M_POLICY)] ?? 'lvt',
      seed: m.ld32(L.MACHINE + L.M_SEED),
      canBack: !free && m.steps > this.timeline.rootStep,
      rootStep: this.timeline.rootStep,
      branches: this.timeline.branches.map(({ id, name, fork, end }) => ({ id, name, fork, end })),
      recording: { checkpoints: this.timeline.count, bytes: this.timeline.bytes },
      sentence: this.#sentence,
      ...(this.#touched ? { touched: this.#touched } : {}),
      threads: threads(w, free),
      rings: rings(w),
      csbs: csbs(w),
      counters: counters(w),
      vms: vms(w),
      terminals: w.tree.host.os.ttys.map((t) => {
        const vm = w.tree.host.vms.find((v) => v.block && w.consoleOf(v) === t.id);
        return {
          tty: t.id,
          title: vm ? `console of ${vm.name}` : `host ${t.id}`,
          side: vm ? ('guest' as const) : ('host' as const),
          ...(vm ? { consoleOf: vm.name } : {}),
        };
      }),
      memory: { usedBytes: m.ld32(L.MACHINE + L.M_FRAMES) * L.PAGE, peakBytes: m.ld32(L.MACHINE + L.M_FRAMES_MAX) * L.PAGE },
      ...(stuckNow ? { stuck: stuckNow } : {}),
      limits: [...(this.#free ? [] : [NOT_ISOLATED]), ...(this.failure ? [this.failure] : [])],
    };
  }
}

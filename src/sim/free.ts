// The free engine: one worker per thread over the shared memory, truly parallel. Parking brings every thread to its
// boundary; letting go starts from boundaries. Who slept still sleeps.

import * as L from '../../wasm/layout.ts';
import { labTime } from './free_drive.ts';
import type { Machine } from './machine.ts';

/** A worker that drives one thread at a time. The host environment makes it. */
export interface ThreadWorker {
  drive(block: number): void;
  onIdle: () => void;
  onError: (message: string) => void;
  terminate(): void;
}
/** Between two looks at the clock nobody waits so long, unless the computer slept. */
const SLEPT_NS = 5e9;

export type Spawn = (memory: WebAssembly.Memory, module: WebAssembly.Module) => ThreadWorker;

export class FreeEngine {
  #workers: { w: ThreadWorker; block: number; epoch: number }[] = [];
  running = false;
  /** A worker died: the lab stops and says so. */
  onError: (message: string, block: number) => void = () => {};

  constructor(
    private readonly m: Machine,
    private readonly module: WebAssembly.Module,
    private readonly spawn: Spawn,
  ) {}

  /** Lets go: every thread must be at its boundary. */
  start() {
    const { m } = this,
      view = new DataView(m.memory.buffer);
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.ld32(t + L.T_UNWOUND)) throw new Error(`thread ${i} is not at its boundary`);
      m.st32(t + L.T_PARKED, 0);
      if (m.ld32(t + L.T_KIND) === L.TK_INTR && m.status(t) === L.TS_READY) m.setStatus(t, L.TS_ASLEEP);
    }
    m.st64(L.MACHINE + L.M_BASE_NS, m.clock);
    view.setFloat64(L.MACHINE + L.M_EPOCH, performance.timeOrigin + performance.now(), true);
    Atomics.store(m.u32, (L.MACHINE + L.M_PARK) >>> 2, 0);
    Atomics.notify(m.i32, (L.MACHINE + L.M_PARK) >>> 2);
    this.running = true;
    this.staff();
  }

  /** Gives every new thread a worker. */
  staff() {
    const { m } = this;
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i),
        s = m.status(t),
        epoch = m.ld32(t + L.T_EPOCH);
      if (s === L.TS_FREE || s === L.TS_DEAD || m.ld32(t + L.T_KIND) === L.TK_INTR) continue;
      if (this.#workers.some((x) => x.block === t && x.epoch === epoch)) continue;
      let slot = this.#workers.find((x) => x.block === 0);
      if (!slot) {
        const mine = { w: this.spawn(m.memory, this.module), block: 0, epoch: 0 };
        mine.w.onIdle = () => {
          mine.block = 0;
        };
        mine.w.onError = (message) => {
          this.onError(message, mine.block);
        };
        this.#workers.push(mine);
        slot = mine;
      }
      slot.block = t;
      slot.epoch = epoch;
      slot.w.drive(t);
    }
  }

  now() {
    return labTime(new DataView(this.m.memory.buffer));
  }
  /** The time now; what the computer slept through since `last` did not pass, and no deadline in it has come. */
  awake(last: number): number {
    const now = this.now(),
      view = new DataView(this.m.memory.buffer);
    if (now - last < SLEPT_NS) return now;
    view.setFloat64(L.MACHINE + L.M_EPOCH, view.getFloat64(L.MACHINE + L.M_EPOCH, true) + (now - last) / 1e6, true);
    return last;
  }

  /** Asks every thread to stop at its next boundary. */
  requestPark() {
    const { m } = this;
    Atomics.store(m.u32, (L.MACHINE + L.M_PARK) >>> 2, 1);
    for (let i = 0; i < m.threads; i++) Atomics.notify(m.i32, (m.block(i) + L.T_STATUS) >>> 2);
  }

  /** Whether all have stopped. Then the step engine may run on the same memory. */
  parked(): boolean {
    return this.late() === undefined;
  }
  /** The block of a thread that has not stopped yet. */
  late(): number | undefined {
    const { m } = this;
    for (const x of this.#workers) {
      if (!x.block) continue;
      const s = m.status(x.block);
      if (s === L.TS_FREE || s === L.TS_DEAD || m.ld32(x.block + L.T_EPOCH) !== x.epoch) continue;
      if (!Atomics.load(m.u32, (x.block + L.T_PARKED) >>> 2)) {
        Atomics.notify(m.i32, (x.block + L.T_STATUS) >>> 2);
        return x.block;
      }
    }
    return undefined;
  }

  /** After parked(): clocks and pending interrupts as the step engine expects them. */
  handOver() {
    const { m } = this,
      now = this.now();
    this.running = false;
    m.clock = now;
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i),
        s = m.status(t);
      if (s === L.TS_FREE) continue;
      m.st32(t + L.T_PARKED, 0); // the same bytes whoever ran
      if (s === L.TS_READY) m.st64(t + L.T_VTIME, now);
    }
  }

  terminate() {
    for (const x of this.#workers) x.w.terminate();
    this.#workers = [];
    this.running = false;
  }
}

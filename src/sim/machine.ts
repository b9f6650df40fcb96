// The machine: one memory, one step instance over it, threads as blocks in it. What is not in here (or in the tree
// of the lab) is not state. Control-plane rooms read and write it through this lens, between steps.

import * as L from '../../wasm/layout.ts';
import { Memory } from './memory.ts';

/** What the data plane exports (both builds). */
export interface DataPlane {
  ops_setup(): void;
  drive(n: number, until: bigint): number;
  drain_nth(t: number, j: number): void;
  drain_one(t: number): void;
  drains(t: number, j: number): number;
  drain(t: number): void;
  run_free(t: number, n: number): void;
  naps(t: number): number;
  runnable(t: number): number;
  trace_changes(): void;
  step_thread(t: number, budget: number, limit: bigint): void;
  timeout(t: number): void;
  to_boundary(t: number): number;
  wakeup_now(chan: number, when: bigint): number;
  vmm_ioreg_lookup(vm: number, port: number, isIn: number, bytes: number, val: number): number;
  nm_bridge_rthash(mac: bigint): number;
  va(as: number, addr: number): number;
  ex_after_act(ex: number): number;
  ex_before_act(ex: number): void;
  ex_begin(ex: number): number;
  ex_eyed(ex: number, addr: number): void;
  ex_move(ex: number, move: number): void;
  ex_move_of(ex: number, s: number): number;
  ex_parent(ex: number, s: number): number;
  ex_restore(ex: number, s: number): void;
  ex_run(ex: number, n: number): number;
  ex_settle(ex: number): void;
  slots_keep(ex: number): void;
  watched_move(ex: number, t: number, k: number): number;
  watched_state(ex: number): number;
  vq_ring_init(vq: number): void;
  asyncify_get_state?(): number;
}

export const DRIVE_DONE = 0,
  DRIVE_IDLE = 1,
  DRIVE_REQUEST = 2,
  DRIVE_CTL = 3,
  DRIVE_STOP = 4;
export const FOREVER = 0xffffffffffffffffn;

/** Compiled for shared memory, the module differs from its other form in one byte: the limits flag of its import. */
export function forMemory(wasm: Uint8Array<ArrayBuffer>, shared: boolean): Uint8Array<ArrayBuffer> {
  if (shared) return wasm;
  const copy = wasm.slice();
  const tail = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2]; // "env" "memory" memory
  for (let i = 0; i < copy.length - tail.length; i++)
    if (tail.every((b, k) => copy[i + k] === b) && copy[i + tail.length] === 3) {
      copy[i + tail.length] = 1;
      return copy;
    }
  throw new Error('the data plane does not import its memory');
}

/** An instance of the free build for one thread block. */
export function freePlane(memory: WebAssembly.Memory, module: WebAssembly.Module, block: number): DataPlane {
  return new WebAssembly.Instance(module, {
    env: { memory, self: new WebAssembly.Global({ value: 'i32', mutable: false }, block) },
    asyncify: { start_unwind() {}, stop_unwind() {}, start_rewind() {}, stop_rewind() {} },
  }).exports as unknown as DataPlane;
}

export interface ThreadSpec {
  kind: number;
  fn: number;
  arg: number;
  vtime: number;
}

export class Machine extends Memory {
  wasm!: DataPlane;
  readonly shared: boolean;
  readonly module: WebAssembly.Module;

  private constructor(shared: boolean, module: WebAssembly.Module) {
    super(shared);
    this.shared = shared;
    this.module = module;
  }

  static create(stepWasm: Uint8Array<ArrayBuffer>, shared: boolean): Machine {
    const m = new Machine(shared, new WebAssembly.Module(forMemory(stepWasm, shared)));
    m.instantiate();
    m.wasm.ops_setup();
    const g = L.MACHINE;
    m.st32(g + L.M_MAGIC, L.M_MAGIC_VALUE);
    m.st32(g + L.M_VERSION, L.M_VERSION_VALUE);
    m.st32(g + L.M_POLICY, L.POLICY_LVT);
    m.st32(g + L.M_DOUBLE_CHECK, 1);
    m.st32(g + L.M_SEED, 1);
    m.st32(g + L.M_BRIDGE_BATCH, L.NM_BDG_BATCH);
    m.st32(g + L.M_NO_PENDINTR, 1);
    m.st32(g + L.M_GENERIC_MIT, 100000);
    m.st32(g + L.M_TXSYNC_RETRY, 2);
    return m;
  }

  /** A new step instance over the same memory (also after a trap inside a rewinding instance). */
  instantiate() {
    this.wasm = new WebAssembly.Instance(this.module, { env: { memory: this.memory } }).exports as unknown as DataPlane;
  }

  #free = new Map<number, DataPlane>();
  #freeModule: WebAssembly.Module | undefined;
  /** The free build over this same memory, as one thread's worker sees it. */
  freeInstance(wasm: Uint8Array<ArrayBuffer>, block: number): DataPlane {
    this.#freeModule ??= new WebAssembly.Module(forMemory(wasm, this.shared));
    let i = this.#free.get(block);
    if (!i) {
      i = freePlane(this.memory, this.#freeModule, block);
      this.#free.set(block, i);
    }
    return i;
  }

  get clock() {
    return this.ld64(L.MACHINE + L.M_CLOCK);
  }
  set clock(ns: number) {
    this.st64(L.MACHINE + L.M_CLOCK, ns);
  }
  get steps() {
    return this.ld64(L.MACHINE + L.M_STEPS);
  }
  set steps(n: number) {
    this.st64(L.MACHINE + L.M_STEPS, n);
  }
  get threads() {
    return this.ld32(L.MACHINE + L.M_NTHREADS);
  }
  block(i: number) {
    return L.THREADS + i * L.THREAD_SIZE;
  }
  /** Function index of an op. */
  op(i: number) {
    return this.ld32(L.OPS + i * 4);
  }

  /** Whether a program may have one more; the last blocks are kept for vCPUs and workers. */
  threadLeft(): boolean {
    let free = 0;
    for (let i = 0; i < L.THREAD_MAX; i++) if (this.ld32(this.block(i) + L.T_STATUS) === L.TS_FREE) free++;
    return free > 16;
  }

  /** A new thread block, ready to run. Throws when all are taken. */
  newThread(spec: ThreadSpec): number {
    let i = 0;
    while (i < L.THREAD_MAX && this.ld32(this.block(i) + L.T_STATUS) !== L.TS_FREE) i++;
    if (i === L.THREAD_MAX) throw new RangeError('no thread left');
    const t = this.block(i);
    const epoch = this.ld32(t + L.T_EPOCH);
    this.u8.fill(0, t, t + L.THREAD_SIZE);
    this.st32(t + L.T_EPOCH, epoch + 1);
    this.st32(t + L.T_ID, i);
    this.st32(t + L.T_KIND, spec.kind);
    this.st32(t + L.T_FN, this.op(spec.fn));
    this.st32(t + L.T_ARG, spec.arg);
    this.st64(t + L.T_VTIME, spec.vtime);
    this.st64(t + L.T_START, spec.vtime);
    this.st32(t + L.T_STACK, t + L.T_STACK + 8);
    this.st32(t + L.T_STACK + 4, t + L.T_STACK_END);
    if (i >= this.threads) this.st32(L.MACHINE + L.M_NTHREADS, i + 1);
    this.setStatus(t, L.TS_READY);
    return t;
  }

  /** Frees a block whose thread is dead or at its boundary. */
  freeThread(t: number) {
    const epoch = this.ld32(t + L.T_EPOCH);
    this.u8.fill(0, t + 4, t + L.THREAD_SIZE);
    this.st32(t + L.T_EPOCH, epoch + 1);
    this.setStatus(t, L.TS_FREE);
  }

  status(t: number) {
    return Atomics.load(this.u32, (t + L.T_STATUS) >>> 2);
  }
  setStatus(t: number, s: number) {
    Atomics.store(this.u32, (t + L.T_STATUS) >>> 2, s);
    if (this.shared) Atomics.notify(this.i32, (t + L.T_STATUS) >>> 2);
  }
  /** Wakes whoever sleeps on a channel; lab time of the waker. */
  wakeup(chan: number) {
    const ran = this.ld32(L.MACHINE + L.M_CURTHREAD);
    this.st32(L.MACHINE + L.M_CURTHREAD, 0); // no thread did it
    const woken = this.wasm.wakeup_now(chan, BigInt(this.clock));
    this.st32(L.MACHINE + L.M_CURTHREAD, ran);
    // the step build tells no driver of the free engine
    if (this.shared && woken)
      for (let i = 0; i < this.threads; i++)
        if (this.ld32(this.block(i) + L.T_WCHAN) === chan) Atomics.notify(this.i32, (this.block(i) + L.T_STATUS) >>> 2);
    return woken;
  }
  /** Virtual time spent by a control-plane action on a thread. */
  charge(t: number, ns: number) {
    this.st64(t + L.T_VTIME, this.ld64(t + L.T_VTIME) + ns);
  }
  /** Step engine: advances a thread's time to at least the lab clock. */
  catchUp(t: number) {
    if (this.ld64(t + L.T_VTIME) < this.clock) this.st64(t + L.T_VTIME, this.clock);
  }
}

// Threads of the step build whose iteration is one call of a kring's nm_sync, to be interleaved access by access by a test.

import type { Machine } from '../../src/sim/machine.ts';
import * as L from '../../wasm/layout.ts';

const section = (id: number, ...body: number[]) => [id, body.length, ...body];
const [BODY, E, F] = [[0, 0x20, 0, 0x28, 2, 0, 0x20, 0, 0x28, 2, 4, 0x20, 0, 0x28, 2, 8, 0x11, 1, 0, 0x1a, 0x0b], 0x65, 0x66];
/** A function of a pointer p that calls the function p[2] of the table with (p[0], p[1]); it has no state to be saved. */
const CALL_SYNC = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 2, 0x60, 1, 0x7f, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7f), // types: (i32), (i32 i32) i32
  ...section(2, 2, 1, E, 1, 0x6d, 2, 0, 1, 1, E, 1, 0x74, 1, 0x70, 0, 0), // imports: memory e.m, table e.t
  ...section(3, 1, 0),
  ...section(7, 1, 1, F, 0, 0), // exports f
  ...section(10, 1, BODY.length, ...BODY),
]);

export class SyncThreads {
  readonly #m: Machine;
  readonly #all: { t: number; call: number }[];
  /** `tso`: stores that a thread's store buffer holds. */
  constructor(m: Machine, count: number, tso: number) {
    this.#m = m;
    m.st32(L.MACHINE + L.M_TSO, tso);
    const { table } = m.wasm as unknown as { table: WebAssembly.Table },
      { f } = new WebAssembly.Instance(new WebAssembly.Module(CALL_SYNC), { e: { m: m.memory, t: table } }).exports;
    table.set(m.op(L.OP_IDLE), f);
    this.#all = Array.from({ length: count }, () => {
      const call = m.alloc(64);
      return { call, t: m.newThread({ kind: L.TK_PROGRAM, fn: L.OP_IDLE, arg: call, vtime: 0 }) };
    });
  }
  /** Runs one nm_sync of each of these krings at once; `pick` says whose access is next, of those that are under way. */
  run(krings: number[], pick: (going: number[]) => number, random: (n: number) => number) {
    const m = this.#m,
      block = (i: number) => this.#all[i]?.t ?? 0;
    krings.forEach((kr, i) => {
      const call = this.#all[i]?.call ?? 0;
      m.st32(call, kr);
      m.st32(call + 4, 0);
      m.st32(call + 8, m.ld32(kr + L.KR_NM_SYNC));
    });
    const going = [...krings.keys()];
    for (let guard = 0; going.length; guard++) {
      if (guard > 100_000) throw new Error('they wait for each other');
      const i = pick(going),
        t = block(i);
      if (m.ld32(t + L.T_SB_COUNT) && random(3) === 0) m.wasm.drain_one(t);
      if (!m.wasm.runnable(t)) continue;
      m.wasm.step_thread(t, 0, 0n);
      if (m.ld32(t + L.T_UNWOUND)) continue;
      m.wasm.drain(t);
      going.splice(going.indexOf(i), 1); // its nm_sync has returned
    }
  }
  runnable(i: number): boolean {
    return this.#m.wasm.runnable(this.#all[i]?.t ?? 0) !== 0;
  }
}

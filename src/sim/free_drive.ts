// The free build's driver of one thread: runs its iterations, sleeps where it sleeps, stops at a boundary when asked.
// Runs in a worker of its own; everything it knows is in the shared memory. Waits are turns of at most 100 ms.

import * as L from '../../wasm/layout.ts';
import { freePlane } from './machine.ts';

const TURN_MS = 100;
/** Iterations between two looks at the clock. */
const BATCH = 8;

/** Lab time, ns: the stretch's base plus the wall clock since it began. */
export function labTime(view: DataView): number {
  const base = view.getUint32(L.MACHINE + L.M_BASE_NS, true) + view.getUint32(L.MACHINE + L.M_BASE_NS + 4, true) * 4294967296;
  const epoch = view.getFloat64(L.MACHINE + L.M_EPOCH, true);
  return Math.round(base + (performance.timeOrigin + performance.now() - epoch) * 1e6);
}

/** Drives thread block t until it is dead, freed or reused. */
export function driveThread(memory: WebAssembly.Memory, module: WebAssembly.Module, t: number): void {
  const view = new DataView(memory.buffer),
    words = new Int32Array(memory.buffer),
    status = (t + L.T_STATUS) >>> 2;
  const wasm = freePlane(memory, module, t);
  const epoch = Atomics.load(words, (t + L.T_EPOCH) >>> 2),
    park = (L.MACHINE + L.M_PARK) >>> 2,
    parked = (t + L.T_PARKED) >>> 2;
  const get64 = (o: number) => view.getUint32(t + o, true) + view.getUint32(t + o + 4, true) * 4294967296;
  const set64 = (o: number, v: number) => {
    view.setUint32(t + o, v >>> 0, true);
    view.setUint32(t + o + 4, Math.floor(v / 4294967296), true);
  };
  while (Atomics.load(words, (t + L.T_EPOCH) >>> 2) === epoch) {
    if (Atomics.load(words, park)) {
      Atomics.store(words, parked, 1);
      Atomics.notify(words, parked);
      Atomics.wait(words, park, 1, TURN_MS);
      if (!Atomics.load(words, park)) Atomics.store(words, parked, 0);
      continue;
    }
    const s = Atomics.load(words, status),
      now = labTime(view);
    if (s === L.TS_READY) {
      set64(L.T_VTIME, now);
      wasm.run_free(t, BATCH);
    } else if (s === L.TS_ASLEEP) {
      const deadline = get64(L.T_DEADLINE);
      if (deadline && now >= deadline) {
        // the bound of the sleep; a turn that runs out is not a wakeup
        set64(L.T_VTIME, now);
        view.setUint32(t + L.T_REASON, 1, true);
        if (Atomics.compareExchange(words, status, L.TS_ASLEEP, L.TS_READY) === L.TS_ASLEEP) {
          set64(L.T_STAT_TIMEOUT, get64(L.T_STAT_TIMEOUT) + 1);
          set64(L.T_STAT_SLEPT, get64(L.T_STAT_SLEPT) + Math.max(0, now - get64(L.T_SINCE)));
        }
      } else Atomics.wait(words, status, L.TS_ASLEEP, deadline ? Math.min(TURN_MS, (deadline - now) / 1e6) : TURN_MS);
    } else if (s === L.TS_REQUEST || s === L.TS_BLOCKED) Atomics.wait(words, status, s, TURN_MS);
    else return;
  }
}

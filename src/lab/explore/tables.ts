// The tables of one search, laid out in the machine's address space for wasm/sim/explore.ts: EX_* of wasm/layout.ts.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';
import type { Declared } from './declared.ts';
import { watched } from './promises.ts';
import type { Question } from './question.ts';

/** States in which nobody can move that are judged, moves of one way that are kept, words whose accessors are known. */
export const TERMINALS = 1 << 20,
  LOG = 8192,
  OWN_SLOTS = 16_384;
/** Slots of a ring that are declared from the beginning. */
const SMALL = 16;
const up2 = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(16, n)));

/** Lays them out in `room` bytes; `own` is the table of accessors, which outlives an attempt. Answers EX, and bytes of a state. */
export function lay(
  w: World,
  q: Question,
  declared: Declared,
  room: number,
  own: number,
  hold: (bytes: number) => number,
): { ex: number; bytes: number } {
  const { m } = w,
    see = watched(w),
    { runs, comps, words } = declared.runs(see.slots.filter(([, n]) => n <= SMALL)); // of large rings, the slots that change
  const rowBytes = (comps.length + 2) * 4,
    states = Math.min(q.limit + 1, Math.floor((room * 0.55) / (rowBytes + 8))),
    values = up2(Math.min(states * 2, 2 ** 22)),
    arena = Math.floor(Math.min(room * 0.3, states * words + 2 ** 20) / 8) * 8;
  const ex = hold(L.PAGE),
    set = (f: number, v: number) => m.st32(ex + f, v),
    table = (f: number, n: number) => {
      const a = hold(n);
      set(f, a);
      return a;
    },
    list = (f: number, count: number, rows: readonly (readonly number[])[]) => {
      const wide = rows[0]?.length ?? 1,
        a = table(f, Math.max(1, rows.length) * wide * 4);
      rows.flat().forEach((v, i) => {
        m.st32(a + i * 4, v);
      });
      set(count, rows.length);
    };
  list(
    L.EX_RUNS,
    L.EX_NCOMPS,
    runs.map((r) => [r.addr, r.words, r.mask]),
  );
  list(L.EX_COMP, L.EX_NCOMPS, [...comps.map((c) => [c.run, c.words]), [runs.length, 0]]);
  set(L.EX_NCOMPS, comps.length);
  table(L.EX_CUR, comps.length * 4);
  set(L.EX_ARENA_END, table(L.EX_ARENA, arena) + arena);
  set(L.EX_ARENA_USED, 8);
  table(L.EX_IDX, values * 8);
  set(L.EX_IDX_MASK, values - 1);
  table(L.EX_STATES, states * rowBytes);
  set(L.EX_STATES_MAX, states);
  const seen = up2(states * 2);
  table(L.EX_SEEN, seen * 4);
  set(L.EX_SEEN_MASK, seen - 1);
  set(L.EX_OWN, own);
  set(L.EX_OWN_MASK, OWN_SLOTS - 1);
  set(L.EX_REDUCE, q.reduce === false || q.acts ? 0 : 1); // an action may read any word: none is silent
  set(L.EX_ACTS, q.acts ? { exits: L.EXA_EXITS, all: L.EXA_ALL }[q.acts] : 0);
  set(L.EX_ON_BAD, q.whole ? 0 : 1);
  list(
    L.EX_FLAGS,
    L.EX_NFLAGS,
    declared.times.map((a) => [a]),
  );
  list(
    L.EX_STILL,
    L.EX_NSTILL,
    [...declared.still].map(([a, v]) => [a, v, declared.mask(a)]),
  );
  const deep = table(L.EX_DEEP, L.THREAD_MAX * 4);
  declared.deep.forEach((a, i) => {
    m.st32(deep + i * 4, a);
  });
  list(L.EX_KEEP, L.EX_NKEEP, see.keep);
  list(
    L.EX_KRINGS,
    L.EX_NKRINGS,
    see.krings.map((k) => [k]),
  );
  list(L.EX_SLOTS, L.EX_NSLOTS, q.acts === 'all' ? [] : see.slots); // rings may be given back, and their buffers
  list(L.EX_CSB, L.EX_NCSB, see.csb);
  m.wasm.slots_keep(ex);
  table(L.EX_TERM, TERMINALS * 4);
  set(L.EX_TERM_MAX, TERMINALS);
  table(L.EX_LOG, LOG * 4);
  set(L.EX_LOG_MAX, LOG);
  return { ex, bytes: words * 4 };
}

// The tables of one search, laid out in the machine's address space for wasm/sim/explore.ts: EX_* of wasm/layout.ts.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { World } from '../world.ts';
import type { Declared } from './declared.ts';
import { promisedWords } from './own_promises.ts';
import { watched } from './promises.ts';
import type { Question } from './question.ts';

/** States in which nobody can move that are judged, moves of one way that are kept, words whose accessors are known. */
export const TERMINALS = 1 << 20,
  LOG = 8192,
  OWN_SLOTS = 16_384;
/** Slots of a ring that are declared from the beginning. */
const SMALL = 16;
const up2 = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(16, n)));

/** How full a table may get whose places are found by hash. */
const FILLED = 0.8;
/** Nodes of the tree that a state is, numbered as in a heap. */
export const nodes = (comps: number) => 2 * Math.max(2, comps);

/** Of the room, at least so much is for values: they are few, but when actions of the control plane are moves. */
const VALUES = 0.15;

/** Entries of the tables of states, of pairs and of values, and bytes of the values: for all states of the question, or for as many as `room` holds. */
function sizes(q: Question, words: number, comps: number, room: number) {
  for (let slots = up2((q.limit + 1) / FILLED); ; slots /= 2) {
    const states = Math.min(q.limit + 1, Math.floor(slots * FILLED)),
      pairs = up2(Math.min(Math.max(slots, 2 ** 18), Math.max(states, 4) * comps)), // the first state alone has comps of each
      values = up2(Math.min(Math.max(states * 2, comps * 4), 2 ** 22)),
      left = room * 0.98 - (slots * 4 + states * L.EX_ROW + pairs * 8 + values * 8),
      arena = Math.floor(Math.min(left, states * words * 4 + 2 ** 20) / 8) * 8;
    if (left >= room * VALUES || slots <= 64) return { slots, pairs, values, arena };
  }
}

/** Of the tables that are filled from their beginning, how many bytes are: the rest is zero, and need not be made so. */
export function filled(m: Machine, ex: number, stateBytes: number): Map<number, number> {
  const get = (f: number) => m.ld32(ex + f);
  return new Map([
    [get(L.EX_ARENA), get(L.EX_ARENA_USED) + stateBytes + 64], // a value is tried behind the last one
    [get(L.EX_STATES), get(L.EX_NSTATES) * L.EX_ROW],
    [get(L.EX_TERM), Math.min(get(L.EX_NTERM), TERMINALS) * 4],
  ]);
}

/** Lays them out in `room` bytes; `own` is the table of accessors, which outlives an attempt. Answers EX, and bytes of a state. */
export function lay(
  w: World,
  q: Question,
  declared: Declared,
  room: number,
  own: number,
  hold: (bytes: number, later?: boolean) => number,
): { ex: number; bytes: number } {
  const { m } = w,
    see = watched(w),
    { runs, comps, words } = declared.runs(see.slots.filter(([, n]) => n <= SMALL)), // of large rings, the slots that change
    { slots, pairs, values, arena } = sizes(q, words, comps.length, room),
    states = Math.min(q.limit + 1, Math.floor(slots * FILLED));
  const ex = hold(L.PAGE),
    set = (f: number, v: number) => m.st32(ex + f, v),
    table = (f: number, n: number, later = true) => {
      const a = hold(n, later);
      set(f, a);
      return a;
    },
    list = (f: number, count: number, rows: readonly (readonly number[])[]) => {
      const wide = rows[0]?.length ?? 1,
        a = table(f, Math.max(1, rows.length) * wide * 4, false);
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
  table(L.EX_CUR, nodes(comps.length) * 4);
  set(L.EX_ARENA_END, table(L.EX_ARENA, arena) + arena);
  set(L.EX_ARENA_USED, 8);
  table(L.EX_IDX, values * 8);
  set(L.EX_IDX_MASK, values - 1);
  table(L.EX_PAIRS, pairs * 8);
  set(L.EX_PAIRS_MASK, pairs - 1);
  table(L.EX_STATES, states * L.EX_ROW);
  set(L.EX_STATES_MAX, states);
  table(L.EX_SEEN, slots * 4);
  set(L.EX_SEEN_MASK, slots - 1);
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
  const deep = table(L.EX_DEEP, L.THREAD_MAX * 4, false);
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
  for (const a of promisedWords(w, q.promises ?? [])) m.wasm.ex_eyed(ex, a);
  table(L.EX_TERM, TERMINALS * 4);
  set(L.EX_TERM_MAX, TERMINALS);
  table(L.EX_LOG, LOG * 4);
  set(L.EX_LOG_MAX, LOG);
  return { ex, bytes: words * 4 };
}

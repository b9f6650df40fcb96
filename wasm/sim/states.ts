// What states the explorer has been in, and the machine put into one of them: every state exactly, none by its hash. Step build only.
// A component's value (a thread's block, a page of shared words) is kept once and has a number; a pair of numbers is kept once and has
// one; so up to the two halves of a state. A state is sixteen bytes and what is new of its parts, and what did not change is
// passed over, in looking and in restoring. The control block is EX_* of the layout; wasm/sim/explore.ts alone calls this.

import {
  EX_ARENA, EX_ARENA_END, EX_ARENA_USED, EX_COMP, EX_CUR, EX_IDX, EX_IDX_MASK, EX_IDX_USED, EX_NCOMPS, EX_NSTATES, EX_PAIRS,
  EX_PAIRS_MASK, EX_PAIRS_USED, EX_ROW, EX_RUNS, EX_SEEN, EX_SEEN_MASK, EX_STATES, EX_STATES_MAX,
} from "../layout";

/** Spreads bits; written in halves, as JavaScript has no such number. */
const GOLDEN: u64 = (0x9e3779b9 as u64) << 32 | 0x7f4a7c15;
const ALL: u32 = 0xffffffff;

function get(ex: usize, field: u32): u32 { return load<u32>(ex + field); }
function put(ex: usize, field: u32, v: u32): void { store<u32>(ex + field, v); }

// ── components ────────────────────────────────────────────────────────────────────────────────────────────────────

function run_of(ex: usize, r: u32): usize { return (get(ex, EX_RUNS) as usize) + r * 12; }
function same(a: usize, b: usize, bytes: u32): bool {
  let o: u32 = 0;
  for (; o + 8 <= bytes; o += 8) if (load<u64>(a + o) != load<u64>(b + o)) return false;
  return o == bytes || load<u32>(a + o) == load<u32>(b + o);
}

/** Whether component c has in memory the value `id`. */
function holds(ex: usize, c: u32, id: u32): bool {
  const comp: usize = (get(ex, EX_COMP) as usize) + c * 8, end = run_of(ex, load<u32>(comp, 8));
  let v: usize = (get(ex, EX_ARENA) as usize) + (id << 2);
  for (let r = run_of(ex, load<u32>(comp)); r < end; r += 12) {
    const p: usize = load<u32>(r), bytes = load<u32>(r, 4) << 2, m = load<u32>(r, 8);
    if (m == ALL ? !same(p, v, bytes) : (load<u32>(p) & m) != load<u32>(v)) return false;
    v += bytes;
  }
  return true;
}

/** The number of the value that component c has in memory, kept if it is new. 0: no room. */
function intern(ex: usize, c: u32): u32 {
  const comp: usize = (get(ex, EX_COMP) as usize) + c * 8, end = run_of(ex, load<u32>(comp, 8)), bytes = load<u32>(comp, 4) << 2;
  const base: usize = get(ex, EX_ARENA), used = get(ex, EX_ARENA_USED), fresh = base + used;
  if (fresh + bytes + 8 > get(ex, EX_ARENA_END)) return 0;
  let v = fresh;
  for (let r = run_of(ex, load<u32>(comp)); r < end; r += 12) {
    const p: usize = load<u32>(r), m = load<u32>(r, 8), n = load<u32>(r, 4) << 2;
    if (m == ALL) memory.copy(v, p, n);
    else store<u32>(v, load<u32>(p) & m);
    v += n;
  }
  let h: u64 = c;
  for (let p = fresh; p + 8 <= v; p += 8) { h = (h ^ load<u64>(p)) * GOLDEN; h ^= h >> 29; }
  if (bytes & 4) h = (h ^ load<u32>(v - 4)) * GOLDEN;
  const idx: usize = get(ex, EX_IDX), slots = get(ex, EX_IDX_MASK);
  let k = ((h >> 32) as u32) & slots, id = load<u32>(idx + k * 8);
  while (id && !(load<u32>(idx + k * 8, 4) == c && same(base + (id << 2), fresh, bytes))) {
    k = (k + 1) & slots;
    id = load<u32>(idx + k * 8);
  }
  if (id) return id;
  if (get(ex, EX_IDX_USED) >= slots - (slots >> 2)) return 0;
  id = used >> 2;
  store<u32>(idx + k * 8, id);
  store<u32>(idx + k * 8, c, 4);
  put(ex, EX_IDX_USED, get(ex, EX_IDX_USED) + 1);
  put(ex, EX_ARENA_USED, used + bytes);
  return id;
}

/** Puts value `id` of component c into memory; bits that are no state stay. */
function apply(ex: usize, c: u32, id: u32): void {
  const comp: usize = (get(ex, EX_COMP) as usize) + c * 8, end = run_of(ex, load<u32>(comp, 8));
  let v: usize = (get(ex, EX_ARENA) as usize) + (id << 2);
  for (let r = run_of(ex, load<u32>(comp)); r < end; r += 12) {
    const p: usize = load<u32>(r), m = load<u32>(r, 8), n = load<u32>(r, 4) << 2;
    if (m == ALL) memory.copy(p, v, n);
    else store<u32>(p, load<u32>(p) & ~m | load<u32>(v));
    v += n;
  }
}

// ── a state is a tree: node i has the parts 2i and 2i + 1, the leaves are the components ─────────────────────────────
// A node is 0 when it is not known for what is in memory; then those above it are 0 too.

/** Leaves: at least two. */
function width(ex: usize): u32 { const n = get(ex, EX_NCOMPS); return n < 2 ? 2 : n; }
function spread(two: u64): u32 { const h = two * GOLDEN; return (h >> 32 ^ h >> 17) as u32; }

/** The number of two parts together, kept if they are new. 0: no room. */
function pair(ex: usize, two: u64): u32 {
  const pairs: usize = get(ex, EX_PAIRS), mask = get(ex, EX_PAIRS_MASK);
  let k = spread(two) & mask, there = load<u64>(pairs + k * 8);
  while (there && there != two) {
    k = (k + 1) & mask;
    there = load<u64>(pairs + k * 8);
  }
  if (there) return k + 1;
  const used = get(ex, EX_PAIRS_USED);
  if (used >= mask - (mask >> 3)) return 0;
  store<u64>(pairs + k * 8, two);
  put(ex, EX_PAIRS_USED, used + 1);
  return k + 1;
}

/** EX_CUR is what memory holds now. False: no room. */
function look(ex: usize): bool {
  const cur: usize = get(ex, EX_CUR), comps = get(ex, EX_NCOMPS), n = width(ex);
  for (let c: u32 = 0; c < comps; c++) {
    const id = load<u32>(cur + (n + c) * 4);
    if (id && holds(ex, c, id)) continue;
    const now = intern(ex, c);
    if (!now) return false;
    store<u32>(cur + (n + c) * 4, now);
    for (let k = (n + c) >> 1; k >= 2 && load<u32>(cur + k * 4); k >>= 1) store<u32>(cur + k * 4, 0);
  }
  for (let k = n - 1; k >= 2; k--) {
    if (load<u32>(cur + k * 4)) continue;
    const now = pair(ex, load<u64>(cur + k * 8));
    if (!now) return false;
    store<u32>(cur + k * 4, now);
  }
  return true;
}

function row(ex: usize, s: u32): usize { return (get(ex, EX_STATES) as usize) + s * EX_ROW; }
export function ex_parent(ex: usize, s: u32): u32 { return load<u32>(row(ex, s), 8); }
export function ex_move_of(ex: usize, s: u32): u32 { return load<u32>(row(ex, s), 12); }

/** Memory as it was in state s. */
export function ex_restore(ex: usize, s: u32): void {
  const r = row(ex, s), cur: usize = get(ex, EX_CUR), n = width(ex);
  become(ex, cur, n, 2, load<u32>(r));
  become(ex, cur, n, 3, load<u32>(r, 4));
}
function become(ex: usize, cur: usize, n: u32, k: u32, id: u32): void {
  if (load<u32>(cur + k * 4) == id) return;
  store<u32>(cur + k * 4, id);
  if (k >= n) { apply(ex, k - n, id); return; }
  const p: usize = (get(ex, EX_PAIRS) as usize) + (id - 1) * 8;
  become(ex, cur, n, 2 * k, load<u32>(p));
  become(ex, cur, n, 2 * k + 1, load<u32>(p, 4));
}

/** The state that memory is in, if it is a new one: 1. 0: known. 2: no room. */
export function note_state(ex: usize, parent: u32, move: u32): u32 {
  if (!look(ex)) return 2;
  const two = load<u64>((get(ex, EX_CUR) as usize) + 8), count = get(ex, EX_NSTATES);
  const seen: usize = get(ex, EX_SEEN), mask = get(ex, EX_SEEN_MASK);
  let k = spread(two) & mask, s = load<u32>(seen + k * 4);
  while (s && load<u64>(row(ex, s - 1)) != two) {
    k = (k + 1) & mask;
    s = load<u32>(seen + k * 4);
  }
  if (s) return 0;
  if (count >= get(ex, EX_STATES_MAX)) return 2;
  store<u32>(seen + k * 4, count + 1);
  const r = row(ex, count);
  store<u64>(r, two);
  store<u32>(r, parent, 8);
  store<u32>(r, move, 12);
  put(ex, EX_NSTATES, count + 1);
  return 1;
}

// The explorer's search: every schedule from a parked moment, breadth first, over the step build itself. Step build only.
// Which states it has been in is wasm/sim/states.ts. Accesses to words that one thread alone ever touches go at once: they
// commute with everything (checked, not assumed).
// The control plane hands out the memory, judges what is found, and puts the machine back. Only it calls this.

import {
  ACC_FENCE, ACC_LD, ACC_LOCK, ACC_PLAIN, ACC_RMW, ACC_SLEEP, ACC_ST, ACC_UNLOCK, ACC_WAKEUP, EXU_DEEP, EXU_NOISY, EXA_ALL, EXU_SHARED, EX_ACT, EX_ACTS, EX_ACT_MOVE, EX_BAD, EX_BAD_AT, EX_BAD_WHAT,
  EX_DEEP, EX_DEPTH, EX_FLAGS, EX_HEAD, EX_LEVEL_END, EX_LOG, EX_LOG_MAX,
  EX_LOG_N, EX_MOVES, EX_MOVE_SHIFT, EX_NBAD, EX_NFLAGS, EX_NOISY, EX_NSTATES, EX_NSTILL, EX_NTERM, EX_ON_BAD, EX_OWN, EX_OWN_MASK,
  EX_REDUCE, EX_STILL, EX_TERM, EX_TERM_MAX, EX_UNSOUND, EXO_CHANGED, EXO_SEVERAL, EXO_WROTE, MACHINE,
  M_CLOCK, M_NTHREADS, M_SIM_STEP, M_STEPS, M_TREE, M_TSO, REQ_INOUT, THREADS, THREAD_SIZE, T_PADDR, T_PEER, T_PKIND, T_POINT, T_PVAL, T_REQ, T_SB, T_SB_COUNT, T_STACK, T_STATUS, T_UNWOUND,
  T_VTIME, TS_FREE, TS_READY, TS_REQUEST,
} from "../layout";
import { broken_by_access, broken_by_move, broken_in_state } from "./promises";
import { drain_nth, drains, sim_ld } from "./shared";
import { ex_restore, note_state } from "./states";
import { naps, runnable, step_thread, timeout } from "./thread";

// why ex_run came back
const DONE: u32 = 0; // every state has been expanded
const MORE: u32 = 1; // as many as were asked for
const FULL: u32 = 2; // no room for another state or value
const UNSOUND: u32 = 3; // what was assumed of words or stacks is not so: begin again
const FOUND: u32 = 4; // a move that breaks a promise
const ACT: u32 = 5; // an action of the control plane is due in state EX_ACT - 1

/** Time stands still: every thread is at this virtual time before each step. */
const T0: u64 = 3600000000000;
/** A deadline that has not come: it never does. */
const FAR: u64 = 2 * T0;
const SEVERAL: u32 = EXO_SEVERAL;
const WROTE: u32 = EXO_WROTE;
const BITS: u32 = EXO_WROTE | EXO_CHANGED; // beside who

function block(i: u32): usize { return THREADS + i * THREAD_SIZE; }
function get(ex: usize, field: u32): u32 { return load<u32>(ex + field); }
function put(ex: usize, field: u32, v: u32): void { store<u32>(ex + field, v); }
function mix(h: u32, x: u32): u32 { h = (h ^ x) * 0x9e3779b1; return h ^ h >> 15; }

// ── moves: thread << EX_MOVE_SHIFT; or'ed with 0 it makes one access, with 1 + j its pending store j drains ────────

/** A word's entry: who has touched it so far, thread + 1 or SEVERAL, whether anybody wrote, and whether it became another. 0: nobody yet. */
function owner(ex: usize, addr: u32): usize {
  const own: usize = get(ex, EX_OWN), mask = get(ex, EX_OWN_MASK);
  let k = mix(0, addr) & mask;
  while (load<u32>(own + k * 8) && load<u32>(own + k * 8) != addr) k = (k + 1) & mask;
  store<u32>(own + k * 8, addr);
  return own + k * 8 + 4;
}
/** A word that a promise of the asker's own reads: whatever touches it is noticed. */
export function ex_eyed(ex: usize, addr: u32): void {
  const p = owner(ex, addr);
  store<u32>(p, load<u32>(p) & EXO_CHANGED | SEVERAL | WROTE);
}
/**
 * Remembers who is about to access which word; a word that turns out to be shared was taken for quiet so far. One that a store
 * makes another must be declared, whatever it is when the control plane looks (src/lab/explore/declared.ts).
 */
function note_access(ex: usize, i: u32): void {
  const t = block(i);
  if (!load<u32>(t, T_UNWOUND)) return;
  const kind = load<u32>(t, T_PKIND);
  if (kind == ACC_FENCE) return;
  if (kind == ACC_ST || kind == ACC_RMW) broken_by_access(ex, t);
  const addr = load<u32>(t, T_PADDR), p = owner(ex, addr), was = load<u32>(p);
  const changes = kind == ACC_RMW || kind == ACC_LOCK || kind == ACC_UNLOCK || (kind == ACC_ST && load<u32>(t, T_PVAL) != load<u32>(addr)) ? EXO_CHANGED : 0;
  if (!get(ex, EX_REDUCE)) { // nothing is taken for quiet
    if (changes) store<u32>(p, was | changes);
    return;
  }
  const who = was & ~BITS, quiet = who != SEVERAL || !(was & WROTE);
  const now = (who == 0 || who == i + 1 ? i + 1 : SEVERAL) | was & BITS | (kind == ACC_LD ? 0 : WROTE) | changes;
  if (now == was) return;
  store<u32>(p, now);
  if (was & ~EXO_CHANGED && quiet && (now & ~BITS) == SEVERAL && (now & WROTE)) put(ex, EX_UNSOUND, EXU_SHARED);
}
function noisy(ex: usize, point: u32): bool { return (load<u32>(ex + (point >> 5) * 4, EX_NOISY) & 1 << (point & 31)) != 0; }
/** After the access at this point, words of the simulator were touched, whose order among threads matters. */
function note_noise(ex: usize, point: u32): void {
  const p: usize = ex + (point >> 5) * 4;
  store<u32>(p, load<u32>(p, EX_NOISY) | 1 << (point & 31), EX_NOISY);
  put(ex, EX_UNSOUND, EXU_NOISY);
}
/** An access that no other thread can notice: to a word of its own, or of one that nobody writes. */
function silent(ex: usize, i: u32): bool {
  const t = block(i);
  if (sim_ld(t + T_STATUS) != TS_READY || !load<u32>(t, T_UNWOUND) || noisy(ex, load<u32>(t, T_POINT))) return false;
  const kind = load<u32>(t, T_PKIND);
  if (kind == ACC_FENCE) return load<u32>(t, T_SB_COUNT) == 0 && runnable(t);
  if (kind == ACC_SLEEP || kind == ACC_WAKEUP || kind == ACC_PLAIN) return false;
  const pending = load<u32>(t, T_SB_COUNT), peer: usize = load<u32>(t, T_PEER);
  if (peer && load<u32>(peer, T_SB_COUNT)) return false; // its CPU's other context has stores that would drain
  if (pending && (kind == ACC_ST ? pending >= load<u32>(MACHINE, M_TSO) : kind != ACC_LD)) return false; // a pending store would drain
  const was = load<u32>(owner(ex, load<u32>(t, T_PADDR))) & ~EXO_CHANGED;
  return ((was & ~WROTE) == i + 1 || kind == ACC_LD && was == SEVERAL) && runnable(t);
}

/** Time stands still. */
function stand(): void {
  const threads = load<u32>(MACHINE, M_NTHREADS);
  for (let k: u32 = 0; k < threads; k++) store<u64>(block(k), T0, T_VTIME);
  store<u64>(MACHINE, T0, M_CLOCK);
}
function run(ex: usize, i: u32): void {
  const t = block(i);
  if (naps(t)) timeout(t);
  note_access(ex, i);
  stand();
  const before = load<u64>(MACHINE, M_STEPS);
  for (let k = 0; k < 4 && load<u64>(MACHINE, M_STEPS) == before && runnable(t); k++) {
    if (k) note_access(ex, i); // parked at the first access of an iteration
    step_thread(t, 0, 0);
  }
  const deep: usize = (get(ex, EX_DEEP) as usize) + i * 4;
  if (load<u32>(t, T_STACK) > load<u32>(deep)) { store<u32>(deep, load<u32>(t, T_STACK)); put(ex, EX_UNSOUND, EXU_DEEP); }
}
function log(ex: usize, move: u32): void {
  const n = get(ex, EX_LOG_N);
  if (n < get(ex, EX_LOG_MAX)) store<u32>((get(ex, EX_LOG) as usize) + n * 4, move);
  put(ex, EX_LOG_N, n + 1);
}
/** Words that are no state are as at the root, so that no schedule can depend on them. */
function still(ex: usize): void {
  const at: usize = get(ex, EX_STILL), n = get(ex, EX_NSTILL) * 12;
  for (let k: u32 = 0; k < n; k += 12) {
    const p: usize = load<u32>(at + k);
    store<u32>(p, load<u32>(p) & load<u32>(at + k, 8) | load<u32>(at + k, 4));
  }
}
/** A time that is set never comes. */
function far(ex: usize): void {
  const at: usize = get(ex, EX_FLAGS), n = get(ex, EX_NFLAGS);
  for (let k: u32 = 0; k < n; k++) {
    const p: usize = load<u32>(at + k * 4);
    if (load<u64>(p)) store<u64>(p, FAR);
  }
}

/** Makes a move, and then every access that nobody else can notice. */
export function ex_move(ex: usize, move: u32): void {
  const i = move >> EX_MOVE_SHIFT, k = move & ((1 << EX_MOVE_SHIFT) - 1);
  still(ex);
  log(ex, move);
  if (k) drain_nth(block(i), k - 1);
  else run(ex, i);
  if (get(ex, EX_REDUCE)) own_go_on(ex, i);
  ex_settle(ex);
}
/** Goes on with thread i as long as nobody can notice; its stores to words of its own reach memory as soon as they can. */
function own_go_on(ex: usize, i: u32): void {
  drain_own(ex, i);
  while (silent(ex, i)) {
    log(ex, i << EX_MOVE_SHIFT);
    const point = load<u32>(block(i), T_POINT);
    run(ex, i);
    if (load<u32>(MACHINE, M_SIM_STEP)) note_noise(ex, point);
    drain_own(ex, i);
  }
}
function drain_own(ex: usize, i: u32): void {
  const t = block(i);
  for (let j: u32 = 0; j < load<u32>(t, T_SB_COUNT); ) {
    if (drains(t, j) && (load<u32>(owner(ex, load<u32>(t + j * 8, T_SB))) & ~BITS) == i + 1) {
      log(ex, i << EX_MOVE_SHIFT | (j + 1));
      drain_nth(t, j);
      j = 0;
    } else j++;
  }
}
/** Makes every access that nobody else can notice; no time that is set will come. */
export function ex_settle(ex: usize): void {
  far(ex);
  if (get(ex, EX_REDUCE)) settle(ex);
  far(ex);
}
function settle(ex: usize): void {
  const threads = load<u32>(MACHINE, M_NTHREADS);
  for (let again = true; again; ) {
    again = false;
    for (let i: u32 = 0; i < threads; i++) {
      if (!silent(ex, i)) continue;
      own_go_on(ex, i);
      again = true;
    }
  }
}

// ── the search ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Memory as it is now is the first state. */
export function ex_begin(ex: usize): u32 {
  ex_settle(ex);
  put(ex, EX_LEVEL_END, 1);
  return note_state(ex, 0, 0) == 1 ? MORE : FULL;
}

/** Memory is what move m of state s came to: kept, and its promises looked at. Answers MORE, or why the search comes back. */
function noted(ex: usize, s: u32, m: u32): u32 {
  if (get(ex, EX_UNSOUND)) return UNSOUND;
  let bad = broken_by_move(ex);
  const r = note_state(ex, s, m);
  if (r == 2) { put(ex, EX_HEAD, s); return FULL; }
  if (!bad && r == 1) bad = broken_in_state(ex);
  if (!bad) return MORE;
  put(ex, EX_NBAD, get(ex, EX_NBAD) + 1);
  if (!get(ex, EX_ON_BAD)) return MORE;
  put(ex, EX_BAD, s + 1);
  put(ex, EX_BAD_AT, m);
  return FOUND;
}

// ── actions of the control plane: which is due, the machine says; it makes them itself, between these two ─────────────

/** Whether a thread has a request that is a move, or a process of the host is ready: then those of all kinds are. */
function act_due(ex: usize): bool {
  const which = get(ex, EX_ACTS);
  if (!which) return false;
  if (which == EXA_ALL && load<u32>(MACHINE, M_TREE) & 1) return true;
  const threads = load<u32>(MACHINE, M_NTHREADS);
  for (let i: u32 = 0; i < threads; i++) {
    const t = block(i);
    if (sim_ld(t + T_STATUS) == TS_REQUEST) return which == EXA_ALL || load<u32>(t, T_REQ) == REQ_INOUT;
  }
  return false;
}
/** Nothing that an action does depends on words that are no state, nor on time. */
export function ex_before_act(ex: usize): void {
  still(ex);
  stand();
  put(ex, EX_LOG_N, 0);
  put(ex, EX_BAD_WHAT, 0);
}
/** The action of state EX_ACT - 1 was made. */
export function ex_after_act(ex: usize): u32 {
  ex_settle(ex);
  return noted(ex, get(ex, EX_ACT) - 1, EX_ACT_MOVE);
}

/** Expands at most n states. Answers why it came back. */
export function ex_run(ex: usize, n: u32): u32 {
  const threads = load<u32>(MACHINE, M_NTHREADS);
  for (; n > 0; n--) {
    const s = get(ex, EX_HEAD);
    if (s >= get(ex, EX_NSTATES)) return DONE;
    if (s == get(ex, EX_LEVEL_END)) {
      put(ex, EX_DEPTH, get(ex, EX_DEPTH) + 1);
      put(ex, EX_LEVEL_END, get(ex, EX_NSTATES));
    }
    put(ex, EX_HEAD, s + 1);
    ex_restore(ex, s);
    const due = act_due(ex);
    let moves: u32 = 0, awake: u32 = 0;
    for (let i: u32 = 0; i < threads; i++) {
      const t = block(i);
      ex_restore(ex, s);
      if (sim_ld(t + T_STATUS) == TS_FREE) continue;
      const pending = load<u32>(t, T_SB_COUNT);
      for (let k: u32 = 0; k <= pending; k++) {
        if (k) ex_restore(ex, s);
        if (k ? !drains(t, k - 1) : !runnable(t) && !naps(t)) continue;
        moves++;
        if (k || !naps(t)) awake++;
        const m = i << EX_MOVE_SHIFT | k;
        put(ex, EX_LOG_N, 0);
        put(ex, EX_BAD_WHAT, 0);
        ex_move(ex, m);
        const why = noted(ex, s, m);
        if (why != MORE) return why;
      }
    }
    if (due) moves++;
    store<u64>(ex + EX_MOVES, load<u64>(ex + EX_MOVES) + moves);
    if (due) {
      put(ex, EX_ACT, s + 1);
      return ACT;
    }
    if (!awake) { // who only naps (usleep) goes on by himself, and helps nobody who sleeps
      const k = get(ex, EX_NTERM);
      if (k < get(ex, EX_TERM_MAX)) store<u32>((get(ex, EX_TERM) as usize) + k * 4, s);
      put(ex, EX_NTERM, k + 1);
    }
  }
  return MORE;
}

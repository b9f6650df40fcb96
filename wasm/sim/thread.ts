// The step loop: which thread goes next and how far, in wasm so that replay and exploration are cheap.
// Policies pick a thread block; resume() (shared.ts) runs it to its next pause point. Only the driver calls this.

import {
  MACHINE, M_BUDGET, M_CLOCK, M_CTL_DEADLINE, M_LAST_THREAD, M_LIMIT, M_NTHREADS, M_PARK, M_POLICY, M_SEED, M_STEPS, M_STOP_HIT,
  POLICY_LVT, POLICY_RANDOM, T_ARG, T_DEADLINE, T_FN, T_KIND, T_LOCK, T_PEER, T_PVAL, T_REASON, T_STATUS,
  T_STAT_ITER, T_STAT_TIMEOUT, T_UNWOUND, T_VTIME, THREADS, THREAD_SIZE, TK_INTR, TK_VCPU, TS_ASLEEP, TS_BLOCKED,
  TS_READY, TS_REQUEST, TR_TIMEOUT, TRACE, TR_NWATCH, T_WMESG, WM_NANSLP,
} from "../layout";
import { drain, drain_nth, drain_one, resume, sim_ld, sim_cas, trace_changes, trace_event } from "./shared";
import { slept } from "./sleepq";

// why drive() came back
const DONE: u32 = 0; // all the steps asked for
const IDLE: u32 = 1; // nobody can run and no deadline is due
const REQUEST: u32 = 2; // a thread waits for an action of the control plane
const STOP: u32 = 4; // an access at which the driver wants to stop was made
const CTL: u32 = 3; // the control plane's deadline is the earliest thing to happen

function block(i: u32): usize { return THREADS + i * THREAD_SIZE; }

/** Whether thread t could make its next step now. */
export function runnable(t: usize): bool {
  const s = sim_ld(t + T_STATUS);
  if (s == TS_BLOCKED) {
    const v = load<u32>(load<u32>(t, T_LOCK));
    return load<u32>(t, T_PVAL) == 2 ? (v & 0x80000000) == 0 : v == 0;
  }
  if (s != TS_READY) return false;
  if (load<u32>(t, T_KIND) == TK_VCPU) { // its interrupt context goes first
    const intr = load<u32>(t, T_PEER);
    if (intr && sim_ld(intr + T_STATUS) == TS_READY) return false;
  }
  return true;
}

/** Whether thread t only lets time go by: nobody will wake it, and its time may come at any moment. */
export function naps(t: usize): bool { return sim_ld(t + T_STATUS) == TS_ASLEEP && load<u32>(t, T_WMESG) == WM_NANSLP; }

/** One step of thread t: the access it is parked at, up to the next; `budget` further accesses may follow. */
export function step_thread(t: usize, budget: u32, limit: u64): void {
  store<u32>(MACHINE, budget, M_BUDGET);
  store<u64>(MACHINE, limit, M_LIMIT);
  if (sim_ld(t + T_STATUS) == TS_BLOCKED) store<u32>(MACHINE, 0, M_BUDGET);
  const fresh = !load<u32>(t, T_UNWOUND);
  const intr = load<u32>(t, T_KIND) == TK_INTR, peer: usize = load<u32>(t, T_PEER);
  if (peer) drain(peer); // one CPU has one store buffer, and an interrupt comes by VM entry and goes by IRET: both empty it
  if (intr) {
    const v = load<u32>(t, T_PEER); // an interrupt runs on its vCPU's time
    if (load<u64>(t, T_VTIME) < load<u64>(v, T_VTIME)) store<u64>(t, load<u64>(v, T_VTIME), T_VTIME);
  }
  resume(t, load<u32>(t, T_FN), load<u32>(t, T_ARG));
  if (intr) {
    const v = load<u32>(t, T_PEER);
    if (load<u64>(v, T_VTIME) < load<u64>(t, T_VTIME)) store<u64>(v, load<u64>(t, T_VTIME), T_VTIME);
  }
  store<u32>(MACHINE, t as u32, M_LAST_THREAD);
  store<u32>(MACHINE, 0, M_BUDGET); // the driver's own words are not state
  store<u64>(MACHINE, 0, M_LIMIT);
  if (fresh) store<u64>(t, load<u64>(t, T_STAT_ITER) + 1, T_STAT_ITER);
  const c = load<u64>(t, T_VTIME);
  if (c > load<u64>(MACHINE, M_CLOCK)) store<u64>(MACHINE, c, M_CLOCK);
}

/** Ends a sleep by its bound. */
export function timeout(t: usize): void {
  if (sim_cas(t + T_STATUS, TS_ASLEEP, TS_READY) != TS_ASLEEP) return;
  const d = load<u64>(t, T_DEADLINE);
  if (load<u64>(t, T_VTIME) < d) store<u64>(t, d, T_VTIME);
  slept(t);
  store<u32>(t, 1, T_REASON);
  store<u64>(t, load<u64>(t, T_STAT_TIMEOUT) + 1, T_STAT_TIMEOUT);
  trace_event(TR_TIMEOUT, t, 0, 0, 0);
}

/** Breaks a tie: depends on the seed, the step and the thread only, so running in pieces changes nothing. */
function lot(t: usize): u32 {
  let x = load<u32>(MACHINE, M_SEED) ^ (load<u64>(MACHINE, M_STEPS) as u32) * 0x9e3779b9 ^ (t as u32) * 0x85ebca6b;
  x ^= x >> 16; x *= 0x7feb352d; x ^= x >> 15; x *= 0x846ca68b; x ^= x >> 16;
  return x;
}

/** Runs under the machine's policy for at most n steps, or until lab time `until`. Answers why it stopped. */
export function drive(n: u32, until: u64): u32 {
  const end = load<u64>(MACHINE, M_STEPS) + n;
  let guard: u32 = 0;
  while (load<u64>(MACHINE, M_STEPS) < end) {
    const policy = load<u32>(MACHINE, M_POLICY), last = load<u32>(MACHINE, M_LAST_THREAD);
    const threads = load<u32>(MACHINE, M_NTHREADS);
    let best: usize = 0, besttime: u64 = u64.MAX_VALUE, second: u64 = u64.MAX_VALUE;
    let drawn: usize = 0, drawnlot: u32 = 0, after: usize = 0, first: usize = 0;
    let sleeper: usize = 0, deadline: u64 = u64.MAX_VALUE;
    for (let i: u32 = 0; i < threads; i++) {
      const t = block(i), s = sim_ld(t + T_STATUS);
      if (s == TS_REQUEST) return REQUEST;
      if (s == TS_ASLEEP) {
        const d = load<u64>(t, T_DEADLINE);
        if (d && d < deadline) { deadline = d; sleeper = t; }
        continue;
      }
      if (!runnable(t)) continue;
      const v = load<u64>(t, T_VTIME);
      if (policy == POLICY_RANDOM) {
        const l = lot(t);
        if (!drawn || l > drawnlot) { drawn = t; drawnlot = l; }
      }
      if (!first) first = t;
      if (t > last && !after) after = t;
      if (v < besttime) { second = besttime; besttime = v; best = t; }
      else if (v == besttime) { second = v; if (lot(t) > lot(best)) best = t; }
      else if (v < second) second = v;
    }
    const ctl = load<u64>(MACHINE, M_CTL_DEADLINE);
    const earliest = besttime < deadline ? besttime : deadline;
    if (ctl && ctl <= earliest) return ctl <= until ? CTL : DONE;
    if (earliest == u64.MAX_VALUE) return IDLE;
    if (earliest > until) return DONE;
    if (sleeper && deadline <= besttime) { // between two steps: a watched word that it changes is the next one's
      const step = load<u64>(MACHINE, M_STEPS), watched = load<u32>(TRACE, TR_NWATCH);
      if (watched) trace_changes();
      timeout(sleeper);
      if (watched) { store<u64>(MACHINE, step + 1, M_STEPS); trace_changes(); store<u64>(MACHINE, step, M_STEPS); }
      continue;
    }
    let budget: u32 = 0, limit: u64 = 0;
    if (policy == POLICY_LVT) {
      const left = end - load<u64>(MACHINE, M_STEPS);
      budget = left > 4096 ? 4096 : (left - 1) as u32;
      limit = second < deadline ? second : deadline;
      if (ctl && ctl < limit) limit = ctl;
      if (until != u64.MAX_VALUE && until + 1 < limit) limit = until + 1;
    } else if (policy == POLICY_RANDOM) best = drawn;
    else best = after ? after : first;
    const before = load<u64>(MACHINE, M_STEPS);
    step_thread(best, budget, limit);
    if (load<u32>(TRACE, TR_NWATCH)) { // a turn without an access happens between two steps too
      const step = load<u64>(MACHINE, M_STEPS);
      if (step == before) store<u64>(MACHINE, step + 1, M_STEPS);
      trace_changes();
      store<u64>(MACHINE, step, M_STEPS);
    }
    if (load<u32>(MACHINE, M_STOP_HIT)) return STOP;
    if (load<u64>(MACHINE, M_STEPS) != before) guard = 0;
    else if (++guard > 1000000) return DONE; // iterations without an access: a thread that does nothing at all
  }
  return DONE;
}

/** Runs one thread to its boundary: sleeping, requesting or between iterations. Answers false if it is blocked. */
export function to_boundary(t: usize): bool {
  while (load<u32>(t, T_UNWOUND)) {
    if (sim_ld(t + T_STATUS) == TS_BLOCKED && !runnable(t)) return false;
    step_thread(t, 4096, u64.MAX_VALUE);
  }
  return true;
}

/** Free build: up to n iterations of thread t while it is ready and nobody asks it to park. */
export function run_free(t: usize, n: u32): void {
  const fn = load<u32>(t, T_FN), arg = load<u32>(t, T_ARG);
  while (n-- > 0 && sim_ld(t + T_STATUS) == TS_READY && !sim_ld(MACHINE + M_PARK)) {
    store<u64>(t, load<u64>(t, T_STAT_ITER) + 1, T_STAT_ITER);
    call_indirect<void>(fn, arg);
  }
}

export { drain_nth, drain_one };

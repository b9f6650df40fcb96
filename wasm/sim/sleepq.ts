// Sleep queues: msleep and wakeup, as in kern/kern_synch.c. A wait channel is any number; wakeup wakes every
// thread asleep on it and has no memory: nobody asleep, nothing happens. A sleeping thread returns to its driver,
// its status word is the sample on which the driver waits. Only the sleeper, its driver and wakeup() touch it.

import {
  ACC_SLEEP, ACC_WAKEUP, MACHINE, M_NTHREADS, T_DEADLINE, T_REASON, T_SINCE, T_STAT_SLEEP, T_STAT_SLEPT, T_STAT_WAKE, T_STATUS,
  T_VTIME, T_WCHAN, T_WMESG, THREADS, THREAD_SIZE, TR_SLEPT, TR_WOKE, TS_ASLEEP, TS_READY, T_ID, T_KIND, TK_HW,
} from "../layout";
import { COST_PCIE, COST_SLEEP, COST_THREAD_WAKE, COST_WAKEUP } from "../points";
import { charge, curthread, now, point, recheck, sim_cas, sim_ld, sim_notify, sim_st, trace_event } from "./shared";

/** The moment before a thread is on the sleep queue: what is woken here is lost (H4). */
export function msleep_point(chan: u32, pt: u32): void { point(ACC_SLEEP, chan, COST_SLEEP, pt); }

/** Puts the running thread to sleep on chan until a wakeup or the deadline (ns, 0 none). The caller returns at once. */
export function msleep(chan: u32, deadline: u64, wmesg: u32): void {
  const t = curthread();
  store<u32>(t, wmesg, T_WMESG);
  store<u64>(t, deadline, T_DEADLINE);
  store<u64>(t, now(), T_SINCE);
  store<u32>(t, 0, T_REASON);
  store<u64>(t, load<u64>(t, T_STAT_SLEEP) + 1, T_STAT_SLEEP);
  sim_st(t + T_WCHAN, chan);
  sim_st(t + T_STATUS, TS_ASLEEP);
  trace_event(TR_SLEPT, t, chan, wmesg, 0);
}

/** Takes a sleep back: for channels with memory, when the condition turned out true after going on the queue. */
export function unsleep(): void {
  const t = curthread();
  if (sim_cas(t + T_STATUS, TS_ASLEEP, TS_READY) == TS_ASLEEP) trace_event(TR_WOKE, t, 0, 0, load<u32>(t, T_ID));
}

/** Step build: a sleep is over, and the thread's time is what it is now. */
export function slept(t: usize): void {
  store<u64>(t, load<u64>(t, T_STAT_SLEPT) + load<u64>(t, T_VTIME) - load<u64>(t, T_SINCE), T_STAT_SLEPT);
}

/** Wakes one thread block if it sleeps on chan. Its time is at least the waker's. */
export function wake_block(t: usize, chan: u32, when: u64): bool {
  if (!make_ready(t, chan, when)) return false;
  sim_notify(t + T_STATUS);
  return true;
}

/** As wake_block, but its driver hears of it later, by sim_notify(t + T_STATUS). */
function make_ready(t: usize, chan: u32, when: u64): bool {
  if (sim_ld(t + T_STATUS) != TS_ASLEEP || sim_ld(t + T_WCHAN) != chan) return false;
  const since = load<u64>(t, T_SINCE);
  if (sim_cas(t + T_STATUS, TS_ASLEEP, TS_READY) != TS_ASLEEP) return false;
  if (!isDefined(STEP)) {
    if (when > since) store<u64>(t, load<u64>(t, T_STAT_SLEPT) + when - since, T_STAT_SLEPT);
    store<u64>(t, load<u64>(t, T_STAT_WAKE) + 1, T_STAT_WAKE);
  }
  if (isDefined(STEP)) {
    const at = when + (load<u32>(t, T_KIND) == TK_HW ? COST_PCIE : COST_THREAD_WAKE);
    if (load<u64>(t, T_VTIME) < at) store<u64>(t, at, T_VTIME);
    slept(t);
    store<u64>(t, load<u64>(t, T_STAT_WAKE) + 1, T_STAT_WAKE);
    trace_event(TR_WOKE, curthread(), chan, 0, load<u32>(t, T_ID));
    recheck();
  }
  return true;
}

/** wakeup in two halves, for a waker that holds what the sleepers take first of all: ready now, told by tell(). */
export function wakeup_untold(chan: u32, pt: u32): void {
  point(ACC_WAKEUP, chan, COST_WAKEUP, pt);
  const n = load<u32>(MACHINE, M_NTHREADS);
  for (let i: u32 = 0; i < n; i++) make_ready(THREADS + i * THREAD_SIZE, chan, now());
}
/** The other half: the drivers of whoever slept on chan look at their threads again. */
export function tell(chan: u32): void {
  if (isDefined(STEP)) return;
  const n = load<u32>(MACHINE, M_NTHREADS);
  for (let i: u32 = 0; i < n; i++) if (sim_ld(THREADS + i * THREAD_SIZE + T_WCHAN) == chan) sim_notify(THREADS + i * THREAD_SIZE + T_STATUS);
}

/** wakeup(9): every thread asleep on chan; answers how many. */
export function wakeup(chan: u32, pt: u32): u32 {
  point(ACC_WAKEUP, chan, COST_WAKEUP, pt);
  return wakeup_now(chan, now());
}

/** wakeup without a pause: for the control plane, between steps. */
export function wakeup_now(chan: u32, when: u64): u32 {
  let woken: u32 = 0;
  const n = load<u32>(MACHINE, M_NTHREADS);
  for (let i: u32 = 0; i < n; i++) if (wake_block(THREADS + i * THREAD_SIZE, chan, when)) woken++;
  return woken;
}

/** Charges what a wake-up costs the waker. */
export function charge_wakeup(): void { charge(COST_WAKEUP); }

// Shared memory: the only file that spells `atomic.*` or `pause`, and the only one that knows the memory model.
// A shared word is 32 bits, aligned, and always reached by ld, st, rmw or fence. In the free build these are plain
// sequentially consistent atomics. In the step build each is a pause point, and stores wait in the thread's store
// buffer (at most SB_MAX) until they are drained: in order (x86-TSO), or each word's in its own (PSO). No algorithm knows which
// build or which model it is in.

import {
  ACC_FENCE, ACC_LD, ACC_LOCK, ACC_RMW, ACC_ST, ACC_UNLOCK, MACHINE, M_BUDGET, M_CURTHREAD, M_LIMIT, M_RESUMING,
  M_STEPS,
  M_DONE_ADDR,
  M_DONE_KIND,
  M_DONE_POINT,
  M_DONE_THREAD,
  M_DONE_VAL, M_STOP_HIT, M_STOP_POINTS, M_STOP_WATCH, M_SIM_ON, M_SIM_OPS, M_SIM_STEP, M_STOP_WATCHES, M_TSO, M_DRAIN_ANY, SB_MAX, SB_ORDER, T_LOCK, T_PADDR, T_PKIND, T_POINT, T_PVAL, T_SB, T_SB_COUNT, T_STACK, T_STATUS, T_UNWOUND,
  T_VTIME, TS_BLOCKED, TS_READY, M_VIOLATIONS, M_VIOLATION_SLOT, M_VIOLATION_THREAD, RING_HEAD, RING_TAIL,
  T_PEER, T_KIND, TK_VCPU, T_ID, TRACE, TR_ON, TR_COUNT, TR_LOST, TR_NWATCH, TR_WATCH, TR_REC, TR_REC_SIZE, TR_MAX, R_STEP, R_TIME,
  R_WHAT, R_ADDR, R_VAL, R_OTHER, TR_BLOCKED, TR_CHANGED, TR_STORED,
} from "../layout";
import { COST_FENCE, COST_LD, COST_RMW, COST_ST } from "../points";

// @ts-ignore: decorator
@external("asyncify", "start_unwind") declare function asyncify_start_unwind(data: usize): void;
// @ts-ignore: decorator
@external("asyncify", "stop_unwind") declare function asyncify_stop_unwind(): void;
// @ts-ignore: decorator
@external("asyncify", "start_rewind") declare function asyncify_start_rewind(data: usize): void;
// @ts-ignore: decorator
@external("asyncify", "stop_rewind") declare function asyncify_stop_rewind(): void;
// @ts-ignore: decorator
@external("env", "self") declare const self_block: usize;

/** The running thread's block. */
// @ts-ignore: decorator
@inline export function curthread(): usize {
  if (isDefined(STEP)) return load<u32>(MACHINE, M_CURTHREAD);
  return self_block;
}

/** Plain work costs virtual time in the step build, nothing in the free build. */
// @ts-ignore: decorator
@inline export function charge(ns: u32): void {
  if (isDefined(STEP)) {
    const t = curthread();
    store<u64>(t, load<u64>(t, T_VTIME) + ns, T_VTIME);
  }
}

/** Lab time of the running thread, ns. In the free build the driver writes it before every batch of iterations. */
// @ts-ignore: decorator
@inline export function now(): u64 { return load<u64>(curthread(), T_VTIME); }

/** Step build: leaves a record for the driver, if it asked for any. */
export function trace(kind: u32, t: usize, point: u32, addr: u32, val: u32, other: u32): void {
  if (!isDefined(STEP)) return;
  const n = load<u32>(TRACE, TR_COUNT);
  if (n >= TR_MAX) { store<u32>(TRACE, load<u32>(TRACE, TR_LOST) + 1, TR_LOST); return; }
  const r: usize = TRACE + TR_REC + n * TR_REC_SIZE;
  store<u64>(r, load<u64>(MACHINE, M_STEPS), R_STEP);
  store<u64>(r, t ? load<u64>(t, T_VTIME) : 0, R_TIME);
  store<u32>(r, kind | (t ? load<u32>(t, T_ID) : 255) << 8 | point << 16, R_WHAT);
  store<u32>(r, addr, R_ADDR);
  store<u32>(r, val, R_VAL);
  store<u32>(r, other, R_OTHER);
  store<u32>(TRACE, n + 1, TR_COUNT);
}
/** As trace, for what is not an access and not a change: only while every step leaves a record. */
export function trace_event(kind: u32, t: usize, addr: u32, val: u32, other: u32): void {
  if (isDefined(STEP) && load<u32>(TRACE, TR_ON)) trace(kind, t, 0, addr, val, other);
}

/** Step build: watched words that are others than when last looked at: the step that was made last did it. */
export function trace_changes(): void {
  const n = load<u32>(TRACE, TR_NWATCH);
  for (let i: u32 = 0; i < n; i++) {
    const w: usize = TRACE + TR_WATCH + i * 8, addr = load<u32>(w), now = load<u32>(addr), was = load<u32>(w, 4);
    if (now == was) continue;
    store<u32>(w, now, 4);
    const point = load<u32>(MACHINE, M_DONE_POINT);
    trace(TR_CHANGED, point ? load<u32>(MACHINE, M_DONE_THREAD) : 0, point, addr, now, was);
  }
}
function trace_store(t: usize, point: u32, addr: u32, val: u32): void {
  const n = load<u32>(TRACE, TR_NWATCH);
  for (let i: u32 = 0; i < n; i++)
    if (load<u32>(TRACE + i * 8, TR_WATCH) == addr) { trace(TR_STORED, t, point, addr, val, 0); return; }
}

/** Step build: the access counts as a step, and is what the lab tells of it. */
function made(t: usize, point: u32, kind: u32, addr: usize, val: u32): void {
  if (load<u32>(TRACE, TR_NWATCH)) trace_changes();
  store<u64>(MACHINE, load<u64>(MACHINE, M_STEPS) + 1, M_STEPS);
  store<u32>(MACHINE, point, M_DONE_POINT);
  store<u32>(MACHINE, kind, M_DONE_KIND);
  store<u32>(MACHINE, addr as u32, M_DONE_ADDR);
  store<u32>(MACHINE, kind == ACC_LD || kind == ACC_RMW ? sb_read(t, addr) : val, M_DONE_VAL);
  store<u32>(MACHINE, t as u32, M_DONE_THREAD);
  if (load<u32>(TRACE, TR_ON)) trace(kind, t, point, addr as u32, load<u32>(MACHINE, M_DONE_VAL), 0);
  if (load<u32>(TRACE, TR_NWATCH) && (kind == ACC_ST || kind == ACC_RMW)) trace_store(t, point, addr as u32, val);
  let stop: u32 = load<u32>(MACHINE + (point >> 5) * 4, M_STOP_POINTS) & (1 << (point & 31));
  if (kind == ACC_ST || kind == ACC_RMW)
    for (let i: u32 = 0; i < M_STOP_WATCHES; i++) if (load<u32>(MACHINE + i * 4, M_STOP_WATCH) == (addr as u32)) stop = 1;
  if (stop) { store<u32>(MACHINE, 1, M_STOP_HIT); store<u32>(MACHINE, 0, M_BUDGET); }
}

/** Step build: parks the thread here, before the access, unless the budget lets it pass. */
function pause(point: u32, kind: u32, addr: usize, val: u32, cost: u32): void {
  const t = curthread();
  if (load<u32>(MACHINE, M_RESUMING)) {
    store<u32>(MACHINE, 0, M_RESUMING);
    made(t, point, kind, addr, val);
    asyncify_stop_rewind();
    return;
  }
  const time = load<u64>(t, T_VTIME) + cost;
  store<u64>(t, time, T_VTIME);
  const budget = load<u32>(MACHINE, M_BUDGET);
  const peer = load<u32>(t, T_PEER);
  if (
    budget > 0 && time < load<u64>(MACHINE, M_LIMIT) && load<u32>(t, T_STATUS) == TS_READY &&
    !(peer && load<u32>(t, T_KIND) == TK_VCPU && load<u32>(peer, T_STATUS) == TS_READY)
  ) {
    store<u32>(MACHINE, budget - 1, M_BUDGET);
    made(t, point, kind, addr, val);
    return;
  }
  store<u32>(t, point, T_POINT);
  store<u32>(t, kind, T_PKIND);
  store<u32>(t, addr as u32, T_PADDR);
  store<u32>(t, val, T_PVAL);
  store<u32>(t, 1, T_UNWOUND);
  asyncify_start_unwind(t + T_STACK);
}

/** Step build: somebody else may have become runnable, so the policy is asked again at the next access. */
// @ts-ignore: decorator
@inline export function recheck(): void { if (isDefined(STEP)) store<u32>(MACHINE, 0, M_BUDGET); }

/** Step build: whether pending store j of a thread may reach memory now: the oldest, or under PSO the oldest to its word. */
export function drains(t: usize, j: u32): bool {
  if (j >= load<u32>(t, T_SB_COUNT)) return false;
  if (j && !load<u32>(MACHINE, M_DRAIN_ANY)) return false;
  if (load<u32>(t + j * 8, T_SB) == SB_ORDER) return false;
  for (let i: u32 = 0; i < j; i++) {
    const before = load<u32>(t + i * 8, T_SB);
    if (before == SB_ORDER || before == load<u32>(t + j * 8, T_SB)) return false;
  }
  return true;
}
/** Step build: commits pending store j of a thread. The policy may do this at any time. */
export function drain_nth(t: usize, j: u32): void {
  if (!drains(t, j)) return;
  store<u32>(load<u32>(t + j * 8, T_SB), load<u32>(t + j * 8, T_SB + 4));
  forget(t, j);
  while (load<u32>(t, T_SB_COUNT) && load<u32>(t, T_SB) == SB_ORDER) forget(t, 0);
}
function forget(t: usize, j: u32): void {
  const n = load<u32>(t, T_SB_COUNT);
  for (let i: u32 = j + 1; i < n; i++) store<u64>(t + (i - 1) * 8, load<u64>(t + i * 8, T_SB), T_SB);
  store<u64>(t + (n - 1) * 8, 0, T_SB); // dead bytes are zeroed, so that equal states are equal bytes
  store<u32>(t, n - 1, T_SB_COUNT);
}
/** Step build: commits the oldest. */
export function drain_one(t: usize): void { drain_nth(t, 0); }

/** Step build: commits all pending stores of a thread. */
export function drain(t: usize): void {
  while (load<u32>(t, T_SB_COUNT)) drain_one(t);
}

/** A store-store barrier, for stores that may pass one another (M_DRAIN_ANY); on x86 they never do. It drains nothing. */
export function store_order(): void {
  if (!isDefined(STEP)) return;
  const t = curthread(), n = load<u32>(t, T_SB_COUNT);
  if (!n || !load<u32>(MACHINE, M_DRAIN_ANY) || load<u32>(t + (n - 1) * 8, T_SB) == SB_ORDER) return;
  if (n >= SB_MAX) drain_one(t);
  store<u64>(t + load<u32>(t, T_SB_COUNT) * 8, 0, T_SB);
  store<u32>(t, load<u32>(t, T_SB_COUNT) + 1, T_SB_COUNT);
}

function sb_read(t: usize, p: usize): u32 { // a CPU sees its own pending stores first
  for (let i = load<u32>(t, T_SB_COUNT) as i32 - 1; i >= 0; i--)
    if (load<u32>(t + i * 8, T_SB) == (p as u32)) return load<u32>(t + i * 8, T_SB + 4);
  return load<u32>(p);
}

function orders(t: usize): u32 {
  let n: u32 = 0;
  for (let i = load<u32>(t, T_SB_COUNT) as i32 - 1; i >= 0; i--) if (load<u32>(t + i * 8, T_SB) == SB_ORDER) n++;
  return n;
}
function sb_write(t: usize, p: usize, v: u32): void {
  const room = load<u32>(MACHINE, M_TSO); // capacity of the store buffers, 0: sequential consistency
  if (!room) { store<u32>(p, v); return; }
  const n0 = load<u32>(t, T_SB_COUNT);
  if (n0 >= SB_MAX || n0 - orders(t) >= room) drain_one(t);
  const n = load<u32>(t, T_SB_COUNT);
  store<u32>(t + n * 8, p as u32, T_SB);
  store<u32>(t + n * 8, v, T_SB + 4);
  store<u32>(t, n + 1, T_SB_COUNT);
}

/** Loads a shared word. */
// @ts-ignore: decorator
@inline export function ld(p: usize, point: u32): u32 {
  if (isDefined(STEP)) { pause(point, ACC_LD, p, 0, COST_LD); return sb_read(curthread(), p); }
  return atomic.load<u32>(p);
}

/** Stores a shared word. */
// @ts-ignore: decorator
@inline export function st(p: usize, v: u32, point: u32): void {
  if (isDefined(STEP)) { pause(point, ACC_ST, p, v, COST_ST); sb_write(curthread(), p, v); } else atomic.store<u32>(p, v);
}

/** Full barrier. */
// @ts-ignore: decorator
@inline export function fence(point: u32): void {
  if (isDefined(STEP)) { pause(point, ACC_FENCE, 0, 0, COST_FENCE); drain(curthread()); } else atomic.or<u32>(curthread() + T_LOCK, 0);
}

/** Atomically adds; answers the old value. A locked instruction drains the store buffer. */
// @ts-ignore: decorator
@inline export function rmw_add(p: usize, v: u32, point: u32): u32 {
  if (isDefined(STEP)) {
    pause(point, ACC_RMW, p, v, COST_RMW); drain(curthread());
    const old = load<u32>(p); store<u32>(p, old + v); return old;
  }
  return atomic.add<u32>(p, v);
}

/** Atomically ors; answers the old value. */
// @ts-ignore: decorator
@inline export function rmw_or(p: usize, v: u32, point: u32): u32 {
  if (isDefined(STEP)) {
    pause(point, ACC_RMW, p, v, COST_RMW); drain(curthread());
    const old = load<u32>(p); store<u32>(p, old | v); return old;
  }
  return atomic.or<u32>(p, v);
}

/** Atomically exchanges; answers the old value. */
// @ts-ignore: decorator
@inline export function rmw_xchg(p: usize, v: u32, point: u32): u32 {
  if (isDefined(STEP)) {
    pause(point, ACC_RMW, p, v, COST_RMW); drain(curthread());
    const old = load<u32>(p); store<u32>(p, v); return old;
  }
  return atomic.xchg<u32>(p, v);
}

/** Atomic compare and exchange; answers the old value. */
// @ts-ignore: decorator
@inline export function rmw_cas(p: usize, expected: u32, v: u32, point: u32): u32 {
  if (isDefined(STEP)) {
    pause(point, ACC_RMW, p, v, COST_RMW); drain(curthread());
    const old = load<u32>(p); if (old == expected) store<u32>(p, v); return old;
  }
  return atomic.cmpxchg<u32>(p, expected, v);
}

/** A place to park that touches no shared word: before a sleep, a wake-up, an exit. Drains: each of them serialises. */
// @ts-ignore: decorator
@inline export function point(kind: u32, chan: usize, cost: u32, pt: u32): void {
  if (isDefined(STEP)) { pause(pt, kind, chan, 0, cost); drain(curthread()); }
}

/** The explorer must know after which accesses words of the simulator are touched: they are no pause points. */
// @ts-ignore: decorator
@inline function noise(): void { if (isDefined(STEP)) store<u32>(MACHINE, load<u32>(MACHINE, M_SIM_OPS) + load<u32>(MACHINE, M_SIM_ON), M_SIM_OPS); }
/** Words of the simulator itself (thread status, wait channels): atomic, never a pause point. */
// @ts-ignore: decorator
@inline export function sim_ld(p: usize): u32 { noise(); return atomic.load<u32>(p); }
// @ts-ignore: decorator
@inline export function sim_st(p: usize, v: u32): void { noise(); atomic.store<u32>(p, v); }
// @ts-ignore: decorator
@inline export function sim_cas(p: usize, expected: u32, v: u32): u32 { noise(); return atomic.cmpxchg<u32>(p, expected, v); }
// @ts-ignore: decorator
@inline export function sim_or(p: usize, v: u32): u32 { noise(); return atomic.or<u32>(p, v); }
// @ts-ignore: decorator
@inline export function sim_xchg(p: usize, v: u32): u32 { noise(); return atomic.xchg<u32>(p, v); }
// @ts-ignore: decorator
@inline export function sim_add(p: usize, v: u32): u32 { noise(); return atomic.add<u32>(p, v); }
// @ts-ignore: decorator
@inline export function sim_notify(p: usize): void { if (!isDefined(STEP)) atomic.notify(p, 1); }

/** Spin mutex. In the step build a thread that finds it taken is blocked until it is free. */
// @ts-ignore: decorator
@inline export function lock_word(p: usize, point: u32): void {
  if (isDefined(STEP)) lock_step(p, point); else while (atomic.cmpxchg<u32>(p, 0, 1) != 0) {}
}
// @ts-ignore: decorator
@inline export function unlock_word(p: usize, point: u32): void {
  if (isDefined(STEP)) { pause(point, ACC_UNLOCK, p, 0, COST_ST); drain(curthread()); store<u32>(p, 0); recheck(); } else atomic.store<u32>(p, 0);
}
function lock_step(p: usize, point: u32): void {
  pause(point, ACC_LOCK, p, 1, COST_RMW);
  const t = curthread();
  drain(t);
  while (load<u32>(p)) {
    store<u32>(t, p as u32, T_LOCK);
    store<u32>(t, TS_BLOCKED, T_STATUS);
    trace_event(TR_BLOCKED, t, p as u32, 0, 0);
    pause(point, ACC_LOCK, p, 1, 0);
    store<u32>(t, 0, T_LOCK);
    store<u32>(t, TS_READY, T_STATUS);
  }
  store<u32>(p, 1);
}

/** Reader side of a readers-writer lock: readers counted in the low bits, 0x80000000 is the writer. */
// @ts-ignore: decorator
@inline export function rlock_word(p: usize, point: u32): void {
  if (isDefined(STEP)) { rlock_step(p, point); return; }
  for (;;) {
    const v = atomic.load<u32>(p);
    if (!(v & 0x80000000) && atomic.cmpxchg<u32>(p, v, v + 1) == v) return;
  }
}
// @ts-ignore: decorator
@inline export function runlock_word(p: usize, point: u32): void {
  if (isDefined(STEP)) { pause(point, ACC_UNLOCK, p, 0, COST_RMW); drain(curthread()); store<u32>(p, load<u32>(p) - 1); recheck(); } else atomic.sub<u32>(p, 1);
}
function rlock_step(p: usize, point: u32): void {
  pause(point, ACC_LOCK, p, 2, COST_RMW);
  const t = curthread();
  drain(t);
  while (load<u32>(p) & 0x80000000) {
    store<u32>(t, p as u32, T_LOCK);
    store<u32>(t, TS_BLOCKED, T_STATUS);
    trace_event(TR_BLOCKED, t, p as u32, 0, 0);
    pause(point, ACC_LOCK, p, 2, 0);
    store<u32>(t, 0, T_LOCK);
    store<u32>(t, TS_READY, T_STATUS);
  }
  store<u32>(p, load<u32>(p) + 1);
}

/** Step build: the program may touch slot i of its ring only between head and tail. Nothing in the free build. */
// @ts-ignore: decorator
@inline export function own_user(ring: usize, i: u32): void { if (isDefined(STEP)) own_check(ring, i, true); }
/** Step build: a kernel may touch slot i only outside head..tail. Nothing in the free build. */
// @ts-ignore: decorator
@inline export function own_kernel(ring: usize, i: u32): void { if (isDefined(STEP)) own_check(ring, i, false); }
function own_check(ring: usize, i: u32, user: bool): void {
  const t = curthread(), head = sb_read(t, ring + RING_HEAD), tail = sb_read(t, ring + RING_TAIL);
  const mine = head <= tail ? i >= head && i < tail : i >= head || i < tail;
  if (mine == user) return;
  store<u32>(MACHINE, load<u32>(MACHINE, M_VIOLATIONS) + 1, M_VIOLATIONS);
  store<u32>(MACHINE, t as u32, M_VIOLATION_THREAD);
  store<u32>(MACHINE, i, M_VIOLATION_SLOT);
}

/** Step build: runs thread t from where it is parked to its next pause point, or to its boundary. */
export function resume(t: usize, fn: u32, arg: usize): void {
  if (!isDefined(STEP)) return;
  store<u32>(MACHINE, t as u32, M_CURTHREAD);
  const old = load<u32>(t, T_STACK); // beyond it all is zero already
  if (load<u32>(t, T_UNWOUND)) {
    store<u32>(t, 0, T_UNWOUND);
    store<u32>(MACHINE, 1, M_RESUMING);
    asyncify_start_rewind(t + T_STACK);
  }
  const ops = load<u32>(MACHINE, M_SIM_OPS);
  call_indirect<void>(fn, arg);
  store<u32>(MACHINE, load<u32>(MACHINE, M_SIM_OPS) - ops, M_SIM_STEP);
  store<u32>(MACHINE, 0, M_SIM_OPS); // the driver's own words are not state
  if (load<u32>(t, T_UNWOUND)) {
    asyncify_stop_unwind();
    const top = load<u32>(t, T_STACK);
    for (let p: usize = top; p < old; p += 4) store<u32>(p, 0); // dead bytes are zeroed
  } else {
    for (let p: usize = t + T_STACK + 8; p < old; p += 4) store<u32>(p, 0);
    store<u32>(t, 0, T_POINT);
    store<u32>(t, 0, T_PKIND);
    store<u32>(t, 0, T_PADDR);
    store<u32>(t, 0, T_PVAL);
  }
}

// Model of a kring and its ring: indices, the two prologues, re-initialisation, finalize. Written from facts netmap 2.1 to
// 2.5 alone, over plain objects; the lab's code is compared with it and never imported by it.

export interface Slot {
  idx: number;
  len: number;
  flags: number;
  ptr: number;
}
/** The kernel's companion (words of a kring) and the ring that the user sees. */
export interface Ring {
  n: number;
  hwcur: number;
  hwtail: number;
  rhead: number;
  rcur: number;
  rtail: number;
  /** The user's words, and the kernel's word that a user can overwrite. */
  head: number;
  cur: number;
  tail: number;
}
export interface Pool {
  /** Buffers in the allocator, and the size of one. */
  total: number;
  size: number;
}

export const next = (n: number, i: number) => (i === n - 1 ? 0 : i + 1);
export const prev = (n: number, i: number) => (i === 0 ? n - 1 : i - 1);
/** Slots from `from` up to and without `to`, cyclic. */
export const distance = (n: number, from: number, to: number) => (to - from + n) % n;

/** Facts 1.12, initial contents: a new kring and its ring. */
export function newRing(n: number, dir: 'tx' | 'rx'): Ring {
  const tail = dir === 'tx' ? n - 1 : 0;
  return { n, hwcur: 0, hwtail: tail, rhead: 0, rcur: 0, rtail: tail, head: 0, cur: 0, tail };
}

const within = (lo: number, x: number, hi: number) => lo <= x && x <= hi;
const strictlyBetween = (lo: number, x: number, hi: number) => lo < x && x < hi;

/** Facts 2.2. The validated head, or n; changes rhead, rcur and the ring's tail on success only. */
export function txsyncPrologue(r: Ring): number {
  const { n, head, cur, rhead, rtail } = r;
  if (rhead >= n || r.hwcur >= n || rtail >= n || r.hwtail >= n) return n; // 1
  if (rtail >= rhead) {
    if (!within(rhead, head, rtail)) return n; // 2
    if (!within(head, cur, rtail)) return n;
  } else {
    if (strictlyBetween(rtail, head, rhead)) return n; // 3
    if (head <= rtail) {
      if (!within(head, cur, rtail)) return n;
    } else if (strictlyBetween(rtail, cur, head)) return n;
  }
  if (r.tail !== rtail) r.tail = rtail; // 4
  r.rhead = head; // 5
  r.rcur = cur;
  return head;
}

/** Facts 2.3. The validated head, or n; rhead and rcur change whatever comes out. */
export function rxsyncPrologue(r: Ring): number {
  const { n, head, cur, hwcur, hwtail } = r;
  r.rcur = cur; // 1
  r.rhead = head;
  if (hwcur >= n || hwtail >= n) return n; // 2
  if (hwtail >= hwcur) {
    if (!within(hwcur, head, hwtail)) return n; // 3
  } else if (strictlyBetween(hwtail, head, hwcur)) return n;
  if (hwtail >= head) {
    if (!within(head, cur, hwtail)) return n; // 4
  } else if (strictlyBetween(hwtail, cur, head)) return n;
  if (r.tail !== r.rtail) r.tail = r.rtail; // 5
  return head;
}

/** Facts 2.4, step 2: bad indices and lengths of slots are repaired in silence. */
export function repairSlot(s: Slot, pool: Pool) {
  if (s.idx < 2 || s.idx >= pool.total) {
    s.idx = 0;
    s.len = 0;
  } else if (s.len > pool.size) s.len = 0;
}

/** Facts 2.4. 1 if an index of the ring was beyond its last slot, else 0. */
export function reinit(r: Ring, slots: Slot[] = [], pool: Pool = { total: 2, size: 0 }): number {
  const lim = r.n - 1;
  r.rhead = r.head; // 1
  r.rcur = r.cur;
  r.rtail = r.tail;
  const errors = [r.rhead, r.rcur, r.rtail].filter((x) => x > lim).length;
  for (const s of slots) repairSlot(s, pool); // 2
  if (errors === 0) return 0; // 4: inconsistent words that are each below n are kept, and are now the kernel's
  r.head = r.cur = r.rhead = r.rcur = r.hwcur; // 3
  r.tail = r.rtail = r.hwtail;
  return 1;
}

/** Facts 2.5. */
export function finalize(r: Ring) {
  r.rtail = r.hwtail;
  r.tail = r.rtail;
}

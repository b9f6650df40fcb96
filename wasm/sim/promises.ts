// What the search keeps an eye on by itself: after an access, after a move, in a new state. Each answers the promise that
// is broken (EXP_*), 0 none, and leaves it with the place in the control block. Step build only; only explore.ts calls this.
// The words, krings and slots to look at are listed by the control plane (src/lab/explore/promises.ts), which has the words.

import {
  EXC_GUEST, EXC_HOST, EXP_BUFFERS, EXP_CSB, EXP_RING, EX_BAD_ADDR, EX_BAD_WHAT, EX_CSB, EX_KEEP, EX_KRINGS, EX_NCSB, EX_NKEEP,
  EX_NKRINGS, EX_NSLOTS, EX_SLOTS, EX_SLOTS_SUM, KR_NR_BUSY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_RCUR, KR_RHEAD, SLOT_SIZE,
  TK_INTR, TK_VCPU, T_KIND, T_PADDR,
} from "../layout";

/** Odd multipliers that spread bits; written in halves, as JavaScript has no such number. */
const GOLDEN: u64 = (0x9e3779b9 as u64) << 32 | 0x7f4a7c15;
const MIXER: u64 = (0xbf58476d as u64) << 32 | 0x1ce4e5b9;

function tell(ex: usize, what: u32, addr: u32): u32 {
  if (!load<u32>(ex, EX_BAD_WHAT)) {
    store<u32>(ex, what, EX_BAD_WHAT);
    store<u32>(ex, addr, EX_BAD_ADDR);
  }
  return what;
}

/** Thread t is about to store: a word of a CSB has an owner. */
export function broken_by_access(ex: usize, t: usize): void {
  const at: usize = load<u32>(ex, EX_CSB), n = load<u32>(ex, EX_NCSB) * 8, addr = load<u32>(t, T_PADDR);
  for (let k: u32 = 0; k < n; k += 8) {
    if (load<u32>(at + k) != addr) continue;
    const kind = load<u32>(t, T_KIND), me: u32 = kind == TK_VCPU || kind == TK_INTR ? EXC_GUEST : EXC_HOST;
    if (!(load<u32>(at + k, 4) & me)) tell(ex, EXP_CSB, addr);
    return;
  }
}

/** Words that may not change: counts of what must not happen. */
export function broken_by_move(ex: usize): u32 {
  const at: usize = load<u32>(ex, EX_KEEP), n = load<u32>(ex, EX_NKEEP) * 12;
  for (let k: u32 = 0; k < n; k += 12) {
    const p: usize = load<u32>(at + k);
    if (load<u32>(p) != load<u32>(at + k, 4)) return tell(ex, load<u32>(at + k, 8), p as u32);
  }
  return load<u32>(ex, EX_BAD_WHAT);
}

/** A ring at rest has its indices in order (facts 2.1); the buffers in all slots are the ones that were there. */
export function broken_in_state(ex: usize): u32 {
  const at: usize = load<u32>(ex, EX_KRINGS), n = load<u32>(ex, EX_NKRINGS) * 4;
  for (let k: u32 = 0; k < n; k += 4) {
    const kr: usize = load<u32>(at + k), slots = load<u32>(kr, KR_NUM_SLOTS);
    if (!slots) continue; // given back meanwhile
    const hwcur = load<u32>(kr, KR_NR_HWCUR), hwtail = load<u32>(kr, KR_NR_HWTAIL), rhead = load<u32>(kr, KR_RHEAD), rcur = load<u32>(kr, KR_RCUR);
    if (hwcur >= slots || hwtail >= slots) return tell(ex, EXP_RING, kr as u32);
    if (load<u32>(kr, KR_NR_BUSY)) continue;
    if (rhead >= slots || rcur >= slots) return tell(ex, EXP_RING, kr as u32);
    const head = rhead >= hwcur ? rhead - hwcur : rhead + slots - hwcur, cur = rcur >= hwcur ? rcur - hwcur : rcur + slots - hwcur;
    const tail = hwtail >= hwcur ? hwtail - hwcur : hwtail + slots - hwcur;
    if (head > tail || cur > tail || cur < head) return tell(ex, EXP_RING, kr as u32);
  }
  return load<u32>(ex, EX_NSLOTS) && slots_sum(ex) != load<u64>(ex, EX_SLOTS_SUM) ? tell(ex, EXP_BUFFERS, 0) : 0;
}

/** The buffers that are in the slots now are the ones that there are. */
export function slots_keep(ex: usize): void { store<u64>(ex, slots_sum(ex), EX_SLOTS_SUM); }
/** A number for the buffers in all slots, whatever their order. */
function slots_sum(ex: usize): u64 {
  const at: usize = load<u32>(ex, EX_SLOTS), n = load<u32>(ex, EX_NSLOTS) * 8;
  let sum: u64 = 0;
  for (let k: u32 = 0; k < n; k += 8) {
    const end: usize = (load<u32>(at + k) as usize) + load<u32>(at + k, 4) * SLOT_SIZE;
    for (let s: usize = load<u32>(at + k); s < end; s += SLOT_SIZE) {
      let x: u64 = (load<u32>(s) + 1) as u64 * GOLDEN;
      x ^= x >> 31;
      sum += x * MIXER;
    }
  }
  return sum;
}

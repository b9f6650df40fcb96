// Memory of a program's own beyond its page of arguments: a table of pages that need not lie together, as on a guest.

import { TARG_DIR } from "../layout";

/** Where byte `at` of it is; good to the end of that page. */
export function own(targ: usize, at: u32): usize {
  const table: usize = load<u32>(targ + (at >> 22) * 4, TARG_DIR);
  return (load<u32>(table + ((at >> 12) & 1023) * 4) as usize) + (at & 4095);
}

/** Copies into it. `mask` wraps the place: a ring, or all ones. */
export function to_own(targ: usize, at: u32, mask: u32, from: usize, len: u32): void {
  while (len) {
    const left: u32 = 4096 - (at & 4095), n = len < left ? len : left;
    memory.copy(own(targ, at & mask), from, n);
    at += n; from += n; len -= n;
  }
}
/** Copies out of it. */
export function from_own(targ: usize, at: u32, to: usize, len: u32): void {
  while (len) {
    const left: u32 = 4096 - (at & 4095), n = len < left ? len : left;
    memory.copy(to, own(targ, at), n);
    at += n; to += n; len -= n;
  }
}

// Which of ptnetmap's hazards (facts 5C) a call has: those of its protocol revision, but for what the lab's switches say.
// Both halves of the protocol ask once a call. 2015 is the code of the GSoC tree; 2019 the sum of the fixes since then
// (facts 5A.13, 5B.4 to 5B.6, 5D), and a doorbell of the lab's that counts.

import {
  HAZARDS_2015, HAZARDS_2019, HZ_H1, HZ_H2, MACHINE, M_BARRIER, M_DOUBLE_CHECK, M_HAZARD_OFF, M_HAZARD_ON, PROTOCOL_2015,
} from "../layout";
import { store_order } from "../sim/shared";

/** HZ_* of a revision, after dev.lab.hazard.* and the older dev.lab.double_check and dev.lab.barrier. */
export function hazards(rev: u32): u32 {
  let h = rev == PROTOCOL_2015 ? HAZARDS_2015 : HAZARDS_2019;
  if (!load<u32>(MACHINE, M_DOUBLE_CHECK)) h |= HZ_H1;
  if (load<u32>(MACHINE, M_BARRIER)) h &= ~HZ_H2;
  return (h | load<u32>(MACHINE, M_HAZARD_ON)) & ~load<u32>(MACHINE, M_HAZARD_OFF);
}

/** A store-store or load-load barrier: on x86 an order for the compiler alone. No access, and nothing is drained. */
export function nm_order(): void { store_order(); }

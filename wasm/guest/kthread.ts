// The guest kernel's own threads: tds in the vCPU's list, one turn at a time between those of programs. Stands for swi_net,
// swi_clock and the taskqueues; what they do is what any kernel does (wasm/net).

import { NST_CLK_PENDING, NST_ISR_PENDING, TDS_RUN, TDS_SLEEP, TD_DEADLINE, TD_PRIV, TD_STATE, TD_WMESG, WM_IDLE } from "../layout";
import { netisr_turn } from "../net/ip_icmp";
import { softclock_turn } from "../net/netmap_generic";
import { sim_ld, sim_st } from "../sim/shared";

/** To sleep until woken or until the deadline, unless `word` says that there is work: nothing can come between, it is one CPU. */
function idle(td: usize, deadline: u64, word: usize): void {
  store<u64>(td, deadline, TD_DEADLINE);
  store<u32>(td, WM_IDLE, TD_WMESG);
  sim_st(td + TD_STATE, TDS_SLEEP);
  if (sim_ld(word)) sim_st(td + TD_STATE, TDS_RUN);
}

export function guest_netisr(td: usize): void {
  const ns: usize = load<u32>(td, TD_PRIV);
  if (!netisr_turn(ns)) idle(td, 0, ns + NST_ISR_PENDING);
}

export function guest_softclock(td: usize): void {
  const ns: usize = load<u32>(td, TD_PRIV), next = softclock_turn(ns);
  idle(td, next, ns + NST_CLK_PENDING);
}

/** The guest's way to wake one of its kernel threads. */
export function guest_wake_kthread(td: usize, chan: u32): void { sim_st(td + TD_STATE, TDS_RUN); }

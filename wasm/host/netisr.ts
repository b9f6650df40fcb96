// The threads of the host's stack: netisr and the clock, each with a thread block, asleep on a word of the stack's page. Stands for
// swi_net and swi_clock of FreeBSD 10. What they do is what any kernel does: wasm/net/ip_icmp.ts, netmap_generic.ts.

import { NST_CLK_PENDING, NST_ISRQ, NST_ISR_PENDING, WM_IDLE } from "../layout";
import { netisr_turn } from "../net/ip_icmp";
import { softclock_turn } from "../net/netmap_generic";
import { now, sim_ld } from "../sim/shared";
import { msleep, unsleep, wake_block } from "../sim/sleepq";

export function netisr(ns: usize): void {
  if (netisr_turn(ns)) return;
  msleep((ns + NST_ISRQ) as u32, 0, WM_IDLE);
  if (sim_ld(ns + NST_ISR_PENDING)) unsleep();
}

export function softclock(ns: usize): void {
  const next = softclock_turn(ns);
  msleep((ns + NST_CLK_PENDING) as u32, next, WM_IDLE);
  if (sim_ld(ns + NST_CLK_PENDING)) unsleep();
}

/** The host's way to wake one of its kernel threads. */
export function host_wake_kthread(t: usize, chan: u32): void { wake_block(t, chan, now()); }

// A kernel's network stack, its frame: the lock, the way up into the netisr queue, who is told. Stands for if.c and netisr.c.
// Whoever is inside an interface holds the stack's lock as a reader (it nests); the control plane changes interfaces as its
// writer, and only when nobody is inside.

import {
  ACC_WAKEUP, IF_FLAGS, IF_STAT_IQDROPS, MBP_STACK, M_MBUFS, M_RCVIF, NST_ISR, NST_ISRQ, NST_ISR_PENDING, NST_LOCK, NST_WAKE,
} from "../layout";
import { COST_WAKEUP, P_IF_FLAGS, P_ISR_WAKE, P_NET_RLOCK, P_NET_RUNLOCK } from "../points";
import { kern } from "./kern";
import { ld, point, rlock_word, runlock_word, sim_xchg } from "../sim/shared";
import { m_free, mq_put } from "./mbuf";

export const ENOBUFS: u32 = 55;

/** The stack's page; 0 while nobody has needed it. */
export function stack(): usize {
  const p: usize = load<u32>(kern(), M_MBUFS);
  return p ? load<u32>(p, MBP_STACK) : 0;
}
export function net_rlock(): void { rlock_word(stack() + NST_LOCK, P_NET_RLOCK); }
export function net_runlock(): void { runlock_word(stack() + NST_LOCK, P_NET_RUNLOCK); }
export function if_flags(ifp: usize): u32 { return ld(ifp + IF_FLAGS, P_IF_FLAGS); }
/** One of the kernel's own threads goes on: who, and on which channel it sleeps. */
export function wake_kthread(ns: usize, t: usize, chan: u32): void { call_indirect<void>(load<u32>(ns, NST_WAKE), t, chan); }
export function count(p: usize, n: u64): void { store<u64>(p, load<u64>(p) + n); }

/** To the netisr queue: past netmap, and out of the driver's context. */
export function ether_up(ifp: usize, m: usize): void {
  const ns = stack();
  store<u32>(m, ifp as u32, M_RCVIF);
  if (!mq_put(ns + NST_ISRQ, m)) {
    count(ifp + IF_STAT_IQDROPS, 1);
    m_free(m);
    return;
  }
  if (sim_xchg(ns + NST_ISR_PENDING, 1)) return; // it has been told, and has not looked since
  point(ACC_WAKEUP, ns + NST_ISRQ, COST_WAKEUP, P_ISR_WAKE);
  wake_kthread(ns, load<u32>(ns, NST_ISR), (ns + NST_ISRQ) as u32);
}

// The host kernel's glue: program threads, wake-ups, and the nm_kthread of ptnetmap. Mirrors netmap_freebsd.c of 2015
// (facts 5A.7, bhyve 5.7): the backend's notify takes the worker's lock and counts; the guest's kick is a bare wakeup.

import {
  CALLOUT_TICK_NS, MACHINE, M_REQUESTS, M_SLEEP_BOUND, NMK_COOKIE, NMK_FN, NMK_LOCK, NMK_MSI_ADDR,
  NMK_MSI_MSG, NMK_PRIV, NMK_RUN, NMK_SCHEDULED, NMK_SLEPT, NMK_STAT_IRQ, NMK_STAT_RUN, NMK_STAT_SCHEDULED, NMK_VM, NMK_EFD, NMK_SAID,
  NMK_SAYS_IRQ, NMK_STAT_IRQ_ERR, REQ_DONE, REQ_KTHREAD, REQ_WAKE, SB_1S, SB_ABSOLUTE,
  TDS_DONE, TDS_RUN, TDS_SLEEP, TD_BLOCK, TD_BODY, TD_DEADLINE, TD_SELPEND, TD_STATE, TD_STOP, TD_UPCALL, TD_WMESG, T_REQ, T_STATUS,
  TR_ENDED, TS_DEAD, TS_REQUEST, WM_NMK_EVENT, WM_STOP,
} from "../layout";
import {
  COST_MSI_KERNEL, P_NMK_EFD_READ, P_NMK_LOCK_TEST, P_NMK_SLEEP, P_NMK_UNLOCK_EXIT, P_NMK_UNLOCK_RUN, P_NMK_WAKE, P_NMK_WAKE_LOCK, P_NMK_WAKE_UNLOCK,
} from "../points";
import { charge, curthread, lock_word, now, rmw_xchg, sim_add, sim_ld, sim_notify, sim_st, trace_event, unlock_word } from "../sim/shared";
import { msleep, msleep_point, tell, unsleep, wake_block, wakeup_untold } from "../sim/sleepq";
import { lapic_msi } from "./vmm_lapic";

/** One iteration of a program's thread: its body, then what the body left behind (asleep, finished). */
export function program_iterate(td: usize): void {
  if (sim_ld(td + TD_STOP)) {
    msleep(td as u32, 0, WM_STOP);
    if (!sim_ld(td + TD_STOP)) unsleep();
    return;
  }
  sim_st(td + TD_STATE, TDS_RUN);
  call_indirect<void>(load<u32>(td, TD_BODY), td);
  const state = sim_ld(td + TD_STATE);
  if (load<u32>(td, TD_UPCALL) && state != TDS_DONE) { // it is called again, and sleeps then
    store<u32>(td, 0, TD_UPCALL);
    request(REQ_WAKE);
  } else if (state == TDS_SLEEP) {
    msleep(td as u32, load<u64>(td, TD_DEADLINE), load<u32>(td, TD_WMESG));
    if (sim_ld(td + TD_SELPEND)) unsleep(); // selwakeup came first: this channel has memory
  } else if (state == TDS_DONE) request(REQ_DONE);
}

/** Files a request for the control plane; the thread returns to its driver until it is answered. */
export function request(what: u32): void {
  const t = curthread();
  store<u32>(t, what, T_REQ);
  sim_st(t + T_STATUS, TS_REQUEST);
  sim_add(MACHINE + M_REQUESTS, 1);
  sim_notify(MACHINE + M_REQUESTS);
}

/** The host kernel's way to wake a program's thread. */
export function host_wakeup(td: usize): void { wake_block(load<u32>(td, TD_BLOCK), td as u32, now()); }

/**
 * One turn of nm_kthread_worker: run the worker function if something was scheduled, else sleep on the cookie. The
 * kernel compares the counter `scheduled` with the value last seen, under the lock; what differs between the two is all
 * that matters, so that is the word here, and the count is a statistic.
 */
export function nm_kthread_worker(nmk: usize): void {
  if (load<u32>(nmk, NMK_SLEPT)) { // coming back from the sleep, for whatever reason: the worker runs once
    store<u32>(nmk, 0, NMK_SLEPT);
    sim_st(nmk + NMK_SCHEDULED, 1);
  }
  lock_word(nmk + NMK_LOCK, P_NMK_LOCK_TEST);
  if (!sim_ld(nmk + NMK_RUN)) {
    unlock_word(nmk + NMK_LOCK, P_NMK_UNLOCK_EXIT);
    sim_st(curthread() + T_STATUS, TS_DEAD);
    trace_event(TR_ENDED, curthread(), 0, 0, 0);
    return;
  }
  const efd: usize = load<u32>(nmk, NMK_EFD); // the lab's doorbell: what was written since the last look counts
  if (efd && rmw_xchg(efd, 0, P_NMK_EFD_READ)) sim_st(nmk + NMK_SCHEDULED, 1);
  if (sim_ld(nmk + NMK_SCHEDULED)) {
    sim_st(nmk + NMK_SCHEDULED, 0);
    unlock_word(nmk + NMK_LOCK, P_NMK_UNLOCK_RUN);
    store<u64>(nmk, load<u64>(nmk, NMK_STAT_RUN) + 1, NMK_STAT_RUN);
    call_indirect<void>(load<u32>(nmk, NMK_FN), load<u32>(nmk, NMK_PRIV) as usize);
    if (load<u32>(nmk, NMK_SAID)) request(REQ_KTHREAD);
    return;
  }
  // Between the test above and the sleep queue, a kick is a wakeup that finds nobody (H4).
  msleep_point(load<u32>(nmk, NMK_COOKIE), P_NMK_SLEEP);
  const bound = load<u32>(MACHINE, M_SLEEP_BOUND);
  const deadline: u64 = bound == SB_ABSOLUTE ? now() + CALLOUT_TICK_NS : bound == SB_1S ? now() + 1000000000 : 0;
  store<u32>(nmk, 1, NMK_SLEPT);
  msleep(load<u32>(nmk, NMK_COOKIE), deadline, WM_NMK_EVENT);
  if (efd && sim_ld(efd)) unsleep(); // a descriptor remembers
  sim_st(nmk + NMK_LOCK, 0); // msleep gives the lock up once the thread is on the queue
}

/** nm_os_kthread_wakeup_worker: with the lock and the counter, so nothing is lost. */
export function nm_os_kthread_wakeup_worker(nmk: usize): void {
  lock_word(nmk + NMK_LOCK, P_NMK_WAKE_LOCK);
  sim_st(nmk + NMK_SCHEDULED, 1);
  store<u64>(nmk, load<u64>(nmk, NMK_STAT_SCHEDULED) + 1, NMK_STAT_SCHEDULED);
  wakeup_untold(load<u32>(nmk, NMK_COOKIE), P_NMK_WAKE);
  unlock_word(nmk + NMK_LOCK, P_NMK_WAKE_UNLOCK);
  tell(load<u32>(nmk, NMK_COOKIE)); // not before: the worker takes this lock first of all, and would spin on it
}

/** nm_os_kthread_send_irq: VM_LAPIC_MSI on the VM of the bhyve that created the worker. */
export function nm_os_kthread_send_irq(nmk: usize): void {
  charge(COST_MSI_KERNEL);
  store<u64>(nmk, load<u64>(nmk, NMK_STAT_IRQ) + 1, NMK_STAT_IRQ);
  if (!lapic_msi(load<u32>(nmk, NMK_VM), load<u64>(nmk, NMK_MSI_MSG), load<u64>(nmk, NMK_MSI_ADDR))) return;
  const errors = load<u64>(nmk, NMK_STAT_IRQ_ERR);
  store<u64>(nmk, errors + 1, NMK_STAT_IRQ_ERR);
  if (!errors) store<u32>(nmk, load<u32>(nmk, NMK_SAID) | NMK_SAYS_IRQ, NMK_SAID); // the first is logged, the others counted
}

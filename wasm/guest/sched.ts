// The guest kernel on its vCPU: interrupts, threads in turn, HLT when there is none. Mirrors the parts of
// kern/sched_ule.c and x86 idle that a one-CPU guest needs. Runs on the vCPU's thread block only.
// The control plane's half of the guest kernel gets the CPU by a request, like any other interrupt.

import {ACC_SLEEP, IDT_COUNT, IDT_FIRST, MACHINE, M_REQUESTS, REQ_GUEST, STAT_EXITS, STAT_HLT, STAT_INTR_TAKEN, TDS_DONE,
  TDS_RUN, TDS_SLEEP, TD_BODY, TD_DEADLINE, TD_NEXT, TD_SELPEND, TD_STATE, TD_STOP, TD_UPCALL, T_PEER, T_REQ, T_STATUS,
  TS_REQUEST, VCPU_CAPS, VCPU_CTL_DEADLINE, VCPU_CTL_PENDING, VCPU_IDT, VCPU_INTRCNT, VCPU_INTR_TIMER, VCPU_IRR, VCPU_NEXT_TD, VCPU_STAT_SWITCH, VCPU_TDS,
  VCPU_VM, VM_CAP_HALT_EXIT, WM_VMIDLE, ACC_PLAIN,
} from "../layout";
import { COST_EXIT_KERNEL, COST_INTR, P_VCPU_HLT, P_VCPU_SPIN, P_VCPU_TAKE_IRR } from "../points";
import { charge, curthread, drain, now, point, rmw_xchg, sim_add, sim_ld, sim_notify, sim_st } from "../sim/shared";
import { msleep, unsleep } from "../sim/sleepq";
import { stat } from "../net/mmu";
import { vtpci_kick_waiting } from "./if_vtnet";

/** Lab time of one look of a vCPU that stands in HLT inside the guest: it sees an interrupt so much late at most. */
const HALTED_NS: u32 = 10000;

function irr_pending(vcpu: usize): bool {
  for (let i: u32 = 0; i < 8; i++) if (sim_ld(vcpu + VCPU_IRR + i * 4)) return true;
  return false;
}

/** intrcnt of one source: only this vCPU counts. */
function count(at: usize): void { store<u64>(at, load<u64>(at) + 1); }

/** Takes every pending vector, lowest first, through the IDT. */
function take_interrupts(vcpu: usize): void {
  for (let w: u32 = 0; w < 8; w++) {
    if (!sim_ld(vcpu + VCPU_IRR + w * 4)) continue;
    let bits = rmw_xchg(vcpu + VCPU_IRR + w * 4, 0, P_VCPU_TAKE_IRR);
    while (bits) {
      const vector = w * 32 + ctz(bits);
      bits &= bits - 1;
      charge(COST_INTR);
      stat(load<u32>(vcpu, VCPU_VM), STAT_INTR_TAKEN);
      if (vector < IDT_FIRST || vector >= IDT_FIRST + IDT_COUNT) continue;
      count(vcpu + VCPU_INTRCNT + (vector - IDT_FIRST) * 8);
      const gate = vcpu + VCPU_IDT + (vector - IDT_FIRST) * 8;
      const fn = load<u32>(gate);
      if (fn) call_indirect<void>(fn, load<u32>(gate, 4) as usize);
    }
  }
}

/** Step build: the vCPU's interrupt context, a stack of its own; goes before any access of the vCPU. */
export function vcpu_intr(vcpu: usize): void {
  drain(load<u32>(curthread(), T_PEER)); // taking an interrupt serialises: what the CPU stored before is in memory
  take_interrupts(vcpu);
  msleep(vcpu as u32 + 1, 0, 0);
  if (irr_pending(vcpu)) unsleep();
}

/** One turn of the vCPU: interrupts, the control plane's work, one iteration of one thread, or HLT. */
export function vcpu_iterate(vcpu: usize): void {
  if (!isDefined(STEP) && irr_pending(vcpu)) take_interrupts(vcpu);
  if (vtpci_kick_waiting(vcpu)) return;
  const time = now(), ctl = load<u64>(vcpu, VCPU_CTL_DEADLINE);
  if (ctl && time >= ctl) count(vcpu + VCPU_INTR_TIMER);
  if (sim_ld(vcpu + VCPU_CTL_PENDING) || (ctl && time >= ctl)) {
    const t = curthread();
    store<u32>(t, REQ_GUEST, T_REQ);
    sim_st(t + T_STATUS, TS_REQUEST);
    sim_add(MACHINE + M_REQUESTS, 1);
    sim_notify(MACHINE + M_REQUESTS);
    return;
  }
  let deadline = ctl;
  const first: usize = load<u32>(vcpu, VCPU_TDS);
  let td: usize = load<u32>(vcpu, VCPU_NEXT_TD), run: usize = 0;
  if (!td) td = first;
  const start = td;
  while (td) {
    if (sim_ld(td + TD_STATE) == TDS_SLEEP) {
      const d = load<u64>(td, TD_DEADLINE);
      if (d && d <= time) count(vcpu + VCPU_INTR_TIMER);
      if (sim_ld(td + TD_SELPEND) || (d && d <= time)) sim_st(td + TD_STATE, TDS_RUN);
      else if (d && (!deadline || d < deadline)) deadline = d;
    }
    if (!run && sim_ld(td + TD_STATE) == TDS_RUN && !sim_ld(td + TD_STOP)) run = td;
    td = load<u32>(td, TD_NEXT);
    if (!td) td = first;
    if (td == start) break;
  }
  if (run) {
    store<u32>(vcpu, load<u32>(run, TD_NEXT), VCPU_NEXT_TD);
    store<u64>(vcpu, load<u64>(vcpu, VCPU_STAT_SWITCH) + 1, VCPU_STAT_SWITCH);
    call_indirect<void>(load<u32>(run, TD_BODY), run);
    if (sim_ld(run + TD_STATE) == TDS_DONE || load<u32>(run, TD_UPCALL)) sim_st(vcpu + VCPU_CTL_PENDING, 1);
    return;
  }
  if (!(load<u32>(vcpu, VCPU_CAPS) & (1 << VM_CAP_HALT_EXIT))) { // HLT is no exit: the vCPU's thread keeps its host CPU
    point(ACC_PLAIN, vcpu, HALTED_NS, P_VCPU_SPIN);
    return;
  }
  point(ACC_SLEEP, vcpu, COST_EXIT_KERNEL, P_VCPU_HLT);
  for (let t: usize = load<u32>(vcpu, VCPU_TDS); t; t = load<u32>(t, TD_NEXT)) // sti; hlt: an interrupt since then may have woken one
    if (sim_ld(t + TD_STATE) == TDS_RUN && !sim_ld(t + TD_STOP)) return;
  const vm: usize = load<u32>(vcpu, VCPU_VM);
  stat(vm, STAT_HLT);
  stat(vm, STAT_EXITS);
  msleep(vcpu as u32, deadline, WM_VMIDLE);
  if (irr_pending(vcpu) || sim_ld(vcpu + VCPU_CTL_PENDING)) unsleep();
}

/** The guest kernel's way to wake a thread: the vCPU's next turn finds it. */
export function guest_wakeup(td: usize): void { sim_st(td + TD_STATE, TDS_RUN); }

// Interrupt injection. Mirrors vmm_lapic.c: lapic_intr_msi (facts bhyve 5.5). An interrupt takes the vCPU's lock and
// is counted, so unlike a kick it cannot be lost: it is a bit in IRR, and the vCPU looks at IRR after going to sleep.

import {
  STAT_EXITS, STAT_EXTINT, STAT_INTR, T_STATUS, TS_READY, VCPU_BLOCK, VCPU_INTR_BLOCK, VCPU_IRR, VM_VCPU, TS_ASLEEP, T_VTIME, T_ID, TR_WOKE,
} from "../layout";
import { P_MSI_SET_IRR } from "../points";
import { curthread, now, recheck, rmw_or, sim_cas, sim_ld, trace_event } from "../sim/shared";
import { wake_block } from "../sim/sleepq";
import { stat } from "../net/mmu";

const MSI_RH: u32 = 8; // redirection hint
const MSI_DM: u32 = 4; // destination mode; logical only together with RH
const DEL_LOWPRIO: u32 = 1; // 0 fixed, 1 lowest priority: the others are not an interrupt of a vector
const LDR: u32 = 1; // logical id of vCPU 0 in the flat model
const BROADCAST: u32 = 0xff;

/** Whether an MSI is for vCPU 0, whose APIC id is 0: the only one. */
function for_vcpu0(addr: u32): bool {
  const dest = (addr >> 12) & 0xff;
  if (dest == BROADCAST) return true;
  return (addr & (MSI_RH | MSI_DM)) == (MSI_RH | MSI_DM) ? (dest & LDR) != 0 : dest == 0;
}

/**
 * lapic_intr_msi: 0, or -1 when the address is not a LAPIC's (0xFEExxxxx) or the vector none. One for another CPU, or with
 * another delivery mode than fixed and lowest priority, ends well and interrupts nobody.
 */
export function lapic_msi(vm: usize, msg: u64, addr: u64): i32 {
  if (((addr as u32) & 0xfff00000) != 0xfee00000) return -1;
  const vector = (msg as u32) & 0xff, vcpu: usize = load<u32>(vm, VM_VCPU);
  if (!vcpu || vector < 16) return -1;
  if (!for_vcpu0(addr as u32) || (((msg as u32) >> 8) & 7) > DEL_LOWPRIO) return 0;
  rmw_or(vcpu + VCPU_IRR + (vector >> 5) * 4, 1 << (vector & 31), P_MSI_SET_IRR);
  stat(vm, STAT_INTR);
  vcpu_notify_event(vm, vcpu);
  return 0;
}

/** vcpu_notify_event: running, an IPI makes it exit; in HLT, it is woken. */
export function vcpu_notify_event(vm: usize, vcpu: usize): void {
  const b: usize = load<u32>(vcpu, VCPU_BLOCK);
  if (sim_ld(b + T_STATUS) == TS_READY) { stat(vm, STAT_EXTINT); stat(vm, STAT_EXITS); }
  if (isDefined(STEP)) { // the interrupt context becomes ready; it goes before the vCPU's next access
    const intr: usize = load<u32>(vcpu, VCPU_INTR_BLOCK);
    if (sim_cas(intr + T_STATUS, TS_ASLEEP, TS_READY) == TS_ASLEEP) {
      if (load<u64>(intr, T_VTIME) < now()) store<u64>(intr, now(), T_VTIME);
      trace_event(TR_WOKE, curthread(), vcpu as u32, 0, load<u32>(intr, T_ID));
    }
    recheck();
  }
  wake_block(b, vcpu as u32, now());
}

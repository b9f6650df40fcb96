// Address translation. Address space 0 is the host's: addresses are pointers. Any other is a VM's map (EPT):
// a directory page of 4 MiB entries, each a table page of 4 KiB entries. An unmapped access is an EPT fault,
// counted and sent to a page that nobody owns, so that an untrusted guest harms nobody.

import {
  STAT_EPT_FAULT, STAT_EXITS, VM_EPT, VM_STAT, VM_UNMAPPED_COUNT, VM_UNMAPPED_GPA,
} from "../layout";
import { COST_EPT_FAULT } from "../points";
import { charge } from "../sim/shared";

const PTE_PRESENT: u32 = 1; // mapped by the control plane
const PTE_TOUCHED: u32 = 2; // the guest has taken its fault

/** Pointer to address `a` of address space `as`. */
export function va(as: usize, a: u32): usize {
  if (!as) return a;
  const table = load<u32>(load<u32>(as, VM_EPT) + ((a >> 22) << 2));
  if (!table) return unmapped(as, a);
  const pte = load<u32>(table + ((a >> 10) & 0xffc));
  if ((pte & 3) == 3) return (pte & 0xfffff000) | (a & 0xfff);
  return fault(as, a, table + ((a >> 10) & 0xffc));
}

function fault(vm: usize, a: u32, p: usize): usize {
  const pte = load<u32>(p);
  if (!(pte & PTE_PRESENT)) return unmapped(vm, a);
  store<u32>(p, pte | PTE_TOUCHED);
  stat(vm, STAT_EPT_FAULT);
  stat(vm, STAT_EXITS);
  charge(COST_EPT_FAULT);
  return (pte & 0xfffff000) | (a & 0xfff);
}

function unmapped(vm: usize, a: u32): usize {
  store<u32>(vm, a, VM_UNMAPPED_GPA);
  store<u64>(vm, load<u64>(vm, VM_UNMAPPED_COUNT) + 1, VM_UNMAPPED_COUNT);
  return 4096 + (a & 0xfff);
}

/** Bumps a counter of a VM. */
export function stat(vm: usize, i: u32): void {
  store<u64>(vm + VM_STAT + i * 8, load<u64>(vm + VM_STAT + i * 8) + 1);
}

// Port I/O exits. Mirrors vmm_ioport.c with the in-kernel register handlers of 2015 (facts 5A.6, bhyve 5.3): a trapped
// access that matches a handler ends here, with what the handler's type does; every other goes to bhyve in userspace.
// Types are ops. 2015 has KWEVENTS; CONDSIGNAL and FD were named in its report and never written: those are the lab's.

import {
  IOPORT_MAX_REG_HANDLER, IOREGH_ARG, IOREGH_DATA, IOREGH_IN, IOREGH_MASK, IOREGH_PORT, IOREGH_TYPE, REQ_INOUT,
  STAT_EXITS, STAT_INOUT, STAT_KICK_KERNEL, STAT_USERSPACE, STAT_WAKEUP_LOST, T_REQ_ARG, VM_IOREGH, VM_IOREGH_SIZE,
  EFD_COUNT, EFD_WCHAN, HZ_H4, MACHINE, M_DOORBELL, M_HAZARD_OFF, M_HAZARD_ON, M_NTHREADS, NMK_COOKIE, OPS, OP_REGH_KWEVENTS,
  OP_KTHREAD, THREADS, THREAD_SIZE, T_ARG, T_FN, VM_IO_REGH_DELETE,
} from "../layout";
import { COST_EXIT_KERNEL, COST_EXIT_USER, P_IO_WAKEUP, P_REGH_EFD_ADD, P_REGH_EFD_WAKE } from "../points";
import { charge, curthread, rmw_add } from "../sim/shared";
import { wakeup } from "../sim/sleepq";
import { stat } from "../net/mmu";
import { nm_os_kthread_wakeup_worker, request } from "./netmap_freebsd";

/** Matching handler of an access, or 0. Mask of the access size, mask 0 matches every value. */
export function vmm_ioreg_lookup(vm: usize, port: u32, is_in: u32, bytes: u32, val: u32): usize {
  const size: u32 = bytes == 1 ? 0xff : bytes == 2 ? 0xffff : 0xffffffff;
  for (let i: u32 = 0; i < IOPORT_MAX_REG_HANDLER; i++) {
    const h = vm + VM_IOREGH + i * VM_IOREGH_SIZE;
    if (load<u32>(h, IOREGH_TYPE) == VM_IO_REGH_DELETE) continue;
    if (load<u16>(h, IOREGH_PORT) != port || load<u16>(h, IOREGH_IN) != is_in) continue;
    const mask = load<u32>(h, IOREGH_MASK) & size;
    if ((val & mask) == (load<u32>(h, IOREGH_DATA) & mask)) return h;
  }
  return 0;
}

/** wakeup(9) and nothing else: lost when the worker is not yet on the sleep queue (H4). */
function bare(vm: usize, cookie: u32): void {
  if (!wakeup(cookie, P_IO_WAKEUP)) stat(vm, STAT_WAKEUP_LOST);
}

/** As a back-end's notify does it: the lock, the counter, the wake-up of every worker that waits on this channel. */
function counted(cookie: u32): void {
  const n = load<u32>(MACHINE, M_NTHREADS);
  for (let i: u32 = 0; i < n; i++) {
    const t: usize = THREADS + i * THREAD_SIZE, nmk: usize = load<u32>(t, T_ARG);
    if (load<u32>(t, T_FN) != load<u32>(OPS + OP_KTHREAD * 4) || load<u32>(nmk, NMK_COOKIE) != cookie) continue;
    nm_os_kthread_wakeup_worker(nmk);
  }
}

/** dev.lab.hazard.H4: 1, whatever the type, a bare wakeup; 0, never. */
function forced_bare(): bool { return (load<u32>(MACHINE, M_HAZARD_ON) & HZ_H4) != 0; }

/** VM_IO_REGH_KWEVENTS: wakeup(arg). */
export function regh_kwevents(vm: usize, arg: u32): void {
  if (load<u32>(MACHINE, M_DOORBELL) || (load<u32>(MACHINE, M_HAZARD_OFF) & HZ_H4)) counted(arg);
  else bare(vm, arg);
}
/** VM_IO_REGH_CONDSIGNAL (the lab's): a condition variable of the worker's; the count remembers. */
export function regh_condsignal(vm: usize, arg: u32): void {
  if (forced_bare()) bare(vm, arg);
  else counted(arg);
}
/** VM_IO_REGH_FD (the lab's): write(2) of 1 on a descriptor that counts; the worker reads it before it sleeps. */
export function regh_fd(vm: usize, arg: u32): void {
  const cookie = load<u32>(arg as usize, EFD_WCHAN);
  if (forced_bare()) { bare(vm, cookie); return; }
  rmw_add(arg as usize + EFD_COUNT, 1, P_REGH_EFD_ADD);
  wakeup(cookie, P_REGH_EFD_WAKE);
}

/** The exit of an OUT. Answers 1 when it was finished inside the kernel. */
export function vm_handle_inout(vm: usize, port: u32, bytes: u32, val: u32): u32 {
  stat(vm, STAT_EXITS);
  stat(vm, STAT_INOUT);
  charge(COST_EXIT_KERNEL);
  const h = vmm_ioreg_lookup(vm, port, 0, bytes, val);
  if (h) {
    stat(vm, STAT_KICK_KERNEL);
    const op = OP_REGH_KWEVENTS + (load<u32>(h, IOREGH_TYPE) & 0xff) - 1;
    call_indirect<void>(load<u32>(OPS + op * 4), vm, load<u32>(h, IOREGH_ARG));
    return 1;
  }
  stat(vm, STAT_USERSPACE);
  charge(COST_EXIT_USER);
  const t = curthread();
  store<u32>(t, port, T_REQ_ARG);
  store<u32>(t, bytes, T_REQ_ARG + 4);
  store<u32>(t, val, T_REQ_ARG + 8);
  request(REQ_INOUT);
  return 0;
}

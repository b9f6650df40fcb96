// Port I/O exits. Mirrors vmm_ioport.c with the in-kernel register handlers of 2015 (facts 5A.6, bhyve 5.3): a trapped
// OUT that matches a handler ends here with wakeup(arg); every other goes to bhyve in userspace.

import {
  IOPORT_MAX_REG_HANDLER, IOREGH_ARG, IOREGH_DATA, IOREGH_IN, IOREGH_MASK, IOREGH_PORT, IOREGH_TYPE, REQ_INOUT,
  STAT_EXITS, STAT_INOUT, STAT_KICK_KERNEL, STAT_USERSPACE, STAT_WAKEUP_LOST, T_REQ_ARG, VM_IOREGH, VM_IOREGH_SIZE,
  VM_IO_REGH_KWEVENTS, MACHINE, M_DOORBELL, M_NTHREADS, NMK_COOKIE, THREADS, THREAD_SIZE, TK_KTHREAD, T_ARG, T_KIND,
} from "../layout";
import { COST_EXIT_KERNEL, COST_EXIT_USER, P_IO_WAKEUP } from "../points";
import { charge, curthread } from "../sim/shared";
import { wakeup } from "../sim/sleepq";
import { stat } from "../net/mmu";
import { nm_os_kthread_wakeup_worker, request } from "./netmap_freebsd";

/** Matching handler of an access, or 0. Mask of the access size, mask 0 matches every value. */
export function vmm_ioreg_lookup(vm: usize, port: u32, is_in: u32, bytes: u32, val: u32): usize {
  const size: u32 = bytes == 1 ? 0xff : bytes == 2 ? 0xffff : 0xffffffff;
  for (let i: u32 = 0; i < IOPORT_MAX_REG_HANDLER; i++) {
    const h = vm + VM_IOREGH + i * VM_IOREGH_SIZE;
    if (load<u32>(h, IOREGH_TYPE) != VM_IO_REGH_KWEVENTS) continue;
    if (load<u16>(h, IOREGH_PORT) != port || load<u16>(h, IOREGH_IN) != is_in) continue;
    const mask = load<u32>(h, IOREGH_MASK) & size;
    if ((val & mask) == (load<u32>(h, IOREGH_DATA) & mask)) return h;
  }
  return 0;
}

/** The kick: in 2015 a bare wakeup(cookie), lost when the worker is not yet on the sleep queue. */
function doorbell(vm: usize, cookie: u32): void {
  if (load<u32>(MACHINE, M_DOORBELL)) { // ours: as a back-end's notify does it
    const n = load<u32>(MACHINE, M_NTHREADS);
    for (let i: u32 = 0; i < n; i++) {
      const t: usize = THREADS + i * THREAD_SIZE, nmk: usize = load<u32>(t, T_ARG);
      if (load<u32>(t, T_KIND) != TK_KTHREAD || load<u32>(nmk, NMK_COOKIE) != cookie) continue;
      nm_os_kthread_wakeup_worker(nmk);
    }
    return;
  }
  if (!wakeup(cookie, P_IO_WAKEUP)) stat(vm, STAT_WAKEUP_LOST);
}

/** The exit of an OUT. Answers 1 when it was finished inside the kernel. */
export function vm_handle_inout(vm: usize, port: u32, bytes: u32, val: u32): u32 {
  stat(vm, STAT_EXITS);
  stat(vm, STAT_INOUT);
  charge(COST_EXIT_KERNEL);
  const h = vmm_ioreg_lookup(vm, port, 0, bytes, val);
  if (h) {
    stat(vm, STAT_KICK_KERNEL);
    doorbell(vm, load<u32>(h, IOREGH_ARG));
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

// What of a machine is a state: everything that the threads change, but for statistics and time. What is not state is put
// back before each move, so that nothing can depend on it: a list that is too short costs states, one too long is noticed.

import * as L from '../../../wasm/layout.ts';
import type { World } from '../world.ts';

export interface NotState {
  /** Bytes that are statistics, [from, to). */
  ignore: [from: number, to: number][];
  /** u64 words of time: only whether they are set is a state. */
  times: number[];
}

/** Krings of every adapter of the host, and of every port of a guest in netmap mode, as host addresses. */
export function krings(w: World): { host: number[]; guest: number[] } {
  const host = w.tree.host.adapters.flatMap((a) => [...w.host.netmap.nas.krings(a.addr)]),
    guest: number[] = [];
  for (const vm of w.tree.host.vms)
    for (const v of w.tree.guests[vm.name]?.vtnets ?? []) {
      const na = v.page ? w.host.vmm.hostAddress(vm, v.page) : undefined;
      if (na !== undefined) guest.push(na + L.NA_KRINGS, na + L.NA_KRINGS + 2 * L.KR_SIZE);
    }
  return { host: [...new Set(host)].filter((k) => k !== 0), guest };
}

/** Threads of programs, as host addresses: their kernel's thread; of pkt-gen its own page too, else 0: what others keep there is theirs. */
export function programs(w: World): { td: number; targ: number }[] {
  const own = (procs: readonly { pid: number; prog: string }[], pid: number, targ: number) =>
      procs.some((p) => p.pid === pid && p.prog === 'pkt-gen') ? targ : 0,
    out = w.tree.host.threads.map((t) => ({ td: t.td, targ: own(w.tree.host.os.procs, t.pid, t.targ) }));
  for (const vm of w.tree.host.vms) {
    const at = (gpa: number) => w.host.vmm.hostAddress(vm, gpa) ?? 0,
      g = w.tree.guests[vm.name];
    for (const t of g?.threads ?? []) out.push({ td: at(t.td), targ: own(g?.os.procs ?? [], t.pid, at(t.targ)) });
  }
  return out.filter((t) => t.td !== 0);
}

/** Whether every program that sends will have sent all it is to send: what they have counted is a state then. */
export function finite(w: World): boolean {
  const { m } = w,
    sends = programs(w).filter(({ targ }) => targ && [L.PG_TX, L.PG_TXSEQ].includes(m.ld32(targ + L.TARG_FN)));
  return sends.length > 0 && sends.every(({ targ }) => m.ld64(targ + L.TARG_NPACKETS) !== 0);
}

/** Statistics and time of every structure that the data plane touches. */
export function notState(w: World): NotState {
  const {
      m,
      tree: { host },
    } = w,
    times: number[] = [],
    { MACHINE: M } = L,
    ignore: [number, number][] = [
      [M + L.M_CURTHREAD, M + L.M_NTHREADS],
      [M + L.M_CLOCK, M + L.M_PARK],
      [M + L.M_BUDGET, M + L.M_TSO],
      [M + L.M_VIOLATIONS, M + L.M_DRAIN_ANY],
      [M + L.M_CTL_DEADLINE, M + L.M_POLICY],
      [M + L.M_LAST_THREAD, M + L.M_FRAMES],
      [M + L.M_DONE_POINT, M + L.M_STOP_WATCH],
      [M + L.M_SIM_OPS, M + L.M_SIM_ON + 4],
    ];
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    times.push(t + L.T_DEADLINE);
    ignore.push(
      [t + L.T_VTIME, t + L.T_REASON],
      [t + L.T_SINCE, t + L.T_SB_COUNT],
      [t + L.T_STAT_ITER, t + L.T_PKIND],
      [t + L.T_STAT_SLEPT, t + L.T_KERN],
    );
  }
  const all = krings(w);
  for (const kr of [...all.host, ...all.guest])
    if (finite(w))
      ignore.push([kr + L.KR_STAT_SYNC, kr + L.KR_STAT_DROPS], [kr + L.KR_STAT_COPIES, kr + L.KR_NAME]); // what was dropped need not come
    else ignore.push([kr + L.KR_STAT_SYNC, kr + L.KR_NAME]);
  for (const { addr } of host.nics)
    ignore.push(
      [addr + L.NIC_TX_FREE, addr + L.NIC_CUR_Q],
      [addr + L.NIC_NEXT_INTR, addr + L.NIC_BACK_TO_BACK],
      [addr + L.NIC_STAT_GPTC, addr + L.NIC_STAT_DMA + 8],
    );
  for (const p of host.ptn) for (const k of [p.txKth, p.rxKth]) ignore.push([k + L.NMK_STAT_IRQ, k + L.NMK_SIZE]);
  for (const vm of host.vms) {
    ignore.push([vm.vm + L.VM_STAT, vm.vm + L.VM_STAT + L.STAT_COUNT * 8]);
    if (!vm.vcpu) continue;
    times.push(vm.vcpu + L.VCPU_CTL_DEADLINE);
    ignore.push(
      [vm.vcpu + L.VCPU_STAT_SWITCH, vm.vcpu + L.VCPU_STAT_SWITCH + 8],
      [vm.vcpu + L.VCPU_INTR_TIMER, vm.vcpu + L.VCPU_INTR_UART + 8],
      [vm.vcpu + L.VCPU_INTRCNT, vm.vcpu + L.VCPU_INTRCNT + L.IDT_COUNT * 8],
    );
  }
  for (const { td, targ } of programs(w)) {
    times.push(td + L.TD_DEADLINE, td + L.TD_POLL_DEADLINE);
    ignore.push([td + L.TD_POLL_DEADLINE + 8, td + L.TD_AS]);
    if (!targ) continue;
    ignore.push(
      [targ + (finite(w) ? L.TARG_EVENTS : L.TARG_COUNT), targ + L.TARG_LEN],
      [targ + L.TARG_LOST, targ + L.TARG_OPTIONS],
      [targ + L.TARG_NEXT_NS, targ + L.TARG_NEXT_NS + 8],
      [targ + L.TARG_LAST_PRINT, targ + L.TARG_LAST_PRINT + 8],
    );
  }
  return { ignore, times };
}

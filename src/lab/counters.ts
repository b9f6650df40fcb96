// Counters of every VM, port and worker, as groups of rows: what the page's panel shows and the runner prints.

import * as L from '../../wasm/layout.ts';
import type { BhyveState } from '../host/bhyve/ctx.ts';
import { VTNET_STATS, vtnetCounts, vtnetId } from '../host/bhyve/vtnet_stats.ts';
import { protocolOf } from '../host/kernel/hazards.ts';
import { PORT_STATS, portCounts, workerCounts } from '../net/totals.ts';
import type { NetmapFd } from '../host/kernel/tree.ts';
import type { CounterGroup } from './protocol.ts';
import { vtnetOf } from './view.ts';
import type { World } from './world.ts';

/** A port's counters, over all its rings. */
function allCounts(w: World, na: number): number[] {
  const { nas } = w.host.netmap,
    n = Math.max(nas.count(na, true), nas.count(na, false)) - 1;
  let sum: number[] = [];
  for (let i = 0; i < n; i++) {
    const of = (tx: boolean) => (i < nas.count(na, tx) - 1 ? nas.kring(na, tx, i) : 0),
      c = portCounts(w.m, of(true), of(false));
    sum = c.map((x, k) => x + (sum[k] ?? 0));
  }
  return sum;
}

/** H6: the port's kernel thread has faulted; a real host would be down. */
export const STOPPED_BY_LAB = 'dead: a kernel thread faulted on an index outside the ring (the host would have panicked)';

/** Counters of every VM, port and worker. */
export function counters(w: World): CounterGroup[] {
  const {
      m,
      tree: { host },
    } = w,
    out: CounterGroup[] = [];
  for (const vm of host.vms) {
    const s = (i: number) => m.ld64(vm.vm + L.VM_STAT + i * 8);
    out.push({
      id: `vm.${vm.name}`,
      title: `VM ${vm.name}`,
      side: 'shared',
      rows: [
        { name: 'protocol revision', value: protocolOf(m, vm), plain: true },
        { name: 'VM exits', value: s(L.STAT_EXITS) },
        { name: 'guest syncs', value: s(L.STAT_GUEST_SYNC) },
        { name: 'kicks sent', value: s(L.STAT_GUEST_KICK) },
        { name: 'kicks suppressed', value: s(L.STAT_GUEST_NOKICK) },
        { name: 'in/out exits', value: s(L.STAT_INOUT) },
        { name: 'kicks ended in vmm.ko', value: s(L.STAT_KICK_KERNEL) },
        { name: 'kicks that woke nobody', value: s(L.STAT_WAKEUP_LOST) },
        { name: 'exits to userspace', value: s(L.STAT_USERSPACE) },
        { name: 'QNOTIFY exits to userspace', value: s(L.STAT_QNOTIFY_USER) },
        { name: 'HLT exits', value: s(L.STAT_HLT) },
        { name: 'EPT faults', value: s(L.STAT_EPT_FAULT) },
        { name: 'interrupts injected', value: s(L.STAT_INTR) },
        { name: 'interrupts taken', value: s(L.STAT_INTR_TAKEN) },
        ...(m.ld64(vm.vm + L.VM_UNMAPPED_COUNT)
          ? [{ name: 'accesses to unmapped memory', value: m.ld64(vm.vm + L.VM_UNMAPPED_COUNT) }]
          : []),
      ],
    });
  }
  // virtio-net functions, those of a bhyve that has ended with what they had counted
  const nets = new Map<string, number[]>(Object.entries(host.vtnetTotals ?? {}));
  for (const vm of host.vms) {
    const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined;
    for (const f of st?.pci.functions ?? []) {
      if (f.emul !== 'virtio-net' || !f.page) continue;
      const id = vtnetId(vm.name, f),
        before = nets.get(id),
        counts = vtnetCounts(m, f.page).map((n, i) => n + (before?.[i] ?? 0));
      if (before || counts.some((n) => n)) nets.set(id, counts);
    }
  }
  for (const [id, counts] of nets)
    out.push({
      id: `vtnet.${id}`,
      title: `virtio-net ${id}`,
      side: 'host',
      rows: [...VTNET_STATS, ...((counts.at(-1) ?? 0) ? ['chains in disorder'] : [])].map((name, i) => ({ name, value: counts[i] ?? 0 })),
    });
  // Every port that was ever open, by name; a closed one keeps what it had counted.
  const ports = new Map<string, { counts: number[]; fd?: NetmapFd }>();
  for (const [name, counts] of Object.entries(host.portTotals)) ports.set(name, { counts });
  for (const a of host.adapters) {
    const fd = host.fds.find((f) => f.na === a.addr && f.ptnetmap) ?? host.fds.find((f) => f.na === a.addr);
    const counts = allCounts(w, a.addr);
    const before = ports.get(a.name)?.counts;
    ports.set(a.name, { counts: counts.map((n, i) => n + (before?.[i] ?? 0)), ...(fd ? { fd } : {}) });
  }
  for (const [name, { counts, fd }] of ports) {
    if (!fd && counts.every((n) => n === 0)) continue; // never used: the parent of a pipe, an end that nobody opened
    const v = fd?.ptnetmap ? vtnetOf(w, fd.id) : undefined,
      rows = [] as CounterGroup['rows'];
    for (const [dir, first, gkr] of [
      ['TX', 0, v?.open ? v.tx : 0],
      ['RX', PORT_STATS.length, v?.open ? v.rx : 0],
    ] as const) {
      PORT_STATS.forEach(([stat, o], i) => {
        if (dir === 'RX' || (o !== L.KR_STAT_COPIES && o !== L.KR_STAT_DROPS))
          rows.push({ name: `${dir} ${stat}`, value: counts[first + i] ?? 0 });
      });
      if (gkr)
        rows.push(
          { name: `${dir} guest syncs`, value: m.ld64(gkr + L.KR_STAT_SYNC) },
          { name: `${dir} guest packets`, value: m.ld64(gkr + L.KR_STAT_PACKETS) },
          { name: `${dir} kicks sent`, value: m.ld64(gkr + L.KR_STAT_KICK) },
          { name: `${dir} kicks suppressed`, value: m.ld64(gkr + L.KR_STAT_NOKICK) },
        );
    }
    const ptn = host.ptn.find((p) => p.fd === fd?.id);
    if (fd?.faulted || (ptn && !ptn.stopping && m.ld32(ptn.pts + L.PTN_STOPPED))) rows.push({ name: STOPPED_BY_LAB, value: 1 });
    const title = fd?.ptnetmap ? `${name}-PTN` : name;
    out.push({
      id: `port.${title}`,
      title: `Port ${title}${v ? ` (${v.name})` : fd ? '' : ' (closed)'}`,
      side: fd?.ptnetmap ? 'shared' : 'host',
      rows,
    });
  }
  const workers = new Map<string, number[]>(Object.entries(host.workerTotals));
  for (const p of host.ptn) {
    const name = host.fds.find((f) => f.id === p.fd)?.name ?? '';
    for (const [n, k, b] of [
      [0, p.rxKth, p.rxBlock],
      [1, p.txKth, p.txBlock],
    ] as const) {
      const key = `nm-kthread-${n} ${name}`;
      const before = workers.get(key);
      workers.set(
        key,
        workerCounts(m, k, b).map((x, i) => x + (before?.[i] ?? 0)),
      );
    }
  }
  for (const [key, counts] of workers)
    out.push({
      id: `thread.${key.replace(' ', '.')}`,
      title: key,
      side: 'host',
      rows: [
        'worker runs',
        'interrupts sent',
        'interrupts not wanted',
        'sleeps',
        'ended by the bound',
        'runs that found the kring busy',
        'interrupts refused',
      ].map((n, i) => ({
        name: n,
        value: counts[i] ?? 0,
      })),
    });
  return out;
}

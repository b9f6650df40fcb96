// What the page is shown of the machine: one plain object made from memory and tree, between steps. Names are the real
// ones; nothing here decides anything.

import * as L from '../../wasm/layout.ts';
import points from '../../build/points.json' with { type: 'json' };
import type { BhyveState } from '../host/bhyve/ctx.ts';
import { ACCESS, about, did, pointOf } from '../sim/points.ts';
import type { NetmapFd } from '../host/kernel/tree.ts';
import { PORT_STATS, portCounts, workerCounts } from '../host/kernel/totals.ts';
import type { Access, CounterGroup, CsbView, Field, LabState, NextAccess, RingRef, ThreadView, VmView } from './protocol.ts';
import type { World } from './world.ts';

export const WHERE = new Map((points as { number: number; file: string; line: number }[]).map((p) => [p.number, p]));
const WMESG = ['', 'select', 'nmk_event', 'vmidle', 'nanslp'];
const hex = (n: number) => `0x${n.toString(16)}`;

interface Named {
  name: string;
  side: 'guest' | 'host';
  role: string;
}

/** Who a thread block is. */
export function nameOf(w: World, block: number): Named {
  const {
      m,
      tree: { host },
    } = w,
    kind = m.ld32(block + L.T_KIND);
  if (kind === L.TK_VCPU || kind === L.TK_INTR) {
    const vm = host.vms.find((v) => v.block === block || v.intr === block),
      many = host.vms.length > 1 ? ` of ${vm?.name ?? ''}` : '';
    return kind === L.TK_VCPU
      ? { name: `vCPU 0${many}`, side: 'guest', role: `runs the guest kernel and its programs (bhyve's thread "vcpu 0")` }
      : { name: `vCPU 0 interrupt${many}`, side: 'guest', role: 'takes interrupts before any other access of vCPU 0' };
  }
  const ptn = host.ptn.find((p) => p.txBlock === block || p.rxBlock === block);
  if (ptn) {
    const fd = host.fds.find((f) => f.id === ptn.fd),
      tx = ptn.txBlock === block,
      several = host.ptn.length > 1;
    return {
      name: `nm-kthread-${tx ? 1 : 0}${several ? ` ${fd?.name ?? ''}` : ''}`,
      side: 'host',
      role: `runs ${tx ? 'txsync' : 'rxsync'} of ${fd?.name ?? 'a port'} for the guest`,
    };
  }
  const kernel = host.ifs.find((i) => i.block === block)?.name;
  if (kernel) return { name: kernel, side: 'host', role: 'a 1G NIC and its wire' };
  if (block === host.net.isr) return { name: 'netisr', side: 'host', role: "runs the input of the host's network stack" };
  if (block === host.net.clock) return { name: 'clock', side: 'host', role: 'runs timers: receive mitigation of emulated ports' };
  const th = host.threads.find((t) => t.block === block),
    p = host.os.procs.find((x) => x.pid === th?.pid);
  return {
    name: p ? `${p.argv[0]} ${p.pid}` : `thread ${m.ld32(block + L.T_ID)}`,
    side: 'host',
    role: p ? p.argv.join(' ') : 'a program of the host',
  };
}

function nextOf(w: World, t: number): NextAccess | undefined {
  const { m } = w,
    n = m.ld32(t + L.T_POINT),
    p = pointOf(n),
    at = WHERE.get(n);
  if (!n || !p || !at) return undefined;
  const kind = ACCESS[m.ld32(t + L.T_PKIND)] as Access,
    addr = m.ld32(t + L.T_PADDR),
    value = kind === 'fence' || kind === 'sleep' || kind === 'plain' ? 0 : buffered(w, t, addr),
    store = m.ld32(t + L.T_PVAL);
  return {
    point: n,
    kind,
    phrase: about(kind, p, value, store),
    addr,
    value,
    ...(kind === 'st' ? { store } : {}),
    file: at.file,
    line: at.line,
    fn: p.fn,
  };
}

/** What a thread would read at an address: its own pending stores first. */
function buffered(w: World, t: number, addr: number): number {
  const { m } = w;
  for (let i = m.ld32(t + L.T_SB_COUNT) - 1; i >= 0; i--) if (m.ld32(t + L.T_SB + i * 8) === addr) return m.ld32(t + L.T_SB + i * 8 + 4);
  return m.ld32(addr & ~3);
}

function state(w: World, t: number, freeRun: boolean): ThreadView['state'] {
  const { m } = w;
  switch (m.status(t)) {
    case L.TS_READY:
      return freeRun ? 'running' : 'ready';
    case L.TS_ASLEEP:
      return 'asleep';
    case L.TS_BLOCKED:
      return 'blocked';
    case L.TS_REQUEST:
      return 'waiting';
    default:
      return 'dead';
  }
}

export function threads(w: World, freeRun: boolean): ThreadView[] {
  const { m } = w,
    out: ThreadView[] = [];
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i),
      s = m.status(t);
    if (s === L.TS_FREE) continue;
    const idleIntr = m.ld32(t + L.T_KIND) === L.TK_INTR && s === L.TS_ASLEEP;
    if (idleIntr) continue;
    const named = nameOf(w, t),
      next = freeRun ? undefined : nextOf(w, t),
      wmesg = WMESG[m.ld32(t + L.T_WMESG)] || 'bhyve';
    const deadline = m.ld64(t + L.T_DEADLINE);
    out.push({
      id: i,
      ...named,
      state: state(w, t, freeRun),
      vtimeNs: m.ld64(t + L.T_VTIME),
      runnable: !freeRun && m.wasm.runnable(t) !== 0,
      ...(s === L.TS_ASLEEP
        ? { wchan: hex(m.ld32(t + L.T_WCHAN)), wmesg, sinceNs: m.ld64(t + L.T_SINCE), ...(deadline ? { deadlineNs: deadline } : {}) }
        : {}),
      ...(s === L.TS_BLOCKED ? { wchan: hex(m.ld32(t + L.T_LOCK)), wmesg: 'lock' } : {}),
      ...(next ? { next } : {}),
      storeBuffer: Array.from({ length: m.ld32(t + L.T_SB_COUNT) }, (_, k) => ({
        word: hex(m.ld32(t + L.T_SB + k * 8)),
        value: m.ld32(t + L.T_SB + k * 8 + 4),
      })),
    });
  }
  return out;
}

/** The last step as a sentence, with the word that it touched. */
export function lastStep(w: World): { sentence: string; touched?: LabState['touched'] } {
  const { m } = w;
  const p = pointOf(m.ld32(L.MACHINE + L.M_DONE_POINT));
  if (!p) return { sentence: w.acted };
  const t = m.ld32(L.MACHINE + L.M_DONE_THREAD);
  const named = nameOf(w, t);
  const kind = ACCESS[m.ld32(L.MACHINE + L.M_DONE_KIND)] as Access;
  const value = m.ld32(L.MACHINE + L.M_DONE_VAL);
  return {
    sentence: `${named.name} ${did(kind, p, value, value)}.`,
    touched: { addr: m.ld32(L.MACHINE + L.M_DONE_ADDR), kind, thread: m.ld32(t + L.T_ID), side: named.side },
  };
}

/** Rings that somebody has open, passthrough ports first. */
export function rings(w: World): RingRef[] {
  const {
      m,
      tree: { host },
    } = w,
    out: RingRef[] = [],
    seen = new Set<number>();
  for (const fd of [...host.fds].sort((a, b) => Number(b.ptnetmap) - Number(a.ptnetmap))) {
    if (seen.has(fd.na)) continue;
    seen.add(fd.na);
    const vt = vtnetOf(w, fd.id),
      base = m.ld32(m.ld32(fd.na + L.NA_MEM) + L.MEM_BASE);
    for (const tx of [true, false]) {
      const kr = tx ? fd.tx : fd.rx,
        ring = m.ld32(kr + L.KR_RING);
      if (!ring) continue;
      out.push({
        id: `${fd.name}.${tx ? 'tx' : 'rx'}`,
        title: `${tx ? 'TX' : 'RX'} ring 0 of ${vt ? `${vt.name} (${fd.name})` : fd.name}`,
        port: vt?.name ?? fd.name,
        dir: tx ? 'TX' : 'RX',
        slots: Math.min(m.ld32(kr + L.KR_NUM_SLOTS), 16_384),
        user: fd.ptnetmap ? 'guest' : 'host',
        ringAddr: ring,
        hostKring: kr,
        guestKring: vt?.open ? (tx ? vt.tx : vt.rx) : 0,
        csbRing: vt?.open ? vt.csb + (tx ? L.CSB_TX_RING : L.CSB_RX_RING) : 0,
        guestAddress: vt?.bar ? hex(vt.bar + ring - base) : '',
        hostAddress: hex(ring),
      });
    }
  }
  return out;
}

interface VtnetView {
  name: string;
  csb: number;
  csbGpa: number;
  tx: number;
  rx: number;
  bar: number;
  open: boolean;
}

/** The guest's interface behind a passthrough descriptor. */
function vtnetOf(w: World, fd: number): VtnetView | undefined {
  const { m, tree } = w;
  for (const p of tree.host.os.procs) {
    if (p.prog !== 'bhyve') continue;
    const st = p.st as BhyveState,
      key = Object.entries(st.backends ?? {}).find(([, b]) => b.fd === fd)?.[0];
    if (!key) continue;
    const f = st.pci.functions.find((x) => `${x.bus}:${x.slot}:${x.func}` === key),
      guest = tree.guests[st.vmname],
      vm = tree.host.vms.find((v) => v.name === st.vmname);
    const sc = guest?.vtnets.find((v) => v.iobase === f?.bars[0]?.addr);
    if (!sc || !vm || !sc.page) return undefined;
    const na = w.host.vmm.hostAddress(vm, sc.page) ?? 0,
      csb = w.host.vmm.hostAddress(vm, sc.csb) ?? 0;
    const memdev = guest?.memdevs.find((d) => d.id === sc.hostMemId);
    return {
      name: sc.name,
      csb,
      csbGpa: sc.csb,
      tx: na + L.NA_KRINGS,
      rx: na + L.NA_KRINGS + 2 * L.KR_SIZE,
      bar: memdev?.bar ?? 0,
      open: sc.users > 0 && m.ld32(na + L.NA_KRINGS + L.KR_RING) !== 0,
    };
  }
  return undefined;
}

const CSB_FIELDS: [string, number, 'guest' | 'host', string?][] = [
  ['guest_need_txkick', L.CSB_GUEST_NEED_TXKICK, 'guest', 'in 2015 the host clears it before it interrupts'],
  ['guest_need_rxkick', L.CSB_GUEST_NEED_RXKICK, 'guest', 'in 2015 the host clears it before it interrupts'],
  ['guest_csb_on', L.CSB_GUEST_CSB_ON, 'guest'],
  ['tx_ring.head', L.CSB_TX_RING + L.PTR_HEAD, 'guest'],
  ['tx_ring.cur', L.CSB_TX_RING + L.PTR_CUR, 'guest'],
  ['tx_ring.sync_flags', L.CSB_TX_RING + L.PTR_SYNC_FLAGS, 'guest'],
  ['rx_ring.head', L.CSB_RX_RING + L.PTR_HEAD, 'guest'],
  ['rx_ring.cur', L.CSB_RX_RING + L.PTR_CUR, 'guest'],
  ['rx_ring.sync_flags', L.CSB_RX_RING + L.PTR_SYNC_FLAGS, 'guest'],
  ['host_need_txkick', L.CSB_HOST_NEED_TXKICK, 'host'],
  ['host_need_rxkick', L.CSB_HOST_NEED_RXKICK, 'host'],
  ['tx_ring.hwcur', L.CSB_TX_RING + L.PTR_HWCUR, 'host'],
  ['tx_ring.hwtail', L.CSB_TX_RING + L.PTR_HWTAIL, 'host'],
  ['rx_ring.hwcur', L.CSB_RX_RING + L.PTR_HWCUR, 'host'],
  ['rx_ring.hwtail', L.CSB_RX_RING + L.PTR_HWTAIL, 'host'],
  ['nifp_offset', L.CSB_NIFP_OFFSET, 'host'],
];

export function csbs(w: World): CsbView[] {
  return w.tree.host.fds
    .filter((f) => f.ptnetmap)
    .flatMap((fd) => {
      const v = vtnetOf(w, fd.id);
      if (!v?.csb) return [];
      const fields: Field[] = CSB_FIELDS.map(([name, o, owner, note]) => ({
        name,
        owner,
        addr: v.csb + o,
        value: w.m.ld32(v.csb + o),
        ...(note ? { note } : {}),
      }));
      return [{ id: fd.name, title: `CSB of ${v.name}`, guestAddress: hex(v.csbGpa), hostAddress: hex(v.csb), fields }];
    });
}

/** Counters of every VM, port and worker. */
/** The lab's answer to H6, where 2015 runs past the ring. */
export const STOPPED_BY_LAB = 'stopped: the guest gave an index outside the ring';

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
  // Every port that was ever open, by name; a closed one keeps what it had counted.
  const ports = new Map<string, { counts: number[]; fd?: NetmapFd }>();
  for (const [name, counts] of Object.entries(host.portTotals)) ports.set(name, { counts });
  for (const a of host.adapters) {
    const fd = host.fds.find((f) => f.na === a.addr && f.ptnetmap) ?? host.fds.find((f) => f.na === a.addr);
    const counts = portCounts(m, m.ld32(a.addr + L.NA_TX_RINGS), m.ld32(a.addr + L.NA_RX_RINGS));
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
    if (ptn && !ptn.stopping && m.ld32(ptn.pts + L.PTN_STOPPED)) rows.push({ name: STOPPED_BY_LAB, value: 1 });
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
      rows: ['worker runs', 'interrupts sent', 'interrupts not wanted', 'sleeps', 'ended by the bound'].map((n, i) => ({
        name: n,
        value: counts[i] ?? 0,
      })),
    });
  return out;
}

export function vms(w: World): VmView[] {
  return w.tree.host.vms.map((v) => ({ name: v.name, state: v.block ? 'running' : 'loaded', prompt: w.guestAtPrompt(v.name) }));
}

/** Why nothing can ever happen again although work waits; undefined when nothing waits. */
export function stuck(w: World): string | undefined {
  const {
      m,
      tree: { host },
    } = w,
    parts: string[] = [];
  for (const p of host.ptn) {
    const fd = host.fds.find((f) => f.id === p.fd),
      csb = m.ld32(p.pts + L.PTN_CSB),
      n = fd ? m.ld32(fd.tx + L.KR_NUM_SLOTS) : 1;
    if (!fd) continue;
    const pending = (m.ld32(csb + L.CSB_TX_RING + L.PTR_HEAD) - m.ld32(fd.tx + L.KR_NR_HWCUR) + n) % n;
    if (pending && m.status(p.txBlock) === L.TS_ASLEEP)
      parts.push(`nm-kthread-1 of ${fd.name} sleeps on nmk_event while ${pending} packets wait in its TX ring`);
  }
  return parts.length ? `${parts.join('; ')}.` : undefined;
}

// What the page is shown of the machine: one plain object made from memory and tree, between steps. Names are the real
// ones; nothing here decides anything.

import * as L from '../../wasm/layout.ts';
import { WMESG } from '../sim/wmesg.ts';
import points from '../../build/points.json' with { type: 'json' };
import type { BhyveState } from '../host/bhyve/ctx.ts';
import { ACCESS, about, did, pointOf } from '../sim/points.ts';
import type { Access, CsbView, Field, LabState, NextAccess, RingRef, ThreadView, VmView } from './protocol.ts';
import type { World } from './world.ts';

export const WHERE = new Map((points as { number: number; file: string; line: number }[]).map((p) => [p.number, p]));
const hex = (n: number) => `0x${n.toString(16)}`;

interface Named {
  name: string;
  side: 'guest' | 'host';
  role: string;
}

/** bhyve's threads by the beginning of their names. */
const ROLES = [
  ['mevent', "bhyve's main thread: kevent for what comes on taps"],
  ['vtnet-', "takes chains from the guest's TX queue and copies them to the back-end"],
  ['netmap-evloop-', "polls the port and copies what comes into the guest's RX queue; asleep for ever when the port is passed through"],
] as const;

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
  const nic = host.nics.find((n) => n.block === block || n.ithread === block);
  if (nic)
    return nic.block === block
      ? { name: `${nic.name} hardware`, side: 'host', role: `moves frames between the descriptors of ${nic.name} and the wire` }
      : { name: `irq ${nic.name}`, side: 'host', role: `the interrupt thread of ${nic.name}` };
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
  if (th?.name !== undefined) {
    const vm = p && host.vms.length > 1 ? ` of ${(p.st as BhyveState).vmname}` : '';
    return { name: `${th.name}${vm}`, side: 'host', role: ROLES.find(([start]) => th.name?.startsWith(start))?.[1] ?? 'a thread of bhyve' };
  }
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
      wmesg = WMESG[m.ld32(t + L.T_WMESG)] ?? '';
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

/** Rings that somebody has open, passthrough ports first; then those of interfaces that a switch has. */
export function rings(w: World): RingRef[] {
  const {
      m,
      tree: { host },
    } = w,
    out: RingRef[] = [],
    seen = new Set<number>();
  const open = [...host.fds].sort((a, b) => Number(b.ptnetmap) - Number(a.ptnetmap));
  const taken = host.adapters.filter((a) => a.busy && a.kind !== 'bwrap');
  for (const { na, name, ptnetmap, id } of [...open, ...taken.map((a) => ({ na: a.addr, name: a.name, ptnetmap: false, id: 0 }))]) {
    if (seen.has(na)) continue;
    seen.add(na);
    const vt = id ? vtnetOf(w, id) : undefined,
      base = m.ld32(m.ld32(na + L.NA_MEM) + L.MEM_BASE);
    for (const kr of w.host.netmap.nas.krings(na)) {
      const ring = m.ld32(kr + L.KR_RING),
        tx = m.ld32(kr + L.KR_TX) === L.NR_TX,
        i = m.ld32(kr + L.KR_RING_ID),
        stack = i === m.ld32(na + (tx ? L.NA_NUM_TX_RINGS : L.NA_NUM_RX_RINGS));
      if (!ring || m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING) continue;
      const dir = tx ? 'TX' : 'RX',
        first = i === 0;
      out.push({
        id: `${name}.${dir.toLowerCase()}${stack ? 'h' : i || ''}`,
        title: `${stack ? `host ${dir} ring` : `${dir} ring ${i}`} of ${vt ? `${vt.name} (${name})` : name}`,
        port: vt?.name ?? name,
        dir,
        slots: Math.min(m.ld32(kr + L.KR_NUM_SLOTS), 16_384),
        user: ptnetmap ? 'guest' : 'host',
        ringAddr: ring,
        hostKring: kr,
        guestKring: vt?.open && first ? (tx ? vt.tx : vt.rx) : 0,
        csbRing: vt?.open && first ? vt.csb + (tx ? L.CSB_TX_RING : L.CSB_RX_RING) : 0,
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
export function vtnetOf(w: World, fd: number): VtnetView | undefined {
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
  ['guest_need_txkick', L.CSB_GUEST_NEED_TXKICK, 'guest', 'the host clears it before it interrupts (2015)'],
  ['guest_need_rxkick', L.CSB_GUEST_NEED_RXKICK, 'guest', 'the host clears it before it interrupts (2015)'],
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
      const pts = w.tree.host.ptn.find((p) => p.fd === fd.id)?.pts ?? 0,
        early = pts !== 0 && w.m.ld32(pts + L.PTN_REV) === L.PROTOCOL_2015;
      const fields: Field[] = CSB_FIELDS.map(([name, o, owner, note]) => ({
        name,
        owner,
        addr: v.csb + o,
        value: w.m.ld32(v.csb + o),
        ...(note && early ? { note, cleared: true as const } : {}),
      }));
      return [{ id: fd.name, title: `CSB of ${v.name}`, guestAddress: hex(v.csbGpa), hostAddress: hex(v.csb), fields }];
    });
}

export function vms(w: World): VmView[] {
  return w.tree.host.vms.map((v) => ({ name: v.name, state: v.block ? 'running' : 'loaded', prompt: w.guestAtPrompt(v.name) }));
}

/** Programs of a guest that sleep in poll although the CSB has what they wait for (H3). */
function asleepInGuest(w: World, csb: number, v: VtnetView): string[] {
  const { m, tree } = w;
  return tree.host.vms.flatMap((vm) =>
    (tree.guests[vm.name]?.threads ?? []).flatMap((th) => {
      const td = w.host.vmm.hostAddress(vm, th.td) ?? 0,
        halted = vm.block && m.status(vm.block) === L.TS_ASLEEP;
      if (!halted || m.ld32(td + L.TD_TX) !== v.tx || m.ld32(td + L.TD_STATE) !== L.TDS_SLEEP || m.ld32(td + L.TD_SELPEND)) return [];
      if (m.ld32(td + L.TD_WMESG) !== L.WM_SELECT) return [];
      const of = (kr: number, ring: number) => {
        const n = m.ld32(kr + L.KR_NUM_SLOTS) || 1,
          seen = m.ld32(kr + L.KR_NR_HWTAIL);
        return seen === m.ld32(kr + L.KR_RCUR) ? (m.ld32(csb + ring + L.PTR_HWTAIL) - seen + n) % n : 0;
      };
      const room = of(v.tx, L.CSB_TX_RING),
        came = of(v.rx, L.CSB_RX_RING);
      return [
        ...(room ? [`a program of ${vm.name} sleeps in poll while ${room} slots of ${v.name}'s TX ring have become free`] : []),
        ...(came ? [`a program of ${vm.name} sleeps in poll while ${came} packets wait in ${v.name}'s RX ring`] : []),
      ];
    }),
  );
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
    const v = vtnetOf(w, fd.id);
    if (v?.open) parts.push(...asleepInGuest(w, csb, v));
  }
  return parts.length ? `${parts.join('; ')}.` : undefined;
}

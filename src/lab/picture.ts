// The machine as a picture: its ports with what is on both sides of them, read from memory and tree, between steps. Nothing
// here decides anything, and nothing is remembered: what is counted since REGIF has its beginning in the port's own state.

import * as L from '../../wasm/layout.ts';
import { type BhyveState, slotKey } from '../host/bhyve/ctx.ts';
import { vtnetCounts } from '../host/bhyve/vtnet_stats.ts';
import type { PciFunction } from '../host/bhyve/pci_emul.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import type { AdapterEntry } from '../net/tree.ts';
import type { Lab } from './lab.ts';
import type {
  BackendKind,
  PictureCounts,
  PictureEnd,
  PictureMemory,
  PictureNic,
  PicturePort,
  PictureProgram,
  PictureQueue,
  PictureRing,
  PictureView,
} from './picture_view.ts';
import type { RingRef } from './protocol.ts';
import { sampleRing } from './sample.ts';
import { strip } from './trace_view.ts';
import { rings, vtnetOf } from './view.ts';
import type { World } from './world.ts';

const hex = (n: number) => `0x${n.toString(16)}`;
const zero = (): PictureCounts => ({
  tx: 0,
  rx: 0,
  bytes: 0,
  guestSyncs: 0,
  hostSyncs: 0,
  kicks: 0,
  suppressed: 0,
  kernelExits: 0,
  bhyveExits: 0,
  otherExits: 0,
  interrupts: 0,
  ferried: 0,
  switched: 0,
  systemCalls: 0,
});

const threadOf = (w: World, block: number): number => (block ? w.m.ld32(block + L.T_ID) : -1);
const adapterOf = (w: World, na: number): AdapterEntry | undefined => w.tree.host.adapters.find((a) => a.addr === na);

/** Programs of the host that have a port open, but bhyve. */
function hostPrograms(w: World, name: string): PictureProgram[] {
  const { host } = w.tree,
    pids = new Set(host.fds.filter((f) => f.name === name).map((f) => f.pid));
  return host.os.procs.filter((p) => pids.has(p.pid) && p.prog !== 'bhyve').map((p) => ({ pid: p.pid, line: p.argv.join(' ') }));
}

/** The VM whose bhyve has a port open, '': none. */
function vmOfPort(w: World, name: string): string {
  const { host } = w.tree;
  for (const p of host.os.procs) {
    if (p.prog !== 'bhyve') continue;
    const st = p.st as BhyveState;
    if (
      Object.values(st.backends ?? {}).some((b) => {
        const fd = b.fd && host.fds.find((f) => f.id === b.fd);
        return fd && adapterOf(w, fd.na)?.name === name;
      })
    )
      return st.vmname;
  }
  return '';
}

function look(w: World, ref: RingRef): PictureRing {
  return { id: ref.id, dir: ref.dir, sample: sampleRing(w.m.u32, ref, 0) };
}

function memoryOf(w: World, na: number, bar: number): PictureMemory | undefined {
  const { m } = w,
    mem = na ? m.ld32(na + L.NA_MEM) : 0;
  if (!mem) return undefined;
  const pool = mem + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE,
    buffers = m.ld32(pool + L.POOL_OBJTOTAL);
  return {
    id: m.ld32(mem + L.MEM_ID) & 0xffff,
    bytes: m.ld32(mem + L.MEM_TOTALSIZE),
    buffers,
    bufferBytes: m.ld32(pool + L.POOL_OBJSIZE),
    taken: buffers - m.ld32(pool + L.POOL_OBJFREE),
    guestAddress: bar ? hex(bar) : '',
    hostAddress: hex(m.ld32(mem + L.MEM_BASE)),
  };
}

function nicOf(w: World, name: string): PictureNic | undefined {
  const { m } = w,
    n = w.tree.host.nics.find((x) => x.name === name);
  if (!n) return undefined;
  const q = n.addr + L.NIC_Q;
  return {
    name,
    tdh: m.ld32(q + L.NICQ_TDH),
    tdt: m.ld32(q + L.NICQ_TDT),
    rdh: m.ld32(q + L.NICQ_RDH),
    rdt: m.ld32(q + L.NICQ_RDT),
    sent: m.ld64(n.addr + L.NIC_STAT_GPTC),
    received: m.ld64(n.addr + L.NIC_STAT_GPRC),
  };
}

/** What is behind a port of the host's: the switch with its other ports, the pipe's other end, a NIC, a tap's bridge. */
function behind(w: World, name: string, refs: RingRef[]): Pick<PicturePort, 'kind' | 'switch' | 'ends' | 'peerRings' | 'nic'> {
  const { host } = w.tree,
    a = host.adapters.find((x) => x.name === name),
    end = (n: string): PictureEnd => ({ name: n, vm: vmOfPort(w, n), programs: hostPrograms(w, n) }),
    none = { switch: '', ends: [], peerRings: [] };
  if (a?.kind === 'vale' || a?.bridge) {
    const bridge = a.bridge ?? '',
      others = host.adapters.filter((x) => x.bridge === bridge && x !== a && x.kind !== 'monitor');
    const nics = others.map((o) => nicOf(w, o.ifname ?? '')).filter((n) => n !== undefined);
    return { ...none, kind: 'vale', switch: bridge, ends: others.map((o) => end(o.name)), ...(nics[0] ? { nic: nics[0] } : {}) };
  }
  if (a?.kind === 'pipe') {
    const peer = adapterOf(w, w.m.ld32(a.addr + L.NA_PEER)),
      of = peer ? refs.filter((r) => r.hostKring && w.host.netmap.nas.krings(peer.addr).includes(r.hostKring)) : [];
    return { ...none, kind: 'pipe', ends: peer ? [end(peer.name)] : [], peerRings: of.map((r) => look(w, r)) };
  }
  const nic = nicOf(w, a?.ifname ?? name) ?? nicOf(w, name);
  if (nic) return { ...none, kind: 'nic', nic };
  return { ...none, kind: a ? 'port' : 'none' };
}

/** A virtqueue, where the guest has told its place. */
function queueOf(w: World, vm: VmEntry, f: PciFunction, dir: 'TX' | 'RX'): PictureQueue | undefined {
  const { m } = w,
    v = f.page + L.VN_VQ + (dir === 'TX' ? L.VQ_TX : L.VQ_RX) * L.VQ_SIZE,
    size = m.ld32(v + L.VQ_QSIZE),
    gpa = m.ld32(v + L.VQ_PFN) * 4096;
  if (!gpa || !size) return undefined;
  const usedAt = Math.ceil((size * L.VRD_SIZE + L.VR_RING + 2 * size + 2) / 4096) * 4096,
    avail = w.host.vmm.hostAddress(vm, gpa + size * L.VRD_SIZE),
    used = w.host.vmm.hostAddress(vm, gpa + usedAt);
  if (!avail || !used) return undefined;
  const a = m.ld32(avail),
    u = m.ld32(used);
  return {
    dir,
    size,
    avail: a >>> 16,
    used: u >>> 16,
    lastAvail: m.ld32(v + L.VQ_LAST_AVAIL) & 0xffff,
    noInterrupt: (a & L.VRING_AVAIL_F_NO_INTERRUPT) !== 0,
    noNotify: (u & L.VRING_USED_F_NO_NOTIFY) !== 0,
  };
}

/** Kicks of a function that reached bhyve. */
const kicksOf = (w: World, f: PciFunction): number => {
  const n = vtnetCounts(w.m, f.page);
  return (n[L.VNS_TX_KICKS] ?? 0) + (n[L.VNS_RX_KICKS] ?? 0);
};

function passthroughCounts(w: World, f0: PciFunction, vm: VmEntry, fd: number, open: boolean): PictureCounts {
  const { m, tree } = w,
    c = zero(),
    ptn = tree.host.ptn.find((p) => p.fd === fd),
    f = tree.host.fds.find((x) => x.id === fd),
    v = vtnetOf(w, fd),
    stat = (i: number) => m.ld64(vm.vm + L.VM_STAT + i * 8);
  if (v && open) {
    c.tx = m.ld64(v.tx + L.KR_STAT_PACKETS);
    c.rx = m.ld64(v.rx + L.KR_STAT_PACKETS);
    for (const kr of [v.tx, v.rx]) {
      c.bytes += m.ld64(kr + L.KR_STAT_BYTES);
      c.guestSyncs += m.ld64(kr + L.KR_STAT_SYNC);
      c.kicks += m.ld64(kr + L.KR_STAT_KICK);
      c.suppressed += m.ld64(kr + L.KR_STAT_NOKICK);
    }
  }
  if (ptn) {
    const user = m.ld64(ptn.pts + L.PTN_USERSPACE_AT),
      qnotify = m.ld64(ptn.pts + L.PTN_QNOTIFY_AT);
    c.kernelExits = c.kicks;
    c.bhyveExits = kicksOf(w, f0) - (f0.kicksAt ?? 0); // its own: the VM may have ports that copy
    c.otherExits = stat(L.STAT_USERSPACE) - user - (stat(L.STAT_QNOTIFY_USER) - qnotify);
    for (const k of [ptn.txKth, ptn.rxKth]) {
      c.interrupts += m.ld64(k + L.NMK_STAT_IRQ);
      c.hostSyncs += m.ld64(k + L.NMK_STAT_RUN);
    }
  }
  const a = f && adapterOf(w, f.na);
  if (f && a?.kind === 'vale') c.switched = m.ld64(f.tx + L.KR_STAT_PACKETS) + m.ld64(f.rx + L.KR_STAT_COPIES);
  return c;
}

function copyingCounts(w: World, f: PciFunction, vm: VmEntry, fd: number): PictureCounts {
  const { m } = w,
    c = zero(),
    n = (i: number) => vtnetCounts(m, f.page)[i] ?? 0,
    port = w.tree.host.fds.find((x) => x.id === fd),
    a = port && adapterOf(w, port.na);
  c.tx = n(L.VNS_TX_PACKETS);
  c.rx = n(L.VNS_RX_PACKETS);
  c.bytes = n(L.VNS_TX_BYTES) + n(L.VNS_RX_BYTES);
  c.ferried = n(L.VNS_TX_COPIES) + n(L.VNS_RX_COPIES);
  c.kicks = n(L.VNS_TX_KICKS) + n(L.VNS_RX_KICKS);
  c.bhyveExits = c.kicks;
  c.otherExits = m.ld64(vm.vm + L.VM_STAT + L.STAT_USERSPACE * 8) - c.kicks;
  c.interrupts = n(L.VNS_MSI) + n(L.VNS_INTX);
  c.systemCalls = n(L.VNS_TX_SYNCS);
  c.hostSyncs = c.systemCalls;
  if (port && a?.kind === 'vale') c.switched = m.ld64(port.tx + L.KR_STAT_PACKETS) + m.ld64(port.rx + L.KR_STAT_COPIES);
  return c;
}

/** The ports of a VM: its virtio-net functions, in the order of the bus. */
function portsOf(w: World, vm: VmEntry, refs: RingRef[]): PicturePort[] {
  const { host } = w.tree,
    st = w.host.bhyveOf(vm)?.st as BhyveState | undefined,
    guest = w.tree.guests[vm.name];
  if (!st) return [];
  return st.pci.functions
    .filter((f) => f.emul === 'virtio-net' && f.page)
    .map((f) => {
      const b = st.backends[slotKey(f)],
        fd = host.fds.find((x) => x.id === b?.fd && b.fd),
        passed = b?.kind === 'ptnetmap',
        sc = guest?.vtnets.find((v) => v.iobase === f.bars[0]?.addr),
        v = passed && fd ? vtnetOf(w, fd.id) : undefined,
        ptn = fd && host.ptn.find((p) => p.fd === fd.id && !p.stopping),
        backend = (fd && adapterOf(w, fd.na)?.name) ?? b?.name ?? '',
        ours = fd ? refs.filter((r) => w.host.netmap.nas.krings(fd.na).includes(r.hostKring)) : [],
        pids = new Set<number>(
          sc
            ? [
                ...(guest?.ptFds.filter((x) => x.unit === sc.unit).map((x) => x.pid) ?? []),
                ...(guest?.fds.filter((x) => x.name === sc.name).map((x) => x.pid) ?? []),
              ]
            : [],
        ),
        queues = passed ? [] : (['TX', 'RX'] as const).map((dir) => queueOf(w, vm, f, dir)).filter((q) => q !== undefined),
        open = passed ? ptn !== undefined && v?.open === true : queues.length > 0 && pids.size > 0,
        of = backend ? behind(w, backend, refs) : { kind: 'none' as BackendKind, switch: '', ends: [], peerRings: [] },
        memory = fd ? memoryOf(w, fd.na, v?.bar ?? 0) : undefined,
        iobase = sc?.iobase ?? 0;
      const bridge = b?.kind === 'tap' ? bridgeOf(w, backend) : '';
      return {
        id: `${vm.name}.${slotKey(f)}`,
        vm: vm.name,
        name: sc?.name ?? '',
        backend,
        ...of,
        ...(b?.kind === 'tap' ? { kind: 'tap' as const, switch: bridge } : {}),
        path: passed ? ('passthrough' as const) : ('copying' as const),
        open,
        csb: passed && v?.csb && fd ? fd.name : '',
        rings: ours.map((r) => look(w, r)),
        queues,
        ...(memory ? { memory } : {}),
        programs: guest?.os.procs.filter((p) => pids.has(p.pid)).map((p) => ({ pid: p.pid, line: p.argv.join(' ') })) ?? [],
        vcpu: threadOf(w, vm.block),
        movers:
          passed && ptn
            ? [
                { thread: threadOf(w, ptn.txBlock), dir: 'TX' as const },
                { thread: threadOf(w, ptn.rxBlock), dir: 'RX' as const },
              ].filter((x) => x.thread >= 0)
            : st.threads
                .filter((t) => !passed && t.page === f.page && t.role !== 'mevent')
                .map((t) => ({
                  thread: threadOf(w, w.m.ld32(t.h.td + L.TD_BLOCK)),
                  dir: t.role === 'tx' ? ('TX' as const) : ('RX' as const),
                })),
        counts: passed ? passthroughCounts(w, f, vm, fd?.id ?? 0, open) : copyingCounts(w, f, vm, fd?.id ?? 0),
        doorbell: iobase ? hex(iobase + L.VTCFG_R_QNOTIFY) : '',
      };
    });
}

/** The if_bridge of a tap, by its name, '': none. */
function bridgeOf(w: World, tap: string): string {
  const { m, tree } = w,
    sc = tree.host.ifs.find((i) => i.name === tap),
    br = sc ? m.ld32(sc.addr + L.IF_BRIDGE) : 0;
  return br ? (tree.host.ifs.find((i) => i.addr === br || m.ld32(i.addr + L.IF_SOFTC) === br)?.name ?? '') : '';
}

/** Ports that programs of the host hold open and no VM has: the picture without a VM. */
function alone(w: World, refs: RingRef[]): PicturePort[] {
  const { host } = w.tree,
    names = [...new Set(host.fds.filter((f) => !f.ptnetmap).map((f) => f.name))].filter((n) => !vmOfPort(w, n));
  return names.flatMap((name) => {
    const fd = host.fds.find((f) => f.name === name && !f.ptnetmap),
      programs = hostPrograms(w, name);
    if (!fd || !programs.length) return [];
    const counts = zero(),
      ours = refs.filter((r) => w.host.netmap.nas.krings(fd.na).includes(r.hostKring)),
      memory = memoryOf(w, fd.na, 0);
    if (fd.ntx) counts.tx = w.m.ld64(fd.tx + L.KR_STAT_PACKETS);
    if (fd.nrx) counts.rx = w.m.ld64(fd.rx + L.KR_STAT_PACKETS);
    if (fd.ntx) counts.hostSyncs = w.m.ld64(fd.tx + L.KR_STAT_SYNC);
    const of = behind(w, name, refs);
    if (of.kind === 'vale') counts.switched = counts.tx;
    const pids = new Set(programs.map((p) => p.pid));
    return [
      {
        id: `host.${name}`,
        vm: '',
        name,
        backend: name,
        ...of,
        path: 'passthrough' as const,
        open: true,
        csb: '',
        rings: ours.map((r) => look(w, r)),
        queues: [],
        ...(memory ? { memory } : {}),
        programs,
        vcpu: -1,
        movers: host.threads.filter((t) => pids.has(t.pid)).map((t) => ({ thread: threadOf(w, t.block), dir: '' as const })),
        counts,
        doorbell: '',
      },
    ];
  });
}

/** The marks of the last step. */
function signals(lab: Lab): PictureView['signals'] {
  const t = lab.timeline.trace,
    at = lab.world.m.steps;
  if (!t || lab.run !== 'stopped' || at <= t.base) return [];
  const v = strip(t, { from: at - 1, to: at, columns: 1 }),
    lane = (id: number) => t.lanes[id];
  return v.marks.map((x) => ({
    kind: x.kind,
    side: lane(x.lane)?.side ?? 'host',
    thread: lane(x.lane)?.block ?? -1,
    to: lane(x.to)?.block ?? -1,
  }));
}

/** The ports of all VMs; without one in use, those that programs of the host hold. */
export function picturePorts(w: World): PicturePort[] {
  const refs = rings(w),
    guests = w.tree.host.vms.flatMap((vm) => portsOf(w, vm, refs));
  return [...guests, ...(guests.some((p) => p.open) ? [] : alone(w, refs))];
}

export function picture(lab: Lab): PictureView {
  const { world: w } = lab,
    { host } = w.tree;
  return {
    clockNs: w.m.clock,
    step: w.m.steps,
    vms: host.vms.map((vm) => ({ name: vm.name, running: vm.block !== 0, memoryBytes: vm.memBytes, vcpus: 1 })),
    ports: picturePorts(w),
    modelled: lab.engine === 'step',
    signals: signals(lab),
  };
}

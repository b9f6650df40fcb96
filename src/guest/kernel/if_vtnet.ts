// The guest's vtnet driver, control plane: attach, feature negotiation, queues, MSI-X, init and stop. Mirrors if_vtnet.c of FreeBSD
// 10 (facts bhyve 3.1 to 3.5, 4.3). Its packets are wasm/guest/if_vtnet.ts; passthrough is if_vtnet_netmap.ts. On a port that can
// pass through, the queues get buffers when the stack first uses the interface, not at UP (modelled: such a VM keeps its memory).

import * as L from '../../../wasm/layout.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { ETHER_FLAGS, type IfEntry } from '../../net/if_table.ts';
import type { Interfaces } from '../../net/ifnet.ts';
import type { GuestKmem } from './kmem.ts';
import type { GuestTree, PciDev, VtnetSoftc } from './tree.ts';
import { allocInterrupts, tellFeatures, virtioPciAttach } from './virtio_pci.ts';

export const F_PTNETMAP = 0x2000000;
const F_MAC = 0x20,
  F_STATUS = 0x10000,
  F_MRG = 0x8000,
  F_NOTIFY_ON_EMPTY = 0x1000000;
const STATUS = 18,
  CONFIG = 24,
  DESCX = 8;
export const RINGSZ = 1024;
/** Segments of a received buffer: header, cluster. */
const RX_SEGS = 2;

export interface VtnetEnv {
  cpu: GuestCpu;
  t: GuestTree;
  k: GuestKmem;
  ifs: Interfaces;
  now(): number;
  /** A line of the kernel: console and message buffer. */
  log(line: string): void;
  /** A thread of the kernel's own. */
  kthread(op: number, arg: number, name: string): number;
  /** The environment that the loader left; whether it asked for a verbose boot. */
  kenv: Readonly<Record<string, string>>;
  verbose: boolean;
}

/** vtpci_reinit: what the device forgets in a reset: features, vectors, where the queues are. Answers what the device offers. */
function negotiate(e: VtnetEnv, sc: VtnetSoftc): number {
  const { cpu } = e,
    io = sc.iobase;
  cpu.out(io + STATUS, 1, 0);
  cpu.out(io + STATUS, 1, 1);
  cpu.out(io + STATUS, 1, 3);
  const offered = cpu.in(io, 4);
  sc.features = offered & (F_MAC | F_STATUS | F_MRG | F_NOTIFY_ON_EMPTY | F_PTNETMAP);
  cpu.out(io + 4, 4, sc.features);
  return offered;
}
function vectors(e: VtnetEnv, sc: VtnetSoftc) {
  const { cpu } = e,
    io = sc.iobase;
  if (sc.msix) cpu.out(io + 20, 2, 0);
  for (const q of [L.VQ_RX, L.VQ_TX] as const) {
    sc.queues[q] ||= e.k.paddr(e.k.alloc(L.VRING_BYTES));
    cpu.out(io + 14, 2, q);
    cpu.in(io + 12, 2);
    if (sc.msix) {
      cpu.out(io + 22, 2, q + 1);
      cpu.in(io + 22, 2);
    }
    cpu.out(io + 8, 4, sc.queues[q] / L.PAGE);
  }
  cpu.out(io + STATUS, 1, 7);
}

/** vtnet_attach: answers the softc; logs what the driver logs. */
export function vtnetAttach(e: VtnetEnv, dev: PciDev): VtnetSoftc | undefined {
  if (!virtioPciAttach(e, dev)) return undefined;
  const { cpu, t } = e,
    io = dev.bars.find((b) => b.type === 'io'),
    unit = t.vtnets.length;
  if (!io) return undefined;
  e.log(`vtnet${unit}: <VirtIO Networking Adapter> on ${dev.driver}`);
  const sc: VtnetSoftc = {
    unit,
    name: `vtnet${unit}`,
    iobase: io.base,
    msix: 0,
    mac: '',
    up: false,
    link: false,
    features: 0,
    ptnetmap: false,
    hostMemId: 0,
    txd: RINGSZ,
    rxd: RINGSZ,
    csb: 0,
    page: 0,
    queues: [0, 0],
    softc: 0,
    users: 0,
    fake: 0,
    vector: 0,
    nvec: 0,
  };
  tellFeatures(e, dev, sc, negotiate(e, sc));
  sc.mac = Array.from({ length: 6 }, (_, i) => (cpu.in(io.base + CONFIG + i, 1) & 255).toString(16).padStart(2, '0')).join(':');
  allocInterrupts(e, dev, sc);
  vectors(e, sc);
  sc.link = (cpu.in(io.base + CONFIG + 6, 2) & 1) === 1;
  e.log(`vtnet${unit}: Ethernet address: ${sc.mac}`);
  t.vtnets.push(sc);
  row(t, sc);
  return sc;
}
/** The softc as the data plane has it; a port that can pass through has it with its other structures. */
export function vtnetSoftc(e: VtnetEnv, sc: VtnetSoftc, at = e.k.alloc(L.VTN_SIZE)) {
  const { m } = e.cpu;
  sc.softc = at;
  m.st32(at + L.VTN_IOBASE, sc.iobase);
  m.st32(at + L.VTN_VCPU, e.cpu.vcpu);
}
/** if_attach: its row, before lo0's. */
function row(t: GuestTree, sc: VtnetSoftc) {
  const e: IfEntry = {
    name: sc.name,
    kind: 'vtnet',
    unit: sc.unit,
    index: sc.unit + 1,
    addr: 0,
    softc: 0,
    block: 0,
    flags: ETHER_FLAGS,
    mtu: 1500,
    mac: sc.mac,
  };
  t.ifs.splice(sc.unit, 0, e);
  for (const x of t.ifs) if (x.kind === 'lo') x.index = sc.unit + 2;
  t.net.nextIndex = sc.unit + 3;
}

/** Where the RX and TX vectors go, and the only one of MSI: ops, 0 for nobody. */
export function gates(e: VtnetEnv, sc: VtnetSoftc, rx: number, tx: number, only = 0) {
  const { cpu } = e,
    { m } = cpu;
  for (const [v, op] of sc.nvec < 3
    ? [[0, only] as const].slice(0, sc.nvec)
    : ([
        [1, rx],
        [2, tx],
      ] as const)) {
    const gate = cpu.vcpu + L.VCPU_IDT + (sc.vector + v - L.IDT_FIRST) * 8;
    m.st32(gate, op && m.op(op));
    m.st32(gate + 4, op && sc.softc);
  }
}

/** Its three vectors are others from now on: whoever the old gates lead to. */
export function moveVectors(e: VtnetEnv, sc: VtnetSoftc, to: number) {
  const { m, vcpu } = e.cpu,
    gate = (v: number) => vcpu + L.VCPU_IDT + (v - L.IDT_FIRST) * 8,
    led = [0, 1, 2].map((v) => [m.ld32(gate(sc.vector + v)), m.ld32(gate(sc.vector + v) + 4)] as const);
  for (let v = 0; v < 3; v++) m.st64(gate(sc.vector + v), 0);
  sc.vector = to;
  led.forEach(([fn, arg], v) => {
    m.st32(gate(to + v), fn);
    m.st32(gate(to + v) + 4, arg);
  });
}

const vq = (sc: VtnetSoftc, q: number) => sc.softc + L.VTN_RXQ + q * L.GVQ_SIZE;

/** vtnet_init_locked: the device is reset and told everything again, the RX queue is filled, interrupts come. */
export function vtnetInit(e: VtnetEnv, sc: VtnetSoftc) {
  const { cpu, k } = e,
    { m } = cpu,
    ifp = e.ifs.find(sc.name)?.addr ?? 0;
  gates(e, sc, 0, 0);
  negotiate(e, sc);
  freeBuffers(e, sc);
  m.st32(sc.softc + L.VTN_IFP, ifp);
  m.st32(sc.softc + L.VTN_HDR, sc.features & F_MRG ? L.VTNET_HDR : L.VTNET_HDR - 2);
  if (ifp) {
    if (!m.ld32(sc.softc + L.VTN_TD)) m.st32(sc.softc + L.VTN_TD, e.kthread(L.OP_VTNET_TASK, sc.softc, `${sc.name} taskq`));
    for (const q of [L.VQ_RX, L.VQ_TX] as const) {
      const at = vq(sc, q);
      m.st32(at + L.GVQ_VM, cpu.as);
      m.st32(at + L.GVQ_NENTRIES, RINGSZ);
      if (!m.ld32(at + L.GVQ_DESCX)) m.st32(at + L.GVQ_DESCX, k.paddr(k.alloc(RINGSZ * DESCX)));
      m.st32(at + L.GVQ_RING, sc.queues[q]);
      m.wasm.vq_ring_init(at);
    }
    populate(e, sc);
    gates(e, sc, L.OP_VTNET_RX_FILTER, L.OP_VTNET_TX_FILTER, L.OP_VTNET_INTR);
  }
  vectors(e, sc);
  if (ifp) cpu.out(sc.iobase + L.VTCFG_R_QNOTIFY, 2, L.VQ_RX);
}

/** vtnet_rxq_populate: as virtqueue_enqueue would, one buffer after the other; the device does not look yet. */
function populate(e: VtnetEnv, sc: VtnetSoftc) {
  const { k, ifs } = e,
    { m } = e.cpu,
    at = vq(sc, L.VQ_RX),
    ring = k.vaddr(sc.queues[L.VQ_RX]),
    descx = k.vaddr(m.ld32(at + L.GVQ_DESCX)),
    avail = ring + RINGSZ * L.VRD_SIZE,
    hdr = m.ld32(sc.softc + L.VTN_HDR),
    pool = k.paddr(ifs.mbufs.pool) - ifs.mbufs.pool;
  let n = 0;
  for (; n < RINGSZ / RX_SEGS; n++) {
    const mb = ifs.mbufs.take();
    if (!mb) break;
    const d = ring + n * RX_SEGS * L.VRD_SIZE;
    m.st64(d, mb + pool + L.M_VNET_HDR);
    m.st32(d + L.VRD_LEN, hdr);
    m.st16(d + L.VRD_FLAGS, L.VRING_DESC_F_NEXT | L.VRING_DESC_F_WRITE);
    m.st64(d + L.VRD_SIZE, mb + pool + L.M_DATA);
    m.st32(d + L.VRD_SIZE + L.VRD_LEN, L.M_ROOM);
    m.st16(d + L.VRD_SIZE + L.VRD_FLAGS, L.VRING_DESC_F_WRITE);
    m.st32(descx + n * RX_SEGS * DESCX, mb);
    m.st32(descx + n * RX_SEGS * DESCX + 4, RX_SEGS);
    m.st16(avail + L.VR_RING + n * 2, n * RX_SEGS);
  }
  m.st32(at + L.GVQ_DESC_HEAD_IDX, n * RX_SEGS);
  m.st32(at + L.GVQ_FREE_CNT, RINGSZ - n * RX_SEGS);
  m.st32(at + L.GVQ_AVAIL_IDX, n);
  m.st32(avail, n << 16);
}

/** vtnet_free_tx_mbufs, _rx_mbufs: after a reset, what the device had is the driver's again. */
function freeBuffers(e: VtnetEnv, sc: VtnetSoftc) {
  const { m } = e.cpu;
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    const at = vq(sc, q);
    if (!m.ld32(at + L.GVQ_RING)) continue;
    const descx = e.k.vaddr(m.ld32(at + L.GVQ_DESCX));
    for (let i = 0; i < RINGSZ; i++) {
      const mb = m.ld32(descx + i * DESCX);
      if (mb) e.ifs.mbufs.drop(mb);
      m.st32(descx + i * DESCX, 0);
    }
    m.st32(at + L.GVQ_RING, 0);
  }
}

/** vtnet_stop: the device is reset; nothing comes and nothing goes. */
export function vtnetStop(e: VtnetEnv, sc: VtnetSoftc) {
  gates(e, sc, 0, 0);
  e.cpu.out(sc.iobase + STATUS, 1, 0);
  freeBuffers(e, sc);
}

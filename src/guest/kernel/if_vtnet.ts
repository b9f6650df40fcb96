// The guest's vtnet driver with the ptnetmap patch of 2015: feature negotiation, queues, MSI-X, the extra registers,
// netmap register and unregister. Mirrors if_vtnet.c, if_vtnet_netmap.h and the guest allocator (facts bhyve 3.11, netmap 5A.5).

import * as L from '../../../wasm/layout.ts';
import { kernelLine } from '../../bin/debug_line.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { GuestTree, PciDev, VtnetSoftc } from './tree.ts';
import { allocInterrupts, tellFeatures, virtioPciAttach } from './virtio_pci.ts';

const F_MAC = 0x20,
  F_STATUS = 0x10000,
  F_MRG = 0x8000,
  F_PTNETMAP = 0x2000000,
  F_NOTIFY_ON_EMPTY = 0x1000000;
const CONFIG = 24,
  PTN = CONFIG + 10,
  RINGSZ = 1024;
const NA_AT = 0,
  SC_AT = 1536,
  MEM_AT = 2048; // what the page of netmap structures holds

export interface VtnetEnv {
  cpu: GuestCpu;
  t: GuestTree;
  now(): number;
  /** A line of the kernel: console and message buffer. */
  log(line: string): void;
  /** The environment that the loader left; whether it asked for a verbose boot. */
  kenv: Readonly<Record<string, string>>;
  verbose: boolean;
}

/** Guest RAM: consecutive physical pages, allocated and zeroed. */
export function ramPages(e: VtnetEnv, n: number): number {
  const gpa = e.t.ramNext;
  e.t.ramNext += n * L.PAGE;
  for (let i = 0; i < n; i++) e.cpu.ram(gpa + i * L.PAGE);
  return gpa;
}

/** vtnet_ptnetmap_iowrite4: byte by byte, highest first, so that the device acts on the last. */
function iowrite4(e: VtnetEnv, sc: VtnetSoftc, reg: number, v: number) {
  for (let i = 3; i >= 0; i--) e.cpu.out(sc.iobase + PTN + reg + i, 1, (v >>> (8 * i)) & 255);
}
function ioread4(e: VtnetEnv, sc: VtnetSoftc, reg: number): number {
  let v = 0;
  for (let i = 0; i < 4; i++) v |= (e.cpu.in(sc.iobase + PTN + reg + i, 1) & 255) << (8 * i);
  return v >>> 0;
}
const D = (e: VtnetEnv, fn: string, line: number, text: string) => e.log(kernelLine(e.now(), fn, line, text));

function ptctl(e: VtnetEnv, sc: VtnetSoftc, cmd: number): number {
  D(e, 'vtnet_ptnetmap_ptctl', 702, `PTCTL = ${cmd}`);
  iowrite4(e, sc, L.PTN_PTCTL, cmd);
  return cmd === L.PTCTL_UNREGIF ? 0 : ptsts(e, sc);
}
function ptsts(e: VtnetEnv, sc: VtnetSoftc): number {
  const v = ioread4(e, sc, L.PTN_PTSTS);
  D(e, 'vtnet_ptnetmap_ptctl', 705, `PTSTS = ${v}`);
  return v;
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
    users: 0,
    fake: 0,
    vector: 0,
    nvec: 0,
  };
  cpu.out(io.base + 18, 1, 0);
  cpu.out(io.base + 18, 1, 1);
  cpu.out(io.base + 18, 1, 3);
  const offered = cpu.in(io.base, 4);
  sc.features = offered & (F_MAC | F_STATUS | F_MRG | F_NOTIFY_ON_EMPTY | F_PTNETMAP);
  cpu.out(io.base + 4, 4, sc.features);
  tellFeatures(e, dev, sc, offered);
  sc.mac = Array.from({ length: 6 }, (_, i) => (cpu.in(io.base + CONFIG + i, 1) & 255).toString(16).padStart(2, '0')).join(':');
  allocInterrupts(e, dev, sc);
  if (sc.msix) cpu.out(io.base + 20, 2, 0);
  for (const q of [L.VQ_RX, L.VQ_TX] as const) {
    sc.queues[q] = ramPages(e, 8);
    cpu.out(io.base + 14, 2, q);
    cpu.in(io.base + 12, 2);
    if (sc.msix) {
      cpu.out(io.base + 22, 2, q + 1);
      cpu.in(io.base + 22, 2);
    }
    cpu.out(io.base + 8, 4, sc.queues[q] / L.PAGE);
  }
  cpu.out(io.base + 18, 1, 7);
  sc.link = (cpu.in(io.base + CONFIG + 6, 2) & 1) === 1;
  e.log(`vtnet${unit}: Ethernet address: ${sc.mac}`);
  t.vtnets.push(sc);
  if (sc.features & F_PTNETMAP) ptnetmapAttach(e, sc);
  return sc;
}

function ptnetmapAttach(e: VtnetEnv, sc: VtnetSoftc) {
  const { cpu } = e,
    { m } = cpu;
  D(e, 'vtnet_netmap_attach', 760, 'max rings 1');
  iowrite4(e, sc, L.PTN_PTFEAT, L.NET_PTN_FEATURES_BASE);
  if (!(ioread4(e, sc, L.PTN_PTFEAT) & L.NET_PTN_FEATURES_BASE)) return;
  D(e, 'vtnet_ptnetmap_features', 725, 'ptnetmap support: base');
  e.log('');
  D(e, 'vtnet_netmap_attach', 765, 'ptnetmap supported');
  sc.hostMemId = ptctl(e, sc, L.PTCTL_HOSTMEMID);
  sc.csb = ramPages(e, 1);
  m.st32(cpu.ram(sc.csb) + L.CSB_GUEST_CSB_ON, 1);
  iowrite4(e, sc, L.PTN_CSBBAH, 0);
  iowrite4(e, sc, L.PTN_CSBBAL, sc.csb);
  sc.page = ramPages(e, 1);
  sc.ptnetmap = true;
  if (cpu.protocol === L.PROTOCOL_2019) e.log(`lab: vtnet${sc.unit}: passthrough of protocol revision 2019`);
  D(e, 'vtnet_netmap_attach', 778, `virtio attached txq=1, txd=${sc.txd} rxq=1, rxd=${sc.rxd}`);
}

/** Kernel addresses of a port's kring pair, for the threads that are bound to them. */
export function krings(e: VtnetEnv, sc: VtnetSoftc) {
  const na = e.cpu.ram(sc.page) + NA_AT;
  return { na, tx: na + L.NA_KRINGS, rx: na + L.NA_KRINGS + 2 * L.KR_SIZE, sc: e.cpu.ram(sc.page) + SC_AT };
}

/** NIOCREGIF of a passthrough port by its first user: an errno, 0 when open. */
export function netmapRegister(e: VtnetEnv, sc: VtnetSoftc): number {
  const { cpu, t } = e,
    { m } = cpu,
    csb = cpu.ram(sc.csb);
  const config = ptctl(e, sc, L.PTCTL_CONFIG);
  if (config) return config;
  const memdev = t.memdevs.find((d) => d.id === sc.hostMemId && d.size > 0);
  if (!memdev) {
    e.log('ptnetmap memdev not attached');
    return 12;
  }
  if (!memdev.mapped) {
    D(e, 'nm_os_pt_memdev_iomap', 537, 'ptn_memdev_driver iomap');
    D(
      e,
      'nm_os_pt_memdev_iomap',
      554,
      `=== BAR 1 start ${memdev.bar.toString(16)} len ${memdev.barSize.toString(16)} mem_size ${memdev.size.toString(16)} ===`,
    );
    memdev.mapped = true;
  }
  // the allocator describes itself in the first object of the region
  const info = m.wasm.va(cpu.as, memdev.bar);
  if (m.string(info + L.NIF_NAME, 16) !== 'nms_info' || (m.ld32(info + L.NMS_FEATURES) & 3) !== 3) return 22;
  const nifp = memdev.bar + m.ld32(csb + L.CSB_NIFP_OFFSET),
    rd = (a: number) => m.ld32(m.wasm.va(cpu.as, a));
  const ringAddr = (k: number) => (nifp + rd(nifp + L.NIF_RING_OFS + k * 8)) >>> 0;
  const hostTx = m.ld16(csb + L.CSB_NUM_TX_RINGS),
    { na, tx, rx, sc: vtn } = krings(e, sc),
    mem = cpu.ram(sc.page) + MEM_AT;
  m.u8.fill(0, na, na + L.PAGE);
  const pool = mem + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE;
  m.st32(mem + L.MEM_BASE, memdev.bar);
  m.st32(mem + L.MEM_TOTALSIZE, m.ld32(info + L.NMS_TOTALSIZE));
  m.st32(pool + L.POOL_OBJTOTAL, m.ld32(info + L.NMS_BUF_POOL_OBJTOTAL));
  m.st32(pool + L.POOL_OBJSIZE, m.ld32(info + L.NMS_BUF_POOL_OBJSIZE));
  m.st32(pool + L.POOL_OFFSET, m.ld32(info + L.NMS_BUF_POOL_OFFSET));
  m.st32(na + L.NA_TYPE, L.NA_GUEST);
  m.st32(na + L.NA_FLAGS, L.NAF_NETMAP_ON);
  m.st32(na + L.NA_NUM_TX_RINGS, 1); // one ring pair, whatever the host has
  m.st32(na + L.NA_NUM_RX_RINGS, 1);
  m.st32(na + L.NA_MEM, mem);
  m.st32(na + L.NA_TX_RINGS, tx);
  m.st32(na + L.NA_RX_RINGS, rx);
  m.putString(na + L.NA_NAME, sc.name, 32);
  m.st32(vtn + L.VTN_CSB, csb);
  m.st32(vtn + L.VTN_IOBASE, sc.iobase);
  m.st32(vtn + L.VTN_VCPU, cpu.vcpu);
  m.st32(vtn + L.VTN_NA, na);
  m.st32(vtn + L.VTN_REV, cpu.protocol);
  fakeElement(e, sc);
  setGates(e, sc, vtn);
  const regif = ptctl(e, sc, L.PTCTL_REGIF);
  if (regif) return regif;
  if (!sc.up) return 1; // not RUNNING: the function answers 1, after REGIF was sent
  for (const [kr, isTx] of [
    [tx, true],
    [rx, false],
  ] as const) {
    const ptr = csb + (isTx ? L.CSB_TX_RING : L.CSB_RX_RING),
      slots = m.ld16(csb + (isTx ? L.CSB_NUM_TX_SLOTS : L.CSB_NUM_RX_SLOTS));
    const ring = isTx ? ringAddr(0) : ringAddr(hostTx + 1);
    m.st32(kr + L.KR_RING, ring);
    m.st32(kr + L.KR_AS, cpu.as);
    m.st32(kr + L.KR_NUM_SLOTS, slots);
    m.st32(kr + L.KR_TX, isTx ? L.NR_TX : L.NR_RX);
    m.st32(kr + L.KR_NM_SYNC, m.op(isTx ? L.OP_PTNET_TXSYNC : L.OP_PTNET_RXSYNC));
    m.st32(kr + L.KR_NM_NOTIFY, m.op(L.OP_KRING_NOTIFY));
    m.st32(kr + L.KR_NA, na);
    m.st32(kr + L.KR_MEM, mem);
    m.st32(kr + L.KR_PRIV, vtn);
    m.putString(kr + L.KR_NAME, sc.name, 24);
    const [head, cur, hwcur, hwtail] = [L.PTR_HEAD, L.PTR_CUR, L.PTR_HWCUR, L.PTR_HWTAIL].map((o) => m.ld32(ptr + o)) as [
      number,
      number,
      number,
      number,
    ];
    m.st32(kr + L.KR_RHEAD, head);
    m.st32(kr + L.KR_RCUR, cur);
    m.st32(kr + L.KR_NR_HWCUR, hwcur);
    m.st32(kr + L.KR_NR_HWTAIL, hwtail);
    m.st32(kr + L.KR_RTAIL, hwtail);
    const p = m.wasm.va(cpu.as, ring);
    m.st32(p + L.RING_HEAD, head);
    m.st32(p + L.RING_CUR, cur);
    m.st32(p + L.RING_TAIL, hwtail);
  }
  return 0;
}

/** The gates of the RX and TX vectors lead to the driver; softc 0: to nobody. */
export function setGates(e: VtnetEnv, sc: VtnetSoftc, vtn: number) {
  const { m, vcpu } = e.cpu;
  for (const [v, op] of sc.nvec < 3
    ? [] // with one vector the host has no table entry to copy: no interrupt comes
    : ([
        [1, L.OP_VTNET_RX_INTR],
        [2, L.OP_VTNET_TX_INTR],
      ] as const)) {
    const gate = vcpu + L.VCPU_IDT + (sc.vector + v - L.IDT_FIRST) * 8;
    m.st32(gate, vtn ? m.op(op) : 0);
    m.st32(gate + 4, vtn);
  }
}

/** One fake 64-byte mbuf in the TX virtqueue and one buffer in RX: an available entry keeps interrupts unsuppressed. */
function fakeElement(e: VtnetEnv, sc: VtnetSoftc) {
  const { cpu } = e,
    { m } = cpu;
  sc.fake ||= ramPages(e, 1);
  const buf = sc.fake;
  for (const q of [L.VQ_RX, L.VQ_TX] as const) {
    const base = sc.queues[q],
      desc = cpu.ram(base),
      avail = cpu.ram(base + 16 * RINGSZ),
      idx = m.ld16(avail + 2);
    m.st64(desc, buf + q * 2048);
    m.st32(desc + 8, 64);
    m.st16(desc + 12, q === L.VQ_RX ? 2 : 0);
    m.st16(cpu.ram(base + 16 * RINGSZ + 4 + (idx % RINGSZ) * 2), 0);
    m.st16(avail + 2, (idx + 1) & 0xffff);
  }
}

/** UNREGIF by the last user. True when the hypervisor is done with it; false while its OUT has not returned. */
export function netmapUnregister(e: VtnetEnv, sc: VtnetSoftc): boolean {
  ptctl(e, sc, L.PTCTL_UNREGIF);
  if (e.cpu.busy()) return false;
  netmapUnregistered(e, sc);
  return true;
}
export function netmapUnregistered(e: VtnetEnv, sc: VtnetSoftc) {
  ptsts(e, sc);
  const memdev = e.t.memdevs.find((d) => d.id === sc.hostMemId);
  if (memdev?.mapped && !e.t.vtnets.some((v) => v !== sc && v.users > 0 && v.hostMemId === sc.hostMemId)) {
    memdev.mapped = false;
    D(e, 'nm_os_pt_memdev_iounmap', 572, 'ptn_memdev_driver iounmap');
  }
}

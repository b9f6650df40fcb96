// The ptnetmap patch of 2015 in the guest's vtnet driver: the extra registers, netmap register and unregister of a passed-through
// port. Mirrors if_vtnet_netmap.h and the guest allocator (facts bhyve 3.11, netmap 5A.5). The data plane is
// wasm/guest/if_vtnet_netmap.ts; the port's structures are in a page of their own (NA_AT, SC_AT, MEM_AT), which the lab shows.

import * as L from '../../../wasm/layout.ts';
import { kernelLine } from '../../bin/debug_line.ts';
import { RINGSZ, type VtnetEnv, gates, vtnetInit, vtnetSoftc } from './if_vtnet.ts';
import { ramPages } from './ram.ts';
import type { VtnetSoftc } from './tree.ts';

const PTN = 24 + 10;
const NA_AT = 0,
  SC_AT = 1536,
  MEM_AT = 2048; // what the page of netmap structures holds

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

/** What the driver does at attach with a back-end that can pass through. */
export function ptnetmapAttach(e: VtnetEnv, sc: VtnetSoftc) {
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
  vtnetSoftc(e, sc, cpu.ram(sc.page) + SC_AT);
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
  // 2015 takes its own count, one, for the host's: with more TX rings than that its RX ring is none (H16)
  const txRings = cpu.protocol === L.PROTOCOL_2019 ? m.ld16(csb + L.CSB_NUM_TX_RINGS) : 1,
    { na, tx, rx, sc: vtn } = krings(e, sc),
    mem = cpu.ram(sc.page) + MEM_AT;
  m.u8.fill(0, na, vtn);
  m.u8.fill(0, mem, na + L.PAGE);
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
  m.st32(vtn + L.VTN_NA, na);
  m.st32(vtn + L.VTN_REV, cpu.protocol);
  m.st32(vtn + L.VTN_PT, 1); // from here on the queues are doorbells only
  fakeElement(e, sc);
  gates(e, sc, L.OP_VTNET_RX_INTR, L.OP_VTNET_TX_INTR);
  const regif = ptctl(e, sc, L.PTCTL_REGIF);
  if (regif) {
    m.st32(vtn + L.VTN_PT, 0);
    if (sc.up) vtnetInit(e, sc);
    return regif;
  }
  if (!sc.up) return 1; // not RUNNING: the function answers 1, after REGIF was sent
  for (const [kr, isTx] of [
    [tx, true],
    [rx, false],
  ] as const) {
    const ptr = csb + (isTx ? L.CSB_TX_RING : L.CSB_RX_RING),
      slots = m.ld16(csb + (isTx ? L.CSB_NUM_TX_SLOTS : L.CSB_NUM_RX_SLOTS));
    const ring = isTx ? ringAddr(0) : ringAddr(txRings + 1);
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

/** One fake 64-byte mbuf in the TX virtqueue, and one buffer in RX if there is none: an available entry keeps interrupts unsuppressed. */
function fakeElement(e: VtnetEnv, sc: VtnetSoftc) {
  const { cpu } = e,
    { m } = cpu;
  sc.fake ||= ramPages(e, 1);
  const buf = sc.fake;
  for (const q of [L.VQ_RX, L.VQ_TX] as const) {
    const base = sc.queues[q],
      vq = sc.softc + L.VTN_RXQ + q * L.GVQ_SIZE,
      used = m.ld32(vq + L.GVQ_RING) !== 0, // by the stack: what it has there is the driver's again when all is over
      head = used ? m.ld32(vq + L.GVQ_DESC_HEAD_IDX) % RINGSZ : 0,
      desc = cpu.ram(base + head * L.VRD_SIZE),
      avail = cpu.ram(base + 16 * RINGSZ),
      idx = m.ld16(avail + 2);
    if (used && q === L.VQ_RX) continue;
    m.st64(desc, buf + q * 2048);
    m.st32(desc + 8, 64);
    m.st16(desc + 12, q === L.VQ_RX ? 2 : 0);
    m.st16(cpu.ram(base + 16 * RINGSZ + 4 + (idx % RINGSZ) * 2), head);
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
  e.cpu.m.st32(sc.softc + L.VTN_PT, 0);
  if (sc.up) vtnetInit(e, sc);
  else gates(e, sc, 0, 0);
  const memdev = e.t.memdevs.find((d) => d.id === sc.hostMemId);
  if (memdev?.mapped && !e.t.vtnets.some((v) => v !== sc && v.users > 0 && v.hostMemId === sc.hostMemId)) {
    memdev.mapped = false;
    D(e, 'nm_os_pt_memdev_iounmap', 572, 'ptn_memdev_driver iounmap');
  }
}

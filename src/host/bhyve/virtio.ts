// Legacy virtio over PCI: the registers of BAR 0 in front of a device's own configuration, the queues, the MSI-X table of BAR 1.
// Mirrors virtio.c (vi_pci_read, vi_pci_write, vi_vq_init, vi_reset_dev) and pci_emul_msix_* of 2015 (facts bhyve 3.1, 4.3). What the
// threads do with a queue is wasm/net/virtio.ts; what is written here of its words, they read.

import * as L from '../../../wasm/layout.ts';
import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

export const CONFIG = 24; // VTCFG_R_CFG1, where the lab's guest looks with MSI-X or without
export const NO_VECTOR = 0xffff;
const NVQ = 2;

/** Offset: [size, name, read-only]. */
const REGS: Record<number, readonly [number, string, boolean]> = {
  0: [4, 'HOSTCAP', true],
  4: [4, 'GUESTCAP', false],
  8: [4, 'PFN', false],
  12: [2, 'QNUM', true],
  14: [2, 'QSEL', false],
  16: [2, 'QNOTIFY', false],
  18: [1, 'STATUS', false],
  19: [1, 'ISR', true],
  20: [2, 'CFGVEC', false],
  22: [2, 'QVEC', false],
};

/** What a device adds (struct virtio_consts). */
export interface VirtioConsts {
  name: string;
  reset(): void;
  notify(q: number): void;
  applyFeatures(features: number): void;
}

export const vqAddr = (f: PciFunction, q: number) => f.page + L.VN_VQ + q * L.VQ_SIZE;
/** Every diagnostic of virtio.c ends so. */
const say = (c: BhyveCtx, text: string) => {
  c.out(`${text}\r`);
};

/** Pointer to a byte of a queue, undefined when that is no RAM of the guest. */
export function vringByte(c: BhyveCtx, f: PciFunction, q: number, offset: number): number | undefined {
  const gpa = c.m.ld32(vqAddr(f, q) + L.VQ_PFN) * L.PAGE + offset;
  return gpa < L.PAGE || gpa >= guestRam(c) ? undefined : c.vmm.hostAddress(c.vm, gpa);
}
/** Guest RAM below the hole. */
const guestRam = (c: BhyveCtx) => Math.min(c.vm.memBytes, 0xc0000000);
const AVAIL = 16 * L.VTNET_RINGSZ,
  USED = 20480;
export const availWord = (c: BhyveCtx, f: PciFunction, q: number) => vringByte(c, f, q, AVAIL);
export const usedWord = (c: BhyveCtx, f: PciFunction, q: number) => vringByte(c, f, q, USED);
export { AVAIL as VRING_AVAIL, USED as VRING_USED };

/** vq_has_descs, for the vCPU's thread. */
export function hasDescs(c: BhyveCtx, f: PciFunction, q: number): boolean {
  const w = availWord(c, f, q);
  return (
    w !== undefined && usedWord(c, f, q) !== undefined && Atomics.load(c.m.u32, w >>> 2) >>> 16 !== c.m.ld32(vqAddr(f, q) + L.VQ_LAST_AVAIL)
  );
}
/** used.flags, for the vCPU's thread: only while no other thread writes the word. */
export function setUsedFlags(c: BhyveCtx, f: PciFunction, q: number, flags: number) {
  const w = usedWord(c, f, q),
    { m } = c;
  m.st32(vqAddr(f, q) + L.VQ_USED_FLAGS, flags);
  if (w !== undefined) Atomics.store(m.u32, w >>> 2, (m.ld32(vqAddr(f, q) + L.VQ_USED_IDX) << 16) | flags);
}

/** vi_vq_init: the driver says where the queue is; the device reads on from its used index. */
function vqInit(c: BhyveCtx, f: PciFunction, q: number, pfn: number) {
  const { m } = c,
    v = vqAddr(f, q);
  m.st32(v + L.VQ_PFN, pfn);
  m.st32(v + L.VQ_LAST_AVAIL, 0);
  m.st32(v + L.VQ_SAVE_USED, 0);
  const w = usedWord(c, f, q);
  m.st32(v + L.VQ_USED_IDX, w === undefined ? 0 : m.ld16(w + 2));
  m.st32(v + L.VQ_USED_FLAGS, w === undefined ? 0 : m.ld16(w));
  if (pfn && (w === undefined || availWord(c, f, q) === undefined))
    c.out(
      `lab: queue ${q} of ${f.slot}:${f.func} is said to be in page 0x${pfn.toString(16)}, which is no memory of the guest; it stays unused.`,
    );
}

/** vi_reset_dev. */
export function resetDev(c: BhyveCtx, f: PciFunction) {
  const { m } = c;
  m.st32(f.page + L.VN_GUESTCAP, 0);
  m.st32(f.page + L.VN_CURQ, 0);
  m.st32(f.page + L.VN_STATUS, 0);
  m.st32(f.page + L.VN_ISR, 0);
  m.st32(f.page + L.VN_LINTR, 0);
  m.st32(f.page + L.VN_CFGVEC, NO_VECTOR);
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    const v = vqAddr(f, q),
      kept = [L.VQ_ERRORS, L.VQ_SAID].map((o) => [o, m.ld32(v + o)] as const);
    m.u8.fill(0, v, v + L.VQ_SIZE);
    m.st32(v + L.VQ_QSIZE, L.VTNET_RINGSZ);
    m.st32(v + L.VQ_MSIX, NO_VECTOR);
    m.st32(v + L.VQ_VM, c.vm.vm);
    m.st32(v + L.VQ_RAM, guestRam(c));
    for (const [o, n] of kept) m.st32(v + o, n);
  }
}

const ones = (bytes: number) => (bytes === 1 ? 0xff : bytes === 2 ? 0xffff : 0xffffffff);

/** vi_pci_read and vi_pci_write below the device's configuration. */
export function virtioIo(c: BhyveCtx, f: PciFunction, vc: VirtioConsts, offset: number, bytes: number, value: number | undefined): number {
  const r = REGS[offset];
  if (!r || r[0] !== bytes) {
    say(c, `${vc.name}: ${value === undefined ? 'read from' : 'write to'} bad offset/size ${offset}/${bytes}`);
    return ones(bytes);
  }
  if (value === undefined) return read(c, f, r[1]);
  if (r[2]) {
    say(c, `${vc.name}: write to read-only reg ${r[1]}`);
    return 0;
  }
  write(c, f, vc, r[1], value);
  return 0;
}

function read(c: BhyveCtx, f: PciFunction, reg: string): number {
  const { m } = c,
    p = f.page,
    q = m.ld32(p + L.VN_CURQ),
    has = q < NVQ;
  switch (reg) {
    case 'HOSTCAP':
      return m.ld32(p + L.VN_HOSTCAP);
    case 'GUESTCAP':
      return m.ld32(p + L.VN_GUESTCAP);
    case 'PFN':
      return has ? m.ld32(vqAddr(f, q) + L.VQ_PFN) : 0;
    case 'QNUM':
      return has ? L.VTNET_RINGSZ : 0;
    case 'QSEL':
      return q;
    case 'STATUS':
      return m.ld32(p + L.VN_STATUS);
    case 'ISR':
      Atomics.store(m.u32, (p + L.VN_LINTR) >>> 2, 0); // and the line goes down
      return Atomics.exchange(m.u32, (p + L.VN_ISR) >>> 2, 0);
    case 'CFGVEC':
      return m.ld32(p + L.VN_CFGVEC);
    case 'QVEC':
      return has ? m.ld32(vqAddr(f, q) + L.VQ_MSIX) : NO_VECTOR;
    default:
      return 0; // QNOTIFY
  }
}

function write(c: BhyveCtx, f: PciFunction, vc: VirtioConsts, reg: string, v: number) {
  const { m } = c,
    p = f.page,
    q = m.ld32(p + L.VN_CURQ),
    value = v >>> 0,
    vector = () => (value < L.VN_MSIX_VECTORS ? value : NO_VECTOR);
  if ((reg === 'PFN' || reg === 'QVEC') && q >= NVQ) {
    say(c, `${vc.name}: write config reg ${reg}: curq ${q} >= max ${NVQ}`);
    return;
  }
  switch (reg) {
    case 'GUESTCAP': {
      const features = (value & m.ld32(p + L.VN_HOSTCAP)) >>> 0;
      m.st32(p + L.VN_GUESTCAP, features);
      for (const k of [L.VQ_RX, L.VQ_TX]) m.st32(vqAddr(f, k) + L.VQ_FEATURES, features);
      vc.applyFeatures(features);
      return;
    }
    case 'PFN':
      vqInit(c, f, q, value);
      return;
    case 'QSEL':
      m.st32(p + L.VN_CURQ, value & 0xffff);
      return;
    case 'QNOTIFY':
      if ((value & 0xffff) >= NVQ) say(c, `${vc.name}: queue ${value & 0xffff} notify out of range`);
      else vc.notify(value & 0xffff);
      return;
    case 'STATUS':
      m.st32(p + L.VN_STATUS, value & 0xff);
      if (!(value & 0xff)) vc.reset();
      return;
    case 'CFGVEC':
      m.st32(p + L.VN_CFGVEC, vector());
      return;
    case 'QVEC':
      m.st32(vqAddr(f, q) + L.VQ_MSIX, vector());
      return;
    default:
  }
}

// ── BAR 1 ────────────────────────────────────────────────────────────────────────────────────────

const ENTRIES = 16 * L.VN_MSIX_VECTORS,
  PBA = 0x1000,
  PBA_BYTES = 8;

/** The MSI-X table and its pending bits: reads of any width, writes of 4 and 8 bytes, aligned; nothing is ever pending in 2015. */
export function msixIo(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  const { m } = c,
    at = f.page + L.VN_MSIX_TABLE + offset,
    inTable = offset + bytes <= ENTRIES && offset % bytes === 0;
  if (value === undefined) {
    if (offset >= PBA && offset + bytes <= PBA + PBA_BYTES) return 0;
    if (!inTable) return ones(bytes);
    let v = 0;
    for (let i = bytes - 1; i >= 0; i--) v = v * 256 + m.ld8(at + i);
    return v;
  }
  if (!inTable || (bytes !== 4 && bytes !== 8)) return 0;
  m.st32(at, value % 2 ** 32);
  if (bytes === 8) m.st32(at + 4, Math.floor(value / 2 ** 32));
  if (m.ld32(L.MACHINE + L.M_HAZARD_OFF) & L.HZ_H17) tellWorkers(c, f);
  return 0;
}
/** Without H17 (the lab's: nobody ever did it): the kernel threads of a passthrough port get the message as it is now. */
function tellWorkers(c: BhyveCtx, f: PciFunction) {
  const { m } = c;
  for (const q of [L.VQ_RX, L.VQ_TX]) {
    const v = m.ld32(vqAddr(f, q) + L.VQ_MSIX),
      e = f.page + L.VN_MSIX_TABLE + v * 16;
    if (v < L.VN_MSIX_VECTORS) c.ptn.message(vqAddr(f, q), m.ld32(e + 8), m.ld64(e));
  }
}
/** The capability: three vectors, table and pending bits in BAR 1. Whether that BAR found room is not asked, as in 2015. */
export function addMsixCap(c: BhyveCtx, f: PciFunction) {
  c.pci.allocBar(f, 1, 'mem32', 8192);
  c.pci.capability(f, 0x40, 0x4c, [0x11, 0, L.VN_MSIX_VECTORS - 1, 0, 1, 0, 0, 0, 1, 0x10, 0, 0]);
}

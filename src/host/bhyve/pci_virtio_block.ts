// virtio-blk and virtio-rnd: found, negotiated, sized; nothing is read through them, the guest's root lies in its memory
// (modelled). Mirrors pci_virtio_block.c, block_if.c and pci_virtio_rnd.c as far as options, identity and registers go.

import * as L from '../../../wasm/layout.ts';
import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

const CONFIG = 24,
  CONFIG_AT = 640;
const RINGSZ = 64,
  NO_VECTOR = 0xffff;
const F_SEG_MAX = 0x4,
  F_RO = 0x20,
  F_BLK_SIZE = 0x40,
  F_FLUSH = 0x200,
  F_INDIRECT = 0x10000000;
const BLK_CONFIG = 36,
  SEG_MAX = 128;

/** blockif_open: a path, then options. Bytes of the disk, or undefined when a message has said why not. */
export function diskOpen(c: BhyveCtx, conf: string): { bytes: number; ro: boolean } | undefined {
  const [path = '', ...opts] = conf.split(',');
  for (const o of opts)
    if (!['nocache', 'direct', 'sync', 'ro'].includes(o)) {
      c.err(`Invalid device option "${o}"`);
      return undefined;
    }
  const bytes = c.diskBytes(path);
  if (bytes === undefined) {
    c.err('Could not open backing file: No such file or directory');
    return undefined;
  }
  return { bytes, ro: opts.includes('ro') };
}

/** MSI-X (two vectors: configuration and queue) or MSI, then the I/O BAR. Their failures are ignored. */
function virtioBars(c: BhyveCtx, f: PciFunction, ioBytes: number) {
  if (c.st.flags.msix) {
    c.pci.allocBar(f, 1, 'mem32', 8192);
    c.pci.capability(f, 0x40, 0x4c, [0x11, 0, 1, 0, 1, 0, 0, 0, 1, 0x10, 0, 0]);
  }
  c.pci.msi(f, c.st.flags.msix ? 0x4c : 0x40, 1);
  c.pci.allocBar(f, 0, 'io', ioBytes);
  c.m.st32(f.page + L.VN_CFGVEC, NO_VECTOR);
}

export function virtioBlkInit(c: BhyveCtx, f: PciFunction): number {
  const { m } = c,
    at = f.page + CONFIG_AT;
  if (!f.conf) {
    c.out('virtio-block: backing device required');
    return 1;
  }
  const disk = diskOpen(c, f.conf);
  if (!disk) {
    c.err('Could not open backing file: No such file or directory');
    return 1;
  }
  c.pci.identify(f, 0x1af4, 0x1001, 0x0100, 0x1af4, 2);
  m.st64(at, Math.floor(disk.bytes / 512));
  m.st32(at + 12, SEG_MAX);
  m.st32(at + 20, 512);
  m.st32(f.page + L.VN_HOSTCAP, F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_INDIRECT | (disk.ro ? F_RO : 0));
  virtioBars(c, f, CONFIG + BLK_CONFIG);
  return 0;
}

export function virtioRndInit(c: BhyveCtx, f: PciFunction): number {
  c.pci.identify(f, 0x1af4, 0x1005, 0x1000, 0x1af4, 4);
  virtioBars(c, f, CONFIG);
  return 0;
}

/** BAR 0 of a device with one queue. */
export function virtioOneIo(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  const { m } = c,
    p = f.page,
    name = f.emul === 'virtio-blk' ? 'vtblk' : 'vtrnd';
  if (offset >= CONFIG) {
    const size = f.emul === 'virtio-blk' ? BLK_CONFIG : 0;
    if (offset - CONFIG + bytes > size || value !== undefined) return 0xffffffff;
    let v = 0;
    for (let i = bytes - 1; i >= 0; i--) v = v * 256 + m.ld8(p + CONFIG_AT + offset - CONFIG + i);
    return v;
  }
  const only = m.ld32(p + L.VN_CURQ) === 0;
  if (value === undefined)
    switch (offset) {
      case 0:
        return m.ld32(p + L.VN_HOSTCAP);
      case 4:
        return m.ld32(p + L.VN_GUESTCAP);
      case 8:
        return only ? m.ld32(p + L.VN_VQ + L.VQ_PFN) : 0;
      case 12:
        return only ? RINGSZ : 0;
      case 14:
        return m.ld32(p + L.VN_CURQ);
      case 18:
        return m.ld32(p + L.VN_STATUS);
      case 19:
        return 0;
      case 20:
        return m.ld32(p + L.VN_CFGVEC);
      case 22:
        return only ? m.ld32(p + L.VN_VQ + L.VQ_MSIX) : NO_VECTOR;
      default:
        c.out(`${name}: read from bad offset/size ${offset}/${bytes}\r`);
        return 0xffffffff;
    }
  switch (offset) {
    case 4:
      m.st32(p + L.VN_GUESTCAP, value & m.ld32(p + L.VN_HOSTCAP));
      break;
    case 8:
      if (only) m.st32(p + L.VN_VQ + L.VQ_PFN, value);
      break;
    case 14:
      m.st32(p + L.VN_CURQ, value & 0xffff);
      break;
    case 16: // a request would be answered here
      break;
    case 18:
      m.st32(p + L.VN_STATUS, value & 0xff);
      break;
    case 20:
      m.st32(p + L.VN_CFGVEC, value < 2 ? value : NO_VECTOR);
      break;
    case 22:
      if (only) m.st32(p + L.VN_VQ + L.VQ_MSIX, value < 2 ? value : NO_VECTOR);
      break;
    case 0:
    case 12:
    case 19:
      c.out(`${name}: write to read-only reg ${{ 0: 'HOSTCAP', 12: 'QNUM', 19: 'ISR' }[offset]}\r`);
      break;
    default:
      c.out(`${name}: write to bad offset/size ${offset}/${bytes}\r`);
  }
  return 0;
}

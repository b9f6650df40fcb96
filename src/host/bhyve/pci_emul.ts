// PCI bus emulation: slots, configuration space, BARs. Mirrors pci_emul.c of the GSoC bhyve (facts bhyve 1.4, 4.2, 4.4).
// Configuration bytes live in the machine; the table of functions is in bhyve's process state.

import type { Machine } from '../../sim/machine.ts';
import { scanInts } from './scan.ts';

export interface Bar {
  type: 'io' | 'mem32';
  addr: number;
  size: number;
}
export interface PciFunction {
  bus: number;
  slot: number;
  func: number;
  emul: string;
  conf: string;
  /** Page with configuration space and registers. */
  page: number;
  bars: (Bar | null)[];
  /** A passthrough port's kicks that had reached bhyve when a netmap program opened it: the lab's. */
  kicksAt?: number;
}
/** What the bus keeps; cfgAddr is what was written to port 0xCF8. */
export interface PciTree {
  functions: PciFunction[];
  ioNext: number;
  memNext: number;
  cfgAddr: number;
}
export const newPciTree = (): PciTree => ({ functions: [], ioNext: 0x2000, memNext: 0xc0000000, cfgAddr: 0 });

const IO_LIMIT = 0x10000,
  MEM_LIMIT = 0xe0000000;
export const EMULATIONS = [
  'hostbridge',
  'amd_hostbridge',
  'lpc',
  'virtio-net',
  'virtio-blk',
  'virtio-rnd',
  'ahci-hd',
  'ahci-cd',
  'ahci',
  'uart',
  'passthru',
  'dummy',
  'ptnetmap-memdev',
];

/** `-s` argument to a function, or the message that bhyve prints. sscanf's quirks kept: trailing garbage is ignored. */
export function parseSlot(opt: string, taken: PciFunction[]): PciFunction | string {
  const bad = `Invalid PCI slot info field "${opt}"`;
  const comma = opt.indexOf(',');
  if (comma < 0) return bad;
  const where = opt.slice(0, comma),
    rest = opt.slice(comma + 1),
    c2 = rest.indexOf(',');
  const emul = c2 < 0 ? rest : rest.slice(0, c2),
    conf = c2 < 0 ? '' : rest.slice(c2 + 1);
  const n = scanInts(where, ':', 3),
    [bus = 0, slot = -1, func = 0] = n.length === 3 ? n : [0, ...n];
  if (bus < 0 || bus > 255 || slot < 0 || slot > 31 || func < 0 || func > 7) return bad;
  if (taken.some((f) => f.bus === bus && f.slot === slot && f.func === func)) return `pci slot ${slot}:${func} already occupied!`;
  if (!EMULATIONS.includes(emul)) return `pci slot ${slot}:${func}: unknown device "${emul}"`;
  return { bus, slot, func, emul, conf, page: 0, bars: [] };
}

/** Initialisation order: bus, slot, function. */
export const inOrder = (fs: PciFunction[]) => [...fs].sort((x, y) => x.bus - y.bus || x.slot - y.slot || x.func - y.func);

const COMMAND = 4,
  STATUS = 6,
  HDRTYPE = 0x0e,
  BAR0 = 0x10,
  CAP_PTR = 0x34,
  INTLINE = 0x3c,
  CAPS = 0x40;
const PORTEN = 1,
  MEMEN = 2,
  BUSMASTEREN = 4,
  CAPPRESENT = 0x10,
  MFDEV = 0x80;
const PCIY_MSI = 5,
  PCIY_MSIX = 0x11;
/** The bits of a capability's control word that a guest may change; the others stay. */
const CONTROL_RW: Record<number, number> = { [PCIY_MSI]: 0x0071, [PCIY_MSIX]: 0xc000 };
const ONES = 0xffffffff;

export class Pci {
  constructor(
    private readonly m: Machine,
    private readonly t: PciTree,
  ) {}

  /** Identity of a function; its page must be there. It decodes its BARs from the start; no legacy interrupt. */
  identify(f: PciFunction, vendor: number, device: number, cls: number, subvendor: number, subdevice: number) {
    const { m } = this,
      c = f.page;
    m.st16(c, vendor);
    m.st16(c + 2, device);
    m.st16(c + COMMAND, PORTEN | MEMEN | BUSMASTEREN);
    m.st8(c + 0x0a, cls & 0xff);
    m.st8(c + 0x0b, cls >>> 8);
    m.st16(c + 0x2c, subvendor);
    m.st16(c + 0x2e, subdevice);
    m.st8(c + INTLINE, 255);
  }

  /** pci_emul_alloc_bar: next address of the window, aligned to the size. Undefined when it does not fit. */
  allocBar(f: PciFunction, idx: number, type: Bar['type'], size: number): Bar | undefined {
    const { t, m } = this;
    let pow = type === 'io' ? 4 : 16;
    while (pow < size) pow *= 2;
    const next = type === 'io' ? t.ioNext : t.memNext,
      addr = Math.ceil(next / pow) * pow;
    if (addr + pow > (type === 'io' ? IO_LIMIT : MEM_LIMIT)) return undefined;
    if (type === 'io') t.ioNext = addr + pow;
    else t.memNext = addr + pow;
    const bar: Bar = { type, addr, size: pow };
    while (f.bars.length <= idx) f.bars.push(null);
    f.bars[idx] = bar;
    m.st32(f.page + BAR0 + idx * 4, addr | (type === 'io' ? 1 : 0));
    return bar;
  }

  /** Slop after each bus, so that a guest may move its BARs. */
  busDone() {
    const { t } = this;
    t.ioNext = Math.ceil((t.ioNext + 32) / 32) * 32;
    t.memNext = Math.ceil((t.memNext + 0x100000) / 0x100000) * 0x100000;
  }

  /** Capability bytes at an offset, linked in front of `next`. */
  capability(f: PciFunction, offset: number, next: number, bytes: number[]) {
    const { m } = this;
    bytes.forEach((b, i) => {
      m.st8(f.page + offset + i, b);
    });
    m.st8(f.page + offset + 1, next);
    if (!m.ld8(f.page + CAP_PTR)) m.st8(f.page + CAP_PTR, offset);
    m.st16(f.page + STATUS, m.ld16(f.page + STATUS) | CAPPRESENT);
  }
  /** The MSI capability: `messages` is a power of two; one more capability may stand at `next`. */
  msi(f: PciFunction, offset: number, messages: number, next = 0) {
    this.capability(f, offset, next, [PCIY_MSI, 0, 0x80 | (Math.log2(messages) << 1), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  }

  at(bus: number, slot: number, func: number) {
    return this.t.functions.find((f) => f.bus === bus && f.slot === slot && f.func === func);
  }

  /** Ports 0xCF8 to 0xCFF. The address is written and read by four bytes only. */
  cfgPort(port: number, bytes: number, value: number | undefined): number {
    const { t } = this;
    if (port === 0xcf8) {
      if (bytes !== 4) return ONES;
      if (value !== undefined) t.cfgAddr = (value & 0x80ffffff) >>> 0;
      return t.cfgAddr;
    }
    const a = t.cfgAddr;
    if (!(a & 0x80000000)) return ONES;
    return this.cfg((a >>> 16) & 255, (a >>> 11) & 31, (a >>> 8) & 7, (a & 255) + (port - 0xcfc), bytes, value);
  }

  /** pci_cfgrw: absent functions and accesses that are not aligned read as ones. */
  cfg(bus: number, slot: number, func: number, reg: number, bytes: number, value: number | undefined): number {
    const { m } = this,
      f = this.at(bus, slot, func);
    if (!f?.page || reg & (bytes - 1) || reg > 255) return ONES;
    if (value !== undefined) {
      this.#write(f, reg, bytes, value);
      return 0;
    }
    const p = f.page + reg,
      v = bytes === 1 ? m.ld8(p) : bytes === 2 ? m.ld16(p) : m.ld32(p),
      shift = (HDRTYPE - reg) * 8;
    if (reg > HDRTYPE || reg + bytes <= HDRTYPE) return v;
    const multi = this.t.functions.some((g) => g !== f && g.page !== 0 && g.bus === bus && g.slot === slot);
    return ((v & ~(MFDEV << shift)) | (multi ? MFDEV << shift : 0)) >>> 0;
  }

  #write(f: PciFunction, reg: number, bytes: number, value: number) {
    const { m } = this,
      p = f.page + reg;
    if (reg >= BAR0 && reg < BAR0 + 24) {
      if (bytes === 4) this.#writeBar(f, (reg - BAR0) / 4, value);
      return;
    }
    if (reg >= CAPS && m.ld16(f.page + STATUS) & CAPPRESENT && reg < this.#capEnd(f)) {
      this.#writeCap(f, reg, bytes, value);
      return;
    }
    if (bytes === 1) m.st8(p, value);
    else if (bytes === 2) m.st16(p, value);
    else m.st32(p, value);
  }

  /** A BAR moves wherever the guest says; sizing is a move to the top and back. What is mapped behind it stays where it was. */
  #writeBar(f: PciFunction, idx: number, value: number) {
    const { m } = this,
      bar = f.bars[idx],
      addr = bar ? (value & ~(bar.size - 1)) >>> 0 : 0;
    if (bar) bar.addr = bar.type === 'io' ? addr & 0xffff : addr;
    m.st32(f.page + BAR0 + idx * 4, !bar ? 0 : bar.addr | (bar.type === 'io' ? 1 : 0));
  }

  #capLength(id: number) {
    return id === PCIY_MSIX ? 12 : id === PCIY_MSI ? 16 : 60;
  }
  #capEnd(f: PciFunction): number {
    let at = CAPS;
    for (let i = 0; i < 8 && this.m.ld8(f.page + at + 1); i++) at = this.m.ld8(f.page + at + 1);
    return at + this.#capLength(this.m.ld8(f.page + at));
  }

  /** pci_emul_capwrite: id and link are read-only, and of the control word what the capability allows. */
  #writeCap(f: PciFunction, reg: number, bytes: number, value: number) {
    const { m } = this;
    let at = CAPS,
      [r, n, v] = [reg, bytes, value];
    for (let i = 0; i < 8; i++) {
      const next = m.ld8(f.page + at + 1);
      if (next === 0 || r < next) break;
      at = next;
    }
    if (r === at && n === 4) [r, n, v] = [r + 2, 2, v >>> 16];
    else if (r === at || r === at + 1) return;
    const rw = CONTROL_RW[m.ld8(f.page + at)];
    if (r === at + 2 && n === 2 && rw !== undefined) v = (m.ld16(f.page + r) & ~rw) | (v & rw);
    if (n === 1) m.st8(f.page + r, v);
    else if (n === 2) m.st16(f.page + r, v);
    else m.st32(f.page + r, v);
  }

  /** Function and BAR that decode an I/O port or a memory address: as the command register of each allows. */
  decode(type: Bar['type'], addr: number): { f: PciFunction; idx: number; offset: number } | undefined {
    const enable = type === 'io' ? PORTEN : MEMEN;
    for (const f of this.t.functions)
      for (let idx = 0; idx < f.bars.length; idx++) {
        const b = f.bars[idx];
        if (b && b.type === type && addr >= b.addr && addr < b.addr + b.size && this.m.ld16(f.page + COMMAND) & enable)
          return { f, idx, offset: addr - b.addr };
      }
    return undefined;
  }
}

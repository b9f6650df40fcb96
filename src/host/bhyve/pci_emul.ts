// PCI bus emulation: slots, configuration space, BARs. Mirrors pci_emul.c of the GSoC bhyve (facts bhyve 1.4, 4.2, 4.4).
// Configuration bytes live in the machine; the table of functions is in bhyve's process state.

import type { Machine } from '../../sim/machine.ts';

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
}
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
  const nums = /^\s*(\d+)(?::(\d+))?(?::(\d+))?/.exec(where);
  if (!nums?.[1]) return bad;
  const [a, b, c] = [nums[1], nums[2], nums[3]].map((x) => (x === undefined ? undefined : Number(x)));
  const [bus, slot, func] = c !== undefined ? [a ?? 0, b ?? 0, c] : [0, a ?? 0, b ?? 0];
  if (bus > 255 || slot > 31 || func > 7) return bad;
  if (taken.some((f) => f.bus === bus && f.slot === slot && f.func === func)) return `pci slot ${slot}:${func} already occupied!`;
  if (!EMULATIONS.includes(emul)) return `pci slot ${slot}:${func}: unknown device "${emul}"`;
  return { bus, slot, func, emul, conf, page: 0, bars: [] };
}

/** Initialisation order: bus, slot, function. */
export const inOrder = (fs: PciFunction[]) => [...fs].sort((x, y) => x.bus - y.bus || x.slot - y.slot || x.func - y.func);

export class Pci {
  constructor(
    private readonly m: Machine,
    private readonly t: PciTree,
  ) {}

  /** Identity of a function; its page must be there. */
  identify(f: PciFunction, vendor: number, device: number, cls: number, subvendor: number, subdevice: number) {
    const { m } = this,
      c = f.page;
    m.st16(c, vendor);
    m.st16(c + 2, device);
    m.st8(c + 0x0a, cls & 0xff);
    m.st8(c + 0x0b, cls >>> 8);
    m.st16(c + 0x2c, subvendor);
    m.st16(c + 0x2e, subdevice);
    if (this.t.functions.some((g) => g !== f && g.bus === f.bus && g.slot === f.slot)) m.st8(c + 0x0e, m.ld8(c + 0x0e) | 0x80);
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
    m.st32(f.page + 0x10 + idx * 4, addr | (type === 'io' ? 1 : 0));
    m.st16(f.page + 4, m.ld16(f.page + 4) | (type === 'io' ? 1 : 2));
    return bar;
  }

  /** Capability bytes at an offset, linked in front of `next`. */
  capability(f: PciFunction, offset: number, next: number, bytes: number[]) {
    const { m } = this;
    bytes.forEach((b, i) => {
      m.st8(f.page + offset + i, b);
    });
    m.st8(f.page + offset + 1, next);
    if (!m.ld8(f.page + 0x34)) m.st8(f.page + 0x34, offset);
    m.st16(f.page + 6, m.ld16(f.page + 6) | 0x10);
  }

  /** pci_lintr_request: the pin of the slot that fewest functions use. */
  lintr(f: PciFunction) {
    const uses = [0, 0, 0, 0];
    for (const g of this.t.functions)
      if (g !== f && g.bus === f.bus && g.slot === f.slot && g.page) {
        const pin = this.m.ld8(g.page + 0x3d);
        if (pin) uses[pin - 1] = (uses[pin - 1] ?? 0) + 1;
      }
    this.m.st8(f.page + 0x3d, uses.indexOf(Math.min(...uses)) + 1);
  }

  /** pci_emul_add_pciecap: a root port of version 2, one lane of the first generation. */
  pcieRootPort(f: PciFunction) {
    const cap = new Array<number>(0x3c).fill(0);
    cap[0] = 0x10;
    cap[2] = 0x42;
    [cap[12], cap[13]] = [0x11, 0x04]; // link capabilities
    cap[18] = 0x11; // link status
    this.capability(f, 0x40, 0, cap);
  }

  at(bus: number, slot: number, func: number) {
    return this.t.functions.find((f) => f.bus === bus && f.slot === slot && f.func === func);
  }

  /** Ports 0xCF8 and 0xCFC. */
  cfgPort(port: number, bytes: number, value: number | undefined): number {
    const { t, m } = this;
    if (port === 0xcf8) {
      if (value !== undefined) t.cfgAddr = value;
      return t.cfgAddr;
    }
    const a = t.cfgAddr,
      f = this.at((a >>> 16) & 255, (a >>> 11) & 31, (a >>> 8) & 7),
      reg = (a & 0xfc) + (port & 3);
    if (!(a & 0x80000000) || !f) return 0xffffffff;
    const p = f.page + reg;
    if (value === undefined) return bytes === 1 ? m.ld8(p) : bytes === 2 ? m.ld16(p) : m.ld32(p);
    const barIdx = (reg - 0x10) / 4;
    if (barIdx >= 0 && barIdx < 6) {
      // sizing works; the address of a BAR in use is not moved
      const bar = f.bars[barIdx];
      const flag = bar?.type === 'io' ? 1 : 0;
      m.st32(p, !bar ? 0 : value === 0xffffffff ? (~(bar.size - 1) >>> 0) | flag : (value & ~(bar.size - 1)) | flag);
    } else if (reg === 4) m.st16(p, value);
    else if (reg >= 0x40 && reg < 0x60) {
      if (bytes === 2) m.st16(p, value);
      else if (bytes === 4) m.st32(p, value);
      else m.st8(p, value);
    } else if (reg === 0x3c) m.st8(p, value);
    return 0;
  }

  /** Function and BAR that decode an I/O port or a memory address. */
  decode(type: Bar['type'], addr: number): { f: PciFunction; idx: number; offset: number } | undefined {
    for (const f of this.t.functions)
      for (let idx = 0; idx < f.bars.length; idx++) {
        const b = f.bars[idx];
        if (b && b.type === type && addr >= b.addr && addr < b.addr + b.size) return { f, idx, offset: addr - b.addr };
      }
    return undefined;
  }
}

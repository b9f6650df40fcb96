// The guest's PCI bus: configuration mechanism 1 through ports 0xCF8 and 0xCFC, each access an exit; the scan, interrupt
// routing, capabilities, and what /dev/pci answers to pciconf. Mirrors dev/pci/pci.c and pci_user.c: a slot whose function 0
// is absent is skipped whole (facts bhyve 1.5 row 11, 4.2, 6.2).

import type { PciBar, PciConf } from '../../bin/pciconf.ts';
import type { Strerror } from '../../bin/sys.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { PciDev } from './tree.ts';

export const PCIR_COMMAND = 4;
const PCIR_STATUS = 6,
  STATUS_CAPPRESENT = 0x10,
  PCIR_CAP_PTR = 0x34,
  REG_MAX = 255,
  REG_LAST = 4095; // of PCI Express; beyond 255 there is nothing
export const PCIY_MSI = 5,
  PCIY_MSIX = 0x11;

export type Width = 1 | 2 | 4;
const address = (b: number, s: number, f: number, reg: number) => (0x80000000 | (b << 16) | (s << 11) | (f << 8) | (reg & 0xfc)) >>> 0;

/** Configuration read of 1, 2 or 4 bytes. */
export function pciRead(cpu: GuestCpu, b: number, s: number, f: number, reg: number, bytes: Width): number {
  cpu.out(0xcf8, 4, address(b, s, f, reg));
  const v = cpu.in(0xcfc + (reg & 3), bytes);
  return bytes === 4 ? v >>> 0 : v & (bytes === 2 ? 0xffff : 0xff);
}
export function pciWrite(cpu: GuestCpu, b: number, s: number, f: number, reg: number, bytes: Width, v: number) {
  cpu.out(0xcf8, 4, address(b, s, f, reg));
  cpu.out(0xcfc + (reg & 3), bytes, v >>> 0);
}

/** Registers of one function. */
export const regs = (cpu: GuestCpu, d: Pick<PciDev, 'bus' | 'slot' | 'func'>) => ({
  read: (reg: number, bytes: Width) => pciRead(cpu, d.bus, d.slot, d.func, reg, bytes),
  write: (reg: number, bytes: Width, v: number) => {
    pciWrite(cpu, d.bus, d.slot, d.func, reg, bytes, v);
  },
});

/** pci_find_cap: where a capability is, 0 when there is none. */
export function findCap(cpu: GuestCpu, d: PciDev, id: number): number {
  const r = regs(cpu, d);
  if (!(r.read(PCIR_STATUS, 2) & STATUS_CAPPRESENT)) return 0;
  for (let ptr = r.read(PCIR_CAP_PTR, 1), n = 0; ptr && n < 48; ptr = r.read(ptr + 1, 1), n++) if (r.read(ptr, 1) === id) return ptr;
  return 0;
}

function bars(cpu: GuestCpu, b: number, s: number, f: number, hdr: number): PciDev['bars'] {
  const found: PciDev['bars'] = [];
  for (let i = 0; i < (hdr === 0 ? 6 : 0); i++) {
    const reg = 0x10 + i * 4,
      old = pciRead(cpu, b, s, f, reg, 4);
    pciWrite(cpu, b, s, f, reg, 4, 0xffffffff);
    const mask = pciRead(cpu, b, s, f, reg, 4);
    pciWrite(cpu, b, s, f, reg, 4, old);
    if (!mask) continue;
    const io = (mask & 1) === 1,
      size = ((~(mask & (io ? ~3 : ~15)) >>> 0) + 1) & (io ? 0xffff : -1);
    found.push({ reg, type: io ? 'io' : 'mem', base: (old & (io ? ~3 : ~15)) >>> 0, size: size >>> 0 });
  }
  return found;
}

/** Every function of bus 0, with its BARs sized. */
export function pciScan(cpu: GuestCpu): PciDev[] {
  const found: PciDev[] = [],
    routed = new Map<string, number>();
  for (let s = 0; s < 32; s++) {
    const multi = pciRead(cpu, 0, s, 0, 0x0e, 1);
    if ((multi & 0x7f) > 2) continue;
    for (let f = 0; f < (multi & 0x80 ? 8 : 1); f++) {
      const id = pciRead(cpu, 0, s, f, 0, 4);
      if ((id & 0xffff) === 0xffff) continue;
      const cls = pciRead(cpu, 0, s, f, 8, 4),
        hdr = pciRead(cpu, 0, s, f, 0x0e, 1) & 0x7f,
        pin = pciRead(cpu, 0, s, f, 0x3d, 1);
      const d: PciDev = {
        bus: 0,
        slot: s,
        func: f,
        vendor: id & 0xffff,
        device: id >>> 16,
        cls: cls >>> 8,
        rev: cls & 255,
        card: hdr === 0 ? pciRead(cpu, 0, s, f, 0x2c, 4) : 0,
        hdr,
        bars: bars(cpu, 0, s, f, hdr),
        pin,
        irq: 0,
        driver: '',
        desc: '',
      };
      if (pin) {
        // what bhyve's ACPI tables say: pins get the lines of the I/O APIC from 16 on, in the order of the functions
        const key = `${s}:${pin}`,
          irq = routed.get(key) ?? 16 + (routed.size % 16);
        routed.set(key, irq);
        d.irq = irq;
      }
      found.push(d);
    }
  }
  return found;
}

/** /dev/pci. */
export class PciUser {
  constructor(
    private readonly cpu: GuestCpu,
    private readonly devs: () => PciDev[],
  ) {}

  #at(c: Pick<PciConf, 'bus' | 'slot' | 'func' | 'domain'>) {
    return c.domain === 0 ? this.devs().find((d) => d.bus === c.bus && d.slot === c.slot && d.func === c.func) : undefined;
  }
  /** PCIOCGETCONF. */
  list(): PciConf[] {
    return this.devs().map((d) => {
      const m = /^(.*?)(\d+)$/.exec(d.driver);
      return {
        name: m?.[1] ?? '',
        unit: Number(m?.[2] ?? 0),
        domain: 0,
        bus: d.bus,
        slot: d.slot,
        func: d.func,
        vendor: d.vendor,
        device: d.device,
        cls: d.cls,
        card: d.card,
        rev: d.rev,
        hdr: d.hdr,
      };
    });
  }
  /** PCIOCGETBAR: what the kernel knows of it; whether it is decoded is in the command register. */
  bars(c: PciConf): PciBar[] {
    const d = this.#at(c);
    if (!d) return [];
    return d.bars.map((b) => ({ ...b, enabled: (regs(this.cpu, d).read(PCIR_COMMAND, 2) & (b.type === 'io' ? 1 : 2)) !== 0 }));
  }
  #wrong(c: PciConf, reg: number, bytes: number): Strerror | PciDev {
    if (reg > REG_LAST || reg & (bytes - 1)) return { errno: 22, text: 'Invalid argument' };
    const why = 'no function is there; a selector is pci, domain, bus, slot and function, as in pci0:0:2:1.';
    return this.#at(c) ?? { errno: 19, text: 'Operation not supported by device', why };
  }
  /** PCIOCREAD. */
  read(c: PciConf, reg: number, bytes: Width): number | Strerror {
    const d = this.#wrong(c, reg, bytes);
    if ('errno' in d) return d;
    return reg > REG_MAX ? 0xffffffff >>> (32 - bytes * 8) : regs(this.cpu, d).read(reg, bytes);
  }
  /** PCIOCWRITE. */
  write(c: PciConf, reg: number, bytes: Width, v: number): Strerror | undefined {
    const d = this.#wrong(c, reg, bytes);
    if ('errno' in d) return d;
    if (reg <= REG_MAX) regs(this.cpu, d).write(reg, bytes, v);
    return undefined;
  }
}

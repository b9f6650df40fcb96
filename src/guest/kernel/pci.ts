// The guest's PCI scan: configuration mechanism 1 through ports 0xCF8 and 0xCFC, each access an exit. Mirrors
// dev/pci/pci.c: a slot whose function 0 is absent is skipped whole (facts bhyve 1.5, row 11).

import type { GuestCpu } from '../../hw/vcpu.ts';
import type { PciDev } from './tree.ts';

const address = (b: number, s: number, f: number, reg: number) => (0x80000000 | (b << 16) | (s << 11) | (f << 8) | (reg & 0xfc)) >>> 0;

/** Configuration read of 1, 2 or 4 bytes. */
export function pciRead(cpu: GuestCpu, b: number, s: number, f: number, reg: number, bytes: 1 | 2 | 4): number {
  cpu.out(0xcf8, 4, address(b, s, f, reg));
  const v = cpu.in(0xcfc + (reg & 3), bytes);
  return bytes === 4 ? v >>> 0 : v & (bytes === 2 ? 0xffff : 0xff);
}
export function pciWrite(cpu: GuestCpu, b: number, s: number, f: number, reg: number, bytes: 1 | 2 | 4, v: number) {
  cpu.out(0xcf8, 4, address(b, s, f, reg));
  cpu.out(0xcfc + (reg & 3), bytes, v >>> 0);
}

/** Every function of bus 0, with its BARs sized. */
export function pciScan(cpu: GuestCpu): PciDev[] {
  const found: PciDev[] = [];
  for (let s = 0; s < 32; s++) {
    const hdr = pciRead(cpu, 0, s, 0, 0x0e, 1);
    if ((hdr & 0x7f) > 2) continue;
    for (let f = 0; f < (hdr & 0x80 ? 8 : 1); f++) {
      const id = pciRead(cpu, 0, s, f, 0, 4);
      if ((id & 0xffff) === 0xffff) continue;
      const cls = pciRead(cpu, 0, s, f, 8, 4) >>> 8,
        h = pciRead(cpu, 0, s, f, 0x0e, 1),
        bars: PciDev['bars'] = [];
      if ((h & 0x7f) === 0)
        for (let i = 0; i < 6; i++) {
          const reg = 0x10 + i * 4,
            old = pciRead(cpu, 0, s, f, reg, 4);
          pciWrite(cpu, 0, s, f, reg, 4, 0xffffffff);
          const mask = pciRead(cpu, 0, s, f, reg, 4);
          pciWrite(cpu, 0, s, f, reg, 4, old);
          if (!mask) continue;
          const io = (mask & 1) === 1,
            size = ((~(mask & (io ? ~3 : ~15)) >>> 0) + 1) & (io ? 0xffff : -1);
          bars.push({ type: io ? 'io' : 'mem', base: (old & (io ? ~3 : ~15)) >>> 0, size: size >>> 0 });
        }
      found.push({ bus: 0, slot: s, func: f, vendor: id & 0xffff, device: id >>> 16, cls, hdr: h, bars, driver: '' });
    }
  }
  return found;
}

/** Devices that have an interrupt pin: virtio-net and -blk, AHCI, a UART. */
const PINNED = [0x10001af4, 0x10011af4, 0x28218086, 0x2000131f];
/** The I/O APIC's input of a device: from 16 on, in the order of the bus. */
export const pciIrq = (all: readonly PciDev[], d: PciDev): number | undefined => {
  const pinned = all.filter((x) => PINNED.includes(x.device * 0x10000 + x.vendor)),
    i = pinned.indexOf(d);
  return i < 0 ? undefined : 16 + (i % 16);
};

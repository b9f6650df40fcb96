// Devices of the guest besides network and memdev: what their drivers of FreeBSD 10 say when they attach. The disks are found and
// sized, and nothing is read from them: the root is the memory disk (modelled).

import type { VtnetEnv } from './if_vtnet.ts';
import { pciIrq } from './pci.ts';
import type { PciDev } from './tree.ts';

const hex = (x: number) => `0x${x.toString(16)}`;
const CAPACITY = 24;

/** The device's line: its resources, its place. */
function found(e: VtnetEnv, d: PciDev, name: string, what: string) {
  const range = (kind: 'io' | 'mem', word: string) => {
    const of = d.bars.filter((b) => b.type === kind);
    return of.length ? ` ${word} ${of.map((b) => `${hex(b.base)}-${hex(b.base + b.size - 1)}`).join(',')}` : '';
  };
  const irq = pciIrq(e.t.pci, d);
  e.log(
    `${name}: <${what}>${range('io', 'port')}${range('mem', 'mem')}${irq === undefined ? '' : ` irq ${irq}`} at device ${d.slot}.${d.func} on pci0`,
  );
}
const unit = (e: VtnetEnv, device: number) =>
  e.t.pci.filter((x) => x.vendor === 0x1af4 && x.device === device && x.driver !== '').length - 1;

/** Class and subclass as pci(4) prints them of a device that no driver wants. */
const CLASSES: Record<number, string> = { 512: 'network, ethernet', 1792: 'simple comms, UART', 262: 'mass storage, SATA' };

export function otherAttach(e: VtnetEnv, d: PciDev) {
  const { cpu } = e,
    io = d.bars.find((b) => b.type === 'io');
  if (d.vendor === 0x1af4 && d.device === 0x1001 && io) {
    const name = `vtblk${unit(e, 0x1001)}`;
    found(e, d, d.driver, 'VirtIO PCI Block adapter');
    e.log(`${name}: <VirtIO Block Adapter> on ${d.driver}`);
    for (const status of [0, 1, 3]) cpu.out(io.base + 18, 1, status);
    cpu.out(io.base + 4, 4, cpu.in(io.base, 4));
    const sectors = cpu.in(io.base + CAPACITY, 4) + cpu.in(io.base + CAPACITY + 4, 4) * 2 ** 32;
    cpu.out(io.base + 18, 1, 7);
    e.log(`${name}: ${Math.floor(sectors / 2048)}MB (${sectors} 512 byte sectors)`);
    e.t.disks = [...(e.t.disks ?? []), `vtbd${name.slice(5)}`];
    return;
  }
  if (d.vendor === 0x1af4 && d.device === 0x1005 && io) {
    found(e, d, d.driver, 'VirtIO PCI Entropy adapter');
    e.log(`vtrnd${unit(e, 0x1005)}: <VirtIO Entropy Adapter> on ${d.driver}`);
    for (const status of [0, 1, 3, 7]) cpu.out(io.base + 18, 1, status);
    return;
  }
  if (d.vendor === 0x8086 && d.device === 0x2821) {
    const n = e.t.pci.filter((x) => x.driver.startsWith('ahci')).length;
    d.driver = `ahci${n}`;
    found(e, d, d.driver, 'Intel ICH8 AHCI SATA controller');
    e.log(`ahcich${n * 6}: <AHCI channel> at channel 0 on ${d.driver}`);
    return;
  }
  e.log(`pci0: <${CLASSES[d.cls >>> 8] ?? 'unknown'}> at device ${d.slot}.${d.func} (no driver attached)`);
}

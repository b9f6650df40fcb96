// virtio_pci: what the bus driver below vtnet prints and sets up: device line, feature words, interrupt vectors. Mirrors
// virtio_pci.c and virtio.c of FreeBSD 10 (facts bhyve 3.3, 4.3, 6.1).

import * as L from '../../../wasm/layout.ts';
import type { VtnetEnv } from './if_vtnet.ts';
import { PCIR_COMMAND, PCIY_MSI, PCIY_MSIX, findCap, regs } from './pci.ts';
import type { PciDev, VtnetSoftc } from './tree.ts';

/** Words of the feature bits; a bit without one is printed as a number, as bit 25 is. */
export const FEATURES: Record<number, string> = {
  0: 'TxChecksum',
  1: 'RxChecksum',
  5: 'MacAddress',
  6: 'TxAllGSO',
  7: 'RxTSOv4',
  8: 'RxTSOv6',
  9: 'RxECN',
  10: 'RxUFO',
  11: 'TxTSOv4',
  12: 'TxTSOv6',
  13: 'TxTSOECN',
  14: 'TxUFO',
  15: 'MrgRxBuf',
  16: 'Status',
  17: 'ControlVq',
  18: 'RxMode',
  19: 'VLanFilter',
  21: 'GuestAnnounce',
  22: 'Multiqueue',
  23: 'SetMacAddress',
  24: 'NotifyOnEmpty',
  28: 'RingIndirect',
  29: 'EventIdx',
};
const TYPES: Record<number, string> = { 1: 'Network', 2: 'Block', 3: 'Console', 4: 'Entropy', 5: 'Balloon', 8: 'SCSI', 9: '9P Transport' };
/** The first number of an MSI: FreeBSD begins at 256, and the HPET takes eight. */
export const FIRST_MSI_IRQ = 264;
const LAPIC = 0xfee00000;

const hex = (x: number) => `0x${x.toString(16)}`;

/** virtio_describe: highest bit first. */
export function describeFeatures(features: number): string {
  const words: string[] = [];
  for (let b = 31; b >= 0; b--) if ((features >>> b) & 1) words.push(FEATURES[b] ?? hex(2 ** b));
  return `${hex(features >>> 0)}${words.length ? ` <${words.join(',')}>` : ''}`;
}

/** device_print_child of a PCI function: its resources and where it is. */
export function deviceLine(d: PciDev): string {
  const range = (b: PciDev['bars'][number]) => `${hex(b.base)}-${hex(b.base + b.size - 1)}`,
    of = (type: 'io' | 'mem', word: string) => {
      const all = d.bars.filter((b) => b.type === type).map(range);
      return all.length ? ` ${word} ${all.join(',')}` : '';
    };
  const irq = d.irq ? ` irq ${d.irq}` : '';
  return `${d.driver}: <${d.desc}>${of('io', 'port')}${of('mem', 'mem')}${irq} at device ${d.slot}.${d.func} on pci${d.bus}`;
}

/** The next free unit of a driver. */
export function attachAs(e: VtnetEnv, d: PciDev, driver: string, desc: string): string {
  let unit = 0;
  while (e.t.pci.some((x) => x.driver === `${driver}${unit}`)) unit++;
  d.driver = `${driver}${unit}`;
  d.desc = desc;
  e.log(deviceLine(d));
  return d.driver;
}
/** device_attach has failed: the function has no driver again, and its unit is free. */
export function attachFailed(e: VtnetEnv, d: PciDev, why: string, errno: number) {
  e.log(`${d.driver}: ${why}`);
  e.log(`device_attach: ${d.driver} attach returned ${errno}`);
  d.driver = d.desc = '';
}

export const isVirtio = (d: PciDev) => d.vendor === 0x1af4 && d.device >= 0x1000 && d.device <= 0x103f;
/** The subsystem's number is the kind of device. */
export const virtioType = (d: PciDev) => d.card >>> 16;

/** vtpci_attach: false when the registers cannot be reached. */
export function virtioPciAttach(e: VtnetEnv, d: PciDev): boolean {
  const type = virtioType(d);
  attachAs(e, d, 'virtio_pci', `VirtIO PCI ${TYPES[type] ?? 'Unknown'} adapter`);
  const r = regs(e.cpu, d);
  r.write(PCIR_COMMAND, 2, r.read(PCIR_COMMAND, 2) | 4); // bus master
  if (d.bars.some((b) => b.type === 'io')) return true;
  attachFailed(e, d, 'cannot map I/O space', 6);
  return false;
}

/** vtpci_negotiate_features, as a verbose boot tells it. */
export function tellFeatures(e: VtnetEnv, d: PciDev, sc: VtnetSoftc, offered: number) {
  if (!e.verbose) return;
  e.log(`${d.driver}: host features: ${describeFeatures(offered)}`);
  e.log(`${d.driver}: negotiated features: ${describeFeatures(sc.features)}`);
}

/**
 * vtpci_alloc_interrupts: three vectors of MSI-X (configuration, RX, TX), else the one of MSI. MSI-X needs the BAR that holds its
 * table: where that did not fit, the capability is there and the table is not.
 */
export function allocInterrupts(e: VtnetEnv, d: PciDev, sc: VtnetSoftc) {
  const { cpu, t } = e,
    r = regs(cpu, d),
    used = t.vtnets.reduce((n, v) => n + v.nvec, 0),
    irq = FIRST_MSI_IRQ + used,
    tell = (text: string) => {
      if (e.verbose) e.log(`${d.driver}: ${text}`);
    };
  sc.vector = L.IDT_FIRST + used;
  const msix = e.kenv['hw.virtio.pci.disable_msix'] === '1' ? 0 : findCap(cpu, d, PCIY_MSIX),
    table = msix && d.bars.find((b) => b.reg === 0x10 + (r.read(msix + 4, 4) & 7) * 4);
  if (msix && table) {
    tell('attempting to allocate 3 MSI-X vectors (3 supported)');
    for (let v = 0; v < 3; v++) {
      cpu.mmioWrite(table.base + v * 16, LAPIC);
      cpu.mmioWrite(table.base + v * 16 + 4, 0);
      cpu.mmioWrite(table.base + v * 16 + 8, sc.vector + v);
      cpu.mmioWrite(table.base + v * 16 + 12, 0);
    }
    r.write(msix + 2, 2, r.read(msix + 2, 2) | 0x8000);
    for (let v = 0; e.verbose && v < 3; v++) e.log(`msi: routing MSI-X IRQ ${irq + v} to local APIC 0 vector ${sc.vector + v}`);
    tell(`using IRQs ${irq}-${irq + 2} for MSI-X`);
    sc.msix = table.base;
    sc.nvec = 3;
    return;
  }
  const msi = findCap(cpu, d, PCIY_MSI);
  if (!msi) return;
  tell('attempting to allocate 1 MSI vectors (1 supported)');
  const wide = (r.read(msi + 2, 2) & 0x80) !== 0;
  r.write(msi + 4, 4, LAPIC);
  if (wide) r.write(msi + 8, 4, 0);
  r.write(msi + (wide ? 12 : 8), 2, sc.vector);
  r.write(msi + 2, 2, r.read(msi + 2, 2) | 1);
  if (e.verbose) e.log(`msi: routing MSI IRQ ${irq} to local APIC 0 vector ${sc.vector}`);
  tell(`using IRQ ${irq} for MSI`);
  sc.nvec = 1;
}

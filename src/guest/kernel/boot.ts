// The guest's boot: lines in FreeBSD's order, devices as its bus scan finds them. One stage a turn of the vCPU, so that
// the lines scroll. Mirrors the autoconfiguration of FreeBSD 10 on bhyve (facts bhyve 6.1).

import { kernelLine } from '../../bin/debug_line.ts';
import { F_PTNETMAP, type VtnetEnv, vtnetAttach, vtnetSoftc } from './if_vtnet.ts';
import { ptnetmapAttach } from './if_vtnet_netmap.ts';
import { pciScan } from './pci.ts';
import type { PciDev } from './tree.ts';

/** ns until the next stage: boot takes about a second of lab time. */
export const STAGE_NS = 60e6;

const hex = (x: number) => `0x${x.toString(16)}`;

export interface BootEnv extends VtnetEnv {
  /** rc.d/sysctl: what /etc/sysctl.conf sets. */
  sysctlConf(): void;
}

/** Stages in order; each prints through e.log. */
export const STAGES: ((e: BootEnv) => void)[] = [
  (e) => {
    e.log('Copyright (c) 1992-2015 The FreeBSD Project.');
    e.log('Copyright (c) 1979, 1980, 1983, 1986, 1988, 1989, 1991, 1992, 1993, 1994');
    e.log('\tThe Regents of the University of California. All rights reserved.');
    e.log('FreeBSD is a registered trademark of The FreeBSD Foundation.');
    e.log('FreeBSD 10.2-STABLE #0 r287649M: Thu Aug 13 10:12:31 UTC 2015');
    e.log('    root@host:/usr/obj/usr/src/sys/PTNETMAP amd64');
  },
  (e) => {
    const mb = e.cpu.ramBytes / 1048576;
    e.log(`real memory  = ${e.cpu.ramBytes} (${mb} MB)`);
    e.log(`avail memory = ${Math.floor(e.cpu.ramBytes * 0.963)} (${Math.floor(mb * 0.963)} MB)`);
    e.log('Event timer "LAPIC" quality 400');
    e.log('ACPI APIC Table: <BHYVE  BVMADT  >');
    e.log('ioapic0 <Version 1.1> irqs 0-31 on motherboard');
  },
  (e) => {
    e.log('acpi0: <BHYVE BVXSDT> on motherboard');
    e.log('acpi0: Power Button (fixed)');
    e.log('cpu0: <ACPI CPU> on acpi0');
    e.log('hpet0: <High Precision Event Timer> iomem 0xfed00000-0xfed003ff on acpi0');
  },
  (e) => {
    e.log('pcib0: <ACPI Host-PCI bridge> port 0xcf8-0xcff on acpi0');
    e.log('pci0: <ACPI PCI bus> on pcib0');
    e.t.pci = pciScan(e.cpu);
  },
  (e) => {
    for (const d of e.t.pci) attach(e, d);
  },
  (e) => {
    if ((e.cpu.in(0x3fd, 1) & 0xff) !== 0xff) {
      e.log('uart0: <Non-standard ns8250 class UART with FIFOs> port 0x3f8-0x3ff irq 4 flags 0x10 on acpi0');
      e.log('uart0: console (9600,n,8,1)');
    }
    e.log('Timecounters tick every 10.000 msec');
    e.log('netmap: loaded module');
    e.log('md0: Preloaded image </mfsroot> 33554432 bytes');
    e.log('Trying to mount root from ufs:/dev/md0 []...');
  },
  (e) => {
    e.log(`Setting hostname: ${e.t.os.hostname}.`);
    e.sysctlConf();
  },
  (e) => {
    // rc.conf: ifconfig_DEFAULT="up"
    if (e.t.vtnets.length) e.log(`Starting Network: lo0 ${e.t.vtnets.map((v) => v.name).join(' ')}.`);
    for (const v of e.t.vtnets) e.ifs.ioctl(v.name, { k: 'up' });
  },
  (e) => {
    e.log('');
    e.log(`FreeBSD/amd64 (${e.t.os.hostname}) (ttyu0)`);
    e.log('');
    e.log('login: root (automatic login)');
  },
];

function attach(e: VtnetEnv, d: PciDev) {
  const at = `at device ${d.slot}.${d.func} on pci0`;
  if (d.cls >>> 8 === 0x0600) {
    const n = e.t.pci.filter((x) => x.driver.startsWith('hostb')).length;
    d.driver = `hostb${n}`;
    e.log(`${d.driver}: <Host to PCI bridge> ${at}`);
    return;
  }
  if (d.cls >>> 8 === 0x0601) {
    d.driver = 'isab0';
    e.log(`isab0: <PCI-ISA bridge> ${at}`);
    e.log('isa0: <ISA bus> on isab0');
    return;
  }
  if (d.vendor === 0x1af4 && d.device === 0x1000) {
    d.driver = `virtio_pci${e.t.vtnets.length}`;
    const sc = vtnetAttach(e, d);
    if (sc && sc.features & F_PTNETMAP) ptnetmapAttach(e, sc);
    if (sc && !sc.softc) vtnetSoftc(e, sc);
    return;
  }
  if (d.vendor === 0x3333 && d.device === 1) memdevAttach(e, d);
}

/** The ptnetmap-memdev driver: reads MEMSIZE and HOSTID, reserves the BAR (facts bhyve 4.6). */
function memdevAttach(e: VtnetEnv, d: PciDev) {
  const { cpu, t } = e,
    unit = t.pci.filter((x) => x.driver.startsWith('ptnetmap-memdev')).length,
    name = `ptnetmap-memdev${unit}`;
  const io = d.bars.find((b) => b.type === 'io'),
    mem = d.bars.find((b) => b.type === 'mem');
  d.driver = name;
  e.log(kernelLine(e.now(), 'ptn_memdev_probe', 595, 'ptn_memdev_driver probe'));
  e.log(
    `${name}: <ptnetmap-memdev PCI adapter>${io ? ` port ${hex(io.base)}-${hex(io.base + io.size - 1)}` : ''}${mem ? ` mem ${hex(mem.base)}-${hex(mem.base + mem.size - 1)}` : ''} at device ${d.slot}.${d.func} on pci0`,
  );
  e.log(kernelLine(e.now(), 'ptn_memdev_attach', 619, 'ptn_memdev_driver attach'));
  if (!io) {
    e.log(`${name}: cannot map I/O space`);
    e.log(`device_attach: ${name} attach returned 6`);
    return;
  }
  const size = cpu.in(io.base + 4, 4) >>> 0,
    id = cpu.in(io.base + 8, 2) & 0xffff;
  e.log(kernelLine(e.now(), 'ptn_memdev_attach', 644, `ptn_memdev_driver probe OK - host_id: ${id}`));
  t.memdevs.push({ unit, iobase: io.base, bar: mem?.base ?? 0, size: mem ? size : 0, barSize: mem?.size ?? 0, id, mapped: false });
}

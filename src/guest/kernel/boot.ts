// The guest's boot: lines in FreeBSD's order, devices as its bus scan finds them. One stage a turn of the vCPU, so that
// the lines scroll. Mirrors the autoconfiguration of FreeBSD 10 on bhyve (facts bhyve 6.1); what the CPU says of itself is
// modelled.

import { COMPILER, MODEL, VERSION } from '../../bin/kernel_version.ts';
import { className, subclassName } from '../../bin/pci_ids.ts';
import { otherAttach } from './boot_devices.ts';
import { acpiEnable } from './power.ts';
import { attachMemdev } from './ptn_memdev.ts';
import { F_PTNETMAP, type VtnetEnv, vtnetAttach, vtnetSoftc } from './if_vtnet.ts';
import { ptnetmapAttach } from './if_vtnet_netmap.ts';
import { PCIY_MSI, PCIY_MSIX, findCap, pciScan, regs } from './pci.ts';
import type { PciDev } from './tree.ts';
import { attachAs, isVirtio, virtioType } from './virtio_pci.ts';

/** ns until the next stage: boot takes about a second of lab time. */
export const STAGE_NS = 60e6;

/** What cpuid(1) says, by bit: the bits that bhyve hides from its guests are not there. */
const FEATURES: [number, string][] = [
  'FPU:0 VME:1 DE:2 PSE:3 TSC:4 MSR:5 PAE:6 CX8:8 APIC:9 SEP:11 PGE:13 CMOV:15 PAT:16 PSE36:17 CLFLUSH:19 MMX:23 FXSR:24 SSE:25 SSE2:26 SS:27 HTT:28',
  'SSE3:0 PCLMULQDQ:1 SSSE3:9 CX16:13 SSE4.1:19 SSE4.2:20 x2APIC:21 POPCNT:23 AESNI:25 XSAVE:26 OSXSAVE:27 AVX:28 HV:31',
].map((words) => {
  const bits = words.split(' ').map((w) => w.split(':'));
  return [bits.reduce((n, [, b]) => n + 2 ** Number(b), 0), `<${bits.map(([w]) => w).join(',')}>`];
});

/** What a stage may use: rc() is a line of a program on the console, which only dmesg -a shows. */
export interface BootEnv extends VtnetEnv {
  rc(line: string): void;
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
    for (const l of VERSION.trimEnd().split('\n')) e.log(`${l}${l.startsWith(' ') ? ' amd64' : ''}`);
    e.log(COMPILER);
  },
  (e) => {
    const mb = e.cpu.ramBytes / 1048576,
      avail = Math.floor((e.cpu.ramBytes * 0.963) / 4096) * 4096,
      [one, two] = FEATURES;
    e.log(`CPU: ${MODEL} (3000.00-MHz K8-class CPU)`);
    e.log('  Origin = "GenuineIntel"  Id=0x306e4  Family=0x6  Model=0x3e  Stepping=4');
    e.log(`  Features=0x${one?.[0].toString(16)}${one?.[1]}`);
    e.log(`  Features2=0x${two?.[0].toString(16)}${two?.[1]}`);
    e.log('  AMD Features=0x20100800<SYSCALL,NX,LM>');
    e.log('  AMD Features2=0x1<LAHF>');
    e.log(`real memory  = ${e.cpu.ramBytes} (${mb} MB)`);
    e.log(`avail memory = ${avail} (${Math.floor(avail / 1048576)} MB)`);
    e.log('Event timer "LAPIC" quality 400');
    e.log('ACPI APIC Table: <BHYVE  BVMADT  >');
    e.log('ioapic0 <Version 1.1> irqs 0-31 on motherboard');
  },
  (e) => {
    e.log('acpi0: <BHYVE BVXSDT> on motherboard');
    acpiEnable(e.cpu);
    e.log('acpi0: Power Button (fixed)');
    e.log('cpu0: <ACPI CPU> on acpi0');
    e.log('atrtc0: <AT realtime clock> port 0x70-0x71 irq 8 on acpi0');
    e.log('hpet0: <High Precision Event Timer> iomem 0xfed00000-0xfed003ff on acpi0');
  },
  (e) => {
    e.log('pcib0: <ACPI Host-PCI bridge> port 0xcf8-0xcff on acpi0');
    e.log('pci0: <ACPI PCI bus> on pcib0');
    e.t.pci = pciScan(e.cpu);
    if (e.verbose) for (const d of e.t.pci) found(e, d);
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
    e.log('md0: Preloaded image </mfsroot> 33554432 bytes at 0xffffffff81c01000');
    e.log('Trying to mount root from ufs:/dev/md0 []...');
  },
  (e) => {
    const rc = /^hostname="?([^"\n]*)"?$/m.exec(e.t.os.files['/etc/rc.conf'] ?? '')?.[1];
    if (rc) e.t.os.hostname = rc;
    e.rc(`Setting hostname: ${e.t.os.hostname}.`);
    e.sysctlConf();
  },
  (e) => {
    // rc.conf: ifconfig_DEFAULT="up"
    if (e.t.vtnets.length) e.rc(`Starting Network: lo0 ${e.t.vtnets.map((v) => v.name).join(' ')}.`);
    for (const v of e.t.vtnets) e.ifs.ioctl(v.name, { k: 'up' });
  },
  (e) => {
    e.t.os.files['/var/run/dmesg.boot'] = e.t.dmesg
      .filter((l) => !l.startsWith('<'))
      .join('\n')
      .concat('\n');
    e.rc('');
    e.rc(`FreeBSD/amd64 (${e.t.os.hostname}) (ttyu0)`);
    e.rc('');
    e.rc('login: root (automatic login)');
  },
];

const two = (n: number, digits = 2) => n.toString(16).padStart(digits, '0');

/** A function as a verbose scan tells it (pci_print_verbose). */
function found(e: VtnetEnv, d: PciDev) {
  const r = regs(e.cpu, d);
  e.log(`found->\tvendor=0x${two(d.vendor, 4)}, dev=0x${two(d.device, 4)}, revid=0x${two(d.rev)}`);
  e.log(`\tdomain=0, bus=${d.bus}, slot=${d.slot}, func=${d.func}`);
  const mfdev = e.t.pci.some((x) => x !== d && x.slot === d.slot) ? 1 : 0;
  e.log(`\tclass=${two(d.cls >>> 16)}-${two((d.cls >>> 8) & 255)}-${two(d.cls & 255)}, hdrtype=0x${two(d.hdr)}, mfdev=${mfdev}`);
  e.log(`\tcmdreg=0x${two(r.read(4, 2), 4)}, statreg=0x${two(r.read(6, 2), 4)}, cachelnsz=0 (dwords)`);
  if (d.pin) e.log(`\tintpin=${'abcd'[d.pin - 1] ?? '?'}, irq=${d.irq}`);
  if (findCap(e.cpu, d, PCIY_MSI)) e.log('\tMSI supports 1 message, 64 bit');
  const msix = findCap(e.cpu, d, PCIY_MSIX);
  if (msix) e.log(`\tMSI-X supports ${(r.read(msix + 2, 2) & 0x7ff) + 1} messages in map 0x${two(0x10 + (r.read(msix + 4, 4) & 7) * 4)}`);
  for (const b of d.bars)
    e.log(
      `\tmap[${two(b.reg)}]: type ${b.type === 'io' ? 'I/O Port' : 'Memory'}, range 32, base ${b.base ? `0x${two(b.base)}` : '0'}, size ${String(Math.log2(b.size)).padStart(2)}, enabled`,
    );
}

function attach(e: VtnetEnv, d: PciDev) {
  if (d.cls >>> 8 === 0x0600) {
    attachAs(e, d, 'hostb', 'Host to PCI bridge');
    return;
  }
  if (d.cls >>> 8 === 0x0601) {
    attachAs(e, d, 'isab', 'PCI-ISA bridge');
    e.log(`isa0: <ISA bus> on ${d.driver}`);
    return;
  }
  if (isVirtio(d) && virtioType(d) === 1) {
    const sc = vtnetAttach(e, d);
    if (sc && sc.features & F_PTNETMAP) ptnetmapAttach(e, sc);
    if (sc && !sc.softc) vtnetSoftc(e, sc);
    return;
  }
  if (d.vendor === 0x3333 && d.device === 1) {
    attachMemdev(e, d);
    return;
  }
  if (otherAttach(e, d)) return;
  const words = [className(d.cls), subclassName(d.cls)].filter((x) => x !== undefined).join(', ');
  e.log(`pci${d.bus}: <${words || 'unknown'}> at device ${d.slot}.${d.func} (no driver attached)`);
}

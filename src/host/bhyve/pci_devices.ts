// The table of emulations: what each makes of its function, and who answers at its BARs. Mirrors the linker set of pci_emul.c, and
// in small pci_hostbridge.c, pci_uart.c, pci_ahci.c, pci_passthru.c and the dummy device (facts bhyve 1.3, 4.1).

import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';
import { lpcInit } from './pci_lpc.ts';
import { memdevInit, memdevIo, memdevMem } from './pci_ptnetmap_memdev.ts';
import { diskOpen, virtioBlkInit, virtioOneIo, virtioRndInit } from './pci_virtio_block.ts';
import { virtioNetInit, virtioNetIo, virtioNetMsix } from './pci_virtio_net.ts';
import { scanInts } from './scan.ts';
import { uartIo, uartMake } from './uart_emul.ts';

/** Registers of the dummy device in its page. */
const DUMMY_AT = 640,
  DUMMY_IO = 8;

/** A bridge in the eyes of its header, with a root port's capability: version 2, one lane of the first generation. */
function bridge(c: BhyveCtx, f: PciFunction, vendor: number, device: number): number {
  c.pci.identify(f, vendor, device, 0x0600, 0, 0);
  c.m.st8(f.page + 0x0e, 1);
  const cap = Array<number>(60).fill(0);
  [cap[0], cap[2], cap[12], cap[13], cap[18]] = [0x10, 0x42, 0x11, 0x04, 0x11];
  c.pci.capability(f, 0x40, 0, cap);
  return 0;
}

function ahciInit(c: BhyveCtx, f: PciFunction): number {
  if (!f.conf) {
    c.err('pci_ahci: backing device required');
    return 1;
  }
  if (!diskOpen(c, f.conf)) return 1;
  c.pci.identify(f, 0x8086, 0x2821, 0x0106, 0, 0);
  c.m.st8(f.page + 9, 1);
  c.pci.msi(f, 0x40, 1);
  c.pci.allocBar(f, 5, 'mem32', 0x100 + 6 * 0x80);
  return 0;
}

const uartName = (f: PciFunction) => `pci${f.bus}:${f.slot}:${f.func}`;
function uartInit(c: BhyveCtx, f: PciFunction): number {
  c.pci.identify(f, 0x131f, 0x2000, 0x0700, 0, 0);
  c.pci.allocBar(f, 0, 'io', 8);
  if (uartMake(c, uartName(f), f.conf || undefined)) return 0;
  c.err(`Unable to initialize backend '${f.conf}' for pci uart at ${f.slot}:${f.func}`);
  return -1;
}

/** No device of this host was reserved, so none can be assigned; bhyve says nothing. */
function passthruInit(c: BhyveCtx, f: PciFunction): number {
  const where = f.conf && scanInts(f.conf, '/', 3).length === 3;
  c.err(
    where
      ? "lab: passthru takes a device that pptdevs in the host's loader.conf has reserved; none is."
      : 'lab: passthru is given a device of the host, as in passthru,2/0/0.',
  );
  return 1;
}

function dummyInit(c: BhyveCtx, f: PciFunction): number {
  c.pci.identify(f, 0x10dd, 0x0001, 0x0200, 0, 0);
  c.pci.msi(f, 0x40, 4);
  c.pci.allocBar(f, 0, 'io', DUMMY_IO);
  c.pci.allocBar(f, 1, 'mem32', 4096);
  return 0;
}

const INIT: Record<string, (c: BhyveCtx, f: PciFunction) => number> = {
  hostbridge: (c, f) => bridge(c, f, 0x1275, 0x1275),
  amd_hostbridge: (c, f) => bridge(c, f, 0x1022, 0x7432),
  lpc: lpcInit,
  'virtio-net': virtioNetInit,
  'virtio-blk': virtioBlkInit,
  'virtio-rnd': virtioRndInit,
  'ahci-hd': ahciInit,
  'ahci-cd': ahciInit,
  ahci: ahciInit,
  uart: uartInit,
  passthru: passthruInit,
  dummy: dummyInit,
  'ptnetmap-memdev': memdevInit,
};

/** pe_init: not 0 when the device cannot be. */
export const initDevice = (c: BhyveCtx, f: PciFunction): number => INIT[f.emul]?.(c, f) ?? 1;

/** An access to an I/O BAR. */
export function barIo(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  switch (f.emul) {
    case 'virtio-net':
      return virtioNetIo(c, f, offset, bytes, value);
    case 'ptnetmap-memdev':
      return memdevIo(c, f, offset, value);
    case 'virtio-blk':
    case 'virtio-rnd':
      return virtioOneIo(c, f, offset, bytes, value);
    case 'uart':
      return uartIo(c, uartName(f), offset, value);
    case 'dummy': {
      if (offset + bytes > DUMMY_IO) {
        c.out(`${value === undefined ? 'dior: ior' : 'diow: iow'} too large, offset ${offset} size ${bytes}`);
        return 0;
      }
      let v = 0;
      for (let i = bytes - 1; i >= 0; i--) {
        if (value !== undefined) c.m.st8(f.page + DUMMY_AT + offset + i, (value >>> (8 * i)) & 255);
        v = v * 256 + c.m.ld8(f.page + DUMMY_AT + offset + i);
      }
      return v;
    }
    default:
      return 0;
  }
}

/** An access to emulated memory. */
export function barMem(c: BhyveCtx, f: PciFunction, idx: number, offset: number, bytes: number, value: number | undefined): number {
  if (/^virtio-/.test(f.emul) && idx === 1) return virtioNetMsix(c, f, offset, bytes, value);
  if (f.emul === 'ptnetmap-memdev') return memdevMem(c, offset, value);
  return 0; // the registers of ahci and dummy are not modelled
}

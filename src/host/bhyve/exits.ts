// Exits that vmm leaves to userspace: ports and emulated memory. Mirrors inout.c, mem.c, pm.c and vmexit_inout() of bhyverun.c
// (facts bhyve 1.4, 1.9).

import type { BhyveCtx } from './ctx.ts';
import { barIo, barMem } from './pci_devices.ts';
import { uartIo } from './uart_emul.ts';

const SIGABRT = 6;
const PM1_STS = 0x400,
  PM1_EN = 0x402,
  PM1_CNT = 0x404,
  SMI_CMD = 0xb2,
  RESET = 0xcf9;
export const PWRBTN = 0x100;
const GBL_EN = 0x20;
const ACPI_ENABLE = 0xa0,
  ACPI_DISABLE = 0xa1;
const SLP_EN = 0x2000,
  S5 = 5 << 10,
  SLP_TYP = 0x1c00;
/** ECAM: a megabyte of configuration space a bus. */
const ECFG = 0xe0000000,
  ECFG_END = 0xf0000000;

/** An access to a port that ended in userspace. Nobody there: ones; with -e the end. */
export function bhyveIo(c: BhyveCtx, port: number, bytes: number, value: number | undefined): number {
  const v = emulate(c, port, bytes, value);
  if (v !== undefined) return v;
  if (c.st.flags.strictio && c.st.suspend === null) {
    const width = bytes === 1 ? 'b' : bytes === 2 ? 'w' : 'l';
    c.err(`Unhandled ${value === undefined ? 'in' : 'out'}${width} 0x${port.toString(16).padStart(4, '0')}`);
    c.st.suspend = 128 + SIGABRT;
  }
  return 0xffffffff;
}

function emulate(c: BhyveCtx, port: number, bytes: number, value: number | undefined): number | undefined {
  if (port === 0xcf8 || (port >= 0xcfc && port < 0xd00)) return c.pci.cfgPort(port, bytes, value);
  for (const [name, base] of [
    ['com1', 0x3f8],
    ['com2', 0x2f8],
  ] as const)
    if (c.st.lpc && port >= base && port < base + 8) return com(c, name, port - base, bytes, value);
  const pm = powerIo(c, port, bytes, value);
  if (pm !== undefined) return pm;
  const d = c.pci.decode('io', port);
  return d && barIo(c, d.f, d.offset, bytes, value);
}

/** One byte, or two at once; four is no access. */
function com(c: BhyveCtx, name: string, reg: number, bytes: number, value: number | undefined): number | undefined {
  if (bytes === 1) return uartIo(c, name, reg, value);
  if (bytes !== 2) return undefined;
  const low = uartIo(c, name, reg, value === undefined ? undefined : value & 255);
  return low | (uartIo(c, name, reg + 1, value === undefined ? undefined : value >>> 8) << 8);
}

/** ACPI's fixed registers and the reset port. */
function powerIo(c: BhyveCtx, port: number, bytes: number, value: number | undefined): number | undefined {
  const { st } = c,
    { pm1 } = st;
  switch (port) {
    case SMI_CMD:
      if (value === ACPI_ENABLE && st.flags.acpi) st.pm1 ??= { sts: 0, en: 0 };
      if (value === ACPI_DISABLE) st.pm1 = null;
      return 0;
    case PM1_STS:
      if (bytes !== 2) return undefined;
      if (value === undefined) return pm1?.sts ?? 0;
      if (pm1) pm1.sts &= ~value;
      sciUpdate(c);
      return 0;
    case PM1_EN:
      if (bytes !== 2) return undefined;
      if (value === undefined) return pm1?.en ?? 0;
      if (pm1) pm1.en = value & (PWRBTN | GBL_EN);
      sciUpdate(c);
      return 0;
    case PM1_CNT:
      if (value !== undefined && value & SLP_EN && (value & SLP_TYP) === S5) st.suspend ??= 1;
      return 0;
    case RESET:
      if (value !== undefined && value & 4) st.suspend ??= 0;
      return 0;
    default:
      return undefined;
  }
}

/** The SCI is as an event that is enabled says. */
export function sciUpdate(c: BhyveCtx) {
  const { pm1 } = c.st;
  c.sci(pm1 !== null && (pm1.sts & pm1.en) !== 0);
}

/** An access to emulated memory that ended in userspace: a BAR, ECAM, or the hole, which reads as ones. */
export function bhyveMmio(c: BhyveCtx, gpa: number, bytes: number, value: number | undefined): number {
  if (gpa >= ECFG && gpa < ECFG_END) {
    const o = gpa - ECFG;
    return c.pci.cfg(o >>> 20, (o >>> 15) & 31, (o >>> 12) & 7, o & 0xfff, bytes === 1 || bytes === 2 ? bytes : 4, value);
  }
  const d = c.pci.decode('mem32', gpa);
  return d ? barMem(c, d.f, d.idx, d.offset, bytes, value) : 0xffffffff;
}

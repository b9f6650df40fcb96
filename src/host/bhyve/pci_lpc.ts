// The LPC bridge and its UARTs. Mirrors pci_lpc.c and uart_emul.c: -l is only remembered; without an lpc function
// the console is silently absent. A 16550 whose transmitter is always ready.

import type { BhyveCtx, UartState } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';

/** Device initialisation: one bridge, bus 0; COM ports as -l asked. */
export function lpcInit(c: BhyveCtx, f: PciFunction): number {
  const { st } = c;
  if (st.lpc) {
    c.out('Only one LPC bridge is allowed.');
    return -1;
  }
  if (f.bus !== 0) {
    c.out('LPC bridge can be present only on bus 0.');
    return -1;
  }
  let stdio = false;
  for (const name of ['com1', 'com2']) {
    // by unit; a later -l replaces an earlier one
    const dev = st.lpcdev.filter((d) => d.slice(0, 4).toLowerCase() === name).pop(),
      backend = dev?.slice(5) ?? '';
    if (dev === undefined) continue;
    if (backend && (backend !== 'stdio' || stdio)) {
      c.out(`Unable to initialize backend '${backend}' for LPC device ${name.toUpperCase()}`);
      return -1;
    }
    if (backend === 'stdio') stdio = true;
    st.uarts[name] = { slotIrq: name === 'com1' ? 4 : 3, rx: '', tx: '', ier: 0, backend: backend === 'stdio' };
  }
  st.lpc = true;
  c.pci.identify(f, 0x8086, 0x7000, 0x0601, 0, 0);
  return 0;
}

/** The terminal behind it shows UTF-8: the bytes of a character wait for its last. */
function transmit(c: BhyveCtx, u: UartState, byte: number) {
  const tx = u.tx + String.fromCharCode(byte),
    lead = tx.charCodeAt(0),
    length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  u.tx = byte >= 0x80 && tx.length < length ? tx : '';
  if (!u.tx) c.console(byte < 0x80 && tx.length === 1 ? tx : new TextDecoder().decode(Uint8Array.from(tx, (ch) => ch.charCodeAt(0))));
}

/** Registers of a 16550: RBR/THR, IER, IIR, LCR, MCR, LSR, MSR, SCR. */
export function uartIo(c: BhyveCtx, name: string, reg: number, value: number | undefined): number {
  const u = c.st.uarts[name];
  if (!u) return 0xff;
  if (value !== undefined) {
    if (reg === 0 && u.backend) transmit(c, u, value & 255);
    if (reg === 1) u.ier = value & 15;
    return 0;
  }
  switch (reg) {
    case 0: {
      const ch = u.rx.charCodeAt(0);
      u.rx = u.rx.slice(1);
      return Number.isNaN(ch) ? 0 : ch & 255;
    }
    case 1:
      return u.ier;
    case 2:
      return u.rx && u.ier & 1 ? 0xc4 : 0xc1;
    case 5:
      return 0x60 | (u.rx ? 1 : 0);
    case 6:
      return 0xb0;
    default:
      return 0;
  }
}

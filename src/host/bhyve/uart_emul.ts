// A 16550 as bhyve makes it, and what is behind it: this process's terminal, or one end of a null modem. Mirrors uart_emul.c: the
// transmitter is always ready, standard output is written through standard input's terminal, stdio can be claimed once.
// Modelled: the receive FIFO has no end, and a loopback does not loop.

import type { BhyveCtx, UartState } from './ctx.ts';

const LCR_DLAB = 0x80;
/** 1843200 / 9600 / 16. */
const DIVISOR = 12;

/** A UART with the back-end that its options ask for: nothing, `stdio`, or a terminal's device. False: it cannot be had. */
export function uartMake(c: BhyveCtx, name: string, opts: string | undefined): boolean {
  const u: UartState = { rx: '', tx: '', ier: 0, lcr: 0, mcr: 0, scr: 0, dll: DIVISOR, dlh: 0, dev: '' };
  c.st.uarts[name] = u;
  if (opts === undefined) return true;
  if (opts === 'stdio') {
    if (Object.values(c.st.uarts).some((x) => x.dev === 'stdio')) return false;
    u.dev = 'stdio';
    return true;
  }
  if (!c.serial.open(opts)) return false;
  u.dev = opts;
  return true;
}

/** Whoever reads it shows UTF-8: the bytes of a character wait for its last. */
function transmit(c: BhyveCtx, u: UartState, byte: number) {
  if (u.dev !== 'stdio') {
    c.serial.write(u.dev, String.fromCharCode(byte));
    return;
  }
  const tx = u.tx + String.fromCharCode(byte),
    lead = tx.charCodeAt(0),
    length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  u.tx = byte >= 0x80 && tx.length < length ? tx : '';
  if (!u.tx) c.console(byte < 0x80 && tx.length === 1 ? tx : new TextDecoder().decode(Uint8Array.from(tx, (ch) => ch.charCodeAt(0))));
}

/** Registers of a 16550: RBR/THR and IER (or the divisor), IIR/FCR, LCR, MCR, LSR, MSR, SCR. */
export function uartIo(c: BhyveCtx, name: string, reg: number, value: number | undefined): number {
  const u = c.st.uarts[name];
  if (!u) return 0xff;
  const divisor = (u.lcr & LCR_DLAB) !== 0;
  if (value !== undefined) {
    const v = value & 255;
    if (reg === 0 && divisor) u.dll = v;
    else if (reg === 1 && divisor) u.dlh = v;
    else if (reg === 0 && u.dev) transmit(c, u, v);
    else if (reg === 1) u.ier = v & 15;
    else if (reg === 3) u.lcr = v;
    else if (reg === 4) u.mcr = v & 0x1f;
    else if (reg === 7) u.scr = v;
    return 0;
  }
  switch (reg) {
    case 0: {
      if (divisor) return u.dll;
      const ch = u.rx.charCodeAt(0);
      u.rx = u.rx.slice(1);
      return Number.isNaN(ch) ? 0xff : ch & 255;
    }
    case 1:
      return divisor ? u.dlh : u.ier;
    case 2:
      return u.rx && u.ier & 1 ? 0x0c : 0x01;
    case 3:
      return u.lcr;
    case 4:
      return u.mcr;
    case 5:
      return 0x60 | (u.rx ? 1 : 0);
    case 7:
      return u.scr;
    default:
      return 0;
  }
}

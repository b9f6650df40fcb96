// The LPC bridge with COM1 and COM2. Mirrors pci_lpc.c: -l is only remembered, by unit; without an lpc function there is no
// console, and no message (facts bhyve 1.4).

import type { BhyveCtx } from './ctx.ts';
import type { PciFunction } from './pci_emul.ts';
import { uartMake } from './uart_emul.ts';

/** Device initialisation: one bridge, bus 0. Both ports are there; what is behind one is what its last -l says. */
export function lpcInit(c: BhyveCtx, f: PciFunction): number {
  const { st } = c;
  if (st.lpc) {
    c.err('Only one LPC bridge is allowed.');
    return -1;
  }
  if (f.bus !== 0) {
    c.err('LPC bridge can be present only on bus 0.');
    return -1;
  }
  for (const name of ['com1', 'com2']) {
    const dev = st.lpcdev.filter((d) => d.slice(0, 4).toLowerCase() === name).pop(),
      opts = dev?.includes(',') ? dev.slice(5) : undefined;
    if (!uartMake(c, name, opts)) {
      c.err(`Unable to initialize backend '${opts ?? ''}' for LPC device ${name.toUpperCase()}`);
      if (opts?.startsWith('/dev/nmdm') && !c.serial.loaded()) c.err('lab: the null modem is a module of the host: kldload nmdm');
      return -1;
    }
  }
  st.lpc = true;
  c.pci.identify(f, 0x8086, 0x7000, 0x0601, 0, 0);
  return 0;
}

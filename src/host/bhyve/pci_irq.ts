// Legacy interrupt pins of PCI functions and the routers behind them. Mirrors pci_lintr_request() and pci_lintr_route() of
// pci_emul.c, and pci_irq.c: the least used pin of the slot, the least used PIRQ, the least used ISA interrupt (facts bhyve 4.2).

import type { Machine } from '../../sim/machine.ts';
import type { PciFunction } from './pci_emul.ts';

const INTLINE = 0x3c,
  INTPIN = 0x3d;
/** ISA interrupts that a PIRQ may have. */
const PERMITTED = [3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15];
const SCI = 9;
const PIRQS = 8;
/** Emulations that ask for a pin. */
const WANTS = ['virtio-net', 'virtio-blk', 'ahci-hd', 'ahci-cd', 'ahci', 'uart'];

const least = (counts: number[]) => counts.indexOf(Math.min(...counts));

/** Pins and interrupt lines of all functions, in the order in which they were made. `com`: COM1 and COM2 have theirs. */
export function routePins(m: Machine, functions: readonly PciFunction[], com: boolean) {
  const pins = new Map<string, number[]>(),
    pirqUse = Array<number>(PIRQS).fill(0),
    pirqIrq = Array<number | undefined>(PIRQS).fill(undefined),
    use = new Map(PERMITTED.map((irq) => [irq, irq === SCI ? 1 : 0]));
  if (com) for (const irq of [3, 4]) use.delete(irq);
  /** Of each slot's pin: its interrupt. */
  const routed = new Map<string, number>();
  for (const f of functions) {
    if (!WANTS.includes(f.emul)) continue;
    const slot = `${f.bus}:${f.slot}`,
      counts = pins.get(slot) ?? [0, 0, 0, 0],
      pin = least(counts);
    counts[pin] = (counts[pin] ?? 0) + 1;
    pins.set(slot, counts);
    let irq = routed.get(`${slot}:${pin}`);
    if (irq === undefined) {
      const p = least(pirqUse);
      pirqUse[p] = (pirqUse[p] ?? 0) + 1;
      if (pirqIrq[p] === undefined) {
        const free = [...use].reduce((a, b) => (b[1] < a[1] ? b : a));
        use.set(free[0], free[1] + 1);
        pirqIrq[p] = free[0];
      }
      irq = pirqIrq[p] ?? 255;
      routed.set(`${slot}:${pin}`, irq);
    }
    m.st8(f.page + INTPIN, pin + 1);
    m.st8(f.page + INTLINE, irq);
  }
}

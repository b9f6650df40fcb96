// dev.lab.vtnet.N.vector: moves an interface's three MSI-X vectors, as a rebalancing of interrupts would (facts netmap 5C, H17).
// The sysctl is the lab's; what it does is what bus_bind_intr and pci_enable_msix do: gates, then the table, by MMIO exits.
// A passthrough port goes on with the message that REGIF copied, so its interrupts go where nobody is, until the next REGIF.

import * as L from '../../../wasm/layout.ts';
import type { Strerror } from '../../bin/sys.ts';
import { type VtnetEnv, moveVectors } from './if_vtnet.ts';
import type { GuestTree } from './tree.ts';

const VECTORS = 3;
const nameOf = (unit: number) => `dev.lab.vtnet.${unit}.vector`;

export const vectorSysctl = (t: GuestTree): Record<string, number> =>
  Object.fromEntries(t.vtnets.filter((v) => v.msix).map((v) => [nameOf(v.unit), v.vector]));

/** Moves them; false when the name is none of these. */
export function setVector(e: VtnetEnv, name: string, value: number | string): Strerror | undefined | false {
  const sc = e.t.vtnets.find((v) => v.msix && nameOf(v.unit) === name),
    { cpu } = e;
  if (!sc) return false;
  const taken = e.t.vtnets.some((v) => v !== sc && Math.abs(v.vector - Number(value)) < VECTORS);
  if (typeof value === 'string' || value < L.IDT_FIRST || value > L.IDT_FIRST + L.IDT_COUNT - VECTORS || taken)
    return {
      errno: 22,
      text: `${name}=${value}: Invalid argument`,
      why: `a free vector from ${L.IDT_FIRST} to ${L.IDT_FIRST + L.IDT_COUNT - VECTORS}; it takes ${VECTORS}.`,
    };
  const open = sc.users > 0;
  moveVectors(e, sc, value);
  for (let v = 0; v < VECTORS; v++) {
    cpu.mmioWrite(sc.msix + v * 16, 0xfee00000);
    cpu.mmioWrite(sc.msix + v * 16 + 4, 0);
    cpu.mmioWrite(sc.msix + v * 16 + 8, value + v);
  }
  e.log(
    `lab: ${sc.name}: MSI-X vectors ${value} to ${value + VECTORS - 1}${open ? '; the port is up: its interrupts stay with the old ones until the next REGIF' : ''}`,
  );
  return undefined;
}

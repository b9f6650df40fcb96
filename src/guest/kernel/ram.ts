// Guest RAM by single pages, which need not lie together in the machine: pages of programs, pages that the lab looks into.

import * as L from '../../../wasm/layout.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import type { GuestTree } from './tree.ts';

/** Consecutive physical pages, allocated and zeroed. */
export function ramPages(e: { cpu: GuestCpu; t: GuestTree }, n: number): number {
  const gpa = e.t.ramNext;
  e.t.ramNext += n * L.PAGE;
  for (let i = 0; i < n; i++) e.cpu.ram(gpa + i * L.PAGE);
  return gpa;
}

// Pages of the guest's memory that programs have for themselves; those of programs that have ended are handed out again.

import * as L from '../../../wasm/layout.ts';
import type { VtnetEnv } from './if_vtnet.ts';
import { ramPages } from './ram.ts';

/** Zeroed pages; undefined when the guest has none left. */
export function allocPages(e: VtnetEnv, n: number): number[] | undefined {
  const { targFree } = e.t,
    pages = targFree.splice(Math.max(0, targFree.length - n));
  try {
    while (pages.length < n) pages.push(ramPages(e, 1));
    return pages;
  } catch (error) {
    targFree.push(...pages);
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
export function freePages(e: VtnetEnv, pages: number[]) {
  const { m } = e.cpu;
  for (const gpa of pages) m.u8.fill(0, e.cpu.ram(gpa), e.cpu.ram(gpa) + L.PAGE);
  e.t.targFree.push(...pages);
}

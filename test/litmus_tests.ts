// The litmus tests of labs/litmus, parsed.

import { readFileSync, readdirSync } from 'node:fs';
import { type Litmus, isBad, parseLitmus } from '../src/lab/explore/litmus.ts';

const folder = new URL('../labs/litmus/', import.meta.url);

export function parsed(text: string): Litmus {
  const t = parseLitmus(text);
  if (isBad(t)) throw new Error(t.error);
  return t;
}
export const TESTS: readonly Litmus[] = readdirSync(folder)
  .filter((f) => f.endsWith('.litmus'))
  .map((f) => parsed(readFileSync(new URL(f, folder), 'utf8')))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

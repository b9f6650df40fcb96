// The litmus tests of labs/litmus, parsed; and programs that nobody wrote.

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

/** Small programs by a seed: every instruction, two or three threads, two or three words. */
export function random(seed: number): string {
  let s = (seed * 40503) >>> 0,
    value = 2;
  const lot = (n: number) => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    return (s >>> 12) % n;
  };
  const threads = 2 + lot(2),
    words = ['x', 'y', 'z'].slice(0, 2 + (lot(3) === 0 ? 1 : 0)),
    rows = threads === 2 ? 3 + lot(2) : 2,
    regs = ['EAX', 'EBX', 'ECX'];
  const insn = () => {
    const w = words[lot(words.length)],
      r = regs[lot(3)],
      kind = lot(17);
    if (kind < 6) return `MOV [${w}],$${++value}`;
    if (kind < 12) return `MOV ${r},[${w}]`;
    return ['MFENCE', `XCHG [${w}],${r}`, `MOV [${w}],${r}`, `MOV ${r},$${++value}`, 'SFENCE'][kind - 12] ?? '';
  };
  const table = Array.from({ length: rows }, () => `${Array.from({ length: threads }, insn).join(' | ')} ;`);
  return `X86 random-${seed}\n{ ${words.map((w) => `${w}=0;`).join(' ')} 0:EAX=1; 1:EBX=2; }\n${Array.from({ length: threads }, (_, i) => `P${i}`).join(' | ')} ;\n${table.join('\n')}\nexists (x=1)`;
}

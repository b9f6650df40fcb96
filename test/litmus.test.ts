// The memory models against the published litmus tests (labs/litmus), against their axioms (litmus_axioms.ts), and against each
// other. A test's own lines SC=, TSO= and PSO= are what is published or follows from the definition; Source= says where.

import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Litmus, finalText, isBad, parseLitmus } from '../src/lab/explore/litmus.ts';
import { type LitmusAnswer, litmus } from '../src/lab/explore/litmus_machine.ts';
import { MODELS, type Model } from '../src/lab/explore/question.ts';
import { Machine } from '../src/sim/machine.ts';
import { wasmFile } from './booted.ts';
import { allowed } from './litmus_axioms.ts';

const folder = new URL('../labs/litmus/', import.meta.url);
function parsed(text: string): Litmus {
  const t = parseLitmus(text);
  if (isBad(t)) throw new Error(t.error);
  return t;
}
const TESTS = readdirSync(folder)
  .filter((f) => f.endsWith('.litmus'))
  .sort()
  .map((f) => parsed(readFileSync(new URL(f, folder), 'utf8')));
const m = Machine.create(wasmFile('step'), false);
const answers = new Map<string, LitmusAnswer>();
const ask = (t: Litmus, model: Model): LitmusAnswer => {
  const key = `${t.name} ${model}`,
    a = answers.get(key) ?? litmus(m, t, model);
  answers.set(key, a);
  return a;
};

describe('published tests', () => {
  test.each(TESTS.map((t) => [t.name, t] as const))('%s', (_, t) => {
    expect(Object.keys(t.verdicts).sort()).toEqual([...MODELS].sort());
    expect(t.info.Source?.length).toBeGreaterThan(10);
    for (const model of MODELS) {
      const a = ask(t, model);
      expect(a.verdict, `${t.name} under ${model}`).toBe(t.verdicts[model]);
      expect(a.outcomes, `${t.name} under ${model}`).toEqual([...new Set(allowed(t, model).map((f) => finalText(t, f)))].sort());
    }
  });
  test('the table', () => {
    const rows = TESTS.map((t) => `${t.name.padEnd(20)} ${MODELS.map((x) => `${x} ${ask(t, x).verdict.padEnd(9)} ${String(ask(t, x).outcomes.length).padStart(3)} ends ${String(ask(t, x).states).padStart(6)} states`).join(' | ')}`);
    console.log(rows.join('\n'));
  });
});

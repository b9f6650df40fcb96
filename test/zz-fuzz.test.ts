// Scratch: schedules by lot on a machine with a napper.
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { fuzz } from '../src/lab/explore/fuzz.ts';
import { QUESTION } from '../src/lab/explore/question.ts';
import { ROWS, setUp } from '../src/lab/explore/rows.ts';
import { atMoment } from '../src/lab/explore/tried.ts';
import { Course } from '../src/lab/explore/course.ts';
test('x', { timeout: 300000 }, async () => {
  const wasm = new Uint8Array(readFileSync(new URL('../build/step.wasm', import.meta.url)));
  const row = ROWS.find((r) => r.scenario === 'h10');
  if (!row) throw new Error();
  const w = await atMoment(wasm, setUp(readFileSync(new URL(`../labs/explore/${row.scenario}.lab`, import.meta.url), 'utf8'), row));
  const c = new Course(w, QUESTION);
  c.begin();
  const b = performance.now();
  for (let i = 0; i < 50; i++) c.halt();
  console.log('halt ms', (performance.now() - b) / 50);
  c.end();
  const v = fuzz(w, QUESTION, { runs: 100, seed: 1, moves: 1000 });
  console.log(JSON.stringify({ ...v, found: v.found && { ...v.found, moves: v.found.moves.length } }));
});

// Who naps (usleep) goes on in a replayed schedule as in the search: the counterexample that the table has of a bhyve that polls.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Course } from '../src/lab/explore/course.ts';
import { make, moves, replay } from '../src/lab/explore/moves.ts';
import { setModel } from '../src/lab/explore/kept.ts';
import { QUESTION } from '../src/lab/explore/question.ts';
import { type TableRow, setUp } from '../src/lab/explore/rows.ts';
import { LOTS, fuzz } from '../src/lab/explore/fuzz.ts';
import { movesOf } from '../src/lab/explore/shipped.ts';
import { atMoment } from '../src/lab/explore/tried.ts';
import { wasmFile } from './booted.ts';

const table = JSON.parse(readFileSync(new URL('../src/lab/explore/hazard_table.json', import.meta.url), 'utf8')) as TableRow[],
  row = table.find((r) => r.scenario === 'h10' && r.broken);
if (!row?.broken) throw new Error('the table has no such row');
const { broken } = row,
  text = setUp(readFileSync(new URL('../labs/explore/h10.lab', import.meta.url), 'utf8'), row),
  q = { ...QUESTION, model: row.model, buffer: row.buffer },
  list = movesOf(broken.moves) ?? [];

test('a nap ends by its move: the thread stands where the student’s own choice takes it', async () => {
  const one = await atMoment(wasmFile('step'), text),
    two = await atMoment(wasmFile('step'), text),
    course = new Course(one, q);
  course.begin();
  setModel(two.m, q);
  const nap = list.findIndex((x) => {
    const t = two.m.block(x.thread);
    if (x.drain === undefined && two.m.wasm.naps(t)) return true;
    expect([make(two.m, x), course.go(x)]).toEqual([true, true]);
    return false;
  });
  expect(nap).toBeGreaterThan(0);
  const [x] = list.slice(nap);
  if (!x) throw new Error('no nap');
  expect([make(two.m, x), course.go(x)]).toEqual([true, true]);
  expect(one.m.wasm.naps(one.m.block(x.thread))).toBe(0);
  expect(moves(one.m)).toEqual(moves(two.m));
  expect(one.m.steps).toBe(two.m.steps);
  course.end();
});

test('a counterexample with naps, at whose end only one who naps can go on, is one when it is replayed', async () => {
  const w = await atMoment(wasmFile('step'), text),
    course = new Course(w, q);
  expect(course.follow(list)).toMatchObject({ promise: broken.promise, why: broken.why });
  expect(course.made).toHaveLength(list.length);
  course.end();
  setModel(w.m, q);
  expect(replay(w, list)).toBe(list.length);
  expect(moves(w.m).length).toBeGreaterThan(0); // the one who naps
});

test('schedules by lot judge an end at which one still naps', async () => {
  const w = await atMoment(wasmFile('step'), text),
    v = fuzz(w, q, { ...LOTS, runs: 40, moves: 4000, shrink: false });
  expect(v.ended).toBeGreaterThan(0);
  expect(v.found).toMatchObject({ promise: broken.promise });
  const again = new Course(w, q);
  expect(again.follow(v.found?.moves ?? [])).toMatchObject({ promise: broken.promise });
  again.end();
});

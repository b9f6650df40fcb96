// Schedules by lot, at a ring size whose states cannot all be visited: priorities find the lost kick, with the protections on
// nothing is found, what is found is made simpler and is still one; and all of it again from the same seed.

import { expect, test } from 'vitest';
import { Course } from '../src/lab/explore/course.ts';
import { fuzz } from '../src/lab/explore/fuzz.ts';
import { moves } from '../src/lab/explore/moves.ts';
import type { Found, Question } from '../src/lab/explore/question.ts';
import { QUESTION } from '../src/lab/explore/question.ts';
import { Parks, atPark } from '../src/lab/explore/stress.ts';
import { watched } from '../src/lab/explore/promises.ts';
import * as L from '../wasm/layout.ts';
import { runsOf, shrink, switches } from '../src/lab/explore/shrink.ts';
import { aboutToSend, bytesOf } from './about_to_send.ts';

const MOST = 20_000;
const follow = (w: ReturnType<typeof aboutToSend>, f: Found, q: Question) => {
  const course = new Course(w, q),
    again = course.follow(f.moves);
  course.end();
  return again;
};

test('rings of 64: priorities find a kick that is lost (H4) within 60 schedules; made simpler, it is still one', {
  timeout: 30_000,
}, () => {
  const w = aboutToSend(64, { doorbell: 0 }),
    before = bytesOf(w),
    v = fuzz(w, QUESTION, { runs: 60, seed: 1, moves: MOST, depth: 2 }),
    { found } = v;
  if (!found) throw new Error(`not in ${v.runs} schedules`);
  expect(found.promise).toBe('wakeup');
  expect(found.why).toContain('sleeps on nmk_event while');
  expect(v.runs).toBe(found.run + 1);
  expect(bytesOf(w)).toBe(before);
  // replayed twice it ends the same, on a machine that is put back
  expect(follow(w, found, QUESTION)).toMatchObject({ promise: 'wakeup', why: found.why });
  expect(follow(w, found, QUESTION)).toMatchObject({ promise: 'wakeup', why: found.why });
  expect(bytesOf(w)).toBe(before);
  // as it was drawn
  const plain = fuzz(w, QUESTION, { runs: 60, seed: 1, moves: MOST, depth: 2, shrink: false }).found;
  expect(plain).toMatchObject({ run: found.run, promise: 'wakeup' });
  expect(plain?.moves.length).toBe(found.drawn);
  expect(found.moves.length).toBeLessThan(found.drawn);
  expect(switches(found.moves)).toBeLessThanOrEqual(4);
  // the same seed, the same
  expect(fuzz(w, QUESTION, { runs: 60, seed: 1, moves: MOST, depth: 2 }).found).toEqual(found);
});

test.each([
  ['by lot', {}],
  ['by priorities', { depth: 3 }],
])('rings of 64 with the protections on, %s: nothing in 100 schedules', (_, how) => {
  const w = aboutToSend(64),
    v = fuzz(w, QUESTION, { runs: 100, seed: 3, moves: MOST, ...how });
  expect(v).toMatchObject({ runs: 100, ended: 100, stopped: 'runs' });
  expect(v.found).toBeUndefined();
  expect(v.longest).toBeLessThan(MOST);
});

test('store buffers are among those that go: on tso the second look that is missing (H1) is met within 60 schedules', () => {
  const w = aboutToSend(8, { look: 0 }),
    q: Question = { ...QUESTION, model: 'tso', buffer: 2 },
    v = fuzz(w, q, { runs: 60, seed: 1, moves: MOST, depth: 3 });
  expect(v.found?.promise).toBe('wakeup');
  if (v.found) expect(follow(w, v.found, q)?.promise).toBe('wakeup');
});

test('a promise of the asker’s own is looked at after each move', () => {
  const w = aboutToSend(16),
    v = fuzz(w, { ...QUESTION, promises: ['csb.tx_ring.head < 5'] }, { runs: 1, seed: 1, moves: MOST });
  expect(v.found).toMatchObject({ promise: 'own promise', run: 0 });
  expect(v.found?.why).toContain('csb.tx_ring.head < 5');
});

test('shrinking: never longer, never more changes of thread, and what is no finding stays as it is', () => {
  const w = aboutToSend(8, { doorbell: 0 }),
    drawn = fuzz(w, QUESTION, { runs: 500, seed: 2, moves: MOST, depth: 2, shrink: false }).found;
  if (!drawn) throw new Error('nothing was found');
  const course = new Course(w, QUESTION),
    simple = shrink(course, drawn),
    few = shrink(course, drawn, 5);
  for (const s of [simple, few]) {
    expect(s.moves.length).toBeLessThanOrEqual(drawn.moves.length);
    expect(switches(s.moves)).toBeLessThanOrEqual(switches(drawn.moves));
  }
  expect(shrink(course, drawn)).toEqual(simple);
  // nobody can move at its end
  course.follow(simple.moves);
  expect(moves(w.m)).toEqual([]);
  const none: Found = { moves: drawn.moves.slice(0, 3), promise: 'wakeup', why: '' };
  expect(shrink(course, none)).toBe(none);
  course.end();
  expect(runsOf([{ thread: 1 }, { thread: 1 }, { thread: 1, drain: 0 }, { thread: 2 }])).toEqual([
    { thread: 1, n: 2 },
    { thread: 1, drain: 0, n: 1 },
    { thread: 2, n: 1 },
  ]);
});

test('what is looked at when the free engine is parked: indices, and that every buffer is in one slot or free', () => {
  const w = aboutToSend(8),
    { m } = w,
    parks = new Parks(),
    [kr = 0] = watched(w).krings,
    [slot = [0, 0]] = watched(w).slots,
    at = slot[0] + L.SLOT_BUF_IDX,
    buf = m.ld32(at),
    found = (value: number) => {
      m.st32(at, value);
      const broken = atPark(w);
      m.st32(at, buf);
      return broken;
    };
  expect(watched(w).slots.length).toBeGreaterThan(1);
  expect(parks.view(w)).toBeUndefined();
  expect(parks.look(w)).toBeUndefined();
  // its neighbour's: one is twice there, and its own nowhere
  expect(found(m.ld32(at + L.SLOT_SIZE))).toMatchObject({ promise: 'buffers', why: expect.stringContaining('1 in two slots, 1 in none') });
  expect(found(0xffff_ffff)).toMatchObject({ promise: 'buffers', why: expect.stringContaining('a slot with a buffer that is not taken') });
  expect(parks.look(w)).toBeUndefined();
  expect(parks.view(w)).toEqual({ looked: 2 });
  m.st32(kr + L.KR_NR_HWTAIL, 8);
  expect(parks.look(w)).toMatchObject({ promise: 'ring' });
  m.st32(kr + L.KR_NR_HWTAIL, 7);
  parks.look(w);
  expect(parks.view(w)).toMatchObject({ looked: 4, broken: { park: 3, promise: 'ring' } });
  expect(parks.view(aboutToSend(8))).toBeUndefined();
});

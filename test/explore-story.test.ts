// What the explorer says: a counterexample as a story, whose marked steps are the ones that carry the failure, and the verdict
// in a sentence that claims nothing that was not tried.

import { expect, test } from 'vitest';
import { Course } from '../src/lab/explore/course.ts';
import { LOTS } from '../src/lab/explore/fuzz.ts';
import { QUESTION, type Question, type Verdict } from '../src/lab/explore/question.ts';
import { explore } from '../src/lab/explore/search.ts';
import { shrink, switches } from '../src/lab/explore/shrink.ts';
import { type Story, storyText, tell } from '../src/lab/explore/story.ts';
import { fuzzWords, verdictStatus, verdictWords } from '../src/lab/explore/verdict_words.ts';
import type { World } from '../src/lab/world.ts';
import { aboutToSend, bytesOf } from './about_to_send.ts';

const SC: Question = { ...QUESTION, memoryMiB: 128, limit: 300_000 };
/** What is found, made simpler, told. */
function found(w: World, q: Question) {
  const v = explore(w, q);
  if (!v.found) throw new Error(`nothing found: ${verdictWords(v, q)}`);
  const course = new Course(w, q),
    simple = shrink(course, v.found);
  course.end();
  return { v, simple, story: tell(w, simple, q) };
}
const marked = (s: Story) => s.steps.filter((x) => x.matters).map((x) => x.point);

test('H1: the stale look, the kick that is not sent, and who sleeps at the end', () => {
  const w = aboutToSend(4, { look: 0 }),
    before = bytesOf(w),
    { v, simple, story } = found(w, SC);
  expect(bytesOf(w)).toBe(before);
  expect(v.found?.promise).toBe('wakeup');
  expect(simple.moves.length).toBeLessThanOrEqual(v.found?.moves.length ?? 0);
  expect(switches(simple.moves)).toBeLessThanOrEqual(4);
  // one sentence a move, each with its place; lines cover all moves in order
  expect(story.steps.map((s) => s.move)).toEqual(simple.moves.map((_, i) => i));
  expect(story.steps.every((s) => s.words.endsWith('.') && s.words.startsWith(s.who))).toBe(true);
  expect(story.steps.filter((s) => s.point).every((s) => /^wasm\/.*\.ts$/.test(s.file) && s.line > 0)).toBe(true);
  expect(story.lines.map((l) => l.from)).toEqual([0, ...story.lines.slice(0, -1).map((l) => l.to + 1)]);
  expect(story.lines.at(-1)?.to).toBe(simple.moves.length - 1);
  // what carries it
  const points = marked(story);
  for (const p of ['PTN_TX_HEAD1', 'GTX_ST_HEAD', 'GTX_KICK', 'PTN_TX_ST_KICK1'])
    expect(
      points.some((x) => x.endsWith(p)),
      p,
    ).toBe(true);
  expect(points.length).toBeLessThan(story.steps.length / 5);
  const head = story.steps.find((s) => s.matters && s.point === 'P_PTN_TX_HEAD1');
  expect(head).toMatchObject({ owner: 'host', who: 'nm-kthread-1' });
  expect(head?.words).toMatch(
    /^nm-kthread-1 read tx_ring\.head of the CSB and found \d; vCPU 0 makes it \d later, and it is not read again\.$/,
  );
  expect(story.steps.filter((s) => s.switched).every((s) => s.matters && s.stopped)).toBe(true);
  expect(story.steps.some((s) => s.stopped === 'nm-kthread-1 is stopped, about to read tx_ring.cur of the CSB (now 3).')).toBe(true);
  // the last sleep of both
  const sleeps = story.steps.filter((s) => s.matters && /went to sleep|halted/.test(s.words)).map((s) => s.words);
  expect(sleeps).toEqual(['nm-kthread-1 went to sleep on nmk_event.', 'vCPU 0 halted until an interrupt.']);
  expect(story.end).toMatch(
    /^The promise “no lost wakeup” is broken: nm-kthread-1 of \S+ sleeps on nmk_event while \d packets wait in its TX ring\.$/,
  );
  expect(tell(w, simple, SC)).toEqual(story);
  const text = storyText(story).split('\n');
  expect(Math.max(...text.map((l) => l.length))).toBeLessThanOrEqual(100);
  expect(text.some((l) => /^ +\d+ {2}vCPU 0 makes \d+ accesses that nobody else notices\.$/.test(l))).toBe(true);
});

test('a store that waits in its buffer is told as one that nobody sees yet', () => {
  const w = aboutToSend(4),
    q: Question = { ...SC, model: 'tso', buffer: 1 },
    { story } = found(w, q);
  const hidden = story.steps.filter((s) => s.matters && s.words.includes('into its store buffer: nobody else sees it yet'));
  expect(hidden.map((s) => s.point)).toEqual(expect.arrayContaining(['P_GTX_ST_HEAD', 'P_PTN_TX_ST_KICK1']));
  expect(
    story.steps.some((s) => s.matters && /and with this its earlier store of \d to csb\.tx_ring\.head can be seen/.test(s.words)),
  ).toBe(true);
});

test('the verdict in one sentence', () => {
  const v: Verdict = { states: 166_175, expanded: 166_175, moves: 1, depth: 41, ms: 1, terminal: 2, bad: 0, complete: true, bytes: 4 };
  const tso: Question = { ...QUESTION, model: 'tso' };
  expect(verdictWords(v, tso)).toBe('Every schedule was tried: 166,175 states, 41 deep, no promise is broken (tso, buffers of 2).');
  expect(verdictStatus(v)).toBe(0);
  const open: Verdict = { ...v, states: 1_200_000, complete: false, stopped: 'states' };
  expect(verdictWords(open, QUESTION)).toBe(
    'No promise is broken in 1,200,000 states (sc); the frontier is not empty (stopped by the bound on states).',
  );
  expect(['memory', 'time', 'asked'].map((stopped) => verdictWords({ ...open, stopped } as Verdict, QUESTION).replace(/.*\(/, ''))).toEqual(
    ['stopped by the bound on memory).', 'stopped by the bound on time).', 'stopped because it was asked to).'],
  );
  expect(verdictStatus(open)).toBe(2);
  const bad: Verdict = {
    ...v,
    complete: false,
    bad: 1,
    found: { moves: Array.from({ length: 57 }, () => ({ thread: 0 })), promise: 'wakeup', why: 'He sleeps.' },
  };
  expect(verdictWords(bad, { ...QUESTION, reduce: false })).toBe(
    'A schedule breaks the promise “no lost wakeup” after 57 moves (sc, every access a choice): He sleeps.',
  );
  expect(verdictStatus(bad)).toBe(1);
  const f = { runs: 300, moves: 843_627, ms: 1, longest: 9, ended: 300 };
  expect(fuzzWords({ ...f, stopped: 'runs' }, QUESTION, { ...LOTS, depth: 2 })).toBe(
    'No promise is broken in 300 schedules of 843,627 moves in all (drawn by priorities of depth 2, seed 1, sc); other schedules were not tried.',
  );
  expect(fuzzWords({ ...f, found: { ...bad.found, run: 27, drawn: 2288 } as never }, QUESTION, LOTS)).toBe(
    'The 28th schedule breaks the promise “no lost wakeup” after 57 moves (drawn by lot, seed 1, sc; as it was drawn, it had 2,288): He sleeps.',
  );
});

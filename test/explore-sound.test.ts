// What the explorer's verdict rests on: every word that a store makes another is declared state, whatever it is when the search
// looks; a count depends on the question alone, not on how the search is cut into slices; what is broken where the schedules begin
// is no schedule's fault; a promise of one's own is looked at wherever its words change; a
// CPU has one store buffer; an action of the control plane is looked at as any other move.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Course } from '../src/lab/explore/course.ts';
import { fuzz } from '../src/lab/explore/fuzz.ts';
import { setModel } from '../src/lab/explore/kept.ts';
import { make } from '../src/lab/explore/moves.ts';
import { watched } from '../src/lab/explore/promises.ts';
import { QUESTION, type Question } from '../src/lab/explore/question.ts';
import { type Row, ROWS, setUp } from '../src/lab/explore/rows.ts';
import { Search, explore } from '../src/lab/explore/search.ts';
import { tell } from '../src/lab/explore/story.ts';
import { atMoment, bytesOf } from '../src/lab/explore/tried.ts';
import { fuzzWords, verdictWords } from '../src/lab/explore/verdict_words.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';

const step = wasmFile('step');
const at = (id: string): Promise<World> => {
  const r = ROWS.find((x) => x.id === id) as Row;
  return atMoment(step, setUp(readFileSync(new URL(`../labs/explore/${r.scenario}.lab`, import.meta.url), 'utf8'), r));
};

/** Whether a word is part of a state: by the search's tables, which are there until its verdict. */
function isState(m: World['m'], addr: number): boolean {
  const [ex = 0] = Array.from({ length: m.u32.length / (L.PAGE / 4) }, (_, p) => p * L.PAGE).filter(
    (p) => m.ld32(p + L.EX_LOG_MAX) === 8192 && m.ld32(p + L.EX_TERM_MAX) === 1 << 20,
  );
  const runs = m.ld32(ex + L.EX_RUNS),
    comp = m.ld32(ex + L.EX_COMP) + m.ld32(ex + L.EX_NCOMPS) * 8,
    n = m.ld32(comp); // the last entry: behind the last run
  for (let i = 0; i < n; i++) {
    const from = m.ld32(runs + i * 12);
    if (addr >= from && addr < from + m.ld32(runs + i * 12 + 4) * 4) return true;
  }
  return false;
}

test('a word that is 2 for a while and 0 whenever the search looks is state, and the count is the same in slices of any size', {
  timeout: 120_000,
}, async () => {
  const q: Question = { ...QUESTION, model: 'tso' },
    counts: string[] = [];
  for (const slice of [4096, 1000, 64]) {
    const w = await at('rx-pipe 2019 tso'),
      s = new Search(w, q),
      csb = w.m.ld32((w.tree.host.ptn[0]?.pts ?? 0) + L.PTN_CSB);
    while (s.step(slice));
    const hwcur = isState(w.m, csb + L.CSB_RX_RING + L.PTR_HWCUR),
      v = s.verdict();
    expect([hwcur, v.complete], `slices of ${slice}`).toEqual([true, true]);
    counts.push([v.states, v.moves, v.depth, v.terminal].join());
  }
  expect(new Set(counts).size).toBe(1);
});

test('what is broken where the schedules begin: no move, no schedule to blame, by search and by lot', async () => {
  const w = await at('tx-pipe 2019'),
    was = bytesOf(w),
    q: Question = { ...QUESTION, promises: ['csb.tx_ring.head > 7'] },
    v = explore(w, q);
  expect(v.found).toEqual({ moves: [], promise: 'own promise', why: '“csb.tx_ring.head > 7” is not true.' });
  expect(v.bad).toBe(1);
  expect(verdictWords(v, q)).toBe(
    'Where the schedules begin, the promise “own promise” is broken already (sc): “csb.tx_ring.head > 7” is not true.',
  );
  expect(tell(w, v.found ?? { moves: [], promise: '', why: '' }, q)).toMatchObject({ steps: [], lines: [] });
  const lots = { runs: 5, seed: 3, moves: 100 },
    f = fuzz(w, q, lots);
  expect([f.found?.moves, f.runs, f.moves]).toEqual([[], 1, 0]);
  expect(fuzzWords(f, q, lots)).toMatch(/^Where the schedules begin, the promise “own promise” is broken already \(sc\)/);
  expect(bytesOf(w)).toBe(was);
  // of the lab's own promises too: a ring that is out of order
  w.m.st32((watched(w).krings[0] ?? 0) + L.KR_NR_HWCUR, 99);
  expect(explore(w, QUESTION).found).toMatchObject({ moves: [], promise: 'ring' });
});

test("a promise of one's own is looked at after accesses that no thread can notice, too: it reads what they write", async () => {
  // the guest's TX kring is its vCPU's alone: busy is set and cleared on one way, and the prologue stores rhead in between
  const promises = ['gkr.tx.nr_busy == 0 || gkr.tx.rhead == tx.head'],
    ask = async (reduce: boolean) => explore(await at('tx-vale 2019'), { ...QUESTION, promises, reduce }).found?.why;
  expect(await ask(false)).toBe(`“${promises[0]}” is not true.`);
  expect(await ask(true)).toBe(`“${promises[0]}” is not true.`);
});

test('a vCPU and its interrupt are one CPU with one store buffer: what one has stored is in memory before the other goes on', async () => {
  // else an interrupt's store of avail.flags, with the index of then beside it, leaves after the vCPU has published a later index
  const { m, tree } = await at('tx-pipe 2019 tso'),
    vm = tree.host.vms[0],
    scratch = m.alloc(L.PAGE);
  if (!vm) throw new Error('no vm');
  setModel(m, { model: 'tso', buffer: 2 });
  m.st32(vm.intr + L.T_SB, scratch);
  m.st32(vm.intr + L.T_SB + 4, 7);
  m.st32(vm.intr + L.T_SB_COUNT, 1);
  expect([m.ld32(vm.block + L.T_PEER), m.ld32(scratch)]).toEqual([vm.intr, 0]);
  expect(make(m, { thread: Array.from({ length: m.threads }, (_, i) => i).find((i) => m.block(i) === vm.block) ?? -1 })).toBe(true);
  expect([m.ld32(scratch), m.ld32(vm.intr + L.T_SB_COUNT)]).toEqual([7, 0]);
});

test('after an action every promise is looked at, not the own ones alone', { timeout: 60_000 }, async () => {
  const w = await at('teardown 2019'),
    course = new Course(w, { ...QUESTION, acts: 'all' });
  course.begin();
  let acts = 0;
  for (let i = 0; i < 200 && !acts; i++) {
    if (course.go({ thread: -1, act: true })) acts++;
    else for (let t = 0; t < w.m.threads && !acts; t++) if (course.go({ thread: t, act: true })) acts++;
    for (let t = 0; t < w.m.threads && !acts; t++) if (course.go({ thread: t })) break;
  }
  expect(acts).toBe(1);
  expect(course.broken).toBeUndefined();
  const done = [...course.made],
    act = done.pop();
  course.begin();
  for (const move of done) expect(course.go(move)).toBe(true);
  // the control plane's own deed, and a switch's port that was used after it had gone
  w.m.st32(L.MACHINE + L.M_SEEN_H20, w.m.ld32(L.MACHINE + L.M_SEEN_H20) + 1);
  expect(act?.act && course.go(act)).toBe(true);
  expect(course.broken).toMatchObject({ promise: 'freed' });
  course.end();
});

// The explorer: reduced and unreduced searches agree, bounds are told of, the machine is as it was, promises of one's own.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { moves, replay } from '../src/lab/explore/moves.ts';
import { promiseProblem } from '../src/lab/explore/own_promises.ts';
import { QUESTION, type Question, type Verdict } from '../src/lab/explore/question.ts';
import { type Row, ROWS, setUp } from '../src/lab/explore/rows.ts';
import { Search, explore } from '../src/lab/explore/search.ts';
import { tell } from '../src/lab/explore/story.ts';
import { atMoment, bytesOf } from '../src/lab/explore/tried.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';

const step = wasmFile('step');
const row = (scenario: string, o: Partial<Row> = {}): Row => ({ ...(ROWS[0] as Row), sysctls: {}, scenario, ...o });
const at = (r: Row): Promise<World> =>
  atMoment(step, setUp(readFileSync(new URL(`../labs/explore/${r.scenario}.lab`, import.meta.url), 'utf8'), r));
const ask = (o: Partial<Question>): Question => ({ ...QUESTION, ...o });
const H = (n: number) => ({ [`dev.lab.hazard.H${n}`]: 1 });
/** What a search says of the machine, whatever the way to it. */
const said = (v: Verdict) => [v.terminal, v.bad, v.complete];

describe('leaving out accesses that nobody can notice', () => {
  const cases: [string, Row, Partial<Question>][] = [
    ['guest receives, 2019', row('rx-pipe'), {}],
    ['guest receives through a switch, stores wait', row('rx-vale'), { model: 'tso', buffer: 1 }],
    ['guest receives, stores pass one another', row('rx-pipe'), { model: 'pso', buffer: 1 }],
    ['guest sends, 2015', row('tx-vale', { revision: 2015 }), {}],
    ['a lost kick', row('tx-full', { sysctls: H(4) }), {}],
    ['two senders, one receiver', row('vale-two'), {}],
    ['the copying path', row('virtio-tx'), {}],
  ];
  test.each(cases)('%s: the same ends, the same verdicts', { timeout: 60_000 }, async (_, r, q) => {
    const w = await at(r),
      reduced = explore(w, ask({ ...q, whole: true })),
      whole = explore(w, ask({ ...q, whole: true, reduce: false }));
    expect(reduced.complete).toBe(true);
    expect(said(reduced)).toEqual(said(whole));
    expect(reduced.states).toBeLessThan(whole.states / 2);
  });
});

test('a state is at most 8 KiB, and the machine is as it was', async () => {
  const w = await at(row('tx-pipe')),
    before = bytesOf(w),
    v = explore(w, ask({ limit: 20_000 }));
  expect(v.bytes).toBeLessThan(8192);
  expect(v.bytes).toBeGreaterThan(1000);
  expect(bytesOf(w)).toBe(before);
});

/** Pages that nobody has reserved, and are not zero: whoever gets one next would find what a search left. */
function dirty({ m }: World): number {
  let n = 0;
  const end = Math.min(m.u8.length / L.PAGE, L.FRAMES_BYTES * 8);
  for (let p = L.FIRST_FREE / L.PAGE; p < end; p++) {
    if ((m.ld8(L.FRAMES_RESERVED + (p >>> 3)) >>> (p & 7)) & 1) continue;
    if (m.u32.subarray((p * L.PAGE) >>> 2, ((p + 1) * L.PAGE) >>> 2).some((x) => x !== 0)) n++;
  }
  return n;
}
test('what the tables leave behind: nothing, however the search ends', async () => {
  const w = await at(row('tx-pipe', { revision: 2019 }));
  for (const [how, q] of [
    ['to its end', {}],
    ['out of states', { limit: 3000 }],
    ['out of memory', { memoryMiB: 4 }],
    ['more asked for than there is', { limit: 100_000_000, memoryMiB: 2000, seconds: 0 }],
  ] as const) {
    explore(w, ask(q));
    expect(dirty(w), how).toBe(0);
  }
});

describe('actions of the control plane as moves', () => {
  test('a port is closed under a notification: found, made again by the recording, and the machine is as it was', async () => {
    const w = await at(row('teardown', { sysctls: H(13) })),
      before = [bytesOf(w), JSON.stringify(w.tree)],
      v = explore(w, ask({ acts: 'all' })),
      list = v.found?.moves ?? [];
    expect(v.found?.promise).toBe('freed');
    expect([bytesOf(w), JSON.stringify(w.tree)]).toEqual(before);
    expect(list.filter((x) => x.act).length).toBeGreaterThan(3);
    const story = tell(w, v.found ?? { moves: [], promise: '', why: '' }, QUESTION);
    expect(story.steps).toHaveLength(list.length);
    expect(story.steps.map((s) => s.words)).toContain('ptnetmap of vale1:1{1-PTN: free.');
    expect([bytesOf(w), JSON.stringify(w.tree)]).toEqual(before);
    expect(replay(w, list)).toBe(list.length);
    expect(w.m.ld32(L.MACHINE + L.M_SEEN_H13)).toBe(1);
  });
  test('without them a thread that asks for one has come to its end', async () => {
    const w = await at(row('virtio-kick')),
      alone = explore(w, ask({})),
      exits = explore(w, ask({ acts: 'exits' }));
    expect(alone.complete && exits.complete).toBe(true);
    expect(exits.states).toBeGreaterThan(alone.states * 100); // the kick has gone on to bhyve, and its tx thread to the switch
  });
});

describe('bounds are told of', () => {
  test('states', async () => {
    const v = explore(await at(row('tx-pipe')), ask({ limit: 5000 }));
    expect([v.complete, v.stopped, v.found]).toEqual([false, 'states', undefined]);
    expect(v.states).toBeGreaterThanOrEqual(5000);
    expect(v.expanded).toBeLessThan(v.states);
  });
  test('memory', async () => {
    const v = explore(await at(row('tx-pipe')), ask({ memoryMiB: 4 }));
    expect([v.complete, v.stopped]).toEqual([false, 'memory']);
  });
  test('time, and whoever asks it to stop', async () => {
    const w = await at(row('tx-pipe')),
      late = explore(w, ask({ seconds: 0 }));
    expect([late.complete, late.stopped]).toEqual([false, 'time']);
    const s = new Search(w, ask({}));
    s.step(100);
    expect(s.progress().expanded).toBe(100);
    expect([s.verdict().complete, s.verdict().stopped]).toEqual([false, 'asked']);
    expect(s.step()).toBe(false);
  });
});

test('the shortest counterexample: one state earlier nobody is stuck, and it can be made on the machine', async () => {
  const w = await at(row('tx-full', { sysctls: H(1) })),
    v = explore(w, ask({})),
    found = v.found;
  expect(found?.promise).toBe('wakeup');
  expect(found?.why).toMatch(/^nm-kthread-1 .* sleeps on nmk_event while 3 packets wait in its TX ring\.$/);
  expect(replay(w, found?.moves.slice(0, -1) ?? [])).toBe((found?.moves.length ?? 0) - 1);
  expect(moves(w.m).length).toBeGreaterThan(0);
  expect(replay(w, found?.moves.slice(-1) ?? [])).toBe(1);
});

describe("promises of one's own", () => {
  test('one that does not hold is found, with the state', async () => {
    const w = await at(row('tx-full')),
      v = explore(w, ask({ promises: ['csb.host_need_txkick <= 1', 'csb.tx_ring.head != 3'] }));
    expect(v.found?.promise).toBe('own promise');
    expect(v.found?.why).toBe('“csb.tx_ring.head != 3” is not true.');
  });
  test('bad ones are told of in the words of stop points', async () => {
    const w = await at(row('tx-full'));
    expect(promiseProblem(w, 'csb.tx_ring.head')).toMatch(/./);
    expect(promiseProblem(w, 'csb.tx_ring.hed == 1')).toMatch(/hed/);
    expect(promiseProblem(w, 'csb.tx_ring.head < 4')).toBeUndefined();
    expect(() => explore(w, ask({ promises: ['1 +'] }))).toThrow(/promise “1 \+”/);
  });
});

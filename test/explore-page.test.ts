// The explorer behind the page, headless: questions from this moment, from a scenario and from where another began; the pool;
// counterexamples as choices in the recording and as links, which come to the same bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { Explorer } from '../src/lab/explore/explorer.ts';
import table from '../src/lab/explore/hazard_table.json' with { type: 'json' };
import type { ExploreJob, FromSearcher, HazardRow, Task, ToSearcher } from '../src/lab/explore/job.ts';
import { type Channel, Pool } from '../src/lab/explore/pool.ts';
import { QUESTION } from '../src/lab/explore/question.ts';
import { movesOf, openRow } from '../src/lab/explore/shipped.ts';
import { Searcher } from '../src/lab/explore/searcher.ts';
import { Lab } from '../src/lab/lab.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile } from '../src/lab/run_lines.ts';
import { fromFragment, toFile } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { stuck } from '../src/lab/view.ts';
import { newLab, sum, wasm, whole } from './sending.ts';

const q = { ...QUESTION, limit: 200_000, memoryMiB: 128 };

/** The scenario in which the guest's ring fills and a kick is lost, at its moment. */
async function full(): Promise<Lab> {
  const lines = parseFile(readFileSync(new URL('../labs/explore/tx-full.lab', import.meta.url), 'utf8')),
    r = new Runner(wasm, { engine: 'step', seed: 1, slots: 4, record: true });
  await r.run(lines);
  r.lab.breaks.clear();
  return r.lab;
}

/** A worker's end, here: it searches as soon as it is told. */
function inProcess(): Channel {
  let searcher: Searcher | undefined;
  const c: Channel = {
    post: (m) => {
      if (m.t !== 'begin') return searcher?.end(true);
      try {
        searcher = new Searcher(m.task, (x) => c.onMessage(x));
        while (searcher.step());
        searcher.tell();
        searcher.end();
      } catch (e) {
        c.onMessage({ t: 'failed', why: String(e) });
      }
      return undefined;
    },
    onMessage: () => {},
    onError: () => {},
    terminate: () => {},
  };
  return c;
}
function explorerOf(lab: Lab) {
  const jobs = new Map<number, ExploreJob>();
  const explorer = new Explorer(
    () => lab,
    new Pool(inProcess, 1),
    'build',
    (j) => jobs.set(j.id, j),
  );
  const ask = (more: Partial<Parameters<Explorer['ask']>[0]> = {}): ExploreJob => {
    const { id, text } = explorer.ask({ knobs: [], varied: '', question: q, ...more }),
      job = jobs.get(id ?? -1);
    if (!job) throw new Error(text);
    return job;
  };
  return { explorer, ask };
}
const yes = () => true;

test('from this moment: the lab is left alone; the counterexample is choices in its recording, twice, and a link, all to the same bytes', async () => {
  const lab = await full(),
    { explorer, ask } = explorerOf(lab),
    before = whole(lab),
    at = lab.world.m.steps,
    job = ask();
  expect(whole(lab)).toEqual(before);
  expect(job.state).toBe('done');
  expect(job.verdict?.found?.promise).toBe('wakeup');
  expect(job.sentence).toContain('nm-kthread-1');
  const moves = job.verdict?.found?.moves ?? 0,
    story = explorer.story(job.id),
    steps = story.flatMap((p) => p.steps);
  expect(steps.map((s) => s.n)).toEqual(Array.from({ length: moves }, (_, i) => i + 1));
  expect(story.some((p) => p.matters) && story.some((p) => !p.matters)).toBe(true);
  expect(new Set(steps.map((s) => s.owner))).toEqual(new Set(['guest', 'host']));

  expect(explorer.show(job.id, -1, yes)).toMatchObject({ ok: true, opened: false });
  expect(lab.world.m.steps).toBe(at + moves);
  const end = sum(lab.world);
  expect(explorer.show(job.id, 7, yes).ok).toBe(true);
  expect(lab.world.m.steps).toBe(at + 7);
  lab.goto(at - 1);
  lab.step(); // another future
  expect(explorer.show(job.id, -1, yes).ok).toBe(true);
  expect(sum(lab.world)).toBe(end);

  const link = await explorer.share(job.id),
    r = await fromFragment(link.text),
    other = new Lab(wasm, { shared: false, seed: 1, slots: 4, dumb: true }); // as the runner's
  expect(link.ok).toBe(true);
  if (isBad(r)) throw new Error(r.error);
  expect(other.open(r, yes)).toBeUndefined();
  expect(sum(other.world, false)).toBe(sum(lab.world, false));
}, 60_000);

test('from a scenario, then what if: a protection taken away is a step of the recording that is shown', async () => {
  const scene = await full(),
    r = scene.record();
  if (isBad(r)) throw new Error(r.error);
  const lab = newLab(4),
    { explorer, ask } = explorerOf(lab),
    untouched = lab.world,
    job = ask({ scenario: { file: 'labs/explore/tx-full.lab', title: 'Guest fills its ring', recording: toFile(r) } });
  expect([job.from, job.here, job.verdict?.found?.promise]).toEqual(['Guest fills its ring', false, 'wakeup']);
  const look = job.protections.find((p) => p.id === 'H3');
  expect(look).toMatchObject({ on: true, words: 'the guest’s second look', knobs: [{ name: 'dev.lab.hazard.H3', value: 1 }] });
  const without = ask({ of: job.id, knobs: look?.knobs ?? [], varied: 'without it', question: { ...q, model: 'tso', buffer: 1 } });
  expect(without.protections.find((p) => p.id === 'H3')?.on).toBe(false);
  expect(without.verdict?.found).toBeDefined();
  expect(explorer.show(without.id, -1, yes)).toMatchObject({ ok: true, opened: true });
  const { m } = lab.world,
    { entries } = lab.timeline,
    set = entries.filter((e) => e.k === 'sysctl');
  expect(set).toMatchObject([
    { name: 'dev.lab.hazard.H3', value: 1 },
    { name: 'dev.lab.tso', value: 1 },
  ]);
  expect([m.ld32(L.MACHINE + L.M_HAZARD_ON) & L.HZ_H3, m.ld32(L.MACHINE + L.M_TSO)]).toEqual([L.HZ_H3, 1]);
  const end = sum(lab.world);
  lab.timeline.replay();
  expect(sum(lab.world)).toBe(end);
  lab.takeBack();
  expect(lab.world).toBe(untouched);
}, 60_000);

test('a question without a machine, or with a promise that says nothing, is answered in a sentence', async () => {
  const { explorer } = explorerOf(newLab(4));
  expect(explorer.ask({ knobs: [], varied: '', question: q })).toMatchObject({
    ok: false,
    text: expect.stringContaining('No virtual machine'),
  });
  expect(explorer.show(1, -1, yes).ok).toBe(false);
  const { ask } = explorerOf(await full()),
    job = ask({ question: { ...q, promises: ['csb.nothing == 1'] } });
  expect(job.state).toBe('failed');
  expect(job.failure).toContain('csb.nothing == 1');
}, 60_000);

test('the pool: so many at a time, the others wait; who dies says so and the next one begins; a stop before the beginning', () => {
  const made: (Channel & { got: ToSearcher[]; ended: boolean })[] = [];
  const pool = new Pool(() => {
    const c = { got: [] as ToSearcher[], ended: false, onMessage: () => {}, onError: () => {} } as unknown as (typeof made)[number];
    c.post = (m) => c.got.push(m);
    c.terminate = () => {
      c.ended = true;
    };
    made.push(c);
    return c;
  }, 2);
  const said: [number, FromSearcher][] = [];
  for (const id of [1, 2, 3, 4]) pool.begin(id, {} as Task, (m) => said.push([id, m]));
  expect([made.length, pool.busy]).toEqual([2, 2]);
  made[0]?.onError('out of memory');
  expect(said).toEqual([[1, { t: 'failed', why: expect.stringContaining('out of memory') }]]);
  expect([made[0]?.ended, made.length]).toEqual([true, 3]);
  expect(pool.stop(4)).toBe(false);
  expect(pool.stop(2)).toBe(true);
  expect(made[1]?.got.at(-1)).toEqual({ t: 'stop' });
  made[1]?.onMessage({ t: 'failed', why: 'x' });
  made[2]?.onMessage({ t: 'failed', why: 'y' });
  expect([made.length, pool.busy, said.length]).toEqual([3, 0, 3]);
});

test("a row of the shipped table: its counterexample, made from the scenario's file in the lab, ends where the table says", async () => {
  expect(movesOf('0x3 1.0 2')).toEqual([{ thread: 0 }, { thread: 0 }, { thread: 0 }, { thread: 1, drain: 0 }, { thread: 2 }]);
  expect(movesOf('0x3 one')).toBeUndefined();
  const row = (table as HazardRow[]).find((r) => r.broken && r.model === 'tso' && r.scenario === 'tx-full');
  if (!row) throw new Error('the table has no such row');
  const lab = newLab(),
    text = readFileSync(new URL(`../labs/explore/${row.scenario}.lab`, import.meta.url), 'utf8');
  expect(await openRow(lab, row, text, yes)).toBeUndefined();
  expect(stuck(lab.world)).toBe(row.broken?.why);
  expect(lab.world.m.ld32(L.MACHINE + L.M_TSO)).toBe(row.buffer);
  expect(isBad(lab.record())).toBe(false);
}, 60_000);

test('schedules by lot: told as such, the same for the same seed, shown and shared as others are', async () => {
  const lab = await full(),
    { explorer, ask } = explorerOf(lab),
    lots = { runs: 400, seed: 7, moves: 20_000, depth: 2 },
    a = ask({ lots }),
    b = ask({ lots }),
    none = ask({ lots: { ...lots, runs: 2, depth: 3 }, knobs: [1, 4].map((n) => ({ name: `dev.lab.hazard.H${n}`, value: 0 })) });
  expect(a.verdict?.found?.promise).toBe('wakeup');
  expect(a.sentence).toMatch(
    /^The \d+(st|nd|rd|th) schedule breaks the promise .* \(drawn by priorities of depth 2, seed 7, sc; as it was drawn/,
  );
  expect([b.sentence, b.verdict?.schedules, b.verdict?.moves]).toEqual([a.sentence, a.verdict?.schedules, a.verdict?.moves]);
  expect(explorer.story(a.id).filter((p) => p.matters).length).toBeGreaterThan(3);
  expect(none.verdict).toMatchObject({ schedules: 2, complete: false, stopped: 'runs' });
  expect(none.sentence).toMatch(/^No promise is broken in 2 schedules of .* other schedules were not tried\.$/);
  expect((await explorer.share(a.id)).ok).toBe(true);
  expect(explorer.show(a.id, -1, yes).ok).toBe(true);
  expect(stuck(lab.world)).toBeDefined();
});

test('no two scenarios go by one name in the list', () => {
  const dir = new URL('../labs/explore/', import.meta.url),
    names = readdirSync(dir).map(
      (f) =>
        readFileSync(new URL(f, dir), 'utf8')
          .slice(2)
          .split(/[:.\n]/)[0],
    );
  expect(names.filter((n, i) => names.indexOf(n) !== i)).toEqual([]);
});

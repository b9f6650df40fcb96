// Everything that one can do to time, mixed: 10,000 seeded rounds of steps, choices, edits, typing, seeks, branches,
// questions, comparisons, hand-overs and links on 16-slot rings with traffic. After each batch memory, tree, terminals and
// counters are those of the same history run straight from its beginning.

import { afterAll, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { compare } from '../src/lab/compare.ts';
import type { Lab } from '../src/lab/lab.ts';
import { lifeOf, wordAt } from '../src/lab/past.ts';
import { fromFragment, play, toFragment } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { EVENTS } from '../src/lab/stops.ts';
import type { Deed } from '../src/lab/timeline.ts';
import { MARKS } from '../src/lab/protocol.ts';
import { nearest, strip } from '../src/lab/trace_view.ts';
import { counters } from '../src/lab/counters.ts';
import { csbs, rings } from '../src/lab/view.ts';
import { World } from '../src/lab/world.ts';
import { bytes, prng, say, sending, sum, wasm } from './sending.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 10_000),
  LABS = 8,
  BATCH = 50,
  /** Rounds of the one lab whose recording begins with nothing: only that can be made a link of, and it is slow to go back in. */
  FRESH = ROUNDS / 50;
const LINES: [string, string][] = [
  ['ttyv1', 'echo mixed\r'],
  ['ttyv1', '\x03'],
  ['ttyv0', '\x03'],
  ['ttyv0', 'ifconfig\r'],
  ['ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0\r'],
  ['ttyv1', "pkt-gen -i 'vale2}1' -f rx\r"],
  ['ttyv2', 'vale-ctl\r'],
  ['ttyv2', 'sleep 1 &\r'],
  ['ttyv1', 'lab where\r'],
];

type Rnd = (n: number) => number;
const one = <T>(rnd: Rnd, list: readonly T[]): T => list[rnd(list.length)] as T;

/** A deed of the student's; one that a trap stops is legal, the lab must then go on from before it. */
function does(lab: Lab, d: Deed) {
  lab.ask(() => undefined, undefined);
  const { failure } = lab;
  if (d.k === 'thread') lab.step((d.block - L.THREADS) / L.THREAD_SIZE);
  else lab.deed(d);
  return lab.failure !== failure;
}

const live = (lab: Lab) =>
  Array.from({ length: lab.world.m.threads }, (_, i) => lab.world.m.block(i)).filter((b) => lab.world.m.status(b) !== L.TS_FREE);
function someBlock(lab: Lab, rnd: Rnd): number {
  const able = live(lab).filter((b) => lab.world.m.wasm.runnable(b));
  return one(rnd, able.length ? able : live(lab));
}

/** An edit that a hostile or clumsy student makes: indices, lengths and flags of rings, krings and CSBs. */
function anEdit(lab: Lab, rnd: Rnd): Deed | undefined {
  const all = rings(lab.world),
    r = all.length ? one(rnd, all) : undefined;
  if (!r) return undefined;
  const wild = rnd(4) === 0 ? rnd(2 ** 32) : rnd(r.slots * 2),
    fits = rnd(r.slots);
  const slot = r.ringAddr + L.RING_SLOT + rnd(r.slots) * L.SLOT_SIZE;
  const c = csbs(lab.world);
  switch (rnd(5)) {
    case 0:
      return { k: 'edit', addr: r.ringAddr + one(rnd, [L.RING_HEAD, L.RING_CUR, L.RING_TAIL]), bytes: 4, value: wild };
    case 1:
      return { k: 'edit', addr: slot + one(rnd, [L.SLOT_LEN, L.SLOT_FLAGS]), bytes: 2, value: one(rnd, [0, 1, 60, 1514]) };
    case 2:
      return { k: 'edit', addr: r.hostKring + one(rnd, [L.KR_NR_HWCUR, L.KR_NR_HWTAIL, L.KR_RHEAD]), bytes: 4, value: fits };
    case 3:
      return rnd(12) ? undefined : { k: 'edit', addr: r.hostKring + L.KR_NM_SYNC, bytes: 4, value: 99999 };
    default:
      return c.length ? { k: 'edit', addr: one(rnd, one(rnd, c).fields).addr, bytes: 4, value: wild } : undefined;
  }
}

const did: Record<string, number> = {};
/** One thing; a name is what it is counted under. */
const OPERATIONS: [weight: number, name: string, act: (lab: Lab, rnd: Rnd, start: number) => unknown][] = [
  [30, 'step a thread', (lab, rnd) => does(lab, { k: 'thread', block: someBlock(lab, rnd) })],
  [14, 'advance', (lab, rnd) => lab.steps(1 + rnd(120))],
  [6, 'back', (lab, rnd, start) => lab.goto(Math.max(start, lab.world.m.steps - 1 - rnd(60)))],
  [3, 'goto', (lab, rnd, start) => lab.goto(start + rnd(lab.timeline.end - start + 1))],
  [5, 'drain', (lab, rnd) => does(lab, { k: 'drain', block: someBlock(lab, rnd) })],
  [
    4,
    'edit',
    (lab, rnd) => {
      const d = anEdit(lab, rnd);
      if (d) does(lab, d);
    },
  ],
  [3, 'policy', (lab, rnd) => does(lab, { k: 'policy', policy: rnd(4), seed: rnd(1000) })],
  [
    4,
    'type',
    (lab, rnd) => {
      const [tty, data] = one(rnd, LINES);
      lab.typing.input(tty, data);
      lab.world.asked = [];
    },
  ],
  [2, 'line', (lab, rnd) => lab.typing.typeLine('ttyv1', 'echo put', rnd(2) === 0)],
  [1, 'resize', (lab, rnd) => lab.typing.resize(one(rnd, ['ttyv0', 'ttyv1']), 40 + rnd(80), 10 + rnd(40))],
  [1, 'open', (lab) => lab.world.tree.host.os.ttys.length < 5 && lab.typing.openTerminal()],
  [2, 'clock', (lab, rnd) => does(lab, { k: 'clock', ns: lab.world.m.clock + rnd(2_000_000) })],
  [3, 'hand-over', (lab, rnd) => does(lab, { k: 'handover', block: someBlock(lab, rnd), n: 1 + rnd(3) })],
  [1, 'fork', (lab) => say(lab, 'fork')],
  [2, 'change over', (lab, rnd) => lab.timeline.branches.length && lab.switchTo(one(rnd, lab.timeline.branches).id)],
  [3, 'undo', (lab, _rnd, start) => lab.timeline.entries.some((e) => e.at >= start && e.at < lab.world.m.steps) && lab.undo()],
  [2, 'redo', (lab) => lab.redo()],
  [
    2,
    'next event',
    (lab, rnd) => lab.timeline.runTo(EVENTS[one(rnd, ['kick', 'sleep', 'wrap', 'sync'] as const)].points, [], 1 + rnd(600)),
  ],
];
/** Questions: after each the lab is where it was. */
const QUESTIONS: [weight: number, name: string, ask: (lab: Lab, rnd: Rnd, start: number) => unknown][] = [
  [
    3,
    'who wrote a word',
    (lab, rnd) => {
      const r = one(rnd, rings(lab.world)) as ReturnType<typeof rings>[number] | undefined;
      if (r) lab.ask((w, t) => wordAt(w, t, r.ringAddr + one(rnd, [L.RING_HEAD, L.RING_TAIL]), 4), undefined);
    },
  ],
  [1, 'the life of a buffer', (lab, rnd) => lab.ask((w, t) => lifeOf(w, t, 2 + rnd(40)), undefined)],
  [
    2,
    'compare',
    (lab, rnd) => lab.timeline.branches.length && lab.ask((w, t) => compare(w, t, one(rnd, t.branches).id, rnd(200)), undefined),
  ],
  [
    3,
    'look at a strip',
    (lab, rnd, start) => {
      const q = { from: start + rnd(300), to: start + rnd(3000), columns: 1 + rnd(300) };
      strip(lab.timeline.trace!, q);
      nearest(lab.timeline.trace!, { ...q, kinds: [one(rnd, MARKS)] }, lab.world.m.steps, 1);
    },
  ],
];
const ALL = [...OPERATIONS.map((o) => ({ o, asks: false })), ...QUESTIONS.map((o) => ({ o, asks: true }))];
const WEIGHT = ALL.reduce((n, { o }) => n + o[0], 0);
function pick(rnd: Rnd) {
  let at = rnd(WEIGHT);
  return ALL.find(({ o }) => {
    at -= o[0];
    return at < 0;
  })!;
}

/** After a trap: back to before it, as the lab says. */
function recovered(lab: Lab, rnd: Rnd, start: number) {
  did.trap = (did.trap ?? 0) + 1;
  lab.goto(Math.max(start, lab.world.m.steps - 1 - rnd(80)));
  lab.failure = '';
  // what traps is behind, or it would only trap again
  const last = lab.timeline.entries.findLast((e) => e.at < lab.world.m.steps && e.k === 'edit');
  lab.goto(last ? Math.max(start, last.at) : start);
  expect(lab.failure).toBe('');
  does(lab, { k: 'policy', policy: L.POLICY_LVT, seed: 1 });
}

/** All but saved stacks: what Asyncify saves there of locals that nobody reads again depends on where the steps before were cut. */
const state = (lab: Lab) => `${sum(lab.world, false)}\n${JSON.stringify(counters(lab.world))}`;

afterAll(() => {
  if (process.env.ROUNDS) process.stdout.write(`${JSON.stringify(did)}\n`);
});

test.each(Array.from({ length: LABS }, (_, i) => i + 1))(
  'mixture %d: every batch ends as its history does when it is run straight',
  { timeout: 120_000 },
  async (seed) => {
    const rnd = prng(seed),
      lab = sending();
    lab.world.free = wasm.free;
    const fresh = seed === LABS;
    if (!fresh) {
      lab.world.toBoundaries();
      lab.world.m.st32(L.MACHINE + L.M_TSO, seed % 2 ? 4 : 0);
      lab.timeline.root();
    }
    const start = lab.world.m.steps;
    const rounds = fresh ? FRESH : Math.ceil((ROUNDS - FRESH) / (LABS - 1));
    for (let i = 1; i <= rounds; i++) {
      const { o, asks } = pick(rnd),
        [, name, act] = o;
      did[name] = (did[name] ?? 0) + 1;
      const before = asks ? state(lab) : '',
        present = lab.timeline.present.id;
      act(lab, rnd, start);
      if (lab.failure) recovered(lab, rnd, start);
      else if (asks && state(lab) !== before) expect.fail(`round ${i}: “${name}” moved the lab`);
      else if (asks) expect(lab.timeline.present.id).toBe(present);
      if (lab.world.m.steps > start + 2500) lab.goto(start + rnd(200));
      if (i % BATCH && i !== rounds) continue;
      const here = state(lab),
        all = bytes(lab);
      lab.timeline.replay();
      if (state(lab) !== here) {
        const again = bytes(lab);
        const pages = [...new Set([...all.pages.keys(), ...again.pages.keys()])].filter((p) => all.pages.get(p) !== again.pages.get(p));
        expect.fail(
          `round ${i}: steps ${all.step} and ${again.step}, trees ${all.tree === again.tree ? 'equal' : 'differ'}, pages ${pages.join()}\n${lab.timeline.entries.map((e) => `${e.at} ${e.k}`).join(', ')}`,
        );
      }
      if (!fresh) continue;
      // the moment as a link, opened by another
      const r = lab.record();
      if (isBad(r)) throw new Error(r.error);
      const link = await fromFragment(await toFragment(r));
      if (isBad(link)) throw new Error(link.error);
      const p = play(link, (options) => {
        const w = World.create(wasm.step, { shared: false, ...options });
        w.free = wasm.free;
        return w;
      });
      if (isBad(p)) throw new Error(p.error);
      expect(sum(p.world, false) === sum(lab.world, false), `round ${i}: the link leads elsewhere`).toBe(true);
      did.link = (did.link ?? 0) + 1;
    }
    expect(lab.world.m.ld32(L.TRACE + L.TR_LOST)).toBe(0);
  },
);

test('of everything there was enough', () => {
  const few = ALL.map(({ o }) => o[1]).filter((name) => (did[name] ?? 0) < ROUNDS / 300);
  expect(few).toEqual([]);
  expect(did.trap ?? 0).toBeGreaterThan(0);
});

// The picture of what happened, against brute force: a recording is gone through step by step, and who made each step,
// what it was and who rested must be what the trace says, however the recording was run.

import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import type { Lab } from '../src/lab/lab.ts';
import { MARKS, type MarkKind } from '../src/lab/protocol.ts';
import { EVENTS } from '../src/lab/stops.ts';
import { Timeline } from '../src/lab/timeline.ts';
import { BUCKET, MAX_STEPS, NOBODY, type Trace } from '../src/lab/trace.ts';
import { rings } from '../src/lab/view.ts';
import { bytes, enter, newLab, prng, sending } from './sending.ts';

type Run = (lab: Lab, n: number) => void;
const inOne: Run = (lab, n) => void lab.timeline.advance(n);

const runnable = (lab: Lab) =>
  Array.from({ length: lab.world.m.threads }, (_, i) => lab.world.m.block(i)).filter((b) => lab.world.m.wasm.runnable(b));

/** Traffic over the pipe and over VALE, programs that begin and end, drops, a failed prologue, choices, edits. */
function history(lab: Lab, run: Run) {
  const { world: w, timeline: t } = lab;
  run(lab, 700);
  t.do({ k: 'open' });
  run(lab, 60);
  enter(lab, 'ttyv2', 'pkt-gen -i vale1:2 -f rx -w 4');
  run(lab, 800);
  t.do({ k: 'input', tty: 'ttyv0', data: '\x03' }); // the guest's sender ends
  run(lab, 500);
  enter(lab, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 3');
  run(lab, 3500);
  for (let i = 0; i < 120; i++) {
    const able = runnable(lab);
    t.do({ k: 'thread', block: able[(i * 7) % able.length]! });
  }
  for (let i = 0; i < 4; i++) {
    t.do({ k: 'edit', addr: rings(w).find((r) => r.id === 'vale1:1-PTN.tx')!.guestKring + L.KR_RHEAD, bytes: 4, value: 9999 });
    run(lab, 137);
  }
  t.do({ k: 'policy', policy: L.POLICY_RANDOM, seed: 5 });
  run(lab, 1200);
  t.do({ k: 'input', tty: 'ttyv1', data: '\x03' });
  run(lab, 900);
  t.do({ k: 'policy', policy: L.POLICY_LVT, seed: 5 });
  enter(lab, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx");
  run(lab, 900);
}
function made(run: Run): Lab {
  const lab = sending();
  lab.timeline.root();
  history(lab, run);
  return lab;
}

/** What was seen at each step after the root. */
interface Seen {
  /** Index of the thread, -1: the control plane. */
  who: number[];
  point: number[];
  marks: Partial<Record<MarkKind, number[]>>;
  /** For each thread block, its status after each step; the first is that at the root. */
  status: number[][];
  /** For each thread block, which of its lives. */
  epoch: number[][];
}
function brute(lab: Lab): Seen {
  const { timeline: t, world: w } = lab,
    { m } = w,
    end = m.steps,
    out: Seen = { who: [], point: [], marks: {}, status: [], epoch: [] };
  const g = (o: number) => m.ld32(L.MACHINE + o);
  const mark = (k: MarkKind) => {
    out.marks[k] ??= [];
    out.marks[k].push(m.steps);
  };
  const look = () => {
    for (let i = 0; i < m.threads; i++) {
      out.status[i] ??= [];
      out.epoch[i] ??= [];
      out.status[i]![out.who.length] = m.status(m.block(i));
      out.epoch[i]![out.who.length] = m.ld32(m.block(i) + L.T_EPOCH);
    }
  };
  t.seek(t.rootStep);
  look();
  while (m.steps < end) {
    const heads = new Map(rings(w).map((r) => [r.ringAddr + L.RING_HEAD, m.ld32(r.ringAddr + L.RING_HEAD)]));
    t.advance(1);
    const point = g(L.M_DONE_POINT);
    out.who.push(point ? (g(L.M_DONE_THREAD) - L.THREADS) / L.THREAD_SIZE : -1);
    out.point.push(point);
    look();
    for (const k of ['kick', 'suppressed', 'interrupt', 'exit', 'prologue', 'drop'] as const)
      if (EVENTS[k].points.includes(point) && (EVENTS[k].is?.(g(L.M_DONE_VAL), point) ?? true)) mark(k);
    if ((point === P.P_PG_TX_ST_HEAD || point === P.P_PG_RX_ST_HEAD) && g(L.M_DONE_VAL) < (heads.get(g(L.M_DONE_ADDR)) ?? 0)) mark('wrap');
  }
  return out;
}

/** Everything that a trace knows. */
const known = (t: Trace) => {
  const all = Array.from({ length: t.end - t.base }, (_, i) => t.base + 1 + i);
  return {
    base: t.base,
    end: t.end,
    who: all.map((s) => t.lanes[t.who(s)]?.block ?? -1),
    point: all.map((s) => t.point(s)),
    marks: t.marks.map((x) => `${x.step} ${MARKS[x.kind]} ${t.lanes[x.lane]?.block ?? '-'} → ${t.lanes[x.to]?.block ?? '-'}`),
    lanes: t.lanes.map((l) => `${l.block} ${l.epoch} ${l.side}, ${l.first} to ${l.last}: ${l.made.reduce((a, b) => a + b, 0)}`),
    rests: t.lanes.flatMap((l) => l.rests.map((r) => `${l.block}.${l.epoch}: ${r.from} to ${r.to} on ${r.on}`)),
    time: all.map((s) => t.time(s)),
  };
};
const traceOf = (lab: Lab) => lab.timeline.trace!;

describe('a trace', () => {
  let lab: Lab, seen: Seen, trace: Trace;
  beforeAll(() => {
    lab = made(inOne);
    trace = traceOf(lab);
    seen = brute(lab);
  });

  test('knows whose access each step was, and at which pause point', () => {
    const k = known(trace);
    expect([k.base, k.end]).toEqual([lab.timeline.rootStep, lab.world.m.steps]);
    const wrong = seen.who.flatMap((x, i) =>
      x === k.who[i] && seen.point[i] === k.point[i] ? [] : [`${k.base + 1 + i}: ${x}, not ${k.who[i]}`],
    );
    expect(wrong).toEqual([]);
    expect(new Set(seen.who).size).toBeGreaterThan(5);
  });

  test.each(['kick', 'suppressed', 'interrupt', 'exit', 'prologue', 'drop', 'wrap'] as const)(
    'marks each %s at its step, and no other',
    (kind) => {
      const got = trace.marks.filter((x) => MARKS[x.kind] === kind);
      expect(seen.marks[kind]?.length, 'there is none in this recording').toBeGreaterThan(0);
      expect(got.map((x) => x.step)).toEqual(seen.marks[kind]);
      for (const x of got) expect(trace.lanes[x.lane]?.block).toBe(seen.who[x.step - trace.base - 1]);
    },
  );

  test('marks are in the order of their steps', () => {
    const steps = trace.marks.map((x) => x.step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test('a thread rests in it when its status word says that it is asleep or blocked, and at no other step', () => {
    const wrong: string[] = [];
    let resting = 0;
    for (const l of trace.lanes)
      for (let s = trace.base; s <= trace.end; s++) {
        if (seen.epoch[l.block]?.[s - trace.base] !== l.epoch) continue;
        const status = seen.status[l.block]?.[s - trace.base],
          rest = l.rests.find((r) => r.from <= s && s <= r.to),
          asleep = status === L.TS_ASLEEP || status === L.TS_BLOCKED;
        if (asleep) resting++;
        // at the step that ends a rest either is right: the thread may go on, or has just been told
        if (status === L.TS_REQUEST || rest?.to === s || (rest?.on === 'bhyve' && rest.from === s)) continue;
        if (asleep !== (rest !== undefined))
          wrong.push(`${l.name} at ${s}: status ${status}, ${rest ? `rests on ${rest.on}` : 'does not rest'}`);
      }
    expect(wrong.length, wrong.slice(0, 10).join('\n')).toBe(0);
    expect(resting).toBeGreaterThan(1000);
  });

  test('a lane is a thread between its beginning and its end', () => {
    for (const l of trace.lanes) {
      const lives = seen.epoch[l.block]!.map((e, i) =>
        e === l.epoch && ![L.TS_FREE, L.TS_DEAD].includes(seen.status[l.block]![i]!) ? i : -1,
      ).filter((i) => i >= 0);
      expect({ lane: l.name, first: l.first, last: Math.min(l.last, trace.end) }).toEqual({
        lane: l.name,
        first: trace.base + lives[0]!,
        last: Math.min(trace.end, trace.base + lives.at(-1)! + 1),
      });
    }
  });
});

describe('the same trace comes out', () => {
  const parts = ['who', 'point', 'marks', 'lanes', 'rests', 'time'] as const;
  let whole: ReturnType<typeof known>;
  beforeAll(() => {
    whole = known(traceOf(made(inOne)));
  });
  const rnd = prng(8);
  const pieces: Run = (lab, n) => {
    for (let left = n; left; ) {
      const k = Math.min(left, 1 + rnd(90));
      lab.timeline.advance(k);
      left -= k;
    }
  };
  const steps: Run = (lab, n) => {
    for (let i = 0; i < n; i++) lab.timeline.advance(1);
  };
  const seeks: Run = (lab, n) => {
    const to = lab.world.m.steps + n;
    lab.timeline.advance(n >> 1);
    lab.timeline.seek(to - n + rnd(n >> 1));
    lab.timeline.seek(lab.timeline.rootStep);
    lab.timeline.seek(to - 3);
    lab.timeline.advance(3);
  };
  const cuts: Run = (lab, n) => {
    const from = lab.world.m.steps;
    lab.timeline.advance(n >> 2);
    const here = lab.world.m.steps;
    lab.timeline.do({ k: 'policy', policy: L.POLICY_RR, seed: 1 });
    lab.timeline.advance(300);
    lab.timeline.seek(here);
    lab.timeline.cut(); // what follows is the history of the others again
    lab.timeline.advance(from + n - here);
  };
  const there: Run = (lab, n) => {
    const from = lab.world.m.steps;
    lab.timeline.advance(n >> 2);
    const { id } = lab.timeline.present;
    lab.timeline.cut('beside');
    lab.timeline.do({ k: 'policy', policy: L.POLICY_RR, seed: 1 });
    lab.timeline.advance(200);
    if (rnd(2)) lab.timeline.seek(from); // changed over from before the parting
    lab.timeline.switchTo(id);
    lab.timeline.seek(from + n);
  };
  for (const [name, run] of [
    ['in pieces', pieces],
    ['step by step', steps],
    ['with seeks back and forth', seeks],
    ['after another history was left', cuts],
    ['after changing over to another history and back', there],
  ] as const)
    test.each(parts)(`${name}: %s`, (part) => {
      labs[name] ??= made(run);
      const lab = labs[name];
      expect(lab.world.m.steps).toBe(whole.end);
      const got = known(traceOf(lab))[part],
        want = whole[part] as unknown[];
      const wrong = want.flatMap((x, i) => (x === got[i] ? [] : [`${i}: ${String(x)}, not ${String(got[i])}`]));
      expect(wrong.slice(0, 6)).toEqual([]);
      expect(got.length).toBe(want.length);
    });
  const labs: Record<string, Lab> = {};
});

test('a hand-over to the free build is one step, of nobody', { timeout: 30_000 }, () => {
  const lab = sending();
  lab.timeline.root();
  lab.steps(403);
  const at = lab.world.m.steps,
    block = runnable(lab)[0]!;
  lab.timeline.do({ k: 'handover', block, n: 2 });
  const t = traceOf(lab);
  expect(lab.world.m.steps).toBe(at + 1);
  expect(t.end).toBe(at + 1);
  expect(t.who(at + 1)).toBe(NOBODY);
  lab.steps(400);
  const seen = brute(lab),
    k = known(t);
  expect(k.end).toBe(lab.world.m.steps);
  expect(seen.who.flatMap((x, i) => (x === k.who[i] ? [] : [k.base + 1 + i]))).toEqual([]);
});

test('it is no part of the machine: with and without it the same bytes', { timeout: 30_000 }, () => {
  const a = sending(),
    b = newLab();
  a.timeline.root();
  const w = b.fresh();
  w.m.hold(a.world.m.memory.buffer.byteLength);
  b.take(w, new Timeline(w));
  b.timeline.plant(a.timeline.first!);
  expect(b.timeline.trace).toBe(undefined);
  history(a, inOne);
  history(b, inOne);
  expect(bytes(b)).toEqual(bytes(a));
  expect(a.world.m.ld32(L.TRACE + L.TR_LOST)).toBe(0);
});

test('no more than so many steps are kept, and those are right', { timeout: 60_000 }, () => {
  const lab = sending();
  lab.timeline.root();
  const t = traceOf(lab);
  for (let i = 0; i < 26; i++) {
    lab.timeline.advance(100_000);
    expect(t.end).toBe(lab.world.m.steps);
    expect(t.end - t.base).toBeLessThanOrEqual(MAX_STEPS);
  }
  const end = lab.world.m.steps,
    wrong: number[] = [];
  for (const from of [end - 1500, t.base + 10]) {
    lab.goto(from);
    for (let s = from + 1; s <= from + 1000; s++) {
      lab.timeline.advance(1);
      const point = lab.world.m.ld32(L.MACHINE + L.M_DONE_POINT);
      if (
        t.point(s) !== point ||
        (point && t.lanes[t.who(s)]?.block !== (lab.world.m.ld32(L.MACHINE + L.M_DONE_THREAD) - L.THREADS) / L.THREAD_SIZE)
      )
        wrong.push(s);
    }
  }
  expect(wrong).toEqual([]);
  for (const l of t.lanes) expect(l.made.length).toBeLessThanOrEqual(MAX_STEPS / BUCKET + 1);
});

// Speed and stopping: so many steps a second by a wall clock of the test's own; stop points at places of the source;
// running to events, also through a recorded future, against brute force.

import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import points from '../build/points.json' with { type: 'json' };
import type { Lab } from '../src/lab/lab.ts';
import { MAX_SPEED, SPEEDS } from '../src/lab/pace.ts';
import { EVENTS, type EventKind } from '../src/lab/stops.ts';
import { rings } from '../src/lab/view.ts';
import { bytes, enter, go, newLab, say, sending, told } from './sending.ts';

const once = () => false;
const place = (n: number) => (points as { number: number; file: string; line: number }[]).find((p) => p.number === n)!;

function rooted(): Lab {
  const lab = sending();
  lab.timeline.root();
  return lab;
}

describe('steps a second', () => {
  /** Pumps as a page does, every `each` ms from `wall` on; answers the steps made. */
  function pumped(lab: Lab, wall: number, ms: number, each: number): number {
    const before = lab.world.m.steps;
    for (let t = wall; t <= wall + ms; t += each) lab.pump(once, t);
    return lab.world.m.steps - before;
  }

  test('at 0.2 there is exactly one step every five seconds', () => {
    const lab = rooted();
    told(lab, 'speed 0.2');
    lab.start('step');
    const at: number[] = [];
    for (let t = 0; t <= 60_000; t += 50) {
      const before = lab.world.m.steps;
      const wait = lab.pump(once, 1e12 + t);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(100);
      for (let i = before; i < lab.world.m.steps; i++) at.push(t);
    }
    expect(at).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60].map((s) => s * 1000));
  });

  test.each(SPEEDS.filter((s) => s > 0))('at %d there are that many a second, however often it is looked', (speed) => {
    for (const each of [1, 7, 16, 99]) {
      const lab = rooted();
      told(lab, `speed ${speed}`);
      lab.start('step');
      expect(lab.state().speed).toBe(speed);
      const ms = Math.ceil(10_000 / each) * each;
      expect(pumped(lab, 5000, ms, each)).toBe(Math.floor((ms / 1000) * speed + 1e-9));
    }
  });

  test('waiting as long as it says makes the same steps', () => {
    const lab = rooted();
    told(lab, 'speed 3');
    lab.start('step');
    const before = lab.world.m.steps;
    let t = 0,
      looks = 0;
    while (t < 20_000) {
      t += lab.pump(once, t);
      looks++;
    }
    expect(lab.world.m.steps - before).toBe(Math.floor((t * 3) / 1000) - (Number.isInteger((t * 3) / 1000) ? 1 : 0));
    expect(looks).toBeLessThan(400);
  });

  test('another speed counts from the moment at which it was chosen, and full is full again', () => {
    const lab = rooted();
    told(lab, 'speed 1');
    lab.start('step');
    expect(pumped(lab, 0, 4500, 50)).toBe(4);
    told(lab, 'speed 30');
    expect(pumped(lab, 4550, 2000, 50)).toBe(60);
    told(lab, 'speed 0.2');
    expect(pumped(lab, 6600, 4950, 50)).toBe(0);
    told(lab, 'speed full');
    expect(lab.state().speed).toBe(0);
    expect(pumped(lab, 11_600, 100, 10)).toBeGreaterThan(5000);
  });

  test('the same steps are made as at full speed', () => {
    const a = rooted(),
      b = rooted();
    told(a, 'speed 300');
    a.start('step');
    pumped(a, 0, 2000, 16);
    b.steps(a.world.m.steps - b.world.m.steps);
    expect(bytes(a)).toEqual(bytes(b));
  });

  test('what could not be done in time is not hurried', () => {
    const lab = rooted();
    told(lab, 'speed 1');
    lab.start('step');
    pumped(lab, 0, 3000, 100);
    const before = lab.world.m.steps;
    lab.pump(once, 60_000); // the page was hidden for a minute
    expect(lab.world.m.steps - before).toBeLessThanOrEqual(1);
    expect(pumped(lab, 60_100, 5000, 100)).toBeLessThanOrEqual(6);
  });

  test('after a slow stretch that leapt over a long sleep, full speed goes on at once', () => {
    const lab = newLab();
    go(lab, () => !lab.world.host.os.ready());
    enter(lab, 'ttyv0', 'sleep 30; sleep 30');
    told(lab, 'speed 30');
    lab.start('step');
    let wall = 0;
    const clock = lab.world.m.clock;
    for (; wall < 60_000 && lab.world.m.clock - clock < 30e9; wall += 20) lab.pump(once, wall);
    expect(lab.world.m.clock - clock).toBeGreaterThanOrEqual(30e9);
    told(lab, 'speed full');
    const from = lab.world.m.clock,
      began = wall;
    for (; wall < began + 31_000; wall += 20) lab.pump(once, wall);
    expect(lab.world.m.clock - from).toBeGreaterThan(29e9);
  });

  test.each([5, 20, 90])('at full speed, looked at every %d ms, a sleep lasts as long as by the wall clock', (each) => {
    const lab = newLab();
    lab.start('step');
    for (let t = 0; t < 500; t += each) lab.pump(once, t);
    lab.typing.input('ttyv0', 'sleep 2; echo awake\r');
    let t = 500;
    for (; t < 6000 && !lab.world.tree.host.os.ttys[0]?.out.includes('\nawake'); t += each) lab.pump(once, t);
    expect(t).toBeGreaterThanOrEqual(2400);
    expect(t).toBeLessThan(2800);
  });

  test('an idle lab says that only input helps, and goes on after it', () => {
    const lab = newLab();
    told(lab, 'speed 300');
    lab.start('step');
    let wait = 0;
    for (let t = 0; t < 5000 && wait !== Number.POSITIVE_INFINITY; t += 20) wait = lab.pump(once, t);
    expect(wait).toBe(Number.POSITIVE_INFINITY);
    expect(lab.run).toBe('idle');
    lab.typing.input('ttyv0', 'echo more\r');
    for (let t = 5000; t < 7000; t += 20) lab.pump(once, t);
    expect(lab.world.tree.host.os.ttys[0]?.out).toContain('\nmore');
  });

  test('what is no speed is a sentence, and changes nothing', () => {
    const lab = newLab();
    told(lab, 'speed 6');
    for (const bad of ['', '0', '-1', 'x', 'Infinity', 'NaN', String(MAX_SPEED * 2), '1e400', 'fulL']) {
      const r = say(lab, `speed ${bad}`);
      expect(r.ok, bad).toBe(false);
      expect(r.text).toMatch(/^".*" is not a speed: steps a second, up to 1000000, or full$/);
      expect(lab.speed).toBe(6);
    }
    told(lab, `speed ${MAX_SPEED}`);
  });

  test('a stop point stops a slow run, after its step', () => {
    const lab = rooted();
    told(lab, 'break at GTX_KICK');
    told(lab, 'speed 3000');
    lab.start('step');
    let t = 0;
    for (; lab.run !== 'stopped' && t < 60_000; t += 10) lab.pump(once, t);
    expect(lab.run).toBe('stopped');
    expect(lab.world.m.ld32(L.MACHINE + L.M_DONE_POINT)).toBe(P.P_GTX_KICK);
    expect(lab.sentence).toBe('Stopped: at GTX_KICK. Stop point 1, first time.');
    const at = lab.world.m.steps;
    lab.pump(once, t + 1000);
    expect(lab.world.m.steps).toBe(at);
    lab.start('step');
    for (t += 2000; lab.run !== 'stopped' && t < 120_000; t += 10) lab.pump(once, t);
    expect(lab.world.m.steps).toBeGreaterThan(at);
    expect(lab.sentence).toContain('second time');
  });
});

// ── the recording, looked at step by step ─────────────────────────────────────────────────────────────────────────

interface Access {
  step: number;
  point: number;
  value: number;
  wraps: boolean;
}
/** Every step of the present history after its root; the lab is where it was then. */
function looked(lab: Lab): Access[] {
  const { m } = lab.world,
    { timeline: t } = lab,
    now = m.steps,
    end = t.end,
    out: Access[] = [];
  t.seek(t.rootStep);
  while (m.steps < end) {
    const heads = new Map(rings(lab.world).map((r) => [r.ringAddr + L.RING_HEAD, m.ld32(r.ringAddr + L.RING_HEAD)]));
    t.advance(1);
    const point = m.ld32(L.MACHINE + L.M_DONE_POINT),
      value = m.ld32(L.MACHINE + L.M_DONE_VAL),
      stores = point === P.P_PG_TX_ST_HEAD || point === P.P_PG_RX_ST_HEAD;
    out.push({ step: m.steps, point, value, wraps: stores && value < (heads.get(m.ld32(L.MACHINE + L.M_DONE_ADDR)) ?? 0) });
  }
  t.seek(now);
  return out;
}
const runnable = (lab: Lab) =>
  Array.from({ length: lab.world.m.threads }, (_, i) => i).filter((i) => lab.world.m.wasm.runnable(lab.world.m.block(i)));

/** Two recordings with traffic: one under the policy alone, one in which a student chose most steps. */
const recorded: Record<string, () => Lab> = {
  'under the policy': () => {
    const lab = rooted();
    lab.steps(6000);
    return lab;
  },
  'of choices': () => {
    const lab = rooted();
    for (let i = 0; i < 3000; i++) {
      const able = runnable(lab);
      if (i % 50 === 49 || !able.length) lab.timeline.advance(7);
      else lab.timeline.do({ k: 'thread', block: lab.world.m.block(able[(i * 3) % able.length]!) });
    }
    return lab;
  },
};

describe.each(Object.keys(recorded))('in a recording %s', (name) => {
  let lab: Lab, all: Access[], end: number;
  beforeAll(() => {
    lab = recorded[name]!();
    all = looked(lab);
    end = lab.timeline.end;
  });

  test.each(Object.keys(EVENTS) as EventKind[])('the next %s is found at its step, each of them and no other', (kind) => {
    const of = (a: Access) =>
        kind === 'wrap' ? a.wraps : EVENTS[kind].points.includes(a.point) && (EVENTS[kind].is?.(a.value, a.point) ?? true),
      want = all.filter(of).map((a) => a.step),
      got: number[] = [];
    lab.goto(lab.timeline.rootStep);
    for (let i = 0; i < Math.min(25, want.length); i++) {
      told(lab, `next ${kind}`);
      got.push(lab.world.m.steps);
    }
    expect(got).toEqual(want.slice(0, 25));
    if (!['kick', 'prologue', 'drop'].includes(kind)) expect(want.length).toBeGreaterThan(2);
    lab.goto(end);
  });

  test.each([
    ['a point', 'PTN_TX_ST_HWCUR', [P.P_PTN_TX_ST_HWCUR]],
    ['a point by its whole name', 'p_gtx_st_head', [P.P_GTX_ST_HEAD]],
    ['a line', `${place(P.P_GTX_KICK).file}:${place(P.P_GTX_KICK).line}`, undefined],
    ['a line of a file by its short name', `if_vtnet_netmap.ts:${place(P.P_GTX_ST_HEAD).line}`, undefined],
  ] as const)('a stop point at %s stops after each access there', (_, where, only) => {
    const line = /:(\d+)$/.exec(where)?.[1],
      at =
        only ??
        (points as { number: number; file: string; line: number }[])
          .filter((p) => p.file.endsWith(where.split(':')[0]!) && p.line === Number(line))
          .map((p) => p.number),
      want = all.filter((a) => (at as readonly number[]).includes(a.point)).map((a) => a.step);
    expect(want.length).toBeGreaterThan(5);
    lab.goto(lab.timeline.rootStep);
    const id = Number(/stop point (\d+)/.exec(told(lab, `break at ${where}`))?.[1]);
    for (const step of want.slice(0, 8)) {
      lab.steps(end - lab.world.m.steps);
      expect(lab.world.m.steps).toBe(step);
      expect(lab.sentence).toContain(`Stopped: at ${where}. Stop point ${id}`);
    }
    told(lab, `unbreak ${id}`);
    lab.goto(end);
  });

  test('xN stops from the Nth time on, and every meeting is counted', () => {
    const want = all.filter((a) => a.point === P.P_GTX_ST_HEAD).map((a) => a.step);
    lab.goto(lab.timeline.rootStep);
    const id = Number(/stop point (\d+)/.exec(told(lab, 'break at GTX_ST_HEAD x4'))?.[1]);
    lab.steps(end - lab.world.m.steps);
    expect(lab.world.m.steps).toBe(want[3]);
    expect(lab.sentence).toContain(`Stop point ${id}, fourth time.`);
    lab.steps(end - lab.world.m.steps);
    expect(lab.world.m.steps).toBe(want[4]);
    expect(told(lab, 'breaks')).toContain(`${id} at GTX_ST_HEAD: met 5 times, stops from the 4th on`);
    told(lab, `unbreak ${id}`);
    lab.goto(end);
  });
});

describe('stop points', () => {
  test('at a function stop in all of it', () => {
    const lab = rooted();
    told(lab, 'break at ptnetmap_tx_handler');
    const id = lab.breaks.list[0]!;
    expect(id.points.length).toBeGreaterThan(5);
    lab.steps(20_000);
    expect(id.points).toContain(lab.world.m.ld32(L.MACHINE + L.M_DONE_POINT));
  });

  /** Steps after which a word is another and fulfils the condition, which it did not before. */
  function became(lab: Lab, n: number, holds: () => boolean): number[] {
    const { m } = lab.world,
      start = m.steps,
      out: number[] = [];
    let held = holds();
    for (let i = 0; i < n; i++) {
      lab.timeline.advance(1);
      const now = holds();
      if (now && !held) out.push(m.steps);
      held = now;
    }
    lab.goto(start);
    return out;
  }

  test.each([
    ['an index', 'vtnet1:tx.head == 5', (lab: Lab) => ring(lab).ringAddr + L.RING_HEAD, 5, 4],
    [
      'flags, which no shared access stores',
      'vtnet1:tx.slot[3].flags == NS_BUF_CHANGED',
      (lab: Lab) => ring(lab).ringAddr + L.RING_SLOT + 3 * L.SLOT_SIZE + L.SLOT_FLAGS,
      1,
      2,
    ],
  ] as const)('a condition over %s stops at the step at which it becomes true', (_, text, addr, value, size) => {
    const lab = rooted(),
      { m } = lab.world,
      a = addr(lab);
    if (text.includes('flags')) told(lab, `edit 0x${a.toString(16)} 0 2`);
    const want = became(lab, 6000, () => (size === 2 ? m.ld16(a) : m.ld32(a)) === value);
    told(lab, `break ${text}`);
    const start = m.steps,
      got: number[] = [];
    for (let i = 0; i < Math.min(4, want.length); i++) {
      lab.steps(start + 6000 - m.steps);
      got.push(m.steps);
    }
    expect(want.length).toBeGreaterThan(0);
    expect(got).toEqual(want.slice(0, 4));
  });
  const ring = (lab: Lab) => rings(lab.world).find((r) => r.id === 'vale2{1-PTN.tx')!;

  test('a condition that a recorded edit makes true stops there', () => {
    const lab = rooted(),
      start = lab.world.m.steps;
    lab.steps(100);
    told(lab, 'edit vtnet1:csb.nifp_offset 4242');
    lab.steps(500);
    lab.goto(start);
    told(lab, 'break vtnet1:csb.nifp_offset == 4242');
    lab.steps(600);
    expect(lab.world.m.steps).toBe(start + 101);
    expect(lab.sentence).toContain('became true');
  });

  test('places that are not there, and a thirty-third one, are sentences', () => {
    const lab = rooted();
    for (const bad of ['at nowhere', 'at shared.ts:999999', 'at x:1', 'at :5', 'at']) {
      const r = say(lab, `break ${bad}`);
      expect(r.ok, bad).toBe(false);
      expect(r.text, bad).toMatch(/no pause point at|column/);
    }
    expect(lab.breaks.list.length).toBe(0);
    for (let i = 0; i < 32; i++) told(lab, i % 2 ? 'break at GTX_KICK' : 'break vtnet1:tx.head == 3');
    expect(say(lab, 'break at GTX_KICK')).toEqual({ ok: false, text: 'there are 32 stop points already' });
    expect(say(lab, 'break vtnet1:tx.head == 3')).toEqual({ ok: false, text: 'there are 32 stop points already' });
    told(lab, 'unbreak 7');
    told(lab, 'break at GTX_KICK');
  });

  test('with stop points set, the same steps are made', () => {
    const a = rooted(),
      b = rooted();
    for (const x of ['break vtnet1:tx.head == 5', 'break at GTX_KICK x1000', 'break step > 99999999']) told(a, x);
    const end = a.world.m.steps + 3000;
    while (a.world.m.steps < end) a.steps(end - a.world.m.steps);
    b.steps(3000);
    expect(bytes(a)).toEqual(bytes(b));
  });
});

// The counters that the live charts are drawn from: what the ledger shows, now and at any step of the recording, which stays as it was.

import { describe, expect, test } from 'vitest';
import { borders, chartLook, fillOf, MOST_COLUMNS, RUN_AGAIN, stepsOf } from '../src/lab/charts.ts';
import { threadCounts } from '../src/lab/kring_view.ts';
import { picture } from '../src/lab/picture.ts';
import { counters } from '../src/lab/counters.ts';
import type { Lab } from '../src/lab/lab.ts';
import { go, newLab, sending, whole } from './sending.ts';

const value = (lab: Lab, group: string, row: string) =>
  counters(lab.world)
    .find((g) => g.id === group)
    ?.rows.find((r) => r.name === row)?.value;

describe('charts of a machine that sends', () => {
  const lab = sending(16, 'vale');
  go(lab, () => picture(lab).ports.some((p) => p.counts.tx >= 20));

  test('show what the ledger shows', () => {
    const look = chartLook(lab.world, true),
      p = look.ports.find((x) => x.open),
      ledger = picture(lab).ports.find((x) => x.open);
    expect(p?.counts).toEqual(ledger?.counts);
    expect(p?.counts.tx).toBe(value(lab, 'port.vale1:1-PTN', 'TX guest packets'));
    expect(p?.ends.find((e) => e.name === 'vale1:2')?.rx).toBe(value(lab, 'port.vale1:2', 'RX packets'));
    const threads = new Map(threadCounts(lab.world).map((t) => [t.id, t.wakeups]));
    expect(p?.woken.guest).toBe(threads.get(ledger?.vcpu ?? -1));
    expect(p?.woken.host).toBe(ledger?.movers.reduce((n, t) => n + (threads.get(t.thread) ?? 0), 0));
    expect(p?.woken.host).toBeGreaterThan(0);
    expect(p?.fills.map((f) => f.dir)).toEqual(['TX', 'RX']);
    for (const f of p?.fills ?? []) expect(f.given + f.open + f.untold).toBeLessThan(f.slots);
  });

  test('the past is read from the machine as it was, and the machine stays as it is', () => {
    const before = whole(lab),
      end = lab.timeline.end,
      looks = lab.ask((w, t) => stepsOf(w, t, { from: end - 60, to: end, columns: 60 }), []);
    expect(whole(lab)).toEqual(before);
    expect(looks.map((l) => l.step)).toEqual(Array.from({ length: 61 }, (_, i) => end - 60 + i));
    for (const i of [0, 17, 60]) {
      lab.goto(end - 60 + i);
      expect(chartLook(lab.world, true)).toEqual(looks[i]);
    }
    lab.goto(end);
    // what happened in the columns is what happened in the stretch
    const sums = (from: number, to: number) =>
      (looks[to]?.ports[0]?.counts.guestSyncs ?? 0) - (looks[from]?.ports[0]?.counts.guestSyncs ?? 0);
    expect(sums(0, 30) + sums(30, 60)).toBe(sums(0, 60));
  });

  test('answers a machine without ports, and a stretch that there is not', () => {
    expect(chartLook(newLab().world, true).ports).toEqual([]);
    const { end } = lab.timeline;
    expect(lab.ask((w, t) => stepsOf(w, t, { from: end + 5, to: -1, columns: Number.NaN }), []).map((l) => l.step)).toEqual([end]);
  });
});

describe('where it is looked', () => {
  test('at the borders of columns, each once', () => {
    expect(borders({ from: 10, to: 14, columns: 99 }, [], 0, 100)).toEqual([10, 11, 12, 13, 14]);
    expect(borders({ from: -5, to: 200, columns: 2 }, [], 0, 100)).toEqual([0, 50, 100]);
    expect(borders({ from: 0, to: 1e5, columns: 1e9 }, [], 0, 1e5).length).toBe(MOST_COLUMNS + 1);
  });
  test('at checkpoints where a stretch is long: it is not run again', () => {
    const marks = Array.from({ length: 2000 }, (_, i) => i * 50_000),
      at = borders({ from: 1, to: 2000 * RUN_AGAIN, columns: 100 }, marks, 0, 1e8 + 7);
    expect(at.length).toBeLessThanOrEqual(MOST_COLUMNS + 1);
    expect(at.slice(1, -1).every((s) => marks.includes(s))).toBe(true);
    expect([at[0], at.at(-1)]).toEqual([1, 1e8 + 7]);
  });
});

test('the slots of a torn look are nobody’s', () => {
  const s = { id: '', n: 8, head: 3, cur: 3, tail: 6, rhead: 3, rcur: 3, rtail: 6, hwcur: 1, hwtail: 7, first: 0, slots: [] },
    csb = { head: -1, cur: -1, hwcur: -1, hwtail: -1 },
    guest = { rhead: -1, rcur: -1, rtail: -1, hwcur: -1, hwtail: -1 };
  expect(fillOf({ ...s, csb, guest, torn: false }, 'TX', 'guest')).toMatchObject({ given: 2, open: 3, untold: 1 });
  expect(fillOf({ ...s, csb, guest, torn: true }, 'TX', 'guest')).toMatchObject({ given: 0, open: 0, untold: 0 });
});

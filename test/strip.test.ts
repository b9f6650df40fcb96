// A stretch of the trace as the page gets it: bounded whatever is asked for, and counted as one counts by hand.

import { beforeAll, describe, expect, test } from 'vitest';
import { MARKS, type StripQuery } from '../src/lab/protocol.ts';
import { BUCKET, type Trace } from '../src/lab/trace.ts';
import { MOST_MARKS, nearest, strip } from '../src/lab/trace_view.ts';
import { enter, prng, withVm } from './sending.ts';

describe('a strip of a recording of 1,000,000 steps', () => {
  let t: Trace;
  beforeAll(() => {
    const lab = withVm();
    lab.timeline.root();
    enter(lab, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx");
    enter(lab, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0 -b 3');
    lab.steps(1_000_000);
    t = lab.timeline.trace!;
  });

  /** Windows of every size, at every place, also outside and the wrong way round. */
  function windows(n: number): StripQuery[] {
    const rnd = prng(21),
      out: StripQuery[] = [];
    for (let i = 0; i < n; i++) {
      const from = t.base - 1000 + rnd(t.end - t.base + 2000),
        size = 2 ** rnd(21);
      out.push({ from, to: from + 1 + rnd(size), columns: 1 + rnd(2 ** rnd(12)) });
    }
    return [...out, { from: t.end, to: t.base, columns: 9 }, { from: t.base, to: t.end, columns: 1e9 }, { from: 0, to: 1e7, columns: -5 }];
  }

  test('is bounded, whatever is asked for', () => {
    for (const q of windows(120)) {
      const v = strip(t, q),
        size = JSON.stringify(v).length;
      expect(v.columns).toBeLessThanOrEqual(4096);
      expect(v.marks.length).toBeLessThanOrEqual(MOST_MARKS);
      expect(v.counts.length).toBeLessThanOrEqual(v.columns);
      expect(v.many).toBeGreaterThanOrEqual(v.marks.length);
      for (const l of v.lanes)
        expect(Math.max(l.steps.length, l.shares.length, l.rests.length)).toBeLessThanOrEqual(Math.max(v.columns, 400));
      expect(size).toBeLessThan(2000 + 40_000 + v.lanes.length * (300 + v.columns * 10 + 400 * 60) + v.columns * 6);
    }
  });

  test('looks at no more than there is, however far a window goes', () => {
    let looks = 0;
    const made = t.lanes.map((l) => l.made);
    for (const l of t.lanes)
      l.made = new Proxy(l.made, {
        get: (a, k) => {
          looks++;
          return Reflect.get(a, k) as unknown;
        },
      });
    strip(t, { from: 0, to: 1e8, columns: 100 });
    t.lanes.forEach((l, i) => {
      l.made = made[i]!;
    });
    expect(looks).toBeLessThan(4 * made.length * ((t.end - t.base) / BUCKET + 500));
  });

  test('tells lab time where it is asked for, and nowhere else', () => {
    const { base, end } = t,
      every = 7,
      v = strip(t, { from: base + 3, to: base + 200, columns: 100, every, at: base + 50 }),
      steps = Array.from({ length: end }, (_, s) => s).filter((s) => s > base + 3 && s <= Math.min(end, base + 200) && s % every === 0);
    expect(steps.length).toBeGreaterThan(5);
    expect(v.clocks).toEqual(steps.map((step) => ({ step, ns: t.time(step) - t.time(base + 50) })));
    expect(new Set(v.clocks.map((c) => c.ns)).size).toBeGreaterThan(3);
    for (const q of windows(20)) expect(strip(t, { ...q, every: 1 }).clocks.length).toBeLessThanOrEqual(4096);
    for (const none of [undefined, 0, -1, Number.NaN])
      expect(strip(t, { from: base, to: end, columns: 9, ...(none === undefined ? {} : { every: none }) }).clocks).toEqual([]);
  });

  test('counts what a count by hand counts', () => {
    for (const q of windows(60)) {
      const v = strip(t, q),
        from = Math.max(q.from, t.base),
        to = Math.max(from, Math.min(q.to, t.end)),
        width = Math.max(1, q.to - q.from) / v.columns,
        column = (s: number) => Math.min(v.columns - 1, Math.floor((s - q.from - 1) / width));
      const marks = t.marks.filter((x) => x.step > from && x.step <= to);
      expect(v.many).toBe(marks.length);
      if (marks.length <= MOST_MARKS) expect(v.marks.map((x) => x.step)).toEqual(marks.map((x) => x.step));
      else {
        const counts = new Array<number>(v.columns).fill(0);
        for (const x of marks) counts[column(x.step)]!++;
        expect(v.counts).toEqual(counts);
      }
      for (const l of v.lanes) {
        const n = new Array<number>(v.columns).fill(0),
          steps: number[] = [];
        for (let s = from + 1; s <= to; s++)
          if (t.who(s) === l.id) {
            n[column(s)]!++;
            steps.push(s);
          }
        if (l.shares.length === 0) expect(l.steps).toEqual(steps);
        else {
          // wide columns are made of buckets, each counted whole
          const off = width >= BUCKET ? (255 * 2 * BUCKET) / width : 1;
          l.shares.forEach((x, c) => {
            const want = Math.min(255, (255 * n[c]!) / width);
            if (Math.abs(x - want) > off && !(x === 24 && want < 24 + off))
              expect.fail(`${l.name} column ${c} of ${JSON.stringify(q)}: ${x}, by hand ${want}`);
          });
        }
        const rests = t.lanes[l.id]!.rests.filter((r) => r.to >= from && r.from <= to && r.to - r.from >= (l.shares.length ? width : 0));
        expect(l.rests.length).toBeGreaterThanOrEqual(Math.min(rests.length, 400));
        expect(l.rests.map((r) => r.from)).toEqual(rests.slice(0, l.rests.length).map((r) => r.from));
      }
    }
  });

  test('the nearest mark is the one that a search along the list finds', () => {
    const rnd = prng(2);
    for (let i = 0; i < 300; i++) {
      const kinds = MARKS.filter(() => rnd(3) === 0),
        q: StripQuery = { from: 0, to: 0, columns: 1, ...(kinds.length ? { kinds } : {}), ...(rnd(3) ? {} : { text: 'vCPU' }) },
        at = rnd(2) ? t.base + rnd(t.end - t.base) : t.marks[rnd(t.marks.length)]!.step;
      const keep = t.marks.filter(
        (x) =>
          (kinds.length === 0 || kinds.includes(MARKS[x.kind]!)) &&
          (q.text === undefined || [x.lane, x.to].some((l) => t.lanes[l]?.name.includes('vCPU')) || false),
      );
      const want = q.text === undefined ? [keep.find((x) => x.step > at)?.step, keep.findLast((x) => x.step < at)?.step] : undefined;
      const got = [nearest(t, q, at, 1), nearest(t, q, at, -1)];
      if (want) expect(got).toEqual(want);
      else for (const s of got) if (s !== undefined) expect(s).not.toBe(at);
    }
    // a port: the marks of the threads that serve it
    const from = t.end - 4000,
      port = strip(t, { from, to: t.end, columns: 800, text: 'vale2{1' }),
      all = strip(t, { from, to: t.end, columns: 800 });
    const serves = new Set(t.lanes.filter((l) => l.role.includes('vale2{1')).map((l) => l.id));
    expect(serves.size).toBe(2);
    expect(port.marks.length).toBeGreaterThan(0);
    expect(port.marks).toEqual(all.marks.filter((x) => serves.has(x.lane) || serves.has(x.to)));
    expect(nearest(t, { from: 0, to: 0, columns: 1, text: 'no such thing' }, t.base, 1)).toBe(undefined);
  });
});

// The timeline's arithmetic over random recordings and windows: what is seen stays within bounds, zoom holds the point, marks lie
// on their rows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARKS, type StripView } from '../../lab/protocol';
import { stretches } from './strip_brush';
import { AXIS, countIn, markAt, marksIn, middle, rowAt, rowHeight, rowsOf, shapesOf } from './strip_rows';
import {
  blockAt,
  centred,
  covers,
  every,
  fit,
  following,
  grouped,
  held,
  isCentred,
  isFit,
  type Known,
  LEAST,
  panned,
  queryOf,
  revealed,
  type Span,
  sizeOf,
  stepAt,
  ticks,
  widest,
  xOf,
  zoomed,
} from './strip_window';
import { laneWords, marksWords, markWords } from './strip_words';

const known: fc.Arbitrary<Known> = fc
  .record({ root: fc.nat(1e9), length: fc.nat(3e6) })
  .map(({ root, length }) => ({ root, end: root + length }));
const window = (k: Known): fc.Arbitrary<Span> =>
  fc
    .record({ at: fc.double({ min: -0.5, max: 1.5, noNaN: true }), size: fc.double({ min: 1, max: 4e6, noNaN: true }) })
    .map(({ at, size }) => held({ from: k.root + at * (k.end - k.root), to: k.root + at * (k.end - k.root) + size }, k));
const both = known.chain((k) => window(k).map((w) => ({ k, w })));
const width = fc.integer({ min: 60, max: 3840 });

describe('the window', () => {
  it('never leaves the recording by more than its margin, and is neither too small nor too large', () => {
    fc.assert(
      fc.property(
        both,
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        ({ k, w }, by, f) => {
          for (const v of [w, panned(w, k, by), zoomed(w, k, w.from + by, f), following(w, k), fit(k), centred(w, k, k.end)]) {
            expect(sizeOf(v)).toBeGreaterThanOrEqual(LEAST * 0.999);
            expect(sizeOf(v)).toBeLessThanOrEqual(widest(k) * 1.001);
            expect(v.to).toBeGreaterThan(k.root);
            expect(v.from).toBeLessThanOrEqual(k.end);
          }
        },
      ),
    );
  });

  it('zooms about a point: its step stays under the pointer, unless an end of the recording is in the way', () => {
    fc.assert(
      fc.property(
        both,
        width,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        ({ k, w }, px, at, f) => {
          const x = at * px,
            step = stepAt(w, px, x),
            v = zoomed(w, k, step, f);
          const n = Math.min(Math.max(sizeOf(w) * f, LEAST), widest(k)),
            free = step - at * n;
          if (Math.abs(held({ from: free, to: free + n }, k).from - free) > n * 1e-9) return;
          expect(Math.abs(xOf(v, px, step) - x)).toBeLessThan(0.01);
        },
      ),
    );
  });

  it('pixels and steps are each other’s inverse', () => {
    fc.assert(
      fc.property(both, width, fc.double({ min: 0, max: 1, noNaN: true }), ({ w }, px, at) => {
        expect(xOf(w, px, stepAt(w, px, at * px))).toBeCloseTo(at * px, 3);
      }),
    );
  });

  it('shows the step that it is told to reveal, and does not move when it shows it well', () => {
    fc.assert(
      fc.property(both, fc.double({ min: 0, max: 1, noNaN: true }), ({ k, w }, at) => {
        const step = Math.round(k.root + at * (k.end - k.root)),
          v = revealed(w, k, step);
        expect(v.from).toBeLessThanOrEqual(step);
        expect(v.to).toBeGreaterThanOrEqual(step);
        expect(revealed(v, k, step)).toEqual(held(v, k));
      }),
    );
  });

  it('the whole recording is in view when it fits, and what is centred says so', () => {
    fc.assert(
      fc.property(both, ({ k, w }) => {
        const v = fit(k);
        expect(isFit(v, k)).toBe(true);
        expect(v.from).toBeLessThan(k.root);
        expect(v.to).toBeGreaterThan(k.end);
        expect(isCentred(centred(w, k, k.root), k, k.root)).toBe(true);
      }),
    );
  });

  it('a click means a step of the recording', () => {
    fc.assert(
      fc.property(both, width, fc.double({ min: -1, max: 2, noNaN: true }), ({ k, w }, px, at) => {
        const step = blockAt(w, px, at * px, k);
        expect(Number.isInteger(step)).toBe(true);
        expect(step >= k.root && step <= k.end).toBe(true);
      }),
    );
    expect(blockAt({ from: 0, to: 100 }, 1000, 15, { root: 0, end: 100 })).toBe(2);
  });
});

describe('what is asked for', () => {
  it('whole steps, within the recording, all of the window, and then it does', () => {
    fc.assert(
      fc.property(both, fc.integer({ min: 60, max: 1900 }), ({ k, w }, px) => {
        const q = queryOf(w, k, px);
        expect(Number.isInteger(q.from) && Number.isInteger(q.to) && q.to > q.from).toBe(true);
        expect(q.from).toBeGreaterThanOrEqual(k.root);
        expect(q.columns).toBeLessThanOrEqual(4096);
        expect(covers({ ...NOTHING, ...q }, w, k, px)).toBe(true);
      }),
    );
  });

  it('an answer for another stretch, or far coarser, does not do', () => {
    const k = { root: 0, end: 10000 },
      w = { from: 5000, to: 5100 };
    const v = { ...NOTHING, ...queryOf(w, k, 1000) };
    expect(covers(v, w, k, 1000)).toBe(true);
    expect(covers(v, { from: 5200, to: 5300 }, k, 1000)).toBe(false);
    expect(covers({ ...NOTHING, from: 0, to: 10000, columns: 1000 }, w, k, 1000)).toBe(false);
  });
});

describe('the axis', () => {
  it('ticks are round, in view, and far enough apart', () => {
    fc.assert(
      fc.property(both, width, ({ w }, px) => {
        const all = ticks(w, px, 80);
        for (const [i, t] of all.entries()) {
          expect(t.x).toBeLessThanOrEqual(px + 0.001);
          expect(Object.is(t.step, -0)).toBe(false);
          if (i) expect(t.x - (all[i - 1]?.x ?? 0)).toBeGreaterThanOrEqual(Math.min(79, px / sizeOf(w)));
        }
      }),
    );
  });

  it('forks that would lie over each other are one sign, and none is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 40 }), (forks) => {
        const groups = grouped(
          forks.map((at) => ({ at })),
          { from: 0, to: 1000 },
          500,
          24,
        );
        expect(groups.reduce((sum, g) => sum + g.all.length, 0)).toBe(forks.length);
        for (const [i, g] of groups.entries()) if (i) expect((g.at - (groups[i - 1]?.at ?? 0)) / 2).toBeGreaterThanOrEqual(24);
      }),
    );
  });
});

const NOTHING: StripView = {
  from: 0,
  to: 1,
  base: 0,
  end: 1,
  columns: 1,
  lanes: [],
  marks: [],
  counts: [],
  many: 0,
  deeds: [],
  clockNs: [0, 0],
  every: 0,
  at: 0,
  clocks: [],
};
const lane = (id: number, name: string, side: 'guest' | 'host', steps: number[] = []) => ({
  id,
  name,
  side,
  first: 0,
  last: 100,
  steps,
  shares: [],
  rests: [],
});
const VIEW: StripView = {
  ...NOTHING,
  to: 100,
  end: 100,
  columns: 1000,
  lanes: [lane(0, 'nm-kthread-1', 'host'), lane(1, 'vCPU 0', 'guest', [10, 11, 13]), lane(2, 'pkt-gen', 'host')],
  marks: [
    { step: 10, kind: 'kick', lane: 1, to: 0 },
    { step: 13, kind: 'suppressed', lane: 1, to: -1 },
    { step: 20, kind: 'kick', lane: 1, to: -1 },
    { step: 30, kind: 'interrupt', lane: 0, to: 1 },
    { step: 40, kind: 'wake', lane: -1, to: 2 },
  ],
};
const SPAN = { from: 0, to: 100 };

describe('rows and marks', () => {
  const rows = rowsOf(VIEW, []),
    g = { width: 1000, height: 96, row: rowHeight(3, 96, false), scroll: 0 };

  it('guest first, and what is left out is left out', () => {
    expect(rows.map((r) => r.name)).toEqual(['vCPU 0', 'nm-kthread-1', 'pkt-gen']);
    expect(rowsOf(VIEW, ['pkt-gen']).map((r) => r.name)).toEqual(['vCPU 0', 'nm-kthread-1']);
    expect(marksIn(VIEW, SPAN, rowsOf(VIEW, ['vCPU 0', 'nm-kthread-1'])).map((m) => m.step)).toEqual([40]);
  });

  it('every row can be read, and none is lost under the axis', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 208 }), fc.boolean(), (n, height, counted) => {
        const row = rowHeight(n, height, counted);
        expect(row).toBeGreaterThanOrEqual(13);
        expect(row).toBeLessThanOrEqual(26);
        expect(middle({ width: 1, height, row, scroll: 0 }, 0) - row / 2).toBeGreaterThanOrEqual(AXIS);
      }),
    );
    expect(rows.map((_, i) => rowAt(g, rows, middle(g, i))?.name)).toEqual(rows.map((r) => r.name));
    expect(rowAt(g, rows, AXIS - 1)).toBeUndefined();
  });

  it('a mark with another end is an arrow to it, a kick that woke nobody a cross, a suppressed one a bar', () => {
    const shapes = shapesOf(marksIn(VIEW, SPAN, rows), rows, SPAN, g);
    expect(shapes.map((s) => s.form)).toEqual(['arrow', 'bar', 'cross', 'arrow', 'sign']);
    const [kick, , , interrupt] = shapes;
    expect(kick && kick.end > kick.y).toBe(true);
    expect(interrupt && interrupt.end < interrupt.y).toBe(true);
    expect(kick?.x).toBeCloseTo(95);
  });

  it('the pointer hits an arrow anywhere along it, and nothing far from one', () => {
    const shapes = shapesOf(marksIn(VIEW, SPAN, rows), rows, SPAN, g);
    for (const s of shapes) expect(markAt(shapes, s.x, (s.y + s.end) / 2)).toBe(s.mark);
    expect(markAt(shapes, 600, 40)).toBeUndefined();
  });

  it('marks counted by column are counted within the window', () => {
    const counts = new Array<number>(1000).fill(0);
    counts[100] = 7;
    counts[900] = 5;
    const many = { ...VIEW, marks: [], counts, many: 12 };
    expect(countIn(many, SPAN, rows)).toBe(12);
    expect(countIn(many, { from: 50, to: 100 }, rows)).toBe(5);
  });

  it('blocks that cannot be seen apart become one', () => {
    const cpu = rows[0]!;
    expect([...stretches(cpu, VIEW, false)].map(([a, b]) => [a, b])).toEqual([
      [9, 10],
      [10, 11],
      [12, 13],
    ]);
    expect([...stretches(cpu, VIEW, true)].map(([a, b]) => [a, b])).toEqual([
      [9, 11],
      [12, 13],
    ]);
    const shares = { ...cpu, steps: [], shares: [0, 255, 51] };
    expect([...stretches(shares, { ...VIEW, columns: 100 }, true)].map((s) => s[2])).toEqual([1, 0.2]);
  });
});

describe('words', () => {
  it('counts each kind, one in the singular', () => {
    expect(marksWords(VIEW.marks)).toBe('2 kicks, 1 suppressed kick, 1 interrupt, 1 wake-up');
    expect(marksWords([])).toBe('no marks');
    expect(MARKS).toHaveLength(10);
  });
  it('says from whom to whom', () => {
    expect(VIEW.marks.map((m) => markWords(m, VIEW.lanes))).toEqual([
      'step 10 · kick · vCPU 0 → nm-kthread-1',
      'step 13 · suppressed kick · vCPU 0',
      'step 20 · kick · vCPU 0, woke nobody',
      'step 30 · interrupt · nm-kthread-1 → vCPU 0',
      'step 40 · wake-up · control plane → pkt-gen',
    ]);
  });
  it('says what a lane did at a step', () => {
    const cpu = { ...lane(1, 'vCPU 0', 'guest', [10, 11]), rests: [{ from: 11, to: 20, on: 'vmidle' }] };
    expect(laneWords(cpu, 10)).toBe('step 10 · vCPU 0 · made this step');
    expect(laneWords(cpu, 15)).toBe('step 15 · vCPU 0 · rests on vmidle, since step 11');
    expect(laneWords(cpu, 50)).toBe('step 50 · vCPU 0 · ready');
  });
});

it('lab time is asked for where the axis writes, and an answer for other places does not do', () => {
  const k = { root: 0, end: 5000 },
    w = { from: 100, to: 220 },
    by = every(w, 1000),
    q = queryOf(w, k, 1000, 150);
  expect(by).toBe(20);
  expect(ticks(w, 1000).map((t) => t.step)).toEqual([100, 120, 140, 160, 180, 200, 220]);
  expect(q.every).toBe(by);
  expect(queryOf(w, k, 1000)).not.toHaveProperty('every');
  const v: StripView = { ...NOTHING, ...q, end: 5000, every: by, at: 150 };
  expect(covers(v, w, k, 1000, 150)).toBe(true);
  expect(covers({ ...v, every: 50 }, w, k, 1000, 150)).toBe(false);
  expect(covers(v, w, k, 1000, 151)).toBe(false);
  expect(covers({ ...v, every: 0 }, w, k, 1000)).toBe(true);
});

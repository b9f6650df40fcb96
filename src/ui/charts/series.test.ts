// The room of the live charts: bounded, true to its counters however much is left out, and never a rate from what was not seen.
import { describe, expect, it } from 'vitest';
import type { ChartLook } from '../../lab/protocol.ts';
import { decades, KEPT_NS, MOST, nearest, Room, type Seen, short, summed, thinned, tick, topOf, values, within } from './series.ts';

const zero = { tx: 0, rx: 0, bytes: 0, guestSyncs: 0, hostSyncs: 0, kicks: 0, suppressed: 0, kernelExits: 0, bhyveExits: 0 };
const counts = { ...zero, otherExits: 0, interrupts: 0, ferried: 0, switched: 0, systemCalls: 0 };
const look = (ms: number, tx: number, kicks = 0, id = 'p'): ChartLook => ({
  step: ms,
  clockNs: ms * 1e6,
  modelled: false,
  ports: [
    {
      id,
      vm: 'vm',
      name: 'vtnet0',
      backend: 'vale1:1',
      path: 'passthrough',
      open: true,
      counts: { ...counts, tx, kicks },
      woken: { guest: 0, host: 0 },
      ends: [],
      fills: [],
    },
  ],
});
const seen = (ms: number, tx: number, kicks = 0, gap = false): Seen => ({ look: look(ms, tx, kicks), gap });
const TX = { kind: 'count', of: (p: ChartLook['ports'][number]) => p.counts.tx } as const;
const PER = { ...TX, kind: 'ratio', per: (p: ChartLook['ports'][number]) => p.counts.kicks } as const;
const TIME = { axis: 'time' } as const;

describe('rates', () => {
  it('are what was counted between two looks, by lab time', () => {
    expect(values([seen(0, 0), seen(250, 500), seen(750, 500), seen(1000, 501)], 'p', TX, TIME)).toEqual([null, 2000, 0, 4]);
  });
  it('are none where a counter begins anew, where nobody looked, and where the port is another', () => {
    expect(values([seen(0, 900), seen(250, 10), seen(500, 20)], 'p', TX, TIME)).toEqual([null, null, 40]);
    expect(values([seen(0, 0), seen(250, 10, 0, true), seen(500, 20)], 'p', TX, TIME)).toEqual([null, null, 40]);
    expect(values([{ look: look(0, 1, 0, 'q'), gap: false }, seen(1000, 3), seen(2000, 4)], 'p', TX, TIME)).toEqual([null, null, 1]);
  });
  it('by steps are counts of a column, whatever the time', () => {
    expect(values([seen(100, 0), seen(110, 3), seen(130, 5)], 'p', TX, { axis: 'steps', steps: 10 })).toEqual([null, 3, 1]);
  });
  it('a ratio is of what was counted together, and none where there is nothing to divide by', () => {
    expect(values([seen(0, 0, 0), seen(250, 64, 1), seen(500, 90, 1)], 'p', PER, TIME)).toEqual([null, 64, null]);
    expect(summed([seen(0, 0, 0), seen(250, 64, 1), seen(500, 90, 1)], 'p', PER)).toBe(90);
    expect(summed([seen(0, 0, 0)], 'p', PER)).toBeUndefined();
    // a packet is counted at another step than the kick for it
    const steps = [
      seen(0, 0, 0),
      seen(1, 8, 0),
      seen(2, 8, 1),
      seen(3, 12, 1),
      seen(4, 12, 3),
      seen(5, 1, 4),
      seen(6, 3, 4),
      seen(7, 3, 5),
    ];
    expect(values(steps, 'p', PER, TIME)).toEqual([null, null, 8, null, 2, null, null, 2]);
    expect(values(steps, 'p', PER, { axis: 'steps', steps: 1 })).toEqual([null, null, null, null, 2, null, null, null]);
  });
});

describe('the room', () => {
  it('is bounded over hours, and loses no packet', () => {
    const room = new Room();
    for (let i = 0; i <= 100_000; i++) {
      room.add(look(i * 250, i * 7));
      if (room.seen.length > MOST) throw new Error(`${room.seen.length} looks`);
    }
    const first = room.seen[0]!.look,
      last = room.seen.at(-1)!.look;
    expect(last.clockNs - first.clockNs).toBeLessThanOrEqual(KEPT_NS);
    expect(last.clockNs - first.clockNs).toBeGreaterThan(KEPT_NS * 0.9);
    // the newest minute is whole
    expect(within(room.seen, last.clockNs - 60e9, last.clockNs, (l) => l.clockNs).length).toBe(242);
    expect(summed(room.seen, 'p', TX)).toBe(last.ports[0]!.counts.tx - first.ports[0]!.counts.tx);
    for (const v of values(room.seen, 'p', TX, TIME).slice(1)) expect(v).toBeCloseTo(28, 9);
  });
  it('is bounded by whatever steps', () => {
    const room = new Room();
    for (let i = 0; i <= 20_000; i++) {
      room.add(look(i < 10_000 ? i * 1e-6 : i * i, i));
      if (room.seen.length > MOST) throw new Error(`${room.seen.length} looks`);
    }
  });
  it('keeps a gap when the look at its end is left out', () => {
    const out = thinned([seen(0, 0), seen(1, 1, 0, true), seen(500, 2), ...Array.from({ length: 300 }, (_, i) => seen(5000 + i, 3 + i))]);
    expect(out.slice(0, 2).map((s) => [s.look.step, s.gap])).toEqual([
      [0, false],
      [500, true],
    ]);
    expect(out.at(-1)?.look.step).toBe(5299);
  });
  it('goes on from the past: the future that was left is forgotten', () => {
    const room = new Room();
    for (const ms of [0, 250, 500, 750]) room.add(look(ms, ms));
    room.add(look(300, 600));
    expect(room.seen.map((s) => s.look.step)).toEqual([0, 250, 300]);
    room.add(look(300, 601));
    expect(room.seen.map((s) => s.look.ports[0]!.counts.tx)).toEqual([0, 250, 601]);
  });
});

it('a stretch begins one look earlier, for what its first count is from', () => {
  const all = [0, 10, 20, 30, 40].map((ms) => seen(ms, 0));
  expect(within(all, 15, 35, (l) => l.step).map((s) => s.look.step)).toEqual([10, 20, 30]);
  expect(within(all, 50, 60, (l) => l.step)).toEqual([]);
  expect(nearest([0, 10, 20], 14)).toBe(1);
  expect(nearest([], 3)).toBe(-1);
});

it('axes end at round numbers; numbers have four figures at most, their unit apart', () => {
  expect([0, 0.4, 1, 3, 10, 16, 7.1e6].map(topOf)).toEqual([1, 1, 1, 3, 10, 20, 8e6]);
  expect(decades(3, 900)).toEqual([1, 1000]);
  expect(decades(0.25, 0.25)).toEqual([0.1, 1]);
  expect([0, 7, 0.25, 12.34, 1234, 9999, 12_345, 7_812_345, 999_999, 0.0001].map(short)).toEqual([
    '0',
    '7',
    '0.250',
    '12.3',
    '1,234',
    '9,999',
    '12.3 k',
    '7.81 M',
    '1 M',
    '< 0.001',
  ]);
  expect([0, 2.5, 10, 15e5, 0.25, 1e4, 2e4, 1000, 100].map(tick)).toEqual([
    '0',
    '2.5',
    '10',
    '1.5 M',
    '0.25',
    '10 k',
    '20 k',
    '1,000',
    '100',
  ]);
});

// The picture's arithmetic over random legal rings: each slot in one class, no two labels over each other, same state same picture.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RingRef, RingSample } from '../../lab/protocol';
import { kernelHands, place, userHands } from './hands';
import { inOrder, ownerOf, pieces, runsOf } from './ownership';
import { shapeOf } from './shape';
import { twinText } from './twin';

const NOWHERE = { rhead: -1, rcur: -1, rtail: -1, hwcur: -1, hwtail: -1 };

/** A legal ring: hwcur ≤ rhead ≤ head ≤ cur ≤ tail ≤ hwtail, the slot before hwcur kept. */
const legal = (max: number): fc.Arbitrary<RingSample> =>
  fc
    .record({ n: fc.integer({ min: 2, max }), base: fc.nat(), cuts: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }) })
    .map(({ n, base, cuts }) => {
      const [rhead = 0, head = 0, cur = 0, tail = 0, hwtail = 0] = cuts.map((c) => c % n).sort((a, b) => a - b);
      const at = (d: number) => (base + d) % n;
      return {
        id: 'r',
        n,
        hwcur: at(0),
        rhead: at(rhead),
        rcur: at(rhead),
        rtail: at(tail),
        head: at(head),
        cur: at(cur),
        tail: at(tail),
        hwtail: at(hwtail),
        guest: NOWHERE,
        csb: { head: -1, cur: -1, hwcur: -1, hwtail: -1 },
        torn: false,
        first: 0,
        slots: [],
      };
    });

const ref = (dir: 'TX' | 'RX'): RingRef => ({
  id: 'r',
  title: `${dir} ring 0 of vtnet0`,
  port: 'vtnet0',
  dir,
  slots: 16,
  user: 'guest',
  ringAddr: 0,
  hostKring: 0,
  guestKring: 0,
  csbRing: 0,
  guestAddress: '',
  hostAddress: '0x0',
});

describe('ownership', () => {
  it('covers each slot exactly once', () => {
    fc.assert(
      fc.property(legal(64), (s) => {
        const runs = runsOf(s);
        expect(inOrder(s)).toBe(true);
        expect(runs.reduce((sum, r) => sum + r.length, 0)).toBe(s.n);
        const seen = new Array<number>(s.n).fill(0);
        for (const run of runs) for (let i = 0; i < run.length; i++) seen[(run.from + i) % s.n]!++;
        expect(seen.every((k) => k === 1)).toBe(true);
        expect(ownerOf(runs, (s.hwcur - 1 + s.n) % s.n, s.n)).toBe('kept');
      }),
    );
  });

  it('cuts runs at rows without losing a slot', () => {
    fc.assert(
      fc.property(legal(1024), fc.constantFrom(8, 16, 32, 64), (s, columns) => {
        for (const run of runsOf(s)) {
          const cut = pieces(run, s.n, columns);
          expect(cut.reduce((sum, p) => sum + p.length, 0)).toBe(run.length);
          expect(cut.every((p) => p.column + p.length <= columns)).toBe(true);
        }
      }),
    );
  });

  it('colours nothing when the order does not hold', () => {
    const s = fc.sample(legal(16), { numRuns: 1, seed: 1 })[0]!;
    expect(runsOf({ ...s, head: s.n })).toEqual([]);
  });
});

describe('hands', () => {
  const width = (t: string) => Math.ceil(t.length * 7.3) + 12;

  it('labels never overlap and no stem crosses a nearer label, on a desk and on a phone', () => {
    fc.assert(
      fc.property(legal(16), fc.constantFrom(1008, 848), (s, total) => {
        const shape = shapeOf(16, total);
        for (const hands of [userHands(s), kernelHands(s)]) {
          const placed = place(
            hands.map((h) => ({ ...h, x: shape.x + h.slot * shape.cell })),
            width,
            shape.x - 64,
            shape.x + shape.width + 64,
          );
          const box = placed.map((p) => ({ ...p, x0: p.left ? p.x - p.width + 1 : p.x - 1, x1: p.left ? p.x + 1 : p.x - 1 + p.width }));
          for (const a of box) {
            for (const b of box) {
              if (a === b) continue;
              if (a.level === b.level) expect(a.x0 >= b.x1 || b.x0 >= a.x1).toBe(true);
              if (a.level > b.level) expect(a.x < b.x0 || a.x > b.x1).toBe(true);
            }
          }
        }
      }),
    );
  });

  it('equal hands become one, in a fixed order of names', () => {
    const s = fc.sample(legal(16), { numRuns: 1, seed: 2 })[0]!;
    expect(userHands({ ...s, n: 16, head: 9, cur: 9, tail: 9 })).toEqual([{ names: 'head = cur = tail', slot: 9 }]);
  });
});

describe('the text twin', () => {
  it('says what the guide’s example says', () => {
    const s: RingSample = {
      id: 'r',
      n: 16,
      head: 9,
      cur: 9,
      tail: 1,
      rhead: 5,
      rcur: 5,
      rtail: 1,
      hwcur: 5,
      hwtail: 4,
      guest: NOWHERE,
      csb: { head: -1, cur: -1, hwcur: -1, hwtail: -1 },
      torn: false,
      first: 0,
      slots: [],
    };
    expect(twinText(ref('TX'), s)).toBe(
      'TX ring 0 of vtnet0, 16 slots. Guest may fill 8: slots 9 to 15 and 0. Submitted, host has not looked: 4, slots 5 to 8. ' +
        'Done, guest not told: 3, slots 1 to 3. In flight: 0. Kept empty: slot 4. head 9, cur 9, tail 1; host: rhead 5, hwcur 5, hwtail 4. ' +
        'Host is 4 behind on head. Guest is 3 behind on hwtail.',
    );
  });

  it('names every hand of every ring', () => {
    fc.assert(
      fc.property(legal(1024), fc.constantFrom<'TX' | 'RX'>('TX', 'RX'), (s, dir) => {
        const words = twinText(ref(dir), s);
        expect(words).toContain(
          `head ${s.head}, cur ${s.cur}, tail ${s.tail}; host: rhead ${s.rhead}, hwcur ${s.hwcur}, hwtail ${s.hwtail}.`,
        );
      }),
    );
  });
});

describe('the shape', () => {
  it('stays inside its width', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 8, 16, 32, 64, 256, 1024, 2048), fc.integer({ min: 280, max: 2000 }), (n, total) => {
        const sh = shapeOf(n, total);
        expect(sh.x + sh.width).toBeLessThanOrEqual(Math.max(total, sh.x + 8 * 35));
        expect(sh.columns * sh.rows).toBeGreaterThanOrEqual(n);
        expect(sh.cell).toBeGreaterThan(3);
      }),
    );
  });
});

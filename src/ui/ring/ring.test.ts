// The picture's arithmetic over random legal rings: each slot in one class, no two labels over each other, same state same picture.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RingRef, RingSample } from '../../lab/protocol';
import { kernelHands, place, userHands } from './hands';
import { isLegal, rangeOf } from './legal';
import { distance, inOrder, letters, offender, ownerOf, pieces, runsOf } from './ownership';
import { LABEL, LEVEL, shapeOf } from './shape';
import { slotSentence, twinText } from './twin';
import { edgeAt, edgeOf, slotAt } from './where';

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
      fc.property(legal(1024), (s) => {
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

describe('a broken order', () => {
  it('names the first hand that breaks it, and none of a legal ring', () => {
    fc.assert(
      fc.property(legal(1024), fc.constantFrom<'head' | 'cur' | 'tail' | 'hwtail'>('head', 'cur', 'tail', 'hwtail'), (s, hand) => {
        expect(offender(s)).toBeUndefined();
        expect(offender({ ...s, [hand]: s.n + 5 })).toBe(hand);
      }),
    );
  });

  it('is named where the order does not hold, whatever the words are, and nowhere else', () => {
    fc.assert(
      fc.property(
        legal(16),
        fc.array(fc.nat(20), { minLength: 5, maxLength: 5 }),
        (s, [head = 0, cur = 0, tail = 0, hwcur = 0, hwtail = 0]) => {
          const any = { ...s, head, cur, tail, hwcur, hwtail };
          expect(offender(any) === undefined).toBe(inOrder(any));
        },
      ),
    );
  });

  it('of a cur past tail is cur, which the program wrote', () => {
    const s = { ...fc.sample(legal(16), { numRuns: 1, seed: 6 })[0]!, n: 16, head: 11, cur: 0, tail: 11, hwcur: 11, hwtail: 10 };
    expect(offender(s)).toBe('cur');
  });

  it('is written with netmap’s letters', () => {
    const s = fc.sample(legal(16), { numRuns: 1, seed: 3 })[0]!;
    const { head: h, cur: c, tail: t, rhead, rcur, rtail, hwcur, hwtail } = s;
    expect(letters(s)).toBe(`h ${h} c ${c} t ${t} rh ${rhead} rc ${rcur} rt ${rtail} hc ${hwcur} ht ${hwtail}`);
  });
});

describe('moving a hand', () => {
  const both = fc.constantFrom<'TX' | 'RX'>('TX', 'RX'),
    hands = fc.constantFrom<'head' | 'cur'>('head', 'cur');

  /** Facts 2.2 and 2.3 word by word: plain comparisons, wrapped or not, of values inside the ring. */
  function taken(dir: 'TX' | 'RX', s: RingSample, head: number, cur: number): boolean {
    const low = dir === 'TX' ? s.rhead : s.hwcur,
      high = dir === 'TX' ? s.rtail : s.hwtail;
    if (high >= low) {
      if (head < low || head > high) return false;
      return cur >= head && cur <= high;
    }
    if (head > high && head < low) return false;
    if (head <= high) return cur >= head && cur <= high;
    return !(cur > high && cur < head);
  }

  it('is legal exactly where the prologue takes it', () => {
    fc.assert(
      fc.property(legal(64), both, hands, (s, dir, hand) => {
        for (let at = 0; at < s.n; at++) {
          const head = hand === 'head' ? at : s.head,
            cur = hand === 'cur' ? at : s.cur;
          expect(isLegal(ref(dir), s, hand, at)).toBe(taken(dir, s, head, cur));
        }
      }),
    );
  });

  it('the range in words is the legal one', () => {
    fc.assert(
      fc.property(legal(64), both, hands, (s, dir, hand) => {
        const r = rangeOf(ref(dir), s, hand);
        for (let at = 0; at < s.n; at++)
          expect(distance(at, r.from, s.n) <= distance(r.to, r.from, s.n)).toBe(isLegal(ref(dir), s, hand, at));
      }),
    );
  });

  it('outside of the ring nothing is legal', () => {
    const s = fc.sample(legal(16), { numRuns: 1, seed: 4 })[0]!;
    expect([s.n, s.n + 1, 0xffffffff].some((at) => isLegal(ref('TX'), s, 'head', at))).toBe(false);
  });
});

describe('points', () => {
  it('an edge and a cell are found where they are drawn, at every size', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 8, 16, 64, 256, 1024, 4096), fc.constantFrom(358, 700, 1008), fc.nat(), (n, total, k) => {
        const sh = shapeOf(n, total),
          slot = k % n,
          at = edgeOf(sh, slot)!;
        expect(slotAt(sh, { x: at.x + sh.cell / 2, y: at.y + sh.cellHeight / 2 }, 0)).toBe(slot);
        expect(edgeAt(sh, { x: at.x + 1, y: at.y + 1 })).toBe(slot);
      }),
    );
  });

  it('a slot of the lens is found, also past the ring’s end', () => {
    const sh = shapeOf(1024, 1008);
    expect(slotAt(sh, { x: sh.x + 3.5 * sh.lensCell, y: sh.lens + 5 }, 1022)).toBe(1);
  });
});

describe('hands', () => {
  const width = (t: string) => Math.ceil(t.length * 7.3) + 12;

  it('labels never overlap and no stem crosses a nearer label, on a desk and on a phone', () => {
    fc.assert(
      // rings in rows of text are wider than their cells: the labels are placed row by row; a sheet's stand in the gutters
      fc.property(legal(64), fc.constantFrom(1008, 848, 358), fc.nat(7), (s, total, k) => {
        const shape = shapeOf(s.n, total),
          row = k % shape.rows;
        for (const all of [userHands(s), kernelHands(s)]) {
          const hands = all.filter((h) => Math.floor(h.slot / shape.columns) === row);
          if (!hands.length) continue;
          const placed = place(
            hands.map((h) => ({ ...h, x: shape.x + (h.slot % shape.columns) * shape.cell })),
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

  it.each([
    [358, 16],
    [358, 32],
    [358, 64],
    [848, 32],
    [848, 64],
    [1008, 32],
    [1008, 64],
  ])('at %i wide, of %i slots, labels of two levels stay in their row, above the bar', (total, n) => {
    const sh = shapeOf(n, total);
    expect(sh.rows).toBeGreaterThan(1);
    const cells = (row: number) => row * sh.rowHeight + sh.top;
    const high = (row: number) => cells(row) - 18 - LEVEL - LABEL,
      low = (row: number) => cells(row) + sh.cellHeight + 4 + LEVEL + LABEL;
    expect(high(0)).toBeGreaterThanOrEqual(0);
    for (let row = 1; row < sh.rows; row++) expect(high(row)).toBeGreaterThanOrEqual(low(row - 1));
    expect(low(sh.rows - 1)).toBeLessThanOrEqual(sh.bar);
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

describe('the cursor', () => {
  it('says its slot in a sentence', () => {
    const s = fc.sample(legal(16), { numRuns: 1, seed: 5 })[0]!;
    expect(slotSentence(ref('TX'), { ...s, slots: [{ bufIdx: 7, len: 60, flags: 0 }] }, s.first)).toMatch(
      /^Slot 0, [a-z, ]+, buf_idx 7, len 60, flags 0\.$/,
    );
  });
});

// The charts' lines: no two of one chart look alike, the table has the ledger's totals, and labels never lie on each other.
import { describe, expect, it } from 'vitest';
import type { ChartLook, ChartPort } from '../../lab/protocol.ts';
import { CHARTS, drawn, linesOf, reach, spoken, spread, twinOf, unitOf } from './plots.ts';
import type { Seen } from './series.ts';

const port = (n: number, more: Partial<ChartPort> = {}): ChartPort => ({
  id: 'a',
  vm: 'vm',
  name: 'vtnet0',
  backend: 'vale1:1',
  path: 'passthrough',
  open: true,
  counts: {
    tx: 8 * n,
    rx: 0,
    bytes: 480 * n,
    guestSyncs: 2 * n,
    hostSyncs: n,
    kicks: n,
    suppressed: n,
    kernelExits: n,
    bhyveExits: 0,
    otherExits: 3,
    interrupts: n >> 1,
    ferried: 0,
    switched: 8 * n,
    systemCalls: 0,
  },
  woken: { guest: 1, host: n },
  ends: [{ name: 'vale1:2', tx: 0, rx: 8 * n }],
  fills: [{ dir: 'TX', slots: 16, user: 'guest', given: 2, open: 10, untold: 1, torn: n % 2 === 1 }],
  ...more,
});
const seen = (n: number, ...ports: ChartPort[]): Seen => ({
  look: { step: 10 * n, clockNs: n * 250e6, modelled: false, ports: ports.length ? ports : [port(n)] } satisfies ChartLook,
  gap: false,
});
const KINDS: ChartPort[] = [port(1), port(1, { path: 'copying', fills: [] }), port(1, { vm: '', name: 'vale1:2' })];
const TIME = { axis: 'time' } as const;

describe('lines', () => {
  it.each(CHARTS)('%s: every line looks and is called different', (chart) => {
    for (const p of KINDS) {
      const lines = linesOf(chart, p);
      for (const what of [(l: (typeof lines)[number]) => `${l.owner} ${l.dash}`, (l: (typeof lines)[number]) => l.label])
        expect(new Set(lines.map(what)).size).toBe(lines.length);
      expect(lines.every((l) => l.dash < 4)).toBe(true);
    }
  });
  it('a zero is shown where it is the result', () => {
    const lines = drawn(
      'exits',
      port(8),
      [0, 4, 8].map((n) => seen(n)),
      TIME,
      -1,
    );
    expect(lines.map((d) => [d.line.key, d.value])).toEqual([
      ['kernel', 4],
      ['bhyve', 0],
      ['other', 0],
    ]);
  });
  it('a torn look at a ring is no number', () => {
    expect(
      drawn(
        'txfill',
        port(3),
        [2, 3, 4].map((n) => seen(n)),
        TIME,
        -1,
      )[0]?.ys,
    ).toEqual([10, null, 10]);
  });
  it('the value beside a line is the cursor’s; along steps, else, that of the whole stretch', () => {
    const all = [0, 4, 8].map((n) => seen(n)),
      by = { axis: 'steps', steps: 40 } as const;
    expect(drawn('packets', port(8), all, TIME, 1)[0]?.value).toBe(32);
    expect(drawn('packets', port(8), all, by, -1)[0]?.value).toBe(64);
    expect(drawn('packets', port(8), all, by, 2)[0]?.value).toBe(32);
    expect(unitOf('packets', by)).toBe('in 40 steps');
  });
});

it('ports side by side have one scale', () => {
  const all = [0, 8].map((n) => seen(n, port(n), port(n * 10, { id: 'b', path: 'copying' }))),
    charts = ['a', 'b'].map((id) => drawn('packets', port(8, { id }), all, TIME, -1));
  expect(reach(charts)).toEqual({ least: 32, most: 320 });
});

it('the table has the totals of the ledger, and everything that is drawn', () => {
  const all = [0, 4, 8].map((n) => seen(n)),
    rows = twinOf(port(8), all, TIME, -1).rows;
  expect(rows.map((r) => r.line.key)).toEqual(CHARTS.flatMap((c) => linesOf(c, port(8)).map((l) => l.key)));
  const total = (key: string) => rows.find((r) => r.line.key === key)?.total;
  expect([total('tx'), total('kicks'), total('other'), total('endRx vale1:2'), total('perKick')]).toEqual([64, 8, 3, 64, undefined]);
  expect(rows.find((r) => r.line.key === 'perSync')).toMatchObject({ least: 4, most: 4, at: 4 });
  expect(spoken(port(8), all, TIME, -1)).toContain('Kicks and interrupts a second: kicks 4, suppressed 4, interrupts 2.');
});

it('labels are apart, in order, and within', () => {
  for (const wanted of [[50, 50, 50], [0, 3, 90], [90, 1, 89], [100], [], [80, 81, 82, 10]]) {
    const at = spread(wanted, 13, 6, 90);
    const sorted = [...at].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(13);
    for (let i = 0; i < at.length; i++)
      for (let k = 0; k < at.length; k++) if (wanted[i]! < wanted[k]!) expect(at[i]!).toBeLessThan(at[k]!);
    for (const y of at) expect(y).toBeLessThanOrEqual(90);
  }
});

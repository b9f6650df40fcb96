// Which charts there are, which lines they have for a port, and what a line's numbers are now: the same for the canvas, for the words
// beside it and for the table. Lines of one owner are told from each other by dashes and by their names. Pure.
import type { ChartFill, ChartPort } from '../../lab/protocol';
import { chartsWords as say } from './charts_words';
import { type By, type Measure, type Seen, short, summed, values } from './series';

export const CHARTS = ['packets', 'signals', 'exits', 'copies', 'wakeups', 'syncs', 'batch', 'txfill', 'rxfill'] as const;
export type ChartId = (typeof CHARTS)[number];
/** ink: vmm.ko, where both sides cross. */
export type LineOwner = 'guest' | 'host' | 'ink';
export interface Line {
  key: string;
  /** Beside the line; in the table. */
  label: string;
  name: string;
  owner: LineOwner;
  /** Which of its owner's lines in this chart it is: 0 is solid, the others have dashes of their own. */
  dash: number;
  measure: Measure;
}

const line = (key: string, owner: LineOwner, measure: Measure, at = ''): Line => {
  const [label = key, name = key] = say.lines[key] ?? [];
  return {
    key: at ? `${key} ${at}` : key,
    label: at ? `${label} ${at}` : label,
    name: at ? `${name} ${at}` : name,
    owner,
    dash: 0,
    measure,
  };
};
const count = (key: string, owner: LineOwner, of: (p: ChartPort) => number): Line => line(key, owner, { kind: 'count', of });

const packets = (p: ChartPort) => p.counts.tx + p.counts.rx;

function fillLines(p: ChartPort, dir: 'TX' | 'RX'): Line[] {
  const has = p.fills.find((f) => f.dir === dir);
  if (!has) return [];
  const level = (key: string, owner: LineOwner, of: (f: ChartFill) => number): Line =>
    line(key, owner, {
      kind: 'level',
      of: (x) => {
        const f = x.fills.find((y) => y.dir === dir);
        return f && !f.torn ? of(f) : undefined;
      },
    });
  const tx = dir === 'TX',
    by = has.user === 'guest' ? '' : 'Host';
  return [
    level(`${tx ? 'fill' : 'read'}${by}`, has.user, (f) => f.open),
    level(tx ? 'submitted' : 'released', 'host', (f) => f.given),
    level(`${tx ? 'done' : 'received'}${by}`, 'ink', (f) => f.untold),
  ];
}

/** The lines of a chart for a port; none: the port has no such thing. */
export function linesOf(chart: ChartId, p: ChartPort): Line[] {
  const of = new Map<LineOwner, number>();
  return made(chart, p).map((l) => {
    const dash = of.get(l.owner) ?? 0;
    of.set(l.owner, dash + 1);
    return { ...l, dash };
  });
}
function made(chart: ChartId, p: ChartPort): Line[] {
  const vm = p.vm !== '',
    own: LineOwner = vm ? 'guest' : 'host';
  switch (chart) {
    case 'packets':
      return [
        count('tx', own, (x) => x.counts.tx),
        count('rx', own, (x) => x.counts.rx),
        ...p.ends.slice(0, vm ? 2 : 1).flatMap((e) => {
          const end = (key: 'endRx' | 'endTx', dir: 'rx' | 'tx') =>
            line(key, 'host', { kind: 'count', of: (x) => x.ends.find((y) => y.name === e.name)?.[dir] }, e.name);
          return [end('endRx', 'rx'), end('endTx', 'tx')];
        }),
      ];
    case 'signals':
      return vm
        ? [
            count('kicks', 'guest', (x) => x.counts.kicks),
            count('suppressed', 'guest', (x) => x.counts.suppressed),
            count('interrupts', 'host', (x) => x.counts.interrupts),
          ]
        : [];
    case 'exits':
      return vm
        ? [
            count('kernel', 'ink', (x) => x.counts.kernelExits),
            count('bhyve', 'host', (x) => x.counts.bhyveExits),
            count('other', 'host', (x) => x.counts.otherExits),
          ]
        : [];
    case 'copies':
      return [...(vm ? [count('ferried', 'host', (x) => x.counts.ferried)] : []), count('switched', 'host', (x) => x.counts.switched)];
    case 'wakeups':
      return [...(vm ? [count('cpu', 'guest', (x) => x.woken.guest)] : []), count('movers', 'host', (x) => x.woken.host)];
    case 'syncs':
      return [
        ...(vm ? [count('guestSyncs', 'guest', (x) => x.counts.guestSyncs)] : []),
        count('hostSyncs', 'host', (x) => x.counts.hostSyncs),
      ];
    case 'batch':
      return [
        vm && p.path === 'passthrough'
          ? line('perSync', 'guest', { kind: 'ratio', of: packets, per: (x) => x.counts.guestSyncs })
          : line('perHostSync', 'host', { kind: 'ratio', of: packets, per: (x) => x.counts.hostSyncs }),
        ...(vm ? [line('perKick', 'guest', { kind: 'ratio', of: packets, per: (x) => x.counts.kicks })] : []),
      ];
    default:
      return fillLines(p, chart === 'txfill' ? 'TX' : 'RX');
  }
}

export const isLog = (chart: ChartId): boolean => chart === 'batch';
export const isFill = (chart: ChartId): boolean => chart === 'txfill' || chart === 'rxfill';

/** What the numbers of a chart are, in words. */
export function unitOf(chart: ChartId, by: By): string {
  const { units } = say;
  if (isLog(chart)) return units.ratio;
  if (isFill(chart)) return by.axis === 'steps' ? units.slotsExact : units.slots;
  if (by.axis === 'time') return units.second;
  return by.steps <= 1 ? units.eachStep : `${units.each} ${short(by.steps)} ${units.eachSteps}`;
}

export interface Drawn {
  line: Line;
  ys: (number | null)[];
  /** What stands beside it: at the cursor, else the newest; of a count along steps, the whole stretch's. */
  value: number | null;
}
/** A chart of a port over some looks, with the cursor at one of them, -1: nowhere. */
export function drawn(chart: ChartId, p: ChartPort, all: readonly Seen[], by: By, cursor: number): Drawn[] {
  return linesOf(chart, p).map((l) => {
    const ys = values(all, p.id, l.measure, by);
    const whole = by.axis === 'steps' && l.measure.kind !== 'level' ? summed(all, p.id, l.measure) : undefined;
    const value =
      cursor >= 0 ? (ys[cursor] ?? null) : by.axis === 'steps' ? (whole ?? ys.at(-1) ?? null) : (ys.findLast((y) => y !== null) ?? null);
    return { line: l, ys, value };
  });
}

/** The least above 0 and the greatest of some charts: ports side by side have one scale. */
export function reach(charts: readonly Drawn[][]): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY,
    most = 0;
  for (const lines of charts)
    for (const { ys } of lines)
      for (const y of ys)
        if (y !== null) {
          if (y > most) most = y;
          if (y > 0 && y < least) least = y;
        }
  return { least: Number.isFinite(least) ? least : 0, most };
}

export interface TwinRow {
  chart: ChartId;
  line: Line;
  /** Since the port was opened, as the ledger has it; undefined: it is none that adds up. */
  total: number | undefined;
  least: number | undefined;
  most: number | undefined;
  at: number | undefined;
}
export interface TwinPort {
  port: ChartPort;
  rows: TwinRow[];
}
/** Everything that the charts show of a port, as numbers. `now`: the port as it is. */
export function twinOf(now: ChartPort, all: readonly Seen[], by: By, cursor: number): TwinPort {
  const rows = CHARTS.flatMap((chart) =>
    drawn(chart, now, all, by, cursor).map(({ line: l, ys, value }): TwinRow => {
      const known = ys.filter((y) => y !== null);
      return {
        chart,
        line: l,
        total: l.measure.kind === 'count' ? l.measure.of(now) : undefined,
        least: known.length ? known.reduce((a, b) => Math.min(a, b)) : undefined,
        most: known.length ? known.reduce((a, b) => Math.max(a, b)) : undefined,
        at: value ?? undefined,
      };
    }),
  );
  return { port: now, rows };
}

/** What the first charts say at the cursor, for who does not see them. */
export function spoken(p: ChartPort, all: readonly Seen[], by: By, cursor: number): string {
  return (['packets', 'signals', 'exits'] as const)
    .map((c) => {
      const lines = drawn(c, p, all, by, cursor).map((d) => `${d.line.label} ${d.value === null ? say.nothing : short(d.value)}`);
      return lines.length ? `${say.charts[c]} ${unitOf(c, by)}: ${lines.join(', ')}.` : '';
    })
    .filter(Boolean)
    .join(' ');
}

/** Places for labels that would lie on each other: in their order, at least so far apart, between two ends. */
export function spread(wanted: readonly number[], apart: number, from: number, to: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b),
    at: number[] = [];
  order.forEach((i, k) => {
    at[k] = Math.max(wanted[i] ?? 0, k ? (at[k - 1] ?? 0) + apart : from);
  });
  for (let k = at.length - 1, end = to; k >= 0; k--) {
    at[k] = Math.min(at[k] ?? 0, end);
    end = (at[k] ?? 0) - apart;
  }
  const out: number[] = [];
  order.forEach((i, k) => {
    out[i] = at[k] ?? 0;
  });
  return out;
}

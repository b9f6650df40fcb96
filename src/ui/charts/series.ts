// The room for what the live charts have seen: looks at the machine's counters in the order of its clock, at most so many of them and
// not for ever; and what happened between two of them. Counters only grow, so a look may be left out between two others: what is
// counted from the one to the other stays true. Pure, but for the room itself.
import type { ChartLook, ChartPort } from '../../lab/protocol';

export interface Seen {
  look: ChartLook;
  /** What came between the look before and this one was not watched: it is no rate. */
  gap: boolean;
}

/** So many looks are kept, for so long of lab time. */
export const MOST = 1200;
export const KEPT_NS = 30 * 60e9;

export class Room {
  seen: Seen[] = [];

  /** `gap`: nobody looked since the last one. What lies after this look's moment is another future's, and goes. */
  add(look: ChartLook, gap = false): void {
    this.cut(look.clockNs);
    this.seen.push({ look, gap });
    const old = look.clockNs - KEPT_NS;
    if ((this.seen[0]?.look.clockNs ?? old) < old) this.seen = this.seen.filter((s) => s.look.clockNs >= old);
    if (this.seen.length > MOST) this.seen = thinned(this.seen);
  }
  /** Forgets what is not before a moment. */
  cut(clockNs: number): void {
    while ((this.seen.at(-1)?.look.clockNs ?? -1) >= clockNs) this.seen.pop();
  }
  clear(): void {
    this.seen = [];
  }
}

/** The older, the fewer: looks stand apart by a share of their age, so that a stretch of any length has about as many. */
const SHARE = 240;

/** Leaves looks out; one that ends a gap hands the gap on to the next. */
function without(all: readonly Seen[], out: (i: number) => boolean): Seen[] {
  const kept: Seen[] = [];
  let gap = false;
  all.forEach((s, i) => {
    if (out(i)) gap ||= s.gap;
    else {
      kept.push(gap && !s.gap ? { look: s.look, gap } : s);
      gap = false;
    }
  });
  return kept;
}

export function thinned(all: readonly Seen[]): Seen[] {
  const at = (i: number) => all[i]?.look.clockNs ?? 0,
    newest = at(all.length - 1);
  let last = Number.NEGATIVE_INFINITY;
  const few = without(all, (i) => {
    if (at(i) - last < (newest - at(i)) / SHARE) return true;
    last = at(i);
    return false;
  });
  // looks that lie close together, as those of single steps do: every second of the older half
  return few.length <= MOST * 0.95 ? few : without(few, (i) => i % 2 === 1 && i < few.length / 2);
}

/** A number of a port that only grows, but where it begins anew. */
export type Count = (p: ChartPort) => number | undefined;
/** What a line shows of a port: a count by the second or by the step, one count by another, or a number as it is. */
export type Measure = { kind: 'count'; of: Count } | { kind: 'ratio'; of: Count; per: Count } | { kind: 'level'; of: Count };
/** By what counts are divided: a second of lab time, or so many steps. */
export type By = { axis: 'time' } | { axis: 'steps'; steps: number };

const portIn = (s: Seen | undefined, id: string): ChartPort | undefined => s?.look.ports.find((p) => p.id === id);

/** What was counted from one look to the next; undefined where that is not known: a gap, or it began anew. */
function grown(a: Seen | undefined, b: Seen, id: string, of: Count): number | undefined {
  if (!a || b.gap) return undefined;
  const was = portIn(a, id),
    is = portIn(b, id),
    from = was && of(was),
    to = is && of(is);
  return from === undefined || to === undefined || to < from ? undefined : to - from;
}

/** Where the divisor grew: what was counted since it last did, a piece of it. */
function ratios(all: readonly Seen[], id: string, m: Measure & { kind: 'ratio' }, by: By): (number | null)[] {
  let n = 0,
    // along steps the first batch had begun before the stretch
    whole = by.axis === 'time';
  return all.map((s, i) => {
    const before = all[i - 1],
      a = grown(before, s, id, m.of),
      b = grown(before, s, id, m.per);
    if (a === undefined || b === undefined) {
      n = 0;
      whole = by.axis === 'time';
      return null;
    }
    n += a;
    if (!b) return null;
    const v = whole ? n / b : null;
    n = 0;
    whole = true;
    return v;
  });
}

/** The values of a line, one a look. A count's is that of the stretch which ends at the look; null: there is none. */
export function values(all: readonly Seen[], id: string, m: Measure, by: By): (number | null)[] {
  if (m.kind === 'ratio') return ratios(all, id, m, by);
  return all.map((s, i) => {
    const before = all[i - 1];
    if (m.kind === 'level') {
      const p = portIn(s, id);
      return (p && m.of(p)) ?? null;
    }
    const n = grown(before, s, id, m.of);
    if (n === undefined || !before) return null;
    const wide = by.axis === 'time' ? (s.look.clockNs - before.look.clockNs) / 1e9 : (s.look.step - before.look.step) / by.steps;
    return wide > 0 ? n / wide : null;
  });
}

/** Of the whole stretch: what was counted, the ratio of what was counted, the last level. */
export function summed(all: readonly Seen[], id: string, m: Measure): number | undefined {
  if (m.kind === 'level') {
    const p = portIn(all.at(-1), id);
    return p && m.of(p);
  }
  const sum = (of: Count) => all.reduce((n, s, i) => n + (grown(all[i - 1], s, id, of) ?? 0), 0);
  if (m.kind === 'count') return sum(m.of);
  const per = sum(m.per);
  return per ? sum(m.of) / per : undefined;
}

/** The looks of a stretch, with the one before it, from which its first count begins. */
export function within(all: readonly Seen[], from: number, to: number, at: (l: ChartLook) => number): Seen[] {
  let a = all.findIndex((s) => at(s.look) >= from);
  if (a < 0) return [];
  a = Math.max(0, a - 1);
  const b = all.findLastIndex((s) => at(s.look) <= to);
  return all.slice(a, b + 1);
}

/** The look nearest to a place on the axis; -1: there is none. */
export function nearest(xs: readonly number[], x: number): number {
  let best = -1;
  for (let i = 0; i < xs.length; i++) if (best < 0 || Math.abs((xs[i] ?? 0) - x) < Math.abs((xs[best] ?? 0) - x)) best = i;
  return best;
}

/** The end of an axis that begins at 0: the next of 1, 2, 3, 4, 5, 6, 8 times a power of ten, 1 at least. */
export function topOf(most: number): number {
  if (!(most > 1)) return 1;
  const ten = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((f) => f * ten).find((t) => t >= most * 0.9999) ?? 10 * ten;
}
/** The powers of ten about some values. */
export function decades(least: number, most: number): [number, number] {
  if (!(least > 0)) return [1, 10];
  const a = Math.floor(Math.log10(least) + 1e-9),
    b = Math.max(a + 1, Math.ceil(Math.log10(most) - 1e-9));
  return [10 ** a, 10 ** b];
}

/** Three figures, four where they are whole: "7.81 M", "1,234", "0.5". */
export function short(n: number): string {
  const [v, sign] = n >= 9_999.5 ? (n >= 999_500_000 ? [n / 1e9, ' G'] : n >= 999_500 ? [n / 1e6, ' M'] : [n / 1e3, ' k']) : [n, ''];
  if (v >= 1000 || Number.isInteger(v)) return `${Math.round(v).toLocaleString('en-US')}${sign}`;
  if (v < 0.001) return '< 0.001';
  const digits = v >= 100 ? 0 : v >= 10 ? 1 : v >= 1 ? 2 : 3;
  return `${Number(v.toFixed(digits)) === 1 && v !== 1 ? '1' : v.toFixed(digits)}${sign}`;
}

/** The same on an axis, where the figures of a scale need not stand below each other: "2.5", "1.5 M". */
export const tick = (n: number): string => short(n).replace(/(\.\d*?)0+(?= |$)/, (_, d: string) => (d === '.' ? '' : d));

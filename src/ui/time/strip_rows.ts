// The timeline's rows and marks: which lanes are shown, where they lie, how each mark is drawn, which one is under the pointer.
import type { StripLane, StripView } from '../../lab/protocol';
import { type Span, xOf } from './strip_window';

export type StripMark = StripView['marks'][number];

/** Heights, in pixels: the axis above the rows, a row at least and at most, the row of counts below. */
export const AXIS = 18;
const ROW = { least: 13, most: 26 };
export const COUNTS = 14;

export interface Geometry {
  width: number;
  height: number;
  row: number;
  scroll: number;
}

/** Guest first, then host, each in the order in which the threads came. */
export function rowsOf(view: StripView | undefined, hidden: readonly string[]): StripLane[] {
  if (!view) return [];
  return view.lanes.filter((l) => !hidden.includes(l.name)).sort((a, b) => (a.side === b.side ? a.id - b.id : a.side === 'guest' ? -1 : 1));
}

export const rowHeight = (rows: number, height: number, counts: boolean): number =>
  Math.max(ROW.least, Math.min(ROW.most, Math.floor((height - AXIS - (counts ? COUNTS : 0)) / Math.max(1, rows))));

/** The middle of a row. */
export const middle = (g: Geometry, row: number): number => AXIS + row * g.row + g.row / 2 - g.scroll;

export function rowAt(g: Geometry, rows: readonly StripLane[], y: number): StripLane | undefined {
  return y < AXIS ? undefined : rows[Math.floor((y - AXIS + g.scroll) / g.row)];
}

/** Marks in the window of which an end is on a row. */
export function marksIn(view: StripView | undefined, w: Span, rows: readonly StripLane[]): StripMark[] {
  if (!view) return [];
  const on = new Set(rows.map((r) => r.id));
  return view.marks.filter((m) => m.step > w.from && m.step <= w.to && (on.has(m.lane) || on.has(m.to) || m.lane < 0));
}

/** How many marks are in the window, one by one or as counted by column. */
export function countIn(view: StripView | undefined, w: Span, rows: readonly StripLane[]): number {
  if (!view?.counts.length) return marksIn(view, w, rows).length;
  const each = (view.to - view.from) / view.columns;
  return view.counts.reduce((sum, n, c) => {
    const at = view.from + (c + 0.5) * each;
    return at >= w.from && at <= w.to ? sum + n : sum;
  }, 0);
}

export interface MarkShape {
  mark: StripMark;
  /** arrow: to a lane. cross: woke nobody. bar: held back. sign: at its lane only. */
  form: 'arrow' | 'cross' | 'bar' | 'sign';
  x: number;
  y: number;
  /** Where the line ends. */
  end: number;
}

/** Where each mark lies. Marks of rows that are not shown are left out. */
export function shapesOf(marks: readonly StripMark[], rows: readonly StripLane[], w: Span, g: Geometry): MarkShape[] {
  const row = new Map(rows.map((r, i) => [r.id, i]));
  const out: MarkShape[] = [];
  for (const mark of marks) {
    const from = row.get(mark.lane),
      to = row.get(mark.to);
    const x = xOf(w, g.width, mark.step - 0.5);
    if (from === undefined) {
      if (to !== undefined) out.push({ mark, form: 'sign', x, y: middle(g, to), end: middle(g, to) });
      continue;
    }
    const y = middle(g, from);
    if (to !== undefined && to !== from) {
      const down = to > from;
      out.push({ mark, form: 'arrow', x, y, end: middle(g, to) + (down ? -1 : 1) * Math.min(6, g.row * 0.3) });
    } else {
      const form = mark.kind === 'kick' ? 'cross' : mark.kind === 'suppressed' ? 'bar' : 'sign';
      out.push({ mark, form, x, y, end: form === 'sign' ? y : y + g.row * 0.8 });
    }
  }
  return out;
}

const NEAR = 6;
/** The mark under a point: of several the nearest, and of equals the one that is drawn last. */
export function markAt(shapes: readonly MarkShape[], x: number, y: number): StripMark | undefined {
  let best: StripMark | undefined,
    least = NEAR;
  for (const s of shapes) {
    const lo = Math.min(s.y, s.end),
      hi = Math.max(s.y, s.end),
      dy = y < lo ? lo - y : y > hi ? y - hi : 0,
      d = Math.hypot(x - s.x, dy);
    if (d <= least) {
      least = d;
      best = s.mark;
    }
  }
  return best;
}

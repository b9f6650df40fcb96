// A stretch of the trace as a picture can take it: bounded by the columns asked for, whatever the stretch holds.

import { WHERE } from './view.ts';
import { pointOf } from '../sim/points.ts';
import { MARKS, type MarkKind, type StripLane, type StripQuery, type StripView } from './protocol.ts';
import { BUCKET, NOBODY, type Trace } from './trace.ts';
import type { Lane, Mark } from './trace_parts.ts';

/** Marks drawn one by one; beyond it they are counted by column. */
export const MOST_MARKS = 500;
/** Steps a column from which a lane's share is sent instead of its steps. */
const COARSE = 1;

/** Those that are a column wide or more: never more than columns. */
function rests(l: Lane, from: number, to: number, least: number): StripLane['rests'] {
  let a = 0,
    b = l.rests.length;
  while (a < b) {
    const c = (a + b) >>> 1;
    if ((l.rests[c]?.to ?? 0) < from) a = c + 1;
    else b = c;
  }
  const out: StripLane['rests'] = [];
  for (let i = a; i < l.rests.length; i++) {
    const r = l.rests[i];
    if (!r || r.from > to) break;
    if (r.to - r.from >= least) out.push({ from: r.from, to: Math.min(r.to, to + 1), on: r.on });
  }
  return out;
}

/** Steps that a lane made in each column, as a share of the column's steps, 0 to 255. */
function shares(t: Trace, l: Lane, from: number, to: number, columns: number): number[] {
  const width = (to - from) / columns,
    out = new Array<number>(columns).fill(0);
  if (width >= BUCKET) {
    for (let c = 0; c < columns; c++) {
      const a = Math.floor((from + c * width - t.base) / BUCKET),
        b = Math.max(a + 1, Math.floor((from + (c + 1) * width - t.base) / BUCKET));
      let n = 0;
      for (let k = Math.max(0, a); k < Math.min(b, l.made.length); k++) n += l.made[k] ?? 0;
      out[c] = n ? Math.max(24, Math.round((255 * n) / ((b - a) * BUCKET))) : 0;
    }
    return out;
  }
  for (let s = Math.max(from, t.base) + 1; s <= Math.min(to, t.end); s++)
    if (t.who(s) === l.id) {
      const c = Math.min(columns - 1, Math.floor((s - from - 1) / width));
      out[c] = (out[c] ?? 0) + 1;
    }
  return out.map((n) => (n ? Math.max(24, Math.min(255, Math.round((255 * n) / width))) : 0));
}

/** Which marks a query is about. */
function wanted(t: Trace, q: StripQuery): (x: Mark) => boolean {
  const kinds = new Set((q.kinds ?? MARKS).map((k) => MARKS.indexOf(k))),
    text = q.text?.trim().toLowerCase() ?? '';
  const lanes = text ? new Set(t.lanes.filter((l) => `${l.name} ${l.role}`.toLowerCase().includes(text)).map((l) => l.id)) : undefined;
  return (x) =>
    kinds.has(x.kind) &&
    (!lanes ||
      lanes.has(x.lane) ||
      lanes.has(x.to) ||
      (MARKS[x.kind] ?? '').includes(text) ||
      (pointOf(x.point)?.fn.toLowerCase().includes(text) ?? false) ||
      (WHERE.get(x.point)?.file.toLowerCase().includes(text) ?? false));
}

/** Lab time at the multiples of `every` from that at a step that is known, not more of them than columns. */
function clocks(
  t: Trace,
  { every = 0, at = 0 }: StripQuery,
  from: number,
  to: number,
  columns: number,
): Pick<StripView, 'every' | 'at' | 'clocks'> {
  const out: StripView['clocks'] = [],
    zero = t.time(Math.min(Math.max(at, t.base + 1), t.end));
  if (every >= 1)
    for (let s = Math.max(1, Math.ceil((from + 1) / every)) * every; s <= to && out.length < columns; s += every)
      out.push({ step: s, ns: t.time(s) - zero });
  return { every, at, clocks: out };
}

/** The stretch as lanes, rests and marks; what is longer than `columns` is summed up by column. */
export function strip(t: Trace, q: StripQuery): StripView {
  const from = Math.max(q.from, t.base),
    to = Math.max(from, Math.min(q.to, t.end)),
    columns = Math.max(1, Math.min(4096, Math.floor(q.columns))),
    width = Math.max(1, q.to - q.from) / columns,
    coarse = width > COARSE,
    keep = wanted(t, q);
  const lanes: StripLane[] = t.lanes
    .filter((l) => l.first <= to && l.last >= from)
    .map((l) => {
      const steps: number[] = [];
      if (!coarse) for (let s = from + 1; s <= to; s++) if (t.who(s) === l.id) steps.push(s);
      return {
        id: l.id,
        name: l.name,
        side: l.side,
        first: l.first,
        last: Math.min(l.last, t.end),
        steps,
        shares: coarse ? shares(t, l, q.from, q.to, columns) : [],
        rests: rests(l, from, to, coarse ? width : 0),
      };
    });
  const marks: StripView['marks'] = [],
    counts = new Array<number>(columns).fill(0);
  let many = 0;
  for (let i = t.after(from); i < t.marks.length; i++) {
    const x = t.marks[i];
    if (!x || x.step > to) break;
    if (!keep(x)) continue;
    many++;
    const c = Math.min(columns - 1, Math.floor((x.step - q.from - 1) / width));
    counts[c] = (counts[c] ?? 0) + 1;
    if (many <= MOST_MARKS)
      marks.push({ step: x.step, kind: MARKS[x.kind] as MarkKind, lane: x.lane === NOBODY ? -1 : x.lane, to: x.to === NOBODY ? -1 : x.to });
  }
  return {
    from: q.from,
    to: q.to,
    base: t.base,
    end: t.end,
    columns,
    lanes,
    marks: many <= MOST_MARKS ? marks : [],
    counts: many <= MOST_MARKS ? [] : counts,
    many,
    deeds: [],
    clockNs: [t.time(from + 1), t.time(to)],
    ...clocks(t, q, from, to, columns),
  };
}

/** The nearest mark that a query asks for, before or after a step. */
export function nearest(t: Trace, q: StripQuery, step: number, by: 1 | -1): number | undefined {
  const keep = wanted(t, q);
  for (let i = by > 0 ? t.after(step) : t.after(step - 1) - 1; i >= 0 && i < t.marks.length; i += by) {
    const x = t.marks[i];
    if (x && keep(x)) return x.step;
  }
  return undefined;
}

/** The nearest step before or after one that was an access at one of these points, and whose; undefined: none is known. */
export function nearPlace(t: Trace, points: readonly number[], step: number, by: 1 | -1): { step: number; thread: number } | undefined {
  for (let s = step + by; s > t.base && s <= t.end; s += by)
    if (points.includes(t.point(s))) return { step: s, thread: t.lanes[t.who(s)]?.block ?? -1 };
  return undefined;
}

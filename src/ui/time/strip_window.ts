// The timeline's window onto the steps: steps and pixels, zoom about a point, limits, ticks, what to ask for. Only arithmetic.
// Step s fills the stretch from s - 1 to s, so the playhead, which stands after step s, stands at s.
import type { StripQuery, StripView } from '../../lab/protocol';

/** A stretch of steps; its ends may lie between two. */
export interface Span {
  from: number;
  to: number;
}
/** The recording: its first and its furthest step. */
export interface Known {
  root: number;
  end: number;
}

/** The fewest steps a window shows; as many as a short recording is given room for; as many as one begins with. */
export const LEAST = 8;
export const SHORT = 48;
export const USUAL = 120;
/** Room beside the recording, and what is asked for beside the window, as shares of the window. */
const PAD = 0.04;
const MARGIN = 0.25;
const EDGE = 0.06;

const between = (v: number, lo: number, hi: number): number => Math.min(Math.max(v, lo), Math.max(lo, hi));

export const sizeOf = (w: Span): number => w.to - w.from;
export const xOf = (w: Span, width: number, step: number): number => ((step - w.from) / sizeOf(w)) * width;
export const stepAt = (w: Span, width: number, x: number): number => w.from + (x / Math.max(1, width)) * sizeOf(w);

const length = (k: Known): number => Math.max(SHORT, k.end - k.root);
/** The widest window: the whole recording and a little room at both ends. */
export const widest = (k: Known): number => length(k) / (1 - 2 * PAD);

/** The window moved, and made smaller or larger, to where there is something to see. */
export function held(w: Span, k: Known): Span {
  const n = between(sizeOf(w), LEAST, widest(k)),
    pad = n * PAD,
    from = between(w.from, k.root - pad, Math.min(k.root + length(k) + pad - n, k.end));
  return { from, to: from + n };
}

export const fit = (k: Known): Span => held({ from: k.root - widest(k) * PAD, to: k.root + widest(k) * (1 - PAD) }, k);

/** Zooms so that the step `about` stays at its place. */
export function zoomed(w: Span, k: Known, about: number, factor: number): Span {
  const n = between(sizeOf(w) * factor, LEAST, widest(k)),
    from = about - ((about - w.from) / sizeOf(w)) * n;
  return held({ from, to: from + n }, k);
}

export const panned = (w: Span, k: Known, steps: number): Span => held({ from: w.from + steps, to: w.to + steps }, k);

export function centred(w: Span, k: Known, step: number, n = sizeOf(w)): Span {
  const size = between(n, LEAST, widest(k));
  return held({ from: step - size / 2, to: step + size / 2 }, k);
}

/** The window as it is when the step is well inside it, else moved to have the step in its middle. */
export function revealed(w: Span, k: Known, step: number): Span {
  const now = held(w, k),
    edge = sizeOf(now) * EDGE;
  const left = now.from <= k.root || step >= now.from + edge,
    right = now.to >= k.end || step <= now.to - edge;
  return step >= now.from && step <= now.to && left && right ? now : centred(now, k, step);
}

/** The window as large again as it was wanted, where the recording has grown that long. */
export const regrown = (w: Span, k: Known, wish: number): Span => (sizeOf(w) < wish ? held({ from: w.to - wish, to: w.to }, k) : w);

/** The window of the same size at the end of the recording. */
export const following = (w: Span, k: Known): Span => held({ from: k.end, to: k.end + sizeOf(w) }, k);

export const isFit = (w: Span, k: Known): boolean => sizeOf(w) >= widest(k) * 0.999;
export const isCentred = (w: Span, k: Known, step: number): boolean => {
  const there = centred(w, k, step);
  return Math.abs(there.from - w.from) <= sizeOf(w) * 0.002;
};

/** The step that a place in the window means: the block under it, kept within the recording. */
export const blockAt = (w: Span, width: number, x: number, k: Known): number => between(Math.ceil(stepAt(w, width, x)), k.root, k.end);
/** The step at which a playhead dragged there would stand. */
export const nearestStep = (w: Span, width: number, x: number, k: Known): number => between(Math.round(stepAt(w, width, x)), k.root, k.end);

/** What to ask for: the window and some more at both sides, a column a pixel; the clock where the axis has room for it, from that at step `at`. */
export function queryOf(w: Span, k: Known, width: number, at?: number): Pick<StripQuery, 'from' | 'to' | 'columns' | 'every' | 'at'> {
  const more = sizeOf(w) * MARGIN,
    from = Math.floor(between(w.from - more, k.root, k.end)),
    to = Math.max(from + 1, Math.ceil(between(w.to + more, k.root, k.end)));
  return {
    from,
    to,
    columns: between(Math.round(((to - from) / sizeOf(w)) * width), 1, 4096),
    ...(at === undefined ? {} : { every: every(w, width), at }),
  };
}

/** Whether an answer has what the window shows, about as fine as its pixels. */
export function covers(v: StripView, w: Span, k: Known, width: number, at?: number): boolean {
  if (at !== undefined && (v.every !== every(w, width) || v.at !== at)) return false;
  if (v.from > Math.max(k.root, Math.floor(w.from)) || v.to < Math.min(k.end, Math.ceil(w.to))) return false;
  const q = queryOf(w, k, width),
    want = (q.to - q.from) / q.columns,
    have = Math.max(1e-9, v.to - v.from) / v.columns;
  return (want <= 1 && have <= 1) || (have <= want * 1.3 && have >= want / 1.6);
}

/** Pixels between two steps that are written on the axis, at least. */
const APART = 84;
/** How many steps lie between two that are written: a round number. */
export function every(w: Span, width: number, least = APART): number {
  const raw = Math.max(1, (sizeOf(w) * least) / Math.max(1, width)),
    ten = 10 ** Math.floor(Math.log10(raw));
  return Math.max(1, Math.round([1, 2, 5, 10].map((f) => f * ten).find((v) => v >= raw * 0.999) ?? raw));
}
/** Steps to write on the axis. */
export function ticks(w: Span, width: number, least = APART): { step: number; x: number }[] {
  const by = every(w, width, least);
  const out: { step: number; x: number }[] = [];
  for (let s = Math.max(0, Math.ceil(w.from / by) * by); s <= w.to; s += by) out.push({ step: s, x: xOf(w, width, s) });
  return out;
}

/** Things on the axis that would lie over each other become one, at the first one's place. */
export function grouped<T extends { at: number }>(all: readonly T[], w: Span, width: number, least: number): { at: number; all: T[] }[] {
  const out: { at: number; all: T[] }[] = [];
  for (const one of [...all].sort((a, b) => a.at - b.at)) {
    const last = out.at(-1);
    if (last && xOf(w, width, one.at) - xOf(w, width, last.at) < least) last.all.push(one);
    else out.push({ at: one.at, all: [one] });
  }
  return out;
}

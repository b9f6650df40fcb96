// Paints the timeline's lanes on one canvas: what each thread did, where it rested, what went between them, and the playhead.
import type { StripLane } from '../../lab/protocol';
import { paintAxis } from './strip_axis';
import { glyph, type Scene, sideColor, stretches } from './strip_brush';
import { markPaths, moonPath } from './strip_icons';
import { AXIS, COUNTS, middle } from './strip_rows';
import { sizeOf, xOf } from './strip_window';

function life(s: Scene, lane: StripLane, y: number): void {
  const { ctx, colors: c, g, window: w } = s,
    x = (step: number) => Math.min(g.width, Math.max(0, xOf(w, g.width, step)));
  const line = (from: number, to: number, color: string, width: number, dash: number[]) => {
    if (to <= from) return;
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(from, y);
    ctx.lineTo(to, y);
    ctx.stroke();
    ctx.setLineDash([]);
  };
  const last = Math.min(lane.last, s.view?.to ?? lane.last, s.end),
    own = sideColor(c, lane.side),
    head = x(s.step);
  const ready = (from: number, to: number) => {
    // summed up by column, short rests are not told from being ready
    if (lane.shares.length) return line(x(from), x(to), c.edge, 1, []);
    line(x(from), Math.min(x(to), head), own, 1.5, []);
    line(Math.max(x(from), head), x(to), c.edge, 1, []);
  };
  let at = Math.max(lane.first, s.view?.from ?? lane.first);
  for (const r of lane.rests) {
    const from = Math.max(r.from, at),
      to = Math.min(r.to, last);
    if (to <= from) continue;
    ready(at, from);
    line(x(from), x(to), c.ink3, 2, [1, 3]);
    at = to;
  }
  ready(at, last);
}

/** A moon and the name of what it sleeps on, at the beginning of each rest that is long enough. */
function rests(s: Scene, lane: StripLane, y: number, ground: string): void {
  const { ctx, colors: c, g, window: w } = s,
    size = Math.min(12, g.row - 2);
  ctx.font = `400 11px ${c.mono}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const r of lane.rests) {
    const from = Math.max(0, xOf(w, g.width, r.from)),
      to = Math.min(g.width, xOf(w, g.width, Math.min(r.to, s.end)));
    if (to - from < size + 8) continue;
    const words = r.on,
      wide = ctx.measureText(words).width,
      named = to - from > size + wide + 20;
    ctx.fillStyle = ground;
    ctx.fillRect(from + 4, y - g.row / 2 + 1, size + 4 + (named ? wide + 5 : 0), g.row - 2);
    glyph(ctx, moonPath, from + 6 + size / 2, y, size, c.ink3);
    if (!named) continue;
    ctx.fillStyle = c.ink2;
    ctx.fillText(words, from + 10 + size, y + 0.5);
  }
}

type Box = readonly [left: number, top: number, wide: number, high: number];

function blocks(s: Scene, lane: StripLane, y: number): void {
  const { ctx, g, window: w, view } = s;
  if (!view) return;
  const pixels = g.width / sizeOf(w),
    apart = pixels >= 4,
    tall = g.row - Math.max(2, Math.round(g.row * 0.2)),
    color = sideColor(s.colors, lane.side);
  const solid: Box[] = [],
    hollow: Box[] = [];
  for (const [from, to, share] of stretches(lane, view, !apart)) {
    const x0 = xOf(w, g.width, from),
      x1 = xOf(w, g.width, to);
    if (x1 < 0 || x0 > g.width) continue;
    const h = Math.max(2, Math.round(tall * share)),
      top = Math.round(y + tall / 2) - h,
      gap = apart ? 1 : 0;
    const put = (a: number, b: number, undone: boolean) => {
      const left = Math.max(-2, a),
        right = Math.min(g.width + 2, b);
      if (right <= left) return;
      if (undone && !lane.shares.length && right - left > 3) hollow.push([left + 0.5, top + 0.5, right - left - gap - 1, h - 1]);
      else if (undone) hollow.push([left, top, Math.max(0.5, right - left), 0.5]);
      else solid.push([left, top, Math.max(0.75, right - left - gap), h]);
    };
    if (to <= s.step) put(x0, x1, false);
    else if (from >= s.step) put(x0, x1, true);
    else {
      const x = xOf(w, g.width, s.step);
      put(x0, x, false);
      put(x, x1, true);
    }
  }
  const path = (boxes: readonly Box[]) => {
    ctx.beginPath();
    for (const [left, top, wide, high] of boxes) ctx.rect(left, top, wide, high);
  };
  ctx.fillStyle = color;
  path(solid);
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  path(hollow);
  ctx.stroke();
}

/** Signs of marks: in their block where blocks are wide, else on a disc; where several meet, the weightiest. */
const RANK = ['prologue', 'drop', 'interrupt', 'kick', 'suppressed', 'timeout', 'wrap', 'exit', 'sleep', 'wake'];

function signs(s: Scene, ground: string): void {
  const { ctx, colors: c, g, window: w } = s,
    pixels = g.width / sizeOf(w),
    inside = pixels >= 11,
    size = Math.min(11, g.row - 3, inside ? pixels - 2 : 11);
  const taken = new Map<number, number[]>();
  const sorted = [...s.shapes].sort((a, b) => RANK.indexOf(a.mark.kind) - RANK.indexOf(b.mark.kind));
  for (const m of sorted) {
    const { kind, lane, step } = m.mark;
    if (kind === 'sleep' || (kind === 'wake' && m.form === 'arrow')) continue;
    const there = taken.get(m.y) ?? [];
    if (there.some((x) => Math.abs(x - m.x) < size + 1)) continue;
    taken.set(m.y, [...there, m.x]);
    const side = s.rows.find((r) => r.id === lane)?.side,
      own = kind === 'prologue' || kind === 'drop' ? c.bad : side ? sideColor(c, side) : c.ink2,
      undone = step > s.step;
    if (!inside || !side) {
      ctx.fillStyle = undone ? ground : own;
      ctx.beginPath();
      ctx.arc(m.x, m.y, size / 2 + 1.5, 0, 7);
      ctx.fill();
    }
    glyph(ctx, markPaths[kind], m.x, m.y, size, undone ? own : c.surface);
  }
}

function lines(s: Scene): void {
  const { ctx, colors: c, g } = s;
  ctx.lineCap = 'butt';
  for (const m of s.shapes) {
    if (m.form === 'sign') continue;
    const side = s.rows.find((r) => r.id === m.mark.lane)?.side ?? 'host',
      lit = s.hover === m.mark,
      color = sideColor(c, side),
      undone = m.mark.step > s.step;
    const x = Math.round(m.x) + 0.5,
      down = m.end > m.y ? 1 : -1,
      head = m.form === 'arrow' ? 5 : 0;
    ctx.strokeStyle = lit ? c.ink : color;
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = lit ? 3 : m.mark.kind === 'wake' ? 1.25 : 2;
    ctx.setLineDash(undone ? [2, 2] : []);
    ctx.beginPath();
    ctx.moveTo(x, m.y);
    ctx.lineTo(x, m.end - down * head);
    ctx.stroke();
    ctx.setLineDash([]);
    if (m.form === 'arrow') {
      ctx.beginPath();
      ctx.moveTo(x, m.end);
      ctx.lineTo(x - 3.5, m.end - down * 6);
      ctx.lineTo(x + 3.5, m.end - down * 6);
      ctx.closePath();
      ctx.fill();
      continue;
    }
    ctx.lineWidth = 2;
    ctx.beginPath();
    if (m.form === 'bar') {
      ctx.moveTo(x - 4.5, m.end);
      ctx.lineTo(x + 4.5, m.end);
    } else {
      const r = Math.min(3.5, g.row * 0.25);
      ctx.moveTo(x - r, m.end - r);
      ctx.lineTo(x + r, m.end + r);
      ctx.moveTo(x + r, m.end - r);
      ctx.lineTo(x - r, m.end + r);
    }
    ctx.stroke();
  }
}

/** Too many marks to draw: how many in each column. */
function counts(s: Scene): void {
  const { ctx, colors: c, g, view, window: w } = s;
  if (!view?.counts.length) return;
  const top = g.height - COUNTS,
    each = (view.to - view.from) / view.columns,
    most = Math.max(1, ...view.counts);
  ctx.fillStyle = c.surface;
  ctx.fillRect(0, top, g.width, COUNTS);
  ctx.fillStyle = c.ink2;
  ctx.beginPath();
  view.counts.forEach((n, i) => {
    if (!n) return;
    const x = xOf(w, g.width, view.from + i * each),
      h = 2 + ((COUNTS - 4) * n) / most;
    if (x > -4 && x < g.width) ctx.rect(x, top + COUNTS - 1 - h, Math.max(1, xOf(w, g.width, view.from + (i + 1) * each) - x), h);
  });
  ctx.fill();
}

export function paintLanes(s: Scene): void {
  const { ctx, colors: c, g, window: w } = s;
  ctx.fillStyle = c.sunken;
  ctx.fillRect(0, 0, g.width, g.height);
  s.rows.forEach((lane, i) => {
    const y = middle(g, i),
      ground = lane.name === s.lit ? c.surface : c.sunken;
    if (y < AXIS - g.row || y > g.height + g.row) return;
    ctx.fillStyle = ground;
    ctx.fillRect(0, y - g.row / 2, g.width, g.row);
    ctx.fillStyle = c.hair;
    ctx.fillRect(0, y + g.row / 2 - 0.5, g.width, 0.5);
    life(s, lane, y);
    rests(s, lane, y, ground);
    blocks(s, lane, y);
  });
  const start = xOf(w, g.width, Math.max(s.root, s.view?.base ?? s.root));
  if (start > 0) {
    ctx.fillStyle = c.bg;
    ctx.fillRect(0, AXIS, start, g.height - AXIS);
    ctx.fillStyle = c.edge;
    ctx.fillRect(start - 1, AXIS, 1, g.height - AXIS);
  }
  lines(s);
  signs(s, c.sunken);
  counts(s);
  paintAxis(s);
}

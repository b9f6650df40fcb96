// What the timeline's painters share: the scene that they paint, icons on a canvas, a lane's steps as stretches.
import type { Side, StripLane, StripView } from '../../lab/protocol';
import type { Pen } from '../picture/pen';
import type { Palette } from '../theme';
import type { Geometry, MarkShape } from './strip_rows';
import type { Span } from './strip_window';

export interface Scene {
  ctx: Pen;
  colors: Palette;
  g: Geometry;
  window: Span;
  view: StripView | undefined;
  rows: readonly StripLane[];
  shapes: readonly MarkShape[];
  /** The playhead; the recording's ends. */
  step: number;
  root: number;
  end: number;
  freeBefore: boolean;
  /** The axis tells lab time, from the playhead's. */
  time: boolean;
  /** The thread whose lane is lit; the mark under the pointer. */
  lit: string;
  hover: MarkShape['mark'] | undefined;
}

const paths = new Map<string, Path2D>();
/** What a path of SVG is on this pen: the pen's own path, or a canvas's Path2D. */
function traced(ctx: Pen | CanvasRenderingContext2D, d: string, fill: boolean): void {
  if ('trace' in ctx && ctx.trace) {
    ctx.trace(d);
    ctx.stroke();
    if (fill) ctx.fill();
    return;
  }
  const canvas = ctx as CanvasRenderingContext2D;
  let p = paths.get(d);
  if (!p) {
    p = new Path2D(d);
    paths.set(d, p);
  }
  canvas.stroke(p);
  if (fill) canvas.fill(p);
}

/** An icon of the 24 grid with its middle at a point. */
export function glyph(ctx: Pen, d: string, x: number, y: number, size: number, color: string, fill = false): void {
  const k = size / 24;
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(k, k);
  ctx.lineWidth = Math.min(3.2, Math.max(2, 1.3 / k));
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  traced(ctx, d, fill);
  ctx.restore();
}

export const sideColor = (c: Palette, side: Side): string => (side === 'guest' ? c.guest : c.host);

/** Stretches of steps that a lane made, with the share of each; neighbours become one where blocks would not be seen apart. */
export function* stretches(lane: StripLane, view: StripView, join: boolean): Generator<[from: number, to: number, share: number]> {
  if (lane.shares.length) {
    const each = (view.to - view.from) / view.columns;
    for (let c = 0; c < lane.shares.length; c++) {
      const share = lane.shares[c] ?? 0;
      if (share) yield [view.from + c * each, view.from + (c + 1) * each, share / 255];
    }
    return;
  }
  let from = Number.NaN,
    to = Number.NaN;
  for (const s of lane.steps) {
    if (join && s - 1 === to) {
      to = s;
      continue;
    }
    if (to > from) yield [from, to, 1];
    from = s - 1;
    to = s;
  }
  if (to > from) yield [from, to, 1];
}

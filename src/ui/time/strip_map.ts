// Paints the whole recording on one small canvas: guest above, host below, the window's frame and the playhead.
import type { Pen } from '../picture/pen';
import type { Palette } from '../theme';
import { sideColor, stretches } from './strip_brush';
import { now } from './strip_view';
import { fit, type Known, type Span, xOf } from './strip_window';

/** The map's own window: the recording, from its first step to its last. */
export const mapSpan = (k: Known): Span => fit(k);

export function paintMap(ctx: Pen, c: Palette, width: number, height: number, step: number, framed: boolean): void {
  const w = mapSpan(now.known),
    x = (s: number) => xOf(w, width, s),
    head = x(step),
    bar = Math.max(3, Math.floor((height - 10) / 2));
  ctx.fillStyle = c.sunken;
  ctx.fillRect(0, 0, width, height);
  const { map } = now;
  for (const lane of map?.lanes ?? []) {
    const y = lane.side === 'guest' ? 4 : height - 4 - bar;
    ctx.fillStyle = sideColor(c, lane.side);
    ctx.beginPath();
    if (map) {
      for (const [from, to, share] of stretches(lane, map, true)) {
        const h = Math.max(1, Math.round(bar * share)),
          left = x(from);
        ctx.rect(left, lane.side === 'guest' ? y + bar - h : y, Math.max(0.75, x(to) - left), h);
      }
    }
    ctx.fill();
  }
  if (now.known.end > step) {
    // what was undone is paler
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = c.sunken;
    ctx.fillRect(head, 1, x(now.known.end) - head + 1, height - 2);
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = c.edge;
  ctx.lineWidth = 1;
  ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
  if (framed) {
    const from = Math.max(1, x(now.window.from)),
      to = Math.min(width - 1, x(now.window.to));
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 2;
    ctx.strokeRect(from, 1, Math.max(6, to - from), height - 2);
  }
  const at = Math.round(head);
  ctx.fillStyle = c.surface;
  ctx.fillRect(at - 2, 1, 5, height - 2);
  ctx.fillStyle = c.ink;
  ctx.fillRect(at - 1, 0, framed ? 2 : 3, height);
}

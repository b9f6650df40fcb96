// The timeline's axis: step numbers, deeds as small signs, where the recording begins, and the playhead over everything.
import { count, since } from '../format';
import { say } from '../words';
import { glyph, type Scene } from './strip_brush';
import { deedPaths } from './strip_icons';
import { AXIS } from './strip_rows';
import { ticks, xOf } from './strip_window';

const HANDLE = 6;

interface Taken {
  from: number;
  to: number;
}
const free = (taken: readonly Taken[], from: number, to: number): boolean => taken.every((t) => to < t.from || from > t.to);

/** The step's number; or the lab's time there, as far from the playhead's. Empty: not known yet. */
function labelAt({ time, view, step: head }: Scene, step: number): string {
  if (!time) return count(step);
  const at = view?.at === head && view.clocks.find((c) => c.step === step);
  return at ? since(at.ns) : '';
}

export function paintAxis(s: Scene): void {
  const { ctx, colors: c, g, window: w } = s,
    taken: Taken[] = [],
    y = AXIS / 2;
  ctx.fillStyle = c.surface;
  ctx.fillRect(0, 0, g.width, AXIS);
  ctx.fillStyle = c.hair;
  ctx.fillRect(0, AXIS - 1, g.width, 1);
  ctx.font = `400 11px ${c.sans}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const head = xOf(w, g.width, s.step);
  taken.push({ from: head - HANDLE - 3, to: head + HANDLE + 3 });
  const words = (text: string, ...places: number[]) => {
    const wide = ctx.measureText(text).width,
      x = places.find((p) => p >= 0 && p + wide <= g.width && free(taken, p, p + wide));
    if (x === undefined) return;
    ctx.fillStyle = c.ink2;
    ctx.fillText(text, x, y);
    taken.push({ from: x - 6, to: x + wide + 6 });
  };
  for (const d of s.view?.deeds ?? []) {
    const x = xOf(w, g.width, d.step - 0.5);
    if (x < 6 || x > g.width - 6 || !free(taken, x - 5, x + 5)) continue;
    glyph(ctx, deedPaths[d.kind], x, y, 11, c.ink2, d.kind === 'choice' || d.kind === 'other');
    taken.push({ from: x - 7, to: x + 7 });
  }
  if (s.end > s.step && (s.end - s.step) / (w.to - w.from) > 0.02) words(say.strip.undone, head + HANDLE + 6);
  const base = s.view?.base ?? s.root,
    start = xOf(w, g.width, Math.max(base, s.root));
  if (start >= 0 && start <= g.width) {
    if (base > s.root) words(say.strip.forgotten, start + 4, head + HANDLE + 6);
    else if (s.freeBefore) words(say.strip.freeBefore, start + 4, head + HANDLE + 6);
  }
  for (const t of ticks(w, g.width)) {
    if (t.step < s.root || t.x < 0 || t.x > g.width) continue;
    ctx.fillStyle = c.edge;
    ctx.fillRect(Math.round(t.x), AXIS - 5, 1, 5);
    const text = labelAt(s, t.step),
      wide = ctx.measureText(text).width;
    if (t.x + 4 + wide > g.width || !free(taken, t.x + 2, t.x + 4 + wide)) continue;
    ctx.fillStyle = c.ink2;
    ctx.fillText(text, t.x + 4, y);
    taken.push({ from: t.x + 2, to: t.x + 4 + wide });
  }
  playhead(s, head);
}

function playhead(s: Scene, at: number): void {
  const { ctx, colors: c, g } = s,
    x = Math.round(at);
  if (x < -HANDLE || x > g.width + HANDLE) return;
  ctx.fillStyle = c.surface;
  ctx.fillRect(x - 2, AXIS, 4, g.height - AXIS);
  ctx.fillStyle = c.ink;
  ctx.fillRect(x - 1, AXIS - 4, 2, g.height - AXIS + 4);
  ctx.beginPath();
  ctx.moveTo(x - HANDLE, 2);
  ctx.lineTo(x + HANDLE, 2);
  ctx.lineTo(x + HANDLE, 10);
  ctx.lineTo(x, AXIS - 1);
  ctx.lineTo(x - HANDLE, 10);
  ctx.closePath();
  ctx.fill();
}

// The queue bar: the ring turned so that hwcur is at the left, five lengths whose order is the law of the ring.
import type { RingRef, RingSample } from '../../lab/protocol';
import type { Look } from '../samples';
import { say } from '../words';
import { type Brush, fillOwned, line, measure, text, thin } from './brush';
import { join } from './hands';
import { namesOf, shortNames } from './names';
import { distance, type Run } from './ownership';
import { BAR, type Shape } from './shape';

function segments(b: Brush, sh: Shape, ref: RingRef, s: RingSample, runs: readonly Run[]): void {
  const unit = sh.width / s.n,
    y = sh.bar,
    names = namesOf(ref),
    short = shortNames(ref);
  for (const run of runs) {
    const x = sh.x + distance(run.from, s.hwcur, s.n) * unit,
      w = Math.max(run.cls === 'kept' ? 2 : 0, run.length * unit);
    fillOwned(b, run.cls, x, y, w, BAR, 'strong');
    const options =
      s.n > 64 || sh.narrow ? [`${run.length} ${names[run.cls]}`, `${run.length} ${short[run.cls]}`, `${run.length}`] : [`${run.length}`];
    const words = options.find((t) => measure(b, t, 12, true, false) <= w - 8);
    if (!words) continue;
    const tw = measure(b, words, 12, true, false) + 8,
      hatched = run.cls !== 'user' && run.cls !== 'kept' && run.cls !== 'flight';
    if (hatched) {
      b.ctx.fillStyle = b.colors['host-cell'];
      b.ctx.fillRect(x + w / 2 - tw / 2, y + 3, tw, BAR - 6);
    }
    text(b, words, x + w / 2, y + BAR / 2 + 0.5, { mono: false, bold: true, align: 'center', color: b.colors.ink });
  }
  b.ctx.strokeStyle = b.colors.edge;
  b.ctx.lineWidth = thin(b);
  b.ctx.strokeRect(sh.x + 0.5, y + 0.5, sh.width - 1, BAR - 1);
}

function ticks(b: Brush, sh: Shape, s: RingSample): void {
  const unit = sh.width / s.n;
  const hands = join(
    [
      ['hwcur', s.hwcur],
      ['rhead', s.rhead],
      ['head', s.head],
      ['cur', s.cur],
      ['tail', s.tail],
      ['hwtail', s.hwtail],
    ],
    s.n,
  );
  const at = hands
    .map((h) => ({ words: `${h.names} ${h.slot}`, x: sh.x + distance(h.slot, s.hwcur, s.n) * unit }))
    .sort((p, q) => p.x - q.x);
  const ends = [-Infinity, -Infinity];
  for (const t of at) {
    const w = measure(b, t.words, 11),
      left = Math.min(Math.max(sh.x, t.x - w / 2), sh.x + sh.width - w);
    const level = left > (ends[0] ?? 0) + 8 ? 0 : left > (ends[1] ?? 0) + 8 ? 1 : -1;
    line(
      b,
      [
        [t.x, sh.bar],
        [t.x, sh.bar + BAR + 5],
      ],
      b.colors.ink,
      1.5,
    );
    if (level < 0) continue;
    ends[level] = left + w;
    text(b, t.words, left, sh.bar + BAR + 13 + level * 14, { size: 11, color: b.colors.ink });
  }
}

/** In grey, where head and tail stood in the last second: the spread is the truth of a running ring. */
function spans(b: Brush, sh: Shape, s: RingSample, spread: NonNullable<Look['spread']>): void {
  const unit = sh.width / s.n,
    y = sh.bar + BAR + 5;
  let words = -Infinity;
  for (const [name, from, to] of [
    ['head', spread.headMin, spread.headMax],
    ['tail', spread.tailMin, spread.tailMax],
  ] as const) {
    const x = sh.x + from * unit,
      w = Math.max(2, (to - from) * unit),
      row = y + (name === 'tail' ? 6 : 0);
    b.ctx.fillStyle = b.colors.edge;
    b.ctx.fillRect(x, row, w, 4);
    // Where both spans begin together, one word names both.
    const both = name === 'head' && (spread.tailMin - spread.headMin) * unit < 120;
    const label = `${both ? say.ring.both : name}, ${say.ring.lastSecond}`,
      tw = measure(b, label, 11, false, false);
    const left = Math.max(sh.x, Math.min(x, sh.x + sh.width - tw, Math.max(x, words)));
    if (left < words || (name === 'tail' && words > -Infinity && (spread.tailMin - spread.headMin) * unit < 120)) continue;
    text(b, label, left, y + 20, { size: 11, mono: false, color: b.colors.ink2 });
    words = left + tw + 12;
  }
}

export function paintBar(b: Brush, sh: Shape, ref: RingRef, look: Look, runs: readonly Run[]): void {
  const s = look.sample;
  segments(b, sh, ref, s, runs);
  if (look.spread) spans(b, sh, s, look.spread);
  else ticks(b, sh, s);
  if (sh.narrow) return;
  text(b, say.ring.order, 0, sh.bar + 7, { mono: false, bold: true });
  text(b, say.ring.from, 0, sh.bar + 22, { mono: false, size: 11, color: b.colors.ink2 });
}

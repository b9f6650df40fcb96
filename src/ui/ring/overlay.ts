// What is painted over a ring: the hand that is moved with its legal range, lit hands, the slot with the keyboard's cursor, and,
// where the order is broken, a red outline and a cross on the hand that breaks it.
import type { RingRef, RingSample } from '../../lab/protocol';
import { indexPlaces } from '../../lab/sample';
import { type Brush, label, line, measure } from './brush';
import type { Edit } from './edit';
import { isLegal } from './legal';
import { offender } from './ownership';
import { LABEL, type Shape } from './shape';
import { edgeOf } from './where';

export interface Over {
  edit: Edit | null;
  lit: ReadonlySet<number>;
  cursor: number;
  /** The sample is exact: only then a broken order is one. */
  exact: boolean;
}

function hatchRed(b: Brush, x: number, y: number, w: number, h: number, thick: number): void {
  const { ctx } = b;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  ctx.strokeStyle = b.colors.bad;
  ctx.lineWidth = thick;
  ctx.beginPath();
  for (let k = x - h; k < x + w; k += 8) {
    ctx.moveTo(k, y + h);
    ctx.lineTo(k + h, y);
  }
  ctx.stroke();
  ctx.restore();
}

function moving(b: Brush, sh: Shape, ref: RingRef, s: RingSample, e: Edit): void {
  let from = -1;
  for (let v = 0; v <= s.n; v++) {
    const bad = v < s.n && !isLegal(ref, s, e.hand, v);
    if (bad && from < 0) from = v;
    const start = from < 0 ? undefined : edgeOf(sh, from);
    if (!start || (bad && (v + 1) % sh.columns !== 0)) continue;
    const end = bad ? v + 1 : v; // a piece ends with its run, or with its row
    hatchRed(b, start.x, start.y, (end - from) * sh.cell, sh.cellHeight, sh.kind === 'strip' ? 1.5 : 1);
    from = -1;
  }
  const at = edgeOf(sh, e.at);
  if (!at) return;
  const good = isLegal(ref, s, e.hand, e.at),
    color = good ? b.colors.ink : b.colors.bad,
    words = `${e.hand} ${e.at}`,
    w = Math.ceil(measure(b, words, 12, true)) + 12,
    x = Math.max(0, Math.min(sh.total - w, at.x - w / 2)),
    y = Math.max(0, at.y - LABEL - 16);
  line(
    b,
    [
      [at.x, y + LABEL],
      [at.x, at.y + sh.cellHeight + 6],
    ],
    color,
    3,
    good ? [] : [4, 3],
  );
  label(b, words, x, y, w, LABEL, color);
}

function lit(b: Brush, sh: Shape, ref: RingRef, s: RingSample, addrs: ReadonlySet<number>): void {
  const { program: p, host: h } = indexPlaces(ref);
  for (const [addr, slot] of [
    [p.head, s.head],
    [p.cur, s.cur],
    [p.tail, s.tail],
    [h.rhead, s.rhead],
    [h.nr_hwcur, s.hwcur],
    [h.nr_hwtail, s.hwtail],
  ] as const) {
    const at = edgeOf(sh, slot);
    if (addr === undefined || !addrs.has(addr) || !at) continue;
    const y0 = at.y - 6,
      y1 = at.y + sh.cellHeight + 6;
    line(
      b,
      [
        [at.x, y0],
        [at.x, y1],
      ],
      b.colors.ink,
      4,
    );
    b.ctx.fillStyle = b.colors.ink;
    for (const y of [y0, y1]) b.ctx.fillRect(at.x - 5, y - 2, 10, 4);
  }
}

function broken(b: Brush, sh: Shape, s: RingSample): void {
  const bad = offender(s);
  if (!bad) return;
  b.ctx.strokeStyle = b.colors.bad;
  b.ctx.lineWidth = 2;
  const whole = sh.kind === 'sheet';
  for (let row = 0; row < (whole ? 1 : sh.rows); row++)
    b.ctx.strokeRect(
      sh.x - 1,
      row * sh.rowHeight + sh.top - 1,
      Math.min(sh.columns, sh.n - row * sh.columns) * sh.cell + 2,
      (whole ? sh.rows : 1) * sh.cellHeight + 2,
    );
  const at = edgeOf(sh, s[bad]);
  if (!at) return;
  const y = at.y + (bad.startsWith('hw') ? sh.cellHeight : 0);
  for (const k of [1, -1])
    line(
      b,
      [
        [at.x - 7, y - 7 * k],
        [at.x + 7, y + 7 * k],
      ],
      b.colors.bad,
      3,
    );
}

export function paintOver(b: Brush, sh: Shape, ref: RingRef, s: RingSample, over: Over): void {
  if (over.exact) broken(b, sh, s);
  if (over.edit?.ring === ref.id) moving(b, sh, ref, s, over.edit);
  if (over.lit.size) lit(b, sh, ref, s, over.lit);
  const at = edgeOf(sh, over.cursor);
  if (at) {
    b.ctx.strokeStyle = b.colors.ink;
    b.ctx.lineWidth = 2;
    b.ctx.strokeRect(at.x + 2, at.y + 2, sh.cell - 4, sh.cellHeight - 4);
  }
}

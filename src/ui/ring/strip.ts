// A ring of up to 64 slots: its cells with their words, and its hands on the edges before their slots.
import type { RingRef, RingSample } from '../../lab/protocol';
import { say } from '../words';
import { type Brush, edgeBar, fillOwned, label, line, measure, text, thin } from './brush';
import { type Hand, kernelHands, type Placed, place, userHands } from './hands';
import { namesOf, shortNames } from './names';
import { ownerOf, pieces, type Run } from './ownership';
import { LABEL, LEVEL, type Shape } from './shape';

const FLAGS: readonly (readonly [number, string])[] = [
  [1, 'B'],
  [2, 'R'],
  [4, 'F'],
  [8, 'N'],
  [16, 'I'],
  [32, 'M'],
];
export const flagLetters = (flags: number): string =>
  FLAGS.filter(([bit]) => flags & bit)
    .map(([, c]) => c)
    .join('');

const rowTop = (sh: Shape, row: number) => row * sh.rowHeight + sh.top;

function fill(b: Brush, sh: Shape, runs: readonly Run[]): void {
  if (!runs.length) {
    for (let r = 0; r < sh.rows; r++) {
      b.ctx.fillStyle = b.colors.surface;
      b.ctx.fillRect(sh.x, rowTop(sh, r), Math.min(sh.columns, sh.n - r * sh.columns) * sh.cell, sh.cellHeight);
    }
  }
  for (const run of runs) {
    for (const p of pieces(run, sh.n, sh.columns)) {
      const x = sh.x + p.column * sh.cell,
        y = rowTop(sh, p.row),
        w = p.length * sh.cell;
      fillOwned(b, run.cls, x, y, w, sh.cellHeight, 'plain');
    }
  }
}

function cells(b: Brush, sh: Shape, s: RingSample, runs: readonly Run[]): void {
  for (let i = 0; i < sh.n; i++) {
    const row = Math.floor(i / sh.columns),
      x = sh.x + (i % sh.columns) * sh.cell,
      y = rowTop(sh, row);
    const cls = ownerOf(runs, i, sh.n),
      mid = x + sh.cell / 2;
    b.ctx.strokeStyle = b.colors.edge;
    b.ctx.lineWidth = thin(b);
    b.ctx.setLineDash(cls === 'kept' ? [4, 3] : []);
    b.ctx.strokeRect(x + 0.5, y + 0.5, sh.cell - 1, sh.cellHeight - 1);
    b.ctx.setLineDash([]);
    const hand = [s.head, s.cur, s.tail, s.hwcur, s.hwtail].includes(i);
    text(b, `${i}`, mid, y - 9, { size: 11, align: 'center', bold: hand, color: hand ? b.colors.ink : b.colors.ink2 });
    const slot = s.slots[(i - s.first + sh.n) % sh.n];
    if (!slot || sh.cell < 40) continue;
    const handed = cls === 'handed' || cls === 'sending';
    const hatched = handed || cls === 'done';
    const say2 = (value: string, cy: number, size: number, bold: boolean) => {
      if (hatched && value) {
        const w = measure(b, value, size, bold) + 6;
        b.ctx.fillStyle = b.colors['host-wash'];
        b.ctx.fillRect(mid - w / 2, cy - size / 2 - 1, w, size + 2);
      }
      text(b, value, mid, cy, { size, bold, align: 'center', color: handed || cls === 'user' ? b.colors.ink : b.colors.ink2 });
    };
    say2(`${slot.bufIdx}`, y + 15, 13, handed);
    say2(`${slot.len}`, y + 30, 11, false);
    say2(flagLetters(slot.flags), y + 42, 11, true);
  }
  for (const run of runs) {
    for (const p of pieces(run, sh.n, sh.columns)) {
      edgeBar(b, run.cls, sh.x + p.column * sh.cell, rowTop(sh, p.row), p.length * sh.cell, sh.cellHeight, 4);
    }
  }
}

/** Names of the runs, beside them where there is room: the program's above, the kernel's below. */
function captions(b: Brush, sh: Shape, ref: RingRef, runs: readonly Run[]): void {
  if (sh.rows > 1) return;
  const names = namesOf(ref),
    short = shortNames(ref),
    top = rowTop(sh, 0);
  for (const run of runs) {
    const long = pieces(run, sh.n, sh.columns).reduce((a, p) => (p.length > a.length ? p : a));
    const x = sh.x + long.column * sh.cell,
      w = long.length * sh.cell;
    const above = run.cls === 'user';
    const full = above ? `${names.user} ${run.length}` : names[run.cls];
    const words = [full, run.cls === 'kept' ? say.ring.kept : short[run.cls]].find((t) => measure(b, t, 12, false, false) <= w - 8);
    if (!words) continue;
    const color = above ? b.user : run.cls === 'kept' ? b.colors.ink2 : b.colors.host;
    text(b, words, x + w / 2, above ? top - 25 : top + sh.cellHeight + 12, { mono: false, align: 'center', color });
  }
}

function handRow(b: Brush, sh: Shape, hands: readonly Hand[], row: number, above: boolean): void {
  const here = hands
    .filter((h) => Math.floor(h.slot / sh.columns) === row)
    .map((h) => ({ ...h, x: sh.x + (h.slot % sh.columns) * sh.cell }));
  if (!here.length) return;
  const spare = sh.narrow ? 0 : 64;
  const placed: Placed[] = place(here, (t) => Math.ceil(measure(b, t, 12, true)) + 12, sh.x - spare, sh.x + sh.width + spare);
  const top = rowTop(sh, row),
    color = above ? b.user : b.colors.host,
    caption = sh.rows > 1 ? 0 : 18;
  for (const h of placed) {
    const near = above ? top - 18 - caption - h.level * LEVEL : top + sh.cellHeight + 4 + caption + h.level * LEVEL;
    const x = h.left ? h.x - h.width + 1 : h.x - 1;
    line(
      b,
      [
        [h.x, above ? near - LABEL / 2 : near + LABEL / 2],
        [h.x, above ? top : top + sh.cellHeight],
      ],
      color,
      2,
    );
    label(b, h.text, x, above ? near - LABEL : near, h.width, LABEL, color);
  }
}

export function paintStrip(b: Brush, sh: Shape, ref: RingRef, s: RingSample, runs: readonly Run[]): void {
  fill(b, sh, runs);
  cells(b, sh, s, runs);
  captions(b, sh, ref, runs);
  const user = userHands(s),
    kernel = kernelHands(s);
  for (let row = 0; row < sh.rows; row++) {
    handRow(b, sh, user, row, true);
    handRow(b, sh, kernel, row, false);
  }
  if (sh.narrow || sh.rows > 1) return;
  const top = rowTop(sh, 0),
    left = { size: 11, color: b.colors.ink2 };
  text(b, say.ring.slot, 0, top - 9, left);
  text(b, say.ring.buf, 0, top + 15, left);
  text(b, say.ring.len, 0, top + 30, left);
  text(b, say.ring.flags, 0, top + 42, left);
}

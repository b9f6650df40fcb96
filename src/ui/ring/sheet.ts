// A big ring: every slot as a cell of a sheet in memory order, hands as carets with labels in the gutters, and a lens of 16 slots.
import type { RingRef, RingSample } from '../../lab/protocol';
import { say } from '../words';
import { type Brush, edgeBar, fillOwned, label, line, measure, text, thin } from './brush';
import { gutterLabels } from './gutter';
import { type Hand, kernelHands, userHands } from './hands';
import { ownerOf, pieces, type Run } from './ownership';
import { LABEL, type Shape } from './shape';

function cells(b: Brush, sh: Shape, runs: readonly Run[]): void {
  const { ctx } = b,
    height = sh.rows * sh.cellHeight;
  ctx.fillStyle = b.colors.surface;
  ctx.fillRect(sh.x, sh.top, sh.width, height);
  for (const run of runs) {
    for (const p of pieces(run, sh.n, sh.columns)) {
      fillOwned(b, run.cls, sh.x + p.column * sh.cell, sh.top + p.row * sh.cellHeight, p.length * sh.cell, sh.cellHeight, 'strong');
    }
  }
  ctx.strokeStyle = b.colors.surface;
  ctx.globalAlpha = 0.4;
  ctx.lineWidth = thin(b);
  ctx.beginPath();
  for (let c = 1; c < sh.columns; c++) {
    ctx.moveTo(sh.x + c * sh.cell + 0.5, sh.top);
    ctx.lineTo(sh.x + c * sh.cell + 0.5, sh.top + height);
  }
  for (let r = 1; r < sh.rows; r++) {
    ctx.moveTo(sh.x, sh.top + r * sh.cellHeight + 0.5);
    ctx.lineTo(sh.x + sh.width, sh.top + r * sh.cellHeight + 0.5);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = b.colors.edge;
  ctx.strokeRect(sh.x + 0.5, sh.top + 0.5, sh.width - 1, height - 1);
  const kept = runs.find((r) => r.cls === 'kept');
  if (kept) {
    const x = sh.x + (kept.from % sh.columns) * sh.cell,
      y = sh.top + Math.floor(kept.from / sh.columns) * sh.cellHeight;
    ctx.setLineDash([2, 2]);
    ctx.strokeRect(x + 0.5, y + 0.5, sh.cell - 1, sh.cellHeight - 1);
    ctx.setLineDash([]);
  }
  if (sh.narrow) return;
  const step = Math.max(1, Math.round(sh.rows / 4));
  for (let r = 0; r < sh.rows; r += step)
    text(b, `${r * sh.columns}`, sh.x + sh.width + 6, sh.top + r * sh.cellHeight + sh.cellHeight / 2, { size: 11, color: b.colors.ink2 });
}

function hands(b: Brush, sh: Shape, list: readonly Hand[], user: boolean): void {
  const { ctx } = b,
    color = user ? b.user : b.colors.host;
  const at = list.map((h) => ({
    ...h,
    x: sh.x + (h.slot % sh.columns) * sh.cell,
    y: sh.top + Math.floor(h.slot / sh.columns) * sh.cellHeight,
  }));
  // A guest hand's triangle hangs from above its row, a host hand's stands below; halos first, so that near hands stay whole.
  const caret = (h: { x: number; y: number }) => {
    const base = user ? h.y - 5 : h.y + sh.cellHeight + 5,
      tip = user ? h.y + 1 : h.y + sh.cellHeight - 1;
    ctx.beginPath();
    ctx.moveTo(h.x, tip);
    ctx.lineTo(h.x - 4, base);
    ctx.lineTo(h.x + 4, base);
    ctx.closePath();
  };
  ctx.lineJoin = 'round';
  for (const h of at) {
    line(
      b,
      [
        [h.x, h.y],
        [h.x, h.y + sh.cellHeight],
      ],
      b.colors.surface,
      5,
    );
    caret(h);
    ctx.stroke();
  }
  for (const h of at) {
    line(
      b,
      [
        [h.x, h.y],
        [h.x, h.y + sh.cellHeight],
      ],
      color,
      2,
    );
    caret(h);
    ctx.fillStyle = color;
    ctx.fill();
  }
  const texts = at.map((h) => `${h.names} ${h.slot}`);
  if (sh.narrow) {
    let x = 0;
    const y = user ? sh.top - LABEL - 8 : sh.top + sh.rows * sh.cellHeight + 8;
    for (const t of texts) {
      const w = Math.ceil(measure(b, t, 11, true)) + 8;
      label(b, t, x, y, w, LABEL, color, 11);
      x += w + 4;
    }
    return;
  }
  gutterLabels(
    b,
    sh,
    at.map((h) => ({ names: h.names, slot: h.slot, row: h.y + sh.cellHeight / 2 })),
    user,
  );
}

function lens(b: Brush, sh: Shape, s: RingSample, runs: readonly Run[]): void {
  const { ctx } = b,
    w = sh.lensCell,
    y = sh.lens,
    cell = 46;
  const shown = s.slots.slice(0, sh.lensCells);
  const row = Math.floor(s.first / sh.columns),
    x0 = sh.x + (s.first % sh.columns) * sh.cell;
  ctx.strokeStyle = b.colors.ink;
  ctx.lineWidth = 2;
  for (const p of pieces({ cls: 'user', from: s.first, length: shown.length }, s.n, sh.columns)) {
    ctx.strokeRect(sh.x + p.column * sh.cell, sh.top + p.row * sh.cellHeight, p.length * sh.cell, sh.cellHeight);
  }
  if (!sh.narrow) {
    const bottom = sh.top + sh.rows * sh.cellHeight;
    line(
      b,
      [
        [x0, Math.min(bottom, sh.top + (row + 1) * sh.cellHeight)],
        [x0, bottom + 4],
        [sh.x, y - 4],
      ],
      b.colors.edge,
      1,
    );
  }
  shown.forEach((slot, i) => {
    const index = (s.first + i) % s.n,
      x = sh.x + i * w,
      cls = ownerOf(runs, index, s.n);
    if (cls) fillOwned(b, cls, x, y, w, cell, 'plain');
    ctx.strokeStyle = b.colors.edge;
    ctx.lineWidth = thin(b);
    ctx.setLineDash(cls === 'kept' ? [4, 3] : []);
    ctx.strokeRect(x + 0.5, y + 0.5, w - 1, cell - 1);
    ctx.setLineDash([]);
    if (cls) edgeBar(b, cls, x, y, w, cell, 4);
    const clear = (t: string, cy: number, size: number) => {
      const tw = measure(b, t, size) + 4;
      if (cls && cls !== 'user' && cls !== 'kept') {
        ctx.fillStyle = b.colors['host-wash'];
        ctx.fillRect(x + w / 2 - tw / 2, cy - size / 2, tw, size);
      }
      text(b, t, x + w / 2, cy, { size, align: 'center' });
    };
    clear(`${slot.bufIdx}`, y + 16, 12);
    clear(`${slot.len}`, y + 32, 11);
    text(b, `${index}`, x + w / 2, y + cell + 10, { size: 11, align: 'center', color: b.colors.ink2 });
  });
  for (const [list, above] of [
    [userHands(s), true],
    [kernelHands(s), false],
  ] as const) {
    for (const h of list) {
      const i = (h.slot - s.first + s.n) % s.n;
      if (i >= shown.length) continue;
      const x = sh.x + i * w;
      line(
        b,
        above
          ? [
              [x, y - 6],
              [x, y + cell],
            ]
          : [
              [x, y],
              [x, y + cell + 4],
            ],
        above ? b.user : b.colors.host,
        2,
      );
    }
  }
  if (sh.narrow) return;
  const right = sh.x + sh.lensCells * w + 6,
    grey = { size: 11, color: b.colors.ink2 };
  text(b, say.ring.buf, right, y + 16, grey);
  text(b, say.ring.len, right, y + 32, grey);
  text(b, say.ring.slot, right, y + cell + 10, grey);
}

export function paintSheet(b: Brush, sh: Shape, _ref: RingRef, s: RingSample, runs: readonly Run[]): void {
  cells(b, sh, runs);
  hands(b, sh, userHands(s), true);
  hands(b, sh, kernelHands(s), false);
  lens(b, sh, s, runs);
  if (sh.narrow) return;
  text(b, `${say.ring.sheet}, ${sh.columns} ${say.ring.aRow}`, 0, sh.top - 18, { mono: false, size: 11, color: b.colors.ink2 });
  text(b, say.ring.lens, 0, sh.lens + 14, { mono: false, bold: true });
}

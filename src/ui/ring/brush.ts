// How owners are painted on a canvas: fills, hatches that lean toward the receiver, labels of hands. Shared by strip, sheet, lens and bar.
import type { RingRef } from '../../lab/protocol';
import type { Pen } from '../picture/pen';
import type { Palette } from '../theme';
import type { Owning } from './ownership';

export interface Brush {
  ctx: Pen;
  colors: Palette;
  /** Colour of the program that holds the ring, and the two strengths of its slots. */
  user: string;
  userSoft: string;
  userFull: string;
  falling: CanvasPattern | string;
  rising: CanvasPattern | string;
}

/** Lines of cells: 1, or 2 for who asked for more contrast. */
export const thin = (b: Brush): number => Number.parseFloat(b.colors.line) || 1;

export type Weight = 'plain' | 'strong';

const HATCH = 6;

function hatch(ctx: Pen, color: string, rising: boolean): CanvasPattern | string {
  if (ctx.hatch) return ctx.hatch(color, rising, HATCH);
  const size = HATCH,
    scale = devicePixelRatio || 1,
    tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(size * scale);
  const c = tile.getContext('2d');
  if (!c) return 'transparent';
  const w = tile.width;
  c.strokeStyle = color;
  c.globalAlpha = 0.5;
  c.lineWidth = scale;
  c.beginPath();
  for (const k of [-1, 0, 1]) {
    if (rising) {
      c.moveTo(k * w - 1, w + 1);
      c.lineTo((k + 1) * w + 1, -1);
    } else {
      c.moveTo(k * w - 1, -1);
      c.lineTo((k + 1) * w + 1, w + 1);
    }
  }
  c.stroke();
  const pattern = ctx.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(size / w));
  return pattern ?? 'transparent';
}

export function makeBrush(ctx: Pen, colors: Palette, ref: RingRef): Brush {
  const guest = ref.user === 'guest';
  return {
    ctx,
    colors,
    user: guest ? colors.guest : colors.host,
    userSoft: guest ? colors['guest-wash'] : colors['host-mid'],
    userFull: guest ? colors['guest-cell'] : colors['host-mid'],
    falling: hatch(ctx, colors.host, false),
    rising: hatch(ctx, colors.host, true),
  };
}

/** Fills a rectangle as its class; `strong` is the fuller tone of sheet and bar. */
export function fillOwned(b: Brush, cls: Owning, x: number, y: number, w: number, h: number, weight: Weight): void {
  const { ctx, colors } = b;
  const kernel = weight === 'strong' ? colors['host-cell'] : colors['host-wash'];
  ctx.fillStyle = cls === 'user' ? (weight === 'strong' ? b.userFull : b.userSoft) : cls === 'kept' ? colors.bg : kernel;
  ctx.fillRect(x, y, w, h);
  const lines = cls === 'handed' || cls === 'sending' ? b.falling : cls === 'done' ? b.rising : null;
  if (lines) {
    ctx.fillStyle = lines;
    ctx.fillRect(x, y, w, h);
  }
}

/** The bar on the owner's edge: top is the program's, bottom the host kernel's. */
export function edgeBar(b: Brush, cls: Owning, x: number, y: number, w: number, h: number, thick: number): void {
  if (cls === 'kept') return;
  b.ctx.fillStyle = cls === 'user' ? b.user : b.colors.host;
  b.ctx.fillRect(x, cls === 'user' ? y : y + h - thick, w, thick);
}

export function text(
  b: Brush,
  value: string,
  x: number,
  y: number,
  { color = b.colors.ink, size = 12, bold = false, mono = true, align = 'left' as CanvasTextAlign } = {},
): void {
  const { ctx } = b;
  ctx.font = `${bold ? 600 : 400} ${size}px ${mono ? b.colors.mono : b.colors.sans}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = color;
  ctx.fillText(value, x, y);
}

export function measure(b: Brush, value: string, size = 12, bold = false, mono = true): number {
  b.ctx.font = `${bold ? 600 : 400} ${size}px ${mono ? b.colors.mono : b.colors.sans}`;
  return b.ctx.measureText(value).width;
}

/** A hand's label: paper on its owner's colour. */
export function label(b: Brush, value: string, x: number, y: number, w: number, h: number, color: string, size = 12): void {
  const { ctx } = b;
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, 2);
  ctx.fill();
  text(b, value, x + w / 2, y + h / 2 + 0.5, { color: b.colors.surface, bold: true, align: 'center', size });
}

export function line(b: Brush, points: readonly (readonly [number, number])[], color: string, width: number, dash: number[] = []): void {
  const { ctx } = b;
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  points.forEach(([x, y], i) => {
    if (i) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
  });
  ctx.stroke();
  ctx.setLineDash([]);
}

// Points of the picture and what stands there: the edge before a slot, the slot or the hand under a point. Pure.
import type { RingSample } from '../../lab/protocol';
import type { Movable } from './legal';
import type { Shape } from './shape';

export interface Point {
  x: number;
  y: number;
}

/** The upper end of the edge before a slot; of slot n or beyond, nothing. */
export function edgeOf(sh: Shape, slot: number): Point | undefined {
  if (slot < 0 || slot >= sh.n) return undefined;
  return { x: sh.x + (slot % sh.columns) * sh.cell, y: Math.floor(slot / sh.columns) * sh.rowHeight + sh.top };
}

/** The slot whose cell is under a point of strip, sheet or lens; -1: none. */
export function slotAt(sh: Shape, { x, y }: Point, first: number): number {
  const inLens = sh.kind === 'sheet' && y >= sh.lens && y < sh.lens + sh.lensCell;
  if (inLens) {
    const i = Math.floor((x - sh.x) / sh.lensCell);
    return i >= 0 && i < sh.lensCells ? (first + i) % sh.n : -1;
  }
  const row = Math.floor((sh.kind === 'strip' ? y : y - sh.top) / sh.rowHeight),
    column = Math.floor((x - sh.x) / sh.cell),
    down = y - row * sh.rowHeight - sh.top;
  if (row < 0 || row >= sh.rows || column < 0 || column >= sh.columns || down < 0 || down >= sh.cellHeight) return -1;
  const slot = row * sh.columns + column;
  return slot < sh.n ? slot : -1;
}

/** The slot before whose edge a dragged hand would stand: the nearest edge of the nearest row. */
export function edgeAt(sh: Shape, { x, y }: Point): number {
  const row = Math.max(0, Math.min(sh.rows - 1, Math.floor((sh.kind === 'strip' ? y : y - sh.top) / sh.rowHeight))),
    column = Math.max(0, Math.min(sh.columns - 1, Math.round((x - sh.x) / sh.cell)));
  return Math.min(sh.n - 1, row * sh.columns + column);
}

/** The movable hand under a point; where head and cur stand together it is cur, which may go on. */
export function handAt(sh: Shape, { x, y }: Point, s: RingSample, reach: number): Movable | undefined {
  const above = sh.kind === 'strip' ? sh.top : 8;
  for (const hand of ['cur', 'head'] as const) {
    const at = edgeOf(sh, s[hand]);
    if (at && Math.abs(x - at.x) <= reach && y >= at.y - above && y <= at.y + Math.min(14, sh.cellHeight)) return hand;
  }
  return undefined;
}

// Where columns and lanes lie in a picture of a width and a height. What does not fit is left out in a fixed order: second text
// lines, buffer tiles, lane headers, the ring that is not in use. Pure.
import type { Box } from './scene';

export interface Frame {
  /** left margin of the guest's column, and so on */
  guest: { x: number; w: number };
  slab: { x: number; w: number };
  host: { x: number; w: number };
  gap: number;
  narrow: boolean;
  /** Two rings, lane headers, buffers, second lines. */
  both: boolean;
  headers: boolean;
  tiles: boolean;
  second: boolean;
  signals: Box;
  indices: Box;
  memory: Box;
  bhyve: Box;
  /** Where each lane's header and the columns' stand, when there are headers. */
  top: number;
  bottom: number;
}

const NARROW = 560,
  WIDEST = 1360;

/** The columns: 84, 146 and 96 of 358 on a phone; a fifth, the rest and a fifth on a desk. */
export function columns(width: number): Pick<Frame, 'guest' | 'slab' | 'host' | 'gap' | 'narrow'> {
  const narrow = width < NARROW,
    margin = narrow ? 8 : 24,
    inner = Math.min(width - 2 * margin, WIDEST),
    left = Math.floor((width - inner) / 2);
  const side = narrow ? Math.floor(inner * 0.24) : Math.min(250, Math.floor(inner * 0.212)),
    right = narrow ? Math.floor(inner * 0.275) : side,
    gap = narrow ? Math.max(12, Math.floor(inner * 0.045)) : inner >= 960 ? 48 : 32;
  const x = left + side + gap,
    w = inner - side - right - 2 * gap;
  return { guest: { x: left, w: side }, slab: { x, w }, host: { x: x + w + gap, w: right }, gap, narrow };
}

export interface Wanted {
  /** The picture has a second ring, of either direction or of the pipe's other end. */
  rings: number;
  copying: boolean;
}

const LANE_HEAD = 20,
  COLUMN_HEAD = 24,
  GAP = 14,
  HEADED_GAP = 32,
  RING = 34,
  UNDER = 10;

/** A band from `top` on, at most `room` high where that is possible at all. */
export function frame(width: number, top: number, room: number, wanted: Wanted): Frame {
  const c = columns(width),
    signals = c.narrow ? 56 : 44,
    indices = wanted.copying ? 84 : 66,
    slab = c.narrow ? 110 : 68,
    under = wanted.copying ? 46 : 26;
  let left = room - (10 + signals + indices + slab + under + 2 * GAP + UNDER + 4);
  // before bhyve is cut off, the lanes move together
  const tight = left < 0 && !c.narrow;
  const take = (h: number): boolean => {
    if (left < h) return false;
    left -= h;
    return true;
  };
  const more = Math.max(0, wanted.rings - 1) * RING,
    roomy = !c.narrow && take(16),
    both = wanted.rings > 1 && (c.narrow || take(more)),
    headers = take(COLUMN_HEAD + (c.narrow ? 0 : LANE_HEAD + 2 * (HEADED_GAP - GAP))),
    tiles = headers && !wanted.copying && take(26),
    second = headers && (tiles || wanted.copying) && take(76);
  const headed = headers && !c.narrow,
    gap = headed ? HEADED_GAP : tight ? 8 : GAP;
  let y = top + (headers ? COLUMN_HEAD + (headed ? 0 : 6) : 10) + (headed ? LANE_HEAD : 0);
  const row = (h: number, below: number): Box => {
    const b = { x: c.slab.x, y, w: c.slab.w, h };
    y += h + below;
    return b;
  };
  const s = row(signals + (second ? 20 : 0), gap),
    i = row(indices + (second ? 30 : 0), gap),
    m = row(
      slab + (roomy ? 16 : 0) + (both && !c.narrow ? more : 0) + (tiles ? 26 : 0) + (second ? 10 : 0),
      (tight ? 6 : UNDER) + (wanted.copying ? 8 : 0),
    ),
    b = row(under + (second ? 12 : 0), 0);
  return { ...c, both, headers, tiles, second, signals: s, indices: i, memory: m, bhyve: b, top, bottom: b.y + b.h + 4 };
}

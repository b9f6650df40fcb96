// The measures of a ring's picture for a given width: one row, wrapped rows, or a sheet with a lens. Pure.

export interface Shape {
  kind: 'strip' | 'sheet';
  n: number;
  columns: number;
  rows: number;
  /** Left edge and width of the strip, and one cell's size. */
  x: number;
  width: number;
  cell: number;
  cellHeight: number;
  /** Distance of row starts, and of the first row's cells from the top. */
  rowHeight: number;
  top: number;
  /** Top of the queue bar and of the lens (sheet only). */
  bar: number;
  lens: number;
  lensCells: number;
  lensCell: number;
  total: number;
  height: number;
  /** Room for labels outside the strip. */
  gutterLeft: number;
  gutterRight: number;
  narrow: boolean;
}

export const BAR = 24;
export const LABEL = 20;
export const LEVEL = 22;
const CELL = 52;

function strip(n: number, total: number, narrow: boolean): Shape {
  const gutterLeft = narrow ? 0 : 72,
    gutterRight = narrow ? 0 : 66;
  const room = total - gutterLeft - gutterRight;
  const least = n <= 4 ? 72 : 40;
  const columns = room / n >= Math.min(least, 40) ? n : room / 16 >= 40 && n > 16 ? 16 : Math.min(n, 8);
  const rows = Math.ceil(n / columns);
  const cell = Math.min(96, Math.floor(room / columns));
  // near hands stand on two levels: between two rows there is room for those of both sides
  const spare = rows > 1 ? LEVEL : 0,
    above = rows > 1 ? 42 : 78,
    below = rows > 1 ? 26 : 64;
  const rowHeight = above + CELL + below + 2 * spare;
  const top = above + spare;
  const end = (rows - 1) * rowHeight + top + CELL + below + spare;
  return {
    kind: 'strip',
    n,
    columns,
    rows,
    x: gutterLeft,
    width: cell * columns,
    cell,
    cellHeight: CELL,
    rowHeight,
    top,
    bar: end + 8,
    lens: 0,
    lensCells: 0,
    lensCell: 0,
    total,
    height: end + 8 + BAR + 40,
    gutterLeft,
    gutterRight,
    narrow,
  };
}

/** Height of a sheet's parts besides its rows: bar, gaps, lens; of its hands as controls and its two addresses below it. */
const AROUND = 151;
const ADDRESSES = 24 + 32;
const LENS_LEAST = 36;

function sheet(n: number, total: number, narrow: boolean, tall: number): Shape {
  const gutterLeft = narrow ? 0 : 124,
    gutterRight = narrow ? 0 : 172;
  const room = total - gutterLeft - gutterRight;
  const columns = n >= 2048 && room >= 768 ? 128 : room >= 512 ? 64 : 32;
  const rows = Math.ceil(n / columns);
  const cell = columns === 128 ? 6 : Math.min(14, Math.floor(room / columns));
  const width = cell * columns;
  // where the stage is short the rows are lower, so that the lens is seen and no line of text is cut
  const cellHeight = narrow ? cell : Math.max(Math.min(3, cell), Math.min(cell, Math.floor((tall - AROUND - ADDRESSES) / rows)));
  // what is left of the room is air under the head line
  const bar = 2 + (narrow ? 0 : Math.max(0, Math.min(8, tall - AROUND - ADDRESSES - rows * cellHeight)));
  const top = bar + BAR + 33 + (narrow ? 30 : 6);
  // a cell holds a number of four figures
  const lensCells = width < 16 * LENS_LEAST ? 8 : 16;
  const lens = top + rows * cellHeight + (narrow ? 46 : 20);
  return {
    kind: 'sheet',
    n,
    columns,
    rows,
    x: gutterLeft,
    width,
    cell,
    cellHeight,
    rowHeight: cellHeight,
    top,
    bar,
    lens,
    lensCells,
    lensCell: Math.min(48, Math.floor(width / lensCells)),
    total,
    height: lens + 48 + 18,
    gutterLeft,
    gutterRight,
    narrow,
  };
}

/** For a width and, of a big ring, the height that there is. */
export function shapeOf(n: number, total: number, tall = Number.POSITIVE_INFINITY): Shape {
  const narrow = total < 600;
  return n <= 64 ? strip(n, total, narrow) : sheet(n, total, narrow, tall);
}

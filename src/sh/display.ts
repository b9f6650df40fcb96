// The screen of a line editor: where each character of a wrapped text is, and the bytes that turn one picture into the next.
// Mirrors the part of editline's refresh.c; needs nothing of the terminal but CR, LF, BS, CUU, CUD, CUF, CUB, ED and wrapping.

import { charWidth, textWidth } from './width.ts';

/** What is on the screen: a text that starts in column 0, and where in it the cursor is. */
export interface View {
  text: string;
  cursor: number;
}
interface Spot {
  row: number;
  col: number;
}

const ESC = '\x1b';
/** An escape sequence of a prompt: CSI (colours), OSC (a title), or two characters. */
const ESCAPE = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${ESC}\u0007]*(?:\u0007|${ESC}\\\\)|[^[\\]])`, 'y');

/** The character or escape sequence at `i`, and the cells that it takes. */
function cellAt(text: string, i: number): { length: number; width: number } {
  ESCAPE.lastIndex = i;
  const sequence = text[i] === ESC ? ESCAPE.exec(text)?.[0] : undefined;
  if (sequence !== undefined) return { length: sequence.length, width: 0 };
  const char = String.fromCodePoint(text.codePointAt(i) ?? 0);
  return { length: char.length, width: charWidth(char) };
}

/** Where the terminal's cursor is after `end` units of a text; right after the last column means the next row. */
function spot(text: string, end: number, cols: number): Spot {
  let row = 0;
  let col = 0;
  for (let i = 0; i < end; ) {
    const { length, width } = cellAt(text, i);
    if (text[i] === '\n') {
      row += col >= cols ? 2 : 1;
      col = 0;
    } else if (col + width > cols) {
      row++;
      col = width;
    } else col += width;
    i += length;
  }
  return col >= cols ? { row: row + 1, col: 0 } : { row, col };
}

/** True when text[…i] ends exactly at the right edge: the terminal still waits with the wrap that spot() counts. */
function full(text: string, i: number, cols: number): boolean {
  const { row, col } = spot(text, i, cols);
  return col === 0 && row > 0 && text[i - 1] !== '\n';
}

function move(from: Spot, to: Spot): string {
  const rows = to.row - from.row;
  const vertical = rows < 0 ? `\x1b[${-rows}A` : rows > 0 ? `\x1b[${rows}B` : '';
  if (to.col === from.col) return vertical;
  if (to.col === 0) return `${vertical}\r`;
  const cols = to.col - from.col;
  return vertical + (cols === -1 ? '\b' : cols < 0 ? `\x1b[${-cols}D` : `\x1b[${cols}C`);
}

/** Prints text[from…] and leaves the cursor where spot() says. */
function print(text: string, from: number, cols: number): string {
  let out = '';
  for (let at = from; ; at++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    out += text.slice(at, end);
    // A space that CR takes back makes the terminal wrap now, and as a wrap: copied, the line is still one.
    if (end > at && full(text, end, cols)) out += ' \r';
    if (newline < 0) return out;
    out += '\r\n';
    at = end;
  }
}

/** False inside a pair, and at a mark that combines with its neighbour. */
function startsCell(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  if (i >= text.length || unit === 0x0a) return true;
  return !(unit >= 0xdc00 && unit < 0xe000) && cellAt(text, i).width > 0;
}

/** Where the last cell before `end` begins: the marks after it combine with it. */
function lastCell(text: string, end: number): number {
  let last = 0;
  for (let i = 0; i < end; ) {
    const { length, width } = cellAt(text, i);
    if (width > 0 || text[i] === '\n') last = i;
    i += length;
  }
  return last;
}

/** The bytes that turn one picture into another. */
export function redraw(old: View, now: View, cols: number): string {
  const at = (v: View, i: number) => spot(v.text, i, cols);
  if (old.text === now.text) return move(at(old, old.cursor), at(now, now.cursor));
  let same = 0;
  while (same < old.text.length && same < now.text.length && old.text[same] === now.text[same]) same++;
  if (!startsCell(old.text, same) || !startsCell(now.text, same)) same = lastCell(now.text, same);
  const clear = same < old.text.length ? '\x1b[J' : '';
  const end = at(now, now.text.length);
  return move(at(old, old.cursor), at(now, same)) + clear + print(now.text, same, cols) + move(end, at(now, now.cursor));
}

/** Draws everything, from the start of a row. */
export const draw = (v: View, cols: number): string =>
  print(v.text, 0, cols) + move(spot(v.text, v.text.length, cols), spot(v.text, v.cursor, cols));

/** Leaves the cursor after the text. */
export const toEnd = (v: View, cols: number): string => move(spot(v.text, v.cursor, cols), spot(v.text, v.text.length, cols));

/** Leaves the cursor at the start of the row below the text. */
export const toNextRow = (v: View, cols: number): string => toEnd(v, cols) + (full(v.text, v.text.length, cols) ? '' : '\r\n');

/** Leaves the cursor where the text began, when the terminal has that many columns, and nothing below. */
export function erase(v: View, cols: number): string {
  const { row } = spot(v.text, v.cursor, cols);
  return `${row > 0 ? `\x1b[${row}A` : ''}\r\x1b[J`;
}

export const commonPrefix = (words: readonly string[]) =>
  words.reduce((p, w) => {
    let n = 0;
    while (n < p.length && p[n] === w[n]) n++;
    return p.slice(0, n);
  });

/** Candidates in columns, down and then right, as ls has them; without the directory that all have in common. */
export function columns(candidates: readonly string[], cols: number): string[] {
  const shared = candidates.length > 0 ? commonPrefix(candidates) : '';
  const dir = shared.lastIndexOf('/') + 1;
  const names = candidates.map((c) => (c.length > dir ? c.slice(dir) : c));
  const width = Math.max(0, ...names.map(textWidth)) + 2;
  const across = Math.max(1, Math.floor((cols + 1) / width));
  const rows = Math.ceil(names.length / across);
  return Array.from({ length: rows }, (_, row) => {
    let out = '';
    for (let i = row; i < names.length; i += rows) {
      const name = names[i] ?? '';
      const pad = i + rows < names.length ? width - textWidth(name) : 0;
      out += name + ' '.repeat(pad);
    }
    return out;
  });
}

// A terminal's picture, for tests of what draws on it: the few sequences that display.ts sends, and nothing forgiven.
// Mirrors xterm where it matters: a wrap waits at the right edge. Never part of the machine's state.

import { charWidth } from './width.ts';

/** Rows without end, and so without scrolling. */
export class Vt {
  cells: string[][] = [[]];
  row = 0;
  col = 0;
  waits = false;
  bells = 0;
  constructor(public cols: number) {}

  private at(row: number) {
    while (this.cells.length <= row) this.cells.push([]);
    return this.cells[row] ?? [];
  }
  write(data: string) {
    for (let i = 0; i < data.length; ) {
      const csi = data[i] === '\x1b' ? /^.\[(\d*)([A-DJKHm])/.exec(data.slice(i, i + 12)) : null;
      if (csi) {
        i += csi[0].length;
        this.control(csi[2] ?? '', Number(csi[1] || (csi[2] === 'J' ? 0 : 1)));
        continue;
      }
      const c = String.fromCodePoint(data.codePointAt(i) ?? 0);
      i += c.length;
      if (c === '\x1b') throw new Error(`unknown sequence ${JSON.stringify(data.slice(i, i + 8))}`);
      else if (c === '\r') [this.col, this.waits] = [0, false];
      else if (c === '\n') [this.row, this.waits] = [this.row + 1, false];
      else if (c === '\b') [this.col, this.waits] = [Math.max(0, this.col - 1), false];
      else if (c === '\x07') this.bells++;
      else this.put(c);
    }
    this.at(this.row);
  }
  private control(final: string, n: number) {
    this.waits = false;
    if (final === 'A') this.row -= n;
    if (final === 'B') this.row += n;
    if (final === 'C') this.col += n;
    if (final === 'D') this.col -= n;
    if (final === 'H') [this.row, this.col] = [0, 0];
    if (final === 'J' && n === 0) {
      this.at(this.row).length = Math.min(this.at(this.row).length, this.col);
      this.cells.length = this.row + 1;
    }
    if (final === 'J' && n === 2) this.cells = [];
    if (this.row < 0 || this.row > this.cells.length || this.col < 0 || this.col >= this.cols)
      throw new Error(`out of the picture: ${final}`);
  }
  private put(c: string) {
    const w = charWidth(c);
    if (w === 0) {
      const line = this.at(this.row);
      const back = this.waits ? this.col : this.col - 1;
      const cell = line[back] === '' ? back - 1 : back;
      if (cell >= 0) line[cell] = (line[cell] ?? ' ') + c;
      return;
    }
    if (this.waits || this.col + w > this.cols) [this.row, this.col, this.waits] = [this.row + 1, 0, false];
    const line = this.at(this.row);
    while (line.length < this.col) line.push(' ');
    line[this.col] = c;
    if (w === 2) line[this.col + 1] = '';
    this.col += w;
    if (this.col === this.cols) [this.col, this.waits] = [this.cols - 1, true];
  }
  lines() {
    const lines = this.cells.map((l) => l.join('').trimEnd());
    while (lines.length > 1 && lines.at(-1) === '') lines.pop();
    return lines;
  }
}

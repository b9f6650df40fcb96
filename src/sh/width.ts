// How many cells a character takes on the terminal. Mirrors wcwidth as xterm.js has it by default (Unicode 6, so an
// emoji is one cell; scripts newer than that may be off): the editor counts what the terminal will draw.

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3040, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];
const COMBINING = /^[\p{Mn}\p{Me}\u1160-\u11ff\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffb]$/u;

/** Cells of one code point: 0, 1 or 2. */
export function charWidth(char: string): 0 | 1 | 2 {
  const cp = char.codePointAt(0) ?? 0;
  if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) return 0;
  if (cp < 0x300) return 1;
  if (COMBINING.test(char)) return 0;
  return WIDE.some(([low, high]) => cp >= low && cp <= high) ? 2 : 1;
}

/** Cells of a text without control characters. */
export const textWidth = (text: string) => Array.from(text).reduce((n, c) => n + charWidth(c), 0);

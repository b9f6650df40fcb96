// Steps over the characters and words of a line. Mirrors c__prev_word and c__next_word of editline, with its idea of a word.

import { charWidth } from './width.ts';

/** editline's idea of a word. */
const isWordChar = (c: string) => /[\p{L}\p{M}\p{N}*?_\-.[\]~=]/u.test(c);

export const charBefore = (text: string, i: number) => {
  const pair = i >= 2 && /[\udc00-\udfff]/.test(text[i - 1] ?? '') && /[\ud800-\udbff]/.test(text[i - 2] ?? '');
  return i <= 0 ? '' : text.slice(i - (pair ? 2 : 1), i);
};
const charAfter = (text: string, i: number) => (i < text.length ? String.fromCodePoint(text.codePointAt(i) ?? 0) : '');

/** One step over a character and the marks that combine with it. */
export function left(text: string, i: number): number {
  let j = i;
  for (let c = charBefore(text, j); c !== ''; c = charBefore(text, j)) {
    j -= c.length;
    if (charWidth(c) > 0) break;
  }
  return j;
}
export function right(text: string, i: number): number {
  let j = i + charAfter(text, i).length;
  for (let c = charAfter(text, j); c !== '' && charWidth(c) === 0; c = charAfter(text, j)) j += c.length;
  return j;
}

export function wordLeft(text: string, i: number): number {
  let j = i;
  const go = (word: boolean) => {
    for (let c = charBefore(text, j); c !== '' && isWordChar(c) === word; c = charBefore(text, j)) j -= c.length;
  };
  go(false);
  go(true);
  return j;
}
export function wordRight(text: string, i: number): number {
  let j = i;
  const go = (word: boolean) => {
    for (let c = charAfter(text, j); c !== '' && isWordChar(c) === word; c = charAfter(text, j)) j += c.length;
  };
  go(false);
  go(true);
  return j;
}

/** What may stand in the line: control characters and broken pairs may not, a tab becomes a space. */
export const printable = (text: string) => text.replace(/[\t\n]/g, ' ').replace(/[\p{Cc}\p{Cs}]/gu, '');

// The renderer: widths, marks, cut lines and tables, and every page at every width of a terminal.

import { expect, test } from 'vitest';
import { textWidth } from '../../sh/width.ts';
import type { Page, Section } from './page.ts';
import { PAGES } from './pages.ts';
import { render } from './render.ts';

const of = (...body: Section[]): Page => ({ name: 'x', section: 1, about: 'a test', body, see: [] });
const bodyOf = (p: Page, width: number, sgr = false) => {
  const lines = render(p, width, sgr);
  return lines.slice(lines.indexOf('D') + 1, -2);
};
const BOLD = '\x1b[1m',
  OFF = '\x1b[m';
const bare = (s: string) => ['\x1b[4m', BOLD, OFF].reduce((t, x) => t.replaceAll(x, ''), s);

test('no line of any page is wider than the terminal, from 40 to 120', () => {
  for (let width = 40; width <= 120; width++)
    for (const p of PAGES)
      for (const line of render(p, width, true)) {
        if (textWidth(bare(line)) > width) expect.fail(`${p.name}(${p.section}) at ${width}: ${line}`);
        if (line !== line.trimEnd()) expect.fail(`${p.name}(${p.section}) at ${width} ends in a space: ${line}`);
      }
});

test('what is said does not depend on the width', () => {
  // words of paragraphs, in order; a command is cut with a backslash, a table may become a list
  const p = of(['D', 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen']);
  for (let width = 40; width <= 120; width++) expect(bodyOf(p, width).join(' ').split(/\s+/).filter(Boolean)).toHaveLength(16);
});

test('a page begins with its name, and says where it is from', () => {
  const lines = render(of(['D', 'text']), 60, false);
  expect(lines[0]).toMatch(/^X\(1\) .* X\(1\)$/);
  expect(lines.slice(1, 4)).toEqual(['', 'NAME', '     x - a test']);
  expect(lines.at(-1)).toMatch(/^Ringside .*X\(1\)$/);
});

test('bold and underline are SGR on a terminal and nothing elsewhere', () => {
  const p = of(['D', 'type `ls -l` ~file~ here']);
  expect(bodyOf(p, 60)).toEqual(['     type ls -l file here']);
  const lines = render(p, 60, true);
  expect(lines).toContain('     type \x1b[1mls -l\x1b[m \x1b[4mfile\x1b[m here');
  expect(lines).toContain('\x1b[1mNAME\x1b[m');
  for (const l of lines) expect((l.match(/\[[14]m/g) ?? []).length).toBe((l.match(/\[m/g) ?? []).length);
});

test('a mark that spans lines is closed and opened again at each', () => {
  const p = of(['D', `\`${'word '.repeat(20).trim()}\``]);
  const lines = render(p, 40, true).filter((x) => x.includes('word'));
  expect(lines.length).toBeGreaterThan(1);
  for (const l of lines)
    expect([l.trimStart().startsWith(`${BOLD}word`), l.endsWith(`word${OFF}`), bare(l).length < 41]).toEqual([true, true, true]);
});

test('lists: a short tag stands before its text, a long one above', () => {
  const p = of([
    'D',
    {
      list: [
        ['`-a`', 'All.'],
        ['`--longer-tag`', 'Text.', 'More.'],
      ],
    },
  ]);
  expect(bodyOf(p, 60)).toEqual(['     -a      All.', '     --longer-tag', '             Text.', '', '             More.']);
});

test('commands are cut with a backslash, so that they can be typed as they stand', () => {
  const command = 'bhyve -s 0,hostbridge -s 1,lpc -l com1,stdio -A -H -P -m 2G netmapvm',
    lines = bodyOf(of(['D', { sh: [command] }]), 40);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(0, -1).every((l) => l.endsWith(' \\'))).toBe(true);
  expect(lines.map((l) => l.replace(/\\$/, '').trim()).join(' ')).toBe(command);
});

test('a table that does not fit is a list with the names of its columns', () => {
  const p = of([
    'D',
    {
      table: [
        ['flag', 'value', 'meaning'],
        ['NS_A', '1', 'the first of them all'],
      ],
    },
  ]);
  expect(bodyOf(p, 60)).toEqual(['     flag  value  meaning', '     NS_A  1      the first of them all']);
  const narrow = bodyOf(
    of([
      'D',
      {
        table: [
          ['a name that is long', 'another long one', 'meaning'],
          ['NS_A', '1', 'text text text text text'],
        ],
      },
    ]),
    40,
  );
  expect(narrow.join(' ').replace(/\s+/g, ' ').trim()).toBe('NS_A another long one: 1; meaning: text text text text text');
});

test('a word that is wider than the line is cut', () => {
  expect(bodyOf(of(['D', 'x'.repeat(100)]), 40).map((l) => l.trim().length)).toEqual([38, 38, 24]);
});

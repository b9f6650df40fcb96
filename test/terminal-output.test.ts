// What a program prints does nothing but draw: the filter before the terminal, with a real xterm.js behind it. Each of the sequences
// that a terminal answers or obeys is tried by name; then random streams, cut anywhere.
import { Terminal } from '@xterm/xterm';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pasted, Permitted, webAddress } from '../src/ui/term/permitted.ts';

/** A terminal that says whatever it does besides drawing. */
function watched() {
  const did: string[] = [],
    xterm = new Terminal({ allowProposedApi: true, cols: 80, rows: 24, scrollback: 100 });
  xterm.onData((data) => did.push(`typed ${JSON.stringify(data)}`));
  xterm.onBinary((data) => did.push(`typed bytes ${JSON.stringify(data)}`));
  xterm.onTitleChange((title) => did.push(`title ${title}`));
  for (let n = 0; n < 2000; n++)
    xterm.parser.registerOscHandler(n, () => {
      did.push(`OSC ${n}`);
      return false;
    });
  const write = (data: string) =>
    new Promise<void>((done) => {
      xterm.write(data, done);
    });
  const modes = () => JSON.stringify(xterm.modes);
  const fresh = modes();
  return {
    did,
    write,
    /** What was done, and what was switched, besides drawing. */
    deeds: () => [...did, ...(modes() === fresh ? [] : [modes()]), ...(xterm.buffer.active.type === 'normal' ? [] : ['alternate screen'])],
    line: (y = 0) => xterm.buffer.active.getLine(y)?.translateToString(true) ?? '',
  };
}

const HARMFUL: [string, string][] = [
  ['device attributes', '\x1b[c'],
  ['device attributes, second', '\x1b[>c'],
  ['device attributes, third', '\x1b[=c'],
  ['DECID', '\x1bZ'],
  ['status', '\x1b[5n'],
  ['where the cursor is', '\x1b[6n'],
  ['where the cursor is, DEC', '\x1b[?6n'],
  ['a mode', '\x1b[?2004$p'],
  ['a mode, ANSI', '\x1b[4$p'],
  ['a setting', '\x1bP$qm\x1b\\'],
  ['a termcap entry', '\x1bP+q544e\x1b\\'],
  ['the size of the window', '\x1b[18t'],
  ['the title, sent back', '\x1b[21t'],
  ['the version', '\x1b[>q'],
  ['the answerback', '\x05'],
  ['colours, asked', '\x1b]10;?\x07'],
  ['the palette, asked', '\x1b]4;1;?\x1b\\'],
  ['a title', '\x1b]0;root@hostB\x07'],
  ['a title, 2', '\x1b]2;x\x1b\\'],
  ['the clipboard', '\x1b]52;c;cm0gLXJmIC8K\x07'],
  ['the clipboard, asked', '\x1b]52;c;?\x07'],
  ['a link', '\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07'],
  ['a link to data', '\x1b]8;;data:text/html,x\x1b\\click\x1b]8;;\x1b\\'],
  ['a folder', '\x1b]7;file:///etc\x07'],
  ['colours, set', '\x1b]11;#000000\x07'],
  ['a notification', '\x1b]9;hello\x07'],
  ['an image, sixel', '\x1bPq#0;2;0;0;0~~\x1b\\'],
  ['an image, iTerm', '\x1b]1337;File=inline=1:AAAA\x07'],
  ['an image, kitty', '\x1b_Gf=24;AAAA\x1b\\'],
  ['mouse', '\x1b[?1000h\x1b[?1003h\x1b[?1006h'],
  ['focus', '\x1b[?1004h'],
  ['bracketed paste', '\x1b[?2004h'],
  ['the alternate screen', '\x1b[?1049h'],
  ['application keys', '\x1b[?1h\x1b='],
  ['insert mode', '\x1b[4h'],
  ['reverse screen', '\x1b[?5h'],
  ['no wrap', '\x1b[?7l'],
  ['margins', '\x1b[5;6r'],
  ['reset', '\x1bc'],
  ['soft reset', '\x1b[!p'],
  ['a repeat without end', 'x\x1b[999999999b'],
  ['lines without end', '\x1b[99999999S\x1b[99999999L'],
  ['eight bits', '\x9b6n\x9d0;t\x9c\x90$qm\x9c'],
  ['another character set', '\x1b(0\x0e'],
  ['what scrolled away', '\x1b[3J'],
];

it.each(HARMFUL)('%s is not passed on', async (_name, data) => {
  const p = new Permitted(),
    t = watched();
  const out = p.pass(data);
  expect(out.includes('\x1b'), JSON.stringify(out)).toBe(false);
  await t.write(`${out}${p.pass('after')}`);
  expect(t.deeds()).toEqual([]);
  expect(t.line()).toMatch(/after$/);
});

it('the terminal behind it does obey, or this file tests nothing', async () => {
  const t = watched();
  await t.write('\x1b[c\x1b]0;title\x07\x1b]52;c;AA==\x07\x1b[?1049h\x1b[?2004h');
  expect(t.deeds().join('\n')).toMatch(/typed[\s\S]*OSC 0[\s\S]*OSC 52[\s\S]*bracketedPasteMode":true[\s\S]*alternate screen/);
});

it('what the lab itself writes goes through as it is', () => {
  const p = new Permitted();
  for (const s of [
    'plain, ünï, 日本, 🐡\r\n\ttab\b\x07',
    '\x1b[H\x1b[2J\x1b[J\x1b[K\x1b[12A\x1b[3C\x1b[5;7H\x1b[2P\x1b[@\x1b7\x1b8',
    '\x1b[0;1;4;7m\x1b[m\x1b[38;5;200m\x1b[48;2;1;2;3m\x1b[31;42;97m',
  ])
    expect(p.pass(s)).toBe(s);
});

it('nothing is hidden, and no order is turned', () => {
  const p = new Permitted();
  expect(p.pass('\x1b[8mhidden\x1b[1;8;5mx')).toBe('hidden\x1b[1mx');
  expect(p.pass('\x1b[38;5;8mgrey')).toBe('\x1b[38;5;8mgrey');
  expect(p.pass('rm \u202eeert')).toBe('rm \ufffdeert');
  expect(p.pass('\x1b]0;never ended\r\nthe prompt'), 'a string left open ends with its line').toBe('\r\nthe prompt');
  expect(p.pass(`\x1b]0;${'x'.repeat(5000)}`).length).toBeLessThan(1000);
});

/** Pieces of sequences, so that many are whole and more are broken. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HARMFUL.map(([, d]) => d)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '\x1b',
      '\x1b[',
      '\x1b]',
      '\x1bP',
      '\x1b_',
      '\x07',
      '\x1b\\',
      '\x9b',
      '\x9d',
      '\x18',
      '?',
      '>',
      ';',
      '$',
      'h',
      'n',
      'c',
      'm',
    ),
  },
  { weight: 2, arbitrary: fc.nat(99_999_999).map(String) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 12 }).map((b) => String.fromCharCode(...b)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

it('random streams, cut anywhere, do nothing but draw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 6 }), async (pieces, cuts) => {
      const p = new Permitted(),
        t = watched(),
        all = pieces.join('');
      let at = 0,
        out = '';
      for (const cut of [...cuts.sort((a, b) => a - b), all.length]) {
        out += p.pass(all.slice(at, cut));
        at = Math.max(at, cut);
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what this is about
      expect(out.match(/\x1b(?!\[[\d;]{0,64}[A-HJKPXdfm@]|[78])/), JSON.stringify(out)).toBeNull();
      await t.write(out);
      expect(t.deeds()).toEqual([]);
      // whatever came before, the prompt that follows is seen
      await t.write(`${p.pass('\x18\r\nprompt')}`);
      expect(out.length).toBeLessThanOrEqual(all.length);
    }),
    { numRuns: 150, seed: 7 },
  );
});

it('links lead to the web only, and what is pasted is text', () => {
  expect(webAddress('https://www.freebsd.org/a?b#c')).toBe('https://www.freebsd.org/a?b#c');
  expect(webAddress('https://xn--fiqs8s.example')).toContain('xn--');
  expect(webAddress('https://раypal.com')).toContain('xn--');
  for (const bad of [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://freebsd.org@example.org/',
    'ftp://x',
    '//x',
    '',
  ])
    expect(webAddress(bad), bad).toBeUndefined();
  expect(pasted('ls\n\x1b[200~\x03\x9b6n\tx\x7f')).toBe('ls\n[200~6n\tx');
});

it('the page makes no markup from text', () => {
  const walk = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]));
  const bad =
    /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc|DOMParser|\beval\(|new Function/;
  expect(bad.test('x.innerHTML = y')).toBe(true);
  expect(walk('src/ui').filter((f) => /\.tsx?$/.test(f) && bad.test(readFileSync(f, 'utf8')))).toEqual([]);
});

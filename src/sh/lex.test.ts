// Words, operators and errors of sh, and quote() as the inverse of reading a word.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { type Token, lex, quote } from './lex.ts';
import type { Word } from './word.ts';

fc.configureGlobal({ seed: 1 });

const word = (w: Word) => w.parts.map((p) => (p.t === 'var' ? `\${${p.name}}` : p.t === 'lit' ? p.text : p.t)).join('');
const show = (t: Token): string => {
  switch (t.t) {
    case 'word':
      return word(t.word);
    case 'op':
      return t.op;
    case 'redir':
      return `${t.fd}${t.op}`;
    default:
      return t.t;
  }
};
const tokens = (src: string) => lex(src).tokens.map(show);

const ascii = fc.string({ unit: fc.constantFrom(...'ab$"\'\\{}#~*?[]|&;<>() \t\n=`1!‐é😀'), maxLength: 20 });

describe('lex', () => {
  it.each<[string, string[]]>([
    ['', ['eof']],
    ['echo a  b\tc', ['echo', 'a', 'b', 'c', 'eof']],
    ['a|b||c&d&&e;f;;g', ['a', '|', 'b', '||', 'c', '&', 'd', '&&', 'e', ';', 'f', ';;', 'g', 'eof']],
    ['a<b>c>>d 2>e 2>>f 2>&1', ['a', '0<', 'b', '1>', 'c', '1>>', 'd', '2>', 'e', '2>>', 'f', '2>&', '1', 'eof']],
    ['a2>b', ['a2', '1>', 'b', 'eof']],
    ['12>b', ['12', '1>', 'b', 'eof']],
    ["'2'>b", ['2', '1>', 'b', 'eof']],
    ['(a)\n# note\nb#c', ['(', 'a', ')', 'newline', 'newline', 'b#c', 'eof']],
    ['vale2{1 }x {', ['vale2{1', '}x', '{', 'eof']],
    ['a\'b c\'"d e"\\ f', ['ab cd e f', 'eof']],
    ['\'\' ""', ['', '', 'eof']],
    ['"\\a\\"\\\\\\$\\`"', ['\\a"\\$`', 'eof']],
    ['"a\\\nb"', ['ab', 'eof']],
    ['a \\\n b', ['a', 'b', 'eof']],
    ['a\\\nb', ['ab', 'eof']],
    ['a\\', ['a\\', 'eof']],
    ['$HOME/x $? $! $$ ${A}b $1x "$@" $', ['${HOME}/x', '${?}', '${!}', '${$}', '${A}b', '${1}x', '${@}', '$', 'eof']],
    ["$'a\\n\\x41\\101\\u00e9\\''", ["a\nAAé'", 'eof']],
  ])('%j', (src, expected) => {
    expect(tokens(src)).toEqual(expected);
  });

  it('gives every token its place', () => {
    const src = 'ls -l | wc 2>x';
    expect(lex(src).tokens.map((t) => src.slice(t.at, t.end))).toEqual(['ls', '-l', '|', 'wc', '2>', 'x', '']);
  });

  it.each<[string, string, number, boolean, boolean]>([
    ["echo 'a", 'Syntax error: Unterminated quoted string', 5, true, false],
    ['echo "a', 'Syntax error: Unterminated quoted string', 5, true, false],
    ['echo "a$b', 'Syntax error: Unterminated quoted string', 5, true, false],
    ["$'a", 'Syntax error: Unterminated quoted string', 0, true, false],
    ["$'\\q'", 'Syntax error: Bad escape sequence', 2, false, false],
    ['${A', 'Syntax error: Unexpected end of line in substitution', 0, false, false],
    ['${A b', "Syntax error: Missing '}'", 0, true, false],
    ['${A@}', '${A@}: Bad substitution', 0, false, false],
    ['${}', '${}: Bad substitution', 0, false, false],
    ['echo `date', 'Syntax error: EOF in backquote substitution', 5, true, false],
    ['echo $(date', 'Syntax error: end of file unexpected (expecting ")")', 7, true, false],
    ['echo $((1', 'Syntax error: end of file unexpected (expecting ")")', 5, true, false],
    ['${A:-b', "Syntax error: Missing '}'", 0, true, false],
    [`${'$('.repeat(60)}`, 'lab: this sh does not know more than 50 levels of substitution', 102, false, true],
  ])('%j: %s', (src, message, at, more, lab) => {
    expect(lex(src).error).toEqual({ message, at, line: 1, col: at + 1, more, lab });
  });

  it('counts lines', () => {
    expect(lex("a\nb 'c\nd").error).toMatchObject({ at: 4, line: 2, col: 3 });
  });

  it.each([
    ['a \\\n', true],
    ['a\\\n', true],
    ['a\\\\\n', false],
    ['# a \\\n', false],
    ["'a\\\n' b\n", false],
    ['a\n', false],
    ['cat <<X\na\n', true],
    ['cat <<X\na\nX\n', false],
  ])('%j goes on: %s', (src, yes) => {
    expect(lex(src).continued).toBe(yes);
  });

  it('never throws, and its places are in order', () => {
    fc.assert(
      fc.property(ascii, (src) => {
        const r = lex(src);
        let end = 0;
        for (const t of r.tokens) {
          expect(t.at).toBeGreaterThanOrEqual(end);
          expect(t.end).toBeGreaterThanOrEqual(t.at);
          end = t.end;
        }
        expect(r.error !== undefined || r.tokens.at(-1)?.t === 'eof').toBe(true);
        expect(structuredClone(r)).toEqual(r);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what quote() wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(ascii, fc.string({ unit: 'grapheme' })), { maxLength: 5 }), (words) => {
        const r = lex(words.map(quote).join(' '));
        expect(r.error).toBeUndefined();
        expect(
          r.tokens.slice(0, -1).map((t) => (t.t === 'word' ? t.word.parts.map((p) => (p.t === 'lit' ? p.text : null)).join('') : null)),
        ).toEqual(words);
      }),
      { numRuns: 500 },
    );
  });

  it('quotes no more than it must', () => {
    expect(['2:1,virtio-net,vale0:1', '‐s', 'a b', "it's", '', '~', 'A=1', 'if'].map(quote)).toEqual([
      '2:1,virtio-net,vale0:1',
      '‐s',
      "'a b'",
      "'it'\\''s'",
      "''",
      "'~'",
      "'A=1'",
      "'if'",
    ]);
  });
});

// getopt against a table of what libc answers.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { getopt } from './getopt.ts';

fc.configureGlobal({ seed: 1 });

const show = (argv: string[], optstring: string) => {
  const { opts, rest, errors } = getopt(argv, optstring);
  return { opts: opts.map((o) => (o.arg === undefined ? o.opt : `${o.opt}=${o.arg}`)).join(' '), rest, errors };
};

const BHYVE = 'abehwxACHIPWYp:g:c:s:m:l:U:';

describe('getopt', () => {
  const table: [string, string[], string, string, string[], string[]][] = [
    ['nothing', ['p'], 'ab', '', [], []],
    ['flags', ['p', '-a', '-b'], 'ab', 'a b', [], []],
    ['a bundle', ['p', '-ab', 'x'], 'ab', 'a b', ['x'], []],
    ['an argument attached', ['p', '-l60'], 'l:', 'l=60', [], []],
    ['an argument apart', ['p', '-l', '60'], 'l:', 'l=60', [], []],
    ['a bundle that ends with an argument', ['p', '-al60', '-b'], 'abl:', 'a l=60 b', [], []],
    ['an argument that looks like an option', ['p', '-l', '-a'], 'al:', 'l=-a', [], []],
    ['an argument --', ['p', '-l', '--', 'x'], 'l:', 'l=--', ['x'], []],
    ['an empty argument', ['p', '-l', '', 'x'], 'l:', 'l=', ['x'], []],
    ['stop at the first word', ['p', '-a', 'x', '-b'], 'ab', 'a', ['x', '-b'], []],
    ['stop at --', ['p', '-a', '--', '-b'], 'ab', 'a', ['-b'], []],
    ['a solitary -', ['p', '-', '-a'], 'a', '', ['-', '-a'], []],
    ['a solitary - that is wanted', ['p', '-', 'x'], 'a-', '-', ['x'], []],
    ['an empty word', ['p', '', '-a'], 'a', '', ['', '-a'], []],
    ['an illegal option', ['p', '-z', 'x'], 'a', '?', ['x'], ['p: illegal option -- z']],
    ['an illegal one in a bundle', ['p', '-azb'], 'ab', 'a ? b', [], ['p: illegal option -- z']],
    ['a colon', ['p', '-:'], 'a:', '?', [], ['p: illegal option -- :']],
    ['a long option', ['p', '--ab', 'x'], 'ab', '? a b', ['x'], ['p: illegal option -- -']],
    ['a missing argument', ['p', '-a', '-l'], 'al:', 'a ?', [], ['p: option requires an argument -- l']],
    ['a missing argument, told by :', ['p', '-l'], ':l:', ':', [], []],
    ['an illegal option, told silently', ['p', '-z'], ':l:', '?', [], []],
    ['an optional argument', ['p', '-l', '-l5', 'x'], 'l::', 'l l=5', ['x'], []],
    ['the path of a program', ['/usr/sbin/bhyve', '-z'], 'a', '?', [], ['bhyve: illegal option -- z']],
    ['U+2010 words are positional', ['bhyve', '-A', '‐s', '0,hostbridge', '-H', 'vm'], BHYVE, 'A', ['‐s', '0,hostbridge', '-H', 'vm'], []],
    [
      'U+2010 in a bundle is three bytes',
      ['bhyve', '-A‐H'],
      BHYVE,
      'A ? ? ? H',
      [],
      Array.from({ length: 3 }, () => 'bhyve: illegal option -- \ufffd'),
    ],
    [
      'the golden line',
      ['bhyve', '-s', '0,hostbridge', '-s2:1,virtio-net,vale0:1', '-l', 'com1,stdio', '-AHP', '-m2G', 'vm'],
      BHYVE,
      's=0,hostbridge s=2:1,virtio-net,vale0:1 l=com1,stdio A H P m=2G',
      ['vm'],
      [],
    ],
  ];
  it.each(table)('%s', (_, argv, optstring, opts, rest, errors) => {
    expect(show(argv, optstring)).toEqual({ opts, rest, errors });
  });

  it('says what was complained of', () => {
    expect(getopt(['p', '-zl'], 'l:').opts).toEqual([
      { opt: '?', optopt: 'z' },
      { opt: '?', optopt: 'l' },
    ]);
  });

  it('never throws, and has one message for every ?', () => {
    const word = fc.oneof(fc.string({ unit: fc.constantFrom('-', 'a', 'l', ':', 'z', '‐', '😀'), maxLength: 5 }), fc.string());
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.constantFrom('al:', 'abl::', 'a-', ''), (argv, optstring) => {
        const r = getopt(argv, optstring);
        expect(r.errors.length).toBe(r.opts.filter((o) => o.opt === '?').length);
        expect(argv.join('\0').endsWith(r.rest.join('\0'))).toBe(true);
      }),
    );
  });
});

// The grammar against sh's own complaints, expansion against sh's own answers, and the command of the project's mail.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { fnmatch, glob } from './glob.ts';
import { quote } from './lex.ts';
import type { AndOr, Command, Pipeline } from './ast.ts';
import { parse } from './parse.ts';
import { type Env, expand, expandText } from './expand.ts';

fc.configureGlobal({ seed: 1 });

const env: Env = {
  vars: { A: 'one two', E: '', HOME: '/root', IFS: ' \t\n', P: '*.c', '?': '3', '!': '12', $: '7', C: 'a::b:' },
  params: ['p q', 'r'],
  home: (user) => (user === 'bob' ? '/home/bob' : undefined),
};

const command = (c: Command): string => {
  const redirs = c.redirs.map((r) => ` ${r.fd}${r.op}${r.dup ?? expandText(r.word, env)}`).join('');
  if (c.t === 'group') return `${c.subshell ? '(' : '{'}${list(c.body)}${c.subshell ? ')' : '}'}${redirs}`;
  if (c.t === 'if') return `if{${c.arms.map((a) => `${list(a.cond)}?${list(a.body)}`).join('')}:${list(c.otherwise)}}${redirs}`;
  if (c.t === 'while') return `${c.until ? 'until' : 'while'}{${list(c.cond)}?${list(c.body)}}${redirs}`;
  if (c.t === 'for') return `for ${c.name} ${c.words?.flatMap((w) => expand(w, env)).join(',') ?? '@'}{${list(c.body)}}${redirs}`;
  if (c.t === 'case')
    return `case ${expandText(c.word, env)}{${c.items.map((x) => `${x.patterns.map((w) => expandText(w, env)).join('|')})${list(x.body)}${x.through ? '&' : ''}`).join('')}}${redirs}`;
  if (c.t === 'func') return `${c.name}()${command(c.body)}`;
  const assigns = c.assigns.map((a) => `${a.name}=[${expandText(a.value, env, true)}] `).join('');
  return `${assigns}${c.words.flatMap((w) => expand(w, env)).join(',')}${redirs}`;
};
const pipeline = (p: Pipeline) => `${p.not ? '!' : ''}${p.commands.map(command).join('|')}`;
const list = (l: AndOr[]): string =>
  l.map((n) => pipeline(n.first) + n.rest.map((r) => r.op + pipeline(r.pipeline)).join('') + (n.background ? '&' : ';')).join('');

const only = (src: string) => {
  const c = parse(src).list[0]?.first.commands[0];
  return c?.t === 'simple' ? c : undefined;
};
const fields = (src: string, e: Env = env) => only(src)?.words.flatMap((w) => expand(w, e));

describe('parse', () => {
  it.each<[string, string]>([
    ['', ''],
    ['\n # only a note\n', ''],
    ['a b; c & d', 'a,b;c&d;'],
    ['a && b || c | d', 'a&&b||c|d;'],
    ['a &&\n\nb |\nc', 'a&&b|c;'],
    ['! a | b', '!a|b;'],
    ['(a; b) > f 2>&1', '(a;b;) 1>f 2>&1;'],
    ['{ a; b & }', '{a;b&};'],
    ['( )', '();'],
    ['X=1 Y=$A cmd Z=2', 'X=[1] Y=[one two] cmd,Z=2;'],
    ['X=~/a:~bob:~no', 'X=[/root/a:/home/bob:~no] ;'],
    ['> f', ' 1>f;'],
    ['a 2>&- < in >> out', 'a 2>&-1 0<in 1>>out;'],
    ['echo { }', 'echo,{,};'],
    ['"if" a', 'if,a;'],
    ['a\\\n b', 'a,b;'],
  ])('%j', (src, expected) => {
    const r = parse(src);
    expect(r.error).toBeUndefined();
    expect(list(r.list)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['&& a', '"&&" unexpected', false],
    ['a && && b', '"&&" unexpected', false],
    ['a ; ; b', '";" unexpected', false],
    ['a ;; b', '";;" unexpected', false],
    ['| a', '"|" unexpected', false],
    ['a |', 'end of file unexpected', true],
    ['a &&\n', 'end of file unexpected', true],
    ['a >', 'end of file unexpected (expecting word)', true],
    ['a >\n', 'newline unexpected (expecting word)', false],
    ['a > > b', 'redirection unexpected (expecting word)', false],
    [')', '")" unexpected', false],
    ['(a', 'end of file unexpected (expecting ")")', true],
    ['{ a', 'end of file unexpected (expecting "}")', true],
    ['{ a )', '")" unexpected (expecting "}")', false],
    ['(a) b', 'word unexpected', false],
    ['a (b)', 'word unexpected (expecting ")")', false],
    ['a b (c)', '"(" unexpected', false],
    ['}', '"}" unexpected', false],
    ['a; then', '"then" unexpected', false],
    ['a | done', '"done" unexpected', false],
    ["a 'b", 'Unterminated quoted string', true],
  ])('%j: %s', (src, message, more) => {
    const r = parse(src);
    expect(r.error?.message).toBe(`Syntax error: ${message}`);
    expect(r.more).toBe(more);
    expect(r.list).toEqual([]);
  });

  it.each(['('.repeat(500), 'if '.repeat(200)])('owns up to what is the lab’s, not sh’s: %j', (src) => {
    expect(parse(src).error).toMatchObject({ lab: true, message: expect.stringMatching(/^lab: /) as string });
  });

  it('has run the lines before an error', () => {
    const r = parse('a\nb; c\nd; | e\nf');
    expect(list(r.list)).toBe('a;b;c;');
    expect(r.error).toMatchObject({ line: 3, col: 4 });
  });

  it('reads on after an escaped newline', () => {
    expect(parse('a \\\n')).toMatchObject({ more: true });
    expect(parse('a \n')).toMatchObject({ more: false });
  });

  it('keeps the text of a job', () => {
    const src = ' sleep 5 | cat > x  & b';
    const [job] = parse(src).list;
    expect(src.slice(job?.at, job?.end)).toBe('sleep 5 | cat > x');
  });

  it('never throws, and answers plain data', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...'ab$"\'\\{}#~*|&;<>() \n=`1!', 'if ', 'then ', '{ ', ' }', '> ', '&& '),
      maxLength: 25,
    });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (src) => {
        const r = parse(src);
        expect(structuredClone(r)).toEqual(r);
        list(r.list);
      }),
      { numRuns: 1000 },
    );
  });

  it('runs any quoted words as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }), (words) => {
        const nothing: Env = { vars: {}, glob: () => ['wrong'] };
        const src = words.map(quote).join(' ');
        expect(fields(src, nothing)).toEqual(words);
      }),
    );
  });
});

describe('expand', () => {
  it.each<[string, string[]]>([
    ['$A "$A" x$A-y', ['one', 'two', 'one two', 'xone', 'two-y']],
    ['$E "$E" \'$A\' \\$A $NO', ['', '$A', '$A']],
    ['$? $! $$ $# $1 "$2" $3', ['3', '12', '7', '2', 'p', 'q', 'r']],
    ['"$@"', ['p q', 'r']],
    ['x"$@"y', ['xp q', 'ry']],
    ['$@ "$*"', ['p', 'q', 'r', 'p q r']],
    ['~ ~/x ~bob/y ~no a~ "~" \\~ ~"/x"', ['/root', '/root/x', '/home/bob/y', '~no', 'a~', '~', '~', '~/x']],
    ['*.c $P "*"', ['*.c', '*.c', '*']],
    ['$constructor ${__proto__}x', ['x']],
  ])('%s', (src, expected) => {
    expect(fields(src)).toEqual(expected);
  });

  it('splits at IFS as sh does', () => {
    const colon: Env = { vars: { ...env.vars, IFS: ':' } };
    expect(fields('$C', colon)).toEqual(['a', '', 'b']);
    expect(fields('$A', colon)).toEqual(['one two']);
    expect(fields('$A', { vars: { ...env.vars, IFS: '' } })).toEqual(['one two']);
    expect(fields('$S', { vars: { S: '  a  b ' } })).toEqual(['a', 'b']);
    expect(fields('x$S"y"', { vars: { S: ' a ' } })).toEqual(['x', 'a', 'y']);
    expect(fields('"$@" "a$@"', { vars: {} })).toEqual(['a']);
  });

  it('asks for paths with what was quoted escaped', () => {
    const asked: string[] = [];
    const e: Env = {
      ...env,
      glob: (p) => {
        asked.push(p);
        return p === '/*' ? ['/bin', '/boot'] : [];
      },
    };
    expect(fields('/* "*"* a\\?[b] $P', e)).toEqual(['/bin', '/boot', '**', 'a?[b]', '*.c']);
    expect(asked).toEqual(['/*', '\\**', 'a\\?[b]', '*.c']);
  });
});

describe('the command of the project’s mail', () => {
  const mail = [
    'bhyve ‐s 0,hostbridge \\   /* the host bridge */',
    '  ‐s 1,lpc \\',
    '  ‐s 2:1,virtio‐net,vale0:1 \\  /* comment */',
    '  ‐s 2:2,ptnetmap‐memdev ‐s 2:3,virtio‐net,ptvale2{1 \\ ',
    '  ‐l com1,stdio ‐A ‐H ‐P ‐m 2G netmapvm',
  ].join('\n');

  it('is four lines to sh, of words that it does not know', () => {
    const r = parse(mail);
    expect(r.error).toBeUndefined();
    const lines = r.list.map((n) => (n.first.commands[0]?.t === 'simple' ? n.first.commands[0].words.flatMap((w) => expand(w, env)) : []));
    expect(lines).toEqual([
      ['bhyve', '‐s', '0,hostbridge', ' ', '/*', 'the', 'host', 'bridge', '*/'],
      ['‐s', '1,lpc', '‐s', '2:1,virtio‐net,vale0:1', ' ', '/*', 'comment', '*/'],
      ['‐s', '2:2,ptnetmap‐memdev', '‐s', '2:3,virtio‐net,ptvale2{1', ' '],
      ['‐l', 'com1,stdio', '‐A', '‐H', '‐P', '‐m', '2G', 'netmapvm'],
    ]);
  });
});

describe('glob', () => {
  it.each<[string, string, boolean]>([
    ['*', 'abc', true],
    ['*', '.abc', false],
    ['.*', '.abc', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abb', false],
    ['?', 'é', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]x]', ']', true],
    ['[', '[', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['[[:digit:]]*', '9z', true],
    ['', '', true],
  ])('%s %s: %s', (pattern, name, yes) => {
    expect(fnmatch(pattern, name)).toBe(yes);
  });

  it('walks directories', () => {
    const tree: Record<string, string[]> = {
      '/': ['bin', 'boot', 'etc', 'x'],
      '/bin': ['ls', 'sh'],
      '/boot': ['kernel'],
      '/etc': [],
      '': ['a.c', 'b.c', '.h', 'd'],
      d: ['e.c'],
    };
    const ls = (dir: string) => tree[dir];
    expect(glob('/*', ls)).toEqual(['/bin', '/boot', '/etc', '/x']);
    expect(glob('/b*/*', ls)).toEqual(['/bin/ls', '/bin/sh', '/boot/kernel']);
    expect(glob('/*/', ls)).toEqual(['/bin/', '/boot/', '/etc/']);
    expect(glob('*.c', ls)).toEqual(['a.c', 'b.c']);
    expect(glob('*/*.c', ls)).toEqual(['d/e.c']);
    expect(glob('z*', ls)).toEqual([]);
  });

  it('stays quick on patterns made to be slow', () => {
    expect(fnmatch(`${'a*'.repeat(30)}b`, 'a'.repeat(300))).toBe(false);
  });
});

// The shell against what POSIX settles and a real sh answers; then what only FreeBSD's has, what only goes wrong, and what is
// typed at a terminal: jobs, signals, records.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../bin/commands.ts';
import { filters } from '../bin/filters.ts';
import { Alone } from './alone.ts';
import { COMMANDS } from './shell_cases.ts';
import { WORDS } from './shell_cases_words.ts';

const programs = { ...commands, ...filters };
const sh = (script: string) => new Alone(programs).script(script);
const CASES = [...COMMANDS, ...WORDS];
const DASH = ['/bin/dash', '/usr/bin/dash'].find((f) => existsSync(f));

describe('scripts', () => {
  it('are many, and none is twice there', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(150);
    expect(new Set(CASES.map(([s]) => s)).size).toBe(CASES.length);
  });

  it.each(CASES)('%j', (script, out, status) => {
    const r = sh(script);
    expect([r.out, r.status]).toEqual([out, status]);
  });

  it('come to the same when the tree is saved and loaded after every run of a process', { timeout: 60_000 }, () => {
    for (const [script, out, status] of CASES.filter(([s]) => !/seq 1 \d{5}|yes/.test(s))) {
      const r = new Alone(programs).script(script, true);
      expect([script, r.out, r.status]).toEqual([script, out, status]);
    }
  });

  it.skipIf(!DASH)('a real sh says the same', { timeout: 60_000 }, () => {
    for (const [script, out, status] of CASES) {
      const cwd = mkdtempSync(join(tmpdir(), 'sh-'));
      const r = spawnSync(DASH ?? '', ['-c', script], {
        cwd,
        encoding: 'utf8',
        timeout: 10_000,
        env: { HOME: '/root', PATH: process.env.PATH },
      });
      rmSync(cwd, { recursive: true });
      expect([script, r.stdout, r.status ?? 128 + 15]).toEqual([script, out, status]);
    }
  });

  it('leave nothing behind: no process, no pipe, no open file', () => {
    for (const [script] of CASES.filter(([s]) => !/sleep|kill/.test(s))) {
      const a = new Alone(programs);
      a.script(script);
      expect([script, a.tree.procs.length, a.tree.pipes ?? [], a.tree.open]).toEqual([script, 0, [], []]);
    }
  });
});

describe("FreeBSD's own words", () => {
  it.each<[string, string, number]>([
    ['cat < nofile', 'cannot open nofile: No such file or directory\n', 2],
    ['echo > /nodir/x', 'cannot create /nodir/x: No such file or directory\n', 2],
    ['echo > /tmp', 'cannot create /tmp: Is a directory\n', 2],
    ['cat < /tmp/', 'cannot open /tmp/: Is a directory\n', 2],
    ['set -C; > f; > f', 'cannot create f: File exists\n', 2],
    ['echo >&7', '7: Bad file descriptor\n', 2],
    ['echo >&x', 'sh: Syntax error: Bad fd number\n', 2],
    ['x=y; echo >&$x', 'Bad fd number\n', 2],
    ['${x?}', 'x: parameter not set\n', 2],
    ['echo ${x:?}', 'x: parameter null or not set\n', 2],
    ['echo ${x?my words}; echo no', 'x: my words\n', 2],
    ['set -u; echo $nope; echo no', 'nope: parameter not set\n', 2],
    ['echo $((1/0)); echo no', 'arithmetic expression: division by zero: "1/0"\n', 2],
    ['echo $((1+))', 'arithmetic expression: expecting primary: "1+"\n', 2],
    ['echo $((1 2))', 'arithmetic expression: expecting EOF: "1 2"\n', 2],
    ['x=a; echo $((x))', 'arithmetic expression: variable conversion error: "x"\n', 2],
    ['readonly r; r=1; echo no', 'r: is read only\n', 2],
    ['shift 2; echo no', "shift: can't shift that many\n", 2],
    ['cd /nodir', 'cd: /nodir: No such file or directory\n', 2],
    ['[ a', '[: missing ]\n', 2],
    ['[ 1 -eq x ]', '[: x: bad number\n', 2],
    ['[ a b c ]', '[: b: unexpected operator\n', 2],
    ['. nofile; echo no', '.: nofile: not found\n', 2],
    ['local x', 'local: Not in a function\n', 2],
    ['sh nofile', 'sh: cannot open nofile: No such file or directory\n', 127],
    ['kill -FOO 1 2>&1 | head -n 1 >&2', 'kill: unknown signal FOO; valid signals:\n', 0],
    ['kill 99999', 'kill: 99999: No such process\n', 1],
    ['kill x', 'kill: illegal process id: x\n', 2],
    ['fg', 'fg: No current job\n', 2],
    ['fg %3', 'fg: No such job: %3\n', 2],
    [':() { :; }', 'sh: Syntax error: Cannot override a special builtin with a function\n', 2],
    ['a/b() { :; }', 'sh: Syntax error: Bad function name\n', 2],
    ['for 1 in a; do :; done', 'sh: Syntax error: Bad for loop variable\n', 2],
    ['if true; fi', 'sh: Syntax error: "fi" unexpected (expecting "then")\n', 2],
    ['if; then :; fi', 'sh: Syntax error: ";" unexpected\n', 2],
    ['while true; do done', 'sh: Syntax error: "done" unexpected\n', 2],
    ['case x in a) echo', 'sh: Syntax error: end of file unexpected (expecting ";;")\n', 2],
    ['for i in a; echo', 'sh: Syntax error: word unexpected (expecting "do")\n', 2],
    ['echo a; ;; echo b', 'sh: Syntax error: ";;" unexpected\n', 2],
    ['echo a | | b', 'sh: Syntax error: "|" unexpected\n', 2],
    ['true && || b', 'sh: Syntax error: "||" unexpected\n', 2],
    ['& a', 'sh: Syntax error: "&" unexpected\n', 2],
    ["echo 'a", 'sh: Syntax error: Unterminated quoted string\n', 2],
    ['echo "a', 'sh: Syntax error: Unterminated quoted string\n', 2],
    ['echo `a', 'sh: Syntax error: EOF in backquote substitution\n', 2],
    ['echo $(a', 'sh: Syntax error: end of file unexpected (expecting ")")\n', 2],
    ['echo $(if)', 'sh: Syntax error: end of file unexpected\n', 2],
    ['(', 'sh: Syntax error: end of file unexpected (expecting ")")\n', 2],
    [')', 'sh: Syntax error: ")" unexpected\n', 2],
    ['trap x INT', 'lab: trap is not built.\n', 2],
    ['set -v', 'lab: set -v is not built.\n', 2],
    ['set -z', 'set: Illegal option -z\n', 2],
    ['sleep 9 & kill -KILL $!; wait $!', '', 137],
    ["(sh -c 'kill -9 $$'); :", 'Killed\n', 0],
  ])('%j: %j', (script, err, status) => {
    const r = sh(script);
    expect([r.err, r.status]).toEqual([err, status]);
  });

  it.each<[string, string]>([
    ["echo $'a\\tb\\x41'", 'a\tbA\n'],
    [
      'kill -l',
      'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG\nSTOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2\n',
    ],
    ['type cd nosuch', 'cd is a shell builtin\n'],
    ['case a in a) echo 1;& b) echo 2;; esac', '1\n2\n'],
    ['for i in 1 2; { echo $i; }', '1\n2\n'],
    ['echo "a${x+b}c" ${#}', 'ac 0\n'],
    ['echo -e "a\\tb"', 'a\tb\n'],
    ['set -x; echo "a b" 2>&1', 'a b\n'],
  ])('%j', (script, out) => {
    expect(sh(script).out).toBe(out);
  });

  it('says SIGPIPE to a writer whose reader has left, and 141', () => {
    expect(sh('{ yes; echo $? >&2; } | head -n 1')).toEqual({ out: 'y\n', err: '141\n', status: 0 });
    expect(sh('(yes; echo $? >&2) | head -n 1').err).toBe('141\n');
    expect(sh('{ sh -c "yes"; echo $? >&2; } | true').err).toBe('141\n');
  });
});

describe('what is hostile', () => {
  it('10,000 words', () => {
    const r = sh(`set -- ${'word '.repeat(10_000)}; echo $#; for i; do :; done; echo $@ | wc -w`);
    expect(r.out).toBe('10000\n   10000\n');
  });
  it('a word of a megabyte, and a pipe of one', () => {
    expect(sh(`echo ${'x'.repeat(1 << 20)} | cat | cat | wc -c`).out).toBe(' 1048577\n');
    expect(sh('x=$(seq 1 150000 | cat); echo "$x" | tail -n 1; echo ${#x}').out).toBe('150000\n938894\n');
  });
  it('a pipe never holds more than a write beyond what it may', () => {
    const a = new Alone(programs, true);
    a.type('yes | sleep 1 | cat\r', 5e8);
    expect(Math.max(...(a.tree.pipes ?? []).map((p) => p.data.length))).toBeLessThan(65536 + 16384);
    a.type('\x03', 1e9);
    expect(a.tree.pipes).toEqual([]);
  });
  it.each([
    `${'('.repeat(5000)}`,
    `${'{ '.repeat(500)}`,
    `${'if '.repeat(500)}`,
    `${'$('.repeat(500)}`,
    `echo ${'${a-'.repeat(500)}`,
    `echo $((${'('.repeat(5000)}`,
    `echo $((${'-'.repeat(5000)}1))`,
    `${'! '.repeat(5000)}true`,
    'a\0b\x01\x1b[2J',
    'echo \0',
    `${'a|'.repeat(300)}a`,
    '`'.repeat(999),
    '"'.repeat(999),
    "'".repeat(999),
    ';;',
    '| |',
    '&& ||',
    '<<',
    '<<a',
    '<<a <<b',
    'echo ${',
    'echo ${}',
    'echo ${a!}',
    'case',
    'for',
    'x() x',
    '()',
    '{}',
    '\\',
    '#',
  ])('%.40j ends in words and a status', (script) => {
    const r = sh(script);
    expect(r.status).toBeGreaterThanOrEqual(0);
    expect(r.err.length).toBeLessThan(20_000);
  });
  it('a function that calls itself for ever ends', () => {
    expect(sh('f() { f; }; f; echo no')).toEqual({ out: '', err: 'lab: more than 4000 commands within each other.\n', status: 2 });
  });
  it('a fork bomb ends by the limit of processes', { timeout: 30_000 }, () => {
    const r = sh('b() { b | b & }; b');
    expect(r.err).toContain('sh: Cannot fork: Resource temporarily unavailable\n');
    const a = new Alone(programs, true);
    a.type('b() { b | b & }; b\r');
    expect(a.atPrompt).toBe(true);
    expect(a.tree.procs.length).toBe(1);
    expect(a.type('echo well\r')).toContain('\nwell\n');
  });
  it('a loop that never waits lets lab time go on, and ends by Ctrl-C', () => {
    const a = new Alone(programs, true);
    const before = a.clock;
    a.type('while :; do :; done\r', 1e8);
    expect(a.clock - before).toBeGreaterThanOrEqual(1e8);
    expect(a.runs).toBeLessThan(5000);
    expect(a.type('\x03', 1e6)).toBe('^C\n# ');
    expect(a.type('echo $?\r')).toContain('\n130\n');
  });
  it('a file does not grow for ever', () => {
    const r = sh('yes > f; echo $?; cat f | wc -c');
    expect(r.out.split('\n')[0]).toBe('153');
    expect(r.err).toBe('Filesize limit exceeded\n');
  });
});

// The filters: their answers in FreeBSD's formats, the same as the real tools' where the formats agree, and their complaints.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Alone } from '../sh/alone.ts';
import { commands } from './commands.ts';
import { filters } from './filters.ts';
import { translate } from './filters_regex.ts';

const sh = (script: string) => new Alone({ ...commands, ...filters }).script(script);
const TEXT = "printf 'the quick\\nbrown Fox\\njumps over\\nthe lazy dog\\n\\nfox 42 a.b\\n'";
const NUMBERS = "printf '10 b x\\n9 a y\\n-1 c x\\n10 a z\\n2.5 b y\\n'";
const CSV = "printf 'a:b:c\\nd:e\\nnone\\n::x\\n'";

/** These, GNU's tools answer in the same way. */
const SAME: string[] = [
  ...[
    'the',
    '^the',
    'g$',
    'o.*o',
    '[Ff]ox',
    'x\\|z',
    '\\(o\\).*\\1',
    'a\\.b',
    '[0-9]\\{2\\}',
    '^$',
    '[[:upper:]]',
    '*',
    'o*v',
    '[^a-z ]',
  ].map((re) => `grep -n '${re}'`),
  ...['q|z', '(o|v)er', '[0-9]+', 'fo?x', '^(the|fox) ', 'o{1,2}', '(^| )d', '\\bfox', 'a{0}b', '()', 'a\\|b', '(a*)*b'].map(
    (re) => `grep -nE '${re}'`,
  ),
  ...[
    '-c the',
    '-v the',
    '-i fox',
    '-ci FOX',
    '-o "o[a-z]"',
    '-no "[a-z]*"',
    '-w fox',
    '-w o',
    '-x "brown Fox"',
    '-F a.b',
    '-F -e fox -e dog',
    '-e fox -e dog',
  ].map((o) => `grep ${o}`),
  ...['-A1 brown', '-B1 lazy', '-C1 jumps', '-nA1 the', '-q fox', '-L fox', '-l fox', '-H fox', '-h fox', '-s fox nofile -', '-m', 'fox -i']
    .slice(0, 10)
    .map((o) => `grep ${o}`),
  ...['-n 2', '-2', '-n 100', '-c 5', ''].map((o) => `head ${o}`),
  ...['-n 2', '-2', '-n +3', '-n +0', '-c 5', '-n 0', '-c +40'].map((o) => `tail ${o}`),
  ...[
    's/o/0/',
    's/o/0/g',
    's/o/0/2',
    's/[aeiou]/<&>/g',
    's/\\(.\\)\\(.\\)/\\2\\1/',
    '2d',
    '2,4d',
    '/fox/d',
    '$d',
    '2!d',
    '/the/,/dog/d',
    '1,/brown/d',
    '2,1d',
  ].map((s) => `sed '${s}'`),
  ...['2p', '$p', '/o/p', 's/o/0/p', '1,2p', '/brown/,$p', '/FOX/Ip', 's/FOX/x/ip', '$=', '2q', '4,2p'].map((s) => `sed -n '${s}'`),
  ...["-e 's/t/T/' -e 's/e/E/'", "-E 's/(o)(.)/\\2\\1/g'", "'s|/|x|g;s,a,A,'", "'s/a\\/b/x/'", "'s/x*/-/g'", "'y' 2>/dev/null", '3q']
    .slice(0, 5)
    .map((s) => `sed ${s}`),
  ...['a-z A-Z', '-d aeiou', '-s o', '"[:lower:]" "[:upper:]"', '-cd "a-z\\n"', '-d "\\n"', 'abc x', '-cs a-z "\\n"', '-ds aeiou " "'].map(
    (o) => `tr ${o}`,
  ),
  ...['-c 1-3', '-c 2,4', '-c 3-', '-c -2', '-d " " -f 1', '-d " " -f 2-', '-d " " -f 2 -s', '-c 1,1'].map((o) => `cut ${o}`),
  'cat -n',
  'cat -b',
  'cat -s',
  'cat -',
  'tee f',
  'sort',
  'sort -r',
  'sort -f',
  'sort -u',
  'sort -k 2',
  'uniq',
];
const SAME_NUMBERS = [
  '-n',
  '-nr',
  '-k2',
  '-k2,2 -k1,1n',
  '-k2,2 -k1n',
  '-k3 -r',
  '-u -k2,2',
  '-t " " -k3,3 -k1,1nr',
  '-nu',
  '-k2b',
  '-k1.2,1.2',
].map((o) => `sort ${o}`);
const SAME_CSV = ['-d: -f1', '-d: -f2,3', '-d: -f2 -s', '-d: -f3-', '-d : -f -2'].map((o) => `cut ${o}`);
const ALL = [
  ...SAME.map((c) => `${TEXT} | ${c}`),
  ...SAME_NUMBERS.map((c) => `${NUMBERS} | ${c}`),
  ...SAME_CSV.map((c) => `${CSV} | ${c}`),
];
const GNU = existsSync('/usr/bin/dash') && spawnSync('grep', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU');

describe('as the real tools', () => {
  it.skipIf(!GNU).each(ALL)('%s', (script) => {
    const r = spawnSync('/usr/bin/dash', ['-c', script], { encoding: 'utf8', cwd: '/tmp', env: { PATH: process.env.PATH, LC_ALL: 'C' } });
    const ours = sh(script);
    expect([ours.out, ours.status]).toEqual([r.stdout, r.status]);
  });
});

describe("in FreeBSD's formats", () => {
  it.each<[string, string, number]>([
    ['printf "a b\\nc\\n" | wc', '       2       3       6\n', 0],
    ['printf "a b\\nc\\n" > f; wc -l f', '       2 f\n', 0],
    ['printf "a b\\nc\\n" > f; wc f f', '       2       3       6 f\n       2       3       6 f\n       4       6      12 total\n', 0],
    ['printf "é\\n" | wc -c; printf "é\\n" | wc -m', '       3\n       2\n', 0],
    ['printf "a\\na\\nb\\n" | uniq -c', '   2 a\n   1 b\n', 0],
    ['printf "a\\na\\nb\\n" | uniq -d; printf "a\\na\\nb\\n" | uniq -u', 'a\nb\n', 0],
    ['printf "a\\nA\\n" | uniq -i', 'a\n', 0],
    ['echo a > f; echo b > g; head -n 1 f g', '==> f <==\na\n\n==> g <==\nb\n', 0],
    ['echo a > f; grep a f /dev/null; grep -c a f nofile; echo $?', 'f:a\nf:1\n2\n', 0],
    ['echo a | grep -l a; echo a | grep -H a', '(standard input)\n(standard input):a\n', 0],
    ['printf "1\\n2\\n3\\n" | tail -r', '3\n2\n1\n', 0],
    ['echo a | tee f g; cat f g; echo b | tee -a f > /dev/null; cat f', 'a\na\na\na\nb\n', 0],
    [
      'seq 3; seq 2 4; seq 1 2 6; seq 3 1; seq -s , 3; seq -w 8 10; seq 0 0.5 1',
      '1\n2\n3\n2\n3\n4\n1\n3\n5\n3\n2\n1\n1,2,3\n08\n09\n10\n0.0\n0.5\n1.0\n',
      0,
    ],
    ['yes no | head -n 2', 'no\nno\n', 0],
    ['printf abc | cat; printf abc | sed s/b/x/; printf abc | grep b', 'abcaxcabc\n', 0],
    ['printf "b\\na\\n" | sort -o f; cat f; sort -c f; echo $?', 'a\nb\n0\n', 0],
    ['/bin/cat /dev/null; /usr/bin/true; /usr/bin/false', '', 1],
    ['echo a > f; cat f - < f', 'a\na\n', 0],
    ['egrep -o "a|b" <<E\nxaxb\nE\nfgrep . <<E\na.b\nab\nE', 'a\nb\na.b\n', 0],
    ['grep -e', '', 2],
  ])('%j', (script, out, status) => {
    const r = sh(script);
    expect([r.out, r.status]).toEqual([out, status]);
  });

  it.each<[string, string, number]>([
    ['cat nofile', 'cat: nofile: No such file or directory\n', 1],
    ['cat -z', 'cat: illegal option -- z\nusage: cat [-benstuv] [file ...]\n', 1],
    ['cat /tmp', 'cat: /tmp: Is a directory\n', 1],
    ['head -n x', 'head: illegal line count -- x\n', 1],
    ['tail -n x', 'tail: illegal offset -- x\n', 1],
    ['tail -f x', 'lab: tail -f is not built.\n', 2],
    ['wc nofile', 'wc: nofile: open: No such file or directory\n', 1],
    ["grep '['", 'grep: Unmatched [ or [^\n', 2],
    ["grep '\\('", 'grep: Unmatched ( or \\(\n', 2],
    ["grep 'a\\'", 'grep: Trailing backslash\n', 2],
    ["grep '\\(a\\)\\2'", 'grep: Invalid back reference\n', 2],
    ["grep '[b-a]'", 'grep: Invalid range end\n', 2],
    ['grep a nofile', 'grep: nofile: No such file or directory\n', 2],
    ["sed 's/a'", 'sed: 1: "s/a": unterminated substitute pattern\n', 1],
    ["sed 's/a/b'", 'sed: 1: "s/a/b": unterminated substitute in regular expression\n', 1],
    ["sed 's/[/b/'", 'sed: 1: "s/[/b/": unterminated substitute pattern\n', 1],
    ["sed 's/a/\\1/'", 'sed: 1: "s/a/\\1/": \\1 not defined in the RE\n', 1],
    ["sed 'k'", 'sed: 1: "k": invalid command code k\n', 1],
    ["sed 'y/a/b/'", "lab: sed's command y is not built.\n", 2],
    ["sed 'px'", 'sed: 1: "px": extra characters at the end of p command\n', 1],
    ['cut', 'usage: cut -b list [-n] [file ...]\n       cut -c list [file ...]\n       cut -f list [-s] [-w | -d delim] [file ...]\n', 1],
    ['cut -f 0', 'cut: [-bcf] list: values may not include zero\n', 1],
    [
      'tr',
      'usage: tr [-Ccsu] string1 string2\n       tr [-Ccu] -d string1\n       tr [-Ccu] -s string1\n       tr [-Ccu] -ds string1 string2\n',
      1,
    ],
    ['seq', 'usage: seq [-w] [-f format] [-s string] [-t string] [first [incr]] last\n', 1],
    ['seq x', 'seq: invalid floating point argument: x\n', 1],
    ['sort nofile', 'sort: cannot read: nofile: No such file or directory\n', 2],
    ['cat <&-', 'cat: stdin: Bad file descriptor\n', 1],
  ])('%j: %j', (script, err, status) => {
    const r = sh(script);
    expect([r.err, r.status]).toEqual([err, status]);
  });
});

describe('expressions', () => {
  it.each<[string, boolean, string]>([
    ['a+b', false, 'a\\+b'],
    ['a\\+b', false, 'a\\+b'],
    ['a{2}', false, 'a\\{2\\}'],
    ['^*', false, '^\\*'],
    ['a$b', false, 'a\\$b'],
    ['a^b', false, 'a\\^b'],
    ['[]a]', false, '[\\u{5d}a]'],
    ['[\\n]', false, '[\\u{5c}n]'],
    ['a**', false, '(?:a*)*'],
    ['x(ab)*+', true, 'x(?:(ab)*)+'],
    ['/', true, '\\/'],
  ])('%s: %s', (pattern, extended, source) => {
    expect(translate(pattern, extended, false)).toBe(source);
  });
});

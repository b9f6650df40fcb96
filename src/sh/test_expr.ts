// test(1) and [: expressions on strings, numbers and files. Mirrors bin/test/test.c: POSIX's rules for up to four words, its
// grammar beyond.

import type { Builtin } from './builtins.ts';
import { absolute, fileOf, isDir } from './file.ts';
import { type Sh, complain } from './state.ts';

class Bad extends Error {}

const STRINGS: Record<string, (a: string, b: string) => boolean> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};
const NUMBERS: Record<string, (a: bigint, b: bigint) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};
const integer = (s: string): bigint => {
  if (!/^\s*[-+]?\d+\s*$/.test(s)) throw new Bad(`${s}: bad number`);
  return BigInt(s.trim().replace(/^\+/, ''));
};
const UNARY = 'bcdefghknprstuwxzLOGS';

function unary({ p, sys }: Sh, op: string, arg: string): boolean {
  const t = sys.os.tree(),
    path = absolute(p.cwd, arg),
    text = arg === '' ? undefined : t.files[path],
    dir = arg !== '' && isDir(t, path),
    device = path === '/dev/null' || path === '/dev/tty';
  switch (op[1]) {
    case 'n':
      return arg !== '';
    case 'z':
      return arg === '';
    case 'd':
      return dir;
    case 'f':
      return text !== undefined;
    case 's':
      return text !== undefined ? text !== '' : dir;
    case 't':
      return fileOf(t, p, Number(integer(arg)))?.k === 'tty';
    case 'c':
      return device;
    case 'e':
    case 'r':
    case 'w':
      return text !== undefined || dir || device;
    case 'x':
      return dir;
    case 'O':
    case 'G':
      return text !== undefined || dir;
    default:
      return false;
  }
}

function evaluate(sh: Sh, args: readonly string[]): boolean {
  let i = 0;
  const isUnary = (s: string | undefined) => s?.length === 2 && s.startsWith('-') && UNARY.includes(s[1] ?? '-');
  const isBinary = (s: string | undefined): s is string =>
    s !== undefined && (Object.hasOwn(STRINGS, s) || Object.hasOwn(NUMBERS, s) || /^-[noe][tf]$/.test(s));
  const two = (a: string, op: string, b: string): boolean => {
    const s = Object.hasOwn(STRINGS, op) ? STRINGS[op] : undefined,
      n = Object.hasOwn(NUMBERS, op) ? NUMBERS[op] : undefined;
    if (s) return s(a, b);
    if (n) return n(integer(a), integer(b));
    throw new Bad(`${op}: unexpected operator`);
  };
  const primary = (): boolean => {
    const a = args[i++];
    if (a === undefined) throw new Bad('argument expected');
    if (isBinary(args[i]) && args[i + 1] !== undefined) {
      const op = args[i] ?? '';
      i += 2;
      return two(a, op, args[i - 1] ?? '');
    }
    if (a === '!') return !primary();
    if (a === '(') {
      const v = or();
      if (args[i++] !== ')') throw new Bad('closing paren expected');
      return v;
    }
    if (isUnary(a) && args[i] !== undefined) return unary(sh, a, args[i++] ?? '');
    return a !== '';
  };
  const and = (): boolean => {
    let v = primary();
    while (args[i] === '-a') {
      i++;
      const r = primary();
      v = v && r;
    }
    return v;
  };
  const or = (): boolean => {
    let v = and();
    while (args[i] === '-o') {
      i++;
      const r = and();
      v = v || r;
    }
    return v;
  };
  const [a = '', b = '', c = ''] = args;
  if (args.length === 0) return false;
  if (args.length === 1) return a !== '';
  if (args.length === 2 && a === '!') return b === '';
  if (args.length === 3 && isBinary(b)) return two(a, b, c);
  if (args.length === 3 && a === '(' && c === ')') return b !== '';
  const v = or();
  if (i < args.length) throw new Bad(`${args[i]}: unexpected operator`);
  return v;
}

export const test: Builtin = (sh, argv) => {
  const name = argv[0] ?? 'test',
    args = argv.slice(1);
  try {
    if (name === '[' && args.pop() !== ']') throw new Bad('missing ]');
    return evaluate(sh, args) ? 0 : 1;
  } catch (e) {
    if (!(e instanceof Bad)) throw e;
    complain(sh, `${name}: ${e.message}`);
    return 2;
  }
};

// sed(1) in small: s///[gipN], p, d, q, = with addresses, !, -n, -e, -E. Mirrors usr.bin/sed's compile.c and its messages.

import { getopt } from '../sh/getopt.ts';
import { filter, misused } from './filters_input.ts';
import { type Fault, RegexFault, compile, translate } from './filters_regex.ts';

const USAGE =
  'usage: sed script [-Ealn] [-i extension] [file ...]\n       sed [-Ealn] [-i extension] [-e script] ... [-f script_file] ... [file ...]';
const FAULTS: Record<Fault, string> = {
  EBRACK: 'brackets ([ ]) not balanced',
  EPAREN: 'parentheses not balanced',
  EBRACE: 'braces not balanced',
  BADBR: 'invalid repetition count(s)',
  ERANGE: 'invalid character range',
  ECTYPE: 'invalid character class',
  EESCAPE: 'trailing backslash (\\)',
  ESUBREG: 'invalid backreference number',
  BADRPT: 'repetition-operator operand invalid',
  EMPTY: 'empty (sub)expression',
};

type Address = { t: 'line'; n: number } | { t: 'last' } | { t: 're'; source: string; flags: string };
interface Edit {
  from?: Address;
  to?: Address;
  not: boolean;
  cmd: 's' | 'p' | 'd' | 'q' | '=';
  source: string;
  flags: string;
  /** Text and numbers of groups; 0 is all that matched. */
  by: (string | number)[];
  nth: number;
  global: boolean;
  print: boolean;
  /** Within its two addresses: the line that ends it, 0 when an expression does. */
  inside?: number;
}
interface State {
  edits: Edit[];
  quiet: boolean;
  n: number;
  /** The line before the one that has come: whether it is the last is known only then. */
  held: { text: string; newline: boolean } | null;
}

class Bad extends Error {}
const cache = new Map<string, RegExp>();
const regex = (source: string, flags: string): RegExp => {
  const key = `${flags}/${source}`,
    old = cache.get(key);
  if (old) return old;
  if (cache.size > 50) cache.clear();
  const re = compile(source, flags);
  cache.set(key, re);
  return re;
};

/** Reads a script, or throws Bad with sed's words. */
function script(src: string, extended: boolean): Edit[] {
  const edits: Edit[] = [];
  let i = 0,
    lastSource: string | undefined;
  const re = (text: string): string => {
    if (text === '') {
      if (lastSource === undefined) throw new Bad('no previous regular expression');
      return lastSource;
    }
    try {
      lastSource = translate(text, extended, false);
      compile(lastSource, 'g');
      return lastSource;
    } catch (e) {
      throw e instanceof RegexFault ? new Bad(`RE error: ${FAULTS[e.fault]}`) : e;
    }
  };
  /** Up to the delimiter, which may be escaped; within brackets it is none. */
  const delimited = (d: string, isRe: boolean): string | undefined => {
    let out = '';
    for (let set = false; i < src.length; i++) {
      const c = src[i] ?? '';
      if (c === '\n' && isRe) return undefined;
      if (c === '\\' && i + 1 < src.length && !set) {
        const next = src[++i] ?? '';
        out += next === d ? (isRe || next === '&' ? next : next) : isRe && next === 'n' ? '\n' : c + next;
      } else if (isRe && set) {
        out += c;
        if (c === ']' && !/\[\^?$/.test(out.slice(0, -1))) set = false;
      } else if (c === d) {
        i++;
        return out;
      } else {
        if (isRe && c === '[') set = true;
        out += c;
      }
    }
    return undefined;
  };
  const blanks = () => {
    while (/[ \t]/.test(src[i] ?? '')) i++;
  };
  const address = (): Address | undefined => {
    const digits = /^\d+/.exec(src.slice(i, i + 16))?.[0];
    if (digits !== undefined) {
      i += digits.length;
      return { t: 'line', n: Number(digits) };
    }
    if (src[i] === '$') {
      i++;
      return { t: 'last' };
    }
    if (src[i] !== '/' && src[i] !== '\\') return undefined;
    if (src[i] === '\\') i++;
    const d = src[i++] ?? '',
      text = delimited(d, true);
    if (text === undefined) throw new Bad('unterminated regular expression');
    const ignore = src[i] === 'I';
    if (ignore) i++;
    return { t: 're', source: re(text), flags: ignore ? 'gi' : 'g' };
  };
  for (;;) {
    while (/[ \t\n;]/.test(src[i] ?? '')) i++;
    if (i >= src.length) return edits;
    if (src[i] === '#') {
      while (i < src.length && src[i] !== '\n') i++;
      continue;
    }
    const e: Edit = { not: false, cmd: 'p', source: '', flags: 'g', by: [], nth: 1, global: false, print: false },
      from = address();
    if (from) e.from = from;
    blanks();
    if (from && src[i] === ',') {
      i++;
      blanks();
      const to = address();
      if (!to) throw new Bad('expected context address');
      e.to = to;
      blanks();
    }
    while (src[i] === '!') {
      e.not = true;
      i++;
      blanks();
    }
    const c = src[i++];
    if (c === undefined || c === '\n') throw new Bad('command expected');
    if (c === 's') {
      const d = src[i++] ?? '\n';
      if (d === '\n' || d === '\\') throw new Bad('substitute pattern can not be delimited by newline or backslash');
      const pattern = delimited(d, true);
      if (pattern === undefined) throw new Bad('unterminated substitute pattern');
      const text = delimited(d, false);
      if (text === undefined) throw new Bad('unterminated substitute in regular expression');
      e.source = re(pattern);
      let plain = '';
      for (let k = 0; k < text.length; k++) {
        const x = text[k] ?? '',
          next = text[k + 1];
        const group = x === '&' ? 0 : x === '\\' && next !== undefined && /\d/.test(next) ? Number(next) : undefined;
        if (x === '\\' || group === 0) if (x === '\\') k++;
        if (group === undefined) plain += x === '\\' ? (next ?? '') : x;
        else {
          e.by.push(plain, group);
          plain = '';
        }
      }
      e.by.push(plain);
      const groups = (e.source.match(/(?<!\\)(?:\\\\)*\((?!\?)/g) ?? []).length,
        over = e.by.find((x) => typeof x === 'number' && x > groups);
      if (over !== undefined) throw new Bad(`\\${over} not defined in the RE`);
      for (let numbered = false; ; ) {
        const flag = src[i] ?? '';
        if (flag === 'g') e.global = true;
        else if (flag === 'p') e.print = true;
        else if (flag === 'i' || flag === 'I') e.flags = 'gi';
        else if (/[1-9]/.test(flag) && !numbered) {
          const n = /^\d+/.exec(src.slice(i, i + 9))?.[0] ?? flag;
          e.nth = Number(n);
          i += n.length - 1;
          numbered = true;
        } else if (flag === 'w') throw new Bad('lab');
        else if (flag === '' || /[\s;}]/.test(flag)) break;
        else throw new Bad("bad flag in substitute command: '".concat(flag, "'"));
        i++;
      }
      e.cmd = 's';
    } else if (c === 'p' || c === 'd' || c === 'q' || c === '=') {
      e.cmd = c;
      if (c === 'q' && e.to) throw new Bad('command q expects up to 1 address(es), found 2');
    } else if ('aAbcDgGhHilnNPrtwxyz{}:'.includes(c)) throw new Bad(`lab ${c}`);
    else throw new Bad(`invalid command code ${c}`);
    edits.push(e);
    blanks();
    if (i < src.length && !/[\n;]/.test(src[i] ?? '')) throw new Bad(`extra characters at the end of ${e.cmd} command`);
  }
}

const holds = (a: Address, line: string, n: number, last: boolean): boolean => {
  if (a.t !== 're') return a.t === 'line' ? n === a.n : last;
  const re = regex(a.source, a.flags);
  re.lastIndex = 0;
  return re.test(line);
};

function selected(e: Edit, line: string, n: number, last: boolean): boolean {
  if (!e.from) return true;
  if (!e.to) return holds(e.from, line, n, last);
  if (e.inside === undefined) {
    if (!holds(e.from, line, n, last)) return false;
    // A range whose second line is not after the first is that one line.
    if (!(e.to.t === 'line' && e.to.n <= n) && !(e.to.t === 'last' && last)) e.inside = 0;
    return true;
  }
  if (e.to.t === 'line' ? n >= e.to.n : holds(e.to, line, n, last)) delete e.inside;
  return !(e.to.t === 'line' && n > e.to.n);
}

function substitute(e: Edit, line: string): string | undefined {
  let k = 0,
    done = false,
    after = -1;
  const re = regex(e.source, e.flags),
    text = line.replace(re, (...m: unknown[]) => {
      const all = String(m[0]),
        at = Number(m[m.length - 2]);
      // An empty match right after another is none.
      if (all === '' && at === after) return '';
      after = at + all.length;
      k++;
      if (k < e.nth || (done && !e.global)) return String(m[0]);
      done = true;
      return e.by.map((x) => (typeof x === 'number' ? String(m[x] ?? '') : x)).join('');
    });
  return done ? text : undefined;
}

export const sed = filter<State>({
  start(p, sys) {
    const r = getopt(p.argv, 'EaI:e:f:i:lnr'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length) return misused(p, sys, r.errors[0], USAGE);
    for (const o of 'aIfil')
      if (has(o)) {
        sys.os.writeErr(p, `lab: sed -${o} is not built.\n`);
        return 2;
      }
    const given = r.opts.filter((x) => x.opt === 'e').map((x) => x.arg ?? ''),
      names = r.rest,
      text = given.length ? given.join('\n') : names.shift();
    if (text === undefined) return misused(p, sys, undefined, USAGE);
    try {
      return { names, s: { edits: script(text, has('E') || has('r')), quiet: has('n'), n: 0, held: null } };
    } catch (e) {
      if (!(e instanceof Bad)) throw e;
      const what = /^lab ?(.*)$/.exec(e.message)?.[1];
      sys.os.writeErr(
        p,
        what === undefined ? `sed: 1: "${text}": ${e.message}\n` : `lab: sed's command ${what || 's///w'} is not built.\n`,
      );
      return what === undefined ? 1 : 2;
    }
  },
  line(f, text, newline) {
    const before = f.s.held;
    f.s.held = { text, newline };
    if (before) edit(f, before, false);
  },
  end(f) {
    if (f.s.held) edit(f, f.s.held, true);
    return 0;
  },
});

function edit(f: Parameters<NonNullable<Parameters<typeof filter<State>>[0]['line']>>[0], held: NonNullable<State['held']>, last: boolean) {
  const { s } = f,
    end = last && !held.newline ? '' : '\n';
  let line = held.text;
  s.n++;
  for (const e of s.edits) {
    if (selected(e, line, s.n, last) === e.not) continue;
    if (e.cmd === 'd') return;
    if (e.cmd === '=') f.out(`${s.n}\n`);
    else if (e.cmd === 'p') f.out(`${line}\n`);
    else if (e.cmd === 's') {
      const text = substitute(e, line);
      if (text === undefined) continue;
      line = text;
      if (e.print) f.out(`${line}\n`);
    } else {
      if (!s.quiet) f.out(line + end);
      s.held = null;
      f.stop();
      return;
    }
  }
  if (!s.quiet) f.out(line + end);
}

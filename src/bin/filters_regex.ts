// POSIX basic and extended regular expressions as JavaScript's. One difference is left: of several alternatives POSIX takes
// the longest match, JavaScript the first. `gnu`: what GNU's grep, which FreeBSD 10 has, adds to both.

/** What is wrong with an expression: REG_* of regcomp(3). */
export type Fault = 'EBRACK' | 'EPAREN' | 'EBRACE' | 'BADBR' | 'ERANGE' | 'ECTYPE' | 'EESCAPE' | 'ESUBREG' | 'BADRPT' | 'EMPTY';

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '\\p{L}\\p{N}',
  alpha: '\\p{L}',
  blank: ' \\t',
  cntrl: '\\p{Cc}',
  digit: '0-9',
  graph: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}',
  lower: '\\p{Ll}',
  print: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: '\\p{Lu}',
  xdigit: '0-9A-Fa-f',
};
const DUP_MAX = 255;

export class RegexFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault);
  }
}
const fault = (f: Fault): never => {
  throw new RegexFault(f);
};
const literal = (c: string) => (/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c);
const inSet = (c: string) => (/[\\\]^[&~\-!#$%*+,.:;<=>?@`{|}()/"']/.test(c) ? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}` : c);

/** A bracket expression; `i` is after the bracket. */
function bracket(chars: readonly string[], start: number): { source: string; end: number } {
  let i = start,
    out = '';
  const negated = chars[i] === '^';
  if (negated) i++;
  for (let first = true; ; first = false) {
    const c = chars[i];
    if (c === undefined) return fault('EBRACK');
    if (c === ']' && !first) break;
    const kind = c === '[' ? chars[i + 1] : undefined;
    let low = c;
    if (kind === ':' || kind === '.' || kind === '=') {
      let j = i + 2;
      while (j < chars.length && !(chars[j] === kind && chars[j + 1] === ']')) j++;
      if (j >= chars.length) return fault('EBRACK');
      const name = chars.slice(i + 2, j).join('');
      i = j + 2;
      if (kind === ':') {
        out += Object.hasOwn(CLASSES, name) ? CLASSES[name] : fault('ECTYPE');
        continue;
      }
      if (Array.from(name).length !== 1) return fault('ECTYPE');
      low = name;
    } else i++;
    if (chars[i] === '-' && chars[i + 1] !== undefined && chars[i + 1] !== ']') {
      const high = chars[i + 1] ?? '';
      if (high < low) return fault('ERANGE');
      out += `${inSet(low)}-${inSet(high)}`;
      i += 2;
    } else out += inSet(low);
  }
  return { source: out === '' ? '[\\s\\S]' : `[${negated ? '^' : ''}${out}]`, end: i + 1 };
}

/** The JavaScript source of an expression, which stands after `before` other groups. Throws RegexFault. */
export function translate(pattern: string, extended: boolean, gnu: boolean, before = 0): string {
  const chars = Array.from(pattern);
  let i = 0,
    out = '',
    groups = 0,
    // Whether something is there that can be repeated.
    atom = false,
    // Whether that is a repetition already.
    repeated = false;
  const open: number[] = [],
    closed: number[] = [];
  const interval = (): string => {
    const text = chars.slice(i).join(''),
      m = (extended ? /^(\d+)(,(\d*))?\}/ : /^(\d+)(,(\d*))?\\\}/).exec(text);
    if (!m) return /[}]/.test(text) ? fault('BADBR') : fault('EBRACE');
    const low = Number(m[1]),
      high = m[2] === undefined ? low : m[3] ? Number(m[3]) : low;
    if (low > DUP_MAX || high > DUP_MAX || high < low) return fault('BADBR');
    i += m[0].length;
    return `{${m[1]}${m[2] ?? ''}}`;
  };
  while (i < chars.length) {
    const c = chars[i++] ?? '',
      twice = repeated;
    repeated = false;
    const escaped = c === '\\' ? chars[i] : undefined;
    if (c === '\\' && escaped === undefined) fault('EESCAPE');
    if (escaped !== undefined) i++;
    const op = extended
      ? escaped === undefined
        ? c
        : ''
      : escaped !== undefined && ('(){}'.includes(escaped) || (gnu && '+?|'.includes(escaped)))
        ? escaped
        : c === '*' || c === '.' || c === '[' || c === '^' || c === '$'
          ? c
          : '';
    const atStart = out === '' || /(?:^|[^\\])(?:\\\\)*(?:\((?:\?:)?|\|)$/.test(out);
    if (op === '(') {
      out += '(';
      open.push(++groups);
      atom = false;
    } else if (op === ')' && (open.length > 0 || !extended)) {
      const n = open.pop() ?? fault('EPAREN');
      closed.push(n);
      out += ')';
      atom = true;
    } else if (op === ')') {
      if (!gnu) fault('EPAREN');
      out += '\\)';
      atom = true;
    } else if (op === '|') {
      if (extended && !gnu && atStart) fault('EMPTY');
      out += '|';
      atom = false;
    } else if (op === '*' || op === '+' || op === '?') {
      // GNU takes a repetition of nothing for nothing, POSIX a basic one for itself.
      if (!atom && extended && gnu) continue;
      if (!atom && !extended) {
        // At the start it is itself.
        out += literal(op);
        atom = true;
      } else if (!atom) fault('BADRPT');
      else out = twice ? again(out, op) : out + op;
      repeated = true;
    } else if (op === '{') {
      if (!atom && extended && gnu && /^\d/.test(chars[i] ?? '')) {
        interval();
        continue;
      }
      if (!atom && extended && !/^\d/.test(chars[i] ?? '')) {
        out += '\\{';
        atom = true;
      } else if (!atom) fault('BADRPT');
      else if (extended && !/^\d/.test(chars[i] ?? '')) out += '\\{';
      else {
        out = twice ? again(out, interval()) : out + interval();
        repeated = true;
      }
    } else if (op === '[') {
      const r = bracket(chars, i);
      out += r.source;
      i = r.end;
      atom = true;
    } else if (op === '.') {
      out += '.';
      atom = true;
    } else if (op === '^') {
      const anchor = extended || atStart;
      out += anchor ? '^' : '\\^';
      atom = !anchor;
    } else if (op === '$') {
      const rest = chars.slice(i).join(''),
        anchor = extended || rest === '' || rest.startsWith('\\)') || (gnu && rest.startsWith('\\|'));
      out += anchor ? '$' : '\\$';
      atom = !anchor;
    } else if (escaped !== undefined && /[1-9]/.test(escaped) && (!extended || gnu)) {
      if (!closed.includes(Number(escaped))) fault('ESUBREG');
      out += `(?:\\${before + Number(escaped)})`;
      atom = true;
    } else if (escaped !== undefined && gnu && '<>bBwW'.includes(escaped)) {
      out += { '<': '\\b(?=\\w)', '>': '\\b(?<=\\w)', b: '\\b', B: '\\B', w: '\\w', W: '\\W' }[escaped] ?? '';
      atom = 'wW'.includes(escaped);
    } else {
      out += literal(escaped ?? c);
      atom = true;
    }
  }
  if (open.length) fault('EPAREN');
  return out;
}

/** A repetition of what is repeated already: the last atom with its repetition becomes a group. */
function again(out: string, op: string): string {
  let depth = 0,
    set = false,
    from = 0,
    last = 0;
  // Where the last atom begins: the atoms are walked from the left, because escapes can only be read so.
  const stack: number[] = [];
  for (let i = 0; i < out.length; ) {
    const begin = i,
      c = out[i];
    if (c === '\\') i += out.startsWith('\\u{', i) || out.startsWith('\\p{', i) ? out.indexOf('}', i) - i + 1 : 2;
    else i++;
    if (set) {
      if (c === ']') set = false;
      continue;
    }
    if (c === '[') {
      set = true;
      last = begin;
    } else if (c === '(') {
      stack.push(begin);
      depth++;
    } else if (c === ')') {
      last = stack.pop() ?? 0;
      depth--;
    } else if (c === '{') i = out.indexOf('}', i) + 1;
    else if (c !== '*' && c !== '+' && c !== '?') last = begin;
    from = last;
  }
  return depth < 0 ? out : `${out.slice(0, from)}(?:${out.slice(from)})${op}`;
}

/** A compiled expression; throws RegexFault. */
export function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `u${flags}`);
  } catch {
    return fault('BADRPT');
  }
}
export const quoted = (text: string) => Array.from(text).map(literal).join('');

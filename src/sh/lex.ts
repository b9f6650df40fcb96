// The tokens of sh(1): words as parts that expand later, operators, redirections; each with its place in the source.
// Mirrors xxreadtoken() and readtoken1() of FreeBSD's bin/sh/parser.c. What this shell leaves out says so as `lab`.

export type Part =
  | { t: 'lit'; text: string; quoted: boolean }
  /** A parameter: a name, digits, or one of ? ! $ # @ * - */
  | { t: 'var'; name: string; quoted: boolean };

export interface Word {
  parts: Part[];
  at: number;
  end: number;
}

export type Operator = '|' | '||' | '&' | '&&' | ';' | ';;' | ';&' | '(' | ')';
export type RedirOperator = '<' | '>' | '>>' | '>|' | '<>' | '>&' | '<&' | '<<';

interface Place {
  at: number;
  end: number;
}
export type Token =
  | ({ t: 'word'; word: Word } & Place)
  | ({ t: 'op'; op: Operator } & Place)
  | ({ t: 'redir'; op: RedirOperator; fd: number } & Place)
  | ({ t: 'newline' | 'eof' } & Place);

export interface ShError {
  /** In sh's own words, without newline: `Syntax error: "&&" unexpected`. */
  message: string;
  /** Offset in the source, and the same as 1-based line and column. */
  at: number;
  line: number;
  col: number;
  /** True when sh would read on (a quote, a pipe, a parenthesis is open): an interactive shell shows PS2. */
  more: boolean;
  /** True when a real sh would accept this and only the lab's does not. */
  lab: boolean;
}

export interface Lexed {
  /** Always ends with 'eof', unless there is an error. */
  tokens: Token[];
  error?: ShError;
  /** The source ends in an escaped newline: an interactive shell would read on. */
  continued: boolean;
}

export function errorAt(src: string, at: number, message: string, more = false, lab = false): ShError {
  const before = src.slice(0, at);
  const line = before.split('\n').length;
  return { message, at, line, col: at - before.lastIndexOf('\n'), more, lab };
}

export const isName = (s: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(s);

const ENDS_WORD = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const UNTERMINATED = 'Syntax error: Unterminated quoted string';

/** How a reader leaves the middle of its work; lex() and parse() turn it into a result. */
export class Stop extends Error {
  constructor(
    readonly at: number,
    message: string,
    readonly more: boolean,
    readonly lab: boolean,
  ) {
    super(message);
  }
}
const fail = (at: number, message: string, more = false): never => {
  throw new Stop(at, message, more, false);
};
const leftOut = (at: number, what: string): never => {
  throw new Stop(at, `lab: this sh does not know ${what}`, false, true);
};

/** Reads the word at `i`; sh's own rule decides where it ends. */
function readWord(src: string, start: number): Word {
  const parts: Part[] = [];
  let i = start;

  const lit = (text: string, quoted: boolean) => {
    const last = parts[parts.length - 1];
    if (last?.t === 'lit' && last.quoted === quoted) last.text += text;
    else parts.push({ t: 'lit', text, quoted });
  };

  /** `i` is at a dollar sign. */
  const dollar = (quoted: boolean) => {
    const at = i++;
    const bare = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9?!$#@*-])/.exec(src.slice(i, i + 256))?.[0];
    if (src[i] === '(') leftOut(at, src[i + 1] === '(' ? 'arithmetic: $((…))' : 'command substitution: $(…)');
    else if (src[i] === '{') {
      const close = src.indexOf('}', i);
      if (/^\{(?:\w+|[?!$#@*-])?(?:\n|$)/.test(src.slice(i))) fail(at, 'Syntax error: Unexpected end of line in substitution');
      if (close < 0) fail(at, "Syntax error: Missing '}'", true);
      const name = src.slice(i + 1, close);
      if (/^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?!$#@*-])$/.test(name)) parts.push({ t: 'var', name, quoted });
      else if (/^(?:#?[A-Za-z_0-9][A-Za-z0-9_]*|[?!$#@*-])(?:$|:?[-+=?]|[#%])/.test(name))
        leftOut(at, 'operators in a substitution: ${name-word}');
      else fail(at, `\${${name}}: Bad substitution`);
      i = close + 1;
    } else if (bare !== undefined) {
      parts.push({ t: 'var', name: bare, quoted });
      i += bare.length;
    } else if (src[i] === "'" && !quoted) {
      i++;
      cStyle(at);
    } else lit('$', quoted);
  };

  /** $'…': `i` is after the opening quote. */
  const cStyle = (at: number) => {
    for (;;) {
      const c = src[i++];
      if (c === undefined) return fail(at, UNTERMINATED, true);
      if (c === "'") return lit('', true);
      if (c !== '\\') {
        lit(c, true);
        continue;
      }
      const rest = src.slice(i, i + 10);
      const code = /^(?:x([0-9A-Fa-f]+)|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3}))/.exec(rest);
      if (code) {
        const hex = code[1] ?? code[2] ?? code[3];
        const value = hex === undefined ? Number.parseInt(code[4] ?? '', 8) & 0xff : Number.parseInt(hex, 16);
        const cp = code[1] === undefined ? value : value & 0xff;
        if (cp === 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) fail(i - 1, 'Syntax error: Bad escape sequence');
        lit(String.fromCodePoint(cp), true);
        i += code[0].length;
      } else if (rest[0] === '\n') i++;
      else {
        const plain = Object.hasOwn(ESCAPES, rest[0] ?? '') ? ESCAPES[rest[0] ?? ''] : undefined;
        if (plain === undefined) return rest === '' ? fail(at, UNTERMINATED, true) : fail(i - 1, 'Syntax error: Bad escape sequence');
        lit(plain, true);
        i++;
      }
    }
  };

  const doubleQuoted = () => {
    const at = i++;
    lit('', true);
    for (;;) {
      const c = src[i];
      if (c === undefined) return fail(at, UNTERMINATED, true);
      if (c === '"') {
        i++;
        return;
      }
      if (c === '$') {
        dollar(true);
        continue;
      }
      if (c === '`') leftOut(i, 'command substitution: `…`');
      const next = src[i + 1];
      if (c !== '\\' || next === undefined) {
        lit(c, true);
        i++;
        continue;
      }
      if (next !== '\n') lit('\\`$"'.includes(next) ? next : c + next, true);
      i += 2;
    }
  };

  for (;;) {
    const c = src[i];
    if (c === undefined || ENDS_WORD.has(c)) return { parts, at: start, end: i };
    if (c === '\\') {
      const next = src[i + 1];
      if (next === undefined) lit('\\', false);
      else if (next !== '\n') lit(next, true);
      i += 2;
      if (next === undefined) i = src.length;
    } else if (c === "'") {
      const close = src.indexOf("'", i + 1);
      if (close < 0) fail(i, UNTERMINATED, true);
      lit(src.slice(i + 1, close), true);
      i = close + 1;
    } else if (c === '"') doubleQuoted();
    else if (c === '$') dollar(false);
    else if (c === '`') leftOut(i, 'command substitution: `…`');
    else {
      lit(c, false);
      i++;
    }
  }
}

const DOUBLE: readonly string[] = ['&&', '||', ';;', ';&'];
const REDIRECTIONS: readonly RedirOperator[] = ['>>', '>&', '>|', '<<', '<&', '<>', '>', '<'];

/** The redirection operator at `at`, whose first character is at `i`. */
function readRedirection(src: string, at: number, i: number): Token {
  const op = REDIRECTIONS.find((o) => src.startsWith(o, i)) ?? '<';
  if (op === '<<') leftOut(at, 'here-documents: <<');
  const fd = i > at ? Number(src[at]) : op.startsWith('<') ? 0 : 1;
  return { t: 'redir', op, fd, at, end: i + op.length };
}

/** Cuts a source into tokens. Never throws: tokens up to the error, and the error. */
export function lex(src: string): Lexed {
  const tokens: Token[] = [];
  let i = 0;
  let continued = false;
  try {
    for (;;) {
      const at = i;
      const c = src[i];
      if (c === undefined) {
        tokens.push({ t: 'eof', at, end: at });
        return { tokens, continued };
      }
      if (c === ' ' || c === '\t') i++;
      else if (c === '\\' && src[i + 1] === '\n') {
        i += 2;
        continued = i === src.length;
      } else if (c === '#') {
        const newline = src.indexOf('\n', i);
        i = newline < 0 ? src.length : newline;
      } else if (c === '\n') tokens.push({ t: 'newline', at, end: ++i });
      else if (c === '<' || c === '>') {
        const token = readRedirection(src, at, at);
        tokens.push(token);
        i = token.end;
      } else if (ENDS_WORD.has(c)) {
        const two = src.slice(i, i + 2);
        const op = (DOUBLE.includes(two) ? two : c) as Operator;
        i += op.length;
        tokens.push({ t: 'op', op, at, end: i });
      } else {
        const word = readWord(src, i);
        i = word.end;
        // A word has the last newline in it only when that is escaped.
        continued = i === src.length && src.endsWith('\n');
        // One digit right before < or > is the descriptor, not a word.
        if (word.end === at + 1 && c >= '0' && c <= '9' && (src[i] === '<' || src[i] === '>')) {
          const token = readRedirection(src, at, i);
          tokens.push(token);
          i = token.end;
        } else if (word.parts.length > 0) tokens.push({ t: 'word', word, at, end: i });
      }
    }
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    return { tokens, error: errorAt(src, e.at, e.message, e.more, e.lab), continued };
  }
}

/** The shortest plain way to write `text` as one word that expands to itself. */
export function quote(text: string): string {
  // An assignment and a reserved word must not be read as such.
  if (/^[\w@%+:,./=‐-]+$/.test(text) && !/^\w*=/.test(text) && !RESERVED.has(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words that are not words where a command begins. */
export const RESERVED: ReadonlySet<string> = new Set([
  '!',
  '{',
  '}',
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'if',
  'then',
  'until',
  'while',
]);

// The words of sh(1): quotes, parameters, substitutions, as parts that expand later. Mirrors readtoken1(), parsesub() and
// parsebackq() of FreeBSD's bin/sh/parser.c. What this shell leaves out says so as `lab`.

export type VarOp = '-' | ':-' | '=' | ':=' | '?' | ':?' | '+' | ':+' | '#' | '##' | '%' | '%%' | 'length';
export type Part =
  | { t: 'lit'; text: string; quoted: boolean }
  /** A parameter: a name, digits, or one of ? ! $ # @ * -; with an operator and its word, if it has one. */
  | { t: 'var'; name: string; quoted: boolean; op?: VarOp; word?: Part[] }
  /** $(…) and `…`: the source of the commands. */
  | { t: 'cmd'; src: string; quoted: boolean }
  | { t: 'arith'; parts: Part[]; quoted: boolean };

export interface Word {
  parts: Part[];
  at: number;
  end: number;
}

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
export const fail = (at: number, message: string, more = false): never => {
  throw new Stop(at, message, more, false);
};
export const leftOut = (at: number, what: string): never => {
  throw new Stop(at, `lab: this sh does not know ${what}`, false, true);
};

export const ENDS_WORD = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
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
const NAME = /(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?!$#@*-])/y;
const OP = /:?[-=?+]|##?|%%?/y;
/** Levels of $(…), `…` and ${…} within each other. */
export const SUB_DEPTH = 50;

/** Answers where the parenthesis that encloses `from` is closed. */
export type Closer = (src: string, from: number, depth: number) => number;

const match = (re: RegExp, src: string, i: number): string | undefined => {
  re.lastIndex = i;
  return re.exec(src)?.[0];
};

export class WordReader {
  parts: Part[] = [];
  constructor(
    readonly src: string,
    public i: number,
    readonly closer: Closer,
    readonly depth: number,
  ) {
    if (depth > SUB_DEPTH) leftOut(i, `more than ${SUB_DEPTH} levels of substitution`);
  }

  lit(text: string, quoted: boolean) {
    const last = this.parts[this.parts.length - 1];
    if (last?.t === 'lit' && last.quoted === quoted) last.text += text;
    else this.parts.push({ t: 'lit', text, quoted });
  }
  #inner(i: number) {
    return new WordReader(this.src, i, this.closer, this.depth + 1);
  }

  /** At a dollar sign. */
  dollar(quoted: boolean) {
    const { src } = this,
      at = this.i++,
      c = src[this.i];
    if (c === '(') {
      if (src[this.i + 1] === '(' && this.#arithmetic(quoted)) return;
      const end = this.closer(src, this.i + 1, this.depth + 1);
      this.parts.push({ t: 'cmd', src: src.slice(this.i + 1, end), quoted });
      this.i = end + 1;
      return;
    }
    if (c === '{') {
      this.#braces(at, quoted);
      return;
    }
    const bare = match(/[A-Za-z_][A-Za-z0-9_]*|[0-9?!$#@*-]/y, src, this.i);
    if (bare !== undefined) {
      this.parts.push({ t: 'var', name: bare, quoted });
      this.i += bare.length;
    } else if (c === "'" && !quoted) {
      this.i++;
      this.#cStyle(at);
    } else this.lit('$', quoted);
  }

  /** $((…)): false when it does not end in "))", and so is $( (…) ). */
  #arithmetic(quoted: boolean): boolean {
    const r = this.#inner(this.i + 2);
    for (let open = 0; ; ) {
      const c = r.src[r.i];
      if (c === undefined) return fail(this.i - 1, 'Syntax error: end of file unexpected (expecting ")")', true);
      if (c === ')' && open === 0) {
        if (r.src[r.i + 1] !== ')') return false;
        this.parts.push({ t: 'arith', parts: r.parts, quoted });
        this.i = r.i + 2;
        return true;
      }
      if (c === '(') open++;
      else if (c === ')') open--;
      if (c === '"') r.i++;
      else r.quotedChar();
    }
  }

  /** ${…}: at the brace. */
  #braces(at: number, quoted: boolean) {
    const { src } = this,
      from = this.i + 1,
      measured = src[from] === '#' ? match(NAME, src, from + 1) : undefined;
    if (measured !== undefined && src[from + 1 + measured.length] === '}') {
      this.parts.push({ t: 'var', name: measured, quoted, op: 'length' });
      this.i = from + 2 + measured.length;
      return;
    }
    const name = match(NAME, src, from) ?? '',
      after = from + name.length,
      op = match(OP, src, after) as VarOp | undefined;
    if (name !== '' && src[after] === '}') {
      this.parts.push({ t: 'var', name, quoted });
      this.i = after + 1;
    } else if (name !== '' && op !== undefined) {
      const r = this.#inner(after + op.length);
      r.#untilBrace(at, quoted && !/[#%]/.test(op));
      this.parts.push({ t: 'var', name, quoted, op, word: r.parts });
      this.i = r.i;
    } else {
      const c = src[after];
      if (c === undefined || c === '\n') fail(at, 'Syntax error: Unexpected end of line in substitution');
      const close = src.indexOf('}', this.i);
      if (close < 0) fail(at, "Syntax error: Missing '}'", true);
      fail(at, `\${${src.slice(this.i + 1, close)}}: Bad substitution`);
    }
  }

  /** The word of an operator, up to and over its brace. */
  #untilBrace(at: number, quoted: boolean) {
    for (;;) {
      const c = this.src[this.i];
      if (c === undefined) return fail(at, "Syntax error: Missing '}'", true);
      if (c === '}') {
        this.i++;
        return undefined;
      }
      if (quoted && c !== '"') {
        if (c === '\\' && this.src[this.i + 1] === '}') {
          this.lit('}', true);
          this.i += 2;
        } else this.quotedChar();
      } else this.char();
    }
  }

  /** $'…': after the opening quote. */
  #cStyle(at: number) {
    for (;;) {
      const c = this.src[this.i++];
      if (c === undefined) return fail(at, UNTERMINATED, true);
      if (c === "'") return this.lit('', true);
      if (c !== '\\') {
        this.lit(c, true);
        continue;
      }
      const rest = this.src.slice(this.i, this.i + 10);
      const code = /^(?:x([0-9A-Fa-f]+)|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3}))/.exec(rest);
      if (code) {
        const hex = code[1] ?? code[2] ?? code[3];
        const value = hex === undefined ? Number.parseInt(code[4] ?? '', 8) & 0xff : Number.parseInt(hex, 16);
        const cp = code[1] === undefined ? value : value & 0xff;
        if (cp === 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) fail(this.i - 1, 'Syntax error: Bad escape sequence');
        this.lit(String.fromCodePoint(cp), true);
        this.i += code[0].length;
      } else if (rest[0] === '\n') this.i++;
      else {
        const plain = Object.hasOwn(ESCAPES, rest[0] ?? '') ? ESCAPES[rest[0] ?? ''] : undefined;
        if (plain === undefined) return rest === '' ? fail(at, UNTERMINATED, true) : fail(this.i - 1, 'Syntax error: Bad escape sequence');
        this.lit(plain, true);
        this.i++;
      }
    }
  }

  /** `…`: a backslash before ` $ \ (and " between double quotes) goes before the commands are read. */
  #backquoted(quoted: boolean) {
    const at = this.i++;
    let text = '';
    for (;;) {
      const c = this.src[this.i++];
      if (c === undefined) return fail(at, 'Syntax error: EOF in backquote substitution', true);
      if (c === '`') break;
      const next = this.src[this.i];
      if (c !== '\\' || next === undefined) text += c;
      else {
        if (next !== '\n') text += '\\`$'.includes(next) || (quoted && next === '"') ? next : c + next;
        this.i++;
      }
    }
    this.parts.push({ t: 'cmd', src: text, quoted });
    return undefined;
  }

  /** One character between double quotes, in a here-document or in arithmetic. */
  quotedChar() {
    const { src } = this,
      c = src[this.i] ?? '',
      next = src[this.i + 1];
    if (c === '$') this.dollar(true);
    else if (c === '`') this.#backquoted(true);
    else if (c === '\\' && next !== undefined) {
      if (next !== '\n') this.lit('\\`$"'.includes(next) ? next : c + next, true);
      this.i += 2;
    } else {
      this.lit(c, true);
      this.i++;
    }
  }

  #doubleQuoted() {
    const at = this.i++;
    this.lit('', true);
    for (;;) {
      const c = this.src[this.i];
      if (c === undefined) return fail(at, UNTERMINATED, true);
      if (c === '"') {
        this.i++;
        return undefined;
      }
      this.quotedChar();
    }
  }

  /** One character, or one quoted stretch, outside of quotes. */
  char() {
    const { src } = this,
      c = src[this.i] ?? '';
    if (c === '\\') {
      const next = src[this.i + 1];
      if (next === undefined) this.lit('\\', false);
      else if (next !== '\n') this.lit(next, true);
      this.i = Math.min(this.i + 2, src.length);
    } else if (c === "'") {
      const close = src.indexOf("'", this.i + 1);
      if (close < 0) fail(this.i, UNTERMINATED, true);
      this.lit(src.slice(this.i + 1, close), true);
      this.i = close + 1;
    } else if (c === '"') this.#doubleQuoted();
    else if (c === '$') this.dollar(false);
    else if (c === '`') this.#backquoted(false);
    else {
      this.lit(c, false);
      this.i++;
    }
  }
}

/** Reads the word at `start`; sh's own rule decides where it ends. */
export function readWord(src: string, start: number, closer: Closer, depth: number): Word {
  const r = new WordReader(src, start, closer, depth);
  for (;;) {
    const c = src[r.i];
    if (c === undefined || ENDS_WORD.has(c)) return { parts: r.parts, at: start, end: r.i };
    r.char();
  }
}

/** The parts of a here-document in which parameters and substitutions are expanded. */
export function readDocument(text: string, closer: Closer, depth: number): Part[] {
  const r = new WordReader(text, 0, closer, depth);
  while (r.i < text.length) {
    if (text[r.i] === '\\' && text[r.i + 1] === '"') {
      r.lit('\\"', true);
      r.i += 2;
    } else r.quotedChar();
  }
  return r.parts;
}

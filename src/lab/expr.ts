// The language of stop points, watchpoints, edits and promises: conditions and numbers over named fields of the machine.
// Pure: what names mean is asked of `Fields`, values come from `read`. Integers are exact; operators are C's, with two
// differences: conditions are not numbers, and & ^ | bind tighter than comparisons (the other way round had no type).

export const LONGEST = 1000;
export const DEEPEST = 64;
export type Type = 'number' | 'bool';
/** A number beyond 2^53 is a bigint; one below never is. */
export type Value = number | bigint | boolean;

/** A name as written: who (port, VM or thread), then steps with an index where there is one. */
export interface Name {
  /** The same for the same name, however it was written. */
  key: string;
  qualifier?: string;
  steps: { text: string; index?: number }[];
}
export type Ref = Name & { type: Type; column: number };
/** What a name means. Not found: the step that is wrong (-1 the qualifier), why, and what was probably meant. */
export type Found =
  | { ok: true; type: Type; key?: string }
  | { ok: false; step: number; index?: boolean; message?: string; meant?: string | undefined };
export interface Fields {
  find(name: Name): Found;
  /** A word that stands for a number (ASLEEP). */
  constant?(word: string): number | undefined;
}

/** Plain data; a column is 1-based, from and to are offsets in the text. */
export type Node = { from: number; to: number } & (
  | { t: 'value'; value: Value }
  | { t: 'name'; ref: number; name: Name; at: number[] } // at: its steps, then the whole
  | { t: 'one'; op: '!' | '-' | '~'; a: Node }
  | { t: 'two'; op: string; at: number; a: Node; b: Node }
  | { t: 'call'; fn: string; args: Node[] }
);
/** refs: every field that it reads, once. */
export type Expr = { text: string; type: Type; refs: Ref[]; root: Node };
export type Problem = { column: number; message: string };
export type Compiled = { ok: true; expr: Expr } | ({ ok: false } & Problem);
/** The value of a field now, or before the last step; undefined when there is none. */
export type Read = (ref: Ref, when: 'now' | 'before') => Value | undefined;

/** Binary operators, loosest first. */
const LEVELS = ['||', '&&', '== !=', '< <= > >=', '|', '^', '&', '<< >>', '+ -', '* / %'];
const POWER = new Map(LEVELS.flatMap((l, i) => l.split(' ').map((op) => [op, i + 1] as const)));
const ORDER = 4;
const ARGS: Record<string, string[]> = { mod: ['x', 'n'], dist: ['a', 'b', 'n'], abs: ['x'], changed: ['field'] };
const WORDS: Record<string, string> = { and: '&&', or: '||', not: '!', is: '==' };

class Wrong extends Error {
  at = 0;
}
const fail = (at: number, message: string): never => {
  throw Object.assign(new Wrong(message), { at });
};
/** The entry of a table for any text at all. */
const of = <T>(table: Record<string, T>, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined);
const meant = (op: string | undefined) => (op ? ` Did you mean ${op}?` : '');

// ── lexer ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Token = { text: string; from: number; to: number } & (
  | { t: 'op' | 'end' }
  | { t: 'number'; value: Value }
  | { t: 'name'; name: Name; at: number[] }
);
const PLAIN = /^[A-Za-z_]\w*(?::\w+)*$/;
const LIKELY: Record<string, string> = { '=': '==', '≠': '!=', '≤': '<=', '≥': '>=', '∧': '&&', '∨': '||', '¬': '!', '−': '-', '×': '*' };

/** A name as text: the qualifier quoted where it must be. */
export function nameText(qualifier: string | undefined, steps: Name['steps']): string {
  const path = steps.map((s) => (s.index === undefined ? s.text : `${s.text}[${s.index}]`)).join('.');
  if (qualifier === undefined) return path;
  const quote = qualifier.includes('"') ? '`' : '"';
  return PLAIN.test(qualifier) ? `${qualifier}:${path}` : `${quote}${qualifier}${quote}.${path}`;
}

function lex(text: string): Token[] {
  if (text.length > LONGEST) fail(LONGEST, `This is longer than ${LONGEST.toLocaleString('en-US')} characters.`);
  const out: Token[] = [];
  let i = 0;
  const take = (re: RegExp): string => {
    re.lastIndex = i;
    const s = re.exec(text)?.[0] ?? '';
    i += s.length;
    return s;
  };
  const name = (): { name: Name; at: number[] } => {
    const steps: Name['steps'] = [],
      starts: number[] = [],
      begin = i;
    let qualifier: string | undefined;
    const quote = text[i] ?? '';
    if (quote === '"' || quote === '`') {
      const end = text.indexOf(quote, i + 1);
      if (end < 0) fail(i, `This ${quote} is not closed.`);
      qualifier = text.slice(i + 1, end);
      i = end + 1;
      if (!take(/[.:]/y)) fail(i, `A dot and a field must follow ${quote}${qualifier}${quote}.`);
    }
    do {
      let at = i,
        step = take(steps.length || qualifier !== undefined ? /[A-Za-z_]\w*/y : /[A-Za-z_]\w*(?::\w+)*/y);
      if (!step) fail(i, 'The name of a field is missing here.');
      const colon = step.lastIndexOf(':');
      if (colon >= 0) [qualifier, step, at] = [step.slice(0, colon), step.slice(colon + 1), at + colon + 1];
      if (/^\d/.test(step)) fail(i, `A colon and a field must follow ${qualifier}:${step}.`);
      starts.push(at);
      const index = take(/\[ *(?:0[xX][0-9a-fA-F]{1,8}|\d{1,9}) *\]/y);
      if (text[i] === '[') fail(i + 1, 'An index is a number between [ and ], as in slot[5].');
      steps.push(index ? { text: step, index: Number(index.slice(1, -1)) } : { text: step });
      if (text[i] === ':') fail(i + 1, `A field must follow ${step}: and none does.`);
    } while (take(/\./y));
    return { name: { key: nameText(qualifier, steps), ...(qualifier === undefined ? {} : { qualifier }), steps }, at: [...starts, begin] };
  };
  for (;;) {
    take(/\s+/y);
    const from = i;
    if (from >= text.length) break;
    const c = text[i] ?? '';
    let t: { t: 'op' } | { t: 'number'; value: Value } | { t: 'name'; name: Name; at: number[] };
    if (/[A-Za-z_"`]/.test(c)) t = { t: 'name', ...name() };
    else if (/\d/.test(c)) {
      const n = take(/0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|\d+(?:_\d+)*/y);
      if (/[\w.]/.test(text[i] ?? '')) fail(from, `${n + take(/[\w.]+/y)} is not a number. Numbers are written 1514, 65_536 or 0xffff.`);
      const big = BigInt(n.replaceAll('_', ''));
      if (big >> 64n) fail(from, `${n} does not fit in 64 bits.`);
      t = { t: 'number', value: small(big) };
    } else {
      if (!take(/\|\||&&|[=!]=|<<|>>|[<>]=?|[-+*/%!|&^~(),]/y))
        fail(from, `“${[...text.slice(i)][0]}” means nothing here.${meant(of(LIKELY, c))}`);
      t = { t: 'op' };
    }
    out.push({ ...t, text: text.slice(from, i), from, to: i });
  }
  out.push({ t: 'end', text: '', from: text.trimEnd().length, to: text.length });
  return out;
}

// ── parser (Pratt) ────────────────────────────────────────────────────────────────────────────────────────────────

class Parser {
  #i = 0;
  #depth = 0;
  constructor(
    private readonly tokens: Token[],
    private readonly fields: Fields,
  ) {}

  get #now(): Token {
    return this.tokens[this.#i] as Token; // the last token is the end, and is never passed
  }

  whole(): Node {
    if (this.#now.t === 'end') fail(0, 'Nothing is written here. Try tx.head != tx.hwcur.');
    const n = this.#expr(0),
      { t, text, from } = this.#now;
    if (t !== 'end')
      fail(from, text === ')' ? 'This ) closes nothing.' : `An operator is missing before “${text}”.${meant(of(WORDS, text))}`);
    return n;
  }

  #prefix(): Node {
    if (++this.#depth > DEEPEST + 1) fail(this.#now.from, `This is nested deeper than ${DEEPEST}.`);
    const n = this.#operand();
    this.#depth--;
    return n;
  }

  #expr(least: number): Node {
    let a = this.#prefix();
    for (;;) {
      const t = this.#now,
        p = (t.t === 'op' && POWER.get(t.text)) || 0;
      if (p <= least) return a;
      this.#i++;
      const b = this.#expr(p);
      a = { t: 'two', op: t.text, at: t.from, a, b, from: a.from, to: b.to };
    }
  }

  #operand(): Node {
    const t = this.#now;
    if (t.t === 'end') {
      const last = this.tokens[this.#i - 1];
      fail(t.from, last?.t === 'op' && last.text !== '(' ? `Something is missing after “${last.text}”.` : 'The expression ends too early.');
    }
    this.#i++;
    if (t.t === 'number') return { t: 'value', value: t.value, from: t.from, to: t.to };
    if (t.t === 'name') return this.#name(t);
    if (t.text === '!' || t.text === '-' || t.text === '~') {
      const a = this.#prefix();
      return { t: 'one', op: t.text, a, from: t.from, to: a.to };
    }
    if (t.text !== '(') fail(t.from, `Something is missing before “${t.text}”.`);
    return { ...this.#expr(0), from: t.from, to: this.#close(t.from) };
  }

  #close(open: number): number {
    const t = this.#now;
    if (t.t === 'end') fail(t.from, `A ) is missing: the ( of column ${open + 1} is not closed.`);
    if (t.t !== 'op' || t.text !== ')')
      fail(t.from, `“${t.text}” cannot stand here. A ) or an operator is missing before it.${meant(of(WORDS, t.text))}`);
    this.#i++;
    return t.to;
  }

  #name(t: Token & { t: 'name' }): Node {
    const word = /^\w+$/.test(t.text) ? t.text : '';
    const value = word === 'true' || (word === 'false' ? false : this.fields.constant?.(word));
    if (value !== undefined) return { t: 'value', value, from: t.from, to: t.to };
    const open = this.#now;
    if (open.text !== '(') return { t: 'name', ref: -1, name: t.name, at: t.at, from: t.from, to: t.to };
    const want = of(ARGS, word);
    if (!want) return fail(t.from, `There is no function “${t.text}”. There are mod, dist, abs and changed.`);
    this.#i++;
    const args: Node[] = [],
      next = () => this.#now.text;
    if (next() !== ')') args.push(this.#expr(0));
    for (; next() === ','; args.push(this.#expr(0))) this.#i++;
    const to = this.#close(open.from);
    if (args.length !== want.length)
      fail(t.from, `${word}(${want.join(', ')}) takes ${want.length === 1 ? 'one value' : `${want.length} values`}, not ${args.length}.`);
    return { t: 'call', fn: word, args, from: t.from, to };
  }
}

// ── names and types ───────────────────────────────────────────────────────────────────────────────────────────────

class Checker {
  refs: Ref[] = [];
  constructor(
    private readonly text: string,
    private readonly fields: Fields,
  ) {}

  #of = (n: Node) => this.text.slice(n.from, Math.min(n.to, n.from + 60));
  number(n: Node, what: string) {
    if (this.type(n) === 'number') return;
    const chained = POWER.get(what) === ORDER && n.t === 'two' && POWER.get(n.op) === ORDER;
    fail(n.from, `${what} needs a number, and ${this.#of(n)} is a condition.${chained ? ' Join two comparisons by &&.' : ''}`);
  }
  bool(n: Node, what: string) {
    if (this.type(n) !== 'bool') fail(n.from, `${what} needs a condition, and ${this.#of(n)} is a number. Write ${this.#of(n)} != 0.`);
  }

  type(n: Node): Type {
    switch (n.t) {
      case 'value':
        return typeof n.value === 'boolean' ? 'bool' : 'number';
      case 'one':
        if (n.op === '!') this.bool(n.a, '!');
        else this.number(n.a, n.op);
        return n.op === '!' ? 'bool' : 'number';
      case 'name':
        return this.#name(n);
      case 'call':
        for (const a of n.args) {
          if (n.fn !== 'changed') this.number(a, `${n.fn}()`);
          else if (a.t !== 'name') fail(a.from, `changed() takes one field, not ${this.#of(a)}.`);
          else this.#name(a);
        }
        return n.fn === 'changed' ? 'bool' : 'number';
      case 'two':
        if (n.op === '||' || n.op === '&&') for (const x of [n.a, n.b]) this.bool(x, n.op);
        else if (n.op === '==' || n.op === '!=') this.#same(n);
        else for (const x of [n.a, n.b]) this.number(x, n.op);
        return (POWER.get(n.op) ?? 0) <= ORDER ? 'bool' : 'number';
    }
  }

  #same({ op, at, a, b }: Node & { t: 'two' }) {
    const type = this.type(a);
    if (type === this.type(b)) return;
    const [bool, num] = type === 'bool' ? [a, b] : [b, a];
    fail(at, `${op} compares two of a kind: ${this.#of(bool)} is a condition, ${this.#of(num)} is a number.`);
  }

  #name(n: Node & { t: 'name' }): Type {
    const f = this.fields.find(n.name);
    if (!f.ok) return this.#unknown(n, f);
    const key = f.key ?? n.name.key;
    n.ref = this.refs.findIndex((r) => r.key === key);
    if (n.ref < 0) n.ref = this.refs.push({ ...n.name, key, type: f.type, column: (n.at.at(-1) ?? 0) + 1 }) - 1;
    return f.type;
  }

  #unknown(n: Node & { t: 'name' }, f: Found & { ok: false }): never {
    const { qualifier, steps } = n.name,
      step = steps[f.step],
      word = step?.text ?? qualifier ?? '',
      at = (n.at[step ? f.step : steps.length] ?? 0) + (f.index ? word.length + 1 : 0),
      op = qualifier === undefined && steps.length === 1 ? of(WORDS, word) : undefined;
    return fail(at, `${f.message ?? `no field “${word}”.`}${meant(op ?? f.meant)}`);
  }
}

/** A text as an expression, of a wanted type if one is given. Never throws. */
export function compile(text: string, fields: Fields, want?: Type): Compiled {
  try {
    const root = new Parser(lex(text), fields).whole(),
      c = new Checker(text, fields),
      type = c.type(root);
    if (want === 'bool') c.bool(root, 'A stop point');
    if (want === 'number') c.number(root, 'A value');
    return { ok: true, expr: { text, type, refs: c.refs, root } };
  } catch (e) {
    if (e instanceof Wrong) return { ok: false, column: e.at + 1, message: e.message };
    throw e;
  }
}
/** A problem in the words that are shown. */
export const explain = (p: Problem) => `column ${p.column}: ${p.message}`;

// ── evaluator ─────────────────────────────────────────────────────────────────────────────────────────────────────

type Num = number | bigint;
const LIMIT = 1n << 128n;
const small = (x: bigint): Num => (x >= -9007199254740991n && x <= 9007199254740991n ? Number(x) : x);
const bounded = (x: bigint): Num | undefined => (x > -LIMIT && x < LIMIT ? small(x) : undefined);
const u32 = (x: Num) => x >= 0 && x <= 0xffffffff;
const bits = (f: (a: number, b: number) => number) => (a: number, b: number) => (u32(a) && u32(b) ? f(a, b) >>> 0 : Number.NaN);

const COMPARE: Record<string, (a: Value, b: Value) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
/** Each on numbers, right whenever its result is a safe integer, and on bigints. / and % as in C; mod is never negative. */
const NUMBER: Record<string, [(a: number, b: number) => number, (a: bigint, b: bigint) => bigint]> = {
  '+': [(a, b) => a + b, (a, b) => a + b],
  '-': [(a, b) => a - b, (a, b) => a - b],
  '*': [(a, b) => a * b, (a, b) => a * b],
  '/': [(a, b) => (a - (a % b)) / b, (a, b) => a / b],
  '%': [(a, b) => a % b, (a, b) => a % b],
  '<<': [(a, b) => a * 2 ** b, (a, b) => a << b],
  '>>': [(a, b) => Math.floor(a / 2 ** b), (a, b) => a >> b],
  '&': [bits((a, b) => a & b), (a, b) => a & b],
  '|': [bits((a, b) => a | b), (a, b) => a | b],
  '^': [bits((a, b) => a ^ b), (a, b) => a ^ b],
  mod: [(a, b) => (a % b < 0 ? (a % b) + b : a % b), (a, b) => ((a % b) + b) % b],
};

/** Exact. Undefined: divided by zero, shifted by less than 0 or more than 128, beyond 128 bits. */
function number(op: string, a: Num | undefined, b: Num | undefined): Num | undefined {
  const f = NUMBER[op];
  if (!f || a === undefined || b === undefined) return undefined;
  if (((op === '/' || op === '%') && b === 0) || (op === 'mod' && b <= 0)) return undefined;
  if ((op === '<<' || op === '>>') && (b < 0 || b > 128)) return undefined;
  const r = typeof a === 'number' && typeof b === 'number' ? f[0](a, b) : Number.NaN;
  return Number.isSafeInteger(r) ? r + 0 : bounded(f[1](BigInt(a), BigInt(b))); // + 0: no -0
}

/** ~ keeps the width: of a 32-bit number 32 bits, of a 64-bit one 64; a negative one is as in C. */
function complement(a: Num): Num | undefined {
  const x = BigInt(a);
  return bounded(x < 0n || x >> 64n ? ~x : BigInt.asUintN(u32(a) ? 32 : 64, ~x));
}

/** What an expression says now. Undefined: a field has no value, or a number has none (division by zero). Never throws. */
export function evaluate(expr: Expr, read: Read): Value | undefined {
  const field = (n: Node | undefined, when: 'now' | 'before'): Value | undefined => {
    const ref = n?.t === 'name' ? expr.refs[n.ref] : undefined,
      v = ref && read(ref, when);
    if (v === undefined || (typeof v === 'boolean') !== (ref?.type === 'bool')) return undefined;
    if (typeof v === 'boolean' || Number.isSafeInteger(v)) return v;
    return typeof v === 'bigint' || Number.isInteger(v) ? bounded(BigInt(v)) : undefined;
  };
  const num = (n: Node | undefined) => n && (go(n) as Num | undefined);
  const call = (fn: string, [a, b, c]: Node[]): Value | undefined => {
    if (fn === 'changed') {
      const [now, before] = [field(a, 'now'), field(a, 'before')];
      return now !== undefined && before !== undefined && now !== before;
    }
    if (fn === 'mod') return number('mod', num(a), num(b));
    if (fn === 'dist') return number('mod', number('-', num(b), num(a)), num(c));
    const x = num(a);
    return x !== undefined && x < 0 ? number('-', 0, x) : x;
  };
  const go = (n: Node): Value | undefined => {
    if (n.t === 'value') return n.value;
    if (n.t === 'name') return field(n, 'now');
    if (n.t === 'call') return call(n.fn, n.args);
    const a = go(n.a);
    if (a === undefined) return undefined;
    if (n.t === 'one') return n.op === '!' ? !a : n.op === '-' ? number('-', 0, a as Num) : complement(a as Num);
    if (n.op === '&&' || n.op === '||') return a === (n.op === '||') ? a : go(n.b);
    const b = go(n.b);
    return b === undefined ? undefined : (COMPARE[n.op]?.(a, b) ?? number(n.op, a as Num, b as Num));
  };
  return go(expr.root);
}

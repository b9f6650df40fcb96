// nmsh's expressions: integers, named fields, + - &, comparisons, && || !, parentheses. A field is looked up by whoever calls.

export type Value = { v: number; constant?: true } | { error: string };
/** The value of a name, or why there is none. */
export type Lookup = (name: string) => Value;
export type Result = { value: number; found: Record<string, number> } | { error: string };

const DEPTH_MAX = 50,
  TOKEN = /\s*(0[xX][0-9a-fA-F]+|(?:kr\.)?\d+:[A-Za-z_][\w.[\]]*|\d+|[A-Za-z_][\w.[\]]*|==|!=|<=|>=|&&|\|\||[<>!()+\-&])/y;
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

class Wrong extends Error {}

/** Splits into tokens; a text says where that fails. */
function tokens(text: string): string[] | string {
  const out: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    if (/^\s*$/.test(text.slice(at))) break;
    const m = TOKEN.exec(text);
    if (!m) return `'${text.slice(at).trim().slice(0, 12)}' is no part of an expression`;
    out.push(m[1] ?? '');
  }
  return out;
}

/** The value of an expression, and of every field in it. */
export function evaluate(text: string, lookup: Lookup): Result {
  const t = tokens(text);
  if (typeof t === 'string') return { error: t };
  if (!t.length) return { error: 'an expression is missing' };
  const found: Record<string, number> = {};
  let i = 0,
    depth = 0;
  const eat = (...which: string[]): string | undefined => {
    const x = t[i];
    if (x === undefined || !which.includes(x)) return undefined;
    i++;
    return x;
  };
  const or = (): number => {
    let v = and();
    while (eat('||')) {
      const b = and();
      v = v || b ? 1 : 0;
    }
    return v;
  };
  const and = (): number => {
    let v = compare();
    while (eat('&&')) {
      const b = compare();
      v = v && b ? 1 : 0;
    }
    return v;
  };
  const compare = (): number => {
    const v = sum(),
      op = eat('==', '!=', '<', '>', '<=', '>=');
    if (!op) return v;
    const b = sum();
    if (t[i] !== undefined && Object.hasOwn(COMPARE, t[i] ?? '')) throw new Wrong('comparisons do not chain: write a < b && b < c');
    return COMPARE[op]?.(v, b) ? 1 : 0;
  };
  const sum = (): number => {
    let v = unary();
    for (let op = eat('+', '-', '&'); op; op = eat('+', '-', '&')) {
      const b = unary();
      v = op === '+' ? v + b : op === '-' ? v - b : (v & b) >>> 0;
    }
    return v;
  };
  const unary = (): number => {
    if (++depth > DEPTH_MAX) throw new Wrong('too deep');
    try {
      if (eat('!')) return unary() ? 0 : 1;
      if (eat('-')) return -unary();
      if (eat('(')) {
        const v = or();
        if (!eat(')')) throw new Wrong("')' is missing");
        return v;
      }
      const x = t[i++];
      if (x === undefined) throw new Wrong('it ends too early');
      if (/^\d+$|^0[xX]/.test(x)) return Number(x);
      if (!/^[\dA-Za-z_]/.test(x)) throw new Wrong(`a number or a field was expected before '${x}'`);
      const r = lookup(x);
      if ('error' in r) throw new Wrong(r.error);
      if (!r.constant) found[x] = r.v;
      return r.v;
    } finally {
      depth--;
    }
  };
  try {
    const value = or();
    if (i < t.length) return { error: `'${t[i]}' is too much` };
    return { value, found };
  } catch (e) {
    if (e instanceof Wrong) return { error: e.message };
    throw e;
  }
}

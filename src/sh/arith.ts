// $((…)): C's integer expressions on 64 bits. Mirrors bin/sh/arith_yacc.c and its complaints.

export class ArithError extends Error {}

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const TOKEN = /\s*(?:(0[xX][0-9a-fA-F]+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>?:=()]))/y;
/** Binary operators by how tightly they bind. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const DEPTH_MAX = 200;

type Token = { t: 'num'; value: bigint } | { t: 'name'; name: string } | { t: 'op'; op: string };

function number(text: string): bigint | undefined {
  if (/^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text.trim())) {
    const [, sign, digits = '0'] = /^([-+]?)(.*)$/.exec(text.trim()) ?? [];
    if (/^0\d*[89]/.test(digits)) return undefined;
    const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === '-' ? -value : value;
  }
  return undefined;
}

export function arithmetic(src: string, vars: Variables): string {
  const fail = (why: string): never => {
    throw new ArithError(`arithmetic expression: ${why}: "${src}"`);
  };
  const tokens: Token[] = [];
  const end = src.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const m = TOKEN.exec(src);
    if (!m) return fail('expecting EOF');
    if (m[1] !== undefined) tokens.push({ t: 'num', value: number(m[1]) ?? fail('expecting EOF') });
    else if (m[2] !== undefined) tokens.push({ t: 'name', name: m[2] });
    else tokens.push({ t: 'op', op: m[3] ?? '' });
  }
  let i = 0,
    depth = 0;
  const op = (...ops: readonly string[]): string | undefined => {
    const t = tokens[i];
    return t?.t === 'op' && ops.includes(t.op) ? t.op : undefined;
  };
  const value = (name: string): bigint => {
    const text = vars.get(name) ?? '';
    return text.trim() === '' ? 0n : (number(text) ?? fail('variable conversion error'));
  };
  const binary = (o: string, a: bigint, b: bigint): bigint => {
    if ((o === '/' || o === '%') && b === 0n) return fail('division by zero');
    switch (o) {
      case '|':
        return a | b;
      case '^':
        return a ^ b;
      case '&':
        return a & b;
      case '==':
        return BigInt(a === b);
      case '!=':
        return BigInt(a !== b);
      case '<':
        return BigInt(a < b);
      case '>':
        return BigInt(a > b);
      case '<=':
        return BigInt(a <= b);
      case '>=':
        return BigInt(a >= b);
      case '<<':
        return BigInt.asIntN(64, a << (b & 63n));
      case '>>':
        return a >> (b & 63n);
      case '+':
        return BigInt.asIntN(64, a + b);
      case '-':
        return BigInt.asIntN(64, a - b);
      case '*':
        return BigInt.asIntN(64, a * b);
      case '/':
        return BigInt.asIntN(64, a / b);
      default:
        return a % b;
    }
  };

  /** `run`: not the side that && || ?: leave out. */
  const primary = (run: boolean): bigint => {
    if (++depth > DEPTH_MAX) return fail('nested too deeply');
    const t = tokens[i];
    let v: bigint;
    if (t?.t === 'num') {
      i++;
      v = BigInt.asIntN(64, t.value);
    } else if (t?.t === 'name') {
      i++;
      v = run ? value(t.name) : 0n;
    } else if (op('(')) {
      i++;
      v = assign(run);
      if (!op(')')) return fail("expecting ')'");
      i++;
    } else {
      const unary = op('-', '+', '~', '!');
      if (unary === undefined) return fail('expecting primary');
      i++;
      const x = primary(run);
      v = unary === '-' ? BigInt.asIntN(64, -x) : unary === '~' ? ~x : unary === '!' ? BigInt(x === 0n) : x;
    }
    depth--;
    return v;
  };
  const level = (n: number, run: boolean): bigint => {
    const ops = LEVELS[n];
    if (!ops) return primary(run);
    let a = level(n + 1, run);
    for (let o = op(...ops); o !== undefined; o = op(...ops)) {
      i++;
      if (o === '||' || o === '&&') {
        const decided = (o === '||') === (a !== 0n);
        const b = level(n + 1, run && !decided);
        a = BigInt(decided ? o === '||' : b !== 0n);
      } else {
        const b = level(n + 1, run);
        a = run ? binary(o, a, b) : 0n;
      }
    }
    return a;
  };
  const conditional = (run: boolean): bigint => {
    const c = level(0, run);
    if (!op('?')) return c;
    i++;
    const yes = assign(run && c !== 0n);
    if (!op(':')) return fail("expecting ':'");
    i++;
    const no = conditional(run && c === 0n);
    return c !== 0n ? yes : no;
  };
  const assign = (run: boolean): bigint => {
    const t = tokens[i],
      next = tokens[i + 1];
    if (t?.t !== 'name' || next?.t !== 'op' || !/^(?:=|<<=|>>=|[-+*/%&|^]=)$/.test(next.op)) return conditional(run);
    i += 2;
    if (++depth > DEPTH_MAX) return fail('nested too deeply');
    const right = assign(run);
    depth--;
    const v = run && next.op !== '=' ? binary(next.op.slice(0, -1), value(t.name), right) : right;
    if (run) vars.set(t.name, String(v));
    return v;
  };
  if (tokens.length === 0) return '0';
  const v = assign(true);
  if (i < tokens.length) return fail('expecting EOF');
  return String(v);
}

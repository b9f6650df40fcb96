// The expression language: values, errors with their columns, agreement with an evaluator of its own, and no text that
// makes it throw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expr, type Fields, type Value, LONGEST, compile, evaluate, explain, nameText } from './expr.ts';
import { anyFields } from './expr_fields.ts';

fc.configureGlobal({ seed: 1 });

const VALUES: Record<string, number | bigint | boolean> = { a: 7, b: 0xffffffff, c: 0, big: 0xffffffffffffffffn, on: true, off: false };
const fields: Fields = {
  constant: (w) => (w === 'FIVE' ? 5 : undefined),
  find: ({ steps: [s] }) => {
    const v = VALUES[s?.text ?? ''];
    return v === undefined ? { ok: false, step: 0 } : { ok: true, type: typeof v === 'boolean' ? 'bool' : 'number' };
  },
};
const read = (r: { key: string }, when: string): Value | undefined => (when === 'now' ? VALUES[r.key] : r.key === 'a' ? 6 : VALUES[r.key]);
const expr = (text: string, f = fields): Expr => {
  const c = compile(text, f);
  if (!c.ok) throw new Error(`${text}: ${explain(c)}`);
  return c.expr;
};
const error = (text: string, f = anyFields, want?: 'bool' | 'number') => {
  const c = compile(text, f, want);
  return c.ok ? `fine: ${c.expr.type}` : explain(c);
};

describe('values', () => {
  it.each<[string, Value | undefined]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 3 - 2', 5],
    ['0x1f_ff', 0x1fff],
    ['65_536', 65536],
    ['-7 / 2', -3],
    ['-7 % 3', -1],
    ['mod(-7, 3)', 2],
    ['mod(5, 0)', undefined],
    ['dist(14, 2, 16)', 4],
    ['dist(2, 14, 16)', 12],
    ['abs(3 - 8)', 5],
    ['~0', 0xffffffff],
    ['~b', 0],
    ['~big', 0],
    ['big', 0xffffffffffffffffn],
    ['big + 1 - big', 1],
    ['big & 0xff', 255],
    ['b << 32 | b', 0xffffffffffffffffn],
    ['1 << 64 >> 60', 16],
    ['1 << 129', undefined],
    ['-8 >> 1', -4],
    ['1 / c', undefined],
    ['a % c == 1', undefined],
    ['c == 0 || 1 / c > 0', true],
    ['c != 0 && 1 / c > 0', false],
    ['a & 3 == 3', true],
    ['1 < 2 == true', true],
    ['!on || off', false],
    ['on != off', true],
    ['FIVE == 5', true],
    ['changed(a)', true],
    ['changed(b)', false],
    ['changed(on) && on', false],
    ['-0', 0],
    ['9007199254740991 + 1', 9007199254740992n],
    ['mod(9007199254740990, 9007199254740991)', 9007199254740990],
  ])('%s is %s', (text, want) => {
    expect(evaluate(expr(text), read)).toBe(want);
  });

  it('has no value while a field has none, or one of another kind', () => {
    expect(evaluate(expr('a == 1'), () => undefined)).toBeUndefined();
    expect(evaluate(expr('a == 1'), () => true)).toBeUndefined();
    expect(evaluate(expr('a == 1'), () => 0.5)).toBeUndefined();
    expect(evaluate(expr('changed(a)'), (_, when) => (when === 'now' ? 1 : undefined))).toBe(false);
  });

  it('reads each field once in its list, by its name', () => {
    expect(expr('tx.head + ring.tx.head + vtnet0:tx.head + `vale2{1`.tx.hwcur', anyFields).refs.map((r) => r.key)).toEqual([
      'tx.head',
      'vtnet0:tx.head',
      '"vale2{1".tx.hwcur',
    ]);
    expect(nameText('vCPU 0', [{ text: 'thread' }, { text: 'status' }])).toBe('"vCPU 0".thread.status');
  });
});

describe('errors', () => {
  it.each<[string, string]>([
    ['tx.head<tx.hwtial', 'column 12: no field “hwtial”. Did you mean hwtail?'],
    ['', 'column 1: Nothing is written here. Try tx.head != tx.hwcur.'],
    ['1 +', 'column 4: Something is missing after “+”.'],
    ['* 2', 'column 1: Something is missing before “*”.'],
    ['(1 + 2', 'column 7: A ) is missing: the ( of column 1 is not closed.'],
    ['1)', 'column 2: This ) closes nothing.'],
    ['tx.head = 1', 'column 9: “=” means nothing here. Did you mean ==?'],
    ['tx.head ≠ 1', 'column 9: “≠” means nothing here. Did you mean !=?'],
    ['tx.head == 1 and true', 'column 14: An operator is missing before “and”. Did you mean &&?'],
    ['tx.head && true', 'column 1: && needs a condition, and tx.head is a number. Write tx.head != 0.'],
    ['!(rx.cur)', 'column 2: ! needs a condition, and (rx.cur) is a number. Write (rx.cur) != 0.'],
    ['1 < tx.cur < 3', 'column 1: < needs a number, and 1 < tx.cur is a condition. Join two comparisons by &&.'],
    ['tx.cur == true', 'column 8: == compares two of a kind: true is a condition, tx.cur is a number.'],
    ['true + 1', 'column 1: + needs a number, and true is a condition.'],
    ['changed(1 + 2)', 'column 9: changed() takes one field, not 1 + 2.'],
    ['mod(1)', 'column 1: mod(x, n) takes 2 values, not 1.'],
    ['abs(1,)', 'column 7: Something is missing before “)”.'],
    ['max(1, 2)', 'column 1: There is no function “max”. There are mod, dist, abs and changed.'],
    ['12abc', 'column 1: 12abc is not a number. Numbers are written 1514, 65_536 or 0xffff.'],
    ['1.5', 'column 1: 1.5 is not a number. Numbers are written 1514, 65_536 or 0xffff.'],
    ['0x1_0000_0000_0000_0000', 'column 1: 0x1_0000_0000_0000_0000 does not fit in 64 bits.'],
    ['"vale2{1', 'column 1: This " is not closed.'],
    ['"vale2{1" + 1', 'column 10: A dot and a field must follow "vale2{1".'],
    ['vale1:2', 'column 8: A colon and a field must follow vale1:2.'],
    ['vtnet0:', 'column 8: A field must follow vtnet0: and none does.'],
    ['tx.', 'column 4: The name of a field is missing here.'],
    ['tx.slot[x].len', 'column 9: An index is a number between [ and ], as in slot[5].'],
    ['tx.slot.len', 'column 4: slot needs an index: slot[0].'],
    ['csb[1].guest_csb_on', 'column 5: csb takes no index.'],
    ['csb.tx_ring', 'column 5: csb.tx_ring is not one field; it has head, cur, sync_flags, hwcur, hwtail.'],
    ['csb.host_need_txkik', 'column 5: no field “host_need_txkik”. Did you mean host_need_txkick?'],
    ['hwtail == 1', 'column 1: no field “hwtail”. Did you mean tx.hwtail?'],
    ['__proto__', 'column 1: no field “__proto__”.'],
    ['tx.constructor', 'column 4: no field “constructor”.'],
    [`${'('.repeat(65)}1${')'.repeat(65)}`, 'column 66: This is nested deeper than 64.'],
    ['!'.repeat(80), 'column 66: This is nested deeper than 64.'],
    ['1'.repeat(LONGEST + 1), 'column 1001: This is longer than 1,000 characters.'],
  ])('%s', (text, want) => {
    expect(error(text)).toBe(want);
  });

  it('wants what its user wants', () => {
    expect(error('tx.head', anyFields, 'bool')).toBe(
      'column 1: A stop point needs a condition, and tx.head is a number. Write tx.head != 0.',
    );
    expect(error('tx.head == 1', anyFields, 'number')).toBe('column 1: A value needs a number, and tx.head == 1 is a condition.');
    expect(error('tx.head == 1', anyFields, 'bool')).toBe('fine: bool');
  });

  it('goes to the limits', () => {
    expect(error(`${'('.repeat(64)}1${')'.repeat(64)}`)).toBe('fine: number');
    expect(error('1+'.repeat(499).concat('1'))).toBe('fine: number');
    expect(evaluate(expr('1+'.repeat(499).concat('1')), read)).toBe(500);
  });
});

/** An expression with its value by another way: bigints all along. */
interface Sample {
  text: string;
  value: bigint | boolean | undefined;
}
const LIMIT = 1n << 128n;
const bound = (x: bigint) => (x > -LIMIT && x < LIMIT ? x : undefined);
const mod = (x: bigint, n: bigint) => (n > 0n ? ((x % n) + n) % n : undefined);
const shift = (x: bigint, n: bigint, left: boolean) => (n < 0n || n > 128n ? undefined : left ? x * 2n ** n : x >> n);
const NUM: Record<string, (a: bigint, b: bigint) => bigint | undefined> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0n ? undefined : a / b),
  '%': (a, b) => (b === 0n ? undefined : a % b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => shift(a, b, true),
  '>>': (a, b) => shift(a, b, false),
};
const CMP: Record<string, (a: bigint, b: bigint) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => !(a === b),
  '<': (a, b) => a - b < 0n,
  '<=': (a, b) => a - b <= 0n,
  '>': (a, b) => b - a < 0n,
  '>=': (a, b) => b - a <= 0n,
};
type N = bigint | undefined;
const number = (text: string, value: N): Sample => ({ text, value: value === undefined ? undefined : bound(value) });
const both = <T>(a: N, b: N, f: (a: bigint, b: bigint) => T): T | undefined => (a === undefined || b === undefined ? undefined : f(a, b));
const width = (a: bigint) => (a < 0n || a >= 1n << 64n ? -a - 1n : (a < 1n << 32n ? 0xffffffffn : 0xffffffffffffffffn) - a);

const samples = fc.letrec<{ num: Sample; bool: Sample }>((tie) => {
  const n = tie('num'),
    b = tie('bool'),
    pair = (ops: string[]) => fc.tuple(n, fc.constantFrom(...ops), n);
  const v = (s: Sample) => s.value as N;
  return {
    num: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(
        fc.nat({ max: 140 }).map((x) => number(String(x), BigInt(x))),
        fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }).map((x) => number(`0x${x.toString(16)}`, x)),
        fc.constantFrom('a', 'b', 'c', 'big').map((x) => number(x, BigInt(VALUES[x] ?? 0))),
      ),
      pair(Object.keys(NUM)).map(([x, op, y]) =>
        number(
          `(${x.text} ${op} ${y.text})`,
          both(v(x), v(y), (p, q) => NUM[op]?.(p, q)),
        ),
      ),
      n.map((x) => number(`-${x.text}`, v(x) === undefined ? undefined : -(v(x) as bigint))),
      n.map((x) => number(`~${x.text}`, v(x) === undefined ? undefined : width(v(x) as bigint))),
      fc.tuple(n, n).map(([x, y]) => number(`mod(${x.text}, ${y.text})`, both(v(x), v(y), mod))),
      fc.tuple(n, n, n).map(([x, y, z]) =>
        number(
          `dist(${x.text},${y.text},${z.text})`,
          both(
            both(v(x), v(y), (p, q) => bound(q - p)),
            v(z),
            mod,
          ),
        ),
      ),
      n.map((x) => number(`abs(${x.text})`, v(x) === undefined ? undefined : (v(x) as bigint) < 0n ? -(v(x) as bigint) : v(x))),
    ),
    bool: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom('true', 'false', 'on', 'off').map((x) => ({ text: x, value: x === 'true' || x === 'on' })),
      pair(Object.keys(CMP)).map(([x, op, y]) => ({
        text: `(${x.text} ${op} ${y.text})`,
        value: both(v(x), v(y), (p, q) => CMP[op]?.(p, q)),
      })),
      b.map((x) => ({ text: `!${x.text}`, value: x.value === undefined ? undefined : !x.value })),
      fc.tuple(b, b).map(([x, y]) => ({ text: `(${x.text} && ${y.text})`, value: x.value === true ? y.value : x.value })),
      fc.tuple(b, b).map(([x, y]) => ({ text: `(${x.text} || ${y.text})`, value: x.value === false ? y.value : x.value })),
      fc.tuple(b, b).map(([x, y]) => ({
        text: `(${x.text} == ${y.text})`,
        value: x.value === undefined || y.value === undefined ? undefined : x.value === y.value,
      })),
    ),
  };
});
const plain = (v: Value | undefined) => (typeof v === 'number' ? BigInt(v) : v);

describe('for any expression', () => {
  it('agrees with another evaluator', () => {
    fc.assert(
      fc.property(fc.oneof(samples.num, samples.bool), ({ text, value }) => {
        fc.pre(text.length <= LONGEST);
        const got = evaluate(expr(text), read);
        expect(plain(got), text).toBe(value);
        if (typeof got === 'bigint') expect(Number.isSafeInteger(Number(got)), text).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('binds as C does, with & ^ | before comparisons', () => {
    const rows = ['* / %', '+ -', '<< >>', '&', '^', '|'].map((r) => r.split(' '));
    const level = (op: string) => rows.findIndex((r) => r.includes(op));
    const ops = fc.array(fc.tuple(fc.constantFrom(...rows.flat()), fc.nat({ max: 12 })), { minLength: 1, maxLength: 8 });
    const grouped = (values: string[], list: string[]): string => {
      if (!list.length) return values[0] ?? '';
      const loosest = Math.max(...list.map(level)),
        at = list.findLastIndex((op) => level(op) === loosest);
      return `(${grouped(values.slice(0, at + 1), list.slice(0, at))} ${list[at]} ${grouped(values.slice(at + 1), list.slice(at + 1))})`;
    };
    fc.assert(
      fc.property(fc.nat({ max: 12 }), ops, (first, rest) => {
        const flat = rest.reduce((s, [op, n]) => `${s} ${op} ${n}`, String(first)),
          whole = grouped(
            [first, ...rest.map(([, n]) => n)].map(String),
            rest.map(([op]) => op),
          );
        expect(evaluate(expr(flat), read), `${flat} as ${whole}`).toBe(evaluate(expr(whole), read));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Seeded numbers below n. */
function random(seed: number) {
  let x = seed;
  return (n: number) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 4294967296) * n);
  };
}

describe('for any text', () => {
  it('answers 100,000 texts in 5 s without throwing, each error inside its text', () => {
    const r = random(1),
      words = [
        ...[
          'tx',
          'rx',
          'csb',
          'ring',
          'slot',
          'head',
          'hwtail',
          'host_need_txkick',
          'vtnet0',
          'vale1:2',
          '"vale2{1"',
          '`',
          '"',
          'changed',
          'mod',
        ],
        ...[
          'dist',
          'abs',
          'true',
          'false',
          'ASLEEP',
          '__proto__',
          'toString',
          '0x',
          '0xff',
          '12',
          '99999999999999999999',
          '1_0',
          '_',
          '.',
          ':',
        ],
        ...[
          '[',
          ']',
          '(',
          ')',
          ',',
          '+',
          '-',
          '*',
          '/',
          '%',
          '&',
          '|',
          '^',
          '~',
          '<<',
          '>>',
          '<',
          '>',
          '==',
          '!=',
          '&&',
          '||',
          '!',
          '=',
          ' ',
          '\n',
        ],
        ...['é', '😀', '\ud800', '\0', 'tx.head', 'tx.slot[3].len', 'rx.hwcur', 'and'],
      ],
      begun = process.cpuUsage();
    let fine = 0;
    for (let i = 0; i < 100_000; i++) {
      const text = Array.from({ length: r(14) }, () => (r(8) ? words[r(words.length)] : String.fromCharCode(r(0x250)))).join(
        r(2) ? '' : ' ',
      );
      const c = compile(text, anyFields);
      if (c.ok) {
        fine++;
        evaluate(c.expr, () => r(3) && r(100));
      } else if (c.column < 1 || c.column > text.length + 1 || !c.message) throw new Error(`column ${c.column} of ${JSON.stringify(text)}`);
    }
    expect(process.cpuUsage(begun).user).toBeLessThan(5e6);
    expect(fine).toBeGreaterThan(500);
  });
});

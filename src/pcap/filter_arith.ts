// Numbers in filter expressions: `ip[8] < 5`, `tcp[tcpflags] & tcp-syn != 0`, `len > 100`; 32 bits without a sign. What is
// asked of a protocol's bytes holds only in frames that have the protocol, and in IPv4 only in the first fragment.
import type { Token } from './filter_lex.ts';
import { both, type Frame, load, outside, type Test, type Tests, type Value } from './filter_frame.ts';

const CONSTANT: Record<string, number> = {
  tcpflags: 13,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'tcp-ece': 64,
  'tcp-cwr': 128,
  icmptype: 0,
  icmpcode: 1,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp-ireq': 15,
  'icmp-ireqreply': 16,
  'icmp-maskreq': 17,
  'icmp-maskreply': 18,
  icmp6type: 0,
  icmp6code: 1,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2,
  'icmp6-timeexceeded': 3,
  'icmp6-parameterproblem': 4,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
  'icmp6-redirect': 137,
};
const INDEXED = new Set(['ether', 'link', 'ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'igmp', 'pim', 'vrrp']);
const NUMBER: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, sctp: 132, igmp: 2, pim: 103, vrrp: 112 };
const LINK: Record<string, number> = { ip: 0x800, ip6: 0x86dd, arp: 0x806, rarp: 0x8035 };

export const isConstant = (word: string): boolean => word in CONSTANT;
export const isIndexed = (word: string): boolean => INDEXED.has(word);

/** What the numbers need of the parser. */
interface Words {
  peek(ahead?: number): Token;
  next(): Token;
  take(...texts: string[]): boolean;
  deeper(): void;
  shallower(): void;
  fail(t?: Token, what?: string): never;
  tests(): Tests;
}

/** A number, with what must hold before it may be asked. */
interface Number_ {
  value: Value;
  needs: Test[];
  constant?: number;
}

const LEVELS: readonly (readonly string[])[] = [['|', '^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

function compute(op: string, a: number, b: number): number {
  switch (op) {
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '&':
      return (a & b) >>> 0;
    case '<<':
      return b > 31 ? 0 : (a << b) >>> 0;
    case '>>':
      return b > 31 ? 0 : a >>> b;
    case '+':
      return (a + b) >>> 0;
    case '-':
      return (a - b) >>> 0;
    case '*':
      return Math.imul(a, b) >>> 0;
    case '/':
      return b === 0 ? outside() : Math.floor(a / b);
    default:
      return b === 0 ? outside() : a % b;
  }
}

function level(p: Words, n: number): Number_ {
  const ops = LEVELS[n];
  if (!ops) return atom(p);
  let left = level(p, n + 1);
  while (p.peek().kind === 'op' && ops.includes(p.peek().text)) {
    const op = p.next().text,
      [a, start] = [left, p.peek()];
    const b = level(p, n + 1);
    if ((op === '/' || op === '%') && b.constant === 0) p.fail(start, op === '/' ? 'division by zero' : 'modulus by zero');
    left = { value: (f) => compute(op, a.value(f), b.value(f)), needs: [...a.needs, ...b.needs] };
    if (a.constant !== undefined && b.constant !== undefined) left.constant = compute(op, a.constant, b.constant);
  }
  return left;
}

function atom(p: Words): Number_ {
  p.deeper();
  const n = operand(p);
  p.shallower();
  return n;
}

function operand(p: Words): Number_ {
  const t = p.next();
  if (t.kind === 'op' && t.text === '(') {
    const inner = level(p, 0);
    if (!p.take(')')) p.fail();
    return inner;
  }
  if (t.kind === 'op' && t.text === '-') {
    const inner = level(p, LEVELS.length);
    return { ...inner, value: (f) => -inner.value(f) >>> 0, ...(inner.constant === undefined ? {} : { constant: -inner.constant >>> 0 }) };
  }
  if (t.kind === 'number') return { value: () => t.value, needs: [], constant: t.value };
  if (t.kind !== 'word') return p.fail(t);
  if (t.text === 'len') return { value: (f) => f.len, needs: [] };
  const constant = CONSTANT[t.text];
  if (constant !== undefined) return { value: () => constant, needs: [], constant };
  if (!isIndexed(t.text) || !p.take('[')) return p.fail(t);
  const index = level(p, 0);
  let size = 1;
  if (p.take(':')) {
    const s = p.next();
    if (s.kind !== 'number' || ![1, 2, 4].includes(s.value))
      p.fail(s, s.kind === 'number' ? 'data size must be 1, 2, or 4' : 'syntax error');
    size = s.value;
  }
  if (!p.take(']')) p.fail();
  return bytes(p.tests(), t.text, index, size);
}

function bytes(tests: Tests, proto: string, index: Number_, size: number): Number_ {
  const read = (start: Value, needs: Test[]): Number_ => ({
    value: (f: Frame) => load(f, start(f) + index.value(f), size),
    needs: [...index.needs, ...needs],
  });
  if (proto === 'ether' || proto === 'link') return read(() => 0, []);
  const type = LINK[proto];
  if (type !== undefined) return read(() => tests.payload, [tests.link(type)]);
  if (proto === 'icmp6') return read(() => tests.payload + 40, [tests.ip6Proto(58)]);
  return read((f) => tests.transport(f), [tests.ip4Proto(NUMBER[proto] ?? 0), tests.unfragmented()]);
}

/** A relation of two numbers. */
export function arithmetic(p: Words): Test {
  const a = level(p, 0),
    op = p.next();
  if (op.kind !== 'op' || !['<', '>', '=', '==', '!=', '<=', '>='].includes(op.text)) p.fail(op);
  const b = level(p, 0);
  const relation: Test = (f) => {
    const [x, y] = [a.value(f), b.value(f)];
    switch (op.text) {
      case '<':
        return x < y;
      case '>':
        return x > y;
      case '<=':
        return x <= y;
      case '>=':
        return x >= y;
      case '!=':
        return x !== y;
      default:
        return x === y;
    }
  };
  return [...a.needs, ...b.needs].reduceRight((rest, need) => both(need, rest), relation);
}

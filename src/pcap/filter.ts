// tcpdump's filter expressions (pcap-filter(7)): `and` and `or` of equal strength from left to right, `not` stronger, bare
// addresses that take over the words of the one before. Mirrors libpcap's grammar.y; errors are in its words, with the place.
import { arithmetic, isConstant, isIndexed } from './filter_arith.ts';
import { FilterError, parseIp4, parseIp6, type Token, tokens } from './filter_lex.ts';
import { ETHER, KINDS, NAMES, OTHERS, PORT, PROTOCOL } from './filter_names.ts';
import { both, either, type Frame, negated, Outside, type Test, Tests, type Way } from './filter_frame.ts';

export { FilterError } from './filter_lex.ts';

export type FilterPredicate = (frame: Uint8Array, len: number) => boolean;

/** What stands before an address: `tcp src port`. */
interface Words {
  proto?: string;
  way?: Way;
  kind?: 'host' | 'net' | 'port' | 'portrange' | 'proto';
}

const keyword = (t: Token) => t.kind === 'word' && (NAMES.has(t.text) || KINDS.has(t.text) || OTHERS.has(t.text));
const RELATIONS = new Set(['<', '>', '=', '==', '!=', '<=', '>=', '+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>']);

class Parser {
  readonly #tokens: Token[];
  #i = 0;
  #tags = 0;
  /** The words that a bare address takes over; none before the first. */
  #words: Words | undefined;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#i + ahead, this.#tokens.length - 1)] as Token;
  }
  next(): Token {
    const t = this.peek();
    this.#i++;
    return t;
  }
  is(...texts: string[]): boolean {
    const t = this.peek();
    return (t.kind === 'word' || t.kind === 'op') && texts.includes(t.text);
  }
  take(...texts: string[]): boolean {
    if (!this.is(...texts)) return false;
    this.#i++;
    return true;
  }
  fail(t = this.peek(), what = 'syntax error'): never {
    throw new FilterError(what, t.at);
  }
  /** Each level of brackets is counted, so that a text cannot exhaust the stack. */
  deeper(): void {
    if (++this.#depth > 100) this.fail(this.peek(), 'expression nested too deeply');
  }
  shallower(): void {
    this.#depth--;
  }
  /** Takes any number of `not`; whether they turn what follows round. */
  #nots(): boolean {
    let odd = false;
    while (this.take('!', 'not')) odd = !odd;
    return odd;
  }
  tests(): Tests {
    return new Tests(this.#tags);
  }

  all(): Test {
    const test = this.expression();
    if (this.peek().kind !== 'end') this.fail();
    return test;
  }
  expression(): Test {
    this.deeper();
    let left = this.term();
    for (;;) {
      const or = this.is('or', '||');
      if (!or && !this.is('and', '&&')) break;
      this.next();
      const right = this.bare() ? this.id(this.#words ?? this.fail()) : this.term();
      left = or ? either(left, right) : both(left, right);
    }
    this.shallower();
    return left;
  }
  /** Whether an address without words before it comes next, with or without `not`. */
  bare(): boolean {
    let k = 0;
    while (this.peek(k).text === '!' || this.peek(k).text === 'not') k++;
    const t = this.peek(k),
      after = this.peek(k + 1);
    if (t.kind === 'number')
      return !(after.kind === 'op' && RELATIONS.has(after.text) && !(after.text === '-' && this.#words?.kind === 'portrange'));
    return (
      t.kind === 'ip4' ||
      t.kind === 'net4' ||
      t.kind === 'ip6' ||
      t.kind === 'mac' ||
      (t.kind === 'word' && !keyword(t) && !isConstant(t.text))
    );
  }
  term(): Test {
    if (this.is('!', 'not')) {
      const odd = this.#nots();
      const inner = this.term();
      return odd ? negated(inner) : inner;
    }
    if (this.is('(') && !this.#arithmeticAhead()) {
      this.next();
      const inner = this.expression();
      if (!this.take(')')) this.fail();
      return inner;
    }
    const t = this.peek();
    if (t.kind === 'end') this.fail();
    if (this.#arithmeticAhead()) return arithmetic(this);
    if (t.kind !== 'word') this.fail();
    const other = this.#other(t);
    if (other) return other;
    return this.#primitive();
  }
  /** A relation of numbers begins here: a number, `len`, or a protocol with brackets. */
  #arithmeticAhead(): boolean {
    let k = 0;
    while (this.peek(k).text === '(' || this.peek(k).text === '-') k++;
    const t = this.peek(k);
    if (t.kind === 'number' || (t.kind === 'word' && (t.text === 'len' || isConstant(t.text)))) return true;
    return t.kind === 'word' && isIndexed(t.text) && this.peek(k + 1).text === '[';
  }
  number(): number {
    const t = this.next();
    if (t.kind !== 'number') this.fail(t);
    return t.value;
  }
  #other(t: Token): Test | undefined {
    const tests = this.tests();
    if (this.take('less', 'greater')) {
      const n = this.number();
      this.#words = undefined;
      return t.text === 'less' ? (f) => f.len <= n : (f) => f.len >= n;
    }
    if (this.take('broadcast', 'multicast')) {
      this.#words = undefined;
      return t.text === 'broadcast' ? tests.ether('dst', Array<number>(6).fill(255)) : tests.etherMulticast();
    }
    if (this.take('vlan')) {
      const id = this.peek().kind === 'number' ? this.next() : undefined;
      if (id && id.value > 4095) this.fail(id, `VLAN tag ${id.value} greater than maximum 4095`);
      this.#tags++;
      this.#words = undefined;
      return tests.vlan(id?.value);
    }
    if (this.is('inbound', 'outbound', 'gateway')) this.fail(t, `'${t.text}' not supported here`);
    return undefined;
  }
  #way(): Way | undefined {
    const first = this.peek().text;
    if (!this.take('src', 'dst')) return undefined;
    const other = first === 'src' ? 'dst' : 'src';
    const joint = this.peek().text,
      then = this.peek(1);
    if ((joint === 'or' || joint === 'and') && then.kind === 'word' && then.text === other) {
      this.#i += 2;
      return joint;
    }
    return first as Way;
  }
  #primitive(): Test {
    const words: Words = {};
    const start = this.peek();
    if (NAMES.has(start.text)) words.proto = this.next().text;
    const tests = this.tests();
    if (words.proto && this.is('broadcast', 'multicast')) return this.#cast(words.proto, this.next());
    const way = this.#way();
    if (way) words.way = way;
    if (this.peek().kind === 'word' && KINDS.has(this.peek().text) && !(words.way && this.is('proto')))
      words.kind = this.next().text as Words['kind'] & string;
    this.#words = words;
    if (!words.way && !words.kind) {
      if (!words.proto || words.proto === 'ether' || words.proto === 'link')
        this.fail(start, words.proto ? 'link layer applied in wrong context' : 'syntax error');
      this.#words = undefined;
      return named(tests, words.proto);
    }
    return this.id(words);
  }
  #cast(proto: string, t: Token): Test {
    const tests = this.tests();
    this.#words = undefined;
    if (proto === 'ether' || proto === 'link')
      return t.text === 'broadcast' ? tests.ether('dst', Array<number>(6).fill(255)) : tests.etherMulticast();
    if (t.text === 'broadcast') {
      if (proto === 'ip') this.fail(t, "netmask not known, so 'ip broadcast' not supported");
      this.fail(t, 'only link-layer/IP broadcast filters supported');
    }
    const { payload } = tests;
    if (proto === 'ip') return both(tests.link(0x800), (f) => (f.bytes[payload + 16] ?? miss()) >= 224);
    if (proto === 'ip6') return both(tests.link(0x86dd), (f) => (f.bytes[payload + 24] ?? miss()) === 255);
    return this.fail(t, 'link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel');
  }
  /** An address or number with these words; also `( a or b )`. */
  id(words: Words): Test {
    if (this.is('!', 'not')) {
      const odd = this.#nots();
      const inner = this.id(words);
      return odd ? negated(inner) : inner;
    }
    if (this.take('(')) {
      this.deeper();
      let left = this.id(words);
      while (this.is('or', '||', 'and', '&&')) {
        const or = this.is('or', '||');
        this.next();
        const right = this.id(words);
        left = or ? either(left, right) : both(left, right);
      }
      if (!this.take(')')) this.fail();
      this.shallower();
      return left;
    }
    const t = this.next();
    if (t.kind === 'end' || t.kind === 'op' || keyword(t)) this.fail(t);
    switch (words.kind) {
      case 'port':
      case 'portrange':
        return this.#port(words, t);
      case 'proto':
        return this.#proto(words, t);
      default:
        return this.#host(words, t);
    }
  }
  #port(words: Words, t: Token): Test {
    const { proto } = words;
    if (proto && !['tcp', 'udp', 'sctp'].includes(proto)) this.fail(t, `illegal qualifier of '${words.kind}'`);
    const number = (n: Token, name: string) => {
      const value = n.kind === 'number' ? n.value : PORT[name];
      if (value === undefined) return this.fail(n, n.kind === 'word' ? `unknown port '${name}'` : 'syntax error');
      if (value > 65535) this.fail(n, `illegal port number ${value} > 65535`);
      return value;
    };
    let low: number, high: number;
    if (words.kind === 'portrange') {
      const joined = /^(\w+)-(\w+)$/.exec(t.text);
      if (joined && t.kind === 'word') {
        const part = (s: string): Token => ({ ...t, kind: /^\d+$/.test(s) ? 'number' : 'word', text: s, value: Number(s) });
        [low, high] = [number(part(joined[1] ?? ''), joined[1] ?? ''), number(part(joined[2] ?? ''), joined[2] ?? '')];
      } else {
        low = number(t, t.text);
        high = low;
        if (this.take('-')) {
          const end = this.next();
          high = number(end, end.text);
        }
      }
    } else {
      low = number(t, t.text);
      high = low;
    }
    if (low > high) [low, high] = [high, low];
    const protocols = proto ? [PROTOCOL[proto] ?? 0] : [6, 17, 132];
    return this.tests().ports(protocols, words.way ?? 'or', low, high);
  }
  #proto(words: Words, t: Token): Test {
    const tests = this.tests();
    const name = t.text.replace(/^\\/, '');
    const ether = words.proto === 'ether' || words.proto === 'link';
    const value = t.kind === 'number' ? t.value : ether ? ETHER[name] : PROTOCOL[name];
    if (value === undefined) return this.fail(t, `unknown ${ether ? 'ether' : 'ip'} proto '${name}'`);
    switch (words.proto) {
      case undefined:
        return tests.proto(value);
      case 'ip':
        return tests.ip4Proto(value);
      case 'ip6':
        return tests.ip6Proto(value);
      case 'ether':
      case 'link':
        return tests.link(value);
      default:
        return this.fail(t, `'${words.proto} proto' is bogus`);
    }
  }
  #host(words: Words, t: Token): Test {
    const tests = this.tests();
    const way = words.way ?? 'or';
    const { proto, kind } = words;
    const ether = proto === 'ether' || proto === 'link';
    if (t.kind === 'mac') {
      if (!ether || kind === 'net') this.fail(t, 'ethernet address used in non-ether expression');
      return tests.ether(
        way,
        t.text.split(/[:.-]/).map((x) => Number.parseInt(x, 16)),
      );
    }
    if (t.kind === 'word')
      this.fail(t, kind === 'net' ? `unknown network '${t.text}'` : ether ? `unknown ether host '${t.text}'` : `unknown host '${t.text}'`);
    if (ether) this.fail(t, 'illegal link layer address');
    if (proto && !['ip', 'ip6', 'arp', 'rarp'].includes(proto)) this.fail(t, `'${proto}' modifier applied to ${kind ?? 'host'}`);
    const slash = this.take('/') ? this.next() : undefined;
    if (slash && slash.kind !== 'number') this.fail(slash);
    if (t.kind === 'ip6') {
      const bits = slash?.value ?? 128;
      if (bits > 128) this.fail(slash, 'mask length must be <= 128');
      if (proto && proto !== 'ip6') this.fail(t, `'${proto}' modifier applied to ip6 ${kind ?? 'host'}`);
      return tests.host6(way, parseIp6(t.text) ?? [], bits);
    }
    if (proto === 'ip6') this.fail(t, "'ip6' modifier applied to ip host");
    const { address, mask } = this.#mask(t, kind, slash);
    return tests.host4(proto as 'ip' | 'arp' | 'rarp' | undefined, way, address, mask);
  }
  #mask(t: Token, kind: Words['kind'], slash: Token | undefined): { address: number; mask: number } {
    const octets = t.text.split('.').length;
    let address = t.value,
      mask = 0xffffffff;
    const given = this.take('mask') ? this.next() : undefined;
    if (slash || given) {
      if (kind && kind !== 'net') this.fail(slash ?? given, 'Mask syntax for networks only');
      if (t.kind !== 'number') address = (address * 2 ** (8 * (4 - octets))) >>> 0;
      if (slash && slash.value > 32) this.fail(slash, 'mask length must be <= 32');
      mask = slash ? (slash.value ? (0xffffffff << (32 - slash.value)) >>> 0 : 0) : (parseIp4(given?.text ?? '') ?? this.fail(given));
      if ((address & ~mask) !== 0) this.fail(t, `non-network bits set in "${t.text}${slash ? `/${slash.value}` : ` mask ${given?.text}`}"`);
      return { address, mask };
    }
    if (kind === 'net') {
      // 10 is 10.0.0.0/8
      while (address && address < 0x1000000) {
        address = (address * 256) >>> 0;
        mask = (mask << 8) >>> 0;
      }
    } else if (t.kind === 'net4') {
      address = (address * 2 ** (8 * (4 - octets))) >>> 0;
      mask = (0xffffffff << (8 * (4 - octets))) >>> 0;
    }
    return { address, mask };
  }
}

const miss = (): never => {
  throw new Outside('beyond the captured bytes');
};

/** A protocol's name alone. */
export function named(tests: Tests, name: string): Test {
  const type = ETHER[name];
  if (type !== undefined) return tests.link(type);
  const protocol = PROTOCOL[name] ?? 0;
  if (name === 'icmp' || name === 'igmp') return tests.ip4Proto(protocol);
  if (name === 'icmp6') return tests.ip6Proto(protocol);
  return tests.proto(protocol);
}

/**
 * Compiles an expression; the empty one takes every frame. It throws a FilterError, whose `at` is the place. Keep the text
 * where state must be JSON, and compile it anew.
 */
export function compileFilter(text: string): FilterPredicate {
  if (text.trim() === '') return () => true;
  const test = new Parser(text).all();
  return (bytes, len) => {
    const frame: Frame = { bytes, len };
    try {
      return test(frame);
    } catch (error) {
      if (error instanceof Outside) return false;
      throw error;
    }
  };
}

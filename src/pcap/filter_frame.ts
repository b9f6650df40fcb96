// What a filter's words ask of a frame, by libpcap's gencode.c for Ethernet. A look beyond what was captured ends the whole
// filter with no, as the BPF machine does, even below a `not`.

export interface Frame {
  bytes: Uint8Array;
  /** On the wire. */
  len: number;
}
export type Test = (f: Frame) => boolean;
export type Value = (f: Frame) => number;
export type Way = 'src' | 'dst' | 'or' | 'and';

/** Thrown by a look beyond the capture, and by a division by zero. */
export class Outside extends Error {}
const OUTSIDE = new Outside('beyond the captured bytes');
export const outside = (): never => {
  throw OUTSIDE;
};

export function load(f: Frame, at: number, size: number): number {
  if (at + size > f.bytes.length || at < 0) throw OUTSIDE;
  let n = 0;
  for (let i = 0; i < size; i++) n = n * 256 + (f.bytes[at + i] ?? 0);
  return n;
}

export const both =
  (a: Test, b: Test): Test =>
  (f) =>
    a(f) && b(f);
export const either =
  (a: Test, b: Test): Test =>
  (f) =>
    a(f) || b(f);
export const negated =
  (a: Test): Test =>
  (f) =>
    !a(f);

const equal =
  (at: number, size: number, value: number): Test =>
  (f) =>
    load(f, at, size) === value;
const masked =
  (at: number, size: number, mask: number, value: number): Test =>
  (f) =>
    (load(f, at, size) & mask) >>> 0 === value >>> 0;

/** Source and destination together: the source is looked at first. */
export function ways(way: Way, make: (which: 'src' | 'dst') => Test): Test {
  if (way === 'src' || way === 'dst') return make(way);
  return way === 'and' ? both(make('src'), make('dst')) : either(make('src'), make('dst'));
}

/** The tests of one place in the stack: each `vlan` before it moves everything behind the addresses by four bytes. */
export class Tests {
  readonly type: number;
  readonly payload: number;

  constructor(tags: number) {
    this.type = 12 + 4 * tags;
    this.payload = 14 + 4 * tags;
  }
  /** An ethertype; below 1536, the SAP of an LLC header. */
  link(type: number): Test {
    if (type > 1500) return equal(this.type, 2, type);
    return both((f) => load(f, this.type, 2) <= 1500, equal(this.payload, 1, type));
  }
  ip4Proto(protocol: number): Test {
    return both(this.link(0x800), equal(this.payload + 9, 1, protocol));
  }
  /** Also behind a fragment header, but behind no other. */
  ip6Proto(protocol: number): Test {
    const behind = both(equal(this.payload + 6, 1, 44), equal(this.payload + 40, 1, protocol));
    return both(this.link(0x86dd), either(behind, equal(this.payload + 6, 1, protocol)));
  }
  proto(protocol: number): Test {
    return either(this.ip4Proto(protocol), this.ip6Proto(protocol));
  }
  host4(kind: 'ip' | 'arp' | 'rarp' | undefined, way: Way, address: number, mask: number): Test {
    const value = (address & mask) >>> 0;
    const at = (type: number, src: number, dst: number) =>
      ways(way, (which) => both(this.link(type), masked(this.payload + (which === 'src' ? src : dst), 4, mask, value)));
    const all = { ip: () => at(0x800, 12, 16), arp: () => at(0x806, 14, 24), rarp: () => at(0x8035, 14, 24) };
    return kind ? all[kind]() : either(either(all.ip(), all.arp()), all.rarp());
  }
  host6(way: Way, address: readonly number[], bits: number): Test {
    const words = [0, 1, 2, 3].flatMap((i) => {
      const left = Math.max(0, Math.min(32, bits - 32 * i));
      if (!left) return [];
      const word = address.slice(4 * i, 4 * i + 4).reduce((n, x) => n * 256 + x, 0);
      return [{ i, word, mask: left === 32 ? 0xffffffff : (0xffffffff << (32 - left)) >>> 0 }];
    });
    return ways(way, (which) => {
      const from = this.payload + (which === 'src' ? 8 : 24);
      const same: Test = (f) => words.every((w) => (load(f, from + 4 * w.i, 4) & w.mask) >>> 0 === (w.word & w.mask) >>> 0);
      return both(this.link(0x86dd), same);
    });
  }
  ether(way: Way, address: readonly number[]): Test {
    return ways(way, (which) => {
      // the last four bytes first, as libpcap compiles it: it matters where a frame is cut
      const from = which === 'src' ? 6 : 0;
      const word = (i: number, n: number) => address.slice(i, i + n).reduce((v, x) => v * 256 + x, 0);
      return (f) => load(f, from + 2, 4) === word(2, 4) && load(f, from, 2) === word(0, 2);
    });
  }
  unfragmented(): Test {
    return (f) => (load(f, this.payload + 6, 2) & 0x1fff) === 0;
  }
  /** Where IPv4's payload begins. */
  transport(f: Frame): number {
    return this.payload + (load(f, this.payload, 1) & 15) * 4;
  }
  ports(protocols: readonly number[], way: Way, low: number, high: number): Test {
    const within = (start: Value) =>
      ways(way, (which) => (f) => {
        const port = load(f, start(f) + (which === 'src' ? 0 : 2), 2);
        return port >= low && port <= high;
      });
    const any = (at: number, tail: Test) => protocols.map((p) => both(equal(at, 1, p), tail)).reduce(either);
    const four = both(
      this.unfragmented(),
      within((f) => this.transport(f)),
    );
    const six = within(() => this.payload + 40);
    return either(both(this.link(0x86dd), any(this.payload + 6, six)), both(this.link(0x800), any(this.payload + 9, four)));
  }
  /** A tag, with its number if one is asked for. */
  vlan(id: number | undefined): Test {
    const tag = [0x8100, 0x88a8, 0x9100].map((t) => this.link(t)).reduce(either);
    return id === undefined ? tag : both(tag, masked(this.payload, 2, 0xfff, id));
  }
  etherMulticast(): Test {
    return (f) => (load(f, 0, 1) & 1) !== 0;
  }
}

// Frames of all kinds, drawn from a seeded generator, for the tests of src/pcap. It shares no code with what it tests:
// its checksums and headers are its own, and it knows nothing of how a frame is shown.

/** xorshift32: the same seed, the same frames. */
export class Dice {
  #s: number;
  constructor(seed: number) {
    this.#s = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.u32();
  }
  u32(): number {
    let s = this.#s;
    s ^= s << 13;
    s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#s = s >>> 0;
    return this.#s;
  }
  /** 0 .. n-1 */
  int(n: number): number {
    return Math.floor((this.u32() / 4294967296) * n);
  }
  chance(percent: number): boolean {
    return this.int(100) < percent;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T;
  }
  bytes(n: number): number[] {
    return Array.from({ length: n }, () => this.int(256));
  }
}

export interface MadeFrame {
  kind: string;
  bytes: Uint8Array;
  /** Length on the wire. */
  len: number;
}

const w = (n: number) => [(n >> 8) & 255, n & 255];
const l = (n: number) => [...w(n >>> 16), ...w(n & 0xffff)];
const text = (s: string) => [...s].map((c) => c.charCodeAt(0));

function cksum(bytes: number[]): number {
  let total = 0;
  bytes.forEach((b, i) => {
    total += i % 2 ? b : b * 256;
  });
  while (total > 65535) total = Math.floor(total / 65536) + (total % 65536);
  return 65535 - total;
}

/** Puts the right checksum at `at`, or now and then a wrong one. */
function summed(d: Dice, packet: number[], at: number, pseudo: number[] = [], wrong = 12): number[] {
  const c = d.chance(wrong) ? d.int(65536) : cksum([...pseudo, ...packet]);
  return [...packet.slice(0, at), ...w(c), ...packet.slice(at + 2)];
}

const MACS = [
  [2, 0, 0, 0, 0, 1],
  [0x52, 0x54, 0, 0x12, 0x34, 0x56],
  [0x00, 0xa0, 0x98, 1, 2, 3],
];
const BROADCAST = [255, 255, 255, 255, 255, 255];
const source = (d: Dice) => d.pick(MACS);
const target = (d: Dice) => d.pick([...MACS, BROADCAST, [1, 0, 0x5e, 0, 0, 5], [0x33, 0x33, 0, 0, 0, 1]]);
export const ip4 = (d: Dice) =>
  d.pick([
    [10, 0, 0, d.int(250) + 1],
    [10, 1, 0, 1],
    [192, 168, 7, 9],
    [255, 255, 255, 255],
    [172, 16, 3, 200],
  ]);
export const ip6 = (d: Dice) =>
  d.pick([
    [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), d.int(255) + 1],
    [0xfe, 0x80, ...Array<number>(6).fill(0), 2, 0, 0, 0xff, 0xfe, 0, 0, d.int(255) + 1],
    [0xff, 2, ...Array<number>(13).fill(0), 1],
    [0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9],
    [0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6],
    Array<number>(16).fill(0),
  ]);
const port = (d: Dice) => d.pick([1234, 1235, 33333, 40001, 50123, 61000]);

interface Ends {
  src: number[];
  dst: number[];
}
const pseudo = (e: Ends, protocol: number, length: number) =>
  e.src.length === 4 ? [...e.src, ...e.dst, 0, protocol, ...w(length)] : [...e.src, ...e.dst, ...l(length), 0, 0, 0, protocol];

const PKT_GEN = 'netmap pkt-gen DIRECT payload\nhttp://info.iet.unipi.it/~luigi/netmap/ ';

function udp(d: Dice, e: Ends): number[] {
  const which = d.int(4);
  let data = d.bytes(d.int(60));
  if (which === 0) data = text(PKT_GEN.repeat(3)).slice(0, 4 + d.int(100));
  if (which === 1) data = [...l(d.int(1000)), ...text(PKT_GEN.repeat(2)).slice(4, 18 + d.int(60))];
  if (which === 2 && d.chance(50)) data = [];
  const length = d.chance(8) ? d.int(80) : data.length + 8;
  const whole = [...w(port(d)), ...w(port(d)), ...w(length), 0, 0, ...data];
  if (d.chance(10)) return whole;
  return summed(d, whole, 6, pseudo(e, 17, length));
}

function tcpOptions(d: Dice): number[] {
  const options: number[] = [];
  for (let n = d.int(5); n > 0; n--) {
    options.push(
      ...d.pick([
        [2, 4, ...w(1460)],
        [3, 3, d.int(15)],
        [4, 2],
        [8, 10, ...l(d.u32()), ...l(d.u32())],
        [5, 10, ...l(d.u32()), ...l(d.u32())],
        [1],
        [1, 1],
        ...(d.chance(25) ? [[0], [99, 4, 1, 2], [8, 1], [2, 40], [3, 0]] : []),
      ]),
    );
  }
  while (options.length % 4) options.push(d.chance(70) ? 1 : 0);
  return options.slice(0, 40);
}

function tcp(d: Dice, e: Ends): number[] {
  const options = tcpOptions(d);
  const words = d.chance(4) ? d.int(16) : 5 + options.length / 4;
  const flags = d.pick([2, 0x12, 0x10, 0x18, 0x11, 4, 0x14, 0x38, 0xc2, 0x52, 0, d.int(256)]);
  const data = d.chance(60) ? d.bytes(d.int(50)) : [];
  const head = [...w(port(d)), ...w(port(d)), ...l(d.u32()), ...l(d.u32()), (words << 4) | (d.chance(6) ? d.int(16) : 0), flags];
  const whole = [...head, ...w(d.int(65536)), 0, 0, ...w(flags & 0x20 ? d.int(100) : 0), ...options, ...data];
  return summed(d, whole, 16, pseudo(e, 6, whole.length));
}

function icmp(d: Dice, depth: number): number[] {
  if (d.chance(55)) {
    const whole = [d.pick([0, 8]), d.chance(90) ? 0 : d.int(5), 0, 0, ...w(d.int(65536)), ...w(d.int(1000)), ...d.bytes(d.int(56))];
    return summed(d, whole, 2);
  }
  const quoted = depth > 0 ? d.bytes(28) : ipv4(d, depth + 1).slice(0, 28 + d.int(40));
  const [type, code] = d.pick([
    [3, 0],
    [3, 1],
    [3, 2],
    [3, 3],
    [3, 4],
    [3, 13],
    [11, 0],
    [11, 1],
  ]) as [number, number];
  const rest = type === 3 && code === 4 ? [0, 0, ...w(1400)] : [0, 0, 0, 0];
  return summed(d, [type, code, 0, 0, ...rest, ...quoted], 2);
}

function ipOptions(d: Dice): number[] {
  if (!d.chance(15)) return [];
  const options = [
    ...d.pick([
      [7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0],
      [0x94, 4, 0, 0],
      [1, 1, 1, 1],
      [0x83, 7, 4, 10, 0, 0, 1],
      [0x89, 7, 8, 10, 0, 0, 1],
      [0x44, 12, 5, 0, ...l(1000), ...l(0)],
      [0x82, 11, ...d.bytes(9)],
    ]),
  ];
  while (options.length % 4) options.push(0);
  return options;
}

export function ipv4(d: Dice, depth = 0): number[] {
  const e = { src: ip4(d), dst: ip4(d) };
  const options = ipOptions(d);
  const protocol = d.pick([17, 17, 17, 6, 6, 6, 1, 1, 1, 253]);
  const body = protocol === 17 ? udp(d, e) : protocol === 6 ? tcp(d, e) : protocol === 1 ? icmp(d, depth) : d.bytes(d.int(40));
  const length = d.chance(4) ? d.int(200) : 20 + options.length + body.length;
  const words = d.chance(3) ? d.int(16) : 5 + options.length / 4;
  const version = d.chance(1) ? d.int(16) : 4;
  const frag = d.chance(12) ? d.pick([0x2000, 0x2001, 1, 0x20b9, 0xb9, 0x8000, 0x6000]) : d.pick([0, 0x4000]);
  const tos = d.pick([0, 0, 0x10, 0x1, 0xb8, 0x2e, 3]);
  const head = [(version << 4) | words, tos, ...w(length), ...w(d.int(65536)), ...w(frag), d.pick([64, 64, 1, 255, 0]), protocol];
  return [...summed(d, [...head, 0, 0, ...e.src, ...e.dst, ...options], 10, [], 6), ...body];
}

function icmp6(d: Dice, e: Ends): number[] {
  const lladdr = (n: number) => [n, 1, ...source(d)];
  const whole = d.pick([
    () => [d.pick([128, 129]), 0, 0, 0, ...w(d.int(65536)), ...w(d.int(99)), ...d.bytes(d.int(40))],
    () => [135, 0, 0, 0, 0, 0, 0, 0, ...ip6(d), ...(d.chance(80) ? lladdr(1) : [])],
    () => [136, 0, 0, 0, d.pick([0xe0, 0x60, 0x20, 0x80, 0]), 0, 0, 0, ...ip6(d), ...(d.chance(80) ? lladdr(2) : [])],
    () => [133, 0, 0, 0, 0, 0, 0, 0, ...(d.chance(80) ? lladdr(1) : [])],
    () => [
      ...[134, 0, 0, 0, 64, d.pick([0, 0x80, 0x40, 0xc0, 8]), ...w(1800), ...l(0), ...l(0)],
      ...(d.chance(60) ? lladdr(1) : []),
      ...(d.chance(60) ? [5, 1, 0, 0, ...l(1500)] : []),
      ...(d.chance(60) ? [3, 4, 64, 0xc0, ...l(2592000), ...l(604800), ...l(0), 0x20, 1, 0xd, 0xb8, ...Array<number>(12).fill(0)] : []),
    ],
    () => [1, d.int(6), 0, 0, 0, 0, 0, 0, ...ipv6(d, 1).slice(0, 60 + d.int(30))],
    () => [3, d.int(2), 0, 0, 0, 0, 0, 0, ...ipv6(d, 1).slice(0, 60 + d.int(30))],
    () => [2, 0, 0, 0, ...l(1280), ...ipv6(d, 1).slice(0, 60 + d.int(30))],
  ])();
  return summed(d, whole, 2, pseudo(e, 58, whole.length));
}

export function ipv6(d: Dice, depth = 0): number[] {
  const e = { src: ip6(d), dst: ip6(d) };
  const protocol = d.pick([17, 17, 6, 6, ...(depth ? [] : [58, 58, 58]), 59, 253]);
  let body =
    protocol === 17 ? udp(d, e) : protocol === 6 ? tcp(d, e) : protocol === 58 ? icmp6(d, e) : protocol === 59 ? [] : d.bytes(d.int(30));
  let next = protocol;
  const chain = d.chance(30) ? d.pick([[0], [60], [44], [43], [0, 60], [0, 44], [60, 43], [0, 43, 44, 60]]) : [];
  for (const kind of [...chain].reverse()) {
    const pad = [1, 4, 0, 0, 0, 0];
    if (kind === 0 || kind === 60) body = [next, 0, ...(d.chance(60) ? pad : kind ? [0, 0, 1, 2, 0, 0] : [5, 2, 0, 0, 1, 0]), ...body];
    if (kind === 43) body = [next, 2, 0, d.pick([0, 1]), 0, 0, 0, 0, ...ip6(d), ...body];
    if (kind === 44) body = [next, 0, ...w(d.pick([0, 1, 8, 9, 0x5a0])), ...l(d.u32()), ...body];
    next = kind;
  }
  const length = d.chance(4) ? d.int(200) : body.length;
  const version = d.chance(1) ? d.int(16) : 6;
  const first = ((version << 28) | (d.pick([0, 0, 0x10, 0xb8, 3]) << 20) | (d.chance(30) ? d.int(1 << 20) : 0)) >>> 0;
  return [...l(first), ...w(length), next, d.pick([64, 255, 1]), ...e.src, ...e.dst, ...body];
}

function arp(d: Dice): number[] {
  const [sha, spa] = [source(d), ip4(d)];
  const op = d.pick([1, 1, 2, 2, 1, d.int(10)]);
  const tpa = d.chance(25) ? spa : ip4(d);
  const tha = op === 2 ? source(d) : d.pick([[0, 0, 0, 0, 0, 0], BROADCAST, source(d)]);
  const sender = d.chance(12) ? [0, 0, 0, 0] : spa;
  const odd = d.chance(4)
    ? d.pick([
        [1, 0x800, 6, 6],
        [6, 0x800, 6, 4],
        [1, 0x86dd, 6, 4],
        [1, 0x800, 0, 4],
      ])
    : [1, 0x800, 6, 4];
  return [...w(odd[0] as number), ...w(odd[1] as number), odd[2] as number, odd[3] as number, ...w(op), ...sha, ...sender, ...tha, ...tpa];
}

function ethernet(d: Dice): [string, number[]] {
  const [kind, type, body] = d.pick<() => [string, number, number[]]>([
    () => ['ipv4', 0x800, ipv4(d)],
    () => ['ipv4', 0x800, ipv4(d)],
    () => ['ipv4', 0x800, ipv4(d)],
    () => ['ipv6', 0x86dd, ipv6(d)],
    () => ['ipv6', 0x86dd, ipv6(d)],
    () => ['arp', 0x806, arp(d)],
    () => {
      const data = d.bytes(d.int(40));
      const llc = d.pick([
        [0x90, 0x90, 3, ...data],
        [0xaa, 0xaa, 3, 0, 0, 0, 8, 0, ...ipv4(d)],
        [0xaa, 0xaa, 3, 0, 0, 0, 8, 6, ...arp(d)],
        [0, 1, 3, ...data],
        [0x90, 0x90, 0x73],
        [0x90, 0x91, 0xf],
        [0x90, 0x92, d.int(256), d.int(256), ...data],
      ]);
      return ['llc', d.chance(90) ? llc.length : d.int(1500), llc];
    },
    () => ['other', d.pick([0x88b5, 0x9999, 0x7000, 1520]), d.bytes(d.int(60))],
  ])();
  const tags: number[] = [];
  const count = d.chance(20) ? d.pick([1, 1, 1, 2, 2, 3]) : 0;
  for (let i = 0; i < count; i++) {
    const outer = count > 1 && i === 0 && d.chance(60) ? 0x88a8 : 0x8100;
    tags.push(...w(outer), ...w((d.int(8) << 13) | ((d.chance(10) ? 1 : 0) << 12) | d.pick([1, 5, 100, 4094, 0])));
  }
  return [`${kind}${count ? `-vlan${count}` : ''}`, [...target(d), ...source(d), ...tags, ...w(type), ...body]];
}

/** One frame; about a third are damaged: cut on the wire, cut by a snapshot length, or with bytes changed. */
export function makeFrame(d: Dice, damage = 33): MadeFrame {
  let [kind, bytes] = ethernet(d);
  if (d.chance(70) && bytes.length < 60)
    bytes = [...bytes, ...(d.chance(85) ? Array<number>(60 - bytes.length).fill(0) : d.bytes(60 - bytes.length))];
  else if (d.chance(5)) bytes = [...bytes, ...d.bytes(1 + d.int(8))];
  let len = bytes.length;
  if (d.chance(damage)) {
    const way = d.int(3);
    if (way === 0) {
      bytes = bytes.slice(0, d.int(bytes.length) + 1);
      len = bytes.length;
      kind += '-cut';
    } else if (way === 1) {
      bytes = bytes.slice(0, d.int(bytes.length) + 1);
      kind += '-snap';
    } else {
      for (let n = 1 + d.int(3); n > 0; n--) bytes[12 + d.int(Math.max(1, bytes.length - 12))] = d.int(256);
      kind += '-changed';
    }
  }
  return { kind, bytes: Uint8Array.from(bytes), len };
}

export const makeFrames = (seed: number, count: number, damage?: number): MadeFrame[] => {
  const d = new Dice(seed);
  return Array.from({ length: count }, () => makeFrame(d, damage));
};

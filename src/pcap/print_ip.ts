// tcpdump's words for IPv4, UDP and TCP: print-ip.c, print-ipproto, print-udp.c, print-tcp.c.
import { be16, hexBytes, hexN, ipv4, ipv6, pseudoSum, shouldBe, sum16 } from './bytes.ts';
import { finalHop } from './ipv4.ts';
import { IP_PROTO, TCP_FLAGS } from './names.ts';
import { type Print, Short } from './print.ts';
import { printIcmp } from './print_icmp.ts';

/** Where a transport header's addresses are. */
export interface Ends {
  size: 4 | 16;
  src: number;
  dst: number;
  /** For the checksum: the last stop of a source route. */
  last: number;
  /** More fragments follow, or came before. */
  fragment: boolean;
  /** No network header is known, as behind IPv6's extension headers. */
  bare?: boolean;
}

const address = (p: Print, e: Ends, at: number) => (e.size === 4 ? ipv4(p.b, at) : ipv6(p.b, at));

const OPTION: Record<number, string> = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};

function options(p: Print, from: number, to: number): void {
  let sep = '';
  for (let at = from; at < to; ) {
    p.put(sep);
    sep = ',';
    const kind = p.u8(at);
    const length = kind < 2 ? 1 : p.u8(at + 1);
    if (kind > 1 && at + 1 >= to) {
      p.put(' [|ip]');
      return;
    }
    p.put(OPTION[kind] ?? `unknown ${kind}`);
    if (kind > 1 && (length < 2 || at + length > to)) {
      p.put(` [bad length ${length}]`);
      return;
    }
    if (kind > 1) p.need(at, length);
    if (kind === 7 || kind === 131 || kind === 137) {
      const ptr = length < 3 ? 0 : p.u8(at + 2) - 1;
      if (length < 3) p.put(` [bad length ${length}]`);
      else if ((length + 1) % 4) p.put(` [bad length ${length}]`);
      else if (ptr < 3 || (ptr + 1) % 4) p.put(` [bad ptr ${p.u8(at + 2)}]`);
      for (let o = 3; o + 4 <= length; o += 4) p.put(` ${ipv4(p.b, at + o)}${ptr > o ? ',' : ''}`);
    } else if (kind === 68) stamps(p, at, length);
    else if (kind === 148) {
      if (length !== 4) p.put(` [bad length ${length}]`);
      else if (p.u16(at + 2) !== 0) p.put(` value ${p.u16(at + 2)}`);
    } else if (kind !== 0 && kind !== 1 && kind !== 130 && length > 2) p.put('');
    at += length;
    if (kind === 0) return;
  }
}

function stamps(p: Print, at: number, length: number): void {
  if (length < 4) {
    p.put(` [bad length ${length}]`);
    return;
  }
  p.put(' TS{');
  const flag = p.u8(at + 3) & 15;
  const size = flag === 0 ? 4 : 8;
  const kind = flag === 0 ? 'TSONLY' : flag === 1 ? 'TS+ADDR' : flag === 3 ? 'PRESPEC' : `[bad ts type ${flag}]`;
  p.put(kind);
  let sep = ' ';
  for (let o = 4; o + size <= length; o += size) {
    if (p.u8(at + 2) === o + 1) sep = ' ^ ';
    p.put(sep, size === 8 ? `${ipv4(p.b, at + o)}@` : '', `${p.u32(at + o + size - 4)}@`);
    sep = ' ';
  }
  p.put('}');
}

const TOS = ['', ',ECT(1)', ',ECT(0)', ',CE'];
const fragments = (word: number) =>
  [word & 0x2000 && '+', word & 0x4000 && 'DF', word & 0x8000 && 'rsvd'].filter(Boolean).join(', ') || 'none';
export const protoName = (n: number): string => IP_PROTO[n] ?? 'unknown';

export function printIp(p: Print, at: number, length: number): void {
  p.proto = 'ip';
  const version = p.u8(at) >> 4;
  if (!p.o.link) p.put('IP ');
  if (length < 1) {
    p.put(`truncated-ip ${length}`);
    return;
  }
  if (version !== 4) {
    if (version === 6) {
      p.put('IP6, wrong link-layer encapsulation (invalid)');
      return;
    }
    if (p.text.endsWith('IP ')) p.retract(1);
    else p.put('IP');
    p.put(`${version} (invalid)`);
    return;
  }
  p.need(at, 20);
  if (length < 20) {
    p.put(`truncated-ip ${length}`);
    return;
  }
  const head = (p.u8(at) & 15) * 4;
  if (head < 20) {
    p.put(`bad-hlen ${head}`);
    return;
  }
  let total = p.u16(at + 2);
  if (length < total) p.put(`truncated-ip - ${total - length} bytes missing! `);
  if (total < head) {
    if (total) {
      p.put(`bad-len ${total}`);
      return;
    }
    total = length;
  }
  p.upTo(at + total, () => header(p, at, head, total));
}

function header(p: Print, at: number, head: number, total: number): void {
  const word = p.u16(at + 6),
    proto = p.u8(at + 9);
  if (p.v) {
    const ttl = p.u8(at + 8);
    p.put(`(tos 0x${p.u8(at + 1).toString(16)}${TOS[p.u8(at + 1) & 3]}`, ttl ? `, ttl ${ttl}` : '');
    p.put(`, id ${p.u16(at + 4)}, offset ${(word & 0x1fff) * 8}, flags [${fragments(word)}], proto ${protoName(proto)} (${proto})`);
    p.put(`, length ${p.u16(at + 2)}`);
    if (head > 20) {
      p.put(', options (');
      options(p, at + 20, at + head);
      p.put(')');
    }
    if (p.has(at, head)) {
      const sum = sum16(p.b, at, at + head);
      if (sum !== 0xffff) p.put(`, bad cksum ${p.u16(at + 10).toString(16)} (->${shouldBe(p.u16(at + 10), sum).toString(16)})!`);
    }
    p.put(')\n    ');
  }
  const ends: Ends = { size: 4, src: at + 12, dst: at + 16, last: finalHop(p.b, at, head, true), fragment: (word & 0x3fff) !== 0 };
  if (word & 0x1fff) {
    p.put(`${ipv4(p.b, at + 12)} > ${ipv4(p.b, at + 16)}: ip-proto-${proto}`);
    return;
  }
  if (proto !== 6 && proto !== 17) p.put(`${ipv4(p.b, at + 12)} > ${ipv4(p.b, at + 16)}: `);
  if (!p.has(at, head)) {
    p.put(` [remaining caplen(${p.end - at}) < header length(${head})]`);
    p.trunc();
    return;
  }
  if (proto === 6) printTcp(p, at + head, total - head, ends);
  else if (proto === 17) printUdp(p, at + head, total - head, ends);
  else if (proto === 1) printIcmp(p, at + head, total - head, ends.fragment, (quoted, size) => printIp(p, quoted, size));
  else p.put(` ${proto === 77 ? 'nd' : `ip-proto-${proto}`} ${total - head}`);
}

function names(p: Print, e: Ends, sport?: number, dport?: number): void {
  if (e.bare) {
    p.put(sport === undefined ? '' : `${sport} > ${dport}: `);
    return;
  }
  const port = (n?: number) => (n === undefined ? '' : `.${n}`);
  p.put(`${address(p, e, e.src)}${port(sport)} > ${address(p, e, e.dst)}${port(dport)}: `);
}

export function printUdp(p: Print, at: number, length: number, e: Ends): void {
  p.proto = 'udp';
  if (!p.has(at, 4)) {
    names(p, e);
    p.trunc();
    return;
  }
  const [sport, dport] = [p.u16(at), p.u16(at + 2)];
  if (length < 8) {
    names(p, e, sport, dport);
    p.put(`truncated-udp ${length}`);
    return;
  }
  if (!p.has(at, 6)) {
    names(p, e, sport, dport);
    p.trunc();
    return;
  }
  const told = p.u16(at + 4);
  if (told < 8) {
    names(p, e, sport, dport);
    p.put(`truncated-udplength ${told}`);
    return;
  }
  const left = Math.min(length, told) - 8;
  if (!p.has(at, 8)) {
    names(p, e, sport, dport);
    p.trunc();
    return;
  }
  names(p, e, sport, dport);
  const sum = p.u16(at + 6);
  if (p.v > (e.size === 4 ? 1 : 0) && !e.fragment) {
    if (sum === 0 && e.size === 4) p.put('[no cksum] ');
    else if (p.has(at, left + 8)) {
      const all = sum16(p.b, at, at + left + 8, pseudoSum(p.b, e.src, e.last, e.size, 17, left + 8));
      if (all !== 0xffff) p.put(`[bad udp cksum 0x${hexN(sum, 4)} -> 0x${hexN(shouldBe(sum, all), 4)}!] `);
      else p.put('[udp sum ok] ');
    }
  }
  if (told - 8 > left) p.put(`UDP, bad length ${told - 8} > ${left}`);
  else p.put(`UDP, length ${left}`);
}

function tcpOptions(p: Print, from: number, to: number, sack: number): void {
  p.put(', options [');
  let at = from,
    sep = '';
  while (at < to) {
    p.put(sep);
    sep = ',';
    const kind = p.u8(at);
    if (kind === 0) {
      p.put('eol');
      break;
    }
    if (kind === 1) {
      p.put('nop');
      at++;
      continue;
    }
    const length = at + 1 < to ? p.u8(at + 1) : 0;
    if (length < 2 || at + length > to) {
      p.put('[bad opt]', at > from ? ']' : '');
      throw new BadOption();
    }
    try {
      option(p, kind, at, length, sack);
    } catch (cut) {
      if (!(cut instanceof Short) || at === from) throw cut;
      p.trunc();
      p.put('>');
      throw new BadOption();
    }
    at += length;
  }
  p.put(']');
}

/** What ends the line of a segment whose options make no sense. */
class BadOption extends Error {}
const NAMED: Record<number, string> = { 2: 'mss', 3: 'wscale', 4: 'sackOK', 5: 'sack', 8: 'TS' };
const RIGHT: Record<number, number> = { 2: 4, 3: 3, 4: 2, 8: 10 };

function option(p: Print, kind: number, at: number, length: number, sack: number): void {
  const known = NAMED[kind];
  if (!known) {
    p.put(`unknown-${kind} 0x`);
    p.need(at, length);
    p.put(hexBytes(p.b, at + 2, at + length));
    return;
  }
  p.put(known);
  if (kind !== 5 && RIGHT[kind] !== length) {
    p.put(`[len ${length}]`);
    return;
  }
  if (kind === 2) p.put(` ${p.u16(at + 2)}`);
  if (kind === 3) p.put(` ${p.u8(at + 2)}`);
  if (kind === 8) p.put(` val ${p.u32(at + 2)} ecr ${p.u32(at + 6)}`);
  if (kind === 5) {
    if ((length - 2) % 8) {
      p.put(' malformed sack');
      return;
    }
    p.put(` ${(length - 2) / 8} `);
    for (let o = at + 2; o < at + length; o += 8) p.put(`{${(p.u32(o) - sack) >>> 0}:${(p.u32(o + 4) - sack) >>> 0}}`);
  }
}

/** Relative numbers: those of the first segment with ACK, or of a SYN, of a conversation are its beginning. */
function relative(p: Print, at: number, e: Ends, flags: number): { seq: number; ack: number; sack: number } {
  const [sport, dport] = [be16(p.b, at), be16(p.b, at + 2)];
  const [seq, ack] = [p.u32(at + 4), p.u32(at + 8)];
  if (p.o.absolute || !(flags & 16)) return { seq, ack, sack: 0 };
  const [src, dst] = [hexBytes(p.b, e.src, e.src + e.size), hexBytes(p.b, e.dst, e.dst + e.size)];
  const turned = sport > dport || (sport === dport && src > dst);
  const key = turned ? `${dst}.${dport}-${src}.${sport}` : `${src}.${sport}-${dst}.${dport}`;
  const known = p.conversations[key];
  if (!known || flags & 2) {
    const first = turned ? { ack: seq, seq: (ack - 1) >>> 0 } : { seq, ack: (ack - 1) >>> 0 };
    p.conversations[key] = first;
    return { seq, ack, sack: turned ? first.seq : first.ack };
  }
  const [mine, theirs] = turned ? [known.ack, known.seq] : [known.seq, known.ack];
  return { seq: (seq - mine) >>> 0, ack: (ack - theirs) >>> 0, sack: theirs };
}

export function printTcp(p: Print, at: number, length: number, e: Ends): void {
  p.proto = 'tcp';
  if (!p.has(at, 2) || !p.has(at, 4)) {
    names(p, e);
    if (!p.has(at, 4)) {
      p.put('[|tcp]');
      return;
    }
  }
  names(p, e, p.u16(at), p.u16(at + 2));
  p.need(at, 20);
  const head = (p.u8(at + 12) >> 4) * 4;
  if (head < 20) {
    p.put(` tcp ${length - head} [bad hdr length ${head} - too short, < 20]`);
    return;
  }
  const flags = p.u8(at + 13);
  if (p.o.quiet) {
    p.put(`tcp ${length - head}`);
    if (head > length) p.put(` [bad hdr length ${head} - too long, > ${length}]`);
    return;
  }
  const letters = TCP_FLAGS.slice(0, 8)
    .filter((_, i) => flags & (1 << i))
    .map(([, letter]) => letter);
  p.put(`Flags [${letters.join('') || 'none'}]`);
  const n = relative(p, at, e, flags);
  if (head > length) {
    p.put(` [bad hdr length ${head} - too long, > ${length}]`);
    return;
  }
  if (p.v && !e.fragment && p.has(at, length)) {
    const sum = sum16(p.b, at, at + length, pseudoSum(p.b, e.src, e.last, e.size, 6, length));
    const c = p.u16(at + 16);
    p.put(`, cksum 0x${hexN(c, 4)} (`, sum === 0xffff ? 'correct' : `incorrect -> 0x${hexN(shouldBe(c, sum), 4)}`, ')');
  }
  const data = length - head;
  if (p.v > 1 || data > 0 || flags & 7) p.put(`, seq ${n.seq}`, data > 0 ? `:${(n.seq + data) >>> 0}` : '');
  if (flags & 16) p.put(`, ack ${n.ack}`);
  p.put(`, win ${p.u16(at + 14)}`);
  if (flags & 32) p.put(`, urg ${p.u16(at + 18)}`);
  if (head > 20) {
    try {
      tcpOptions(p, at + 20, at + head, n.sack);
    } catch (bad) {
      if (!(bad instanceof BadOption)) throw bad;
      return;
    }
  }
  p.put(`, length ${data}`);
  if (data <= 0) return;
  if (!p.has(at, head)) {
    p.put(` [remaining caplen(${p.end - at}) < header length(${head})]`);
    p.trunc();
    return;
  }
  if (flags & 4 && p.v) cause(p, at + head, data);
}

/** What a reset says in words, at most 30 characters of it. */
function cause(p: Print, at: number, length: number): void {
  p.put(p.has(at, length) ? ' [RST' : ' [!RST', length > 30 ? '+' : '', ' ');
  for (let i = at; i < at + Math.min(30, length) && p.has(i, 1); i++) {
    const low = p.u8(i) & 127;
    p.put(p.u8(i) > 127 ? 'M-' : '', low < 32 || low === 127 ? `^${String.fromCharCode(low ^ 64)}` : String.fromCharCode(low));
  }
  p.put(']');
}

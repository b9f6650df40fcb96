// tcpdump's words for IPv6 and its extension headers: print-ip6.c, print-ip6opts.c, print-rt6.c, print-frag6.c.
import { hexN, ipv6, u8 } from './bytes.ts';
import type { Print } from './print.ts';
import { printIcmp6 } from './print_icmp6.ts';
import { type Ends, printTcp, printUdp, protoName } from './print_ip.ts';

/** The options of a hop-by-hop or destination header, of [at, end). */
function options(p: Print, from: number, end: number): void {
  for (let at = from; at < end; ) {
    const kind = p.u8(at);
    const length = kind === 0 ? 1 : at + 1 < end ? p.u8(at + 1) + 2 : 256;
    if (at + length > end) {
      p.trunc();
      return;
    }
    if (kind === 0) p.put('(pad1)');
    else if (kind === 1) p.put('(padn)');
    else if (kind === 5) p.put(length < 4 ? `(rtalert: trunc)` : `(rtalert: 0x${hexN(p.u16(at + 2), 4)}) `);
    else p.put(`(opt_type 0x${hexN(kind, 2)}: len=${length - 2})`);
    at += length;
  }
  p.put(from < end ? ' ' : '');
}

function extension(p: Print, kind: number, at: number): number {
  p.proto = kind === 0 ? 'hbhopt' : kind === 60 ? 'dstopt' : 'rt6';
  p.need(at, 2);
  const size = (p.u8(at + 1) + 1) * 8;
  if (kind === 0 || kind === 60) {
    p.need(at, size);
    p.put(kind ? 'DSTOPT ' : 'HBH ');
    if (p.v) options(p, at + 2, at + size);
    return size;
  }
  p.need(at, 4);
  const type = p.u8(at + 2);
  p.put(`RT6 (len=${p.u8(at + 1)}, type=${type}`);
  if (type === 0) p.put(' [Deprecated]');
  p.put(`, segleft=${p.u8(at + 3)}`);
  if (type === 0) {
    if (p.v) p.put(`, rsv=0x${p.u32(at + 4).toString(16)}`);
    else p.need(at + 4, 4);
    if (p.u8(at + 1) % 2) {
      p.put(' (invalid length)');
      return size;
    }
    for (let i = 0; i < p.u8(at + 1) / 2; i++) {
      p.need(at + 8 + 16 * i, 16);
      p.put(`, [${i}]${ipv6(p.b, at + 8 + 16 * i)}`);
    }
  } else p.put(' (unknown type)');
  p.put(') ');
  return size;
}

export function printIp6(p: Print, at: number, length: number): void {
  p.proto = 'ip6';
  p.need(at, 40);
  if (!p.o.link) p.put('IP6 ');
  const version = p.u8(at) >> 4;
  if (version !== 6) {
    p.put(`version error: ${version} != 6`);
    return;
  }
  if (length < 40) {
    p.put(`truncated-ip6 ${length}`);
    return;
  }
  const payload = p.u16(at + 4);
  let total = payload + 40;
  if (length < total) p.put(`truncated-ip6 - ${total - length} bytes missing!`);
  let nh = p.u8(at + 6);
  if (p.v) {
    const word = p.u32(at),
      cls = (word >>> 20) & 255,
      flow = word & 0xfffff;
    p.put('(', cls ? `class 0x${hexN(cls, 2)}, ` : '', flow ? `flowlabel 0x${hexN(flow, 5)}, ` : '');
    p.put(`hlim ${p.u8(at + 7)}, next-header ${protoName(nh)} (${nh}) payload length: ${payload}) `);
  }
  if (payload === 0 && nh === 0) total = length;
  p.upTo(at + total, () => {
    const ends: Ends = { size: 16, src: at + 8, dst: at + 24, last: at + 24, fragment: false };
    const first = nh;
    if (nh !== 6 && nh !== 17) p.put(`${ipv6(p.b, at + 8)} > ${ipv6(p.b, at + 24)}: `);
    let o = at + 40,
      after44 = false; // nothing is said of an empty rest behind a fragment header
    for (;;) {
      const left = at + total - o;
      if (p.end <= o) {
        if (first !== nh || nh === 59 || left > 0 || left <= 0) {
          if (nh !== 59 && o > at + 40 && left > 0) return;
        }
      }
      if (nh === 0 || nh === 60 || nh === 43) {
        const kind = nh;
        p.need(o, 1);
        nh = p.u8(o);
        const size = extension(p, kind, o);
        if (kind === 43 && p.u8(o + 2) === 0 && size >= 24) ends.last = o + size - 16;
        o += size;
        ends.bare = true;
        continue;
      }
      if (nh === 44) {
        p.proto = 'frag6';
        p.need(o, p.v ? 8 : 4);
        const word = p.u16(o + 2);
        const id = p.v ? `0x${hexN(p.u32(o + 4), 8)}:` : '';
        p.put(`frag (${id}${word & 0xfff8}|${left - 8})`);
        if (word & 0xfff8) return;
        p.need(o, 8);
        p.put(' ');
        ends.fragment = true;
        nh = u8(p.b, o);
        after44 = nh === 59;
        o += 8;
        ends.bare = true;
        continue;
      }
      if (nh === 6) return printTcp(p, o, left, ends);
      if (nh === 17) return printUdp(p, o, left, ends);
      if (nh === 58) return printIcmp6(p, o, left, ends);
      if (nh === 59) return p.put(after44 ? '' : 'no next header');
      return p.put(` ${nh === 77 ? 'nd' : `ip-proto-${nh}`} ${left}`);
    }
  });
}

// ICMPv6 (RFC 4443): echo and errors with the packet they quote; neighbour discovery and its options (RFC 4861).
import { be16, be32, hexBytes, hexN, ipv6 as address, mac, pseudoSum, shouldBe, sum16, u8 } from './bytes.ts';
import { data } from './ether.ts';
import { bit, type Dig, field, type Next } from './field.ts';
import { quote } from './icmp.ts';
import { ICMP6_TYPE } from './names.ts';

const OPTION: Record<number, string> = {
  1: 'Source link-layer address',
  2: 'Target link-layer address',
  3: 'Prefix information',
  4: 'Redirected header',
  5: 'MTU',
};

/** Options of neighbour discovery, up to the end of the message. */
function options(dig: Dig, from: number, end: number): void {
  const b = dig.bytes;
  let at = from;
  while (at < end) {
    const start = at;
    dig.need(start, 2, end);
    const kind = u8(b, start),
      size = u8(b, start + 1) * 8;
    dig.group(field('icmpv6.opt', '', start, size, { note: OPTION[kind], wrong: size ? undefined : 'an option of length 0' }), () => {
      dig.add(field('icmpv6.opt.type', kind, start, 1, { note: OPTION[kind] }));
      dig.add(field('icmpv6.opt.length', u8(b, start + 1), start + 1, 1, { note: `${size} bytes` }));
      if (!size) return;
      dig.need(start, size, end);
      if ((kind === 1 || kind === 2) && size === 8) dig.add(field('icmpv6.opt.linkaddr', mac(b, start + 2), start + 2, 6));
      if (kind === 5 && size === 8) {
        dig.add(field('icmpv6.opt.reserved', '', start + 2, 2));
        dig.add(field('icmpv6.opt.mtu', be32(b, start + 4), start + 4, 4));
      }
      if (kind === 3 && size === 32) {
        const f = u8(b, start + 3);
        dig.add(field('icmpv6.opt.prefix.length', u8(b, start + 2), start + 2, 1));
        const bits = [bit('icmpv6.opt.prefix.flag.l', f, 128, start + 3), bit('icmpv6.opt.prefix.flag.a', f, 64, start + 3)];
        bits.push(bit('icmpv6.opt.prefix.flag.r', f, 32, start + 3), field('icmpv6.opt.prefix.flag.reserved', f & 31, start + 3, 1));
        dig.add(field('icmpv6.opt.prefix.flag', `0x${hexN(f, 2)}`, start + 3, 1, { children: bits }));
        dig.add(field('icmpv6.opt.prefix.valid_lifetime', be32(b, start + 4), start + 4, 4));
        dig.add(field('icmpv6.opt.prefix.preferred_lifetime', be32(b, start + 8), start + 8, 4));
        dig.add(field('icmpv6.opt.reserved', '', start + 12, 4));
        dig.add(field('icmpv6.opt.prefix', address(b, start + 16), start + 16, 16));
      }
    });
    if (!size) return;
    at += size;
  }
}

function advertisement(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  dig.need(at + 4, 12, end);
  const f = u8(b, at + 5);
  dig.add(field('icmpv6.nd.ra.cur_hop_limit', u8(b, at + 4), at + 4, 1));
  const bits = [
    bit('icmpv6.nd.ra.flag.m', f, 128, at + 5),
    bit('icmpv6.nd.ra.flag.o', f, 64, at + 5),
    bit('icmpv6.nd.ra.flag.h', f, 32, at + 5),
  ];
  bits.push(field('icmpv6.nd.ra.flag.prf', (f >> 3) & 3, at + 5, 1), bit('icmpv6.nd.ra.flag.p', f, 4, at + 5));
  bits.push(field('icmpv6.nd.ra.flag.rsv', f & 3, at + 5, 1));
  dig.add(field('icmpv6.nd.ra.flag', `0x${hexN(f, 2)}`, at + 5, 1, { children: bits }));
  dig.add(field('icmpv6.nd.ra.router_lifetime', be16(b, at + 6), at + 6, 2));
  dig.add(field('icmpv6.nd.ra.reachable_time', be32(b, at + 8), at + 8, 4));
  dig.add(field('icmpv6.nd.ra.retrans_timer', be32(b, at + 12), at + 12, 4));
  options(dig, at + 16, end);
}

function neighbour(dig: Dig, type: number, at: number, end: number): void {
  const b = dig.bytes;
  dig.need(at + 4, 4, end);
  if (type === 136) {
    const word = be32(b, at + 4),
      name = 'icmpv6.nd.na.flag';
    const bits = [bit(`${name}.r`, word, 0x80000000, at + 4, 4), bit(`${name}.s`, word, 0x40000000, at + 4, 4)];
    bits.push(bit(`${name}.o`, word, 0x20000000, at + 4, 4), field(`${name}.rsv`, word & 0x1fffffff, at + 4, 4));
    dig.add(field(name, `0x${hexN(word, 8)}`, at + 4, 4, { children: bits }));
  } else dig.add(field('icmpv6.reserved', hexBytes(b, at + 4, at + 8, ':'), at + 4, 4));
  if (type === 133) {
    options(dig, at + 8, end);
    return;
  }
  dig.need(at + 8, 16, end);
  dig.add(field(`icmpv6.nd.${type === 135 ? 'ns' : 'na'}.target_address`, address(b, at + 8), at + 8, 16));
  options(dig, at + 24, end);
}

function checksum(dig: Dig, at: number, end: number): void {
  const b = dig.bytes,
    c = be16(b, at + 2),
    p = dig.pseudo;
  const whole = p !== undefined && end <= b.length && !dig.fragment && !dig.quoted;
  const sum = whole ? sum16(b, at, end, pseudoSum(b, p.src, p.dst, p.size, 58, end - at)) : 0xffff,
    good = sum === 0xffff;
  const wrong = good ? undefined : `should be 0x${hexN(shouldBe(c, sum), 4)}`;
  const note = whole ? (good ? 'correct' : 'incorrect') : 'not verified';
  dig.add(field('icmpv6.checksum', `0x${hexN(c, 4)}`, at + 2, 2, { note, wrong }));
  dig.add(field('icmpv6.checksum.status', whole ? (good ? 1 : 0) : 2, at + 2, 0, { wrong }));
}

export function icmp6(dig: Dig, at: number, end: number, next: Next): void {
  const b = dig.bytes;
  dig.layer('icmpv6', 'icmp6', at, end - at, (node) => {
    dig.need(at, 1, end);
    const type = u8(b, at);
    node.note = ICMP6_TYPE[type] ?? `type ${type}`;
    dig.add(field('icmpv6.type', type, at, 1, { note: ICMP6_TYPE[type] }));
    dig.need(at, 2, end);
    dig.add(field('icmpv6.code', u8(b, at + 1), at + 1, 1));
    dig.need(at, 4, end);
    checksum(dig, at, end);
    if (type === 128 || type === 129) {
      dig.need(at + 4, 2, end);
      dig.add(field('icmpv6.echo.identifier', `0x${hexN(be16(b, at + 4), 4)}`, at + 4, 2));
      dig.need(at + 6, 2, end);
      dig.add(field('icmpv6.echo.sequence_number', be16(b, at + 6), at + 6, 2));
      return data(dig, at + 8, end);
    }
    if (type >= 1 && type <= 4) {
      dig.need(at + 4, 4, end);
      if (type === 2) dig.add(field('icmpv6.mtu', be32(b, at + 4), at + 4, 4));
      else if (type === 4) dig.add(field('icmpv6.pointer', be32(b, at + 4), at + 4, 4));
      else dig.add(field('icmpv6.reserved', hexBytes(b, at + 4, at + 8, ':'), at + 4, 4));
      return quote(dig, 0x86dd, at + 8, end, next);
    }
    if (type === 134) return advertisement(dig, at, end);
    if (type === 133 || type === 135 || type === 136) return neighbour(dig, type, at, end);
    data(dig, at + 4, end);
  });
}

// ICMP (RFC 792, RFC 1191): echo, unreachable, time exceeded and their like, with the packet that an error quotes.
import { be16, hexBytes, hexN, shouldBe, sum16, u8 } from './bytes.ts';
import { data } from './ether.ts';
import { type Dig, field, type Next } from './field.ts';
import { ICMP_TYPE } from './names.ts';

const DEEPEST = 8; // errors quoting errors; more is an attack on the reader

/** Quotes the packet at `at`, which is of network protocol `type`. */
export function quote(dig: Dig, type: number, at: number, end: number, next: Next): void {
  if (at >= end) return;
  if (dig.quoted >= DEEPEST) {
    data(dig, at, end);
    return;
  }
  const outer = { pseudo: dig.pseudo, fragment: dig.fragment };
  dig.quoted++;
  dig.guarded(() => {
    if (!next(dig, type, at, end)) data(dig, at, end);
  });
  dig.quoted--;
  dig.pseudo = outer.pseudo;
  dig.fragment = outer.fragment;
}

export function icmp(dig: Dig, at: number, end: number, next: Next): void {
  const b = dig.bytes;
  dig.layer('icmp', 'icmp', at, end - at, (node) => {
    dig.need(at, 4, end);
    const type = u8(b, at),
      code = u8(b, at + 1);
    node.note = ICMP_TYPE[type] ?? `type ${type}`;
    dig.add(field('icmp.type', type, at, 1, { note: ICMP_TYPE[type] }));
    dig.add(field('icmp.code', code, at + 1, 1));
    const c = be16(b, at + 2),
      whole = end <= b.length && !dig.fragment && !dig.quoted;
    const sum = whole ? sum16(b, at, end) : 0xffff,
      good = sum === 0xffff;
    const wrong = good ? undefined : `should be 0x${hexN(shouldBe(c, sum), 4)}`;
    dig.add(
      field('icmp.checksum', `0x${hexN(c, 4)}`, at + 2, 2, { note: whole ? (good ? 'correct' : 'incorrect') : 'not verified', wrong }),
    );
    dig.add(field('icmp.checksum.status', whole ? (good ? 1 : 0) : 2, at + 2, 0, { wrong }));
    const echo = type === 0 || type === 8 || type === 13 || type === 14;
    if (echo) {
      dig.need(at + 4, 2, end);
      const [ident, seq] = [be16(b, at + 4), be16(b, at + 6)];
      const swapped = (n: number) => ((n & 255) << 8) | (n >> 8);
      dig.add(field('icmp.ident', ident, at + 4, 2, { note: 'big endian' }));
      dig.add(field('icmp.ident_le', swapped(ident), at + 4, 2, { note: 'little endian' }));
      dig.need(at + 6, 2, end);
      dig.add(field('icmp.seq', seq, at + 6, 2, { note: 'big endian' }));
      dig.add(field('icmp.seq_le', swapped(seq), at + 6, 2, { note: 'little endian' }));
      return data(dig, at + 8, end);
    }
    if (type === 3 || type === 11 || type === 4 || type === 5 || type === 12) {
      if (type === 3 && code === 4) {
        dig.need(at + 4, 4, end);
        dig.add(field('icmp.unused', hexBytes(b, at + 4, at + 6, ':'), at + 4, 2));
        dig.add(field('icmp.mtu', be16(b, at + 6), at + 6, 2));
      } else if (type === 3 || type === 11 || type === 4) {
        dig.need(at + 4, 4, end);
        if (type !== 4) dig.add(field('icmp.unused', hexBytes(b, at + 4, at + 8, ':'), at + 4, 4));
      }
      dig.need(at + 4, 4, end);
      return quote(dig, 0x800, at + 8, end, next);
    }
    data(dig, at + 4, end);
  });
}

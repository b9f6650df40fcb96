// UDP (RFC 768, RFC 8200 section 8.1), with its checksum over both versions of IP.
import { be16, hexBytes, hexN, pseudoSum, shouldBe, sum16 } from './bytes.ts';
import { data } from './ether.ts';
import { type Dig, field } from './field.ts';
import { pktGen } from './pkt_gen.ts';

function checksum(dig: Dig, at: number, end: number, length: number): void {
  const b = dig.bytes,
    c = be16(b, at + 6),
    p = dig.pseudo;
  const show = (status: number, note: string, wrong?: string) => {
    dig.add(field('udp.checksum', `0x${hexN(c, 4)}`, at + 6, 2, { note, wrong }));
    dig.add(field('udp.checksum.status', status, at + 6, status >= 3 ? 2 : 0, { note, wrong }));
  };
  if (c === 0) {
    if (p?.size !== 16) {
      show(3, 'none was sent');
      return;
    }
    show(4, 'zero, which IPv6 forbids', 'Illegal checksum value (0)');
    return;
  }
  if (!p || dig.fragment || at + length > end || at + length > b.length) {
    show(2, 'not verified');
    return;
  }
  const sum = sum16(b, at, at + length, pseudoSum(b, p.src, p.dst, p.size, 17, length));
  if (sum === 0xffff) show(1, 'correct');
  else show(0, 'incorrect', `should be 0x${hexN(shouldBe(c, sum) || 0xffff, 4)}`);
}

export function udp(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  dig.layer('udp', 'udp', at, 8, (node) => {
    dig.need(at, 4, end);
    dig.add(field('udp.srcport', be16(b, at), at, 2));
    dig.add(field('udp.dstport', be16(b, at + 2), at + 2, 2));
    node.note = `${be16(b, at)} > ${be16(b, at + 2)}`;
    dig.need(at + 4, 2, end);
    const told = be16(b, at + 4),
      left = end - at;
    const jumbo = told === 0 && dig.pseudo?.size === 16; // RFC 2675
    const small = told < 8 && !jumbo;
    const wrong = small
      ? 'less than 8'
      : told > left && !dig.fragment && !dig.quoted
        ? `exceeds the IP payload's ${left} bytes`
        : undefined;
    dig.add(field('udp.length', told, at + 4, 2, { wrong }));
    if (small) return;
    const length = jumbo ? left : told;
    dig.need(at + 6, 2, end);
    checksum(dig, at, end, length);
    const stop = Math.min(end, at + length),
      to = dig.until(stop);
    if (to > at + 8) dig.add(field('udp.payload', hexBytes(b, at + 8, to, ':'), at + 8, to - at - 8));
  });
  const length = be16(b, at + 4);
  if (length < 8 && (length || dig.pseudo?.size !== 16)) return;
  const stop = length ? Math.min(end, at + length) : end;
  if (!pktGen(dig, at + 8, stop)) data(dig, at + 8, stop);
}

// Numbers in bytes, the Internet checksum (RFC 1071), and addresses as people write them (RFC 5952 for IPv6).

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Bytes past the end read as 0: callers check lengths where it matters. */
export const u8 = (b: Uint8Array, o: number): number => b[o] ?? 0;
export const be16 = (b: Uint8Array, o: number): number => (u8(b, o) << 8) | u8(b, o + 1);
export const be32 = (b: Uint8Array, o: number): number => be16(b, o) * 65536 + be16(b, o + 2);

export const hex2 = (n: number): string => HEX[n & 255] ?? '';
export const hexN = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

export function hexBytes(b: Uint8Array, from: number, to: number, between = ''): string {
  const parts: string[] = [];
  for (let i = from; i < Math.min(to, b.length); i++) parts.push(hex2(u8(b, i)));
  return parts.join(between);
}

export const mac = (b: Uint8Array, o: number): string => hexBytes(b, o, o + 6, ':');
export const ipv4 = (b: Uint8Array, o: number): string => `${u8(b, o)}.${u8(b, o + 1)}.${u8(b, o + 2)}.${u8(b, o + 3)}`;

/** RFC 5952, with the dotted tail that inet_ntop(3) gives mapped and compatible addresses. */
export function ipv6(b: Uint8Array, o: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => be16(b, o + 2 * i));
  let best = -1,
    run = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === 0) j++;
    if (j - i > run) {
      best = i;
      run = j - i;
    }
  }
  const dotted = best === 0 && (run === 6 || (run === 5 && groups[5] === 0xffff));
  const words = groups.slice(0, dotted ? 6 : 8).map((g) => g.toString(16));
  if (dotted) words.push(ipv4(b, o + 12));
  if (best < 0) return words.join(':');
  return `${words.slice(0, best).join(':')}::${words.slice(best + run).join(':')}`;
}

/** One's complement sum of the 16-bit words of [from, to), on top of `start`; an odd byte counts as the high one. */
export function sum16(b: Uint8Array, from: number, to: number, start = 0): number {
  let s = start;
  for (let i = from; i < to; i += 2) {
    s += (u8(b, i) << 8) | (i + 1 < to ? u8(b, i + 1) : 0);
    if (s > 0xffffff) s = (s & 0xffff) + (s >>> 16);
  }
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return s;
}

/** What the checksum field should have been, given the field and the sum over everything including it. */
export function shouldBe(field: number, sum: number): number {
  let s = field + (~sum & 0xffff);
  s = (s & 0xffff) + (s >>> 16);
  return s;
}

/** Sum of the pseudo header (RFC 768, RFC 8200 section 8.1): addresses of 4 or 16 bytes, protocol, length. */
export function pseudoSum(b: Uint8Array, src: number, dst: number, size: 4 | 16, protocol: number, length: number): number {
  const addresses = sum16(b, dst, dst + size, sum16(b, src, src + size));
  return addresses + protocol + (length >>> 16) + (length & 0xffff);
}

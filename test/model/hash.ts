// Model of a VALE switch's address hash: Bob Jenkins' 96-bit mix over six bytes. Written from facts netmap 3.2 alone.

const sub = (x: number, y: number) => (x - y) >>> 0;
const right = (x: number, by: number) => x >>> by;
const left = (x: number, by: number) => (x << by) >>> 0;
const xor = (x: number, y: number) => (x ^ y) >>> 0;

/** Bytes of an address, m0 first, to one of 1024 buckets. */
export function bucketOf(mac: readonly number[]): number {
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0] = mac;
  let a = 0x9e3779b9,
    b = 0x9e3779b9,
    c = 0;
  b = (b + (m5 << 8) + m4) >>> 0;
  a = (a + m3 * 2 ** 24 + (m2 << 16) + (m1 << 8) + m0) % 2 ** 32;
  for (const [s1, s2, s3] of [
    [13, 8, 13],
    [12, 16, 5],
    [3, 10, 15],
  ] as const) {
    a = xor(sub(sub(a, b), c), right(c, s1));
    b = xor(sub(sub(b, c), a), left(a, s2));
    c = xor(sub(sub(c, a), b), right(b, s3));
  }
  return c & 1023;
}

export const macBytes = (mac: string) => mac.split(':').map((x) => Number.parseInt(x, 16));
/** The address as the table stores it: m0 is the lowest byte. */
export const macNumber = (mac: readonly number[]) => mac.reduce((n, byte, i) => n + byte * 256 ** i, 0);

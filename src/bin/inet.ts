// IPv4 addresses as the packet has them (first byte lowest), and as they are written.

export const ip4 = (a: number) => [a & 255, (a >>> 8) & 255, (a >>> 16) & 255, a >>> 24].join('.');

/** inet_aton of four decimal bytes; undefined when it is none. */
export function parseIp4(s: string): number | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(s);
  if (!m) return undefined;
  const b = m.slice(1).map(Number);
  return b.some((x) => x > 255) ? undefined : ((b[0] ?? 0) | ((b[1] ?? 0) << 8) | ((b[2] ?? 0) << 16) | ((b[3] ?? 0) << 24)) >>> 0;
}
/** Length of a mask. */
export const prefixLength = (mask: number) => {
  let n = 0;
  for (let m = mask; m; m &= m - 1) n++;
  return n;
};

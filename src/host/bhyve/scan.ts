// Numbers as the C library of FreeBSD reads them: sscanf("%d:%d"), atoi(3), strtoul(3), and libvmmapi's vm_parse_memsize.
// Their quirks decide what bhyve accepts, so they are kept (facts bhyve 1.2, 1.4). Pure functions.

const SPACE = /^[ \t\n\v\f\r]+/;

/** sscanf(text, "%d:%d:%d"): what was read until something did not fit. Nothing looks at what is left. */
export function scanInts(text: string, separator: string, most: number): number[] {
  const out: number[] = [];
  let rest = text;
  while (out.length < most) {
    // %d takes white space first; the literal between two of them does not
    const m = /^([+-]?\d+)/.exec(rest.replace(SPACE, ''));
    if (!m?.[1]) break;
    out.push(toInt(m[1]));
    rest = rest.replace(SPACE, '').slice(m[1].length);
    if (!rest.startsWith(separator)) break;
    rest = rest.slice(separator.length);
  }
  return out;
}

/** strtoimax, which stops at the ends of 64 bits, stored into an int: 4294967298 becomes 2. */
function toInt(digits: string): number {
  const max = (1n << 63n) - 1n,
    n = BigInt(digits.replace('+', ''));
  return Number(BigInt.asIntN(32, n > max ? max : n < -max - 1n ? -max - 1n : n));
}

export const atoi = (text: string): number => scanInts(text, '', 1)[0] ?? 0;

/** strtoul(text, &end, 0): the number, and what follows it. Undefined where there are no digits. */
function strtoul(text: string): { n: bigint; rest: string } | undefined {
  const t = text.replace(SPACE, ''),
    m = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(t);
  if (!m?.[2]) return undefined;
  const w = m[2],
    n = BigInt(/^0[0-7]+$/.test(w) ? `0o${w.slice(1)}` : w),
    max = (1n << 64n) - 1n;
  return { n: n > max ? max : m[1] === '-' ? BigInt.asUintN(64, -n) : n, rest: t.slice(m[0].length) };
}

const MB = 1n << 20n;
const SHIFT: Record<string, bigint> = { b: 0n, k: 10n, m: 20n, g: 30n, t: 40n, p: 50n, e: 60n };

/** vm_parse_memsize: bytes, or undefined. A bare number below 1 Mi is MiB; expand_number(3) looks at one letter only. */
export function parseMemsize(text: string): number | undefined {
  const r = strtoul(text);
  if (!r) return undefined;
  if (r.rest === '') return Number(r.n < MB ? r.n * MB : r.n);
  const shift = SHIFT[r.rest[0]?.toLowerCase() ?? ''];
  if (shift === undefined || BigInt.asUintN(64, r.n << shift) >> shift !== r.n) return undefined;
  return Number(r.n << shift);
}

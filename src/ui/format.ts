// Numbers as the page writes them: thousands with a comma, units apart, four figures at most in a time.

/** Whole numbers without the browser's tables of languages: loading these for the first of them takes a fast CPU 20 ms. */
export const count = (n: number): string =>
  Number.isInteger(n) && Math.abs(n) < 1e15 ? String(n).replace(/\B(?=(\d{3})+$)/g, ',') : n.toLocaleString('en-US');

export const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;

/** Lab time: "41.28 µs", never on two lines. */
export function duration(ns: number): string {
  const [value, unit] = ns < 1e3 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : ns < 1e9 ? [ns / 1e6, 'ms'] : [ns / 1e9, 's'];
  const digits = unit === 'ns' ? 0 : value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
  return `${value.toFixed(digits)}\u00a0${unit}`;
}

/** A distance in lab time, with its sign: "+41.28 µs". */
export const since = (ns: number): string => (ns === 0 ? '0' : `${ns < 0 ? '\u2212' : '+'}${duration(Math.abs(ns))}`);

export function bytes(n: number): string {
  const mib = n / 1048576;
  return `${mib < 10 ? mib.toFixed(1) : count(Math.round(mib))} MiB`;
}

/** A cyclic run of slots in words: "9 to 15 and 0". */
export function slotRun(from: number, length: number, n: number): string {
  const part = (a: number, b: number) => (a === b ? `${a}` : `${a} to ${b}`);
  if (length <= 0) return '';
  const last = from + length - 1;
  return last < n ? part(from, last) : `${part(from, n - 1)} and ${part(0, last - n)}`;
}

/** A size of memory in its own unit: "2 GiB", "12 KiB", "1,234 B". */
export function sized(n: number): string {
  const [unit, name] = n >= 2 ** 30 ? [2 ** 30, 'GiB'] : n >= 2 ** 20 ? [2 ** 20, 'MiB'] : n >= 1024 ? [1024, 'KiB'] : [1, 'B'];
  const v = n / (unit as number);
  return `${Number.isInteger(v) ? count(v) : v.toFixed(1)} ${name}`;
}

/** At most four figures; a thing that happens is never written as 0. */
export function perPacket(n: number, packets: number): string {
  if (!packets) return '–';
  const v = n / packets;
  if (!v) return '0';
  if (v < 0.0001) return '< 0.0001';
  return v >= 100 ? count(Math.round(v)) : v.toPrecision(v < 0.001 ? 1 : 3).replace(/\.?0+$/, '');
}

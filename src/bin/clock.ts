// The lab's clock as a calendar: date(1), uptime(1), and what else prints a time. UTC, whose year and day kernel_version.ts chose.

import { EPOCH_S } from './kernel_version.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const two = (n: number, pad = '0') => String(n).padStart(2, pad);

/** Seconds since 1970 at a time of the lab's clock. */
export const unixTime = (ns: number) => EPOCH_S + Math.floor(ns / 1e9);

/** Conversions that stand for others. */
const WHOLE: Record<string, string> = { c: '%a %b %e %H:%M:%S %Y', D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M', T: '%H:%M:%S' };

/** strftime(3) in the C locale. */
export function strftime(format: string, s: number): string {
  const d = new Date(s * 1000),
    day = DAYS[d.getUTCDay()] ?? '',
    month = MONTHS[d.getUTCMonth()] ?? '',
    h12 = d.getUTCHours() % 12 || 12,
    year = d.getUTCFullYear(),
    yday = Math.floor((Date.UTC(year, d.getUTCMonth(), d.getUTCDate()) - Date.UTC(year, 0, 1)) / 864e5) + 1;
  const one: Record<string, string> = {
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    C: two(Math.floor(year / 100)),
    d: two(d.getUTCDate()),
    e: two(d.getUTCDate(), ' '),
    h: month.slice(0, 3),
    H: two(d.getUTCHours()),
    I: two(h12),
    j: String(yday).padStart(3, '0'),
    k: two(d.getUTCHours(), ' '),
    l: two(h12, ' '),
    m: two(d.getUTCMonth() + 1),
    M: two(d.getUTCMinutes()),
    n: '\n',
    p: d.getUTCHours() < 12 ? 'AM' : 'PM',
    s: String(s),
    S: two(d.getUTCSeconds()),
    t: '\t',
    u: String(d.getUTCDay() || 7),
    w: String(d.getUTCDay()),
    y: two(year % 100),
    Y: String(year),
    z: '+0000',
    Z: 'UTC',
    '%': '%',
  };
  const whole = format.replace(/%([cDFRT])/g, (w, c: string) => WHOLE[c] ?? w);
  return whole.replace(/%(.)/g, (w, c: string) => (Object.hasOwn(one, c) ? (one[c] ?? '') : w.slice(1)));
}
/** ctime(3) without its newline. */
export const ctime = (s: number) => strftime('%c', s);

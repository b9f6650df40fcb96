// printf(1), built in. Mirrors usr.bin/printf/printf.c: the format is used again until the arguments are gone.

import type { Builtin } from './builtins.ts';
import { complain } from './state.ts';

const ESC: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };

/** Backslashes of a format; with `b`, those of %b: \0ooo, and \c that ends everything. */
function escapes(text: string, b: boolean): { text: string; end: boolean } {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      out += text[i];
      continue;
    }
    const octal = (b ? /^0?[0-7]{1,3}/ : /^[0-7]{1,3}/).exec(text.slice(i + 1, i + 5))?.[0],
      c = text[++i];
    if (octal !== undefined) {
      out += String.fromCharCode(Number.parseInt(octal, 8) & 255);
      i += octal.length - 1;
    } else if (c === 'c' && b) return { text: out, end: true };
    else out += c !== undefined && Object.hasOwn(ESC, c) ? ESC[c] : `\\${c ?? ''}`;
  }
  return { text: out, end: false };
}

const pad = (s: string, flags: string, width: number, numeric: boolean): string => {
  if (s.length >= width) return s;
  if (flags.includes('-')) return s.padEnd(width);
  if (!flags.includes('0') || !numeric) return s.padStart(width);
  const head = /^[-+ ]?(?:0[xX])?/.exec(s)?.[0] ?? '';
  return head + s.slice(head.length).padStart(width - head.length, '0');
};

export const printf: Builtin = (sh, argv) => {
  const { p, sys } = sh,
    at = argv[1] === '--' ? 2 : 1,
    format = argv[at],
    args = argv.slice(at + 1);
  if (format === undefined) {
    complain(sh, 'usage: printf format [arguments ...]');
    return 1;
  }
  let status = 0,
    next = 0,
    out = '';
  const bad = (text: string) => {
    complain(sh, `printf: ${text}`);
    status = 1;
  };
  const integer = (s: string): bigint => {
    if (/^['"]/.test(s)) return BigInt(s.codePointAt(1) ?? 0);
    const m = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)?/.exec(s),
      digits = m?.[2];
    if (s !== '' && (digits === undefined || m?.[0].length !== s.length))
      bad(digits === undefined ? `${s}: expected numeric value` : `${s}: not completely converted`);
    const v = BigInt(digits === undefined ? 0 : /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return m?.[1] === '-' ? -v : v;
  };
  const real = (s: string): number => {
    const m = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.exec(s);
    if (s !== '' && m?.[0].length !== s.length) bad(m ? `${s}: not completely converted` : `${s}: expected numeric value`);
    return m ? Number(m[0]) : 0;
  };
  const sign = (s: string, flags: string) => (s.startsWith('-') ? s : flags.includes('+') ? `+${s}` : flags.includes(' ') ? ` ${s}` : s);
  do {
    const from = next;
    for (const m of format.matchAll(/((?:[^%\\]|\\[\s\S])+|\\$)|%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d*))?([%a-zA-Z])|(%)/g)) {
      const [, plain, flagged = '', w, precision, c] = m;
      if (plain !== undefined) {
        out += escapes(plain, false).text;
        continue;
      }
      if (c === '%') {
        out += '%';
        continue;
      }
      let flags = flagged,
        width = w === '*' ? Number(integer(args[next++] ?? '')) : Number(w ?? 0);
      if (width < 0) {
        flags += '-';
        width = -width;
      }
      width = Math.min(width, 65536);
      const digits = precision === undefined ? undefined : precision === '*' ? Number(integer(args[next++] ?? '')) : Number(precision || 0);
      const arg = args[next++] ?? '';
      if (c === 's') out += pad(digits === undefined ? arg : arg.slice(0, digits), flags, width, false);
      else if (c === 'c') out += pad(arg.slice(0, 1), flags, width, false);
      else if (c === 'b') {
        const r = escapes(arg, true);
        out += pad(r.text, flags, width, false);
        if (r.end) {
          sys.os.write(p, out);
          return status;
        }
      } else if (c !== undefined && 'diouxX'.includes(c)) {
        const v = integer(arg),
          u = c === 'd' || c === 'i' ? v : BigInt.asUintN(64, v),
          radix = c === 'o' ? 8 : c === 'x' || c === 'X' ? 16 : 10,
          plainDigits = (u < 0n ? -u : u).toString(radix).padStart(Math.min(digits ?? 1, 1000), '0'),
          prefix = flags.includes('#') && u !== 0n ? (radix === 16 ? '0x' : radix === 8 ? '0' : '') : '',
          body = prefix + plainDigits,
          s = c === 'd' || c === 'i' ? sign(u < 0n ? `-${body}` : body, flags) : body;
        out += pad(c === 'X' ? s.toUpperCase() : s, digits === undefined ? flags : flags.replace('0', ''), width, true);
      } else if (c !== undefined && 'feEgG'.includes(c)) {
        const v = real(arg),
          d = Math.min(digits ?? 6, 100),
          exp = (s: string) => s.replace(/e([-+])(\d)$/, 'e$10$2');
        const e = v === 0 ? 0 : Math.floor(Math.log10(Math.abs(v)));
        let s = c === 'f' ? v.toFixed(d) : c === 'e' || c === 'E' ? exp(v.toExponential(d)) : '';
        if (c === 'g' || c === 'G') {
          const n = d || 1;
          s = e < -4 || e >= n ? exp(v.toExponential(n - 1)) : v.toFixed(Math.max(0, n - 1 - e));
          if (!flags.includes('#') && s.includes('.')) s = s.replace(/\.?0+(e|$)/, '$1');
        }
        s = sign(s, flags);
        out += pad(c < 'a' ? s.toUpperCase() : s, flags, width, true);
      } else {
        bad(`illegal format character ${c ?? '%'}`);
        sys.os.write(p, out);
        return 1;
      }
    }
    if (next === from) break;
  } while (next < args.length && out.length < 1 << 20);
  sys.os.write(p, out);
  return status;
};

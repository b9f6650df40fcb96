// sort(1), uniq(1), cut(1), tr(1), with FreeBSD's formats. Order is that of the C locale: code points.

import { getopt } from '../sh/getopt.ts';
import type { Proc } from '../sh/proc.ts';
import { filter, misused, notBuilt } from './filters_input.ts';
import { open } from '../sh/file.ts';
import type { Sys } from './sys.ts';

// ── sort ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Key {
  /** Field and character, from 1; the end's character 0 is the end of the field, and its field 0 the end of the line. */
  from: [number, number];
  to: [number, number];
  flags: string;
}
interface SortState {
  lines: string[];
  keys: Key[];
  flags: string;
  sep: string;
}

function keyOf(text: string, all: string): Key | undefined {
  const m = /^(\d+)(?:\.(\d+))?([bdfinr]*)(?:,(\d+)(?:\.(\d+))?([bdfinr]*))?$/.exec(text);
  if (!m || Number(m[1]) === 0 || m[2] === '0') return undefined;
  const own = (m[3] ?? '') + (m[6] ?? '');
  return { from: [Number(m[1]), Number(m[2] ?? 1)], to: [Number(m[4] ?? 0), Number(m[5] ?? 0)], flags: own || all };
}

/** Where field n (from 0) of a line begins and ends; blanks belong to the field after them. */
function field(line: string, n: number, sep: string): [number, number] {
  let at = 0;
  for (let k = 0; ; k++) {
    let end: number;
    if (sep !== '') {
      const i = line.indexOf(sep, at);
      end = i < 0 ? line.length : i;
    } else {
      end = at;
      while (end < line.length && /[ \t]/.test(line[end] ?? '')) end++;
      while (end < line.length && !/[ \t]/.test(line[end] ?? '')) end++;
    }
    if (k === n) return [at, end];
    if (end >= line.length) return [line.length, line.length];
    at = sep === '' ? end : end + 1;
  }
}

function piece(line: string, k: Key, sep: string): string {
  const blanks = (at: number) => {
    let i = at;
    if (k.flags.includes('b') || (k.flags.includes('n') && sep === '')) while (/[ \t]/.test(line[i] ?? '')) i++;
    return i;
  };
  const start = blanks(field(line, k.from[0] - 1, sep)[0]) + k.from[1] - 1;
  if (k.to[0] === 0) return line.slice(start);
  const [a, b] = field(line, k.to[0] - 1, sep);
  return line.slice(start, Math.max(start, k.to[1] === 0 ? b : Math.min(b, blanks(a) + k.to[1])));
}

function compare(a: string, b: string, flags: string): number {
  const sign = flags.includes('r') ? -1 : 1;
  if (flags.includes('n')) {
    const n = (s: string) => Number(/^\s*(-?\d*\.?\d*)/.exec(s)?.[1] || 0) || 0;
    return sign * Math.sign(n(a) - n(b));
  }
  const f = (s: string) => {
    const t = flags.includes('d') ? s.replace(/[^\p{L}\p{N} \t]/gu, '') : flags.includes('i') ? s.replace(/[^ -~]/g, '') : s;
    return flags.includes('f') ? t.toUpperCase() : t;
  };
  const x = f(flags.includes('b') ? a.trimStart() : a),
    y = f(flags.includes('b') ? b.trimStart() : b);
  return sign * (x < y ? -1 : x > y ? 1 : 0);
}

export const sort = filter<SortState & { unique: boolean; check: boolean; output: string }>({
  start(p, sys) {
    const r = getopt(p.argv, 'bcCdfghik:Mmno:RrsS:T:t:uVz'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      flags = [...'bdfinr'].filter(has).join(''),
      sep = r.opts.find((x) => x.opt === 't')?.arg ?? '';
    if (r.errors.length)
      return misused(p, sys, r.errors[0], 'usage: sort [-bcCdfigMmnrsuz] [-kPOS1[,POS2] ... ] [-o file] [-t char] [file ...]', 2);
    for (const o of 'CghMmRSTVz') if (has(o)) return notBuilt(p, sys, o);
    if (Array.from(sep).length > 1) {
      sys.os.writeErr(p, 'sort: Invalid field separator\n');
      return 2;
    }
    const keys: Key[] = [];
    for (const { arg = '' } of r.opts.filter((x) => x.opt === 'k')) {
      const k = keyOf(arg, flags);
      if (!k) {
        sys.os.writeErr(p, `sort: -k ${arg}: Invalid argument\n`);
        return 2;
      }
      keys.push(k);
    }
    return {
      names: r.rest,
      s: { lines: [], keys, flags, sep, unique: has('u'), check: has('c'), output: r.opts.find((x) => x.opt === 'o')?.arg ?? '' },
    };
  },
  line(f, line) {
    f.s.lines.push(line);
  },
  end(f) {
    const { s } = f;
    const byKeys = (a: string, b: string): number => {
      if (!s.keys.length) return compare(a, b, s.flags);
      for (const k of s.keys) {
        const c = compare(piece(a, k, s.sep), piece(b, k, s.sep), k.flags);
        if (c) return c;
      }
      return 0;
    };
    // Equal keys: all of the line decides.
    const order = (a: string, b: string) => byKeys(a, b) || (s.unique ? 0 : compare(a, b, s.flags.includes('r') ? 'r' : ''));
    if (s.check) {
      const at = s.lines.findIndex(
        (l, i) => i > 0 && (s.unique ? byKeys(s.lines[i - 1] ?? '', l) >= 0 : order(s.lines[i - 1] ?? '', l) > 0),
      );
      if (at < 0) return 0;
      f.fail(`sort: ${f.name || '-'}:${at + 1}: disorder: ${s.lines[at]}\n`);
      return 1;
    }
    const sorted = [...s.lines].sort(order),
      kept = s.unique ? sorted.filter((l, i) => i === 0 || byKeys(sorted[i - 1] ?? '', l) !== 0) : sorted,
      text = kept.map((l) => `${l}\n`).join('');
    if (s.output === '') f.out(text);
    else {
      const file = open(f.sys.os.tree(), f.p, s.output, 'w');
      if (typeof file === 'string') {
        f.fail(`sort: ${s.output}: ${file}\n`, 2);
        return 2;
      }
      f.sys.os.install(f.p, 9, file);
      f.sys.os.writeFd(f.p, 9, text);
    }
    return 0;
  },
  cannot: (name, why) => `sort: cannot read: ${name}: ${why}`,
  trouble: 2,
});

// ── uniq ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const uniq = filter<{ on: string; last: string | null; n: number; skip: number; chars: number; output: string }>({
  start(p, sys) {
    const r = getopt(p.argv, 'cdif:s:u'),
      num = (o: string) => Number(r.opts.find((x) => x.opt === o)?.arg ?? 0),
      on = r.opts.map((x) => x.opt).join('');
    if (r.errors.length || r.rest.length > 2 || Number.isNaN(num('f') + num('s')))
      return misused(p, sys, r.errors[0], 'usage: uniq [-c | -d | -u] [-i] [-f fields] [-s chars] [input [output]]');
    const output = r.rest[1] ?? '';
    if (output !== '') {
      const file = open(sys.os.tree(), p, output, 'w');
      if (typeof file === 'string') return misused(p, sys, undefined, `uniq: ${output}: ${file}`);
      sys.os.install(p, 1, file);
    }
    return { names: r.rest.slice(0, 1), s: { on, last: null, n: 0, skip: num('f'), chars: num('s'), output } };
  },
  line(f, line) {
    const { s } = f;
    const key = (l: string) => {
      let t = l;
      for (let k = 0; k < s.skip; k++) t = t.replace(/^[ \t]*[^ \t]*/, '');
      t = t.slice(s.chars);
      return s.on.includes('i') ? t.toLowerCase() : t;
    };
    if (s.last !== null && key(s.last) === key(line)) s.n++;
    else {
      tellUniq(f);
      s.last = line;
      s.n = 1;
    }
  },
  end(f) {
    tellUniq(f);
    return 0;
  },
});
function tellUniq(f: { s: { on: string; last: string | null; n: number }; out(t: string): void }) {
  const { on, last, n } = f.s;
  if (last === null || (on.includes('d') && n === 1) || (on.includes('u') && n > 1)) return;
  f.out(on.includes('c') ? `${String(n).padStart(4)} ${last}\n` : `${last}\n`);
}

// ── cut ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const CUT_USAGE = 'usage: cut -b list [-n] [file ...]\n       cut -c list [file ...]\n       cut -f list [-s] [-w | -d delim] [file ...]';

export const cut = filter<{ ranges: [number, number][]; fields: boolean; sep: string; only: boolean }>({
  start(p, sys) {
    const r = getopt(p.argv, 'b:c:d:f:nsw'),
      lists = r.opts.filter((x) => 'bcf'.includes(x.opt)),
      list = lists[0]?.arg ?? '',
      fields = lists[0]?.opt === 'f',
      sep = r.opts.find((x) => x.opt === 'd')?.arg ?? '\t',
      only = r.opts.some((x) => x.opt === 's');
    if (r.errors.length || lists.length !== 1 || (!fields && only)) return misused(p, sys, r.errors[0], CUT_USAGE);
    if (r.opts.some((x) => x.opt === 'w')) return notBuilt(p, sys, 'w');
    if (Array.from(sep).length !== 1) return misused(p, sys, undefined, 'cut: bad delimiter');
    const ranges: [number, number][] = [];
    for (const w of list.split(/[, \t]+/)) {
      const m = /^(?:(\d+)(-(\d*))?|-(\d+))$/.exec(w),
        low = m?.[4] === undefined ? Number(m?.[1] ?? 0) : 1,
        high = m?.[4] !== undefined ? Number(m[4]) : m?.[2] === undefined ? low : m[3] ? Number(m[3]) : Number.MAX_SAFE_INTEGER;
      if (!m) return misused(p, sys, undefined, 'cut: [-bcf] list: illegal list value');
      if (low === 0 || high === 0) return misused(p, sys, undefined, 'cut: [-bcf] list: values may not include zero');
      ranges.push([low, Math.max(low, high)]);
    }
    return { names: r.rest, s: { ranges, fields, sep, only } };
  },
  line(f, line) {
    const { ranges, fields, sep, only } = f.s,
      parts = fields ? line.split(sep) : Array.from(line);
    if (fields && parts.length === 1) {
      if (!only) f.out(`${line}\n`);
      return;
    }
    const kept = parts.filter((_, i) => ranges.some(([a, b]) => i + 1 >= a && i + 1 <= b));
    f.out(`${kept.join(fields ? sep : '')}\n`);
  },
});

// ── tr ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const TR_CLASSES: Record<string, RegExp> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The characters of a string operand; a class as its ASCII members. Throws a message. */
function members(text: string, target = 0): string[] {
  const chars = Array.from(text),
    out: string[] = [];
  let i = 0;
  const one = (): string => {
    const c = chars[i++] ?? '';
    if (c !== '\\' || i >= chars.length) return c;
    const octal = /^[0-7]{1,3}/.exec(chars.slice(i, i + 3).join(''))?.[0];
    if (octal !== undefined) {
      i += octal.length;
      return String.fromCharCode(Number.parseInt(octal, 8));
    }
    const e = chars[i++] ?? '';
    return Object.hasOwn(ESCAPES, e) ? (ESCAPES[e] ?? e) : e;
  };
  while (i < chars.length) {
    const rest = chars.slice(i).join(''),
      cls = /^\[:([a-z]+):\]/.exec(rest),
      rep = /^\[(.|\\.)\*(\d*)\]/su.exec(rest);
    if (cls) {
      const re = Object.hasOwn(TR_CLASSES, cls[1] ?? '') ? TR_CLASSES[cls[1] ?? ''] : undefined;
      if (!re) throw new Error(`unknown class ${cls[1]}`);
      for (let c = 0; c < 128; c++) if (re.test(String.fromCharCode(c))) out.push(String.fromCharCode(c));
      i += cls[0].length;
      continue;
    }
    if (rep) {
      i++;
      const c = one(),
        n = rep[2] ? Number.parseInt(rep[2], rep[2].startsWith('0') ? 8 : 10) : Math.max(0, target - out.length);
      i += 2 + (rep[2]?.length ?? 0);
      for (let k = 0; k < Math.min(n, 65536); k++) out.push(c);
      continue;
    }
    const low = one();
    if (chars[i] === '-' && i + 1 < chars.length) {
      i++;
      const high = one(),
        a = low.codePointAt(0) ?? 0,
        b = high.codePointAt(0) ?? 0;
      if (b < a) throw new Error(`Range endpoints must be in order: ${low}-${high}`);
      for (let c = a; c <= Math.min(b, a + 65535); c++) out.push(String.fromCodePoint(c));
    } else out.push(low);
  }
  return out;
}

const TR_USAGE =
  'usage: tr [-Ccsu] string1 string2\n       tr [-Ccu] -d string1\n       tr [-Ccu] -s string1\n       tr [-Ccu] -ds string1 string2';

export const tr = filter<{ one: string[]; two: string[]; on: string; last: string }>({
  start(p: Proc, sys: Sys) {
    const r = getopt(p.argv, 'Ccdsu'),
      on = r.opts.map((x) => x.opt.toLowerCase()).join(''),
      [a, b, more] = r.rest,
      del = on.includes('d'),
      squeeze = on.includes('s');
    const wrong = a === undefined || more !== undefined || (del ? (b !== undefined) !== squeeze : b === undefined && !squeeze);
    if (r.errors.length || wrong) return misused(p, sys, r.errors[0], TR_USAGE);
    try {
      const one = members(a ?? ''),
        two = b === undefined ? [] : members(b, one.length);
      if (b === '' && !del) return misused(p, sys, undefined, 'tr: empty string2');
      return { names: [], s: { one, two, on, last: '' } };
    } catch (e) {
      return misused(p, sys, undefined, `tr: ${e instanceof Error ? e.message : ''}`);
    }
  },
  chunk(f, text) {
    const { s } = f,
      first = new Map(s.one.map((c, i) => [c, i] as const).reverse()),
      not = s.on.includes('c'),
      del = s.on.includes('d'),
      squeezed = new Set(s.two.length ? s.two : s.one),
      lastTwo = s.two[s.two.length - 1],
      translating = !del && lastTwo !== undefined,
      inSqueeze = (c: string) => (s.two.length || !not ? squeezed.has(c) : !squeezed.has(c));
    let out = '';
    for (const c of text) {
      const i = first.get(c),
        hit = (i !== undefined) !== not;
      if (hit && del) continue;
      const d = hit && translating ? (not ? lastTwo : (s.two[i ?? 0] ?? lastTwo)) : c;
      if (s.on.includes('s') && d === s.last && inSqueeze(d)) continue;
      s.last = d;
      out += d;
    }
    f.out(out);
  },
});

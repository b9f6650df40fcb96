// The filters of /bin and /usr/bin: cat, head, tail, wc, tee, seq, yes here; the larger ones have files of their own.
// Formats and messages are FreeBSD's.

import { fileOf, freeFd, open } from '../sh/file.ts';
import { getopt } from '../sh/getopt.ts';
import type { Program } from '../sh/proc.ts';
import { grep } from './filters_grep.ts';
import { byteLength, filter, headBytes, misused, notBuilt } from './filters_input.ts';
import { sed } from './filters_sed.ts';
import { cut, sort, tr, uniq } from './filters_text.ts';
import type { Sys } from './sys.ts';

const cat = filter<{ number: boolean; full: boolean; squeeze: boolean; n: number; empty: boolean }>({
  start(p, sys) {
    const r = getopt(p.argv, 'benstuv'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length) return misused(p, sys, r.errors[0], 'usage: cat [-benstuv] [file ...]');
    for (const o of 'etv') if (has(o)) return notBuilt(p, sys, o);
    return { names: r.rest, s: { number: has('n') || has('b'), full: has('b'), squeeze: has('s'), n: 0, empty: false } };
  },
  line(f, line, newline) {
    const { s } = f,
      again = s.empty && line === '';
    s.empty = line === '';
    if (s.squeeze && again) return;
    const numbered = s.number && !(s.full && line === '');
    f.out(`${numbered ? `${String(++s.n).padStart(6)}\t` : ''}${line}${newline ? '\n' : ''}`);
  },
});

/** A count of lines or bytes; undefined when it is none. */
const count = (s: string | undefined, sign = false) =>
  s !== undefined && (sign ? /^[-+]?\d+$/ : /^\d+$/).test(s) ? Number(s.replace(/^[-+]/, '')) : undefined;

const HEAD_USAGE = 'usage: head [-n lines | -c bytes] [file ...]';
const head = filter<{ n: number; bytes: boolean; left: number; first: boolean }>({
  start(p, sys) {
    // -5 is an old way to write -n 5.
    const argv = p.argv.map((a, i) => (i > 0 && /^-\d+$/.test(a) && !/^-[nc]$/.test(p.argv[i - 1] ?? '') ? `-n${a.slice(1)}` : a)),
      r = getopt(argv, 'n:c:');
    if (r.errors.length) return misused(p, sys, r.errors[0], HEAD_USAGE);
    let n = 10,
      bytes = false;
    for (const { opt, arg } of r.opts) {
      const v = count(arg);
      if (v === undefined || v === 0) return misused(p, sys, undefined, `head: illegal ${opt === 'c' ? 'byte' : 'line'} count -- ${arg}`);
      n = v;
      bytes = opt === 'c';
    }
    return { names: r.rest, s: { n, bytes, left: n, first: true } };
  },
  begin(f) {
    f.s.left = f.s.n;
    if (f.files > 1) f.out(`${f.s.first ? '' : '\n'}==> ${f.name || 'standard input'} <==\n`);
    f.s.first = false;
  },
  line(f, line, newline) {
    const { s } = f,
      text = `${line}${newline ? '\n' : ''}`;
    if (s.left <= 0) return;
    const piece = s.bytes ? headBytes(text, s.left) : text;
    f.out(piece);
    s.left -= !s.bytes ? 1 : piece === text ? byteLength(text) : s.left;
    if (s.left <= 0) f.next();
  },
});

const TAIL_USAGE = 'usage: tail [-F | -f | -r] [-q] [-b # | -c # | -n #] [file ...]';
const tail = filter<{
  n: number;
  from: boolean;
  bytes: boolean;
  reverse: boolean;
  quiet: boolean;
  kept: string[];
  seen: number;
  first: boolean;
}>({
  start(p, sys) {
    const argv = p.argv.map((a, i) => (i > 0 && /^[-+]\d+$/.test(a) && !/^-[ncb]$/.test(p.argv[i - 1] ?? '') ? `-n${a}` : a)),
      r = getopt(argv, 'Fb:c:fn:rq'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length) return misused(p, sys, r.errors[0], TAIL_USAGE);
    for (const o of 'Ffb') if (has(o)) return notBuilt(p, sys, o);
    const how = r.opts.filter((x) => x.opt === 'n' || x.opt === 'c'),
      arg = how[0]?.arg,
      reverse = has('r');
    if (how.length > 1) return misused(p, sys, undefined, TAIL_USAGE);
    const n = arg === undefined ? (reverse ? Number.MAX_SAFE_INTEGER : 10) : count(arg, true);
    if (n === undefined) return misused(p, sys, undefined, `tail: illegal offset -- ${arg}`);
    const from = arg?.startsWith('+') === true;
    return {
      names: r.rest,
      s: { n: from ? Math.max(1, n) : n, from, bytes: how[0]?.opt === 'c', reverse, quiet: has('q'), kept: [], seen: 0, first: true },
    };
  },
  begin(f) {
    f.s.kept = [];
    f.s.seen = 0;
    if (f.files > 1 && !f.s.quiet) f.out(`${f.s.first ? '' : '\n'}==> ${f.name || 'standard input'} <==\n`);
    f.s.first = false;
  },
  line(f, line, newline) {
    const { s } = f,
      text = `${line}${newline ? '\n' : ''}`;
    if (s.bytes) {
      s.kept.push(text);
      return;
    }
    s.seen++;
    if (s.from && !s.reverse) {
      if (s.seen >= s.n) f.out(text);
      return;
    }
    s.kept.push(text);
    if (s.kept.length > 2 * s.n) s.kept = s.kept.slice(-s.n);
  },
  finish(f) {
    const { s } = f;
    if (s.bytes) {
      const chars = Array.from(s.kept.join('')),
        sizes = chars.map(byteLength);
      let i = s.from ? 0 : chars.length,
        n = 0;
      if (s.from) while (i < chars.length && n + (sizes[i] ?? 1) <= s.n - 1) n += sizes[i++] ?? 1;
      else while (i > 0 && n + (sizes[i - 1] ?? 1) <= s.n) n += sizes[--i] ?? 1;
      f.out(chars.slice(i).join(''));
      return;
    }
    if (s.from && !s.reverse) return;
    const last = s.n === 0 ? [] : s.kept.slice(-s.n);
    f.out((s.reverse ? last.reverse() : last).join(''));
  },
});

interface Counts {
  l: number;
  w: number;
  c: number;
  m: number;
}
const zero = (): Counts => ({ l: 0, w: 0, c: 0, m: 0 });
const wc = filter<{ show: (keyof Counts)[]; one: Counts; all: Counts; inWord: boolean }>({
  start(p, sys) {
    const r = getopt(p.argv, 'clmwL'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length) return misused(p, sys, r.errors[0], 'usage: wc [-Lclmw] [file ...]');
    if (has('L')) return notBuilt(p, sys, 'L');
    const bytes = [...r.opts].reverse().find((x) => x.opt === 'c' || x.opt === 'm')?.opt,
      asked = (['l', 'w'] as const).filter(has),
      show: (keyof Counts)[] = r.opts.length
        ? [...asked, ...(bytes === 'c' || bytes === 'm' ? [bytes as 'c' | 'm'] : [])]
        : ['l', 'w', 'c'];
    return { names: r.rest, s: { show, one: zero(), all: zero(), inWord: false } };
  },
  begin(f) {
    f.s.one = zero();
    f.s.inWord = false;
  },
  chunk({ s }, text) {
    const { one } = s;
    for (const c of text) {
      one.m++;
      one.c += byteLength(c);
      if (c === '\n') one.l++;
      const white = /\s/.test(c);
      if (!white && !s.inWord) one.w++;
      s.inWord = !white;
    }
  },
  finish(f) {
    for (const k of ['l', 'w', 'c', 'm'] as const) f.s.all[k] += f.s.one[k];
    f.out(`${row(f.s.show, f.s.one)}${f.name ? ` ${f.name}` : ''}\n`);
  },
  end(f) {
    if (f.files > 1) f.out(`${row(f.s.show, f.s.all)} total\n`);
    return 0;
  },
  cannot: (name, why) => `wc: ${name}: open: ${why}`,
});
const row = (show: readonly (keyof Counts)[], n: Counts) => show.map((k) => ` ${String(n[k]).padStart(7)}`).join('');

const tee = filter<{ fds: number[]; bad: boolean }>({
  start(p, sys) {
    const r = getopt(p.argv, 'ai'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      fds: number[] = [];
    if (r.errors.length) return misused(p, sys, r.errors[0], 'usage: tee [-ai] [file ...]');
    if (has('i')) p.ignore.push(2);
    let bad = false;
    for (const name of r.rest) {
      const file = open(sys.os.tree(), p, name, has('a') ? 'a' : 'w'),
        fd = freeFd(p, 3);
      if (typeof file === 'string') {
        sys.os.writeErr(p, `tee: ${name}: ${file}\n`);
        bad = true;
        continue;
      }
      sys.os.install(p, fd, file);
      fds.push(fd);
    }
    return { names: [], s: { fds, bad } };
  },
  chunk(f, text) {
    f.out(text);
    for (const fd of f.s.fds) f.sys.os.writeFd(f.p, fd, text);
  },
  end: (f) => (f.s.bad ? 1 : 0),
});

const SEQ_USAGE = 'usage: seq [-w] [-f format] [-s string] [-t string] [first [incr]] last';
/** Numbers that one run prints. */
const SEQ_RUN = 4096;
const seq: Program<Sys> = {
  defaultSignals: true,
  run(p, sys) {
    const st = p.st as { n?: number; k: number; first: number; step: number; wide: number; sep: string; end: string; places: number };
    const { os } = sys;
    if (st.n === undefined) {
      // A negative number is no option.
      const at = p.argv.findIndex((a, i) => i > 0 && /^-[.\d]/.test(a)),
        r = getopt(at < 0 ? p.argv : [...p.argv.slice(0, at), '--', ...p.argv.slice(at)], 'wf:s:t:'),
        arg = (o: string) => r.opts.find((x) => x.opt === o)?.arg;
      if (r.errors.length || r.rest.length < 1 || r.rest.length > 3) {
        os.exit(p, misused(p, sys, r.errors[0], SEQ_USAGE));
        return;
      }
      if (arg('f') !== undefined) {
        os.exit(p, notBuilt(p, sys, 'f'));
        return;
      }
      const bad = r.rest.find((w) => !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(w));
      if (bad !== undefined) {
        os.writeErr(p, `seq: invalid floating point argument: ${bad}\n`);
        os.exit(p, 1);
        return;
      }
      const v = r.rest.map(Number),
        first = v.length > 1 ? (v[0] ?? 1) : 1,
        last = v[v.length - 1] ?? 1,
        step = v.length > 2 ? (v[1] ?? 1) : last < first ? -1 : 1;
      if (step === 0 || (step > 0 && last < first) || (step < 0 && last > first)) {
        os.writeErr(
          p,
          step === 0 ? 'seq: zero increment\n' : step > 0 ? 'seq: needs negative decrement\n' : 'seq: needs positive increment\n',
        );
        os.exit(p, 1);
        return;
      }
      const places = Math.max(...r.rest.map((w) => w.split('.')[1]?.length ?? 0)),
        n = Math.floor((last - first) / step + 1e-9) + 1,
        wide = r.opts.some((o) => o.opt === 'w') ? Math.max(first.toFixed(places).length, last.toFixed(places).length) : 0;
      Object.assign(st, { n, k: 0, first, step, wide, sep: arg('s') ?? '\n', end: arg('t') ?? '', places });
    }
    let text = '';
    const n = st.n ?? 0,
      to = Math.min(n, st.k + SEQ_RUN);
    for (; st.k < to; st.k++) {
      const x = (st.first + st.k * st.step).toFixed(st.places);
      text += `${x.startsWith('-') ? `-${x.slice(1).padStart(st.wide - 1, '0')}` : x.padStart(st.wide, '0')}${st.k + 1 < n || st.sep === '\n' ? st.sep : '\n'}`;
    }
    if (st.k === n) text += st.end;
    os.write(p, text);
    if (st.k === n || p.killed !== undefined) os.exit(p, 0);
    else if (p.blocked !== undefined) os.again(p);
    else os.yield(p);
  },
};

const yes: Program<Sys> = {
  defaultSignals: true,
  run(p, sys) {
    const line = `${p.argv[1] ?? 'y'}\n`,
      terminal = fileOf(sys.os.tree(), p, 1)?.k === 'tty';
    sys.os.write(p, line.repeat(Math.max(1, Math.ceil((terminal ? 512 : 8192) / line.length))));
    if (p.killed !== undefined) sys.os.exit(p, 0);
    else if (p.blocked !== undefined) sys.os.again(p);
    // A terminal is slow.
    else if (terminal) sys.os.sleep(p, sys.now() + 1e7);
    else sys.os.yield(p);
  },
};

const status = (n: number): Program<Sys> => ({
  run(p, sys) {
    sys.os.exit(p, n);
  },
});

export const filters: Record<string, Program<Sys>> = {
  cat,
  cut,
  false: status(1),
  grep,
  egrep: grep,
  fgrep: grep,
  head,
  sed,
  seq,
  sort,
  tail,
  tee,
  tr,
  true: status(0),
  uniq,
  wc,
  yes,
};

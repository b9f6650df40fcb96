// grep(1), egrep, fgrep: GNU's 2.5.1, which FreeBSD 10 has. Statuses: 0 a line was selected, 1 none, 2 trouble.

import { getopt } from '../sh/getopt.ts';
import { filter, misused, notBuilt } from './filters_input.ts';
import { type Fault, RegexFault, compile, quoted, translate } from './filters_regex.ts';

const USAGE = "Usage: grep [OPTION]... PATTERN [FILE]...\nTry `grep --help' for more information.";
const FAULTS: Record<Fault, string> = {
  EBRACK: 'Unmatched [ or [^',
  EPAREN: 'Unmatched ( or \\(',
  EBRACE: 'Unmatched \\{',
  BADBR: 'Invalid content of \\{\\}',
  ERANGE: 'Invalid range end',
  ECTYPE: 'Invalid character class name',
  EESCAPE: 'Trailing backslash',
  ESUBREG: 'Invalid back reference',
  BADRPT: 'Invalid preceding regular expression',
  EMPTY: 'Invalid regular expression',
};
const LONG: Record<string, string> = {
  '--count': '-c',
  '--ignore-case': '-i',
  '--line-number': '-n',
  '--invert-match': '-v',
  '--quiet': '-q',
  '--silent': '-q',
  '--only-matching': '-o',
  '--word-regexp': '-w',
  '--line-regexp': '-x',
  '--no-filename': '-h',
  '--with-filename': '-H',
  '--files-with-matches': '-l',
  '--files-without-match': '-L',
  '--no-messages': '-s',
  '--extended-regexp': '-E',
  '--fixed-strings': '-F',
};

interface State {
  source: string;
  flags: string;
  /** Options that are on. */
  on: string;
  before: number;
  after: number;
  /** Of the file: line number, lines selected, lines before that may be wanted, lines after that are, and the last one shown. */
  n: number;
  hits: number;
  kept: string[];
  follow: number;
  shown: number;
  any: boolean;
  names: boolean;
}
/** Compiled once for a source: no state, only speed. */
let compiled: { source: string; flags: string; re: RegExp } | undefined;
const regexOf = ({ source, flags }: State): RegExp => {
  if (compiled?.source !== source || compiled.flags !== flags) compiled = { source, flags, re: compile(source, flags) };
  return compiled.re;
};

export const grep = filter<State>({
  start(p, sys) {
    const argv = p.argv.flatMap((a, i) =>
        i > 0 && Object.hasOwn(LONG, a) ? [LONG[a] ?? a] : i > 0 && /^-\d+$/.test(a) ? [`-C${a.slice(1)}`] : [a],
      ),
      long = argv.find((a, i) => i > 0 && a.startsWith('--') && a.length > 2);
    // As GNU's getopt, options may come after the operands.
    const words: string[] = [],
      r: { opts: { opt: string; arg?: string }[]; errors: string[] } = { opts: [], errors: [] };
    for (let rest = argv.slice(1); rest.length; ) {
      const one = getopt([argv[0] ?? 'grep', ...rest], 'A:B:C:EFGHILRUVabce:f:hilm:noqrsvwxyZz'),
        dashes = rest[rest.length - one.rest.length - 1] === '--';
      r.opts.push(...one.opts);
      r.errors.push(...one.errors);
      if (dashes) {
        words.push(...one.rest);
        break;
      }
      words.push(...one.rest.slice(0, 1));
      rest = one.rest.slice(1);
    }
    if (long !== undefined) {
      sys.os.writeErr(p, `lab: grep ${long} is not built.\n`);
      return 2;
    }
    if (r.errors.length) return misused(p, sys, r.errors[0]?.replace('illegal option', 'invalid option'), USAGE, 2);
    let kind = p.argv[0] === 'egrep' ? 'E' : p.argv[0] === 'fgrep' ? 'F' : 'G',
      on = '',
      before = 0,
      after = 0;
    const patterns: string[] = [];
    for (const { opt, arg = '' } of r.opts) {
      if ('EFG'.includes(opt)) kind = opt;
      else if (opt === 'e') patterns.push(...arg.split('\n'));
      else if ('ABC'.includes(opt)) {
        if (!/^\d+$/.test(arg)) {
          sys.os.writeErr(p, `grep: ${arg}: invalid context length argument\n`);
          return 2;
        }
        if (opt !== 'B') after = Number(arg);
        if (opt !== 'A') before = Number(arg);
      } else if ('chHilLnoqsvwxy'.includes(opt)) {
        if (opt === 'h' || opt === 'H') on = on.replace(/[hH]/, '');
        on += opt;
      } else return notBuilt(p, sys, opt);
    }
    if (!patterns.length) {
      const first = words.shift();
      if (first === undefined) return misused(p, sys, undefined, USAGE, 2);
      patterns.push(...first.split('\n'));
    }
    const flags = `g${/[iy]/.test(on) ? 'i' : ''}`;
    try {
      let groups = 0;
      const each = patterns.map((x) => {
          if (kind === 'F') return quoted(x);
          const t = translate(x, kind === 'E', true, groups);
          groups += (t.match(/(?<!\\)(?:\\\\)*\((?!\?)/g) ?? []).length;
          return t;
        }),
        one = each.map((x) => `(?:${x})`).join('|'),
        source = on.includes('x')
          ? `^(?:${one})$`
          : on.includes('w')
            ? `(?<!\\w)(?:${one})(?!\\w)`
            : patterns.length > 1
              ? one
              : (each[0] ?? '');
      compile(source, flags);
      return {
        names: words,
        s: {
          source,
          flags,
          on,
          before,
          after,
          n: 0,
          hits: 0,
          kept: [],
          follow: 0,
          shown: -1,
          any: false,
          names: on.includes('H') || words.length > 1,
        },
      };
    } catch (e) {
      if (!(e instanceof RegexFault)) throw e;
      sys.os.writeErr(p, `grep: ${FAULTS[e.fault]}\n`);
      return 2;
    }
  },
  begin({ s }) {
    Object.assign(s, { n: 0, hits: 0, kept: [], follow: 0, shown: -1 });
  },
  line(f, line) {
    const { s } = f,
      has = (o: string) => s.on.includes(o),
      re = regexOf(s);
    s.n++;
    re.lastIndex = 0;
    const hit = re.test(line) !== has('v');
    const label = (mark: string, n: number) =>
      `${s.names && !has('h') ? `${f.name || '(standard input)'}${mark}` : ''}${has('n') ? `${n}${mark}` : ''}`;
    const show = (mark: string, n: number, text: string) => {
      f.out(`${label(mark, n)}${text}\n`);
      s.shown = n;
    };
    const plain = !has('c') && !has('l') && !has('L') && !has('q');
    if (!hit) {
      if (plain && s.follow > 0 && !has('o')) {
        s.follow--;
        show('-', s.n, line);
      } else if (plain && s.before > 0 && !has('o')) s.kept = [...s.kept, line].slice(-s.before);
      return;
    }
    s.hits++;
    s.any = true;
    if (has('q')) {
      f.stop();
      return;
    }
    if (has('l') || has('L')) {
      f.next();
      return;
    }
    if (!plain) return;
    re.lastIndex = 0;
    if (has('o')) {
      if (!has('v')) for (const m of line.matchAll(re)) if (m[0] !== '') f.out(`${label(':', s.n)}${m[0]}\n`);
      return;
    }
    const from = s.n - s.kept.length;
    if ((s.before > 0 || s.after > 0) && s.shown >= 0 && from > s.shown + 1) f.out('--\n');
    for (const [k, text] of s.kept.entries()) show('-', from + k, text);
    s.kept = [];
    show(':', s.n, line);
    s.follow = s.after;
  },
  finish(f) {
    const { s } = f,
      has = (o: string) => s.on.includes(o),
      name = f.name || '(standard input)';
    if (has('q')) return;
    if (has('c')) f.out(`${s.names && !has('h') ? `${name}:` : ''}${s.hits}\n`);
    if ((has('l') && s.hits > 0) || (has('L') && s.hits === 0)) f.out(`${name}\n`);
  },
  end: (f) => (f.s.any ? 0 : 1),
  trouble: 2,
});

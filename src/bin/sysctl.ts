// sysctl and dmesg. Mirrors FreeBSD 10's sysctl(8): -a in the order of the tree, -d descriptions, -N names, -n values, -e with =,
// and its messages; a value is a whole number or a text, as the old one is.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import type { Sys } from './sys.ts';
import { about } from './sysctl_about.ts';

/** Top of the tree in its own order; below that, as the kernel registered them. */
const TOPS = ['kern', 'vm', 'vfs', 'net', 'debug', 'hw', 'machdep', 'user', 'p1003_1b', 'compat', 'security', 'dev'];
/** What a kernel says of an oid that only the loader sets. */
export const TUNABLE = 'tunable';
const PRIORITY = /^<\d+>/;
const USAGE = 'usage: sysctl [-deiNnq] name[=value] ...\n       sysctl [-deNn] -a\n';

/** Names in the order of the tree: by its top, then as they come. */
export function inOrder(names: readonly string[]): string[] {
  const first = (n: string) => n.split('.')[0] ?? '';
  // a node's names stand together, at its first one's place
  const nodes = [...new Set(names.map((n) => n.split('.').slice(0, 2).join('.')))];
  const rank = (n: string) => {
    const i = TOPS.indexOf(first(n));
    return (i < 0 ? TOPS.length : i) * 1000 + nodes.indexOf(n.split('.').slice(0, 2).join('.'));
  };
  return names
    .map((n, i) => ({ n, i }))
    .sort((a, b) => rank(a.n) - rank(b.n) || a.i - b.i)
    .map((x) => x.n);
}

export const sysctl: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'adeiNnq'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      vars = sys.sysctl();
    let status = 0;
    const fail = (text: string) => {
      complain(sys, p, text);
      status = 1;
    };
    const show = (n: string) => {
      const text = has('d') ? about(n) : `${vars[n]}`;
      sys.os.write(p, has('N') ? `${n}\n` : has('n') ? `${text}\n` : `${n}${has('e') ? '=' : ': '}${text}\n`);
    };
    const wrong = r.errors[0] ? `${r.errors[0]}\n` : has('N') && has('n') ? '' : undefined;
    const all = has('a');
    if (wrong !== undefined || (!all && !r.rest.length)) fail(`${wrong ?? ''}${USAGE}`);
    else if (all) for (const n of inOrder(Object.keys(vars))) show(n);
    else for (const w of r.rest) one(p, sys, w, { ignore: has('i'), bare: has('n'), quiet: has('q'), eq: has('e') }, show, fail);
    sys.os.exit(p, status);
  },
};

/** Part of a name is no name: what goes on from it. */
function begun(name: string, all: string[]): string {
  const depth = name.split('.').length,
    found = [...new Set(all.filter((n) => n.startsWith(name)).map((n) => n.split('.').slice(0, depth).join('.')))];
  return name && found.length ? `lab: names that begin so: ${inOrder(found).slice(0, 8).join(' ')}.\n` : '';
}

function one(
  p: Proc,
  sys: Sys,
  word: string,
  o: { ignore: boolean; bare: boolean; quiet: boolean; eq: boolean },
  show: (n: string) => void,
  fail: (text: string) => void,
) {
  const [given = '', value] = word.split(/=(.*)/s),
    name = given.replace(/\.$/, ''),
    vars = sys.sysctl(),
    below = inOrder(Object.keys(vars).filter((n) => n === name || n.startsWith(`${name}.`))),
    old = vars[name];
  if (!below.length) {
    if (!o.ignore) fail(`sysctl: unknown oid '${name}'\n${begun(name, Object.keys(vars))}`);
    return;
  }
  if (value === undefined) {
    for (const n of below) show(n);
    return;
  }
  if (old === undefined) return fail(`sysctl: oid '${name}' isn't a leaf node\n`);
  const whole = /^[+-]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(value) ? Number(value) : undefined;
  if (typeof old === 'number' && value === '') return fail(`sysctl: empty numeric value\n`);
  if (typeof old === 'number' && whole === undefined) return fail(`sysctl: invalid integer '${value}'\n`);
  const e = sys.setSysctl(name, typeof old === 'string' ? value : (whole ?? 0));
  if (e) {
    const more = e.why === TUNABLE ? 'sysctl: Tunable values are set in /boot/loader.conf\n' : e.why ? `lab: ${e.why}\n` : '';
    return fail(`sysctl: ${e.text}\n${more}`);
  }
  const now = sys.sysctl()[name];
  if (!o.quiet) sys.os.write(p, o.bare ? `${old} -> ${now}\n` : `${name}${o.eq ? '=' : ': '}${old} -> ${now}\n`);
}

export const dmesg: Program<Sys> = {
  run(p, sys) {
    const r = getopt(p.argv, 'acM:N:'),
      has = (o: string) => r.opts.some((x) => x.opt === o);
    if (r.errors.length || r.rest.length) {
      complain(sys, p, `${r.errors[0] ? `${r.errors[0]}\n` : ''}usage: dmesg [-ac] [-M core [-N system]]\n`);
      sys.os.exit(p, 1);
      return;
    }
    // what has a priority was said by a program
    const lines = sys.dmesg().slice(has('a') ? 0 : sys.dmesgTaken());
    sys.os.write(p, lines.map((l) => (has('a') || !PRIORITY.test(l) ? `${l.replace(PRIORITY, '')}\n` : '')).join(''));
    if (has('c')) sys.clearDmesg();
    sys.os.exit(p, 0);
  },
};

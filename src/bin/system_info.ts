// Small programs that say what a system is: uname, hostname, date, uptime, mount, df, pgrep, kenv. Mirrors FreeBSD 10's as far
// as the lab has something to say; a line that begins with lab: says what it has not.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { strftime, unixTime } from './clock.ts';
import { IDENT, OSRELDATE, OSRELEASE, OSTYPE, VERSION } from './kernel_version.ts';
import type { Sys } from './sys.ts';

interface Answer {
  out?: string;
  err?: string;
  status?: number;
}
const program = (f: (p: Proc, sys: Sys) => Answer): Program<Sys> => ({
  run(p, sys) {
    const { out = '', err = '', status = err ? 1 : 0 } = f(p, sys);
    if (err) sys.os.writeErr(p, err);
    sys.os.write(p, out);
    sys.os.exit(p, status);
  },
});
const usage = (errors: readonly string[], text: string): Answer => ({ err: `${errors[0] ? `${errors[0]}\n` : ''}${text}` });

const uname = program((p, sys) => {
  const r = getopt(p.argv, 'aiKmnoprsUv'),
    has = (o: string) => r.opts.some((x) => x.opt === o) || ('mnrsv'.includes(o) && r.opts.some((x) => x.opt === 'a'));
  if (r.errors.length || r.rest.length) return usage(r.errors, 'usage: uname [-aiKmnoprsUv]\n');
  const words: [string, string | number][] = [
    ['s', OSTYPE],
    ['n', sys.os.tree().hostname],
    ['r', OSRELEASE],
    ['v', VERSION.trimEnd().replace(/\n/g, ' ')],
    ['m', 'amd64'],
    ['p', 'amd64'],
    ['i', IDENT],
    ['K', OSRELDATE],
    ['U', OSRELDATE],
  ];
  const some = words.filter(([o]) => has(o) || (o === 's' && (has('o') || !r.opts.length)));
  return { out: `${some.map(([, v]) => v).join(' ')}\n` };
});

const hostname = program((p, sys) => {
  const r = getopt(p.argv, 'fs'),
    name = sys.os.tree().hostname;
  if (r.errors.length || r.rest.length > 1) return usage(r.errors, 'usage: hostname [-fs] [name-of-host]\n');
  if (r.rest[0] === undefined) return { out: `${r.opts.some((o) => o.opt === 's') ? (name.split('.')[0] ?? '') : name}\n` };
  const e = sys.setSysctl('kern.hostname', r.rest[0]);
  return e ? { err: `hostname: sethostname: ${e.text}\n` } : {};
});

const date = program((p, sys) => {
  const r = getopt(p.argv, 'ujr:f:v:z:d:t:n'),
    at = r.opts.find((o) => o.opt === 'r')?.arg,
    format = r.rest[0] ?? '+%a %b %e %H:%M:%S %Z %Y',
    text =
      'usage: date [-jnu] [-d dst] [-r seconds] [-t west] [-v[+|-]val[ymwdHMS]] ...\n            [-f fmt date | [[[[[cc]yy]mm]dd]HH]MM[.ss]] [+format]\n';
  if (r.errors.length || r.rest.length > 1 || (at !== undefined && !/^\d+$/.test(at))) return usage(r.errors, text);
  if (!format.startsWith('+'))
    return { err: "date: settimeofday (timeval): Operation not permitted\nlab: the machine's clock is the lab's.\n" };
  return { out: `${strftime(format.slice(1), at === undefined ? unixTime(sys.now()) : Number(at))}\n` };
});

const uptime = program((_p, sys) => {
  const s = Math.floor((sys.now() - sys.bootTime()) / 1e9),
    days = Math.floor(s / 86400),
    hours = Math.floor(s / 3600) % 24,
    mins = Math.floor(s / 60) % 60,
    users = sys.os.tree().ttys.length,
    many = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  const up = [
    ...(days ? [many(days, 'day')] : []),
    ...(hours && mins
      ? [`${hours}:${String(mins).padStart(2, '0')}`]
      : hours
        ? [many(hours, 'hr')]
        : mins
          ? [many(mins, 'min')]
          : days
            ? []
            : [many(s, 'sec')]),
  ];
  return { out: `${strftime('%l:%M%p', unixTime(sys.now()))}  up ${up.join(', ')}, ${many(users, 'user')}, load averages: -, -, -\n` };
});

/** The file systems: what a machine of the lab has is its image, and /dev. */
const ROOT: Record<Sys['side'], { from: string; flags: string; kb: number }> = {
  host: { from: '/dev/ada0p2', flags: 'ufs, local, journaled soft-updates', kb: 8106716 },
  guest: { from: '/dev/md0', flags: 'ufs, local', kb: 31470 },
};
const mount = program((p, sys) => {
  if (p.argv.length > 1) return { err: 'mount: Operation not permitted\nlab: file systems are neither mounted nor taken off here.\n' };
  const { from, flags } = ROOT[sys.side];
  return { out: `${from} on / (${flags})\ndevfs on /dev (devfs, local, multilabel)\n` };
});

const df = program((p, sys) => {
  const r = getopt(p.argv, 'bgHhiklmnPt:T'),
    has = (o: string) => r.opts.some((x) => x.opt === o);
  if (r.errors.length || r.rest.length)
    return usage(r.errors, 'usage: df [-b | -g | -H | -h | -k | -m | -P] [-ciln] [-t type] [-,] [file | filesystem ...]\n');
  const { from, kb } = ROOT[sys.side],
    files = Math.ceil(Object.values(sys.os.tree().files).reduce((n, f) => n + f.length, 0) / 1024),
    used = Math.round(kb * 0.7) + files,
    human = has('h') || has('H');
  const amount = (n: number) => {
    if (!human) return String(n);
    const [v, unit] = n >= 1024 * 1024 ? [n / 1048576, 'G'] : n >= 1024 ? [n / 1024, 'M'] : [n, 'K'];
    return `${v < 10 && unit !== 'K' ? v.toFixed(1) : Math.round(v)}${unit}`;
  };
  const row = (f: string, a: string, b: string, c: string, cap: string, on: string) =>
    `${f.padEnd(11)} ${a.padStart(human ? 7 : 9)} ${b.padStart(human ? 6 : 7)} ${c.padStart(human ? 6 : 7)} ${cap.padStart(6).padEnd(8)}  ${on}\n`;
  const rows: [string, number, number, string][] = [
    [from, kb, used, '/'],
    ['devfs', 1, 1, '/dev'],
  ];
  return {
    out:
      row('Filesystem', human ? 'Size' : '1K-blocks', 'Used', 'Avail', 'Capacity', 'Mounted on') +
      rows
        .map(([f, size, u, on]) =>
          row(f, amount(size), amount(u), amount(size - u).replace(/^0K$/, '0B'), `${Math.round((u / size) * 100)}%`, on),
        )
        .join(''),
  };
});

const pgrep = program((p, sys) => {
  const r = getopt(p.argv, 'flnvx'),
    has = (o: string) => r.opts.some((x) => x.opt === o),
    [pattern] = r.rest;
  if (r.errors.length || pattern === undefined) return { ...usage(r.errors, 'usage: pgrep [-flnvx] pattern ...\n'), status: 2 };
  let re: RegExp;
  try {
    re = new RegExp(has('x') ? `^(?:${pattern})$` : pattern);
  } catch {
    return { err: `pgrep: Cannot compile regular expression \`${pattern}'\n`, status: 2 };
  }
  const found = sys.os
    .tree()
    .procs.filter((x) => x.pid !== p.pid && x.state !== 'zombie' && re.test(has('f') ? x.argv.join(' ') : x.prog) !== has('v'))
    .map((x) => (has('l') ? `${x.pid} ${has('f') ? x.argv.join(' ') : x.prog}` : String(x.pid)));
  const some = has('n') ? found.slice(-1) : found;
  return { out: some.map((l) => `${l}\n`).join(''), status: some.length ? 0 : 1 };
});

export const systemInfo: Record<string, Program<Sys>> = { uname, hostname, date, uptime, mount, df, pgrep };

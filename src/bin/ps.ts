// ps: processes, and with -H their threads. Mirrors FreeBSD 10's ps(1): its formats, and the keywords of -o that the lab knows
// something of. What is not modelled is shown as -.

import { getopt } from '../sh/getopt.ts';
import type { Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import { type Row, cpuTime, processRows, threadRows } from './proc_table.ts';
import type { Sys } from './sys.ts';

const STAT: Record<Row['state'], string> = { run: 'R', sleep: 'S', idle: 'I', lock: 'L', zombie: 'Z', stop: 'T' };
const stat = (r: Row) => `${STAT[r.state]}${r.tty && r.ucomm === 'sh' && r.ppid === 1 ? 's' : ''}${r.fg ? '+' : ''}`;
const unknown = () => '-';

interface Column {
  head: string;
  /** Numbers stand at the right. */
  right: boolean;
  min?: number;
  of(r: Row): string | number;
}
const col = (head: string, right: boolean, of: Column['of']): Column => ({ head, right, of });
const COLUMNS: Record<string, Column> = {
  pid: { ...col('PID', true, (r) => r.pid), min: 5 },
  ppid: col('PPID', true, (r) => r.ppid),
  lwp: col('LWP', true, (r) => r.tid),
  nlwp: col('NLWP', true, (r) => r.threads),
  uid: col('UID', true, () => 0),
  user: col('USER', false, () => 'root'),
  tt: col('TT ', false, (r) => /^tty(.+)/.exec(r.tty)?.[1] ?? '-'),
  tty: col('TTY', false, (r) => r.tty || '-'),
  state: col('STAT', false, stat),
  time: col('TIME', true, (r) => cpuTime(r.ns)),
  command: col('COMMAND', false, (r) => r.command),
  ucomm: col('COMMAND', false, (r) => r.ucomm),
  tdname: col('TDNAME', false, (r) => r.tdname),
  wchan: col('WCHAN', false, (r) => r.wchan.slice(0, 6) || '-'),
  mwchan: col('MWCHAN', false, (r) => r.wchan.slice(0, 6) || '-'),
  '%cpu': col('%CPU', true, unknown),
  '%mem': col('%MEM', true, unknown),
  vsz: col('VSZ', true, unknown),
  rss: col('RSS', true, unknown),
  pri: col('PRI', true, unknown),
  nice: col('NI', true, unknown),
  cpu: col('CPU', true, unknown),
  start: col('STARTED', false, unknown),
};
const ALIAS: Record<string, string> = {
  args: 'command',
  comm: 'ucomm',
  stat: 'state',
  cputime: 'time',
  tdnam: 'tdname',
  pcpu: '%cpu',
  pmem: '%mem',
  ni: 'nice',
  vsize: 'vsz',
  rssize: 'rss',
  tid: 'lwp',
};
const FORMATS = {
  plain: 'pid,tt,state,time,command',
  u: 'user,pid,%cpu,%mem,vsz,rss,tt,state,start,time,command',
  l: 'uid,pid,ppid,cpu,pri,nice,vsz,rss,mwchan,state,tt,time,command',
};
const USAGE =
  'usage: ps [-acCdefHhjlmrSTuvwXxZ] [-O fmt | -o fmt] [-G gid[,gid...]]\n          [-p pid[,pid...]] [-t tty[,tty...]] [-U user[,user...]]\n       ps [-L]\n';

/** The columns of a list, each perhaps with a head of its own (keyword=head); a text says which is none. */
function columns(list: readonly string[]): Column[] | string {
  const out: Column[] = [];
  for (const item of list.join(',').split(/[,\s]+/)) {
    const [word = '', head] = item.split(/=(.*)/s),
      key = ALIAS[word] ?? word,
      c = Object.hasOwn(COLUMNS, key) ? COLUMNS[key] : undefined;
    if (!c) return word;
    out.push(head === undefined ? c : { ...c, head });
  }
  return out;
}

export function table(cols: readonly Column[], rows: readonly Row[], heads = true): string {
  const cells = rows.map((r) => cols.map((c) => String(c.of(r))));
  const widths = cols.map((c, i) => Math.max(c.head.length, c.min ?? 0, ...cells.map((x) => x[i]?.length ?? 0)));
  const line = (words: readonly string[]) =>
    words.map((w, i) => (cols[i]?.right ? w.padStart(widths[i] ?? 0) : i === cols.length - 1 ? w : w.padEnd(widths[i] ?? 0))).join(' ');
  return [...(heads && cols.some((c) => c.head) ? [line(cols.map((c) => c.head))] : []), ...cells.map(line)].map((l) => `${l}\n`).join('');
}

/** Letters without a dash are options too, as in `ps aux`. */
const dashed = (argv: readonly string[]) => argv.map((a, i) => (i === 1 && /^[A-Za-z]+$/.test(a) ? `-${a}` : a));

export const ps: Program<Sys> = {
  run(p, sys) {
    const r = getopt(dashed(p.argv), 'aAcCdefgHhjLlmMo:O:p:rSTt:uU:vwXxZ'),
      has = (o: string) => r.opts.some((x) => x.opt === o),
      args = (o: string) => r.opts.flatMap((x) => (x.opt === o ? [x.arg ?? ''] : []));
    const end = (out: string, status: number, err = '') => {
      if (err) complain(sys, p, err);
      sys.os.write(p, out);
      sys.os.exit(p, status);
    };
    if (r.errors.length) return end('', 1, `${r.errors[0]}\n${USAGE}`);
    if (has('L')) return end(`${Object.keys(COLUMNS).sort().join(' ')}\n`, 0);
    const format = has('u') ? FORMATS.u : has('l') ? FORMATS.l : FORMATS.plain,
      wanted = has('o') ? args('o') : has('O') ? [format.replace(/(pid),/, `$1,${args('O').join(',')},`)] : [format],
      cols = columns(wanted);
    if (typeof cols === 'string')
      return end('', 1, `ps: ${cols}: keyword not found\n${has('o') ? 'ps: no valid keywords; valid keywords:\n' : ''}`);
    const pids = args('p').flatMap((x) => x.split(/[,\s]+/).map(Number)),
      ttys = args('t').flatMap((x) => x.split(','));
    if (pids.some((x) => !Number.isInteger(x))) return end('', 1, `ps: illegal process number: ${args('p').join(',')}\n`);
    const rows = (has('H') ? threadRows(sys, p) : processRows(sys, p)).filter((x) =>
      pids.length ? pids.includes(x.pid) : ttys.length ? ttys.some((t) => x.tty.endsWith(t)) : x.tty !== '' || has('x') || has('A'),
    );
    const short = has('c') ? cols.map((c) => (c === COLUMNS.command ? (COLUMNS.ucomm as Column) : c)) : cols;
    return end(table(short, rows), pids.length && !rows.length ? 1 : 0);
  },
};

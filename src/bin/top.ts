// top: threads and processes, busiest first. Mirrors FreeBSD 10's top(1) as far as the lab has something to show (facts bhyve
// 6.7): a screen a period in a terminal, one without. CPU time is lab time for which a thread was not asleep.

import { fileOf } from '../sh/file.ts';
import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { complain } from './binary_file.ts';
import { type Row, cpuTime, processRows, threadRows } from './proc_table.ts';
import type { Sys } from './sys.ts';

const USAGE =
  'Usage: top [-abCHIijnPqStuvz] [-d count] [-m io | cpu] [-o field] [-s time]\n       [-J jail] [-U username] [-p pid] [number]\n';
const S = 1e9;

interface State {
  phase?: 'run';
  o: {
    threads: boolean;
    system: boolean;
    idle: boolean;
    batch: boolean;
    count: number;
    period: number;
    rows: number;
    pid: number;
    by: 'cpu' | 'time' | 'pid';
  };
  shown: number;
  next: number;
  at: number;
  /** CPU time of each thread (or process) at the last screen. */
  before: Record<string, number>;
}

export const top: Program<Sys> = {
  run(p, sys) {
    const st = p.st as State;
    if (!st.phase && !begin(p, st, sys)) return;
    const keys = st.o.batch ? null : read(p, sys);
    if (p.signals.length || keys?.includes('q') || keys?.includes('\x03')) return leave(p, st, sys);
    const space = keys?.includes(' ') === true;
    if (keys?.includes('H')) st.o.threads = !st.o.threads;
    if (keys?.includes('S')) st.o.system = !st.o.system;
    if (keys?.includes('I')) st.o.idle = !st.o.idle;
    if (keys && /[HSI]/.test(keys)) st.before = {};
    if (sys.now() >= st.next || space) {
      show(p, st, sys);
      st.shown++;
      if (st.o.count && st.shown >= st.o.count) return leave(p, st, sys);
      st.next = sys.now() + st.o.period;
    }
    sys.os.sleep(p, st.next);
  },
};

function begin(p: Proc, st: State, sys: Sys): boolean {
  const r = getopt(p.argv, 'abCd:HIiJ:jm:no:Pp:qSs:tU:uvz'),
    o: State['o'] = { threads: false, system: false, idle: true, batch: false, count: 0, period: 2 * S, rows: 0, pid: 0, by: 'cpu' };
  let bad = r.errors[0] ? `${r.errors[0]}\n` : '';
  for (const { opt, arg = '' } of r.opts) {
    const n = Number(arg);
    if (opt === 'H') o.threads = true;
    else if (opt === 'S') o.system = true;
    else if (opt === 'I') o.idle = false;
    else if (opt === 'b' || opt === 'n') o.batch = true;
    else if (opt === 'd' && (arg === 'infinity' || arg === 'all')) o.count = 0;
    else if (opt === 'd' && Number.isInteger(n) && n > 0) o.count = n;
    else if (opt === 'd') bad ||= 'top: warning: display count should be positive -- option ignored\n';
    else if (opt === 's' && n > 0 && n < 1e6) o.period = n * S;
    else if (opt === 's') bad ||= 'top: warning: seconds delay should be positive -- using default\n';
    else if (opt === 'p' && Number.isInteger(n)) o.pid = n;
    else if (opt === 'o' && (arg === 'cpu' || arg === 'time' || arg === 'pid')) o.by = arg;
    else if (opt === 'o') bad ||= `top: '${arg}' is not a recognized sorting order.\nlab: cpu, time and pid are.\n`;
    else if (opt === 'm' && arg !== 'cpu')
      bad ||= "top: warning: `-m' option takes one of `io' or `cpu' as argument.\nlab: io is not modelled.\n";
  }
  const rest = r.rest[0];
  if (rest !== undefined) {
    o.rows = Number(rest);
    if (!Number.isInteger(o.rows) || o.rows < 0) bad ||= `top: warning: process display count should be non-negative -- using default\n`;
  }
  if (bad) {
    complain(sys, p, bad.startsWith('top: warning') ? bad : `${bad}${USAGE}`);
    sys.os.exit(p, 1);
    return false;
  }
  if (sys.os.tree().dumb || fileOf(sys.os.tree(), p, 1)?.k !== 'tty') o.batch = true;
  if (o.batch && !o.count) o.count = 1;
  Object.assign(st, { phase: 'run', o, shown: 0, next: 0, at: 0, before: {} });
  const tty = sys.os.tty(p.tty);
  if (!o.batch && tty) sys.os.mode(tty, 'raw');
  return true;
}

function read(p: Proc, sys: Sys): string | null {
  const tty = sys.os.tty(p.tty);
  return tty && tty.fg === p.pgid ? sys.os.read(tty) : null;
}
function leave(p: Proc, st: State, sys: Sys) {
  const tty = sys.os.tty(p.tty);
  if (!st.o.batch && tty) {
    sys.os.mode(tty, 'cooked');
    sys.os.write(p, '\n');
  }
  sys.os.exit(p, 0);
}

const two = (n: number) => String(n).padStart(2, '0');
const clock = (s: number) => `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(Math.floor(s) % 60)}`;
const STATE: Record<Row['state'], string> = { run: 'RUN', sleep: 'sleep', idle: 'sleep', lock: '*lock', zombie: 'zomb', stop: 'STOP' };
const WORDS: Record<Row['state'], string> = {
  stop: 'stopped',
  run: 'running',
  sleep: 'sleeping',
  idle: 'sleeping',
  lock: 'lock',
  zombie: 'zombie',
};

/** Part of a CPU since the last screen; before that, since the lab began. */
function share(st: State, r: Row, now: number): number {
  if (r.ns < 0) return -1;
  const before = st.before[key(st, r)];
  return before === undefined ? (now > 0 ? r.ns / now : 0) : now > st.at ? Math.max(0, r.ns - before) / (now - st.at) : 0;
}
const key = (st: State, r: Row) => String(st.o.threads ? r.tid : r.pid);

export function screen(st: State, rows: readonly Row[], now: number, lastPid: number): string[] {
  const { o } = st,
    s = now / S,
    all = rows.filter((r) => r.tty !== '' || o.system),
    count = (w: string) => all.filter((r) => WORDS[r.state] === w).length;
  const states = ['running', 'sleeping', 'stopped', 'zombie', 'lock'].filter((w) => count(w)).map((w) => `${count(w)} ${w}`);
  const up = `${Math.floor(s / 86400)}+${clock(s)}`;
  const lines = [
    `last pid: ${String(lastPid).padStart(5)};${' '.repeat(40)}up ${up}  ${clock(s)}`,
    `${all.length} ${o.threads ? 'threads' : 'processes'}: ${states.join(', ')}`,
    'lab: WCPU and TIME are lab time for which a thread was not asleep; every thread has a CPU. What is not modelled is -.',
    '',
    '  PID USERNAME    PRI NICE   SIZE    RES STATE   C   TIME    WCPU COMMAND',
  ];
  const shares = new Map(all.map((r) => [r, share(st, r, now)]));
  const part = (r: Row) => shares.get(r) ?? 0;
  const order = {
    cpu: (a: Row, b: Row) => part(b) - part(a) || b.ns - a.ns,
    time: (a: Row, b: Row) => b.ns - a.ns,
    pid: (a: Row, b: Row) => b.pid - a.pid,
  };
  const body = all
    .filter((r) => (!o.pid || r.pid === o.pid) && (o.idle || r.state === 'run' || part(r) > 0))
    .sort((a, b) => order[o.by](a, b) || a.pid - b.pid || a.tid - b.tid)
    .map((r) => {
      const many = o.threads && (r.threads > 1 || r.tty === ''),
        command = many ? `${r.ucomm}{${r.tdname}}` : r.ucomm,
        state = (r.state !== 'sleep' && r.state !== 'idle' ? STATE[r.state] : r.tty === '' ? 'WAIT' : r.wchan || 'sleep').slice(0, 6),
        wcpu = part(r) < 0 ? '-' : `${(part(r) * 100).toFixed(2)}%`;
      return `${String(r.pid).padStart(5)} root          -    -      -      - ${state.padEnd(6)}  - ${cpuTime(r.ns, false).padStart(6)} ${wcpu.padStart(7)} ${command}`;
    });
  return [...lines, ...(o.rows ? body.slice(0, o.rows) : body)];
}

function show(p: Proc, st: State, sys: Sys) {
  const now = sys.now(),
    rows = st.o.threads ? threadRows(sys, p) : processRows(sys, p),
    tree = sys.os.tree(),
    tty = sys.os.tty(p.tty),
    lines = screen(st, rows, now, tree.nextPid - 1);
  st.before = Object.fromEntries(rows.map((r) => [key(st, r), r.ns]));
  st.at = now;
  if (st.o.batch || !tty) {
    sys.os.write(p, `${st.shown ? '\n' : ''}${lines.join('\n')}\n`);
    return;
  }
  const fit = lines.slice(0, Math.max(1, tty.rows - 1)).map((l) => l.slice(0, tty.cols));
  sys.os.write(p, `\x1b[H\x1b[2J${fit.join('\r\n')}\r\n`);
}

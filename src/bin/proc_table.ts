// What ps and top show: processes with their threads, from the process table and the kernel's threads. A program whose only work
// is in the data plane is that thread; pkt-gen and bhyve have a main thread besides.

import type { Proc } from '../sh/proc.ts';
import type { Sys, ThreadInfo } from './sys.ts';

export interface Row {
  pid: number;
  ppid: number;
  tid: number;
  /** '' for a process of the kernel. */
  tty: string;
  command: string;
  ucomm: string;
  tdname: string;
  state: 'run' | 'sleep' | 'idle' | 'lock' | 'zombie' | 'stop';
  wchan: string;
  /** CPU time, ns; -1: this kernel keeps no account. */
  ns: number;
  fg: boolean;
  threads: number;
}

const MANY: ReadonlySet<string> = new Set(['pkt-gen', 'bhyve', 'lb']);
/** What a main thread sleeps on when its program waits for no time. */
const PAUSED: Record<string, string> = { bhyve: 'kqread', sh: 'wait', lab: 'lab', explore: 'lab' };
const MAIN_NAME: Record<string, string> = { bhyve: 'mevent' };
const FIRST_MAIN_TID = 100_200;

function main(sys: Sys, p: Proc, self: boolean): Pick<Row, 'tid' | 'tdname' | 'state' | 'wchan' | 'ns'> {
  const tty = sys.os.tty(p.tty),
    atKeys = p.prog === 'sh' && tty?.fg === p.pgid,
    waits = !self && p.state === 'wait',
    wchan = !waits ? '' : p.until !== undefined ? 'nanslp' : atKeys ? 'ttyin' : (PAUSED[p.prog] ?? 'select');
  return {
    tid: FIRST_MAIN_TID + (p.pid % 1000),
    tdname: MAIN_NAME[p.prog] ?? p.prog,
    state: p.state === 'zombie' ? 'zombie' : !waits ? 'run' : p.until !== undefined ? 'sleep' : 'idle',
    wchan,
    ns: sys.side === 'guest' ? -1 : 0,
  };
}

/** One row a thread, processes in the order of their pids, then the kernel's own. */
export function threadRows(sys: Sys, self: Proc): Row[] {
  const threads = sys.threads(),
    out: Row[] = [];
  const info = (t: ThreadInfo) => ({ tid: t.tid, tdname: t.name, state: t.state, wchan: t.wmesg, ns: t.ns });
  for (const p of [...sys.os.tree().procs].sort((a, b) => a.pid - b.pid)) {
    const own = threads.filter((t) => t.pid === p.pid),
      whole = (own.length > 0 && !MANY.has(p.prog)) || own.some((t) => t.name === MAIN_NAME[p.prog]), // the main thread is among them
      rows = [...(whole ? [] : [main(sys, p, p === self)]), ...own.map(info)];
    for (const r of rows)
      out.push({
        ...r,
        ...(p.stopped === undefined ? {} : { state: 'stop' as const, wchan: '' }),
        pid: p.pid,
        ppid: p.ppid,
        tty: p.tty,
        command: p.state === 'zombie' ? '<defunct>' : p.argv.join(' '),
        ucomm: p.prog,
        fg: sys.os.tty(p.tty)?.fg === p.pgid,
        threads: rows.length,
      });
  }
  for (const t of threads.filter((x) => !sys.os.tree().procs.some((p) => p.pid === x.pid))) {
    const ucomm = t.pid === 12 ? 'intr' : 'kernel';
    out.push({ ...info(t), pid: t.pid, ppid: 0, tty: '', command: `[${ucomm}]`, ucomm, fg: false, threads: 1 });
  }
  return out;
}

/** One row a process: its busiest thread's state, the time of all. */
export function processRows(sys: Sys, self: Proc): Row[] {
  const out: Row[] = [];
  for (const r of threadRows(sys, self)) {
    const there = out.find((x) => x.pid === r.pid);
    if (!there) out.push({ ...r });
    else {
      if (r.ns > 0) there.ns = Math.max(0, there.ns) + r.ns;
      if (r.state === 'run' || (r.state === 'sleep' && there.state === 'idle')) Object.assign(there, { state: r.state, wchan: r.wchan });
      there.threads = Math.max(there.threads, r.threads);
    }
  }
  return out;
}

/** m:ss.cc, as ps and top print CPU time. */
export function cpuTime(ns: number, hundredths = true): string {
  if (ns < 0) return '-';
  const cs = Math.floor(ns / 1e7),
    s = Math.floor(cs / 100);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}${hundredths ? `.${String(cs % 100).padStart(2, '0')}` : ''}`;
}

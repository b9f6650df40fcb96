// Jobs: what a shell has started, what became of it, and the terminal that they share. Mirrors bin/sh/jobs.c.

import { SIGINT, SIGPIPE, strsignal } from './signals.ts';
import { type Job, OUTPUT_FD, type Sh, type Wait, abort, complain } from './state.ts';

const lastOf = (j: Job) => j.procs[j.procs.length - 1];
export const statusOf = (j: Job) => lastOf(j)?.status ?? 0;

function update(sh: Sh, j: Job) {
  const { st } = sh,
    live = j.procs.filter((x) => x.status === null),
    state = live.length === 0 ? 'done' : live.every((x) => x.stopped !== undefined) ? 'stopped' : 'running';
  if (state === j.state) return;
  j.state = state;
  if (state === 'stopped') j.order = ++st.order;
  j.changed = state !== 'running';
  const rec = st.records[j.rec];
  if (state === 'done' && !j.foreground && rec) rec.status = statusOf(j);
}

/** Takes note of children that have ended, stopped or gone on. */
export function reap(sh: Sh) {
  const { p, st, sys } = sh,
    { os } = sys;
  for (const c of os.tree().procs.filter((x) => x.ppid === p.pid && x.state === 'zombie')) {
    for (const j of st.jobs)
      for (const x of j.procs)
        if (x.pid === c.pid) {
          x.status = c.status;
          delete x.stopped;
          if (c.killed !== undefined) x.killed = c.killed;
          if (c.core) x.core = true;
        }
    if (st.wait?.t === 'output' && st.wait.pid === c.pid) st.wait.status = c.status;
    os.reap(c.pid);
  }
  for (const j of st.jobs) {
    for (const x of j.procs) {
      const stopped = x.status === null ? os.proc(x.pid)?.stopped : undefined;
      if (stopped === undefined) delete x.stopped;
      else x.stopped = stopped;
    }
    update(sh, j);
  }
}

/** Gives the terminal to a process group. */
export function foreground({ p, sys }: Sh, pgid: number) {
  const tty = sys.os.tty(p.tty);
  if (tty) tty.fg = pgid;
}

const how = (sig: number, core: true | undefined) => `${strsignal(sig)}${core ? ' (core dumped)' : ''}`;

/** Ends the shell itself by a signal. */
export function die({ p, st }: Sh, sig: number) {
  p.killed = sig;
  st.exiting = true;
}

/** A job in the foreground has ended or stopped. */
function endForeground(sh: Sh, j: Job) {
  const { p, st } = sh;
  st.wait = null;
  if (j.control) foreground(sh, p.pgid);
  if (j.state === 'stopped') {
    const sig = j.procs.find((x) => x.stopped !== undefined)?.stopped ?? 0;
    j.foreground = false;
    st.last = 128 + sig;
    return;
  }
  st.last = statusOf(j);
  st.jobs = st.jobs.filter((x) => x !== j);
  const by = j.procs.findLast((x) => x.killed !== undefined),
    sig = by?.killed;
  if (sig !== undefined && sig !== SIGINT && sig !== SIGPIPE) complain(sh, how(sig, by?.core));
  if (lastOf(j)?.killed === SIGINT && j.control) {
    complain(sh, '');
    abort(sh, 128 + SIGINT);
  } else if (st.intr) {
    st.intr = false;
    if (lastOf(j)?.killed === SIGINT) die(sh, SIGINT);
  }
}

function output(sh: Sh, w: Wait & { t: 'output' }): boolean {
  const { p, st, sys } = sh;
  while (!w.eof) {
    const data = sys.os.readFd(p, OUTPUT_FD);
    if (data === null) return false;
    if (data) w.text += data;
    else {
      w.eof = true;
      sys.os.close(p, OUTPUT_FD);
    }
  }
  if (w.status === null) return false;
  const top = st.todo[st.todo.length - 1];
  st.wait = null;
  if (st.intr) die(sh, SIGINT);
  if (top?.t !== 'command') return true;
  // NULs cannot be in a variable.
  top.subs.push(w.text.replaceAll('\0', '').replace(/\n+$/, ''));
  top.status = w.status;
  return true;
}

/** Whether what the shell waits for has come. */
export function proceed(sh: Sh): boolean {
  const { st } = sh,
    w = st.wait;
  switch (w?.t) {
    case 'job': {
      const j = st.jobs.find((x) => x.n === w.n);
      if (j && (j.state === 'running' || (j.state === 'stopped' && !j.control))) return false;
      st.wait = null;
      if (j) endForeground(sh, j);
      return true;
    }
    case 'wait': {
      const these = st.jobs.filter((j) => (w.all ? !j.foreground : j.procs.some((x) => w.pids.includes(x.pid))));
      if (these.some((j) => j.state === 'running')) return false;
      st.wait = null;
      const j = st.jobs.find((x) => x.procs.some((y) => y.pid === w.pids[w.pids.length - 1]));
      st.last = w.all || !j ? 0 : j.state === 'stopped' ? 0 : statusOf(j);
      st.jobs = st.jobs.filter((x) => x.state !== 'done' || !these.includes(x));
      return true;
    }
    case 'output':
      return output(sh, w);
    default:
      st.wait = null;
      return true;
  }
}

/** Jobs, the current one first. */
const byOrder = (jobs: readonly Job[]) => [...jobs].filter((j) => j.state !== 'done').sort((a, b) => b.order - a.order);

function stateWord(j: Job): string {
  const last = lastOf(j);
  if (j.state === 'running') return 'Running';
  if (j.state === 'stopped') return strsignal([...j.procs].reverse().find((x) => x.stopped !== undefined)?.stopped ?? 0);
  if (last?.killed !== undefined) return how(last.killed, last.core);
  return last?.status ? `Done(${last.status})` : 'Done';
}

/** showjob() of jobs.c: the command begins in column 30. */
export function showJob(jobs: readonly Job[], j: Job, long = false): string {
  const order = byOrder(jobs),
    // A job that has just ended was the current one if there is none besides.
    mark = j === order[0] || (order.length === 0 && j === jobs[jobs.length - 1]) ? '+' : j === order[1] ? '-' : ' ';
  const head = `[${j.n}] ${mark} `;
  if (!long) return `${`${head}${stateWord(j)} `.padEnd(30)}${j.text}\n`;
  return j.procs
    .map((x, i) => `${`${i === 0 ? head : '      '}${x.pid} ${i === 0 ? stateWord(j) : ''} `.padEnd(30)}${i === 0 ? j.text : ''}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** Before a prompt: what has become of the jobs since. */
export function tell(sh: Sh) {
  const { st } = sh;
  for (const j of st.jobs.filter((x) => x.changed)) {
    if (st.interactive) complain(sh, showJob(st.jobs, j).trimEnd());
    j.changed = false;
  }
  st.jobs = st.jobs.filter((j) => j.state !== 'done');
}

/** A job by %n, %%, %+, %-, %text, %?text or the number of one of its processes; or why there is none. */
export function findJob(st: Sh['st'], word: string | undefined): Job | string {
  const order = byOrder(st.jobs);
  if (word === undefined || word === '%' || word === '%%' || word === '%+') return order[0] ?? 'No current job';
  if (word === '%-') return order[1] ?? 'No previous job';
  const none = `No such job: ${word}`;
  if (/^\d+$/.test(word)) return st.jobs.find((j) => j.procs.some((x) => x.pid === Number(word))) ?? none;
  if (!word.startsWith('%')) return none;
  const text = word.slice(1);
  if (/^\d+$/.test(text)) return st.jobs.find((j) => j.n === Number(text)) ?? none;
  const found = st.jobs.filter((j) => (text.startsWith('?') ? j.text.includes(text.slice(1)) : j.text.startsWith(text)));
  return found.length > 1 ? `${word}: ambiguous` : (found[0] ?? none);
}

// The shell's built-in commands. Each answers its exit status; those that wait say so in the shell's state.

import { type BaseSys, type Proc, SIGNALS, SIGTERM } from './proc.ts';
import type { ShellState } from './shell.ts';

export type Builtin = (p: Proc, st: ShellState, argv: string[], sys: BaseSys) => number;

/** %n or a pid. */
function target(st: ShellState, word: string): number | undefined {
  if (word.startsWith('%'))
    return st.jobs.find((j) => String(j.n) === word.slice(1) || (word === '%%' && j === st.jobs[st.jobs.length - 1]))?.pid;
  return /^\d+$/.test(word) ? Number(word) : undefined;
}

export const BUILTINS: Record<string, Builtin> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  echo(p, _st, argv, sys) {
    const n = argv[1] === '-n';
    sys.os.write(p, argv.slice(n ? 2 : 1).join(' ') + (n ? '' : '\n'));
    return 0;
  },
  exit(_p, st, argv) {
    st.exiting = true;
    return argv[1] === undefined ? st.last : Number.parseInt(argv[1], 10) & 255;
  },
  cd: () => 0,
  pwd(p, _st, _argv, sys) {
    sys.os.write(p, '/root\n');
    return 0;
  },
  history(p, st, _argv, sys) {
    sys.os.write(p, st.ed.history.map((h, i) => `${String(i + 1).padStart(5)} ${h}\n`).join(''));
    return 0;
  },
  clear(_p, _st, _argv, sys) {
    const t = sys.os.tty(_p.tty);
    if (t) sys.os.put(t, '\x1b[H\x1b[2J');
    return 0;
  },
  jobs(p, st, _argv, sys) {
    sys.os.write(p, st.jobs.map((j) => `[${j.n}] ${j.state === 'running' ? 'Running' : 'Done'}                ${j.text}\n`).join(''));
    return 0;
  },
  wait(p, st, argv, sys) {
    const pid = argv[1] === undefined ? 0 : target(st, argv[1]);
    if (pid === undefined || (pid !== 0 && !st.jobs.some((j) => j.pid === pid))) {
      sys.os.write(p, `wait: No such job: ${argv[1]}\n`);
      return 127;
    }
    st.waiting = true;
    st.waitFor = pid;
    return 0;
  },
  fg(p, st, argv, sys) {
    const pid = target(st, argv[1] ?? `%${st.jobs[st.jobs.length - 1]?.n ?? 0}`),
      job = st.jobs.find((j) => j.pid === pid),
      tty = sys.os.tty(p.tty);
    if (!job) {
      sys.os.write(p, `fg: No such job: ${argv[1] ?? '%%'}\n`);
      return 2;
    }
    sys.os.write(p, `${job.text}\n`);
    st.child = job.pid;
    if (tty) tty.fg = job.pid;
    return 0;
  },
  kill(p, st, argv, sys) {
    let sig = SIGTERM,
      rest = argv.slice(1);
    const first = rest[0];
    if (first?.startsWith('-')) {
      const name = first.slice(1) === 's' ? (rest[1] ?? '') : first.slice(1);
      const n = /^\d+$/.test(name) ? Number(name) : SIGNALS[name.toUpperCase().replace(/^SIG/, '')];
      if (n === undefined) {
        sys.os.write(p, `kill: unknown signal ${name}; valid signals: ${Object.keys(SIGNALS).join(' ')}\n`);
        return 2;
      }
      if (n >= (SIGNALS.STOP ?? 17) && n <= (SIGNALS.CONT ?? 19)) {
        sys.os.write(p, 'lab: stopped jobs are not built yet; no signal was sent.\n');
        return 1;
      }
      sig = n;
      rest = rest.slice(first === '-s' ? 2 : 1);
    }
    if (!rest.length) {
      sys.os.write(p, 'usage: kill [-s signal_name] pid ...\n');
      return 2;
    }
    let status = 0;
    for (const w of rest) {
      const pid = target(st, w);
      if (pid === undefined || !sys.os.kill(pid, sig)) {
        sys.os.write(p, w.startsWith('%') ? `kill: No such job: ${w}\n` : `kill: ${w}: No such process\n`);
        status = 1;
      }
    }
    return status;
  },
};

// Built-in commands for jobs: jobs, fg, bg, wait, kill. Mirrors bin/sh/jobs.c and bin/kill/kill.c.

import type { Builtin } from './builtins.ts';
import { findJob, foreground, reap, showJob } from './jobs.ts';
import { SIGCONT, SIGNAMES, SIGTERM, signalOf } from './signals.ts';
import { type Job, type Sh, complain } from './state.ts';

const KILL_USAGE =
  'usage: kill [-s signal_name] pid ...\n       kill -l [exit_status]\n       kill -signal_name pid ...\n       kill -signal_number pid ...';

/** The job of fg and bg, if it is under job control. */
function controlled(sh: Sh, name: string, word: string | undefined): Job | undefined {
  const j = findJob(sh.st, word);
  if (typeof j !== 'string' && j.control) return j;
  complain(sh, `${name}: ${typeof j === 'string' ? j : 'job not created under job control'}`);
  return undefined;
}
function goOn({ sys }: Sh, j: Job) {
  sys.os.killGroup(j.pgid, SIGCONT);
  for (const x of j.procs) delete x.stopped;
  if (j.state === 'stopped') j.state = 'running';
  j.changed = false;
}

export const JOBS: Record<string, Builtin> = {
  jobs(sh, argv) {
    const { p, st, sys } = sh,
      flags = argv.slice(1).filter((a) => /^-./.test(a)),
      names = argv.slice(1).filter((a) => !/^-./.test(a)),
      bad = flags.join('').replace(/[-lps]/g, '');
    if (bad) {
      complain(sh, `jobs: Illegal option -${bad[0]}`);
      return 2;
    }
    reap(sh);
    const some = names.length ? names.map((n) => findJob(st, n)) : st.jobs;
    for (const j of some) {
      if (typeof j === 'string') {
        complain(sh, `jobs: ${j}`);
        return 2;
      }
      const f = flags.join('');
      sys.os.write(
        p,
        f.includes('p')
          ? `${j.procs[0]?.pid}\n`
          : f.includes('s')
            ? j.procs.map((x) => `${x.pid}\n`).join('')
            : showJob(st.jobs, j, f.includes('l')),
      );
      j.changed = false;
    }
    st.jobs = st.jobs.filter((j) => j.state !== 'done' || !some.includes(j));
    return 0;
  },
  fg(sh, argv) {
    const { p, st, sys } = sh,
      j = controlled(sh, 'fg', argv[1]);
    if (!j) return 2;
    sys.os.write(p, `${j.text}\n`);
    j.foreground = true;
    foreground(sh, j.pgid);
    goOn(sh, j);
    st.wait = { t: 'job', n: j.n };
    return 0;
  },
  bg(sh, argv) {
    const { p, sys } = sh;
    for (const word of argv.length > 1 ? argv.slice(1) : [undefined]) {
      const j = controlled(sh, 'bg', word);
      if (!j) return 2;
      if (j.state === 'done') continue;
      j.foreground = false;
      goOn(sh, j);
      sys.os.write(p, `[${j.n}] ${j.text}\n`);
    }
    return 0;
  },
  wait(sh, argv) {
    const { st } = sh,
      pids: number[] = [];
    let missing = false;
    for (const word of argv.slice(1)) {
      if (!/^(?:%.*|\d+)$/.test(word)) {
        complain(sh, `wait: Illegal number: ${word}`);
        return 2;
      }
      const j = findJob(st, word);
      missing = typeof j === 'string';
      if (typeof j !== 'string') pids.push(j.procs[j.procs.length - 1]?.pid ?? 0);
      else if (word.startsWith('%')) {
        complain(sh, `wait: ${j}`);
        return 2;
      }
    }
    if (missing) return 127;
    st.wait = { t: 'wait', pids, all: argv.length === 1 };
    return 0;
  },
  kill(sh, argv) {
    const { p, st, sys } = sh;
    let sig = SIGTERM,
      rest = argv.slice(1);
    const first = rest[0] ?? '';
    const usage = () => {
      complain(sh, KILL_USAGE);
      return 2;
    };
    if (first === '-l') {
      const n = Number(rest[1]);
      if (rest[1] === undefined) {
        const half = SIGNAMES.length / 2;
        sys.os.write(p, `${SIGNAMES.slice(1, half + 1).join(' ')}\n${SIGNAMES.slice(half + 1).join(' ')}\n`);
        return 0;
      }
      const name = SIGNAMES[n >= 128 ? n - 128 : n];
      if (!Number.isInteger(n) || n === 0 || n === 128 || name === undefined) {
        complain(sh, `kill: unknown signal ${rest[1]}; valid signals:\n${SIGNAMES.slice(1).join(' ')}`);
        return 2;
      }
      sys.os.write(p, `${name}\n`);
      return 0;
    }
    if (/^-./.test(first) && first !== '--') {
      const name = first === '-s' ? (rest[1] ?? '') : first.slice(1),
        n = name === '0' ? 0 : signalOf(name);
      if (first === '-s' && rest[1] === undefined) return usage();
      if (n === undefined) {
        complain(sh, `kill: unknown signal ${name}; valid signals:\n${SIGNAMES.slice(1).join(' ')}`);
        return 2;
      }
      sig = n;
      rest = rest.slice(first === '-s' ? 2 : 1);
    }
    if (rest[0] === '--') rest = rest.slice(1);
    if (!rest.length) return usage();
    let status = 0;
    for (const w of rest) {
      if (w.startsWith('%')) {
        const j = findJob(st, w);
        if (typeof j === 'string') {
          complain(sh, `kill: ${j}`);
          return 2;
        }
        if (j.control) sys.os.killGroup(j.pgid, sig);
        else for (const x of j.procs) sys.os.kill(x.pid, sig);
      } else if (!/^-?\d+$/.test(w)) {
        complain(sh, `kill: illegal process id: ${w}`);
        return 2;
      } else {
        const n = Number(w),
          done = n < 0 ? sys.os.killGroup(-n, sig) : n === 0 ? sys.os.killGroup(p.pgid, sig) : sys.os.kill(n, sig);
        if (!done) {
          complain(sh, `kill: ${w}: No such process`);
          status = 1;
        }
      }
    }
    return status;
  },
};

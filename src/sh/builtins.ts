// The shell's built-in commands; those for jobs and for variables have files of their own. Each answers its status, or null
// when it must wait for input and be run again; `data` is what it keeps till then.

import { JOBS } from './builtins_jobs.ts';
import { VARIABLES } from './builtins_vars.ts';
import { absolute, isDir } from './file.ts';
import { RESERVED } from './lex.ts';
import { parse } from './parse.ts';
import { printf } from './printf.ts';
import { type Frame, type Sh, complain, fatal, unwind } from './state.ts';
import { test } from './test_expr.ts';

export type Builtin = (sh: Sh, argv: string[], data: Record<string, string>) => number | null;

/** Runs text in this shell: what eval and `.` do. */
function source(sh: Sh, text: string, end: Frame[]): number {
  const r = parse(`${text}\n`);
  if (r.error) {
    fatal(sh, `${r.error.lab ? '' : 'sh: '}${r.error.message}`);
    return 2;
  }
  if (r.list.length) sh.st.todo.push(...end, { t: 'list', list: r.list, i: 0, tested: false });
  return r.list.length ? sh.st.last : 0;
}

const count = (sh: Sh, argv: string[]): number | undefined => {
  const n = argv[1] === undefined ? 1 : /^\d+$/.test(argv[1]) ? Number(argv[1]) : 0;
  if (n > 0) return n;
  fatal(sh, `${argv[0]}: Illegal number: ${argv[1]}`);
  return undefined;
};

/** The loops around here, innermost first, within the function that runs. */
function loops(sh: Sh): number {
  let n = 0;
  for (const f of [...sh.st.todo].reverse()) {
    if (f.t === 'function' || f.t === 'source') break;
    if (f.t === 'while' || f.t === 'for') n++;
  }
  return n;
}

function leaveLoops(sh: Sh, argv: string[], again: boolean): number {
  const n = Math.min(count(sh, argv) ?? 0, loops(sh));
  for (let k = n; k > 0; k--) {
    const f = unwind(sh, 'while', 'for');
    if (!f || k > 1 || !again) continue;
    sh.st.todo.push(f.t === 'while' ? { ...f, phase: 'body' } : f);
  }
  return 0;
}

const notBuilt =
  (name: string): Builtin =>
  (sh) => {
    complain(sh, `lab: ${name} is not built.`);
    return 2;
  };

export const BUILTINS: Record<string, Builtin> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  ...JOBS,
  ...VARIABLES,
  printf,
  test,
  '[': test,
  echo({ p, sys }, argv) {
    const n = argv[1] === '-n',
      e = argv[1] === '-e',
      text = argv.slice(n || e ? 2 : 1).join(' ');
    sys.os.write(p, (e ? text.replace(/\\([abefnrtv\\])/g, (_, c: string) => ESC[c] ?? '') : text) + (n ? '' : '\n'));
    return 0;
  },
  exit(sh, argv) {
    const { st } = sh;
    if (st.interactive && !st.warned && st.jobs.some((j) => j.state === 'stopped')) {
      complain(sh, 'You have stopped jobs.');
      st.warned = true;
      return st.last;
    }
    if (argv[1] !== undefined && !/^\d+$/.test(argv[1])) {
      fatal(sh, `exit: Illegal number: ${argv[1]}`);
      return 2;
    }
    const status = argv[1] === undefined ? st.last : Number(argv[1]) & 255;
    unwind(sh);
    st.exiting = true;
    return status;
  },
  cd(sh, argv) {
    const { p, st, sys } = sh,
      to = argv[1] ?? st.vars.HOME ?? '/root',
      dir = absolute(p.cwd, to === '-' ? (st.vars.OLDPWD ?? p.cwd) : to);
    if (!isDir(sys.os.tree(), dir)) {
      const file = Object.hasOwn(sys.os.tree().files, dir);
      complain(sh, `cd: ${to}: ${file ? 'Not a directory' : 'No such file or directory'}`);
      return 2;
    }
    st.vars.OLDPWD = p.cwd;
    st.vars.PWD = dir;
    p.cwd = dir;
    if (to === '-') sys.os.write(p, `${dir}\n`);
    return 0;
  },
  pwd({ p, sys }) {
    sys.os.write(p, `${p.cwd}\n`);
    return 0;
  },
  history({ p, st, sys }) {
    sys.os.write(p, st.ed.history.map((h, i) => `${String(i + 1).padStart(5)} ${h}\n`).join(''));
    return 0;
  },
  clear({ p, sys }) {
    const t = sys.os.tty(p.tty);
    if (t) sys.os.put(t, '\x1b[H\x1b[2J');
    return 0;
  },
  eval: (sh, argv) => source(sh, argv.slice(1).join(' '), []),
  '.'(sh, argv) {
    const { p, sys } = sh,
      name = argv[1] ?? '',
      text = sys.os.tree().files[absolute(p.cwd, name)];
    if (text === undefined || !name.includes('/')) {
      fatal(sh, `.: ${name}: not found`);
      if (text !== undefined) complain(sh, `lab: as sh does, "." looks for a name without a slash in PATH only; write ./${name}`);
      return 2;
    }
    return source(sh, text, [{ t: 'source' }]);
  },
  return(sh, argv) {
    const status = argv[1] === undefined ? sh.st.last : Number.parseInt(argv[1], 10) & 255;
    if (!unwind(sh, 'function', 'source') && !sh.st.interactive) sh.st.exiting = true;
    return status;
  },
  break: (sh, argv) => leaveLoops(sh, argv, false),
  continue: (sh, argv) => leaveLoops(sh, argv, true),
  /** Its redirections are done, and that it becomes a program, where commands are run. */
  exec: () => 0,
  command(sh, argv) {
    if (argv.length < 2) return 0;
    if (argv[1] !== '-v' && argv[1] !== '-V') {
      complain(sh, `lab: command ${argv[1]} is not built.`);
      return 2;
    }
    return explain(sh, argv.slice(2), argv[1] === '-v');
  },
  type: (sh, argv) => explain(sh, argv.slice(1), false),
  ...Object.fromEntries(
    ['trap', 'getopts', 'alias', 'unalias', 'ulimit', 'umask', 'times', 'hash', 'fc', 'bind', 'setvar'].map((n) => [n, notBuilt(n)]),
  ),
};

const ESC: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

function explain(sh: Sh, names: string[], terse: boolean): number {
  const { p, st, sys } = sh;
  let status = 0;
  for (const n of names) {
    const what = Object.hasOwn(st.funcs, n)
      ? [n, 'a shell function']
      : RESERVED.has(n)
        ? [n, 'a shell keyword']
        : Object.hasOwn(BUILTINS, n)
          ? [n, 'a shell builtin']
          : Object.hasOwn(sys.os.programs, n)
            ? [`/bin/${n}`, `/bin/${n}`]
            : undefined;
    if (what) sys.os.write(p, terse ? `${what[0]}\n` : `${n} is ${what[1]}\n`);
    else {
      if (!terse) sys.os.writeErr(p, `${n}: not found\n`);
      status = 127;
    }
  }
  return status;
}

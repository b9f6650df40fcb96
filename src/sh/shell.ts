// sh(1), interactive, -c, and with a script: prompt, line editing, and the loop that does what is to be done next (eval.ts).
// All that it remembers is plain data (state.ts), so that it can stop at any wait. Mirrors main.c and input.c of bin/sh in small.

import { step } from './eval.ts';
import { absolute, fileOf } from './file.ts';
import { foreground, die, proceed, reap, tell } from './jobs.ts';
import { type Completer, key, newEditor, prompt as showPrompt, remember, resize, type as typeText } from './lineedit.ts';
import { parse } from './parse.ts';
import type { BaseSys, Proc, Program, Tty } from './proc.ts';
import { SIGINT, SIGKILL, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU } from './signals.ts';
import { type Sh, type ShellState, abort, complain, fatal } from './state.ts';

export type { CommandRecord, ShellState } from './state.ts';

export interface ShellOs<S extends BaseSys> {
  /** `dir`: where the shell is, `~` for home. */
  prompt(sys: S, dir: string): string;
  complete(sys: S, line: string, cursor: number): { from: number; candidates: string[] };
}

/** Steps after which a shell that never waits gives way. */
const RUN_MAX = 500;
/** Characters of a script. */
const SCRIPT_MAX = 1 << 20;

/** The shell of one kernel. */
export function shell<S extends BaseSys>(of: ShellOs<S>): Program<S> {
  return {
    run(p, sys) {
      const st = p.st as ShellState,
        sh: Sh = { p, st, sys },
        tty = sys.os.tty(p.tty);
      if (!st.todo && !init(sh, tty)) return;
      reap(sh);
      signals(sh);
      for (;;) {
        const login = st.interactive && sys.os.proc(p.ppid) === undefined;
        if (p.killed !== undefined && !(login && p.killed !== SIGKILL)) st.exiting = true;
        if (st.exiting && login) relogin(sh);
        if (st.exiting) {
          if (st.interactive && tty) sys.os.mode(tty, 'cooked');
          sys.os.exit(p, st.last);
          return;
        }
        if (p.blocked !== undefined) {
          sys.os.again(p);
          return;
        }
        if (st.wait) {
          reap(sh);
          if (!proceed(sh)) {
            // readFd() has put a shell that reads to wait by itself.
            if (p.on === undefined) sys.os.pause(p);
            return;
          }
          continue;
        }
        if (st.todo.length) {
          if (++st.ran > RUN_MAX) {
            st.ran = 0;
            sys.os.yield(p);
            return;
          }
          step(sh);
          if (p.st !== st) {
            sys.os.again(p); // exec: another program goes on here
            return;
          }
          if (readsOn(st)) return;
          continue;
        }
        if (st.script !== null && !more(sh)) return;
        if (st.todo.length) continue;
        close(sh);
        if (!st.interactive || !tty) {
          sys.os.exit(p, st.last);
          return;
        }
        if (!readLine(sh, tty, sys, of)) {
          sys.os.pause(p);
          return;
        }
      }
    },
  };
}

/** A built-in command that waits for input has been put to wait. */
const readsOn = (st: ShellState) => st.wait?.t === 'input';

/** The command line is done: its record has its status. */
function close({ p, st }: Sh) {
  if (p.rec?.sh !== p.pid) return;
  const rec = st.records[p.rec.i];
  if (rec && rec.status === null) rec.status = st.last;
  delete p.rec;
}

/** init(8) starts a new shell on the terminal of one that left. */
function relogin(sh: Sh) {
  abort(sh, sh.st.last);
  close(sh);
  delete sh.p.killed;
  Object.assign(sh.st, { exiting: false, more: '', last: 0, warned: false });
  sh.p.cwd = '/root';
}

/** Takes note of what was sent. */
function signals(sh: Sh) {
  const { p, st } = sh,
    sent = p.signals;
  p.signals = [];
  for (const sig of sent) {
    if (sig === SIGINT && st.interactive) {
      if (st.wait?.t === 'job' || (!st.wait && !st.todo.length)) continue;
      complain(sh, '');
      abort(sh, 128 + SIGINT);
      st.script = null;
    } else if (sig === SIGINT && (st.wait?.t === 'job' || st.wait?.t === 'output')) st.intr = true;
    else {
      abort(sh, 128 + sig);
      die(sh, sig);
    }
  }
}

/** False: it must wait before it is anything. */
function init(sh: Sh, tty: Tty | undefined): boolean {
  const { p, st, sys } = sh,
    { os } = sys,
    argv = p.argv;
  let i = 1,
    opts = '',
    command: string | undefined,
    bad = '',
    asked = false;
  for (; i < argv.length && /^[-+]./.test(argv[i] ?? ''); i++) {
    if (argv[i] === '--') {
      i++;
      break;
    }
    for (const c of (argv[i] ?? '').slice(1))
      if (c === 'c') command = '';
      else if (c === 'i') asked = true;
      else if ('aefuxC'.includes(c)) opts += c;
      else if (c !== 's') bad ||= c;
  }
  if (command !== undefined) command = argv[i++] ?? '';
  const script = command === undefined ? argv[i] : undefined,
    terminal = tty !== undefined && fileOf(os.tree(), p, 0)?.k === 'tty',
    interactive = command === undefined && script === undefined && (terminal || asked);
  const parent = os.proc(p.ppid);
  if (interactive && parent && tty && tty.fg !== p.pgid) {
    os.pause(p);
    os.killGroup(p.pgid, SIGTTIN);
    return false;
  }
  Object.assign(st, {
    interactive,
    ed: newEditor(tty?.cols ?? 80),
    pending: '',
    more: '',
    todo: [],
    wait: null,
    last: 0,
    jobs: [],
    order: 0,
    vars: { HOME: '/root', PATH: '/sbin:/bin:/usr/sbin:/usr/bin', USER: 'root', SHELL: '/bin/sh', ...p.env, PWD: p.cwd },
    exported: ['HOME', 'PATH', 'USER', 'SHELL', ...Object.keys(p.env ?? {})].filter((n, k, all) => all.indexOf(n) === k),
    readonly: [],
    funcs: {},
    arg0: command === undefined ? (script ?? argv[0] ?? 'sh') : (argv[i] ?? argv[0] ?? 'sh'),
    params: command === undefined && script === undefined ? [] : argv.slice(i + 1),
    opts,
    root: p.pid,
    background: 0,
    prompted: false,
    records: [],
    nested: p.rec !== undefined,
    exiting: false,
    warned: false,
    intr: false,
    script: null,
    ran: 0,
  } satisfies ShellState);
  if (bad) {
    complain(sh, `sh: Illegal option -${bad}`);
    os.exit(p, 2);
    return false;
  }
  if (interactive) {
    p.ignore.push(SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU);
    if (tty) foreground(sh, p.pgid);
    return true;
  }
  if (script !== undefined) {
    const text = os.tree().files[absolute(p.cwd, script)];
    if (text === undefined) {
      complain(sh, `sh: cannot open ${script}: No such file or directory`);
      os.exit(p, 127);
      return false;
    }
    submit(sh, text);
  } else if (command !== undefined) submit(sh, command);
  else st.script = '';
  return true;
}

/** A script on standard input: it is run when all of it has come. False while it is waited for. */
function more(sh: Sh): boolean {
  const { p, st, sys } = sh;
  while (st.script !== null) {
    const data = sys.os.readFd(p);
    if (data === null) return false;
    if (data && st.script.length < SCRIPT_MAX) st.script += data;
    else {
      const text = st.script;
      st.script = null;
      submit(sh, text);
    }
  }
  return true;
}

/** A complete command line or script: parse it and put it on the stack. True when more lines are needed. */
function submit(sh: Sh, text: string): boolean {
  const { p, st } = sh,
    r = parse(`${text}\n`);
  if (r.more && st.interactive) return true; // an open quote, an operator or a backslash at the end
  if (text.trim() && st.interactive && !st.nested) {
    st.records.push({ line: text.trim(), pids: [], output: '', status: null });
    p.rec = { sh: p.pid, i: st.records.length - 1 };
  }
  const { error } = r;
  if (error && !r.list.length) fatal(sh, `${error.lab ? '' : 'sh: '}${error.message}`);
  // What comes before the line with the error is run first.
  else if (error) st.todo.push({ t: 'error', text: `${error.lab ? '' : 'sh: '}${error.message}` });
  if (r.list.length) st.todo.push({ t: 'list', list: r.list, i: 0, tested: false });
  return false;
}

function readLine<S extends BaseSys>(sh: Sh, tty: Tty, sys: S, of: ShellOs<S>): boolean {
  const { p, st } = sh;
  const complete: Completer = (line, cursor) => of.complete(sys, line, cursor);
  if (!st.prompted) {
    tell(sh);
    foreground(sh, p.pgid);
    sys.os.mode(tty, 'edit');
    if (st.ed.cols !== tty.cols) st.ed = { ...st.ed, cols: tty.cols };
    const home = st.vars.HOME ?? '/root',
      dir = p.cwd === home || p.cwd.startsWith(`${home}/`) ? `~${p.cwd.slice(home.length)}` : p.cwd;
    const r = showPrompt(st.ed, st.more ? '> ' : of.prompt(sys, dir));
    st.ed = r.state;
    sys.os.put(tty, r.output);
    st.prompted = true;
    st.ran = 0;
  }
  if (st.ed.cols !== tty.cols) {
    const r = resize(st.ed, tty.cols);
    st.ed = r.state;
    sys.os.put(tty, r.output);
  }
  p.signals = [];
  const data = st.pending + (sys.os.read(tty) ?? '');
  st.pending = '';
  if (!data) return false;
  const r = key(st.ed, data, complete);
  st.ed = r.state;
  sys.os.put(tty, r.output);
  st.pending = r.pending ?? '';
  if (!r.event) return false;
  st.prompted = false;
  if (r.event.t === 'intr') {
    st.more = '';
    st.last = 130;
    return true;
  }
  if (r.event.t === 'eof') {
    if (!st.warned && st.jobs.some((j) => j.state === 'stopped')) {
      sys.os.put(tty, '\r\n');
      complain(sh, 'You have stopped jobs.');
      st.warned = true;
      return true;
    }
    sys.os.put(tty, '\r\n');
    st.exiting = true;
    return true;
  }
  const line = r.event.line,
    text = st.more ? `${st.more}\n${line}` : line;
  st.ed = { ...st.ed, history: remember(st.ed.history, line) };
  st.ed = { ...st.ed, histIndex: st.ed.history.length };
  sys.os.mode(tty, 'cooked');
  if (!/^\s*(?:exit|jobs)\b/.test(text)) st.warned = false;
  if (submit(sh, text)) {
    st.more = text;
    return true;
  }
  st.more = '';
  if (st.pending) {
    const t = tty;
    sys.os.type(t.id, st.pending);
    st.pending = '';
  } // typed ahead: for what runs now, or for us later
  return true;
}

/** Inserts text at the prompt as if typed. False when the shell is not at its prompt. */
export function typeAtPrompt(p: Proc, tty: Tty, text: string, put: (data: string) => void): boolean {
  const st = p.st as ShellState;
  if (!st.prompted || tty.fg !== p.pid) return false;
  const r = typeText(st.ed, text);
  st.ed = r.state;
  put(r.output);
  return true;
}

/** Whether the shell waits for a line. */
export const atPrompt = (p: Proc) => {
  const st = p.st as Partial<ShellState>;
  return st.prompted === true && !st.wait;
};

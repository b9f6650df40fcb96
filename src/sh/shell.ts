// sh(1), interactive and -c: prompt, line editing, lists, background jobs, built-ins. What it has to do next is a stack of
// plain tasks, so that it can stop at any wait and go on from a checkpoint. Mirrors bin/sh's eval.c and jobs.c in small.

import { BUILTINS } from './builtins.ts';
import { expand } from './expand.ts';
import { type EditState, type Completer, key, newEditor, prompt as showPrompt, remember, resize, type as typeText } from './lineedit.ts';
import { type AndOr, type List, type Pipeline, type Simple, parse } from './parse.ts';
import type { BaseSys, Proc, Program, Tty } from './proc.ts';

export interface Job {
  n: number;
  pid: number;
  text: string;
  state: 'running' | 'done';
  status: number;
}
/** A command as the lab's runner sees it. */
export interface CommandRecord {
  line: string;
  pids: number[];
  output: string;
  status: number | null;
  from: number;
}
export type Task =
  | { t: 'list'; list: List; i: number; src: string }
  | { t: 'rest'; rest: AndOr['rest']; j: number; src: string }
  | { t: 'pipeline'; pipeline: Pipeline; src: string }
  | { t: 'not' };

export interface ShellState {
  interactive: boolean;
  ed: EditState;
  /** Typed ahead of the prompt. */
  pending: string;
  /** Lines so far of a command that is not complete. */
  more: string;
  todo: Task[];
  /** Foreground child. */
  child: number;
  waiting: boolean;
  /** The job that `wait` was given, 0 for all. */
  waitFor: number;
  last: number;
  jobs: Job[];
  vars: Record<string, string>;
  prompted: boolean;
  records: CommandRecord[];
  exiting: boolean;
}

export interface ShellOs<S extends BaseSys> {
  prompt(sys: S): string;
  complete(sys: S, line: string, cursor: number): { from: number; candidates: string[] };
}

/** The shell of one kernel. */
export function shell<S extends BaseSys>(of: ShellOs<S>): Program<S> {
  return {
    run(p, sys) {
      const st = p.st as ShellState,
        tty = sys.os.tty(p.tty);
      if (!st.todo) init(p, st, tty, sys);
      reap(p, st, sys);
      for (;;) {
        if (st.exiting && st.interactive && p.ppid === 1) relogin(p, st);
        if (st.exiting) {
          if (st.interactive && tty) sys.os.mode(tty, 'cooked');
          sys.os.exit(p, st.last);
          return;
        }
        if (st.child) {
          sys.os.pause(p);
          return;
        }
        if (st.waiting) {
          if (p.signals.length) {
            p.signals = [];
            st.waiting = false;
            st.last = 130;
          } else if (st.jobs.some((j) => j.state === 'running' && (!st.waitFor || j.pid === st.waitFor))) {
            sys.os.pause(p);
            return;
          } else {
            st.waiting = false;
            st.last = st.jobs.find((j) => j.pid === st.waitFor)?.status ?? 0;
            if (st.waitFor) st.jobs = st.jobs.filter((j) => j.pid !== st.waitFor);
            else forget(p, st, sys, false);
          }
        }
        if (st.todo.length) {
          step(p, st, sys);
          continue;
        }
        const rec = st.records[st.records.length - 1];
        if (rec && rec.status === null) {
          rec.output += p.text.slice(rec.from);
          rec.status = st.last;
        }
        if (!st.interactive || !tty) {
          sys.os.exit(p, st.last);
          return;
        }
        if (!readLine(p, st, tty, sys, of)) {
          sys.os.pause(p);
          return;
        }
      }
    },
  };
}

/** init(8) starts a new shell on the terminal of one that left. */
function relogin(p: Proc, st: ShellState) {
  const rec = st.records[st.records.length - 1];
  if (rec && rec.status === null) {
    rec.output += p.text.slice(rec.from);
    rec.status = st.last;
  }
  Object.assign(st, { exiting: false, todo: [], more: '', last: 0 });
}

function init(p: Proc, st: ShellState, tty: Tty | undefined, sys: BaseSys) {
  Object.assign(st, {
    interactive: p.argv[1] !== '-c',
    ed: newEditor(tty?.cols ?? 80),
    pending: '',
    more: '',
    todo: [],
    child: 0,
    waiting: false,
    waitFor: 0,
    last: 0,
    jobs: [],
    vars: { HOME: '/root', PATH: '/sbin:/bin:/usr/sbin:/usr/bin', USER: 'root', SHELL: '/bin/sh' },
    prompted: false,
    records: [],
    exiting: false,
  } satisfies ShellState);
  if (st.interactive) {
    if (tty) tty.fg = p.pid;
    return;
  }
  submit(p, st, p.argv[2] ?? '', sys);
}

/** A complete command line: parse it and put it on the stack. True when more lines are needed. */
function submit(p: Proc, st: ShellState, text: string, sys: BaseSys): boolean {
  const r = parse(`${text}\n`);
  if (r.more && st.interactive) return true; // an open quote, an operator or a backslash at the end
  if (text.trim()) st.records.push({ line: text.trim(), pids: [], output: '', status: null, from: p.text.length });
  if (r.list.length) st.todo.push({ t: 'list', list: r.list, i: 0, src: text });
  if (r.error) {
    sys.os.write(p, `${r.error.lab ? '' : 'sh: '}${r.error.message}\n`);
    st.last = 2;
  }
  return false;
}

function readLine<S extends BaseSys>(p: Proc, st: ShellState, tty: Tty, sys: S, of: ShellOs<S>): boolean {
  const complete: Completer = (line, cursor) => of.complete(sys, line, cursor);
  if (!st.prompted) {
    forget(p, st, sys, true);
    tty.fg = p.pid;
    sys.os.mode(tty, 'edit');
    if (st.ed.cols !== tty.cols) st.ed = { ...st.ed, cols: tty.cols };
    const r = showPrompt(st.ed, st.more ? '> ' : of.prompt(sys));
    st.ed = r.state;
    sys.os.put(tty, r.output);
    st.prompted = true;
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
    sys.os.put(tty, '\r\n');
    st.exiting = true;
    return true;
  }
  const line = r.event.line,
    text = st.more ? `${st.more}\n${line}` : line;
  st.ed = { ...st.ed, history: remember(st.ed.history, line) };
  st.ed = { ...st.ed, histIndex: st.ed.history.length };
  sys.os.mode(tty, 'cooked');
  if (submit(p, st, text, sys)) {
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
  return st.prompted === true && !st.child;
};

function step(p: Proc, st: ShellState, sys: BaseSys) {
  const task = st.todo.pop();
  if (!task) return;
  switch (task.t) {
    case 'list': {
      const a = task.list[task.i];
      if (!a) return;
      if (task.i + 1 < task.list.length) st.todo.push({ ...task, i: task.i + 1 });
      if (a.background) {
        background(p, st, a, task.src.slice(a.at, a.end), sys);
        return;
      }
      if (a.rest.length) st.todo.push({ t: 'rest', rest: a.rest, j: 0, src: task.src });
      st.todo.push({ t: 'pipeline', pipeline: a.first, src: task.src });
      return;
    }
    case 'rest': {
      const r = task.rest[task.j];
      if (!r) return;
      if (task.j + 1 < task.rest.length) st.todo.push({ ...task, j: task.j + 1 });
      if ((r.op === '&&') === (st.last === 0)) st.todo.push({ t: 'pipeline', pipeline: r.pipeline, src: task.src });
      return;
    }
    case 'not':
      st.last = st.last === 0 ? 1 : 0;
      return;
    case 'pipeline': {
      if (task.pipeline.not) st.todo.push({ t: 'not' });
      const [c, second] = task.pipeline.commands;
      if (!c) return;
      if (second) {
        sys.os.write(p, 'lab: pipes between commands are not built yet.\n');
        st.last = 2;
        return;
      }
      if (c.t === 'group') {
        st.todo.push({ t: 'list', list: c.body, i: 0, src: task.src });
        return;
      }
      simple(p, st, c, sys, false);
      return;
    }
    default:
  }
}

function words(p: Proc, st: ShellState, c: Simple): string[] {
  const vars = { ...st.vars, '?': String(st.last), $: String(p.pid), '!': String(st.jobs[st.jobs.length - 1]?.pid ?? '') };
  return c.words.flatMap((w) => expand(w, { vars }));
}

/** Runs a simple command; answers the pid of a program that was started. */
function simple(p: Proc, st: ShellState, c: Simple, sys: BaseSys, bg: boolean): number {
  const argv = words(p, st, c),
    name = argv[0];
  const vars = { ...st.vars, '?': String(st.last) };
  if (name === undefined) {
    for (const a of c.assigns) st.vars[a.name] = expand(a.value, { vars }).join(' ');
    st.last = 0;
    return 0;
  }
  const out = c.redirs.find((r) => r.fd === 1 && (r.op === '>' || r.op === '>>' || r.op === '>|'));
  const path = out ? (expand(out.word, { vars })[0] ?? '') : '';
  if (out && out.op !== '>>') sys.os.tree().files[path] = '';
  if (c.redirs.some((r) => r.op.startsWith('<'))) {
    sys.os.write(p, 'lab: input redirection is not built yet.\n');
    st.last = 2;
    return 0;
  }
  const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  if (builtin) {
    if (path) p.file = { path };
    st.last = builtin(p, st, argv, sys);
    delete p.file;
    return 0;
  }
  const prog = name.replace(/^.*\//, '');
  if (!Object.hasOwn(sys.os.programs, prog)) {
    sys.os.write(p, `sh: ${name}: not found\n`);
    const near = nearest(prog, [...Object.keys(sys.os.programs), ...Object.keys(BUILTINS)]);
    sys.os.write(p, `lab: ${near ? `the nearest command here is ${near}; ` : ''}help lists them all.\n`);
    st.last = 127;
    return 0;
  }
  const child = sys.os.spawn(prog, argv, p.tty, p.pid);
  if (path) child.file = { path };
  st.records[st.records.length - 1]?.pids.push(child.pid);
  if (bg) return child.pid;
  st.child = child.pid;
  const tty = sys.os.tty(p.tty);
  if (tty && st.interactive) tty.fg = child.pid;
  return child.pid;
}

function background(p: Proc, st: ShellState, a: AndOr, text: string, sys: BaseSys) {
  const only = a.rest.length === 0 && !a.first.not && a.first.commands.length === 1 ? a.first.commands[0] : undefined;
  let pid = 0;
  if (only?.t === 'simple' && !Object.hasOwn(BUILTINS, words(p, st, only)[0] ?? '')) pid = simple(p, st, only, sys, true);
  else {
    const child = sys.os.spawn('sh', ['sh', '-c', text.replace(/&\s*$/, '')], p.tty, p.pid);
    pid = child.pid;
    st.records[st.records.length - 1]?.pids.push(pid);
  }
  if (!pid) return;
  const n = st.jobs.reduce((m, j) => (j.state === 'running' ? Math.max(m, j.n) : m), 0) + 1;
  st.jobs.push({ n, pid, text: text.replace(/\s*&\s*$/, ''), state: 'running', status: 0 });
  if (st.interactive) sys.os.write(p, `[${n}] ${pid}\n`);
  st.last = 0;
}

/** Takes note of dead children. */
function reap(p: Proc, st: ShellState, sys: BaseSys) {
  for (const c of sys.os.tree().procs.filter((x) => x.ppid === p.pid && x.state === 'zombie')) {
    const rec = st.records.find((r) => r.pids.includes(c.pid));
    if (rec) rec.output += c.text;
    const job = st.jobs.find((j) => j.pid === c.pid);
    if (job) {
      job.state = 'done';
      job.status = c.status;
      if (rec && st.child !== c.pid) rec.status = c.status;
    }
    if (st.child === c.pid) {
      st.child = 0;
      st.last = c.status;
      if (job) st.jobs = st.jobs.filter((j) => j !== job);
      const tty = sys.os.tty(p.tty);
      if (tty && st.interactive) tty.fg = p.pid;
    }
    sys.os.reap(c.pid);
  }
}

/** Reports finished jobs, as sh does before a prompt, and forgets them. */
function forget(p: Proc, st: ShellState, sys: BaseSys, say: boolean) {
  for (const j of st.jobs.filter((x) => x.state === 'done'))
    if (say && st.interactive) sys.os.write(p, `[${j.n}] ${j.status === 0 ? 'Done' : `Done(${j.status})`}                 ${j.text}\n`);
  st.jobs = st.jobs.filter((j) => j.state === 'running');
}

function nearest(word: string, all: string[]): string | undefined {
  const dist = (a: string, b: string) => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++)
      row = row.reduce<number[]>((r, _, j) => {
        r.push(j === 0 ? i : Math.min((row[j] ?? 0) + 1, (r[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
        return r;
      }, []);
    return row[b.length] ?? 99;
  };
  return all
    .map((c) => [dist(word, c), c] as const)
    .sort((a, b) => a[0] - b[0])
    .find(([d]) => d <= Math.max(1, word.length / 2))?.[1];
}

// What a shell remembers: a stack of plain frames of what it has to do next, so that it can stop at any wait and go on from a
// checkpoint; variables, functions, jobs. Mirrors the globals of bin/sh (eval.c, jobs.c, var.c) in small.

import type { AndOr, Case, Command, For, If, List, Pipeline, While } from './ast.ts';
import type { EditState } from './lineedit.ts';
import type { BaseSys, Proc } from './proc.ts';

export interface JobProc {
  pid: number;
  /** null: still there. */
  status: number | null;
  /** The signal that ended it. */
  killed?: number;
  core?: true;
  stopped?: number;
}
export interface Job {
  n: number;
  pgid: number;
  procs: JobProc[];
  text: string;
  state: 'running' | 'stopped' | 'done';
  /** Something to tell before the next prompt. */
  changed: boolean;
  foreground: boolean;
  /** Under job control: it has a process group of its own. */
  control: boolean;
  /** The record of its command, -1 for none. */
  rec: number;
  /** The greater, the more it is the current job. */
  order: number;
}
/** A command as the lab's runner sees it: the output is what reached the terminal. */
export interface CommandRecord {
  line: string;
  pids: number[];
  output: string;
  status: number | null;
}

/** `tested`: a status other than 0 is asked for here, and does not end a shell with -e. */
export type Frame =
  | { t: 'list'; list: List; i: number; tested: boolean }
  | { t: 'rest'; rest: AndOr['rest']; j: number; tested: boolean }
  | { t: 'pipe'; pipe: Pipeline; tested: boolean }
  | { t: 'not' }
  | { t: 'error'; text: string }
  | { t: 'errexit' }
  /** A command whose words are being expanded: what its substitutions gave so far, and the last one's status. */
  | { t: 'command'; c: Command; text: string; subs: string[]; status: number; tested: boolean }
  | { t: 'builtin'; argv: string[]; data: Record<string, string> }
  | { t: 'if'; c: If; arm: number; tested: boolean }
  | { t: 'while'; c: While; phase: 'test' | 'body'; status: number; tested: boolean }
  | { t: 'for'; c: For; values: string[]; i: number; tested: boolean }
  | { t: 'case'; c: Case; i: number; tested: boolean }
  /** The end of a function, of `.` or `eval`; and what must be put back. */
  | { t: 'function'; params: string[]; locals: Record<string, string | null> }
  | { t: 'source' }
  | { t: 'fds'; saved: [number, number][] }
  | { t: 'vars'; saved: Record<string, string | null>; exported: string[] };

export type Wait =
  | { t: 'job'; n: number }
  /** wait(1): these processes. */
  | { t: 'wait'; pids: number[]; all: boolean }
  | { t: 'output'; pid: number; text: string; eof: boolean; status: number | null }
  | { t: 'input' };

export interface ShellState {
  interactive: boolean;
  ed: EditState;
  /** Typed ahead of the prompt. */
  pending: string;
  /** Lines so far of a command that is not complete. */
  more: string;
  todo: Frame[];
  wait: Wait | null;
  last: number;
  jobs: Job[];
  order: number;
  vars: Record<string, string>;
  exported: string[];
  readonly: string[];
  funcs: Record<string, Command>;
  arg0: string;
  params: string[];
  /** Letters of set(1) that are on. */
  opts: string;
  /** $$ and $! */
  root: number;
  background: number;
  prompted: boolean;
  records: CommandRecord[];
  /** A shell that keeps no records: what it runs belongs to its parent's. */
  nested: boolean;
  exiting: boolean;
  /** `exit` has said that there are stopped jobs. */
  warned: boolean;
  /** SIGINT came while a foreground job runs. */
  intr: boolean;
  /** A script that comes on standard input, so far; null where there is none. */
  script: string | null;
  /** Frames since it last gave way. */
  ran: number;
}

/** What the parts of a shell hand to each other within one run. */
export interface Sh {
  p: Proc;
  st: ShellState;
  sys: BaseSys;
}

/** A shell's own message: standard error, with its name where FreeBSD's has it. */
export const complain = ({ p, sys }: Sh, text: string) => sys.os.writeErr(p, `${text}\n`);

/** Puts back what a frame that is left has changed. */
export function leave({ p, st, sys }: Sh, f: Frame) {
  if (f.t === 'fds')
    for (const [fd, kept] of [...f.saved].reverse()) {
      sys.os.close(p, fd);
      const id = p.fds[kept];
      if (id === undefined) continue;
      p.fds[fd] = id;
      delete p.fds[kept];
    }
  if (f.t === 'function') {
    st.params = f.params;
    restore(st, f.locals);
  }
  if (f.t === 'vars') {
    restore(st, f.saved);
    st.exported = f.exported;
  }
}
function restore(st: ShellState, saved: Record<string, string | null>) {
  for (const [name, value] of Object.entries(saved))
    if (value === null) delete st.vars[name];
    else st.vars[name] = value;
}

/** Leaves frames until one is of these kinds (which is left too, and answered); all of them when there is none. */
export function unwind(sh: Sh, ...kinds: Frame['t'][]): Frame | undefined {
  for (;;) {
    const f = sh.st.todo.pop();
    if (!f) return undefined;
    leave(sh, f);
    if (kinds.includes(f.t)) return f;
  }
}

/** Gives up everything that was to be done. */
export function abort(sh: Sh, status: number) {
  unwind(sh);
  if (sh.st.wait?.t === 'output') sh.sys.os.close(sh.p, OUTPUT_FD);
  sh.st.wait = null;
  sh.st.last = status;
}
/** An error that ends a shell, or an interactive one's command line. */
export function fatal(sh: Sh, text: string, status = 2) {
  complain(sh, text);
  abort(sh, status);
  if (!sh.st.interactive) sh.st.exiting = true;
}

/** The shell's end of the pipe from a command substitution. */
export const OUTPUT_FD = 10;

export function setVar(sh: Sh, name: string, value: string): boolean {
  if (sh.st.readonly.includes(name)) {
    fatal(sh, `${name}: is read only`);
    return false;
  }
  sh.st.vars[name] = value;
  if (sh.st.opts.includes('a') && !sh.st.exported.includes(name)) sh.st.exported.push(name);
  return true;
}

// How a shell starts processes: programs, subshells, the members of a pipeline with the pipes between them, jobs, command
// substitutions. Mirrors forkshell() and makejob() of bin/sh/jobs.c, evalpipe(), evalbackcmd() and evalsubshell() of eval.c.

import type { AndOr, Command, List, Simple } from './ast.ts';
import { BUILTINS } from './builtins.ts';
import { attempt } from './env.ts';
import { expand } from './expand.ts';
import * as file from './file.ts';
import { nearest } from './hint.ts';
import { foreground } from './jobs.ts';
import { newEditor } from './lineedit.ts';
import { parse } from './parse.ts';
import type { Proc } from './proc.ts';
import { type Target, redirect, targets } from './redir.ts';
import { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU } from './signals.ts';
import { type Frame, type Job, OUTPUT_FD, type Sh, type ShellState, complain, fatal } from './state.ts';
import type { Part } from './word.ts';

/** What a name means as a command. */
export type Found =
  | { t: 'function'; body: Command }
  | { t: 'builtin'; name: string }
  | { t: 'program'; prog: string }
  | { t: 'script'; path: string };

/** Built in here, and programs of /bin and /usr/bin as well. */
const ALSO_PROGRAMS: readonly string[] = ['[', 'echo', 'kill', 'printf', 'pwd', 'test'];

/** `plain`: not a function. */
export function findCommand({ p, st, sys }: Sh, name: string, plain = false): Found | undefined {
  const body = !plain && Object.hasOwn(st.funcs, name) ? st.funcs[name] : undefined;
  if (body) return { t: 'function', body };
  if (Object.hasOwn(BUILTINS, name)) return { t: 'builtin', name };
  const slash = name.lastIndexOf('/');
  if (slash >= 0) {
    const path = file.absolute(p.cwd, name);
    if (Object.hasOwn(sys.os.tree().files, path)) return { t: 'script', path };
    if (!file.BINDIRS.includes(path.slice(0, path.lastIndexOf('/')))) return undefined;
  }
  const prog = name.slice(slash + 1);
  if (slash >= 0 && ALSO_PROGRAMS.includes(prog)) return { t: 'builtin', name: prog };
  return Object.hasOwn(sys.os.programs, prog) ? { t: 'program', prog } : undefined;
}

export function notFound(sh: Sh, name: string) {
  const prog = name.replace(/^.*\//, '');
  complain(sh, `sh: ${name}: not found`);
  const near = nearest(prog, [...Object.keys(sh.sys.os.programs), ...Object.keys(BUILTINS)]);
  complain(sh, `lab: ${near ? `the nearest command here is ${near}; ` : ''}help lists them all.`);
  sh.st.last = 127;
}

function fork(sh: Sh, prog: string, argv: string[]): Proc | undefined {
  const { p, st, sys } = sh;
  if (!sys.os.mayFork(p)) {
    fatal(sh, 'sh: Cannot fork: Resource temporarily unavailable');
    return undefined;
  }
  const c = sys.os.spawn(prog, argv, p.tty, p.pid);
  c.ignore = st.interactive ? [] : [...p.ignore];
  if (prog === 'sh') c.env = Object.fromEntries(st.exported.map((n) => [n, st.vars[n] ?? '']));
  if (p.rec?.sh === p.pid) st.records[p.rec.i]?.pids.push(c.pid);
  return c;
}

/** A copy of this shell that does `todo` and ends. */
function subshell(sh: Sh, todo: Frame[], changed: Record<string, string> = {}): Proc | undefined {
  const c = fork(sh, 'sh', ['sh']);
  if (!c) return undefined;
  const { st } = sh;
  c.st = {
    ...st,
    interactive: false,
    ed: newEditor(80),
    pending: '',
    more: '',
    todo,
    wait: null,
    jobs: [],
    order: 0,
    vars: { ...st.vars, ...changed },
    exported: [...st.exported],
    readonly: [...st.readonly],
    funcs: { ...st.funcs },
    params: [...st.params],
    prompted: false,
    records: [],
    nested: true,
    exiting: false,
    intr: false,
    script: null,
    ran: 0,
  } satisfies ShellState;
  return c;
}

/** Whether words can be expanded here and now without a trace: literals and plain parameters. */
const isPlain = (parts: readonly Part[]) => parts.every((x) => x.t === 'lit' || (x.t === 'var' && x.op === undefined));

export const commandFrame = (c: Command, text: string, tested: boolean): Frame => ({ t: 'command', c, text, subs: [], status: 0, tested });

/** The program that a simple command is, if that can be said without running anything. */
function direct(sh: Sh, c: Command): { prog: string; argv: string[]; redirs: Target[] } | undefined {
  if (c.t !== 'simple' || !c.words.length || c.assigns.length || /[ux]/.test(sh.st.opts)) return undefined;
  const parts = [...c.words.map((w) => w.parts), ...c.redirs.map((r) => r.doc ?? r.word.parts)];
  if (!parts.every(isPlain)) return undefined;
  const r = attempt(sh, [], (env) => ({ argv: words(c, env), redirs: targets(c.redirs, env) }));
  if (!r || !('value' in r)) return undefined;
  const found = findCommand(sh, r.value.argv[0] ?? '');
  return found?.t === 'program' ? { prog: found.prog, ...r.value } : undefined;
}
export const words = (c: Simple, env: Parameters<typeof expand>[1]) => c.words.flatMap((w) => expand(w, env));

/** Starts the members of a pipeline. Undefined when not one could be forked. */
export function startJob(sh: Sh, commands: readonly Command[], text: string, back: boolean, tested = false): Job | undefined {
  const { p, st, sys } = sh,
    { os } = sys,
    t = os.tree(),
    control = st.interactive,
    procs: Job['procs'] = [];
  let input: file.OpenFile | undefined,
    pgid = control ? 0 : p.pgid;
  commands.forEach((c, k) => {
    if (procs.length < k) return;
    const d = direct(sh, c),
      body: Frame =
        c.t === 'group' && c.subshell && !c.redirs.length ? { t: 'list', list: c.body, i: 0, tested } : commandFrame(c, text, tested),
      child = d ? fork(sh, d.prog, d.argv) : subshell(sh, [body]);
    if (!child) return;
    pgid ||= child.pid;
    child.pgid = pgid;
    const pipe = k + 1 < commands.length ? file.makePipe(t) : undefined;
    if (input) os.install(child, 0, input);
    else if (back && !control) {
      const nothing = file.open(t, child, '/dev/null', 'r');
      if (typeof nothing !== 'string') os.install(child, 0, nothing);
    }
    if (pipe) os.install(child, 1, pipe.w);
    input = pipe?.r;
    if (back && !control) child.ignore.push(SIGINT, SIGQUIT);
    procs.push({ pid: child.pid, status: null });
    const error = d && redirect(sh, child, d.redirs);
    if (error === undefined) return;
    os.writeErr(child, `${error}\n`);
    os.exit(child, 2);
  });
  file.drop(t, input);
  if (!procs.length) return undefined;
  let n = 1;
  while (st.jobs.some((j) => j.n === n)) n++;
  const job: Job = {
    n,
    pgid,
    procs,
    text,
    state: 'running',
    changed: false,
    foreground: !back,
    control,
    rec: p.rec?.sh === p.pid ? p.rec.i : -1,
    order: ++st.order,
  };
  st.jobs.push(job);
  if (!back) {
    st.wait = { t: 'job', n };
    if (control) foreground(sh, pgid);
  }
  return job;
}

/** `command &`. */
export function background(sh: Sh, a: AndOr) {
  const { st } = sh,
    one = a.rest.length === 0 && !a.first.not,
    whole: Command = { t: 'group', subshell: true, body: [{ ...a, background: false }], redirs: [], at: a.at, end: a.end };
  const job = startJob(sh, one ? a.first.commands : [whole], a.text, true);
  if (!job) return;
  st.background = job.procs[job.procs.length - 1]?.pid ?? 0;
  if (st.interactive) complain(sh, `[${job.n}] ${st.background}`);
  st.last = 0;
}

/** Runs the commands of a substitution; their output comes into the frame on top. */
export function substitute(sh: Sh, src: string, changed: Record<string, string>) {
  const { p, st, sys } = sh,
    r = parse(src);
  if (r.error) {
    fatal(sh, `${r.error.lab ? '' : 'sh: '}${r.error.message}`);
    return;
  }
  const list: List = r.list,
    child = subshell(sh, [{ t: 'list', list, i: 0, tested: false }], changed);
  if (!child) return;
  // It shares the shell's group: nobody could let it go on.
  child.ignore.push(SIGTSTP, SIGTTIN, SIGTTOU);
  const pipe = file.makePipe(sys.os.tree());
  sys.os.install(child, 1, pipe.w);
  sys.os.install(p, OUTPUT_FD, pipe.r);
  st.wait = { t: 'output', pid: child.pid, text: '', eof: false, status: null };
}

/** Starts one program, or a script, in the foreground. */
export function startProgram(sh: Sh, found: Found & { t: 'program' | 'script' }, argv: string[], text: string) {
  const { p, st } = sh,
    child = found.t === 'program' ? fork(sh, found.prog, argv) : fork(sh, 'sh', ['sh', found.path, ...argv.slice(1)]);
  if (!child) return;
  const control = st.interactive;
  if (control) child.pgid = child.pid;
  let n = 1;
  while (st.jobs.some((j) => j.n === n)) n++;
  const rec = p.rec?.sh === p.pid ? p.rec.i : -1;
  st.jobs.push({
    n,
    pgid: child.pgid,
    procs: [{ pid: child.pid, status: null }],
    text,
    state: 'running',
    changed: false,
    foreground: true,
    control,
    rec,
    order: ++st.order,
  });
  st.wait = { t: 'job', n };
  if (control) foreground(sh, child.pgid);
}

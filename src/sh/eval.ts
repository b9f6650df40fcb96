// One step of a shell: takes a frame from the stack and does it, or puts frames in its place. Mirrors evaltree() and its
// relatives of bin/sh/eval.c, whose recursion is the stack here.

import type { Assign, Command, Simple } from './ast.ts';
import { BUILTINS } from './builtins.ts';
import { attempt } from './env.ts';
import { type Env, expand, expandText, patternOf } from './expand.ts';
import { matches } from './glob.ts';
import { background, commandFrame, findCommand, notFound, startJob, startProgram, substitute, words } from './launch.ts';
import { SPECIAL } from './parse.ts';
import { type Target, redirect, targets } from './redir.ts';
import { type Frame, type Sh, complain, fatal, leave, setVar } from './state.ts';
import { quote } from './lex.ts';

/** Frames that a stack may have: functions that call themselves for ever come to an end. */
const STACK_MAX = 4000;

/** Expands for a frame that is on top of the stack again if a substitution must be run first. */
function expanded<T>(sh: Sh, frame: Frame & { t: 'command' }, f: (env: Env) => T): { value: T } | undefined {
  const r = attempt(sh, frame.subs, f);
  if (!r) return undefined;
  if ('value' in r) return r;
  sh.st.todo.push(frame);
  substitute(sh, r.wanted, r.changed);
  return undefined;
}

/** Redirects the shell itself; a frame puts the descriptors back. False when that failed, and was said. */
function redirected(sh: Sh, all: readonly Target[], special = false): boolean {
  if (!all.length) return true;
  const saved: [number, number][] = [],
    error = redirect(sh, sh.p, all, saved);
  const frame: Frame = { t: 'fds', saved };
  if (error === undefined) {
    sh.st.todo.push(frame);
    return true;
  }
  leave(sh, frame);
  if (special) fatal(sh, error);
  else complain(sh, error);
  sh.st.last = 2;
  return false;
}

export function step(sh: Sh) {
  const { st } = sh,
    f = st.todo.pop();
  if (!f) return;
  if (st.todo.length > STACK_MAX) {
    fatal(sh, `lab: more than ${STACK_MAX} commands within each other.`);
    return;
  }
  switch (f.t) {
    case 'list': {
      const a = f.list[f.i];
      if (!a) return;
      if (f.i + 1 < f.list.length) st.todo.push({ ...f, i: f.i + 1 });
      if (a.background) {
        background(sh, a);
        return;
      }
      if (a.rest.length) st.todo.push({ t: 'rest', rest: a.rest, j: 0, tested: f.tested });
      st.todo.push({ t: 'pipe', pipe: a.first, tested: f.tested || a.rest.length > 0 });
      return;
    }
    case 'rest': {
      const r = f.rest[f.j];
      if (!r) return;
      const more = f.j + 1 < f.rest.length;
      if (more) st.todo.push({ ...f, j: f.j + 1 });
      if ((r.op === '&&') === (st.last === 0)) st.todo.push({ t: 'pipe', pipe: r.pipeline, tested: f.tested || more });
      return;
    }
    case 'pipe': {
      const [c, second] = f.pipe.commands,
        tested = f.tested || f.pipe.not;
      if (!c) return;
      if (f.pipe.not) st.todo.push({ t: 'not' });
      const whole = second !== undefined || c.t === 'simple' || (c.t === 'group' && c.subshell);
      if (!tested && whole) st.todo.push({ t: 'errexit' });
      if (second) startJob(sh, f.pipe.commands, f.pipe.text, false, tested);
      else st.todo.push(commandFrame(c, f.pipe.text, tested));
      return;
    }
    case 'error':
      fatal(sh, f.text);
      return;
    case 'not':
      st.last = st.last === 0 ? 1 : 0;
      return;
    case 'errexit':
      if (st.last !== 0 && st.opts.includes('e')) {
        for (let g = st.todo.pop(); g; g = st.todo.pop()) leave(sh, g);
        st.exiting = true;
      }
      return;
    case 'command':
      command(sh, f);
      return;
    case 'builtin': {
      const status = BUILTINS[f.argv[0] ?? '']?.(sh, f.argv, f.data);
      if (status !== null) st.last = status ?? 0;
      else {
        st.todo.push(f);
        st.wait = { t: 'input' };
      }
      return;
    }
    case 'if': {
      const arm = f.c.arms[f.arm];
      if (st.last === 0) st.todo.push({ t: 'list', list: arm?.body ?? [], i: 0, tested: f.tested });
      else if (f.arm + 1 < f.c.arms.length) condition(sh, { ...f, arm: f.arm + 1 });
      else {
        // The commands after else see the status of the condition.
        if (!f.c.otherwise.length) st.last = 0;
        st.todo.push({ t: 'list', list: f.c.otherwise, i: 0, tested: f.tested });
      }
      return;
    }
    case 'while': {
      if (f.phase === 'test') {
        if ((st.last === 0) === f.c.until) {
          st.last = f.status;
          return;
        }
        st.todo.push({ ...f, phase: 'body' }, { t: 'list', list: f.c.body, i: 0, tested: f.tested });
      } else st.todo.push({ ...f, phase: 'test', status: st.last }, { t: 'list', list: f.c.cond, i: 0, tested: true });
      return;
    }
    case 'for': {
      const value = f.values[f.i];
      if (value === undefined || !setVar(sh, f.c.name, value)) return;
      st.todo.push({ ...f, i: f.i + 1 }, { t: 'list', list: f.c.body, i: 0, tested: f.tested });
      return;
    }
    case 'case': {
      const item = f.c.items[f.i];
      if (!item) return;
      if (item.through) st.todo.push({ ...f, i: f.i + 1 });
      st.todo.push({ t: 'list', list: item.body, i: 0, tested: f.tested });
      return;
    }
    default:
      leave(sh, f);
  }
}

const condition = (sh: Sh, f: Frame & { t: 'if' }) =>
  sh.st.todo.push(f, { t: 'list', list: f.c.arms[f.arm]?.cond ?? [], i: 0, tested: true });

function command(sh: Sh, f: Frame & { t: 'command' }) {
  const { st } = sh,
    { c, tested } = f;
  if (c.t === 'simple') {
    simple(sh, f, c);
    return;
  }
  if (c.t === 'func') {
    st.funcs[c.name] = c.body;
    st.last = 0;
    return;
  }
  // A subshell does its own redirections.
  if (c.t === 'group' && c.subshell) {
    if (c.redirs.length === 0) {
      startJob(sh, [c], f.text, false, tested);
      return;
    }
    const inner: Command = { ...c, redirs: [] },
      braces: Command = { t: 'group', subshell: false, redirs: c.redirs, at: c.at, end: c.end, body: [listed(inner, f.text)] };
    st.todo.push({ ...f, c: braces });
    return;
  }
  const r = expanded(sh, f, (env) => ({
    redirs: targets(c.redirs, env),
    values: c.t === 'for' ? (c.words?.flatMap((w) => expand(w, env)) ?? [...st.params]) : [],
    item: c.t === 'case' ? chosen(c, env) : -1,
  }));
  if (!r || !redirected(sh, r.value.redirs)) return;
  const { values, item } = r.value;
  switch (c.t) {
    case 'group':
      if (!c.body.length) st.last = 0;
      st.todo.push({ t: 'list', list: c.body, i: 0, tested });
      return;
    case 'if':
      condition(sh, { t: 'if', c, arm: 0, tested });
      return;
    case 'while':
      st.last = 0;
      st.todo.push({ t: 'while', c, phase: 'body', status: 0, tested });
      return;
    case 'for':
      st.last = 0;
      st.todo.push({ t: 'for', c, values, i: 0, tested });
      return;
    default:
      st.last = f.subs.length ? f.status : 0;
      if (item >= 0) st.todo.push({ t: 'case', c, i: item, tested });
  }
}

const listed = (c: Command, text: string) => ({
  first: { not: false, commands: [c], text },
  rest: [],
  background: false,
  text,
  at: c.at,
  end: c.end,
});

function chosen(c: Command & { t: 'case' }, env: Env): number {
  const text = expandText(c.word, env);
  return c.items.findIndex((item) => item.patterns.some((w) => matches(patternOf(w.parts, env), text)));
}

/** Sets variables, and answers what they were. */
function assign(sh: Sh, all: readonly { name: string; value: string }[]): Record<string, string | null> | undefined {
  const saved: Record<string, string | null> = {};
  for (const { name, value } of all) {
    if (!Object.hasOwn(saved, name)) saved[name] = Object.hasOwn(sh.st.vars, name) ? (sh.st.vars[name] ?? '') : null;
    if (!setVar(sh, name, value)) return undefined;
  }
  return saved;
}

function simple(sh: Sh, f: Frame & { t: 'command' }, c: Simple) {
  const { p, st } = sh;
  const r = expanded(sh, f, (env) => {
    const argv = words(c, env),
      redirs = targets(c.redirs, env),
      assigns = c.assigns.map(({ name, value }: Assign) => {
        const text = expandText(value, env, true);
        // The next one sees it.
        if (!argv.length) env.set?.(name, text);
        return { name, value: text };
      });
    return { argv, redirs, assigns };
  });
  if (!r) return;
  const { redirs, assigns } = r.value,
    // `command name`: no function of that name.
    plain = r.value.argv[0] === 'command' && r.value.argv[1] !== undefined && !r.value.argv[1].startsWith('-'),
    argv = plain ? r.value.argv.slice(1) : r.value.argv,
    name = argv[0];
  if (st.opts.includes('x')) complain(sh, `+ ${[...assigns.map((a) => `${a.name}=${quote(a.value)}`), ...argv.map(quote)].join(' ')}`);
  if (name === undefined) {
    st.last = f.status;
    if (!redirected(sh, redirs)) return;
    assign(sh, assigns);
    return;
  }
  const found = findCommand(sh, name, plain);
  if (!found) {
    if (redirected(sh, redirs)) notFound(sh, name);
    return;
  }
  if (found.t === 'program' || found.t === 'script') {
    if (!redirected(sh, redirs)) return;
    const saved = assign(sh, assigns);
    if (!saved) return;
    if (assigns.length) st.todo.push({ t: 'vars', saved, exported: [...st.exported] });
    for (const { name: n } of assigns) if (!st.exported.includes(n)) st.exported.push(n);
    startProgram(sh, found, argv, f.text);
    return;
  }
  const special = SPECIAL.has(name);
  if (name === 'exec') {
    const error = redirect(sh, p, redirs);
    if (error !== undefined) {
      fatal(sh, error);
      return;
    }
    if (argv.length > 1) {
      become(sh, argv.slice(1));
      return;
    }
  } else if (!redirected(sh, redirs, special)) return;
  const saved = assign(sh, assigns);
  if (!saved) return;
  if (!special && assigns.length) st.todo.push({ t: 'vars', saved, exported: [...st.exported] });
  if (found.t === 'builtin') {
    st.todo.push({ t: 'builtin', argv: [found.name, ...argv.slice(1)], data: {} });
    return;
  }
  st.todo.push({ t: 'function', params: st.params, locals: {} });
  st.params = argv.slice(1);
  st.last = 0;
  st.todo.push(commandFrame(found.body, f.text, f.tested));
}

/** exec(1): this process becomes another program. */
function become(sh: Sh, argv: string[]) {
  const { p, st, sys } = sh,
    found = findCommand(sh, argv[0] ?? '', true);
  if (found?.t !== 'program') {
    notFound(sh, argv[0] ?? '');
    if (!st.interactive) st.exiting = true;
  } else if (sys.os.proc(p.ppid) === undefined) fatal(sh, 'lab: exec of a program in the shell of a terminal is not built.');
  else {
    st.todo = [];
    p.prog = found.prog;
    p.argv = argv;
    p.st = {};
  }
}

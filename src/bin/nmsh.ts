// nmsh, a netmap client for hands: each step of a transaction is a command. This lab's own; netmap has no such tool.
// Its control plane: options, what comes next, what is waited for. Same program on host and guest; its thread is
// wasm/bin/nmsh.ts, the parts are nmsh_*.ts.

import { getopt } from '../sh/getopt.ts';
import type { Proc, Program } from '../sh/proc.ts';
import { SIGINT } from '../sh/signals.ts';
import { type Step, command } from './nmsh_commands.ts';
import { USAGE } from './nmsh_help.ts';
import { hasTerminal, leaveTerminal, newIo, readFile, readInput, readLine, say } from './nmsh_io.ts';
import { cancel, finish, start } from './nmsh_op.ts';
import { type NmshState, type Outcome, bad, fdOf, good } from './nmsh_state.ts';
import { type Cmd, number, parseScript } from './nmsh_words.ts';
import type { Sys } from './sys.ts';

const EX_USAGE = 2;
/** Commands that end at once, in a row, before others have their turn; and how long that is. */
const ROW = 64,
  TURN_NS = 1000;
const REPEAT_MAX = 1_000_000;

export const nmsh: Program<Sys> = {
  run(p, sys) {
    const st = p.st as NmshState;
    if ((!st.phase || st.phase === 'init') && !init(p, st, sys)) return;
    if (st.phase !== 'closing') loop(p, st, sys);
    if (st.phase === 'closing') closing(p, st, sys);
  },
};

function init(p: Proc, st: NmshState, sys: Sys): boolean {
  if (!st.todo)
    Object.assign(st, {
      phase: 'init',
      json: false,
      stop: false,
      trace: false,
      interactive: false,
      fds: [],
      cur: 0,
      last: { errno: 0, revents: 0, ok: 1 },
      seq: 0,
      todo: [],
      now: null,
      running: null,
      n: 0,
      failed: false,
      code: 0,
      more: '',
      ...newIo(p, sys),
    } satisfies NmshState);
  const usage = (text: string): false => {
    say(p, sys, `${text ? `${text}\n` : ''}${USAGE}`);
    sys.os.exit(p, EX_USAGE);
    return false;
  };
  const r = getopt(p.argv, 'c:i:jex');
  let text: string | undefined, name: string | undefined;
  for (const { opt, arg } of r.opts) {
    if (opt === '?') return usage(r.errors[0] ?? '');
    if (opt === 'c') text = arg ?? '';
    else if (opt === 'i') name = arg ?? '';
    else if (opt === 'j') st.json = true;
    else if (opt === 'e') st.stop = true;
    else st.trace = true;
  }
  const [file, ...more] = r.rest;
  if (more.length || (file !== undefined && text !== undefined)) return usage('nmsh: one FILE, or -c');
  if (file !== undefined) {
    text = readFile(p, sys, file);
    if (text === undefined) return usage(`nmsh: ${file}: No such file or directory`);
  }
  if (text === undefined && !hasTerminal(p, sys)) {
    const input = readInput(p, st, sys);
    if (input === null) return false;
    text = input;
    st.pending = '';
  }
  st.interactive = text === undefined;
  const cmds = text === undefined ? [] : parseScript(text);
  if (!Array.isArray(cmds)) return usage(`nmsh: line ${cmds.line}: ${cmds.error}`);
  st.todo = [{ cmds: [...(name === undefined ? [] : [{ line: 0, words: ['open', name], body: null }]), ...cmds], i: 0, left: 0 }];
  st.phase = 'run';
  return true;
}

function loop(p: Proc, st: NmshState, sys: Sys) {
  for (let row = 0; st.phase !== 'closing'; row++) {
    const stopped = signals(p, st, sys);
    if (st.running) {
      if (!goOn(p, st, sys, stopped)) return;
      continue;
    }
    if (stopped) {
      st.todo = [];
      if (ends(st)) leave(st);
      else if (!st.prompted) say(p, sys, '\n');
      continue;
    }
    if (row >= ROW) {
      sys.os.sleep(p, sys.now() + TURN_NS);
      return;
    }
    const cmd = next(st);
    if (cmd) begin(p, st, sys, cmd);
    else if (!st.interactive) leave(st);
    else if (!prompted(p, st, sys)) {
      sys.os.pause(p);
      return;
    }
  }
}

/** Takes the signals that came: true for Ctrl-C; any other ends the program. */
function signals(p: Proc, st: NmshState, sys: Sys): boolean {
  const [first] = p.signals.filter((s) => s !== SIGINT),
    intr = p.signals.includes(SIGINT);
  p.signals = [];
  if (first !== undefined) st.code = 128 + first;
  if (intr || first !== undefined) {
    st.todo = [];
    if (st.running?.t === 'op') cancel(sys, st.running);
  }
  return intr || first !== undefined;
}

/** Whether a signal ends the program, and not only what runs. */
const ends = (st: NmshState) => !st.interactive || st.code !== 0;

function next(st: NmshState): Cmd | undefined {
  for (;;) {
    const t = st.todo[st.todo.length - 1];
    if (!t) return undefined;
    const cmd = t.cmds[t.i];
    if (cmd) {
      t.i++;
      return cmd;
    }
    if (t.left > 0) {
      t.left--;
      t.i = 0;
      return { line: 0, words: [], body: null }; // a round, empty or not, counts in the row
    }
    st.todo.pop();
  }
}

function begin(p: Proc, st: NmshState, sys: Sys, cmd: Cmd) {
  if (!cmd.words.length) return;
  st.now = cmd;
  if (st.trace && !st.json) say(p, sys, `+ ${cmd.words.join(' ')}\n`);
  if (cmd.body || cmd.words[0] === 'repeat') {
    const n = number(cmd.words[1], REPEAT_MAX);
    if (n === undefined || !cmd.body) over(p, st, sys, bad(`repeat N { … }: N is 0 to ${REPEAT_MAX}`));
    else if (n > 0) st.todo.push({ cmds: cmd.body, i: 0, left: n - 1 });
    return;
  }
  const step: Step = command(p, st, sys, cmd.words);
  if ('ok' in step) {
    over(p, st, sys, step);
    return;
  }
  if ('leave' in step) {
    over(p, st, sys, good(''));
    leave(st);
    return;
  }
  if ('waitMs' in step) {
    st.running = { t: 'wait', until: sys.now() + step.waitMs * 1e6, ms: step.waitMs };
    st.phase = 'wait';
  } else if ('close' in step) st.running = { t: 'close', nums: step.close, closed: [] };
  else {
    const r = start(p, st, sys, step.op);
    if (r) st.running = r;
    else over(p, st, sys, bad('Resource temporarily unavailable; no thread is left, a program must end first', 35));
  }
}

/** What runs goes on. False: it waits. */
function goOn(p: Proc, st: NmshState, sys: Sys, stopped: boolean): boolean {
  const r = st.running;
  if (!r) return true;
  if (r.t === 'op') {
    if (!sys.threadDone(r.h)) {
      sys.os.pause(p);
      return false;
    }
    st.running = null;
    over(p, st, sys, finish(p, st, sys, r));
    if ((r.cancelled && !st.interactive) || st.code) leave(st);
    return true;
  }
  if (r.t === 'wait') {
    if (!stopped && sys.now() < r.until) {
      sys.os.sleep(p, r.until);
      return false;
    }
    st.running = null;
    st.phase = 'run';
    over(p, st, sys, stopped ? bad('Interrupted system call', 4) : good('', { ms: r.ms }));
    if (stopped && ends(st)) leave(st);
    return true;
  }
  for (let num = r.nums[0]; num !== undefined; num = r.nums[0]) {
    const fd = fdOf(st, num);
    if (fd && !sys.netmapClose(p, fd.id)) return false;
    st.fds = st.fds.filter((f) => f !== fd);
    r.nums.shift();
    r.closed.push(num);
  }
  if (!fdOf(st, st.cur)) st.cur = st.fds[st.fds.length - 1]?.num ?? 0;
  st.last = { errno: 0, revents: 0, ok: 1 };
  st.running = null;
  over(
    p,
    st,
    sys,
    good(`closed ${r.closed.join(', ')}${st.cur ? `; the current one is ${st.cur}` : ''}\n`, { closed: r.closed, current: st.cur }),
  );
  return true;
}

/** A command is over: said as text or as JSON. */
function over(p: Proc, st: NmshState, sys: Sys, o: Outcome) {
  const words = st.now?.words ?? [],
    cmd = words[0] ?? '';
  st.now = null;
  st.n++;
  if (st.json) {
    const { ok, errno, error, result } = o;
    say(p, sys, `${JSON.stringify({ n: st.n, cmd, args: words.slice(1), fd: st.cur, ok, errno, error, result })}\n`);
  } else say(p, sys, `${o.error ? `nmsh: ${cmd}: ${o.error}\n` : ''}${o.text}`);
  if (o.ok) return;
  st.failed = true;
  if (st.stop) leave(st);
}

/** A line at the prompt, if one is there. False: none yet. */
function prompted(p: Proc, st: NmshState, sys: Sys): boolean {
  const r = readLine(p, st, sys, st.more ? '> ' : 'nmsh> ');
  if (!r) return false;
  if (r.t !== 'line') {
    st.more = '';
    if (r.t === 'eof') leave(st);
    return true;
  }
  const text = st.more ? `${st.more}\n${r.line}` : r.line,
    cmds = parseScript(text);
  st.more = '';
  if (Array.isArray(cmds)) st.todo = [{ cmds, i: 0, left: 0 }];
  else if (cmds.more) st.more = text;
  else {
    st.now = { line: 0, words: ['nmsh'], body: null };
    over(p, st, sys, bad(cmds.error));
  }
  return true;
}

function leave(st: NmshState) {
  st.todo = [];
  if (!st.running) st.phase = 'closing';
}

/** The end: every descriptor is closed, however long that takes. */
function closing(p: Proc, st: NmshState, sys: Sys) {
  p.signals = [];
  for (let fd = st.fds[0]; fd; fd = st.fds[0]) {
    if (!sys.netmapClose(p, fd.id)) return;
    st.fds.shift();
  }
  leaveTerminal(p, st, sys);
  sys.os.exit(p, st.code || (st.failed ? 1 : 0));
}

// nmsh's commands: each answers at once, or says what must be waited for (an operation of a thread, time, a close).

import * as L from '../../wasm/layout.ts';
import type { Proc } from '../sh/proc.ts';
import { evaluate } from './nmsh_expr.ts';
import { lookup } from './nmsh_fields.ts';
import { HELP, help } from './nmsh_help.ts';
import { call } from './nmsh_op.ts';
import { info, ioctl, open, use } from './nmsh_ports.ts';
import { registered } from './nmsh_rings.ts';
import { dump, extra, show } from './nmsh_show.ts';
import { type Fd, type NmshState, type Op, type Outcome, bad, fdOf, good } from './nmsh_state.ts';
import * as S from './nmsh_stores.ts';
import { number } from './nmsh_words.ts';
import type { Sys } from './sys.ts';

export type Step = Outcome | { op: Op } | { waitMs: number } | { close: number[] } | { leave: true };
type Command = (p: Proc, st: NmshState, sys: Sys, words: readonly string[]) => Step;

const WAIT_MAX = 3_600_000;

/** A system call on the current descriptor, or its answer when the descriptor has no port. */
function syscall(p: Proc, st: NmshState, sys: Sys, fd: Fd | undefined, op: number, say: string, page: Record<string, number>): Step {
  if (!fd) {
    const why = registered(st);
    return bad(typeof why === 'string' ? why : 'no descriptor');
  }
  if (fd.desc) return { op: call(st, sys, fd.num, op, say, page) };
  if (op === L.NMSH_OP_POLL) {
    // poll(2) of a descriptor without a port answers at once
    st.last = { errno: 0, revents: L.POLLERR, ok: 1 };
    return good(`poll: 1 (POLLERR)\nlab: descriptor ${fd.num} is not registered.\n`, {
      rings: [],
      revents: L.POLLERR,
      events: ['POLLERR'],
    });
  }
  return ioctl(p, st, sys, [say === 'txsync' ? 'NIOCTXSYNC' : 'NIOCRXSYNC', `fd=${fd.num}`]) as Outcome;
}

function sync(p: Proc, st: NmshState, sys: Sys, tx: boolean, words: readonly string[], num = st.cur): Step {
  if (words.length) return bad(`${tx ? 'txsync' : 'rxsync'} has no arguments: it is of the current descriptor, all its rings`);
  return syscall(p, st, sys, fdOf(st, num), tx ? L.NMSH_OP_TXSYNC : L.NMSH_OP_RXSYNC, tx ? 'txsync' : 'rxsync', {});
}

function poll(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Step {
  const events = { in: L.POLLIN, out: L.POLLOUT, inout: L.POLLIN | L.POLLOUT }[words[0] ?? ''],
    forever = words[1] === undefined || words[1] === '-1',
    ms = forever ? 0 : number(words[1], WAIT_MAX);
  if (events === undefined || ms === undefined || words.length > 2)
    return bad(`poll in|out|inout [ms]: ms is 0 to ${WAIT_MAX}, or -1 for ever`);
  const page = { [L.NMSH_EVENTS]: events, [L.NMSH_TIMEOUT]: ms * 1e6, [L.NMSH_FOREVER]: forever ? 1 : 0 };
  return syscall(p, st, sys, fdOf(st, st.cur), L.NMSH_OP_POLL, 'poll', page);
}

function expect(st: NmshState, sys: Sys, words: readonly string[]): Outcome {
  const text = words.join(' '),
    r = evaluate(text, lookup(st, sys));
  if ('error' in r) return bad(r.error);
  const found = Object.entries(r.found)
    .map(([k, v]) => `${k} = ${v}`)
    .join(', ');
  const result = { expression: text, value: r.value, found: r.found };
  return r.value ? good('', result) : bad(`expected ${text}, found ${found || r.value}`, 0, result);
}

function ioctlStep(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Step {
  const r = ioctl(p, st, sys, words);
  return 'sync' in r ? sync(p, st, sys, r.sync, [], r.fd) : r;
}

const COMMANDS: Record<string, Command> = {
  open: (p, st, sys, w) => open(p, st, sys, w),
  use: (_p, st, _sys, w) => use(st, w),
  close: (_p, st, _sys, w) => {
    const n = w[0] === undefined ? st.cur : number(w[0]),
      fd = n === undefined || w.length > 1 ? undefined : fdOf(st, n);
    if (fd) return { close: [fd.num] };
    return bad(st.fds.length ? `close FD: open are ${st.fds.map((f) => f.num).join(', ')}` : 'no descriptor is open');
  },
  info: (p, st, sys, w) => info(p, st, sys, w),
  ioctl: ioctlStep,
  reg: (p, st, sys, w) => ioctlStep(p, st, sys, ['NIOCREGIF', ...w]),
  show: (_p, st, sys, w) => show(st, sys, w),
  fill: (_p, st, sys, w) => S.fill(st, sys, w),
  len: (_p, st, sys, w) => S.slotField(st, sys, 'len', w),
  flags: (_p, st, sys, w) => S.slotField(st, sys, 'flags', w),
  buf: (_p, st, sys, w) => S.slotField(st, sys, 'buf', w),
  ptr: (_p, st, sys, w) => S.slotField(st, sys, 'ptr', w),
  swap: (_p, st, sys, w) => S.swap(st, sys, w),
  head: (_p, st, sys, w) => S.index(st, sys, 'head', w),
  cur: (_p, st, sys, w) => S.index(st, sys, 'cur', w),
  adv: (_p, st, sys, w) => S.index(st, sys, 'adv', w),
  rflags: (_p, st, sys, w) => S.ringFlags(st, sys, w),
  txsync: (p, st, sys, w) => sync(p, st, sys, true, w),
  rxsync: (p, st, sys, w) => sync(p, st, sys, false, w),
  poll,
  dump: (_p, st, sys, w) => dump(st, sys, w),
  extra: (_p, st, sys, w) => (w.length ? bad('extra has no arguments') : extra(st, sys)),
  wait: (_p, _st, _sys, w) => {
    const ms = number(w[0], WAIT_MAX);
    return ms === undefined || w.length > 1 ? bad(`wait MS: 0 to ${WAIT_MAX}`) : { waitMs: ms };
  },
  echo: (_p, _st, _sys, w) => good(`${w.join(' ')}\n`, w.join(' ')),
  expect: (_p, st, sys, w) => expect(st, sys, w),
  help: (_p, _st, _sys, w) => {
    const text = help(w[0]);
    return text === undefined || w.length > 1 ? bad(`help [COMMAND]: ${Object.keys(HELP).join(' ')}`) : good(text, text);
  },
  quit: (_p, _st, _sys, w) => (w.length ? bad('quit has no arguments') : { leave: true }),
};

/** Does a command, or begins it. */
export function command(p: Proc, st: NmshState, sys: Sys, words: readonly string[]): Step {
  const [name = '', ...rest] = words,
    c = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!c) return bad(`no command '${name}': ${Object.keys(HELP).join(' ')}`);
  return c(p, st, sys, rest);
}

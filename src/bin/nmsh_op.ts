// One operation by a thread of the data plane: its page filled, the thread started, its answer told. Everything that the
// kernel does and everything that a program stores goes this way, so that each access can be stepped.

import * as L from '../../wasm/layout.ts';
import type { Json, Proc } from '../sh/proc.ts';
import { boundRings, snapshot } from './nmsh_rings.ts';
import { changes } from './nmsh_show.ts';
import { type NmshState, type Op, type Outcome, type Running, bad, fdOf, good } from './nmsh_state.ts';
import type { Sys } from './sys.ts';

/** Bytes that an operation can carry. */
export const DATA_MAX = L.TARG_SIZE - L.TARG_FRAME;

export const ERRNO_TEXT: Record<number, string> = {
  1: 'Operation not permitted',
  4: 'Interrupted system call',
  6: 'Device not configured',
  9: 'Bad file descriptor',
  12: 'Cannot allocate memory',
  16: 'Device busy',
  22: 'Invalid argument',
  25: 'Inappropriate ioctl for device',
};
const EINTR = 4;
const WHY: Record<number, string> = {
  6: 'the descriptor is not registered, or its port has left netmap mode',
  16: 'somebody else is in a sync of this ring, or it is stopped; the rings after it were left',
};

/** A store: what it says, and the words of its page. */
export function store(
  fd: number,
  op: number,
  say: string,
  page: Record<string, number>,
  text: string,
  result: Json,
  data: number[] = [],
): Op {
  return { op, fd, say, page, data, before: [], text, result };
}

/** A system call on a descriptor: the rings that it is bound to are looked at before and after. */
export function call(st: NmshState, sys: Sys, fd: number, op: number, say: string, page: Record<string, number>): Op {
  return { op, fd, say, page, data: [], before: rings(st, sys, fd, op), text: '', result: null };
}
function rings(st: NmshState, sys: Sys, num: number, op: number) {
  const fd = fdOf(st, num);
  if (!fd) return [];
  const ways = op === L.NMSH_OP_TXSYNC ? [true] : op === L.NMSH_OP_RXSYNC ? [false] : [true, false];
  return snapshot(
    sys,
    ways.flatMap((tx) => boundRings(st, sys, fd, tx)),
  );
}

/** pthread_create; undefined when the kernel has no thread left. */
export function start(p: Proc, st: NmshState, sys: Sys, op: Op): Running | undefined {
  const fd = fdOf(st, op.fd);
  if (!fd?.desc) return undefined;
  const { m } = sys;
  const h = sys.startThread(p, fd.id, L.OP_NMSH, (targ) => {
    m.st32(targ + L.NMSH_OP, op.op);
    for (const [k, v] of Object.entries(op.page)) {
      const at = targ + Number(k);
      if (Number(k) === L.NMSH_TIMEOUT) m.st64(at, v);
      else m.st32(at, v);
    }
    op.data.forEach((b, i) => {
      m.st8(targ + L.TARG_FRAME + i, b);
    });
  });
  if (!h) return undefined;
  fd.krTx = m.ld32(h.td + L.TD_TX);
  fd.krRx = m.ld32(h.td + L.TD_RX);
  fd.ntx = m.ld32(h.td + L.TD_NTX);
  fd.nrx = m.ld32(h.td + L.TD_NRX);
  return { t: 'op', op, h, cancelled: false };
}

/** A signal came while it runs: poll comes back with EINTR, anything else ends by itself. */
export function cancel(sys: Sys, r: Running & { t: 'op' }) {
  if (r.cancelled || sys.threadDone(r.h)) return;
  r.cancelled = true;
  Atomics.store(sys.m.u32, (r.h.targ + L.TARG_CANCEL) >>> 2, 1);
  sys.poke(r.h);
}

/** The thread is done: its answer, and what changed. */
export function finish(p: Proc, st: NmshState, sys: Sys, r: Running & { t: 'op' }): Outcome {
  const { m } = sys,
    { op } = r,
    errno = m.ld32(r.h.targ + L.NMSH_ERRNO),
    revents = m.ld32(r.h.targ + L.NMSH_REVENTS);
  sys.endThread(p, r.h);
  if (op.op === L.NMSH_OP_NONE) return opened(st, op);
  if (op.op > L.NMSH_OP_POLL) return good(op.text, op.result);
  const poll = op.op === L.NMSH_OP_POLL,
    after = rings(st, sys, op.fd, op.op),
    seen = changes(op.before, after);
  st.last = { errno, revents: poll ? revents : 0, ok: errno ? 0 : 1 };
  const result: Json = { rings: seen.json, ...(poll ? { revents, events: names(revents) } : {}) };
  if (errno) {
    const why = WHY[errno];
    return {
      ...bad(`${ERRNO_TEXT[errno] ?? `Unknown error: ${errno}`}${!poll && why ? `; ${why}` : ''}`, errno, result),
      text: errno === EINTR ? '' : seen.text,
    };
  }
  const answer = poll ? (revents ? `1 (${names(revents).join('|')})` : '0 (the time is over)') : '0';
  return good(`${op.say}: ${answer}\n${seen.text}${repaired(seen.reinit, poll, op.before, after)}`, result);
}
const names = (revents: number) =>
  (
    [
      ['POLLIN', L.POLLIN],
      ['POLLOUT', L.POLLOUT],
      ['POLLERR', L.POLLERR],
    ] as const
  ).flatMap(([k, b]) => (revents & b ? [k] : []));

/** Whether a prologue takes these indices (facts netmap 2.2, 2.3): cur behind head, both in what the program owns. */
function accepted(r: Op['before'][number] | undefined): boolean {
  const kr = r?.kr;
  if (!r || !kr) return false;
  const tx = r.ring.includes('TX'),
    [from, to] = tx ? [kr.rhead, kr.rtail] : [kr.nr_hwcur, kr.nr_hwtail],
    within = (i: number, a: number) => i < kr.num_slots && (to >= a ? i >= a && i <= to : i >= a || i <= to);
  return within(r.head, from) && within(r.cur, r.head);
}

/** netmap_ring_reinit ran: what the program could not know from the ioctl's answer. */
function repaired(which: string[], poll: boolean, before: Op['before'], after: Op['before']): string {
  return which
    .map((name) => {
      const was = before.find((x) => x.ring === name),
        now = after.find((x) => x.ring === name),
        reset = was && now && (was.head !== now.head || was.cur !== now.cur);
      return `lab: ${accepted(was) ? `the port's own sync refused a slot of ${name}, its buffer or its length` : `the prologue refused head and cur of ${name}`}, and netmap_ring_reinit ran: ${
        reset
          ? 'an index was no slot, so the ring starts again at nr_hwcur'
          : "no index was out of the ring, so nothing was reset, and the kring took over the ring's words"
      }; ${poll ? 'poll says POLLERR' : 'the ioctl does not say so'}.\n`;
    })
    .join('');
}

/** open's last word, when the rings are known. */
function opened(st: NmshState, op: Op): Outcome {
  const fd = fdOf(st, op.fd);
  return fd ? good(op.text, op.result) : bad('Bad file descriptor', 9);
}

// poll and the sync ioctls of the lab against their model (facts netmap 2.6 to 2.8): ports of one and of several rings, also of
// unequal numbers, pipes that are full, honest and hostile indices, rings that somebody else has, ports not in netmap mode.

import { beforeAll, describe, expect, it } from 'vitest';
import { numbers } from './hostile.ts';
import * as L from '../wasm/layout.ts';
import { type Fd, POLLERR, POLLIN, POLLOUT } from './model/poll.ts';
import { type Both, type FdAt, PollBench, SLOTS } from './model/poll_machine.ts';
import type { Ring } from './model/ring.ts';

/** All slots with the backend, none free. */
const FULL: Partial<Ring> = { head: 7, cur: 7, tail: 7, rhead: 7, rcur: 7, rtail: 7, hwcur: 0, hwtail: 7 };
type Random = (n: number) => number;
let b: PollBench, fds: FdAt[], full: FdAt;
beforeAll(() => {
  b = new PollBench();
  fds = (
    [
      [1, 1],
      [2, 2],
      [4, 4],
      [3, 1],
      [1, 3],
      [2, 4],
      [4, 3],
    ] as const
  ).flatMap(([ntx, nrx], i) => b.vale(`vale${i}:p`, ntx, nrx));
  full = b.pipe('vale7:p');
});

/** How odd a ring is: a state of an orderly client, any indices of the ring, any words. */
type Oddity = 'honest' | 'loose' | 'hostile';

function state(r: Random, dir: 'tx' | 'rx', odd: Oddity): Ring {
  const n = SLOTS;
  if (odd === 'honest') {
    // hwcur <= rhead <= head <= cur <= rtail <= hwtail, in this order around the ring
    const steps = Array.from({ length: 6 }, () => r(n)).sort((x, y) => x - y),
      at = r(n),
      [hwcur = 0, rhead = 0, head = 0, cur = 0, rtail = 0, hwtail = 0] = steps.map((s) => (at + s) % n);
    return {
      n,
      hwcur: r(2) ? rhead : hwcur,
      rhead,
      rcur: rhead,
      head,
      cur: r(2) ? rtail : cur,
      rtail,
      hwtail: r(2) ? rtail : hwtail,
      tail: rtail,
    };
  }
  const s: Ring = { n, hwcur: r(n), hwtail: r(n), rhead: r(n), rcur: r(n), rtail: r(n), head: r(n), cur: r(n), tail: r(n) };
  if (r(2)) s.cur = s.head;
  if (r(2)) s.tail = s.rtail;
  if (r(3) === 0) s.cur = s.tail;
  if (odd === 'loose') return s;
  const word = () => [n, n + 1, 0xffffffff, 0x80000000, r(n), r(n)][r(6)] ?? 0;
  for (const f of ['head', 'cur', 'tail'] as const) if (r(2)) s[f] = word();
  if (dir === 'tx' && r(8) === 0) s[(['hwcur', 'hwtail', 'rhead', 'rtail'] as const)[r(4)] ?? 'rhead'] = word();
  if (r(4) === 0) s.cur = s.tail;
  return s;
}
function put(r: Random, f: FdAt, odd: readonly Oddity[], taken: boolean) {
  const p = f.port,
    one = (x: Both, dir: 'tx' | 'rx', kind: Oddity) => {
      Object.assign(x.k.r, state(r, dir, kind));
      x.busy = taken && r(4) === 0;
      x.stopped = taken && r(6) === 0;
    };
  for (const dir of ['tx', 'rx'] as const) for (const x of p[dir]) one(x, dir, odd[r(odd.length)] ?? 'honest');
  if (p.peer) {
    one(p.peer.tx, 'tx', 'loose');
    one(p.peer.rx, 'rx', 'loose');
    p.peer.tx.busy = p.peer.tx.stopped = p.peer.rx.busy = p.peer.rx.stopped = false;
  }
}
const shown = (f: FdAt) =>
  JSON.stringify({ first: f.first, ntx: f.fd.ntx, nrx: f.fd.nrx, tx: f.port.tx.map((x) => x.k.r), rx: f.port.rx.map((x) => x.k.r) });

const CASES = 4000;
const WANTS = [0, POLLIN, POLLOUT, POLLIN | POLLOUT];
interface Kind {
  seed: number;
  which: FdAt[];
  odd: readonly Oddity[];
  taken?: boolean;
  over?: Partial<Fd>;
}

/** Random polls until one differs; how often each thing was seen. */
function polls({ seed, which, odd, taken = false, over = {} }: Kind) {
  const r = numbers(seed),
    seen = { atOnce: 0, nothing: 0, error: 0, txSleeps: 0, rxSleeps: 0, beyond: 0, txAgain: 0, global: 0 };
  for (let i = 0; i < CASES; i++) {
    const f = which[r(which.length)] as FdAt;
    put(r, f, odd, taken);
    const before = shown(f),
      want = WANTS[r(4)] ?? 0,
      txPoll = r(3) > 0;
    const { said, diff } = b.poll(f, want, { txPoll, ...over });
    if (diff.length) expect(diff, `case ${i}, want ${want}, txPoll ${txPoll}, before ${before}`).toEqual([]);
    const sleeps = (dir: 'tx' | 'rx') => said.selrecord.some((s) => s.dir === dir);
    if (said.revents && said.txSynced.length + said.rxSynced.length === 0) seen.atOnce++;
    if (said.revents === 0) seen.nothing++;
    if (said.revents & POLLERR) seen.error++;
    if (sleeps('tx')) seen.txSleeps++;
    if (sleeps('rx')) seen.rxSleeps++;
    if (said.beyond.length) seen.beyond++;
    if (new Set(said.txSynced).size < said.txSynced.length) seen.txAgain++;
    if (said.selrecord.some((s) => s.queue === 'global')) seen.global++;
  }
  return seen;
}
const ALL: Oddity[] = ['honest', 'loose', 'hostile'];

describe('poll', () => {
  it('orderly clients, rings of every number', () => {
    const seen = polls({ seed: 1, which: fds, odd: ['honest'] });
    expect(Math.min(seen.atOnce, seen.nothing, seen.txSleeps, seen.rxSleeps, seen.global)).toBeGreaterThan(10);
    expect(seen.error).toBe(0);
  });
  it('some of the rings with somebody else, or stopped', () => {
    const seen = polls({ seed: 2, which: fds, odd: ['honest'], taken: true });
    expect(Math.min(seen.nothing, seen.txSleeps, seen.rxSleeps)).toBeGreaterThan(30);
  });
  it('any indices below n', () => {
    const seen = polls({ seed: 3, which: fds, odd: ['loose'], taken: true });
    expect(Math.min(seen.error, seen.txSleeps, seen.rxSleeps)).toBeGreaterThan(30);
    expect(seen.txAgain).toBeGreaterThan(3);
  });
  it('any words', () => {
    const seen = polls({ seed: 4, which: fds, odd: ALL, taken: true });
    expect(Math.min(seen.error, seen.txSleeps, seen.rxSleeps, seen.beyond)).toBeGreaterThan(30);
    expect(seen.txAgain).toBeGreaterThan(3);
  });
  it('more RX than TX rings: the TX pass goes on into the host’s ring, and in the lab no further', () => {
    const seen = polls({ seed: 5, which: fds.filter((f) => f.fd.nrx > f.fd.ntx), odd: ['honest', 'loose'] });
    expect(seen.beyond).toBeGreaterThan(300);
  });
  it('fewer RX than TX rings: the TX pass misses the last ones', () => {
    const f = fds.find((x) => x.fd.ntx === 4 && x.fd.nrx === 3) as FdAt;
    polls({ seed: 6, which: [f], odd: ALL });
    put(numbers(1), f, ['honest'], false);
    for (const x of f.port.tx) Object.assign(x.k.r, FULL);
    expect(b.poll(f, POLLOUT).said).toMatchObject({ revents: POLLOUT, txSynced: [0, 1, 2] });
    const last = b.w.m.ld64((f.port.tx[3] as Both).kr + L.KR_STAT_SYNC);
    expect(last).toBe(0);
  });
  it('one TX ring alone with a wrong bound: ONE_NIC of a port with more RX than TX rings visits TX rings that are not its own', () => {
    const f = fds.find((x) => x.port.rx.length === 4 && x.port.tx.length === 2 && x.fd.nrx === 1 && x.first.rx === 2) as FdAt;
    put(numbers(1), f, ['honest'], false);
    for (const x of f.port.tx) Object.assign(x.k.r, FULL);
    const { said, diff } = b.poll(f, POLLOUT);
    expect([said.txSynced, said.beyond, diff], 'ring 1 is the host’s').toEqual([[0, 1], [2], []]);
  });
  it('an end of a pipe: the other end is full, or not', () => {
    const seen = polls({ seed: 7, which: [full], odd: ALL, taken: true });
    expect(Math.min(seen.error, seen.txSleeps, seen.rxSleeps, seen.txAgain)).toBeGreaterThan(30);
  });
  it('a port that is not in netmap mode, a descriptor that is not registered', () => {
    for (const over of [{ on: false }, { registered: false }])
      expect(polls({ seed: 8, which: [...fds, full], odd: ALL, taken: true, over }).error).toBe(CASES);
  });

  const RX_ERROR = { head: 7, cur: 7, hwcur: 0, hwtail: 3, rhead: 0, rcur: 0, rtail: 7, tail: 7 };
  it('a failed prologue of an RX ring: POLLERR, and its nm_sync all the same', () => {
    const f = fds[0] as FdAt;
    put(numbers(1), f, ['honest'], false);
    Object.assign((f.port.rx[0] as Both).k.r, RX_ERROR);
    const { said, diff } = b.poll(f, POLLIN);
    expect([said.revents & POLLERR, said.rxSynced[0], diff]).toEqual([POLLERR, 0, []]);
  });
  // 2.7, steps 5 and 6: after an error too, when nothing was found, the caller is recorded and the pass repeated.
  it('an error in either direction does not end the search for packets: recorded, and a second RX pass', () => {
    const f = fds[0] as FdAt;
    put(numbers(1), f, ['honest'], false);
    Object.assign((f.port.rx[0] as Both).k.r, { ...RX_ERROR, cur: 3, rtail: 3, tail: 3 });
    expect(b.poll(f, POLLIN).diff).toEqual([]);
  });
});

describe('the sync ioctls', () => {
  function ioctls({ seed, which, odd, taken = false, over = {} }: Kind) {
    const r = numbers(seed),
      seen = { ok: 0, EBUSY: 0, ENXIO: 0, reinit: 0, partly: 0 };
    for (let i = 0; i < CASES; i++) {
      const f = which[r(which.length)] as FdAt,
        dir = r(2) ? 'tx' : 'rx';
      put(r, f, odd, taken);
      const before = shown(f),
        { said, diff } = b.ioctl(f, dir, over);
      if (diff.length) expect(diff, `case ${i}, ${dir}, before ${before}`).toEqual([]);
      seen[said.result === 0 ? 'ok' : said.result]++;
      if (said.reinit.length) seen.reinit++;
      if (said.result === 'EBUSY' && said.synced.length) seen.partly++;
    }
    return seen;
  }
  it('orderly clients', () => {
    expect(ioctls({ seed: 11, which: [...fds, full], odd: ['honest'] })).toMatchObject({ ok: CASES, reinit: 0 });
  });
  it('rings that somebody else has, or that are stopped: EBUSY, those before it done, those after it not', () => {
    const seen = ioctls({ seed: 12, which: [...fds, full], odd: ['honest', 'loose'], taken: true });
    expect(Math.min(seen.ok, seen.EBUSY, seen.partly, seen.reinit)).toBeGreaterThan(100);
  });
  it('any words', () => {
    const seen = ioctls({ seed: 13, which: [...fds, full], odd: ALL, taken: true });
    expect(Math.min(seen.ok, seen.EBUSY, seen.partly, seen.reinit)).toBeGreaterThan(100);
  });
  it('ENXIO when the port is not in netmap mode, or the descriptor not registered', () => {
    for (const over of [{ on: false }, { registered: false }])
      expect(ioctls({ seed: 14, which: [...fds, full], odd: ALL, taken: true, over }).ENXIO).toBe(CASES);
  });
});

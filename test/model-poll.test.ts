// poll and the sync ioctls of 2015 as modelled from facts netmap 2.6 and 2.7: worked cases, properties over random rings, and
// what of it can be seen on the lab's machine: how often a receiver and a sender sync, and how a ring stands after it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { type Fd, type Kring, NAF_FORCE_RECLAIM, poll2015, POLLERR, POLLIN, POLLOUT, ringEmpty, syncIoctl2015 } from './model/poll.ts';
import { RingAt } from './model/plane.ts';
import { newRing, prev, type Ring } from './model/ring.ts';
import { freshLab, run } from './typed.ts';

const N = 8;
/** A sender's ring whose backend takes everything at once, as VALE does. */
const txRing = (over: Partial<Ring> = {}, taken = false): Kring => ({
  r: { ...newRing(N, 'tx'), ...over },
  taken,
  sync(r) {
    r.hwcur = r.rhead;
    r.hwtail = prev(r.n, r.hwcur);
    return true;
  },
});
/** One whose backend takes nothing: a pipe whose other end is full. */
const stuck = (over: Partial<Ring> = {}): Kring => ({ ...txRing(over), sync: () => true });
/** A receiver's ring; `arrives`: packets that the next syncs find, one after the other. */
const rxRing = (over: Partial<Ring> = {}, arrives: number[] = [], taken = false): Kring => ({
  r: { ...newRing(N, 'rx'), ...over },
  taken,
  sync(r) {
    r.hwcur = r.rhead;
    r.hwtail = (r.hwtail + (arrives.shift() ?? 0)) % r.n;
    return true;
  },
});
const fdOf = (tx: Kring[], rx: Kring[], over: Partial<Fd> = {}): Fd => ({
  registered: true,
  on: true,
  tx: { rings: tx, first: 0, last: tx.length },
  rx: { rings: rx, first: 0, last: rx.length },
  txPoll: true,
  ...over,
});
/** All slots with the backend, none free. */
const FULL: Partial<Ring> = { head: 7, cur: 7, tail: 7, rhead: 7, rcur: 7, rtail: 7, hwcur: 0, hwtail: 7 };

describe('poll', () => {
  it('without a registration, or a port in netmap mode: POLLERR', () => {
    expect(poll2015(POLLIN | POLLOUT, fdOf([txRing()], [rxRing()], { registered: false })).revents).toBe(POLLERR);
    expect(poll2015(0, fdOf([txRing()], [rxRing()], { on: false })).revents).toBe(POLLERR);
  });
  it('a receiver with packets unread is answered without a sync; what it released is not returned', () => {
    const r = rxRing({ hwtail: 5, rtail: 5, tail: 5, head: 3, cur: 3 });
    expect(poll2015(POLLIN, fdOf([txRing()], [r]))).toMatchObject({ revents: POLLIN, rxSynced: [], selrecord: [] });
    expect(r.r.hwcur).toBe(0);
  });
  it('one non-empty ring is enough, and the others are not looked at', () => {
    const rings = [rxRing(), rxRing({ hwtail: 2, rtail: 2, tail: 2 }), rxRing({}, [3])];
    expect(poll2015(POLLIN, fdOf([txRing()], rings))).toMatchObject({ revents: POLLIN, rxSynced: [] });
  });
  it('a receiver with nothing: sync, record, sync once more', () => {
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing()]))).toMatchObject({
      revents: 0,
      rxSynced: [0, 0],
      selrecord: [{ dir: 'rx', queue: 'ring' }],
    });
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing({}, [0, 2])])), 'what came between').toMatchObject({
      revents: POLLIN,
      rxSynced: [0, 0],
    });
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing({}, [1])]))).toMatchObject({ revents: POLLIN, rxSynced: [0], selrecord: [] });
    expect(poll2015(POLLIN, fdOf([txRing(), txRing()], [rxRing(), rxRing()])).selrecord).toEqual([{ dir: 'rx', queue: 'global' }]);
  });
  it('a poll for packets pushes what is to be sent, unless NO_TX_POLL', () => {
    const sending = () => txRing({ head: 2, cur: 2 });
    expect(poll2015(POLLIN, fdOf([sending()], [rxRing()])).txSynced).toEqual([0]);
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing()])).txSynced, 'nothing to push').toEqual([]);
    expect(poll2015(POLLIN, fdOf([sending()], [rxRing()], { txPoll: false })).txSynced).toEqual([]);
    expect(poll2015(POLLIN | POLLOUT, fdOf([sending()], [rxRing()], { txPoll: false })).txSynced, 'there is space: the shortcut').toEqual(
      [],
    );
  });
  it('a sender that is stuck is recorded, and looked at once more', () => {
    expect(poll2015(POLLOUT, fdOf([stuck(FULL)], [rxRing()]))).toMatchObject({
      revents: 0,
      txSynced: [0, 0],
      selrecord: [{ dir: 'tx', queue: 'ring' }],
      rxSynced: [],
    });
  });
  it('the first TX ring with space ends the search: the others are synced only if they have something to push', () => {
    const rings = [stuck(FULL), txRing(FULL), stuck({ ...FULL, hwcur: 7, hwtail: 7 }), txRing(FULL)],
      rx = rings.map(() => rxRing());
    expect(poll2015(POLLOUT, fdOf(rings, rx))).toMatchObject({ revents: POLLOUT, txSynced: [0, 1, 3], selrecord: [] });
  });
  it('the TX loop ends where the RX rings end', () => {
    const full = () => stuck(FULL);
    expect(poll2015(POLLOUT, fdOf([full(), full(), txRing(FULL)], [rxRing()])), 'ring 2 is never looked at').toMatchObject({
      revents: 0,
      txSynced: [0, 0],
    });
    expect(poll2015(POLLOUT, fdOf([full()], [rxRing(), rxRing(), rxRing()])).beyond).toEqual([1, 2, 1, 2]);
  });
  it('bad indices: re-initialised and POLLERR; TX is not synced, RX is', () => {
    const bad = { head: 99, cur: 99 };
    expect(poll2015(POLLOUT, fdOf([txRing({ ...bad, tail: 99 })], [rxRing()]))).toMatchObject({
      txSynced: [],
      reinit: [{ dir: 'tx', ring: 0 }],
      revents: POLLERR | POLLOUT,
    });
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing({ ...bad, tail: 99 })]))).toMatchObject({
      rxSynced: [0, 0],
      reinit: [{ dir: 'rx', ring: 0 }],
      revents: POLLERR,
    });
  });
  it('a ring that somebody else has is passed over', () => {
    expect(poll2015(POLLIN, fdOf([txRing()], [rxRing({}, [3], true)]))).toMatchObject({ revents: 0, rxSynced: [] });
  });

  const index = fc.nat(N - 1);
  const ring = (dir: 'tx' | 'rx') =>
    fc
      .record({
        words: fc.record({ head: fc.nat(N), hwcur: index, hwtail: index, rhead: index, rtail: index }),
        more: index,
        taken: fc.boolean(),
      })
      .map(({ words, more, taken }): Kring => {
        const over = { ...words, cur: words.head, tail: words.rtail, rcur: words.rhead };
        return dir === 'tx' ? txRing(over, taken) : rxRing(over, [more % 3, more % 2], taken);
      });
  const rings = (dir: 'tx' | 'rx') => fc.array(ring(dir), { minLength: 1, maxLength: 4 });
  it('properties', () => {
    fc.assert(
      fc.property(rings('tx'), rings('rx'), fc.constantFrom(1, 4, 5), fc.boolean(), (tx, rx, want, txPoll) => {
        const fd = fdOf(tx, rx, { txPoll }),
          empty = (k: Kring[]) => k.every((x) => ringEmpty(x.r)),
          before = { tx: empty(tx), rx: empty(rx) };
        const p = poll2015(want, fd);
        expect(p.revents & ~(want | POLLERR), 'nothing that was not asked').toBe(0);
        if (want & POLLIN && !before.rx) expect([p.revents & POLLIN, p.rxSynced]).toEqual([POLLIN, []]);
        if (want & POLLOUT && !before.tx) expect(p.revents & POLLOUT).toBe(POLLOUT);
        if (!(want & POLLIN)) expect(p.rxSynced).toEqual([]);
        if ((want & POLLOUT) === 0 && !txPoll) expect(p.txSynced).toEqual([]);
        // nobody sleeps unrecorded
        if (want & POLLIN && !(p.revents & POLLIN)) expect(p.selrecord.map((s) => s.dir)).toContain('rx');
        if (want & POLLOUT && !(p.revents & POLLOUT)) expect(p.selrecord.map((s) => s.dir)).toContain('tx');
        expect((p.revents & POLLERR) !== 0).toBe(p.reinit.length > 0);
        expect(p.txSynced.every((i) => i < Math.min(tx.length, rx.length) && !tx[i]?.taken)).toBe(true);
      }),
      { seed: 27, numRuns: 3000 },
    );
  });
});

describe('the sync ioctls', () => {
  it('ENXIO without a registration or a port in netmap mode', () => {
    for (const over of [{ registered: false }, { on: false }])
      for (const dir of ['tx', 'rx'] as const) expect(syncIoctl2015(dir, fdOf([txRing()], [rxRing()], over)).result).toBe('ENXIO');
  });
  it('EBUSY at a ring that is taken; those before it are done, those after it are not', () => {
    expect(syncIoctl2015('tx', fdOf([txRing(), txRing({}, true), txRing()], [rxRing()]))).toEqual({
      result: 'EBUSY',
      synced: [0],
      reinit: [],
    });
    expect(syncIoctl2015('rx', fdOf([txRing()], [rxRing({}, [], true), rxRing()]))).toEqual({ result: 'EBUSY', synced: [], reinit: [] });
  });
  it('bad indices: re-initialised, no sync, and nothing is said', () => {
    expect(syncIoctl2015('rx', fdOf([txRing()], [rxRing({ head: 99 }), rxRing()]))).toEqual({ result: 0, synced: [1], reinit: [0] });
  });
  it('an error of nm_sync: not finalized, nothing is said', () => {
    const k: Kring = {
      ...txRing({ head: 3, cur: 3 }),
      sync(r, flags) {
        r.hwtail = flags === NAF_FORCE_RECLAIM ? 5 : 6;
        return false;
      },
    };
    expect(syncIoctl2015('tx', fdOf([k], [rxRing()])).result).toBe(0);
    expect([k.r.hwtail, k.r.rtail, k.r.tail]).toEqual([5, 7, 7]);
  });
});

describe('on the machine', () => {
  /** A receiver that reads one packet a turn of `waiting` packets: how often its ring was synced. */
  function syncsOf(waiting: number) {
    const w = freshLab(32, 1),
      fd = w.host.netmap.open(1, 'vale0:rx');
    if (typeof fd === 'string') throw new Error(fd);
    expect(run(w, 'ttyv0', `pkt-gen -i vale0:tx -f tx -n ${waiting} -w 0`).text).toContain(`Sent ${waiting} packets`);
    expect(w.m.ld64(fd.rx + L.KR_STAT_SYNC), 'nobody read').toBe(0);
    expect(run(w, 'ttyv0', 'pkt-gen -i vale0:rx -f rx -W -b 1 -w 0').text).toContain(`Received ${waiting} packets`);
    return w.m.ld64(fd.rx + L.KR_STAT_SYNC);
  }
  it('a receiver that does not empty its ring never runs rxsync', () => {
    const one = syncsOf(1);
    expect(one).toBeGreaterThan(0);
    expect([syncsOf(2), syncsOf(9), syncsOf(31)]).toEqual([one, one, one]);
  });
  it('after every sync: rtail and the ring’s tail are hwtail', () => {
    const w = freshLab(16, 1),
      fds = ['vale0:a', 'vale0:b'].map((name) => w.host.netmap.open(1, name));
    for (const count of [1, 3, 40, 100]) {
      run(w, 'ttyv0', `pkt-gen -i vale0:a -f tx -n ${count} -w 0`);
      run(w, 'ttyv0', 'pkt-gen -i vale0:b -f rx -W -w 0');
      for (const fd of fds) {
        if (typeof fd === 'string') throw new Error(fd);
        for (const kr of [fd.tx, fd.rx]) {
          const r = new RingAt(w.m, kr).words();
          if (w.m.ld64(kr + L.KR_STAT_SYNC)) expect([r.rtail, r.tail]).toEqual([r.hwtail, r.hwtail]);
        }
      }
    }
  });
});

// Lost wake-ups of the classic path: every interleaving of the threads from a parked moment. Time stands still in the explorer
// and sleeps have no bound, so a wake-up that is lost once is a state in which everybody sleeps and work is left.

import { expect, test } from 'vitest';
import { NO_FD } from '../src/bin/sys.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { explore, notState } from './explorer.ts';
import { begin, freshLab, pass, run, until } from './typed.ts';

/** labtap's thread on an open tap, at its boundary. */
function tapThread(w: World, sc: number, mode: number, count: number) {
  const p = w.host.os.spawn('sh', ['test'], 'ttyv0', 1);
  w.host.os.pause(p);
  const h = w.host.startThread(p, NO_FD, L.OP_LABTAP, (a) => {
    w.m.st32(a + L.LT_TAP, sc);
    w.m.st32(a + L.LT_MODE, mode);
    w.m.st32(a + L.LT_COUNT, count);
    w.m.st32(a + L.LT_LEN, 60);
    for (let i = 0; i < 6; i++) w.m.st8(a + L.LT_FRAME + i, 255);
  });
  if (!h) throw new Error('no thread');
  return h;
}
/** Statistics and times: not part of a state. */
const ignored = (w: World, targ: number): [number, number][] => [
  ...notState(w),
  [w.host.ifs.stack + L.NST_STAT_ARP_RX, w.host.ifs.stack + L.NST_ISRQ],
  [targ + L.LT_TIC, targ + L.LT_TOC + 8],
  ...w.tree.host.ifs.filter((i) => i.addr).map((i): [number, number] => [i.addr + L.IF_STAT_IPACKETS, i.addr + L.IF_NAME]),
  ...w.tree.host.threads.map((t): [number, number] => [t.td + L.TD_DEADLINE, t.td + L.TD_AS]),
  ...w.tree.host.threads.filter((t) => t.targ !== targ).map((t): [number, number] => [t.targ + L.TARG_COUNT, t.targ + L.TARG_LEN]),
];
/** Locks: zero again whenever nobody is inside. */
const words = (w: World) => [w.host.ifs.stack + L.NST_LOCK, w.host.ifs.mbufs.pool + L.MBP_LOCK];
function open(tso: number) {
  const w = freshLab(8, 2);
  run(w, 'ttyv0', 'sysctl kern.ipc.nmbclusters=128 net.link.ifqmaxlen=1 net.link.tap.up_on_open=1 dev.netmap.generic_ringsize=64');
  run(w, 'ttyv0', 'sysctl dev.netmap.buf_num=300 dev.netmap.ring_num=8 dev.netmap.if_num=10; ifconfig tap create');
  const sc = w.host.taps.open('tap0', 1);
  if (typeof sc !== 'number') throw new Error('no tap');
  w.m.st32(L.MACHINE + L.M_TSO, tso);
  return { w, sc };
}

test.each([0, 2])(
  'netisr: whatever a program writes into a tap is taken from the queue (store buffers of %i)',
  { timeout: 60_000 },
  (tso) => {
    const { w, sc } = open(tso);
    pass(w, 0.001);
    const h = tapThread(w, sc, L.LTM_TX, 2);
    const v = explore(w, {
      ignore: ignored(w, h.targ),
      judge: () =>
        w.m.ld32(w.host.ifs.stack + L.NST_ISRQ + L.MQ_LEN) || w.host.ifs.mbufs.used || !w.host.threadDone(h)
          ? 'a packet is left in the queue'
          : undefined,
      limit: 1_000_000,
      also: words(w),
    });
    expect(v.trace).toEqual([]);
    expect(v).toMatchObject({ bad: 0, complete: true });
    expect(v.terminal).toBeGreaterThan(0);
    expect(v.states).toBeGreaterThan(300);
  },
);

test('an emulated port: the event mbuf always brings its sender back', { timeout: 120_000 }, () => {
  const { w, sc } = open(0);
  begin(w, 'ttyv1', 'pkt-gen -i netmap:tap0 -f tx -w 0');
  until(w, () => w.m.ld32(sc + L.TAP_Q + L.MQ_LEN) === 1);
  pass(w, 0.01); // its ring is full, it sleeps in poll
  const h = tapThread(w, sc, L.LTM_RX, 2);
  const v = explore(w, {
    ignore: ignored(w, h.targ),
    judge: () =>
      w.m.ld64(h.targ + L.LT_READ) === 2 ? undefined : `everyone sleeps; ${w.m.ld64(h.targ + L.LT_READ)} of 2 frames were read`,
    limit: 2_000_000,
    also: words(w),
  });
  expect(v.trace).toEqual([]);
  expect(v).toMatchObject({ bad: 0, complete: true });
  expect(v.terminal).toBeGreaterThan(0);
});

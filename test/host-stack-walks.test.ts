// The classic path under seeded random schedules with store buffers: traffic over taps, bridge, em0, emulated ports and host rings
// while interfaces go down, members leave, ports close. And clients that write nonsense into their rings. Whatever the order:
// no slot touched by who does not own it, no thread stuck, and when all is closed every mbuf and every page is back.

import { expect, test } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Client, Honest, attack, numbers, planeOf } from './hostile.ts';
import { freshLab, pass, run, until } from './typed.ts';

const PROMPTS = (w: World) => w.tree.host.os.ttys.every((t) => /# $/.test(t.out)) && w.tree.host.os.procs.every((p) => p.prog === 'sh');
const prng = (seed: number) => {
  let s = seed >>> 0;
  return (n: number) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return (s >>> 8) % n;
  };
};
const LINES: [string, string][] = [
  ['ttyv0', 'ping -c 20 -i 0.00005 -W 1 -q 10.1.0.2\r'],
  ['ttyv0', 'ping -c 20 -i 0.00005 -W 1 -q 10.0.0.2\r'],
  ['ttyv0', '\x03'],
  ['ttyv1', 'labtap -q tap1\r'],
  ['ttyv1', 'labtap -f answer -s 10.1.0.2 tap1\r'],
  ['ttyv1', 'pkt-gen -i netmap:tap1 -f rx -w 0\r'],
  ['ttyv1', '\x03'],
  ['ttyv2', 'pkt-gen -i netmap:tap0 -f tx -n 300 -w 0\r'],
  ['ttyv2', 'labtap -f tx -n 200 tap0\r'],
  ['ttyv2', "pkt-gen -i 'netmap:em0*' -f rx -w 0\r"],
  ['ttyv2', "pkt-gen -i 'netmap:em0^' -f tx -n 100 -w 0\r"],
  ['ttyv2', '\x03'],
  ['ttyv3', 'pkt-gen -i netmap:em0 -f tx -n 300 -w 0\r'],
  ['ttyv3', 'ifconfig bridge0 deletem tap1\r'],
  ['ttyv3', 'ifconfig bridge0 addm tap1\r'],
  ['ttyv3', 'ifconfig em0 down\r'],
  ['ttyv3', 'ifconfig em0 inet 10.0.0.1/24\r'],
  ['ttyv3', 'ifconfig tap1 destroy\r'],
  ['ttyv3', 'ifconfig tap1 create\r'],
  ['ttyv3', 'sysctl dev.netmap.fwd=1\r'],
  ['ttyv3', 'sysctl dev.netmap.fwd=0\r'],
  ['ttyv3', 'sysctl dev.lab.em.0.partner=loop\r'],
  ['ttyv3', 'sysctl dev.lab.em.0.partner=echo\r'],
  ['ttyv3', '\x03'],
];

function setUp(seed: number) {
  const w = freshLab(8, 4, seed);
  run(w, 'ttyv0', 'sysctl dev.netmap.buf_num=4096 dev.netmap.generic_ringsize=64 kern.ipc.nmbclusters=512 net.link.tap.up_on_open=1');
  run(w, 'ttyv0', 'ifconfig em0 inet 10.0.0.1/24; ifconfig tap create; ifconfig tap create');
  run(w, 'ttyv0', 'ifconfig bridge0 create addm tap0 addm tap1 inet 10.1.0.1/24');
  return w;
}
function stopAll(w: World) {
  w.m.st32(L.MACHINE + L.M_POLICY, L.POLICY_LVT);
  for (let i = 0; i < 8; i++) {
    for (const t of ['ttyv0', 'ttyv1', 'ttyv2', 'ttyv3']) w.type(t, '\x03');
    pass(w, 0.05);
  }
  until(w, () => PROMPTS(w));
  run(w, 'ttyv0', 'ifconfig em0 down; ifconfig tap0 destroy; ifconfig tap1 destroy; ifconfig bridge0 destroy');
  pass(w, 0.01);
}

test.each([1, 2, 3, 4, 5, 6])('random schedules and deeds (seed %i)', { timeout: 60_000 }, (seed) => {
  const w = setUp(seed),
    rnd = prng(seed * 77777),
    { m } = w;
  m.st32(L.MACHINE + L.M_POLICY, seed % 2 ? L.POLICY_RANDOM : L.POLICY_LVT);
  m.st32(L.MACHINE + L.M_TSO, seed % 3 ? 8 : 0);
  for (let i = 0; i < 150; i++) {
    const [tty, line] = LINES[rnd(LINES.length)] as [string, string];
    w.type(tty, line);
    w.advance(20 + rnd(3000), m.clock + 3e5);
  }
  stopAll(w);
  expect(m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  expect(w.host.ifs.mbufs.used).toBe(0);
  expect(w.tree.host.adapters).toEqual([]);
  const bare = freshLab(8, 4);
  run(bare, 'ttyv0', 'sysctl kern.ipc.nmbclusters=512; ifconfig em0 up');
  // the same as a lab that has only ever had em0 up, and the clock's thread, which has no page of its own
  const pages = (x: World) => x.m.ld32(L.MACHINE + L.M_FRAMES) - x.tree.host.tdPages.length;
  expect(pages(w)).toBe(pages(bare));
});

test('20000 states of hostile clients of em0, its host ring and a tap; honest ports of a switch go on', { timeout: 60_000 }, () => {
  const w = setUp(1),
    { m } = w,
    plane = planeOf(w),
    r = numbers(7);
  run(w, 'ttyv0', 'sysctl dev.lab.em.0.partner=loop');
  const open = (name: string) => {
    const fd = w.host.netmap.open(1, name);
    if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
    return fd;
  };
  const honest = new Honest(new Client(w, plane, open('vale0:a')), new Client(w, plane, open('vale0:b')));
  const evil = ['netmap:em0', 'netmap:em0^', 'netmap:em0*', 'netmap:tap0', 'netmap:tap0^'].map((n) => new Client(w, plane, open(n)));
  const { isr, clock } = w.tree.host.net,
    em = w.host.ifs.find('em0')?.block ?? 0,
    threads = [isr, clock, em].map((b) => [b, m.freeInstance(new Uint8Array(), b)] as const);
  let now = m.clock,
    moved = 0;
  for (let i = 0; i < 20_000; i++) {
    attack(evil[r(evil.length)] as Client, r, 4096);
    if (!r(500)) run(w, 'ttyv0', `sysctl dev.netmap.fwd=${r(2)}`);
    now += r(20_000);
    for (const [b, p] of threads) {
      m.st64(b + L.T_VTIME, now);
      m.setStatus(b, L.TS_READY);
      p.run_free(b, 1 + r(20));
    }
    if (i % 64) continue;
    const wrong = honest.exchange(1 + r(5));
    if (wrong) expect.fail(`round ${i}: ${wrong}`);
  }
  for (const c of evil) moved += [c.fd.tx, c.fd.rx].reduce((n, kr) => n + m.ld64(kr + L.KR_STAT_PACKETS), 0);
  expect(moved).toBeGreaterThan(10_000);
  for (const c of evil) expect(w.host.netmap.tryClose(c.fd)).toBe(true);
  for (let i = 0; i < 400; i++)
    for (const [b, p] of threads) {
      now += 100_000;
      m.st64(b + L.T_VTIME, now);
      m.setStatus(b, L.TS_READY);
      p.run_free(b, 50);
    }
  expect(w.host.ifs.mbufs.used).toBe(0);
  expect(w.tree.host.mems.some((e) => e.id === 1)).toBe(false);
});

// Oracle: bridge of 2015 (facts netmap 6.2, 1.3): which buffer indices move and which bytes are copied, its poll, its lines;
// and a file with two bridges that gives the same packets on both engines.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { arrived, listen, slots, udp } from './rings.ts';
import { answer, begin, finish, freshLab, pass, run, since, until } from './typed.ts';

let w: World;
beforeEach(() => {
  w = freshLab(64, 3);
});
/** Starts bridge at ttyv1. */
const bridge = (args: string) => {
  const m = begin(w, 'ttyv1', `bridge ${args}`);
  until(w, () => since(w, 'ttyv1', m).includes('Ready to go'));
  return m;
};
const stop = (m: number) => {
  w.type('ttyv1', '\x03');
  return answer(w, 'ttyv1', finish(w, 'ttyv1', m, 2).replace(/^\^C/m, ''));
};
const same = (x: unknown[], y: unknown[]) => {
  expect([...x].sort()).toEqual([...y].sort());
};

it('between two switches it copies', () => {
  const m = bridge('-i vale1:b -i vale2:b -w 0');
  expect(since(w, 'ttyv1', m)).toContain('------- zerocopy NOT supported');
  expect(since(w, 'ttyv1', m)).toMatch(/Ready to go, vale1:b 0x0\/1 <-> vale2:b 0x0\/1\.$/m);
  listen(w, 'vale2:l');
  const rx = slots(w, 'vale1:b', false).map((s) => s.buf),
    tx = slots(w, 'vale2:b', true).map((s) => s.buf);
  run(w, 'ttyv0', 'pkt-gen -i vale1:s -f tx -n 40 -R 40000 -l 99 -s 10.0.0.1:1-10.0.0.1:40');
  pass(w, 0.1);
  const got = arrived(w, 'vale2:l');
  expect(got.map((s) => udp(s.bytes).from)).toEqual(Array.from({ length: 40 }, (_, i) => `10.0.0.1:${i + 1}`));
  expect(got.every((s) => s.len === 99 && udp(s.bytes).udpOk)).toBe(true);
  expect(slots(w, 'vale1:b', false).map((s) => s.buf)).toEqual(rx);
  expect(slots(w, 'vale2:b', true).map((s) => s.buf)).toEqual(tx);
  const a = stop(m);
  expect([a.status, a.lab]).toEqual([0, ['lab: 40 packets from vale1:b to vale2:b, 0 back.']]);
  expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
});

describe('between two pipes of one parent', () => {
  const send = (n: number) => run(w, 'ttyv0', `pkt-gen -i 'vale3{1' -f tx -n ${n} -w 0 -s 10.0.0.1:1-10.0.0.1:${n}`);
  it('the very buffers move', () => {
    const m = bridge("-i 'vale3}1' -i 'vale3{2' -w 0");
    expect(since(w, 'ttyv1', m)).toContain('------- zerocopy supported');
    listen(w, 'vale3}2');
    listen(w, 'vale3{1'); // keeps the sender's rings
    const rings = () =>
      [
        ['vale3{1', true],
        ['vale3}1', false],
        ['vale3{2', true],
        ['vale3}2', false],
      ].map(([p, tx]) => slots(w, p as string, tx as boolean).map((s) => s.buf));
    const before = rings(),
      filled = before[0]?.slice(0, 20) ?? [];
    send(20);
    pass(w, 0.1);
    const got = arrived(w, 'vale3}2');
    expect(got.map((s) => udp(s.bytes).from)).toEqual(Array.from({ length: 20 }, (_, i) => `10.0.0.1:${i + 1}`));
    expect(got.map((s) => s.buf)).toEqual(filled); // in the buffers that the sender filled
    same(rings().flat(), before.flat());
    expect(got.every((s) => (s.flags & L.NS_BUF_CHANGED) !== 0)).toBe(true);
    for (const s of slots(w, 'vale3}1', false).slice(0, 20)) expect(s.flags & L.NS_BUF_CHANGED).toBe(L.NS_BUF_CHANGED);
    expect(stop(m).lab).toEqual(['lab: 20 packets from vale3}1 to vale3{2, 0 back.']);
  });
  it('-c copies all the same', () => {
    const m = bridge("-c -i 'vale3}1' -i 'vale3{2' -w 0");
    expect(since(w, 'ttyv1', m)).toContain('------- zerocopy NOT supported');
    listen(w, 'vale3}2');
    const mine = slots(w, 'vale3{2', true).map((s) => s.buf);
    send(20);
    pass(w, 0.1);
    expect(arrived(w, 'vale3}2').map((s) => s.buf)).toEqual(mine.slice(0, 20));
    expect(arrived(w, 'vale3}2').every((s) => udp(s.bytes).udpOk)).toBe(true);
    stop(m);
  });
  it('fragments stay fragments', () => {
    const m = bridge("-i 'vale3}1' -i 'vale3{2' -w 0");
    listen(w, 'vale3}2');
    run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f tx -n 3 -F 3 -l 90 -w 0");
    pass(w, 0.1);
    expect(arrived(w, 'vale3}2').map((s) => [s.len, s.flags & L.NS_MOREFRAG])).toEqual(
      Array.from({ length: 9 }, (_, i) => [30, i % 3 < 2 ? 32 : 0]),
    );
    stop(m);
  });
  it('nothing is lost while nobody takes it: the far pipe holds the near one back', () => {
    const m = bridge("-i 'vale3}1' -i 'vale3{2' -w 0 -b 7");
    listen(w, 'vale3}2');
    const s = begin(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f txseq -n 1000 -w 0");
    pass(w, 3);
    expect(arrived(w, 'vale3}2')).toHaveLength(63);
    w.host.netmap.close(w.tree.host.fds.find((f) => f.pid === 1) as never);
    const r = finish(w, 'ttyv2', begin(w, 'ttyv2', "pkt-gen -i 'vale3}2' -f rxseq -W -w 0"));
    expect(r).toContain('1000 received, 0 lost, 0 out of order, 0 with wrong content');
    finish(w, 'ttyv0', s);
    expect(stop(m).lab[0]).toContain('1000 packets');
  });
});

it('both ways at once', () => {
  const m = bridge('-i vale1:b -i vale2:b -w 0');
  listen(w, 'vale1:l');
  listen(w, 'vale2:l');
  run(w, 'ttyv0', 'pkt-gen -i vale1:s -f tx -n 10 -R 1000 & pkt-gen -i vale2:s -f tx -n 20 -R 1000; wait');
  pass(w, 0.1);
  expect([arrived(w, 'vale1:l').length, arrived(w, 'vale2:l').length]).toEqual([30, 30]);
  expect(stop(m).lab).toEqual(['lab: 10 packets from vale1:b to vale2:b, 20 back.']);
});

it('several rings: the first that have something and the first that have room', () => {
  const hold = begin(w, 'ttyv2', 'pkt-gen -i vale1:b -f tx -R 1 -C 64,64,3,3');
  until(w, () => since(w, 'ttyv2', hold).includes('Ready...'));
  const m = bridge('-i vale1:b -i vale2:b -w 0');
  listen(w, 'vale2:l');
  run(w, 'ttyv0', 'pkt-gen -i vale1:s -f tx -n 30 -C 64,64,3,3 -b 10');
  pass(w, 0.1);
  expect(arrived(w, 'vale2:l')).toHaveLength(30);
  stop(m);
});

it('-v: each poll, each move', () => {
  const m = bridge('-v -i vale1:b -i vale2:b -w 0');
  listen(w, 'vale2:l');
  run(w, 'ttyv0', 'pkt-gen -i vale1:s -f tx -n 5');
  pass(w, 0.1);
  const shown = since(w, 'ttyv1', m);
  expect(shown).toMatch(/poll ok \[0\] ev 1 1 rx 5@0 tx 63, \[1\] ev 1 0 rx 0@0 tx 63$/m); // POLLIN of both: packets at 0
  expect(shown).toMatch(/poll ok \[0\] ev 0 0 rx 5@0 tx 63, \[1\] ev 5 4 rx 0@0 tx 63$/m); // then room at 1
  expect(shown).toMatch(/process_rings \[\d+\] net->host sent 5 packets to 0x[0-9a-f]+$/m);
  stop(m);
});
it('a time-out is said every two and a half seconds', () => {
  const m = bridge('-i vale1:b -i vale2:b -w 0');
  pass(w, 7.6);
  expect(since(w, 'ttyv1', m).match(/poll timeout \[0\] ev 1 0 rx 0@0 tx 63, \[1\] ev 1 0 rx 0@0 tx 63$/gm)).toHaveLength(3);
  stop(m);
});
it('-L: a port to itself', () => {
  const m = bridge("-L -i 'vale3}1' -w 0");
  expect(since(w, 'ttyv1', m)).toContain('zerocopy supported');
  listen(w, 'vale3{1');
  run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f tx -n 9 -w 0");
  pass(w, 0.1);
  expect(arrived(w, 'vale3{1')).toHaveLength(9);
  stop(m);
});

it.each<[string, RegExp[], number]>([
  ['', [/missing interface/, /^usage: bridge /m], 1],
  ['-h', [/^usage: bridge /m], 1],
  ['-x', [/^bridge: illegal option -- x$/m, /bad option x/, /^usage: /m], 1],
  ['-i vale1:b -w 0', [/same interface, endpoint 0 goes to host/, /cannot open vale1:b\^$/m, /^lab: .*host rings/m], 1],
  ['-i netmap:em9 -i vale1:b', [/cannot open netmap:em9$/m, /^lab: no such interface here/m], 1],
  ['-i vale1:b -i netmap:em9', [/cannot open netmap:em9$/m], 1],
])('bridge %s', (args, lines, status) => {
  const a = run(w, 'ttyv1', `bridge ${args}`);
  for (const l of lines) expect(a.text).toMatch(l);
  expect(a.status).toBe(status);
  expect(w.tree.host.fds).toEqual([]);
  expect(w.tree.host.adapters).toEqual([]);
});
it('options that are out of range, a third port, a wait that is interrupted', () => {
  const m = begin(w, 'ttyv1', 'bridge -b 9000 -w 101 -i vale1:b -i vale2:b -i vale3:b');
  until(w, () => since(w, 'ttyv1', m).includes('Wait 4 secs for link to come up...'));
  const text = since(w, 'ttyv1', m);
  for (const l of ['invalid burst 9000, set to 1024', 'invalid wait_link 101, set to 4', 'vale3:b ignored, already have 2 interfaces'])
    expect(text).toContain(l);
  w.type('ttyv1', '\x03');
  expect(answer(w, 'ttyv1', finish(w, 'ttyv1', m, 2)).status).toBe(0);
  expect(w.tree.host.adapters).toEqual([]);
});

it('both engines: the same packets, in the same order, through two bridges, one of which copies', { timeout: 60_000 }, () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ringside-')), 'bridge.lab');
  writeFileSync(
    file,
    `host# bridge -i 'vale3}1' -i 'vale3{2' -w 0 &
host# bridge -i 'vale3}2' -i 'vale4{1' -w 0 &
host# pkt-gen -i 'vale4}1' -f rxseq -w 0 &
sleep 1
host# pkt-gen -i 'vale3{1' -f txseq -n 5000 -R 50000 -w 0
sleep 4
host# kill -INT %1
host# kill -INT %2
host# kill -INT %3
sleep 0.5
host# pkt-gen -i 'vale5}1' -f pong -w 0 &
sleep 1
host# pkt-gen -i 'vale5{1' -f ping -n 100 -w 0
host# pkt-gen -i vale6:1 -f tx -n 1000 -p 3 -C 64,64,3,3 -F 2
`,
  );
  const out = (engine: string) => {
    const r = spawnSync(process.execPath, [new URL('../bin/ringside.mjs', import.meta.url).pathname, 'run', file, '--engine', engine], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    return [...r.stdout.matchAll(/^(Sequence: .*|lab: \d+ packets from .*|Sent \d+ packets \d+ bytes|.*RTT over \d+ packets)/gm)].map((x) =>
      (x[1] ?? '').replace(/^.*RTT/, 'RTT'),
    );
  };
  const step = out('step');
  expect(step).toHaveLength(7);
  expect(step.filter((l) => l.startsWith('lab: 5000 packets from'))).toHaveLength(2);
  expect(step.join('\n')).toContain('5000 received, 0 lost, 0 out of order, 0 with wrong content');
  expect(step.join('\n')).toContain('RTT over 100 packets');
  expect(step.join('\n')).toContain('Sent 3000 packets 180000 bytes');
  expect(out('free').sort()).toEqual(step.sort());
});

// Oracle: ping and pong of pkt-gen of 2015 (facts netmap 6.1): sequence number at 42, seconds and nanoseconds at 46, in host
// order; a line a second and its buckets; frames that come back with their addresses exchanged.

import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { arrived, listen, udp } from './rings.ts';
import { END, answer, begin, boot, finish, freshLab, pass, run, since, until } from './typed.ts';

const A = '02:00:00:00:00:0a',
  B = '02:00:00:00:00:0b';
const TOTAL = /pinger_body \[\d+\] RTT over (\d+) packets: min (\d+) av (\d+) ns$/m;
const LINE =
  /pinger_body \[\d+\] count (\d+) RTT: min (\d+) av (\d+) ns\n\d{3}\.\d{6} pinger_body \[\d+\] k: (\d+) \.\. (\d+)\n\t((?: +\d+)+)$/gm;
const u32 = (b: number[], at: number) =>
  ((b[at] ?? 0) | ((b[at + 1] ?? 0) << 8) | ((b[at + 2] ?? 0) << 16) | ((b[at + 3] ?? 0) << 24)) >>> 0;
let w: World;
beforeEach(() => {
  w = freshLab(64, 3);
});
const ready = (tty: string, line: string) => {
  const m = begin(w, tty, line);
  until(w, () => since(w, tty, m).includes('Ready...'));
  return m;
};

it('what ping sends: number and time in host order, and nobody answers', () => {
  listen(w, 'vale3}1');
  const a = run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f ping -n 3 -w 0");
  expect(a.text).toContain('Working on vale3{1: 1 queues, 1 threads and 1 cpus.');
  expect(a.text.match(/pinger_body \[\d+\] poll error\/timeout on queue 0: /g)).toHaveLength(3); // it only says so, and sends again
  expect(a.text).toMatch(/RTT over 0 packets: min 0 av 0 ns$/m);
  expect(a.text).not.toMatch(/^(Sent|Received) /m);
  const got = arrived(w, 'vale3}1').map((s) => s.bytes);
  expect(got.map((b) => [b.length, u32(b, 42)])).toEqual([
    [60, 0],
    [60, 1],
    [60, 2],
  ]);
  const times = got.map((b) => u32(b, 46) + u32(b, 50) / 1e9);
  for (const b of got) expect(u32(b, 50)).toBeLessThan(1e9);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeCloseTo(3, 3); // poll waits three seconds
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeCloseTo(3, 3);
  expect(times[0]).toBeLessThan(0.1);
});

it('what pong sends back: Ethernet and IPv4 exchanged, nothing else', () => {
  const m = ready('ttyv1', "pkt-gen -i 'vale3}1' -f pong -w 0"),
    back = listen(w, 'vale3{1');
  expect(back.nrx).toBe(1);
  run(w, 'ttyv0', `pkt-gen -i 'vale3{1' -f tx -n 5 -w 0 -S ${A} -D ${B} -s 10.0.0.1:1-10.0.0.1:5 -l 77`);
  pass(w, 0.1);
  const got = arrived(w, 'vale3{1').map((s) => s.bytes);
  expect(got).toHaveLength(5);
  got.forEach((b, i) => {
    expect(b.slice(0, 12)).toEqual([2, 0, 0, 0, 0, 10, 2, 0, 0, 0, 0, 11]);
    expect(udp(b)).toEqual({ ipOk: true, udpOk: true, from: `10.1.0.1:${i + 1}`, to: '10.0.0.1:1234', length: 63 });
  });
  w.type('ttyv1', '\x03');
  const a = answer(w, 'ttyv1', finish(w, 'ttyv1', m, 2));
  expect([a.status, /^(Sent|Received) /m.test(a.text)]).toEqual([0, false]);
});

it('pong drops what does not fit into its ring', () => {
  const m = ready('ttyv1', "pkt-gen -i 'vale3}1' -f pong -w 0");
  listen(w, 'vale3{1');
  run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f tx -n 500 -w 0");
  pass(w, 0.5);
  expect(arrived(w, 'vale3{1')).toHaveLength(63); // what nobody takes stays in the pipe
  w.type('ttyv1', '\x03');
  finish(w, 'ttyv1', m, 2);
});

describe.each([
  ['a pipe', "'vale3{1'", "'vale3}1'", ''],
  ['a switch', 'vale4:1', 'vale4:2', `-S ${A}`],
])('over %s', (_, here, there, more) => {
  it('every answer is measured', () => {
    const m = ready('ttyv1', `pkt-gen -i ${there} -f pong -w 0`);
    const text = run(w, 'ttyv0', `pkt-gen -i ${here} -f ping -n 200 -w 0 ${more}`).text,
      t = (TOTAL.exec(text) ?? []).slice(1).map(Number);
    expect(t[0]).toBe(200);
    expect(t[1]).toBeGreaterThan(1000); // two wake-ups of 4 us each are in it
    expect(t[2]).toBeGreaterThanOrEqual(t[1] ?? 0);
    expect(t[2]).toBeLessThan(100_000);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m, 2);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });
  it('a line a second, and ^C gives the total', () => {
    const m = ready('ttyv1', `pkt-gen -i ${there} -f pong -w 0`),
      k = ready('ttyv0', `pkt-gen -i ${here} -f ping -w 0 ${more}`);
    pass(w, 2.6);
    w.type('ttyv0', '\x03');
    const a = answer(w, 'ttyv0', finish(w, 'ttyv0', k, 2)),
      lines = [...a.text.matchAll(LINE)].map((x) => x.slice(1));
    expect(a.status).toBe(0);
    expect(lines).toHaveLength(2);
    for (const [count, min, av, lo, hi, buckets] of lines) {
      expect(Number(min)).toBeLessThanOrEqual(Number(av));
      expect(Number(lo)).toBeLessThanOrEqual(Number(min)); // the lowest bucket holds the least delay
      expect(2 * Number(lo)).toBeGreaterThan(Number(min));
      const n = (buckets ?? '').trim().split(/\s+/).map(Number);
      expect(n).toHaveLength(Math.log2(Number(hi) / Number(lo)) + 1);
      expect(n.reduce((x, y) => x + y)).toBe(Number(count));
      expect(n[0] && n.at(-1)).toBeGreaterThan(0);
    }
    const total = Number(TOTAL.exec(a.text)?.[1]);
    expect(total).toBeGreaterThan(lines.reduce((n, l) => n + Number(l[0]), 0));
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m, 2);
  });
});

it('a burst: all are sent, then all answers taken', () => {
  const m = ready('ttyv1', "pkt-gen -i 'vale3}1' -f pong -w 0");
  const a = run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f ping -n 30 -b 10 -w 0");
  expect(Number(TOTAL.exec(a.text)?.[1])).toBeGreaterThanOrEqual(20); // it may end before the last came back
  w.type('ttyv1', '\x03');
  finish(w, 'ttyv1', m, 2);
});

it('without -S on a switch it says why nothing comes back', () => {
  const a = run(w, 'ttyv0', 'pkt-gen -i vale4:1 -f ping -n 1 -w 0 -l 16');
  expect(a.lab).toEqual([
    'lab: 60 bytes: a sequence number has to fit in.',
    'lab: without -S the source is 00:00:00:00:00:00, which a switch never learns: answers do not find back.',
  ]);
});

it('from a guest through the switch, and back', () => {
  boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 ${END}`);
  const m = ready('ttyv1', 'pkt-gen -i vale1:2 -f pong');
  const t = TOTAL.exec(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f ping -n 50 -w 0').text) ?? [];
  expect(Number(t[1])).toBe(50);
  w.type('ttyv1', '\x03');
  finish(w, 'ttyv1', m, 2);
  expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
});

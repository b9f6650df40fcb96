// Oracle: what each option of pkt-gen of 2015 does (facts netmap 6.1, and 1.3, 1.12, 3.3 for flags, extra buffers, rings),
// seen at the port that gets the packets; not what the program says of itself.

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hexLines } from '../src/bin/pkt_gen_words.ts';
import { parseRange } from '../src/bin/pkt_gen_frame.ts';
import { oneRing } from '../src/bin/pkt_gen.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { arrived, checksum, listen, slots, udp } from './rings.ts';
import { END, answer, begin, boot, finish, freshLab, pass, run, since, until } from './typed.ts';

const NS_MOREFRAG = 0x20,
  MACS = '-S 02:00:00:00:00:01 -D 02:00:00:00:00:02';
let w: World;
/** Sends with these options from a port of the switch on which vale0:l listens. */
const send = (args: string, port = 'vale0:s') => run(w, 'ttyv0', `pkt-gen -i ${port} -f tx ${args}`);
const text = (b: number[]) => String.fromCharCode(...b);

describe('a frame', () => {
  beforeEach(() => {
    w = freshLab(64, 2);
    listen(w, 'vale0:l');
  });

  it.each([16, 33, 42, 60, 61, 100, 1514, 1536])('of %i bytes', (size) => {
    expect(send(`-n 3 -l ${size}`).status).toBe(0);
    const got = arrived(w, 'vale0:l');
    expect(got.map((s) => s.len)).toEqual([size, size, size]);
    expect(got[0]?.bytes.slice(0, 14)).toEqual([255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 8, 0]);
    if (size < 42) return;
    expect(udp(got[2]?.bytes ?? [])).toEqual({ ipOk: true, udpOk: true, from: '10.0.0.1:1234', to: '10.1.0.1:1234', length: size - 14 });
    expect(text(got[0]?.bytes.slice(42, 72) ?? [])).toBe('netmap pkt-gen DIRECT payload\n'.slice(0, size - 42));
  });

  it('-S, -D, -s, -d; of a range of MACs the first', () => {
    send('-n 1 -S 02:00:00:00:00:01-02:00:00:00:00:09 -D 2:0:0:0:0:2 -s 192.168.1.2:7 -d 1.2.3.4:65535');
    const b = arrived(w, 'vale0:l')[0]?.bytes ?? [];
    expect(b.slice(0, 12)).toEqual([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
    expect(udp(b)).toMatchObject({ ipOk: true, udpOk: true, from: '192.168.1.2:7', to: '1.2.3.4:65535' });
  });

  it('ranges: source port, source address, destination port, destination address; checksums right all the way', () => {
    const a = send('-n 40 -s 10.0.0.254:7-10.0.1.0:8 -d 10.1.255.255:9-10.2.0.0:10');
    expect(a.real.join('\n')).toContain('range is 10.0.0.254:7 to 10.0.1.0:8');
    const want: string[] = [];
    for (const dip of ['10.1.255.255', '10.2.0.0'])
      for (const dport of [9, 10])
        for (const sip of ['10.0.0.254', '10.0.0.255', '10.0.1.0'])
          for (const sport of [7, 8]) want.push(`${sip}:${sport} ${dip}:${dport}`);
    const got = arrived(w, 'vale0:l').map((s) => udp(s.bytes));
    expect(got.every((x) => x.ipOk && x.udpOk)).toBe(true);
    expect(got.map((x) => `${x.from} ${x.to}`)).toEqual([...want, ...want].slice(0, 40));
    expect(new Set(want).size).toBe(24);
  });
  it.each([
    ['10.0.0.1', { start: 0x0a000001, end: 0x0a000001, port0: 1234, port1: 1234 }],
    ['10.0.0.9:0x10-10.0.0.1:8', { start: 0x0a000001, end: 0x0a000009, port0: 8, port1: 16 }],
    ['255.255.255.254:1-255.255.255.255', { start: 0xfffffffe, end: 0xffffffff, port0: 1, port1: 1 }],
    ['10.0.0.1:5-:9', { start: 0x0a000001, end: 0x0a000001, port0: 5, port1: 9 }],
    ['10.0.0', undefined],
    ['10.0.0.256', undefined],
    ['10.0.0.1:65536', undefined],
    ['10.0.0.1-x', undefined],
  ])('range %s', (s, want) => {
    expect(parseRange(s)).toEqual(want);
  });

  it.each([
    [2, 60],
    [3, 100],
    [4, 60],
    [7, 101],
    [63, 1500],
  ])('-F %i of %i bytes: MOREFRAG on all but the last, never cut at the end of the space', (frags, size) => {
    const a = send(`-n 5 -F ${frags} -l ${size} -b 3`);
    expect(a.text).toMatch(new RegExp(`^Sent 5 packets ${5 * size} bytes `, 'm'));
    const got = arrived(w, 'vale0:l').slice(0, frags === 63 ? 63 : 5 * frags);
    // the listener's 63 slots hold as many whole packets as fit
    expect(got).toHaveLength(frags === 63 ? 63 : 5 * frags);
    for (let p = 0; p * frags < got.length; p++) {
      const packet = got.slice(p * frags, (p + 1) * frags),
        whole = packet.flatMap((s) => s.bytes);
      expect(packet.map((s) => s.flags)).toEqual(packet.map((_, i) => (frags << 8) | (i < frags - 1 ? NS_MOREFRAG : 0)));
      expect(whole).toHaveLength(size);
      expect(udp(whole)).toMatchObject({ ipOk: true, udpOk: true });
    }
  });
  it('a first fragment without a whole Ethernet header is no packet for the switch', () => {
    expect(send('-n 5 -F 5 -l 60').text).toMatch(/^Sent 5 packets /m);
    expect(arrived(w, 'vale0:l')).toHaveLength(0);
  });
  it('-F out of range is ignored', () => {
    for (const n of [0, 64]) expect(send(`-n 1 -F ${n}`).text).toContain(`invalid frags ${n} [1..63], ignore`);
    expect(arrived(w, 'vale0:l').map((s) => s.flags)).toEqual([0x100, 0x100]);
  });
  it('a receiver counts packets, not slots', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:r -f rx -W');
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    send('-n 9 -F 4 -l 100');
    expect(finish(w, 'ttyv1', m)).toMatch(/^Received 9 packets 900 bytes /m);
  });

  it('-I: the payload never was in the buffers of the sender', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:s -f rx'); // keeps the port and its rings
    pass(w, 1);
    send('-n 4 -I');
    const got = arrived(w, 'vale0:l'),
      sent = slots(w, 'vale0:s', true).slice(0, 4);
    expect(got.map((s) => udp(s.bytes).udpOk)).toEqual([true, true, true, true]);
    expect(text(got[0]?.bytes.slice(42) ?? [])).toBe('netmap pkt-gen ind');
    for (const s of sent) expect(s.bytes.every((x) => x === 0)).toBe(true);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m);
  });
  it('-r: the buffers stay as they are', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:s -f rx');
    pass(w, 1);
    send('-n 4 -r');
    for (const s of slots(w, 'vale0:s', true).slice(0, 4)) expect([s.len, s.bytes.every((x) => x === 0)]).toEqual([60, true]);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m);
  });

  it.each([10, 12])('-H %i: zeros in front', (hdr) => {
    expect(send(`-n 2 -H ${hdr}`).text).toMatch(new RegExp(`^Sent 2 packets ${2 * (60 + hdr)} bytes `, 'm'));
    // the port that listens has no header, so the switch takes it off; the sender's buffers have it
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:s -f rx');
    pass(w, 1);
    send(`-n 1 -H ${hdr}`);
    const s = slots(w, 'vale0:s', true)[0]?.bytes ?? [];
    expect([s.length, s.slice(0, hdr).every((x) => x === 0), udp(s.slice(hdr)).udpOk]).toEqual([60 + hdr, true, true]);
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', m);
  });
  it('-H 11 is none', () => {
    const a = send('-n 1 -H 11');
    expect([a.status, a.text.includes('bad virtio-net-header length')]).toEqual([1, true]);
  });

  it('-X shows each packet, sixteen bytes a line', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:r -f rx -X -n 0');
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    const a = send('-n 3 -b 2 -X -l 64');
    const shown = (t: string) => [...t.matchAll(/^ring 0x[0-9a-f]+ cur {2,}(\d+) \[buf +(\d+) flags 0x([0-9a-f]{4}) len {4}64\]$/gm)];
    expect(shown(a.text).map((x) => [x[1], x[3]])).toEqual([0, 1, 2].map((i) => [`${i}`, '0000']));
    until(w, () => shown(since(w, 'ttyv1', m)).length === 3);
    const rx = shown(since(w, 'ttyv1', m));
    expect(rx.map((x) => [x[1], x[3]])).toEqual([0, 1, 2].map((i) => [`${i}`, '0100']));
    const bytes = arrived(w, 'vale0:l')[0]?.bytes ?? [];
    const first = `    0: ${bytes
      .slice(0, 16)
      .map((x) => x.toString(16).padStart(2, '0'))
      .join(' ')} ..............E.`;
    expect(a.text.split('\n').filter((l) => l === first)).toHaveLength(3);
    expect(
      since(w, 'ttyv1', m)
        .split('\n')
        .filter((l) => l === first),
    ).toHaveLength(3);
    w.type('ttyv1', '\x03');
    expect(finish(w, 'ttyv1', m)).toMatch(/Received 3 packets/);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });
  it('a shorter last line ends after its numbers', () => {
    expect(hexLines(Uint8Array.from([0x41, 0x7f, 0x20]))).toBe('    0: 41 7f 20 \n');
    expect(hexLines(Uint8Array.from({ length: 17 }, (_, i) => 0x40 + i)).split('\n')).toEqual([
      '    0: 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f @ABCDEFGHIJKLMNO',
      '   16: 50 ',
      '',
    ]);
  });
});

describe('what it asks for and says', () => {
  beforeEach(() => {
    w = freshLab(64, 3);
  });
  it.each<[string, [number, number, number, number]]>([
    ['128', [128, 128, 1, 1]],
    ['128,32', [128, 32, 1, 1]],
    ['0,0,4', [64, 64, 4, 4]],
    ['16,8,2,3', [16, 8, 2, 3]],
    ['16,8,2,3,9', [16, 8, 2, 3]],
  ])('-C %s: tx slots, rx slots, tx rings, rx rings', (conf, want) => {
    const m = begin(w, 'ttyv0', `pkt-gen -i vale5:1 -f rx -C ${conf}`);
    until(w, () => since(w, 'ttyv0', m).includes('Ready...'));
    const na = w.tree.host.adapters[0]?.addr ?? 0;
    expect([L.NA_NUM_TX_DESC, L.NA_NUM_RX_DESC, L.NA_NUM_TX_RINGS, L.NA_NUM_RX_RINGS].map((f) => w.m.ld32(na + f))).toEqual(want);
    if (conf.endsWith('9')) expect(since(w, 'ttyv0', m)).toContain('ignored config: 9');
  });
  it('-e: as many extra buffers, or it says how many', () => {
    const m = begin(w, 'ttyv0', 'pkt-gen -i vale5:1 -f rx -e 5');
    until(w, () => since(w, 'ttyv0', m).includes('Ready...'));
    expect(w.tree.host.fds.map((f) => f.extra)).toEqual([5]);
    expect(since(w, 'ttyv0', m)).not.toContain('extra buffers');
    // the port is there, its allocator has no room for so many
    const left = run(w, 'ttyv1', 'pkt-gen -i vale5:1 -f tx -n 1 -e 100000').text;
    expect(left).toMatch(/^lab: asked for 100000 extra buffers, given \d+\.$/m);
  });
  it('-E, -a, -c are taken, -c too high is not', () => {
    const a = run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 1 -E 2 -a 1 -c 2');
    expect([a.status, a.lab]).toEqual([0, ['lab: on which CPU a thread runs is not modelled: -a and -c change nothing.']]);
    expect(a.text).toMatch(/running on 2 cpus \(have \d+\)/);
    const b = run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 1 -c 1000');
    expect([b.status, /1000 cpus is too high, have only \d+ cpus/.test(b.text)]).toEqual([1, true]);
  });
  it('-v: the rings and where they are', () => {
    const a = run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 1 -v -C 32,16,2,3');
    expect(a.real.flatMap((l) => (/(TX|RX)(\d) at 0x[0-9a-f]+ slots (\d+)$/.exec(l) ?? []).slice(1).join(' ') || [])).toEqual([
      ...[0, 1, 2].map((i) => `TX ${i} 32`),
      ...[0, 1, 2, 3].map((i) => `RX ${i} 16`),
    ]);
  });
  it('-o: the words of the special options', () => {
    expect(run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 1 -o 15').text).toContain('--- SPECIAL OPTIONS: prefetch access memcpy copy\n');
    expect(run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 1').text).not.toContain('SPECIAL');
  });
  it('-R: burst and period', () => {
    expect(run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 10 -R 3000').text).toContain('Sending 10 packets every  0.003333333 s');
  });
  it('to a file', () => {
    const shown = run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 2 > said').text,
      said = run(w, 'ttyv0', 'cat said').text;
    expect(said).toMatch(/^Sent 2 packets 120 bytes /m);
    expect([/Sent/.test(shown), / main \[/.test(said), /Ready\.\.\./.test(shown)]).toEqual([false, false, true]); // D() goes to stderr
  });
  it('into a pipe', () => {
    expect(run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 2 2>/dev/null | grep Sent').text).toMatch(/^Sent 2 packets 120 bytes .*\n$/);
    expect(run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f ping -n 2 -w 0 2>&1 | grep RTT').text).toMatch(/ RTT over 0 packets/);
  });
  it('a rate with bursts over several rings', () => {
    const a = run(w, 'ttyv0', 'pkt-gen -i vale5:1 -f tx -n 3000 -R 3000 -C 8,8,3,3');
    expect(a.text).toMatch(/^Sent 3000 packets 180000 bytes 600 events 60 bytes each in 1\.00 seconds\.$/m); // 7 and 3 of each 10
  });
});

describe('-p', () => {
  beforeAll(() => {
    w = freshLab(64, 3);
    const m = begin(w, 'ttyv2', 'pkt-gen -i vale6:hold -f rx -C 64,64,4,4');
    until(w, () => since(w, 'ttyv2', m).includes('Ready...'));
  });
  it('a thread a ring, each to the end: the same ring of the receiver, or ring 0 for all', () => {
    const r = begin(w, 'ttyv1', `pkt-gen -i vale6:r -f rx -C 1024,1024,4,4 -p 4 -W`);
    until(w, () => since(w, 'ttyv1', r).match(/reading from/g)?.length === 4);
    expect(w.tree.host.threads.filter((t) => w.m.ld32(t.td + L.TD_NRX) === 1)).toHaveLength(4);
    // the switch learns r, so that frames for it go to the ring of their own number
    run(w, 'ttyv0', `pkt-gen -i vale6:r -f tx -n 1 -S 02:00:00:00:00:02 -D 02:00:00:00:00:09`);
    const a = run(w, 'ttyv0', `pkt-gen -i vale6:s -f tx -n 150 -C 64,64,4,4 -p 4 ${MACS}`);
    expect(a.text).toContain('4 queues, 4 threads and 1 cpus.');
    expect(a.text).toMatch(/^Sent 600 packets 36000 bytes /m);
    expect([0, 1, 2, 3].map((i) => arrived(w, 'vale6:r', i).length)).toEqual([150, 150, 150, 150]);
    expect(finish(w, 'ttyv1', r)).toMatch(/^Received 600 packets 36000 bytes /m);
  });
  it('one thread over all rings', () => {
    const r = begin(w, 'ttyv1', 'pkt-gen -i vale6:r -f rxseq -C 64,64,4,4 -W');
    until(w, () => since(w, 'ttyv1', r).includes('reading from'));
    const a = run(w, 'ttyv0', 'pkt-gen -i vale6:s -f tx -n 100 -b 10 -C 16,16,4,4');
    expect(a.text).toMatch(/^Sent 100 packets 6000 bytes 10 events /m);
    expect(finish(w, 'ttyv1', r)).toMatch(/^Received 100 packets /m);
  });
  it('fewer rings than threads: it says so, and who has no ring stays out', () => {
    const a = run(w, 'ttyv0', 'pkt-gen -i vale6:s -f tx -n 10 -C 64,64,2,2 -p 4');
    expect(a.text).toContain('bad nthreads 4, have 2 queues');
    expect(a.text.match(/Unable to open vale6:s: Invalid argument/g)).toHaveLength(2);
    expect(a.text).toMatch(/^Sent 20 packets /m);
    expect(a.status).toBe(0);
  });
  it('ping, pong and txseq are for one thread', () => {
    for (const [fn, words] of [
      ['ping', 'can only ping with 1 thread'],
      ['pong', 'can only reply ping with 1 thread'],
      ['txseq', 'can only txseq with 1 thread'],
    ])
      expect(run(w, 'ttyv0', `pkt-gen -i vale6:s -f ${fn} -n 1 -C 64,64,2,2 -p 2`).text.split(words ?? '')).toHaveLength(3);
  });
  it('^C ends all of them', () => {
    const m = begin(w, 'ttyv0', 'pkt-gen -i vale6:s -f tx -C 64,64,3,3 -p 3 -R 1000');
    pass(w, 4);
    w.type('ttyv0', '\x03');
    const a = answer(w, 'ttyv0', finish(w, 'ttyv0', m, 2));
    expect([a.status, Number(/^(?:\^C)?Sent (\d+) packets/m.exec(a.text)?.[1]) > 3000]).toEqual([0, true]);
    expect(w.tree.host.threads).toHaveLength(1);
    expect(w.tree.host.fds).toHaveLength(1);
  });
  it.each([
    ['vale1:1', 'vale1:1-2'],
    ['netmap:ix0', 'netmap:ix0-2'],
    ['netmap:ix0-7', 'netmap:ix0-2'],
    ['netmap:ix0*/x', 'netmap:ix0-2/x'],
    ['vale1:1@2', 'vale1:1-2@2'],
  ])('%s: ring 2 of it is %s', (name, want) => {
    expect(oneRing(name, 2)).toBe(want);
  });
});

it('in the guest: fragments, dump, and a second thread that has no ring', () => {
  w = freshLab(64, 2);
  boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 ${END}`);
  listen(w, 'vale1:l');
  expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 4 -F 3 -l 90 -w 0').text).toMatch(/^Sent 4 packets 360 bytes /m);
  const got = arrived(w, 'vale1:l');
  expect(got.map((s) => [s.len, s.flags])).toEqual(Array.from({ length: 12 }, (_, i) => [30, i % 3 < 2 ? 0x320 : 0x300]));
  expect(
    checksum(
      got
        .slice(0, 3)
        .flatMap((s) => s.bytes)
        .slice(14, 34),
    ),
  ).toBe(0);
  const a = run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 2 -X -w 0 -p 2 -s 10.0.0.1:1-10.0.0.1:2');
  expect(a.text).toContain('bad nthreads 2, have 1 queues');
  expect(a.text.match(/^ring 0x/gm)).toHaveLength(2);
  expect(
    arrived(w, 'vale1:l')
      .slice(12)
      .map((s) => udp(s.bytes).from),
  ).toEqual(['10.0.0.1:1', '10.0.0.1:2']);
  expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
});

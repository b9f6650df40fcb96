// tcpdump typed at terminals of host and guest: what it prints, writes and counts, beside readers of the formats that owe the lab
// nothing, and tshark where it is installed.

import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { World } from '../src/lab/world.ts';
import { hasTshark, latin1, readPcap, sequence, tshark } from './capture_files.ts';
import { END, answer, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

let w: World;
const listening = (tty: string, m: number) => until(w, () => mark(w, tty) > m && since(w, tty, m).includes('capture size'));
const stop = (tty: string, m: number) => {
  pass(w, 0.001); // who was notified has looked
  w.type(tty, '\x03');
  return answer(w, tty, finish(w, tty, m, 5));
};
const counts = (text: string) => {
  const m = /^(?:\^C)?(\d+) packets? captured\n(\d+) packets? received by filter\n(\d+) packets? dropped by kernel$/m.exec(text);
  if (!m) throw new Error(`no counts in\n${text}`);
  return m.slice(1).map(Number);
};
const file = (name: string) => latin1(w.tree.host.os.files[`/root/${name}`]);
const frames = () => w.m.ld32(L.MACHINE + L.M_FRAMES);

describe('on the host', () => {
  beforeEach(() => {
    w = freshLab(64, 3);
  });

  it('prints a line a packet as tcpdump does, and ends by itself with -c', () => {
    const m = begin(w, 'ttyv1', 'tcpdump -n -e -i vale0:2 -c 3');
    listening('ttyv1', m);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 10 -w 0 -S 02:00:00:00:00:01');
    const a = answer(w, 'ttyv1', finish(w, 'ttyv1', m, 5)),
      lines = a.text.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'tcpdump: verbose output suppressed, use -v or -vv for full protocol decode',
      'listening on vale0:2, link-type EN10MB (Ethernet), capture size 262144 bytes',
    ]);
    for (const l of lines.slice(2, 5))
      expect(l).toMatch(
        /^00:00:0\d\.\d{6} 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype IPv4 \(0x0800\), length 60: 10\.0\.0\.1\.1234 > 10\.1\.0\.1\.1234: UDP, length 18$/,
      );
    expect(counts(a.text)).toEqual([3, 10, 0]);
    expect(lines).toHaveLength(8);
    expect(a.status).toBe(0);
  });

  it('writes what tshark reads: every frame once, in order, whole', () => {
    const m = begin(w, 'ttyv1', 'tcpdump -i vale0:2 -w all.pcap');
    listening('ttyv1', m);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f txseq -n 500 -w 0 -R 20000 -l 90 -b 16');
    const a = stop('ttyv1', m);
    expect(counts(a.text)).toEqual([500, 500, 0]);
    const got = readPcap(file('all.pcap'));
    expect(got.map((x) => sequence(x.data))).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(got.every((x) => x.len === 90 && x.data.length === 90)).toBe(true);
    expect(got.every((x, i) => i === 0 || x.us >= (got[i - 1]?.us ?? 0))).toBe(true);
    if (hasTshark) expect(tshark(file('all.pcap'), ['udp.length'])).toEqual(got.map(() => '56'));
  });

  it('filters what it counts, cuts at the snaplen, reads files back', () => {
    const m = begin(w, 'ttyv1', 'tcpdump -i vale0:2 -s 48 -w cut.pcap udp port 9');
    listening('ttyv1', m);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 20 -w 0');
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 7 -w 0 -d 10.1.0.1:9');
    expect(counts(stop('ttyv1', m).text)).toEqual([7, 27, 0]);
    expect(readPcap(file('cut.pcap')).map((x) => [x.len, x.data.length])).toEqual(Array.from({ length: 7 }, () => [60, 48]));
    const r = run(w, 'ttyv0', 'tcpdump -t -r cut.pcap -c 2');
    expect(r.text).toBe(
      `reading from file cut.pcap, link-type EN10MB (Ethernet)\n${'IP 10.0.0.1.1234 > 10.1.0.1.9: UDP, length 18\n'.repeat(2)}`,
    );
    expect(run(w, 'ttyv0', 'tcpdump -r cut.pcap udp port 1234 and not dst port 9').real).toHaveLength(1);
    run(w, 'ttyv0', 'tcpdump -r cut.pcap -c 3 -w three.pcap');
    expect(readPcap(file('three.pcap'))).toHaveLength(3);
  });

  it.skipIf(!hasTshark)('tshark agrees about the filtered file', () => {
    const m = begin(w, 'ttyv1', 'tcpdump -i vale0:2 -w nine.pcap dst port 9');
    listening('ttyv1', m);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 7 -w 0 -d 10.1.0.1:9');
    stop('ttyv1', m);
    expect(tshark(file('nine.pcap'), ['ip.src', 'udp.dstport', 'frame.len'])).toEqual(Array.from({ length: 7 }, () => '10.0.0.1|9|60'));
  });

  it('a full buffer drops and counts, and everything is given back', () => {
    const before = frames(),
      m = begin(w, 'ttyv1', 'tcpdump -B 4 -w few.pcap -i vale0:2');
    listening('ttyv1', m);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 2000 -w 0');
    const [captured = 0, received = 0, dropped = 0] = counts(stop('ttyv1', m).text);
    expect(dropped).toBeGreaterThan(0);
    expect(captured + dropped).toBe(received);
    expect(readPcap(file('few.pcap'))).toHaveLength(captured);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
    expect(w.tree.host.threads).toEqual([]);
    const pages = frames(),
      again = begin(w, 'ttyv1', 'tcpdump -w few.pcap -i vale0:2');
    listening('ttyv1', again);
    expect(frames()).toBeGreaterThan(pages + 128);
    stop('ttyv1', again);
    expect(frames()).toBe(pages);
    expect(pages - before).toBeLessThan(8); // the page of threads, kept for the next ones
  });

  it.each<[string, RegExp, number]>([
    ['-i em9', /^tcpdump: netmap open: cannot access netmap:em9: Device not configured$/m, 1],
    ['-i vale0:1 udp prt 3', /^tcpdump: syntax error$/m, 1],
    ['-i vale0:1 -c none', /^tcpdump: invalid packet count none$/m, 1],
    ['-i vale0:1 -s 9999999', /^tcpdump: invalid snaplen 9999999$/m, 1],
    ['-i', /^tcpdump: option requires an argument -- i\n.*\n.*\nUsage: tcpdump /m, 1],
    ['-r none.pcap', /^tcpdump: none\.pcap: No such file or directory$/m, 1],
    ['-r mfsroot.img', /^tcpdump: truncated dump file; tried to read 4 file header bytes, only got 0/m, 1],
    ['-i vale0:1 -ttttttt', /^tcpdump: only -t, -tt, -ttt, -tttt, and -ttttt are supported$/m, 1],
    ['-L -i vale0:1', /^ {2}EN10MB \(Ethernet\)$/m, 0],
  ])('tcpdump %s', (args, says, status) => {
    const a = run(w, 'ttyv0', `tcpdump ${args}`);
    expect(a.text).toMatch(says);
    expect(a.status).toBe(status);
    expect(w.tree.host.fds).toEqual([]);
  });
});

describe('in a guest', () => {
  it('prints what comes by a passed-through pipe; ^C ends it with a new line and the counts', () => {
    w = freshLab(64, 3);
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1' ${END}`);
    const m = begin(w, 'ttyv0', 'tcpdump -nti vtnet0');
    listening('ttyv0', m);
    run(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f tx -n 300 -w 0");
    pass(w, 0.5);
    const a = stop('ttyv0', m);
    expect(counts(a.text)).toEqual([300, 300, 0]);
    expect(a.text.match(/^IP 10\.0\.0\.1\.1234 > 10\.1\.0\.1\.1234: UDP, length 18$/gm)).toHaveLength(300);
    expect(a.text).toContain('^C\n300 packets captured');
    // its pages are used again by the next one
    const { ramNext } = w.tree.guests.netmapvm ?? { ramNext: 0 };
    const again = begin(w, 'ttyv0', 'tcpdump -nti vtnet0 -c 1');
    listening('ttyv0', again);
    run(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f tx -n 5 -w 0");
    expect(counts(finish(w, 'ttyv0', again, 5))[0]).toBe(1);
    expect(w.tree.guests.netmapvm?.ramNext).toBe(ramNext);
  });
});

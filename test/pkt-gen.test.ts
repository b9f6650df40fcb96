// Oracle: pkt-gen of 2015, its options, its lines, how it ends (facts netmap 6.1), typed at the host's terminals and at
// a guest's console. Host: ttyv1, ttyv2 beside the console ttyv0.

import { beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import { END, answer, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

const PORTS = `-s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1'`;
const UNIT: Record<string, number> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };
const REPORT =
  /^\d{3}\.\d{6} main_thread \[\d+\] (\d+\.\d{3}) ([KMG]?)pps \((\d+\.\d{3}) ([KMG]?)pkts (\d+\.\d{3}) ([KMG]?)bps in (\d+) usec\) (\d+\.\d+) avg_batch$/gm;
const FINAL =
  /^(?:\^C)?(Sent|Received) (\d+) packets (\d+) bytes (\d+) events (\d+) bytes each in (\d+\.\d\d) seconds\.\nSpeed: (\d+\.\d{3}) ([KMG]?)pps Bandwidth: (\d+\.\d{3}) ([KMG]?)bps \(raw (\d+\.\d{3}) ([KMG]?)bps\)\. Average batch: (\d+\.\d\d) pkts$/m;

/** The two closing lines as numbers. */
function final(text: string) {
  const m = FINAL.exec(text);
  if (!m) throw new Error(`no summary in\n${text}`);
  const x = (i: number) => Number(m[i]) * (UNIT[m[i + 1] ?? ''] ?? Number.NaN);
  return {
    verb: m[1],
    packets: Number(m[2]),
    bytes: Number(m[3]),
    events: Number(m[4]),
    size: Number(m[5]),
    seconds: Number(m[6]),
    pps: x(7),
    bps: x(9),
    raw: x(11),
    batch: Number(m[13]),
  };
}
const reports = (text: string) =>
  [...text.matchAll(REPORT)].map((m) => ({
    pps: Number(m[1]) * (UNIT[m[2] ?? ''] ?? 0),
    pkts: Number(m[3]) * (UNIT[m[4] ?? ''] ?? 0),
    usec: Number(m[7]),
    batch: Number(m[8]),
  }));
/** Without the time stamps and the number of CPUs. */
const timeless = (text: string) => text.replace(/^\d{3}\.\d{6} /gm, '').replace(/ \(have \d+\)/g, '');
const close = (got: number, want: number, part: number) => {
  expect(Math.abs(got / want - 1), `${got} is not ${want}`).toBeLessThan(part);
};

let w: World;

describe('what it refuses, the same on host and guest', () => {
  beforeAll(() => {
    w = freshLab(64, 3);
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${PORTS} ${END}`);
  });

  it.each<[string, RegExp[]]>([
    ['-i vtnet0 -q', [/^pkt-gen: illegal option -- q$/m, /^Usage:$/m]],
    ['-i', [/^pkt-gen: option requires an argument -- i$/m, /^Usage:$/m]],
    ['-i vtnet0 -t 5', [/^pkt-gen: illegal option -- t$/m]],
    ['', [/missing ifname/, /^Usage:$/m]],
    ['-f tx -n 10', [/missing ifname/]],
    ['-i vtnet0 -f nonsense', [/unrecognised function nonsense/]],
    ['-i vtnet0 -f tx -l 15', [/bad pktsize 15 \[16\.\.\d+\]/]],
    ['-i vtnet0 -f tx -l 0', [/bad pktsize 0 \[16\.\.\d+\]/]],
    ['-i vtnet0 -f tx -l 65537', [/bad pktsize 65537 \[16\.\.\d+\]/]],
    ['-i vtnet0 -f tx -D 1:2', [/1:2/]],
    ['-i netmap:em9 -f rx', [/Unable to open netmap:em9: Device not configured/]],
    ['-i em9 -f rx', [/Unable to open netmap:em9: Device not configured/]],
  ])('pkt-gen %s', (args, lines) => {
    const host = run(w, 'ttyv1', `pkt-gen ${args}`),
      guest = run(w, 'ttyv0', `pkt-gen ${args}`);
    for (const l of lines) expect(host.text).toMatch(l);
    expect(host.status).toBe(1);
    expect(guest.status).toBe(1);
    expect(timeless(guest.text)).toBe(timeless(host.text));
    const first = host.text.split('\n').findIndex((l) => l.startsWith('lab:'));
    if (first >= 0)
      expect(
        host.text
          .split('\n')
          .slice(first, -1)
          .every((l) => l.startsWith('lab: ')),
      ).toBe(true);
  });

  it('a port that a VM passes through is busy for the host', () => {
    for (const port of ['vale1:1', "'vale2{1'"]) {
      const a = run(w, 'ttyv1', `pkt-gen -i ${port} -f rx`);
      expect(a.real.at(-1)).toMatch(/Unable to open vale\S+: Device busy$/);
      expect(a.status).toBe(1);
    }
  });
  it('an interface that is down fails with 1', () => {
    expect(run(w, 'ttyv0', 'ifconfig vtnet1 down').status).toBe(0);
    const a = run(w, 'ttyv0', 'pkt-gen -i vtnet1 -f rx');
    expect([a.status, /Unable to open netmap:vtnet1: Operation not permitted/.test(a.text)]).toEqual([1, true]);
  });
});

describe('what it sends and says', () => {
  beforeAll(() => {
    w = freshLab(1024, 3);
  });

  it.each<[string, number, number, number]>([
    ['-n 1', 1, 60, 512],
    ['-n 1000', 1000, 60, 512],
    ['-n 1000 -b 10', 1000, 60, 10],
    ['-n 100 -l 16', 100, 16, 512],
    ['-n 100 -l 1514', 100, 1514, 512],
  ])('tx %s', (args, packets, size, burst) => {
    const a = run(w, 'ttyv0', `pkt-gen -i vale0:1 -f tx ${args}`),
      f = final(a.text);
    expect([a.status, f.verb, f.packets, f.bytes, f.size]).toEqual([0, 'Sent', packets, packets * size, size]);
    expect(f.events).toBeGreaterThanOrEqual(Math.ceil(packets / burst));
    close(f.batch, packets / f.events, 0.006);
    close(f.bps / f.pps, size * 8, 0.002);
    close(f.raw / f.pps, (size + 24) * 8, 0.002);
    expect(a.text).toMatch(/^\d{3}\.\d{6} main \[\d+\] interface is vale0:1$/m);
    expect(a.text).toMatch(/^Sending on vale0:1: 1 queues, 1 threads and 1 cpus\.$/m);
  });

  it('rx -W ends a second after the last packet, which does not count', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:2 -f rx -W -w 0');
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    pass(w, 3); // before the first packet it waits as long as it must
    expect(since(w, 'ttyv1', m)).not.toContain('Received');
    const begun = Math.floor(w.m.clock / 1e9 + 2) * 1e9, // a limited rate starts on a full second, two from now
      tx = final(run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 500 -R 1000').text);
    expect(tx.packets).toBe(500);
    const a = answer(w, 'ttyv1', finish(w, 'ttyv1', m)),
      f = final(a.text);
    expect([a.status, f.verb, f.packets, f.bytes]).toEqual([0, 'Received', 500, 30000]);
    close(f.seconds, 0.5, 0.02);
    expect((w.m.clock - begun) / 1e9).toBeGreaterThan(1.49); // 0.498 and the idle second
    expect((w.m.clock - begun) / 1e9).toBeLessThan(3);
  });

  it('rx without -W goes on; ^C ends it with its summary', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:2 -f rx -w 0');
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 300');
    pass(w, 4);
    expect(since(w, 'ttyv1', m)).not.toContain('Received');
    w.type('ttyv1', '\x03');
    const a = answer(w, 'ttyv1', finish(w, 'ttyv1', m, 2));
    expect([a.status, final(a.text).packets]).toEqual([0, 300]);
  });

  it('^C before the first packet: nothing', () => {
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:2 -f rx');
    pass(w, 1.5);
    w.type('ttyv1', '\x03');
    expect(finish(w, 'ttyv1', m, 2)).toMatch(/^\^CReceived nothing\.$/m);
  });

  it('tx without -n goes on until ^C; a report a period', () => {
    const m = begin(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -T 100 -R 20000');
    // a limited rate starts on a full second, two from now
    const sending = () => reports(since(w, 'ttyv0', m)).filter((x) => x.pkts > 0);
    until(w, () => sending().length === 5);
    w.type('ttyv0', '\x03');
    const a = answer(w, 'ttyv0', finish(w, 'ttyv0', m, 2)),
      r = reports(a.text).filter((x) => x.pkts > 0),
      f = final(a.text);
    expect(a.status).toBe(0);
    expect(f.packets).toBeGreaterThan(0);
    for (const x of r.slice(1)) {
      close(x.usec, 100_000, 0.02);
      close(x.pps, (x.pkts * 1e6) / x.usec, 0.002);
      close(x.pps, 20_000, 0.05); // whole bursts of 66 in 0.1 s
      close(x.batch, 66, 0.2);
    }
  });

  it.each([
    [100, 300],
    [10_000, 10_000],
    [1_000_000, 150_000],
  ])('-R %i: that rate, within 1 %%', (rate, n) => {
    const f = final(run(w, 'ttyv0', `pkt-gen -i vale0:1 -f tx -n ${n} -R ${rate}`).text);
    expect(f.packets).toBe(n);
    close(f.pps, rate, 0.01);
    const burst = Math.max(1, Math.min(512, Math.trunc(rate / 300)));
    close(f.batch, burst, 0.05);
  });

  it('txseq and rxseq: nothing lost, nothing changed', () => {
    const m = begin(w, 'ttyv1', "pkt-gen -i 'vale3}1' -f rxseq -W -w 0");
    until(w, () => since(w, 'ttyv1', m).includes('Ready...'));
    const tx = run(w, 'ttyv0', "pkt-gen -i 'vale3{1' -f txseq -n 5000 -w 0"),
      rx = finish(w, 'ttyv1', m);
    const digest = (t: string) => /digest ([0-9a-f]{16})/.exec(t)?.[1];
    expect(rx).toContain('5000 received, 0 lost, 0 out of order, 0 with wrong content');
    expect(digest(rx)).toBe(digest(tx.text));
  });
});

describe('two at once in a guest', () => {
  it('one sends by the switch, one receives by the pipe', () => {
    w = freshLab(256, 3);
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${PORTS} ${END}`);
    const host = begin(w, 'ttyv1', 'pkt-gen -i vale1:2 -f rx -W');
    until(w, () => since(w, 'ttyv1', host).includes('Ready...'));
    const console = mark(w, 'ttyv0'),
      t0 = w.m.clock;
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 2000 -R 5000 & pkt-gen -i vtnet1 -f rx -W; wait');
    until(w, () => since(w, 'ttyv0', console).match(/Ready\.\.\./g)?.length === 2);
    expect((w.m.clock - t0) / 1e9, 'an interface is given two seconds').toBeGreaterThanOrEqual(2);
    expect(since(w, 'ttyv0', console).match(/Wait 2 secs for phy reset/g)).toHaveLength(2);
    const tx = final(run(w, 'ttyv2', "pkt-gen -i 'vale2}1' -f tx -n 3000 -R 5000 -w 0").text);
    const guest = finish(w, 'ttyv0', console),
      rx = final(finish(w, 'ttyv1', host));
    const sent = /^Sent [\s\S]*?pkts$/m.exec(guest)?.[0] ?? '',
      got = /^Received [\s\S]*?pkts$/m.exec(guest)?.[0] ?? '';
    expect([tx.packets, final(got).packets, final(sent).packets, rx.packets]).toEqual([3000, 3000, 2000, 2000]);
    close(final(sent).pps, 5000, 0.01);
    expect(w.m.ld32(8192 + 64), 'ownership violations').toBe(0);
  });
});

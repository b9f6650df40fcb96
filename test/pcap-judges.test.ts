// src/pcap beside the real programs, where they are installed: tshark for fields, places and values, tcpdump for lines and
// filters, capinfos and tshark for files. Each exception below is a case where we are not meant to agree, with its reason.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dissect, type Field } from '../src/pcap/dissect.ts';
import { compileFilter } from '../src/pcap/filter.ts';
import { readCapture } from '../src/pcap/read.ts';
import { type Conversations, dumpText, summary, timeText } from '../src/pcap/summary.ts';
import { joined, pcapHeader, pcapngHeader, pcapngInterface, pcapngPacket, pcapngStatistics, pcapPacket } from '../src/pcap/write.ts';
import { type MadeFrame, makeFrames } from './pcap_frames.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const TSHARK = has('tshark'),
  TCPDUMP = has('tcpdump'),
  CAPINFOS = has('capinfos');
const without = (there: boolean, program: string) => (there ? '' : ` (skipped: no ${program} on this machine)`);

const folder = mkdtempSync(join(tmpdir(), 'pcap-judges-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, args: string[]) => {
  const r = spawnSync(program, args, { encoding: 'latin1', maxBuffer: 1 << 29, env: { ...process.env, TZ: 'UTC' } });
  return { ok: r.status === 0, out: r.stdout, err: r.stderr };
};

function saved(name: string, frames: readonly MadeFrame[]): string {
  const path = join(folder, name);
  const packets = frames.map((f, i) => pcapPacket({ ts: { sec: 1000 + i, nsec: i * 1000 }, data: f.bytes, len: f.len }));
  writeFileSync(path, joined([pcapHeader(), ...packets]));
  return path;
}

const flat = (fields: readonly Field[]): Field[] => fields.flatMap((f) => [f, ...flat(f.children)]);
const CHECKED = [
  'ip.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
];
const PLAIN = [
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
  'eth.fcs:Never',
];

/** Our fields that are not compared. */
const OURS: readonly [RegExp, string][] = [
  [/^_ws\./, 'marks of ours: tshark has them in other words'],
  [/^(?:data|pkt-gen)/, 'tshark has no pkt-gen, and hands some payloads to guesses'],
  [/\.len\.invalid$/, 'tshark gives an expert note without a place'],
  [/^ipv6\.opt/, 'tshark counts a Pad1 as two bytes'],
];

describe(`fields as tshark has them${without(TSHARK, 'tshark')}`, () => {
  it.skipIf(!TSHARK).each([
    ['whole frames', 0, 0.995],
    ['damaged frames', 100, 0.99],
  ])('%s', (name, damage, least) => {
    const frames = makeFrames(41 + damage, 1200, damage);
    const path = saved(`fields-${damage}.pcap`, frames);
    const { ok, out } = run('tshark', ['-r', path, '-T', 'pdml', ...[...CHECKED, ...PLAIN].flatMap((o) => ['-o', o])]);
    expect(ok).toBe(true);
    const packets = out.split('<packet>').slice(1);
    expect(packets).toHaveLength(frames.length);
    let same = 0;
    const different: string[] = [];
    packets.forEach((text, i) => {
      const theirs = new Map<string, number>();
      for (const [tag] of text.matchAll(/<(?:proto|field) [^>]*>/g)) {
        const of = (what: string) => new RegExp(` ${what}="([^"]*)"`).exec(tag)?.[1] ?? '';
        const proto = tag.startsWith('<proto');
        const key = `${of('name')}=${proto ? '' : of('show')}@${of('pos')}+${of('size')}`;
        theirs.set(key, (theirs.get(key) ?? 0) + 1);
      }
      const { bytes, len } = frames[i] as MadeFrame;
      for (const f of flat(dissect(bytes, len).fields)) {
        if (OURS.some(([pattern]) => pattern.test(f.name))) continue;
        const key = `${f.name}=${f.value}@${f.offset}+${f.length}`;
        const left = theirs.get(key) ?? 0;
        theirs.set(key, left - 1);
        if (left > 0) same++;
        else different.push(`frame ${i + 1}: ${key}`);
      }
    });
    const share = same / (same + different.length);
    expect(share, `${name}: ${different.slice(0, 20).join('\n')}`).toBeGreaterThan(least);
  });
});

const FLAGS: readonly [flags: string, least: number][] = [
  ['', 0.995],
  ['-e', 0.995],
  ['-v', 0.99],
  ['-x', 0.95], // of a packet whose printer was cut, 4.99 dumps the link-level header too
  ['-XX', 0.99],
  ['-S', 0.995],
];

describe(`lines as tcpdump -n has them${without(TCPDUMP, 'tcpdump')}`, () => {
  const frames = makeFrames(5, 2500, 30);
  const records = (text: string) => text.split(/^(?=\d\d:\d\d:\d\d\.\d{6} )/m).map((s) => s.replace(/\n$/, ''));
  it.skipIf(!TCPDUMP).each(FLAGS)('with "%s"', (flags, least) => {
    const path = saved('lines.pcap', frames);
    const theirs = records(run('tcpdump', ['-n', ...(flags ? [flags] : []), '-r', path]).out);
    expect(theirs).toHaveLength(frames.length);
    const c: Conversations = {};
    const dump = /[xX]/.test(flags);
    const o = { link: flags === '-e', verbose: flags === '-v' ? 1 : 0, absolute: flags === '-S', dump };
    const ours = frames.map((f, i) => {
      const line = timeText({ sec: 1000 + i, nsec: i * 1000 }) + summary(f.bytes, f.len, o, c);
      return dump ? line + dumpText(f.bytes, flags === '-x' ? 'hex' : 'ascii', flags === '-XX') : line;
    });
    const different = ours.filter((line, i) => line !== theirs[i]);
    const first = ours.findIndex((line, i) => line !== theirs[i]);
    expect(1 - different.length / frames.length, `ours: ${ours[first]}\ntheirs: ${theirs[first]}`).toBeGreaterThan(least);
  });

  it.skipIf(!TCPDUMP).each(['-t', '-tt', '-ttt', '-tttt', '-ttttt'])('times with %s', (flag) => {
    const stamps = [0, 1_500_000, 1_500_000, 90_061_000_001, 90_060_000_000].map((us) => ({
      sec: 1445385600 + Math.floor(us / 1e6),
      nsec: (us % 1e6) * 1000,
    }));
    const path = join(folder, `times${flag}.pcap`);
    const data = makeFrames(1, 1, 0)[0]?.bytes ?? new Uint8Array();
    writeFileSync(path, joined([pcapHeader(), ...stamps.map((ts) => pcapPacket({ ts, data }))]));
    const theirs = run('tcpdump', ['-n', '-e', flag, '-r', path])
      .out.split('\n')
      .filter((l) => / > /.test(l));
    const style = ({ '-t': 'none', '-tt': 'epoch', '-ttt': 'delta', '-tttt': 'date', '-ttttt': 'first' } as const)[flag];
    const ours = stamps.map((ts, i) => timeText(ts, style, style === 'first' ? stamps[0] : stamps[i - 1]));
    expect(theirs.map((line, i) => line.slice(0, ours[i]?.length))).toEqual(ours);
  });
});

describe(`filters as tcpdump takes them${without(TCPDUMP, 'tcpdump')}`, () => {
  // whole frames: of those that are cut, libpcap's optimiser decides which byte is looked at first
  const frames = makeFrames(9, 1500, 0);
  it
    .skipIf(!TCPDUMP)
    .each([
      'host 10.1.0.1 and not 192.168.7.9',
      'net 10 or net 192.168.7.0/24',
      'src port 1234 or dst portrange 33000-41000',
      'vlan 5 or ip6 and tcp',
      'vlan and vlan and udp port 1235',
      'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not ip[6:2] & 0x1fff != 0',
      'ip[2:2] - ((ip[0]&0xf)<<2) > 40 || arp[6:2] = 2',
      'ether src 02:00:00:00:00:01 and multicast and len >= 60',
      'icmp[icmptype] != icmp-echo or icmp6[0] = 135',
      'ip6 proto 58 or ip proto \\udp',
      'not ether[60] = 0',
    ])('%s', (text) => {
    const path = saved('filter.pcap', frames);
    const { ok, out } = run('tcpdump', ['-n', '-t', '-tt', '-r', path, '-w', join(folder, 'taken.pcap'), text]);
    expect([ok, out]).toEqual([true, '']);
    const taken = run('tcpdump', ['-n', '-tt', '-r', path, text])
      .out.split('\n')
      .flatMap((l) => /^(\d+)\.\d{6} /.exec(l)?.[1] ?? []);
    const f = compileFilter(text);
    expect(frames.flatMap((frame, i) => (f(frame.bytes, frame.len) ? [String(1000 + i)] : []))).toEqual(taken);
  });
});

describe(`files as Wireshark reads and writes them${without(TSHARK && CAPINFOS, 'tshark and capinfos')}`, () => {
  const frames = makeFrames(3, 40, 0);
  it.skipIf(!TSHARK || !CAPINFOS).each([false, true])('pcapng with names, comments and directions, big endian %s', (bigEndian) => {
    const path = join(folder, 'two.pcapng');
    const parts = [
      pcapngHeader({ bigEndian, application: 'lab' }),
      pcapngInterface({ bigEndian, name: 'vale0:a', description: 'a port' }),
      pcapngInterface({ bigEndian, name: 'vale0:b' }),
      ...frames.map((f, i) =>
        pcapngPacket({
          bigEndian,
          iface: i % 2,
          ts: { sec: 1700000000, nsec: i },
          data: f.bytes,
          comment: `slot ${i}`,
          direction: i % 2 ? 'in' : 'out',
        }),
      ),
      pcapngStatistics({ bigEndian, iface: 0, ts: { sec: 1700000001, nsec: 0 }, received: 20, dropped: 1 }),
    ];
    writeFileSync(path, joined(parts));
    const fields = ['frame.interface_name', 'frame.comment', 'frame.packet_flags_direction', 'frame.time_epoch', 'frame.len'];
    const { out, err } = run('tshark', ['-r', path, '-T', 'fields', ...fields.flatMap((f) => ['-e', f])]);
    expect(err.replace(/^Running as.*\n/, '')).toBe('');
    const lines = frames.map((f, i) =>
      [
        `vale0:${i % 2 ? 'b' : 'a'}`,
        `slot ${i}`,
        `0x0000000${i % 2 ? 1 : 2}`,
        `1700000000.0000000${String(i).padStart(2, '0')}`,
        f.len,
      ].join('\t'),
    );
    expect(out.trimEnd().split('\n')).toEqual(lines);
    expect(run('capinfos', ['-c', '-M', path]).out).toMatch(/Number of packets:\s+40/);
  });

  it.skipIf(!TSHARK)('what tshark writes is read', () => {
    const path = saved('read.pcap', frames);
    for (const format of ['pcapng', 'pcap', 'nsecpcap']) {
      const to = join(folder, `out.${format}`);
      expect(run('tshark', ['-r', path, '-w', to, '-F', format]).ok).toBe(true);
      const bytes = new Uint8Array(spawnSync('cat', [to]).stdout);
      const capture = readCapture(bytes);
      expect(capture.packets.map((p) => [p.ts, [...p.data]])).toEqual(
        frames.map((f, i) => [{ sec: 1000 + i, nsec: i * 1000 }, [...f.bytes]]),
      );
    }
  });
});

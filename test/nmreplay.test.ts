// nmreplay: what was captured goes into a port again, frame by frame, with its own times in lab time, faster, or as fast as it
// goes; read at the other end by tcpdump.

import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { fromBytes } from '../src/bin/binary_file.ts';
import { joined, pcapHeader, pcapPacket } from '../src/pcap/write.ts';
import type { World } from '../src/lab/world.ts';
import { latin1, readPcap } from './capture_files.ts';
import { END, answer, begin, boot, finish, freshLab, mark, pass, run, since, until } from './typed.ts';

let w: World;
const frame = (n: number, len: number) => Uint8Array.from({ length: len }, (_, i) => (i < 6 ? 0xff : i < 12 ? 2 : (n + i) & 255));
/** Frames of many lengths, at these microseconds. */
const AT = [0, 10, 10, 400, 25_000, 25_001, 300_000];
const FRAMES = AT.map((_, i) => frame(i, 60 + i * 200));
const put = (name: string, frames: readonly Uint8Array[], at: readonly number[]) => {
  const ts = (us: number) => ({ sec: 1_400_000_000 + Math.floor(us / 1e6), nsec: (us % 1e6) * 1000 });
  w.tree.host.os.files[`/root/${name}`] = fromBytes(
    joined([pcapHeader(), ...frames.map((data, i) => pcapPacket({ ts: ts(at[i] ?? 0), data }))]),
  );
};
/** What tcpdump wrote of vale0:2 while a line was run. */
function heard(line: string, seconds = 30) {
  const m = begin(w, 'ttyv1', 'tcpdump -i vale0:2 -w got.pcap');
  until(w, () => mark(w, 'ttyv1') > m && since(w, 'ttyv1', m).includes('capture size'));
  const a = run(w, 'ttyv0', line, seconds);
  pass(w, 0.001);
  w.type('ttyv1', '\x03');
  answer(w, 'ttyv1', finish(w, 'ttyv1', m, 5));
  return { a, got: readPcap(latin1(w.tree.host.os.files['/root/got.pcap'])) };
}

beforeEach(() => {
  w = freshLab(64, 3);
  put('in.pcap', FRAMES, AT);
});

describe('what it sends', () => {
  it('every frame, byte for byte, at its time to a few microseconds', () => {
    const { a, got } = heard('nmreplay -f in.pcap -i vale0:1');
    expect(a.status).toBe(0);
    expect(got.map((x) => x.data)).toEqual(FRAMES);
    const t0 = got[0]?.us ?? 0;
    got.forEach((x, i) => {
      expect(Math.abs(x.us - t0 - (AT[i] ?? 0)), `frame ${i}`).toBeLessThan(15);
    });
    expect(a.text).toMatch(/^Sent 7 packets \d+ bytes \d events in 0\.300\d{3} seconds\.$/m);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });

  it('ten times as fast, and in loops: a mean gap between them', () => {
    const { got } = heard('nmreplay -f in.pcap -i vale0:1 -T 10 -n 3');
    expect(got).toHaveLength(21);
    const t0 = got[0]?.us ?? 0,
      loop = (30_000 * 7) / 6;
    got.forEach((x, i) => {
      expect(Math.abs(x.us - t0 - (AT[i % 7] ?? 0) / 10 - Math.floor(i / 7) * loop)).toBeLessThan(15);
    });
  });

  it('as fast as it goes', () => {
    const { a, got } = heard('nmreplay -f in.pcap -i vale0:1 -T asap -n 5 -b 4');
    expect(got.map((x) => x.data)).toEqual([0, 1, 2, 3, 4].flatMap(() => FRAMES));
    const us = /in (\d+\.\d+) seconds/.exec(a.text)?.[1];
    expect(Number(us)).toBeLessThan(0.001);
  });

  it('more than a ring and more than a page of memory', () => {
    const many = Array.from({ length: 1000 }, (_, i) => frame(i, 60 + (i % 1400)));
    put(
      'many.pcap',
      many,
      many.map((_, i) => i * 20),
    );
    const { got } = heard('nmreplay -f many.pcap -i vale0:1');
    expect(got.map((x) => x.data)).toEqual(many);
  });

  it('says of frames that no buffer holds, and ends with 1', () => {
    put('big.pcap', [frame(0, 100), frame(1, 3000), frame(2, 200)], [0, 1, 2]);
    const { a, got } = heard('nmreplay -f big.pcap -i vale0:1');
    expect(got.map((x) => x.len)).toEqual([100, 200]);
    expect(a.text).toContain('nmreplay: 1 frames do not fit in a buffer of vale0:1');
    expect(a.status).toBe(1);
  });
});

describe('how it ends', () => {
  it('^C ends an endless one, and everything is given back', () => {
    run(w, 'ttyv0', 'nmreplay -f in.pcap -i vale0:1');
    const frames = w.m.ld32(L.MACHINE + L.M_FRAMES),
      m = begin(w, 'ttyv0', 'nmreplay -f in.pcap -i vale0:1 -n 0');
    pass(w, 1);
    w.type('ttyv0', '\x03');
    expect(finish(w, 'ttyv0', m, 2)).toMatch(/^(?:\^C)?Sent \d\d packets/m);
    expect(w.m.ld32(L.MACHINE + L.M_FRAMES)).toBe(frames);
    expect(w.tree.host.threads).toEqual([]);
  });

  it.each([
    ['-f none.pcap -i vale0:1', /^nmreplay: none\.pcap: No such file or directory$/m],
    ['-f mfsroot.img -i vale0:1', /^nmreplay: mfsroot\.img: truncated dump file/m],
    ['-f in.pcap', /^nmreplay: no port\nusage: nmreplay -f pcap-file -i port/m],
    ['-i vale0:1', /^nmreplay: no capture file$/m],
    ['-f in.pcap -i em9', /^nmreplay: cannot open netmap:em9: Device not configured$/m],
    ['-f in.pcap -i vale0:1 -T slow', /^nmreplay: invalid -T slow$/m],
    ['-f in.pcap -i vale0:1 -b 0', /^nmreplay: invalid -b 0$/m],
  ])('nmreplay %s', (args, says) => {
    const a = run(w, 'ttyv0', `nmreplay ${args}`);
    expect(a.text).toMatch(says);
    expect(a.status).toBe(1);
    expect([w.tree.host.fds, w.tree.host.devs]).toEqual([[], []]);
  });
});

it('in a guest, into the host', () => {
  boot(w, 'ttyv2', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale0:1 ${END}`);
  const files = w.tree.guests.netmapvm?.os.files ?? {};
  files['/root/in.pcap'] = w.tree.host.os.files['/root/in.pcap'] ?? '';
  const m = begin(w, 'ttyv1', 'tcpdump -i vale0:2 -w got.pcap -c 7');
  until(w, () => since(w, 'ttyv1', m).includes('capture size'));
  const a = run(w, 'ttyv2', 'nmreplay -f in.pcap -i vtnet0');
  expect(a.status).toBe(0);
  finish(w, 'ttyv1', m, 5);
  expect(readPcap(latin1(w.tree.host.os.files['/root/got.pcap'])).map((x) => x.data)).toEqual(FRAMES);
});

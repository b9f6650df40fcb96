// Readers of capture files for tests, written from the formats' documents and not from the lab's own reader; and tshark, where it
// is installed.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Seen {
  iface: string;
  ns: number;
  len: number;
  data: Uint8Array;
  comment: string;
  /** epb_flags: 1 in, 2 out. */
  flags: number;
}

/** pcapng, little endian, times in nanoseconds, one section: what the lab is to write, and nothing else. */
export function readPcapng(b: Uint8Array): { packets: Seen[]; names: string[]; stats: { received: number; dropped: number }[] } {
  const v = new DataView(b.buffer, b.byteOffset, b.length),
    u32 = (o: number) => v.getUint32(o, true),
    text = (o: number, n: number) => new TextDecoder().decode(b.subarray(o, o + n));
  const names: string[] = [],
    packets: Seen[] = [],
    stats: { received: number; dropped: number }[] = [];
  const options = (from: number, to: number) => {
    const out = new Map<number, [number, number]>();
    for (let o = from; o + 4 <= to && v.getUint16(o, true) !== 0; o += 4 + ((v.getUint16(o + 2, true) + 3) & ~3))
      out.set(v.getUint16(o, true), [o + 4, v.getUint16(o + 2, true)]);
    return out;
  };
  const long = (at: [number, number] | undefined) => (at ? u32(at[0]) + u32(at[0] + 4) * 2 ** 32 : 0);
  for (let at = 0; at < b.length; at += u32(at + 4)) {
    const end = at + u32(at + 4) - 4;
    if (u32(end) !== u32(at + 4)) throw new Error(`block at ${at} does not end with its length`);
    if (u32(at) === 1) {
      const o = options(at + 16, end),
        name = o.get(2),
        resolution = o.get(9);
      if (!resolution || b[resolution[0]] !== 9) throw new Error('times are not in nanoseconds');
      names.push(name ? text(...name) : '');
    } else if (u32(at) === 6) {
      const caplen = u32(at + 20),
        o = options(at + 28 + ((caplen + 3) & ~3), end),
        comment = o.get(1),
        flags = o.get(2);
      packets.push({
        iface: names[u32(at + 8)] ?? '?',
        ns: u32(at + 12) * 2 ** 32 + u32(at + 16),
        len: u32(at + 24),
        data: b.slice(at + 28, at + 28 + caplen),
        comment: comment ? text(...comment) : '',
        flags: flags ? u32(flags[0]) : 0,
      });
    } else if (u32(at) === 5) {
      const o = options(at + 20, end);
      stats[u32(at + 8)] = { received: long(o.get(4)), dropped: long(o.get(5)) };
    }
  }
  return { packets, names, stats };
}

/** The classic format with microseconds, little endian. */
export function readPcap(b: Uint8Array): { us: number; len: number; data: Uint8Array }[] {
  const v = new DataView(b.buffer, b.byteOffset, b.length),
    out: { us: number; len: number; data: Uint8Array }[] = [];
  if (v.getUint32(0, true) !== 0xa1b2c3d4) throw new Error('no pcap file');
  for (let at = 24; at < b.length; at += 16 + v.getUint32(at + 8, true))
    out.push({
      us: v.getUint32(at, true) * 1e6 + v.getUint32(at + 4, true),
      len: v.getUint32(at + 12, true),
      data: b.slice(at + 16, at + 16 + v.getUint32(at + 8, true)),
    });
  return out;
}

export const latin1 = (s: string | undefined) => Uint8Array.from(s ?? '', (c) => c.charCodeAt(0));

export const hasTshark = spawnSync('tshark', ['--version']).status === 0;
/** One line a packet: these fields, separated by |. */
export function tshark(file: Uint8Array, fields: readonly string[]): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'ringside-'));
  try {
    const path = join(dir, 'a');
    writeFileSync(path, file);
    const out = execFileSync('tshark', ['-r', path, '-n', '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((f) => ['-e', f])], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.toString().trimEnd().split('\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Sequence number of a pkt-gen txseq frame: the first word of the UDP payload. */
export const sequence = (data: Uint8Array) => new DataView(data.buffer, data.byteOffset).getUint32(42, false);

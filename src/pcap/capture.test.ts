// Capture files: what is written is read again, bytes against the drafts of the IETF, and hostile input.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadCapture, stampOfNs } from './capture.ts';
import { readCapture, readCaptureSoFar } from './read.ts';
import { joined, pcapHeader, pcapngHeader, pcapngInterface, pcapngPacket, pcapngStatistics, pcapPacket } from './write.ts';

const hex = (s: string) => Uint8Array.from(s.replace(/\s/g, '').match(/../g) ?? [], (x) => Number.parseInt(x, 16));
const thrown = (bytes: Uint8Array): BadCapture => {
  try {
    readCapture(bytes);
  } catch (error) {
    if (error instanceof BadCapture) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

// by hand from draft-ietf-opsawg-pcapng, sections 4.1 to 4.4
const SHB = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffff ffffffff 1c000000';
const IDB = '01000000 1c000000 0100 0000 00000000 0200 0300 656d3000 1c000000';
const SHB_BIG = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffff ffffffff 0000001c';

describe('pcapng', () => {
  it('is written as the draft has it', () => {
    expect(pcapngHeader()).toEqual(hex(SHB));
    expect(pcapngHeader({ bigEndian: true })).toEqual(hex(SHB_BIG));
    expect(pcapngInterface({ name: 'em0' })).toEqual(
      hex('01000000 28000000 0100 0000 00000000 0200 0300 656d3000 0900 0100 09000000 0000 0000 28000000'),
    );
    const packet = pcapngPacket({ iface: 1, ts: { sec: 1, nsec: 2 }, data: hex('aabbcc'), len: 60, comment: 'hi', direction: 'out' });
    // 1000000002 ns = 0x3b9aca02
    expect(packet).toEqual(
      hex(
        '06000000 38000000 01000000 00000000 02ca9a3b 03000000 3c000000 aabbcc00 0100 0200 68690000 0200 0400 02000000 0000 0000 38000000',
      ),
    );
  });

  it.each([false, true])('comes back, several interfaces and sections, big endian %s', (bigEndian) => {
    const file = joined([
      pcapngHeader({ bigEndian, application: 'lab', hardware: 'h', os: 'o', comment: 'c' }),
      pcapngInterface({ bigEndian, name: 'vale0:1', description: 'port 1', snaplen: 96, comment: 'ifc' }),
      pcapngInterface({ bigEndian, name: 'em0' }),
      pcapngPacket({
        bigEndian,
        iface: 1,
        ts: { sec: 1700000000, nsec: 123456789 },
        data: hex('0102030405'),
        comments: ['ring 0', 'slot ü'],
      }),
      pcapngPacket({ bigEndian, iface: 0, ts: stampOfNs(5), data: hex(''), len: 2000, direction: 'in', dropped: 4294967297 }),
      pcapngStatistics({ bigEndian, iface: 0, ts: stampOfNs(9), received: 12345678901, dropped: 3 }),
      pcapngHeader({ bigEndian: !bigEndian }),
      pcapngInterface({ bigEndian: !bigEndian, name: 'other' }),
      pcapngPacket({ bigEndian: !bigEndian, ts: stampOfNs(1.5e9), data: hex('ff') }),
    ]);
    const c = readCapture(file);
    expect(c.format).toBe('pcapng');
    expect(c.sections.map((s) => [s.bigEndian, s.application, s.comments])).toEqual([
      [bigEndian, 'lab', ['c']],
      [!bigEndian, undefined, []],
    ]);
    expect(c.interfaces.map((i) => [i.section, i.name, i.description, i.snaplen, i.linktype, i.tsresol])).toEqual([
      [0, 'vale0:1', 'port 1', 96, 1, 9],
      [0, 'em0', undefined, 0, 1, 9],
      [1, 'other', undefined, 0, 1, 9],
    ]);
    expect(c.interfaces[0]?.stats).toEqual({ received: 12345678901, dropped: 3 });
    expect(c.packets.map((p) => [p.iface, p.ts, p.len, [...p.data], p.comments, p.direction, p.dropped])).toEqual([
      [1, { sec: 1700000000, nsec: 123456789 }, 5, [1, 2, 3, 4, 5], ['ring 0', 'slot ü'], undefined, undefined],
      [0, { sec: 0, nsec: 5 }, 2000, [], [], 'in', 4294967297],
      [2, { sec: 1, nsec: 500000000 }, 1, [255], [], undefined, undefined],
    ]);
  });

  it('reads simple packets, and skips blocks and options that it does not know', () => {
    const unknown = '0dd0feca 10000000 01020304 10000000';
    const idb = '01000000 20000000 0100 0000 04000000 99880300 61626300 0000 0000 20000000';
    const spb = '03000000 14000000 09000000 0a0b0c0d 14000000'; // 9 on the wire, cut to the interface's 4
    const c = readCapture(hex(SHB + unknown + idb + spb));
    expect(c.skipped).toBe(1);
    expect(c.packets).toMatchObject([{ len: 9, iface: 0, data: hex('0a0b0c0d') }]);
    expect(c.packets[0]?.ts).toBeUndefined();
  });

  it.each([
    ['06', 1_500_000n, { sec: 1, nsec: 500_000_000 }],
    ['00', 7n, { sec: 7, nsec: 0 }],
    ['03', 1_234n, { sec: 1, nsec: 234_000_000 }],
    ['0c', 1_000_000_002_999n, { sec: 1, nsec: 2 }],
    ['8a', 1536n, { sec: 1, nsec: 500_000_000 }],
    ['a0', 0x1_8000_0000n, { sec: 1, nsec: 500_000_000 }],
    ['7f', 5n, { sec: 0, nsec: 0 }],
  ])('times in units of if_tsresol 0x%s', (resolution, ticks, ts) => {
    const idb = `01000000 20000000 0100 0000 00000000 0900 0100 ${resolution}000000 0000 0000 20000000`;
    const packet = pcapngPacket({ ts: { sec: Number(ticks / 1_000_000_000n), nsec: Number(ticks % 1_000_000_000n) }, data: hex('00') });
    expect(readCapture(joined([hex(SHB + idb), packet])).packets[0]?.ts).toEqual(ts);
  });

  const iface = pcapngInterface({ name: 'x' });
  it.each<[string, Uint8Array, RegExp, number]>([
    ['a length of 0', hex(`${SHB}01000000 00000000 00000000`), /has a length of 0 < 12/, 32],
    ['a length of 4 GB', hex(`${SHB}01000000 fcffffff 00000000`), /tried to read 4294967292 bytes, only got 12/, 32],
    ['a length that is no multiple of 4', hex(`${SHB}01000000 0d000000 00000000 00000000`), /not a multiple of 4/, 32],
    ['two lengths that differ', hex(`${SHB}01000000 10000000 00000000 14000000`), /does not match its trailer/, 40],
    [
      'a packet of 4 GB',
      hex(`${SHB}${IDB}06000000 20000000 00000000 00000000 00000000 ffffffff ffffffff 20000000`),
      /4294967295 captured bytes/,
      84,
    ],
    [
      'an interface that is not there',
      joined([hex(SHB), pcapngPacket({ iface: 3, ts: stampOfNs(0), data: hex('00') })]),
      /interface 3/,
      36,
    ],
    [
      'an option that is too long',
      hex(`${SHB}01000000 18000000 0100 0000 00000000 0200 ff00 18000000`),
      /option 2 has a length of 255/,
      44,
    ],
    ['no magic', hex('0a0d0d0a 1c000000 00000000 0100 0000 ffffffff ffffffff 1c000000'), /no byte-order magic/, 8],
    ['a version from the future', hex(SHB.replace('0100 0000', '0200 0000')), /unsupported pcapng savefile version 2\.0/, 12],
    ['another format', hex('89504e47 0d0a1a0a'), /unknown file format/, 0],
    ['an end in a block', joined([hex(SHB), iface.subarray(0, 20)]), /tried to read 40 bytes, only got 20/, 32],
  ])('%s is a BadCapture with its place', (_, bytes, message, offset) => {
    const error = thrown(bytes);
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
    expect(error.message).toContain(`(at byte ${offset})`);
  });

  it('gives what came before the fault', () => {
    const good = [pcapngHeader(), iface, pcapngPacket({ ts: stampOfNs(1), data: hex('01') })];
    const { capture, error } = readCaptureSoFar(joined([...good, hex('0600')]));
    expect(capture.packets).toHaveLength(1);
    expect(error?.message).toMatch(/truncated/);
  });

  it('cuts a comment that is too long at a whole character', () => {
    const c = readCapture(joined([pcapngHeader(), iface, pcapngPacket({ ts: stampOfNs(0), data: hex('00'), comment: 'ü'.repeat(40000) })]));
    expect(c.packets[0]?.comments).toEqual(['ü'.repeat(32767)]);
  });
});

describe('classic pcap', () => {
  it('is written as the draft has it', () => {
    expect(pcapHeader()).toEqual(hex('d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'));
    expect(pcapHeader({ bigEndian: true, nanoseconds: true, snaplen: 96 })).toEqual(
      hex('a1b23c4d 0002 0004 00000000 00000000 00000060 00000001'),
    );
    expect(pcapPacket({ ts: { sec: 1, nsec: 2999 }, data: hex('aa'), len: 60 })).toEqual(hex('01000000 02000000 01000000 3c000000 aa'));
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('comes back, big endian %s, nanoseconds %s', (bigEndian, nanoseconds) => {
    const o = { bigEndian, nanoseconds };
    const packets = [
      { ts: { sec: 4000000000, nsec: 999999999 }, data: hex('0102'), len: 2 },
      { ts: { sec: 0, nsec: 1000 }, data: hex(''), len: 1514 },
    ];
    const c = readCapture(joined([pcapHeader(o), ...packets.map((p) => pcapPacket(p, o))]));
    expect(c.bigEndian).toBe(bigEndian);
    expect(c.packets.map((p) => [p.ts, [...p.data], p.len])).toEqual([
      [{ sec: 4000000000, nsec: nanoseconds ? 999999999 : 999999000 }, [1, 2], 2],
      [{ sec: 0, nsec: 1000 }, [], 1514],
    ]);
  });

  it.each<[string, Uint8Array, RegExp, number]>([
    ['cut in the header', pcapHeader().subarray(0, 20), /tried to read 24 file header bytes, only got 20/, 0],
    ['cut in a record', joined([pcapHeader(), hex('0102')]), /tried to read 16 header bytes, only got 2/, 24],
    [
      'cut in a packet',
      joined([pcapHeader(), pcapPacket({ ts: stampOfNs(0), data: hex('0102') }).subarray(0, 17)]),
      /tried to read 2 captured bytes, only got 1/,
      40,
    ],
    [
      'a packet of 4 GB',
      joined([pcapHeader(), hex('00000000 00000000 ffffffff ffffffff')]),
      /invalid packet capture length 4294967295/,
      32,
    ],
    ['nothing at all', hex(''), /only got 0/, 0],
  ])('%s is a BadCapture with its place', (_, bytes, message, offset) => {
    expect(thrown(bytes).message).toMatch(message);
    expect(thrown(bytes).offset).toBe(offset);
  });
});

describe('any bytes', () => {
  const starts = [hex(SHB), hex(SHB_BIG), pcapHeader(), pcapHeader({ bigEndian: true }), hex('')];

  it('are a capture or a BadCapture, and never more packets than bytes can hold', () => {
    const run = fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }), (start, rest) => {
      const bytes = joined([start, rest]);
      const { capture, error } = readCaptureSoFar(bytes);
      expect(error === undefined || error instanceof BadCapture).toBe(true);
      expect(capture.packets.length * 16).toBeLessThanOrEqual(bytes.length);
      expect(capture.packets.reduce((n, p) => n + p.data.length, 0)).toBeLessThanOrEqual(bytes.length);
    });
    fc.assert(run, { seed: 7, numRuns: 3000 });
  });

  it('changed in a good file are so too', () => {
    const file = joined([
      pcapngHeader({ os: 'o' }),
      pcapngInterface({ name: 'em0' }),
      ...[1, 2, 3].map((n) => pcapngPacket({ ts: stampOfNs(n), data: hex('0102030405'), comment: 'c' })),
      pcapngStatistics({ ts: stampOfNs(9), received: 1 }),
    ]);
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    const run = fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(file.length), (changes, cut) => {
      const bytes = file.slice(0, cut);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const { error } = readCaptureSoFar(bytes);
      expect(error === undefined || error instanceof BadCapture).toBe(true);
    });
    fc.assert(run, { seed: 11, numRuns: 3000 });
  });
});

// From a packet's bytes to the rows and cells of the slot's view.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissect } from '../../pcap/dissect';
import type { SlotPacket } from '../../lab/protocol';
import { charOf, fieldAt, hexOf, layerAt, layersOf, rowsOf } from './cells';
import { tilesOf } from './Memory';

const UDP = 'ffffffffffff00a09832916b08004510002e00004000401126ad0a0000010a01000104d204d2001a94e372696e6773696465207061636b6574203337';
const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (x) => Number.parseInt(x, 16));
const packet = (frame: Uint8Array, header = 0): SlotPacket => ({
  slots: [0],
  from: 0,
  length: frame.length,
  open: false,
  header,
  fields: dissect(frame).fields,
  line: '',
});

describe('layers', () => {
  it('are Ethernet, IPv4, UDP and payload, each byte in the innermost', () => {
    const layers = layersOf(packet(bytes(UDP)));
    expect(layers.map((l) => l.title)).toEqual(['Ethernet', 'IPv4', 'UDP', 'payload']);
    expect([0, 13, 14, 33, 34, 41, 42, 59].map((at) => layerAt(layers, at))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(layerAt(layers, 60)).toBe(-1);
  });

  it('find the field of a byte, and the bytes of a field', () => {
    const layers = layersOf(packet(bytes(UDP)));
    expect(fieldAt(layers, 0)).toMatchObject({ name: 'eth.dst', from: 0, to: 6 });
    expect(fieldAt(layers, 27)).toMatchObject({ name: 'ip.src', value: '10.0.0.1', from: 26, to: 30 });
    expect(fieldAt(layers, 37)).toMatchObject({ name: 'udp.dstport', value: '1234' });
  });

  it('say of each checksum whether it is good, in words', () => {
    const note = (hex: string, name: string) =>
      layersOf(packet(bytes(hex)))
        .flatMap((l) => l.rows)
        .find((r) => r.name === name)?.note;
    expect(note(UDP, 'ip.checksum')).toBe('checksum good');
    const broken = UDP.replace('26ad', '26ae');
    expect(note(broken, 'ip.checksum')).toBe('checksum bad, should be 0x26ad');
    expect(note(UDP, 'udp.checksum')).toMatch(/^checksum (good|bad, should be 0x[0-9a-f]{4})$/);
  });

  it('of any bytes: rows have numbers of their own and lie inside the packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        const rows = layersOf(packet(frame)).flatMap((l) => l.rows);
        expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length);
        for (const r of rows) expect(r.from >= 0 && r.to >= r.from && r.to <= Math.max(frame.length, r.from)).toBe(true);
      }),
    );
  });
});

describe('the dump', () => {
  it('has each byte once, 16 a row, as hexdump -C shows it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (frame) => {
        const rows = rowsOf([...frame]);
        expect(rows.flatMap((r) => r.bytes)).toEqual([...frame]);
        expect(rows.every((r, i) => r.at === i * 16 && r.bytes.length <= 16)).toBe(true);
      }),
    );
    expect([0, 0x41, 0x7f].map((b) => hexOf(b) + charOf(b))).toEqual(['00.', '41A', '7f.']);
  });
});

describe('the memory', () => {
  it('draws the named buffer, whichever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5000 }), fc.nat(), (buffers, k) => {
        const named = k % buffers,
          tiles = tilesOf(named, buffers);
        expect(tiles).toContain(named);
        expect(tiles.every((t) => t >= 0 && t < buffers)).toBe(true);
      }),
    );
  });
});

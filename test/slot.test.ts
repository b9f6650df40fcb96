// A slot as the page is shown it: its words equal memory, its buffer's bytes are the packet that the guest sent, and whatever a
// guest writes into it, nothing outside of the ring's own buffers is shown.
import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { RingRef } from '../src/lab/protocol.ts';
import { slotView } from '../src/lab/slot_view.ts';
import { rings } from '../src/lab/view.ts';
import type { World } from '../src/lab/world.ts';
import { sending } from './sending.ts';

let w: World, tx: RingRef;
const at = (slot: number) => tx.ringAddr + L.RING_SLOT + slot * L.SLOT_SIZE;
const of = (slot: number) => {
  const v = slotView(w, tx.id, slot, true);
  if (!v) throw new Error(`no slot ${slot}`);
  return v;
};

beforeAll(() => {
  const lab = sending(16);
  w = lab.world;
  for (let i = 0; i < 3000; i++) w.advance(1);
  const ring = rings(w).find((r) => r.csbRing && r.dir === 'TX');
  if (!ring) throw new Error('no TX ring');
  tx = ring;
});

describe('a slot', () => {
  it('equals memory, word by word and byte by byte', () => {
    for (let i = 0; i < tx.slots; i++) {
      const v = of(i);
      expect(v.bytes).toEqual([...w.m.u8.subarray(at(i), at(i) + 16)]);
      expect([v.bufIdx, v.len, v.flags]).toEqual([w.m.ld32(at(i)), w.m.ld16(at(i) + 4), w.m.ld16(at(i) + 6)]);
      expect(v.wrong).toBe('');
      const buf = tx.ringAddr + w.m.ld32(tx.ringAddr + L.RING_BUF_OFS) + v.bufIdx * v.region.bufSize;
      expect(v.region.host + (v.buffer?.offset ?? 0)).toBe(buf);
      expect(v.buffer?.bytes).toEqual([...w.m.u8.subarray(buf, buf + v.len)]);
      // one offset behind two addresses
      expect(v.region.guest + v.region.ring).toBe(Number(tx.guestAddress));
    }
  });

  it('has the frame that pkt-gen sends, dissected', () => {
    const sent = Array.from({ length: tx.slots }, (_, i) => of(i)).find((v) => v.len > 0);
    expect(sent?.packet?.fields.map((f) => f.name).slice(0, 3)).toEqual(['eth', 'ip', 'udp']);
    expect(sent?.packet?.line).toMatch(/10\.0\.0\.1\.1234 > 10\.1\.0\.1\.1234: UDP/);
  });

  it('is undefined where there is none', () => {
    expect(slotView(w, tx.id, tx.slots, true)).toBeUndefined();
    expect(slotView(w, tx.id, -1, true)).toBeUndefined();
    expect(slotView(w, 'nothing', 0, true)).toBeUndefined();
  });
});

describe('what a guest may write', () => {
  const keep = (slot: number, f: () => void) => {
    const before = w.m.u8.slice(at(slot), at(slot) + 16);
    f();
    w.m.u8.set(before, at(slot));
  };

  it('a buf_idx that names no buffer shows none, and says so', () => {
    for (const bad of [0, 1, of(0).region.buffers, 0x7fffffff, 0xffffffff])
      keep(3, () => {
        w.m.st32(at(3), bad);
        const v = of(3);
        expect(v.buffer).toBeUndefined();
        expect(v.packet).toBeUndefined();
        expect(v.wrong).toContain(`buf_idx ${bad} `);
      });
  });

  it('a len past the buffer shows the buffer and no more', () => {
    keep(3, () => {
      w.m.st16(at(3) + L.SLOT_LEN, 0xffff);
      const v = of(3);
      expect(v.buffer?.bytes.length).toBe(v.region.bufSize);
      expect(v.wrong).toContain('len 65535 is more than');
    });
  });

  it('NS_INDIRECT is said, and the buffer is not taken for the packet', () => {
    keep(3, () => {
      w.m.st16(at(3) + L.SLOT_FLAGS, L.NS_INDIRECT | L.NS_REPORT);
      w.m.st32(at(3) + L.SLOT_PTR, 0x1000);
      const v = of(3);
      expect(v.flagNames).toEqual(['NS_REPORT', 'NS_INDIRECT']);
      expect(v.packet).toBeUndefined();
      expect(v.wrong).toContain('0x1000');
    });
  });

  it('NS_MOREFRAG in every slot ends: no packet is longer than its owner’s slots', () => {
    const all = w.m.u8.slice(at(0), at(tx.slots));
    for (let i = 0; i < tx.slots; i++) w.m.st16(at(i) + L.SLOT_FLAGS, L.NS_MOREFRAG);
    for (let i = 0; i < tx.slots; i++) {
      const p = of(i).packet;
      expect(p?.open).toBe(true);
      expect(p?.slots).toContain(i);
      expect(p?.slots.length).toBeLessThan(tx.slots);
      expect(p?.length).toBe(p?.slots.reduce((sum, s) => sum + of(s).len, 0));
    }
    w.m.u8.set(all, at(0));
  });

  it('a ring’s own buf_ofs is not believed', () => {
    const was = w.m.ld32(tx.ringAddr + L.RING_BUF_OFS),
      before = of(3);
    w.m.st32(tx.ringAddr + L.RING_BUF_OFS, 0x7fff0000);
    expect(of(3)).toEqual(before);
    w.m.st32(tx.ringAddr + L.RING_BUF_OFS, was);
  });
});

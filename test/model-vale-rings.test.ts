// A VALE switch of the lab against the model of facts netmap 1.3, 3.3 to 3.6: ports with several rings, payload in the sender's
// own memory, packets of more fragments than one may have, virtio-net headers of equal length.

import { describe, expect, it } from 'vitest';
import { numbers } from './hostile.ts';
import { macBytes } from './model/hash.ts';
import { distance } from './model/ring.ts';
import { MAX_FRAGS, NS_INDIRECT, NS_MOREFRAG } from './model/vale.ts';
import { must } from './model/vale_machine.ts';
import { OWN, RingsBench, type Shape } from './model/vale_rings.ts';

const MACS = [
  '02:00:00:00:00:01',
  '02:00:00:00:07:e7', // one bucket with the first
  '02:00:00:00:00:02',
  '00:aa:bb:cc:0a:01',
  '00:00:00:00:00:00',
  'ff:ff:ff:ff:ff:ff',
].map(macBytes);

interface Kind {
  n: number;
  shapes: readonly Shape[];
  seed: number;
  steps: number;
  frags?: number;
  indirect?: boolean;
  batches?: number[];
}

function traffic({ n, shapes, seed, steps, frags = 1, indirect = false, batches = [1024] }: Kind) {
  const b = new RingsBench(n, shapes),
    r = numbers(seed),
    pick = <T>(a: readonly T[]): T => must(a[r(a.length)]),
    seen = { sent: 0, dropped: 0, indirect: 0, headers: 0, long: 0, ringsHit: new Set<string>() };

  /** A packet into slots from `at`: its header in the first fragment, in one of its own, or in pieces. */
  function packet(port: number, ring: number, at: number, count: number) {
    const vhl = b.port(port).header ?? 0,
      apart = vhl > 0 && count > 1 && r(3) === 0;
    for (let f = 0; f < count; f++) {
      const k = (at + f) % n,
        slot = must(must(b.port(port).tx[ring]).slots[k]),
        ind = indirect && r(3) === 0,
        first = f === (apart ? 1 : 0);
      let len = first ? pick([14, 15, 60, 60, 64, 100, 200]) + (apart ? 0 : vhl) : pick([0, 1, 60, 64, 65, 200]);
      if (first && r(12) === 0) len = pick([0, 5, 13, vhl, vhl + 13]);
      if (apart && f === 0) len = vhl;
      if (apart && f === 0) seen.headers++;
      if (ind) seen.indirect++;
      const bytes = Array.from({ length: 256 }, () => r(256));
      if (first) bytes.splice(apart ? 0 : vhl, 12, ...pick(MACS), ...pick(MACS));
      b.write(
        port,
        ring,
        k,
        {
          idx: slot.idx,
          len,
          flags: (f < count - 1 ? NS_MOREFRAG : 0) | (ind ? NS_INDIRECT : 0),
          ptr: ind ? must(b.at[port]).own + r(OWN - 512) : 0,
        },
        bytes,
      );
    }
    if (count > MAX_FRAGS) seen.long++;
  }

  for (let i = 0; i < steps; i++) {
    const port = r(shapes.length),
      at = must(b.at[port]);
    if (r(10) < 6) {
      const ring = r(at.tx.length),
        { head, tail } = must(at.tx[ring]).words();
      let to = head,
        space = distance(n, head, tail);
      for (let k = r(Math.max(2, n >> 1)); k >= 0 && space > 0; k--) {
        const count = Math.min(space, 1 + (r(3) ? 0 : r(frags)));
        packet(port, ring, to, count);
        to = (to + count) % n;
        space -= count;
        seen.sent++;
      }
      b.batch = pick(batches);
      for (const d of b.send(port, ring, to)) seen.dropped += d.packets;
    } else {
      const ring = r(at.rx.length),
        { hwcur, hwtail } = must(at.rx[ring]).words(),
        count = distance(n, hwcur, hwtail);
      if (count) seen.ringsHit.add(`${port} ${ring}`);
      b.release(port, ring, (hwcur + (r(3) ? count : r(count + 1))) % n);
    }
    expect(b.differences(), `seed ${seed}, step ${i}, port ${port}`).toEqual([]);
  }
  return seen;
}
const ports = (...of: [number, number][]): Shape[] => of.map(([ntx, nrx]) => ({ ntx, nrx }));
const HDR = (header: number) => ports([1, 1], [2, 2], [1, 3]).map((s) => ({ ...s, header }));

describe('several rings a port', () => {
  it.each([1, 2, 3])('the sender’s ring modulo the receiver’s number; broadcast to ring 0 (seed %i)', (seed) => {
    const seen = traffic({ n: 8, shapes: ports([1, 1], [4, 2], [2, 4], [3, 3]), seed, steps: 150, frags: 3 });
    expect(seen.dropped).toBeGreaterThan(0);
    expect(seen.ringsHit.size, 'rings that have received').toBeGreaterThan(6);
  });
  it('small batches; sixteen rings', () => {
    traffic({ n: 8, shapes: ports([2, 2], [3, 1], [1, 2]), seed: 4, steps: 120, frags: 4, batches: [1, 2, 3] });
    traffic({ n: 4, shapes: ports([16, 16], [16, 5]), seed: 5, steps: 80 });
  });
});

describe('payload in the sender’s own memory', () => {
  it.each([1, 2])('NS_INDIRECT, alone and among fragments (seed %i)', (seed) => {
    const seen = traffic({ n: 16, shapes: ports([1, 1], [2, 2], [1, 1]), seed, steps: 150, frags: 4, indirect: true });
    expect(seen.indirect).toBeGreaterThan(50);
  });
  // 3.5, pass 2, step 4: "one copy; rounded up to 64 B; user copy for indirect".
  it('copied in multiples of 64 bytes too', () => {
    const b = new RingsBench(8, ports([1, 1], [1, 1])),
      slot = must(must(b.port(0).tx[0]).slots[0]);
    b.write(0, 0, 0, { ...slot, len: 20, flags: NS_INDIRECT, ptr: must(b.at[0]).own }, macBytes('ff:ff:ff:ff:ff:ff'));
    b.send(0, 0, 1);
    expect(b.differences()).toEqual([]);
  });
});

describe('virtio-net headers of equal length', () => {
  it.each([10, 12])('%i bytes: before the frame, in a fragment of their own, in pieces', (header) => {
    const seen = traffic({ n: 16, shapes: HDR(header), seed: header, steps: 200, frags: 4 });
    expect(seen.headers).toBeGreaterThan(20);
  });
  it('with payload elsewhere', () => {
    traffic({ n: 16, shapes: HDR(12), seed: 3, steps: 150, frags: 4, indirect: true });
  });
});

describe('more fragments than a packet may have', () => {
  it('ends at the 64th, and the rest is another', () => {
    const seen = traffic({ n: 256, shapes: ports([1, 1], [2, 2], [1, 1]), seed: 6, steps: 60, frags: 200 });
    expect(seen.long).toBeGreaterThan(10);
  });
  it('in small batches', () => {
    traffic({ n: 128, shapes: ports([1, 1], [1, 1]), seed: 7, steps: 40, frags: 127, batches: [1, 63, 64, 65] });
  });
});

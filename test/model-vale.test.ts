// A VALE switch of the lab against the model of facts netmap 3.2 to 3.5: random batches of several senders with fragments, bad
// slots, swapped buffers, small rings and batches; after each sync every slot, buffer, index, lease and bucket is compared.

import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { Lease } from './model/lease.ts';
import { macBytes } from './model/hash.ts';
import { distance, type Slot } from './model/ring.ts';
import { type Dropped, NS_BUF_CHANGED, NS_MOREFRAG } from './model/vale.ts';
import { must, ValeBench } from './model/vale_machine.ts';
import { prng } from './sending.ts';

const MACS = [
  '02:00:00:00:00:01',
  '02:00:00:00:07:e7', // one bucket with the first
  '02:00:00:00:00:02',
  '00:aa:bb:cc:0a:01',
  '00:aa:bb:cc:0a:02',
  '00:00:00:00:00:00',
  '01:00:5e:00:00:01',
  'ff:ff:ff:ff:ff:ff',
].map(macBytes);

/** Which of the odd things a run does. */
interface Kind {
  slots: number;
  ports: number;
  steps: number;
  batches: number[];
  frags: number;
  bad: boolean;
  leases: boolean;
}

function traffic(kind: Kind, seed: number) {
  const b = new ValeBench(kind.slots, kind.ports, seed),
    { n } = b,
    random = prng(seed),
    pick = <T>(a: readonly T[]): T => must(a[random(a.length)]),
    open: { port: number; lease: Lease }[] = [],
    seen = { sent: 0, dropped: 0, frags: 0, zero: 0, trailing: 0 },
    dropped: number[] = Array<number>(kind.ports).fill(0);

  /** A packet of some fragments into slots from `at`; the last slot's MOREFRAG when it is to be left unfinished. */
  function packet(port: number, at: number, frags: number, unfinished: boolean) {
    for (let f = 0; f < frags; f++) {
      const k = (at + f) % n,
        old = must(b.tx(port).slots[k]),
        len = f ? pick([0, 1, 60, 64, 65, 200]) : pick([14, 20, 60, 60, 60, 64, 100, 130, 1000, 1514, 2048]);
      const slot: Slot = {
        idx: old.idx,
        len,
        flags: (random(4) ? 0 : pick([1, 2, 4, 8, 3])) | (f < frags - 1 || unfinished ? NS_MOREFRAG : 0),
        ptr: random(3) ? 0 : random(1e6),
      };
      const bytes = Array.from({ length: 256 }, () => random(256));
      if (f === 0) bytes.splice(0, 12, ...pick(MACS), ...pick(MACS));
      b.write(port, 'tx', k, slot, bytes);
      if (!kind.bad || random(8)) continue;
      const { total } = b.port(port).pool;
      b.write(port, 'tx', k, { ...slot, ...pick([{ len: pick([0, 5, 13]) }, { len: 2049 }, { len: 65535 }, { idx: total }, { idx: 0 }]) });
      if (b.tx(port).slots[k]?.idx !== old.idx) mended.push({ port, k, idx: old.idx });
    }
  }
  /** Slots with a bad index get their buffer back after the sync. */
  let mended: { port: number; k: number; idx: number }[] = [];

  function send(port: number) {
    const at = must(b.at[port]).tx.words();
    let space = distance(n, at.head, at.tail),
      to = at.head;
    for (let k = random(Math.max(2, n >> 1)); k >= 0 && space > 0; k--) {
      const frags = Math.min(space, 1 + (random(3) ? 0 : random(kind.frags))),
        unfinished = k === 0 && random(12) === 0;
      packet(port, to, frags, unfinished);
      seen.sent++;
      if (frags > 1) seen.frags++;
      if (unfinished) seen.trailing++;
      to = (to + frags) % n;
      space -= frags;
    }
    b.batch = pick(kind.batches);
    return b.send(port, to);
  }
  function release(port: number) {
    const { hwcur, hwtail } = must(b.at[port]).rx.words(),
      count = distance(n, hwcur, hwtail);
    must(b.at[port]).rx.finalize();
    const to = (hwcur + (random(3) ? count : random(count + 1))) % n;
    if (count && !random(3)) {
      // the user forwards by swapping: a slot that it owns in each ring
      const tx = must(b.at[port]).tx.words(),
        [rs, ts] = [b.rx(port).slots[hwcur], b.tx(port).slots[tx.head]];
      if (tx.head !== tx.tail && rs && ts) {
        b.write(port, 'tx', tx.head, { ...ts, idx: rs.idx, flags: ts.flags | NS_BUF_CHANGED });
        b.write(port, 'rx', hwcur, { ...rs, idx: ts.idx, flags: rs.flags | NS_BUF_CHANGED });
      }
    }
    b.release(port, to);
  }

  for (let i = 0; i < kind.steps; i++) {
    const port = random(kind.ports),
      what = random(10);
    let lost: Dropped[] = [],
      did = 'release';
    if (what < 6) {
      lost = send(port);
      did = 'send';
    } else if (what < 9) release(port);
    else if (kind.leases && open.length < 2) {
      const lease = b.elsewhere(port, 1 + random(3));
      if (lease) open.push({ port, lease });
      did = 'lease';
    }
    if (open.length && random(4) === 0) {
      const [one] = open.splice(random(open.length), 1);
      // a sender elsewhere that has copied nothing yet leaves no packet: slots of zero length, or all given back
      if (one) b.completed(one.port, one.lease, 0);
      did += ', complete';
    }
    for (const d of lost) {
      dropped[d.port] = (dropped[d.port] ?? 0) + d.packets;
      seen.dropped += d.packets;
    }
    expect(b.compare(), `seed ${seed}, step ${i}: ${did} on port ${port}`).toEqual([]);
    for (const x of mended) b.write(x.port, 'tx', x.k, { ...must(b.tx(x.port).slots[x.k]), idx: x.idx });
    mended = [];
  }
  for (let p = 0; p < kind.ports; p++) seen.zero += b.rx(p).slots.filter((s) => s.len === 0).length;
  return { b, seen, dropped };
}

const PLAIN: Kind = { slots: 8, ports: 3, steps: 150, batches: [1024], frags: 1, bad: false, leases: false };

describe('one slot a packet', () => {
  it.each([1, 2, 3])('rings of 4, 8 and 32 slots, two to five ports (seed %i)', (seed) => {
    for (const [slots, ports] of [
      [4, 2],
      [8, 3],
      [32, 5],
    ] as const) {
      const { seen } = traffic({ ...PLAIN, slots, ports }, seed);
      expect(seen.sent).toBeGreaterThan(60);
      expect(seen.dropped).toBeGreaterThan(0);
    }
  });
  it('flushes of one to three packets, and values of bridge_batch that stand for others', () => {
    traffic({ ...PLAIN, batches: [1, 2, 3, 1024, 5000] }, 4);
    traffic({ ...PLAIN, slots: 16, batches: [1, 2] }, 5);
  });
  it('bridge_batch of 0 and less: everything counts as sent and vanishes', () => {
    const { b } = traffic({ ...PLAIN, batches: [0, -1] }, 6);
    for (const i of [0, 1, 2]) expect(b.rx(i).q.hwtail).toBe(0);
    expect(b.sw.table.every((e) => e.mac === 0)).toBe(true);
  });
  it('short frames, lengths beyond a buffer, indices of no buffer', () => {
    traffic({ ...PLAIN, bad: true }, 7);
  });
});

describe('packets of several slots', () => {
  it.each([1, 2, 3, 4])('up to 6 fragments (seed %i)', (seed) => {
    const { seen } = traffic({ ...PLAIN, slots: [8, 12, 16, 32][seed % 4] ?? 8, ports: 4, frags: 6 }, seed);
    expect(Math.min(seen.frags, seen.dropped, seen.trailing)).toBeGreaterThan(0);
  });
  it('with small batches, and bad slots among the fragments', () => {
    traffic({ ...PLAIN, slots: 16, frags: 5, batches: [1, 2, 3, 4] }, 11);
    traffic({ ...PLAIN, slots: 16, frags: 5, bad: true }, 12);
  });
});

describe('while other senders have leases of the same rings', () => {
  it.each([1, 2, 3, 4])('hwtail waits for them, and leftovers are of zero length (seed %i)', (seed) => {
    const { seen } = traffic({ ...PLAIN, slots: [6, 8, 16, 32][seed % 4] ?? 8, frags: 4, leases: true, steps: 250 }, seed);
    expect(Math.min(seen.dropped, seen.zero)).toBeGreaterThan(0);
  });
});

describe('packets of more than NETMAP_MAX_FRAGS slots', () => {
  /** 1023 packets of a slot and one of `frags` in a batch, then a plain one: who got that, and what lies beyond the table. */
  function long(slots: number, frags: number) {
    const b = new ValeBench(slots, 3),
      { tx } = must(b.at[0]),
      { m } = b.w,
      header = macBytes('ff:ff:ff:ff:ff:ff:02:00:00:00:00:09'),
      table = m.ld32(tx.kr + L.KR_FT),
      beyond = () => [...m.u8.slice(table + L.FT_TOTAL, table + L.FT_TOTAL + L.PAGE)],
      put = (k: number, flags: number) => {
        b.write(0, 'tx', k, { ...must(b.tx(0).slots[k]), len: 60, flags }, header);
      };
    const before = beyond(),
      end = 1023 + frags;
    for (let k = 0; k < end; k++) put(k, k >= 1023 && k < end - 1 ? NS_MOREFRAG : 0);
    b.send(0, end);
    const tail = () => [1, 2].map((p) => must(b.at[p]).rx.words().hwtail),
      was = tail();
    put(end, 0);
    b.send(0, end + 1);
    return { intact: JSON.stringify(beyond()) === JSON.stringify(before), arrived: tail().map((t, i) => t - (was[i] ?? 0)) };
  }
  it('64, the most that a packet may have: the table is full to its last entry', () => {
    expect(long(2048, 64)).toEqual({ intact: true, arrived: [1, 1] });
  });
  it('more than the 1088 entries of the table (3.1): what comes after still arrives', () => {
    expect(long(2048, 200).arrived).toEqual([1, 1]);
  });
  it('4096 slots: nothing is written beyond the table’s memory', () => {
    expect(long(4096, 3000).intact).toBe(true);
  });
});

describe('the lab counts what it drops', () => {
  it('packets that found no room, at the ring where they found none', () => {
    const { b, dropped } = traffic({ ...PLAIN, slots: 8, ports: 3, frags: 3 }, 21);
    const counted = b.at.map((at) => b.w.m.ld64(at.rx.kr + L.KR_STAT_DROPS));
    expect(counted).toEqual(dropped);
  });
});

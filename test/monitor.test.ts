// Monitors (facts netmap 4.4), against a model and an unmonitored twin: what each monitor gets is the end of each batch that fits
// it, byte for byte; what the port itself sends and receives is what it would be without them; and every buffer is where it
// belongs, in whatever order things are closed. All by direct calls of the free build, every number from a seed.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { numbers, planeOf } from './hostile.ts';
import { free, memOf, opened, regif, type Packet, Port } from './monitor_port.ts';
import { freshLab } from './typed.ts';

/** A monitor and what it must hold. */
interface Watch {
  port: Port;
  /** Of the twin: whose rings it looks at. */
  at: 'a' | 'b';
  tx: boolean;
  rx: boolean;
  zcopy: boolean;
  n: number;
  hwcur: number;
  hwtail: number;
  slots: (Packet & { tx: boolean })[];
}

const indices = (p: Port, tx: boolean) => [L.KR_NR_HWCUR, L.KR_NR_HWTAIL, L.KR_RHEAD].map((f) => p.word(tx, f));

/** One run: a sends to b, both in a world with monitors and in one without; monitors come and go. */
function runOne(kind: 'vale' | 'pipe', seed: number, rounds: number) {
  const r = numbers(seed),
    [an, bn] = kind === 'vale' ? ['vale0:a', 'vale0:b'] : ['vale0:p{1', 'vale0:p}1'];
  const [w, twin] = [freshLab(16), freshLab(16)].map((x) => {
    const plane = planeOf(x);
    return { w: x, a: new Port(x, plane, opened(x, an)), b: new Port(x, plane, opened(x, bn)), plane };
  }) as [{ w: World; a: Port; b: Port; plane: ReturnType<typeof planeOf> }, { w: World; a: Port; b: Port }];
  const mem = memOf(w.w, w.a.fd),
    before = free(w.w, mem),
    mems = w.w.tree.host.mems.length;
  const watches: Watch[] = [];
  /** What the slots of the monitored rings hold, for the zero-copy monitor: buffers that change places take it with them. */
  const held = { a: Array.from({ length: 16 }, () => ({ id: 0, len: 2048 })), b: Array.from({ length: 16 }, () => ({ id: 0, len: 2048 })) };
  let seen = 0,
    skipped = 0;

  const give = (x: Watch, tx: boolean, batch: Packet[], swap?: (i: number, was: Packet) => void) => {
    const room = x.n - 1 - ((x.hwtail - x.hwcur + x.n) % x.n),
      fit = Math.min(room, batch.length);
    skipped += batch.length - fit;
    seen += fit;
    for (let i = batch.length - fit; i < batch.length; i++) {
      const old = x.slots[x.hwtail] as Packet;
      x.slots[x.hwtail] = { ...(batch[i] as Packet), tx };
      swap?.(i, { id: old.id, len: old.len });
      x.hwtail = (x.hwtail + 1) % x.n;
    }
  };
  const between = (from: number, to: number) => Array.from({ length: (to - from + 16) % 16 }, (_, i) => (from + i) % 16);
  const copies = (at: 'a' | 'b', tx: boolean) => watches.filter((x) => x.at === at && !x.zcopy && (tx ? x.tx : x.rx));
  const zero = (at: 'a' | 'b', tx: boolean) => watches.find((x) => x.at === at && x.zcopy && (tx ? x.tx : x.rx));

  let id = 1;
  for (let round = 0; round < rounds; round++) {
    switch (r(5)) {
      case 0: {
        const at = r(2) ? 'a' : 'b',
          dir = [0x100, 0x200, 0x300][r(3)] ?? 0,
          zcopy = r(3) === 0,
          n = r(3) ? 0 : 2 + r(30),
          mode = kind === 'vale' ? R.NR_REG_ALL_NIC : at === 'a' ? R.NR_REG_PIPE_MASTER : R.NR_REG_PIPE_SLAVE;
        // the zero-copy monitor of a TX ring of a pipe gets back what the receiver gave: not modelled here
        if (watches.length > 5 || (zcopy && kind === 'pipe' && (dir & 0x100 || at === 'b'))) break;
        const taken = watches.some((x) => x.at === at && (zcopy || x.zcopy) && ((dir & 0x100 && x.tx) || (dir & 0x200 && x.rx)));
        const fd = regif(w.w, kind === 'vale' ? (at === 'a' ? an : bn) : 'vale0:p', {
          nr_flags: mode | dir | (zcopy ? R.NR_ZCOPY_MON : 0),
          nr_ringid: kind === 'pipe' ? 1 : 0,
          nr_rx_slots: n,
        });
        expect(typeof fd === 'string' ? fd : '').toBe(taken ? 'EBUSY' : '');
        if (typeof fd === 'string') break;
        const port = new Port(w.w, w.plane, fd);
        expect(port.n(false)).toBe(n || 16);
        watches.push({
          port,
          at,
          tx: (dir & 0x100) !== 0,
          rx: (dir & 0x200) !== 0,
          zcopy,
          n: n || 16,
          hwcur: 0,
          hwtail: 0,
          slots: Array.from({ length: n || 16 }, () => ({ id: 0, len: 2048, tx: false })),
        });
        break;
      }
      case 1: {
        // a monitor reads some
        const x = watches[r(watches.length || 1)];
        if (!x) break;
        expect(x.port.sync(false)).toBe(0);
        expect(x.port.tail(false)).toBe(x.hwtail);
        const k = r(x.port.ready(false) + 1);
        for (let i = 0; i < k; i++) {
          const at = (x.port.head(false) + i) % x.n,
            got = x.port.read(false, at),
            want = x.slots[at] as Packet & { tx: boolean };
          expect([got.id, got.len, (got.flags & L.NS_TXMON) !== 0], `round ${round}`).toEqual([want.id, want.len, want.tx]);
        }
        x.port.advance(false, k);
        x.port.sync(false);
        x.hwcur = x.port.head(false);
        break;
      }
      case 2: {
        // b receives some and gives them back
        for (const p of [w.b, twin.b]) p.sync(false);
        expect(w.b.ready(false)).toBe(twin.b.ready(false));
        const k = r(twin.b.ready(false) + 1),
          from = twin.b.head(false);
        for (let i = 0; i < k; i++) {
          const at = (from + i) % 16,
            [x, y] = [w.b.read(false, at), twin.b.read(false, at)];
          expect([x.id, x.len, x.flags & ~L.NS_BUF_CHANGED]).toEqual([y.id, y.len, y.flags & ~L.NS_BUF_CHANGED]);
          held.b[at] = { id: y.id, len: y.len };
        }
        const z = zero('b', false),
          gone = between(from, (from + k) % 16);
        if (z)
          give(
            z,
            false,
            gone.map((i) => held.b[i] as Packet),
          ); // what it leaves there, b's next packets overwrite
        for (const p of [w.b, twin.b]) {
          p.advance(false, k);
          p.sync(false);
        }
        break;
      }
      case 3:
        if (r(6) === 0 && watches.length) {
          const x = watches[r(watches.length)] as Watch;
          watches.splice(watches.indexOf(x), 1);
          expect(w.w.host.netmap.tryClose(x.port.fd)).toBe(true);
        }
        break;
      default: {
        const n = r(twin.a.ready(true) + 1),
          from = twin.a.head(true),
          mac = seed;
        expect(w.a.ready(true)).toBe(twin.a.ready(true));
        for (let i = 0; i < n; i++) {
          const p = { id: id++, len: 60 + r(100) },
            at = (from + i) % 16;
          for (const x of [w.a, twin.a]) x.write(at, p, mac);
          held.a[at] = p;
        }
        for (const x of [w.a, twin.a]) x.advance(true, n);
        const batch = between(twin.a.word(true, L.KR_NR_HWCUR), twin.a.head(true)).map((i) => twin.a.read(true, i));
        for (const x of copies('a', true)) give(x, true, batch);
        const tail = twin.a.word(true, L.KR_NR_HWTAIL),
          come = twin.b.word(false, L.KR_NR_HWTAIL);
        for (const x of [w.a, twin.a]) expect(x.sync(true)).toBe(0);
        const z = zero('a', true),
          back = between(tail, twin.a.word(true, L.KR_NR_HWTAIL));
        if (z)
          give(
            z,
            true,
            back.map((i) => held.a[i] as Packet),
            (i, was) => {
              held.a[back[i] as number] = was;
            },
          );
        const arrived = between(come, twin.b.word(false, L.KR_NR_HWTAIL)).map((i) => twin.b.read(false, i));
        for (const x of copies('b', false)) give(x, false, arrived);
      }
    }
    for (const tx of [true, false])
      for (const p of ['a', 'b'] as const) expect(indices(w[p], tx), `round ${round}, ${p}`).toEqual(indices(twin[p], tx));
    for (const x of watches) expect(x.port.word(false, L.KR_NR_HWTAIL)).toBe(x.hwtail);
  }
  // every buffer of the allocator is in one slot
  const all = [w.a, w.b, ...watches.filter((x) => x.zcopy).map((x) => x.port)].flatMap((p) =>
    [...p.bufs(true), ...p.bufs(false)].map((b) => `${memOf(w.w, p.fd)} ${b}`),
  );
  expect(new Set(all).size).toBe(all.length);
  return { w: w.w, watches, mem, before, mems, seen, skipped, ports: [w.a.fd, w.b.fd], id };
}

describe('a monitor against its model', () => {
  for (const kind of ['vale', 'pipe'] as const)
    it(`${kind}: the end of each batch, byte for byte, and the port as without it`, { timeout: 60_000 }, () => {
      let seen = 0,
        skipped = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const o = runOne(kind, seed, 250);
        seen += o.seen;
        skipped += o.skipped;
        // monitors go first: the pools are as they were
        for (const f of o.w.tree.host.fds.filter((x) => !o.ports.includes(x))) expect(o.w.host.netmap.tryClose(f)).toBe(true);
        expect(free(o.w, o.mem)).toEqual(o.before);
        expect(o.w.tree.host.mems.length).toBe(o.mems);
        for (const f of o.ports) expect(o.w.host.netmap.tryClose(f)).toBe(true);
        expect([o.w.tree.host.adapters, o.w.tree.host.mems, o.w.tree.host.fds]).toEqual([[], [], []]);
      }
      expect(seen).toBeGreaterThan(2000);
      expect(skipped).toBeGreaterThan(500);
    });

  it('whatever is closed first, all is given back', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const r = numbers(seed + 50),
        { w } = runOne(seed % 2 ? 'vale' : 'pipe', seed + 100, 60),
        { netmap } = w.host,
        frames = () => w.m.ld32(L.MACHINE + L.M_FRAMES);
      while (w.tree.host.fds.length) expect(netmap.tryClose(w.tree.host.fds[r(w.tree.host.fds.length)] as NetmapFd)).toBe(true);
      expect([w.tree.host.adapters, w.tree.host.mems, w.tree.host.bridges]).toEqual([[], [], []]);
      const now = frames();
      const again = opened(w, 'vale0:a'),
        mon = opened(w, 'vale0:a/rt');
      for (const f of [again, mon]) expect(netmap.tryClose(f)).toBe(true);
      expect(frames(), 'not a page is lost').toBe(now);
    }
  });
});

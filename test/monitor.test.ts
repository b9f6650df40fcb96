// Monitors (facts netmap 4.4), against a model and an unmonitored twin: what each monitor gets is the end of each batch that fits
// it, byte for byte; what the port itself sends and receives is what it would be without them; and every buffer is where it
// belongs, in whatever order things are closed. All by direct calls of the free build, every number from a seed.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Client, numbers, planeOf } from './hostile.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

const opened = (w: World, name: string): NetmapFd => {
  const fd = w.host.netmap.open(1, name);
  if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
  return fd;
};
/** Registers by hand: with a number of slots. Answers an errno's name, or the descriptor. */
function regif(w: World, name: string, more: Partial<R.Nmreq>): NetmapFd | string {
  const { netmap } = w.host,
    id = netmap.dev(1),
    e = netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(name, { nr_flags: R.NR_REG_ALL_NIC, ...more }));
  if (!e) return netmap.fd(id) as NetmapFd;
  w.tree.host.devs = w.tree.host.devs.filter((d) => d.id !== id);
  return e;
}
const free = (w: World, mem: number) => [L.POOL_IF, L.POOL_RING, L.POOL_BUF].map((i) => w.host.netmap.mem.freeCount(mem, i));
const memOf = (w: World, fd: NetmapFd) => w.m.ld32(fd.na + L.NA_MEM);

/** What a slot holds, as the model keeps it: a packet's number, 0 for a buffer that nobody has written, and its length. */
interface Packet {
  id: number;
  len: number;
}
const byte = (id: number, k: number) => (Math.imul(id, 2654435761) >>> (k % 24)) & 255;

class Port extends Client {
  kring(tx: boolean) {
    return tx ? this.fd.tx : this.fd.rx;
  }
  word(tx: boolean, f: number) {
    return this.w.m.ld32(this.kring(tx) + f);
  }
  head(tx: boolean) {
    return this.w.m.ld32(this.ring(tx) + L.RING_HEAD);
  }
  tail(tx: boolean) {
    return this.w.m.ld32(this.ring(tx) + L.RING_TAIL);
  }
  slot(tx: boolean, i: number) {
    return this.ring(tx) + L.RING_SLOT + i * L.SLOT_SIZE;
  }
  advance(tx: boolean, k: number) {
    const { m } = this.w,
      to = (this.head(tx) + k) % this.n(tx);
    m.st32(this.ring(tx) + L.RING_HEAD, to);
    m.st32(this.ring(tx) + L.RING_CUR, to);
  }
  ready(tx: boolean) {
    return (this.tail(tx) - this.head(tx) + this.n(tx)) % this.n(tx);
  }
  write(i: number, p: Packet, to: number) {
    const { m } = this.w,
      at = this.buf(true, i);
    for (let k = 0; k < p.len; k++) m.st8(at + k, byte(p.id, k));
    m.st32(at, 0xffffffff); // to everybody
    m.st32(at + 4, 0x0002ffff);
    m.st32(at + 8, to);
    m.st32(at + 16, p.id);
    m.st16(this.slot(true, i) + L.SLOT_LEN, p.len);
    m.st16(this.slot(true, i) + L.SLOT_FLAGS, L.NS_REPORT);
  }
  /** The packet in a slot, as read; its bytes are looked at. */
  read(tx: boolean, i: number): Packet & { flags: number } {
    const { m } = this.w,
      at = this.buf(tx, i),
      id = m.ld32(at + 16),
      len = m.ld16(this.slot(tx, i) + L.SLOT_LEN);
    if (id && id < 1e6) for (let k = 20; k < len; k++) if (m.ld8(at + k) !== byte(id, k)) throw new Error(`packet ${id} differs at ${k}`);
    return { id, len, flags: m.ld16(this.slot(tx, i) + L.SLOT_FLAGS) };
  }
  bufs(tx: boolean) {
    return Array.from({ length: this.n(tx) }, (_, i) => this.w.m.ld32(this.slot(tx, i)));
  }
}

/** poll(2) answers POLLERR; it may sleep as well. */
function failed(c: Client, events: number): boolean {
  const r = c.poll(events);
  return r !== 0xffffffff && (r & L.POLLERR) !== 0;
}

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

describe('opening one', () => {
  it('needs a port in netmap mode', () => {
    const w = freshLab(16);
    for (const n of ['vale0:1/t', 'netmap:ix0/r', 'netmap:em0/rt', 'vale0:1{1/r', 'netmap:ix0/zr'])
      expect(w.host.netmap.open(1, n), n).toBe('EINVAL');
    expect(w.host.netmap.open(1, 'netmap:em9/r')).toBe('ENXIO');
    expect([w.tree.host.adapters, w.tree.host.mems, w.tree.host.bridges]).toEqual([[], [], []]);
    expect(w.host.netmap.open(1, 'vale0:1/z'), 'z alone asks for no monitor').toBeTypeOf('object');
    expect(w.tree.host.adapters.map((a) => a.name)).toEqual(['vale0:1']);
  });
  it('has one TX ring that sends nothing and the larger number of RX rings; slots and allocator as the text says', () => {
    const w = freshLab(16),
      parent = regif(w, 'vale0:1', { nr_tx_rings: 2, nr_rx_rings: 3, nr_tx_slots: 32, nr_rx_slots: 64 }) as NetmapFd,
      mon = opened(w, 'vale0:1/rt');
    expect([mon.ntx, mon.nrx]).toEqual([1, 3]);
    const c = new Port(w, planeOf(w), mon);
    expect([c.n(true), c.n(false)]).toEqual([32, 64]);
    expect(failed(c, L.POLLOUT), 'no room to send: there is some, but none of it goes').toBe(false);
    c.advance(true, 3);
    expect(failed(c, 0)).toBe(true);
    expect(memOf(w, mon)).not.toBe(memOf(w, parent));
    w.host.netmap.close(mon);
    const zc = opened(w, 'vale0:1/zrt');
    expect(memOf(w, zc)).toBe(memOf(w, parent));
    for (const n of ['vale0:1/zr', 'vale0:1/t', 'vale0:1/rt']) expect(w.host.netmap.open(1, n)).toBe('EBUSY');
    w.host.netmap.close(zc);
    for (let i = 0; i < 3; i++) opened(w, 'vale0:1/r');
    expect(w.host.netmap.open(1, 'vale0:1/zr')).toBe('EBUSY');
    expect(w.host.netmap.open(1, 'vale0:1/zt')).toBeTypeOf('object');
    expect(w.host.netmap.open(1, 'vale0:1^/r'), 'a switch port has no host rings').toBe('EINVAL');
    expect((regif(w, 'vale0:1', { nr_flags: R.NR_REG_ALL_NIC | R.NR_MONITOR_RX, nr_rx_slots: 9000 }) as NetmapFd).nrx).toBe(3);
  });
  it('a port that leaves netmap mode leaves it behind: EIO', () => {
    const w = freshLab(16),
      parent = opened(w, 'vale0:1'),
      mons = ['vale0:1/r', 'vale0:1/t', 'vale0:1/zt'].map((n) => w.host.netmap.open(1, n));
    expect(mons[2]).toBe('EBUSY');
    const c = new Port(w, planeOf(w), mons[0] as NetmapFd);
    expect(failed(c, L.POLLIN)).toBe(false);
    expect(w.host.netmap.tryClose(parent)).toBe(true);
    expect(failed(c, L.POLLIN)).toBe(true);
    opened(w, 'vale0:1'); // another port of that name is not the one it knew
    expect(failed(c, L.POLLIN)).toBe(true);
    for (const f of [...w.tree.host.fds]) expect(w.host.netmap.tryClose(f)).toBe(true);
    expect([w.tree.host.adapters, w.tree.host.mems]).toEqual([[], []]);
  });
  it('not while somebody is inside the ring: the kernel waits', () => {
    const w = freshLab(16),
      { fd } = { fd: opened(w, 'vale0:1') };
    w.m.st32(fd.rx + L.KR_NR_BUSY, 1);
    const id = w.host.netmap.dev(1),
      req = () => R.newNmreq('vale0:1', { nr_flags: R.NR_REG_ALL_NIC | R.NR_MONITOR_RX });
    expect(w.host.netmap.ioctl(id, R.NIOCREGIF, req())).toBe('ERESTART');
    expect(w.m.ld32(fd.rx + L.KR_STOPPED)).toBe(0);
    expect(w.tree.host.adapters.length).toBe(1);
    w.m.st32(fd.rx + L.KR_NR_BUSY, 0);
    expect(w.host.netmap.ioctl(id, R.NIOCREGIF, req())).toBeUndefined();
    const mon = w.host.netmap.fd(id) as NetmapFd;
    w.m.st32(fd.rx + L.KR_NR_BUSY, 1);
    expect(w.host.netmap.tryClose(mon)).toBe(false);
    expect(w.host.netmap.tryClose(fd)).toBe(false);
    w.m.st32(fd.rx + L.KR_NR_BUSY, 0);
    expect(w.host.netmap.tryClose(mon)).toBe(true);
    expect(w.host.netmap.tryClose(fd)).toBe(true);
  });
});

const received = (text: string) => Number(/Received (\d+) packets/.exec(text)?.[1] ?? 0);
/** Programs at terminals: those in the background are ended by ^C, the last line is run. */
function watch(w: World, lines: string[], tx: string): string[] {
  const marks = lines.map((l, i) => {
    const m = begin(w, `ttyv${i + 1}`, l);
    pass(w, 0.01);
    return m;
  });
  run(w, 'ttyv0', tx);
  pass(w, 0.01);
  return lines
    .map((_, i) => i)
    .reverse()
    .map((i) => {
      w.type(`ttyv${i + 1}`, '\x03');
      return finish(w, `ttyv${i + 1}`, marks[i] ?? 0);
    })
    .reverse();
}

describe('at the terminal', () => {
  it('pkt-gen and tcpdump look on at a NIC, both ways', () => {
    const w = freshLab(64, 4);
    run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1 hw.ix.txd=512 hw.ix.rxd=512');
    const [rx, mon, dump] = watch(
      w,
      ['pkt-gen -i ix0 -f rx -w 0', 'pkt-gen -i netmap:ix0/r -f rx -w 0', 'tcpdump -n -i netmap:ix0/rt'],
      'pkt-gen -i ix1 -f tx -n 100 -b 8 -R 1000000 -w 0',
    );
    expect([rx, mon].map((t) => received(t ?? ''))).toEqual([100, 100]);
    expect(dump).toContain('100 packets captured');
  });
  it('a receiver that never receives: the monitor sees until its ring is full', () => {
    const w = freshLab(64, 2);
    opened(w, 'vale0:idle');
    const [mon] = watch(w, ['pkt-gen -i vale0:idle/r -f rx'], 'pkt-gen -i vale0:2 -f tx -n 200 -b 8 -R 1000000');
    expect(received(mon ?? '')).toBe(63);
  });
  it('an emulated port and the stack behind it', () => {
    const w = freshLab(64, 3);
    run(w, 'ttyv0', 'ifconfig tap create');
    run(w, 'ttyv0', 'ifconfig tap0 10.9.0.1/24 up');
    const [, dump] = watch(w, ["pkt-gen -i 'netmap:tap0^' -f rx -w 0", "tcpdump -n -i 'netmap:tap0^/r'"], 'ping -c 2 10.9.0.2');
    expect(dump).toMatch(/ARP, Request who-has 10\.9\.0\.2/);
  });
  it('an attached NIC, under the switch', () => {
    const w = freshLab(64, 3);
    run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1 hw.ix.txd=512 hw.ix.rxd=512');
    run(w, 'ttyv0', 'vale-ctl -a vale0:ix0');
    const got = watch(
      w,
      ['pkt-gen -i netmap:ix0/r -f rx -w 0', 'pkt-gen -i vale0:ix0/t -f rx'],
      'pkt-gen -i ix1 -f tx -n 100 -b 8 -R 1000000 -w 0',
    );
    expect(got.map(received)).toEqual([100, 100]);
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:ix0/t -f rx');
    pass(w, 0.01);
    expect(run(w, 'ttyv0', 'vale-ctl -d vale0:ix0').status).toBe(0);
    expect(finish(w, 'ttyv1', m)).toContain('poll err');
    expect(w.tree.host.adapters.map((a) => a.name)).toEqual([]);
  });
});

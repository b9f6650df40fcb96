// Allocators and registration of the lab against their model (facts netmap 1.7, 1.8, 1.12, 1.13, 4.1): random opens and closes
// of switch ports, pipes and NICs; after each the answer, who holds which rings, and what is left in every pool.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import * as L from '../wasm/layout.ts';
import { numbers } from './hostile.ts';
import { type Adapter, type Ask, type Fd, MODE, Registry } from './model/registry.ts';
import { freshLab, run } from './typed.ts';

const SLOTS = 8;
/** A host whose global allocator is soon exhausted, and the model of it. */
function bench() {
  const w = freshLab(SLOTS, 1),
    global = { if: 12, ring: 20, buf: 1600 };
  run(w, 'ttyv0', 'sysctl hw.ix.txd=64 hw.ix.rxd=64 hw.ix.num_queues=2');
  run(w, 'ttyv0', `sysctl dev.netmap.buf_num=${global.buf} dev.netmap.ring_num=${global.ring} dev.netmap.if_num=${global.if}`);
  const nic = { queues: 2, slots: 64 },
    model = new Registry({
      global: [
        { size: 1024, num: global.if },
        { size: 36864, num: global.ring },
        { size: 2048, num: global.buf },
      ],
      nics: { ix0: nic, ix1: nic },
      slots: SLOTS,
      laidOutFor: 1024,
    }),
    { netmap } = w.host,
    { m } = w,
    mine: { got: NetmapFd; want: Fd }[] = [];

  /** The same open in both; what differs. */
  function open(q: Ask): { want: string; diff: string[] } {
    const id = netmap.dev(1),
      req = R.newNmreq(q.name, {
        nr_flags: q.mode | (q.exclusive ? R.NR_EXCLUSIVE : 0),
        nr_ringid: q.ringid,
        nr_arg1: q.pipes,
        nr_arg2: q.memId,
        nr_arg3: q.extra,
        nr_tx_rings: q.rings[0],
        nr_rx_rings: q.rings[1],
        nr_tx_slots: q.slots,
        nr_rx_slots: q.slots,
      });
    const e = netmap.ioctl(id, R.NIOCREGIF, req),
      want = model.open(q);
    w.tree.host.devs = w.tree.host.devs.filter((d) => d.id !== id);
    if (typeof want === 'string') return { want, diff: e === want ? [] : [`answer: got ${e ?? 'yes'}, expected ${want}`] };
    if (e) return { want: 'yes', diff: [`answer: got ${e}, expected yes`] };
    const got = netmap.fd(id) as NetmapFd,
      { na } = want;
    mine.push({ got, want });
    const reply = [
        req.nr_arg2,
        req.nr_arg3,
        req.nr_memsize,
        req.nr_offset,
        req.nr_tx_rings,
        req.nr_rx_rings,
        req.nr_tx_slots,
        req.nr_rx_slots,
      ],
      expected = [na.mem.id, want.extra.length, na.mem.bytes, want.nifp * na.mem.ifSize, na.ntx, na.nrx, na.slots, na.slots];
    const diff = JSON.stringify(reply) === JSON.stringify(expected) ? [] : [`reply: got ${reply.join()}, expected ${expected.join()}`];
    const chain: number[] = [],
      mem = netmap.memOf(got).addr;
    for (
      let b = m.ld32(got.nifp + L.NIF_BUFS_HEAD);
      b && chain.length <= want.extra.length;
      b = m.ld32(netmap.mem.addr(mem, L.POOL_BUF, b))
    )
      chain.push(b);
    if (chain.join() !== want.extra.join())
      diff.push(`extra buffers: got ${chain.slice(0, 9).join()}…, expected ${want.extra.slice(0, 9).join()}…`);
    if (netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(q.name, { nr_flags: R.NR_REG_ALL_NIC })) !== 'EBUSY') diff.push('registered twice');
    return { want: 'yes', diff };
  }
  function close(i: number) {
    const [one] = mine.splice(i, 1);
    if (!one) return;
    netmap.close(one.got);
    model.close(one.want);
  }

  const rings = (na: Adapter) => [...na.tx, ...na.rx].map((r) => `${r.users}${r.exclusive ? 'x' : ''}`).join(' ');
  function differences(): string[] {
    const out: string[] = [],
      t = w.tree.host,
      say = (what: string, g: unknown, e: unknown) => {
        if (JSON.stringify(g) !== JSON.stringify(e)) out.push(`${what}: got ${JSON.stringify(g)}, expected ${JSON.stringify(e)}`);
      };
    say('ports', t.adapters.map((a) => a.name).sort(), model.adapters.map((a) => a.name).sort());
    say('allocators', t.mems.map((x) => x.id).sort(), model.mems.map((x) => x.id).sort());
    for (const x of model.mems) {
      const got = t.mems.find((y) => y.id === x.id);
      if (got)
        say(
          `objects left in ${x.id}`,
          [0, 1, 2].map((i) => netmap.mem.freeCount(got.addr, i)),
          [x.ifs.left, x.rings.left, x.bufs.left],
        );
    }
    for (const na of model.adapters) {
      const got = netmap.nas.find(na.name);
      if (!got) continue;
      const krings = netmap.nas.krings(got.addr);
      say(
        `rings of ${na.name}`,
        krings.map((kr) => `${m.ld32(kr + L.KR_USERS)}${m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_EXCLUSIVE ? 'x' : ''}`).join(' '),
        rings(na),
      );
      say(`${na.name} in netmap mode`, (m.ld32(got.addr + L.NA_FLAGS) & L.NAF_NETMAP_ON) !== 0, na.fds > 0);
    }
    // no buffer in two places, and none that is free
    const places = new Map<number, number[]>(),
      here = (mem: number, b: number) => {
        const all = places.get(mem) ?? [];
        if (b) all.push(b);
        places.set(mem, all);
      };
    for (const a of t.adapters)
      for (const kr of netmap.nas.krings(a.addr)) {
        const ring = m.ld32(kr + L.KR_RING);
        if (ring) for (let k = 0; k < m.ld32(kr + L.KR_NUM_SLOTS); k++) here(a.mem, m.ld32(ring + L.RING_SLOT + k * L.SLOT_SIZE));
      }
    for (const x of mine) for (const b of x.want.extra) here(m.ld32(x.got.na + L.NA_MEM), b);
    for (const [mem, all] of places) {
      say('buffers in one place each', new Set(all).size, all.length);
      say('buffers in use', netmap.mem.total(mem, L.POOL_BUF) - 2 - netmap.mem.freeCount(mem, L.POOL_BUF), all.length);
    }
    return out;
  }
  return { w, model, mine, open, close, differences };
}
const ASK: Ask = {
  name: 'vale0:1',
  mode: MODE.ALL_NIC,
  ringid: 0,
  exclusive: false,
  memId: 0,
  extra: 0,
  pipes: 0,
  rings: [0, 0],
  slots: 0,
};
const NAMES = ['vale0:1', 'vale0:2', 'vale1:1', 'ix0', 'ix1', 'ix0', 'em9'];

function sequence(seed: number, steps: number, most: number, closes: number) {
  const b = bench(),
    r = numbers(seed),
    seen: Record<string, number> = {};
  for (let i = 0; i < steps; i++) {
    let did = '';
    if (b.mine.length && (b.mine.length > most || r(10) < closes)) {
      const at = r(b.mine.length);
      did = `close ${b.mine[at]?.want.na.name}`;
      b.close(at);
    } else {
      const name = NAMES[r(NAMES.length)] ?? '',
        mode = r(4) ? ([1, 1, 4, 4, 5, 6][r(6)] ?? 1) : r(8),
        pipe = mode === MODE.MASTER || mode === MODE.SLAVE,
        there = b.model.adapters.find((a) => a.name === name);
      const q: Ask = {
        name,
        mode,
        ringid: pipe ? r(3) : r(4) | (r(8) ? 0 : 0x2000 << r(2)),
        exclusive: r(5) === 0,
        // of a port that only its pipes hold, the text leaves open whether it can change its allocator
        memId: r(4) || (there && there.fds === 0) ? 0 : r(3) ? (b.model.mems[r(b.model.mems.length)]?.id ?? 0) : r(9),
        extra: r(3) ? 0 : r(20) === 0 ? 25_000 : r(300),
        pipes: r(4),
        rings: [r(4), r(4)],
        slots: [0, 4, 16][r(3)] ?? 0,
      };
      const { want, diff } = b.open(q);
      did = `open ${JSON.stringify(q)}`;
      seen[want] = (seen[want] ?? 0) + 1;
      expect(diff, `seed ${seed}, step ${i}: ${did}`).toEqual([]);
    }
    expect(b.differences(), `seed ${seed}, step ${i}: ${did}`).toEqual([]);
  }
  while (b.mine.length) b.close(r(b.mine.length));
  const { adapters, mems, bridges, fds } = b.w.tree.host;
  expect([adapters, mems, bridges, fds, b.model.adapters, b.model.mems]).toEqual([[], [], [], [], [], []]);
  return seen;
}

describe('registration', () => {
  it.each([1, 2, 3])('opens and closes, few at a time (seed %i)', (seed) => {
    const seen = sequence(seed, 800, 6, 4);
    expect(Math.min(seen.yes ?? 0, seen.EINVAL ?? 0, seen.ENXIO ?? 0)).toBeGreaterThan(40);
    expect(Math.min(seen.EBUSY ?? 0, seen.ENOMEM ?? 0)).toBeGreaterThan(3);
  });
  it.each([4, 5])('many at a time: rings are taken, allocators exhausted (seed %i)', (seed) => {
    const seen = sequence(seed, 800, 30, 1);
    expect(Math.min(seen.yes ?? 0, seen.EINVAL ?? 0, seen.EBUSY ?? 0, seen.ENOMEM ?? 0)).toBeGreaterThan(40);
  });
  // 1.12: "an unknown id -> EINVAL"; only for hardware ports that are in use is a requested one ignored, and there a known
  // one.
  it.each(['vale0:1', 'ix0'])('an allocator that there is not: EINVAL, also for a port that is open (%s)', (name) => {
    const b = bench();
    expect(b.open({ ...ASK, name }).diff).toEqual([]);
    expect(b.open({ ...ASK, name, memId: 99 })).toEqual({ want: 'EINVAL', diff: [] });
  });
  it('an allocator that there is: of a new port it is the one, of an open one it is not looked at', () => {
    const b = bench(),
      id = () => b.mine.map((x) => b.w.host.netmap.memOf(x.got).id);
    for (const q of [
      ASK,
      { ...ASK, name: 'vale0:2', memId: 2 },
      { ...ASK, name: 'ix0', memId: 2 },
      { ...ASK, name: 'ix1' },
      { ...ASK, name: 'ix1', memId: 2 },
    ])
      expect(b.open(q)).toEqual({ want: 'yes', diff: [] });
    expect(id()).toEqual([2, 2, 2, 1, 1]);
    b.close(0);
    expect(b.differences(), 'it lives on with its other users').toEqual([]);
  });
});

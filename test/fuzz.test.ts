// Hostile clients, from the host's side and the guest's: whatever they write, the machine goes on, the allocators stay whole,
// and honest ports of the same switch lose nothing. The seed and the number of rounds can be given: npm run fuzz -- --seed N.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Client, Honest, attack, garbage, numbers, planeOf, request } from './hostile.ts';
import { freshLab, run, vmWith, wasmFile } from './typed.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 4),
  ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1_000_000);
const REQUESTS = Math.ceil(ROUNDS / 25);
const share = (part: number) => Math.ceil(ROUNDS * part);

const open = (w: World, name: string): NetmapFd => {
  const fd = w.host.netmap.open(1, name);
  if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
  return fd;
};

/** Buffers of an allocator: in use as the bitmap has it, and those that slots of live rings name. */
function whole(w: World): string {
  const { m } = w,
    t = w.tree.host;
  for (const e of t.mems)
    for (let i = 0; i < 3; i++) {
      const o = e.addr + L.MEM_POOL + i * L.MEM_POOL_SIZE,
        total = m.ld32(o + L.POOL_OBJTOTAL),
        map = m.ld32(o + L.POOL_BITMAP);
      let free = 0;
      for (let k = 0; k < total; k++) free += (m.ld32(map + (k >>> 5) * 4) >>> (k & 31)) & 1;
      if (free !== m.ld32(o + L.POOL_OBJFREE))
        return `allocator ${e.id}, pool ${i}: ${free} bits free, ${m.ld32(o + L.POOL_OBJFREE)} counted`;
      if (i === L.POOL_BUF && m.ld32(map) & 3) return `allocator ${e.id}: buffer 0 or 1 is free`;
    }
  return '';
}

describe(`seed ${SEED}`, () => {
  it(`${share(0.7)} states of a client of the same switch`, { timeout: 600_000 }, () => {
    const w = freshLab(16),
      plane = planeOf(w),
      r = numbers(SEED);
    const honest = new Honest(new Client(w, plane, open(w, 'vale0:a')), new Client(w, plane, open(w, 'vale0:b')));
    // among them monitors: of its own ports, and copies of what an honest one receives
    const NAMES = ['vale0:evil', 'vale0:evil{1', 'vale0:evil}1', 'vale0:evil/zt', 'vale0:evil/r', 'vale0:evil}1/zr', 'vale0:b/r'];
    const evil = NAMES.map((n) => new Client(w, plane, open(w, n)));
    const total = w.host.netmap.mem.total(evil[0]?.fd.na ? w.m.ld32(evil[0].fd.na + L.NA_MEM) : 0, L.POOL_BUF);
    for (let i = 0; i < share(0.7); i++) {
      attack(evil[r(evil.length)] as Client, r, total);
      if (i % 64) continue;
      const wrong = honest.exchange(1 + r(10));
      if (wrong) expect.fail(`round ${i}: ${wrong}`);
      if (i % 65536 === 0) expect(whole(w), `round ${i}`).toBe('');
    }
    expect(honest.delivered).toBeGreaterThan(share(0.7) / 64);
    const counted = (tx: boolean, stat: number) => evil.reduce((n, c) => n + w.m.ld64((tx ? c.fd.tx : c.fd.rx) + stat), 0);
    expect(counted(true, L.KR_STAT_PACKETS), 'what it sent').toBeGreaterThan(share(0.7) / 10);
    for (const tx of [true, false]) expect(counted(tx, L.KR_STAT_REINIT), 'rings repaired').toBeGreaterThan(share(0.7) / 100);
    for (const c of evil) w.host.netmap.close(c.fd);
    expect(whole(w)).toBe('');
    expect(honest.exchange(5)).toBe('');
  });

  it(`${share(0.2)} states of a client of a NIC`, { timeout: 600_000 }, () => {
    const w = freshLab(16);
    run(w, 'ttyv0', 'sysctl hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000 dev.netmap.ring_num=40 dev.netmap.if_num=20');
    const plane = planeOf(w),
      r = numbers(SEED + 1);
    const honest = new Honest(new Client(w, plane, open(w, 'vale0:a')), new Client(w, plane, open(w, 'vale0:b')));
    const NAMES = ['netmap:ix0', 'netmap:ix1', 'netmap:ix0/zrt', 'netmap:ix1/rt', 'netmap:ix1-0/r'];
    const evil = NAMES.map((n) => new Client(w, plane, open(w, n)));
    const hw = w.tree.host.nics.flatMap((n) => [n.block, n.ithread]).map((b) => [b, w.m.freeInstance(new Uint8Array(), b)] as const);
    let now = w.m.clock;
    for (let i = 0; i < share(0.2); i++) {
      attack(evil[r(evil.length)] as Client, r, 4000);
      now += r(20_000);
      for (const [b, p] of hw) {
        w.m.st64(b + L.T_VTIME, now);
        w.m.setStatus(b, L.TS_READY);
        p.run_free(b, 1);
      }
      if (i % 64) continue;
      const wrong = honest.exchange(1 + r(10));
      if (wrong) expect.fail(`round ${i}: ${wrong}`);
    }
    for (const c of evil) w.host.netmap.close(c.fd);
    expect(whole(w)).toBe('');
    expect(w.tree.host.mems.some((e) => e.id === 1)).toBe(false);
  });

  it(`${share(0.1)} states of a guest: its ring, its slots, its CSB`, { timeout: 600_000 }, () => {
    const { w } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale0:evil', () => {});
    run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 1 -w 0');
    w.type('ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0\r');
    w.advance(2_000_000, w.m.clock + 1e7);
    w.toBoundaries();
    const { m } = w,
      r = numbers(SEED + 2),
      plane = planeOf(w),
      ptn = w.tree.host.ptn[0];
    if (!ptn) throw new Error('no passthrough');
    const fd = w.tree.host.fds.find((f) => f.id === ptn.fd) as NetmapFd,
      csb = m.ld32(ptn.pts + L.PTN_CSB),
      evil = new Client(w, plane, fd);
    const honest = new Honest(new Client(w, plane, open(w, 'vale0:a')), new Client(w, plane, open(w, 'vale0:b')));
    const workers = [
      [ptn.txKth, ptn.txBlock],
      [ptn.rxKth, ptn.rxBlock],
    ].map(([k = 0, b = 0]) => [k, b, m.freeInstance(new Uint8Array(), b)] as const);
    let stopped = 0;
    for (let i = 0; i < share(0.1); i++) {
      for (let k = r(4); k >= 0; k--)
        if (r(2)) m.st32(csb + r(39) * 4, garbage(r, 20));
        else {
          const tx = r(2) === 1,
            ring = evil.ring(tx),
            slot = ring + L.RING_SLOT + r(evil.n(tx)) * L.SLOT_SIZE;
          if (r(3)) {
            m.st32(slot + L.SLOT_BUF_IDX, garbage(r, 20_000));
            m.st32(slot + L.SLOT_LEN, garbage(r, 2100));
            m.st32(slot + L.SLOT_PTR, garbage(r, 1 << 20));
          } else m.st32(ring + r(12) * 4, garbage(r, 20));
        }
      for (const [k, b, p] of workers) {
        m.st32(k + L.NMK_SCHEDULED, 1);
        m.setStatus(b, L.TS_READY);
        p.run_free(b, 1);
      }
      if (m.ld32(ptn.pts + L.PTN_STOPPED)) {
        stopped++;
        m.st32(ptn.pts + L.PTN_STOPPED, 0); // as after UNREGIF and REGIF
      }
      if (i % 64) continue;
      const wrong = honest.exchange(1 + r(5));
      if (wrong) expect.fail(`round ${i}: ${wrong}`);
    }
    expect(stopped).toBeGreaterThan(0);
    expect(whole(w)).toBe('');
  });

  it(`${REQUESTS} requests: whatever is asked, what was open stays whole, and a later close gives everything back`, {
    timeout: 600_000,
  }, () => {
    const w = freshLab(8),
      { netmap } = w.host,
      r = numbers(SEED + 3),
      plane = planeOf(w),
      t = w.tree.host;
    run(
      w,
      'ttyv0',
      'sysctl hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000 dev.netmap.ring_num=40 dev.netmap.if_num=20 dev.netmap.priv_buf_num=64',
    );
    const honest = new Honest(new Client(w, plane, open(w, 'vale0:a')), new Client(w, plane, open(w, 'vale0:b')));
    const NAMES = [
      'vale0:1',
      'vale0:2',
      'vale1:1',
      'vale',
      'vale0:',
      'vale0:ix0',
      'vale0:v0',
      'v0',
      'v1',
      'ix0',
      'ix1',
      'lo0',
      'em9',
      '',
      'vale0:a',
      'x'.repeat(40),
    ];
    for (let i = 0; i < REQUESTS; i++) {
      const mine = t.fds.filter((f) => f.pid === 7);
      if (mine.length > 12 || (mine.length && r(3) === 0)) netmap.tryClose(mine[r(mine.length)] as NetmapFd);
      const id = netmap.dev(7),
        req = request(r, NAMES);
      netmap.ioctl(id, r(12) ? R.NIOCREGIF : r(3) ? R.NIOCGINFO : r(200), req);
      t.devs = t.devs.filter((d) => d.id !== id);
      if (i % 500) continue;
      const bad = whole(w) || honest.exchange(3);
      if (bad) expect.fail(`request ${i}: ${bad}`);
    }
    for (const fd of t.fds.filter((f) => f.pid === 7)) while (!netmap.tryClose(fd));
    for (const a of [...t.adapters]) {
      const off = () => netmap.bdgCtl.run(R.newNmreq(a.name, { nr_cmd: R.NETMAP_BDG_POLLING_OFF }));
      while (a.polling && off() === 'ERESTART') for (const p of a.polling) w.m.freeInstance(wasmFile('free'), p.block).run_free(p.block, 1);
    }
    for (const a of [...t.adapters])
      if (a.kind === 'bwrap' && !a.name.endsWith('^')) netmap.bdgCtl.run(R.newNmreq(a.name, { nr_cmd: R.NETMAP_BDG_DETACH }));
    for (const a of t.adapters.filter((x) => x.persistent)) {
      if (a.bridge) netmap.bdgCtl.run(R.newNmreq(a.name, { nr_cmd: R.NETMAP_BDG_DETACH }));
      netmap.bdgCtl.run(R.newNmreq(a.ifname ?? '', { nr_cmd: R.NETMAP_BDG_DELIF }));
    }
    expect(t.adapters.map((a) => a.name).sort()).toEqual(['vale0:a', 'vale0:b']);
    expect(t.mems.length).toBe(2);
    expect(whole(w)).toBe('');
  });
});

describe('10,000 times open and close', () => {
  it('not a byte is lost', { timeout: 300_000 }, () => {
    const w = freshLab(16),
      { netmap } = w.host,
      r = numbers(SEED + 4),
      t = w.tree.host;
    run(w, 'ttyv0', 'sysctl hw.ix.txd=64 hw.ix.rxd=64');
    for (const n of ['netmap:ix0', 'netmap:ix1']) netmap.close(open(w, n)); // the hardware is there from its first use on
    const frames = w.m.ld32(L.MACHINE + L.M_FRAMES),
      reserved = () => w.m.u8.slice(L.FRAMES_RESERVED, L.FRAMES_RESERVED + L.FRAMES_BYTES).reduce((n, b) => n + b, 0),
      before = reserved();
    const NAMES = [
      'vale0:1',
      'vale0:2',
      'vale1:x',
      'vale0:1{1',
      'vale0:1}1',
      'vale0:1{2',
      'netmap:ix0',
      'netmap:ix1',
      'netmap:ix0-1',
      'netmap:ix1{3',
      'vale2{7',
      'vale0:1/r',
      'vale0:1/zrt',
      'vale0:1{1/t',
      'netmap:ix0/rt',
      'netmap:ix0-1/zr',
    ];
    let opened = 0;
    for (let i = 0; i < 10_000; i++) {
      const fds = t.fds;
      if (fds.length > 6 || (fds.length && r(2))) {
        const fd = fds[r(fds.length)] as NetmapFd;
        if (r(4) === 0)
          // garbage in its slots on the way
          for (let k = 0; k < 4; k++) {
            const ring = w.m.ld32(fd.tx + L.KR_RING);
            w.m.st32(ring + L.RING_SLOT + r(8) * L.SLOT_SIZE, garbage(r, 5000));
          }
        netmap.close(fd);
      }
      const fd = netmap.open(1, NAMES[r(NAMES.length)] ?? '');
      if (typeof fd !== 'string') opened++;
    }
    for (const fd of [...t.fds]) netmap.close(fd);
    expect(opened).toBeGreaterThan(5000);
    expect([t.adapters, t.mems, t.bridges, t.devs]).toEqual([[], [], [], []]);
    expect(w.m.ld32(L.MACHINE + L.M_FRAMES)).toBe(frames);
    expect(reserved()).toBe(before);
  });
});

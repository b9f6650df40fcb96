// Oracle: netmap's allocator to the byte, what an open leaves in memory, names of ports and pipes, the switch's hash
// (facts netmap 1.2 to 1.6, 1.12, 2.13, 3.1, 3.2, 4.1, 5A.5; bhyve 1.6, 2.2, 4.5). Offsets are the text's, not the code's.

import { beforeAll, describe, expect, it } from 'vitest';
import type { NetmapFd, Errno } from '../src/host/kernel/tree.ts';
import { parsePortName } from '../src/bin/nm_open.ts';
import * as R from '../src/bin/nmreq.ts';
import { GLOBAL_PARAMS, type PoolParams, privateParams, regionLayout } from '../src/net/netmap_mem.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { freshLab, run } from './typed.ts';

const opened = (x: NetmapFd | Errno): NetmapFd => {
  if (typeof x === 'string') throw new Error(x);
  return x;
};

describe('allocators', () => {
  const global = (bufNum: number): [PoolParams, PoolParams, PoolParams] => [
    { size: 1024, num: 100 },
    { size: 36864, num: 200 },
    { size: 2048, num: bufNum },
  ];

  it('the global one', () => {
    expect(GLOBAL_PARAMS).toEqual(global(163840));
    const { pools, total } = regionLayout(GLOBAL_PARAMS);
    expect(total).toBe(343_019_520);
    expect(pools.map((p) => [p.objtotal, p.objsize, p.clusters, p.clustsize, p.offset])).toEqual([
      [100, 1024, 25, 4096, 0],
      [200, 36864, 200, 36864, 102_400],
      [163840, 2048, 81920, 4096, 7_475_200],
    ]);
  });
  it.each([
    [131072, 275_910_656],
    [65536, 141_692_928],
    [32768, 74_584_064],
    [16384, 41_029_632],
    [8192, 24_252_416],
  ])('buf_num %i: %i bytes', (n, bytes) => {
    expect(regionLayout(global(n)).total).toBe(bytes);
  });
  it.each([
    [1, 25_423_872],
    [2, 42_369_024],
    [4, 76_259_328],
  ])('a VALE port with room for %i pipes: %i bytes', (pipes, bytes) => {
    expect(regionLayout(privateParams(1, 1, 1024, 1024, 0, pipes)).total).toBe(bytes);
  });
  it('a VALE port’s pools', () => {
    const { pools } = regionLayout(privateParams(1, 1, 1024, 1024, 0, 2));
    expect(pools.map((p) => [p.objtotal, p.objsize, p.bytes, p.offset])).toEqual([
      [12, 1024, 12288, 0],
      [20, 20480, 409_600, 12288],
      [20482, 2048, 41_947_136, 421_888],
    ]);
  });
  it('the smallest', () => {
    const { pools, total } = regionLayout(privateParams(1, 1, 64, 64, 0, 0));
    expect([pools.map((p) => [p.objtotal, p.offset]), total]).toEqual([
      [
        [4, 0],
        [4, 4096],
        [4098, 86016],
      ],
      8_478_720,
    ]);
  });
  it('sizing: rings, slots, pipes and extra buffers', () => {
    expect(privateParams(4, 2, 2048, 512, 10, 3).map((p) => [p.num, p.size])).toEqual([
      [14, 1024],
      [5 + 3 + 24, 256 + 16 * 2048],
      [(12 + 3) * 512 + (12 + 5) * 2048 + 2 + 10, 2048],
    ]);
  });
  it('objects are multiples of 64 bytes, clusters the fewest objects that fill pages', () => {
    const one = (size: number, num: number) =>
      regionLayout([
        { size, num },
        { size: 256, num: 2 },
        { size: 64, num: 4 },
      ]).pools[0];
    expect(one(100, 1)).toMatchObject({ objsize: 128, objtotal: 32, clustsize: 4096, clusters: 1 });
    expect(one(2112, 65)).toMatchObject({ objsize: 2112, objtotal: 128, clustsize: 135_168, clusters: 2 });
    expect(one(3072, 5)).toMatchObject({ objsize: 3072, objtotal: 8, clustsize: 12_288, clusters: 2 });
  });
  it('ids: from the last one assigned upwards, the first that is free', () => {
    const { netmap } = freshLab(8).host,
      open = (n: string) => opened(netmap.open(1, n)),
      id = (fd: NetmapFd) => netmap.memOf(fd).id;
    const a = open('vale0:1'),
      b = open('vale0:2');
    expect([id(a), id(b), id(open('vale0:1')), id(open('vale0:2{1'))]).toEqual([2, 3, 2, 3]);
    const w = freshLab(8),
      c = opened(w.host.netmap.open(1, 'vale0:1'));
    w.host.netmap.close(c);
    expect(w.host.netmap.memOf(opened(w.host.netmap.open(1, 'vale0:1'))).id).toBe(3);
  });
});

describe.each([8, 1024])('memory after an open, %i slots', (n) => {
  const IF = 1024,
    RINGS = 12288,
    RING = 20480,
    BUFS = 421_888;
  let w: World, base: number, first: NetmapFd, second: NetmapFd;
  const u32 = (o: number) => w.m.ld32(base + o),
    u16 = (o: number) => w.m.ld16(base + o),
    i64 = (o: number) => Number(BigInt.asIntN(64, w.m.big64(base + o)));
  beforeAll(() => {
    w = freshLab(n);
    first = opened(w.host.netmap.open(1, 'vale0:port'));
    second = opened(w.host.netmap.open(1, 'vale0:port'));
    base = w.m.ld32(w.m.ld32(first.na + L.NA_MEM) + L.MEM_BASE);
  });

  it('nms_info is the first object', () => {
    expect([w.m.string(base, 16), u32(16)]).toEqual(['nms_info', 1]);
    expect([w.m.ld64(base + 56), u32(64), u32(68), u32(72), u32(76)]).toEqual([3, BUFS, 20482, 2048, 42_369_024]);
  });
  it('every descriptor has its own netmap_if, the rings are shared', () => {
    expect([w.host.netmap.offset(first), w.host.netmap.offset(second)]).toEqual([IF, 2 * IF]);
    for (const o of [IF, 2 * IF]) {
      expect([w.m.string(base + o, 16), u32(o + 16), u32(o + 24), u32(o + 28), u32(o + 32)]).toEqual(['vale0:port', 0, 1, 1, 0]);
      expect(
        [0, 1, 2, 3].map((k) => i64(o + 56 + 8 * k)),
        'TX, host TX, RX, host RX',
      ).toEqual([0, 1, 2, 3].map((k) => RINGS + k * RING - o));
    }
  });
  it('rings', () => {
    for (let k = 0; k < 4; k++) {
      const r = RINGS + k * RING,
        tx = k < 2;
      expect(i64(r), 'buf_ofs').toBe(BUFS - r);
      expect([u32(r + 8), u32(r + 12), u16(r + 16), u16(r + 18)], 'num_slots, nr_buf_size, ringid, dir').toEqual([
        n,
        2048,
        k % 2,
        tx ? 1 : 0,
      ]);
      expect([u32(r + 20), u32(r + 24), u32(r + 28), u32(r + 32)], 'head, cur, tail, flags').toEqual([0, 0, tx ? n - 1 : 0, 0]);
    }
  });
  it('slots: fresh buffers, in the fake host rings buffer 0', () => {
    for (let k = 0; k < 4; k++) {
      const r = RINGS + k * RING + 256,
        slots = Array.from({ length: n }, (_, i) => [
          u32(r + 16 * i),
          u16(r + 16 * i + 4),
          u16(r + 16 * i + 6),
          w.m.ld64(base + r + 16 * i + 8),
        ]);
      const fresh = k === 0 ? 2 : 2 + n; // TX 0 and RX 0, in this order; 0 and 1 are never free
      expect(slots).toEqual(Array.from({ length: n }, (_, i) => [k % 2 ? 0 : fresh + i, 2048, 0, 0]));
    }
  });
  it('the user’s arithmetic finds the buffers', () => {
    const ring = IF + i64(IF + 56),
      rx = IF + i64(IF + 56 + 8 * 2),
      buffer = (r: number, idx: number) => r + i64(r) + idx * u32(r + 12);
    expect([buffer(ring, 0), buffer(ring, 2), buffer(rx, 2), buffer(rx, 20481)]).toEqual([
      BUFS,
      BUFS + 4096,
      BUFS + 4096,
      42_369_024 - 2048,
    ]);
  });
});

describe('the hash of a switch', () => {
  const w = freshLab(8),
    bucket = (mac: string) => w.m.wasm.nm_bridge_rthash(BigInt(`0x${mac.split(':').reverse().join('')}`));
  it.each([
    ['00:00:00:00:00:00', 269],
    ['00:00:00:00:00:01', 557],
    ['00:00:00:00:00:02', 899],
    ['02:00:00:00:00:01', 92],
    ['02:00:00:00:00:02', 23],
    ['00:a0:98:11:22:33', 113],
    ['00:aa:bb:cc:0a:01', 618],
    ['00:aa:bb:cc:0a:02', 521],
    ['ff:ff:ff:ff:ff:ff', 604],
    ['52:54:00:12:34:56', 814],
    ['90:e2:ba:00:00:01', 312],
    ['de:ad:be:ef:00:01', 60],
    ['02:00:00:00:07:e7', 92],
    ['02:00:00:00:15:a6', 92],
    ['02:00:00:00:17:01', 92],
  ])('%s: bucket %i', (mac, b) => {
    expect(bucket(mac)).toBe(b);
  });
});

describe('names of ports', () => {
  const plain = { mode: R.NR_REG_ALL_NIC, ringid: 0, flags: 0, memId: 0 },
    one = (ringid: number) => ({ ...plain, mode: R.NR_REG_ONE_NIC, ringid }),
    pipe = (ringid: number, mode = R.NR_REG_PIPE_MASTER) => ({ ...plain, mode, ringid });
  it.each<[string, object]>([
    ['netmap:eth0', { name: 'eth0', ...plain }],
    ['netmap:14', { name: '14', ...plain }],
    ['vale0:0', { name: 'vale0:0', ...plain }],
    ['vale:0', { name: 'vale:0', ...plain }],
    ['valeXXX:YYY', { name: 'valeXXX:YYY', ...plain }],
    ['valeXXX:YYY-4', { name: 'valeXXX:YYY', ...one(4) }],
    ['netmap:eth0-1', { name: 'eth0', ...one(1) }],
    ['netmap:eth0^', { name: 'eth0', ...plain, mode: R.NR_REG_SW }],
    ['netmap:eth0*', { name: 'eth0', ...plain, mode: R.NR_REG_NIC_SW }],
    ['netmap:eth0/x', { name: 'eth0', ...plain, flags: R.NR_EXCLUSIVE }],
    ['netmap:eth0/z', { name: 'eth0', ...plain, flags: R.NR_ZCOPY_MON }],
    ['netmap:eth0/r', { name: 'eth0', ...plain, flags: R.NR_MONITOR_RX }],
    ['netmap:eth0/t', { name: 'eth0', ...plain, flags: R.NR_MONITOR_TX }],
    ['netmap:eth0-2/zt', { name: 'eth0', ...one(2), flags: R.NR_ZCOPY_MON | R.NR_MONITOR_TX }],
    ['netmap:eth0-2/Tx', { name: 'eth0', ...one(2), flags: R.NR_TX_RINGS_ONLY | R.NR_EXCLUSIVE }],
    ['netmap:eth0@2', { name: 'eth0', ...plain, memId: 2 }],
    ['netmap:eth0@2/R', { name: 'eth0', ...plain, memId: 2, flags: R.NR_RX_RINGS_ONLY }],
    ['netmap:eth0@2/R@2', { name: 'eth0', ...plain, memId: 2, flags: R.NR_RX_RINGS_ONLY }],
    ['netmap:eth0@netmap:lo/R', { name: 'eth0', ...plain, rest: '@netmap:lo/R' }],
    ['netmap:eth0/R@xxx', { name: 'eth0', ...plain, flags: R.NR_RX_RINGS_ONLY, rest: '@xxx' }],
    ['vale0:0@opt', { name: 'vale0:0', ...plain, rest: '@opt' }],
    ['vale0:0/Tx@opt', { name: 'vale0:0', ...plain, flags: R.NR_TX_RINGS_ONLY | R.NR_EXCLUSIVE, rest: '@opt' }],
    ['vale0:0-3@opt', { name: 'vale0:0', ...one(3), rest: '@opt' }],
    ['netmap:eth0{3', { name: 'eth0', ...pipe(3) }],
    ['vale2{1', { name: 'vale2', ...pipe(1) }],
    ['vale2}1', { name: 'vale2', ...pipe(1, R.NR_REG_PIPE_SLAVE) }],
    ['vale0:0{0', { name: 'vale0:0', ...pipe(0) }],
    ['netmap:pipe{0', { name: 'pipe', ...pipe(0) }],
    ['netmap:pipe{in', { name: 'pipe', ...pipe(0), pipeName: 'in' }],
    ['vale0:0{4094', { name: 'vale0:0', ...pipe(4094) }],
  ])('%s', (name, parsed) => {
    expect(parsePortName(name)).toEqual(parsed);
  });
  it.each(['', 'eth0', 'netmapXXX:eth0'])('%s is no name of netmap at all', (name) => {
    expect(parsePortName(name)).toBeUndefined();
    expect(freshLab(8).host.netmap.open(1, name)).toBe('EINVAL');
  });
  it.each([
    ['netmap:', 'header'],
    ['netmap:^', 'header'],
    ['netmap:{', 'header'],
    ['netmap:vale0:0', 'header'],
    ['netmap:eth0&', 'header'],
    ['netmap:pipe{1}2', 'header'],
    ['netmap:anamelongerthan15', 'header'],
    ['vale0:0{4095', 'header'],
    ['netmap:eth0-', 'register'],
    ['netmap:eth0@', 'register'],
    ['vale0:0@', 'register'],
    ['netmap:eth0@2/R@3', 'register'],
    ['netmap:eth0-4095', 'register'],
    ['netmap:eth0^*', 'register'],
    ['vale0:0/q', 'register'],
  ])('%s: wrong in its %s part', (name, where) => {
    expect(parsePortName(name)).toMatchObject({ where });
    expect(freshLab(8).host.netmap.open(1, name)).toBe('EINVAL');
  });

  it('the switch ends at the first colon from the sixth character on; without one it is "vale"', () => {
    const w = freshLab(8),
      t = w.tree.host,
      switchOf = (name: string) => {
        const fd = opened(w.host.netmap.open(1, name)),
          a = t.adapters.find((x) => x.addr === fd.na);
        const at = a?.parent ? t.adapters.find((x) => x.name === a.parent) : a;
        return [at?.name, at?.bridge];
      };
    expect(['vale2{1', 'vale2}1', 'vale2', 'vale1:2', 'vale1:2{3', 'vale:0', 'valeab:c'].map(switchOf)).toEqual([
      ['vale2', 'vale'],
      ['vale2', 'vale'],
      ['vale2', 'vale'],
      ['vale1:2', 'vale1'],
      ['vale1:2', 'vale1'],
      ['vale:0', 'vale'],
      ['valeab:c', 'valeab'],
    ]);
    expect(t.bridges.map((b) => b.name).sort()).toEqual(['vale', 'vale1', 'valeab']);
  });
  it('eight switches', () => {
    const { netmap } = freshLab(8).host;
    for (let i = 0; i < 8; i++) opened(netmap.open(1, `vale${i}:1`));
    expect(netmap.open(1, 'vale8:1')).toBe('ENXIO');
    opened(netmap.open(1, 'vale7:2'));
  });
});

describe('passthrough ports', () => {
  it('one that is in use cannot be one; one that is one cannot be used', () => {
    const w = freshLab(8),
      { netmap } = w.host,
      log = w.tree.host.dmesg;
    const user = opened(netmap.open(1, 'vale1:1'));
    expect(netmap.open(2, 'vale1:1', true)).toBe('EBUSY');
    expect(log).toEqual(['NIC vale1:1 busy, cannot ptnetmap']);
    netmap.close(user);
    const pt = opened(netmap.open(2, 'vale1:1', true));
    expect(pt.name).toBe('vale1:1-PTN');
    expect([netmap.open(1, 'vale1:1'), netmap.open(3, 'vale1:1', true)]).toEqual(['EBUSY', 'EBUSY']);
    expect(typeof netmap.open(1, 'vale1:2'), 'another port of the switch').toBe('object');
    netmap.close(pt);
    opened(netmap.open(1, 'vale1:1'));
  });
  it('is what pkt-gen is told', () => {
    const w = freshLab(8);
    opened(w.host.netmap.open(1, 'vale1:1', true));
    const a = run(w, 'ttyv0', 'pkt-gen -i vale1:1 -f rx');
    expect([a.status, a.real.some((l) => l.endsWith('Unable to open vale1:1: Device busy'))]).toEqual([1, true]);
  });
});

describe('pipes', () => {
  it('what was sent before the other end opened is there when it opens', () => {
    const w = freshLab(8),
      keep = opened(w.host.netmap.open(1, 'vale2{1'));
    expect(run(w, 'ttyv0', "pkt-gen -i 'vale2{1' -f tx -n 5 -w 0").text).toMatch(/^Sent 5 packets 300 bytes /m);
    expect(run(w, 'ttyv0', "pkt-gen -i 'vale2}1' -f rx -W -w 0").text).toMatch(/^Received 5 packets 300 bytes /m);
    w.host.netmap.close(keep);
    expect([w.tree.host.adapters, w.tree.host.mems, w.tree.host.bridges]).toEqual([[], [], []]);
  });
  it('two at most in a port’s own allocator', () => {
    const { netmap } = freshLab(8).host;
    for (const n of ['vale2', 'vale2{1', 'vale2{2', 'vale2}1', 'vale2}2']) opened(netmap.open(1, n));
    expect(netmap.open(1, 'vale2{3')).toBe('ENOMEM');
  });
});

describe('300 random opens and closes', () => {
  const NAMES = [
    'vale0:1',
    'vale0:2',
    'vale1:1',
    'vale2',
    'vale2{1',
    'vale2}1',
    'vale2{2',
    'vale2}3',
    'vale0:1{1',
    'vale0:1}1',
    'vale0:1}2',
    'netmap:em9',
    'vale0:1-1',
    'bad',
  ];
  it.each([1, 2, 3])('leave nothing behind (seed %i)', (seed) => {
    const w = freshLab(8, 1, seed),
      { netmap } = w.host,
      t = w.tree.host,
      { m } = w;
    let x = (seed * 2654435761) >>> 0;
    const random = (n: number) => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      x >>>= 0;
      return x % n;
    };
    const reserved = () => {
      let c = 0;
      for (let i = 0; i < L.FRAMES_BYTES; i += 4) {
        let b = m.ld32(L.FRAMES_RESERVED + i);
        while (b) {
          c++;
          b &= b - 1;
        }
      }
      return c;
    };
    const before = [m.ld32(L.MACHINE + L.M_FRAMES), reserved()],
      open: NetmapFd[] = [],
      errors = new Set<string>();
    for (let i = 0; i < 300; i++) {
      if (open.length && (open.length > 12 || random(2))) {
        const [fd] = open.splice(random(open.length), 1);
        if (fd) netmap.close(fd);
      } else {
        const fd = netmap.open(1, NAMES[random(NAMES.length)] ?? '', random(5) === 0);
        if (typeof fd === 'string') errors.add(fd);
        else open.push(fd);
      }
      for (const mem of t.mems) {
        const mine = t.adapters.filter((a) => a.mem === mem.addr),
          active = (na: number) => m.ld32(na + L.NA_ACTIVE_FDS) > 0;
        const withRings = mine.filter((a) => active(a.addr) || (a.kind === 'pipe' && active(m.ld32(a.addr + L.NA_PEER)))).length;
        const fds = open.filter((f) => netmap.memOf(f) === mem).length,
          free = [0, 1, 2].map((p) => netmap.mem.freeCount(mem.addr, p));
        expect(free, `step ${i}: objects, rings, buffers`).toEqual([12 - 1 - fds, 20 - 4 * withRings, 20482 - 2 - 16 * withRings]);
      }
      expect(t.fds).toHaveLength(open.length);
    }
    expect([...errors].sort()).toEqual(['EBUSY', 'EINVAL', 'ENOMEM', 'ENXIO']);
    for (const fd of open) netmap.close(fd);
    expect([t.fds, t.adapters, t.mems, t.bridges]).toEqual([[], [], [], []]);
    expect([m.ld32(L.MACHINE + L.M_FRAMES), reserved()]).toEqual(before);
  });
});

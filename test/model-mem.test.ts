// The lab's allocator and address hash against models of facts netmap 1.12 and 3.2: the text's vectors, then random sizes in
// the legal ranges, random allocation and release, 100,000 random addresses.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { privateParams, type PoolParams, regionLayout } from '../src/net/netmap_mem.ts';
import { bucketOf, macBytes, macNumber } from './model/hash.ts';
import { Bitmap, bufOfs, clusterObjects, objectSize, PAGE, type PoolSize, PRIV_MIN, privateSizes, region } from './model/mem.ts';
import { freshPlane } from './model/plane.ts';
import { prng } from './sending.ts';
import { freshLab } from './typed.ts';

type Three = [PoolParams, PoolParams, PoolParams];
/** The lab's layout in the model's words. */
const labRegion = (params: readonly PoolSize[]) => {
  const { pools, total } = regionLayout(params as Three);
  return {
    pools: pools.map(({ objsize, objtotal, clusters, clustsize, bytes, offset }) => ({
      objsize,
      objtotal,
      clusters,
      clustsize,
      bytes,
      offset,
    })),
    total,
  };
};

describe('allocator: the model agrees with the text', () => {
  it('the global one', () => {
    const g = region([
      { size: 1024, num: 100 },
      { size: 36864, num: 200 },
      { size: 2048, num: 163840 },
    ]);
    expect(g?.total).toBe(343_019_520);
    expect(g?.pools.map((p) => [p.clusters, p.clustsize, p.offset])).toEqual([
      [25, 4096, 0],
      [200, 36864, 102_400],
      [81920, 4096, 7_475_200],
    ]);
  });
  it('the smallest private one', () => {
    const g = region(PRIV_MIN);
    expect([g?.total, g?.pools.map((p) => [p.bytes, p.offset])]).toEqual([
      8_478_720,
      [
        [4096, 0],
        [81920, 4096],
        [8_392_704, 86016],
      ],
    ]);
  });
  it('a VALE port with two pipes', () => {
    const g = region(privateSizes({ txr: 1, rxr: 1, txd: 1024, rxd: 1024, extra: 0, npipes: 2 }));
    expect([g?.total, g?.pools.map((p) => [p.objtotal, p.bytes, p.offset])]).toEqual([
      42_369_024,
      [
        [12, 12288, 0],
        [20, 409_600, 12288],
        [20482, 41_947_136, 421_888],
      ],
    ]);
    if (g) expect([0, 1, 19].map((i) => bufOfs(g, i))).toEqual([409_600, 389_120, 20480]);
  });
});

const SEEDED = { seed: 1120, numRuns: 2000 };
const anyPool = (sizes: [number, number], num: [number, number]) =>
  fc.record({ size: fc.integer({ min: sizes[0], max: sizes[1] }), num: fc.integer({ min: num[0], max: num[1] }) });
const legal = fc.tuple(anyPool([56, 4096], [1, 10_000]), anyPool([256, 32 * PAGE], [2, 1024]), anyPool([64, 65536], [4, 30_000]));
const exact = (params: readonly PoolSize[]) => params.every((p) => clusterObjects(objectSize(p.size)) !== undefined);

describe('allocator: the lab agrees with the model', () => {
  it('regions of legal parameters', () => {
    fc.assert(
      fc.property(legal.filter(exact), (params) => {
        expect(labRegion(params)).toEqual(region(params));
      }),
      SEEDED,
    );
  });
  it('every legal object size, one object', () => {
    for (let size = 56; size <= 65536; size += size < 4200 ? 1 : 61) {
      const params = [
        { size: Math.min(size, 4096), num: 1 },
        { size: Math.max(256, size), num: 2 },
        { size: Math.max(64, size), num: 4 },
      ];
      if (exact(params)) expect(labRegion(params)).toEqual(region(params));
    }
  });
  it('the largest number of buffers', () => {
    const params = [
      { size: 4096, num: 10_000 },
      { size: 256, num: 2 },
      { size: 64, num: 1_000_000 },
    ];
    expect(labRegion(params)).toEqual(region(params));
  });
  it('clusters never pass 4 MiB where the text’s rule has an answer', () => {
    for (let size = 64; size <= 32 * PAGE; size += 64) {
      const k = clusterObjects(size);
      if (k !== undefined) expect(k * size).toBeLessThanOrEqual(2 ** 22);
    }
    expect(clusterObjects(131_008), 'the text leaves open what becomes of it').toBeUndefined();
  });
  it('sizes of which no number up to 4 MiB fills whole pages are refused: offsets are linear for the user', () => {
    // ring_size within its legal range, 256 bytes to 32 pages
    for (const size of [131_008, 65_600])
      expect(() =>
        regionLayout([
          { size: 1024, num: 2 },
          { size, num: 40 },
          { size: 2048, num: 4 },
        ]),
      ).toThrow(RangeError);
  });
  it('sizes of private allocators', () => {
    const port = fc.record({
      txr: fc.integer({ min: 1, max: 16 }),
      rxr: fc.integer({ min: 1, max: 16 }),
      txd: fc.integer({ min: 2, max: 4096 }),
      rxd: fc.integer({ min: 2, max: 4096 }),
      extra: fc.nat(2000),
      npipes: fc.nat(64),
    });
    // within the legal ranges: at most 100 interfaces and 1024 rings in a private allocator, a million buffers
    const fits = (s: PoolSize[]) => (s[0]?.num ?? 0) <= 100 && (s[1]?.num ?? 0) <= 1024 && (s[2]?.num ?? 0) <= 1e6;
    fc.assert(
      fc.property(
        port.filter((p) => fits(privateSizes(p))),
        (p) => {
          const got = privateParams(p.txr, p.rxr, p.txd, p.rxd, p.extra, p.npipes),
            want = privateSizes(p);
          expect(got).toEqual(want);
          if (exact(want)) expect(labRegion(got)).toEqual(region(want));
        },
      ),
      SEEDED,
    );
  });
  it('allocates the lowest free object, and takes any back', () => {
    const { netmap } = freshLab(8).host,
      fd = netmap.open(1, 'vale0:1');
    if (typeof fd === 'string') throw new Error(fd);
    const mem = netmap.memOf(fd).addr,
      shape = region(privateSizes({ txr: 1, rxr: 1, txd: 1024, rxd: 1024, extra: 0, npipes: 2 }));
    for (const i of [0, 1, 2]) {
      const total = shape?.pools[i]?.objtotal ?? 0,
        taken = total - netmap.mem.freeCount(mem, i) - (i === 2 ? 2 : 0),
        model = new Bitmap(total, i === 2),
        mine: number[] = [],
        random = prng(i + 1);
      for (let k = 0; k < taken; k++) model.alloc(); // by the open: the lowest
      for (let step = 0; step < 600; step++) {
        if (mine.length && random(5) < 2) {
          const [one = 0] = mine.splice(random(mine.length), 1);
          model.put(one);
          netmap.mem.free(mem, i, one);
        } else {
          const want = model.alloc();
          expect(netmap.mem.alloc(mem, i), `pool ${i}, step ${step}`).toBe(want);
          if (want !== undefined) mine.push(want);
        }
        expect(netmap.mem.freeCount(mem, i)).toBe(model.left());
      }
    }
  });
});

describe('address hash', () => {
  const VECTORS: [string, number][] = [
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
  ];
  it.each(VECTORS)('the model: %s in %i', (mac, bucket) => {
    expect(bucketOf(macBytes(mac))).toBe(bucket);
  });
  it('no other address of 02:00:00:00:00:00 to 02:00:00:00:17:01 shares bucket 92', () => {
    const found: number[] = [];
    for (let low = 0; low <= 0x1701; low++) if (bucketOf([2, 0, 0, 0, low >> 8, low & 255]) === 92) found.push(low);
    expect(found).toEqual([0x0001, 0x07e7, 0x15a6, 0x1701]);
  });
  it('the lab: 100,000 random addresses', () => {
    const { wasm } = freshPlane(),
      random = prng(32),
      seen = new Set<number>(),
      wrong: string[] = [];
    for (let i = 0; i < 100_000; i++) {
      const mac = Array.from({ length: 6 }, () => random(256)),
        want = bucketOf(mac);
      seen.add(want);
      if (wasm.nm_bridge_rthash(BigInt(macNumber(mac))) !== want) wrong.push(mac.join(' '));
    }
    expect(wrong).toEqual([]);
    expect(seen.size, 'all buckets are used').toBe(1024);
  });
});

// netmap memory allocators: three pools in one region, laid out in clusters. Mirrors netmap_mem2.c of 2015
// (facts 1.12, with its vectors). The pools' bitmaps are in the machine; the region's pages count as used when an
// object of them is handed out.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetTree, MemEntry } from './tree.ts';

export interface PoolParams {
  size: number;
  num: number;
}
export interface PoolLayout {
  objsize: number;
  objtotal: number;
  offset: number;
  bytes: number;
  clusters: number;
  clustsize: number;
}
export interface RegionLayout {
  pools: [PoolLayout, PoolLayout, PoolLayout];
  total: number;
}

const MAX_CLUSTSIZE = 1 << 22;
/** nm_mem's id. */
export const GLOBAL_ID = 1;

/** Objects a cluster: the fewest that fill whole pages, 0 when none up to 4 MiB do. */
function clustentries(objsize: number): number {
  for (let i = 1; i * objsize <= MAX_CLUSTSIZE; i++) if ((i * objsize) % L.PAGE === 0) return i;
  return 0;
}

/** Pool sizes as the kernel rounds them: objects to 64 B, clusters to whole pages, numbers to whole clusters. */
export function regionLayout(params: [PoolParams, PoolParams, PoolParams]): RegionLayout {
  let offset = 0;
  const pools = params.map(({ size, num }) => {
    const objsize = Math.ceil(size / 64) * 64;
    const entries = clustentries(objsize);
    if (!entries) throw new RangeError(`no cluster for objects of ${objsize} bytes`);
    const clustsize = entries * objsize;
    const clusters = Math.ceil(num / entries);
    const pool = { objsize, objtotal: clusters * entries, offset, bytes: clusters * clustsize, clusters, clustsize };
    offset += pool.bytes;
    return pool;
  }) as [PoolLayout, PoolLayout, PoolLayout];
  return { pools, total: offset };
}

/** Default parameters of the global allocator (id 1). */
export const GLOBAL_PARAMS: [PoolParams, PoolParams, PoolParams] = [
  { size: 1024, num: 100 },
  { size: 36864, num: 200 },
  { size: 2048, num: 163840 },
];

/** Legal ranges of a pool's object size and number, per kind of allocator (facts 1.12). */
export const LEGAL = {
  if: { size: [56, 4096], num: [10, 10000], privNum: [1, 100] },
  ring: { size: [256, 32 * L.PAGE], num: [2, 1024], privNum: [2, 1024] },
  buf: { size: [64, 65536], num: [4, 1000000], privNum: [4, 1000000] },
} as const;
const POOLS = ['if', 'ring', 'buf'] as const;

/** netmap_mem_private_new's sizing for a port: rings without the fake host ring, which is added here. */
export function privateParams(
  txr: number,
  rxr: number,
  txd: number,
  rxd: number,
  extra: number,
  npipes: number,
  least: readonly [PoolParams, PoolParams, PoolParams] = PRIVATE_PARAMS,
): [PoolParams, PoolParams, PoolParams] {
  const t = txr + 1,
    r = rxr + 1,
    [i, g, b] = least;
  return [
    { size: i.size, num: Math.max(i.num, 2 + 4 * npipes) },
    { size: Math.max(g.size, L.RING_SLOT + L.SLOT_SIZE * Math.max(txd, rxd)), num: Math.max(g.num, t + r + 8 * npipes) },
    { size: b.size, num: Math.max(b.num, (4 * npipes + r) * rxd + (4 * npipes + t) * txd + 2 + extra) },
  ];
}

/** Minimum parameters of private allocators. */
export const PRIVATE_PARAMS: [PoolParams, PoolParams, PoolParams] = [
  { size: 1024, num: 2 },
  { size: 20480, num: 4 },
  { size: 2048, num: 4098 },
];

const pool = (mem: number, i: number) => mem + L.MEM_POOL + i * L.MEM_POOL_SIZE;

export class NetmapMem {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
  ) {}

  /** Whether a range is an allocator's memory, which a program can have mapped. */
  holds(ptr: number, bytes: number): boolean {
    return this.tree().mems.some((x) => {
      const base = this.m.ld32(x.addr + L.MEM_BASE);
      return ptr >= base && ptr + bytes <= base + x.bytes;
    });
  }

  /** The sysctls of the global allocator, or of private ones, as pool parameters. */
  params(priv: boolean): [PoolParams, PoolParams, PoolParams] {
    const s = this.tree().sysctl,
      get = (name: string) => Number(s[`dev.netmap.${priv ? 'priv_' : ''}${name}`] ?? 0);
    return POOLS.map((k) => ({ size: get(`${k}_size`), num: get(`${k}_num`) })) as [PoolParams, PoolParams, PoolParams];
  }

  /** netmap_config_obj_allocator's checks; the message goes to the log. */
  #legal(params: readonly PoolParams[], priv: boolean): boolean {
    return params.every(({ size, num }, i) => {
      const legal = LEGAL[POOLS[i] ?? 'if'],
        [minSize, maxSize] = legal.size,
        [minNum, maxNum] = priv ? legal.privNum : legal.num;
      if (size < minSize || size > maxSize) this.m.log(`requested objsize ${size} out of range [${minSize}, ${maxSize}]`);
      else if (num < minNum || num > maxNum) this.m.log(`requested objtotal ${num} out of range [${minNum}, ${maxNum}]`);
      else if (clustentries(Math.ceil(size / 64) * 64) === 0) this.m.log(`unsupported allocation for ${Math.ceil(size / 64) * 64} bytes`);
      else return true;
      return false;
    });
  }

  byId(id: number): MemEntry | undefined {
    return this.tree().mems.find((e) => e.id === id);
  }

  /** The global allocator, laid out by the sysctls when its first user comes; undefined when these are out of range. */
  global(): MemEntry | undefined {
    const there = this.byId(GLOBAL_ID);
    if (there) return there;
    const params = this.params(false),
      t = this.tree();
    if (!this.#legal(params, false)) return undefined;
    const e = this.create('', params, GLOBAL_ID);
    POOLS.forEach((k, i) => {
      t.sysctl[`dev.netmap.${k}_curr_size`] = this.objsize(e.addr, i);
      t.sysctl[`dev.netmap.${k}_curr_num`] = this.total(e.addr, i);
    });
    return e;
  }

  /** A port's own allocator; undefined when the sysctls give no legal one. */
  private(owner: string, txr: number, rxr: number, txd: number, rxd: number, extra: number, npipes: number): MemEntry | undefined {
    const params = privateParams(txr, rxr, txd, rxd, extra, npipes, this.params(true));
    return this.#legal(params, true) ? this.create(owner, params) : undefined;
  }

  /** An allocator, finalized: region reserved, buffers 0 and 1 and the shared-info object taken. */
  create(owner: string, params: [PoolParams, PoolParams, PoolParams], id = this.#nextId()): MemEntry {
    const { m } = this,
      t = this.tree(),
      lay = regionLayout(params);
    const bits = lay.pools.map((p) => Math.ceil(p.objtotal / 32) * 4);
    const addr = m.alloc(L.MEM_POOL + 3 * L.MEM_POOL_SIZE + bits.reduce((a, b) => a + b));
    let base: number;
    try {
      base = m.reserve(lay.total);
    } catch (e) {
      m.release(addr, L.MEM_POOL + 3 * L.MEM_POOL_SIZE + bits.reduce((a, b) => a + b));
      throw e;
    }
    m.st16(addr + L.MEM_ID, id);
    m.st32(addr + L.MEM_BASE, base);
    m.st32(addr + L.MEM_TOTALSIZE, lay.total);
    let map = addr + L.MEM_POOL + 3 * L.MEM_POOL_SIZE;
    lay.pools.forEach((p, i) => {
      const o = pool(addr, i);
      m.st32(o + L.POOL_OBJTOTAL, p.objtotal);
      m.st32(o + L.POOL_OBJSIZE, p.objsize);
      m.st32(o + L.POOL_OFFSET, p.offset);
      m.st32(o + L.POOL_OBJFREE, p.objtotal);
      m.st32(o + L.POOL_BITMAP, map);
      for (let w = 0; w < p.objtotal >>> 5; w++) m.st32(map + w * 4, 0xffffffff);
      if (p.objtotal & 31) m.st32(map + (p.objtotal >>> 5) * 4, (1 << (p.objtotal & 31)) - 1);
      map += bits[i] ?? 0;
    });
    this.alloc(addr, L.POOL_BUF); // buffers 0 and 1 are never free
    this.alloc(addr, L.POOL_BUF);
    const info = base + (this.alloc(addr, L.POOL_IF) ?? 0) * lay.pools[0].objsize;
    m.putString(info + L.NIF_NAME, 'nms_info', 16);
    m.st32(info + L.NIF_VERSION, 1);
    m.st64(info + L.NMS_FEATURES, 3);
    m.st32(info + L.NMS_BUF_POOL_OFFSET, lay.pools[2].offset);
    m.st32(info + L.NMS_BUF_POOL_OBJTOTAL, lay.pools[2].objtotal);
    m.st32(info + L.NMS_BUF_POOL_OBJSIZE, lay.pools[2].objsize);
    m.st32(info + L.NMS_TOTALSIZE, lay.total);
    const entry: MemEntry = { id, addr, owner, refs: 0, bytes: lay.total };
    t.mems.push(entry);
    return entry;
  }

  #nextId() {
    // the smallest unused value after the last one assigned
    const t = this.tree();
    let id = t.lastMemId;
    do id = id >= 65535 ? 2 : id + 1;
    while (t.mems.some((e) => e.id === id));
    t.lastMemId = id;
    return id;
  }

  destroy(entry: MemEntry) {
    const { m } = this,
      t = this.tree();
    const bits = [0, 1, 2].map((i) => Math.ceil(m.ld32(pool(entry.addr, i) + L.POOL_OBJTOTAL) / 32) * 4);
    if (entry.exposed) m.scrub(m.ld32(entry.addr + L.MEM_BASE), entry.bytes);
    m.release(m.ld32(entry.addr + L.MEM_BASE), entry.bytes);
    m.release(entry.addr, L.MEM_POOL + 3 * L.MEM_POOL_SIZE + bits.reduce((a, b) => a + b));
    t.mems = t.mems.filter((e) => e !== entry);
  }

  /** Index of a free object of pool i, lowest first; undefined when exhausted. Its pages count as used from now on. */
  alloc(mem: number, i: number): number | undefined {
    const { m } = this,
      o = pool(mem, i),
      map = m.ld32(o + L.POOL_BITMAP),
      total = m.ld32(o + L.POOL_OBJTOTAL);
    for (let w = m.ld32(o + L.POOL_HINT); w < Math.ceil(total / 32); w++) {
      const bits = m.ld32(map + w * 4);
      if (!bits) continue;
      const b = 31 - Math.clz32(bits & -bits);
      m.st32(map + w * 4, bits & ~(1 << b));
      m.st32(o + L.POOL_HINT, w);
      m.st32(o + L.POOL_OBJFREE, m.ld32(o + L.POOL_OBJFREE) - 1);
      const idx = w * 32 + b,
        size = m.ld32(o + L.POOL_OBJSIZE);
      m.touch(m.ld32(mem + L.MEM_BASE) + m.ld32(o + L.POOL_OFFSET) + idx * size, size);
      return idx;
    }
    this.m.log(`no more ${this.name(mem, i)} objects`);
    return undefined;
  }

  free(mem: number, i: number, idx: number) {
    const { m } = this,
      o = pool(mem, i),
      map = m.ld32(o + L.POOL_BITMAP),
      w = idx >>> 5;
    if (idx >= m.ld32(o + L.POOL_OBJTOTAL) || (m.ld32(map + w * 4) >>> (idx & 31)) & 1) return;
    m.st32(map + w * 4, m.ld32(map + w * 4) | (1 << (idx & 31)));
    if (w < m.ld32(o + L.POOL_HINT)) m.st32(o + L.POOL_HINT, w);
    m.st32(o + L.POOL_OBJFREE, m.ld32(o + L.POOL_OBJFREE) + 1);
  }

  /** netmap_obj_malloc's name for a pool. */
  name(mem: number, i: number): string {
    const e = this.tree().mems.find((x) => x.addr === mem);
    return `${e?.owner || 'netmap'}_${POOLS[i] ?? ''}`;
  }
  total(mem: number, i: number) {
    return this.m.ld32(pool(mem, i) + L.POOL_OBJTOTAL);
  }

  /** Frees every buffer in use that `named` does not hold; buffers 0 and 1 stay. */
  sweep(mem: number, named: Uint8Array) {
    const { m } = this,
      o = pool(mem, L.POOL_BUF),
      map = m.ld32(o + L.POOL_BITMAP),
      total = m.ld32(o + L.POOL_OBJTOTAL);
    for (let w = 0; w < Math.ceil(total / 32); w++) {
      let used = ~m.ld32(map + w * 4);
      if (w === 0) used &= ~3;
      for (; used; used &= used - 1) {
        const b = w * 32 + 31 - Math.clz32(used & -used);
        if (b < total && !named[b]) this.free(mem, L.POOL_BUF, b);
      }
    }
  }

  freeCount(mem: number, i: number) {
    return this.m.ld32(pool(mem, i) + L.POOL_OBJFREE);
  }
  objsize(mem: number, i: number) {
    return this.m.ld32(pool(mem, i) + L.POOL_OBJSIZE);
  }
  /** Address of object idx of pool i. */
  addr(mem: number, i: number, idx: number) {
    return this.m.ld32(mem + L.MEM_BASE) + this.m.ld32(pool(mem, i) + L.POOL_OFFSET) + idx * this.objsize(mem, i);
  }
  index(mem: number, i: number, addr: number) {
    return (addr - this.m.ld32(mem + L.MEM_BASE) - this.m.ld32(pool(mem, i) + L.POOL_OFFSET)) / this.objsize(mem, i);
  }
}

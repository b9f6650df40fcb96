// Model of netmap's memory allocator: clusters, pools, sizes of private allocators, one pool's bitmap. Written from facts
// netmap 1.12 alone.

export interface PoolSize {
  size: number;
  num: number;
}
export interface PoolShape {
  objsize: number;
  objtotal: number;
  clusters: number;
  clustsize: number;
  bytes: number;
  offset: number;
}
export const PAGE = 4096;
export const MAX_CLUSTSIZE = 2 ** 22;

/** Objects are rounded up to 64 bytes. */
export function objectSize(size: number): number {
  let bytes = 0;
  while (bytes < size) bytes += 64;
  return bytes;
}

/** Objects in a cluster: the fewest whose size is a multiple of the page. Undefined: more than a cluster may hold. */
export function clusterObjects(objsize: number): number | undefined {
  let k = 1;
  while ((k * objsize) % PAGE !== 0) k++;
  return k * objsize <= MAX_CLUSTSIZE ? k : undefined;
}

/** One pool, the number of objects rounded up to whole clusters. */
function pool({ size, num }: PoolSize, offset: number): PoolShape | undefined {
  const objsize = objectSize(size),
    k = clusterObjects(objsize);
  if (k === undefined) return undefined;
  let clusters = 0;
  while (clusters * k < num) clusters++;
  return { objsize, objtotal: clusters * k, clusters, clustsize: k * objsize, bytes: clusters * k * objsize, offset };
}

/** The region: interfaces, rings, buffers, one after the other. */
export function region(params: readonly PoolSize[]): { pools: PoolShape[]; total: number } | undefined {
  const pools: PoolShape[] = [];
  let total = 0;
  for (const p of params) {
    const one = pool(p, total);
    if (!one) return undefined;
    pools.push(one);
    total += one.bytes;
  }
  return { pools, total };
}

/** The smallest private allocator. */
export const PRIV_MIN: readonly [PoolSize, PoolSize, PoolSize] = [
  { size: 1024, num: 2 },
  { size: 5 * PAGE, num: 4 },
  { size: 2048, num: 4098 },
];

/** Sizes of the private allocator of a port: rings and slots each way, extra buffers, pipes. */
export function privateSizes(p: { txr: number; rxr: number; txd: number; rxd: number; extra: number; npipes: number }): PoolSize[] {
  const txr = p.txr + 1, // one fake host ring each way
    rxr = p.rxr + 1;
  const [ifs, rings, bufs] = PRIV_MIN;
  const atLeast = Math.max;
  return [
    { size: ifs.size, num: atLeast(ifs.num, 2 + 4 * p.npipes) },
    { size: atLeast(rings.size, 256 + 16 * atLeast(p.txd, p.rxd)), num: atLeast(rings.num, txr + rxr + 8 * p.npipes) },
    {
      size: bufs.size,
      num: atLeast(bufs.num, (4 * p.npipes + rxr) * p.rxd + (4 * p.npipes + txr) * p.txd + 2 + p.extra),
    },
  ];
}

/** ring.buf_ofs of the ring object with this index. */
export function bufOfs(shape: { pools: PoolShape[] }, ringObject: number): number {
  const [ifs, rings] = shape.pools;
  if (!ifs || !rings) throw new Error('no pools');
  return ifs.bytes + rings.bytes - (ifs.bytes + ringObject * rings.objsize);
}

/** A pool's bitmap: the lowest free object goes first; of the buffers, 0 and 1 are never free. */
export class Bitmap {
  readonly free: boolean[];
  constructor(objtotal: number, buffers: boolean) {
    this.free = Array.from({ length: objtotal }, (_, i) => !buffers || i > 1);
  }
  alloc(): number | undefined {
    const i = this.free.indexOf(true);
    if (i < 0) return undefined;
    this.free[i] = false;
    return i;
  }
  put(i: number) {
    this.free[i] = true;
  }
  left() {
    return this.free.filter(Boolean).length;
  }
}

// dev.netmap.*: names, defaults and order of 2015 (facts bhyve 6.5); both kernels begin with them.

const POOLS: [string, number, number, number, number][] = [
  ['if', 1024, 100, 1024, 2],
  ['ring', 36864, 200, 20480, 4],
  ['buf', 2048, 163840, 2048, 4098],
];

export const netmapSysctls = (): Record<string, number> => ({
  'dev.netmap.verbose': 0,
  'dev.netmap.no_timestamp': 0,
  'dev.netmap.mitigate': 1,
  'dev.netmap.no_pendintr': 1,
  'dev.netmap.txsync_retry': 2,
  'dev.netmap.adaptive_io': 0,
  'dev.netmap.flags': 0,
  'dev.netmap.fwd': 0,
  'dev.netmap.admode': 0,
  'dev.netmap.generic_mit': 100000,
  'dev.netmap.generic_ringsize': 1024,
  'dev.netmap.generic_rings': 1,
  'dev.netmap.default_pipes': 0,
  ...Object.fromEntries(
    POOLS.flatMap(([p, size, num]) => [
      [`dev.netmap.${p}_size`, size],
      [`dev.netmap.${p}_num`, num],
      [`dev.netmap.${p}_curr_size`, 0],
      [`dev.netmap.${p}_curr_num`, 0],
    ]),
  ),
  ...Object.fromEntries(
    POOLS.flatMap(([p, , , size, num]) => [
      [`dev.netmap.priv_${p}_size`, size],
      [`dev.netmap.priv_${p}_num`, num],
    ]),
  ),
  'dev.netmap.bridge_batch': 1024,
});

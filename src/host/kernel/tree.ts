// The host kernel's control-plane state that is not bytes: names, tables, logs. Plain JSON, changed by actions only.

import { type NetTree, newNetTree } from '../../net/tree.ts';
import { IF_SYSCTL, newInterfaces } from './if_table.ts';
import type { NmdmEnd } from './nmdm.ts';
import { NICS, newSysctls } from './sysctls.ts';

/** A NIC whose hardware is in use. */
export interface NicEntry {
  name: string;
  unit: number;
  addr: number;
  /** Thread blocks: the hardware, its interrupt. */
  block: number;
  ithread: number;
}

export interface HostTree extends NetTree {
  nics: NicEntry[];
  /** Linked files; user: loaded by itself, not because another needed it. */
  kld: { id: number; name: string; user: boolean }[];
  kldNext: number;
  /** Null modems that somebody has open: the A and the B end. */
  nmdm?: Record<string, [NmdmEnd, NmdmEnd]>;
  /** Counters of workers that have stopped (totals.ts). */
  workerTotals: Record<string, number[]>;
  /** Of virtio-net functions whose bhyve has ended (bhyve/vtnet_stats.ts). */
  vtnetTotals?: Record<string, number[]>;
}

/** A host that has just booted. `slots` is the lab's own loader tunable for the ring size of VALE ports and pipes. */
export function newHostTree(slots: number): HostTree {
  return {
    ...newNetTree({ ...newSysctls(slots), ...IF_SYSCTL }, newInterfaces(NICS.length + 1), NICS.length + 3),
    nics: [],
    kld: ['kernel', 'vmm.ko', 'netmap.ko'].map((name, i) => ({ id: i + 1, name, user: true })),
    kldNext: 4,
    workerTotals: {},
  };
}

export { ERRNO, type AdapterEntry, type BridgeEntry, type Errno, type MemEntry, type NetmapFd, logLine } from '../../net/tree.ts';

// Counters that outlive what they counted: a closed port's and a stopped worker's are added up under its name.

import * as L from '../../wasm/layout.ts';
import type { Machine } from '../sim/machine.ts';

/** A kring's counters, in this order. */
export const PORT_STATS = [
  ['packets', L.KR_STAT_PACKETS],
  ['bytes', L.KR_STAT_BYTES],
  ['syncs', L.KR_STAT_SYNC],
  ['packets copied in', L.KR_STAT_COPIES],
  ['dropped (ring full)', L.KR_STAT_DROPS],
  ['notifications', L.KR_STAT_NOTIFY],
  ['prologues failed', L.KR_STAT_REINIT],
] as const;

/** Counters of a port's ring pair: TX, then RX. */
export const portCounts = (m: Pick<Machine, 'ld64'>, tx: number, rx: number): number[] =>
  [tx, rx].flatMap((kr) => PORT_STATS.map(([, o]) => (kr ? m.ld64(kr + o) : 0)));

/** Counters of a worker: runs, interrupts sent, interrupts not wanted, sleeps, sleeps ended by the bound, busy krings, interrupts refused. */
export const workerCounts = (m: Pick<Machine, 'ld64'>, nmk: number, block: number): number[] => [
  m.ld64(nmk + L.NMK_STAT_RUN),
  m.ld64(nmk + L.NMK_STAT_IRQ),
  m.ld64(nmk + L.NMK_STAT_NOIRQ),
  block ? m.ld64(block + L.T_STAT_SLEEP) : 0,
  block ? m.ld64(block + L.T_STAT_TIMEOUT) : 0,
  m.ld64(nmk + L.NMK_STAT_BUSY),
  m.ld64(nmk + L.NMK_STAT_IRQ_ERR),
];

/** Adds counts to what a table holds under a name. */
export function addCounts(table: Record<string, number[]>, name: string, counts: number[]) {
  const old = Object.hasOwn(table, name) ? table[name] : undefined;
  table[name] = counts.map((n, i) => n + (old?.[i] ?? 0));
}

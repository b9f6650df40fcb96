// The questions of the table that the lab ships: each scenario as revision 2019 and as 2015 has it, and each hazard of facts
// 5C with its protection taken from 2019, and given to 2015. What is expected is the facts'; the verdict is the search's.

import type { Model } from './question.ts';

export interface Row {
  id: string;
  /** H1 to H20; none: the revision as it is. */
  hazard?: string;
  /** labs/explore/NAME.lab. */
  scenario: string;
  revision: 2015 | 2019;
  /** dev.lab.* set before the VM boots. */
  sysctls: Record<string, number>;
  /** Instead of the file's: slots of a ring, packets, batch. */
  slots?: number;
  packets?: number;
  batch?: number;
  model: Model;
  buffer: number;
  limit: number;
  /** Which actions of the control plane are moves too. */
  acts?: 'exits' | 'all';
  /** open: nothing is broken within the bounds, and the frontier is not empty. */
  expect: 'kept' | 'broken' | 'open';
  /** Not in the two minutes of the tests. */
  large?: true;
  /** Where the verdict is not what the catalogue of hazards leads one to expect: why. */
  note?: string;
}

/** What the lab ships of a row. */
export interface TableRow extends Row {
  states: number;
  moves: number;
  depth: number;
  complete: boolean;
  /** Bytes of a state. */
  bytes: number;
  broken?: { promise: string; why: string; moves: string };
}

const HZ = 'dev.lab.hazard.';
const LIMIT = 1_000_000;
type Some = Partial<Row> & Pick<Row, 'scenario'>;
function row(id: string, expect: Row['expect'], o: Some): Row {
  return { id, revision: 2019, sysctls: {}, model: 'sc', buffer: 2, limit: LIMIT, expect, ...o };
}
const TSO = { model: 'tso' } as const,
  PSO = { model: 'pso' } as const,
  BIG = { limit: 4_000_000, large: true } as const,
  HUGE = { limit: 20_000_000, large: true } as const;

/** As the revision is: every scenario, every model. */
const WHOLE: Row[] = ['tx-full', 'tx-pipe', 'tx-vale', 'rx-pipe', 'rx-vale'].flatMap((scenario) => [
  row(`${scenario} 2019`, 'kept', { scenario }),
  row(`${scenario} 2019 tso`, 'kept', { scenario, ...TSO }),
  row(`${scenario} 2019 pso`, 'kept', { scenario, ...PSO }),
]);
const MORE: Row[] = [
  row('rx-pipe 2019 two batches', 'kept', { scenario: 'rx-pipe', packets: 2, batch: 1, ...BIG }),
  row('rx-vale 2019 two batches', 'kept', { scenario: 'rx-vale', packets: 2, batch: 1, ...BIG }),
  row('tx-full 2019 eight slots', 'kept', { scenario: 'tx-full', slots: 8, batch: 4, ...BIG }),
  row('tx-vale 2019 eight slots', 'kept', { scenario: 'tx-vale', slots: 8, packets: 7, batch: 7 }),
  row('rx-vale 2019 eight slots', 'kept', { scenario: 'rx-vale', slots: 8, packets: 7, batch: 7 }),
  row('tx-full 2019 three slots', 'kept', { scenario: 'tx-full', slots: 3 }),
  row('tx-full 2019 five slots', 'kept', { scenario: 'tx-full', slots: 5 }),
  row('tx-vale 2019 three slots', 'kept', { scenario: 'tx-vale', slots: 3 }),
  row('rx-pipe 2019 three slots', 'kept', { scenario: 'rx-pipe', slots: 3 }),
  row('rx-vale 2019 three slots', 'kept', { scenario: 'rx-vale', slots: 3 }),
  row('tx-full 2019 six slots', 'kept', { scenario: 'tx-full', slots: 6, ...BIG }),
  row('tx-vale 2019 seven slots', 'kept', { scenario: 'tx-vale', slots: 7, packets: 6, batch: 6 }),
  row('tx-full 2019 two slots', 'kept', { scenario: 'tx-full', slots: 2, batch: 1 }),
  row('tx-vale 2019 two slots', 'kept', { scenario: 'tx-vale', slots: 2, packets: 1, batch: 1 }),
  row('rx-pipe 2019 two slots', 'kept', { scenario: 'rx-pipe', slots: 2, packets: 1, batch: 1 }),
  row('rx-vale 2019 two slots', 'kept', { scenario: 'rx-vale', slots: 2, packets: 1, batch: 1 }),
  row('rx-pipe 2019 two slots, two packets', 'kept', { scenario: 'rx-pipe', slots: 2, packets: 2, batch: 1, ...BIG }),
  row('rx-pipe 2019 tso two batches', 'kept', { scenario: 'rx-pipe', packets: 2, batch: 1, ...TSO, ...BIG }),
  row('two-guests 2019', 'kept', { scenario: 'two-guests' }),
  row('reply-pipe 2019', 'kept', { scenario: 'reply-pipe' }),
  row('reply-vale 2019', 'kept', { scenario: 'reply-vale' }),
  row('reply-vale 2019 tso', 'kept', { scenario: 'reply-vale', ...TSO, large: true }),
  row('both-pipe 2019', 'kept', { scenario: 'both-pipe', ...HUGE }),
  row('both-vale 2019', 'kept', { scenario: 'both-vale', ...HUGE }),
  row('vale-two', 'kept', { scenario: 'vale-two' }),
  row('vale-three', 'kept', { scenario: 'vale-three' }),
  row('virtio-tx', 'kept', { scenario: 'virtio-tx' }),
  row('virtio-tx tso', 'kept', { scenario: 'virtio-tx', ...TSO, large: true }),
  row('virtio-kick', 'kept', { scenario: 'virtio-kick', acts: 'exits' }),
  row('virtio-kick tso', 'kept', { scenario: 'virtio-kick', acts: 'exits', ...TSO, large: true }),
  row('virtio-kick pso', 'kept', { scenario: 'virtio-kick', acts: 'exits', ...PSO, large: true }),
  row('virtio-second', 'kept', { scenario: 'virtio-second', large: true }),
  row('virtio-second tso', 'kept', { scenario: 'virtio-second', ...TSO, ...BIG }),
  row('virtio-rx', 'kept', { scenario: 'virtio-rx' }),
  row('rx-second 2019', 'kept', { scenario: 'rx-second' }),
  row('rx-second 2019 tso', 'kept', { scenario: 'rx-second', ...TSO }),
  row('bell-fd 2019', 'kept', { scenario: 'bell-fd' }),
  row('vale-full', 'kept', { scenario: 'vale-full' }),
  row('vale-frags', 'kept', { scenario: 'vale-frags' }),
  row('two-guests 2019 tso', 'kept', { scenario: 'two-guests', ...TSO }),
  row('reply-pipe 2019 tso', 'kept', { scenario: 'reply-pipe', ...TSO, ...BIG }),
  row('vale-three tso', 'kept', { scenario: 'vale-three', ...TSO, ...BIG }),
  row('teardown 2019', 'kept', { scenario: 'teardown', acts: 'all' }),
  row('tx-full 2015', 'broken', { scenario: 'tx-full', revision: 2015 }),
];

const H8 =
    'An old hwcur lies behind the true one, and head is never behind that: where head equals the old one, nothing is on its way. ' +
    'The kick that is left out had nothing to tell.',
  H19 = 'What it costs are drops at a full VALE port, and a switch may drop: no promise is broken with it or without.';

const HAZARDS: Row[] = [
  row('H1 removed from 2019', 'broken', { hazard: 'H1', scenario: 'tx-full', sysctls: { [`${HZ}H1`]: 1 } }),
  row('H1 given to 2015', 'kept', { hazard: 'H1', scenario: 'tx-full', revision: 2015, sysctls: { [`${HZ}H1`]: 0, [`${HZ}H4`]: 0 } }),
  row('H2 removed from 2019', 'broken', { hazard: 'H2', scenario: 'tx-full', sysctls: { [`${HZ}H2`]: 1 }, ...TSO }),
  row('H2 removed from 2019, no store buffers', 'kept', { hazard: 'H2', scenario: 'tx-full', sysctls: { [`${HZ}H2`]: 1 } }),
  row('H2 in 2015', 'broken', { hazard: 'H2', scenario: 'tx-full', revision: 2015, sysctls: { [`${HZ}H4`]: 0 }, ...TSO }),
  row('H2 given to 2015', 'kept', {
    hazard: 'H2',
    scenario: 'tx-full',
    revision: 2015,
    sysctls: { [`${HZ}H4`]: 0, [`${HZ}H2`]: 0 },
    ...TSO,
  }),
  row('H3 removed from 2019', 'broken', {
    hazard: 'H3',
    scenario: 'rx-pipe',
    packets: 2,
    batch: 1,
    sysctls: { [`${HZ}H3`]: 1 },
    limit: 3_000_000,
  }),
  row('H4 removed from 2019', 'broken', { hazard: 'H4', scenario: 'tx-full', sysctls: { [`${HZ}H4`]: 1 } }),
  row('H4 in 2015', 'broken', { hazard: 'H4', scenario: 'tx-full', revision: 2015 }),
  row('H4 given to 2015', 'kept', { hazard: 'H4', scenario: 'tx-full', revision: 2015, sysctls: { [`${HZ}H4`]: 0 } }),
  row('H5 removed from 2019', 'broken', { hazard: 'H5', scenario: 'h5', sysctls: { [`${HZ}H5`]: 1 } }),
  row('H5 in 2019', 'kept', { hazard: 'H5', scenario: 'h5' }),
  row('H5 in 2019, three packets', 'kept', { hazard: 'H5', scenario: 'h5', packets: 3, ...BIG }),
  row('H6 removed from 2019', 'broken', { hazard: 'H6', scenario: 'h6', sysctls: { [`${HZ}H6`]: 1 } }),
  row('H6 in 2019', 'kept', { hazard: 'H6', scenario: 'h6' }),
  row('H6 in 2015', 'broken', { hazard: 'H6', scenario: 'h6', revision: 2015 }),
  row('H6 removed from 2019, a guest that behaves', 'kept', { hazard: 'H6', scenario: 'tx-full', sysctls: { [`${HZ}H6`]: 1 } }),
  row('H7 removed from 2019', 'broken', { hazard: 'H7', scenario: 'h7', sysctls: { [`${HZ}H7`]: 1 } }),
  row('H7 in 2019', 'kept', { hazard: 'H7', scenario: 'h7' }),
  row('H7 removed from 2019, packets of one slot', 'kept', { hazard: 'H7', scenario: 'tx-full', sysctls: { [`${HZ}H7`]: 1 }, large: true }),
  row('H8 removed from 2019', 'kept', { hazard: 'H8', scenario: 'tx-full', sysctls: { [`${HZ}H8`]: 1 }, note: H8 }),
  row('H8 removed from 2019, a NIC', 'kept', { hazard: 'H8', scenario: 'h9', sysctls: { [`${HZ}H8`]: 1 }, large: true, note: H8 }),
  row('H8 removed from 2019, receiving', 'kept', { hazard: 'H8', scenario: 'h8', sysctls: { [`${HZ}H8`]: 1 }, ...BIG, note: H8 }),
  row('H9 removed from 2019', 'broken', { hazard: 'H9', scenario: 'h9', sysctls: { [`${HZ}H9`]: 1 } }),
  row('H9 in 2019', 'kept', { hazard: 'H9', scenario: 'h9' }),
  row('H10 removed from 2019', 'kept', {
    hazard: 'H10',
    scenario: 'tx-full',
    sysctls: { [`${HZ}H10`]: 1 },
    note: 'Nobody else syncs the ring, so it is never found busy.',
  }),
  row('H10 in 2019, and bhyve polls too', 'broken', {
    hazard: 'H10',
    scenario: 'h10',
    note: 'The wrong release apart: a worker that finds its ring busy leaves, and only a time-out brings it back. Nobody repaired that.',
  }),
  row('H12 removed from 2019', 'broken', { hazard: 'H12', scenario: 'h12', sysctls: { [`${HZ}H12`]: 1 } }),
  row('H12 in 2019', 'kept', { hazard: 'H12', scenario: 'h12', sysctls: { [`${HZ}H12`]: 0 } }),
  row('H13 in 2015', 'broken', { hazard: 'H13', scenario: 'teardown', revision: 2015, acts: 'all', large: true }),
  row('H13 removed from 2019', 'broken', { hazard: 'H13', scenario: 'teardown', sysctls: { [`${HZ}H13`]: 1 }, acts: 'all' }),
  row('H20 removed from 2019', 'broken', { hazard: 'H20', scenario: 'detach', sysctls: { [`${HZ}H20`]: 1 }, acts: 'all' }),
  row('H20 in 2019', 'kept', { hazard: 'H20', scenario: 'detach', acts: 'all' }),
  row('H17 in 2019', 'broken', { hazard: 'H17', scenario: 'h17', sysctls: { [`${HZ}H17`]: 1 } }),
  row('H17 given to 2019', 'kept', { hazard: 'H17', scenario: 'h17', sysctls: { [`${HZ}H17`]: 0 } }),
  row('H19 in 2019', 'kept', { hazard: 'H19', scenario: 'rx-vale', sysctls: { [`${HZ}H19`]: 1 }, note: H19 }),
  row('H19 given to 2019', 'kept', { hazard: 'H19', scenario: 'rx-vale', sysctls: { [`${HZ}H19`]: 0 }, note: H19 }),
];

export const ROWS: readonly Row[] = [...HAZARDS, ...WHOLE, ...MORE];

/** The text of a scenario, set up as a row wants it. */
export function setUp(text: string, r: Row): string {
  const sets = Object.entries(r.sysctls).map(([name, v]) => `host# sysctl ${name}=${v}\n`);
  const first = text.search(/^host# /m);
  let out = `${text.slice(0, first)}${sets.join('')}${text.slice(first)}`;
  if (r.revision === 2019) out = out.replaceAll('# bhyve ', '# bhyve -o lab.protocol=2019 ');
  if (r.slots) out = out.replace(/hw\.lab\.bridge_ringsize=\d+/, `hw.lab.bridge_ringsize=${r.slots}`);
  if (r.packets) out = out.replace(/(-f tx(?:seq)?.*? -n )\d+/, `$1${r.packets}`);
  if (r.batch) out = out.replace(/(-f tx.*? -b )\d+/, `$1${r.batch}`);
  return out;
}

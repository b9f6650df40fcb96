// The invariants of facts bhyve 9.4 over the step engine, after every access: seeded schedules of four kinds, and machines of all
// kinds of ports. With a doorbell that remembers, no exception; with 2015's bare wakeup the documented hole of 5.6, which ends a walk.

import { describe, expect, test } from 'vitest';
import { type Checkpoint, Checkpoints } from '../src/lab/checkpoints.ts';
import * as L from '../wasm/layout.ts';
import { upPorts } from './invariants.ts';
import { MACHINES, type Revision, count, knob, made, walk } from './invariants-walk.ts';

const REVISIONS: Revision[] = ['2015', '2019', 'each its own'];
const SEEDS = Number(process.env.SEEDS ?? 2),
  STEPS = Number(process.env.STEPS ?? 1500);

const CASES = MACHINES.flatMap((x) => (x.vms.length > 1 ? REVISIONS : REVISIONS.slice(0, 2)).map((of) => ({ ...x, x, of })));
/** What a walk may run into: 2015's doorbell forgets, and its barriers are not those of a CPU with store buffers (H2). */
const ways = (of: Revision): { doorbell: 0 | 1; tso: number }[] =>
  of === '2019'
    ? [
        { doorbell: 0, tso: 0 },
        { doorbell: 0, tso: 4 },
      ]
    : [
        { doorbell: 1, tso: 0 },
        { doorbell: 0, tso: 0 },
      ];

describe.each(CASES)('$name, protocol $of', ({ x, of }) => {
  const w = made(x, of),
    { m } = w,
    c = new Checkpoints(w);
  c.make(0);
  test.each(['least time', 'in turn', 'random', 'adversarial'] as const)('%s', { timeout: 600_000 }, (policy) => {
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const { doorbell, tso } of ways(of)) {
        c.restore(c.list[0] as Checkpoint);
        expect(upPorts(w).length).toBe(x.up);
        knob(w, L.M_DOORBELL, doorbell);
        knob(w, L.M_TSO, tso);
        expect(walk(w, policy, seed, STEPS, of !== '2019' && doorbell === 0), `doorbell ${doorbell}, store buffers ${tso}`).toBe('');
        packets += upPorts(w).reduce((n, p) => n + m.ld64(p.fd.tx + L.KR_STAT_SYNC) + m.ld64(p.fd.rx + L.KR_STAT_SYNC), 0);
      }
  });
});

let packets = 0;
test('there was something to look at', () => {
  expect(count.looked).toBeGreaterThan((CASES.length * 4 * SEEDS * STEPS) / 2);
  expect(packets).toBeGreaterThan(count.looked / 500);
});

// The invariants of facts bhyve 9.4 over the step engine, after every access: seeded schedules of four kinds, and machines of all
// kinds of ports. With a doorbell that remembers, no exception; with 2015's bare wakeup the documented hole of 5.6, which ends a walk.

import { describe, expect, test } from 'vitest';
import { type Checkpoint, Checkpoints } from '../src/lab/checkpoints.ts';
import * as L from '../wasm/layout.ts';
import { upPorts } from './invariants.ts';
import { MACHINES, count, knob, made, walk } from './invariants-walk.ts';

const SEEDS = Number(process.env.SEEDS ?? 1),
  STEPS = Number(process.env.STEPS ?? 1800);

describe.each(MACHINES)('$name', (x) => {
  const w = made(x),
    { m } = w,
    c = new Checkpoints(w);
  c.make(0);
  const back = () => c.restore(c.list[0] as Checkpoint);
  test.each(['least time', 'in turn', 'random', 'adversarial'] as const)('%s', { timeout: 600_000 }, (policy) => {
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const remembered of [true, false]) {
        back();
        expect(upPorts(w).length).toBe(x.up);
        knob(w, L.M_DOORBELL, remembered ? 1 : 0);
        expect(walk(w, policy, seed, STEPS, !remembered)).toBe('');
        packets += upPorts(w).reduce((n, p) => n + m.ld64(p.fd.tx + L.KR_STAT_SYNC) + m.ld64(p.fd.rx + L.KR_STAT_SYNC), 0);
      }
  });
});

let packets = 0;
test('there was something to look at', () => {
  expect(count.looked).toBeGreaterThan((MACHINES.length * 4 * SEEDS * STEPS) / 2);
  expect(packets).toBeGreaterThan(count.looked / 500);
});

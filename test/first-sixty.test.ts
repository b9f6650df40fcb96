// The first sixty seconds tell the truth: from wherever the visitor stops, the marked moment comes soon, and there the two
// orders end as the cards say.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { counters } from '../src/lab/counters.ts';
import type { Lab } from '../src/lab/lab.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile, slotsOf } from '../src/lab/run_lines.ts';
import { ordersHere, toOrders } from '../src/lab/tour.ts';
import type { Orders } from '../src/lab/guide_types.ts';
import { wasmFile } from './booted.ts';

const lines = parseFile(readFileSync(new URL('../labs/first-sixty.lab', import.meta.url), 'utf8'));
let lab: Lab;
let start = 0;

beforeAll(async () => {
  const runner = new Runner({ step: wasmFile('step') }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 0, record: true });
  expect((await runner.run(lines)).stalled).toBeUndefined();
  lab = runner.lab;
  start = lab.world.m.steps;
});

const count = (name: string) =>
  counters(lab.world)
    .flatMap((g) => g.rows)
    .find((r) => r.name === name)?.value ?? -1;
const flag = () => lab.state().csbs[0]?.fields.find((f) => f.name === 'host_need_txkick')?.value;
/** A thread alone, so many accesses; the last one's sentence. */
function alone(thread: number, accesses = 1): string {
  for (let i = 0; i < accesses; i++) lab.step(thread);
  return lab.sentence;
}

test('a ring of 16 slots, a sender in the guest, a receiver on the host; the first moment comes within 15 s at 6 a second', () => {
  const s = lab.state();
  expect(s.rings.find((r) => r.dir === 'TX' && r.user === 'guest')).toMatchObject({ slots: 16, port: 'vtnet0' });
  expect(s.threads.some((t) => t.name.startsWith('pkt-gen') && t.side === 'host')).toBe(true);
  expect(ordersHere(lab)).toBeUndefined();
  toOrders(lab, start);
  expect(lab.world.m.steps - start).toBeLessThanOrEqual(90);
  lab.goto(start);
});

test.each([0, 6, 30, 70, 200, 500, 1500])('stopped after %i accesses: both orders are as the cards say', (n) => {
  lab.goto(start + n);
  const found = toOrders(lab, start) as Orders;
  expect(found).toBeDefined();
  const at = lab.world.m.steps;
  expect(ordersHere(lab)).toEqual(found);
  const seen = () => {
    const { threads, csbs, clockNs, step } = lab.state();
    return { threads, csbs, clockNs, step };
  };
  const before = seen();

  // The guest first: it finds 0, and no kick comes of it.
  const [sent, spared, exits] = [count('kicks sent'), count('kicks suppressed'), count('kicks ended in vmm.ko')];
  expect(flag()).toBe(0);
  expect(alone(found.guest)).toBe('vCPU 0 read host_need_txkick of the CSB and found 0.');
  alone(found.guest, 12);
  expect([count('kicks sent'), count('kicks ended in vmm.ko')]).toEqual([sent, exits]);
  expect(count('kicks suppressed')).toBeGreaterThan(spared);

  // Undone, to the last bit.
  lab.goto(at);
  expect(ordersHere(lab)).toEqual(found);
  expect(seen()).toEqual(before);

  // The host first: the guest finds 1, kicks, and that is an exit.
  expect(alone(found.host)).toMatch(/^nm-kthread-1 stored host_need_txkick = 1 /);
  expect(alone(found.guest)).toBe('vCPU 0 read host_need_txkick of the CSB and found 1.');
  alone(found.guest, 12);
  expect(count('kicks sent')).toBe(sent + 1);
  expect(count('kicks ended in vmm.ko')).toBe(exits + 1);
  lab.goto(start);
});

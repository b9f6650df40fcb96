// Revision 2019 of the protocol under the small explorer: guest transmit over a pipe, 4-slot rings, every interleaving; and
// each hazard of 2015 turned on in it, which must then show. Coupled with protocol.test.ts, which does the same to 2015.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { World } from '../src/lab/world.ts';
import { type } from './booted.ts';
import { explore, notState } from './explorer.ts';
import { atFirstAccess, atRest, bootedWith } from './revisions.ts';

/** Nobody can move: every packet that fits must have been handed over. */
function judge(w: World): string | undefined {
  const { held, pending, room } = atRest(w);
  if (w.m.ld32(L.MACHINE + L.M_VIOLATIONS)) return 'a slot was touched by a thread that did not own it';
  return held === room && pending === room
    ? undefined
    : `everyone sleeps; the pipe holds ${held} of ${room} packets and ${pending} wait in the guest's ring`;
}
const search = (w: World, limit: number) => explore(w, { ignore: notState(w), judge: () => judge(w), limit });

function sending(options: readonly string[]): World {
  const w = bootedWith(options, 4, ['dev.lab.sleep_bound=2']);
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 -b 3');
  return atFirstAccess(w);
}

test('2019 is clean in every interleaving', { timeout: 120_000 }, () => {
  const v = search(sending(['lab.protocol=2019']), 2_000_000);
  console.log(`2019: ${v.states} states, complete ${v.complete}, ${v.bad} bad of ${v.terminal}: ${v.trace.at(-1)}`);
  expect(v).toMatchObject({ bad: 0, complete: true });
  expect(v.terminal).toBeGreaterThan(0);
});
// condsignal does what dev.lab.doorbell = 1 does, whose every interleaving is in protocol.test.ts: here the first of them.
for (const [bell, limit, complete] of [
  ['condsignal', 50_000, false],
  ['fd', 2_000_000, true],
] as const)
  test(`2015 with the doorbell ${bell} loses no kick`, { timeout: 120_000 }, () => {
    const v = search(sending([`lab.doorbell=${bell}`]), limit);
    console.log(`${bell}: ${v.states} states, complete ${v.complete}, ${v.bad} bad of ${v.terminal}: ${v.trace.at(-1)}`);
    expect(v).toMatchObject({ bad: 0, complete });
    expect(v.terminal).toBeGreaterThan(0);
  });

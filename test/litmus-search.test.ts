// The explorer's search on litmus tests: it must find the ends that the small enumeration of litmus_machine.ts finds, which owes
// it nothing. Here a whole program is one iteration, so that its thread is parked on a saved stack, as netmap's code is.

import { expect, test } from 'vitest';
import { LitmusThreads, litmus } from '../src/lab/explore/litmus_machine.ts';
import { MODELS } from '../src/lab/explore/question.ts';
import { explore } from '../src/lab/explore/search.ts';
import { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';
import { TESTS, parsed, random } from './litmus_tests.ts';

/** Words of one thread's own, written before and after others: what the search may leave out of its choices. */
const OWN = ['p', 'q'].map((q) =>
  parsed(`X86 own-${q}
{ p=0; q=0; x=0; y=0; }
 P0          | P1          ;
 MOV [p],$1  | MOV [y],$1  ;
 MOV [x],$1  | MOV EAX,[x] ;
 MOV [${q}],$2  |             ;
 MOV EAX,[p] |             ;
 MOV EBX,[y] |             ;
exists (0:EAX=1)`),
);
const RANDOM = Array.from({ length: 40 }, (_, i) => parsed(random(1000 + i)));
const world = World.create(wasmFile('step'), { shared: false, seed: 1, slots: 16 });
const REDUCE = [false, true];

for (const reduce of REDUCE)
  test(`every schedule, ${reduce ? 'but for accesses that nobody notices' : 'each access a choice'}: the same ends`, {
    timeout: 60_000,
  }, () => {
    for (const t of [...TESTS, ...OWN, ...RANDOM])
      for (const model of MODELS) {
        const mine = litmus(world.m, t, model),
          threads = new LitmusThreads(world.m, t, true),
          v = explore(world, { model, buffer: L.SB_MAX, limit: 10_000, memoryMiB: 3, reduce }),
          name = `${t.name} under ${model}`;
        threads.end();
        expect([v.complete, v.bad], name).toEqual([true, 0]);
        expect(v.terminal, name).toBe(mine.outcomes.length);
        if (!reduce) expect(v.states, name).toBe(mine.states);
        else expect(v.states, name).toBeLessThanOrEqual(mine.states);
      }
  });

// What fails and is gone back from, without a page: a worker of the free engine that dies or does not stop, the lab's own worker as the
// page sees it (what it was told, put together, is the lab to the last byte), the computer asleep.

import { afterEach, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { BHYVE, BHYVELOAD } from '../src/lab/boot_lines.ts';
import { buildName } from '../src/lab/keep.ts';
import { Keeper } from '../src/lab/keeper.ts';
import { Lab } from '../src/lab/lab.ts';
import { type Rescue, together } from '../src/lab/rescue.ts';
import { rescued, Teller, troubles } from '../src/lab/robust.ts';
import type { ThreadWorker } from '../src/sim/free.ts';
import { spawnNode } from '../src/sim/spawn_node.ts';
import { enter, go, newLab, sending, told, wasm, whole } from './sending.ts';

const BUILD = buildName(wasm.step);
const free = spawnNode(new URL('../build/free.node.mjs', import.meta.url));

let lab: Lab | undefined;
afterEach(() => {
  lab?.reset(); // its workers end
  lab = undefined;
});

/** A VM under traffic, recorded, on a lab that can run freely; its workers as they are made. */
function withWorkers() {
  const workers: ThreadWorker[] = [];
  const l = new Lab(wasm, { shared: true, seed: 1, slots: 16 }, (memory, module) => {
    const w = free(memory, module);
    workers.push(w);
    return w;
  });
  lab = l;
  go(l, () => !l.world.host.os.ready());
  enter(l, 'ttyv0', BHYVELOAD);
  enter(l, 'ttyv0', BHYVE);
  go(l, () => l.world.guestAtPrompt('netmapvm'));
  l.timeline.do({ k: 'open' });
  enter(l, 'ttyv1', 'pkt-gen -i vale1:2 -f rx');
  enter(l, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
  go(l, () => (l.world.tree.guests.netmapvm?.threads.length ?? 0) > 0);
  l.steps(500);
  return { l, workers };
}
const freely = async (l: Lab, ms: number) => {
  for (let i = 0; i < ms; i++) {
    l.pump(() => false, performance.now());
    await new Promise((f) => setTimeout(f, 1));
  }
};

test('a thread’s worker dies at full speed: named, and the lab is where it was let go, to the last byte', async () => {
  const { l, workers } = withWorkers(),
    before = whole(l),
    step = l.world.m.steps;
  l.start('free');
  await freely(l, 60);
  l.typing.input('ttyv1', 'typed meanwhile');
  const [, second] = workers;
  second?.terminate();
  second?.onError('Uncaught RangeError: out of memory');
  l.pump(() => false, performance.now());
  expect(l.failure).toMatch(
    /^\S.*’s worker stopped \(out of memory\)\. The lab is back at step \d+, where full speed began; the recording is safe\.$/,
  );
  expect(l.failure).toContain(` step ${step},`);
  expect([l.engine, l.run, l.world.m.steps]).toEqual(['step', 'stopped', step]);
  expect(whole(l)).toEqual(before);
  // both engines go on from there
  l.steps(200);
  expect(l.world.m.steps).toBe(step + 200);
  l.start('free');
  expect(l.failure).toBe('');
  await freely(l, 20);
  while (!l.park()) await freely(l, 1);
  expect(l.failure).toBe('');
});

test('the same after a lab that went by the wall clock', async () => {
  const workers: ThreadWorker[] = [];
  const l = new Lab(wasm, { shared: true, seed: 1, slots: 1024 }, (memory, module) => {
    const w = free(memory, module);
    workers.push(w);
    return w;
  });
  lab = l;
  let wall = 0;
  const by = (is: () => boolean) => {
    for (let i = 0; i < 3000 && !is(); i++) {
      wall += 4;
      l.pump(() => false, wall);
    }
    expect(is()).toBe(true);
  };
  l.start('step');
  by(() => !l.world.host.os.ready());
  for (const command of [BHYVELOAD, BHYVE]) {
    l.typing.typeLine('ttyv0', command, true);
    for (let i = 0; i < 500; i++) {
      wall += 4;
      l.pump(() => false, wall);
    }
  }
  by(() => l.world.guestAtPrompt('netmapvm'));
  l.typing.openTerminal();
  l.typing.resize('ttyv0', 90, 12);
  by(() => l.run === 'idle' || wall > 9000);
  expect(l.park()).toBe(true);
  const before = whole(l);
  l.start('free');
  await freely(l, 30);
  workers[0]?.terminate();
  workers[0]?.onError('out of memory');
  l.pump(() => false, performance.now());
  expect(l.failure).toContain(`back at step ${before.end},`);
  expect(whole(l)).toEqual(before);
});

test('a worker that does not stop when it is asked to is given up, and said', async () => {
  const { l } = withWorkers(),
    before = whole(l);
  l.start('free');
  await freely(l, 20);
  l.late('it did not stop for 10 seconds');
  expect(l.failure).toContain('worker stopped (it did not stop for 10 seconds)');
  expect(l.park()).toBe(true);
  expect(whole(l)).toEqual(before);
});

test('what the page was told is the lab: through deeds, branches and a change of root', () => {
  const l = sending(),
    teller = new Teller();
  let held: Rescue | undefined,
    roots = 0;
  const tell = () => {
    const t = teller.tell(l, BUILD);
    if (!t) return 0;
    if (t.root !== undefined) roots++;
    held = structuredClone(together(held, structuredClone(t)));
    return t.entries.length;
  };
  const back = () => {
    const other = newLab();
    if (!held) throw new Error('nothing was told');
    expect(rescued(other, held, BUILD, () => true)).toBeUndefined();
    expect(whole(other)).toEqual(whole(l));
  };
  expect(tell()).toBe(l.timeline.entries.length);
  expect(tell(), 'nothing is new').toBe(0);
  back();
  l.steps(300);
  enter(l, 'ttyv1', 'x');
  expect(tell(), 'only what is new').toBe(1);
  back();
  l.goto(l.world.m.steps - 200);
  told(l, 'policy random 4');
  l.steps(100);
  tell();
  back();
  expect(l.timeline.branches.length).toBe(1);
  expect(roots).toBe(1);
  l.timeline.root(); // as after a free stretch
  l.steps(50);
  tell();
  expect(roots).toBe(2);
  back();
});

test('the computer slept for an hour: on neither engine did the lab’s clock', async () => {
  const HOUR = 3600e3,
    { l } = withWorkers();
  // full speed: the clock jumped between two looks
  l.start('free');
  await freely(l, 20);
  const at = l.world.m.clock;
  const epoch = L.MACHINE + L.M_EPOCH,
    view = new DataView(l.world.m.memory.buffer);
  view.setFloat64(epoch, view.getFloat64(epoch, true) - HOUR, true); // every clock goes an hour ahead
  l.pump(() => false, performance.now());
  expect(l.world.m.clock - at).toBeLessThan(5e9);
  l.reset();
  // step by step: the wall clock jumps
  const s = newLab();
  s.start('step');
  s.pump(() => false, 1000);
  const before = s.world.m.clock;
  s.pump(() => false, 1000 + HOUR);
  s.pump(() => false, 1004 + HOUR);
  expect(s.world.m.clock - before).toBeLessThan(1e9);
});

test('memory that the browser refuses while the machine grows: said by the kernel, as ENOMEM, and by the lab', () => {
  const l = newLab();
  let wall = 0;
  const run = (turns: number) => {
    for (let i = 0; i < turns; i++) {
      wall += 4;
      l.pump(() => false, wall);
    }
  };
  l.start('step');
  run(50);
  const { memory } = l.world.m,
    grow = memory.grow.bind(memory);
  let asked = 0;
  memory.grow = () => {
    asked++;
    throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
  };
  l.typing.typeLine('ttyv0', BHYVELOAD, true);
  run(500);
  l.typing.typeLine('ttyv0', BHYVE, true);
  run(500);
  expect(asked).toBeGreaterThan(0);
  expect(l.failure).toBe('');
  expect(l.world.tree.host.os.ttys[0]?.out).toContain("interface 'vale1:1', errno (Cannot allocate memory)");
  expect(troubles(l, new Keeper(BUILD)).map((t) => t.kind)).toEqual(['memory']);
  memory.grow = grow;
});

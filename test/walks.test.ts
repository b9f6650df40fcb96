// Random walks: 10,000 seeded walks of 100 moves each (step, back, drain, typed command, hand-over between the builds)
// on a machine of 16-slot rings with traffic under way. Each must end with memory, tree and terminals identical to the
// same history run straight from its beginning.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { Timeline } from '../src/lab/timeline.ts';
import { booted, settle, type, wasmFile } from './booted.ts';
import { prng } from './sending.ts';

const WALKS = Number(process.env.WALKS ?? 10_000),
  MOVES = 100;
const COMMANDS: [string, string][] = [
  ['ttyv1', 'echo walk\r'],
  ['ttyv1', 'sysctl dev.netmap.buf_num\r'],
  ['ttyv1', '\x1b[A\r'],
  ['ttyv1', 'sleep 1 &\r'],
  ['ttyv1', 'vale-ctl\r'],
  ['ttyv1', '\x03'],
  ['ttyv0', '\x03'],
  ['ttyv0', 'ifconfig\r'],
  ['ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0\r'],
  ['ttyv2', '\x03'],
  ['ttyv2', "pkt-gen -i 'vale2}1' -f rx\r"],
];

test(`${WALKS} walks of ${MOVES} moves come back to the same bytes`, { timeout: 900_000 }, () => {
  const w = booted(16);
  w.free = wasmFile('free');
  w.openTerminal();
  settle(w);
  type(w, 'ttyv2', "pkt-gen -i 'vale2}1' -f rx");
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0');
  w.advance(20_000);
  w.m.st32(L.MACHINE + L.M_TSO, 4);
  w.toBoundaries();
  const root = new Timeline(w),
    start = w.m.steps;
  const count = { step: 0, advance: 0, back: 0, drain: 0, typed: 0, handover: 0 };
  for (let walk = 0; walk < WALKS; walk++) {
    const rnd = prng(walk + 1);
    root.seek(start);
    root.forget();
    const block = () => {
      const live = Array.from({ length: w.m.threads }, (_, i) => w.m.block(i)).filter((t) => w.m.status(t) !== L.TS_FREE);
      const able = live.filter((t) => w.m.wasm.runnable(t));
      return (able.length ? able[rnd(able.length)] : live[rnd(live.length)]) as number;
    };
    for (let i = 0; i < MOVES; i++) {
      const r = rnd(100);
      if (r < 60) {
        count.step++;
        root.do({ k: 'thread', block: block() });
      } else if (r < 75) {
        count.advance++;
        root.advance(1 + rnd(12));
      } else if (r < 83) {
        count.back++;
        root.seek(w.m.steps - 1 - rnd(10));
      } else if (r < 93) {
        count.drain++;
        root.do({ k: 'drain', block: block() });
      } else if (r < 97) {
        count.typed++;
        const [tty, data] = COMMANDS[rnd(COMMANDS.length)] as [string, string];
        root.do({ k: 'input', tty, data });
      } else {
        count.handover++;
        root.do({ k: 'handover', block: block(), n: 1 + rnd(3) });
      }
    }
    const pages = [...w.m.statePages()],
      bytes = pages.map((p) => w.m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)),
      tree = JSON.stringify(w.tree),
      steps = w.m.steps;
    root.replay();
    const again = [...w.m.statePages()],
      equal =
        again.length === pages.length &&
        pages.every(
          (p, i) => again[i] === p && Buffer.compare(bytes[i] as Uint8Array, w.m.u8.subarray(p * L.PAGE, (p + 1) * L.PAGE)) === 0,
        );
    if (equal && tree === JSON.stringify(w.tree) && steps === w.m.steps) continue;
    const words: string[] = [];
    pages.forEach((p, i) => {
      for (let o = 0; o < L.PAGE; o++)
        if (bytes[i]?.[o] !== w.m.u8[p * L.PAGE + o])
          words.push(`0x${(p * L.PAGE + o).toString(16)}: ${bytes[i]?.[o]} and ${w.m.u8[p * L.PAGE + o]}`);
    });
    expect.fail(
      `walk ${walk} (seed ${walk + 1}) differs from its straight run: steps ${steps} and ${w.m.steps}, trees ${tree === JSON.stringify(w.tree) ? 'equal' : 'differ'}, bytes ${words.slice(0, 12).join('; ')}\n${root.entries.map((e) => `${e.at} ${e.k}`).join(', ')}`,
    );
  }
  expect(Math.min(...Object.values(count))).toBeGreaterThan(WALKS);
  expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
});

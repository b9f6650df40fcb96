// The explorer against the small one of these tests: the same states, the same verdicts; reduced and not.
import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { replay } from '../src/lab/explore/moves.ts';
import { type Question } from '../src/lab/explore/question.ts';
import { explore } from '../src/lab/explore/search.ts';
import type { World } from '../src/lab/world.ts';
import { booted, type } from './booted.ts';

function aboutToSend(): World {
  const w = booted(Number(process.env.SL ?? 4));
  w.m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 -b 2');
  const guest = () => w.tree.guests.netmapvm?.threads[0];
  for (let i = 0; i < 100_000 && !guest(); i++) w.advance(1);
  const vm = w.tree.host.vms[0],
    th = guest();
  if (!vm || !th) throw new Error('pkt-gen did not start');
  const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0;
  for (let i = 0; i < 1000 && w.m.ld32(targ + L.TARG_STATE) === 0; i++) w.advance(1);
  for (let i = 0; i < w.m.threads; i++) w.m.wasm.to_boundary(w.m.block(i));
  return w;
}
const set = (w: World, word: number, v: number) => w.m.st32(L.MACHINE + word, v);

test('x', { timeout: 300_000 }, () => {
  for (const [db, dc, tso] of [[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1]]) {
    const w = aboutToSend();
    set(w, L.M_DOORBELL, db ?? 0); set(w, L.M_DOUBLE_CHECK, dc ?? 0);
    const q: Question = { model: tso ? 'tso' : 'sc', buffer: 1, limit: 3_000_000, memoryMiB: 1024, reduce: process.env.RED !== '0', whole: process.env.WHOLE === '1' };
    const v = explore(w, q);
    console.log(db, dc, tso, v.states, v.moves, v.terminal, v.bad, v.complete, v.stopped, v.depth, v.bytes, Math.round(v.ms), Math.round(v.moves / v.ms), v.found?.moves.length, v.found?.promise, v.found?.why);
    if (v.found) {
      const n = replay(w.m, v.found.moves);
      console.log('replayed', n);
    }
  }
  expect(1).toBe(1);
});

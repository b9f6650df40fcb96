// The explorer against the small one of these tests: the same states, the same verdicts; reduced and not.
import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { explore } from '../src/lab/explore.ts';
import type { World } from '../src/lab/world.ts';
import { booted, type } from './booted.ts';
import { explore as small, notState } from './explorer.ts';

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
  w.m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
  for (let i = 0; i < w.m.threads; i++) w.m.wasm.to_boundary(w.m.block(i));
  return w;
}
const set = (w: World, word: number, v: number) => w.m.st32(L.MACHINE + word, v);

test('x', { timeout: 300_000 }, () => {
  for (const [db, dc, tso] of [[0, 0, 0]]) {
    const w = aboutToSend();
    set(w, L.M_DOORBELL, db); set(w, L.M_DOUBLE_CHECK, dc); set(w, L.M_TSO, tso);
    const judge = () => {
      const { m, tree: { host } } = w, ptn = host.ptn[0], fd = host.fds.find((f) => f.id === ptn?.fd);
      if (!ptn || !fd) return 'gone';
      const csb = m.ld32(ptn.pts + L.PTN_CSB), peer = m.ld32(fd.tx + L.KR_PIPE), n = m.ld32(fd.tx + L.KR_NUM_SLOTS);
      const held = (m.ld32(peer + L.KR_NR_HWTAIL) - m.ld32(peer + L.KR_NR_HWCUR) + n) % n;
      const pending = (m.ld32(csb + L.CSB_TX_RING + L.PTR_HEAD) - m.ld32(fd.tx + L.KR_NR_HWCUR) + n) % n;
      return held === n - 1 && pending === n - 1 ? undefined : `${held} ${pending}`;
    };
    let t = performance.now();
    const a = explore(w.m, { ignore: notState(w), judge, limit: 6_000_000, memoryMiB: 1400, reduce: process.env.RED !== '0' });
    const ta = performance.now() - t;
    t = performance.now();
    const b = small(w, { ignore: notState(w), judge, limit: 1_000_000 });
    const tb = performance.now() - t;
    console.log(db, dc, tso, a.states, a.moves, a.terminal, a.bad, a.complete, a.bytes, a.trace?.moves.length, Math.round(ta), '|', b.states, b.terminal, b.bad, b.complete, b.trace.length, Math.round(tb));
  }
  expect(1).toBe(1);
});

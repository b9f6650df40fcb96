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
  for (const [db, dc, tso] of [[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1]]) {
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
    const b0 = small(w, { ignore: notState(w), judge, limit: 10 }); console.log('before', b0.states, b0.terminal, b0.bad);
    let t = performance.now();
    const a = explore(w.m, { ...declared(w), judge, limit: 6_000_000, memoryMiB: 1400, reduce: process.env.RED !== '0' });
    const ta = performance.now() - t;
    if (a.trace) {
      const all = [...w.m.statePages()], before = new Map(all.map((p) => [p, w.m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)]));
      let k = 0;
      const lines: string[] = [];
      for (const mv of a.trace.moves) {
        const blk = w.m.block(mv.thread);
        if (!mv.drain && !w.m.wasm.runnable(blk)) { lines.push(`move ${k}: thread ${mv.thread} is not runnable`); break; }
        lines.push(`${k} ${mv.thread} point ${w.m.ld32(blk + L.T_POINT)}`);
        if (mv.drain) w.m.wasm.drain_one(blk); else { const b4 = w.m.steps; for (let q = 0; q < 4 && w.m.steps === b4 && w.m.wasm.runnable(blk); q++) w.m.wasm.step_thread(blk, 0, 0n); }
        k++;
      }
      console.log('replayed', k, 'of', a.trace.moves.length, judge(), a.trace.why, lines.slice(-6).join('; '));
      let can = ''; for (let i = 0; i < w.m.threads; i++) if (w.m.status(w.m.block(i)) !== L.TS_FREE) can += ` ${i}:${w.m.status(w.m.block(i))}/${w.m.wasm.runnable(w.m.block(i))}`;
      console.log('then', can);
      for (const [p, b] of before) w.m.u8.set(b, p * L.PAGE);
    }

    t = performance.now();
    const b = small(w, { ignore: notState(w), judge, limit: 400_000 });
    const tb = performance.now() - t;
    { const S = (globalThis as any).SMALL as Set<number>, B = (globalThis as any).BIG as Set<number>; console.log('only big', [...B].filter((a) => !S.has(a)).map((a) => a.toString(16)).join(' '), 'sizes', B.size, S.size); }
    console.log(db, dc, tso, a.states, a.moves, a.terminal, a.bad, a.complete, a.bytes, a.trace?.moves.length, Math.round(ta), '|', b.states, b.terminal, b.bad, b.complete, b.trace.length, Math.round(tb));
  }
  expect(1).toBe(1);
});

function declared(w: World) {
  const { m } = w, cut: [number, number][] = [], flags: number[] = [];
  const keep = (a: number, n: number) => cut.push([a, a + n]);
  for (let i = 0; i < m.threads; i++) { const t = m.block(i); keep(t + L.T_DEADLINE, 8); flags.push(t + L.T_DEADLINE); keep(t + L.T_REASON, 4); }
  const tds = w.tree.host.threads.map((t) => t.td);
  for (const vm of w.tree.host.vms) for (const th of w.tree.guests[vm.name]?.threads ?? []) tds.push(w.host.vmm.hostAddress(vm, th.td) ?? 0);
  for (const td of tds) { keep(td + L.TD_DEADLINE, 16); flags.push(td + L.TD_DEADLINE, td + L.TD_POLL_DEADLINE); }
  let ignore = notState(w);
  for (const [a, b] of cut) ignore = ignore.flatMap(([f, t]) => (b <= f || a >= t ? [[f, t]] : [[f, a], [b, t]].filter(([x, y]) => (x ?? 0) < (y ?? 0))) as [number, number][]);
  for (let i = 0; i < m.threads; i++) ignore.push([m.block(i) + L.T_STAT_SLEPT, m.block(i) + L.T_STAT_SLEPT + 16]);
  return { ignore, flags };
}

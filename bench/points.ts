// Pause points per second on the step engine. An access costs little when the thread goes on (the budget lets it pass)
// and more when it stops there, because its stack is unwound and wound up again. The three ways to run are interleaved.

import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { underTraffic } from './lab.ts';
import type { Row } from './numbers.ts';

const FOREVER = 0xffffffffffffffffn;

/** Each thread as far as it goes, 4096 accesses at most: nearly nothing unwinds. */
function oneGoesOn(w: World, n: number) {
  const { m } = w,
    end = m.steps + n;
  while (m.steps < end) {
    if (w.act()) continue;
    const before = m.steps;
    for (let i = 0; i < m.threads; i++) if (m.wasm.runnable(m.block(i))) m.wasm.step_thread(m.block(i), 4096, FOREVER);
    if (m.steps === before && w.advance(1) === 'idle') throw new Error('idle under traffic');
  }
}
function policy(w: World, p: number, n: number) {
  w.m.st32(L.MACHINE + L.M_POLICY, p);
  if (w.advance(n) === 'idle') throw new Error('idle under traffic');
  w.m.st32(L.MACHINE + L.M_POLICY, L.POLICY_LVT);
}

const WAYS: [string, (w: World, n: number) => void][] = [
  ['one thread goes on (budget 4096)', oneGoesOn],
  ['least virtual time (drive)', (w, n) => policy(w, L.POLICY_LVT, n)],
  ['round robin, every access unwinds', (w, n) => policy(w, L.POLICY_RR, n)],
];

export function points(build: URL, options: { rounds: number; steps: number }): Row[] {
  const out: Row[] = [];
  for (const { slots, burst } of [
    { slots: 64, burst: 1 },
    { slots: 1024, burst: 512 },
  ]) {
    const w = underTraffic(build, { way: 'pipe', slots, burst, shared: false }).world,
      ns = new Map<string, number[]>();
    for (let i = -1; i < options.rounds; i++)
      for (const [name, run] of WAYS) {
        const steps = w.m.steps,
          t = performance.now();
        run(w, options.steps);
        const per = ((performance.now() - t) * 1e6) / (w.m.steps - steps);
        if (i >= 0) ns.set(name, [...(ns.get(name) ?? []), per]); // the first round warms the code up
      }
    const ring = `${slots} slots, burst ${burst}`,
      of = (i: number) => ns.get(WAYS[i]?.[0] ?? '') ?? [];
    for (const [name] of WAYS) {
      const xs = ns.get(name) ?? [];
      out.push({ what: `${ring}: ${name}`, unit: 'ns a step', rounds: xs });
      out.push({ what: `${ring}: ${name}`, unit: 'million steps/s', rounds: xs.map((x) => 1000 / x) });
    }
    const ratio = (a: number, b: number) => of(a).map((x, i) => x / (of(b)[i] ?? 1));
    out.push({ what: `${ring}: RATIO least virtual time to one goes on`, unit: '', rounds: ratio(1, 0) });
    out.push({ what: `${ring}: RATIO round robin to one goes on`, unit: '', rounds: ratio(2, 0) });
  }
  return out;
}

// A lab under traffic for tests, on a recording from its first step; its bytes, to be compared; seeded numbers.

import { expect } from 'vitest';
import * as L from '../wasm/layout.ts';
import { BHYVE, BHYVELOAD } from '../src/lab/boot_lines.ts';
import { labCommand } from '../src/lab/control.ts';
import { Lab } from '../src/lab/lab.ts';
import { counters } from '../src/lab/counters.ts';
import type { World } from '../src/lab/world.ts';
import { wasmFile } from './booted.ts';

export const wasm = { step: wasmFile('step'), free: wasmFile('free') };

/** A fresh lab without workers. */
export const newLab = (slots = 16, seed = 1) => new Lab(wasm, { shared: false, seed, slots });

/** Runs under the policy until it is so; lab time goes by as entries of the recording. */
export function go(lab: Lab, done: () => boolean) {
  for (let i = 0; i < 20_000 && !done(); i++) {
    const r = lab.timeline.advance(2000, lab.world.m.clock + 5e6);
    if (r === 'later') lab.timeline.do({ k: 'clock', ns: lab.world.m.clock + 5e6 });
    if (r === 'idle' && !done()) throw new Error('nothing happens any more');
  }
}
/** Types a line and Enter, as an entry of the recording. */
export const enter = (lab: Lab, tty: string, line: string) => lab.timeline.do({ k: 'input', tty, data: `${line}\r` });

/** One command of the lab. */
export const say = (lab: Lab, line: string) => labCommand(lab, line);
/** The same, which must not be refused; answers its text. */
export function told(lab: Lab, line: string): string {
  const r = labCommand(lab, line);
  expect(r, line).toMatchObject({ ok: true });
  return r.text;
}

/** A lab whose VM is at its prompt: its console is ttyv0, and ttyv1 is a shell of the host. */
export function withVm(slots = 16, seed = 1): Lab {
  const lab = newLab(slots, seed),
    w = lab.world;
  go(lab, () => !w.host.os.ready());
  enter(lab, 'ttyv0', BHYVELOAD);
  enter(lab, 'ttyv0', BHYVE);
  go(lab, () => w.guestAtPrompt('netmapvm'));
  lab.timeline.do({ k: 'open' });
  return lab;
}

/** Host receiver and guest sender under way: through the pipe, where buffers are swapped, or through VALE, where packets are copied. */
export function sending(slots = 16, over: 'pipe' | 'vale' = 'pipe'): Lab {
  const lab = withVm(slots),
    w = lab.world;
  enter(lab, 'ttyv1', `pkt-gen -i '${over === 'pipe' ? 'vale2}1' : 'vale1:2'}' -f rx`);
  enter(lab, 'ttyv0', `pkt-gen -i ${over === 'pipe' ? 'vtnet1' : 'vtnet0'} -f tx -w 0 -b 3`);
  go(lab, () => (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
  return lab;
}

/** Everything that the machine is. */
export function bytes({ world: w }: { world: World }) {
  const { m } = w;
  return {
    step: m.steps,
    tree: JSON.stringify(w.tree),
    pages: new Map(m.statePages().map((p) => [p, Buffer.from(m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)).toString('latin1')])),
  };
}

/** Everything that the machine is, in few words: which page differs is to be found with bytes(). `frames`: with saved stacks. */
export function sum(w: World, frames = true) {
  let h = 0;
  const { m } = w,
    words = m.u32;
  const pages = m.statePages();
  for (const p of pages) {
    h = Math.imul(h ^ p, 0x01000193);
    const thread = p * L.PAGE >= L.THREADS && p * L.PAGE < L.THREADS + L.THREAD_MAX * L.THREAD_SIZE;
    const end = (p * L.PAGE + (thread && !frames ? L.T_STACK : L.PAGE)) >>> 2;
    for (let i = (p * L.PAGE) >>> 2; i < end; i++) {
      const x = words[i] as number;
      if (x) h = Math.imul(h ^ x ^ (i << 3), 0x85ebca6b) ^ (h >>> 13);
    }
  }
  return `${m.steps} ${pages.length} ${h >>> 0} ${JSON.stringify(w.tree)}`;
}

/** Everything of a lab and of its histories. */
export function whole(lab: Lab) {
  const t = lab.timeline;
  return {
    ...bytes(lab),
    entries: JSON.stringify(t.entries),
    present: { ...t.present },
    branches: JSON.stringify(t.branches),
    end: t.end,
    root: t.rootStep,
    counters: JSON.stringify(counters(lab.world)),
  };
}

/** Numbers below n, the same for the same seed. */
export function prng(seed: number) {
  let s = seed >>> 0;
  return (n: number) => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

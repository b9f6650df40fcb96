// What going back costs: a recording of a million steps under traffic, then seeks to random moments. Also what keeping
// the recording costs while it is made. At the end the machine must be, byte for byte, where it was.

import { wordAt } from '../src/lab/past.ts';
import { strip } from '../src/lab/trace_view.ts';
import { rings } from '../src/lab/view.ts';
import { createHash } from 'node:crypto';
import { Timeline } from '../src/lab/timeline.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { underTraffic } from './lab.ts';
import type { Row } from './numbers.ts';

function fingerprint(w: World): string {
  const h = createHash('sha256').update(JSON.stringify(w.tree));
  for (const p of w.m.statePages()) h.update(w.m.u8.subarray(p * L.PAGE, (p + 1) * L.PAGE));
  return h.digest('hex');
}

/** A small generator with a seed: the same seeks in every run. */
function draws(seed: number) {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 4294967296;
  };
}

export function timeline(build: URL, options: { steps: number; seeks: number; rounds: number }): Row[] {
  const lab = underTraffic(build, { way: 'pipe', slots: 64, burst: 512, shared: false }),
    w = lab.world,
    recorded: number[] = [],
    bare: number[] = [];
  const timed = (f: () => unknown) => {
    const t = performance.now();
    f();
    return performance.now() - t;
  };
  timed(() => w.advance(200_000)); // warms the code up
  let t = new Timeline(w);
  for (let i = 0; i < options.rounds; i++) {
    w.onAct = () => {};
    t.untraced();
    bare.push(timed(() => w.advance(options.steps)) * (1e6 / options.steps));
    t = new Timeline(w, true);
    recorded.push(timed(() => t.advance(options.steps)) * (1e6 / options.steps));
  }
  const end = w.m.steps,
    mark = fingerprint(w),
    draw = draws(7),
    ms: number[] = [],
    pages: number[] = [],
    replayed: number[] = [];
  const checkpoints = t.count,
    bytes = t.bytes;
  for (let i = 0; i < options.seeks; i++) {
    const to = t.rootStep + Math.floor(draw() * (end - t.rootStep));
    ms.push(timed(() => t.seek(to)));
    if (w.m.steps !== to) throw new Error(`seek to ${to} arrived at ${w.m.steps}`);
    pages.push(t.last.pages);
    replayed.push(t.last.steps);
  }
  const back: number[] = [];
  t.seek(end);
  for (let i = 0; i < options.seeks; i++) back.push(timed(() => t.seek(w.m.steps - 1)));
  t.seek(end);
  // questions: a word written all the time, one written once, and the picture of everything
  const [ring] = rings(w);
  if (!ring || !t.trace) throw new Error('no ring is open');
  const { trace } = t,
    often: number[] = [],
    once: number[] = [],
    strips: number[] = [];
  for (let i = 0; i < options.rounds; i++) {
    often.push(timed(() => wordAt(w, t, ring.ringAddr + L.RING_HEAD, 4)));
    once.push(timed(() => wordAt(w, t, ring.ringAddr + L.RING_NUM_SLOTS, 4)));
    strips.push(timed(() => strip(trace, { from: trace.base, to: trace.end, columns: 1200 })));
  }
  if (fingerprint(w) !== mark) throw new Error('after seeking, the machine is not where it was');
  return [
    { what: 'random seek', unit: 'ms', rounds: ms },
    { what: 'random seek: pages written', unit: '', rounds: pages },
    { what: 'random seek: steps replayed', unit: '', rounds: replayed },
    { what: 'one step back from the end', unit: 'ms', rounds: back },
    { what: 'checkpoints', unit: '', rounds: [checkpoints] },
    { what: 'checkpoints together', unit: 'MB', rounds: [bytes / 1e6] },
    { what: 'pages of state', unit: '', rounds: [w.m.statePages().length] },
    { what: 'who wrote a word that is written all the time', unit: 'ms', rounds: often },
    { what: 'who wrote a word that nobody writes', unit: 'ms', rounds: once },
    { what: 'the timeline of everything, 1200 columns', unit: 'ms', rounds: strips },
    { what: 'a million steps, recorded', unit: 'ms', rounds: recorded },
    { what: 'RATIO recorded to unrecorded', unit: '', rounds: recorded.map((x, i) => x / (bare[i] ?? 1)) },
  ];
}

// What leaves the lab for other programs: a stretch of the recording as a Chrome trace or a VCD, the terminals as text.

import { toPcapng } from './capture.ts';
import { chromeTrace, collect, transcript } from './export_trace.ts';
import { vcd } from './export_vcd.ts';
import type { Lab } from './lab.ts';
import type { ExportKind, Saved } from './protocol.ts';

/** Steps of one export: each is looked at. */
export const MOST = 200_000;

/** The steps after `from` up to `to` of the present history. */
export function exported(lab: Lab, kind: ExportKind, from: number, to: number): Saved {
  const { timeline } = lab;
  if (kind === 'transcript') return { ok: true, text: transcript(lab.world), name: `ringside-${lab.world.m.steps}.txt` };
  if (kind === 'capture') {
    const c = lab.world.tree.capture;
    if (!c) return { ok: false, text: 'Nothing was captured: lab capture start PORT… begins.', name: '' };
    return { ok: true, text: '', bytes: new Uint8Array(toPcapng(lab.world.m, c)), name: `ringside-${lab.world.m.steps}.pcapng` };
  }
  const a = Math.max(timeline.rootStep, Math.floor(from)),
    b = Math.min(timeline.end, Math.floor(to));
  if (b <= a) return { ok: false, text: 'Nothing happened in that stretch.', name: '' };
  if (b - a > MOST) return { ok: false, text: `That stretch has ${b - a} steps; at most ${MOST} can be exported at once.`, name: '' };
  const trace = lab.ask(
    (w, t) => {
      t.seek(a);
      return collect(w, b - a, () => t.advance(1));
    },
    { threads: [], events: [] },
  );
  if (kind === 'trace') return { ok: true, text: chromeTrace(trace), name: `ringside-${a}-${b}.json` };
  const values = trace.events.filter((e) => e.kind === 'index').map((e) => ({ ns: e.ns, name: e.name, value: e.value ?? 0 }));
  return { ok: true, text: vcd(values), name: `ringside-${a}-${b}.vcd` };
}

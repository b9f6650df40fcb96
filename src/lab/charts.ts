// The counters for the live charts: now, and at steps of the recording. Those of the past are read from the machine as it then was:
// the recording is run again, so they are exact. Nothing is remembered here, and nothing is counted that the ledger does not show.

import * as L from '../../wasm/layout.ts';
import type { ChartEnd, ChartFill, ChartLook, ChartPort, ChartQuery, ChartsApi } from './chart_types.ts';
import type { Lab } from './lab.ts';
import { picturePorts } from './picture.ts';
import type { PicturePort, PictureRing } from './picture_view.ts';
import type { RingSample, Side } from './protocol.ts';
import type { Timeline } from './timeline.ts';
import { rings } from './view.ts';
import type { World } from './world.ts';

/** A stretch of more steps is looked at where there are checkpoints only: running it again would take too long. */
export const RUN_AGAIN = 400_000;
export const MOST_COLUMNS = 512;

export function fillOf(s: RingSample, dir: 'TX' | 'RX', user: Side): ChartFill {
  const by = (to: number, from: number) => (to - from + s.n) % s.n;
  return {
    dir,
    slots: s.n,
    user,
    torn: s.torn,
    given: s.torn ? 0 : by(s.head, s.hwcur),
    open: s.torn ? 0 : by(s.tail, s.head),
    untold: s.torn ? 0 : by(s.hwtail, s.tail),
  };
}

/** What a port of the host's own has sent and received, over all its rings. */
function endOf(w: World, name: string): ChartEnd {
  const end = { name, tx: 0, rx: 0 },
    a = w.tree.host.adapters.find((x) => x.name === name);
  for (const kr of a ? w.host.netmap.nas.krings(a.addr) : [])
    end[w.m.ld32(kr + L.KR_TX) === L.NR_TX ? 'tx' : 'rx'] += w.m.ld64(kr + L.KR_STAT_PACKETS);
  return end;
}

function portOf(w: World, p: PicturePort, users: ReadonlyMap<string, Side>): ChartPort {
  const woken = (thread: number) => (thread < 0 ? 0 : w.m.ld64(w.m.block(thread) + L.T_STAT_WAKE)),
    first = (dir: 'TX' | 'RX'): PictureRing[] => p.rings.filter((r) => r.dir === dir).slice(0, 1);
  return {
    id: p.id,
    vm: p.vm,
    name: p.name,
    backend: p.backend,
    path: p.path,
    open: p.open,
    counts: p.counts,
    woken: { guest: woken(p.vcpu), host: p.movers.reduce((n, t) => n + woken(t.thread), 0) },
    ends: p.ends.filter((e) => e.vm === '' && e.programs.length).map((e) => endOf(w, e.name)),
    fills: [...first('TX'), ...first('RX')].map((r) => fillOf(r.sample, r.dir, users.get(r.id) ?? 'host')),
  };
}

export function chartLook(w: World, modelled: boolean): ChartLook {
  const users = new Map(rings(w).map((r) => [r.id, r.user]));
  return { step: w.m.steps, clockNs: w.m.clock, modelled, ports: picturePorts(w).map((p) => portOf(w, p, users)) };
}

/** The steps at which to look: the columns' borders, or the checkpoints where there are too many steps between. */
export function borders(q: ChartQuery, marks: readonly number[], least: number, most: number): number[] {
  const whole = (n: number, or: number) => (Number.isFinite(n) ? Math.round(n) : or),
    from = Math.min(Math.max(whole(q.from, least), least), most),
    to = Math.min(Math.max(whole(q.to, most), from), most);
  if (to - from > RUN_AGAIN) {
    const there = marks.filter((s) => s > from && s < to),
      by = Math.ceil(there.length / (MOST_COLUMNS - 1)) || 1;
    return [from, ...there.filter((_, i) => i % by === 0), to];
  }
  const columns = Math.max(1, Math.min(MOST_COLUMNS, whole(q.columns, 1), to - from)),
    out = Array.from({ length: columns + 1 }, (_, i) => from + Math.round(((to - from) * i) / columns));
  return out.filter((s, i) => s !== out[i - 1]);
}

/** Leaves the machine at the last step that was looked at. */
export function stepsOf(w: World, t: Timeline, q: ChartQuery): ChartLook[] {
  const out: ChartLook[] = [];
  // what the trace no longer has would make it begin anew
  for (const step of borders(q, t.marks, Math.max(t.rootStep, t.trace?.base ?? 0), t.end)) {
    t.seek(step);
    if (w.m.steps !== step) break;
    out.push(chartLook(w, true));
  }
  return out;
}

export const chartsApi = (lab: () => Lab): ChartsApi => ({
  async chart() {
    return chartLook(lab().world, lab().engine === 'step');
  },
  async chartSteps(query) {
    // nobody is stopped for a chart
    if (lab().run !== 'stopped') return [];
    return lab().ask((w, t) => stepsOf(w, t, query), []);
  },
});

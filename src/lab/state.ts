// The lab's state as the page gets it: after each step while it is parked, at most four times a second while it runs.

import * as L from '../../wasm/layout.ts';
import { branchViews } from './compare.ts';
import { POLICIES } from './deeds.ts';
import type { Lab } from './lab.ts';
import type { LabState } from './protocol.ts';
import { counters } from './counters.ts';
import { csbs, rings, stuck, threads, vms } from './view.ts';

const NOT_ISOLATED = 'This page may not use several CPUs here, so full speed is off. Everything else works on the step engine.';

export function labState(lab: Lab): LabState {
  const { world: w, timeline: t } = lab,
    { m } = w,
    free = lab.engine === 'free' && lab.run !== 'stopped',
    stuckNow = lab.run === 'idle' ? stuck(w) : undefined;
  return {
    engine: lab.engine,
    run: lab.run,
    step: m.steps,
    clockNs: m.clock,
    policy: POLICIES[m.ld32(L.MACHINE + L.M_POLICY)] ?? 'lvt',
    seed: m.ld32(L.MACHINE + L.M_SEED),
    canBack: !free && m.steps > t.rootStep,
    rootStep: t.rootStep,
    freeBefore: !t.fresh,
    end: t.end,
    history: { id: t.present.id, name: t.present.name },
    branches: branchViews(t),
    breaks: lab.breaks.list.map((p) => ({
      id: p.id,
      text: p.text,
      hits: p.met.length,
      from: p.from,
      note: p.bound?.missing[0]?.message ?? '',
    })),
    speed: lab.speed,
    canTakeBack: lab.canTakeBack,
    recording: { checkpoints: t.count, bytes: t.bytes, limit: t.checkpoints.limit, full: t.checkpoints.full },
    notes: t.notes.here.map(({ at, text }) => ({ at, text })),
    sentence: lab.sentence,
    ...(lab.touched ? { touched: lab.touched } : {}),
    threads: threads(w, free),
    rings: rings(w),
    csbs: csbs(w),
    counters: counters(w),
    vms: vms(w),
    terminals: w.tree.host.os.ttys.map((tty) => {
      const vm = w.tree.host.vms.find((v) => v.block && w.consoleOf(v) === tty.id);
      return {
        tty: tty.id,
        title: vm ? `console of ${vm.name}` : `host ${tty.id}`,
        side: vm ? ('guest' as const) : ('host' as const),
        ...(vm ? { consoleOf: vm.name } : {}),
      };
    }),
    memory: { usedBytes: m.ld32(L.MACHINE + L.M_FRAMES) * L.PAGE, peakBytes: m.ld32(L.MACHINE + L.M_FRAMES_MAX) * L.PAGE },
    ...(stuckNow ? { stuck: stuckNow } : {}),
    limits: [...(lab.canFree ? [] : [NOT_ISOLATED]), ...(lab.failure ? [lab.failure] : [])],
  };
}

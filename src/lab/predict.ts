// What the next step will change, found by making it: on the machine itself, which is then put back to the last bit. For a page that
// asks before it shows. Nothing is recorded.

import * as L from '../../wasm/layout.ts';
import { Kept } from './explore/kept.ts';
import { fieldAt } from './field_at.ts';
import type { Lab } from './lab.ts';
import type { Side } from './protocol.ts';
import { pointOf } from '../sim/points.ts';
import { lastStep, nameOf } from './view.ts';
import type { World } from './world.ts';

/** The word that the next step stores, as it is and as it will be. */
export interface Foreseen {
  /** Before which step, in which history. */
  step: number;
  history: number;
  /** The thread that was asked for, undefined: whoever goes next. Who it will be, by name. */
  thread?: number;
  name: string;
  side: Side;
  addr: number;
  /** Its name in stop points, and what it is. */
  path: string;
  doc: string;
  was: number;
  becomes: number;
  /** The kernel function whose line it is. */
  fn: string;
}
export interface PredictApi {
  /** What the next step (of a thread) will store; undefined: it stores no word that has a name, or nobody can tell. */
  foresee(thread?: number): Promise<Foreseen | undefined>;
}

export function foresee(lab: Lab, thread?: number): Foreseen | undefined {
  const { timeline: t } = lab,
    { m } = lab.world,
    step = m.steps;
  if (m.ld32(L.MACHINE + L.M_TSO)) return undefined; // a store goes into a buffer first
  const chosen = thread === undefined ? undefined : m.block(thread),
    recorded = chosen === undefined ? t.entries.find((e) => e.at === step && step < t.end) : undefined;
  if (recorded && recorded.k !== 'thread') return undefined; // what a person did is no rule's
  const block = recorded?.k === 'thread' ? recorded.block : chosen;
  if (block !== undefined && !(lab.world.isBlock(block) && m.wasm.runnable(block))) return undefined;
  return lab.ask((w) => {
    const { onAct } = w,
      kept = new Kept(w);
    w.onAct = () => {};
    let found: Omit<Foreseen, 'was'> | undefined;
    try {
      if (block === undefined) w.advanceUntil(1);
      else w.stepThread(block);
      found = m.steps > step ? stored(w) : undefined;
    } finally {
      w.onAct = onAct;
      kept.end();
    }
    return found && { ...found, step, history: t.present.id, ...(thread === undefined ? {} : { thread }), was: m.ld32(found.addr) };
  }, undefined);
}

/** What the step that was made stored. */
function stored(w: World): Omit<Foreseen, 'was'> | undefined {
  const { m } = w,
    { touched } = lastStep(w),
    point = pointOf(m.ld32(L.MACHINE + L.M_DONE_POINT));
  if (!point || !touched || (touched.kind !== 'st' && touched.kind !== 'rmw')) return undefined;
  const [field] = fieldAt(w, touched.addr),
    { name, side } = nameOf(w, m.ld32(L.MACHINE + L.M_DONE_THREAD));
  if (field?.bytes !== 4) return undefined;
  const { addr } = touched;
  return { step: m.steps, history: 0, name, side, addr, path: field.path, doc: field.doc, becomes: m.ld32(addr), fn: point.fn };
}

interface Host {
  lab(): Lab;
  parked(): Promise<void>;
}

export function predictApi(h: Host): PredictApi {
  return {
    async foresee(thread) {
      await h.parked();
      return foresee(h.lab(), thread);
    },
  };
}

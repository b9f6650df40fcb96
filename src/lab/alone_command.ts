// lab alone, lab act, lab stuck: a schedule in words. One thread goes, nobody else, until it stands before a place of the source or can
// go no further; then who waits for what. Each access is a choice of the student's, and an entry of the recording.

import * as L from '../../wasm/layout.ts';
import { placesOf } from './breaks.ts';
import { actOf } from './explore/acts.ts';
import type { Command, Outcome } from './control.ts';
import type { Lab } from './lab.ts';
import { nameOf, stuck } from './view.ts';

/** Accesses that one command makes at most. */
const MOST = 20_000;
const ok = (text: string): Outcome => ({ ok: true, text });
const no = (text: string): Outcome => ({ ok: false, text });

/** The thread whose name begins so; not a vCPU's interrupt context. */
function threadNamed(lab: Lab, word: string): number | undefined {
  const { m } = lab.world;
  for (let i = 0; i < m.threads; i++) {
    const b = m.block(i);
    if (m.status(b) === L.TS_FREE || m.ld32(b + L.T_KIND) === L.TK_INTR) continue;
    if (String(i) === word || nameOf(lab.world, b).name.startsWith(word)) return i;
  }
  return undefined;
}

/** Why a thread cannot go on. */
function halted(lab: Lab, i: number): string {
  const { m } = lab.world,
    b = m.block(i);
  switch (m.status(b)) {
    case L.TS_ASLEEP:
      return 'sleeps';
    case L.TS_BLOCKED:
      return 'waits for a lock';
    case L.TS_REQUEST:
      return 'waits for the control plane';
    default:
      return 'is dead';
  }
}

function alone(lab: Lab, name: string | undefined, place: string | undefined): Outcome {
  const { m } = lab.world,
    i = threadNamed(lab, name ?? '');
  if (name === undefined || i === undefined) return no(`no thread "${name ?? ''}"`);
  const points = place === undefined ? [] : placesOf(place);
  if (place !== undefined && !points.length) return no(`no pause point at “${place}”`);
  const b = m.block(i),
    who = nameOf(lab.world, b).name,
    peer = m.ld32(b + L.T_KIND) === L.TK_VCPU ? m.ld32(b + L.T_PEER) : 0;
  const there = () => m.ld32(b + L.T_UNWOUND) === 1 && points.includes(m.ld32(b + L.T_POINT));
  let n = 0;
  for (; n < MOST && !(n > 0 && there()); n++) {
    const intr = peer && m.status(peer) === L.TS_READY && m.wasm.runnable(peer); // its interrupts are part of it
    if (!intr && !m.wasm.runnable(b)) break;
    lab.deed({ k: 'thread', block: intr ? peer : b });
  }
  if (there()) return ok(`step ${m.steps}: ${who} made ${n} accesses and stands before ${place}`);
  if (n === MOST)
    return place === undefined
      ? ok(`step ${m.steps}: ${who} made ${n} accesses`)
      : no(`${who} made ${n} accesses and never came to ${place}`);
  const text = `step ${m.steps}: ${who} made ${n} accesses and ${halted(lab, i)}`;
  return place === undefined ? ok(text) : no(`${text}; it never came to ${place}`);
}

export const SCHEDULE: readonly Command[] = [
  {
    name: 'alone',
    args: 'THREAD [PLACE]',
    help: 'only this thread, until it stands before a place (FILE:LINE, function, point) or can go no further',
    run: (lab, [thread, place]) => alone(lab, thread, place),
  },
  {
    name: 'act',
    args: '',
    help: 'the control plane makes the action that is due: what a thread asked for, or a process of the host that is ready',
    run(lab) {
      if (actOf(lab.world, 'all') === undefined) return no('nothing is due for the control plane');
      lab.step();
      return ok(`step ${lab.world.m.steps}: ${lab.world.acted}`);
    },
  },
  {
    name: 'stuck',
    args: '',
    help: 'who sleeps although there is work for him',
    run: (lab) => ok(stuck(lab.world) ?? 'nobody sleeps while work waits for him'),
  },
];

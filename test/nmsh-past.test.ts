// nmsh on a recording: any moment inside a session can be gone back to, and the session comes out the same again.

import { expect, it } from 'vitest';
import { enter, go, newLab, prng, sum, withVm } from './sending.ts';
import type { Lab } from '../src/lab/lab.ts';

const SESSION =
  'open A; open B; use 3; fill TX0 head frame seq=next; buf TX0 3 700; flags TX0 3 +NS_BUF_CHANGED; fill TX0 3 text a buffer of nobody; adv TX0 +1; txsync; ' +
  'use 4; poll in 50; dump RX0 0; adv RX0 +1; rxsync; use 3; head TX0 99; txsync; poll inout 0; swap TX0 3 RX0 2; rflags RX0 1; ptr TX0 3 99; close 4; show all';

function travel(lab: Lab, tty: string, line: string, done: () => boolean, stride: number) {
  const w = lab.world,
    random = prng(5);
  enter(lab, tty, line);
  const from = w.m.steps;
  go(lab, done);
  const end = w.m.steps,
    after = sum(w, false);
  expect(end - from).toBeGreaterThan(60);
  const at: Record<number, string> = {};
  for (let step = from; step < end; step += 1 + random(stride)) {
    lab.timeline.seek(step);
    at[step] = sum(w, false);
  }
  for (const step of Object.keys(at).map(Number).reverse()) {
    lab.timeline.seek(step);
    expect(sum(w, false) === at[step], `step ${step}`).toBe(true);
  }
  lab.timeline.seek(end);
  expect(sum(w, false) === after).toBe(true);
  lab.timeline.replay();
  expect(sum(w, false) === after).toBe(true);
}

it('on the host', () => {
  const lab = newLab(8),
    w = lab.world;
  go(lab, () => !w.host.os.ready());
  const script = SESSION.replace('A', 'vale5:a').replace('B', 'vale5:b');
  const ended = () => w.host.os.tree().nextPid > 701 && !w.host.os.tree().procs.some((p) => p.prog === 'nmsh');
  travel(lab, 'ttyv0', `nmsh -x -c '${script}'`, ended, 9);
  expect(w.host.os.tty('ttyv0')?.out).toContain('\r\nclosed 4; the current one is 3');
});

it('in a guest', { timeout: 60_000 }, () => {
  const lab = withVm(8),
    w = lab.world,
    next = w.tree.guests.netmapvm?.os.nextPid ?? 0;
  const ended = () => {
    const os = w.tree.guests.netmapvm?.os;
    return (os?.nextPid ?? 0) > next && !os?.procs.some((p) => p.prog === 'nmsh');
  };
  travel(
    lab,
    'ttyv0',
    "nmsh -x -c 'open vtnet0; fill TX0 head frame; adv TX0 +1; txsync; poll in 2; wait 2; txsync; head TX0 99; poll out 0; show all'",
    ended,
    150,
  );
});

// Time, headless, through the lab's own commands: step, next event, back to the very first step, branches, edits,
// policies; what a seek costs in a long recording; and that a history replayed from its start gives the same bytes.

import { expect, test } from 'vitest';
import { Lab } from '../src/lab/lab.ts';
import { EVENTS } from '../src/lab/stops.ts';
import { MAX_BYTES } from '../src/lab/checkpoints.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';
import { bytes, go, say, sending } from './sending.ts';

test('every kind of event can be run to, and back over', { timeout: 60_000 }, () => {
  const lab = sending();
  for (const kind of ['kick', 'suppressed', 'interrupt', 'exit', 'sleep', 'wake', 'sync', 'packet'] as const) {
    const before = bytes(lab);
    const r = say(lab, `next ${kind}`);
    expect(r, kind).toMatchObject({ ok: true });
    expect(EVENTS[kind].points).toContain(lab.world.m.ld32(L.MACHINE + L.M_DONE_POINT));
    const after = bytes(lab);
    expect(say(lab, `back ${after.step - before.step}`).ok).toBe(true);
    expect(bytes(lab)).toEqual(before);
    say(lab, `goto ${after.step}`);
    expect(bytes(lab)).toEqual(after);
  }
});

test('an event that never comes leaves the lab where it was', { timeout: 60_000 }, () => {
  const lab = new Lab({ step: wasmFile('step') }, { shared: false, seed: 1, slots: 16 });
  go(lab, () => !lab.world.host.os.ready());
  const before = bytes(lab);
  expect(say(lab, 'next kick')).toEqual({ ok: false, text: 'no kick comes' });
  expect(bytes(lab)).toEqual(before);
});

test('back across traffic and boot, to the very first step; and forward again to the same bytes', { timeout: 60_000 }, () => {
  const lab = sending();
  say(lab, 'step 5000');
  const end = bytes(lab);
  for (const step of [end.step - 1, 2000, 500, 40, 7, 1, 0]) {
    expect(say(lab, `goto ${step}`).ok).toBe(true);
    expect(lab.world.m.steps).toBe(step);
  }
  expect(lab.world.tree.host.os.ttys[0]?.out).toBe('');
  expect(say(lab, 'back').ok).toBe(false);
  say(lab, `goto ${end.step}`);
  expect(bytes(lab)).toEqual(end);
});

test('a choice in the past leaves the old future as a branch, to which one can change over', { timeout: 60_000 }, () => {
  const lab = sending();
  say(lab, 'step 300');
  const old = bytes(lab);
  say(lab, 'back 200');
  const fork = lab.world.m.steps;
  const able = Array.from({ length: lab.world.m.threads }, (_, i) => i).filter(
    (i) => lab.world.m.status(lab.world.m.block(i)) !== L.TS_FREE && lab.world.m.wasm.runnable(lab.world.m.block(i)),
  );
  lab.step(able.at(-1));
  say(lab, 'step 50');
  const here = bytes(lab);
  expect(lab.state().branches).toMatchObject([{ name: 'first history', fork, end: old.step }]);
  expect(lab.state().history).toMatchObject({ name: 'branch 1' });
  expect(say(lab, `branches ${lab.timeline.branches[0]?.id}`).ok).toBe(true);
  expect(bytes(lab)).toEqual(old);
  expect(say(lab, `branches ${lab.timeline.branches[0]?.id}`).ok).toBe(true);
  expect(bytes(lab)).toEqual(here);
  expect(say(lab, 'branches 99').ok).toBe(false);
});

test('an edit is a step of the recording; what the machine makes of it follows', { timeout: 60_000 }, () => {
  const lab = sending();
  const csb = lab
    .state()
    .csbs.find((c) => c.id.startsWith('vale2'))
    ?.fields.find((f) => f.name === 'host_need_txkick');
  const before = bytes(lab);
  expect(say(lab, `edit 0x${csb?.addr.toString(16)} 7`).ok).toBe(true);
  expect(lab.world.m.ld32(csb?.addr ?? 0)).toBe(7);
  say(lab, 'back');
  expect(bytes(lab)).toEqual(before);
  for (const bad of [
    'edit',
    'edit 0x10 1',
    'edit 0xfffffff0 1',
    'edit 0x400001 1',
    'edit 12 1',
    `edit 0x${csb?.addr.toString(16)} 4294967296`,
    `edit 0x${csb?.addr.toString(16)} 65536 2`,
  ]) {
    expect(say(lab, bad).ok, bad).toBe(false);
    expect(bytes(lab)).toEqual(before);
  }
});

test('policies: the same seed the same order, another another', { timeout: 60_000 }, () => {
  const lab = sending();
  const start = lab.world.m.steps;
  const run = (line: string) => {
    say(lab, `goto ${start}`);
    expect(say(lab, line).ok).toBe(true);
    say(lab, 'step 400');
    return bytes(lab);
  };
  const a = run('policy random 5');
  expect(run('policy random 5')).toEqual(a);
  expect(run('policy random 6').pages).not.toEqual(a.pages);
  run('policy rr');
  for (const bad of ['policy', 'policy chaos', 'policy random x', 'policy random 4294967296']) expect(say(lab, bad).ok, bad).toBe(false);
});

test('a seek in a recording of 1,000,000 steps replays at most 250,000 and restores only changed pages; 64 MiB hold it', {
  timeout: 120_000,
}, () => {
  const lab = sending(64);
  const start = lab.world.m.steps;
  lab.steps(1_000_000);
  expect(lab.world.m.steps).toBe(start + 1_000_000);
  expect(lab.timeline.bytes).toBeLessThanOrEqual(MAX_BYTES);
  const all = lab.world.m.statePages().length;
  let s = 7;
  for (let i = 0; i < 20; i++) {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    const step = start + (s % 1_000_000);
    lab.goto(step);
    expect(lab.world.m.steps).toBe(step);
    expect(lab.timeline.last.steps).toBeLessThanOrEqual(250_000);
    expect(lab.timeline.last.pages).toBeLessThan(all);
    lab.goto(step);
    expect(lab.timeline.last).toEqual({ pages: 0, steps: 0 });
  }
});

test('words that are no command, and commands out of place, are sentences and change nothing', () => {
  const lab = new Lab({ step: wasmFile('step') }, { shared: false, seed: 1, slots: 16 });
  const before = bytes(lab);
  for (const bad of [
    'foo',
    'step 1 nobody',
    'step nobody',
    'goto',
    'goto -1',
    'goto 1e9',
    'back x',
    'next',
    'next thing',
    'drain',
    'drain 5',
    'run warp',
    'run free',
  ]) {
    const r = say(lab, bad);
    expect(r.ok, bad).toBe(false);
    expect(r.text.length).toBeGreaterThan(5);
    expect(bytes(lab)).toEqual(before);
  }
  expect(say(lab, 'help').text).toContain('lab goto STEP');
  expect(say(lab, 'where').text).toContain('step 0');
});

test('traffic through the pipe never stalls: an interrupt between the last look and HLT is not lost', { timeout: 60_000 }, () => {
  const lab = sending();
  const fd = lab.world.tree.host.fds.find((f) => f.name.startsWith('vale2{'));
  const packets = () => lab.world.m.ld64((fd?.tx ?? 0) + L.KR_STAT_PACKETS);
  for (let i = 0; i < 50; i++) {
    const before = packets();
    lab.steps(20_000);
    expect(packets(), `in stretch ${i}`).toBeGreaterThan(before);
  }
});

test('stop points: a condition over named fields, how often it was met, errors at their column', { timeout: 60_000 }, () => {
  const lab = sending();
  const start = lab.world.m.steps;
  expect(say(lab, 'break vtnet1:csb.host_need_txkick == 1').ok).toBe(true);
  lab.steps(100_000);
  expect(lab.sentence).toBe('Stopped: vtnet1:csb.host_need_txkick == 1 became true. Stop point 1, first time.');
  const first = lab.world.m.steps;
  expect(first).toBeGreaterThan(start);
  lab.steps(100_000);
  expect(lab.sentence).toContain('Stop point 1, second time.');
  expect(lab.world.m.steps).toBeGreaterThan(first);
  say(lab, `goto ${first - 1}`);
  lab.steps(1);
  expect(lab.world.m.steps).toBe(first);
  expect(lab.sentence).toContain('became true');
  expect(say(lab, 'unbreak 1').ok).toBe(true);
  expect(say(lab, 'break vtnet1:csb.tx_ring.head != vtnet1:tx.hwcur && step > 0 x3').ok).toBe(true);
  lab.steps(20_000);
  expect(lab.sentence).toContain('Stop point 2, third time.');
  expect(say(lab, 'breaks').text).toContain('met 3 times');
  for (const [bad, text] of [
    ['break tx.hwtial == 1', 'column 4: no field “hwtial”. Did you mean hwtail?'],
    ['break 1 +', 'column 4'],
    ['break tx.head', 'condition'],
    ['edit nosuch 1', 'column 1'],
    ['edit step 1', 'cannot be edited'],
    ['unbreak 77', 'no stop point 77'],
  ] as const) {
    const r = say(lab, bad);
    expect(r.ok, bad).toBe(false);
    expect(r.text, bad).toContain(text);
  }
  expect(say(lab, 'edit vtnet1:csb.host_need_txkick 1').ok).toBe(true);
});

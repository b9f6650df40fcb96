// What a person did is not lost by the way: searches that find nothing, windows that change their size, several Start
// overs, machines that stop, questions asked meanwhile, long texts, and what the browser keeps.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { opened, saved } from '../src/lab/files.ts';
import { worthKeeping } from '../src/lab/keep.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { bytes, enter, go, newLab, say, sending, told, whole, withVm } from './sending.ts';

test('a search that finds nothing leaves neither steps nor a branch', { timeout: 60_000 }, () => {
  const lab = sending();
  lab.steps(50);
  lab.back(10);
  const before = whole(lab);
  expect(say(lab, 'next prologue').ok).toBe(false);
  expect(whole(lab)).toEqual(before);
  const s = lab.search('prologue');
  expect(s.slice()).toBe('more');
  s.giveUp();
  expect(whole(lab)).toEqual(before);
});

test("a window's size makes neither a step nor a branch while the lab stands or is behind; it is told when it goes on", () => {
  const lab = sending();
  lab.steps(30);
  const before = whole(lab);
  lab.typing.resize('ttyv1', 61, 17);
  expect(whole(lab)).toEqual(before);
  lab.back(5);
  lab.start('step');
  lab.typing.resize('ttyv1', 62, 18);
  expect(lab.timeline.branches).toEqual([]);
  lab.run = 'stopped';
  lab.goto(before.end);
  lab.typing.input('ttyv1', 'x');
  expect(lab.world.host.os.tty('ttyv1')).toMatchObject({ cols: 62, rows: 18 });
});

test('three Start overs can be taken back', () => {
  const lab = sending(),
    first = bytes(lab);
  told(lab, 'reset');
  told(lab, 'reset');
  told(lab, 'reset undo');
  expect(lab.world.m.steps).toBe(0);
  told(lab, 'reset undo');
  expect(bytes(lab)).toEqual(first);
});

test('after the machine stopped, the future that was undone is kept as a branch', { timeout: 30_000 }, () => {
  const lab = sending(),
    ring = lab.state().rings.find((r) => r.id === 'vale2{1-PTN.tx');
  told(lab, `edit 0x${((ring?.hostKring ?? 0) + L.KR_NM_SYNC).toString(16)} 99999`);
  lab.steps(20_000);
  expect(lab.failure).not.toBe('');
  const end = lab.world.m.steps;
  lab.back(5);
  told(lab, 'policy rr');
  expect(lab.timeline.branches).toMatchObject([{ end }]);
});

test('a question of the page does not swallow one of a terminal', () => {
  const lab = withVm();
  enter(lab, 'ttyv1', 'lab where');
  go(lab, () => lab.world.asked.length > 0);
  lab.ask(() => 1, 0);
  expect(lab.world.asked.map((a) => a.line)).toEqual(['where']);
});

test('a pasted book and many links can still be shared', { timeout: 30_000 }, async () => {
  const lab = withVm();
  lab.typing.input('ttyv1', 'x'.repeat(70_000));
  lab.answer('', 1, 'y'.repeat(70_000), 0);
  expect(isBad(lab.record())).toBe(false);
});

test('a file keeps branches, names, stop points and what was undone, also of a fresh lab', { timeout: 30_000 }, async () => {
  const a = sending(),
    b = newLab();
  told(a, 'fork A');
  told(a, 'policy rr');
  told(a, 'step 40');
  told(a, 'break at ptnetmap_tx_handler');
  told(a, 'back 10');
  const s = await saved(a, 'build', 0);
  expect(await opened(b, s.text, 'another build', () => true)).toMatchObject({ ok: true });
  expect(bytes(b)).toEqual(bytes(a));
  expect([b.state().history, b.state().branches, b.state().breaks, b.timeline.end]).toEqual([
    a.state().history,
    a.state().branches,
    a.state().breaks,
    a.timeline.end,
  ]);
  expect((await opened(b, s.text, 'another build', () => true)).ok).toBe(true);
  expect(b.breaks.list.length).toBe(1);
});

test('a host without a VM is not worth keeping, whatever ran freely', () => {
  const lab = newLab();
  go(lab, () => !lab.world.host.os.ready());
  lab.timeline.root();
  expect(worthKeeping(lab)).toBe(false);
  expect(worthKeeping(withVm())).toBe(true);
});

test('undo goes back over choices, not over sizes of windows; hits of stop points are undone with their steps', { timeout: 30_000 }, () => {
  const lab = sending(),
    at = lab.world.m.steps;
  told(lab, 'policy rr');
  lab.timeline.do({ k: 'resize', tty: 'ttyv1', cols: 70, rows: 20 });
  told(lab, 'undo');
  expect(lab.world.m.steps).toBe(at);
  told(lab, 'break at ptnetmap_tx_handler x3');
  told(lab, 'step 20000');
  const stopped = lab.world.m.steps;
  expect(lab.sentence).toContain('third time');
  told(lab, `goto ${at}`);
  told(lab, 'step 20000');
  expect([lab.world.m.steps, lab.sentence.includes('third time')]).toEqual([stopped, true]);
});

test('many steps at once are refused or cut, with a sentence', { timeout: 30_000 }, () => {
  const lab = sending();
  expect(say(lab, 'step 999999999999').ok).toBe(false);
  const [able] = lab.state().threads.filter((t) => t.runnable);
  expect(told(lab, `step 4000 ${able?.id}`)).toMatch(/^step \d+: after \d+ steps .+ cannot run\./);
  expect(say(lab, 'edit csb.host_need_txkick abc').text).toBe('"abc" is not a number');
});

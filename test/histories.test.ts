// Histories: forks, names, changing over, undo and redo; and what a comparison of two says, against brute force: both are
// gone through step by step, and the last equal machine is looked for.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { Lab } from '../src/lab/lab.ts';
import { compare } from '../src/lab/compare.ts';
import type { Comparison } from '../src/lab/protocol.ts';
import { counters } from '../src/lab/counters.ts';
import { csbs, rings } from '../src/lab/view.ts';
import { bytes, newLab, prng, say, sending, sum, told, whole } from './sending.ts';

/** Under traffic, on a recording that begins there. */
function rooted(): Lab {
  const lab = sending();
  lab.timeline.root();
  return lab;
}

const runnable = (lab: Lab) =>
  Array.from({ length: lab.world.m.threads }, (_, i) => i).filter((i) => lab.world.m.wasm.runnable(lab.world.m.block(i)));

/** What of the machine is compared, read here from memory by other means: where and name to value. */
function facts(lab: Lab): Map<string, string> {
  const { m } = lab.world,
    out = new Map<string, string>();
  for (const r of rings(lab.world)) {
    const put = (name: string, a: number) => out.set(`${r.title}\n${name}`, String(m.ld32(a)));
    put('head', r.ringAddr + L.RING_HEAD);
    put('cur', r.ringAddr + L.RING_CUR);
    put('tail', r.ringAddr + L.RING_TAIL);
    for (const [kr, before] of [
      [r.hostKring, ''],
      [r.guestKring, 'guest '],
    ] as const) {
      if (!kr) continue;
      put(`${before}rhead`, kr + L.KR_RHEAD);
      put(`${before}hwcur`, kr + L.KR_NR_HWCUR);
      put(`${before}hwtail`, kr + L.KR_NR_HWTAIL);
    }
  }
  for (const c of csbs(lab.world)) for (const f of c.fields) out.set(`${c.title}\n${f.name}`, String(m.ld32(f.addr)));
  for (const g of counters(lab.world)) for (const r of g.rows) out.set(`${g.title}\n${r.name}`, String(r.value));
  return out;
}

/** The machines of a history at each step from … to. */
function machines(lab: Lab, from: number, to: number): string[] {
  const out: string[] = [];
  for (let s = from; s <= to; s++) {
    lab.goto(s);
    out.push(sum(lab.world));
  }
  return out;
}

const compared = (lab: Lab, id: number, after: number): Comparison => {
  const before = whole(lab),
    c = lab.ask((w, t) => compare(w, t, id, after), undefined);
  expect(whole(lab)).toEqual(before);
  if (!c) throw new Error('nothing was compared');
  return c;
};

test('histories have numbers, names and parents, and keep them', { timeout: 30_000 }, () => {
  const lab = sending(),
    t = lab.timeline,
    start = lab.world.m.steps;
  const names = () => [t.present, ...t.branches].map((h) => [h.id, h.name, h.parent]).sort((a, b) => Number(a[0]) - Number(b[0]));
  lab.steps(300);
  expect(told(lab, 'fork my own')).toBe(`my own, from step ${start + 300}`);
  lab.steps(100);
  told(lab, 'back 150');
  lab.step(runnable(lab).at(-1));
  expect(names()).toEqual([
    [0, 'first history', -1],
    [1, 'my own', 0],
    [2, 'branch 2', 1],
  ]);
  told(lab, 'name 2 the third');
  expect(names().map((x) => x[1])).toEqual(['first history', 'my own', 'the third']);
  told(lab, 'branches my own');
  expect(t.present).toMatchObject({ id: 1, name: 'my own', parent: 0, parted: start + 300 });
  told(lab, 'branches 0');
  expect(t.present).toMatchObject({ id: 0, name: 'first history', parent: -1 });
  expect(told(lab, 'branches')).toBe(
    `1 my own: parted at step ${start + 300}, went to step ${start + 400}, ${t.branches[0]?.entries.length} entries\n` +
      `2 the third: parted at step ${start + 250}, went to step ${start + 251}, ${t.branches[1]?.entries.length} entries`,
  );
  const before = whole(lab);
  for (const bad of [
    'branches 9',
    'branches nobody',
    'name',
    'name 9 x',
    'name 1',
    'name nobody x',
    'compare',
    'compare 0',
    'compare 9',
    'compare 1 x',
    'compare first history',
  ]) {
    const r = say(lab, bad);
    expect(r.ok, bad).toBe(false);
    expect(r.text.length, bad).toBeGreaterThan(5);
    expect(whole(lab), bad).toEqual(before);
  }
});

test('every history comes back to the byte when it is changed to, from before the parting and from after it', { timeout: 30_000 }, () => {
  const lab = rooted(),
    start = lab.world.m.steps,
    rnd = prng(11),
    ends = new Map<number, string>();
  for (let i = 0; i < 12; i++) {
    lab.goto(start + rnd(300));
    const able = runnable(lab);
    lab.step(able[rnd(able.length)]);
    lab.steps(50 + rnd(400));
    lab.goto(lab.timeline.end); // the thread may have been the recording's next
    ends.set(lab.timeline.present.id, sum(lab.world));
  }
  for (let i = 0; i < 60; i++) {
    const ids = lab.timeline.branches.map((b) => b.id),
      id = ids[rnd(ids.length)]!;
    if (rnd(2)) lab.goto(start + rnd(lab.timeline.end - start));
    told(lab, `branches ${id}`);
    expect(sum(lab.world)).toBe(ends.get(id) ?? sum(lab.world));
    expect(lab.timeline.present.id).toBe(id);
    expect(new Set([id, ...lab.timeline.branches.map((b) => b.id)]).size).toBe(ids.length + 1);
  }
});

test('the thread that went next goes on in its history, any other begins a branch', { timeout: 60_000 }, () => {
  const lab = rooted(),
    { m } = lab.world,
    start = m.steps;
  lab.steps(120);
  lab.step(runnable(lab).at(-1)); // one by hand among those of the policy
  lab.steps(120);
  const end = m.steps,
    history = lab.timeline.present.id;
  let went = 0,
    parted = 0;
  for (let step = start; step < end; step += 3) {
    lab.goto(step + 1);
    const next = whole(lab),
      who = m.ld32(L.MACHINE + L.M_DONE_POINT) ? m.ld32(L.MACHINE + L.M_DONE_THREAD) : 0;
    lab.goto(step);
    for (const thread of runnable(lab)) {
      lab.step(thread);
      expect(m.steps).toBe(step + 1);
      if (m.block(thread) === who) {
        went++;
        expect(lab.timeline.present.id).toBe(history);
        expect(lab.timeline.end).toBe(end);
        expect(whole(lab)).toEqual(next);
      } else {
        parted++;
        expect(lab.timeline.present.id).not.toBe(history);
        told(lab, `branches ${history}`);
        lab.timeline.branches.length = 0;
      }
      lab.goto(step);
    }
  }
  expect(went).toBeGreaterThan(60);
  expect(parted).toBeGreaterThan(20);
});

test('undo and redo go over choices, edits and what was typed, one at a time', () => {
  const lab = sending(),
    csb = csbs(lab.world).find((c) => c.id.startsWith('vale2'))!,
    word = csb.fields.find((f) => f.name === 'host_need_txkick')!.addr;
  lab.steps(50);
  const places = [lab.world.m.steps];
  told(lab, `edit 0x${word.toString(16)} 7`);
  lab.steps(40);
  places.push(lab.world.m.steps);
  lab.step(runnable(lab)[0]);
  lab.steps(30);
  places.push(lab.world.m.steps);
  lab.timeline.do({ k: 'line', tty: 'ttyv1', text: 'x' });
  const end = bytes(lab);
  for (const p of [...places].reverse()) expect(told(lab, 'undo')).toBe(`step ${p}`);
  for (const p of places) expect(told(lab, 'redo')).toBe(`step ${p + 1}`);
  expect(bytes(lab)).toEqual(end);
  expect(say(lab, 'redo')).toEqual({ ok: false, text: 'nothing that was undone follows' });
  expect(say(newLab(), 'undo').ok).toBe(false);
});

test('a comparison finds the last equal machine, and exactly what differs', { timeout: 60_000 }, () => {
  const lab = rooted(),
    start = lab.world.m.steps,
    csb = csbs(lab.world).find((c) => c.id.startsWith('vale2'))!,
    word = csb.fields.find((f) => f.name === 'host_need_txkick')!.addr;
  lab.steps(500);
  lab.goto(start + 200);
  told(lab, `edit 0x${word.toString(16)} 7`);
  lab.steps(200);
  lab.goto(start + 120);
  told(lab, 'policy random 3');
  lab.steps(300);
  const present = lab.timeline.present.id,
    end = lab.world.m.steps,
    mine = machines(lab, start, lab.timeline.end);
  lab.goto(end);
  for (const b of [...lab.timeline.branches]) {
    told(lab, `branches ${b.id}`);
    const theirs = machines(lab, start, lab.timeline.end),
      last = theirs.findLastIndex((x, i) => x === mine[i]);
    for (const after of [0, 1, 60, 150, Number.MAX_SAFE_INTEGER]) {
      lab.goto(Math.min(start + last + after, lab.timeline.end));
      const there = facts(lab),
        thereStep = lab.world.m.steps;
      told(lab, `branches ${present}`);
      lab.goto(Math.min(start + last + after, lab.timeline.end));
      const here = facts(lab),
        hereStep = lab.world.m.steps;
      const c = compared(lab, b.id, after);
      expect(c.fork).toBe(start + last);
      expect([c.here.step, c.there.step]).toEqual([hereStep, thereStep]);
      const differ = [...new Set([...here.keys(), ...there.keys()])].filter((k) => here.get(k) !== there.get(k));
      const rows = c.rows.filter((r) => r.name !== 'state' && r.name !== 'last line');
      expect(rows.map((r) => `${r.where}\n${r.name}: ${r.here} ${r.there}`).sort()).toEqual(
        differ.map((k) => `${k}: ${here.get(k) ?? '–'} ${there.get(k) ?? '–'}`).sort(),
      );
      if (after === 0) expect(c.rows).toEqual([]);
      expect(c.here.next).not.toBe(c.there.next);
      if (lab.timeline.branches.some((x) => x.id === b.id)) told(lab, `branches ${b.id}`);
    }
    told(lab, `branches ${present}`);
  }
});

test('what goes on after the parting is said for each; at the end of a history nothing more', { timeout: 30_000 }, () => {
  const lab = sending();
  lab.steps(100);
  const fork = lab.world.m.steps;
  told(lab, 'fork beside');
  expect(told(lab, 'compare 0')).toBe(
    `parted after step ${fork}\nbeside: nothing more\nfirst history: nothing more\nat step ${fork} and ${fork}:\n  nothing differs`,
  );
  lab.steps(40);
  const text = told(lab, 'compare first history 10');
  expect(text).toMatch(/^parted after step \d+\nbeside: .+\nfirst history: nothing more\nat step \d+ and \d+:\n {2}/);
});

test('a comparison leaves everything as it was, from wherever it is asked and in whatever order the histories are', {
  timeout: 60_000,
}, () => {
  const lab = rooted(),
    start = lab.world.m.steps,
    rnd = prng(5);
  for (let i = 0; i < 10; i++) {
    lab.goto(start + rnd(200));
    const able = runnable(lab);
    lab.step(able[rnd(able.length)]);
    lab.steps(rnd(200));
  }
  told(lab, 'branches 2');
  lab.goto(start + 20);
  lab.step(runnable(lab)[0]); // the second history is left after younger ones
  lab.steps(70);
  for (let i = 0; i < 30; i++) {
    const b = lab.timeline.branches[rnd(lab.timeline.branches.length)]!;
    lab.goto(start + rnd(lab.timeline.end - start + 1));
    compared(lab, b.id, rnd(3) ? rnd(300) : Number.MAX_SAFE_INTEGER);
    if (i % 5 === 4) told(lab, `branches ${b.id}`);
  }
});

test('of more than a hundred histories the oldest go; the names of the others stay apart', { timeout: 60_000 }, () => {
  const lab = rooted(),
    start = lab.world.m.steps;
  for (let i = 0; i < 130; i++) {
    if (i % 2) told(lab, 'fork');
    else {
      lab.goto(start);
      lab.deed({ k: 'thread', block: lab.world.m.block(runnable(lab)[0]!) });
    }
    lab.steps(3);
  }
  const all = [lab.timeline.present, ...lab.timeline.branches];
  expect(lab.timeline.branches.length).toBe(100);
  expect(new Set(all.map((h) => h.id)).size).toBe(101);
  expect(Math.min(...all.map((h) => h.id))).toBe(Math.max(...all.map((h) => h.id)) - 100);
  const twice = all.map((h) => h.name).filter((n, i, list) => list.indexOf(n) !== i);
  expect(twice).toEqual([]);
  expect(say(lab, 'branches first history').ok).toBe(false);
  const oldest = lab.timeline.branches[0]!;
  compared(lab, oldest.id, 1);
  told(lab, `branches ${oldest.id}`);
  expect(lab.world.m.steps).toBe(oldest.end);
});

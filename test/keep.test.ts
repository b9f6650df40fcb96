// What survives: a lab kept and gone on from in another tab, Start over taken back, a machine that trapped, and what leaves
// the lab for other programs. Each comes back to the byte, or says in a sentence why not.

import { describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { MOST, exported } from '../src/lab/exports.ts';
import { buildName, goOn, keep, worthKeeping } from '../src/lab/keep.ts';
import type { Lab } from '../src/lab/lab.ts';
import { fromFragment, toFragment } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { rings } from '../src/lab/view.ts';
import { bytes, go, newLab, say, sending, sum, told, wasm, whole } from './sending.ts';

const BUILD = buildName(wasm.step);
const SENTENCE = /^[A-Z].*\.$/;

/** What a browser's database gives back. */
const stored = (lab: Lab, root = 3) => {
  const first = lab.timeline.first!;
  return structuredClone({
    kept: keep(lab, BUILD, root, 1e12, { panel: 'ring' }),
    root: lab.timeline.fresh ? undefined : { step: first.step, tree: first.tree, acted: first.acted, pages: first.pages },
  });
};

/** Choices in the past, an edit, a name, stop points; the lab stands in the middle of its present history. */
function eventful(lab: Lab) {
  const start = lab.world.m.steps;
  lab.steps(400);
  lab.goto(start + 150);
  told(lab, 'policy random 4');
  lab.steps(300);
  lab.goto(start + 90);
  told(lab, 'fork by hand');
  told(lab, 'edit vtnet1:csb.nifp_offset 99');
  lab.steps(500);
  told(lab, 'break vtnet1:tx.head == 3 x2');
  told(lab, 'break at GTX_KICK x7');
  lab.goto(start + 333);
}
/** Everything in the recording: each history at its end, and the present one at some steps. */
function walked(lab: Lab): string[] {
  const now = lab.world.m.steps,
    id = lab.timeline.present.id,
    out: string[] = [sum(lab.world)];
  for (const s of [lab.timeline.rootStep, lab.timeline.rootStep + 40, lab.timeline.end, now]) {
    lab.goto(s);
    out.push(sum(lab.world));
  }
  for (const b of [...lab.timeline.branches].map((x) => x.id).sort((a, b2) => a - b2)) {
    told(lab, `branches ${b}`);
    out.push(sum(lab.world));
  }
  told(lab, `branches ${id}`);
  lab.goto(now);
  return out;
}

describe.each([
  ['from the fresh lab on', false],
  ['from a hand-over on', true],
] as const)('a lab kept %s', (_, late) => {
  const made = () => {
    const lab = sending();
    if (late) {
      lab.world.toBoundaries();
      lab.timeline.root(); // what ran freely is not recorded
    }
    eventful(lab);
    return lab;
  };

  test('is gone on from at its step, with its histories, names and stop points', { timeout: 30_000 }, () => {
    const a = made(),
      { kept, root } = stored(a),
      b = newLab(1024, 9);
    expect(worthKeeping(a)).toBe(true);
    expect(kept.root).toBe(late ? 3 : 0);
    expect(kept.layout).toEqual({ panel: 'ring' });
    expect(goOn(b, kept, BUILD, root)).toBe(undefined);
    expect(whole(b)).toEqual(whole(a));
    expect(b.setup).toEqual(a.setup);
    expect(b.run).toBe('stopped');
    expect(b.timeline.fresh).toBe(!late);
    expect(b.breaks.list.map((p) => [p.text, p.from])).toEqual([
      ['vtnet1:tx.head == 3', 2],
      ['at GTX_KICK', 7],
    ]);
    expect(b.state().history).toEqual({ id: 2, name: 'by hand' });
    expect(walked(b)).toEqual(walked(a));
  });

  test('goes on as it would have gone', { timeout: 30_000 }, () => {
    const a = made(),
      { kept, root } = stored(a),
      b = newLab();
    expect(goOn(b, kept, BUILD, root)).toBe(undefined);
    for (const lab of [a, b]) {
      for (const p of [...lab.breaks.list]) told(lab, `unbreak ${p.id}`);
      lab.step(0);
      lab.steps(2000);
      told(lab, 'fork again');
      lab.timeline.do({ k: 'input', tty: 'ttyv1', data: '\x03' });
      lab.steps(500);
    }
    expect(whole(b)).toEqual(whole(a));
    const wrote = say(a, 'wrote vtnet1:csb.nifp_offset');
    expect(wrote.text).toContain('99');
    expect(say(b, 'wrote vtnet1:csb.nifp_offset')).toEqual(wrote);
  });

  test('what was kept can be kept again', { timeout: 30_000 }, () => {
    const a = made(),
      first = stored(a),
      b = newLab();
    expect(goOn(b, first.kept, BUILD, first.root)).toBe(undefined);
    const second = stored(b);
    expect(second.kept).toEqual(first.kept);
    const c = newLab();
    expect(goOn(c, second.kept, BUILD, second.root)).toBe(undefined);
    expect(whole(c)).toEqual(whole(a));
  });

  test('of another build, without its beginning, or damaged, it is refused in a sentence and the lab stays', { timeout: 30_000 }, () => {
    const { kept, root } = stored(made()),
      lab = newLab();
    go(lab, () => !lab.world.host.os.ready());
    told(lab, 'break step > 5');
    const before = whole(lab),
      { world } = lab;
    const refused = [
      ...(root ? [goOn(lab, kept, `${BUILD}x`, root)] : []),
      goOn(lab, { ...kept, root: 3 }, BUILD, undefined),
      ...(root ? [goOn(lab, kept, BUILD, { ...root, tree: root.tree.slice(0, -9) })] : []),
    ];
    for (const why of refused) expect(why).toMatch(/^What was kept .*\.$/);
    expect(lab.world).toBe(world);
    expect(whole(lab)).toEqual(before);
    expect(lab.breaks.list.length).toBe(1);
  });
});

test('a fresh lab and one at its first prompt are not worth keeping', () => {
  const lab = newLab();
  expect(worthKeeping(lab)).toBe(false);
  go(lab, () => !lab.world.host.os.ready());
  expect(worthKeeping(lab)).toBe(false);
});

test('the name of a build is another for another build', () => {
  const other = wasm.step.slice();
  other[1000] = (other[1000]! + 1) & 255;
  expect(buildName(wasm.step)).toBe(BUILD);
  expect(buildName(other)).not.toBe(BUILD);
});

describe('Start over', () => {
  test('can be taken back, to the byte, and that again', { timeout: 30_000 }, () => {
    const lab = sending();
    eventful(lab);
    const before = whole(lab),
      walk = walked(lab);
    expect(say(newLab(), 'reset undo')).toEqual({ ok: false, text: 'there is nothing to take back' });
    told(lab, 'reset');
    expect([lab.world.m.steps, lab.timeline.branches.length, lab.state().canTakeBack]).toEqual([0, 0, true]);
    go(lab, () => !lab.world.host.os.ready());
    const fresh = whole(lab);
    expect(told(lab, 'reset undo')).toBe(`step ${before.step}`);
    expect(whole(lab)).toEqual(before);
    expect(walked(lab)).toEqual(walk);
    told(lab, 'reset undo');
    expect(whole(lab)).toEqual(fresh);
  });

  test('opening a moment can be taken back too; and the opened one can be asked about its past', { timeout: 30_000 }, async () => {
    const lab = sending();
    lab.steps(700);
    const r = lab.record();
    if (isBad(r)) throw new Error(r.error);
    const link = await fromFragment(await toFragment(r));
    if (isBad(link)) throw new Error(link.error);
    const wrote = say(lab, 'wrote vtnet1:tx.head'),
      before = sum(lab.world),
      other = newLab();
    expect(other.open(link, () => true)).toBe(undefined);
    expect(sum(other.world)).toBe(before);
    expect(say(other, 'wrote vtnet1:tx.head')).toEqual(wrote);
    expect(other.timeline.trace?.end).toBe(other.world.m.steps);
    expect(other.takeBack()).toBe(true);
    expect(other.world.m.steps).toBe(0);
  });
});

describe('a machine that traps', () => {
  function trapped() {
    const lab = sending();
    lab.steps(300);
    const ring = rings(lab.world).find((r) => r.id === 'vale2{1-PTN.tx')!,
      good = bytes(lab);
    told(lab, `edit 0x${(ring.hostKring + L.KR_NM_SYNC).toString(16)} 99999`);
    return { lab, good, ring };
  }
  test('stops the lab with a sentence; Back and every step to the very first still work', { timeout: 30_000 }, () => {
    const { lab, good } = trapped();
    const r = say(lab, 'step 20000');
    expect(lab.failure).toMatch(/^The machine stopped at step \d+ \(.+\)\. Go back to before it, or start over; the recording is safe\.$/);
    expect(lab.run).toBe('stopped');
    expect(r.text).toMatch(/^step \d+/);
    expect(lab.state().limits.some((x) => x.startsWith('The machine stopped'))).toBe(true);
    const trap = lab.world.m.steps;
    expect(told(lab, 'back 5')).toBe(`step ${trap - 5}`);
    for (const s of [good.step + 1, good.step - 1, 2000, 300, 1, 0]) {
      told(lab, `goto ${s}`);
      expect(lab.world.m.steps).toBe(s);
    }
    told(lab, `goto ${good.step}`);
    expect(bytes(lab)).toEqual(good);
  });

  test('goes on on another way, and traps again on the same one', { timeout: 30_000 }, () => {
    const { lab, good, ring } = trapped();
    lab.steps(20_000);
    const first = lab.failure;
    lab.goto(good.step);
    lab.steps(20_000);
    expect(lab.failure).toBe(first);
    lab.goto(good.step);
    told(lab, 'policy rr');
    lab.steps(3000);
    expect(lab.world.m.steps).toBe(good.step + 3001);
    expect(lab.world.m.ld32(ring.hostKring + L.KR_NM_SYNC)).not.toBe(99999);
    const here = bytes(lab);
    lab.timeline.replay();
    expect(bytes(lab)).toEqual(here);
  });

  test('that it trapped is no longer said when it goes on elsewhere', { timeout: 30_000 }, () => {
    const { lab, good } = trapped();
    lab.steps(20_000);
    expect(lab.failure).not.toBe('');
    lab.goto(good.step);
    told(lab, 'policy rr');
    lab.steps(100);
    expect(lab.failure).toBe('');
    lab.start('step');
    for (let t = 0; t < 10; t++) lab.pump(() => false, t);
    expect(lab.run).not.toBe('stopped');
  });

  test('a question about its past, and a comparison with a history that trapped, leave the lab where it is', { timeout: 30_000 }, () => {
    const { lab, good } = trapped();
    lab.steps(20_000);
    const end = lab.world.m.steps;
    lab.goto(good.step);
    told(lab, 'policy rr');
    lab.steps(end - good.step + 500);
    const before = whole(lab);
    lab.failure = '';
    say(lab, 'compare 0');
    say(lab, 'wrote vtnet1:tx.head');
    const after = whole(lab);
    expect([after.step, after.present, after.tree === before.tree, after.entries]).toEqual([
      before.step,
      before.present,
      true,
      before.entries,
    ]);
  });
});

describe('what leaves the lab', () => {
  const lab = sending(); // one for both
  lab.steps(4000);
  lab.goto(lab.world.m.steps - 777);
  const end = lab.timeline.end;

  test('a trace, a dump and the terminals; the lab stays as it was', { timeout: 30_000 }, () => {
    const before = whole(lab);
    const trace = exported(lab, 'trace', end - 3000, end);
    expect(trace).toMatchObject({ ok: true, name: `ringside-${end - 3000}-${end}.json` });
    const events = (JSON.parse(trace.text) as { traceEvents: { ph: string }[] }).traceEvents;
    expect(events.filter((e) => e.ph !== 'M').length).toBeGreaterThan(100);
    expect(whole(lab)).toEqual(before);
    const dump = exported(lab, 'vcd', end - 3000, end);
    expect(dump).toMatchObject({ ok: true, name: `ringside-${end - 3000}-${end}.vcd` });
    expect(dump.text).toMatch(/^\$/);
    for (const word of ['$timescale', '$var', '$enddefinitions $end']) expect(dump.text).toContain(word);
    expect(dump.text.match(/^#\d+$/gm)?.length).toBeGreaterThan(50);
    expect(whole(lab)).toEqual(before);
    const text = exported(lab, 'transcript', 0, 0);
    expect(text).toMatchObject({ ok: true, name: `ringside-${lab.world.m.steps}.txt` });
    expect(text.text).toContain('pkt-gen');
    expect(whole(lab)).toEqual(before);
    // the whole recording, from its first step, however far it is asked for
    expect(exported(lab, 'trace', -5, 1e12)).toMatchObject({ ok: true, name: `ringside-0-${end}.json` });
    expect(whole(lab)).toEqual(before);
  });

  test('a stretch in which nothing happened, or too much, is refused in a sentence', { timeout: 30_000 }, () => {
    for (const kind of ['trace', 'vcd'] as const)
      for (const [from, to] of [
        [5, 5],
        [100, 3],
        [end, end + 100],
        [-10, 0],
      ] as const) {
        const r = exported(lab, kind, from, to);
        expect(r.ok, `${from} to ${to}`).toBe(false);
        expect(r.text).toMatch(SENTENCE);
      }
    const long = sending();
    long.steps(MOST + 5000);
    const r = exported(long, 'vcd', 0, 1e9);
    expect(r.ok).toBe(false);
    expect(r.text).toMatch(SENTENCE);
    expect(exported(long, 'vcd', 10_000, 12_000).ok).toBe(true);
  });
});

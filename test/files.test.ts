// Files: a recording from the fresh lab on, and one with the machine at its root, as after a free stretch; whatever is done
// to such a file, opening it gives a sentence or a working lab, and what was there before can be taken back.

import { describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { labCommand } from '../src/lab/control.ts';
import { opened, saved } from '../src/lab/files.ts';
import type { Lab } from '../src/lab/lab.ts';
import { bytes, newLab, prng, sending } from './sending.ts';

const BUILD = 'of-this-test';
const always = () => true;

/** A lab whose recording begins in the middle, with a branch, an edit and a stop point. */
function rooted(): Lab {
  const lab = sending();
  lab.world.toBoundaries();
  lab.timeline.root();
  lab.steps(300);
  lab.goto(lab.world.m.steps - 100);
  const [able] = Array.from({ length: lab.world.m.threads }, (_, i) => i).filter((i) => lab.world.m.wasm.runnable(lab.world.m.block(i)));
  lab.step(able);
  lab.steps(40);
  expect(labCommand(lab, 'break csb.host_need_txkick == 7').ok).toBe(true);
  return lab;
}
const textOf = async (lab: Lab) => (await saved(lab, BUILD, 0, { panel: 'csb' })).text;

describe('a file', () => {
  test('of a recording from the fresh lab on is opened at its moment', async () => {
    const a = sending(),
      b = newLab(),
      s = await saved(a, BUILD, 0, { twin: true });
    expect(s.name).toBe(`ringside-${a.world.m.steps}.ringside`);
    expect(await opened(b, s.text, BUILD, always)).toEqual({
      ok: true,
      text: `Opened at step ${a.world.m.steps}.`,
      layout: { twin: true },
    });
    expect(bytes(b)).toEqual(bytes(a));
  });

  test('of a recording that begins after a free stretch brings its machine, histories and stop points', { timeout: 30_000 }, async () => {
    const a = rooted(),
      b = newLab(),
      before = bytes(b);
    const answer = await opened(b, await textOf(a), BUILD, always);
    expect(answer).toMatchObject({ ok: true, layout: { panel: 'csb' } });
    expect(bytes(b)).toEqual(bytes(a));
    expect(b.state().branches).toEqual(a.state().branches);
    expect(b.state().breaks.map((x) => x.text)).toEqual(['csb.host_need_txkick == 7']);
    for (const line of [`goto ${a.timeline.rootStep}`, 'branches 0', 'step 50']) {
      expect(labCommand(b, line)).toEqual(labCommand(a, line));
      expect(bytes(b)).toEqual(bytes(a));
    }
    expect(b.takeBack()).toBe(true);
    expect(bytes(b)).toEqual(before);
  });

  test('of another build, or too slow to follow, is a sentence, and the lab is as it was', { timeout: 30_000 }, async () => {
    const text = await textOf(rooted()),
      b = newLab(),
      before = bytes(b);
    expect(await opened(b, text, 'another', always)).toEqual({ ok: false, text: 'What this file holds is of another version of the lab.' });
    expect((await opened(b, text, BUILD, () => false)).text).toContain('it takes too long');
    expect(bytes(b)).toEqual(before);
    expect(b.canTakeBack).toBe(false);
  });
});

test('a damaged or hostile file is a sentence or a lab that works', { timeout: 120_000 }, async () => {
  const lab = rooted(),
    text = await textOf(lab),
    whole = JSON.parse(text) as { kept: Record<string, unknown>; root: Record<string, unknown> },
    b = newLab(),
    rnd = prng(11);
  const odd = [null, -1, 1e15, 0.5, '', 'x', [], {}, [[]], true, '\u0000', 4294967296, 'A'.repeat(3000)];
  const wrong = () => odd[rnd(odd.length)];
  /** One word somewhere in plain data is another now. */
  const spoil = (o: unknown, depth: number): unknown => {
    if (depth === 0 || typeof o !== 'object' || o === null || !Object.keys(o).length) return wrong();
    const keys = Object.keys(o),
      k = keys[rnd(keys.length)]!,
      copy = (Array.isArray(o) ? [...o] : { ...o }) as Record<string, unknown>;
    if (rnd(8) === 0) delete copy[k];
    else copy[k] = spoil(copy[k], depth - 1);
    return copy;
  };
  let refused = 0,
    taken = 0;
  const until = () => {
    let left = 400;
    return () => --left > 0;
  };
  const tried = async (t: string) => {
    const before = b.world,
      answer = await opened(b, t, BUILD, until());
    if (answer.ok) {
      taken++;
      b.state();
      b.steps(200); // whatever it does, the lab stands afterwards
      labCommand(b, 'back 10');
      b.state();
      expect(b.takeBack()).toBe(true);
    } else {
      refused++;
      expect(answer.text).toMatch(/^[A-Z].+[.)]$/s);
    }
    expect(b.world).toBe(before);
    expect(labCommand(b, 'where').ok).toBe(true);
  };
  for (let i = 0; i < 400; i++) {
    const part = ['kept', 'root', 'both'][rnd(3)];
    await tried(
      JSON.stringify({
        ...whole,
        ...(part !== 'root' ? { kept: spoil(whole.kept, 1 + rnd(4)) } : {}),
        ...(part !== 'kept' ? { root: spoil(whole.root, 1 + rnd(2)) } : {}),
      }),
    );
  }
  for (let i = 0; i < 150; i++) {
    // the tables of the machine itself
    const tree = JSON.stringify(spoil(JSON.parse(whole.root.tree as string), 1 + rnd(6)));
    await tried(JSON.stringify({ ...whole, root: { ...whole.root, tree } }));
  }
  for (let i = 0; i < 100; i++) {
    const at = rnd(text.length);
    await tried(i % 2 ? text.slice(0, at) : `${text.slice(0, at)}${String.fromCharCode(33 + rnd(90))}${text.slice(at + 1)}`);
  }
  expect(Math.min(refused, taken)).toBeGreaterThan(15);
  expect(lab.world.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
});

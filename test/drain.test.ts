// Pending stores that drain: the command, the entry of the recording and its words, under TSO and PSO. A litmus thread stores to
// two words and to the first again.

import { expect, test } from 'vitest';
import { setModel } from '../src/lab/explore/kept.ts';
import { LitmusThreads } from '../src/lab/explore/litmus_machine.ts';
import { Lab } from '../src/lab/lab.ts';
import { fromFragment, toFragment } from '../src/lab/share.ts';
import { isBad, readRecording } from '../src/lab/share_schema.ts';
import type { Model } from '../src/lab/explore/question.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';
import { parsed } from './litmus_tests.ts';
import { bytes, say } from './sending.ts';

const STORES = parsed(
  'X86 stores\n{ x=0; y=0; }\n P0 ;\n MOV [x],$1 ;\n MOV [y],$2 ;\n MOV [x],$3 ;\n SFENCE ;\n MOV [y],$4 ;\n MOV EAX,[y] ;\nexists (x=0)',
);
/** A lab with a thread that holds four pending stores. */
function holding(model: Model) {
  const lab = new Lab({ step: wasmFile('step') }, { shared: false, seed: 1, slots: 16 }),
    { m } = lab.world,
    threads = new LitmusThreads(m, STORES),
    t = threads.blocks[0] ?? 0,
    id = m.ld32(t + L.T_ID);
  setModel(m, { model, buffer: L.SB_MAX });
  lab.timeline.root();
  expect(say(lab, `step 4 ${id}`).ok).toBe(true);
  expect(m.ld32(t + L.T_SB_COUNT)).toBe(model === 'pso' ? 5 : 4);
  return { lab, m, id, x: () => m.ld32(threads.word(0)), y: () => m.ld32(threads.word(1)) };
}

test('tso: the oldest only', () => {
  const { lab, id, x, y } = holding('tso'),
    before = bytes(lab);
  expect(say(lab, `drain ${id} 2`).text).toBe('stores drain in order (dev.lab.pso is 0)');
  expect(say(lab, `drain ${id} 5`).text).toBe('there is no such store: its buffer holds 4');
  for (const bad of ['0', 'x', '1.5', '-1']) expect(say(lab, `drain ${id} ${bad}`).text).toContain('is not the place of a pending store');
  expect(bytes(lab)).toEqual(before);
  expect(say(lab, `drain ${id}`).ok).toBe(true);
  expect([x(), y()]).toEqual([1, 0]);
  expect(lab.sentence).toContain('The oldest pending store of');
  expect(lab.timeline.entries.at(-1)).not.toHaveProperty('nth');
});

test('pso: any that no older one to its word, and no barrier, is before; the recording leads back to each moment', async () => {
  const { lab, m, id, x, y } = holding('pso'),
    first = m.steps;
  expect(say(lab, `drain ${id} 3`).text).toContain('an older store to the same word');
  expect(say(lab, `drain ${id} 4`).text).toContain('before a barrier');
  expect(say(lab, `drain ${id} 2`).ok).toBe(true);
  expect([x(), y()]).toEqual([0, 2]);
  expect(lab.sentence).toContain('The second oldest pending store of');
  expect(say(lab, `drain ${id} 1`).ok).toBe(true);
  expect(say(lab, `drain ${id} 1`).ok).toBe(true);
  expect([x(), y()]).toEqual([3, 2]);
  expect(say(lab, `drain ${id} 1`).ok).toBe(true);
  const end = bytes(lab);
  expect([x(), y()]).toEqual([3, 4]);
  expect(say(lab, `drain ${id}`).text).toBe('its store buffer is empty');
  lab.goto(first + 1);
  expect([x(), y()]).toEqual([0, 2]);
  lab.goto(first + 4);
  expect(bytes(lab)).toEqual(end);

  const entries = lab.timeline.entries,
    r = readRecording({ v: 2, app: 'ringside', options: { seed: 1, slots: 16 }, entries, step: m.steps });
  if (isBad(r)) throw new Error(r.error);
  expect(r.entries.filter((e) => e.k === 'drain').map((e) => e.nth)).toEqual([1, undefined, undefined, undefined]);
  expect(await fromFragment(await toFragment(r))).toEqual(r);
});

test('a link from before there was a choice among pending stores still opens', async () => {
  const old =
    'r2.1.16.mirRczBCkIhEEbhd_nXs8huXWJeRVxYTjUkKo60ufjuQVFtD3xnwxO8J8TWwOhabqZJQKhtaC0G3mAiCewIluswsFsnQcroKgb2fiGkHrWA3LqcDoH8kTDuXWL6pkCwIQ3shPfdoSrSk7v84exxznXywPhx_5pzhckbJkvD';
  expect(await fromFragment(old)).toMatchObject({
    entries: [
      { at: 3, k: 'drain', block: L.THREADS },
      { at: 9, k: 'thread', block: L.THREADS },
    ],
  });
  expect(await toFragment((await fromFragment(old)) as never)).toBe(old);
});

test('an nth that no buffer has is refused', () => {
  for (const nth of [-1, 8, 1.5, 'x', null]) {
    const r = readRecording({
      v: 2,
      app: 'ringside',
      options: { seed: 1, slots: 16 },
      entries: [{ at: 0, k: 'drain', block: L.THREADS, nth }],
      step: 1,
    });
    expect(isBad(r) && r.error).toContain('its nth is not a whole number from 0 to 7');
  }
});

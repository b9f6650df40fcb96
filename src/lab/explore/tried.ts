// A row of the table, tried: the machine brought to the scenario's moment, the search, and the counterexample made again twice.

import * as L from '../../../wasm/layout.ts';
import { Runner } from '../run.ts';
import { parseFile, slotsOf } from '../run_lines.ts';
import type { World } from '../world.ts';
import { setModel } from './kept.ts';
import { replay } from './moves.ts';
import type { Question, Verdict } from './question.ts';
import { type Row, setUp } from './rows.ts';
import { explore } from './search.ts';

export interface Tried {
  row: Row;
  verdict: Verdict;
  /** The machine's memory after the counterexample, made twice from the same moment: the same number both times. */
  bytes?: [number, number];
}

/** A number for all that is in the machine's memory. */
export function bytesOf(w: World): number {
  const { m } = w;
  let h = 0x811c9dc5;
  for (const p of m.statePages())
    for (let i = (p * L.PAGE) >>> 2, end = i + L.PAGE / 4; i < end; i++) {
      const x = m.u32[i] ?? 0;
      if (x) h = Math.imul(h ^ x ^ Math.imul(i, 0x9e3779b1), 0x01000193);
    }
  return h >>> 0;
}

/** The machine as the scenario leaves it. Throws what is wrong with the file. */
export async function atMoment(wasm: Uint8Array<ArrayBuffer>, text: string): Promise<World> {
  const lines = parseFile(text),
    runner = new Runner({ step: wasm }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 1024 }),
    r = await runner.run(lines);
  if (r.stalled) throw new Error(r.stalled);
  return runner.lab.world;
}

export async function tryRow(wasm: Uint8Array<ArrayBuffer>, text: string, row: Row, memoryMiB = 1024): Promise<Tried> {
  const set = setUp(text, row),
    w = await atMoment(wasm, set),
    q: Question = { model: row.model, buffer: row.buffer, limit: row.limit, memoryMiB, ...(row.acts && { acts: row.acts }) },
    verdict = explore(w, q);
  if (!verdict.found) return { row, verdict };
  const once = async (x: World) => {
    setModel(x.m, row);
    const n = replay(x, verdict.found?.moves ?? []);
    if (n !== verdict.found?.moves.length) throw new Error(`${row.id}: move ${n} of the counterexample is not possible`);
    return bytesOf(x);
  };
  return { row, verdict, bytes: [await once(w), await once(await atMoment(wasm, set))] };
}

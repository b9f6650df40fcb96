// Counterexamples made again in the lab: as deeds of its recording; and those of the shipped table, from their scenario's file.

import type { Lab } from '../lab.ts';
import { Runner } from '../run.ts';
import { parseFile, slotsOf } from '../run_lines.ts';
import { isBad } from '../share_schema.ts';
import { deedsOf } from './as_deeds.ts';
import type { HazardRow } from './job.ts';
import { modelKnobs } from './protections.ts';
import type { Move } from './question.ts';
import { setUp } from './rows.ts';

/** "0x3 1.0 a0 a": thread 0 three times, the oldest store of thread 1, the action that thread 0 asked for, one of a process. Undefined: it is none. */
export function movesOf(text: string): Move[] | undefined {
  const out: Move[] = [];
  for (const word of text.split(' ')) {
    const act = /^a(\d{0,3})$/.exec(word)?.[1];
    if (act !== undefined) {
      out.push({ thread: act ? Number(act) : -1, act: true });
      continue;
    }
    const [, thread, drain, times] = /^(\d{1,3})(?:\.(\d))?(?:x(\d{1,6}))?$/.exec(word) ?? [];
    if (thread === undefined) return undefined;
    const move: Move = { thread: Number(thread), ...(drain === undefined ? {} : { drain: Number(drain) }) };
    for (let n = Number(times ?? 1); n > 0; n--) out.push(move);
  }
  return out;
}

/** The lab at the end of a row's counterexample, a recording from a fresh lab on. `text`: of the scenario's file. A sentence when it cannot. */
export async function openRow(lab: Lab, row: HazardRow, text: string, more: () => boolean): Promise<string | undefined> {
  const moves = row.broken && movesOf(row.broken.moves);
  if (!moves || !text) return 'This row has no counterexample.';
  const lines = parseFile(setUp(text, row)),
    runner = new Runner({ step: lab.wasm.step }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 1024, record: true }),
    { stalled } = await runner.run(lines),
    r = stalled === undefined ? runner.lab.record() : { error: stalled },
    why = isBad(r) ? r.error : lab.open(r, more);
  if (why !== undefined) return why;
  const { world } = lab;
  for (const d of deedsOf(world, modelKnobs(world, row), moves)) lab.timeline.do(d);
  lab.goto(world.m.steps);
  return undefined;
}

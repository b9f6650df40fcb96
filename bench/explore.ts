// States and moves a second of the explorer, on one core: the guest sends into a pipe that nobody empties, until it is full.

import { readFileSync } from 'node:fs';
import { type Question, QUESTION } from '../src/lab/explore/question.ts';
import { ROWS, setUp } from '../src/lab/explore/rows.ts';
import { Search } from '../src/lab/explore/search.ts';
import { atMoment } from '../src/lab/explore/tried.ts';
import type { Row } from './numbers.ts';

/** Whole searches, the first one to warm up. `root`: the folder with labs/. */
export async function searches(root: URL, built: URL, o: { rounds: number }): Promise<Row[]> {
  const wasm = new Uint8Array(readFileSync(new URL('step.wasm', built))),
    text = readFileSync(new URL('labs/explore/tx-full.lab', root), 'utf8'),
    of = ROWS.find((r) => r.id === 'tx-full 2019');
  if (!of) throw new Error('the table has no such row');
  const set = setUp(text, of),
    out: Row[] = [];
  for (const [name, q] of [
    ['CSB transmit, every access a choice', { reduce: false }],
    ['CSB transmit, what nobody can notice goes at once', {}],
    ['the same, store buffers of two', { model: 'tso' }],
  ] as [string, Partial<Question>][]) {
    const states: number[] = [],
      moves: number[] = [];
    let all = 0,
      bytes = 0;
    for (let i = 0; i <= o.rounds; i++) {
      const s = new Search(await atMoment(wasm, set), { ...QUESTION, ...q, limit: 3_000_000, memoryMiB: 1024 });
      s.step(1); // what is state, and the tables
      const t0 = performance.now(),
        n0 = s.progress();
      while (s.step());
      const seconds = (performance.now() - t0) / 1000,
        v = s.verdict();
      if (!v.complete) throw new Error(`${name}: not complete`);
      all = v.states;
      bytes = v.bytes;
      if (!i) continue;
      states.push((v.states - n0.states) / seconds / 1000);
      moves.push((v.moves - n0.moves) / seconds / 1000);
    }
    out.push(
      { what: `${name}: states`, unit: 'thousand/s', rounds: states, note: `${all.toLocaleString('en-US')} of ${bytes} bytes` },
      { what: `${name}: moves`, unit: 'thousand/s', rounds: moves },
    );
  }
  return out;
}

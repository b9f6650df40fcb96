// The table of hazards, made: every row tried, as JSON lines for tools/explore.mjs.

import type { Move } from './question.ts';
import { readFileSync } from 'node:fs';
import { type Row, ROWS, type TableRow } from './rows.ts';
import { tryRow } from './tried.ts';

export { ROWS };
/** Moves in short: threads one after the other, "3x12" is thread 3 twelve times, "3.0" drains its oldest store. */
export function short(moves: readonly Move[]): string {
  const out: { text: string; n: number }[] = [];
  for (const m of moves) {
    const text = m.act ? `a${m.thread < 0 ? '' : m.thread}` : m.drain === undefined ? `${m.thread}` : `${m.thread}.${m.drain}`,
      last = out.at(-1);
    if (last?.text === text) last.n++;
    else out.push({ text, n: 1 });
  }
  return out.map((o) => (o.n > 1 ? `${o.text}x${o.n}` : o.text)).join(' ');
}

/** Tries one row; `root` is the folder with labs/ and build/. */
export async function tableRow(root: string, row: Row): Promise<{ row: TableRow; same: boolean; ms: number }> {
  const wasm = new Uint8Array(readFileSync(`${root}/build/step.wasm`)),
    text = readFileSync(`${root}/labs/explore/${row.scenario}.lab`, 'utf8'),
    t = await tryRow(wasm, text, row),
    { verdict: v } = t;
  return {
    row: {
      ...row,
      states: v.states,
      moves: v.moves,
      depth: v.depth,
      complete: v.complete,
      bytes: v.bytes,
      ...(v.found ? { broken: { promise: v.found.promise, why: v.found.why, moves: short(v.found.moves) } } : {}),
    },
    same: !t.bytes || t.bytes[0] === t.bytes[1],
    ms: v.ms,
  };
}

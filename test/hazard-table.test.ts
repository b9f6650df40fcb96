// The table of hazards that the lab ships: every row but the large ones is tried again and comes to the same numbers, and each
// counterexample, made twice from the same moment, to the same bytes.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ROWS, type TableRow } from '../src/lab/explore/rows.ts';
import { tableRow } from '../src/lab/explore/table_node.ts';

const shipped = JSON.parse(readFileSync(new URL('../src/lab/explore/hazard_table.json', import.meta.url), 'utf8')) as TableRow[],
  root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

test('it has every row, and each is as expected', () => {
  expect(shipped.map((r) => r.id)).toEqual(ROWS.map((r) => r.id));
  expect(new Set(ROWS.map((r) => r.id)).size).toBe(ROWS.length);
  for (const r of shipped) expect(`${r.id}: ${r.broken ? 'broken' : r.complete ? 'kept' : 'open'}`).toBe(`${r.id}: ${r.expect}`);
});

describe('tried again', () => {
  test.each(ROWS.filter((r) => !r.large))('$id', { timeout: 60_000 }, async (r) => {
    const { row, same } = await tableRow(root, r);
    expect(row).toEqual(shipped.find((x) => x.id === r.id));
    expect(same).toBe(true);
  });
});

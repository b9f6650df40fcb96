// Hazards of facts 5C that the explorer finds when their protection is taken away, and only then: H12 and H17. H8 and H5 are
// searched too and break nothing at these sizes (docs/SOURCES.md).

import { expect, test } from 'vitest';
import type { Row } from '../src/lab/explore/rows.ts';
import { tableRow } from '../src/lab/explore/table_node.ts';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, ''),
  row = (hazard: string, scenario: string, value: 0 | 1): Row => ({
    id: `${hazard}=${value}`,
    hazard,
    scenario,
    revision: 2019,
    sysctls: { [`dev.lab.hazard.${hazard}`]: value },
    model: 'sc',
    buffer: 2,
    limit: 300_000,
    expect: value ? 'broken' : 'kept',
  });

test.each([
  ['H12', 'h12'],
  ['H17', 'h17'],
])('%s: broken without its protection, kept with it', { timeout: 60_000 }, async (hazard, scenario) => {
  const on = await tableRow(root, row(hazard, scenario, 1)),
    off = await tableRow(root, row(hazard, scenario, 0));
  expect(on.row.broken).toBeDefined();
  expect(on.same).toBe(true);
  expect(off.row.broken).toBeUndefined();
  expect(off.row.complete).toBe(true);
});

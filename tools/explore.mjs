// npm run explore: the table of hazards, made anew (src/lab/explore/hazard_table.json). --check only compares; a word names rows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { buildRunner } from './runner.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)),
  file = join(root, 'src/lab/explore/hazard_table.json'),
  args = process.argv.slice(2),
  check = args.includes('--check'),
  words = args.filter((a) => !a.startsWith('--'));
await buildRunner();
const { ROWS, tableRow } = await import(pathToFileURL(await bundle('src/lab/explore/table_node.ts', 'table')));
let shipped = [];
try {
  shipped = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  // the first time
}
const out = [];
let wrong = 0;
for (const r of ROWS) {
  const was = shipped.find((x) => x.id === r.id);
  if (words.length && !words.some((w) => r.id.includes(w))) {
    if (was) out.push(was);
    continue;
  }
  const { row, same, ms } = await tableRow(root, r),
    got = row.broken ? 'broken' : row.complete ? 'kept' : 'open',
    differs = check && JSON.stringify(was) !== JSON.stringify(row),
    bad = got !== r.expect || !same || differs;
  if (bad) wrong++;
  out.push(row);
  console.log(
    `${bad ? '✗' : '✓'} ${r.id.padEnd(40)} ${got.padEnd(7)} ${row.states.toLocaleString('en-US').padStart(10)} states, ${String(row.depth).padStart(3)} deep, ${String(row.bytes).padStart(4)} bytes, ${(ms / 1000).toFixed(1)} s${row.broken ? `  ${row.broken.promise}: ${row.broken.why}` : ''}${got === r.expect ? '' : `  expected: ${r.expect}`}${same ? '' : '  made twice, it came to other bytes'}${differs ? '  not as shipped' : ''}`,
  );
}
if (!check) writeFileSync(file, `${JSON.stringify(out, null, 1)}\n`);
console.log(`${out.length} rows, ${wrong} not as expected`);
process.exit(wrong ? 1 : 0);

#!/usr/bin/env node
// The lab without a screen. From a clone it builds first what is missing or stale.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (existsSync(join(root, 'wasm'))) {
  const { buildRunner } = await import('../tools/runner.mjs');
  await buildRunner();
}
const build = pathToFileURL(join(root, 'build/'));
const { main } = await import(new URL('ringside.mjs', build).href),
  streams = [process.stdout, process.stderr];
for (const s of streams) s.on('error', () => {}); // whoever read has gone (| head)
const status = await main(process.argv.slice(2), build);
// A pipe takes what it has room for; leaving at once would cut off the rest.
for (const s of streams)
  await new Promise((done) => {
    s.write('', done);
  });
process.exit(status);

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
const { main } = await import(new URL('ringside.mjs', build).href);
process.exit(await main(process.argv.slice(2), build));

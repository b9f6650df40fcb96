// Builds what the command line needs, if it is missing or stale: the data plane and the bundles for node.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { buildWasm } from './wasm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = (dir) =>
  readdirSync(dir, { withFileTypes: true })
    .flatMap((e) =>
      e.isDirectory()
        ? e.name === 'ui'
          ? []
          : sources(join(dir, e.name))
        : /\.ts$/.test(e.name) && !/\.test\.ts$/.test(e.name)
          ? [join(dir, e.name)]
          : [],
    )
    .sort();

/** Builds on standard error's time: prints nothing on standard output. */
export async function buildRunner() {
  await buildWasm({ quiet: true });
  const hash = [...sources(join(root, 'src')), ...sources(join(root, 'wasm')), join(root, 'build', 'litmus.json')]
    .reduce((h, f) => h.update(f).update(readFileSync(f)), createHash('sha256'))
    .digest('hex');
  const stamp = join(root, 'build', 'runner.stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await bundle('src/lab/main_node.ts', 'ringside');
  await bundle('src/sim/free.node.ts', 'free.node');
  writeFileSync(stamp, hash);
}

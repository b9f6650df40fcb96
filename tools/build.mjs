// Builds the lab: the data plane, then the page into dist/. Prints what the first paint loads, gzipped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = join(root, 'build', 'dist.stamp');

const files = (dir) =>
  readdirSync(dir, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]))
    .sort();

/** A hash of everything that dist/ is made from; a test file is not part of the page. */
export function sourcesHash() {
  const folders = ['src', 'wasm', 'public', 'labs'].map((d) => join(root, d)).filter(existsSync);
  const single = ['index.html', 'vite.config.ts', 'package-lock.json', 'tsconfig.json', 'tools/wasm.mjs', 'tools/lessons.mjs'].map((f) =>
    join(root, f),
  );
  const all = [...folders.flatMap(files), ...single.filter(existsSync)].filter((f) => !/\.test\.tsx?$/.test(f));
  return all.reduce((h, f) => h.update(f.slice(root.length)).update(readFileSync(f)), createHash('sha256')).digest('hex');
}

/** Is dist/ what these sources give? */
export function distIsFresh() {
  return existsSync(join(dist, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash();
}

/** What index.html names (and preloads) itself: [file, gzipped bytes] of each, itself included. */
export function firstPaint(folder = dist) {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const tags = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)].map((m) => m[0]);
  const wanted = tags.filter((tag) => tag.startsWith('<script') || /rel="?(?:stylesheet|modulepreload|preload)/.test(tag));
  const urls = wanted.map((tag) => /(?:src|href)="([^"]+)"/.exec(tag)?.[1]).filter((url) => url && !/^[a-z]+:/i.test(url));
  const names = new Set(['index.html', ...urls.map((url) => url.replace(/^\.?\//, '').replace(/[?#].*/, ''))]);
  return [...names].filter((n) => existsSync(join(folder, n))).map((n) => [n, gzipSync(readFileSync(join(folder, n))).length]);
}

/** Builds; throws with a sentence if it cannot. */
export async function build() {
  const { buildWasm } = await import('./wasm.mjs');
  await buildWasm();
  const hash = sourcesHash(); // before: a file that changes meanwhile makes the result stale
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const run = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) throw new Error(`vite build failed (${run.signal ?? run.status})`);
  writeFileSync(stamp, hash);
  const parts = firstPaint();
  const kB = (n) => `${(n / 1000).toFixed(1)} kB`;
  console.log(
    `first paint: ${kB(parts.reduce((sum, [, n]) => sum + n, 0))} gzipped (${parts.map(([f, n]) => `${f} ${kB(n)}`).join(', ')})`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

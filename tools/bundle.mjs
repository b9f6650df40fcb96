// Bundles a TypeScript entry of the lab for node: Node 20 does not read TypeScript, and Vite brings rolldown.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Writes build/<name>.mjs from a source file below the project's root. */
export async function bundle(entry, name) {
  const { build } = await import('rolldown');
  mkdirSync(join(root, 'build'), { recursive: true });
  await build({
    input: join(root, entry),
    platform: 'node',
    logLevel: 'silent',
    output: { file: join(root, 'build', `${name}.mjs`), format: 'esm', sourcemap: true },
  });
  return join(root, 'build', `${name}.mjs`);
}

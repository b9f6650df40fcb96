// How the page is built: one static folder that runs below any path, with workers as ES modules.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import { lessons, scenarios } from './tools/lessons.mjs';
import { defineConfig, type Plugin, type ResolvedConfig } from 'vite';

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
};

/** Writes the list of built files and its hash into the service worker: a new build is a new cache. */
function offline(): Plugin {
  let config: ResolvedConfig;
  const walk = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]));
  return {
    name: 'ringside-offline',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle() {
      const out = resolve(config.root, config.build.outDir);
      const files = walk(out)
        .filter((f) => !/(\.map|sw\.js|_headers)$/.test(f))
        .sort();
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(file));
      const version = hash.digest('hex').slice(0, 12);
      const names = ['./', ...files.map((f) => `./${relative(out, f).split(sep).join('/')}`)];
      const sw = join(out, 'sw.js');
      writeFileSync(
        sw,
        readFileSync(sw, 'utf8')
          .replace("const VERSION = 'dev'", `const VERSION = '${version}'`)
          .replace('const FILES = []', `const FILES = ${JSON.stringify(names)}`),
      );
    },
  };
}

/** The lessons, made from labs/ and loaded when they are asked for. */
function lessonFiles(): Plugin {
  const id = '\0lessons';
  return {
    name: 'ringside-lessons',
    resolveId: (name) => (name === 'virtual:lessons' ? id : undefined),
    async load(name) {
      return name === id
        ? `export const lessons = ${JSON.stringify(await lessons())}; export const scenarios = ${JSON.stringify(await scenarios())}`
        : undefined;
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), lessonFiles(), offline()],
  worker: { format: 'es' },
  server: { headers, port: 5173 },
  preview: { headers, port: 4173, strictPort: true },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200 },
});

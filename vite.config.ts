// How the page is built: one static folder that runs below any path, with workers as ES modules.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import { HEADERS, ISOLATION, POLICY } from './tools/headers.mjs';
import { lessons, scenarios, scenes, tour } from './tools/lessons.mjs';
import { defineConfig, type Plugin, type ResolvedConfig } from 'vite';

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
          .replace('const FILES = []', `const FILES = ${JSON.stringify(names)}`)
          .replace('const HEADERS = {}', `const HEADERS = ${JSON.stringify(HEADERS)}`),
      );
    },
  };
}

/** The page says in itself what it may load, for hosts that send no headers: before anything that it loads. */
function closed(): Plugin {
  const metas = `<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <meta name="referrer" content="no-referrer" />`;
  return {
    name: 'ringside-closed',
    apply: 'build',
    transformIndexHtml: (html) => html.replace('<meta charset="utf-8" />', metas),
  };
}

/** The lessons, made from labs/ and loaded when they are asked for. */
function lessonFiles(): Plugin {
  const made: Record<string, () => Promise<Record<string, unknown>>> = {
    'virtual:lessons': async () => ({ lessons: await lessons(), scenarios: await scenarios() }),
    'virtual:scenes': async () => ({ scenes: await scenes() }),
    'virtual:tour': async () => ({ recording: await tour() }),
  };
  return {
    name: 'ringside-lessons',
    resolveId: (name) => (name in made ? `\0${name}` : undefined),
    async load(name) {
      const all = await made[name.slice(1)]?.();
      return (
        all &&
        Object.entries(all)
          .map(([n, value]) => `export const ${n} = ${JSON.stringify(value)};`)
          .join('\n')
      );
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), lessonFiles(), closed(), offline()],
  worker: { format: 'es' },
  // Vite's own server brings inline scripts and a socket for reloading: it is not closed
  server: { headers: ISOLATION, port: 5173 },
  preview: { headers: HEADERS, port: 4173, strictPort: true },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200 },
});

// Everything that can be said about the sources without running them: Biome (format, lint, import law), oxlint (promises
// and exhaustiveness, which need types), and the type checker once per room. A line each; non-zero if any fails.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name, path) => join(root, 'node_modules', name, path);
const tsc = bin('typescript', 'bin/tsc');

export const CHECKS = [
  { name: 'biome', about: 'format, lint, import law', script: bin('@biomejs/biome', 'bin/biome'), args: ['ci', '--colors=off', '.'] },
  { name: 'oxlint', about: 'promises, exhaustiveness', script: bin('oxlint', 'bin/oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'tsc', about: 'lab, control plane, tests', script: tsc, args: ['-p', '.', '--pretty', 'false'], needs: 'tsconfig.json' },
  { name: 'tsc src/ui', about: 'the page', script: tsc, args: ['-p', 'src/ui', '--pretty', 'false'], needs: 'src/ui/tsconfig.json' },
  {
    name: 'tsc test/page',
    about: 'the tests of the page',
    script: tsc,
    args: ['-p', 'test/page', '--pretty', 'false'],
    needs: 'test/page/tsconfig.json',
  },
  { name: 'tsc wasm', about: 'the data plane', script: tsc, args: ['-p', 'wasm', '--pretty', 'false'], needs: 'wasm/tsconfig.json' },
];

function run({ script, args, needs }) {
  if (needs && !existsSync(join(root, needs))) return Promise.resolve({ ok: false, output: `${needs} is missing` });
  return new Promise((done) => {
    let output = '';
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => done({ ok: false, output: String(error) }));
    child.on('close', (code) => done({ ok: code === 0, output: output.trimEnd() }));
  });
}

/** Runs all checks, whatever fails; answers how many passed and failed. */
export async function check() {
  let passed = 0;
  for (const one of CHECKS) {
    const began = performance.now();
    const { ok, output } = await run(one);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (!ok && output) console.log(output);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${one.name} (${one.about}) ${seconds} s`);
    if (ok) passed++;
  }
  return { passed, failed: CHECKS.length - passed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await check()).failed ? 1 : 0;

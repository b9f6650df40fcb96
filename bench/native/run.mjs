// Compiles and runs the native twin of the exchange (exchange.c), so that the lab's rates have something to stand beside.
// Linux with a C compiler only; elsewhere the answer is null and the benchmark says so.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'exchange.c');
const out = join(here, '..', '..', 'build');

/** Path of the compiled twin, or null where it cannot be had. */
function compile() {
  if (process.platform !== 'linux') return null;
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const binary = join(out, `exchange-${hash}`);
  if (existsSync(binary)) return binary;
  mkdirSync(out, { recursive: true });
  for (const cc of [process.env.CC, 'cc', 'gcc', 'clang'].filter(Boolean)) {
    const run = spawnSync(cc, ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-pthread', '-o', binary, source], { encoding: 'utf8' });
    if (run.status === 0) return binary;
    if (!run.error) console.error(run.stderr);
  }
  return null;
}

/** Runs the exchange natively: { mode, packets, seconds, mpps, kicks, wakeups }, or null without a C compiler. */
export function nativeExchange(mode = 'pipe', seconds = 1) {
  const binary = compile();
  if (!binary) return null;
  const run = spawnSync(binary, [mode, String(seconds)], { encoding: 'utf8', timeout: (seconds + 10) * 1000 });
  if (run.status !== 0) throw new Error(`exchange ${mode}: ${run.stderr || run.error?.message || run.signal}`);
  return JSON.parse(run.stdout);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode = 'pipe', seconds = '1'] = process.argv.slice(2);
  console.log(JSON.stringify(nativeExchange(mode, Number(seconds))));
}

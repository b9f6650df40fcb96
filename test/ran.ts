// A lab's file through the runner, as a user starts it: `ringside run FILE --json`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringside-'));
const bin = new URL('../bin/ringside.mjs', import.meta.url).pathname;

/** What the run of a file came to; it must not have been given up. */
export function ran(engine: string, text: string): RunResult {
  const file = join(dir, `${engine}.lab`);
  writeFileSync(file, text);
  const r = spawnSync(process.execPath, [bin, 'run', file, '--json', '--engine', engine], {
    encoding: 'utf8',
    timeout: 50_000,
    maxBuffer: 1 << 26,
  });
  expect(r.stdout, r.stderr).toMatch(/^\{/);
  const got = JSON.parse(r.stdout) as RunResult;
  expect(got.stalled).toBeUndefined();
  return got;
}

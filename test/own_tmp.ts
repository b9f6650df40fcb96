// What tests write goes into one folder, gone when they end. Vitest calls this before its workers begin, and after they have ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder = '';

export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'ringside-test-'));
  process.env.TMPDIR = folder;
}
export function teardown(): void {
  delete process.env.TMPDIR;
  rmSync(folder, { recursive: true, force: true });
}

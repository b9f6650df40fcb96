// What npm run mutants stands on: the mutants apply to the sources as they are; six of them, others with each commit, are found.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ASKS, MUTANTS, applied, chosen, mutants, parsed } from './mutants.mjs';
import { sourcesHash } from './wasm.mjs';

/** The commit; without git the sources themselves. */
const commit = () => spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).stdout?.trim() || sourcesHash();

test('each of at least 30 mutants is a change of a protocol file, at one place of it', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(MUTANTS.map((m) => m.name)).size).toBe(MUTANTS.length);
  for (const m of MUTANTS) {
    expect(m.file).toMatch(/^wasm\/(host|guest|net|sim)\/\w+\.ts$/);
    expect(m.breaks, m.name).toMatch(/^[A-Z].*\.$/);
    expect(applied(m).line, m.name).toBeGreaterThan(10);
    expect(m.old.join('\n'), m.name).not.toBe(m.fresh.join('\n'));
  }
});

test('a mutant whose line has gone, or is there twice, is refused', () => {
  const [m] = parsed(`x wasm/net/netmap_pipe.ts ${Object.keys(ASKS)[0]}\nSays why.\n-a = 1;\n+a = 2;`);
  expect(applied(m, '// f\n  a = 1;\n')).toEqual({ line: 2, text: '// f\n  a = 2;\n' });
  expect(() => applied(m, '// f\n  a = 3;\n')).toThrow('has this 0 times, not once');
  expect(() => applied(m, '  a = 1;\n  a = 1;\n')).toThrow('has this 2 times, not once');
  expect(() => parsed('x wasm/net/netmap_pipe.ts nonsense\nSays why.\n-a = 1;')).toThrow('no question "nonsense"');
});

test('a hash chooses: always the same, and in time every one', () => {
  expect(chosen('a', 6)).toEqual(chosen('a', 6));
  expect(chosen('a', 6)).toHaveLength(6);
  const seen = new Set(Array.from({ length: 200 }, (_, i) => chosen(String(i), 6)).flatMap((list) => list.map((m) => m.name)));
  expect(seen.size).toBe(MUTANTS.length);
});

test('six mutants chosen by the commit are found, and the build as it is is clean', { timeout: 180_000 }, async () => {
  const lines = [],
    r = await mutants(chosen(commit(), 6), { brief: true, say: (line) => lines.push(line) });
  expect(r.ok, lines.join('\n')).toBe(true);
  expect(r.found).toBe(6);
});

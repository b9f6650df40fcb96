// labs/transactions.lab, as a user runs it: every session ends with 0 on both engines, and what is sent by hand arrives.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';

const root = new URL('..', import.meta.url).pathname;
const run = (engine: string) => {
  const r = spawnSync(process.execPath, ['bin/ringside.mjs', 'run', 'labs/transactions.lab', '--json', '--engine', engine], {
    cwd: root,
    encoding: 'utf8',
    timeout: 50_000,
    maxBuffer: 1 << 26,
  });
  return { status: r.status, result: JSON.parse(r.stdout) as RunResult };
};
/** Text of the dumps: what stands between the bars. */
const dumps = (output: string) => [...output.matchAll(/\|(.*)\|$/gm)].map((m) => m[1]).join('');

it.each(['step', 'free'])('on the %s engine', { timeout: 60_000 }, (engine) => {
  const { status, result } = run(engine),
    sessions = result.commands.filter((c) => c.command.startsWith('nmsh'));
  expect(result.stalled).toBeUndefined();
  expect(sessions.map((c) => c.status)).toEqual(sessions.map(() => 0));
  expect(status).toBe(0);
  // no expect was left out: each is shown before it is done
  const file = readFileSync(`${root}labs/transactions.lab`, 'utf8'),
    asked = file.split('\n').filter((l) => /^\w+# nmsh/.test(l));
  expect(sessions.length).toBe(asked.length);
  for (const [i, c] of sessions.entries())
    expect(c.output.match(/^\+ expect /gm)?.length ?? 0).toBe(asked[i]?.match(/expect /g)?.length ?? 0);
  expect(sessions.map((c) => dumps(c.output))).toEqual([
    expect.stringContaining(' pkt-gen DIR'),
    'by hand',
    'there and back',
    '',
    expect.stringContaining(' pkt-gen DIR'),
    '',
    'to the guest, by hand',
    '',
  ]);
  expect(sessions[3]?.output.match(/^lab: the prologue refused/gm)?.length).toBe(4);
  expect(sessions[4]?.output).toMatch(/^poll: 1 \(POLLIN\)$/m);
});

// scratch
import { it } from 'vitest';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { Alone } from '../sh/alone.ts';
import { PORTABLE } from '../sh/shell_cases.ts';
import { commands } from './commands.ts';
import { filters } from './filters.ts';
it('x', () => {
  let n = 0;
  for (const s of PORTABLE) {
    const dir = mkdtempSync('/tmp/sh-try-');
    const r = spawnSync('/usr/bin/dash', ['-c', s], { cwd: dir, encoding: 'utf8', timeout: 5000, env: { HOME: '/root', PATH: process.env.PATH } });
    let o;
    try { o = new Alone({ ...commands, ...filters }).script(s); } catch (e) { o = { out: String(e).slice(0, 200), err: '', status: -9 }; }
    const st = r.status ?? 128 + 15;
    if (o.out !== r.stdout || o.status !== st) console.log(JSON.stringify(s), '\n  dash', JSON.stringify(r.stdout), st, r.stderr, '\n  ours', JSON.stringify(o));
    n++;
  }
  console.log(n);
}, 60000);

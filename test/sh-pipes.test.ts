// Pipelines, redirections and job control on the whole machine: on the host and in a guest, with programs that have threads in
// the data plane, in recordings and in the runner's records.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';
import { END, begin, finish, freshLab, mark, pass, run, since, until, vmWith } from './typed.ts';

test('on the host', () => {
  const w = freshLab();
  expect(run(w, 'ttyv0', 'sysctl -a | grep -c netmap').real).toEqual([
    String(run(w, 'ttyv0', 'sysctl -a').real.filter((l) => l.includes('netmap')).length),
  ]);
  expect(run(w, 'ttyv0', 'sysctl nosuch 2>&1 | wc -l')).toMatchObject({ text: '       1\n', status: 0 });
  expect(run(w, 'ttyv0', 'sysctl nosuch 2>/dev/null')).toMatchObject({ text: '', status: 1 });
  expect(run(w, 'ttyv0', 'ls; echo x > new; ls | grep new').real).toEqual(['mfsroot.img', 'new']);
  expect(run(w, 'ttyv0', 'ps | grep -c -e ps -e grep').status).toBe(0);
});

test('in a guest', () => {
  const { w } = vmWith('-s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1');
  const lines = run(w, 'ttyv0', 'dmesg').real,
    hits = lines.filter((l) => l.includes('netmap')).length;
  expect(hits).toBeGreaterThan(0);
  expect(run(w, 'ttyv0', 'dmesg | grep netmap | head -3 | wc -l').text.trim()).toBe(String(Math.min(3, hits)));
  // a loop that never waits must not hold the vCPU
  begin(w, 'ttyv0', 'while :; do :; done');
  pass(w, 0.01);
  const m = mark(w, 'ttyv0');
  w.type('ttyv0', '\x03');
  finish(w, 'ttyv0', m);
  expect(run(w, 'ttyv0', 'yes | cat | head -n 2')).toMatchObject({ text: 'y\ny\n', status: 0 });
});

test('a program of the data plane in a pipeline: reports by standard error, the sum by standard output', () => {
  const w = freshLab();
  const r = run(w, 'ttyv0', 'pkt-gen -i vale1:1 -f tx -n 100 2>/dev/null | sed -n "s/^Sent \\([0-9]*\\) packets.*/\\1/p"');
  expect([r.text, r.status]).toEqual(['100\n', 0]);
  // its reader leaves: it closes its port, and says 141
  const s = run(w, 'ttyv0', '{ pkt-gen -i vale1:1 -f rx 2>&1; echo "status $?" >&2; } | head -n 1');
  expect([s.real.length, s.real.includes('status 141'), s.status]).toEqual([2, true, 0]);
  expect(w.tree.host.adapters.some((a) => a.name === 'vale1:1')).toBe(false);
  expect([w.tree.host.os.pipes ?? [], w.tree.host.os.procs.length]).toEqual([[], 1]);
});

test('Ctrl-Z and fg at a pkt-gen', () => {
  const w = freshLab();
  begin(w, 'ttyv0', 'pkt-gen -i vale1:1 -f rx | cat');
  pass(w, 0.5);
  let m = mark(w, 'ttyv0');
  w.type('ttyv0', '\x1a');
  expect(finish(w, 'ttyv0', m)).toBe('');
  expect(since(w, 'ttyv0', m)).toContain('[1] + Suspended               pkt-gen -i vale1:1 -f rx | cat\n');
  begin(w, 'ttyv0', 'fg');
  pass(w, 0.1);
  m = mark(w, 'ttyv0');
  w.type('ttyv0', '\x03');
  finish(w, 'ttyv0', m);
  expect(run(w, 'ttyv0', 'jobs').text).toBe('');
});

test('a VM whose bhyve is in a pipeline has its console there', () => {
  const w = freshLab(8, 2);
  run(w, 'ttyv0', 'bhyveload -m 2G -d mfsroot.img netmapvm');
  begin(w, 'ttyv0', `(bhyve -s 0,hostbridge -s 1,lpc ${END})`);
  until(w, () => w.guestAtPrompt('netmapvm'));
  expect(w.consoleOf(w.host.vmm.find('netmapvm')!)).toBe('ttyv0');
});

test('the runner records what reached the terminal, and the last status', { timeout: 30_000 }, () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ringside-')), 'pipes.lab'),
    bin = new URL('../bin/ringside.mjs', import.meta.url).pathname;
  writeFileSync(
    file,
    'host# echo a b | wc -w\nhost# false | true\nhost# true | false\nhost# echo x > f; cat f nofile | grep x; (sleep 1; exit 4) | (sleep 2; exit 5)\n' +
      'host# for i in 1 2; do echo $i; done | sort -r\nhost# (sleep 1; echo late) | cat &\nwait\n',
  );
  const once = () =>
    (JSON.parse(spawnSync(process.execPath, [bin, 'run', file, '--json'], { encoding: 'utf8' }).stdout) as RunResult).commands.map((c) => [
      c.output.replace(/^\[1\] \d+\n/, ''),
      c.status,
    ]);
  expect(once()).toEqual([
    ['       2\n', 0],
    ['', 0],
    ['', 1],
    ['cat: nofile: No such file or directory\nx\n', 5],
    ['2\n1\n', 0],
    ['late\n', 0],
  ]);
  expect(once()).toEqual(once());
});

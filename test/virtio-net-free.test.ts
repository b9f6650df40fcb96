// The examples of the copying path by both engines, through the runner: what holds in every run must hold truly in parallel too.
// Nothing is lost or out of order, a copy a packet, no exit that was not a kick, no buffer kept.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';

const bin = new URL('../bin/ringside.mjs', import.meta.url).pathname;

function lab(name: string, engine: string) {
  const file = new URL(`../labs/${name}.lab`, import.meta.url).pathname,
    r = spawnSync(process.execPath, [bin, 'run', file, '--json', '--engine', engine], {
      encoding: 'utf8',
      timeout: 50_000,
      maxBuffer: 1 << 26,
    });
  expect(r.stdout, r.stderr).toMatch(/^\{/);
  const got = JSON.parse(r.stdout) as RunResult;
  expect(got.stalled).toBeUndefined();
  expect(r.status).toBe(0);
  return {
    out: (command: string) => got.commands.filter((c) => c.command.startsWith(command)).map((c) => c.output),
    n: (row: string) => got.counters['vtnet.netmapvm 5:0']?.[row] ?? -1,
    vm: (row: string) => got.counters['vm.netmapvm']?.[row] ?? -1,
  };
}

test.each(['step', 'free'])('VALE, %s engine', { timeout: 60_000 }, (engine) => {
  const { out, n, vm } = lab('virtio-vale', engine);
  for (const text of [out('pkt-gen -i vale0:2 -f rxseq')[0], out('pkt-gen -i vtnet0 -f rxseq')[0]])
    expect(text).toMatch(/Sequence: 400 received, 0 lost, 0 out of order, 0 with wrong content/);
  expect([n('TX packets'), n('TX copies'), n('TX syncs'), n('RX packets'), n('RX copies')]).toEqual([400, 400, 400, 400, 400]);
  expect(n('TX kicks that reached bhyve') + n('RX kicks that reached bhyve')).toBe(vm('QNOTIFY exits to userspace'));
  expect(vm('kicks ended in vmm.ko')).toBe(0);
  expect(n('MSI sent')).toBeLessThan(800);
  expect(out('netstat')[0]).toMatch(/vtnet0 1500 <Link#1> +\S+ +400 +0 +0 +400 +0 +0/);
});

test.each(['step', 'free'])('tap, %s engine', { timeout: 60_000 }, (engine) => {
  const { out, n } = lab('virtio-tap', engine);
  for (const text of out('ping')) expect(text).toContain('4 packets transmitted, 4 packets received, 0.0% packet loss');
  expect([n('TX packets'), n('TX copies'), n('RX packets'), n('RX copies'), n('TX syncs')]).toEqual([9, 9, 9, 9, 0]);
  expect(n('MSI sent')).toBeGreaterThan(9);
});

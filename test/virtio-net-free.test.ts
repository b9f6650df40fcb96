// The examples of the copying path by both engines, through the runner: what holds in every run must hold truly in parallel too.
// Nothing is lost or out of order, a copy a packet, no exit that was not a kick, no buffer kept.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  for (const text of out('ping')) expect(text).toMatch(/(\d) packets transmitted, \1 packets received, 0\.0% packet loss/);
  expect([n('TX packets'), n('TX copies'), n('RX packets'), n('RX copies'), n('TX syncs')]).toEqual([10, 10, 10, 10, 0]); // ARP, five echoes, four answers
  expect(n('MSI sent')).toBeGreaterThan(10);
});

test('to the next kick, the next that is suppressed, the next interrupt of the copying path', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ringside-')), 'next.lab');
  writeFileSync(
    file,
    `host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,vale0:1 -l com1,stdio -A -H -P -m 2G netmapvm &
netmapvm# pkt-gen -i vtnet0 -f tx -n 30 -w 0 &
lab next kick
lab next suppressed
lab next interrupt
lab run
wait
`,
  );
  const r = spawnSync(process.execPath, [bin, 'run', file, '--json'], { encoding: 'utf8', timeout: 50_000, maxBuffer: 1 << 26 }),
    got = JSON.parse(r.stdout) as RunResult,
    said = got.commands.filter((c) => c.command.startsWith('next')).map((c) => c.output);
  expect(said[0]).toContain('vCPU 0 wrote the queue index to QNOTIFY (an exit).');
  expect(said[1]).toContain('vCPU 0 read used.flags of the virtqueue and found 1.');
  expect(said[2]).toContain('vtnet-5:0 tx exchanged irr of the vLAPIC');
});

// The headless runner, as a user runs it: exit statuses, JSON, determinism, stalls; and a loss-free file gives the same
// packets in the same order with the same checksums on both engines.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunResult } from '../src/lab/run.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringside-'));
const bin = new URL('../bin/ringside.mjs', import.meta.url).pathname;
let files = 0;

function run(text: string, ...args: string[]) {
  const file = join(dir, `${files++}.lab`);
  writeFileSync(file, text);
  const r = spawnSync(process.execPath, [bin, 'run', file, ...args], { encoding: 'utf8', timeout: 13_000, maxBuffer: 1 << 26 });
  return { status: r.status, out: r.stdout, err: r.stderr, json: (): RunResult => JSON.parse(r.stdout) as RunResult };
}

const BOOT = `host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm
`;
/** Pipes lose nothing; VALE loses nothing while the receiver is there first and the packets fit its ring. */
const LOSS_FREE = `${BOOT}
host# pkt-gen -i 'vale2}1' -f rxseq -W &
netmapvm# pkt-gen -i vtnet1 -f txseq -n 20000 -w 1
wait
netmapvm# pkt-gen -i vtnet1 -f rxseq -W -w 0 &
host# pkt-gen -i 'vale2}1' -f txseq -n 15000 -w 1
wait
host# pkt-gen -i vale1:2 -f rxseq -W &
netmapvm# pkt-gen -i vtnet0 -f txseq -n 900 -w 1
wait
netmapvm# pkt-gen -i vtnet0 -f rxseq -W -w 0 &
host# pkt-gen -i vale1:2 -f txseq -n 900 -w 1
wait
`;

const sequences = (r: RunResult) =>
  r.commands.flatMap((c) => [...c.output.matchAll(/^Sequence: (.*)$/gm)].map((m) => `${c.command}: ${m[1]}`));
const get = (r: RunResult, group: string, name: string) => r.counters[group]?.[name] ?? 0;

function invariants(r: RunResult) {
  expect(r.stalled).toBeUndefined();
  expect(get(r, 'vm.netmapvm', 'QNOTIFY exits to userspace')).toBe(0);
  expect(get(r, 'lab', 'ownership violations')).toBe(0);
  const ports = Object.keys(r.counters).filter((k) => k.startsWith('port.') && k.endsWith('-PTN'));
  expect(ports.length).toBe(2);
  // every kick is a sync of the guest's, beside the few writes of control registers
  const kicks = get(r, 'vm.netmapvm', 'kicks sent');
  expect(kicks).toBeGreaterThan(0);
  expect(get(r, 'vm.netmapvm', 'kicks ended in vmm.ko')).toBe(kicks);
  expect(kicks).toBeLessThanOrEqual(get(r, 'vm.netmapvm', 'guest syncs'));
}

test('a loss-free file: both engines, same packets, same order, same checksums', { timeout: 60_000 }, () => {
  const step = run(LOSS_FREE, '--json').json();
  const free = run(LOSS_FREE, '--json', '--engine', 'free').json();
  for (const r of [step, free]) {
    const said = sequences(r);
    expect(said.length).toBe(8);
    for (let i = 0; i < 8; i += 2) expect(digest(said[i])).toBe(digest(said[i + 1]));
    for (const s of said.filter((x) => x.includes('received'))) expect(s).toMatch(/ 0 lost, 0 out of order, 0 with wrong content/);
    invariants(r);
  }
  expect(sequences(free)).toEqual(sequences(step));
  expect(get(step, 'port.vale2}1', 'RX packets')).toBe(20_000); // closed by now, its counters stay
  expect(get(step, 'port.vale1:2', 'TX packets')).toBe(900);
  for (const port of ['port.vale1:1-PTN', 'port.vale2{1-PTN', 'port.vale2}1', 'port.vale1:2'])
    for (const n of ['TX packets', 'RX packets', 'TX bytes', 'RX bytes', 'RX dropped (ring full)'])
      expect(get(free, port, n), `${port} ${n}`).toBe(get(step, port, n));
});
const digest = (s: string | undefined) => /digest ([0-9a-f]{16})/.exec(s ?? '')?.[1];

test('rings of any size from 2 slots on lose nothing in a pipe, on both engines', { timeout: 120_000 }, () => {
  const pipe = `${BOOT}host# pkt-gen -i 'vale2}1' -f rxseq -W &
netmapvm# pkt-gen -i vtnet1 -f txseq -n 301 -w 1
wait
netmapvm# pkt-gen -i vtnet1 -f rxseq -W -w 0 &
host# pkt-gen -i 'vale2}1' -f txseq -n 301 -w 1
wait
`;
  for (const slots of ['2', '3', '7', '1000'])
    for (const engine of slots === '3' || slots === '1000' ? ['step', 'free'] : ['step']) {
      const r = run(pipe, '--json', '--slots', slots, '--engine', engine).json(),
        said = sequences(r);
      expect(said.length, `${slots} ${engine}`).toBe(4);
      expect([digest(said[0]), digest(said[2])]).toEqual([digest(said[1]), digest(said[3])]);
      for (const s of said.filter((x) => x.includes('received')))
        expect(s, `${slots} ${engine}`).toMatch(/301 received, 0 lost, 0 out of order, 0 with wrong content/);
      invariants(r);
    }
});

test('on the step engine the same file and seed give the same bytes', { timeout: 60_000 }, () => {
  const a = run(LOSS_FREE, '--seed', '7');
  expect(run(LOSS_FREE, '--seed', '7').out).toBe(a.out);
  expect(a.status).toBe(0);
});

test('what VALE drops at a full receiver is counted there, and the receiver sees the holes', { timeout: 60_000 }, () => {
  // The receiver opens its port, then waits four seconds before it looks at it: its 64-slot ring fills.
  const send = 'netmapvm# pkt-gen -i vtnet0 -f txseq -n 3000 -R 1000 -w 0\nsleep 3\n';
  const open = run(`${BOOT}host# pkt-gen -i vale1:2 -f rxseq -w 4 &\n${send}`, '--json', '--slots', '64').json();
  const got = get(open, 'port.vale1:2', 'RX packets');
  const dropped = get(open, 'port.vale1:2', 'RX dropped (ring full)');
  expect(dropped).toBeGreaterThan(0);
  expect(got + dropped).toBe(3_000);
  expect(get(open, 'port.vale1:1-PTN', 'TX packets')).toBe(3_000);
  const ended = run(
    `${BOOT}host# pkt-gen -i vale1:2 -f rxseq -w 4 &\n${send}host# kill -INT %1\nhost# wait\n`,
    '--json',
    '--slots',
    '64',
  ).json();
  const said = /Sequence: (\d+) received, (\d+) lost, 0 out of order, 0 with wrong content/.exec(ended.commands[2]?.output ?? '');
  expect(Number(said?.[1])).toBe(got);
  expect(Number(said?.[2])).toBe(dropped);
});

test('a bad file is refused with its line, before anything runs', () => {
  for (const [text, line] of [
    ['host# true\nfoo bar\n', 2],
    ['# c\n\nsleep x\n', 3],
    ['host#\n', 1],
    ['sleep -1\n', 1],
    ['host# true\nloader# set hw.lab.bridge_ringsize=1\n', 2],
    ['loader# set hw.lab.bridge_ringsize=1025\n', 1],
    ['loader# set hw.lab.bridge_ringsize=2.5\n', 1],
  ] as const) {
    const r = run(text);
    expect(r.status).toBe(2);
    expect(r.out).toBe('');
    expect(r.err).toContain(`line ${line}:`);
  }
  for (const slots of ['1', '1025', '2.5', 'x']) expect(run('host# true\n', '--slots', slots).status).toBe(2);
  expect(spawnSync(process.execPath, [bin, 'run', join(dir, 'none.lab')]).status).toBe(2);
  expect(spawnSync(process.execPath, [bin, 'run', '--engine', 'warp', 'x']).status).toBe(2);
  expect(spawnSync(process.execPath, [bin]).status).toBe(2);
});

test('statuses: every command 0, or one that is not', () => {
  expect(run('host# true\nhost# echo hello\n').status).toBe(0);
  const bad = run('host# true\nhost# nosuch\n', '--json');
  expect(bad.status).toBe(1);
  expect(bad.json().commands).toEqual([
    { where: 'host', command: 'true', output: '', status: 0 },
    { where: 'host', command: 'nosuch', output: expect.stringContaining('sh: nosuch: not found') as string, status: 127 },
  ]);
  expect(run('host# false &\nwait\n').status).toBe(1);
});

test('a lab that can make no further progress ends with status 1 and says who waits for what', { timeout: 60_000 }, () => {
  const full = run(`${BOOT}netmapvm# pkt-gen -i vtnet1 -f tx -n 5000 -w 0\n`, '--json');
  expect(full.status).toBe(1);
  expect(full.json().stalled).toMatch(/line 3: no further progress: .*pkt-gen.*netmapvm has not ended.*vCPU 0 sleeps on vmidle/);
  expect(run('novm# echo hi\n', '--json').json().stalled).toContain('novm');
  const rx = run('host# pkt-gen -i vale1:1 -f rx &\nwait\nhost# kill -INT %1\nhost# wait\n', '--json');
  expect(rx.status).toBe(0);
  expect(rx.json().commands[0]).toMatchObject({ status: 0, output: expect.stringContaining('Received nothing.') as string });
});

test('lab time: sleep moves the clock, not the wall', () => {
  const r = run('sleep 3600\nhost# sleep 30\n', '--json').json();
  expect(get(r, 'lab', 'clock ns')).toBeGreaterThanOrEqual(3630e9);
  expect(get(r, 'lab', 'clock ns')).toBeLessThan(3631e9);
});

// What a machine that stands still means: idle, the deadlock, a time-out that hides it, an index that is believed or refused.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { labCommand } from '../src/lab/control.ts';
import type { Lab } from '../src/lab/lab.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile, slotsOf } from '../src/lab/run_lines.ts';
import { situation } from '../src/lab/situation.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';

async function ran(text: string): Promise<Lab> {
  const lines = parseFile(text),
    runner = new Runner({ step: wasmFile('step') }, { engine: 'step', seed: 1, slots: slotsOf(lines) ?? 1024, record: true });
  expect((await runner.run(lines)).stalled).toBeUndefined();
  return runner.lab;
}
const file = (name: string, until = '\n# 2. ') =>
  readFileSync(new URL(`../labs/${name}.lab`, import.meta.url), 'utf8').split(until)[0] ?? '';
const BOOT = `loader# set hw.lab.bridge_ringsize=16
host# sysctl dev.lab.sleep_bound=2
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -l com1,stdio -A -H -P -m 2G netmapvm &
`;

test('a deadlock that the explorer finds, with the slots that wait', async () => {
  const lab = await ran(file('explore/tx-full', '\0'));
  const found = labCommand(lab, 'explore');
  expect((await (found.later ?? found)).text).toContain('breaks the promise');
  expect(situation(lab)).toBeUndefined();
  expect(labCommand(lab, 'counterexample').ok).toBe(true);
  expect(situation(lab)).toMatchObject({ kind: 'stuck', packets: 3, why: expect.stringContaining('nm-kthread-1') });
});

test('a port that is open and has nothing to do', async () => {
  const lab = await ran(`${BOOT}netmapvm# pkt-gen -i vtnet0 -f rx -w 0 &\nsleep 3\n`);
  lab.run = 'idle';
  expect(situation(lab)).toMatchObject({ kind: 'idle', thread: 'nm-kthread-1', port: 'vale1:1-PTN' });
  lab.run = 'running';
  expect(situation(lab)).toBeUndefined();
});

test('a tick wakes the worker that a lost kick would have left asleep', async () => {
  const lab = await ran(file('hazard-h1').replace('host# sysctl dev.lab.sleep_bound=2\n', ''));
  let found = situation(lab);
  for (let i = 0; i < 400 && found?.kind !== 'timeout'; i++) {
    lab.step();
    found = situation(lab);
  }
  expect(found).toEqual({ kind: 'timeout', thread: 'nm-kthread-1', bound: 'tick', alone: expect.any(Boolean) });
});

test('an index that 2015 believes', async () => {
  const lab = await ran(file('hazard-h6', '\n# The page opens it here.'));
  expect(situation(lab)).toEqual({ kind: 'nonsense', dir: 'tx', head: 1029, slots: 1024 });
});

test('an index that the prologue refuses, who wrote it and when', async () => {
  const lab = await ran(
    `${BOOT}host# pkt-gen -i vale1:2 -f rx &\nhost# nmsh -c 'open vale9:a; head TX0 21; cur TX0 21; wait 2000; txsync' &\nsleep 1\n`,
  );
  expect(labCommand(lab, 'next prologue').ok).toBe(true);
  const found = situation(lab);
  expect(found).toMatchObject({ kind: 'prologue', index: 21, slots: 16, line: 'TX ring 0 of vale9:a' });
  if (found?.kind === 'prologue') expect(found.words).toContain('head = 21');
  expect(found).toMatchObject({ said: expect.stringMatching(/^h 21 c 21 t \d+ rh \d+ rc \d+ rt \d+ hc \d+ ht \d+$/) });
});

test('an address at which nothing is mapped', async () => {
  const lab = await ran(`${BOOT}host# pkt-gen -i vale1:2 -f rx &\nnetmapvm# pkt-gen -i vtnet0 -f tx -w 0 &\nsleep 0.001\n`);
  const [ring] = lab.state().rings.filter((r) => r.user === 'guest' && r.dir === 'TX');
  if (!ring) throw new Error('no ring');
  const { ringAddr, slots } = ring;
  for (let i = 0; i < slots; i++) lab.deed({ k: 'edit', addr: ringAddr + L.RING_SLOT + i * L.SLOT_SIZE, bytes: 4, value: 0x50000 });
  let found = situation(lab);
  for (let i = 0; i < 2000 && found?.kind !== 'unmapped'; i++) {
    lab.step();
    found = situation(lab);
  }
  expect(found).toMatchObject({ kind: 'unmapped', vm: 'netmapvm', addr: expect.any(Number) });
});

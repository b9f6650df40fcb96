// labs/hazard-*.lab as a user runs them: each schedule shows its hazard, and the same choices without it show nothing.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type RunResult, Runner } from '../src/lab/run.ts';
import { parseFile } from '../src/lab/run_lines.ts';
import { fromFragment, play as playRecording } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { stuck } from '../src/lab/view.ts';
import { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { wasmFile } from './booted.ts';

async function play(name: string, change = (t: string) => t): Promise<RunResult> {
  const text = change(readFileSync(new URL(`../labs/hazard-${name}.lab`, import.meta.url), 'utf8'));
  const r = await new Runner({ step: wasmFile('step') }, { engine: 'step', seed: 1, slots: 1024 }).run(parseFile(text));
  expect(r.stalled).toBeUndefined();
  for (const c of r.commands) if (c.where === 'lab') expect(c.status, `lab ${c.command}: ${c.output}`).toBe(0);
  return r;
}
const answers = (r: RunResult, command: string) =>
  r.commands.filter((c) => c.where === 'lab' && c.command === command).map((c) => c.output.trim());
const packets = (r: RunResult) =>
  r.commands.filter((c) => c.command.startsWith('pkt-gen')).map((c) => /(Sent|Received) \d+ packets \d+ bytes/.exec(c.output)?.[0]);
const NOBODY = 'nobody sleeps while work waits for him';

for (const name of ['h1', 'h2', 'h4'])
  test(`${name}: the worker sleeps beside a full ring`, async () => {
    expect(answers(await play(name), 'stuck')).toEqual([
      'nm-kthread-1 of vale1:1-PTN sleeps on nmk_event while 1023 packets wait in its TX ring.',
      NOBODY,
    ]);
  });

test('h3: the program sleeps beside an empty ring', async () => {
  expect(answers(await play('h3'), 'stuck')).toEqual([
    "a program of netmapvm sleeps in poll while 1023 slots of vtnet0's TX ring have become free.",
    NOBODY,
  ]);
});

test('h3 on the receiving side: the program sleeps beside packets', async () => {
  expect(answers(await play('h3-receive'), 'stuck')).toEqual([
    "a program of netmapvm sleeps in poll while 2 packets wait in vtnet0's RX ring.",
    NOBODY,
  ]);
});

for (const [name, sees] of [
  ['h1', /sleeps on nmk_event while 1023 packets wait/],
  ['h2', /sleeps on nmk_event while 1023 packets wait/],
  ['h3', /have become free/],
  ['h3-receive', /2 packets wait in vtnet0's RX ring/],
  ['h4', /sleeps on nmk_event while 1023 packets wait/],
] as const)
  test(`${name}: the same switch gives revision 2019 the hazard, and -1 takes it away`, async () => {
    const late = (t: string) => t.replace('bhyve -s', 'bhyve -o lab.protocol=2019 -s').replace(/(dev\.lab\.hazard\.H[123])=0/, '$1=-1');
    const [on, off] = answers(await play(name, late), 'stuck');
    expect(on).toMatch(sees);
    expect(off).toBe(NOBODY);
  });

test('h6: the panic of 2015, of one thread; a prologue failure of 2019', async () => {
  const r = await play('h6'),
    dmesg = r.commands.filter((c) => c.command.startsWith('dmesg')).map((c) => c.output);
  expect(dmesg[0]).toMatch(
    /Fatal trap 12: page fault while in kernel mode\n[\s\S]*current process\t\t= 70\d \(nm-kthread-1\)\n[\s\S]*panic: page fault\n/,
  );
  expect(dmesg[0]).toMatch(/lab: a real host would be down now\. The guest stored tx_ring\.head = 1029 /);
  expect(dmesg[1]).not.toMatch(/panic|Fatal/);
  // the dead port is refused, the VM's other port and the next VM's are not
  const guest = r.commands.filter((c) => c.where === 'netmapvm' && c.command.includes('-f tx'));
  expect(guest.map((c) => c.status)).toEqual([1, 0, 0]);
  expect(guest[0]?.output).toMatch(/Unable to open netmap:vtnet0: Input\/output error/);
  expect(r.counters['port.vale1:1-PTN']?.['TX prologues failed']).toBeGreaterThan(0);
  expect(r.counters['vm.netmapvm']?.['protocol revision']).toBe(2019);
});

test('h6 on the receiving side: the other thread of the port dies, and the host receives on', async () => {
  const r = await play('h6', (t) => t.replaceAll('tx_ring.head', 'rx_ring.head')),
    dmesg = r.commands.filter((c) => c.command.startsWith('dmesg')).map((c) => c.output);
  expect(dmesg[0]).toMatch(/current process\t\t= 70\d \(nm-kthread-0\)/);
  expect(dmesg[0]).toMatch(/The guest stored rx_ring\.head = 1029 /);
  expect(dmesg[1]).not.toMatch(/panic/);
  expect(r.commands.filter((c) => c.where === 'netmapvm' && c.command.includes('-f tx')).map((c) => c.status)).toEqual([1, 0, 0]);
});

test('h7: fragments of one packet are cut apart', async () => {
  expect(packets(await play('h7'))).toEqual([
    'Received 3006 packets 2700000 bytes',
    'Sent 3000 packets 2700000 bytes',
    'Received 3000 packets 2700000 bytes',
    'Sent 3000 packets 2700000 bytes',
  ]);
});

test('h10: what was sent is sent again', async () => {
  expect(packets(await play('h10')).map((p) => Number(p?.split(' ')[1]))).toEqual([20300, 20000, 20000, 20000]);
});

/** The machine to which the link leads that a schedule gives with `lab share` at its first moment of that kind. */
async function linked(name: string, before: string): Promise<World> {
  const r = await play(name, (t) => t.replace(`\n${before}`, `\nlab share\n${before}`)),
    link = r.commands.find((c) => c.command === 'share')?.output.trim() ?? '',
    rec = await fromFragment(link.slice(1));
  if (isBad(rec)) throw new Error(rec.error);
  const got = playRecording(rec, (o) => World.create(wasmFile('step'), { shared: false, ...o }));
  if (isBad(got)) throw new Error(got.error);
  return got.world;
}
test.each([
  ['h1', '1023 packets wait in its TX ring'],
  ['h2', '1023 packets wait in its TX ring'],
  ['h3', "1023 slots of vtnet0's TX ring have become free"],
  ['h4', '1023 packets wait in its TX ring'],
])('%s is a recording: a link leads to the moment of its failure', async (name, sees) => {
  expect(stuck(await linked(name, 'lab stuck'))).toContain(sees);
});
test('h6 is a recording: the link leads to the panic', async () => {
  expect((await linked('h6', 'host# dmesg')).tree.host.dmesg).toContain('panic: page fault');
});
test('h10 is a recording: the link leads to the ring that two own', async () => {
  const { m, tree } = await linked('h10', 'lab alone bhyve\nwait'),
    { tx } = tree.host.fds.find((f) => f.name === 'vale1:1-PTN') ?? { tx: 0 },
    inside = Array.from({ length: m.threads }, (_, i) => m.block(i)).filter((b) => m.ld32(b + L.T_POINT) === P.P_VALE_TX_ST_HWCUR);
  expect(inside.length, 'a thread is inside txsync, about to store the nr_hwcur that it read').toBe(1);
  expect(m.ld32(tx + L.KR_NR_BUSY), 'and the kring counts as free').toBe(0);
});

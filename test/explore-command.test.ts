// explore as a command: of the lab, of both machines' shells, and without a screen. What is no question is refused with a
// sentence; the lab goes on meanwhile; Ctrl-C keeps what was found; the moves that were found become a recording.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labCommand } from '../src/lab/control.ts';
import { asked } from '../src/lab/explore/asked.ts';
import type { Lab } from '../src/lab/lab.ts';
import { serve } from '../src/lab/serve.ts';
import { fromFile, play } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { bytes, enter, go, say, told, wasm, withVm } from './sending.ts';

/** A guest about to fill a pipe that nobody empties, without time-outs, and with a kick that can be lost (H4). */
function aboutToSend(slots = 4): Lab {
  const lab = withVm(slots),
    { m } = lab.world;
  enter(lab, 'ttyv1', 'sysctl dev.lab.sleep_bound=2 dev.lab.doorbell=0');
  go(lab, () => m.ld32(L.MACHINE + L.M_SLEEP_BOUND) === L.SB_NONE);
  enter(lab, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0 -b 2');
  told(lab, 'break at PG_TX_TAIL');
  go(lab, () => (lab.world.tree.guests.netmapvm?.threads.length ?? 0) > 0);
  told(lab, 'step 100000');
  return lab;
}
const explore = async (lab: Lab, line: string) => {
  const r = labCommand(lab, line);
  return r.later ?? r;
};

test('what is no question is refused, and says what there is', () => {
  const { world: w } = withVm(4);
  for (const [words, answer] of [
    ['--model x86', 'no memory model "x86"; there are sc, tso, pso'],
    ['--model', 'no memory model ""; there are sc, tso, pso'],
    ['--buffer 2', '--buffer needs --model tso or pso: under sc every store is seen at once'],
    ['--model tso --buffer 9', '--buffer is a number from 1 to 8, not "9"'],
    ['--limit', '--limit is a number from 1 to 100000000, not ""'],
    ['--limit 1e6', '--limit is a number from 1 to 100000000, not "1e6"'],
    ['--memory 4', '--memory is a number from 16 to 960, not "4"'],
    ['--promise', "promise what? As in --promise 'csb.tx_ring.head < 4'"],
    ['--seed 3', '--seed goes with --random or --pct: a search of every schedule draws no lots'],
    ['--take x', '"x" is not a number of moves'],
  ] as const)
    expect(asked(w, words.split(' ')), words).toBe(answer);
  expect(asked(w, ['--promise', 'nonsense', '==', '1'])).toMatch(/^promise “nonsense == 1”: /);
  expect(asked(w, ['--promise', 'changed(csb.tx_ring.head)'])).toMatch(
    /^promise “changed\(csb\.tx_ring\.head\)”: changed\(\) is of a step/,
  );
  expect(asked(w, ['-x'])).toMatch(/^no option "-x" of explore; there are --buffer /);
  expect(asked(w, "--promise 'clock > 0' --no-reduce --model pso --random 5 --seed 9 --pct 2".split(' '))).toMatchObject({
    q: { model: 'pso', buffer: 2, promises: ['clock > 0'], reduce: false },
    lots: { runs: 5, seed: 9, depth: 2 },
  });
  // the machine's own memory model, unless another is asked for
  w.m.st32(L.MACHINE + L.M_TSO, 3);
  expect(asked(w, [])).toMatchObject({ q: { model: 'tso', buffer: 3 } });
  expect(asked(w, ['--model', 'sc'])).toMatchObject({ q: { model: 'sc' } });
});

test('a finding: its sentence, its story, its moves in the recording, and the same bytes again', async () => {
  const lab = aboutToSend(),
    root = lab.world.m.steps,
    was = bytes(lab);
  expect(say(lab, 'counterexample')).toMatchObject({ ok: false, text: 'there is no counterexample; lab explore looks for one' });
  const r = await explore(lab, 'explore --story');
  expect(r).toMatchObject({ ok: false, status: 1 });
  const all = r.text.replace(/\n/g, ' ');
  const n = Number(/^A schedule breaks the promise “no lost wakeup” after (\d+) moves \(sc\): /.exec(all)?.[1]);
  expect(n).toBeGreaterThan(50);
  expect(r.text).toContain('went to sleep on nmk_event.');
  expect(r.text.split('\n').at(-1)).toBe('lab: counterexample makes its moves here');
  expect(Math.max(...r.text.split('\n').map((l) => l.length))).toBeLessThanOrEqual(100);
  expect(bytes(lab)).toEqual(was); // it changed nothing
  // some of them, from elsewhere
  told(lab, 'step 500');
  expect(told(lab, 'counterexample 10')).toMatch(new RegExp(`^step ${root + 10}: 10 of ${n} moves were made\\. `));
  expect(told(lab, 'counterexample')).toMatch(new RegExp(`^step ${root + n}: ${n} of ${n} moves were made\\. `));
  expect(told(lab, 'stuck')).toMatch(/^nm-kthread-1 of \S+ sleeps on nmk_event while \d packets wait in its TX ring\./);
  expect(lab.timeline.entries.slice(-n).every((e) => e.k === 'thread')).toBe(true);
  // back over it and forward again, and on another machine from the recording
  const end = bytes(lab);
  told(lab, `back ${n}`);
  expect(lab.world.m.steps).toBe(root);
  told(lab, `goto ${root + n}`);
  expect(bytes(lab)).toEqual(end);
  const rec = lab.record();
  if (isBad(rec)) throw new Error(rec.error);
  const again = play(
    rec,
    (o) => World.create(wasm.step, { shared: false, ...o }),
    () => true,
  );
  if ('error' in again) throw new Error(again.error);
  expect(told({ world: again.world } as Lab, 'stuck')).toBe(told(lab, 'stuck'));
  expect(again.world.m.steps).toBe(root + n);
});

test('a moment that is in no history any more: a machine as it was takes its place; a memory model goes with the moves', async () => {
  const lab = aboutToSend();
  const r = await explore(lab, 'explore --model tso --buffer 1 --take 3');
  expect(r).toMatchObject({ ok: false, status: 64 });
  expect(await explore(lab, 'explore --model tso --buffer 1 --limit 300000')).toMatchObject({ status: 1 });
  const root = lab.counterexample?.root.step ?? 0;
  lab.reset();
  expect(say(lab, 'counterexample 5').text).toMatch(/^That moment is in no history of this recording: one begins at it/);
  expect(lab.world.m.ld32(L.MACHINE + L.M_TSO)).toBe(1);
  expect(lab.timeline.rootStep).toBe(root);
  expect(lab.timeline.entries[0]).toMatchObject({ k: 'sysctl', name: 'dev.lab.tso', value: 1 });
  const n = lab.counterexample?.found.moves.length;
  expect(say(lab, 'counterexample').text).toContain(`: ${n} of ${n} moves were made.`);
  expect(told(lab, 'stuck')).toMatch(/^nm-kthread-1 of \S+ sleeps on nmk_event while/);
  expect(lab.takeBack()).toBe(true);
});

/** As a page does it: the machine goes on while an answer takes its time. */
async function live(lab: Lab, done: () => boolean) {
  const parked = async () => void lab.park();
  lab.start('step');
  for (let i = 0; i < 20_000 && !done(); i++) {
    const r = lab.timeline.advance(500, lab.world.m.clock + 1e6);
    if (r === 'later') lab.timeline.do({ k: 'clock', ns: lab.world.m.clock + 1e6 });
    while (await serve(lab, parked, (answer) => void answer));
    await new Promise((d) => {
      setTimeout(d, 0);
    });
  }
}
const out = (lab: Lab, tty: string) => (lab.world.tree.host.os.ttys.find((t) => t.id === tty)?.out ?? '').replace(/\r/g, '');

test('typed at a shell: its text and status; the lab goes on meanwhile, and Ctrl-C keeps what was found', { timeout: 30_000 }, async () => {
  const lab = withVm(4);
  enter(lab, 'ttyv1', 'explore --model none; echo status $?');
  await live(lab, () => out(lab, 'ttyv1').includes('status 6'));
  expect(out(lab, 'ttyv1')).toContain('no memory model "none"; there are sc, tso, pso\nstatus 64\n');
  enter(lab, 'ttyv1', 'explore; echo status $?');
  await live(lab, () => /status [012]\n/.test(out(lab, 'ttyv1')));
  expect(out(lab, 'ttyv1')).toMatch(/Every schedule was tried: \d+ states?, \d+ deep, no promise is broken \(sc\)\.\nstatus 0\n/);
  enter(lab, 'ttyv0', 'explore --random 2 --seed 5; echo status $?');
  await live(lab, () => /status \d/.test(out(lab, 'ttyv0')));
  expect(out(lab, 'ttyv0')).toMatch(/No promise is broken in 2 schedules of \d+ moves in all \(drawn by lot, seed 5, sc\);/);
  expect(out(lab, 'ttyv0')).toContain('status 2\n');
  // one that has no end: another terminal answers meanwhile, Ctrl-C ends it
  lab.timeline.do({ k: 'open' });
  enter(lab, 'ttyv1', 'lab explore --random 1000000 --pct 2');
  await live(lab, () => /pct 2\n/.test(out(lab, 'ttyv1')));
  enter(lab, 'ttyv2', 'echo still $((40 + 2))');
  await live(lab, () => out(lab, 'ttyv2').includes('still 42'));
  expect(out(lab, 'ttyv2')).toContain('still 42');
  expect(out(lab, 'ttyv1')).not.toMatch(/pct 2\n.*No promise/s);
  lab.timeline.do({ k: 'input', tty: 'ttyv1', data: '\x03' });
  await live(lab, () => /asked to\)/.test(out(lab, 'ttyv1')));
  expect(out(lab, 'ttyv1').replace(/\n/g, ' ')).toMatch(
    /\^CNo promise is broken in [\d,]+ schedules? of [\d,]+ moves? in all \(drawn by priorities of depth 2, seed 1, sc\) \(stopped because it was asked to\);/,
  );
  enter(lab, 'ttyv1', 'echo status $?');
  await live(lab, () => /status \d+\n[^\n]*$/.test(out(lab, 'ttyv1').slice(-60)));
  expect(out(lab, 'ttyv1').slice(-60)).toContain('status 2\n');
});

test('litmus in a terminal: the table, a test by its name, a file; what is none', async () => {
  const lab = withVm(4),
    was = bytes(lab),
    table = await explore(lab, 'litmus'),
    rows = table.text.split('\n');
  expect(table.ok).toBe(true);
  expect(rows.pop()).toBe(`${rows.length} tests, each as it is published`);
  expect(rows.length).toBe(readdirSync(new URL('../labs/litmus', import.meta.url)).length);
  expect(rows.find((r) => r.startsWith('SB '))).toMatch(/^SB +sc Forbidden +tso Allowed +pso Allowed$/);
  expect(bytes(lab)).toEqual(was);
  expect((await explore(lab, 'litmus MP SB')).text).toContain('MP under pso: Allowed, 4 ends');
  for (const [words, text] of [
    ['none', 'litmus: none: No such file or directory\nlab: litmus without a name lists the tests that there are'],
    ['__proto__', 'litmus: __proto__: No such file or directory\nlab: litmus without a name lists the tests that there are'],
    ['--json', 'usage: litmus [test | file ...]'],
  ])
    expect(await explore(lab, `litmus ${words}`)).toEqual({ ok: false, text, status: 2 });
  // typed, of a file in the guest: what is published of it is wrong
  enter(lab, 'ttyv0', "printf 'X86 T\\nTSO=Forbidden\\n{ x=0; y=0; }\\n P0 | P1 ;\\n MOV [x],$1 | MOV [y],$1 ;\\n' >t");
  enter(lab, 'ttyv0', "printf ' MOV EAX,[y] | MOV EAX,[x] ;\\nexists (0:EAX=0 /\\\\ 1:EAX=0)\\n' >>t; litmus t; echo status $?");
  await live(lab, () => /status \d/.test(out(lab, 'ttyv0').slice(-80)));
  expect(out(lab, 'ttyv0')).toContain('T under tso: Allowed (published: Forbidden), 4 ends');
  expect(out(lab, 'ttyv0').slice(-80)).toContain('status 1\n');
});

const BIN = new URL('../bin/ringside.mjs', import.meta.url).pathname,
  dir = mkdtempSync(join(tmpdir(), 'ringside-explore-'));
function ringside(text: string, ...args: string[]) {
  const file = join(dir, 'x.lab');
  writeFileSync(file, text);
  const r = spawnSync(process.execPath, [BIN, 'explore', file, ...args], { encoding: 'utf8', timeout: 25_000, maxBuffer: 1 << 26 });
  return { status: r.status, out: r.stdout, err: r.stderr };
}
const FILE = `loader# set hw.lab.bridge_ringsize=4
host# sysctl dev.lab.sleep_bound=2
host# sysctl dev.lab.hazard.H1=1
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale1:1{1' -l com1,stdio -A -H -P -m 2G netmapvm &
lab break at PG_TX_TAIL
netmapvm# pkt-gen -i vtnet0 -f tx -b 2 -w 0 &
lab step 5000000
`;

test('ringside explore FILE: verdict, story, the same bytes twice, a recording; its statuses', { timeout: 60_000 }, () => {
  const save = join(dir, 'found.ringside'),
    r = ringside(FILE, '--json', '--save', save);
  expect(r.err).toBe('');
  expect(r.status).toBe(1);
  const j = JSON.parse(r.out) as {
    words: string;
    verdict: { found: { moves: unknown[] }; states: number };
    story: { steps: { matters: boolean }[]; end: string };
    replay: { hash1: string; hash2: string };
    slots: number;
    steps: number;
    question: unknown;
  };
  expect(j).toMatchObject({ file: join(dir, 'x.lab'), seed: 1, slots: 4, question: { model: 'sc' }, status: 1 });
  expect(j.story.steps.length).toBe(j.verdict.found.moves.length);
  expect(j.replay.hash1).toMatch(/^[0-9a-f]{16}$/);
  expect(j.replay).toMatchObject({ hash2: j.replay.hash1, broken: true });
  const rec = fromFile(readFileSync(save, 'utf8'));
  if (isBad(rec)) throw new Error(rec.error);
  expect(rec.step).toBe(j.steps + j.verdict.found.moves.length);
  expect(rec.entries.slice(-j.verdict.found.moves.length).every((e) => e.k === 'thread')).toBe(true);
  const text = ringside(FILE.replace('H1=1', 'H1=0'), '--random', '3', '--seed', '7');
  expect(text).toMatchObject({ status: 2, err: '' });
  expect(text.out.replace(/\n/g, ' ')).toMatch(
    /^No promise is broken in 3 schedules of [\d,]+ moves in all \(drawn by lot, seed 7, sc\); other schedules were not tried\. $/,
  );
  expect(ringside(FILE, '--limit', '0')).toMatchObject({ status: 64, err: 'ringside: --limit is a number from 1 to 100000000, not "0"\n' });
  expect(ringside('nonsense\n').status).toBe(64);
  expect(ringside(FILE, '--limit', '1').out).toMatch(/^No promise is broken in [12] states? /);
  expect(ringside(FILE, '--save', '/nowhere/x')).toMatchObject({ status: 64, err: 'ringside: /nowhere/x: No such file or directory\n' });
});

test('ringside explore FILE --acts all: actions of the control plane are moves; the same bytes twice', { timeout: 60_000 }, () => {
  const file = readFileSync(new URL('../labs/explore/detach.lab', import.meta.url), 'utf8'),
    r = ringside(file.replace(/^host# /m, 'host# sysctl dev.lab.hazard.H20=1\nhost# '), '--acts', 'all', '--json');
  expect(r).toMatchObject({ status: 1, err: '' });
  const j = JSON.parse(r.out) as { verdict: { found: { promise: string; moves: { act?: true }[] } }; replay: { hash1: string } };
  expect(j.verdict.found.promise).toBe('freed');
  expect(j.verdict.found.moves.some((x) => x.act)).toBe(true);
  expect(j.replay).toMatchObject({ hash2: j.replay.hash1, broken: true });
});

test('the free engine, parked again and again', { timeout: 60_000 }, () => {
  const r = ringside(FILE.replace(/^lab .*$/gm, ''), '--free-stress', '5', '--json');
  expect(r).toMatchObject({ status: 2, err: '' });
  expect(JSON.parse(r.out)).toMatchObject({ parks: 5, words: expect.stringContaining('held at 5 parks of the free engine') as string });
  expect(ringside(FILE, '--free-stress', 'x').err).toBe('ringside: --free-stress is a number from 1 to 100000\n');
});

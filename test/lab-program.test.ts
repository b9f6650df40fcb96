// The lab from inside: `lab …` typed in terminals of the host and of a guest, answered by serve() as a page does after
// each slice; what it prints, its exit status, and that a replay gives the same terminals.

import { describe, expect, test } from 'vitest';
import { spawnNode } from '../src/sim/spawn_node.ts';
import type { Lab } from '../src/lab/lab.ts';
import { writtenAt } from '../src/lab/past.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile } from '../src/lab/run_lines.ts';
import { serve } from '../src/lab/serve.ts';
import { fromFragment, play } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { World } from '../src/lab/world.ts';
import { bytes, enter, go, newLab, say, sending, sum, told, wasm, withVm } from './sending.ts';

const parked = (lab: Lab) => async () => {
  lab.park();
};
const out = (lab: Lab, tty = 'ttyv0') => (lab.world.tree.host.os.ttys.find((t) => t.id === tty)?.out ?? '').replace(/\r/g, '');
const last = (lab: Lab, tty = 'ttyv0') =>
  out(lab, tty)
    .split('\n')
    .filter((l) => l.trim())
    .at(-1) ?? '';

/** As a page does it: some steps, then what was asked; until nothing happens any more, or `n` slices. */
async function live(lab: Lab, n = 40) {
  for (let i = 0; i < n; i++) {
    const r = lab.timeline.advance(500, lab.world.m.clock + 1e9);
    while (await serve(lab, parked(lab)));
    if (r !== 'done') {
      lab.timeline.advance(500, lab.world.m.clock + 1e9);
      while (await serve(lab, parked(lab)));
      if (!lab.world.host.os.ready()) return;
    }
  }
}
/** Types keys one by one, with the machine going on between them. */
async function type(lab: Lab, tty: string, text: string) {
  for (const c of text) {
    lab.timeline.do({ k: 'input', tty, data: c });
    lab.timeline.advance(6, lab.world.m.clock + 1e6);
    while (await serve(lab, parked(lab)));
  }
}
async function ready(): Promise<Lab> {
  const lab = newLab();
  lab.timeline.do({ k: 'open' });
  go(lab, () => !lab.world.host.os.ready());
  return lab;
}
/** Types a line at a host's terminal; answers what was printed, and the status. */
async function ask(lab: Lab, line: string, tty = 'ttyv0') {
  const before = out(lab, tty).length;
  enter(lab, tty, line);
  await live(lab);
  const shown = out(lab, tty).slice(before);
  const text = shown.slice(shown.indexOf('\n') + 1, shown.lastIndexOf('\n') + 1);
  enter(lab, tty, 'echo $?');
  await live(lab);
  return { text, status: Number(out(lab, tty).split('\n').at(-2)) };
}

describe('lab, typed at a terminal of the host', () => {
  test('answers what the command answers, and exits 0; an error is a sentence, and exits 1', async () => {
    const lab = await ready();
    const where = await ask(lab, 'lab where');
    expect(where.text).toMatch(/^step \d+, lab clock \d+\.\d{9} s, stopped\n/);
    expect(where.status).toBe(0);
    expect(await ask(lab, 'lab help')).toEqual({ text: `${say(lab, 'help').text}\n`, status: 0 });
    expect(await ask(lab, 'lab')).toMatchObject({ status: 0 });
    expect(await ask(lab, 'lab nonsense')).toEqual({ text: 'no command "lab nonsense"; lab help lists them\n', status: 1 });
    expect(await ask(lab, 'lab goto x')).toEqual({ text: '"x" is not a step\n', status: 1 });
    expect(await ask(lab, 'lab edit nosuch 1')).toMatchObject({ status: 1, text: expect.stringContaining('nosuch') as string });
    expect((await ask(lab, "lab break 'step > 99999999'")).text).toBe('stop point 1\n');
    expect((await ask(lab, 'lab breaks')).text).toBe('1 step > 99999999: met 0 times\n');
    expect(lab.breaks.list.length).toBe(1);
    expect(await ask(lab, 'lab unbreak 1')).toEqual({ text: '', status: 0 });
  });

  test('works in lists of commands', async () => {
    const lab = await ready();
    expect((await ask(lab, 'lab where && echo ok')).text).toMatch(/^step \d+[\s\S]*\nok\n$/);
    expect((await ask(lab, 'lab nonsense || echo not')).text).toMatch(/lists them\nnot\n$/);
    expect((await ask(lab, 'lab nonsense && echo ok; echo end')).text).toMatch(/lists them\nend\n$/);
  });

  test('step, edit and policy do what they say to the machine', async () => {
    const lab = sending();
    lab.timeline.do({ k: 'open' });
    lab.steps(40);
    const before = lab.world.m.steps;
    enter(lab, 'ttyv2', 'lab step 10');
    lab.timeline.advance(8);
    expect(lab.world.asked.length).toBe(1);
    const asked = lab.world.m.steps;
    expect(asked).toBeGreaterThan(before);
    while (await serve(lab, parked(lab)));
    expect(lab.run).toBe('stopped');
    const answer = lab.timeline.entries.at(-1)!;
    expect(answer).toMatchObject({
      k: 'answer',
      status: 0,
      at: asked + 10,
      text: expect.stringMatching(new RegExp(`^step ${asked + 10}: `)) as string,
    });
    expect(last(lab, 'ttyv2')).toContain('~ #');
    enter(lab, 'ttyv2', 'lab edit vtnet1:csb.nifp_offset 321');
    await live(lab, 1);
    expect(say(lab, 'wrote vtnet1:csb.nifp_offset').text).toContain('is 321 now');
    expect(lab.timeline.entries.filter((e) => e.k === 'edit')).toMatchObject([{ value: 321 }]);
  });

  test('back goes back from before the line was typed, whether typed at once or key by key', async () => {
    for (const how of ['at once', 'by keys']) {
      const lab = await ready();
      await ask(lab, 'echo one');
      await live(lab);
      const from = lab.world.m.steps,
        text = out(lab);
      if (how === 'at once') enter(lab, 'ttyv0', 'lab back 3');
      else await type(lab, 'ttyv0', 'lab back 3\r');
      await live(lab, 1);
      expect(lab.world.m.steps, how).toBe(from - 3);
      expect(text.startsWith(out(lab)), how).toBe(true);
      expect(lab.run).toBe('stopped');
    }
  });

  test('goto and undo leave the lab at that step, and the line is a future that can be redone', async () => {
    const lab = await ready();
    await ask(lab, 'echo one');
    const at = lab.world.m.steps - 4;
    lab.goto(at);
    const was = sum(lab.world);
    lab.goto(lab.timeline.end);
    enter(lab, 'ttyv0', `lab goto ${at}`);
    await live(lab, 1);
    expect(lab.world.m.steps).toBe(at);
    expect(sum(lab.world)).toBe(was);
    expect(lab.timeline.end).toBeGreaterThan(at);
  });

  test('share answers with the moment, which opens', async () => {
    const lab = await ready();
    const { text, status } = await ask(lab, 'lab share');
    expect(status).toBe(0);
    const r = await fromFragment(text.replace(/\n/g, ''));
    if (isBad(r)) throw new Error(r.error);
    const p = play(r, (o) => World.create(wasm.step, { shared: false, ...o }));
    if (isBad(p)) throw new Error(p.error);
    lab.goto(r.step);
    expect(sum(p.world)).toBe(sum(lab.world));
  });

  test('two terminals may ask at once; each gets its answer', async () => {
    const lab = await ready();
    enter(lab, 'ttyv0', 'lab where');
    enter(lab, 'ttyv1', 'lab nonsense');
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    expect(lab.world.asked.length).toBe(2);
    await live(lab);
    expect(out(lab, 'ttyv0')).toMatch(/lab where\nstep \d+/);
    expect(out(lab, 'ttyv1')).toMatch(/lab nonsense\nno command "lab nonsense"/);
    for (const tty of ['ttyv0', 'ttyv1']) expect(last(lab, tty)).toMatch(/~ # $/);
    // one goes back to before both were typed: the other's process is no more, and nothing is left waiting
    const from = lab.world.m.steps;
    enter(lab, 'ttyv1', 'lab where');
    enter(lab, 'ttyv0', `lab goto ${from - 5}`);
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    expect(lab.world.asked.map((a) => a.tty).sort()).toEqual(['ttyv0', 'ttyv1']);
    while (await serve(lab, parked(lab)));
    expect(lab.world.m.steps).toBeLessThanOrEqual(from);
    lab.goto(lab.timeline.end);
    for (const tty of ['ttyv0', 'ttyv1']) lab.timeline.do({ k: 'input', tty, data: '\x03' });
    await live(lab);
    for (const tty of ['ttyv0', 'ttyv1']) expect(last(lab, tty)).toMatch(/~ # $/);
  });

  test('Ctrl-C ends one that waits; its answer comes too late and is of no use', async () => {
    const lab = await ready();
    enter(lab, 'ttyv0', 'lab where');
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    const { pid } = lab.world.asked[0]!;
    lab.timeline.do({ k: 'input', tty: 'ttyv0', data: '\x03' });
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    expect(last(lab)).toMatch(/~ # $/);
    const before = bytes(lab);
    while (await serve(lab, parked(lab)));
    expect(bytes(lab)).toEqual(before);
    expect(lab.timeline.entries.some((e) => e.k === 'answer' && e.pid === pid)).toBe(false);
    expect((await ask(lab, 'true; echo $?')).text).toBe('0\n');
    enter(lab, 'ttyv0', 'lab where');
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    lab.timeline.do({ k: 'input', tty: 'ttyv0', data: '\x03' });
    lab.timeline.advance(200, lab.world.m.clock + 1e6);
    lab.world.asked = [];
    enter(lab, 'ttyv0', 'echo $?');
    await live(lab);
    expect(out(lab).split('\n').at(-2)).toBe('130');
  });

  test('a replay gives the same terminals, and asks nobody again', async () => {
    const lab = await ready();
    for (const line of ['lab where && echo ok', 'lab nonsense', 'lab step 3', 'lab policy rr', 'lab branches']) await ask(lab, line);
    const end = bytes(lab),
      n = lab.timeline.entries.length;
    lab.goto(0);
    expect(out(lab)).toBe('');
    while (lab.world.m.steps < end.step) {
      lab.timeline.advance(Math.min(7, end.step - lab.world.m.steps));
      while (await serve(lab, parked(lab)));
    }
    expect(bytes(lab)).toEqual(end);
    expect(lab.timeline.entries.length).toBe(n);
    lab.timeline.replay();
    expect(bytes(lab)).toEqual(end);
  });

  test('while it runs: what only looks lets it run on, what moves it stops it', async () => {
    for (const [line, run] of [
      ['lab where', 'running'],
      ['lab wrote step', 'running'],
      ['lab branches', 'running'],
      ['lab park', 'stopped'],
      ['lab step 2', 'stopped'],
      ['lab back 1', 'stopped'],
      ['lab fork x', 'stopped'],
    ] as const) {
      const lab = await ready();
      lab.start('step');
      lab.typing.input('ttyv0', `${line}\r`);
      for (let t = 0; t < 3 && !lab.world.asked.length; t++) lab.pump(() => false, t * 5);
      expect(lab.world.asked.length, line).toBe(1);
      while (await serve(lab, parked(lab)));
      expect(lab.run === 'idle' ? 'running' : lab.run, line).toBe(run);
    }
  });
});

describe('lab, typed in a guest', () => {
  /** Types a line at the guest's console and lets it be answered. */
  async function inGuest(lab: Lab, line: string) {
    const before = out(lab).length;
    enter(lab, 'ttyv0', line);
    await live(lab, 60);
    return out(lab).slice(before);
  }
  test('answers there, with its status', async () => {
    const lab = withVm();
    await live(lab);
    expect(await inGuest(lab, 'lab where && echo ok')).toMatch(/\nstep \d+, lab clock [\s\S]*vCPU 0: [\s\S]*\nok\n/);
    expect(await inGuest(lab, 'lab nonsense; echo $?')).toMatch(/lists them\n1\n/);
    const asked = lab.timeline.entries.filter((e) => e.k === 'answer');
    expect(asked).toMatchObject([
      { vm: 'netmapvm', status: 0 },
      { vm: 'netmapvm', status: 1 },
    ]);
    const end = bytes(lab);
    lab.timeline.replay();
    expect(bytes(lab)).toEqual(end);
  });

  test('back goes back from before the line was typed, as on the host', async () => {
    const lab = withVm();
    await live(lab);
    const from = lab.world.m.steps,
      text = out(lab);
    enter(lab, 'ttyv0', 'lab back 3');
    await live(lab, 1);
    expect(lab.run).toBe('stopped');
    expect(lab.world.m.steps).toBe(from - 3);
    expect(text.startsWith(out(lab))).toBe(true);
  });

  test('undo takes back what was done before the line', async () => {
    const lab = withVm();
    await live(lab);
    told(lab, 'policy random 3');
    const from = lab.world.m.steps - 1;
    lab.steps(3);
    enter(lab, 'ttyv0', 'lab undo');
    await live(lab, 1);
    expect(lab.world.m.steps).toBe(from);
  });
});

describe('lab, in a file that is run without a screen', () => {
  const file = `host# lab where && echo host
host# lab nonsense
host# lab step 10
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -l com1,stdio -A -H -P -m 2G netmapvm
netmapvm# lab where && echo guest
netmapvm# lab nonsense
host# lab edit vtnet0:csb.nifp_offset 5
`;
  const statuses = [0, 1, 0, 0, null, 0, 1];
  test('on the step engine: the outputs and statuses of the commands', { timeout: 30_000 }, async () => {
    const r = await new Runner(wasm, { engine: 'step', seed: 1, slots: 16 }).run(parseFile(file));
    expect(r.stalled).toBe(undefined);
    expect(r.commands.slice(0, 7).map((c) => c.status)).toEqual(statuses);
    expect(r.commands[0]?.output).toMatch(/^step \d+, [\s\S]*\nhost\n$/);
    expect(r.commands[2]?.output).toMatch(/^step \d+: /);
    expect(r.commands[5]?.output).toMatch(/^step \d+, [\s\S]*\nguest\n$/);
    expect(r.commands[6]?.output).toBe('no command "lab nonsense"; lab help lists them\n');
    const again = await new Runner(wasm, { engine: 'step', seed: 1, slots: 16 }).run(parseFile(file));
    expect(again).toEqual(r);
  });

  test('on the free engine: the same statuses', { timeout: 30_000 }, async () => {
    const runner = new Runner(wasm, { engine: 'free', seed: 1, slots: 16 }, spawnNode(new URL('../build/free.node.mjs', import.meta.url)));
    const r = await runner.run(parseFile(file));
    expect(r.stalled).toBe(undefined);
    expect(r.commands.slice(0, 7).map((c) => c.status)).toEqual(statuses);
    expect(r.commands[0]?.output).toMatch(/^step \d+, [\s\S]*\nhost\n$/);
    expect(r.commands[5]?.output).toMatch(/^step \d+, [\s\S]*\nguest\n$/);
  });
});

test('a line of a terminal is known to the step at which it was written', () => {
  const lab = withVm(),
    out = () => lab.world.host.os.tty('ttyv1')?.out ?? '';
  for (const c of 'echo here it is') lab.typing.input('ttyv1', c);
  lab.typing.input('ttyv1', '\r');
  lab.typing.input('ttyv1', 'x');
  const end = lab.world.m.steps,
    whole = bytes(lab);
  for (const text of ['\nhere it is', 'echo he', 'echo here it is', 'nothing like it', 'xx']) {
    let first: number | undefined;
    for (let s = 0; s <= end && first === undefined; s++) {
      lab.goto(s);
      if (out().includes(text)) first = s;
    }
    lab.goto(end);
    const r = lab.ask((w, t) => writtenAt(w, t, 'ttyv1', text), undefined);
    expect(r, text).toBe(first);
    expect(bytes(lab)).toEqual(whole);
  }
  expect(say(lab, 'written ttyv9 x')).toMatchObject({ ok: false });
  expect(say(lab, 'written ttyv1 echo here')).toMatchObject({ ok: true });
});

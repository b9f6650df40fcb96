// Notes at steps of the recording: kept with it, in its histories, plain text. Predicting: what the next step stores, found by making it.
import { expect, test } from 'vitest';
import { labCommand } from '../src/lab/control.ts';
import { opened, saved } from '../src/lab/files.ts';
import { goOn, keep } from '../src/lab/keep.ts';
import type { Lab } from '../src/lab/lab.ts';
import { foresee } from '../src/lab/predict.ts';
import { Runner } from '../src/lab/run.ts';
import { parseFile } from '../src/lab/run_lines.ts';
import { fromFragment, toFragment } from '../src/lab/share.ts';
import { isBad } from '../src/lab/share_schema.ts';
import { wasmFile } from './booted.ts';

const LINES = `loader# set hw.lab.bridge_ringsize=16
host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -l com1,stdio -A -H -P -m 2G netmapvm &
host# pkt-gen -i vale1:2 -f rx &
netmapvm# pkt-gen -i vtnet0 -f tx -w 0 &
sleep 0.001
`;

async function ran(): Promise<Lab> {
  const lines = parseFile(LINES),
    runner = new Runner({ step: wasmFile('step') }, { engine: 'step', seed: 1, slots: 1024, record: true });
  expect((await runner.run(lines)).stalled).toBeUndefined();
  return runner.lab;
}
const HOSTILE = 'a <img src=x onerror=alert(1)>\u001b]0;x\u0007 b\r\nsecond line\u202e';
const CLEAN = 'a <img src=x onerror=alert(1)> ]0;x  b\nsecond line';

test('a note is plain text, belongs to its history, and travels in files, links and what is kept', async () => {
  const lab = await ran(),
    { notes } = lab.timeline,
    at = lab.world.m.steps;
  expect(notes.set(at, HOSTILE)).toBeUndefined();
  expect(notes.here.map((n) => n.text)).toEqual([CLEAN]);
  lab.back(5);
  expect(labCommand(lab, 'note  the moment   before').ok).toBe(true);
  labCommand(lab, 'fork other');
  lab.step();
  expect(labCommand(lab, 'note elsewhere').ok).toBe(true);
  expect(labCommand(lab, 'notes').text).toBe(`${at - 5} the moment before\n${at - 4} elsewhere`);

  const r = lab.record();
  if (isBad(r)) throw new Error(r.error);
  const back = await fromFragment(await toFragment(r));
  expect(isBad(back) ? back.error : back.notes).toEqual([
    { at: at - 5, text: 'the moment before' },
    { at: at - 4, text: 'elsewhere' },
  ]);
  const file = await saved(lab, 'b', 0);
  const second = await ran();
  expect((await opened(second, file.text, 'b', () => true)).ok).toBe(true);
  expect(second.timeline.notes.list).toEqual(lab.timeline.notes.list);
  expect(goOn(second, keep(lab, 'b', 1, 0), 'b', undefined)).toBeUndefined();
  expect(second.timeline.notes.here.map((n) => n.text)).toEqual(['the moment before', 'elsewhere']);

  expect(lab.switchTo(0)).toBe(true);
  expect(notes.here.map((n) => n.text)).toEqual(['the moment before', CLEAN]);
  expect(labCommand(lab, `unnote ${at}`).ok).toBe(true);
  expect(labCommand(lab, `unnote ${at}`).text).toContain('there is no note');
  expect((await opened(second, file.text.replace(/"history":\d+,"text"/, '"history":77,"text"'), 'b', () => true)).text).toContain(
    'One of its notes is none.',
  );
});

test('what the next step stores is foreseen, for whoever goes and for a chosen thread, and nothing of the machine is changed', async () => {
  const lab = await ran(),
    { m } = lab.world,
    { timeline: t } = lab;
  const whole = () => JSON.stringify([m.statePages().map((p) => [...m.u32.subarray(p * 1024, p * 1024 + 1024)]), lab.world.tree, t.end]);
  let asked = 0;
  for (let i = 0; i < 60 || asked < 5; i++) {
    const before = i % 10 ? undefined : whole(),
      can = lab.state().threads.filter((x) => x.runnable),
      chosen = i % 3 ? undefined : can[i % can.length]?.id,
      seen = foresee(lab, chosen);
    if (before) expect(whole()).toBe(before);
    if (seen) expect(m.ld32(seen.addr)).toBe(seen.was);
    lab.step(chosen);
    if (!seen) continue;
    asked++;
    expect([seen.path, m.ld32(seen.addr)]).toEqual([seen.path, seen.becomes]);
    expect(lab.sentence).toContain(seen.name);
  }
  const end = t.end;
  lab.back(10);
  expect(t.end).toBe(end);
  for (let i = 0; i < 10; i++) {
    const seen = foresee(lab);
    lab.step();
    if (seen) expect(m.ld32(seen.addr)).toBe(seen.becomes);
  }
  expect([t.end, t.branches.length]).toEqual([end, 0]);
});

// The lab's capture of ports: each packet once, where it was, in a file that tshark reads; the run is the same run with it and
// without; bounded, undone and done again with everything else, and given back.

import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { exported } from '../src/lab/exports.ts';
import { labCommand } from '../src/lab/control.ts';
import { Lab } from '../src/lab/lab.ts';
import { Runner } from '../src/lab/run.ts';
import { BadFile, parseFile } from '../src/lab/run_lines.ts';
import { captureFile } from '../src/lab/run_files.ts';
import { hasTshark, readPcapng, sequence, tshark } from './capture_files.ts';
import { wasmFile } from './typed.ts';

const wasm = { step: wasmFile('step'), free: wasmFile('free') };
const START = 'lab capture start vale1:1 vale1:2 vale3{1 vale3}1';

async function ran(text: string, slots = 64) {
  const runner = new Runner(wasm, { engine: 'step', seed: 1, slots }),
    result = await runner.run(parseFile(text));
  expect(result.stalled).toBeUndefined();
  return { lab: runner.lab, result, file: () => readPcapng(captureFile(runner.lab) ?? new Uint8Array()) };
}
const done = (lab: Lab, line: string) => {
  const r = labCommand(lab, line);
  expect(r.text).toBe(r.text);
  if (!r.ok) throw new Error(r.text);
  return r.text;
};
const frames = (lab: Lab) => lab.world.m.ld32(L.MACHINE + L.M_FRAMES);
const PIPE = `host# pkt-gen -i 'vale3}1' -f rxseq -W -w 0 -b 3 &
sleep 0.1
host# pkt-gen -i 'vale3{1' -f txseq -n 200 -w 0
wait`;
const GUEST = `host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -l com1,stdio -A -H -P -m 2G netmapvm &
sleep 3`;

describe('what is in it', () => {
  it('a pipe with few slots and a slow receiver: every frame once each way, with its place', async () => {
    const { file, lab } = await ran(`${START}\n${PIPE}`, 8);
    const { packets, names, stats } = file();
    expect(names).toEqual(['vale1:1', 'vale1:2', 'vale3{1', 'vale3}1']);
    const tx = packets.filter((x) => x.iface === 'vale3{1'),
      rx = packets.filter((x) => x.iface === 'vale3}1'),
      all = Array.from({ length: 200 }, (_, i) => i);
    expect(tx.map((x) => sequence(x.data))).toEqual(all);
    expect(rx.map((x) => sequence(x.data))).toEqual(all);
    expect(tx.every((x) => x.flags === 2) && rx.every((x) => x.flags === 1)).toBe(true);
    tx.forEach((x, i) => {
      expect(x.comment).toMatch(new RegExp(`^TX ring 0 slot ${i % 8} buf \\d+$`));
    });
    rx.forEach((x, i) => {
      // a pipe hands the buffer itself over
      expect(x.comment).toBe(`RX ring 0 slot ${i % 8} buf ${/\d+$/.exec(tx[i]?.comment ?? '')?.[0]}`);
      expect(x.ns).toBeGreaterThanOrEqual(tx[i]?.ns ?? 0);
    });
    expect(packets.every((x, i) => i === 0 || x.ns >= (packets[i - 1]?.ns ?? 0))).toBe(true);
    expect(stats.map((s) => [s.received, s.dropped])).toEqual([
      [0, 0],
      [0, 0],
      [200, 0],
      [200, 0],
    ]);
    const saved = exported(lab, 'capture', 0, 0);
    expect(saved.name).toMatch(/\.pcapng$/);
    expect(saved.bytes).toEqual(captureFile(lab));
    if (hasTshark)
      expect(tshark(saved.bytes ?? new Uint8Array(), ['frame.interface_name', 'frame.comment', 'frame.len'])).toEqual(
        packets.map((x) => `${x.iface}|${x.comment}|${x.len}`),
      );
  });

  it('a port that a guest has passed through, both ways', async () => {
    const { file } = await ran(
      `${START}\n${GUEST}\nhost# pkt-gen -i vale1:2 -f rx -W -w 0 &\nnetmapvm# pkt-gen -i vtnet0 -f txseq -n 300 -w 0\nwait
netmapvm# pkt-gen -i vtnet0 -f rx -W -w 0 &\nsleep 0.2\nhost# pkt-gen -i vale1:2 -f txseq -n 150 -R 10000 -w 0\nwait`,
    );
    const seqs = (iface: string, flags: number) =>
        file()
          .packets.filter((x) => x.iface === iface && x.flags === flags)
          .map((x) => sequence(x.data)),
      upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
    expect(seqs('vale1:1', 2)).toEqual(upTo(300));
    expect(seqs('vale1:2', 1)).toEqual(upTo(300));
    expect(seqs('vale1:2', 2)).toEqual(upTo(150));
    expect(seqs('vale1:1', 1)).toEqual(upTo(150));
  });

  it('slots that name no buffer, or too much, are told and not copied', async () => {
    const { lab, file } = await ran(`${START}\nhost# pkt-gen -i vale1:1 -f tx -w 0 -R 1000 &\nsleep 3`, 8);
    const fd = lab.world.tree.host.fds[0],
      { m } = lab.world,
      ring = m.ld32((fd?.tx ?? 0) + L.KR_RING);
    m.st32(ring + L.RING_SLOT + 2 * L.SLOT_SIZE + L.SLOT_BUF_IDX, 0x7fffffff);
    m.st32(ring + L.RING_SLOT + 5 * L.SLOT_SIZE + L.SLOT_BUF_IDX, 0);
    const before = file().packets.length;
    lab.timeline.advance(200_000, m.clock + 50e6);
    const later = file().packets.slice(before);
    expect(later.length).toBeGreaterThan(20);
    for (const x of later) {
      const bad = /slot [25] /.test(x.comment);
      expect(x.comment.endsWith('the slot names no buffer or is too long: no data')).toBe(bad);
      expect([x.data.length, x.len]).toEqual([bad ? 0 : 60, 60]);
    }
  });
});

describe('what it does to the machine', () => {
  it('nothing but to take memory: the same steps at the same times, the same terminals', async () => {
    const run = async (capture: boolean) => {
      const { lab, result } = await ran(`lab policy random 7\n${capture ? START : 'lab policy random 7'}\n${PIPE}\n${GUEST}`, 8);
      const { m, tree } = lab.world;
      return [m.steps, m.clock, tree.host.os.ttys.map((t) => t.out.replace(/ at 0x[0-9a-f]+/g, '')), result.counters['port.vale3}1']];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('is bounded: what found no room is counted', async () => {
    const { file } = await ran(`lab capture start -B 4 -s 50 vale3{1\n${PIPE}`);
    const { packets, stats } = file();
    expect(packets.length).toBeGreaterThan(20);
    expect(packets.every((x) => x.data.length === 50 && x.len === 60)).toBe(true);
    expect(stats[0]).toEqual({ received: 200, dropped: 200 - packets.length });
  });

  it('back and forth in time it is there as it was; then it is all given back', async () => {
    const { lab } = await ran(`lab where\n${PIPE}`);
    const before = frames(lab),
      origin = lab.world.m.steps;
    done(lab, 'capture start vale3{1 vale3}1');
    expect(frames(lab)).toBeGreaterThan(before + 256);
    lab.timeline.do({ k: 'input', tty: 'ttyv0', data: "pkt-gen -i 'vale3{1' -f tx -n 40 -w 0\r" });
    lab.timeline.advance(100_000, lab.world.m.clock + 1e9);
    done(lab, 'capture stop');
    done(lab, 'capture save /root/x.pcapng');
    const bytes = captureFile(lab),
      end = lab.world.m.steps,
      file = lab.world.tree.host.os.files['/root/x.pcapng'];
    expect(readPcapng(bytes ?? new Uint8Array()).packets).toHaveLength(40);
    expect(file).toHaveLength(bytes?.length ?? 0);
    lab.goto(origin);
    expect(captureFile(lab)).toBeUndefined();
    expect(frames(lab)).toBe(before);
    lab.goto(end);
    expect(captureFile(lab)).toEqual(bytes);
    expect(lab.world.tree.host.os.files['/root/x.pcapng']).toBe(file);
    expect(frames(lab)).toBeLessThan(before + 8);
    for (const a of lab.world.tree.host.adapters)
      for (const kr of lab.world.host.netmap.nas.krings(a.addr)) expect(lab.world.m.ld32(kr + L.KR_MON)).toBe(0);
    done(lab, 'capture clear');
    expect(frames(lab)).toBe(before);
    expect(lab.world.m.ld32(L.MACHINE + L.M_CAPTURE)).toBe(0);
  });

  it.each([
    ['capture', 'nothing is captured'],
    ['capture start', 'capture which ports?'],
    ['capture start em:0', 'bad interface name'],
    ['capture start -B none vale0:1', '-B wants a number'],
    ['capture start vtnet0', "name the host's port"],
    ['capture stop', 'nothing is being captured'],
    ['capture save x', 'nothing was captured'],
    ['capture then', 'there are start, stop, save and clear'],
  ])('lab %s: %s', (line, says) => {
    const lab = new Lab(wasm, { shared: false, seed: 1, slots: 8 }),
      { steps } = lab.world.m;
    expect(labCommand(lab, line).text).toContain(says);
    expect(lab.world.m.steps).toBe(steps);
    expect(() => parseFile(`lab ${line}`)).not.toThrow(BadFile);
  });
});

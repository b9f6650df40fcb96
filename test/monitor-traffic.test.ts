// Monitors that come and go while traffic flows, on both engines; and of a port that a VM passes through. What the port's own
// programs see must be what they see without: a pipe loses nothing, and its receiver checks every number.

import { describe, expect, it } from 'vitest';
import * as L from '../wasm/layout.ts';
import { ran } from './ran.ts';
import { begin, finish, freshLab, pass, run, until, vmWith } from './typed.ts';

const received = (text: string) => Number(/Received (\d+) packets/.exec(text)?.[1] ?? 0);
const INTACT = '0 lost, 0 out of order, 0 with wrong content';

describe('while traffic flows', () => {
  const dumps = ["'vale2}1/r'", "'vale2{1/t'", "'vale2}1/zr'", "'vale2{1/rt'", "'vale2}1/rt'"];
  const FILE = `host# pkt-gen -i 'vale2}1' -f rxseq -w 0 -W &
sleep 0.1
host# pkt-gen -i 'vale2{1' -f txseq -R 30000 -w 0 &
sleep 2.1
${[...dumps, ...dumps].map((d) => `host# tcpdump -q -n -c 40 -w /dev/null -i ${d}`).join('\n')}
host# kill -INT %2
wait
`;
  for (const engine of ['step', 'free'])
    it(`${engine} engine`, { timeout: 60_000 }, () => {
      const got = ran(engine, FILE);
      for (const c of got.commands.filter((x) => x.command.startsWith('tcpdump')))
        expect(c.output, c.command).toContain('40 packets captured');
      const rx = got.commands.find((c) => c.command.includes('rxseq'))?.output ?? '';
      expect(rx).toContain(INTACT);
      expect(received(rx)).toBeGreaterThan(400);
    });

  it('no slot is touched by who does not own it', () => {
    const w = freshLab(64, 4);
    const rx = begin(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rxseq -w 0"),
      tx = begin(w, 'ttyv2', "pkt-gen -i 'vale2{1' -f txseq -n 4000 -R 200000 -w 0");
    pass(w, 2.0002);
    for (const port of ["'vale2}1/r'", "'vale2{1/zt'", "'vale2}1/zr'", "'vale2{1/rt'"]) {
      const m = begin(w, 'ttyv3', `tcpdump -n -c 20 -i ${port}`);
      expect(finish(w, 'ttyv3', m), port).toContain('20 packets captured');
    }
    finish(w, 'ttyv2', tx);
    pass(w, 0.01);
    w.type('ttyv1', '\x03');
    const text = finish(w, 'ttyv1', rx);
    expect(received(text)).toBe(4000);
    expect(text).toContain(INTACT);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
    expect(w.tree.host.adapters).toEqual([]);
  });
});

describe('a port that a VM passes through', () => {
  it('its monitor sees both ways, and leaves the workers as they were', () => {
    const { w } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale0:1', () => {});
    w.openTerminal();
    w.resize('ttyv2', 4000, 24);
    until(w, () => /# $/.test(w.host.os.tty('ttyv2')?.out ?? ''));
    const look = begin(w, 'ttyv1', 'tcpdump -n -i vale0:1/rt');
    pass(w, 0.01);
    run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 30 -w 0');
    run(w, 'ttyv2', 'pkt-gen -i vale0:2 -f tx -n 5 -w 0');
    pass(w, 0.01);
    w.type('ttyv1', '\x03');
    expect(finish(w, 'ttyv1', look)).toContain('35 packets captured');
    const rx = begin(w, 'ttyv2', 'pkt-gen -i vale0:2 -f rx');
    pass(w, 0.01);
    run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 30 -w 0');
    pass(w, 0.01);
    w.type('ttyv2', '\x03');
    expect(received(finish(w, 'ttyv2', rx))).toBe(30);
    // it stays while the port goes
    const orphan = begin(w, 'ttyv1', 'tcpdump -n -i vale0:1/r');
    pass(w, 0.01);
    begin(w, 'ttyv0', 'poweroff');
    expect(finish(w, 'ttyv1', orphan)).toContain('Input/output error');
    expect(w.tree.host.adapters.map((a) => a.name)).toEqual([]);
    expect(w.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });
});

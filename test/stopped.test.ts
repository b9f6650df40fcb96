// Ctrl-Z and SIGCONT reach a program's threads: a stopped pkt-gen sends nothing, and goes on where it was.

import { expect, it } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run, vmWith } from './typed.ts';

const sent = (w: World, targ: number) => w.m.ld64(targ + L.TARG_COUNT);

it('on the host', () => {
  const w = freshLab(16);
  const m = begin(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx');
  pass(w, 0.01);
  const targ = w.tree.host.threads[0]?.targ ?? 0;
  expect(sent(w, targ)).toBeGreaterThan(1000);
  w.type('ttyv0', '\x1a');
  expect(finish(w, 'ttyv0', m)).toMatch(/Suspended/);
  pass(w, 0.001);
  const at = sent(w, targ);
  pass(w, 0.05);
  expect(sent(w, targ)).toBe(at);
  run(w, 'ttyv0', 'bg');
  pass(w, 0.01);
  expect(sent(w, targ)).toBeGreaterThan(at + 1000);
  expect(run(w, 'ttyv0', 'kill %1; wait').status).toBeDefined();
});

it('in a guest', () => {
  const { w } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale0:1');
  begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
  pass(w, 0.05);
  const th = w.tree.guests.netmapvm?.threads[0];
  const targ = w.host.vmm.hostAddress(w.tree.host.vms[0] as never, th?.targ ?? 0) ?? 0;
  expect(sent(w, targ)).toBeGreaterThan(1000);
  const m = begin(w, 'ttyv0', '');
  w.type('ttyv0', '\x1a');
  expect(finish(w, 'ttyv0', m)).toMatch(/Suspended/);
  const at = sent(w, targ);
  pass(w, 0.05);
  expect(sent(w, targ)).toBe(at);
  const more = begin(w, 'ttyv0', 'fg');
  pass(w, 0.02);
  expect(sent(w, targ)).toBeGreaterThan(at);
  w.type('ttyv0', '\x03');
  expect(finish(w, 'ttyv0', more)).toMatch(/Sent \d+ packets/);
});

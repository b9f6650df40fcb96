// Invariants 2 and 7 of facts bhyve 9.4: what streaming costs, and that a wrong command line never gets as far as the VM.

import { describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { stat } from './trail.ts';
import { END, begin, boot, freshLab, pass, run } from './typed.ts';
import { MISTAKES, good, mixed } from './wrong-lines.ts';

interface Case {
  name: string;
  port: string;
  way: 'tx' | 'rx';
  other: string;
  /** Packets a batch, both sides. */
  batch: number;
  /** Of its bhyve. */
  options?: string;
}
const LATE = '-o lab.protocol=2019';
const IX = 'sysctl hw.ix.num_queues=1 dev.netmap.buf_num=16384';
const CASES: Case[] = [
  { name: 'transmit through a pipe', port: 'vale2{1', way: 'tx', other: "pkt-gen -i 'vale2}1' -f rx -w 0", batch: 128 },
  { name: 'receive through a pipe', port: 'vale2{1', way: 'rx', other: "pkt-gen -i 'vale2}1' -f tx -w 0", batch: 128 },
  { name: 'transmit through a VALE port', port: 'vale1:1', way: 'tx', other: 'pkt-gen -i vale1:2 -f rx -w 0', batch: 128 },
  { name: 'receive through a VALE port', port: 'vale1:1', way: 'rx', other: 'pkt-gen -i vale1:2 -f tx -w 0', batch: 128 },
  // at line rate the guest waits for the wire: a batch is what one interrupt has freed, not cut in two by -b
  { name: 'transmit through a NIC', port: 'netmap:ix0', way: 'tx', other: 'pkt-gen -i netmap:ix1 -f rx -w 0', batch: 512 },
  { name: 'receive through a NIC', port: 'netmap:ix0', way: 'rx', other: 'pkt-gen -i netmap:ix1 -f tx -w 0', batch: 128 },
  // later the host leaves the guest's flag, so that an interrupt may come again before the guest has cleared it
  {
    name: 'transmit through a pipe, protocol 2019',
    port: 'vale2{1',
    way: 'tx',
    other: "pkt-gen -i 'vale2}1' -f rx -w 0",
    batch: 128,
    options: LATE,
  },
  {
    name: 'receive through a VALE port, protocol 2019',
    port: 'vale1:1',
    way: 'rx',
    other: 'pkt-gen -i vale1:2 -f tx -w 0',
    batch: 128,
    options: LATE,
  },
];
/** Packets, exits, interrupts and exits to userspace of 20 ms of a stream that has become steady. */
function streamed({ port, way, other, batch, options = '' }: Case) {
  const w = freshLab(1024, 2);
  if (port.includes('ix0')) run(w, 'ttyv1', IX);
  boot(w, 'ttyv0', `bhyve ${options} -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s '2:1,virtio-net,pt${port}' ${END}`);
  begin(w, 'ttyv1', `${other} -b ${batch}`);
  begin(w, 'ttyv0', `pkt-gen -i vtnet0 -f ${way} -w 0 -b ${batch}`);
  pass(w, 0.02); // to a steady state
  const vm = w.host.vmm.find('netmapvm'),
    th = w.tree.guests.netmapvm?.threads[0];
  if (!vm || !th) throw new Error('no guest');
  const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0,
    now = () => [w.m.ld64(targ + L.TARG_COUNT), stat(w, vm, L.STAT_EXITS), stat(w, vm, L.STAT_INTR), stat(w, vm, L.STAT_USERSPACE)],
    from = now();
  pass(w, 0.02);
  const [packets = 0, exits = 0, msi = 0, user = 0] = now().map((x, i) => x - (from[i] ?? 0));
  return { packets, exits, msi, user };
}
describe('2: a stream with batches of at least 64: fewer than one exit and one interrupt in 64 packets', () => {
  test.each(CASES)('$name', (c) => {
    const { packets, exits, msi, user } = streamed(c);
    expect(packets).toBeGreaterThan(20_000);
    expect(exits / packets).toBeLessThan(1 / 64);
    expect(msi / packets).toBeLessThan(1 / 64);
    expect(user).toBe(0); // no console output in this time
  });
  test('and with batches of one it does not hold: it is the batches that pay', () => {
    const { packets, exits, msi } = streamed({ ...(CASES[3] as Case), batch: 1 });
    expect(Math.max(exits, msi) / packets).toBeGreaterThan(1 / 64);
  });
});

describe('7: a duplicate slot, an unknown device, a missing name never reach vm_open', () => {
  test.each(Object.keys(MISTAKES))('%s', (kind) => {
    const w = freshLab(8);
    for (let i = 0; i < 12; i++) {
      const [line, says] = (MISTAKES[kind] as () => [string, RegExp])(),
        a = run(w, 'ttyv0', `bhyve ${line}`);
      expect(a.text, line).toMatch(says);
      expect(a.text, line).not.toMatch(/vm_open/);
      expect(a.status, line).toBe(1);
    }
    const t = w.tree.host;
    expect([t.vms, t.fds, t.mems, t.adapters].map((x) => x.length)).toEqual([0, 0, 0, 0]);
  });
  test('and without a mistake it does', () => {
    const w = freshLab(8),
      a = run(w, 'ttyv0', `bhyve ${mixed(...good(3))} nosuchvm`);
    expect(a.real).toEqual(['vm_open: No such file or directory']);
    expect(a.status).toBe(1);
  });
});

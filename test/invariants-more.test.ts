// Invariants 2 and 7 of facts bhyve 9.4: what streaming costs, and that a wrong command line never gets as far as the VM. And 1,
// 3, 5 and 6 on the free engine, where threads run truly at once: looked at each time it is parked.

import { describe, expect, test } from 'vitest';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import { Lab } from '../src/lab/lab.ts';
import { spawnNode } from '../src/sim/spawn_node.ts';
import * as L from '../wasm/layout.ts';
import { numbers } from './hostile.ts';
import { handlers, indices, memdevs, upPorts } from './invariants.ts';
import { wasm } from './sending.ts';
import { stat } from './trail.ts';
import { begin, boot, finish, freshLab, pass, run, until } from './typed.ts';

describe('2: a stream with batches of 128: fewer than one exit and one interrupt in 64 packets', () => {
  const cases = [
    ['transmit through a pipe', 'vale2{1', 'tx', "pkt-gen -i 'vale2}1' -f rx -w 0"],
    ['receive through a pipe', 'vale2{1', 'rx', "pkt-gen -i 'vale2}1' -f tx -w 0 -b 128"],
    ['transmit through a VALE port', 'vale1:1', 'tx', 'pkt-gen -i vale1:2 -f rx -w 0'],
    ['receive through a VALE port', 'vale1:1', 'rx', 'pkt-gen -i vale1:2 -f tx -w 0 -b 128'],
  ] as const;
  test.each(cases)('%s', (_, port, way, other) => {
    const w = freshLab(1024, 2);
    boot(
      w,
      'ttyv0',
      `bhyve -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s '2:1,virtio-net,pt${port}' -l com1,stdio -A -H -P -m 2G netmapvm`,
    );
    begin(w, 'ttyv1', other);
    begin(w, 'ttyv0', `pkt-gen -i vtnet0 -f ${way} -w 0 -b 128`);
    pass(w, 0.02); // to a steady state
    const vm = w.host.vmm.find('netmapvm'),
      th = w.tree.guests.netmapvm?.threads[0];
    if (!vm || !th) throw new Error('no guest');
    const targ = w.host.vmm.hostAddress(vm, th.targ) ?? 0,
      now = () => [w.m.ld64(targ + L.TARG_COUNT), stat(w, vm, L.STAT_EXITS), stat(w, vm, L.STAT_INTR), stat(w, vm, L.STAT_USERSPACE)],
      from = now();
    pass(w, 0.02);
    const [packets = 0, exits = 0, msi = 0, user = 0] = now().map((x, i) => x - (from[i] ?? 0));
    expect(packets).toBeGreaterThan(20_000);
    expect(exits / packets).toBeLessThan(1 / 64);
    expect(msi / packets).toBeLessThan(1 / 64);
    expect(user).toBe(0); // no console output in this time
  });
});

describe('7: a duplicate slot, an unknown device, a missing name never reach vm_open', () => {
  const r = numbers(41),
    pick = <T>(a: readonly T[]) => a[r(a.length)] as T;
  const DEVICES = ['hostbridge', 'lpc', 'virtio-net,ptvale1:1', 'virtio-net,vale0:1', 'ptnetmap-memdev', 'virtio-net,tap0'];
  const good = (n: number) => Array.from({ length: n }, (_, i) => `-s ${i}:${r(8)},${pick(DEVICES)}`);
  const FLAGS = ['-A', '-H', '-P', '-m 2G', '-c 1', '-l com1,stdio', '-w', '-x'];
  const mixed = (...parts: string[]) => {
    const out: string[] = [];
    for (const p of [...parts, ...FLAGS.filter(() => r(2))]) out.splice(r(out.length + 1), 0, p);
    return out.join(' ');
  };
  const MISTAKES: Record<string, () => [line: string, says: RegExp]> = {
    'a duplicate': () => {
      const slot = 10 + r(20),
        func = r(8);
      return [
        `${mixed(...good(r(4)), `-s ${slot}:${func},${pick(DEVICES)}`, `-s ${slot}:${func},${pick(DEVICES)}`)} nosuchvm`,
        new RegExp(`^pci slot ${slot}:${func} already occupied!$`, 'm'),
      ];
    },
    'an unknown device': () => {
      const name = pick(['virtio-nic', 'e1000', 'ptnet', 'virtio‐net', 'VIRTIO-NET']);
      return [`${mixed(...good(r(4)), `-s 31:${r(8)},${name}`)} nosuchvm`, new RegExp(`unknown device "${name}"`)];
    },
    'no name': () => [mixed(...good(r(5))), /^Usage: bhyve/m],
    'two names': () => [`${mixed(...good(r(5)))} netmapvm another`, /^Usage: bhyve/m],
    'an unknown flag': () => [`${mixed(...good(r(3)), '-z')} nosuchvm`, /illegal option -- z/],
  };
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

describe('1, 3, 5 and 6 where threads run at once: whole each time they are parked, and packets are those that were sent', () => {
  const cases = [
    ['a pipe', "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale2{1'", "pkt-gen -i 'vale2}1' -f rxseq -w 0", 1],
    ['a VALE port', '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1', 'pkt-gen -i vale1:2 -f rxseq -w 0', 1],
    [
      'two ports',
      "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale2{1' -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1",
      "pkt-gen -i 'vale2}1' -f rxseq -w 0",
      2,
    ],
    ['a NIC', '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0', 'pkt-gen -i netmap:ix1 -f rxseq -w 0', 1],
  ] as const;
  test.each(cases)('%s', { timeout: 60_000 }, async (_, slots, receiver, up) => {
    const lab = new Lab(wasm, { shared: true, seed: 1, slots: 64 }, spawnNode(new URL('../build/free.node.mjs', import.meta.url))),
      { world: w } = lab,
      { m } = w;
    lab.timeline.untraced();
    w.openTerminal();
    for (const t of ['ttyv0', 'ttyv1']) w.resize(t, 4000, 24);
    until(w, () => w.tree.host.os.ttys.every((t) => /# $/.test(t.out)));
    if (slots.includes('ix0')) run(w, 'ttyv1', 'sysctl hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000');
    boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc ${slots} -l com1,stdio -A -H -P -m 2G netmapvm`);
    const vm = w.host.vmm.find('netmapvm') as VmEntry,
      guest = w.tree.guests.netmapvm,
      rx = begin(w, 'ttyv1', receiver);
    until(w, () => w.tree.host.threads.length > 0);
    if (up === 2) begin(w, 'ttyv0', 'pkt-gen -i vtnet1 -f rx -w 0 &');
    until(w, () => (guest?.threads.length ?? 0) === up - 1);
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f txseq -w 0 -b 16');
    until(w, () => (guest?.threads.length ?? 0) === up);
    const received = () => m.ld64((w.tree.host.threads[0]?.targ ?? 0) + L.TARG_COUNT);
    const freely = async (is: () => boolean) => {
      lab.start('free');
      for (let i = 0; i < 2000 && !is(); i++) {
        lab.pump(() => false, performance.now());
        await new Promise((f) => setTimeout(f, 2));
      }
      while (!lab.park()) {
        lab.pump(() => false, performance.now());
        await new Promise((f) => setTimeout(f, 1));
      }
      expect(lab.failure).toBe('');
    };
    for (let round = 0, last = 0; round < 12; round++) {
      await freely(() => received() > last + 500);
      expect(received(), `round ${round}`).toBeGreaterThan(last);
      last = received();
      expect(handlers(w) || memdevs(w) || indices(w), `round ${round}`).toBe('');
      expect(upPorts(w).length).toBe(up);
    }
    // no bytes but the swapped slots' went through the pipe: nothing was copied for it
    if (receiver.includes('}'))
      for (const k of upPorts(w).filter((p) => p.kind === 'pipe')) expect(m.ld64(k.fd.tx + L.KR_STAT_COPIES)).toBe(0);
    w.type('ttyv0', '\x03');
    await freely(() => guest?.threads.length === up - 1);
    w.type('ttyv1', '\x03');
    await freely(() => w.tree.host.threads.length === 0);
    const [, lost, wrong] =
      /Sequence: \d+ received, (\d+) lost, 0 out of order, (\d+) with wrong content/.exec(finish(w, 'ttyv1', rx)) ?? [];
    expect(wrong).toBe('0');
    if (receiver.includes('}')) expect(lost).toBe('0');
    // and 5 when it is down
    if (up === 1) until(w, () => upPorts(w).length === 0);
    expect(handlers(w)).toBe('');
    expect(vm.userbufs.length).toBe(up);
    lab.reset(); // its workers end
  });
});

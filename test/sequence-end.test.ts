// How passthrough ends: facts bhyve 9.3, 3.9 and 5.3, netmap 5A.5. The guest closes; the guest resets its device or its machine
// without closing; bhyve is killed; the VM is destroyed.

import { beforeEach, describe, expect, test } from 'vitest';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { type Exit, exitsOf, ptnOf, stat } from './trail.ts';
import { END, begin, boot, finish, freshLab, pass, run, until } from './typed.ts';

const PTCTL = 0x26,
  PTSTS = 0x2a;

describe.each([
  ['2015', 'vale1:1', ''],
  ['2015', 'vale2{1', ''],
  ['2019', 'vale1:1', '-o lab.protocol=2019'],
])('protocol %s, pt%s', (_, port, options) => {
  let w: World, vm: VmEntry, exits: Exit[], io: number, line: number, own: number[], krings: number[];
  const handlers = () =>
    Array.from({ length: 16 }, (_, i) => w.m.ld32(vm.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE + L.IOREGH_TYPE)).filter((t) => t !== 0)
      .length;
  const notifies = () => krings.map((k) => w.m.ld32(k + L.KR_NM_NOTIFY));
  const workers = () =>
    Array.from({ length: w.m.threads }, (_, i) => w.m.block(i)).filter(
      (b) => w.m.ld32(b + L.T_KIND) === L.TK_KTHREAD && w.m.status(b) !== L.TS_FREE,
    ).length;

  beforeEach(() => {
    w = freshLab(16, 2);
    exits = exitsOf(w);
    boot(w, 'ttyv0', `bhyve ${options} -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s '2:1,virtio-net,pt${port}' ${END}`);
    vm = w.host.vmm.find('netmapvm') as VmEntry;
    io = w.tree.guests.netmapvm?.vtnets[0]?.iobase ?? 0;
    const fd = w.tree.host.fds.find((f) => f.name === `${port}-PTN`);
    krings = [fd?.tx ?? 0, fd?.rx ?? 0];
    own = notifies();
    line = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => handlers() === 2 && (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
    expect(notifies().every((n, i) => n !== own[i])).toBe(true);
    expect(workers()).toBe(2);
  });
  /** Nothing of the passthrough is left on the host; the port is still bhyve's. */
  const down = () => {
    expect(handlers()).toBe(0);
    expect(ptnOf(w, port)).toBe(undefined);
    expect(notifies()).toEqual(own);
    expect(workers()).toBe(0);
    expect(w.tree.host.dmesg.at(-1)).toBe(`[${port}-PTN] ptnetmap deleted`);
  };
  const nothing = () => {
    const t = w.tree.host;
    expect([t.ptn, t.fds, t.adapters, t.mems, t.bridges].map((x) => x.length)).toEqual([0, 0, 0, 0, 0]);
    expect(workers()).toBe(0);
  };

  test('the guest closes: UNREGIF in 4 OUTs and 4 INs, handlers gone, threads ended, nm_notify its own again', () => {
    const from = exits.length;
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', line);
    const mine = exits.slice(from).filter((e) => e.port >= io && e.port < io + 64);
    expect(mine.slice(0, 8).map((e) => [e.what, e.port - io, e.value])).toEqual([
      ['out', PTCTL + 3, 0],
      ['out', PTCTL + 2, 0],
      ['out', PTCTL + 1, 0],
      ['out', PTCTL, 11],
      ['in', PTSTS, 0],
      ['in', PTSTS + 1, 0],
      ['in', PTSTS + 2, 0],
      ['in', PTSTS + 3, 0],
    ]);
    // vtnet_init_locked: the device is reset and told everything again
    expect(
      mine.slice(8).map((e) => [e.what, e.port - io, ...(e.what === 'out' && ![8, 4].includes(e.port - io) ? [e.value] : [])]),
    ).toEqual([
      ...[0, 1, 3].map((v) => ['out', 0x12, v]),
      ['in', 0],
      ['out', 4],
      ['out', 0x14, 0],
      ...[0, 1].flatMap((q) => [
        ['out', 0x0e, q],
        ['in', 0x0c],
        ['out', 0x16, q + 1],
        ['in', 0x16],
        ['out', 8],
      ]),
      ['out', 0x12, 7],
    ]);
    down();
    expect(w.tree.host.fds.map((f) => f.name)).toContain(`${port}-PTN`);
  });

  test('after it a kick goes to userspace, as it did before', () => {
    const kick = () => {
      const before = [L.STAT_KICK_KERNEL, L.STAT_USERSPACE].map((i) => stat(w, vm, i));
      w.host.vmm.cpu(vm).out(io + 0x10, 2, 1);
      return [L.STAT_KICK_KERNEL, L.STAT_USERSPACE].map((i, k) => stat(w, vm, i) - (before[k] ?? 0));
    };
    expect(kick()).toEqual([1, 0]);
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', line);
    expect(kick()).toEqual([0, 1]);
  });

  test('it opens and closes again and again: two entries while it is up, none after', () => {
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', line);
    for (let i = 0; i < 20; i++) {
      const l = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
      until(w, () => handlers() > 0);
      expect(handlers()).toBe(2);
      w.type('ttyv0', '\x03');
      finish(w, 'ttyv0', l);
      down();
    }
  });

  test('STATUS = 0 without a close does not end passthrough: reset does not call ptnetmap_down', () => {
    w.host.vmm.cpu(vm).out(io + 0x12, 1, 0);
    pass(w, 0.01);
    expect(handlers()).toBe(2);
    expect(workers()).toBe(2);
    expect(ptnOf(w, port)).not.toBe(undefined);
  });

  test.each([
    ['the reset port', 0xcf9, 1, 6, 0],
    ['power off', 0x404, 2, 0x3400, 1],
  ] as const)('%s without a close: bhyve exits, its descriptor closes, netmap takes all down', (_, at, bytes, value, status) => {
    w.host.vmm.cpu(vm).out(at, bytes, value);
    w.host.vmHold(vm);
    until(w, () => !vm.block);
    nothing();
    expect(vm.userbufs).toEqual([]);
    expect(handlers()).toBe(0);
    until(w, () => /root@host:~ # $/.test(w.host.os.tty('ttyv0')?.out ?? ''));
    expect(finish(w, 'ttyv0', begin(w, 'ttyv0', 'echo $?')).trim()).toBe(String(status));
  });

  test('bhyve is killed with traffic under way: its threads die with it', () => {
    w.type('ttyv0', '\x03');
    finish(w, 'ttyv0', line);
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
    until(w, () => (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
    pass(w, 0.003);
    run(w, 'ttyv1', `kill -9 ${w.host.bhyveOf(vm)?.pid}`);
    until(w, () => !vm.block);
    nothing();
  });

  test('the VM is destroyed: user buffers and handlers are gone with it', () => {
    expect(vm.userbufs.length).toBe(1);
    expect(run(w, 'ttyv1', 'bhyvectl --destroy --vm=netmapvm').status).toBe(0);
    until(w, () => !w.host.vmm.find('netmapvm'));
    nothing();
    expect(w.m.used(vm.vm)).toBe(false);
  });
});

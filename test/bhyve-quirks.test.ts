// The quirks of 2015 that are worth a lesson (facts bhyve 10), each where it shows; and of 1.5 how many memdevs a set of ports needs.
// Where the rows of 10 are held:
//   PTSTS has eight bits                                bhyve-registers.test.ts
//   ptn_memdev_attach's result is ignored               bhyve-layouts.test.ts (layout A), bhyve-layout.test.ts (the fifth VALE port)
//   the error path frees the record, writes through it  bhyve-layouts.test.ts (quirks)
//   misspelt messages, FEATURES                         bhyve-layout.test.ts (the memdev: size, id …)
//   netmap's recv and the header                        virtio-net-device.test.ts (a header of zeros but num_buffers)
//   wakeup() without a lock; a pointer as wait channel; MSI copied at REGIF; ring 0 only; no offloads: here
//   16 handlers, 64 user buffers                        bhyve-registers.test.ts
//   an MSI-X entry read without a check                 bhyve-layouts.test.ts (-W), and here with a table that is not there
//   a spin mutex taken with mtx_lock; the pointer over nr_arg1 to nr_arg3: a kernel without INVARIANTS shows neither (docs/SOURCES.md)
// Of 1.4, what nobody can come to in the lab, and so is no test: whoever types is root, every exit code has its handler, and all
// addresses below 4 GiB are RAM, a device or the hole.

import { beforeAll, describe, expect, test } from 'vitest';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { Hand, ptnOf, stat } from './trail.ts';
import { END, begin, boot, finish, freshLab, pass, run, until, vmWith } from './typed.ts';

const PT = '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1';
const up = (w: World, port: string) => {
  const p = ptnOf(w, port);
  if (!p) throw new Error(`${port} is not up`);
  return p;
};

describe('wakeup() without a lock: the kicks that come before the worker sleeps are lost, up to the bound of its sleep', () => {
  /** All that the guest has to send is published, every kick of it is lost, both sides sleep; ns until the worker looks again. */
  const stalled = (bound: number): { ns: number; lost: number; sent: number } => {
    const { w, vm } = vmWith(PT),
      { m } = w;
    m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
    const guest = w.tree.guests.netmapvm;
    for (let i = 0; i < 200_000 && !guest?.threads.length; i++) w.advance(1);
    m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
    const p = up(w, 'vale1:1'),
      hand = new Hand(w);
    hand.settle(p.rxBlock, p.txBlock);
    m.st32(L.MACHINE + L.M_SLEEP_BOUND, bound);
    m.wakeup(m.ld32(p.txKth + L.NMK_COOKIE));
    hand.run(p.txBlock, (s) => s.point === P.P_NMK_LOCK_TEST && m.ld32(p.txBlock + L.T_PKIND) === L.ACC_SLEEP);
    const before = stat(w, vm, L.STAT_WAKEUP_LOST);
    hand.run(vm.block);
    const lost = stat(w, vm, L.STAT_WAKEUP_LOST) - before;
    hand.run(p.txBlock);
    expect([m.status(p.txBlock), m.status(vm.block)]).toEqual([L.TS_ASLEEP, L.TS_ASLEEP]);
    const hwcur = () => m.ld32(m.ld32(p.pts + L.PTN_CSB) + L.CSB_TX_RING + L.PTR_HWCUR),
      from = m.ld64(p.txBlock + L.T_VTIME);
    expect(hwcur()).toBe(0);
    for (let i = 0; i < 10_000 && hwcur() === 0; i++) w.advance(1, m.clock + 1e7);
    return { ns: m.ld64(p.txBlock + L.T_VTIME) - from, lost, sent: hwcur() };
  };
  test('bounded by a second (2016)', () => {
    const { ns, lost, sent } = stalled(L.SB_1S);
    expect(lost).toBeGreaterThan(0);
    expect(sent).toBeGreaterThan(0);
    expect(ns).toBeGreaterThanOrEqual(1e9);
    expect(ns).toBeLessThan(1.01e9);
  });
  test('an absolute time that is past (2015): as good as polling', () => {
    const { ns, lost } = stalled(L.SB_ABSOLUTE);
    expect(lost).toBeGreaterThan(0);
    expect(ns).toBeGreaterThanOrEqual(L.CALLOUT_TICK_NS);
    expect(ns).toBeLessThan(3 * L.CALLOUT_TICK_NS);
  });
});

test('a user pointer as wait channel: where two VMs have the same, a kick of one is a spurious run of the other’s worker', () => {
  const w = freshLab(8, 3),
    { m } = w;
  for (const [tty, name, port] of [
    ['ttyv0', 'a', 'vale1:1'],
    ['ttyv1', 'b', 'vale1:2'],
  ] as const) {
    boot(
      w,
      tty,
      `bhyve -s 0,hostbridge -s 1,lpc -s 2:0,ptnetmap-memdev -s 2:1,virtio-net,pt${port} -l com1,stdio -A -H -P -m 2G ${name}`,
      name,
    );
    begin(w, tty, 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => ptnOf(w, port) !== undefined);
  }
  m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
  pass(w, 0.01);
  const a = w.host.vmm.find('a') as VmEntry,
    b = w.host.vmm.find('b') as VmEntry,
    [pa, pb] = [up(w, 'vale1:1'), up(w, 'vale1:2')];
  // without address space randomisation two bhyves may well have their vqueue at one address
  const cookie = m.ld32(pa.txKth + L.NMK_COOKIE);
  for (let i = 0; i < 16; i++) {
    const h = b.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE;
    if (m.ld32(h + L.IOREGH_ARG) === m.ld32(pb.txKth + L.NMK_COOKIE)) m.st32(h + L.IOREGH_ARG, cookie);
  }
  m.st32(pb.txKth + L.NMK_COOKIE, cookie);
  m.st32(pb.txBlock + L.T_WCHAN, cookie);
  const runs = () => [pa, pb].map((p) => m.ld64(p.txKth + L.NMK_STAT_RUN)),
    csb = () => [L.CSB_TX_RING, L.CSB_RX_RING].flatMap((r) => [0, 4, 8, 12].map((o) => m.ld32(m.ld32(pb.pts + L.PTN_CSB) + r + o))),
    was = [runs(), csb(), stat(w, b, L.STAT_INTR)] as const;
  w.host.vmm.cpu(a).out((w.tree.guests.a?.vtnets[0]?.iobase ?? 0) + 0x10, 2, 1);
  pass(w, 0.001);
  expect(runs().map((n, i) => n - (was[0][i] ?? 0))).toEqual([1, 1]);
  expect([csb(), stat(w, b, L.STAT_INTR)], 'nothing else of b moved').toEqual([was[1], was[2]]);
});

test('the MSI is copied at REGIF: a vector that the guest moves afterwards is not seen until the next', () => {
  const { w, cpu, bars } = vmWith(PT),
    { m } = w,
    table = Number(bars('2:1')[1]?.split(' ')[1]),
    open = () => {
      const at = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
      until(w, () => ptnOf(w, 'vale1:1') !== undefined && (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
      return at;
    },
    copied = () => m.ld64(up(w, 'vale1:1').rxKth + L.NMK_MSI_MSG);
  const at = open(),
    first = copied();
  expect(cpu.mmioRead(table + 16 + 8)).toBe(first);
  cpu.mmioWrite(table + 16 + 8, first + 1);
  expect(copied()).toBe(first);
  const sent = stat(w, w.host.vmm.find('netmapvm') as VmEntry, L.STAT_INTR);
  run(w, 'ttyv1', 'pkt-gen -i vale1:2 -f tx -n 3 -w 0');
  pass(w, 0.01);
  expect(stat(w, w.host.vmm.find('netmapvm') as VmEntry, L.STAT_INTR)).toBeGreaterThan(sent);
  expect(copied()).toBe(first);
  w.type('ttyv0', '\x03');
  expect(finish(w, 'ttyv0', at), 'the old vector still has its handler here').toContain('Received 3 packets');
  open();
  expect(copied()).toBe(first + 1);
});

describe('only ring 0 of a NIC with two is used', () => {
  test.each([
    ['2015', 2],
    ['2019', 3],
  ])('revision %s takes ring %i of the port for its RX ring', (revision, nth) => {
    const { w } = vmWith(`-o lab.protocol=${revision} -s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0`, (x) => {
      run(x, 'ttyv0', 'sysctl hw.ix.num_queues=2 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=8192');
    });
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
    const g = w.tree.guests.netmapvm,
      vm = w.host.vmm.find('netmapvm') as VmEntry,
      at = (gpa: number) => w.host.vmm.hostAddress(vm, gpa) ?? 0,
      th = g?.threads[0],
      fd = w.tree.host.fds[0],
      rx = at(w.m.ld32(w.m.ld32(at(th?.td ?? 0) + L.TD_RX) + L.KR_RING));
    // two TX rings, the host's, then the RX rings
    const of = [
      w.host.netmap.nas.kring(fd?.na ?? 0, true, 0),
      w.host.netmap.nas.kring(fd?.na ?? 0, true, 1),
      w.host.netmap.nas.kring(fd?.na ?? 0, true, 2),
      w.host.netmap.nas.kring(fd?.na ?? 0, false, 0),
    ].map((k) => w.m.ld32(k + L.KR_RING));
    expect(rx).toBe(of[nth]);
  });
  const lab = () =>
    vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0', (x) => {
      run(x, 'ttyv0', 'sysctl hw.ix.num_queues=2 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=8192');
    });
  test('whatever is sent and received, the others’ rings are never synced', () => {
    const { w } = lab(),
      fd = w.tree.host.fds[0],
      syncs = () =>
        [true, false].map((tx) => [0, 1].map((i) => w.m.ld64(w.host.netmap.nas.kring(fd?.na ?? 0, tx, i) + L.KR_STAT_SYNC) > 0));
    begin(w, 'ttyv1', 'pkt-gen -i netmap:ix1 -f rx -w 0');
    expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -n 100').status).toBe(0);
    w.type('ttyv1', '\x03');
    pass(w, 0.1);
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
    // addresses that RSS spreads over both queues
    expect(run(w, 'ttyv1', 'pkt-gen -i netmap:ix1 -f tx -w 0 -n 200 -s 10.0.0.1:1000-10.0.0.1:1100').status).toBe(0);
    expect(syncs()).toEqual([
      [true, false],
      [true, false],
    ]);
    const q = (i: number) => w.host.netmap.nas.kring(fd?.na ?? 0, false, i);
    expect(
      [0, 1].map((i) => w.m.ld32(w.m.ld32(q(i) + L.KR_HW) + L.NICQ_RDH) > 0),
      'frames came to both',
    ).toEqual([true, true]);
  });
});

test('no offloads in passthrough: what the guest negotiates gives its port no header', () => {
  const { w, cpu } = vmWith(PT),
    io = w.tree.guests.netmapvm?.vtnets[0]?.iobase ?? 0;
  cpu.out(io + 4, 4, 0xffffffff);
  expect(cpu.in(io + 4, 4)).toBe(0x03018020);
  expect(w.m.ld32((w.tree.host.fds[0]?.na ?? 0) + L.NA_VIRT_HDR_LEN)).toBe(0);
});

test('an MSI-X table that did not fit: one vector, and what REGIF copies is no message', () => {
  const { w, bars } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0', (x) => {
    run(x, 'ttyv0', 'sysctl hw.ix.num_queues=1 dev.netmap.buf_num=163840');
  });
  expect(bars('2:1')).toEqual(['io 0x2040 64']);
  begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
  until(w, () => ptnOf(w, 'netmap:ix0') !== undefined || w.tree.host.ptn.length > 0);
  const p = w.tree.host.ptn[0];
  expect(
    [p?.txKth, p?.rxKth].map((k) => w.m.ld64((k ?? 0) + L.NMK_MSI_ADDR)),
    'not 0xfee…: VM_LAPIC_MSI refuses it',
  ).toEqual([0, 0]);
  pass(w, 0.05);
  expect(stat(w, w.host.vmm.find('netmapvm') as VmEntry, L.STAT_INTR)).toBe(0);
});

describe('as many memdevs as there are allocators among the pt ports (1.5)', () => {
  let w: World;
  beforeAll(() => {
    w = freshLab(8, 2);
    run(w, 'ttyv1', 'sysctl hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=8192');
  });
  test.each([
    [['ptnetmap:ix0', 'ptnetmap:ix1'], 1],
    [['ptvale1:1', 'ptvale1:2'], 2],
    [['ptvale2{1', 'ptvale2}1'], 1],
    [['ptvale2{1', 'ptvale2{2'], 1],
    [['ptnetmap:ix0', 'ptvale1:1'], 2],
    [['vale0:1'], 0],
  ] as const)('%s: %i', (ports, need) => {
    const devices = ports.map((p, i) => `-s '${i + 2},virtio-net,${p}'`),
      start = (memdevs: number) => {
        boot(
          w,
          'ttyv0',
          `bhyve -s 0,hostbridge -s 1,lpc ${devices.join(' ')} ${[...Array(memdevs)].map((_, i) => `-s ${i + 10},ptnetmap-memdev`).join(' ')} ${END}`,
        );
        const g = w.tree.guests.netmapvm,
          status = ports.map((_, i) => run(w, 'ttyv0', `pkt-gen -i vtnet${i} -f tx -n 3 -w 0`).status),
          paired = g?.memdevs.filter((d) => d.size > 0).length;
        finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
        run(w, 'ttyv1', 'bhyvectl --destroy --vm=netmapvm');
        return [paired, status] as const;
      };
    const pt = ports[0].startsWith('pt');
    const [paired, status] = start(need);
    expect(paired).toBe(need);
    expect(status).toEqual(ports.map(() => 0));
    if (pt) expect(start(need + 1)[0], 'one more stays without memory').toBe(need);
    if (need > 1) expect(start(need - 1)[1], 'one fewer: the last allocator is not mapped').toEqual([0, 1]);
  });
});

// What the lab adds to bhyve and the kernels, as it is used: -o lab.protocol, lab.doorbell, their messages; the exits that -H and
// -P ask for, as bhyvectl --get-stats has them; attaching and MSI-X rewriting as chains of steps (facts bhyve 5.1, 5.3, 6.6, netmap 5C).

import { describe, expect, test } from 'vitest';
import { USAGE } from '../src/host/bhyve/options.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { stat } from './trail.ts';
import { begin, boot, finish, freshLab, pass, run, since, until } from './typed.ts';

const line = (o: string, ports = 'ptvale2{1', vm = 'netmapvm', hp = '-H -P') =>
  `bhyve ${o} -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,${ports}' -l com1,stdio -A ${hp} -m 2G ${vm}`;
function lab(o: string, ports?: string, hp?: string) {
  const w = freshLab(64, 3);
  boot(w, 'ttyv0', line(o, ports, 'netmapvm', hp));
  return { w, vm: w.host.vmm.find('netmapvm') as VmEntry };
}
/** The table of bhyvectl --get-stats. */
const stats = (w: World, vm = 'netmapvm') =>
  new Map(
    run(w, 'ttyv1', `bhyvectl --vm=${vm} --get-stats`)
      .real.slice(1)
      .map((l) => l.split('\t') as [string, string])
      .map(([k, v]) => [k.trimEnd(), Number(v)]),
  );

describe('-o', () => {
  test.each([
    ['lab.protocol=2018', 'lab.protocol is 2015 or 2019, not "2018".'],
    ['lab.doorbell=bell', 'lab.doorbell is kwevents, condsignal, fd, not "bell".'],
    ['lab.doorbell=', 'lab.doorbell is kwevents, condsignal, fd, not "".'],
    ['lab.txpoll=2', 'lab.txpoll is 0 or 1, not "2".'],
    ['virtio_msix=0', 'bhyve of 2015 has no -o. The lab takes'],
  ])('%s: the usage of 2015, status 1', (o, why) => {
    const a = run(freshLab(8, 1), 'ttyv0', `bhyve -o ${o} -s 0,hostbridge netmapvm`);
    expect([a.status, a.real.join('\n')]).toEqual([1, `bhyve: illegal option -- o\n${USAGE}`.trimEnd()]);
    expect(a.lab.join('\n')).toContain(why);
  });

  test('two VMs of two revisions on one switch; each says which, and they understand each other', () => {
    const w = freshLab(64, 3);
    boot(w, 'ttyv0', line('-o lab.protocol=2019', 'ptvale1:1', 'new'), 'new');
    boot(w, 'ttyv1', line('', 'ptvale1:2', 'old'), 'old');
    expect(run(w, 'ttyv2', 'sysctl dev.lab.vm').text).toBe('dev.lab.vm.new.protocol: 2019\ndev.lab.vm.old.protocol: 2015\n');
    expect(run(w, 'ttyv2', 'sysctl dev.lab.vm.new.protocol=2015').status).toBe(1);
    expect(run(w, 'ttyv0', 'dmesg').text).toContain('lab: vtnet0: passthrough of protocol revision 2019');
    expect(run(w, 'ttyv1', 'dmesg').text).not.toContain('protocol revision');
    for (const [from, to] of [
      ['ttyv0', 'ttyv1'],
      ['ttyv1', 'ttyv0'],
    ] as const) {
      const m = begin(w, to, 'pkt-gen -i vtnet0 -f rxseq -w 0 -W');
      until(w, () => since(w, to, m).includes('reading from'));
      expect(run(w, from, 'pkt-gen -i vtnet0 -f txseq -n 60 -w 0').text).toContain('Sent 60 packets');
      expect(finish(w, to, m)).toContain('Sequence: 60 received, 0 lost, 0 out of order, 0 with wrong content');
    }
    // a machine that is begun again without the option is of 2015
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'poweroff'));
    boot(w, 'ttyv0', line('', 'ptvale1:1', 'new'), 'new');
    expect(run(w, 'ttyv2', 'sysctl -n dev.lab.vm.new.protocol').text).toBe('2015\n');
  });
});

describe.each([
  ['kwevents', L.VM_IO_REGH_KWEVENTS],
  ['condsignal', L.VM_IO_REGH_CONDSIGNAL],
  ['fd', L.VM_IO_REGH_FD],
])('the doorbell %s', (name, type) => {
  test('kicks end in the kernel, everything arrives', () => {
    const { w, vm } = lab(`-o lab.doorbell=${name}`),
      counts = () => [L.STAT_KICK_KERNEL, L.STAT_QNOTIFY_USER].map((i) => stat(w, vm, i)),
      [kicks = 0, user = 0] = counts();
    const rx = begin(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rxseq -w 0");
    until(w, () => since(w, 'ttyv1', rx).includes('reading from'));
    const tx = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f txseq -n 3000 -b 16 -w 0');
    until(w, () => w.tree.host.ptn.length === 1);
    const types = Array.from({ length: 16 }, (_, i) => w.m.ld32(vm.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE + L.IOREGH_TYPE));
    expect(types.filter((t) => t)).toEqual([type, type]);
    finish(w, 'ttyv0', tx);
    const now = counts();
    expect((now[0] ?? 0) - kicks).toBeGreaterThan(3);
    expect(now[1]).toBe(user);
    w.type('ttyv1', '\x03');
    expect(finish(w, 'ttyv1', rx)).toContain('Sequence: 3000 received, 0 lost, 0 out of order, 0 with wrong content');
  });

  test('what a kick leaves behind for a worker that is awake: nothing, its counter, or the count of a descriptor', () => {
    const { w, vm } = lab(`-o lab.doorbell=${name}`),
      { m } = w;
    begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0');
    until(w, () => w.tree.host.ptn.length === 1 && (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
    const p = w.tree.host.ptn[0],
      io = w.tree.guests.netmapvm?.vtnets[0]?.iobase ?? 0;
    if (!p) throw new Error('the port is not up');
    until(w, () => m.status(p.txBlock) === L.TS_ASLEEP);
    m.setStatus(p.txBlock, L.TS_READY); // awake, and not yet there
    const efd = m.ld32(p.txKth + L.NMK_EFD),
      left = () => [m.ld32(p.txKth + L.NMK_SCHEDULED), efd && m.ld32(efd + L.EFD_COUNT)];
    expect(left()).toEqual([0, 0]);
    w.host.vmm.cpu(vm).out(io + 16, 2, 1);
    expect(left()).toEqual({ kwevents: [0, 0], condsignal: [1, 0], fd: [0, 1] }[name]);
    pass(w, 0.01);
    expect(left(), 'it has been heard').toEqual([0, 0]);
  });
});

describe('exits', () => {
  test('--get-stats: the 24 names in their order, %-40s and a tab; a CPU that did nothing', () => {
    const { w } = lab('');
    const a = run(w, 'ttyv1', 'bhyvectl --vm=netmapvm --get-stats').text.split('\n');
    expect(a[0]).toBe('vcpu0');
    expect(a.slice(1, -1).every((l) => /^.{40,}\t\d+$/.test(l))).toBe(true);
    expect(a.slice(1, -1).map((l) => l.split('\t')[0]?.trimEnd())).toMatchObject({ 1: 'total number of vm exits', length: 24 });
    expect(run(w, 'ttyv1', 'bhyvectl --vm=netmapvm --cpu=1 --get-stats').text).toMatch(/^vcpu1\n(.{40,}\t0\n){24}$/);
  });

  test('-H: HLT is an exit and the CPU sleeps; without it neither, and the guest works all the same', () => {
    for (const [hp, is] of [
      ['-H -P', true],
      ['-P', false],
    ] as const) {
      const { w, vm } = lab('', undefined, hp),
        at = w.m.clock,
        slept = w.m.ld64(vm.block + L.T_STAT_SLEPT);
      pass(w, 0.2);
      run(w, 'ttyv0', ':'); // it is counted when a sleep ends
      const s = stats(w);
      expect((s.get('number of times hlt was intercepted') ?? 0) > 0, hp).toBe(is);
      const idle = (w.m.ld64(vm.block + L.T_STAT_SLEPT) - slept) / (w.m.clock - at);
      if (is) expect(idle).toBeGreaterThan(0.9);
      else expect(idle).toBe(0);
      expect(run(w, 'ttyv1', 'bhyvectl --vm=netmapvm --getcap --capname=hlt_exit').text).toBe(
        `Capability "hlt_exit" is ${is ? 'set' : 'not set'} on vcpu 0\n`,
      );
      const rx = begin(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rxseq -w 0 -W");
      until(w, () => since(w, 'ttyv1', rx).includes('reading from'));
      expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f txseq -n 500 -w 0').status).toBe(0);
      expect(finish(w, 'ttyv1', rx)).toContain('Sequence: 500 received, 0 lost');
    }
  });

  test('-P: the second that a restart waits in DELAY(9) is a loop of PAUSE, each an exit to userspace', () => {
    for (const [hp, is] of [
      ['-H -P', true],
      ['-H', false],
    ] as const) {
      const { w } = lab('', undefined, hp),
        name = 'number of times pause was intercepted',
        user = 'number of vm exits handled in userspace',
        before = stats(w);
      expect(before.get(name)).toBe(0);
      const at = w.m.clock;
      begin(w, 'ttyv0', 'reboot');
      until(w, () => !w.host.vmm.find('netmapvm')?.block);
      expect(w.m.clock - at).toBeGreaterThan(1e9);
      const after = stats(w),
        n = (after.get(name) ?? 0) - (before.get(name) ?? 0);
      expect(n > 100_000, hp).toBe(is);
      expect((after.get(user) ?? 0) - (before.get(user) ?? 0) > n, hp).toBe(true);
      if (!is) expect(n).toBe(0);
      run(w, 'ttyv0', 'bhyveload -m 2G -d mfsroot.img netmapvm');
      expect(Math.max(...stats(w).values()), 'loaded again, it counts anew').toBe(0);
    }
  });
});

describe('chains of steps', () => {
  test('H17: vectors that are moved while the port is up: its interrupts go to the old ones until it is opened again', () => {
    const { w } = lab('', 'ptvale1:1');
    const send = () => expect(run(w, 'ttyv1', 'pkt-gen -i vale1:2 -f txseq -n 20 -w 0').text).toContain('Sent 20 packets');
    let m = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rxseq -w 0 &');
    until(w, () => since(w, 'ttyv0', m).includes('reading from'));
    const old = Number(run(w, 'ttyv0', 'sysctl -n dev.lab.vtnet.0.vector').text.trim());
    expect(run(w, 'ttyv0', `sysctl dev.lab.vtnet.0.vector=${old + 5}`).text).toContain(`${old} -> ${old + 5}`);
    expect(run(w, 'ttyv0', 'dmesg').text).toContain('its interrupts stay with the old ones until the next REGIF');
    const count = () => (w.tree.guests.netmapvm?.threads[0] ? received(w) : -1);
    send();
    pass(w, 0.02);
    expect(count(), 'nobody woke the program').toBe(0);
    run(w, 'ttyv0', 'kill %1; sleep 0.1');
    m = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f rxseq -w 0 &');
    until(w, () => since(w, 'ttyv0', m).includes('reading from'));
    const had = count();
    send();
    pass(w, 0.02);
    expect(count()).toBeGreaterThanOrEqual(Math.max(had, 0) + 20);
    expect(run(w, 'ttyv0', 'sysctl dev.lab.vtnet.0.vector=3').status).toBe(1);
  });

  test('PT_HOST_CREATE and DELETE one action a time, against traffic, in 12 random orders: up and down, nothing left', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const w = freshLab(16, 3, seed);
      run(w, 'ttyv1', 'sysctl dev.lab.regif_steps=1');
      boot(w, 'ttyv0', line('', 'ptvale1:1'));
      begin(w, 'ttyv1', 'pkt-gen -i vale1:2 -f tx -w 0');
      begin(w, 'ttyv2', 'pkt-gen -i vale1:3 -f rx -w 0');
      w.m.st32(L.MACHINE + L.M_POLICY, L.POLICY_RANDOM);
      for (let i = 0; i < 3; i++) {
        expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 50 -w 0').text, `seed ${seed}`).toContain('Sent 50 packets');
        expect(w.tree.host.ptn.length).toBe(0);
      }
      w.m.st32(L.MACHINE + L.M_POLICY, L.POLICY_LVT);
      const fd = w.tree.host.fds.find((f) => f.name === 'vale1:1-PTN');
      for (const kr of [fd?.tx ?? 0, fd?.rx ?? 0]) expect(w.m.ld32(kr + L.KR_NM_NOTIFY)).toBe(w.m.op(L.OP_KRING_NOTIFY));
    }
  });
});

/** Packets that the guest's program has received. */
function received(w: World): number {
  const vm = w.host.vmm.find('netmapvm') as VmEntry,
    th = w.tree.guests.netmapvm?.threads[0];
  return th ? w.m.ld64((w.host.vmm.hostAddress(vm, th.targ) ?? 0) + L.TARG_COUNT) : -1;
}

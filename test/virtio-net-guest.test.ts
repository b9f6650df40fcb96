// The copying path from the guest's prompt: ping over a tap and a bridge, pkt-gen over VALE, two guests over a cable, and what each
// packet costs in exits, copies and interrupts (facts bhyve 3.6 to 3.8, 3.13, 6.3 to 6.6). Typed at real terminals.

import { describe, expect, test } from 'vitest';
import { VTNET_STATS, vtnetCounts } from '../src/host/bhyve/vtnet_stats.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { stat } from './trail.ts';
import { begin, boot, finish, freshLab, pass, run, since, until, vmWith } from './typed.ts';

const IDLE = 0.05;
function device(w: World, name = 'netmapvm', slot = 5) {
  const vm = w.host.vmm.find(name);
  if (!vm) throw new Error('no VM');
  const f = w.host.bhyveOf(vm)?.st as { pci: { functions: { slot: number; page: number }[] } };
  const page = f.pci.functions.find((x) => x.slot === slot)?.page ?? 0;
  return () => {
    const c = vtnetCounts(w.m, page),
      n = (what: (typeof VTNET_STATS)[number]) => c[VTNET_STATS.indexOf(what)] ?? 0;
    return {
      tx: n('TX packets'),
      rx: n('RX packets'),
      copies: n('TX copies') + n('RX copies'),
      syncs: n('TX syncs'),
      kicks: n('TX kicks that reached bhyve'),
      msi: n('MSI sent'),
      lost: n('TX lost') + n('RX dropped (dummy buffer)') + n('RX cut'),
      user: stat(w, vm, L.STAT_QNOTIFY_USER),
      kernel: stat(w, vm, L.STAT_KICK_KERNEL),
      taken: stat(w, vm, L.STAT_INTR_TAKEN),
    };
  };
}
type Counts = ReturnType<ReturnType<typeof device>>;
function moved(w: World, counts: () => Counts, f: () => void): Counts {
  const a = counts();
  f();
  pass(w, IDLE);
  const b = counts();
  return Object.fromEntries(Object.entries(b).map(([k, v]) => [k, v - a[k as keyof Counts]])) as Counts;
}
/** netstat's packet columns of an interface. */
const packets = (text: string, name: string) => {
  const cols = new RegExp(`^${name} .*<Link#.*$`, 'm').exec(text)?.[0].split(/\s+/) ?? [];
  return [Number(cols[4]), Number(cols[7])];
};

describe('tap, bridge, the host’s stack', () => {
  const bridged = () =>
    vmWith('-s 5,virtio-net,tap0', (w) => {
      run(w, 'ttyv1', 'sysctl net.link.tap.up_on_open=1');
      run(w, 'ttyv1', 'ifconfig tap0 create');
      run(w, 'ttyv1', 'ifconfig bridge0 create addm tap0 inet 10.0.0.1/24');
    });

  test('ping both ways: each packet out is a kick, an exit to userspace, a copy, an MSI; each one in a copy and an MSI', () => {
    const { w } = bridged();
    expect(run(w, 'ttyv0', 'ifconfig vtnet0 10.0.0.2/24 up').status).toBe(0);
    const counts = device(w),
      cost = (n: number) => ({ tx: n, rx: n, copies: 2 * n, syncs: 0, kicks: n, msi: 2 * n, lost: 0, user: n, kernel: 0, taken: 2 * n });
    const first = moved(w, counts, () => {
      const a = run(w, 'ttyv0', 'ping -c 3 -i 0.1 10.0.0.1');
      expect(a.status).toBe(0);
      expect(a.text).toContain('3 packets transmitted, 3 packets received, 0.0% packet loss');
    });
    expect(first).toEqual(cost(4)); // ARP, then three echoes
    const back = moved(w, counts, () => {
      expect(run(w, 'ttyv1', 'ping -c 3 -i 0.1 10.0.0.2').text).toContain('3 packets received, 0.0% packet loss');
    });
    expect(back).toEqual(cost(3));
    const mac = w.tree.guests.netmapvm?.vtnets[0]?.mac;
    expect(run(w, 'ttyv1', 'arp -a').text).toContain(`? (10.0.0.2) at ${mac} on bridge0 expires in`);
    expect(run(w, 'ttyv0', 'arp -a').text).toMatch(/\? \(10\.0\.0\.1\) at 02:\S+ on vtnet0 expires in \d+ seconds \[ethernet\]/);
    expect(packets(run(w, 'ttyv0', 'netstat -I vtnet0').text, 'vtnet0')).toEqual([7, 7]);
    expect(packets(run(w, 'ttyv1', 'netstat -I tap0').text, 'tap0')).toEqual([7, 7]);
    const vm = run(w, 'ttyv0', 'vmstat -i').text;
    expect([/irq265: virtio_pci0 +(\d+)/.exec(vm)?.[1], /irq266: virtio_pci0 +(\d+)/.exec(vm)?.[1]]).toEqual(['7', '7']);
    expect(run(w, 'ttyv0', 'ifconfig vtnet0').text).toContain('inet 10.0.0.2 netmask 0xffffff00 broadcast 10.0.0.255');
  });

  test('down and up: nothing comes and nothing goes, then it does again; no buffer is lost', () => {
    const { w } = bridged();
    run(w, 'ttyv0', 'ifconfig vtnet0 10.0.0.2/24 up');
    expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.1').status).toBe(0);
    const used = () => Number(/\d+$/m.exec(run(w, 'ttyv0', 'sysctl -n hw.lab.mbufs_used').text)?.[0]);
    const before = used();
    for (let i = 0; i < 3; i++) {
      run(w, 'ttyv0', 'ifconfig vtnet0 down');
      expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.1').text).toContain('ping: sendto: Network is down');
      expect(used()).toBe(0);
      run(w, 'ttyv0', 'ifconfig vtnet0 up');
      expect(run(w, 'ttyv0', 'ping -c 1 10.0.0.1').status).toBe(0);
    }
    pass(w, IDLE);
    expect(used()).toBe(before);
  });

  test('one vector of MSI (-W) serves both queues', () => {
    const w = freshLab(8, 2);
    for (const c of ['sysctl net.link.tap.up_on_open=1', 'ifconfig tap0 create', 'ifconfig bridge0 create addm tap0 inet 10.0.0.1/24'])
      run(w, 'ttyv1', c);
    boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,tap0 -l com1,stdio -A -W -H -P -m 2G netmapvm');
    run(w, 'ttyv0', 'ifconfig vtnet0 10.0.0.2/24 up');
    expect(run(w, 'ttyv0', 'ping -c 2 -i 0.1 10.0.0.1').status).toBe(0);
    expect(run(w, 'ttyv0', 'vmstat -i').text).toMatch(/irq264: virtio_pci0 +6 /);
  });
});

describe('VALE, by the emulated adapter', () => {
  const plain = () => vmWith('-s 5,virtio-net,vale0:1');
  const checked = (w: World, from: string, to: string, tx: string, rx: string, n: number) => {
    const r = begin(w, to, `pkt-gen -i ${rx} -f rxseq -W -w 0`);
    until(w, () => since(w, to, r).includes('Ready...'));
    pass(w, 0.01);
    const s = run(w, from, `pkt-gen -i ${tx} -f txseq -n ${n} -w 0 -b 8`).text,
      got = finish(w, to, r);
    return [/Sequence: (.*, digest )/.exec(got)?.[1], /digest (\w+)/.exec(got)?.[1] === /digest (\w+)/.exec(s)?.[1]];
  };
  const whole = (n: number) => [`${n} received, 0 lost, 0 out of order, 0 with wrong content, digest `, true];

  test('frames both ways, in order, with their content; few kicks and interrupts a packet, a copy and a txsync each', () => {
    const { w } = plain(),
      counts = device(w);
    const out = moved(w, counts, () => expect(checked(w, 'ttyv0', 'ttyv1', 'vtnet0', 'vale0:2', 6)).toEqual(whole(6)));
    expect(out).toEqual({ tx: 6, rx: 0, copies: 6, syncs: 6, kicks: 1, msi: 1, lost: 0, user: 1, kernel: 0, taken: 1 });
    const back = moved(w, counts, () => expect(checked(w, 'ttyv1', 'ttyv0', 'vale0:2', 'vtnet0', 6)).toEqual(whole(6)));
    expect(back).toEqual({ tx: 0, rx: 6, copies: 6, syncs: 0, kicks: 0, msi: 1, lost: 0, user: 0, kernel: 0, taken: 1 });
    expect(packets(run(w, 'ttyv0', 'netstat -I vtnet0').text, 'vtnet0'), 'an emulated port goes by the driver').toEqual([6, 6]);
  });

  test.each([1, 2, 3, 4])('whoever goes next (seed %i): nobody sleeps with work to do, nothing is lost', (seed) => {
    const w = freshLab(16, 2, seed);
    boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,vale0:1 -l com1,stdio -A -H -P -m 2G netmapvm');
    w.m.st32(L.MACHINE + L.M_POLICY, L.POLICY_RANDOM);
    const n = 13;
    expect(checked(w, 'ttyv0', 'ttyv1', 'vtnet0', 'vale0:2', n)).toEqual(whole(n));
    expect(checked(w, 'ttyv1', 'ttyv0', 'vale0:2', 'vtnet0', n)).toEqual(whole(n));
    expect(device(w)()).toMatchObject({ tx: n, rx: n, copies: 2 * n, syncs: n, lost: 0 });
  });

  test('under load exits are suppressed: fewer than one in 64 packets', () => {
    const w = freshLab(1024, 2);
    boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,vale0:1 -l com1,stdio -A -H -P -m 2G netmapvm');
    const load = moved(w, device(w), () => run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 3000 -w 0'));
    expect([load.tx, load.copies, load.syncs]).toEqual([3000, 3000, 3000]);
    expect(load.user).toBe(load.kicks);
    expect(load.kicks).toBeLessThan(3000 / 64);
    expect(load.msi).toBeLessThan(3000 / 64);
  });

  test('ping and pong: the guest sends, the host answers', () => {
    const { w } = plain(),
      p = begin(w, 'ttyv1', 'pkt-gen -i vale0:2 -f pong -w 0');
    until(w, () => since(w, 'ttyv1', p).includes('Ready...'));
    const cost = moved(w, device(w), () =>
      expect(run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f ping -n 5 -w 0').text).toMatch(/RTT over \d packets|count 5/),
    );
    expect(cost).toEqual({ tx: 5, rx: 5, copies: 10, syncs: 5, kicks: 5, msi: 10, lost: 0, user: 5, kernel: 0, taken: 10 });
    w.type('ttyv1', '\x03');
    finish(w, 'ttyv1', p);
  });

  test('the same VM, passed through beside copied: kicks of the one end in vmm.ko, of the other in bhyve', () => {
    const { w, vm } = vmWith('-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1 -s 5,virtio-net,vale0:1'),
      counts = device(w);
    const copied = moved(w, counts, () => run(w, 'ttyv0', 'pkt-gen -i vtnet1 -f tx -n 6 -w 0'));
    expect([copied.copies, copied.user, copied.kernel]).toEqual([6, 1, 0]);
    const user = stat(w, vm, L.STAT_QNOTIFY_USER),
      passed = moved(w, counts, () => run(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 6 -w 0'));
    expect([passed.copies, passed.kernel > 0]).toEqual([0, true]);
    expect(stat(w, vm, L.STAT_QNOTIFY_USER) - user, 'the driver’s own, when it comes back from netmap mode').toBeLessThanOrEqual(1);
  });

  test('reboot, power off and kill -9 in the middle of traffic: nothing of it stays', () => {
    const { w } = plain(),
      nothing = () => {
        const t = w.tree.host;
        expect([t.fds, t.adapters, t.mems, t.bridges, t.threads].map((x) => x.length)).toEqual([0, 0, 0, 0, 0]);
      };
    for (const how of ['kill -9 $(pgrep bhyve)', 'bhyvectl --destroy --vm=netmapvm']) {
      begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0');
      until(w, () => (w.tree.guests.netmapvm?.threads.length ?? 0) > 0);
      pass(w, 0.002);
      run(w, 'ttyv1', how);
      until(w, () => !w.host.vmm.find('netmapvm')?.block && w.tree.host.threads.length === 0);
      nothing();
      run(w, 'ttyv1', 'bhyvectl --destroy --vm=netmapvm');
      boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,vale0:1 -l com1,stdio -A -H -P -m 2G netmapvm');
    }
    const m = begin(w, 'ttyv0', 'pkt-gen -i vtnet0 -f tx -n 50 -w 0 & reboot');
    until(w, () => !w.host.vmm.find('netmapvm')?.block);
    expect(finish(w, 'ttyv0', m)).toContain('the guest asked for a reset');
    nothing();
  });
});

test('NIC: two guests over a cable; a NIC that is not promiscuous drops what is for the guest’s own address', () => {
  const w = freshLab(8, 3);
  run(w, 'ttyv2', 'sysctl dev.netmap.buf_num=8192 hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64');
  boot(w, 'ttyv0', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,netmap:ix0 -l com1,stdio -A -H -P -m 2G netmapvm');
  boot(w, 'ttyv1', 'bhyve -s 0,hostbridge -s 1,lpc -s 5,virtio-net,netmap:ix1 -l com1,stdio -A -H -P -m 2G two', 'two');
  run(w, 'ttyv0', 'ifconfig vtnet0 10.0.0.2/24 up');
  run(w, 'ttyv1', 'ifconfig vtnet0 10.0.0.3/24 up');
  expect(run(w, 'ttyv0', 'ping -c 1 -t 1 10.0.0.3').text).toContain('0 packets received');
  expect(run(w, 'ttyv0', 'arp -a').text, 'the answer was for a station that is not there').toContain('? (10.0.0.3) at (incomplete)');
  for (const nic of ['ix0', 'ix1']) run(w, 'ttyv2', `ifconfig ${nic} promisc`);
  const [a, b] = [device(w), device(w, 'two')];
  let other = b();
  const cost = moved(w, a, () => {
    other = moved(w, b, () => expect(run(w, 'ttyv0', 'ping -c 3 -i 0.1 10.0.0.3').text).toContain('3 packets received, 0.0% packet loss'));
  });
  expect(cost).toEqual({ tx: 4, rx: 4, copies: 8, syncs: 4, kicks: 4, msi: 8, lost: 0, user: 4, kernel: 0, taken: 8 });
  expect(other).toEqual(cost);
});

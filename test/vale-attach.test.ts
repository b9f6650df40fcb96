// NICs and persistent ports in a switch: vale-ctl's requests as struct nmreq, errors as the kernel's, traffic both ways,
// everything given back (facts netmap 1.7, 3.1, 3.6).

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

const ctl = (w: World, cmd: number, name: string, more: Partial<R.Nmreq> = {}) => {
  const { netmap } = w.host,
    id = netmap.dev(1);
  for (let i = 0; i < 50; i++) {
    const e = netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(name, { nr_cmd: cmd, ...more }));
    if (e !== 'ERESTART') return e;
    pass(w, 0.0001);
  }
  return 'ERESTART';
};
const list = (w: World) => w.tree.host.adapters.map((a) => a.name).sort();
const received = (text: string) => Number(/Received (\d+) packets/.exec(text)?.[1] ?? 0);

function through(w: World, rx: string, tx: string): string {
  const m = begin(w, 'ttyv1', rx);
  pass(w, 0.01);
  run(w, 'ttyv0', tx);
  pass(w, 0.01);
  w.type('ttyv1', '\x03');
  return finish(w, 'ttyv1', m);
}
const twoTerminals = () => {
  const w = freshLab(64, 2);
  run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1');
  return w;
};

describe('a NIC in a switch', () => {
  it('what comes over the wire goes to the ports', () => {
    const w = twoTerminals();
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0')).toBeUndefined();
    expect(list(w)).toEqual(['ix0', 'vale0:ix0']);
    expect(received(through(w, 'pkt-gen -i vale0:1 -f rx', 'pkt-gen -i ix1 -f tx -n 500 -b 8 -R 1000000 -w 0'))).toBe(500);
  });
  it('what a port sends goes over the wire, and a full NIC drops', () => {
    const w = twoTerminals();
    ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0');
    const out = through(w, 'pkt-gen -i ix1 -f rx -w 0', 'pkt-gen -i vale0:1 -f tx -n 600 -b 100 -R 2000000');
    expect(received(out)).toBe(600);
    run(w, 'ttyv0', 'pkt-gen -i vale0:1 -f tx -n 20000');
    const nic = w.tree.host.nics.find((n) => n.unit === 0)?.addr ?? 0;
    pass(w, 0.01);
    expect(w.m.ld64(nic + L.NIC_STAT_GPTC)).toBeLessThan(20_600);
    expect(w.m.ld64(nic + L.NIC_STAT_GPTC)).toBeGreaterThan(1_600);
  });
  it('is nobody else’s meanwhile, and can be had again after', () => {
    const w = twoTerminals(),
      { netmap } = w.host;
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0')).toBeUndefined();
    expect(netmap.open(1, 'netmap:ix0')).toBe('EBUSY');
    expect(netmap.open(1, 'vale0:ix0')).toBe('EBUSY');
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0')).toBe('EEXIST');
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale1:ix0')).toBe('EBUSY');
    expect(ctl(w, R.NETMAP_BDG_DETACH, 'vale0:ix0')).toBeUndefined();
    expect(list(w)).toEqual([]);
    expect(w.tree.host.bridges).toEqual([]);
    const fd = netmap.open(1, 'netmap:ix0');
    expect(typeof fd).toBe('object');
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0'), 'a program has it').toBe('EBUSY');
    expect(w.tree.host.bridges).toEqual([]);
  });
  it('detached under traffic: the machine goes on', () => {
    const w = twoTerminals();
    ctl(w, R.NETMAP_BDG_ATTACH, 'vale0:ix0');
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:1 -f tx');
    run(w, 'ttyv0', 'sysctl dev.lab.ix.0.partner=source');
    pass(w, 0.002);
    expect(ctl(w, R.NETMAP_BDG_DETACH, 'vale0:ix0')).toBeUndefined();
    pass(w, 0.01);
    w.type('ttyv1', '\x03');
    expect(finish(w, 'ttyv1', m)).toMatch(/Sent \d+ packets/);
    expect(list(w)).toEqual([]);
  });
  it.each([
    ['ix0', 'EINVAL'],
    ['vale0', 'EINVAL'],
    ['vale0:', 'EINVAL'],
    ['vale0:nothing', 'ENXIO'],
  ])('attach %s: %s', (name, e) => {
    const w = freshLab(8);
    expect(ctl(w, R.NETMAP_BDG_ATTACH, name)).toBe(e);
    expect([list(w), w.tree.host.bridges]).toEqual([[], []]);
  });
  it.each(['vale0:1', 'vale0:ix0', 'ix0', ''])('detach %s, which is not there', (name) => {
    expect(ctl(freshLab(8), R.NETMAP_BDG_DETACH, name)).toBe('ENXIO');
  });
});

describe('persistent ports', () => {
  it('are made, attached, opened, detached and removed', () => {
    const w = twoTerminals(),
      { netmap } = w.host,
      frames = w.m.ld32(L.MACHINE + L.M_FRAMES);
    expect(ctl(w, R.NETMAP_BDG_NEWIF, 'v0', { nr_tx_rings: 2, nr_rx_rings: 2, nr_tx_slots: 128, nr_rx_slots: 256 })).toBeUndefined();
    expect(ctl(w, R.NETMAP_BDG_NEWIF, 'v0')).toBe('EEXIST');
    const info = R.newNmreq('v0');
    expect(netmap.ioctl(netmap.dev(1), R.NIOCGINFO, info)).toBeUndefined();
    expect([info.nr_tx_rings, info.nr_rx_rings, info.nr_tx_slots, info.nr_rx_slots]).toEqual([2, 2, 128, 256]);
    expect(ctl(w, R.NETMAP_BDG_ATTACH, 'vale3:v0')).toBeUndefined();
    expect(ctl(w, R.NETMAP_BDG_DELIF, 'v0')).toBe('EBUSY');
    expect(received(through(w, 'pkt-gen -i netmap:v0 -f rx', 'pkt-gen -i vale3:x -f tx -n 50 -R 1000000'))).toBe(50);
    expect(ctl(w, R.NETMAP_BDG_DETACH, 'vale3:v0')).toBeUndefined();
    expect(ctl(w, R.NETMAP_BDG_DELIF, 'v0')).toBeUndefined();
    expect(ctl(w, R.NETMAP_BDG_DELIF, 'v0')).toBe('ENXIO');
    expect([list(w), w.tree.host.bridges, w.tree.host.mems]).toEqual([[], [], []]);
    expect(w.m.ld32(L.MACHINE + L.M_FRAMES)).toBeLessThanOrEqual(frames + 2);
  });
  it.each(['vale0:1', 'ix0', '1a', 'a b', ''])('a name that is none: %s', (name) => {
    expect(ctl(freshLab(8), R.NETMAP_BDG_NEWIF, name)).toBe(name === 'ix0' ? 'EEXIST' : 'EINVAL');
  });
});

describe('254 ports', () => {
  it('a switch has room for 252 and refuses the next (attach refused when active ports + 2 reach 254)', () => {
    const w = freshLab(2),
      { netmap } = w.host;
    run(w, 'ttyv0', 'sysctl dev.netmap.if_num=400 dev.netmap.ring_num=1024 dev.netmap.ring_size=512 dev.netmap.buf_num=2000');
    const open = (i: number) =>
      netmap.ioctl(
        netmap.dev(1),
        R.NIOCREGIF,
        R.newNmreq(`vale0:p${i}`, { nr_flags: R.NR_REG_ALL_NIC, nr_arg2: 1, nr_tx_slots: 2, nr_rx_slots: 2 }),
      );
    for (let i = 0; i < 252; i++) expect(open(i), `port ${i}`).toBeUndefined();
    expect(open(252)).toBe('ENXIO');
    expect(w.tree.host.dmesg.at(-1)).toBe('bridge full 252, cannot create new port');
    for (const fd of [...w.tree.host.fds]) netmap.close(fd);
    expect(w.tree.host.bridges).toEqual([]);
  });
});

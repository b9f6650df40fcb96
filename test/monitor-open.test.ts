// Monitors (facts netmap 4.4) from outside: who may open one, when, with which rings and memory, and what programs see on them.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { planeOf } from './hostile.ts';
import { failed, memOf, opened, regif, Port } from './monitor_port.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

describe('opening one', () => {
  it('needs a port in netmap mode', () => {
    const w = freshLab(16);
    for (const n of ['vale0:1/t', 'netmap:ix0/r', 'netmap:em0/rt', 'vale0:1{1/r', 'netmap:ix0/zr'])
      expect(w.host.netmap.open(1, n), n).toBe('EINVAL');
    expect(w.host.netmap.open(1, 'netmap:em9/r')).toBe('ENXIO');
    expect([w.tree.host.adapters, w.tree.host.mems, w.tree.host.bridges]).toEqual([[], [], []]);
    expect(w.host.netmap.open(1, 'vale0:1/z'), 'z alone asks for no monitor').toBeTypeOf('object');
    expect(w.tree.host.adapters.map((a) => a.name)).toEqual(['vale0:1']);
  });
  it('has one TX ring that sends nothing and the larger number of RX rings; slots and allocator as the text says', () => {
    const w = freshLab(16),
      parent = regif(w, 'vale0:1', { nr_tx_rings: 2, nr_rx_rings: 3, nr_tx_slots: 32, nr_rx_slots: 64 }) as NetmapFd,
      mon = opened(w, 'vale0:1/rt');
    expect([mon.ntx, mon.nrx]).toEqual([1, 3]);
    const c = new Port(w, planeOf(w), mon);
    expect([c.n(true), c.n(false)]).toEqual([32, 64]);
    expect(failed(c, L.POLLOUT), 'no room to send: there is some, but none of it goes').toBe(false);
    c.advance(true, 3);
    expect(failed(c, 0)).toBe(true);
    expect(memOf(w, mon)).not.toBe(memOf(w, parent));
    w.host.netmap.close(mon);
    const zc = opened(w, 'vale0:1/zrt');
    expect(memOf(w, zc)).toBe(memOf(w, parent));
    for (const n of ['vale0:1/zr', 'vale0:1/t', 'vale0:1/rt']) expect(w.host.netmap.open(1, n)).toBe('EBUSY');
    w.host.netmap.close(zc);
    for (let i = 0; i < 3; i++) opened(w, 'vale0:1/r');
    expect(w.host.netmap.open(1, 'vale0:1/zr')).toBe('EBUSY');
    expect(w.host.netmap.open(1, 'vale0:1/zt')).toBeTypeOf('object');
    expect(w.host.netmap.open(1, 'vale0:1^/r'), 'a switch port has no host rings').toBe('EINVAL');
    expect((regif(w, 'vale0:1', { nr_flags: R.NR_REG_ALL_NIC | R.NR_MONITOR_RX, nr_rx_slots: 9000 }) as NetmapFd).nrx).toBe(3);
  });
  it('a port that leaves netmap mode leaves it behind: EIO', () => {
    const w = freshLab(16),
      parent = opened(w, 'vale0:1'),
      mons = ['vale0:1/r', 'vale0:1/t', 'vale0:1/zt'].map((n) => w.host.netmap.open(1, n));
    expect(mons[2]).toBe('EBUSY');
    const c = new Port(w, planeOf(w), mons[0] as NetmapFd);
    expect(failed(c, L.POLLIN)).toBe(false);
    expect(w.host.netmap.tryClose(parent)).toBe(true);
    expect(failed(c, L.POLLIN)).toBe(true);
    opened(w, 'vale0:1'); // another port of that name is not the one it knew
    expect(failed(c, L.POLLIN)).toBe(true);
    for (const f of [...w.tree.host.fds]) expect(w.host.netmap.tryClose(f)).toBe(true);
    expect([w.tree.host.adapters, w.tree.host.mems]).toEqual([[], []]);
  });
  it('not while somebody is inside the ring: the kernel waits', () => {
    const w = freshLab(16),
      { fd } = { fd: opened(w, 'vale0:1') };
    w.m.st32(fd.rx + L.KR_NR_BUSY, 1);
    const id = w.host.netmap.dev(1),
      req = () => R.newNmreq('vale0:1', { nr_flags: R.NR_REG_ALL_NIC | R.NR_MONITOR_RX });
    expect(w.host.netmap.ioctl(id, R.NIOCREGIF, req())).toBe('ERESTART');
    expect(w.m.ld32(fd.rx + L.KR_STOPPED)).toBe(0);
    expect(w.tree.host.adapters.length).toBe(1);
    w.m.st32(fd.rx + L.KR_NR_BUSY, 0);
    expect(w.host.netmap.ioctl(id, R.NIOCREGIF, req())).toBeUndefined();
    const mon = w.host.netmap.fd(id) as NetmapFd;
    w.m.st32(fd.rx + L.KR_NR_BUSY, 1);
    expect(w.host.netmap.tryClose(mon)).toBe(false);
    expect(w.host.netmap.tryClose(fd)).toBe(false);
    w.m.st32(fd.rx + L.KR_NR_BUSY, 0);
    expect(w.host.netmap.tryClose(mon)).toBe(true);
    expect(w.host.netmap.tryClose(fd)).toBe(true);
  });
});

const received = (text: string) => Number(/Received (\d+) packets/.exec(text)?.[1] ?? 0);
/** Programs at terminals: those in the background are ended by ^C, the last line is run. */
function watch(w: World, lines: string[], tx: string): string[] {
  const marks = lines.map((l, i) => {
    const m = begin(w, `ttyv${i + 1}`, l);
    pass(w, 0.01);
    return m;
  });
  run(w, 'ttyv0', tx);
  pass(w, 0.01);
  return lines
    .map((_, i) => i)
    .reverse()
    .map((i) => {
      w.type(`ttyv${i + 1}`, '\x03');
      return finish(w, `ttyv${i + 1}`, marks[i] ?? 0);
    })
    .reverse();
}

describe('at the terminal', () => {
  it('pkt-gen and tcpdump look on at a NIC, both ways', () => {
    const w = freshLab(64, 4);
    run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1 hw.ix.txd=512 hw.ix.rxd=512');
    const [rx, mon, dump] = watch(
      w,
      ['pkt-gen -i ix0 -f rx -w 0', 'pkt-gen -i netmap:ix0/r -f rx -w 0', 'tcpdump -n -i netmap:ix0/rt'],
      'pkt-gen -i ix1 -f tx -n 100 -b 8 -R 1000000 -w 0',
    );
    expect([rx, mon].map((t) => received(t ?? ''))).toEqual([100, 100]);
    expect(dump).toContain('100 packets captured');
  });
  it('a receiver that never receives: the monitor sees until its ring is full', () => {
    const w = freshLab(64, 2);
    opened(w, 'vale0:idle');
    const [mon] = watch(w, ['pkt-gen -i vale0:idle/r -f rx'], 'pkt-gen -i vale0:2 -f tx -n 200 -b 8 -R 1000000');
    expect(received(mon ?? '')).toBe(63);
  });
  it('an emulated port and the stack behind it', () => {
    const w = freshLab(64, 3);
    run(w, 'ttyv0', 'ifconfig tap create');
    run(w, 'ttyv0', 'ifconfig tap0 10.9.0.1/24 up');
    const [, dump] = watch(w, ["pkt-gen -i 'netmap:tap0^' -f rx -w 0", "tcpdump -n -i 'netmap:tap0^/r'"], 'ping -c 2 10.9.0.2');
    expect(dump).toMatch(/ARP, Request who-has 10\.9\.0\.2/);
  });
  it('an attached NIC, under the switch', () => {
    const w = freshLab(64, 3);
    run(w, 'ttyv0', 'sysctl hw.ix.num_queues=1 hw.ix.txd=512 hw.ix.rxd=512');
    run(w, 'ttyv0', 'vale-ctl -a vale0:ix0');
    const got = watch(
      w,
      ['pkt-gen -i netmap:ix0/r -f rx -w 0', 'pkt-gen -i vale0:ix0/t -f rx'],
      'pkt-gen -i ix1 -f tx -n 100 -b 8 -R 1000000 -w 0',
    );
    expect(got.map(received)).toEqual([100, 100]);
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:ix0/t -f rx');
    pass(w, 0.01);
    expect(run(w, 'ttyv0', 'vale-ctl -d vale0:ix0').status).toBe(0);
    expect(finish(w, 'ttyv1', m)).toContain('poll err');
    expect(w.tree.host.adapters.map((a) => a.name)).toEqual([]);
  });
});

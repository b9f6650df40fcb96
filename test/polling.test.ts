// Polling of an attached NIC for its switch (facts netmap 1.7, 1.9, 3.6): vale-ctl -p and -P, the kernel threads and their names,
// what goes through without one interrupt, and what is refused.

import { describe, expect, it } from 'vitest';
import * as R from '../src/bin/nmreq.ts';
import type { World } from '../src/lab/world.ts';
import { begin, finish, freshLab, pass, run } from './typed.ts';

const received = (text: string) => Number(/Received (\d+) packets/.exec(text)?.[1] ?? 0);
const interrupts = (w: World) => Number(run(w, 'ttyv0', 'sysctl -n dev.lab.ix.0.interrupts').text);
const attached = (rings: number) => {
  const w = freshLab(64, 2);
  run(w, 'ttyv0', `sysctl hw.ix.num_queues=${rings} hw.ix.txd=512 hw.ix.rxd=512`);
  expect(run(w, 'ttyv0', 'vale-ctl -a vale0:ix0').status).toBe(0);
  return w;
};
const through = (w: World, n: number) => {
  const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:1 -f rx');
  pass(w, 0.005);
  run(w, 'ttyv0', `pkt-gen -i ix1 -f tx -n ${n} -b 8 -R 1000000 -w 0`);
  w.type('ttyv1', '\x03');
  return received(finish(w, 'ttyv1', m));
};
const kthreads = (w: World) => run(w, 'ttyv0', 'top -SHb').text.match(/kernel\{nm-kthread-\d\}/g) ?? [];
const ctl = (w: World, name: string, more: Partial<R.Nmreq>) =>
  w.host.netmap.bdgCtl.run(R.newNmreq(name, { nr_cmd: R.NETMAP_BDG_POLLING_ON, ...more }));

describe('vale-ctl -p', () => {
  it('one thread for all rings: frames without interrupts, until -P', () => {
    const w = attached(2);
    expect(run(w, 'ttyv0', 'vale-ctl -p vale0:ix0').status).toBe(0);
    expect(kthreads(w)).toEqual(['kernel{nm-kthread-0}']);
    expect(run(w, 'ttyv0', 'ps -axH').text).toContain('[kernel]');
    expect(through(w, 300)).toBe(300);
    expect(interrupts(w)).toBe(0);
    expect(run(w, 'ttyv0', 'vale-ctl -d vale0:ix0').text, 'as long as it is polled it stays').toContain('Device busy');
    expect(run(w, 'ttyv0', 'vale-ctl -P vale0:ix0').status).toBe(0);
    expect(kthreads(w)).toEqual([]);
    expect(through(w, 100)).toBe(100);
    expect(interrupts(w)).toBeGreaterThan(0);
    expect(run(w, 'ttyv0', 'vale-ctl -d vale0:ix0').status).toBe(0);
    expect(w.tree.host.adapters).toEqual([]);
  });
  it('a thread a ring: -C 1,first,n', () => {
    const w = attached(4);
    expect(run(w, 'ttyv0', 'vale-ctl -p vale0:ix0 -C 1,1,2').status).toBe(0);
    expect(kthreads(w)).toEqual(['kernel{nm-kthread-0}', 'kernel{nm-kthread-1}']);
    expect(w.tree.host.dmesg.filter((l) => l.startsWith('kthread'))).toEqual(['kthread 0 a:1 qf:1 ql:2', 'kthread 1 a:2 qf:2 ql:3']);
    expect(run(w, 'ttyv0', 'vale-ctl -P vale0:ix0').status).toBe(0);
  });
  it('the frames that waited while interrupts were masked come when they are not', () => {
    const w = attached(4);
    run(w, 'ttyv0', 'vale-ctl -p vale0:ix0 -C 1,3,1'); // one flow: ring 0, 1 or 2 unless it happens to be 3
    const m = begin(w, 'ttyv1', 'pkt-gen -i vale0:1 -f rx');
    pass(w, 0.005);
    run(w, 'ttyv0', 'pkt-gen -i ix1 -f tx -n 50 -b 8 -R 1000000 -w 0');
    run(w, 'ttyv0', 'vale-ctl -P vale0:ix0');
    pass(w, 0.005);
    w.type('ttyv1', '\x03');
    expect(received(finish(w, 'ttyv1', m))).toBe(50);
  });
  it('is refused with reasons', () => {
    const w = attached(2),
      all = { nr_flags: R.NR_REG_ALL_NIC, nr_arg1: 1 },
      one = { nr_flags: R.NR_REG_ONE_NIC, nr_arg1: 1 },
      last = () => w.tree.host.dmesg.at(-1);
    w.host.netmap.open(1, 'vale0:1');
    expect(ctl(w, 'vale0:none', all)).toBe('ENXIO');
    expect(ctl(w, 'vale7:ix0', all)).toBe('ENXIO');
    expect(ctl(w, 'ix0', all)).toBe('EINVAL');
    expect(ctl(w, 'vale0:1', all), 'a port without a NIC').toBe('EOPNOTSUPP');
    expect(ctl(w, 'vale0:ix0', { ...all, nr_cmd: R.NETMAP_BDG_POLLING_OFF })).toBe('EFAULT');
    expect(last()).toBe('ERROR adapter is not in polling mode');
    for (const [more, why] of [
      [{ ...all, nr_arg1: 0 }, 'req_cpus must be > 0'],
      [{ ...all, nr_arg1: 4 }, 'for safety, we need at least one core left in the system'],
      [{ ...all, nr_arg1: 2 }, 'ncpus must be 1 not 2 for REG_ALL_NIC'],
      [{ ...one, nr_ringid: 2 }, 'only 2 rings exist (ring 2-3 is given)'],
      [{ nr_flags: R.NR_REG_SW, nr_arg1: 1 }, 'reg must be ALL_NIC or ONE_NIC'],
      [{ ...all, nr_ringid: 4 }, 'cannot set affinity to cpu 4'],
    ] as const) {
      expect(ctl(w, 'vale0:ix0', more), why).toBe('EINVAL');
      expect(last()).toBe(why);
    }
    expect(ctl(w, 'vale0:ix0', all)).toBeUndefined();
    expect(ctl(w, 'vale0:ix0', one)).toBe('EFAULT');
    expect(last()).toBe('ERROR adapter already in polling mode');
  });
});

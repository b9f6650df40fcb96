// A guest that means harm on the copying path: random registers, virtqueues, MSI-X tables and kicks while frames come. Nothing
// throws, no loop is endless, what it cannot reach keeps its bytes, bhyve says what it found, and when it is gone nothing is left.

import { describe, expect, test } from 'vitest';
import { counters } from '../src/lab/counters.ts';
import { rings, stuck, threads, vms } from '../src/lab/view.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Outside, allocators, canaries, dirtyFree } from './hostile-guest-judge.ts';
import { HostileGuest } from './hostile-guest.ts';
import { begin, finish, freshLab, pass, run, until, vmWith } from './typed.ts';
import { VtnetDriver, frame } from './vtnet_driver.ts';

const ACTIONS = 60_000,
  BURST = 40,
  STEPS = 600;
/** What the host's stack, the tap and the other programs write while they work: address, bytes. */
function stack(w: World): [number, number][] {
  const { m } = w,
    t = w.tree.host,
    pool = m.ld32(L.MACHINE + L.M_MBUFS);
  return [
    [t.net.stack, L.NST_SIZE],
    [pool, pool && L.MBP_MBUFS + m.ld32(pool + L.MBP_TOTAL) * L.MBUF_SIZE],
    ...[t.net.isr, t.net.clock].map((b): [number, number] => [b, L.THREAD_SIZE]),
    ...t.ifs.flatMap((i): [number, number][] => [
      [i.addr, L.IF_SIZE],
      [i.softc, L.PAGE],
    ]),
    ...t.threads.flatMap((x): [number, number][] => [
      [x.td, L.TD_SIZE],
      [x.targ, L.TARG_SIZE],
      [x.block, L.THREAD_SIZE],
    ]),
  ];
}
const prompt = (out: string | undefined) => /root@[\w.-]+:~ # $/.test(out ?? '');

test.each([3, 11])(`${ACTIONS} actions, seed %i`, { timeout: 60_000 }, (seed) => {
  const w = freshLab(16, 3),
    { m } = w;
  run(w, 'ttyv1', 'sysctl dev.netmap.priv_buf_num=64 net.link.tap.up_on_open=1');
  run(w, 'ttyv1', 'ifconfig tap0 create');
  run(w, 'ttyv1', 'ifconfig tap0 inet 10.0.0.1/24');
  canaries(w, 400);
  begin(w, 'ttyv2', 'pkt-gen -i vale0:2 -f tx -w 0 -b 2 -R 20000'); // what comes while it rages
  const g = new HostileGuest(w, 'ttyv0', 'evil', { seed, slots: '-s 2,virtio-net,vale0:1 -s 3,virtio-net,tap0', ends: 20_000 });
  let looked = 0;
  for (let bursts = 1; g.actions < ACTIONS; ) {
    if (g.over) {
      until(w, () => prompt(w.host.os.tty('ttyv0')?.out));
      g.live();
      continue;
    }
    if (!g.free) {
      g.wait();
      continue;
    }
    const outside = bursts++ % 16 ? undefined : new Outside(w, g.name, ['vale0:'], () => stack(w));
    looked += outside?.size ?? 0;
    for (let i = 0; i < BURST && g.free; i++) g.act();
    w.advance(STEPS, m.clock + 3e5);
    if (!outside || g.over) continue;
    expect(outside.changed(), `by action ${g.actions}`).toBe('');
    expect([allocators(w), [rings(w), vms(w), threads(w, false), counters(w), stuck(w)].length], `by action ${g.actions}`).toEqual(['', 5]);
  }
  expect(looked).toBeGreaterThan(100);
  expect(g.lives).toBeGreaterThan(1);
  const totals = Object.values(w.tree.host.vtnetTotals ?? {}).reduce<number[]>((sum, c) => c.map((n, i) => n + (sum[i] ?? 0)), []);
  expect(totals.at(-1), 'chains in disorder').toBeGreaterThan(10);
  for (let i = 0; i < 100 && !g.over; i++) {
    g.wait();
    if (g.free) g.out(0x404, 2, 0x3400);
    w.advance(20_000, m.clock + 1e7);
  }
  until(w, () => g.over && prompt(w.host.os.tty('ttyv0')?.out));
  expect(run(w, 'ttyv1', 'bhyvectl --destroy --vm=evil').status).toBe(0);
  w.type('ttyv2', '\x03');
  until(w, () => prompt(w.host.os.tty('ttyv2')?.out));
  const t = w.tree.host;
  expect([t.vms, t.adapters, t.mems, t.bridges, t.fds, t.threads].map((x) => x.length)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(dirtyFree(w), 'a free frame that is not zero').toBe(undefined);
});

describe('nonsense in a virtqueue', () => {
  const CFG = { bus: 0, slot: 5, func: 0 };
  const driver = () => {
    const v = vmWith('-s 5,virtio-net,vale0:1'),
      [io = 0, msix = 0] = (v.fn('5:0')?.bars ?? []).map((b) => b?.addr ?? 0),
      d = new VtnetDriver(v.w, v.cpu, io);
    d.init(0x01018020, { msix, cfg: CFG });
    return { ...v, d };
  };
  const RAM = 0x8000_0000;
  test.each<[string, (d: VtnetDriver) => void, RegExp]>([
    ['an index beyond the queue', (d) => d.offer(1, 5000), /vtnet: descriptor index 5000 out of range, driver confused\?$/m],
    [
      'a chain that goes round',
      (d) => {
        d.desc(1, 7, d.alloc(64), 64, 1, 7);
        d.offer(1, 7);
      },
      /a chain of more than 32 descriptors; it was dropped|descriptor loop\?/,
    ],
    [
      'INDIRECT, which was not offered',
      (d) => {
        d.desc(1, 7, d.alloc(64), 64, 4, 0);
        d.offer(1, 7);
      },
      /vtnet: descriptor has forbidden INDIRECT flag, driver confused\?$/m,
    ],
    [
      'memory beyond the guest’s',
      (d) => {
        d.desc(1, 7, RAM - 8, 64, 0, 0);
        d.offer(1, 7);
      },
      /a descriptor points to 0x7ffffff8, which is no memory of the guest; its chain was dropped/,
    ],
    [
      'an address of 64 bits',
      (d) => {
        d.desc(1, 7, 2 ** 40, 64, 0, 0);
        d.offer(1, 7);
      },
      /which is no memory of the guest/,
    ],
    [
      'more available than there is',
      (d) => {
        d.avail[1] = 3000;
        d.word(1);
      },
      /vtnet: ndesc \(3000\) out of range, driver confused\?$/m,
    ],
    ['an empty chain', (d) => void d.add(1, [{ gpa: d.alloc(64), len: 0 }]), /no room for the virtio-net header \(0 bytes\)/],
  ])('%s: reported, dropped, and the path goes on', (_name, spoil, says) => {
    const { w, d, console: shown } = driver();
    spoil(d);
    d.kick(1);
    pass(w, 0.001);
    expect(shown().replace(/\r/g, '')).toMatch(says);
    d.init(0x01018020, { msix: 0xc0000000, cfg: CFG });
    d.send(frame(1));
    d.kick(1);
    pass(w, 0.001);
    expect(d.used(1).map((u) => u.len)).toEqual([72]);
  });

  test('queues in device memory, beyond RAM, in page 0: none of them is one', () => {
    const { w, d, cpu } = driver();
    for (const pfn of [0, 0xc0000, 0xfffff, 0x100000, 0xffffffff]) {
      cpu.out(d.io + 14, 2, 1);
      cpu.out(d.io + 8, 4, pfn);
      cpu.out(d.io + 16, 2, 1);
      pass(w, 0.0005);
    }
    const line = begin(w, 'ttyv1', 'pkt-gen -i vale0:2 -f tx -n 5 -w 0');
    expect(finish(w, 'ttyv1', line)).toContain('Sent 5 packets');
    expect(w.m.ld64(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
  });
});

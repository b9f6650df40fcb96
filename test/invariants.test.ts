// The invariants of facts bhyve 9.4 over the step engine: many seeds, the three policies, several command lines.

import { describe, expect, test } from 'vitest';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Driver, Writers, handlers, indices, memdevs, unseen, upPorts } from './invariants.ts';
import { numbers } from './hostile.ts';
import { begin, boot, freshLab, run, until } from './typed.ts';

const SEEDS = Number(process.env.SEEDS ?? 1),
  STEPS = Number(process.env.STEPS ?? 1800);

interface Machine {
  name: string;
  slots: number;
  before?: string;
  /** Terminal, VM, devices. */
  vms: [tty: string, name: string, slots: string][];
  /** What is typed where; `a&` for a program of the background. */
  lines: [tty: string, line: string][];
  up: number;
}
const MACHINES: Machine[] = [
  {
    name: 'a pipe, both ways',
    slots: 8,
    vms: [['ttyv0', 'netmapvm', "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale2{1'"]],
    lines: [
      ['ttyv2', "pkt-gen -i 'vale2}1' -f rx -w 0 &"],
      ['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 3 &'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0 &'],
      ['ttyv2', "pkt-gen -i 'vale2}1' -f tx -w 0 -b 2"],
    ],
    up: 1,
  },
  {
    name: 'a VALE port',
    slots: 8,
    vms: [['ttyv0', 'netmapvm', '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1']],
    lines: [
      ['ttyv2', 'pkt-gen -i vale1:2 -f tx -w 0 -b 3 &'],
      ['ttyv2', 'pkt-gen -i vale1:3 -f rx -w 0 &'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0 &'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 2'],
    ],
    up: 1,
  },
  {
    name: 'a NIC',
    slots: 8,
    before: 'sysctl hw.ix.num_queues=1 hw.ix.txd=64 hw.ix.rxd=64 dev.netmap.buf_num=4000',
    vms: [['ttyv0', 'netmapvm', '-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0']],
    lines: [
      ['ttyv2', 'pkt-gen -i netmap:ix1 -f rx -w 0 &'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0 &'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 4 &'],
      ['ttyv2', 'pkt-gen -i netmap:ix1 -f tx -w 0 -b 4'],
    ],
    up: 1,
  },
  {
    name: 'two ports of one VM',
    slots: 8,
    vms: [
      ['ttyv0', 'netmapvm', "-s 2:0,ptnetmap-memdev -s '2:1,virtio-net,ptvale1:1' -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1'"],
    ],
    lines: [
      ['ttyv2', 'pkt-gen -i vale1:2 -f rx -w 0 &'],
      ['ttyv2', "pkt-gen -i 'vale2}1' -f tx -w 0 -b 2"],
      ['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 3 &'],
      ['ttyv0', 'pkt-gen -i vtnet1 -f rx -w 0'],
    ],
    up: 2,
  },
  {
    name: 'two VMs on a switch, and on the two ends of a pipe',
    slots: 8,
    vms: [
      ['ttyv0', 'a', "-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:1 -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2{1'"],
      ['ttyv1', 'b', "-s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptvale1:2 -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,ptvale2}1'"],
    ],
    lines: [
      ['ttyv1', 'pkt-gen -i vtnet0 -f rx -w 0 &'],
      ['ttyv1', 'pkt-gen -i vtnet1 -f rx -w 0'],
      ['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 3 &'],
      ['ttyv0', 'pkt-gen -i vtnet1 -f tx -w 0 -b 2'],
    ],
    up: 4,
  },
];

/** The machine with its programs under way. */
function made(x: Machine): World {
  const w = freshLab(x.slots, 3);
  if (x.before) run(w, 'ttyv2', x.before);
  for (const [tty, name, slots] of x.vms)
    boot(w, tty, `bhyve -s 0,hostbridge -s 1,lpc ${slots} -l com1,stdio -A -H -P -m 2G ${name}`, name);
  for (const [tty, line] of x.lines) {
    const begun = () => w.tree.host.threads.length + Object.values(w.tree.guests).reduce((n, g) => n + g.threads.length, 0),
      n = begun();
    begin(w, tty, line);
    for (let i = 0; i < 200_000 && begun() === n; i++) w.advance(1, w.m.clock + 1e6);
  }
  return w;
}

/** All that may be looked at after any step. */
const judge = (w: World) => handlers(w) || memdevs(w) || indices(w);

describe.each(MACHINES)('$name', (x) => {
  test.each(['least time', 'in turn', 'random'] as const)('%s', { timeout: 60_000 }, (policy) => {
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const remembered of [true, false]) {
        const w = made(x),
          { m } = w;
        expect(upPorts(w).length).toBe(x.up);
        m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
        m.st32(L.MACHINE + L.M_DOORBELL, remembered ? 1 : 0);
        w.toBoundaries();
        const writers = new Writers(w),
          driver = new Driver(w, policy, numbers(seed * 7919)),
          at = () => `seed ${seed}, step ${i}${remembered ? '' : ', bare wakeup'}`;
        let i = 0;
        for (; i < STEPS; i++) {
          const s = driver.step();
          if (!s) break;
          const wrong = judge(w) || writers.next(s.thread, s.point);
          if (wrong) expect.fail(`${at()}: ${wrong}`);
          const u = unseen(w);
          if (u && (remembered || !u.told)) expect.fail(`${at()}: ${u.why}`);
          if (u) break; // the documented hole of 5.6
        }
        looked += i;
        packets += upPorts(w).reduce((n, p) => n + m.ld64(p.fd.tx + L.KR_STAT_SYNC) + m.ld64(p.fd.rx + L.KR_STAT_SYNC), 0);
      }
  });
});

describe('the judge sees what breaks the protocol', () => {
  /** Guest transmit into a pipe that nobody reads, from its first packet on, by many schedules: what is found, or ''. */
  const found = (told: boolean, knob: number, value: number) => {
    const w = made({ ...(MACHINES[0] as Machine), slots: 4, lines: [['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 2']] }),
      { m } = w;
    w.toBoundaries();
    m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
    m.st32(L.MACHINE + L.M_DOORBELL, told ? 0 : 1);
    m.st32(L.MACHINE + knob, value);
    for (const v of w.tree.host.vms) m.st64(v.vcpu + L.VCPU_CTL_DEADLINE, 0);
    const pages = m.statePages().map((p) => [p, m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)] as const),
      tree = JSON.stringify(w.tree);
    for (let seed = 1; seed <= 3000; seed++) {
      const driver = new Driver(w, 'random', numbers(seed * 7919));
      for (let i = 0; i < 600 && driver.step(); i++) {
        const u = i > 20 ? unseen(w) : undefined;
        if (u && u.told === told) return u.why;
      }
      if (process.env.DBG) {
        const [p] = upPorts(w); const kr = p!.fd.tx, csb = m.ld32(p!.entry.pts + L.PTN_CSB);
        const k = [[p!.vm.block, p!.vm.intr, p!.entry.txBlock, p!.entry.rxBlock].map((b) => m.status(b)), 'csb head', m.ld32(csb + L.CSB_TX_RING), 'hwcur', m.ld32(kr + L.KR_NR_HWCUR), 'peer', m.ld32(m.ld32(kr+L.KR_PIPE) + L.KR_NR_HWTAIL)].join(' ');
        (globalThis as any).H ??= {}; (globalThis as any).H[k] = ((globalThis as any).H[k] ?? 0) + 1; if (seed === 3000) console.log('DBG', (globalThis as any).H, 'first', m.ld32(csb+68), m.ld32(L.MACHINE+L.M_DOUBLE_CHECK));
      }
      for (const [p, b] of pages) m.u8.set(b, p * L.PAGE);
      w.tree = JSON.parse(tree);
      w.refresh();
    }
    return '';
  };
  test('a kick that is not remembered (5.6)', { timeout: 60_000 }, () => {
    expect(found(true, L.M_DOORBELL, 0)).toMatch(/both sides sleep/);
  });
  test('no second look after the flag is set', { timeout: 60_000 }, () => {
    expect(found(false, L.M_DOUBLE_CHECK, 0)).toMatch(/both sides sleep/);
  });
});

let looked = 0,
  packets = 0;
test('there was something to look at', () => {
  expect(looked).toBeGreaterThan((MACHINES.length * 3 * SEEDS * STEPS) / 2);
  expect(packets).toBeGreaterThan(looked / 500);
});

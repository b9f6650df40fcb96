// Each invariant of facts bhyve 9.4 broken on purpose, by a switch of the lab or by a hand in the machine's memory, and seen by the
// judge: what never fails proves nothing.

import { beforeEach, describe, expect, test } from 'vitest';
import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import { type Checkpoint, Checkpoints } from '../src/lab/checkpoints.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';
import { Driver, Writers, handlers, indices, memdevs, upPorts } from './invariants.ts';
import { MACHINES, type Machine, type Revision, judge, knob, made, walk } from './invariants-walk.ts';
import { numbers } from './hostile.ts';

const machine = (name: string) => MACHINES.find((x) => x.name === name) as Machine;

/** A machine that is as it was made before each test. */
function fresh(x: Machine, of: Revision = '2015') {
  const w = made(x, of),
    c = new Checkpoints(w);
  c.make(0);
  beforeEach(() => {
    c.restore(c.list[0] as Checkpoint);
    knob(w, L.M_DOORBELL, 1);
    expect(judge(w)).toBe('');
  });
  return w;
}
const port = (w: World) => {
  const [p] = upPorts(w);
  if (!p) throw new Error('no port is up');
  return { ...p, csb: w.m.ld32(p.entry.pts + L.PTN_CSB) };
};

const WAYS = {
  // to a switch where nobody is: no packet waits for a receiver
  transmit: {
    name: 'a VALE port',
    lines: [['ttyv0', 'pkt-gen -i vtnet0 -f tx -w 0 -b 2']],
    host: /4: .* packets wait in the guest's ring, and both sides sleep/,
    guest: /4: .* there is room, and the guest sleeps/,
  },
  // from a pipe, where a sender waits
  receive: {
    name: 'a pipe, both ways',
    lines: [
      ['ttyv0', 'pkt-gen -i vtnet0 -f rx -w 0'],
      ['ttyv2', "pkt-gen -i 'vale2}1' -f tx -w 0 -b 2"],
    ],
    host: /4: .* buffers that the guest gave back wait, and both sides sleep/,
    guest: /4: .* packets are there, and the guest sleeps/,
  },
} satisfies Record<string, { name: string; lines: [string, string][]; host: RegExp; guest: RegExp }>;

describe.each([
  ['2015', 'transmit'],
  ['2019', 'transmit'],
  ['2015', 'receive'],
  ['2019', 'receive'],
] as const)('4, protocol %s, %s: both sides sleep and work is left', (of, way) => {
  const { name, lines, host, guest } = WAYS[way],
    w = fresh({ ...machine(name), slots: 4, lines }, of);
  const hazard = (bit: number) => knob(w, L.M_HAZARD_ON, bit);
  test.each([
    ['as it is, with a doorbell that remembers', () => {}, undefined],
    ['H1: the host does not look again', () => hazard(L.HZ_H1), host],
    ['H3: the guest does not look again', () => hazard(L.HZ_H3), guest],
    [
      'H4: a kick is not remembered (5.6)',
      () => {
        knob(w, L.M_DOORBELL, 0);
        hazard(L.HZ_H4);
      },
      host,
    ],
    [
      'H2: store buffers, and no barrier before the second look',
      () => {
        knob(w, L.M_TSO, 4);
        hazard(L.HZ_H2);
      },
      host,
    ],
  ] as const)('%s', { timeout: 60_000 }, (_, before, says) => {
    const c = new Checkpoints(w);
    for (const v of w.tree.host.vms) w.m.st64(v.vcpu + L.VCPU_CTL_DEADLINE, 0);
    before();
    c.make(0);
    let found = '',
      seed = 1;
    for (; seed <= (says ? 200 : 30) && !found; seed++) {
      c.restore(c.list[0] as Checkpoint);
      found = walk(w, 'adversarial', seed, 600);
    }
    if (says) expect(found).toMatch(says);
    else expect(found).toBe('');
  });
});

/** Steps of a schedule until one is of this kind; what the judge of writers says when a hand does this within that step. */
function during(w: World, is: (thread: number, point: number) => boolean, hand: () => void): string {
  const writers = new Writers(w),
    driver = new Driver(w, 'random', numbers(5));
  for (let i = 0; i < 5000; i++) {
    const s = driver.step();
    if (!s) break;
    const hit = s.thread !== undefined && is(s.thread, s.point);
    if (hit) hand();
    const wrong = writers.next(s.thread, s.point);
    if (hit) return wrong;
    if (wrong) throw new Error(`unasked: ${wrong}`);
  }
  throw new Error('there was no such step');
}

describe('1: a packet is copied where it must not be', () => {
  const w = fresh(machine('a pipe, both ways')),
    { m } = w;
  /** Writes a byte of the packet of a slot. */
  const scribble = (kring: number) => () => {
    const ring = m.ld32(kring + L.KR_RING),
      buf = ring + m.ld32(ring + L.RING_BUF_OFS) + m.ld32(ring + L.RING_SLOT) * m.ld32(ring + L.RING_NR_BUF_SIZE);
    m.st8(buf + 60, m.ld8(buf + 60) ^ 1);
  };
  test.each([
    ['by bhyve or another program’s control plane', (t: number) => t === 0, /1: the control plane wrote a packet of vale2\{1-PTN TX/],
    ['by vmm, in a kick', (t: number, p: number) => t > 0 && [P.P_IO_WAKEUP, P.P_IO_OUT].includes(p), /1: vmm wrote a packet/],
    ['by vmm, in an interrupt', (t: number, p: number) => t > 0 && p === P.P_MSI_SET_IRR, /1: vmm wrote a packet/],
    ['by a worker of a pipe', (t: number) => t === port(w).entry.txBlock, /1: a worker copied a packet/],
  ] as const)('%s', (_, is, says) => {
    const p = port(w);
    if (_.includes('control')) w.type('ttyv1', 'echo\r'); // so that there is an action
    expect(during(w, is, scribble(p.fd.tx))).toMatch(says);
  });
});

describe('1, over VALE: the copy between ports is the switch’s alone', () => {
  const w = fresh(machine('a VALE port')),
    { m } = w;
  test('the TX worker writes into its own ring’s packets', () => {
    const p = port(w),
      ring = m.ld32(p.fd.tx + L.KR_RING),
      buf = ring + m.ld32(ring + L.RING_BUF_OFS) + m.ld32(ring + L.RING_SLOT) * m.ld32(ring + L.RING_NR_BUF_SIZE);
    const own = (t: number) => t === p.entry.txBlock;
    expect(during(w, own, () => m.st8(buf + 60, m.ld8(buf + 60) ^ 1))).toMatch(/1: the TX worker wrote a packet/);
  });
});

describe('3: indices and slots', () => {
  const w = fresh(machine('a pipe, both ways')),
    { m } = w;
  const word = (name: string, at: (p: ReturnType<typeof port>) => number, v: number, says: RegExp) => [name, at, v, says] as const;
  test.each([
    word('the guest publishes a head that is no slot', (p) => p.csb + L.CSB_TX_RING + L.PTR_HEAD, 8, /3: .* TX: head 8/),
    word('the host publishes an hwtail that is no slot', (p) => p.csb + L.CSB_RX_RING + L.PTR_HWTAIL, 9, /3: .* RX: .*hwtail 9/),
    word('an hwcur of the kring that is no slot', (p) => p.fd.tx + L.KR_NR_HWCUR, 0xffffffff, /3: .* TX: the kring has/),
    word('an rhead beyond hwtail', (p) => p.fd.rx + L.KR_RHEAD, 5, /3: .* RX: at rest hwcur/),
    word('a slot touched by who does not own it', () => L.MACHINE + L.M_VIOLATIONS, 1, /3: a slot was touched/),
  ])('%s', (_, at, v, says) => {
    const p = port(w);
    if (_.startsWith('an rhead'))
      for (const [o, x] of [
        [L.KR_NR_BUSY, 0],
        [L.KR_NR_HWCUR, 2],
        [L.KR_NR_HWTAIL, 4],
      ] as const)
        m.st32(p.fd.rx + o, x);
    m.st32(at(p), v);
    expect(indices(w)).toMatch(says);
  });
  /** Changes slot i's length. */
  const touch = (kring: number, i: number) => {
    const slot = m.ld32(kring + L.KR_RING) + L.RING_SLOT + i * L.SLOT_SIZE;
    m.st16(slot + L.SLOT_LEN, m.ld16(slot + L.SLOT_LEN) ^ 4);
  };
  const outside = (from: number, to: number, n: number) =>
    [...Array(n).keys()].find((i) => (i - from + n) % n >= (to - from + n) % n) as number;
  test('the host touches a TX slot outside [hwcur, head)', () => {
    const p = port(w),
      ring = p.csb + L.CSB_TX_RING;
    const own = (t: number) => t === p.entry.txBlock;
    const hand = () => touch(p.fd.tx, outside(m.ld32(ring + L.PTR_HWCUR), m.ld32(ring + L.PTR_HEAD), 8));
    expect(during(w, own, hand)).toMatch(/3: the host touched slot \d of .* TX, outside \[hwcur/);
  });
  test('the host touches an RX slot that the guest has', () => {
    const p = port(w),
      ring = p.csb + L.CSB_RX_RING,
      full = () => m.ld32(ring + L.PTR_HWTAIL) !== m.ld32(ring + L.PTR_HEAD);
    let was = false; // before the step
    const own = (t: number) => {
      const it = was && t === p.entry.rxBlock;
      was = full();
      return it;
    };
    expect(during(w, own, () => touch(p.fd.rx, m.ld32(ring + L.PTR_HEAD)))).toMatch(/3: the host touched slot \d of .* RX/);
  });
  test('the guest touches a TX slot that the host has', () => {
    const p = port(w),
      ring = p.csb + L.CSB_TX_RING,
      some = () => m.ld32(ring + L.PTR_HWCUR) !== m.ld32(ring + L.PTR_HEAD);
    const own = (t: number) => t === p.vm.block && some();
    expect(during(w, own, () => touch(p.fd.tx, m.ld32(ring + L.PTR_HWCUR)))).toMatch(/3: the guest wrote slot \d of .* TX/);
  });
  test('the control plane touches a slot', () => {
    w.type('ttyv1', 'echo\r');
    expect(
      during(
        w,
        (t) => t === 0,
        () => touch(port(w).fd.tx, 1),
      ),
    ).toMatch(/3: the control plane wrote slot 1/);
  });
});

describe('5: handlers', () => {
  const w = fresh(machine('two ports of one VM'));
  const entry = (i: number) => (w.tree.host.vms[0]?.vm ?? 0) + L.VM_IOREGH + i * L.VM_IOREGH_SIZE + L.IOREGH_TYPE;
  test.each([
    ['one is lost', 0, 0, /5: netmapvm has 3 handlers and 2 ports up/],
    ['one is left over', 9, L.VM_IO_REGH_KWEVENTS, /5: netmapvm has 5 handlers and 2 ports up/],
  ])('%s', (_, i, type, says) => {
    w.m.st32(entry(i), type);
    expect(handlers(w)).toMatch(says);
  });
});

describe('6: BARs of memdevs', () => {
  const w = fresh(machine('a VALE port'));
  const bar = () => {
    const vm = w.tree.host.vms[0];
    const st = vm && (w.host.bhyveOf(vm)?.st as BhyveState),
      b = st?.pci.functions.find((f) => f.emul === 'ptnetmap-memdev')?.bars[1],
      map = vm?.userbufs[0];
    if (!b || !map) throw new Error('no memdev');
    return { b, map };
  };
  type Bar = ReturnType<typeof bar>;
  test.each([
    ['no power of two', ({ b }: Bar) => (b.size = 0x2868000), /is no power of two/],
    ['not aligned', ({ b }: Bar) => (b.addr += 0x1000), /is not aligned/],
    ['above the window', ({ b }: Bar) => (b.addr = 0xe0000000), /is outside the window/],
    ['not mapped', ({ map }: Bar) => (map.gpa = 0), /is not mapped/],
    ['rounded', ({ b, map }: Bar) => (map.bytes = b.size), /67108864 are mapped, the allocator has 42369024/],
  ])('%s', (_, hand, says) => {
    hand(bar());
    expect(memdevs(w)).toMatch(says);
  });
});

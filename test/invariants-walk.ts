// Machines with passthrough ports under traffic, and a walk through one of them by a schedule with every access judged
// (invariants.ts). Both directions, pipe, VALE and NIC; several ports; several VMs.

import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Driver, type Policy, Writers, handlers, indices, memdevs, unseen } from './invariants.ts';
import { numbers } from './hostile.ts';
import { begin, boot, freshLab, run } from './typed.ts';

export interface Machine {
  name: string;
  slots: number;
  before?: string;
  /** Terminal, VM, devices. */
  vms: [tty: string, name: string, slots: string][];
  /** What is typed where; `a&` for a program of the background. */
  lines: [tty: string, line: string][];
  up: number;
}
export const MACHINES: Machine[] = [
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

export type Revision = '2015' | '2019' | 'each its own';
/** Options of the i-th VM's bhyve. */
const revision = (of: Revision, i: number) => (of === '2019' || (of === 'each its own' && i % 2) ? '-o lab.protocol=2019' : '');

/** The machine with its programs under way. */
export function made(x: Machine, of: Revision = '2015'): World {
  const w = freshLab(x.slots, 3);
  if (x.before) run(w, 'ttyv2', x.before);
  x.vms.forEach(([tty, name, slots], i) => {
    boot(w, tty, `bhyve ${revision(of, i)} -s 0,hostbridge -s 1,lpc ${slots} -l com1,stdio -A -H -P -m 2G ${name}`, name);
  });
  for (const [tty, line] of x.lines) {
    const begun = () => w.tree.host.threads.length + Object.values(w.tree.guests).reduce((n, g) => n + g.threads.length, 0),
      n = begun();
    begin(w, tty, line);
    for (let i = 0; i < 200_000 && begun() === n; i++) w.advance(1, w.m.clock + 1e6);
  }
  w.toBoundaries();
  w.m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE);
  return w;
}
export const knob = (w: World, word: number, v: number) => w.m.st32(L.MACHINE + word, v);
/** All that may be looked at after any step. */
export const judge = (w: World) => handlers(w) || memdevs(w) || indices(w);

/** How many steps were judged. */
export const count = { looked: 0 };

/**
 * From here by this schedule: what is broken, and when; '' if nothing is. `told`: a kick may be lost (5.6), which ends the walk. With
 * store buffers (dev.lab.tso), what memory says of who wrote a slot is not what the writer saw, and is left out.
 */
export function walk(w: World, policy: Policy, seed: number, steps: number, told = false): string {
  const tso = w.m.ld32(L.MACHINE + L.M_TSO) > 0,
    writers = new Writers(w),
    driver = new Driver(w, policy, numbers(seed * 7919));
  for (let i = 0; i < steps; i++) {
    const s = driver.step();
    if (!s) break;
    count.looked++;
    const u = unseen(w),
      wrong = judge(w) || (tso ? '' : writers.next(s.thread, s.point)) || (u && !(told && u.told) ? u.why : '');
    if (wrong) return `${policy}, seed ${seed}, step ${i}: ${wrong}`;
    if (u) break;
  }
  return '';
}

// A VM whose passed-through port is up, its guest's program about to make its first access, both workers asleep: where the sequences of
// facts bhyve 9.1 and 9.2 begin.

import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Hand, type Step, ptnOf, stat } from './trail.ts';
import { begin, vmWith } from './typed.ts';

export const SLOTS = 8,
  ROOM = SLOTS - 1; // one slot is always unusable (netmap 2.1)

export interface Scene {
  w: World;
  vm: VmEntry;
  hand: Hand;
  csb: number;
  tx: number;
  rx: number;
  /** Number of points in a list. */
  many: (steps: readonly Step[], point: number) => number;
  /** Exits, those in userspace, kicks ended in the kernel, HLTs, since `f` began. */
  moved: (f: () => void) => { exits: number; user: number; kicks: number; hlt: number; lost: number };
  word: (o: number) => number;
}

/** A VM with one passthrough port; its guest's program is about to begin, and both workers sleep. */
export function scene(port: string, program: string, options = ''): Scene {
  const { w, vm } = vmWith(`${options} -s 2:0,ptnetmap-memdev -s '2:1,virtio-net,pt${port}'`),
    { m } = w;
  m.st32(L.MACHINE + L.M_SLEEP_BOUND, L.SB_NONE); // nobody is woken by a clock here
  begin(w, 'ttyv0', program);
  const guest = w.tree.guests.netmapvm;
  for (let i = 0; i < 200_000 && !guest?.threads.length; i++) w.advance(1);
  m.st64(vm.vcpu + L.VCPU_CTL_DEADLINE, 0);
  const p = ptnOf(w, port);
  if (!p) throw new Error('the port is not up');
  const hand = new Hand(w),
    csb = m.ld32(p.pts + L.PTN_CSB);
  hand.settle(p.rxBlock, p.txBlock);
  return {
    w,
    vm,
    hand,
    csb,
    tx: p.txBlock,
    rx: p.rxBlock,
    many: (steps, point) => steps.filter((s) => s.point === point).length,
    moved: (f) => {
      // exits without those of a page's first touch, which belong to no row
      const of = () => [
          stat(w, vm, L.STAT_EXITS) - stat(w, vm, L.STAT_EPT_FAULT),
          ...[L.STAT_USERSPACE, L.STAT_KICK_KERNEL, L.STAT_HLT, L.STAT_WAKEUP_LOST].map((i) => stat(w, vm, i)),
        ],
        a = of();
      f();
      const [exits = 0, user = 0, kicks = 0, hlt = 0, lost = 0] = of().map((x, i) => x - (a[i] ?? 0));
      return { exits, user, kicks, hlt, lost };
    },
    word: (o) => m.ld32(csb + o),
  };
}
export const asleep = (s: Scene, block: number) => s.w.m.status(block) === L.TS_ASLEEP;

// What a machine that stands still means, for the page to say with a way on: nobody is left to wake anybody, a time-out hides a
// lost kick, a prologue refused an index, the host believed one. Read from the machine; nothing is kept.

import * as L from '../../wasm/layout.ts';
import { P_REINIT_HEAD } from '../../wasm/points.ts';
import type { Situation } from './guide_types.ts';
import type { Lab } from './lab.ts';
import { wordAt } from './past.ts';
import { MARKS } from './protocol.ts';
import { nearest } from './trace_view.ts';
import { nameOf, rings, stuck, threads } from './view.ts';

/** Slots that the guest has handed over and the host's kring has not: where they begin, and how many. */
function waiting(lab: Lab, fd: { tx: number }, csb: number): { first: number; n: number; slots: number } {
  const { m } = lab.world,
    slots = m.ld32(fd.tx + L.KR_NUM_SLOTS) || 1,
    first = m.ld32(fd.tx + L.KR_NR_HWCUR);
  return { first, n: (m.ld32(csb + L.CSB_TX_RING + L.PTR_HEAD) - first + slots) % slots, slots };
}

const ports = (lab: Lab) => {
  const { m, tree } = lab.world;
  return tree.host.ptn.flatMap((p) => {
    const fd = tree.host.fds.find((f) => f.id === p.fd),
      csb = m.ld32(p.pts + L.PTN_CSB);
    return fd && csb ? [{ p, fd, csb }] : [];
  });
};

function nonsense(lab: Lab): Situation | undefined {
  const { m } = lab.world;
  for (const { p, fd, csb } of ports(lab)) {
    if (!fd.faulted) continue;
    const tx = m.status(p.txBlock) === L.TS_DEAD,
      slots = m.ld32((tx ? fd.tx : fd.rx) + L.KR_NUM_SLOTS),
      head = m.ld32(csb + (tx ? L.CSB_TX_RING : L.CSB_RX_RING) + L.PTR_HEAD);
    return { kind: 'nonsense', dir: tx ? 'tx' : 'rx', head, slots };
  }
  return undefined;
}

/** Nobody can go. A receiver's poll looks again every second, and a guest's program gives up some time; a worker only sleeps. */
function standing(lab: Lab): Situation | undefined {
  const { m } = lab.world,
    all = threads(lab.world, false),
    workers = ports(lab).flatMap(({ p }) => [p.txBlock, p.rxBlock]);
  if (lab.run !== 'idle' && all.some((t) => t.runnable || (t.deadlineNs !== undefined && workers.includes(m.block(t.id)))))
    return undefined;
  const timer = all.some((t) => t.side === 'guest' && t.deadlineNs !== undefined),
    why = stuck(lab.world);
  for (const { fd, csb } of ports(lab)) {
    const { first, n, slots } = waiting(lab, fd, csb);
    if (why && n) return { kind: 'stuck', packets: n, first, last: (first + n - 1) % slots, why, timer };
  }
  if (why) return { kind: 'stuck', packets: 0, first: 0, last: 0, why, timer };
  const [one] = ports(lab);
  return one && { kind: 'idle', thread: nameOf(lab.world, one.p.txBlock).name, port: one.fd.name };
}

/** The last step is a thread's first after the bound of its sleep had woken it, and packets had waited for it meanwhile. */
function hidden(lab: Lab): Situation | undefined {
  const { trace } = lab.timeline,
    { m } = lab.world,
    woken = m.steps - 1;
  if (!trace || nearest(trace, { from: woken - 1, to: woken, columns: 1, kinds: ['timeout'] }, woken - 1, 1) !== woken) return undefined;
  const who = m.ld32(L.MACHINE + L.M_DONE_THREAD),
    mine = (x: { step: number; kind: number; lane: number }) =>
      x.step === woken && x.kind === MARKS.indexOf('timeout') && m.block(trace.lanes[x.lane]?.block ?? -1) === who,
    port = trace.marks.some(mine) ? ports(lab).find(({ p }) => p.txBlock === who) : undefined;
  if (!port || !waiting(lab, port.fd, port.csb).n) return undefined;
  return {
    kind: 'timeout',
    thread: nameOf(lab.world, who).name,
    bound: Number(lab.world.tree.host.sysctl['dev.lab.sleep_bound'] ?? 0) === 1 ? 'second' : 'tick',
    alone: threads(lab.world, false).every((t) => !t.runnable || m.block(t.id) === who),
  };
}

/** The indices of a ring and of its kring, in the order and with the letters in which netmap prints them. */
function letters(m: Lab['world']['m'], { ringAddr: r, hostKring: k }: { ringAddr: number; hostKring: number }): string {
  const places: [string, number][] = [
    ['h', r + L.RING_HEAD],
    ['c', r + L.RING_CUR],
    ['t', r + L.RING_TAIL],
    ['rh', k + L.KR_RHEAD],
    ['rc', k + L.KR_RCUR],
    ['rt', k + L.KR_RTAIL],
    ['hc', k + L.KR_NR_HWCUR],
    ['ht', k + L.KR_NR_HWTAIL],
  ];
  return places.map(([name, addr]) => `${name} ${m.ld32(addr)}`).join(' ');
}

/** The last step's access went to an address of its VM at which nothing is mapped. */
function unmapped(lab: Lab): Situation | undefined {
  const count = (w: Lab['world']) => w.tree.host.vms.map((v) => (v.vm ? w.m.ld64(v.vm + L.VM_UNMAPPED_COUNT) : 0)),
    now = count(lab.world);
  if (!now.some((n) => n > 0)) return undefined;
  const before = lab.ask((w, t) => {
    t.seek(w.m.steps - 1);
    return count(w);
  }, now);
  const i = now.findIndex((n, k) => n > (before[k] ?? n)),
    vm = lab.world.tree.host.vms[i];
  return vm && { kind: 'unmapped', addr: lab.world.m.ld32(vm.vm + L.VM_UNMAPPED_GPA), vm: vm.name };
}

function refused(lab: Lab): Situation | undefined {
  const { m } = lab.world;
  if (m.ld32(L.MACHINE + L.M_DONE_POINT) !== P_REINIT_HEAD) return undefined;
  const addr = m.ld32(L.MACHINE + L.M_DONE_ADDR),
    ring = rings(lab.world).find((r) => r.ringAddr === addr - L.RING_HEAD),
    index = m.ld32(addr);
  const found = lab.ask((w, t) => wordAt(w, t, addr, 4)?.writers[0], undefined);
  return {
    kind: 'prologue',
    line: ring?.title ?? '',
    index,
    slots: ring?.slots ?? 0,
    words: found?.words ?? '',
    step: found?.step ?? -1,
    said: ring ? letters(m, ring) : '',
  };
}

export function situation(lab: Lab): Situation | undefined {
  if (lab.run === 'running') return undefined;
  return refused(lab) ?? unmapped(lab) ?? hidden(lab) ?? nonsense(lab) ?? standing(lab);
}

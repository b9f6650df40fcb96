// The promises that the explorer keeps an eye on, in words, and what the search needs to know of this machine to do so
// (wasm/sim/promises.ts). Here is also the judge of a state in which nobody can move: it wakes each sleeper in turn,
// as no wakeup of the machine's would, and looks whether there was work for him. A wakeup that makes progress was lost.

import * as L from '../../../wasm/layout.ts';
import { fieldAt } from '../field_at.ts';
import { nameOf, stuck } from '../view.ts';
import type { World } from '../world.ts';
import { atPorts, heldBack, unsent, waitForEachOther } from './ends.ts';
import { make, moves } from './moves.ts';
import { finite, krings, programs } from './state.ts';

export interface Promised {
  name: string;
  title: string;
  about: string;
}
export const PROMISES: readonly Promised[] = [
  { name: 'deadlock', title: 'no deadlock', about: 'Never does work wait while everybody sleeps or waits for a lock, time-outs off.' },
  {
    name: 'wakeup',
    title: 'no lost wakeup',
    about: 'Nobody sleeps for whom there is work: woken for no reason, he would have nothing to do.',
  },
  {
    name: 'ring',
    title: 'ring indices in order',
    about: 'A ring at rest has hwcur, head, cur and hwtail in this order around it, each a slot.',
  },
  { name: 'buffers', title: 'buffers conserved', about: 'Every buffer stays in exactly one slot.' },
  {
    name: 'sequence',
    title: 'packets whole, once each, in order',
    about: 'A receiver that counts (pkt-gen -f rxseq) finds no hole, no disorder and no torn packet; none receives more than was sent.',
  },
  {
    name: 'csb',
    title: 'CSB written by its owners',
    about: 'The guest writes head, cur and its own flags, the host hwcur, hwtail and its own.',
  },
  {
    name: 'own',
    title: 'slots touched by their owners',
    about: 'A program touches slots between head and tail only, a kernel the others.',
  },
  { name: 'freed', title: 'nothing used after it was freed', about: 'Once a port is closed, nobody who was under way still uses it.' },
  { name: 'prologue', title: 'no prologue fails', about: "A well-behaved peer's indices always pass, so no ring is reinitialised." },
  { name: 'fault', title: 'the host survives', about: 'Whatever a guest stores, no thread of the host kernel leaves its ring.' },
];
const BY_CODE: Record<number, string> = {
  [L.EXP_OWN]: 'own',
  [L.EXP_PROLOGUE]: 'prologue',
  [L.EXP_RING]: 'ring',
  [L.EXP_BUFFERS]: 'buffers',
  [L.EXP_CSB]: 'csb',
  [L.EXP_SEQUENCE]: 'sequence',
  [L.EXP_FREED]: 'freed',
  [L.EXP_FAULT]: 'fault',
};
export interface Broken {
  promise: string;
  why: string;
}

// ── what the search looks at ────────────────────────────────────────────────────────────────────────────────────

/** Words of a CSB, and who writes each (facts 5A.4). */
const CSB_WORDS: readonly (readonly [number, number])[] = [
  [L.CSB_GUEST_NEED_TXKICK, L.EXC_GUEST],
  [L.CSB_GUEST_NEED_RXKICK, L.EXC_GUEST],
  [L.CSB_HOST_NEED_TXKICK, L.EXC_HOST],
  [L.CSB_HOST_NEED_RXKICK, L.EXC_HOST],
  ...[L.CSB_TX_RING, L.CSB_RX_RING].flatMap((r) => [
    [r + L.PTR_HEAD, L.EXC_GUEST] as const,
    [r + L.PTR_CUR, L.EXC_GUEST] as const,
    [r + L.PTR_HWCUR, L.EXC_HOST] as const,
    [r + L.PTR_HWTAIL, L.EXC_HOST] as const,
    [r + L.PTR_SYNC_FLAGS, L.EXC_GUEST] as const,
  ]),
];

export interface Watched {
  /** Address, value and EXP_* of words that may not change. */
  keep: [addr: number, value: number, what: number][];
  krings: number[];
  /** Address and slots. */
  slots: [addr: number, slots: number][];
  csb: [addr: number, owner: number][];
}
/** The host's krings for which the CSB has an index that is no slot: their guest is not well-behaved. */
function misled({ m, tree }: World): number[] {
  return tree.host.ptn.flatMap(({ pts }) => {
    const na = m.ld32(pts + L.PTN_NA),
      csb = m.ld32(pts + L.PTN_CSB);
    if (!na || !csb) return [];
    return [[L.NA_TX_RINGS, L.CSB_TX_RING] as const, [L.NA_RX_RINGS, L.CSB_RX_RING] as const].flatMap(([rings, ptr]) => {
      const k = m.ld32(na + rings),
        n = m.ld32(k + L.KR_NUM_SLOTS);
      return m.ld32(csb + ptr + L.PTR_HEAD) >= n || m.ld32(csb + ptr + L.PTR_CUR) >= n ? [k] : [];
    });
  });
}

/** What to keep an eye on in this machine as it is now. */
export function watched(w: World): Watched {
  const { m } = w,
    all = krings(w),
    keep: Watched['keep'] = [[L.MACHINE + L.M_VIOLATIONS, m.ld32(L.MACHINE + L.M_VIOLATIONS), L.EXP_OWN]],
    freed = [L.M_SEEN_H13, L.M_SEEN_H20].map((o): Watched['keep'][number] => [L.MACHINE + o, m.ld32(L.MACHINE + o), L.EXP_FREED]),
    live = all.host.filter((k) => m.ld32(k + L.KR_RING) !== 0 && m.ld32(k + L.KR_AS) === 0),
    slots = new Map<number, number>();
  const wild = misled(w);
  for (const k of [...all.host, ...all.guest])
    if (!wild.includes(k)) keep.push([k + L.KR_STAT_REINIT, m.ld32(k + L.KR_STAT_REINIT), L.EXP_PROLOGUE]);
  for (const { txKth, rxKth } of w.tree.host.ptn)
    for (const at of [txKth + L.NMK_FAULT, rxKth + L.NMK_FAULT]) keep.push([at, m.ld32(at), L.EXP_FAULT]);
  for (const k of live) slots.set(m.ld32(k + L.KR_RING) + L.RING_SLOT, m.ld32(k + L.KR_NUM_SLOTS));
  for (const { targ } of programs(w))
    if (targ) for (const o of [L.TARG_DISORDER, L.TARG_BAD]) keep.push([targ + o, m.ld32(targ + o), L.EXP_SEQUENCE]);
  const csb = w.tree.host.ptn.flatMap((p): [number, number][] => {
    const at = m.ld32(p.pts + L.PTN_CSB),
      early = m.ld32(p.pts + L.PTN_REV) === L.PROTOCOL_2015;
    const both = (o: number) => early && (o === L.CSB_GUEST_NEED_TXKICK || o === L.CSB_GUEST_NEED_RXKICK);
    return at ? CSB_WORDS.map(([o, owner]) => [at + o, both(o) ? L.EXC_BOTH : owner]) : [];
  });
  // 2015's guest takes hwcur and hwtail as a pair that may not be one (H5), and lives with it
  const late = all.guest.filter((k) => m.ld32(m.ld32(k + L.KR_PRIV) + L.VTN_REV) === L.PROTOCOL_2019);
  keep.push(...freed);
  return { keep, krings: [...live, ...late], slots: [...slots], csb };
}

/** What the search found, in a sentence. */
export function brokenIn(w: World, what: number, addr: number): Broken {
  const { m } = w,
    field = addr ? (fieldAt(w, addr)[0]?.path ?? `the word at 0x${addr.toString(16)}`) : '';
  const kring = () => {
    const kr = [...krings(w).host, ...krings(w).guest].find((k) => addr >= k && addr < k + L.KR_SIZE) ?? addr;
    return `${m.string(kr + L.KR_NAME, 24)}: hwcur ${m.ld32(kr + L.KR_NR_HWCUR)}, head ${m.ld32(kr + L.KR_RHEAD)}, cur ${m.ld32(kr + L.KR_RCUR)}, hwtail ${m.ld32(kr + L.KR_NR_HWTAIL)} of ${m.ld32(kr + L.KR_NUM_SLOTS)}`;
  };
  const promise = BY_CODE[what] ?? 'ring';
  switch (what) {
    case L.EXP_OWN: {
      const t = m.ld32(L.MACHINE + L.M_VIOLATION_THREAD);
      return {
        promise,
        why: `${t ? nameOf(w, t).name : 'A thread'} touches slot ${m.ld32(L.MACHINE + L.M_VIOLATION_SLOT)}, which it does not own.`,
      };
    }
    case L.EXP_PROLOGUE:
      return { promise, why: `The prologue rejects the indices of a well-behaved peer. ${kring()}.` };
    case L.EXP_RING:
      return { promise, why: `The indices of a ring at rest are not in order. ${kring()}.` };
    case L.EXP_BUFFERS:
      return { promise, why: 'A buffer is in two slots, and another in none.' };
    case L.EXP_FREED:
      return {
        promise,
        why:
          addr === L.MACHINE + L.M_SEEN_H13
            ? 'A notification that was under way comes to a passthrough port that has been closed: its state is free by now.'
            : 'A sender that was under way comes to a port of the switch that has been taken out: its state is free by now.',
      };
    case L.EXP_FAULT:
      return {
        promise,
        why: `A thread of the host's kernel goes to a slot that its ring does not have: it faults at 0x${m.ld32(addr).toString(16)}.`,
      };
    case L.EXP_CSB:
      return { promise, why: `${field} is written by a side that does not own it.` };
    default:
      return { promise, why: `The receiver finds packets lost, twice, out of order or torn (${field}).` };
  }
}

// ── nobody can move ───────────────────────────────────────────────────────────────────────────────────────────────

/** A spurious wakeup is followed for so many accesses. */
const FOLLOWED = 20_000;

/** What was sent and what was received, everywhere: slots that are merely free again wait for nobody. */
export function reached(w: World): string {
  const { m } = w,
    all = krings(w),
    out: number[] = [];
  for (const k of [...all.host, ...all.guest]) out.push(m.ld32(k + (m.ld32(k + L.KR_TX) === L.NR_TX ? L.KR_NR_HWCUR : L.KR_NR_HWTAIL)));
  for (const p of programs(w)) if (p.targ) out.push(m.ld32(p.targ + L.TARG_COUNT));
  return out.join();
}
function settle(w: World) {
  for (let n = 0; n < FOLLOWED; ) {
    const all = moves(w.m).filter((x) => x.drain !== undefined || !w.m.wasm.naps(w.m.block(x.thread)));
    if (!all.length) return;
    for (const move of all) {
      make(w.m, move);
      n++;
    }
  }
}

/** Ways of waking somebody for no reason: a name, and the deed. */
function alarms(w: World): [who: string, wake: () => void][] {
  const { m } = w,
    out: [string, () => void][] = [];
  for (const p of w.tree.host.ptn)
    for (const [kth, block] of [
      [p.txKth, p.txBlock],
      [p.rxKth, p.rxBlock],
    ] as const) {
      if (m.status(block) === L.TS_ASLEEP) out.push([nameOf(w, block).name, () => m.wakeup(m.ld32(kth + L.NMK_COOKIE))]);
      const vm = w.tree.host.vms.find((v) => v.vm === m.ld32(kth + L.NMK_VM) && v.block);
      if (!vm || m.status(vm.block) !== L.TS_ASLEEP || m.status(vm.intr) !== L.TS_ASLEEP) continue;
      const vector = m.ld32(kth + L.NMK_MSI_MSG) & 0xff;
      if (!vector) continue;
      out.push([
        nameOf(w, vm.block).name,
        () => {
          const word = vm.vcpu + L.VCPU_IRR + (vector >>> 5) * 4;
          m.st32(word, m.ld32(word) | (1 << (vector & 31)));
          w.pendingInterrupts();
        },
      ]);
    }
  for (const t of w.tree.host.threads) {
    const block = m.ld32(t.td + L.TD_BLOCK);
    if (block && m.status(block) === L.TS_ASLEEP && !m.wasm.naps(block))
      out.push([nameOf(w, block).name, () => m.wakeup(m.ld32(block + L.T_WCHAN))]);
  }
  return out;
}

/** Judges a state in which nobody can move. `back` puts the machine back as it was in that state. */
export function judge(w: World, back: () => void): Broken | undefined {
  const { m } = w,
    told = stuck(w);
  for (let i = 0; i < m.threads; i++) {
    const b = m.block(i);
    if (m.status(b) === L.TS_BLOCKED)
      return { promise: 'deadlock', why: `${nameOf(w, b).name} waits for a lock that nobody will release.` };
  }
  for (let i = 0; i < m.threads; i++)
    if (m.status(m.block(i)) === L.TS_REQUEST && m.ld32(m.block(i) + L.T_REQ) === L.REQ_INOUT) return undefined; // bhyve has yet to act on an exit
  if (heldBack(w)) return undefined;
  const was = reached(w);
  for (const [who, wake] of alarms(w)) {
    const name = who;
    wake();
    settle(w);
    const progress = reached(w) !== was;
    back();
    if (progress) return { promise: 'wakeup', why: told ?? `${name} sleeps although there is work: woken for no reason, it goes on.` };
  }
  if (moves(m).length) return undefined; // who naps has not come to his end
  const ports = atPorts(w, programs(w)),
    each = waitForEachOther(w, ports);
  if (each) return each;
  if (!finite(w)) return undefined;
  let sent = 0,
    received = krings(w).host.reduce((n, k) => n + m.ld64(k + L.KR_STAT_DROPS), 0); // a switch may drop, and says so
  for (const { td, targ } of programs(w)) {
    if (!targ) continue;
    const n = m.ld64(targ + L.TARG_NPACKETS),
      done = m.ld64(targ + L.TARG_COUNT),
      fn = m.ld32(targ + L.TARG_FN);
    if (fn === L.PG_RX || fn === L.PG_RXSEQ) received += done;
    else if (n && done < n)
      return {
        promise: 'deadlock',
        why: told ?? `${m.string(td + L.TD_NAME, 32) || 'A program'} has come to ${done} of ${n} packets, and everybody sleeps.`,
      };
    else sent += done;
  }
  if (received < sent && programs(w).some(({ targ }) => targ && [L.PG_RX, L.PG_RXSEQ].includes(m.ld32(targ + L.TARG_FN))))
    return { promise: 'sequence', why: `${sent} packets were sent, ${received} came or were dropped, and none is on its way.` };
  return unsent(w, ports);
}

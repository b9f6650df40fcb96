// Where nobody can move any more: what the programs at the ports say of it. A sender that waits for room and a receiver that waits
// for packets at the two ends of one pipe wait for ever; and nobody receives what nobody has sent to him. Reads the machine only.

import * as L from '../../../wasm/layout.ts';
import { nameOf, vtnetOf } from '../view.ts';
import type { World } from '../world.ts';
import type { Broken } from './promises.ts';

/** A thread of pkt-gen and the krings of the host's port that it moves; a guest's are those that its port is passed through to. */
interface AtPort {
  name: string;
  fn: number;
  /** To be sent, 0 for ever; sent or received so far. */
  wanted: number;
  done: number;
  asleep: boolean;
  tx: number;
  rx: number;
  /** Nothing in its RX ring that it has not read. */
  empty: boolean;
}

const SENDS: readonly number[] = [L.PG_TX, L.PG_TXSEQ],
  RECEIVES: readonly number[] = [L.PG_RX, L.PG_RXSEQ];

/**
 * An emulated port has packets that it tells of when its mitigation timer ends, and time stands still: then nobody who sleeps has been
 * forgotten. Of what else may be wrong there, nothing is said.
 */
export function heldBack({ m, tree: { host, guests } }: World): boolean {
  return [host.net.stack, ...host.vms.map((v) => guests[v.name]?.net.stack ?? 0)].some((ns) =>
    Array.from({ length: ns ? L.NST_TIMER_MAX : 0 }, (_, i) => m.ld32(ns + L.NST_TIMERS + i * 4)).some(
      (q) => q !== 0 && m.ld64(q + L.MIT_AT) !== 0 && m.ld32(q + L.MIT_PENDING) !== 0,
    ),
  );
}

/** A guest's krings, and the host's behind them. */
function passed(w: World): Map<number, { tx: number; rx: number }> {
  return new Map(
    w.tree.host.ptn.flatMap((p) => {
      const fd = w.tree.host.fds.find((f) => f.id === p.fd),
        v = fd && vtnetOf(w, fd.id);
      return fd && v ? [[v.tx, { tx: fd.tx, rx: fd.rx }] as const] : [];
    }),
  );
}

/** `pkt-gen 704` of the host; a guest's threads have no names. */
function named(w: World, td: number): string {
  const { host, guests } = w.tree,
    block = host.threads.find((t) => t.td === td)?.block,
    vm = host.vms.find((v) => guests[v.name]?.threads.some((t) => w.host.vmm.hostAddress(v, t.td) === td));
  return block ? nameOf(w, block).name : `A program${vm ? ` of ${vm.name}` : ''}`;
}

export function atPorts(w: World, programs: readonly { td: number; targ: number }[]): AtPort[] {
  const { m } = w,
    behind = passed(w);
  return programs.flatMap(({ td, targ }) => {
    if (!targ) return [];
    const tx = m.ld32(td + L.TD_TX),
      rx = m.ld32(td + L.TD_RX),
      host = behind.get(tx) ?? { tx, rx };
    return [
      {
        name: named(w, td),
        fn: m.ld32(targ + L.TARG_FN),
        wanted: m.ld64(targ + L.TARG_NPACKETS),
        done: m.ld64(targ + L.TARG_COUNT),
        asleep: m.ld32(td + L.TD_STATE) === L.TDS_SLEEP,
        ...host,
        empty: rx !== 0 && m.ld32(rx + L.KR_RCUR) === m.ld32(rx + L.KR_RTAIL),
      },
    ];
  });
}

/** A sender that never ends, and the receiver at the other end of its pipe: each waits for the other. Also where counts are no state. */
export function waitForEachOther(w: World, all: readonly AtPort[]): Broken | undefined {
  for (const s of all) {
    if (!SENDS.includes(s.fn) || !s.asleep || s.wanted || !s.tx) continue;
    const peer = w.m.ld32(s.tx + L.KR_PIPE),
      readers = peer ? all.filter((r) => RECEIVES.includes(r.fn) && r.rx === peer) : [];
    if (readers.length && readers.every((r) => r.asleep && r.empty))
      return { promise: 'deadlock', why: `${s.name} waits for room, and ${readers[0]?.name} at the other end of its pipe for packets.` };
  }
  return undefined;
}

/** Whether pkt-gen alone sends in this machine, so that all that was sent is known. */
function sentByPrograms({ tree: { host, guests } }: World): boolean {
  const only = (progs: readonly string[], of: readonly { prog: string }[]) => of.every((p) => progs.includes(p.prog));
  return (
    host.adapters.every((a) => a.kind === 'vale' || a.kind === 'pipe') &&
    only(['pkt-gen', 'bhyve', 'sh'], host.os.procs) &&
    host.vms.every((v) => only(['pkt-gen', 'sh'], guests[v.name]?.os.procs ?? []))
  );
}
/** Every sender has sent all: a receiver has at most what was sent at other ports than its own. */
export function unsent(w: World, all: readonly AtPort[]): Broken | undefined {
  if (!sentByPrograms(w) || all.some((p) => !SENDS.includes(p.fn) && !RECEIVES.includes(p.fn))) return undefined;
  const port = (p: AtPort) => (p.rx ? w.m.ld32(p.rx + L.KR_NA) : w.m.ld32(p.tx + L.KR_NA));
  for (const r of all) {
    if (!RECEIVES.includes(r.fn)) continue;
    const sent = all.reduce((n, s) => n + (SENDS.includes(s.fn) && port(s) !== port(r) ? s.done : 0), 0);
    const drops = w.m.ld64(r.rx + L.KR_STAT_DROPS);
    if (r.done + drops > sent)
      return {
        promise: 'sequence',
        why: `${r.name} received ${r.done} packets${drops ? ` and ${drops} were dropped before it` : ''}, but only ${sent} were sent to it.`,
      };
  }
  return undefined;
}

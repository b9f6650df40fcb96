// Which programs of a run end by themselves: a file's `wait` waits for no others. And whether one waits for time to go by.

import type { Proc } from '../sh/proc.ts';
import type { World } from './world.ts';

/** As in life, a receiver without -W never ends by itself, nor does an endless sender, a capture without -c, nor a VM. */
export function canEnd(p: Proc): boolean {
  if (p.prog === 'bhyve' || p.prog === 'bridge') return false;
  if (p.prog === 'tcpdump') return ((p.st as { o?: { count: number; read: string } }).o?.count ?? 1) > 0;
  if (p.prog === 'nmreplay') return (p.st as { o?: { loops: number } }).o?.loops !== 0;
  if (p.prog !== 'pkt-gen') return true;
  const { g } = p.st as { g?: { type: string; exitIdle: boolean; npackets: number } };
  if (!g) return true; // it has not read its options yet
  return g.type === 'receiver' ? g.exitIdle : g.npackets > 0;
}

/** Somebody sleeps for a time of his own: that nothing happens is no standstill. */
export function sleeping(w: World): boolean {
  const until = (p: Proc) =>
    p.state === 'wait' && p.until !== undefined && (p.prog === 'sleep' || (p.st as { phase?: string }).phase === 'wait');
  return [w.host.os.tree(), ...Object.values(w.tree.guests).map((g) => g.os)].some((o) => o.procs.some(until));
}

// Which programs of a run end by themselves: a file's `wait` waits for no others.

import type { Proc } from '../sh/proc.ts';

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

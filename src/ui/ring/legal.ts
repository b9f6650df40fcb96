// Where head or cur may be moved: what the prologue of the next sync takes (facts netmap 2.2, 2.3). Pure.
import type { RingRef, RingSample } from '../../lab/protocol';
import { distance } from './ownership';

export type Movable = 'head' | 'cur';
export interface Range {
  /** From … to, both included, cyclic; in words the names of both ends. */
  from: number;
  to: number;
  fromName: string;
  toName: string;
  prologue: 'nm_txsync_prologue' | 'nm_rxsync_prologue';
}

/** Whose kring runs the prologue: the guest's own where the port is passed through. */
function kring(s: RingSample): { rhead: number; rtail: number; hwcur: number; hwtail: number } {
  return s.guest.hwcur >= 0 ? s.guest : s;
}

/** head from what the kernel took last to cur, which must not be left behind; cur from head to the end of what was given. */
export function rangeOf(ring: RingRef, s: RingSample, hand: Movable): Range {
  const k = kring(s),
    tx = ring.dir === 'TX';
  const [low, lowName, high, highName] = tx ? [k.rhead, 'rhead', k.rtail, 'rtail'] : [k.hwcur, 'nr_hwcur', k.hwtail, 'nr_hwtail'];
  const prologue = tx ? 'nm_txsync_prologue' : 'nm_rxsync_prologue';
  return hand === 'head'
    ? { from: low, to: s.cur, fromName: lowName, toName: 'cur', prologue }
    : { from: s.head, to: high, fromName: 'head', toName: highName, prologue };
}

/** Whether the prologue takes the ring with the hand there: low ≤ head ≤ cur ≤ high in cyclic order. */
export function isLegal(ring: RingRef, s: RingSample, hand: Movable, at: number): boolean {
  const k = kring(s),
    [low, high] = ring.dir === 'TX' ? [k.rhead, k.rtail] : [k.hwcur, k.hwtail],
    head = hand === 'head' ? at : s.head,
    cur = hand === 'cur' ? at : s.cur;
  if ([low, high, head, cur].some((x) => x < 0 || x >= s.n)) return false;
  const d = [head, cur, high].map((x) => distance(x, low, s.n));
  return (d[0] ?? 0) <= (d[1] ?? 0) && (d[1] ?? 0) <= (d[2] ?? 0);
}

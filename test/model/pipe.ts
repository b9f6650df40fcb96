// Model of a netmap pipe of 2015: two ends, whole slots exchanged at the sender's txsync, back-pressure by the receiver's
// free slots. Written from facts netmap 1.12 (initial contents) and 4.2 alone.

import { distance, finalize, newRing, prev, type Ring, rxsyncPrologue, type Slot, txsyncPrologue } from './ring.ts';

export const NS_BUF_CHANGED = 0x0001;
export interface Half {
  r: Ring;
  slots: Slot[];
  /** How often the other side was told of something here. */
  notified: number;
}
export interface End {
  tx: Half;
  rx: Half;
}

export const newHalf = (n: number, dir: 'tx' | 'rx', slots: Slot[]): Half => ({ r: newRing(n, dir), slots, notified: 0 });

/** The sender's nm_sync; `rx` is the RX ring of the other end. */
export function pipeTxsync(tx: Half, rx: Half) {
  const { n } = tx.r,
    m = distance(n, tx.r.hwcur, tx.r.rhead),
    busy = distance(n, rx.r.hwcur, rx.r.hwtail),
    limit = Math.min(m, n - 1 - busy); // 1
  if (limit === 0) return;
  let k = tx.r.hwcur,
    j = rx.r.hwtail;
  for (let i = 0; i < limit; i++) {
    const [a, b] = [tx.slots[k], rx.slots[j]];
    if (!a || !b) throw new Error('no slot');
    tx.slots[k] = { ...b, flags: b.flags | NS_BUF_CHANGED }; // 2
    rx.slots[j] = { ...a, flags: a.flags | NS_BUF_CHANGED };
    k = (k + 1) % n;
    j = (j + 1) % n;
  }
  rx.r.hwtail = j; // 3
  tx.r.hwcur = k;
  tx.r.hwtail = prev(n, k);
  rx.notified++; // 4
}

/** The receiver's nm_sync; `tx` is the TX ring of the other end. */
export function pipeRxsync(rx: Half, tx: Half) {
  const old = rx.r.hwcur;
  rx.r.hwcur = rx.r.rhead;
  if (rx.r.hwcur !== old) tx.notified++;
}

/** The ioctls around them (facts 2.6), for indices that a user may set. */
export function txsync(tx: Half, rx: Half) {
  if (txsyncPrologue(tx.r) >= tx.r.n) throw new Error('bad indices');
  pipeTxsync(tx, rx);
  finalize(tx.r);
}
export function rxsync(rx: Half, tx: Half) {
  if (rxsyncPrologue(rx.r) >= rx.r.n) throw new Error('bad indices');
  pipeRxsync(rx, tx);
  finalize(rx.r);
}

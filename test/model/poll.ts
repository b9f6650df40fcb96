// Model of poll and of the two sync ioctls of 2015, as functions of what a descriptor asks and how its rings stand. Written
// from facts netmap 2.5 to 2.8 alone, FreeBSD's order of operations, with the faults of that year.

import { finalize, reinit, type Ring, rxsyncPrologue, txsyncPrologue } from './ring.ts';

export const POLLIN = 1,
  POLLOUT = 4,
  POLLERR = 8;
export const NAF_FORCE_READ = 1,
  NAF_FORCE_RECLAIM = 2;

/** A kring: its words, whether somebody else has it, and what its backend does. */
export interface Kring {
  r: Ring;
  /** Busy or stopped: tryget fails (2.8). */
  taken: boolean;
  /** nm_sync; false is an error. */
  sync(r: Ring, flags: number): boolean;
}
/** What a descriptor has of one direction: rings from first up to and without last. */
export interface Side {
  rings: Kring[];
  first: number;
  last: number;
}
export interface Fd {
  registered: boolean;
  /** The port is in netmap mode. */
  on: boolean;
  tx: Side;
  rx: Side;
  /** False: NETMAP_NO_TX_POLL. */
  txPoll: boolean;
}
export interface Polled {
  revents: number;
  /** Rings whose nm_sync ran, in order. */
  txSynced: number[];
  rxSynced: number[];
  /** Directions for which the caller was recorded as a waiter: on the ring's own queue or on the port's. */
  selrecord: { dir: 'tx' | 'rx'; queue: 'ring' | 'global' }[];
  /** Rings whose waiters were notified. */
  notified: { dir: 'tx' | 'rx'; ring: number }[];
  reinit: { dir: 'tx' | 'rx'; ring: number }[];
  /** TX indices that the loop's wrong bound reaches and that are no TX ring of the adapter. */
  beyond: number[];
}

const selected = (s: Side) => Array.from({ length: s.last - s.first }, (_, i) => s.first + i);
/** 2015: cur == tail. */
export const ringEmpty = (r: Ring) => r.cur === r.tail;

/** Facts 2.7. `want` is a set of POLLIN and POLLOUT. */
export function poll2015(want: number, fd: Fd): Polled {
  const out: Polled = { revents: 0, txSynced: [], rxSynced: [], selrecord: [], notified: [], reinit: [], beyond: [] };
  if (!fd.registered || !fd.on) {
    out.revents = POLLERR; // 1
    return out;
  }
  let wantTx = (want & POLLOUT) !== 0,
    wantRx = (want & POLLIN) !== 0;
  const some = (s: Side) => selected(s).some((i) => s.rings[i] !== undefined && !ringEmpty(s.rings[i].r));
  if (wantTx && some(fd.tx)) {
    out.revents |= POLLOUT; // 2: any ring will do, in both directions
    wantTx = false;
  }
  if (wantRx && some(fd.rx)) {
    out.revents |= POLLIN;
    wantRx = false;
  }
  const queue = (s: Side) => (s.last - s.first > 1 ? 'global' : 'ring');

  /** 3. The TX pass; its last ring is the RX side's. */
  const txPass = () => {
    for (let i = fd.tx.first; i < fd.rx.last; i++) {
      const k = fd.tx.rings[i];
      if (!k) {
        out.beyond.push(i);
        continue;
      }
      if (!wantTx && k.r.cur === k.r.hwcur) continue;
      if (k.taken) continue;
      if (txsyncPrologue(k.r) >= k.r.n) {
        reinit(k.r); // not synced, but looked at like the others
        out.reinit.push({ dir: 'tx', ring: i });
        out.revents |= POLLERR;
      } else {
        out.txSynced.push(i);
        if (k.sync(k.r, 0)) finalize(k.r);
      }
      if (k.r.rcur !== k.r.rtail) {
        if (wantTx) out.revents |= POLLOUT;
        wantTx = false;
        out.notified.push({ dir: 'tx', ring: i });
      }
    }
  };
  if (fd.txPoll || wantTx) {
    txPass();
    if (wantTx) {
      out.selrecord.push({ dir: 'tx', queue: queue(fd.tx) }); // 4
      txPass();
    }
  }

  /** 5. The RX pass; answers whether a packet was found. */
  const rxPass = () => {
    let found = false;
    for (const i of selected(fd.rx)) {
      const k = fd.rx.rings[i];
      if (!k || k.taken) continue;
      if (rxsyncPrologue(k.r) >= k.r.n) {
        reinit(k.r);
        out.reinit.push({ dir: 'rx', ring: i });
        out.revents |= POLLERR; // but go on
      }
      out.rxSynced.push(i);
      if (k.sync(k.r, 0)) finalize(k.r);
      if (k.r.rcur !== k.r.rtail) {
        out.revents |= POLLIN;
        found = true;
        out.notified.push({ dir: 'rx', ring: i });
      }
    }
    return found;
  };
  if (wantRx && !rxPass()) {
    out.selrecord.push({ dir: 'rx', queue: queue(fd.rx) }); // 6
    rxPass();
  }
  return out;
}

/** Facts 2.6, column 2015: the result of NIOCTXSYNC or NIOCRXSYNC, and which rings were synced. */
export function syncIoctl2015(dir: 'tx' | 'rx', fd: Fd): { result: 0 | 'ENXIO' | 'EBUSY'; synced: number[]; reinit: number[] } {
  const out = { result: 0 as 0 | 'ENXIO' | 'EBUSY', synced: [] as number[], reinit: [] as number[] };
  if (!fd.registered || !fd.on) return { ...out, result: 'ENXIO' };
  const side = fd[dir];
  for (const i of selected(side)) {
    const k = side.rings[i];
    if (!k) continue;
    if (k.taken) return { ...out, result: 'EBUSY' }; // the rings after it are not processed
    const head = dir === 'tx' ? txsyncPrologue(k.r) : rxsyncPrologue(k.r);
    if (head >= k.r.n) {
      reinit(k.r);
      out.reinit.push(i);
      continue;
    }
    out.synced.push(i);
    if (k.sync(k.r, dir === 'tx' ? NAF_FORCE_RECLAIM : NAF_FORCE_READ)) finalize(k.r);
  }
  return out;
}

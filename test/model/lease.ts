// Model of the destination ring of a VALE switch: reserve, copy without the lock, commit. Written from facts netmap 3.5
// (pass 2, steps 3 to 6) alone; each function is what one sender does under the lock, so that senders can be interleaved.

import { distance, next } from './ring.ts';

export interface Queue {
  n: number;
  hwcur: number;
  hwtail: number;
  hwlease: number;
  /** The next entry of the lease array; an entry is null while its lease is not completed. */
  leaseIdx: number;
  leases: (number | null)[];
}
export interface Lease {
  start: number;
  howmany: number;
  idx: number;
}

/** An RX ring whose slots from hwcur to hwtail hold packets. */
export function newQueue(n: number, hwcur = 0, hwtail = hwcur): Queue {
  return { n, hwcur, hwtail, hwlease: hwtail, leaseIdx: 0, leases: Array<number | null>(n).fill(null) };
}

/** Step 3. Undefined: the ring is full, everything for this destination is dropped. */
export function reserve(q: Queue, needed: number): Lease | undefined {
  const space = q.n - 1 - distance(q.n, q.hwcur, q.hwlease),
    howmany = Math.min(needed, space);
  if (howmany === 0) return undefined;
  const lease = { start: q.hwlease, howmany, idx: q.leaseIdx };
  q.hwlease = (q.hwlease + howmany) % q.n;
  q.leases[lease.idx] = null;
  q.leaseIdx = next(q.n, q.leaseIdx);
  return lease;
}

/** Step 4. How many of these packets, by their fragments, fit in a lease: up to the first that does not fit entirely. */
export function fitting(frags: readonly number[], howmany: number): number {
  let used = 0,
    packets = 0;
  for (const f of frags) {
    if (used + f > howmany) break;
    used += f;
    packets++;
  }
  return packets;
}

/** Steps 5 and 6, `used` slots having been filled. `zero`: slots to be filled with zero length; `notify`: hwtail advanced. */
export function commit(q: Queue, lease: Lease, used: number): { zero: number[]; notify: boolean } {
  const { n } = q,
    zero: number[] = [];
  let end = (lease.start + used) % n;
  if (used < lease.howmany) {
    const nobodyAfterMe = next(n, lease.idx) === q.leaseIdx;
    if (nobodyAfterMe) q.hwlease = end;
    else
      for (let left = lease.howmany - used; left > 0; left--) {
        zero.push(end);
        end = next(n, end);
      }
  }
  q.leases[lease.idx] = end;
  if (q.hwtail !== lease.start) return { zero, notify: false }; // somebody before me is still copying
  let i = lease.idx,
    tail = q.hwtail;
  do {
    tail = q.leases[i] ?? tail;
    q.leases[i] = null;
    i = next(n, i);
  } while (i !== q.leaseIdx && q.leases[i] !== null);
  const notify = tail !== q.hwtail;
  q.hwtail = tail;
  return { zero, notify };
}

// The lease algorithm of a VALE destination ring (facts netmap 3.5), as modelled: all interleavings of two and three senders
// and a receiver on rings of 2 to 16 slots. Who owns a slot is kept by a ledger that knows no indices.

import { describe, expect, it } from 'vitest';
import { commit, fitting, type Lease, newQueue, type Queue, reserve } from './model/lease.ts';
import { distance } from './model/ring.ts';

/** What a slot is: free, leased by a sender, done and not published, or published. */
type Owner = 'free' | 'done' | 'published' | number;
interface Sender {
  /** Batches still to be sent: the fragments of each packet. */
  batches: number[][];
  lease: Lease | null;
  copied: number; // packets of this batch
  slots: number; // that they took
  seq: number; // the next packet's number
  sent: number; // packets copied
}
interface State {
  q: Queue;
  owner: Owner[];
  /** [sender, sequence, fragment, fragments], or null: zero length. */
  content: ([number, number, number, number] | null)[];
  senders: Sender[];
  last: number[]; // sequence number of the last packet received, by sender
  got: number[]; // packets received, by sender
}

function start(n: number, at: number, batches: number[][][]): State {
  return {
    q: newQueue(n, at),
    owner: Array<Owner>(n).fill('free'),
    content: Array<null>(n).fill(null),
    senders: batches.map((b) => ({ batches: b, lease: null, copied: 0, slots: 0, seq: 1, sent: 0 })),
    last: batches.map(() => 0),
    got: batches.map(() => 0),
  };
}
class Broken extends Error {}
function claim(ok: boolean, what: string): asserts ok {
  if (!ok) throw new Broken(what);
}

/** The slots from one index up to another must be `from`, and become `to`. */
function change(s: State, at: number, count: number, from: Owner, to: Owner, what: string) {
  for (let k = 0; k < count; k++) {
    const i = (at + k) % s.q.n;
    claim(s.owner[i] === from, `${what}: slot ${i} is ${s.owner[i]}`);
    s.owner[i] = to;
  }
}

type Commit = typeof commit;
/** One step of sender i; false when it has nothing to do. */
function step(s: State, i: number, committing: Commit): boolean {
  const me = s.senders[i],
    { q } = s,
    batch = me?.batches[0];
  if (!me || !batch) return false;
  if (!me.lease) {
    const needed = batch.reduce((a, b) => a + b, 0),
      lease = reserve(q, needed);
    if (!lease) {
      me.seq += batch.length; // dropped
      me.batches.shift();
      return true;
    }
    change(s, lease.start, lease.howmany, 'free', i, 'reserve');
    me.lease = lease;
    me.copied = me.slots = 0;
    return true;
  }
  const { start: from, howmany } = me.lease;
  if (me.copied < fitting(batch, howmany)) {
    const frags = batch[me.copied] ?? 0;
    for (let f = 0; f < frags; f++) {
      const at = (from + me.slots + f) % q.n;
      claim(s.owner[at] === i, `copy: slot ${at} is ${s.owner[at]}`);
      s.content[at] = [i, me.seq + me.copied, f, frags];
    }
    me.slots += frags;
    me.copied++;
    return true;
  }
  const leaseEnd = (from + howmany) % q.n,
    was = q.hwtail,
    lease = q.hwlease;
  const { zero, notify } = committing(q, me.lease, me.slots);
  change(s, from, me.slots, i, 'done', 'commit');
  for (const z of zero) {
    change(s, z, 1, i, 'done', 'left over');
    s.content[z] = null;
  }
  const back = howmany - me.slots - zero.length;
  change(s, from + me.slots, back, i, 'free', 'rolled back');
  if (back > 0) claim(lease === leaseEnd && zero.length === 0, 'rolled back while somebody leased after');
  change(s, was, distance(q.n, was, q.hwtail), 'done', 'published', 'hwtail');
  claim(notify === (was !== q.hwtail), 'notified only if hwtail advanced');
  me.sent += me.copied;
  me.seq += batch.length;
  me.batches.shift();
  me.lease = null;
  return true;
}

/** The receiver takes everything that is published. */
function receive(s: State): boolean {
  const { q } = s;
  if (q.hwcur === q.hwtail) return false;
  let at = q.hwcur;
  while (at !== q.hwtail) {
    const c = s.content[at] ?? null;
    if (c) {
      const [from, seq, , frags] = c;
      for (let f = 0; f < frags; f++) {
        const one = s.content[(at + f) % q.n];
        claim(!!one && one[0] === from && one[1] === seq && one[2] === f, 'fragments of a packet are not together');
      }
      claim(seq > (s.last[from] ?? 0), `packet ${seq} of sender ${from} after ${s.last[from]}`);
      s.last[from] = seq;
      s.got[from] = (s.got[from] ?? 0) + 1;
      change(s, at, frags, 'published', 'free', 'release');
      claim(distance(q.n, at, q.hwtail) >= frags, 'half a packet is published');
      at = (at + frags) % q.n;
    } else {
      change(s, at, 1, 'published', 'free', 'release');
      at = (at + 1) % q.n;
    }
  }
  q.hwcur = q.hwtail;
  return true;
}

/** Everything has been sent and taken: nothing may be left. */
function atEnd(s: State) {
  claim(s.q.hwtail === s.q.hwlease, `hwtail ${s.q.hwtail} stays behind hwlease ${s.q.hwlease}`);
  claim(
    s.owner.every((o) => o === 'free'),
    'slots are lost',
  );
  claim(
    s.q.leases.every((l) => l === null),
    'a lease is left',
  );
  s.senders.forEach((x, i) => {
    claim(s.got[i] === x.sent, `sender ${i} copied ${x.sent} packets, ${s.got[i]} were received`);
  });
}

/** All interleavings; answers the number of different states, throws at the first that is broken. */
function explore(first: State, receiving: boolean, committing: Commit = commit): number {
  const seen = new Set<string>(),
    open = [JSON.stringify(first)];
  seen.add(open[0] ?? '');
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    let moved = false;
    for (let i = 0; i <= first.senders.length; i++) {
      const s = JSON.parse(key) as State,
        receiver = i === first.senders.length;
      const done = s.senders.every((x) => x.batches.length === 0);
      if (receiver ? !((receiving || done) && receive(s)) : !step(s, i, committing)) continue;
      moved = true;
      const k = JSON.stringify(s);
      if (!seen.has(k)) {
        seen.add(k);
        open.push(k);
      }
    }
    if (!moved) atEnd(JSON.parse(key) as State);
  }
  return seen.size;
}

const SIZES = Array.from({ length: 15 }, (_, i) => i + 2);
/** One batch of a sender, and what several make. */
const ONE = [[1], [2], [1, 1], [3], [1, 2], [2, 1, 1], [1, 3, 1]];

describe.each(SIZES)('a ring of %i slots', (n) => {
  const some = n > 6 ? ONE.filter((_, i) => i % 2 === 0) : ONE;
  it('two senders of two batches each, with and without a receiver', () => {
    let states = 0;
    for (const a of some)
      for (const b of some)
        for (const receiving of [true, false])
          states += explore(
            start(n, n - 2, [
              [a, b],
              [b, a],
            ]),
            receiving,
          );
    expect(states).toBeGreaterThan(1000);
  });
  it('three senders of one batch each and a receiver', () => {
    let states = 0;
    for (const a of some)
      for (const b of some)
        for (const c of n > 8 ? [[2, 1, 1]] : [[1], [2, 1, 1]]) states += explore(start(n, n - 1, [[a], [b], [c]]), true);
    expect(states).toBeGreaterThan(1000);
  });
});

describe('longer', () => {
  it.each([7, 16])('three senders of two and three batches on %i slots', (n) => {
    expect(
      explore(
        start(n, n - 1, [
          [[1, 2], [1]],
          [[2], [3]],
          [[1], [1, 1]],
        ]),
        true,
      ),
    ).toBeGreaterThan(1000);
    expect(
      explore(
        start(n, 0, [
          [[2, 3], [1], [2]],
          [[5, 1], [1], [3]],
        ]),
        true,
      ),
    ).toBeGreaterThan(500);
  });
});

// A lease that is rolled back whole keeps its entry of the lease array until all before it are completed, but has no slot
// that would count. While one sender copies, another can so go round the array of n entries: the algorithm itself breaks.
describe('one sender copies, another leases what is left n times, fits nowhere and rolls back', () => {
  const rounds = (n: number, k: number) => start(n, 0, [[[1]], Array.from({ length: k }, () => [n])]);
  it.each([3, 4, 5, 8])('%i slots: n - 1 times is well', (n) => {
    expect(explore(rounds(n, n - 1), false)).toBeGreaterThan(n);
  });
  it.each([3, 4, 5, 8])('%i slots: n times writes over the entry of the lease that is open', (n) => {
    expect(() => explore(rounds(n, n), false)).toThrow(Broken);
  });
  it('so three senders can make a ring of 4 slots stand still', () => {
    expect(() =>
      explore(
        start(4, 3, [
          [[1, 2], [1]],
          [[2], [3]],
          [[1], [1, 1]],
        ]),
        true,
      ),
    ).toThrow('hwtail 0 stays behind hwlease 3');
  });
});

describe('what the check finds when the algorithm is another', () => {
  const all = (committing: Commit) => () => {
    for (const n of [3, 4, 6])
      for (const a of ONE) for (const b of ONE) for (const c of ONE) explore(start(n, 0, [[a, c], [b], [c]]), true, committing);
  };
  it('hwtail moved to the end of whoever commits', () => {
    expect(
      all((q, lease, used) => {
        const r = commit({ ...q, leases: [...q.leases] }, lease, used);
        const moved = q.hwtail !== (lease.start + used) % q.n;
        q.hwtail = (lease.start + used) % q.n;
        return { ...r, notify: moved };
      }),
    ).toThrow(Broken);
  });
  it('hwlease rolled back whoever came after', () => {
    expect(
      all((q, lease, used) => {
        const short = { ...lease, howmany: used };
        if (used < lease.howmany) q.hwlease = (lease.start + used) % q.n;
        return commit(q, short, used);
      }),
    ).toThrow(Broken);
  });
  it('"nobody after me" judged by hwlease alone, not by the lease array', () => {
    expect(
      all((q, lease, used) => {
        if (used < lease.howmany && q.hwlease === (lease.start + lease.howmany) % q.n) {
          q.hwlease = (lease.start + used) % q.n;
          return commit(q, { ...lease, howmany: used }, used);
        }
        return commit(q, lease, used);
      }),
    ).toThrow(Broken);
  });
  it('leases after mine that are already completed left where they are', () => {
    expect(
      all((q, lease, used) => {
        const keep = q.leaseIdx;
        q.leaseIdx = (lease.idx + 1) % q.n;
        const r = commit(q, lease, used);
        q.leaseIdx = keep;
        return r;
      }),
    ).toThrow(Broken);
  });
});

// A client that writes garbage: into its rings' indices and headers, its slots, its netmap_if, its requests, a guest into its
// CSB. Two honest ports of the same switch go on meanwhile, and what one sends the other must get. All by direct calls of
// the free build, one after the other, so that a million hostile states take seconds; every number comes from the seed.

import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './typed.ts';

export interface Plane {
  netmap_ioctl_sync(td: number, tx: number): number;
  netmap_poll(td: number, events: number, timeout: bigint): number;
  run_free(t: number, n: number): void;
}

/** Seeded numbers (xorshift32). */
export function numbers(seed: number) {
  let x = seed >>> 0 || 1;
  return (n: number) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

/** A descriptor with a td of its own, as a program's thread has it; who calls it is the test. */
export class Client {
  readonly td: number;
  constructor(
    readonly w: World,
    readonly plane: Plane,
    readonly fd: NetmapFd,
  ) {
    const { m } = w;
    this.td = m.alloc(L.PAGE);
    m.st32(this.td + L.TD_TX, fd.tx);
    m.st32(this.td + L.TD_RX, fd.rx);
    m.st32(this.td + L.TD_NTX, fd.ntx);
    m.st32(this.td + L.TD_NRX, fd.nrx);
  }
  ring(tx: boolean, i = 0) {
    return this.w.m.ld32((tx ? this.fd.tx : this.fd.rx) + i * L.KR_SIZE + L.KR_RING);
  }
  n(tx: boolean) {
    return this.w.m.ld32((tx ? this.fd.tx : this.fd.rx) + L.KR_NUM_SLOTS);
  }
  buf(tx: boolean, slot: number) {
    const { m } = this.w,
      ring = this.ring(tx);
    return ring + m.ld32(ring + L.RING_BUF_OFS) + m.ld32(ring + L.RING_SLOT + slot * L.SLOT_SIZE) * m.ld32(ring + L.RING_NR_BUF_SIZE);
  }
  sync(tx: boolean) {
    return this.plane.netmap_ioctl_sync(this.td, tx ? 1 : 0);
  }
  poll(events: number) {
    this.w.m.st64(this.td + L.TD_POLL_DEADLINE, 0);
    const r = this.plane.netmap_poll(this.td, events, 1n) >>> 0;
    this.w.m.st32(this.td + L.TD_STATE, L.TDS_RUN);
    return r;
  }
}

const MAGIC = 0x5117f00d;

/** Honest traffic from a to b: frames with a mark and a number. Answers what is wrong, '' when nothing is. */
export class Honest {
  #seq = 1;
  delivered = 0;
  constructor(
    readonly a: Client,
    readonly b: Client,
  ) {}

  /** Empties b's ring; answers the honest numbers that were in it. */
  #drain(): { seqs: number[]; wrong: string } {
    const { b } = this,
      { m } = b.w,
      ring = b.ring(false),
      n = b.n(false),
      seqs: number[] = [];
    let wrong = '';
    b.sync(false);
    for (let i = m.ld32(ring + L.RING_HEAD); i !== m.ld32(ring + L.RING_TAIL); i = (i + 1) % n) {
      const buf = b.buf(false, i);
      if (m.ld32(buf + 16) === MAGIC) {
        const seq = m.ld32(buf + 20),
          len = m.ld16(ring + L.RING_SLOT + i * L.SLOT_SIZE + L.SLOT_LEN);
        seqs.push(seq);
        for (let k = 24; k < 60; k += 4) if (m.ld32(buf + k) !== (seq * 2654435761 + k) >>> 0) wrong = `frame ${seq} differs at ${k}`;
        if (len !== 60) wrong = `frame ${seq} has ${len} bytes`;
      }
      m.st32(ring + L.RING_HEAD, (i + 1) % n);
      m.st32(ring + L.RING_CUR, (i + 1) % n);
    }
    b.sync(false);
    return { seqs, wrong };
  }

  /** k frames: all must come, in order, as they were. */
  exchange(k: number): string {
    const { a } = this,
      { m } = a.w,
      ring = a.ring(true),
      n = a.n(true);
    const before = this.#drain();
    if (before.wrong && before.seqs.some((s) => s >= this.#seq)) return before.wrong;
    const sent: number[] = [];
    for (let i = 0; i < k; i++) {
      const head = m.ld32(ring + L.RING_HEAD);
      if (head === m.ld32(ring + L.RING_TAIL)) return 'the honest sender has no room';
      const buf = a.buf(true, head),
        seq = this.#seq++;
      m.st32(buf, 0xffffffff);
      m.st32(buf + 4, 0x0002ffff);
      m.st32(buf + 8, 0x01000000);
      m.st32(buf + 12, 0x0008);
      m.st32(buf + 16, MAGIC);
      m.st32(buf + 20, seq);
      for (let b = 24; b < 64; b += 4) m.st32(buf + b, (seq * 2654435761 + b) >>> 0);
      const slot = ring + L.RING_SLOT + head * L.SLOT_SIZE;
      m.st16(slot + L.SLOT_LEN, 60);
      m.st16(slot + L.SLOT_FLAGS, 0);
      m.st32(ring + L.RING_HEAD, (head + 1) % n);
      m.st32(ring + L.RING_CUR, (head + 1) % n);
      sent.push(seq);
    }
    const e = a.sync(true);
    if (e) return `the honest sender's txsync answers ${e}`;
    const got = this.#drain();
    if (got.wrong) return got.wrong;
    const mine = got.seqs.filter((s) => s >= (sent[0] ?? 0));
    if (mine.join() !== sent.join()) return `sent ${sent.join()}, received ${mine.join()}`;
    this.delivered += sent.length;
    return '';
  }
}

/** Garbage for an index of a ring of n slots, or any word. */
export function garbage(r: (n: number) => number, n: number): number {
  switch (r(8)) {
    case 0:
      return 0xffffffff;
    case 1:
      return 0x80000000 + r(3);
    case 2:
      return n + r(3);
    case 3:
      return (r(65536) * 65536 + r(65536)) >>> 0;
    default:
      return r(n);
  }
}

/** One hostile state of a client: writes, then a system call. Answers what was called. */
export function attack(c: Client, r: (n: number) => number, bufs: number) {
  const { m } = c.w,
    tx = r(2) === 1,
    ring = c.ring(tx, r(tx ? c.fd.ntx : c.fd.nrx)),
    n = c.n(tx);
  for (let k = r(4); k >= 0; k--)
    switch (r(10)) {
      case 0:
      case 1:
        m.st32(ring + L.RING_HEAD, garbage(r, n));
        break;
      case 2:
      case 3:
        m.st32(ring + L.RING_CUR, garbage(r, n));
        break;
      case 4:
        m.st32(ring + L.RING_TAIL, garbage(r, n));
        break;
      case 5: // an honest-looking step: the kernel accepts it, with whatever is in the slots
        m.st32(ring + L.RING_HEAD, (m.ld32(ring + L.RING_HEAD) + r(n)) % n);
        m.st32(ring + L.RING_CUR, m.ld32(ring + L.RING_HEAD));
        break;
      case 6: {
        const slot = ring + L.RING_SLOT + r(n) * L.SLOT_SIZE;
        m.st32(slot + L.SLOT_BUF_IDX, garbage(r, bufs));
        m.st16(slot + L.SLOT_LEN, r(3) ? r(2100) : r(65536));
        break;
      }
      case 7: {
        const slot = ring + L.RING_SLOT + r(n) * L.SLOT_SIZE;
        m.st16(slot + L.SLOT_FLAGS, r(65536));
        m.st32(slot + L.SLOT_PTR, garbage(r, 1 << 20));
        m.st32(slot + L.SLOT_PTR + 4, r(4) ? 0 : garbage(r, 4));
        break;
      }
      case 8: // the header too is the user's to write
        m.st32(ring + r(64) * 4, garbage(r, n));
        break;
      default: // and its netmap_if
        m.st32(c.fd.nifp + r(32) * 4, garbage(r, bufs));
    }
  switch (r(6)) {
    case 0:
    case 1:
      c.sync(true);
      break;
    case 2:
    case 3:
      c.sync(false);
      break;
    case 4:
      c.poll(L.POLLIN | L.POLLOUT);
      break;
    default:
      c.poll(r(2) ? L.POLLIN : L.POLLOUT);
  }
}

/** The free build over a lab's memory, as one thread of it. */
export const planeOf = (w: World): Plane => w.m.freeInstance(wasmFile('free'), w.m.block(L.THREAD_MAX - 1)) as unknown as Plane;

/** A random request: names that are and are not, fields of every kind. */
export function request(r: (n: number) => number, names: readonly string[]): R.Nmreq {
  const some = (a: readonly number[]) => a[r(a.length)] ?? 0;
  return R.newNmreq(names[r(names.length)] ?? '', {
    nr_version: r(10) ? R.NETMAP_API : garbage(r, 20),
    nr_flags: r(8) ? (some([1, 1, 1, 2, 3, 4, 5, 6]) | (r(6) ? 0 : some([0x100, 0x200, 0x400, 0x800]))) >>> 0 : garbage(r, 16),
    nr_ringid: r(4) ? r(4) : r(65536),
    nr_cmd: r(6) ? 0 : r(14),
    nr_arg1: r(3) ? 0 : r(65536),
    nr_arg2: r(3) ? 0 : r(8) ? r(6) : r(65536),
    nr_arg3: r(4) ? 0 : r(3) ? r(40) : garbage(r, 100),
    nr_tx_slots: r(40) ? r(32) : garbage(r, 5000),
    nr_rx_slots: r(40) ? r(32) : garbage(r, 5000),
    nr_tx_rings: r(3) ? r(4) : r(65536),
    nr_rx_rings: r(3) ? r(4) : r(65536),
  });
}

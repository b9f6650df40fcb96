// The mbuf pool, control plane: made once, looked at, and what must be given back when an interface or a port goes. The data
// plane's half is wasm/net/mbuf.ts; what is done here is done as the holder of the pool's lock.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetTree } from './tree.ts';

const LEAST = 64,
  MOST = 32768;

export class Mbufs {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
  ) {}

  get pool() {
    return this.m.ld32(this.m.words + L.M_MBUFS);
  }
  /** The pool for a stack, as kern.ipc.nmbclusters says. */
  create(stack: number) {
    const { m } = this,
      n = Math.max(LEAST, Math.min(MOST, Number(this.tree().sysctl['kern.ipc.nmbclusters']))),
      p = m.alloc(L.MBP_MBUFS + n * L.MBUF_SIZE);
    for (let i = 0; i < n; i++) {
      const mb = p + L.MBP_MBUFS + i * L.MBUF_SIZE;
      m.st32(mb + L.M_NEXT, i + 1 < n ? mb + L.MBUF_SIZE : 0);
    }
    m.st32(p + L.MBP_FREE, p + L.MBP_MBUFS);
    m.st32(p + L.MBP_NFREE, n);
    m.st32(p + L.MBP_TOTAL, n);
    m.st32(p + L.MBP_STACK, stack);
    m.st32(p + L.MBP_PADDR, m.paddr(p));
    Atomics.store(m.u32, (m.words + L.M_MBUFS) >>> 2, p);
  }
  get used() {
    return this.pool ? this.m.ld32(this.pool + L.MBP_TOTAL) - this.m.ld32(this.pool + L.MBP_NFREE) : 0;
  }
  get denied() {
    return this.pool ? this.m.ld64(this.pool + L.MBP_DENIED) : 0;
  }

  /** The pool's lock; false when a thread holds it. */
  lock(): boolean {
    return Atomics.compareExchange(this.m.u32, (this.pool + L.MBP_LOCK) >>> 2, 0, 1) === 0;
  }
  unlock() {
    Atomics.store(this.m.u32, (this.pool + L.MBP_LOCK) >>> 2, 0);
  }

  /** An mbuf, 0 when there is none. */
  take(): number {
    const { m, pool } = this,
      mb = m.ld32(pool + L.MBP_FREE);
    if (!mb) return 0;
    m.st32(pool + L.MBP_FREE, m.ld32(mb + L.M_NEXT));
    m.st32(pool + L.MBP_NFREE, m.ld32(pool + L.MBP_NFREE) - 1);
    m.u8.fill(0, mb, mb + L.M_DATA);
    m.st32(mb + L.M_REFS, 1);
    return mb;
  }
  /** A reference less; nobody is told. */
  drop(mb: number) {
    const { m, pool } = this,
      left = m.ld32(mb + L.M_REFS) - 1;
    m.st32(mb + L.M_REFS, left);
    if (left) return;
    m.st32(mb + L.M_COOKIE, 0);
    m.st32(mb + L.M_NEXT, m.ld32(pool + L.MBP_FREE));
    m.st32(pool + L.MBP_FREE, mb);
    m.st32(pool + L.MBP_NFREE, m.ld32(pool + L.MBP_NFREE) + 1);
  }
  /** mbq_purge. */
  purge(q: number) {
    this.#filter(q, () => false);
  }
  #filter(q: number, keep: (mb: number) => boolean) {
    const { m } = this;
    let tail = 0,
      n = 0;
    for (let mb = m.ld32(q + L.MQ_HEAD), prev = q + L.MQ_HEAD, next = 0; mb; mb = next) {
      next = m.ld32(mb + L.M_NEXT);
      if (keep(mb)) {
        prev = mb + L.M_NEXT;
        tail = mb;
        n++;
      } else {
        m.st32(prev, next);
        this.drop(mb);
      }
    }
    m.st32(q + L.MQ_TAIL, tail);
    m.st32(q + L.MQ_LEN, n);
  }

  /** An interface goes: nothing that waits in the stack may name it. */
  forget(ifp: number) {
    const { m } = this,
      ns = this.tree().net.stack;
    this.#filter(ns + L.NST_ISRQ, (mb) => m.ld32(mb + L.M_RCVIF) !== ifp);
    this.forgetNeighbours(ifp);
  }
  /** lltable_free: the addresses learnt on an interface, and what waited for one. */
  forgetNeighbours(ifp: number) {
    const { m } = this,
      ns = this.tree().net.stack;
    for (let i = 0; i < L.NST_ARP_MAX; i++) {
      const e = ns + L.NST_ARP + i * L.AE_SIZE;
      if (m.ld32(e + L.AE_IFP) !== ifp) continue;
      const held = m.ld32(e + L.AE_HOLD);
      if (held) this.drop(held);
      m.u8.fill(0, e, e + L.AE_SIZE);
    }
  }
  /** A port goes: mbufs that a driver still has tell nobody. */
  forgetCookies(from: number, to: number) {
    const { m, pool } = this;
    for (let i = 0, n = m.ld32(pool + L.MBP_TOTAL); i < n; i++) {
      const at = pool + L.MBP_MBUFS + i * L.MBUF_SIZE + L.M_COOKIE,
        c = m.ld32(at);
      if (c >= from && c < to) m.st32(at, 0);
    }
  }
}

// mbufs of the host: a pool of fixed clusters with a free list, reference counts, queues. Stands for mbuf(9) as far as the
// lab needs it. The pool's and a queue's words belong to whoever holds their lock; an mbuf to whoever holds a reference.
// An emulated port keeps a second reference to what it sends: back at one, the driver has done with it (facts netmap 2.11).

import {
  MBP_DENIED, MBP_FREE, MBP_LOCK, MBP_NFREE, MQ_DROPS, MQ_HEAD, MQ_LEN, MQ_LIMIT, MQ_LOCK, MQ_TAIL, M_COOKIE, M_DATA, M_LEN,
  M_MBUFS, M_NEXT, M_RCVIF, M_REFS, M_ROOM, M_STAMP, OPS, OP_MBUF_DTOR,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_MBUF, P_MB_COOKIE, P_MB_FREE_LOCK, P_MB_FREE_UNLOCK, P_MB_GET_LOCK, P_MB_GET_UNLOCK, P_MB_UNREF,
  P_MQ_GET_LOCK, P_MQ_GET_UNLOCK, P_MQ_PUT_LOCK, P_MQ_PUT_UNLOCK,
} from "../points";
import { kern } from "./kern";
import { pkt_copy } from "./netmap_user";
import { charge, ld, lock_word, rmw_add, unlock_word } from "../sim/shared";

/** m_getcl: an mbuf with its cluster and one reference; 0 when the pool is empty. */
export function m_get(): usize {
  const p: usize = load<u32>(kern(), M_MBUFS);
  if (!p) return 0;
  charge(COST_MBUF);
  lock_word(p + MBP_LOCK, P_MB_GET_LOCK);
  const m: usize = load<u32>(p, MBP_FREE);
  if (m) {
    store<u32>(p, load<u32>(m, M_NEXT), MBP_FREE);
    store<u32>(p, load<u32>(p, MBP_NFREE) - 1, MBP_NFREE);
  } else store<u64>(p, load<u64>(p, MBP_DENIED) + 1, MBP_DENIED);
  unlock_word(p + MBP_LOCK, P_MB_GET_UNLOCK);
  if (!m) return 0;
  store<u32>(m, 0, M_NEXT);
  store<u32>(m, 0, M_LEN);
  store<u32>(m, 0, M_RCVIF);
  store<u32>(m, 1, M_REFS);
  store<u32>(m, 0, M_COOKIE);
  store<u64>(m, 0, M_STAMP);
  return m;
}

/** m_freem: a reference less. With the last one whoever is named by the cookie hears of it, and the mbuf is free. */
export function m_free(m: usize): void {
  if (rmw_add(m + M_REFS, 0xffffffff, P_MB_UNREF) != 1) return;
  if (ld(m + M_COOKIE, P_MB_COOKIE)) call_indirect<void>(load<u32>(OPS + OP_MBUF_DTOR * 4), m);
  const p: usize = load<u32>(kern(), M_MBUFS);
  lock_word(p + MBP_LOCK, P_MB_FREE_LOCK);
  store<u32>(m, load<u32>(p, MBP_FREE), M_NEXT);
  store<u32>(p, m as u32, MBP_FREE);
  store<u32>(p, load<u32>(p, MBP_NFREE) + 1, MBP_NFREE);
  unlock_word(p + MBP_LOCK, P_MB_FREE_UNLOCK);
}

/** Copies up to a cluster into an mbuf. */
export function m_fill(m: usize, from: usize, len: u32): void {
  pkt_copy(m + M_DATA, from, (len + 63) & ~63);
  store<u32>(m, len, M_LEN);
  charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
}
/** m_devget: an mbuf with a copy of `len` bytes; 0 when there is none, or it is too long for one. */
export function m_copy_of(from: usize, len: u32): usize {
  if (len > M_ROOM) return 0;
  const m = m_get();
  if (m) m_fill(m, from, len);
  return m;
}
/** m_dup. */
export function m_dup(m: usize): usize {
  const n = m_copy_of(m + M_DATA, load<u32>(m, M_LEN));
  if (n) store<u32>(n, load<u32>(m, M_RCVIF), M_RCVIF);
  return n;
}

/** Appends under the queue's lock. */
export function mq_append(q: usize, m: usize): void {
  store<u32>(m, 0, M_NEXT);
  const tail: usize = load<u32>(q, MQ_TAIL);
  if (tail) store<u32>(tail, m as u32, M_NEXT);
  else store<u32>(q, m as u32, MQ_HEAD);
  store<u32>(q, m as u32, MQ_TAIL);
  store<u32>(q, load<u32>(q, MQ_LEN) + 1, MQ_LEN);
}
/** Takes the first one, under the queue's lock; 0 when empty. */
export function mq_take(q: usize): usize {
  const m: usize = load<u32>(q, MQ_HEAD);
  if (!m) return 0;
  const next = load<u32>(m, M_NEXT);
  store<u32>(q, next, MQ_HEAD);
  if (!next) store<u32>(q, 0, MQ_TAIL);
  store<u32>(q, load<u32>(q, MQ_LEN) - 1, MQ_LEN);
  store<u32>(m, 0, M_NEXT);
  return m;
}
/** Appends to a queue that is not full; false and counted when it is: the mbuf is still the caller's. */
export function mq_put(q: usize, m: usize): bool {
  lock_word(q + MQ_LOCK, P_MQ_PUT_LOCK);
  const room = load<u32>(q, MQ_LEN) < load<u32>(q, MQ_LIMIT);
  if (room) mq_append(q, m);
  else store<u64>(q, load<u64>(q, MQ_DROPS) + 1, MQ_DROPS);
  unlock_word(q + MQ_LOCK, P_MQ_PUT_UNLOCK);
  return room;
}
/** The first one of a queue, 0 when it is empty. */
export function mq_get(q: usize): usize {
  lock_word(q + MQ_LOCK, P_MQ_GET_LOCK);
  const m = mq_take(q);
  unlock_word(q + MQ_LOCK, P_MQ_GET_UNLOCK);
  return m;
}

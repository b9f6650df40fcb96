// The VALE switch. Mirrors netmap_vale.c of 2015 (facts 3): table of 1024 buckets, last writer wins; senders reserve
// slots of a destination under its queue lock (leases), copy without it, commit under it. The sender never blocks.
// A sending ring's forwarding table (KR_FT) is the sender's; a bridge's ports change under the writer side of its lock.

import {
  BDG_ACTIVE, BDG_HT, BDG_LOCK, BDG_PORTS, BDG_PORT_INDEX, FT_BUF, FT_DST, FT_DSTS, FT_FLAGS, FT_FRAGS, FT_LEN,
  FT_NEXT, FT_SIZE, KR_FT, KR_HWLEASE, KR_LEASES, KR_LEASE_IDX, KR_NA, KR_NM_NOTIFY, KR_NR_HWCUR, KR_NR_HWTAIL,
  KR_NUM_SLOTS, KR_Q_LOCK, KR_RHEAD, KR_RING_ID, KR_SIZE, KR_STAT_BYTES, KR_STAT_COPIES, KR_STAT_DROPS,
  KR_STAT_PACKETS, M_BRIDGE_BATCH, NAF_NETMAP_ON, NA_BDG, NA_BDG_PORT, NA_FLAGS, NA_LAST_SMAC,
  NA_NUM_RX_RINGS, NA_RX_RINGS, NM_BDG_BROADCAST, NM_BDG_HASH, NM_BDG_MAXRINGS, NM_BDG_NOPORT, NM_FT_NULL,
  NR_NOSLOT, NS_BUF_CHANGED, NS_MOREFRAG, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN, KR_MEM, MEM_POOL, MEM_POOL_SIZE, POOL_BUF,
  POOL_OBJSIZE, POOL_OBJTOTAL, KR_USERS, NETMAP_MAX_FRAGS, NM_BDG_BATCH, NA_VIRT_HDR_LEN, NS_INDIRECT, NAF_BUSY, FIRST_FREE, NAF_SW_ONLY, NA_TYPE,
  NA_BWRAP, HZ_H20, MACHINE, M_SEEN_H20, PROTOCOL_2015, M_TXSYNC_RETRY, NAF_FORCE_RECLAIM, SLOT_PTR,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SYNC_SLOT, P_VALE_DST_HWCUR, P_VALE_DST_HWTAIL, P_VALE_DST_LOCK, P_VALE_DST_LOCK2,
  P_VALE_DST_ST_HWTAIL, P_VALE_DST_UNLOCK, P_VALE_DST_UNLOCK_FULL, P_VALE_DST_UNLOCK_GONE, P_VALE_DST_UNLOCK2, P_VALE_PORT, P_VALE_RX_HWCUR, P_VALE_RX_LOCK,
  P_VALE_RX_ST_HWCUR, P_VALE_RX_UNLOCK, P_VALE_TX_HWCUR, P_VALE_TX_RLOCK, P_VALE_TX_RUNLOCK, P_VALE_TX_ST_HWCUR,
  P_VALE_TX_ST_HWTAIL,
} from "../points";
import { hazards } from "./hazards";
import { kern } from "./kern";
import { pkt_copy } from "./netmap_user";
import { kr_ring, kr_slot, nm_next, nm_prev, nmb } from "./netmap_kern";
import { charge, ld, lock_word, own_kernel, rlock_word, runlock_word, st, unlock_word } from "../sim/shared";

const BROADCAST_Q: u32 = 254 * 16; // NM_BDG_BROADCAST * NM_BDG_MAXRINGS

/** nm_bridge_rthash: Jenkins' mix over the six bytes (low 48 bits of mac, first byte lowest), to a bucket. */
export function nm_bridge_rthash(mac: u64): u32 {
  let a: u32 = 0x9e3779b9, b: u32 = 0x9e3779b9, c: u32 = 0;
  b += ((mac >> 32) as u32) & 0xffff; // m5 << 8 | m4
  a += mac as u32; // m3 << 24 | m2 << 16 | m1 << 8 | m0
  a -= b; a -= c; a ^= c >> 13;
  b -= c; b -= a; b ^= a << 8;
  c -= a; c -= b; c ^= b >> 13;
  a -= b; a -= c; a ^= c >> 12;
  b -= c; b -= a; b ^= a << 16;
  c -= a; c -= b; c ^= b >> 5;
  a -= b; a -= c; a ^= c >> 3;
  b -= c; b -= a; b ^= a << 10;
  c -= a; c -= b; c ^= b >> 15;
  return c & (NM_BDG_HASH - 1);
}

/**
 * netmap_bdg_learning: learns the source, looks the destination up. Answers a port, broadcast or no port. A virtio-net
 * header stands before the frame, or is a whole fragment of its own, and then the next one is looked at.
 */
function bdg_learning(bdg: usize, na: usize, e: usize, frags: u32): u32 {
  const vhl = load<u32>(na, NA_VIRT_HDR_LEN);
  let buf: usize = load<u32>(e, FT_BUF), len: u32 = load<u16>(e, FT_LEN);
  if (vhl) {
    if (len > vhl) { buf += vhl; len -= vhl; }
    else if (len == vhl && frags > 1) { buf = load<u32>(e + FT_SIZE, FT_BUF); len = load<u16>(e + FT_SIZE, FT_LEN); }
    else return NM_BDG_NOPORT;
  }
  if (len < 14) return NM_BDG_NOPORT;
  const w0 = load<u64>(buf), dmac = w0 & 0xffffffffffff, smac = load<u64>(buf, 4) >> 16;
  const me = load<u32>(na, NA_BDG_PORT);
  if (!(smac & 1) && smac != load<u64>(na, NA_LAST_SMAC)) {
    const at = bdg + BDG_HT + nm_bridge_rthash(smac) * 16;
    store<u64>(na, smac, NA_LAST_SMAC);
    store<u64>(at, smac);
    store<u64>(at, me, 8);
  }
  if (dmac & 1) return NM_BDG_BROADCAST;
  const at = bdg + BDG_HT + nm_bridge_rthash(dmac) * 16;
  return load<u64>(at) == dmac ? load<u64>(at, 8) as u32 : NM_BDG_BROADCAST;
}

function ft_entry(ft: usize, i: u32): usize { return ft + i * FT_SIZE; }
function ft_queue(ft: usize, q: u32): usize { return ft + FT_DST + q * 8; }

function enqueue(ft: usize, q: u32, i: u32, frags: u32): void {
  const d = ft_queue(ft, q);
  store<u16>(ft_entry(ft, i), NM_FT_NULL as u16, FT_NEXT);
  if (load<u32>(d, 4) == 0) store<u16>(d, i as u16);
  else store<u16>(ft_entry(ft, load<u16>(d, 2)), i as u16, FT_NEXT);
  store<u16>(d, i as u16, 2);
  store<u32>(d, load<u32>(d, 4) + frags, 4);
}

/** netmap_vp_txsync: forwards hwcur..rhead; the sender always gets its slots back (facts 3.4). */
export function netmap_vp_txsync(kr: usize, flags: u32): u32 {
  const na: usize = load<u32>(kr, KR_NA), lim = load<u32>(kr, KR_NUM_SLOTS) - 1;
  const hwcur = ld(kr + KR_NR_HWCUR, P_VALE_TX_HWCUR), head = load<u32>(kr, KR_RHEAD);
  let done = head;
  const bdg: usize = load<u32>(na, NA_BDG);
  let batch = load<u32>(kern(), M_BRIDGE_BATCH) as i32;
  if (batch > NM_BDG_BATCH) batch = NM_BDG_BATCH;
  if (bdg && batch > 0 && hwcur != head) {
    const held = !(hazards(PROTOCOL_2015) & HZ_H20);
    if (held) rlock_word(bdg + BDG_LOCK, P_VALE_TX_RLOCK);
    done = preflush(kr, na, bdg, hwcur, head, lim, batch as u32);
    if (held) runlock_word(bdg + BDG_LOCK, P_VALE_TX_RUNLOCK);
  }
  st(kr + KR_NR_HWCUR, done, P_VALE_TX_ST_HWCUR);
  st(kr + KR_NR_HWTAIL, nm_prev(done, lim), P_VALE_TX_ST_HWTAIL);
  return 0;
}

function preflush(kr: usize, na: usize, bdg: usize, from: u32, end: u32, lim: u32, batch: u32): u32 {
  const ft: usize = load<u32>(kr, KR_FT), ring = kr_ring(kr);
  const pool: usize = load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE;
  const bufsize = load<u32>(pool, POOL_OBJSIZE), total = load<u32>(pool, POOL_OBJTOTAL);
  let n: u32 = 0, frags: u32 = 1, bytes: u64 = 0, packets: u64 = 0;
  for (let j = from; j != end; j = nm_next(j, lim)) {
    own_kernel(ring, j);
    const slot = kr_slot(kr, j), e = ft_entry(ft, n);
    const f: u32 = load<u16>(slot, SLOT_FLAGS);
    let len: u32 = load<u16>(slot, SLOT_LEN);
    if (len > bufsize || load<u32>(slot, SLOT_BUF_IDX) >= total || load<u32>(slot, SLOT_BUF_IDX) < 2) len = 0;
    let buf: u32 = nmb(kr, slot) as u32;
    if (f & NS_INDIRECT) { // the payload is in the sender's memory; what is not there is a fault, and the packet empty
      len = load<u16>(slot, SLOT_LEN);
      buf = copyin(na, load<u64>(slot, SLOT_PTR), len);
      if (!buf) len = 0;
    }
    store<u32>(e, buf, FT_BUF);
    store<u16>(e, len as u16, FT_LEN);
    store<u16>(e, f as u16, FT_FLAGS);
    store<u16>(e, NM_FT_NULL as u16, FT_NEXT);
    if (f & NS_BUF_CHANGED) store<u16>(slot, (f & ~NS_BUF_CHANGED) as u16, SLOT_FLAGS);
    bytes += len;
    charge(COST_SYNC_SLOT);
    n++;
    if ((f & NS_MOREFRAG) && frags < NETMAP_MAX_FRAGS) { store<u16>(e, 0, FT_FRAGS); frags++; continue; }
    store<u16>(e, (f & ~NS_MOREFRAG) as u16, FT_FLAGS); // the table has room for so many: a longer packet ends here
    store<u16>(ft_entry(ft, n - frags), frags as u16, FT_FRAGS);
    packets++;
    frags = 1;
    if (n >= batch) { flush(kr, na, bdg, ft, n); n = 0; }
  }
  if (frags > 1) { // a trailing incomplete packet is truncated: its last fragment becomes the end
    frags--;
    const last = ft_entry(ft, n - 1);
    store<u16>(last, load<u16>(last, FT_FLAGS) & ~NS_MOREFRAG, FT_FLAGS);
    store<u16>(ft_entry(ft, n - frags), frags as u16, FT_FRAGS);
    packets++;
  }
  if (n) flush(kr, na, bdg, ft, n);
  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + packets, KR_STAT_PACKETS);
  store<u64>(kr, load<u64>(kr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
  return end;
}

/** Where a program's own memory is, or 0: programs of the host have theirs in the machine, a VM's is not bhyve's. */
function copyin(na: usize, ptr: u64, len: u32): u32 {
  if (load<u32>(na, NA_FLAGS) & NAF_BUSY) return 0;
  const end: u64 = (memory.size() as u64) << 16;
  return ptr >= (FIRST_FREE as u64) && ptr < end && ptr + len <= end ? ptr as u32 : 0;
}

/** nm_bdg_flush: pass 1 sorts the batch by destination, pass 2 delivers (facts 3.5). */
function flush(kr: usize, na: usize, bdg: usize, ft: usize, n: u32): void {
  const me = load<u32>(na, NA_BDG_PORT), ringid = load<u32>(kr, KR_RING_ID);
  let dsts: u32 = 0;
  let i: u32 = 0;
  while (i < n) {
    const e = ft_entry(ft, i), frags: u32 = load<u16>(e, FT_FRAGS);
    const port = bdg_learning(bdg, na, e, frags);
    if (port == NM_BDG_BROADCAST) enqueue(ft, BROADCAST_Q, i, frags);
    else if (port != NM_BDG_NOPORT && port != me && load<u32>(bdg + BDG_PORTS + port * 4)) {
      const q = port * NM_BDG_MAXRINGS + (ringid & (NM_BDG_MAXRINGS - 1));
      if (!load<u32>(ft_queue(ft, q), 4)) store<u16>(ft + FT_DSTS + dsts++ * 2, q as u16);
      enqueue(ft, q, i, frags);
    }
    i += frags;
  }
  if (load<u32>(ft_queue(ft, BROADCAST_Q), 4)) { // broadcast reaches ring 0 of every other active port
    const active = load<u32>(bdg, BDG_ACTIVE);
    for (let a: u32 = 0; a < active; a++) {
      const p: u32 = load<u16>(bdg + BDG_PORT_INDEX + a * 2);
      if (p == me) continue;
      const q = p * NM_BDG_MAXRINGS;
      if (!load<u32>(ft_queue(ft, q), 4)) store<u16>(ft + FT_DSTS + dsts++ * 2, q as u16);
    }
  }
  for (let d: u32 = 0; d < dsts; d++) {
    const q: u32 = load<u16>(ft + FT_DSTS + d * 2);
    deliver(bdg, na, ft, q);
    store<u64>(ft_queue(ft, q), 0);
  }
  store<u64>(ft_queue(ft, BROADCAST_Q), 0);
}

/** With H20 a port may have left between the look and the use. A kernel would go on into what is freed: here it is counted. */
function gone(bdg: usize, dna: usize, q: u32): bool {
  if (load<u32>(bdg + BDG_PORTS + (q / NM_BDG_MAXRINGS) * 4) == (dna as u32)) return false;
  store<u32>(MACHINE, load<u32>(MACHINE, M_SEEN_H20) + 1, M_SEEN_H20);
  return true;
}

function deliver(bdg: usize, sna: usize, ft: usize, q: u32): void {
  const dna: usize = ld(bdg + BDG_PORTS + (q / NM_BDG_MAXRINGS) * 4, P_VALE_PORT);
  if (!dna || !(load<u32>(dna, NA_FLAGS) & NAF_NETMAP_ON) || (load<u32>(dna, NA_FLAGS) & NAF_SW_ONLY)) return;
  const dkr: usize = load<u32>(dna, NA_RX_RINGS) + (q % NM_BDG_MAXRINGS % load<u32>(dna, NA_NUM_RX_RINGS)) * KR_SIZE;
  if (!load<u32>(dkr, KR_USERS)) return;
  const lim = load<u32>(dkr, KR_NUM_SLOTS) - 1, dq = ft_queue(ft, q), bq = ft_queue(ft, BROADCAST_Q);
  const brd = (q & (NM_BDG_MAXRINGS - 1)) == 0 ? load<u32>(bq, 4) : 0;
  const needed = load<u32>(dq, 4) + brd;
  if (!needed) return;
  // a NIC behind a wrapper: what it has sent meanwhile makes room
  if (load<u32>(dna, NA_TYPE) == NA_BWRAP && load<u32>(kern(), M_TXSYNC_RETRY)) call_indirect<u32>(load<u32>(dkr, KR_NM_NOTIFY), dkr, NAF_FORCE_RECLAIM as u32);
  const svhl = load<u32>(sna, NA_VIRT_HDR_LEN), dvhl = load<u32>(dna, NA_VIRT_HDR_LEN);
  const bufsize = load<u32>(load<u32>(dkr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJSIZE);
  // reserve
  lock_word(dkr + KR_Q_LOCK, P_VALE_DST_LOCK);
  if (gone(bdg, dna, q)) { // it went while we waited: its rings are no more
    unlock_word(dkr + KR_Q_LOCK, P_VALE_DST_UNLOCK_GONE);
    return;
  }
  const hwcur = ld(dkr + KR_NR_HWCUR, P_VALE_DST_HWCUR), start = load<u32>(dkr, KR_HWLEASE);
  let busy = (start as i32) - (hwcur as i32);
  if (busy < 0) busy += lim + 1;
  let howmany = lim - (busy as u32);
  if (howmany > needed) howmany = needed;
  if (!howmany) { // full at entry: everything for this destination is dropped
    unlock_word(dkr + KR_Q_LOCK, P_VALE_DST_UNLOCK_FULL);
    store<u64>(dkr, load<u64>(dkr, KR_STAT_DROPS) + count_packets(ft, dq, bq, brd), KR_STAT_DROPS);
    return;
  }
  let lease_end = start + howmany;
  if (lease_end > lim) lease_end -= lim + 1;
  const lease_idx = load<u32>(dkr, KR_LEASE_IDX), leases: usize = load<u32>(dkr, KR_LEASES);
  store<u32>(dkr, lease_end, KR_HWLEASE);
  store<u32>(dkr, nm_next(lease_idx, lim), KR_LEASE_IDX);
  store<u32>(leases + lease_idx * 4, NR_NOSLOT);
  unlock_word(dkr + KR_Q_LOCK, P_VALE_DST_UNLOCK);
  // copy, without the lock
  const dring = kr_ring(dkr);
  let next: u32 = load<u32>(dq, 4) ? load<u16>(dq) as u32 : NM_FT_NULL, brd_next: u32 = brd ? load<u16>(bq) as u32 : NM_FT_NULL;
  let j = start, left = howmany, packets: u64 = 0, bytes: u64 = 0, copies: u64 = 0, full = false, drops: u64 = 0;
  while (next != NM_FT_NULL || brd_next != NM_FT_NULL) {
    let i: u32;
    if (next < brd_next) { i = next; next = load<u16>(ft_entry(ft, next), FT_NEXT); }
    else { i = brd_next; brd_next = load<u16>(ft_entry(ft, brd_next), FT_NEXT); }
    const frags: u32 = load<u16>(ft_entry(ft, i), FT_FRAGS);
    if (full || frags > left) { full = true; drops++; continue; }
    for (let f: u32 = 0; f < frags; f++) {
      const e = ft_entry(ft, i + f);
      let len: u32 = load<u16>(e, FT_LEN);
      own_kernel(dring, j);
      const slot = kr_slot(dkr, j);
      if (len > bufsize) len = bufsize;
      if (svhl != dvhl && f == 0) len = copy_mismatch(nmb(dkr, slot), load<u32>(e, FT_BUF), len, svhl, dvhl, bufsize);
      else if (load<u16>(e, FT_FLAGS) & NS_INDIRECT) copy_user(nmb(dkr, slot), load<u32>(e, FT_BUF), len, bufsize);
      else pkt_copy(nmb(dkr, slot), load<u32>(e, FT_BUF), (len + 63) & ~63);
      charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
      store<u16>(slot, len as u16, SLOT_LEN);
      store<u16>(slot, ((frags << 8) | (f + 1 < frags ? NS_MOREFRAG : 0)) as u16, SLOT_FLAGS);
      bytes += len;
      copies++;
      j = nm_next(j, lim);
      left--;
    }
    packets++;
  }
  // commit
  lock_word(dkr + KR_Q_LOCK, P_VALE_DST_LOCK2);
  if (left) { // slots left over: roll back if nobody leased after me, else send them empty
    if (nm_next(lease_idx, lim) == load<u32>(dkr, KR_LEASE_IDX)) store<u32>(dkr, j, KR_HWLEASE);
    else while (j != lease_end) {
      const slot = kr_slot(dkr, j);
      store<u16>(slot, 0, SLOT_LEN);
      store<u16>(slot, 0, SLOT_FLAGS);
      j = nm_next(j, lim);
    }
  }
  store<u64>(dkr, load<u64>(dkr, KR_STAT_PACKETS) + packets, KR_STAT_PACKETS);
  store<u64>(dkr, load<u64>(dkr, KR_STAT_BYTES) + bytes, KR_STAT_BYTES);
  store<u64>(dkr, load<u64>(dkr, KR_STAT_COPIES) + copies, KR_STAT_COPIES);
  store<u64>(dkr, load<u64>(dkr, KR_STAT_DROPS) + drops, KR_STAT_DROPS);
  store<u32>(leases + lease_idx * 4, j);
  let update = ld(dkr + KR_NR_HWTAIL, P_VALE_DST_HWTAIL), still = false;
  if (update == start) { // mine is the first open lease: also what others completed directly behind it
    update = j;
    let p = nm_next(lease_idx, lim);
    while (p != load<u32>(dkr, KR_LEASE_IDX) && load<u32>(leases + p * 4) != NR_NOSLOT) {
      update = load<u32>(leases + p * 4);
      store<u32>(leases + p * 4, NR_NOSLOT);
      p = nm_next(p, lim);
    }
    still = true;
    st(dkr + KR_NR_HWTAIL, update, P_VALE_DST_ST_HWTAIL);
  }
  unlock_word(dkr + KR_Q_LOCK, P_VALE_DST_UNLOCK2);
  if (still && j != start) call_indirect<u32>(load<u32>(dkr, KR_NM_NOTIFY), dkr, 0 as u32);
}

/** copyin of an indirect slot: multiples of 64 bytes as all copies, as far as there is memory and room. */
function copy_user(to: usize, from: usize, len: u32, room: u32): void {
  let n = (len + 63) & ~63;
  if (n > room) n = room;
  const end: u64 = (memory.size() as u64) << 16;
  if ((from as u64) + n > end) n = (end - from) as u32;
  memory.copy(to, from, n);
}

/** Headers of unlike length: the sender's goes, an empty one of the receiver's length comes. Checksums and GSO: not here. */
function copy_mismatch(to: usize, from: usize, len: u32, svhl: u32, dvhl: u32, room: u32): u32 {
  const body = len > svhl ? len - svhl : 0, n = body + dvhl > room ? room - dvhl : body;
  memory.fill(to, 0, dvhl);
  memory.copy(to + dvhl, from + svhl, n);
  return n + dvhl;
}

function count_packets(ft: usize, dq: usize, bq: usize, brd: u32): u64 {
  let n: u64 = 0;
  for (let i: u32 = load<u32>(dq, 4) ? load<u16>(dq) as u32 : NM_FT_NULL; i != NM_FT_NULL; i = load<u16>(ft_entry(ft, i), FT_NEXT)) n++;
  for (let i: u32 = brd ? load<u16>(bq) as u32 : NM_FT_NULL; i != NM_FT_NULL; i = load<u16>(ft_entry(ft, i), FT_NEXT)) n++;
  return n;
}

/** netmap_vp_rxsync: only releases (facts 3.5, end). */
export function netmap_vp_rxsync(kr: usize, flags: u32): u32 {
  const head = load<u32>(kr, KR_RHEAD), lim = load<u32>(kr, KR_NUM_SLOTS) - 1;
  lock_word(kr + KR_Q_LOCK, P_VALE_RX_LOCK);
  for (let j = ld(kr + KR_NR_HWCUR, P_VALE_RX_HWCUR); j != head; j = nm_next(j, lim)) {
    const slot = kr_slot(kr, j);
    store<u16>(slot, load<u16>(slot, SLOT_FLAGS) & ~NS_BUF_CHANGED, SLOT_FLAGS);
  }
  st(kr + KR_NR_HWCUR, head, P_VALE_RX_ST_HWCUR);
  unlock_word(kr + KR_Q_LOCK, P_VALE_RX_UNLOCK);
  return 0;
}

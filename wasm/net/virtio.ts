// A legacy virtqueue in guest memory, and both who use it: the guest's driver (virtqueue.c of FreeBSD: virtqueue_*) and the device
// (bhyve's virtio.c: vq_*). Facts bhyve 3.4. Everything in the queue is guest-physical; net/mmu.ts says where that is.
// The driver writes the avail word (flags | idx << 16), the avail entries and the descriptors; the device writes the used word and
// the used entries. Each keeps its own copy of the word that it writes and stores the whole of it: one owner, one shared access.
// The device trusts nothing: indices are bounded, an address is memory of the guest or the chain is reported and dropped.
// A device sends MSI-X only while bit 15 of the capability's control word is set: the driver has to set it in configuration space.

import {
  GVQ_AVAIL_FLAGS, GVQ_AVAIL_IDX, GVQ_BAD, GVQ_DESCX, GVQ_DESC_HEAD_IDX, GVQ_FREE_CNT, GVQ_LEN, GVQ_NENTRIES, GVQ_QUEUED_CNT, GVQ_RING,
  GVQ_USED_CONS_IDX, GVQ_VM, IOV_SIZE, MACHINE, M_BARRIER, PAGE, VIRTIO_F_NOTIFY_ON_EMPTY, VIRTIO_RING_F_EVENT_IDX, VM_EPT, VQE_INDEX,
  VQE_INDIRECT, VQE_LOOP, VQE_NDESC, VQE_SEGS, VQE_UNMAPPED, VQ_ERROR, VQ_ERRORS, VQ_ERROR_ARG, VQ_FEATURES, VQ_IDX, VQ_LAST_AVAIL,
  VQ_MAX_DESCRIPTORS, VQ_PFN, VQ_QSIZE, VQ_RAM, VQ_SAVE_USED, VQ_USED_FLAGS, VQ_USED_IDX, VQ_VM, VRD_ADDR, VRD_FLAGS, VRD_LEN, VRD_NEXT,
  VRD_SIZE, VRING_AVAIL_F_NO_INTERRUPT, VRING_DESC_F_INDIRECT, VRING_DESC_F_NEXT, VRING_DESC_F_WRITE, VRING_USED_F_NO_NOTIFY, VRU_ELEM,
  VR_RING,
} from "../layout";
import {
  COST_VQ_CHAIN, COST_VQ_DESC, P_GVQ_MB, P_GVQ_MB_INTR, P_GVQ_NOTIFY, P_GVQ_NUSED, P_GVQ_NUSED2, P_GVQ_ST_AVAIL,
  P_GVQ_ST_INTR, P_GVQ_ST_NOINTR, P_VQ_AVAIL, P_VQ_END_AVAIL, P_VQ_GETCHAIN, P_VQ_MB_END, P_VQ_ST_FLAGS, P_VQ_ST_USED, P_VQ_USED_EVENT,
} from "../points";
import { charge, fence, ld, st } from "../sim/shared";
import { va } from "./mmu";

const ENOSPC: u32 = 28;
const EMSGSIZE: u32 = 27;

/** Where the avail and the used ring of a queue of n begin. */
export function vring_avail(n: u32): u32 { return n * VRD_SIZE; }
export function vring_used(n: u32): u32 { return (n * (VRD_SIZE + 2) + 6 + PAGE - 1) & ~(PAGE - 1); }

// ── the driver ───────────────────────────────────────────────────────────────────────────────────

function gdesc(vq: usize, i: u32): usize { return va(load<u32>(vq, GVQ_VM), load<u32>(vq, GVQ_RING) + i * VRD_SIZE); }
function gdescx(vq: usize, i: u32): usize { return va(load<u32>(vq, GVQ_VM), load<u32>(vq, GVQ_DESCX) + i * 8); }
function gavail(vq: usize, o: u32): usize {
  return va(load<u32>(vq, GVQ_VM), load<u32>(vq, GVQ_RING) + vring_avail(load<u32>(vq, GVQ_NENTRIES)) + o);
}
function gused(vq: usize, o: u32): usize {
  return va(load<u32>(vq, GVQ_VM), load<u32>(vq, GVQ_RING) + vring_used(load<u32>(vq, GVQ_NENTRIES)) + o);
}
function gword(vq: usize): u32 { return load<u32>(vq, GVQ_AVAIL_FLAGS) | load<u32>(vq, GVQ_AVAIL_IDX) << 16; }

/** vq_ring_init: all descriptors free, in one list; nothing available. Before the device knows of the queue. */
export function vq_ring_init(vq: usize): void {
  const n = load<u32>(vq, GVQ_NENTRIES);
  for (let i: u32 = 0; i < n; i++) {
    const d = gdesc(vq, i);
    store<u64>(d, 0);
    store<u32>(d, 0, VRD_LEN);
    store<u16>(d, 0, VRD_FLAGS);
    store<u16>(d, (i + 1) as u16, VRD_NEXT);
    store<u64>(gdescx(vq, i), 0);
  }
  store<u32>(vq, n, GVQ_FREE_CNT);
  store<u32>(vq, 0, GVQ_QUEUED_CNT);
  store<u32>(vq, 0, GVQ_DESC_HEAD_IDX);
  store<u32>(vq, 0, GVQ_USED_CONS_IDX);
  store<u32>(vq, 0, GVQ_AVAIL_IDX);
  store<u32>(vq, 0, GVQ_AVAIL_FLAGS);
  store<u32>(gavail(vq, 0), 0);
  store<u32>(gused(vq, 0), 0);
}

/**
 * virtqueue_enqueue: a chain of `readable` then `writable` segments at sg ({guest-physical address, length} words), and the
 * cookie that dequeue gives back. The element is available at once; the caller notifies. 0, ENOSPC or EMSGSIZE.
 */
export function virtqueue_enqueue(vq: usize, cookie: u32, sg: usize, readable: u32, writable: u32): u32 {
  const needed = readable + writable, n = load<u32>(vq, GVQ_NENTRIES), head = load<u32>(vq, GVQ_DESC_HEAD_IDX);
  if (!needed || needed > n) return EMSGSIZE;
  if (load<u32>(vq, GVQ_FREE_CNT) < needed) return ENOSPC;
  charge(needed * COST_VQ_DESC);
  let i = head;
  for (let k: u32 = 0; k < needed; k++) {
    const d = gdesc(vq, i), seg = sg + k * IOV_SIZE;
    store<u64>(d, load<u32>(seg), VRD_ADDR);
    store<u32>(d, load<u32>(seg, 4), VRD_LEN);
    store<u16>(d, ((k < needed - 1 ? VRING_DESC_F_NEXT : 0) | (k >= readable ? VRING_DESC_F_WRITE : 0)) as u16, VRD_FLAGS);
    i = load<u16>(d, VRD_NEXT);
  }
  const x = gdescx(vq, head);
  store<u32>(x, cookie);
  store<u32>(x, needed, 4);
  store<u32>(vq, i, GVQ_DESC_HEAD_IDX);
  store<u32>(vq, load<u32>(vq, GVQ_FREE_CNT) - needed, GVQ_FREE_CNT);
  // vq_ring_update_avail: the entry, a write barrier (x86: none), the index
  const idx = load<u32>(vq, GVQ_AVAIL_IDX);
  store<u16>(gavail(vq, VR_RING + (idx & (n - 1)) * 2), head as u16);
  store<u32>(vq, (idx + 1) & 0xffff, GVQ_AVAIL_IDX);
  store<u32>(vq, load<u32>(vq, GVQ_QUEUED_CNT) + 1, GVQ_QUEUED_CNT);
  st(gavail(vq, 0), gword(vq), P_GVQ_ST_AVAIL);
  return 0;
}

/** First half of virtqueue_notify: whether the host wants to be told, by OUT of the queue's index to VTCFG_R_QNOTIFY. */
export function virtqueue_must_notify(vq: usize): bool {
  fence(P_GVQ_MB); // the device must see the index before we look at its flag
  store<u32>(vq, 0, GVQ_QUEUED_CNT);
  return !(ld(gused(vq, 0), P_GVQ_NOTIFY) & VRING_USED_F_NO_NOTIFY);
}

/** virtqueue_nused: elements that the device has given back. */
export function virtqueue_nused(vq: usize): u32 {
  return ((ld(gused(vq, 0), P_GVQ_NUSED) >> 16) - load<u32>(vq, GVQ_USED_CONS_IDX)) & 0xffff;
}

/** virtqueue_dequeue after virtqueue_nused has counted one: its cookie, its length in GVQ_LEN; 0 when it is no chain of ours. */
export function virtqueue_dequeue(vq: usize): u32 {
  const n = load<u32>(vq, GVQ_NENTRIES), cons = load<u32>(vq, GVQ_USED_CONS_IDX);
  const e = VR_RING + (cons & (n - 1)) * VRU_ELEM, id = load<u32>(gused(vq, e)); // an element may lie across a page
  store<u32>(vq, load<u32>(gused(vq, e + 4)), GVQ_LEN);
  store<u32>(vq, (cons + 1) & 0xffff, GVQ_USED_CONS_IDX);
  const x: usize = id < n ? gdescx(vq, id) : 0, cookie: u32 = x ? load<u32>(x) : 0, count: u32 = x ? load<u32>(x, 4) : 0;
  if (!count) { store<u32>(vq, load<u32>(vq, GVQ_BAD) + 1, GVQ_BAD); return 0; }
  store<u64>(x, 0);
  let i = id; // vq_ring_free_chain: the links of the chain are still those of the free list
  for (let k: u32 = 1; k < count; k++) i = load<u16>(gdesc(vq, i), VRD_NEXT);
  store<u16>(gdesc(vq, i), load<u32>(vq, GVQ_DESC_HEAD_IDX) as u16, VRD_NEXT);
  store<u32>(vq, id, GVQ_DESC_HEAD_IDX);
  store<u32>(vq, load<u32>(vq, GVQ_FREE_CNT) + count, GVQ_FREE_CNT);
  return cookie;
}

/** virtqueue_disable_intr: NO_INTERRUPT, a hint that the device may see late. */
export function virtqueue_disable_intr(vq: usize): void {
  store<u32>(vq, load<u32>(vq, GVQ_AVAIL_FLAGS) | VRING_AVAIL_F_NO_INTERRUPT, GVQ_AVAIL_FLAGS);
  st(gavail(vq, 0), gword(vq), P_GVQ_ST_NOINTR);
}
/** virtqueue_enable_intr: interrupts again; true when there is something already, for which none will come. */
export function virtqueue_enable_intr(vq: usize): bool {
  store<u32>(vq, load<u32>(vq, GVQ_AVAIL_FLAGS) & ~VRING_AVAIL_F_NO_INTERRUPT, GVQ_AVAIL_FLAGS);
  st(gavail(vq, 0), gword(vq), P_GVQ_ST_INTR);
  fence(P_GVQ_MB_INTR);
  return ld(gused(vq, 0), P_GVQ_NUSED2) >> 16 != load<u32>(vq, GVQ_USED_CONS_IDX);
}

// ── the device ───────────────────────────────────────────────────────────────────────────────────

/** Pointer to guest RAM, or 0: beyond it, or a page that the guest never touched. Never a device's memory. */
export function paddr_guest2host(vq: usize, a: u32): usize {
  if (a >= load<u32>(vq, VQ_RAM)) return 0;
  const table = load<u32>(load<u32>(load<u32>(vq, VQ_VM), VM_EPT) + ((a >> 22) << 2));
  if (!table) return 0;
  const pte = load<u32>(table + ((a >> 10) & 0xffc));
  return pte & 1 ? (pte & 0xfffff000) | (a & 0xfff) : 0;
}

/** Where the queue's byte o is, or 0. */
function at(vq: usize, o: u32): usize {
  const pfn = load<u32>(vq, VQ_PFN);
  return pfn && pfn < 1 << 20 ? paddr_guest2host(vq, (pfn << 12) + o) : 0;
}
function used_at(vq: usize, o: u32): usize { return at(vq, vring_used(load<u32>(vq, VQ_QSIZE)) + o); }

/** What is wrong with the queue, for bhyve to say. Answers -1. */
export function vq_error(vq: usize, what: u32, arg: u32): i32 {
  store<u32>(vq, load<u32>(vq, VQ_ERRORS) + 1, VQ_ERRORS);
  if (!load<u32>(vq, VQ_ERROR)) { store<u32>(vq, arg, VQ_ERROR_ARG); store<u32>(vq, what, VQ_ERROR); }
  return -1;
}

/** vq_ring_ready, and all three parts of it are memory. */
export function vq_ring_ready(vq: usize): bool {
  const n = load<u32>(vq, VQ_QSIZE), bytes = vring_used(n) + VR_RING + n * VRU_ELEM + 2;
  for (let o: u32 = 0; o < bytes; o += PAGE) if (!at(vq, o)) return false;
  return true;
}

/** vq_has_descs. */
export function vq_has_descs(vq: usize): bool {
  if (!vq_ring_ready(vq)) return false;
  return ld(at(vq, vring_avail(load<u32>(vq, VQ_QSIZE))), P_VQ_AVAIL) >> 16 != load<u32>(vq, VQ_LAST_AVAIL);
}

/**
 * vq_getchain: takes the next available chain; its descriptors are left at iov, at most `max`. Answers how many, 0 when there
 * is none, -1 when the chain was wrong: then it has been taken, and the caller gives it back with length 0 (VQ_IDX).
 */
export function vq_getchain(vq: usize, iov: usize, max: u32): i32 {
  const n = load<u32>(vq, VQ_QSIZE), avail = vring_avail(n);
  if (!vq_ring_ready(vq)) return 0;
  const last = load<u32>(vq, VQ_LAST_AVAIL), ndesc = ((ld(at(vq, avail), P_VQ_GETCHAIN) >> 16) - last) & 0xffff;
  if (!ndesc) return 0;
  charge(COST_VQ_CHAIN);
  store<u32>(vq, (last + 1) & 0xffff, VQ_LAST_AVAIL);
  let next: u32 = load<u16>(at(vq, avail + VR_RING + (last & (n - 1)) * 2));
  store<u32>(vq, next, VQ_IDX);
  if (ndesc > n) { // nothing there is to be believed: as if the ring had been read to its end
    store<u32>(vq, (last + ndesc) & 0xffff, VQ_LAST_AVAIL);
    store<u32>(vq, n, VQ_IDX);
    return vq_error(vq, VQE_NDESC, ndesc);
  }
  const ram = load<u32>(vq, VQ_RAM);
  let bad: u32 = 0, where: u32 = 0;
  for (let i: u32 = 0; i < VQ_MAX_DESCRIPTORS; i++) {
    if (next >= n) return vq_error(vq, VQE_INDEX, next);
    const d = at(vq, next * VRD_SIZE), flags: u32 = load<u16>(d, VRD_FLAGS), addr = load<u64>(d, VRD_ADDR), len = load<u32>(d, VRD_LEN);
    charge(COST_VQ_DESC);
    if (flags & VRING_DESC_F_INDIRECT) return vq_error(vq, VQE_INDIRECT, next);
    if (i >= max) return vq_error(vq, VQE_SEGS, max);
    if (!bad && addr + len > ram) { bad = VQE_UNMAPPED; where = addr as u32; }
    store<u32>(iov + i * IOV_SIZE, addr as u32);
    store<u32>(iov + i * IOV_SIZE, len, 4);
    if (!(flags & VRING_DESC_F_NEXT)) return bad ? vq_error(vq, bad, where) : (i + 1) as i32;
    next = load<u16>(d, VRD_NEXT);
  }
  return vq_error(vq, VQE_LOOP, VQ_MAX_DESCRIPTORS);
}

/** vq_retchain: the chain that was taken last is available again. */
export function vq_retchain(vq: usize): void { store<u32>(vq, (load<u32>(vq, VQ_LAST_AVAIL) - 1) & 0xffff, VQ_LAST_AVAIL); }

/** vq_relchain: the chain goes back to the driver, with what was written into it. */
export function vq_relchain(vq: usize, idx: u32, len: u32): void {
  const ui = load<u32>(vq, VQ_USED_IDX), e = VR_RING + (ui & (load<u32>(vq, VQ_QSIZE) - 1)) * VRU_ELEM;
  const id = used_at(vq, e), length = used_at(vq, e + 4);
  store<u32>(vq, (ui + 1) & 0xffff, VQ_USED_IDX);
  const w = used_at(vq, 0);
  if (!id || !length || !w) return;
  store<u32>(id, idx);
  store<u32>(length, len);
  st(w, load<u32>(vq, VQ_USED_FLAGS) | load<u32>(vq, VQ_USED_IDX) << 16, P_VQ_ST_USED);
}

/** used.flags: NO_NOTIFY or not. */
export function vq_set_flags(vq: usize, flags: u32): void {
  store<u32>(vq, flags, VQ_USED_FLAGS);
  const w = used_at(vq, 0);
  if (w) st(w, flags | load<u32>(vq, VQ_USED_IDX) << 16, P_VQ_ST_FLAGS);
}

/** The decision of vq_endchains: whether the driver is to be interrupted (facts 3.4). No barrier in 2015 (H2). */
export function vq_endchains(vq: usize, used_all: bool): bool {
  const n = load<u32>(vq, VQ_QSIZE), w = at(vq, vring_avail(n)), old = load<u32>(vq, VQ_SAVE_USED), now = load<u32>(vq, VQ_USED_IDX);
  const features = load<u32>(vq, VQ_FEATURES);
  if (!w) return false;
  store<u32>(vq, now, VQ_SAVE_USED);
  if (load<u32>(MACHINE, M_BARRIER)) fence(P_VQ_MB_END);
  const avail = ld(w, P_VQ_END_AVAIL);
  if (used_all && avail >> 16 == load<u32>(vq, VQ_LAST_AVAIL) && (features & VIRTIO_F_NOTIFY_ON_EMPTY)) return true;
  if (features & VIRTIO_RING_F_EVENT_IDX) {
    const e = at(vq, vring_avail(n) + VR_RING + n * 2);
    const event = e ? ld(e, P_VQ_USED_EVENT) & 0xffff : 0;
    return ((now - event - 1) & 0xffff) < ((now - old) & 0xffff);
  }
  return now != old && !(avail & VRING_AVAIL_F_NO_INTERRUPT);
}

/** Bytes of guest memory to the host, page by page; false when some of it is none. The caller charges for the copy. */
export function copy_from_guest(vq: usize, gpa: u32, to: usize, len: u32): bool {
  while (len) {
    const p = paddr_guest2host(vq, gpa), room: u32 = PAGE - (gpa & (PAGE - 1)), k = len < room ? len : room;
    if (!p) { vq_error(vq, VQE_UNMAPPED, gpa); return false; }
    memory.copy(to, p, k);
    gpa += k; to += k; len -= k;
  }
  return true;
}
/** And back. */
export function copy_to_guest(vq: usize, gpa: u32, from: usize, len: u32): bool {
  while (len) {
    const p = paddr_guest2host(vq, gpa), room: u32 = PAGE - (gpa & (PAGE - 1)), k = len < room ? len : room;
    if (!p) { vq_error(vq, VQE_UNMAPPED, gpa); return false; }
    memory.copy(p, from, k);
    gpa += k; from += k; len -= k;
  }
  return true;
}

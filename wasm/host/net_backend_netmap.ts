// The netmap and VALE back-end of bhyve, data plane: one memcpy a fragment between guest memory and netmap buffers. Mirrors netmap_send
// and netmap_receive of net_backends.c, 2015 (facts bhyve 2.1). Only ring 0 is used. The td's descriptor is bound to it: TX in the tx
// thread, RX in the evloop. VN_BE_HDR bytes of virtio-net header travel with each packet, or none of it does.

import {
  IOV_SIZE, KR_NUM_SLOTS, NS_MOREFRAG, POOL_OBJSIZE, POOL_BUF, MEM_POOL, MEM_POOL_SIZE, KR_MEM, RING_CUR, RING_HEAD, RING_TAIL, SLOT_FLAGS,
  SLOT_LEN, TD_PRIV, TD_RX, TD_TX, VNS_RX_COPIES, VNS_RX_CUT, VNS_TX_COPIES, VNS_TX_SYNCS, VN_BE_HDR, VN_HDRLEN,
  VN_VQ, VQ_RX, VQ_SIZE, VQ_TX, VTNET_MAXSEGS, VT_IOV,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, P_BE_RX_ST_CUR, P_BE_RX_ST_HEAD, P_BE_RX_TAIL, P_BE_TX_ST_CUR, P_BE_TX_ST_HEAD, P_BE_TX_TAIL,
} from "../points";
import { kr_ring, kr_slot, nm_next, nmb } from "../net/netmap_kern";
import { netmap_ioctl_sync } from "../net/netmap_poll";
import { copy_from_guest, copy_to_guest } from "../net/virtio";
import { charge, ld, own_user, st } from "../sim/shared";
import { vtnet_count } from "./pci_virtio_net";

function bufsize(kr: usize): u32 { return load<u32>(load<u32>(kr, KR_MEM) + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, POOL_OBJSIZE); }
function copied(sc: usize, copies: u32, n: u32): void {
  charge(COST_COPY + ((n + 63) >> 6) * COST_COPY_64B);
  vtnet_count(sc, copies, 1);
  vtnet_count(sc, copies + 1, n); // VNS_*_BYTES follows VNS_*_COPIES
}

/** NIOCTXSYNC. */
function txsync(sc: usize, td: usize): void {
  vtnet_count(sc, VNS_TX_SYNCS, 1);
  netmap_ioctl_sync(td, true);
}

/**
 * netmap_send: a slot a fragment, NS_MOREFRAG on all but the last (one longer than a buffer takes several), then NIOCTXSYNC, unless
 * `more` follows and there is room for it. Without room for the packet it is lost, and there is only the sync. -1: not queued.
 */
export function netmap_send(sc: usize, td: usize, n: u32, bytes: u32, more: u32): i32 {
  const iov: usize = load<u32>(td, TD_PRIV) + VT_IOV, kr: usize = load<u32>(td, TD_TX), ring = kr_ring(kr), vq = sc + VN_VQ + VQ_TX * VQ_SIZE;
  const size = bufsize(kr), slots = load<u32>(kr, KR_NUM_SLOTS), strip: u32 = load<u32>(sc, VN_BE_HDR) ? 0 : load<u32>(sc, VN_HDRLEN);
  let need: u32 = 0, cut = strip;
  for (let i: u32 = 0; i < n; i++) {
    const len = load<u32>(iov + i * IOV_SIZE, 4), off = cut < len ? cut : len;
    cut -= off;
    need += (len - off + size - 1) / size;
  }
  if (!need) return -1;
  let head = load<u32>(ring, RING_HEAD);
  const tail = ld(ring + RING_TAIL, P_BE_TX_TAIL);
  let room = tail >= head ? tail - head : tail + slots - head;
  if (head >= slots || tail >= slots || need > room) { txsync(sc, td); return -1; }
  cut = strip;
  let left = need, ok: bool = true;
  for (let i: u32 = 0; i < n && ok; i++) {
    const len = load<u32>(iov + i * IOV_SIZE, 4);
    let off = cut < len ? cut : len;
    cut -= off;
    while (off < len && ok) {
      const k = len - off < size ? len - off : size, slot = kr_slot(kr, head);
      own_user(ring, head);
      ok = copy_from_guest(vq, load<u32>(iov + i * IOV_SIZE) + off, nmb(kr, slot), k);
      copied(sc, VNS_TX_COPIES, k);
      left--;
      store<u16>(slot, k as u16, SLOT_LEN);
      store<u16>(slot, left ? NS_MOREFRAG as u16 : 0, SLOT_FLAGS);
      head = nm_next(head, slots - 1);
      off += k;
    }
  }
  if (!ok) return -1; // memory that is none: the slots are filled anew by the next packet
  st(ring + RING_CUR, head, P_BE_TX_ST_CUR);
  st(ring + RING_HEAD, head, P_BE_TX_ST_HEAD);
  room -= need;
  if (!more || room < VTNET_MAXSEGS) txsync(sc, td);
  return bytes as i32;
}

/** Up to n bytes into the chain from its byte `pos` on; answers how many found room, or -1: memory that is none. */
function scatter(sc: usize, iov: usize, n: u32, pos: u32, from: usize, len: u32): i32 {
  const vq = sc + VN_VQ + VQ_RX * VQ_SIZE;
  let done: u32 = 0, at = pos;
  for (let i: u32 = 0; i < n && done < len; i++) {
    const seg = load<u32>(iov + i * IOV_SIZE, 4);
    if (at >= seg) { at -= seg; continue; }
    const room = seg - at, k = len - done < room ? len - done : room;
    if (!copy_to_guest(vq, load<u32>(iov + i * IOV_SIZE) + at, from + done, k)) return -1;
    copied(sc, VNS_RX_COPIES, k);
    done += k;
    at = 0;
  }
  return done as i32;
}

/** netmap_receive: the next packet into a chain of n segments, with 0 into the dummy buffer. Its bytes, 0: none, -1: the chain is no memory. */
export function netmap_receive(sc: usize, td: usize, n: u32): i32 {
  const iov: usize = load<u32>(td, TD_PRIV) + VT_IOV, kr: usize = load<u32>(td, TD_RX), ring = kr_ring(kr), slots = load<u32>(kr, KR_NUM_SLOTS);
  let head = load<u32>(ring, RING_HEAD);
  const tail = ld(ring + RING_TAIL, P_BE_RX_TAIL), size = bufsize(kr);
  if (head == tail || head >= slots || tail >= slots) return 0;
  let pos: u32 = load<u32>(sc, VN_BE_HDR) ? 0 : load<u32>(sc, VN_HDRLEN), bad = false, cut = false, more = true;
  while (more && head != tail) {
    const slot = kr_slot(kr, head);
    own_user(ring, head);
    let len: u32 = load<u16>(slot, SLOT_LEN);
    if (len > size) len = size;
    more = (load<u16>(slot, SLOT_FLAGS) & NS_MOREFRAG) != 0;
    if (n && !bad) {
      const k = scatter(sc, iov, n, pos, nmb(kr, slot), len);
      if (k < 0) bad = true;
      else { pos += k as u32; if ((k as u32) < len) cut = true; }
    } else if (!n) pos += len;
    head = nm_next(head, slots - 1);
  }
  if (cut) vtnet_count(sc, VNS_RX_CUT, 1);
  st(ring + RING_CUR, head, P_BE_RX_ST_CUR);
  st(ring + RING_HEAD, head, P_BE_RX_ST_HEAD);
  return bad ? -1 : pos ? pos as i32 : -1;
}

// The tap back-end of bhyve, data plane: writev and readv of /dev/tapN. Mirrors tap_send and tap_recv of net_backends.c, 2015 (facts
// bhyve 2.1): the first segment, the virtio-net header, is not sent; a frame shorter than 60 bytes is filled up with zeros. The copy is
// the kernel's own; here it goes by the thread's page, and is charged once.

import {
  IOV_SIZE, M_ROOM, OPS, OP_TAP_READ, OP_TAP_WRITE, TD_PRIV, VNS_RX_BYTES, VNS_RX_COPIES, VNS_RX_CUT, VNS_TX_BYTES, VNS_TX_COPIES, VN_BE_PRIV,
  VN_HDRLEN, VN_VQ, VQ_RX, VQ_SIZE, VQ_TX, VT_BUF, VT_IOV,
} from "../layout";
import { copy_from_guest, copy_to_guest } from "../net/virtio";
import { vtnet_count } from "./pci_virtio_net";

const ETHER_MIN: u32 = 60;

/** tap_send: -1 when the kernel did not take the frame. */
export function tap_send(sc: usize, td: usize, n: u32, bytes: u32, more: u32): i32 {
  const a: usize = load<u32>(td, TD_PRIV), iov = a + VT_IOV, buf = a + VT_BUF, vq = sc + VN_VQ + VQ_TX * VQ_SIZE;
  let len: u32 = 0;
  for (let i: u32 = 1; i < n; i++) {
    const k = load<u32>(iov + i * IOV_SIZE, 4);
    if (k > M_ROOM - len) return -1; // EIO: longer than the interface's largest
    if (!copy_from_guest(vq, load<u32>(iov + i * IOV_SIZE), buf + len, k)) return -1;
    len += k;
  }
  if (!len) return -1;
  if (len < ETHER_MIN) { memory.fill(buf + len, 0, ETHER_MIN - len); len = ETHER_MIN; }
  const e = call_indirect<u32>(load<u32>(OPS + OP_TAP_WRITE * 4), load<u32>(sc, VN_BE_PRIV), buf, len);
  vtnet_count(sc, VNS_TX_COPIES, 1);
  vtnet_count(sc, VNS_TX_BYTES, len);
  return e ? -1 : len as i32;
}

/** tap_recv: the next frame behind the header of a chain, with 0 segments into the dummy buffer. Its bytes and the header's; 0: none. */
export function tap_recv(sc: usize, td: usize, n: u32): i32 {
  const a: usize = load<u32>(td, TD_PRIV), iov = a + VT_IOV, buf = a + VT_BUF, vq = sc + VN_VQ + VQ_RX * VQ_SIZE, hdr = load<u32>(sc, VN_HDRLEN);
  const len = call_indirect<u32>(load<u32>(OPS + OP_TAP_READ * 4), load<u32>(sc, VN_BE_PRIV), buf, M_ROOM);
  if (!len || !n) return len as i32;
  let done: u32 = 0, skip = hdr;
  for (let i: u32 = 0; i < n && done < len; i++) {
    const seg = load<u32>(iov + i * IOV_SIZE, 4);
    if (skip >= seg) { skip -= seg; continue; }
    const room = seg - skip, k = len - done < room ? len - done : room;
    if (!copy_to_guest(vq, load<u32>(iov + i * IOV_SIZE) + skip, buf + done, k)) return -1;
    done += k;
    skip = 0;
  }
  if (done < len) vtnet_count(sc, VNS_RX_CUT, 1);
  vtnet_count(sc, VNS_RX_COPIES, 1);
  vtnet_count(sc, VNS_RX_BYTES, done);
  return (done + hdr) as i32;
}

// The netmap|vale and ptnetmap|ptvale back-ends: opening, closing, the length of the virtio-net header. Mirrors netmap_init,
// netmap_set_features and ptnetmap_init of net_backends.c (facts bhyve 2.1, 2.2). Frames are wasm/host/net_backend_netmap.ts; a
// pass-through port's go by the kernel's threads, and outside of passthrough nobody moves them (modelled).

import * as L from '../../../wasm/layout.ts';
import { NETMAP_BDG_VNET_HDR, NIOCREGIF, newNmreq } from '../../bin/nmreq.ts';
import { ERRNO } from '../kernel/tree.ts';
import type { BackendState, BhyveCtx } from './ctx.ts';
import type { Kernel, NetBackend } from './net_backends.ts';
import { memdevAttach } from './pci_ptnetmap_memdev.ts';

/** CSUM, GUEST_CSUM, GUEST_TSO4, GUEST_TSO6, GUEST_UFO, HOST_TSO4, HOST_TSO6, HOST_UFO. */
const OFFLOADS = 0x5d83;
export const VIRTIO_NET_F_PTNETMAP = 0x2000000;

function open(c: BhyveCtx, be: BackendState, name: string, pt: boolean): boolean {
  const fd = c.netmap.open(c.pid, name, pt);
  if (typeof fd === 'string') {
    c.out(`Unable to nm_open(): device '/dev/netmap', interface '${name}', errno (${ERRNO[fd][1]})`);
    return false;
  }
  be.fd = fd.id;
  return true;
}
function close(k: Kernel, be: BackendState): boolean {
  const fd = k.netmap.fd(be.fd);
  return !fd || k.netmap.tryClose(fd);
}

export const netmapBackend: NetBackend = {
  name: 'netmap|vale',
  kind: 'netmap',
  init: (c, be) => open(c, be, be.name, false),
  cleanup: close,
  send: L.OP_BE_NETMAP_SEND,
  recv: L.OP_BE_NETMAP_RECV,
  get_features: () => OFFLOADS,
  /** Any offload: the whole header travels through the port; none: none of it. */
  set_features(c, be, f, features) {
    const { m } = c,
      len = features & OFFLOADS ? m.ld32(f.page + L.VN_HDRLEN) : 0,
      fd = c.netmap.fd(be.fd);
    if (!fd || len === m.ld32(f.page + L.VN_BE_HDR)) return;
    if (c.netmap.ioctl(fd.id, NIOCREGIF, newNmreq(fd.name, { nr_cmd: NETMAP_BDG_VNET_HDR, nr_arg1: len }))) {
      c.out(`Unable to set vnet header length ${len}`);
      return;
    }
    m.st32(f.page + L.VN_BE_HDR, len);
  },
  get_ptnetmap: () => false,
};

export const ptnetmapBackend: NetBackend = {
  name: 'ptnetmap|ptvale',
  kind: 'ptnetmap',
  init(c, be) {
    if (!open(c, be, be.name.slice(2), true)) return false;
    const fd = c.netmap.fd(be.fd);
    if (!fd) return false;
    const mem = c.netmap.memOf(fd);
    memdevAttach(c, c.m.ld32(mem.addr + L.MEM_BASE), mem.bytes, mem.id); // what it answers is ignored, as in 2015
    return true;
  },
  cleanup: close,
  send: L.OP_BE_NULL_SEND,
  recv: L.OP_BE_NULL_RECV,
  get_features: () => VIRTIO_NET_F_PTNETMAP,
  set_features: () => {},
  get_ptnetmap: () => true,
};

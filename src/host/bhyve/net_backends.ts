// Network back-ends behind virtio-net. Mirrors net_backends.c of 2015 (facts bhyve 2.1, 2.2): prefixes in table order,
// a failure leaves the link down and bhyve goes on. Here: ptnetmap and ptvale; tap, netmap and vale come with the copying path.

import { MEM_BASE } from '../../../wasm/layout.ts';
import { ERRNO } from '../kernel/tree.ts';
import type { BackendState, BhyveCtx } from './ctx.ts';
import { memdevAttach } from './pci_ptnetmap_memdev.ts';

export const VIRTIO_NET_F_PTNETMAP = 0x2000000;

/** netbe_init: the back-end of `devname`, or kind "none" (link down). */
export function netbeInit(c: BhyveCtx, devname: string): BackendState {
  const none: BackendState = { name: devname, kind: 'none', fd: 0 };
  if (/^pt(netmap:|vale)/.test(devname)) {
    const name = devname.slice(2),
      fd = c.netmap.open(c.pid, name, true);
    if (typeof fd === 'string') {
      c.out(`Unable to nm_open(): device '/dev/netmap', interface '${name}', errno (${ERRNO[fd][1]})`);
      c.out('net backend initialization failed');
      return none;
    }
    const mem = c.netmap.memOf(fd);
    memdevAttach(c, c.m.ld32(mem.addr + MEM_BASE), mem.bytes, mem.id);
    return { name: devname, kind: 'ptnetmap', fd: fd.id };
  }
  if (/^(tap|netmap:|vale)/.test(devname)) {
    c.out('net backend initialization failed');
    c.out(`lab: the copying back-end of "${devname}" is not built yet; ptvale… and ptnetmap… are.`);
    return none;
  }
  c.out('net backend initialization failed');
  return none;
}

/** Feature bits that a back-end adds to the front-end's. */
export const beFeatures = (b: BackendState) => (b.kind === 'ptnetmap' ? VIRTIO_NET_F_PTNETMAP : 0);

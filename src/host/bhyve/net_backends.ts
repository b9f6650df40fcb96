// Network back-ends behind virtio-net. Mirrors net_backends.c of 2015 (facts bhyve 2.1, 2.2): a set of op tables, the first whose
// prefix matches has the device; a failure leaves the link down and bhyve goes on. Here is what opens, closes and negotiates;
// send and recv are the data plane's (wasm/host/net_backend_*.ts), named by their OP_*.

import * as L from '../../../wasm/layout.ts';
import type { Taps } from '../kernel/if_tap.ts';
import type { HostNetmap } from '../kernel/netmap.ts';
import type { BackendState, BhyveCtx } from './ctx.ts';
import { netmapBackend, ptnetmapBackend } from './net_backend_netmap.ts';
import { tapBackend } from './net_backend_tap.ts';
import type { PciFunction } from './pci_emul.ts';

/** What of the kernel a back-end has open. */
export interface Kernel {
  netmap: HostNetmap;
  taps: Taps;
}
/** struct net_backend. */
export interface NetBackend {
  /** Prefixes of its devices, separated by a vertical bar. */
  name: string;
  kind: BackendState['kind'];
  /** False: it could not be opened; why has been printed. */
  init: (c: BhyveCtx, be: BackendState, f: PciFunction) => boolean;
  /** False: somebody is inside, ask again. */
  cleanup: (k: Kernel, be: BackendState) => boolean;
  send: number;
  recv: number;
  get_features: () => number;
  /** Told what the guest accepted: the length of the header that travels with a packet. */
  set_features: (c: BhyveCtx, be: BackendState, f: PciFunction, features: number) => void;
  /** Whether it can be passed through. */
  get_ptnetmap: () => boolean;
}

const nullBackend: NetBackend = {
  name: 'null',
  kind: 'null',
  init: () => true,
  cleanup: () => true,
  send: L.OP_BE_NULL_SEND,
  recv: L.OP_BE_NULL_RECV,
  get_features: () => 0,
  set_features: () => {},
  get_ptnetmap: () => false,
};

type Given = Pick<NetBackend, 'kind'> & Partial<NetBackend>;

/** The one-time fix-up: what a back-end lacks is the null back-end's, and that is said. */
export function fixUp(given: Given, out: (line: string) => void): NetBackend {
  const name = given.name ?? 'unnamed netbe';
  if (given.name === undefined) out(`missing name for ${name}`);
  for (const op of ['init', 'cleanup', 'send', 'recv', 'get_features', 'set_features', 'get_ptnetmap'] as const)
    if (given[op] === undefined) out(`missing ${op} for ${name}`);
  return { ...nullBackend, ...given, name };
}

/** The linker set. */
const NET_BACKEND_SET: readonly Given[] = [nullBackend, tapBackend, netmapBackend, ptnetmapBackend];

const none = (devname: string): BackendState => ({ name: devname, kind: 'none', fd: 0 });
/** The op table of an open back-end; a missing one takes everything and gives nothing. */
export const opsOf = (c: BhyveCtx, be: BackendState | undefined): NetBackend => {
  const given = NET_BACKEND_SET.find((b) => b.kind === be?.kind);
  return given ? fixUp(given, c.out) : nullBackend;
};

/** netbe_cleanup: false while somebody is inside. */
export const cleanup = (k: Kernel, be: BackendState) => NET_BACKEND_SET.find((b) => b.kind === be.kind)?.cleanup?.(k, be) ?? true;

/** netbe_init: the back-end of `devname`, or kind "none" (link down). Its operations go into the function's page. */
export function netbeInit(c: BhyveCtx, devname: string, f: PciFunction): BackendState {
  const given = NET_BACKEND_SET.find((b) => b.name?.split('|').some((prefix) => devname.startsWith(prefix))),
    be: BackendState = { name: devname, kind: given?.kind ?? 'none', fd: 0 },
    ops = opsOf(c, be);
  c.m.st32(f.page + L.VN_BE_SEND, c.m.op(ops.send));
  c.m.st32(f.page + L.VN_BE_RECV, c.m.op(ops.recv));
  if (given && ops.init(c, be, f)) return be;
  c.out('net backend initialization failed');
  if (!given) c.out(`lab: a back-end is one of null, tapN, valeX:Y, netmap:NIC, ptvaleX:Y, ptnetmap:NIC; "${devname}" is none.`);
  c.m.st32(f.page + L.VN_BE_SEND, c.m.op(L.OP_BE_NULL_SEND));
  c.m.st32(f.page + L.VN_BE_RECV, c.m.op(L.OP_BE_NULL_RECV));
  return none(devname);
}

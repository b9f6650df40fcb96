// virtio-net, the part of bhyve's vCPU thread: device configuration, kicks, features, reset, and its threads' beginning and end.
// Mirrors pci_virtio_net.c of the GSoC tree (facts bhyve 2.5, 3.1, 3.3, 3.6, 3.7). Packets are moved by wasm/host/pci_virtio_net.ts,
// which shares the function's page (VN_*). The registers of ptnetmap are pci_virtio_ptnetmap.ts.

import * as L from '../../../wasm/layout.ts';
import { COST_WAKEUP } from '../../../wasm/points.ts';
import { type BhyveCtx, slotKey } from './ctx.ts';
import { bhyveMac, parseUnicastMac } from './mac.ts';
import { netbeInit, opsOf } from './net_backends.ts';
import type { PciFunction } from './pci_emul.ts';
import { ptnetmapWrite } from './pci_virtio_ptnetmap.ts';
import { CONFIG, type VirtioConsts, addMsixCap, hasDescs, msixIo, resetDev, setUsedFlags, virtioIo, vqAddr } from './virtio.ts';

const BASE_CAPS = 0x01018020, // MAC, MRG_RXBUF, STATUS, NOTIFY_ON_EMPTY
  NET_CONFIG = 10,
  THREAD_NAME = 19,
  MESSAGES = 16; // of a queue in disorder; then they are only counted

/** Device initialisation: back-end first, then MSI-X (BAR 1), then I/O (BAR 0). BAR failures are ignored, as in 2015. */
export function virtioNetInit(c: BhyveCtx, f: PciFunction): number {
  const { m, st } = c,
    [backend = '', ...opts] = f.conf.split(',');
  c.pci.identify(f, 0x1af4, 0x1000, 0x0200, 0, 1);
  let mac = opts.length ? '00:00:00:00:00:00' : bhyveMac(f.slot, f.func, st.vmname); // any option suppresses the rule
  for (const o of opts)
    if (o.startsWith('mac=')) {
      if (!parseUnicastMac(o.slice(4))) {
        c.err(`Invalid MAC ${o.slice(4)}`);
        return 1;
      }
      mac = o.slice(4);
    }
  mac.split(':').forEach((b, i) => {
    m.st8(f.page + L.VN_MAC + i, Number.parseInt(b, 16));
  });
  m.st32(f.page + L.VN_VM, c.vm.vm);
  m.st32(f.page + L.VN_BE_SEND, m.op(L.OP_BE_NULL_SEND));
  m.st32(f.page + L.VN_BE_RECV, m.op(L.OP_BE_NULL_RECV));
  const be = backend ? netbeInit(c, backend, f) : { name: '', kind: 'none' as const, fd: 0 };
  st.backends[slotKey(f)] = be;
  m.st16(f.page + L.VN_MAC + 6, be.kind === 'none' ? 0 : 1); // link status
  m.st16(f.page + L.VN_MAC + 8, 1);
  m.st32(f.page + L.VN_HOSTCAP, BASE_CAPS | opsOf(c, be).get_features());
  if (st.flags.msix) addMsixCap(c, f);
  const msi = st.flags.msix ? 0x4c : 0x40;
  c.pci.msi(f, msi, 1);
  m.st32(f.page + L.VN_MSI_CAP, msi);
  m.st32(f.page + L.VN_HAS_MSIX, st.flags.msix ? 1 : 0);
  c.pci.allocBar(f, 0, 'io', CONFIG + NET_CONFIG + (be.kind === 'ptnetmap' ? L.PTN_IO_SIZE : 0));
  resetDone(c, f);
  return 0;
}

/**
 * pthread_create, once the devices are there: the main thread as "mevent", two a virtio-net function. In the data plane are those
 * that have something to do: mevent where there are taps, a function's own where its back-end copies, the tx thread of another
 * from its first kick on (modelled; the others are listed asleep, host/kernel/bhyve_threads.ts).
 */
export function startThreads(c: BhyveCtx, functions: readonly PciFunction[]) {
  const { m, st } = c,
    nets = functions.filter((f) => f.emul === 'virtio-net' && st.backends[slotKey(f)]),
    taps = nets.filter((f) => st.backends[slotKey(f)]?.kind === 'tap');
  if (taps.length) {
    const main = start(c, 'mevent', 'mevent', undefined, 0, L.OP_MEVENT, taps.length);
    taps.forEach((f, i) => {
      if (main) m.st32(main.targ + L.VT_DEVS + i * 4, f.page);
    });
  }
  for (const f of nets) {
    const be = st.backends[slotKey(f)];
    if (be?.kind === 'tap' || be?.kind === 'netmap') txThread(c, f);
    if (be?.kind === 'netmap') start(c, evloopName(f), 'rx', f, be.fd, L.OP_NETMAP_EVLOOP, 1);
  }
}
/** The kernel keeps 19 bytes of it. */
export const evloopName = (f: PciFunction) => `netmap-evloop-0x8${f.page.toString(16).padStart(8, '0')}`.slice(0, THREAD_NAME);
export const txName = (f: PciFunction) => `vtnet-${f.slot}:${f.func} tx`;
function txThread(c: BhyveCtx, f: PciFunction) {
  const be = c.st.backends[slotKey(f)];
  return start(c, txName(f), 'tx', f, be?.kind === 'netmap' ? be.fd : 0, L.OP_VTNET_TX, 0);
}
function start(c: BhyveCtx, name: string, role: 'mevent' | 'tx' | 'rx', f: PciFunction | undefined, fd: number, op: number, n: number) {
  const { m } = c,
    h = c.startThread(name, fd, op, (page) => {
      m.st32(page + L.VT_SC, f?.page ?? 0);
      m.st32(page + L.VT_N, n);
    });
  if (!h) {
    c.out(`lab: pthread_create: Resource temporarily unavailable; there is no ${name}.`);
    return undefined;
  }
  if (fd) {
    // ring 0, whatever the port has; the tx thread alone sends
    m.st32(h.td + L.TD_NTX, 1);
    m.st32(h.td + L.TD_NRX, 1);
    m.st32(h.td + L.TD_NO_TX_POLL, 1);
  }
  const t = { name, role, page: f?.page ?? 0, h };
  c.st.threads.push(t);
  return h;
}

const count = (c: BhyveCtx, f: PciFunction, which: number) => c.m.add64(f.page + L.VN_STAT + which * 8, 1);

/** pci_vtnet_ping_rxq: the first kick says that there are buffers; from then on the guest need not kick. */
function pingRx(c: BhyveCtx, f: PciFunction) {
  count(c, f, L.VNS_RX_KICKS);
  const ready = (f.page + L.VN_RX_READY) >>> 2;
  if (Atomics.load(c.m.u32, ready)) return;
  setUsedFlags(c, f, L.VQ_RX, L.VRING_USED_F_NO_NOTIFY);
  Atomics.store(c.m.u32, ready, 1);
}

/** pci_vtnet_ping_txq: the tx thread goes to work, unless it is at it. */
function pingTx(c: BhyveCtx, f: PciFunction) {
  const { m } = c;
  count(c, f, L.VNS_TX_KICKS);
  if (!hasDescs(c, f, L.VQ_TX) || Atomics.load(m.u32, (f.page + L.VN_TX_BUSY) >>> 2)) return;
  const t = c.st.threads.find((x) => x.role === 'tx' && x.page === f.page);
  if (!t) {
    txThread(c, f);
    return;
  }
  // A thread that is awake is about to look at the queue, and writes the word itself.
  if (m.status(m.ld32(t.h.td + L.TD_BLOCK)) === L.TS_ASLEEP) setUsedFlags(c, f, L.VQ_TX, L.VRING_USED_F_NO_NOTIFY);
  m.charge(c.vm.block, COST_WAKEUP);
  c.poke(t.h);
}

/** pci_vtnet_reset: waits for both threads, then everything is as at the beginning. The vCPU waits with it. */
function reset(c: BhyveCtx, f: PciFunction) {
  Atomics.store(c.m.u32, (f.page + L.VN_RESETTING) >>> 2, 1);
  if (quiet(c, f)) resetDone(c, f);
  else if (!c.st.resetting.includes(f.page)) c.st.resetting.push(f.page);
}
const quiet = (c: BhyveCtx, f: PciFunction) => [L.VN_TX_BUSY, L.VN_RX_BUSY].every((o) => Atomics.load(c.m.u32, (f.page + o) >>> 2) === 0);
function resetDone(c: BhyveCtx, f: PciFunction) {
  const { m } = c;
  m.st32(f.page + L.VN_RX_READY, 0);
  m.st32(f.page + L.VN_HDRLEN, 12);
  resetDev(c, f);
  Atomics.store(m.u32, (f.page + L.VN_RESETTING) >>> 2, 0);
}
/** Resets that waited and now are done. True when none waits any more. */
export function resetsDone(c: BhyveCtx): boolean {
  const { st } = c;
  for (const page of [...st.resetting]) {
    const f = st.pci.functions.find((x) => x.page === page);
    if (f && !quiet(c, f)) continue;
    if (f) resetDone(c, f);
    st.resetting = st.resetting.filter((x) => x !== page);
  }
  return st.resetting.length === 0;
}

/** pci_vtnet_neg_features: without MRG_RXBUF the header has no num_buffers, until the next reset. */
function negFeatures(c: BhyveCtx, f: PciFunction, features: number) {
  if (!(features & L.VIRTIO_NET_F_MRG_RXBUF)) c.m.st32(f.page + L.VN_HDRLEN, 10);
  const be = c.st.backends[slotKey(f)];
  if (be) opsOf(c, be).set_features(c, be, f, features);
}

const consts = (c: BhyveCtx, f: PciFunction): VirtioConsts => ({
  name: 'vtnet',
  reset: () => {
    reset(c, f);
  },
  notify: (q) => {
    if (q === L.VQ_TX) pingTx(c, f);
    else pingRx(c, f);
  },
  applyFeatures: (features) => {
    negFeatures(c, f, features);
  },
});

/** BAR 0 (I/O). */
export function virtioNetIo(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  if (offset >= CONFIG) return config(c, f, offset - CONFIG, bytes, value);
  if (offset === L.VTCFG_R_QNOTIFY && value !== undefined) c.vmm.stat(c.vm, L.STAT_QNOTIFY_USER);
  return virtioIo(c, f, consts(c, f), offset, bytes, value);
}

/** BAR 1 (MSI-X table and pending bits). */
export const virtioNetMsix = msixIo;

/** Device configuration: 10 bytes of virtio_net_config, then the ptnetmap registers. Byte accesses; +0 acts. */
function config(c: BhyveCtx, f: PciFunction, offset: number, bytes: number, value: number | undefined): number {
  const { m } = c,
    pt = c.st.backends[slotKey(f)]?.kind === 'ptnetmap';
  if (offset + bytes > NET_CONFIG + (pt ? L.PTN_IO_SIZE : 0)) {
    c.out(`vtnet: ${value === undefined ? 'read from' : 'write to'} bad offset/size ${offset + CONFIG}/${bytes}\r`);
    return 0xffffffff;
  }
  const at = f.page + L.VN_MAC + offset;
  if (value === undefined) {
    let v = 0;
    for (let i = bytes - 1; i >= 0; i--) v = v * 256 + m.ld8(at + i);
    return v;
  }
  const bytesIn = () => {
    for (let i = 0; i < bytes; i++) m.st8(at + i, (value >>> (8 * i)) & 255);
  };
  if (offset < NET_CONFIG) {
    if (offset + bytes <= 6) bytesIn(); // the MAC; the rest is read-only
    return 0;
  }
  bytesIn();
  ptnetmapWrite(c, f, offset - NET_CONFIG);
  return 0;
}

/** What bhyve says of a queue in disorder. The real program stops with an assertion at some of them; the lab drops the chain. */
function words(what: number, arg: number): string {
  switch (what) {
    case L.VQE_NDESC:
      return `vtnet: ndesc (${arg}) out of range, driver confused?\r`;
    case L.VQE_INDEX:
      return `vtnet: descriptor index ${arg} out of range, driver confused?\r`;
    case L.VQE_INDIRECT:
      return 'vtnet: descriptor has forbidden INDIRECT flag, driver confused?\r';
    case L.VQE_LOOP:
      return `vtnet: descriptor loop? count > ${arg} - driver confused?\r`;
    case L.VQE_SEGS:
      return `lab: vtnet: a chain of more than ${arg} descriptors; it was dropped.`;
    case L.VQE_HEADER:
      return `lab: vtnet: a chain has no room for the virtio-net header (${arg} bytes); it was dropped.`;
    default:
      return `lab: vtnet: a descriptor points to 0x${arg.toString(16)}, which is no memory of the guest; its chain was dropped.`;
  }
}
/** Prints what the threads have found wrong since the last time. */
export function sayQueueErrors(c: BhyveCtx) {
  const { m, st } = c;
  for (const f of st.pci.functions)
    if (f.emul === 'virtio-net' && f.page)
      for (const q of [L.VQ_RX, L.VQ_TX]) {
        const v = vqAddr(f, q),
          what = m.ld32(v + L.VQ_ERROR),
          said = m.ld32(v + L.VQ_SAID);
        if (!what) continue;
        if (said < MESSAGES) c.out(words(what, m.ld32(v + L.VQ_ERROR_ARG)));
        else if (said === MESSAGES) c.out('lab: vtnet: more of this is only counted.');
        if (said <= MESSAGES) m.st32(v + L.VQ_SAID, said + 1);
        m.st32(v + L.VQ_ERROR, 0);
      }
}

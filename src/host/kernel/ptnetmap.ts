// NETMAP_PT_HOST_CREATE and _DELETE: the two kernel threads of a passthrough port, the CSB's first contents, the
// redirected notifications. Mirrors ptnetmap.c and nm_os_kthread_* of 2015 (facts 5A.5 step 8, bhyve 2.2, 5.7).

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import { notifyWord } from '../../net/netmap_monitor.ts';
import { addCounts, workerCounts } from '../../net/totals.ts';
import { type Errno, type HostTree, type NetmapFd, logLine } from './tree.ts';
import type { VmEntry } from './vmm.ts';

/** struct ptnetmap_cfg, as bhyve fills it. */
export interface PtnetmapCfg {
  features: number;
  csb: number;
  vm: VmEntry;
  tx: { ioeventfd: number; msg: number; addr: number };
  rx: { ioeventfd: number; msg: number; addr: number };
}
export interface PtnEntry {
  fd: number;
  pts: number;
  txKth: number;
  rxKth: number;
  txBlock: number;
  rxBlock: number;
  stopping: boolean;
}

const CSB = 1,
  EVENTFD = 2;

export class Ptnetmap {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree & { ptn: PtnEntry[]; ptnFree: number[] },
  ) {}

  find(fd: number) {
    return this.tree().ptn.find((p) => p.fd === fd);
  }

  create(fd: NetmapFd, cfg: PtnetmapCfg): Errno | undefined {
    const { m } = this,
      t = this.tree(),
      log = (s: string) => logLine(t, s);
    if (!fd.ptnetmap) {
      log(`ERROR interface not support ptnetmap mode. na = 0x${fd.na.toString(16)}`);
      return 'EINVAL';
    }
    if (this.find(fd.id)) {
      log('ERROR adapter already in netmap ptnetmap mode');
      return 'EINVAL';
    }
    if ((cfg.features & (CSB | EVENTFD)) !== (CSB | EVENTFD)) {
      log(`ERROR ptnetmap_cfg(${cfg.features.toString(16)}) does not contain CSB and EVENTFD`);
      return 'EINVAL';
    }
    log('[PTN] configuration:');
    log(`TX: iofd=${cfg.tx.ioeventfd}, irqfd=${cfg.vm.vm}`);
    log(`RX: iofd=${cfg.rx.ioeventfd}, irqfd=${cfg.vm.vm}`);
    log(`CSB: csb_addr=0x${cfg.csb.toString(16)}`);
    const pts = t.ptnFree.pop() ?? m.alloc(L.PTN_SIZE + 2 * L.NMK_SIZE),
      txk = pts + L.PTN_SIZE,
      rxk = txk + L.NMK_SIZE;
    m.u8.fill(0, pts, pts + L.PTN_SIZE + 2 * L.NMK_SIZE);
    const { na, tx, rx } = fd;
    m.st32(pts + L.PTN_CSB, cfg.csb);
    m.st32(pts + L.PTN_NA, na);
    m.st32(pts + L.PTN_TX_KTH, txk);
    m.st32(pts + L.PTN_RX_KTH, rxk);
    for (const [ring, kr] of [
      [L.CSB_TX_RING, tx],
      [L.CSB_RX_RING, rx],
    ] as const) {
      const p = cfg.csb + ring;
      m.st32(p + L.PTR_HEAD, m.ld32(kr + L.KR_RHEAD));
      m.st32(p + L.PTR_CUR, m.ld32(kr + L.KR_RCUR));
      m.st32(p + L.PTR_HWCUR, m.ld32(kr + L.KR_NR_HWCUR));
      m.st32(p + L.PTR_HWTAIL, m.ld32(kr + L.KR_NR_HWTAIL));
    }
    const entry: PtnEntry = { fd: fd.id, pts, txKth: txk, rxKth: rxk, txBlock: 0, rxBlock: 0, stopping: false };
    m.st32(pts + L.PTN_SAVED_TX_NOTIFY, m.ld32(notifyWord(m, tx)));
    m.st32(pts + L.PTN_SAVED_RX_NOTIFY, m.ld32(notifyWord(m, rx)));
    for (const [k, c, fn, isTx] of [
      [rxk, cfg.rx, L.OP_PTN_RX_WORKER, false],
      [txk, cfg.tx, L.OP_PTN_TX_WORKER, true],
    ] as const) {
      m.st32(k + L.NMK_RUN, 1);
      m.st32(k + L.NMK_COOKIE, c.ioeventfd);
      m.st32(k + L.NMK_FN, m.op(fn));
      m.st32(k + L.NMK_PRIV, pts);
      m.st32(k + L.NMK_VM, cfg.vm.vm);
      m.st64(k + L.NMK_MSI_MSG, c.msg);
      m.st64(k + L.NMK_MSI_ADDR, c.addr);
      const block = m.newThread({ kind: L.TK_KTHREAD, fn: L.OP_KTHREAD, arg: k, vtime: m.clock });
      m.st32(k + L.NMK_BLOCK, block);
      if (isTx) entry.txBlock = block;
      else entry.rxBlock = block;
      log(`nm_kthread started td 0x${block.toString(16)}`);
    }
    for (const [kr, op] of [
      [tx, L.OP_PTN_TX_NOTIFY],
      [rx, L.OP_PTN_RX_NOTIFY],
    ] as const) {
      m.st32(kr + L.KR_PRIV, pts);
      m.st32(notifyWord(m, kr), m.op(op));
    }
    t.ptn.push(entry);
    log(`[${fd.name}] ptnetmap configuration DONE`);
    return undefined;
  }

  /** First half of PT_HOST_DELETE: set stopped, ask the threads to end. */
  stop(entry: PtnEntry) {
    const { m } = this;
    if (entry.stopping) return;
    entry.stopping = true;
    m.st32(entry.pts + L.PTN_STOPPED, 1);
    for (const k of [entry.txKth, entry.rxKth]) {
      m.st32(k + L.NMK_RUN, 0);
      m.wakeup(m.ld32(k + L.NMK_COOKIE));
    }
  }

  /** Both threads have ended. Until then the second half must wait; a wakeup may have come before their sleep. */
  stopped(entry: PtnEntry): boolean {
    const { m } = this;
    const alive = [entry.txBlock, entry.rxBlock].filter((b) => m.status(b) !== L.TS_DEAD);
    for (const k of [entry.txKth, entry.rxKth]) if (alive.length) m.wakeup(m.ld32(k + L.NMK_COOKIE));
    return alive.length === 0;
  }

  /** Second half: notifications restored, state freed. */
  finish(entry: PtnEntry, fd: NetmapFd) {
    const { m } = this,
      t = this.tree();
    m.st32(notifyWord(m, fd.tx), m.ld32(entry.pts + L.PTN_SAVED_TX_NOTIFY));
    m.st32(notifyWord(m, fd.rx), m.ld32(entry.pts + L.PTN_SAVED_RX_NOTIFY));
    addCounts(t.workerTotals, `nm-kthread-0 ${fd.name}`, workerCounts(m, entry.rxKth, entry.rxBlock));
    addCounts(t.workerTotals, `nm-kthread-1 ${fd.name}`, workerCounts(m, entry.txKth, entry.txBlock));
    m.freeThread(entry.txBlock);
    m.freeThread(entry.rxBlock);
    // Type-stable: a notify that was under way when we stopped (H13) finds a stopped worker, not somebody else's memory.
    t.ptnFree.push(entry.pts);
    t.ptn = t.ptn.filter((p) => p !== entry);
    logLine(t, `[${fd.name}] ptnetmap deleted`);
  }
}

// NETMAP_PT_HOST_CREATE and _DELETE: the two kernel threads of a passthrough port, the CSB's first contents, the redirected
// notifications. Mirrors ptnetmap.c and nm_os_kthread_* of 2015 (facts 5A.5 step 8, bhyve 2.2, 5.7). Each ioctl is a chain of
// named actions, so that threads can run between any two of them (H13); its caller takes one after the other with step().

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import { notifyWord } from '../../net/netmap_monitor.ts';
import { addCounts, workerCounts } from '../../net/totals.ts';
import { hasHazard } from './hazards.ts';
import { type Errno, type HostTree, type NetmapFd, logLine } from './tree.ts';
import type { VmEntry } from './vmm.ts';

export interface PtnetmapCfgRing {
  ioeventfd: number;
  msg: number;
  addr: number;
  /** The lab's doorbell that is a descriptor: where it counts. */
  efd?: number;
}
/** struct ptnetmap_cfg, as bhyve fills it. */
export interface PtnetmapCfg {
  features: number;
  csb: number;
  vm: VmEntry;
  tx: PtnetmapCfgRing;
  rx: PtnetmapCfgRing;
}
export interface PtnEntry {
  fd: number;
  pts: number;
  txKth: number;
  rxKth: number;
  txBlock: number;
  rxBlock: number;
  stopping: boolean;
  /** What is left of the ioctl under way, in order. */
  todo: Todo[];
}
/** The actions of the two ioctls. */
export type Todo =
  | 'redirect nm_notify of TX'
  | 'redirect nm_notify of RX'
  | 'start the RX thread'
  | 'start the TX thread'
  | 'configuration done'
  | 'wake the threads'
  | 'wait for the threads'
  | 'restore nm_notify of TX'
  | 'restore nm_notify of RX'
  | 'free';
const CREATE: readonly Todo[] = [
  'redirect nm_notify of TX',
  'redirect nm_notify of RX',
  'start the RX thread',
  'start the TX thread',
  'configuration done',
];
const DELETE: readonly Todo[] = ['wake the threads', 'wait for the threads', 'restore nm_notify of TX', 'restore nm_notify of RX', 'free'];

const CSB = 1,
  EVENTFD = 2;

export class Ptnetmap {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree & { ptn: PtnEntry[]; ptnFree: number[] },
    /** Whether a kring of any other port than this one is being synced: its notifications may be under way. */
    private readonly othersBusy: (na: number) => boolean,
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
    if (fd.faulted) {
      log(`lab: a kernel thread of ${fd.name} has faulted; a real host would not have come so far`);
      return 'EIO';
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
    m.st32(pts + L.PTN_REV, m.ld32(cfg.vm.vm + L.VM_PROTOCOL));
    m.st64(pts + L.PTN_USERSPACE_AT, m.ld64(cfg.vm.vm + L.VM_STAT + L.STAT_USERSPACE * 8));
    m.st64(pts + L.PTN_QNOTIFY_AT, m.ld64(cfg.vm.vm + L.VM_STAT + L.STAT_QNOTIFY_USER * 8));
    const entry: PtnEntry = { fd: fd.id, pts, txKth: txk, rxKth: rxk, txBlock: 0, rxBlock: 0, stopping: false, todo: [...CREATE] };
    m.st32(pts + L.PTN_SAVED_TX_NOTIFY, m.ld32(notifyWord(m, tx)));
    m.st32(pts + L.PTN_SAVED_RX_NOTIFY, m.ld32(notifyWord(m, rx)));
    for (const [k, c, fn] of [
      [rxk, cfg.rx, L.OP_PTN_RX_WORKER],
      [txk, cfg.tx, L.OP_PTN_TX_WORKER],
    ] as const) {
      m.st32(k + L.NMK_RUN, 1);
      m.st32(k + L.NMK_COOKIE, c.ioeventfd);
      m.st32(k + L.NMK_EFD, c.efd ?? 0);
      m.st32(k + L.NMK_FN, m.op(fn));
      m.st32(k + L.NMK_PRIV, pts);
      m.st32(k + L.NMK_VM, cfg.vm.vm);
      m.st64(k + L.NMK_MSI_MSG, c.msg);
      m.st64(k + L.NMK_MSI_ADDR, c.addr);
    }
    t.ptn.push(entry);
    return undefined;
  }

  /** The interrupt of the worker that waits on this channel is another from now on (H17 = 0). */
  message(cookie: number, msg: number, addr: number) {
    for (const k of this.tree().ptn.flatMap((e) => [e.rxKth, e.txKth])) {
      if (this.m.ld32(k + L.NMK_COOKIE) !== cookie) continue;
      this.m.st64(k + L.NMK_MSI_MSG, msg);
      this.m.st64(k + L.NMK_MSI_ADDR, addr);
    }
  }

  /** The first of PT_HOST_DELETE, in the system call itself: set stopped. A CREATE that is under way goes no further. */
  stop(entry: PtnEntry) {
    if (entry.stopping) return;
    entry.stopping = true;
    entry.todo = [...DELETE];
    this.m.st32(entry.pts + L.PTN_STOPPED, 1);
    for (const k of [entry.txKth, entry.rxKth]) this.m.st32(k + L.NMK_RUN, 0);
  }

  /** One more action of the ioctl under way. True when it has returned. */
  step(entry: PtnEntry, fd: NetmapFd): boolean {
    const next = entry.todo[0];
    if (next === undefined) return true;
    this.did = `ptnetmap of ${fd.name}: ${next}.`;
    if (this.#act(next, entry, fd)) entry.todo.shift();
    return entry.todo.length === 0;
  }
  /** The last action in words; not state. */
  did = '';

  /** True when it is done; false, it waits. */
  #act(what: Todo, e: PtnEntry, fd: NetmapFd): boolean {
    const { m } = this;
    switch (what) {
      case 'redirect nm_notify of TX':
        m.st32(fd.tx + L.KR_PRIV, e.pts);
        m.st32(notifyWord(m, fd.tx), m.op(L.OP_PTN_TX_NOTIFY));
        return true;
      case 'redirect nm_notify of RX':
        m.st32(fd.rx + L.KR_PRIV, e.pts);
        m.st32(notifyWord(m, fd.rx), m.op(L.OP_PTN_RX_NOTIFY));
        return true;
      case 'start the RX thread':
        e.rxBlock = this.#start(e.rxKth);
        return true;
      case 'start the TX thread':
        e.txBlock = this.#start(e.txKth);
        return true;
      case 'configuration done':
        logLine(this.tree(), `[${fd.name}] ptnetmap configuration DONE`);
        return true;
      case 'wake the threads':
        for (const k of [e.txKth, e.rxKth]) m.wakeup(m.ld32(k + L.NMK_COOKIE));
        return true;
      case 'wait for the threads': {
        // a wakeup may have come before their sleep
        const alive = [e.txBlock, e.rxBlock].some((b) => b && m.status(b) !== L.TS_DEAD);
        for (const k of [e.txKth, e.rxKth]) if (alive) m.wakeup(m.ld32(k + L.NMK_COOKIE));
        return !alive;
      }
      case 'restore nm_notify of TX':
        m.st32(notifyWord(m, fd.tx), m.ld32(e.pts + L.PTN_SAVED_TX_NOTIFY));
        return true;
      case 'restore nm_notify of RX':
        m.st32(notifyWord(m, fd.rx), m.ld32(e.pts + L.PTN_SAVED_RX_NOTIFY));
        return true;
      case 'free':
        // a notify that was under way has gone home first: H13 lacks this, too
        if (!hasHazard(m, m.ld32(e.pts + L.PTN_REV), L.HZ_H13) && this.othersBusy(fd.na)) return false;
        this.#free(e, fd);
        return true;
      default: {
        const never: never = what;
        return never;
      }
    }
  }

  /** nm_os_kthread_start. */
  #start(k: number): number {
    const { m } = this,
      block = m.newThread({ kind: L.TK_KTHREAD, fn: L.OP_KTHREAD, arg: k, vtime: m.clock });
    m.st32(k + L.NMK_BLOCK, block);
    logLine(this.tree(), `nm_kthread started td 0x${block.toString(16)}`);
    return block;
  }

  #free(entry: PtnEntry, fd: NetmapFd) {
    const { m } = this,
      t = this.tree();
    addCounts(t.workerTotals, `nm-kthread-0 ${fd.name}`, workerCounts(m, entry.rxKth, entry.rxBlock));
    addCounts(t.workerTotals, `nm-kthread-1 ${fd.name}`, workerCounts(m, entry.txKth, entry.txBlock));
    for (const b of [entry.txBlock, entry.rxBlock]) if (b) m.freeThread(b);
    // Type-stable: a notify that was under way when we stopped (H13) finds a stopped worker, not somebody else's memory.
    m.st32(entry.pts + L.PTN_NA, 0);
    t.ptnFree.push(entry.pts);
    t.ptn = t.ptn.filter((p) => p !== entry);
    logLine(t, `[${fd.name}] ptnetmap deleted`);
  }
}

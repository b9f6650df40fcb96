// The host's two worker functions of a passthrough port: they run the parent port's txsync and rxsync for the guest.
// Mirrors ptnetmap.c of 2015 (facts 5A.8, 5A.9) and, for a VM of revision 2019, its later form (5A.13, 5B.6): read one
// against the other where `late` or a hazard (net/hazards.ts) decides. Coupled with guest/if_vtnet_netmap.ts through the
// CSB: the guest writes head, cur, sync_flags and guest_need_*kick; the host writes hwcur, hwtail and host_need_*kick,
// and in 2015 clears the guest's flag before it interrupts.

import {
  CSB_GUEST_NEED_RXKICK, CSB_GUEST_NEED_TXKICK, CSB_HOST_NEED_RXKICK, CSB_HOST_NEED_TXKICK, CSB_RX_RING, CSB_TX_RING,
  HZ_H1, HZ_H10, HZ_H12, HZ_H13, HZ_H2, HZ_H5, HZ_H6, HZ_H7, HZ_H9, KR_MON, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_PRIV, KR_RCUR, KR_RHEAD, KR_RING,
  KR_RTAIL, NMK_FAULT, NMK_SAID, NMK_SAYS_PANIC, NMK_SAYS_RXSYNC, NMK_SAYS_TXSYNC, NMK_STAT_BUSY, PROTOCOL_2015, PTN_REV,
  RING_SLOT, SLOT_SIZE, SYNC_LOOP_RX_DRY_CYCLES_MAX,
  NAF_FORCE_RECLAIM, NA_RX_RINGS, NA_TX_RINGS, NMK_STAT_NOIRQ, PTN_CSB, PTN_NA, PTN_RX_KTH, PTN_RX_NOWORK_CYCLE,
  MACHINE, M_SEEN_H13, PTN_STOPPED, PTN_TX_KTH, PTR_CUR, PTR_HEAD, PTR_HWCUR, PTR_HWTAIL, PTR_SYNC_FLAGS, KR_STAT_NOTIFY,
} from "../layout";
import {
  P_PTN_RX_BARRIER, P_PTN_RX_CUR0, P_PTN_RX_CUR1, P_PTN_RX_CUR2, P_PTN_RX_FENCE0, P_PTN_RX_FENCE1, P_PTN_RX_FENCE2,
  P_PTN_RX_HEAD0, P_PTN_RX_HEAD1, P_PTN_RX_HEAD2, P_PTN_RX_HWCUR, P_PTN_RX_HWTAIL, P_PTN_RX_MB, P_PTN_RX_NEED,
  P_PTN_RX_NEED_END, P_PTN_RX_STOPPED, P_PTN_RX_STOPPED0, P_PTN_RX_ST_HWCUR, P_PTN_RX_ST_HWTAIL, P_PTN_RX_ST_KICK0,
  P_PTN_RX_ST_KICK1, P_PTN_RX_ST_KICK2, P_PTN_RX_ST_KICK_ERR, P_PTN_RX_ST_NEED, P_PTN_RX_ST_NEED_END,
  P_PTN_TX_BARRIER, P_PTN_TX_CUR0, P_PTN_TX_CUR1, P_PTN_TX_CUR2, P_PTN_TX_FENCE0, P_PTN_TX_FENCE1, P_PTN_TX_FENCE2,
  P_PTN_TX_HEAD0, P_PTN_TX_HEAD1, P_PTN_TX_HEAD2, P_PTN_TX_HWCUR, P_PTN_TX_HWCUR2, P_PTN_TX_HWTAIL, P_PTN_TX_HWTAIL2,
  P_PTN_TX_MB, P_PTN_TX_NEED, P_PTN_TX_NEED_END, P_PTN_TX_STOPPED, P_PTN_TX_STOPPED0, P_PTN_TX_ST_HWCUR,
  P_PTN_TX_ST_HWTAIL, P_PTN_TX_ST_KICK0, P_PTN_TX_ST_KICK1, P_PTN_TX_ST_KICK2, P_PTN_TX_ST_KICK_ERR,
  P_PTN_TX_ST_NEED, P_PTN_TX_ST_NEED_END, P_PTN_RX_L_ST_HWCUR, P_PTN_RX_L_ST_HWTAIL, P_PTN_RX_ST_KICK_PRO,
  P_PTN_RX_ST_KICK_SYNC, P_PTN_TX_L_ST_HWCUR, P_PTN_TX_L_ST_HWTAIL, P_PTN_TX_ST_KICK_PRO, P_PTN_TX_ST_KICK_SYNC,
} from "../points";
import { capture_rx } from "../net/netmap_capture";
import { hazards, nm_order } from "../net/hazards";
import {
  netmap_ring_reinit, nm_kr_put, nm_kr_tryget, nm_prev, nm_rxsync_check, nm_sync, nm_txsync_check,
} from "../net/netmap_kern";
import { charge, fence, ld, st } from "../sim/shared";
import { nm_os_kthread_send_irq, nm_os_kthread_wakeup_worker } from "./netmap_freebsd";

const KICK_PAUSE_NS: u32 = 1000; // usleep_range(1, 1) between "please kick me" and the look again

/** A cur that seems to have overtaken head by more than a ring is clamped (the CSB words are not read together). */
function clamp_cur(head: u32, cur: u32, hwcur: u32, n: u32): u32 {
  const dh = head >= hwcur ? head - hwcur : head + n - hwcur, dc = cur >= hwcur ? cur - hwcur : cur + n - hwcur;
  return dc < dh ? nm_prev(head, n - 1) : cur;
}

/** For the message buffer: the control plane logs it when this run of the worker is over. */
function says(nmk: usize, what: u32): void { store<u32>(nmk, load<u32>(nmk, NMK_SAID) | what, NMK_SAID); }

/**
 * Without a prologue (H6) the ring's loop goes to a slot that is none. There the kernel faults, or writes into what lies
 * behind the ring. The lab ends the thread at that address, says what the host would have said, and stops the port alone.
 */
function faults(nmk: usize, kr: usize, head: u32): void {
  store<u32>(nmk, load<u32>(kr, KR_RING) + RING_SLOT + head * SLOT_SIZE, NMK_FAULT);
  says(nmk, NMK_SAYS_PANIC);
}

/** ptnetmap_tx_handler: the guest's transmissions, until there are none or the ring is full. */
export function ptnetmap_tx_handler(pts: usize): void {
  if (!load<u32>(pts, PTN_NA) || ld(pts + PTN_STOPPED, P_PTN_TX_STOPPED0)) return;
  const csb: usize = load<u32>(pts, PTN_CSB), kr: usize = load<u32>(load<u32>(pts, PTN_NA), NA_TX_RINGS);
  const ptr = csb + CSB_TX_RING, nmk: usize = load<u32>(pts, PTN_TX_KTH), n = load<u32>(kr, KR_NUM_SLOTS);
  const rev = load<u32>(pts, PTN_REV), late = rev != PROTOCOL_2015, hz = hazards(rev);
  let work = false;
  if (nm_kr_tryget(kr)) {
    store<u64>(nmk, load<u64>(nmk, NMK_STAT_BUSY) + 1, NMK_STAT_BUSY);
    if (hz & HZ_H10) nm_kr_put(kr); // 2015: leaves by the exit that releases the kring it does not own
    return;
  }
  st(csb + CSB_HOST_NEED_TXKICK, 0, P_PTN_TX_ST_KICK0);
  let head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD0);
  fence(P_PTN_TX_FENCE0);
  let cur = ld(ptr + PTR_CUR, P_PTN_TX_CUR0);
  for (;;) {
    if ((hz & HZ_H6) && head >= n) {
      faults(nmk, kr, head);
      st(pts + PTN_STOPPED, 1, P_PTN_TX_ST_KICK_ERR);
      nm_kr_put(kr);
      return;
    }
    const hwcur = ld(kr + KR_NR_HWCUR, P_PTN_TX_HWCUR), hwtail = ld(kr + KR_NR_HWTAIL, P_PTN_TX_HWTAIL);
    const batch = head >= hwcur ? head - hwcur : head + n - hwcur;
    if ((hz & HZ_H7) && batch > n / 2) { // PTN_TX_BATCH_LIM: at most half a ring a turn
      head = hwcur + n / 2;
      if (head >= n) head -= n;
    }
    let flags: u32 = load<u32>(ptr, PTR_SYNC_FLAGS);
    const space = hwtail >= hwcur ? hwtail - hwcur : hwtail + n - hwcur;
    if (space <= n / 2 && !(hz & HZ_H9)) flags |= NAF_FORCE_RECLAIM;
    if (hz & HZ_H5) cur = clamp_cur(head, cur, hwcur, n);
    if (!(hz & HZ_H6) && (!nm_txsync_check(kr, head, cur) || head >= n)) { // the guest is not trusted: repair the ring, wait for a kick
      netmap_ring_reinit(kr);
      st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK_PRO);
      break;
    }
    store<u32>(kr, head, KR_RHEAD);
    store<u32>(kr, cur, KR_RCUR);
    if (nm_sync(kr, flags)) {
      says(nmk, NMK_SAYS_TXSYNC);
      st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK_SYNC);
      break;
    }
    const t = ld(kr + KR_NR_HWTAIL, P_PTN_TX_HWTAIL2), c = ld(kr + KR_NR_HWCUR, P_PTN_TX_HWCUR2);
    if (hz & HZ_H5) { // 2015: hwtail, mb, hwcur; the guest may take a new hwtail with an old hwcur
      st(ptr + PTR_HWTAIL, t, P_PTN_TX_ST_HWTAIL);
      fence(P_PTN_TX_MB);
      st(ptr + PTR_HWCUR, c, P_PTN_TX_ST_HWCUR);
    } else { // since 2016: hwcur, wmb, hwtail
      st(ptr + PTR_HWCUR, c, P_PTN_TX_L_ST_HWCUR);
      nm_order();
      st(ptr + PTR_HWTAIL, t, P_PTN_TX_L_ST_HWTAIL);
    }
    if (load<u32>(kr, KR_RTAIL) != t) { store<u32>(kr, t, KR_RTAIL); work = true; }
    if (work && ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED)) {
      if (!late) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_PTN_TX_ST_NEED); // later, a flag is its owner's
      nm_os_kthread_send_irq(nmk);
      work = false;
    }
    head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD1);
    fence(P_PTN_TX_FENCE1);
    cur = ld(ptr + PTR_CUR, P_PTN_TX_CUR1);
    if (head == load<u32>(kr, KR_RHEAD)) { // the guest has no more: ask for a kick, then look again
      charge(KICK_PAUSE_NS);
      st(csb + CSB_HOST_NEED_TXKICK, 1, P_PTN_TX_ST_KICK1);
      if (!(hz & HZ_H1)) {
        if (!(hz & HZ_H2)) fence(P_PTN_TX_BARRIER); // nm_stld_barrier
        head = ld(ptr + PTR_HEAD, P_PTN_TX_HEAD2);
        fence(P_PTN_TX_FENCE2);
        cur = ld(ptr + PTR_CUR, P_PTN_TX_CUR2);
        if (head != load<u32>(kr, KR_RHEAD)) {
          st(csb + CSB_HOST_NEED_TXKICK, 0, P_PTN_TX_ST_KICK2);
          continue;
        }
      }
      break;
    }
    if (t == ((hz & HZ_H12) ? load<u32>(kr, KR_RCUR) : load<u32>(kr, KR_RHEAD))) break; // ring full, kicks stay off: the backend's notify will restart us
    // The backend took nothing of a truncated batch: 2015 polls on; the lab leaves, the backend's notify restarts us.
    if ((hz & HZ_H7) && c == hwcur && c != load<u32>(kr, KR_RHEAD)) break;
    if (ld(pts + PTN_STOPPED, P_PTN_TX_STOPPED)) break;
  }
  nm_kr_put(kr);
  if (work) {
    if (ld(csb + CSB_GUEST_NEED_TXKICK, P_PTN_TX_NEED_END)) {
      if (!late) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_PTN_TX_ST_NEED_END);
      nm_os_kthread_send_irq(nmk);
    } else store<u64>(nmk, load<u64>(nmk, NMK_STAT_NOIRQ) + 1, NMK_STAT_NOIRQ);
  }
}

/** ptnetmap_rx_handler: what the port has received, until nothing is left or the guest's ring is full. */
export function ptnetmap_rx_handler(pts: usize): void {
  if (!load<u32>(pts, PTN_NA) || ld(pts + PTN_STOPPED, P_PTN_RX_STOPPED0)) return;
  const csb: usize = load<u32>(pts, PTN_CSB), kr: usize = load<u32>(load<u32>(pts, PTN_NA), NA_RX_RINGS);
  const ptr = csb + CSB_RX_RING, nmk: usize = load<u32>(pts, PTN_RX_KTH), n = load<u32>(kr, KR_NUM_SLOTS);
  const rev = load<u32>(pts, PTN_REV), late = rev != PROTOCOL_2015, hz = hazards(rev);
  const dry_max = late ? SYNC_LOOP_RX_DRY_CYCLES_MAX : PTN_RX_NOWORK_CYCLE;
  let work = false, dry: u32 = 0;
  if (nm_kr_tryget(kr)) {
    store<u64>(nmk, load<u64>(nmk, NMK_STAT_BUSY) + 1, NMK_STAT_BUSY);
    return;
  }
  st(csb + CSB_HOST_NEED_RXKICK, 0, P_PTN_RX_ST_KICK0);
  let head = ld(ptr + PTR_HEAD, P_PTN_RX_HEAD0);
  fence(P_PTN_RX_FENCE0);
  let cur = ld(ptr + PTR_CUR, P_PTN_RX_CUR0);
  for (;;) {
    if ((hz & HZ_H6) && head >= n) {
      faults(nmk, kr, head);
      st(pts + PTN_STOPPED, 1, P_PTN_RX_ST_KICK_ERR);
      nm_kr_put(kr);
      return;
    }
    if (hz & HZ_H5) cur = clamp_cur(head, cur, load<u32>(kr, KR_NR_HWCUR), n);
    if (!(hz & HZ_H6) && (!nm_rxsync_check(kr, head, cur) || head >= n)) {
      netmap_ring_reinit(kr);
      st(csb + CSB_HOST_NEED_RXKICK, 1, P_PTN_RX_ST_KICK_PRO);
      break;
    }
    store<u32>(kr, head, KR_RHEAD);
    store<u32>(kr, cur, KR_RCUR);
    if (nm_sync(kr, load<u32>(ptr, PTR_SYNC_FLAGS))) {
      says(nmk, NMK_SAYS_RXSYNC);
      st(csb + CSB_HOST_NEED_RXKICK, 1, P_PTN_RX_ST_KICK_SYNC);
      break;
    }
    const t = ld(kr + KR_NR_HWTAIL, P_PTN_RX_HWTAIL), c = ld(kr + KR_NR_HWCUR, P_PTN_RX_HWCUR);
    if (load<u32>(kr, KR_MON)) capture_rx(kr, t); // the guest sees these slots from here on
    if (hz & HZ_H5) {
      st(ptr + PTR_HWTAIL, t, P_PTN_RX_ST_HWTAIL);
      fence(P_PTN_RX_MB);
      st(ptr + PTR_HWCUR, c, P_PTN_RX_ST_HWCUR);
    } else {
      st(ptr + PTR_HWCUR, c, P_PTN_RX_L_ST_HWCUR);
      nm_order();
      st(ptr + PTR_HWTAIL, t, P_PTN_RX_L_ST_HWTAIL);
    }
    if (load<u32>(kr, KR_RTAIL) != t) { store<u32>(kr, t, KR_RTAIL); work = true; dry = 0; } else dry++;
    if (work && ld(csb + CSB_GUEST_NEED_RXKICK, P_PTN_RX_NEED)) {
      if (!late) st(csb + CSB_GUEST_NEED_RXKICK, 0, P_PTN_RX_ST_NEED);
      nm_os_kthread_send_irq(nmk);
      work = false;
    }
    head = ld(ptr + PTR_HEAD, P_PTN_RX_HEAD1);
    fence(P_PTN_RX_FENCE1);
    cur = ld(ptr + PTR_CUR, P_PTN_RX_CUR1);
    if (t == nm_prev(head, n - 1)) { // no room: ask for a kick, then look again
      charge(KICK_PAUSE_NS);
      st(csb + CSB_HOST_NEED_RXKICK, 1, P_PTN_RX_ST_KICK1);
      if (!(hz & HZ_H1)) {
        if (!(hz & HZ_H2)) fence(P_PTN_RX_BARRIER);
        head = ld(ptr + PTR_HEAD, P_PTN_RX_HEAD2);
        fence(P_PTN_RX_FENCE2);
        cur = ld(ptr + PTR_CUR, P_PTN_RX_CUR2);
        if (t != nm_prev(head, n - 1)) {
          st(csb + CSB_HOST_NEED_RXKICK, 0, P_PTN_RX_ST_KICK2);
          continue;
        }
      }
      break;
    }
    if (t == ((hz & HZ_H12) ? load<u32>(kr, KR_RCUR) : load<u32>(kr, KR_RHEAD)) || dry >= dry_max) break; // the port's notify restarts us
    if (ld(pts + PTN_STOPPED, P_PTN_RX_STOPPED)) break;
  }
  nm_kr_put(kr);
  if (work) {
    if (ld(csb + CSB_GUEST_NEED_RXKICK, P_PTN_RX_NEED_END)) {
      if (!late) st(csb + CSB_GUEST_NEED_RXKICK, 0, P_PTN_RX_ST_NEED_END);
      nm_os_kthread_send_irq(nmk);
    } else store<u64>(nmk, load<u64>(nmk, NMK_STAT_NOIRQ) + 1, NMK_STAT_NOIRQ);
  }
}

/**
 * A notify that comes late finds its port stopped, and goes home; with H13 it asks nothing. Between its look and the worker's
 * lock the port may be taken down all the same. Where the state is free by then (PTN_NA is 0) a kernel would take a lock that is
 * no more: here the memory is kept, and the touch is counted.
 */
function notify(pts: usize, nmk: u32): void {
  if (!(hazards(load<u32>(pts, PTN_REV)) & HZ_H13) && load<u32>(pts, PTN_STOPPED)) return;
  nm_os_kthread_wakeup_worker(nmk);
  if (!load<u32>(pts, PTN_NA)) store<u32>(MACHINE, load<u32>(MACHINE, M_SEEN_H13) + 1, M_SEEN_H13);
}

/** The port's nm_notify while passthrough is up: wakes the worker instead of pollers. */
export function ptnetmap_tx_notify(kr: usize, flags: u32): u32 {
  store<u64>(kr, load<u64>(kr, KR_STAT_NOTIFY) + 1, KR_STAT_NOTIFY);
  const pts: usize = load<u32>(kr, KR_PRIV);
  notify(pts, load<u32>(pts, PTN_TX_KTH));
  return flags;
}
export function ptnetmap_rx_notify(kr: usize, flags: u32): u32 {
  store<u64>(kr, load<u64>(kr, KR_STAT_NOTIFY) + 1, KR_STAT_NOTIFY);
  const pts: usize = load<u32>(kr, KR_PRIV);
  notify(pts, load<u32>(pts, PTN_RX_KTH));
  return flags;
}

// What a program asks of its netmap descriptor, in both kernels: the sync ioctls, poll, and who is told when a ring moves.
// Mirrors netmap_ioctl's NIOC[TR]XSYNC, netmap_poll and netmap_notify of 2015 (facts 2.6, 2.7, 2.9). A thread is bound to
// TD_NTX and TD_NRX krings from TD_TX and TD_RX on; a busy ring is skipped by poll, for its holder will notify. `fd` is a
// descriptor of a thread: the td itself, or td + TD_SECOND.

import {
  ACC_SLEEP, ACC_WAKEUP, HZ_H19, PROTOCOL_2015, RING_HEAD, KR_FWD, KR_NA, KR_NM_NOTIFY, KR_NR_HWCUR, KR_NUM_SLOTS, KR_RCUR, KR_RING_ID, KR_RTAIL, KR_SI, KR_SI_MAX, KR_SIZE,
  KR_STAT_NOTIFY, KR_TX, M_FWD, M_NO_TIMESTAMP, NAF_FORCE_READ, NAF_FORCE_RECLAIM, NAF_HOST_RINGS, NAF_NETMAP_ON, NA_FLAGS,
  NA_MONITOR, NA_NUM_RX_RINGS, NA_NUM_TX_RINGS, NA_SI, NA_TYPE, NR_FORWARD, OPS, OP_FORWARD_UP,
  NR_TIMESTAMP, NR_TX, POLLERR, POLLIN, POLLOUT, RING_CUR, RING_FLAGS, RING_TAIL, RING_TS, TDS_SLEEP, TD_DEADLINE, TD_NO_TX_POLL, TD_NRX,
  TD_NTX, TD_POLL_DEADLINE, TD_RX, TD_SECOND, TD_SELPEND, TD_STATE, TD_TX, TD_WAKEUP, TD_WMESG, WM_SELECT,
} from "../layout";
import {
  COST_SLEEP, COST_SYSCALL, COST_WAKEUP, P_NOTIFY_SWAP, P_NOTIFY_WAKE, P_POLL_CUR, P_POLL_CUR2, P_POLL_RECORD, P_POLL_SLEEP, P_POLL_TAIL,
  P_POLL_TAIL2, P_NOTIFY_SWAP_ALL,
} from "../points";
import { hazards } from "./hazards";
import { kern } from "./kern";
import { charge, ld, now, point, rmw_cas, rmw_xchg, sim_ld, sim_st } from "../sim/shared";
import {
  kr_ring, netmap_ring_reinit, nm_kr_put, nm_kr_tryget, nm_rxsync_prologue, nm_sync, nm_sync_finalize, nm_txsync_prologue,
} from "./netmap_kern";

const ENXIO: u32 = 6;
const EBUSY: u32 = 16;
/** rx_pass: packets of the host went into TX rings of the NIC. */
const SEND_DOWN: u32 = 0x10000;

/** Whether the port of a descriptor's rings is in netmap mode. */
function netmap_on(fd: usize): bool {
  const kr: usize = load<u32>(fd, TD_NTX) ? load<u32>(fd, TD_TX) : load<u32>(fd, TD_RX);
  return kr != 0 && (load<u32>(load<u32>(kr, KR_NA), NA_FLAGS) & NAF_NETMAP_ON) != 0;
}

/** microtime() into ring.ts, a struct timeval. */
function stamp(kr: usize): void {
  const ring = kr_ring(kr), t = now();
  store<u64>(ring, t / 1000000000, RING_TS);
  store<u64>(ring, t % 1000000000 / 1000, RING_TS + 8);
}

/** NIOCTXSYNC and NIOCRXSYNC on every ring of the descriptor: 0, ENXIO, or EBUSY and the rest is left (facts 2.6). */
export function netmap_ioctl_sync(td: usize, tx: bool): u32 {
  charge(COST_SYSCALL);
  if (!netmap_on(td)) return ENXIO;
  const first: usize = tx ? load<u32>(td, TD_TX) : load<u32>(td, TD_RX), count = tx ? load<u32>(td, TD_NTX) : load<u32>(td, TD_NRX);
  for (let i: u32 = 0; i < count; i++) {
    const kr = first + i * KR_SIZE;
    if (nm_kr_tryget(kr)) return EBUSY;
    const n = load<u32>(kr, KR_NUM_SLOTS);
    const head = tx ? nm_txsync_prologue(kr) : nm_rxsync_prologue(kr);
    if (head >= n) netmap_ring_reinit(kr);
    else if (!nm_sync(kr, tx ? NAF_FORCE_RECLAIM : NAF_FORCE_READ)) nm_sync_finalize(kr);
    if (!tx) stamp(kr);
    nm_kr_put(kr);
  }
  return 0;
}

/** selrecord: the thread wants to hear of this queue of waiters. */
export function selrecord(td: usize, si: usize): void {
  for (let i: u32 = 0; i < KR_SI_MAX; i++) if (load<u32>(si + i * 4) == (td as u32)) return;
  for (let i: u32 = 0; i < KR_SI_MAX; i++) if (rmw_cas(si + i * 4, 0, td as u32, P_POLL_RECORD) == 0) return;
}
/** One ring: its own queue. More: the adapter's, one a direction. */
function si_of(fd: usize, tx: bool): usize {
  const kr: usize = tx ? load<u32>(fd, TD_TX) : load<u32>(fd, TD_RX), count = tx ? load<u32>(fd, TD_NTX) : load<u32>(fd, TD_NRX);
  return count > 1 ? load<u32>(kr, KR_NA) + NA_SI + (tx ? KR_SI_MAX * 4 : 0) : kr + KR_SI;
}

/** selwakeup of one thread. */
export function wake(td: usize): void {
  if (!td) return;
  point(ACC_WAKEUP, td, COST_WAKEUP, P_NOTIFY_WAKE);
  sim_st(td + TD_SELPEND, 1);
  const fn = load<u32>(td, TD_WAKEUP); // 0: the thread has ended since; its td is never reused for anything else
  if (fn) call_indirect<void>(fn, td);
}

/** Default nm_notify: selwakeup of the ring's waiters and of those of the whole port. */
export function netmap_notify(kr: usize, flags: u32): u32 {
  store<u64>(kr, load<u64>(kr, KR_STAT_NOTIFY) + 1, KR_STAT_NOTIFY);
  for (let i: u32 = 0; i < KR_SI_MAX; i++)
    if (sim_ld(kr + KR_SI + i * 4)) wake(rmw_xchg(kr + KR_SI + i * 4, 0, P_NOTIFY_SWAP));
  const all = load<u32>(kr, KR_NA) + NA_SI + (load<u32>(kr, KR_TX) == NR_TX ? KR_SI_MAX * 4 : 0);
  for (let i: u32 = 0; i < KR_SI_MAX; i++) if (sim_ld(all + i * 4)) wake(rmw_xchg(all + i * 4, 0, P_NOTIFY_SWAP_ALL));
  return flags;
}

/** poll(2) answers this when the thread has gone to sleep: return to the driver and call again. */
export const POLL_ASLEEP: u32 = 0xffffffff;
/** Instead of the second descriptor's events: there is none. Left out, it costs another call. */
export const NO_SECOND: u32 = 0xffffffff;

/**
 * Rings that poll's TX loop visits. 2015 runs from the first TX ring to the last *RX* ring: with unequal numbers it misses
 * some, or goes on into the host ring; the lab stops it there, where the kernel would leave the array (facts 2.7).
 */
function tx_loop(fd: usize): u32 {
  const tx: usize = load<u32>(fd, TD_TX), rx: usize = load<u32>(fd, TD_RX);
  if (!tx || !load<u32>(fd, TD_NTX)) return 0;
  if (!rx) return load<u32>(fd, TD_NTX);
  const first = load<u32>(tx, KR_RING_ID) as i32, last = (load<u32>(rx, KR_RING_ID) + load<u32>(fd, TD_NRX)) as i32;
  const end = load<u32>(load<u32>(tx, KR_NA), NA_NUM_TX_RINGS) as i32 + 1;
  const n = (last < end ? last : end) - first;
  return n > 0 ? n as u32 : 0;
}

/**
 * poll(2) of a thread's netmap descriptor, or of both: the first, then the second, and one sleep (facts 2.7, order of 2015).
 * Wanted events of each; time-out in ns. Answers revents, of the second in the high half.
 */
export function netmap_poll(td: usize, events: u32, timeout: u64, second: u32 = NO_SECOND): u32 {
  if (!load<u64>(td, TD_POLL_DEADLINE)) {
    charge(COST_SYSCALL);
    store<u64>(td, now() + timeout, TD_POLL_DEADLINE);
  }
  let fd = td, want = events, revents: u32 = 0, all: u32 = 0;
  sim_st(td + TD_SELPEND, 0);
  for (;;) {
    const txs: usize = load<u32>(fd, TD_TX), rxs: usize = load<u32>(fd, TD_RX), ntx = tx_loop(fd), nrx = rxs ? load<u32>(fd, TD_NRX) : 0;
    if (!netmap_on(fd)) { revents = POLLERR; want = 0; }
    // lock-free shortcut: something is already there
    if (want & POLLOUT) for (let i: u32 = 0; i < load<u32>(fd, TD_NTX); i++) {
      const ring = kr_ring(txs + i * KR_SIZE);
      if (ld(ring + RING_CUR, P_POLL_CUR) == ld(ring + RING_TAIL, P_POLL_TAIL)) continue;
      revents |= POLLOUT;
      want &= ~POLLOUT;
      break;
    }
    if (want & POLLIN) for (let i: u32 = 0; i < nrx; i++) {
      const ring = kr_ring(rxs + i * KR_SIZE);
      if (ld(ring + RING_CUR, P_POLL_CUR2) == ld(ring + RING_TAIL, P_POLL_TAIL2)) continue;
      revents |= POLLIN;
      want &= ~POLLIN;
      break;
    }
    // TX: the second pass is the double check after selrecord
    if (revents != POLLERR) for (let pass: u32 = 0; pass < 2; pass++) {
      if (!(want & POLLOUT) && load<u32>(fd, TD_NO_TX_POLL)) break;
      revents |= tx_pass(txs, ntx, (want & POLLOUT) != 0);
      if (revents & POLLOUT) want &= ~POLLOUT;
      if (!(want & POLLOUT) || pass) break;
      selrecord(td, si_of(fd, true));
    }
    for (let pass: u32 = 0; pass < 2; pass++) {
      if (!(want & POLLIN) && (pass || revents == POLLERR || !owes(rxs, nrx))) break;
      revents |= rx_pass(rxs, nrx);
      if ((revents & POLLIN) || pass) break; // an error does not end the search
      selrecord(td, si_of(fd, false));
    }
    if (revents & SEND_DOWN) revents = (revents & ~SEND_DOWN) | tx_pass(txs, ntx, (want & POLLOUT) != 0);
    if (second == NO_SECOND || fd != td) break;
    all = revents;
    fd = td + TD_SECOND;
    want = second;
    revents = 0;
  }
  if (fd != td) revents = all | revents << 16;
  if (revents || now() >= load<u64>(td, TD_POLL_DEADLINE)) {
    store<u64>(td, 0, TD_POLL_DEADLINE);
    return revents;
  }
  td_sleep(td, load<u64>(td, TD_POLL_DEADLINE), WM_SELECT);
  return POLL_ASLEEP;
}

/** The same of one descriptor, for who calls from outside: an argument left out needs a caller inside. */
export function netmap_poll_one(td: usize, events: u32, timeout: u64): u32 { return netmap_poll(td, events, timeout, NO_SECOND); }

function tx_pass(txs: usize, ntx: u32, want: bool): u32 {
  let revents: u32 = 0;
  for (let i: u32 = 0; i < ntx; i++) {
    const kr = txs + i * KR_SIZE;
    if (!want && load<u32>(kr_ring(kr), RING_CUR) == load<u32>(kr, KR_NR_HWCUR)) continue;
    if (nm_kr_tryget(kr)) continue;
    if (nm_txsync_prologue(kr) >= load<u32>(kr, KR_NUM_SLOTS)) { netmap_ring_reinit(kr); revents |= POLLERR; }
    else if (nm_sync(kr, 0)) revents |= POLLERR;
    else nm_sync_finalize(kr);
    const found = load<u32>(kr, KR_RCUR) != load<u32>(kr, KR_RTAIL);
    nm_kr_put(kr);
    if (!found) continue;
    if (want) { revents |= POLLOUT; want = false; }
    call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32); // other waiters of this ring
  }
  return revents;
}

/** Transparent forwarding of what is released: a NIC's ring with a stack behind it, and somebody has asked for it. */
function may_forward_up(kr: usize): bool {
  if (!load<u32>(kern(), M_FWD) && !(load<u32>(kr_ring(kr), RING_FLAGS) & NR_FORWARD)) return false;
  const na: usize = load<u32>(kr, KR_NA);
  if (load<u32>(na, NA_TYPE) == NA_MONITOR) return false; // it has no stack, whatever its port has
  return (load<u32>(na, NA_FLAGS) & NAF_HOST_RINGS) != 0 && load<u32>(kr, KR_RING_ID) < load<u32>(na, NA_NUM_RX_RINGS);
}

/** Without H19 (968a6287): whether a ring has slots that are released and not yet given back. */
function owes(rxs: usize, nrx: u32): bool {
  if (hazards(PROTOCOL_2015) & HZ_H19) return false;
  for (let i: u32 = 0; i < nrx; i++) {
    const kr = rxs + i * KR_SIZE;
    if (load<u32>(kr_ring(kr), RING_HEAD) != load<u32>(kr, KR_NR_HWCUR)) return true;
  }
  return false;
}

function rx_pass(rxs: usize, nrx: u32): u32 {
  let revents: u32 = 0;
  for (let i: u32 = 0; i < nrx; i++) {
    const kr = rxs + i * KR_SIZE;
    if (nm_kr_tryget(kr)) continue;
    if (nm_rxsync_prologue(kr) >= load<u32>(kr, KR_NUM_SLOTS)) { netmap_ring_reinit(kr); revents |= POLLERR; } // and goes on
    else if (may_forward_up(kr)) call_indirect<void>(load<u32>(OPS + OP_FORWARD_UP * 4), kr);
    if (nm_sync(kr, 0)) revents |= POLLERR;
    else nm_sync_finalize(kr);
    if (load<u32>(kr, KR_FWD)) { store<u32>(kr, 0, KR_FWD); revents |= SEND_DOWN; }
    if (!load<u32>(kern(), M_NO_TIMESTAMP) || (load<u32>(kr_ring(kr), RING_FLAGS) & NR_TIMESTAMP)) stamp(kr);
    const found = load<u32>(kr, KR_RCUR) != load<u32>(kr, KR_RTAIL);
    nm_kr_put(kr);
    if (!found) continue;
    revents |= POLLIN;
    call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
  }
  return revents;
}

/** seltdwait: to sleep unless selwakeup came since selrecord. Has memory, so nothing is lost. */
export function td_sleep(td: usize, deadline: u64, wmesg: u32): void {
  point(ACC_SLEEP, td, COST_SLEEP, P_POLL_SLEEP);
  if (sim_ld(td + TD_SELPEND)) return;
  store<u64>(td, deadline, TD_DEADLINE);
  store<u32>(td, wmesg, TD_WMESG);
  sim_st(td + TD_STATE, TDS_SLEEP);
}

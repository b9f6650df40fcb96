// if_tap: an Ethernet interface whose wire is a program. What the stack or a bridge sends on it is read from /dev/tapN, what is
// written there has been received. Mirrors if_tap.c (FreeBSD 10). read and write are the kernel's half of the system calls,
// for threads of programs and of bhyve's tap back-end.

import {
  IFF_PROMISC, IF_SOFTC, IF_STAT_OBYTES, IF_STAT_OERRORS, IF_STAT_OPACKETS, IF_STAT_OQDROPS, KR_SI_MAX, MQ_LEN, M_DATA, M_LEN, M_ROOM,
  TAP_IFP, TAP_OPEN, TAP_Q, TAP_SI,
} from "../layout";
import { COST_COPY, COST_COPY_64B, COST_IF_XMIT, COST_TAP_SYSCALL, P_TAP_OPEN, P_TAP_SI, P_TAP_WAITING } from "../points";
import { selrecord, wake } from "../net/netmap_poll";
import { charge, ld, rmw_xchg, sim_ld } from "../sim/shared";
import { dst_mac, ether_input, own_mac } from "../net/if_ethersubr";
import { ENOBUFS, count, if_flags, net_rlock, net_runlock } from "../net/ifnet";
import { m_copy_of, m_free, mq_get, mq_put } from "../net/mbuf";

const EIO: u32 = 5;

/** tapifstart: to the reader's queue. Takes the mbuf. */
export function tap_transmit(ifp: usize, m: usize): u32 {
  const sc: usize = load<u32>(ifp, IF_SOFTC), len = load<u32>(m, M_LEN);
  charge(COST_IF_XMIT);
  if (!ld(sc + TAP_OPEN, P_TAP_OPEN)) { // not ready: nobody has the device open
    count(ifp + IF_STAT_OERRORS, 1);
    m_free(m);
    return 0;
  }
  if (!mq_put(sc + TAP_Q, m)) {
    count(ifp + IF_STAT_OQDROPS, 1);
    m_free(m);
    return ENOBUFS;
  }
  count(ifp + IF_STAT_OPACKETS, 1);
  count(ifp + IF_STAT_OBYTES, len);
  for (let i: u32 = 0; i < KR_SI_MAX; i++)
    if (sim_ld(sc + TAP_SI + i * 4)) wake(rmw_xchg(sc + TAP_SI + i * 4, 0, P_TAP_SI));
  return 0;
}

/** tapread with O_NONBLOCK: a frame, cut to `max`; 0 when none is there. */
export function tap_read(sc: usize, buf: usize, max: u32): u32 {
  charge(COST_TAP_SYSCALL);
  net_rlock();
  const m = mq_get(sc + TAP_Q);
  let len: u32 = 0;
  if (m) {
    len = load<u32>(m, M_LEN);
    if (len > max) len = max;
    memory.copy(buf, m + M_DATA, len);
    charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
    m_free(m);
  }
  net_runlock();
  return len;
}

/** tapwrite: a frame comes in, if hardware would have taken it: for the interface's address, for a group, or promiscuous. */
export function tap_write(sc: usize, buf: usize, len: u32): u32 {
  charge(COST_TAP_SYSCALL);
  if (len > M_ROOM) return EIO;
  if (!len) return 0;
  net_rlock();
  const ifp: usize = load<u32>(sc, TAP_IFP), m = m_copy_of(buf, len);
  let e: u32 = 0;
  if (!m) e = ENOBUFS;
  else if (len < 14 || (!(dst_mac(m) & 1) && dst_mac(m) != own_mac(ifp) && !(if_flags(ifp) & IFF_PROMISC))) m_free(m);
  else ether_input(ifp, m);
  net_runlock();
  return e;
}

/** tappoll for reading: whether a frame is there; if not, the thread will hear of the next one. */
export function tap_select(td: usize, sc: usize): u32 {
  if (ld(sc + TAP_Q + MQ_LEN, P_TAP_WAITING)) return 1;
  selrecord(td, sc + TAP_SI);
  return sim_ld(sc + TAP_Q + MQ_LEN) ? 1 : 0; // one that came before the record told nobody
}

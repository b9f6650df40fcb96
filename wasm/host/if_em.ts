// em0: a 1G NIC without netmap support, its driver's transmit routine and, in one thread, its hardware and what is at the other end
// of the cable (modelled; the 10G NICs have the full model). A frame takes the wire 8 ns a byte with preamble, CRC and gap. The
// queue belongs to its lock's holder, the rest of the softc to the hardware's thread.

import {
  ACC_WAKEUP, EMP_ECHO, EMP_LOOP, EM_BLOCK, EM_CUR, EM_CUR_END, EM_IDLE, EM_IFP, EM_PARTNER, EM_PENDING, EM_TXQ, EM_WIRE_FREE, IF_LINK, IF_SOFTC,
  IF_STAT_OBYTES, IF_STAT_OPACKETS, IF_STAT_OQDROPS, MQ_LEN, M_DATA, M_LEN, M_STAMP, WM_HW,
} from "../layout";
import { COST_IF_XMIT, COST_MMIO, P_EM_LINK, P_EM_PARTNER, P_EM_WAKE } from "../points";
import { station_answer } from "../net/inet_frame";
import { charge, ld, now, point, sim_ld, sim_st } from "../sim/shared";
import { msleep, unsleep, wake_block } from "../sim/sleepq";
import { ether_input } from "../net/if_ethersubr";
import { ENOBUFS, count, net_rlock, net_runlock } from "../net/ifnet";
import { m_dup, m_free, mq_get, mq_put } from "../net/mbuf";

const ETHER_MIN: u32 = 60; // without the CRC
const NS_PER_BYTE: u64 = 8;
const BATCH_NS: u64 = 8000; // completions are looked at no more often than this while the wire is busy
const TURN: u32 = 64;
/** The modelled neighbour of partner "echo": it answers ARP and ping for every address. */
const STATION: u64 = 0x010000000002;

/** em_mq_start: onto the transmit queue. Takes the mbuf. */
export function em_transmit(ifp: usize, m: usize): u32 {
  const sc: usize = load<u32>(ifp, IF_SOFTC);
  charge(COST_IF_XMIT);
  store<u64>(m, now(), M_STAMP);
  if (!mq_put(sc + EM_TXQ, m)) {
    count(ifp + IF_STAT_OQDROPS, 1);
    m_free(m);
    return ENOBUFS;
  }
  if (!sim_ld(sc + EM_IDLE)) return 0;
  sim_st(sc + EM_PENDING, 1);
  point(ACC_WAKEUP, sc, COST_MMIO, P_EM_WAKE); // the write of TDT
  wake_block(load<u32>(sc, EM_BLOCK), sc as u32, now());
  return 0;
}

/** A frame has left the wire: what the other end does with it, then the driver gives it up. */
function sent(sc: usize, m: usize): void {
  const ifp: usize = load<u32>(sc, EM_IFP), partner = ld(sc + EM_PARTNER, P_EM_PARTNER);
  count(ifp + IF_STAT_OPACKETS, 1);
  count(ifp + IF_STAT_OBYTES, load<u32>(m, M_LEN));
  if (partner == EMP_LOOP || partner == EMP_ECHO) {
    const c = m_dup(m);
    if (c) {
      let len = partner == EMP_ECHO ? station_answer(c + M_DATA, load<u32>(c, M_LEN), STATION, 0) : load<u32>(c, M_LEN);
      if (len && len < ETHER_MIN) { // on the wire it was padded
        memory.fill(c + M_DATA + len, 0, ETHER_MIN - len);
        len = ETHER_MIN;
      }
      store<u32>(c, len, M_LEN);
      if (len) ether_input(ifp, c);
      else m_free(c);
    }
  }
  m_free(m);
}

/** One turn of the hardware: frames whose time on the wire is over, then the next; then it sleeps until something is due. */
export function em_iterate(sc: usize): void {
  const ifp: usize = load<u32>(sc, EM_IFP);
  net_rlock();
  sim_st(sc + EM_PENDING, 0);
  sim_st(sc + EM_IDLE, 0);
  let deadline: u64 = 0, turns: u32 = 0;
  for (; turns < TURN; turns++) {
    const cur: usize = load<u32>(sc, EM_CUR);
    if (cur) {
      const end = load<u64>(sc, EM_CUR_END);
      if (now() < end) {
        deadline = load<u32>(sc, EM_TXQ + MQ_LEN) && end < now() + BATCH_NS ? now() + BATCH_NS : end;
        break;
      }
      store<u32>(sc, 0, EM_CUR);
      sent(sc, cur);
    }
    let m: usize = 0;
    if (ld(ifp + IF_LINK, P_EM_LINK)) {
      m = mq_get(sc + EM_TXQ);
      if (!m) {
        sim_st(sc + EM_IDLE, 1); // from here on a transmit wakes us
        m = mq_get(sc + EM_TXQ);
      }
    } else sim_st(sc + EM_IDLE, 1); // no carrier: what is queued waits
    if (!m) break;
    sim_st(sc + EM_IDLE, 0);
    const free = load<u64>(sc, EM_WIRE_FREE), at = load<u64>(m, M_STAMP), len: u64 = max(ETHER_MIN, load<u32>(m, M_LEN));
    const end = (free > at ? free : at) + (len + 24) * NS_PER_BYTE;
    store<u64>(sc, end, EM_WIRE_FREE);
    store<u64>(sc, end, EM_CUR_END);
    store<u32>(sc, m as u32, EM_CUR);
  }
  net_runlock();
  if (turns == TURN) return;
  msleep(sc as u32, deadline, WM_HW);
  if (sim_ld(sc + EM_PENDING)) unsleep();
}

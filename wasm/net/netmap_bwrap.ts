// A NIC attached to a switch: its rings seen from the other side. The wrapper's TX krings are the NIC's RX rings and the other
// way round; nobody's program is in between. Mirrors netmap_bwrap_notify and netmap_bwrap_intr_notify of 2015 (facts 3.6, 4.6).

import {
  KR_NM_NOTIFY, KR_NM_SYNC, KR_SIZE, KR_STAT_PACKETS, NA_RX_RINGS, NBK_HWNA, NBK_QFIRST, NBK_QLAST, NBK_RUN, NBK_STAT_TURNS, TR_ENDED, TS_DEAD, T_STATUS,
  KR_BUDDY, KR_MON, KR_NA, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_RCUR, KR_RHEAD, KR_RTAIL, KR_STAT_NOTIFY, NAF_NETMAP_ON, NA_FLAGS,
  NM_IRQ_RESCHED,
} from "../layout";
import {
  COST_POLLING, P_POLLING_RUN, P_BWI_HWCUR, P_BWI_HWTAIL, P_BWI_HWTAIL2, P_BWI_ST_HWCUR, P_BWN_HWTAIL, P_BWN_HW_HWTAIL,
} from "../points";
import { capture_rx } from "./netmap_capture";
import { nm_kr_put, nm_kr_tryget, nm_next, nm_sync } from "./netmap_kern";
import { charge, curthread, ld, sim_st, st, trace_event } from "../sim/shared";

/** The wrapper's own sync: the switch's, or a monitor's in front of it. */
function vp_sync(kr: usize): void { call_indirect<u32>(load<u32>(kr, KR_NM_SYNC), kr, 0 as u32); }
function notified(kr: usize): void { store<u64>(kr, load<u64>(kr, KR_STAT_NOTIFY) + 1, KR_STAT_NOTIFY); }

/** The switch has put frames into the wrapper's RX ring, which is the NIC's TX ring: they go out. */
export function netmap_bwrap_notify(kr: usize, flags: u32): u32 {
  const hw: usize = load<u32>(kr, KR_BUDDY), lim = load<u32>(kr, KR_NUM_SLOTS) - 1;
  notified(kr);
  if (nm_kr_tryget(hw)) return 0; // somebody else is sending; what we bring waits for the next notify
  if (!(load<u32>(load<u32>(hw, KR_NA), NA_FLAGS) & NAF_NETMAP_ON)) return 0; // 2015 forgets the busy flag here (4.6)
  vp_sync(kr);
  const tail = ld(kr + KR_NR_HWTAIL, P_BWN_HWTAIL);
  store<u32>(hw, tail, KR_RHEAD);
  store<u32>(hw, tail, KR_RCUR);
  nm_sync(hw, flags);
  const back = nm_next(ld(hw + KR_NR_HWTAIL, P_BWN_HW_HWTAIL), lim); // all that the NIC has done with
  store<u32>(kr, back, KR_RHEAD);
  store<u32>(kr, back, KR_RCUR);
  vp_sync(kr);
  nm_kr_put(hw);
  return 0;
}

/** The NIC has received: its frames go to the switch, their slots back. More since then: NM_IRQ_RESCHED. */
export function netmap_bwrap_intr_notify(hw: usize, flags: u32): u32 {
  const kr: usize = load<u32>(hw, KR_BUDDY);
  notified(hw);
  if (nm_kr_tryget(hw)) return 0;
  if (!(load<u32>(load<u32>(hw, KR_NA), NA_FLAGS) & NAF_NETMAP_ON)) { nm_kr_put(hw); return 0; }
  let ret: u32 = 0;
  nm_sync(hw, 0);
  const hwcur = ld(hw + KR_NR_HWCUR, P_BWI_HWCUR), tail = ld(hw + KR_NR_HWTAIL, P_BWI_HWTAIL);
  if (hwcur != tail) {
    if (load<u32>(hw, KR_MON)) capture_rx(hw, tail);
    st(kr + KR_NR_HWCUR, hwcur, P_BWI_ST_HWCUR);
    store<u32>(kr, tail, KR_RHEAD);
    store<u32>(kr, tail, KR_RCUR);
    vp_sync(kr);
    store<u32>(hw, tail, KR_RHEAD);
    store<u32>(hw, tail, KR_RCUR);
    store<u32>(hw, tail, KR_RTAIL);
    nm_sync(hw, 0);
    if (ld(hw + KR_NR_HWTAIL, P_BWI_HWTAIL2) != tail) ret = NM_IRQ_RESCHED;
  }
  nm_kr_put(hw);
  return ret;
}

/**
 * netmap_bwrap_polling, the body of a polling kernel thread: its rings' notify, again and again, in place of interrupts. It never
 * sleeps (a kthread without a wait channel). What a turn costs that finds nothing is modelled, that lab time goes on.
 */
export function netmap_bwrap_polling(nbk: usize): void {
  if (!ld(nbk + NBK_RUN, P_POLLING_RUN)) {
    sim_st(curthread() + T_STATUS, TS_DEAD);
    trace_event(TR_ENDED, curthread(), 0, 0, 0);
    return;
  }
  const rx: usize = load<u32>(load<u32>(nbk, NBK_HWNA), NA_RX_RINGS), end = load<u32>(nbk, NBK_QLAST);
  let found = false;
  for (let i = load<u32>(nbk, NBK_QFIRST); i < end; i++) {
    const kr = rx + i * KR_SIZE, before = load<u64>(kr, KR_STAT_PACKETS);
    call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
    if (load<u64>(kr, KR_STAT_PACKETS) != before) found = true;
  }
  store<u64>(nbk, load<u64>(nbk, NBK_STAT_TURNS) + 1, NBK_STAT_TURNS);
  if (!found) charge(COST_POLLING);
}

// A NIC attached to a switch: its rings seen from the other side. The wrapper's TX krings are the NIC's RX rings and the other
// way round; nobody's program is in between. Mirrors netmap_bwrap_notify and netmap_bwrap_intr_notify of 2015 (facts 3.6, 4.6).

import {
  KR_BUDDY, KR_MON, KR_NA, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NUM_SLOTS, KR_RCUR, KR_RHEAD, KR_RTAIL, KR_STAT_NOTIFY, NAF_NETMAP_ON, NA_FLAGS,
  NM_IRQ_RESCHED,
} from "../layout";
import {
  P_BWI_HWCUR, P_BWI_HWTAIL, P_BWI_HWTAIL2, P_BWI_ST_HWCUR, P_BWN_HWTAIL, P_BWN_HW_HWTAIL,
} from "../points";
import { capture_rx } from "./netmap_capture";
import { nm_kr_put, nm_kr_tryget, nm_next, nm_sync } from "./netmap_kern";
import { ld, st } from "../sim/shared";
import { netmap_vp_rxsync, netmap_vp_txsync } from "./netmap_vale";

function notified(kr: usize): void { store<u64>(kr, load<u64>(kr, KR_STAT_NOTIFY) + 1, KR_STAT_NOTIFY); }

/** The switch has put frames into the wrapper's RX ring, which is the NIC's TX ring: they go out. */
export function netmap_bwrap_notify(kr: usize, flags: u32): u32 {
  const hw: usize = load<u32>(kr, KR_BUDDY), lim = load<u32>(kr, KR_NUM_SLOTS) - 1;
  notified(kr);
  if (nm_kr_tryget(hw)) return 0; // somebody else is sending; what we bring waits for the next notify
  if (!(load<u32>(load<u32>(hw, KR_NA), NA_FLAGS) & NAF_NETMAP_ON)) return 0; // 2015 forgets the busy flag here (4.6)
  netmap_vp_rxsync(kr, 0);
  const tail = ld(kr + KR_NR_HWTAIL, P_BWN_HWTAIL);
  store<u32>(hw, tail, KR_RHEAD);
  store<u32>(hw, tail, KR_RCUR);
  nm_sync(hw, flags);
  const back = nm_next(ld(hw + KR_NR_HWTAIL, P_BWN_HW_HWTAIL), lim); // all that the NIC has done with
  store<u32>(kr, back, KR_RHEAD);
  store<u32>(kr, back, KR_RCUR);
  netmap_vp_rxsync(kr, 0);
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
    netmap_vp_txsync(kr, 0);
    store<u32>(hw, tail, KR_RHEAD);
    store<u32>(hw, tail, KR_RCUR);
    store<u32>(hw, tail, KR_RTAIL);
    nm_sync(hw, 0);
    if (ld(hw + KR_NR_HWTAIL, P_BWI_HWTAIL2) != tail) ret = NM_IRQ_RESCHED;
  }
  nm_kr_put(hw);
  return ret;
}

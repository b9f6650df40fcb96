// A thread of bhyve's that syncs the TX ring of a passed-through port, as it stands, every 100 us: the second holder of a kring
// without which H10 cannot be seen (facts 5C, H10, H11). The lab's own, off unless bhyve is started with -o lab.txpoll=1. It takes
// no index over from the ring, so by itself it sends nothing that the worker would not.

import { ACC_PLAIN, TD_TX, WM_NANSLP } from "../layout";
import { COST_SYSCALL, P_TXPOLL } from "../points";
import { nm_kr_put, nm_kr_tryget, nm_sync } from "../net/netmap_kern";
import { td_sleep } from "../net/netmap_poll";
import { now, point } from "../sim/shared";

const AGAIN_NS: u64 = 100000;

/** One turn. */
export function txpoll_body(td: usize): void {
  point(ACC_PLAIN, td, COST_SYSCALL, P_TXPOLL);
  const kr: usize = load<u32>(td, TD_TX);
  if (!nm_kr_tryget(kr)) {
    nm_sync(kr, 0);
    nm_kr_put(kr);
  }
  td_sleep(td, now() + AGAIN_NS, WM_NANSLP);
}

// A thread of bhyve's that polls the descriptor of a passed-through port, as the generic back-end's event loop would if it
// went on in passthrough (facts 5C, H11). It is the second holder of a kring that H10 needs, off unless bhyve is started
// with -o lab.evloop=1. 2015's own polls for POLLIN alone; this one for POLLOUT too, and looks again every 100 us.

import { POLLIN, POLLOUT, WM_NANSLP } from "../layout";
import { POLL_ASLEEP, netmap_poll, td_sleep } from "../net/netmap_poll";
import { now } from "../sim/shared";

const AGAIN_NS: u64 = 100000;

/** One turn: poll, which syncs both rings with the guest's own indices. */
export function evloop_body(td: usize): void {
  if (netmap_poll(td, POLLIN | POLLOUT, AGAIN_NS) == POLL_ASLEEP) return;
  td_sleep(td, now() + AGAIN_NS, WM_NANSLP);
}

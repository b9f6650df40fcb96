// labtap's thread, the lab's own program at a tap: reads and counts frames, sends some, or is a station that answers ARP and ping.
// Its page (LT_*) is its own; the process reads LT_PUT and what is before it, and writes LT_GOT.

import {
  LTM_ANSWER, LTM_TX, LT_ANSWERED, LT_BUF, LT_BYTES, LT_CANCEL, LT_COUNT, LT_ERROR, LT_FRAME, LT_GOT, LT_IP, LT_LEN, LT_MAC, LT_MODE, LT_PUT,
  LT_READ, LT_SEEN, LT_SHOW, LT_SLOTS, LT_STATE, LT_TAP, LT_TIC, LT_TOC, LT_WRITTEN, OPS, OP_TAP_READ, OP_TAP_SELECT, OP_TAP_WRITE, TDS_DONE, TD_PRIV,
  TD_SELPEND, TD_STATE, TD_UPCALL, WM_SELECT,
} from "../layout";
import { station_answer } from "../net/inet_frame";
import { td_sleep } from "../net/netmap_poll";
import { now, sim_ld, sim_st } from "../sim/shared";

const BUF_MAX: u32 = 2048;
const BURST: u32 = 32;

function add(a: usize, field: u32, n: u64): void { store<u64>(a + field, load<u64>(a + field) + n); }
function done(td: usize, a: usize): void {
  store<u32>(a, 2, LT_STATE);
  sim_st(td + TD_STATE, TDS_DONE);
}
function write(a: usize, buf: usize, len: u32): bool {
  const e = call_indirect<u32>(load<u32>(OPS + OP_TAP_WRITE * 4), load<u32>(a, LT_TAP), buf, len);
  if (e) store<u32>(a, e, LT_ERROR);
  else add(a, LT_WRITTEN, 1);
  return e == 0;
}

/** One turn: some frames, then to sleep until the next. */
export function labtap_body(td: usize): void {
  const a: usize = load<u32>(td, TD_PRIV), mode = load<u32>(a, LT_MODE), limit = load<u32>(a, LT_COUNT);
  if (load<u32>(a, LT_STATE) == 2) { sim_st(td + TD_STATE, TDS_DONE); return; }
  if (sim_ld(a + LT_CANCEL)) { done(td, a); return; }
  if (mode == LTM_TX) {
    if (!load<u64>(a, LT_WRITTEN)) store<u64>(a, now(), LT_TIC);
    for (let i: u32 = 0; i < BURST; i++) {
      if (load<u64>(a, LT_WRITTEN) >= limit || !write(a, a + LT_FRAME, load<u32>(a, LT_LEN))) {
        store<u64>(a, now(), LT_TOC);
        done(td, a);
        return;
      }
    }
    return;
  }
  sim_st(td + TD_SELPEND, 0);
  let news = false;
  for (let i: u32 = 0; i < BURST; i++) {
    const len = call_indirect<u32>(load<u32>(OPS + OP_TAP_READ * 4), load<u32>(a, LT_TAP), a + LT_BUF, BUF_MAX);
    if (!len) {
      if (news || call_indirect<u32>(load<u32>(OPS + OP_TAP_SELECT * 4), td, load<u32>(a, LT_TAP))) break;
      td_sleep(td, 0, WM_SELECT);
      return;
    }
    if (!load<u64>(a, LT_READ)) store<u64>(a, now(), LT_TIC);
    store<u64>(a, now(), LT_TOC);
    add(a, LT_READ, 1);
    add(a, LT_BYTES, len);
    const put = load<u32>(a, LT_PUT);
    if (load<u32>(a, LT_SHOW) && put - sim_ld(a + LT_GOT) < LT_SLOTS) {
      const r = a + LT_SEEN + (put & (LT_SLOTS - 1)) * 64;
      store<u32>(r, len);
      memory.copy(r + 4, a + LT_BUF, 60);
      sim_st(a + LT_PUT, put + 1);
      news = true;
    }
    if (mode == LTM_ANSWER) {
      const n = station_answer(a + LT_BUF, len, load<u64>(a, LT_MAC), load<u32>(a, LT_IP));
      if (n && write(a, a + LT_BUF, n)) add(a, LT_ANSWERED, 1);
    }
    if (limit && load<u64>(a, LT_READ) >= limit) { done(td, a); return; }
  }
  if (news) store<u32>(td, 1, TD_UPCALL);
}

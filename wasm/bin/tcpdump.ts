// tcpdump's half in the data plane: libpcap's netmap module. One iteration a call: polls the receive rings, copies what has come
// into the ring between it and its process, wakes the process, gives the slots back. Mirrors pcap-netmap.c: the program's filter
// runs later, on the copy. Only this thread writes ring.head and ring.cur, and TCD_HEAD; its process writes TCD_TAIL.

import {
  KR_RING, KR_RING_ID, KR_SIZE, POLLERR, POLLIN, RING_BUF_OFS, RING_CUR, RING_HEAD, RING_NR_BUF_SIZE, RING_NUM_SLOTS, RING_SLOT, RING_TAIL,
  SLOT_BUF_IDX, SLOT_LEN, SLOT_SIZE, TARG_CANCEL, TARG_ERROR, TARG_STATE, TCD_DROPS, TCD_HEAD, TCD_MASK, TCD_SEEN, TCD_SNAP, TCD_TAIL,
  TCR_BUF, TCR_CAPLEN, TCR_DATA, TCR_LEN, TCR_RING, TCR_SLOT, TCR_TS, TDS_DONE, TD_AS, TD_NRX, TD_POLL_DEADLINE, TD_PRIV, TD_RX, TD_STATE,
  TD_UPCALL,
} from "../layout";
import {
  COST_COPY, COST_COPY_64B, COST_SLOT_USER, P_TD_HEAD, P_TD_ST_CUR, P_TD_ST_HEAD, P_TD_TAIL,
} from "../points";
import { va } from "../net/mmu";
import { POLL_ASLEEP, netmap_poll } from "../net/netmap_poll";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";
import { own, to_own } from "./own_pages";

const S_DONE: u32 = 1;
const TIMEOUT: u64 = 1000000000; // to_ms of pcap_open_live

function done(td: usize, targ: usize): void {
  store<u64>(td, 0, TD_POLL_DEADLINE);
  store<u32>(targ, S_DONE, TARG_STATE);
  sim_st(td + TD_STATE, TDS_DONE);
}

export function tcpdump_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV);
  if (load<u32>(targ, TARG_STATE) == S_DONE || sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; }
  const revents = netmap_poll(td, POLLIN, TIMEOUT);
  if (revents == POLL_ASLEEP || revents == 0) return;
  if (revents & POLLERR) { store<u32>(targ, 1, TARG_ERROR); done(td, targ); return; }
  let got: u32 = 0;
  const nrx = load<u32>(td, TD_NRX), rx: usize = load<u32>(td, TD_RX);
  for (let i: u32 = 0; i < nrx; i++) got += ring_packets(targ, load<u32>(td, TD_AS), rx + i * KR_SIZE);
  if (got) store<u32>(td, 1, TD_UPCALL);
}

function ring_packets(targ: usize, as: usize, kr: usize): u32 {
  const ringa = load<u32>(kr, KR_RING), ring = va(as, ringa), n = load<u32>(ring, RING_NUM_SLOTS);
  let head = ld(ring + RING_HEAD, P_TD_HEAD);
  const tail = ld(ring + RING_TAIL, P_TD_TAIL);
  if (head == tail || head >= n || tail >= n) return 0;
  const bufofs = load<u64>(ring, RING_BUF_OFS) as u32, bufsize = load<u32>(ring, RING_NR_BUF_SIZE), id = load<u32>(kr, KR_RING_ID);
  let count: u32 = 0;
  for (; head != tail; head = head + 1 == n ? 0 : head + 1) {
    own_user(ring, head);
    const slot = va(as, ringa + RING_SLOT + head * SLOT_SIZE), idx = load<u32>(slot, SLOT_BUF_IDX);
    let len: u32 = load<u16>(slot, SLOT_LEN);
    if (len > bufsize) len = bufsize;
    packet(targ, va(as, ringa + bufofs + idx * bufsize), len, id, head, idx);
    charge(COST_SLOT_USER);
    count++;
  }
  st(ring + RING_CUR, head, P_TD_ST_CUR);
  st(ring + RING_HEAD, head, P_TD_ST_HEAD);
  return count;
}

function packet(targ: usize, buf: usize, len: u32, ring: u32, slot: u32, idx: u32): void {
  store<u64>(targ, load<u64>(targ, TCD_SEEN) + 1, TCD_SEEN);
  const snap = load<u32>(targ, TCD_SNAP), mask = load<u32>(targ, TCD_MASK), head = load<u32>(targ, TCD_HEAD);
  const caplen = len < snap ? len : snap, bytes = (TCR_DATA + caplen + TCR_DATA - 1) & ~(TCR_DATA - 1);
  if (head - sim_ld(targ + TCD_TAIL) + bytes > mask + 1) {
    store<u64>(targ, load<u64>(targ, TCD_DROPS) + 1, TCD_DROPS);
    return;
  }
  const r = own(targ, head & mask);
  store<u64>(r, now(), TCR_TS);
  store<u32>(r, len, TCR_LEN);
  store<u32>(r, caplen, TCR_CAPLEN);
  store<u32>(r, ring, TCR_RING);
  store<u32>(r, slot, TCR_SLOT);
  store<u32>(r, idx, TCR_BUF);
  to_own(targ, head + TCR_DATA, mask, buf, caplen);
  charge(COST_COPY + ((caplen + 63) >> 6) * COST_COPY_64B);
  sim_st(targ + TCD_HEAD, head + bytes);
}

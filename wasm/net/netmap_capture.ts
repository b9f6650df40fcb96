// The lab's capture: copies what passes the rings of chosen ports, for a pcapng file. Nothing of it is the machine's: it makes no
// access that counts as one and takes no lab time, so a captured run is the same run. TX slots are copied when they come to a
// txsync, RX slots when they become visible; each once. Slots are their user's: index and length are not believed.
// Threads take room in the one buffer by compare and exchange; the control plane reads it between steps.

import {
  CAPP_DROPS, CAPP_SEEN, CAPR_BUF, CAPR_CAPLEN, CAPR_DATA, CAPR_FLAGS, CAPR_LEN, CAPR_PORT, CAPR_RING, CAPR_SIZE, CAPR_SLOT, CAPR_TS,
  CAPR_WHAT, CAPW_BAD, CAPW_TX, CAP_NPORTS, CAP_PORT, CAP_PORT_SIZE, CAP_RECORDS, CAP_SIZE, CAP_SNAP, CAP_USED, KR_MEM, KR_MON,
  KR_MON_TAIL, KR_NR_HWCUR, KR_NUM_SLOTS, KR_RHEAD, KR_RING, KR_RING_ID, KR_TX, MACHINE, MEM_BASE, MEM_POOL, MEM_POOL_SIZE, M_CAPTURE,
  M_CLOCK, NR_TX, NS_INDIRECT, POOL_BUF, POOL_OBJSIZE, POOL_OBJTOTAL, POOL_OFFSET, RING_SLOT, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN,
  SLOT_SIZE,
} from "../layout";
import { now, sim_add, sim_cas, sim_ld } from "../sim/shared";

function distance(from: u32, to: u32, n: u32): u32 { return to >= from ? to - from : to + n - from; }

/** Before a sync: slots that the user has given since the last one. */
export function capture_tx(kr: usize): void {
  if (load<u32>(kr, KR_TX) != NR_TX) return;
  const n = load<u32>(kr, KR_NUM_SLOTS), head = load<u32>(kr, KR_RHEAD), hwcur = load<u32>(kr, KR_NR_HWCUR);
  if (head >= n || hwcur >= n) return;
  let i = load<u32>(kr, KR_MON_TAIL);
  // a ring that was repaired has gone back: only what is pending counts
  if (i >= n || distance(hwcur, i, n) > distance(hwcur, head, n)) i = hwcur;
  slots(kr, i, head, n);
}

/** Slots up to `tail` become visible to the user of a receive ring. */
export function capture_rx(kr: usize, tail: u32): void {
  if (load<u32>(kr, KR_TX) == NR_TX) return;
  const n = load<u32>(kr, KR_NUM_SLOTS), hwcur = load<u32>(kr, KR_NR_HWCUR);
  if (tail >= n || hwcur >= n) return;
  let i = load<u32>(kr, KR_MON_TAIL);
  if (i >= n || distance(hwcur, i, n) > distance(hwcur, tail, n)) i = tail;
  slots(kr, i, tail, n);
}

function slots(kr: usize, from: u32, to: u32, n: u32): void {
  const cap: usize = load<u32>(MACHINE, M_CAPTURE), port = load<u32>(kr, KR_MON) - 1;
  if (cap && port < load<u32>(cap, CAP_NPORTS))
    for (let i = from; i != to; i = i + 1 == n ? 0 : i + 1) slot(cap, port, kr, i);
  store<u32>(kr, to, KR_MON_TAIL);
}

/** The lab's clock as it stands for this thread. */
function stamp(): u64 {
  if (!isDefined(STEP)) return now();
  const t = now(), c = load<u64>(MACHINE, M_CLOCK);
  return t > c ? t : c;
}

/** Room for so many bytes, 0 when there is none. */
function room(cap: usize, bytes: u32): usize {
  let used = sim_ld(cap + CAP_USED);
  while (used + bytes <= load<u32>(cap, CAP_SIZE)) {
    const was = sim_cas(cap + CAP_USED, used, used + bytes);
    if (was == used) return cap + CAP_RECORDS + used;
    used = was;
  }
  return 0;
}

function slot(cap: usize, port: u32, kr: usize, i: u32): void {
  const s: usize = load<u32>(kr, KR_RING) + RING_SLOT + i * SLOT_SIZE, mem: usize = load<u32>(kr, KR_MEM);
  const pool = mem + MEM_POOL + POOL_BUF * MEM_POOL_SIZE, size = load<u32>(pool, POOL_OBJSIZE);
  const idx = load<u32>(s, SLOT_BUF_IDX), len: u32 = load<u16>(s, SLOT_LEN), flags: u32 = load<u16>(s, SLOT_FLAGS);
  const bad = idx < 2 || idx >= load<u32>(pool, POOL_OBJTOTAL) || len > size, counts = cap + CAP_PORT + port * CAP_PORT_SIZE;
  let take: u32 = bad || (flags & NS_INDIRECT) ? 0 : len;
  if (take > load<u32>(cap, CAP_SNAP)) take = load<u32>(cap, CAP_SNAP);
  const bytes = (CAPR_DATA + take + 7) & ~7;
  sim_add(counts + CAPP_SEEN, 1);
  const r = room(cap, bytes);
  if (!r) { sim_add(counts + CAPP_DROPS, 1); return; }
  store<u32>(r, bytes, CAPR_SIZE);
  store<u16>(r, port as u16, CAPR_PORT);
  store<u16>(r, ((load<u32>(kr, KR_TX) == NR_TX ? CAPW_TX : 0) | (bad ? CAPW_BAD : 0)) as u16, CAPR_WHAT);
  store<u64>(r, stamp(), CAPR_TS);
  store<u32>(r, len, CAPR_LEN);
  store<u32>(r, take, CAPR_CAPLEN);
  store<u32>(r, load<u32>(kr, KR_RING_ID), CAPR_RING);
  store<u32>(r, i, CAPR_SLOT);
  store<u32>(r, idx, CAPR_BUF);
  store<u32>(r, flags, CAPR_FLAGS);
  memory.copy(r + CAPR_DATA, load<u32>(mem, MEM_BASE) + load<u32>(pool, POOL_OFFSET) + idx * size, take);
}

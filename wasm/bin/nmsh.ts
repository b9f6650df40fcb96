// nmsh's thread: one operation of a netmap client, described in its page of arguments, and then it is done. What a
// program does to its ring by hand: stores of head and cur, of slots and buffers, the sync ioctls, poll.
// Addresses come checked from src/bin/nmsh_op.ts; this thread only translates them through its address space.

import {
  ACC_PLAIN, NMSH_BUF, NMSH_DONE, NMSH_ERRNO, NMSH_EVENTS, NMSH_FOREVER, NMSH_LEN, NMSH_MASK, NMSH_OP, NMSH_OP_ADV, NMSH_OP_BUF,
  NMSH_OP_CUR, NMSH_OP_FILL, NMSH_OP_FLAGS, NMSH_OP_HEAD, NMSH_OP_LEN, NMSH_OP_POLL, NMSH_OP_PTR, NMSH_OP_RFLAGS, NMSH_OP_RXSYNC,
  NMSH_OP_SWAP, NMSH_OP_TXSYNC, NMSH_REVENTS, NMSH_RING, NMSH_RING2, NMSH_SLOT, NMSH_SLOT2, NMSH_TIMEOUT, NMSH_VALUE, NMSH_VALUE_HI,
  NS_BUF_CHANGED, RING_CUR, RING_FLAGS, RING_HEAD, RING_SLOT, SLOT_BUF_IDX, SLOT_FLAGS, SLOT_LEN, SLOT_PTR, SLOT_SIZE, TARG_CANCEL,
  TARG_FRAME, TDS_DONE, TD_AS, TD_DEADLINE, TD_POLL_DEADLINE, TD_PRIV, TD_STATE,
} from "../layout";
import {
  COST_ST, COST_SYSCALL, P_NMSH_BUF, P_NMSH_SLOT, P_NMSH_ST_CUR, P_NMSH_ST_HEAD, P_NMSH_ST_RFLAGS, P_NMSH_SWAP, P_NMSH_SWAP2,
} from "../points";
import { POLL_ASLEEP, netmap_ioctl_sync, netmap_poll } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { charge, own_user, point, sim_ld, sim_st, st } from "../sim/shared";

const EINTR: u32 = 4;

function done(td: usize, targ: usize, error: u32): void {
  store<u32>(targ, error, NMSH_ERRNO);
  store<u32>(targ, 1, NMSH_DONE);
  sim_st(td + TD_STATE, TDS_DONE);
}

/** One operation. Comes back without being done only from poll's sleep. */
export function nmsh_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), as: usize = load<u32>(td, TD_AS), op = load<u32>(targ, NMSH_OP);
  if (load<u32>(targ, NMSH_DONE)) { sim_st(td + TD_STATE, TDS_DONE); return; }
  let error: u32 = 0;
  if (op == NMSH_OP_TXSYNC || op == NMSH_OP_RXSYNC) error = netmap_ioctl_sync(td, op == NMSH_OP_TXSYNC);
  else if (op == NMSH_OP_POLL) {
    if (!poll_once(td, targ)) return;
    error = load<u32>(targ, NMSH_ERRNO);
  } else if (op == NMSH_OP_HEAD || op == NMSH_OP_CUR || op == NMSH_OP_ADV || op == NMSH_OP_RFLAGS) ring_store(targ, as, op);
  else if (op == NMSH_OP_SWAP) slot_swap(targ, as);
  else if (op) slot_store(targ, as, op);
  done(td, targ, error);
}

/** poll(2) on the descriptor: false while it sleeps. A signal ends it with EINTR. */
function poll_once(td: usize, targ: usize): bool {
  const forever = load<u32>(targ, NMSH_FOREVER) != 0;
  if (sim_ld(targ + TARG_CANCEL)) {
    store<u64>(td, 0, TD_POLL_DEADLINE);
    store<u32>(targ, EINTR, NMSH_ERRNO);
    return true;
  }
  if (forever && !load<u64>(td, TD_POLL_DEADLINE)) {
    charge(COST_SYSCALL);
    store<u64>(td, u64.MAX_VALUE, TD_POLL_DEADLINE);
  }
  const revents = netmap_poll(td, load<u32>(targ, NMSH_EVENTS), load<u64>(targ, NMSH_TIMEOUT));
  if (revents == POLL_ASLEEP) {
    if (forever) store<u64>(td, 0, TD_DEADLINE); // sleeps without a bound
    return false;
  }
  store<u32>(targ, revents, NMSH_REVENTS);
  return true;
}

/** ring.head, ring.cur, ring.flags: words that the kernel reads. */
function ring_store(targ: usize, as: usize, op: u32): void {
  const ring = va(as, load<u32>(targ, NMSH_RING)), v = load<u32>(targ, NMSH_VALUE);
  if (op == NMSH_OP_RFLAGS) {
    st(ring + RING_FLAGS, (load<u32>(ring, RING_FLAGS) & ~load<u32>(targ, NMSH_MASK)) | v, P_NMSH_ST_RFLAGS);
    return;
  }
  if (op != NMSH_OP_HEAD) st(ring + RING_CUR, v, P_NMSH_ST_CUR);
  if (op != NMSH_OP_CUR) st(ring + RING_HEAD, v, P_NMSH_ST_HEAD);
}

function slot_at(as: usize, ringa: u32, i: u32): usize { return va(as, ringa + RING_SLOT + i * SLOT_SIZE); }

/** The bytes of a buffer, and the fields of the slot that names it. */
function slot_store(targ: usize, as: usize, op: u32): void {
  const ringa = load<u32>(targ, NMSH_RING), i = load<u32>(targ, NMSH_SLOT), v = load<u32>(targ, NMSH_VALUE);
  const slot = slot_at(as, ringa, i);
  own_user(va(as, ringa), i);
  if (op == NMSH_OP_FILL) {
    const buf = load<u32>(targ, NMSH_BUF), len = load<u32>(targ, NMSH_LEN);
    point(ACC_PLAIN, va(as, buf), COST_ST, P_NMSH_BUF);
    for (let k: u32 = 0; k < len; k++) store<u8>(va(as, buf + k), load<u8>(targ + k, TARG_FRAME));
  }
  point(ACC_PLAIN, slot, COST_ST, P_NMSH_SLOT);
  if (op == NMSH_OP_LEN || op == NMSH_OP_FILL) store<u16>(slot, v as u16, SLOT_LEN);
  else if (op == NMSH_OP_FLAGS) {
    const was: u32 = load<u16>(slot, SLOT_FLAGS);
    store<u16>(slot, ((was & ~load<u32>(targ, NMSH_MASK)) | v) as u16, SLOT_FLAGS);
  } else if (op == NMSH_OP_BUF) store<u32>(slot, v, SLOT_BUF_IDX);
  else if (op == NMSH_OP_PTR) { store<u32>(slot, v, SLOT_PTR); store<u32>(slot, load<u32>(targ, NMSH_VALUE_HI), SLOT_PTR + 4); }
}

/** Zero copy by hand: two slots exchange their buffers, and both say so. */
function slot_swap(targ: usize, as: usize): void {
  const r1 = load<u32>(targ, NMSH_RING), r2 = load<u32>(targ, NMSH_RING2), i1 = load<u32>(targ, NMSH_SLOT), i2 = load<u32>(targ, NMSH_SLOT2);
  const s1 = slot_at(as, r1, i1), s2 = slot_at(as, r2, i2), b1 = load<u32>(s1, SLOT_BUF_IDX), b2 = load<u32>(s2, SLOT_BUF_IDX);
  own_user(va(as, r1), i1);
  own_user(va(as, r2), i2);
  point(ACC_PLAIN, s1, COST_ST, P_NMSH_SWAP);
  store<u32>(s1, b2, SLOT_BUF_IDX);
  store<u16>(s1, load<u16>(s1, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
  point(ACC_PLAIN, s2, COST_ST, P_NMSH_SWAP2);
  store<u32>(s2, b1, SLOT_BUF_IDX);
  store<u16>(s2, load<u16>(s2, SLOT_FLAGS) | NS_BUF_CHANGED, SLOT_FLAGS);
}

// bridge's only thread, one turn of its main loop at a time: poll both ports, then move packets where there is room, by
// exchanging buffers when both have the same allocator, else by copying. Mirrors bridge.c (facts 6.2). Port 0 is the td's own
// descriptor, port 1 its second; direction 0 is from port 0 to port 1.

import {
  BR_BURST, BR_DI, BR_EVENTS, BR_MOVED, BR_PHASE, BR_REVENTS, BR_SI, BR_VERBOSE, BR_ZEROCOPY, NS_BUF_CHANGED, NS_MOREFRAG, POLLERR, POLLIN,
  POLLOUT, RING_CUR, RING_HEAD, RING_NR_BUF_SIZE, RING_NUM_SLOTS, RING_TAIL, SAY_ERROR, SAY_MOVED, SAY_POLL, SLOT_BUF_IDX, SLOT_FLAGS,
  SLOT_LEN, TARG_CANCEL, TARG_SAY, TARG_STATE, TARG_TIC, TDS_DONE, TD_AS, TD_NRX, TD_NTX, TD_POLL_DEADLINE, TD_PRIV, TD_RX, TD_SECOND, TD_STATE, TD_TX,
} from "../layout";
import { COST_COPY, COST_COPY_64B, COST_SLOT_USER, P_BR_CUR, P_BR_ST_CUR, P_BR_ST_HEAD, P_BR_TAIL } from "../points";
import { POLL_ASLEEP, netmap_poll } from "../net/netmap_poll";
import { va } from "../net/mmu";
import { pkt_copy } from "../net/netmap_user";
import { charge, ld, now, own_user, sim_ld, sim_st, st } from "../sim/shared";
import { S_DONE, S_INIT, S_RUN, add, buf_of, done, ring_addr, say, say_arg, slot_of, unsaid } from "./pkt_gen_thread";

const TIMEOUT: u64 = 2500000000;
const PH_POLL: u32 = 0;
const PH_ERROR: u32 = 1;
const PH_BACK: u32 = 3; // room at port 0: from port 1
const PH_FORTH: u32 = 4;

/** What there is between cur and tail: packets of an RX ring, room of a TX ring. */
function space(ring: usize): u32 {
  const tail = ld(ring + RING_TAIL, P_BR_TAIL), cur = ld(ring + RING_CUR, P_BR_CUR);
  return tail >= cur ? tail - cur : tail + load<u32>(ring, RING_NUM_SLOTS) - cur;
}
/** The same over all rings of a descriptor, one way. */
function queued(td: usize, fd: usize, tx: bool): u32 {
  const as: usize = load<u32>(td, TD_AS), kr: usize = tx ? load<u32>(fd, TD_TX) : load<u32>(fd, TD_RX);
  const n = tx ? load<u32>(fd, TD_NTX) : load<u32>(fd, TD_NRX);
  let sum: u32 = 0;
  for (let i: u32 = 0; i < n; i++) sum += space(va(as, ring_addr(kr, i)));
  return sum;
}

export function bridge_body(td: usize): void {
  const targ: usize = load<u32>(td, TD_PRIV), other = td + TD_SECOND;
  if (sim_ld(targ + TARG_SAY)) { unsaid(td, targ); return; }
  if (load<u32>(targ, TARG_STATE) == S_DONE) { sim_st(td + TD_STATE, TDS_DONE); return; }
  if (load<u32>(targ, TARG_STATE) == S_INIT) {
    store<u64>(targ, now(), TARG_TIC);
    store<u32>(targ, S_RUN, TARG_STATE);
  }
  if (sim_ld(targ + TARG_CANCEL)) { done(td, targ); return; }
  let phase = load<u32>(targ, BR_PHASE);
  if (phase == PH_POLL) {
    if (!load<u64>(td, TD_POLL_DEADLINE)) { // room is asked for where packets wait on the other side, else packets
      const forth = queued(td, td, false), back = queued(td, other, false);
      store<u32>(targ, (forth ? 0 : POLLIN) | (back ? POLLOUT : 0), BR_EVENTS);
      store<u32>(targ, (back ? 0 : POLLIN) | (forth ? POLLOUT : 0), BR_EVENTS + 4);
    }
    const revents = netmap_poll(td, load<u32>(targ, BR_EVENTS), TIMEOUT, load<u32>(targ, BR_EVENTS + 4));
    if (revents == POLL_ASLEEP) return;
    store<u32>(targ, revents & 0xffff, BR_REVENTS);
    store<u32>(targ, revents >> 16, BR_REVENTS + 4);
    phase = PH_ERROR;
    store<u32>(targ, phase, BR_PHASE);
    if (!revents || load<u32>(targ, BR_VERBOSE)) {
      tell_poll(td, targ, 0, td);
      tell_poll(td, targ, 1, other);
      say(td, targ, SAY_POLL);
      return;
    }
  }
  for (; phase < PH_BACK; phase++) { // port 0, port 1
    const port = phase - PH_ERROR;
    if (!(load<u32>(targ + port * 4, BR_REVENTS) & POLLERR)) continue;
    store<u32>(targ, phase + 1, BR_PHASE);
    tell_error(td, targ, port, port ? other : td);
    return;
  }
  for (; phase <= PH_FORTH; phase++) {
    store<u32>(targ, phase, BR_PHASE);
    const forth = phase == PH_FORTH;
    if (!(load<u32>(targ + (forth ? 4 : 0), BR_REVENTS) & POLLOUT)) continue;
    if (move(td, targ, forth ? td : other, forth ? other : td, forth ? 0 : 1)) return;
    store<u32>(targ, 0, BR_SI);
    store<u32>(targ, 0, BR_DI);
  }
  store<u32>(targ, PH_POLL, BR_PHASE); // nothing is synced here: the next poll does
}

function tell_poll(td: usize, targ: usize, port: u32, fd: usize): void {
  say_arg(targ, port * 4, load<u32>(targ + port * 4, BR_EVENTS) << 16 | load<u32>(targ + port * 4, BR_REVENTS));
  say_arg(targ, port * 4 + 1, queued(td, fd, false));
  say_arg(targ, port * 4 + 2, load<u32>(va(load<u32>(td, TD_AS), ring_addr(load<u32>(fd, TD_RX), 0)), RING_CUR));
  say_arg(targ, port * 4 + 3, queued(td, fd, true));
}
function tell_error(td: usize, targ: usize, port: u32, fd: usize): void {
  const ring = va(load<u32>(td, TD_AS), ring_addr(load<u32>(fd, TD_RX), 0));
  say_arg(targ, 0, port);
  say_arg(targ, 1, load<u32>(ring, RING_HEAD));
  say_arg(targ, 2, load<u32>(ring, RING_CUR));
  say_arg(targ, 3, load<u32>(ring, RING_TAIL));
  say(td, targ, SAY_ERROR);
}

/** Packets of one port's RX rings to the other's TX rings, in their order. Answers whether it waits to be told about. */
function move(td: usize, targ: usize, src: usize, dst: usize, direction: u32): bool {
  const as: usize = load<u32>(td, TD_AS), nsrc = load<u32>(src, TD_NRX), ndst = load<u32>(dst, TD_NTX);
  let si = load<u32>(targ, BR_SI), di = load<u32>(targ, BR_DI);
  while (si < nsrc && di < ndst) {
    const rxa = ring_addr(load<u32>(src, TD_RX), si), txa = ring_addr(load<u32>(dst, TD_TX), di);
    const have = space(va(as, rxa));
    if (!have) { si++; continue; }
    const room = space(va(as, txa));
    if (!room) { di++; continue; }
    let count = load<u32>(targ, BR_BURST);
    if (have < count) count = have;
    if (room < count) count = room;
    process_rings(targ, as, rxa, txa, count);
    add(targ, BR_MOVED + direction * 8, count);
    if (!load<u32>(targ, BR_VERBOSE)) continue;
    store<u32>(targ, si, BR_SI);
    store<u32>(targ, di, BR_DI);
    say_arg(targ, 0, direction);
    say_arg(targ, 1, count);
    say_arg(targ, 2, txa);
    say(td, targ, SAY_MOVED);
    return true;
  }
  return false;
}

function process_rings(targ: usize, as: usize, rxa: u32, txa: u32, count: u32): void {
  const rx = va(as, rxa), tx = va(as, txa), rxlim = load<u32>(rx, RING_NUM_SLOTS) - 1, txlim = load<u32>(tx, RING_NUM_SLOTS) - 1;
  const zerocopy = load<u32>(targ, BR_ZEROCOPY) != 0, most = load<u32>(tx, RING_NR_BUF_SIZE);
  let j = load<u32>(rx, RING_CUR), k = load<u32>(tx, RING_CUR);
  for (let i: u32 = 0; i < count; i++) {
    own_user(rx, j);
    own_user(tx, k);
    const rs = slot_of(as, rxa, j), ts = slot_of(as, txa, k), flags: u32 = load<u16>(rs, SLOT_FLAGS);
    let len: u32 = load<u16>(rs, SLOT_LEN);
    if (len > most) len = 0; // a wrong length
    store<u16>(ts, len as u16, SLOT_LEN);
    let changed: u32 = 0;
    if (zerocopy) {
      const buf = load<u32>(ts, SLOT_BUF_IDX);
      store<u32>(ts, load<u32>(rs, SLOT_BUF_IDX), SLOT_BUF_IDX);
      store<u32>(rs, buf, SLOT_BUF_IDX);
      store<u16>(rs, flags | NS_BUF_CHANGED, SLOT_FLAGS);
      changed = NS_BUF_CHANGED;
    } else {
      pkt_copy(buf_of(as, txa, ts), buf_of(as, rxa, rs), (len + 63) & ~63);
      charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
    }
    store<u16>(ts, (load<u16>(ts, SLOT_FLAGS) & ~NS_MOREFRAG) | (flags & NS_MOREFRAG) | changed, SLOT_FLAGS);
    charge(COST_SLOT_USER);
    j = j == rxlim ? 0 : j + 1;
    k = k == txlim ? 0 : k + 1;
  }
  publish(rx, j);
  publish(tx, k);
}
function publish(ring: usize, head: u32): void {
  st(ring + RING_CUR, head, P_BR_ST_CUR);
  st(ring + RING_HEAD, head, P_BR_ST_HEAD);
}

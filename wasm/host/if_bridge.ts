// The classic software bridge: members, a table of learnt addresses with an age, flooding. Mirrors bridge_input, bridge_forward,
// bridge_output and bridge_rtupdate of if_bridge.c (FreeBSD 10). Spanning tree and packet filters are not built. Members
// change under the writer side of the stack's lock; the table belongs to whoever holds the bridge's mutex.

import {
  BRT_EXPIRE, BRT_IFP, BRT_MAC, BRT_NEXT, BRT_SIZE, BR_COUNT, BR_FREE, BR_HASH, BR_HASH_SIZE, BR_IFP, BR_LOCK, BR_MAX, BR_MEMBERS,
  BR_NMEMBERS, BR_PRUNE, BR_RT, BR_STAT_FLOOD, BR_STAT_FULL, BR_TIMEOUT, IFBIF_LEARNING, IFF_DRV_RUNNING, IF_SOFTC,
  IF_STAT_IBYTES, IF_STAT_IPACKETS, IF_STAT_OBYTES, IF_STAT_OERRORS, IF_STAT_OPACKETS, M_DATA, M_LEN, M_RCVIF,
} from "../layout";
import { COST_BRIDGE, P_BR_LOCK, P_BR_LOCK2, P_BR_UNLOCK, P_BR_UNLOCK2 } from "../points";
import { charge, lock_word, now, unlock_word } from "../sim/shared";
import { dst_mac, if_transmit, own_mac } from "../net/if_ethersubr";
import { ENOBUFS, count, ether_up, if_flags } from "../net/ifnet";
import { m_dup, m_free } from "../net/mbuf";
import { nm_bridge_rthash } from "../net/netmap_vale";

const PRUNE_NS: u64 = 300000000000; // bridge_rtable_prune_period, 5 minutes
const SECOND: u64 = 1000000000;

export function src_mac(m: usize): u64 { return load<u64>(m, M_DATA + 4) >> 16; }
function entry(br: usize, i: u32): usize { return br + BR_RT + (i - 1) * BRT_SIZE; }
function bucket(br: usize, mac: u64): usize { return br + BR_HASH + (nm_bridge_rthash(mac) & (BR_HASH_SIZE - 1)) * 4; }

/** bridge_rtage: what had expired at the last full period goes. There is no timer: who comes later does it. */
function rtage(br: usize): void {
  const due = load<u64>(br, BR_PRUNE);
  if (now() < due) return;
  const at = due + (now() - due) / PRUNE_NS * PRUNE_NS;
  store<u64>(br, at + PRUNE_NS, BR_PRUNE);
  for (let b: u32 = 0; b < BR_HASH_SIZE; b++) {
    let p = br + BR_HASH + b * 4;
    for (let i = load<u32>(p); i; i = load<u32>(p)) {
      const e = entry(br, i), expire = load<u64>(e, BRT_EXPIRE);
      if (!expire || expire > at) { p = e + BRT_NEXT; continue; }
      store<u32>(p, load<u32>(e, BRT_NEXT));
      memory.fill(e, 0, BRT_SIZE);
      store<u32>(e, load<u32>(br, BR_FREE), BRT_NEXT);
      store<u32>(br, i, BR_FREE);
      store<u32>(br, load<u32>(br, BR_COUNT) - 1, BR_COUNT);
    }
  }
}

/** bridge_rtupdate: this address is behind this member. */
function rtupdate(br: usize, ifp: usize, mac: u64): void {
  lock_word(br + BR_LOCK, P_BR_LOCK);
  rtage(br);
  const b = bucket(br, mac), timeout: u64 = load<u32>(br, BR_TIMEOUT);
  let i = load<u32>(b);
  while (i && load<u64>(entry(br, i), BRT_MAC) != mac) i = load<u32>(entry(br, i), BRT_NEXT);
  if (!i) {
    i = load<u32>(br, BR_COUNT) < load<u32>(br, BR_MAX) ? load<u32>(br, BR_FREE) : 0;
    if (i) {
      const e = entry(br, i);
      store<u32>(br, load<u32>(e, BRT_NEXT), BR_FREE);
      store<u32>(br, load<u32>(br, BR_COUNT) + 1, BR_COUNT);
      store<u64>(e, mac, BRT_MAC);
      store<u32>(e, load<u32>(b), BRT_NEXT);
      store<u32>(b, i);
    } else count(br + BR_STAT_FULL, 1);
  }
  if (i) {
    const e = entry(br, i);
    store<u32>(e, ifp as u32, BRT_IFP);
    store<u64>(e, timeout ? now() + timeout * SECOND : 0, BRT_EXPIRE);
  }
  unlock_word(br + BR_LOCK, P_BR_UNLOCK);
}

/** bridge_rtlookup: the member behind which an address is; 0 when nobody has learnt it. */
function rtlookup(br: usize, mac: u64): usize {
  lock_word(br + BR_LOCK, P_BR_LOCK2);
  rtage(br);
  let i = load<u32>(bucket(br, mac));
  while (i && load<u64>(entry(br, i), BRT_MAC) != mac) i = load<u32>(entry(br, i), BRT_NEXT);
  const ifp: usize = i ? load<u32>(entry(br, i), BRT_IFP) : 0;
  unlock_word(br + BR_LOCK, P_BR_UNLOCK2);
  return ifp;
}

function member(br: usize, i: u32): usize { return load<u32>(br + i * 8, BR_MEMBERS); }
function learns(br: usize, ifp: usize): bool {
  for (let i: u32 = 0; i < load<u32>(br, BR_NMEMBERS); i++)
    if (member(br, i) == ifp) return (load<u32>(br + i * 8, BR_MEMBERS + 4) & IFBIF_LEARNING) != 0;
  return false;
}

/** bridge_enqueue: to a member's transmit routine. */
function enqueue(br: usize, ifp: usize, m: usize): u32 {
  const bifp: usize = load<u32>(br, BR_IFP), len = load<u32>(m, M_LEN), e = if_transmit(ifp, m);
  if (e) count(bifp + IF_STAT_OERRORS, 1);
  else {
    count(bifp + IF_STAT_OPACKETS, 1);
    count(bifp + IF_STAT_OBYTES, len);
  }
  return e;
}

/** bridge_broadcast: a copy to every running member but `from`; the last one gets the frame itself. */
function broadcast(br: usize, from: usize, m: usize): u32 {
  let last: usize = 0, e: u32 = 0;
  count(br + BR_STAT_FLOOD, 1);
  for (let i: u32 = 0; i < load<u32>(br, BR_NMEMBERS); i++) {
    const ifp = member(br, i);
    if (ifp == from || !(if_flags(ifp) & IFF_DRV_RUNNING)) continue;
    if (last) {
      const c = m_dup(m);
      if (c) enqueue(br, last, c);
      else { count(load<u32>(br, BR_IFP) + IF_STAT_OERRORS, 1); e = ENOBUFS; }
    }
    last = ifp;
  }
  if (last) return enqueue(br, last, m);
  m_free(m);
  return e;
}

/** Sends to where the destination was learnt, or to all. Takes the mbuf. */
function forward(br: usize, from: usize, m: usize): u32 {
  const dst = dst_mac(m), to = dst & 1 ? 0 : rtlookup(br, dst);
  if (!to) return broadcast(br, from, m);
  if (to == from || !(if_flags(to) & IFF_DRV_RUNNING)) { m_free(m); return 0; } // it is where it came from
  return enqueue(br, to, m);
}

/** bridge_input, from netisr: answers the mbuf if the host itself is to have it (as received on its rcvif), else 0. */
export function bridge_input(br: usize, ifp: usize, m: usize): usize {
  const bifp: usize = load<u32>(br, BR_IFP);
  if (!(if_flags(bifp) & IFF_DRV_RUNNING)) return m;
  charge(COST_BRIDGE);
  const src = src_mac(m), dst = dst_mac(m), len = load<u32>(m, M_LEN);
  for (let i: u32 = 0; i < load<u32>(br, BR_NMEMBERS); i++) if (own_mac(member(br, i)) == src) { m_free(m); return 0; } // our own, back
  if (!(src & 1) && src && learns(br, ifp)) rtupdate(br, ifp, src);
  if (dst & 1) {
    const c = m_dup(m), mine = m_dup(m);
    if (c) {
      count(bifp + IF_STAT_IPACKETS, 1);
      count(bifp + IF_STAT_IBYTES, len);
      broadcast(br, ifp, c);
    }
    if (mine) ether_up(bifp, mine); // the bridge's own interface hears it too
    return m;
  }
  if (dst == own_mac(bifp)) {
    count(bifp + IF_STAT_IPACKETS, 1);
    count(bifp + IF_STAT_IBYTES, len);
    store<u32>(m, bifp as u32, M_RCVIF);
    return m;
  }
  for (let i: u32 = 0; i < load<u32>(br, BR_NMEMBERS); i++)
    if (own_mac(member(br, i)) == dst) { store<u32>(m, member(br, i) as u32, M_RCVIF); return m; }
  count(bifp + IF_STAT_IPACKETS, 1);
  count(bifp + IF_STAT_IBYTES, len);
  forward(br, ifp, m);
  return 0;
}

/** The bridge interface's if_transmit. */
export function bridge_transmit(bifp: usize, m: usize): u32 {
  charge(COST_BRIDGE);
  return forward(load<u32>(bifp, IF_SOFTC), 0, m);
}

/** bridge_output: a member's own frames go where the bridge has learnt the address, or to all members. */
export function bridge_output(br: usize, ifp: usize, m: usize): u32 {
  if (!(if_flags(load<u32>(br, BR_IFP)) & IFF_DRV_RUNNING)) return if_transmit(ifp, m);
  charge(COST_BRIDGE);
  return forward(br, 0, m);
}

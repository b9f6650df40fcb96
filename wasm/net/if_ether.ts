// ARP of a kernel's stack: the table, requests, answers for the interfaces' own addresses. Mirrors in_arpinput and arpresolve
// of if_ether.c (FreeBSD 10): an answer is good for 20 minutes, five requests a second apart without one and the host is
// down for 20 seconds; one packet waits. The table belongs to whoever holds its lock.

import {
  AES_INCOMPLETE, AES_PERMANENT, AES_REACHABLE, AE_ASKED, AE_EXPIRE, AE_HOLD, AE_IFP, AE_IP, AE_MAC, AE_SIZE, AE_STATE, AE_TRIES, IF_ADDR,
  IF_BRIDGE, M_DATA, M_LEN, NST_ARP, NST_ARP_LOCK, NST_ARP_MAX, NST_IFS, NST_IF_MAX, NST_STAT_ARP_RX, NST_STAT_ARP_TX, NST_STAT_BAD,
} from "../layout";
import { P_ARP_ADDR, P_ARP_LOCK, P_ARP_LOCK2, P_ARP_UNLOCK, P_ARP_UNLOCK2 } from "../points";
import { arp_frame, get16, get_mac, is_arp, put_mac } from "./inet_frame";
import { ld, lock_word, now, unlock_word } from "../sim/shared";
import { ENOBUFS, count, stack } from "./ifnet";
import { ether_output, own_mac } from "./if_ethersubr";
import { m_free, m_get } from "./mbuf";

const EHOSTDOWN: u32 = 64;
const SECOND: u64 = 1000000000;
const MAX_AGE: u64 = 1200; // net.link.ether.inet.max_age
const MAXTRIES: u32 = 5;
const WAIT: u64 = 20;

/** Interface i of the stack's table, 0 when there is none. */
export function nth_if(i: u32): usize { return load<u32>(stack() + i * 4, NST_IFS); }
/** An interface's IPv4 address, as in the packet; 0 none. */
export function if_addr(ifp: usize): u32 { return ld(ifp + IF_ADDR, P_ARP_ADDR); }

function arp_entry(ns: usize, i: u32): usize { return ns + NST_ARP + i * AE_SIZE; }
function find(ns: usize, ip: u32): usize {
  for (let i: u32 = 0; i < NST_ARP_MAX; i++) {
    const e = arp_entry(ns, i);
    if (load<u32>(e, AE_STATE) && load<u32>(e, AE_IP) == ip) return e;
  }
  return 0;
}
/** A free entry, or the one that expires first. */
function make(ns: usize, ip: u32, ifp: usize): usize {
  let best: usize = 0;
  for (let i: u32 = 0; i < NST_ARP_MAX; i++) {
    const e = arp_entry(ns, i), s = load<u32>(e, AE_STATE);
    if (s == AES_PERMANENT || load<u32>(e, AE_HOLD)) continue;
    if (!best || !s || (load<u32>(best, AE_STATE) && load<u64>(e, AE_EXPIRE) < load<u64>(best, AE_EXPIRE))) best = e;
  }
  if (!best) return 0;
  memory.fill(best, 0, AE_SIZE);
  store<u32>(best, ip, AE_IP);
  store<u32>(best, ifp as u32, AE_IFP);
  return best;
}

function arp_request(ifp: usize, ip: u32): void {
  const m = m_get();
  if (!m) return;
  store<u32>(m, arp_frame(m + M_DATA, 1, own_mac(ifp), if_addr(ifp), 0, ip), M_LEN);
  count(stack() + NST_STAT_ARP_TX, 1);
  ether_output(ifp, m);
}

/** arpresolve and output: sends a frame whose destination address is still to be filled in, now or when the answer comes. */
export function arp_output(ifp: usize, ip: u32, m: usize): u32 {
  const ns = stack(), t = now();
  let mac: u64 = 0, old: usize = 0, ask = false, e_: u32 = 0;
  lock_word(ns + NST_ARP_LOCK, P_ARP_LOCK);
  let e = find(ns, ip);
  const state = e ? load<u32>(e, AE_STATE) : 0;
  if (state == AES_PERMANENT || (state == AES_REACHABLE && load<u64>(e, AE_EXPIRE) > t)) mac = load<u64>(e, AE_MAC);
  else {
    if (!e) e = make(ns, ip, ifp);
    if (!e) e_ = ENOBUFS;
    else {
      if (state != AES_INCOMPLETE || t >= load<u64>(e, AE_ASKED) + WAIT * SECOND) store<u32>(e, 0, AE_TRIES);
      store<u32>(e, AES_INCOMPLETE, AE_STATE);
      store<u64>(e, t + WAIT * SECOND, AE_EXPIRE);
      store<u32>(e, ifp as u32, AE_IFP);
      const tries = load<u32>(e, AE_TRIES);
      if (tries >= MAXTRIES && t >= load<u64>(e, AE_ASKED) + SECOND) e_ = EHOSTDOWN;
      else {
        old = load<u32>(e, AE_HOLD);
        store<u32>(e, m as u32, AE_HOLD);
        ask = !tries || t >= load<u64>(e, AE_ASKED) + SECOND;
        if (ask) {
          store<u32>(e, tries + 1, AE_TRIES);
          store<u64>(e, t, AE_ASKED);
        }
      }
    }
  }
  unlock_word(ns + NST_ARP_LOCK, P_ARP_UNLOCK);
  if (e_) { m_free(m); return e_; }
  if (mac) {
    put_mac(m + M_DATA, mac);
    return ether_output(ifp, m);
  }
  if (old) m_free(old);
  if (ask) arp_request(ifp, ip);
  return 0;
}

/** Whether a packet that came in on `ifp` may be for an address of `x`: itself, or another member of the same bridge. */
function same(x: usize, ifp: usize): bool {
  return x == ifp || (load<u32>(x, IF_BRIDGE) != 0 && load<u32>(x, IF_BRIDGE) == load<u32>(ifp, IF_BRIDGE));
}

/** in_arpinput. Takes the mbuf. */
export function arp_input(ifp: usize, m: usize): void {
  const ns = stack(), f = m + M_DATA;
  count(ns + NST_STAT_ARP_RX, 1);
  if (!is_arp(f, load<u32>(m, M_LEN))) { count(ns + NST_STAT_BAD, 1); m_free(m); return; }
  const op = get16(f + 20), sha = get_mac(f + 22), spa = load<u32>(f, 28), tpa = load<u32>(f, 38);
  let mine: usize = 0;
  for (let i: u32 = 0; i < NST_IF_MAX; i++) {
    const x = nth_if(i);
    if (x && same(x, ifp) && if_addr(x) == tpa && tpa) { mine = x; break; }
  }
  if (sha == own_mac(ifp) || (mine && sha == own_mac(mine)) || sha & 1) { m_free(m); return; } // from ourselves, or no address
  let held: usize = 0;
  lock_word(ns + NST_ARP_LOCK, P_ARP_LOCK2);
  let e = spa ? find(ns, spa) : 0;
  if (!e && mine && spa) e = make(ns, spa, mine);
  if (e && load<u32>(e, AE_STATE) != AES_PERMANENT) {
    store<u32>(e, AES_REACHABLE, AE_STATE);
    store<u64>(e, sha, AE_MAC);
    store<u64>(e, now() + MAX_AGE * SECOND, AE_EXPIRE);
    store<u32>(e, 0, AE_TRIES);
    held = load<u32>(e, AE_HOLD);
    store<u32>(e, 0, AE_HOLD);
    if (held) ifp = load<u32>(e, AE_IFP);
  }
  unlock_word(ns + NST_ARP_LOCK, P_ARP_UNLOCK2);
  if (held) {
    put_mac(held + M_DATA, sha);
    ether_output(ifp, held);
  }
  if (op != 1 || !mine) { m_free(m); return; }
  store<u32>(m, arp_frame(f, 2, own_mac(mine), tpa, sha, spa), M_LEN);
  count(ns + NST_STAT_ARP_TX, 1);
  ether_output(mine, m);
}

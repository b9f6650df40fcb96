// IPv4 of a kernel's stack, as far as it goes: ICMP echo is answered, raw sockets send and receive ICMP, all else is counted and
// dropped. Modelled after ip_input, icmp_input, ip_output and rip_output; no forwarding, fragments, options or routes beyond
// the interfaces' own networks. netisr is the thread in which all input runs.

import {
  IFF_DRV_RUNNING, IFF_UP, IFT_LOOP, IF_BRIDGE, IF_MASK, IF_STAT_IBYTES, IF_STAT_IPACKETS, IF_STAT_OBYTES, IF_STAT_OPACKETS, IF_TYPE, M_DATA, M_LEN, M_RCVIF, NST_IF_MAX,
  NST_IPID, NST_ISRQ, NST_ISR_PENDING, NST_LO, NST_SOCKS, NST_SOCK_MAX, NST_STAT_BAD, NST_STAT_ECHO, NST_STAT_NOPROTO, NST_STAT_NOTMINE,
  OPS, OP_BRIDGE_INPUT, SOCK_Q, SOCK_SIZE, SOCK_TD,
} from "../layout";
import { COST_COPY, COST_COPY_64B, COST_NETISR, COST_SYSCALL, P_ISR_BRIDGE, P_NET_IPID, P_SOCK_TD } from "../points";
import { ETHERTYPE_ARP, ETHERTYPE_IP, get16, icmp_echo_reply, in_cksum, ip_good, is_icmp, put16, put_mac } from "./inet_frame";
import { wake } from "./netmap_poll";
import { charge, ld, rmw_add, sim_st } from "../sim/shared";
import { arp_input, arp_output, if_addr, nth_if } from "./if_ether";
import { dst_mac, ether_output, own_mac } from "./if_ethersubr";
import { ENOBUFS, count, ether_up, if_flags, net_rlock, net_runlock, stack } from "./ifnet";
import { m_dup, m_free, m_get, mq_get, mq_put } from "./mbuf";

const ENETDOWN: u32 = 50;
const EHOSTUNREACH: u32 = 65;
const EMSGSIZE: u32 = 40;
const IP_MAX: u32 = 1500;

/** The interface that has this address itself. */
function local(ip: u32): usize {
  for (let i: u32 = 0; i < NST_IF_MAX; i++) {
    const x = nth_if(i);
    if (x && ip && if_addr(x) == ip) return x;
  }
  return 0;
}
/** The interface on whose network an address is. */
function route(ip: u32): usize {
  for (let i: u32 = 0; i < NST_IF_MAX; i++) {
    const x = nth_if(i);
    if (!x) continue;
    const a = if_addr(x), mask = load<u32>(x, IF_MASK);
    if (a && mask && (a & mask) == (ip & mask)) return x;
  }
  return 0;
}

/** ip_output: a frame with a whole IP header; what is local goes by lo0. Takes the mbuf; answers errno. */
function ip_output(m: usize): u32 {
  const f = m + M_DATA, dst = load<u32>(f, 30), lo: usize = load<u32>(stack(), NST_LO);
  put16(f + 12, ETHERTYPE_IP);
  if (local(dst)) {
    put_mac(f, 0);
    put_mac(f + 6, 0);
    return lo_transmit(lo, m);
  }
  const ifp = route(dst);
  if (!ifp || load<u32>(ifp, IF_TYPE) == IFT_LOOP) { m_free(m); return EHOSTUNREACH; }
  if ((if_flags(ifp) & (IFF_UP | IFF_DRV_RUNNING)) != (IFF_UP | IFF_DRV_RUNNING)) { m_free(m); return ENETDOWN; }
  put_mac(f + 6, own_mac(ifp));
  if ((dst | load<u32>(ifp, IF_MASK)) == 0xffffffff) { // the network's broadcast address
    put_mac(f, 0xffffffffffff);
    return ether_output(ifp, m);
  }
  return arp_output(ifp, dst, m);
}

/** lo0's if_transmit: what is sent has been received. */
export function lo_transmit(lo: usize, m: usize): u32 {
  count(lo + IF_STAT_OPACKETS, 1);
  count(lo + IF_STAT_OBYTES, load<u32>(m, M_LEN) - 14);
  count(lo + IF_STAT_IPACKETS, 1);
  count(lo + IF_STAT_IBYTES, load<u32>(m, M_LEN) - 14);
  ether_up(lo, m);
  return 0;
}

/** icmp_input, ip_input. Takes the mbuf. */
function ip_input(ifp: usize, m: usize): void {
  const ns = stack(), f = m + M_DATA, total = ip_good(f, load<u32>(m, M_LEN));
  if (!total) { count(ns + NST_STAT_BAD, 1); m_free(m); return; }
  if (!local(load<u32>(f, 30))) { count(ns + NST_STAT_NOTMINE, 1); m_free(m); return; } // no forwarding; broadcasts are not answered
  store<u32>(m, total + 14, M_LEN);
  if (load<u8>(f, 23) != 1) { count(ns + NST_STAT_NOPROTO, 1); m_free(m); return; }
  if (is_icmp(f, total, 8)) {
    count(ns + NST_STAT_ECHO, 1);
    icmp_echo_reply(f, total);
    ip_output(m);
    return;
  }
  if (!is_icmp(f, total, load<u8>(f + 14 + (load<u8>(f, 14) & 15) * 4))) { count(ns + NST_STAT_BAD, 1); m_free(m); return; }
  for (let i: u32 = 0; i < NST_SOCK_MAX; i++) { // rip_input: every raw socket gets it
    const so = ns + NST_SOCKS + i * SOCK_SIZE, td: usize = ld(so + SOCK_TD, P_SOCK_TD);
    if (!td) continue;
    const c = m_dup(m);
    if (!c) continue;
    if (mq_put(so + SOCK_Q, c)) wake(td);
    else m_free(c);
  }
  m_free(m);
}

/** ether_demux: to the protocol, if the frame is for this interface. Takes the mbuf. */
function ether_demux(ifp: usize, m: usize): void {
  const dst = dst_mac(m), type = get16(m + M_DATA + 12);
  if (load<u32>(ifp, IF_TYPE) != IFT_LOOP && !(dst & 1) && dst != own_mac(ifp)) { count(stack() + NST_STAT_NOTMINE, 1); m_free(m); return; }
  if (type == ETHERTYPE_ARP) arp_input(ifp, m);
  else if (type == ETHERTYPE_IP) ip_input(ifp, m);
  else { count(stack() + NST_STAT_NOPROTO, 1); m_free(m); }
}

/** One turn of netisr: a packet; false when there is none, and its thread goes to sleep. */
export function netisr_turn(ns: usize): bool {
  net_rlock();
  let m = mq_get(ns + NST_ISRQ);
  if (!m) {
    sim_st(ns + NST_ISR_PENDING, 0);
    m = mq_get(ns + NST_ISRQ);
  }
  if (m) {
    const ifp: usize = load<u32>(m, M_RCVIF);
    charge(COST_NETISR);
    const br: usize = ld(ifp + IF_BRIDGE, P_ISR_BRIDGE);
    if (br) m = call_indirect<usize>(load<u32>(OPS + OP_BRIDGE_INPUT * 4), br, ifp, m);
    if (m) ether_demux(load<u32>(m, M_RCVIF), m);
    net_runlock();
    return true;
  }
  net_runlock();
  return false;
}

/** sendto on a raw socket of ICMP: `len` bytes behind an IP header of the kernel's. Answers errno. */
export function raw_send(dst: u32, buf: usize, len: u32): u32 {
  charge(COST_SYSCALL + COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
  if (len + 20 > IP_MAX) return EMSGSIZE;
  net_rlock();
  const me = local(dst), ifp = me ? me : route(dst), m = ifp ? m_get() : 0;
  let e: u32 = ifp ? ENOBUFS : EHOSTUNREACH;
  if (m) {
    const f = m + M_DATA, total = len + 20;
    memory.fill(f + 14, 0, 20);
    store<u8>(f, 0x45, 14);
    put16(f + 16, total);
    put16(f + 18, rmw_add(stack() + NST_IPID, 1, P_NET_IPID));
    store<u8>(f, 64, 22);
    store<u8>(f, 1, 23);
    store<u32>(f, if_addr(ifp), 26);
    store<u32>(f, dst, 30);
    store<u16>(f, in_cksum(f + 14, 20) as u16, 24);
    memory.copy(f + 34, buf, len);
    store<u32>(m, total + 14, M_LEN);
    e = ip_output(m);
  }
  net_runlock();
  return e;
}

/** recvfrom on a raw socket: the IP packet, at most `max` bytes; 0 when none is there. */
export function raw_recv(so: usize, buf: usize, max: u32): u32 {
  charge(COST_SYSCALL);
  net_rlock();
  const m = mq_get(so + SOCK_Q);
  let len: u32 = 0;
  if (m) {
    len = load<u32>(m, M_LEN) - 14;
    if (len > max) len = max;
    memory.copy(buf, m + M_DATA + 14, len);
    charge(COST_COPY + ((len + 63) >> 6) * COST_COPY_64B);
    m_free(m);
  }
  net_runlock();
  return len;
}

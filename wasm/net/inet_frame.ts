// Frames of ARP and IPv4 as bytes: checksums, and turning a request into its answer in place (RFC 826, 791, 792). No state: the
// host's stack, a modelled neighbour and a test's station use the same.

export const ETHERTYPE_IP: u32 = 0x0800;
export const ETHERTYPE_ARP: u32 = 0x0806;

export function get16(p: usize): u32 { return bswap<u16>(load<u16>(p)); }
export function put16(p: usize, v: u32): void { store<u16>(p, bswap<u16>(v as u16)); }
export function put_mac(p: usize, mac: u64): void {
  store<u32>(p, mac as u32);
  store<u16>(p, (mac >> 32) as u16, 4);
}
export function get_mac(p: usize): u64 { return (load<u32>(p) as u64) | ((load<u16>(p, 4) as u64) << 32); }

/** Internet checksum (RFC 1071) of `len` bytes: 0 over what carries a right one. In the order of the packet. */
export function in_cksum(p: usize, len: u32): u32 {
  let sum: u32 = 0;
  for (; len > 1; len -= 2, p += 2) sum += load<u16>(p);
  if (len) sum += load<u8>(p);
  sum = (sum >> 16) + (sum & 0xffff);
  sum += sum >> 16;
  return ~sum & 0xffff;
}

/** Whether a frame holds an ARP packet of IPv4 over Ethernet. */
export function is_arp(f: usize, len: u32): bool {
  return len >= 42 && get16(f + 12) == ETHERTYPE_ARP && load<u32>(f, 14) == 0x00080100 && load<u16>(f, 18) == 0x0406;
}
/** Fills an ARP packet; op 1 asks, 2 answers. Answers its length; the hardware pads. */
export function arp_frame(f: usize, op: u32, smac: u64, sip: u32, dmac: u64, tip: u32): u32 {
  put_mac(f, op == 1 ? 0xffffffffffff : dmac);
  put_mac(f + 6, smac);
  put16(f + 12, ETHERTYPE_ARP);
  store<u32>(f, 0x00080100, 14);
  store<u16>(f, 0x0406, 18);
  put16(f + 20, op);
  put_mac(f + 22, smac);
  store<u32>(f, sip, 28);
  put_mac(f + 32, op == 1 ? 0 : dmac);
  store<u32>(f, tip, 38);
  return 42;
}

/** Length of the IPv4 packet in a frame if header and checksum are good and it is no fragment; else 0. */
export function ip_good(f: usize, len: u32): u32 {
  if (len < 34) return 0;
  const vhl: u32 = load<u8>(f, 14), hl = (vhl & 15) * 4, total = get16(f + 16);
  if (vhl >> 4 != 4 || hl < 20 || total < hl || total > len - 14) return 0;
  if (in_cksum(f + 14, hl) || (get16(f + 20) & 0x3fff)) return 0;
  return total;
}
/** Whether the packet is an ICMP message of type `t` with a right checksum. */
export function is_icmp(f: usize, total: u32, t: u32): bool {
  const hl: u32 = (load<u8>(f, 14) & 15) * 4;
  return load<u8>(f, 23) == 1 && total >= hl + 8 && load<u8>(f + 14 + hl) == (t as u8) && in_cksum(f + 14 + hl, total - hl) == 0;
}
/** An echo request becomes its reply: addresses exchanged, checksums anew. The Ethernet addresses are left. */
export function icmp_echo_reply(f: usize, total: u32): void {
  const hl: u32 = (load<u8>(f, 14) & 15) * 4, src = load<u32>(f, 26), icmp = f + 14 + hl;
  store<u32>(f, load<u32>(f, 30), 26);
  store<u32>(f, src, 30);
  store<u8>(f, 64, 22);
  store<u16>(f, 0, 24);
  store<u16>(f, in_cksum(f + 14, hl) as u16, 24);
  store<u8>(icmp, 0);
  store<u16>(icmp, 0, 2);
  store<u16>(icmp, in_cksum(icmp, total - hl) as u16, 2);
}

/** What a station with this address answers, in place: the answer's length, or 0. With ip 0 it is whoever is asked for. */
export function station_answer(f: usize, len: u32, mac: u64, ip: u32): u32 {
  if (is_arp(f, len) && get16(f + 20) == 1) {
    const tip = load<u32>(f, 38), sip = load<u32>(f, 28);
    if ((ip && tip != ip) || tip == sip) return 0;
    return arp_frame(f, 2, mac, tip, get_mac(f + 22), sip);
  }
  if (len < 14 || get16(f + 12) != ETHERTYPE_IP || get_mac(f) != mac) return 0;
  const total = ip_good(f, len);
  if (!total || !is_icmp(f, total, 8) || (ip && load<u32>(f, 30) != ip)) return 0;
  put_mac(f, get_mac(f + 6));
  put_mac(f + 6, mac);
  icmp_echo_reply(f, total);
  return len;
}

// pkt-gen's less common ways to fill a TX ring: fragments, NS_INDIRECT, addresses and ports walked over ranges, and all
// that is shown. Mirrors send_packets and update_addresses of pkt-gen.c (facts 6.1).

import {
  NS_BUF_CHANGED, NS_INDIRECT, NS_MOREFRAG, NS_REPORT, PGO_COPY, PGO_INDIRECT, PGO_MEMCPY, PGO_RUBBISH, SLOT_FLAGS,
  SLOT_LEN, SLOT_PTR, TARG_FRAGS, TARG_FRAME, TARG_HDR, TARG_LEN, TARG_OPTIONS, TARG_RANGE, TARG_RANGES, TARG_FRAME_VA,
} from "../layout";
import { COST_SLOT_USER } from "../points";
import { pkt_copy } from "../net/netmap_user";
import { va } from "../net/mmu";
import { charge, own_user } from "../sim/shared";
import { buf_of, slot_of } from "./pkt_gen_thread";

/** `count` packets of TARG_FRAGS slots each, from slot `from` on, all of which the program owns. Answers the new head. */
export function fill_special(targ: usize, as: usize, ringa: u32, from: u32, lim: u32, count: u32): u32 {
  const ring = va(as, ringa), len = load<u32>(targ, TARG_LEN), options = load<u32>(targ, TARG_OPTIONS);
  const frags = load<u32>(targ, TARG_FRAGS), piece = len / frags, ranges = load<u32>(targ, TARG_RANGES);
  // which fragment a buffer last held is not known
  const copy = (options & (PGO_COPY | PGO_MEMCPY)) != 0 || frags > 1 || ranges != 0;
  let head = from;
  for (let i: u32 = 0; i < count; i++) {
    for (let f: u32 = 0; f < frags; f++) {
      own_user(ring, head);
      const slot = slot_of(as, ringa, head), at = f * piece, bytes = f == frags - 1 ? len - at : piece;
      const changed = load<u16>(slot, SLOT_FLAGS) & NS_BUF_CHANGED;
      let flags: u32 = f < frags - 1 ? NS_MOREFRAG : i == count - 1 ? NS_REPORT : 0;
      if (options & PGO_RUBBISH) { /* whatever is there */ }
      else if (options & PGO_INDIRECT) {
        flags |= NS_INDIRECT;
        store<u64>(slot, load<u32>(targ, TARG_FRAME_VA) + at, SLOT_PTR);
      } else if (copy || changed) pkt_copy(buf_of(as, ringa, slot), targ + TARG_FRAME + at, (bytes + 63) & ~63);
      store<u16>(slot, bytes as u16, SLOT_LEN);
      store<u16>(slot, flags as u16, SLOT_FLAGS);
      charge(COST_SLOT_USER);
      head = head == lim ? 0 : head + 1;
    }
    if (ranges && !(options & (PGO_RUBBISH | PGO_INDIRECT))) update_addresses(targ);
  }
  return head;
}

const ETHER: u32 = 14;
const IP_SUM: u32 = ETHER + 10;
const IP_SRC: u32 = ETHER + 12;
const IP_DST: u32 = ETHER + 16;
const UDP_SPORT: u32 = ETHER + 20;
const UDP_DPORT: u32 = ETHER + 22;
const UDP_SUM: u32 = ETHER + 26;

/** The next packet's source port; at the end of its range the first again and the next source address; and so on. */
function update_addresses(targ: usize): void {
  const eh = targ + TARG_FRAME + load<u32>(targ, TARG_HDR);
  if (next_port(targ, eh + UDP_SPORT, 0, eh)) return;
  if (next_address(targ, eh + IP_SRC, 8, eh)) return;
  if (next_port(targ, eh + UDP_DPORT, 16, eh)) return;
  next_address(targ, eh + IP_DST, 24, eh);
}
/** Answers true when the range was not at its end. */
function next_port(targ: usize, p: usize, range: usize, eh: usize): bool {
  const now = be16(p), more = now < load<u32>(targ + range, TARG_RANGE + 4);
  change(p, more ? now + 1 : load<u32>(targ + range, TARG_RANGE), eh, false);
  return more;
}
function next_address(targ: usize, p: usize, range: usize, eh: usize): bool {
  const now = bswap<u32>(load<u32>(p)), more = now < load<u32>(targ + range, TARG_RANGE + 4);
  const next = more ? now + 1 : load<u32>(targ + range, TARG_RANGE);
  change(p, next >>> 16, eh, true);
  change(p + 2, next & 0xffff, eh, true);
  return more;
}

function be16(p: usize): u32 { return (load<u8>(p) as u32) << 8 | load<u8>(p, 1); }
function put16(p: usize, v: u32): void { store<u8>(p, (v >> 8) as u8); store<u8>(p, v as u8, 1); }
/** Changes 16 bits of the packet and the checksums over them (RFC 1624): UDP's, and IP's for an address. */
function change(p: usize, v: u32, eh: usize, address: bool): void {
  const old = be16(p);
  if (old == v) return;
  put16(p, v);
  if (address) put16(eh + IP_SUM, sum(be16(eh + IP_SUM), old, v));
  const udp = sum(be16(eh + UDP_SUM), old, v);
  put16(eh + UDP_SUM, udp ? udp : 0xffff); // 0 would say that there is none
}
function sum(check: u32, old: u32, v: u32): u32 {
  let s = (~check & 0xffff) + (~old & 0xffff) + v;
  s = (s & 0xffff) + (s >> 16);
  s = (s & 0xffff) + (s >> 16);
  return ~s & 0xffff;
}

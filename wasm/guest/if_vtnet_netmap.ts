// The guest's half of ptnetmap over virtio-net: txsync and rxsync that only exchange indices through the CSB, and the
// interrupt handlers. Mirrors if_vtnet_netmap.h and netmap_pt_guest_*sync of 2015 (facts 5A.10 to 5A.12) and, in a guest of
// revision 2019, their later form (5A.13, 5B.4, 5B.5): read one against the other where `late` or a hazard decides.
// Coupled with host/ptnetmap.ts. The guest writes head, cur, sync_flags, guest_need_*kick of the CSB, and nothing else.

import {
  CSB_GUEST_NEED_RXKICK, CSB_GUEST_NEED_TXKICK, CSB_HOST_NEED_RXKICK, CSB_HOST_NEED_TXKICK, CSB_RX_RING, CSB_TX_RING,
  KR_NM_NOTIFY, KR_NR_HWCUR, KR_NR_HWTAIL, KR_NR_KFLAGS, KR_NUM_SLOTS, KR_PRIV, KR_RCUR, KR_RHEAD, KR_STAT_KICK,
  KR_STAT_NOKICK, HZ_H2, HZ_H3, HZ_H5, HZ_H8, PROTOCOL_2015, VTN_REV, NAF_FORCE_RECLAIM, NA_RX_RINGS, NA_TX_RINGS, NKR_PENDINTR,
  PTR_CUR, PTR_HEAD, PTR_HWCUR, PTR_HWTAIL, PTR_SYNC_FLAGS, VCPU_EXIT_FN, VCPU_VM, STAT_GUEST_KICK, STAT_GUEST_NOKICK, STAT_GUEST_SYNC, VQ_RX, VQ_TX, VTCFG_R_QNOTIFY, VTN_CSB,
  VTN_IOBASE, VTN_NA, VTN_VCPU, ACC_PLAIN, KR_STAT_PACKETS,
} from "../layout";
import {
  P_GRX_BARRIER, P_GRX_HWCUR, P_GRX_HWCUR3, P_GRX_HWTAIL, P_GRX_HWTAIL3, P_GRX_KFLAGS, P_GRX_KICK, P_GRX_LD_KR_HWTAIL,
  P_GRX_MB, P_GRX_MB2, P_GRX_MB3, P_GRX_ST_CUR, P_GRX_ST_FLAGS, P_GRX_ST_HEAD, P_GRX_ST_KR_HWCUR, P_GRX_ST_KR_HWCUR3,
  P_GRX_ST_KR_HWTAIL, P_GRX_ST_KR_HWTAIL3, P_GRX_ST_NEED0, P_GRX_ST_NEED1, P_GRX_ST_NEED2, P_GTX_BARRIER, P_GTX_HWCUR,
  P_GTX_HWCUR2, P_GTX_HWCUR3, P_GTX_HWTAIL2, P_GTX_HWTAIL3, P_GTX_KICK, P_GTX_LD_KR_HWTAIL, P_GTX_MB, P_GTX_MB2,
  P_GTX_MB3, P_GTX_ST_CUR, P_GTX_ST_FLAGS, P_GTX_ST_HEAD, P_GTX_ST_KR_HWCUR, P_GTX_ST_KR_HWCUR2, P_GTX_ST_KR_HWCUR3,
  P_GTX_ST_KR_HWTAIL2, P_GTX_ST_KR_HWTAIL3, P_GTX_ST_NEED0, P_GTX_ST_NEED1, P_GTX_ST_NEED2, P_IO_OUT, P_VCPU_PENDINTR,
  P_GRX_L_BARRIER, P_GRX_L_BARRIER2, P_GRX_L_HWCUR, P_GRX_L_HWCUR3, P_GRX_L_HWTAIL, P_GRX_L_HWTAIL3, P_GRX_L_KICK, P_GRX_L_ST_FLAGS,
  P_GTX_L_BARRIER, P_GTX_L_HWCUR2, P_GTX_L_HWCUR3, P_GTX_L_HWTAIL2, P_GTX_L_HWTAIL3,
} from "../points";
import { fence, ld, point, rmw_or, st } from "../sim/shared";
import { hazards, nm_order } from "../net/hazards";
import { stat } from "../net/mmu";

/** Of 2015's clamp on a pair read as (hwcur, hwtail): an hwtail that is no slot becomes the one before hwcur. */
function clamp_hwtail(kr: usize, hwcur: u32, hwtail: u32): u32 {
  const n = load<u32>(kr, KR_NUM_SLOTS);
  return hwtail >= n ? (hwcur == 0 ? n - 1 : hwcur - 1) : hwtail;
}

/** virtqueue_notify in passthrough: OUT of the queue's index to QNOTIFY, a VM exit. */
function vtnet_notify(sc: usize, queue: u32): void {
  const vcpu: usize = load<u32>(sc, VTN_VCPU);
  point(ACC_PLAIN, load<u32>(sc, VTN_IOBASE) + VTCFG_R_QNOTIFY, 0, P_IO_OUT);
  call_indirect<u32>(load<u32>(vcpu, VCPU_EXIT_FN), load<u32>(vcpu, VCPU_VM) as usize, load<u32>(sc, VTN_IOBASE) + VTCFG_R_QNOTIFY, 2 as u32, queue);
}

function kicked(sc: usize, kr: usize, yes: bool): void {
  const vm: usize = load<u32>(load<u32>(sc, VTN_VCPU), VCPU_VM);
  stat(vm, yes ? STAT_GUEST_KICK : STAT_GUEST_NOKICK);
  if (yes) store<u64>(kr, load<u64>(kr, KR_STAT_KICK) + 1, KR_STAT_KICK);
  else store<u64>(kr, load<u64>(kr, KR_STAT_NOKICK) + 1, KR_STAT_NOKICK);
}
function synced(sc: usize): void {
  stat(load<u32>(load<u32>(sc, VTN_VCPU), VCPU_VM), STAT_GUEST_SYNC);
}

/** netmap_pt_guest_txsync. */
export function ptnet_txsync(kr: usize, flags: u32): u32 {
  const sc: usize = load<u32>(kr, KR_PRIV), csb: usize = load<u32>(sc, VTN_CSB), ptr = csb + CSB_TX_RING;
  const rhead = load<u32>(kr, KR_RHEAD), rcur = load<u32>(kr, KR_RCUR), n = load<u32>(kr, KR_NUM_SLOTS);
  const rev = load<u32>(sc, VTN_REV), late = rev != PROTOCOL_2015, hz = hazards(rev);
  synced(sc);
  st(csb + CSB_GUEST_NEED_TXKICK, 0, P_GTX_ST_NEED0);
  const hwcur = ld(ptr + PTR_HWCUR, P_GTX_HWCUR);
  st(kr + KR_NR_HWCUR, hwcur, P_GTX_ST_KR_HWCUR);
  st(ptr + PTR_CUR, rcur, P_GTX_ST_CUR);
  // cur before head: the host may see a newer cur with an older head, not the other way
  if (late) nm_order(); else fence(P_GTX_MB);
  const sent = rhead - load<u32>(ptr, PTR_HEAD); // of this sync, for the counters
  st(ptr + PTR_HEAD, rhead, P_GTX_ST_HEAD);
  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + ((sent as i32) < 0 ? sent + n : sent), KR_STAT_PACKETS);
  const send = rhead != hwcur || (!(hz & HZ_H8) && rcur == load<u32>(kr, KR_NR_HWTAIL)); // later: also when it would block
  if (!(hz & HZ_H2)) fence(P_GTX_BARRIER); // nm_stld_barrier: head, then the look at the host's flag
  if ((send && ld(csb + CSB_HOST_NEED_TXKICK, P_GTX_KICK)) || (flags & NAF_FORCE_RECLAIM)) {
    st(ptr + PTR_SYNC_FLAGS, flags, P_GTX_ST_FLAGS);
    kicked(sc, kr, true);
    vtnet_notify(sc, VQ_TX);
  } else if (send) kicked(sc, kr, false);
  if ((flags & NAF_FORCE_RECLAIM) || rcur == ld(kr + KR_NR_HWTAIL, P_GTX_LD_KR_HWTAIL)) {
    let c: u32, t: u32;
    if (hz & HZ_H5) { // 2015: hwcur, mb, hwtail
      c = ld(ptr + PTR_HWCUR, P_GTX_HWCUR2);
      fence(P_GTX_MB2);
      t = clamp_hwtail(kr, c, ld(ptr + PTR_HWTAIL, P_GTX_HWTAIL2));
    } else { // since 2016: hwtail, rmb, hwcur
      t = ld(ptr + PTR_HWTAIL, P_GTX_L_HWTAIL2);
      nm_order();
      c = ld(ptr + PTR_HWCUR, P_GTX_L_HWCUR2);
    }
    st(kr + KR_NR_HWCUR, c, P_GTX_ST_KR_HWCUR2);
    st(kr + KR_NR_HWTAIL, t, P_GTX_ST_KR_HWTAIL2);
    if (rcur == t) { // the program would block: ask for an interrupt, then look again
      st(csb + CSB_GUEST_NEED_TXKICK, 1, P_GTX_ST_NEED1);
      if (hz & HZ_H3) return 0;
      if (late && !(hz & HZ_H2)) fence(P_GTX_L_BARRIER); // nm_stld_barrier; in 2015 the mb below happens to stand there
      if (hz & HZ_H5) {
        c = ld(ptr + PTR_HWCUR, P_GTX_HWCUR3);
        fence(P_GTX_MB3);
        t = clamp_hwtail(kr, c, ld(ptr + PTR_HWTAIL, P_GTX_HWTAIL3));
      } else {
        t = ld(ptr + PTR_HWTAIL, P_GTX_L_HWTAIL3);
        nm_order();
        c = ld(ptr + PTR_HWCUR, P_GTX_L_HWCUR3);
      }
      st(kr + KR_NR_HWCUR, c, P_GTX_ST_KR_HWCUR3);
      st(kr + KR_NR_HWTAIL, t, P_GTX_ST_KR_HWTAIL3);
      if (rcur != t) st(csb + CSB_GUEST_NEED_TXKICK, 0, P_GTX_ST_NEED2);
    }
  }
  return 0;
}

/** netmap_pt_guest_rxsync. */
export function ptnet_rxsync(kr: usize, flags: u32): u32 {
  const sc: usize = load<u32>(kr, KR_PRIV), csb: usize = load<u32>(sc, VTN_CSB), ptr = csb + CSB_RX_RING;
  const rhead = load<u32>(kr, KR_RHEAD), rcur = load<u32>(kr, KR_RCUR), n = load<u32>(kr, KR_NUM_SLOTS);
  const rev = load<u32>(sc, VTN_REV), late = rev != PROTOCOL_2015, hz = hazards(rev);
  synced(sc);
  st(csb + CSB_GUEST_NEED_RXKICK, 0, P_GRX_ST_NEED0);
  let hwcur: u32, hwtail: u32;
  if (hz & HZ_H5) {
    hwcur = ld(ptr + PTR_HWCUR, P_GRX_HWCUR);
    fence(P_GRX_MB);
    hwtail = clamp_hwtail(kr, hwcur, ld(ptr + PTR_HWTAIL, P_GRX_HWTAIL));
  } else {
    hwtail = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL);
    nm_order();
    hwcur = ld(ptr + PTR_HWCUR, P_GRX_L_HWCUR);
  }
  const old = load<u32>(kr, KR_NR_HWTAIL);
  st(kr + KR_NR_HWTAIL, hwtail, P_GRX_ST_KR_HWTAIL); // no_pendintr is 1 by default: always looks
  if (ld(kr + KR_NR_KFLAGS, P_GRX_KFLAGS) & NKR_PENDINTR) store<u32>(kr, load<u32>(kr, KR_NR_KFLAGS) & ~NKR_PENDINTR, KR_NR_KFLAGS);
  const got = hwtail - old;
  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + ((got as i32) < 0 ? got + n : got), KR_STAT_PACKETS);
  st(kr + KR_NR_HWCUR, hwcur, P_GRX_ST_KR_HWCUR);
  if (rhead != hwcur) {
    st(ptr + PTR_CUR, rcur, P_GRX_ST_CUR);
    if (late) nm_order(); else fence(P_GRX_MB2);
    st(ptr + PTR_HEAD, rhead, P_GRX_ST_HEAD);
    if (!late) { // later, the kick comes last
      if (!(hz & HZ_H2)) fence(P_GRX_BARRIER);
      const kick = ld(csb + CSB_HOST_NEED_RXKICK, P_GRX_KICK) != 0;
      if (kick) st(ptr + PTR_SYNC_FLAGS, flags, P_GRX_ST_FLAGS);
      kicked(sc, kr, kick);
      if (kick) vtnet_notify(sc, VQ_RX);
    }
  }
  const blocks = rcur == ld(kr + KR_NR_HWTAIL, P_GRX_LD_KR_HWTAIL);
  if (blocks) look_again(kr, csb, rcur, late, hz);
  if (!late) return 0;
  if (rhead == hwcur && (!blocks || (hz & HZ_H8))) return 0;
  if (!(hz & HZ_H2)) fence(P_GRX_L_BARRIER2); // nm_stld_barrier: head, then the look at the host's flag
  const kick = ld(csb + CSB_HOST_NEED_RXKICK, P_GRX_L_KICK) != 0;
  if (kick) st(ptr + PTR_SYNC_FLAGS, flags, P_GRX_L_ST_FLAGS);
  kicked(sc, kr, kick);
  if (kick) vtnet_notify(sc, VQ_RX);
  return 0;
}

/** Nothing for the program: ask for an interrupt, and (but for H3) look again. */
function look_again(kr: usize, csb: usize, rcur: u32, late: bool, hz: u32): void {
  const ptr = csb + CSB_RX_RING, n = load<u32>(kr, KR_NUM_SLOTS);
  st(csb + CSB_GUEST_NEED_RXKICK, 1, P_GRX_ST_NEED1);
  if (hz & HZ_H3) return;
  if (late && !(hz & HZ_H2)) fence(P_GRX_L_BARRIER);
  let c: u32, t: u32;
  if (hz & HZ_H5) {
    c = ld(ptr + PTR_HWCUR, P_GRX_HWCUR3);
    fence(P_GRX_MB3);
    t = clamp_hwtail(kr, c, ld(ptr + PTR_HWTAIL, P_GRX_HWTAIL3));
  } else {
    t = ld(ptr + PTR_HWTAIL, P_GRX_L_HWTAIL3);
    nm_order();
    c = ld(ptr + PTR_HWCUR, P_GRX_L_HWCUR3);
  }
  const more = t - load<u32>(kr, KR_NR_HWTAIL);
  store<u64>(kr, load<u64>(kr, KR_STAT_PACKETS) + ((more as i32) < 0 ? more + n : more), KR_STAT_PACKETS);
  st(kr + KR_NR_HWTAIL, t, P_GRX_ST_KR_HWTAIL3);
  st(kr + KR_NR_HWCUR, c, P_GRX_ST_KR_HWCUR3);
  if (rcur != t) st(csb + CSB_GUEST_NEED_RXKICK, 0, P_GRX_ST_NEED2);
}

/** The TX vector's handler: netmap_tx_irq, no sync here. */
export function vtnet_tx_intr(sc: usize): void {
  const kr: usize = load<u32>(load<u32>(sc, VTN_NA), NA_TX_RINGS);
  call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
}

/** The RX vector's handler: netmap_rx_irq, marks PENDINTR and wakes pollers. */
export function vtnet_rx_intr(sc: usize): void {
  const kr: usize = load<u32>(load<u32>(sc, VTN_NA), NA_RX_RINGS);
  rmw_or(kr + KR_NR_KFLAGS, NKR_PENDINTR, P_VCPU_PENDINTR);
  call_indirect<u32>(load<u32>(kr, KR_NM_NOTIFY), kr, 0 as u32);
}

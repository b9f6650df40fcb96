// Ethernet's two ways: a frame that a driver has received, a frame for a driver to send. Mirrors ether_input and the
// if_transmit hook of if_ethersubr.c, with the places where netmap stands in between (facts netmap 2.9, 2.11, 2.12).

import {
  IFF_UP, IF_BRIDGE, IF_MAC, IF_NA, IF_STAT_IBYTES, IF_STAT_IERRORS, IF_STAT_IPACKETS, IF_TRANSMIT, M_DATA, M_LEN, NAF_NETMAP_ON, NA_FLAGS, NA_GENERIC,
  NA_TYPE, OPS, OP_BRIDGE_OUTPUT,
} from "../layout";
import { COST_ETHER, P_BR_OUT, P_ETHER_NA, P_XMIT_NA } from "../points";
import { charge, ld } from "../sim/shared";
import { count, ether_up, if_flags, net_rlock, net_runlock } from "./ifnet";
import { m_free } from "./mbuf";
import { generic_rx_handler } from "./netmap_generic";
import { netmap_transmit } from "./netmap_host";

/** ifp->if_transmit: the host ring while the interface is in netmap mode, else the driver. Takes the mbuf; answers errno. */
export function if_transmit(ifp: usize, m: usize): u32 {
  const na: usize = ld(ifp + IF_NA, P_XMIT_NA);
  if (na && (load<u32>(na, NA_FLAGS) & NAF_NETMAP_ON)) return netmap_transmit(na, ifp, m);
  return call_indirect<u32>(load<u32>(ifp, IF_TRANSMIT), ifp, m);
}

/** ether_output's last step: a bridge member's own frames are the bridge's to send (bridge_output_p). Takes the mbuf. */
export function ether_output(ifp: usize, m: usize): u32 {
  const br: usize = ld(ifp + IF_BRIDGE, P_BR_OUT);
  return br ? call_indirect<u32>(load<u32>(OPS + OP_BRIDGE_OUTPUT * 4), br, ifp, m) : if_transmit(ifp, m);
}

export function dst_mac(m: usize): u64 { return load<u64>(m, M_DATA) & 0xffffffffffff; }
export function own_mac(ifp: usize): u64 { return load<u64>(ifp, IF_MAC) & 0xffffffffffff; }

/** ether_input: drivers give what they have received, from whatever context. Takes the mbuf. */
export function ether_input(ifp: usize, m: usize): void {
  net_rlock();
  charge(COST_ETHER);
  const len = load<u32>(m, M_LEN);
  if (!(if_flags(ifp) & IFF_UP) || len < 14) {
    count(ifp + IF_STAT_IERRORS, len < 14 ? 1 : 0);
    m_free(m);
  } else {
    count(ifp + IF_STAT_IPACKETS, 1);
    count(ifp + IF_STAT_IBYTES, len);
    const na: usize = ld(ifp + IF_NA, P_ETHER_NA);
    if (na && load<u32>(na, NA_TYPE) == NA_GENERIC) generic_rx_handler(na, m);
    else ether_up(ifp, m);
  }
  net_runlock();
}

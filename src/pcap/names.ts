// Numbers that have names: ethertypes, IP protocols, ICMP types. From the IANA registries; spelled as tcpdump does.

export const ETHERTYPE: Record<number, string> = {
  2048: 'IPv4',
  2054: 'ARP',
  32821: 'Reverse ARP',
  33024: '802.1Q',
  34525: 'IPv6',
  34984: '802.1Q-QinQ',
  37120: '802.1Q-9100',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  34958: 'EAPOL',
  35020: 'LLDP',
  35063: 'PTP',
  34887: 'MPLS unicast',
  34888: 'MPLS multicast',
  34827: 'PPP',
  36864: 'Loopback',
};

export const IP_PROTO: Record<number, string> = {
  0: 'Options',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  59: 'unknown',
  60: 'unknown',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

export const ARP_OP: Record<number, string> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};

export const ICMP_TYPE: Record<number, string> = {
  0: 'Echo (ping) reply',
  3: 'Destination unreachable',
  4: 'Source quench',
  5: 'Redirect',
  8: 'Echo (ping) request',
  11: 'Time-to-live exceeded',
  12: 'Parameter problem',
  13: 'Timestamp request',
  14: 'Timestamp reply',
};

export const ICMP6_TYPE: Record<number, string> = {
  1: 'Destination Unreachable',
  2: 'Packet Too Big',
  3: 'Time Exceeded',
  4: 'Parameter Problem',
  128: 'Echo (ping) request',
  129: 'Echo (ping) reply',
  133: 'Router Solicitation',
  134: 'Router Advertisement',
  135: 'Neighbor Solicitation',
  136: 'Neighbor Advertisement',
  137: 'Redirect',
};

/** TCP's flags from FIN upwards: Wireshark's name, tcpdump's letter. */
export const TCP_FLAGS: readonly (readonly [name: string, letter: string])[] = [
  ['fin', 'F'],
  ['syn', 'S'],
  ['reset', 'R'],
  ['push', 'P'],
  ['ack', '.'],
  ['urg', 'U'],
  ['ece', 'E'],
  ['cwr', 'W'],
  ['ae', 'e'],
];

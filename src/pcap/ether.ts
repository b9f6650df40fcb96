// Ethernet II, 802.3 with LLC and SNAP, VLAN tags of 802.1Q and 802.1ad as often as they come, and ARP (RFC 826, RFC 5227).
import { be16, hexBytes, hexN, ipv4 as ipv4Text, mac, u8 } from './bytes.ts';
import { bit, type Dig, type Field, field, type Next } from './field.ts';
import { ARP_OP, ETHERTYPE } from './names.ts';

const MIN_FRAME = 60;

const payload = (dig: Dig, at: number, end: number) => data(dig, at, end);

/** Bytes that nobody reads further. */
export function data(dig: Dig, at: number, end: number): void {
  const to = dig.until(end);
  if (at >= to) return;
  dig.layer('data', dig.proto, at, to - at, () => {
    dig.add(field('data.data', hexBytes(dig.bytes, at, to, ':'), at, to - at));
    dig.add(field('data.len', to - at, at, 0));
  });
}

function address(name: string, b: Uint8Array, at: number): Field {
  const first = u8(b, at);
  const children = [bit(`${name}.lg`, first, 2, at, 3), bit(`${name}.ig`, first, 1, at, 3)];
  const note = first === 255 && mac(b, at) === 'ff:ff:ff:ff:ff:ff' ? 'Broadcast' : first & 1 ? 'multicast' : undefined;
  return field(name, mac(b, at), at, 6, { children, note });
}

/** What lies behind the payload: zeros up to the least length of a frame are padding, the rest a trailer. */
function trailer(dig: Dig, name: string, end: number): void {
  const from = dig.claimed;
  if (from < 0 || from >= end) return;
  dig.need(from, end - from, end);
  let at = from;
  if (end >= MIN_FRAME && from < MIN_FRAME) {
    const zeros = dig.bytes.subarray(from, MIN_FRAME).every((x) => x === 0);
    if (zeros) {
      dig.add(field('eth.padding', hexBytes(dig.bytes, from, MIN_FRAME, ':'), from, MIN_FRAME - from));
      at = MIN_FRAME;
    }
  }
  if (at < end) dig.add(field(name, hexBytes(dig.bytes, at, end, ':'), at, end - at));
}

/** The payload of an ethertype, and what comes behind it. */
function typed(dig: Dig, type: number, at: number, end: number, next: Next, behind: (end: number) => void): void {
  dig.claimed = -1;
  dig.guarded(() => {
    if (!next(dig, type, at, end)) payload(dig, at, end);
  });
  dig.guarded(() => behind(end));
}

/** The two bytes that are a type, or below 1536 a length. */
function lengthOrType(dig: Dig, at: number, from: number, end: number, names: { len: string; type: string; trailer: string }, next: Next) {
  const n = be16(dig.bytes, at);
  if (n <= 1500) {
    const over = n > end - from;
    dig.add(field(names.len, n, at, 2, { wrong: over ? 'Length field value goes past the end of the payload' : undefined }));
    return () => {
      const to = over ? end : from + n;
      dig.guarded(() => llc(dig, from, to, next));
      dig.claimed = to;
    };
  }
  if (n < 1536) {
    dig.add(
      field(names.type === 'eth.type' ? 'eth.invalid_lentype' : names.type, `0x${hexN(n, 4)}`, at, 2, {
        wrong: 'neither a length nor a type',
      }),
    );
    return () => payload(dig, from, end);
  }
  dig.add(field(names.type, `0x${hexN(n, 4)}`, at, 2, { note: ETHERTYPE[n] }));
  return () => typed(dig, n, from, end, next, () => undefined);
}

export function ethernet(dig: Dig, at: number, next: Next): void {
  const end = dig.len;
  let after = () => {};
  dig.proto = 'ether';
  dig.need(at, 14, end);
  let own: Field | undefined;
  dig.layer('eth', 'ether', at, 14, (node) => {
    own = node;
    node.note = be16(dig.bytes, at + 12) <= 1500 ? 'IEEE 802.3 Ethernet' : 'Ethernet II';
    dig.add(address('eth.dst', dig.bytes, at));
    dig.add(address('eth.src', dig.bytes, at + 6));
    after = lengthOrType(dig, at + 12, at + 14, end, { len: 'eth.len', type: 'eth.type', trailer: 'eth.trailer' }, next);
  });
  after();
  const outer = dig.tail ?? own;
  if (outer) behind(dig, outer, end);
}

/** Padding and trailer belong to the innermost tag, as tshark shows them. */
function behind(dig: Dig, node: Field, end: number): void {
  dig.proto = 'ether';
  dig.within(node, () => dig.guarded(() => trailer(dig, node.name === 'vlan' ? 'vlan.trailer' : 'eth.trailer', end)));
}

/** 802.1Q (0x8100) or 802.1ad (0x88a8). */
export function vlan(dig: Dig, type: number, at: number, end: number, next: Next): void {
  const service = type === 0x88a8;
  let after = () => {};
  dig.layer(service ? 'ieee8021ad' : 'vlan', 'vlan', at, 4, (node) => {
    dig.need(at, 4, end);
    const tci = be16(dig.bytes, at);
    const name = service ? 'ieee8021ad' : 'vlan';
    const size = service ? 1 : 2;
    dig.add(field(`${name}.priority`, tci >> 13, at, size));
    dig.add(bit(`${name}.dei`, tci, 0x1000, at, size));
    dig.add(field(`${name}.id`, tci & 4095, at, 2));
    node.note = `ID: ${tci & 4095}`;
    if (!service) dig.tail = node;
    const names = service
      ? { len: 'ieee8021ah.len', type: 'ieee8021ah.etype', trailer: 'eth.trailer' }
      : { len: 'vlan.len', type: 'vlan.etype', trailer: 'vlan.trailer' };
    after = lengthOrType(dig, at + 2, at + 4, end, names, next);
  });
  after();
}

const SAP: Record<number, string> = { 0: 'NULL LSAP', 66: 'Spanning Tree BPDU', 170: 'SNAP', 224: 'NetWare', 254: 'ISO Network Layer' };

/** IEEE 802.2, and SNAP (RFC 1042). */
function llc(dig: Dig, at: number, end: number, next: Next): void {
  let type = -1,
    from = at + 3;
  const b = dig.bytes;
  dig.layer('llc', 'llc', at, 3, (node) => {
    dig.need(at, 1, end);
    const [dsap, ssap, control] = [u8(b, at), u8(b, at + 1), u8(b, at + 2)];
    const sap = (name: string, n: number, o: number, low: string) =>
      dig.add(
        field(`llc.${name}`, `0x${hexN(n, 2)}`, o, 1, {
          note: SAP[n & 0xfe],
          children: [field(`llc.${name}.sap`, n >> 1, o, 1), bit(`llc.${name}.${low}`, n, 1, o)],
        }),
      );
    sap('dsap', dsap, at, 'ig');
    dig.need(at, 2, end);
    sap('ssap', ssap, at + 1, 'cr');
    dig.need(at, 3, end);
    const wide = (control & 3) !== 3;
    if (wide) dig.need(at, 4, end);
    const value = wide ? control | (u8(b, at + 3) << 8) : control;
    from = at + (wide ? 4 : 3);
    node.length = from - at;
    dig.add(
      field('llc.control', `0x${hexN(value, 4)}`, at + 2, wide ? 2 : 1, {
        note: wide ? 'I or S frame' : control === 3 ? 'U, func=UI' : 'U',
      }),
    );
    if (dsap === 0xaa && ssap === 0xaa && control === 3) {
      node.length = 8;
      dig.need(at + 3, 3, end);
      const oui = (u8(b, at + 3) << 16) | be16(b, at + 4);
      dig.add(field('llc.oui', oui, at + 3, 3));
      dig.need(at + 6, 2, end);
      dig.add(
        field(oui ? 'llc.pid' : 'llc.type', `0x${hexN(be16(b, at + 6), 4)}`, at + 6, 2, {
          note: oui ? undefined : ETHERTYPE[be16(b, at + 6)],
        }),
      );
      from = at + 8;
      if (oui === 0) type = be16(b, at + 6);
    }
  });
  if (type < 0 || !next(dig, type, from, end)) payload(dig, from, end);
}

export function arp(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  dig.layer('arp', 'arp', at, 28, (node) => {
    dig.need(at, 8, end);
    const [hw, proto, hlen, plen, op] = [be16(b, at), be16(b, at + 2), u8(b, at + 4), u8(b, at + 5), be16(b, at + 6)];
    node.length = 8 + 2 * (hlen + plen);
    dig.claimed = at + node.length;
    const ether = hw === 1 && hlen === 6,
      ip = proto === 0x800 && plen === 4;
    dig.add(field('arp.hw.type', hw, at, 2, { note: hw === 1 ? 'Ethernet' : undefined }));
    dig.add(field('arp.proto.type', `0x${hexN(proto, 4)}`, at + 2, 2, { note: ETHERTYPE[proto] }));
    dig.add(field('arp.hw.size', hlen, at + 4, 1));
    dig.add(field('arp.proto.size', plen, at + 5, 1));
    dig.add(field('arp.opcode', op, at + 6, 2, { note: ARP_OP[op]?.toLowerCase() }));
    dig.need(at, node.length, end);
    const sha = at + 8,
      spa = sha + hlen,
      tha = spa + plen,
      tpa = tha + hlen;
    const hardware = (who: string, o: number) => {
      if (ether) dig.add(field(`arp.${who}.hw_mac`, mac(b, o), o, 6));
      else if (hlen) dig.add(field(`arp.${who}.hw`, hexBytes(b, o, o + hlen, ':'), o, hlen));
    };
    const protocol = (who: string, o: number) => {
      if (ip) dig.add(field(`arp.${who}.proto_ipv4`, ipv4Text(b, o), o, 4));
      else if (plen) dig.add(field(`arp.${who}.proto`, hexBytes(b, o, o + plen, ':'), o, plen));
    };
    if (ether && ip && (op === 1 || op === 2)) {
      const [sender, target] = [ipv4Text(b, spa), ipv4Text(b, tpa)];
      const none = (o: number) => mac(b, o) === '00:00:00:00:00:00';
      if (sender === target) {
        dig.add(field('arp.isgratuitous', 1, at, 0));
        // RFC 5227: an announcement is a request for one's own address
        if (op === 1 && none(tha)) dig.add(field('arp.isannouncement', 1, at, 0));
      }
      if (op === 1 && sender === '0.0.0.0' && none(tha)) dig.add(field('arp.isprobe', 1, at, 0));
    }
    hardware('src', sha);
    protocol('src', spa);
    hardware('dst', tha);
    if (op === 7) dig.add(field('arp.dst.drarp_error_status', u8(b, tpa), tpa, 1));
    else protocol('dst', tpa);
  });
}

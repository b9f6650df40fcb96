// tcpdump's words for Ethernet, its tags, LLC and ARP: print-ether.c, print-llc.c, print-arp.c.
import { be16, hexN, ipv4, mac, u8 } from './bytes.ts';
import { ETHERTYPE } from './names.ts';
import type { Print } from './print.ts';
import { printIp } from './print_ip.ts';
import { printIp6 } from './print_ip6.ts';

const SAP: Record<number, string> = { 0: 'Null', 66: 'STP', 170: 'SNAP', 224: 'IPX', 240: 'NetBeui', 254: 'OSI' };
const ethertype = (n: number) => `${ETHERTYPE[n] ?? 'Unknown'} (0x${hexN(n, 4)})`;

/** A frame of `length` bytes on the wire. */
export function printEther(p: Print, at: number, length: number): void {
  p.proto = 'ether';
  p.need(at, 14);
  const ends = `${mac(p.b, at + 6)} > ${mac(p.b, at)}`;
  let type = p.u16(at + 12),
    from = at + 14,
    left = length - 14,
    shown = p.o.link ?? false;
  const tagged = (t: number) => t === 0x8100 || t === 0x88a8 || t === 0x9100;
  if (shown && tagged(type) && (left < 4 || !p.has(from, 4))) p.put(ends, ', ');
  else if (shown) p.put(ends, link(p, type, length));
  let tag = 0;
  for (;;) {
    if (type <= 1500) {
      const inside = Math.min(left, type);
      if (shown && tag) p.put('802.3');
      p.upTo(from + inside, () => {
        if (!llc(p, from, inside, at)) untold(p, from, inside);
      });
      return;
    }
    if (tagged(type)) {
      p.proto = 'vlan';
      if (p.end < from + 4 || left < 4) {
        p.trunc();
        return;
      }
      const tci = p.u16(from);
      if (p.o.link) {
        p.put(`vlan ${tci & 4095}, p ${tci >> 13}${tci & 0x1000 ? ', DEI' : ''}, `);
      }
      type = p.u16(from + 2);
      tag++;
      const cut = tagged(type) && (left < 8 || !p.has(from + 4, 4));
      if (p.o.link && type > 1500 && !cut)
        p.put(p.o.quiet ? `${ETHERTYPE[type] ?? `Unknown Ethertype (0x${hexN(type, 4)})`}, ` : `ethertype ${ethertype(type)}, `);
      from += 4;
      left -= 4;
      continue;
    }
    break;
  }
  if (network(p, type, from, left)) return;
  const silent = p.o.quiet;
  if (!shown) {
    p.put(ends, link(p, type, length));
    shown = true;
  }
  if (!silent) untold(p, from, left);
}

function link(p: Print, type: number, length: number): string {
  if (p.o.quiet)
    return type <= 1500
      ? `, 802.3, length ${Math.min(type, length - 14)}: `
      : `, ${ETHERTYPE[type] ?? `Unknown Ethertype (0x${hexN(type, 4)})`}, length ${length}: `;
  return type <= 1500 ? `, 802.3, length ${Math.min(type, length - 14)}: ` : `, ethertype ${ethertype(type)}, length ${length}: `;
}

function untold(p: Print, at: number, length: number): void {
  if (!p.o.dump) p.bytes(at, length);
}

/** How long the link-level header is with its tags and LLC: -x begins behind it. */
export function linkLength(b: Uint8Array): number {
  let at = 12;
  while (at + 6 <= b.length && [0x8100, 0x88a8, 0x9100].includes(be16(b, at))) at += 4;
  const from = at + 2;
  if (from > b.length) return b.length;
  if (be16(b, at) > 1500) return from;
  if (from + 3 > b.length) return b.length;
  const control = u8(b, from + 2);
  if (control === 3 && u8(b, from) === 0xaa && u8(b, from + 1) === 0xaa) return from + 8;
  return from + ((control & 3) === 3 ? 3 : 4);
}

function network(p: Print, type: number, at: number, left: number): boolean {
  if (type === 0x800) printIp(p, at, left);
  else if (type === 0x86dd) printIp6(p, at, left);
  else if (type === 0x806) printArp(p, at, left);
  else return false;
  return true;
}

const UI: Record<number, string> = {
  3: 'ui',
  15: 'dm',
  67: 'disc',
  99: 'ua',
  111: 'sabme',
  127: 'sabme',
  135: 'frmr',
  175: 'xid',
  227: 'test',
};
const SUPERVISORY = ['Receiver Ready', 'Receiver not Ready', 'Reject', '?'];

/** Whether something was said that needs no dump behind it. */
function llc(p: Print, at: number, length: number, frame: number): boolean {
  p.proto = 'llc';
  if (length < 3 || !p.has(at, 3)) {
    p.trunc();
    return false;
  }
  const [dsap, ssap] = [p.u8(at), p.u8(at + 1)];
  let control = p.u8(at + 2);
  const wide = (control & 3) !== 3;
  if (wide) {
    if (length < 4 || !p.has(at, 4)) {
      p.trunc();
      return false;
    }
    control |= p.u8(at + 3) << 8;
  }
  const sap = (n: number) => SAP[n] ?? 'Unknown';
  if (p.o.link) {
    const d = `dsap ${sap(dsap & 0xfe)} (0x${hexN(dsap & 0xfe, 2)}) ${dsap & 1 ? 'Group' : 'Individual'}`;
    const s = `ssap ${sap(ssap & 0xfe)} (0x${hexN(ssap & 0xfe, 2)}) ${ssap & 1 ? 'Response' : 'Command'}`;
    p.put(`LLC, ${d}, ${s}, ctrl 0x${hexN(control, wide ? 4 : 2)}: `);
  }
  if (dsap === 0xaa && ssap === 0xaa && control === 3) return snap(p, at + 3, length - 3, frame);
  if (!p.o.link) {
    const [from, to] = [mac(p.b, frame + 6), mac(p.b, frame)];
    const [d, s] = [dsap & 0xfe, ssap & 0xfe];
    const destination = SAP[d] ?? `Unknown DSAP 0x${hexN(d, 2)}`;
    if (d === s) p.put(`${from} > ${to} ${destination} `);
    else p.put(`${from} ${SAP[s] ?? `Unknown SSAP 0x${hexN(s, 2)}`} > ${to} ${destination} `);
  }
  const cr = ssap & 1;
  if (!wide) {
    const flag = [cr && 'Response', control & 16 && (cr ? 'Final' : 'Poll')].filter(Boolean).join('/') || (cr ? 'Response' : 'Command');
    p.put(
      `Unnumbered, ${UI[control & ~16] ?? hexN(control & ~16, 2)}, Flags [${control & 16 ? flag : cr ? 'Response' : 'Command'}], length ${length}`,
    );
    return p.o.quiet ?? false;
  }
  const final = control & 0x100 ? 'Poll' : '';
  const flags = [cr ? 'Response' : '', final].filter(Boolean).join(', ') || 'Command';
  if (control & 1) p.put(`Supervisory, ${SUPERVISORY[(control >> 2) & 3]}, rcv seq ${control >> 9}, Flags [${flags}], length ${length}`);
  else p.put(`Information, send seq ${(control >> 1) & 127}, rcv seq ${control >> 9}, Flags [${flags}], length ${length}`);
  return (control & 1) === 1 || (p.o.quiet ?? false);
}

function snap(p: Print, at: number, length: number, frame: number): boolean {
  p.proto = 'snap';
  p.need(at, 5);
  const oui = (p.u8(at) << 16) | p.u16(at + 1),
    type = p.u16(at + 3);
  const who = oui === 0 ? 'Ethernet' : 'Unknown';
  const known = oui === 0 && [0x800, 0x86dd, 0x806].includes(type);
  if (p.o.link || !known) {
    if (!p.o.link) p.put(`${mac(p.b, frame + 6)} > ${mac(p.b, frame)} SNAP, `);
    p.put(
      p.o.link || oui ? `oui ${who} (0x${hexN(oui, 6)}), ` : '',
      `${oui === 0 ? `ethertype ${ethertype(type)}` : `pid Unknown (0x${hexN(type, 4)})`}, length ${length - 5}: `,
    );
  }
  return (oui === 0 && network(p, type, at + 5, length - 5)) || (p.o.quiet ?? false);
}

const OP: Record<number, string> = { 3: 'Reverse Request', 4: 'Reverse Reply', 8: 'Inverse Request', 9: 'Inverse Reply', 10: 'NACK Reply' };

export function printArp(p: Print, at: number, length: number): void {
  p.proto = 'arp';
  p.need(at, 8);
  const [hw, proto, hlen, plen, op] = [p.u16(at), p.u16(at + 2), p.u8(at + 4), p.u8(at + 5), p.u16(at + 6)];
  if (!p.has(at, 8 + 2 * (hlen + plen))) {
    p.trunc();
    return;
  }
  if (!p.o.link) p.put('ARP, ');
  const usual = proto === 0x800 && plen === 4 && hlen !== 0;
  const protocolName = ETHERTYPE[proto] ?? `Unknown Protocol (0x${hexN(proto, 4)})`;
  const hardwareName = hw === 1 ? 'Ethernet' : hw === 6 ? 'TokenRing' : `Unknown Hardware (${hw})`;
  if (!usual || p.v) {
    p.put(`${hardwareName} (len ${hlen}), ${protocolName} (len ${plen})`);
    if (!p.v) {
      p.put(`, length ${length}`);
      return;
    }
    p.put(', ');
  }
  const sha = at + 8,
    spa = sha + hlen,
    tha = spa + plen,
    tpa = tha + hlen;
  const hardware = (o: number) => Array.from({ length: hlen }, (_, i) => hexN(u8(p.b, o + i), 2)).join(':') || '<No address>';
  const address = (o: number) => (proto !== 0x800 && proto !== 0x1000 ? '<wrong proto type>' : plen !== 4 ? '<wrong len>' : ipv4(p.b, o));
  const none = Array.from({ length: hlen }, (_, i) => u8(p.b, tha + i)).every((x) => x === 0);
  switch (op) {
    case 1:
      p.put(`Request who-has ${address(tpa)}`, none ? '' : ` (${hardware(tha)})`, ` tell ${address(spa)}`);
      break;
    case 2:
      p.put(`Reply ${address(spa)} is-at ${hardware(sha)}`);
      break;
    case 3:
      p.put(`Reverse Request who-is ${hardware(tha)} tell ${hardware(sha)}`);
      break;
    case 4:
      p.put(`Reverse Reply ${hardware(tha)} at ${address(tpa)}`);
      break;
    case 8:
      p.put(`Inverse Request who-is ${hardware(tha)} tell ${hardware(sha)}`);
      break;
    case 9:
      p.put(`Inverse Reply ${hardware(sha)} at ${address(spa)}`);
      break;
    case 10:
      p.put('NACK Reply');
      break;
    default:
      p.put(`${OP[op] ?? `Unknown (${op})`} `);
      p.bytes(at, length);
      return;
  }
  p.put(`, length ${length}`);
}

// A frame as a tree of fields, for any bytes at all: what is cut or wrong is said in the tree, and never an exception.
// Mirrors what tshark shows for these protocols, with `ip`, `tcp` and `udp` set to verify checksums and not to reassemble.
import { arp, ethernet, vlan } from './ether.ts';
import { Dig, type Field, type Next } from './field.ts';
import { icmp } from './icmp.ts';
import { icmp6 } from './icmp6.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';

export type { Field } from './field.ts';

export interface Dissection {
  /** A node for each protocol, in the order of the frame. */
  fields: Field[];
  /** Their names from the outside in. */
  protocols: string[];
}

const MOST_TAGS = 32; // stacked tags; more is an attack on the reader

const transport: Next = (dig, protocol, at, end) => {
  switch (protocol) {
    case 1:
      icmp(dig, at, end, network);
      return true;
    case 6:
      tcp(dig, at, end);
      return true;
    case 17:
      udp(dig, at, end);
      return true;
    case 58:
      icmp6(dig, at, end, network);
      return true;
    default:
      return false;
  }
};

const network: Next = (dig, type, at, end) => {
  switch (type) {
    case 0x800:
      ipv4(dig, at, end, transport);
      return true;
    case 0x86dd:
      ipv6(dig, at, end, transport);
      return true;
    case 0x806:
      arp(dig, at, end);
      return true;
    case 0x8100:
    case 0x88a8:
      if (dig.protocols.length > MOST_TAGS) return false;
      vlan(dig, type, at, end, network);
      return true;
    default:
      return false;
  }
};

/** `len`: the length on the wire, if more than what was captured. */
export function dissect(frame: Uint8Array, len = frame.length): Dissection {
  const dig = new Dig(frame, len);
  dig.guarded(() => ethernet(dig, 0, network));
  return { fields: dig.fields, protocols: dig.protocols };
}

/** The fields from the root to the innermost one that covers a byte: what a hex dump marks. */
export function fieldsAt(fields: readonly Field[], offset: number): Field[] {
  const inside = fields.filter((f) => f.length > 0 && offset >= f.offset && offset < f.offset + f.length);
  for (const f of inside) {
    const deeper = fieldsAt(f.children, offset);
    if (deeper.length) return [f, ...deeper];
  }
  for (const f of fields) {
    // a child may lie outside of its parent: padding under a tag
    if (inside.includes(f)) continue;
    const deeper = fieldsAt(f.children, offset);
    if (deeper.length) return [f, ...deeper];
  }
  return inside.slice(0, 1);
}

// IPv6 (RFC 8200) and its extension headers: hop-by-hop, routing, fragment, destination.
import { be16, be32, hexBytes, hexN, ipv6 as text, u8 } from './bytes.ts';
import { data } from './ether.ts';
import { bit, type Dig, field, type Next } from './field.ts';
import { IP_PROTO } from './names.ts';

const HOP_BY_HOP = 0,
  ROUTING = 43,
  FRAGMENT = 44,
  NO_NEXT = 59,
  DESTINATION = 60;

const extension = (n: number) => n === HOP_BY_HOP || n === ROUTING || n === FRAGMENT || n === DESTINATION;

/** The options of a hop-by-hop or destination header, of [at, end). */
function options(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  let o = at;
  while (o < end) {
    dig.need(o, 1, end);
    const kind = u8(b, o),
      start = o;
    if (kind !== 0) dig.need(o, 2, end);
    const size = kind === 0 ? 1 : 2 + u8(b, o + 1);
    const over = start + size > end;
    dig.group(
      field('ipv6.opt', '', start, size, {
        note: kind === 0 ? 'Pad1' : kind === 1 ? 'PadN' : undefined,
        wrong: over ? 'longer than its header' : undefined,
      }),
      () => {
        const parts = [
          field('ipv6.opt.type.action', kind >> 6, start, 1),
          bit('ipv6.opt.type.change', kind, 32, start),
          field('ipv6.opt.type.rest', `0x${hexN(kind & 31, 2)}`, start, 1),
        ];
        dig.add(field('ipv6.opt.type', `0x${hexN(kind, 2)}`, start, 1, { children: parts }));
        if (kind === 0) {
          dig.add(field('ipv6.opt.pad1', '', start, 1));
          return;
        }
        const length = size - 2;
        dig.add(field('ipv6.opt.length', length, start + 1, 1));
        if (over) return;
        if (kind === 1 && length) dig.add(field('ipv6.opt.padn', hexBytes(b, start + 2, start + size, ':'), start + 2, length));
        else if (kind === 5 && length === 2) dig.add(field('ipv6.opt.router_alert', be16(b, start + 2), start + 2, 2));
        else if (length) dig.add(field('ipv6.opt.unknown', hexBytes(b, start + 2, start + size, ':'), start + 2, length));
      },
    );
    if (over) return;
    o += size;
  }
}

/** One extension header: the next one's number and where it begins; undefined where nothing more can be read. */
function header(dig: Dig, kind: number, at: number, end: number): { next: number; at: number; last: boolean } {
  const b = dig.bytes;
  const NAMES: Record<number, string> = { [HOP_BY_HOP]: 'hopopts', [ROUTING]: 'routing', [FRAGMENT]: 'fraghdr', [DESTINATION]: 'dstopts' };
  const name = `ipv6.${NAMES[kind]}`;
  let last = false,
    size = 8,
    nxt = NO_NEXT;
  dig.layer(name, 'ip6', at, 8, (node) => {
    dig.need(at, kind === FRAGMENT ? 8 : 2, end);
    nxt = u8(b, at);
    dig.add(field(`${name}.nxt`, nxt, at, 1, { note: IP_PROTO[nxt] }));
    if (kind === FRAGMENT) {
      const word = be16(b, at + 2);
      dig.add(field(`${name}.reserved_octet`, `0x${hexN(u8(b, at + 1), 2)}`, at + 1, 1));
      dig.add(field(`${name}.offset`, word >> 3, at + 2, 2, { note: `${word & 0xfff8} bytes` }));
      dig.add(field(`${name}.reserved_bits`, (word >> 1) & 3, at + 2, 2));
      dig.add(bit(`${name}.more`, word, 1, at + 2, 2));
      dig.add(field(`${name}.ident`, `0x${hexN(be32(b, at + 4), 8)}`, at + 4, 4));
      if (word & 0xfff9) dig.fragment = true;
      last = (word & 0xfff8) !== 0;
      return;
    }
    size = 8 * (u8(b, at + 1) + 1);
    node.length = size;
    dig.add(field(`${name}.len`, u8(b, at + 1), at + 1, 1, { note: `${size} bytes` }));
    dig.need(at, size, end);
    if (kind !== ROUTING) return options(dig, at + 2, at + size);
    const type = u8(b, at + 2);
    dig.add(field(`${name}.type`, type, at + 2, 1));
    dig.add(field(`${name}.segleft`, u8(b, at + 3), at + 3, 1));
    if (type === 0) {
      dig.add(field(`${name}.src.reserved`, hexBytes(b, at + 4, at + 8, ':'), at + 4, 4));
      for (let o = at + 8; o + 16 <= at + size; o += 16) dig.add(field(`${name}.src.addr`, text(b, o), o, 16));
      // the checksum is over the final destination (RFC 8200, section 8.1)
      if (u8(b, at + 3) > 0 && dig.pseudo && size >= 24) dig.pseudo = { ...dig.pseudo, dst: at + size - 16 };
    }
  });
  return { next: nxt, at: at + size, last };
}

export function ipv6(dig: Dig, at: number, end: number, next: Next): void {
  const b = dig.bytes;
  let after = () => {};
  dig.layer('ipv6', 'ip6', at, 40, (node) => {
    dig.need(at, 1, end);
    const version = u8(b, at) >> 4;
    dig.add(field('ipv6.version', version, at, 1, { wrong: version === 6 ? undefined : 'not 6' }));
    if (version !== 6) {
      return;
    }
    dig.need(at, 4, end);
    const word = be32(b, at),
      tclass = (word >>> 20) & 255;
    const parts = [field('ipv6.tclass.dscp', tclass >> 2, at, 4), field('ipv6.tclass.ecn', tclass & 3, at, 4)];
    dig.add(field('ipv6.tclass', `0x${hexN(tclass, 8)}`, at, 4, { children: parts }));
    dig.add(field('ipv6.flow', `0x${hexN(word & 0xfffff, 6)}`, at + 1, 3));
    dig.need(at, 6, end);
    const told = be16(b, at + 4);
    const left = end - at - 40;
    dig.add(field('ipv6.plen', told, at + 4, 2, { wrong: told > left ? `exceeds the packet's ${Math.max(0, left)} bytes` : undefined }));
    const stop = Math.min(end, at + 40 + told);
    if (!dig.quoted) dig.claimed = stop;
    dig.need(at, 7, end);
    const nxt = u8(b, at + 6);
    dig.add(field('ipv6.nxt', nxt, at + 6, 1, { note: IP_PROTO[nxt] }));
    dig.need(at, 8, end);
    dig.add(field('ipv6.hlim', u8(b, at + 7), at + 7, 1));
    dig.need(at, 24, end);
    dig.add(field('ipv6.src', text(b, at + 8), at + 8, 16));
    dig.need(at, 40, end);
    dig.add(field('ipv6.dst', text(b, at + 24), at + 24, 16));
    node.note = `${text(b, at + 8)} > ${text(b, at + 24)}`;
    dig.pseudo = { src: at + 8, dst: at + 24, size: 16 };
    dig.fragment = false;
    let here = { next: nxt, at: at + 40, last: false };
    while (extension(here.next) && !here.last) here = header(dig, here.next, here.at, stop);
    node.length = Math.max(40, here.at - at);
    after = () => {
      if (here.last || here.next === NO_NEXT || !next(dig, here.next, here.at, stop)) data(dig, here.at, stop);
    };
  });
  after();
}

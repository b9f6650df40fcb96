// IPv4 (RFC 791): header, options, fragments, the header's checksum.
import { be16, be32, hexBytes, hexN, ipv4 as text, shouldBe, sum16, u8 } from './bytes.ts';
import { data } from './ether.ts';
import { bit, type Dig, field, type Next } from './field.ts';
import { IP_PROTO } from './names.ts';

const OPTION: Record<number, string> = {
  0: 'ip.options.eol',
  1: 'ip.options.nop',
  7: 'ip.options.record_route',
  68: 'ip.options.timestamp',
  130: 'ip.options.security',
  131: 'ip.options.route',
  137: 'ip.options.source_route',
  148: 'ip.options.routeralert',
};

/** Options of [at, end): a node each, with type and length inside. */
function options(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  let o = at;
  while (o < end) {
    const kind = u8(b, o);
    const single = kind < 2;
    const told = single ? 1 : u8(b, o + 1);
    const fits = single || (o + 1 < end && told >= 2 && o + told <= end);
    const length = fits ? told : end - o;
    const start = o;
    const wrong = fits ? undefined : 'its length does not fit the header';
    if (wrong) {
      dig.add(field('ip.opt.len.invalid', hexBytes(b, o, end, ':'), o, length, { note: OPTION[kind], wrong }));
      return;
    }
    dig.group(field(OPTION[kind] ?? 'ip.options.unknown', hexBytes(b, o, o + length, ':'), o, length), () => {
      const parts = [
        bit('ip.opt.type.copy', kind, 128, start),
        field('ip.opt.type.class', (kind >> 5) & 3, start, 1),
        field('ip.opt.type.number', kind & 31, start, 1),
      ];
      dig.add(field('ip.opt.type', kind, start, 1, { children: parts }));
      if (single || start + 1 >= end) return;
      dig.add(field('ip.opt.len', told, start + 1, 1));
      if ((kind === 7 || kind === 131 || kind === 137 || kind === 68) && told >= 3)
        dig.add(field('ip.opt.ptr', u8(b, start + 2), start + 2, 1));
      if (kind === 148 && told === 4) dig.add(field('ip.opt.ra', be16(b, start + 2), start + 2, 2));
      if (kind === 68 && told >= 4) {
        dig.add(field('ip.opt.overflow', u8(b, start + 3) >> 4, start + 3, 1));
        dig.add(field('ip.opt.flag', `0x${hexN(u8(b, start + 3) & 15, 2)}`, start + 3, 1));
        if ((u8(b, start + 3) & 15) === 0)
          for (let i = start + 4; i + 4 <= start + told; i += 4) dig.add(field('ip.opt.time_stamp', be32(b, i), i, 4));
      }
    });
    o += length;
    if (kind === 0) return;
  }
}

function flags(dig: Dig, at: number, word: number): void {
  const note = [word & 0x8000 && 'Reserved', word & 0x4000 && "Don't fragment", word & 0x2000 && 'More fragments']
    .filter(Boolean)
    .join(', ');
  const children = [bit('ip.flags.rb', word, 0x8000, at), bit('ip.flags.df', word, 0x4000, at), bit('ip.flags.mf', word, 0x2000, at)];
  dig.add(field('ip.flags', `0x${hexN(word >> 13, 2)}`, at, 1, { note, children }));
  dig.add(field('ip.frag_offset', word & 0x1fff, at, 2, { note: `${(word & 0x1fff) * 8} bytes` }));
}

function checksum(dig: Dig, at: number, size: number): void {
  const b = dig.bytes,
    c = be16(b, at + 10);
  const whole = at + size <= b.length;
  const sum = whole ? sum16(b, at, at + size) : 0xffff;
  const good = sum === 0xffff;
  const wrong = good ? undefined : `should be 0x${hexN(shouldBe(c, sum), 4)}`;
  dig.add(field('ip.checksum', `0x${hexN(c, 4)}`, at + 10, 2, { note: whole ? (good ? 'correct' : 'incorrect') : 'not verified', wrong }));
  dig.add(
    field('ip.checksum.status', whole ? (good ? 1 : 0) : 2, at + 10, 0, { note: whole ? (good ? 'Good' : 'Bad') : 'Unverified', wrong }),
  );
}

/** Where the final destination lies: in the header, or at the end of a source route that is not used up (or `always`, as tcpdump has it). */
export function finalHop(b: Uint8Array, at: number, size: number, always = false): number {
  const end = Math.min(at + size, b.length);
  for (let o = at + 20; o < end; ) {
    const kind = u8(b, o),
      length = kind < 2 ? 1 : u8(b, o + 1);
    if (kind === 0 || length === 0 || o + length > end || (kind > 1 && length < 2)) break;
    if ((kind === 131 || kind === 137) && length >= 7 && (always || (u8(b, o + 2) >= 4 && u8(b, o + 2) < length))) return o + length - 4;
    o += length;
  }
  return at + 16;
}

export function ipv4(dig: Dig, at: number, end: number, next: Next): void {
  const b = dig.bytes;
  let after = () => {};
  dig.layer('ip', 'ip', at, 20, (node) => {
    dig.need(at, 1, end);
    const version = u8(b, at) >> 4,
      size = (u8(b, at) & 15) * 4;
    dig.add(field('ip.version', version, at, 1, { wrong: version === 4 ? undefined : 'not 4' }));
    if (version !== 4) {
      return;
    }
    node.length = size;
    dig.add(field('ip.hdr_len', size, at, 1, { wrong: size < 20 ? 'at least 20' : undefined }));
    if (size < 20) return;
    dig.need(at + 1, 1, end);
    const tos = u8(b, at + 1);
    const tosParts = [field('ip.dsfield.dscp', tos >> 2, at + 1, 1), field('ip.dsfield.ecn', tos & 3, at + 1, 1)];
    dig.add(field('ip.dsfield', `0x${hexN(tos, 2)}`, at + 1, 1, { children: tosParts }));
    dig.need(at + 2, 2, end);
    const told = be16(b, at + 2);
    const total = told === 0 ? end - at : told; // 0: a segment that the card was to cut (TSO)
    const bogus = told !== 0 && told < size;
    const beyond = total > end - at;
    const wrong = bogus ? 'less than the header' : beyond ? `exceeds the packet's ${end - at} bytes` : undefined;
    dig.add(field('ip.len', total, at + 2, 2, { wrong, note: told ? undefined : 'reported as 0' }));
    if (bogus) return;
    const stop = Math.min(end, at + total);
    if (!dig.quoted) dig.claimed = stop;
    const step = (o: number, n: number) => dig.need(at + o, n, stop);
    step(4, 2);
    dig.add(field('ip.id', `0x${hexN(be16(b, at + 4), 4)}`, at + 4, 2, { note: String(be16(b, at + 4)) }));
    step(6, 2);
    const frag = be16(b, at + 6);
    flags(dig, at + 6, frag);
    step(8, 1);
    dig.add(field('ip.ttl', u8(b, at + 8), at + 8, 1));
    step(9, 1);
    const proto = u8(b, at + 9);
    dig.add(field('ip.proto', proto, at + 9, 1, { note: IP_PROTO[proto] }));
    step(10, 2);
    checksum(dig, at, size);
    step(12, 4);
    dig.add(field('ip.src', text(b, at + 12), at + 12, 4));
    step(16, 4);
    // with a source route, the address in the header is only the next stop
    const last = finalHop(b, at, size);
    if (last !== at + 16) dig.add(field('ip.cur_rt', text(b, at + 16), at + 16, 4));
    dig.add(field('ip.dst', text(b, last), last, 4));
    node.note = `${text(b, at + 12)} > ${text(b, last)}`;
    if (size > 20) {
      step(20, size - 20);
      options(dig, at + 20, at + size);
    }
    after = () => {
      dig.pseudo = { src: at + 12, dst: last, size: 4 };
      dig.fragment = (frag & 0x3fff) !== 0;
      if (frag & 0x1fff || !next(dig, proto, at + size, stop)) data(dig, at + size, stop);
    };
  });
  after();
}

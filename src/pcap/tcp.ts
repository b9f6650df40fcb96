// TCP (RFC 9293): header, flags, options (MSS, window scale, SACK, timestamps: RFC 7323, RFC 2018), checksum.
import { be16, be32, hexBytes, hexN, pseudoSum, shouldBe, sum16, u8 } from './bytes.ts';
import { data } from './ether.ts';
import { bit, type Dig, field } from './field.ts';
import { TCP_FLAGS } from './names.ts';

interface Known {
  name: string;
  /** Its right length; 0: it varies. */
  length: number;
}
const OPTION: Record<number, Known> = {
  0: { name: 'eol', length: 1 },
  1: { name: 'nop', length: 1 },
  2: { name: 'mss', length: 4 },
  3: { name: 'wscale', length: 3 },
  4: { name: 'sack_perm', length: 2 },
  5: { name: 'sack', length: 0 },
  8: { name: 'timestamp', length: 10 },
};

function inside(dig: Dig, kind: number, at: number, length: number): void {
  const b = dig.bytes;
  if (kind === 2) dig.add(field('tcp.options.mss_val', be16(b, at + 2), at + 2, 2));
  if (kind === 3) {
    const shift = u8(b, at + 2);
    dig.add(field('tcp.options.wscale.shift', shift, at + 2, 1));
    dig.add(field('tcp.options.wscale.multiplier', 2 ** Math.min(shift, 14), at + 2, 1));
  }
  if (kind === 5) {
    for (let o = at + 2; o + 8 <= at + length; o += 8) {
      dig.add(field('tcp.options.sack_le', be32(b, o), o, 4));
      dig.add(field('tcp.options.sack_re', be32(b, o + 4), o + 4, 4));
    }
    dig.add(field('tcp.options.sack.count', Math.floor((length - 2) / 8), at, 0));
  }
  if (kind === 8) {
    dig.add(field('tcp.options.timestamp.tsval', be32(b, at + 2), at + 2, 4));
    dig.add(field('tcp.options.timestamp.tsecr', be32(b, at + 6), at + 6, 4));
  }
}

function options(dig: Dig, from: number, end: number): void {
  const b = dig.bytes;
  dig.group(field('tcp.options', hexBytes(b, from, end, ':'), from, end - from), () => {
    let at = from;
    while (at < end) {
      const start = at,
        kind = u8(b, start),
        known = OPTION[kind];
      const single = kind < 2;
      const told = single ? 1 : start + 1 < end ? u8(b, start + 1) : 0;
      const fits = single || (told >= 2 && start + told <= end);
      const right = fits && (!known || (known.length ? known.length === told : told >= 10 && (told - 2) % 8 === 0));
      const length = fits ? told : end - start;
      at += length;
      const value = hexBytes(b, start, start + length, ':');
      if (!right) {
        dig.add(field('tcp.option.len.invalid', value, start, length, { note: known?.name, wrong: `a length of ${told} does not fit` }));
        if (fits) continue;
        return;
      }
      dig.group(field(`tcp.options.${known?.name ?? 'unknown'}`, value, start, length), () => {
        dig.add(field('tcp.option_kind', kind, start, 1));
        if (!single && start + 1 < end) dig.add(field('tcp.option_len', told, start + 1, 1));
        inside(dig, kind, start, length);
        if (!known && length > 2)
          dig.add(field('tcp.options.unknown.payload', hexBytes(b, start + 2, start + length, ':'), start + 2, length - 2));
      });
      if (kind === 0) return;
    }
  });
}

function flags(dig: Dig, at: number): void {
  const word = be16(dig.bytes, at) & 0xfff;
  const names = TCP_FLAGS.filter((_, i) => word & (1 << i)).map(([name]) =>
    name === 'reset' ? 'RST' : name === 'push' ? 'PSH' : name.toUpperCase(),
  );
  const children = [bit('tcp.flags.res', word, 0xe00, at)];
  for (let i = 8; i >= 0; i--) {
    const [name] = TCP_FLAGS[i] ?? ['', ''];
    // the ninth bit (AE) is in the first byte, with its neighbour CWR counted as both
    children.push(bit(`tcp.flags.${name}`, word, 1 << i, i === 8 ? at : at + 1));
  }
  dig.add(field('tcp.flags', `0x${hexN(word, 4)}`, at, 2, { note: names.join(', ') || 'none', children }));
}

export function tcp(dig: Dig, at: number, end: number): void {
  const b = dig.bytes;
  let from = -1;
  dig.layer('tcp', 'tcp', at, 20, (node) => {
    dig.need(at, 2, end);
    dig.add(field('tcp.srcport', be16(b, at), at, 2));
    dig.need(at, 4, end);
    dig.add(field('tcp.dstport', be16(b, at + 2), at + 2, 2));
    node.note = `${be16(b, at)} > ${be16(b, at + 2)}`;
    dig.need(at, 16, end);
    const size = (u8(b, at + 12) >> 4) * 4,
      length = end - at;
    if (size > length) dig.add(field('tcp.hdr_len', size, at + 12, 1, { wrong: `longer than the segment's ${length} bytes` }));
    else if (!dig.quoted) dig.add(field('tcp.len', length - size, at, 0));
    dig.add(field(dig.quoted ? 'tcp.seq' : 'tcp.seq_raw', be32(b, at + 4), at + 4, 4));
    if (size > length) return;
    dig.add(field('tcp.hdr_len', size, at + 12, 1, { wrong: size < 20 ? 'at least 20' : undefined }));
    if (size < 20) return;
    dig.add(field('tcp.ack_raw', be32(b, at + 8), at + 8, 4));
    node.length = size;
    dig.need(at, 14, end);
    flags(dig, at + 12);
    dig.need(at, 16, end);
    dig.add(field('tcp.window_size_value', be16(b, at + 14), at + 14, 2));
    dig.need(at, 18, end);
    const c = be16(b, at + 16),
      p = dig.pseudo;
    const whole = p !== undefined && end <= b.length && !dig.fragment;
    const sum = whole ? sum16(b, at, end, pseudoSum(b, p.src, p.dst, p.size, 6, length)) : 0xffff,
      good = sum === 0xffff;
    const wrong = good ? undefined : `should be 0x${hexN(shouldBe(c, sum), 4)}`;
    const note = whole ? (good ? 'correct' : 'incorrect') : 'not verified';
    dig.add(field('tcp.checksum', `0x${hexN(c, 4)}`, at + 16, 2, { note, wrong }));
    dig.add(field('tcp.checksum.status', whole ? (good ? 1 : 0) : 2, at + 16, 0, { note, wrong }));
    dig.need(at, 20, end);
    dig.add(field('tcp.urgent_pointer', be16(b, at + 18), at + 18, 2));
    if (size > 20) {
      dig.need(at + 20, size - 20, end);
      options(dig, at + 20, at + size);
    }
    from = at + size;
    const to = dig.until(end);
    const reset = (u8(b, at + 13) & 4) !== 0; // what is behind a reset is its cause in words
    if (to > from && !reset) dig.add(field('tcp.payload', hexBytes(b, from, to, ':'), from, to - from));
  });
  if (from >= 0) data(dig, from, end);
}

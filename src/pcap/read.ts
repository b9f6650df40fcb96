// Reads capture files: pcapng with several sections, and the classic format. Nothing in a file is believed: each length is
// checked before it is used, packets are views of the input, and what is wrong ends in a BadCapture with its offset.
// Mirrors savefile.c, sf-pcap.c and sf-pcapng.c of libpcap, whose words the messages use.
import {
  BadCapture,
  BLOCK_EPB,
  BLOCK_IDB,
  BLOCK_ISB,
  BLOCK_PB,
  BLOCK_SHB,
  BLOCK_SPB,
  BYTE_ORDER_MAGIC,
  type Capture,
  type CapturedPacket,
  type CaptureInterface,
  EPB_DROPCOUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  ISB_IFDROP,
  ISB_IFRECV,
  MAGIC_NSEC,
  MAGIC_USEC,
  OPT_COMMENT,
  OPT_END,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
  type Stamp,
} from './capture.ts';

const utf8 = new TextDecoder();
const MAX_SNAPLEN = 262144; // libpcap's MAXIMUM_SNAPLEN
const pad4 = (n: number) => Math.ceil(n / 4) * 4;

/** The input with a byte order. */
class Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  little = true;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get size(): number {
    return this.bytes.length;
  }
  u16(o: number): number {
    return this.view.getUint16(o, this.little);
  }
  u32(o: number): number {
    return this.view.getUint32(o, this.little);
  }
  u64(o: number): number {
    const [hi, lo] = this.little ? [o + 4, o] : [o, o + 4];
    return this.u32(hi) * 4294967296 + this.u32(lo);
  }
}

interface Option {
  code: number;
  at: number;
  length: number;
}

/** Options of [from, to). One that reaches past the block is an error; so is a rest too short for a header. */
function* options(s: Source, from: number, to: number): Generator<Option> {
  let at = from;
  while (at < to) {
    if (to - at < 4) throw new BadCapture('option list of a block is cut off', at);
    const code = s.u16(at),
      length = s.u16(at + 2);
    if (code === OPT_END) return;
    if (at + 4 + length > to) throw new BadCapture(`option ${code} has a length of ${length}, the block has ${to - at - 4} bytes left`, at);
    yield { code, at: at + 4, length };
    at += 4 + pad4(length);
  }
}

const textOf = (s: Source, o: Option) => utf8.decode(s.bytes.subarray(o.at, o.at + o.length)).replace(/\0+$/, '');

function need(o: Option, length: number, what: string): void {
  if (o.length !== length) throw new BadCapture(`${what} option has a length of ${o.length}, not ${length}`, o.at - 4);
}

/** A 64-bit count of units of if_tsresol (10^-n, or 2^-n with the high bit), as seconds and nanoseconds. */
function stamp(hi: number, lo: number, iface: CaptureInterface): Stamp {
  const n = iface.tsresol & 127;
  if (iface.tsresol === 6 || iface.tsresol === 9) {
    const unit = iface.tsresol === 6 ? 1_000_000n : 1_000_000_000n;
    const t = (BigInt(hi) << 32n) | BigInt(lo);
    return { sec: Number(t / unit) + iface.tsoffset, nsec: Number(t % unit) * (iface.tsresol === 6 ? 1000 : 1) };
  }
  const unit = iface.tsresol & 128 ? 1n << BigInt(n) : 10n ** BigInt(n);
  const t = (BigInt(hi) << 32n) | BigInt(lo);
  return { sec: Number(t / unit) + iface.tsoffset, nsec: Number(((t % unit) * 1_000_000_000n) / unit) };
}

class PcapngReader {
  readonly s: Source;
  readonly capture: Capture;
  /** Index of the section's first interface: numbers begin again in each section. */
  #base = 0;

  constructor(s: Source, capture: Capture) {
    this.s = s;
    this.capture = capture;
  }

  run(): void {
    const { s } = this;
    let at = 0;
    while (at < s.size) {
      if (s.size - at < 8) throw new BadCapture(`truncated pcapng dump file; tried to read 8 bytes, only got ${s.size - at}`, at);
      if (s.view.getUint32(at, true) === BLOCK_SHB) this.#order(at);
      const type = s.u32(at),
        total = s.u32(at + 4);
      if (total < 12) throw new BadCapture(`block in pcapng dump file has a length of ${total} < 12`, at + 4);
      if (total % 4) throw new BadCapture(`block in pcapng dump file has a length of ${total} that is not a multiple of 4`, at + 4);
      if (total > s.size - at)
        throw new BadCapture(`truncated pcapng dump file; tried to read ${total} bytes, only got ${s.size - at}`, at + 4);
      const trailer = s.u32(at + total - 4);
      if (trailer !== total) throw new BadCapture(`block total length ${total} does not match its trailer, ${trailer}`, at + total - 4);
      this.#block(type, at, at + 8, at + total - 4);
      at += total;
    }
  }

  #order(at: number): void {
    if (this.s.size - at < 12) throw new BadCapture('truncated pcapng dump file; the section header is cut off', at);
    const magic = this.s.view.getUint32(at + 8, true);
    if (magic === BYTE_ORDER_MAGIC) this.s.little = true;
    else if (this.s.view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) this.s.little = false;
    else throw new BadCapture('section header has no byte-order magic', at + 8);
  }

  #block(type: number, at: number, from: number, to: number): void {
    switch (type) {
      case BLOCK_SHB:
        this.#section(at, from, to);
        return;
      case BLOCK_IDB:
        this.#interface(from, to);
        return;
      case BLOCK_EPB:
        this.#packet(at, from, to, false);
        return;
      case BLOCK_PB:
        this.#packet(at, from, to, true);
        return;
      case BLOCK_SPB:
        this.#simple(at, from, to);
        return;
      case BLOCK_ISB:
        this.#statistics(at, from, to);
        return;
      default:
        this.capture.skipped++;
    }
  }

  #room(what: string, from: number, to: number, bytes: number): void {
    if (to - from < bytes) throw new BadCapture(`${what} block has ${to - from} bytes, fewer than ${bytes}`, from);
  }

  #section(at: number, from: number, to: number): void {
    this.#room('section header', from, to, 16);
    const major = this.s.u16(from + 4);
    if (major !== 1) throw new BadCapture(`unsupported pcapng savefile version ${major}.${this.s.u16(from + 6)}`, from + 4);
    const section: Capture['sections'][number] = { comments: [], bigEndian: !this.s.little, offset: at };
    for (const o of options(this.s, from + 16, to)) {
      if (o.code === OPT_COMMENT) section.comments.push(textOf(this.s, o));
      if (o.code === SHB_HARDWARE) section.hardware = textOf(this.s, o);
      if (o.code === SHB_OS) section.os = textOf(this.s, o);
      if (o.code === SHB_USERAPPL) section.application = textOf(this.s, o);
    }
    if (this.capture.sections.length === 0) this.capture.bigEndian = section.bigEndian;
    this.capture.sections.push(section);
    this.#base = this.capture.interfaces.length;
  }

  #interface(from: number, to: number): void {
    const { s } = this;
    this.#room('interface description', from, to, 8);
    const iface: CaptureInterface = {
      section: this.capture.sections.length - 1,
      linktype: s.u16(from),
      snaplen: s.u32(from + 4),
      comments: [],
      tsresol: 6,
      tsoffset: 0,
    };
    for (const o of options(s, from + 8, to)) {
      if (o.code === OPT_COMMENT) iface.comments.push(textOf(s, o));
      if (o.code === IF_NAME) iface.name = textOf(s, o);
      if (o.code === IF_DESCRIPTION) iface.description = textOf(s, o);
      if (o.code === IF_TSRESOL) {
        need(o, 1, 'if_tsresol');
        iface.tsresol = s.bytes[o.at] ?? 6;
      }
      if (o.code === IF_TSOFFSET) {
        need(o, 8, 'if_tsoffset');
        iface.tsoffset = Number(s.view.getBigInt64(o.at, s.little));
      }
    }
    this.capture.interfaces.push(iface);
  }

  #iface(number: number, at: number): CaptureInterface {
    const iface = this.capture.interfaces[this.#base + number];
    if (!iface) throw new BadCapture(`a packet arrived on interface ${number}, but there's no Interface Description Block for it`, at);
    return iface;
  }

  #packet(at: number, from: number, to: number, old: boolean): void {
    const { s } = this;
    this.#room('packet', from, to, 20);
    const number = old ? s.u16(from) : s.u32(from),
      iface = this.#iface(number, from),
      caplen = s.u32(from + 12),
      len = s.u32(from + 16);
    const data = this.#data(from + 20, to, caplen);
    const p: CapturedPacket = {
      iface: this.#base + number,
      ts: stamp(s.u32(from + 4), s.u32(from + 8), iface),
      len,
      data,
      comments: [],
      offset: at,
    };
    for (const o of options(s, from + 20 + pad4(caplen), to)) {
      if (o.code === OPT_COMMENT) p.comments.push(textOf(s, o));
      if (o.code === EPB_FLAGS) {
        need(o, 4, 'epb_flags');
        const way = s.u32(o.at) & 3;
        if (way === 1) p.direction = 'in';
        if (way === 2) p.direction = 'out';
      }
      if (o.code === EPB_DROPCOUNT && !old) {
        need(o, 8, 'epb_dropcount');
        p.dropped = s.u64(o.at);
      }
    }
    this.capture.packets.push(p);
  }

  #data(from: number, to: number, caplen: number): Uint8Array {
    if (caplen > to - from) throw new BadCapture(`packet has ${caplen} captured bytes, its block has room for ${to - from}`, from);
    return this.s.bytes.subarray(from, from + caplen);
  }

  #simple(at: number, from: number, to: number): void {
    this.#room('simple packet', from, to, 4);
    const iface = this.#iface(0, from),
      len = this.s.u32(from),
      caplen = Math.min(len, iface.snaplen || len);
    const data = this.#data(from + 4, to, caplen);
    this.capture.packets.push({ iface: this.#base, len, data, comments: [], offset: at });
  }

  #statistics(at: number, from: number, to: number): void {
    this.#room('interface statistics', from, to, 12);
    const iface = this.#iface(this.s.u32(from), at);
    const stats: NonNullable<CaptureInterface['stats']> = {};
    for (const o of options(this.s, from + 12, to)) {
      if (o.code === ISB_IFRECV || o.code === ISB_IFDROP) need(o, 8, 'statistics');
      if (o.code === ISB_IFRECV) stats.received = this.s.u64(o.at);
      if (o.code === ISB_IFDROP) stats.dropped = this.s.u64(o.at);
    }
    iface.stats = stats;
  }
}

function readClassic(s: Source, capture: Capture): void {
  if (s.size < 24) throw new BadCapture(`truncated dump file; tried to read 24 file header bytes, only got ${s.size}`, 0);
  const magic = s.u32(0);
  const [major, minor] = [s.u16(4), s.u16(6)];
  if (major !== 2) throw new BadCapture(`unsupported pcap savefile version ${major}.${minor}`, 4);
  const nano = magic === MAGIC_NSEC;
  const iface: CaptureInterface = {
    section: 0,
    linktype: s.u32(20) & 0x03ffffff, // above: length of the frame check sequence
    snaplen: s.u32(16),
    comments: [],
    tsresol: nano ? 9 : 6,
    tsoffset: 0,
  };
  capture.interfaces.push(iface);
  capture.sections.push({ comments: [], bigEndian: !s.little, offset: 0 });
  const most = Math.max(MAX_SNAPLEN, iface.snaplen);
  let at = 24;
  while (at < s.size) {
    if (s.size - at < 16) throw new BadCapture(`truncated dump file; tried to read 16 header bytes, only got ${s.size - at}`, at);
    const caplen = s.u32(at + 8),
      left = s.size - at - 16;
    if (caplen > most) throw new BadCapture(`invalid packet capture length ${caplen}, bigger than snaplen of ${iface.snaplen}`, at + 8);
    if (caplen > left) throw new BadCapture(`truncated dump file; tried to read ${caplen} captured bytes, only got ${left}`, at + 16);
    const fraction = s.u32(at + 4) * (nano ? 1 : 1000);
    const ts = { sec: s.u32(at) + Math.floor(fraction / 1e9), nsec: fraction % 1e9 };
    capture.packets.push({
      iface: 0,
      ts,
      len: s.u32(at + 12),
      data: s.bytes.subarray(at + 16, at + 16 + caplen),
      comments: [],
      offset: at,
    });
    at += 16 + caplen;
  }
}

/** Everything up to the first fault, and the fault: a file cut off in its last packet still has the others. */
export function readCaptureSoFar(bytes: Uint8Array): { capture: Capture; error?: BadCapture } {
  const s = new Source(bytes);
  const capture: Capture = { format: 'pcap', bigEndian: false, sections: [], interfaces: [], packets: [], skipped: 0 };
  try {
    if (s.size < 4) throw new BadCapture(`truncated dump file; tried to read 4 file header bytes, only got ${s.size}`, 0);
    const magic = s.view.getUint32(0, true),
      swapped = s.view.getUint32(0, false);
    if (magic === BLOCK_SHB) {
      capture.format = 'pcapng';
      new PcapngReader(s, capture).run();
    } else if ([MAGIC_USEC, MAGIC_NSEC].includes(magic) || [MAGIC_USEC, MAGIC_NSEC].includes(swapped)) {
      s.little = [MAGIC_USEC, MAGIC_NSEC].includes(magic);
      capture.bigEndian = !s.little;
      readClassic(s, capture);
    } else throw new BadCapture('unknown file format', 0);
  } catch (error) {
    if (error instanceof BadCapture) return { capture, error };
    throw error;
  }
  return { capture };
}

/** The whole file, or a BadCapture. */
export function readCapture(bytes: Uint8Array): Capture {
  const { capture, error } = readCaptureSoFar(bytes);
  if (error) throw error;
  return capture;
}

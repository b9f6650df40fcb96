// Capture files, written piece by piece: a header, then one call for each interface and each packet, whose results are
// joined in that order. Mirrors pcapng (draft-ietf-opsawg-pcapng) and the classic format (draft-ietf-opsawg-pcap).
import {
  BLOCK_EPB,
  BLOCK_IDB,
  BLOCK_ISB,
  BLOCK_SHB,
  BYTE_ORDER_MAGIC,
  type Direction,
  EPB_DROPCOUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSRESOL,
  ISB_ENDTIME,
  ISB_IFDROP,
  ISB_IFRECV,
  LINKTYPE_ETHERNET,
  MAGIC_NSEC,
  MAGIC_USEC,
  OPT_COMMENT,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
  type Stamp,
} from './capture.ts';

export interface ByteOrder {
  bigEndian?: boolean;
}

export interface SectionText extends ByteOrder {
  hardware?: string;
  os?: string;
  application?: string;
  comment?: string;
}

export interface InterfaceText extends ByteOrder {
  name?: string;
  description?: string;
  linktype?: number;
  /** 0, the default: no limit. */
  snaplen?: number;
  comment?: string;
}

export interface PacketToWrite extends ByteOrder {
  /** Which interface, in the order they were written to this section; 0 is the first. */
  iface?: number;
  ts: Stamp;
  data: Uint8Array;
  /** Length on the wire, when `data` is less than all of it. */
  len?: number;
  comment?: string;
  comments?: readonly string[];
  direction?: Direction;
  dropped?: number;
}

export interface ClassicOptions extends ByteOrder {
  nanoseconds?: boolean;
  snaplen?: number;
  linktype?: number;
}

const utf8 = new TextEncoder();
const pad4 = (n: number) => (n + 3) & ~3;

/** An option's text in UTF-8, cut at a whole character where it would not fit its 16-bit length. */
function text(s: string): Uint8Array {
  const all = utf8.encode(s);
  if (all.length <= 0xffff) return all;
  let end = 0xffff;
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end--;
  return all.subarray(0, end);
}

class Block {
  readonly parts: Uint8Array[] = [];
  readonly little: boolean;
  #size = 0;

  constructor(order: ByteOrder) {
    this.little = !order.bigEndian;
  }
  raw(b: Uint8Array): this {
    const padded = new Uint8Array(pad4(b.length));
    padded.set(b);
    this.parts.push(padded);
    this.#size += padded.length;
    return this;
  }
  u32(...values: number[]): this {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((v, i) => {
      view.setUint32(4 * i, v, this.little);
    });
    return this.raw(new Uint8Array(view.buffer));
  }
  halves(a: number, b: number): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint16(0, a, this.little);
    view.setUint16(2, b, this.little);
    return this.raw(new Uint8Array(view.buffer));
  }
  option(code: number, value: Uint8Array | string | undefined): this {
    if (value === undefined) return this;
    const bytes = typeof value === 'string' ? text(value) : value;
    return this.halves(code, bytes.length).raw(bytes);
  }
  word(code: number, value: number | undefined): this {
    return value === undefined ? this : this.halves(code, 4).u32(value);
  }
  /** A 64-bit option or time: two words, in the section's order as one number. */
  long(code: number, value: number | undefined): this {
    if (value === undefined) return this;
    const hi = Math.floor(value / 4294967296);
    return this.halves(code, 8).u32(...(this.little ? [value >>> 0, hi] : [hi, value >>> 0]));
  }
  /** Ends the options, if there are any, and closes the block. */
  end(type: number, before: number): Uint8Array {
    if (this.#size > before) this.u32(0);
    const total = this.#size + 12;
    const out = new Uint8Array(total);
    const view = new DataView(out.buffer);
    view.setUint32(0, type, this.little);
    view.setUint32(4, total, this.little);
    let at = 8;
    for (const p of this.parts) {
      out.set(p, at);
      at += p.length;
    }
    view.setUint32(at, total, this.little);
    return out;
  }
  get size(): number {
    return this.#size;
  }
}

/** A time in nanoseconds as two words, the high one first. */
function ticks(ts: Stamp): [number, number] {
  const ns = BigInt(Math.floor(ts.sec)) * 1_000_000_000n + BigInt(Math.floor(ts.nsec));
  return [Number((ns >> 32n) & 0xffffffffn), Number(ns & 0xffffffffn)];
}

/** Section Header Block: the beginning of a pcapng file, or of another section in it. */
export function pcapngHeader(o: SectionText = {}): Uint8Array {
  const b = new Block(o).u32(BYTE_ORDER_MAGIC);
  b.halves(1, 0).u32(0xffffffff, 0xffffffff); // version 1.0, length of the section not given
  const fixed = b.size;
  b.option(OPT_COMMENT, o.comment).option(SHB_HARDWARE, o.hardware).option(SHB_OS, o.os).option(SHB_USERAPPL, o.application);
  return b.end(BLOCK_SHB, fixed);
}

/** Interface Description Block; times are in nanoseconds. */
export function pcapngInterface(o: InterfaceText = {}): Uint8Array {
  const b = new Block(o).halves(o.linktype ?? LINKTYPE_ETHERNET, 0).u32(o.snaplen ?? 0);
  const fixed = b.size;
  b.option(OPT_COMMENT, o.comment).option(IF_NAME, o.name).option(IF_DESCRIPTION, o.description);
  b.option(IF_TSRESOL, Uint8Array.of(9));
  return b.end(BLOCK_IDB, fixed);
}

/** Enhanced Packet Block. */
export function pcapngPacket(p: PacketToWrite): Uint8Array {
  const b = new Block(p).u32(p.iface ?? 0, ...ticks(p.ts), p.data.length, p.len ?? p.data.length).raw(p.data);
  const fixed = b.size;
  for (const c of [...(p.comment === undefined ? [] : [p.comment]), ...(p.comments ?? [])]) b.option(OPT_COMMENT, c);
  if (p.direction) b.word(EPB_FLAGS, p.direction === 'in' ? 1 : 2);
  b.long(EPB_DROPCOUNT, p.dropped);
  return b.end(BLOCK_EPB, fixed);
}

/** Interface Statistics Block: what an interface counted, usually at the end. */
export function pcapngStatistics(o: ByteOrder & { iface?: number; ts: Stamp; received?: number; dropped?: number }): Uint8Array {
  const time = ticks(o.ts);
  const b = new Block(o).u32(o.iface ?? 0, ...time);
  const fixed = b.size;
  b.halves(ISB_ENDTIME, 8).u32(...time);
  b.long(ISB_IFRECV, o.received).long(ISB_IFDROP, o.dropped);
  return b.end(BLOCK_ISB, fixed);
}

/** The 24 bytes at the beginning of a classic file. */
export function pcapHeader(o: ClassicOptions = {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  const little = !o.bigEndian;
  view.setUint32(0, o.nanoseconds ? MAGIC_NSEC : MAGIC_USEC, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, o.snaplen ?? 262144, little);
  view.setUint32(20, o.linktype ?? LINKTYPE_ETHERNET, little);
  return new Uint8Array(view.buffer);
}

/** One record of a classic file; the options must be those of its header. */
export function pcapPacket(p: { ts: Stamp; data: Uint8Array; len?: number }, o: ClassicOptions = {}): Uint8Array {
  const out = new Uint8Array(16 + p.data.length);
  const view = new DataView(out.buffer);
  const little = !o.bigEndian;
  view.setUint32(0, p.ts.sec, little);
  view.setUint32(4, o.nanoseconds ? p.ts.nsec : Math.floor(p.ts.nsec / 1000), little);
  view.setUint32(8, p.data.length, little);
  view.setUint32(12, p.len ?? p.data.length, little);
  out.set(p.data, 16);
  return out;
}

/** The pieces as one file. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

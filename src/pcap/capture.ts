// What a capture file holds, whatever its format: interfaces, packets, times. Numbers of the formats are here too.
// pcapng is draft-ietf-opsawg-pcapng, the classic format draft-ietf-opsawg-pcap.

export const LINKTYPE_ETHERNET = 1;

export const BLOCK_SHB = 0x0a0d0d0a;
export const BLOCK_IDB = 1;
export const BLOCK_PB = 2; // obsolete Packet Block
export const BLOCK_SPB = 3;
export const BLOCK_ISB = 5;
export const BLOCK_EPB = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const MAGIC_USEC = 0xa1b2c3d4;
export const MAGIC_NSEC = 0xa1b23c4d;

export const OPT_END = 0;
export const OPT_COMMENT = 1;
export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const ISB_STARTTIME = 2;
export const ISB_ENDTIME = 3;
export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;

/** Seconds and nanoseconds: as one number, nanoseconds since 1970 would not fit. */
export interface Stamp {
  sec: number;
  nsec: number;
}

export type Direction = 'in' | 'out';

export interface CaptureInterface {
  /** Which section of the file described it; 0 is the first. */
  section: number;
  linktype: number;
  /** 0: no limit. */
  snaplen: number;
  name?: string;
  description?: string;
  comments: string[];
  /** The byte of if_tsresol: a power of ten, or of two with the high bit. */
  tsresol: number;
  /** Seconds added to each time. */
  tsoffset: number;
  /** The last Interface Statistics Block, if there was one. */
  stats?: { received?: number; dropped?: number };
}

export interface CapturedPacket {
  /** Index in `Capture.interfaces`. */
  iface: number;
  /** A Simple Packet Block has none. */
  ts?: Stamp;
  /** Length on the wire; `data` may be shorter. */
  len: number;
  /** A view of the input, not a copy. */
  data: Uint8Array;
  comments: string[];
  direction?: Direction;
  /** epb_dropcount: packets lost since the one before. */
  dropped?: number;
  /** Where its block or record begins in the file. */
  offset: number;
}

export interface Capture {
  format: 'pcapng' | 'pcap';
  /** Of the first section. */
  bigEndian: boolean;
  sections: { hardware?: string; os?: string; application?: string; comments: string[]; bigEndian: boolean; offset: number }[];
  interfaces: CaptureInterface[];
  packets: CapturedPacket[];
  /** Blocks of kinds not read here. */
  skipped: number;
}

/** The only error of reading. `message` has the offset in it, and libpcap's words where it has some. */
export class BadCapture extends Error {
  readonly offset: number;
  constructor(what: string, offset: number) {
    super(`${what} (at byte ${offset})`);
    this.name = 'BadCapture';
    this.offset = offset;
  }
}

export const stampOfNs = (ns: number): Stamp => ({ sec: Math.floor(ns / 1e9), nsec: Math.floor(ns % 1e9) });

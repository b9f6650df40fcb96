// What the page asks of one slot and gets: its 16 bytes (facts netmap 1.2), the buffer that they name, the packet's bytes
// as fields. Plain data; read from memory at the moment of the question.

/** A field of a dissected packet; offsets are of the packet, which may lie in several slots' buffers. */
export interface SlotField {
  name: string;
  value: string;
  offset: number;
  length: number;
  note?: string;
  wrong?: string;
  children: SlotField[];
}

/** The netmap memory that the ring lies in: three pools behind each other (facts netmap 1.12). */
export interface SlotRegion {
  id: number;
  size: number;
  /** Where it begins: in the machine's memory, and for the guest (0: no guest sees it). */
  host: number;
  guest: number;
  pools: { name: string; offset: number; size: number }[];
  ring: number;
  bufOfs: number;
  bufSize: number;
  buffers: number;
}

/** A packet: the slots that it lies in, in order, and what its bytes say. */
export interface SlotPacket {
  slots: number[];
  /** Where this slot's bytes begin in the packet, and the packet's length. */
  from: number;
  length: number;
  /** More slots belong to it than are shown, or its last one has not come. */
  open: boolean;
  /** Bytes of virtio's header that stand before the frame. */
  header: number;
  fields: SlotField[];
  /** As tcpdump says it. */
  line: string;
}

export interface SlotView {
  ring: string;
  slot: number;
  step: number;
  /** False: the machine ran meanwhile, and these bytes need not have stood together at any moment. */
  exact: boolean;
  addr: number;
  bytes: number[];
  bufIdx: number;
  len: number;
  flags: number;
  /** Bits of `flags` by their names; above them the number of slots of a packet that VALE delivered. */
  flagNames: string[];
  fragments: number;
  ptr: string;
  region: SlotRegion;
  /** Why there is no buffer to show, or why it is not the packet. */
  wrong: string;
  /** The buffer's place in the region, and its first `len` bytes; without one, buf_idx names none. */
  buffer?: { offset: number; bytes: number[] };
  packet?: SlotPacket;
}

/** Where a buffer was, newest first. */
export interface LifeView {
  buf: number;
  stages: { step: number; ring: string; slot: number; owner: 'guest' | 'host'; words: string }[];
  cut: boolean;
}

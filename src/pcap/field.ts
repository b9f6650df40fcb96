// The tree of fields that a dissection gives, and what the layers share while they build it. Names are Wireshark's filter
// names, values as tshark prints them; offsets are of the frame, so that a hex dump beside the tree can be marked.

export interface Field {
  /** Wireshark's filter name: `ip.src`. */
  name: string;
  value: string;
  /** Bytes of the frame: first, and how many (0 for what is computed from others). */
  offset: number;
  length: number;
  /** What the value means, where it is a number with a name. */
  note?: string;
  /** Why it is wrong, if it is. */
  wrong?: string;
  children: Field[];
}

/** The frame ended before its fields did: `short` was cut by the capture, `malformed` by the frame's own lengths. */
export class Cut extends Error {
  readonly how: 'short' | 'malformed';
  constructor(how: 'short' | 'malformed') {
    super(how);
    this.how = how;
  }
}

export interface More {
  note?: string | undefined;
  wrong?: string | undefined;
  children?: Field[];
}

export function field(name: string, value: string | number, offset: number, length: number, more: More = {}): Field {
  const f: Field = { name, value: String(value), offset, length, children: more.children ?? [] };
  if (more.note) f.note = more.note;
  if (more.wrong) f.wrong = more.wrong;
  return f;
}

/** How a layer calls the next, by the number in its header; answers false for one it does not know. */
export type Next = (dig: Dig, number: number, at: number, end: number) => boolean;

/** One dissection under way. */
export class Dig {
  readonly bytes: Uint8Array;
  /** Length on the wire; at least that of `bytes`. */
  readonly len: number;
  readonly fields: Field[] = [];
  readonly protocols: string[] = [];
  /** The protocol at hand in tcpdump's words, for a mark like [|ip]. */
  proto = 'ether';
  /** Where the payload of the link layer ends, once its own header has said so; padding is behind. */
  claimed = -1;
  /** Where the addresses lie that a checksum covers. */
  pseudo: { src: number; dst: number; size: 4 | 16 } | undefined;
  /** Inside the packet that an ICMP error quotes. */
  quoted = 0;
  /** A fragment, or the first of several: checksums over the whole cannot be verified. */
  fragment = false;
  /** The innermost VLAN tag: what lies behind the payload is shown there. */
  tail: Field | undefined;
  #into: Field[] = this.fields;

  constructor(bytes: Uint8Array, len: number) {
    this.bytes = bytes;
    this.len = Math.max(len, bytes.length);
  }
  /** `n` bytes at `at` are there and belong to what ends at `end`, or the layer ends here. */
  need(at: number, n: number, end: number): void {
    if (at + n > end) throw new Cut('malformed');
    if (at + n > this.bytes.length) throw new Cut('short');
  }
  /** The last byte before `end` that was captured, plus one. */
  until(end: number): number {
    return Math.max(0, Math.min(end, this.bytes.length));
  }
  add(f: Field): Field {
    this.#into.push(f);
    return f;
  }
  /** A protocol's own node; what is added inside `body` becomes its child, even if it ends in a Cut. */
  layer(name: string, proto: string, at: number, length: number, body: (node: Field) => void): void {
    const before = this.#into,
      outer = this.proto;
    const node = this.add(field(name, '', at, length));
    this.protocols.push(name);
    this.#into = node.children;
    this.proto = proto;
    try {
      body(node);
    } catch (cut) {
      // length of a cut layer: what is left of the capture
      node.length = Math.max(0, Math.min(node.length, this.bytes.length - at));
      if (node.children.length === 0) {
        before.pop();
        this.protocols.pop();
      }
      throw cut;
    } finally {
      this.#into = before;
    }
    this.proto = outer;
  }
  /** A child of a layer that has children of its own and is no protocol. */
  group(f: Field, body: () => void): Field {
    const before = this.#into;
    this.add(f);
    this.#into = f.children;
    try {
      body();
    } finally {
      this.#into = before;
    }
    return f;
  }
  /** Goes on adding to a node that was made before. */
  within(node: Field, body: () => void): void {
    const before = this.#into;
    this.#into = node.children;
    body();
    this.#into = before;
  }
  /** Runs a layer; where it is cut, a node says so and the rest goes on. */
  guarded(body: () => void): boolean {
    const into = this.#into;
    try {
      body();
      return true;
    } catch (cut) {
      if (!(cut instanceof Cut)) throw cut;
      this.#into = into;
      const why = cut.how === 'short' ? 'the capture has no more of this packet' : 'the packet ends before this protocol does';
      this.add(field(`_ws.${cut.how}`, `[|${this.proto}]`, this.until(this.len), 0, { wrong: why }));
      return false;
    }
  }
}

/** Bits of a byte as tshark gives them: a field each, value 0 or 1. */
export const bit = (name: string, number: number, mask: number, at: number, length = 1): Field =>
  field(name, (number & mask) >>> 0 ? 1 : 0, at, length);

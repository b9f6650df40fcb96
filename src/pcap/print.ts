// What tcpdump's printers share: the text so far, where the capture ends, and the options. Each protocol's printer reads the
// bytes itself, as tcpdump's do, and runs into the end of the capture by an exception, which becomes its [|proto].
import { be16, be32, hexN, u8 } from './bytes.ts';

export interface SummaryOptions {
  /** -e: the link-level header. */
  link?: boolean;
  /** -q: less. */
  quiet?: boolean;
  /** -v, -vv, -vvv. */
  verbose?: number;
  /** -x or -X: a dump follows, so that what has no printer is not dumped twice. */
  dump?: boolean;
  /** -S: TCP sequence numbers as they are. */
  absolute?: boolean;
}

/** TCP conversations seen so far, for relative sequence numbers; plain JSON. */
export type Conversations = Record<string, { seq: number; ack: number }>;

/** The end of the captured bytes was reached. */
export class Short extends Error {}

export class Print {
  readonly b: Uint8Array;
  readonly o: SummaryOptions;
  readonly conversations: Conversations;
  /** Nothing at or behind this byte may be looked at. */
  end: number;
  /** The protocol named in a [|proto]. */
  proto = 'ether';
  /** How deep in packets that ICMP errors quote. */
  quoted = 0;
  #text: string[] = [];

  constructor(b: Uint8Array, o: SummaryOptions, conversations: Conversations) {
    this.b = b;
    this.o = o;
    this.conversations = conversations;
    this.end = b.length;
  }
  get v(): number {
    return this.o.verbose ?? 0;
  }
  get text(): string {
    return this.#text.join('');
  }
  put(...text: (string | number)[]): void {
    this.#text.push(...text.map(String));
  }
  /** Takes back the last characters. */
  retract(n: number): void {
    this.#text = [this.text.slice(0, -n)];
  }
  has(at: number, n: number): boolean {
    return at + n <= this.end;
  }
  need(at: number, n: number): void {
    if (!this.has(at, n)) throw new Short();
  }
  u8(at: number): number {
    this.need(at, 1);
    return u8(this.b, at);
  }
  u16(at: number): number {
    this.need(at, 2);
    return be16(this.b, at);
  }
  u32(at: number): number {
    this.need(at, 4);
    return be32(this.b, at);
  }
  /** Runs with a nearer end. */
  upTo(end: number, body: () => void): void {
    const before = this.end;
    this.end = Math.min(before, end);
    try {
      body();
    } finally {
      this.end = before;
    }
  }
  trunc(): void {
    this.put(` [|${this.proto}]`);
  }
  /** The dump that tcpdump gives a payload it has no printer for. */
  bytes(at: number, length: number): void {
    const to = Math.min(at + length, this.end);
    if (to > at) this.put(hexAscii(this.b, at, to, true));
  }
}

/** Lines of sixteen bytes in pairs, as -x and -X print them. */
export function hexAscii(b: Uint8Array, from: number, to: number, ascii: boolean): string {
  const lines: string[] = [];
  for (let at = from; at < to; at += 16) {
    const end = Math.min(at + 16, to);
    let hex = '',
      text = '';
    for (let i = at; i < end; i++) {
      const x = u8(b, i);
      hex += ((i - at) % 2 ? '' : ' ') + hexN(x, 2);
      text += x > 32 && x < 127 ? String.fromCharCode(x) : '.';
    }
    lines.push(`\n\t0x${hexN(at - from, 4)}: ${ascii ? `${hex.padEnd(42)}${text}` : hex}`);
  }
  return lines.join('');
}

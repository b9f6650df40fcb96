// What pkt-gen puts into its frames: a text repeated; from txseq a sequence number in the first four bytes (frame offset 42),
// big endian as this lab's txseq writes it; from ping and pong a sequence number and, at 46, seconds and nanoseconds, each
// four bytes in the host's own order, which is little endian. Wireshark knows nothing of it: its `pktgen` is Linux's.
import { be32, u8 } from './bytes.ts';
import { type Dig, field } from './field.ts';

const TEXT = 'netmap pkt-gen DIRECT payload\nhttp://info.iet.unipi.it/~luigi/netmap/ ';
const LEAST = 4; // bytes of the text that must be there to believe it

function matches(b: Uint8Array, at: number, from: number, to: number): boolean {
  if (to - at - from < LEAST) return false;
  for (let i = from; at + i < to; i++) if (u8(b, at + i) !== TEXT.charCodeAt(i % TEXT.length)) return false;
  return true;
}

const le32 = (b: Uint8Array, o: number) => u8(b, o) + u8(b, o + 1) * 256 + u8(b, o + 2) * 65536 + u8(b, o + 3) * 16777216;

/** Adds pkt-gen's node if these bytes are a payload of its. */
export function pktGen(dig: Dig, at: number, end: number): boolean {
  const b = dig.bytes,
    to = dig.until(end);
  const from = [0, 4, 12].find((n) => matches(b, at, n, to));
  if (from === undefined) return false;
  const kind = from === 0 ? 'tx' : from === 4 ? 'txseq' : 'ping or pong';
  dig.layer('pkt-gen', 'udp', at, to - at, (node) => {
    node.note = `pkt-gen's payload (${kind})`;
    if (from === 4) dig.add(field('pkt-gen.seq', be32(b, at), at, 4, { note: 'big endian' }));
    if (from === 12) {
      dig.add(field('pkt-gen.seq', le32(b, at), at, 4, { note: 'little endian' }));
      dig.add(field('pkt-gen.sec', le32(b, at + 4), at + 4, 4, { note: 'little endian' }));
      dig.add(field('pkt-gen.nsec', le32(b, at + 8), at + 8, 4, { note: 'little endian' }));
    }
    const text = String.fromCharCode(...b.subarray(at + from, Math.min(to, at + from + 200)));
    dig.add(field('pkt-gen.text', text, at + from, to - at - from, { note: 'repeated to the end of the packet' }));
  });
  return true;
}

// What lies in the rings of a host's port, for tests: read straight from memory, by the offsets of the text (facts netmap
// 1.2, 1.4, 2.1), so that nobody has to receive it.

import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';

export interface Slot {
  buf: number;
  len: number;
  flags: number;
  bytes: number[];
}

/** A kring of a port that is open. */
export function kring(w: World, port: string, tx: boolean, i = 0): number {
  const na = w.tree.host.adapters.find((a) => a.name === port)?.addr;
  if (!na) throw new Error(`no port ${port}; there are ${w.tree.host.adapters.map((a) => a.name).join(' ')}`);
  return w.m.ld32(na + (tx ? L.NA_TX_RINGS : L.NA_RX_RINGS)) + i * L.KR_SIZE;
}

/** All slots of one ring, from 0 on. */
export function slots(w: World, port: string, tx: boolean, i = 0): Slot[] {
  const { m } = w,
    ring = m.ld32(kring(w, port, tx, i) + L.KR_RING),
    n = m.ld32(ring + 8),
    size = m.ld32(ring + 12);
  return Array.from({ length: n }, (_, k) => {
    const s = ring + 256 + 16 * k,
      buf = m.ld32(s),
      len = m.ld16(s + 4),
      at = ring + m.ld32(ring) + buf * size;
    return { buf, len, flags: m.ld16(s + 6), bytes: [...m.u8.subarray(at, at + len)] };
  });
}

/** What has arrived at a port since it was opened, as long as nobody reads it and the ring has not wrapped. */
export function arrived(w: World, port: string, i = 0): Slot[] {
  return slots(w, port, false, i).slice(0, w.m.ld32(kring(w, port, false, i) + L.KR_NR_HWTAIL));
}

/** A port that is open and that nobody reads. */
export function listen(w: World, port: string) {
  const fd = w.host.netmap.open(1, port);
  if (typeof fd === 'string') throw new Error(`${port}: ${fd}`);
  return fd;
}

/** RFC 1071: 0 over what has a right checksum in it. */
export function checksum(b: number[], start = 0): number {
  let s = start;
  for (let i = 0; i < b.length; i += 2) s += ((b[i] ?? 0) << 8) | (b[i + 1] ?? 0);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return ~s & 0xffff;
}
/** A UDP packet in an Ethernet frame: whether its checksums are right, and between whom it is. */
export function udp(b: number[]) {
  const ip = b.slice(14, 34),
    seg = b.slice(34),
    pseudo = [...b.slice(26, 34), 0, 17, ...b.slice(38, 40)];
  return {
    ipOk: checksum(ip) === 0,
    udpOk: checksum([...pseudo, ...seg]) === 0,
    from: `${b.slice(26, 30).join('.')}:${((b[34] ?? 0) << 8) | (b[35] ?? 0)}`,
    to: `${b.slice(30, 34).join('.')}:${((b[36] ?? 0) << 8) | (b[37] ?? 0)}`,
    length: ((b[16] ?? 0) << 8) | (b[17] ?? 0),
  };
}

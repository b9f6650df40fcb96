// The hands of the monitors' tests: ports that a test opens, writes and reads itself, packets whose every byte follows from their number.

import * as R from '../src/bin/nmreq.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { Client } from './hostile.ts';

export const opened = (w: World, name: string): NetmapFd => {
  const fd = w.host.netmap.open(1, name);
  if (typeof fd === 'string') throw new Error(`${name}: ${fd}`);
  return fd;
};
/** Registers by hand: with a number of slots. Answers an errno's name, or the descriptor. */
export function regif(w: World, name: string, more: Partial<R.Nmreq>): NetmapFd | string {
  const { netmap } = w.host,
    id = netmap.dev(1),
    e = netmap.ioctl(id, R.NIOCREGIF, R.newNmreq(name, { nr_flags: R.NR_REG_ALL_NIC, ...more }));
  if (!e) return netmap.fd(id) as NetmapFd;
  w.tree.host.devs = w.tree.host.devs.filter((d) => d.id !== id);
  return e;
}
export const free = (w: World, mem: number) => [L.POOL_IF, L.POOL_RING, L.POOL_BUF].map((i) => w.host.netmap.mem.freeCount(mem, i));
export const memOf = (w: World, fd: NetmapFd) => w.m.ld32(fd.na + L.NA_MEM);

/** What a slot holds, as the model keeps it: a packet's number, 0 for a buffer that nobody has written, and its length. */
export interface Packet {
  id: number;
  len: number;
}
const byte = (id: number, k: number) => (Math.imul(id, 2654435761) >>> (k % 24)) & 255;

export class Port extends Client {
  kring(tx: boolean) {
    return tx ? this.fd.tx : this.fd.rx;
  }
  word(tx: boolean, f: number) {
    return this.w.m.ld32(this.kring(tx) + f);
  }
  head(tx: boolean) {
    return this.w.m.ld32(this.ring(tx) + L.RING_HEAD);
  }
  tail(tx: boolean) {
    return this.w.m.ld32(this.ring(tx) + L.RING_TAIL);
  }
  slot(tx: boolean, i: number) {
    return this.ring(tx) + L.RING_SLOT + i * L.SLOT_SIZE;
  }
  advance(tx: boolean, k: number) {
    const { m } = this.w,
      to = (this.head(tx) + k) % this.n(tx);
    m.st32(this.ring(tx) + L.RING_HEAD, to);
    m.st32(this.ring(tx) + L.RING_CUR, to);
  }
  ready(tx: boolean) {
    return (this.tail(tx) - this.head(tx) + this.n(tx)) % this.n(tx);
  }
  write(i: number, p: Packet, to: number) {
    const { m } = this.w,
      at = this.buf(true, i);
    for (let k = 0; k < p.len; k++) m.st8(at + k, byte(p.id, k));
    m.st32(at, 0xffffffff); // to everybody
    m.st32(at + 4, 0x0002ffff);
    m.st32(at + 8, to);
    m.st32(at + 16, p.id);
    m.st16(this.slot(true, i) + L.SLOT_LEN, p.len);
    m.st16(this.slot(true, i) + L.SLOT_FLAGS, L.NS_REPORT);
  }
  /** The packet in a slot, as read; its bytes are looked at. */
  read(tx: boolean, i: number): Packet & { flags: number } {
    const { m } = this.w,
      at = this.buf(tx, i),
      id = m.ld32(at + 16),
      len = m.ld16(this.slot(tx, i) + L.SLOT_LEN);
    if (id && id < 1e6) for (let k = 20; k < len; k++) if (m.ld8(at + k) !== byte(id, k)) throw new Error(`packet ${id} differs at ${k}`);
    return { id, len, flags: m.ld16(this.slot(tx, i) + L.SLOT_FLAGS) };
  }
  bufs(tx: boolean) {
    return Array.from({ length: this.n(tx) }, (_, i) => this.w.m.ld32(this.slot(tx, i)));
  }
}

/** poll(2) answers POLLERR; it may sleep as well. */
export function failed(c: Client, events: number): boolean {
  const r = c.poll(events);
  return r !== 0xffffffff && (r & L.POLLERR) !== 0;
}

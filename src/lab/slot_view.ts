// One slot as it is in memory now: its words, the buffer that they name and the packet in it, dissected. Mirrors NMB() and
// what netmap's checks say of a slot (facts netmap 1.2, 1.3, 1.6, 2.4). A guest may have written anything here: no byte is
// read that is not of a buffer of this ring's own memory. Reads only.

import * as L from '../../wasm/layout.ts';
import { dissect } from '../pcap/dissect.ts';
import { summary } from '../pcap/summary.ts';
import { regionOf, standing } from './past.ts';
import type { RingRef } from './protocol.ts';
import { sampleRing } from './sample.ts';
import type { SlotPacket, SlotRegion, SlotView } from './slot_job.ts';
import { rings } from './view.ts';
import type { World } from './world.ts';

const hex = (n: number | bigint) => `0x${n.toString(16)}`;
const POOLS = ['netmap_if', 'netmap_ring', 'netmap_buf'] as const;
export const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [L.NS_BUF_CHANGED, 'NS_BUF_CHANGED'],
  [L.NS_REPORT, 'NS_REPORT'],
  [L.NS_FORWARD, 'NS_FORWARD'],
  [L.NS_NO_LEARN, 'NS_NO_LEARN'],
  [L.NS_INDIRECT, 'NS_INDIRECT'],
  [L.NS_MOREFRAG, 'NS_MOREFRAG'],
  [L.NS_TXMON, 'NS_TXMON'],
];
const PORT_SHIFT = 8;
/** Slots of one packet that are put together; more is no packet that a port takes. */
const MOST_FRAGMENTS = 64;
/** The first buffers, which no slot may name. */
const RESERVED = 2;

interface Raw {
  bufIdx: number;
  len: number;
  flags: number;
}

function raw(w: World, ring: RingRef, slot: number): Raw {
  const at = ring.ringAddr + L.RING_SLOT + slot * L.SLOT_SIZE,
    { m } = w;
  return { bufIdx: m.ld32(at + L.SLOT_BUF_IDX), len: m.ld16(at + L.SLOT_LEN), flags: m.ld16(at + L.SLOT_FLAGS) };
}

function regionView(w: World, ring: RingRef): SlotRegion {
  const { m } = w,
    mem = regionOf(w, ring),
    host = m.ld32(mem + L.MEM_BASE),
    pool = (i: number) => mem + L.MEM_POOL + i * L.MEM_POOL_SIZE,
    ringOfs = ring.ringAddr - host,
    buf = pool(L.POOL_BUF);
  return {
    id: m.ld16(mem + L.MEM_ID),
    size: m.ld32(mem + L.MEM_TOTALSIZE),
    host,
    guest: ring.guestAddress ? Number(ring.guestAddress) - ringOfs : 0,
    pools: POOLS.map((name, i) => ({
      name,
      offset: m.ld32(pool(i) + L.POOL_OFFSET),
      size: m.ld32(pool(i) + L.POOL_OBJTOTAL) * m.ld32(pool(i) + L.POOL_OBJSIZE),
    })),
    ring: ringOfs,
    // not the ring's own buf_ofs, which a guest can write: where the buffers are
    bufOfs: m.ld32(buf + L.POOL_OFFSET) - ringOfs,
    bufSize: m.ld32(buf + L.POOL_OBJSIZE),
    buffers: m.ld32(buf + L.POOL_OBJTOTAL),
  };
}

/** What is wrong with a slot's buffer, '' when its bytes may be shown. */
function refused({ bufIdx, len }: Raw, r: SlotRegion): string {
  const last = r.buffers - 1;
  if (bufIdx >= r.buffers)
    return `buf_idx ${bufIdx} is outside this memory: its buffers are ${RESERVED} to ${last}. netmap would take buffer 0 in its place. Nothing is shown past the memory's end.`;
  if (bufIdx < RESERVED) return `buf_idx ${bufIdx} names no packet buffer: 0 and 1 are reserved.`;
  if (len > r.bufSize) return `len ${len} is more than the buffer's ${r.bufSize} bytes. Only the buffer is shown.`;
  return '';
}

/** The bytes that a slot gives to its packet; none when it names no buffer. */
function bytesOf(w: World, s: Raw, r: SlotRegion): Uint8Array {
  if (s.bufIdx >= r.buffers || s.bufIdx < RESERVED) return new Uint8Array(0);
  const at = r.host + r.ring + r.bufOfs + s.bufIdx * r.bufSize;
  // a copy: the machine may run, and its memory is shared
  return Uint8Array.from(w.m.u8.subarray(at, at + Math.min(s.len, r.bufSize)));
}

/** The slots of the packet that a slot is part of: joined by NS_MOREFRAG, and never across an index. */
function packetSlots(w: World, ring: RingRef, slot: number): { slots: number[]; open: boolean } {
  const n = ring.slots,
    sample = sampleRing(w.m.u32, ring, 0),
    class_ = (i: number) => standing(sample, ring, i).words,
    mine = class_(slot),
    more = (i: number) => (raw(w, ring, i).flags & L.NS_MOREFRAG) !== 0,
    slots = [slot];
  if (sample.torn) return { slots, open: more(slot) };
  for (let i = (slot - 1 + n) % n; slots.length < Math.min(n - 1, MOST_FRAGMENTS) && class_(i) === mine && more(i); i = (i - 1 + n) % n)
    slots.unshift(i);
  for (let i = slot; more(i); ) {
    i = (i + 1) % n;
    if (slots.length >= Math.min(n - 1, MOST_FRAGMENTS) || class_(i) !== mine) return { slots, open: true };
    slots.push(i);
  }
  return { slots, open: false };
}

function packet(w: World, ring: RingRef, slot: number, region: SlotRegion): SlotPacket {
  const { slots, open } = packetSlots(w, ring, slot),
    parts = slots.map((i) => bytesOf(w, raw(w, ring, i), region)),
    before = parts.slice(0, slots.indexOf(slot)).reduce((sum, p) => sum + p.length, 0),
    all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  const told = w.m.ld32(w.m.ld32(ring.hostKring + L.KR_NA) + L.NA_VIRT_HDR_LEN),
    header = told === 10 || told === 12 ? Math.min(told, all.length) : 0,
    frame = all.subarray(header),
    length = open ? frame.length + 1 : frame.length; // what is missing is said as cut by the capture
  const shift = (f: ReturnType<typeof dissect>['fields']): SlotPacket['fields'] =>
    f.map((x) => ({ ...x, offset: x.offset + header, children: shift(x.children) }));
  return {
    slots,
    from: before,
    length: all.length,
    open,
    header,
    fields: frame.length ? shift(dissect(frame, length).fields) : [],
    line: frame.length ? summary(frame, length) : '',
  };
}

/** A slot of a ring now; undefined when there is no such ring or slot. */
export function slotView(w: World, id: string, slot: number, exact: boolean): SlotView | undefined {
  const { m } = w,
    ring = rings(w).find((r) => r.id === id);
  if (!ring || !Number.isInteger(slot) || slot < 0 || slot >= ring.slots) return undefined;
  const addr = ring.ringAddr + L.RING_SLOT + slot * L.SLOT_SIZE,
    region = regionView(w, ring),
    bytes = Uint8Array.from(m.u8.subarray(addr, addr + L.SLOT_SIZE)),
    words = new DataView(bytes.buffer),
    s: Raw = { bufIdx: words.getUint32(0, true), len: words.getUint16(4, true), flags: words.getUint16(6, true) },
    ptr = hex(words.getBigUint64(8, true)),
    bad = refused(s, region),
    names = s.bufIdx >= RESERVED && s.bufIdx < region.buffers,
    indirect = (s.flags & L.NS_INDIRECT) !== 0;
  return {
    ring: id,
    slot,
    step: m.steps,
    exact,
    addr,
    bytes: [...bytes],
    ...s,
    flagNames: FLAG_NAMES.filter(([bit]) => s.flags & bit).map(([, name]) => name),
    fragments: s.flags >>> PORT_SHIFT,
    ptr,
    region,
    wrong:
      bad ||
      (indirect
        ? `NS_INDIRECT: the packet's bytes are at ptr, ${ptr} in the sender's own address space. What is in the buffer is not the packet.`
        : ''),
    ...(names ? { buffer: { offset: region.ring + region.bufOfs + s.bufIdx * region.bufSize, bytes: [...bytesOf(w, s, region)] } } : {}),
    ...(names && !indirect ? { packet: packet(w, ring, slot, region) } : {}),
  };
}

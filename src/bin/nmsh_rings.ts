// What nmsh reads: netmap_if, rings, slots and buffers of its own mapping; and, marked as such, what no program can read:
// krings and the guest's CSB. Nothing here writes. Offsets are the ABI's (facts netmap 1.4 to 1.6).

import * as L from '../../wasm/layout.ts';
import { ringAddress } from './nm_open.ts';
import type { Fd, KrSnap, NmshState, RingSnap } from './nmsh_state.ts';
import { fdOf } from './nmsh_state.ts';
import { number } from './nmsh_words.ts';
import type { NetmapDesc, Sys } from './sys.ts';

export interface Ring {
  fd: Fd;
  d: NetmapDesc;
  /** TX0, RX1, TXH; of a descriptor that is not the current one 4:TX0. */
  name: string;
  tx: boolean;
  i: number;
  host: boolean;
  addr: number;
  /** num_slots. */
  n: number;
  bufsize: number;
}
export interface Slot {
  slot: number;
  buf_idx: number;
  len: number;
  flags: number;
  ptr: number;
}

export const SLOT_FLAGS: Record<string, number> = {
  NS_BUF_CHANGED: L.NS_BUF_CHANGED,
  NS_REPORT: L.NS_REPORT,
  NS_FORWARD: L.NS_FORWARD,
  NS_NO_LEARN: L.NS_NO_LEARN,
  NS_INDIRECT: L.NS_INDIRECT,
  NS_MOREFRAG: L.NS_MOREFRAG,
};
export const RING_FLAGS: Record<string, number> = { NR_TIMESTAMP: L.NR_TIMESTAMP, NR_FORWARD: L.NR_FORWARD };
export const EVENTS: Record<string, number> = { POLLIN: L.POLLIN, POLLOUT: L.POLLOUT, POLLERR: L.POLLERR };

/** Whether a range is in the program's own mapping. */
export const inside = (d: NetmapDesc, a: number, len: number) => a >= d.mem && len >= 0 && a + len <= d.mem + d.memsize;

const at = (sys: Sys, d: NetmapDesc, a: number) => sys.m.wasm.va(d.as, a) >>> 0;
export const rd32 = (sys: Sys, d: NetmapDesc, a: number) => (inside(d, a, 4) ? sys.m.ld32(at(sys, d, a)) : 0);
export const rd16 = (sys: Sys, d: NetmapDesc, a: number) => (inside(d, a, 2) ? sys.m.ld16(at(sys, d, a)) : 0);
export const rd64 = (sys: Sys, d: NetmapDesc, a: number) => (inside(d, a, 8) ? sys.m.ld64(at(sys, d, a)) : 0);
export const rd8 = (sys: Sys, d: NetmapDesc, a: number) => (inside(d, a, 1) ? sys.m.ld8(at(sys, d, a)) : 0);
export const rdString = (sys: Sys, d: NetmapDesc, a: number) => (inside(d, a, 16) ? sys.m.string(at(sys, d, a), 16) : '');

const names = (n: number, dir: string, most: number) => [...Array.from({ length: Math.min(n, most) }, (_, i) => `${dir}${i}`), `${dir}H`];
/** The rings of a port, host rings last of each direction. */
export const ringNames = (d: NetmapDesc) => [...names(d.txRings, 'TX', 64), ...names(d.rxRings, 'RX', 64)];

/** The current descriptor's, or that of `FD:`. A text says why there is none. */
export function registered(st: NmshState, num = st.cur): { fd: Fd; d: NetmapDesc } | string {
  const fd = fdOf(st, num);
  if (!fd)
    return st.fds.length
      ? `no descriptor ${num}: open are ${st.fds.map((f) => f.num).join(', ')}`
      : 'no descriptor is open: open NAME, as open vale1:1';
  if (!fd.desc) return `descriptor ${fd.num} is not registered: reg name=… or open NAME`;
  return { fd, d: fd.desc };
}

/** A ring by its name: TX0, RX1, TXH, or of another descriptor 4:TX0. */
export function findRing(st: NmshState, sys: Sys, text: string | undefined): Ring | string {
  const m = /^(?:(\d{1,6}):)?([TR]X)(H|\d{1,4})$/i.exec(text ?? ''),
    r = registered(st, m?.[1] === undefined ? st.cur : Number(m[1]));
  if (typeof r === 'string') return r;
  const { fd, d } = r,
    list = ringNames(d).join(', '),
    of = `descriptor ${fd.num} (${fd.label}) has ${list}`;
  if (!m) return text === undefined ? `which ring? ${of}` : `no ring '${text}': ${of}`;
  const tx = m[2]?.toUpperCase() === 'TX',
    host = m[3]?.toUpperCase() === 'H',
    total = tx ? d.txRings : d.rxRings,
    i = host ? total : Number(m[3]),
    name = `${fd.num === st.cur ? '' : `${fd.num}:`}${tx ? 'TX' : 'RX'}${host ? 'H' : i}`;
  if (i > total || (!host && i === total)) return `no ring ${name}: ${of}`;
  const addr = ringAddress(sys, d, tx, i);
  if (addr === d.nifp || !inside(d, addr, L.RING_SLOT)) return `${name} has no ring in this mapping`;
  const fit = Math.floor((d.mem + d.memsize - addr - L.RING_SLOT) / L.SLOT_SIZE),
    n = Math.min(rd32(sys, d, addr + L.RING_NUM_SLOTS), fit);
  return { fd, d, name, tx, i, host, addr, n, bufsize: rd32(sys, d, addr + L.RING_NR_BUF_SIZE) };
}

export const ringWord = (sys: Sys, r: Ring, field: number) => rd32(sys, r.d, r.addr + field);
export const indices = (sys: Sys, r: Ring) => ({
  head: ringWord(sys, r, L.RING_HEAD),
  cur: ringWord(sys, r, L.RING_CUR),
  tail: ringWord(sys, r, L.RING_TAIL),
});

/** An index by number, or from head, cur or tail: `head`, `head+2`, `tail-1`. */
export function findSlot(sys: Sys, r: Ring, text: string | undefined): number | string {
  const m = /^(head|cur|tail)(?:([+-])(\d{1,9}))?$/.exec(text ?? ''),
    last = `0 to ${r.n - 1}`;
  let i = number(text);
  if (m) {
    const base = indices(sys, r)[m[1] as 'head' | 'cur' | 'tail'];
    if (base >= r.n) return `${m[1]} of ${r.name} is ${base}: slots are ${last}`;
    i = (((base + (m[2] === '-' ? -1 : 1) * Number(m[3] ?? 0)) % r.n) + r.n) % r.n;
  }
  if (i === undefined)
    return text === undefined ? `which slot? ${last}, or head, cur, tail` : `'${text}' is no slot: ${last}, or head, cur, tail, head+1`;
  return i < r.n ? i : `${r.name} has no slot ${i}: ${last}`;
}

export const slotAddress = (r: Ring, i: number) => r.addr + L.RING_SLOT + i * L.SLOT_SIZE;
export function readSlot(sys: Sys, r: Ring, i: number): Slot {
  const a = slotAddress(r, i);
  return {
    slot: i,
    buf_idx: rd32(sys, r.d, a + L.SLOT_BUF_IDX),
    len: rd16(sys, r.d, a + L.SLOT_LEN),
    flags: rd16(sys, r.d, a + L.SLOT_FLAGS),
    ptr: rd64(sys, r.d, a + L.SLOT_PTR),
  };
}

/** NETMAP_BUF: where a buffer is, by the ring's own arithmetic. */
export const bufAddress = (sys: Sys, r: Ring, idx: number) => r.addr + rd64(sys, r.d, r.addr + L.RING_BUF_OFS) + idx * r.bufsize;

/** A buffer may be named that nobody was given: its pages count as in use before anybody writes there. */
export function touch(sys: Sys, d: NetmapDesc, a: number, len: number) {
  for (let k = a; k < a + len; k = (Math.floor(k / L.PAGE) + 1) * L.PAGE) if (inside(d, k, 1)) sys.m.touch(at(sys, d, k), 1);
}

export interface MemInfo {
  id: number;
  base: number;
  memsize: number;
  buf_offset: number;
  buf_total: number;
  buf_size: number;
}
/** The allocator as it describes itself in the region's first object (2015). */
export function memInfo(sys: Sys, d: NetmapDesc): MemInfo {
  const there = rdString(sys, d, d.mem) === 'nms_info',
    w = (o: number) => (there ? rd32(sys, d, d.mem + o) : 0);
  return {
    id: d.memId,
    base: d.mem,
    memsize: d.memsize,
    buf_offset: w(L.NMS_BUF_POOL_OFFSET),
    buf_total: w(L.NMS_BUF_POOL_OBJTOTAL),
    buf_size: w(L.NMS_BUF_POOL_OBJSIZE),
  };
}
/** Why a buffer index is none that a program should use, '' when it is. */
export function badIndex(sys: Sys, d: NetmapDesc, idx: number): string {
  const { buf_total: total } = memInfo(sys, d);
  if (idx < 2) return `buffer ${idx} is reserved: good ones are 2 to ${total - 1}`;
  return total && idx >= total ? `there is no buffer ${idx}: good ones are 2 to ${total - 1}` : '';
}

/** The list of extra buffers: each begins with the index of the next. */
export function extraChain(sys: Sys, d: NetmapDesc): { chain: number[]; end: string } {
  const { buf_offset: ofs, buf_total: total, buf_size: size } = memInfo(sys, d),
    seen = new Set<number>();
  let i = rd32(sys, d, d.nifp + L.NIF_BUFS_HEAD);
  while (i >= 2 && i < total && !seen.has(i) && seen.size < 4096) {
    seen.add(i);
    i = rd32(sys, d, d.mem + ofs + i * size);
  }
  const end = i === 0 ? '' : seen.has(i) ? `it comes back to ${i}` : seen.size >= 4096 ? 'and so on' : `then ${i}, which is no buffer`;
  return { chain: [...seen], end };
}

// ── what a program cannot see ────────────────────────────────────────────────────────────────────

/** The kring behind a ring, 0 when this kernel has none for it. */
export function kringOf(sys: Sys, r: Ring): number {
  const any = r.fd.krTx || r.fd.krRx,
    { m } = sys;
  if (!any) return 0;
  const kr = m.ld32(m.ld32(any + L.KR_NA) + (r.tx ? L.NA_TX_RINGS : L.NA_RX_RINGS)) + r.i * L.KR_SIZE;
  return m.ld32(kr + L.KR_RING) === r.addr ? kr : 0;
}
export function readKring(sys: Sys, kr: number): KrSnap {
  const w = (o: number) => sys.m.ld32(kr + o);
  return {
    rhead: w(L.KR_RHEAD),
    rcur: w(L.KR_RCUR),
    rtail: w(L.KR_RTAIL),
    nr_hwcur: w(L.KR_NR_HWCUR),
    nr_hwtail: w(L.KR_NR_HWTAIL),
    nr_kflags: w(L.KR_NR_KFLAGS),
    nr_busy: w(L.KR_NR_BUSY),
    nkr_stopped: w(L.KR_STOPPED),
    num_slots: w(L.KR_NUM_SLOTS),
    reinit: sys.m.ld64(kr + L.KR_STAT_REINIT),
  };
}
/** The rings that a descriptor is bound to, one way. */
export function boundRings(st: NmshState, sys: Sys, fd: Fd, tx: boolean): Ring[] {
  const d = fd.desc;
  if (!d) return [];
  const [a, b] = tx ? d.tx : d.rx,
    total = tx ? d.txRings : d.rxRings,
    out: Ring[] = [];
  for (let i = a; i <= b; i++) {
    const r = findRing(st, sys, `${fd.num}:${tx ? 'TX' : 'RX'}${i === total ? 'H' : i}`);
    if (typeof r !== 'string') out.push(r);
  }
  return out;
}
export function snapshot(sys: Sys, rings: Ring[]): RingSnap[] {
  return rings.map((r) => {
    const kr = kringOf(sys, r);
    return { ring: r.name, ...indices(sys, r), kr: kr ? readKring(sys, kr) : null };
  });
}

const CSB_WORDS: Record<string, number> = {
  guest_need_txkick: L.CSB_GUEST_NEED_TXKICK,
  guest_need_rxkick: L.CSB_GUEST_NEED_RXKICK,
  guest_csb_on: L.CSB_GUEST_CSB_ON,
  host_need_txkick: L.CSB_HOST_NEED_TXKICK,
  host_need_rxkick: L.CSB_HOST_NEED_RXKICK,
  nifp_offset: L.CSB_NIFP_OFFSET,
};
const CSB_HALVES: Record<string, number> = {
  num_tx_rings: L.CSB_NUM_TX_RINGS,
  num_rx_rings: L.CSB_NUM_RX_RINGS,
  num_tx_slots: L.CSB_NUM_TX_SLOTS,
  num_rx_slots: L.CSB_NUM_RX_SLOTS,
};
const PT_RING: Record<string, number> = {
  head: L.PTR_HEAD,
  cur: L.PTR_CUR,
  hwcur: L.PTR_HWCUR,
  hwtail: L.PTR_HWTAIL,
  sync_flags: L.PTR_SYNC_FLAGS,
};
/** The words of the CSB that ptnetmap uses; a text says why there are none. */
export function readCsb(st: NmshState, sys: Sys): Record<string, number> | string {
  if (sys.side !== 'guest') return 'the CSB is in the guest: run nmsh on a passthrough port there';
  const r = registered(st);
  if (typeof r === 'string') return r;
  const { m } = sys,
    sc = r.fd.krTx ? m.ld32(r.fd.krTx + L.KR_PRIV) : 0,
    csb = sc ? m.ld32(sc + L.VTN_CSB) : 0;
  if (!csb) return 'this port has no CSB';
  const out: Record<string, number> = {};
  for (const [k, o] of Object.entries(CSB_WORDS)) out[k] = m.ld32(csb + o);
  for (const [k, o] of Object.entries(CSB_HALVES)) out[k] = m.ld16(csb + o);
  for (const [ring, base] of [
    ['tx_ring', L.CSB_TX_RING],
    ['rx_ring', L.CSB_RX_RING],
  ] as const)
    for (const [k, o] of Object.entries(PT_RING)) out[`${ring}.${k}`] = m.ld32(csb + base + o);
  return out;
}

// What pkt-gen prints while it runs and at its end: rates, round trips, packets. Mirrors norm(), dump_payload(), tx_output()
// and the lines of main_thread() and pinger_body() (facts netmap 6.1).

import * as L from '../../wasm/layout.ts';
import type { Machine } from '../sim/machine.ts';

/** norm(): three decimals and a unit. */
export function norm(x: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let i = 0;
  while (x >= 1000 && i < units.length - 1) {
    x /= 1000;
    i++;
  }
  return `${x.toFixed(3)} ${units[i]}`;
}

/** Preamble, CRC and gap of a frame, which 2015's rates on the wire include. */
const FRAMING = 24;

export interface Counters {
  pkts: number;
  events: number;
  bytes: number;
}

/** A period's line, without its stamp. */
export function report(c: Counters, us: number): string {
  const pps = us > 0 ? (c.pkts * 1e6) / us : 0,
    bps = us > 0 ? ((c.bytes + FRAMING * c.pkts) * 8e6) / us : 0;
  return `${norm(pps)}pps (${norm(c.pkts)}pkts ${norm(bps)}bps in ${us} usec) ${(c.events ? c.pkts / c.events : 0).toFixed(2)} avg_batch`;
}

/** tx_output(): the two closing lines. */
export function summary(verb: 'Sent' | 'Received', c: Counters, secs: number): string {
  if (!c.pkts) return `${verb} nothing.\n`;
  const pps = c.pkts / secs,
    bw = (8 * c.bytes) / secs,
    raw = (8 * (c.bytes + FRAMING * c.pkts)) / secs;
  return (
    `${verb} ${c.pkts} packets ${c.bytes} bytes ${c.events} events ${Math.trunc(c.bytes / c.pkts)} bytes each in ${secs.toFixed(2)} seconds.\n` +
    `Speed: ${norm(pps)}pps Bandwidth: ${norm(bw)}bps (raw ${norm(raw)}bps). Average batch: ${(c.pkts / Math.max(c.events, 1)).toFixed(2)} pkts\n`
  );
}

/** Round trips counted at `rtt` (RTT_*): how many, the shortest, the average. */
function rtt(m: Machine, at: number) {
  const count = m.ld64(at + L.RTT_COUNT);
  return { count, min: m.ld64(at + L.RTT_MIN), av: count ? Math.trunc(m.ld64(at + L.RTT_SUM) / count) : 0 };
}

/** ping's two texts of a period, which is over then: its counters begin again. */
export function pingPeriod(m: Machine, targ: number): [string, string] {
  const r = rtt(m, targ + L.TARG_RTT),
    buckets = Array.from({ length: 64 }, (_, k) => m.ld32(targ + L.TARG_BUCKETS + k * 4)),
    first = buckets.findIndex((n) => n > 0),
    last = buckets.findLastIndex((n) => n > 0);
  m.u8.fill(0, targ + L.TARG_RTT, targ + L.TARG_RTT + 24);
  m.u8.fill(0, targ + L.TARG_BUCKETS, targ + L.TARG_BUCKETS + 256);
  const counts = buckets.slice(first, last + 1).map((n) => ` ${String(n).padStart(5)}`);
  return [`count ${r.count} RTT: min ${r.min} av ${r.av} ns`, `k: ${2 ** first} .. ${2 ** last}\n\t${counts.join('')}`];
}
export function pingTotal(m: Machine, targ: number): string {
  const r = rtt(m, targ + L.TARG_RTT_ALL);
  return `RTT over ${r.count} packets: min ${r.min} av ${r.av} ns`;
}

/** -X: slots of a ring at an address of the program's, `n` from `first` on. What TX slots get last is not in them yet. */
export function dump(m: Machine, as: number, ringa: number, first: number, n: number, tx: boolean): string {
  const at = (a: number) => m.wasm.va(as, a) >>> 0,
    ring = at(ringa),
    slots = m.ld32(ring + L.RING_NUM_SLOTS),
    size = m.ld32(ring + L.RING_NR_BUF_SIZE);
  let out = '';
  for (let i = 0; i < n; i++) {
    const cur = (first + i) % slots,
      slot = at(ringa + L.RING_SLOT + cur * L.SLOT_SIZE),
      idx = m.ld32(slot + L.SLOT_BUF_IDX),
      len = Math.min(m.ld16(slot + L.SLOT_LEN), size),
      flags = m.ld16(slot + L.SLOT_FLAGS) & (tx ? ~(L.NS_REPORT | L.NS_MOREFRAG) : 0xffff),
      buf = at(ringa + m.ld32(ring + L.RING_BUF_OFS) + idx * size);
    out += `ring 0x${ringa.toString(16)} cur ${String(cur).padStart(5)} [buf ${String(idx).padStart(6)} flags 0x${flags
      .toString(16)
      .padStart(4, '0')} len ${String(len).padStart(5)}]\n`;
    out += hexLines(m.u8.subarray(buf, buf + len));
  }
  return out;
}

/** Sixteen bytes a line; a shorter last line ends after its numbers, for the string does. */
export function hexLines(b: Uint8Array): string {
  let out = '';
  for (let i = 0; i < b.length; i += 16) {
    const row = [...b.subarray(i, i + 16)],
      text = row.length === 16 ? row.map((x) => (x >= 0x20 && x < 0x7f ? String.fromCharCode(x) : '.')).join('') : '';
    out += `${String(i).padStart(5)}: ${row.map((x) => `${x.toString(16).padStart(2, '0')} `).join('')}${text}\n`;
  }
  return out;
}

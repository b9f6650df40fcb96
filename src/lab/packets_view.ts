// The packets that the lab's capture has copied (capture.ts), newest first, as tcpdump's lines; one of them dissected. Records are walked
// by their headers; only the few that are shown are copied out.

import * as L from '../../wasm/layout.ts';
import { dissect } from '../pcap/dissect.ts';
import type { Field } from '../pcap/field.ts';
import { summary } from '../pcap/summary.ts';
import { captureCounts } from './capture.ts';
import type { PacketField, PacketLine, PacketsView } from './panel_types.ts';
import type { World } from './world.ts';

const LINES = 60,
  BYTES = 512,
  FIELDS = 400;

/** Addresses of the last records of a port (''): any, and how many there are. */
function records(
  w: World,
  at: number,
  end: number,
  port: number,
): { last: { n: number; r: number }[]; total: number; one(n: number): number } {
  const { m } = w,
    all: number[] = [];
  for (let r = at; r + L.CAPR_DATA <= end; ) {
    const size = m.ld32(r + L.CAPR_SIZE);
    if (size < L.CAPR_DATA + m.ld32(r + L.CAPR_CAPLEN) || r + size > end) break;
    all.push(r);
    r += size;
  }
  const mine = all.map((r, n) => ({ n, r })).filter(({ r }) => port < 0 || m.ld16(r + L.CAPR_PORT) === port);
  return { last: mine.slice(-LINES).reverse(), total: mine.length, one: (n) => all[n] ?? 0 };
}

function lineOf(w: World, ports: readonly string[], n: number, r: number): PacketLine {
  const { m } = w,
    data = dataOf(w, r);
  const tx = (m.ld16(r + L.CAPR_WHAT) & L.CAPW_TX) !== 0,
    len = m.ld32(r + L.CAPR_LEN);
  return {
    n,
    ns: m.ld64(r + L.CAPR_TS),
    port: ports[m.ld16(r + L.CAPR_PORT)] ?? '',
    dir: tx ? 'TX' : 'RX',
    ring: m.ld32(r + L.CAPR_RING),
    slot: m.ld32(r + L.CAPR_SLOT),
    buf: m.ld32(r + L.CAPR_BUF),
    len,
    line:
      m.ld16(r + L.CAPR_WHAT) & L.CAPW_BAD ? 'the slot names no buffer or is too long: no data' : summary(data, Math.max(len, data.length)),
  };
}
const dataOf = ({ m }: World, r: number) => m.u8.slice(r + L.CAPR_DATA, r + L.CAPR_DATA + Math.min(m.ld32(r + L.CAPR_CAPLEN), 65535));

function flat(fields: readonly Field[], depth: number, out: PacketField[]): PacketField[] {
  for (const { children, name, value, offset, length, note, wrong } of fields) {
    if (out.length >= FIELDS) break;
    out.push({ name, value, offset, length, depth, ...(note ? { note } : {}), ...(wrong ? { wrong } : {}) });
    flat(children, depth + 1, out);
  }
  return out;
}

export function packetsView(w: World, q: { port: string; one: number }): PacketsView {
  const { m, tree } = w,
    c = tree.capture ?? null,
    open = tree.host.adapters
      .filter(
        (a) => a.kind !== 'monitor' && w.host.netmap.nas.krings(a.addr).some((kr) => m.ld32(kr + L.KR_RING) && m.ld32(kr + L.KR_USERS)),
      )
      .map((a) => a.name)
      .slice(0, L.CAP_PORTS);
  if (!c) return { on: false, there: false, ports: [], open, used: 0, size: 0, total: 0, lines: [], one: null };
  const from = c.addr + L.CAP_RECORDS,
    used = Math.min(m.ld32(c.addr + L.CAP_USED), c.bytes - L.CAP_RECORDS),
    { last, total, one } = records(w, from, from + used, c.ports.indexOf(q.port)),
    r = Number.isInteger(q.one) && q.one >= 0 ? one(q.one) : 0,
    data = r ? dataOf(w, r) : undefined;
  return {
    on: c.on,
    there: true,
    ports: captureCounts(m, c),
    open,
    used,
    size: m.ld32(c.addr + L.CAP_SIZE),
    total,
    lines: last.map((x) => lineOf(w, c.ports, x.n, x.r)),
    one: data
      ? {
          n: q.one,
          line: lineOf(w, c.ports, q.one, r),
          bytes: Array.from(data.subarray(0, BYTES)),
          fields: flat(dissect(data, Math.max(m.ld32(r + L.CAPR_LEN), data.length)).fields, 0, []),
          cut: Math.max(0, data.length - BYTES),
        }
      : null,
  };
}

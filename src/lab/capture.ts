// The lab's capture of ports: which rings are copied (wasm/net/netmap_capture.ts), the buffer, and what is in it as a pcapng file.
// Ports come and go: a chosen one is captured from the moment at which it is opened. What was captured stays in the machine's
// memory, so that it goes back and forth in time with everything else, until the next start or until it is cleared.

import * as L from '../../wasm/layout.ts';
import type { HostKernelTree } from '../host/kernel/kernel.ts';
import type { Adapters } from '../net/netmap_na.ts';
import { stampOfNs } from '../pcap/capture.ts';
import { joined, pcapngHeader, pcapngInterface, pcapngPacket, pcapngStatistics } from '../pcap/write.ts';
import type { Machine } from '../sim/machine.ts';

export interface CaptureState {
  ports: string[];
  addr: number;
  /** Of the whole buffer, its first page included. */
  bytes: number;
  on: boolean;
}
export const CAPTURE_BYTES = 1 << 20,
  CAPTURE_MOST = 16 << 20,
  CAPTURE_SNAP = 65535;

export interface Captured {
  port: number;
  tx: boolean;
  bad: boolean;
  ns: number;
  len: number;
  ring: number;
  slot: number;
  buf: number;
  flags: number;
  data: Uint8Array;
}

/** Begins; false when there is no memory. What an earlier capture holds is given up. */
export function startCapture(
  m: Machine,
  set: (c: CaptureState | null) => void,
  old: CaptureState | null,
  ports: string[],
  bytes: number,
  snap: number,
): boolean {
  if (old) release(m, old);
  set(null);
  let addr: number;
  try {
    addr = m.reserve(L.CAP_RECORDS + bytes);
  } catch (e) {
    if (e instanceof RangeError) return false;
    throw e;
  }
  m.touch(addr, L.CAP_RECORDS + bytes);
  m.st32(addr + L.CAP_SIZE, bytes);
  m.st32(addr + L.CAP_SNAP, snap);
  m.st32(addr + L.CAP_NPORTS, ports.length);
  m.st32(L.MACHINE + L.M_CAPTURE, addr);
  set({ ports, addr, bytes: L.CAP_RECORDS + bytes, on: true });
  return true;
}
function release(m: Machine, c: CaptureState) {
  m.st32(L.MACHINE + L.M_CAPTURE, 0);
  m.release(c.addr, c.bytes);
}

/** Ports that were opened since the last look; with `off`, none is captured any more. */
export function markRings(m: Machine, host: HostKernelTree, nas: Adapters, c: CaptureState, off = false) {
  for (const a of host.adapters) {
    const port = off ? 0 : c.ports.indexOf(a.name) + 1;
    for (const kr of nas.krings(a.addr)) {
      if (m.ld32(kr + L.KR_MON) === port) continue;
      m.st32(kr + L.KR_MON_TAIL, m.ld32(kr + (m.ld32(kr + L.KR_TX) === L.NR_TX ? L.KR_NR_HWCUR : L.KR_RTAIL)));
      m.st32(kr + L.KR_MON, port);
    }
  }
}

/** Ends: no ring is copied, and the memory that was not needed goes back. */
export function stopCapture(m: Machine, c: CaptureState): CaptureState {
  m.st32(L.MACHINE + L.M_CAPTURE, 0);
  const keep = L.CAP_RECORDS + Math.ceil(m.ld32(c.addr + L.CAP_USED) / L.PAGE) * L.PAGE;
  if (keep < c.bytes) m.release(c.addr + keep, c.bytes - keep);
  return { ...c, bytes: Math.min(keep, c.bytes), on: false };
}
export function clearCapture(m: Machine, c: CaptureState) {
  release(m, c);
}

/** Seen and lost, by port. */
export function captureCounts(m: Machine, c: CaptureState): { port: string; seen: number; dropped: number }[] {
  return c.ports.map((port, i) => {
    const at = c.addr + L.CAP_PORT + i * L.CAP_PORT_SIZE;
    return { port, seen: m.ld32(at + L.CAPP_SEEN), dropped: m.ld32(at + L.CAPP_DROPS) };
  });
}

/** The packets in the buffer, in the order in which they passed. */
export function captured(m: Machine, c: CaptureState): Captured[] {
  const out: Captured[] = [],
    from = c.addr + L.CAP_RECORDS,
    end = from + Math.min(m.ld32(c.addr + L.CAP_USED), c.bytes - L.CAP_RECORDS);
  for (let r = from; r + L.CAPR_DATA <= end; ) {
    const size = m.ld32(r + L.CAPR_SIZE),
      caplen = m.ld32(r + L.CAPR_CAPLEN),
      what = m.ld16(r + L.CAPR_WHAT);
    if (size < L.CAPR_DATA + caplen || r + size > end) break;
    out.push({
      port: m.ld16(r + L.CAPR_PORT),
      tx: (what & L.CAPW_TX) !== 0,
      bad: (what & L.CAPW_BAD) !== 0,
      ns: m.ld64(r + L.CAPR_TS),
      len: m.ld32(r + L.CAPR_LEN),
      ring: m.ld32(r + L.CAPR_RING),
      slot: m.ld32(r + L.CAPR_SLOT),
      buf: m.ld32(r + L.CAPR_BUF),
      flags: m.ld32(r + L.CAPR_FLAGS),
      data: m.u8.slice(r + L.CAPR_DATA, r + L.CAPR_DATA + caplen),
    });
    r += size;
  }
  // threads that run at once may have come in another order
  return out.sort((a, b) => a.ns - b.ns);
}

/** Where a packet was, as the comment of its block. */
function comment(x: Captured): string {
  const notes = [
    x.bad ? 'the slot names no buffer or is too long: no data' : '',
    x.flags & L.NS_INDIRECT ? 'indirect: the data is elsewhere' : '',
    x.flags & L.NS_MOREFRAG ? 'more fragments follow' : '',
  ].filter((n) => n);
  return [`${x.tx ? 'TX' : 'RX'} ring ${x.ring} slot ${x.slot} buf ${x.buf}`, ...notes].join('; ');
}

/** One interface a port; each packet says which way it went and where it was. Times are the lab's. */
export function toPcapng(m: Machine, c: CaptureState): Uint8Array {
  const snaplen = m.ld32(c.addr + L.CAP_SNAP),
    end = stampOfNs(m.clock);
  return joined([
    pcapngHeader({ hardware: 'ringside', os: 'FreeBSD 10.2-STABLE', application: 'lab capture' }),
    ...c.ports.map((name) => pcapngInterface({ name, snaplen, description: 'netmap port; "out" is what its user sends' })),
    ...captured(m, c).map((x) =>
      pcapngPacket({
        iface: x.port,
        ts: stampOfNs(x.ns),
        data: x.data,
        len: Math.max(x.len, x.data.length),
        comment: comment(x),
        direction: x.tx ? 'out' : 'in',
      }),
    ),
    ...captureCounts(m, c).map(({ seen, dropped }, iface) => pcapngStatistics({ iface, ts: end, received: seen, dropped })),
  ]);
}

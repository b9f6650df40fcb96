// nm_open: the user library's part of opening a port: the name's grammar, the request, the mapping. Mirrors the header
// netmap_user.h (facts netmap 2.13); what only later libraries accept is parsed too, and refused where 2015's kernel has none.

import * as L from '../../wasm/layout.ts';
import type { Proc } from '../sh/proc.ts';
import {
  NETMAP_RING_MASK,
  NIOCREGIF,
  NR_EXCLUSIVE,
  NR_MONITOR_RX,
  NR_MONITOR_TX,
  NR_REG_ALL_NIC,
  NR_REG_NIC_SW,
  NR_REG_ONE_NIC,
  NR_REG_PIPE_MASTER,
  NR_REG_PIPE_SLAVE,
  NR_REG_SW,
  NR_RX_RINGS_ONLY,
  NR_TX_RINGS_ONLY,
  NR_ZCOPY_MON,
  type Nmreq,
  newNmreq,
} from './nmreq.ts';
import { ERESTART, type NetmapDesc, type Strerror, type Sys } from './sys.ts';

/** A parsed port name. */
export interface PortName {
  /** What goes into nr_name, without a pipe's suffix. */
  name: string;
  mode: number;
  ringid: number;
  flags: number;
  /** Allocator asked for by @id, 0 for none. */
  memId: number;
  /** A pipe's id when it is no number: later versions only. */
  pipeName?: string;
  /** What begins with @key:, left for options of later libraries. */
  rest?: string;
}
/** Why a name is none: `where` is the part that is wrong, as the parsers of later libraries divide it. */
export interface BadName {
  error: string;
  where: 'header' | 'register';
}

const FLAGS: Record<string, number> = {
  x: NR_EXCLUSIVE,
  z: NR_ZCOPY_MON,
  t: NR_MONITOR_TX,
  r: NR_MONITOR_RX,
  R: NR_RX_RINGS_ONLY,
  T: NR_TX_RINGS_ONLY,
};
const IFNAMSIZ = 16;
const bad = (where: BadName['where'], error: string): BadName => ({ where, error });

/** Port names of netmap: `netmap:NAME[suffix]` or `vale[switch]:port[suffix]`. Undefined: not a netmap name at all. */
export function parsePortName(text: string): PortName | BadName | undefined {
  const prefix = /^(netmap:|vale)/.exec(text)?.[1];
  if (!prefix) return undefined;
  const body = prefix === 'netmap:' ? text.slice(7) : text;
  const m = /^([^-*^{}/@]*)(?:([{}])([^-*^{}/@]*))?/.exec(body) ?? ['', ''];
  const name = m[1] ?? '';
  if (name === '') return bad('header', 'no port name');
  if (prefix === 'netmap:' ? !/^[A-Za-z0-9_.]+$/.test(name) : !/^vale[A-Za-z0-9_]*(:[A-Za-z0-9_.]+)?$/.test(name))
    return bad('header', name.startsWith('vale') ? 'bad switch or port name' : 'bad interface name');
  if (name.length >= IFNAMSIZ) return bad('header', 'name too long');
  const p: PortName = { name, mode: NR_REG_ALL_NIC, ringid: 0, flags: 0, memId: 0 };
  if (m[2]) {
    const id = m[3] ?? '';
    if (!/^[A-Za-z0-9_]+$/.test(id)) return bad('header', 'invalid pipe name');
    p.mode = m[2] === '{' ? NR_REG_PIPE_MASTER : NR_REG_PIPE_SLAVE;
    if (/^\d+$/.test(id)) {
      if (Number(id) >= NETMAP_RING_MASK) return bad('header', `'${id}' out of range [0,${NETMAP_RING_MASK})`);
      p.ringid = Number(id);
    } else p.pipeName = id;
    if (/[{}]/.test(body.slice(m[0]?.length ?? 0, (m[0]?.length ?? 0) + 1))) return bad('header', 'invalid pipe name');
  }
  return modes(p, body.slice(m[0]?.length ?? 0));
}

/** The mode part: -N, ^, *, @id, /flags, in the order in which they come. */
function modes(p: PortName, text: string): PortName | BadName {
  let rest = text,
    sized = p.mode !== NR_REG_ALL_NIC;
  while (rest !== '') {
    const c = rest[0] ?? '';
    if (c === '@') {
      const id = /^@(\d+)/.exec(rest);
      if (!id) {
        if (/^@[A-Za-z]/.test(rest)) {
          p.rest = rest;
          return p;
        }
        return bad('register', 'unexpected end of port name');
      }
      const n = Number(id[1]);
      if (n > 0xffff) return bad('register', `'${id[1]}' out of range`);
      if (p.memId && p.memId !== n) return bad('register', 'memory id given twice');
      p.memId = n;
      rest = rest.slice(id[0].length);
      continue;
    }
    if (c === '/') {
      const letters = /^\/([^@]*)/.exec(rest)?.[1] ?? '';
      for (const l of letters) {
        const f = Object.hasOwn(FLAGS, l) ? FLAGS[l] : undefined;
        if (f === undefined) return bad('register', `unrecognized flag: '${l}'`);
        p.flags |= f;
      }
      rest = rest.slice(1 + letters.length);
      if (letters === '') return bad('register', 'unexpected end of port name');
      continue;
    }
    if (c === '-') {
      const id = /^-(\d+)/.exec(rest);
      if (!id) return bad('register', 'unexpected end of port name');
      if (sized && p.pipeName === undefined) return bad('register', `unexpected character: '${c}'`);
      if (Number(id[1]) >= NETMAP_RING_MASK) return bad('register', `'${id[1]}' out of range [0,${NETMAP_RING_MASK})`);
      if (p.mode === NR_REG_ALL_NIC) {
        p.mode = NR_REG_ONE_NIC;
        p.ringid = Number(id[1]);
      }
      sized = true;
      rest = rest.slice(id[0].length);
      continue;
    }
    if ((c === '^' || c === '*') && !sized) {
      p.mode = c === '^' ? NR_REG_SW : NR_REG_NIC_SW;
      sized = true;
      rest = rest.slice(1);
      continue;
    }
    return bad(c === '^' || c === '*' ? 'register' : 'header', `unknown modifier: '${c}'`);
  }
  return p;
}

export interface OpenOptions {
  /** NM_OPEN_RING_CFG: tx slots, rx slots, tx rings, rx rings; 0 leaves the default. */
  ringCfg?: [number, number, number, number];
  /** NM_OPEN_ARG1, 2, 3: pipes to reserve, allocator, extra buffers. */
  arg1?: number;
  arg2?: number;
  arg3?: number;
  flags?: number;
  /** NETMAP_NO_TX_POLL and its like. */
  ringid?: number;
}

/** The request that nm_open sends for a name; a text says why there is none. */
export function openRequest(name: string, o: OpenOptions = {}): Nmreq | BadName | undefined {
  const p = parsePortName(name);
  if (!p || 'error' in p) return p;
  if (p.pipeName !== undefined) return bad('header', 'pipes have numbers here: names came in 2018');
  const [txs = 0, rxs = 0, txr = 0, rxr = 0] = o.ringCfg ?? [];
  return newNmreq(p.name, {
    nr_flags: p.mode | p.flags | (o.flags ?? 0),
    nr_ringid: p.ringid | (o.ringid ?? 0),
    nr_tx_slots: txs,
    nr_rx_slots: rxs,
    nr_tx_rings: txr,
    nr_rx_rings: rxr,
    nr_arg1: o.arg1 ?? 0,
    nr_arg2: p.memId || (o.arg2 ?? 0),
    nr_arg3: o.arg3 ?? 0,
  });
}

/** nm_open: descriptor, registration, mapping. Undefined: the kernel has not answered, ask again when woken. */
export function nmOpen(p: Proc, sys: Sys, name: string, o: OpenOptions = {}): NetmapDesc | Strerror | undefined {
  const req = openRequest(name, o);
  if (!req) return { errno: 0, text: 'not a netmap port name' };
  if ('error' in req) return { errno: 22, text: 'Invalid argument', why: req.error };
  const fd = sys.openNetmap(p),
    e = sys.ioctl(p, fd, NIOCREGIF, req);
  if (e) {
    sys.netmapClose(p, fd);
    return e.errno === ERESTART ? undefined : e;
  }
  return nmDesc(sys, fd, req, p);
}

/** What a program sees of a registered descriptor, from the reply and its own netmap_if. */
export function nmDesc(sys: Sys, fd: number, req: Nmreq, p: Proc): NetmapDesc {
  const { as, base } = sys.mmap(p, fd),
    nifp = base + req.nr_offset,
    { m } = sys,
    rd = (a: number) => m.ld32(m.wasm.va(as, a) >>> 0);
  const ntx = rd(nifp + L.NIF_TX_RINGS),
    nrx = rd(nifp + L.NIF_RX_RINGS),
    mode = req.nr_flags & 15,
    ring = req.nr_ringid & NETMAP_RING_MASK;
  const range = (n: number): [number, number] =>
    mode === NR_REG_SW
      ? [n, n]
      : mode === NR_REG_NIC_SW
        ? [0, n]
        : mode === NR_REG_ONE_NIC
          ? ring < n
            ? [ring, ring]
            : [0, 0]
          : [0, n - 1];
  return {
    fd,
    name: req.nr_name,
    memId: req.nr_arg2,
    memsize: req.nr_memsize,
    as,
    mem: base,
    nifp,
    txRings: ntx,
    rxRings: nrx,
    txSlots: req.nr_tx_slots,
    rxSlots: req.nr_rx_slots,
    tx: range(ntx),
    rx: range(nrx),
    mac: sys.ifconfig().find((i) => i.name === req.nr_name)?.ether ?? '',
  };
}

/** Address of a ring, in the program's address space (NETMAP_TXRING, NETMAP_RXRING of 2015). */
export function ringAddress(sys: Sys, d: NetmapDesc, tx: boolean, i: number): number {
  const k = tx ? i : i + d.txRings + 1,
    at = d.nifp + L.NIF_RING_OFS + k * 8;
  return (d.nifp + sys.m.ld32(sys.m.wasm.va(d.as, at) >>> 0)) >>> 0;
}

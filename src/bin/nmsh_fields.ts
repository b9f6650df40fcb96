// The names that expect knows: TX0.head, RX1.slot[3].len, kr.TX0.nr_hwcur, last.errno, if.ni_bufs_head, mem.id, csb.…

import * as L from '../../wasm/layout.ts';
import type { Lookup, Value } from './nmsh_expr.ts';
import * as R from './nmsh_rings.ts';
import type { KrSnap, NmshState } from './nmsh_state.ts';
import type { Sys } from './sys.ts';

/** Numbers by name (errno.h, net/netmap.h, poll.h). */
const CONSTANTS: Record<string, number> = {
  ...R.SLOT_FLAGS,
  ...R.RING_FLAGS,
  ...R.EVENTS,
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  ENOMEM: 12,
  EBUSY: 16,
  EINVAL: 22,
  ENOTTY: 25,
};
const RING: Record<string, number> = {
  num_slots: L.RING_NUM_SLOTS,
  nr_buf_size: L.RING_NR_BUF_SIZE,
  head: L.RING_HEAD,
  cur: L.RING_CUR,
  tail: L.RING_TAIL,
  flags: L.RING_FLAGS,
};
export const RING_FIELDS = [...Object.keys(RING), 'ringid', 'dir', 'buf_ofs', 'space', 'ts'];
const SLOT = ['buf_idx', 'len', 'flags', 'ptr'] as const;
const KR = ['rhead', 'rcur', 'rtail', 'nr_hwcur', 'nr_hwtail', 'nr_kflags', 'nr_busy', 'nkr_stopped', 'num_slots', 'reinit'] as const;
const IF: Record<string, number> = {
  ni_version: L.NIF_VERSION,
  ni_flags: L.NIF_FLAGS,
  ni_tx_rings: L.NIF_TX_RINGS,
  ni_rx_rings: L.NIF_RX_RINGS,
  ni_bufs_head: L.NIF_BUFS_HEAD,
};
const LAST = ['errno', 'revents', 'ok'] as const;
const MEM = ['id', 'memsize', 'buf_total', 'buf_size'] as const;

/** What begins a name, for messages and completion. */
export const ROOTS = ['TX0.', 'RX0.', 'kr.TX0.', 'last.', 'if.', 'mem.', 'csb.', 'fd'];

const own = (o: Record<string, number>, k: string) => (Object.hasOwn(o, k) ? o[k] : undefined);
const one = <T extends string>(list: readonly T[], k: string): T | undefined => list.find((x) => x === k);
const none = (what: string, list: readonly string[]): Value => ({ error: `no field ${what}: there are ${list.join(', ')}` });

function ofRing(sys: Sys, r: R.Ring, path: string): Value {
  const slot = /^slot\[(\w+)\]\.(\w+)(?:\[(\w+)\])?$/.exec(path);
  if (slot) {
    const i = R.findSlot(sys, r, slot[1]);
    if (typeof i === 'string') return { error: i };
    const s = R.readSlot(sys, r, i),
      f = one(SLOT, slot[2] ?? '');
    if (f && slot[3] === undefined) return { v: s[f] };
    if (slot[2] === 'byte' && slot[3] !== undefined) {
      const k = Number(slot[3]),
        a = R.bufAddress(sys, r, s.buf_idx) + k;
      if (!Number.isInteger(k) || k >= r.bufsize || !R.inside(r.d, a, 1)) return { error: `no byte ${slot[3]} in the buffer of slot ${i}` };
      return { v: R.rd8(sys, r.d, a) };
    }
    return none(`${r.name}.${path}`, [...SLOT, 'byte[N]']);
  }
  const w = own(RING, path);
  if (w !== undefined) return { v: R.ringWord(sys, r, w) };
  switch (path) {
    case 'ringid':
      return { v: R.rd16(sys, r.d, r.addr + L.RING_RINGID) };
    case 'dir':
      return { v: R.rd16(sys, r.d, r.addr + L.RING_DIR) };
    case 'buf_ofs':
      return { v: R.rd64(sys, r.d, r.addr + L.RING_BUF_OFS) };
    case 'ts':
      return { v: R.rd64(sys, r.d, r.addr + L.RING_TS) * 1e6 + R.rd64(sys, r.d, r.addr + L.RING_TS + 8) };
    case 'space': {
      const { head, tail } = R.indices(sys, r);
      return { v: r.n ? (((tail - head) % r.n) + r.n) % r.n : 0 };
    }
    default:
      return none(`${r.name}.${path}`, [...RING_FIELDS, 'slot[N].len']);
  }
}

export const lookup =
  (st: NmshState, sys: Sys): Lookup =>
  (name): Value => {
    const c = own(CONSTANTS, name);
    if (c !== undefined) return { v: c, constant: true };
    if (name === 'fd') return { v: st.cur };
    const dot = name.indexOf('.'),
      root = dot < 0 ? name : name.slice(0, dot),
      path = dot < 0 ? '' : name.slice(dot + 1);
    if (/^(\d+:)?[TR]X/i.test(root)) {
      const r = R.findRing(st, sys, root);
      return typeof r === 'string' ? { error: r } : ofRing(sys, r, path);
    }
    switch (root) {
      case 'kr': {
        const m = /^([^.]+)\.(\w+)$/.exec(path),
          r = R.findRing(st, sys, m?.[1] ?? path),
          f = one(KR, m?.[2] ?? '');
        if (typeof r === 'string') return { error: r };
        const kr = R.kringOf(sys, r);
        if (!kr) return { error: `this kernel has no kring for ${r.name}` };
        const k: KrSnap = R.readKring(sys, kr);
        return f ? { v: k[f] } : none(name, KR);
      }
      case 'last': {
        const f = one(LAST, path);
        return f ? { v: st.last[f] } : none(name, LAST);
      }
      case 'if': {
        const r = R.registered(st),
          o = own(IF, path);
        if (typeof r === 'string') return { error: r };
        return o === undefined ? none(name, Object.keys(IF)) : { v: R.rd32(sys, r.d, r.d.nifp + o) };
      }
      case 'mem': {
        const r = R.registered(st),
          f = one(MEM, path);
        if (typeof r === 'string') return { error: r };
        return f ? { v: R.memInfo(sys, r.d)[f] } : none(name, MEM);
      }
      case 'csb': {
        const r = R.readCsb(st, sys);
        if (typeof r === 'string') return { error: r };
        const v = own(r, path);
        return v === undefined ? none(name, Object.keys(r)) : { v };
      }
      default:
        return { error: `no name ${name}: names begin with ${ROOTS.join(' ')}, or are constants as EBUSY, POLLERR, NS_REPORT` };
    }
  };

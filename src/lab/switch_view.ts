// What forwards frames: VALE switches of every kernel with their tables and leases, netmap pipes, and the host's if_bridge. Read as the
// data plane has them (facts netmap 3.1 to 3.5, 4.1); nothing of a table is believed to be in range.

import * as L from '../../wasm/layout.ts';
import type { AdapterEntry } from '../net/tree.ts';
import { type Kernel, kernels } from './objects.ts';
import type { SwitchPort, SwitchView, VisibleBridge, VisiblePipe, VisibleSwitch } from './panel_types.ts';
import type { World } from './world.ts';

const ENTRIES = 64,
  LEASES = 16;

export const macAt = ({ m }: World, at: number) =>
  Array.from({ length: 6 }, (_, i) =>
    m
      .ld8(at + i)
      .toString(16)
      .padStart(2, '0'),
  ).join(':');

/** Krings of a port in one direction, without the host's. */
function krings(w: World, na: number, tx: boolean): number[] {
  const nas = w.host.netmap.nas;
  return Array.from({ length: Math.max(0, nas.count(na, tx) - 1) }, (_, i) => nas.kring(na, tx, i));
}
const total = (w: World, na: number, tx: boolean, stat: number) => krings(w, na, tx).reduce((n, kr) => n + w.m.ld64(kr + stat), 0);
const isOpen = (w: World, a: AdapterEntry) => w.m.ld32(a.addr + L.NA_ACTIVE_FDS) > 0 || a.busy === true;
const passed = (k: Kernel, a: AdapterEntry) => k.tree.fds.some((f) => f.na === a.addr && f.ptnetmap);

function port(w: World, k: Kernel, a: AdapterEntry, n: number): SwitchPort {
  const { m } = w;
  return {
    n,
    name: a.name,
    kind: passed(k, a) ? 'vale, passed through' : a.kind,
    owner: passed(k, a) ? 'shared' : k.side,
    open: isOpen(w, a),
    txPackets: total(w, a.addr, true, L.KR_STAT_PACKETS),
    rxPackets: total(w, a.addr, false, L.KR_STAT_PACKETS),
    copies: total(w, a.addr, false, L.KR_STAT_COPIES),
    drops: total(w, a.addr, false, L.KR_STAT_DROPS),
    rings: krings(w, a.addr, false).map((kr, ring) => {
      const slots = Math.min(m.ld32(kr + L.KR_NUM_SLOTS), 4096),
        at = m.ld32(kr + L.KR_LEASES),
        idx = m.ld32(kr + L.KR_LEASE_IDX),
        hwtail = m.ld32(kr + L.KR_NR_HWTAIL),
        hwlease = m.ld32(kr + L.KR_HWLEASE),
        open: number[] = [];
      // leases that were given and are not committed lie between hwtail and hwlease; each has an entry before lease_idx
      if (at && slots)
        for (let i = 0; i < slots; i++) {
          const v = m.ld32(at + i * 4);
          if (v !== L.NR_NOSLOT) open.push(v);
        }
      return {
        ring,
        hwcur: m.ld32(kr + L.KR_NR_HWCUR),
        hwtail,
        hwlease,
        leaseIdx: idx,
        open: open.slice(0, LEASES),
        more: Math.max(0, open.length - LEASES),
      };
    }),
  };
}

function visible(w: World, k: Kernel, name: string, bdg: number): VisibleSwitch {
  const { m } = w,
    at = (n: number) => k.tree.adapters.find((a) => a.addr === m.ld32(bdg + L.BDG_PORTS + n * 4)),
    active = Math.min(m.ld32(bdg + L.BDG_ACTIVE), L.NM_BDG_MAXPORTS),
    ports: SwitchPort[] = [];
  for (let i = 0; i < active; i++) {
    const n = m.ld16(bdg + L.BDG_PORT_INDEX + i * 2),
      a = n < L.NM_BDG_MAXPORTS ? at(n) : undefined;
    if (a) ports.push(port(w, k, a, n));
  }
  const table: VisibleSwitch['table'] = [];
  let more = 0;
  for (let b = 0; b < L.NM_BDG_HASH; b++) {
    const e = bdg + L.BDG_HT + b * 16;
    if (!m.ld32(e) && !m.ld32(e + 4)) continue;
    if (table.length >= ENTRIES) {
      more++;
      continue;
    }
    const n = m.ld32(e + 8),
      a = n < L.NM_BDG_MAXPORTS ? at(n) : undefined;
    table.push({ mac: macAt(w, e), port: n, name: a?.name ?? '', bucket: b, gone: !a });
  }
  return { kernel: k.name, name, lock: m.ld32(bdg + L.BDG_LOCK), ports, table, more };
}

function pipes(w: World, k: Kernel): VisiblePipe[] {
  const { m } = w,
    masters = k.tree.adapters.filter((a) => a.kind === 'pipe' && a.name.includes('{'));
  return masters.map((a) => {
    const peer = k.tree.adapters.find((x) => x.addr === m.ld32(a.addr + L.NA_PEER));
    return {
      kernel: k.name,
      parent: a.parent ?? '',
      ends: [a, ...(peer ? [peer] : [])].map((e) => ({
        name: e.name,
        open: isOpen(w, e),
        owner: passed(k, e) ? ('shared' as const) : k.side,
        txPackets: total(w, e.addr, true, L.KR_STAT_PACKETS),
        rxPackets: total(w, e.addr, false, L.KR_STAT_PACKETS),
      })),
    };
  });
}

function bridges(w: World): VisibleBridge[] {
  const { m } = w;
  return w.tree.host.ifs
    .filter((b) => b.kind === 'bridge')
    .map((b) => {
      const s = b.softc,
        table: VisibleBridge['table'] = [];
      let more = 0;
      for (let h = 0; s && h < L.BR_HASH_SIZE; h++) {
        let i = m.ld32(s + L.BR_HASH + h * 4);
        for (let hops = 0; i && i <= L.BR_RT_MAX && hops < L.BR_RT_MAX; hops++) {
          const e = s + L.BR_RT + (i - 1) * L.BRT_SIZE,
            ifp = m.ld32(e + L.BRT_IFP),
            expire = m.ld64(e + L.BRT_EXPIRE);
          if (table.length < ENTRIES)
            table.push({
              mac: macAt(w, e + L.BRT_MAC),
              member: w.tree.host.ifs.find((x) => x.addr === ifp)?.name ?? '',
              left: expire ? Math.max(0, Math.ceil((expire - m.clock) / 1e9)) : 0,
            });
          else more++;
          i = m.ld32(e + L.BRT_NEXT);
        }
      }
      return {
        name: b.name,
        members: (b.members ?? []).map((name, i) => ({
          name,
          learning: s !== 0 && (m.ld32(s + L.BR_MEMBERS + i * 8 + 4) & L.IFBIF_LEARNING) !== 0,
        })),
        table,
        more,
        count: s ? m.ld32(s + L.BR_COUNT) : 0,
        max: s ? m.ld32(s + L.BR_MAX) : 0,
        timeout: s ? m.ld32(s + L.BR_TIMEOUT) : 0,
        floods: s ? m.ld64(s + L.BR_STAT_FLOOD) : 0,
        full: s ? m.ld64(s + L.BR_STAT_FULL) : 0,
      };
    });
}

export function switchView(w: World): SwitchView {
  const all = kernels(w);
  return {
    switches: all.flatMap((k) => k.tree.bridges.map((b) => visible(w, k, b.name, b.addr))),
    pipes: all.flatMap((k) => pipes(w, k)),
    bridges: bridges(w),
  };
}

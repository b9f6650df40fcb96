// The krings of a port, field by field: a guest's beside the host's where the port is passed through. And what each thread has counted.

import * as L from '../../wasm/layout.ts';
import { type Kernel, kernels, portTitle, ringTitle } from './objects.ts';
import type { KringColumn, KringsView, NamedWord, ThreadCounts } from './panel_types.ts';
import type { Side } from './protocol.ts';
import { NM_KRING, type Struct, type StructField } from './structs.ts';
import { rings, vtnetOf } from './view.ts';
import type { World } from './world.ts';

/** Functions that a kring's words may name, as the source has them. */
const FUNCTIONS: Record<number, string> = {
  [L.OP_PTN_TX_NOTIFY]: 'ptnetmap_tx_notify',
  [L.OP_PTN_RX_NOTIFY]: 'ptnetmap_rx_notify',
  [L.OP_KRING_NOTIFY]: 'netmap_notify',
  [L.OP_VALE_TXSYNC]: 'netmap_vp_txsync',
  [L.OP_VALE_RXSYNC]: 'netmap_vp_rxsync',
  [L.OP_PIPE_TXSYNC]: 'netmap_pipe_txsync',
  [L.OP_PIPE_RXSYNC]: 'netmap_pipe_rxsync',
  [L.OP_NULL_SYNC]: 'netmap_null_sync',
  [L.OP_PTNET_TXSYNC]: 'ptnet_txsync',
  [L.OP_PTNET_RXSYNC]: 'ptnet_rxsync',
  [L.OP_IX_TXSYNC]: 'ixgbe_netmap_txsync',
  [L.OP_IX_RXSYNC]: 'ixgbe_netmap_rxsync',
  [L.OP_HOST_TXSYNC]: 'netmap_txsync_to_host',
  [L.OP_HOST_RXSYNC]: 'netmap_rxsync_from_host',
  [L.OP_GENERIC_TXSYNC]: 'generic_netmap_txsync',
  [L.OP_GENERIC_RXSYNC]: 'generic_netmap_rxsync',
  [L.OP_BWRAP_NOTIFY]: 'netmap_bwrap_notify',
  [L.OP_BWRAP_INTR]: 'netmap_bwrap_intr_notify',
  [L.OP_MON_TXSYNC]: 'netmap_monitor_txsync',
  [L.OP_MON_RXSYNC]: 'netmap_monitor_rxsync',
  [L.OP_MON_PARENT_TXSYNC]: 'netmap_monitor_parent_txsync',
  [L.OP_MON_PARENT_RXSYNC]: 'netmap_monitor_parent_rxsync',
  [L.OP_MON_PARENT_NOTIFY]: 'netmap_monitor_parent_notify',
  [L.OP_ZMON_PARENT_TXSYNC]: 'netmap_zmon_parent_txsync',
  [L.OP_ZMON_PARENT_RXSYNC]: 'netmap_zmon_parent_rxsync',
};
const KFLAGS: readonly [number, string][] = [
  [L.NKR_PENDINTR, 'NKR_PENDINTR'],
  [L.NKR_EXCLUSIVE, 'NKR_EXCLUSIVE'],
  [L.NKR_FORWARD, 'NKR_FORWARD'],
  [L.NKR_FAKERING, 'NKR_FAKERING'],
];
export const bits = (v: number, names: readonly [number, string][]) =>
  names
    .filter(([b]) => v & b)
    .map(([, n]) => n)
    .join(', ');

/** A field as a word with its value now. */
export function word(w: World, s: Struct, f: StructField, at: number, side: Side): NamedWord {
  const { m } = w,
    addr = at + f.at,
    bytes = f.bytes === 8 || f.bytes === 2 || f.bytes === 1 ? f.bytes : 4,
    value = bytes === 8 ? m.ld64(addr) : bytes === 2 ? m.ld16(addr) : bytes === 1 ? m.ld8(addr) : m.ld32(addr);
  const says = f.text ? m.string(addr, f.bytes) : s === NM_KRING ? saysOf(w, f, addr, value) : '';
  return {
    name: f.name,
    addr,
    bytes,
    value,
    owner: f.owner === 'mine' ? side : f.owner === 'user' ? side : f.owner,
    note: f.note,
    ...(says ? { says } : {}),
    ...(f.hex ? { hex: true as const } : {}),
  };
}
function saysOf(w: World, f: StructField, addr: number, value: number): string {
  const { m } = w;
  switch (f.name) {
    case 'nm_sync':
    case 'nm_notify':
    case 'save_notify': {
      if (!value) return '';
      const op = Object.keys(FUNCTIONS).find((o) => m.op(Number(o)) === value);
      return op === undefined ? '' : (FUNCTIONS[Number(op)] ?? '');
    }
    case 'nr_kflags':
      return bits(value, KFLAGS);
    case 'si': {
      const waiting = Array.from({ length: L.KR_SI_MAX }, (_, i) => m.ld32(addr + i * 4)).filter((x) => x);
      return waiting.length ? waiting.map((x) => `0x${x.toString(16)}`).join(', ') : 'nobody';
    }
    default:
      return '';
  }
}
export const words = (w: World, s: Struct, at: number, side: Side): NamedWord[] => s.fields.map((f) => word(w, s, f, at, side));

const idOf = (k: Kernel, name: string) => `${k.name}/${name}`;

export function kringsView(w: World, q: { port: string; ring: string }): KringsView | null {
  const { m } = w,
    nas = w.host.netmap.nas,
    all = kernels(w).flatMap((k) => k.tree.adapters.map((a) => ({ k, a, id: idOf(k, a.name), ...portTitle(w, k, a) })));
  if (!all.length) return null;
  const open = ({ a }: (typeof all)[number]) => nas.krings(a.addr).some((kr) => m.ld32(kr + L.KR_RING) !== 0),
    ring = rings(w).find((r) => r.id === q.ring),
    na = ring && m.ld32(ring.hostKring + L.KR_NA),
    now = all.find((x) => x.id === q.port) ?? all.find((x) => x.k.side === 'host' && x.a.addr === na) ?? all.find(open) ?? all[0];
  if (!now) return null;
  const fd = now.k.tree.fds.find((f) => f.na === now.a.addr && f.ptnetmap),
    vt = fd && now.k.side === 'host' ? vtnetOf(w, fd.id) : undefined;
  const column = (kr: number, side: Side, title: string): KringColumn => ({ title, side, addr: kr, words: words(w, NM_KRING, kr, side) });
  return {
    ports: all.map(({ id, title }) => ({ id, title })),
    port: now.id,
    title: now.title,
    dirs: (['TX', 'RX'] as const).map((dir) => ({
      dir,
      krings: [
        ...(vt ? [column(dir === 'TX' ? vt.tx : vt.rx, 'guest', `${dir} ring 0`)] : []),
        ...nas
          .krings(now.a.addr)
          .filter((kr) => m.ld32(kr + L.KR_TX) === (dir === 'TX' ? L.NR_TX : L.NR_RX) && !(m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING))
          .slice(0, 17)
          .map((kr) => column(kr, now.k.side, ringTitle(w, kr))),
      ],
    })),
  };
}

export function threadCounts(w: World): ThreadCounts[] {
  const { m } = w,
    out: ThreadCounts[] = [];
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    out.push({
      id: m.ld32(t + L.T_ID),
      addr: t,
      iterations: m.ld64(t + L.T_STAT_ITER),
      sleeps: m.ld64(t + L.T_STAT_SLEEP),
      wakeups: m.ld64(t + L.T_STAT_WAKE),
      timeouts: m.ld64(t + L.T_STAT_TIMEOUT),
      sleptNs: m.ld64(t + L.T_STAT_SLEPT),
      aliveNs: Math.max(0, m.ld64(t + L.T_VTIME) - m.ld64(t + L.T_START)),
    });
  }
  return out;
}

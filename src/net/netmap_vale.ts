// VALE, control plane: switches, their ports, attaching and creating. Mirrors netmap_vale.c of 2015 (facts netmap 3.1, 3.6).
// A port joins or leaves only while nobody forwards: the writer side of the switch's lock is held meanwhile.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { NetmapMem } from './netmap_mem.ts';
import type { Adapters } from './netmap_na.ts';
import type { AdapterEntry, BridgeEntry, Errno, NetTree, MemEntry } from './tree.ts';

const NM_BRIDGES = 8,
  DEFAULT_PIPES = 2; // sized into a VALE port's own allocator
const MFS = 1514;

/** What a port is to be like; 0 is the default. */
export interface PortConfig {
  txd: number;
  rxd: number;
  txr: number;
  rxr: number;
  memId: number;
  extra: number;
  pipes: number;
}
export const NO_CONFIG: PortConfig = { txd: 0, rxd: 0, txr: 0, rxr: 0, memId: 0, extra: 0, pipes: 0 };

/** nm_bound_var: 0 is the default, the rest is brought into the range. */
export const bound = (v: number, dflt: number, lo: number, hi: number) => (v === 0 ? dflt : Math.min(Math.max(v, lo), hi));

export class Vale {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly mem: NetmapMem,
    private readonly nas: Adapters,
  ) {}

  /** "vale1" of "vale1:2": up to the first colon from the sixth character on; without one the switch is "vale". */
  static bridgeName(name: string): string {
    const colon = name.indexOf(':', 5);
    return colon < 0 ? 'vale' : name.slice(0, colon);
  }

  bridge(name: string): BridgeEntry | undefined {
    return this.tree().bridges.find((b) => b.name === name);
  }
  #bridgeNew(name: string): BridgeEntry | undefined {
    const t = this.tree(),
      found = this.bridge(name);
    if (found) return found;
    if (t.bridges.length >= NM_BRIDGES) {
      this.m.log(`no more bridges, cannot create ${name}`);
      return undefined;
    }
    const b = { name, addr: this.m.alloc(L.BDG_SIZE) };
    t.bridges.push(b);
    return b;
  }
  /** The switch of a port's name, made if it is not there and has room for more. */
  bridgeFor(name: string): BridgeEntry | Errno {
    const b = this.#bridgeNew(Vale.bridgeName(name)),
      active = b ? this.m.ld32(b.addr + L.BDG_ACTIVE) : 0;
    if (!b) return 'ENXIO';
    if (active + 2 < L.NM_BDG_MAXPORTS) return b;
    this.m.log(`bridge full ${active}, cannot create new port`);
    this.bridgeIdle(b);
    return 'ENXIO';
  }
  /** A switch without ports goes. */
  bridgeIdle(b: BridgeEntry) {
    this.#bridgeGone(b);
  }
  /** Number of a switch, as vale-ctl prints it. */
  index(b: BridgeEntry) {
    return this.tree().bridges.indexOf(b);
  }

  /** Opens or makes the ephemeral port of a name "valeX:port". */
  port(name: string, c: PortConfig): AdapterEntry | Errno {
    const existing = this.nas.find(name);
    if (existing) {
      existing.refs++;
      return existing;
    }
    if (name === `${Vale.bridgeName(name)}:`) return 'EINVAL';
    const bridge = this.bridgeFor(name);
    if (typeof bridge === 'string') return bridge;
    const entry = this.create(name, c);
    if (typeof entry === 'string') {
      this.bridgeIdle(bridge);
      return entry;
    }
    this.join(entry, bridge);
    return entry;
  }

  /** netmap_vp_create: an adapter of its own rings and, unless told otherwise, its own allocator; of no switch yet. */
  create(name: string, c: PortConfig): AdapterEntry | Errno {
    const dflt = Number(this.tree().sysctl['hw.lab.bridge_ringsize'] ?? 1024);
    const txr = bound(c.txr, 1, 1, L.NM_BDG_MAXRINGS),
      rxr = bound(c.rxr, 1, 1, L.NM_BDG_MAXRINGS);
    const txd = bound(c.txd, dflt, 2, 4096),
      rxd = bound(c.rxd, dflt, 2, 4096);
    let mem: MemEntry | undefined;
    if (c.memId) {
      mem = c.memId === 1 ? this.mem.global() : this.mem.byId(c.memId);
      if (!mem) return 'EINVAL';
    } else {
      const pipes = bound(c.pipes, DEFAULT_PIPES, 1, 64);
      mem = this.mem.private(name, txr, rxr, Math.max(txd, 1024), Math.max(rxd, 1024), c.extra, pipes);
    }
    if (!mem) return 'EINVAL';
    const own = mem;
    try {
      return this.#make(name, own, [txr, rxr, txd, rxd]);
    } catch (e) {
      if (own.refs === 0) this.mem.destroy(own);
      throw e;
    }
  }

  #make(name: string, mem: MemEntry, [txr, rxr, txd, rxd]: [number, number, number, number]): AdapterEntry {
    const entry = this.nas.create({
      name,
      kind: 'vale',
      type: L.NA_VALE,
      mem,
      ntx: txr,
      nrx: rxr,
      txd,
      rxd,
      flags: 0,
      sync: [L.OP_VALE_TXSYNC, L.OP_VALE_RXSYNC],
    });
    this.m.st32(entry.addr + L.NA_MFS, MFS);
    this.switchState(entry.addr);
    return entry;
  }

  /** What a port needs to forward: a table for each sending ring, leases for each receiving one. */
  switchState(na: number) {
    const { m, nas } = this;
    for (let i = 0; i < nas.count(na, true) - 1; i++) m.st32(nas.kring(na, true, i) + L.KR_FT, m.alloc(L.FT_TOTAL));
    for (let i = 0; i < nas.count(na, false) - 1; i++) {
      const kr = nas.kring(na, false, i),
        n = m.ld32(kr + L.KR_NUM_SLOTS),
        leases = m.alloc(n * 4);
      m.st32(kr + L.KR_LEASES, leases);
      for (let k = 0; k < n; k++) m.st32(leases + k * 4, L.NR_NOSLOT);
    }
  }
  #switchStateGone(na: number) {
    const { m, nas } = this;
    for (let i = 0; i < nas.count(na, true) - 1; i++) m.release(m.ld32(nas.kring(na, true, i) + L.KR_FT), L.FT_TOTAL);
    for (let i = 0; i < nas.count(na, false) - 1; i++) {
      const kr = nas.kring(na, false, i);
      m.release(m.ld32(kr + L.KR_LEASES), m.ld32(kr + L.KR_NUM_SLOTS) * 4);
    }
  }

  /** The port enters a switch, under its lowest free number. */
  join(entry: AdapterEntry, bridge: BridgeEntry) {
    const { m } = this,
      na = entry.addr,
      active = m.ld32(bridge.addr + L.BDG_ACTIVE);
    entry.bridge = bridge.name;
    let port = 0;
    while (m.ld32(bridge.addr + L.BDG_PORTS + port * 4)) port++;
    m.st32(na + L.NA_BDG, bridge.addr);
    m.st32(na + L.NA_BDG_PORT, port);
    m.st64(na + L.NA_LAST_SMAC, 0);
    m.st16(bridge.addr + L.BDG_PORT_INDEX + active * 2, port);
    m.st32(bridge.addr + L.BDG_PORTS + port * 4, na);
    m.st32(bridge.addr + L.BDG_ACTIVE, active + 1);
  }

  /** netmap_bdg_detach: the port leaves its switch; the last one destroys it. What was learnt stays: no ageing (facts 3.3). */
  leave(entry: AdapterEntry) {
    const { m } = this,
      bdg = m.ld32(entry.addr + L.NA_BDG),
      port = m.ld32(entry.addr + L.NA_BDG_PORT);
    if (!bdg) return;
    const active = m.ld32(bdg + L.BDG_ACTIVE);
    const ports = Array.from({ length: active }, (_, i) => m.ld16(bdg + L.BDG_PORT_INDEX + i * 2));
    const at = ports.indexOf(port),
      last = ports[active - 1] ?? 0;
    m.st16(bdg + L.BDG_PORT_INDEX + at * 2, last);
    m.st16(bdg + L.BDG_PORT_INDEX + (active - 1) * 2, 0);
    m.st32(bdg + L.BDG_PORTS + port * 4, 0);
    m.st32(bdg + L.BDG_ACTIVE, active - 1);
    m.st32(entry.addr + L.NA_BDG, 0);
    delete entry.bridge;
    const b = this.tree().bridges.find((x) => x.addr === bdg);
    if (active === 1 && b) this.#bridgeGone(b);
  }
  #bridgeGone(b: BridgeEntry) {
    const t = this.tree();
    if (this.m.ld32(b.addr + L.BDG_ACTIVE)) return;
    this.m.release(b.addr, L.BDG_SIZE);
    t.bridges = t.bridges.filter((x) => x !== b);
  }

  /** The last reference to a port is gone. */
  destroyPort(entry: AdapterEntry) {
    this.leave(entry);
    this.#switchStateGone(entry.addr);
  }

  /** Ports of a switch in order of attachment: [port number, adapter]. */
  ports(b: BridgeEntry): [number, AdapterEntry][] {
    const { m } = this;
    return Array.from({ length: m.ld32(b.addr + L.BDG_ACTIVE) }, (_, i) => m.ld16(b.addr + L.BDG_PORT_INDEX + i * 2)).flatMap((p) => {
      const e = this.nas.at(m.ld32(b.addr + L.BDG_PORTS + p * 4));
      return e ? [[p, e] as [number, AdapterEntry]] : [];
    });
  }
}

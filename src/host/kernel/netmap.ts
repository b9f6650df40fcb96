// The host's netmap, control plane: port names, adapters, registration and release. Mirrors netmap.c, netmap_pipe.c and
// netmap_vale.c of 2015 (facts 1.13, 2.13, 3, 4). The data plane's structures are written here, before they are published.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import { NetmapMem, privateParams } from './netmap_mem.ts';
import { NetmapRings } from './netmap_rings.ts';
import { addCounts, portCounts } from './totals.ts';
import type { AdapterEntry, BridgeEntry, Errno, HostTree, MemEntry, NetmapFd } from './tree.ts';

const DEFAULT_PIPES = 2; // sized into a VALE port's own allocator
const FAKE = 1; // every adapter has one host ring each way, fake without a stack

export interface PortName {
  /** Name as the kernel sees it: "vale1:2" or "eth0", with the pipe suffix cut off. */
  base: string;
  pipe?: { id: number; master: boolean };
  ring?: number;
  host?: '^' | '*';
  flags: string;
}

/** nm_open's grammar of 2015 (facts 2.13, bhyve 1.6). Undefined when it is not a netmap name. */
export function parsePortName(name: string): PortName | undefined {
  const m = /^(?:netmap:|(?=vale))([A-Za-z0-9_:.]+)(?:([{}])(\d+)|(-)(\d+)|([\^*]))?(?:\/([xztr]*))?$/.exec(name);
  if (!m?.[1]) return undefined;
  const [, base, brace, id, dash, ring, host, flags] = m;
  if (brace && +(id ?? 0) >= 0xfff) return undefined;
  return {
    base,
    flags: flags ?? '',
    ...(brace ? { pipe: { id: +(id ?? 0), master: brace === '{' } } : {}),
    ...(dash ? { ring: +(ring ?? 0) } : {}),
    ...(host ? { host: host as '^' | '*' } : {}),
  };
}

export class Netmap {
  readonly mem: NetmapMem;
  readonly rings: NetmapRings;
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree,
  ) {
    this.mem = new NetmapMem(m, tree);
    this.rings = new NetmapRings(m, this.mem);
  }

  /** nm_open + NIOCREGIF. `ptnetmap` is flag NR_PTNETMAP_HOST. Answers the descriptor or an errno. */
  open(pid: number, name: string, ptnetmap = false): NetmapFd | Errno {
    const p = parsePortName(name);
    if (!p) return 'EINVAL';
    if (p.ring !== undefined && p.ring > 0) return 'EINVAL';
    if (!p.base.startsWith('vale')) return 'ENXIO'; // no such interface
    let entry: AdapterEntry;
    try {
      const found = p.pipe ? this.#pipe(p.base, p.pipe.id, p.pipe.master) : this.#valePort(p.base);
      if (typeof found === 'string') return found;
      entry = found;
    } catch (e) {
      if (e instanceof RangeError) return 'ENOMEM';
      throw e;
    }
    const { m } = this,
      t = this.tree(),
      na = entry.addr,
      flags = m.ld32(na + L.NA_FLAGS);
    if ((flags & L.NAF_BUSY) !== 0 || (ptnetmap && m.ld32(na + L.NA_ACTIVE_FDS) > 0)) {
      if (ptnetmap) this.log(`NIC ${entry.name} busy, cannot ptnetmap`);
      this.#unref(entry);
      return 'EBUSY';
    }
    const first = m.ld32(na + L.NA_ACTIVE_FDS) === 0;
    if (first && !this.rings.create(entry)) {
      this.#unref(entry);
      return 'ENOMEM';
    }
    const nifp = this.rings.netmapIf(na);
    if (nifp === undefined) {
      this.#unref(entry);
      return 'ENOMEM';
    }
    const tx = m.ld32(na + L.NA_TX_RINGS),
      rx = m.ld32(na + L.NA_RX_RINGS);
    for (const kr of [tx, rx]) m.st32(kr + L.KR_USERS, m.ld32(kr + L.KR_USERS) + 1);
    m.st32(na + L.NA_ACTIVE_FDS, m.ld32(na + L.NA_ACTIVE_FDS) + 1);
    m.st32(na + L.NA_FLAGS, m.ld32(na + L.NA_FLAGS) | L.NAF_NETMAP_ON | (ptnetmap ? L.NAF_BUSY : 0));
    const fd: NetmapFd = { id: t.nextFd++, pid, name: ptnetmap ? `${entry.name}-PTN` : entry.name, na, tx, rx, nifp, ptnetmap };
    t.fds.push(fd);
    return fd;
  }

  /**
   * close() if nobody is in the way: no sync of these rings, no sender inside their switch (the writer side of its
   * lock is held meanwhile). False: ask again.
   */
  tryClose(fd: NetmapFd): boolean {
    const { m } = this,
      bdg = m.ld32(fd.na + L.NA_BDG),
      lock = (bdg + L.BDG_LOCK) >>> 2;
    if (bdg && Atomics.compareExchange(m.u32, lock, 0, 0x80000000) !== 0) return false;
    const quiet = [fd.tx, fd.rx].every((kr) => !Atomics.load(m.u32, (kr + L.KR_NR_BUSY) >>> 2));
    if (quiet) this.close(fd);
    if (bdg && (!quiet || this.tree().bridges.some((b) => b.addr === bdg))) Atomics.store(m.u32, lock, 0);
    return quiet;
  }

  /** close(): unbinds the rings, leaves netmap mode with the last user, gives everything back. */
  close(fd: NetmapFd) {
    const { m } = this,
      t = this.tree(),
      na = fd.na;
    const entry = t.adapters.find((a) => a.addr === na);
    t.fds = t.fds.filter((f) => f !== fd);
    if (!entry) return;
    for (const kr of [fd.tx, fd.rx]) m.st32(kr + L.KR_USERS, m.ld32(kr + L.KR_USERS) - 1);
    const left = m.ld32(na + L.NA_ACTIVE_FDS) - 1;
    m.st32(na + L.NA_ACTIVE_FDS, left);
    if (fd.ptnetmap) m.st32(na + L.NA_FLAGS, m.ld32(na + L.NA_FLAGS) & ~L.NAF_BUSY);
    const mem = m.ld32(na + L.NA_MEM);
    this.mem.free(mem, L.POOL_IF, this.mem.index(mem, L.POOL_IF, fd.nifp));
    if (left === 0) {
      m.st32(na + L.NA_FLAGS, m.ld32(na + L.NA_FLAGS) & ~L.NAF_NETMAP_ON);
      if (entry.kind === 'vale') this.rings.remove(na);
      else this.rings.pipeLastClose(entry);
    }
    this.#unref(entry);
  }

  /** An open descriptor by number. */
  fd(id: number): NetmapFd | undefined {
    return this.tree().fds.find((f) => f.id === id);
  }
  /** nr_offset of a descriptor: where its netmap_if is in the region. */
  offset(fd: NetmapFd) {
    return fd.nifp - this.m.ld32(this.m.ld32(fd.na + L.NA_MEM) + L.MEM_BASE);
  }
  memOf(fd: NetmapFd): MemEntry {
    const mem = this.m.ld32(fd.na + L.NA_MEM),
      e = this.tree().mems.find((x) => x.addr === mem);
    if (!e) throw new Error('descriptor without an allocator');
    return e;
  }
  log(line: string) {
    this.tree().dmesg.push(line);
  }

  // ── adapters ──────────────────────────────────────────────────────────────────────────────────────────────────

  #valePort(name: string): AdapterEntry | Errno {
    const t = this.tree(),
      existing = t.adapters.find((a) => a.name === name);
    if (existing) {
      existing.refs++;
      return existing;
    }
    const colon = name.indexOf(':', 5),
      bname = colon < 0 ? 'vale' : name.slice(0, colon);
    if (colon === name.length - 1) return 'EINVAL';
    const bridge = this.#bridge(bname);
    if (!bridge) return 'ENXIO';
    const { m } = this,
      active = m.ld32(bridge.addr + L.BDG_ACTIVE);
    if (active + 2 >= L.NM_BDG_MAXPORTS) return 'ENXIO';
    const slots = t.sysctl['hw.lab.bridge_ringsize'] ?? 1024;
    const mem = this.mem.create(name, privateParams(1, 1, Math.max(slots, 1024), Math.max(slots, 1024), 0, DEFAULT_PIPES));
    const entry = this.#adapter(name, 'vale', mem, slots);
    entry.bridge = bname;
    const na = entry.addr;
    let port = 0;
    while (m.ld32(bridge.addr + L.BDG_PORTS + port * 4)) port++;
    m.st32(na + L.NA_BDG, bridge.addr);
    m.st32(na + L.NA_BDG_PORT, port);
    const tx = m.ld32(na + L.NA_TX_RINGS),
      rx = m.ld32(na + L.NA_RX_RINGS);
    m.st32(tx + L.KR_FT, m.alloc(L.FT_TOTAL));
    m.st32(rx + L.KR_LEASES, m.alloc(slots * 4));
    for (let i = 0; i < slots; i++) m.st32(m.ld32(rx + L.KR_LEASES) + i * 4, L.NR_NOSLOT);
    m.st16(bridge.addr + L.BDG_PORT_INDEX + active * 2, port);
    m.st32(bridge.addr + L.BDG_PORTS + port * 4, na);
    m.st32(bridge.addr + L.BDG_ACTIVE, active + 1);
    return entry;
  }

  #bridge(name: string): BridgeEntry | undefined {
    const t = this.tree(),
      found = t.bridges.find((b) => b.name === name);
    if (found) return found;
    if (t.bridges.length >= 8) return undefined; // NM_BRIDGES
    const b = { name, addr: this.m.alloc(L.BDG_SIZE) };
    t.bridges.push(b);
    return b;
  }

  /** Either end's open creates both adapters, in the parent's allocator. */
  #pipe(parentName: string, id: number, master: boolean): AdapterEntry | Errno {
    const t = this.tree(),
      name = (mst: boolean) => `${parentName}${mst ? '{' : '}'}${id}`;
    let mine = t.adapters.find((a) => a.name === name(master));
    if (!mine) {
      const parent = this.#valePort(parentName);
      if (typeof parent === 'string') return parent;
      const mem = t.mems.find((e) => e.addr === parent.mem);
      if (!mem) throw new Error('parent without an allocator');
      const slots = this.m.ld32(parent.addr + L.NA_NUM_TX_DESC);
      const ends = [true, false].map((mst) => {
        const e = this.#adapter(name(mst), 'pipe', mem, slots);
        e.parent = parentName;
        e.refs = 0;
        this.m.st32(e.addr + L.NA_PIPE_ID, id);
        this.m.st32(e.addr + L.NA_PARENT, parent.addr);
        return e;
      }) as [AdapterEntry, AdapterEntry];
      const [a, b] = ends,
        { m } = this;
      m.st32(a.addr + L.NA_PEER, b.addr);
      m.st32(b.addr + L.NA_PEER, a.addr);
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        m.st32(m.ld32(x.addr + L.NA_TX_RINGS) + L.KR_PIPE, m.ld32(y.addr + L.NA_RX_RINGS));
        m.st32(m.ld32(x.addr + L.NA_RX_RINGS) + L.KR_PIPE, m.ld32(y.addr + L.NA_TX_RINGS));
      }
      mine = master ? a : b;
    }
    mine.refs++;
    return mine;
  }

  /** Adapter and krings in one allocation; indices of new krings per facts 1.12. */
  #adapter(name: string, kind: 'vale' | 'pipe', mem: MemEntry, slots: number): AdapterEntry {
    const { m } = this,
      na = m.alloc(L.NA_KRINGS + 4 * L.KR_SIZE);
    m.st32(na + L.NA_TYPE, kind === 'vale' ? L.NA_VALE : L.NA_PIPE);
    m.st32(na + L.NA_NUM_TX_RINGS, 1);
    m.st32(na + L.NA_NUM_RX_RINGS, 1);
    m.st32(na + L.NA_NUM_TX_DESC, slots);
    m.st32(na + L.NA_NUM_RX_DESC, slots);
    m.st32(na + L.NA_MEM, mem.addr);
    m.st32(na + L.NA_TX_RINGS, na + L.NA_KRINGS);
    m.st32(na + L.NA_RX_RINGS, na + L.NA_KRINGS + 2 * L.KR_SIZE);
    m.putString(na + L.NA_NAME, name, 32);
    for (const tx of [true, false])
      for (let i = 0; i <= FAKE; i++) {
        const kr = m.ld32(na + (tx ? L.NA_TX_RINGS : L.NA_RX_RINGS)) + i * L.KR_SIZE,
          host = i === 1;
        const sync = host
          ? L.OP_NULL_SYNC
          : kind === 'vale'
            ? tx
              ? L.OP_VALE_TXSYNC
              : L.OP_VALE_RXSYNC
            : tx
              ? L.OP_PIPE_TXSYNC
              : L.OP_PIPE_RXSYNC;
        m.st32(kr + L.KR_NM_SYNC, m.op(sync));
        m.st32(kr + L.KR_NM_NOTIFY, m.op(L.OP_KRING_NOTIFY));
        m.st32(kr + L.KR_NUM_SLOTS, slots);
        m.st32(kr + L.KR_NA, na);
        m.st32(kr + L.KR_RING_ID, i);
        m.st32(kr + L.KR_TX, tx ? L.NR_TX : L.NR_RX);
        m.st32(kr + L.KR_MEM, mem.addr);
        m.st32(kr + L.KR_NR_KFLAGS, host ? L.NKR_FAKERING : 0);
        m.st32(kr + L.KR_NR_HWTAIL, tx ? slots - 1 : 0);
        m.st32(kr + L.KR_RTAIL, tx ? slots - 1 : 0);
        m.putString(kr + L.KR_NAME, name, 24);
      }
    mem.refs++;
    const entry: AdapterEntry = { addr: na, name, kind, mem: mem.addr, refs: 1 };
    this.tree().adapters.push(entry);
    return entry;
  }

  #unref(entry: AdapterEntry) {
    const t = this.tree(),
      { m } = this;
    entry.refs--;
    const dead = (e: AdapterEntry) => {
      const tx = m.ld32(e.addr + L.NA_TX_RINGS),
        rx = m.ld32(e.addr + L.NA_RX_RINGS),
        n = m.ld32(e.addr + L.NA_NUM_RX_DESC);
      addCounts(t.portTotals, e.name, portCounts(m, tx, rx));
      if (e.kind === 'vale') {
        this.#detach(e);
        m.release(m.ld32(tx + L.KR_FT), L.FT_TOTAL);
        m.release(m.ld32(rx + L.KR_LEASES), n * 4);
      }
      m.release(e.addr, L.NA_KRINGS + 4 * L.KR_SIZE);
      t.adapters = t.adapters.filter((a) => a !== e);
      const mem = t.mems.find((x) => x.addr === e.mem);
      if (mem && --mem.refs === 0) this.mem.destroy(mem);
    };
    if (entry.refs > 0) return;
    if (entry.kind === 'vale') {
      dead(entry);
      return;
    }
    const peer = t.adapters.find((a) => a.addr === m.ld32(entry.addr + L.NA_PEER));
    if (peer && peer.refs > 0) return;
    const parent = t.adapters.find((a) => a.addr === m.ld32(entry.addr + L.NA_PARENT));
    if (peer) dead(peer);
    dead(entry);
    if (parent) this.#unref(parent);
  }

  /** netmap_bdg_detach: the port leaves its switch; the last one destroys it. What was learnt stays: no ageing (facts 3.3). */
  #detach(entry: AdapterEntry) {
    const { m } = this,
      t = this.tree(),
      bdg = m.ld32(entry.addr + L.NA_BDG),
      port = m.ld32(entry.addr + L.NA_BDG_PORT);
    const active = m.ld32(bdg + L.BDG_ACTIVE);
    const ports = Array.from({ length: active }, (_, i) => m.ld16(bdg + L.BDG_PORT_INDEX + i * 2));
    const at = ports.indexOf(port),
      last = ports[active - 1] ?? 0;
    m.st16(bdg + L.BDG_PORT_INDEX + at * 2, last);
    m.st16(bdg + L.BDG_PORT_INDEX + (active - 1) * 2, 0);
    m.st32(bdg + L.BDG_PORTS + port * 4, 0);
    m.st32(bdg + L.BDG_ACTIVE, active - 1);
    if (active === 1) {
      m.release(bdg, L.BDG_SIZE);
      t.bridges = t.bridges.filter((b) => b.addr !== bdg);
    }
  }
}

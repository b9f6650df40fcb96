// A kernel's netmap, control plane: descriptors of /dev/netmap, from NIOCREGIF to the last close. Mirrors netmap.c of 2015
// (facts netmap 1.7, 1.8, 1.13, 2.6). The data plane's structures are written here, before they are published.

import * as L from '../../wasm/layout.ts';
import { type BadName, openRequest } from '../bin/nm_open.ts';
import * as R from '../bin/nmreq.ts';
import type { Kmem } from './kmem.ts';
import { BdgCtl, type Wait } from './netmap_bdg_ctl.ts';
import type { Interfaces } from './ifnet.ts';
import { GenericPorts } from './netmap_hw_generic.ts';
import { NetmapMem } from './netmap_mem.ts';
import { Monitors } from './netmap_monitor.ts';
import { Adapters } from './netmap_na.ts';
import { Pipes } from './netmap_pipe.ts';
import { interpRingid } from './netmap_ringid.ts';
import { NetmapRings } from './netmap_rings.ts';
import { NO_CONFIG, type PortConfig, Vale } from './netmap_vale.ts';
import type { AdapterEntry, Errno, NetTree, MemEntry, NetmapFd } from './tree.ts';

/** Ports of interfaces whose drivers have netmap support (adapters of kind 'nic'). */
export interface NativePorts {
  has(name: string): boolean;
  port(name: string, c: PortConfig): AdapterEntry | Errno;
  /** Into netmap mode and out of it. */
  on(entry: AdapterEntry): void;
  off(entry: AdapterEntry): void;
  /** Stops the hardware: true when it has left the rings. */
  quiet(entry: AdapterEntry): boolean;
  /** Whoever binds host rings makes the stack use the interface. */
  giveToStack(entry: AdapterEntry): void;
}
const NO_NATIVE: NativePorts = {
  has: () => false,
  port: () => 'ENXIO',
  on() {},
  off() {},
  quiet: () => true,
  giveToStack() {},
};

export class Netmap {
  readonly mem: NetmapMem;
  readonly nas: Adapters;
  readonly rings: NetmapRings;
  readonly vale: Vale;
  readonly pipes: Pipes;
  readonly monitors: Monitors;
  readonly generic: GenericPorts;
  readonly bdgCtl: BdgCtl;
  /** The kernel's drivers with netmap support of their own. */
  native: NativePorts = NO_NATIVE;
  /** NETMAP_BDG_POLLING_ON and _OFF, where NICs can be polled. */
  polling: { ctl(r: R.Nmreq): Errno | Wait | undefined } | undefined;
  constructor(
    readonly kmem: Kmem,
    private readonly tree: () => NetTree,
    readonly ifs: Interfaces,
  ) {
    const m = kmem;
    this.mem = new NetmapMem(m, tree);
    this.nas = new Adapters(m, tree);
    this.rings = new NetmapRings(m, tree, this.mem, this.nas);
    this.vale = new Vale(m, tree, this.mem, this.nas);
    this.pipes = new Pipes(m, tree, this.nas);
    this.monitors = new Monitors(m, tree, this.mem, this.nas, (e) => this.unref(e));
    this.bdgCtl = new BdgCtl(m, tree, this);
    this.generic = new GenericPorts(m, tree, this.mem, this.nas, ifs);
  }

  private get m() {
    return this.kmem;
  }

  /** open("/dev/netmap"). */
  dev(pid: number): number {
    const t = this.tree(),
      id = t.nextFd++;
    t.devs.push({ id, pid });
    return id;
  }

  /** nm_open and all it does, for who is in the kernel's own process: bhyve's back-ends, tests. */
  open(pid: number, name: string, ptnetmap = false): NetmapFd | Errno {
    const req = openRequest(name, ptnetmap ? { flags: R.NR_PTNETMAP_HOST, ringid: R.NETMAP_NO_TX_POLL } : {});
    if (!req || isBad(req)) return 'EINVAL';
    const id = this.dev(pid),
      e = this.ioctl(id, R.NIOCREGIF, req);
    if (e) {
      this.tree().devs = this.tree().devs.filter((d) => d.id !== id);
      return e === 'ERESTART' ? 'EBUSY' : e;
    }
    return this.fd(id) as NetmapFd;
  }

  /** NIOCGINFO and NIOCREGIF; the request is changed in place. */
  ioctl(id: number, cmd: number, r: R.Nmreq): Errno | Wait | undefined {
    const t = this.tree();
    if (!t.devs.some((d) => d.id === id) && !this.fd(id)) return 'EBADF';
    r.nr_name = r.nr_name.slice(0, 15);
    try {
      if (cmd === R.NIOCGINFO) return this.#info(r);
      if (cmd === R.NIOCREGIF) return this.#regif(id, r);
    } catch (e) {
      if (e instanceof RangeError) return 'ENOMEM'; // the machine itself has no memory left
      throw e;
    }
    return cmd === R.NIOCTXSYNC || cmd === R.NIOCRXSYNC ? 'ENXIO' : 'ENOTTY';
  }

  #version(r: R.Nmreq): boolean {
    if (r.nr_version >= R.NETMAP_MIN_API && r.nr_version <= R.NETMAP_MAX_API) return true;
    this.log(`API mismatch got ${r.nr_version} needed ${R.NETMAP_API}`);
    r.nr_version = R.NETMAP_API;
    return false;
  }

  #info(r: R.Nmreq): Errno | undefined {
    if (r.nr_cmd === R.NETMAP_BDG_LIST) return this.bdgCtl.list(r);
    if (r.nr_cmd !== 0) return 'EINVAL';
    if (!this.#version(r)) return 'EINVAL';
    if (r.nr_name === '') {
      const mem = this.mem.byId(1);
      r.nr_memsize = mem?.bytes ?? 0;
      r.nr_arg2 = 1;
      return undefined;
    }
    const na = this.get(r);
    if (typeof na === 'string') return na;
    this.#tell(r, na);
    r.nr_offset = 0;
    this.unref(na);
    return undefined;
  }

  #tell(r: R.Nmreq, e: AdapterEntry) {
    const { m } = this,
      mem = this.tree().mems.find((x) => x.addr === e.mem);
    r.nr_tx_rings = m.ld32(e.addr + L.NA_NUM_TX_RINGS);
    r.nr_rx_rings = m.ld32(e.addr + L.NA_NUM_RX_RINGS);
    r.nr_tx_slots = m.ld32(e.addr + L.NA_NUM_TX_DESC);
    r.nr_rx_slots = m.ld32(e.addr + L.NA_NUM_RX_DESC);
    r.nr_memsize = mem?.bytes ?? 0;
    r.nr_arg2 = mem?.id ?? 0;
  }

  #regif(id: number, r: R.Nmreq): Errno | Wait | undefined {
    if (!this.#version(r)) return 'EINVAL';
    if (r.nr_cmd !== 0) return this.bdgCtl.run(r);
    if (this.fd(id)) return 'EBUSY';
    const { m } = this,
      t = this.tree(),
      ptn = (r.nr_flags & R.NR_PTNETMAP_HOST) !== 0,
      { lastMemId } = t,
      entry = this.get(r);
    if (typeof entry === 'string') return entry;
    const na = entry.addr,
      held = this.monitors.hold(entry, false);
    const fail = (e: Errno): Errno => {
      this.monitors.release(held ?? []);
      this.unref(entry);
      return e;
    };
    if (!held) {
      fail('EBUSY');
      t.lastMemId = lastMemId; // nothing has happened: the program asks again
      return 'ERESTART';
    }
    if (entry.busy || (m.ld32(na + L.NA_FLAGS) & L.NAF_BUSY) !== 0 || (ptn && m.ld32(na + L.NA_ACTIVE_FDS) > 0)) {
      if (ptn) this.log(`NIC ${entry.name} busy, cannot ptnetmap`);
      return fail('EBUSY');
    }
    const range = interpRingid(m, this.nas, entry, r);
    if (typeof range === 'string') return fail(range);
    const { tx, ntx, rx, nrx } = range,
      excl = (r.nr_flags & R.NR_EXCLUSIVE) !== 0,
      mine = [...this.#krings(tx, ntx), ...this.#krings(rx, nrx)];
    if (mine.some((kr) => (m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_EXCLUSIVE) !== 0 || (excl && m.ld32(kr + L.KR_USERS) > 0))) {
      this.log(`ring busy on ${entry.name}`);
      return fail('EBUSY');
    }
    const first = m.ld32(na + L.NA_ACTIVE_FDS) === 0;
    if (first && !this.rings.create(entry)) return fail('ENOMEM');
    const back = (e: Errno): Errno => {
      if (first) this.#ringsGone(entry);
      return fail(e);
    };
    const nifp = this.rings.netmapIf(na);
    if (nifp === undefined) return back('ENOMEM');
    for (const kr of mine) {
      m.st32(kr + L.KR_USERS, m.ld32(kr + L.KR_USERS) + 1);
      if (excl) m.st32(kr + L.KR_NR_KFLAGS, m.ld32(kr + L.KR_NR_KFLAGS) | L.NKR_EXCLUSIVE);
    }
    m.st32(na + L.NA_ACTIVE_FDS, m.ld32(na + L.NA_ACTIVE_FDS) + 1);
    m.st32(na + L.NA_FLAGS, m.ld32(na + L.NA_FLAGS) | (ptn ? L.NAF_BUSY : 0));
    if (first) this.setRegister(entry, true);
    this.monitors.release(held);
    if (entry.kind === 'nic' && tx + ntx * L.KR_SIZE === this.nas.kring(na, true, this.nas.count(na, true))) this.native.giveToStack(entry);
    const extra = r.nr_arg3
      ? this.rings.extraAlloc(entry.mem, Math.min(r.nr_arg3, this.mem.total(entry.mem, L.POOL_BUF)))
      : { head: 0, got: 0 };
    m.st32(nifp + L.NIF_BUFS_HEAD, extra.head);
    r.nr_arg3 = extra.got;
    this.#tell(r, entry);
    r.nr_offset = nifp - m.ld32(entry.mem + L.MEM_BASE);
    const dev = t.devs.find((d) => d.id === id),
      mem = t.mems.find((e) => e.addr === entry.mem);
    if (ptn && mem) mem.exposed = true;
    t.devs = t.devs.filter((d) => d.id !== id);
    t.fds.push({
      id,
      pid: dev?.pid ?? 0,
      name: ptn ? `${entry.name}-PTN` : entry.name,
      na,
      ...range,
      nifp,
      ptnetmap: ptn,
      txpoll: (r.nr_ringid & R.NETMAP_NO_TX_POLL) === 0,
      exclusive: excl,
      extra: extra.got,
    });
    return undefined;
  }

  #krings(first: number, n: number) {
    return Array.from({ length: n }, (_, i) => first + i * L.KR_SIZE);
  }

  /** nm_register: the port enters or leaves netmap mode. */
  setRegister(entry: AdapterEntry, on: boolean) {
    const { m } = this,
      flags = m.ld32(entry.addr + L.NA_FLAGS);
    if (!on) this.monitors.orphan(entry);
    if (entry.kind === 'monitor') on ? this.monitors.on(entry) : this.monitors.off(entry);
    if (entry.kind === 'nic') on ? this.native.on(entry) : this.native.off(entry);
    if (entry.kind === 'generic') on ? this.generic.on(entry) : this.generic.off(entry);
    m.st32(entry.addr + L.NA_FLAGS, on ? flags | L.NAF_NETMAP_ON : flags & ~L.NAF_NETMAP_ON);
  }

  /** netmap_get_na: the port of a request: monitor, pipe, VALE, interface (facts 1.13). Its references are counted. */
  get(r: R.Nmreq): AdapterEntry | Errno {
    if (r.nr_flags & (R.NR_RX_RINGS_ONLY | R.NR_TX_RINGS_ONLY)) return 'EINVAL'; // bits that 2015 does not have
    if (r.nr_flags & (R.NR_MONITOR_TX | R.NR_MONITOR_RX)) return this.monitors.port(r, (plain) => this.get(plain));
    const mode = r.nr_flags & R.NR_REG_MASK,
      pipe = mode === R.NR_REG_PIPE_MASTER || mode === R.NR_REG_PIPE_SLAVE;
    const c: PortConfig = {
      ...NO_CONFIG,
      txd: r.nr_tx_slots,
      rxd: r.nr_rx_slots,
      txr: r.nr_tx_rings,
      rxr: r.nr_rx_rings,
      memId: r.nr_arg2,
      extra: r.nr_arg3,
      pipes: r.nr_arg1,
    };
    if (c.memId > 1 && !this.mem.byId(c.memId)) return 'EINVAL';
    const port = () => this.#base(r.nr_name, c);
    if (!pipe) return port();
    return this.pipes.end(r.nr_name, r.nr_ringid & R.NETMAP_RING_MASK, mode === R.NR_REG_PIPE_MASTER, port);
  }
  #base(name: string, c: PortConfig): AdapterEntry | Errno {
    if (name.startsWith('vale')) return this.vale.port(name, c);
    const own = this.tree().adapters.find((a) => a.persistent && a.ifname === name);
    if (own) {
      own.refs++;
      return own;
    }
    if (this.native.has(name) && this.tree().sysctl['dev.netmap.admode'] !== 2) return this.native.port(name, c);
    return this.generic.port(name, c);
  }

  /** Whether a name is one of an interface that netmap can have. */
  isInterface(name: string): boolean {
    return (
      this.native.has(name) ||
      this.generic.ifs.find(name) !== undefined ||
      this.tree().adapters.some((a) => a.persistent && a.ifname === name)
    );
  }
  /** Stops a port's hardware; true when it has left what is to be freed, and stays out until setRegister has freed it. */
  portQuiet(entry: AdapterEntry): boolean {
    if (entry.kind === 'generic') return this.generic.ifs.lock();
    return entry.kind !== 'nic' || this.native.quiet(entry);
  }

  /**
   * close() if nobody is in the way: no sync of these rings, no sender inside their switch (the writer side of its
   * lock is held meanwhile). False: ask again.
   */
  tryClose(fd: NetmapFd): boolean {
    const { m } = this,
      bdg = m.ld32(fd.na + L.NA_BDG),
      lock = (bdg + L.BDG_LOCK) >>> 2;
    if (m.ld32(L.MACHINE + L.M_HAZARD_ON) & L.HZ_H20) {
      // H20: it leaves although a sender is inside; what the lab keeps is the memory, until they are all out
      const port = m.ld32(fd.na + L.NA_ACTIVE_FDS) === 1 ? this.nas.at(fd.na) : undefined;
      if (port?.kind === 'vale' && bdg && m.ld32(bdg + L.BDG_ACTIVE) > 1 && Atomics.load(m.u32, lock) !== 0) this.vale.leave(port);
      if (this.tree().bridges.some((b) => Atomics.load(m.u32, (b.addr + L.BDG_LOCK) >>> 2) !== 0)) return false;
    }
    if (bdg && Atomics.compareExchange(m.u32, lock, 0, 0x80000000) !== 0) return false;
    const last = m.ld32(fd.na + L.NA_ACTIVE_FDS) === 1,
      entry = this.nas.at(fd.na),
      held = entry && last ? this.monitors.hold(entry, true) : [];
    const quiet =
      held !== undefined &&
      [...this.#krings(fd.tx, fd.ntx), ...this.#krings(fd.rx, fd.nrx)].every((kr) => !Atomics.load(m.u32, (kr + L.KR_NR_BUSY) >>> 2)) &&
      (!last || !entry || this.portQuiet(entry));
    if (quiet) this.close(fd);
    this.monitors.release(held ?? []);
    if (bdg && (!quiet || this.tree().bridges.some((b) => b.addr === bdg))) Atomics.store(m.u32, lock, 0);
    return quiet;
  }

  /** close(): unbinds the rings, leaves netmap mode with the last user, gives everything back. */
  close(fd: NetmapFd) {
    const { m } = this,
      t = this.tree(),
      na = fd.na;
    const entry = this.nas.at(na);
    t.fds = t.fds.filter((f) => f !== fd);
    if (!entry) return;
    for (const kr of [...this.#krings(fd.tx, fd.ntx), ...this.#krings(fd.rx, fd.nrx)]) {
      m.st32(kr + L.KR_USERS, m.ld32(kr + L.KR_USERS) - 1);
      if (fd.exclusive) m.st32(kr + L.KR_NR_KFLAGS, m.ld32(kr + L.KR_NR_KFLAGS) & ~L.NKR_EXCLUSIVE);
    }
    const left = m.ld32(na + L.NA_ACTIVE_FDS) - 1;
    m.st32(na + L.NA_ACTIVE_FDS, left);
    if (fd.ptnetmap) m.st32(na + L.NA_FLAGS, m.ld32(na + L.NA_FLAGS) & ~L.NAF_BUSY);
    const mem = m.ld32(na + L.NA_MEM),
      chain = fd.extra ? this.rings.extraFree(mem, m.ld32(fd.nifp + L.NIF_BUFS_HEAD)) : [];
    this.mem.free(mem, L.POOL_IF, this.mem.index(mem, L.POOL_IF, fd.nifp));
    if (left === 0) {
      this.setRegister(entry, false);
      this.#ringsGone(entry);
    }
    if (fd.extra) this.rings.reclaim(mem, chain);
    this.unref(entry);
  }
  #ringsGone(entry: AdapterEntry) {
    if (entry.kind === 'pipe') this.rings.pipeLastClose(entry);
    else this.rings.remove(entry.addr);
  }

  /** An open descriptor by number. */
  fd(id: number): NetmapFd | undefined {
    return this.tree().fds.find((f) => f.id === id);
  }
  /** nr_offset of a descriptor: where its netmap_if is in the region. */
  offset(fd: NetmapFd) {
    return fd.nifp - this.m.ld32(this.m.ld32(fd.na + L.NA_MEM) + L.MEM_BASE);
  }
  /** Where the region of a descriptor is mapped in its program's address space. */
  mapped(fd: NetmapFd): number {
    return this.m.paddr(this.m.ld32(this.memOf(fd).addr + L.MEM_BASE));
  }
  memOf(fd: NetmapFd): MemEntry {
    const mem = this.m.ld32(fd.na + L.NA_MEM),
      e = this.tree().mems.find((x) => x.addr === mem);
    if (!e) throw new Error('descriptor without an allocator');
    return e;
  }
  log(line: string) {
    this.m.log(line);
  }

  /** A reference less; with the last one the port goes, and what only it used. */
  unref(entry: AdapterEntry) {
    const t = this.tree();
    entry.refs--;
    if (entry.refs > 0) return;
    if (entry.kind !== 'pipe') {
      this.#dead(entry);
      return;
    }
    const peer = this.pipes.peer(entry);
    if (peer && peer.refs > 0) return;
    const parent = this.pipes.parent(entry);
    if (peer) this.#dead(peer);
    this.#dead(entry);
    if (parent && t.adapters.includes(parent)) this.unref(parent);
  }
  #dead(entry: AdapterEntry) {
    const mem = this.tree().mems.find((x) => x.addr === entry.mem);
    if (entry.kind === 'vale' || entry.kind === 'bwrap') this.vale.destroyPort(entry);
    const watched = entry.kind === 'monitor' ? this.monitors.parent(entry) : undefined;
    this.nas.destroy(entry);
    if (watched) this.unref(watched);
    if (mem && --mem.refs === 0) this.mem.destroy(mem);
  }
}

const isBad = (r: R.Nmreq | BadName): r is BadName => 'error' in r;

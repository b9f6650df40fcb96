// The guest's netmap: what any kernel has, over its own interfaces, and the passthrough ports, whose rings are the host's
// (if_vtnet_netmap.ts). A descriptor is of the one kind or of the other. dev.netmap.admode 2 leaves passthrough out.

import * as L from '../../../wasm/layout.ts';
import {
  NETMAP_MAX_API,
  NETMAP_MIN_API,
  NETMAP_RING_MASK,
  NIOCGINFO,
  NIOCREGIF,
  NIOCRXSYNC,
  NIOCTXSYNC,
  NR_REG_ALL_NIC,
  NR_REG_MASK,
  NR_REG_ONE_NIC,
  type Nmreq,
} from '../../bin/nmreq.ts';
import type { Strerror } from '../../bin/sys.ts';
import { ERRNO } from '../../net/errno.ts';
import type { Bound } from '../../net/bound.ts';
import { Netmap } from '../../net/netmap.ts';
import type { VtnetEnv } from './if_vtnet.ts';
import { krings, netmapRegister, netmapUnregister, netmapUnregistered } from './if_vtnet_netmap.ts';
import type { GuestTree, VtnetSoftc } from './tree.ts';

const TEXT = new Map<number, string>(Object.values(ERRNO).map(([n, text]) => [n, text]));
const no = (errno: number): Strerror => ({ errno, text: TEXT.get(errno) ?? `Unknown error: ${errno}` });

export class GuestNetmap extends Netmap {
  constructor(
    private readonly env: () => VtnetEnv,
    private readonly gtree: () => GuestTree,
  ) {
    const { k, ifs } = env();
    super(k, gtree, ifs);
    this.native = {
      ...this.native,
      has: (name) => this.#pt(name) !== undefined,
      port: () => 'EOPNOTSUPP', // a switch of the guest's cannot have it: its rings are not the guest's
    };
  }

  #pt(name: string): VtnetSoftc | undefined {
    const t = this.gtree();
    return t.sysctl['dev.netmap.admode'] === 2 ? undefined : t.vtnets.find((v) => v.ptnetmap && v.name === name);
  }

  /** NIOCGINFO, NIOCREGIF. 'ERESTART': ask again in a moment. */
  request(pid: number, id: number, cmd: number, r: Nmreq): Strerror | 'ERESTART' | undefined {
    const sc = this.#pt(r.nr_name);
    if (!sc || r.nr_cmd !== 0) {
      if (this.gtree().ptFds.some((f) => f.id === id)) return no(16);
      const e = this.ioctl(id, cmd, r);
      return e === undefined || e === 'ERESTART' ? e : no(ERRNO[e][0]);
    }
    const e = this.#ptIoctl(pid, id, cmd, r, sc);
    return e ? no(e) : undefined;
  }

  /** A passthrough port: one ring pair, and the host's allocator. */
  #ptIoctl(pid: number, id: number, cmd: number, r: Nmreq, sc: VtnetSoftc): number {
    const t = this.gtree(),
      mode = r.nr_flags & NR_REG_MASK;
    if (cmd !== NIOCGINFO && cmd !== NIOCREGIF) return cmd === NIOCTXSYNC || cmd === NIOCRXSYNC ? 6 : 25;
    if (r.nr_version < NETMAP_MIN_API || r.nr_version > NETMAP_MAX_API) return 22;
    if (cmd === NIOCGINFO) {
      this.#tellPt(r, sc);
      return 0;
    }
    if (t.ptFds.some((f) => f.id === id) || t.fds.some((f) => f.id === id)) return 16;
    if (mode !== NR_REG_ALL_NIC && !(mode === NR_REG_ONE_NIC && (r.nr_ringid & NETMAP_RING_MASK) === 0)) return 22;
    if (t.ptFds.some((f) => f.unit === sc.unit && f.closing) || t.adapters.some((a) => a.name === sc.name)) return 16;
    if (sc.users === 0) {
      const error = netmapRegister(this.env(), sc);
      if (error) return error;
    }
    sc.users++;
    t.devs = t.devs.filter((d) => d.id !== id);
    t.ptFds.push({ id, pid, unit: sc.unit, closing: false });
    this.#tellPt(r, sc);
    r.nr_offset = this.kmem.machine.ld32(this.env().cpu.ram(sc.csb) + L.CSB_NIFP_OFFSET);
    r.nr_arg3 = 0;
    return 0;
  }
  #tellPt(r: Nmreq, sc: VtnetSoftc) {
    const { tx, rx } = krings(this.env(), sc),
      { kmem } = this;
    r.nr_tx_rings = 1;
    r.nr_rx_rings = 1;
    r.nr_tx_slots = kmem.ld32(tx + L.KR_NUM_SLOTS);
    r.nr_rx_slots = kmem.ld32(rx + L.KR_NUM_SLOTS);
    r.nr_memsize = this.gtree().memdevs.find((d) => d.id === sc.hostMemId)?.size ?? 0;
    r.nr_arg2 = sc.hostMemId;
  }

  #scOf(id: number): VtnetSoftc | undefined {
    const t = this.gtree(),
      fd = t.ptFds.find((f) => f.id === id);
    return t.vtnets.find((v) => v.unit === fd?.unit);
  }
  /** Where a descriptor's region is in its program's address space. */
  region(id: number): number {
    const fd = this.fd(id),
      sc = this.#scOf(id);
    return fd ? this.mapped(fd) : (this.gtree().memdevs.find((d) => d.id === sc?.hostMemId && d.size > 0)?.bar ?? 0);
  }
  bound(id: number): Bound | undefined {
    const fd = this.fd(id),
      sc = this.#scOf(id);
    if (fd) return { ...fd, nifp: this.kmem.paddr(fd.nifp) };
    if (!sc) return undefined;
    const { tx, rx } = krings(this.env(), sc);
    return { tx, ntx: 1, rx, nrx: 1, txpoll: true, nifp: 0 };
  }

  /** close(): false while somebody must be waited for. */
  shut(id: number): boolean {
    const t = this.gtree(),
      own = this.fd(id),
      fd = t.ptFds.find((f) => f.id === id),
      sc = this.#scOf(id);
    t.devs = t.devs.filter((d) => d.id !== id);
    if (own) return this.tryClose(own);
    if (!fd || !sc) return true;
    if (fd.closing) {
      if (this.env().cpu.busy()) return false;
      netmapUnregistered(this.env(), sc);
    } else {
      sc.users--;
      if (sc.users === 0 && !netmapUnregister(this.env(), sc)) {
        fd.closing = true;
        return false;
      }
    }
    t.ptFds = t.ptFds.filter((f) => f !== fd);
    return true;
  }

  /** A thread has ended: nobody wakes it any more. */
  forget(td: number) {
    const { kmem: m } = this,
      clear = (si: number, n: number) => {
        for (let i = 0; i < n; i++) if (m.ld32(si + i * 4) === td) m.st32(si + i * 4, 0);
      };
    for (const a of this.gtree().adapters) {
      for (const kr of this.nas.krings(a.addr)) clear(kr + L.KR_SI, L.KR_SI_MAX);
      clear(a.addr + L.NA_SI, 2 * L.KR_SI_MAX);
    }
    for (const sc of this.gtree().vtnets)
      if (sc.ptnetmap) {
        const k = krings(this.env(), sc);
        for (const kr of [k.tx, k.rx]) clear(kr + L.KR_SI, L.KR_SI_MAX);
        clear(k.na + L.NA_SI, 2 * L.KR_SI_MAX);
      }
  }
}

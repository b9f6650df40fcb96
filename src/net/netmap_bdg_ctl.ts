// NIOCREGIF with a command: ports made and removed, NICs and interfaces attached to switches and detached, virtio-net headers.
// Mirrors netmap_bdg_ctl, nm_vi_create, nm_vi_destroy, netmap_bwrap_attach of 2015 (facts netmap 1.7, 3.6).

import * as L from '../../wasm/layout.ts';
import * as R from '../bin/nmreq.ts';
import type { Kmem } from './kmem.ts';
import type { Netmap } from './netmap.ts';
import { HOST_RINGS } from './netmap_na.ts';
import { NO_CONFIG, Vale } from './netmap_vale.ts';
import type { AdapterEntry, Errno, NetTree } from './tree.ts';

/** ERESTART: somebody is inside what is to go; the program waits and asks again. */
export type Wait = 'ERESTART';

export class BdgCtl {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly netmap: Netmap,
  ) {}

  run(r: R.Nmreq): Errno | Wait | undefined {
    switch (r.nr_cmd) {
      case R.NETMAP_BDG_NEWIF:
        return this.#newif(r);
      case R.NETMAP_BDG_DELIF:
        return this.#delif(r);
      case R.NETMAP_BDG_ATTACH:
        return this.#attach(r);
      case R.NETMAP_BDG_DETACH:
        return this.#detach(r.nr_name);
      case R.NETMAP_BDG_VNET_HDR:
        return this.#header(r);
      case R.NETMAP_BDG_POLLING_ON:
      case R.NETMAP_BDG_POLLING_OFF:
        return this.netmap.polling ? this.netmap.polling.ctl(r) : 'EOPNOTSUPP';
      default:
        this.m.log(`nr_cmd must be 0 not ${r.nr_cmd}`);
        return 'EINVAL';
    }
  }

  /** NETMAP_BDG_LIST: the bridge and port of a name, or the next port at or after nr_arg1, nr_arg2. */
  list(r: R.Nmreq): Errno | undefined {
    const { bridges } = this.tree();
    if (r.nr_name !== '') {
      for (const b of bridges)
        for (const [port, e] of this.netmap.vale.ports(b))
          if (e.name === r.nr_name) {
            r.nr_arg1 = this.netmap.vale.index(b);
            r.nr_arg2 = port;
            return undefined;
          }
      return 'ENOENT';
    }
    for (let i = r.nr_arg1, from = r.nr_arg2; i < bridges.length; i++, from = 0) {
      const b = bridges[i];
      if (!b) break;
      for (let port = from; port < L.NM_BDG_MAXPORTS; port++) {
        const e = this.netmap.nas.at(this.m.ld32(b.addr + L.BDG_PORTS + port * 4));
        if (!e) continue;
        Object.assign(r, { nr_arg1: i, nr_arg2: port, nr_name: e.name });
        return undefined;
      }
    }
    return 'ENOENT';
  }

  /** A persistent VALE port: an interface of its own, of no switch yet. */
  #newif(r: R.Nmreq): Errno | undefined {
    const { nr_name: name } = r;
    if (!/^[A-Za-z][A-Za-z0-9_.]*$/.test(name) || name.startsWith('vale')) return 'EINVAL';
    if (this.netmap.isInterface(name)) return 'EEXIST';
    const e = this.netmap.vale.create(name, {
      ...NO_CONFIG,
      txd: r.nr_tx_slots,
      rxd: r.nr_rx_slots,
      txr: r.nr_tx_rings,
      rxr: r.nr_rx_rings,
      memId: r.nr_arg2,
    });
    if (typeof e === 'string') return e;
    e.persistent = true;
    e.ifname = name;
    return undefined;
  }

  #delif(r: R.Nmreq): Errno | undefined {
    const e = this.tree().adapters.find((a) => a.persistent && a.ifname === r.nr_name);
    if (!e) return 'ENXIO';
    if (e.refs > 1 || e.bridge) return 'EBUSY';
    this.netmap.unref(e);
    return undefined;
  }

  #attach(r: R.Nmreq): Errno | undefined {
    const { netmap } = this,
      name = r.nr_name,
      colon = name.indexOf(':', 5);
    if (!name.startsWith('vale') || colon < 0 || colon === name.length - 1) return 'EINVAL';
    if (netmap.nas.find(name)) return 'EEXIST';
    const ifname = name.slice(colon + 1),
      ports = this.tree().adapters,
      own = ports.find((a) => a.persistent && a.ifname === ifname);
    if (!own && !netmap.isInterface(ifname)) return 'ENXIO';
    if (own?.bridge || (!own && ports.some((a) => a.kind === 'bwrap' && a.ifname === ifname))) return 'EBUSY';
    const bridge = netmap.vale.bridgeFor(name);
    if (typeof bridge === 'string') return bridge;
    if (own) {
      own.name = name;
      this.m.putString(own.addr + L.NA_NAME, name, 32);
      netmap.vale.join(own, bridge);
      return undefined;
    }
    const hw = netmap.get(R.newNmreq(ifname, { nr_flags: R.NR_REG_ALL_NIC, nr_arg2: r.nr_arg2 }));
    const fail = (e: Errno): Errno => {
      netmap.vale.bridgeIdle(bridge);
      return e;
    };
    if (typeof hw === 'string') return fail(hw);
    if (hw.busy || this.m.ld32(hw.addr + L.NA_ACTIVE_FDS) > 0) {
      netmap.unref(hw);
      return fail('EBUSY');
    }
    if (!netmap.rings.create(hw)) {
      netmap.unref(hw);
      return fail('ENOMEM');
    }
    const stack = r.nr_arg1 === R.NETMAP_BDG_HOST && (this.m.ld32(hw.addr + L.NA_FLAGS) & L.NAF_HOST_RINGS) !== 0;
    if (stack && hw.kind === 'nic') netmap.native.giveToStack(hw);
    netmap.vale.join(this.#wrap(hw, name, false), bridge);
    if (stack) netmap.vale.join(this.#wrap(hw, `${name}^`, true), bridge);
    hw.busy = true;
    this.m.st32(hw.addr + L.NA_ACTIVE_FDS, 1);
    netmap.setRegister(hw, true);
    return undefined;
  }

  /** The wrapper: krings over the NIC's rings, TX for RX; `host` for the rings of the host's stack. */
  #wrap(hw: AdapterEntry, name: string, host: boolean): AdapterEntry {
    const { m, netmap } = this,
      { nas } = netmap,
      mem = this.tree().mems.find((e) => e.addr === hw.mem);
    if (!mem) throw new Error('interface without an allocator');
    const rings = (tx: boolean) => (host ? 1 : nas.count(hw.addr, tx) - HOST_RINGS),
      first = (tx: boolean) => (host ? nas.count(hw.addr, tx) - HOST_RINGS : 0);
    const w = nas.create({
      name,
      kind: 'bwrap',
      type: L.NA_BWRAP,
      mem,
      ntx: rings(false),
      nrx: rings(true),
      txd: m.ld32(hw.addr + L.NA_NUM_RX_DESC),
      rxd: m.ld32(hw.addr + L.NA_NUM_TX_DESC),
      flags: L.NAF_NETMAP_ON,
      sync: [L.OP_VALE_TXSYNC, L.OP_VALE_RXSYNC],
    });
    w.ifname = hw.name;
    w.busy = true;
    m.st32(w.addr + L.NA_HWNA, hw.addr);
    m.st32(w.addr + L.NA_MFS, 1514);
    netmap.vale.switchState(w.addr);
    for (const tx of [true, false])
      for (let i = 0; i < rings(!tx); i++) {
        const kr = nas.kring(w.addr, tx, i),
          hkr = nas.kring(hw.addr, !tx, first(!tx) + i),
          ring = netmap.rings.at(hkr);
        m.st32(kr + L.KR_RING, m.ld32(hkr + L.KR_RING));
        m.st32(ring + L.RING_TAIL, m.ld32(ring + L.RING_HEAD)); // no slot is a program's
        for (const [a, b] of [
          [kr, hkr],
          [hkr, kr],
        ] as const) {
          m.st32(a + L.KR_BUDDY, b);
          m.st32(a + L.KR_USERS, 1);
        }
        m.st32(hkr + L.KR_NM_NOTIFY_SAVED, m.ld32(hkr + L.KR_NM_NOTIFY));
        if (tx) m.st32(hkr + L.KR_NM_NOTIFY, m.op(L.OP_BWRAP_INTR));
        else m.st32(kr + L.KR_NM_NOTIFY, m.op(L.OP_BWRAP_NOTIFY));
      }
    return w;
  }

  #detach(name: string): Errno | Wait | undefined {
    const { m, netmap } = this,
      { nas } = netmap,
      port = nas.find(name);
    if (!port?.bridge || name.startsWith('vale') === false) return 'ENXIO';
    if (port.persistent) {
      if (!this.#lock(port)) return 'ERESTART';
      const bdg = m.ld32(port.addr + L.NA_BDG);
      netmap.vale.leave(port);
      this.#unlock(bdg);
      port.name = port.ifname ?? name;
      m.putString(port.addr + L.NA_NAME, port.name, 32);
      return undefined;
    }
    if (port.kind !== 'bwrap' || name.endsWith('^')) return port.kind === 'bwrap' ? 'EINVAL' : 'EBUSY';
    const hw = nas.at(m.ld32(port.addr + L.NA_HWNA)),
      both = [port, nas.find(`${name}^`)].filter((x) => x !== undefined);
    if (!hw) return 'ENXIO';
    if (port.polling) return 'EBUSY'; // a NIC that is polled stays
    if (!this.#lock(port)) return 'ERESTART';
    const bdg = m.ld32(port.addr + L.NA_BDG),
      busy = [hw, ...both].some((a) => nas.krings(a.addr).some((kr) => Atomics.load(m.u32, (kr + L.KR_NR_BUSY) >>> 2)));
    const held: number[] = [];
    const stopped = [hw, ...both].every((a) => {
      const h = netmap.monitors.hold(a, true);
      held.push(...(h ?? []));
      return h !== undefined;
    });
    if (busy || !stopped || !netmap.portQuiet(hw)) {
      netmap.monitors.release(held);
      this.#unlock(bdg);
      return 'ERESTART';
    }
    for (const w of both) netmap.monitors.orphan(w);
    netmap.setRegister(hw, false);
    netmap.monitors.release(held);
    for (const kr of nas.krings(hw.addr)) {
      const saved = m.ld32(kr + L.KR_NM_NOTIFY_SAVED);
      if (!saved) continue;
      m.st32(kr + L.KR_NM_NOTIFY, saved);
      for (const f of [L.KR_NM_NOTIFY_SAVED, L.KR_BUDDY, L.KR_USERS]) m.st32(kr + f, 0);
    }
    for (const w of both) {
      for (const kr of nas.krings(w.addr)) m.st32(kr + L.KR_RING, 0);
      netmap.vale.leave(w);
      netmap.unref(w);
    }
    this.#unlock(bdg);
    m.st32(hw.addr + L.NA_ACTIVE_FDS, 0);
    delete hw.busy;
    netmap.rings.remove(hw.addr);
    netmap.unref(hw);
    return undefined;
  }

  /** The writer side of a port's switch: nobody forwards meanwhile. */
  #lock(port: AdapterEntry): boolean {
    return Atomics.compareExchange(this.m.u32, (this.m.ld32(port.addr + L.NA_BDG) + L.BDG_LOCK) >>> 2, 0, 0x80000000) === 0;
  }
  #unlock(bdg: number) {
    if (this.tree().bridges.some((b) => b.addr === bdg)) Atomics.store(this.m.u32, (bdg + L.BDG_LOCK) >>> 2, 0);
  }

  /** A port's virtio-net header: 0, 10 or 12 bytes before each frame; anything else is none. */
  #header(r: R.Nmreq): Errno | undefined {
    const e = this.netmap.nas.find(r.nr_name);
    if (e?.kind !== 'vale' || Vale.bridgeName(r.nr_name) === r.nr_name) return 'ENXIO';
    const len = r.nr_arg1 === 10 || r.nr_arg1 === 12 ? r.nr_arg1 : 0;
    this.m.st32(e.addr + L.NA_VIRT_HDR_LEN, len);
    this.m.st32(e.addr + L.NA_MFS, len ? this.netmap.mem.objsize(e.mem, L.POOL_BUF) : 1514);
    this.m.log(`Using vnet_hdr_len ${len} for ${e.name}`);
    return undefined;
  }
}

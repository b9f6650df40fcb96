// The host's network interfaces, control plane: the table, up and down, addresses, clones, /dev/tapN, raw sockets. Stands for if.c,
// if_clone.c and the netisr set-up of FreeBSD 10. Blocks, the mbuf pool and the stack's thread are there from their first use on:
// a lab that uses none of them has none. What threads may be inside of changes only as the writer of the stack's lock.

import { kldLoad } from './kld.ts';
import * as L from '../../../wasm/layout.ts';
import type { IfInfo, IfReq, Strerror } from '../../bin/sys.ts';
import type { Machine } from '../../sim/machine.ts';
import { Bridges } from './if_bridge.ts';
import { EM_PARTNERS, type IfAnswer, type IfEntry, errno } from './if_table.ts';
import { Mbufs } from './mbuf.ts';
import { type HostTree, logLine } from './tree.ts';

const TYPES: Record<IfEntry['kind'], [type: number, transmit: number]> = {
  ix: [L.IFT_NIC, L.OP_IX_TRANSMIT],
  lo: [L.IFT_LOOP, L.OP_LO_TRANSMIT],
  em: [L.IFT_NIC, L.OP_EM_TRANSMIT],
  tap: [L.IFT_TAP, L.OP_TAP_TRANSMIT],
  bridge: [L.IFT_BRIDGE, L.OP_BRIDGE_TRANSMIT],
};
/** Promiscuous because a person asked, not a program. */
const IFF_PPROMISC = 0x20000;
const FLAGS: [number, string][] = [
  [L.IFF_UP, 'UP'],
  [2, 'BROADCAST'],
  [8, 'LOOPBACK'],
  [L.IFF_DRV_RUNNING, 'RUNNING'],
  [L.IFF_PROMISC, 'PROMISC'],
  [0x800, 'SIMPLEX'],
  [0x8000, 'MULTICAST'],
  [IFF_PPROMISC, 'PPROMISC'],
];
const WRITER = 0x80000000,
  ETHER_FLAGS = 0x8802,
  TX_DESC = 1024,
  CLONES = 16;

export class Interfaces {
  /** The 10G driver: its link, and what it does when its row has changed or the stack has begun to use it. */
  ix: { link(name: string): boolean; changed(name: string): void; used(name: string): void } | undefined;
  readonly mbufs: Mbufs;
  readonly bridges: Bridges;
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree,
  ) {
    this.mbufs = new Mbufs(m, tree);
    this.bridges = new Bridges(m, this);
  }

  list(): IfEntry[] {
    return this.tree().ifs;
  }
  find(name: string): IfEntry | undefined {
    return this.list().find((i) => i.name === name);
  }
  at(addr: number): IfEntry | undefined {
    return this.list().find((i) => i.addr !== 0 && i.addr === addr);
  }
  get stack() {
    return this.tree().net.stack;
  }

  /** The writer side of the stack's lock, and the mbuf pool: false when a thread is inside an interface or the pool. */
  lock(): boolean {
    const { m, stack } = this;
    if (!stack) return true;
    for (let i = 0; Atomics.compareExchange(m.u32, (stack + L.NST_LOCK) >>> 2, 0, WRITER) !== 0; i++) if (i === 200) return false;
    if (this.mbufs.lock()) return true;
    Atomics.store(m.u32, (stack + L.NST_LOCK) >>> 2, 0);
    return false;
  }
  unlock() {
    const { m, stack } = this;
    if (!stack || Atomics.load(m.u32, (stack + L.NST_LOCK) >>> 2) !== WRITER) return;
    this.mbufs.unlock();
    Atomics.store(m.u32, (stack + L.NST_LOCK) >>> 2, 0);
  }
  /** Does something while no thread is inside; false: somebody is, ask again. */
  locked(f: () => void): boolean {
    if (!this.lock()) return false;
    f();
    this.unlock();
    return true;
  }

  /** The pool, the stack's page, netisr and lo0: with the first use of any interface. */
  start(): number {
    const { m } = this,
      t = this.tree();
    if (t.net.stack) return t.net.stack;
    const ns = m.alloc(L.NST_SIZE);
    m.st32(ns + L.NST_ISRQ + L.MQ_LIMIT, Number(t.sysctl['net.isr.defaultqlimit']));
    for (let i = 0; i < L.NST_SOCK_MAX; i++) m.st32(ns + L.NST_SOCKS + i * L.SOCK_SIZE + L.SOCK_Q + L.MQ_LIMIT, 64);
    t.net.isr = m.newThread({ kind: L.TK_KTHREAD, fn: L.OP_NETISR, arg: ns, vtime: m.clock });
    m.st32(ns + L.NST_ISR, t.net.isr);
    t.net.stack = ns;
    this.mbufs.create(ns);
    const lo = this.find('lo0');
    if (lo) m.st32(ns + L.NST_LO, this.use(lo));
    return ns;
  }
  /** The thread that runs timers: with the first port that has one. */
  clock() {
    const { m } = this,
      t = this.tree();
    if (t.net.clock) return;
    t.net.clock = m.newThread({ kind: L.TK_KTHREAD, fn: L.OP_SOFTCLOCK, arg: this.start(), vtime: m.clock });
    m.st32(t.net.stack + L.NST_CLK, t.net.clock);
  }

  /** An interface's block, made if need be. */
  use(e: IfEntry): number {
    if (e.addr) return e.addr;
    const { m } = this,
      ns = this.start();
    if (e.addr) return e.addr; // lo0 came with the stack
    const [type, transmit] = TYPES[e.kind];
    e.addr = m.alloc(L.IF_SIZE);
    m.st32(e.addr + L.IF_TYPE, type);
    m.st32(e.addr + L.IF_TRANSMIT, m.op(transmit));
    m.st32(e.addr + L.IF_INDEX, e.index);
    m.putString(e.addr + L.IF_NAME, e.name, 16);
    e.mac.split(':').forEach((b, i) => {
      m.st8(e.addr + L.IF_MAC + i, Number.parseInt(b, 16) || 0);
    });
    if (e.kind === 'em') this.#em(e);
    if (e.kind === 'tap') {
      e.softc = m.alloc(L.TAP_SIZE);
      m.st32(e.softc + L.TAP_IFP, e.addr);
      m.st32(e.softc + L.TAP_Q + L.MQ_LIMIT, Number(this.tree().sysctl['net.link.ifqmaxlen']));
    }
    if (e.kind === 'bridge') this.bridges.create(e);
    m.st32(e.addr + L.IF_SOFTC, e.softc);
    this.show(e);
    let i = 0;
    while (m.ld32(ns + L.NST_IFS + i * 4)) i++;
    Atomics.store(m.u32, (ns + L.NST_IFS) / 4 + i, e.addr);
    if (e.kind === 'ix') this.ix?.used(e.name);
    return e.addr;
  }
  /** em0's hardware, the one place that knows of it: its queue, its thread, its cable. */
  #em(e: IfEntry) {
    const { m } = this;
    e.softc = m.alloc(L.EM_SIZE);
    m.st32(e.softc + L.EM_IFP, e.addr);
    m.st32(e.softc + L.EM_TXQ + L.MQ_LIMIT, TX_DESC);
    m.st32(e.addr + L.IF_SOFTC, e.softc);
    e.block = m.newThread({ kind: L.TK_HW, fn: L.OP_EM, arg: e.softc, vtime: m.clock });
    m.st32(e.softc + L.EM_BLOCK, e.block);
  }

  /** What the data plane sees of an interface is what the table says. */
  show(e: IfEntry) {
    const { m } = this,
      put = (f: number, v: number) => Atomics.store(m.u32, (e.addr + f) >>> 2, v);
    if (e.kind === 'ix') this.ix?.changed(e.name);
    if (!e.addr) return;
    put(L.IF_MASK, e.inet?.mask ?? 0);
    put(L.IF_ADDR, e.inet?.addr ?? 0);
    put(L.IF_MTU, e.mtu);
    put(L.IF_BRIDGE, (e.bridge && this.find(e.bridge)?.softc) || 0);
    put(L.IF_LINK, this.link(e) ? 1 : 0);
    put(L.IF_FLAGS, e.flags);
    if (e.kind !== 'em') return;
    Atomics.store(m.u32, (e.softc + L.EM_PARTNER) >>> 2, EM_PARTNERS[this.#partner(e)] ?? 0);
    Atomics.store(m.u32, (e.softc + L.EM_PENDING) >>> 2, 1);
    m.wakeup(e.softc);
  }
  #partner(e: IfEntry): string {
    return String(this.tree().sysctl[`dev.lab.em.${e.unit}.partner`]);
  }
  link(e: IfEntry): boolean {
    if (e.kind === 'ix') return this.ix?.link(e.name) === true;
    if (e.kind === 'em') return (e.flags & L.IFF_UP) !== 0 && this.#partner(e) !== 'none';
    return e.kind !== 'tap' || e.pid !== undefined;
  }

  // ── what ifconfig asks for ────────────────────────────────────────────────────────────────────────────────────

  ioctl(name: string, r: IfReq): IfAnswer {
    const e = this.find(name);
    if (!e) return { errno: 6, text: `interface ${name} does not exist` };
    try {
      return this.#ioctl(e, r);
    } catch (x) {
      if (x instanceof RangeError) return errno('ENOMEM'); // the machine has no memory, or no thread, left
      throw x;
    }
  }
  #ioctl(e: IfEntry, r: IfReq): IfAnswer {
    switch (r.k) {
      case 'up':
        if (e.kind !== 'lo' && e.kind !== 'ix') this.use(e);
        e.flags |= L.IFF_UP | L.IFF_DRV_RUNNING;
        break;
      case 'down':
        return this.#down(e);
      case 'promisc':
        e.flags = r.on ? e.flags | L.IFF_PROMISC | IFF_PPROMISC : e.flags & ~(L.IFF_PROMISC | IFF_PPROMISC);
        break;
      case 'inet':
        if (this.list().some((x) => x !== e && x.inet?.addr === r.addr)) return errno('EEXIST');
        this.use(e);
        e.inet = { addr: r.addr, mask: r.mask };
        e.flags |= L.IFF_UP | L.IFF_DRV_RUNNING;
        break;
      case '-inet':
        if (!e.inet || (r.addr && e.inet.addr !== r.addr)) return { errno: 49, text: "Can't assign requested address" };
        delete e.inet;
        break;
      case 'mtu':
        if (r.mtu < 72 || r.mtu > (e.kind === 'em' ? 2200 : 1500)) return errno('EINVAL');
        e.mtu = r.mtu;
        break;
      default:
        return this.bridges.ioctl(e, r);
    }
    this.show(e);
    return undefined;
  }
  #down(e: IfEntry): IfAnswer {
    const done = this.locked(() => {
      e.flags &= ~(L.IFF_UP | L.IFF_DRV_RUNNING);
      if (e.addr) this.mbufs.forgetNeighbours(e.addr);
      if (e.kind === 'em' && e.addr) this.mbufs.purge(e.softc + L.EM_TXQ);
    });
    if (!done) return 'again';
    this.show(e);
    return undefined;
  }

  /** Makes a clone: "tap" gets the lowest free unit. Answers its name. */
  create(name: string): { name: string } | Strerror {
    const want = /^(tap|bridge)(\d{0,3})$/.exec(name),
      t = this.tree();
    if (!want) return errno('EINVAL');
    const kind = want[1] as 'tap' | 'bridge',
      taken = (n: number) => this.find(`${kind}${n}`) !== undefined;
    let unit = 0;
    while (taken(unit)) unit++;
    if (want[2]) unit = Number(want[2]);
    if (taken(unit)) return errno('EEXIST');
    if (this.list().filter((x) => x.kind === kind).length >= CLONES) return { errno: 28, text: 'No space left on device' };
    const hex = (n: number) => (n & 255).toString(16).padStart(2, '0'),
      ticks = Math.trunc(this.m.clock / 1e6);
    const mac =
      kind === 'tap'
        ? `00:bd:${hex(ticks)}:${hex(ticks >>> 8)}:${hex(ticks >>> 16)}:${hex(unit)}`
        : `02:6b:1f:${hex(unit >> 8)}:00:${hex(unit)}`;
    const e: IfEntry = {
      name: `${kind}${unit}`,
      kind,
      unit,
      index: t.net.nextIndex++,
      addr: 0,
      softc: 0,
      block: 0,
      flags: ETHER_FLAGS,
      mtu: 1500,
      mac,
    };
    if (kind === 'bridge') Object.assign(e, { members: [], timeout: 1200, maxaddr: 2000 });
    t.ifs.splice(t.ifs.findIndex((x) => x.kind === 'lo') + 1, 0, e);
    t.ifs.sort((a, b) => a.index - b.index);
    kldLoad(t, kind === 'tap' ? 'if_tap' : 'if_bridge');
    try {
      this.use(e);
    } catch (x) {
      if (!(x instanceof RangeError)) throw x;
      t.ifs = t.ifs.filter((y) => y !== e);
      return errno('ENOMEM');
    }
    logLine(t, kind === 'tap' ? `tap${unit}: Ethernet address: ${mac}` : `bridge${unit}: Ethernet address: ${mac}`);
    return { name: e.name };
  }

  destroy(name: string): IfAnswer {
    const e = this.find(name),
      t = this.tree(),
      { m } = this;
    if (!e) return { errno: 6, text: `interface ${name} does not exist` };
    if (e.kind !== 'tap' && e.kind !== 'bridge') return errno('EINVAL');
    if (e.pid !== undefined || t.adapters.some((a) => a.name === name)) return errno('EBUSY');
    const done = this.locked(() => {
      if (e.bridge) this.bridges.leave(e);
      for (const x of [...(e.members ?? [])]) this.bridges.leave(this.find(x) as IfEntry);
      this.mbufs.forget(e.addr);
      if (e.kind === 'tap') this.mbufs.purge(e.softc + L.TAP_Q);
      for (let i = 0; i < L.NST_IF_MAX; i++)
        if (m.ld32(this.stack + L.NST_IFS + i * 4) === e.addr) m.st32(this.stack + L.NST_IFS + i * 4, 0);
      m.release(e.softc, e.kind === 'tap' ? L.TAP_SIZE : L.BR_SIZE);
      m.release(e.addr, L.IF_SIZE);
      t.ifs = t.ifs.filter((x) => x !== e);
    });
    return done ? undefined : 'again';
  }

  /** For ifconfig and netstat. */
  info(): IfInfo[] {
    return this.list().map((e) => {
      const s = (f: number) => (e.addr ? this.m.ld64(e.addr + f) : 0);
      return {
        name: e.name,
        flags: FLAGS.filter(([b]) => e.flags & b).map(([, n]) => n),
        mtu: e.mtu,
        ether: e.kind === 'lo' ? '' : e.mac,
        status: e.kind === 'em' || e.kind === 'ix' || e.kind === 'tap' ? (this.link(e) ? 'active' : 'no carrier') : '',
        options: {
          ix: 'options=800b8<VLAN_MTU,VLAN_HWTAGGING,JUMBO_MTU,VLAN_HWCSUM,LINKSTATE>',
          lo: 'options=600003<RXCSUM,TXCSUM,RXCSUM_IPV6,TXCSUM_IPV6>',
          em: 'options=80098<VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,LINKSTATE>',
          tap: 'options=80000<LINKSTATE>',
          bridge: '',
        }[e.kind],
        media: {
          ix: `Ethernet autoselect${this.link(e) ? ' (10Gbase-Twinax <full-duplex>)' : ''}`,
          lo: '',
          em: `Ethernet autoselect${this.link(e) ? ' (1000baseT <full-duplex>)' : ''}`,
          tap: 'Ethernet autoselect',
          bridge: '',
        }[e.kind],
        index: e.index,
        ...(e.inet ? { inet: e.inet } : {}),
        ...(e.kind === 'tap' || e.kind === 'bridge' ? { groups: [e.kind] } : {}),
        ...(e.kind === 'bridge' ? { bridge: this.bridges.info(e) } : {}),
        ...(e.pid !== undefined ? { opened: e.pid } : {}),
        stats: [
          L.IF_STAT_IPACKETS,
          L.IF_STAT_IERRORS,
          L.IF_STAT_IQDROPS,
          L.IF_STAT_IBYTES,
          L.IF_STAT_OPACKETS,
          L.IF_STAT_OERRORS,
          L.IF_STAT_OBYTES,
          L.IF_STAT_OQDROPS,
        ].map(s),
      };
    });
  }

  /** Sets a sysctl of this part: undefined when it is none of them, '' when done, else what is wrong. */
  set(name: string, value: number | string): string | undefined {
    const t = this.tree(),
      e = this.list().find((x) => name === `dev.lab.em.${x.unit}.partner` && x.kind === 'em');
    if (!e) return undefined;
    if (!Object.hasOwn(EM_PARTNERS, String(value))) return `a partner is one of ${Object.keys(EM_PARTNERS).join(', ')}`;
    t.sysctl[name] = String(value);
    this.show(e);
    return '';
  }
}

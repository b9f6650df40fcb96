// A kernel's network interfaces, control plane: the table, up and down, addresses, raw sockets. Stands for if.c and the netisr
// set-up of FreeBSD 10. Blocks, the mbuf pool and the stack's threads are there from their first use on: a kernel that uses none
// has none. What threads may be inside of changes only as the writer of the stack's lock. What an interface's hardware does is
// its driver's (IfDriver), which each kernel has of its own.

import * as L from '../../wasm/layout.ts';
import type { ArpInfo, IfInfo, IfReq, Strerror } from '../bin/sys.ts';
import { type IfAnswer, type IfEntry, UP_RUNNING, errno } from './if_table.ts';
import type { Kmem } from './kmem.ts';
import { Mbufs } from './mbuf.ts';
import type { NetTree } from './tree.ts';

/** What a kind of interface adds. */
export interface IfDriver {
  type: number;
  transmit: number;
  options: string;
  media(up: boolean): string;
  /** Whether it has a carrier; undefined: it has no status. */
  link?(e: IfEntry): boolean;
  maxMtu: number;
  /** `up` alone does not make its block. */
  lazy?: boolean;
  /** Its block has been made; it is in the stack's table. */
  attach?(e: IfEntry): void;
  used?(e: IfEntry): void;
  /** Its row has changed; so has its block. */
  changed?(e: IfEntry): void;
  shown?(e: IfEntry): void;
  /** ifp->if_init, as the row says UP; the other way, as the writer of the stack's lock. */
  init?(e: IfEntry): void;
  stop?(e: IfEntry): void;
}
const LOOP: IfDriver = {
  type: L.IFT_LOOP,
  transmit: L.OP_LO_TRANSMIT,
  options: 'options=600003<RXCSUM,TXCSUM,RXCSUM_IPV6,TXCSUM_IPV6>',
  media: () => '',
  maxMtu: 1500,
  lazy: true,
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
const STATS = [
  L.IF_STAT_IPACKETS,
  L.IF_STAT_IERRORS,
  L.IF_STAT_IQDROPS,
  L.IF_STAT_IBYTES,
  L.IF_STAT_OPACKETS,
  L.IF_STAT_OERRORS,
  L.IF_STAT_OBYTES,
  L.IF_STAT_OQDROPS,
];
const WRITER = 0x80000000;

export class Interfaces {
  readonly mbufs: Mbufs;
  /** By kind. */
  readonly drivers: Partial<Record<IfEntry['kind'], IfDriver>> = { lo: LOOP };
  constructor(
    protected readonly m: Kmem,
    protected readonly net: () => NetTree,
  ) {
    this.mbufs = new Mbufs(m, net);
  }

  driver(e: IfEntry): IfDriver {
    const d = this.drivers[e.kind];
    if (!d) throw new Error(`no driver of ${e.kind}`);
    return d;
  }
  list(): IfEntry[] {
    return this.net().ifs;
  }
  find(name: string): IfEntry | undefined {
    return this.list().find((i) => i.name === name);
  }
  at(addr: number): IfEntry | undefined {
    return this.list().find((i) => i.addr !== 0 && i.addr === addr);
  }
  get stack() {
    return this.net().net.stack;
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
      t = this.net();
    if (t.net.stack) return t.net.stack;
    const ns = m.alloc(L.NST_SIZE);
    m.st32(ns + L.NST_ISRQ + L.MQ_LIMIT, Number(t.sysctl['net.isr.defaultqlimit']));
    for (let i = 0; i < L.NST_SOCK_MAX; i++) m.st32(ns + L.NST_SOCKS + i * L.SOCK_SIZE + L.SOCK_Q + L.MQ_LIMIT, 64);
    t.net.isr = m.kthread('netisr', ns);
    m.st32(ns + L.NST_ISR, t.net.isr);
    m.st32(ns + L.NST_WAKE, m.op(m.wakeOp));
    t.net.stack = ns;
    this.mbufs.create(ns);
    const lo = this.find('lo0');
    if (lo) m.st32(ns + L.NST_LO, this.use(lo));
    return ns;
  }
  /** The thread that runs timers: with the first port that has one. */
  clock() {
    const { m } = this,
      t = this.net();
    if (t.net.clock) return;
    t.net.clock = m.kthread('softclock', this.start());
    m.st32(t.net.stack + L.NST_CLK, t.net.clock);
  }

  /** An interface's block, made if need be. */
  use(e: IfEntry): number {
    if (e.addr) return e.addr;
    const { m } = this,
      ns = this.start();
    if (e.addr) return e.addr; // lo0 came with the stack
    const d = this.driver(e);
    e.addr = m.alloc(L.IF_SIZE);
    m.st32(e.addr + L.IF_TYPE, d.type);
    m.st32(e.addr + L.IF_TRANSMIT, m.op(d.transmit));
    m.st32(e.addr + L.IF_INDEX, e.index);
    m.putString(e.addr + L.IF_NAME, e.name, 16);
    e.mac.split(':').forEach((b, i) => {
      m.st8(e.addr + L.IF_MAC + i, Number.parseInt(b, 16) || 0);
    });
    d.attach?.(e);
    m.st32(e.addr + L.IF_SOFTC, e.softc);
    this.show(e);
    let i = 0;
    while (m.ld32(ns + L.NST_IFS + i * 4)) i++;
    Atomics.store(m.u32, (ns + L.NST_IFS) / 4 + i, e.addr);
    d.used?.(e);
    return e.addr;
  }

  /** What the data plane sees of an interface is what the table says. */
  show(e: IfEntry) {
    const { m } = this,
      d = this.driver(e),
      put = (f: number, v: number) => Atomics.store(m.u32, (e.addr + f) >>> 2, v);
    d.changed?.(e);
    if (!e.addr) return;
    put(L.IF_MASK, e.inet?.mask ?? 0);
    put(L.IF_ADDR, e.inet?.addr ?? 0);
    put(L.IF_MTU, e.mtu);
    put(L.IF_BRIDGE, (e.bridge && this.find(e.bridge)?.softc) || 0);
    put(L.IF_LINK, this.link(e) ? 1 : 0);
    put(L.IF_FLAGS, e.flags);
    d.shown?.(e);
  }
  link(e: IfEntry): boolean {
    return this.driver(e).link?.(e) ?? true;
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
    const d = this.driver(e);
    switch (r.k) {
      case 'up':
        if (!d.lazy) this.use(e);
        this.#init(e);
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
        this.#init(e);
        break;
      case '-inet':
        if (!e.inet || (r.addr && e.inet.addr !== r.addr)) return { errno: 49, text: "Can't assign requested address" };
        delete e.inet;
        break;
      case 'mtu':
        if (r.mtu < 72 || r.mtu > d.maxMtu) return errno('EINVAL');
        e.mtu = r.mtu;
        break;
      default:
        return this.other(e, r);
    }
    this.show(e);
    return undefined;
  }
  #init(e: IfEntry) {
    const was = e.flags;
    e.flags |= UP_RUNNING;
    if ((was & UP_RUNNING) !== UP_RUNNING) this.driver(e).init?.(e);
  }
  /** What only some kernels know how to do. */
  protected other(_e: IfEntry, _r: IfReq): IfAnswer {
    return errno('EINVAL');
  }
  #down(e: IfEntry): IfAnswer {
    const done = this.locked(() => {
      e.flags &= ~UP_RUNNING;
      if (e.addr) this.mbufs.forgetNeighbours(e.addr);
      this.driver(e).stop?.(e);
    });
    if (!done) return 'again';
    this.show(e);
    return undefined;
  }

  /** For ifconfig and netstat. */
  info(): IfInfo[] {
    return this.list().map((e) => {
      const d = this.driver(e);
      return {
        name: e.name,
        flags: FLAGS.filter(([b]) => e.flags & b).map(([, n]) => n),
        mtu: e.mtu,
        ether: e.kind === 'lo' ? '' : e.mac,
        status: d.link ? (this.link(e) ? 'active' : 'no carrier') : '',
        options: d.options,
        media: d.media(this.link(e)),
        index: e.index,
        ...(e.inet ? { inet: e.inet } : {}),
        ...this.more(e),
        stats: STATS.map((f) => (e.addr ? this.m.ld64(e.addr + f) : 0)),
      };
    });
  }
  protected more(_e: IfEntry): Partial<IfInfo> {
    return {};
  }

  /** What arp -a shows: the table, then the interfaces' own addresses. */
  arp(): ArpInfo[] {
    const { m, stack } = this,
      out: ArpInfo[] = [];
    for (let i = 0; stack && i < L.NST_ARP_MAX; i++) {
      const e = stack + L.NST_ARP + i * L.AE_SIZE,
        s = m.ld32(e + L.AE_STATE),
        state = s === L.AES_PERMANENT ? 'permanent' : s === L.AES_INCOMPLETE ? 'incomplete' : 'reachable',
        left = Math.ceil((m.ld64(e + L.AE_EXPIRE) - m.clock) / 1e9);
      if (!s || (state !== 'permanent' && left <= 0)) continue;
      const mac = Array.from({ length: 6 }, (_, k) =>
        m
          .ld8(e + L.AE_MAC + k)
          .toString(16)
          .padStart(2, '0'),
      ).join(':');
      out.push({ ip: m.ld32(e + L.AE_IP), mac, on: this.at(m.ld32(e + L.AE_IFP))?.name ?? '', state, left });
    }
    for (const x of this.list())
      if (x.inet && x.kind !== 'lo') out.push({ ip: x.inet.addr, mac: x.mac, on: x.name, state: 'permanent', left: 0 });
    return out;
  }

  // ── raw sockets ───────────────────────────────────────────────────────────────────────────────────────────────

  /** socket(SOCK_RAW) of ICMP for a thread: its address, or no buffer space. */
  socket(td: number): number | Strerror {
    const ns = this.start();
    for (let i = 0; i < L.NST_SOCK_MAX; i++) {
      const so = ns + L.NST_SOCKS + i * L.SOCK_SIZE;
      if (this.m.ld32(so + L.SOCK_TD)) continue;
      Atomics.store(this.m.u32, (so + L.SOCK_TD) >>> 2, td);
      return so;
    }
    return { errno: 55, text: 'No buffer space available' };
  }
  closeSocket(so: number): boolean {
    return this.locked(() => {
      this.m.st32(so + L.SOCK_TD, 0);
      this.mbufs.purge(so + L.SOCK_Q);
    });
  }
}

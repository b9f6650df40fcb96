// The host's two 10G NICs, ix0 and ix1: the hardware's registers, the cable, the driver's netmap mode. Mirrors the attach and
// register paths of if_ix.c with ixgbe_netmap.h (facts netmap 2.10). The hardware is there, with its thread and its interrupt
// thread, from its first use on. dev.lab.ix.N.* are the lab's own: who is at the other end of the cable.

import * as L from '../../../wasm/layout.ts';
import { buildFrame } from '../../bin/pkt_gen_frame.ts';
import type { Machine } from '../../sim/machine.ts';
import type { NativePorts } from '../../net/netmap.ts';
import type { HostInterfaces } from './ifnet.ts';
import type { GenericPorts } from '../../net/netmap_hw_generic.ts';
import type { NetmapMem } from '../../net/netmap_mem.ts';
import type { Adapters } from '../../net/netmap_na.ts';
import type { PortConfig } from '../../net/netmap_vale.ts';
import { IX_SYSCTL, NICS } from './sysctls.ts';
import { type AdapterEntry, type Errno, type HostTree, type NicEntry, logLine } from './tree.ts';

const GBIT10_PS = 100,
  MTU = 1500,
  VLAN = 4,
  OVERHEAD = 18;
const PARTNERS: Record<string, number> = { none: L.NICP_NONE, loop: L.NICP_LOOP, sink: L.NICP_SINK, source: L.NICP_SOURCE };
/** Counters of the hardware under the names of its driver. */
const MAC_STATS: [string, number][] = [
  ['good_pkts_txd', L.NIC_STAT_GPTC],
  ['good_octets_txd', L.NIC_STAT_GOTC],
  ['good_pkts_rcvd', L.NIC_STAT_GPRC],
  ['good_octets_rcvd', L.NIC_STAT_GORC],
  ['rx_missed_packets', L.NIC_STAT_MPC],
  ['recv_oversized', L.NIC_STAT_ROC],
];

const RANGES: Record<string, [number, number]> = {
  'hw.ix.num_queues': [1, L.NIC_QMAX],
  'hw.ix.txd': [64, 4096],
  'hw.ix.rxd': [64, 4096],
  'hw.ix.max_interrupt_rate': [500, 1000000],
  source_len: [14, 1514],
  source_pps: [0, 100000000],
  source_flows: [1, 4096],
  'dev.lab.ix.explore': [0, 64],
};

export class Ix implements NativePorts {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree,
    private readonly mem: NetmapMem,
    private readonly nas: Adapters,
    private readonly ifs: HostInterfaces,
    private readonly generic: GenericPorts,
  ) {
    ifs.ix = {
      link: (name) => this.link(name),
      changed: (name) => {
        if (this.find(name)) this.#cable();
      },
      used: (name) => {
        const entry = nas.find(name);
        if (entry && m.ld32(entry.addr + L.NA_FLAGS) & L.NAF_NETMAP_ON) this.hostRing(entry);
      },
    };
  }

  /** The host's stack, if it uses the interface, is behind the host rings from now on. */
  hostRing(entry: AdapterEntry) {
    const ifp = this.#row(entry.name)?.addr ?? 0;
    if (ifp && !this.m.ld32(entry.addr + L.NA_HW)) this.generic.hostRing(entry, ifp);
  }
  has(name: string) {
    return NICS.includes(name);
  }
  /** Whoever binds host rings makes the stack use the interface. */
  giveToStack(entry: AdapterEntry) {
    const e = this.#row(entry.name);
    if (e) this.ifs.use(e);
  }

  #num(name: string): number {
    return Number(this.tree().sysctl[name] ?? 0);
  }
  find(name: string): NicEntry | undefined {
    return this.tree().nics.find((n) => n.name === name);
  }
  /** Its row in the table of interfaces. */
  #row(name: string) {
    return this.ifs.find(name);
  }
  #up(name: string) {
    return ((this.#row(name)?.flags ?? 0) & L.IFF_UP) !== 0;
  }

  /** The hardware of a NIC, with its threads. */
  #attach(name: string): NicEntry {
    const there = this.find(name);
    if (there) return there;
    const { m } = this,
      t = this.tree(),
      unit = NICS.indexOf(name),
      nic = m.alloc(L.NIC_SIZE);
    m.st32(nic + L.NIC_MAXFRS, MTU + OVERHEAD + VLAN);
    m.st32(nic + L.NIC_UNIT, unit);
    this.#row(name)
      ?.mac.split(':')
      .forEach((b, i) => {
        m.st8(nic + L.NIC_MAC + i, Number.parseInt(b, 16));
      });
    const e: NicEntry = { name, unit, addr: nic, block: 0, ithread: 0 };
    t.nics.push(e);
    e.block = m.newThread({ kind: L.TK_HW, fn: L.OP_NIC, arg: nic, vtime: m.clock });
    e.ithread = m.newThread({ kind: L.TK_ITHREAD, fn: L.OP_IX_ITHREAD, arg: nic, vtime: m.clock });
    m.st32(nic + L.NIC_BLOCK, e.block);
    m.st32(nic + L.NIC_ITHREAD, e.ithread);
    this.#cable();
    return e;
  }

  /** Who is at the other end of each cable; a link is up when both ends are. */
  #cable() {
    const { m } = this,
      t = this.tree(),
      timeless = this.#num('dev.lab.ix.explore') !== 0; // where time stands still, nothing may take any
    for (const e of t.nics) {
      const p = String(t.sysctl[`dev.lab.ix.${e.unit}.partner`]),
        peer = NICS.includes(p) && p !== e.name ? this.find(p) : undefined,
        peerCabled = peer && t.sysctl[`dev.lab.ix.${peer.unit}.partner`] === e.name;
      const kind = peer ? (peerCabled ? L.NICP_PEER : L.NICP_NONE) : p === e.name ? L.NICP_LOOP : (PARTNERS[p] ?? L.NICP_NONE);
      m.st32(e.addr + L.NIC_PEER, peer?.addr ?? 0);
      m.st32(e.addr + L.NIC_PARTNER, timeless && kind === L.NICP_SOURCE ? L.NICP_NONE : kind);
      Atomics.store(m.u32, (e.addr + L.NIC_LINK) >>> 2, this.link(e.name) ? 1 : 0);
      m.st32(e.addr + L.NIC_PROMISC, (this.#row(e.name)?.flags ?? 0) & L.IFF_PROMISC ? 1 : 0);
      m.st32(e.addr + L.NIC_PS_PER_BIT, timeless ? 0 : GBIT10_PS);
      m.st32(e.addr + L.NIC_ITR_NS, timeless ? 0 : Math.round(1e9 / this.#num('hw.ix.max_interrupt_rate')));
      if (kind === L.NICP_SOURCE) this.#source(e);
      this.kick(e);
    }
  }
  #source(e: NicEntry) {
    const { m } = this,
      len = this.#num(`dev.lab.ix.${e.unit}.source_len`),
      pps = this.#num(`dev.lab.ix.${e.unit}.source_pps`);
    m.st32(e.addr + L.NIC_SRC_LEN, len);
    m.st64(e.addr + L.NIC_SRC_GAP, pps ? Math.round(1e12 / pps) : 0);
    m.st32(e.addr + L.NIC_SRC_FLOWS, this.#num(`dev.lab.ix.${e.unit}.source_flows`));
    buildFrame({ size: len, srcIp: '10.0.0.1:1234', dstIp: '10.1.0.1:1234', dstMac: 'ff:ff:ff:ff:ff:ff' }, '02:00:00:00:00:01').forEach(
      (b, i) => {
        m.st8(e.addr + L.NIC_FRAME + i, b);
      },
    );
  }
  /** Carrier: the interface is up, and somebody is at the other end. */
  link(name: string): boolean {
    const t = this.tree(),
      unit = NICS.indexOf(name),
      p = String(t.sysctl[`dev.lab.ix.${unit}.partner`]);
    if (!this.#up(name)) return false;
    if (NICS.includes(p) && p !== name) return this.#up(p) && t.sysctl[`dev.lab.ix.${NICS.indexOf(p)}.partner`] === name;
    return p === name || (PARTNERS[p] ?? 0) !== L.NICP_NONE;
  }
  /** A register was written: the hardware looks again. */
  kick(e: NicEntry) {
    Atomics.store(this.m.u32, (e.addr + L.NIC_DOORBELL) >>> 2, 1);
    this.m.wakeup(e.addr);
  }

  /** The native port of a NIC; whoever opens it first decides its number of rings, as the tunables are then. */
  port(name: string, c: PortConfig): AdapterEntry | Errno {
    const there = this.nas.find(name);
    if (there) {
      there.refs++;
      return there;
    }
    const own = c.memId && c.memId !== 1 ? this.mem.byId(c.memId) : undefined;
    if (c.memId && c.memId !== 1 && !own) return 'EINVAL';
    const mem = own ?? this.mem.global();
    if (!mem) return 'EINVAL';
    const nic = this.#attach(name),
      q = this.#num('hw.ix.num_queues');
    const entry = this.nas.create({
      name,
      kind: 'nic',
      type: L.NA_NIC,
      mem,
      ntx: q,
      nrx: q,
      txd: this.#num('dev.lab.ix.explore') || this.#num('hw.ix.txd'),
      rxd: this.#num('dev.lab.ix.explore') || this.#num('hw.ix.rxd'),
      flags: L.NAF_NATIVE | L.NAF_HOST_RINGS,
      sync: [L.OP_IX_TXSYNC, L.OP_IX_RXSYNC],
      hostSync: [L.OP_HOST_TXSYNC, L.OP_HOST_RXSYNC],
    });
    this.m.st32(nic.addr + L.NIC_NQ, q);
    return entry;
  }

  /** ixgbe_netmap_reg on: descriptors for every ring, the receive ones with the slots' buffers, all but one the hardware's. */
  on(entry: AdapterEntry) {
    const { m, nas } = this,
      e = this.find(entry.name);
    if (!e) return;
    for (let i = 0; i < m.ld32(e.addr + L.NIC_NQ); i++) {
      const q = e.addr + L.NIC_Q + i * L.NICQ_SIZE,
        tx = nas.kring(entry.addr, true, i),
        rx = nas.kring(entry.addr, false, i),
        txd = m.ld32(tx + L.KR_NUM_SLOTS),
        rxd = m.ld32(rx + L.KR_NUM_SLOTS);
      const tdba = m.alloc(txd * L.DESC_SIZE),
        rdba = m.alloc(rxd * L.DESC_SIZE);
      for (let k = 0; k < rxd; k++) {
        const idx = m.ld32(m.ld32(rx + L.KR_RING) + L.RING_SLOT + k * L.SLOT_SIZE);
        m.st32(rdba + k * L.DESC_SIZE + L.DESC_ADDR, this.mem.addr(entry.mem, L.POOL_BUF, idx));
      }
      for (const [f, v] of [
        [L.NICQ_TDBA, tdba],
        [L.NICQ_TDLEN, txd],
        [L.NICQ_TDH, 0],
        [L.NICQ_TDT, 0],
        [L.NICQ_RDBA, rdba],
        [L.NICQ_RDLEN, rxd],
        [L.NICQ_RDH, 0],
        [L.NICQ_RDT, rxd - 1],
        [L.NICQ_RXK, rx],
        [L.NICQ_TXK, tx],
        [L.NICQ_NIC, e.addr],
      ] as const)
        m.st32(q + f, v);
      for (const kr of [tx, rx]) m.st32(kr + L.KR_HW, q);
    }
    this.#enable(e, 1);
    this.hostRing(entry);
    this.#cable();
  }
  #enable(e: NicEntry, on: 0 | 1) {
    for (const r of [L.NIC_RXEN, L.NIC_TXEN]) Atomics.store(this.m.u32, (e.addr + r) >>> 2, on);
  }

  /** ixgbe_netmap_intr: masks the interrupts of a NIC, or lets those go that have waited. */
  intr(entry: AdapterEntry, on: boolean) {
    const e = this.find(entry.name);
    if (!e) return;
    Atomics.store(this.m.u32, (e.addr + L.NIC_INTR_OFF) >>> 2, on ? 0 : 1);
    this.kick(e);
  }

  /** Stops the hardware; true when neither it, nor its neighbour, nor an interrupt is inside what is to be freed. */
  quiet(entry: AdapterEntry): boolean {
    const { m } = this,
      e = this.find(entry.name);
    if (!e) return true;
    this.#enable(e, 0);
    if (m.ld32(entry.addr + L.NA_HW) && !this.ifs.lock()) return false;
    const at = (nic: number, o: number) => Atomics.load(m.u32, (nic + o) >>> 2) !== 0;
    const out = !this.tree().nics.some((n) => at(n.addr, L.NIC_INSIDE)) && !at(e.addr, L.NIC_ITH_INSIDE);
    if (!out && m.ld32(entry.addr + L.NA_HW)) this.ifs.unlock();
    return out;
  }

  /** ixgbe_netmap_reg off: after quiet(). */
  off(entry: AdapterEntry) {
    const { m } = this,
      e = this.find(entry.name);
    if (!e) return;
    this.#enable(e, 0);
    if (m.ld32(entry.addr + L.NA_HW)) {
      this.generic.hostRingGone(entry);
      m.st32(entry.addr + L.NA_HW, 0);
      this.ifs.unlock();
    }
    for (let i = 0; i < m.ld32(e.addr + L.NIC_NQ); i++) {
      const q = e.addr + L.NIC_Q + i * L.NICQ_SIZE;
      m.release(m.ld32(q + L.NICQ_TDBA), m.ld32(q + L.NICQ_TDLEN) * L.DESC_SIZE);
      m.release(m.ld32(q + L.NICQ_RDBA), m.ld32(q + L.NICQ_RDLEN) * L.DESC_SIZE);
      m.u8.fill(0, q, q + L.NICQ_SIZE);
    }
    for (const f of [L.NIC_CUR_Q, L.NIC_NEXT_Q, L.NIC_EICR, L.NIC_IRQ, L.NIC_BACK_TO_BACK]) m.st32(e.addr + f, 0);
    this.#cable();
  }

  /** The drivers' read-only sysctls. */
  stats(): Record<string, number> {
    return Object.fromEntries(
      NICS.flatMap((n, unit) => {
        const e = this.find(n);
        return [
          ...MAC_STATS.map(([s, o]) => [`dev.ix.${unit}.mac_stats.${s}`, e ? this.m.ld64(e.addr + o) : 0]),
          [`dev.lab.ix.${unit}.filtered`, e ? this.m.ld64(e.addr + L.NIC_STAT_FILTERED) : 0],
          [`dev.lab.ix.${unit}.interrupts`, e ? this.m.ld64(e.addr + L.NIC_STAT_INTR) : 0],
        ];
      }),
    );
  }

  /** Sets a sysctl of these NICs: undefined when it is none of them, '' when done, else what is wrong. */
  set(name: string, value: number | string): string | undefined {
    const t = this.tree();
    if (!Object.hasOwn(IX_SYSCTL, name)) return undefined;
    if (name.endsWith('.partner')) {
      if (!NICS.includes(String(value)) && !Object.hasOwn(PARTNERS, String(value)))
        return `a partner is one of ${[...NICS, ...Object.keys(PARTNERS)].join(', ')}`;
      t.sysctl[name] = String(value);
      const unit = Number(/\.(\d)\./.exec(name)?.[1]);
      const peer = NICS.indexOf(String(value)); // a cable has two ends
      if (peer >= 0 && peer !== unit) t.sysctl[`dev.lab.ix.${peer}.partner`] = NICS[unit] ?? '';
      this.#cable();
      return '';
    }
    const [lo, hi] = RANGES[name] ?? RANGES[name.replace(/^.*\./, '')] ?? [0, 0],
      v = Number(value);
    if (!Number.isInteger(v) || v < lo || v > hi) return `from ${lo} to ${hi}`;
    if (name === 'dev.lab.ix.explore' && ![0, 4, 8, 16, 32, 64].includes(v)) return '0, 4, 8, 16, 32 or 64 slots';
    t.sysctl[name] = v;
    if (name.startsWith('hw.ix.')) logLine(t, `ix: ${name}=${v} from the next time on that a NIC enters netmap mode`);
    this.#cable();
    return '';
  }
}

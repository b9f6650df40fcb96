// The host's own kinds of interface: em0, taps, bridges and their clones, and the rows of the 10G NICs. Stands for if_clone.c
// and the attach routines; the table and what all interfaces share is src/net/ifnet.ts.

import * as L from '../../../wasm/layout.ts';
import type { IfInfo, IfReq, Strerror } from '../../bin/sys.ts';
import { ETHER_FLAGS, type IfAnswer, type IfEntry, errno } from '../../net/if_table.ts';
import { Interfaces } from '../../net/ifnet.ts';
import type { Kmem } from '../../net/kmem.ts';
import { Bridges } from './if_bridge.ts';
import { EM_PARTNERS } from './if_table.ts';
import { kldLoad } from './kld.ts';
import type { HostTree } from './tree.ts';

const TX_DESC = 1024,
  CLONES = 16;

export class HostInterfaces extends Interfaces {
  /** The 10G driver: its link, and what it does when its row has changed or the stack has begun to use it. */
  ix: { link(name: string): boolean; changed(name: string): void; used(name: string): void } | undefined;
  readonly bridges: Bridges;
  constructor(
    m: Kmem,
    private readonly tree: () => HostTree,
  ) {
    super(m, tree);
    this.bridges = new Bridges(m, this);
    Object.assign(this.drivers, {
      ix: {
        type: L.IFT_NIC,
        transmit: L.OP_IX_TRANSMIT,
        options: 'options=800b8<VLAN_MTU,VLAN_HWTAGGING,JUMBO_MTU,VLAN_HWCSUM,LINKSTATE>',
        media: (up: boolean) => `Ethernet autoselect${up ? ' (10Gbase-Twinax <full-duplex>)' : ''}`,
        link: (e: IfEntry) => this.ix?.link(e.name) === true,
        maxMtu: 1500,
        lazy: true,
        changed: (e: IfEntry) => this.ix?.changed(e.name),
        used: (e: IfEntry) => this.ix?.used(e.name),
      },
      em: {
        type: L.IFT_NIC,
        transmit: L.OP_EM_TRANSMIT,
        options: 'options=80098<VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,LINKSTATE>',
        media: (up: boolean) => `Ethernet autoselect${up ? ' (1000baseT <full-duplex>)' : ''}`,
        link: (e: IfEntry) => (e.flags & L.IFF_UP) !== 0 && this.#partner(e) !== 'none',
        maxMtu: 2200,
        attach: (e: IfEntry) => this.#em(e),
        shown: (e: IfEntry) => {
          Atomics.store(m.u32, (e.softc + L.EM_PARTNER) >>> 2, EM_PARTNERS[this.#partner(e)] ?? 0);
          Atomics.store(m.u32, (e.softc + L.EM_PENDING) >>> 2, 1);
          m.machine.wakeup(e.softc);
        },
        stop: (e: IfEntry) => {
          if (e.addr) this.mbufs.purge(e.softc + L.EM_TXQ);
        },
      },
      tap: {
        type: L.IFT_TAP,
        transmit: L.OP_TAP_TRANSMIT,
        options: 'options=80000<LINKSTATE>',
        media: () => 'Ethernet autoselect',
        link: (e: IfEntry) => e.pid !== undefined,
        maxMtu: 1500,
        attach: (e: IfEntry) => {
          e.softc = m.alloc(L.TAP_SIZE);
          m.st32(e.softc + L.TAP_IFP, e.addr);
          m.st32(e.softc + L.TAP_Q + L.MQ_LIMIT, Number(tree().sysctl['net.link.ifqmaxlen']));
        },
      },
      bridge: {
        type: L.IFT_BRIDGE,
        transmit: L.OP_BRIDGE_TRANSMIT,
        options: '',
        media: () => '',
        maxMtu: 1500,
        attach: (e: IfEntry) => this.bridges.create(e),
      },
    } satisfies typeof this.drivers);
  }

  /** em0's hardware, the one place that knows of it: its queue, its thread, its cable. */
  #em(e: IfEntry) {
    const { m } = this;
    e.softc = m.alloc(L.EM_SIZE);
    m.st32(e.softc + L.EM_IFP, e.addr);
    m.st32(e.softc + L.EM_TXQ + L.MQ_LIMIT, TX_DESC);
    m.st32(e.addr + L.IF_SOFTC, e.softc);
    e.block = m.machine.newThread({ kind: L.TK_HW, fn: L.OP_EM, arg: e.softc, vtime: m.clock });
    m.st32(e.softc + L.EM_BLOCK, e.block);
  }
  #partner(e: IfEntry): string {
    return String(this.tree().sysctl[`dev.lab.em.${e.unit}.partner`]);
  }

  protected override other(e: IfEntry, r: IfReq): IfAnswer {
    return this.bridges.ioctl(e, r);
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
    this.m.log(kind === 'tap' ? `tap${unit}: Ethernet address: ${mac}` : `bridge${unit}: Ethernet address: ${mac}`);
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

  protected override more(e: IfEntry): Partial<IfInfo> {
    return {
      ...(e.kind === 'tap' || e.kind === 'bridge' ? { groups: [e.kind] } : {}),
      ...(e.kind === 'bridge' ? { bridge: this.bridges.info(e) } : {}),
      ...(e.pid !== undefined ? { opened: e.pid } : {}),
    };
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

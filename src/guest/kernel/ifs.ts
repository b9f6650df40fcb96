// The guest's interfaces: the vtnets and lo0. The table is src/net/ifnet.ts; here is what a vtnet adds to it.

import * as L from '../../../wasm/layout.ts';
import type { IfInfo } from '../../bin/sys.ts';
import type { IfEntry } from '../../net/if_table.ts';
import { Interfaces } from '../../net/ifnet.ts';
import { type VtnetEnv, vtnetInit, vtnetStop } from './if_vtnet.ts';
import type { GuestKmem } from './kmem.ts';
import type { GuestTree, VtnetSoftc } from './tree.ts';

export class GuestInterfaces extends Interfaces {
  constructor(
    k: GuestKmem,
    private readonly tree: () => GuestTree,
    env: () => VtnetEnv,
  ) {
    super(k, tree);
    this.drivers.vtnet = {
      type: L.IFT_NIC,
      transmit: L.OP_VTNET_TRANSMIT,
      options: 'options=80028<VLAN_MTU,JUMBO_MTU,LINKSTATE>',
      media: () => 'Ethernet 10Gbase-T <full-duplex>',
      link: (e) => this.#sc(e).link,
      maxMtu: 1500,
      lazy: true,
      attach: (e) => {
        e.softc = this.#sc(e).softc;
      },
      used: (e) => {
        const sc = this.#sc(e);
        if (sc.up && !sc.users) vtnetInit(env(), sc);
      },
      init: (e) => {
        const sc = this.#sc(e);
        sc.up = true;
        if (e.addr) {
          if (!sc.users) vtnetInit(env(), sc);
        } else if (!sc.ptnetmap && sc.link) this.use(e);
      },
      stop: (e) => {
        const sc = this.#sc(e);
        sc.up = false;
        if (e.addr && !sc.users) vtnetStop(env(), sc);
      },
    };
  }
  protected override more(e: IfEntry): Partial<IfInfo> {
    return e.kind === 'lo'
      ? { options: 'options=600003<RXCSUM,TXCSUM,RXCSUM_IPV6,TXCSUM_IPV6>', nd6: '21<PERFORMNUD,AUTO_LINKLOCAL>' }
      : { nd6: '29<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL>' };
  }
  #sc(e: IfEntry): VtnetSoftc {
    const sc = this.tree().vtnets[e.unit];
    if (!sc) throw new Error(`no softc of ${e.name}`);
    return sc;
  }

  /** The pool is as large as its users need: 512 buffers in each RX queue, and as much again for what is under way. */
  override start(): number {
    const t = this.tree();
    if (!t.net.stack) t.sysctl['kern.ipc.nmbclusters'] = Math.max(Number(t.sysctl['kern.ipc.nmbclusters']), 1024 * (t.vtnets.length + 1));
    return super.start();
  }
}

// The host's netmap: what any kernel has, the 10G NICs' native ports and their polling.

import type { Machine } from '../../sim/machine.ts';
import { Netmap } from '../../net/netmap.ts';
import { Ix } from './if_ix.ts';
import { HostInterfaces } from './ifnet.ts';
import { HostKmem } from './kmem.ts';
import { Polling } from './netmap_polling.ts';
import type { HostTree } from './tree.ts';

export class HostNetmap extends Netmap {
  readonly ix: Ix;
  constructor(
    m: Machine,
    tree: () => HostTree,
    override readonly ifs: HostInterfaces = new HostInterfaces(new HostKmem(m, tree), tree),
  ) {
    super(new HostKmem(m, tree), tree, ifs);
    this.ix = new Ix(m, tree, this.mem, this.nas, ifs, this.generic);
    this.native = this.ix;
    this.polling = new Polling(m, tree, this);
  }
}

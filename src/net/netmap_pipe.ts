// netmap pipes, control plane: two ends in their parent's allocator, made together. Mirrors netmap_pipe.c of 2015 (facts 4.1).

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';
import type { Adapters } from './netmap_na.ts';
import type { AdapterEntry, Errno, NetTree } from './tree.ts';

const NM_MAXPIPES = 64;

export class Pipes {
  constructor(
    private readonly m: Kmem,
    private readonly tree: () => NetTree,
    private readonly nas: Adapters,
  ) {}

  static endName(parent: string, id: number, master: boolean) {
    return `${parent}${master ? '{' : '}'}${id}`;
  }

  /** An end of a pipe. Either end's open makes both; `parent` opens the port whose pipe it is, once. */
  end(parentName: string, id: number, master: boolean, parent: () => AdapterEntry | Errno): AdapterEntry | Errno {
    const { m } = this,
      t = this.tree();
    let mine = this.nas.find(Pipes.endName(parentName, id, master));
    if (!mine) {
      const p = parent();
      if (typeof p === 'string') return p;
      const mem = t.mems.find((e) => e.addr === p.mem);
      if (!mem) throw new Error('parent without an allocator');
      const slots = Math.min(m.ld32(p.addr + L.NA_NUM_TX_DESC), 4096);
      if (t.adapters.filter((a) => a.kind === 'pipe' && a.parent === p.name).length >= 2 * NM_MAXPIPES) {
        p.refs--;
        return 'ENOMEM';
      }
      const ends = [true, false].map((mst) => {
        const e = this.nas.create({
          name: Pipes.endName(parentName, id, mst),
          kind: 'pipe',
          type: L.NA_PIPE,
          mem,
          ntx: 1,
          nrx: 1,
          txd: slots,
          rxd: slots,
          flags: 0,
          sync: [L.OP_PIPE_TXSYNC, L.OP_PIPE_RXSYNC],
        });
        e.parent = p.name;
        e.refs = 0;
        m.st32(e.addr + L.NA_PIPE_ID, id);
        m.st32(e.addr + L.NA_PARENT, p.addr);
        return e;
      }) as [AdapterEntry, AdapterEntry];
      const [a, b] = ends;
      m.st32(a.addr + L.NA_PEER, b.addr);
      m.st32(b.addr + L.NA_PEER, a.addr);
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        m.st32(this.nas.kring(x.addr, true, 0) + L.KR_PIPE, this.nas.kring(y.addr, false, 0));
        m.st32(this.nas.kring(x.addr, false, 0) + L.KR_PIPE, this.nas.kring(y.addr, true, 0));
      }
      mine = master ? a : b;
    }
    mine.refs++;
    return mine;
  }

  /** The other end, and the port whose pipe it is. */
  peer(entry: AdapterEntry) {
    return this.nas.at(this.m.ld32(entry.addr + L.NA_PEER));
  }
  parent(entry: AdapterEntry) {
    return this.nas.at(this.m.ld32(entry.addr + L.NA_PARENT));
  }
}

// What a thread is bound to: krings each way, and where its program sees the netmap_if. A thread of two descriptors has them twice.

import * as L from '../../wasm/layout.ts';
import type { Kmem } from './kmem.ts';

export interface Bound {
  tx: number;
  ntx: number;
  rx: number;
  nrx: number;
  txpoll: boolean;
  nifp: number;
}

export function bindThread(m: Pick<Kmem, 'st32'>, td: number, fds: readonly (Bound | undefined)[]) {
  fds.forEach((fd, k) => {
    if (!fd) throw new Error('thread on a closed descriptor');
    const at = td + k * L.TD_SECOND;
    m.st32(at + L.TD_TX, fd.tx);
    m.st32(at + L.TD_RX, fd.rx);
    m.st32(at + L.TD_NTX, fd.ntx);
    m.st32(at + L.TD_NRX, fd.nrx);
    m.st32(at + L.TD_NO_TX_POLL, fd.txpoll ? 0 : 1);
    m.st32(at + L.TD_NIFP, fd.nifp);
  });
}

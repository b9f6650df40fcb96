// What a trace is made of: lanes with their rests, marks, changes of watched words.

import * as P from '../../wasm/points.ts';
import type { Side } from './protocol.ts';

/** A stretch in which a thread could not run. `to` is Infinity while it lasts. */
export interface Rest {
  from: number;
  to: number;
  on: string;
}
export interface Lane {
  id: number;
  name: string;
  /** What it does, with the port that it serves. */
  role: string;
  side: Side;
  first: number;
  last: number;
  rests: Rest[];
  /** Its last rest may still last. */
  open: boolean;
  block: number;
  epoch: number;
  /** Steps that it made in each bucket. */
  made: number[];
}
export interface Mark {
  step: number;
  kind: number;
  lane: number;
  /** The lane of the thread that it woke or interrupts; NOBODY when there is none. */
  to: number;
  point: number;
}

/** A watched word that changed or was stored: what questions about the past are answered from. */
export interface Change {
  step: number;
  /** Index of the thread, NOBODY: the control plane. */
  thread: number;
  point: number;
  addr: number;
  value: number;
  /** The value before; undefined: only the store is known. */
  was: number | undefined;
}

/** Points that are more than an access. */
export const NOTABLE = new Uint8Array(P.P_COUNT);
for (const p of [
  P.P_IO_OUT,
  P.P_VTN_KICK,
  P.P_GVQ_NOTIFY,
  P.P_VCPU_HLT,
  P.P_GTX_KICK,
  P.P_GRX_KICK,
  P.P_GRX_L_KICK,
  P.P_MSI_SET_IRR,
  P.P_REINIT_HEAD,
  P.P_VALE_DST_UNLOCK_FULL,
  P.P_PG_TX_ST_HEAD,
  P.P_PG_RX_ST_HEAD,
  P.P_PING_ST_HEAD,
  P.P_BR_ST_HEAD,
])
  NOTABLE[p] = 1;

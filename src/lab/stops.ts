// Kinds of events that a student can run to, as sets of pause points: the real places in the code where they happen.

import * as L from '../../wasm/layout.ts';
import * as P from '../../wasm/points.ts';

export type EventKind = 'kick' | 'suppressed' | 'interrupt' | 'exit' | 'sleep' | 'wake' | 'wrap' | 'prologue' | 'drop' | 'sync' | 'packet';

interface Kind {
  points: readonly number[];
  /** What it is called in a sentence. */
  name: string;
  /** Whether the access that was just made is one, where the point alone does not tell. */
  is?: (found: number, point: number) => boolean;
}

/** Where a program stores a ring's head. */
export const HEADS: readonly number[] = [P.P_PG_TX_ST_HEAD, P.P_PG_RX_ST_HEAD, P.P_PING_ST_HEAD, P.P_BR_ST_HEAD];

/** What a driver found when it looked whether to kick: the CSB's word is 0, or used.flags has NO_NOTIFY. */
export const suppressed = (found: number, point: number) =>
  point === P.P_GVQ_NOTIFY ? (found & L.VRING_USED_F_NO_NOTIFY) !== 0 : found === 0;

export const EVENTS: Readonly<Record<EventKind, Kind>> = {
  kick: { name: 'kick', points: [P.P_IO_OUT, P.P_VTN_KICK] },
  suppressed: {
    name: 'suppressed kick',
    points: [P.P_GTX_KICK, P.P_GRX_KICK, P.P_GRX_L_KICK, P.P_GVQ_NOTIFY],
    is: suppressed,
  },
  interrupt: { name: 'interrupt', points: [P.P_MSI_SET_IRR] },
  exit: { name: 'exit', points: [P.P_IO_OUT, P.P_VTN_KICK, P.P_VCPU_HLT] },
  sleep: { name: 'sleep', points: [P.P_NMK_SLEEP, P.P_POLL_SLEEP, P.P_VCPU_HLT] },
  wake: { name: 'wake-up', points: [P.P_NMK_WAKE, P.P_IO_WAKEUP, P.P_NOTIFY_WAKE] },
  wrap: { name: 'wrap of a ring', points: HEADS },
  prologue: { name: 'prologue failure', points: [P.P_REINIT_HEAD] },
  drop: { name: 'drop', points: [P.P_VALE_DST_UNLOCK_FULL] },
  sync: { name: 'end of a sync', points: [P.P_FIN_TAIL, P.P_PTN_TX_ST_HWCUR, P.P_PTN_RX_ST_HWCUR] },
  packet: {
    name: 'hand-over of packets',
    points: [...HEADS, P.P_PIPE_TX_ST_RX_HWTAIL, P.P_VALE_DST_ST_HWTAIL],
  },
};

/** Steps after which a search for an event is given up. */
export const SEARCH_MAX = 5_000_000;

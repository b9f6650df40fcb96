// What the live charts are drawn from: the machine's counters at one moment, as the ledger shows them; and at moments along the
// recording. Plain data, made by charts.ts from memory and tree.

import type { Path, PictureCounts } from './picture_view.ts';
import type { Side } from './protocol.ts';

/** The slots of a ring by who has them, in the words of its direction (d() from hwcur). */
export interface ChartFill {
  dir: 'TX' | 'RX';
  slots: number;
  /** Who fills or reads the slots. */
  user: Side;
  /** hwcur to head: submitted, or released. */
  given: number;
  /** head to tail: the user may fill or read them. */
  open: number;
  /** tail to hwtail: done or received, the user is not told. */
  untold: number;
  /** The indices were read while they changed: the three are nothing. */
  torn: boolean;
}
/** A port of the host's own at the other end, that a program holds open. */
export interface ChartEnd {
  name: string;
  tx: number;
  rx: number;
}
export interface ChartPort {
  id: string;
  vm: string;
  name: string;
  backend: string;
  path: Path;
  open: boolean;
  counts: PictureCounts;
  /** Wake-ups received by the VM's CPU, and by the threads that move this port's packets. */
  woken: { guest: number; host: number };
  ends: ChartEnd[];
  /** The port's first ring of each direction. */
  fills: ChartFill[];
}
export interface ChartLook {
  step: number;
  clockNs: number;
  /** The time is modelled (step engine), or measured (free). Counts are exact either way. */
  modelled: boolean;
  ports: ChartPort[];
}
/** Steps from … to, in so many columns. */
export interface ChartQuery {
  from: number;
  to: number;
  columns: number;
}
export interface ChartsApi {
  /** The counters now: asked at most four times a second while charts are on screen. */
  chart(): Promise<ChartLook>;
  /** The counters at the borders of columns along the recording, which is run again for it; none while the lab runs. */
  chartSteps(query: ChartQuery): Promise<ChartLook[]>;
}

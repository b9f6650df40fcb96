// nmsh's state, all of it plain JSON: its options, its descriptors, what it still has to do, what runs.

import type { EditState } from '../sh/lineedit.ts';
import type { Json } from '../sh/proc.ts';
import type { NetmapDesc, ThreadHandle } from './sys.ts';
import type { Cmd } from './nmsh_words.ts';

/** A descriptor as nmsh numbers them, as a process does: the lowest free number from 3 on. */
export interface Fd {
  num: number;
  /** The kernel's number. */
  id: number;
  /** As it was opened. */
  label: string;
  /** null: /dev/netmap, not registered. */
  desc: NetmapDesc | null;
  /** Its first krings and how many it is bound to: the kernel's words, which no program sees. */
  krTx: number;
  krRx: number;
  ntx: number;
  nrx: number;
}

export interface KrSnap {
  rhead: number;
  rcur: number;
  rtail: number;
  nr_hwcur: number;
  nr_hwtail: number;
  nr_kflags: number;
  nr_busy: number;
  nkr_stopped: number;
  num_slots: number;
  /** Times that the lab saw netmap_ring_reinit on it. */
  reinit: number;
}
export interface RingSnap {
  ring: string;
  head: number;
  cur: number;
  tail: number;
  kr: KrSnap | null;
}

/** What a thread is to do: the numbers of its page, and what is said when it is done. */
export interface Op {
  op: number;
  fd: number;
  /** Name of the system call, or what is stored. */
  say: string;
  page: Record<string, number>;
  data: number[];
  /** Of a system call: the rings whose change is told. */
  before: RingSnap[];
  /** Of a store: how to tell it, as text and as JSON. */
  text: string;
  result: Json;
}

export type Running =
  | { t: 'op'; op: Op; h: ThreadHandle; cancelled: boolean }
  | { t: 'wait'; until: number; ms: number }
  | { t: 'close'; nums: number[]; closed: number[] };

/** What came of a command. */
export interface Outcome {
  ok: boolean;
  text: string;
  error: string;
  errno: number;
  result: Json;
}

/** Commands in turn; `left` more rounds of them. */
export interface Task {
  cmds: Cmd[];
  i: number;
  left: number;
}

export interface NmshState {
  phase: 'init' | 'run' | 'wait' | 'closing';
  json: boolean;
  stop: boolean;
  trace: boolean;
  interactive: boolean;
  fds: Fd[];
  /** Number of the current descriptor, 0 none. */
  cur: number;
  last: { errno: number; revents: number; ok: number };
  /** Next sequence number of `seq=next`. */
  seq: number;
  todo: Task[];
  now: Cmd | null;
  running: Running | null;
  /** Commands done. */
  n: number;
  failed: boolean;
  code: number;
  ed: EditState;
  pending: string;
  more: string;
  prompted: boolean;
}

export const good = (text: string, result: Json = null): Outcome => ({ ok: true, text, error: '', errno: 0, result });
export const bad = (error: string, errno = 0, result: Json = null): Outcome => ({ ok: false, text: '', error, errno, result });

export const fdOf = (st: NmshState, num: number) => st.fds.find((f) => f.num === num);

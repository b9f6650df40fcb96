// What is asked of the explorer, and what it answers. Plain data: it goes between workers, into files and into links.

/** sc: every store is seen at once. tso: each CPU's stores wait in order (x86). pso: they drain in any order, per word in order. */
export type Model = 'sc' | 'tso' | 'pso';
export const MODELS: readonly Model[] = ['sc', 'tso', 'pso'];

export interface Question {
  model: Model;
  /** Stores that may wait in a CPU's buffer, 1 to 8; nothing under sc. */
  buffer: number;
  /** States at most. */
  limit: number;
  /** Memory of the search's tables at most. */
  memoryMiB: number;
  /** Time at most, seconds; none: no bound. */
  seconds?: number;
  /** Promises of the asker's own, in the language of stop points: each must be true in every state. */
  promises?: string[];
  /** False: every access is a choice, also those that nobody else can notice. */
  reduce?: boolean;
  /** Actions of the control plane are moves too: exits that bhyve handles; or all, requests of threads and processes of the host.
   * Every access is a choice then. Else a thread that asks for one has come to the end of its part. */
  acts?: 'exits' | 'all';
  /** Goes on after a finding, and counts what else breaks a promise. */
  whole?: boolean;
}
export const QUESTION: Question = { model: 'sc', buffer: 2, limit: 1_000_000, memoryMiB: 512 };

/** One thread makes the access it is parked at; or, with `drain`, its pending store of that place (0: the oldest) reaches memory. */
export interface Move {
  thread: number;
  drain?: number;
  /** The control plane's action that is due: what the thread asked for, or, with thread -1, a process of the host. */
  act?: boolean;
}

export type Stopped = 'states' | 'memory' | 'time' | 'asked' | 'runs';
export interface Progress {
  /** States found, and states expanded: the rest is the frontier. */
  states: number;
  expanded: number;
  moves: number;
  /** Moves from the root to the state that is expanded now. */
  depth: number;
  ms: number;
  /** Of schedules by lot: how many were drawn. There are no states then. */
  schedules?: number;
}
export interface Verdict extends Progress {
  /** States in which nobody can move, and how many of them break a promise. */
  terminal: number;
  bad: number;
  /** Every state was expanded: the frontier is empty. */
  complete: boolean;
  stopped?: Stopped;
  /** Declared state, bytes. */
  bytes: number;
  /** The shortest way to the first state that breaks a promise. */
  found?: Found;
}
export interface Found {
  /** From the root, accesses that nobody else can notice included. */
  moves: Move[];
  /** The promise's name (promises.ts), and what is wrong, in a sentence. */
  promise: string;
  why: string;
}

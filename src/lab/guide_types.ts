// What the page's guide asks of the lab: the first sixty seconds, and what a still machine means. Part of the protocol.

/** Two threads that can both go next, and whose order matters: by their numbers, as step() takes them. */
export interface Orders {
  guest: number;
  host: number;
}
/** What a machine that stands still, or has just been stopped, means beyond its last step. Ports by their names. */
export type Situation =
  /** Nobody has anything to do: this thread waits for a kick. */
  | { kind: 'idle'; thread: string; port: string }
  /** Work waits in slots first to last, and nobody will wake anybody; timer: but a program of the guest gives up some time. */
  | { kind: 'stuck'; packets: number; first: number; last: number; why: string; timer: boolean }
  /** The bound of its sleep woke a thread although packets waited: the kick for them was lost. alone: nobody else could run then. */
  | { kind: 'timeout'; thread: string; bound: 'tick' | 'second'; alone: boolean }
  /** A prologue found an index that is no slot, or that passes another; said: netmap's own line, if it stands in a log. */
  | { kind: 'prologue'; line: string; index: number; slots: number; words: string; step: number; said: string }
  /** The host believed an index of the guest's. */
  | { kind: 'nonsense'; dir: 'tx' | 'rx'; head: number; slots: number }
  /** The last step touched an address of a VM at which nothing is mapped. */
  | { kind: 'unmapped'; addr: number; vm: string };

export interface GuideApi {
  situation(): Promise<Situation | undefined>;
  /**
   * Parks, and goes on to the next moment at which the guest is about to look at a flag that the host is about to store;
   * where none comes soon, to the first one after `from`.
   */
  toOrders(from: number): Promise<Orders | undefined>;
  /** Whether what is here is the visitor's own: only that is kept. */
  own(yes: boolean): Promise<void>;
}

/** Where this browser kept nothing: a recording's text to begin with, and at how many steps a second it runs on. Nothing of it is kept. */
export interface StartsWith {
  prepared?: { recording: string; speed: number };
}
/** It began with what was prepared, at this step; or that could not be opened. */
export interface Began {
  prepared?: { ok: boolean; step: number };
}

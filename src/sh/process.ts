// What a process, a terminal and an operating system's tables are: plain data, and nothing else, so that a checkpoint holds it.

import type { OpenFile, Pipe } from './file.ts';
import type { TtyState } from './tty.ts';

export type Json = null | boolean | number | string | Json[] | { [k: string]: Json };

export interface Proc {
  pid: number;
  ppid: number;
  /** Process group. */
  pgid: number;
  prog: string;
  argv: string[];
  state: 'ready' | 'wait' | 'zombie';
  /** Deadline in lab ns while waiting. */
  until?: number;
  tty: string;
  status: number;
  signals: number[];
  /** The signal that ended it: its status is 128 + that. */
  killed?: number;
  /** It left a core file. */
  core?: true;
  /** The signal that stopped it: it is not run, whatever its state. */
  stopped?: number;
  /** Signals that it ignores. */
  ignore: number[];
  /** Descriptors: entries of the file table. */
  fds: Record<string, number>;
  /** The pipe that it waits to read from. */
  on?: number;
  /** The pipe that it has overfilled: it is not run until a reader has made room. */
  blocked?: number;
  cwd: string;
  env?: Record<string, string>;
  /** The shell's command to whose record goes what it writes to a terminal. */
  rec?: { sh: number; i: number };
  /** The program's own state: each program knows its type. */
  st: object;
}

export interface Tty {
  id: string;
  /** What was written since the terminal was opened (its tail). */
  out: string;
  /** Characters written in all. */
  written: number;
  /** Foreground process group. */
  fg: number;
  /** The line discipline: modes, what was typed and not yet read. */
  disc: TtyState;
  cols: number;
  rows: number;
  /** The window in which it is shown, once somebody has told; a terminal that nobody shows has none. */
  window?: { cols: number; rows: number };
}

export interface OsTree {
  hostname: string;
  nextPid: number;
  procs: Proc[];
  ttys: Tty[];
  /** By absolute path. */
  files: Record<string, string>;
  /** Its terminals cannot be painted on (TERM is dumb): nobody looks at them. */
  dumb?: true;
  open?: OpenFile[];
  pipes?: Pipe[];
  nextOpen?: number;
  /** Process groups that reached the limit of processes: they fork no more, so that a fork bomb comes to its end. */
  nofork?: number[];
}

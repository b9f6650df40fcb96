// Processes, terminals and files of one operating system, as plain data, and the loop that runs programs. Both kernels
// use it. A program is a state machine: run() goes on from p.st to its next wait and returns; nothing outlives the call.

import { COOKED, RAW, type TtyState, input, newTty, read, setMode, write as ttyWrite } from './tty.ts';

export type Json = null | boolean | number | string | Json[] | { [k: string]: Json };

export interface Proc {
  pid: number;
  ppid: number;
  prog: string;
  argv: string[];
  state: 'ready' | 'wait' | 'zombie';
  /** Deadline in lab ns while waiting. */
  until?: number;
  tty: string;
  status: number;
  signals: number[];
  /** Everything that it wrote, for who runs the lab headless (bounded). */
  text: string;
  /** Standard output goes to this file instead of the terminal. */
  file?: { path: string };
  /** The program's own state: each program knows its type. */
  st: object;
}

export interface Tty {
  id: string;
  /** What was written since the terminal was opened (its tail). */
  out: string;
  /** Characters written in all. */
  written: number;
  /** Foreground process. */
  fg: number;
  /** The line discipline: modes, what was typed and not yet read. */
  disc: TtyState;
  cols: number;
  rows: number;
}

export interface OsTree {
  hostname: string;
  nextPid: number;
  procs: Proc[];
  ttys: Tty[];
  files: Record<string, string>;
  /** Its terminals cannot be painted on (TERM is dumb): nobody looks at them. */
  dumb?: true;
}

const TEXT_MAX = 1 << 20,
  OUT_MAX = 1 << 18;
export const SIGINT = 2,
  SIGQUIT = 3,
  SIGKILL = 9,
  SIGTERM = 15;
export const SIGNALS: Record<string, number> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, TERM: 15, STOP: 17, TSTP: 18, CONT: 19 };

export interface Program<S> {
  /** From p.st to the next wait. Leaves by sys.sleep, sys.pause or sys.exit. */
  run(p: Proc, sys: S): void;
}

/** What every kernel gives every program. */
export interface BaseSys {
  readonly os: Os<this>;
  now(): number;
}

/** Runs the processes of one OsTree. S is what this kernel offers to programs. */
export class Os<S extends BaseSys> {
  /** Called with everything written to a terminal. */
  onWrite: (tty: Tty, data: string) => void = () => {};
  constructor(
    readonly tree: () => OsTree,
    readonly programs: Record<string, Program<S>>,
    readonly sys: () => S,
  ) {}

  proc(pid: number) {
    return this.tree().procs.find((p) => p.pid === pid);
  }
  tty(id: string) {
    return this.tree().ttys.find((t) => t.id === id);
  }

  openTty(id: string, cols = 80, rows = 24): Tty {
    const t: Tty = { id, out: '', written: 0, fg: 0, disc: newTty(), cols, rows };
    this.tree().ttys.push(t);
    return t;
  }

  spawn(prog: string, argv: string[], tty: string, ppid: number): Proc {
    const t = this.tree();
    const p: Proc = { pid: t.nextPid++, ppid, prog, argv, state: 'ready', tty, status: 0, signals: [], text: '', st: {} };
    t.procs.push(p);
    return p;
  }

  write(p: Proc, text: string) {
    if (p.file) {
      const f = this.tree().files;
      f[p.file.path] = (f[p.file.path] ?? '') + text;
      return;
    }
    if (p.text.length < TEXT_MAX) p.text += text;
    const tty = this.tty(p.tty);
    if (!tty) return;
    const r = ttyWrite(tty.disc, text);
    tty.disc = r.state;
    this.put(tty, r.output);
  }

  /** Bytes to a terminal, as they are. */
  put(tty: Tty, data: string) {
    tty.out = (tty.out + data).slice(-OUT_MAX);
    tty.written += data.length;
    this.onWrite(tty, data);
  }

  /** Typed bytes: through the line discipline to the foreground process. */
  type(id: string, data: string) {
    const tty = this.tty(id);
    if (!tty) return;
    const r = input(tty.disc, data);
    tty.disc = r.state;
    if (r.output) this.put(tty, r.output);
    for (const s of r.signals) if (s !== 'info' && s !== 'susp') this.kill(tty.fg, s === 'intr' ? SIGINT : SIGQUIT);
    this.wake(tty.fg);
  }

  /** What was typed: a line in cooked mode, everything in raw mode, null when there is nothing. */
  read(tty: Tty): string | null {
    const r = read(tty.disc);
    tty.disc = r.state;
    return r.data;
  }

  /** raw: every byte as typed. edit: the same, but output is still mapped (an editing shell). */
  mode(tty: Tty, mode: 'cooked' | 'edit' | 'raw') {
    tty.disc = setMode(tty.disc, mode === 'cooked' ? COOKED : mode === 'raw' ? RAW : { ...RAW, onlcr: true });
  }

  /** Sends a signal to a process and to what it runs in the foreground. */
  kill(pid: number, sig: number): boolean {
    const p = this.proc(pid);
    if (!p || p.state === 'zombie') return false;
    p.signals.push(sig);
    this.wake(pid);
    return true;
  }

  wake(pid: number) {
    const p = this.proc(pid);
    if (p && p.state === 'wait') {
      p.state = 'ready';
      delete p.until;
    }
  }

  sleep(p: Proc, until: number) {
    p.state = 'wait';
    p.until = until;
  }
  /** Waits until woken. */
  pause(p: Proc) {
    p.state = 'wait';
    delete p.until;
  }

  exit(p: Proc, status: number) {
    p.state = 'zombie';
    p.status = status;
    delete p.until;
    for (const c of this.tree().procs) if (c.ppid === p.pid) c.ppid = 1;
    this.wake(p.ppid);
  }

  /** The parent takes note of a dead child. */
  reap(pid: number) {
    const t = this.tree();
    t.procs = t.procs.filter((p) => p.pid !== pid || p.state !== 'zombie');
  }

  /** Earliest deadline of a waiting process, lab ns. */
  deadline(): number | undefined {
    let d: number | undefined;
    for (const p of this.tree().procs) if (p.state === 'wait' && p.until !== undefined && (d === undefined || p.until < d)) d = p.until;
    return d;
  }

  /** Makes processes whose deadline has come ready. */
  expire(now: number) {
    for (const p of this.tree().procs)
      if (p.state === 'wait' && p.until !== undefined && p.until <= now) {
        p.state = 'ready';
        delete p.until;
      }
  }

  ready(): Proc | undefined {
    return this.tree().procs.find((p) => p.state === 'ready');
  }

  /** Runs the first ready process to its next wait. False when there is none. */
  runOne(): boolean {
    const p = this.ready();
    if (!p) return false;
    const program = Object.hasOwn(this.programs, p.prog) ? this.programs[p.prog] : undefined;
    p.state = 'wait';
    if (program) program.run(p, this.sys());
    else {
      this.write(p, `${p.prog}: not found\n`);
      this.exit(p, 127);
    }
    return true;
  }
}

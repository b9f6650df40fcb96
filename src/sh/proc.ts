// Processes, terminals and files of one operating system, as plain data, and the loop that runs programs. Both kernels
// use it. A program is a state machine: run() goes on from p.st to its next wait and returns; nothing outlives the call.

import * as file from './file.ts';
import { IGNORED, SIGCONT, SIGINFO, SIGINT, SIGKILL, SIGPIPE, SIGQUIT, SIGTSTP, SIGTTIN, SIGXFSZ, STOPS } from './signals.ts';
import type { OsTree, Proc, Tty } from './process.ts';
import { COOKED, RAW, type TtySignal, input, newTty, read, setMode, write as ttyWrite } from './tty.ts';

export type { Json, OsTree, Proc, Tty } from './process.ts';

const TEXT_MAX = 1 << 20,
  OUT_MAX = 1 << 18;
/** Processes of one operating system. */
export const PROC_MAX = 128;
/** Lab time that a program which never waits is off the CPU between two runs, ns. */
const SLICE_NS = 100_000;
/** Lab time until a writer that waited for room in a pipe runs again, ns. */
const PIPE_NS = 1000;

const SIGNAL: Record<TtySignal, number> = { intr: SIGINT, quit: SIGQUIT, susp: SIGTSTP, info: SIGINFO };

export interface Program<S> {
  /** From p.st to the next wait. Leaves by sys.sleep, sys.pause or sys.exit. */
  run(p: Proc, sys: S): void;
  /** It does not look at p.signals: the kernel ends it. */
  defaultSignals?: true;
  /** Signals that it has handlers for, where it gives back what it holds in turns of its own; the others end it, and it says nothing more. */
  catches?: readonly number[];
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
  /** A process stops, or goes on: what of it is in the data plane must do the same. */
  onStop: (p: Proc) => void = () => {};
  onCont: (p: Proc) => void = () => {};
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

  /** A new process with its parent's descriptors, in its group; without a parent, the terminal and a group of its own. */
  spawn(prog: string, argv: string[], tty: string, ppid: number): Proc {
    const t = this.tree(),
      parent = this.proc(ppid),
      pid = t.nextPid++;
    const p: Proc = {
      pid,
      ppid,
      pgid: parent?.pgid ?? pid,
      prog,
      argv,
      state: 'ready',
      tty,
      status: 0,
      signals: [],
      ignore: [],
      fds: {},
      cwd: parent?.cwd ?? '/root',
      st: {},
    };
    if (parent?.rec) p.rec = parent.rec;
    t.procs.push(p);
    if (parent) file.inherit(t, parent, p);
    else file.onTerminal(t, p);
    return p;
  }
  /** fork(2) as a shell sees it: false when there are too many processes. */
  mayFork(p: Proc): boolean {
    const t = this.tree();
    t.nofork = (t.nofork ?? []).filter((g) => t.procs.some((x) => x.pgid === g && x.state !== 'zombie'));
    if (t.procs.length >= PROC_MAX && !t.nofork.includes(p.pgid)) t.nofork.push(p.pgid);
    const login = p.pid === p.pgid && this.proc(p.ppid) === undefined;
    return t.procs.length < PROC_MAX && (login || !t.nofork.includes(p.pgid));
  }

  // ── reading and writing ───────────────────────────────────────────────────────────────────────────────────────

  /** Standard output. */
  write(p: Proc, text: string) {
    this.writeFd(p, 1, text);
  }
  /** Standard error. */
  writeErr(p: Proc, text: string) {
    this.writeFd(p, 2, text);
  }
  /** write(2) that takes everything: who has overfilled a pipe is not run again until there is room. False: it failed. */
  writeFd(p: Proc, fd: number, text: string): boolean {
    const t = this.tree(),
      f = file.fileOf(t, p, fd);
    if (!f) return false;
    if (p.killed !== undefined) return true; // it gives back what it holds, and is dead
    if (text === '' || f.k === 'null') return true;
    if (f.k === 'tty') {
      this.#say(p, text);
      return true;
    }
    if (f.k === 'file') {
      const old = t.files[f.path] ?? '';
      if (!f.write) return false;
      if (f.append) f.pos = old.length;
      if (f.pos + text.length > file.FILE_MAX) {
        this.#end(p, SIGXFSZ);
        return false;
      }
      t.files[f.path] = old.slice(0, f.pos).padEnd(f.pos, '\0') + text + old.slice(f.pos + text.length);
      f.pos += text.length;
      return true;
    }
    const pipe = file.pipesOf(t).find((x) => x.id === f.pipe);
    if (f.end !== 'w' || !pipe) return false;
    if (!file.hasEnd(t, f.pipe, 'r')) {
      if (!p.ignore.includes(SIGPIPE)) this.#end(p, SIGPIPE);
      return false;
    }
    pipe.data += text;
    if (pipe.data.length > file.PIPE_MAX) p.blocked = pipe.id;
    for (const r of t.procs) if (r.on === pipe.id) this.wake(r.pid);
    return true;
  }

  /**
   * read(2): at most `max` characters (with `line`, none after a newline), '' at the end of file. null: it must wait, and
   * has been put to wait; run() returns and tries again when it is run. undefined: the descriptor cannot be read.
   */
  readFd(p: Proc, fd = 0, max = file.PIPE_MAX, line = false): string | null | undefined {
    const t = this.tree(),
      f = file.fileOf(t, p, fd);
    if (!f) return undefined;
    if (f.k === 'null') return '';
    if (f.k === 'file') {
      if (!f.read) return undefined;
      const data = file.take((t.files[f.path] ?? '').slice(f.pos), max, line);
      f.pos += data.length;
      return data;
    }
    if (f.k === 'tty') {
      const tty = this.tty(p.tty);
      if (!tty) return '';
      if (tty.fg !== p.pgid) {
        // An orphan cannot be stopped for it: nobody would let it go on.
        if (p.ignore.includes(SIGTTIN) || this.proc(p.ppid) === undefined) return undefined;
        this.pause(p);
        this.killGroup(p.pgid, SIGTTIN);
        return null;
      }
      const r = read(tty.disc, max);
      tty.disc = r.state;
      if (r.data === null) this.pause(p);
      return r.data;
    }
    const pipe = file.pipesOf(t).find((x) => x.id === f.pipe);
    if (f.end !== 'r' || !pipe) return undefined;
    if (pipe.data === '') {
      if (!file.hasEnd(t, f.pipe, 'w')) return '';
      this.pause(p);
      p.on = pipe.id;
      return null;
    }
    const data = file.take(pipe.data, max, line);
    pipe.data = pipe.data.slice(data.length);
    if (pipe.data.length <= file.PIPE_MAX) this.#unblock(pipe.id);
    return data;
  }

  close(p: Proc, fd: number) {
    const last = file.closeFd(this.tree(), p, fd);
    if (last?.end === 'w') for (const r of this.tree().procs) if (r.on === last.pipe) this.wake(r.pid);
    if (last?.end !== 'r') return;
    // Its writers were waiting in write(2), which fails now.
    for (const w of this.tree().procs) if (w.blocked === last.pipe && !w.ignore.includes(SIGPIPE)) this.#end(w, SIGPIPE);
    this.#unblock(last.pipe);
  }
  /** The descriptor gets an open file of file.ts, and loses what it had. */
  install(p: Proc, fd: number, f: file.OpenFile) {
    f.refs++;
    this.close(p, fd);
    p.fds[fd] = f.id;
  }

  #unblock(pipe: number) {
    const now = this.sys().now();
    for (const w of this.tree().procs) {
      if (w.blocked !== pipe) continue;
      delete w.blocked;
      // Copying takes time: a pipe that is filled and drained for ever must not stop the clock.
      if (w.state === 'ready') this.sleep(w, now + PIPE_NS);
    }
  }

  /** Text of a process to its terminal, and to the record of the command that it belongs to. */
  #say(p: Proc, text: string) {
    const of = p.rec && (this.proc(p.rec.sh)?.st as { records?: { output: string }[] } | undefined)?.records?.[p.rec.i];
    if (of && of.output.length < TEXT_MAX) of.output += text;
    const tty = this.tty(p.tty);
    if (!tty) return;
    const r = ttyWrite(tty.disc, text);
    tty.disc = r.state;
    this.put(tty, r.output);
  }

  /** Bytes to a terminal, as they are. */
  put(tty: Tty, data: string) {
    const out = tty.out + data;
    tty.out = out.length > OUT_MAX ? out.slice(-OUT_MAX / 2) : out; // cut seldom: each cut copies all of it
    tty.written += data.length;
    this.onWrite(tty, data);
  }

  /** Typed bytes: through the line discipline to the foreground process group. */
  type(id: string, data: string) {
    const tty = this.tty(id);
    if (!tty) return;
    const r = input(tty.disc, data);
    tty.disc = r.state;
    if (r.output) this.put(tty, r.output);
    for (const s of r.signals) this.killGroup(tty.fg, SIGNAL[s]);
    for (const p of this.tree().procs) if (p.pgid === tty.fg && p.stopped === undefined) this.wake(p.pid);
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

  // ── signals ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** kill(2) of one process; 0 only asks whether it is there. */
  kill(pid: number, sig: number): boolean {
    const p = this.proc(pid);
    if (!p || p.state === 'zombie') return false;
    if (sig === 0) return true;
    if (p.stopped !== undefined && (sig === SIGCONT || sig === SIGKILL)) {
      delete p.stopped;
      this.onCont(p);
      this.wake(p.ppid);
      this.wake(pid);
    }
    if (sig === SIGCONT || (p.ignore.includes(sig) && sig !== SIGKILL)) return true;
    if (STOPS.includes(sig)) {
      if (p.stopped === undefined) {
        p.stopped = sig;
        this.onStop(p);
        this.wake(p.ppid);
      }
      return true;
    }
    const program = this.programs[p.prog],
      ends = program?.defaultSignals === true || program?.catches?.includes(sig) === false;
    if (IGNORED.includes(sig)) return true;
    if (ends || sig === SIGKILL) p.killed ??= sig;
    p.signals.push(sig);
    delete p.blocked;
    this.wake(pid);
    return true;
  }
  killGroup(pgid: number, sig: number): boolean {
    const all = this.tree().procs.filter((p) => p.pgid === pgid && p.state !== 'zombie');
    for (const p of all) this.kill(p.pid, sig);
    return all.length > 0;
  }
  /** A signal that the process brought on itself ends it, whatever it says when it exits. */
  #end(p: Proc, sig: number) {
    p.killed ??= sig;
    p.signals.push(sig);
    delete p.blocked;
    this.wake(p.pid);
  }

  /** A fault of its own: the process ends with its core written. */
  coreDump(p: Proc, sig: number) {
    p.killed = sig;
    p.core = true;
  }

  // ── waiting ───────────────────────────────────────────────────────────────────────────────────────────────────

  wake(pid: number) {
    const p = this.proc(pid);
    if (p && p.state === 'wait') {
      p.state = 'ready';
      delete p.until;
      delete p.on;
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
  /** For a program that would go on for ever: lets everything else run, in lab time. */
  yield(p: Proc) {
    this.sleep(p, this.sys().now() + SLICE_NS);
  }

  /** For a program that has more to do: it is run again as soon as its pipe has room. */
  again(p: Proc) {
    p.state = 'ready';
  }

  exit(p: Proc, status: number) {
    const t = this.tree();
    p.state = 'zombie';
    p.status = p.killed === undefined ? status : 128 + p.killed;
    delete p.until;
    delete p.on;
    delete p.blocked;
    for (const fd of Object.keys(p.fds)) this.close(p, Number(fd));
    for (const c of t.procs) if (c.ppid === p.pid) c.ppid = 1;
    // Whoever has no parent is reaped by init(8).
    t.procs = t.procs.filter((c) => c.state !== 'zombie' || t.procs.some((x) => x.pid === c.ppid && x !== c));
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
    for (const p of this.tree().procs)
      if (p.state === 'wait' && p.stopped === undefined && p.until !== undefined && (d === undefined || p.until < d)) d = p.until;
    return d;
  }

  /** Makes processes whose deadline has come ready. */
  expire(now: number) {
    for (const p of this.tree().procs)
      if (p.state === 'wait' && p.stopped === undefined && p.until !== undefined && p.until <= now) this.wake(p.pid);
  }

  ready(): Proc | undefined {
    return this.tree().procs.find((p) => p.state === 'ready' && p.stopped === undefined && p.blocked === undefined);
  }

  /** Runs the first ready process to its next wait. False when there is none. */
  runOne(): boolean {
    const p = this.ready();
    if (!p) return false;
    const program = Object.hasOwn(this.programs, p.prog) ? this.programs[p.prog] : undefined;
    p.state = 'wait';
    if (p.killed !== undefined && program?.defaultSignals) this.exit(p, 0);
    else if (program) program.run(p, this.sys());
    else {
      this.writeErr(p, `${p.prog}: not found\n`);
      this.exit(p, 127);
    }
    return true;
  }
}

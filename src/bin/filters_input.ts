// How the filters read: their files one after the other, or standard input, as far as there is something, and what they print
// in one piece for each stretch. A filter waits in read(2), or for room in its pipe, and goes on from its state.

import { open, freeFd } from '../sh/file.ts';
import type { Proc, Program } from '../sh/proc.ts';
import type { Sys } from './sys.ts';

interface Reader<S> {
  names: string[];
  i: number;
  /** The descriptor that is read, -1 between two files. */
  fd: number;
  /** The beginning of a line whose end has not come. */
  rest: string;
  status: number;
  stopped: boolean;
  s: S;
}
export interface Filter<S> {
  p: Proc;
  sys: Sys;
  s: S;
  /** The file that is read; '' is standard input. */
  name: string;
  /** How many files there are. */
  files: number;
  out(text: string): void;
  /** Nothing more of this file, or of any. */
  next(): void;
  stop(): void;
  /** The status at the end is at least this. */
  fail(text: string, status?: number): void;
}

/** What a filter does. Lines come without their newline; the last one may have had none. */
export interface Work<S> {
  /** Reads the options: the files and a state; or a status, when it has said what is wrong. */
  start(p: Proc, sys: Sys): { names: string[]; s: S } | number;
  begin?(f: Filter<S>): void;
  line?(f: Filter<S>, line: string, newline: boolean): void;
  chunk?(f: Filter<S>, text: string): void;
  /** The end of a file. */
  finish?(f: Filter<S>): void;
  end?(f: Filter<S>): number;
  /** How it says that a file cannot be opened, and the status then. */
  cannot?: (name: string, why: string) => string;
  trouble?: number;
}

const PIECE = 1 << 16;

export function filter<S>(work: Work<S>): Program<Sys> {
  return {
    defaultSignals: true,
    run(p, sys) {
      const st = p.st as Partial<{ r: Reader<S> }>;
      if (!st.r) {
        const begun = work.start(p, sys);
        if (typeof begun === 'number') {
          sys.os.exit(p, begun);
          return;
        }
        st.r = { names: begun.names.length ? begun.names : [''], i: 0, fd: -1, rest: '', status: 0, stopped: false, s: begun.s };
      }
      go(work, p, sys, st.r);
    },
  };
}

function go<S>(work: Work<S>, p: Proc, sys: Sys, r: Reader<S>) {
  const { os } = sys,
    prog = p.argv[0] ?? '';
  let text = '',
    skip = false;
  const f: Filter<S> = {
    p,
    sys,
    s: r.s,
    name: '',
    files: r.names.length,
    out(t) {
      text += t;
      if (text.length >= PIECE) flush();
    },
    next() {
      skip = true;
    },
    stop() {
      r.stopped = true;
    },
    fail(t, status = 1) {
      flush();
      os.writeErr(p, t);
      r.status = Math.max(r.status, status);
    },
  };
  const flush = () => {
    if (text) os.write(p, text);
    text = '';
  };
  const closeFile = () => {
    if (r.rest !== '') work.line?.(f, r.rest, false);
    r.rest = '';
    skip = false;
    work.finish?.(f);
    if (r.fd > 0) os.close(p, r.fd);
    r.fd = -1;
    r.i++;
  };
  const feed = (data: string) => {
    if (work.chunk) {
      work.chunk(f, data);
      return;
    }
    const lines = (r.rest + data).split('\n');
    r.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (skip || r.stopped) {
        r.rest = '';
        return;
      }
      work.line?.(f, line, true);
    }
  };
  for (;;) {
    flush();
    if (p.killed !== undefined) {
      os.exit(p, 0);
      return;
    }
    if (p.blocked !== undefined) {
      os.again(p);
      return;
    }
    if (r.stopped || (r.fd < 0 && r.i >= r.names.length)) break;
    const name = r.names[r.i] ?? '';
    f.name = name === '-' ? '' : name;
    if (r.fd < 0) {
      if (f.name === '') r.fd = 0;
      else {
        const file = open(os.tree(), p, name, 'r');
        if (typeof file === 'string') {
          f.fail(`${work.cannot?.(name, file) ?? `${prog}: ${name}: ${file}`}\n`, work.trouble ?? 1);
          r.i++;
          continue;
        }
        r.fd = freeFd(p, 3);
        os.install(p, r.fd, file);
      }
      work.begin?.(f);
    }
    const data = os.readFd(p, r.fd);
    if (data === null) {
      flush();
      return;
    }
    if (data) feed(data);
    if (data === undefined) f.fail(`${prog}: ${f.name || 'stdin'}: Bad file descriptor\n`, work.trouble ?? 1);
    if (!data || skip) closeFile();
  }
  const status = work.end?.(f) ?? 0;
  flush();
  os.exit(p, Math.max(status, r.status));
}

/** Bytes in UTF-8. */
export const byteLength = (text: string) => {
  let n = 0;
  for (const c of text) {
    const cp = c.codePointAt(0) ?? 0;
    n += cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
  }
  return n;
};

/** At most `max` bytes from the start, no character cut. */
export function headBytes(text: string, max: number): string {
  let n = 0,
    i = 0;
  for (const c of text) {
    n += byteLength(c);
    if (n > max) break;
    i += c.length;
  }
  return text.slice(0, i);
}

/** Says that an option is the real program's and not built. */
export function notBuilt(p: Proc, sys: Sys, option: string): number {
  sys.os.writeErr(p, `lab: ${p.argv[0]} -${option} is not built.\n`);
  return 2;
}
/** getopt's message and the usage. */
export function misused(p: Proc, sys: Sys, error: string | undefined, usage: string, status = 1): number {
  sys.os.writeErr(p, `${error === undefined ? '' : `${error}\n`}${usage}\n`);
  return status;
}

// Redirections, applied left to right to the descriptors of a process. Mirrors bin/sh/redir.c and its messages.

import type { Redir } from './ast.ts';
import { type Env, expandText } from './expand.ts';
import * as file from './file.ts';
import type { Proc } from './proc.ts';
import type { Sh } from './state.ts';

/** A redirection whose word is expanded. */
export interface Target {
  fd: number;
  op: Redir['op'];
  name: string;
}

export const targets = (redirs: readonly Redir[], env: Env): Target[] =>
  redirs.map((r) => ({
    fd: r.fd,
    op: r.op,
    name: r.doc ? expandText({ parts: r.doc }, env) : r.dup === undefined ? expandText(r.word, env) : r.dup < 0 ? '-' : String(r.dup),
  }));

/** Opens what a redirection names: the open file, null to close the descriptor, or a message. */
function openTarget(sh: Sh, p: Proc, { op, name }: Target): file.OpenFile | null | { error: string } {
  const t = sh.sys.os.tree();
  if (op === '<<' || op === '<<-') return file.unnamed(t, name);
  if (op === '>&' || op === '<&') {
    if (name === '-') return null;
    if (!/^[0-9]$/.test(name)) return { error: 'Bad fd number' };
    return file.fileOf(t, p, Number(name)) ?? { error: `${name}: Bad file descriptor` };
  }
  const clobber = op === '>' && sh.st.opts.includes('C') && name !== '/dev/null';
  const mode = op === '<' ? 'r' : op === '>>' ? 'a' : op === '<>' ? 'rw' : clobber ? 'excl' : 'w';
  const f = file.open(t, p, name, mode);
  return typeof f === 'string' ? { error: `cannot ${op === '<' ? 'open' : 'create'} ${name}: ${f}` } : f;
}

/** Redirects a process. Answers why not; `saved` gets what the descriptors had before. */
export function redirect(sh: Sh, p: Proc, all: readonly Target[], saved?: [number, number][]): string | undefined {
  const { os } = sh.sys;
  for (const r of all) {
    const f = openTarget(sh, p, r);
    if (f && 'error' in f) return f.error;
    // What is duplicated must be there still when its own descriptor is put aside.
    if (f) f.refs++;
    if (saved && !saved.some(([fd]) => fd === r.fd)) {
      const kept = p.fds[r.fd] === undefined ? -1 : file.freeFd(p, 11);
      saved.push([r.fd, kept]);
      const id = p.fds[r.fd];
      if (id !== undefined) {
        p.fds[kept] = id;
        delete p.fds[r.fd];
      }
    }
    if (f) {
      os.install(p, r.fd, f);
      f.refs--;
    } else os.close(p, r.fd);
  }
  return undefined;
}

// nmsh's whole use of terminal and files: a line is read with the shell's editor, a file is read, something is written.

import { absolute, fileOf } from '../sh/file.ts';
import { key, newEditor, prompt, resize } from '../sh/lineedit.ts';
import type { Proc } from '../sh/proc.ts';
import { complete } from './nmsh_complete.ts';
import type { NmshState } from './nmsh_state.ts';
import type { Sys } from './sys.ts';

export type Line = { t: 'line'; line: string } | { t: 'eof' } | { t: 'intr' };

export const say = (p: Proc, sys: Sys, text: string) => {
  if (text) sys.os.write(p, text);
};

export const newIo = (p: Proc, sys: Sys): Pick<NmshState, 'ed' | 'pending' | 'prompted'> => ({
  ed: newEditor(sys.os.tty(p.tty)?.cols ?? 80),
  pending: '',
  prompted: false,
});
/** A file's text. */
export function readFile(p: Proc, sys: Sys, name: string): string | undefined {
  const { files } = sys.os.tree(),
    path = absolute(p.cwd, name);
  return Object.hasOwn(files, path) ? files[path] : undefined;
}
/** Whether somebody can type at all. */
export const hasTerminal = (p: Proc, sys: Sys) => sys.os.tty(p.tty) !== undefined && fileOf(sys.os.tree(), p, 0)?.k === 'tty';

/** Standard input that is no terminal, to its end; null while it waits. */
export function readInput(p: Proc, st: NmshState, sys: Sys): string | null {
  for (;;) {
    const data = sys.os.readFd(p);
    if (data === null) return null;
    if (!data) return st.pending;
    st.pending += data;
  }
}

/** The next line typed at the prompt; undefined while there is none. */
export function readLine(p: Proc, st: NmshState, sys: Sys, text: string): Line | undefined {
  const tty = sys.os.tty(p.tty);
  if (!tty) return { t: 'eof' };
  if (tty.fg !== p.pgid) return undefined; // in the background: what is typed is not ours
  if (!st.prompted) {
    sys.os.mode(tty, 'edit');
    const r = prompt({ ...st.ed, cols: tty.cols }, text);
    st.ed = r.state;
    sys.os.put(tty, r.output);
    st.prompted = true;
  }
  if (st.ed.cols !== tty.cols) {
    const r = resize(st.ed, tty.cols);
    st.ed = r.state;
    sys.os.put(tty, r.output);
  }
  const data = st.pending + (sys.os.read(tty) ?? '');
  st.pending = '';
  if (!data) return undefined;
  const r = key(st.ed, data, (line, cursor) => complete(st, sys, line, cursor));
  st.ed = r.state;
  sys.os.put(tty, r.output);
  if (!r.event) return undefined;
  st.prompted = false;
  sys.os.mode(tty, 'cooked');
  if (r.pending) {
    // typed ahead: with ^C in it a signal for what runs next, as at any prompt
    if (r.event.t === 'line') sys.os.type(tty.id, r.pending);
    else st.pending = r.pending;
  }
  return r.event;
}

/** The terminal as it was found. */
export function leaveTerminal(p: Proc, st: NmshState, sys: Sys) {
  const tty = sys.os.tty(p.tty);
  if (!tty || !st.interactive || tty.fg !== p.pgid) return;
  sys.os.mode(tty, 'cooked');
  if (st.pending) sys.os.type(tty.id, st.pending);
  st.pending = '';
}

// Descriptors, open files and pipes of one operating system, as plain data: what open(2), read(2), write(2), dup2(2) and
// pipe(2) need. Mirrors kern_descrip.c and sys_pipe.c in small; the directories are few and fixed, the files flat.

import type { OsTree, Proc } from './process.ts';

/** An entry of the system's file table: descriptors of several processes may share it, and its place in the file. */
export type OpenFile = { id: number; refs: number } & (
  | { k: 'tty' }
  | { k: 'null' }
  | { k: 'pipe'; pipe: number; end: 'r' | 'w' }
  | { k: 'file'; path: string; pos: number; append: boolean; read: boolean; write: boolean }
);
type NewFile =
  | { k: 'tty' }
  | { k: 'null' }
  | { k: 'pipe'; pipe: number; end: 'r' | 'w' }
  | { k: 'file'; path: string; pos: number; append: boolean; read: boolean; write: boolean };
export interface Pipe {
  id: number;
  data: string;
}
export type OpenMode = 'r' | 'w' | 'a' | 'rw' | 'excl';

/** Bytes that a pipe holds before its writer waits: FreeBSD's big pipes. */
export const PIPE_MAX = 65536;
/** Bytes of one file: what lies in the tree goes into every checkpoint. */
export const FILE_MAX = 4 << 20;
const FD_MAX = 256;

const DIRS: readonly string[] = ['/', '/bin', '/boot', '/dev', '/etc', '/root', '/sbin', '/tmp', '/usr', '/usr/bin', '/usr/sbin', '/var'];
/** Where programs are. */
export const BINDIRS: readonly string[] = ['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** A path made absolute, without `.`, `..` and double slashes. */
export function absolute(cwd: string, path: string): string {
  const out: string[] = [];
  for (const c of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/'))
    if (c === '..') out.pop();
    else if (c !== '' && c !== '.') out.push(c);
  return `/${out.join('/')}`;
}

export const isDir = (t: OsTree, path: string) => DIRS.includes(path) || Object.keys(t.files).some((f) => f.startsWith(`${path}/`));
const parentOf = (path: string) => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** The names in a directory; undefined when it is none. */
export function list(t: OsTree, dir: string): string[] | undefined {
  if (!isDir(t, dir)) return undefined;
  const below = dir === '/' ? '/' : `${dir}/`;
  const names = [...Object.keys(t.files), ...DIRS, ...(dir === '/dev' ? ['/dev/null', '/dev/tty'] : [])]
    .filter((f) => f.startsWith(below) && f.length > below.length)
    .map((f) => f.slice(below.length).split('/')[0] ?? '');
  return [...new Set(names)].sort();
}

const table = (t: OsTree): OpenFile[] => {
  t.open ??= [];
  return t.open;
};
export const pipesOf = (t: OsTree): Pipe[] => {
  t.pipes ??= [];
  return t.pipes;
};

export const fileOf = (t: OsTree, p: Proc, fd: number): OpenFile | undefined => {
  const id = p.fds[fd];
  return id === undefined ? undefined : table(t).find((f) => f.id === id);
};

function enter(t: OsTree, what: NewFile): OpenFile {
  const f = { id: t.nextOpen ?? 1, refs: 0, ...what };
  t.nextOpen = f.id + 1;
  table(t).push(f);
  return f;
}

/** Takes out an open file that no descriptor has got. */
export function drop(t: OsTree, f: OpenFile | undefined) {
  if (f && f.refs === 0) t.open = table(t).filter((x) => x !== f);
}

/** Gives a process's descriptor an open file, closing what it had. */
export function install(t: OsTree, p: Proc, fd: number, f: OpenFile) {
  f.refs++;
  closeFd(t, p, fd);
  p.fds[fd] = f.id;
}

/** The lowest free descriptor from `from` on. */
export function freeFd(p: Proc, from = 0): number {
  let fd = from;
  while (p.fds[fd] !== undefined) fd++;
  return fd;
}

/** The terminal on 0, 1 and 2. */
export function onTerminal(t: OsTree, p: Proc) {
  const f = enter(t, { k: 'tty' });
  for (const fd of [0, 1, 2]) install(t, p, fd, f);
}

export function inherit(t: OsTree, from: Proc, to: Proc) {
  for (const [fd, id] of Object.entries(from.fds)) {
    const f = table(t).find((x) => x.id === id);
    // From 10 on the shell keeps what it has put aside: close-on-exec.
    if (f && Number(fd) < 10) install(t, to, Number(fd), f);
  }
}

/** Closes a descriptor. Answers the pipe whose last reader or writer that was. */
export function closeFd(t: OsTree, p: Proc, fd: number): { pipe: number; end: 'r' | 'w' } | undefined {
  const f = fileOf(t, p, fd);
  delete p.fds[fd];
  if (!f || --f.refs > 0) return undefined;
  t.open = table(t).filter((x) => x !== f);
  if (f.k !== 'pipe') return undefined;
  const ends = table(t).filter((x) => x.k === 'pipe' && x.pipe === f.pipe);
  if (!ends.length) t.pipes = pipesOf(t).filter((x) => x.id !== f.pipe);
  return ends.some((x) => x.k === 'pipe' && x.end === f.end) ? undefined : { pipe: f.pipe, end: f.end };
}

/** pipe(2): the two ends, not yet installed. */
export function makePipe(t: OsTree): { r: OpenFile; w: OpenFile } {
  const id = t.nextOpen ?? 1;
  t.nextOpen = id + 1;
  pipesOf(t).push({ id, data: '' });
  return { r: enter(t, { k: 'pipe', pipe: id, end: 'r' }), w: enter(t, { k: 'pipe', pipe: id, end: 'w' }) };
}

export const hasEnd = (t: OsTree, pipe: number, end: 'r' | 'w') => table(t).some((f) => f.k === 'pipe' && f.pipe === pipe && f.end === end);

/** A file with this text to be read, for here-documents: a pipe could fill up. */
export function unnamed(t: OsTree, text: string): OpenFile {
  const pipe = makePipe(t);
  const p = pipesOf(t).find((x) => pipe.r.k === 'pipe' && x.id === pipe.r.pipe);
  if (p) p.data = text;
  t.open = table(t).filter((f) => f !== pipe.w);
  return pipe.r;
}

/** open(2): the open file, not yet installed, or strerror(3)'s words. */
export function open(t: OsTree, p: Proc, name: string, mode: OpenMode): OpenFile | string {
  if (name === '') return 'No such file or directory';
  const path = absolute(p.cwd, name);
  if (Object.keys(p.fds).length >= FD_MAX) return 'Too many open files';
  if (path === '/dev/null') return enter(t, { k: 'null' });
  if (path === '/dev/tty') return enter(t, { k: 'tty' });
  const std = /^\/dev\/(?:fd\/([0-9])|std(in|out|err))$/.exec(path);
  if (std) return fileOf(t, p, std[1] === undefined ? ['in', 'out', 'err'].indexOf(std[2] ?? '') : Number(std[1])) ?? 'Bad file descriptor';
  if (isDir(t, path)) return 'Is a directory';
  if (name.endsWith('/')) return 'Not a directory';
  if (Object.hasOwn(t.files, parentOf(path))) return 'Not a directory';
  const exists = Object.hasOwn(t.files, path);
  if (!exists && mode === 'r') return 'No such file or directory';
  if (exists && mode === 'excl') return 'File exists';
  if (!exists || mode === 'w') {
    if (!isDir(t, parentOf(path))) return 'No such file or directory';
    if (path.startsWith('/dev/') || BINDIRS.includes(parentOf(path))) return 'Operation not supported';
    t.files[path] = '';
  }
  return enter(t, { k: 'file', path, pos: 0, append: mode === 'a', read: mode === 'r' || mode === 'rw', write: mode !== 'r' });
}

/** Takes at most `max` characters of a text, never half a pair; with `line`, none after a newline. */
export function take(text: string, max: number, line: boolean): string {
  const nl = line ? text.indexOf('\n') : -1;
  let n = Math.min(max, nl < 0 ? text.length : nl + 1);
  if (n > 1 && n < text.length && /[\ud800-\udbff]/.test(text[n - 1] ?? '')) n--;
  return text.slice(0, n);
}

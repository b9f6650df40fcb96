// Files of bytes. A file of the machine is a string (OsTree.files); one whose contents are bytes, as a capture, is a string with
// one character a byte (latin-1), here and nowhere else. Paths are taken from the process's directory.

import type { BaseSys, Os, OsTree, Proc } from '../sh/proc.ts';

/** Bytes of one file: what lies in the tree goes into every checkpoint. */
export const FILE_MAX = 4 << 20;
const CHUNK = 8192;

export function fromBytes(b: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < b.length; i += CHUNK) parts.push(String.fromCharCode(...b.subarray(i, i + CHUNK)));
  return parts.join('');
}
export function toBytes(s: string): Uint8Array<ArrayBuffer> {
  const b = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) b[i] = s.charCodeAt(i);
  return b;
}

/** Absolute, without `.`, `..` and double slashes. */
export function pathOf(name: string, cwd = '/root'): string {
  const out: string[] = [];
  for (const c of (name.startsWith('/') ? name : `${cwd}/${name}`).split('/'))
    if (c === '..') out.pop();
    else if (c !== '' && c !== '.') out.push(c);
  return `/${out.join('/')}`;
}

/** A file's contents; undefined: there is none. */
export function readFile(t: OsTree, p: Proc, name: string): string | undefined {
  const path = pathOf(name, p.cwd);
  return Object.hasOwn(t.files, path) ? t.files[path] : Object.hasOwn(t.files, name) ? t.files[name] : undefined;
}

/** A new file, or an old one emptied. strerror(3)'s words when it cannot be. */
export function createFile(t: OsTree, p: Proc, name: string): { path: string } | { error: string } {
  const path = pathOf(name, p.cwd);
  if (path === '/' || name.endsWith('/')) return { error: 'Is a directory' };
  t.files[path] = '';
  return { path };
}

/** Adds to a file that is open for writing: false when it would be too large. */
export function append(t: OsTree, path: string, data: string): boolean {
  const old = t.files[path] ?? '';
  if (old.length + data.length > FILE_MAX) return false;
  t.files[path] = old + data;
  return true;
}

/** Standard error. */
export function complain<S extends BaseSys>(sys: { os: Os<S> }, p: Proc, text: string) {
  sys.os.writeErr(p, text);
}

// Memory of a program's own that its thread in the data plane sees too (wasm/bin/own_pages.ts): pages that need not lie together,
// found through tables of 1024. Plain JSON, for the program's state.

import * as L from '../../wasm/layout.ts';
import type { Proc } from '../sh/proc.ts';
import type { Sys } from './sys.ts';

const PER_TABLE = L.PAGE / 4;

export interface OwnPages {
  tables: number[];
  pages: number[];
}
export const OWN_MAX = L.TARG_TABLES * PER_TABLE * L.PAGE;

/** So many bytes; undefined when there is no memory. */
export function allocOwn(sys: Sys, p: Proc, bytes: number): OwnPages | undefined {
  const n = Math.ceil(bytes / L.PAGE);
  if (bytes > OWN_MAX) return undefined;
  const pages = sys.allocPages(p, n);
  if (!pages) return undefined;
  const tables = sys.allocPages(p, Math.ceil(n / PER_TABLE));
  if (!tables) {
    sys.freePages(p, pages);
    return undefined;
  }
  pages.forEach((page, i) => {
    sys.m.st32(sys.pageAt(tables[Math.floor(i / PER_TABLE)] ?? 0) + (i % PER_TABLE) * 4, sys.pageAt(page));
  });
  return { tables, pages };
}

export function freeOwn(sys: Sys, p: Proc, own: OwnPages) {
  sys.freePages(p, own.pages);
  sys.freePages(p, own.tables);
}

/** Tells the thread, before it runs. */
export function giveOwn(sys: Sys, own: OwnPages, targ: number) {
  own.tables.forEach((t, i) => {
    sys.m.st32(targ + L.TARG_DIR + i * 4, sys.pageAt(t));
  });
}

/** Address of byte `at`, good to the end of its page. */
export const ownAt = (sys: Sys, own: OwnPages, at: number) => sys.pageAt(own.pages[at >>> 12] ?? 0) + (at & 4095);

/** Bytes from `at` on; `mask` wraps the place. */
export function readOwn(sys: Sys, own: OwnPages, at: number, len: number, mask = 0xffffffff): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(len);
  for (let done = 0; done < len; ) {
    const from = ((at + done) & mask) >>> 0,
      n = Math.min(len - done, L.PAGE - (from & 4095)),
      a = ownAt(sys, own, from);
    out.set(sys.m.u8.subarray(a, a + n), done);
    done += n;
  }
  return out;
}
export function writeOwn(sys: Sys, own: OwnPages, at: number, data: Uint8Array) {
  for (let done = 0; done < data.length; ) {
    const n = Math.min(data.length - done, L.PAGE - ((at + done) & 4095));
    sys.m.u8.set(data.subarray(done, done + n), ownAt(sys, own, at + done));
    done += n;
  }
}

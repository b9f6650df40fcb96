// A kept lab as a file, and back: for a recording that does not begin at a fresh lab, with the machine at its root. What a
// stranger wrote is checked as far as it can be; a machine that is none is refused before it takes anybody's place.

import * as L from '../../wasm/layout.ts';
import { MAX_PAGES } from '../sim/memory.ts';
import type { Root } from './checkpoints.ts';
import type { Kept } from './keep.ts';
import { fromBase64url, through, toBase64url } from './share.ts';
import { type Bad, VERSION, isBad, readRecording } from './share_schema.ts';
import { newGuestTree } from '../guest/kernel/tree.ts';
import { newHostKernelTree } from '../host/kernel/kernel.ts';
import type { Branch } from './timeline.ts';

/** Pages, and characters of the tree, that a file may bring. */
const MOST_PAGES = (64 * 1024 * 1024) / L.PAGE,
  MOST_TREE = 16 * 1024 * 1024,
  MOST_BRANCHES = 100,
  MOST_STOPS = 32;

type Plain = Record<string, unknown>;
const isPlain = (v: unknown): v is Plain => typeof v === 'object' && v !== null && !Array.isArray(v);
const int = (v: unknown, min: number, max = Number.MAX_SAFE_INTEGER): v is number =>
  Number.isInteger(v) && (v as number) >= min && (v as number) <= max;
const short = (v: unknown, max: number): v is string => typeof v === 'string' && v.length <= max;

/** The file's text. */
/** Without a root it begins at the fresh lab. */
export async function toSnapshot(kept: Kept, root: Root | undefined): Promise<string> {
  if (!root) return `${JSON.stringify({ v: VERSION, app: 'ringside', kept })}\n`;
  const numbers = [...root.pages.keys()].sort((a, b) => a - b),
    bytes = new Uint8Array(numbers.length * L.PAGE);
  numbers.forEach((p, i) => {
    const page = root.pages.get(p);
    if (page) bytes.set(new Uint8Array(page.buffer, page.byteOffset, L.PAGE), i * L.PAGE);
  });
  const packed = await through(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  if (!(packed instanceof Uint8Array)) throw new Error('the compressor stopped');
  const { step, tree, acted } = root;
  return `${JSON.stringify({ v: VERSION, app: 'ringside', kept, root: { step, acted, tree, pages: numbers, data: toBase64url(packed) } })}\n`;
}

/** Whether a file's JSON is one of these. */
export const isSnapshot = (json: unknown): boolean => isPlain(json) && json.app === 'ringside' && 'kept' in json;

/** Entries with what goes with them, through the reader of recordings. */
function history(o: Plain, setup: unknown, from: number, step: unknown): Branch | Bad {
  if (!int(o.id, 0, 1e6) || !short(o.name, 60) || !int(o.parent, -1, 1e6) || !int(o.parted, 0) || !int(o.end, 0))
    return { error: 'One of its histories is not whole.' };
  const r = readRecording({ v: VERSION, app: 'ringside', options: setup, entries: o.entries, step }, 'file');
  if (isBad(r)) return r;
  if (r.entries.some((e) => e.at < from)) return { error: 'One of its entries lies before its beginning.' };
  return { id: o.id, name: o.name, parent: o.parent, parted: o.parted, end: o.end, entries: r.entries };
}

/** Whether plain data has the parts of another, each of its kind; of lists, that all their elements are of one kind. */
function alike(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && other.every((x) => x !== null && typeof x === typeof other[0]);
  if (isPlain(one)) return isPlain(other) && Object.entries(one).every(([k, v]) => alike(v, other[k]));
  return typeof one === typeof other;
}

async function readRoot(o: unknown): Promise<Root | Bad> {
  if (
    !isPlain(o) ||
    !int(o.step, 0) ||
    !short(o.acted, 4096) ||
    !short(o.tree, MOST_TREE) ||
    !Array.isArray(o.pages) ||
    typeof o.data !== 'string'
  )
    return { error: 'The machine in it is not whole.' };
  const { pages } = o as { pages: unknown[] };
  const within = (p: unknown) =>
    int(p, 1, L.TRACE / L.PAGE - 1) || int(p, L.FIRST_FREE / L.PAGE, ((MAX_PAGES[0] ?? 0) * 65536) / L.PAGE - 1);
  if (
    !pages.length ||
    pages.length > MOST_PAGES ||
    !pages.every((p, i) => within(p) && (i === 0 || (p as number) > (pages[i - 1] as number)))
  )
    return { error: 'The pages of the machine in it are none.' };
  const packed = fromBase64url(o.data),
    bytes = packed && (await through(packed, new DecompressionStream('deflate-raw'), pages.length * L.PAGE));
  if (!(bytes instanceof Uint8Array) || bytes.length !== pages.length * L.PAGE)
    return { error: 'The memory of the machine in it is damaged.' };
  let tree: unknown;
  try {
    tree = JSON.parse(o.tree);
  } catch {
    tree = undefined;
  }
  if (!isPlain(tree) || !isPlain(tree.guests) || !alike(newHostKernelTree(16), tree.host))
    return { error: 'The tables of the machine in it are damaged.' };
  if (!Object.entries(tree.guests).every(([vm, g]) => alike(newGuestTree(vm), g)))
    return { error: 'The tables of a guest in it are damaged.' };
  const out = new Map<number, Uint32Array>();
  pages.forEach((p, i) => {
    out.set(p as number, new Uint32Array(bytes.slice(i * L.PAGE, (i + 1) * L.PAGE).buffer));
  });
  return { step: o.step, acted: o.acted, tree: o.tree, pages: out };
}

/** Reads what toSnapshot wrote. A sentence when it is none. */
export async function fromSnapshot(json: unknown): Promise<{ kept: Kept; root: Root | undefined } | Bad> {
  const no = (why: string) => ({ error: `This file could not be read. ${why}` });
  if (!isPlain(json) || !isPlain(json.kept)) return no('It says nothing of its histories.');
  if (json.v !== VERSION) return { error: 'This file was made by another version of the lab.' };
  const k = json.kept,
    root = 'root' in json ? await readRoot(json.root) : undefined,
    from = root && !isBad(root) ? root.step : 0;
  if (root && isBad(root)) return no(root.error);
  if (!short(k.build, 64) || !int(k.step, from) || !isPlain(k.present) || !Array.isArray(k.branches) || !Array.isArray(k.breaks))
    return no('It says nothing of its histories.');
  if (k.branches.length > MOST_BRANCHES || k.breaks.length > MOST_STOPS) return no('It has too many histories or stop points.');
  const here = history({ ...k.present, end: k.end, entries: k.entries }, k.setup, from, k.step);
  if (isBad(here)) return here;
  const branches: Branch[] = [];
  for (const b of k.branches) {
    const r: Branch | Bad = isPlain(b) ? history(b, k.setup, from, b.end) : { error: 'One of its histories is not whole.' };
    if (isBad(r)) return no(r.error);
    branches.push(r);
  }
  const ids = [here, ...branches].map((h) => h.id);
  const notes = Array.isArray(k.notes) ? (k.notes as unknown[]) : [];
  if (!notes.every((n) => isPlain(n) && ids.includes(n.history as number))) return no('One of its notes is none.');
  if (new Set(ids).size !== ids.length) return no('Two of its histories have one number.');
  const breaks: Kept['breaks'] = [];
  for (const s of k.breaks) {
    if (!isPlain(s) || !short(s.text, 400) || !int(s.from, 1, 1e9) || typeof s.at !== 'boolean')
      return no('One of its stop points is none.');
    breaks.push({ text: s.text, from: s.from, at: s.at });
  }
  const r = readRecording(
    {
      v: VERSION,
      app: 'ringside',
      options: k.setup,
      entries: [],
      step: k.step,
      notes: (notes as Plain[]).map(({ at, text }) => ({ at, text })),
      ...(k.layout === undefined ? {} : { layout: k.layout }),
    },
    'file',
  );
  if (isBad(r)) return r;
  const { entries, end, ...present } = here;
  return {
    kept: {
      build: k.build,
      setup: r.options,
      root: root ? 1 : 0,
      entries,
      present,
      branches,
      end,
      step: k.step,
      breaks,
      notes: (r.notes ?? []).map((n, i) => ({ ...n, history: (notes[i] as Plain).history as number })),
      when: 0,
      ...(r.layout === undefined ? {} : { layout: r.layout }),
    },
    root,
  };
}

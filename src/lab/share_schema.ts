// What a shared recording looks like, and the one reader of it. Links and files come from anywhere: nothing is believed
// before it is checked, everything is bounded, and the answer is a Recording or a sentence, never an exception.

import * as L from '../../wasm/layout.ts';
import { CAPTURE_MOST, CAPTURE_SNAP } from './capture.ts';
import { MOST_NOTE, MOST_NOTES, type NoteView, noteText } from './notes.ts';
import type { Entry } from './timeline.ts';

export interface RecordingOptions {
  seed: number;
  slots: number;
}

/** A history from a fresh lab (step 0) and the moment in it that is meant. Entries after that moment were undone. */
export interface Recording {
  v: typeof VERSION;
  app: 'ringside';
  options: RecordingOptions;
  entries: Entry[];
  step: number;
  /** The page's own, bounded but not looked into. */
  layout?: unknown;
  name?: string;
  /** What a person wrote down at steps of it. */
  notes?: NoteView[];
}

export const VERSION = 2;
export const MAX_ENTRIES = 100_000;
/** Bytes of one text, and of all texts and the layout together, as JSON writes them. */
export const MAX_TEXT = 64 * 1024;
export const MAX_TOTAL = 4 * 1024 * 1024;
const MAX_NAME = 1024;
const MAX_TERMINALS = 256;
const MAX_DEPTH = 32;
/** Iterations of one hand-over: replay must come back. */
const MAX_HANDOVER = 65_536;

export type Bad = { error: string };
/** The version is that of what links and files hold. */
export const newerWords = (what: string, v: unknown) =>
  `This ${what} was made by version ${quoted(v)} of the lab; this is version ${VERSION}.`;
export const isBad = (x: object): x is Bad => 'error' in x;

type Plain = Record<string, unknown>;
const isPlain = (v: unknown): v is Plain => typeof v === 'object' && v !== null && !Array.isArray(v);

/** 1290 → 1,290. */
export const digits = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
/** 412 → 412th. */
export function ordinal(n: number): string {
  const tens = n % 100,
    end = tens > 10 && tens < 14 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[n % 10] ?? 'th');
  return digits(n) + end;
}
/** A word of a stranger's, short and in one line. */
export function quoted(v: unknown): string {
  if (typeof v !== 'string') return typeof v === 'number' ? String(v) : typeof v;
  const short = [...v.slice(0, 48)].slice(0, 24).join('');
  return JSON.stringify(short === v ? v : `${short}…`);
}

/** Bytes of a text as JSON writes it. */
export function jsonBytes(s: string): number {
  let n = 2;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c < 0x20) n += c === 8 || c === 9 || c === 10 || c === 12 || c === 13 ? 2 : 6;
    else if (c === 0x22 || c === 0x5c) n += 2;
    else if (c < 0x80) n++;
    else if (c < 0x800) n += 2;
    else if (c < 0xd800 || c > 0xdfff) n += 3;
    else if (c < 0xdc00 && (s.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      n += 4;
      i++;
    } else n += 6;
  }
  return n;
}

const isInt = (v: unknown, min: number, max: number): v is number => Number.isInteger(v) && (v as number) >= min && (v as number) <= max;

/** What is wrong with a field, as the end of a sentence. */
type Check = (v: unknown) => string | undefined;
const int =
  (min: number, max: number): Check =>
  (v) =>
    isInt(v, min, max) ? undefined : `is not a whole number from ${digits(min)} to ${digits(max)}`;
/** A field that may be left out. */
const optional =
  (check: Check): Check =>
  (v) =>
    v === undefined ? undefined : check(v);
const text: Check = (v) =>
  typeof v !== 'string'
    ? 'is not a text'
    : v.length > MAX_TEXT || jsonBytes(v) - 2 > MAX_TEXT
      ? `has more than ${MAX_TEXT / 1024} KiB`
      : undefined;
const terminal: Check = (v) => (typeof v === 'string' && v.length > 0 && v.length <= 64 ? undefined : 'is not the name of a terminal');
const block: Check = (v) =>
  isInt(v, L.THREADS, L.THREADS + (L.THREAD_MAX - 1) * L.THREAD_SIZE) && (v - L.THREADS) % L.THREAD_SIZE === 0
    ? undefined
    : 'is not the block of a thread';

/** The fields of every kind of entry; a kind that the timeline has and this table lacks does not compile. */
const FIELDS: { readonly [K in Entry['k']]: { readonly [F in Exclude<keyof Extract<Entry, { k: K }>, 'at' | 'k'>]: Check } } = {
  input: { tty: terminal, data: text },
  line: { tty: terminal, text },
  open: {},
  resize: { tty: terminal, cols: int(1, 1000), rows: int(1, 1000) },
  thread: { block },
  drain: { block, nth: optional(int(0, L.SB_MAX - 1)) },
  act: {},
  handover: { block, n: int(0, MAX_HANDOVER) },
  edit: {
    addr: int(L.FIRST_FREE, 0x7fffffff),
    bytes: (v) => (v === 2 || v === 4 ? undefined : 'is neither 2 nor 4'),
    value: int(0, 0xffffffff),
  },
  sysctl: {
    name: (v) => (typeof v === 'string' && /^dev\.lab\.[\w.]{1,48}$/.test(v) ? undefined : 'is no sysctl of the lab'),
    value: int(-1, 0xff),
  },
  policy: { policy: int(0, 3), seed: int(0, 0xffffffff) },
  clock: { ns: int(0, Number.MAX_SAFE_INTEGER) },
  capture: {
    op: (v) => (v === 'start' || v === 'stop' || v === 'save' || v === 'clear' ? undefined : 'is none of start, stop, save, clear'),
    ports: (v) => (typeof v === 'string' && v.length <= 2048 ? undefined : 'is no list of ports'),
    bytes: int(0, CAPTURE_MOST),
    snap: int(0, CAPTURE_SNAP),
    vm: (v) => (typeof v === 'string' && v.length <= 64 ? undefined : 'is not the name of a VM'),
    file: (v) => (typeof v === 'string' && v.length <= 1024 ? undefined : 'is not the name of a file'),
  },
  answer: {
    vm: (v) => (typeof v === 'string' && v.length <= 64 ? undefined : 'is not the name of a VM'),
    pid: int(1, 0x7fffffff),
    text,
    status: int(0, 255),
  },
};

/** Leaves the reader with a sentence. */
class Wrong extends Error {}
const wrong = (sentence: string): never => {
  throw new Wrong(sentence);
};

function strange(o: Plain, known: readonly string[], what: string) {
  const key = Object.keys(o).find((k) => !known.includes(k));
  if (key !== undefined) wrong(`${what} has a part that this lab does not know: ${quoted(key)}.`);
}

/** Adds up what a recording weighs. */
class Scale {
  #left = MAX_TOTAL;
  add(bytes: number) {
    this.#left -= bytes;
    if (this.#left < 0) wrong(`It is too large: more than ${MAX_TOTAL / 1024 / 1024} MiB.`);
  }
  /** A copy of plain data, weighed. */
  copy(v: unknown, depth = 0): unknown {
    if (depth > MAX_DEPTH) wrong(`Its layout is nested more than ${MAX_DEPTH} deep.`);
    if (typeof v === 'string') {
      this.add(jsonBytes(v) + 1);
      return v;
    }
    this.add(typeof v === 'number' ? 24 : 8);
    if (v === null || typeof v === 'boolean' || (typeof v === 'number' && Number.isFinite(v))) return v;
    if (Array.isArray(v)) return v.map((x) => this.copy(x, depth + 1));
    if (!isPlain(v)) return wrong('Its layout is not plain data.');
    const out: Plain = {};
    for (const [k, x] of Object.entries(v)) {
      if (k === '__proto__') wrong('Its layout is not plain data.');
      this.add(jsonBytes(k) + 2);
      out[k] = this.copy(x, depth + 1);
    }
    return out;
  }
}

function readEntry(e: unknown, i: number, from: number, scale: Scale): Entry {
  const which = `Entry ${digits(i + 1)}`;
  if (!isPlain(e)) return wrong(`${which} is not an entry.`);
  const k = e.k;
  if (typeof k !== 'string' || !Object.hasOwn(FIELDS, k)) return wrong(`${which} is of a kind that this lab does not know: ${quoted(k)}.`);
  if (!isInt(e.at, 0, Number.MAX_SAFE_INTEGER)) wrong(`${which} names no step.`);
  const at = e.at as number;
  if (at < from) wrong(`${which} is out of order: step ${digits(at)} is over by then.`);
  const fields = FIELDS[k as Entry['k']] as Readonly<Record<string, Check>>;
  strange(e, ['at', 'k', ...Object.keys(fields)], which);
  const out: Plain = { at, k };
  for (const [f, check] of Object.entries(fields)) {
    const v = Object.hasOwn(e, f) ? e[f] : undefined;
    const trouble = check(v);
    if (trouble) wrong(`${which} (${k}) is wrong: its ${f} ${trouble}.`);
    if (typeof v === 'string') scale.add(jsonBytes(v));
    if (v !== undefined) out[f] = v;
  }
  return out as Entry;
}

/** From version n (the index, from 1) to n + 1, on data that nobody has checked. */
export type Upgrade = (old: Readonly<Plain>) => Plain;
const UPGRADES: Readonly<Record<number, Upgrade>> = {
  // 64 KiB for the trace moved everything behind the fixed areas
  1: (old) => ({
    ...old,
    entries: Array.isArray(old.entries)
      ? old.entries.map((e: unknown) =>
          isPlain(e) && e.k === 'edit' && typeof e.addr === 'number' ? { ...e, addr: e.addr + L.TRACE_SIZE } : e,
        )
      : old.entries,
  }),
};

/** Brings an older recording to version `to`, one version at a time. */
export function upgrade(json: Readonly<Plain>, upgrades: Readonly<Record<number, Upgrade>> = UPGRADES, to = VERSION): Plain | Bad {
  let now: Plain = { ...json };
  for (let v = now.v; v !== to; v = now.v) {
    if (!isInt(v, 1, Number.MAX_SAFE_INTEGER)) return { error: 'It does not say which version it is.' };
    if (v > to) return { error: 'newer' };
    const next = Object.hasOwn(upgrades, v) ? upgrades[v] : undefined;
    if (!next) return { error: `Version ${v} cannot be read any more.` };
    now = { ...next(now), v: v + 1 };
  }
  return now;
}

/** Notes, their texts cleaned. */
function readNotes(list: unknown, add: (bytes: number) => void): NoteView[] {
  if (!Array.isArray(list) || list.length > MOST_NOTES) return wrong(`Its notes are no list of at most ${MOST_NOTES}.`);
  return list.map((n: unknown) => {
    if (!isPlain(n) || !isInt(n.at, 0, Number.MAX_SAFE_INTEGER) || typeof n.text !== 'string' || n.text.length > MOST_NOTE)
      return wrong('One of its notes is none.');
    strange(n, ['at', 'text'], 'One of its notes');
    add(jsonBytes(n.text) + 24);
    return { at: n.at, text: noteText(n.text) };
  });
}

function read(json: unknown, what: string): Recording | Bad {
  if (!isPlain(json) || json.app !== 'ringside') return { error: `This ${what} is not a recording of this lab.` };
  const r = upgrade(json);
  if (isBad(r) && r.error === 'newer') return { error: newerWords(what, json.v) };
  if (isBad(r)) wrong(r.error as string);
  const now = r as Plain,
    scale = new Scale();
  strange(now, ['v', 'app', 'options', 'entries', 'step', 'layout', 'name', 'notes'], 'It');
  const o = now.options;
  if (!isPlain(o)) return wrong('It does not say how the lab was set up.');
  strange(o, ['seed', 'slots'], 'Its set-up');
  if (!isInt(o.seed, 0, 0xffffffff)) wrong('Its seed is not a whole number from 0 to 4,294,967,295.');
  if (!isInt(o.slots, 2, 1024)) wrong('Its slots are not a whole number from 2 to 1,024.');
  if (!isInt(now.step, 0, Number.MAX_SAFE_INTEGER)) wrong('It names no step.');
  const list = now.entries;
  if (!Array.isArray(list)) return wrong('It has no list of entries.');
  if (list.length > MAX_ENTRIES) wrong(`It has more than ${digits(MAX_ENTRIES)} entries.`);
  const entries: Entry[] = [];
  let from = 0,
    terminals = 0;
  for (let i = 0; i < list.length; i++) {
    const e = readEntry(list[i], i, from, scale);
    if (e.k === 'open' && ++terminals > MAX_TERMINALS) wrong(`It opens more than ${MAX_TERMINALS} terminals.`);
    from = e.at + 1;
    entries.push(e);
  }
  const out: Recording = {
    v: VERSION,
    app: 'ringside',
    options: { seed: o.seed as number, slots: o.slots as number },
    entries,
    step: now.step as number,
  };
  if (now.layout !== undefined) out.layout = scale.copy(now.layout);
  if (now.notes !== undefined) out.notes = readNotes(now.notes, (n) => scale.add(n));
  if (now.name !== undefined) {
    if (typeof now.name !== 'string' || jsonBytes(now.name) > MAX_NAME) wrong('Its name is not a short text.');
    scale.add(jsonBytes(now.name as string));
    out.name = now.name as string;
  }
  return out;
}

/** Checks what claims to be a recording; the answer shares nothing with it. `what` is the sentences' subject: link, file. */
export function readRecording(json: unknown, what = 'recording'): Recording | Bad {
  try {
    return read(json, what);
  } catch (e) {
    return { error: `This ${what} could not be read. ${e instanceof Wrong ? e.message : 'It is not plain data.'}` };
  }
}

// Sharing a moment: a recording as a link's fragment or as a file, and back, and its replay on a fresh lab. A link is
// `r1.SEED.SLOTS.` and its check, then the packed recording, deflated, in base64url, with a check after every 128
// characters, so that damage is noticed and can be pointed at. Without DOM: page, worker and Node.

import {
  type Bad,
  MAX_ENTRIES,
  type Recording,
  type RecordingOptions,
  VERSION,
  digits,
  isBad,
  newerWords,
  ordinal,
  quoted,
  readRecording,
} from './share_schema.ts';
import { type Entry, Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** What a link or a file may unfold to. */
export const MAX_INFLATED = 8 * 1024 * 1024;
const MAX_FRAGMENT = 12 * 1024 * 1024;
const MAX_FILE = 16 * 1024 * 1024;
const CHUNK = 128,
  MARK = 3,
  LAST = 6;
/** Steps between two questions whether a replay shall go on. */
const SLICE = 20_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A link that cannot be used, and how its lab was set up when that much could be read. */
export interface BadLink extends Bad {
  options?: RecordingOptions;
  /** It was made by this version of the lab, which is newer. */
  newer?: number;
}

// ── the packed form: as a recording, but an entry is [steps since the one before, kind, fields…], a field left out is null ───────────────────

type Plain = Record<string, unknown>;

function pack(r: Recording): string {
  const fields: Record<string, string[]> = {};
  let from = 0;
  for (const { at: _, k, ...rest } of r.entries) {
    fields[k] ??= [];
    for (const f of Object.keys(rest)) if (!fields[k].includes(f)) fields[k].push(f);
  }
  const entries = r.entries.map((e) => {
    const { at, k, ...rest } = e as Entry & Plain;
    const gap = at - from;
    from = at + 1;
    return [gap, k, ...(fields[k] ?? []).map((f) => rest[f])];
  });
  return JSON.stringify({ ...r, fields, entries });
}

/** Back to what the reader checks; what does not fit is left for it to refuse. */
function unpack(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const { fields, ...r } = json as Plain;
  if (!Array.isArray(r.entries) || r.entries.length > MAX_ENTRIES || typeof fields !== 'object' || fields === null) return json;
  let from = 0;
  const entries = r.entries.map((e: unknown) => {
    if (!Array.isArray(e)) return e;
    const [gap, k, ...values] = e as unknown[],
      names: unknown = typeof k === 'string' && Object.hasOwn(fields, k) ? (fields as Plain)[k] : [];
    if (!Array.isArray(names) || names.length !== values.length || names.length > 16) return null;
    const at = from + (typeof gap === 'number' ? gap : Number.NaN);
    from = at + 1;
    return Object.fromEntries([
      ['at', at],
      ['k', k],
      ...names.map((n: unknown, i) => [String(n), values[i]]).filter(([, v]) => v !== null),
    ]);
  });
  return { ...r, entries };
}

// ── bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function toBase64url(bytes: Uint8Array): string {
  let s = '';
  for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(s).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export function fromBase64url(s: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(s) || s.length % 4 === 1) return undefined;
  const b = atob(s.replace(/-/g, '+').replace(/_/g, '/'));
  const out = new Uint8Array(b.length);
  for (let i = 0; i < b.length; i++) out[i] = b.charCodeAt(i);
  return out;
}

/** Runs bytes through a stream; nothing when they are wrong, or when more than `max` come out. */
export async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, max: number) {
  const writer = stream.writable.getWriter(),
    reader = (stream.readable as ReadableStream<Uint8Array>).getReader(),
    parts: Uint8Array[] = [];
  const quiet = () => {};
  writer.closed.catch(quiet);
  reader.closed.catch(quiet);
  const fed = writer.write(bytes).then(() => writer.close());
  fed.catch(quiet);
  let n = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      n += value.length;
      if (n > max) {
        reader.cancel().catch(quiet);
        return 'large';
      }
      parts.push(value);
    }
    await fed;
  } catch {
    return undefined;
  }
  const out = new Uint8Array(n);
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

// ── links ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** FNV-1a of a text, going on from a check before it. */
function check(s: string, from = 0x811c9dc5): number {
  let h = from;
  for (let i = 0; i < s.length; i++) h = Math.imul(h ^ s.charCodeAt(i), 0x01000193) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
}
function mark(h: number, length: number): string {
  let s = '';
  for (let i = 0; i < length; i++) s += ALPHABET[Math.floor(h / 64 ** i) % 64];
  return s;
}

/** A fragment around bytes. */
export function sealed(options: RecordingOptions, bytes: Uint8Array): string {
  const head = `r${VERSION}.${options.seed}.${options.slots}.`,
    body = toBase64url(bytes);
  let h = check(head),
    out = head + mark(h, MARK),
    i = 0;
  for (; body.length - i > CHUNK; i += CHUNK) {
    const part = body.slice(i, i + CHUNK);
    h = check(part, h);
    out += part + mark(h, MARK);
  }
  const part = body.slice(i);
  return out + part + mark(check(part, h), LAST);
}

/** The bytes in a fragment, or how many of its characters are good. */
function unsealed(s: string): { options?: RecordingOptions; body: string } | { options?: RecordingOptions; good: number } {
  const m = /^r\d+\.(\d{1,10})\.(\d{1,4})\./.exec(s),
    head = m?.[0] ?? '';
  let h = check(head),
    at = head.length + MARK,
    body = '';
  if (!m || s.slice(head.length, at) !== mark(h, MARK)) return { good: /^r\d+\./.exec(s)?.[0].length ?? 0 };
  const options = { seed: Number(m[1]), slots: Number(m[2]) };
  for (;;) {
    const last = s.length - at <= CHUNK + LAST,
      end = last ? s.length - LAST : at + CHUNK,
      n = last ? LAST : MARK,
      part = s.slice(at, Math.max(at, end));
    h = check(part, h);
    if (end < at || s.slice(end, end + n) !== mark(h, n)) return { options, good: at };
    body += part;
    at = end + n;
    if (last) return { options, body };
  }
}

/** A link's fragment, without its #. Give it what readRecording would accept. */
export async function toFragment(r: Recording): Promise<string> {
  const packed = new TextEncoder().encode(pack(r)),
    bytes = await through(packed, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
  if (!(bytes instanceof Uint8Array)) throw new Error('the compressor stopped');
  return sealed(r.options, bytes);
}

/** Reads a fragment. `before`: characters of the link in front of it, so that the sentence counts as the reader does. */
export async function fromFragment(fragment: string, before = 0): Promise<Recording | BadLink> {
  const s = fragment.trim().replace(/^#/, ''),
    hash = fragment.trim().length - s.length;
  const version = /^r(\d{1,9})\./.exec(s);
  if (!version) return { error: 'This link names no moment of this lab.' };
  if (Number(version[1]) > VERSION) return { error: newerWords('link', Number(version[1])), newer: Number(version[1]) };
  if (s.length > MAX_FRAGMENT) return { error: 'This link is too long to be one of this lab.' };
  const got = unsealed(s),
    fresh = got.options && readRecording({ v: VERSION, app: 'ringside', options: got.options, entries: [], step: 0 }),
    options = fresh && !isBad(fresh) ? { options: fresh.options } : {};
  const rest = 'options' in options ? ' The scenario could be read, the moment could not.' : ' Nothing of it could be read.';
  if ('good' in got) return { error: `This link is damaged after its ${ordinal(got.good + hash + before)} character.${rest}`, ...options };
  const bytes = fromBase64url(got.body),
    text = bytes && (await through(bytes, new DecompressionStream('deflate-raw'), MAX_INFLATED));
  if (text === 'large') return { error: `This link unfolds to more than ${MAX_INFLATED / 1024 / 1024} MiB.${rest}`, ...options };
  let json: unknown;
  try {
    json = text && JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    json = undefined;
  }
  if (!json) return { error: `This link is damaged.${rest}`, ...options };
  const r = readRecording(unpack(json), 'link');
  return isBad(r) ? { ...r, ...options } : r;
}

/** What the page can do about a link that names no moment: its scenario, as far as that was read, or the newer lab. */
export const unopened = (r: Recording | BadLink): { setup?: RecordingOptions; newer?: number } =>
  isBad(r) ? { ...(r.options && !r.newer ? { setup: r.options } : {}), ...(r.newer ? { newer: r.newer } : {}) } : {};

// ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** JSON, an entry a line, so that two recordings can be compared by eye. */
export function toFile(r: Recording): string {
  const { entries, ...rest } = r,
    head = JSON.stringify(rest);
  return `${head.slice(0, -1)},"entries":[${entries.map((e) => `\n${JSON.stringify(e)}`).join(',')}\n]}\n`;
}

export function fromFile(text: string): Recording | Bad {
  if (text.length > MAX_FILE) return { error: `This file is too large: more than ${MAX_FILE / 1024 / 1024} MiB.` };
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return { error: 'This file is not a recording, or it is damaged: it is not JSON.' };
  }
  return readRecording(json, 'file');
}

// ── recordings and labs ───────────────────────────────────────────────────────────────────────────────────────────

/** The recording of this moment. The timeline's root must be the fresh lab. */
export function record(
  world: World,
  timeline: Timeline,
  options: RecordingOptions,
  more: { layout?: unknown; name?: string } = {},
): Recording | Bad {
  if (!timeline.fresh)
    return {
      error:
        'This moment cannot be shared as a link: what ran freely before it was not recorded. Save it to a file, or start over and run it on the step engine.',
    };
  const notes = timeline.notes.here.map(({ at, text }) => ({ at, text }));
  const r = readRecording({
    v: VERSION,
    app: 'ringside',
    options: { seed: options.seed, slots: options.slots },
    entries: timeline.entries,
    step: world.m.steps,
    ...(notes.length ? { notes } : {}),
    ...more,
  });
  return isBad(r) ? { error: r.error.replace('could not be read', 'cannot be shared') } : r;
}

/** What an entry names that this machine does not have now. */
function missing(w: World, e: Entry): string | undefined {
  if ('tty' in e && !w.host.os.tty(e.tty)) return `it uses a terminal that is not there (${quoted(e.tty)})`;
  if ('block' in e && !w.isBlock(e.block)) return `it names a thread that is not there (block ${digits(e.block)})`;
  if (e.k === 'edit' && (e.addr % e.bytes !== 0 || !w.m.used(e.addr)))
    return `it changes memory that is not in use (0x${e.addr.toString(16)})`;
  if (e.k === 'handover' && !w.free) return 'it hands over to the free build, which is not here';
  return undefined;
}

/**
 * Replays a recording on a fresh lab, to its step. `more` is asked every 20,000 steps whether to go on. The world that a
 * failed replay leaves is thrown away: the lab that was there before is untouched.
 */
export function play(
  r: Recording,
  makeWorld: (options: RecordingOptions) => World,
  more: (step: number) => boolean = () => true,
  traced = false,
): { world: World; timeline: Timeline } | Bad {
  let world: World | undefined;
  try {
    world = makeWorld(r.options);
    const timeline = new Timeline(world, traced),
      { m } = world,
      stop = (why: string) => ({ error: `This recording cannot be followed beyond step ${digits(m.steps)}: ${why}.` });
    timeline.entries = [...r.entries];
    timeline.notes.list = (r.notes ?? []).map((n) => ({ ...n, history: 0 }));
    /** To a step, in slices; answers why not. */
    const to = (step: number): string | undefined => {
      while (m.steps < step) {
        const before = m.steps;
        if (!more(before)) return 'it was stopped';
        if (timeline.advance(Math.min(SLICE, step - before)) !== 'done' && m.steps < step)
          return `nothing can happen there any more, and it goes on to step ${digits(step)}`;
      }
      return undefined;
    };
    for (const e of r.entries) {
      if (e.at >= r.step) break;
      const why = to(e.at) ?? missing(world, e) ?? to(e.at + 1);
      if (why) return stop(why);
    }
    const why = to(r.step);
    return why ? stop(why) : { world, timeline };
  } catch (e) {
    const at = world ? ` beyond step ${digits(world.m.steps)}` : '';
    return { error: `This recording cannot be followed${at}: the machine stopped (${e instanceof Error ? e.message : String(e)}).` };
  }
}

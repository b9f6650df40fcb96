// Questions about the past, answered by running it again: who wrote a word, where a buffer has been. Each leaves the
// machine at the step at which it found it.

import * as L from '../../wasm/layout.ts';
import type { LifeView, Owner, RingRef, RingSample, Side, Writer, WordView } from './protocol.ts';
import { fieldAt } from './field_at.ts';
import { LENS, sampleRing } from './sample.ts';
import type { Timeline } from './timeline.ts';
import type { Change } from './trace_parts.ts';
import { csbs, lastStep, rings } from './view.ts';
import type { World } from './world.ts';

/** Writers that are looked for, and the steps that are run again for them. */
const WRITERS = 2,
  MOST_STEPS = 20_000_000;
const MOST_STAGES = 60;
/** Steps between two looks for a buffer that is in no slot: rings are opened and closed by the control plane. */
const NOWHERE = 100;

/** Stretches between checkpoints before a step, the newest first. */
function* stretches(t: Timeline, now: number): Generator<[from: number, to: number]> {
  let to = now;
  for (const c of [...t.marks].reverse()) {
    if (c >= to) continue;
    yield [c, to];
    to = c;
  }
}

/** A 16-bit part of a word. */
const part = (value: number, addr: number, bytes: number) => (bytes === 2 ? (addr & 2 ? value >>> 16 : value & 0xffff) : value >>> 0);

/** The steps at which a word was written, newest first, at most WRITERS; cut: the recording was not searched to its beginning. */
function writes(w: World, t: Timeline, addr: number, bytes: number): { list: (Change & { was: number | undefined })[]; cut: boolean } {
  const now = w.m.steps,
    found: Change[] = [];
  let ran = 0,
    cut = false;
  for (const [from, to] of stretches(t, now)) {
    const at = new Map<number, Change>();
    for (const c of t.changes([addr & ~3], from, to)) {
      const value = part(c.value, addr, bytes),
        was = c.was === undefined ? undefined : part(c.was, addr, bytes);
      if (bytes === 2 && was === value) continue; // the other half
      const same = at.get(c.step);
      at.set(c.step, { ...c, value, was: same?.was ?? was });
    }
    found.unshift(...[...at.values()]);
    ran += to - from;
    if (found.length >= WRITERS) break;
    if (ran > MOST_STEPS) {
      cut = true;
      break;
    }
  }
  t.seek(now);
  return { list: found.reverse().slice(0, WRITERS), cut };
}

/** A word, its names, and who wrote it. Undefined when nothing of the machine is there. */
export function wordAt(w: World, t: Timeline, addr: number, ask: 2 | 4 | undefined, search = true): WordView | undefined {
  const { m } = w;
  const fields = fieldAt(w, addr),
    bytes = fields[0]?.bytes ?? ask ?? 4;
  if (!Number.isInteger(addr) || addr < L.THREADS || addr % Math.min(4, bytes) || (addr >= L.TRACE && !m.used(addr))) return undefined;
  if (addr >= L.TRACE && addr < L.FIRST_FREE) return undefined;
  const value = () => (bytes === 2 ? m.ld16(addr) : bytes === 8 ? m.ld64(addr) : m.ld32(addr));
  const csb = csbs(w).find((c) => addr >= Number(c.hostAddress) && addr < Number(c.hostAddress) + L.PAGE),
    ring = rings(w).find((r) => r.guestAddress && addr >= r.ringAddr && addr < r.ringAddr + L.RING_SLOT + r.slots * L.SLOT_SIZE);
  const guest = csb
    ? Number(csb.guestAddress) + addr - Number(csb.hostAddress)
    : ring
      ? Number(ring.guestAddress) + addr - ring.ringAddr
      : 0;
  const now = value(),
    { list, cut } = search && bytes !== 8 ? writes(w, t, addr, bytes) : { list: [], cut: false };
  const here = m.steps,
    writers: Writer[] = list.map((c) => {
      t.seek(c.step);
      const last = lastStep(w),
        stored = last.touched?.kind === 'st' || last.touched?.kind === 'rmw';
      const words =
        last.touched && !(stored && last.touched.addr === (addr & ~3))
          ? `${last.sentence} Until its next access it wrote the word.`
          : last.sentence;
      return {
        step: c.step,
        words,
        side: (last.touched?.side ?? 'shared') as Owner,
        value: c.value,
        ...(c.was === undefined ? {} : { was: c.was }),
      };
    });
  t.seek(here);
  return {
    addr,
    bytes,
    value: now,
    names: fields.map((f) => f.path),
    doc: fields[0]?.doc ?? '',
    owner: fields[0]?.owner ?? 'shared',
    writable: (fields[0]?.writable ?? true) && addr >= L.FIRST_FREE && bytes !== 8,
    ...(guest ? { guestAddress: `0x${guest.toString(16)}` } : {}),
    writers,
    cut,
  };
}

// ── a buffer's life ───────────────────────────────────────────────────────────────────────────────────────────────

interface Spot {
  ring: RingRef;
  slot: number;
}

/** The netmap region that a ring is in: buffers are numbered within it. */
export const regionOf = (w: World, r: RingRef) => w.m.ld32(w.m.ld32(r.hostKring + L.KR_NA) + L.NA_MEM);
const names = (w: World, { ring, slot }: Spot, buf: number) =>
  w.m.ld32(ring.ringAddr + L.RING_SLOT + slot * L.SLOT_SIZE + L.SLOT_BUF_IDX) === buf;

/** The slot that names a buffer of a region now, looked for first where it was. */
function spotOf(w: World, region: number, buf: number, was?: Spot): Spot | undefined {
  if (was && names(w, was, buf)) return was;
  for (const ring of rings(w)) {
    if (regionOf(w, ring) !== region) continue;
    for (let slot = 0; slot < ring.slots; slot++) if (names(w, { ring, slot }, buf)) return { ring, slot };
  }
  return undefined;
}

const d = (x: number, from: number, n: number) => (((x - from) % n) + n) % n;

/** Whose slot i is, in the words of the ring's direction. */
export function standing(s: RingSample, ring: RingRef, i: number): { owner: Side; words: string } {
  const n = s.n,
    at = d(i, s.hwcur, n),
    tx = ring.dir === 'TX';
  if (at === n - 1 && d(s.head, s.hwcur, n) <= at && d(s.tail, s.hwcur, n) <= at && d(s.hwtail, s.hwcur, n) <= at)
    return { owner: 'host', words: 'kept empty' };
  if (at < d(s.head, s.hwcur, n)) return { owner: 'host', words: tx ? 'submitted' : 'released' };
  if (at < d(s.tail, s.hwcur, n)) return { owner: ring.user, words: `the ${ring.user}’s program may ${tx ? 'fill' : 'read'} it` };
  if (at < d(s.hwtail, s.hwcur, n))
    return { owner: 'host', words: tx ? 'sent, the program is not told' : 'received, the program is not told' };
  return { owner: 'host', words: tx ? 'in flight' : 'empty, waiting for a packet' };
}

/** Every slot, ring and owner that a buffer passed through, newest first. `ring`: one of its region, else the first open one. */
export function lifeOf(w: World, t: Timeline, buf: number, ring?: string): LifeView | undefined {
  const now = w.m.steps,
    all = rings(w),
    one = all.find((r) => r.id === ring) ?? all[0];
  if (!one) return undefined;
  const region = regionOf(w, one);
  const stages: LifeView['stages'] = [];
  let cut = false,
    ran = 0;
  for (const [from, to] of stretches(t, now)) {
    const part: LifeView['stages'] = [];
    let last = '';
    t.seek(from);
    let spot = spotOf(w, region, buf);
    const look = () => {
      spot = spotOf(w, region, buf, spot);
      const s = spot && sampleRing(w.m.u32, spot.ring, spot.slot - (spot.slot % LENS));
      const stage =
        spot && s
          ? { ring: spot.ring.title, slot: spot.slot, ...standing(s, spot.ring, spot.slot) }
          : { ring: '', slot: -1, owner: 'host' as const, words: 'in no slot' };
      const sign = JSON.stringify(stage);
      if (sign !== last) part.push({ step: w.m.steps, ...stage });
      last = sign;
    };
    look();
    while (w.m.steps < to) {
      const before = w.m.steps,
        at = spot;
      const r = t.runTo([], spot ? watched(spot) : [], Math.min(to - w.m.steps, spot ? to : NOWHERE));
      if (r !== 'stop' && r !== 'done') break;
      const now = w.m.steps;
      if (spotOf(w, region, buf, at) === at && (!at || names(w, at, buf))) {
        look();
        continue;
      }
      // it moved, and not at an access that stops: step by step
      t.seek(before);
      while (w.m.steps < now) {
        t.advance(1);
        look();
      }
    }
    ran += to - from;
    // the first of a stretch only says how it stood there
    stages.unshift(...(from === t.rootStep ? part : part.slice(1)));
    if (stages.length >= MOST_STAGES || ran > MOST_STEPS / 20) {
      cut = from > t.rootStep;
      break;
    }
  }
  t.seek(now);
  return { buf, stages: stages.reverse().slice(0, MOST_STAGES), cut: cut || stages.length > MOST_STAGES };
}

/** The words on which the owner of a slot hangs: stores to them stop. */
const watched = ({ ring }: Spot): number[] => [
  ring.ringAddr + L.RING_HEAD,
  ring.ringAddr + L.RING_TAIL,
  ring.hostKring + L.KR_NR_HWCUR,
  ring.hostKring + L.KR_NR_HWTAIL,
];

// ── a terminal's text ─────────────────────────────────────────────────────────────────────────────────────────────

/** The step at which the last occurrence of a text stood whole in a terminal; undefined: it is not there, or is older than the recording. */
export function writtenAt(w: World, t: Timeline, id: string, text: string): number | undefined {
  const tty = () => w.host.os.tty(id);
  const now = tty(),
    at = now && text ? now.out.lastIndexOf(text) : -1;
  if (!now || at < 0) return undefined;
  const written = now.written - (now.out.length - at - text.length),
    here = w.m.steps;
  const stood = (step: number) => {
    t.seek(step);
    return (tty()?.written ?? 0) >= written;
  };
  let before = t.rootStep,
    after = here;
  const old = stood(before);
  while (!old && after - before > 1) {
    const mid = Math.floor((before + after) / 2);
    if (stood(mid)) after = mid;
    else before = mid;
  }
  t.seek(here);
  return old ? undefined : after;
}

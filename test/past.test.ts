// Questions about the past against brute force: a whole recording is gone through step by step and every word looked at
// after each; who wrote a word, and where a buffer was, must agree with what was seen.

import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import type { Lab } from '../src/lab/lab.ts';
import { lifeOf, wordAt } from '../src/lab/past.ts';
import type { RingRef, WordView } from '../src/lab/protocol.ts';
import { Timeline } from '../src/lab/timeline.ts';
import { csbs, rings } from '../src/lab/view.ts';
import { prng, say, sending, told, whole } from './sending.ts';

interface Word {
  addr: number;
  bytes: 2 | 4;
  what: string;
}
/** What was seen of a word: the steps that wrote it. */
interface Seen {
  step: number;
  value: number;
  was: number;
}

function words(lab: Lab): Word[] {
  const { world: w } = lab,
    out: Word[] = [];
  const put = (what: string, addr: number, bytes: 2 | 4 = 4) => out.push({ addr, bytes, what });
  for (const r of rings(w)) {
    for (const [k, o] of [
      ['head', L.RING_HEAD],
      ['cur', L.RING_CUR],
      ['tail', L.RING_TAIL],
    ] as const)
      put(`${r.id} ${k}`, r.ringAddr + o);
    for (const kr of [r.hostKring, r.guestKring].filter((x) => x))
      for (const o of [L.KR_NR_HWCUR, L.KR_NR_HWTAIL, L.KR_RHEAD, L.KR_RCUR, L.KR_RTAIL, L.KR_NR_BUSY, L.KR_NR_KFLAGS, L.KR_SI])
        put(`${r.id} kring ${kr === r.hostKring ? 'host' : 'guest'} +${o}`, kr + o);
    for (const o of [L.KR_STAT_PACKETS, L.KR_STAT_SYNC, L.KR_STAT_BYTES]) {
      put(`${r.id} counter +${o}`, r.hostKring + o);
      put(`${r.id} counter's other half +${o}`, r.hostKring + o + 4);
    }
    for (let i = 0; i < r.slots; i += 5) {
      const s = r.ringAddr + L.RING_SLOT + i * L.SLOT_SIZE;
      put(`${r.id} slot ${i} buf_idx`, s + L.SLOT_BUF_IDX);
      put(`${r.id} slot ${i} len`, s + L.SLOT_LEN, 2);
      put(`${r.id} slot ${i} flags`, s + L.SLOT_FLAGS, 2);
    }
  }
  for (const c of csbs(w)) for (const f of c.fields) put(`${c.id} ${f.name}`, f.addr);
  for (let i = 0; i < w.m.threads; i++) put(`status of thread ${i}`, w.m.block(i) + L.T_STATUS);
  for (const p of w.tree.host.ptn) put('nm_kthread lock', p.txKth + L.NMK_LOCK);
  return out;
}

/** Goes through the recording step by step from its root; for each word the steps that changed it or stored it. */
function brute(lab: Lab, list: readonly Word[], to: number): Map<Word, Seen[]> {
  const { timeline: t, world: w } = lab,
    { m } = w,
    seen = new Map<Word, Seen[]>(list.map((x) => [x, []])),
    read = (x: Word) => (x.bytes === 2 ? m.ld16(x.addr) : m.ld32(x.addr));
  t.seek(t.rootStep);
  let before = list.map(read);
  while (m.steps < to) {
    t.advance(1);
    const point = m.ld32(L.MACHINE + L.M_DONE_POINT),
      kind = m.ld32(L.MACHINE + L.M_DONE_KIND),
      addr = point && (kind === L.ACC_ST || kind === L.ACC_RMW) ? m.ld32(L.MACHINE + L.M_DONE_ADDR) : 0;
    const now = list.map(read);
    list.forEach((x, i) => {
      if (now[i] !== before[i] || (x.bytes === 4 && x.addr === addr)) seen.get(x)?.push({ step: m.steps, value: now[i]!, was: before[i]! });
    });
    before = now;
  }
  return seen;
}

/** A step at which something other than the policy's choice is done. */
function deeds(lab: Lab) {
  const { world: w, timeline: t } = lab;
  const csb = csbs(w).find((c) => c.id.startsWith('vale2'))!,
    at = (name: string) => csb.fields.find((f) => f.name === name)!.addr,
    ring = rings(w).find((r) => r.id === 'vale2{1-PTN.tx')!;
  lab.steps(900);
  told(lab, `edit 0x${at('host_need_txkick').toString(16)} 7`);
  lab.steps(700);
  for (let i = 0; i < 60; i++) {
    const able = Array.from({ length: w.m.threads }, (_, k) => k).filter((k) => w.m.wasm.runnable(w.m.block(k)));
    lab.step(able[(i * 5) % able.length]);
  }
  lab.steps(300);
  told(lab, `edit 0x${(ring.ringAddr + L.RING_SLOT + 5 * L.SLOT_SIZE + L.SLOT_FLAGS).toString(16)} 2 2`);
  lab.steps(5);
  told(lab, `edit 0x${(ring.ringAddr + L.RING_SLOT + 10 * L.SLOT_SIZE + L.SLOT_LEN).toString(16)} 99 2`);
  told(lab, `edit 0x${at('nifp_offset').toString(16)} 77`);
  told(lab, 'policy random 9');
  lab.steps(800);
  told(lab, 'policy lvt');
  t.do({ k: 'open' });
  t.do({ k: 'line', tty: 'ttyv2', text: 'echo typed' });
  t.do({ k: 'input', tty: 'ttyv2', data: '\r' });
  lab.steps(900);
  t.do({ k: 'input', tty: 'ttyv1', data: '\x03' }); // the receiver ends, its port closes
  lab.steps(1500);
}

/** The last two writers against what was seen, and the machine as it was. */
function agree(lab: Lab, seen: Map<Word, Seen[]>, list: readonly Word[], ask: (x: Word) => WordView | undefined) {
  const now = lab.world.m.steps,
    before: [string, number, number | undefined][] = [];
  for (const x of list) {
    const v = ask(x);
    if (!v) {
      expect(lab.world.m.used(x.addr), `${x.what} can be asked about`).toBe(false);
      continue;
    }
    const want = (seen.get(x) ?? [])
      .filter((s) => s.step <= now)
      .slice(-2)
      .reverse();
    expect({ what: x.what, now, writers: v.writers.map((y) => y.step) }).toEqual({ what: x.what, now, writers: want.map((y) => y.step) });
    v.writers.forEach((y, i) => {
      expect({ what: x.what, step: y.step, value: y.value }).toEqual({ what: x.what, step: want[i]!.step, value: want[i]!.value });
      if (want[i]!.was !== want[i]!.value) before.push([`${x.what} before step ${y.step}`, want[i]!.was, y.was]);
      expect(y.words.length, `${x.what} at step ${y.step}`).toBeGreaterThan(5);
    });
    expect(v.cut).toBe(false);
  }
  return before;
}
/** The values before, as told and as seen. */
const befores = (list: [string, number, number | undefined][]) => ({
  told: list.map(([what, , b]) => `${what}: ${b}`),
  seen: list.map(([what, a]) => `${what}: ${a}`),
});

describe('who wrote a word', () => {
  let lab: Lab, list: Word[], seen: Map<Word, Seen[]>, end: number;
  beforeAll(() => {
    lab = sending();
    lab.timeline.root();
    list = words(lab);
    deeds(lab);
    end = lab.world.m.steps;
    seen = brute(lab, list, end);
  });
  const ask = (x: Word) => lab.ask((w, t) => wordAt(w, t, x.addr, x.bytes), undefined);

  test('the recording is one in which every kind of word is written, in every way', () => {
    expect(end).toBeLessThan(20_000);
    const of = (text: string) => list.filter((x) => x.what.includes(text)).map((x) => seen.get(x)!.length);
    for (const text of [
      'vale2{1-PTN.tx head',
      'vale2}1.rx head',
      'host_need_txkick',
      'kring host',
      'kring guest',
      'counter +',
      'flags',
      'status of',
    ])
      expect(Math.max(...of(text)), text).toBeGreaterThan(1);
    const same = [...seen.values()].flat().filter((s) => s.was === s.value);
    expect(same.length).toBeGreaterThan(50);
  });

  test('the last two writers of ring indices, krings, slots, counters, CSB words and locks, at the end and before', {
    timeout: 60_000,
  }, () => {
    const rnd = prng(4),
      some = list.filter((x) => !x.what.startsWith('status'));
    for (const now of [end, 2700, 3300, 3700, 4300, 4900]) {
      lab.goto(now);
      const before = whole(lab);
      const b = agree(
        lab,
        seen,
        some.filter(() => rnd(now === end ? 3 : 9) === 0),
        ask,
      );
      expect(befores(b).told).toEqual(befores(b).seen);
      expect(whole(lab)).toEqual(before);
    }
  });

  test('who put a thread to sleep, and who woke it', () => {
    const all: [string, number, number | undefined][] = [];
    const status = list.filter((x) => x.what.startsWith('status'));
    for (let now = end; now > lab.timeline.rootStep; now -= 331) {
      lab.goto(now);
      all.push(...agree(lab, seen, status, ask));
    }
    expect(befores(all).told).toEqual(befores(all).seen);
  });

  test('an edit is a writer, in words; and so is the control plane', () => {
    lab.goto(end);
    const x = list.find((y) => y.what.endsWith('nifp_offset') && y.what.startsWith('vale2'))!,
      v = ask(x)!;
    expect(v.writers).toMatchObject([{ value: 77, words: expect.stringContaining('You wrote 77 to') as string }]);
    const first = sending(),
      made = first.ask((w, t) => wordAt(w, t, x.addr, 4), undefined)!;
    expect(made.writers[0]?.words).toMatch(/between two accesses/);
    expect(made.writers[0]?.value).toBe(first.world.m.ld32(x.addr));
    const r = say(lab, 'wrote vtnet1:csb.host_need_txkick');
    expect(r.ok).toBe(true);
    expect(r.text).toMatch(/^vtnet1:csb\.host_need_txkick is \d+ now\nstep \d+: (\d+ → )?\d+\. .+\nstep \d+: /);
  });

  test('a counter has writers too, though it is wider than a word', () => {
    lab.goto(4000);
    const r = rings(lab.world).find((y) => y.id === 'vale2{1-PTN.tx')!,
      x = list.find((y) => y.addr === r.hostKring + L.KR_STAT_PACKETS)!;
    const v = lab.ask((w, t) => wordAt(w, t, x.addr, undefined), undefined)!;
    const last = seen.get(x)!.findLast((s) => s.step <= 4000)!;
    expect(v.writers[0]).toMatchObject({ step: last.step, value: last.value });
  });

  test('words that nobody wrote, and places that hold nothing, are sentences', () => {
    const before = whole(lab);
    expect(say(lab, 'wrote 0x10').ok).toBe(false);
    expect(say(lab, `wrote 0x${(L.FIRST_FREE + 2).toString(16)}`).ok).toBe(false);
    expect(say(lab, `wrote 0x${L.TRACE.toString(16)}`).ok).toBe(false);
    expect(say(lab, 'wrote 0xfffffff0').ok).toBe(false);
    expect(say(lab, 'wrote').text).toMatch(/^which word\?/);
    expect(say(lab, 'wrote nosuch').ok).toBe(false);
    const quiet = list.find((x) => seen.get(x)!.length === 0 && lab.world.m.used(x.addr))!;
    expect(say(lab, `wrote 0x${quiet.addr.toString(16)}`).text).toMatch(/nobody wrote it since step \d+$/);
    expect(whole(lab)).toEqual(before);
  });
});

test('with store buffers, a store and the moment at which it reaches memory are both told', { timeout: 30_000 }, () => {
  const lab = sending(),
    { m } = lab.world;
  lab.world.toBoundaries();
  m.st32(L.MACHINE + L.M_TSO, 4);
  lab.timeline = new Timeline(lab.world, true);
  const list = words(lab).filter((x) => /head|cur|tail|csb|kick/.test(x.what) || x.what.startsWith('vale2{1-PTN '));
  const rnd = prng(3);
  for (let i = 0; i < 300; i++) {
    lab.steps(1 + rnd(6));
    const full = Array.from({ length: m.threads }, (_, k) => m.block(k)).filter((b) => m.ld32(b + L.T_SB_COUNT));
    if (full.length) lab.deed({ k: 'drain', block: full[rnd(full.length)]! });
  }
  const end = m.steps,
    seen = brute(lab, list, end);
  const late = [...seen.values()].flat().filter((s) => s.was !== s.value).length;
  expect(late).toBeGreaterThan(30);
  const now = end - 7;
  lab.goto(now);
  const before = whole(lab);
  for (const x of list) {
    const v = lab.ask((w, t) => wordAt(w, t, x.addr, 4), undefined)!;
    const want = seen
      .get(x)!
      .filter((s) => s.step <= now)
      .slice(-2)
      .reverse();
    expect({ what: x.what, writers: v.writers.map((y) => y.step) }).toEqual({ what: x.what, writers: want.map((y) => y.step) });
  }
  expect(whole(lab)).toEqual(before);
});

// ── a buffer's life ───────────────────────────────────────────────────────────────────────────────────────────────

type Class = 'kept empty' | 'submitted' | 'program' | 'sent, not told' | 'in flight' | 'nowhere';
const dist = (x: number, from: number, n: number) => (x - from + n) % n;

/** A ring's title without the name that its guest gives it, which it gets later. */
const portOf = (title: string) => title.replace(/of .* \((.*)\)$/, 'of $1');

/** Where a buffer is now, and whose: slots from hwcur to head, to tail, to hwtail, and the rest; read from memory. */
function standing(lab: Lab, region: number, buf: number): { ring: string; slot: number; class: Class } {
  const { m } = lab.world;
  for (const r of rings(lab.world)) {
    if (m.ld32(m.ld32(r.hostKring + L.KR_NA) + L.NA_MEM) !== region) continue;
    for (let slot = 0; slot < r.slots; slot++) {
      if (m.ld32(r.ringAddr + L.RING_SLOT + slot * L.SLOT_SIZE) !== buf) continue;
      const n = r.slots,
        hwcur = m.ld32(r.hostKring + L.KR_NR_HWCUR),
        at = dist(slot, hwcur, n),
        upTo = (x: number) => at < dist(x, hwcur, n);
      const where = { ring: portOf(r.title), slot };
      if (upTo(m.ld32(r.ringAddr + L.RING_HEAD))) return { ...where, class: 'submitted' };
      if (upTo(m.ld32(r.ringAddr + L.RING_TAIL))) return { ...where, class: 'program' };
      if (upTo(m.ld32(r.hostKring + L.KR_NR_HWTAIL))) return { ...where, class: 'sent, not told' };
      return { ...where, class: at === n - 1 ? 'kept empty' : 'in flight' };
    }
  }
  return { ring: '', slot: -1, class: 'nowhere' };
}
function classOf(words: string): Class {
  if (words === 'kept empty') return words;
  if (/^(submitted|released)$/.test(words)) return 'submitted';
  if (/program may/.test(words)) return 'program';
  if (/is not told/.test(words)) return 'sent, not told';
  return words === 'in no slot' ? 'nowhere' : 'in flight';
}

/** Every change of a buffer's place or class, by going through the recording step by step. */
function lived(lab: Lab, region: number, bufs: readonly number[]) {
  const { timeline: t, world: w } = lab,
    end = w.m.steps,
    out = new Map<number, { step: number; ring: string; slot: number; class: Class }[]>(bufs.map((b) => [b, []]));
  t.seek(t.rootStep);
  for (;;) {
    for (const b of bufs) {
      const list = out.get(b)!,
        last = list.at(-1),
        s = standing(lab, region, b);
      if (last?.ring !== s.ring || last.slot !== s.slot || last.class !== s.class) list.push({ step: w.m.steps, ...s });
    }
    if (w.m.steps >= end) break;
    t.advance(1);
  }
  return out;
}

describe.each(['pipe', 'vale'] as const)("a buffer's life, over a %s", (over) => {
  let lab: Lab, ring: RingRef, region: number, bufs: number[], end: number;
  beforeAll(() => {
    lab = sending(16, over);
    lab.steps(2500);
    end = lab.world.m.steps;
    const { m } = lab.world;
    ring = rings(lab.world).find((r) => r.id === (over === 'pipe' ? 'vale2{1-PTN.tx' : 'vale1:1-PTN.tx'))!;
    region = m.ld32(m.ld32(ring.hostKring + L.KR_NA) + L.NA_MEM);
    bufs = [0, 3, 9].map((i) => m.ld32(ring.ringAddr + L.RING_SLOT + i * L.SLOT_SIZE));
  });
  const life = (buf: number) => lab.ask((w, t) => lifeOf(w, t, buf, ring.id), undefined)!;

  test('every slot, ring and owner is told at its step, none is left out', () => {
    const seen = lived(lab, region, bufs);
    for (const b of bufs) {
      const before = whole(lab),
        v = life(b);
      expect(whole(lab)).toEqual(before);
      const want = [...seen.get(b)!].reverse(),
        got = v.stages.map((x) => ({ step: x.step, ring: portOf(x.ring), slot: x.slot, class: classOf(x.words) }));
      expect(want.length).toBeGreaterThan(4);
      // what is not cut is whole; what is cut is the newest part
      expect(got.length).toBe(v.cut ? 60 : want.length);
      expect(got).toEqual(want.slice(0, got.length));
    }
  });

  test('its life begins where the ring was made, and it is nowhere before', () => {
    const made = lived(lab, region, bufs);
    const early = Math.max(...bufs.map((b) => made.get(b)![1]!.step)) + 300;
    lab.goto(early);
    for (const b of bufs) {
      const v = life(b),
        want = made.get(b)!;
      expect(v.cut).toBe(false);
      expect(v.stages.at(-1)).toMatchObject({ step: 0, slot: -1, words: 'in no slot' });
      expect(v.stages.at(-2)).toMatchObject({ step: want[1]!.step, slot: want[1]!.slot });
    }
    lab.goto(end);
  });
});

test('a life that was cut says so, and one that was not begins at the root', { timeout: 30_000 }, () => {
  const lab = sending(16, 'vale');
  lab.timeline.root();
  lab.steps(60_000);
  const ring = rings(lab.world).find((r) => r.id === 'vale1:1-PTN.tx')!,
    buf = lab.world.m.ld32(ring.ringAddr + L.RING_SLOT);
  const v = lab.ask((w, t) => lifeOf(w, t, buf, ring.id), undefined)!;
  expect(v.stages.length).toBe(60);
  expect(v.cut).toBe(true);
  lab.goto(lab.timeline.rootStep + 50);
  const short = lab.ask((w, t) => lifeOf(w, t, buf, ring.id), undefined)!;
  expect(short.cut).toBe(false);
  expect(short.stages.at(-1)?.step).toBe(lab.timeline.rootStep);
  expect(say(lab, `life ${buf}`).text).toMatch(/^step \d+: /);
  expect(say(lab, 'life x').text).toBe('"x" is not a buffer\'s number');
  expect(say(lab, 'life 4000000').text).toMatch(/in no slot/);
});

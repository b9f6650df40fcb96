// One source, two builds: the same functions behind the same indices, the same constants, and the same bytes after the
// same schedule of whole iterations.

import binaryen from 'binaryen';
import { expect, test } from 'vitest';
import { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { booted, settle, type, wasmFile } from './booted.ts';
import { notState } from './explorer.ts';

function segments(name: string) {
  const m = binaryen.readBinary(wasmFile(name));
  const tables = Array.from({ length: m.getNumElementSegments() }, (_, i) => {
    const s = binaryen.getElementSegmentInfo(m.getElementSegmentByIndex(i));
    return { offset: 'offset' in s ? String(s.offset) : '', functions: s.data };
  });
  const data = [...m.emitText().matchAll(/\(data .*\)/g)].map((d) => d[0]);
  m.dispose();
  return { functions: tables.flatMap((t) => t.functions), data };
}

test('function values and constants are the same in both builds, by name', () => {
  const free = segments('free');
  const step = segments('step');
  expect(free.functions.length).toBeGreaterThanOrEqual(L.OP_COUNT);
  expect(step.functions).toEqual(free.functions);
  expect(free.data.length).toBeGreaterThan(0);
  expect(step.data).toEqual(free.data);
});

test('an op index means the same op in both builds', () => {
  const w = World.create(wasmFile('step'), { shared: false, seed: 1, slots: 16 });
  const before = Array.from({ length: L.OP_COUNT }, (_, i) => w.m.op(i));
  w.m.freeInstance(wasmFile('free'), w.m.block(0)).ops_setup();
  expect(Array.from({ length: L.OP_COUNT }, (_, i) => w.m.op(i))).toEqual(before);
  expect(new Set(before).size).toBe(L.OP_COUNT);
});

const T0 = 3_600_000_000_000;

/** Two programs about to exchange `n` checked frames over the pipe, guest to host or host to guest. */
function exchange(guestSends: boolean, port: 'pipe' | 'vale', n: number): World {
  const w = booted(16);
  const peer = port === 'pipe' ? "'vale2}1'" : 'vale1:2';
  const nic = port === 'pipe' ? 'vtnet1' : 'vtnet0';
  type(w, 'ttyv1', `pkt-gen -i ${peer} -f ${guestSends ? 'rxseq' : `txseq -n ${n} -b 5`} -w ${guestSends ? 0 : 1} &`);
  type(w, 'netmapvm', `pkt-gen -i ${nic} -f ${guestSends ? `txseq -n ${n} -b 5` : 'rxseq'} -w ${guestSends ? 1 : 0}`);
  settle(w, 1.6);
  w.toBoundaries();
  return w;
}

/** Runs whole iterations in a seeded order, by one build or the other; actions of the control plane in between. */
function schedule(w: World, free: Uint8Array<ArrayBuffer> | undefined, rounds: number, seed: number) {
  const { m } = w;
  let s = seed;
  const next = (n: number) => {
    s = (Math.imul(s, 1103515245) + 12345) >>> 0;
    return (s >>> 9) % n;
  };
  const whole = (t: number) => {
    m.wasm.step_thread(t, 1_000_000, 0xffffffffffffffffn);
    if (!m.wasm.to_boundary(t)) throw new Error('blocked at a whole iteration');
  };
  for (let i = 0; i < rounds; i++) {
    while (w.act());
    for (let k = 0; k < m.threads; k++) m.st64(m.block(k) + L.T_VTIME, T0);
    const ready = Array.from({ length: m.threads }, (_, k) => m.block(k)).filter(
      (t) => m.status(t) === L.TS_READY && m.ld32(t + L.T_KIND) !== L.TK_INTR,
    );
    if (!ready.length) return i;
    const t = ready[next(ready.length)] as number;
    if (free) m.freeInstance(free, t).run_free(t, 1);
    else {
      const intr = m.ld32(t + L.T_PEER);
      if (intr && m.status(intr) === L.TS_READY) whole(intr); // the free build takes interrupts where its iteration begins
      m.st64(t + L.T_VTIME, T0);
      if (m.status(t) === L.TS_READY) whole(t);
    }
  }
  return rounds;
}

function bytes(w: World): Map<number, Uint8Array> {
  const { m } = w;
  const pages = new Map(m.statePages().map((p) => [p, m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)]));
  const blank = (from: number, to: number) => {
    for (let a = from; a < to; a++) {
      const page = pages.get(Math.floor(a / L.PAGE));
      if (page) page[a % L.PAGE] = 0;
    }
  };
  for (const [from, to] of notState(w)) blank(from, to);
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    blank(t + L.T_STACK, t + L.THREAD_SIZE); // the step build's own
    if (m.ld32(t + L.T_KIND) === L.TK_INTR) blank(t, t + L.THREAD_SIZE); // a context that only the step build has
  }
  return pages;
}

for (const guestSends of [true, false])
  for (const port of ['pipe', 'vale'] as const)
    test(`${guestSends ? 'guest to host' : 'host to guest'} through the ${port}: whole iterations leave the same bytes`, {
      timeout: 60_000,
    }, () => {
      const a = exchange(guestSends, port, port === 'pipe' ? 400 : 12);
      const b = exchange(guestSends, port, port === 'pipe' ? 400 : 12);
      for (let round = 0; round < 20; round++) {
        const n = schedule(a, undefined, 60, round + 1);
        expect(schedule(b, wasmFile('free'), 60, round + 1)).toBe(n);
        const [x, y] = [bytes(a), bytes(b)];
        expect([...y.keys()]).toEqual([...x.keys()]);
        const differ = [...x].flatMap(([p, page]) => [...page].flatMap((v, o) => (v !== y.get(p)?.[o] ? [p * L.PAGE + o] : [])));
        expect(
          [...differ].map((d) => `0x${d.toString(16)}`),
          `after ${round} rounds`,
        ).toEqual([]);
      }
      const digest = (w: World) =>
        w.tree.host.threads.map((t) => [w.m.big64(t.targ + L.TARG_DIGEST), w.m.ld64(t.targ + L.TARG_COUNT)].join());
      expect(digest(b)).toEqual(digest(a));
      const moved = a.tree.host.threads[0] ? a.m.ld64(a.tree.host.threads[0].targ + L.TARG_COUNT) : 1;
      expect(moved).toBeGreaterThan(0);
      expect(a.m.ld32(L.MACHINE + L.M_VIOLATIONS)).toBe(0);
    });

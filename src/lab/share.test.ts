// Links and files: round trips, damage, hostility, versions; and replay against the machine.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as L from '../../wasm/layout.ts';
import { wasmFile } from '../../test/booted.ts';
import { prng } from '../../test/sending.ts';
import { MAX_INFLATED, fromFile, fromFragment, play, record, sealed, toFile, toFragment } from './share.ts';
import {
  MAX_ENTRIES,
  MAX_TEXT,
  VERSION,
  type Recording,
  type RecordingOptions,
  isBad,
  jsonBytes,
  readRecording,
  upgrade,
} from './share_schema.ts';
import { type Entry, Timeline } from './timeline.ts';
import { World } from './world.ts';

const step = wasmFile('step');
const makeWorld = (o: RecordingOptions) => World.create(step, { shared: false, ...o });
const plain = (entries: Entry[] = [], at = 0): Recording => ({
  v: VERSION,
  app: 'ringside',
  options: { seed: 1, slots: 16 },
  entries,
  step: at,
});
const sentence = /^[A-Z].*[.)]$/s;
const said = (x: object) => (isBad(x) ? x.error : 'no error');

const block = fc.integer({ min: 0, max: L.THREAD_MAX - 1 }).map((i) => L.THREADS + i * L.THREAD_SIZE);
const tty = fc.constantFrom('ttyv0', 'ttyv1', 'ttyv12');
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const deed = fc.oneof(
  fc.record({ k: fc.constant('input' as const), tty, data: anyText }),
  fc.record({ k: fc.constant('line' as const), tty, text: anyText }),
  fc.record({ k: fc.constant('open' as const) }),
  fc.record({ k: fc.constant('resize' as const), tty, cols: fc.integer({ min: 1, max: 1000 }), rows: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({ k: fc.constant('thread' as const), block }),
  fc.record({ k: fc.constant('drain' as const), block, nth: fc.integer({ min: 0, max: L.SB_MAX - 1 }) }, { requiredKeys: ['k', 'block'] }),
  fc.record({ k: fc.constant('handover' as const), block, n: fc.integer({ min: 0, max: 100 }) }),
  fc.record({
    k: fc.constant('edit' as const),
    addr: fc.integer({ min: L.FIRST_FREE, max: 0x7fffffff }),
    bytes: fc.constantFrom(2 as const, 4 as const),
    value: u32,
  }),
  fc.record({ k: fc.constant('policy' as const), policy: fc.integer({ min: 0, max: 3 }), seed: u32 }),
  fc.record({ k: fc.constant('clock' as const), ns: fc.maxSafeNat() }),
);
const recording: fc.Arbitrary<Recording> = fc
  .record(
    {
      seed: u32,
      slots: fc.constantFrom(4, 16, 1024),
      deeds: fc.array(fc.tuple(fc.nat(1000), deed), { maxLength: 40 }),
      step: fc.maxSafeNat(),
      layout: fc.jsonValue({ maxDepth: 4 }),
      name: anyText,
    },
    { requiredKeys: ['seed', 'slots', 'deeds', 'step'] },
  )
  .map(({ seed, slots, deeds, ...rest }) => {
    let at = -1;
    const entries = deeds.map(([gap, d]) => {
      at += gap + 1;
      return { at, ...d } as Entry;
    });
    return { v: VERSION, app: 'ringside', options: { seed, slots }, entries, ...rest } as Recording;
  })
  .filter((r) => !JSON.stringify(r.layout ?? 0).includes('__proto__'));

/** Seeded random numbers below n. */
async function deflated(text: string): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer());
}

describe('round trips', () => {
  test('a recording is the same after a link and after a file', async () => {
    await fc.assert(
      fc.asyncProperty(recording, async (r) => {
        const plainR = JSON.parse(JSON.stringify(r));
        expect(readRecording(plainR)).toEqual(plainR);
        expect(fromFile(toFile(r))).toEqual(plainR);
        const f = await toFragment(r);
        expect(f).toMatch(/^r2\.[\w.-]+$/);
        expect(await fromFragment(`#${f}`)).toEqual(plainR);
      }),
      { numRuns: 300 },
    );
  });

  test('what a text weighs is what JSON writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        expect(jsonBytes(s)).toBe(new TextEncoder().encode(JSON.stringify(s)).length);
      }),
    );
    expect(jsonBytes('\ud800 \udc00')).toBe(JSON.stringify('\ud800 \udc00').length);
  });

  test('the largest recording fits in a link; a thousand choices are a short one', async () => {
    const big = plain(Array.from({ length: MAX_ENTRIES }, (_, i) => ({ at: i * 1e10, k: 'thread', block: L.THREADS + (i % 64) * 4096 })));
    for (let i = 0; i < 60; i++) big.entries[i] = { at: i, k: 'input', tty: 'ttyv0', data: '\x1b'.repeat(MAX_TEXT / 6 - 1) };
    expect(isBad(readRecording(big))).toBe(false);
    expect(isBad(await fromFragment(await toFragment(big)))).toBe(false);
    expect(isBad(fromFile(toFile(big)))).toBe(false);
    const rnd = prng(7);
    const choices = plain(Array.from({ length: 1000 }, (_, i) => ({ at: 51_234 + i, k: 'thread', block: L.THREADS + rnd(3) * 4096 })));
    expect((await toFragment(choices)).length).toBeLessThan(1500);
  });
});

describe('damage', () => {
  test('is pointed at, and the set-up survives when it can', async () => {
    const r = plain(Array.from({ length: 300 }, (_, i) => ({ at: i * 37, k: 'line', tty: 'ttyv0', text: `echo ${(i * 7919) % 1009}` })));
    const f = await toFragment(r);
    expect(f.length).toBeGreaterThan(600);
    const flip = (i: number) => f.slice(0, i) + (f[i] === 'A' ? 'B' : 'A') + f.slice(i + 1);
    const late = await fromFragment(flip(500));
    expect(late).toMatchObject({ options: { seed: 1, slots: 16 } });
    const at = /^This link is damaged after its (\d+)(?:st|nd|rd|th) character\. The scenario could be read, the moment could not\.$/.exec(
      said(late),
    );
    expect(Number(at?.[1])).toBeLessThanOrEqual(500);
    expect(Number(at?.[1])).toBeGreaterThan(500 - 131);
    const counted = Number(/(\d+)/.exec(said(await fromFragment(`#${flip(500)}`, 22)))?.[1]);
    expect(counted).toBe(Number(at?.[1]) + 23);
    expect(said(await fromFragment(f.slice(0, 400)))).toMatch(/^This link is damaged after its \d+(st|nd|rd|th) character\. The scenario/);
    expect(said(await fromFragment(flip(3)))).toBe('This link is damaged after its 3rd character. Nothing of it could be read.');
    for (let i = 0; i < f.length; i++) expect(isBad(await fromFragment(flip(i))), `character ${i}`).toBe(true);
  });

  test('other links, newer links, bombs', async () => {
    expect(said(await fromFragment(''))).toBe('This link names no moment of this lab.');
    expect(said(await fromFragment('#/about'))).toBe('This link names no moment of this lab.');
    expect(said(await fromFragment('r3.whatever'))).toMatch(/^This link was made by version [34] of the lab; this is version 2\.$/);
    const newer = sealed({ seed: 1, slots: 16 }, await deflated('{"v":3,"app":"ringside"}'));
    expect(said(await fromFragment(newer))).toMatch(/^This link was made by version [34] of the lab; this is version 2\.$/);
    const bomb = sealed({ seed: 1, slots: 16 }, await deflated(' '.repeat(MAX_INFLATED * 8)));
    const before = process.memoryUsage().arrayBuffers;
    expect(said(await fromFragment(bomb))).toMatch(/^This link unfolds to more than 8 MiB\./);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6 * MAX_INFLATED);
    expect(said(fromFile('x'.repeat(20e6)))).toMatch(/too large/);
    expect(said(fromFile('[1'))).toBe('This file is not a recording, or it is damaged: it is not JSON.');
    expect(said(fromFile('[1]'))).toBe('This file is not a recording of this lab.');
    expect(said(fromFile(toFile(plain()).replace('"v":2', '"v":7')))).toBe(
      'This file was made by version 7 of the lab; this is version 2.',
    );
  });

  test('100,000 damaged or hostile links and files: a sentence or a recording', { timeout: 120_000 }, async () => {
    const rnd = prng(2026);
    const seeds = fc.sample(recording, { numRuns: 30, seed: 5 });
    const links = await Promise.all(seeds.map(toFragment)),
      files = seeds.map(toFile);
    const CHARS = '{}[]",:-_.0123456789AZaz\\u e\u0000\ud83d';
    const damaged = (s: string) => {
      let t = s;
      for (let n = 1 + rnd(3); n; n--) {
        const i = rnd(t.length + 1),
          c = CHARS[rnd(CHARS.length)] as string;
        const what = rnd(6);
        if (what === 0) t = t.slice(0, i) + t.slice(i + 1 + rnd(8));
        else if (what === 1) t = t.slice(0, i) + c + t.slice(i);
        else if (what === 2) t = t.slice(0, i);
        else if (what === 3) t = t.slice(0, i) + t.slice(i, i + rnd(40)) + t.slice(i);
        else t = t.slice(0, i) + c + t.slice(i + 1);
      }
      return t;
    };
    const values: unknown[] = [
      null,
      -1,
      0.5,
      1e300,
      '',
      'x',
      true,
      [],
      {},
      JSON.parse('{"__proto__":{"polluted":1}}'),
      2 ** 53,
      '__proto__',
      'constructor',
    ];
    /** One value somewhere inside is another. */
    const twisted = (text: string) => {
      const j = JSON.parse(text);
      let at = j;
      for (let depth = rnd(4); ; depth--) {
        const keys = Object.keys(at),
          k = keys[rnd(keys.length)];
        if (k === undefined) break;
        if (depth > 0 && typeof at[k] === 'object' && at[k] !== null && Object.keys(at[k]).length) at = at[k];
        else {
          if (rnd(4) === 0) delete at[k];
          else at[rnd(8) === 0 ? 'constructor' : k] = values[rnd(values.length)];
          break;
        }
      }
      return JSON.stringify(j);
    };
    const began = process.cpuUsage(); // not by the wall: others may be using this machine
    let good = 0;
    const see = (x: object) => {
      if (!isBad(x)) good++;
      else if (!sentence.test(x.error)) expect.fail(x.error);
    };
    const one = async (i: number) => {
      const s = i % seeds.length,
        kind = i % 20;
      if (kind < 8) see(await fromFragment(damaged(links[s] as string)));
      else if (kind < 13) see(fromFile(damaged(files[s] as string)));
      else if (kind < 18) see(fromFile(twisted(files[s] as string)));
      else if (kind === 18) see(await fromFragment(sealed({ seed: 1, slots: 16 }, await deflated(twisted(files[s] as string)))));
      else {
        const bytes = await deflated(files[s] as string);
        for (let n = 1 + rnd(3); n; n--) bytes[rnd(bytes.length)] = rnd(256);
        see(await fromFragment(sealed({ seed: rnd(2 ** 32), slots: rnd(2000) }, bytes)));
      }
    };
    for (let i = 0; i < 100_000; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => one(i + k)));
    const used = process.cpuUsage(began);
    expect((used.user + used.system) / 1000).toBeLessThan(20_000);
    expect(good).toBeGreaterThan(1000);
    expect(({} as Record<string, unknown>).polluted).toBe(undefined);
  });
});

describe('the reader', () => {
  const bad = (change: (r: Record<string, unknown>) => void) => {
    const r = JSON.parse(toFile(plain([{ at: 3, k: 'input', tty: 'ttyv0', data: 'x' }], 9)));
    change(r);
    return said(readRecording(r));
  };
  test('says what is wrong', () => {
    expect(bad(() => {})).toBe('no error');
    expect(bad((r) => (r.options = { seed: 1, slots: 1 }))).toMatch(/slots are not a whole number from 2 to 1,024/);
    expect(bad((r) => (r.extra = 1))).toMatch(/a part that this lab does not know: "extra"/);
    expect(bad((r) => (r.entries = [{ at: 0, k: 'reboot' }]))).toMatch(/Entry 1 is of a kind that this lab does not know: "reboot"\./);
    expect(bad((r) => (r.entries = [{ at: 0, k: 'toString' }]))).toMatch(/a kind that this lab does not know/);
    expect(
      bad(
        (r) =>
          (r.entries = [
            { at: 5, k: 'open' },
            { at: 5, k: 'open' },
          ]),
      ),
    ).toMatch(/Entry 2 is out of order/);
    expect(bad((r) => (r.entries = [{ at: 0, k: 'thread', block: L.THREADS + 4 }]))).toMatch(/its block is not the block of a thread/);
    expect(bad((r) => (r.entries = [{ at: 0, k: 'input', tty: 'ttyv0', data: 'x'.repeat(MAX_TEXT + 1) }]))).toMatch(/more than 64 KiB/);
    expect(bad((r) => (r.entries = Array.from({ length: MAX_ENTRIES + 1 }, (_, i) => ({ at: i, k: 'open' }))))).toMatch(
      /more than 100,000/,
    );
    expect(bad((r) => (r.entries = Array.from({ length: 300 }, (_, i) => ({ at: i, k: 'open' }))))).toMatch(/more than 256 terminals/);
    const text = 'x'.repeat(MAX_TEXT);
    expect(bad((r) => (r.entries = Array.from({ length: 70 }, (_, at) => ({ at, k: 'line', tty: 't', text }))))).toMatch(/more than 4 MiB/);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(bad((r) => (r.layout = deep))).toMatch(/nested/);
    expect(bad((r) => (r.layout = () => 1))).toMatch(/plain data/);
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(said(readRecording(trap))).toMatch(sentence);
  });

  test('older versions go through every upgrade, newer ones through none', () => {
    const steps = { 1: (o: object) => ({ ...o, a: 1 }), 2: (o: object) => ({ ...o, b: 2 }) };
    expect(upgrade({ v: 1, x: 0 }, steps, 3)).toEqual({ v: 3, x: 0, a: 1, b: 2 });
    expect(upgrade({ v: 2 }, steps, 3)).toEqual({ v: 3, b: 2 });
    expect(upgrade({ v: 4 }, steps, 3)).toEqual({ error: 'newer' });
    expect(said(upgrade({ v: 1 }, {}, 3))).toMatch(sentence);
    expect(said(upgrade({ v: 'x' }, steps, 3))).toMatch(sentence);
  });
});

describe('replay', () => {
  test('comes to the same bytes, and goes back', () => {
    const w = makeWorld({ seed: 3, slots: 16 }),
      t = new Timeline(w);
    t.advance(100);
    for (const data of ['echo one\r', 'ls /\r', '\x1b[A\r']) {
      t.do({ k: 'input', tty: 'ttyv0', data });
      t.advance(100);
    }
    t.do({ k: 'open' });
    t.advance(100);
    t.do({ k: 'line', tty: 'ttyv1', text: 'echo two' });
    t.seek(w.m.steps - 2);
    const r = record(w, t, { seed: 3, slots: 16 }, { name: 'three', layout: { panel: 'ring' } });
    if (isBad(r)) throw new Error(r.error);
    const got = play(r, makeWorld);
    if (isBad(got)) throw new Error(got.error);
    expect(got.world.m.steps).toBe(w.m.steps);
    expect(JSON.stringify(got.world.tree)).toBe(JSON.stringify(w.tree));
    expect(got.world.m.statePages()).toEqual(w.m.statePages());
    for (const p of w.m.statePages()) {
      const at = [p * L.PAGE, (p + 1) * L.PAGE] as const;
      expect(Buffer.compare(got.world.m.u8.subarray(...at), w.m.u8.subarray(...at)), `page ${p}`).toBe(0);
    }
    got.timeline.seek(0);
    expect(got.world.tree.host.os.ttys.map((x) => x.out)).toEqual(['']);
    // what was undone goes with the recording
    got.timeline.seek(w.m.steps + 2);
    expect(got.world.tree.host.os.ttys[1]?.out).toMatch(/echo two/);
  });

  test('what the machine does not have is a sentence', () => {
    const followed = (...entries: Entry[]) => said(play(plain(entries, 5), makeWorld));
    expect(followed({ at: 0, k: 'input', tty: 'ttyv9', data: 'x' })).toBe(
      'This recording cannot be followed beyond step 0: it uses a terminal that is not there ("ttyv9").',
    );
    expect(followed({ at: 0, k: 'thread', block: L.THREADS })).toMatch(/a thread that is not there \(block 16,384\)/);
    expect(followed({ at: 0, k: 'drain', block: 0x7ffffff0 } as Entry)).toMatch(/a thread that is not there/);
    expect(followed({ at: 0, k: 'edit', addr: 0x10000000, bytes: 4, value: 1 })).toMatch(/memory that is not in use \(0x10000000\)/);
    expect(followed({ at: 0, k: 'handover', block: L.THREADS, n: 1 })).toMatch(sentence);
    expect(said(play(plain([], 2 ** 50), makeWorld))).toMatch(/nothing can happen there any more/);
    expect(said(play(plain([], 5), makeWorld, () => false))).toMatch(/it was stopped/);
    expect(
      said(
        play(plain([], 5), () => {
          throw new Error('no memory');
        }),
      ),
    ).toBe('This recording cannot be followed: the machine stopped (no memory).');
  });

  test('what ran freely cannot be shared', () => {
    const w = makeWorld({ seed: 1, slots: 16 }),
      t = new Timeline(w);
    t.do({ k: 'input', tty: 'ttyv0', data: 'x' });
    t.root();
    expect(said(record(w, t, { seed: 1, slots: 16 }))).toMatch(/^This moment cannot be shared as a link: what ran freely/);
  });
});

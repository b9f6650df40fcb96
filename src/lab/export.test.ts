// Exports of a recorded stretch with traffic: the trace is one that Perfetto reads, the dump one that GTKWave reads.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wasmFile } from '../../test/booted.ts';
import { type Trace, chromeTrace, collect, plainText, transcript } from './export_trace.ts';
import { vcd } from './export_vcd.ts';
import { fromFile, play } from './share.ts';
import { isBad } from './share_schema.ts';
import { World } from './world.ts';

interface Chrome {
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  name: string;
  id?: number;
  dur?: number;
  args?: Record<string, unknown>;
}
const step = wasmFile('step');
const ns = (us: number) => Math.round(us * 1000);

function played(name: string) {
  const r = fromFile(readFileSync(new URL(`../../test/recordings/${name}.json`, import.meta.url), 'utf8'));
  if (isBad(r)) throw new Error(r.error);
  const p = play(r, (o) => World.create(step, { shared: false, ...o }));
  if (isBad(p)) throw new Error(p.error);
  return { ...p, r };
}

function stretch(name: string, from: number, n: number) {
  const p = played(name);
  p.timeline.seek(from);
  return { ...p, trace: collect(p.world, n, () => p.timeline.advance(1)) };
}
const eventsOf = (t: Trace) => (JSON.parse(chromeTrace(t)) as { traceEvents: Chrome[] }).traceEvents;

/** What every reader of the format relies on, and is not so here. */
function wrong(events: Chrome[]): string[] {
  const last = new Map<string, number>(),
    open = new Map<string, string[]>(),
    free = new Map<string, number>(),
    starts = new Map<number, Chrome>(),
    ends = new Map<number, Chrome>(),
    out: string[] = [];
  const must = (good: boolean, e: Chrome, what: string) => {
    if (!good) out.push(`${what}: ${JSON.stringify(e)}`);
  };
  for (const e of events) {
    const lane = `${e.pid}/${e.tid}`;
    must(Number.isFinite(e.ts) && e.ts >= 0, e, 'no time');
    if (e.ph === 'M') continue;
    must(e.ts >= (last.get(lane) ?? 0), e, 'goes back in time');
    last.set(lane, e.ts);
    const stack = open.get(lane) ?? [];
    open.set(lane, stack);
    if (e.ph === 'B') stack.push(e.name);
    if (e.ph === 'E') must(stack.pop() === e.name, e, 'ends what did not begin');
    if (e.ph === 'X') {
      must((e.dur ?? -1) >= 0, e, 'no duration');
      must(!e.dur || stack.length === 0, e, 'runs asleep');
      must(ns(e.ts) >= (free.get(lane) ?? 0), e, 'overlaps');
      free.set(lane, ns(e.ts) + ns(e.dur ?? 0));
    }
    if (e.ph === 's') {
      starts.set(e.id ?? -1, e);
      must(ns(e.ts) <= (free.get(lane) ?? -1), e, 'an arrow from nowhere');
    }
    if (e.ph === 'f') ends.set(e.id ?? -1, e);
  }
  for (const [lane, stack] of open) if (stack.length) out.push(`asleep for ever in ${lane}`);
  for (const [id, s] of starts) must((ends.get(id)?.ts ?? -1) >= s.ts, s, 'arrives nowhere');
  for (const [id, f] of ends) must(starts.has(id), f, 'starts nowhere');
  return out;
}

describe('Chrome trace', () => {
  const full = stretch('choices', 0, 5000);

  test('of traffic is valid and shows kicks, interrupts, exits, sleeps, wakeups and indices', () => {
    const events = eventsOf(full.trace);
    expect(wrong(events)).toEqual([]);
    const names = events.filter((e) => e.name === 'thread_name').map((e) => e.args?.name);
    expect(names).toEqual(expect.arrayContaining(['vCPU 0']));
    expect(names.some((x) => String(x).startsWith('nm-kthread-1'))).toBe(true);
    expect(names.some((x) => String(x).startsWith('pkt-gen'))).toBe(true);
    const kinds = new Set(full.trace.events.map((e) => e.kind));
    expect([...kinds].sort()).toEqual(['exit', 'index', 'irq', 'kick', 'run', 'sleep', 'wake']);
    expect(events.some((e) => e.ph === 's' && e.name === 'kick')).toBe(true);
    expect(events.some((e) => e.ph === 's' && e.name === 'interrupt')).toBe(true);
    expect(events.some((e) => e.ph === 's' && e.name === 'wakeup')).toBe(true);
    expect(events.some((e) => e.ph === 'B' && e.name === 'asleep on nmk_event')).toBe(true);
    expect(events.some((e) => e.ph === 'C' && /^vale1:1\S*\.tx csb\.head$/.test(e.name))).toBe(true);
  });

  test('every kick goes from the vCPU to a worker, as often as the machine counted', () => {
    const name = new Map(full.trace.threads.map((t) => [t.id, t.name]));
    const kicks = full.trace.events.filter((e) => e.kind === 'kick');
    expect(kicks.length).toBeGreaterThan(0);
    for (const k of kicks) {
      expect(name.get(k.thread)).toBe('vCPU 0');
      if (k.to !== undefined) expect(name.get(k.to)).toMatch(/^nm-kthread-/);
    }
  });

  test('any stretch of it is valid too', () => {
    const p = played('choices');
    for (let from = 0; from < p.r.step; from += 977) {
      p.timeline.seek(from);
      expect(wrong(eventsOf(collect(p.world, 300, () => p.timeline.advance(1)))), `from ${from}`).toEqual([]);
      expect(p.world.m.steps).toBe(from + 300);
    }
    expect(wrong(eventsOf({ threads: [], events: [] }))).toEqual([]);
  });

  test('collecting changes nothing', () => {
    const p = played('choices');
    p.timeline.seek(p.r.step);
    const tree = JSON.stringify(p.world.tree),
      clock = p.world.m.clock;
    p.timeline.seek(1000);
    collect(p.world, p.r.step - 1000, () => p.timeline.advance(1));
    expect(p.world.m.steps).toBe(p.r.step);
    expect(p.world.m.clock).toBe(clock);
    expect(JSON.stringify(p.world.tree)).toBe(tree);
  });

  test('the dump of the same stretch has the indices', () => {
    const values = full.trace.events.flatMap((e) => (e.kind === 'index' ? [{ ns: e.ns, name: e.name, value: e.value ?? 0 }] : []));
    const text = vcd(values);
    expect(text.slice(0, 2000)).toMatch(/\$scope module vale1_1_PTN_tx \$end\n\$var wire 32 \S+ head \$end/);
    expect(text).toMatch(/\$var wire 32 \S+ csb_hwtail \$end/);
  });
});

describe('VCD', () => {
  test('small, by eye', () => {
    expect(
      vcd([
        { ns: 20, name: 'p head', value: 2 },
        { ns: 10, name: 'p head', value: 1 },
        { ns: 20, name: 'p head', value: 3 },
        { ns: 30, name: 'p head', value: 3 },
        { ns: 30, name: 'p tail', value: -1 },
      ]),
    ).toBe(
      [
        '$version Ringside $end',
        '$timescale 1ns $end',
        '$scope module ringside $end',
        '$scope module p $end',
        '$var wire 32 ! head $end',
        '$var wire 32 " tail $end',
        '$upscope $end',
        '$upscope $end',
        '$enddefinitions $end',
        '#10',
        '$dumpvars',
        'bx "',
        'b1 !',
        '$end',
        '#20',
        'b11 !',
        '#30',
        `b${'1'.repeat(32)} "`,
        '',
      ].join('\n'),
    );
  });

  test('any values: unique identifiers, rising times, no value twice', () => {
    const value = fc.record({ ns: fc.nat(50), name: fc.string({ unit: 'binary', maxLength: 3 }), value: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 120 }), (values) => {
        const text = vcd(values),
          [head = '', body = ''] = text.split('$enddefinitions $end\n');
        const vars = [...head.matchAll(/^\$var wire 32 (\S+) ([A-Za-z_$][\w$]*) \$end$/gm)];
        expect(vars.length).toBe(new Set(values.map((v) => v.name)).size);
        expect(new Set(vars.map((v) => v[1])).size).toBe(vars.length);
        expect(head.match(/\$scope/g)?.length).toBe(head.match(/\$upscope/g)?.length);
        let at = -1;
        const now = new Map<string, string>();
        for (const line of body.trim().split('\n').filter(Boolean)) {
          if (line.startsWith('#')) {
            expect(Number(line.slice(1))).toBeGreaterThan(at);
            at = Number(line.slice(1));
          } else if (!line.startsWith('$')) {
            const [v = '', c = ''] = line.split(' ');
            expect(v).toMatch(/^b(x|[01]{1,32})$/);
            expect(now.get(c)).not.toBe(v);
            now.set(c, v);
          }
        }
        // at the end, each has its last value
        const last = new Map<string, number>();
        for (const v of [...values].sort((a, b) => a.ns - b.ns)) last.set(v.name, v.value);
        expect([...now.values()].sort()).toEqual([...last.values()].map((v) => `b${v.toString(2)}`).sort());
      }),
    );
  });

  test('hundreds of variables', () => {
    const text = vcd(Array.from({ length: 20_000 }, (_, i) => ({ ns: i, name: `ring ${i}`, value: i })));
    const codes = [...text.matchAll(/^\$var wire 32 (\S+) /gm)].map((m) => m[1]);
    expect(new Set(codes).size).toBe(20_000);
  });
});

describe('transcript', () => {
  test('of two terminals: what was typed and what came, without escapes', () => {
    const { world } = played('choices');
    const text = transcript(world);
    expect(text).toMatch(/^── ttyv0, the console of netmapvm ──$/m);
    expect(text).toMatch(/^── ttyv1 ──$/m);
    // typed over more than one row, one line here
    expect(text).toMatch(/^root@host:~ # bhyve -s 0,hostbridge .* -m 2G netmapvm$/m);
    expect(text).toMatch(/^root@host:~ # pkt-gen -i 'vale1:2' -f rx$/m);
    expect([...text].every((c) => c === '\n' || c >= ' ')).toBe(true);
  });

  test('editing is done, sequences are gone', () => {
    expect(plainText('abc\b\b\x1b[JX\r\nnext\x1b[31m red\x1b[0m\x1b]0;title\x07!', 80)).toBe('aX\nnext red!\n');
    expect(plainText('x'.repeat(25), 10)).toBe(`${'x'.repeat(25)}\n`);
    expect(plainText(`${'x'.repeat(12)}\x1b[A\r\x1b[Jnew`, 10)).toBe('new\n');
    expect(plainText('old\r\n\x1b[H\x1b[2Jnew', 80)).toBe('old\nnew\n');
    expect(plainText('cut \x1b[3', 80)).toBe('cut\n');
    expect(plainText('日本\b\b語', 80)).toBe('日語\n');
  });

  test('any bytes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('\x1b[', '\x1b[999A', '\x1b[9C', '\x1b[K', '\x1b[2J', '\x1b]', '\b', '\r', '\n', '\t', '語', '\u0301'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (pieces, cols) => {
        const text = plainText(pieces.join(''), cols);
        expect([...text].every((c) => c === '\n' || (c >= ' ' && c !== '\x7f'))).toBe(true);
        expect(text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

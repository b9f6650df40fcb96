// Saved recordings: each must load and come to the moment that was seen when it was saved. Files of older versions stay
// here as they were, and are so the test of upgrading. When the machine itself has changed on purpose, old links lead to
// other moments: RECORD=1 writes the hashes anew, and makes recordings that are missing (then format them).

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BHYVE, BHYVELOAD } from '../../src/lab/boot_lines.ts';
import { sampleRing } from '../../src/lab/sample.ts';
import { fromFile, fromFragment, play, record, toFile, toFragment } from '../../src/lab/share.ts';
import { type RecordingOptions, isBad } from '../../src/lab/share_schema.ts';
import { Timeline } from '../../src/lab/timeline.ts';
import { csbs, rings, threads } from '../../src/lab/view.ts';
import { World } from '../../src/lab/world.ts';
import { wasmFile } from '../booted.ts';

const here = (name: string) => new URL(name, import.meta.url);
const step = wasmFile('step');
const makeWorld = (o: RecordingOptions) => World.create(step, { shared: false, ...o });

/** What can be seen of a moment; not the bytes, which another build of the same machine may lay out differently. */
function seen(w: World): string {
  const h = createHash('sha256');
  const put = (x: unknown) => h.update(`${JSON.stringify(x)}\n`);
  put([w.m.steps, w.m.clock]);
  put(w.tree.host.os.ttys.map((t) => [t.id, t.out]));
  put(threads(w, false).map((t) => [t.state, t.wmesg, t.vtimeNs, t.next?.kind, t.next?.fn]));
  put(csbs(w).map((c) => c.fields.map((f) => [f.name, f.value])));
  put(rings(w).map((r) => ({ ...sampleRing(w.m.u32, r, 0), id: r.id })));
  return h.digest('hex').slice(0, 16);
}

const hashes = (): Record<string, string> => {
  const f = here('hashes.txt');
  if (!existsSync(f)) return {};
  return Object.fromEntries(
    readFileSync(f, 'utf8')
      .trim()
      .split('\n')
      .map((l) => l.split(' ') as [string, string]),
  );
};

if (process.env.RECORD) {
  const save = (name: string, slots: number, act: (w: World, t: Timeline, line: (tty: string, text: string) => void) => void) => {
    if (existsSync(here(`${name}.json`))) {
      const old = fromFile(readFileSync(here(`${name}.json`), 'utf8')),
        p = isBad(old) ? old : play(old, makeWorld);
      if (isBad(p)) throw new Error(p.error);
      return `${name} ${seen(p.world)}\n`;
    }
    const options = { seed: 1, slots },
      w = makeWorld(options),
      t = new Timeline(w);
    settle(w, t);
    act(w, t, (tty, text) => {
      t.do({ k: 'line', tty, text });
      t.do({ k: 'input', tty, data: '\r' });
      settle(w, t);
    });
    const r = record(w, t, options, { name });
    if (isBad(r)) throw new Error(r.error);
    writeFileSync(here(`${name}.json`), toFile(r));
    return `${name} ${seen(w)}\n`;
  };
  const settle = (w: World, t: Timeline) => t.advance(200_000, w.m.clock + 5e9);
  const boot = (line: (tty: string, text: string) => void) => {
    line('ttyv0', BHYVELOAD);
    line('ttyv0', BHYVE);
  };
  let out = save('boot', 16, (_w, _t, line) => boot(line));
  out += save('choices', 16, (w, t, line) => {
    boot(line);
    t.do({ k: 'open' });
    settle(w, t);
    t.do({ k: 'line', tty: 'ttyv1', text: "pkt-gen -i 'vale1:2' -f rx" });
    t.do({ k: 'input', tty: 'ttyv1', data: '\r' });
    t.advance(2000);
    t.do({ k: 'line', tty: 'ttyv0', text: 'pkt-gen -i vtnet0 -f tx -n 200 -w 0' });
    t.do({ k: 'input', tty: 'ttyv0', data: '\r' });
    t.advance(3000);
    t.do({ k: 'policy', policy: 0, seed: 5 });
    for (let i = 0; i < 400; i++) {
      const able = Array.from({ length: w.m.threads }, (_, n) => w.m.block(n)).filter((b) => w.m.wasm.runnable(b));
      const b = able[(i * 7) % Math.max(1, able.length)];
      if (b === undefined) t.advance(1);
      else t.do({ k: 'thread', block: b });
    }
  });
  out += save('terminals', 64, (w, t, line) => {
    t.do({ k: 'open' });
    settle(w, t);
    t.do({ k: 'resize', tty: 'ttyv1', cols: 60, rows: 20 });
    line('ttyv1', "pkt-gen -i 'vale5:1' -f rx");
    t.do({ k: 'line', tty: 'ttyv0', text: "pkt-gen -i 'vale5:2' -f tx -n 1000" });
    t.do({ k: 'input', tty: 'ttyv0', data: '\r' });
    t.advance(5000);
    t.do({ k: 'input', tty: 'ttyv1', data: '\x03' });
    t.advance(2000);
  });
  for (const f of readdirSync(here('.')).sort()) {
    const name = f.slice(0, -5);
    if (f.endsWith('.json') && !out.includes(`${name} `)) out += save(name, 16, () => {});
  }
  writeFileSync(here('hashes.txt'), out);
}

const names = readdirSync(here('.'))
  .filter((f) => f.endsWith('.json'))
  .map((f) => f.slice(0, -5));

test('every saved recording has its hash', () => {
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(Object.keys(hashes()).sort()).toEqual([...names].sort());
});

test.each(names)('%s loads and comes to its moment, from the file and from a link', async (name) => {
  const r = fromFile(readFileSync(here(`${name}.json`), 'utf8'));
  if (isBad(r)) throw new Error(r.error);
  expect(await fromFragment(await toFragment(r))).toEqual(r);
  const got = play(r, makeWorld);
  if (isBad(got)) throw new Error(got.error);
  expect(got.world.m.steps).toBe(r.step);
  const moment = seen(got.world);
  expect(moment, 'the machine does something else than when this was saved: if it should, run this test with RECORD=1').toBe(
    hashes()[name],
  );
  // back to the very first step, and to the moment again
  got.timeline.seek(0);
  expect(got.world.m.steps).toBe(0);
  got.timeline.seek(r.step);
  expect(seen(got.world)).toBe(moment);
});

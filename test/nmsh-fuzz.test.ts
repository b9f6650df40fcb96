// Nothing that a user types makes nmsh throw, leave something open, or say something that is no answer: 20,000 lines of a
// fixed seed on the host, 2,000 in a guest.

import { expect, it } from 'vitest';
import { parseScript } from '../src/bin/nmsh_words.ts';
import type { World } from '../src/lab/world.ts';
import { lineMaker } from './nmsh-random.ts';
import { lines } from './nmsh-told.ts';
import { END, begin, boot, finish, freshLab } from './typed.ts';

/** Lines that are whole commands, without those that wait for ever or leave. */
function commands(seed: number, n: number): string[] {
  const line = lineMaker(seed);
  return Array.from({ length: n }, line).filter((l) => {
    const r = parseScript(l);
    if (!Array.isArray(r)) {
      expect(r.error).toMatch(/\w/);
      return false;
    }
    return r.every((c) => !['quit', 'wait', 'poll'].includes(c.words[0] ?? '') || /^(poll \w+ \w|wait 0)/.test(l));
  });
}

function feed(w: World, files: () => Record<string, string>, all: string[], nothingLeft: () => void) {
  expect(all.length).toBeGreaterThan(0);
  for (let i = 0; i < all.length; i += 2000) {
    const part = all.slice(i, i + 2000);
    files()['/root/fuzz.nm'] = `${part.join('\n')}\n`;
    finish(w, 'ttyv0', begin(w, 'ttyv0', 'nmsh -j fuzz.nm > out'), 600);
    const told = lines(files()['/root/out'] ?? '');
    expect(told.length).toBeGreaterThan(part.length * 0.8); // comments and empty lines say nothing
    for (const t of told) {
      expect(t.ok, t.error).toBe(t.error === '');
      expect(t.error).not.toMatch(/\n|undefined|NaN|\[object/);
    }
    expect(told.filter((t) => t.ok).length).toBeGreaterThan(told.length / 20);
    nothingLeft();
  }
}

it('20,000 lines on the host', { timeout: 120_000 }, () => {
  const w = freshLab(8, 1),
    all = commands(20151, 20_000);
  expect(all.length).toBeGreaterThan(15_000);
  feed(
    w,
    () => w.tree.host.os.files,
    all,
    () => {
      expect([w.tree.host.fds, w.tree.host.devs, w.tree.host.threads, w.tree.host.adapters]).toEqual([[], [], [], []]);
    },
  );
});

it('2,000 lines in a guest', { timeout: 120_000 }, () => {
  const w = freshLab(8, 2);
  boot(w, 'ttyv0', `bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 ${END}`);
  const all = commands(7, 2000).map((l) => l.replace(/vale1:[12]|vale2[{}]1/g, 'vtnet0'));
  feed(
    w,
    () => w.tree.guests.netmapvm?.os.files ?? {},
    all,
    () => {
      const g = w.tree.guests.netmapvm;
      expect([g?.fds, g?.devs, g?.threads]).toEqual([[], [], []]);
    },
  );
});

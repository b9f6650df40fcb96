// What a lab touches of its memory: the frame allocator's count, after traffic on every port, allocators at their real sizes.

import { expect, test } from 'vitest';
import * as L from '../wasm/layout.ts';
import { booted, settle, type } from './booted.ts';

function afterTraffic(slots: number): number {
  const w = booted(slots);
  type(w, 'ttyv1', 'pkt-gen -i vale1:2 -f rx &');
  type(w, 'ttyv1', "pkt-gen -i 'vale2}1' -f rx &");
  type(w, 'netmapvm', 'pkt-gen -i vtnet0 -f tx -w 0 &');
  type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0');
  settle(w, 0.05); // at tens of millions of packets a second every buffer has been touched many times
  const { m } = w;
  const moved = w.tree.host.fds.reduce((n, f) => n + m.ld64(f.rx + L.KR_STAT_PACKETS), 0);
  expect(moved).toBeGreaterThan(100_000);
  expect(w.tree.host.mems.map((e) => e.bytes)).toEqual(w.tree.host.mems.map(() => 42_369_024));
  return m.ld32(L.MACHINE + L.M_FRAMES_MAX) * L.PAGE;
}

test('the default lab touches under 96 MiB', { timeout: 60_000 }, () => {
  expect(afterTraffic(1024)).toBeLessThan(96 * 1024 * 1024);
});

test('a lab of 64-slot rings touches under 24 MiB', { timeout: 60_000 }, () => {
  expect(afterTraffic(64)).toBeLessThan(24 * 1024 * 1024);
});

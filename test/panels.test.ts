// What the inspector's panels are shown, against a machine that was booted and sends: every named byte is the byte that the kernels
// use, and whatever a guest has written, every panel answers.
import { describe, expect, it } from 'vitest';
import { memoryView, Reverse } from '../src/lab/memory_view.ts';
import { things } from '../src/lab/objects.ts';
import type { MemoryQuery } from '../src/lab/panel_types.ts';
import * as S from '../src/lab/structs.ts';
import { csbs, rings } from '../src/lab/view.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { booted, settle, type } from './booted.ts';

let once: World | undefined;
/** One boot for the whole file: its VM sends on vtnet0 to a receiver at vale1:2. Tests that write put back what was there. */
function sending(): World {
  if (once) return once;
  once = booted(16);
  type(once, 'ttyv1', 'pkt-gen -i vale1:2 -f rx');
  settle(once, 1);
  type(once, 'netmapvm', 'pkt-gen -i vtnet0 -f tx -w 0 -R 1000 -b 4');
  settle(once, 0.05);
  return once;
}
const look = (w: World, more: Partial<MemoryQuery> = {}) =>
  memoryView(w, { vm: '', show: 'host', from: { space: 'host', addr: -1 }, rows: 16, width: 16, ...more });

describe('structures', () => {
  const all = Object.values(S).filter((x): x is S.Struct => typeof x === 'object' && 'fields' in x);
  it.each(all.map((s) => [s.name, s] as const))('%s: fields lie inside it, and not on each other', (_, s) => {
    let end = 0;
    for (const f of s.fields) {
      expect(f.at, f.name).toBeGreaterThanOrEqual(end);
      end = f.at + f.bytes;
    }
    expect(end).toBeLessThanOrEqual(s.bytes);
    expect(new Set(s.fields.map((f) => f.name)).size).toBe(s.fields.length);
  });
  it('names the offsets of the layout', () => {
    const at = (s: S.Struct, name: string) => s.fields.find((f) => f.name === name)?.at;
    expect(at(S.CSB, 'host_need_txkick')).toBe(L.CSB_HOST_NEED_TXKICK);
    expect(at(S.CSB, 'rx_ring.hwtail')).toBe(L.CSB_RX_RING + L.PTR_HWTAIL);
    expect(at(S.NM_KRING, 'nr_hwtail')).toBe(L.KR_NR_HWTAIL);
    expect(at(S.NETMAP_RING, 'tail')).toBe(L.RING_TAIL);
    expect(at(S.NETMAP_SLOT, 'flags')).toBe(L.SLOT_FLAGS);
    expect(at(S.VRING_DESC, 'next')).toBe(L.VRD_NEXT);
  });
});

describe('memory', () => {
  it('begins at the CSB, and each of its words has the value that the CSB panel shows', () => {
    const w = sending(),
      v = look(w),
      csb = csbs(w)[0];
    expect(v.addr).toBe(Number(csb?.hostAddress));
    for (const f of csb?.fields ?? [])
      expect(v.pieces.find((p) => p.addr === f.addr)).toMatchObject({ name: f.name, value: f.value, owner: f.owner });
    expect(v.rows[0]?.bytes).toEqual([...w.m.u8.subarray(v.addr, v.addr + 16)]);
  });

  it('gives the same byte its guest-physical and its host address', () => {
    const w = sending(),
      csb = csbs(w)[0],
      v = look(w, { show: 'guest' });
    expect(v).toMatchObject({ space: 'guest', addr: Number(csb?.guestAddress) });
    expect(v.rows[0]).toMatchObject({ host: Number(csb?.hostAddress), guest: Number(csb?.guestAddress) });
    const vm = w.tree.host.vms[0];
    if (!vm) throw new Error('no VM');
    const back = new Reverse(w, vm),
      open = rings(w).filter((x) => x.guestAddress);
    expect(open.length).toBeGreaterThan(0);
    for (const r of open) expect(back.gpa(r.ringAddr)).toBe(Number(r.guestAddress));
  });

  it('has a field for each byte of a slot, and for a buffer the slot that names it', () => {
    const w = sending(),
      ring = rings(w).find((r) => r.csbRing);
    if (!ring) throw new Error('no ring');
    const v = look(w, { from: { space: 'host', addr: ring.ringAddr + L.RING_SLOT } });
    expect(v.pieces.filter((p) => p.row === 3).map((p) => [p.name, p.at, p.bytes])).toEqual([
      ['slot[3].buf_idx', 0, 4],
      ['slot[3].len', 4, 2],
      ['slot[3].flags', 6, 2],
      ['slot[3].ptr', 8, 8],
    ]);
    const buf = v.pieces.find((p) => p.name === 'slot[3].buf_idx')?.value ?? 0,
      pool = things(w).find((t) => t.group === 'buffers' && t.title.includes('vale1:1'));
    const b = look(w, { from: { space: 'host', addr: (pool?.addr ?? 0) + buf * 2048 } }).pieces[0];
    expect(b).toMatchObject({ name: `buffer ${buf}`, owner: 'shared', note: 'in slot 3 of vale1:1 TX ring 0' });
  });

  it('says where nothing is mapped, what is emulated, and what was never touched', () => {
    const w = sending();
    const at = (addr: number) => look(w, { show: 'guest', from: { space: 'guest', addr } });
    expect(at(0xdf000000)).toMatchObject({ fault: 0xdf000000, space: 'guest' });
    expect(at(0xdf000000).rows[0]).toMatchObject({ bytes: [], what: '', host: -1 });
    expect(at(0x70000000).rows[0]?.what).toBe('RAM that the guest has not touched: zeros');
    expect(at(0x70000000).fault).toBe(-1);
    const { map } = at(0);
    expect(map[0]).toMatchObject({ from: 0, to: 0x80000000, kind: 'ram' });
    expect(map.at(-1)?.to).toBe(2 ** 32);
    expect(map.filter((r) => r.kind === 'mapped')).toHaveLength(2);
    for (const [i, r] of map.entries()) expect(r.from).toBe(i ? map[i - 1]?.to : 0);
    const bar = map.find((r) => r.kind === 'bar');
    expect(at(bar?.from ?? 0).rows[0]?.what).toMatch(/each access is an exit to bhyve/);
  });

  it.each([0, -5, 1, 2 ** 31, 2 ** 32, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY])('answers at address %s in every space', (addr) => {
    const w = sending();
    for (const space of ['guest', 'program', 'host'] as const)
      for (const show of ['guest', 'program', 'host'] as const) {
        const v = look(w, { show, from: { space, addr }, rows: 1e9 });
        expect(v.rows.length).toBeLessThanOrEqual(64);
      }
  });
});

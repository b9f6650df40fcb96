// What the inspector's panels are shown, against a machine that was booted and sends: every named byte is the byte that the kernels
// use, and whatever a guest has written, every panel answers.
import { describe, expect, it } from 'vitest';
import { READY } from '../src/lab/boot_lines.ts';
import { CAPTURE_BYTES, CAPTURE_SNAP } from '../src/lab/capture.ts';
import { applyCapture } from '../src/lab/capture_command.ts';
import { memoryView, Reverse } from '../src/lab/memory_view.ts';
import { things } from '../src/lab/objects.ts';
import { VIEWS } from '../src/lab/panels.ts';
import type { MemoryQuery, PanelKind } from '../src/lab/panel_types.ts';
import * as S from '../src/lab/structs.ts';
import { csbs, rings } from '../src/lab/view.ts';
import { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import { booted, settle, type, wasmFile } from './booted.ts';

let once: World | undefined;
/** One boot for the whole file: its VM sends on vtnet0 to a receiver at vale1:2. Tests that write put back what was there. */
function sending(): World {
  if (once) return once;
  once = booted(16);
  type(once, 'ttyv1', 'pkt-gen -i vale1:2 -f rx');
  settle(once, 1);
  type(once, 'netmapvm', 'pkt-gen -i vtnet0 -f tx -w 0 -R 1000 -b 4');
  settle(once, 2.2); // with a rate, pkt-gen begins after two seconds
  return once;
}
const look = (w: World, more: Partial<MemoryQuery> = {}) =>
  memoryView(w, { vm: '', show: 'host', from: { space: 'host', addr: -1 }, rows: 16, before: 0, width: 16, ...more });

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

describe('krings', () => {
  it('shows the guest’s beside the host’s, each word as it is in memory', () => {
    const w = sending(),
      ring = rings(w).find((r) => r.csbRing && r.dir === 'TX'),
      v = VIEWS.krings(w, { port: '', ring: ring?.id ?? '' });
    const tx = v?.dirs.find((d) => d.dir === 'TX');
    expect(tx?.krings.map((k) => [k.side, k.addr])).toEqual([
      ['guest', ring?.guestKring],
      ['host', ring?.hostKring],
    ]);
    for (const k of tx?.krings ?? []) {
      const word = (name: string) => k.words.find((x) => x.name === name);
      expect(word('nr_hwcur')).toMatchObject({ value: w.m.ld32(k.addr + L.KR_NR_HWCUR), addr: k.addr + L.KR_NR_HWCUR, owner: k.side });
      expect(word('packets')?.value).toBe(w.m.ld64(k.addr + L.KR_STAT_PACKETS));
      expect(word('nm_sync')?.says).toBe(k.side === 'guest' ? 'ptnet_txsync' : 'netmap_vp_txsync');
    }
    expect(VIEWS.krings(w, { port: 'host/vale1:2', ring: '' })).toMatchObject({ title: 'vale1:2' });
  });
});

describe('threads', () => {
  it('counts what each has done', () => {
    const w = sending(),
      all = VIEWS.threads(w, {});
    expect(all.length).toBeGreaterThanOrEqual(4);
    for (const t of all) expect(t.iterations).toBe(w.m.ld64(t.addr + L.T_STAT_ITER));
    expect(all.some((t) => t.sleeps > 0 && t.sleptNs > 0)).toBe(true);
  });
});

describe('PCI', () => {
  it('shows the bus as the guest reads it', () => {
    const w = sending(),
      fns = VIEWS.pci(w, {}).vms[0]?.functions ?? [],
      at = (where: string) => fns.find((f) => f.where === where);
    expect(fns.map((f) => [f.where, f.emul, f.driver])).toEqual([
      ['0:0', 'hostbridge', 'hostb0'],
      ['1:0', 'lpc', 'isab0'],
      ['3:0', 'ptnetmap-memdev', 'ptnetmap-memdev0'],
      ['3:1', 'virtio-net', 'virtio_pci0, vtnet0'],
      ['4:0', 'ptnetmap-memdev', 'ptnetmap-memdev1'],
      ['4:1', 'virtio-net', 'virtio_pci1, vtnet1'],
    ]);
    expect(at('3:0')?.bars[1]).toMatchObject({ addr: 0xc0000000, maps: expect.stringContaining('netmap memory 2 of vale1:1') });
    expect(at('3:0')?.config[0x0e]).toBe(0x80);
    expect(at('3:1')?.caps.map((c) => [c.at, c.name])).toEqual([
      [0x40, 'MSI-X'],
      [0x4c, 'MSI'],
    ]);
    expect(at('3:1')?.msix.map((x) => x.use)).toEqual(['configuration', 'queue 0, RX', 'queue 1, TX']);
    expect(
      at('3:1')
        ?.features.filter((x) => x.negotiated)
        .map((x) => x.bit),
    ).toEqual([5, 15, 16, 24, 25]);
    expect(at('3:1')?.own.find((x) => x.name === 'PTCTL')?.says).toBe('REGIF');
  });
});

describe('switches, pipes', () => {
  it('shows ports, what was learnt, and what is leased', () => {
    const w = sending(),
      { switches, pipes } = VIEWS.switches(w, {}),
      vale1 = switches.find((s) => s.name === 'vale1'),
      [pt, other] = vale1?.ports ?? [];
    expect(vale1?.ports.map((p) => [p.n, p.name, p.owner])).toEqual([
      [0, 'vale1:1', 'shared'],
      [1, 'vale1:2', 'host'],
    ]);
    expect(pt?.txPackets).toBeGreaterThan(0);
    expect(other?.rxPackets).toBe(pt?.txPackets);
    expect(vale1?.table).toHaveLength(1);
    expect(vale1?.table[0]).toMatchObject({ port: 0, name: 'vale1:1', gone: false });
    expect(pipes).toMatchObject([
      {
        parent: 'vale2',
        ends: [
          { name: 'vale2{1', open: true },
          { name: 'vale2}1', open: false },
        ],
      },
    ]);
  });
});

describe('allocators', () => {
  it('adds up the buffers, and says who holds which', () => {
    const w = sending();
    for (const a of VIEWS.allocators(w, {})) {
      const { free, reserved, slots, extra, nowhere, twice, wild, total } = a.sum;
      expect(free + reserved + slots + extra + nowhere, a.title).toBe(total);
      expect([twice, wild, nowhere]).toEqual([0, 0, 0]);
      expect(a.pools[2]?.objfree).toBe(free);
      expect(a.holders.reduce((n, h) => n + h.bufs, 0)).toBe(slots + extra);
      for (const p of a.pools) expect(p.runs.at(-1)?.to).toBe(p.objtotal - 1);
    }
    const mine = VIEWS.allocators(w, {}).find((a) => a.title === 'vale1:1');
    expect(mine?.holders).toMatchObject([{ name: 'vtnet0 (vale1:1)', owner: 'shared', ifs: 1, rings: 4, bufs: 32 }]);
  });
  it('notices a buffer that is named twice, and one that is none', () => {
    const w = sending(),
      ring = rings(w).find((r) => r.csbRing)?.ringAddr ?? 0,
      [a, b] = [ring + L.RING_SLOT, ring + L.RING_SLOT + L.SLOT_SIZE],
      was = w.m.ld32(a);
    const sum = () => VIEWS.allocators(w, {}).find((x) => x.title === 'vale1:1')?.sum;
    w.m.st32(a, w.m.ld32(b));
    expect(sum()).toMatchObject({ twice: 1, nowhere: 1, wild: 0 });
    w.m.st32(a, 0xfffffff0);
    expect(sum()).toMatchObject({ twice: 0, nowhere: 1, wild: 1 });
    w.m.st32(a, was);
    expect(sum()).toMatchObject({ twice: 0, nowhere: 0, wild: 0 });
  });
});

describe('packets', () => {
  it('says which ports could be captured, and then what passed them', () => {
    const w = sending();
    expect(VIEWS.packets(w, { port: '', one: -1 })).toMatchObject({ there: false, open: ['vale1:1', 'vale2{1', 'vale1:2'] });
    const plain = { vm: '', file: '', bytes: CAPTURE_BYTES, snap: CAPTURE_SNAP };
    applyCapture(w, { op: 'start', ports: 'vale1:1 vale1:2', ...plain });
    settle(w, 0.1);
    const v = VIEWS.packets(w, { port: 'vale1:2', one: -1 });
    expect(v.on).toBe(true);
    expect(v.lines.length).toBeGreaterThan(0);
    expect(v.lines[0]).toMatchObject({ port: 'vale1:2', dir: 'RX', line: 'IP 10.0.0.1.1234 > 10.1.0.1.1234: UDP, length 18' });
    const n = v.lines[0]?.n ?? 0,
      { one } = VIEWS.packets(w, { port: '', one: n });
    expect(one?.bytes).toHaveLength(60);
    expect(one?.fields.find((f) => f.name === 'ip.src')).toMatchObject({ value: '10.0.0.1', offset: 26, length: 4 });
    expect(VIEWS.packets(w, { port: '', one: 1e9 }).one).toBeNull();
    applyCapture(w, { op: 'clear', ports: '', ...plain });
    expect(VIEWS.packets(w, { port: '', one: n })).toMatchObject({ there: false, one: null });
  });
});

describe('virtqueues', () => {
  const copying = () => {
    const w = World.create(wasmFile('step'), { shared: false, seed: 1, slots: 16 });
    settle(w);
    const ready = READY[1];
    for (const line of [...(ready?.first ?? []), ready?.line ?? '']) {
      type(w, 'ttyv0', line);
      settle(w);
    }
    w.openTerminal();
    settle(w);
    type(w, 'netmapvm', 'pkt-gen -i vtnet1 -f tx -w 0 -n 3');
    settle(w, 1);
    return w;
  };
  let kept: World | undefined;
  const world = () => (kept ??= copying());
  it('shows both sides’ words, and the chains that the device may fill', () => {
    const w = world(),
      { queue } = VIEWS.virtq(w, { queue: '', first: 0 });
    expect(queue?.title).toMatch(/^vtnet1 RX, queue 0 of 5:0/);
    const idx = (list: { name: string; value: number }[] | undefined, name: string) => list?.find((x) => x.name === name)?.value;
    const made = idx(queue?.ring, 'avail.idx') ?? 0;
    expect(made).toBeGreaterThan(0);
    expect(idx(queue?.driver, 'avail.idx')).toBe(made);
    expect(queue?.counts.available).toBe(made - (idx(queue?.device, 'vq_last_avail') ?? 0));
    const chain = queue?.chains.find((c) => c.state === 'available');
    expect(chain?.descs).toHaveLength(2);
    expect(chain?.descs.map((d) => d.flags)).toEqual(['NEXT WRITE', 'WRITE']);
    const tx = VIEWS.virtq(w, { queue: 'netmapvm 5:0 1', first: 0 }).queue;
    expect(idx(tx?.ring, 'used.idx')).toBe(3);
  });
  it('answers whatever the guest writes into it', () => {
    const w = world(),
      q = VIEWS.virtq(w, { queue: '', first: 0 }).queue,
      vq = q?.device.find((x) => x.name === 'vq_pfn')?.addr ?? 0,
      desc = things(w).find((t) => t.title.startsWith('virtqueue: RX of vtnet1'))?.addr ?? 0,
      saved = w.m.u8.slice(desc, desc + 32768),
      words = w.m.u8.slice(vq, vq + L.VQ_SIZE);
    const look0 = () => VIEWS.virtq(w, { queue: q?.id ?? '', first: 0 }).queue;
    for (let i = 0; i < L.VTNET_RINGSZ; i++) w.m.st16(desc + i * L.VRD_SIZE + L.VRD_NEXT, i); // each its own successor
    for (let i = 0; i < L.VTNET_RINGSZ; i++) w.m.st16(desc + i * L.VRD_SIZE + L.VRD_FLAGS, 1);
    expect(look0()?.chains.find((c) => c.state === 'available')?.wrong).toMatch(/a circle/);
    for (let i = 0; i < L.VTNET_RINGSZ; i++) w.m.st16(desc + i * L.VRD_SIZE + L.VRD_NEXT, 60000);
    expect(look0()?.chains.find((c) => c.state === 'available')?.wrong).toMatch(/outside the queue’s 1024/);
    w.m.u8.fill(0xff, desc, desc + 32768);
    expect(look0()?.chains.length).toBeLessThanOrEqual(48);
    for (const pfn of [0, 1, 0xfffff, 0xffffffff, 0x60000]) {
      w.m.st32(vq, pfn);
      expect(look0()?.wrong, `pfn ${pfn}`).not.toBe('');
      things(w);
    }
    w.m.u8.set(words, vq);
    w.m.u8.set(saved, desc);
    expect(look0()).toEqual(q);
  });
});

describe('a hostile guest', () => {
  it('writes anything anywhere it can, and every panel answers, in bounded size', () => {
    const w = sending(),
      cp = rings(w).filter((r) => r.csbRing),
      page = (cp[0]?.guestKring ?? 0) & ~0xfff,
      csb = (cp[0]?.csbRing ?? 0) & ~0xfff,
      region = cp[0]?.ringAddr ?? 0;
    const spoilt = [
      [page, L.PAGE],
      [csb, L.PAGE],
      [region, L.RING_SLOT + 16 * L.SLOT_SIZE],
    ] as const;
    const saved = spoilt.map(([at, n]) => w.m.u8.slice(at, at + n));
    const fns = VIEWS.pci(w, {}).vms[0]?.functions ?? [],
      cfg = fns.map((f) => w.m.u8.slice(f.addr + 0x40, f.addr + 256));
    for (const value of [0xff, 0x00, 0x80, 0x41]) {
      for (const [at, n] of spoilt) w.m.u8.fill(value, at, at + n);
      for (const f of fns) w.m.u8.fill(value, f.addr + 0x40, f.addr + 256);
      for (const r of cp) look(w, { from: { space: 'host', addr: r.ringAddr } });
      look(w, { from: { space: 'host', addr: page } });
      for (const [kind, query] of QUERIES)
        expect(JSON.stringify((VIEWS[kind] as (w: World, q: unknown) => unknown)(w, query)).length, `${kind} ${value}`).toBeLessThan(
          400_000,
        );
    }
    for (const [i, [at]] of spoilt.entries()) w.m.u8.set(saved[i] ?? [], at);
    for (const [i, f] of fns.entries()) w.m.u8.set(cfg[i] ?? [], f.addr + 0x40);
  });
  it('needs no VM and no port', () => {
    const w = World.create(wasmFile('step'), { shared: false, seed: 1, slots: 16 });
    settle(w);
    for (const [kind, query] of QUERIES) expect(() => (VIEWS[kind] as (w: World, q: unknown) => unknown)(w, query), kind).not.toThrow();
    expect(look(w)).toMatchObject({ vms: [], map: [], fault: -1, space: 'host' });
  });
});
const QUERIES: [PanelKind, unknown][] = [
  ['krings', { port: '', ring: '' }],
  ['threads', {}],
  ['pci', {}],
  ['virtq', { queue: '', first: Number.NaN }],
  ['switches', {}],
  ['allocators', {}],
  ['packets', { port: 'x', one: 3 }],
];

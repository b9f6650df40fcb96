// Every structure of the machine that has a name, with the place where it is now and the field at each of its bytes: what the memory
// panel lays over the bytes and lists to go to. What the guest wrote only moves or hides an object, it never makes this fail.

import * as L from '../../wasm/layout.ts';
import type { BhyveState } from '../host/bhyve/ctx.ts';
import type { PciFunction } from '../host/bhyve/pci_emul.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import type { AdapterEntry, NetTree } from '../net/tree.ts';
import type { MemoryObject } from './panel_types.ts';
import type { Owner, Side } from './protocol.ts';
import {
  CSB,
  fieldOf,
  NETMAP_IF,
  NETMAP_RING,
  NETMAP_SLOT,
  NM_KRING,
  PCI_CONFIG,
  type Struct,
  THREAD,
  VIRTQUEUE,
  VQUEUE_INFO,
  VRING_DESC,
  type Whose,
} from './structs.ts';
import { nameOf, vtnetOf } from './view.ts';
import type { World } from './world.ts';

/** A field where it is: `start` counts from the object's first byte. */
export interface Spot {
  name: string;
  start: number;
  bytes: number;
  owner: Owner;
  note: string;
  /** It is a number. */
  number: boolean;
}
export interface Thing extends MemoryObject {
  at(offset: number): Spot | undefined;
}
/** A kernel with netmap: the host's, or a VM's. */
export interface Kernel {
  name: string;
  side: Side;
  tree: NetTree;
  vm?: VmEntry;
  /** Where a kernel's address of a ring is in the machine, 0: nowhere. */
  pointer(addr: number): number;
}

export function kernels(w: World): Kernel[] {
  const { host, guests } = w.tree;
  return [
    { name: 'host', side: 'host', tree: host, pointer: (a) => a },
    ...host.vms.flatMap((vm): Kernel[] => {
      const tree = guests[vm.name];
      return tree ? [{ name: vm.name, side: 'guest', tree, vm, pointer: (a) => w.host.vmm.hostAddress(vm, a) ?? 0 }] : [];
    }),
  ];
}

const owned = (o: Whose, side: Side, user: Side): Owner => (o === 'mine' ? side : o === 'user' ? user : o);
const spot = (s: Struct, offset: number, side: Side, user: Side, prefix = '', base = 0): Spot | undefined => {
  const f = fieldOf(s, offset - base);
  return (
    f && {
      name: prefix + f.name,
      start: base + f.at,
      bytes: f.bytes,
      owner: owned(f.owner, side, user),
      note: f.note,
      number: !f.text && [1, 2, 4, 8].includes(f.bytes),
    }
  );
};
const thing = (title: string, group: Thing['group'], addr: number, s: Struct, side: Side, owner: Owner = side): Thing => ({
  title,
  group,
  addr,
  bytes: s.bytes,
  owner,
  at: (o) => spot(s, o, side, side),
});

/** How a port is called: with the guest's interface where it is passed through. */
export function portTitle(w: World, k: Kernel, a: AdapterEntry): { title: string; user: Side } {
  const fd = k.side === 'host' ? k.tree.fds.find((f) => f.na === a.addr && f.ptnetmap) : undefined,
    vt = fd && vtnetOf(w, fd.id);
  return { title: vt ? `${vt.name} (${a.name})` : k.vm ? `${a.name} of ${k.name}` : a.name, user: fd ? 'guest' : k.side };
}
/** "TX ring 0" of a kring; the host ring has no number. */
export function ringTitle(w: World, kr: number): string {
  const { m } = w,
    na = m.ld32(kr + L.KR_NA),
    tx = m.ld32(kr + L.KR_TX) === L.NR_TX,
    i = m.ld32(kr + L.KR_RING_ID),
    stack = i === m.ld32(na + (tx ? L.NA_NUM_TX_RINGS : L.NA_NUM_RX_RINGS));
  return stack ? `host ${tx ? 'TX' : 'RX'} ring` : `${tx ? 'TX' : 'RX'} ring ${i}`;
}

function ringThing(w: World, title: string, kr: number, ring: number, side: Side, user: Side): Thing {
  const n = Math.min(w.m.ld32(kr + L.KR_NUM_SLOTS), 16_384);
  return {
    title,
    group: 'rings',
    addr: ring,
    bytes: L.RING_SLOT + n * L.SLOT_SIZE,
    owner: user === 'guest' ? 'shared' : side,
    at(o) {
      if (o < L.RING_SLOT) return spot(NETMAP_RING, o, side, user);
      const i = Math.floor((o - L.RING_SLOT) / L.SLOT_SIZE);
      return spot(NETMAP_SLOT, o, side, user, `slot[${i}].`, L.RING_SLOT + i * L.SLOT_SIZE);
    },
  };
}

function netmapThings(w: World, k: Kernel): Thing[] {
  const { m } = w,
    out: Thing[] = [];
  for (const a of k.tree.adapters) {
    const { title, user } = portTitle(w, k, a);
    for (const kr of w.host.netmap.nas.krings(a.addr)) {
      const of = `${ringTitle(w, kr)} of ${title}`,
        ring = m.ld32(kr + L.KR_RING),
        at = ring ? k.pointer(ring) : 0;
      if (at) out.push(ringThing(w, `netmap_ring: ${of}`, kr, at, k.side, user));
      out.push(thing(`nm_kring: ${of}`, 'krings', kr, NM_KRING, k.side));
    }
  }
  for (const f of k.tree.fds) {
    const rings = m.ld32(f.na + L.NA_NUM_TX_RINGS) + m.ld32(f.na + L.NA_NUM_RX_RINGS) + 2;
    out.push({
      title: `netmap_if: ${f.name}, descriptor ${f.id}${k.vm ? ` of ${k.name}` : ''}`,
      group: 'netmap',
      addr: f.nifp,
      bytes: L.NIF_RING_OFS + Math.min(rings, 600) * 8,
      owner: f.ptnetmap ? 'shared' : k.side,
      at: (o) =>
        o < L.NIF_RING_OFS
          ? spot(NETMAP_IF, o, k.side, k.side)
          : {
              name: `ring_ofs[${(o - L.NIF_RING_OFS) >>> 3}]`,
              start: o & ~7,
              bytes: 8,
              owner: 'shared',
              note: 'from here to the ring',
              number: true,
            },
    });
  }
  for (const e of k.tree.mems) {
    const pool = e.addr + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE,
      size = m.ld32(pool + L.POOL_OBJSIZE) || 2048,
      map = m.ld32(pool + L.POOL_BITMAP),
      total = m.ld32(pool + L.POOL_OBJTOTAL);
    out.push({
      title: `buffers: ${memTitle(k, e)}`,
      group: 'buffers',
      addr: m.ld32(e.addr + L.MEM_BASE) + m.ld32(pool + L.POOL_OFFSET),
      bytes: total * size,
      owner: e.exposed ? 'shared' : k.side,
      at(o) {
        const i = Math.floor(o / size),
          free = (m.ld32(map + (i >>> 5) * 4) >>> (i & 31)) & 1;
        return {
          name: `buffer ${i}`,
          start: i * size,
          bytes: size,
          owner: e.exposed ? 'shared' : k.side,
          note: free ? 'free' : i < 2 ? 'never handed out' : '',
          number: false,
        };
      },
    });
  }
  return out;
}
/** An allocator by the port that it was made for. */
export const memTitle = (k: Kernel, e: { id: number; owner: string }) =>
  `memory ${e.id}, ${e.owner || 'the global allocator'}${k.vm ? ` of ${k.name}` : ''}`;

const N = L.VTNET_RINGSZ,
  AVAIL = N * L.VRD_SIZE,
  USED = (AVAIL + 2 * N + 6 + L.PAGE - 1) & ~(L.PAGE - 1),
  VRING_END = USED + 4 + N * L.VRU_ELEM + 2;
export const VRING = { n: N, avail: AVAIL, used: USED, end: VRING_END };
/** A byte of a queue: descriptors, the avail ring, the used ring. */
export function vringSpot(o: number): Spot | undefined {
  const one = (name: string, start: number, bytes: number, owner: Owner, note: string): Spot => ({
    name,
    start,
    bytes,
    owner,
    note,
    number: true,
  });
  if (o < AVAIL) {
    const i = Math.floor(o / L.VRD_SIZE);
    return spot(VRING_DESC, o, 'guest', 'guest', `desc[${i}].`, i * L.VRD_SIZE);
  }
  const a = o - AVAIL,
    u = o - USED;
  if (u < 0) {
    if (a < 2) return one('avail.flags', AVAIL, 2, 'guest', '1: NO_INTERRUPT');
    if (a < 4) return one('avail.idx', AVAIL + 2, 2, 'guest', 'chains made available so far');
    if (a < 4 + 2 * N) return one(`avail.ring[${(a - 4) >>> 1}]`, AVAIL + (a & ~1), 2, 'guest', 'head of a chain');
    return a < 6 + 2 * N
      ? one('used_event', AVAIL + 4 + 2 * N, 2, 'guest', 'with EVENT_IDX: the used.idx at which to interrupt')
      : undefined;
  }
  if (u < 2) return one('used.flags', USED, 2, 'host', '1: NO_NOTIFY');
  if (u < 4) return one('used.idx', USED + 2, 2, 'host', 'chains given back so far');
  if (u < 4 + 8 * N) {
    const i = (u - 4) >>> 3,
      len = (u - 4) & 4;
    return len
      ? one(`used.ring[${i}].len`, USED + 8 + 8 * i, 4, 'host', 'bytes written')
      : one(`used.ring[${i}].id`, USED + 4 + 8 * i, 4, 'host', 'head of the chain');
  }
  return u < 6 + 8 * N ? one('avail_event', USED + 4 + 8 * N, 2, 'host', 'with EVENT_IDX: the avail.idx at which to kick') : undefined;
}

/** Functions of a VM's bus, once bhyve runs. */
export const functionsOf = (w: World, vm: VmEntry): PciFunction[] =>
  ((w.host.bhyveOf(vm)?.st as BhyveState | undefined)?.pci.functions ?? []).filter((f) => f.page !== 0);
export const whereOf = (f: PciFunction) => `${f.bus ? `${f.bus}:` : ''}${f.slot}:${f.func}`;
/** The guest's interface of a function. */
export const vtnetAt = (w: World, vm: VmEntry, f: PciFunction) =>
  w.tree.guests[vm.name]?.vtnets.find((v) => f.bars[0] && v.iobase === f.bars[0].addr);

function pciThings(w: World, vm: VmEntry, many: boolean): Thing[] {
  const { m } = w,
    out: Thing[] = [],
    of = many ? ` of ${vm.name}` : '';
  for (const f of functionsOf(w, vm)) {
    const name = `${f.emul} ${whereOf(f)}${of}`,
      sc = vtnetAt(w, vm, f);
    out.push(thing(`configuration space: ${name}`, 'pci', f.page, PCI_CONFIG, 'host'));
    if (f.emul !== 'virtio-net') continue;
    const port = sc ? `${sc.name} (${whereOf(f)})${of}` : name;
    for (const [q, dir, at] of [
      [L.VQ_RX, 'RX', L.VTN_RXQ],
      [L.VQ_TX, 'TX', L.VTN_TXQ],
    ] as const) {
      const vq = f.page + L.VN_VQ + q * L.VQ_SIZE,
        pfn = m.ld32(vq + L.VQ_PFN);
      out.push(thing(`vqueue_info: ${dir} of ${name}`, 'virtqueues', vq, VQUEUE_INFO, 'host'));
      if (sc?.softc) out.push(thing(`struct virtqueue: ${dir} of ${port}`, 'virtqueues', sc.softc + at, VIRTQUEUE, 'guest'));
      if (pfn) out.push(...vringThings(w, vm, pfn * L.PAGE, `${dir} of ${port}`));
    }
    const csb = m.ld32(f.page + L.VN_CSB);
    if (csb) out.push(thing(`CSB: ${port}`, 'csb', csb, CSB, 'host', 'shared'));
    if (sc?.ptnetmap) {
      const na = w.host.vmm.hostAddress(vm, sc.page) ?? 0;
      if (na)
        for (const [i, dir] of [
          [0, 'TX'],
          [2, 'RX'],
        ] as const)
          out.push(
            thing(`nm_kring: ${dir} ring 0 of ${sc.name}${of}, the guest’s`, 'krings', na + L.NA_KRINGS + i * L.KR_SIZE, NM_KRING, 'guest'),
          );
    }
  }
  if (vm.vcpu)
    out.push({
      title: `vCPU 0 of ${vm.name}: pending interrupts`,
      group: 'vm',
      addr: vm.vcpu + L.VCPU_IRR,
      bytes: 32,
      owner: 'shared',
      at: (o) => ({
        name: `irr[${o >>> 2}]`,
        start: o & ~3,
        bytes: 4,
        owner: 'shared',
        note: `vectors ${(o >>> 2) * 32} to ${(o >>> 2) * 32 + 31}`,
        number: true,
      }),
    });
  return out;
}
/** A queue in guest memory, which may lie in several runs of frames, or nowhere. */
function vringThings(w: World, vm: VmEntry, gpa: number, of: string): Thing[] {
  const out: Thing[] = [];
  let open: { thing: Thing; end: number } | undefined;
  for (let o = 0; o < VRING_END; o += L.PAGE) {
    const at = w.host.vmm.hostAddress(vm, gpa + o),
      bytes = Math.min(L.PAGE, VRING_END - o);
    if (at === undefined) open = undefined;
    else if (open?.end === at) {
      open.thing.bytes += bytes;
      open.end += bytes;
    } else {
      const t: Thing = {
        title: `virtqueue: ${of}${o ? `, from byte ${o}` : ''}`,
        group: 'virtqueues',
        addr: at,
        bytes,
        owner: 'shared',
        at(x) {
          const s = vringSpot(x + o);
          return s && { ...s, start: s.start - o };
        },
      };
      out.push(t);
      open = { thing: t, end: at + bytes };
    }
  }
  return out;
}

/** All of them, the smaller ones first where one lies in another. */
export function things(w: World): Thing[] {
  const { m, tree } = w,
    out = kernels(w).flatMap((k) => netmapThings(w, k));
  for (const vm of tree.host.vms) out.push(...pciThings(w, vm, tree.host.vms.length > 1));
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    const { name, side } = nameOf(w, t);
    out.push(thing(`thread: ${name}`, 'threads', t, THREAD, side));
  }
  return out;
}

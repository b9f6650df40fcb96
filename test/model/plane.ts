// The free build over a memory of its own, for comparing with models: exported functions and ops called directly, krings and
// rings placed at fixed addresses. Knows the layout and nothing of the algorithms.

import { forMemory } from '../../src/sim/machine.ts';
import * as L from '../../wasm/layout.ts';
import { wasmFile } from '../typed.ts';
import type { Ring, Slot } from './ring.ts';

type Sync = (kr: number, flags: number) => number;
export interface Plane {
  ops_setup(): void;
  nm_txsync_prologue(kr: number): number;
  nm_rxsync_prologue(kr: number): number;
  netmap_ring_reinit(kr: number): number;
  nm_bridge_rthash(mac: bigint): number;
  table: WebAssembly.Table;
}

export function freshPlane() {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 8192 });
  const wasm = new WebAssembly.Instance(new WebAssembly.Module(forMemory(wasmFile('free'), false)), {
    env: { memory, self: new WebAssembly.Global({ value: 'i32', mutable: false }, L.THREADS) },
    asyncify: { start_unwind() {}, stop_unwind() {}, start_rewind() {}, stop_rewind() {} },
  }).exports as unknown as Plane;
  wasm.ops_setup();
  return { wasm, u32: new Uint32Array(memory.buffer), u16: new Uint16Array(memory.buffer), u64: new BigUint64Array(memory.buffer) };
}

/** Where the words of a kring and its ring are: indices of 32-bit words. */
export function ringWords(kr: number, ring: number): Record<Exclude<keyof Ring, 'n'>, number> {
  return {
    hwcur: (kr + L.KR_NR_HWCUR) >>> 2,
    hwtail: (kr + L.KR_NR_HWTAIL) >>> 2,
    rhead: (kr + L.KR_RHEAD) >>> 2,
    rcur: (kr + L.KR_RCUR) >>> 2,
    rtail: (kr + L.KR_RTAIL) >>> 2,
    head: (ring + L.RING_HEAD) >>> 2,
    cur: (ring + L.RING_CUR) >>> 2,
    tail: (ring + L.RING_TAIL) >>> 2,
  };
}

/** What the drivers below need of a machine or of a bare memory. */
export interface Words {
  ld16(a: number): number;
  ld32(a: number): number;
  ld64(a: number): number;
  st16(a: number, v: number): void;
  st32(a: number, v: number): void;
  st64(a: number, v: number): void;
}
const slotAt = (ring: number, i: number) => ring + L.RING_SLOT + i * L.SLOT_SIZE;

export function readSlot(m: Words, ring: number, i: number): Slot {
  const a = slotAt(ring, i);
  return { idx: m.ld32(a), len: m.ld16(a + L.SLOT_LEN), flags: m.ld16(a + L.SLOT_FLAGS), ptr: m.ld64(a + L.SLOT_PTR) };
}
export function writeSlot(m: Words, ring: number, i: number, s: Slot) {
  const a = slotAt(ring, i);
  m.st32(a, s.idx);
  m.st16(a + L.SLOT_LEN, s.len);
  m.st16(a + L.SLOT_FLAGS, s.flags);
  m.st64(a + L.SLOT_PTR, s.ptr);
}
export const readSlots = (m: Words, ring: number, n: number) => Array.from({ length: n }, (_, i) => readSlot(m, ring, i));

/** A ring pair's half on a machine: its words by name. */
export class RingAt {
  readonly m: Words;
  readonly kr: number;
  readonly ring: number;
  readonly n: number;
  constructor(m: Words, kr: number) {
    this.m = m;
    this.kr = kr;
    this.ring = m.ld32(kr + L.KR_RING);
    this.n = m.ld32(kr + L.KR_NUM_SLOTS);
  }
  words(): Ring {
    const at = ringWords(this.kr, this.ring),
      ld = (w: number) => this.m.ld32(w * 4);
    return {
      n: this.n,
      hwcur: ld(at.hwcur),
      hwtail: ld(at.hwtail),
      rhead: ld(at.rhead),
      rcur: ld(at.rcur),
      rtail: ld(at.rtail),
      head: ld(at.head),
      cur: ld(at.cur),
      tail: ld(at.tail),
    };
  }
  /** The user's store of head and cur. */
  user(head: number, cur: number) {
    this.m.st32(this.ring + L.RING_HEAD, head);
    this.m.st32(this.ring + L.RING_CUR, cur);
  }
  /** nm_sync_finalize is not exported: what the sync ioctls do after nm_sync (facts 2.5). */
  finalize() {
    const tail = this.m.ld32(this.kr + L.KR_NR_HWTAIL);
    this.m.st32(this.kr + L.KR_RTAIL, tail);
    this.m.st32(this.ring + L.RING_TAIL, tail);
  }
  slots() {
    return readSlots(this.m, this.ring, this.n);
  }
}

/** NIOCTXSYNC or NIOCRXSYNC of one ring: prologue, the kring's nm_sync, finalize (facts 2.6). False: bad prologue, re-initialised. */
export function syncRing(wasm: Plane, at: RingAt, dir: 'tx' | 'rx'): boolean {
  const head = dir === 'tx' ? wasm.nm_txsync_prologue(at.kr) : wasm.nm_rxsync_prologue(at.kr);
  if (head >= at.n) {
    wasm.netmap_ring_reinit(at.kr);
    return false;
  }
  const sync = wasm.table.get(at.m.ld32(at.kr + L.KR_NM_SYNC)) as Sync;
  if (sync(at.kr, dir === 'tx' ? L.NAF_FORCE_RECLAIM : L.NAF_FORCE_READ) === 0) at.finalize();
  return true;
}

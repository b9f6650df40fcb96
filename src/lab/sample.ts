// One look at a ring, straight from the machine's memory: what is drawn at 60 Hz. Used by the page where memory is
// shared, by the lab worker where it is posted. Never a judgement: a torn sample is marked, not reported.

import {
  KR_NR_HWCUR,
  KR_NR_HWTAIL,
  KR_RCUR,
  KR_RHEAD,
  KR_RTAIL,
  PTR_CUR,
  PTR_HEAD,
  PTR_HWCUR,
  PTR_HWTAIL,
  RING_CUR,
  RING_HEAD,
  RING_SLOT,
  RING_TAIL,
  SLOT_FLAGS,
  SLOT_LEN,
  SLOT_SIZE,
} from '../../wasm/layout';
import type { RingRef, RingSample } from './protocol';

/** Slots in a sample's window; a ring of up to WHOLE slots, each of which is drawn with its words, is its own window. */
export const LENS = 16;
export const WHOLE = 64;

const dist = (x: number, from: number, n: number) => (x - from + n) % n;

/** Reads the indices of a ring and a window of slots from `first` (-1: the window with head in its middle). */
export function sampleRing(u32: Uint32Array, ref: RingRef, first: number): RingSample {
  const at = (addr: number) => u32[addr >>> 2] ?? 0;
  const ring = ref.ringAddr,
    kr = ref.hostKring,
    g = ref.guestKring,
    c = ref.csbRing,
    n = ref.slots;
  const head = at(ring + RING_HEAD),
    cur = at(ring + RING_CUR),
    tail = at(ring + RING_TAIL);
  const hwcur = at(kr + KR_NR_HWCUR),
    hwtail = at(kr + KR_NR_HWTAIL),
    rhead = at(kr + KR_RHEAD),
    rcur = at(kr + KR_RCUR),
    rtail = at(kr + KR_RTAIL);
  const d = [head, cur, tail, hwtail].map((x) => dist(x, hwcur, n));
  const inRange = [head, cur, tail, hwcur, hwtail, rhead].every((x) => x < n);
  const torn = !inRange || d.some((x, i) => i > 0 && x < (d[i - 1] ?? 0));
  const count = n <= WHOLE ? n : LENS;
  const start = n <= WHOLE ? 0 : first < 0 ? (head - LENS / 2 + n) % n : first % n;
  const slots = Array.from({ length: count }, (_, i) => {
    const s = ring + RING_SLOT + ((start + i) % n) * SLOT_SIZE;
    const w = at(s + 4);
    return { bufIdx: at(s), len: w & 0xffff, flags: w >>> 16 };
  });
  return {
    id: ref.id,
    n,
    head,
    cur,
    tail,
    rhead,
    rcur,
    rtail,
    hwcur,
    hwtail,
    guest: g
      ? {
          rhead: at(g + KR_RHEAD),
          rcur: at(g + KR_RCUR),
          rtail: at(g + KR_RTAIL),
          hwcur: at(g + KR_NR_HWCUR),
          hwtail: at(g + KR_NR_HWTAIL),
        }
      : { rhead: -1, rcur: -1, rtail: -1, hwcur: -1, hwtail: -1 },
    csb: c
      ? { head: at(c + PTR_HEAD), cur: at(c + PTR_CUR), hwcur: at(c + PTR_HWCUR), hwtail: at(c + PTR_HWTAIL) }
      : { head: -1, cur: -1, hwcur: -1, hwtail: -1 },
    torn,
    first: start,
    slots,
  };
}

/** Where an index stands in the places that hold it, in bytes; nothing where a place has none. */
export interface IndexPlaces {
  program: Record<string, number>;
  kernel: Record<string, number>;
  csb: Record<string, number>;
  host: Record<string, number>;
}
export function indexPlaces(ref: RingRef): IndexPlaces {
  const { ringAddr: r, csbRing: c } = ref;
  const kring = (k: number) =>
    k ? { rhead: k + KR_RHEAD, rcur: k + KR_RCUR, nr_hwcur: k + KR_NR_HWCUR, nr_hwtail: k + KR_NR_HWTAIL } : {};
  return {
    program: { head: r + RING_HEAD, cur: r + RING_CUR, tail: r + RING_TAIL },
    kernel: kring(ref.guestKring),
    csb: c ? { head: c + PTR_HEAD, cur: c + PTR_CUR, hwcur: c + PTR_HWCUR, hwtail: c + PTR_HWTAIL } : {},
    host: kring(ref.hostKring),
  };
}
/** The words of a slot: buf_idx (4 bytes), len and flags (2 each). */
export function slotPlaces(ref: RingRef, slot: number): { buf: number; len: number; flags: number } {
  const at = ref.ringAddr + RING_SLOT + slot * SLOT_SIZE;
  return { buf: at, len: at + SLOT_LEN, flags: at + SLOT_FLAGS };
}

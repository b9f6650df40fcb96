// The machine's memory and its frame allocator: which pages are reserved (address space) and which were touched.
// The bitmaps are in the memory itself. Frames are zero when handed out.

import { FIRST_FREE, FRAMES_BYTES, FRAMES_RESERVED, FRAMES_USED, MACHINE, M_FRAMES, M_FRAMES_MAX, PAGE, TRACE } from '../../wasm/layout.ts';

const WASM_PAGE = 65536;
/** The most that a lab may reserve: 1 GiB, or what the browser has. */
export const MAX_PAGES = [16384, 8192, 4096];
const INITIAL_PAGES = 64;

/** Views over the machine's memory, made anew when it grows. Addresses are bytes; words are little endian. */
export class Memory {
  readonly memory: WebAssembly.Memory;
  u8!: Uint8Array;
  u16!: Uint16Array;
  u32!: Uint32Array;

  constructor(shared: boolean, memory?: WebAssembly.Memory) {
    this.memory = memory ?? this.#memory(shared);
    this.#look();
  }

  #pages = MAX_PAGES[0] ?? 0;
  /** A phone may refuse the address space that a desktop gives. */
  #memory(shared: boolean): WebAssembly.Memory {
    let refused: unknown;
    for (const maximum of MAX_PAGES)
      try {
        this.#pages = maximum;
        return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
      } catch (e) {
        refused = e;
      }
    throw refused;
  }

  /** Views of the present buffer: only this class grows the memory. */
  #look() {
    const b = this.memory.buffer;
    this.u8 = new Uint8Array(b);
    this.u16 = new Uint16Array(b);
    this.u32 = new Uint32Array(b);
  }

  get i32() {
    return new Int32Array(this.memory.buffer);
  }

  ld8(a: number) {
    return this.u8[a] ?? 0;
  }
  ld16(a: number) {
    return this.u16[a >>> 1] ?? 0;
  }
  ld32(a: number) {
    return this.u32[a >>> 2] ?? 0;
  }
  /** 64-bit word as a number: exact below 2^53 (times, counters). */
  ld64(a: number) {
    return (this.u32[a >>> 2] ?? 0) + (this.u32[(a >>> 2) + 1] ?? 0) * 4294967296;
  }
  big64(a: number) {
    return (BigInt(this.ld32(a + 4)) << 32n) | BigInt(this.ld32(a));
  }
  st8(a: number, v: number) {
    this.u8[a] = v;
  }
  st16(a: number, v: number) {
    this.u16[a >>> 1] = v;
  }
  st32(a: number, v: number) {
    this.u32[a >>> 2] = v;
  }
  st64(a: number, v: number) {
    this.u32[a >>> 2] = v >>> 0;
    this.u32[(a >>> 2) + 1] = Math.floor(v / 4294967296);
  }
  add64(a: number, v: number) {
    this.st64(a, this.ld64(a) + v);
  }
  string(a: number, max: number) {
    let s = '';
    for (let i = 0; i < max && this.ld8(a + i); i++) s += String.fromCharCode(this.ld8(a + i));
    return s;
  }
  putString(a: number, s: string, size: number) {
    for (let i = 0; i < size; i++) this.st8(a + i, i < size - 1 ? s.charCodeAt(i) || 0 : 0);
  }

  #bit(map: number, frame: number) {
    return (this.ld8(map + (frame >>> 3)) >>> (frame & 7)) & 1;
  }
  #set(map: number, frame: number, on: boolean) {
    const a = map + (frame >>> 3),
      v = this.ld8(a);
    this.st8(a, on ? v | (1 << (frame & 7)) : v & ~(1 << (frame & 7)));
  }

  /** The browser gave less than was asked for: what a kernel makes of that is not what it would do elsewhere. */
  refused = false;

  /** Grows so that the first `end` bytes exist. */
  hold(end: number) {
    if (end > this.#pages * WASM_PAGE) throw new RangeError('the machine has no memory left');
    const have = this.memory.buffer.byteLength;
    if (end <= have) return;
    try {
      this.memory.grow(Math.max(Math.ceil((end - have) / WASM_PAGE), Math.min(64, this.#pages - have / WASM_PAGE)));
    } catch (e) {
      this.refused = true;
      throw e;
    }
    this.#look();
  }

  /** Sets or clears the bits of frames `from` to `end` - 1, whole bytes at once. */
  #range(map: number, from: number, end: number, on: boolean) {
    let f = from;
    for (; f < end && f & 7; f++) this.#set(map, f, on);
    const bytes = (end - f) >>> 3;
    if (bytes > 0) {
      this.u8.fill(on ? 255 : 0, map + (f >>> 3), map + (f >>> 3) + bytes);
      f += bytes * 8;
    }
    for (; f < end; f++) this.#set(map, f, on);
  }
  /** First reserved frame of `from` to `end` - 1, or `end`. */
  #firstReserved(from: number, end: number): number {
    for (let f = from; f < end; ) {
      if (!(f & 7) && f + 8 <= end && this.ld8(FRAMES_RESERVED + (f >>> 3)) === 0) f += 8;
      else if (this.#bit(FRAMES_RESERVED, f)) return f;
      else f++;
    }
    return end;
  }

  /** Reserves address space for `bytes` (rounded to pages), aligned to `align`; nothing counts as used yet. */
  reserve(bytes: number, align = PAGE): number {
    const n = Math.ceil(bytes / PAGE),
      a = align / PAGE,
      last = FRAMES_BYTES * 8;
    let start = Math.ceil(FIRST_FREE / PAGE / a) * a;
    while (start + n <= last) {
      const hit = this.#firstReserved(start, start + n);
      if (hit === start + n) break;
      let f = hit + 1;
      while (f < last)
        // over what is reserved
        if (!(f & 7) && this.ld8(FRAMES_RESERVED + (f >>> 3)) === 255) f += 8;
        else if (this.#bit(FRAMES_RESERVED, f)) f++;
        else break;
      start = Math.ceil(f / a) * a;
    }
    this.hold((start + n) * PAGE);
    this.#range(FRAMES_RESERVED, start, start + n, true);
    return start * PAGE;
  }

  /** Whether a frame is in use at this address. */
  used(addr: number): boolean {
    return this.#bit(FRAMES_USED, Math.floor(addr / PAGE)) === 1;
  }

  /** Marks the pages of a range as used. */
  touch(addr: number, bytes: number) {
    for (let f = Math.floor(addr / PAGE); f <= Math.floor((addr + bytes - 1) / PAGE); f++) {
      if (this.#bit(FRAMES_USED, f)) continue;
      this.#set(FRAMES_USED, f, true);
      const used = this.ld32(MACHINE + M_FRAMES) + 1;
      this.st32(MACHINE + M_FRAMES, used);
      if (used > this.ld32(MACHINE + M_FRAMES_MAX)) this.st32(MACHINE + M_FRAMES_MAX, used);
    }
  }

  /** Zeroed, contiguous frames for `bytes`. */
  alloc(bytes: number): number {
    const a = this.reserve(bytes);
    this.touch(a, bytes);
    return a;
  }

  /** Zeroes what was written to pages of a range that never counted as used. */
  scrub(addr: number, bytes: number) {
    for (let p = addr / PAGE, end = Math.ceil((addr + bytes) / PAGE); p < end; p++) {
      if (this.#bit(FRAMES_USED, p)) continue;
      const at = p * (PAGE / 4);
      for (let i = at; i < at + PAGE / 4; i++)
        if (this.u32[i] !== 0) {
          this.u8.fill(0, p * PAGE, (p + 1) * PAGE);
          break;
        }
    }
  }

  /** Gives a range back; its used pages are zeroed. */
  release(addr: number, bytes: number) {
    const from = addr / PAGE,
      end = Math.ceil((addr + bytes) / PAGE);
    this.#range(FRAMES_RESERVED, from, end, false);
    let used = 0;
    for (let f = from; f < end; ) {
      if (!(f & 7) && this.ld8(FRAMES_USED + (f >>> 3)) === 0) {
        f += 8;
        continue;
      }
      if (this.#bit(FRAMES_USED, f)) {
        this.#set(FRAMES_USED, f, false);
        this.u8.fill(0, f * PAGE, (f + 1) * PAGE);
        used++;
      }
      f++;
    }
    if (used) this.st32(MACHINE + M_FRAMES, this.ld32(MACHINE + M_FRAMES) - used);
  }

  /** Pages that hold state: the fixed ones, then every used frame, ascending. */
  statePages(): number[] {
    const out: number[] = [],
      first = FIRST_FREE / PAGE,
      words = this.u32;
    for (let p = 1; p < TRACE / PAGE; p++) out.push(p);
    for (let w = FRAMES_USED >>> 2, base = 0; base < FRAMES_BYTES * 8; w++, base += 32) {
      let bits = words[w] ?? 0;
      for (let f = base; bits; bits >>>= 1, f++) if (bits & 1 && f >= first) out.push(f);
    }
    return out;
  }
}

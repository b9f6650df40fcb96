// A guest's virtio-net driver for tests, in TypeScript: it writes queues into guest RAM and makes the OUTs that a driver makes. The
// VM's own kernel stays at its prompt beside it. Descriptors are used in order; nothing is ever taken back from the device by force.

import type { GuestCpu } from '../src/hw/vcpu.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';

const N = 1024,
  AVAIL = 16 * N,
  USED = 20480,
  NO_INTERRUPT = 1;
/** Far above what the guest's kernel has taken. */
const BASE = 0x4000_0000;

export interface Seg {
  gpa: number;
  len: number;
}

export class VtnetDriver {
  readonly queues: [number, number];
  readonly avail: [number, number] = [0, 0];
  readonly seen: [number, number] = [0, 0];
  #desc: [number, number] = [0, 0];
  #flags: [number, number] = [0, 0];
  #buf: number;
  constructor(
    private readonly w: World,
    readonly cpu: GuestCpu,
    /** I/O BAR. */
    readonly io: number,
    slot = 0,
  ) {
    const base = BASE + slot * 0x100_0000;
    this.queues = [base, base + 0x1_0000];
    this.#buf = base + 0x2_0000;
    for (const q of this.queues) for (let o = 0; o < 32768; o += L.PAGE) cpu.ram(q + o);
  }

  /** Consecutive guest RAM. */
  alloc(bytes: number): number {
    const gpa = this.#buf,
      end = gpa + bytes;
    for (let p = gpa - (gpa % L.PAGE); p < end; p += L.PAGE) this.cpu.ram(p);
    this.#buf = Math.ceil(end / 64) * 64;
    return gpa;
  }
  put(gpa: number, bytes: ArrayLike<number>) {
    for (let i = 0; i < bytes.length; i++) this.w.m.st8(this.cpu.ram(gpa + i), bytes[i] ?? 0);
  }
  get(gpa: number, n: number): number[] {
    return Array.from({ length: n }, (_, i) => this.w.m.ld8(this.cpu.ram(gpa + i)));
  }

  /** Reset, features, both queues, MSI-X with vector 1 for RX and 2 for TX at 0xb0 and 0xb1 (nobody's), DRIVER_OK. */
  init(features: number, o: { msix?: number; cfg?: { bus: number; slot: number; func: number } } = {}) {
    const { cpu, io } = this;
    cpu.out(io + 18, 1, 0);
    cpu.out(io + 18, 1, 3);
    cpu.out(io + 4, 4, features);
    if (o.msix !== undefined && o.cfg) {
      for (let v = 0; v < 3; v++) {
        cpu.mmioWrite(o.msix + v * 16, 0xfee00000);
        cpu.mmioWrite(o.msix + v * 16 + 4, 0);
        cpu.mmioWrite(o.msix + v * 16 + 8, 0xb0 + v);
        cpu.mmioWrite(o.msix + v * 16 + 12, 0);
      }
      this.config(o.cfg, 0x42, 0x8002);
    }
    for (const q of [0, 1] as const) this.queue(q, o.msix === undefined ? 0xffff : q + 1);
    cpu.out(io + 18, 1, 7);
  }
  config(f: { bus: number; slot: number; func: number }, reg: number, v: number) {
    this.cpu.out(0xcf8, 4, (0x80000000 | (f.bus << 16) | (f.slot << 11) | (f.func << 8) | (reg & 0xfc)) >>> 0);
    this.cpu.out(0xcfc + (reg & 3), 2, v);
  }
  queue(q: 0 | 1, vector = 0xffff) {
    const { cpu, io } = this;
    for (let o = 0; o < 32768; o += 4) this.w.m.st32(cpu.ram(this.queues[q] + o), 0);
    this.avail[q] = this.seen[q] = this.#desc[q] = this.#flags[q] = 0;
    cpu.out(io + 14, 2, q);
    cpu.out(io + 22, 2, vector);
    cpu.out(io + 8, 4, this.queues[q] / L.PAGE);
  }

  desc(q: 0 | 1, i: number, addr: number, len: number, flags: number, next: number) {
    const { m } = this.w,
      at = this.cpu.ram(this.queues[q] + i * 16);
    m.st32(at, addr % 2 ** 32);
    m.st32(at + 4, Math.floor(addr / 2 ** 32));
    m.st32(at + 8, len);
    m.st16(at + 12, flags);
    m.st16(at + 14, next);
  }
  /** A chain of these segments at the next free descriptors, made available. Answers its head. */
  add(q: 0 | 1, segs: readonly Seg[]): number {
    const head = this.#desc[q];
    segs.forEach((s, k) => {
      const last = k === segs.length - 1,
        i = (head + k) % N;
      this.desc(q, i, s.gpa, s.len, (last ? 0 : 1) | (q === 0 ? 2 : 0), last ? 0 : (i + 1) % N);
    });
    this.#desc[q] = (head + segs.length) % N;
    this.offer(q, head);
    return head;
  }
  /** An entry of the avail ring, and the index. */
  offer(q: 0 | 1, head: number) {
    const { m } = this.w,
      base = this.queues[q] + AVAIL;
    m.st16(this.cpu.ram(base + 4 + (this.avail[q] % N) * 2), head);
    this.avail[q] = (this.avail[q] + 1) & 0xffff;
    this.word(q);
  }
  word(q: 0 | 1) {
    const at = this.cpu.ram(this.queues[q] + AVAIL);
    Atomics.store(this.w.m.u32, at >>> 2, (this.avail[q] << 16) | this.#flags[q]);
  }
  noInterrupt(q: 0 | 1, on: boolean) {
    this.#flags[q] = on ? NO_INTERRUPT : 0;
    this.word(q);
  }
  usedIdx(q: 0 | 1) {
    return this.w.m.ld16(this.cpu.ram(this.queues[q] + USED + 2));
  }
  noNotify(q: 0 | 1) {
    return (this.w.m.ld16(this.cpu.ram(this.queues[q] + USED)) & 1) === 1;
  }
  /** The OUT, unless the device asks not to be told. True when it was made. */
  kick(q: 0 | 1): boolean {
    if (this.noNotify(q)) return false;
    this.cpu.out(this.io + 16, 2, q);
    return true;
  }
  /** Used elements since the last time. */
  used(q: 0 | 1): { id: number; len: number }[] {
    const out: { id: number; len: number }[] = [],
      { m } = this.w;
    for (; this.seen[q] !== this.usedIdx(q); this.seen[q] = (this.seen[q] + 1) & 0xffff) {
      const e = this.queues[q] + USED + 4 + (this.seen[q] % N) * 8;
      out.push({ id: m.ld32(this.cpu.ram(e)), len: m.ld32(this.cpu.ram(e + 4)) });
    }
    return out;
  }

  /** A frame in the TX queue: the header as a descriptor of its own, then the frame. */
  send(frame: ArrayLike<number>, header = 12): number {
    const h = this.alloc(header),
      b = this.alloc(frame.length);
    this.put(h, new Array<number>(header).fill(0));
    this.put(b, frame);
    return this.add(1, [
      { gpa: h, len: header },
      { gpa: b, len: frame.length },
    ]);
  }
  /** Buffers in the RX queue; answers head and address of each. */
  post(n: number, size = 2048): { head: number; gpa: number }[] {
    return Array.from({ length: n }, () => {
      const gpa = this.alloc(size);
      this.put(gpa, new Array<number>(16).fill(0xee));
      return { head: this.add(0, [{ gpa, len: size }]), gpa };
    });
  }
}

const mac = (s: string) => s.split(':').map((b) => Number.parseInt(b, 16));
/** An Ethernet frame whose payload is its number, again and again. */
export const frame = (n: number, len = 60, dst = 'ff:ff:ff:ff:ff:ff', src = '00:a0:98:00:00:01') => [
  ...mac(dst),
  ...mac(src),
  0x88,
  0xb5,
  ...Array.from({ length: len - 14 }, (_, i) => (n + i) & 255),
];

// What a host keeps whatever a guest does: the bytes of every page that is not the guest's and not of what serves it, whole
// allocators, free frames that are zero. The guest's reach is what facts bhyve 3 to 5 and netmap 5A give it.

import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';

/** Buffers of each allocator: what the bitmap says and what is counted. '' when they agree. */
export function allocators(w: World): string {
  const { m } = w;
  for (const e of w.tree.host.mems)
    for (let i = 0; i < 3; i++) {
      const o = e.addr + L.MEM_POOL + i * L.MEM_POOL_SIZE,
        total = m.ld32(o + L.POOL_OBJTOTAL),
        map = m.ld32(o + L.POOL_BITMAP);
      let free = 0;
      for (let k = 0; k < total; k++) free += (m.ld32(map + (k >>> 5) * 4) >>> (k & 31)) & 1;
      if (free !== m.ld32(o + L.POOL_OBJFREE))
        return `allocator ${e.id}, pool ${i}: ${free} bits free, ${m.ld32(o + L.POOL_OBJFREE)} counted`;
    }
  return '';
}

/** Every page that the guest and what serves it may write; all others must keep their bytes. */
export function reach(
  w: World,
  name: string,
  also: readonly string[],
  served: readonly [number, number][] = [],
): (page: number) => boolean {
  const { m } = w,
    t = w.tree.host,
    vm = w.host.vmm.find(name),
    pages = new Set<number>(),
    regions: [number, number][] = [];
  const add = (addr: number, bytes: number) => {
    const from = Math.floor(addr / L.PAGE),
      to = Math.floor((addr + bytes - 1) / L.PAGE);
    if (to - from > 64) regions.push([from, to]);
    else for (let p = from; p <= to; p++) pages.add(p);
  };
  for (const [addr, bytes] of served) if (addr) add(addr, bytes);
  add(L.MACHINE, L.PAGE);
  add(L.FRAMES_RESERVED, 2 * L.FRAMES_BYTES);
  for (let i = 0; i < L.THREAD_MAX; i++) if (m.status(m.block(i)) === L.TS_FREE) add(m.block(i), L.THREAD_SIZE); // a worker may begin
  if (vm) {
    add(vm.vm, L.VM_SIZE);
    if (vm.vcpu) add(vm.vcpu, L.VCPU_SIZE);
    for (const p of [...vm.pages, ...vm.frames]) add(p, L.PAGE);
    for (const r of vm.runs) add(r.ptr, r.bytes);
    for (const b of [vm.block, vm.intr]) add(b, L.THREAD_SIZE);
    const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined;
    for (const f of st?.pci.functions ?? []) if (f.page) add(f.page, L.PAGE);
    for (const x of st?.threads ?? []) {
      add(x.h.td, L.TD_SIZE);
      add(x.h.targ, L.TARG_SIZE);
      add(m.ld32(x.h.td + L.TD_BLOCK), L.THREAD_SIZE);
    }
    const fds = Object.values(st?.backends ?? {}).map((b) => b.fd);
    for (const p of t.ptn)
      if (fds.includes(p.fd)) {
        add(p.pts, L.PTN_SIZE + 2 * L.NMK_SIZE);
        add(p.txBlock, L.THREAD_SIZE);
        add(p.rxBlock, L.THREAD_SIZE);
      }
  }
  for (const p of t.ptnFree) add(p, L.PTN_SIZE + 2 * L.NMK_SIZE);
  // the ports behind its back-ends, and those that share a switch or a pipe with them
  for (const a of t.adapters)
    if (also.some((x) => a.name.startsWith(x))) {
      const mem = t.mems.find((e) => e.addr === m.ld32(a.addr + L.NA_MEM));
      if (mem) add(m.ld32(mem.addr + L.MEM_BASE), mem.bytes);
      add(a.addr, L.NA_KRINGS + 8 * L.KR_SIZE);
      for (const k of w.host.netmap.nas.krings(a.addr)) {
        add(k, L.KR_SIZE);
        if (m.ld32(k + L.KR_FT)) add(m.ld32(k + L.KR_FT), L.FT_TOTAL);
        if (m.ld32(k + L.KR_LEASES)) add(m.ld32(k + L.KR_LEASES), L.PAGE);
      }
    }
  for (const b of t.bridges) if (also.some((x) => x.startsWith(b.name))) add(b.addr, L.BDG_SIZE);
  return (page) => pages.has(page) || regions.some(([from, to]) => page >= from && page <= to);
}

/** Words of the machine's own page that only a person changes: the rest of it is the clock's and the driver's. */
const SETTINGS = [
  ...[
    L.M_MAGIC,
    L.M_VERSION,
    L.M_TSO,
    L.M_DRAIN_ANY,
    L.M_SLEEP_BOUND,
    L.M_DOUBLE_CHECK,
    L.M_BARRIER,
    L.M_DOORBELL,
    L.M_BRIDGE_BATCH,
    L.M_POLICY,
  ],
  ...[L.M_NO_TIMESTAMP, L.M_FWD, L.M_NO_PENDINTR, L.M_GENERIC_MIT, L.M_TXSYNC_RETRY, L.M_MBUFS, L.M_CAPTURE],
  ...[L.M_HAZARD_ON, L.M_HAZARD_OFF],
];

/** The bytes of all pages outside a guest's reach, to be compared. */
export class Outside {
  readonly #pages = new Map<number, number>();
  readonly #settings: string;
  constructor(
    readonly w: World,
    readonly name: string,
    readonly also: readonly string[],
    /** What works for others meanwhile. */
    readonly served: () => readonly [number, number][] = () => [],
  ) {
    const may = reach(w, name, also, served());
    for (const p of w.m.statePages()) if (!may(p)) this.#pages.set(p, this.#sum(p));
    this.#settings = this.#now();
  }
  #now() {
    return SETTINGS.map((o) => this.w.m.ld32(L.MACHINE + o)).join();
  }
  #sum(p: number): number {
    const { u32 } = this.w.m;
    let h = 0;
    for (let i = (p * L.PAGE) >>> 2, end = i + L.PAGE / 4; i < end; i++) h = (Math.imul(h, 31) + (u32[i] as number)) | 0;
    return h;
  }
  get size() {
    return this.#pages.size;
  }
  /** Whether the page of this address is looked at. */
  has(addr: number): boolean {
    return this.#pages.has(Math.floor(addr / L.PAGE));
  }
  /** Pages that were changed and that nothing of the guest's has come to in the meantime, in words. */
  changed(): string {
    if (this.#now() !== this.#settings) return 'the settings of the machine';
    const may = reach(this.w, this.name, this.also, this.served());
    return [...this.#pages]
      .filter(([p, h]) => this.#sum(p) !== h && !may(p) && (p * L.PAGE < L.FIRST_FREE || this.w.m.used(p * L.PAGE)))
      .map(([p]) => `0x${(p * L.PAGE).toString(16)}: ${whose(this.w, p * L.PAGE)}`)
      .join(', ');
  }
}

/** Pages of nobody in particular, each beside a free one: whatever is allocated page by page from now on lies between them. */
export function canaries(w: World, n: number) {
  const { m } = w,
    pages = Array.from({ length: 2 * n }, () => m.alloc(L.PAGE));
  pages.forEach((p, i) => {
    if (i % 2) m.release(p, L.PAGE);
    else m.u8.fill(0xc5, p, p + L.PAGE);
  });
}

/** Frames that nobody has must be zero: what is handed out next would hold somebody's bytes. Answers the first that is not. */
export function dirtyFree(w: World): number | undefined {
  const { m } = w,
    end = m.memory.buffer.byteLength / L.PAGE;
  for (let p = L.FIRST_FREE / L.PAGE; p < end; p++) {
    if ((m.ld8(L.FRAMES_RESERVED + (p >>> 3)) >>> (p & 7)) & 1) continue;
    for (let i = p * 1024; i < p * 1024 + 1024; i++) if (m.u32[i]) return p * L.PAGE;
  }
  return undefined;
}

/** Whose a page is, in words: for the message of a failure. */
export function whose(w: World, addr: number): string {
  const { m } = w,
    t = w.tree.host,
    hit = (at: number, bytes: number) => addr + L.PAGE > at && addr < at + bytes;
  if (addr < L.FIRST_FREE) return 'a fixed page';
  for (const e of t.mems) {
    if (hit(m.ld32(e.addr + L.MEM_BASE), e.bytes)) return `region of allocator ${e.id} (${e.owner})`;
    if (hit(e.addr, L.PAGE)) return `allocator ${e.id} (${e.owner})`;
  }
  for (const a of t.adapters) {
    if (hit(a.addr, L.NA_KRINGS)) return `adapter ${a.name}`;
    for (const k of w.host.netmap.nas.krings(a.addr)) if (hit(k, L.KR_SIZE)) return `krings of ${a.name}`;
  }
  for (const b of t.bridges) if (hit(b.addr, L.BDG_SIZE)) return `switch ${b.name}`;
  for (const v of t.vms) {
    if (v.vm === addr) return `struct vm of ${v.name}`;
    if (v.pages.includes(addr)) return `EPT of ${v.name}`;
    if (v.frames.includes(addr) || v.runs.some((r) => hit(r.ptr, r.bytes))) return `RAM of ${v.name}`;
    if (v.vcpu === addr) return `vCPU of ${v.name}`;
    const st = w.host.bhyveOf(v)?.st as BhyveState | undefined,
      f = st?.pci.functions.find((x) => x.page === addr);
    if (f) return `${f.emul} ${f.slot}:${f.func} of ${v.name}`;
  }
  return m.used(addr) ? 'somebody else' : 'free';
}

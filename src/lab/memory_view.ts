// A window of memory for the memory panel: rows of bytes with the addresses that the guest, its programs and the host have for them,
// and the named field of each byte. Guest addresses go through the VM's map (EPT), as the guest's own would; nothing is faulted in.

import * as L from '../../wasm/layout.ts';
import type { VmEntry } from '../host/kernel/vmm.ts';
import { functionsOf, type Thing, things, vtnetAt, whereOf } from './objects.ts';
import type { MemoryPiece, MemoryQuery, MemoryRegion, MemoryRow, MemoryView, Space } from './panel_types.ts';
import type { World } from './world.ts';

const ROWS = 64,
  LOW_RAM = 0xc0000000,
  TOP = 2 ** 32;

const ram = (vm: VmEntry) => Math.min(vm.memBytes, LOW_RAM);
const page = (a: number) => Math.floor(a / L.PAGE) * L.PAGE;

/** Guest-physical addresses of host pages, as far as a VM has them; each page is looked for once. */
export class Reverse {
  readonly #known = new Map<number, number>();
  constructor(
    private readonly w: World,
    private readonly vm: VmEntry,
  ) {}
  /** -1: this VM has no such page. */
  gpa(host: number): number {
    const p = page(host);
    let g = this.#known.get(p);
    if (g === undefined) {
      g = this.#find(p);
      this.#known.set(p, g);
    }
    return g < 0 ? -1 : g + (host - p);
  }
  #find(p: number): number {
    const { vm, w } = this;
    for (const r of vm.runs) if (p >= r.ptr && p < r.ptr + r.bytes) return r.gpa + p - r.ptr;
    for (const u of vm.userbufs) {
      const at = w.host.vmm.hostAddress(vm, u.gpa);
      if (at !== undefined && p >= at && p < at + u.bytes) return u.gpa + p - at;
    }
    if (!vm.frames.includes(p)) return -1;
    const { m } = w,
      dir = m.ld32(vm.vm + L.VM_EPT);
    for (let d = 0; d < Math.ceil(ram(vm) / 2 ** 22); d++) {
      const table = m.ld32(dir + d * 4);
      for (let i = 0; table && i < 1024; i++) {
        const e = m.ld32(table + i * 4);
        if (e & 1 && page(e) === p) return d * 2 ** 22 + i * L.PAGE;
      }
    }
    return -1;
  }
}

/** Whether a program of the guest has an address mapped; the lab's guests map one to one (modelled). */
function mappedByProgram(w: World, vm: VmEntry): (gpa: number) => boolean {
  const g = w.tree.guests[vm.name],
    ranges: [number, number][] = [];
  if (!g) return () => false;
  for (const sc of g.vtnets) if (sc.users > 0) for (const d of g.memdevs) if (d.id === sc.hostMemId) ranges.push([d.bar, d.bar + d.size]);
  const gpa = (ptr: number) => {
    const r = g.wired.find((x) => ptr >= x.ptr && ptr < x.ptr + x.bytes);
    return r ? r.gpa + ptr - r.ptr : -1;
  };
  for (const e of g.mems)
    if (g.fds.some((f) => w.m.ld32(f.na + L.NA_MEM) === e.addr)) {
      const base = gpa(w.m.ld32(e.addr + L.MEM_BASE));
      if (base >= 0) ranges.push([base, base + e.bytes]);
    }
  for (const t of g.threads) ranges.push([t.targ, t.targ + L.PAGE]);
  return (a) => ranges.some(([from, to]) => a >= from && a < to);
}

/** What is at a guest-physical address that has no page of its own, or what its page is. */
function guestWhat(w: World, vm: VmEntry, gpa: number, backed: boolean): string {
  const bar = functionsOf(w, vm)
    .flatMap((f) => f.bars.map((b, i) => ({ f, b, i })))
    .find(({ b }) => b?.type === 'mem32' && gpa >= b.addr && gpa < b.addr + b.size);
  if (backed)
    return gpa < ram(vm)
      ? `RAM of ${vm.name}`
      : bar
        ? `BAR${bar.i} of ${bar.f.emul} ${whereOf(bar.f)}`
        : 'mapped by bhyve, where a BAR once was';
  if (gpa < ram(vm)) return 'RAM that the guest has not touched: zeros';
  return bar ? `BAR${bar.i} of ${bar.f.emul} ${whereOf(bar.f)}: each access is an exit to bhyve` : '';
}

/** Guest-physical memory from 0 to 4 GiB: what is where, gaps included. */
export function guestMap(w: World, vm: VmEntry): MemoryRegion[] {
  const g = w.tree.guests[vm.name],
    touched = vm.frames.length + vm.runs.reduce((n, r) => n + r.bytes / L.PAGE, 0),
    out: MemoryRegion[] = [{ from: 0, to: ram(vm), what: `${touched} pages in use`, kind: 'ram' }];
  const taken = new Set<number>();
  for (const u of vm.userbufs) {
    const host = w.host.vmm.hostAddress(vm, u.gpa),
      e = w.tree.host.mems.find((x) => w.m.ld32(x.addr + L.MEM_BASE) === host),
      dev = g?.memdevs.find((d) => d.bar === u.gpa);
    taken.add(u.gpa);
    out.push({
      from: u.gpa,
      to: u.gpa + u.bytes,
      what: `netmap memory ${e?.id ?? ''} of ${e?.owner || 'the host'}${dev ? `, BAR1 of ptnetmap-memdev${dev.unit}` : ''}, host 0x${(host ?? 0).toString(16)}`,
      kind: 'mapped',
    });
  }
  for (const f of functionsOf(w, vm))
    f.bars.forEach((b, i) => {
      if (b?.type !== 'mem32' || taken.has(b.addr)) return;
      const sc = vtnetAt(w, vm, f);
      out.push({
        from: b.addr,
        to: Math.min(TOP, b.addr + b.size),
        what: `BAR${i} of ${f.emul} ${whereOf(f)}${sc ? ` (${sc.name})` : ''}${/^virtio/.test(f.emul) && i === 1 ? ', MSI-X table' : ''}; each access is an exit to bhyve`,
        kind: 'bar',
      });
    });
  out.sort((a, b) => a.from - b.from || a.to - b.to);
  const all: MemoryRegion[] = [];
  let end = 0;
  for (const r of out) {
    if (r.from > end) all.push({ from: end, to: r.from, what: '', kind: 'none' });
    all.push(r);
    end = Math.max(end, r.to);
  }
  if (end < TOP) all.push({ from: end, to: TOP, what: '', kind: 'none' });
  return all;
}

/** Where to begin: at the first field of what teaches most. */
function somewhere(all: readonly Thing[]): number {
  for (const g of ['csb', 'rings', 'krings', 'threads'] as const) {
    const t = all.find((x) => x.group === g);
    for (let o = 0; t && o < 64; o++) if (t.at(o)) return t.addr + o;
  }
  return L.MACHINE;
}

const clamp = (n: number, least: number, most: number) => (Number.isFinite(n) ? Math.min(most, Math.max(least, Math.trunc(n))) : least);

export function memoryView(w: World, q: MemoryQuery): MemoryView {
  const { m, tree } = w,
    vms = tree.host.vms.filter((v) => tree.guests[v.name] || functionsOf(w, v).length),
    vm = vms.find((v) => v.name === q.vm) ?? vms[0],
    size = m.memory.buffer.byteLength,
    width = q.width === 8 ? 8 : 16,
    wanted = clamp(q.rows, 1, ROWS);
  const reverse = vm && new Reverse(w, vm),
    program = vm ? mappedByProgram(w, vm) : () => false;
  const all = things(w);
  const hostOf = (gpa: number) => (vm ? w.host.vmm.hostAddress(vm, gpa) : undefined);

  // the first address, in the space that is to be shown if it has one there
  let { space, addr } = q.from;
  if (!vm) space = 'host';
  if (addr < 0) [space, addr] = ['host', somewhere(all)];
  addr = clamp(addr, 0, space === 'host' ? size - 1 : TOP - 1);
  if (vm && reverse && q.show !== space) {
    if (q.show === 'host') {
      const h = hostOf(addr);
      if (h !== undefined) [space, addr] = ['host', h];
    } else {
      const g = space === 'host' ? reverse.gpa(addr) : addr;
      if (g >= 0) [space, addr] = [q.show, g];
    }
  }
  const top = space === 'host' ? Math.floor(size / width) * width : TOP;
  const focus = addr;
  addr = Math.min(addr - (addr % width) - clamp(q.before, 0, wanted - 1) * width, top - wanted * width);
  addr = Math.max(0, addr);

  const rows: MemoryRow[] = [],
    pieces: MemoryPiece[] = [];
  let fault = -1;
  for (let r = 0; r < wanted; r++) {
    const at = addr + r * width;
    if (at >= top) break;
    const guest = space === 'host' ? (reverse?.gpa(at) ?? -1) : at,
      host = space === 'host' ? at : (hostOf(at) ?? -1);
    const what = guest >= 0 && vm ? guestWhat(w, vm, guest, host >= 0) : m.used(host) || host < L.FIRST_FREE ? '' : 'free';
    if (host < 0 && !what && fault < 0) fault = at;
    const row: MemoryRow = { guest, program: guest >= 0 && program(guest) ? guest : -1, host, what, bytes: [] };
    if (host >= 0 && host + width <= size) {
      row.bytes = Array.from(m.u8.subarray(host, host + width));
      pieces.push(...piecesOf(w, all, r, host, width));
    }
    rows.push(row);
  }
  return {
    space: space satisfies Space,
    addr,
    from: q.from,
    focus: { row: Math.floor((focus - addr) / width), col: (focus - addr) % width },
    vm: vm?.name ?? '',
    vms: vms.map((v) => v.name),
    rows,
    pieces,
    objects: all.map(({ title, group, addr: a, bytes, owner }) => ({ title, group, addr: a, bytes, owner })),
    fault,
    map: vm ? guestMap(w, vm) : [],
  };
}

function piecesOf(w: World, all: readonly Thing[], row: number, host: number, width: number): MemoryPiece[] {
  const out: MemoryPiece[] = [];
  for (let o = 0; o < width; ) {
    const p = host + o,
      t = all.find((x) => p >= x.addr && p < x.addr + x.bytes);
    if (!t) {
      o++;
      continue;
    }
    const s = t.at(p - t.addr),
      end = s ? t.addr + s.start + s.bytes : p + 1,
      n = Math.max(1, Math.min(width - o, end - p)),
      last = out.at(-1);
    if (!s && last && last.name === '' && last.object === t.title && last.at + last.bytes === o) last.bytes++;
    else
      out.push({
        row,
        at: o,
        bytes: s ? n : 1,
        object: t.title,
        name: s?.name ?? '',
        owner: s?.owner ?? t.owner,
        note: s?.note || (s && t.group === 'buffers' ? slotOf(w, t.addr, s.start, s.bytes) : ''),
        addr: s ? t.addr + s.start : p,
        size: s?.bytes ?? 1,
        ...(s?.number ? { value: valueAt(w, t.addr + s.start, s.bytes) } : {}),
      });
    o += s ? n : 1;
  }
  return out;
}

/** A number of 1, 2, 4 or 8 bytes at any address. */
export function valueAt({ m }: World, addr: number, bytes: number): number {
  let v = 0;
  for (let i = bytes - 1; i >= 0; i--) v = v * 256 + m.ld8(addr + i);
  return v;
}

/** The slot that names a buffer now. */
function slotOf(w: World, pool: number, start: number, size: number): string {
  const { m } = w,
    idx = start / size;
  for (const e of w.tree.host.mems) {
    if (m.ld32(e.addr + L.MEM_BASE) + m.ld32(e.addr + L.MEM_POOL + L.POOL_BUF * L.MEM_POOL_SIZE + L.POOL_OFFSET) !== pool) continue;
    for (const a of w.tree.host.adapters) {
      if (a.mem !== e.addr) continue;
      for (const kr of w.host.netmap.nas.krings(a.addr)) {
        const ring = m.ld32(kr + L.KR_RING);
        if (!ring || m.ld32(kr + L.KR_NR_KFLAGS) & L.NKR_FAKERING) continue;
        for (let i = 0, n = Math.min(m.ld32(kr + L.KR_NUM_SLOTS), 16_384); i < n; i++)
          if (m.ld32(ring + L.RING_SLOT + i * L.SLOT_SIZE) === idx)
            return `in slot ${i} of ${a.name} ${m.ld32(kr + L.KR_TX) === L.NR_TX ? 'TX' : 'RX'} ring ${m.ld32(kr + L.KR_RING_ID)}`;
      }
    }
  }
  return 'in no slot';
}

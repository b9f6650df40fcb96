// The invariants of a passthrough machine (facts bhyve 9.4), as a judge that looks at it from outside after each step: at indices
// in the CSB, at slots and buffers of the rings, at who sleeps, at register handlers and BARs. Its numbers are the document's.

import type { BhyveState } from '../src/host/bhyve/ctx.ts';
import type { PtnEntry } from '../src/host/kernel/ptnetmap.ts';
import type { NetmapFd } from '../src/host/kernel/tree.ts';
import type { VmEntry } from '../src/host/kernel/vmm.ts';
import type { World } from '../src/lab/world.ts';
import * as L from '../wasm/layout.ts';
import * as P from '../wasm/points.ts';

/** Accesses that vmm.ko makes on its own. */
const VMM: readonly number[] = [P.P_IO_OUT, P.P_IO_WAKEUP, P.P_MSI_SET_IRR];

interface Port {
  name: string;
  vm: VmEntry;
  entry: PtnEntry;
  fd: NetmapFd;
  kind: string;
}

/** Ports whose passthrough is up. */
export function upPorts(w: World): Port[] {
  const t = w.tree.host,
    out: Port[] = [];
  for (const vm of t.vms) {
    const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined,
      mine = Object.values(st?.backends ?? {}).map((b) => b.fd);
    for (const entry of t.ptn) {
      const fd = t.fds.find((f) => f.id === entry.fd);
      if (!fd || !mine.includes(entry.fd) || entry.stopping) continue;
      out.push({ name: fd.name, vm, entry, fd, kind: t.adapters.find((a) => a.addr === fd.na)?.kind ?? '' });
    }
  }
  return out;
}

/** 5: entries of VM_IO_REG_HANDLER are twice the ports that are up. */
export function handlers(w: World): string {
  const ports = upPorts(w);
  for (const vm of w.tree.host.vms) {
    let n = 0;
    for (let i = 0; i < 16; i++) if (w.m.ld32(vm.vm + L.VM_IOREGH + i * L.VM_IOREGH_SIZE + L.IOREGH_TYPE)) n++;
    const up = ports.filter((p) => p.vm === vm).length;
    if (n !== 2 * up) return `5: ${vm.name} has ${n} handlers and ${up} ports up`;
  }
  return '';
}

/** 6: a memdev's BAR is a power of two, aligned to itself, below 0xE0000000; what is mapped is not rounded. */
export function memdevs(w: World): string {
  for (const vm of w.tree.host.vms) {
    const st = w.host.bhyveOf(vm)?.st as BhyveState | undefined;
    for (const f of st?.pci.functions ?? []) {
      const bar = f.emul === 'ptnetmap-memdev' ? f.bars[1] : undefined;
      if (!bar) continue;
      const what = `6: BAR 0x${bar.addr.toString(16)} of ${bar.size} bytes`,
        map = vm.userbufs.find((u) => u.gpa === bar.addr);
      if (Math.log2(bar.size) % 1) return `${what} is no power of two`;
      if (bar.addr % bar.size) return `${what} is not aligned`;
      if (bar.addr < 0xc0000000 || bar.addr + bar.size > 0xe0000000) return `${what} is outside the window`;
      if (!map) return `${what} is not mapped`;
      const mem = w.tree.host.mems.find((e) => w.host.vmm.hostAddress(vm, bar.addr) === w.m.ld32(e.addr + L.MEM_BASE));
      if (map.bytes !== mem?.bytes || map.bytes > bar.size) return `${what}: ${map.bytes} are mapped, the allocator has ${mem?.bytes}`;
      const end = bar.addr + Math.ceil(map.bytes / L.PAGE) * L.PAGE;
      if (w.host.vmm.hostAddress(vm, end - 1) === undefined) return `${what}: its last byte is not mapped`;
      if (w.host.vmm.hostAddress(vm, end) !== undefined) return `${what}: more is mapped than there is`;
    }
  }
  return '';
}

const within = (i: number, from: number, to: number, n: number) => (i - from + n) % n < (to - from + n) % n;

/** 3, at any moment: every index is a slot; while nobody is inside a sync, the cyclic order of netmap 2.1 holds. */
export function indices(w: World): string {
  const { m } = w;
  for (const p of upPorts(w)) {
    const csb = m.ld32(p.entry.pts + L.PTN_CSB);
    if (m.ld32(p.entry.pts + L.PTN_STOPPED)) continue;
    for (const tx of [true, false]) {
      const ring = csb + (tx ? L.CSB_TX_RING : L.CSB_RX_RING),
        kr = tx ? p.fd.tx : p.fd.rx,
        n = m.ld32(kr + L.KR_NUM_SLOTS),
        word = (o: number) => m.ld32(ring + o),
        name = `3: ${p.name} ${tx ? 'TX' : 'RX'}`;
      const [head, cur, hwcur, hwtail] = [word(L.PTR_HEAD), word(L.PTR_CUR), word(L.PTR_HWCUR), word(L.PTR_HWTAIL)];
      if (head >= n || cur >= n || hwcur >= n || hwtail >= n)
        return `${name}: head ${head}, cur ${cur}, hwcur ${hwcur}, hwtail ${hwtail} of ${n}`;
      const [khead, kcur, ktail] = [m.ld32(kr + L.KR_RHEAD), m.ld32(kr + L.KR_NR_HWCUR), m.ld32(kr + L.KR_NR_HWTAIL)];
      if (khead >= n || kcur >= n || ktail >= n) return `${name}: the kring has rhead ${khead}, hwcur ${kcur}, hwtail ${ktail} of ${n}`;
      if (m.ld32(kr + L.KR_NR_BUSY)) continue;
      // hwcur ≤ rhead ≤ hwtail, around the ring
      if ((khead - kcur + n) % n > (ktail - kcur + n) % n) return `${name}: at rest hwcur ${kcur}, rhead ${khead}, hwtail ${ktail}`;
    }
  }
  if (m.ld32(L.MACHINE + L.M_VIOLATIONS)) return '3: a slot was touched by a thread that did not own it';
  return '';
}

/** 4: both sides sleep and something is left to do. `told`: a kick that was lost (5.6) explains it. */
export function unseen(w: World): { why: string; told: boolean } | undefined {
  const { m } = w;
  let busy: boolean | undefined;
  /** Somebody is inside a sync: who changes another's ring notifies before it leaves. */
  const inside = () =>
    (busy ??= w.tree.host.adapters.some((a) => w.host.netmap.nas.krings(a.addr).some((k) => m.ld32(k + L.KR_NR_BUSY) !== 0)));
  for (let i = 0; i < m.threads; i++) if (m.ld32(m.block(i) + L.T_SB_COUNT)) return undefined; // not yet to be seen
  for (const p of upPorts(w)) {
    const { vm, entry, fd } = p,
      csb = m.ld32(entry.pts + L.PTN_CSB),
      guest = w.tree.guests[vm.name];
    if ([vm.block, entry.txBlock, entry.rxBlock].some((b) => m.status(b) !== L.TS_ASLEEP) || m.status(vm.intr) === L.TS_READY) continue;
    if (m.ld32(vm.block + L.T_WCHAN) !== vm.vcpu || !guest) continue; // in userspace
    if ([entry.txKth, entry.rxKth].some((k) => m.ld32(k + L.NMK_SCHEDULED))) continue;
    const sc = guest.vtnets.find((v) => w.host.vmm.hostAddress(vm, v.csb) === csb),
      na = w.host.vmm.hostAddress(vm, sc?.page ?? 0) ?? 0,
      told = m.ld64(vm.vm + L.VM_STAT + L.STAT_WAKEUP_LOST * 8) > 0;
    const waits = (kring: number) => {
      for (let i = 0; i < L.KR_SI_MAX; i++) if (m.ld32(kring + L.KR_SI + i * 4)) return true;
      return false;
    };
    const gtx = na + L.NA_KRINGS,
      grx = na + L.NA_KRINGS + 2 * L.KR_SIZE,
      tx = csb + L.CSB_TX_RING,
      rx = csb + L.CSB_RX_RING,
      n = m.ld32(fd.tx + L.KR_NUM_SLOTS);
    // what the guest has published and nobody takes, though there is room
    const pending = (m.ld32(tx + L.PTR_HEAD) - m.ld32(fd.tx + L.KR_NR_HWCUR) + n) % n;
    if (pending && p.kind !== 'nic' && !inside()) {
      const peer = m.ld32(fd.tx + L.KR_PIPE),
        held = peer ? (m.ld32(peer + L.KR_NR_HWTAIL) - m.ld32(peer + L.KR_NR_HWCUR) + n) % n : 0;
      if (held < n - 1) return { why: `4: ${p.name}: ${pending} packets wait in the guest's ring, and both sides sleep`, told };
    }
    // what has come and the guest was not told of
    if (waits(grx) && m.ld32(rx + L.PTR_HWTAIL) !== m.ld32(rx + L.PTR_CUR) && m.ld32(rx + L.PTR_HWTAIL) !== m.ld32(grx + L.KR_NR_HWTAIL))
      return { why: `4: ${p.name}: packets are there, and the guest sleeps`, told: false };
    if (
      waits(gtx) &&
      m.ld32(gtx + L.KR_RCUR) === m.ld32(gtx + L.KR_NR_HWTAIL) &&
      m.ld32(tx + L.PTR_HWTAIL) !== m.ld32(gtx + L.KR_NR_HWTAIL)
    )
      return { why: `4: ${p.name}: there is room, and the guest sleeps`, told: false };
    // what the guest has given back while the port is full: nobody notifies for a packet that is dropped
    const at = (o: number) => m.ld32(fd.rx + o);
    if (
      (at(L.KR_NR_HWTAIL) + 1) % n === at(L.KR_NR_HWCUR) &&
      m.ld32(rx + L.PTR_HEAD) !== at(L.KR_NR_HWCUR) &&
      p.kind !== 'nic' &&
      !inside()
    )
      return { why: `4: ${p.name}: buffers that the guest gave back wait, and both sides sleep`, told };
    // what the port has received and its worker has not published, though the guest has room
    const room = (m.ld32(rx + L.PTR_HEAD) - m.ld32(rx + L.PTR_HWTAIL) - 1 + 2 * n) % n;
    if (room && m.ld32(fd.rx + L.KR_NR_HWTAIL) !== m.ld32(rx + L.PTR_HWTAIL) && p.kind !== 'nic' && !inside())
      return { why: `4: ${p.name}: packets wait in the port, and both sides sleep`, told };
  }
  return undefined;
}

export type Policy = 'least time' | 'in turn' | 'random' | 'adversarial';

/** The words of a CSB that say "tell me": who is about to touch one is where schedules go wrong. */
const FLAGS = [L.CSB_HOST_NEED_TXKICK, L.CSB_HOST_NEED_RXKICK, L.CSB_GUEST_NEED_TXKICK, L.CSB_GUEST_NEED_RXKICK];
const RESTS = [L.ACC_SLEEP, L.ACC_WAKEUP];

/** Lets one thread after the other make an access, by a policy of the test's own: who made it is known. */
export class Driver {
  #at = 0;
  #held = new Set<number>();
  constructor(
    readonly w: World,
    readonly policy: Policy,
    readonly r: (n: number) => number,
  ) {}

  /** One access or one action. `thread` as Writers wants it; null when nothing can happen any more. */
  step(): { thread: number | undefined; point: number } | null {
    const { w } = this,
      { m } = w;
    if (w.act()) {
      m.steps++;
      return { thread: 0, point: 0 };
    }
    const able: number[] = [],
      full: number[] = [];
    for (let i = 0; i < m.threads; i++) {
      if (m.wasm.runnable(m.block(i))) able.push(m.block(i));
      if (m.ld32(m.block(i) + L.T_SB_COUNT)) full.push(m.block(i));
    }
    if (full.length && (!able.length || this.r(this.policy === 'adversarial' ? 64 : 8) === 0)) {
      // a store buffer drains on its own, whether its CPU goes on or not
      m.wasm.drain_one(full[this.r(full.length)] as number);
      return { thread: undefined, point: 0 };
    }
    // a vCPU's interrupts go before its next access
    const may = able.filter((t) => m.ld32(t + L.T_KIND) !== L.TK_VCPU || !able.includes(m.ld32(t + L.T_PEER)));
    if (!may.length || this.r(512) === 0) {
      // the clock goes on to who comes next
      const r = w.advance(1, m.clock + 1e6);
      return r === 'idle' && !may.length ? null : { thread: undefined, point: 0 };
    }
    const t = this.#choose(may);
    this.#at = t;
    const before = m.steps;
    w.stepThread(t);
    return { thread: t, point: m.steps === before ? 0 : m.ld32(L.MACHINE + L.M_DONE_POINT) };
  }

  #choose(may: readonly number[]): number {
    const { m } = this.w,
      any = (a: readonly number[]) => a[this.r(a.length)] as number;
    switch (this.policy) {
      case 'least time':
        return may.reduce((a, b) => (m.ld64(b + L.T_VTIME) < m.ld64(a + L.T_VTIME) ? b : a));
      case 'in turn':
        return may.find((x) => x > this.#at) ?? (may[0] as number);
      case 'random':
        return any(may);
      default: {
        // who is about to touch a flag, to sleep, to wake or to show what it stored is held as long as others can go on; one of these goes on and on
        for (const t of may) if (this.#delicate(t) && this.r(3) === 0) this.#held.add(t);
        let free = may.filter((t) => !this.#held.has(t));
        if (!free.length) {
          const held = [...this.#held].filter((t) => may.includes(t)); // who is held longest mostly goes last
          free = [this.r(4) ? (held.at(-1) as number) : any(held)];
          this.#held.delete(free[0] as number);
        }
        return free.includes(this.#at) && this.r(8) ? this.#at : any(free);
      }
    }
  }
  #delicate(t: number): boolean {
    const { m } = this.w;
    if (!m.ld32(t + L.T_UNWOUND)) return false;
    const kind = m.ld32(t + L.T_PKIND);
    if (RESTS.includes(kind) || (kind === L.ACC_FENCE && m.ld32(t + L.T_SB_COUNT))) return true;
    const addr = m.ld32(t + L.T_PADDR);
    return this.w.tree.host.ptn.some((p) => FLAGS.includes(addr - m.ld32(p.pts + L.PTN_CSB)));
  }
}

/** What slots and buffers of one ring were before a step. */
interface Before {
  port: Port;
  tx: boolean;
  slots: Uint32Array;
  bytes: number;
  head: number;
  tail: number;
  csbHead: number;
  csbHwcur: number;
  csbHwtail: number;
}

/** 1 and 3, of the step just made: who may have written a slot or a packet. `next()` after each step. */
export class Writers {
  #before: Before[] = [];
  copies = 0;
  constructor(readonly w: World) {
    this.#look();
  }

  #look() {
    const { m } = this.w;
    this.#before = upPorts(this.w).flatMap((port) =>
      [true, false].map((tx): Before => {
        const kr = tx ? port.fd.tx : port.fd.rx,
          ring = m.ld32(kr + L.KR_RING),
          n = m.ld32(kr + L.KR_NUM_SLOTS),
          csb = m.ld32(port.entry.pts + L.PTN_CSB) + (tx ? L.CSB_TX_RING : L.CSB_RX_RING),
          slots = m.u32.slice((ring + L.RING_SLOT) >>> 2, (ring + L.RING_SLOT + n * L.SLOT_SIZE) >>> 2);
        let h = 0;
        for (let i = 0; i < n; i++) {
          const buf = (ring + m.ld32(ring + L.RING_BUF_OFS) + (slots[i * 4] as number) * m.ld32(ring + L.RING_NR_BUF_SIZE)) >>> 2;
          // as a sum over the buffers: a swap of two slots is no copy
          let s = slots[i * 4] as number;
          for (let k = buf; k < buf + 24; k++) s = (Math.imul(s, 31) + (m.u32[k] as number)) | 0;
          h = (h + s) | 0;
        }
        return {
          port,
          tx,
          slots,
          bytes: h,
          head: m.ld32(ring + L.RING_HEAD),
          tail: m.ld32(ring + L.RING_TAIL),
          csbHead: m.ld32(csb + L.PTR_HEAD),
          csbHwcur: m.ld32(csb + L.PTR_HWCUR),
          csbHwtail: m.ld32(csb + L.PTR_HWTAIL),
        };
      }),
    );
  }

  /** Looks at what a thread did, 0: the control plane; undefined: not known, so that nothing can be said. */
  next(thread: number | undefined, point: number): string {
    const { m } = this.w,
      before = this.#before,
      kind = thread ? m.ld32(thread + L.T_KIND) : 0;
    this.#look();
    if (thread === undefined) return '';
    for (const b of before) {
      const now = this.#before.find((x) => x.port.entry.pts === b.port.entry.pts && x.tx === b.tx);
      if (!now || now.port.fd.id !== b.port.fd.id) continue;
      const name = `${b.port.name} ${b.tx ? 'TX' : 'RX'}`,
        n = b.slots.length / 4,
        // pkt-gen marks all slots of a ring when it begins, whoever has them: it is the one thing that a program may
        changed = [...Array(n).keys()].filter((i) =>
          [0, 1, 2, 3].some(
            (k) => ((b.slots[i * 4 + k] as number) ^ (now.slots[i * 4 + k] as number)) & ~(k === 1 ? L.NS_BUF_CHANGED << 16 : 0),
          ),
        );
      const swapped = changed.some((i) => b.slots[i * 4] !== now.slots[i * 4]);
      if (!swapped && now.bytes !== b.bytes) {
        if (!thread) return `1: the control plane wrote a packet of ${name}`;
        if (VMM.includes(point)) return `1: vmm wrote a packet of ${name}`;
        if (kind === L.TK_KTHREAD && b.port.kind !== 'vale') return `1: a worker copied a packet of ${name}, a ${b.port.kind}`;
        if (kind === L.TK_KTHREAD && b.tx && thread === b.port.entry.txBlock) return `1: the TX worker wrote a packet of ${name}`;
        this.copies++;
      }
      for (const i of changed) {
        if (!thread) return `3: the control plane wrote slot ${i} of ${name}`;
        const guests = within(i, b.head, now.tail, n),
          hosts = b.tx ? within(i, b.csbHwcur, b.csbHead, n) : !within(i, b.csbHead, b.csbHwtail, n);
        if (kind === L.TK_VCPU && !guests)
          return `3: the guest wrote slot ${i} of ${name}, which is not between head ${b.head} and tail ${now.tail}`;
        if (kind !== L.TK_VCPU && kind !== L.TK_INTR && !hosts)
          return `3: the host touched slot ${i} of ${name}, outside ${b.tx ? `[hwcur ${b.csbHwcur}, head ${b.csbHead})` : `what it has: the guest's is [${b.csbHead}, ${b.csbHwtail})`}`;
      }
    }
    return '';
  }
}

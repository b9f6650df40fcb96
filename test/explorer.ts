// A small explorer for tests: every interleaving of the live threads from a parked moment, over the step build itself.
// Depth-first over a declared set of pages; time stands still and sleeps have no bound, so that equal states are equal
// bytes. The full explorer is a later piece of work; its verdicts must agree with these.

import * as L from '../wasm/layout.ts';
import type { World } from '../src/lab/world.ts';

export interface Verdict {
  states: number;
  terminal: number;
  bad: number;
  complete: boolean;
  trace: string[];
}
export interface Search {
  /** Byte ranges that are statistics or time: not part of a state. */
  ignore: [number, number][];
  /** Judges a state in which nobody can move: a sentence, or undefined when it is as it should be. */
  judge: () => string | undefined;
  limit: number;
  /** One state that is not as it should be is enough: the search ends there, and is not complete. */
  one?: boolean;
  /** Words that change and change back, so that a sample of the ends would not see them: locks that are counters. */
  also?: number[];
}

const CHUNK = 256,
  STACK_SEEN = 2048;

/** What a random run from here changes (chunks), and which words only one thread ever accesses. The machine is put back. */
function sample(w: World): { chunks: Set<number>; owner: Map<number, number> } {
  const { m } = w,
    all = [...m.statePages()],
    before = new Map(all.map((p) => [p, m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE)]));
  const chunks = new Set<number>(),
    owner = new Map<number, number>();
  let seed = 12345;
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < 500; i++) {
      const choices = moves(w);
      if (!choices.length) break;
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      const c = choices[(seed >>> 8) % choices.length] ?? 0;
      note(w, c, owner);
      act(w, c);
    }
    for (const p of all) {
      const old = before.get(p),
        now = m.u8.subarray(p * L.PAGE, (p + 1) * L.PAGE);
      if (!old || Buffer.compare(old, now) === 0) continue;
      for (let o = 0; o < L.PAGE; o += CHUNK)
        if (Buffer.compare(old.subarray(o, o + CHUNK), now.subarray(o, o + CHUNK)) !== 0) chunks.add(p * L.PAGE + o);
      m.u8.set(old, p * L.PAGE);
    }
  }
  return { chunks, owner };
}

const SHARED = -1;
/** Remembers who accesses the word that a move is about to access; answers whether it was thought private to another. */
function note(w: World, move: number, owner: Map<number, number>): boolean {
  const { m } = w,
    t = m.block(move >> 1);
  if (move & 1 || !m.ld32(t + L.T_UNWOUND)) return false;
  const kind = m.ld32(t + L.T_PKIND),
    addr = m.ld32(t + L.T_PADDR);
  if (kind !== L.ACC_LD && kind !== L.ACC_ST && kind !== L.ACC_RMW) {
    if (kind !== L.ACC_FENCE) owner.set(addr, SHARED);
    return false;
  }
  const was = owner.get(addr);
  if (was === undefined) owner.set(addr, move >> 1);
  else if (was !== SHARED && was !== move >> 1) {
    owner.set(addr, SHARED);
    return true;
  }
  return false;
}

/** An access that no other thread can notice: it commutes with everything, so it need not be a choice. */
function silent(w: World, t: number, owner: Map<number, number>): boolean {
  const { m } = w,
    kind = m.ld32(t + L.T_PKIND);
  if (!m.ld32(t + L.T_UNWOUND) || !m.wasm.runnable(t)) return false;
  if (kind === L.ACC_FENCE) return m.ld32(t + L.T_SB_COUNT) === 0;
  if (kind !== L.ACC_LD && kind !== L.ACC_ST) return false;
  return owner.get(m.ld32(t + L.T_PADDR)) === m.ld32(t + L.T_ID);
}

/** Everything that may happen next: 2·thread runs it, 2·thread + 1 drains its oldest store. */
function moves(w: World): number[] {
  const { m } = w,
    out: number[] = [];
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    if (m.status(t) === L.TS_FREE) continue;
    if (m.wasm.runnable(t)) out.push(i * 2);
    if (m.ld32(t + L.T_SB_COUNT)) out.push(i * 2 + 1);
  }
  return out;
}

const T0 = 3_600_000_000_000;

function act(w: World, move: number) {
  const { m } = w,
    t = m.block(move >> 1);
  if (move & 1) {
    m.wasm.drain_one(t);
    return;
  }
  for (let i = 0; i < m.threads; i++) m.st64(m.block(i) + L.T_VTIME, T0);
  const before = m.steps;
  for (let k = 0; k < 4 && m.steps === before && m.wasm.runnable(t); k++) m.wasm.step_thread(t, 0, 0n);
  // a sleeper's store buffer drains on its own, as a CPU's does
}

/** Searches every interleaving. Silent accesses go at once: proved harmless where they commute, and checked to. */
export function explore(w: World, s: Search): Verdict {
  const { m } = w,
    { chunks, owner } = sample(w);
  for (
    let i = 0;
    i < m.threads;
    i++ // a saved stack may be deeper than the sample saw
  )
    if (m.status(m.block(i)) !== L.TS_FREE) for (let o = 0; o < STACK_SEEN; o += CHUNK) chunks.add(m.block(i) + o);
  for (const a of s.also ?? []) chunks.add(a - (a % CHUNK));
  for (;;) {
    const v = attempt(w, s, chunks, owner);
    if (v) return v;
  }
}

function attempt(w: World, s: Search, chunkSet: Set<number>, owner: Map<number, number>): Verdict | undefined {
  const { m } = w,
    chunks = [...chunkSet].sort((a, b) => a - b),
    size = chunks.length * CHUNK,
    mask = new Uint8Array(size).fill(1),
    offset = new Map(chunks.map((c, i) => [c, i * CHUNK]));
  for (const [from, to] of s.ignore)
    for (let a = from; a < to; a++) {
      const o = offset.get(a - (a % CHUNK));
      if (o !== undefined) mask[o + (a % CHUNK)] = 0;
    }
  // Words that are state: where each is in the machine, and which of its bytes count.
  const at: number[] = [],
    bits: number[] = [];
  for (let i = 0; i < size; i += 4) {
    const b = [0, 1, 2, 3].reduce((n, k) => (mask[i + k] ? n | (0xff << (k * 8)) : n), 0);
    if (b) {
      at.push(((chunks[Math.floor(i / CHUNK)] ?? 0) + (i % CHUNK)) >>> 2);
      bits.push(b);
    }
  }
  const where = Uint32Array.from(at),
    which = Int32Array.from(bits);
  const pages = [...new Set(chunks.map((c) => Math.floor(c / L.PAGE)))],
    rest = pages.map((p) => m.u8.slice(p * L.PAGE, (p + 1) * L.PAGE));
  const save = () => {
    const b = new Uint8Array(size);
    chunks.forEach((c, i) => {
      b.set(m.u8.subarray(c, c + CHUNK), i * CHUNK);
    });
    return b;
  };
  const load = (b: Uint8Array) => {
    chunks.forEach((c, i) => {
      m.u8.set(b.subarray(i * CHUNK, (i + 1) * CHUNK), c);
    });
  };
  /** Chunks that changed although the sample did not see them change. */
  const missed = () => {
    let any = false;
    pages.forEach((p, i) => {
      const now = m.u8.subarray(p * L.PAGE, (p + 1) * L.PAGE);
      for (let o = 0; o < L.PAGE; o += CHUNK)
        if (!chunkSet.has(p * L.PAGE + o) && Buffer.compare((rest[i] ?? now).subarray(o, o + CHUNK), now.subarray(o, o + CHUNK)) !== 0) {
          chunkSet.add(p * L.PAGE + o);
          any = true;
        }
    });
    return any;
  };
  /** 96 bits: over a million states a collision is out of the question. */
  const key = () => {
    const u = m.u32;
    let h1 = 0x811c9dc5,
      h2 = 0x9e3779b9,
      h3 = 0x85ebca6b;
    for (let i = 0; i < where.length; i++) {
      const x = (u[where[i] as number] as number) & (which[i] as number);
      if (x === 0) continue;
      const y = Math.imul(x ^ Math.imul(i + 1, 0x27d4eb2f), 0x165667b1);
      h1 = Math.imul(h1 ^ y, 0x01000193);
      h2 = Math.imul(h2 + y, 0x85ebca77) ^ (h2 >>> 15);
      h3 = Math.imul(h3 ^ (y >>> 7) ^ y, 0xcc9e2d51);
    }
    return `${h1 >>> 0}.${h2 >>> 0}.${h3 >>> 0}`;
  };
  const root = save(),
    seen = new Set<string>(),
    todo: { state: Uint8Array; path: Path | undefined }[] = [];
  const v: Verdict = { states: 0, terminal: 0, bad: 0, complete: true, trace: [] };
  let unsound = false;
  const run = (c: number) => {
    if (note(w, c, owner)) unsound = true;
    act(w, c);
  };
  /** A private word needs no store buffer: only its own thread ever reads it. */
  const quietly = (c: number) => {
    const tso = m.ld32(L.MACHINE + L.M_TSO);
    m.st32(L.MACHINE + L.M_TSO, 0);
    run(c);
    m.st32(L.MACHINE + L.M_TSO, tso);
  };
  const visit = (path: Path | undefined) => {
    for (let again = true; again; ) {
      again = false;
      for (let i = 0; i < m.threads; i++) {
        const t = m.block(i);
        if (m.status(t) !== L.TS_FREE && silent(w, t, owner)) {
          quietly(i * 2);
          again = true;
        }
      }
    }
    const k = key();
    if (!seen.has(k)) {
      seen.add(k);
      todo.push({ state: save(), path });
    }
  };
  visit(undefined);
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (++v.states > s.limit) {
      v.complete = false;
      break;
    }
    load(next.state);
    const choices = moves(w);
    if (!choices.length) {
      v.terminal++;
      const why = s.judge();
      if (why) {
        v.bad++;
        if (!v.trace.length) v.trace = [...told(next.path), why];
        if (s.one) {
          v.complete = false;
          break;
        }
      }
    }
    for (const c of choices) {
      load(next.state);
      run(c);
      visit({ move: c, before: next.path });
    }
    if (unsound || (v.states % 32 === 0 && missed())) {
      load(root);
      return undefined;
    } // what was taken for silent or still is not: anew
  }
  const again = missed();
  load(root);
  return again ? undefined : v;
}

interface Path {
  move: number;
  before: Path | undefined;
}
const told = (p: Path | undefined): string[] => {
  const out: string[] = [];
  for (let x = p; x; x = x.before) out.push(`${x.move & 1 ? 'drain' : 'run'} ${x.move >> 1}`);
  return out.reverse();
};

/** Statistics and time of every structure that the data plane touches. */
export function notState(w: World): [number, number][] {
  const {
      m,
      tree: { host },
    } = w,
    out: [number, number][] = [
      [L.MACHINE + L.M_CLOCK, L.MACHINE + L.M_PARK],
      [L.MACHINE + L.M_BUDGET, L.MACHINE + L.M_TSO],
      [L.MACHINE + L.M_RESUMING, L.MACHINE + L.M_POLICY],
      [L.MACHINE + L.M_LAST_THREAD, L.MACHINE + L.M_FRAMES],
      [L.MACHINE + L.M_DONE_POINT, L.MACHINE + L.M_DONE_THREAD + 4],
      [L.MACHINE + L.M_CURTHREAD, L.MACHINE + L.M_NTHREADS],
    ];
  const kring = (kr: number) => out.push([kr + L.KR_STAT_SYNC, kr + L.KR_NAME]);
  for (let i = 0; i < m.threads; i++) {
    const t = m.block(i);
    out.push([t + L.T_DEADLINE, t + L.T_REASON + 4], [t + L.T_SINCE, t + L.T_SB_COUNT], [t + L.T_STAT_ITER, t + L.T_PKIND]);
  }
  for (const a of host.adapters) for (const b of [L.NA_TX_RINGS, L.NA_RX_RINGS]) kring(m.ld32(a.addr + b));
  for (const p of host.ptn) for (const k of [p.txKth, p.rxKth]) out.push([k + L.NMK_STAT_IRQ, k + L.NMK_SIZE]);
  for (const vm of host.vms) {
    out.push([vm.vm + L.VM_STAT, vm.vm + L.VM_STAT + L.STAT_COUNT * 8]);
    if (vm.vcpu)
      out.push(
        [vm.vcpu + L.VCPU_STAT_SWITCH, vm.vcpu + L.VCPU_STAT_SWITCH + 8],
        [vm.vcpu + L.VCPU_CTL_DEADLINE, vm.vcpu + L.VCPU_CTL_DEADLINE + 8],
        [vm.vcpu + L.VCPU_INTR_TIMER, vm.vcpu + L.VCPU_INTR_UART + 8],
        [vm.vcpu + L.VCPU_INTRCNT, vm.vcpu + L.VCPU_INTRCNT + L.IDT_COUNT * 8],
      );
    const guest = w.tree.guests[vm.name],
      at = (gpa: number) => w.host.vmm.hostAddress(vm, gpa) ?? 0;
    for (const v of guest?.vtnets ?? [])
      if (v.page) {
        const na = at(v.page);
        kring(na + L.NA_KRINGS);
        kring(na + L.NA_KRINGS + 2 * L.KR_SIZE);
      }
    for (const th of guest?.threads ?? []) {
      const td = at(th.td),
        targ = at(th.targ);
      out.push(
        [td + L.TD_DEADLINE, td + L.TD_AS],
        [targ + L.TARG_COUNT, targ + L.TARG_LEN],
        [targ + L.TARG_NEXT_NS, targ + L.TARG_NEXT_NS + 8],
      );
    }
  }
  for (const th of host.threads) out.push([th.td + L.TD_DEADLINE, th.td + L.TD_AS], [th.targ + L.TARG_COUNT, th.targ + L.TARG_LEN]);
  return out;
}

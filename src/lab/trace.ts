// What happened at each step: which thread made it and at which pause point, who slept, who woke whom. Made from the
// records that the step build leaves (TRACE in wasm/layout.ts) as the recording grows; a picture of it, never state.

import * as L from '../../wasm/layout.ts';
import { WMESG } from '../sim/wmesg.ts';
import * as P from '../../wasm/points.ts';
import { MARKS, type MarkKind } from './protocol.ts';
import { suppressed } from './stops.ts';
import { type Change, type Lane, type Mark, NOTABLE } from './trace_parts.ts';
import { nameOf, rings } from './view.ts';
import type { World } from './world.ts';

const KIND = Object.fromEntries(MARKS.map((k, i) => [k, i])) as Record<MarkKind, number>;
export const NOBODY = 255;
/** Steps kept; beyond it the oldest half goes. */
export const MAX_STEPS = 1 << 21;
/** Steps of one bucket of the summary. */
export const BUCKET = 256;

export class Trace {
  /** Steps base + 1 … end are known. */
  base: number;
  end: number;
  lanes: Lane[] = [];
  marks: Mark[] = [];
  #who = new Uint8Array(1 << 12);
  #point = new Uint16Array(1 << 12);
  #time = new Float64Array(1 << 12);
  /** The lane that a thread block is now. */
  #now: (number | undefined)[] = [];
  /** What each program's head was last stored to. */
  #heads = new Map<number, number>();

  constructor(private readonly w: World) {
    this.base = w.m.steps;
    this.end = this.base;
    this.#record();
    this.#name();
    this.#resting();
  }

  #record() {
    this.w.m.st32(L.TRACE + L.TR_ON, 1);
    this.w.m.st32(L.TRACE + L.TR_COUNT, 0);
  }

  /** Begins anew at this moment. */
  reset() {
    this.base = this.w.m.steps;
    this.end = this.base;
    this.lanes = [];
    this.marks = [];
    this.#now = [];
    this.#record();
    this.#name();
    this.#resting();
  }

  /** Forgets what came after a step: another history goes on there. */
  cut(step: number) {
    if (step >= this.end) return;
    if (step < this.base) {
      this.reset();
      return;
    }
    this.end = step;
    while ((this.marks.at(-1)?.step ?? 0) > step) this.marks.pop();
    this.lanes = this.lanes.filter((l) => l.first <= step);
    const from = Math.floor((step - this.base) / BUCKET);
    for (const l of this.lanes) {
      if (l.last > step) l.last = Number.POSITIVE_INFINITY;
      while ((l.rests.at(-1)?.from ?? 0) > step) l.rests.pop();
      const rest = l.rests.at(-1);
      if (rest && rest.to > step) rest.to = Number.POSITIVE_INFINITY;
      l.open = true;
      if (l.made.length > from) l.made.length = from;
    }
    for (let s = this.base + from * BUCKET + 1; s <= step; s++) this.#count(this.#who[s - this.base - 1] ?? NOBODY, s);
    this.#now = [];
    for (const l of this.lanes) if (l.last === Number.POSITIVE_INFINITY) this.#now[l.block] = l.id;
    this.#name();
  }

  /** What the heads of all rings are, which the control plane makes and sets back. */
  #headsNow() {
    const { m } = this.w;
    this.#heads.clear();
    for (const r of rings(this.w)) this.#heads.set(r.ringAddr + L.RING_HEAD, m.ld32(r.ringAddr + L.RING_HEAD));
  }

  /** Lanes for the threads that there are. */
  #name() {
    const { m } = this.w;
    this.#headsNow();
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i),
        s = m.status(t),
        lane = this.lanes[this.#now[i] ?? -1],
        epoch = m.ld32(t + L.T_EPOCH);
      const gone = s === L.TS_FREE || s === L.TS_DEAD;
      if (lane && (gone || lane.epoch !== epoch)) {
        lane.last = m.steps;
        this.#now[i] = undefined;
      }
      if (gone || (lane && lane.epoch === epoch)) continue;
      const { name, side, role } = nameOf(this.w, t);
      const id = Math.min(this.lanes.length, NOBODY - 1);
      if (id < this.lanes.length) continue; // more threads than lanes: they are not drawn
      this.lanes.push({
        id,
        name,
        role,
        side,
        first: m.steps,
        last: Number.POSITIVE_INFINITY,
        rests: [],
        open: false,
        block: i,
        epoch,
        made: [],
      });
      this.#now[i] = id;
    }
  }
  /** Names may be known only after the action that made a thread. */
  rename() {
    const { m } = this.w;
    this.#now.forEach((id, i) => {
      const lane = this.lanes[id ?? -1];
      if (lane && m.ld32(m.block(i) + L.T_EPOCH) === lane.epoch) Object.assign(lane, nameOf(this.w, m.block(i)));
    });
  }

  /** What a resting thread waits for. */
  #on(thread: number, status: number, wmesg: number): string {
    const { m } = this.w;
    if (m.ld32(m.block(thread) + L.T_KIND) === L.TK_INTR) return 'interrupt';
    return status === L.TS_BLOCKED ? 'lock (spins)' : (WMESG[wmesg] ?? 'bhyve');
  }

  /** Who rests at the beginning of a trace, and who was woken or put to rest by the control plane. */
  #resting() {
    const { m } = this.w;
    this.#now.forEach((id, i) => {
      const lane = this.lanes[id ?? -1];
      if (!lane) return;
      const t = m.block(i),
        s = m.status(t),
        rests = s === L.TS_ASLEEP || s === L.TS_BLOCKED,
        rest = lane.rests.at(-1),
        open = rest?.to === Number.POSITIVE_INFINITY;
      if (rests && !open) this.#rest(lane.id, m.steps, this.#on(i, s, m.ld32(t + L.T_WMESG)));
      else if (!rests && open && rest) rest.to = m.steps;
    });
  }

  /** The records since the last time. `known`: they are of steps that the trace has already. Answers what was watched. */
  take(known: boolean): Change[] {
    const { m } = this.w,
      words = m.u32,
      n = m.ld32(L.TRACE + L.TR_COUNT),
      changes: Change[] = [];
    for (let i = 0, r = (L.TRACE + L.TR_REC) >>> 2; i < n; i++, r += L.TR_REC_SIZE >>> 2) {
      const what = words[r + 4] as number,
        kind = what & 255;
      if (known && kind !== L.TR_CHANGED && kind !== L.TR_STORED) continue;
      const step = (words[r] as number) + (words[r + 1] as number) * 4294967296,
        thread = (what >>> 8) & 255,
        point = what >>> 16,
        addr = words[r + 5] as number,
        value = words[r + 6] as number;
      if (kind <= L.ACC_PLAIN)
        this.#access(step, (words[r + 2] as number) + (words[r + 3] as number) * 4294967296, thread, point, addr, value);
      else if (kind === L.TR_CHANGED || kind === L.TR_STORED)
        changes.push({ step, thread, point, addr, value, was: kind === L.TR_CHANGED ? words[r + 7] : undefined });
      else this.#accept(step, kind, thread, value, words[r + 7] as number);
    }
    m.st32(L.TRACE + L.TR_COUNT, 0);
    if (known) return changes;
    if (m.steps > this.end) {
      // the control plane did something: threads may have come and gone
      this.#reach(m.steps);
      this.#name();
    }
    this.#resting();
    return changes;
  }

  #lane(thread: number): number {
    return thread === NOBODY ? NOBODY : (this.#now[thread] ?? NOBODY);
  }

  /** One step of a thread: the hot path of recording. */
  #access(step: number, time: number, thread: number, point: number, addr: number, value: number) {
    if (step - 1 > this.end) this.#reach(step - 1);
    let at = step - this.base - 1;
    if (at >= MAX_STEPS) {
      this.#drop();
      at = step - this.base - 1;
    }
    if (at >= this.#who.length) this.#room(at + 1);
    if (step > this.end) this.end = step;
    const lane = this.#now[thread] ?? NOBODY;
    this.#who[at] = lane;
    this.#point[at] = point;
    this.#time[at] = time;
    if (lane !== NOBODY) {
      const l = this.lanes[lane] as Lane,
        b = (at / BUCKET) | 0;
      if (b < l.made.length) l.made[b] = (l.made[b] as number) + 1;
      else this.#count(lane, step);
      if (l.open) {
        l.open = false;
        const rest = l.rests[l.rests.length - 1];
        if (rest && rest.to === Number.POSITIVE_INFINITY) rest.to = step - 1;
      }
    }
    if (NOTABLE[point]) this.#event(step, lane, point, addr, value);
  }

  /** What is not an access: sleeps and wake-ups, ends of threads. */
  #accept(step: number, kind: number, thread: number, value: number, other: number) {
    const lane = this.#lane(thread);
    switch (kind) {
      case L.TR_SLEPT:
        this.#rest(lane, step, this.#on(thread, L.TS_ASLEEP, value));
        this.#mark(step, 'sleep', lane);
        break;
      case L.TR_BLOCKED:
        this.#rest(lane, step, this.#on(thread, L.TS_BLOCKED, 0));
        break;
      case L.TR_ENDED: {
        const dead = this.lanes[lane];
        if (dead) dead.last = step;
        this.#now[thread] = undefined;
        break;
      }
      case L.TR_TIMEOUT:
        this.#wake(lane, step);
        this.#mark(step, 'timeout', lane);
        break;
      case L.TR_WOKE: {
        const to = this.#lane(other);
        if (thread === other) {
          // it took its sleep back
          this.lanes[lane]?.rests.pop();
          if (this.marks.at(-1)?.kind === KIND.sleep) this.marks.pop();
          break;
        }
        this.#wake(to, step);
        const kick = this.marks.findLast((x) => x.lane === lane);
        if (kick && kick.kind === KIND.exit && kick.point === P.P_IO_OUT) {
          const k = this.marks.findLast((x) => x.lane === lane && x.kind === KIND.kick);
          if (k) k.to = to;
        }
        this.#mark(step, 'wake', lane, to);
        break;
      }
      default:
    }
  }

  #rest(lane: number, from: number, on: string) {
    const l = this.lanes[lane];
    if (!l) return;
    l.rests.push({ from, to: Number.POSITIVE_INFINITY, on });
    l.open = true;
  }
  #wake(lane: number, step: number) {
    const rest = this.lanes[lane]?.rests.at(-1);
    if (rest?.to === Number.POSITIVE_INFINITY) rest.to = step;
  }

  #mark(step: number, kind: MarkKind, lane: number, to = NOBODY, point = 0) {
    this.marks.push({ step, kind: KIND[kind], lane, to, point });
  }

  /** What an access was beyond an access. */
  #event(step: number, lane: number, point: number, addr: number, value: number) {
    switch (point) {
      case P.P_IO_OUT:
      case P.P_VTN_KICK:
        this.#mark(step, 'kick', lane, NOBODY, point);
        this.#mark(step, 'exit', lane, NOBODY, point);
        break;
      case P.P_VCPU_HLT:
        this.#mark(step, 'exit', lane, NOBODY, point);
        break;
      case P.P_GTX_KICK:
      case P.P_GRX_KICK:
      case P.P_GRX_L_KICK:
      case P.P_GVQ_NOTIFY:
        if (suppressed(value, point)) this.#mark(step, 'suppressed', lane, NOBODY, point);
        break;
      case P.P_MSI_SET_IRR: {
        const at = addr - L.VCPU_IRR,
          vm = this.w.tree.host.vms.find((v) => v.block && at >= v.vcpu && at < v.vcpu + 32);
        this.#mark(step, 'interrupt', lane, vm ? this.#lane((vm.block - L.THREADS) / L.THREAD_SIZE) : NOBODY, point);
        break;
      }
      case P.P_REINIT_HEAD:
        this.#mark(step, 'prologue', lane, NOBODY, point);
        break;
      case P.P_VALE_DST_UNLOCK_FULL:
        this.#mark(step, 'drop', lane, NOBODY, point);
        break;
      case P.P_PG_TX_ST_HEAD:
      case P.P_PG_RX_ST_HEAD:
      case P.P_PING_ST_HEAD:
      case P.P_BR_ST_HEAD:
        if (value < (this.#heads.get(addr) ?? 0)) this.#mark(step, 'wrap', lane, NOBODY, point);
        this.#heads.set(addr, value);
        break;
      default:
    }
  }

  #count(lane: number, step: number) {
    const made = this.lanes[lane]?.made;
    if (!made) return;
    const b = Math.floor((step - this.base - 1) / BUCKET);
    while (made.length <= b) made.push(0);
    made[b] = (made[b] ?? 0) + 1;
  }

  /** Steps up to here that no thread made are the control plane's. */
  #reach(step: number) {
    if (step <= this.end) return;
    const from = this.end - this.base,
      to = step - this.base;
    this.#room(to);
    this.#who.fill(NOBODY, from, to);
    this.#point.fill(0, from, to);
    this.#time.fill(this.w.m.clock, from, to);
    this.end = step;
    if (to > MAX_STEPS) this.#drop();
  }

  #room(n: number) {
    if (n <= this.#who.length) return;
    const size = 2 ** Math.ceil(Math.log2(n));
    const grown = <A extends Uint8Array | Uint16Array | Float64Array>(old: A, made: A): A => {
      made.set(old);
      return made;
    };
    this.#who = grown(this.#who, new Uint8Array(size));
    this.#point = grown(this.#point, new Uint16Array(size));
    this.#time = grown(this.#time, new Float64Array(size));
  }

  /** The older half goes. */
  #drop() {
    const n = MAX_STEPS / 2,
      step = this.base + n;
    this.#who.copyWithin(0, n);
    this.#point.copyWithin(0, n);
    this.#time.copyWithin(0, n);
    this.base = step;
    this.marks = this.marks.filter((x) => x.step > step);
    for (const l of this.lanes) {
      l.made.splice(0, n / BUCKET);
      l.rests = l.rests.filter((r) => r.to > step);
    }
  }

  /** The lane that made a step, NOBODY for the control plane. */
  who(step: number): number {
    return step > this.base && step <= this.end ? (this.#who[step - this.base - 1] ?? NOBODY) : NOBODY;
  }
  point(step: number): number {
    return step > this.base && step <= this.end ? (this.#point[step - this.base - 1] ?? 0) : 0;
  }
  /** Lab time at a step, ns: of the thread that made it. */
  time(step: number): number {
    return step > this.base && step <= this.end ? (this.#time[step - this.base - 1] ?? 0) : 0;
  }

  /** Index of the first mark after a step. */
  after(step: number): number {
    let a = 0,
      b = this.marks.length;
    while (a < b) {
      const c = (a + b) >>> 1;
      if ((this.marks[c]?.step ?? 0) <= step) a = c + 1;
      else b = c;
    }
    return a;
  }
}

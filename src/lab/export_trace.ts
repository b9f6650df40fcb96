// What happened in a stretch, as events; the events as a Chrome trace (Perfetto opens it); the terminals as text. Events
// are made from what memory shows between two steps: nothing in the machine knows that it is watched.

import * as L from '../../wasm/layout.ts';
import { WMESG } from '../sim/wmesg.ts';
import { P_IO_OUT, P_IO_WAKEUP, P_MSI_SET_IRR, P_VCPU_HLT, P_VCPU_TAKE_IRR, P_VTN_KICK } from '../../wasm/points.ts';
import { charWidth } from '../sh/width.ts';
import type { Tty } from '../sh/proc.ts';
import { pointOf } from '../sim/points.ts';
import { nameOf, rings } from './view.ts';
import type { World } from './world.ts';

/**
 * run: `thread` ran `name` for `value` ns. sleep: it fell asleep on `name`. wake: `thread` woke `to`, which goes on at lab
 * time `value`; without `to`, `thread` itself goes on, and `name` says why. kick, irq: a signal to `to`, there at `value`;
 * a kick without `to` woke nobody, an irq without `to` was taken. exit: the vCPU left its guest. index: a word's new value.
 */
export interface TraceEvent {
  step: number;
  ns: number;
  thread: number;
  kind: 'run' | 'sleep' | 'wake' | 'kick' | 'irq' | 'exit' | 'index';
  name: string;
  value?: number;
  to?: number;
}
export interface TraceThread {
  id: number;
  name: string;
  side: 'guest' | 'host';
}
export interface Trace {
  threads: TraceThread[];
  events: TraceEvent[];
}

/** The control plane, where no thread did it. */
const NOBODY = -1;

// ── collecting ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one look at a thread block saw. */
interface Seen {
  id: number;
  epoch: number;
  asleep: boolean;
  blocked: boolean;
  sleeps: number;
  timeouts: number;
  deadline: number;
  vtime: number;
}

class Collector {
  readonly threads: TraceThread[] = [];
  readonly events: TraceEvent[] = [];
  #seen: (Seen | undefined)[] = [];
  #words: { name: string; addr: number; value: number }[] = [];
  #run: { thread: number; name: string; from: number; to: number; step: number } | undefined;
  constructor(private readonly w: World) {
    this.#name();
    this.#index(true);
    for (let i = 0; i < w.m.threads; i++) this.#thread(i, NOBODY, 0);
  }

  #add(kind: TraceEvent['kind'], ns: number, thread: number, name: string, more: { value?: number; to?: number } = {}) {
    this.events.push({ step: this.w.m.steps, ns, thread, kind, name, ...more });
  }

  /** Rings are opened and closed by the control plane only: their words are looked up after its actions. */
  #name() {
    const was = new Map(this.#words.map((x) => [x.name, x]));
    this.#words = rings(this.w).flatMap((r) => {
      const at: [string, number][] = [
        ['head', r.ringAddr + L.RING_HEAD],
        ['cur', r.ringAddr + L.RING_CUR],
        ['tail', r.ringAddr + L.RING_TAIL],
        ['hwcur', r.hostKring + L.KR_NR_HWCUR],
        ['hwtail', r.hostKring + L.KR_NR_HWTAIL],
      ];
      if (r.guestKring) at.push(['guest.hwcur', r.guestKring + L.KR_NR_HWCUR], ['guest.hwtail', r.guestKring + L.KR_NR_HWTAIL]);
      if (r.csbRing)
        at.push(
          ['csb.head', r.csbRing + L.PTR_HEAD],
          ['csb.cur', r.csbRing + L.PTR_CUR],
          ['csb.hwcur', r.csbRing + L.PTR_HWCUR],
          ['csb.hwtail', r.csbRing + L.PTR_HWTAIL],
        );
      return at.map(([n, addr]) => {
        const name = `${r.id} ${n}`,
          old = was.get(name);
        return old?.addr === addr ? old : { name, addr, value: Number.NaN };
      });
    });
  }

  #index(first = false) {
    const { m } = this.w,
      by = first ? NOBODY : this.#doer();
    for (const x of this.#words) {
      const value = m.ld32(x.addr);
      if (value === x.value) continue;
      x.value = value;
      this.#add('index', m.clock, by, x.name, { value });
    }
  }

  /** The thread that made the last access, by its number in this trace. */
  #doer(): number {
    const { m } = this.w;
    if (!m.ld32(L.MACHINE + L.M_DONE_POINT)) return NOBODY;
    return this.#seen[(m.ld32(L.MACHINE + L.M_DONE_THREAD) - L.THREADS) / L.THREAD_SIZE]?.id ?? NOBODY;
  }

  /** Looks at a thread block again; answers its number when it woke since. */
  #thread(i: number, by: number, when: number): number | undefined {
    const { m } = this.w,
      t = m.block(i),
      s = m.status(t),
      epoch = m.ld32(t + L.T_EPOCH);
    let was = this.#seen[i];
    if (was && (was.epoch !== epoch || s === L.TS_FREE || s === L.TS_DEAD)) {
      if (was.asleep) this.#add('wake', was.vtime, was.id, 'it ended');
      was = this.#seen[i] = undefined;
    }
    if (s === L.TS_FREE || s === L.TS_DEAD) return undefined;
    const asleep = s === L.TS_ASLEEP || s === L.TS_BLOCKED,
      now: Seen = {
        id: was?.id ?? (this.threads.some((x) => x.id === i) ? Math.max(L.THREAD_MAX, ...this.threads.map((x) => x.id + 1)) : i),
        epoch,
        asleep,
        blocked: s === L.TS_BLOCKED,
        sleeps: m.ld64(t + L.T_STAT_SLEEP),
        timeouts: m.ld64(t + L.T_STAT_TIMEOUT),
        deadline: m.ld64(t + L.T_DEADLINE),
        vtime: Math.max(was?.vtime ?? 0, m.ld64(t + L.T_VTIME)),
      };
    this.#seen[i] = now;
    if (!was) {
      const { name, side } = nameOf(this.w, t);
      this.threads.push({ id: now.id, name, side });
    }
    const again = was?.asleep && asleep && was.sleeps !== now.sleeps,
      woke = was?.asleep && (!asleep || again);
    if (was && woke) {
      const at = again ? Math.min(now.vtime, Math.max(was.vtime, m.ld64(t + L.T_SINCE))) : now.vtime;
      if (was.timeouts !== now.timeouts) this.#add('wake', at, now.id, 'time-out');
      else if (was.blocked) this.#add('wake', at, now.id, 'the lock is free');
      else if (by === NOBODY) this.#add('wake', at, now.id, 'the control plane');
      else this.#add('wake', Math.min(when, at), by, 'wakeup', { to: now.id, value: at });
    }
    if (asleep && (!was?.asleep || again))
      this.#add('sleep', now.vtime, now.id, s === L.TS_BLOCKED ? 'lock' : (WMESG[m.ld32(t + L.T_WMESG)] ?? 'bhyve'));
    return woke ? now.id : undefined;
  }

  /** After one step. */
  look() {
    const { m } = this.w,
      point = m.ld32(L.MACHINE + L.M_DONE_POINT),
      block = m.ld32(L.MACHINE + L.M_DONE_THREAD),
      mine = (block - L.THREADS) / L.THREAD_SIZE;
    if (!point) this.#name();
    else if (!this.#seen[mine]) this.#thread(mine, NOBODY, 0);
    const me = point ? this.#seen[mine] : undefined;
    if (me?.asleep) {
      // it woke and made an access in one step: its time was up, or the lock was free
      const late = me.timeouts !== m.ld64(block + L.T_STAT_TIMEOUT);
      if (late) me.vtime = Math.min(Math.max(me.vtime, me.deadline), m.ld64(block + L.T_VTIME));
      this.#add('wake', me.vtime, me.id, late ? 'time-out' : me.blocked ? 'the lock is free' : 'the control plane');
      me.asleep = false;
    }
    const from = me?.vtime ?? m.clock,
      by = me?.id ?? NOBODY;
    if (me) this.#ran(me.id, pointOf(point)?.fn ?? '', from, Math.max(from, m.ld64(block + L.T_VTIME)));
    const signal = this.events.length,
      woken: number[] = [];
    for (let i = 0; i < m.threads; i++) {
      const id = this.#thread(i, by, from);
      if (id !== undefined && i !== mine) woken.push(id);
    }
    if (me) this.#signal(point, me.id, from, woken, signal);
    this.#index();
  }

  /** What an access was beyond an access: a kick, an interrupt, an exit. `since`: the events of this step. */
  #signal(point: number, me: number, ns: number, woken: number[], since: number) {
    const { m, tree } = this.w;
    if (point === P_IO_OUT || point === P_VTN_KICK) this.#add('exit', ns, me, 'QNOTIFY');
    if (point === P_VCPU_HLT) this.#add('exit', ns, me, 'HLT');
    if (point === P_VCPU_TAKE_IRR && m.ld32(L.MACHINE + L.M_DONE_VAL))
      this.#add('irq', ns, me, 'interrupt taken', { value: m.ld32(L.MACHINE + L.M_DONE_VAL) });
    if (point === P_IO_WAKEUP) {
      const wake = this.events.slice(since).find((e) => e.kind === 'wake' && e.to === woken[0]);
      this.#add('kick', ns, me, 'kick', wake?.to === undefined ? {} : { to: wake.to, value: wake.value ?? wake.ns });
    }
    if (point === P_MSI_SET_IRR) {
      const addr = m.ld32(L.MACHINE + L.M_DONE_ADDR) - L.VCPU_IRR,
        vm = tree.host.vms.find((v) => v.block && addr >= v.vcpu && addr < v.vcpu + 32),
        intr = vm && this.#seen[(vm.intr - L.THREADS) / L.THREAD_SIZE];
      this.#add('irq', ns, me, 'interrupt', intr ? { to: intr.id, value: Math.max(ns, intr.vtime) } : {});
    }
  }

  #ran(thread: number, name: string, from: number, to: number) {
    const r = this.#run;
    if (r && r.thread === thread && r.name === name && r.to === from) {
      r.to = to;
      return;
    }
    this.close();
    this.#run = { thread, name, from, to, step: this.w.m.steps };
  }
  close() {
    const r = this.#run;
    if (r) this.events.push({ step: r.step, ns: r.from, thread: r.thread, kind: 'run', name: r.name, value: r.to - r.from });
    this.#run = undefined;
  }
}

/**
 * Goes on for so many steps and answers what happened. `go` makes one step, of a recording where there is one:
 * `() => timeline.advance(1)`. Ends early when nothing can happen any more.
 */
export function collect(w: World, steps: number, go: () => unknown = () => w.advanceUntil(1)): Trace {
  const c = new Collector(w);
  for (let i = 0; i < steps; i++) {
    const before = w.m.steps;
    go();
    if (w.m.steps === before) break;
    c.look();
  }
  c.close();
  return { threads: c.threads, events: c.events };
}

// ── Chrome trace ──────────────────────────────────────────────────────────────────────────────────────────────────

type Chrome = { ph: string; pid: number; tid: number; ts: number; name: string; [more: string]: unknown };
const PID = { host: 1, guest: 2 };

/** The JSON that Perfetto and chrome://tracing open: times in µs, a process for each side. */
export function chromeTrace({ threads, events }: Trace): string {
  const side = new Map(threads.map((t) => [t.id, PID[t.side]])),
    out: Chrome[] = [],
    asleep = new Map<number, string>();
  const at = (ph: string, thread: number, ns: number, name: string, more: object = {}) =>
    out.push({ ph, pid: side.get(thread) ?? PID.host, tid: Math.max(0, thread), ts: ns / 1000, name, ...more });
  let flow = 0,
    end = 0;
  for (const e of events) end = Math.max(end, e.ns, e.kind === 'index' ? 0 : e.ns + (e.kind === 'run' ? (e.value ?? 0) : 0));
  const arrow = (e: TraceEvent) => {
    if (e.to === undefined) return;
    flow++;
    at('s', e.thread, e.ns, e.name, { cat: e.kind, id: flow });
    at('f', e.to, Math.max(e.ns, e.value ?? e.ns), e.name, { cat: e.kind, id: flow, bp: 'e' });
  };
  const kicked = new Set(events.flatMap((e) => (e.kind === 'kick' && e.to !== undefined ? [`${e.step} ${e.to}`] : [])));
  for (const e of events) {
    const args = { args: { step: e.step } };
    switch (e.kind) {
      case 'run':
        at('X', e.thread, e.ns, e.name, { cat: 'run', dur: (e.value ?? 0) / 1000, ...args });
        break;
      case 'sleep':
        asleep.set(e.thread, e.name);
        at('B', e.thread, e.ns, `asleep on ${e.name}`, { cat: 'sleep', ...args });
        break;
      case 'wake': {
        const who = e.to ?? e.thread,
          on = asleep.get(who);
        if (on !== undefined) at('E', who, e.value ?? e.ns, `asleep on ${on}`, { cat: 'sleep', ...args });
        asleep.delete(who);
        if (!kicked.has(`${e.step} ${e.to}`)) arrow(e);
        end = Math.max(end, e.value ?? e.ns);
        break;
      }
      case 'kick':
      case 'irq':
        at('i', e.thread, e.ns, e.kind === 'kick' && e.to === undefined ? 'kick that woke nobody' : e.name, {
          cat: e.kind,
          s: 't',
          ...args,
        });
        arrow(e);
        break;
      case 'exit':
        at('i', e.thread, e.ns, `VM exit: ${e.name}`, { cat: 'exit', s: 't', ...args });
        break;
      case 'index':
        at('C', NOBODY, e.ns, e.name, { cat: 'index', args: { value: e.value ?? 0 } });
        break;
      default:
    }
  }
  for (const [thread, on] of asleep) at('E', thread, end, `asleep on ${on}`, { cat: 'sleep' });
  const meta = [
    ...Object.entries(PID).map(([name, pid]) => ({ ph: 'M', pid, tid: 0, ts: 0, name: 'process_name', args: { name } })),
    ...threads.map((t) => ({ ph: 'M', pid: PID[t.side], tid: t.id, ts: 0, name: 'thread_name', args: { name: t.name } })),
  ];
  // at one time slices come first, in the order in which they happened: an arrow belongs to the slice that is open
  const late = (c: Chrome) => Number(!'BEX'.includes(c.ph));
  out.sort((a, b) => a.ts - b.ts || late(a) - late(b));
  return JSON.stringify({ displayTimeUnit: 'ns', traceEvents: [...meta, ...out] });
}

// ── transcript ────────────────────────────────────────────────────────────────────────────────────────────────────

const ESC = '\x1b';
/** CSI, OSC (to its end, or to the end of what is there), any other; and one that was cut off. */
const ESCAPE = new RegExp(
  `${ESC}(?:\\[([0-?]*)[ -/]*([@-~])|\\][^${ESC}\\u0007]*(?:\\u0007|${ESC}\\\\|$)|[ -/]*[0-Z\\\\^-~]|\\[[0-?]*[ -/]*|[ -/]*)`,
  'y',
);

/** What a terminal has shown, line by line: editing is done, escape sequences are gone, wrapped lines are one. */
export function plainText(out: string, cols: number): string {
  const rows: { cells: string[]; wraps: boolean }[] = [{ cells: [], wraps: false }];
  let row = 0,
    col = 0;
  const line = () => {
    while (rows.length <= row) rows.push({ cells: [], wraps: false });
    return rows[row] as { cells: string[]; wraps: boolean };
  };
  const control = (final: string, n: number) => {
    const by = Math.min(n || 1, 10_000);
    if (final === 'A') row = Math.max(0, row - by);
    else if (final === 'B') row = Math.min(rows.length - 1, row + by);
    else if (final === 'C') col = Math.min(cols - 1, col + by);
    else if (final === 'D') col = Math.max(0, col - by);
    else if (final === 'K' && !n) line().cells.length = Math.min(line().cells.length, col);
    else if (final === 'J' && !n) {
      line().cells.length = Math.min(line().cells.length, col);
      rows.length = row + 1;
      line().wraps = false;
    } else if (final === 'H' || (final === 'J' && n >= 2)) {
      // a cleared screen: what was on it stays in the transcript
      if (line().cells.length) row = rows.length;
      col = 0;
    }
  };
  const put = (c: string) => {
    const width = charWidth(c);
    if (width === 0) {
      const { cells } = line(),
        i = cells[col - 1] === '' ? col - 2 : col - 1;
      if (i >= 0) cells[i] = (cells[i] ?? ' ') + c;
      return;
    }
    if (col + width > cols) {
      line().wraps = true;
      row++;
      col = 0;
    }
    const { cells } = line();
    while (cells.length < col) cells.push(' ');
    cells[col] = c;
    if (width === 2) cells[col + 1] = '';
    col += width;
  };
  for (let i = 0; i < out.length; ) {
    ESCAPE.lastIndex = i;
    const esc = out[i] === ESC ? ESCAPE.exec(out) : null;
    if (esc) {
      if (esc[2]) control(esc[2], Number.parseInt(esc[1] ?? '', 10) || 0);
      i += esc[0].length;
      continue;
    }
    const c = String.fromCodePoint(out.codePointAt(i) ?? 0);
    i += c.length;
    if (c === '\r') col = 0;
    else if (c === '\n') {
      row++;
      line();
    } else if (c === '\b') col = Math.max(0, col - 1);
    else if (c === '\t') col = Math.min(cols - 1, col + 8 - (col % 8));
    else if (c >= ' ' && c !== '\x7f') put(c);
  }
  let text = '';
  for (const r of rows) text += r.wraps ? r.cells.join('') : `${r.cells.join('').trimEnd()}\n`;
  return `${text.trimEnd()}\n`;
}

/** The text of every terminal. */
export function transcript(w: World): string {
  const title = (t: Tty) => {
    const vm = w.tree.host.vms.find((v) => v.block && w.consoleOf(v) === t.id);
    return vm ? `${t.id}, the console of ${vm.name}` : t.id;
  };
  return w.tree.host.os.ttys.map((t) => `── ${title(t)} ──\n${plainText(t.out, t.cols)}`).join('\n');
}

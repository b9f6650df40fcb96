// ringside run: a lab as a text file, without a screen. Types each line into a machine's shell and waits for it.
// On the step engine the same file and seed give the same bytes; on the free engine the same code runs in parallel.

import type { Proc } from '../sh/proc.ts';
import { type CommandRecord, type ShellState, atPrompt } from '../sh/shell.ts';
import type { Spawn } from '../sim/free.ts';
import { type Outcome, labCommand } from './control.ts';
import type { Line } from './run_lines.ts';
import { serve } from './serve.ts';
import { Lab } from './lab.ts';
import { counters } from './counters.ts';
import { canEnd, sleeping } from './run_ends.ts';
import { nameOf } from './view.ts';
import { WMESG } from '../sim/wmesg.ts';
import * as L from '../../wasm/layout.ts';

export interface RunOptions {
  engine: 'step' | 'free';
  seed: number;
  slots: number;
  /** Record the run, whether or not it moves in time; on the step engine. */
  record?: boolean;
}
export interface RunCommand {
  where: string;
  command: string;
  output: string /** null: still running at the end. */;
  status: number | null;
  /** It ran in the background. */
  background?: true;
}
export interface RunResult {
  engine: string;
  seed: number;
  commands: RunCommand[];
  counters: Record<string, Record<string, number>> /** Why it ended early. */;
  stalled?: string;
}
/** Lab seconds without any progress after which a run is given up. */
const STALL_S = 20;
/** How far the step engine goes between two looks at what a line waits for. */
const SLICE_NS = 1e6,
  SLICE_STEPS = 20_000;

interface Sent {
  where: string;
  command: string;
  background: boolean;
  record: () => CommandRecord | undefined;
  pids: () => Proc[];
  last: { output: string; status: number | null };
}

export class Runner {
  readonly lab: Lab;
  #sent: Sent[] = [];
  #progress = { sign: '', at: 0 };
  #tty = 'ttyv0';

  constructor(
    wasm: { step: Uint8Array<ArrayBuffer>; free?: Uint8Array<ArrayBuffer> },
    readonly options: RunOptions,
    spawn?: Spawn,
  ) {
    this.lab = new Lab(wasm, { shared: options.engine === 'free', seed: options.seed, slots: options.slots, dumb: true }, spawn);
  }
  get #w() {
    return this.lab.world;
  }

  /** A file that moves in time is run on a recording. */
  #recorded = false;

  async run(lines: Line[]): Promise<RunResult> {
    const moves = lines.some((l) => l.t === 'lab' || (l.t === 'type' && /\b(lab|explore)\b/.test(l.command)));
    this.#recorded = this.options.engine === 'step' && (moves || this.options.record === true);
    if (!this.#recorded) this.lab.timeline.untraced();
    let stalled: string | undefined;
    if (this.options.engine === 'free') this.lab.start('free');
    try {
      for (const line of lines) {
        const why = await this.#line(line);
        if (why) {
          stalled = `line ${line.n}: ${why}`;
          break;
        }
      }
    } finally {
      if (this.options.engine === 'free') await this.#park();
    }
    this.#collect();
    return {
      engine: this.options.engine,
      seed: this.options.seed,
      commands: this.#sent.map((s) => ({
        where: s.where,
        command: s.command,
        output: s.last.output,
        status: s.last.status,
        ...(s.background && { background: true as const }),
      })),
      counters: Object.fromEntries([
        ...counters(this.#w).map((g) => [g.id, Object.fromEntries(g.rows.map((r) => [r.name, r.value]))] as const),
        [
          'lab',
          {
            'clock ns': this.options.engine === 'step' ? this.#w.m.clock : 0,
            steps: this.#w.m.steps,
            'frames used': this.#w.m.ld32(L.MACHINE + L.M_FRAMES),
            'ownership violations': this.#w.m.ld32(L.MACHINE + L.M_VIOLATIONS),
          },
        ],
      ]),
      ...(stalled ? { stalled } : {}),
    };
  }

  /** A command typed in a terminal may have parked what a file wants to go on. */
  #resume() {
    if (this.options.engine === 'free' && this.lab.run === 'stopped') this.lab.start('free');
  }

  async #park() {
    while (!this.lab.park()) {
      this.lab.pump(() => false, 0);
      await new Promise((r) => {
        setTimeout(r, 2);
      });
    }
  }

  async #line(line: Line): Promise<string | undefined> {
    if (line.t === 'loader') return undefined; // the machine was made so
    if (line.t === 'sleep') {
      const until = this.#w.m.clock + line.seconds * 1e9;
      return this.#until(() => this.#w.m.clock >= until, until);
    }
    if (line.t === 'wait')
      return this.#until(() =>
        this.#sent.every((s) => !s.background || s.last.status !== null || !s.pids().some((p) => p.state !== 'zombie' && canEnd(p))),
      );
    if (line.t === 'lab') {
      const r = await this.#command(line.command);
      if (this.options.engine === 'free') while (!this.lab.park()) await this.#park();
      this.#sent.push({
        where: 'lab',
        command: line.command,
        background: false,
        record: () => undefined,
        pids: () => [],
        last: { output: r.text ? `${r.text}\n` : '', status: r.status ?? (r.ok ? 0 : 1) },
      });
      return undefined;
    }
    if (line.t === 'keys') return this.#keys(line);
    if (line.where === 'host') return this.#host(line);
    return this.#guest(line);
  }

  async #command(line: string): Promise<Outcome> {
    const r = labCommand(this.lab, line);
    return r.later ?? r;
  }

  async #host(line: Line & { t: 'type' }): Promise<string | undefined> {
    const os = this.#w.host.os,
      shellOf = (tty: string) => os.tree().procs.find((p) => p.prog === 'sh' && p.tty === tty && p.ppid === 1);
    let why = await this.#until(
      () =>
        os.tree().ttys.some((t) => {
          const p = shellOf(t.id);
          return p !== undefined && atPrompt(p);
        }),
      undefined,
      1e9,
    );
    if (why || !this.#free(this.#tty)) {
      // the terminal is a VM's console by now: the next one
      this.#tty = this.#open();
      why = await this.#until(() => this.#free(this.#tty));
      if (why) return why;
    }
    const tty = this.#tty,
      sh = shellOf(tty);
    if (!sh) return 'the host has no shell';
    const st = sh.st as ShellState,
      index = st.records.length;
    const sent = this.#note(
      line,
      () => st.records[index],
      () => os.tree().procs,
    );
    this.#type(tty, `${line.command}\r`);
    if (line.background) return this.#until(() => atPrompt(sh) && st.records.length > index);
    const vms = () => this.#w.tree.host.vms.filter((v) => v.block && this.#w.consoleOf(v) === tty);
    return this.#until(() => sent.last.status !== null || vms().some((v) => this.#w.guestAtPrompt(v.name)));
  }
  #free(tty: string) {
    const p = this.#w.host.os.tree().procs.find((x) => x.prog === 'sh' && x.tty === tty && x.ppid === 1);
    return p !== undefined && atPrompt(p);
  }

  async #guest(line: Line & { t: 'type' }): Promise<string | undefined> {
    const vm = () => this.#w.tree.host.vms.find((v) => v.name === line.where && v.block);
    let why = await this.#until(() => vm() !== undefined && this.#w.guestAtPrompt(line.where), undefined, 5e9);
    const v = vm(),
      console = v && this.#w.consoleOf(v);
    if (why || !v || !console)
      return why ? `${line.where} has no shell that waits for a command. ${why}` : `no VM ${line.where} is running`;
    const records = () => (this.#w.guestShell(line.where)?.st as ShellState | undefined)?.records,
      index = records()?.length ?? 0;
    const sent = this.#note(
      line,
      () => records()?.[index],
      () => this.#w.tree.guests[line.where]?.os.procs ?? [],
    );
    this.#type(console, `${line.command}\r`);
    why = await this.#until(() =>
      line.background
        ? (records()?.length ?? 0) > index && this.#w.guestAtPrompt(line.where)
        : sent.last.status !== null || vm() === undefined,
    );
    // the machine went off under the command
    if (!vm() && sent.last.status === null) sent.last.status = /^(poweroff|reboot|shutdown|halt)\b/.test(line.command) ? 0 : 1;
    return why;
  }

  #keys({ where, command }: Line & { t: 'keys' }): string | undefined {
    const vm = this.#w.tree.host.vms.find((v) => v.name === where && v.block),
      tty = where === 'host' ? this.#tty : vm && this.#w.consoleOf(vm);
    if (!tty) return `no VM ${where} is running`;
    this.#type(tty, command === '^C' ? '\x03' : `${command}\r`);
    return undefined;
  }
  #type(tty: string, data: string) {
    if (this.#recorded) this.lab.timeline.do({ k: 'input', tty, data });
    else this.#w.type(tty, data);
  }
  #open(): string {
    if (!this.#recorded) return this.#w.openTerminal();
    this.lab.timeline.do({ k: 'open' });
    const { ttys } = this.#w.tree.host.os;
    return ttys[ttys.length - 1]?.id ?? '';
  }
  /** Goes on for a slice, at most to lab time `clock`. True when nothing can happen by itself. */
  #slice(clock: number | undefined): boolean {
    const { m } = this.#w;
    const slice = Math.min(m.clock + SLICE_NS, clock ?? Number.POSITIVE_INFINITY);
    if (!this.#recorded) {
      const idle = this.#w.advance(SLICE_STEPS, slice) === 'idle';
      if (idle && clock !== undefined) m.clock = clock;
      return idle;
    }
    const r = this.lab.timeline.advance(SLICE_STEPS, slice);
    if (r === 'idle' || r === 'later') {
      if (clock !== undefined && (r === 'idle' || slice === clock)) this.lab.timeline.do({ k: 'clock', ns: clock });
      else if (r === 'later') this.lab.timeline.do({ k: 'clock', ns: slice });
    }
    return r === 'idle';
  }

  #note(line: Line & { t: 'type' }, record: Sent['record'], procs: () => Proc[]): Sent {
    const s: Sent = {
      where: line.where,
      command: line.command,
      background: line.background,
      record,
      pids: () => procs().filter((p) => record()?.pids.includes(p.pid)),
      last: { output: '', status: null },
    };
    this.#sent.push(s);
    return s;
  }

  /** What each command has said so far. */
  #collect() {
    for (const s of this.#sent) {
      const r = s.record();
      if (!r || s.last.status !== null) continue;
      s.last.output = r.output;
      const running = s.pids().some((p) => p.state !== 'zombie');
      if (r.status !== null && !(s.background && running)) s.last.status = r.status;
    }
  }

  /** Runs until the condition holds. Answers why it never will. */
  async #until(cond: () => boolean, clock?: number, patienceNs = STALL_S * 1e9): Promise<string | undefined> {
    const { m } = this.#w;
    this.#progress = { sign: '', at: m.clock };
    for (;;) {
      if (await serve(this.lab, () => this.#park())) this.#resume();
      this.#collect();
      if (cond()) return undefined;
      let idle = false;
      if (this.options.engine === 'free') {
        this.lab.pump(() => false, 0);
        if (this.lab.failure) return this.lab.failure;
        await new Promise((r) => {
          setTimeout(r, 2);
        });
      } else idle = this.#slice(clock);
      const sign = this.#sign();
      if (sign !== this.#progress.sign) this.#progress = { sign, at: m.clock };
      if (clock !== undefined) continue;
      this.#collect();
      if (cond()) return undefined;
      if ((idle && !this.#w.asked.length) || (m.clock - this.#progress.at > patienceNs && !sleeping(this.#w)))
        return `no further progress: ${this.#whoWaits()}`;
    }
  }
  #sign() {
    const {
      m,
      tree: { host },
    } = this.#w;
    let packets = 0;
    for (const a of host.adapters)
      packets += m.ld64(m.ld32(a.addr + L.NA_TX_RINGS) + L.KR_STAT_PACKETS) + m.ld64(m.ld32(a.addr + L.NA_RX_RINGS) + L.KR_STAT_PACKETS);
    return `${packets} ${host.os.nextPid} ${host.os.procs.length} ${Object.values(this.#w.tree.guests)
      .map((g) => `${g.stage} ${g.os.nextPid} ${g.os.procs.length}`)
      .join()}`;
  }
  #whoWaits() {
    const { m } = this.#w,
      out: string[] = [];
    for (const s of this.#sent.filter((x) => !x.pids().some((p) => p.prog === 'bhyve')))
      if (s.last.status === null) out.push(`"${s.command}" on ${s.where} has not ended`);
    for (let i = 0; i < m.threads; i++) {
      const t = m.block(i);
      if (m.status(t) === L.TS_ASLEEP && m.ld32(t + L.T_KIND) !== L.TK_INTR)
        out.push(`${nameOf(this.#w, t).name} sleeps on ${WMESG[m.ld32(t + L.T_WMESG)]}`);
    }
    return out.join('; ') || 'nothing runs';
  }
}

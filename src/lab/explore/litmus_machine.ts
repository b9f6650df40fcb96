// A litmus test run to all its ends: its threads on a bare machine, every interleaving of their accesses and drains over the step
// build, so that what is judged are the accessors of wasm/sim/shared.ts. Depth-first over the few words that are state; it owes
// the explorer's search nothing. Threads, words and the model are given back.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import { type Final, type Insn, type Litmus, finalText, meets } from './litmus.ts';
import { setModel } from './kept.ts';
import type { Model } from './question.ts';

export interface LitmusAnswer {
  model: Model;
  /** All final states, as texts, in order; `meeting`: those that the condition asks for. */
  outcomes: string[];
  meeting: string[];
  /** Whether the condition can come true. */
  verdict: 'Allowed' | 'Forbidden';
  /** States that were looked at. */
  states: number;
}

const OPS = {
  ld: L.LIT_LD,
  st: L.LIT_ST,
  st_reg: L.LIT_ST_REG,
  mov: L.LIT_MOV,
  fence: L.LIT_FENCE,
  xchg: L.LIT_XCHG,
  order: L.LIT_ORDER,
} as const satisfies Record<Insn['op'], number>;

/** Bytes between two words of a test: no two in one cache line. */
const APART = 64;
/** No test of a few instructions has more. */
const STATES_MAX = 2_000_000;

/** A test's threads and words in a machine. `whole`: a program is one iteration, so that its thread is parked inside. */
export class LitmusThreads {
  readonly blocks: number[] = [];
  readonly #page: number;
  readonly #bytes: number;
  /** The words that are state between two accesses. */
  readonly at: readonly number[];

  constructor(
    readonly m: Machine,
    readonly test: Litmus,
    whole = false,
  ) {
    this.#bytes = (test.threads.length + 1) * L.PAGE;
    this.#page = m.alloc(this.#bytes);
    for (const [i, w] of test.words.entries()) m.st32(this.word(i), w.value);
    const at = test.words.map((_, i) => this.word(i));
    test.threads.forEach((t, i) => {
      const p = this.page(i);
      m.st32(p + L.LIT_WHOLE, whole ? 1 : 0);
      for (const [r, v] of t.regs.entries()) m.st32(p + L.LIT_REG + r * 4, v);
      t.code.forEach((x, k) => {
        const a = p + L.LIT_CODE + k * L.LIT_INSN;
        m.st32(a + L.LIT_OP, OPS[x.op]);
        if ('reg' in x) m.st32(a + L.LIT_R, x.reg);
        if ('word' in x) m.st32(a + L.LIT_ADDR, this.word(x.word));
        if ('value' in x) m.st32(a + L.LIT_VAL, x.value);
      });
      const b = m.newThread({ kind: L.TK_PROGRAM, fn: L.OP_LITMUS, arg: p, vtime: 0 });
      this.blocks.push(b);
      at.push(b + L.T_STATUS, b + L.T_SB_COUNT, p + L.LIT_PC);
      for (let k = 0; k < L.SB_MAX * 2; k++) at.push(b + L.T_SB + k * 4);
      for (let r = 0; r < L.LIT_REGS; r++) at.push(p + L.LIT_REG + r * 4);
    });
    this.at = at;
  }
  word(i: number) {
    return this.#page + this.test.threads.length * L.PAGE + i * APART;
  }
  page(i: number) {
    return this.#page + i * L.PAGE;
  }
  final(): Final {
    const { m, test } = this;
    return {
      regs: test.threads.map((t, i) => t.regs.map((_, r) => m.ld32(this.page(i) + L.LIT_REG + r * 4))),
      words: test.words.map((_, i) => m.ld32(this.word(i))),
    };
  }
  end() {
    for (const b of this.blocks) this.m.freeThread(b);
    this.m.release(this.#page, this.#bytes);
  }
}

/** One access of a thread, to the end of its iteration. */
function access(m: Machine, t: number) {
  const before = m.steps;
  for (let k = 0; k < 4 && m.steps === before && m.wasm.runnable(t); k++) m.wasm.step_thread(t, 0, 0n);
}

/** Every final state of a test. `go` makes one access of a thread: the step build's, or another engine's to compare with. */
export function litmus(m: Machine, test: Litmus, model: Model, go: (m: Machine, t: number) => void = access): LitmusAnswer {
  const was = [m.ld32(L.MACHINE + L.M_TSO), m.ld32(L.MACHINE + L.M_DRAIN_ANY)] as const,
    steps = m.steps,
    clock = m.clock,
    threads = new LitmusThreads(m, test),
    { at, blocks } = threads,
    seen = new Set<string>(),
    todo: number[][] = [],
    outcomes = new Set<string>(),
    meeting = new Set<string>();
  const visit = () => {
    const state = at.map((a) => m.ld32(a)),
      key = state.join();
    if (seen.has(key)) return;
    if (seen.size === STATES_MAX) throw new RangeError(`${test.name} has more than ${STATES_MAX} states`);
    seen.add(key);
    todo.push(state);
  };
  try {
    setModel(m, { model, buffer: L.SB_MAX });
    visit();
    for (let state = todo.pop(); state; state = todo.pop()) {
      const from = state,
        back = () => {
          for (let i = 0; i < at.length; i++) m.st32(at[i] ?? 0, from[i] ?? 0);
        };
      back();
      const moves: (() => void)[] = [];
      for (const t of blocks) {
        if (m.wasm.runnable(t)) moves.push(() => go(m, t));
        for (let j = 0; j < L.SB_MAX; j++) if (m.wasm.drains(t, j)) moves.push(() => m.wasm.drain_nth(t, j));
      }
      if (!moves.length) {
        const f = threads.final(),
          text = finalText(test, f);
        outcomes.add(text);
        if (meets(test.condition, f)) meeting.add(text);
      }
      for (const move of moves) {
        back();
        move();
        visit();
      }
    }
    return {
      model,
      outcomes: [...outcomes].sort(),
      meeting: [...meeting].sort(),
      verdict: meeting.size ? 'Allowed' : 'Forbidden',
      states: seen.size,
    };
  } finally {
    threads.end();
    m.st32(L.MACHINE + L.M_TSO, was[0]);
    m.st32(L.MACHINE + L.M_DRAIN_ANY, was[1]);
    m.steps = steps;
    m.clock = clock;
  }
}

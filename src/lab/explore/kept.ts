// A parked machine, kept so that schedules can be tried on it and it is put back to the last bit. Only the data plane goes
// in between: the tree of the control plane is not touched, and nothing is recorded.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { Question } from './question.ts';

const WORDS = L.PAGE / 4;
const frames = (p: number) => p * L.PAGE >= L.FRAMES_RESERVED && p * L.PAGE < L.FRAMES_USED + L.FRAMES_BYTES;
/** The recorder's own words. */
const TRACED = [L.TR_ON, L.TR_NWATCH, L.TR_COUNT, L.TR_LOST] as const;

export type Pages = ReadonlyMap<number, Uint32Array>;

export class Kept {
  readonly #root: Pages;
  readonly #traced: readonly number[];

  constructor(private readonly m: Machine) {
    this.#root = this.now();
    this.#traced = TRACED.map((o) => m.ld32(L.TRACE + o));
    m.st32(L.TRACE + L.TR_ON, 0);
    m.st32(L.TRACE + L.TR_NWATCH, 0);
  }

  /** Pages as they are now. */
  now(): Pages {
    const { m } = this;
    return new Map(m.statePages().flatMap((p) => (frames(p) ? [] : [[p, m.u32.slice(p * WORDS, (p + 1) * WORDS)] as const])));
  }
  /** The machine as it was at the beginning, or as in `pages`. */
  put(pages: Pages = this.#root) {
    const { m } = this;
    for (const [p, words] of pages) m.u32.set(words, p * WORDS);
  }
  /** Nothing more is tried. */
  end() {
    const { m } = this;
    this.put();
    TRACED.forEach((o, i) => {
      m.st32(L.TRACE + o, this.#traced[i] ?? 0);
    });
  }
}

/** The memory model is a word of the machine. */
export function setModel(m: Machine, q: Pick<Question, 'model' | 'buffer'>) {
  m.st32(L.MACHINE + L.M_TSO, q.model === 'sc' ? 0 : Math.min(L.SB_MAX, Math.max(1, q.buffer)));
  m.st32(L.MACHINE + L.M_DRAIN_ANY, q.model === 'pso' ? 1 : 0);
}

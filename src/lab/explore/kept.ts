// A parked machine, kept so that schedules can be tried on it and it is put back to the last bit: memory, and the tree of the
// control plane. Nothing is recorded.

import * as L from '../../../wasm/layout.ts';
import type { Machine } from '../../sim/machine.ts';
import type { Tree, World } from '../world.ts';
import type { Question } from './question.ts';

const WORDS = L.PAGE / 4;
/** The recorder's own words. */
const TRACED = [L.TR_ON, L.TR_NWATCH, L.TR_COUNT, L.TR_LOST] as const;

export type Pages = ReadonlyMap<number, Uint32Array>;

export class Kept {
  readonly #root: Pages;
  readonly #trace: () => void;
  readonly #tree: string;
  private readonly m: Machine;

  constructor(private readonly w: World) {
    const { m } = w;
    this.m = m;
    this.#tree = JSON.stringify(w.tree);
    this.#root = this.now();
    this.#trace = untraced(m);
  }

  /** Pages as they are now. */
  now(): Pages {
    const { m } = this;
    return new Map(m.statePages().map((p) => [p, m.u32.slice(p * WORDS, (p + 1) * WORDS)]));
  }
  /** Memory as it was at the beginning, or as in `pages`. */
  put(pages: Pages = this.#root) {
    const { m } = this;
    for (const p of m.statePages()) if (!pages.has(p)) m.u8.fill(0, p * L.PAGE, (p + 1) * L.PAGE); // taken since
    for (const [p, words] of pages) m.u32.set(words, p * WORDS);
  }
  /** The same after actions of the control plane. */
  putAll() {
    const { w } = this;
    if (JSON.stringify(w.tree) !== this.#tree) {
      w.tree = JSON.parse(this.#tree) as Tree;
      w.refresh();
    }
    this.put();
  }
  /** Nothing more is tried. */
  end() {
    this.putAll();
    this.#trace();
  }
}

/** From now on no step leaves a record: what the recorder counts would be found in dead words of saved stacks. Answers how it is undone. */
export function untraced(m: Machine): () => void {
  const was = TRACED.map((o) => m.ld32(L.TRACE + o));
  m.st32(L.TRACE + L.TR_ON, 0);
  m.st32(L.TRACE + L.TR_NWATCH, 0);
  return () => {
    TRACED.forEach((o, i) => {
      m.st32(L.TRACE + o, was[i] ?? 0);
    });
  };
}

/** The memory model is two words of the machine: stores that a buffer holds, and whether they keep their order. */
export function setModel(m: Machine, q: Pick<Question, 'model' | 'buffer'>) {
  m.st32(L.MACHINE + L.M_TSO, q.model === 'sc' ? 0 : Math.min(L.SB_MAX, Math.max(1, q.buffer)));
  m.st32(L.MACHINE + L.M_DRAIN_ANY, q.model === 'pso' ? 1 : 0);
}

// Actions of the control plane as moves of the search. What the control plane is, is a tree of plain JSON: each is kept once, and a
// state names its own in a word of the machine (M_TREE), so that equal states are equal rows here too.

import * as L from '../../../wasm/layout.ts';
import type { Tree, World } from '../world.ts';
import type { Question } from './question.ts';

const TREE = L.MACHINE + L.M_TREE;

/** A bhyve that waits to look again whether the kernel threads of a port that it closes have ended: of all waits for a time, this one matters. */
function looksAgain({ tree: { host } }: World): number | undefined {
  return host.ptn.some((p) => p.stopping) ? host.os.procs.find((p) => p.prog === 'bhyve' && p.until !== undefined)?.pid : undefined;
}
const process = (w: World) => w.host.os.ready() !== undefined || looksAgain(w) !== undefined;

/** The thread whose request is next, -1: a process of the host; undefined: no action is due, or none of these. */
export function actOf(w: World, which: Question['acts']): number | undefined {
  for (let i = 0; i < w.m.threads; i++) {
    const t = w.m.block(i);
    if (w.m.status(t) === L.TS_REQUEST) return which === 'all' || w.m.ld32(t + L.T_REQ) === L.REQ_INOUT ? i : undefined;
  }
  return which === 'all' && process(w) ? -1 : undefined;
}

/** Makes the one that is due, if any. */
export function act(w: World) {
  if (w.act()) return;
  const pid = looksAgain(w);
  if (pid !== undefined) w.host.os.wake(pid);
}

/** The same, whispering: nothing is written to a terminal, nobody is asked. */
export function makeAct(w: World) {
  const { onTty, asked } = w;
  w.onTty = () => {};
  w.asked = [];
  try {
    act(w);
  } finally {
    w.onTty = onTty;
    w.asked = asked;
  }
}

export class Acts {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();
  /** Whose tree the machine has. */
  #now = 0;
  /** Actions that were made. */
  made = 0;

  constructor(private readonly w: World) {
    this.#now = this.#keep();
  }
  get trees() {
    return this.#texts.length;
  }
  #keep(): number {
    const text = JSON.stringify(this.w.tree),
      known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
  #word() {
    this.w.m.st32(TREE, (this.#now << 1) | (process(this.w) ? 1 : 0));
  }

  /** The tree of the state that is in memory. */
  look() {
    this.#go(this.w.m.ld32(TREE) >>> 1);
  }
  #go(id: number) {
    const text = this.#texts[id];
    if (id === this.#now || text === undefined) return;
    this.w.tree = JSON.parse(text) as Tree;
    this.w.refresh();
    this.#now = id;
  }
  /** The machine is at the root. */
  root() {
    this.#go(0);
    this.#word();
  }
  /** The action that is due in the state that is in memory. The thread that asked for it, -1: a process. */
  act(): number {
    this.look();
    const who = actOf(this.w, 'all') ?? -1;
    makeAct(this.w);
    this.made++;
    this.#now = this.#keep();
    this.#word();
    return who;
  }
}

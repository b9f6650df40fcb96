// The pool: so many searches side by side, each in a worker with a machine of its own; the others wait their turn. A worker
// lives for one search. What it said last stands when it dies.

import type { FromSearcher, Task, ToSearcher } from './job.ts';

/** The other end of a worker; in tests, of whatever searches. */
export interface Channel {
  post(m: ToSearcher): void;
  onMessage: (m: FromSearcher) => void;
  onError: (why: string) => void;
  terminate(): void;
}
export type Spawn = () => Channel;

interface Run {
  task: Task | undefined;
  tell: (m: FromSearcher) => void;
  channel?: Channel;
  stopped?: true;
}

export class Pool {
  readonly #runs = new Map<number, Run>();
  constructor(
    private readonly spawn: Spawn,
    readonly size: number,
  ) {}

  get busy(): number {
    return [...this.#runs.values()].filter((r) => r.channel).length;
  }

  /** `tell` hears of it until `done` or `failed`. */
  begin(id: number, task: Task, tell: (m: FromSearcher) => void) {
    this.#runs.set(id, { task, tell });
    this.#staff();
  }

  #staff() {
    for (const [id, r] of this.#runs) {
      if (this.busy >= this.size) return;
      if (r.channel || !r.task) continue;
      this.#start(id, r, r.task);
    }
  }
  #start(id: number, r: Run, task: Task) {
    try {
      r.channel = this.spawn();
    } catch (e) {
      this.#runs.delete(id);
      r.tell({ t: 'failed', why: died(e instanceof Error ? e.message : String(e)) });
      return;
    }
    r.channel.onMessage = (m) => {
      if (this.#runs.get(id) !== r) return;
      if (m.t === 'done' || m.t === 'failed') this.#end(id, r);
      r.tell(m);
    };
    r.channel.onError = (why) => {
      if (this.#runs.get(id) !== r) return;
      this.#end(id, r);
      r.tell({ t: 'failed', why: died(why) });
    };
    r.channel.post({ t: 'begin', task });
    r.task = undefined; // its pages are the worker's now
  }
  #end(id: number, r: Run) {
    r.channel?.terminate();
    this.#runs.delete(id);
    this.#staff();
  }

  /** Asks for the verdict as it is; false: it had not begun, and is gone. */
  stop(id: number): boolean {
    const r = this.#runs.get(id);
    if (!r?.channel) {
      this.#runs.delete(id);
      return false;
    }
    r.stopped = true;
    r.channel.post({ t: 'stop' });
    return true;
  }
  /** Nobody wants to hear of it any more. */
  drop(id: number) {
    const r = this.#runs.get(id);
    if (r) this.#end(id, r);
  }
}

const died = (why: string) =>
  `The worker of this search stopped (${why}). The lab itself goes on; ask again, with less memory if that was it.`;

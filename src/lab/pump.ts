// How the step engine goes by itself: as far as the wall clock has come, or so many steps a second.

import type { FreeEngine } from '../sim/free.ts';
import type { Breaks } from './breaks.ts';
import type { Lab } from './lab.ts';
import { SlowPace } from './pace.ts';
import type { World } from './world.ts';

/** Steps in one slice. */
const SLICE = 20_000,
  SLOW_SLICE = 200;
/** How far it may fall behind the wall clock before it stops trying to catch up. */
const LAG_NS = 100e6;

interface Driven {
  lab: Pick<Lab, 'world' | 'speed' | 'run' | 'breaks'>;
  /** Forward, as far as a stop point. */
  go(n: number, until?: number): ReturnType<Breaks['run']>;
  told(): void;
  stopAt(met: string): number;
}

/** Its answers are how long to wait until the next call, ms. */
export class Pump {
  /** Where the step engine's clock met the wall's. */
  #pace: { wall: number; clock: number } | undefined;
  /** Lab time up to which nothing was due: the machine is not behind while it waits. */
  #waited = 0;
  #slow: SlowPace | undefined;
  constructor(private readonly d: Driven) {}

  /** It is let go. */
  begin() {
    this.#pace = undefined;
    this.#waited = 0;
    this.#slow = undefined;
  }

  /** Goes on while `more` says so; wall is the time of day in ms. */
  step(more: () => boolean, wall: number): number {
    const { lab } = this.d,
      clock = Math.max(lab.world.m.clock, this.#waited);
    if (!this.#pace || (wall - this.#pace.wall) * 1e6 - (clock - this.#pace.clock) > LAG_NS) this.#pace = { wall, clock };
    if (lab.speed > 0) return this.#stepSlow(wall);
    const until = this.#pace.clock + (wall - this.#pace.wall) * 1e6;
    do {
      const { how, met } = this.d.go(lab.breaks.slow ? SLOW_SLICE : SLICE, until);
      if (met) return this.d.stopAt(met);
      lab.run = how === 'idle' ? 'idle' : 'running';
      if (how === 'idle') return Number.POSITIVE_INFINITY;
      if (how === 'later') {
        this.#waited = until;
        return 4;
      }
      if (how === 'stop') return 0;
    } while (more());
    return 0;
  }

  /** So many steps a second, the wall clock's; the lab clock goes as it goes. */
  #stepSlow(wall: number): number {
    const { lab } = this.d;
    if (this.#slow?.speed !== lab.speed) this.#slow = new SlowPace(lab.speed, wall);
    this.#waited = 0;
    this.#pace = undefined; // full speed begins where the clocks are then
    const n = this.#slow.due(wall, SLICE),
      before = lab.world.m.steps;
    if (n) {
      const r = this.d.go(n);
      this.d.told();
      if (r.met) return this.d.stopAt(r.met);
      lab.run = r.how === 'idle' && lab.world.m.steps === before ? 'idle' : 'running';
      if (lab.run === 'idle') return Number.POSITIVE_INFINITY;
    }
    return this.#slow.wait(wall);
  }
}

/** What the control plane does while threads run freely. */
export function pumpFree(w: World, free: FreeEngine): number {
  w.m.clock = free.awake(w.m.clock);
  w.host.os.expire(w.m.clock);
  for (let i = 0; i < 2000 && w.act(); i++);
  free.staff();
  return 4;
}

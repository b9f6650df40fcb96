// The search for the next event of a kind, in slices, so that it can be watched and given up.

import * as L from '../../wasm/layout.ts';
import { EVENTS, type EventKind, HEADS, SEARCH_MAX } from './stops.ts';
import type { Timeline } from './timeline.ts';
import { rings } from './view.ts';
import type { World } from './world.ts';

/** Steps of one slice. */
const SLICE = 100_000;

export class Search {
  readonly start: number;
  /** What each program's head is, by its address. */
  #heads = new Map<number, number>();

  constructor(
    private readonly w: World,
    private readonly timeline: Timeline,
    readonly kind: EventKind,
  ) {
    this.start = w.m.steps;
    this.#remember();
  }

  #remember() {
    if (this.kind === 'wrap') for (const r of rings(this.w)) this.#heads.set(r.ringAddr, this.w.m.ld32(r.ringAddr + L.RING_HEAD));
  }

  /** Whether the access that was just made is one. */
  #is(): boolean {
    const { m } = this.w,
      value = m.ld32(L.MACHINE + L.M_DONE_VAL);
    const point = m.ld32(L.MACHINE + L.M_DONE_POINT);
    if (this.kind !== 'wrap') return EVENTS[this.kind].is?.(value, point) ?? true;
    if (!HEADS.includes(point)) return false;
    const before = this.#heads.get(m.ld32(L.MACHINE + L.M_DONE_ADDR) - L.RING_HEAD);
    this.#remember();
    return before !== undefined && value < before;
  }

  /** Goes on for one slice. none: it never comes, or not within SEARCH_MAX steps. */
  slice(): 'found' | 'none' | 'more' {
    const { m } = this.w,
      end = Math.min(m.steps + SLICE, this.start + SEARCH_MAX);
    while (m.steps < end) {
      const r = this.timeline.runTo(EVENTS[this.kind].points, [], end - m.steps);
      if (r === 'stop' && this.#is()) return 'found';
      if (r !== 'stop' && r !== 'done') return 'none';
    }
    return m.steps < this.start + SEARCH_MAX ? 'more' : 'none';
  }
}

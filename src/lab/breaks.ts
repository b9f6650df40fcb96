// Stop points: conditions over named fields. The step engine runs at full speed and looks only when a word that a
// condition names is stored; a condition over the clock, the step or a thread is looked at after every step.

import * as L from '../../wasm/layout.ts';
import { compile, explain, type Expr } from './expr.ts';
import { anyFields } from './expr_fields.ts';
import { bind, type Bound } from './expr_values.ts';
import type { Timeline } from './timeline.ts';
import { pointOf } from '../sim/points.ts';
import { WHERE } from './view.ts';
import type { World } from './world.ts';

/** The pause points that a place of the source means. */
export function placesOf(place: string): number[] {
  const line = /^(.+):(\d+)$/.exec(place);
  return [...WHERE.entries()]
    .filter(([n, at]) => {
      const p = pointOf(n);
      if (line) return at.file.endsWith(line[1] ?? '') && at.line === Number(line[2]);
      return p !== undefined && (p.fn === place || p.name.toLowerCase() === `p_${place.toLowerCase().replace(/^p_/, '')}`);
    })
    .map(([n]) => n);
}

export interface StopPoint {
  id: number;
  text: string;
  /** A condition; undefined: accesses at these pause points. */
  expr: Expr | undefined;
  points: readonly number[];
  /** The steps at which it was met; it stops from the time `from` on. */
  met: number[];
  from: number;
  /** Whether it held when last looked at: it stops when it becomes true. */
  held: boolean;
  bound: Bound | undefined;
}

const MAX = 32;
/** Fields that no shared access stores. */
const PLAIN = /slot\[|\.(?:rhead|rcur|rtail|users|num_\w+|nifp_offset)$/;
const ORDINAL = ['', 'first', 'second', 'third', 'fourth', 'fifth'];

export class Breaks {
  list: StopPoint[] = [];
  #ids = 0;

  /** Adds a stop point; `from`: from which meeting on it stops. Answers its number, or what is wrong. */
  add(w: World, text: string, from = 1): number | string {
    if (this.list.length >= MAX) return `there are ${MAX} stop points already`;
    const c = compile(text, anyFields, 'bool');
    if (!c.ok) return explain(c);
    const p: StopPoint = { id: ++this.#ids, text, expr: c.expr, points: [], met: [], from, held: false, bound: undefined };
    this.list.push(p);
    this.#look(w, p);
    return p.id;
  }

  /** Stops after each access at a place of the source: FILE:LINE, a kernel function, or the name of a pause point. */
  addAt(place: string, from = 1): number | string {
    if (this.list.length >= MAX) return `there are ${MAX} stop points already`;
    const points = placesOf(place);
    if (!points.length)
      return `no pause point at “${place}”: FILE:LINE of the source panel, a function as ptnetmap_tx_handler, or a point as GTX_KICK`;
    this.list.push({ id: ++this.#ids, text: `at ${place}`, expr: undefined, points, met: [], from, held: false, bound: undefined });
    return this.#ids;
  }

  clear() {
    this.list = [];
  }
  /** Conditions are looked at after every step. */
  get slow(): boolean {
    return this.list.length > 0 && this.#watch() === undefined;
  }

  remove(id: number): boolean {
    const n = this.list.length;
    this.list = this.list.filter((p) => p.id !== id);
    return this.list.length < n;
  }

  /** Looks anew at what the conditions name: ports open and close. */
  #look(w: World, p: StopPoint): boolean {
    if (!p.expr) return false;
    p.bound = bind(w, p.expr, p.bound);
    const v = p.bound.value() === true;
    p.bound.remember();
    return v;
  }

  /** After the machine was moved by other means: what holds now is not news. */
  settle(w: World) {
    for (const p of this.list) {
      p.held = this.#look(w, p);
      if ((p.met.at(-1) ?? 0) > w.m.steps) p.met = p.met.filter((s) => s <= w.m.steps);
    }
  }

  /** Words whose store may change a condition; undefined when that is not all that can. */
  #watch(): number[] | undefined {
    const words = new Set<number>();
    for (const p of this.list) {
      if (!p.expr) continue;
      if (!p.bound || p.bound.missing.length) return undefined;
      for (const f of p.bound.places.values()) {
        // neither the machine's own words nor what kernels store plainly is seen by a watch
        if (f.addr < L.FIRST_FREE || PLAIN.test(f.path)) return undefined;
        words.add(f.addr & ~3);
      }
    }
    return words.size <= L.M_STOP_WATCHES ? [...words] : undefined;
  }

  /** Runs at most n steps, no further than lab time `until`. Answers the sentence of the stop point that was met. */
  run(w: World, timeline: Timeline, n: number, until?: number): { met?: string; how: 'done' | 'idle' | 'later' | 'stop' } {
    const { m } = w;
    const end = m.steps + n;
    while (m.steps < end) {
      const watch = this.#watch(),
        before = m.steps;
      const how = watch
        ? timeline.runTo(
            this.list.flatMap((p) => p.points),
            watch,
            end - before,
            until,
          )
        : timeline.advance(1, until);
      const point = m.steps > before ? m.ld32(L.MACHINE + L.M_DONE_POINT) : 0;
      let met = '';
      for (const p of this.list) {
        const reached = p.points.includes(point) && (how === 'stop' || !watch),
          holds = this.#look(w, p),
          became = holds && !p.held;
        p.held = holds;
        if (!reached && !became) continue;
        if (p.met.at(-1) !== m.steps) p.met.push(m.steps);
        if (p.met.length >= p.from)
          met ||= `Stopped: ${p.text}${p.expr ? ' became true' : ''}. Stop point ${p.id}, ${ORDINAL[p.met.length] ?? `${p.met.length}th`} time.`;
      }
      if (met) return { met, how: 'stop' };
      if (how === 'idle' || how === 'later') return { how };
    }
    return { how: 'done' };
  }
}

// A schedule that breaks a promise, made simpler: fewer changes of thread, then fewer moves. Every attempt is made on the
// machine and kept only if it breaks the same promise and is not longer. Deterministic: no lots, no clock.

import type { Course } from './course.ts';
import { moves } from './moves.ts';
import type { Found, Move } from './question.ts';

/** Attempts at most. */
const ATTEMPTS = 1500;

/** So many moves of a thread on end; a drain is one of its own. */
interface Run {
  thread: number;
  drain?: number;
  n: number;
}

export function runsOf(list: readonly Move[]): Run[] {
  const out: Run[] = [];
  for (const { thread, drain } of list) {
    const last = out.at(-1);
    if (last && drain === undefined && last.drain === undefined && last.thread === thread) last.n++;
    else out.push(drain === undefined ? { thread, n: 1 } : { thread, drain, n: 1 });
  }
  return out;
}
/** Changes of thread. */
export const switches = (list: readonly Move[]): number => list.filter((x, i) => i > 0 && list[i - 1]?.thread !== x.thread).length;

/** Simpler first. */
const simpler = (a: readonly Move[], b: readonly Move[]) => switches(a) - switches(b) || a.length - b.length;

export function shrink(course: Course, found: Found, attempts = ATTEMPTS): Found {
  const first = course.follow(found.moves);
  if (first?.promise !== found.promise) return found; // it is none on this machine: nothing to build on
  let best: Found = first,
    left = attempts;

  /** Follows runs as far as they go, then everybody to the end, changing over only where somebody must. */
  const attempt = (runs: readonly Run[]): boolean => {
    if (left-- <= 0) return false;
    const { w } = course,
      most = best.moves.length;
    course.begin();
    for (const r of runs)
      for (let i = 0; i < r.n && !course.broken && course.made.length < most; i++)
        if (!course.go(r.drain === undefined ? { thread: r.thread } : { thread: r.thread, drain: r.drain })) break;
    while (!course.broken) {
      const all = moves(w.m),
        last = course.made.at(-1)?.thread,
        next = all.find((x) => x.thread === last && x.drain === undefined) ?? all.find((x) => x.drain === undefined) ?? all[0];
      if (!next) {
        course.halt();
        break;
      }
      if (course.made.length >= most || !course.go(next)) break;
    }
    if (course.broken?.promise !== best.promise || simpler(course.made, best.moves) >= 0) return false;
    best = { moves: course.made, ...course.broken };
    return true;
  };

  for (let again = true; again && left > 0; ) {
    again = false;
    // only a beginning of it
    for (let k = 0; k < runsOf(best.moves).length; k = k ? k * 2 : 1) if (attempt(runsOf(best.moves).slice(0, k))) again = true;
    // without some of its runs
    for (let size = Math.max(1, runsOf(best.moves).length >>> 1); size >= 1; size >>>= 1)
      for (let i = 0; i < runsOf(best.moves).length; ) {
        const runs = runsOf(best.moves);
        if (attempt([...runs.slice(0, i), ...runs.slice(i + size)])) again = true;
        else i += size;
      }
    // two runs of a thread as one, where the first was or where the second was
    for (let i = 0; i < runsOf(best.moves).length; i++) {
      const runs = runsOf(best.moves),
        a = runs[i],
        j = runs.findIndex((r, k) => k > i + 1 && r.thread === a?.thread && r.drain === undefined && a.drain === undefined),
        b = runs[j];
      if (!a || !b) continue;
      const both = { thread: a.thread, n: a.n + b.n },
        rest = runs.slice(i + 1, j);
      if (attempt([...runs.slice(0, i), both, ...rest, ...runs.slice(j + 1)])) again = true;
      else if (attempt([...runs.slice(0, i), ...rest, both, ...runs.slice(j + 1)])) again = true;
    }
    // as far as it can go, or less far
    for (let i = 0; i < runsOf(best.moves).length; i++)
      for (const of of [() => Number.MAX_SAFE_INTEGER, (n: number) => n >>> 1, (n: number) => n - 1]) {
        const runs = runsOf(best.moves),
          r = runs[i];
        if (!r || r.drain !== undefined) continue;
        const n = of(r.n);
        if (n > 0 && n !== r.n && attempt([...runs.slice(0, i), { thread: r.thread, n }, ...runs.slice(i + 1)])) again = true;
      }
  }
  return best;
}

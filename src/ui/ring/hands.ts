// Where the hands' labels stand: equal hands joined, near ones side by side or one level further out. Pure: same state, same picture.
import type { RingSample } from '../../lab/protocol';

export interface Hand {
  names: string;
  slot: number;
}
export interface Placed extends Hand {
  x: number;
  left: boolean;
  level: number;
  width: number;
  text: string;
}

/** Equal hands become one, names joined in the order given. */
export function join(named: readonly (readonly [string, number])[], n: number): Hand[] {
  const at = new Map<number, string[]>();
  for (const [name, slot] of named) if (slot >= 0 && slot < n) at.set(slot, [...(at.get(slot) ?? []), name]);
  return [...at].map(([slot, names]) => ({ names: names.join(' = '), slot }));
}

export const userHands = (s: RingSample): Hand[] =>
  join(
    [
      ['head', s.head],
      ['cur', s.cur],
      ['tail', s.tail],
    ],
    s.n,
  );
export const kernelHands = (s: RingSample): Hand[] =>
  join(
    [
      ['hwcur', s.hwcur],
      ['rhead', s.rhead],
      ['hwtail', s.hwtail],
    ],
    s.n,
  );

const LEVELS = 3;
const GAP = 3;

interface Box {
  x0: number;
  x1: number;
  level: number;
  stem: number;
}

function fits(boxes: readonly Box[], min: number, max: number): boolean {
  for (const a of boxes) {
    if (a.x0 < min || a.x1 > max) return false;
    for (const b of boxes) {
      if (a === b) continue;
      if (a.level === b.level && a.x0 < b.x1 + GAP && b.x0 < a.x1 + GAP) return false;
      if (a.level > b.level && a.stem > b.x0 - 1 && a.stem < b.x1 + 1) return false;
    }
  }
  return true;
}

/** Of all arrangements the one with the lowest total level, then the fewest labels that open left. */
export function place(hands: readonly (Hand & { x: number })[], width: (text: string) => number, min: number, max: number): Placed[] {
  const texts = hands.map((h) => `${h.names} ${h.slot}`);
  const widths = texts.map(width);
  const options = 2 * LEVELS;
  let best: number[] | undefined,
    bestCost = Infinity;
  for (let code = 0; code < options ** hands.length; code++) {
    const pick = hands.map((_, i) => Math.floor(code / options ** i) % options);
    const cost = pick.reduce((sum, p) => sum + Math.floor(p / 2) * 100 + (p % 2), 0);
    if (cost >= bestCost) continue;
    const boxes = hands.map((h, i): Box => {
      const p = pick[i] ?? 0,
        w = widths[i] ?? 0;
      const x0 = p % 2 ? h.x - w + 1 : h.x - 1;
      return { x0, x1: x0 + w, level: Math.floor(p / 2), stem: h.x };
    });
    if (fits(boxes, min, max)) {
      best = pick;
      bestCost = cost;
    }
  }
  const chosen = best ?? hands.map((_, i) => Math.min(i, LEVELS - 1) * 2);
  return hands.map((h, i) => {
    const p = chosen[i] ?? 0;
    return { ...h, left: p % 2 === 1, level: Math.floor(p / 2), width: widths[i] ?? 0, text: texts[i] ?? '' };
  });
}

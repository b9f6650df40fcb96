// The labels of a sheet's hands: in the gutters, level with their rows, pushed apart so that none overlaps.
import { type Brush, label, line, measure, text } from './brush';
import { LABEL, type Shape } from './shape';

interface Marked {
  names: string;
  slot: number;
  /** Middle of the hand's row. */
  row: number;
}

const LINE = 15;
const GAP = 2;
const NUMBERS = 34;

/** Label tops, each near its wish, none over another. */
function spread(wishes: readonly number[], heights: readonly number[], min: number, max: number): number[] {
  const out = [...wishes];
  const order = wishes.map((_, i) => i).sort((a, b) => (wishes[a] ?? 0) - (wishes[b] ?? 0));
  let floor = min;
  for (const i of order) {
    out[i] = Math.max(out[i] ?? 0, floor);
    floor = (out[i] ?? 0) + (heights[i] ?? 0) + GAP;
  }
  let roof = max;
  for (const i of order.reverse()) {
    out[i] = Math.min(out[i] ?? 0, roof - (heights[i] ?? 0));
    roof = (out[i] ?? 0) - GAP;
  }
  return out;
}

/** Joined names take a second line when the gutter is too narrow for them. */
function linesOf(b: Brush, hand: Marked, room: number): string[] {
  const whole = `${hand.names} ${hand.slot}`;
  const cut = hand.names.lastIndexOf(' = ');
  if (cut < 0 || measure(b, whole, 11, true) + 10 <= room) return [whole];
  return [hand.names.slice(0, cut), `= ${hand.names.slice(cut + 3)} ${hand.slot}`];
}

export function gutterLabels(b: Brush, sh: Shape, hands: readonly Marked[], left: boolean): void {
  const color = left ? b.user : b.colors.host;
  const edge = left ? sh.x : sh.x + sh.width + NUMBERS;
  const room = left ? sh.gutterLeft - 12 : sh.gutterRight - NUMBERS - 8;
  const words = hands.map((h) => linesOf(b, h, room));
  const heights = words.map((l) => LABEL + (l.length - 1) * LINE);
  const wishes = hands.map((h, i) => h.row - (heights[i] ?? 0) / 2);
  const tops = spread(wishes, heights, sh.top - 8, sh.top + sh.rows * sh.cellHeight + 8);
  hands.forEach((h, i) => {
    const lines = words[i] ?? [];
    const w = Math.ceil(Math.max(...lines.map((l) => measure(b, l, 11, true)))) + 10;
    const top = tops[i] ?? 0;
    const height = heights[i] ?? LABEL;
    const x = left ? edge - 12 - w : edge + 8;
    const mid = top + height / 2;
    const bend = left ? edge - 6 : edge + 2;
    const path = [
      [left ? x + w : x, mid],
      [bend, mid],
      [bend, h.row],
      [left ? edge : edge - 2, h.row],
    ] as const;
    line(b, path, color, 1.5);
    label(b, '', x, top, w, height, color);
    const style = { color: b.colors.surface, bold: true, align: 'center', size: 11 } as const;
    lines.forEach((l, k) => {
      text(b, l, x + w / 2, top + LABEL / 2 + 0.5 + k * LINE, style);
    });
  });
}

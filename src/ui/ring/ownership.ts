// Who may touch each slot: one cyclic run a class from hwcur on, each slot in exactly one. Pure.
import type { RingSample } from '../../lab/protocol';

/** sending: handed over and seen. handed: not yet looked at. user: the program's. done: not yet told. flight: the kernel's. kept: never given. */
export type Owning = 'sending' | 'handed' | 'user' | 'done' | 'flight' | 'kept';
export interface Run {
  cls: Owning;
  from: number;
  length: number;
}

export const distance = (x: number, from: number, n: number): number => (((x - from) % n) + n) % n;

/** True when hwcur ≤ head ≤ cur ≤ tail ≤ hwtail, and every hand is inside the ring. */
export function inOrder(s: RingSample): boolean {
  if ([s.head, s.cur, s.tail, s.hwcur, s.hwtail].some((x) => x >= s.n)) return false;
  const d = [s.head, s.cur, s.tail, s.hwtail].map((x) => distance(x, s.hwcur, s.n));
  return d.every((x, i) => i === 0 || x >= (d[i - 1] ?? 0));
}

export type Hand = 'head' | 'cur' | 'tail' | 'hwcur' | 'hwtail';
/** The hand that breaks the order: one outside of the ring, else a tail past hwtail, else the program's hand that is not below tail. */
export function offender(s: RingSample): Hand | undefined {
  const outside = (['hwcur', 'head', 'cur', 'tail', 'hwtail'] as const).find((hand) => s[hand] >= s.n);
  if (outside) return outside;
  const [head, cur, tail, hwtail] = [s.head, s.cur, s.tail, s.hwtail].map((x) => distance(x, s.hwcur, s.n)) as [
    number,
    number,
    number,
    number,
  ];
  if (tail > hwtail) return 'tail';
  if (head > tail) return 'head';
  return cur < head || cur > tail ? 'cur' : undefined;
}

/** The words of a ring by the letters that netmap prints them with. */
export const letters = (s: RingSample): string =>
  `h ${s.head} c ${s.cur} t ${s.tail} rh ${s.rhead} rc ${s.rcur} rt ${s.rtail} hc ${s.hwcur} ht ${s.hwtail}`;

/** The runs in queue order, empty ones left out; none when the order does not hold. */
export function runsOf(s: RingSample): Run[] {
  if (!inOrder(s)) return [];
  const d = (x: number) => distance(x, s.hwcur, s.n);
  const head = d(s.head),
    tail = d(s.tail),
    hwtail = d(s.hwtail);
  const seen = s.rhead < s.n ? Math.min(d(s.rhead), head) : 0;
  const spans: [Owning, number, number][] = [
    ['sending', 0, seen],
    ['handed', seen, head],
    ['user', head, tail],
    ['done', tail, hwtail],
    ['flight', hwtail, s.n - 1],
    ['kept', s.n - 1, s.n],
  ];
  return spans.filter(([, a, b]) => b > a).map(([cls, a, b]) => ({ cls, from: (s.hwcur + a) % s.n, length: b - a }));
}

/** The class of one slot. */
export function ownerOf(runs: readonly Run[], slot: number, n: number): Owning | undefined {
  return runs.find((r) => distance(slot, r.from, n) < r.length)?.cls;
}

/** Cuts a cyclic run at the ring's end and at the ends of rows: pieces that are straight on screen. */
export function pieces(run: Run, n: number, columns: number): { row: number; column: number; length: number }[] {
  const out: { row: number; column: number; length: number }[] = [];
  let at = run.from,
    left = run.length;
  while (left > 0) {
    const column = at % columns;
    const length = Math.min(left, columns - column, n - at);
    out.push({ row: Math.floor(at / columns), column, length });
    at = (at + length) % n;
    left -= length;
  }
  return out;
}

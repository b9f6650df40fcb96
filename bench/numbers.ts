// Sums of a series: the least, the middle and the greatest of what the rounds gave. A single number says nothing.

export interface Range {
  min: number;
  median: number;
  max: number;
}

export function range(xs: number[]): Range {
  if (!xs.length) throw new RangeError('no rounds');
  const s = [...xs].sort((a, b) => a - b),
    mid = s.length >> 1;
  const median = s.length % 2 ? (s[mid] ?? 0) : ((s[mid - 1] ?? 0) + (s[mid] ?? 0)) / 2;
  return { min: s[0] ?? 0, median, max: s[s.length - 1] ?? 0 };
}

/** Three significant digits. */
export const short = (x: number) => (x === 0 ? '0' : Math.abs(x) >= 1000 ? x.toFixed(0) : String(Number(x.toPrecision(3))));

/** "min / median / max unit" */
export const show = (xs: number[], unit = '') => {
  const r = range(xs);
  return `${short(r.min)} / ${short(r.median)} / ${short(r.max)}${unit ? ` ${unit}` : ''}`;
};

/** A row of a measurement: what, and the numbers of its rounds. */
export interface Row {
  what: string;
  unit: string;
  rounds: number[];
  note?: string;
}

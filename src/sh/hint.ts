// The nearest name to one that was mistyped, for the lab's hints: Levenshtein's distance.

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++)
    row = row.reduce<number[]>((r, _, j) => {
      r.push(j === 0 ? i : Math.min((row[j] ?? 0) + 1, (r[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
      return r;
    }, []);
  return row[b.length] ?? 99;
}

export function nearest(word: string, all: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  return all
    .map((c) => [distance(word, c), c] as const)
    .sort((a, b) => a[0] - b[0])
    .find(([d]) => d <= Math.max(1, word.length / 2))?.[1];
}

// What the lab says four times a second, made of the parts that it said before wherever they say the same: who shows such a part alone is
// not drawn again.

const plain = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** `now`, or `before` if it says the same; else `now` with those parts of `before` in it. Plain JSON only. */
export function shared<T>(before: unknown, now: T): T {
  if (Object.is(before, now)) return now;
  if (Array.isArray(before) && Array.isArray(now)) {
    const parts = now.map((x: unknown, i) => shared(before[i], x));
    return (parts.length === before.length && parts.every((x, i) => Object.is(x, before[i])) ? before : parts) as T;
  }
  if (!plain(before) || !plain(now)) return now;
  const parts = Object.fromEntries(Object.entries(now).map(([k, x]) => [k, shared(before[k], x)]));
  const names = Object.keys(parts);
  const same = names.length === Object.keys(before).length && names.every((k) => k in before && Object.is(parts[k], before[k]));
  return (same ? before : parts) as T;
}

/** The same of a whole state, which is always another: that it came says that something may have happened. */
export const sharedParts = <T extends object>(before: T | null, now: T): T => ({ ...shared(before, now) });

// Which slots the lens of a big ring shows: around the hand it follows, or where the visitor put it.
import type { RingSample } from '../../lab/protocol';
import { WHOLE } from '../../lab/sample';
import { lastLook } from '../samples';
import { page } from '../store';

let cells = 16;
/** The picture says how many slots its lens has room for: what it follows stands in the middle. */
export const lensHolds = (n: number): void => {
  cells = n || 16;
};

/** First slot of the lens for a look. */
export function lensFirst(s: RingSample): number {
  const { n } = s;
  if (n <= WHOLE) return 0;
  const { follow, lensFirst: fixed } = page.get();
  const first = follow === 'fixed' ? fixed : (s[follow] % n) - cells / 2;
  return (first + n) % n;
}

export function moveLens(id: string, n: number, by: number): void {
  const now = lastLook(id)?.sample.first ?? 0;
  const from = page.get().follow === 'fixed' ? page.get().lensFirst : now;
  page.set({ follow: 'fixed', lensFirst: (((from + by) % n) + n) % n });
}

// Which slots the lens of a big ring shows: around the hand it follows, or where the visitor put it.
import type { RingSample } from '../../lab/protocol';
import { WHOLE } from '../../lab/sample';
import { lastLook } from '../samples';
import { page } from '../store';

/** First slot of the lens for a look. */
export function lensFirst(s: RingSample): number {
  const { n } = s;
  if (n <= WHOLE) return 0;
  const { follow, lensFirst: fixed } = page.get();
  const room = document.documentElement.clientWidth < 720 ? 4 : 8;
  const first = follow === 'fixed' ? fixed : (s[follow] % n) - room;
  return (first + n) % n;
}

export function moveLens(id: string, n: number, by: number): void {
  const now = lastLook(id)?.sample.first ?? 0;
  const from = page.get().follow === 'fixed' ? page.get().lensFirst : now;
  page.set({ follow: 'fixed', lensFirst: (((from + by) % n) + n) % n });
}

// Which slots the lens of a big ring shows: around the hand it follows, or where the visitor put it.
import type { RingSample } from '../../lab/protocol';
import { LENS } from '../../lab/sample';
import { lastLook } from '../samples';
import { page } from '../store';

/** First slot of the lens for the next look, from the last one. */
export function lensFirst(id: string, n: number): number {
  if (n <= LENS) return 0;
  const { follow, lensFirst: fixed } = page.get();
  if (follow === 'fixed') return ((fixed % n) + n) % n;
  const s: RingSample | undefined = lastLook(id)?.sample;
  if (!s || s.n !== n) return -1;
  const room = document.documentElement.clientWidth < 720 ? 4 : 8;
  return (s[follow] - room + n) % n;
}

export function moveLens(id: string, n: number, by: number): void {
  const now = lastLook(id)?.sample.first ?? 0;
  const from = page.get().follow === 'fixed' ? page.get().lensFirst : now;
  page.set({ follow: 'fixed', lensFirst: (((from + by) % n) + n) % n });
}

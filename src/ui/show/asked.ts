// What an embedded picture's address asks of the page, and what it shows when its address names no moment.
import { arrange } from '../arrangement';
import { ask } from '../call';
import { page } from '../store';
import type { Asked } from './address';

/** The layout of a link comes with the moment; what the address asks for has the last word. */
export function applyAsked({ picture, ring, slot }: Asked): void {
  if (ring) page.set({ ring });
  arrange({
    ...(picture === 'machine' || picture === 'slot' || picture === 'ring' ? { level: picture } : {}),
    ...(slot >= 0 ? { slot } : {}),
  });
}

/** Without a moment: the machine of the first sixty seconds, booted, with its packets under way. False: a link was given, or it failed. */
export async function openPrepared(): Promise<boolean> {
  if (location.hash.length > 1) return false;
  const { recording } = await import('virtual:tour');
  const answer = await ask((api) => api.open(recording));
  if (answer?.ok) page.set({ engine: 'step' });
  return answer?.ok ?? false;
}

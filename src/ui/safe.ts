// What the page holds of the recording, so that a worker that dies takes nothing with it but what ran since.
import { type Rescue, type Told, together } from '../lab/protocol';
import { arrangement } from './arrangement';
import { ask } from './call';

let held: Rescue | undefined;

export function hold(told: Told): void {
  held = together(held, told);
}
/** What can be gone on from, if it is more than a fresh lab. */
export const safe = (): Rescue | undefined => (held && (held.root || held.kept.step > 0) ? held : undefined);

/** A hidden tab is kept, and rests: nothing runs, nothing is said. */
export function rest(): void {
  void ask((api) => api.rest(arrangement()));
}

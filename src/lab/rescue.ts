// What outlives the lab's worker. The page holds the recording as plain data that it does not read: what was done, and the machine it
// began at. It is told of what is new at each state of the step engine; when the worker dies, the next one goes on from there.
// What the page asks beside that: to rest while the tab is hidden, to save here and not in another tab.

import type { Root } from './checkpoints.ts';
import type { Kept } from './keep.ts';
import type { Branch, Entry } from './timeline.ts';

/** What went wrong, in a sentence, and of which kind: the page has a way back for each. */
export interface Trouble {
  kind: 'machine' | 'worker' | 'memory' | 'unsaved' | 'elsewhere';
  words: string;
}

/** What is new since the last: entries from number `from` on; the rest when it changed. */
export interface Told {
  from: number;
  entries: Entry[];
  kept: Omit<Kept, 'entries' | 'branches'>;
  branches?: Branch[];
  /** null: the recording begins at a fresh lab. */
  root?: Root | null;
}
/** The whole, as the page puts it together. */
export interface Rescue {
  kept: Kept;
  root: Root | undefined;
}

/** To be held, should the worker die. */
export type RescueEvent = { t: 'told'; told: Told };

export interface RescueApi {
  /** Saves what a tab that goes away would lose. */
  keep(layout?: unknown): Promise<void>;
  /** Goes on from what this browser kept; forgets it. */
  resume(which: number): Promise<{ ok: boolean; text: string; layout?: unknown }>;
  forget(): Promise<void>;
  /** The tab is hidden: saves, stops, says nothing until it is shown again. */
  rest(layout?: unknown): Promise<void>;
  wake(): Promise<void>;
  /** This tab saves from now on, and no other. */
  saveHere(): Promise<void>;
}

/** Puts together what was told so far. */
export function together(before: Rescue | undefined, t: Told): Rescue {
  return {
    kept: {
      ...t.kept,
      entries: [...(before?.kept.entries.slice(0, t.from) ?? []), ...t.entries],
      branches: t.branches ?? before?.kept.branches ?? [],
    },
    root: t.root === undefined ? before?.root : (t.root ?? undefined),
  };
}

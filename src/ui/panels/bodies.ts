// What each panel of registry.ts draws. A heavy one may be React's lazy(): whoever shows it waits for it.
import type { ComponentType } from 'react';
import { Explore } from '../explore/Explore';
import { Counters } from './Counters';
import { Csb } from './Csb';
import { Keys } from './Keys';
import type { PanelId } from './registry';
import { Source } from './Source';
import { Stops } from './Stops';
import { Threads } from './Threads';
import { Word } from './Word';

export const BODIES: Record<PanelId, ComponentType> = {
  source: Source,
  csb: Csb,
  word: Word,
  stops: Stops,
  threads: Threads,
  counters: Counters,
  explore: Explore,
  keys: Keys,
};

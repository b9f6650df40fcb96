// What each panel of registry.ts draws. A heavy one may be React's lazy(): whoever shows it waits for it.
import { type ComponentType, lazy } from 'react';
import { Explore } from '../explore/Explore';
import { Allocators } from './Allocators';
import { Counters } from './Counters';
import { Notes } from '../notes/Notes';
import { Csb } from './Csb';
import { Keys } from './Keys';
import { Krings } from './Krings';
import { Ledger } from './Ledger';
import { Memory } from './Memory';
import { Packets } from './Packets';
import { PciBus } from './PciBus';
import { Switches } from './Switches';
import { Virtqueues } from './Virtqueues';
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
  notes: Notes,
  threads: Threads,
  counters: Counters,
  ledger: Ledger,
  // with uPlot, which nobody else needs
  charts: lazy(async () => ({ default: (await import('../charts/Charts')).Charts })),
  memory: Memory,
  krings: Krings,
  pci: PciBus,
  virtqueues: Virtqueues,
  switches: Switches,
  allocators: Allocators,
  packets: Packets,
  explore: Explore,
  keys: Keys,
};

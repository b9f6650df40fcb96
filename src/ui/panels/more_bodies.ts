// The panels that no layout begins with, and the explorer's: loaded by bodies.ts when the first of them is shown.
import { Explore } from '../explore/Explore';
import { Notes } from '../notes/Notes';
import { Allocators } from './Allocators';
import { Keys } from './Keys';
import { Krings } from './Krings';
import { Memory } from './Memory';
import { Packets } from './Packets';
import { PciBus } from './PciBus';
import { Stops } from './Stops';
import { Switches } from './Switches';
import { Threads } from './Threads';
import { Virtqueues } from './Virtqueues';
import { Word } from './Word';
import { Counters } from './Counters';
import { Csb } from './Csb';

export const MORE = {
  word: Word,
  csb: Csb,
  counters: Counters,
  stops: Stops,
  notes: Notes,
  threads: Threads,
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

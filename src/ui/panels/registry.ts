// Every panel the page has, in the order of the tabs: its name, title, icon, and the layouts that begin with it.
// A new panel is an id and a row here, a title in words.ts and a body in bodies.ts; nothing else has a list of panels.
// The bodies are apart because they reach what keeps the arrangement, which asks here whether a name is a panel's.
import type { ComponentType } from 'react';
import {
  ChartLine,
  CircleDot,
  CircuitBoard,
  Code,
  Bookmark,
  Columns2,
  Command,
  Database,
  Layers,
  LayoutGrid,
  ListOrdered,
  Mail,
  Network,
  Octagon,
  Scale,
  Search,
  Share2,
  Telescope,
} from '../icons';
import { say } from '../words';

export type PanelId =
  | 'source'
  | 'csb'
  | 'word'
  | 'stops'
  | 'notes'
  | 'threads'
  | 'counters'
  | 'ledger'
  | 'charts'
  | 'memory'
  | 'krings'
  | 'pci'
  | 'virtqueues'
  | 'switches'
  | 'allocators'
  | 'packets'
  | 'explore'
  | 'keys';

/** The default layouts of the page; each is entered by what the machine or the visitor does. */
export type LayoutMode = 'free' | 'stopped' | 'lesson' | 'explorer' | 'experiment';

interface Row {
  icon: ComponentType;
  /** The layouts that show it on entry. */
  shownIn: readonly LayoutMode[];
}
export interface Panel extends Row {
  id: PanelId;
  title: string;
}

const ROWS: Record<PanelId, Row> = {
  source: { icon: Code, shownIn: ['stopped', 'lesson', 'explorer', 'experiment'] },
  csb: { icon: Columns2, shownIn: [] },
  word: { icon: Search, shownIn: [] },
  stops: { icon: Octagon, shownIn: [] },
  notes: { icon: Bookmark, shownIn: [] },
  threads: { icon: Network, shownIn: [] },
  counters: { icon: Layers, shownIn: [] },
  ledger: { icon: Scale, shownIn: ['free'] },
  charts: { icon: ChartLine, shownIn: ['free'] },
  memory: { icon: Database, shownIn: [] },
  krings: { icon: CircleDot, shownIn: [] },
  pci: { icon: CircuitBoard, shownIn: [] },
  virtqueues: { icon: ListOrdered, shownIn: [] },
  switches: { icon: Share2, shownIn: [] },
  allocators: { icon: LayoutGrid, shownIn: [] },
  packets: { icon: Mail, shownIn: [] },
  explore: { icon: Telescope, shownIn: ['explorer'] },
  keys: { icon: Command, shownIn: [] },
};

export const panelIds = () => Object.keys(ROWS) as PanelId[];
export const panelOf = (id: PanelId): Panel => ({ ...ROWS[id], id, title: say.panels[id] });
/** The panel of that name, if it is one: a link or a file may say anything. */
export const asPanel = (v: unknown): PanelId | undefined => panelIds().find((id) => id === v);

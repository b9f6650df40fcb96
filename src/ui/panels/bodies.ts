// What each panel of registry.ts draws. Those that a layout begins with are part of the page; the others are one file, more_bodies.ts,
// that is loaded when the first of them is shown, and the charts, with uPlot, another: whoever shows one waits for it (Inspector.tsx).
import { type ComponentType, lazy } from 'react';
import { part } from '../mend';
import { Ledger } from './Ledger';
import type { PanelId } from './registry';
import { Source } from './Source';

const first = { source: Source, ledger: Ledger } satisfies Partial<Record<PanelId, ComponentType>>;
type Later = Exclude<PanelId, keyof typeof first | 'charts'>;

const later = (id: Later) => lazy(async () => ({ default: (await part(() => import('./more_bodies'))).MORE[id] }));

export const BODIES: Record<PanelId, ComponentType> = {
  ...first,
  word: later('word'),
  csb: later('csb'),
  counters: later('counters'),
  stops: later('stops'),
  notes: later('notes'),
  threads: later('threads'),
  charts: lazy(async () => ({ default: (await part(() => import('../charts/Charts'))).Charts })),
  memory: later('memory'),
  krings: later('krings'),
  pci: later('pci'),
  virtqueues: later('virtqueues'),
  switches: later('switches'),
  allocators: later('allocators'),
  packets: later('packets'),
  explore: later('explore'),
  keys: later('keys'),
};

// Where the memory panel looks, and how: kept while other panels are shown, so that anything on the page can point it somewhere.
import type { PanelViews } from '../../lab/protocol';
import { createStore, page } from '../store';

export type Space = PanelViews['memory']['query']['show'];
export interface MemoryAt {
  vm: string;
  show: Space;
  /** Address -1: the lab chooses. */
  from: { space: Space; addr: number };
  /** Rows before it. */
  before: number;
  /** The window goes where the last step touched. */
  follow: boolean;
  map: boolean;
}
export const memoryAt = createStore<MemoryAt>({
  vm: '',
  show: 'guest',
  from: { space: 'host', addr: -1 },
  before: 0,
  follow: false,
  map: false,
});

const open = (): void =>
  page.set({ panel: 'memory', drawer: true, phone: document.documentElement.clientWidth < 720 ? 'more' : page.get().phone });

/** Opens the panel at the map of a VM's memory. */
export function showMap(vm: string): void {
  memoryAt.set({ vm, show: 'guest', map: true });
  open();
}

/** Opens the panel at an address of the machine's. */
export function showMemory(addr: number, space: Space = 'host'): void {
  memoryAt.set({ from: { space, addr }, before: 0, follow: false, map: false });
  open();
}

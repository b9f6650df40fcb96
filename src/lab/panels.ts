// What the inspector's panels are shown: one question a panel, answered by reading the machine as it is between two steps.

import type { Lab } from './lab.ts';
import { allocatorView } from './allocator_view.ts';
import { kringsView, threadCounts } from './kring_view.ts';
import { memoryView } from './memory_view.ts';
import { packetsView } from './packets_view.ts';
import type { PanelKind, PanelsApi, PanelViews } from './panel_types.ts';
import { pciView } from './pci_view.ts';
import { switchView } from './switch_view.ts';
import { virtqView } from './virtq_view.ts';
import type { World } from './world.ts';

export const VIEWS: { [K in PanelKind]: (w: World, query: PanelViews[K]['query']) => PanelViews[K]['view'] } = {
  memory: memoryView,
  krings: kringsView,
  threads: threadCounts,
  pci: pciView,
  virtq: virtqView,
  switches: switchView,
  allocators: allocatorView,
  packets: packetsView,
};

export const panelsApi = (lab: () => Lab): PanelsApi => ({
  async panel(kind, query) {
    return VIEWS[kind](lab().world, query);
  },
});

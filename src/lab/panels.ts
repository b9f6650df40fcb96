// What the inspector's panels are shown: one question a panel, answered by reading the machine as it is between two steps.

import type { Lab } from './lab.ts';
import { memoryView } from './memory_view.ts';
import type { PanelKind, PanelsApi, PanelViews } from './panel_types.ts';
import type { World } from './world.ts';

const VIEWS: { [K in PanelKind]?: (w: World, query: PanelViews[K]['query']) => PanelViews[K]['view'] } = {
  memory: memoryView,
};

export const panelsApi = (lab: () => Lab): PanelsApi => ({
  async panel(kind, query) {
    const view = VIEWS[kind];
    if (!view) throw new Error(`there is no panel ${kind}`);
    return view(lab().world, query);
  },
});

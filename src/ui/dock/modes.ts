// The default layouts: which one holds, the sizes and panels that each begins with. Pure; what the visitor changed is kept in sizes.ts.
import { type LayoutMode, type PanelId, panelIds, panelOf } from '../panels/registry';

export const MODES: readonly LayoutMode[] = ['free', 'stopped', 'lesson', 'explorer', 'experiment'];
export const SIZES = ['term', 'panel', 'left', 'second', 'lanes'] as const;
export type SizeName = (typeof SIZES)[number];
export type Sizes = Record<SizeName, number>;

/** Least and greatest, px. The terminals' least is their header alone. */
export const LIMITS: Record<SizeName, readonly [number, number]> = {
  term: [32, 900],
  panel: [300, 640],
  left: [300, 560],
  second: [96, 560],
  lanes: [60, 208],
};
export const TERM_HEADER = 32;

const clamp = (v: number, [least, most]: readonly [number, number]) => Math.round(Math.min(most, Math.max(least, v)));

/** What the terminals and the lanes give when the stage shows two machines. */
const GIVEN = 130;
const LEAST_TERM = 116;

/**
 * The sizes of a mode on a page so wide and high; at 1440 × 800 those of the design. Of more height the stage gets the most.
 * `twice`: it shows both paths, one over the other.
 */
export function sizesAt(mode: LayoutMode, width: number, height: number, twice = false): Sizes {
  const more = height - 800,
    whole = Math.max(144, Math.round(184 + more * (more > 0 ? 0.35 : 0.5))),
    term = twice ? Math.max(LEAST_TERM, whole - GIVEN) : whole,
    lanes = twice ? LIMITS.lanes[0] : clamp(84 + more * 0.25, [76, 208]);
  const usual: Sizes = { term, panel: width < 1340 ? 364 : 384, left: 360, second: 220, lanes };
  switch (mode) {
    case 'stopped':
      return usual;
    // the lanes' room goes to the terminals, so that the transport stays where it was
    case 'free':
      return { ...usual, term: clamp(term + Math.min(lanes, height * 0.26), LIMITS.term) };
    case 'lesson':
      return { ...usual, term: term + 24, lanes: 76, left: 400 };
    case 'explorer':
      return { ...usual, term: TERM_HEADER, lanes: 208 };
    case 'experiment':
      return { ...usual, term: TERM_HEADER };
  }
}

/** Where panels stand: the inspector's top (with the tabs) and bottom, and the left drawer. */
export interface Docks {
  panel: PanelId;
  second: PanelId | '';
  left: PanelId | '';
}
/** What a mode begins with. The explorer's story is at the left; what else a mode shows is in the inspector. */
export function docksOf(mode: LayoutMode): Docks {
  const shown = panelIds().filter((id) => panelOf(id).shownIn.includes(mode)),
    left = mode === 'explorer' ? 'explore' : '';
  const [panel = 'source', second = ''] = shown.filter((id) => id !== left);
  return { panel, second, left };
}

export interface Situation {
  /** A lesson or an experiment is open. */
  room: '' | 'lesson' | 'experiment';
  /** A search that found something is looked at. */
  found: boolean;
  /** A VM is up and the lab runs at full speed. */
  free: boolean;
}
export const modeOf = ({ room, found, free }: Situation): LayoutMode => room || (found ? 'explorer' : free ? 'free' : 'stopped');

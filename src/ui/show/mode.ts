// How the page is shown: whole, presented, or one picture embedded in another page. The address says it: ?present, ?embed=PICTURE.
import { createStore, type Theme } from '../store';

export const PICTURES = ['ring', 'machine', 'csb', 'who', 'strip', 'source', 'slot'] as const;
export type Picture = (typeof PICTURES)[number];

export interface Asked {
  picture: Picture;
  ring: string;
  slot: number;
  theme: Theme;
}

/** What an address asks to embed, nothing of it believed; undefined: nothing. */
export function askedOf(search: string): Asked | undefined {
  const q = new URLSearchParams(search),
    name = q.get('embed');
  if (name === null) return undefined;
  const slot = Number(q.get('slot') ?? '-1'),
    theme = q.get('theme');
  return {
    picture: PICTURES.find((p) => p === name) ?? 'ring',
    ring: (q.get('ring') ?? '').slice(0, 99),
    slot: Number.isInteger(slot) && slot >= 0 && slot < 16_384 ? slot : -1,
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
  };
}

const query = typeof location === 'undefined' ? '' : location.search;
/** What this page embeds: decided by its address, for as long as it lives. */
export const embedded = askedOf(query);

export const show = createStore({ presenting: !embedded && new URLSearchParams(query).has('present') });

/** The address with or without ?present; its fragment stays. */
export function presentSearch(search: string, on: boolean): string {
  const rest = search
    .replace(/^\?/, '')
    .split('&')
    .filter((p) => p && !/^present(=|$)/.test(p));
  if (on) rest.unshift('present');
  return rest.length ? `?${rest.join('&')}` : '';
}

export function present(on: boolean): void {
  show.set({ presenting: on });
  history.replaceState(null, '', `${location.pathname}${presentSearch(location.search, on)}${location.hash}`);
  if (!on && document.fullscreenElement) void document.exitFullscreen();
}

export const wholeScreen = (): Promise<void> =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();

// How the page is shown: whole, presented, or one picture embedded in another page. The address says it: ?present, ?embed=PICTURE.
import { createStore } from '../store';
import { askedOf, presentSearch } from './address';

const query = location.search;
/** What this page embeds: decided by its address, for as long as it lives. */
export const embedded = askedOf(query);

export const show = createStore({ presenting: !embedded && new URLSearchParams(query).has('present') });

export function present(on: boolean): void {
  show.set({ presenting: on });
  history.replaceState(null, '', `${location.pathname}${presentSearch(location.search, on)}${location.hash}`);
  if (!on && document.fullscreenElement) void document.exitFullscreen();
}

export const wholeScreen = (): Promise<void> =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();

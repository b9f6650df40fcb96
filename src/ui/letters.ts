// Whether single keys do anything: a choice that is kept for the next visit (WCAG 2.1.4).
import { page } from './store';

const KEY = 'ringside-letters';

export function setLetters(letters: boolean): void {
  page.set({ letters });
  try {
    if (letters) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
  } catch {
    /* storage refused: the choice lives as long as the page */
  }
}
export function keptLetters(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

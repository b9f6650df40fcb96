// Opens what helps: keys, words, scenarios, the palette.
import { page } from '../store';

export const showKeys = (): void => page.set({ panel: 'keys', drawer: true, phone: 'more' });
/** The glossary, at one of its words. */
export function showWords(word = ''): void {
  showKeys();
  requestAnimationFrame(() => document.getElementById(word ? `word-${word}` : 'words')?.scrollIntoView({ block: 'start' }));
}
export const openGallery = (): void => page.set({ gallery: true });
export const openPalette = (asked = ''): void => page.set({ palette: true, asked });

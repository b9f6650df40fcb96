// Opens what helps: keys, words, scenarios, the palette.
import { focusSoon, showPanel } from '../dock/docks';
import { page } from '../store';

export const showKeys = (): void => showPanel('keys');
/** The glossary, at one of its words. */
export function showWords(word = ''): void {
  showKeys();
  focusSoon(() => {
    const at = document.getElementById(word ? `word-${word}` : 'words');
    at?.scrollIntoView({ block: 'start' });
    return at;
  });
}
export const openGallery = (): void => page.set({ gallery: true });
export const openPalette = (asked = ''): void => page.set({ palette: true, asked });

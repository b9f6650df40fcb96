// Whether this browser can run the lab at all, and what is said of an error that it gives a name to.
import { trouble } from './trouble_words';

/** Why not, or undefined. */
export function unable(): string | undefined {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.Memory !== 'function') return trouble.noWasm;
  if (typeof Worker !== 'function' || !('adoptedStyleSheets' in document) || typeof structuredClone !== 'function') return trouble.old;
  return undefined;
}

/** What can be done about an error of the start, beside trying again. */
export function advice(why: string): string {
  if (/memory|allocat/i.test(why)) return trouble.memory;
  if (/import|fetch|load|network|script/i.test(why)) return navigator.onLine ? trouble.changed : trouble.offline;
  return '';
}

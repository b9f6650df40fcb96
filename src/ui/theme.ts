// Light or dark: the system's choice or the visitor's, kept for the next visit. What is painted on canvases asks here for colours.
import { repaint } from './frames';
import { page, type Theme } from './store';

const KEY = 'ringside-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const forced = matchMedia('(forced-colors: active)');
const contrast = matchMedia('(prefers-contrast: more)');
const listeners = new Set<() => void>();

const TOKENS = [
  'bg',
  'surface',
  'sunken',
  'hair',
  'edge',
  'ink',
  'ink2',
  'ink3',
  'guest',
  'host',
  'shared',
  'bad',
  'guest-wash',
  'host-wash',
  'guest-cell',
  'host-cell',
  'host-mid',
  'sans',
  'mono',
  'line',
] as const;
export type Palette = Record<(typeof TOKENS)[number], string>;
let cached: Palette | undefined;

export function palette(): Palette {
  if (!cached) {
    const style = getComputedStyle(document.documentElement);
    cached = Object.fromEntries(TOKENS.map((t) => [t, style.getPropertyValue(`--${t}`).trim()])) as Palette;
  }
  return cached;
}

export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(): void {
  const { theme } = page.get();
  document.documentElement.dataset.theme = theme === 'auto' ? (system.matches ? 'dark' : 'light') : theme;
  cached = undefined;
  for (const listener of listeners) listener();
  repaint();
}

/** A theme for this page only, as a frame in somebody else's page has it. */
export function setThemeUnkept(theme: Theme): void {
  page.set({ theme });
  apply();
}

export function setTheme(theme: Theme): void {
  page.set({ theme });
  try {
    if (theme === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    /* storage refused: the choice lives as long as the page */
  }
  apply();
}

export function startTheme(): void {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    /* storage refused */
  }
  if (kept === 'light' || kept === 'dark') page.set({ theme: kept });
  for (const query of [system, forced, contrast]) query.addEventListener('change', apply);
  apply();
}

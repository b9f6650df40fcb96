// Addresses of this moment: what they ask of the page, the whole page's, and the snippet that embeds a picture of it. Pure but for one.
import type { Theme } from '../store';

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

/** The address with or without ?present; its fragment stays. */
export function presentSearch(search: string, on: boolean): string {
  const rest = search
    .replace(/^\?/, '')
    .split('&')
    .filter((p) => p && !/^present(=|$)/.test(p));
  if (on) rest.unshift('present');
  return rest.length ? `?${rest.join('&')}` : '';
}

/** The whole page at the moment that this frame was opened with. */
export const fullAddress = (): string => location.href.replace(/[?#].*$/, '') + location.hash;

const attribute = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** What to put into a page: the script, and the element with a link inside for who has no JavaScript. */
export function snippetOf(url: string, picture: Picture, ring: string, linkWords: string): string {
  const at = url.indexOf('#'),
    base = (at < 0 ? url : url.slice(0, at)).replace(/\?.*$/, '').replace(/[^/]*$/, ''),
    moment = at < 0 ? '' : url.slice(at + 1);
  const ringOf = ring ? ` ring="${attribute(ring)}"` : '';
  return `<script src="${attribute(base)}ringside-embed.js" defer></script>
<ringside-lab src="${attribute(base)}" view="${picture}"${ringOf} moment="${attribute(moment)}">
  <a href="${attribute(`${base}#${moment}`)}">${linkWords}</a>
</ringside-lab>`;
}

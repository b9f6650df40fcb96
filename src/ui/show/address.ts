// Addresses of this moment: of the whole page, and the snippet that embeds a picture of it.
import type { Picture } from './mode';

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

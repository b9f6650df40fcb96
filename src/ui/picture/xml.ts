// Text, numbers and colours as an SVG file may hold them. Whatever a guest wrote is text there and stays text.
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** XML has no sign for most controls, for halves of characters and for two others: a box stands for each. */
export const permitted = (s: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  s.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

export const escaped = (s: string): string => permitted(s).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** A number with two places at most. */
export const num = (n: number): string => String(Math.round((Number.isFinite(n) ? n : 0) * 100) / 100 || 0);

export interface Paint {
  /** `#rrggbb`, `url(#…)` of this file, or `none`. */
  color: string;
  alpha: number;
}
export const NO_PAINT: Paint = { color: 'none', alpha: 0 };

const hex2 = (n: number) =>
  Math.max(0, Math.min(255, Math.round(n)))
    .toString(16)
    .padStart(2, '0');
const seen = new Map<string, Paint>();

/** A colour that is not plain, as the browser paints it. */
function probe(css: string): Paint {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const c = canvas.getContext('2d', { willReadFrequently: true });
  if (!c) return NO_PAINT;
  c.fillStyle = 'transparent';
  c.fillStyle = css;
  c.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = c.getImageData(0, 0, 1, 1).data;
  return { color: `#${hex2(r)}${hex2(g)}${hex2(b)}`, alpha: a / 255 };
}

/** Any colour of CSS as six hexadecimal digits and its opacity. */
export function paintOf(css: string): Paint {
  const s = css.trim().toLowerCase();
  if (!s || s === 'none' || s === 'transparent') return NO_PAINT;
  if (/^url\(#[\w-]+\)$/.test(s) || /^#[\da-f]{6}$/.test(s)) return { color: s, alpha: 1 };
  const known = seen.get(s);
  if (known) return known;
  const short = /^#([\da-f])([\da-f])([\da-f])$/.exec(s),
    plain = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)(?:\s*[,/]\s*([\d.]+)(%?))?\s*\)$/.exec(s);
  const made: Paint = short
    ? { color: `#${[1, 2, 3].map((i) => `${short[i]}${short[i]}`).join('')}`, alpha: 1 }
    : plain
      ? {
          color: `#${[1, 2, 3].map((i) => hex2(Number(plain[i]))).join('')}`,
          alpha: plain[4] === undefined ? 1 : Number(plain[4]) / (plain[5] ? 100 : 1),
        }
      : probe(s);
  seen.set(s, made);
  return made;
}

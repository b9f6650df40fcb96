// A pen that writes SVG: the same calls as on a canvas, each an element. What it writes depends on nothing but the calls,
// so the same scene is the same file.
import type { Pen } from './pen';
import { escaped, num, type Paint, paintOf, permitted } from './xml';

export interface Measured {
  width: number;
  ascent: number;
  descent: number;
}
/** How wide and how high a text is in a font, as CSS writes it. */
export type Measure = (font: string, text: string) => Measured;

interface State {
  fillStyle: string | CanvasGradient | CanvasPattern;
  strokeStyle: string | CanvasGradient | CanvasPattern;
  lineWidth: number;
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  dash: number[];
}
const FRESH: State = {
  fillStyle: '#000000',
  strokeStyle: '#000000',
  lineWidth: 1,
  lineCap: 'butt',
  lineJoin: 'miter',
  globalAlpha: 1,
  font: '400 13px sans-serif',
  textAlign: 'left',
  textBaseline: 'alphabetic',
  dash: [],
};

const FONT = /^(?:(italic|oblique)\s+)?(?:(\d+|bold|normal)\s+)?([\d.]+)px(?:\/\S+)?\s+(.+)$/;
const ANCHOR: Partial<Record<CanvasTextAlign, string>> = { center: 'middle', right: 'end', end: 'end' };

export class SvgPen implements Pen {
  fillStyle = FRESH.fillStyle;
  strokeStyle = FRESH.strokeStyle;
  lineWidth = FRESH.lineWidth;
  lineCap = FRESH.lineCap;
  lineJoin = FRESH.lineJoin;
  globalAlpha = FRESH.globalAlpha;
  font = FRESH.font;
  textAlign = FRESH.textAlign;
  textBaseline = FRESH.textBaseline;
  /** Between letters, in pixels. */
  letterSpacing = 0;
  readonly #measure: Measure;
  #dash: number[] = [];
  #saved: { state: State; open: number }[] = [];
  #open = 0;
  #path = '';
  #body: string[] = [];
  #defs = new Map<string, { id: string; text: string }>();

  constructor(measure: Measure) {
    this.#measure = measure;
  }

  body(): string {
    return this.#body.join('\n');
  }
  defs(): string {
    return [...this.#defs.values()].map((d) => d.text).join('\n');
  }

  /** An element as it is: only the walker writes these, from what it knows to be plain. */
  put(element: string): void {
    this.#body.push(element);
  }
  /** Opens a group that the next `restore` closes. */
  group(attributes: string): void {
    this.#body.push(`<g ${attributes}>`);
    this.#open++;
  }
  /** Something to point at, kept once; answers its id. */
  define(key: string, make: (id: string) => string): string {
    const known = this.#defs.get(key);
    if (known) return known.id;
    const id = `d${this.#defs.size + 1}`;
    this.#defs.set(key, { id, text: '' });
    this.#defs.set(key, { id, text: make(id) });
    return id;
  }

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font, textAlign, textBaseline } = this;
    const state = { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font, textAlign, textBaseline, dash: this.#dash };
    this.#saved.push({ state, open: this.#open });
  }
  restore(): void {
    const last = this.#saved.pop();
    if (!last) return;
    const { dash, ...state } = last.state;
    Object.assign(this, state);
    this.#dash = dash;
    for (; this.#open > last.open; this.#open--) {
      if (this.#body.at(-1)?.startsWith('<g ')) this.#body.pop();
      else this.#body.push('</g>');
    }
  }
  translate(x: number, y: number): void {
    if (x || y) this.group(`transform="translate(${num(x)} ${num(y)})"`);
  }
  scale(x: number, y: number): void {
    this.group(`transform="scale(${Math.round(x * 1e4) / 1e4} ${Math.round(y * 1e4) / 1e4})"`);
  }
  clip(): void {
    const path = this.#path;
    const id = this.define(`clip ${path}`, (name) => `<clipPath id="${name}"><path d="${path}"/></clipPath>`);
    this.group(`clip-path="url(#${id})"`);
  }

  beginPath(): void {
    this.#path = '';
  }
  trace(d: string): void {
    this.#path = /^[\w\s.,+-]*$/.test(d) ? d : '';
  }
  closePath(): void {
    this.#path += 'Z';
  }
  moveTo(x: number, y: number): void {
    this.#path += `M${num(x)} ${num(y)}`;
  }
  lineTo(x: number, y: number): void {
    this.#path += `${this.#path ? 'L' : 'M'}${num(x)} ${num(y)}`;
  }
  rect(x: number, y: number, w: number, h: number): void {
    this.#path += `M${num(x)} ${num(y)}h${num(w)}v${num(h)}h${num(-w)}Z`;
  }
  roundRect(x: number, y: number, w: number, h: number, radii?: number | DOMPointInit | Iterable<number | DOMPointInit>): void {
    const list = typeof radii === 'number' ? [radii] : radii && Symbol.iterator in radii ? [...radii].map(Number) : [0];
    const most = Math.min(w, h) / 2,
      at = (i: number, or: number) => Math.max(0, Math.min(most, list[i] ?? or)),
      a = at(0, 0),
      b = at(1, a),
      c = at(2, a),
      d = at(3, b);
    const corner = (r: number, dx: number, dy: number) => (r ? `a${num(r)} ${num(r)} 0 0 1 ${num(dx)} ${num(dy)}` : '');
    this.#path += `M${num(x + a)} ${num(y)}H${num(x + w - b)}${corner(b, b, b)}V${num(y + h - c)}${corner(c, -c, c)}`;
    this.#path += `H${num(x + d)}${corner(d, -d, -d)}V${num(y + a)}${corner(a, a, -a)}Z`;
  }
  arc(x: number, y: number, r: number, from: number, to: number, back = false): void {
    const sweep = back ? 0 : 1,
      point = (t: number) => `${num(x + r * Math.cos(t))} ${num(y + r * Math.sin(t))}`,
      whole = Math.abs(to - from) >= 2 * Math.PI - 1e-6;
    this.#path += `${this.#path ? 'L' : 'M'}${point(from)}`;
    const half = whole ? from + (back ? -Math.PI : Math.PI) : (from + to) / 2;
    for (const t of [half, whole ? from : to]) this.#path += `A${num(r)} ${num(r)} 0 0 ${sweep} ${point(t)}`;
  }

  fill(): void {
    this.#shape(`<path d="${this.#path}"`, this.#path !== '', this.#filled());
  }
  stroke(): void {
    this.#shape(`<path d="${this.#path}" fill="none"`, this.#path !== '', this.#stroked());
  }
  fillRect(x: number, y: number, w: number, h: number): void {
    this.#shape(this.#rect(x, y, w, h), w > 0 && h > 0, this.#filled());
  }
  strokeRect(x: number, y: number, w: number, h: number): void {
    this.#shape(`${this.#rect(x, y, w, h)} fill="none"`, w >= 0 && h >= 0, this.#stroked());
  }
  clearRect(): void {
    // a file begins empty
  }
  setLineDash(dash: Iterable<number>): void {
    this.#dash = [...dash];
  }
  /** Fills that cannot be a file's: a tile of pixels. `hatch` is for these. */
  createPattern(): null {
    return null;
  }
  hatch(color: string, rising: boolean, size: number, width = 1, strength = 0.5): string {
    const { color: ink, alpha } = paintOf(color),
      s = num(size),
      ends = [-1, 0, 1].map((k) =>
        rising
          ? `M${num(k * size - 1)} ${num(size + 1)}L${num((k + 1) * size + 1)} -1`
          : `M${num(k * size - 1)} -1L${num((k + 1) * size + 1)} ${num(size + 1)}`,
      );
    const id = this.define(
      `hatch ${ink} ${alpha} ${rising} ${size} ${width} ${strength}`,
      (name) =>
        `<pattern id="${name}" width="${s}" height="${s}" patternUnits="userSpaceOnUse"><path d="${ends.join('')}" fill="none" stroke="${ink}" stroke-width="${num(width)}" stroke-opacity="${num(strength * alpha)}"/></pattern>`,
    );
    return `url(#${id})`;
  }

  measureText(text: string): Measured {
    return this.#measure(this.font, permitted(text));
  }
  fillText(text: string, x: number, y: number): void {
    const [, slant, weight = '400', size = '13', family = 'sans-serif'] = FONT.exec(this.font) ?? [];
    const paint = this.#filled();
    if (!text.trim() || !paint) return;
    let base = y;
    if (this.textBaseline === 'middle') {
      const m = this.#measure(this.font, 'x');
      base += (m.ascent - m.descent) / 2;
    }
    const anchor = ANCHOR[this.textAlign];
    const more = [
      anchor ? ` text-anchor="${anchor}"` : '',
      slant ? ` font-style="${slant}"` : '',
      weight === '400' || weight === 'normal' ? '' : ` font-weight="${weight}"`,
      this.letterSpacing ? ` letter-spacing="${num(this.letterSpacing)}"` : '',
      /^\s|\s{2}|\s$/.test(text) ? ' xml:space="preserve"' : '',
    ].join('');
    const where = `<text x="${num(x)}" y="${num(base)}" font-family="${escaped(family)}" font-size="${num(Number(size))}"${more}`;
    this.#body.push(`${where}${paint}>${escaped(text)}</text>`);
  }

  #rect(x: number, y: number, w: number, h: number): string {
    return `<rect x="${num(x)}" y="${num(y)}" width="${num(w)}" height="${num(h)}"`;
  }
  #paint(style: State['fillStyle']): Paint | undefined {
    const paint = typeof style === 'string' ? paintOf(style) : undefined;
    return paint && paint.color !== 'none' && paint.alpha * this.globalAlpha > 0 ? paint : undefined;
  }
  #opacity(name: string, p: Paint): string {
    const alpha = p.alpha * this.globalAlpha;
    return alpha < 0.999 ? ` ${name}="${Math.round(alpha * 1000) / 1000}"` : '';
  }
  #filled(): string {
    const p = this.#paint(this.fillStyle);
    return p ? ` fill="${p.color}"${this.#opacity('fill-opacity', p)}` : '';
  }
  #stroked(): string {
    const p = this.#paint(this.strokeStyle);
    if (!p || this.lineWidth <= 0) return '';
    return [
      ` stroke="${p.color}"${this.#opacity('stroke-opacity', p)}`,
      this.lineWidth === 1 ? '' : ` stroke-width="${num(this.lineWidth)}"`,
      this.#dash.length ? ` stroke-dasharray="${this.#dash.map(num).join(' ')}"` : '',
      this.lineCap === 'butt' ? '' : ` stroke-linecap="${this.lineCap}"`,
      this.lineJoin === 'miter' ? '' : ` stroke-linejoin="${this.lineJoin}"`,
    ].join('');
  }
  #shape(begin: string, some: boolean, paint: string): void {
    if (some && paint) this.#body.push(`${begin}${paint}/>`);
  }
}

export interface Sheet {
  width: number;
  height: number;
  title: string;
  desc: string;
  ground: string;
}

/** The pen's elements as a file. */
export function fileOf(pen: SvgPen, { width, height, title, desc, ground }: Sheet): string {
  const w = num(Math.ceil(width)),
    h = num(Math.ceil(height)),
    defs = pen.defs();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(title)}</title>`,
    `<desc id="d">${escaped(desc)}</desc>`,
    ...(defs ? [`<defs>\n${defs}\n</defs>`] : []),
    `<rect width="${w}" height="${h}" fill="${paintOf(ground).color}"/>`,
    pen.body(),
    '</svg>\n',
  ].join('\n');
}
